"""Arrow columns to plain cells and back: what the readers and writers of tables share.

A cell is a str, int, float or bool; a missing one (null, NaN) is left out of the record. Because a lab keeps cells
as JSON, times become ISO text, durations seconds, decimals whole numbers or floats where these are the same number,
else text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput
from .checks import Findings

if TYPE_CHECKING:
    import pyarrow as pa

# Rows of a batch: 65,536 rows of ten columns are about 50 MB as Python objects.
BATCH_ROWS = 16_384
_FEW = 100
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
# A column with more different values than this is an id or a number, not a class.
MAX_CLASSES = 100_000


def is_cell(kind: pa.DataType) -> bool:
    """True for an Arrow type that gives cells; lists, structs and bytes do not."""
    import pyarrow as pa

    t = pa.types
    if t.is_dictionary(kind):
        return is_cell(kind.value_type)
    return any(
        f(kind)
        for f in (
            t.is_boolean,
            t.is_integer,
            t.is_floating,
            t.is_decimal,
            t.is_string,
            t.is_large_string,
            t.is_string_view,
            t.is_temporal,
            t.is_null,
        )
    )


def is_complete(column: pa.Array) -> bool:
    """True where :func:`cells` surely gives a value for every row; a few rows are not asked, which costs more."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(column) < _FEW or column.null_count or pa.types.is_dictionary(column.type):
        return False
    return not pa.types.is_floating(column.type) or bool(pc.all(pc.is_finite(column)).as_py())


def cells(column: pa.Array, where: str, findings: Findings) -> list[Any]:
    """Give the plain values of a column, None where there is none; infinite numbers are reported."""
    import pyarrow as pa

    t, kind = pa.types, column.type
    if t.is_dictionary(kind):
        return cells(column.dictionary_decode(), where, findings)
    if t.is_duration(kind):
        unit = _PER_SECOND[kind.unit]
        return [
            None if v is None else v // unit if v % unit == 0 else v / unit for v in column.cast(pa.int64()).to_pylist()
        ]
    if t.is_decimal(kind):
        return _decimals(column.to_pylist())
    if t.is_temporal(kind):
        column = column.cast(pa.string())
    values = column.to_pylist()
    if t.is_floating(column.type) and not is_complete(column):
        for i, v in enumerate(values):
            if v is not None and not math.isfinite(v):
                if math.isinf(v):
                    findings.bad(where, f"holds the value {v}, which is no finite number")
                values[i] = None
    return values


def _decimals(values: list[Any]) -> list[Any]:
    """Decimals as whole numbers or floats where all are these exactly, else as text."""
    known = [v for v in values if v is not None]
    if all(v == v.to_integral_value() for v in known) and all(v.as_tuple().exponent >= 0 for v in known):
        return [None if v is None else int(v) for v in values]
    if all(type(v)(repr(float(v))) == v for v in known):
        return [None if v is None else float(v) for v in values]
    return [None if v is None else str(v) for v in values]


def class_name(value: Any) -> str:
    """The class that a cell names.

    >>> class_name(True), class_name(3), class_name(2.0)
    ('true', '3', '2')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def class_names(found: Iterable[str]) -> tuple[str, ...]:
    """Classes in their order: by number where all are whole numbers, else by name.

    >>> class_names({"10", "9"}), class_names({"b", "a"})
    (('9', '10'), ('a', 'b'))
    """
    names = set(found)
    if all(n.removeprefix("-").isdecimal() for n in names):
        return tuple(sorted(names, key=lambda n: (int(n), n)))
    return tuple(sorted(names))


def free_name(name: str, taken: Iterable[str]) -> str:
    """``name``, with underscores behind it until no column is called so.

    >>> free_name("label", ["label", "x"])
    'label_'
    """
    used = set(taken)
    while name in used:
        name += "_"
    return name


class Spool:
    """Rows of unlike keys on their way into one table: written to disk in pieces, read back with one schema.

    A writer learns only at the last record which columns there are and of what type. So the rows are
    kept in Arrow files, a piece at a time (memory for one piece), and the schema is the union.
    """

    def __init__(self, folder: Path, *, rows: int = BATCH_ROWS, types: Mapping[str, pa.DataType] | None = None) -> None:
        self.folder, self.rows, self.types = folder, rows, dict(types or {})
        self._pending: list[dict[str, Any]] = []
        self._bytes = 0
        self._files: list[Path] = []
        self._schemas: list[pa.Schema] = []
        self.count = 0

    def append(self, row: dict[str, Any], size: int = 0) -> None:
        """Add a row; ``size`` is the bytes of its picture, so that pieces stay small."""
        self._pending.append(row)
        self._bytes += size
        self.count += 1
        if len(self._pending) >= self.rows or self._bytes > 32 << 20:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._pending:
            return
        names = dict.fromkeys(k for row in self._pending for k in row)
        arrays = {}
        for name in names:
            try:
                arrays[name] = pa.array([row.get(name) for row in self._pending], self.types.get(name))
            except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as e:
                raise BadInput(
                    f"the column {name!r} holds values of different types, or too large ones ({e}); make it one type"
                ) from e
        table = pa.table(arrays)
        path = self.folder / f"piece-{len(self._files):06d}.arrow"
        with pa.ipc.new_file(path, table.schema) as out:
            out.write_table(table)
        self._files.append(path)
        self._schemas.append(table.schema)
        self._pending, self._bytes = [], 0

    def tables(self, first: Iterable[str] = ()) -> tuple[pa.Schema, Iterator[pa.Table]]:
        """The schema of all rows (the columns named ``first`` ahead) and the pieces cast to it, each read once."""
        import pyarrow as pa

        self._flush()
        try:
            schema = pa.unify_schemas(self._schemas, promote_options="permissive") if self._schemas else pa.schema([])
        except pa.ArrowTypeError as e:
            raise BadInput(
                f"a column holds values of different types in different records ({e}); make it one type"
            ) from e
        ahead = [n for n in first if n in schema.names]
        schema = pa.schema([schema.field(n) for n in [*ahead, *(n for n in schema.names if n not in ahead)]])

        def pieces() -> Iterator[pa.Table]:
            for path in self._files:
                with pa.OSFile(str(path)) as f:
                    table = pa.ipc.open_file(f).read_all()
                columns = [
                    table[n].cast(schema.field(n).type)
                    if n in table.column_names
                    else pa.nulls(len(table), schema.field(n).type)
                    for n in schema.names
                ]
                yield pa.table(columns, schema=schema)
                path.unlink()

        return schema, pieces()


def check_labels(found: set[str], column: str, where: object) -> None:
    """Refuse a column that cannot be the class: too many different values."""
    if len(found) > MAX_CLASSES:
        raise BadInput(
            f"{where}: the column {column!r} has more than {MAX_CLASSES:,} different values, so it is no class; "
            "a number to be predicted is named with targets="
        )


def pick(names: Iterable[str], wanted: str, what: str, where: object) -> str:
    """Check that a column is there, or say which are."""
    from ..errors import UnknownName

    known = list(names)
    if wanted not in known:
        raise UnknownName.of(f"column ({what}) in {where}", wanted, known)
    return wanted


def arrow_damage() -> tuple[type[BaseException], ...]:
    """What Arrow raises for damaged files."""
    import pyarrow as pa

    # KeyError and NotImplementedError (both Arrow's) come from unknown codecs and features in damaged heads.
    return (pa.ArrowException, OSError, EOFError, ValueError, KeyError, NotImplementedError, MemoryError)


def damaged(where: str, error: BaseException) -> BadData:
    """The one error for a damaged table."""
    said = " ".join(str(error).split())[:200]
    return BadData(f"{where} is damaged, truncated or no file of its kind ({said}); fetch it again")
