"""A file of a tree as the binary file object that Python's own parsers want; reading goes forward, piece by piece."""

from __future__ import annotations

import io
from typing import Any

from .tree import Piece, Tree


class _Raw(io.RawIOBase):
    def __init__(self, piece: Piece) -> None:
        self._piece = piece

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._piece.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._piece.close()
        super().close()


def open_file(tree: Tree, name: str) -> io.BufferedReader:
    """Open a file of a folder or archive; closing it closes what it is read from."""
    return io.BufferedReader(_Raw(tree.open(name)), 1 << 18)
