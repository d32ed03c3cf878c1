"""Folders behind an address, through fsspec: ``s3://bucket/set``, ``memory://set``, ``sftp://...`` as a :class:`Tree`.

Folders of files are read this way, each file when it is asked for, and single tables; archives and IDX files are
fetched by hand first. ``file://`` addresses need no fsspec and are plain paths.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .._optional import need
from ..errors import BadData, BadInput, MissingFile
from .tree import ARCHIVE_ENDINGS, MAX_STREAM_BYTES, Piece, Tree, hidden, safe_name

# Files per folder that are listed before it is called too large: a listing is held in memory.
MAX_FILES = 5_000_000


def local_path(address: str) -> str | None:
    """The plain path of a ``file://`` address, None for any other.

    >>> local_path("file:///data/my%20set"), local_path("s3://bucket/set")
    ('/data/my set', None)
    """
    parts = urlsplit(address)
    if parts.scheme != "file":
        return None
    if parts.netloc not in ("", "localhost"):
        raise BadInput(
            f"{address} names the host {parts.netloc!r}; a file:// address has three slashes: file:///folder"
        )
    return unquote(parts.path)


class RemoteTree(Tree):
    """Files of a folder that fsspec reaches."""

    def __init__(self, address: str) -> None:
        fsspec = need("fsspec", extra="remote", why="it reads folders behind an address")
        super().__init__(Path(address))
        self.address = address.rstrip("/")
        if "::" in address:
            raise BadInput(f"{address} chains file systems with '::', which is not read; name one folder")
        try:
            self._fs, base = fsspec.core.url_to_fs(self.address)
            found: dict[str, dict[str, Any]] = self._fs.find(base, detail=True)
        except ImportError as e:
            raise BadInput(f"{address} needs a package of its own: {e}") from e
        except (OSError, ValueError) as e:
            raise MissingFile(
                f"{address} cannot be listed ({type(e).__name__}: {e!s:.200}); check the address and your rights"
            ) from e
        base = base.rstrip("/") + "/"
        if base[:-1] in found:  # the address of a file: a folder that holds this one alone
            if base[:-1].lower().endswith(ARCHIVE_ENDINGS):
                raise BadInput(
                    f"{address} is an archive behind an address, which is not read in pieces; fetch it first, or name a"
                    " folder"
                )
            base = base[:-1].rpartition("/")[0] + "/"
            self.address = self.address.rpartition("/")[0]
        self._at: dict[str, str] = {}
        self._marks: dict[str, str] = {}
        if len(found) > MAX_FILES:
            raise BadData(
                f"{address} holds {len(found):,} files; at most {MAX_FILES:,} are listed. Name an inner folder"
            )
        for at, info in sorted(found.items()):
            name = safe_name(at.removeprefix(base), address)
            if name and not hidden(name):
                self._at[name], self._sizes[name] = at, int(info.get("size") or 0)
                # what the store says of a version: an ETag where there is one, else the time
                self._marks[name] = str(
                    next(
                        (
                            info[k]
                            for k in ("ETag", "etag", "md5Hash", "LastModified", "mtime", "created")
                            if info.get(k)
                        ),
                        "",
                    )
                )
        if not self._at:
            raise MissingFile(f"{address} holds no files; check the address")

    def read(self, name: str) -> bytes:
        self._check_size(name)
        try:
            return self._fs.cat_file(self._at[name])
        except (OSError, ValueError) as e:
            raise BadData(f"{self.where(name)} cannot be read: {e!s:.200}") from e

    def open(self, name: str) -> Piece:
        self._check_size(name, MAX_STREAM_BYTES)
        try:
            return Piece(self._fs.open(self._at[name], "rb"), self._sizes[name], self.where(name))
        except (OSError, ValueError) as e:
            raise BadData(f"{self.where(name)} cannot be read: {e!s:.200}") from e

    def where(self, name: str) -> str:
        return f"{self.address}/{name}"

    def stamp(self) -> list[Any]:
        return [self.address, *([n, self._sizes[n], self._marks[n]] for n in self._at)]
