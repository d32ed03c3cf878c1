"""Locks and the one deadline: who is waited for is named, and what the file system cannot do is said."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from veml_lab.errors import BadInput, BusyLab, LabError
from veml_lab.storage.locks import folder_lock, is_held, naps, patience_s, take

HOLDER = (
    "import sys, time\nfrom pathlib import Path\nfrom veml_lab.storage.locks import take\n"
    "fd = take(Path(sys.argv[1]), exclusive=True)\nprint('held', flush=True)\ntime.sleep(600)"
)


@pytest.fixture
def held(tmp_path):
    """A process that holds the folder's lock."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process
        process.kill()


def open_in(folder: Path) -> list[Path]:
    """What this process holds open in there: other tests' garbage opens and closes as it likes."""
    names = []
    for fd in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since, as that of this very list
            names.append(fd.readlink())
    return [name for name in names if name.is_relative_to(folder)]


def test_who_waits_too_long_is_told_which_process_holds_it(tmp_path, held, monkeypatch):
    monkeypatch.setenv("VEML_LOCK_TIMEOUT_S", "0.2")
    with (
        pytest.raises(BusyLab, match=rf"process {held.pid} \(.*python.*\) holds it"),
        folder_lock(tmp_path, exclusive=False),
    ):
        pass


def test_a_lock_goes_with_its_process(tmp_path, held):
    assert is_held(tmp_path)
    held.kill()
    held.wait()
    assert not is_held(tmp_path)


@pytest.mark.parametrize("number", ["ENOLCK", "ENOSYS", "ENOTSUP"])
def test_a_file_system_without_locks_is_said(tmp_path, monkeypatch, number):
    def flock(_fd, _how):
        raise OSError(getattr(errno, number), os.strerror(getattr(errno, number)))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(LabError, match="has no locks"):
        take(tmp_path, exclusive=True)
    assert open_in(tmp_path) == []


@pytest.mark.parametrize("said", ["abc", "-1", "nan", "inf", "1,5"])
def test_a_deadline_that_is_no_time_is_said(monkeypatch, said):
    monkeypatch.setenv("VEML_LOCK_TIMEOUT_S", said)
    with pytest.raises(BadInput, match="VEML_LOCK_TIMEOUT_S is"):
        patience_s()
    with pytest.raises(BadInput):
        next(naps(Path("lab")))


def test_no_patience_still_tries_once(monkeypatch):
    monkeypatch.setenv("VEML_LOCK_TIMEOUT_S", "0")
    tries = naps(Path("lab"))
    next(tries)
    with pytest.raises(BusyLab):
        next(tries)


def test_a_link_is_no_lock_and_a_pipe_keeps_nobody_waiting(tmp_path):
    (tmp_path / "to").symlink_to(tmp_path)
    with pytest.raises(OSError, match="symbolic"):
        take(tmp_path / "to", exclusive=True)
    os.mkfifo(tmp_path / "pipe")
    fd = take(tmp_path / "pipe", exclusive=False)
    assert fd is not None
    os.close(fd)
