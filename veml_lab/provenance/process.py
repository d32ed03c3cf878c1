"""What this process is, collected once and looked at again only where something says that it changed.

Every version that is made asks; a warm answer costs a few looks at files. git is asked again when its own files
changed, else no more often than takes a hundredth of the time, so that an editor that saves while a notebook runs is
seen, and a repository that is slow costs its second once in a while.
"""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import packages, session
from .git import Repository, marks_of, repository, top_of
from .secrets import masked, masked_words

SHARE = 100  # at most one part in so many of the time goes to git
LEAST_S = 1.0
SLOW_S = 0.2  # a repository that takes longer waits for its turn even where its files changed


@dataclass(frozen=True)
class Kept:
    """A text as it may be kept, and how many secrets were taken out of it."""

    text: str
    masked: int = 0


@dataclass(frozen=True)
class State:
    """What a process is, without its cells and files; all of it may be kept.

    Attributes
    ----------
    facts
        As plain values, in the words of the record.
    diff, script, packages
        Long texts, which are kept by themselves; None where there is none.
    masked
        Secrets taken out of ``facts``.
    """

    facts: dict[str, Any]
    diff: Kept | None
    script: Kept | None
    packages: Kept
    masked: int


class Process:
    """The state of this process; ``number`` goes up whenever it changed."""

    def __init__(self) -> None:
        self.number = 0
        self._seen: tuple[Any, ...] = ()
        self._state: State | None = None
        self._git = _Git()

    def state(self) -> State:
        """As of now."""
        path, text, why = _script()
        place = str(Path(path).parent) if path else session.folder()
        git = self._git.now(place, session.folder())
        seen = (git, packages.marks(), session.folder(), tuple(session.variables().items()), session.notebook())
        if self._state is None or seen != self._seen:
            self._state, self._seen = _state(git, path, text, why), seen
            self.number += 1
        return self._state


class _Git:
    """The repository, asked again when it is due."""

    def __init__(self) -> None:
        self._places: tuple[str, ...] = ()
        self._top: Path | None = None
        self._marks: tuple[int, ...] = ()
        self._found: Repository | None = None
        self._due, self._took = 0.0, 0.0

    def now(self, *places: str) -> Repository | None:
        """The repository of the first of the places that lies in one."""
        began = time.monotonic()
        early = began < self._due and places == self._places
        if early and (self._top is None or self._took > SLOW_S or marks_of(self._top) == self._marks):
            return self._found
        self._places = places
        self._top = next((top for p in places if p and (top := top_of(Path(p))) is not None), None)
        self._marks = marks_of(self._top) if self._top is not None else ()
        self._found = repository(self._top) if self._top is not None else None
        self._took = time.monotonic() - began
        self._due = began + self._took + max(LEAST_S, SHARE * self._took)
        return self._found


@functools.cache
def _script() -> tuple[str, Kept | None, str]:
    """The script as it was when it was first asked for: what is edited afterwards does not run here."""
    path, text, why = session.script()
    return path, None if text is None else Kept(*masked(text)), why


@functools.lru_cache(maxsize=4)
def _diff(text: str) -> Kept:
    return Kept(*masked(text))


@functools.lru_cache(maxsize=4)
def _packages(_marks: tuple[tuple[str, int], ...]) -> Kept:
    return Kept(packages.as_text(packages.installed().items()))


def _state(git: Repository | None, path: str, script: Kept | None, why: str) -> State:
    words, n = masked_words(session.command())
    variables: dict[str, str] = {}
    for name, value in session.variables().items():
        variables[name], hidden = masked(value)
        n += hidden
    listed = _packages(packages.marks())
    diff = _diff(git.diff) if git is not None and git.diff is not None else None
    facts: dict[str, Any] = {
        "git": _git_facts(git, diff),
        "script": path,
        "script_said": why,
        "notebook": session.notebook(),
        "command": words,
        "folder": session.as_text(session.folder()),
        "folder_said": "" if session.folder() else "the working directory was removed",
        "variables": variables,
        "machine": session.machine(),
        "packages_count": listed.text.count("\n"),
    }
    return State({k: v for k, v in facts.items() if v not in (None, "", [], {})}, diff, script, listed, n)


def _git_facts(git: Repository | None, diff: Kept | None) -> dict[str, Any] | None:
    if git is None:
        return None
    lines = sum(
        line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- ")) for line in (git.diff or "").splitlines()
    )
    facts = {
        "folder": session.as_text(git.folder), "commit": git.commit, "branch": git.branch, "changed": git.changed,
        "lines": lines if diff else 0, "said": masked(git.said)[0],
    }  # fmt: skip
    return {k: v for k, v in facts.items() if v not in ("", 0)}


PROCESS = Process()
