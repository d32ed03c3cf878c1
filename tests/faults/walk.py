"""Calls every public verb on a file system that fails, in one process with ``faulty.so`` preloaded; a line a case.

    LD_PRELOAD=faulty.so python walk.py LAB SOURCE PLACE SHARE

Each case has a copy of the lab. What has to be true is asked in ``test_every_verb.py``.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import io
import json
import os
import shlex
import shutil
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

EACH = tuple(1 << i for i in range(8))
MAKE, OPEN, WRITE, SYNC, NAME, GONE, READ, LOCK = EACH
ALL = sum(EACH)
FAULTS: dict[str, tuple[int, int, int]] = {
    "full at the 1st write": (WRITE, errno.ENOSPC, 1),
    "full at the 2nd write": (WRITE, errno.ENOSPC, 2),
    "full at the 5th write": (WRITE, errno.ENOSPC, 5),
    "full at the 12th write": (WRITE, errno.ENOSPC, 12),
    "no more names": (MAKE | NAME, errno.ENOSPC, 1),
    "read-only": (MAKE | NAME | GONE, errno.EROFS, 1),
    "nothing may be made": (MAKE | NAME | GONE, errno.EACCES, 1),
    "nothing may be opened": (OPEN | MAKE, errno.EACCES, 1),
    "writes fail": (WRITE | SYNC, errno.EIO, 1),
    "syncs fail": (SYNC, errno.EIO, 1),
    "reads fail": (READ, errno.EIO, 1),
    "reads fail later": (READ, errno.EIO, 7),
    "too many files": (OPEN | MAKE, errno.EMFILE, 1),
    "too many files later": (OPEN | MAKE, errno.EMFILE, 5),
    "no locks": (LOCK, errno.ENOLCK, 1),
    "quota": (WRITE, errno.EDQUOT, 3),
}
HEAVY = (
    "train",
    "deploy",
    "predict",
    "bad_cases",
    "analyse",
    "command errors",
    "command badcases",
    "publish",
    "command publish",
)
# versions that a verb makes on its way and finds again when it is called again: the samples that go out for labelling
STEPS = {"label": 1, "command label": 1}
HEAVY_FAULTS = ("full at the 5th write", "read-only", "reads fail later")


class Command(Exception):
    """A command ended with 2; its one line."""


def command(name: str, words: str, lab: Any, out: Path) -> None:
    from veml_lab.cli import main

    said, told = io.StringIO(), io.StringIO()
    filled = words.format(lab=lab.path, out=out, source=out.parent / "source")
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(told):
        status = main([name.removeprefix("command "), *shlex.split(filled)])
    lines = [x for x in said.getvalue().splitlines() if x.startswith("veml:") or "Traceback" in x]
    if "Traceback" in said.getvalue():
        raise AssertionError(said.getvalue())
    if status == 2:
        raise Command(lines[-1])


def main(lab: Path, source: Path, place: Path, share: int) -> None:
    import calls

    import veml_lab as veml
    from veml_lab.errors import VemlError

    warnings.simplefilter("ignore")
    library = ctypes.CDLL(None)
    before = sorted(v.id for v in veml.open(lab, read_only=True).versions())
    verbs: list[tuple[str, Any]] = [*calls.functions()]
    for name, words in calls.commands():
        run = None if words is None else lambda x, out, n=name, w=words: command(n, w, x, out)
        verbs.append((name, run))
    verbs += calls.methods()
    changed = True

    def fresh() -> tuple[Any, Path]:
        if not changed:
            return veml.open(place / "lab"), place / "out"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(lab, place / "lab")
        shutil.copytree(source, place / "source")
        (place / "out").mkdir()
        return veml.open(place / "lab"), place / "out"

    def writes() -> bool:
        return any(library.fault_calls(k) for k in (MAKE, WRITE, NAME, GONE))

    for number, (verb, call) in enumerate(verbs):
        if call is None:
            print(json.dumps({"verb": verb, "fault": "", "end": "no call"}), flush=True)
            continue
        opened, out = fresh()
        library.fault_set(os.fsencode(place), ALL, 0, 1 << 30)
        with contextlib.redirect_stdout(sys.stderr):
            call(opened, out)  # it works where nothing fails, its modules are loaded, and its calls are counted
        library.fault_clear()
        changed = writes()
        met = [
            name
            for name, (kinds, _, after) in FAULTS.items()
            if sum(library.fault_calls(k) for k in EACH if k & kinds) >= after
        ]
        few = [n for n in HEAVY_FAULTS if n in met][: 3 if share == 1 else 1]
        chosen = few if verb in HEAVY else [n for i, n in enumerate(met) if (i + number) % share == 0 or len(met) < 3]
        print(json.dumps({"verb": verb, "fault": "none", "end": "done", "met": len(met)}), flush=True)
        for fault in chosen:
            opened, out = fresh()
            kinds, error, after = FAULTS[fault]
            row: dict[str, Any] = {"verb": verb, "fault": fault, "end": "done", "said": ""}
            library.fault_set(os.fsencode(place), kinds, error, after)
            try:
                with contextlib.redirect_stdout(sys.stderr):
                    call(opened, out)
            except (VemlError, Command) as e:
                row |= {"end": "refused", "said": str(e), "kind": type(e).__name__}
            except BaseException:
                row |= {"end": "traceback", "said": traceback.format_exc()}
            library.fault_clear()
            row["hits"] = library.fault_hits()
            changed = changed or writes()
            if row["hits"] and row["end"] != "traceback":
                row |= state(place, before, row["end"], call, changed, STEPS.get(verb, 0))
            print(json.dumps(row), flush=True)


def begun(place: Path) -> bool:
    """Whether this is a lab in the making: it has its whole catalog and nothing else, and is taken up again."""
    return place.is_dir() and {p.name.partition(".duckdb")[0] for p in place.iterdir()} == {"catalog"}


def state(place: Path, before: list[str], end: str, call: Any, wrote: bool, steps: int) -> dict[str, Any]:
    """What is wrong afterwards: with the lab (if it tried to write), and with the same call once the fault is gone."""
    import veml_lab as veml

    found: dict[str, Any] = {}
    try:
        again = veml.open(place / "lab")
        now = sorted(v.id for v in again.versions())
        if end == "refused" and now != before and not 0 < len(now) - len(before) <= steps:
            found["versions"] = f"{len(before)} before, {len(now)} now"
        if wrote:
            report = veml.check(place / "lab")
            if not report.clean:
                found["check"] = repr(report)
        left = [p.relative_to(place).as_posix() for p in place.rglob("*") if ".part" in p.name]
        if end == "refused":
            left += [p.name for p in (place / "out").iterdir() if not begun(p)]
        if left:
            found["left"] = left
        if end == "refused":
            with contextlib.redirect_stdout(sys.stderr):
                call(again, place / "out")
            now = sorted(v.id for v in again.versions())
            if steps and len(now) != len(before) + steps:
                found["again"] = f"{len(before)} before, {len(now)} when it was done again"
    except BaseException:
        found["again"] = traceback.format_exc()
    return found


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), int(sys.argv[4]))
