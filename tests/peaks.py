"""What some work adds to the memory of a process, measured so that neither load nor cores nor the parent matter.

``ru_maxrss`` of a child starts with the size of the process that it was forked from: in a test run of two gigabytes
nothing would ever be too much. So the peak is read from ``/proc`` (``VmHWM``), in a child that works with one thread
and one allocator (Arrow's own pool keeps freed memory back, and more of it the more threads there are), and that has
done the work once on little before, so that what is loaded on first use is not counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
ONE_OF_EACH = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "65536",  # what is freed goes back at once, and the threshold does not move by itself
    "MALLOC_TRIM_THRESHOLD_": "65536",
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="the peak is read from /proc")

_CHILD = """
import json, sys, warnings
import numpy, pyarrow
pyarrow.set_cpu_count(1)
pyarrow.set_io_thread_count(1)
warnings.simplefilter("ignore")

def peak_kb():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])

exec(sys.argv[1])
for words in json.loads(sys.argv[2]):
    try:
        with open("/proc/self/clear_refs", "w") as f:
            f.write("5")  # the peak starts anew from what there is now
    except OSError:
        pass  # a kernel without it: what counts is then what goes over the peak so far
    before = peak_kb()
    said = work(*words)
    print(json.dumps([said, (peak_kb() - before) / 1024]), flush=True)
"""


def added_mb(code: str, *calls: tuple[object, ...]) -> list[tuple[object, float]]:
    """Run ``work(*call)``, which ``code`` defines, for one call after the other in a process of its own.

    Parameters
    ----------
    code
        Defines ``work``, whose answer is given back (as JSON).
    calls
        The arguments of each call; the first is the small one that loads what is loaded once.

    Returns
    -------
    list
        For every call its answer and the MiB that the process grew by while it ran.
    """
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, code, json.dumps([[str(w) for w in c] for c in calls])],
        env={**os.environ, **ONE_OF_EACH, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]
