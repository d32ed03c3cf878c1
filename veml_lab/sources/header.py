"""Whether the first line of a table names its columns: what people send without names, with a title, or with blanks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from ..errors import BadData
from .images import is_image

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_LOOKED_AT = 50  # rows


def check_header(text: str, delimiter: str, where: str) -> None:
    """Refuse a table whose first line is no line of names, before its first row becomes them without a word.

    Parameters
    ----------
    text
        The first lines; the last may be cut.

    Raises
    ------
    BadData
        The first line is a row of values, or a title above the names; or the cells are separated by blanks.
    """
    if text.startswith("sep="):  # Excel's own line
        text = text.partition("\n")[2]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [row for _, row in zip(range(_LOOKED_AT), (r for r in reader if any(c.strip() for c in r)))]
    except csv.Error:
        return  # who reads it says what is damaged
    if len(rows) < 2:
        return
    names, body = rows[0], [r for r in rows[1:] if len(r) == len(rows[0])]
    if not body:
        return
    shown = delimiter.join(names)[:80]
    if len(names) == 1 and _blanks(names[0], [r[0] for r in body]):
        raise BadData(
            f"{where} has one column, {shown!r}, whose cells are cut by blanks as often as that; say delimiter=' ',"
            " or save it with commas"
        )
    if _title(names, body):
        raise BadData(
            f"{where} begins with {shown!r}, which names one of its {len(names)} columns: a title? Remove the lines"
            " above the names"
        )
    if _units(body):
        raise BadData(
            f"{where} has a second line, {delimiter.join(body[0])[:80]!r}, as of units above numbers; remove it"
        )
    if _values(names, body):
        raise BadData(
            f"{where} begins with {shown!r}, which looks like a row of values and no names; write a first line with the"
            " names of the columns"
        )


def padded(text: str, delimiter: str) -> bool:
    """Whether all cells behind the first begin with a blank, as some programs separate them.

    >>> padded("a, b\\n1, 2\\n", ","), padded("a, b\\n1,2\\n", ",")
    (True, False)
    """
    rows = [line.split(delimiter)[1:] for line in text.splitlines()[:_LOOKED_AT] if line.strip()]
    return len(rows) > 1 and all(r and all(c.startswith(" ") for c in r) for r in rows)


def _blanks(name: str, cells: Sequence[str]) -> bool:
    n = len(name.split())
    return n > 1 and len(cells) > 1 and all(len(c.split()) == n for c in cells)


def _title(names: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    if len(names) < 2 or not names[0].strip() or any(n.strip() for n in names[1:]):
        return False
    return any(sum(bool(c.strip()) for c in r[1:]) for r in body)


def _units(body: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has words where all that follow, three or more, have numbers."""
    first, rest = body[0], body[1:]
    if len(rest) < 2 or any(_NUMBER.fullmatch(c.strip()) for c in first):
        return False
    numeric = [all(_NUMBER.fullmatch(r[k].strip()) for r in rest) for k in range(len(first))]
    return sum(numeric) > 1 and all(first[k].strip() for k, n in enumerate(numeric) if n)


def _values(names: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the names are such as stand below them.

    Years as names are whole numbers, and wavelengths are far from what was measured there. A name that is also a cell
    of its own column is a value, or the line of names stands twice.
    """
    broken = repeated = False
    near: list[bool] = []
    for k, name in enumerate(names):
        cells = [r[k].strip() for r in body if r[k].strip()]
        if _NUMBER.fullmatch(name.strip()):
            if not cells or not all(map(_NUMBER.fullmatch, cells)):
                return False
            values = [float(c) for c in cells]
            span = max(max(values) - min(values), abs(max(values)) / 2)
            near.append(min(values) - span <= float(name) <= max(values) + span)
            broken |= "." in name
        else:
            repeated |= bool(name.strip()) and name.strip() in cells
    if any(map(is_image, names)) or (repeated and (not near or any(near))):
        return True
    return broken and len(near) > 1 and 2 * sum(near) >= len(near)
