"""What the panel asks of a large lab, ``lab.rows()``: the first time, again, and after one more commit.

One run, one page: ``python benchmarks/panel_rows.py [--versions 10000] --write docs/results/panel_rows.md``. A chain of
data versions in commits of a thousand; times are the least of several, since other work on the machine only adds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

TARGET_S = 0.2


def least(action: Callable[[], object], times: int) -> tuple[float, float]:
    """Wall and computing seconds of the quickest of so many calls."""
    found = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        action()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(found)


def measure(n: int) -> list[tuple[str, float, float]]:
    """Rows of the page: what was asked, wall and computing seconds."""
    import veml_lab as veml
    from veml_lab.versions.store import new_id

    out = []
    with tempfile.TemporaryDirectory() as at:
        lab = veml.open(Path(at) / "lab")

        def add(names: list[str]) -> None:
            props = {"n": 10, "role": "train", "classes": ["a", "b"], "task": "classification", "kinds": ["image"]}
            lab.store.add_many([("data", name, props, (), (), new_id("data")) for name in names])

        for start in range(0, n, 1000):
            add([f"version {i}" for i in range(start, min(n, start + 1000))])
        opened = veml.open(lab.path)
        out.append(("the first time in a process", *least(opened.rows, 1)))
        out.append(("again, nothing new", *least(opened.rows, 5)))

        found = []
        for i in range(5):
            add([f"one more {i}"])
            found.append(least(opened.rows, 1))
        out.append(("after one more commit", *min(found)))
        assert len(opened.rows()) == n + 5
        lab.store.catalog.close()
    return out


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--versions", type=int, default=10_000)
    p.add_argument("--write", metavar="FILE", help="write the page there")
    args = p.parse_args()
    rows = measure(args.versions)
    lines = [
        f"# Rows of a lab of {args.versions:,} versions",
        "",
        f"Made by `python benchmarks/panel_rows.py --versions {args.versions} --write docs/results/panel_rows.md` at a",
        f"load of {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores; seconds, the least of several calls.",
        "",
        "| `lab.rows()` | wall | of it computing | target after the first time |",
        "|---|---:|---:|---|",
    ]
    for i, (what, wall, cpu) in enumerate(rows):
        verdict = "" if i == 0 else f"{TARGET_S}: {'met' if wall <= TARGET_S else 'missed'}"
        lines.append(f"| {what} | {wall:.3f} | {cpu:.3f} | {verdict} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if args.write:
        Path(args.write).write_text(text)


if __name__ == "__main__":
    main()
