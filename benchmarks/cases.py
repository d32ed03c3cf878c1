"""Bad cases at size: 100,000 cases, 50,000 occurrences over 60 weeks; and how duplicates of small pictures are found.

One run, one machine. The lab is an ordinary one; what is timed is the public call. Times are wall milliseconds,
medians; "first look" is after a change of the lab, when what came since is read and the states are worked out.

    python benchmarks/cases.py                    # writes docs/results/cases.md
    python benchmarks/cases.py --cases 20000      # smaller, prints only
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import os
import platform
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from _suites import DATA, ROOT, table
from _version_peers import ms
from PIL import Image

import veml_lab as veml
from veml_lab.lifecycle.case_changes import say
from veml_lab.versions.cases import NewCase, NewOccurrence, case_rows, keep
from veml_lab.versions.model import add_model
from veml_lab.versions.near import FAR, SAME, dhash, small_grey

WEEKS, VERSIONS = 60, 20
FUNCTIONS = ("pedestrians", "vehicles", "signs", "lanes", "lights")
SHOWN = "function = 'signs' AND status = 'new' AND frequency >= 1"


def filled(folder: Path, n: int, occurrences: int) -> veml.Lab:
    """A lab with cases of made-up samples, made by a chain of versions."""
    lab = veml.open(folder)
    lab.add("roads", veml.road_world("clear-city", 8, seed=1, test_share=0), progress=False)
    data = lab["roads"]
    model = add_model(lab.store, "net", {"architecture": "none", "task": "classification", "num_classes": 3})
    plan = {"data": data.id, "model": model.id, "validation": data.id, "backend": "torchvision", "seed": 0, "hyper": {}}
    live: list[str] = []
    for v in range(VERSIONS):
        made = lab.store.add("training", f"run {v}", {"plan": plan, "summary": {}, "classes": []}, [])
        props = {"training": made.id, "configuration": {}, "measured": {}, "file": "", "sha256": ""}
        before = [(live[-1], "replaces", {})] if live else []
        live.append(lab.store.add("inference", f"v{v}", props, [(made.id, "deployed_as", {}), *before]).id)
    rng = np.random.default_rng(0)
    begin = dt.datetime(2025, 1, 6)
    for start in range(0, n, 20_000):
        cases = [
            NewCase(int(i), FUNCTIONS[i % 5], "class", f"class {i % 40}", description=f"case {i}", content=f"{i:x}")
            for i in range(start, min(n, start + 20_000))
        ]
        keep(lab.store, cases)
    ids = case_rows(lab.store).cases["id"].to_pylist()
    rows = [
        NewOccurrence(
            ids[int(rng.integers(n))] if k >= n else ids[k], "test",
            begin + dt.timedelta(hours=int(rng.integers(WEEKS * 168))),
            f"class {k % 39}", live[k % VERSIONS], kind="class", cost=0.5, day=str(k),
        )
        for k in range(occurrences)
    ]  # fmt: skip
    for start in range(0, len(rows), 25_000):
        keep(lab.store, occurrences=rows[start : start + 25_000])
    return lab


def at_size(n: int, occurrences: int) -> list[list[str]]:
    """Timings of a lab with so many cases."""
    with tempfile.TemporaryDirectory() as room:
        lab = filled(Path(room) / "lab", n, occurrences)
        store = lab.store
        lab.cases(SHOWN)

        first = []
        for k in range(3):
            say(store, [case_rows(store).cases["id"][0].as_py()], "tag", f"t{k}")
            first.append(ms(lambda: lab.cases(SHOWN), 1))
        everything = lab.cases()
        frame = everything.to_pandas()
        found = lab.cases(SHOWN)
        peer = ms(lambda: frame[(frame.function == "signs") & (frame.status == "new") & (frame.frequency >= 1)])
        assert len(found) == len(frame[(frame.function == "signs") & (frame.status == "new") & (frame.frequency >= 1)])
        weeks = everything.weekly()
        assert sum(weeks.counts) == occurrences
        stamps = pd.to_datetime(pd.Series(case_rows(store).occurrences["seen"].to_pylist()))
        assert pd.Series(1, stamps).resample("W-SUN").sum().tolist() == list(weeks.counts)
        return [
            [f"a query of {n:,} cases (`lab.cases(where)`)", f"{ms(lambda: lab.cases(SHOWN)):.0f}", "200"],
            ["the same query over the exported frame, in pandas", f"{peer:.1f}", ""],
            ["the same query, first look after a change", f"{sorted(first)[1]:.0f}", ""],
            [f"text search over {n:,} cases", f"{ms(lambda: lab.cases(text='class 7'), 3):.0f}", ""],
            [f"weekly series of {occurrences:,} occurrences", f"{ms(everything.weekly):.0f}", ""],
            ["weekly chart, drawn as a figure", f"{ms(lambda: everything.weekly().chart().figure()):.0f}", "1,000"],
            ["statistics", f"{ms(everything.statistics):.0f}", ""],
            ["states of all cases from the graph", f"{ms(lambda: _states(store)):.0f}", ""],
        ]


def _states(store: Any) -> None:
    from veml_lab.versions.case_states import fold

    fold(case_rows(store), store.graph())


def near() -> list[list[str]]:
    """Copies (JPEG 70, 0.8 x) that are found again, and pairs of different pictures that are offered, by hash and by
    grey values."""

    def encoded(image: Image.Image, quality: int) -> bytes:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        return out.getvalue()

    rows = []
    for name, path, n in (("CIFAR-10", "cifar10/cifar10_jpeg.tar.xz", 1000), ("COCO", "coco/coco.tar.xz", 300)):
        if not (DATA / path).exists():
            continue
        images = [Image.open(io.BytesIO(r.image)).convert("RGB") for r in islice(veml.read(DATA / path).records(), n)]
        plain = [encoded(i, 95) for i in images]
        copies = [encoded(i.resize((round(i.width * 0.8), round(i.height * 0.8))), 70) for i in images[:100]]
        hashes, again = ([dhash(b) or 0 for b in bs] for bs in (plain, copies))
        looks, seen = ([small_grey(b) for b in bs] for bs in (plain, copies))
        rng = np.random.default_rng(0)
        pairs = [rng.choice(n, 2, replace=False) for _ in range(10_000)]
        by_hash = sum((a ^ b).bit_count() <= FAR for a, b in zip(hashes, again, strict=False))
        by_grey = sum(a is not None and b is not None and a @ b >= SAME for a, b in zip(looks, seen, strict=False))
        wrong_hash = sum((hashes[a] ^ hashes[b]).bit_count() <= FAR for a, b in pairs)
        wrong_grey = sum(
            looks[a] is not None and looks[b] is not None and looks[a] @ looks[b] >= SAME for a, b in pairs
        )
        rows.append([name, f"dHash, {FAR} bits", f"{by_hash} of 100", f"{wrong_hash} of 10,000"])
        rows.append([name, f"8 x 8 grey values, correlation {SAME}", f"{by_grey} of 100", f"{wrong_grey} of 10,000"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--occurrences", type=int, default=50_000)
    args = parser.parse_args()
    timed = at_size(args.cases, args.occurrences)
    text = (
        "# Bad cases at size\n\n"
        f"Made by `python benchmarks/cases.py`. Python {platform.python_version()}, pandas {pd.__version__}.\n\n"
        f"{args.cases:,} cases, {args.occurrences:,} occurrences over {WEEKS} weeks, {VERSIONS} versions in a chain."
        " Wall milliseconds, medians, on a shared machine: read the ratios.\n\n"
        + table(["what", "ms", "goal"], timed)
        + "\n\nThe weeks equal pandas' resampling of the same days, and the query finds what pandas finds.\n\n"
        "## Duplicates\n\n100 pictures encoded again (JPEG quality 70, 0.8 of their size), and 10,000 random pairs of"
        " different ones.\n\n" + table(["pictures", "by", "copies found", "others offered"], near()) + "\n"
    )
    print(text)
    if args.cases >= 100_000:
        (ROOT / "docs" / "results" / "cases.md").write_text(text)


if __name__ == "__main__":
    main()
