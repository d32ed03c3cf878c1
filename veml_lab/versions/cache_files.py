"""Arrow files under a lab's ``cache/``: whatever can be made again, mapped into memory when it is asked for.

A thread of its own writes a file beside its name, brings it to the disk and renames it, so that nobody waits for
that, and a killed or a second process does no harm. The folder is that of all intermediates, and its budget is theirs
(:mod:`veml_lab.intermediates.shelf`). Delete the folder at any time.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import VemlError
from ..intermediates.shelf import OVERHEAD_BYTES, Shelf
from ..storage.whole import whole

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST_BYTES = 2 * 1024**3
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
    # a full disk or a folder that is gone cost time the next time, not the answer
    with contextlib.suppress(OSError, VemlError):
        shelf = Shelf(next(iter(tables)).parent)
        size = sum(_size(table) for table in tables.values())
        with shelf.writing(size, spare=tables) as room:
            for file, table in tables.items() if room else ():
                write(file, table)


def _size(table: pa.Table) -> int:
    """Bytes of a table as a file."""
    import pyarrow as pa

    sink = pa.MockOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.size() + OVERHEAD_BYTES


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
