"""What a process holds it lets go: files, rows that were handed to DuckDB, sockets and pointers of owners that are
gone."""

from __future__ import annotations

import os
import socket
import sys
import uuid
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from test_catalog import metrics, names, node

from veml_lab.catalog import Catalog, Change, database, runtime
from veml_lab.catalog.revision import _LENGTH, announce, mark_file, read_mark
from veml_lab.catalog.snapshot import Snapshot
from veml_lab.errors import BadInput, LabError
from veml_lab.storage.locks import is_held, take

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")


def open_files(folder: Path) -> dict[str, int]:
    """How often this process has each file of a folder open; what other tests hold is not looked at."""
    found: dict[str, int] = {}
    for fd in Path("/proc/self/fd").iterdir():
        try:
            target = str(fd.readlink())
        except OSError:  # the one that this loop reads the folder with
            continue
        if target.startswith(str(folder)):
            found[target] = found.get(target, 0) + 1
    return found


@LINUX
def test_no_file_stays_open_after_commits_reads_and_looks(catalog):
    def all_of_it(i: int) -> None:
        catalog.commit([node(f"n{i}"), Change("add_metrics", rows=metrics(5, f"n{i}"))])
        assert f"n{i}" in names(catalog)
        catalog.revision()
        for copy in (True, False):
            with Snapshot(catalog.folder, copy=copy) as snapshot:
                assert snapshot.rows("SELECT count(*) AS n FROM node").to_pylist() == [{"n": i + 1}]
        with pytest.raises(BadInput):
            catalog.commit([node(f"n{i}")])  # a duplicate

    all_of_it(0)
    before = open_files(catalog.folder)
    for i in range(1, 6):
        all_of_it(i)
    assert open_files(catalog.folder) == before


def test_a_look_at_the_catalog_itself_holds_its_lock_for_as_long_as_it_lasts(tmp_path, monkeypatch):
    from veml_lab.catalog import snapshot as module

    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    (tmp_path / "lab").mkdir()
    made = Catalog(tmp_path / "lab")
    made.commit([node("a")])
    made.close()
    monkeypatch.setattr(module, "_place", lambda lab, needed: None)  # where no disk has room for a copy
    with Snapshot(tmp_path / "lab") as snapshot:
        assert snapshot.rows("SELECT name FROM node").to_pylist() == [{"name": "a"}]
        assert is_held(tmp_path / "lab")
    assert not is_held(tmp_path / "lab")


@pytest.mark.parametrize("good", [True, False])
def test_rows_that_were_committed_or_refused_are_not_kept_by_the_connection(tmp_path, good, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    (tmp_path / "lab").mkdir()
    Catalog(tmp_path / "lab").close()
    with database.connect(tmp_path / "lab" / "catalog.duckdb", read_only=False) as con:
        rows = metrics(3) if good else pa.table({"node": ["t"], "step": ["no number"], "name": [""], "value": [0.0]})
        tx, changes = uuid.uuid4(), [Change("add_metrics", rows=rows)]
        if good:
            assert database.commit(con, changes, tx, lambda r: r) == (1, True)
            assert database.commit(con, changes, tx, lambda r: r) == (1, False)  # recognised, and not done again
            assert database.commit(con, [], uuid.uuid4(), lambda r: r) == (2, True)
        else:
            with pytest.raises(duckdb.ConversionException, match="no number"):
                database.commit(con, changes, tx, lambda r: r)
        with pytest.raises(duckdb.CatalogException, match="_rows"):
            con.execute("SELECT * FROM _rows")
        n = 3 if good else 0
        assert con.execute("SELECT count(*) FROM metric").fetchall() == [(n,)]


@pytest.fixture
def runtime_folder(shared_place, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(shared_place))
    return runtime.socket_folder()


def test_sockets_of_owners_that_are_gone_are_removed_when_they_are_a_day_old(runtime_folder):
    young, old, in_use = (runtime_folder / f"{name}.sock" for name in ("young", "old", "in-use"))
    for path in (young, old):
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(str(path))  # closed at once: nobody listens there
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(in_use))
        listening.listen()
        for path in (old, in_use):
            os.utime(path, (0, 0))
        made = Path(runtime.new_socket_path())
    assert made.parent == runtime_folder and made.suffix == ".sock" and not made.exists()
    assert {p.name for p in runtime_folder.iterdir()} == {"young.sock", "in-use.sock"}


def test_pointers_are_removed_when_they_are_a_day_old_empty_and_held_by_nobody(runtime_folder):
    kinds = ("young", "old", "says-something", "held")
    paths = {kind: runtime_folder / f"{kind}.owner" for kind in kinds}
    for path in paths.values():
        path.write_text("")
    paths["says-something"].write_text("{}")
    for kind in kinds[1:]:
        os.utime(paths[kind], (0, 0))
    lock = take(paths["held"], exclusive=True)
    try:
        runtime.new_socket_path()
    finally:
        os.close(lock)
    assert {p.stem for p in runtime_folder.iterdir()} == {"young", "says-something", "held"}


@pytest.mark.parametrize("fits", [True, False])
def test_a_socket_has_a_path_of_at_most_a_hundred_bytes(runtime_folder, fits, monkeypatch):
    length = len(runtime.new_socket_path())
    monkeypatch.setattr(runtime, "LONGEST_SOCKET", length if fits else length - 1)
    if fits:
        assert len(runtime.new_socket_path()) == length
    else:
        with pytest.raises(LabError, match="short private folder"):
            runtime.new_socket_path()


def test_the_mark_of_a_commit_is_on_the_disk_before_the_commit_is_acknowledged(tmp_path, monkeypatch):
    """What is written is handed to the disk: the number of the commit stands in what is synced."""
    synced, real = [], os.fdatasync

    def seen(fd):
        file = Path(f"/proc/self/fd/{fd}").readlink()
        real(fd)
        synced.append((file.name, file.read_text().split()[0]))

    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    (tmp_path / "lab").mkdir()
    catalog = Catalog(tmp_path / "lab")
    monkeypatch.setattr(os, "fdatasync", seen)
    for i in (1, 2):
        assert catalog.commit([node(f"n{i}")]) == i
        assert synced == [("catalog.duckdb.revision", str(n)) for n in range(1, i + 1)]


def test_a_mark_is_always_as_long_and_ends_its_line(tmp_path, monkeypatch):
    """It is written in place: a shorter one would leave the end of the one before."""
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    (tmp_path / "lab").mkdir()
    catalog, file = Catalog(tmp_path / "lab"), tmp_path / "lab" / "catalog.duckdb"
    for i in range(1, 4):
        catalog.commit([node(f"n{i}")])
        for _ in range(2):
            text = mark_file(file).read_bytes()
            assert len(text) == _LENGTH and text.count(b"\n") == 1 and text.endswith(b"\n")
            assert read_mark(file).seq == i
            announce(file)
