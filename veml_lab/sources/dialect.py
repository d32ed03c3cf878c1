"""How a table of text is written: encoding, separator, header, decimal sign, and whether a text is a number.

A column is of numbers only if writing them again gives the same texts: ``02116``, ``1.10`` beside ``1.9``, ``1E5``
and whole numbers of more than 19 digits are names. ``NA``, ``NaN``, ``null`` are missing where all else is a number,
and names (a country, a class) where it is not.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import BadData, BadInput

# The whole number that is written as it is read, and a number with a fraction or an exponent that says so.
INT = r"0|-?[1-9]\d{0,18}"
FLOAT = (
    r"0|-?[1-9]\d{0,14}|-?(0|[1-9]\d*)?\.\d+|-?(0|[1-9]\d*)\.|-?(0|[1-9]\d*)(\.\d*[eE][-+]?\d+|[eE][-+]\d+)"
    r"|[-+]?([iI]nf|INF|[iI]nfinity)"
)
# 1.234,5 and 1,234.5: the decimal sign, with or without groups of thousands.
COMMA = r"0|-?([1-9][0-9]{0,14}|[1-9][0-9]{0,2}(\.[0-9]{3})+)(,[0-9]+)?|-?0?,[0-9]+"
POINT = r"0|-?([1-9][0-9]{0,14}|[1-9][0-9]{0,2}(,[0-9]{3})+)(\.[0-9]+)?|-?0?\.[0-9]+"
MISSING = (
    "", "NA", "N/A", "n/a", "#N/A", "#NA", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "?",
)  # fmt: skip
SEPARATORS = ";\t|,"  # the comma last: where another cuts as well, it is the decimal sign
_LOOKED_AT = 50  # lines that tell the separator
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Head:
    """What the first lines of a table say.

    Attributes
    ----------
    encoding, delimiter
        As said, or found out.
    names
        Of the columns, as they stand in the file.
    lines
        How many lines of the file the header takes, with what stands above it.
    """

    encoding: str
    delimiter: str
    names: tuple[str, ...]
    lines: int


def head_of(
    raw: bytes, where: str, *, delimiter: str | None = None, encoding: str = "utf-8", tabs: bool = False
) -> Head:
    """Encoding, separator and header of a table by its first bytes.

    Parameters
    ----------
    raw : bytes
        The first bytes, more than the header.
    delimiter, encoding : str
        What the user says. UTF-16 is told by its mark whatever is said, since with it the bytes are no UTF-8.
    tabs : bool
        The file's name says that tabs separate.
    """
    encoding = encoding_of(raw, encoding)
    try:
        text = raw.decode(encoding, errors="replace").removeprefix("\ufeff")
    except LookupError:
        raise BadInput(f"there is no encoding {encoding!r}; known are utf-8, latin-1, cp1252, cp949, ...") from None
    if not text.strip():
        raise BadData(f"{where} is empty; a table needs a first line with the column names")
    skipped = 0
    if m := re.match(r"sep=(.)(\r\n|\r|\n)", text):  # what Excel reads and writes
        delimiter, skipped, text = delimiter or m[1], 1, text[m.end() :]
    delimiter = delimiter or ("\t" if tabs else separator(text.splitlines()[:_LOOKED_AT]))
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # for the whole process; it is only ever raised
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = next((row for row in reader if row), [])
    except csv.Error as e:
        raise BadData(f"{where} is damaged, truncated or no file of its kind ({e}); fetch it again") from e
    return Head(encoding, delimiter, tuple(names), skipped + reader.line_num)


def encoding_of(raw: bytes, said: str = "utf-8") -> str:
    """The encoding by the mark at the beginning, or by every second byte being 0; else the one that is said.

    >>> encoding_of("a;b".encode("utf-16")), encoding_of(b"a;b")
    ('utf-16', 'utf-8')
    """
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    start = raw[:200]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if 4 * max(even, odd) > len(start) > 3 and 8 * min(even, odd) < len(start):  # half of the zeros that ASCII has
        return "utf-16-be" if even > odd else "utf-16-le"
    return said


def separator(lines: str | Sequence[str]) -> str:
    """The separator that cuts the most lines into as many cells as the first, and that into the most.

    >>> separator("a;b;c,d"), separator(["Temp, C;Wind", "1,5;2", "2,5;3"])
    (';', ';')
    """
    text = lines if isinstance(lines, str) else "\n".join(lines)
    rows = [line for line in re.sub(r'"[^"]*"', "", text).split("\n") if line.strip(" \r")]  # tabs may be all there is

    def fits(sign: str) -> tuple[float, int]:
        counts = [r.count(sign) for r in rows]
        return (sum(c == counts[0] for c in counts) / len(counts), counts[0]) if counts and counts[0] else (0.0, 0)

    best = max(SEPARATORS, key=fits)
    return best if fits(best)[1] else ","


def named(names: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Column names with a name for those that have none, and what to say about these.

    >>> named(["", "x", "index"])
    (('index_', 'x', 'index'), ["the first column has no name (an index that was written along?); it is called
    'index_'"])
    """
    used, out, said = {n for n in names if n.strip()}, [], []
    for k, name in enumerate(names):
        if not name.strip():
            name = "index" if k == 0 else f"column {k + 1}"
            while name in used:
                name += "_"
            used.add(name)
            if k == 0:
                said.append(f"the first column has no name (an index that was written along?); it is called {name!r}")
            else:
                said.append(f"column {k + 1} has no name; it is called {name!r}")
        out.append(name)
    return tuple(out), said


def plain_number(text: str, decimal: str) -> str:
    """A number with that decimal sign as Python writes it: without groups, with a point.

    >>> plain_number("1.234,5", ","), plain_number("1,234.5", ".")
    ('1234.5', '1234.5')
    """
    return text.replace("," if decimal == "." else ".", "").replace(decimal, ".")
