"""The record of how versions were made, as files of a lab.

::

    blobs/<hash>.how.json        one state of a process: facts, cells and files that are new since the record before
          <hash>.diff.txt        what was changed in the repository
          <hash>.script.txt      the script that ran
          <hash>.packages.txt    all installed distributions

Every file is named by its content, so a thousand versions of one state share a record, and all records of an
environment share its list of packages. A version carries the name of its record and nothing else. Cells come a few at
a time: each record holds those that are new and names the record before it, so a long notebook is kept once.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadInput, DamagedLab
from ..storage.failures import in_words
from ..storage.strangers import inside
from ..storage.whole import write_whole
from . import session
from .files import WATCH, described
from .process import PROCESS, Kept, State
from .secrets import masked

RECORD = ".how.json"
NOTED = "made.json"  # in a job's folder: the record of who asked for it
LONGEST_CELL = 100_000  # characters
KEEP, WATCH_FILES = "keep_provenance", "watch_files"  # of lab.toml
_ONE_AT_A_TIME = threading.RLock()


def _unlocked() -> None:
    """A process that was forked while another thread noted something would wait for that thread for ever."""
    global _ONE_AT_A_TIME
    _ONE_AT_A_TIME = threading.RLock()


os.register_at_fork(after_in_child=_unlocked)


class Keeper:
    """Keeps for one lab what this process is when it makes versions.

    Attributes
    ----------
    inherited
        The record of the process that gave this one its work: what is made here counts as made there.
    """

    def __init__(self, lab: Path) -> None:
        self.lab = lab
        self.inherited: str | None = None
        self._seen: tuple[int, int, int] = (-1, 0, 0)  # state, cells, files of the last record
        self._record = ""
        self._last = ""  # the last cell that was recorded
        self.keeps, watches = options_of(lab)
        if watches and self.keeps:
            WATCH.start()

    def note(self) -> str | None:
        """The record of this moment, as a path inside the lab; None where the lab keeps none.

        Warm, in a state that was recorded before, it takes about 0.1 ms; a new cell costs one small file.
        """
        if not self.keeps:
            return None
        if self.inherited is not None and (self.lab / self.inherited).exists():
            return self.inherited
        with _ONE_AT_A_TIME:
            state, cells = PROCESS.state(), session.cells()
            seen = (PROCESS.number, len(cells), len(WATCH.found))
            if seen == self._seen and self._record and (self.lab / self._record).exists():
                return self._record
            self._record = self._keep(state, cells)
            self._seen, self._last = seen, cells[-1] if cells else ""
            return self._record

    def note_in(self, job: Path) -> None:
        """Note in a job's folder who asks for it, before it begins: code may be edited while it runs, and a detached
        job runs in a process that knows nothing of the notebook. Who asked first stays noted when it is gone on
        with."""
        if self.noted_in(job) is None and (record := self.note()) is not None:
            write_whole(job / NOTED, json.dumps({"provenance": record}))

    def noted_in(self, job: Path) -> str | None:
        """The record of who asked for a job; None where there is none."""
        try:
            record = json.loads((job / NOTED).read_text(errors="replace"))["provenance"]
        except (OSError, ValueError, RecursionError, KeyError, TypeError):  # none, or damaged: it is noted anew
            return None
        return record if isinstance(record, str) and inside(self.lab, record).is_file() else None

    def keep(self, facts: Mapping[str, Any], texts: Mapping[str, Kept] = {}) -> str:
        """Write a record, and the long texts that it names; the record's path inside the lab.

        What is no process of ours (a training that ran elsewhere) is kept with it as well; ``facts`` and ``texts`` have
        been filtered.
        """
        record = {**facts, "texts": {kind: self._put(kept.text, f".{kind}.txt") for kind, kept in texts.items()}}
        return self._put(json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")), RECORD)

    def _keep(self, state: State, cells: Sequence[str]) -> str:
        known = self._seen[1]
        same = len(cells) >= known and (not known or cells[known - 1] == self._last)  # %reset begins anew
        goes_on = bool(self._record) and (self.lab / self._record).exists() and same
        first, files = (known, self._seen[2]) if goes_on else (0, 0)
        new, hidden = _new_cells(cells, first)
        read = described(WATCH.outside(self.lab, files))
        facts: dict[str, Any] = dict(state.facts)
        if len(cells) > 1:
            facts["cells"] = new
        if read:
            facts["files"] = read
        if goes_on and (len(cells) > 1 or self._seen[2]):
            facts["before"] = self._record
        texts = {"diff": state.diff, "script": state.script, "packages": state.packages}
        if hidden:
            facts["cells_masked"] = hidden
        if found := state.masked + sum(t.masked for t in texts.values() if t is not None):
            facts["masked"] = found
        return self.keep(facts, {k: t for k, t in texts.items() if t is not None})

    def _put(self, text: str, ending: str) -> str:
        """Keep a text by its content; one that is there stays as it is."""
        data = text.encode("utf-8", "backslashreplace")
        name = f"blobs/{hashlib.sha256(data).hexdigest()[:32]}{ending}"
        if not (self.lab / name).exists():
            with in_words(self.lab / "blobs"):
                (self.lab / "blobs").mkdir(exist_ok=True)
            write_whole(self.lab / name, data)
        return name


def options_of(lab: Path) -> tuple[bool, bool]:
    """Whether a lab keeps how its versions are made, and whether it notes the files that are read: of ``lab.toml``."""
    marker = lab / "lab.toml"
    try:
        with in_words(marker, "read"):
            said = tomllib.loads(marker.read_text())
    except FileNotFoundError:  # a bare catalog
        return True, False
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise DamagedLab(f"{marker} is damaged ({e}); restore it from a backup") from e
    found = said.get(KEEP, True), said.get(WATCH_FILES, False)
    for name, value in zip((KEEP, WATCH_FILES), found, strict=True):
        if not isinstance(value, bool):
            raise BadInput(f"{name} in {marker} is true or false, got {value!r}")
    return found


def _new_cells(cells: Sequence[str], first: int) -> tuple[list[list[Any]], int]:
    """Number and text of the cells from ``first`` on, filtered; and how many secrets were in them."""
    found, hidden = [], 0
    for number in range(max(1, first), len(cells)):
        text = session.as_text(cells[number])
        if not text.strip():
            continue
        if len(text) > LONGEST_CELL:
            text = f"{text[:LONGEST_CELL]}\n… ({len(text):,} characters)"
        clean, n = masked(text)
        found.append([number, clean])
        hidden += n
    return found, hidden
