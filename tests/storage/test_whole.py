"""A file appears whole or not at all: what is left in its folder when the writing ends in every way it can."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys

import pytest

from veml_lab.errors import FullDisk, NotAllowed, ReadOnlyLab
from veml_lab.storage.whole import copy_whole, whole, write_whole


def test_what_is_written_is_there_and_nothing_else(tmp_path):
    for name, data in (("a", b"bytes"), ("b", "wörds"), ("c", lambda f: f.write(b"by a function"))):
        write_whole(tmp_path / name, data)
    assert [(tmp_path / n).read_bytes() for n in "abc"] == [b"bytes", "wörds".encode(), b"by a function"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "c"]


def test_a_failed_writer_leaves_the_old_file_and_no_draft(tmp_path):
    file = write_whole(tmp_path / "a", "old")

    def half(f):
        f.write(b"ne")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        write_whole(file, half)
    with pytest.raises(KeyboardInterrupt), whole(file) as draft:
        draft.write_text("ne")
        raise KeyboardInterrupt
    assert file.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, FullDisk), (errno.EROFS, ReadOnlyLab), (errno.EACCES, NotAllowed)]
)
def test_every_step_may_fail_and_is_said_in_a_sentence(tmp_path, monkeypatch, step, number, kind):
    file = write_whole(tmp_path / "a", "old")

    def fails(*_args, **_keywords):
        raise OSError(number, os.strerror(number))

    if step == "write":
        data = fails
    else:
        data = b"new"
        monkeypatch.setattr(os, step, fails)
        monkeypatch.setattr("pathlib.Path.replace", fails if step == "replace" else __import__("pathlib").Path.replace)
    with pytest.raises(kind, match=str(file)) as said:
        write_whole(file, data)
    assert "Errno" not in str(said.value) and ".part" not in str(said.value)
    assert file.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a"]


def test_bytes_and_name_are_brought_to_the_disk_in_this_order(tmp_path, monkeypatch):
    """The draft before its name is given, the folder after: else a power cut leaves an empty file, or none."""
    seen = []
    real = os.fsync

    def fsync(fd):
        s = os.fstat(fd)
        seen.append(("folder" if stat.S_ISDIR(s.st_mode) else "file", (tmp_path / "a").exists()))
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    write_whole(tmp_path / "a", "x")
    assert seen == [("file", False), ("folder", True)]
    seen.clear()
    write_whole(tmp_path / "b", "x", durable=False)
    assert not seen


def test_a_link_in_the_place_of_the_file_is_replaced_and_not_written_through(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("mine")
    (tmp_path / "a").symlink_to(secret)
    write_whole(tmp_path / "a", "new")
    assert secret.read_text() == "mine" and not (tmp_path / "a").is_symlink()


def test_the_permissions_are_those_of_any_new_file(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_long_name_leaves_room_for_its_draft(tmp_path):
    assert write_whole(tmp_path / ("ü" * 120), "x").read_text() == "x"


def test_a_killed_writer_leaves_the_old_file_and_a_hidden_draft_with_its_number(tmp_path):
    file = write_whole(tmp_path / "a", "old")
    code = (
        "import os, sys, signal\nfrom veml_lab.storage.whole import write_whole\n"
        "def half(f):\n    f.write(b'ne'); f.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_whole(sys.argv[1], half)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(file)])
    assert child.wait() == -signal.SIGKILL
    (draft,) = (p for p in tmp_path.iterdir() if p != file)
    assert file.read_text() == "old" and draft.name.startswith(f".a.{child.pid}.") and draft.name.endswith(".part")


def test_a_copy_of_what_cannot_be_read_names_that_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing there"):
        copy_whole(tmp_path / "nothing there", tmp_path / "b")
    assert not list(tmp_path.iterdir())
