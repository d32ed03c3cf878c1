"""CSV files as record batches, the type of a column found from all of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput, UnknownName
from ..sources.cells import BATCH_ROWS, arrow_damage, damaged
from ..sources.tree import Tree
from .table_files import TableFile, check_schema

if TYPE_CHECKING:
    import pyarrow as pa

_PACKED = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
TYPES = {"str": "string", "int": "int64", "float": "float64", "bool": "bool"}
# What a CSV column becomes when a value does not fit the type that the first block suggested.
_WIDER = {"null": "int64", "int64": "float64", "double": "string", "float64": "string"}
_TROUBLE = re.compile(r"In CSV column #(\d+).*?conversion error to ([\w\[\]]+)")
_SHOWN = 200  # characters of a bad row in a message


class CsvTable(TableFile):
    """CSV: types by reading it once, the bad rows left out and told to ``on_bad``."""

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
    ) -> None:
        super().__init__(tree, name, path)
        import pyarrow as pa

        self.encoding = encoding
        self._stopped: BadData | None = None
        head = self._first_line()
        self.delimiter = delimiter or ("\t" if ".tsv" in name.lower() else separator(head))
        self._types = {n: pa.type_for_alias(TYPES[t]) for n, t in {**standard, **types}.items()}
        self._fixed = set(types) | set(standard)
        self._settle()

    def open(self) -> Any:
        import pyarrow as pa

        f = super().open()
        packed = _PACKED.get(Path(self.name.lower()).suffix)
        return pa.CompressedInputStream(f, packed) if packed else f

    def _first_line(self) -> str:
        try:
            with self.open() as f:
                raw = f.read(1 << 16)
        except arrow_damage() as e:
            raise damaged(self.where, e) from e
        if not raw.strip():
            raise BadData(f"{self.where} is empty; a table needs a first line with the column names")
        try:
            return raw.decode(self.encoding, errors="replace").splitlines()[0]
        except LookupError:
            raise BadInput(
                f"there is no encoding {self.encoding!r}; known are utf-8, latin-1, cp1252, cp949, ..."
            ) from None

    def _reader(self, on_bad: Callable[[str, str], None] | None) -> Any:
        import pyarrow.csv as csv

        def row(r: Any) -> str:
            if on_bad is None:
                return "skip"
            at = f"{self.where}, row {r.number}" if r.number is not None else self.where
            try:
                on_bad(at, f"has {r.actual_columns} cells, the header {r.expected_columns}: {str(r.text)[:_SHOWN]!r}")
            except BadData as e:  # Arrow swallows what is raised in here
                self._stopped = e
                return "error"
            return "skip"

        return csv.open_csv(
            self.open(),
            csv.ReadOptions(block_size=1 << 20, encoding=self.encoding, use_threads=False),
            csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=row),
            csv.ConvertOptions(column_types=self._types, strings_can_be_null=True, quoted_strings_can_be_null=False),
        )

    def _settle(self) -> None:
        """Read the whole file, widening a type each time that a value does not fit it."""
        import pyarrow as pa

        while True:
            rows = 0
            try:
                with self._reader(None) as reader:
                    self.schema = reader.schema
                    check_schema(self.schema, self.where)
                    # what the first block suggests holds for the whole file, or the reader says so
                    for batch in reader:
                        rows += batch.num_rows
                odd = [f.name for f in self.schema if pa.types.is_binary(f.type)]
                if odd:  # what Arrow makes of text that is none
                    raise BadData(
                        f"{self.where} is no UTF-8 text (column {odd[0]!r}); say encoding=, for example latin-1"
                    )
                self.rows, self.names = rows, self.schema.names
                break
            except arrow_damage() as e:
                if isinstance(e, BadData):
                    raise
                self._widen(e)
        missing = [n for n in self._fixed if n not in self.names]
        if missing:
            raise UnknownName.of(f"column (types) in {self.where}", missing[0], self.names)
        self._types = {f.name: f.type for f in self.schema if not pa.types.is_null(f.type)}

    def _widen(self, error: BaseException) -> None:
        import pyarrow as pa
        import pyarrow.csv as csv

        m = _TROUBLE.search(str(error))
        if m is None or "UTF8" in str(error):
            if "UTF8" in str(error) or "utf-8" in str(error):
                raise BadData(
                    f"{self.where} is no UTF-8 text ({str(error)[:120]}); say encoding=, for example latin-1"
                ) from error
            raise damaged(self.where, error) from error
        with csv.open_csv(
            pa.BufferReader(self._head_bytes()),
            csv.ReadOptions(encoding=self.encoding),
            csv.ParseOptions(delimiter=self.delimiter),
        ) as r:
            name = r.schema.names[int(m[1])]
        if name in self._fixed:
            raise BadData(
                f"{self.where}: the column {name!r} is to be of type {self._types[name]}, but {str(error)[:200]}"
            ) from error
        now = self._types.get(name)
        wider = pa.type_for_alias(_WIDER.get(str(now) if now is not None else m[2], "string"))
        if wider == now:
            raise damaged(self.where, error) from error
        self._types[name] = wider

    def _head_bytes(self) -> bytes:
        with self.open() as f:
            return f.read(1 << 16).splitlines(keepends=True)[0]

    def types(self) -> dict[str, pa.DataType]:
        return dict(zip(self.names, self.schema.types))

    def batches(self, columns: Sequence[str], rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        try:
            with self._reader(self.on_bad) as reader:
                for batch in reader:
                    yield batch.select(list(columns))
        except arrow_damage() as e:
            if self._stopped is not None:
                raise self._stopped from None
            raise damaged(self.where, e) from e


def separator(head: str) -> str:
    """The separator of a header line: the commonest of the usual ones outside quotes.

    >>> separator("a;b;c,d")
    ';'
    """
    plain = re.sub(r'"[^"]*"', "", head)
    return max(",;\t|", key=plain.count)
