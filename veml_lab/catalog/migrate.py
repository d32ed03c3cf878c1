"""Bring the catalog of an older VeML-Lab up to date: numbered steps, in one transaction, after a backup.

Which steps a catalog has seen stands in its table ``migration``; the first released catalogs have no
such table and count as 1. The steps themselves are in :mod:`veml_lab.catalog.schema`; they only add.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from pathlib import Path
from typing import Any

from ..errors import NewerLab
from ..storage.whole import copy_whole, write_whole
from .changes import now
from .revision import wal_file
from .schema import FORMAT_VERSION, MIGRATIONS

BACKUPS = "backups"
_TABLE = "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, made TIMESTAMP)"


def version_of(con: Any) -> int:
    """The highest step that this catalog has seen."""
    there = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'migration'").fetchall()[0][0]
    return int(con.execute("SELECT coalesce(max(number), 1) FROM migration").fetchall()[0][0]) if there else 1


def record_all(con: Any) -> None:
    """Note in a new catalog that it has seen every step."""
    con.execute(_TABLE)
    for number in sorted(MIGRATIONS):
        con.execute("INSERT INTO migration VALUES (?, ?)", [number, now()])


def run_migrations(con: Any, file: Path, *, backup: bool = True) -> list[str]:
    """Run the steps that the catalog has not seen; one line a step for the person at the machine.

    Killed on the way, the catalog is as it was. The backup is ``backups/catalog-v1-<time>.duckdb``.

    Raises
    ------
    NewerLab
        The catalog has seen steps that this VeML-Lab does not know.
    """
    have = version_of(con)
    check_format_version(have, file)
    if have == FORMAT_VERSION:
        return []
    kept = _backup(con, file, have) if backup else None
    if backup:
        _mark_folder(file.parent)  # first: from here on an older VeML-Lab has to refuse this lab
    con.execute("BEGIN")
    try:
        con.execute(_TABLE)
        if have == 1:
            con.execute("INSERT OR IGNORE INTO migration VALUES (1, ?)", [now()])
        for number in range(have + 1, FORMAT_VERSION + 1):
            for sql in MIGRATIONS[number]:
                con.execute(sql)
            con.execute("INSERT INTO migration VALUES (?, ?)", [number, now()])
        con.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(Exception):
            con.execute("ROLLBACK")
        raise
    return [
        f"the catalog of {file.parent} was brought from version {have} to {FORMAT_VERSION}; the old one was kept as"
        f" {kept}"
    ]


def check_format_version(found: int, where: Path) -> None:
    """Refuse a lab of a newer format, before anything is touched."""
    if found > FORMAT_VERSION:
        raise NewerLab(
            f"{where} has format version {found}, this VeML-Lab knows up to {FORMAT_VERSION}; "
            "upgrade with: pip install -U veml-lab"
        )


def _backup(con: Any, file: Path, have: int) -> Path:
    con.execute("CHECKPOINT")
    folder = file.parent / BACKUPS
    folder.mkdir(exist_ok=True)
    kept = folder / f"catalog-v{have}-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}.duckdb"
    wal = wal_file(file)
    if wal.exists() and wal.stat().st_size:
        copy_whole(wal, wal_file(kept))
    return copy_whole(file, kept)


def _mark_folder(lab: Path) -> None:
    """Put the new number into ``lab.toml``, where an older VeML-Lab looks first."""
    marker = lab / "lab.toml"
    if not marker.exists():  # a bare catalog, as tests have it
        return
    text = re.sub(r"(?m)^format_version\s*=\s*\d+", f"format_version = {FORMAT_VERSION}", marker.read_text())
    write_whole(marker, text)
