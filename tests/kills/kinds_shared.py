"""What is killed, and what has to be true afterwards.

Each kind tells a line after each call that returned. Three things are asked of all of them
(:func:`sound`): ``check`` finds nothing wrong, neither before nor after a vacuum; vacuum removes all leftovers; nothing
is said to be lost. What a line promised is asked by the kind itself.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from killing import losses_said
from labs import ROOT, write_digits
from PIL import Image

import veml_lab as veml
from veml_lab.embeddings import torchvision_embedder
from veml_lab.upkeep import check, vacuum

PLAN = {"epochs": 3, "batch_size": 8, "lr": 1e-2, "augment": ["crop"]}
OLD = ROOT / "tests" / "catalog" / "data" / "lab-v1.tar.xz"
OLD_NAMES = ["digits", "digits-train", "digits-test", "ones", "all again", "city", "tiny"]
Look = Callable[..., list[str]]


def opened(place: Path) -> veml.Lab:
    return veml.open(place / "lab")


def embedder():
    return torchvision_embedder("squeezenet1_1", weights="random", size_px=32)


def sound(look: Callable[[Path, list[str], list[str]], None]) -> Look:
    """A look that also asks what is asked of all kinds: before (as the killed process left it) and after a vacuum."""

    def looked(place: Path, told: list[str], *, vacuumed: bool) -> list[str]:
        faults: list[str] = []
        lab = place / "lab"
        with losses_said(faults):
            deep = len(told) % 8 == 0
            faults += [f"check, before it was opened: {f}" for f in check(lab, deep=deep).wrong]
            look(place, told, faults)
            if not vacuumed:
                return faults
            vacuum(lab, grace_s=0)
            after = check(lab, deep=deep)
            faults += [f"check, after a vacuum: {f}" for f in after.wrong]
            faults += [f"vacuum left: {f}" for f in after.findings if f.kind == "leftover"]
            hidden = [p for p in lab.rglob(".*") if p.is_file()] + list((lab / "staging").glob("*"))
            faults += [f"vacuum left, and check does not list: {p.relative_to(lab)}" for p in hidden]
            look(place, told, faults)  # and vacuum took nothing
        return sorted(set(faults))

    return looked


def rows(told: list[str], word: str) -> list[list[str]]:
    """The words behind the first one of the lines that begin with it."""
    return [line.split("\t")[1:] for line in told if line.split("\t")[0] == word]


def wholly_read(lab: veml.Lab, faults: list[str]) -> None:
    """Every late data version can be read to its last pixel; no two imports share an ID."""
    seen: set[int] = set()
    for version in lab.versions("data")[-24:]:
        n = version.facts.n
        if not n == len(version) == version.samples.num_rows == len(version.annotations.class_labels):
            faults.append(f"{version.name}: {n} samples by its facts, {len(version)} by its IDs")
        elif n and {version.images[i].size for i in (0, n - 1)} != {(16, 16)}:
            faults.append(f"{version.name}: its pictures are not what was imported")
    for version in lab.data:
        ids = set(version.ids)
        if ids & seen:
            faults.append(f"{version.name}: its IDs belong to another import as well")
        seen |= ids


def there(lab: veml.Lab, told: list[str], faults: list[str]) -> None:
    """Each acknowledged version is there, with as many samples as was said."""
    for name, n in rows(told, "data"):
        if name not in lab:
            faults.append(f"LOST: the version {name!r}")
        elif len(lab[name]) != int(n):
            faults.append(f"LOST: {n} samples of {name!r}, there are {len(lab[name])}")


def tree(folder: Path, leave_out: Iterable[str] = ()) -> dict[str, str]:
    """Hashes of all files in a folder."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in leave_out
    }


def endless(rng: random.Random) -> Iterator[tuple[int, int]]:
    """Numbers from 0, each with a random one."""
    return ((i, rng.randrange(1 << 30)) for i in itertools.count())


# -- what places begin with ------------------------------------------------------------------------------


def bare(place: Path) -> None:
    write_digits(place / "digits", 16, 8)
    opened(place)


def one_import(place: Path) -> None:
    bare(place)
    opened(place).add("digits", veml.read_idx(place / "digits"), progress=False)


def pictures(place: Path) -> None:
    bare(place)
    rng = np.random.default_rng(0)
    for c, i in itertools.product("ab", range(4)):
        path = place / "folder" / c / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(path)
