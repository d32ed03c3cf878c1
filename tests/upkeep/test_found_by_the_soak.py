"""What half an hour of kills on a disk that fills has found: each as a small test of its own."""

from __future__ import annotations

import json
import os
import shutil

import duckdb
import pytest
from patience import PATIENCE_S

import veml_lab as veml
from veml_lab.catalog import Catalog, database
from veml_lab.catalog.revision import mark_file, wal_file
from veml_lab.errors import DamagedLab, FullDisk, LabError
from veml_lab.training.jobs import list_jobs
from veml_lab.upkeep import backup, check, vacuum
from veml_lab.upkeep.lab_files import Leftover
from veml_lab.versions.import_rows import BufferedRows


@pytest.fixture
def finishing(fresh, digits_lab, monkeypatch):
    """A lab in which a job is done, and its training committed, just after its catalog was copied."""
    import importlib

    lab = fresh(digits_lab)
    key = list_jobs(lab.store)[0].key
    late = lab.path / "jobs" / ("f" * 20)

    def arm(module: str):
        where = importlib.import_module(module)
        real = where.Snapshot

        class Then(real):
            def __init__(self, *args, **options):
                super().__init__(*args, **options)
                shutil.copytree(lab.path / "jobs" / key, late)
                plan = json.loads((late / "plan.json").read_text())
                (late / "plan.json").write_text(json.dumps(plan | {"model": "m-of-just-now"}))

        monkeypatch.setattr(where, "Snapshot", Then)

    return lab, late, arm


def test_a_job_that_ends_while_it_is_checked_is_not_held_against_the_copy(finishing):
    lab, late, arm = finishing
    arm("veml_lab.upkeep.check")
    assert check(lab).clean
    shutil.rmtree(late)
    shutil.copytree(lab.path / "jobs" / list_jobs(lab.store)[0].key, late)
    from veml_lab.catalog.snapshot import Snapshot
    from veml_lab.upkeep import outside
    from veml_lab.upkeep.lab_files import states_of_jobs

    with Snapshot(lab.path) as snapshot:
        found = list(outside.jobs(lab.path, snapshot, states_of_jobs(lab.path)))
    assert [f.kind for f in found] == ["job without its training"]  # one that was done before is


def test_a_job_that_ends_while_a_backup_is_made_is_not_done_in_the_copy(finishing, tmp_path):
    lab, _late, arm = finishing
    plan = (lab.path / "jobs" / list_jobs(lab.store)[0].key / "plan.json").read_text()
    arm("veml_lab.upkeep.backup")
    for name in ("copy", "copy.tar"):
        shutil.rmtree(lab.path / "jobs" / ("f" * 20), ignore_errors=True)
        backup(lab, tmp_path / name)
    copy = veml.open(tmp_path / "copy")
    (tmp_path / "copy" / "jobs" / ("f" * 20) / "plan.json").write_text(plan)
    assert sorted(job.status()["state"] for job in list_jobs(copy.store)) == ["done", "new"]
    assert check(copy).clean
    import tarfile

    with tarfile.open(tmp_path / "copy.tar") as tar:
        names = tar.getnames()
    assert f"jobs/{'f' * 20}/plan.json" in names and f"jobs/{'f' * 20}/status.json" not in names


WITH_A_LOG = """
import os, signal, sys, pyarrow as pa, veml_lab as veml
from veml_lab.catalog import Change, database
os.environ["VEML_CATALOG"] = "inprocess"
lab = veml.open(sys.argv[1])
for i in range(30):
    n = 40_000
    values = [float(hash((i, k)) % 10**9) for k in range(n)]
    names = [f"loss {k}" for k in range(n)]
    rows = pa.table({"node": [f"n{i}"] * n, "step": pa.array(range(n), pa.int32()), "name": names, "value": values})
    lab.store.add("model", f"m{i}", {}, changes=[Change("add_metrics", rows=rows)] if i == 29 else [], node_id=f"n{i}")
    if i == 28:  # the last one stays in the log
        real = database.commit
        def commit(*args, **options):
            real(*args, **options)
            os.kill(os.getpid(), signal.SIGKILL)
        database.commit = commit
"""

COMPACT = """
import os, resource, sys
from pathlib import Path
os.environ["VEML_CATALOG"] = "inprocess"
from veml_lab.catalog import database
from veml_lab.errors import DamagedLab, FullDisk, LabError
file = Path(sys.argv[1]) / "catalog.duckdb"
size = file.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
try:
    database.compact(file)
except FullDisk as e:
    print("full", e)
"""


def test_compacting_on_a_disk_that_fills_meanwhile_is_one_error_of_ours_and_loses_nothing(tmp_path, python):
    folder = tmp_path / "lab"
    assert python(WITH_A_LOG, folder).wait(PATIENCE_S) == -9
    assert wal_file(folder / "catalog.duckdb").stat().st_size > 1_000_000
    child = python(COMPACT, folder)
    out, err = child.communicate(timeout=PATIENCE_S)
    assert out.startswith("full"), err
    lab = veml.open(folder)
    assert len(lab.versions("model")) == 30
    assert check(folder).clean and vacuum(folder, grace_s=0) is not None


def test_an_import_on_a_full_disk_is_refused_as_one(tmp_path, monkeypatch):
    import pyarrow as pa

    from veml_lab.versions import import_rows

    class Full:
        def __init__(self, lab, schema):
            raise FullDisk("the disk is full")

    monkeypatch.setattr(import_rows, "StagedRows", Full)
    rows = BufferedRows(tmp_path, pa.schema([("id", pa.uint64())]))
    rows.append((1,))
    with pytest.raises(FullDisk):
        rows.close()


def test_a_backup_whose_mark_found_no_room_says_that_the_disk_is_full(digits_lab, tmp_path, monkeypatch):
    import importlib

    where = importlib.import_module("veml_lab.upkeep.backup")
    real = where.Snapshot

    class Then(real):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            mark_file(self.file).unlink()

    monkeypatch.setattr(where, "Snapshot", Then)
    with pytest.raises(FullDisk):
        backup(digits_lab.path, tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "lives"),
    [
        ("snapshot-PID-abcdefgh", True),
        ("snapshot-9999999-94_h2ox4", False),  # random letters hold the numbers of living processes as well
        ("rows-PID-0123abcd.arrow", True),
        ("rows-9999999-00000001.arrow", False),
        (".a.npy.PID.0123abcd.part", True),
        (".1.npy.9999999.00000001.part", False),
        (".half.arrow.99999999.1.part", False),
        (".a.npy.99999999999.0123abcd.part", False),
        (".half.arrow.PID.1.part", True),
        (".export-PID.onnx", True),
        (".export-9999999.onnx", False),
    ],
)
def test_whose_a_draft_is_stands_in_one_place_of_its_name(tmp_path, name, lives):
    (tmp_path / "staging").mkdir()
    path = tmp_path / "staging" / name.replace("PID", str(os.getpid()))
    path.touch()
    assert Leftover(path, "", 0, 0.0).in_use is lives


def test_a_catalog_without_tables_is_damage_said_in_a_sentence(tmp_path, monkeypatch):
    """What a compaction on a full disk left (it cannot any more: tests/faults) was a traceback for who opened it."""
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    folder = veml.open(tmp_path / "lab").path
    for engine in ("owner", "inprocess"):
        for left in folder.glob("catalog.duckdb*"):
            left.unlink()
        with duckdb.connect(str(folder / "catalog.duckdb")):
            pass
        monkeypatch.setenv("VEML_CATALOG", engine)
        for verb in (lambda: Catalog(folder).read("nodes"), lambda: vacuum(folder)):
            with pytest.raises(DamagedLab, match="holds no tables of a lab; restore it from a backup"):
                verb()


def test_a_compaction_that_lost_a_row_or_left_a_log_keeps_the_old_catalog(tmp_path, monkeypatch):
    """Neither can be brought about from outside any more; what would be lost is looked at all the same."""
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    file = veml.open(tmp_path / "lab").path / "catalog.duckdb"
    before = file.read_bytes()
    rows = iter(({"node": 2}, {"node": 1}))
    with monkeypatch.context() as patch:
        patch.setattr(database, "_rows_of", lambda con, name: next(rows))
        with pytest.raises(LabError, match="not all of it is in the copy; nothing was changed"):
            database.compact(file)
    draft = tmp_path / "draft"
    draft.write_bytes(b"x")
    wal_file(draft).write_bytes(b"x")
    with pytest.raises(LabError, match="could not be written whole"):
        database._put_folded(draft, file)
    assert file.read_bytes() == before and not (file.parent / database.DRAFT).exists()
