"""What a column of texts holds - whole numbers, numbers, truth values, or text - told from all of its cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..sources.dialect import COMMA, FLOAT, INT, MISSING, POINT

if TYPE_CHECKING:
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
_BOOL = ("lower", "title", "upper")


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

    def take(self, column: pa.Array) -> None:
        """Look at some cells (text)."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self.could:
            return
        column = column.drop_null()
        known = column.filter(pc.invert(pc.is_in(column, pa.array(MISSING))))
        if len(known) < len(column):
            self.gaps = True
            self.words = self.words or pc.any(pc.not_equal(column, "")).as_py()
        if not len(known):
            return
        self.cells += len(known)
        for kind in list(self.could):
            if not pc.all(pc.match_substring_regex(known, f"^(?:{_PATTERNS[kind]})$")).as_py():
                self.could.discard(kind)
        if "int" in self.could and pc.max(pc.utf8_length(known)).as_py() > 18:
            try:
                known.cast(pa.int64())
            except pa.ArrowInvalid:
                self.could.discard("int")
        if "float" in self.could and "int" not in self.could:
            loose = known.filter(pc.match_substring_regex(known, r"\.\d+0$"))
            if len(loose) and not self.zeros:
                self.zeros = loose[0].as_py()
            if len(self.decimals) < 2:
                after = pc.replace_substring_regex(known, r"^[^.]*\.?", "")
                self.decimals |= set(pc.unique(pc.utf8_length(after)).to_pylist())


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
    if s.could & set(_BOOL):
        return Kind("bool", plain=not s.gaps)
    if "int" in s.could:
        return Kind("int64", plain=not s.gaps)
    if "float" in s.could and not (sign == "," and "comma" in s.could):
        if s.zeros and len(s.decimals) > 1:
            said = (
                f"the column {s.name!r} holds texts such as {s.zeros!r} that a number would not give back, so it is kept"
                f" as text; for numbers say types={{{s.name!r}: 'float'}}"
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
