#!/usr/bin/env python
"""Damage small sets of every format and read them: a sound reading or an error of ours has to come, nothing else.

    python scripts/fuzz_readers.py --inputs 20000 --seed 1 --write docs/results/fuzz.md

Each input is one damage to one set: a value of a JSON, XML, CSV or text file, bytes, or whole files. The sets are those
of ``tests/formats/small_sets.py`` (every format, read by its name), and those of ``tests/wild`` in the layouts in
which people have them (also zipped; the format has to be found). Readings happen in another process with
a limit of memory, watched: one that computes for 20 s and says
nothing is a hang. Of each kind of failure the first is shown,
with the number by which ``--only`` repeats it. By hand, not in CI: a quarter of an hour for 20,000 inputs on one core.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "formats"), str(ROOT / "tests" / "wild"), str(ROOT / "tests")]

from attacks import Files, damaged, put, said_of, sound  # noqa: E402
from layout_formats import FORMATS as LAYOUTS  # noqa: E402
from small_sets import MAKERS, made  # noqa: E402

from veml_lab.errors import VemlError  # noqa: E402
from veml_lab.formats import FORMATS, read  # noqa: E402

HANG_S = 20.0
MEMORY = 8 << 30  # bytes of address space beside what the libraries take
IMPORTED = 25  # one input of so many is also imported into a lab
ENDS = ("read", "read with findings", "refused", "lost in silence", "unsound", "traceback", "hang", "died")
WRONG = ENDS[3:]


@dataclass(frozen=True)
class Base:
    """A whole set: what it is called, how it is read, its files, and what comes of it."""

    name: str
    format: str | None
    files: Files
    path: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    came: dict[str, int] = field(default_factory=dict)
    said: frozenset[str] = frozenset()


def bases() -> list[Base]:
    """Every format by its name, and every layout of tests/wild, plain and zipped."""
    out = []
    for format in sorted(set(FORMATS) & set(MAKERS)):
        with tempfile.TemporaryDirectory() as place:
            root = made(format, Path(place, "set"))
            files = {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
        out.append(Base(format, format, files))
    for name, make in LAYOUTS.items():
        drawn = [d for d in _drawn(make, 8) if d.files][:6]
        for layout in drawn:
            named = layout.format if layout.named else None
            out.append(Base(f"{name}, as people have it", named, layout.files, layout.path, layout.options))
        if not drawn[0].path:
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
                for at, content in drawn[0].files.items():
                    z.writestr(f"pets/{at}", content)
            zipped = {"pets.zip": packed.getvalue()}
            out.append(Base(f"{name}, zipped", None, zipped, "pets.zip", drawn[0].options))
    return out


def _drawn(make: Any, n: int) -> list[Any]:
    """The same few layouts of a format, every time."""
    rng = Random(0)
    return [make(rng.choice) for _ in range(n)]


def measured(base: Base) -> Base | None:
    """The base with what comes of it whole; None where this layout is one that is refused."""
    with tempfile.TemporaryDirectory() as place:
        put(base.files, Path(place, "set"))
        try:
            came, said = _read(base, Path(place, "set"))
        except VemlError:
            return None
    return replace(base, came=came, said=frozenset(said))


def _read(base: Base, root: Path) -> tuple[dict[str, int], set[str]]:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        source = read(root / base.path, base.format, **base.options)
        came = sound(source)
    return came, {x.replace(str(root), "") for x in (*said_of(source), *(str(w.message) for w in warned))}


def ending_of(base: Base, number: int, seed: int, root: Path) -> tuple[str, str, str]:
    """How one input ends, its kind of damage, and where it is wrong."""
    rng = Random(f"{seed}/{number}")
    files, kind = damaged(base.files, rng)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    put(files, root)
    try:
        came, said = _read(base, root)
        if number % IMPORTED == 0:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                _imported(read(root / base.path, base.format, **base.options), root.parent / "lab")
    except VemlError as e:
        return ("refused", kind, "") if len(str(e)) > 20 else ("unsound", kind, f"a message of no use: {e}")
    except AssertionError:
        return "unsound", kind, traceback.format_exc()
    except Exception:
        return "traceback", kind, traceback.format_exc()
    said -= base.said
    if kind == "value" and not said and any(came[k] < base.came[k] for k in came):
        return "lost in silence", kind, f"{base.came} became {came}, and nothing says why"
    return "read with findings" if said else "read", kind, ""


def _imported(source: Any, lab: Path) -> None:
    import veml_lab as veml

    shutil.rmtree(lab, ignore_errors=True)
    opened = veml.open(lab)
    version = opened.add("fuzzed", source, progress=False, copy=True, unread="allow")
    len(version), version.summary()
    opened.store.catalog.close()


def work(found: list[Base], numbers: range, seed: int, place: Path, out: Any) -> None:
    """The other process: reads one input after the other and says how each ended."""
    os.environ["VEML_CATALOG"] = "inprocess"
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)  # what libraries of C say of damaged files
    for number in numbers:
        out.send((number, ending_of(found[number % len(found)], number, seed, place / "set")))
    out.send(None)


def run(found: list[Base], numbers: range, seed: int, show: bool) -> tuple[Counter[tuple[str, str, str]], list[str]]:
    """All inputs; counts by base, kind of damage and end, and the first of each kind of failure."""
    counts, kinds = Counter[tuple[str, str, str]](), dict[str, str]()
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory(prefix="veml-fuzz-") as place:
        todo = numbers
        while todo:
            ours, theirs = context.Pipe(duplex=False)
            child = context.Process(target=work, args=(found, todo, seed, Path(place), theirs))
            child.start()
            theirs.close()
            done = todo.start
            end = None
            while end is None:
                if not _answers(ours, child.pid or 0):
                    end = "hang"
                    break
                try:
                    came = ours.recv()
                except EOFError:
                    end = "died"
                    break
                if came is None:
                    break
                number, (ending, kind, why) = came
                done = number + 1
                _count(counts, kinds, found[number % len(found)], number, ending, kind, why, show)
            child.kill()
            child.join()
            if end is None:
                break
            _count(counts, kinds, found[done % len(found)], done, end, "-", f"exit {child.exitcode}", show)
            todo = range(done + 1, numbers.stop)
    return counts, list(kinds.values())


def _answers(pipe: Any, pid: int) -> bool:
    """Whether it says something before it has computed for 20 s; on a busy machine that takes longer."""
    began = _computed_s(pid)
    for _ in range(120):
        if pipe.poll(HANG_S / 4):
            return True
        if _computed_s(pid) - began > HANG_S:
            return False
    return False


def _computed_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _count(
    counts: Counter[tuple[str, str, str]], kinds: dict[str, str], base: Base, number: int, ending: str, kind: str,
    why: str, show: bool,
) -> None:  # fmt: skip
    counts[base.name, kind, ending] += 1
    if ending not in WRONG:
        return
    lines = why.strip().splitlines() or [""]
    frame = next((x.strip() for x in reversed(lines) if x.strip().startswith("File ")), "")
    key = f"{ending} {base.name if not frame else ''} {frame} {lines[-1].split(':')[0]}"
    if key not in kinds:
        kinds[key] = f"input {number} ({base.name}, {kind}): {ending}: {lines[-1][:200]}"
        if show:
            print(f"--- {kinds[key]}\n{why}\n", flush=True)


def page(counts: Counter[tuple[str, str, str]], kinds: list[str], args: argparse.Namespace, seconds: float) -> str:
    """The table as Markdown."""
    names = list(dict.fromkeys(n for n, _, _ in counts))
    command = f"python scripts/fuzz_readers.py --inputs {args.inputs} --seed {args.seed} --write {args.write}"
    lines = [
        "# Damaged sets of every format",
        "",
        f"Made by `{command}` in {seconds / 60:.0f} minutes on one core: {sum(counts.values()):,} inputs, each one",
        "damage to one small set. *Unsound*: something was read that cannot be, such as a box of NaN or of negative",
        "size, a class that the source does not have, a name twice. *Lost in silence*: a changed value, fewer samples",
        "or annotations, and no finding, no warning. A hang is 20 s of computing without an answer; memory is limited",
        "to 8 GB.",
        "",
        "| set | " + " | ".join(ENDS) + " |",
        "|---|" + "---:|" * len(ENDS),
    ]
    for name in [*names, "all"]:
        row = [sum(c for (n, _, e), c in counts.items() if e == end and name in (n, "all")) for end in ENDS]
        lines.append(f"| {name} | " + " | ".join(f"{c:,}" if c else "" for c in row) + " |")
    if kinds:
        lines += ["", "The first of each kind:", "", *(f"- {k.replace('|', ' ')}" for k in kinds)]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Print or write one table; 1 where anything but a sound reading or an error of ours came."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="repeat this one input, in a folder that stays")
    parser.add_argument("--write", metavar="FILE", help="write the table there")
    args = parser.parse_args()
    began = time.monotonic()
    found = [b for b in map(measured, bases()) if b is not None]
    if args.only is not None:
        place = Path(tempfile.mkdtemp(prefix="veml-fuzz-"))
        base = found[args.only % len(found)]
        print(base.name, base.came, place, *ending_of(base, args.only, args.seed, place / "set"), sep="\n")
        files, _ = damaged(base.files, Random(f"{args.seed}/{args.only}"))
        for name in sorted(base.files.keys() | files.keys()):
            if base.files.get(name) != files.get(name):
                print(f"{name}:\n- {base.files.get(name, b'')[:3000]!r}\n+ {files.get(name, b'')[:3000]!r}")
        return 0
    counts, kinds = run(found, range(args.inputs), args.seed, show=True)
    text = page(counts, kinds, args, time.monotonic() - began)
    print(text)
    if args.write:
        Path(args.write).write_text(text)
    return 1 if any(e in WRONG for _, _, e in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
