#!/usr/bin/env python
"""Kill processes at random moments of everything that writes a lab, and count what is lost. By hand, not in CI.

    python scripts/kills.py --kills 2000 --state /tmp/kills.jsonl          # goes on where it was stopped
    python scripts/kills.py --kills 2000 --state /tmp/kills.jsonl --page   # and writes docs/results/kills.md
    python scripts/kills.py --kills 100 --kind commits --kind exports --seed 7

What is killed, when, and what has to be true afterwards: ``tests/kills/kinds_of_kills.py`` and
``tests/kills/killing.py``. The places
of faults are kept beside ``--home``. One process, no threads, one child at a time; 1 to 5 kills a second.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # a child is a fork: no pool of threads may be there before
os.environ.setdefault("VEML_OWNER_IDLE_S", "2")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "kills")]

PAGE = ROOT / "docs" / "results" / "kills.md"
# How many of 100 kills; what is dear (a training, a page) is killed less often.
SHARES = {
    "commits": 30, "commits, owner": 5, "tags and notes": 24, "imports": 10, "imports, owner": 3, "derivations": 7,
    "embeddings and core sets": 3, "exports": 6, "backups": 3, "vacuums": 3, "trainings": 2, "rebuildings": 1,
    "migrations": 2, "published pages": 1,
}  # fmt: skip


def main() -> int:
    """Print one table; 1 where anything was lost, torn or wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", action="append", help="only this one; may be given several times")
    parser.add_argument("--state", type=Path, help="JSON lines of the rounds done; read at the start, added to")
    parser.add_argument("--home", type=Path, help="where the labs lie while they are killed (default: a new folder)")
    parser.add_argument("--no-warm", action="store_true", help="do not import everything first: for a few kills")
    parser.add_argument("--even", action="store_true", help="as many of each kind")
    parser.add_argument("--page", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    args = parser.parse_args()

    done = read(args.state)
    shares = {k: 1 if args.even else n for k, n in SHARES.items() if not args.kind or k in args.kind}
    if sum(r["killed"] for r in done) < args.kills:
        home = args.home or Path(tempfile.mkdtemp(prefix="veml-kills-"))
        go_on(done, shares, args.kills, args.seed, home, args.state, warm_first=not args.no_warm)
    lines = table(done, shares)
    print("\n".join(lines))
    for r in done:
        for fault in r["faults"]:
            print(f"{r['kind']}, seed {r['seed']}, {r['moment']}: {fault}")
    if args.page:
        command = shlex.join(["python", "scripts/kills.py", "--kills", str(args.kills), "--seed", str(args.seed)])
        write_page(lines, done, command)
    return 1 if any(r["faults"] for r in done) else 0


def read(state: Path | None) -> list[dict]:
    """The rounds that an earlier run has done."""
    if state is None or not state.exists():
        return []
    return [json.loads(line) for line in state.read_text().splitlines()]


def go_on(
    done: list[dict], shares: dict[str, int], kills: int, seed: int, home: Path, state: Path | None, *, warm_first: bool
) -> None:
    """Kill until there are enough; each kind as far behind its share is next."""
    from killing import Killer, warm
    from kinds_of_kills import KINDS

    began, before = time.monotonic(), sum(r["killed"] for r in done)
    if warm_first:
        warm([KINDS[k] for k in shares], home / "warm")
    killers: dict[str, Killer] = {}
    killed = Counter[str]()
    rounds = Counter(r["kind"] for r in done)
    for r in done:
        killed[r["kind"]] += r["killed"]
    try:
        while (total := sum(killed.values())) < kills:
            name = min(shares, key=lambda k: (killed[k] + 0.5) / shares[k])
            killer = killers.setdefault(name, Killer(KINDS[name], home / name.replace(" ", "-").replace(",", "")))
            found = asdict(killer.round(seed * 1_000_000 + rounds[name]))
            rounds[name] += 1
            killed[name] += found["killed"]
            done.append(found)
            if state is not None:
                with state.open("a") as out:
                    out.write(json.dumps(found) + "\n")
            wrong = sum(bool(r["faults"]) for r in done)
            rate = (total + found["killed"] - before) / (time.monotonic() - began)
            line = f"{total + found['killed']} kills, {wrong} faults, {rate:.1f}/s, {name}"
            print(f"\r{line:<70}", end="", file=sys.stderr)
    finally:
        for killer in killers.values():
            killer.close()
    print(file=sys.stderr)


def table(done: list[dict], shares: dict[str, int]) -> list[str]:
    """One row a kind."""
    lines = [
        "| killed in | kills | by time | at a step | owner first | acknowledged | lost, torn or wrong |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, rows in [*((k, [r for r in done if r["kind"] == k]) for k in shares), ("**all**", done)]:
        by = Counter[str]()
        for r in rows:
            by[r["moment"]] += r["killed"]
        told = sum(r["told"] for r in rows)
        faults = sum(bool(r["faults"]) for r in rows)
        cells = [sum(by.values()), by["time"], by["step"], by["owner"], told, faults]
        lines.append(f"| {name} | " + " | ".join(f"{n:,}" for n in cells) + " |")
    return lines


TEXT = """\
# Kills: what SIGKILL loses

Made by `{command} --state kills.jsonl --page`.

A child of a fork server works in a loop and says each call that returned through a pipe. It is killed after a random
time, or by itself before a random call that touches a file (open, rename, remove, sync), or its owner process is killed
and then itself. Some kills later, and at the end of each place, another process opens what is left: every acknowledged
thing is there and whole, nothing is there by half, `check` finds nothing wrong, and `vacuum` removes all that was left
over; and no process that goes on there is told of a loss. A training or rebuilding that was killed again and again ends
with the losses and weights of one that was not; a lab of version 0.1.0 is migrated in the end, with all that was in it.
A place is killed 2 to 20 times before a new one is taken. What is asked is in `tests/kills/`; some kills of all kinds
are part of the suite.

{table}
"""


def write_page(lines: list[str], done: list[dict], command: str) -> None:
    """docs/results/kills.md."""
    faults = sorted({f"{r['kind']}: {f}" for r in done for f in r["faults"]})
    found = ["", "What was found:", "", *(f"- {f}" for f in faults)] if faults else []
    PAGE.write_text(TEXT.format(command=command, table="\n".join([*lines, *found])))


if __name__ == "__main__":
    sys.exit(main())
