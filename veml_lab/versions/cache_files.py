"""Arrow files under a lab's ``cache/``: whatever can be made again, mapped into memory when it is asked for.

A thread of its own writes a file beside its name, brings it to the disk and renames it, so that nobody waits for
that, and a killed or a second process does no harm. When the folder grows beyond its bound, the files that were
used longest ago go. Delete the folder at any time.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..storage.whole import whole

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "cache"
BOUND_BYTES = 4 * 1024**3
LARGEST_BYTES = BOUND_BYTES // 2
USED_AGAIN_S = 60  # the time of use of a file is noted at most once a minute
_writing: list[threading.Thread] = []


def keep(tables: Mapping[Path, pa.Table]) -> None:
    """Write tables as files of the cache, in the background, in the order in which they are given."""
    thread = threading.Thread(target=_keep, args=(dict(tables),), name="veml cache")
    _writing[:] = [t for t in _writing if t.is_alive()] + [thread]
    thread.start()  # no daemon: a process that ends waits for its files


def wait() -> None:
    """Wait until the files are written that this process is writing."""
    for thread in list(_writing):
        thread.join()


def _keep(tables: Mapping[Path, pa.Table]) -> None:
    with contextlib.suppress(OSError):  # a full disk or a folder that is gone cost time the next time, not the answer
        for file, table in tables.items():
            write(file, table)
        evict(file.parent, spare=tables)


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
    with (
        whole(file) as draft,
        pa.OSFile(str(draft), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table)


def evict(folder: Path, *, bound: int = BOUND_BYTES, spare: Container[Path] = ()) -> int:
    """Remove the files that were used longest ago until the folder holds at most ``bound`` bytes; gives the bytes
    freed.

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
        if file not in spare:
            file.unlink(missing_ok=True)
            freed += size
    return freed
