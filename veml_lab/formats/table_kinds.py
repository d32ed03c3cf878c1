"""What a column of texts holds - whole numbers, numbers, truth values, or text - told from all of its cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..sources.dialect import COMMA, FLOAT, INT, MISSING, POINT

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


@dataclass
class Seen:
    """What the cells of a column could still all be, and what tells numbers from names that look like numbers."""

    name: str
    could: set[str] = field(default_factory=lambda: set(_PATTERNS))
    cells: int = 0
    gaps: bool = False  # words that stand for missing ones beside numbers: NA, null, ""
    words: bool = False  # some of them are not empty
    zeros: str = ""  # a cell with a zero at its end that a number would lose
    decimals: set[int] = field(default_factory=set)


def look(seen: Sequence[Seen], columns: Sequence[pa.Array]) -> None:
    """Look at some rows of text: one pass over all columns together, since each call costs as much as a thousand cells.

    Parameters
    ----------
    seen
        One a column; changed.
    columns
        The cells of each, all of one length.
    """
    import numpy as np

    open_ = [k for k, s in enumerate(seen) if s.could]
    if not open_ or not len(columns[0]):
        return
    cells = _Cells([columns[k] for k in open_])
    known, words, gaps = cells.known.any(1), cells.words.any(1), cells.gaps.any(1)
    for at, k in enumerate(open_):
        s = seen[k]
        s.cells += int(np.count_nonzero(cells.known[at]))
        s.gaps, s.words = s.gaps or bool(gaps[at]), s.words or bool(words[at])
    left = [at for at in range(len(open_)) if known[at]]

    def those(kind: str, among: Sequence[int]) -> set[int]:
        """The columns of which all cells are of that kind; the others are no more."""
        asked = [at for at in among if kind in seen[open_[at]].could]
        fit = {at for at, yes in zip(asked, cells.all(_PATTERNS[kind], asked), strict=True) if yes}
        for at in set(asked) - fit:
            seen[open_[at]].could.discard(kind)
        return fit

    whole = {at for at in those("int", left) if cells.of_64_bits(at)}
    for at in left:
        s = seen[open_[at]]
        # whole numbers are numbers of every other kind too, up to 15 digits
        s.could = s.could - _BOOL if at in whole else s.could - {"int"}
    rest = [at for at in left if at not in whole or cells.longest[at] > 15]
    floats = those("float", rest)
    for at in floats:
        seen[open_[at]].could -= _BOOL
    for kind in ("comma", "point", *_BOOL):
        those(kind, rest)
    fractions = [at for at in left if "float" in seen[open_[at]].could and "int" not in seen[open_[at]].could]
    for at, (loose, decimals) in zip(fractions, cells.fractions(fractions), strict=True):
        s = seen[open_[at]]
        s.zeros = s.zeros or loose
        s.decimals |= decimals


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

    def all(self, pattern: str, among: Sequence[int]) -> np.ndarray:
        """Whether all cells of each of these columns that say something fit."""
        import numpy as np
        import pyarrow.compute as pc

        if not among:
            return np.empty(0, bool)
        part = self._part(among)
        fit = pc.fill_null(pc.match_substring_regex(part, f"^(?:{pattern})$"), True)
        return (fit.to_numpy(zero_copy_only=False).reshape(len(among), -1) | ~self.known[list(among)]).all(1)

    def _part(self, among: Sequence[int]) -> pa.Array:
        """The cells of these columns, one after the other."""
        import pyarrow as pa

        return self.flat if len(among) == len(self.columns) else pa.concat_arrays([self.columns[at] for at in among])

    def _said(self, at: int) -> pa.Array:
        import pyarrow as pa

        return self.columns[at].filter(pa.array(self.known[at]))

    def of_64_bits(self, at: int) -> bool:
        """True where the whole numbers of a column have no more bits."""
        import pyarrow as pa

        if self.longest[at] <= 18:
            return True
        try:
            self._said(at).cast(pa.int64())
        except pa.ArrowInvalid:
            return False
        return True

    def fractions(self, among: Sequence[int]) -> Iterator[tuple[str, set[int]]]:
        """Of each of these columns: a cell that ends in a zero behind its point, and how many digits stand there."""
        import numpy as np
        import pyarrow.compute as pc

        if not among:
            return
        part, known = self._part(among), self.known[list(among)]
        digits = pc.utf8_length(pc.replace_substring_regex(part, r"^[^.]*\.?", ""))
        counts = np.asarray(pc.fill_null(digits, 0)).reshape(known.shape)
        loose = np.asarray(pc.fill_null(pc.match_substring_regex(part, r"\.\d+0$"), False)).reshape(known.shape) & known
        for at, n, zero, here in zip(among, counts, loose, known, strict=True):
            yield self.columns[at][int(zero.argmax())].as_py() if zero.any() else "", set(np.unique(n[here]).tolist())


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a column, the decimal sign of its numbers, and what is to be said of it."""

    type: str
    decimal: str = "."
    said: str = ""
    plain: bool = False  # Arrow reads the cells as they stand


def kinds_of(seen: list[Seen], delimiter: str, decimal: str | None) -> dict[str, Kind]:
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
        if s.zeros and len(s.decimals) > 1:
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
