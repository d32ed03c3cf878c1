#!/usr/bin/env python
"""Everybody at one lab for half an hour, killed at random, on a disk that fills and empties. By hand, not in CI.

    python tests/soak/soak.py                        # 30 minutes; writes docs/results/soak.md with --page
    python tests/soak/soak.py --minutes 2 --mb 64

Two writers, six readers, the service of a dashboard, Voila with a visitor, a training, somebody who tidies up and takes
backups; each is a fork of this process, is killed now and then and started again, and so is the lab's owner process.
The lab lies on a small file system of its own (needs the right to mount one), which is filled to the last byte again
and again.
Each says in a file elsewhere what it was told by a call that returned. At the end all of that has to be in the lab.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["VEML_CATALOG"] = "owner"
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy as np  # noqa: E402
from labs import TINY, write_digits  # noqa: E402

import veml_lab as veml  # noqa: E402
from veml_lab.catalog.runtime import read_pointer  # noqa: E402
from veml_lab.dashboards import dashboard as serve  # noqa: E402
from veml_lab.dashboards.contents import PARTS, Empty, entries, items_of  # noqa: E402
from veml_lab.errors import FullDisk, VemlError  # noqa: E402
from veml_lab.upkeep import backup, check, vacuum  # noqa: E402
from veml_lab.widgets._base import alone  # noqa: E402

PAGE = ROOT / "docs" / "results" / "soak.md"
SILENT_S = 180.0  # a role that has not said anything for so long hangs
PLAN = {"epochs": 2, "batch_size": 16, "lr": 1e-2}
Say = Callable[..., None]


class Place:
    """The lab, what it is fed with, and what each role said."""

    def __init__(self, home: Path, disk: Path) -> None:
        self.home, self.disk, self.lab = home, disk, disk / "lab"
        self.digits, self.said = home / "digits", home / "said"


# -- roles -----------------------------------------------------------------------------------------------


def writer(place: Place, say: Say, tag: str, rng: random.Random) -> None:
    lab = veml.open(place.lab)
    for i in range(1_000_000):
        kind, name = rng.random(), f"{tag}-{i}"
        with refusals(say):
            if kind < 0.15:
                say("data", name, len(lab.add(name, veml.read_idx(place.digits), progress=False)))
            elif kind < 0.55:
                say("data", name, len(lab["digits"].sample(name, 5, seed=i)))
            elif kind < 0.7:
                for part in lab["digits"].split(name, f"{name}b", share=0.5, seed=i):
                    say("data", part.name, len(part))
            elif kind < 0.85:
                lab["digits"].history.note(f"note {name}")
                say("note", f"note {name}")
            else:
                lab["digits"].history.tag(name)
                say("tag", name)
        time.sleep(0.2 + rng.random() * 0.4)


def reader(place: Place, say: Say, tag: str, rng: random.Random) -> None:
    seen: set[str] = set()
    lab = veml.open(place.lab, read_only=True)
    while True:
        with refusals(say):
            if rng.random() < 0.1:
                lab = veml.open(place.lab, read_only=True)
            names = {v.name for v in lab.versions()}
            if seen - names:
                say("LOST", f"versions that a reader had seen: {sorted(seen - names)[:3]}")
            seen = names
            version = lab[rng.choice([n for n in names if n != "tiny" and not n.startswith("run")])]
            if version.images[len(version) - 1].size != (16, 16) or version.facts.n != len(version):
                say("LOST", f"half of {version.name}")
            say("read")
        time.sleep(0.3 + rng.random() * 0.5)


def dashboard(place: Place, say: Say, tag: str, rng: random.Random) -> None:
    lab = veml.open(place.lab, read_only=True)
    while True:
        part = rng.choice(list(PARTS))
        with refusals(say), alone():
            item = rng.choice(items_of(lab, part)[-20:] or [""])
            for entry in entries(lab, part, item):
                if not isinstance(entry, Empty):
                    entry.make()
            say("page")
        time.sleep(1.0)


def visitor(place: Place, say: Say, tag: str, rng: random.Random) -> None:
    """Ask Voila for its page, as a browser does, and let its kernel go."""
    url = (place.home / "voila").read_text()
    while True:
        with urllib.request.urlopen(url, timeout=SILENT_S) as answer:
            page = answer.read().decode()
        if answer.status != 200 or "Traceback" in page or not (kernel := re.search(r'"kernelId": *"([^"]+)"', page)):
            say("WRONG", "a page of Voila", answer.status, re.sub(r"\s+", " ", page)[-300:])
            continue
        say("visit")
        time.sleep(5)
        base, _, token = url.partition("?")
        gone = urllib.request.Request(f"{base}voila/api/shutdown/{kernel[1]}?{token}", method="POST")
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(gone, timeout=SILENT_S).close()
        time.sleep(5 + rng.random() * 10)


def trainer(place: Place, say: Say, tag: str, rng: random.Random) -> None:
    lab = veml.open(place.lab)
    for i in range(1_000_000):
        if f"run {i}" in lab:
            continue
        while f"run {i}" not in lab:
            with refusals(say):
                plan = veml.plan(lab["tiny"], lab["digits"], name=f"run {i}", seed=i, **PLAN)
                say("training", veml.train(plan, lab, progress=False).name)
            time.sleep(1.0)


def keeper(place: Place, say: Say, tag: str, rng: random.Random) -> None:
    for i in range(1_000_000):
        with refusals(say):
            vacuum(place.lab, grace_s=0)
            say("vacuum")
        with refusals(say):
            report = check(place.lab)
            for finding in report.wrong:
                say("WRONG", str(finding))
            say("check")
        with refusals(say):
            copy = place.home / "copies" / f"{tag}-{i}"
            backup(place.lab, copy)
            for finding in check(copy, deep=True).wrong:
                say("WRONG", f"in a backup: {finding}")
            say("backup")
            shutil.rmtree(copy)
        time.sleep(5 + rng.random() * 10)


ROLES = {
    "writer a": writer, "writer b": writer, **{f"reader {i}": reader for i in range(1, 7)},
    "dashboard": dashboard, "visitor": visitor, "training": trainer, "keeper": keeper,
}  # fmt: skip


@contextlib.contextmanager
def refusals(say: Say):
    """An error of ours is said by its kind, and life goes on; any other one ends the role."""
    try:
        yield
    except FullDisk:
        say("refused")
        time.sleep(0.5)
    except VemlError as e:
        say("error", type(e).__name__, " ".join(str(e).split())[:160])
        time.sleep(0.5)


# -- processes -------------------------------------------------------------------------------------------


def start(role: str, place: Place, number: int, seed: int) -> int:
    """Fork a role; its process."""
    file = place.said / f"{role.replace(' ', '-')}.{number}"
    file.touch()
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1):
        os.dup2(null, fd)
    out = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def say(*words: object) -> None:
        os.write(out, ("\t".join(map(str, words)) + "\n").encode())

    warnings.filterwarnings("error", ".*(lost|damaged|be told|not in it)")
    try:
        ROLES[role](place, say, f"{role[0]}{role[-1]}{number}", random.Random(f"{seed} {role} {number}"))
    except BaseException:
        say("TRACEBACK", traceback.format_exc().replace("\n", " | "))
    os._exit(1)


def kill(pid: int) -> None:
    """End a process and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def fill(place: Place, leave: int) -> None:
    """Take all room of the disk but a few bytes."""
    free = os.statvfs(place.disk)
    with contextlib.suppress(OSError), (place.disk / "filler").open("ab", buffering=0) as out:
        left = free.f_bavail * free.f_frsize - leave
        while left > 0:
            left -= out.write(bytes(min(left, 1 << 18)))


def prepare(place: Place) -> None:
    """What the roles begin with."""
    write_digits(place.digits, 24, 8)
    place.said.mkdir()
    (place.home / "copies").mkdir()
    pid = os.fork()
    if not pid:
        lab = veml.open(place.lab)
        data = lab.add("digits", veml.read_idx(place.digits), progress=False)
        veml.model(data, TINY, name="tiny")
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeError("the lab could not be made")


def run(place: Place, minutes: float, seed: int) -> Counter:
    """Let them work, kill and fill; how often each thing was done."""
    rng, did = random.Random(seed), Counter()
    numbers: Counter[str] = Counter()
    living = {role: start(role, place, 0, seed) for role in ROLES}
    began = time.monotonic()
    end, kill_at = began + minutes * 60, began + 5
    fill_at, empty_at, shown = began + 15, float("inf"), began
    while (now := time.monotonic()) < end:
        time.sleep(0.05)
        for role, pid in list(living.items()):
            gone, _ = os.waitpid(pid, os.WNOHANG)
            file = place.said / f"{role.replace(' ', '-')}.{numbers[role]}"
            if not gone and time.time() - file.stat().st_mtime > SILENT_S:
                did["hangs"] += 1
                print(f"\n{role} hangs", file=sys.stderr)
                kill(pid)
                gone = pid
            if gone:  # by an error, which it has said
                did["ended by themselves"] += 1
                numbers[role] += 1
                living[role] = start(role, place, numbers[role], seed)
        if now > kill_at:
            victim = rng.choice([*ROLES, "owner", "owner", "owner"])
            if victim == "owner":
                pointer = read_pointer(place.lab)
                if pointer is not None:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pointer.pid, signal.SIGKILL)
                        did["kills of owner"] += 1
            else:
                kill(living[victim])
                did[f"kills of {victim.split()[0]}"] += 1
                numbers[victim] += 1
                living[victim] = start(victim, place, numbers[victim], seed)
            kill_at = now + rng.random() * 4
        if now > fill_at:
            fill(place, rng.choice([0, 0, 4096, 100_000, 1_000_000]))
            did["disk filled"] += 1
            fill_at, empty_at = float("inf"), now + rng.uniform(2, 12)
        if now > empty_at:
            (place.disk / "filler").unlink(missing_ok=True)
            empty_at, fill_at = float("inf"), now + rng.uniform(10, 40)
        if now > shown + 10:
            shown = now
            free = os.statvfs(place.disk)
            kills = sum(n for what, n in did.items() if what.startswith("kills"))
            line = f"{now - began:.0f} s, {kills} kills, {free.f_bavail * free.f_frsize >> 20} MB free"
            print(f"\r{line:<60}", end="", file=sys.stderr)
    for pid in living.values():
        kill(pid)
    (place.disk / "filler").unlink(missing_ok=True)
    print(file=sys.stderr)
    return did


# -- what came of it -------------------------------------------------------------------------------------


def look(place: Place) -> tuple[Counter, list[str]]:
    """Acknowledged operations by kind, and what is wrong."""
    said = [line.split("\t") for f in sorted(place.said.iterdir()) for line in f.read_text().splitlines()]
    counts = Counter(words[0] if words[0] != "error" else f"error {words[1]}" for words in said)
    wrong = [" ".join(words) for words in said if words[0] in ("LOST", "WRONG", "TRACEBACK")]
    wrong += sorted({" ".join(words) for words in said if words[0] == "error"})
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        lab = veml.open(place.lab)
        there = {v.name: v for v in lab.versions()}
        notes, tags = set(lab["digits"].history.notes), set(lab["digits"].history.tags)
        for kind, *words in said:
            if kind == "data" and (words[0] not in there or len(there[words[0]]) != int(words[1])):
                wrong.append(f"LOST {words}")
            elif (
                (kind == "note" and words[0] not in notes)
                or (kind == "tag" and words[0] not in tags)
                or (kind == "training" and words[0] not in there)
            ):
                wrong.append(f"LOST {kind} {words}")
        for version in lab.versions("training"):
            if not all(np.isfinite(v) for v in [r["value"] for r in version.log() if r["name"] == "loss"]):
                wrong.append(f"WRONG losses of {version.name}")
        wrong += [f"WRONG check: {f}" for f in check(place.lab, deep=True).wrong]
        vacuum(place.lab, grace_s=0)
        after = check(place.lab, deep=True)
        wrong += [
            f"WRONG check after vacuum: {f}"
            for f in (*after.wrong, *(f for f in after.findings if f.kind == "leftover"))
        ]
    wrong += [f"WRONG said: {w.message}" for w in warned if "lost" in str(w.message) or "be told" in str(w.message)]
    return counts, wrong


def table(counts: Counter, did: Counter, wrong: list[str]) -> list[str]:
    """One row a kind."""
    names = {"data": "data versions", "note": "notes", "tag": "tags", "training": "trainings", "read": "reads",
             "page": "pages of the dashboard", "visit": "visits of Voila",
             "vacuum": "vacuums", "check": "checks", "backup": "backups"}  # fmt: skip
    lines = ["| | |", "|---|---:|"]
    lines += [f"| acknowledged: {what} | {counts[kind]:,} |" for kind, what in names.items()]
    lines += [f"| {what} | {n:,} |" for what, n in sorted(did.items()) if what.startswith("kills")]
    lines += [
        f"| disk filled | {did['disk filled']:,} |",
        f"| refused, since the disk was full | {counts['refused']:,} |",
    ]
    lines += [f"| {what} | {n:,} |" for what, n in sorted(counts.items()) if what.startswith("error")]
    lines += [f"| {what} | {did[what]:,} |" for what in ("hangs", "ended by themselves")]
    lines += [f"| tracebacks | {counts['TRACEBACK']:,} |"]
    lines += [f"| **lost** | {sum(w.startswith('LOST') for w in wrong):,} |"]
    lines += [
        f"| **wrong by `check`, while they worked and at the end** | {sum(w.startswith('WRONG') for w in wrong):,} |"
    ]
    return lines


def main() -> int:
    """Print one table; 1 where something was lost or wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--mb", type=int, default=64, help="size of the disk")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--page", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    args = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="veml-soak-"))
    place = Place(home, home / "disk")
    place.disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={args.mb}m", "tmpfs", str(place.disk)], check=True)
    try:
        prepare(place)
        with serve(place.lab, preheat=False, log=home / "voila.log") as voila:
            (home / "voila").write_text(voila.url)
            did = run(place, args.minutes, args.seed)
            did["hangs"] += voila.process.poll() is not None  # it serves to the end
        counts, wrong = look(place)
        pointer = read_pointer(place.lab)
        if pointer is not None:
            os.kill(pointer.pid, signal.SIGTERM)
    finally:
        subprocess.run(["umount", "-l", str(place.disk)], check=True)
    lines = table(counts, did, wrong)
    print("\n".join([*lines, "", *sorted(set(wrong))]))
    if args.page:
        write_page(lines, wrong, args)
    if not wrong:
        shutil.rmtree(home)
    return 1 if any(w.startswith(("LOST", "WRONG", "TRACEBACK")) for w in wrong) else 0


TEXT = """\
# Soak: everybody at one lab, killed at random, on a disk that fills

Made by `{command}`.

Two writers, six readers, the service of a dashboard (in its process), Voila (never killed) with a visitor who asks for
its page, a training, and one who vacuums without a grace period, checks and takes backups. Every 2 seconds one of them
or the lab's owner process is killed and started again; every half minute the disk is full for some seconds. A call that
returned is noted outside of that disk; at the end everything that was noted is looked for in the lab.

{table}
"""


def write_page(lines: list[str], wrong: list[str], args: argparse.Namespace) -> None:
    """docs/results/soak.md."""
    alike = Counter(re.sub(r"/\S*/|[0-9a-f]{6,}|\d{3,}", "*", w) for w in wrong)
    found = ["", "Errors and faults:", "", *(f"- {n} x `{w}`" for w, n in sorted(alike.items()))] if wrong else []
    command = f"python tests/soak/soak.py --minutes {args.minutes:g} --mb {args.mb} --seed {args.seed} --page"
    PAGE.write_text(TEXT.format(command=command, table="\n".join([*lines, *found])))


if __name__ == "__main__":
    sys.exit(main())
