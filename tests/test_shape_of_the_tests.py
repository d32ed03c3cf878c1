"""What tests may not depend on: the wall clock, and what else this process or machine happens to hold.

Waiting is ``patience.until``; limits are ``PATIENCE_S``, which only what hangs reaches; memory is ``peaks.added_mb``.
Every exception is named here with its reason, and goes when its use goes.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from labs import ROOT

TESTS = ROOT / "tests"
CLOCK = {
    "patience.py": "the one place that waits",
    "soak/soak.py": "how long it runs, by hand, and who has been silent in it",
    "kills/killing.py": "how long a process that is to be killed may take",
    "catalog/test_kills.py": "how long it kills and how long clients work; nothing is compared with it",
    "test_demo.py": "when a run is interrupted; nothing is compared with it",
}
NAPS = {  # a pause that is no part of what is asserted: a slower machine shows less and fails nothing
    "catalog/test_owner.py": "so that a commit has begun when its owner is ended",
    "soak/soak.py": "how often its clients work, by hand",
    "test_crash.py": "until a kill, at any moment",
    "training/test_robust.py": "in a process that is killed, and while nothing may happen",
    "upkeep/test_vacuum.py": "while others write on",
}
LIMITS = {
    "kills/test_kills_of_every_kind.py": "many kills in one process: longer than PATIENCE_S",
    "formats/test_scale.py": "a million pictures, by hand: longer than PATIENCE_S",
    "tuning/test_study.py": "a thread that has nothing left to do",
}
PAUSES = {  # a moment for the eyes, before a picture of the page that nobody compares
    "ui/lab_page.py", "ui/test_accessibility_ui.py", "ui/test_dashboard_ui.py", "ui/test_graph_moves_ui.py",
    "ui/test_panel_ui.py", "ui/test_publish_ui.py", "ui/test_real_lab_ui.py", "ui/test_saved_ui.py",
    "ui/test_strange_names_ui.py", "ui/test_widgets_ui.py",
}  # fmt: skip
WHOLE_PROCESS = {
    "peaks.py": "the one place that measures",
    "geometry/test_out_of_core.py": "how much address space a child may have, from what it has",
    "training/test_robust.py": "the same",
    "catalog/test_let_go.py": "open files, of which those of the test's own lab are looked at",
    "storage/test_locks.py": "open files, of which those of the test's own folder are looked at",
}


def name(path: Path) -> str:
    return path.relative_to(TESTS).as_posix()


TREES = {name(p): ast.parse(p.read_text()) for p in sorted(TESTS.rglob("*.py")) if p.name != Path(__file__).name}


def calls(tree: ast.AST) -> list[tuple[ast.Call, str]]:
    return [(n, ast.unparse(n.func)) for n in ast.walk(tree) if isinstance(n, ast.Call)]


def test_no_test_looks_at_the_clock():
    clocks = re.compile(r"time\.(time|monotonic|perf_counter|process_time)(_ns)?|monotonic|perf_counter")
    assert {f for f, tree in TREES.items() for _, to in calls(tree) if clocks.fullmatch(to)} == set(CLOCK)
    said = re.compile(r"performance\.now|Date\.now")
    assert {p.name for p in (ROOT / "js" / "test").glob("*.ts") if said.search(p.read_text())} == {"fakes.ts"}


def test_limits_are_those_that_only_what_hangs_reaches():
    """A number of seconds as a limit decides a test on a busy machine."""
    found = set()
    for file, tree in TREES.items():
        for call, to in calls(tree):
            given = [k.value for k in call.keywords if k.arg in ("timeout", "timeout_s")]
            if to.rpartition(".")[2] in ("settimeout", "join", "wait", "timeout", "set_default_timeout", "wait_for"):
                given += call.args
            found |= {file for v in given if isinstance(v, ast.Constant) and isinstance(v.value, int | float)}
    assert found == set(LIMITS)


def test_pauses_of_a_fixed_length_are_known():
    """Within a loop that looks for something a pause is harmless."""
    naps, pauses = set(), set()
    for file, tree in TREES.items():
        looped = {id(c) for n in ast.walk(tree) if isinstance(n, ast.While) for c in ast.walk(n)}
        for call, to in calls(tree):
            if to in ("time.sleep", "sleep") and id(call) not in looped:
                naps.add(file)
            if to.endswith(".wait_for_timeout"):
                pauses.add(file)
    assert naps == set(NAPS)
    assert pauses == PAUSES


def test_memory_and_open_files_are_measured_in_one_place():
    asked = re.compile(r"getrusage|ru_maxrss|VmHWM|VmRSS|/proc/self|tracemalloc|active_count|threading\.enumerate")
    assert {f for f in TREES if asked.search((TESTS / f).read_text())} == set(WHOLE_PROCESS)
