"""A frozen copy of a lab's catalog for those who look after it: check, vacuum, backup, ``veml sql``.

The owner makes it where one runs (a copy between two commits, 10-40 ms for a small catalog), so that a
long look keeps nobody waiting; else it is copied under the reader's lock. The copy is opened without
access to anything else and can be asked in SQL by this process alone: nothing here listens.

Where no disk has room for a copy, the catalog itself is read, under the reader's lock: whoever wants to write
waits until the look is over, and a full disk can be looked after.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, DamagedLab, FullDisk
from ..storage.failures import in_words, need_room
from ..storage.locks import naps, take
from ..storage.strangers import refuse_links
from . import database
from .client import OwnerClient
from .migrate import check_format_version, run_migrations, version_of
from .privatecopy import copy_catalog
from .revision import wal_file, write_mark
from .schema import FORMAT_VERSION
from .staging import FOLDER

if TYPE_CHECKING:
    import pyarrow as pa


_BATCH = 65_536  # rows


class Snapshot:
    """The catalog as of one moment; a context manager that removes the copy.

    Attributes
    ----------
    file
        The copy: its log is folded in, its tables are the newest. None where the catalog itself is read.
    said
        What had to be repaired to open it.

    Parameters
    ----------
    lab
        The lab's folder.
    copy
        A copy has to be made: :class:`FullDisk` where there is no room for it.

    Raises
    ------
    FullDisk, NotAllowed, BusyLab
        The system refuses; that says nothing of the catalog.
    DamagedLab
        The catalog is proven to be damaged.
    """

    def __init__(self, lab: Path, *, copy: bool = False) -> None:
        refuse_links(lab)
        self.lab = lab
        self._con: Any = None
        self._lock: int | None = None
        self._folder: Path | None = None
        self.said: list[str] = []
        place = _place(lab, needed=copy)
        if place is None:
            self.file = lab / "catalog.duckdb"
            self._read_itself()
            return
        with in_words(place):
            self._folder = Path(tempfile.mkdtemp(prefix=f"snapshot-{os.getpid()}-", dir=place))
        # vacuum sees by the lock that somebody looks at it
        self._lock = take(self._folder, exclusive=False)
        self.file = self._folder / "catalog.duckdb"
        try:
            with in_words(self.file):
                by_owner = self._copy(ask_owner=place.parent == lab)
            con, self.said = database.open_repaired(self.file, whole=by_owner)
            try:
                with database.translated(self.file):
                    run_migrations(con, self.file, backup=False)
                    seq = database.last_commit(con)
                    if copy:  # closing folds the log in too, but is silent where it cannot; a copy has no log beside it
                        con.execute("CHECKPOINT")
            finally:
                con.close()
            write_mark(self.file, seq)  # it goes with a backup
            self._con = database.connect(self.file, read_only=True)
        except DamagedLab as e:
            self.close()
            raise DamagedLab(str(e).replace(str(self.file), str(lab / "catalog.duckdb"))) from e.__cause__
        except BaseException:
            self.close()
            raise

    def _read_itself(self) -> None:
        owner = OwnerClient(self.lab, start=False)
        for nap in naps(self.lab):
            self._lock = take(self.lab, exclusive=False)
            if self._lock is not None:
                break
            if os.access(self.lab, os.W_OK):
                owner.retire()
            time.sleep(nap)
        try:
            self._con = database.connect(self.file, read_only=True)
            with database.translated(self.file):
                found = version_of(self._con)
            if found != FORMAT_VERSION:
                check_format_version(found, self.file)
                raise FullDisk(
                    f"the catalog of {self.lab} is of version {found} and has to be copied to be brought to"
                    f" {FORMAT_VERSION}, for which no disk has room; nothing is damaged. Free space and try again"
                )
            if database.is_doubtful(self._con, self.file):
                self.said.append(f"acknowledged commits may be missing from {self.file} and its log")
        except BaseException:
            self.close()
            raise

    def _copy(self, *, ask_owner: bool) -> bool:
        """Copy the catalog; whether the owner did."""
        original = self.lab / "catalog.duckdb"
        made = OwnerClient(self.lab, start=False).snapshot() if ask_owner else None
        if made is not None:
            try:
                made.replace(self.file)
                if wal_file(made).exists():
                    wal_file(made).replace(wal_file(self.file))
            finally:
                made.unlink(missing_ok=True)
                wal_file(made).unlink(missing_ok=True)
            return True
        lock = take(self.lab, exclusive=False)
        try:
            copy_catalog(original, self.file)
        finally:
            if lock is not None:
                os.close(lock)
        return False

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
            self._con = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

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


def _place(lab: Path, *, needed: bool) -> Path | None:
    """Beside the catalog, or in the machine's temporary folder; None where neither has room, or is not to be
    written."""
    file = lab / "catalog.duckdb"
    size = sum(p.stat().st_size for p in (file, wal_file(file)) if p.exists())
    no_room: FullDisk | None = None
    for folder in (lab / FOLDER, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(exist_ok=True)
            # the log is folded into the copy, so it may come to lie there twice
            need_room(folder, 2 * size, "a frozen copy of the catalog, by which it is looked at,")
        except FullDisk as e:
            no_room = e
            continue
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    if needed and no_room is not None:
        raise no_room
    return None
