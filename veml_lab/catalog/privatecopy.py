"""A reader's own copy of a catalog, for the cases in which the file itself cannot be opened as it is.

That is when the owner holds it and cannot be reached (the lab is mounted read-only from elsewhere), when
it is of an older version, or when its log is damaged, and nothing may be written beside it. The copy is
repaired and migrated like any catalog, and made anew when the original has changed.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time
import warnings
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ..errors import LabError
from . import database
from .revision import mark_file, signature, wal_file

T = TypeVar("T")
TRIES = 40


class PrivateCopy:
    """A copy in the machine's temporary folder; it goes with this object."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._con: Any = None
        self._seen = ""
        self._folder: Path | None = None

    def run(self, work: Callable[[Any], T]) -> T:
        """Do ``work`` with a connection to a copy of the catalog as it is now."""
        with self._lock:
            if self._con is None or signature(self.file) != self._seen:
                self._renew()
            with database.translated(self.file):
                return work(self._con)

    def close(self) -> None:
        """Remove the copy."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._con is not None:
            self._con.close()
            self._con = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _renew(self) -> None:
        self._drop()
        self._folder = Path(tempfile.mkdtemp(prefix="veml-copy-"))
        weakref.finalize(self, shutil.rmtree, self._folder, True)
        self._seen = copy_catalog(self.file, self._folder / "catalog.duckdb")
        self._con, said = database.open_repaired(self._folder / "catalog.duckdb")
        with database.translated(self.file):
            database.run_migrations(self._con, self._folder / "catalog.duckdb", backup=False)
        for text in said:
            warnings.warn(text, stacklevel=2)


def copy_catalog(file: Path, target: Path) -> str:
    """Copy a catalog that others may be writing, until nothing has changed meanwhile; gives its signature.

    Raises
    ------
    LabError
        It changes all the time.
    """
    for _ in range(TRIES):
        before = signature(file)
        wal_file(target).unlink(missing_ok=True)
        shutil.copyfile(file, target)
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(wal_file(file), wal_file(target))
        with contextlib.suppress(OSError):
            shutil.copyfile(mark_file(file), mark_file(target))
        if signature(file) == before:
            return before
        time.sleep(0.05)
    raise LabError(f"{file} is being written all the time and could not be copied; try again in a moment")
