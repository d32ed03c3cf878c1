"""Every format in thousands of distinct layouts: each comes back equal, or is refused by name, or is shown.

    python scripts/layouts.py                           # 2,000 of each format
    python scripts/layouts.py yolo voc --variants 500
    python scripts/layouts.py --write docs/results/layouts.md     # and keep the counts there

Choices are made at random from a seed; a layout that writes the same files as one before it is not counted, and
drawing goes on until there are as many as asked, or nothing new comes any more. ``tests/wild/layout*.py`` has the
choices; the suite tries a few dozen of each format.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "wild")]

from layout_formats import FORMATS, WITHOUT  # noqa: E402 - from the tests
from layouts import judged, write  # noqa: E402

PATIENCE = 20  # draws for each variant that is asked for
SHOWN = 5


def tried(format: str, variants: int, seed: int) -> dict[str, float]:
    """Draw, write and read layouts of one format until ``variants`` of them were distinct; counts."""
    pick = random.Random(f"{seed} {format}")
    seen: set[bytes] = set()
    counts: Counter[str] = Counter()
    begin = time.process_time()
    while len(seen) < variants and counts["drawn"] < variants * PATIENCE:
        counts["drawn"] += 1
        layout = FORMATS[format](pick.choice)
        if layout.key() in seen:
            continue
        seen.add(layout.key())
        with tempfile.TemporaryDirectory() as folder:
            said = judged(layout, pick.random() < 0.5, write(layout, Path(folder)))
        counts[said if said in ("equal", "refused") else "wrong"] += 1
        if said not in ("equal", "refused") and counts["wrong"] <= SHOWN:
            print(f"{format}, {said}\n", flush=True)
    return {"drawn": counts["drawn"], "distinct": len(seen), "equal": counts["equal"], "refused": counts["refused"],
            "wrong": counts["wrong"], "seconds": time.process_time() - begin}  # fmt: skip


def table(rows: dict[str, dict[str, float]]) -> str:
    head = ["drawn", "distinct", "equal", "refused", "wrong", "seconds"]
    lines = [
        "| format | variants drawn | distinct | equal | refused by name | wrong | CPU seconds |",
        "| --- |" + " ---: |" * 6,
    ]
    lines += ["| " + " | ".join([f, *(f"{rows[f][k]:,.0f}" for k in head)]) + " |" for f in sorted(rows)]
    return "\n".join(lines)


PAGE = """# The same set in many layouts

Made by `python scripts/layouts.py --variants {variants} --write docs/results/layouts.md`. The same small annotated set,
written in the layouts, nestings, cases, orders, line ends, encodings, notations and archives of each format
(`tests/wild/layout*.py`), found by looking or named; variants that write the same files count once. It comes back
equal, or is refused by name: the message names the file or the encoding, where an honest reader may refuse (a text
that is neither UTF-8 nor marked, UTF-16 where the format is UTF-8).

{table}

Without a generator, and why:

{without}
<!-- counts: {counts} -->
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("formats", nargs="*", help=f"of {', '.join(FORMATS)}; all if none is named")
    parser.add_argument("--variants", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path, help="the page to which the counts go; those of other formats stay")
    options = parser.parse_args()
    unknown = set(options.formats) - set(FORMATS)
    if unknown:
        parser.error(f"no generator for {', '.join(sorted(unknown))}; there are {', '.join(FORMATS)}")
    rows: dict[str, dict[str, float]] = {}
    for format in options.formats or FORMATS:
        rows[format] = tried(format, options.variants, options.seed)
        print(table({format: rows[format]}).splitlines()[-1], flush=True)
    if options.write:
        kept = {}
        if options.write.exists():
            kept = json.loads(options.write.read_text().partition("<!-- counts: ")[2].partition(" -->")[0])
        without = "\n".join(f"- `{f}`: {why}" for f, why in WITHOUT.items())
        counts = {**kept, **rows}
        said = PAGE.format(variants=options.variants, table=table(counts), without=without, counts=json.dumps(counts))
        options.write.write_text(said)
    return int(any(r["wrong"] for r in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
