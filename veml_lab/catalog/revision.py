"""The revision of a catalog: a string that changes with every commit of any process, and costs no query.

Whoever commits writes the number of the commit, with what ``stat`` says of the catalog's files just
then, into a small file beside them. As long as those agree, the number is the revision, and folding
the write-ahead log into the catalog changes nothing. Where they do not, a process was killed between
its commit and this file, and what ``stat`` says takes the number's place until the next opener has
put it right. While a process holds the catalog open and is about to commit, the old number stays
valid until the commit is done.

The same number tells at the next opening whether all commits are still there.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from ..errors import DamagedLab
from ..storage.locks import is_held

_LENGTH = 160  # one write of a fixed length: a reader sees the old or the new one


@dataclass(frozen=True, slots=True)
class Mark:
    """What the file holds: last commit, the line of commits that it belongs to, the files as they were."""

    seq: int
    epoch: str
    signature: str

    @property
    def revision(self) -> str:
        return f"{self.epoch}-{self.seq}"


def mark_file(catalog: Path) -> Path:
    """Where the mark of a catalog lies."""
    return catalog.with_name(catalog.name + ".revision")


def wal_file(catalog: Path) -> Path:
    """Where DuckDB keeps the write-ahead log of a catalog."""
    return catalog.with_name(catalog.name + ".wal")


def signature(catalog: Path) -> str:
    """Times and sizes of the catalog's files."""
    try:
        s = catalog.stat()
    except FileNotFoundError:
        raise DamagedLab(f"{catalog} is gone; restore it from a backup") from None
    wal = 0
    with contextlib.suppress(FileNotFoundError):
        wal = wal_file(catalog).stat().st_size
    return f"{s.st_mtime_ns:x}.{s.st_size:x}.{wal:x}"


def read_mark(catalog: Path) -> Mark | None:
    """The mark; None where there is none, or half of one."""
    try:
        fd = os.open(mark_file(catalog), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            seq, epoch, seen = os.read(fd, 4 * _LENGTH).decode("ascii").split()
        finally:
            os.close(fd)
        return Mark(int(seq), epoch, seen)
    except (OSError, ValueError):
        return None


def write_mark(catalog: Path, seq: int, *, new_epoch: bool = False) -> None:
    """Say that ``seq`` is the last commit; a new epoch where commits were lost, so that no number comes twice."""
    old = None if new_epoch else read_mark(catalog)
    epoch = old.epoch if old is not None and old.seq <= seq else uuid.uuid4().hex[:8]
    text = f"{seq} {epoch} {signature(catalog)}".ljust(_LENGTH - 1) + "\n"
    file = mark_file(catalog)
    try:
        fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
        try:
            os.pwrite(fd, text.encode("ascii"), 0)
            os.fdatasync(fd)  # before the commit is acknowledged: a log that loses it later is found out
        finally:
            os.close(fd)
    except OSError:  # the disk is full, or a link lies there: no mark is right, an old one would be wrong
        with contextlib.suppress(OSError):
            file.unlink()


def revision(catalog: Path) -> str:
    """The revision as of now; three or four system calls."""
    seen = signature(catalog)
    mark = read_mark(catalog)
    if mark is not None and mark.signature != seen:
        seen, mark = signature(catalog), read_mark(catalog)  # a commit between the two looks
    if mark is None:
        return f"~{seen}"
    if mark.signature == seen or is_held(catalog.parent, exclusive=False):
        return mark.revision
    return f"{mark.revision}~{seen}"
