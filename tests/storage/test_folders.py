"""A folder appears whole or not at all: what is left beside it when the writing ends in every way it can."""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from veml_lab.errors import BadInput, FullDisk, NotAllowed, ReadOnlyLab
from veml_lab.sources.writing import new_folder
from veml_lab.storage import folders, locks
from veml_lab.storage.folders import whole_folder


def everything(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


def test_a_folder_is_there_when_the_block_ended_and_not_before(tmp_path):
    with whole_folder(tmp_path / "a" / "b" / "set") as made:
        (made / "inner").mkdir()
        (made / "inner" / "x.txt").write_text("x")
        assert not (tmp_path / "a" / "b" / "set").exists()
    assert everything(tmp_path) == ["a", "a/b", "a/b/set", "a/b/set/inner", "a/b/set/inner/x.txt"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a" / "b" / "set").stat().st_mode) == 0o777 & ~mask


@pytest.mark.parametrize("end", [RuntimeError("in the middle"), KeyboardInterrupt(), BadInput("of ours")])
def test_whatever_ends_the_block_nothing_is_left_and_it_stays_what_it_is(end, tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(type(end)) as caught, whole_folder(tmp_path / "there" / "new" / "set") as made:
        (made / "x.txt").write_text("x")
        raise end
    assert caught.value is end and everything(tmp_path) == ["there"]


STEPS = {
    "mkdir": (Path, "mkdir"),
    "the file's sync": (folders, "sync_file"),
    "the folder's sync": (folders, "sync_folder"),
    "rename": (Path, "rename"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, FullDisk), (errno.EROFS, ReadOnlyLab), (errno.EACCES, NotAllowed)]
)
@pytest.mark.parametrize("old", [False, True])
def test_every_step_may_fail_and_what_stood_there_stands(tmp_path, monkeypatch, step, number, kind, old):
    target = tmp_path / "set"
    if old:
        target.mkdir()
        (target / "old.txt").write_text("old")
    before = everything(tmp_path)

    def fails(*_args, **_keywords):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(folders, "_exchanged", lambda a, b: False)  # as on a system that cannot do it in one step
    with monkeypatch.context() as m, pytest.raises(kind, match="set") as said:
        m.setattr(*STEPS[step], fails)
        with whole_folder(target, replace=old) as made:
            (made / "x.txt").write_text("x")
    assert "partial" not in str(said.value) and "Errno" not in str(said.value)
    assert everything(tmp_path) == before


def test_a_second_rename_that_fails_gives_the_old_folder_its_name_back(tmp_path, monkeypatch):
    target = tmp_path / "set"
    target.mkdir()
    (target / "old.txt").write_text("old")
    real, calls = Path.rename, []

    def second_fails(self, other):
        calls.append(other)
        if len(calls) == 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(self, other)

    monkeypatch.setattr(folders, "_exchanged", lambda a, b: False)
    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(Exception, match="input/output"), whole_folder(target, replace=True) as made:
        (made / "x.txt").write_text("x")
    assert everything(tmp_path) == ["set", "set/old.txt"] and len(calls) == 3


def test_a_file_that_failed_is_named_by_where_it_was_to_be(tmp_path):
    with pytest.raises(FullDisk, match=r"set/inner/x\.png") as said, whole_folder(tmp_path / "set") as made:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(made / "inner" / "x.png"))
    assert "partial" not in str(said.value)
    other = OSError(errno.EACCES, os.strerror(errno.EACCES), "/secret/picture.png")
    with pytest.raises(NotAllowed, match=r"/secret/picture\.png"), whole_folder(tmp_path / "set"):
        raise other


def test_files_are_on_the_disk_before_the_folder_has_its_name(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(folders, "sync_file", lambda p: seen.append(("file", p.name, (tmp_path / "set").exists())))
    monkeypatch.setattr(os, "sync", lambda: seen.append(("all", "", (tmp_path / "set").exists())))
    with whole_folder(tmp_path / "set") as made:
        (made / "x.txt").write_text("x")
    assert seen == [("file", "x.txt", False)]
    seen.clear()
    (tmp_path / "set" / "x.txt").unlink()
    with whole_folder(tmp_path / "set") as made:  # empty: it takes the place
        for i in range(folders.FEW_FILES + 1):
            (made / str(i)).write_text("x")
    assert seen == [("all", "", True)] and len(everything(tmp_path / "set")) == folders.FEW_FILES + 1


def test_a_folder_that_holds_something_is_never_taken(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine").write_text("mine")
    with pytest.raises(BadInput, match="not empty"), new_folder(tmp_path / "set"):
        pass
    with pytest.raises(BadInput), whole_folder(tmp_path / "set"):
        pass
    assert everything(tmp_path) == ["set", "set/mine"]


REPLACE = """
import os, signal, sys
from pathlib import Path
from veml_lab.storage.folders import whole_folder
left = int(sys.argv[2])
def hook(event, args):
    global left
    if event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "ctypes.dlsym"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
with whole_folder(Path(sys.argv[1]), replace=True) as made:
    for name in ("a", "b"):
        (made / name).write_text("new")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the exchange in one step is Linux's")
def test_killed_at_any_call_a_folder_that_is_replaced_is_the_old_one_or_the_new_one(tmp_path, python):
    seen = set()
    for step in range(7):
        target = tmp_path / str(step) / "site"
        target.mkdir(parents=True)
        for name in ("a", "b"):
            (target / name).write_text("old")
        ended = python(REPLACE, target, step).wait()
        assert target.is_dir(), f"killed at step {step}, there is no folder"
        found = {p.name: p.read_text() for p in target.iterdir()}
        assert found in ({"a": "old", "b": "old"}, {"a": "new", "b": "new"})
        seen.add((found["a"], ended))
        with whole_folder(target, replace=True) as made:
            (made / "a").write_text("newest")
        assert everything(target.parent) == ["site", "site/a"], f"killed at step {step}, something was left for ever"
    assert {("old", -signal.SIGKILL), ("new", -signal.SIGKILL), ("new", 0)} == seen  # before, after, not at all


def test_only_what_a_killed_process_of_ours_left_is_removed(tmp_path):
    target = tmp_path / "set"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine").write_text("mine")
    of_mine = [
        f".set.partial-{'0' * 16}",
        ".set.partial-notes",
        f"{folders._partial(target, '12345678')}x",
        ".set.partial-",
    ]
    for name in of_mine:
        (tmp_path / name).mkdir()
    link = tmp_path / folders._partial(target, "0a0a0a0a")
    link.symlink_to(tmp_path / "elsewhere")
    other = tmp_path / folders._partial(tmp_path / "other", "0b0b0b0b")
    other.mkdir()
    left = tmp_path / folders._partial(target, "0c0c0c0c")
    (left / "deep").mkdir(parents=True)
    (left / "deep" / "a.txt").write_text("half")
    held = tmp_path / folders._partial(target, "0d0d0d0d")
    held.mkdir()
    fd = locks.take(held, exclusive=True)
    aside = held.with_name(f"{held.name}-old")  # of one that is about to change the names
    aside.mkdir()
    with whole_folder(target) as made:
        (made / "a").write_text("a")
    os.close(fd)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [*of_mine, link.name, other.name, held.name, aside.name, "elsewhere", "set"]
    )
    assert (tmp_path / "elsewhere" / "mine").read_text() == "mine"


def test_a_folder_that_was_put_aside_by_a_killed_process_comes_back(tmp_path):
    """Where a system cannot exchange two names there is a moment with neither under the name."""
    target = tmp_path / "set"
    new = tmp_path / folders._partial(target, "12ab12ab")
    old = new.with_name(f"{new.name}-old")
    for folder, text in ((new, "half"), (old, "old")):
        folder.mkdir()
        (folder / "a").write_text(text)
    with pytest.raises(RuntimeError), whole_folder(target, replace=True):
        assert (target / "a").read_text() == "old"
        raise RuntimeError
    assert everything(tmp_path) == ["set", "set/a"]


def test_two_that_write_the_same_folder_at_once_do_not_sweep_each_other(tmp_path):
    with whole_folder(tmp_path / "set", replace=True) as one:
        (one / "a").write_text("one")
        with whole_folder(tmp_path / "set", replace=True) as two:
            (two / "a").write_text("two")
        assert one.is_dir()
    assert everything(tmp_path) == ["set", "set/a"] and (tmp_path / "set" / "a").read_text() == "one"
