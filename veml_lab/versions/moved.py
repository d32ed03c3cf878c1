"""A lab that was moved or copied: where it was, and where the pictures are now that stayed in their places.

``place.json`` in the lab says where it lay when it was last opened for writing, and by which folders those pictures are
found now. A lab is at home wherever it lies: only pictures that were imported without copying have paths of their own.
"""

from __future__ import annotations

import functools
import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadInput, LabError, warn
from ..storage.whole import write_whole
from .store import VersionStore

FILE = "place.json"
MOST = 2000  # pictures that are looked for when a lab has moved


@dataclass(frozen=True)
class Place:
    """Where a lab lay, and pairs of folders: pictures of the first are looked for in the second."""

    path: str
    moved: tuple[tuple[str, str], ...] = ()


def read_place(lab: Path) -> Place | None:
    """What the lab's ``place.json`` says; None where there is none, or it says nothing that makes sense."""
    try:
        s = (lab / FILE).lstat()
    except OSError:
        return None
    return _read(lab / FILE, s.st_mtime_ns, s.st_size, s.st_ino)


@functools.lru_cache(maxsize=64)
def _read(file: Path, _time: int, _size: int, _inode: int) -> Place | None:
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as f:
            said: Any = json.loads(f.read(1 << 20))
        moved = tuple((str(old), str(new)) for old, new in said.get("moved", {}).items())
        return Place(str(said["path"]), moved)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def in_place_file(lab: Path, path: str) -> Path:
    """Where a picture is that stayed in its place: in the folder that stands for its own if it is there, else as
    imported."""
    place = read_place(lab)
    for old, new in sorted(place.moved if place else (), key=lambda pair: -len(pair[0])):
        if path.startswith(old.rstrip("/") + "/"):
            there = Path(new) / path[len(old.rstrip("/")) + 1 :]
            if there.is_file():
                return there
    return Path(path)


def settle(store: VersionStore, moved: Mapping[str, str]) -> None:
    """Note where the lab lies now, and warn in one line where that is another place than before.

    Parameters
    ----------
    moved
        Old folder -> new folder of pictures that stayed in their places; kept with the lab, beside those given before.

    Raises
    ------
    BadInput
        A new folder is not there, or the lab is open read-only.
    """
    lab, before = store.folder, read_place(store.folder)
    pairs = dict(before.moved) if before else {}
    for old, new in moved.items():
        if not Path(new).expanduser().is_dir():
            raise BadInput(f"moved= names {str(new)!r} for {str(old)!r}, and there is no such folder")
        pairs[str(old)] = str(Path(new).expanduser().resolve())
    if moved and store.catalog.read_only:
        raise BadInput("moved= is kept with the lab, which is open read-only; open it once without read_only=True")
    now = Place(str(lab), tuple(pairs.items()))
    if now == before:
        return
    if not store.catalog.read_only:
        try:
            write_whole(lab / FILE, json.dumps({"path": now.path, "moved": pairs}, indent=1) + "\n", durable=False)
        except LabError:
            if moved:
                raise
            # a full disk keeps nobody from a lab; where it lies is noted the next time
    if before is not None and before.path != now.path:
        warn(_line(store, before.path))


def _line(store: VersionStore, old: str) -> str:
    lab = store.folder
    how = "is a copy of the lab" if (Path(old) / "lab.toml").is_file() else "was moved: it lay"
    text = f"{lab} {how} in {old!r} when it was last opened"
    paths = store.catalog.read("in_place").column("path").to_pylist()
    looked = paths[:: max(1, len(paths) // MOST)]
    gone = [p for p in looked if not in_place_file(lab, p).is_file()]
    if not gone:
        return text
    of = f"{len(gone):,} of {len(looked):,}" + ("" if len(looked) == len(paths) else f" (of {len(paths):,}) looked at")
    return (
        f"{text}; {of} pictures that were imported without copying are not found now, e.g. {gone[0]!r}. Where they are,"
        f" say once with {_advice(lab, old, gone[0])}"
    )


def _advice(lab: Path, old: str, example: str) -> str:
    """The option, with the folders filled in where the pictures moved along with the lab."""
    was, now = Path(old).parent, lab.parent
    if example.startswith(f"{was}/") and (now / Path(example).relative_to(was)).is_file():
        gone, there = str(was), str(now)
    else:
        gone, there = str(Path(example).parent), "their folder now"
    command = shlex.join(["veml", "check", str(lab), "--moved", f"{gone}={there}"])
    return f"veml_lab.open({str(lab)!r}, moved={{{gone!r}: {there!r}}}), or {command}"
