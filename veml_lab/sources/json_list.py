"""A JSON list that is written row by row: a writer holds one row, not the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import BadInput


class GrowingList:
    """``head + [row, row ...] + tail`` in a file.

    >>> from tempfile import mkdtemp; f = Path(mkdtemp()) / "a.json"
    >>> g = GrowingList(f, '{"a": ', "}"); g.add({"b": 1}, "x"); g.add([], "x"); g.close(); json.loads(f.read_text())
    {'a': [{'b': 1}, []]}
    """

    def __init__(self, path: Path, head: str = "", tail: str = "") -> None:
        self.path, self._tail, self._n = path, tail, 0
        self._file = path.open("w", encoding="utf-8")
        self._file.write(head + "[")

    def add(self, row: Any, uri: str) -> None:
        """Write one row; a value that JSON does not have (NaN, an object) is an error that names ``uri``."""
        try:
            text = json.dumps(row, allow_nan=False)
        except (TypeError, ValueError) as e:
            raise BadInput(f"{uri} has a value that JSON cannot hold ({e}); leave that attribute or column out") from e
        self._file.write((",\n" if self._n else "\n") + text)
        self._n += 1

    def close(self) -> None:
        self._file.write("]" + self._tail)
        self._file.close()
