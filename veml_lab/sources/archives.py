"""Archives as trees: a tar, packed or not, and a zip file; members are checked one by one and nothing is unpacked."""

from __future__ import annotations

import io
import stat
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from ..errors import BadData, VemlError
from .images import is_image
from .tree import DAMAGE, MAX_STREAM_BYTES, Piece, Tree, hidden, safe_name

# Of a packed tar, files up to this size that are no pictures are kept once one of them is opened, so many bytes in all.
SMALL_BYTES, KEPT_BYTES = 64 << 10, 16 << 20


class _ArchiveTree(Tree):
    def stamp(self) -> list[Any]:
        s = self.root.stat()
        return [self.root.name, s.st_size, s.st_mtime_ns]

    def where(self, name: str) -> str:
        return f"{self.root}:{name}"

    def _add(self, raw: str, size: int) -> str | None:
        name = safe_name(raw, str(self.root))
        if not name or hidden(name):
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
                        odd = safe_name(m.name, str(root))
                        if not hidden(odd):
                            self.odd[odd] = (
                                f"is a {kind}; only plain files are read from an archive. Pack it again with: tar"
                                " --dereference"
                            )
                    else:
                        name = self._add(m.name, m.size)
                        if name:
                            self._at[name] = m.offset_data
                    # TarFile remembers every member; a million of them would be a gigabyte.
                    tar.members.clear()  # type: ignore[attr-defined]
        except DAMAGE as e:
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
        except DAMAGE as e:
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
        except DAMAGE as e:
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
        except DAMAGE as e:
            raise self._damaged(e) from e
        for info in self._zip.infolist():
            if info.is_dir():
                safe_name(info.filename, str(root))
                continue
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                if not hidden(odd := safe_name(info.filename, str(root))):
                    self.odd[odd] = "is a link or device; only plain files are read"
                continue
            if info.flag_bits & 1:
                raise BadData(f"{root}:{info.filename} is encrypted; unpack it with its password first")
            name = self._add(info.filename, info.file_size)
            if name:
                self._raw[name] = info.filename

    def open(self, name: str) -> Piece:
        self._check_size(name, MAX_STREAM_BYTES)
        try:
            return Piece(self._zip.open(self._raw[name]), self._sizes[name], self.where(name))
        except (*DAMAGE, RuntimeError) as e:
            raise self._damaged(e, name) from e

    def read(self, name: str) -> bytes:
        self._check_size(name)
        try:
            return self._zip.read(self._raw[name])
        except (*DAMAGE, RuntimeError) as e:
            raise self._damaged(e, name) from e
