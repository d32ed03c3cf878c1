"""A file appears whole or not at all, also when the process is killed, the disk fills up or the machine loses power.

It is written beside its name, brought to the disk, renamed, and the folder that holds the name is brought to the disk
too. The file beside it is new and no link (``O_EXCL``, ``O_NOFOLLOW``), carries the number of the process, by which
``veml vacuum`` knows whose it is, and goes with every error.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from ..errors import FullDisk, LabError, VemlError
from .failures import DRAFT_ENDING, full, has_no_room, in_words
from .locks import lock_open

_LONGEST_NAME = 180  # bytes that the name gives to that of its draft; a file's name has at most 255


def write_whole(path: str | Path, data: bytes | str | Callable[[IO[bytes]], object], *, durable: bool = True) -> Path:
    """Write a file whole.

    Parameters
    ----------
    path
        Its name; what is there is replaced, a symbolic link by a file.
    data
        Bytes, text (UTF-8), or a function that writes into the open file.
    durable
        Bring it to the disk before it gets its name. False only for what is made again without it, such as the state of
        a running job: then a power cut may leave an empty file.

    Raises
    ------
    FullDisk, NotAllowed, LabError
        It cannot be written; what was there is there still, and nothing else.
    """
    target = Path(path)
    with in_words(target), draft(target) as made:
        with made.open("wb") as file:
            if callable(data):
                data(file)
            else:
                file.write(data.encode() if isinstance(data, str) else data)
        _into_place(made, target, durable)
    return target


@contextlib.contextmanager
def whole(path: str | Path, *, durable: bool = True) -> Iterator[Path]:
    """Give the path of a draft, for libraries that write by name; it takes the place of ``path`` when the block ends
    well.

    >>> from tempfile import mkdtemp; file = Path(mkdtemp()) / "a.txt"
    >>> with whole(file) as draft:
    ...     _ = draft.write_text("all of it")
    >>> file.read_text(), [p.name for p in file.parent.iterdir()]
    ('all of it', ['a.txt'])
    """
    target = Path(path)
    with in_words(target), draft(target) as made:
        try:
            yield made
        except (VemlError, OSError):
            raise
        except Exception as e:  # safetensors and torch have errors of their own for a disk that is full
            if has_no_room(target.parent):
                raise FullDisk(full(target)) from e
            raise
        _into_place(made, target, durable)


def copy_whole(source: str | Path, path: str | Path) -> Path:
    """Copy a file under another name, whole."""
    with in_words(source, "read"), Path(source).open("rb") as file:
        return write_whole(path, lambda out: shutil.copyfileobj(file, out, 1 << 20))


def put_whole(draft: Path, target: Path) -> None:
    """Give a finished draft its name: brought to the disk, renamed, and its folder brought to the disk."""
    with in_words(target):
        _into_place(draft, target, True)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk; file systems that cannot do that are left alone."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse it; the file itself is synced
            os.fsync(fd)
    finally:
        os.close(fd)


def sync_file(path: Path) -> None:
    """Bring a file's bytes to the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def draft_of(target: Path) -> Path:
    """A name beside the target's that nobody has used: hidden, with the number of this process."""
    short = os.fsdecode(os.fsencode(target.name)[:_LONGEST_NAME])
    return target.with_name(f".{short}.{os.getpid()}.{uuid.uuid4().hex[:8]}{DRAFT_ENDING}")


@contextlib.contextmanager
def draft(target: Path) -> Iterator[Path]:
    """A new empty file beside ``target``; what is left of it when the block ends is removed."""
    made = draft_of(target)
    fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        with contextlib.suppress(OSError, LabError):  # vacuum sees that it is in use, where the file system has locks
            lock_open(fd, exclusive=False, wait=True, name=made)
        yield made
    finally:
        os.close(fd)
        with contextlib.suppress(OSError):  # renamed by now, or the disk is gone
            made.unlink()


def _into_place(draft: Path, target: Path, durable: bool) -> None:
    if durable:
        sync_file(draft)
    draft.replace(target)
    if durable:
        sync_folder(target.parent)
