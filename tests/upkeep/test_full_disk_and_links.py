"""Looking after a lab where it is hardest: no room, no permission, and folders that are links. Nothing is lost by it,
and nothing that is not ours is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from labs import write_digits

import veml_lab as veml
from veml_lab.catalog import database
from veml_lab.catalog.client import exclusively
from veml_lab.cli import main
from veml_lab.errors import DamagedLab, FullDisk, NotAllowed, VemlError
from veml_lab.upkeep import backup, check, vacuum

ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small file system or become another user")
RECIPE = {"recipe": {"task": "classification", "architecture": "resnet", "num_classes": 2}}
HEX24, HEX16 = "0123456789abcdef01234567", "0123456789abcdef"


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A file system of 8 MB of its own."""
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], capture_output=True)
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place, leave: int = 0) -> None:
    """Use up all but ``leave`` bytes."""
    with (place / "ballast").open("wb") as f:
        try:
            while shutil.disk_usage(place).free > leave:
                f.write(bytes(max(1, min(1 << 16, shutil.disk_usage(place).free - leave))))
                f.flush()
        except OSError:
            pass


def names(lab) -> list[str]:
    return sorted(v.name for v in lab.versions())


@ROOT
def test_a_check_on_a_full_disk_finds_nothing_wrong_and_leaves_nothing(small, tmp_path):
    lab = veml.open(small / "lab")
    for i in range(3):
        lab.store.add("model", f"m{i}", {})
    lab.store.catalog.close()
    fill(small)
    before = {p: p.stat().st_size for p in small.rglob("*") if p.is_file()}
    report = check(small / "lab")
    assert report.clean and report.looked_at["versions"] == 3
    assert {p: p.stat().st_size for p in small.rglob("*") if p.is_file()} == before


@ROOT
def test_where_no_disk_has_room_the_catalog_itself_is_read(small, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(small))
    lab = veml.open(small / "lab")
    lab.store.add("model", "m", {})
    fill(small)
    assert check(small / "lab").looked_at["versions"] == 1
    assert [r["name"] for r in veml.upkeep.sql(small / "lab", "SELECT name FROM node").to_dict()] == ["m"]
    with pytest.raises(FullDisk, match="nothing was begun"):
        backup(small / "lab", small / "copy")
    assert sorted(p.name for p in small.iterdir()) == ["ballast", "lab"]
    (small / "ballast").unlink()
    assert names(lab) == ["m"]


@ROOT
def test_vacuum_makes_room_before_it_needs_any(small, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(small))
    lab = veml.open(small / "lab")
    lab.store.add("model", "m", {})
    (lab.path / "staging").mkdir(exist_ok=True)
    left = lab.path / "staging" / "rows-999999-0123abcd.arrow"
    left.write_bytes(bytes(2_000_000))
    fill(small)
    said = vacuum(lab.path, grace_s=0)
    assert [p for p, *_ in said.removed] == [f"staging/{left.name}"] and not left.exists()
    assert shutil.disk_usage(small).free >= 1_900_000 and names(lab) == ["m"]


@ROOT
@pytest.mark.parametrize("engine", ["owner", "inprocess"])
def test_verbs_on_a_full_disk_are_one_sentence_and_every_commit_before_stays(
    small, tmp_path, engine, monkeypatch, capsys
):
    monkeypatch.setenv("VEML_CATALOG", engine)
    digits = write_digits(tmp_path / "digits")
    lab = veml.open(small / "lab")
    for i in range(5):
        lab.store.add("model", f"m{i}", {})
    before = names(lab)
    fill(small)
    lab_files = {p for p in lab.path.rglob("*") if p.is_file() and not p.name.startswith("catalog")}
    assert main(["add", str(lab.path), "digits", str(digits), "--copy"]) == 2
    said = capsys.readouterr().err
    assert said.count("veml:") == 1 and "full" in said and "restore" not in said.lower() and "Errno" not in said
    assert {p for p in lab.path.rglob("*") if p.is_file() and not p.name.startswith("catalog")} == lab_files
    (small / "ballast").unlink()
    assert names(veml.open(lab.path)) == before
    assert check(lab.path, deep=True).clean


AS_ANOTHER = """
import contextlib, io, os, sys
from veml_lab.cli import main
with contextlib.redirect_stdout(io.StringIO()):  # all modules are loaded: another user may not read this Python
    for verb in (["versions"], ["tag", "m", "warm"], ["check"]):
        main([verb[0], sys.argv[1], *verb[1:]])
os.setgroups([]); os.setgid(65534); os.setuid(65534)
sys.exit(main(sys.argv[2:]))
"""


@ROOT
def test_a_lab_that_may_not_be_read_or_written_is_said_and_not_called_damaged(shared_place, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    lab = veml.open(shared_place / "lab")
    lab.store.add("model", "m", RECIPE)
    lab.store.catalog.close()
    warm = veml.open(shared_place / "warm")
    warm.store.add("model", "m", RECIPE)
    environment = {**os.environ, "VEML_CATALOG": "inprocess", "XDG_RUNTIME_DIR": ""}

    def asked(*verb):
        done = subprocess.run(
            [sys.executable, "-c", AS_ANOTHER, str(warm.path), *map(str, verb)],
            capture_output=True,
            text=True,
            env=environment,
        )
        return done.returncode, done.stdout + done.stderr

    lab.path.chmod(0o755)
    assert asked("versions", lab.path)[0] == 0  # reading is enough to read
    status, said = asked("tag", lab.path, "m", "seen")
    assert status == 2 and "permission" in said and "Traceback" not in said and "estore" not in said
    (lab.path / "catalog.duckdb").chmod(0o600)
    status, said = asked("check", lab.path)
    assert status == 2 and "permission" in said and "Traceback" not in said and "estore" not in said
    (lab.path / "catalog.duckdb").chmod(0o644)
    assert names(veml.open(lab.path)) == ["m"] and check(lab.path).clean


def test_damage_is_said_with_what_can_be_read_all_the_same(tmp_path):
    lab = veml.open(tmp_path / "lab")
    lab.store.add("model", "m", {})
    lab.store.catalog.close()
    (lab.path / "blobs").mkdir(exist_ok=True)
    (lab.path / "blobs" / f"{HEX16}-a.pth").write_bytes(b"x")
    file = lab.path / "catalog.duckdb"
    file.write_bytes(b"\0" * file.stat().st_size)
    report = check(lab.path)
    (found,) = [f for f in report.wrong if f.kind == "catalog"]
    n = sum(1 for _ in (lab.path / "blobs").iterdir())
    assert found.do.startswith("Restore it from a backup. Readable are") and f"{n} files in blobs/" in found.do


def test_a_damaged_table_is_told_from_those_that_can_be_read(tmp_path):
    """A byte of a text in the middle of the file: the catalog opens, and DuckDB finds it when the table is read."""
    lab = veml.open(tmp_path / "lab")
    notes = [f"{i} unmistakable {i * 7919:x} " * 40 for i in range(3000)]
    lab.store.add_many([("model", f"m{i}", {"note": n}, [], [], f"m-{i}") for i, n in enumerate(notes)])
    lab.store.catalog.close()
    file = lab.path / "catalog.duckdb"
    with exclusively(lab.path):
        database.compact(file)
    raw = bytearray(file.read_bytes())
    at = raw.find(b"unmistakable", len(raw) // 3)
    assert at > 0
    raw[at : at + 12] = b"UNMISTAKABLE"
    file.write_bytes(raw)
    (found,) = {f.do for f in check(lab.path).wrong if f.kind == "catalog"}
    whole, torn = found.split("the tables ")[1].split(" but not ")
    assert torn.startswith("node") and "edge" in whole and "node" not in whole.split(", ")


@pytest.mark.parametrize("folder", ["staging", "segments", "blobs", "embeddings", "cache", "jobs", "backups"])
def test_nothing_behind_a_link_is_ever_removed(tmp_path, folder, monkeypatch):
    """The link leads into another lab, which has files with the very names that we give."""
    other, lab = veml.open(tmp_path / "other"), veml.open(tmp_path / "lab")
    theirs = tmp_path / "other" / folder
    shutil.rmtree(theirs, ignore_errors=True)
    inner = theirs / HEX16 if folder in ("embeddings", "jobs") else theirs
    inner.mkdir(parents=True)
    for name in (
        f"{HEX24}.arrow",
        f"{HEX16}-a.pth",
        "rows-999999-0123abcd.arrow",
        f".{HEX24}.arrow.999999.0123abcd.part",
    ):
        (inner / name).write_bytes(b"theirs")
    before = sorted(p.name for p in inner.iterdir())
    shutil.rmtree(lab.path / folder, ignore_errors=True)
    (lab.path / folder).symlink_to(theirs)
    for verb in (vacuum, check, lambda p: veml.open(p).versions()):
        with pytest.raises(NotAllowed, match=f"its {folder} is a link"):
            verb(lab.path)
    monkeypatch.setenv("VEML_LAB_LINKS", "1")
    assert veml.open(lab.path).versions() == []
    vacuum(lab.path, grace_s=0)
    assert sorted(p.name for p in inner.iterdir()) == before
    assert other.versions() == []


def test_files_with_names_that_we_do_not_give_are_somebody_elses(tmp_path):
    lab = veml.open(tmp_path / "lab")
    mine = [
        "segments/mine.arrow",
        "blobs/readme.md",
        "staging/notes.txt",
        "staging/rows-old.arrow",
        "cache/.keep",
        "segments/.hidden",
        "blobs/.DS_Store",
        "embeddings/x/1.npy.bak",
        ".git/HEAD",
        ".git/objects/ab/cd",
    ]
    for name in mine:
        (lab.path / name).parent.mkdir(parents=True, exist_ok=True)
        (lab.path / name).write_text("mine")
        os.utime(lab.path / name, (0, 0))
    vacuum(lab.path, grace_s=0)
    assert [n for n in mine if not (lab.path / n).exists()] == []
    assert check(lab.path).clean


def test_a_leftover_of_a_living_owner_is_found(tmp_path):
    """An answer that its client never fetched carries the number of the owner, which lives for days in a busy lab."""
    lab = veml.open(tmp_path / "lab")
    (lab.path / "staging").mkdir(exist_ok=True)
    left = lab.path / "staging" / f"answer-{os.getpid()}-0123abcd.arrow"
    left.write_bytes(b"x")
    assert vacuum(lab.path, grace_s=0).removed == ()  # the client may be just about to fetch it
    os.utime(left, (0, 0))
    assert [p for p, *_ in vacuum(lab.path, grace_s=0).removed] == [f"staging/{left.name}"]


def test_a_look_that_somebody_takes_now_is_in_use_however_long_it_takes(tmp_path):
    from veml_lab.catalog.snapshot import Snapshot

    lab = veml.open(tmp_path / "lab")
    with Snapshot(lab.path) as snapshot:
        os.utime(snapshot.file.parent, (0, 0))
        assert vacuum(lab.path, grace_s=0).removed == () and snapshot.file.exists()
    assert not list((lab.path / "staging").iterdir())


def test_a_half_made_snapshot_goes_when_the_disk_fills_up(tmp_path, monkeypatch):
    import errno

    from veml_lab.catalog import snapshot as module

    lab = veml.open(tmp_path / "lab")

    def half(source, target):
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(module, "copy_catalog", half)
    monkeypatch.setattr(module.OwnerClient, "snapshot", lambda self: None)
    with pytest.raises(FullDisk):
        check(lab.path)
    assert not list((lab.path / "staging").iterdir())


@pytest.mark.parametrize("name", ["catalog.duckdb", "catalog.duckdb.revision", "catalog.duckdb.wal", "lab.toml"])
def test_a_strangers_lab_never_writes_through_a_link(tmp_path, name, monkeypatch):
    """Its own files are links to a file of ours: refused, by every option."""
    lab = veml.open(tmp_path / "lab")
    lab.store.add("model", "m", {})
    lab.store.catalog.close()
    owner = __import__("veml_lab.catalog.client", fromlist=["OwnerClient"]).OwnerClient(lab.path, start=False)
    owner.retire()
    mine = tmp_path / "mine.txt"
    text = "format_version = 2\n" if name == "lab.toml" else "precious"
    mine.write_text(text)
    (lab.path / name).unlink(missing_ok=True)
    (lab.path / name).symlink_to(mine)
    for links in ("0", "1"):
        monkeypatch.setenv("VEML_LAB_LINKS", links)
        with pytest.raises(NotAllowed, match="is a link"):
            veml.open(lab.path).versions()
    assert mine.read_text() == text


def test_the_links_variable_is_read_strictly(tmp_path, monkeypatch):
    monkeypatch.setenv("VEML_LAB_LINKS", "yes")
    with pytest.raises(VemlError, match="VEML_LAB_LINKS is 'yes'"):
        veml.open(tmp_path / "lab")


def test_a_name_in_the_catalog_that_leads_out_is_not_followed(tmp_path):
    from veml_lab.storage.strangers import inside

    (tmp_path / "secret").write_text("mine")
    lab = tmp_path / "lab"
    (lab / "blobs").mkdir(parents=True)
    (lab / "blobs" / "out").symlink_to(tmp_path / "secret")
    for name in ("../secret", str(tmp_path / "secret"), "blobs/../../secret", "blobs/out", "", "a\0b"):
        with pytest.raises(DamagedLab):
            inside(lab, name)
    assert inside(lab, "blobs/fine") == lab / "blobs" / "fine"
