"""``veml vacuum``: what nobody needs goes, everything else stays, whoever is at work meanwhile."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from types import SimpleNamespace

import duckdb
import pytest
from labs import write_digits
from patience import until

import veml_lab as veml
from veml_lab.catalog import Change
from veml_lab.catalog.client import OwnerClient
from veml_lab.catalog.segments import SegmentWriter
from veml_lab.catalog.staging import StagedRows
from veml_lab.cli import main
from veml_lab.errors import BadInput, MissingFile
from veml_lab.storage.locks import is_held
from veml_lab.upkeep import check, vacuum

IMPORT = """
import os, signal, sys, veml_lab as veml
from veml_lab.versions.store import VersionStore
lab = veml.open(sys.argv[1])
if sys.argv[3] == "die":
    VersionStore.add_many = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
else:
    real = VersionStore.add_many
    def slow(*a, **k):
        print("about to commit", flush=True)
        while not os.path.exists(sys.argv[1] + "/../go"):
            pass
        return real(*a, **k)
    VersionStore.add_many = slow
print(len(lab.add("late", veml.read_idx(sys.argv[2]), progress=False)), flush=True)
"""


def files(folder) -> set[str]:
    return {
        str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and not p.name.startswith("catalog.duckdb")
    }


def test_what_a_killed_import_left_goes_and_nothing_else(fresh, digits_lab, tmp_path, python, capsys):
    lab = fresh(digits_lab)
    other = write_digits(tmp_path / "other", seed=9)
    before = files(lab.path)
    assert python(IMPORT, lab.path, other, "die").wait() == -signal.SIGKILL
    left = files(lab.path) - before
    assert any(p.startswith("segments/") for p in left) and any(p.startswith("staging/") for p in left)
    assert check(lab.path).clean

    said = vacuum(lab.path, dry_run=True, grace_s=0)
    assert {p for p, *_ in said.removed} == left and files(lab.path) == before | left
    assert vacuum(lab.path).removed == ()  # younger than a day
    assert files(lab.path) == before | left
    assert main(["vacuum", str(lab.path), "--grace", "0", "--json"]) == 0
    assert {r["path"] for r in json.loads(capsys.readouterr().out)["removed"]} == left
    assert files(lab.path) == before
    assert check(lab.path, deep=True).clean
    assert len(lab.add("late", veml.read_idx(other), progress=False)) == 80
    assert vacuum(lab.path, grace_s=0).removed == ()
    assert check(lab.path, deep=True).clean


def test_what_a_running_import_needs_stays_without_any_grace(fresh, digits_lab, tmp_path, python):
    """Its segment is complete, in its place, and named by nothing yet."""
    lab = fresh(digits_lab)
    other = write_digits(tmp_path / "other", seed=9)
    process = python(IMPORT, lab.path, other, "wait")
    assert process.stdout.readline() == "about to commit\n"
    said = vacuum(lab.path, grace_s=0)
    assert said.removed == () and len(said.kept) >= 2
    (tmp_path / "go").touch()
    assert process.stdout.read().split()[-1] == "80", process.stderr.read()
    assert check(lab.path, deep=True).clean
    assert lab["late"].images[79].size == (16, 16)


def test_a_file_that_is_being_written_by_this_process_stays(tmp_path):
    import pyarrow as pa

    lab = veml.open(tmp_path / "lab")
    writer = SegmentWriter(lab.path / "segments", "0123456789abcdef01234567")
    writer.append(b"x")
    with StagedRows(lab.path, pa.schema([("a", pa.int64())])) as rows:
        assert vacuum(lab.path, grace_s=0).removed == ()
        assert rows.path.exists()
    writer.close()
    assert vacuum(lab.path, grace_s=0).removed == ()
    del writer
    assert [p for p, *_ in vacuum(lab.path, grace_s=0).removed] == ["segments/0123456789abcdef01234567.arrow"]


def test_a_file_that_a_commit_comes_to_need_meanwhile_is_put_back(tmp_path, monkeypatch):
    """Between the look at the catalog and the removal somebody names the blob."""
    module = sys.modules["veml_lab.upkeep.vacuum"]
    lab = veml.open(tmp_path / "lab")
    (lab.path / "blobs").mkdir()
    for name in ("0123456789abcdef-needed.pth", "fedcba9876543210-not.pth"):
        (lab.path / "blobs" / name).write_bytes(b"weights")
    real = module.Snapshot
    looks = []

    def snapshot(folder):
        if looks:
            setting = json.dumps({"weights": "blobs/0123456789abcdef-needed.pth"})
            lab.store.catalog.commit(
                [Change("put_result", {"key": "s", "kind": "setting", "made": None, "value": setting})]
            )
        looks.append(folder)
        return real(folder)

    monkeypatch.setattr(module, "Snapshot", snapshot)
    assert [p for p, *_ in vacuum(lab.path, grace_s=0).removed] == ["blobs/fedcba9876543210-not.pth"]
    assert [p.name for p in (lab.path / "blobs").iterdir()] == ["0123456789abcdef-needed.pth"]
    assert len(looks) == 2


@pytest.mark.parametrize("engine", ["owner", "inprocess"])
def test_an_empty_half_of_the_catalog_is_given_back_while_others_read_and_write(tmp_path, monkeypatch, engine, python):
    monkeypatch.setenv("VEML_CATALOG", engine)
    folder = tmp_path / "lab"
    lab = veml.open(folder)
    lab.store.catalog.close()
    OwnerClient(folder, start=False).retire()
    until(lambda: not is_held(folder), "nobody has it open")
    with duckdb.connect(str(folder / "catalog.duckdb")) as con:
        con.execute("INSERT INTO metric SELECT 't-1', i, 'loss', random() FROM range(2000000) r(i)")
        con.execute("CHECKPOINT")
        con.execute("INSERT INTO result SELECT i::VARCHAR, 'k', NULL, to_json(md5(i::VARCHAR)) FROM range(5000) r(i)")
        con.execute("CHECKPOINT")  # behind it, so that the file cannot simply be cut
        con.execute("DELETE FROM metric")
        con.execute("CHECKPOINT")
    read = (
        "import sys, veml_lab as veml\nlab = veml.open(sys.argv[1], read_only=True)\nprint('reading',"
        " flush=True)\nwhile True: lab.store.catalog.read('nodes')"
    )
    write = (
        "import sys, veml_lab as veml\nlab = veml.open(sys.argv[1])\ni = 0\nwhile True:\n    lab.store.add('model',"
        " f'{sys.argv[2]}-{i}', {})\n    print(i, flush=True) if not i else None; i += 1"
    )
    others = [python(read, folder), python(write, folder, "a"), python(write, folder, "b")]
    for p in others:
        p.stdout.readline()
    said = vacuum(folder)
    time.sleep(0.3)
    for p in others:
        assert p.poll() is None, p.stderr.read()
        p.kill()
    assert said.catalog_after < said.catalog_before / 2
    names = [v.name for v in veml.open(folder).versions()]
    for w in "ab":
        mine = [n for n in names if n.startswith(w)]
        assert mine == [f"{w}-{i}" for i in range(len(mine))] and mine
    assert vacuum(folder).catalog_after == (folder / "catalog.duckdb").stat().st_size  # nothing left to gain
    assert check(folder).clean


def test_what_is_not_ours_is_left_alone(tmp_path):
    lab = veml.open(tmp_path / "lab")
    for name in (".gitignore", "notes.md", "mine/.hidden", "backups/old.duckdb"):
        (lab.path / name).parent.mkdir(exist_ok=True)
        (lab.path / name).write_text("mine")
    before = files(lab.path)
    assert vacuum(lab.path, grace_s=0).removed == ()
    assert files(lab.path) == before


def test_bad_requests_are_said(tmp_path):
    with pytest.raises(MissingFile, match="no lab"):
        vacuum(tmp_path)
    lab = veml.open(tmp_path / "lab")
    with pytest.raises(BadInput, match="grace"):
        vacuum(lab.path, grace_s=-1)


def test_what_is_as_old_as_the_grace_goes_and_what_is_younger_stays(tmp_path, monkeypatch):
    """By a clock of our own: files on their way, drafts, segments and blobs, two of each, a second apart."""
    from veml_lab.upkeep import lab_files

    lab = veml.open(tmp_path / "lab")
    files = [
        "staging/rows-{n}-0123abc{i}.arrow", "segments/01234567890123456789012{i}.arrow",
        "blobs/012345678901234{i}-x.pth", "blobs/.a.{n}.0123abc{i}.part",
    ]  # fmt: skip
    nobody = 9_999_999  # no process has that number: Linux gives 4,194,304 of them
    old, young = ([lab.path / f.format(n=nobody, i=i) for f in files] for i in (0, 1))
    for path in (*old, *young):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"1234567")
        os.utime(path, (1e9, 1e9 if path in old else 1e9 + 1))
    monkeypatch.setattr(lab_files, "time", SimpleNamespace(time=lambda: 1e9 + 500.0))
    said = vacuum(lab.path, grace_s=500, dry_run=True)
    assert {lab.path / p for p, *_ in said.removed} == set(old) and said.freed == 28
    assert {lab.path / p for p, *_ in said.kept} == set(young) and all(p.exists() for p in old)
    done = vacuum(lab.path, grace_s=500)
    assert sorted(done.removed) == sorted(said.removed) and not any(p.exists() for p in old)
    assert all(p.read_bytes() == b"1234567" for p in young)


def test_a_file_from_the_future_is_new_and_not_older_than_anything(tmp_path):
    """The clock was put back: its age is none, and only who gives no grace at all loses it."""
    lab = veml.open(tmp_path / "lab")
    left = lab.path / "segments" / "012345678901234567890123.arrow"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"x")
    os.utime(left, (4e9, 4e9))
    assert vacuum(lab.path, grace_s=0.5).removed == ()
    assert [p for p, *_ in vacuum(lab.path, grace_s=0).removed] == [f"segments/{left.name}"]
