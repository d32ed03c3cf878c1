"""DuckDB behind the catalog: open and repair the file, answer a question, do a commit, name what went wrong.

Both engines use it: the owner process over one open connection, the in-process engine over a short
one per operation. Every connection is closed to the rest of the machine (no files, no extensions,
locked settings); rows come and go as Arrow tables.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, BusyLab, DamagedLab, FullDisk, LabError, UnknownName, VemlError
from ..storage.failures import FULL, need_room, number_in, sentence
from ..storage.locks import folder_lock
from ..storage.whole import put_whole
from .changes import Change, now
from .migrate import record_all, run_migrations, version_of
from .revision import announce, doubt, headers, mark_file, read_mark, wal_file, write_mark
from .schema import MIGRATIONS
from .statements import READS, WRITES

if TYPE_CHECKING:
    import pyarrow as pa

DRAFT = ".catalog.duckdb.part"
DAMAGED = "damaged"
_AT_BYTE = re.compile(r"Corrupt WAL file: entry at byte position (\d+)")
# read_only alone would still allow COPY ... TO and read_csv('/etc/...')
_CLOSED = {"threads": 2, "enable_external_access": False, "lock_configuration": True}


STRANGER_S = 10.0


class CatalogBusy(BusyLab):
    """A program that does not know our locks has the file open."""


# -- opening ---------------------------------------------------------------------------------------------


def connect(file: Path, *, read_only: bool, create: bool = False) -> Any:
    """A DuckDB connection without access to anything but the catalog.

    A program that does not know our locks (a duckdb shell) is waited for a while.
    """
    import duckdb

    if not create and not file.exists():  # DuckDB would make a new one
        raise DamagedLab(f"{file} is gone; restore it from a backup")
    end = time.monotonic() + STRANGER_S
    while True:
        try:
            with translated(file):
                return duckdb.connect(str(file), read_only=read_only, config=dict(_CLOSED))
        except CatalogBusy:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def open_repaired(file: Path, *, whole: bool = False) -> tuple[Any, list[str]]:
    """Open for writing; cut a damaged write-ahead log where its first bad entry begins, and keep what was cut off.

    The caller holds the exclusive lock. DuckDB passes over some damage without a word, so the number of the last commit
    is compared with the mark, which is on the disk before a commit is acknowledged. Where the mark is missing or does
    not fit the catalog and its log, nobody can tell whether commits are lost, and that is said.

    From here on the mark says that the files may change (:func:`~veml_lab.catalog.revision.announce`); whoever is done
    writes it anew.

    Parameters
    ----------
    whole
        The owner has just copied it and knows that all commits are in it: no mark is needed.

    Returns
    -------
    connection, list of str
        One line for each thing that was repaired.
    """
    said: list[str] = []
    before, digest = _size(wal_file(file)), headers(file) if file.exists() else ""
    while True:
        try:
            con = connect(file, read_only=False)
            break
        except DamagedLab as e:
            found = _AT_BYTE.search(str(e.__cause__))
            if found is None or len(said) > 3:
                raise
            said.append(_cut_wal(file, int(found[1])))
    try:
        with translated(file):
            mark, seq = read_mark(file), last_commit(con)
    except BaseException:
        con.close()
        raise
    if mark is not None and seq < mark.seq and not said:
        lost = f"{mark.seq - seq} acknowledged commits"
        if before:
            kept = _keep(wal_file(file))
            with translated(file):
                con.execute("CHECKPOINT")  # fold in what was read of the log; closing would do it, and fail in silence
            con.close()
            # DuckDB passes over a log whose head is damaged, and would go on writing behind it
            wal_file(file).unlink(missing_ok=True)
            said.append(
                f"the write-ahead log of {file} is damaged and {lost} are lost, those after number {seq}; it was kept"
                f" as {kept}"
            )
            con = connect(file, read_only=False)
        else:
            said.append(f"{file} is older than this lab was: {lost} are not in it (was it restored from a backup?)")
    elif not whole and not said and (note := doubt(mark, seq, before, digest)) and not _unmarked(con, before):
        said.append(
            f"whether commits are lost cannot be told: the note of the last one, {mark_file(file)}, {note}. The last"
            f" commit that was found is number {seq}; if you miss one, see your backups"
        )
    if said or mark is None or mark.seq != seq:
        write_mark(file, seq, new_epoch=bool(said))
    announce(file)
    return con, said


def _unmarked(con: Any, wal_bytes: int) -> bool:
    """Whether it is a catalog of version 1 without a log, which never had a mark."""
    return not wal_bytes and version_of(con) < 2


def open_current(file: Path) -> tuple[Any, list[str]]:
    """:func:`open_repaired`, then run the migrations that the catalog has not seen."""
    con, said = open_repaired(file)
    try:
        with translated(file):
            said += run_migrations(con, file)
    except BaseException:
        con.close()
        raise
    return con, said


def create(folder: Path) -> None:
    """Make the file with its tables beside its name and rename it: killed on the way, there is none."""
    file = folder / "catalog.duckdb"
    with folder_lock(folder, exclusive=True):
        if file.exists():
            return  # another process was first
        for left in folder.glob(f"{DRAFT}*"):
            left.unlink()
        draft = folder / DRAFT
        try:
            con = connect(draft, read_only=False, create=True)
            try:
                with translated(draft):
                    con.execute("BEGIN")
                    for number in sorted(MIGRATIONS):
                        for sql in MIGRATIONS[number]:
                            con.execute(sql)
                    record_all(con)
                    con.execute("COMMIT")
                    con.execute("CHECKPOINT")
            finally:
                con.close()
            _put_folded(draft, file)
        finally:
            draft.unlink(missing_ok=True)
            wal_file(draft).unlink(missing_ok=True)
        write_mark(file, 0, new_epoch=True)


def wal_is_cause(e: DamagedLab) -> bool:
    """Whether the catalog could not be opened because of its write-ahead log, which can be repaired."""
    return _AT_BYTE.search(str(e.__cause__)) is not None


def is_doubtful(con: Any, file: Path) -> bool:
    """Whether acknowledged commits are missing from what could be read of the catalog and its log, or may be."""
    mark, seq, log = read_mark(file), last_commit(con), _size(wal_file(file))
    if mark is not None and seq < mark.seq:
        return True
    return bool(doubt(mark, seq, log, headers(file))) and not _unmarked(con, log)


def _cut_wal(file: Path, position: int) -> str:
    wal = wal_file(file)
    kept = _keep(wal)
    size = wal.stat().st_size
    with wal.open("r+b") as f:
        f.truncate(position)
        os.fsync(f.fileno())
    return (
        f"the write-ahead log of {file} was damaged at byte {position} of {size}: the commits before it are kept, "
        f"what came after is lost; the damaged log was kept as {kept}"
    )


def _keep(path: Path) -> Path:
    folder = path.parent / DAMAGED
    folder.mkdir(exist_ok=True)
    kept = folder / f"{path.name}.{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}.{uuid.uuid4().hex[:4]}"
    shutil.copyfile(path, kept)
    return kept


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def free_share(con: Any) -> float:
    """Which part of the file holds nothing."""
    total, free = con.execute("SELECT sum(total_blocks), sum(free_blocks) FROM pragma_database_size()").fetchall()[0]
    return float(free or 0) / float(total or 1)


def compact(file: Path) -> tuple[int, int]:
    """Write the catalog anew without its empty blocks and put it in the place of the old one.

    The caller has the lab to itself (:func:`veml_lab.catalog.client.exclusively`). Killed on the way, the old one is
    there.

    Returns
    -------
    int, int
        Bytes before and after.
    """
    import duckdb

    con, _ = open_current(file)
    seq = last_commit(con)
    draft = file.with_name(DRAFT)
    try:
        try:
            with translated(file):
                con.execute("CHECKPOINT")
                need_room(file.parent, int(_size(file) * (1 - free_share(con))), "compacting the catalog")
        finally:
            con.close()
        if _size(wal_file(file)):  # somebody we do not know is at it
            return _size(file), _size(file)
        draft.unlink(missing_ok=True)
        with translated(file), duckdb.connect(config={"threads": 2}) as both:
            for name, path, options in (("old", file, " (READ_ONLY)"), ("new", draft, "")):
                both.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS {name}{options}")
            both.execute("SET enable_external_access = false")  # a stranger's catalog may hold a view of any file
            both.execute("COPY FROM DATABASE old TO new")
            # closing folds the draft's log in too, but on a full disk that fails without a word: a draft without tables
            both.execute("CHECKPOINT new")
            rows = _rows_of(both, "old")
        with translated(draft), contextlib.closing(connect(draft, read_only=True)) as made:
            if _rows_of(made, made.execute("SELECT current_database()").fetchall()[0][0]) != rows:
                raise LabError(f"compacting {file} failed: not all of it is in the copy; nothing was changed")
        before, after = _size(file), _size(draft)
        _put_folded(draft, file)
        return before, after
    finally:
        draft.unlink(missing_ok=True)
        wal_file(draft).unlink(missing_ok=True)
        write_mark(file, seq)


def _put_folded(draft: Path, file: Path) -> None:
    """Give a finished catalog its name, unless its log is not folded in: what is in the log would be lost."""
    if _size(wal_file(draft)):
        raise LabError(f"{file} could not be written whole, and nothing was changed; free space and try again")
    put_whole(draft, file)


def _rows_of(con: Any, name: str) -> dict[str, int]:
    """How many rows each table has."""
    tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = ?", [name]).fetchall()
    return {t: con.execute(f'SELECT count(*) FROM "{name}".main."{t}"').fetchall()[0][0] for (t,) in tables}


# -- the two verbs ---------------------------------------------------------------------------------------


def answer(con: Any, question: str, params: Mapping[str, Any], ids: pa.Array | None) -> pa.Table:
    """Answer a named question on a connection."""
    sql = READS.get(question)
    if sql is None:
        raise UnknownName.of("question of the catalog", question, READS)
    if ids is None:
        return con.sql(sql, params=dict(params) or None).to_arrow_table()
    import pyarrow as pa

    con.register("_ids", pa.table({"id": ids}))
    try:
        return con.sql(sql, params=dict(params) or None).to_arrow_table()
    finally:
        con.unregister("_ids")


def commit(
    con: Any, changes: Sequence[Change], tx: uuid.UUID, rows_of: Callable[[Any], pa.Table], *, last: int | None = None
) -> tuple[int, bool]:
    """Do all changes or none; one writer at a time.

    Parameters
    ----------
    rows_of
        Gives the Arrow table of a change's ``rows``.
    last
        The number of the last commit, where the caller knows it.

    Returns
    -------
    int, bool
        The number of the commit; whether it was done now (False: this ``tx`` had been committed before).
    """
    import duckdb

    con.execute("BEGIN")
    try:
        seq = (last_commit(con) if last is None else last) + 1
        try:
            con.execute("INSERT INTO commit_log VALUES (?, ?, ?)", [seq, str(tx), now()])
        except duckdb.ConstraintException:  # cheaper than to look first, since it hardly ever is
            con.execute("ROLLBACK")
            known = con.execute("SELECT seq FROM commit_log WHERE tx = ?", [str(tx)]).fetchall()
            if not known:
                raise
            return int(known[0][0]), False
        for c in changes:
            sql = WRITES.get(c.name)
            if sql is None:
                raise UnknownName.of("change of the catalog", c.name, WRITES)
            if c.rows is None:
                con.execute(sql, dict(c.params))
                continue
            con.register("_rows", rows_of(c.rows))
            con.execute(sql, dict(c.params) or None)
            con.unregister("_rows")
        con.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(Exception):
            con.execute("ROLLBACK")
            con.unregister("_rows")  # not before: in a transaction that failed it raises what hides why it failed
        raise
    return seq, True


def last_commit(con: Any) -> int:
    """The number of the last commit; 0 before the first."""
    return int(
        con.execute("SELECT coalesce(max(seq), 0) FROM commit_log").fetchall()[0][0]
    )  # a result that is not read to its end blocks the connection


# -- errors ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def translated(file: Path) -> Iterator[None]:
    """Turn DuckDB's errors into ours."""
    import duckdb

    try:
        yield
    except duckdb.Error as e:
        raise _ours(e, file) from e


@contextlib.contextmanager
def asked_in_sql(file: Path) -> Iterator[None]:
    """As :func:`translated`, for a query that a person typed."""
    import duckdb

    try:
        with translated(file):
            yield
    except DamagedLab as e:
        if isinstance(e.__cause__, duckdb.CatalogException):
            raise BadInput(f"the query cannot be answered: {' '.join(str(e.__cause__).split())}") from e.__cause__
        raise
    except BadInput as e:
        if isinstance(e.__cause__, duckdb.Error):
            raise BadInput(f"the query cannot be answered: {' '.join(str(e.__cause__).split())}") from e.__cause__
        raise


def _ours(e: Exception, file: Path) -> VemlError:
    import duckdb

    line = str(e).splitlines()[0]
    if isinstance(e, duckdb.CatalogException) and "commit_log does not exist" in line:
        return DamagedLab(
            f"{file} holds no tables of a lab; restore it from a backup (veml backup). What lies beside it, weights and"
            " pictures, is untouched"
        )
    if isinstance(e, duckdb.ConstraintException):
        return BadInput(f"the catalog refused a duplicate: {line}")
    number = number_in(line)
    if number in FULL:
        return FullDisk(
            f"the disk of {file.parent} is full: nothing of this commit was kept, what was committed before is all"
            f" there ({line}). Free space and try again"
        )
    if "Could not set lock" in line or "Conflicting lock" in line:
        return CatalogBusy(f"another program has {file} open ({line}); close it there, e.g. a duckdb shell")
    if number is not None:  # no damage: the system refused
        return sentence(OSError(number, os.strerror(number)), file, "used")
    if isinstance(e, duckdb.OutOfMemoryException):
        return LabError(f"the catalog ran out of memory ({line}); ask for less at once, or free memory")
    broken = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)
    if isinstance(e, broken) or type(e) is duckdb.Error:  # a bad checksum comes as the base class
        return DamagedLab(
            f"{file} cannot be read: {line}. Restore catalog.duckdb from a backup; what else is wrong says: veml check"
            f" {file.parent}"
        )
    if isinstance(e, duckdb.CatalogException):
        return DamagedLab(f"{file} lacks a table: {line}. Restore catalog.duckdb from a backup")
    return BadInput(f"the catalog cannot take this: {line}")
