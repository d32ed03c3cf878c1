"""Capture columns beside the pictures: a table ``columns.csv`` for the formats that have no place for them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import BadData
from .plain import text_of_value, value_of
from .tree import Tree

TABLE = "columns.csv"


def read_columns(tree: Tree, names: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Capture columns by the file name of the picture, from tables whose first column is ``file``.

    >>> from tempfile import mkdtemp; folder = Path(mkdtemp())
    >>> write_columns(folder, {"a.jpg": {"weather": "fog", "frame": 7}})
    >>> from .opening import open_tree; read_columns(open_tree(folder), [TABLE])
    {'a.jpg': {'weather': 'fog', 'frame': 7}}
    """
    from .detection import text_of

    out: dict[str, Mapping[str, Any]] = {}
    for name in names:
        rows = csv.reader(io.StringIO(text_of(tree.read(name), tree.where(name))))
        try:
            head = next(rows, [])
            if not head or head[0].strip().lower() not in ("file", "filename", "file_name"):
                tree.leave([name])
                continue
            for row in rows:
                if row:
                    out[row[0]] = {k: _cell(v) for k, v in zip(head[1:], row[1:]) if v != ""}
        except csv.Error as e:
            raise BadData(f"{tree.where(name)} is a damaged table ({e})") from e
    return out


def _cell(text: str) -> Any:
    """A column holds text, a number or a truth value: what is a list or null in JSON is the text that stands there."""
    value = value_of(text)
    return value if isinstance(value, (str, int, float)) else text


def columns_beside(tree: Tree) -> dict[str, Mapping[str, Any]]:
    """The columns that :func:`write_columns` wrote, wherever in the tree the table is."""
    return read_columns(tree, [n for n in tree.names() if n.rpartition("/")[2] == TABLE])


def write_columns(folder: Path, columns: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the table, if any picture has a column; values return with their types."""
    names = list(dict.fromkeys(k for row in columns.values() for k in row))
    if not names:
        return
    with (folder / TABLE).open("w", newline="", encoding="utf-8") as f:
        table = csv.writer(f)
        table.writerow(["file", *names])
        for file, row in columns.items():
            table.writerow([file, *(text_of_value(row[k]) if k in row else "" for k in names)])
