"""A catalog of an older VeML-Lab is brought up to date in one step, after a backup; a reader needs none of that."""

from __future__ import annotations

import hashlib
import re
import tarfile
from pathlib import Path

import pytest
from processes import end_owner
from test_catalog import names, node

import veml_lab as veml
from veml_lab.catalog import Catalog, migrate
from veml_lab.catalog.schema import FORMAT_VERSION, MIGRATIONS
from veml_lab.catalog.snapshot import Snapshot
from veml_lab.errors import VemlError
from veml_lab.upkeep import check

# Made by the code of version 0.1.0 (commit 784b3ae) with a catalog of format 1: an import of 18 digits with its parts,
# a filter, a merge, two pictures with boxes, a model and a result.
# That of format 2 is the same lab, brought to it by commit 07dc811, with a tag on "ones" and a note on "tiny".
RELEASED = {n: Path(__file__).parent / "data" / f"lab-v{n}.tar.xz" for n in (1, 2)}
NAMES = ["digits", "digits-train", "digits-test", "ones", "all again", "city", "tiny"]


@pytest.fixture(params=RELEASED)
def old(request, tmp_path):
    """A lab as a released version left it."""
    with tarfile.open(RELEASED[request.param]) as tar:
        tar.extractall(tmp_path, filter="data")
    folder = next(tmp_path.iterdir())
    yield folder
    end_owner(folder)


def was(folder: Path) -> int:
    """The format of the lab in the folder of a fixture."""
    return int(folder.name.removeprefix("lab-v"))


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def whole(lab: veml.Lab) -> None:
    assert [v.name for v in lab.versions()] == NAMES
    assert len(lab["digits"]) == len(lab["all again"]) == 18 and len(lab["ones"]) == 6
    assert set(lab["ones"].annotations.class_labels.values()) == {"1"}
    assert lab["digits"].images[17].size == (16, 16)
    assert sum(len(b) for b in lab["city"].annotations.boxes.values()) == 12
    assert lab["ones"].statistics().n == 6
    assert lab.store.catalog.read("result", key="k")["value"].to_pylist() == ['{"value": 1}']


def test_every_released_format_has_a_lab_here():
    assert set(RELEASED) >= set(range(1, FORMAT_VERSION))


def test_an_old_lab_opens_is_brought_up_to_date_and_loses_nothing(old, engine):
    import duckdb

    before = (old / "catalog.duckdb").read_bytes()
    with pytest.warns(UserWarning, match=f"from version {was(old)} to {FORMAT_VERSION}"):
        lab = veml.open(old)
        whole(lab)
    assert f"format_version = {FORMAT_VERSION}" in (old / "lab.toml").read_text()
    kept = list((old / "backups").iterdir())
    assert [re.sub(r"\d{8}T\d{6}", "T", p.name) for p in kept] == [f"catalog-v{was(old)}-T.duckdb"]
    with duckdb.connect(str(kept[0]), read_only=True) as con:
        tables = {r[0] for r in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert con.execute("SELECT count(*) FROM node").fetchall() == [(len(NAMES),)]
    made = [sql for n in range(1, was(old) + 1) for sql in MIGRATIONS[n] if sql.startswith("CREATE TABLE")]
    assert tables - {"migration"} == {re.search(r"TABLE (\w+)", sql)[1] for sql in made}
    assert before[:4096] == kept[0].read_bytes()[:4096]
    with Snapshot(old) as snapshot:  # every step is written down, the one before them too
        steps = snapshot.rows("SELECT * FROM migration ORDER BY 1").column(0).to_pylist()
    assert steps == list(range(1, FORMAT_VERSION + 1))
    lab["digits"].sample("new", 5, seed=0)
    assert len(veml.open(old)["new"]) == 5
    assert check(old, deep=True).clean


def test_a_reader_of_an_old_lab_sees_all_of_it_and_touches_nothing(old):
    before = hashes(old)
    lab = veml.open(old, read_only=True)
    whole(lab)
    del lab
    assert {k: v for k, v in hashes(old).items() if not k.startswith("staging")} == before


def test_a_migration_that_fails_leaves_the_catalog_as_it_was(old, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    monkeypatch.setitem(
        migrate.MIGRATIONS, FORMAT_VERSION, [*MIGRATIONS[FORMAT_VERSION], "CREATE TABLE node (again INTEGER)"]
    )
    catalog = Catalog(old)
    for _ in range(2):
        with pytest.raises(VemlError):
            catalog.commit([node("x")])
    monkeypatch.setitem(migrate.MIGRATIONS, FORMAT_VERSION, MIGRATIONS[FORMAT_VERSION][:-1])
    with pytest.warns(UserWarning, match=f"from version {was(old)}"):
        catalog.commit([node("x")])
    assert names(catalog) == [*NAMES, "x"]


def test_a_migration_that_is_killed_is_done_again(old, python):
    code = """
import os, signal, sys, warnings
from pathlib import Path
os.environ["VEML_CATALOG"] = "inprocess"
from veml_lab.catalog import Catalog, migrate
last = migrate.FORMAT_VERSION
class Killed(list):
    def __iter__(self):
        yield from list.__iter__(self)
        os.kill(os.getpid(), signal.SIGKILL)
migrate.MIGRATIONS[last] = Killed(migrate.MIGRATIONS[last])
Catalog(Path(sys.argv[1])).read("nodes")
"""
    assert python(code, old).wait() == -9
    with pytest.warns(UserWarning, match=f"from version {was(old)}"):
        whole(veml.open(old))
    assert len(list((old / "backups").iterdir())) >= 1


def test_eight_processes_that_open_an_old_lab_at_once_migrate_it_once(old, python):
    code = "import sys, veml_lab as veml; print(len(veml.open(sys.argv[1]).versions()))"
    started = [python(code, old) for _ in range(8)]
    assert [p.communicate()[0] for p in started] == [f"{len(NAMES)}\n"] * 8
    assert len(list((old / "backups").iterdir())) == 1


def test_a_new_lab_needs_no_migration(tmp_path, engine):
    Catalog(tmp_path)
    catalog = Catalog(tmp_path)
    catalog.commit([node("a")])
    assert not (tmp_path / "backups").exists()
    end_owner(tmp_path)
