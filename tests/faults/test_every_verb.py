"""Every public verb on a file system that fails: one clear error, nothing half-written, and it works again after.

A share of all cases in the suite; by hand all of them: ``VEML_FAULTS=1 pytest tests/faults``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHARE = int(os.environ.get("VEML_FAULTS", "16"))


@pytest.fixture(scope="session")
def faulty(tmp_path_factory):
    """The library that makes a file system fail, for ``LD_PRELOAD``."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("a file system that fails is made with a C compiler on Linux")
    library = tmp_path_factory.mktemp("faulty") / "faulty.so"
    made = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE / "faulty.c", "-ldl"], capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"no library can be compiled here: {made.stderr[:200]}")
    return library


def walked(faulty, script, *arguments):
    """What a script says, a line of JSON each."""
    done = subprocess.run(
        [sys.executable, HERE / script, *map(str, arguments)],
        env={**os.environ, "LD_PRELOAD": str(faulty), "VEML_CATALOG": "inprocess",
             "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)])},
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="session")
def rows(tmp_path_factory, digits_lab, digits, faulty):
    place = tmp_path_factory.mktemp("faults")
    return walked(faulty, "walk.py", digits_lab.path, digits, place / "work", SHARE)


@pytest.mark.parametrize("verb", ["compact", "create", "backup"])
def test_a_catalog_is_whole_or_not_there_whichever_write_finds_the_disk_full(tmp_path, faulty, verb):
    """Closing a copy folds its log in, and is silent where it cannot: a copy without tables took the place of all."""
    first, *cases = walked(faulty, "every_write.py", tmp_path, verb, 0, 1 if SHARE == 1 else 2)
    assert first["rows"] == 30 and first["tables"] > 10 and len(cases) > 12
    states = {"whole"} if verb == "compact" else {"whole", "none"}
    assert [c for c in cases if c["state"] not in states or c["left"]] == []
    assert {c["end"] for c in cases} == {"done", "FullDisk"}
    assert all(c["state"] == "whole" for c in cases if c["end"] == "done")
    assert sum(c["end"] == "FullDisk" for c in cases) > len(cases) / 2  # the disk was full where it matters


def bad(rows, key):
    return [f"{r['verb']}, {r['fault']}: {str(r[key])[-700:]}" for r in rows if r.get(key)]


def test_every_public_verb_has_a_call(rows):
    assert [r["verb"] for r in rows if r["end"] == "no call"] == []
    assert len({r["verb"] for r in rows}) > 100


def test_the_faults_are_met(rows):
    met = [r for r in rows if r.get("hits")]
    assert len({r["fault"] for r in met}) >= 12 and len({r["verb"] for r in met}) > 70
    assert sum(r["end"] == "refused" for r in met) > len(met) / 2


def test_what_fails_is_one_error_of_ours(rows):
    assert [f"{r['verb']}, {r['fault']}: {r['said'][-900:]}" for r in rows if r["end"] == "traceback"] == []


def test_it_says_what_to_do_and_never_to_restore(rows):
    for r in rows:
        if r["end"] == "refused" and r["hits"]:
            assert len(r["said"]) > 30 and "Errno" not in r["said"], r
            assert "restore" not in r["said"].lower(), r


def test_the_versions_are_those_of_before_and_the_lab_is_whole(rows):
    assert bad(rows, "versions") == [] and bad(rows, "check") == []


def test_nothing_half_written_is_left(rows):
    assert bad(rows, "left") == []


def test_the_same_call_succeeds_when_the_fault_is_gone(rows):
    assert bad(rows, "again") == []
