#!/usr/bin/env python
"""Write docs/results/mutants.md from what ``mutants.py`` and ``mutants_js.mjs`` wrote down and from the reasons in
``mutants_reasons.toml``.

    python scripts/mutants_page.py 1 2        # the seed before, the seed after
    python scripts/mutants_page.py 1 2 --open # what stayed alive and has no reason yet
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT / "artefacts" / "mutants" / "log.jsonl"
REASONS = Path(__file__).with_name("mutants_reasons.toml")
PAGE = ROOT / "docs" / "results" / "mutants.md"
ROOMS = ("geometry", "versions", "catalog", "lifecycle", "training", "serving", "lineage", "formats", "js")
SAME = "same results"


@dataclass(frozen=True)
class Planted:
    """A fault of the log: what was said of it first, and what last."""

    room: str
    seed: int
    place: str
    old: str
    new: str
    first: str
    last: str
    reason: str

    @property
    def lived(self) -> bool:
        return self.first == "alive"

    @property
    def lives(self) -> bool:
        return self.last == "alive"

    @property
    def same(self) -> bool:
        return self.lived and self.reason.startswith(SAME)


def read() -> list[Planted]:
    """The faults of the log; one that changed no code that was loaded is none."""
    reasons = {(r["place"], r["new"]): r["why"] for r in tomllib.loads(REASONS.read_text())["alive"]}
    answers: dict[tuple[int, str], list[dict]] = {}
    for line in LOG.read_text().splitlines():
        a = json.loads(line)
        if a["said"] != "unplanted":
            answers.setdefault((a["seed"], a["key"]), []).append(a)
    found = []
    for (seed, _), said in answers.items():
        a, place = said[0], f"{said[0]['file'].removeprefix('veml_lab/')}:{said[0]['line']}"
        old, new = (" ".join(a[k].split())[:60] for k in ("old", "new"))
        why = reasons.get((place, new), "")
        found.append(Planted(a["room"], seed, place, old, new, a["said"], said[-1]["said"], why))
    return found


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})" if whole else "-"


def counts(faults: list[Planted]) -> list[str]:
    """Planted, alive, of these the same by result; alive of those that change a result."""
    alive, same = [f for f in faults if f.lived], [f for f in faults if f.same]
    return [str(len(faults)), str(len(alive)), str(len(same)), share(len(alive) - len(same), len(faults) - len(same))]


def table(faults: list[Planted], before: int, after: int) -> list[str]:
    head = ("planted", "alive", "same results", "alive of the others")
    lines = ["| room | " + " | ".join(f"{h}, {when}" for when in ("before", "after") for h in head) + " |"]
    lines.append("|---" * 9 + "|")
    for room in (*ROOMS, "all"):
        mine = [f for f in faults if room in (f.room, "all")]
        cells = [c for seed in (before, after) for c in counts([f for f in mine if f.seed == seed])]
        lines.append(f"| {room} | " + " | ".join(cells) + " |")
    return lines


def cell(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def listed(faults: list[Planted], *, since: bool) -> list[str]:
    lines = ["| where | was | planted | now |", "|---|---|---|---|"]
    for f in sorted(faults, key=lambda f: (ROOMS.index(f.room), f.place)):
        now = f.reason or ("open" if f.lives or not since else "noticed by a test since")
        lines.append(f"| {f.place} | {cell(f.old)} | {cell(f.new)} | {now} |")
    return lines


def page(faults: list[Planted], before: int, after: int) -> str:
    first, second = ([f for f in faults if f.seed == seed and f.lived] for seed in (before, after))
    hung = Counter(f.seed for f in faults if f.first == "hung")
    parts = [
        "# Small faults planted in the code",
        "",
        f"Made by `python scripts/mutants_page.py {before} {after}` from what `python scripts/mutants.py --seed {before}`,",
        f"`--seed {after}`, and in `js` `node ../scripts/mutants_js.mjs 20 {before}` and `20 {after}` said, by hand on a",
        "machine that others used as well.",
        "",
        tomllib.loads(REASONS.read_text())["about"].strip(),
        "",
        *table(faults, before, after),
        "",
        f"{hung[before]} faults before and {hung[after]} after hung until the time was up; they count as noticed.",
        "",
        f"## What stayed alive after (seed {after})",
        "",
        *listed(second, since=False),
        "",
        f"## What had stayed alive before (seed {before})",
        "",
        *listed(first, since=True),
        "",
    ]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=int, help="seed of the sample before the tests were added")
    parser.add_argument("after", type=int, help="seed of the sample after")
    parser.add_argument("--open", action="store_true", help="only print what stayed alive and has no reason yet")
    options = parser.parse_args()
    faults = [f for f in read() if f.room in ROOMS]
    if options.open:
        for f in faults:
            if f.lives and not f.reason:
                print(f"{f.seed} {f.room} {f.place}: {f.old!r} -> {f.new!r}")
        return
    PAGE.write_text(page(faults, options.before, options.after))
    print(*table(faults, options.before, options.after), sep="\n")


if __name__ == "__main__":
    main()
