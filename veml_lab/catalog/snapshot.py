"""A frozen copy of a lab's catalog for those who look after it: check, vacuum, backup, ``veml sql``.

The owner makes it where one runs (a copy between two commits, 10-40 ms for a small catalog), so that a
long look keeps nobody waiting; else it is copied under the reader's lock. The copy is opened without
access to anything else and can be asked in SQL by this process alone: nothing here listens.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, DamagedLab
from ..storage.locks import take
from . import database
from .client import OwnerClient
from .migrate import run_migrations
from .privatecopy import copy_catalog
from .revision import wal_file

if TYPE_CHECKING:
    import pyarrow as pa


_BATCH = 65_536  # rows


class Snapshot:
    """The catalog as of one moment; a context manager that removes the copy.

    Attributes
    ----------
    file
        The copy: its log is folded in, its tables are the newest.
    said
        What had to be repaired to open it.
    """

    def __init__(self, lab: Path) -> None:
        self.lab = lab
        self._folder = Path(tempfile.mkdtemp(prefix=f"snapshot-{os.getpid()}-", dir=_place(lab)))
        self.file = self._folder / "catalog.duckdb"
        self._con: Any = None
        self.said: list[str] = []
        try:
            self._copy()
            con, self.said = database.open_repaired(self.file)
            try:
                with database.translated(self.file):
                    run_migrations(con, self.file, backup=False)
            finally:
                con.close()
            self._con = database.connect(self.file, read_only=True)
        except DamagedLab as e:
            self.close()
            raise DamagedLab(str(e).replace(str(self.file), str(lab / "catalog.duckdb"))) from e.__cause__
        except BaseException:
            self.close()
            raise

    def _copy(self) -> None:
        original = self.lab / "catalog.duckdb"
        made = OwnerClient(self.lab, start=False).snapshot() if os.access(self.lab, os.W_OK) else None
        if made is not None:
            made.replace(self.file)
            if wal_file(made).exists():
                wal_file(made).replace(wal_file(self.file))
            return
        lock = take(self.lab, exclusive=False)
        try:
            copy_catalog(original, self.file)
        finally:
            if lock is not None:
                os.close(lock)

    def rows(self, sql: str, params: Mapping[str, Any] | None = None, *, most_bytes: int | None = None) -> pa.Table:
        """Answer one SQL query.

        Parameters
        ----------
        most_bytes
            Stop where the answer takes more memory than that; it is read batch by batch then.

        Raises
        ------
        BadInput
            It does not parse, is no query, asks for what is closed (files, settings, changes), or its answer is too
            large.
        """
        with database.asked_in_sql(self.lab / "catalog.duckdb"):
            relation = self._con.sql(sql, params=dict(params) if params else None)
            if relation is None:
                raise BadInput("that is no query; veml sql only reads, e.g. SELECT name, kind FROM node")
            return (
                relation.to_arrow_table()
                if most_bytes is None
                else _at_most(relation.to_arrow_reader(_BATCH), most_bytes)
            )

    def free_share(self) -> float:
        """Which part of the catalog's file holds nothing."""
        return database.free_share(self._con)

    def close(self) -> None:
        """Remove the copy."""
        if self._con is not None:
            self._con.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def keep(self, target: Path) -> None:
        """Copy the catalog to where it is to stay."""
        shutil.copyfile(self.file, target)

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _at_most(reader: pa.RecordBatchReader, most_bytes: int) -> pa.Table:
    import pyarrow as pa

    batches: list[pa.RecordBatch] = []
    size = 0
    for batch in reader:
        batches.append(batch)
        size += batch.nbytes
        if size > most_bytes:
            rows = sum(b.num_rows for b in batches)
            raise BadInput(
                f"the answer is larger than {most_bytes / 2**20:,.0f} MiB (that was reached after {rows:,} rows); "
                "name fewer columns, aggregate, or add LIMIT"
            )
    return pa.Table.from_batches(batches, reader.schema)


def _place(lab: Path) -> str | None:
    """Beside the catalog, where there is room for it; in the machine's temporary folder if the lab cannot be
    written."""
    folder = lab / "staging"
    try:
        folder.mkdir(exist_ok=True)
        return str(folder) if os.access(folder, os.W_OK) else None
    except OSError:
        return None
