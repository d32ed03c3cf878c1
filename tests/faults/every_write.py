"""Compacts a catalog, makes one, or takes a backup, on a disk that is full from the n-th write or sync on.

    LD_PRELOAD=faulty.so python every_write.py PLACE compact|create|backup STEP OF

n is each number that there is, every OF-th beginning with STEP; a line a case. A full disk has kept DuckDB from folding
a log into its file when that was closed, and closing says nothing: a copy without tables took the place of a catalog.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import sys
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from walk import SYNC, WRITE

from veml_lab.catalog import Catalog, Change, database
from veml_lab.catalog.catalog import now
from veml_lab.catalog.revision import wal_file
from veml_lab.errors import VemlError
from veml_lab.upkeep import backup

COMMITS = 30
MADE = "migration"  # what a new catalog has rows in
VERBS: dict[str, Callable[[Path], Any]] = {
    "compact": lambda lab: database.compact(lab / "catalog.duckdb"),
    "create": database.create,
    "backup": lambda lab: backup(lab, lab / ".." / "copy"),
}
KINDS = {"write": WRITE, "sync": SYNC, "write or sync": WRITE | SYNC}


def rows_in(file: Path) -> dict[str, int]:
    """Rows of every table, asked of DuckDB alone."""
    with duckdb.connect(str(file), read_only=True) as con:
        tables = con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        return {t: con.execute(f'SELECT count(*) FROM "{t}"').fetchall()[0][0] for (t,) in tables}


def prepare(lab: Path) -> None:
    """A lab with some rows, half of them still in its log."""
    lab.mkdir(parents=True)
    (lab / "lab.toml").write_text("")
    catalog = Catalog(lab)
    for i in range(COMMITS - 1):
        catalog.commit([node(i)])
    catalog.close()
    file = lab / "catalog.duckdb"
    con, _ = database.open_current(file)
    database.commit(con, [node(COMMITS - 1)], uuid.uuid4(), lambda rows: rows)
    for each in (file, wal_file(file)):
        shutil.copyfile(each, each.with_name(f"{each.name}.kept"))
    con.close()
    for each in (file, wal_file(file)):
        each.with_name(f"{each.name}.kept").replace(each)
    assert wal_file(file).stat().st_size


def node(i: int) -> Change:
    props = json.dumps({"text": f"{i} " * 3000})
    return Change("add_node", {"id": f"m-{i}", "kind": "model", "name": f"{i}", "created": now(), "props": props})


def main(place: Path, verb: str, step: int, of: int) -> None:
    library = ctypes.CDLL(None)
    warnings.simplefilter("ignore")
    original, lab, copy = place / "original", place / "lab", place / "copy"
    prepare(original)
    due = rows_in(original / "catalog.duckdb")
    print(json.dumps({"rows": due["node"], "tables": len(due)}), flush=True)
    if verb == "create":
        due = dict.fromkeys(due, 0) | {MADE: due[MADE]}
    for kind, kinds in KINDS.items():
        n, hits = 1 + step, 1
        while hits:
            for each in (lab, copy):
                shutil.rmtree(each, ignore_errors=True)
            if verb == "create":
                lab.mkdir()
            else:
                shutil.copytree(original, lab)
            library.fault_set(os.fsencode(place), kinds, errno.ENOSPC, n)
            end = "done"
            try:
                VERBS[verb](lab)
            except VemlError as e:
                end = type(e).__name__
            hits = library.fault_hits()
            library.fault_clear()
            file = (copy if verb == "backup" else lab) / "catalog.duckdb"
            found = rows_in(file) if file.exists() else None
            state = "none" if found is None else "whole" if found == due else str(found)
            left = sorted(p.name for f in (place, lab, lab / "staging") if f.is_dir() for p in f.iterdir()
                          if "part" in p.name or "snapshot" in p.name)  # fmt: skip
            print(json.dumps({"kind": kind, "n": n, "end": end, "state": state, "left": left}), flush=True)
            n += of


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
