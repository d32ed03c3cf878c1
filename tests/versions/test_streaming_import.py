"""Imports keep a bounded part of their source in memory: peak resident size of a process that does nothing else."""

from __future__ import annotations

import pytest
from peaks import added_mb, needs_proc

pytestmark = needs_proc
CODE = """
from pathlib import Path
import veml_lab as veml
from veml_lab.sources.source import Box, Record, Source, Target

def work(path, n, kind):
    n = int(n)

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

    made = Source("made", "made", "regression" if kind == "row" else "detection", ("car", "dog"), records, n, "made")
    version = veml.open(path).add("all", made, progress=False)
    assert len(version) == n and version.ids.max() - version.ids.min() == n - 1
    return len(list((Path(path) / "staging").iterdir()))
"""


def grown(monkeypatch, tmp_path, *counts: int, kind: str) -> list[float]:
    monkeypatch.setenv("VEML_CATALOG", "inprocess")  # what the catalog needs is to be counted too
    found = added_mb(CODE, *((tmp_path / f"lab {i}", n, kind) for i, n in enumerate(counts)))
    assert [left for left, _ in found] == [0] * len(counts)  # nothing stays in the staging folder
    return [mb for _, mb in found]


@pytest.mark.parametrize(("kind", "bound"), [("image", 65), ("row", 40)])
def test_ten_times_the_samples_do_not_take_ten_times_the_memory(monkeypatch, tmp_path, kind, bound):
    _, small, large = grown(monkeypatch, tmp_path, 4_000, 4_000, 40_000, kind=kind)
    # kept of a sample: its hashes, its role, its bit of the ID set, and what the catalog holds back (37 and 23 MiB)
    assert large - small < bound


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["image", "row"])
def test_a_million_samples_are_imported_in_less_than_two_gigabytes(monkeypatch, tmp_path, kind):
    _, large = grown(monkeypatch, tmp_path, 4_000, 1_000_000, kind=kind)
    assert large < 1900
