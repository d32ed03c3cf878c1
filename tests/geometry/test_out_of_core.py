"""Embeddings in a file that is larger than the memory there is."""

import os
import subprocess
import sys

import numpy as np
from peaks import ONE_OF_EACH

# The address space may grow by 72 MiB once the file of 128 MiB is mapped: whoever copies it fails.
PROGRAM = """
import resource, sys
import numpy as np
from veml_lab.geometry.coresets import k_center_greedy
from veml_lab.geometry.coverage import covering_balls

small = np.random.default_rng(0).standard_normal((9000, 200), dtype=np.float32)
covering_balls(small, k=20).drift(small[:400])  # loads what is loaded on first use
k_center_greedy(small, 300)
mapped = np.load(sys.argv[1], mmap_mode="r")
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (72 << 20)
if sys.argv[2] == "limited":
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    np.array(mapped)
except MemoryError:
    print("refused")
print(*k_center_greedy(mapped, 60, start=2).index)
balls = covering_balls(mapped, k=20, seed=3)
print(*balls.core.index, balls.radius_99, balls.drift(mapped[:400] + np.float32(0.5)).drifted)
"""


def test_core_sets_and_covering_balls_of_a_file_larger_than_memory_are_those_of_the_data(tmp_path):
    from veml_lab.geometry.coresets import k_center_greedy
    from veml_lab.geometry.coverage import covering_balls

    x = np.random.default_rng(1).standard_normal((32_768, 1024), dtype=np.float32)
    np.save(tmp_path / "x.npy", x)
    for way in ("free", "limited"):  # free first: what numba compiles for the first time takes memory of its own
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path / "x.npy"), way],
            env={**os.environ, **ONE_OF_EACH},  # every thread has a stack and a heap of its own, which count
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
    refused, index, balls = run.stdout.splitlines()
    assert refused == "refused"  # the limit holds: a copy of the file does not fit
    assert index.split() == list(map(str, k_center_greedy(x, 60, start=2).index))
    here = covering_balls(x, k=20, seed=3)
    assert balls.split() == [*map(str, here.core.index), str(here.radius_99), "True"]


def test_the_centres_of_very_many_rows_come_from_a_part_that_fits(monkeypatch):
    from veml_lab.geometry import coverage

    monkeypatch.setattr(coverage, "MOST_CENTRED", 500)
    rng = np.random.default_rng(4)
    x = rng.standard_normal((4000, 8))
    balls = coverage.covering_balls(x, k=20, seed=1)
    assert len(balls.held_out) == 3500
    assert not balls.drift(rng.standard_normal((500, 8))).drifted
    assert balls.drift(rng.standard_normal((500, 8)) + 0.4).drifted
