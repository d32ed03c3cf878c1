"""The catalog's two verbs: what both engines promise, word for word."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import sys
import threading
import uuid
import warnings

import pyarrow as pa
import pytest
from patience import PATIENCE_S
from processes import end_owner

from veml_lab.catalog import Catalog, Change
from veml_lab.catalog.catalog import now
from veml_lab.catalog.revision import revision
from veml_lab.catalog.staging import StagedRows
from veml_lab.errors import BadInput, DamagedLab, ReadOnlyLab, UnknownName
from veml_lab.storage.locks import folder_lock

METRIC = pa.schema([("node", pa.string()), ("step", pa.int32()), ("name", pa.string()), ("value", pa.float64())])


def node(name: str) -> Change:
    return Change("add_node", {"id": f"m-{name}", "kind": "model", "name": name, "created": now(), "props": "{}"})


def names(catalog: Catalog) -> list[str]:
    return [r["name"] for r in catalog.read("nodes").to_pylist()]


def metrics(n: int, name: str = "t-1") -> pa.Table:
    return pa.table(
        [
            pa.array([name] * n),
            pa.array(range(n), pa.int32()),
            pa.array(["loss"] * n),
            pa.array([float(i) for i in range(n)]),
        ],
        schema=METRIC,
    )


def test_what_is_committed_is_read_in_this_and_in_another_opening(catalog):
    assert catalog.commit([node("a"), node("b")]) == 1
    assert catalog.commit([node("c")]) == 2
    assert (
        names(catalog)
        == names(Catalog(catalog.folder))
        == names(Catalog(catalog.folder, read_only=True))
        == ["a", "b", "c"]
    )


def test_a_commit_with_one_bad_change_does_none_of_them(catalog):
    catalog.commit([node("a")])
    for bad in (
        node("a"),
        Change("add_node", {"id": None, "kind": "data", "name": "x", "created": now(), "props": "{}"}),
    ):
        with pytest.raises(BadInput, match="refused"):
            catalog.commit([node("b"), bad])
    with pytest.raises(UnknownName, match="add_node"):
        catalog.commit([node("b"), Change("drop_everything")])
    with pytest.raises(BadInput, match="cannot take this"):
        catalog.commit([node("b"), Change("add_node", {"id": "x"})])
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
        with pytest.raises(BadInput):
            catalog.commit([node(name)])
        assert catalog.revision() == seen[-1]
    assert len(set(seen)) == 4


def test_a_commit_whose_writer_was_killed_before_its_mark_has_another_revision(tmp_path, monkeypatch):
    """A reader that asked before it may not take what it knows for what there is."""
    import duckdb

    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    catalog = Catalog(tmp_path)
    catalog.commit([node("a")])
    catalog.close()
    before = revision(catalog.file)
    with duckdb.connect(str(catalog.file)) as con:  # what is left of a commit without a mark
        con.execute("CREATE TABLE more AS SELECT i FROM range(100000) r(i)")
    assert revision(catalog.file).startswith(f"{before}~")
    with folder_lock(tmp_path, exclusive=True):  # a writer that lives will write its mark: until then the old one holds
        assert revision(catalog.file) == before
    assert revision(catalog.file) != before


def test_questions_and_changes_go_by_name_and_never_by_sql(catalog):
    with pytest.raises(UnknownName, match="nodes"):
        catalog.read("SELECT 1")
    with pytest.raises(UnknownName, match="question"):
        catalog.read("nods")
    with pytest.raises(BadInput, match="cannot take this"):
        catalog.read("version_ids")  # lacks its parameter
    assert names(catalog) == []


def test_read_only_reads_and_refuses_every_change(catalog):
    catalog.commit([node("a")])
    reader = Catalog(catalog.folder, read_only=True)
    with pytest.raises(ReadOnlyLab, match="read-only"):
        reader.commit([node("b")])
    assert names(reader) == ["a"]


def test_id_ranges_of_imports_follow_each_other_without_gap_or_overlap(catalog):
    for source, n in (("a", 5), ("b", 1), ("c", 7)):
        catalog.commit([Change("reserve_ids", {"n": n, "source": source})])
    blocks = [(b["start"], b["n"]) for b in catalog.read("blocks").to_pylist()]
    assert blocks == [(0, 5), (5, 1), (6, 7)]


def test_values_of_every_type_come_back_as_they_went_in(catalog):
    import numpy as np

    made = dt.datetime(2026, 11, 21, 9, 8, 7, 123456)
    name = "Größe 'x'; DROP TABLE node; --\n\u2603"
    catalog.commit(
        [Change("add_node", {"id": "d-1", "kind": "data", "name": name, "created": made, "props": '{"a": [1, null]}'})]
    )
    blob = bytes(range(256)) * 5
    catalog.commit(
        [
            Change(
                "add_version_ids",
                {"version": "d-1", "n": np.uint64(2**63 + 5), "lo": 0, "hi": np.int32(7), "ids": blob},
            )
        ]
    )
    found = catalog.read("nodes").to_pylist()[0]
    assert (found["name"], found["created"], found["props"]) == (name, made, '{"a": [1, null]}')
    assert catalog.read("version_ids", version="d-1")["ids"][0].as_py() == blob
    assert catalog.read("version_ids", version="d-2").num_rows == 0
    with pytest.raises(BadInput):
        catalog.commit([Change("put_result", {"key": "k", "kind": "k", "made": made, "value": object()})])


def test_arrow_rows_keep_their_types(catalog):
    catalog.commit(
        [
            Change(
                "add_metrics",
                rows=pa.table(
                    {
                        "node": ["t-1"],
                        "step": pa.array([3], pa.int32()),
                        "name": ["loss"],
                        "value": pa.array([float("nan")]),
                    }
                ),
            )
        ]
    )
    found = catalog.read("metrics", node="t-1").to_pylist()
    assert found[0]["step"] == 3 and found[0]["value"] != found[0]["value"]


@pytest.mark.parametrize("n", [1, 300_000], ids=["few rows", "rows that go through files"])
def test_many_rows_go_in_and_come_out_and_leave_no_file_behind(catalog, n):
    catalog.commit([Change("add_metrics", rows=metrics(n)), node("a")])
    found = catalog.read("metrics", node="t-1")
    assert found["value"].to_pylist() == [float(i) for i in range(n)]
    assert names(catalog) == ["a"]  # after this question the answer's file is gone
    staging = catalog.folder / "staging"
    assert not staging.exists() or list(staging.iterdir()) == []
    assert found["value"][n - 1].as_py() == n - 1  # but not what was read from it


def test_rows_of_a_file_in_staging_are_taken_and_the_file_is_left_to_its_writer(catalog):
    with StagedRows(catalog.folder, METRIC) as staged:
        for i in range(3):
            staged.append(metrics(1000, f"t-{i}"))
        path = staged.close()
        catalog.commit([Change("add_metrics", rows=path), node("a")])
        assert path.exists() and staged.count == 3000
    assert not path.exists()
    assert [catalog.read("metrics", node=f"t-{i}").num_rows for i in range(4)] == [1000, 1000, 1000, 0]


def test_rows_from_elsewhere_or_torn_are_refused_whole(catalog, tmp_path):
    with StagedRows(catalog.folder, METRIC) as staged:
        staged.append(metrics(10))
        good = staged.close()
        outside = tmp_path / "rows.arrow"
        outside.write_bytes(good.read_bytes())
        link = good.with_name("link.arrow")
        link.symlink_to(outside)
        torn = good.with_name("torn.arrow")
        torn.write_bytes(good.read_bytes()[:-20])
        for bad in (outside, link, torn, good.with_name("missing.arrow"), good.parent / ".." / "catalog.duckdb"):
            with pytest.raises(BadInput, match="rows of a commit"):
                catalog.commit([node("a"), Change("add_metrics", rows=bad)])
    assert names(catalog) == [] and catalog.read("metrics", node="t-1").num_rows == 0


@pytest.mark.parametrize("many", [False, True])
def test_why_rows_were_refused_is_said(catalog, many):
    """The first error, not that of a transaction that had failed before; and the next commit is done."""
    nodes = [{**node(n).params} for n in ("a", "b")]
    catalog.commit([node("a")])
    again = [Change("add_nodes", rows=pa.Table.from_pylist(nodes))] if many else [node("a")]
    with pytest.raises(BadInput, match="refused a duplicate"):
        catalog.commit(again)
    wrong = metrics(2).set_column(1, "step", pa.array(["no number", "neither"]))
    with pytest.raises(BadInput, match="no number"):
        catalog.commit([Change("add_metrics", rows=wrong)])
    assert names(catalog) == ["a"] and catalog.commit([node("c")]) == 2


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


def _in_child(catalog: Catalog, answer) -> None:
    try:
        for _ in range(60):
            assert catalog.read("counts").column_names[0] == "nodes", "the parent's answer"
        catalog.commit([node("child")])
        answer.send(names(catalog))
    except BaseException as e:
        answer.send(repr(e))


@pytest.mark.skipif(sys.platform == "win32", reason="fork")
def test_a_forked_child_goes_on_with_the_catalog_and_so_does_its_parent(catalog):
    """A DataLoader's workers are forked; an open connection would be shared with the parent and mix up the answers."""
    catalog.commit([node("parent")])
    here, there = multiprocessing.Pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pytest's process has threads
        child = multiprocessing.get_context("fork").Process(target=_in_child, args=(catalog, there))
        child.start()
    for _ in range(60):
        assert catalog.read("nodes").column_names[0] == "id", "the child's answer"
    catalog.commit([node("parent again")])
    assert "child" in here.recv()
    child.join(PATIENCE_S)
    assert sorted(names(catalog)) == ["child", "parent", "parent again"]


def test_a_catalog_that_is_gone_or_never_was_is_said(catalog):
    with pytest.raises(DamagedLab, match=r"catalog\.duckdb"):
        Catalog(catalog.folder / "..", read_only=True)
    catalog.commit([node("a")])
    catalog.file.unlink()
    for ask in (catalog.revision, lambda: names(catalog), lambda: catalog.commit([node("b")])):
        with pytest.raises(DamagedLab):
            ask()


def test_a_copied_lab_is_its_own(catalog, tmp_path):
    """A copy carries the pointer to the owner of the original along."""
    import shutil

    catalog.commit([node("a")])
    shutil.copytree(catalog.folder, tmp_path / "copy")
    copy = Catalog(tmp_path / "copy")
    copy.commit([node("in the copy")])
    catalog.commit([node("in the original")])
    assert names(copy) == ["a", "in the copy"]
    assert names(catalog) == ["a", "in the original"]
    copy.close()
    end_owner(copy.folder)


def test_both_engines_at_once_on_one_lab(catalog, engine, monkeypatch):
    """A process that was told to work in process asks the owner where one runs."""
    monkeypatch.setenv("VEML_CATALOG", "inprocess" if engine == "owner" else "owner")
    other = Catalog(catalog.folder)
    for i in range(5):
        catalog.commit([node(f"a{i}")])
        other.commit([node(f"b{i}")])
        assert names(catalog) == names(other) == names(Catalog(catalog.folder, read_only=True))
    assert len(names(catalog)) == 10
    other.close()
    end_owner(other.folder)


def test_an_engine_of_another_name_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "postgres")
    with pytest.raises(BadInput, match="owner or inprocess"):
        Catalog(tmp_path)


def test_a_busy_lab_is_said_after_a_while(catalog, monkeypatch):
    monkeypatch.setenv("VEML_LOCK_TIMEOUT_S", "0.2")
    held = os.open(catalog.folder, os.O_RDONLY)
    try:
        import fcntl

        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Exception, match="busy"):  # by default it waits longer than a test may take
            catalog.read("nodes")
    finally:
        os.close(held)
    monkeypatch.delenv("VEML_LOCK_TIMEOUT_S")
    assert names(catalog) == []


def test_a_catalog_that_a_stranger_has_open_is_waited_for(catalog, python):
    """A duckdb shell knows none of our locks."""
    code = "import duckdb, sys, time; con = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(1.5)"
    stranger = python(code, catalog.file)
    assert stranger.stdout.readline() == "open\n"
    assert catalog.commit([node("a")]) == 1
