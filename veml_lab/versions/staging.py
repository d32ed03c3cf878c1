"""Rows on their way into the catalog: Arrow IPC files under ``staging/``, written batch by batch.

An import of a million samples keeps a few thousand rows in memory; the rest lies here until the one commit
takes it. A killed import leaves its files behind, and ``veml vacuum`` removes them.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, LabError

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 8192


class StagedRows:
    """Append rows; :meth:`close` makes them one Arrow IPC file.

    Parameters
    ----------
    folder
        The lab's folder.
    schema
        Arrow schema; its first column is an ID that counts from 0 until :meth:`shift` moves it.
    """

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self._folder = folder / "staging"
        self.schema = schema
        self.count = 0
        self.path: Path | None = None  # made with the first rows: most imports have few kinds of annotation
        self._columns: list[list[Any]] = [[] for _ in schema.names]
        self._file: Any = None
        self._writer: Any = None

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
        try:
            arrays = [pa.array(c, f.type) for c, f in zip(self._columns, self.schema, strict=True)]
        except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError, ValueError) as e:
            raise BadData(f"a value cannot be kept in the column {self._culprit()!r} of the catalog: {e}") from e
        try:
            if self._writer is None:
                self._folder.mkdir(exist_ok=True)
                self.path = self._folder / f"{uuid.uuid4().hex}.{os.getpid()}.arrow"
                self._file = pa.OSFile(str(self.path), "wb")
                self._writer = pa.ipc.new_file(self._file, self.schema)
            self._writer.write_batch(pa.record_batch(arrays, schema=self.schema))
        except OSError as e:
            raise LabError(f"{self._folder} cannot be written: {e.strerror or e}; free space and import again") from e
        self._columns = [[] for _ in self.schema.names]

    def _culprit(self) -> str:
        import pyarrow as pa

        for c, f in zip(self._columns, self.schema, strict=True):
            try:
                pa.array(c, f.type)
            except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError, ValueError):
                return str(f.name)
        return "?"

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        if self._writer is not None:
            self._writer.close()
            self._file.close()
            self._writer = self._file = None

    def table(self, start: int = 0) -> pa.Table | None:
        """The rows, memory-mapped; IDs moved by ``start``. None if there are none."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.path is None:
            return None
        found = pa.ipc.open_file(pa.memory_map(str(self.path))).read_all()
        return found.set_column(0, self.schema.field(0), pc.add(found.column(0), pa.scalar(start, self.schema.field(0).type))) if start else found

    def remove(self) -> None:
        """Forget the rows and their file."""
        if self._file is not None:
            self._file.close()
            self._writer = self._file = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self.path = None
