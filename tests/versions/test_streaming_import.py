"""Imports keep a bounded part of their source in memory: peak resident size of a process that does nothing else."""

from __future__ import annotations

import json

import pytest

CODE = """
import json, os, resource, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
import veml_lab as veml
from veml_lab.sources.source import Box, Record, Source, Target

n, kind = int(sys.argv[2]), sys.argv[4]

def records():
    for i in range(n):
        columns = {"camera": f"cam-{i % 7}", "time_s": i / 30, "frame": i, "night": i % 2 == 0}
        if kind == "row":
            yield Record(f"row {i}", b"", 0, 0, "train" if i % 5 else "test", kind="row", columns=columns,
                         targets=(Target("y", i / 7),))
        else:
            image = i.to_bytes(8, "big") * 40
            yield Record(f"a/quite/long/folder/name/{i:08d}.jpg", image, 640, 480, "train" if i % 5 else "test",
                         columns=columns,
                         boxes=(Box("car", i % 600, 10, 20, 30, {"score": 0.5}), Box("dog", 1, 2, 3, 4)))

lab = veml.open(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
made = Source("made", "made", "regression" if kind == "row" else "detection", ("car", "dog"), records, n, "made")
version = lab.add("all", made, progress=False)
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert len(version) == n and version.ids.max() - version.ids.min() == n - 1
left = len(list((Path(sys.argv[1]) / "staging").iterdir()))
print(json.dumps({"before_mb": before / 1024, "peak_mb": peak / 1024, "seconds": took, "left": left}))
"""


def measure(python, monkeypatch, tmp_path, n, kind):
    from labs import ROOT

    monkeypatch.setenv("VEML_CATALOG", "inprocess")  # what the catalog needs is to be counted too
    out, err = python(CODE, tmp_path / "lab", n, ROOT, kind).communicate()
    assert out, err
    return json.loads(out.splitlines()[-1])


@pytest.mark.parametrize("kind", ["image", "row"])
def test_ten_times_the_samples_do_not_take_ten_times_the_memory(python, monkeypatch, tmp_path, kind):
    small = measure(python, monkeypatch, tmp_path / "small", 4_000, kind)
    large = measure(python, monkeypatch, tmp_path / "large", 40_000, kind)
    assert large["left"] == 0
    # what all is kept of a sample: its hashes, its role, its bit of the ID set, and what the catalog holds back
    assert large["peak_mb"] - small["peak_mb"] < 160


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["image", "row"])
def test_a_million_samples_are_imported_in_less_than_two_gigabytes(python, monkeypatch, tmp_path, kind):
    found = measure(python, monkeypatch, tmp_path, 1_000_000, kind)
    print(found)
    assert found["peak_mb"] < 2048
