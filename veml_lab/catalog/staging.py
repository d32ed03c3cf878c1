"""Bulk on its way between processes: Arrow IPC files under the lab's ``staging/``, read by memory map.

Whoever writes such a file holds a lock on it until the commit that reads it is done, so that
``veml vacuum`` tells a leftover of a killed process from a file that is in use.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..errors import BadInput, DamagedLab
from ..storage.failures import in_words
from ..storage.locks import lock_open

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "staging"


def staging_folder(lab: Path) -> Path:
    """The folder, made on first use."""
    folder = lab / FOLDER
    with in_words(folder):
        folder.mkdir(exist_ok=True)
    return folder


def open_held(path: Path) -> IO[bytes]:
    """Open a new file for writing and hold a lock on it as long as it is open."""
    with in_words(path):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.fdopen(os.open(path, flags, 0o666), "wb")
    lock_open(file.fileno(), exclusive=False, wait=True, name=path)
    return file


class StagedRows:
    """Rows on their way into a table: written batch by batch, given to a commit as ``Change(..., rows=staged.path)``.

    A context manager: the file goes when it ends, after the commit.

    Parameters
    ----------
    lab
        The lab's folder.
    schema : pyarrow.Schema
        The columns of the table, in its order.
    """

    def __init__(self, lab: Path, schema: pa.Schema, name: str = "rows") -> None:
        import pyarrow as pa

        self.path = staging_folder(lab) / f"{name}-{os.getpid()}-{uuid.uuid4().hex[:8]}.arrow"
        self.schema = schema
        self._file = open_held(self.path)
        self.count = 0
        try:
            with in_words(self.path):
                self._writer: Any = pa.ipc.new_file(pa.PythonFile(self._file), schema)
        except BaseException:
            self._file.close()
            self.path.unlink(missing_ok=True)
            raise

    def append(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Add rows with the columns of the schema."""
        with in_words(self.path):
            self._writer.write(rows)
        self.count += rows.num_rows

    def close(self) -> Path:
        """Complete the file; gives its path."""
        if self._writer is not None:
            with in_words(self.path):
                self._writer.close()
                self._writer = None
                self._file.flush()
        return self.path

    def discard(self) -> None:
        """Remove the file."""
        for step in (self.close, self._file.close, self.path.unlink):  # each also where the one before has failed
            with contextlib.suppress(Exception):
                step()

    def __enter__(self) -> StagedRows:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()


def staged_table(lab: Path, path: Path) -> pa.Table:
    """The rows of a staged file, memory-mapped.

    Raises
    ------
    BadInput
        The file lies outside of the lab's ``staging/``, is missing, or is no complete Arrow IPC file.
    """
    folder = (lab / FOLDER).resolve()
    real = (folder / path).resolve()  # an absolute path stays what it is
    if real.parent != folder:
        raise BadInput(f"rows of a commit lie in {folder}; got {path}")
    try:
        return map_table(real)
    except (OSError, DamagedLab) as e:
        raise BadInput(f"the rows of a commit in {real} cannot be read: {e}; write the file anew") from None


def map_table(path: Path) -> pa.Table:
    """All rows of an Arrow IPC file without a copy; the map outlives the file's name."""
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).read_all()
    except pa.ArrowInvalid as e:
        raise DamagedLab(f"{path} is no complete Arrow file: {e}") from None


def write_table(path: Path, table: pa.Table) -> None:
    """One table as an Arrow IPC file."""
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
