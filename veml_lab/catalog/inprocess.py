"""The catalog opened in this process: short connections under a lock on the lab's folder.

DuckDB lets one process write or many read, and a writer locks readers out too. So each operation takes
a shared or an exclusive ``flock`` on the lab's *folder* (which also works on a read-only mount), opens
the file, does its work and closes it again: about 20 ms for a read and 60 ms for a commit. This is how a
lab is read where no owner process runs, and how it is written where none may be started.

Where an owner holds the lock, it is asked instead. Where it cannot be reached (the lab is mounted from
elsewhere, or belongs to another user), a reader works on a private copy.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import DamagedLab, LabError
from ..storage.locks import is_held, naps, take
from . import database
from .changes import Change
from .client import OwnerClient
from .migrate import check_format_version, version_of
from .privatecopy import PrivateCopy
from .revision import write_mark
from .runtime import pointer_file
from .schema import FORMAT_VERSION
from .staging import staged_table

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

# One connection at a time in a process: DuckDB keeps one database object a file, and threads that open and
# close it at the same moment (a cell and the panel's subshell) pull it from under each other.
_ONE_AT_A_TIME = threading.RLock()
UNREACHABLE_S = 2.0  # a lab that is locked for longer, by nobody who answers, is read from a copy


class InProcess:
    """Reads and commits by short connections.

    Parameters
    ----------
    read_only
        Write nothing, anywhere in the lab.
    """

    def __init__(self, lab: Path, *, read_only: bool) -> None:
        self.lab, self.file, self.read_only = lab, lab / "catalog.duckdb", read_only
        self._owner = OwnerClient(lab, mode="read" if read_only else "write", start=False)
        self._copy = PrivateCopy(self.file) if read_only else None
        self._current = False  # whether the catalog is known to have the newest tables
        self._upgrade = False  # whether it is known to need repair or a migration

    def read(self, question: str, params: Mapping[str, Any], ids: pa.Array | None) -> pa.Table:
        """Answer a named question."""
        return self._run(
            lambda con: database.answer(con, question, params, ids), lambda: self._owner.read(question, params, ids)
        )

    def commit(self, changes: Sequence[Change], tx: uuid.UUID) -> int:
        """Do all changes or none, durably."""

        def rows_of(rows: Any) -> pa.Table:
            return staged_table(self.lab, rows) if isinstance(rows, Path) else rows

        return self._run(
            lambda con: database.commit(con, changes, tx, rows_of)[0],
            lambda: self._owner.commit(changes, tx),
            write=True,
        )

    def close(self) -> None:
        """Let go of everything."""
        self._owner.close()
        if self._copy is not None:
            self._copy.close()

    def _run(self, work: Callable[[Any], T], ask: Callable[[], T | None], *, write: bool = False) -> T:
        """Do ``work`` with a connection as soon as the lock is free, or ``ask`` the owner that holds it."""
        since = time.monotonic()
        for nap in naps(self.lab):
            if self.read_only:
                self._make_way()
            with _ONE_AT_A_TIME:
                try:
                    lock = take(self.lab, exclusive=write or self._upgrade)
                except FileNotFoundError:
                    raise DamagedLab(f"the lab's folder {self.lab} is gone") from None
                if lock is not None:
                    try:
                        return self._write(work) if write or self._upgrade else self._read(work)
                    except _Upgrade:
                        self._upgrade = True
                        continue
                    finally:
                        os.close(lock)
            found = ask()
            if found is not None:
                return found
            if self._copy is not None and time.monotonic() - since > UNREACHABLE_S:
                return self._copy.run(work)
            time.sleep(nap)
        raise AssertionError("naps() ends by raising")

    def _write(self, work: Callable[[Any], T]) -> T:
        con, said = database.open_current(self.file)
        for text in said:
            warnings.warn(text, stacklevel=2)
        try:
            with database.translated(self.file):
                result = work(con)
                seq = database.last_commit(con)
        finally:
            con.close()  # which folds the log into the catalog
        write_mark(self.file, seq)
        self._current, self._upgrade = True, False
        return result

    def _read(self, work: Callable[[Any], T]) -> T:
        try:
            con = database.connect(self.file, read_only=True)
        except DamagedLab as e:
            if not database.wal_is_cause(e):
                raise
            return self._elsewhere(work)
        try:
            with database.translated(self.file):
                if not self._current:
                    found = version_of(con)
                    check_format_version(found, self.file)
                    self._current = found == FORMAT_VERSION and not database.is_doubtful(con, self.file)
                if self._current:
                    return work(con)
        finally:
            con.close()
        return self._elsewhere(work)

    def _elsewhere(self, work: Callable[[Any], T]) -> T:
        """The catalog is old, or its log is damaged: put right here, or, for a reader, in a copy of its own."""
        if self._copy is None:
            raise _Upgrade
        return self._copy.run(work)

    def _make_way(self) -> None:
        """Let somebody who starts an owner have the lock: a stream of readers would keep it out for ever."""
        try:
            starting = pointer_file(self.lab)
        except (OSError, LabError):  # the lab is gone, or there is no place for a pointer: that is said elsewhere
            return
        end = time.monotonic() + 1.0
        while time.monotonic() < end and is_held(starting, exclusive=False):
            time.sleep(0.01)


class _Upgrade(Exception):
    """The lock that is held is not enough for what is to be done."""
