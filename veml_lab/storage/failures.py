"""What the system refused, as an error that says what to do: the one place where an OSError becomes a sentence.

A full disk, a missing permission, a file that somebody holds and damage are four errors with four sentences. Only
damage is ever answered with "restore it from a backup", and nothing here says so: an OSError proves none.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import re
import shutil
import stat
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import BadData, BadInput, BusyLab, FullDisk, LabError, MissingFile, NotAllowed, ReadOnlyLab, VemlError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
REFUSED = (errno.EACCES, errno.EPERM)
HELD = (errno.EAGAIN, errno.EBUSY, errno.ETXTBSY, errno.EDEADLK)
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
# what NumPy raises, from whichever of its layers, on an .npy or .npz file whose bytes are damaged
DAMAGED_ARRAY = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    SyntaxError,
    tokenize.TokenError,
    struct.error,
    OverflowError,
    MemoryError,
    RecursionError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
DRAFT_ENDING = ".part"
LEAST_BYTES = 1 << 18
RESERVE_BYTES = 1 << 20  # what a check beforehand leaves free
GONE_MOUNT = (errno.ESTALE, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.EHOSTDOWN)
# what a library writes of a failure whose number it does not hand on
_IN_TEXT = re.compile(r"\[Errno (\d+)\]|\(os error (\d+)\)|\berrno[ =:]+(\d+)")
_BY_NAME = {
    os.strerror(number).lower(): number
    for number in (*FULL, *REFUSED, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ELOOP, errno.ESTALE)
} | {
    "no space left": errno.ENOSPC,
    "disk quota": errno.EDQUOT,
    "not enough space": errno.ENOSPC,
    "fsync failed": errno.EIO,
}


@contextlib.contextmanager
def in_words(path: str | Path, done: str = "written") -> Iterator[None]:
    """Turn an OSError of the block into ours; ``done`` is what was to be done with ``path``.

    >>> with in_words("/dev/null/file", "read"):
    ...     open("/dev/null/file")
    Traceback (most recent call last):
    veml_lab.errors.BadInput: ...
    """
    try:
        yield
    except VemlError:
        raise
    except OSError as e:
        raise sentence(e, path, done) from e


def sentence(e: OSError, path: str | Path | None = None, done: str = "written") -> VemlError:
    """The error of ours for one of the system's, with its number kept."""
    if e.errno is None:  # a library's own, about what a file holds
        number = number_in(str(e))
        if number is None:
            said = f"{path} cannot be {done}" if path is not None else "a file that this needs cannot be used"
            return BadData(f"{said}: {' '.join(str(e).split()) or type(e).__name__}")
        e = OSError(number, os.strerror(number), e.filename)
    named = _text(e.filename)
    draft = not named or named.endswith(DRAFT_ENDING)  # what people know is the name that it was to get
    where = Path(path if path is not None and draft else named or "a file")
    number = e.errno
    if number in FULL:
        return _numbered(FullDisk(full(where, done)), e)
    if number == errno.EROFS:
        return ReadOnlyLab(
            f"{where} lies on a read-only mount and cannot be {done}; open the lab with read_only=True, or copy it to a"
            " place that can be written"
        )
    if number in REFUSED:
        return _numbered(NotAllowed(refused(where, done)), e)
    if number == errno.ELOOP:
        return _numbered(
            NotAllowed(
                f"{where} is a symbolic link, or links that lead in a circle: it was not followed and not {done}. Put"
                " the file itself there"
            ),
            e,
        )
    if number in HELD:
        return BusyLab(f"{where} is held by another program and cannot be {done} now; close it there and try again")
    if number in NO_LOCKS:
        return LabError(f"the file system of {where} cannot do this ({e.strerror or e}); move the lab to a local disk")
    if number == errno.ENOENT:
        if not _seen(where.parent):
            return MissingFile(f"{where} cannot be {done}: there is no folder {where.parent}; check the path")
        return MissingFile(f"there is no file or folder {str(where)!r}, so it cannot be {done}; check the path")
    if number in (errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.EEXIST, errno.ENOTEMPTY):
        return BadInput(f"{where} cannot be {done}: {e.strerror or e}; give another path")
    if number in (errno.EMFILE, errno.ENFILE):
        return LabError(
            f"too many files are open, so {where} cannot be {done}; close some labs or raise the limit (ulimit -n)"
        )
    if number == errno.EIO:
        return LabError(
            f"the disk of {where} answers with an input/output error; look after the disk (dmesg) before more is"
            " written"
        )
    if number in GONE_MOUNT:
        return LabError(f"the disk or share with {where} is gone ({e.strerror or e}); connect it again")
    return LabError(f"{where} cannot be {done}: {e.strerror or e}")


def by_the_system(e: Exception, path: str | Path, done: str = "read") -> VemlError | None:
    """The error of ours where the system refused, and nothing is known of what the file holds; else None.

    >>> by_the_system(OSError(errno.EMFILE, "x"), "a.gz")
    LabError('too many files are open, so a.gz cannot be read; close some labs or raise the limit (ulimit -n)')
    >>> by_the_system(ValueError("no gzip file"), "a.gz")
    """
    number = e.errno if isinstance(e, OSError) and e.errno else number_in(str(e))
    return None if number is None else sentence(OSError(number, os.strerror(number)), path, done)


def number_in(text: str) -> int | None:
    """The number of the system's error that a library wrote into its message, by its number or its words.

    >>> number_in('Could not write all bytes: No space left on device') == errno.ENOSPC
    True
    """
    found = _IN_TEXT.search(text)
    if found:
        return int(found.group(found.lastindex or 0))
    low = text.lower()
    return next((number for words, number in _BY_NAME.items() if words in low), None)


def full(path: Path, done: str = "written") -> str:
    """What is said of a full disk."""
    there = next((p for p in (path, *path.parents) if p.exists()), Path("/"))
    with contextlib.suppress(OSError):
        left = shutil.disk_usage(there).free
        return (
            f"the disk with {there} is full ({left / 1e6:,.1f} MB are free): {path} could not be {done}, and nothing"
            " half-written was left; what was committed before is all there. Free space and try again"
        )
    return f"the disk with {there} is full: {path} could not be {done}. Free space and try again"


def refused(path: Path, done: str = "written") -> str:
    """What is said where a permission is missing: whose it is, and who asks."""
    there = next((p for p in (path, *path.parents) if _seen(p)), Path("/"))
    whose = "somebody else"
    with contextlib.suppress(OSError):
        s = there.lstat()
        whose = f"{_user(s.st_uid)}, with the permissions {stat.filemode(s.st_mode)}"
    return (
        f"{path} cannot be {done}: you ({_user(os.getuid())}) have no permission; {there} belongs to {whose}. Nothing"
        " is damaged. Ask its owner for access, or work on a copy (veml backup)"
    )


def need_room(folder: Path, bytes_wanted: int, done: str) -> None:
    """Raise :class:`FullDisk` before anything is begun that has no room.

    A reserve stays free, so that whoever works in the lab meanwhile can go on committing.
    """
    with in_words(folder, "looked at"):
        s = os.statvfs(folder)
    free = s.f_bavail * s.f_frsize
    wanted = bytes_wanted + RESERVE_BYTES
    if free < wanted:
        raise FullDisk(
            f"{done} needs {wanted / 1e6:,.1f} MB on the disk with {folder} and {free / 1e6:,.1f} MB are free; nothing"
            " was begun. Free space and try again"
        )


def has_no_room(folder: Path) -> bool:
    """Whether a disk is so full that a failure without a number was most likely that."""
    try:
        s = os.statvfs(folder)
    except OSError:
        return False
    return s.f_bavail * s.f_frsize < LEAST_BYTES


def _numbered(made: FullDisk | NotAllowed, e: OSError) -> FullDisk | NotAllowed:
    made.errno = e.errno
    return made


def _text(name: object) -> str:
    return os.fsdecode(name) if isinstance(name, (str, bytes)) else ""


def _seen(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
