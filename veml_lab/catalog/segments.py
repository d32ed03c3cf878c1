"""Immutable Arrow IPC files that hold the bytes of copied samples.

A segment belongs to one import. It is written beside its final name and renamed when it is complete,
so that a reader never sees half of it; it is read by memory map, one record batch at a time. The writer
holds a lock on the file as long as it lives, which tells ``veml vacuum`` that a commit is to come.
"""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path
from typing import Any

from ..errors import DamagedLab
from ..storage.failures import in_words
from ..storage.whole import draft_of, put_whole
from .staging import open_held

ROWS_PER_BATCH = 1024


class SegmentWriter:
    """Append byte strings; :meth:`close` makes the segment visible, :meth:`abort` removes it."""

    def __init__(self, folder: Path, name: str) -> None:
        import pyarrow as pa

        with in_words(folder):
            folder.mkdir(exist_ok=True)
        self.name = f"{name}.arrow"
        self._final = folder / self.name
        self._temp = draft_of(self._final)
        self._schema = pa.schema([("bytes", pa.large_binary())])
        self._file = open_held(self._temp)
        try:
            with in_words(self._final):
                self._writer = pa.ipc.new_file(pa.PythonFile(self._file), self._schema)
        except BaseException:
            self.abort()
            raise
        self._rows: list[bytes] = []
        self.count = 0

    def append(self, data: bytes) -> int:
        """Add one row; gives its number."""
        self._rows.append(data)
        if len(self._rows) == ROWS_PER_BATCH:
            self._flush()
        self.count += 1
        return self.count - 1

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            with in_words(self._final):
                batch = pa.record_batch([pa.array(self._rows, pa.large_binary())], schema=self._schema)
                self._writer.write_batch(batch)
            self._rows = []

    def close(self) -> None:
        """Make the segment visible; the lock on it is held until this writer is forgotten."""
        self._flush()
        with in_words(self._final):
            self._writer.close()
            self._file.flush()
        put_whole(self._temp, self._final)

    def abort(self) -> None:
        """Remove what was written; a segment that is visible stays."""
        with contextlib.suppress(OSError):  # what is buffered finds no room: it is not wanted any more
            self._file.close()
        self._temp.unlink(missing_ok=True)


class Segment:
    """One segment, memory-mapped."""

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        if path.is_symlink():
            raise DamagedLab(f"segment {path} is a link, and a lab's own files are none; nothing of it is read")
        try:
            with in_words(path, "read"):
                self._reader = pa.ipc.open_file(pa.memory_map(str(path)))
        except FileNotFoundError:
            raise DamagedLab(f"segment {path.name} is missing from the lab; restore {path}") from None
        except pa.ArrowInvalid as e:
            raise DamagedLab(f"segment {path} is truncated or damaged ({e}); restore it from a backup") from e
        self._path = path
        self._batch = functools.lru_cache(maxsize=64)(self._checked)

    def _checked(self, number: int) -> Any:
        """One batch, whose offsets lie inside of it: Arrow reads past the end of damaged ones, and the process dies."""
        try:
            batch = self._reader.get_batch(number)
            batch.validate(full=True)
        except (ValueError, OSError, IndexError) as e:
            raise DamagedLab(
                f"segment {self._path} is damaged in batch {number} ({e}); restore it from a backup"
            ) from e
        return batch

    def __len__(self) -> int:
        n = self._reader.num_record_batches
        return (n - 1) * ROWS_PER_BATCH + self._batch(n - 1).num_rows if n else 0

    def __getitem__(self, row: int) -> bytes:
        batch = self._batch(row // ROWS_PER_BATCH)
        return batch.column(0)[row % ROWS_PER_BATCH].as_py()


@functools.lru_cache(maxsize=128)
def open_segment(path: Path) -> Segment:
    """The segment at ``path``; it never changes, so one map serves the whole process."""
    return Segment(path)
