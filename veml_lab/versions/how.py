"""How a version was made: what it came out of, as an object that says it, draws it and writes it as a script."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Protocol

from .._html import table
from ..provenance import packages as packages_
from ..provenance.record import Cell, Record, record
from ..storage.border import public
from ..storage.whole import write_whole
from . import display
from .display import MimeBundle
from .facts import noted_of
from .needs import needs
from .node import Edge, Node
from .store import VersionStore


class Made(Protocol):
    """A version of any kind."""

    @property
    def store(self) -> VersionStore: ...

    @property
    def node(self) -> Node: ...

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


SHOWN_CELLS, SHOWN_FILES = 12, 6


@public
@dataclass(frozen=True, repr=False)
class How:
    """How a version was made.

    Everything here was filtered of secrets before it was written, and leaves the lab only when somebody asks for it:
    look here first.

    Attributes
    ----------
    version
        The version that was made.
    kept
        What was kept when it was made; None for a version of a lab that kept nothing.

    Examples
    --------
    >>> how = run.how()
    >>> how.packages["numpy"], how.parents
    ('...', ('detector', 'city', 'town'))
    >>> how.script("again.py").name                              # python again.py NEW-LAB makes it again
    'again.py'
    """

    version: Made
    kept: Record | None

    @property
    def git(self) -> Mapping[str, Any]:
        """``folder``, ``commit``, ``branch``, ``changed`` (files), ``lines`` (of the diff), ``said`` (why something is
        missing); empty outside of a repository."""
        return self._fact("git", {})

    @property
    def diff(self) -> str:
        """What was changed in the repository against the commit; "" for nothing."""
        return self.kept.text("diff") if self.kept else ""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of the notebook up to the one that made it, in order; each with its number, text and hash."""
        return self.kept.cells if self.kept else ()

    @property
    def notebook(self) -> str:
        """The path of the notebook, where JupyterLab said it."""
        return self._fact("notebook", "")

    @property
    def script_file(self) -> str:
        """The script that ran."""
        return self._fact("script", "")

    @property
    def script_text(self) -> str:
        """Its text as it ran."""
        return self.kept.text("script") if self.kept else ""

    @property
    def command(self) -> tuple[str, ...]:
        """The command line."""
        return tuple(self._fact("command", ()))

    @property
    def folder(self) -> str:
        """The working directory."""
        return self._fact("folder", "")

    @property
    def variables(self) -> Mapping[str, str]:
        """Environment variables that change what a computation gives."""
        return self._fact("variables", {})

    @property
    def machine(self) -> Mapping[str, Any]:
        """``name``, ``system``, ``python``, ``cores``."""
        return self._fact("machine", {})

    @functools.cached_property
    def packages(self) -> Mapping[str, str]:
        """All installed distributions with their versions."""
        return packages_.from_text(self.kept.text("packages")) if self.kept else {}

    @property
    def files(self) -> tuple[tuple[str, int, int], ...]:
        """Files read from outside of the lab, where somebody watched (``lab.watch_files()``): path, bytes, time of
        change in nanoseconds."""
        return self.kept.files if self.kept else ()

    @property
    def masked(self) -> int:
        """How many secrets were taken out before it was kept."""
        return self.kept.masked if self.kept else 0

    @property
    def parents(self) -> tuple[str, ...]:
        """Names of the versions that it was made from; what was measured on it later is not among them."""
        graph = self.version.store.graph()
        return tuple(graph.nodes[i].name for i in needs(graph, self.version.node))

    @property
    def operation(self) -> Mapping[str, Any]:
        """The operation that made it, with its parameters; of a training its plan."""
        if self.version.node.kind == "training":
            return dict(self.version.node.props.get("plan", {}))
        return next((dict(e.props) for e in self._into() if e.props.get("operation")), {})

    def script(self, path: str | os.PathLike[str] | None = None) -> Path | str:
        """A script that makes the version again in a new lab, from the lineage: every operation with its parameters.

        It says at its end whether the same came out. See :mod:`veml_lab.versions.remake` for what it can say.

        Parameters
        ----------
        path
            Where to write it; None gives its text.

        Raises
        ------
        DamagedLab
            Something in the lineage is missing.
        """
        file = Path(path).expanduser() if path is not None else None
        text = display.text(
            "script",
            self.version,
            made=" ".join(f"{name}: {said}." for name, said in self._lines() if name in ("git", "packages", "machine")),
            variables=self.variables,
            folder=self.folder,
            file=file.name if file is not None else "again.py",
        )
        return text if file is None else write_whole(file, text)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values: what ``veml how --json`` prints."""
        return {
            "version": self.version.name,
            "kind": self.version.node.kind,
            "created": self.version.node.created.isoformat(timespec="seconds"),
            "parents": list(self.parents),
            "operation": dict(self.operation),
            "git": dict(self.git),
            "diff": self.diff,
            "notebook": self.notebook,
            "cells": [{"number": c.number, "text": c.text, "key": c.key} for c in self.cells],
            "script": self.script_file,
            "script_text": self.script_text,
            "command": list(self.command),
            "folder": self.folder,
            "variables": dict(self.variables),
            "machine": dict(self.machine),
            "packages": dict(self.packages),
            "files": [{"path": p, "bytes": size, "changed_ns": t} for p, size, t in self.files],
            "masked": self.masked,
        }

    def facts(self) -> list[list[str]]:
        """Names and words of what is known, a row each: what the panel shows."""
        return [[name, said] for name, said in self._lines()]

    def __repr__(self) -> str:
        lines = list(self._lines())
        width = max((len(name) for name, _ in lines), default=0)
        head = f"how {self.version.name!r} ({self.version.node.kind}) was made"
        return "\n".join([head, *(f"  {name:<{width}}  {said}" for name, said in lines)])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> MimeBundle:
        drawn = table((), self.facts(), headed=True, above=f"How {self.version.name} was made", label="how it was made")
        texts = [(f"cell {c.number}", c.text) for c in self.cells[-SHOWN_CELLS:]]
        texts += [(self.script_file, self.script_text), ("changes in the repository", self.diff)]
        folds = "".join(
            f"<details><summary>{escape(title)}</summary><pre>{escape(text)}</pre></details>"
            for title, text in texts
            if text
        )
        return {"text/plain": repr(self), "text/html": drawn + folds}

    def _fact(self, name: str, otherwise: Any) -> Any:
        return self.kept.facts.get(name, otherwise) if self.kept else otherwise

    def _into(self) -> list[Edge]:
        return self.version.store.graph().into[self.version.id]

    def _lines(self) -> Iterator[tuple[str, str]]:
        yield "made", f"{self.version.node.created:%Y-%m-%d %H:%M:%S} UTC"
        if self.parents:
            operation = self.operation.get("operation")
            yield "from", ", ".join(self.parents) + (f" by {operation}" if operation else "")
        if self.kept is None:
            yield "kept", "nothing was kept when it was made (an older VeML-Lab, or keep_provenance = false)"
            return
        if self.git:
            yield "git", _git_words(self.git)
        if self.cells:
            numbers = [str(c.number) for c in self.cells]
            cut = ["…", *numbers[-SHOWN_CELLS:]] if len(numbers) > SHOWN_CELLS else numbers
            yield "notebook cells", ", ".join(cut) + (f" of {self.notebook}" if self.notebook else "")
        if self.script_file:
            yield "script", self.script_file
        if said := self._fact("script_said", ""):
            yield "script", said
        if self.command:
            yield "command", " ".join(self.command)
        yield "folder", self.folder or self._fact("folder_said", "not known")
        yield "packages", f"{len(self.packages)}, such as {_shown_packages(self.packages)}"
        if self.machine:
            m = self.machine
            yield "machine", f"{m.get('name')}, {m.get('system')}, Python {m.get('python')}, {m.get('cores')} cores"
        if self.variables:
            yield "variables", ", ".join(f"{k}={v}" for k, v in self.variables.items())
        if self.files:
            more = f" and {len(self.files) - SHOWN_FILES} more" if len(self.files) > SHOWN_FILES else ""
            yield "files read", ", ".join(p for p, *_ in self.files[:SHOWN_FILES]) + more
        if self.masked:
            yield "secrets", f"{self.masked} taken out before it was kept"


def how_made(version: Made) -> How:
    """How a version was made.

    Raises
    ------
    MissingFile, DamagedLab
        What was kept of it is gone or damaged.
    """
    path = noted_of(version.node)
    return How(version, record(version.store.folder, path) if path is not None else None)


def _git_words(git: Mapping[str, Any]) -> str:
    commit, branch = git.get("commit", ""), git.get("branch", "")
    parts = [commit[:12] or "no commit yet", f"on {branch}" if branch else ""]
    if git.get("changed"):
        lines = f", {git['lines']} lines" if git.get("lines") else ""
        parts.append(f"dirty ({git['changed']} files{lines})")
    return " ".join(p for p in parts if p) + (f": {git['said']}" if git.get("said") else "")


def _shown_packages(packages: Mapping[str, str]) -> str:
    first = [k for k in ("torch", "torchvision", "numpy", "onnxruntime") if k in packages] or list(packages)[:3]
    return ", ".join(f"{k} {packages[k]}" for k in first)
