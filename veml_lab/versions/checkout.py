"""Tables of a data version, kept as Arrow files that are mapped into memory when they are asked for again.

A version is frozen: its sample IDs and the annotation layer that it reads never change. So the answer to "which
samples, which boxes" is found in the catalog once, and after that is a file under the lab's ``cache/`` that opens
in a millisecond whatever the version's size and however many versions there are. The folder holds nothing that
cannot be made again: delete it at any time.

A file is named by what determines it. A thread of its own writes it beside its name, brings it to the disk and
renames it, so that nobody waits for that, and a killed or a second process does no harm. When the folder grows beyond its bound, the files that were used longest ago go. A lab that is open
read-only, or whose folder cannot be written, uses the files that are there and makes none.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .store import VersionStore, key_of

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "cache"
FORM = 1  # part of every name: raise it when what is kept changes its form
BOUND_BYTES = 2 * 1024**3
SMALLEST_ROWS = 1000  # below, the catalog answers as fast as a file is opened
LARGEST_BYTES = BOUND_BYTES // 4
USED_AGAIN_S = 60  # the time of use of a file is noted at most once a minute
_writing: list[threading.Thread] = []


def kept(store: VersionStore, make: Callable[[], pa.Table], *what: str) -> pa.Table:
    """The table that ``make`` gives, from the cache where it has been made before.

    Parameters
    ----------
    make
        Reads the table; asked when there is no file of it, or a damaged one.
    what
        Texts that together determine the table for ever, such as a version's ID and a question.
    """
    file = store.folder / FOLDER / f"{key_of(FORM, *what)}.arrow"
    table = mapped(file)
    if table is not None:
        return table
    table = make()
    if not store.catalog.read_only and len(table) >= SMALLEST_ROWS and table.nbytes <= LARGEST_BYTES:
        keep(file, table)
    return table


def in_id_order(table: pa.Table) -> pa.Table:
    """Rows by their ``id``, those of one ID in the order in which they are.

    Imports get ascending IDs and are stored one after the other, so rows come out of the catalog in this order
    unless an import overtook another: looking costs a hundredth of sorting in the query.
    """
    import numpy as np
    import pyarrow as pa

    i = table["id"].to_numpy()
    return table if (i[1:] >= i[:-1]).all() else table.take(pa.array(np.argsort(i, kind="stable")))


def keep(file: Path, table: pa.Table) -> None:
    """Write a table as a file of the cache, in the background."""
    thread = threading.Thread(target=_keep, args=(file, table), name=f"veml cache {file.name}")
    _writing[:] = [t for t in _writing if t.is_alive()] + [thread]
    thread.start()  # no daemon: a process that ends waits for the file


def wait() -> None:
    """Wait until the files are written that this process is writing."""
    for thread in list(_writing):
        thread.join()


def _keep(file: Path, table: pa.Table) -> None:
    with contextlib.suppress(OSError):  # a full disk or a folder that is gone cost time the next time, not the answer
        write(file, table)
        evict(file.parent, keep=file)


def mapped(file: Path) -> pa.Table | None:
    """The table of a file of the cache, memory-mapped; None where there is none, or half of one."""
    import pyarrow as pa

    try:
        with pa.memory_map(str(file)) as source:
            table = pa.ipc.open_file(source).read_all()
    except FileNotFoundError:
        return None
    except (pa.ArrowInvalid, OSError):
        with contextlib.suppress(OSError):
            file.unlink()
        return None
    with contextlib.suppress(OSError):
        if time.time() - file.stat().st_mtime > USED_AGAIN_S:
            os.utime(file)
    return table


def write(file: Path, table: pa.Table) -> None:
    """Write a table as an Arrow file: all of it or nothing, also when the machine loses power."""
    import pyarrow as pa

    file.parent.mkdir(exist_ok=True)
    temp = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        with pa.OSFile(str(temp), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        with temp.open("rb") as f:
            os.fsync(f.fileno())
        temp.replace(file)
    finally:
        temp.unlink(missing_ok=True)


def evict(folder: Path, *, bound: int = BOUND_BYTES, keep: Path | None = None) -> int:
    """Remove the files that were used longest ago until the folder holds at most ``bound`` bytes; gives the bytes freed.

    A process that has such a file mapped goes on reading it. What a killed process left half-written counts as
    old after an hour.
    """
    hour_ago = time.time() - 3600
    found: list[tuple[float, int, Path]] = []
    for file in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process evicts too
            s = file.stat()
            if not file.name.endswith(".part"):
                found.append((s.st_mtime, s.st_size, file))
            elif s.st_mtime < hour_ago:
                file.unlink()
    total, freed = sum(size for _, size, _ in found), 0
    for _, size, file in sorted(found):
        if total - freed <= bound:
            break
        if file != keep:
            file.unlink(missing_ok=True)
            freed += size
    return freed
