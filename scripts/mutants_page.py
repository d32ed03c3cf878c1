#!/usr/bin/env python
"""Write docs/results/mutants.md from what ``mutants.py`` and ``mutants_js.mjs`` wrote down and from the reasons in
``mutants_reasons.toml``. Seed 1 is the sample before tests were added, a room's last seed the one after.

    python scripts/mutants_page.py
    python scripts/mutants_page.py --open # what stayed alive and has no reason yet
"""

from __future__ import annotations

import argparse
import json
import tomllib
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


def counts(faults: list[Planted]) -> str:
    """Planted, alive, of these the same by result; alive of those that change a result."""
    alive, same = [f for f in faults if f.lived], [f for f in faults if f.same]
    return f"{len(faults)} | {len(alive)} | {len(same)} | {share(len(alive) - len(same), len(faults) - len(same))} |"


def last_seeds(faults: list[Planted]) -> dict[str, int]:
    return {room: max((f.seed for f in faults if f.room == room), default=1) for room in ROOMS}


def table(faults: list[Planted]) -> list[str]:
    lines = ["| room | seed | planted | alive | same results | alive of the others |", "|---" * 6 + "|"]
    for room in ROOMS:
        mine = [f for f in faults if f.room == room]
        lines += [f"| {room} | {seed} | " + counts([f for f in mine if f.seed == seed]) for seed in seeds(mine)]
    last = last_seeds(faults)
    lines.append("| **all** | 1, before | " + counts([f for f in faults if f.seed == 1]))
    lines.append("| **all** | last, after | " + counts([f for f in faults if 1 < f.seed == last[f.room]]))
    return lines


def seeds(faults: list[Planted]) -> list[int]:
    return sorted({f.seed for f in faults})


def cell(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def listed(faults: list[Planted]) -> list[str]:
    lines = ["| where | seed | was | planted | now |", "|---|---|---|---|---|"]
    for f in sorted(faults, key=lambda f: (ROOMS.index(f.room), f.seed, f.place)):
        now = f.reason or ("open" if f.lives else "noticed by a test since")
        lines.append(f"| {f.place} | {f.seed} | {cell(f.old)} | {cell(f.new)} | {now} |")
    return lines


def page(faults: list[Planted]) -> str:
    last, alive = last_seeds(faults), [f for f in faults if f.lived]
    parts = [
        "# Small faults planted in the code",
        "",
        "Made by `python scripts/mutants_page.py` from what `python scripts/mutants.py --seed N` and, in `js`,",
        "`node ../scripts/mutants_js.mjs 20 N` said; by hand, on a machine that others used as well.",
        "",
        tomllib.loads(REASONS.read_text())["about"].strip(),
        "",
        *table(faults),
        "",
        f"{sum(f.first == 'hung' for f in faults)} faults hung until their time was up; they count as noticed.",
        "",
        "## What stayed alive of the last samples",
        "",
        *listed([f for f in alive if 1 < f.seed == last[f.room]]),
        "",
        "## What had stayed alive before",
        "",
        *listed([f for f in alive if not 1 < f.seed == last[f.room]]),
        "",
    ]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--open", action="store_true", help="only print what stayed alive and has no reason yet")
    faults = [f for f in read() if f.room in ROOMS]
    if parser.parse_args().open:
        for f in faults:
            if f.lives and not f.reason:
                print(f"{f.seed} {f.room} {f.place}: {f.old!r} -> {f.new!r}")
        return
    PAGE.write_text(page(faults))
    print(*table(faults), sep="\n")


if __name__ == "__main__":
    main()
