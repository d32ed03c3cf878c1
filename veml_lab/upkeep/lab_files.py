"""The files of a lab: which of them the catalog needs, which nobody does, and which are in use right now.

Most versions name their files in JSON (a checkpoint, an exported model, the blobs of a series), so a
file counts as needed when its name stands anywhere in the catalog or in the plan of a job. That errs on
the side of keeping. Only plain files with names that we give are ever taken for leftovers, never what lies behind a
link: a file that somebody else put into the lab's folders is theirs.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog.snapshot import Snapshot
from ..provenance.keeper import NOTED, RECORD
from ..storage.locks import is_held
from ..training.answers import FOLDER, NAME

GRACE_S = 24 * 3600.0
ASLEEP_S = (
    3600.0  # a living process that has not touched its file for so long, and holds no lock on it, has let go of it
)
_STAGED = re.compile(r"(rows|answer)-\d+-[0-9a-f]{8}\.arrow|snapshot-\d+-[0-9a-f]{8}\.duckdb(\.wal)?")
_STAGED_FOLDER = re.compile(r"snapshot-\d+-[a-z0-9_]{8}|trash-\d+-[0-9a-f]{8}")
_SEGMENT = re.compile(r"[0-9a-f]{24}\.arrow")
_BLOB = re.compile(r"([0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})[-.].+")
# the second and third are of earlier versions
_DRAFT = re.compile(
    r"\..+\.\d+\.[0-9a-f]{8}\.part|\..+\.\d+(\.\d+)?(\.part)?|\..+\.(npy|duckdb)\.part|\.export-\d+\.onnx"
)
_WORD = re.compile(r"[0-9A-Za-z_.\-]+")
# where a name carries the number of its process; random letters beside it hold digits as well
_PROCESS = re.compile(
    r"(?:rows|answer|snapshot|trash)-(\d+)-.*|\..+\.(\d+)\.[0-9a-f]{8}\.part"
    r"|\..+?\.(\d+)(?:\.\d+)?(?:\.part)?|\.export-(\d+)\.onnx"
)
_LONGEST_NUMBER = 7  # digits: 4,194,304 processes are the most that Linux numbers
_TEXTS = (
    "SELECT props FROM node",
    "SELECT props FROM edge WHERE props <> '{}'",
    "SELECT value FROM result",
    "SELECT props FROM layer",
)


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file or folder that nobody needs."""

    path: Path
    why: str
    size: int
    age_s: float

    @property
    def in_use(self) -> bool:
        """Whether the process that writes it lives: it holds a lock on the file, or the name carries its number."""
        try:
            if is_held(self.path):
                return True
        except OSError:  # what we may not look into is not ours to remove
            return True
        passing = self.path.name.startswith(".") or self.path.parent.name == "staging"
        return passing and self.age_s < ASLEEP_S and any(_lives(int(n)) for n in _processes(self.path.name))


def passing(lab: Path) -> Iterator[Leftover]:
    """What only a process needs that is at it now: staging and drafts; the catalog has no say in these."""
    for path in _plain(lab, "staging"):
        if _STAGED.fullmatch(path.name) or (path.is_dir() and _STAGED_FOLDER.fullmatch(path.name)):
            yield _leftover(path, "on its way into or out of the catalog")
    for path in sorted(_temporary(lab)):
        yield _leftover(path, "the temporary file of a process")


def leftovers(lab: Path, snapshot: Snapshot) -> Iterator[Leftover]:
    """Everything in the lab that no version needs: staging, temporary files, and files of imports that never ended."""
    yield from (left for left in passing(lab) if left.path != snapshot.file.parent)
    segments = {
        r["segment"] for r in snapshot.rows("SELECT DISTINCT segment FROM sample WHERE segment IS NOT NULL").to_pylist()
    }
    for path in _plain(lab, "segments"):
        if _SEGMENT.fullmatch(path.name) and path.name not in segments:
            yield _leftover(path, "a segment without samples")
    words = needed_words(lab, snapshot)
    for path in _plain(lab, "blobs"):
        if _BLOB.fullmatch(path.name) and not names_of(path) & words:
            yield _leftover(path, "a blob that no version names")
    filled = {r["start"] for r in snapshot.rows(FILLED_BLOCKS).to_pylist()}
    for inner, named in OF_IMPORTS.items():
        for path in (p for folder in _plain(lab, inner) for p in _plain(lab, inner, folder.name)):
            found = named.fullmatch(path.name)
            if found and int(found[1]) not in filled:
                yield _leftover(path, f"{inner} of an import that never ended")


# what is kept by import: the folder, and names of files in it that begin with the first ID of theirs
OF_IMPORTS = {"embeddings": re.compile(r"(\d+)\.(?:npy|done)"), FOLDER: NAME}
# the blocks of IDs that hold samples; a killed import leaves one that holds none
FILLED_BLOCKS = (
    "SELECT b.start, b.n FROM id_block b WHERE EXISTS (SELECT 1 FROM sample s WHERE s.id >= b.start AND s.id < b.start"
    " + b.n)"
)


def needed_words(lab: Path, snapshot: Snapshot, aside: Mapping[Path, Path] = {}) -> set[str]:
    """Every word of the JSON in the catalog, of the plans of jobs, and of the records that either names; ``aside``
    says where files are that were moved aside."""
    words: set[str] = set()
    for sql in _TEXTS:
        for text in snapshot.rows(sql).column(0).to_pylist():
            words.update(_WORD.findall(text or ""))
    for name in ("plan.json", NOTED):
        for plan in (lab / "jobs").glob(f"*/{name}"):
            words.update(_WORD.findall(plan.read_text(errors="replace")))
    return words | _words_of_records(lab, words, aside)


def _words_of_records(lab: Path, words: set[str], aside: Mapping[Path, Path]) -> set[str]:
    """The names in the records of how versions were made; one names the one before it."""
    found: set[str] = set()
    ahead = [w for w in words if w.endswith(RECORD)]
    while ahead:
        name = ahead.pop()
        for path in named_files(record_in(aside.get(lab / "blobs" / name, lab / "blobs" / name))):
            word = path.removeprefix("blobs/")
            if word not in found:
                found.add(word)
                ahead += [word] if word.endswith(RECORD) else []
    return found


def record_in(file: Path) -> Any:
    """The content of a record; None where it is gone or none."""
    try:
        return parsed(file.read_text(errors="replace"))
    except OSError:
        return None


def names_of(blob: Path) -> set[str]:
    """The words by which a blob may be named: its whole name, and the hash that it begins with."""
    return {blob.name, blob.stem, blob.name.split(".")[0], blob.name.split("-")[0].split(".")[0]}


def states_of_jobs(lab: Path) -> dict[str, str]:
    """The state of each job, by the name of its folder; "" where it says none."""
    found: dict[str, str] = {}
    for folder in sorted(p for p in (lab / "jobs").glob("*") if p.is_dir()):
        try:
            status = parsed((folder / "status.json").read_text())
        except (OSError, UnicodeDecodeError):
            status = None
        found[folder.name] = str(status.get("state", "")) if isinstance(status, dict) else ""
    return found


def keys_of_trainings(snapshot: Snapshot) -> set[str]:
    """Which jobs have come to a training version: the names of their folders."""
    found = (parsed(r["props"]) for r in snapshot.rows("SELECT props FROM node WHERE kind = 'training'").to_pylist())
    return {str(props["key"]) for props in found if isinstance(props, dict) and props.get("key")}


def named_files(value: Any) -> Iterator[str]:
    """Paths inside the lab that a JSON value names (``blobs/...``, ``jobs/...``)."""
    if isinstance(value, str):
        if value.startswith(("blobs/", "jobs/")) and "\n" not in value:
            yield value
    elif isinstance(value, dict):
        for v in value.values():
            yield from named_files(v)
    elif isinstance(value, list):
        for v in value:
            yield from named_files(v)


def parsed(text: str | None) -> Any:
    """A JSON text; None where it is none."""
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None


def _temporary(lab: Path) -> Iterator[Path]:
    """Hidden files, by which everything here is written before it gets its name."""
    for pattern in (".catalog.duckdb.part*", ".lab.toml.*", ".place.json.*"):  # what else is hidden there is not ours
        yield from (p for p in lab.glob(pattern) if p.is_file() and not p.is_symlink())
    for inner in ("segments", "blobs", "cache", "backups"):
        yield from (p for p in _plain(lab, inner) if _DRAFT.fullmatch(p.name))
    for inner in (*OF_IMPORTS, "jobs"):
        for folder in _plain(lab, inner):
            yield from (p for p in _plain(lab, inner, folder.name) if _DRAFT.fullmatch(p.name))


def _plain(lab: Path, *inner: str) -> list[Path]:
    """Plain files and folders in a folder of the lab; nothing where a link is on the way there."""
    folder = lab
    for name in inner:
        folder = folder / name
        if folder.is_symlink():
            return []
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if not p.is_symlink() and (p.is_file() or p.is_dir()))


def _leftover(path: Path, why: str) -> Leftover:
    try:
        s = path.lstat()
        size = s.st_size if not path.is_dir() else sum(p.lstat().st_size for p in path.rglob("*") if p.is_file())
    except OSError:
        return Leftover(path, why, 0, 0.0)
    return Leftover(path, why, size, max(0.0, time.time() - s.st_mtime))


def _processes(name: str) -> list[str]:
    found = _PROCESS.fullmatch(name)
    return [n for n in found.groups() if n and len(n) <= _LONGEST_NUMBER] if found else []


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
