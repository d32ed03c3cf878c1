"""What a column of texts holds - whole numbers, numbers, truth values, or text - told from all of its cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..sources.dialect import COMMA, FLOAT, INT, MISSING, POINT
from .table_numbers import EXACT, plain_numbers

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

TYPES = {"str": "string", "int": "int64", "float": "float64", "bool": "bool"}
_PATTERNS = {
    "int": INT,
    "float": FLOAT,
    "comma": COMMA,
    "point": POINT,
    "lower": "true|false",
    "title": "True|False",
    "upper": "TRUE|FALSE",
}
_BOOL = frozenset({"lower", "title", "upper"})
_NOT_YET = 1 << 30  # no cell with a point was seen
_FIRST = 256  # rows that show what most columns of words are not


@dataclass(frozen=True, slots=True)
class Seen:
    """What the cells of a column could all be, and what tells numbers from names that look like numbers.

    Attributes
    ----------
    could
        Names of the patterns that all cells fit.
    cells
        How many say something, as long as the column could be anything but text.
    gaps, words
        Words that stand for missing ones beside numbers (NA, null, an empty text); some of them are not empty.
    zeros
        A cell with a zero at its end that a number would lose.
    uneven
        Not all cells have as many digits behind the point.
    """

    name: str
    could: frozenset[str]
    cells: int
    gaps: bool
    words: bool
    zeros: str
    uneven: bool


class Look:
    """Looks at a table of text, some rows at a time: all columns together, since each call costs as much as many cells.

    Columns of plain numbers are told from their bytes, others by the patterns; what can only be text is not looked at
    again.
    """

    def __init__(self, names: Sequence[str]) -> None:
        import numpy as np

        n = len(names)
        self._names = names
        self._could = {kind: np.ones(n, bool) for kind in _PATTERNS}
        self._open = np.ones(n, bool)
        self._cells, self._gaps, self._words = np.zeros(n, np.int64), np.zeros(n, bool), np.zeros(n, bool)
        self._zeros: dict[int, str] = {}
        self._fewest, self._most = np.full(n, _NOT_YET), np.zeros(n, np.int64)  # digits behind the point

    def rows(self, columns: Sequence[pa.Array]) -> None:
        """Look at some more rows, given as the cells of each column."""
        import numpy as np

        if not columns or not len(columns[0]):
            return
        # the first rows tell words from numbers, so that the patterns need not be tried on all of a column of words
        for part in ((0, _FIRST), (_FIRST, len(columns[0]))) if len(columns[0]) > 4 * _FIRST else ((0, None),):
            open_ = np.flatnonzero(self._open)
            if len(open_):
                self._some(open_, [columns[k][part[0] : part[1]] for k in open_.tolist()])

    def _some(self, open_: np.ndarray, columns: list[pa.Array]) -> None:
        import numpy as np
        import pyarrow as pa

        flat = pa.concat_arrays(columns)
        told = plain_numbers(flat, len(columns))
        plain = np.flatnonzero(told.plain)
        at = open_[plain]
        big = [k for k in plain[told.digits[plain] > 18] if told.fits["int"][k] and not _of_64_bits(columns[k])]
        told.fits["int"][big] = False
        for kind, could in self._could.items():
            could[at] &= told.fits[kind][plain] if kind in told.fits else told.known[plain] == 0
        self._cells[at] += told.known[plain]
        self._fewest[at] = np.minimum(self._fewest[at], told.fewest[plain])
        self._most[at] = np.maximum(self._most[at], told.most[plain])
        for k in plain[told.loose[plain] >= 0]:
            self._zeros.setdefault(int(open_[k]), columns[k][int(told.loose[k])].as_py())
        others = np.flatnonzero(~told.plain)
        if len(others):
            self._by_patterns(open_[others], [columns[k] for k in others])
        self._open[open_] = np.any([could[open_] for could in self._could.values()], axis=0)

    def _by_patterns(self, at: np.ndarray, columns: list[pa.Array]) -> None:
        """Look at columns of which not all cells are plain numbers."""
        import numpy as np

        cells = _Cells(columns)
        self._cells[at] += np.count_nonzero(cells.known, axis=1)
        self._gaps[at] |= cells.gaps.any(1)
        self._words[at] |= cells.words.any(1)
        said = cells.known.any(1)
        left = np.flatnonzero(said)

        def those(kind: str, among: np.ndarray) -> np.ndarray:
            """The columns of which all cells are of that kind; the others are no more."""
            asked = among[self._could[kind][at[among]]]
            fit = asked[cells.all(_PATTERNS[kind], asked)]
            self._could[kind][at[np.setdiff1d(among, fit)]] = False
            return fit

        fit = those("int", left)
        whole = np.array([k for k in fit if cells.of_64_bits(k)], int)
        self._could["int"][at[np.setdiff1d(fit, whole)]] = False
        # whole numbers are numbers of every other kind too, up to 15 digits
        rest = left[~np.isin(left, whole) | (cells.longest[left] > EXACT)]
        floats = those("float", rest)
        for kind in ("comma", "point", *_BOOL):
            those(kind, rest)
        for kind in _BOOL:
            self._could[kind][at[whole]] = self._could[kind][at[floats]] = False
        numbers = [k for k in left.tolist() if self._could["float"][at[k]]]
        for k, (loose, fewest, most) in zip(numbers, cells.fractions(numbers), strict=True):
            i = int(at[k])
            if loose:
                self._zeros.setdefault(i, loose)
            self._fewest[i], self._most[i] = min(self._fewest[i], fewest), max(self._most[i], most)

    def seen(self) -> list[Seen]:
        """What was seen of each column."""
        could = {kind: flags.tolist() for kind, flags in self._could.items()}
        uneven = (self._fewest < self._most).tolist()
        rows = zip(self._names, self._cells.tolist(), self._gaps.tolist(), self._words.tolist(), uneven, strict=True)
        return [
            Seen(
                name,
                frozenset(kind for kind in could if could[kind][i]),
                cells,
                gaps,
                words,
                self._zeros.get(i, ""),
                uneven_,
            )
            for i, (name, cells, gaps, words, uneven_) in enumerate(rows)
        ]


def _of_64_bits(said: pa.Array) -> bool:
    """True where whole numbers have no more bits."""
    import pyarrow as pa

    try:
        said.cast(pa.int64())
    except pa.ArrowInvalid:
        return False
    return True


class _Cells:
    """The cells of some columns as one array, and what is said of each, shape (columns, rows)."""

    def __init__(self, columns: Sequence[pa.Array]) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        self.columns, self.shape = columns, (len(columns), len(columns[0]))
        self.flat = pa.concat_arrays(columns)
        none = self._grid(pc.is_null(self.flat))
        missing = self._grid(pc.is_in(self.flat, pa.array(MISSING)))
        empty = self._grid(pc.fill_null(pc.equal(self.flat, ""), True))
        self.known = ~none & ~missing  # cells that say something
        self.gaps, self.words = missing & ~none, missing & ~none & ~empty
        lengths = np.asarray(pc.fill_null(pc.utf8_length(self.flat), 0)).reshape(self.shape)
        self.longest = np.where(self.known, lengths, 0).max(1)

    def _grid(self, flags: Any) -> np.ndarray:
        return flags.to_numpy(zero_copy_only=False).reshape(self.shape)

    def all(self, pattern: str, among: np.ndarray) -> np.ndarray:
        """Whether all cells of each of these columns that say something fit."""
        import numpy as np
        import pyarrow.compute as pc

        if not len(among):
            return np.empty(0, bool)
        part = self._part(among)
        fit = pc.fill_null(pc.match_substring_regex(part, f"^(?:{pattern})$"), True)
        return (fit.to_numpy(zero_copy_only=False).reshape(len(among), -1) | ~self.known[among]).all(1)

    def _part(self, among: Sequence[int] | np.ndarray) -> pa.Array:
        """The cells of these columns, one after the other."""
        import pyarrow as pa

        return self.flat if len(among) == len(self.columns) else pa.concat_arrays([self.columns[at] for at in among])

    def _said(self, at: int) -> pa.Array:
        import pyarrow as pa

        return self.columns[at].filter(pa.array(self.known[at]))

    def of_64_bits(self, at: int) -> bool:
        """True where the whole numbers of a column have no more bits."""
        return bool(self.longest[at] <= 18) or _of_64_bits(self._said(at))

    def fractions(self, among: Sequence[int]) -> Iterator[tuple[str, int, int]]:
        """Of each of these columns: a cell that ends in a zero behind its point; the fewest and most digits there."""
        import numpy as np
        import pyarrow.compute as pc

        if not among:
            return
        part, known = self._part(among), self.known[list(among)]
        digits = pc.utf8_length(pc.replace_substring_regex(part, r"^[^.]*\.?", ""))
        counts = np.asarray(pc.fill_null(digits, 0)).reshape(known.shape)
        loose = np.asarray(pc.fill_null(pc.match_substring_regex(part, r"\.\d+0$"), False)).reshape(known.shape) & known
        for at, n, zero, here in zip(among, counts, loose, known, strict=True):
            behind = n[here]
            yield (
                self.columns[at][int(zero.argmax())].as_py() if zero.any() else "",
                int(behind.min()),
                int(behind.max()),
            )


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a column, the decimal sign of its numbers, and what is to be said of it."""

    type: str
    decimal: str = "."
    said: str = ""
    plain: bool = False  # Arrow reads the cells as they stand


def kinds_of(seen: Sequence[Seen], delimiter: str, decimal: str | None) -> dict[str, Kind]:
    """The kind of each column; ``decimal`` is what the user says of the whole table."""
    sure = any("comma" in s.could and not s.could & {"point", "float", "int"} and s.cells for s in seen)
    sign = decimal or ("," if sure else None)
    return {s.name: _kind(s, delimiter, sign) for s in seen}


def _kind(s: Seen, delimiter: str, sign: str | None) -> Kind:
    if not s.cells:
        return Kind("string" if s.words else "null")
    if s.could & _BOOL:
        return Kind("bool", plain=not s.gaps)
    if "int" in s.could:
        return Kind("int64", plain=not s.gaps)
    if "float" in s.could and not (sign == "," and "comma" in s.could):
        if s.zeros and s.uneven:
            said = (
                f"the column {s.name!r} holds texts such as {s.zeros!r} that a number would not give back, so it is"
                f" kept as text; for numbers say types={{{s.name!r}: 'float'}}"
            )
            return Kind("string", said=said)
        return Kind("float64", plain=not s.gaps)
    if sign is None and {"comma", "point"} <= s.could and delimiter != ",":
        said = (
            f"the numbers of the column {s.name!r} may have a decimal comma or groups of thousands, so they are kept as"
            " text; say decimal=',' or decimal='.'"
        )
        return Kind("string", said=said)
    if "comma" in s.could and (sign == "," or "point" not in s.could):
        return Kind("float64", ",", f"the numbers of the column {s.name!r} are read with a decimal comma")
    if "point" in s.could:
        return Kind("float64", ".", f"the numbers of the column {s.name!r} are read without their thousands' commas")
    return Kind("string")


def converted(column: pa.Array, kind: Kind) -> pa.Array:
    """Cells of text as cells of that kind.

    Raises
    ------
    pyarrow.ArrowInvalid
        If one of them is none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind.type == "string":
        return column
    if kind.type == "null":
        return pa.nulls(len(column))
    none: Any = pa.scalar(None, pa.string())
    known = pc.if_else(pc.is_in(column, pa.array(MISSING)), none, column)
    if kind.type == "bool":
        known = pc.utf8_lower(known)
    elif kind.type == "float64":
        known = pc.replace_substring(known, "," if kind.decimal == "." else ".", "")
        if kind.decimal == ",":
            known = pc.replace_substring(known, ",", ".")
        known = pc.replace_substring_regex(known, r"\.$", "")
    return known.cast(pa.type_for_alias(kind.type))
