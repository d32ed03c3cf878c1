"""Kill a process at a random moment of its work, and look at what is left: a fork server without threads.

The server has imported everything once; a child is a fork of it, so that a killed child costs milliseconds. The child
says what it has finished through a pipe, one line each, written after the call returned. It is killed by one of

* ``time``: from outside, after a random time;
* ``step``: by itself, before the n-th call that touches a file (open, rename, remove, mkdir, write, sync), which
  reaches the short moments between two of them that a random time hardly ever hits;
* ``owner``: its owner process first, and itself a moment later.

What it left is looked at by another fork, so that the server never opens a lab.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import re
import select
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from veml_lab.catalog.runtime import read_pointer

_FILE_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.chmod"}
_CALLS = ("fsync", "fdatasync", "pwrite", "ftruncate")
PATIENCE_S = 180.0
LOSS = re.compile(".*(lost|damaged|be told|not in it)")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Kind:
    """What is killed.

    Attributes
    ----------
    prepare
        ``prepare(folder)`` makes what each place begins with; killed never.
    work
        ``work(folder, tell, tag, rng)``; ``tag`` is new in each round.
    look
        ``look(folder, told, vacuumed=)`` gives what is wrong after the kill, in words; ``told`` holds all lines of
        this place, ``vacuumed`` asks for a vacuum and a second look.
    longest_s, steps
        How late the kill may come.
    rounds
        After so many kills a new place is taken.
    warmed
        How often the time or the steps are counted from the first acknowledgement on, not from the start.
    looks
        How often it is looked at after a kill, beside the last one of each place; what was acknowledged before has to
        be there at every later look, and the next child, which opens what was left, may not be told of a loss.
    """

    name: str
    prepare: Callable[[Path], None]
    work: Callable[[Path, Tell, str, random.Random], None]
    look: Callable[..., list[str]]
    longest_s: float = 0.3
    steps: int = 120
    rounds: int = 20
    warmed: float = 0.7
    looks: float = 0.15
    moments: Sequence[str] = ("time", "step")


@dataclass
class Place:
    """Where a kind works just now: a copy of what it begins with, and what was acknowledged there."""

    folder: Path
    told: list[str] = field(default_factory=list)
    kills: int = 0


@dataclass(frozen=True)
class Round:
    """One killed child."""

    kind: str
    moment: str
    killed: int
    told: int
    finished: bool
    faults: tuple[str, ...]
    seed: int


class Killer:
    """Runs rounds of one kind.

    Parameters
    ----------
    home
        A folder of its own, to be removed by the caller.
    """

    def __init__(self, kind: Kind, home: Path) -> None:
        self.kind, self.home = kind, home
        self._base, self._place, self._made = home / "base", None, 0

    def round(self, seed: int) -> Round:
        """Kill one child; the same seed chooses the same moment (the machine chooses what it hits)."""
        rng = random.Random(f"{self.kind.name}-{seed}")
        place = self._current()
        moment = rng.choice(list(self.kind.moments))
        told, killed, error = self._killed(place, moment, rng, f"{seed}")
        place.told += [line for line in told if line != "finished"]
        place.kills += killed
        finished = "finished" in told
        ends = finished or place.kills >= self.kind.rounds
        looks = ends or rng.random() < self.kind.looks
        faults = [error] if error else []
        if looks and not error:
            vacuumed = ends or rng.random() < 0.25
            faults = _forked(lambda: self.kind.look(place.folder, place.told, vacuumed=vacuumed))
        if ends or faults:
            end_owners(place.folder)
            if faults:
                kept = self.home.with_name(f"{self.home.name}-fault-{self.kind.name}-{seed}")
                shutil.copytree(place.folder, kept, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(place.folder, ignore_errors=True)
            self._place = None
        return Round(self.kind.name, moment, killed, len(told) - finished, finished, tuple(faults), seed)

    def close(self) -> None:
        """End what still runs."""
        if self._place is not None:
            end_owners(self._place.folder)

    def _current(self) -> Place:
        ready = self.home / "ready"
        if not ready.exists():
            shutil.rmtree(self._base, ignore_errors=True)
            self._base.mkdir(parents=True)
            wrong = _forked(lambda: self.kind.prepare(self._base) or [])
            end_owners(self._base)
            if wrong:
                raise RuntimeError(f"{self.kind.name} could not be prepared: {wrong}")
            ready.touch()
        if self._place is None:
            self._made += 1
            folder = self.home / f"place-{os.getpid()}-{self._made}"
            shutil.copytree(self._base, folder)
            self._place = Place(folder)
        return self._place

    def _killed(self, place: Place, moment: str, rng: random.Random, tag: str) -> tuple[list[str], int, str]:
        """Lines that it told, how many processes were killed, and its traceback if it ended by an error."""
        after = _log_uniform(rng, 0.002, self.kind.longest_s)
        step = round(_log_uniform(rng, 1, self.kind.steps))
        seed, warmed = rng.random(), rng.random() < self.kind.warmed
        read, write = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(read)
            _child(self.kind, place.folder, write, moment, step if not warmed else -step, tag, seed)
        os.close(write)
        killed, text = 0, b""
        try:
            text = _lines(read, PATIENCE_S, lines=2 if warmed and moment != "step" else 1)
            if moment == "step":
                text += _lines(read, self.kind.longest_s * 10 + 5)  # it kills itself, or has too few steps for that
            else:
                text += _lines(read, after)
                if moment == "owner":
                    killed += _kill_owner(place.folder)
                    text += _lines(read, _log_uniform(rng, 0.05, 2.0))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            text += _lines(read, PATIENCE_S)
        finally:
            os.close(read)
            _, status = os.waitpid(pid, 0)
        killed += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        lines = [line.decode() for line in text.split(b"\n")[:-1]]
        error = next((line for line in lines if line.startswith("ERROR")), "")
        return [line for line in lines if line not in ("begin", error)], killed, error


def _log_uniform(rng: random.Random, low: float, high: float) -> float:
    return low * (high / low) ** rng.random()


def _lines(fd: int, seconds: float, *, lines: int | None = None) -> bytes:
    """What comes through a pipe within that time, to its end, or until so many lines came."""
    out, end = b"", time.monotonic() + seconds
    while lines is None or out.count(b"\n") < lines:
        left = end - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            return out
        some = os.read(fd, 1 << 16)
        if not some:
            return out
        out += some
    return out


def _child(kind: Kind, folder: Path, fd: int, moment: str, step: int, tag: str, seed: float) -> None:
    """Work until killed; never returns. Steps below 0 are counted from the first acknowledgement on."""
    _alone()
    os.environ["VEML_CATALOG"] = "owner" if moment == "owner" else "inprocess"
    told = 0

    def tell(line: str) -> None:
        nonlocal told
        os.write(fd, line.encode() + b"\n")
        told += 1
        if moment == "step" and told == (1 if step > 0 else 2):
            die_at_step(abs(step), str(folder))

    try:
        tell("begin")
        warnings.filterwarnings("error", ".*(lost|damaged|be told|not in it)")
        kind.work(folder, tell, tag, random.Random(seed))
        tell("finished")
    except BaseException:
        tell("ERROR " + traceback.format_exc().replace("\n", " | "))
    os._exit(0)


def _alone() -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1):
        os.dup2(null, fd)


def die_at_step(step: int, folder: str) -> None:
    """Let this process kill itself before its ``step``-th call that touches a file in or beside ``folder``."""
    left = step

    def count() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, args: tuple) -> None:
        if event in _FILE_EVENTS and args and (isinstance(args[0], int) or folder in os.fsdecode(args[0])):
            count()

    def counted(call: Callable) -> Callable:
        def counting(*args: object) -> object:
            count()
            return call(*args)

        return counting

    sys.addaudithook(hook)
    for name in _CALLS:
        setattr(os, name, counted(getattr(os, name)))


def _kill_owner(folder: Path) -> int:
    """Kill the owner of the lab in a place; how many were killed."""
    for lab in (folder / "lab", folder):
        pointer = read_pointer(lab) if lab.is_dir() else None
        if pointer is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pointer.pid, signal.SIGKILL)
                return 1
    return 0


def end_owners(folder: Path) -> None:
    """End the owner of a place, so that its folder can be copied or removed."""
    from veml_lab.storage.locks import is_held

    _kill_owner(folder)
    lab = folder / "lab"
    end = time.monotonic() + 10
    while lab.is_dir() and is_held(lab, exclusive=False) and time.monotonic() < end:
        time.sleep(0.01)


def _forked(work: Callable[[], list[str]]) -> list[str]:
    """Do it in a fork; its list of strings, or its traceback."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(read)
        _alone()
        os.environ["VEML_CATALOG"] = "inprocess"
        try:
            out = list(work())
        except BaseException:
            out = ["traceback: " + traceback.format_exc().replace("\n", " | ")]
        with os.fdopen(write, "w") as pipe:
            json.dump(out, pipe)
        os._exit(0)
    os.close(write)
    text = _lines(read, 10 * PATIENCE_S)
    os.close(read)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    try:
        return [str(line) for line in json.loads(text)]
    except ValueError:
        return [f"the process that looked at it ended by {status} after {text[:200]!r}"]


@contextlib.contextmanager
def losses_said(faults: list[str]):
    """Add to ``faults`` every warning that says something is lost or damaged; no kill may lead to one."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield
    faults += [f"said: {w.message}" for w in said if LOSS.match(str(w.message))]


def warm(kinds: Sequence[Kind], home: Path) -> None:
    """Import in this process what a child of each kind comes to import, so that no child has to.

    What that is is found out once, and kept in ``home``.
    """
    for kind in kinds:
        known = home / f"{kind.name}.json"
        if not known.exists():
            folder = home / kind.name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            names = _forked(lambda k=kind, f=folder: _imported(k, f))
            end_owners(folder)
            shutil.rmtree(folder, ignore_errors=True)
            known.write_text(json.dumps(names))
        for name in json.loads(known.read_text()):
            with contextlib.suppress(Exception):  # a module that only works inside another is imported by that one
                importlib.import_module(name)


def _imported(kind: Kind, folder: Path) -> list[str]:
    class Enough(Exception):
        pass

    told: list[str] = []

    def tell(line: str) -> None:
        told.append(line)
        if len(told) > 5:
            raise Enough

    kind.prepare(folder)
    with contextlib.suppress(Enough):
        kind.work(folder, tell, "warm", random.Random(0))
    kind.look(folder, told, vacuumed=True)
    return [m for m in sys.modules if not m.startswith("__")]
