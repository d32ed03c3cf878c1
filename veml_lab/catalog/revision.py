"""The revision of a catalog: a string that changes with every commit of any process, and costs no query.

Whoever commits writes the number of the commit, with what ``stat`` says of the catalog's files just
then, into a small file beside them. As long as those agree, the number is the revision, and folding
the write-ahead log into the catalog changes nothing. Where they do not, a process was killed between
its commit and this file, and what ``stat`` says takes the number's place until the next opener has
put it right. While a process holds the catalog open and is about to commit, the old number stays
valid until the commit is done.

The same number tells at the next opening whether all commits are still there (:func:`doubt`). DuckDB passes over some
damage of its log in silence, and a mark may be an old one that somebody put back. So the mark also says how long the
log was and which catalog it belongs to (a digest of DuckDB's headers, which every fold of the log changes), and whoever
is about to change one of them says so before (:func:`announce`). A mark that is at rest has to fit exactly.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import DamagedLab
from ..storage.locks import is_held

_LENGTH = 160  # one write of a fixed length: a reader sees the old or the new one
_HEADERS = 3 * 4096  # bytes: DuckDB's main header and its two database headers, which count the folds
_REST, _BUSY = "rest", "busy"


@dataclass(frozen=True, slots=True)
class Mark:
    """What the file holds: last commit, the line of commits that it belongs to, the files as they were.

    ``headers`` is the digest of the catalog's headers, empty in the mark of an earlier VeML-Lab; ``busy`` says that the
    files were about to change when it was written.
    """

    seq: int
    epoch: str
    signature: str
    headers: str = ""
    busy: bool = False

    @property
    def revision(self) -> str:
        return f"{self.epoch}-{self.seq}"

    @property
    def wal_bytes(self) -> int:
        return int(self.signature.rsplit(".", 1)[1], 16)


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


def headers(catalog: Path) -> str:
    """A digest that is another one after each fold of the log into the catalog, and the same in a copy of it."""
    try:
        with catalog.open("rb", buffering=0) as file:
            return hashlib.blake2b(file.read(_HEADERS), digest_size=8).hexdigest()
    except FileNotFoundError:
        raise DamagedLab(f"{catalog} is gone; restore it from a backup") from None


def read_mark(catalog: Path) -> Mark | None:
    """The mark; None where there is none, or half of one."""
    try:
        fd = os.open(mark_file(catalog), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            seq, epoch, seen, *more = os.read(fd, 4 * _LENGTH).decode("ascii").split()
        finally:
            os.close(fd)
        mark = Mark(int(seq), epoch, seen, more[0] if more else "", more[1:] == [_BUSY])
        whole = len([int(part, 16) for part in seen.split(".")]) == 3 and more[1:] in ([], [_REST], [_BUSY])
        return mark if whole else None
    except (OSError, ValueError, IndexError):
        return None


def doubt(mark: Mark | None, seq: int, wal_bytes: int, digest: str) -> str:
    """Why nobody can tell whether acknowledged commits are missing, as the end of "the mark ..."; "" where one can.

    Parameters
    ----------
    mark
        What the mark says.
    seq, wal_bytes, digest
        The last commit that is found, the length of the log, :func:`headers` of the catalog.
    """
    if mark is None:
        return "is missing" if seq or wal_bytes else ""
    if mark.busy:  # killed in a commit, which may be there or not, or in a fold
        return "" if seq <= mark.seq + 1 else f"is of commit {mark.seq}"
    if not mark.headers:  # of an earlier VeML-Lab: the least that it tells
        return "" if not wal_bytes or seq <= mark.seq + 1 else f"is of commit {mark.seq}"
    if seq > mark.seq:
        return f"is of commit {mark.seq}"
    return "" if (wal_bytes, digest) == (mark.wal_bytes, mark.headers) else "is of another state of the catalog"


def write_mark(catalog: Path, seq: int, *, new_epoch: bool = False) -> None:
    """Say that ``seq`` is the last commit; a new epoch where commits were lost, so that no number comes twice."""
    old = None if new_epoch else read_mark(catalog)
    epoch = old.epoch if old is not None and old.seq <= seq else uuid.uuid4().hex[:8]
    _write(catalog, Mark(seq, epoch, signature(catalog), headers(catalog)), durable=True)


def announce(catalog: Path) -> None:
    """Say that the catalog or its log is about to change; :func:`write_mark` ends that.

    Costs no sync: after a power cut in the middle of a commit the old mark at rest leads to one sentence too much,
    never to silence.
    """
    mark = read_mark(catalog)
    if mark is not None and not mark.busy:
        _write(catalog, replace(mark, busy=True), durable=False)


def _write(catalog: Path, mark: Mark, *, durable: bool) -> None:
    state = _BUSY if mark.busy else _REST
    text = f"{mark.seq} {mark.epoch} {mark.signature} {mark.headers or '-'} {state}".ljust(_LENGTH - 1) + "\n"
    file = mark_file(catalog)
    try:
        fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
        try:
            os.pwrite(fd, text.encode("ascii"), 0)
            if durable:
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
