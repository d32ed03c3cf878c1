"""Reading back what :mod:`.keeper` kept."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DamagedLab, MissingFile
from ..storage.failures import in_words
from ..storage.strangers import inside
from . import secrets


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook as it was run: its number and its text without secrets."""

    number: int
    text: str

    @property
    def key(self) -> str:
        """Hash of the text: equal for equal cells."""
        return key_of_text(self.text)


@dataclass(frozen=True)
class Record:
    """What one state of a process was: :attr:`facts` in the words of the keeper, and all cells and files so far.

    Attributes
    ----------
    new
        The cells that ran since the record before: those that a version of this record came out of first of all.
    masked
        Secrets that were taken out of all this.
    """

    lab: Path
    path: str
    facts: Mapping[str, Any]
    cells: tuple[Cell, ...]
    new: tuple[Cell, ...]
    files: tuple[tuple[str, int, int], ...]
    masked: int

    def text(self, kind: str) -> str:
        """A long text that it names (``"diff"``, ``"script"``, ``"packages"``); "" for none."""
        name = self.facts.get("texts", {}).get(kind)
        return _read(self.lab, name) if isinstance(name, str) else ""


def key_of_text(text: str) -> str:
    """Hash of a text as it is kept, without secrets: who looks for a cell by its text finds it."""
    return hashlib.sha256(secrets.masked(text)[0].strip().encode("utf-8", "backslashreplace")).hexdigest()[:16]


def record(lab: Path, path: str) -> Record:
    """Read a record with all that came before it.

    Raises
    ------
    MissingFile, DamagedLab
        A file of it is gone, or is no record.
    """
    found, at, seen = [], path, set[str]()
    while at and at not in seen:  # what names itself is no record of ours, and ends here
        seen.add(at)
        facts = _facts(lab, at)
        found.append(facts)
        at = facts.get("before", "")
    try:
        return _record_of(lab, path, found)
    except (TypeError, ValueError, AttributeError) as e:
        raise DamagedLab(f"{lab / path} is no record of how a version was made ({e}); restore it from a backup") from e


def _record_of(lab: Path, path: str, found: list[dict[str, Any]]) -> Record:
    """From its facts and those of the records before it, the last first."""
    every = found[::-1]
    cells = tuple(Cell(int(n), str(text)) for facts in every for n, text in facts.get("cells", []))
    new = tuple(Cell(int(n), str(text)) for n, text in found[0].get("cells", []))
    files = tuple((str(p), int(size), int(t)) for facts in every for p, size, t in facts.get("files", []))
    masked = int(found[0].get("masked", 0)) + sum(int(f.get("cells_masked", 0)) for f in every)
    return Record(lab, path, found[0], cells, new, files, masked)


def _facts(lab: Path, path: str) -> dict[str, Any]:
    text = _read(lab, path)
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise DamagedLab(f"{lab / path} cannot be read ({e}); restore it from a backup") from e
    if not isinstance(facts, dict):
        raise DamagedLab(f"{lab / path} is no record of how a version was made; restore it from a backup")
    return facts


@functools.lru_cache(maxsize=256)
def _read(lab: Path, path: str) -> str:
    file = inside(lab, path)
    try:
        with in_words(file, "read"):
            return file.read_text(errors="replace")
    except FileNotFoundError:
        raise MissingFile(
            f"{file} is missing: how the versions of that state were made is not known any more; restore it from a"
            " backup"
        ) from None
