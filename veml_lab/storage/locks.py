"""Locks on files and folders that go with the process that holds them, however it ends; and one deadline for waiting.

Whoever waits too long is told which process holds what it waits for.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import BadInput, BusyLab, DamagedLab, LabError
from .failures import NO_LOCKS

TIMEOUT_VARIABLE = "VEML_LOCK_TIMEOUT_S"
LOCK_TIMEOUT_S = 120.0
LONGEST_NAP_S = 0.05


def take(path: Path, *, exclusive: bool) -> int | None:
    """An open, locked file descriptor of a file or folder; None while somebody else has it.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    LabError
        The file system has no locks.
    """
    # a link is not followed, and a pipe that somebody put there does not keep us waiting
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not lock_open(fd, exclusive=exclusive, wait=False, name=path):
            os.close(fd)
            return None
    except BaseException:
        os.close(fd)
        raise
    return fd


def lock_open(fd: int, *, exclusive: bool, wait: bool, name: Path | str) -> bool:
    """Lock an open file for as long as it is open; False where somebody else has it and ``wait`` is not set.

    Raises
    ------
    LabError
        The file system has no locks.
    """
    try:
        fcntl.flock(fd, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as e:
        if e.errno in NO_LOCKS:
            raise LabError(
                f"the file system of {name} has no locks (flock says {errno.errorcode.get(e.errno or 0, e.errno)}), and"
                " without them two processes could write over each other; move the lab to a local disk, or mount the"
                " share with locks"
            ) from e
        raise
    return True


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
    BusyLab
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


def patience_s() -> float:
    """How long to wait for what somebody else holds; ``VEML_LOCK_TIMEOUT_S`` in seconds.

    Raises
    ------
    BadInput
        The variable holds no time.
    """
    return seconds_set(TIMEOUT_VARIABLE, LOCK_TIMEOUT_S)


def seconds_set(variable: str, usual: float) -> float:
    """A time that a variable of the environment holds; the usual one where it is not set.

    Raises
    ------
    BadInput
        The variable holds no time.
    """
    said = os.environ.get(variable, "").strip()
    if not said:
        return usual
    try:
        seconds = float(said)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise BadInput(f"{variable} is {said!r}; give seconds, e.g. {usual:.0f}")
    return seconds


def naps(path: Path) -> Iterator[float]:
    """How long to sleep between two tries, until it has taken too long; the first ones are short."""
    patience = patience_s()
    end, nap = time.monotonic() + patience, 0.001
    while True:
        yield nap
        if time.monotonic() >= end:
            break
        nap = min(nap * 1.5, LONGEST_NAP_S)
    raise BusyLab(f"{path} has been busy for {patience:.0f} s: {named_holder(path)}. Wait for it, or end it")


def named_holder(path: Path) -> str:
    """A clause that names the process which holds a lock on a file or folder."""
    pids = holders(path)
    if not pids:
        return f"another process holds it (see `lsof {path}`)"
    return " and ".join(f"process {pid} ({_command(pid)}) holds it" for pid in pids)


def holders(path: Path) -> list[int]:
    """Which processes hold a lock on a file or folder, as far as the system says (Linux)."""
    found: list[int] = []
    try:
        s = path.stat()
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return found
    device = f"{os.major(s.st_dev):02x}:{os.minor(s.st_dev):02x}:{s.st_ino}"
    for line in lines:  # 1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF; one that only waits has an arrow
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK" and words[5] == device and int(words[4]) > 0:
            found.append(int(words[4]))
    return [pid for pid in dict.fromkeys(found) if pid != os.getpid()]


def _command(pid: int) -> str:
    try:
        line = " ".join(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").split())
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return "gone by now"
    stopped = ", stopped: `kill -CONT` lets it go on" if state == "T" else ""
    return (line[:100] or "no command line") + stopped
