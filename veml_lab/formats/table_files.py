"""One table file as record batches, whatever it is stored as: CSV, Parquet, Arrow stream or file, Feather."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData
from ..sources.cells import BATCH_ROWS, arrow_damage, damaged
from ..sources.roles import split_in
from ..sources.tree import Tree

if TYPE_CHECKING:
    import pyarrow as pa

CSV = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".csv.bz2", ".csv.zst")
ARROW = (".arrow", ".feather", ".ipc")
ENDINGS = (*CSV, ".parquet", *ARROW)


def is_table(name: str) -> bool:
    """True for a file name that ends like a table.

    >>> is_table("a.CSV.gz"), is_table("a.txt")
    (True, False)
    """
    return name.lower().endswith(ENDINGS)


class TableFile:
    """A table that can be read again and again, batch by batch.

    Attributes
    ----------
    name, where
        Within the set; for errors.
    names
        Column names.
    rows
        How many there are, None where only reading tells.
    on_bad
        Called for each row that cannot be read (CSV only).
    """

    names: list[str]
    rows: int | None = None

    def __init__(self, tree: Tree | None, name: str, path: Path | None) -> None:
        self.tree, self.name, self.path = tree, name, path
        self.where = str(path) if path is not None else tree.where(name)  # type: ignore[union-attr]
        self.on_bad: Callable[[str, str], None] | None = None

    def open(self) -> Any:
        """The bytes as an Arrow file: read from disk where it is a plain file, else held in memory."""
        import pyarrow as pa

        if self.path is not None:
            return pa.OSFile(str(self.path))
        assert self.tree is not None
        return pa.BufferReader(self.tree.read(self.name))

    def split(self) -> str:
        """The split that the name of the file says, or its folder's."""
        return split_in(self.name.rpartition("/")[2]) or split_in(self.name.rpartition("/")[0].rpartition("/")[2])

    def types(self) -> dict[str, pa.DataType]:
        """Arrow type of each column."""
        raise NotImplementedError

    def batches(self, columns: Sequence[str], rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The rows of these columns, at most about ``rows`` at a time."""
        raise NotImplementedError

    def noted(self) -> dict[str, Any]:
        """What our writer noted in the file."""
        return {}


def check_schema(schema: pa.Schema, where: str) -> None:
    """Refuse double column names, and extension types that are Python pickles."""
    try:
        names = [f.name for f in schema]
        for f in schema:
            _spell(f.type)
    except UnicodeDecodeError as e:
        raise damaged(where, e) from e
    double = sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []
    if double:
        raise BadData(f"{where} has two columns called {double[0]!r}; rename one")
    for f in schema:
        extension = (f.metadata or {}).get(b"ARROW:extension:name", b"") or getattr(
            f.type, "extension_name", ""
        ).encode()
        if b"py_extension_type" in extension:
            raise BadData(
                f"{where}: the column {f.name!r} is a Python extension type stored as a pickle, which could run code"
                " and is not opened; write it as a plain column with the program that made it"
            )


def _spell(kind: pa.DataType) -> None:
    """Decode the names within a nested type, which a damaged file may have spoilt."""
    for i in range(kind.num_fields):
        inner = kind.field(i)
        assert inner.name is not None
        _spell(inner.type)


def _noted(schema: pa.Schema) -> dict[str, Any]:
    try:
        said = json.loads((schema.metadata or {}).get(b"veml", b"{}"))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


class ParquetTable(TableFile):
    """Parquet: columns are read alone, a row group at a time."""

    def __init__(self, tree: Tree | None, name: str, path: Path | None) -> None:
        super().__init__(tree, name, path)
        with self._file() as f:
            self.schema, self.rows = f.schema_arrow, f.metadata.num_rows
            if self.rows is None or self.rows < 0:
                raise BadData(f"{self.where} says that it has {self.rows} rows; fetch it again")
        check_schema(self.schema, self.where)
        self.names = self.schema.names

    def _file(self) -> Any:
        import pyarrow.parquet as pq

        try:
            # read in pieces, not mapped: a column of pictures is decoded page by page
            return pq.ParquetFile(self.open(), pre_buffer=False, buffer_size=1 << 20, page_checksum_verification=True)
        except arrow_damage() as e:
            raise damaged(self.where, e) from e

    def types(self) -> dict[str, pa.DataType]:
        return dict(zip(self.names, self.schema.types))

    def batches(self, columns: Sequence[str], rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        with self._file() as f:
            try:
                # use_threads decodes ahead, which doubles the memory for pictures
                for batch in f.iter_batches(rows, columns=list(columns), use_threads=False):
                    batch.validate(full=True)
                    yield batch
            except arrow_damage() as e:
                raise damaged(self.where, e) from e

    def noted(self) -> dict[str, Any]:
        return _noted(self.schema)


class ArrowTable(TableFile):
    """Arrow IPC: the file form (Feather version 2) or the stream form (Hugging Face)."""

    def __init__(self, tree: Tree | None, name: str, path: Path | None) -> None:
        super().__init__(tree, name, path)
        with self.open() as f:
            reader = self._reader(f)
            self.schema = reader.schema
            check_schema(self.schema, self.where)
            try:
                # mapped from disk, so only the heads of the batches are touched
                self.rows = sum(b.num_rows for b in self._all(reader))
            except arrow_damage() as e:
                raise damaged(self.where, e) from e
        self.names = self.schema.names

    def open(self) -> Any:
        import pyarrow as pa

        return pa.memory_map(str(self.path)) if self.path is not None else super().open()

    @staticmethod
    def _all(reader: Any) -> Iterator[pa.RecordBatch]:
        return (
            (reader.get_batch(i) for i in range(reader.num_record_batches))
            if hasattr(reader, "get_batch")
            else iter(reader)
        )

    def _reader(self, f: Any) -> Any:
        import pyarrow as pa

        try:
            head = f.read(6)
            f.seek(0)
            if head[:4] == b"FEA1":
                raise BadData(f"{self.where} is Feather version 1, which is not read; write it again as version 2")
            return pa.ipc.open_file(f) if head == b"ARROW1" else pa.ipc.open_stream(f)
        except arrow_damage() as e:
            if isinstance(e, BadData):
                raise
            raise damaged(self.where, e) from e

    def types(self) -> dict[str, pa.DataType]:
        return dict(zip(self.names, self.schema.types))

    def batches(self, columns: Sequence[str], rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        with self.open() as f:
            reader = self._reader(f)
            try:
                for batch in self._all(reader):
                    asked = batch.select(list(columns))
                    # offsets in a damaged file would be followed out of the buffer
                    asked.validate(full=True)
                    for start in range(0, asked.num_rows, rows):
                        yield asked.slice(start, rows)
            except arrow_damage() as e:
                raise damaged(self.where, e) from e

    def noted(self) -> dict[str, Any]:
        return _noted(self.schema)
