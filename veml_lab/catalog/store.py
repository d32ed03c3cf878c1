"""The catalog opened in this process: short connections under a lock on the lab's folder.

DuckDB lets one process write or many read, and a writer locks readers out too. So each operation
takes a shared or an exclusive ``flock`` on the lab's *folder* (which also works on a read-only
mount), opens the file, does its work and closes it again. Nobody ever sees a lock error, a notebook,
a training job, the panel and a dashboard work on one lab at once, and a process that is killed holds
nothing back. The price is about 20 ms for a read and 60 ms for a commit; the owner process of DESIGN
section 4 takes over behind the same two verbs when that becomes too much.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, DamagedLab, LabError, NewerLab, ReadOnlyLab, UnknownName
from .schema import FORMAT_VERSION, MIGRATIONS
from .statements import READS, WRITES

if TYPE_CHECKING:
    import pyarrow as pa

LOCK_TIMEOUT_S = 120.0
_ONE_AT_A_TIME = threading.RLock()
DRAFT = ".catalog.duckdb.part"


@dataclass(frozen=True, slots=True)
class Change:
    """One named change of a commit: parameters, or an Arrow table of rows."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    rows: pa.Table | None = None


class Catalog:
    """Reads and commits by name.

    Parameters
    ----------
    folder
        The lab's folder; ``catalog.duckdb`` lies in it.
    read_only
        Open the file read-only, without access to anything outside it and with its settings locked:
        what a dashboard gets.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = folder
        self.file = folder / "catalog.duckdb"
        self.read_only = read_only
        if not self.file.exists():
            if read_only:
                raise DamagedLab(f"{folder} has no catalog.duckdb: is it a lab? Make one with veml_lab.open(path)")
            self._create()

    # -- the two verbs -----------------------------------------------------------------------------

    def read(self, question: str, *, ids: pa.Array | None = None, **params: Any) -> pa.Table:
        """Answer a named question with an Arrow table."""
        sql = READS.get(question)
        if sql is None:
            raise UnknownName.of("question of the catalog", question, READS)
        with self._connection(write=False) as con:
            if ids is not None:
                import pyarrow as pa

                con.register("_ids", pa.table({"id": ids}))
            return con.sql(sql, params=params or None).to_arrow_table()

    def commit(self, changes: Sequence[Change], *, tx: uuid.UUID | None = None) -> int:
        """Do all changes or none, durably; a ``tx`` that was committed before is recognised.

        Returns
        -------
        int
            The sequence number of the commit.
        """
        if self.read_only:
            raise ReadOnlyLab(f"{self.folder} is open read-only; open it with veml_lab.open(path) to change it")
        tx = tx or uuid.uuid4()
        with self._connection(write=True) as con:
            known = con.execute("SELECT seq FROM commit_log WHERE tx = ?", [str(tx)]).fetchone()
            if known:
                return int(known[0])
            con.execute("BEGIN")
            try:
                seq = int(con.execute("SELECT coalesce(max(seq), 0) + 1 FROM commit_log").fetchone()[0])
                con.execute("INSERT INTO commit_log VALUES (?, ?, ?)", [seq, str(tx), now()])
                for c in changes:
                    sql = WRITES.get(c.name)
                    if sql is None:
                        raise UnknownName.of("change of the catalog", c.name, WRITES)
                    if c.rows is not None:
                        con.register("_rows", c.rows)
                        con.execute(sql)
                        con.unregister("_rows")
                    else:
                        con.execute(sql, dict(c.params))
                con.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(Exception):
                    con.execute("ROLLBACK")
                raise
        return seq

    def revision(self) -> str:
        """A string that changes with every commit of any process; costs two ``stat`` calls."""
        try:
            s = self.file.stat()
        except FileNotFoundError:
            raise DamagedLab(f"{self.file} is gone; restore it from a backup") from None
        revision = f"{s.st_mtime_ns:x}-{s.st_size:x}"
        with contextlib.suppress(FileNotFoundError):
            # a process that was killed after its commit leaves it in the write-ahead log
            revision += f"-{self.file.with_suffix('.duckdb.wal').stat().st_size:x}"
        return revision

    # -- connections -------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _connection(self, *, write: bool) -> Iterator[Any]:
        import duckdb

        # One connection at a time in a process: DuckDB keeps one database object a file, and threads that
        # open and close it at the same moment (a cell and the panel's subshell) pull it from under each other.
        with _ONE_AT_A_TIME, folder_lock(self.folder, exclusive=write):
            con = None
            try:
                config: dict[str, Any] = {"threads": 2}
                if not write:
                    # read_only alone would still allow COPY ... TO and read_csv('/etc/...')
                    config |= {"enable_external_access": False, "lock_configuration": True}
                con = duckdb.connect(str(self.file), read_only=not write, config=config)
                yield con
            except duckdb.ConstraintException as e:
                raise BadInput(f"the catalog refused a duplicate: {e}") from e
            except (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException) as e:
                raise DamagedLab(
                    f"{self.file} cannot be opened: {str(e).splitlines()[0]}. "
                    "If the disk is full, free space and try again; else restore catalog.duckdb from a backup"
                ) from e
            finally:
                if con is not None:
                    con.close()

    def _create(self) -> None:
        """Make the file with its tables beside its name and rename it: killed on the way, there is none."""
        import duckdb

        with folder_lock(self.folder, exclusive=True):
            if self.file.exists():
                return  # another process was first
            draft = self.folder / DRAFT
            for left in self.folder.glob(f"{DRAFT}*"):
                left.unlink()
            with duckdb.connect(str(draft)) as con:
                con.execute("BEGIN")
                for number in sorted(MIGRATIONS):
                    for sql in MIGRATIONS[number]:
                        con.execute(sql)
                con.execute("COMMIT")
            draft.replace(self.file)


@contextlib.contextmanager
def folder_lock(folder: Path, *, exclusive: bool) -> Iterator[None]:
    """Hold a lock on a folder; it is gone with the process, however that ends."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        raise DamagedLab(f"the lab's folder {folder} is gone") from None
    try:
        end = time.monotonic() + LOCK_TIMEOUT_S
        wait = 0.001
        while True:
            try:
                fcntl.flock(fd, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise LabError(
                        f"{folder} has been busy for {LOCK_TIMEOUT_S:.0f} s; another process holds it (see `lsof {folder}`)"
                    ) from None
                time.sleep(wait)
                wait = min(wait * 1.5, 0.05)
        yield
    finally:
        os.close(fd)


def check_format_version(found: int, where: Path) -> None:
    """Refuse a lab of a newer format, before anything is touched."""
    if found > FORMAT_VERSION:
        raise NewerLab(
            f"{where} has format version {found}, this VeML-Lab knows up to {FORMAT_VERSION}; "
            "upgrade with: pip install -U veml-lab"
        )


def now() -> dt.datetime:
    """The time of a commit, UTC without zone, as DuckDB's TIMESTAMP keeps it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
