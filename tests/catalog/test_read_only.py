"""Reading where nothing may be written: with and without an owner, with one that cannot be reached, on a read-only
mount."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from labs import ROOT
from patience import PATIENCE_S
from processes import end_owner, owner_pid
from test_catalog import names, node

from veml_lab.catalog import Catalog
from veml_lab.storage.locks import is_held

READ = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from veml_lab.catalog import Catalog
from test_catalog import names
reader = Catalog(Path(sys.argv[1]), read_only=True)
print(len(names(reader)), reader.revision() == reader.revision())
try:
    (Path(sys.argv[1]) / "probe").write_text("x")
except OSError as e:
    print(e.strerror)
"""


def mounted(folder: Path, where: Path, *, hide: str | None = None) -> subprocess.CompletedProcess:
    """Read the lab from a read-only mount of its own name space; ``hide`` covers a folder with an empty one there."""
    words = " ".join(
        f"'{w}'" for w in (sys.executable, "-c", READ, where, ROOT, ROOT / "tests", Path(__file__).parent)
    ).replace("-c'", "-c'")
    cover = f"mount -t tmpfs tmpfs '{hide}' && " if hide else ""
    script = f"mount --bind '{folder}' '{where}' && mount -o remount,ro,bind '{where}' && {cover}exec {words}"
    return subprocess.run(["unshare", "-m", "bash", "-c", script], capture_output=True, text=True, timeout=PATIENCE_S)


@pytest.fixture
def mount_point(tmp_path):
    """An empty folder to mount on; skips where mounting is not allowed."""
    where = tmp_path / "mounted"
    where.mkdir()
    try:
        allowed = (
            subprocess.run(["unshare", "-m", "mount", "--bind", str(where), str(where)], capture_output=True).returncode
            == 0
        )
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("needs the right to mount")
    return where


def test_a_read_only_mount_without_an_owner(owned, mount_point):
    owned.commit([node("a"), node("b")])
    end_owner(owned.folder)  # its last commit is in the log
    done = mounted(owned.folder, mount_point)
    assert done.stdout.splitlines() == ["2 True", "Read-only file system"], done.stderr


def test_a_read_only_mount_beside_an_owner_that_answers(owned, mount_point):
    owned.commit([node("a"), node("b")])
    pid = owner_pid(owned.folder)
    done = mounted(owned.folder, mount_point)
    assert done.stdout.splitlines() == ["2 True", "Read-only file system"], done.stderr
    assert owner_pid(owned.folder) == pid


def test_a_read_only_mount_of_a_lab_whose_owner_cannot_be_reached(owned, mount_point):
    """As in a container that has the lab but not the folder of the socket."""
    from veml_lab.catalog.runtime import read_pointer

    owned.commit([node("a"), node("b")])
    assert is_held(owned.folder)
    hidden = str(Path(read_pointer(owned.folder).socket).parent)
    done = mounted(owned.folder, mount_point, hide=hidden)
    assert done.stdout.splitlines() == ["2 True", "Read-only file system"], done.stderr


def test_a_reader_follows_an_owner_that_it_cannot_reach(owned, monkeypatch):
    """It reads a copy of its own, and a new one when something was committed."""
    from veml_lab.catalog import inprocess
    from veml_lab.catalog.client import OwnerClient

    monkeypatch.setattr(inprocess, "UNREACHABLE_S", 0.0)
    reader = Catalog(owned.folder, read_only=True)
    for i in range(5):
        owned.commit([node(str(i))])
        with monkeypatch.context() as m:
            m.setattr(OwnerClient, "reach", lambda self: None)
            assert len(names(reader)) == i + 1
    reader.close()


def test_a_stream_of_readers_does_not_keep_an_owner_from_starting(owned, python):
    """Readers share the lock that an owner needs for itself; without making way they would hold it for ever."""
    code = READ.split("print(")[0] + "print('reading', flush=True)\nwhile True: names(reader)"
    readers = [python(code, owned.folder, ROOT, ROOT / "tests", Path(__file__).parent) for _ in range(4)]
    for r in readers:
        assert r.stdout.readline() == "reading\n"
    for i in range(3):
        owned.commit([node(str(i))])
        end_owner(owned.folder)
    assert all(r.poll() is None for r in readers)
    assert len(names(owned)) == 3


def test_an_interrupted_reader_leaves_no_copy_behind(owned, monkeypatch, tmp_path):
    from veml_lab.catalog import inprocess
    from veml_lab.catalog.client import OwnerClient

    monkeypatch.setenv("TMPDIR", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", None)
    owned.commit([node("a")])
    monkeypatch.setattr(inprocess, "UNREACHABLE_S", 0.0)
    monkeypatch.setattr(OwnerClient, "reach", lambda self: None)
    reader = Catalog(owned.folder, read_only=True)
    assert names(reader) == ["a"]
    assert len(list((tmp_path / "t").iterdir())) == 1
    del reader
    assert list((tmp_path / "t").iterdir()) == []
    monkeypatch.undo()
