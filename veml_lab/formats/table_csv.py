"""CSV files as record batches, the type of a column found from all of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput, UnknownName
from ..sources.cells import BATCH_ROWS, arrow_damage, damaged
from ..sources.dialect import head_of, named
from ..sources.header import check_header, padded
from ..sources.tree import Tree
from .table_files import TableFile, check_schema
from .table_kinds import TYPES, Kind, Look, converted, kinds_of

if TYPE_CHECKING:
    import pyarrow as pa

_PACKED = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
_SHOWN = 200  # characters of a bad row in a message
_HEAD, _LONGEST_HEAD = 1 << 16, 1 << 26
_LOOK_ROWS, _LOOK_BYTES = 1 << 10, 1 << 25


class CsvTable(TableFile):
    """CSV: everything is read as text once, which tells the types; the bad rows are left out and told to ``on_bad``.

    Parameters
    ----------
    types, standard
        Types of columns as the user says them, and as a description beside the file does.
    text
        Columns that are names, whatever they look like; those that are not there are passed over.
    decimal
        The decimal sign of all numbers; found out if not given.

    Attributes
    ----------
    said
        What was made of the file beyond what stands in it, a line each.
    """

    def __init__(
        self,
        tree: Tree | None,
        name: str,
        path: Path | None,
        *,
        delimiter: str | None,
        encoding: str,
        types: Mapping[str, str],
        standard: Mapping[str, str],
        text: Collection[str] = (),
        decimal: str | None = None,
    ) -> None:
        super().__init__(tree, name, path)
        if decimal not in (None, ".", ","):
            raise BadInput(f"decimal is '.' or ',', got {decimal!r}")
        raw = self._head()
        head = head_of(raw, self.where, delimiter=delimiter, encoding=encoding, tabs=".tsv" in name.lower())
        if not standard and not types:  # what we wrote, and what the user describes, has names
            check_header(raw.decode(head.encoding, errors="replace").removeprefix("\ufeff"), head.delimiter, self.where)
        self.encoding, self.delimiter, self._skip = head.encoding, head.delimiter, head.lines
        names, self.said = named(head.names)
        if padded(raw.decode(head.encoding, errors="replace"), head.delimiter):
            self.said.append(
                "its cells begin with a blank behind the separator, which is kept: numbers are texts there"
            )
        self.names, self._width = list(names), len(names)
        self._at = {n: i for i, n in enumerate(names)}  # place in the file
        self._unnamed = bool(head.names) and not head.names[0].strip()
        self._fixed = {n: Kind(TYPES[t], decimal or ".") for n, t in {**standard, **types}.items()}
        self._fixed |= {n: Kind("string") for n in text if n in self.names and n not in types}
        missing = [n for n in {**types, **standard} if n not in self.names]
        if missing:
            raise UnknownName.of(f"column (types) in {self.where}", missing[0], self.names)
        self._stopped: BadData | None = None
        self._settle(decimal)

    def open(self) -> Any:
        import pyarrow as pa

        f = super().open()
        packed = _PACKED.get(Path(self.name.lower()).suffix)
        return pa.CompressedInputStream(f, packed) if packed else f

    def _head(self) -> bytes:
        """The first bytes: the header with some rows."""
        try:
            with self.open() as f:
                raw = bytes(f.read(_HEAD))
                while len(raw) < _LONGEST_HEAD and b"\n" not in raw and (more := f.read(len(raw) + 1)):
                    raw += bytes(more)
        except arrow_damage() as e:
            raise damaged(self.where, e) from e
        return raw

    def _reader(self, on_bad: Callable[[str, str], None] | None, types: Mapping[int, Any]) -> Any:
        """All rows as text, but for the columns of these places; the columns are called by their numbers."""
        import pyarrow as pa
        import pyarrow.csv as csv

        self._bad = 0
        numbers = [str(i) for i in range(self._width)]

        def row(r: Any) -> str:
            self._bad += 1
            self._odd = r.actual_columns, str(r.text)[:_SHOWN]
            if on_bad is None:
                return "skip"
            at = f"{self.where}, row {r.number}" if r.number is not None else self.where
            try:
                on_bad(at, f"has {r.actual_columns} cells, the header {r.expected_columns}: {str(r.text)[:_SHOWN]!r}")
            except BadData as e:  # Arrow swallows what is raised in here
                self._stopped = e
                return "error"
            return "skip"

        read = csv.ReadOptions(
            block_size=1 << 20,
            encoding=self.encoding,
            use_threads=False,
            column_names=numbers,
            skip_rows=self._skip,
        )
        convert = csv.ConvertOptions(
            column_types={n: types.get(int(n), pa.string()) for n in numbers},
            strings_can_be_null=True,
            null_values=[""],
            quoted_strings_can_be_null=False,
        )
        parse = csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=row)
        return csv.open_csv(self.open(), read, parse, convert)

    def _settle(self, decimal: str | None) -> None:
        """Read the whole file as text: the types of its columns, and how many rows there are."""
        import pyarrow as pa

        check_schema(pa.schema([(n, pa.string()) for n in self.names]), self.where)
        rows, counts = 0, self._unnamed
        given = {i: self._fixed[n] for i, n in enumerate(self.names) if n in self._fixed}
        free = [i for i in range(self._width) if i not in given]
        look = Look([self.names[i] for i in free])
        try:
            with self._reader(None, {}) as reader:
                for batch in _gathered(reader):
                    counts = counts and _counts(batch.column(0), rows)
                    rows += batch.num_rows
                    look.rows([batch.column(i) for i in free])
                    for i, kind in given.items():
                        self._converted(self.names[i], batch.column(i), kind)
        except arrow_damage() as e:
            if "Empty CSV file" not in str(e):  # a header without rows
                raise self._damaged(e) from e
        self.rows = rows
        if self._bad > rows:
            raise BadData(self._unlike())
        found = kinds_of(look.seen(), self.delimiter, decimal)
        if counts and rows and self.names[0] not in self._fixed:
            self.said[0] = "the first column has no name and counts the rows; it is left out"
            del self.names[0]
        self._kinds = {n: self._fixed[n] if n in self._fixed else found[n] for n in self.names}
        self.said += [k.said for k in self._kinds.values() if k.said]

    def _unlike(self) -> str:
        cells, text = self._odd
        named = self._width
        hint = "say delimiter="
        if self.delimiter == "," and cells > named:
            hint = "with decimal commas the cells must be quoted or separated otherwise (delimiter=)"
        if cells == named + 1:
            hint += "; if the first column has no name, give it one"
        return (
            f"{self.where}: {self._bad:,} of its rows have other numbers of cells than the header, for instance {cells}"
            f" to {named} ({text!r}), separated by {self.delimiter!r}; {hint}"
        )

    def _damaged(self, e: BaseException) -> BadData:
        if isinstance(e, BadData):
            return e
        said = str(e)
        if "UTF8" in said or "utf-8" in said:
            return BadData(f"{self.where} is no UTF-8 text ({said[:120]}); say encoding=, for example latin-1")
        return damaged(self.where, e)

    def widen(self, name: str, kind: Kind) -> None:
        """Read a column as another kind, because another file of the set needs it; what the user said stays."""
        if name not in self._fixed:
            self._kinds[name] = kind

    def kind(self, name: str) -> Kind:
        """What a column is read as."""
        return self._kinds[name]

    def types(self) -> dict[str, pa.DataType]:
        import pyarrow as pa

        return {n: pa.type_for_alias(k.type) for n, k in self._kinds.items()}

    def batches(self, columns: Sequence[str], rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        try:
            plain = {self._at[n]: pa.type_for_alias(k.type) for n, k in self._kinds.items() if k.plain}
            start = 0
            with self._reader(self.on_bad, plain) as reader:
                for batch in reader:
                    if self.on_bad is not None:
                        self._swallowed(batch, start)
                    start += batch.num_rows
                    found = [self._converted(n, batch.column(self._at[n]), self._kinds[n]) for n in columns]
                    # a table of no columns has rows all the same
                    yield pa.record_batch(found, names=list(columns)) if found else batch.select([])
        except arrow_damage() as e:
            if self._stopped is not None:
                raise self._stopped from None
            if "Empty CSV file" not in str(e):
                raise self._damaged(e) from e

    def _swallowed(self, batch: pa.RecordBatch, start: int) -> None:
        """Tell of cells that hold whole rows: a quote was opened and not closed, and all up to the next is one text."""
        import pyarrow as pa
        import pyarrow.compute as pc

        assert self.on_bad is not None
        for at, column in enumerate(batch.columns):
            if self._width < 2 or not pa.types.is_string(column.type):
                continue
            for i in pc.indices_nonzero(pc.fill_null(pc.match_substring(column, "\n"), False)).to_pylist():
                lines = column[i].as_py().split("\n")
                rows = [n for n in lines[1:] if n.count(self.delimiter) == self._width - 1]
                if rows and len(rows) == len([n for n in lines[1:] if n.strip()]):
                    where = f"{self.where}, row {start + i + 1} after the header, cell {at + 1}"
                    self.on_bad(
                        where,
                        f"holds {len(rows):,} lines that are rows of their own, such as {rows[0][:_SHOWN]!r}: a quote"
                        " is opened before them and not closed in its line; close it, else they are one text",
                    )

    def _converted(self, name: str, column: pa.Array, kind: Kind) -> pa.Array:
        import pyarrow as pa

        if kind.plain:
            return column
        try:
            return converted(column, kind)
        except pa.ArrowInvalid as e:
            raise BadData(f"{self.where}: the column {name!r} is to be of type {kind.type}, but {str(e)[:200]}") from e


def _gathered(reader: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of some rows at least: of ten thousand columns a megabyte is twenty rows, and each look costs."""
    import pyarrow as pa

    def whole(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
        return batches[0] if len(batches) == 1 else pa.concat_batches(batches)

    held: list[pa.RecordBatch] = []
    for batch in reader:
        held.append(batch)
        if sum(b.num_rows for b in held) >= _LOOK_ROWS or sum(b.nbytes for b in held) >= _LOOK_BYTES:
            yield whole(held)
            held = []
    if held:
        yield whole(held)


def _counts(column: pa.Array, before: int) -> bool:
    """True where the cells are the numbers of the rows, from 0 or from 1; ``before`` is how many rows came earlier."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(column):
        return True
    first = column[0].as_py()
    if first not in (str(before), str(before + 1)):
        return False
    due = pa.array(np.arange(int(first), int(first) + len(column)).astype(str))
    return bool(pc.all(pc.equal(column, due), skip_nulls=False).as_py())
