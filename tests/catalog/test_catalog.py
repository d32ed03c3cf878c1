"""The catalog's two verbs, its segments and its errors."""

from __future__ import annotations

import threading
import uuid

import pyarrow as pa
import pytest

from veml_lab.catalog import Catalog, Change
from veml_lab.catalog.segments import ROWS_PER_BATCH, Segment, SegmentWriter
from veml_lab.catalog.store import folder_lock, now
from veml_lab.errors import BadInput, DamagedLab, ReadOnlyLab, UnknownName


@pytest.fixture
def catalog(tmp_path):
    return Catalog(tmp_path)


def node(name: str) -> Change:
    return Change("add_node", {"id": f"d-{name}", "kind": "data", "name": name, "created": now(), "props": "{}"})


def names(catalog: Catalog) -> list[str]:
    return [r["name"] for r in catalog.read("nodes").to_pylist()]


def test_what_is_committed_is_read_in_this_and_in_another_opening(catalog, tmp_path):
    assert catalog.commit([node("a"), node("b")]) == 1
    assert catalog.commit([node("c")]) == 2
    assert names(catalog) == names(Catalog(tmp_path, read_only=True)) == ["a", "b", "c"]


def test_a_commit_with_one_bad_change_does_none_of_them(catalog):
    catalog.commit([node("a")])
    for bad in (node("a"), Change("add_node", {"id": None, "kind": "data", "name": "x", "created": now(), "props": "{}"})):
        with pytest.raises(BadInput, match="refused"):
            catalog.commit([node("b"), bad])
    with pytest.raises(UnknownName, match="add_node"):
        catalog.commit([node("b"), Change("drop_everything")])
    assert names(catalog) == ["a"]
    assert catalog.commit([node("b")]) == 2  # the refused ones took no number


def test_a_commit_that_is_sent_again_is_done_once(catalog):
    tx = uuid.uuid4()
    assert catalog.commit([node("a")], tx=tx) == 1
    assert catalog.commit([node("a")], tx=tx) == 1
    assert names(catalog) == ["a"]


def test_the_revision_changes_with_every_commit_and_with_nothing_else(catalog):
    seen = [catalog.revision()]
    names(catalog)
    assert catalog.revision() == seen[0]
    for name in "abc":
        catalog.commit([node(name)])
        seen.append(catalog.revision())
    assert len(set(seen)) == 4


def test_questions_and_changes_go_by_name_and_never_by_sql(catalog):
    with pytest.raises(UnknownName, match="nodes"):
        catalog.read("SELECT 1")
    with pytest.raises(UnknownName, match="question"):
        catalog.read("nods")


def test_read_only_reads_and_refuses_every_change(catalog, tmp_path):
    catalog.commit([node("a")])
    reader = Catalog(tmp_path, read_only=True)
    with pytest.raises(ReadOnlyLab, match="read-only"):
        reader.commit([node("b")])
    assert names(reader) == ["a"]


def test_id_ranges_of_imports_follow_each_other_without_gap_or_overlap(catalog):
    for source, n in (("a", 5), ("b", 1), ("c", 7)):
        catalog.commit([Change("reserve_ids", {"n": n, "source": source})])
    blocks = [(b["start"], b["n"]) for b in catalog.read("blocks").to_pylist()]
    assert blocks == [(0, 5), (5, 1), (6, 7)]


def test_threads_read_and_commit_at_once(catalog):
    problems: list[BaseException] = []

    def work(k: int) -> None:
        try:
            for i in range(4):
                catalog.commit([node(f"{k}-{i}")])
                assert f"{k}-{i}" in names(catalog)
        except BaseException as e:
            problems.append(e)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not problems
    assert len(names(catalog)) == 16


def test_a_busy_lab_is_said_after_a_while(catalog, tmp_path, monkeypatch):
    from veml_lab.catalog import store

    monkeypatch.setattr(store, "LOCK_TIMEOUT_S", 0.1)
    with folder_lock(tmp_path, exclusive=True), pytest.raises(Exception, match="busy"):
        catalog.read("nodes")
    assert names(catalog) == []


def test_a_catalog_that_is_gone_or_never_was_is_said(catalog, tmp_path):
    with pytest.raises(DamagedLab, match=r"catalog\.duckdb"):
        Catalog(tmp_path / "..", read_only=True)
    catalog.file.unlink()
    with pytest.raises(DamagedLab, match="gone"):
        catalog.revision()


# -- segments --------------------------------------------------------------------------------------------


def test_a_segment_gives_back_every_row_across_batches(tmp_path):
    rows = [bytes([i % 256]) * (i % 7) for i in range(2 * ROWS_PER_BATCH + 3)]
    writer = SegmentWriter(tmp_path, "s")
    assert [writer.append(r) for r in rows] == list(range(len(rows)))
    assert not (tmp_path / "s.arrow").exists()  # nobody sees it before it is whole
    writer.close()
    segment = Segment(tmp_path / "s.arrow")
    assert [segment[i] for i in range(len(rows))] == rows
    assert [p.name for p in tmp_path.iterdir()] == ["s.arrow"]


def test_an_aborted_segment_leaves_nothing(tmp_path):
    writer = SegmentWriter(tmp_path, "s")
    writer.append(b"x")
    writer.abort()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", [0, 3, 200, -1])
def test_a_truncated_segment_is_said(tmp_path, left):
    writer = SegmentWriter(tmp_path, "s")
    for _ in range(100):
        writer.append(b"pixels" * 10)
    writer.close()
    file = tmp_path / "s.arrow"
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(DamagedLab, match=r"s\.arrow"):
        Segment(file)


def test_a_missing_segment_is_said(tmp_path):
    with pytest.raises(DamagedLab, match="missing"):
        Segment(tmp_path / "s.arrow")


def test_arrow_rows_keep_their_types(catalog):
    rows = pa.table({"node": ["t-1"], "step": pa.array([3], pa.int32()), "name": ["loss"], "value": pa.array([float("nan")])})
    catalog.commit([Change("add_metrics", rows=rows)])
    found = catalog.read("metrics", node="t-1").to_pylist()
    assert found[0]["step"] == 3 and found[0]["value"] != found[0]["value"]
