"""A read-only view over a folder or an archive: the same names, the same bytes, nothing unpacked.

Every reader that finds its files by name works on a :class:`Tree`, so each of them reads a folder, a
``.tar``, ``.tar.gz``, ``.tar.bz2``, ``.tar.xz`` or ``.zip`` alike. Names are ``/``-separated and
relative; a member that would point out of the tree (absolute, ``..``, link, device) is refused.

>>> safe_name("train/cat/1.jpg", "set.tar")
'train/cat/1.jpg'
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import os
import re
import stat
import struct
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from ..errors import BadData, BadInput, MissingFile, VemlError
from .images import is_image

ARCHIVE_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip")

# One member is held in memory while it is read, so a declared size beyond this is refused unread.
MAX_MEMBER_BYTES = 1 << 30
# One that is read piece by piece may be longer; this stops an archive that unpacks without end.
MAX_STREAM_BYTES = 8 << 30
MAX_DEPTH = 64
# Of a packed tar, files up to this size that are no pictures are kept once one of them is opened, so many bytes in all.
SMALL_BYTES, KEPT_BYTES = 64 << 10, 16 << 20

_DAMAGE = (
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


_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/{1,2}(.+)")


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


def _hidden(name: str) -> bool:
    return any(p.startswith(".") or p == "__MACOSX" for p in name.split("/"))


class Tree:
    """Files by name. Get one with :func:`open_tree`; reading in the order of ``names()`` is the fast way.

    Attributes
    ----------
    root
        The folder or archive, as given.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sizes: dict[str, int] = {}
        self._used: set[str] = set()
        self._left: dict[str, str] = {}

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

    def size(self, name: str) -> int:
        """Bytes of one file."""
        return self._sizes[name]

    def read(self, name: str) -> bytes:
        """The bytes of one file; MissingFile or BadData otherwise."""
        raise NotImplementedError

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
        except (*_DAMAGE, RuntimeError) as e:
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
    """A plain folder. Links that lead out of it, and files that are not plain, are refused."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._real = root.resolve()
        self._times: dict[str, int] = {}
        self._walk(self._real, "")

    def _walk(self, folder: Path, prefix: str) -> None:
        if prefix.count("/") > MAX_DEPTH:
            raise BadData(f"{self.root} has folders within folders deeper than {MAX_DEPTH}; read an inner one")
        try:
            with os.scandir(folder) as it:
                entries = sorted(it, key=lambda e: e.name)
        except OSError as error:
            raise BadData(
                f"{self.root}/{prefix} cannot be listed: {error.strerror or error}; check its permissions"
            ) from error
        for e in entries:
            if e.name.startswith(".") or e.name == "__MACOSX":
                continue
            name = safe_name(prefix + e.name, str(self.root))
            if e.is_symlink():
                try:
                    target = Path(e.path).resolve()
                    Path(e.path).stat()
                except FileNotFoundError:
                    pass
                except (OSError, RuntimeError):  # RuntimeError: how pathlib says so before Python 3.13
                    raise BadData(
                        f"{self.where(name)} is a link that leads in a circle, to itself; remove it"
                    ) from None
                if not target.is_relative_to(self._real) or target.is_dir():
                    raise BadData(
                        f"{self.where(name)} is a link to {str(Path(e.path).readlink())!r}; links out of the folder and"
                        " links to folders are not followed. Copy the files there, or read the target itself"
                    )
                if not target.exists():
                    raise BadData(f"{self.where(name)} is a link to a file that is not there; remove it")
            if e.is_dir():
                self._walk(Path(e.path), name + "/")
                continue
            s = e.stat()
            if not stat.S_ISREG(s.st_mode):
                raise BadData(f"{self.where(name)} is a pipe, socket or device, not a file; remove it")
            self._sizes[name] = s.st_size
            self._times[name] = s.st_mtime_ns

    def read(self, name: str) -> bytes:
        self._check_size(name)
        try:
            return (self._real / name).read_bytes()
        except FileNotFoundError:
            raise MissingFile(f"{self.where(name)} was there a moment ago and is gone; read the folder again") from None
        except OSError as e:
            raise BadData(f"{self.where(name)} cannot be read: {e.strerror or e}") from e

    def open(self, name: str) -> Piece:
        self._check_size(name, MAX_STREAM_BYTES)
        try:
            return Piece((self._real / name).open("rb"), self._sizes[name], self.where(name))
        except OSError as e:
            raise BadData(f"{self.where(name)} cannot be read: {e.strerror or e}") from e

    def path(self, name: str) -> str | None:
        self._used.add(name)
        return str(self._real / name)

    def stamp(self) -> list[Any]:
        return [[n, self._sizes[n], self._times[n]] for n in self._sizes]


class FileTree(FolderTree):
    """One file alone, as a tree of one name: what lies beside it is not looked at."""

    def __init__(self, file: Path) -> None:
        Tree.__init__(self, file.parent)
        self._real = file.parent.resolve()
        try:
            s = file.stat()
        except OSError as e:
            raise BadData(f"{file} cannot be read: {e.strerror or e}") from e
        name = safe_name(file.name, str(file.parent))
        self._sizes[name], self._times = s.st_size, {name: s.st_mtime_ns}


class _ArchiveTree(Tree):
    def stamp(self) -> list[Any]:
        s = self.root.stat()
        return [self.root.name, s.st_size, s.st_mtime_ns]

    def where(self, name: str) -> str:
        return f"{self.root}:{name}"

    def _add(self, raw: str, size: int) -> str | None:
        name = safe_name(raw, str(self.root))
        if not name or _hidden(name):
            return None
        if name in self._sizes:
            raise BadData(f"{self.root} holds {name!r} twice; pack it again from a clean folder")
        self._sizes[name] = size
        return name

    def _damaged(self, e: BaseException, name: str = "") -> BadData:
        what = self.where(name) if name else str(self.root)
        return BadData(f"{what} is damaged or truncated ({e}); fetch or pack the archive again")


class TarTree(_ArchiveTree):
    """A tar, packed or not. The names cost one pass; bytes are then read forward in member order."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._at: dict[str, int] = {}
        try:
            with tarfile.open(root, "r:*") as tar:
                for m in tar:
                    if m.isdir():
                        safe_name(m.name, str(root))
                    elif not m.isreg() or m.issparse():
                        kind = "link" if m.issym() or m.islnk() else "device, pipe or sparse file"
                        raise BadData(
                            f"{root} has a {kind} called {m.name!r}; only plain files are read from an archive. "
                            "Pack it again with: tar --dereference"
                        )
                    else:
                        name = self._add(m.name, m.size)
                        if name:
                            self._at[name] = m.offset_data
                    # TarFile remembers every member; a million of them would be a gigabyte.
                    tar.members.clear()  # type: ignore[attr-defined]
        except _DAMAGE as e:
            raise self._damaged(e) from e
        self._lock = threading.Lock()
        self._open: IO[bytes] | None = None
        self._small: dict[str, bytes] | None = None

    def _kept(self, name: str) -> bytes | None:
        """A small file of a packed tar, all of which are kept by one pass.

        To look into a file, everything before it is unpacked: a hundred looks into label files took a hundred passes.
        """
        if self._sizes.get(name, SMALL_BYTES + 1) > SMALL_BYTES or is_image(name):
            return None
        with self._lock:
            if self._small is None:
                self._small, room = {}, KEPT_BYTES
                with self._stream() as stream:
                    if not isinstance(stream, io.BufferedReader):  # one that is not packed is read anywhere at once
                        for small in sorted(self._at, key=self._at.__getitem__):
                            if self._sizes[small] > SMALL_BYTES or is_image(small):
                                continue
                            room -= self._sizes[small]
                            if room < 0:
                                break
                            self._small[small] = self._take(stream, small)
            return self._small.get(name)

    def _stream(self) -> IO[bytes]:
        tar = tarfile.open(self.root, "r:*")  # noqa: SIM115 - closed through its file object below
        assert tar.fileobj is not None
        return tar.fileobj  # type: ignore[return-value]

    def _take(self, stream: IO[bytes], name: str) -> bytes:
        self._check_size(name)
        try:
            stream.seek(self._at[name])
            data = stream.read(self._sizes[name])
        except _DAMAGE as e:
            raise self._damaged(e, name) from e
        if len(data) != self._sizes[name]:
            raise self._damaged(EOFError("the file ends early"), name)
        return data

    def read(self, name: str) -> bytes:
        # One stream is kept: going forward is cheap, going back unpacks from the start again.
        with self._lock:
            if self._open is None:
                self._open = self._stream()
            return self._take(self._open, name)

    def open(self, name: str) -> Piece:
        self._check_size(name, MAX_STREAM_BYTES)
        kept = self._kept(name)
        if kept is not None:
            return Piece(io.BytesIO(kept), len(kept), self.where(name))
        stream = self._stream()
        try:
            stream.seek(self._at[name])
        except _DAMAGE as e:
            raise self._damaged(e, name) from e
        return Piece(stream, self._sizes[name], self.where(name))

    def read_many(
        self, names: Iterable[str], on_bad: Callable[[VemlError], None] | None = None
    ) -> Iterator[tuple[str, bytes]]:
        stream = self._stream()
        try:
            for name in names:
                data = self._try(lambda n: self._take(stream, n), name, on_bad)
                if data is not None:
                    yield name, data
        finally:
            stream.close()


class ZipTree(_ArchiveTree):
    """A zip file; any member is reached directly."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._raw: dict[str, str] = {}
        try:
            self._zip = zipfile.ZipFile(root)
        except _DAMAGE as e:
            raise self._damaged(e) from e
        for info in self._zip.infolist():
            if info.is_dir():
                safe_name(info.filename, str(root))
                continue
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise BadData(f"{root} has a link or device called {info.filename!r}; only plain files are read")
            if info.flag_bits & 1:
                raise BadData(f"{root}:{info.filename} is encrypted; unpack it with its password first")
            name = self._add(info.filename, info.file_size)
            if name:
                self._raw[name] = info.filename

    def open(self, name: str) -> Piece:
        self._check_size(name, MAX_STREAM_BYTES)
        try:
            return Piece(self._zip.open(self._raw[name]), self._sizes[name], self.where(name))
        except (*_DAMAGE, RuntimeError) as e:
            raise self._damaged(e, name) from e

    def read(self, name: str) -> bytes:
        self._check_size(name)
        try:
            return self._zip.read(self._raw[name])
        except (*_DAMAGE, RuntimeError) as e:
            raise self._damaged(e, name) from e


def open_tree(path: str | os.PathLike[str]) -> Tree:
    """Open a folder or an archive for reading by name; a folder behind an address (``s3://...``) through fsspec.

    Raises
    ------
    MissingFile
        If there is nothing at ``path``.
    BadInput
        If it is a file, but no archive that we know.
    BadData
        If the archive is damaged or has members that point out of it.
    """
    # pathlib makes one slash of the two of an address
    address = _ADDRESS.fullmatch(str(path))
    if address and not Path(path).exists():
        from .remote import RemoteTree, local_path

        plain = local_path(f"{address[1]}://{address[2]}")
        if plain is None:
            return RemoteTree(f"{address[1]}://{address[2]}")
        path = plain
    root = Path(path)
    if not root.exists():
        raise MissingFile(f"there is no file or folder {str(root)!r}; check the path")
    if root.is_dir():
        return FolderTree(root)
    if not root.is_file():
        raise BadInput(f"{root} is neither a file nor a folder")
    low = root.name.lower()
    if low.endswith(".zip"):
        return ZipTree(root)
    if low.endswith(ARCHIVE_ENDINGS):
        return TarTree(root)
    raise BadInput(f"{root} is no folder and no archive; archives end in {', '.join(ARCHIVE_ENDINGS)}")


def fingerprint(format: str, tree_or_stamp: Tree | list[Any], options: Mapping[str, Any]) -> str:
    """Hash the format, its options and the stamp of the files: cheap, no file is read.

    >>> fingerprint("x", [], {}) == fingerprint("x", [], {"strict": True})
    False
    """
    stamp = tree_or_stamp.stamp() if isinstance(tree_or_stamp, Tree) else tree_or_stamp
    # The leading number is raised when a reader's records change for the same files.
    text = json.dumps([1, format, dict(options), stamp], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
