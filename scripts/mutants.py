#!/usr/bin/env python
"""Plant small faults in the code, one at a time, and see whether the tests of its room notice. By hand, not in CI.

    git worktree add /tmp/bed && cd /tmp/bed          # faults are written into the files of this checkout
    python scripts/mutants.py --room geometry --n 20 --seed 3
    python scripts/mutants.py                         # every room, as many faults as its size asks for (200 in all)

A room is taken in one process: pytest collects its tests once, a first child runs them and writes down which test
executes which line (``artefacts/mutants/ROOM.map.json``, made once), and every fault gets a child of its own in which
the function's code is exchanged and only the tests run that execute the line, first those that are quick and alone in
executing what stands around it, up to the first that fails. The fault is in the file as well while its child runs, so
processes that a test starts have it too; afterwards the file is as it was. A fault is *noticed* where a test fails or
hangs, else *alive*. Results are added to ``artefacts/mutants/log.jsonl``; a run that is started again passes over what
is there. What a fault is: ``faults_in_python.py``.
"""

from __future__ import annotations

import argparse
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
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType

from faults_in_python import Fault, faults_of

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "artefacts" / "mutants"
HEAVY = ("torch", "torchvision", "pandas", "pyarrow.parquet", "duckdb", "PIL.Image", "scipy.optimize")
# Room -> its share of 200 faults (js has 20 of them; 0: only with --room and --n), its code, its own tests and those
# beside them that run it (without browsers and mass kills).
FORMATS = ["tests/formats", "tests/contracts/test_formats.py", "tests/wild"]
ROOMS: dict[str, tuple[int, list[str], list[str]]] = {
    "geometry": (24, ["geometry", "embeddings"], ["tests/geometry", "tests/embeddings"]),
    "versions": (24, ["versions"], ["tests/versions", "tests/lineage"]),
    "catalog": (22, ["catalog", "upkeep"], ["tests/catalog", "tests/upkeep"]),
    "lifecycle": (22, ["lifecycle"], ["tests/lifecycle", "tests/embeddings/test_across_and_streams.py"]),
    "training": (24, ["training", "tuning"], ["tests/training", "tests/tuning"]),
    "evaluation": (0, ["evaluation"], ["tests/evaluation"]),
    "serving": (20, ["serving"], ["tests/serving", "tests/training/test_spatiotemporal.py"]),
    "lineage": (20, ["lineage"], ["tests/lineage"]),
    "formats": (24, ["formats", "sources"], FORMATS),
    "roads": (0, ["roads"], ["tests/roads"]),
    "storage": (0, ["storage"], ["tests/storage"]),
    "faces": (0, ["faces", "widgets"], ["tests/faces", "tests/widgets"]),
}


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
    old, new = (_codes(compile(text, file, "exec")) for text in ((ROOT / fault.file).read_text(), fault.planted(ROOT)))
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
        found = [fault for file in files for fault in faults_of(file, ROOT)]
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
        worth = dict.fromkeys(chosen, 0.0)  # what few tests execute close by is what a test is about
        for near in (lines.get(str(n), []) for n in range(fault.line - 15, fault.line + 16)):
            for test in worth.keys() & set(near):
                worth[test] += 1 / len(near)
        chosen = sorted((t for t in worth if t in items), key=lambda t: -worth[t] / (0.2 + tests["seconds"][t]))
        spent, run = 0.0, []
        for test in chosen:
            spent += tests["seconds"][test]
            if run and spent > self.options.cap:
                break
            run.append(items[test])
        blamed = self.map_file.with_suffix(".blamed")
        blamed.unlink(missing_ok=True)
        file = ROOT / fault.file
        was, stat, planted = file.read_bytes(), file.stat(), fault.planted(ROOT)

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
