#!/usr/bin/env python
"""Plant small faults in the code, one at a time, and see whether the tests of its room notice. By hand, not in CI.

    python scripts/mutants.py                                 # 40 seeded faults over the rooms of ROOMS
    python scripts/mutants.py --room geometry --n 20 --seed 3
    python scripts/mutants.py --file veml_lab/geometry/ranking.py --tests tests/geometry/test_values.py

Each fault is one of: a comparison turned or moved by its equality, + for - and * for /, `and` for `or`, a condition
negated, a number moved by one, True for False, a statement dropped, `min` for `max`. It is written into a copy of the
package, never into this one. A fault is *noticed* where a test fails or hangs (``--seconds``), else *alive*; the
survivors are printed with file, line, before and after. A fault in a line that no test of the room runs says so by
being alive: that is what it is for.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Room -> the tests that are its own. Slow ones that start browsers or kill processes are left out.
ROOMS = {
    "geometry": ["tests/geometry"],
    "evaluation": ["tests/evaluation"],
    "versions": ["tests/versions"],
    "lineage": ["tests/lineage"],
    "catalog": ["tests/catalog", "tests/upkeep"],
    "lifecycle": ["tests/lifecycle"],
    "training": ["tests/training", "tests/contracts/test_training_backends.py"],
    "serving": ["tests/serving"],
    "formats": ["tests/formats", "tests/contracts/test_formats.py", "tests/wild"],
    "sources": ["tests/formats", "tests/contracts/test_formats.py", "tests/wild"],
}
COMPARISONS = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "=="}
OPERATORS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
SIGN = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
SWAPS = {"min": "max", "max": "min", "any": "all", "all": "any", "argmin": "argmax", "argmax": "argmin"}


@dataclass(frozen=True)
class Fault:
    """One change of one place: characters ``start`` to ``end`` of the file become ``new``."""

    file: Path
    line: int
    start: int
    end: int
    old: str
    new: str

    def planted(self) -> str:
        text = self.file.read_text()
        return text[: self.start] + self.new + text[self.end :]


def faults_of(file: Path) -> Iterator[Fault]:
    """Every fault that can be planted in a file."""
    text = file.read_text()
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    raw = text.encode()

    def at(line: int, column: int) -> int:
        return len(raw[: starts[line - 1] + column].decode())

    def span(node: ast.AST) -> tuple[int, int]:
        return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def made(node: ast.AST, start: int, end: int, new: str) -> Fault:
        return Fault(file, node.lineno, start, end, text[start:end], new)  # type: ignore[attr-defined]

    tree = ast.parse(text)
    ignored = set()  # annotations, docstrings and messages are not behaviour
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            ignored |= {id(n) for n in ast.walk(node)}
        for name in ("annotation", "returns"):
            if (said := getattr(node, name, None)) is not None:
                ignored |= {id(n) for n in ast.walk(said)}
    for node in ast.walk(tree):
        if id(node) in ignored:
            continue
        if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS and len(node.ops) == 1:
            (_, left), (right, _) = span(node.left), span(node.comparators[0])
            between = text[left:right]
            was = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
            sign = was[type(node.ops[0])]
            if between.count(sign) == 1:
                yield made(node, left, right, between.replace(sign, COMPARISONS[type(node.ops[0])]))
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            (_, left), (right, _) = span(node.left), span(node.right)
            between, sign = text[left:right], SIGN[type(node.op)]
            if between.strip() == sign and not isinstance(node.left, (ast.Constant, ast.JoinedStr)):
                yield made(node, left, right, between.replace(sign, OPERATORS[type(node.op)]))
        elif isinstance(node, ast.BoolOp):
            (_, left), (right, _) = span(node.values[0]), span(node.values[1])
            word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            if len(node.values) == 2 and text[left:right].count(word) == 1:
                yield made(node, left, right, text[left:right].replace(word, other))
        elif isinstance(node, (ast.If, ast.IfExp, ast.While)) and not isinstance(node.test, (ast.Compare, ast.BoolOp)):
            start, end = span(node.test)
            yield made(node, start, end, f"(not ({text[start:end]}))")
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield made(node, *span(node), str(not node.value))
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float) and abs(node.value) < 1e6:
            yield made(node, *span(node), repr(node.value + 1 if type(node.value) is int else node.value * 2 + 0.1))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield made(node, *span(node), "pass")
        elif isinstance(node, ast.Name) and node.id in SWAPS:
            yield made(node, *span(node), SWAPS[node.id])
        elif isinstance(node, ast.Attribute) and node.attr in SWAPS:
            _, end = span(node)
            yield made(node, end - len(node.attr), end, SWAPS[node.attr])


def noticed(fault: Fault, tests: list[str], seconds: float) -> bool:
    """Whether the tests fail or hang with the fault, in a copy of the package."""
    with tempfile.TemporaryDirectory(prefix="veml-mutant-") as place:
        copy = Path(place)
        shutil.copytree(ROOT / "veml_lab", copy / "veml_lab", ignore=shutil.ignore_patterns("__pycache__"))
        (copy / fault.file.relative_to(ROOT)).write_text(fault.planted())
        for name in ("tests", "scripts", "docs", "notebooks", "js", "README.md", "pyproject.toml", "Makefile"):
            (copy / name).symlink_to(ROOT / name)
        environment = os.environ | {"PYTHONPATH": str(copy)}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *tests]
        process = subprocess.Popen(
            command,
            cwd=copy,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(seconds) != 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--room", action="append", choices=ROOMS, help="only this room; may be given again")
    parser.add_argument("--file", type=Path, action="append", help="only this file, with --tests")
    parser.add_argument("--tests", action="append", help="tests to run in place of the room's own")
    parser.add_argument("--n", type=int, default=40, help="how many faults (40)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=600, help="longest run of the tests; longer counts as noticed")
    options = parser.parse_args()
    if options.file and not options.tests:
        parser.error("--file needs --tests")
    rooms = {"files": options.tests} if options.file else {r: ROOMS[r] for r in options.room or ROOMS}
    tests = {room: options.tests or wanted for room, wanted in rooms.items()}
    places = {
        room: [f.resolve() for f in options.file] if options.file else sorted((ROOT / "veml_lab" / room).rglob("*.py"))
        for room in rooms
    }
    rng = random.Random(options.seed)
    found = {room: [fault for file in files for fault in faults_of(file)] for room, files in places.items()}
    alive, done = [], dict.fromkeys(rooms, (0, 0))
    for k in range(options.n):
        room = list(rooms)[k % len(rooms)]
        fault = rng.choice(found[room])
        caught = noticed(fault, tests[room], options.seconds)
        planted, noticed_so_far = done[room]
        done[room] = planted + 1, noticed_so_far + caught
        said = "noticed" if caught else "ALIVE  "
        where = f"{fault.file.relative_to(ROOT)}:{fault.line}"
        print(f"{said} {where}: {fault.old.strip()!r:.60} -> {fault.new.strip()!r:.60}", flush=True)
        if not caught:
            alive.append(where)
    print(f"\n{'room':<12} {'planted':>8} {'noticed':>8}")
    for room, (planted, caught) in done.items():
        print(f"{room:<12} {planted:>8} {caught:>8}")
    print(f"{len(alive)} of {options.n} alive ({len(alive) / max(1, options.n):.0%})")


if __name__ == "__main__":
    main()
