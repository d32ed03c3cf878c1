"""A read-only view over a folder or an archive: the same names, the same bytes, nothing unpacked.

Every reader that finds its files by name works on a :class:`Tree`, so each of them reads a folder, a
``.tar``, ``.tar.gz``, ``.tar.bz2``, ``.tar.xz`` or ``.zip`` alike. Names are ``/``-separated and
relative; a member whose name points out of the tree (absolute, ``..``) is refused. What is no plain file (a link that
leads out or nowhere, a pipe, a device) is never opened: it is listed in :attr:`Tree.odd` and the rest is read.

>>> safe_name("train/cat/1.jpg", "set.tar")
'train/cat/1.jpg'
"""

from __future__ import annotations

import errno
import hashlib
import io
import itertools
import json
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from ..errors import BadData, MissingFile, VemlError
from ..storage.failures import sentence

ARCHIVE_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip")

# One member is held in memory while it is read, so a declared size beyond this is refused unread.
MAX_MEMBER_BYTES = 1 << 30
# One that is read piece by piece may be longer; this stops an archive that unpacks without end.
MAX_STREAM_BYTES = 8 << 30
MAX_DEPTH = 64
_ANY_FILE = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE)

# what the readers of archives raise on damaged bytes
DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    OSError,
    UnicodeDecodeError,
    struct.error,
    NotImplementedError,
    UnicodeError,  # a damaged name in the head of a member
    struct.error,
)


def safe_name(name: str, where: str) -> str:
    """Give the clean relative form of a member's name, or refuse it.

    Raises
    ------
    BadData
        For an absolute name, a drive letter, a ``..`` part, a NUL or a backslash, or bytes that are no UTF-8.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        raise BadData(f"{where} has a file name that is no UTF-8: {name!r}; rename the file") from None
    parts = name.split("/")
    drive = len(parts[0]) == 2 and parts[0][1] == ":"
    if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name or drive:
        raise BadData(
            f"{where} has a member called {name!r}, which points out of the archive; nothing was read. "
            "Unpack it by hand into an empty folder if you trust it, and read that folder"
        )
    return "/".join(p for p in parts if p not in ("", "."))


# What systems and programs leave in folders; nobody means it, so nobody is told.
_LEFT_BY_SYSTEMS = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin"})


def hidden(name: str) -> bool:
    """Whether a file is hidden, or left by a system or an open program: these are passed over without a word."""
    return any(p.startswith((".", "~$")) or p.lower() in _LEFT_BY_SYSTEMS for p in name.split("/"))


class Tree:
    """Files by name; reading in the order of ``names()`` is the fast way (:mod:`veml_lab.sources.opening` opens one).

    Attributes
    ----------
    root
        The folder or archive, as given.
    odd
        What is no plain file, or cannot be named or listed, with the reason: not among the names, never opened. A
        reader tells its findings (:meth:`~veml_lab.sources.checks.Findings.of_tree`).
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.odd: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._used: set[str] = set()
        self._left: dict[str, str] = {}
        self._above_all: int | None = None  # folders that hold all files

    def take(self, names: Iterable[str]) -> None:
        """Note files that will be read during the walk; those that were opened are noted already."""
        self._used.update(names)

    def leave(self, names: Iterable[str], why: str = "") -> None:
        """Note files that are not read although they were opened; with a reason, it is said and stops no import."""
        for name in names:
            self._used.discard(name)
            if why:
                self._left[name] = why

    def unread(self) -> dict[str, str]:
        """The files that nothing of was read, each with the reason that was given, or ``""``."""
        return {n: self._left.get(n, "") for n in self._sizes if n not in self._used}

    def names(self) -> tuple[str, ...]:
        """All file names (no folders, no hidden files), in the order in which reading them is cheap."""
        return tuple(self._sizes)

    def __contains__(self, name: str) -> bool:
        return name in self._sizes

    def depth(self, name: str) -> int:
        """How many folders a file lies below the innermost one that holds all files: sets lie deep in archives."""
        if self._above_all is None:
            first, last = min(self._sizes), max(self._sizes)
            shared = zip(first.split("/")[:-1], last.split("/")[:-1])
            self._above_all = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], shared))
        return name.count("/") - self._above_all

    def size(self, name: str) -> int:
        """Bytes of one file."""
        return self._sizes[name]

    def read(self, name: str) -> bytes:
        """The bytes of one file; MissingFile or BadData otherwise."""
        raise NotImplementedError

    def raw(self, name: str) -> bytes:
        """The bytes of one file as they lie there, also where pictures are shown through a window."""
        return self.read(name)

    def open(self, name: str) -> Piece:
        """Open one file for reading piece by piece, for files that are too long for memory."""
        raise NotImplementedError

    def read_many(
        self, names: Iterable[str], on_bad: Callable[[VemlError], None] | None = None
    ) -> Iterator[tuple[str, bytes]]:
        """Read several files one after the other, in the order given, with one open archive.

        With ``on_bad``, a file that cannot be read is told to it and left out; without, it is an error.
        """
        for name in names:
            data = self._try(self.read, name, on_bad)
            if data is not None:
                yield name, data

    @staticmethod
    def _try(read: Callable[[str], bytes], name: str, on_bad: Callable[[VemlError], None] | None) -> bytes | None:
        try:
            return read(name)
        except (BadData, MissingFile) as e:
            if on_bad is None:
                raise
            on_bad(e)
        return None

    def path(self, name: str) -> str | None:
        """Absolute path of a plain file; None inside an archive."""
        return None

    def stamp(self) -> list[Any]:
        """What changes when the content does: names, sizes and times, no bytes."""
        raise NotImplementedError

    def where(self, name: str) -> str:
        """How an error message names a file."""
        return f"{self.root}/{name}"

    def _check_size(self, name: str, limit: int = MAX_MEMBER_BYTES) -> None:
        if name not in self._sizes:
            raise MissingFile(f"{self.root} has no file {name!r}")
        self._used.add(name)
        if self._sizes[name] > limit:
            raise BadData(
                f"{self.where(name)} says that it is {self._sizes[name]:,} bytes; files above {limit:,} bytes are not"
                " read"
            )


class Piece:
    """A file of a tree, open for reading; damage is a BadData that names the file."""

    def __init__(self, stream: IO[bytes], size: int, where: str) -> None:
        self._stream, self._left, self._where = stream, size, where

    def read(self, n: int) -> bytes:
        """At most ``n`` bytes; ``b""`` at the end."""
        try:
            data = self._stream.read(min(n, self._left))
        except (*DAMAGE, RuntimeError) as e:
            raise BadData(f"{self._where} is damaged or truncated ({e}); fetch it again") from e
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> Piece:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class FolderTree(Tree):
    """A plain folder. Links that lead out of it, and files that are not plain, are odd."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._lies_in(root)
        self._times: dict[str, int] = {}
        self._walk(self._real, "")

    def _lies_in(self, folder: Path) -> None:
        self._real = folder.resolve()
        self._above = str(self._real / "_")[:-1]  # with the separator

    def _at(self, name: str) -> str:
        """The absolute path of a file; as text, since a Path costs as much as reading a small file."""
        return self._above + (name if os.sep == "/" else name.replace("/", os.sep))

    def _walk(self, folder: Path, prefix: str) -> None:
        if prefix.count("/") > MAX_DEPTH:
            raise BadData(f"{self.root} has folders within folders deeper than {MAX_DEPTH}; read an inner one")
        try:
            with os.scandir(folder) as it:
                entries = sorted(it, key=lambda e: e.name)
        except OSError as error:
            why = f"cannot be listed: {error.strerror or error}; check its permissions"
            if not prefix:
                raise BadData(f"{self.root}/ {why}") from error
            self.odd[prefix] = why
            return
        for e in entries:
            if hidden(e.name):
                continue
            try:
                name = safe_name(prefix + e.name, str(self.root))
            except BadData:
                self.odd[ascii(prefix + e.name)] = "has a name that cannot be noted (a backslash, no UTF-8); rename it"
                continue
            why = self._link(Path(e.path)) if e.is_symlink() else ""
            if not why and e.is_dir():
                self._walk(Path(e.path), name + "/")
                continue
            if not why:
                try:
                    s = e.stat()
                except OSError as error:
                    why = f"cannot be read: {error.strerror or error}"
                else:
                    why = "" if stat.S_ISREG(s.st_mode) else "is a pipe, socket or device, not a file; remove it"
            if why:
                self.odd[name] = why
                continue
            self._sizes[name] = s.st_size
            self._times[name] = s.st_mtime_ns

    def _link(self, at: Path) -> str:
        """Why a link is not followed, ``""`` for one to a file within the folder."""
        try:
            target = at.resolve()
            at.stat()
        except FileNotFoundError:
            pass
        except (OSError, RuntimeError):  # RuntimeError: how pathlib says so before Python 3.13
            return "is a link that leads in a circle, to itself; remove it"
        if not target.is_relative_to(self._real) or target.is_dir():
            said = os.fsencode(at.readlink()).decode(errors="backslashreplace")
            return (
                f"is a link to {said!r}; links out of the folder and links to folders are not followed. Copy the files"
                " there, or read the target itself"
            )
        return "" if target.exists() else "is a link to a file that is not there; remove it"

    def read(self, name: str) -> bytes:
        self._check_size(name)
        try:
            with io.FileIO(self._at(name)) as f:
                return f.readall()
        except FileNotFoundError:
            raise MissingFile(f"{self.where(name)} was there a moment ago and is gone; read the folder again") from None
        except OSError as e:
            raise _unreadable(e, self.where(name)) from e

    def open(self, name: str) -> Piece:
        self._check_size(name, MAX_STREAM_BYTES)
        try:
            return Piece(io.BufferedReader(io.FileIO(self._at(name))), self._sizes[name], self.where(name))
        except OSError as e:
            raise _unreadable(e, self.where(name)) from e

    def path(self, name: str) -> str | None:
        self._used.add(name)
        return self._at(name)

    def stamp(self) -> list[Any]:
        return [[n, self._sizes[n], self._times[n]] for n in self._sizes]


class FileTree(FolderTree):
    """One file alone, as a tree of one name: what lies beside it is not looked at."""

    def __init__(self, file: Path) -> None:
        Tree.__init__(self, file.parent)
        self._lies_in(file.parent)
        try:
            s = file.stat()
        except OSError as e:
            raise _unreadable(e, str(file)) from e
        name = safe_name(file.name, str(file.parent))
        self._sizes[name], self._times = s.st_size, {name: s.st_mtime_ns}


def _unreadable(e: OSError, where: str) -> VemlError:
    """One file's own trouble is bad data, which may be left out; what any file would meet now stops the reading."""
    if e.errno in _ANY_FILE:
        return sentence(e, where, "read")
    return BadData(f"{where} cannot be read: {e.strerror or e}")


def fingerprint(format: str, tree_or_stamp: Tree | list[Any], options: Mapping[str, Any]) -> str:
    """Hash the format, its options and the stamp of the files: cheap, no file is read.

    >>> fingerprint("x", [], {}) == fingerprint("x", [], {"strict": True})
    False
    """
    stamp = tree_or_stamp.stamp() if isinstance(tree_or_stamp, Tree) else tree_or_stamp
    # The leading number is raised when a reader's records change for the same files.
    text = json.dumps([1, format, dict(options), stamp], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
