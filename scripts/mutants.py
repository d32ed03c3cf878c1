#!/usr/bin/env python
"""Plant small faults in the code, one at a time, and see whether the tests of its room notice. By hand, not in CI.

    git worktree add /tmp/bed && cd /tmp/bed          # faults are written into the files of this checkout
    python scripts/mutants.py --room geometry --n 20 --seed 3
    python scripts/mutants.py                         # every room, as many faults as its size asks for (200 in all)

A room is taken in one process: pytest collects its tests once, a first child runs them and writes down which test
executes which line (``artefacts/mutants/ROOM.map.json``, made once), and every fault gets a child of its own in which
the function's code is exchanged and only the tests run that execute the line, the quickest first, up to the first that
fails. The fault is in the file as well while its child runs, so processes that a test starts have it too; afterwards
the file is as it was. A fault is *noticed* where a test fails or hangs, else *alive*. Results are added to
``artefacts/mutants/log.jsonl``; a run that is started again passes over what is there.

A fault is one of: a comparison turned or moved by its equality, + for - and * for /, `and` for `or`, a condition
negated, a number moved, True for False, a call statement or a keyword dropped, the first two arguments swapped, `min`
for `max`, a slice moved by one. Messages, annotations, docstrings, defaults of signatures and what a module does when
it is imported are left alone.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "artefacts" / "mutants"
HEAVY = ("torch", "torchvision", "pandas", "pyarrow.parquet", "duckdb", "PIL.Image", "scipy.optimize")
# Room -> its share of 200 faults (js has 20 of them; 0: only with --room and --n), its code, its own tests (without
# browsers and mass kills).
FORMATS = ["tests/formats", "tests/contracts/test_formats.py", "tests/wild"]
ROOMS: dict[str, tuple[int, list[str], list[str]]] = {
    "geometry": (24, ["geometry", "embeddings"], ["tests/geometry", "tests/embeddings"]),
    "versions": (24, ["versions"], ["tests/versions"]),
    "catalog": (22, ["catalog", "upkeep"], ["tests/catalog", "tests/upkeep"]),
    "lifecycle": (22, ["lifecycle"], ["tests/lifecycle"]),
    "training": (24, ["training", "tuning"], ["tests/training", "tests/tuning"]),
    "evaluation": (0, ["evaluation"], ["tests/evaluation"]),
    "serving": (20, ["serving"], ["tests/serving"]),
    "lineage": (20, ["lineage"], ["tests/lineage"]),
    "formats": (24, ["formats", "sources", "roads"], [*FORMATS, "tests/roads"]),
    "storage": (0, ["storage"], ["tests/storage"]),
    "faces": (0, ["faces", "widgets"], ["tests/faces", "tests/widgets"]),
}
SIGN = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
MOVED = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",)}
OPERATORS = {ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*")}
SWAPS = {"min": "max", "max": "min", "any": "all", "all": "any", "argmin": "argmax", "argmax": "argmin"}
WORDS = {"warn", "debug", "info", "warning", "append_line", "progress", "sentence", "isinstance", "getattr", "hasattr"}
SHOWN = {"strict", "progress"}  # an assertion and a bar: no result depends on them


@dataclass(frozen=True)
class Fault:
    """One change of one place: characters ``start`` to ``end`` of the file become ``new``."""

    file: str
    line: int
    start: int
    end: int
    old: str
    new: str

    @property
    def key(self) -> str:
        return f"{self.file}:{self.line}:{self.start}:{self.new}"

    def planted(self) -> str:
        text = (ROOT / self.file).read_text()
        return text[: self.start] + self.new + text[self.end :]


def _left_alone(tree: ast.AST) -> set[int]:
    """Nodes that are words, types or shape and not behaviour."""
    left: set[int] = set()
    for node in ast.walk(tree):
        dropped: list[ast.AST] = []
        if isinstance(node, (ast.Raise, ast.JoinedStr, ast.Assert)):
            dropped.append(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            dropped += [node.args, *node.decorator_list]
            if node.name in ("__repr__", "__str__", "_repr_html_"):
                dropped.append(node)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in WORDS:
            dropped.append(node)
        if isinstance(node, ast.keyword) and node.arg in SHOWN:
            dropped.append(node.value)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            dropped.append(node)
        dropped += [said for name in ("annotation", "returns") if (said := getattr(node, name, None)) is not None]
        left |= {id(n) for one in dropped for n in ast.walk(one)}
    return left


def faults_of(file: Path) -> Iterator[Fault]:
    """Every fault that can be planted in the functions of a file."""
    text = file.read_text()
    raw = text.encode()
    starts = [0]
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    name = str(file.relative_to(ROOT))
    tree = ast.parse(text)
    left_alone = _left_alone(tree)
    functions = (n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)))
    inside = {id(n) for f in functions for s in f.body for n in ast.walk(s)} - left_alone

    def at(line: int, column: int) -> int:
        return len(raw[: starts[line - 1] + column].decode())

    def span(node: ast.AST) -> tuple[int, int]:
        return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    for node in ast.walk(tree):
        if id(node) not in inside:
            continue
        for start, end, new in _changes(node, span, text):
            if new != text[start:end]:
                yield Fault(name, node.lineno, start, end, text[start:end], new)  # type: ignore[attr-defined]


def _changes(node: ast.AST, span: Callable[[ast.AST], tuple[int, int]], text: str) -> Iterator[tuple[int, int, str]]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SIGN and len(node.ops) == 1:
        start, end, sign = span(node.left)[1], span(node.comparators[0])[0], SIGN[type(node.ops[0])]
        if text[start:end].strip() == sign:
            for new in MOVED[sign]:
                yield start, end, text[start:end].replace(sign, new)
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        start, end = span(node.left)[1], span(node.right)[0]
        sign, other = OPERATORS[type(node.op)]
        words = any(isinstance(n, (ast.JoinedStr, ast.List)) or _is_text(n) for n in ast.walk(node))
        if text[start:end].strip() == sign and not words:
            yield start, end, text[start:end].replace(sign, other)
    elif isinstance(node, ast.BoolOp):
        start, end = span(node.values[0])[1], span(node.values[1])[0]
        word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        if len(node.values) == 2 and text[start:end].strip() == word:
            yield start, end, text[start:end].replace(word, other)
    elif isinstance(node, (ast.If, ast.IfExp)) and not isinstance(node.test, ast.Compare):
        start, end = span(node.test)
        yield start, end, f"(not ({text[start:end]}))"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield *span(node), str(not node.value)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float) and abs(node.value) < 1e6:
        yield *span(node), repr(node.value + 1 if type(node.value) is int else node.value * 1.5 + 0.1)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield *span(node), "pass"
    elif isinstance(node, ast.Call):
        if len(node.args) == 2 and all(isinstance(a, (ast.Name, ast.Attribute)) for a in node.args):
            (a, b), (c, d) = span(node.args[0]), span(node.args[1])
            yield a, d, text[c:d] + text[b:c] + text[a:b]
        if node.keywords and node.args and node.keywords[-1].arg not in (None, *SHOWN):
            last = node.keywords[-2] if len(node.keywords) > 1 else max(node.args, key=lambda n: span(n)[1])
            yield span(last)[1], span(node.keywords[-1])[1], ""
    elif isinstance(node, ast.Slice):
        for edge in (node.lower, node.upper):
            if edge is not None and not isinstance(edge, ast.Constant):
                start, end = span(edge)
                yield start, end, f"({text[start:end]}) + 1"
    elif isinstance(node, ast.Name) and node.id in SWAPS:
        yield *span(node), SWAPS[node.id]
    elif isinstance(node, ast.Attribute) and node.attr in SWAPS:
        end = span(node)[1]
        yield end - len(node.attr), end, SWAPS[node.attr]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


# ---- children -------------------------------------------------------------------------------------------------------


def in_child(work: Callable[[], int], seconds: float) -> int:
    """The exit status of ``work`` in a forked child; 124 where it took longer."""
    place = tempfile.mkdtemp(prefix="veml-mutant-")
    pid = os.fork()
    if pid == 0:
        status = 3
        try:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(nothing, fd)
            os.environ["PYTEST_DEBUG_TEMPROOT"] = place
            status = work()
        finally:
            os._exit(status)
    end = time.monotonic() + seconds
    status = None
    while status is None and time.monotonic() < end:
        done, code = os.waitpid(pid, os.WNOHANG)
        status = os.waitstatus_to_exitcode(code) if done else None
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    if status is None:
        os.waitpid(pid, 0)
    shutil.rmtree(place, ignore_errors=True)
    return 124 if status is None else status


def failed(item, nextitem) -> bool:
    from _pytest.runner import runtestprotocol

    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=nextitem))


def exchange(fault: Fault) -> int:
    """Give the live functions of the fault's file the code with the fault; how many were changed."""
    file = str(ROOT / fault.file)
    old, new = (_codes(compile(text, file, "exec")) for text in ((ROOT / fault.file).read_text(), fault.planted()))
    changed = 0
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == file:
            key = (each.__code__.co_qualname, each.__code__.co_firstlineno)
            if key in new and old.get(key) != new[key]:
                each.__code__ = new[key]
                changed += 1
    return changed


def _codes(code: CodeType) -> dict[tuple[str, int], CodeType]:
    found = {(code.co_qualname, code.co_firstlineno): code}
    for each in code.co_consts:
        if isinstance(each, CodeType):
            found |= _codes(each)
    return found


def in_breadth(items: list) -> list:
    """Two cases of every test before more of its cases, for a map that is cut short; files stay together."""
    seen: dict[str, int] = {}
    rank = []
    for item in items:
        name = item.nodeid.partition("[")[0]
        seen[name] = seen.get(name, -1) + 1
        rank.append(seen[name] > 1)
    return [item for late in (False, True) for item, r in zip(items, rank, strict=True) if r is late]


class Bed:
    """The pytest plugin: in place of running the tests once, map them and run them against faults."""

    def __init__(self, room: str, n: int, seed: int, options: argparse.Namespace) -> None:
        self.room, self.n, self.seed, self.options = room, n, seed, options
        self.map_file = KEPT / f"{room}.map.json"
        self.alone: dict[str, bool] = {}  # does a test that noticed a fault pass alone, without it?

    def pytest_runtestloop(self, session) -> bool:
        import hypothesis

        hypothesis.settings.register_profile("bed", deadline=None, derandomize=True, database=None)
        hypothesis.settings.load_profile("bed")
        for name in HEAVY:  # once here, and not in every child; importing them starts no threads
            importlib.import_module(name)
        items = {item.nodeid: item for item in session.items}
        tests = json.loads(self.map_file.read_text()) if self.map_file.exists() else {"seconds": {}, "lines": {}}
        missing = in_breadth([item for nodeid, item in items.items() if nodeid not in tests["seconds"]])
        if missing and self.options.map_seconds:
            in_child(lambda: self.draw_map(missing, tests), self.options.map_seconds + 2 * self.options.test_seconds)
            tests = json.loads(self.map_file.read_text())
        print(f"\n{len([s for s in tests['seconds'].values() if s is not None])} of {len(items)} tests are mapped")
        log = KEPT / "log.jsonl"
        answers = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        known = {a["key"]: a["said"] for a in answers}
        for fault in self.sample(tests, answers):
            if fault.key in known and not (self.options.again and known[fault.key] in ("alive", "unplanted")):
                continue
            answer = self.judge(fault, items, tests) | {"room": self.room, "seed": self.seed, "key": fault.key}
            with log.open("a") as f:
                f.write(json.dumps(answer | vars(fault)) + "\n")
            print(
                f"{answer['said']:<8} {fault.file}:{fault.line}: {fault.old.strip()!r:.60} -> "
                f"{fault.new.strip()!r:.60}  ({answer['ran']} tests, {answer['took']:.0f} s)",
                flush=True,
            )
        return True

    def draw_map(self, items, known: dict) -> int:
        """Run the tests that are not in the map yet, those without a lab first, and add which lines they execute."""
        import coverage

        cov = coverage.Coverage(data_file=None, include=[f"{ROOT}/veml_lab/*"], config_file=False)
        end = time.monotonic() + self.options.map_seconds

        def slow(*_):
            raise TimeoutError("too slow for the map")

        signal.signal(signal.SIGALRM, slow)
        seconds, lines = known["seconds"], known["lines"]
        cov.start()
        for i, item in enumerate(items):
            if time.monotonic() > end:
                break
            cov.switch_context(item.nodeid)
            began = time.monotonic()
            signal.alarm(self.options.test_seconds)
            bad = failed(item, items[i + 1] if i + 1 < len(items) else None)
            signal.alarm(0)
            seconds[item.nodeid] = None if bad else time.monotonic() - began
        cov.stop()
        data = cov.get_data()
        for file in data.measured_files():
            here = lines.setdefault(str(Path(file).relative_to(ROOT)), {})
            for n, contexts in data.contexts_by_lineno(file).items():
                here.setdefault(str(n), []).extend(c for c in contexts if seconds.get(c) is not None)
        draft = self.map_file.with_suffix(".part")
        draft.write_text(json.dumps({"seconds": seconds, "lines": lines}))
        draft.replace(self.map_file)
        return 0

    def sample(self, tests: dict, known: list[dict]) -> list[Fault]:
        if self.options.again:
            mine = {a["key"]: a for a in known if a["room"] == self.room and a["seed"] == self.seed}
            return [Fault(**{f: a[f] for f in Fault.__annotations__}) for a in mine.values()]
        files = [f for d in ROOMS[self.room][1] for f in sorted((ROOT / "veml_lab" / d).rglob("*.py"))]
        found = [fault for file in files for fault in faults_of(file)]
        if self.options.executed:
            found = [f for f in found if tests["lines"].get(f.file, {}).get(str(f.line))]
        random.Random(self.seed).shuffle(found)
        return found[: self.n]

    def passes_alone(self, item) -> bool:
        if item.nodeid not in self.alone:
            self.alone[item.nodeid] = in_child(lambda: int(failed(item, None)), 300) == 0
        return self.alone[item.nodeid]

    def judge(self, fault: Fault, items: dict, tests: dict) -> dict:
        lines = tests["lines"].get(fault.file, {})
        chosen = lines.get(str(fault.line), []) or sorted({t for some in lines.values() for t in some})
        chosen = sorted((t for t in chosen if t in items), key=lambda t: tests["seconds"][t])
        spent, run = 0.0, []
        for test in chosen:
            spent += tests["seconds"][test]
            if run and spent > self.options.cap:
                break
            run.append(items[test])
        blamed = self.map_file.with_suffix(".blamed")
        blamed.unlink(missing_ok=True)
        file = ROOT / fault.file
        was, stat, planted = file.read_bytes(), file.stat(), fault.planted()

        def work() -> int:
            exchanged = exchange(fault)
            file.write_text(planted)
            if not exchanged and any(getattr(m, "__file__", None) == str(file) for m in list(sys.modules.values())):
                return 5  # loaded already, and the code is nowhere: a module that is not loaded comes from the file
            for item, after in zip(run, [*run[1:], None], strict=True):
                if failed(item, after):
                    blamed.write_text(item.nodeid)
                    return 1
            return 0

        began = time.monotonic()
        try:
            status = in_child(work, 90 + 3 * min(spent, 2 * self.options.cap)) if run else 0
        finally:
            file.write_bytes(was)
            os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        said = {0: "alive", 5: "unplanted", 124: "hung"}.get(status, "noticed")
        by = blamed.read_text() if status == 1 else ""
        if by and not self.passes_alone(items[by]):  # it fails without the fault too: judged again without that test
            return self.judge(fault, {k: v for k, v in items.items() if k != by}, tests)
        return {
            "said": said, "by": by, "ran": len(run), "of": len(chosen), "took": time.monotonic() - began,
            "executed": str(fault.line) in lines,
        }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--room", action="append", choices=ROOMS, help="only this room; may be given again")
    parser.add_argument("--n", type=int, help="how many faults in each room (its share of 200)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cap", type=float, default=60, help="seconds of tests for one fault")
    parser.add_argument(
        "--map-seconds", type=float, default=1800, help="longest drawing of a map; what is there is kept"
    )
    parser.add_argument("--test-seconds", type=int, default=60, help="tests slower than this are left out")
    parser.add_argument("--again", action="store_true", help="judge those of the log that are alive once more")
    parser.add_argument("--executed", action="store_true", help="only faults in lines that a mapped test executes")
    options = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    rooms = options.room or [room for room, (share, _, _) in ROOMS.items() if share]
    if len(rooms) > 1:  # a process of its own each, so that one room's modules do not fill the next one's children
        rest = [a for a in sys.argv[1:] if a not in rooms and a != "--room"]
        for room in rooms:
            subprocess.run([sys.executable, __file__, "--room", room, *rest], check=False)
        return
    if subprocess.run(["git", "status", "--porcelain", "veml_lab"], cwd=ROOT, capture_output=True).stdout:
        parser.error(f"{ROOT} has changes in veml_lab; use a fresh worktree, faults are written into it")
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    sys.path.insert(0, str(ROOT))
    sys.dont_write_bytecode = True
    os.chdir(ROOT)
    import pytest

    share, _, tests = ROOMS[rooms[0]]
    bed = Bed(rooms[0], options.n or share, options.seed, options)
    pytest.main(["-q", "-p", "no:cacheprovider", "-m", "not ui and not slow and not real", *tests], plugins=[bed])


if __name__ == "__main__":
    main()
