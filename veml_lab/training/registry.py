"""The training backends that there are: ours, and those of other packages (entry points ``veml_lab.backends``).

An entry point gives a :class:`~veml_lab.training.declaration.Declaration`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .. import _plugins
from ..errors import BadInput, BrokenPlugIn, UnknownName

if TYPE_CHECKING:
    from .backend import TrainingBackend
    from .declaration import Adaptation, Declaration

# name -> module with its BACKEND; the first that trains a task is the one where nobody says which
OURS = {
    "torchvision": "torchvision",
    "torchvision-adapt": "adaptation",
    "mmdet": "mmdet",
    "spatiotemporal": "spatiotemporal",
}


def declarations() -> dict[str, Declaration]:
    """Every backend by name, ours first."""
    ours = {name: _ours(name) for name in OURS}
    return ours | {n: d for n, d in _plugins.usable("backends", OURS, needs=_NEEDS).items() if _named(n, d)}


def declaration(name: str) -> Declaration:
    """The backend of that name as it declares itself; nothing heavy is imported."""
    if name in OURS:
        return _ours(name)
    found = _plugins.load("backends", name, OURS, needs=_NEEDS)
    if found is None:
        raise UnknownName.of("training backend", name, [*OURS, *_plugins.plug_ins("backends", OURS)])
    if not _named(name, found):
        raise BrokenPlugIn(
            f"the training backend {name!r} calls itself {found.name!r}; its package must name both alike"
        )
    return found


def backend(name: str) -> TrainingBackend:
    """The backend of that name; its heavy packages are imported here and not before."""
    module, _, cls = declaration(name).engine.partition(":")
    return getattr(importlib.import_module(module), cls)()


def backend_for(task: str) -> str:
    """The backend that trains a task where nobody says which."""
    if task == "none":
        raise BadInput(
            "there is nothing to learn from: the data has no labels. Name the column that is the class when a table is"
            " read (label=), or label some samples (veml annotate)"
        )
    for name in OURS:  # before anything of another package is imported
        if task in _ours(name).tasks:
            return name
    everyone = declarations()
    for name, declared in everyone.items():
        if task in declared.tasks and declared.adapts is None:
            return name
    raise UnknownName.of(
        "task that a backend trains", task, dict.fromkeys(t for d in everyone.values() for t in d.tasks)
    )


def adaptations() -> Mapping[str, tuple[str, Adaptation]]:
    """Ways to fit a training to new data without labels, by name: the backend that does it, and what it is."""
    return {k: (d.name, a) for d in declarations().values() for k, a in d.adaptations.items()}


_NEEDS = ("name", "engine", "metrics", "monitors", "hyper")


def _named(name: str, declared: Declaration) -> bool:
    return declared.name == name


def _ours(name: str) -> Declaration:
    return importlib.import_module(f".{OURS[name]}.declared", __package__).BACKEND
