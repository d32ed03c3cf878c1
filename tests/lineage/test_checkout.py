"""Tables of a version out of the cache: the same as from the catalog, bounded, and never in the way."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pytest

import veml_lab as veml
from veml_lab.catalog import Change
from veml_lab.intermediates.shelf import Shelf
from veml_lab.versions import cache_files as files
from veml_lab.versions import checkout, operations
from veml_lab.versions.data import DataVersion
from veml_lab.versions.samples import asked
from veml_lab.versions.store import id_set


@pytest.fixture
def small(monkeypatch):
    """Every table is kept, however small."""
    monkeypatch.setattr(checkout, "SMALLEST_ROWS", 1)


@pytest.fixture
def lab(fresh, road_lab, small):
    return fresh(road_lab)


def tables(version: DataVersion) -> dict[str, pa.Table]:
    return {"samples": version.samples, "box": version.annotations.table("box")}


def again(lab, name: str, **options) -> DataVersion:
    """The version as another process finds it."""
    return veml.open(lab.path, **options)[name]


def test_what_comes_from_the_cache_is_what_the_catalog_said(lab, monkeypatch):
    odd = operations.select(lab["city"], "odd", range(1, len(lab["city"]), 2))
    for name in ("city", "odd"):
        first = tables(lab[name])
        files.wait()
        asked = []
        other = again(lab, name)
        monkeypatch.setattr(
            other.store.catalog,
            "read",
            lambda q, asked=asked, read=other.store.catalog.read, **p: asked.append(q) or read(q, **p),
        )
        second = tables(other)
        assert all(second[k].equals(t) for k, t in first.items())
        assert not {"samples", "samples_range", "ann_box", "ann_box_range"} & set(asked)
    assert odd.samples["id"].to_pylist() == sorted(odd.ids)


def test_consecutive_and_scattered_ids_are_read_alike(lab):
    """The range question against the join, which is asked when one ID is missing in the middle."""
    city = lab["city"]
    for question, layer in (("samples", {}), ("ann_box", {"layer": "imported"})):
        whole = asked(city, question, **layer)
        middle = sorted(city.ids)[len(city) // 2]
        rest = asked(city, question, city.ids - id_set([middle]), **layer)
        i = whole["id"].to_numpy()
        assert (np.diff(i.astype(np.int64)) >= 0).all() and whole.filter(pa.array(i != middle)).equals(rest)


def test_an_import_that_overtook_another_still_comes_in_id_order(empty_lab):
    """Blocks of IDs are reserved first and filled later, in any order."""
    store = empty_lab.store

    def rows(ids):
        n = len(ids)
        return pa.table(
            {
                "id": pa.array(ids, pa.uint64()),
                "kind": ["image"] * n,
                "uri": [f"u{i}" for i in ids],
                "sha256": pa.nulls(n, pa.binary()),
                "segment": pa.nulls(n, pa.string()),
                "row_no": pa.nulls(n, pa.uint32()),
                "path": pa.nulls(n, pa.string()),
                "width": pa.array([1] * n, pa.uint16()),
                "height": pa.array([1] * n, pa.uint16()),
                "role": [""] * n,
                "columns": pa.nulls(n, pa.string()),
            }
        )

    table = rows([3, 4, 5, 0, 1, 2])
    assert checkout.in_id_order(table)["uri"].to_pylist() == [f"u{i}" for i in range(6)]
    pairs = pa.table({"id": [2, 1, 2, 1], "n": [0, 1, 2, 3]})
    assert checkout.in_id_order(pairs).to_pydict() == {"id": [1, 1, 2, 2], "n": [1, 3, 0, 2]}
    assert store.catalog.read("blocks").num_rows == 0


def test_a_corrected_layer_has_its_own_file(lab):
    if not hasattr(DataVersion, "correct"):
        pytest.skip("annotation versions are not there yet")
    from veml_lab.sources.source import Box

    city = lab["city"]
    before = city.annotations.table("box").to_pydict()
    files.wait()
    i = next(iter(city.ids))
    corrected = city.correct("corrected", {i: {"box": [Box("car", 1.0, 2.0, 3.0, 4.0)]}})
    assert corrected.annotations.boxes[i] == [("car", 1.0, 2.0, 3.0, 4.0)]
    files.wait()
    assert again(lab, "city").annotations.table("box").to_pydict() == before
    assert (
        again(lab, "corrected").annotations.boxes == corrected.annotations.boxes != again(lab, "city").annotations.boxes
    )


def test_a_torn_or_foreign_file_is_made_anew(lab):
    whole = lab["city"].samples
    files.wait()
    for damage in (
        lambda b: b[: len(b) // 2],
        lambda b: b"",
        lambda b: b"\0" * len(b),
        lambda b: b"no arrow at all" * 100,
    ):
        for file in (lab.path / "cache").iterdir():
            data = file.read_bytes()
            file.unlink()
            file.write_bytes(damage(data))
        assert again(lab, "city").samples.equals(whole)
        files.wait()
        assert again(lab, "city").samples.equals(whole)


def test_a_lab_that_is_open_read_only_writes_nothing_and_reads_what_is_there(lab):
    assert again(lab, "city", read_only=True).samples.num_rows == 16
    files.wait()
    assert not (lab.path / "cache").exists()
    whole = lab["city"].samples
    files.wait()
    before = {p: p.stat().st_mtime_ns for p in (lab.path / "cache").iterdir()}
    assert again(lab, "city", read_only=True).samples.equals(whole)
    assert {p: p.stat().st_mtime_ns for p in (lab.path / "cache").iterdir()} == before and before


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(lab):
    (lab.path / "cache").write_text("a file in the way")
    assert lab["city"].samples.num_rows == 16
    files.wait()
    assert (lab.path / "cache").read_text() == "a file in the way" and again(lab, "city").samples.num_rows == 16


def test_the_files_that_were_used_longest_ago_go_first(tmp_path):
    table = pa.table({"x": np.zeros(1000)})
    named = [tmp_path / f"{i:020x}.arrow" for i in range(6)]
    for i, file in enumerate(named):
        files.write(file, table)
        os.utime(file, (i, i))
    size, shelf = named[0].stat().st_size, Shelf(tmp_path)
    held = files.mapped(named[0])  # used now
    files.write(tmp_path / f".{7:020x}.arrow.999999.0123abcd.part", table)  # nobody holds it: its process was killed
    assert shelf.evict(3 * size, spare=[named[1]]) == 3 * size
    assert sorted(tmp_path.iterdir()) == [named[0], named[1], named[5]]
    shelf.evict(0)
    assert list(tmp_path.iterdir()) == [] and held.equals(table)  # who has it mapped goes on reading


def test_tables_and_intermediates_share_one_budget(lab):
    """Whichever is written last, both together are within it."""
    from veml_lab.versions.lab_cache import shelf_of

    tables(lab["city"])
    files.wait()
    shelf = shelf_of(lab.store)
    size = shelf.total_bytes()
    with (lab.path / "lab.toml").open("a") as marker:
        marker.write(f"[cache]\nbudget_gb = {(3 * size + 20_000) / 1e9}\n")
    for i in range(6):
        shelf.put(f"{i:032x}", np.zeros(size, np.uint8), operation="op", seconds=1000.0)
        assert shelf.total_bytes() <= shelf.budget_bytes
    assert shelf.entries() and not list(shelf.folder.glob("?" * 20 + ".arrow")), "of no price: they went first"
    tables(again(lab, "fog"))
    files.wait()
    assert shelf.total_bytes() <= shelf.budget_bytes and list(shelf.folder.glob("?" * 20 + ".arrow"))


def test_id_sets_of_arrays_and_lists_are_the_same():
    from pyroaring import BitMap64

    rng = np.random.default_rng(0)
    for ids in (
        np.array([], np.uint64),
        rng.integers(0, 2**63, 500).astype(np.uint64),
        np.arange(70_000)[::3],
        np.array([2**33, 5], np.int64),
    ):
        assert id_set(ids) == id_set(ids.tolist()) == BitMap64(ids.tolist())


def test_a_small_table_is_not_kept(fresh, road_lab):
    lab = fresh(road_lab)
    assert lab["city"].samples.num_rows < checkout.SMALLEST_ROWS
    files.wait()
    assert not (lab.path / "cache").exists()


def test_a_process_that_ends_at_once_has_written_its_file(lab, python):
    code = (
        "import sys, veml_lab as v; from veml_lab.versions import checkout; checkout.SMALLEST_ROWS = 1;"
        " print(v.open(sys.argv[1])['fog'].samples.num_rows)"
    )
    child = python(code, lab.path)
    assert child.wait() == 0, child.stderr.read()
    assert len(list((lab.path / "cache").glob("*.arrow"))) == 1 and not list((lab.path / "cache").glob(".*"))


def test_a_commit_adds_versions_and_changes_no_kept_one(lab):
    """The catalog only ever grows: what a version's file holds is asked again after further imports."""
    whole = lab["fog"].samples
    files.wait()
    lab.add("more", veml.road_world("clear-city", 4, seed=9), progress=False)
    lab.store.catalog.commit([Change("put_result", {"key": "k", "kind": "x", "made": None, "value": "{}"})])
    fog = lab["fog"]
    assert asked(fog, "samples").equals(fog.samples) and fog.samples.equals(whole)


def test_a_part_is_cut_out_of_the_file_of_what_it_was_cut_from(lab, monkeypatch):
    whole = tables(lab["city"])
    files.wait()
    for k, chosen in enumerate(([0, 3, 4, 15], range(4, 12), [7])):
        part = operations.select(
            operations.select(lab["city"], f"part {k}", list(chosen)),
            f"part of part {k}",
            list(range(0, len(chosen), 2)),
        )
        questions: list[str] = []
        monkeypatch.setattr(
            part.store.catalog,
            "read",
            lambda q, questions=questions, read=part.store.catalog.read, **p: questions.append(q) or read(q, **p),
        )
        found = tables(part)
        assert not {"samples", "samples_range", "ann_box", "ann_box_range"} & set(questions)
        assert found["samples"].equals(asked(part, "samples")) and found["box"].equals(
            asked(part, "ann_box", layer="imported")
        )
        assert found["samples"]["id"].to_pylist() == sorted(part.ids) and found["box"].num_rows <= whole["box"].num_rows


def test_a_merge_is_not_cut_out_of_one_of_its_parts(lab):
    files.wait()
    for name in ("city", "fog"):
        tables(lab[name])
    files.wait()
    both = lab["city"].merge(lab["fog"], name="both")
    assert both.samples.num_rows == 28 and both.samples.equals(asked(both, "samples"))


def test_rows_of_ids_agree_with_a_plain_search():
    rng = np.random.default_rng(2)
    for _ in range(20):
        i = np.sort(rng.integers(0, 40, rng.integers(0, 60))).astype(np.uint64)
        table = pa.table({"id": i, "n": np.arange(len(i))})
        ids = np.unique(rng.integers(0, 45, rng.integers(0, 20))).astype(np.uint64)
        assert checkout.rows_of(table, ids)["n"].to_pylist() == [
            n for n, x in enumerate(i.tolist()) if x in set(ids.tolist())
        ]
