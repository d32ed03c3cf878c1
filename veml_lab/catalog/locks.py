"""Locks on files and folders that go with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import DamagedLab, LabError

TIMEOUT_VARIABLE = "VEML_LOCK_TIMEOUT_S"
LOCK_TIMEOUT_S = 120.0
LONGEST_NAP_S = 0.05


def take(path: Path, *, exclusive: bool) -> int | None:
    """An open, locked file descriptor of a file or folder; None while somebody else has it.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    """
    fd = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(fd, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except BaseException:
        os.close(fd)
        raise
    return fd


def is_held(path: Path, *, exclusive: bool = True) -> bool:
    """Whether somebody holds a lock on it (``exclusive=False``: one that would keep a reader out)."""
    try:
        fd = take(path, exclusive=exclusive)
    except FileNotFoundError:
        return False
    if fd is None:
        return True
    os.close(fd)
    return False


@contextlib.contextmanager
def folder_lock(folder: Path, *, exclusive: bool) -> Iterator[None]:
    """Hold a lock on a folder, which also works on a read-only mount; waits for it.

    Raises
    ------
    DamagedLab
        The folder is gone.
    LabError
        Somebody else has held it for two minutes (``VEML_LOCK_TIMEOUT_S``).
    """
    for nap in naps(folder):
        try:
            fd = take(folder, exclusive=exclusive)
        except FileNotFoundError:
            raise DamagedLab(f"the lab's folder {folder} is gone") from None
        if fd is None:
            time.sleep(nap)
            continue
        try:
            yield
        finally:
            os.close(fd)
        return


def naps(folder: Path) -> Iterator[float]:
    """How long to sleep between two tries, until it has taken too long; the first ones are short."""
    patience = float(os.environ.get(TIMEOUT_VARIABLE, LOCK_TIMEOUT_S))
    end, nap = time.monotonic() + patience, 0.001
    while time.monotonic() < end:
        yield nap
        nap = min(nap * 1.5, LONGEST_NAP_S)
    raise LabError(f"{folder} has been busy for {patience:.0f} s; another process holds it (see `lsof {folder}`)")
