"""Which cells of plain digits are numbers that come back as text, told from their bytes: a fast look at many columns.

Most columns of numbers hold nothing but digits, points and a minus ahead. For these the patterns of
:mod:`..sources.dialect` are sums over offsets, some 20 ns a cell; an expression on each costs ten times that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_MINUS, _POINT, _NOUGHT = ord("-"), ord("."), ord("0")
EXACT = 15  # digits of a whole number that a float gives back
_LONGEST = 19  # digits of a whole number of 64 bits


@dataclass(frozen=True, slots=True)
class Plain:
    """What the cells of some columns are, an entry a column; it says nothing of a column that is not ``plain``.

    Attributes
    ----------
    plain
        All cells are of digits, one point at most, and a minus ahead, or are missing.
    fits
        By the name of a pattern: whether all cells fit it.
    known
        How many cells say something.
    digits
        The most digits of a cell.
    loose
        The first row whose cell ends in a zero that a number would lose, -1 for none.
    fewest, most
        Digits behind the point.
    """

    plain: np.ndarray
    fits: dict[str, np.ndarray]
    known: np.ndarray
    digits: np.ndarray
    loose: np.ndarray
    fewest: np.ndarray
    most: np.ndarray


def plain_numbers(cells: pa.StringArray, columns: int) -> Plain:
    """Look at the cells of some columns, one column after the other, all of one length.

    Time is linear in the bytes; memory is some forty bytes a cell.
    """
    import numpy as np

    shape = (columns, len(cells) // columns)
    _, where, content = cells.buffers()
    offsets = np.frombuffer(where, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    text = np.frombuffer(content, np.uint8)[offsets[0] : offsets[-1]] if content is not None else np.empty(0, np.uint8)
    offsets = offsets - offsets[0]  # (cells + 1,)
    text = np.append(text, np.uint8(0))  # so that the first byte of an empty cell at the end can be asked for
    begins, lengths = offsets[:-1], np.diff(offsets)

    point = text == _POINT
    point[-1] = False
    first = text[begins]
    minus = (first == _MINUS) & (lengths > 0)
    other = (text - _NOUGHT > 9) & ~point  # bytes below nought wrap around
    other[begins[minus]] = other[-1] = False
    start = begins + minus
    first = text[start]
    points, place = _points(point, offsets)
    has = points > 0
    whole = place - start  # digits ahead of the point
    behind = np.maximum(offsets[1:] - place - 1, 0)
    none = np.zeros(len(lengths), bool) if not cells.null_count else np.asarray(cells.is_null())

    nought = (first == _NOUGHT) & (lengths == 1) & ~minus
    counted = (first != _NOUGHT) & (whole > 0)  # begins with 1 to 9
    integer = ~has & (nought | (counted & (whole <= _LONGEST)))
    exact = ~has & (nought | (counted & (whole <= EXACT)))
    short = whole <= 1
    fraction = has & (behind > 0)
    fits = {
        "int": integer,
        "float": exact | (has & (short | counted) & (whole + behind > 0)),
        "comma": exact | (has & counted & (whole <= 3) & (behind == 3)),
        "point": exact | (fraction & (short | (counted & (whole <= EXACT)))),
    }
    odd = (points > 1) | ((lengths == 0) & ~none) | _any(other, offsets)
    ends = text[offsets[1:] - 1]
    loose = fraction & (behind > 1) & (ends == _NOUGHT)

    def by_column(flags: np.ndarray) -> Any:
        return flags.reshape(shape)

    missing = none.any()
    return Plain(
        plain=~by_column(odd).any(1),
        fits={n: by_column(f | none if missing else f).all(1) for n, f in fits.items()},
        known=shape[1] - by_column(none).sum(1),
        digits=by_column(lengths).max(1),
        loose=np.where(by_column(loose).any(1), by_column(loose).argmax(1), -1),
        fewest=by_column(np.where(none, 1 << 30, behind) if missing else behind).min(1),
        most=by_column(behind).max(1),
    )


def _points(flags: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many points each cell has, and where its first one is; the end of the cell for none."""
    import numpy as np

    found = np.flatnonzero(flags).astype(np.int32)
    begins, ends = offsets[:-1], offsets[1:]
    if not len(found):
        return np.zeros(len(begins), np.int8), ends
    if len(found) == len(begins) and (found >= begins).all() and (found < ends).all():
        return np.ones(len(begins), np.int8), found
    ahead = np.cumsum(flags, dtype=np.int32)[offsets]  # points ahead of each cell, flags[-1] is never set
    ahead -= flags[offsets]
    counts = np.diff(ahead)
    return counts, np.where(counts > 0, found[np.minimum(ahead[:-1], len(found) - 1)], ends)


def _any(flags: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Which cells have a flagged byte."""
    import numpy as np

    cells = np.zeros(len(offsets) - 1, bool)
    if flags.any():
        cells[np.searchsorted(offsets, np.flatnonzero(flags), side="right") - 1] = True
    return cells
