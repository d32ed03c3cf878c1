"""Damaged files, a full disk, a newer catalog: one clear error each, or repaired and said; nothing else is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess

import pytest
from patience import PATIENCE_S
from processes import end_owner
from test_catalog import names, node

from veml_lab.catalog import Catalog
from veml_lab.catalog.database import open_repaired
from veml_lab.catalog.revision import mark_file, wal_file, write_mark
from veml_lab.errors import DamagedLab, NewerLab
from veml_lab.upkeep import check


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A catalog with the commits a0 ... a3 in the file and b0 ... b19 in the log of an owner that was killed."""
    folder = tmp_path_factory.mktemp("damage") / "lab"
    folder.mkdir()
    (folder / "lab.toml").write_text("format_version = 1\n")
    with pytest.MonkeyPatch.context() as m:
        m.setenv("VEML_CATALOG", "owner")
        catalog = Catalog(folder)
        for i in range(4):
            catalog.commit([node(f"a{i}")])
        end_owner(folder, signal.SIGTERM)
        for i in range(20):
            catalog.commit([node(f"b{i}")])
        end_owner(folder)
        catalog.close()
    assert wal_file(catalog.file).stat().st_size > 2000
    return folder


@pytest.fixture
def logged(tmp_path, prepared):
    """The folder of a copy of it, which nobody has open."""
    folder = tmp_path / "lab"
    shutil.copytree(prepared, folder)
    yield folder
    end_owner(folder)


ALL = [f"a{i}" for i in range(4)] + [f"b{i}" for i in range(20)]


def flip(path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    path.write_bytes(data)


def test_a_log_that_breaks_off_anywhere_gives_the_commits_before(logged, engine):
    wal = wal_file(logged / "catalog.duckdb")
    wal.write_bytes(wal.read_bytes()[: wal.stat().st_size * 2 // 3])
    with pytest.warns(UserWarning, match="acknowledged commits are lost"):
        found = names(Catalog(logged))
    assert found == ALL[: len(found)] and 4 < len(found) < len(ALL)


def test_the_mark_is_on_the_disk_before_a_commit_is_acknowledged(tmp_path, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    catalog = Catalog(tmp_path)
    synced, real = [], os.fdatasync

    def fdatasync(fd):
        real(fd)
        synced.append(mark_file(catalog.file).read_text().split()[0])

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    for i in range(3):
        seq = catalog.commit([node(f"n{i}")])
        assert synced[-1] == str(seq)


@pytest.mark.parametrize("where", [0.3, 0.7, 0.97])
def test_a_damaged_log_is_cut_where_the_damage_begins_and_kept(logged, engine, where):
    wal = wal_file(logged / "catalog.duckdb")
    flip(wal, int(wal.stat().st_size * where))
    damaged = wal.read_bytes()
    catalog = Catalog(logged)
    revision = catalog.revision()
    with pytest.warns(UserWarning, match="damaged .* kept as"):
        found = names(catalog)
    assert found == ALL[: len(found)] and 4 < len(found) < len(ALL)
    assert [p.read_bytes() for p in (logged / "damaged").iterdir()] == [damaged]
    seen = {revision, catalog.revision()}
    for name in ALL[len(found) :]:  # the lost numbers come again, and are other commits
        catalog.commit([node(name)])
        assert catalog.revision() not in seen
        seen.add(catalog.revision())
    assert names(catalog) == ALL
    report = check(logged)
    assert report.clean and "kept for you" in {f.kind for f in report.findings}


def test_a_log_with_a_damaged_head_which_duckdb_passes_over_is_noticed(logged, engine):
    """DuckDB takes such a log for none of its own, says nothing, and writes on behind it."""
    wal = wal_file(logged / "catalog.duckdb")
    flip(wal, 3)
    catalog = Catalog(logged)
    with pytest.warns(UserWarning, match="20 acknowledged commits are lost"):
        assert catalog.commit([node("c")]) == 5
    assert names(catalog) == [*ALL[:4], "c"]
    end_owner(logged)
    assert names(Catalog(logged)) == [*ALL[:4], "c"]  # and what was committed since is not lost as well
    assert len(list((logged / "damaged").iterdir())) == 1


def test_a_log_that_was_passed_over_is_kept_and_lies_no_longer_beside_the_catalog(logged):
    """DuckDB would take it up again at the next opening, or write on behind its damaged head."""
    file = logged / "catalog.duckdb"
    wal = wal_file(file)
    flip(wal, 3)
    damaged = wal.read_bytes()
    con, said = open_repaired(file)
    con.close()
    assert len(said) == 1 and [p.read_bytes() for p in (logged / "damaged").iterdir()] == [damaged]
    assert not wal.exists() or damaged[:500] not in wal.read_bytes()


def test_a_reader_sees_through_a_damaged_log_and_touches_nothing(logged):
    wal = wal_file(logged / "catalog.duckdb")
    flip(wal, wal.stat().st_size // 2)
    before = {p: p.read_bytes() for p in logged.iterdir() if p.is_file()}
    reader = Catalog(logged, read_only=True)
    with pytest.warns(UserWarning, match="damaged"):
        found = names(reader)
    assert found == ALL[: len(found)] and 4 < len(found) < len(ALL)
    assert names(reader) == found
    assert {p: p.read_bytes() for p in logged.iterdir() if p.is_file()} == before
    assert "repaired log" in {f.kind for f in check(logged).wrong}


@pytest.mark.parametrize(
    "harm",
    [
        lambda f: f.write_bytes(b""),
        lambda f: f.write_bytes(b"not a database" * 1000),
        lambda f: f.write_bytes(f.read_bytes()[:5000]),
        lambda f: f.write_bytes(f.read_bytes()[: f.stat().st_size // 3]),
        lambda f: [flip(f, p) for p in range(4096, 12288, 50)],
    ],
    ids=["empty", "text", "head", "third", "headers"],
)
def test_a_damaged_catalog_is_one_clear_error_for_everybody(logged, engine, harm):
    file = logged / "catalog.duckdb"
    harm(file)
    wal_file(file).unlink(missing_ok=True)
    damaged = file.read_bytes()
    catalog, reader = Catalog(logged), Catalog(logged, read_only=True)
    for ask in (lambda: names(catalog), lambda: catalog.commit([node("x")]), lambda: names(reader)):
        with pytest.raises(DamagedLab, match=r"(?s)catalog\.duckdb.*[Rr]estore"):
            ask()
    assert file.read_bytes() == damaged
    assert {f.kind for f in check(logged).wrong} == {"catalog"}


def test_a_table_with_a_damaged_block_leaves_the_others_readable(logged, engine):
    """The damage is found when that block is read; the rest of the catalog still answers."""
    import duckdb

    file = logged / "catalog.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("INSERT INTO metric SELECT 't-1', i, 'loss', random() FROM range(300000) r(i)")
        con.execute("CHECKPOINT")
        block = con.execute(
            "SELECT max(block_id) FROM pragma_storage_info('metric') WHERE column_name = 'value' AND segment_type ="
            " 'DOUBLE'"
        ).fetchall()[0][0]
        size = con.execute("SELECT any_value(block_size) FROM pragma_database_size()").fetchall()[0][0]
    write_mark(file, 24)  # another program wrote it, and that is not what is tested
    flip(file, 12288 + block * size + 1000)
    catalog = Catalog(logged)
    with pytest.raises(DamagedLab, match=r"catalog\.duckdb"):
        catalog.read("metrics", node="t-1")
    assert names(catalog) == ALL
    assert catalog.commit([node("still")]) == 25
    assert names(catalog) == [*ALL, "still"]


def test_a_newer_catalog_is_refused_by_every_opener(logged, engine):
    import duckdb

    with duckdb.connect(str(logged / "catalog.duckdb")) as con:
        con.execute("INSERT INTO migration VALUES (99, NULL)")
    before = (logged / "catalog.duckdb").read_bytes()
    for opened in (Catalog(logged), Catalog(logged, read_only=True)):
        with pytest.raises(NewerLab, match="upgrade"):
            names(opened)
    assert (logged / "catalog.duckdb").read_bytes() == before


# -- a full disk -----------------------------------------------------------------------------------------

FILL = """
import resource, sys, warnings
from pathlib import Path
sys.path[:0] = [sys.argv[2]]
from veml_lab.catalog import Catalog, Change
from veml_lab.errors import LabError
from test_catalog import metrics, names, node
catalog = Catalog(Path(sys.argv[1]))
if sys.argv[3] == "limit":  # no file may grow beyond this; the owner that is started below inherits it
    resource.setrlimit(resource.RLIMIT_FSIZE, (catalog.file.stat().st_size + 200_000, resource.RLIM_INFINITY))
done = 0
try:
    for i in range(10_000):
        catalog.commit([node(f"n{i}"), Change("add_metrics", rows=metrics(20_000, f"n{i}"))])
        done += 1
except LabError as e:
    print(type(e).__name__, e)
print(done)
rows = [catalog.read("metrics", node=f"n{i}").num_rows for i in (0, max(done - 1, 0), done)]
print(names(catalog) == [f"n{i}" for i in range(done)], rows)
"""


def _filled(python, folder, here, engine: str, how: str) -> int:
    child = python(
        FILL.replace("import resource", f"import os; os.environ['VEML_CATALOG'] = {engine!r}; import resource"),
        folder,
        here,
        how,
    )
    out, err = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 0, err
    assert out.count("\n") == 3, out + err
    error, done, state = out.splitlines()
    assert "is full: nothing of this commit was kept" in error and "Free space" in error
    n = int(done)
    assert n > 0, "it failed before the test began"
    assert state == "True [20000, 20000, 0]"
    return n


def test_a_full_disk_is_said_keeps_every_commit_before_and_goes_on_when_there_is_room(
    tmp_path, engine, python, request
):
    folder = tmp_path / "lab"
    folder.mkdir()
    done = _filled(python, folder, request.path.parent, engine, "limit")
    end_owner(folder)
    catalog = Catalog(folder)  # without the limit
    assert catalog.commit([node("room again")]) == done + 1
    assert len(names(catalog)) == done + 1
    end_owner(folder)


def test_a_full_file_system(tmp_path, engine, python, request):
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        lab = folder / "lab"
        lab.mkdir()
        (folder / "ballast").write_bytes(bytes(1 << 20))
        done = _filled(python, lab, request.path.parent, engine, "disk")
        end_owner(lab)
        reader = Catalog(lab, read_only=True)
        assert len(names(reader)) == done  # readable although nothing can be written
        (folder / "ballast").unlink()
        catalog = Catalog(lab)
        assert catalog.commit([node("room again")]) == done + 1
        end_owner(lab)
        assert len(names(catalog)) == done + 1
        catalog.close()
        end_owner(lab)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
