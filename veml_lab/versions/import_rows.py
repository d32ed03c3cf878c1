"""Rows of an import on their way into the catalog: buffered, then Arrow IPC files under the lab's ``staging/``.

An import of a million samples keeps a few thousand rows in memory; the rest lies in such files until the one
commit reads them by memory map. A killed import leaves its files behind, and ``veml vacuum`` removes them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.staging import StagedRows, map_table
from ..errors import BadData

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 8192


class BufferedRows:
    """Append rows one by one; :meth:`close` completes their file, :meth:`moved` gives it with its IDs in place.

    Parameters
    ----------
    lab
        The lab's folder.
    schema
        Arrow schema; its first column is an ID that counts from 0 until :meth:`moved`.
    """

    def __init__(self, lab: Path, schema: pa.Schema) -> None:
        self._lab = lab
        self.schema = schema
        self.count = 0
        self._file: StagedRows | None = None  # made with the first rows: most imports have few kinds of annotation
        self._columns: list[list[Any]] = [[] for _ in schema.names]

    def append(self, row: tuple) -> None:
        """Add one row, values in the order of the schema."""
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)
        self.count += 1
        if len(self._columns[0]) >= ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._columns[0]:
            return
        arrays = []
        for values, field in zip(self._columns, self.schema, strict=True):
            try:
                arrays.append(pa.array(values, field.type))
            except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError, ValueError) as e:
                raise BadData(f"a value cannot be kept in the column {field.name!r} of the catalog: {e}") from e
        self._file = self._file or StagedRows(self._lab, self.schema)
        self._file.append(pa.record_batch(arrays, schema=self.schema))
        self._columns = [[] for _ in self.schema.names]

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        if self._file is not None:
            self._file.close()

    def table(self) -> pa.Table:
        """The rows, memory-mapped; after :meth:`close`."""
        return self.schema.empty_table() if self._file is None else map_table(self._file.path)

    def moved(self, start: int) -> Path | None:
        """The file of the rows with their IDs moved by ``start``, for a commit; None if there are no rows."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._file is None:
            return None
        if start:
            old, self._file = self._file, StagedRows(self._lab, self.schema)
            try:
                for batch in map_table(old.path).to_batches():
                    ids = pc.add(batch.column(0), pa.scalar(start, self.schema.field(0).type))
                    self._file.append(pa.record_batch([ids, *batch.columns[1:]], schema=self.schema))
                self._file.close()
            finally:
                old.discard()
        return self._file.path

    def remove(self) -> None:
        """Forget the rows and their file."""
        if self._file is not None:
            self._file.discard()
            self._file = None
