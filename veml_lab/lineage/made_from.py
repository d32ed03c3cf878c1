"""What came of a commit, a cell, a script or a file: asked of what was kept when versions were made."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ..errors import BadInput, DamagedLab, LabError, MissingFile, UnknownName
from ..provenance.record import Record, key_of_text, record
from ..storage.border import public
from ..versions.facts import noted_of
from ..versions.store import VersionStore
from .answers import Answer
from .questions import answer

LEAST = 4  # characters of a hash that are enough
Why = Callable[[Record], str]  # why a record is one that is asked for; "" where it is none


@public
def came_of(
    store: VersionStore,
    *,
    commit: str | None = None,
    cell: str | None = None,
    script: str | os.PathLike[str] | None = None,
    file: str | os.PathLike[str] | None = None,
) -> Answer:
    """The versions that came of a commit, of a cell of a notebook, of a script, or of a file that was read.

    Parameters
    ----------
    commit
        Its hash, or the beginning of it.
    cell
        Its text, or the beginning of its hash (``version.how().cells[2].key``). A version came of the cell that made
        it, and of those that ran before it in that session; the answer says which.
    script
        Its path or its name.
    file
        The path of a file outside of the lab that was read (kept where ``lab.watch_files()`` was asked for), or its
        name.

    Raises
    ------
    BadInput
        Not exactly one of them is given.
    UnknownName
        No version came of it; with what versions came of.

    Examples
    --------
    >>> commit = run.how().git.get("commit")
    >>> commit is None or run.name in came_of(lab.store, commit=commit[:12]).names
    True
    """
    given = {"commit": commit, "cell": cell, "script": script, "file": file}
    asked = {k: os.fspath(v) for k, v in given.items() if v is not None}
    if len(asked) != 1 or not all(asked.values()):
        raise BadInput(f"say what it came of by one of {', '.join(given)}; got {', '.join(asked) or 'none'}")
    ((kind, what),) = asked.items()
    if kind == "commit" and (len(what) < LEAST or not set(what.lower()) <= set("0123456789abcdef")):
        raise BadInput(f"a commit is said by {LEAST} or more digits of its hash, got {what!r:.80}")
    why: Why = {"commit": _of_commit, "cell": _of_cell, "script": _of_script, "file": _of_file}[kind](what)
    graph = store.graph()
    records: dict[str, Record | None] = {}
    found: dict[int, str] = {}
    for at, node in enumerate(graph.of_kind()):
        path = noted_of(node)
        if path is None:
            continue
        if path not in records:
            records[path] = _readable(store, path)
        kept = records[path]
        if kept is not None and (reason := why(kept)):
            found[at] = reason
    lost = sum(r is None for r in records.values())
    if not found:
        raise UnknownName.of(f"{kind} that a version of this lab came of", what[:200], _known(kind, records))
    shown = what if len(what) <= 60 and "\n" not in what else f"{what.splitlines()[0][:60]}…"
    facts = {"records that cannot be read": lost} if lost else {}
    return answer(store, graph, f"What came of the {kind} {shown!r}?", found, **facts)


def _readable(store: VersionStore, path: str) -> Record | None:
    try:
        return record(store.folder, path)
    except (MissingFile, DamagedLab, LabError):  # counted in the answer; veml check names it
        return None


def _of_commit(what: str) -> Why:
    def why(kept: Record) -> str:
        git = kept.facts.get("git", {})
        if not str(git.get("commit", "")).startswith(what.lower()):
            return ""
        return f"with {git['changed']} changed files" if git.get("changed") else "as it is"

    return why


def _of_cell(what: str) -> Why:
    key = key_of_text(what)
    short = what.lower() if LEAST <= len(what) <= len(key) and set(what.lower()) <= set("0123456789abcdef") else None

    def why(kept: Record) -> str:
        keys = [c.key for c in kept.cells]
        hits = [i for i, k in enumerate(keys) if k == key or (short is not None and k.startswith(short))]
        if not hits:
            return ""
        if hits[-1] == len(keys) - 1:
            return f"made by it (cell {kept.cells[-1].number})"
        return f"it ran before as cell {kept.cells[hits[-1]].number}; made by cell {kept.cells[-1].number}"

    return why


def _of_script(what: str) -> Why:
    return lambda kept: "its script" if _same_file(str(kept.facts.get("script", "")), what) else ""


def _of_file(what: str) -> Why:
    return lambda kept: "read before it was made" if any(_same_file(p, what) for p, *_ in kept.files) else ""


def _same_file(kept: str, asked: str) -> bool:
    """By the whole path, or by its last parts as they are asked for."""
    if not kept:
        return False
    wanted = Path(asked).expanduser()
    return kept in (asked, os.path.normpath(wanted.absolute())) or kept.endswith(f"/{os.path.normpath(asked)}")


def _known(kind: str, records: dict[str, Record | None]) -> list[str]:
    """What could have been asked for."""
    kept = [r for r in records.values() if r is not None]
    if kind == "commit":
        return list(dict.fromkeys(str(r.facts["git"]["commit"]) for r in kept if r.facts.get("git", {}).get("commit")))
    if kind == "cell":
        return list(dict.fromkeys(c.text.strip().splitlines()[0][:80] for r in kept for c in r.cells))
    if kind == "script":
        return list(dict.fromkeys(str(r.facts["script"]) for r in kept if r.facts.get("script")))
    return list(dict.fromkeys(p for r in kept for p, *_ in r.files))
