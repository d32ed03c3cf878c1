"""What other packages add, by entry points: found without importing them, loaded when asked for.

A package declares in its ``pyproject.toml``::

    [project.entry-points."veml_lab.formats"]
    acme = "acme_veml:FORMAT"

Each seam (``GROUPS``) hands in the names that are its own and asks here for the rest. A name that is ours, or that two
packages declare, is refused with one warning. A plug-in that cannot be loaded is one warning that names its package
where all are listed, and :class:`~veml_lab.errors.BrokenPlugIn` where it was asked for by name; the lab goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import BrokenPlugIn, warn

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUPS = {
    "backends": "training backend",
    "embedders": "embedder",
    "executors": "executor",
    "formats": "format",
    "label_tools": "labelling tool",
    "learners": "learner",
    "runtimes": "runtime",
}
"""Group (its entry points are in ``veml_lab.<group>``) -> what one of them is."""


@dataclass(frozen=True)
class PlugIn:
    """One entry point of another package; nothing of it is imported yet.

    Attributes
    ----------
    group, name
        One of ``GROUPS``, and the name by which it is asked for.
    package
        The distribution that declares it, with its version: ``"acme-veml 1.2"``.
    """

    group: str
    name: str
    package: str
    entry: EntryPoint

    def __str__(self) -> str:
        return f"the {GROUPS[self.group]} {self.name!r} of the package {self.package}"


def plug_ins(group: str, ours: Collection[str] = ()) -> dict[str, PlugIn]:
    """The plug-ins of a group by name, sorted; imports none of them.

    Parameters
    ----------
    ours
        Names that the lab has itself: a package cannot take them over.
    """
    free = {}
    for name, declared in sorted(_declared(group).items()):
        if name in ours:
            _warn_once(f"{' and '.join(map(str, declared))} is not used: VeML-Lab has its own of that name")
        elif len(declared) > 1:
            _warn_once(_twice(declared))
        else:
            free[name] = declared[0]
    return free


def load(group: str, name: str, ours: Collection[str] = (), *, needs: Iterable[str] = ()) -> Any | None:
    """What the plug-in of that name gives, or None where no package declares it.

    Parameters
    ----------
    needs
        Attributes that what is loaded must have.

    Raises
    ------
    BrokenPlugIn
        It cannot be imported, lacks an attribute, or two packages declare the name.
    """
    declared = _declared(group).get(name, ()) if name not in ours else ()
    if len(declared) > 1:
        raise BrokenPlugIn(_twice(declared))
    return _loaded(declared[0], needs) if declared else None


def usable(group: str, ours: Collection[str] = (), *, needs: Iterable[str] = ()) -> dict[str, Any]:
    """Every plug-in of a group that can be loaded, by name; one that cannot is one warning."""
    needs = tuple(needs)
    found = {}
    for name, plug_in in plug_ins(group, ours).items():
        try:
            found[name] = _loaded(plug_in, needs)
        except BrokenPlugIn as e:
            _warn_once(f"{e}. It is left out")
    return found


def _loaded(plug_in: PlugIn, needs: Iterable[str]) -> Any:
    try:
        thing = plug_in.entry.load()
    except Exception as e:  # whatever a stranger's module raises while it is imported
        raise BrokenPlugIn(
            f"{plug_in} cannot be loaded from {plug_in.entry.value}: {type(e).__name__}: {e}; update or uninstall it"
        ) from e
    missing = [n for n in needs if not hasattr(thing, n)]
    if missing:
        raise BrokenPlugIn(f"{plug_in} ({plug_in.entry.value}) has no {', '.join(missing)}; update or uninstall it")
    return thing


def _twice(declared: Collection[PlugIn]) -> str:
    one = next(iter(declared))
    packages = " and ".join(p.package for p in declared)
    return f"the {GROUPS[one.group]} {one.name!r} is declared by {packages}, so none is used; uninstall all but one"


_FOUND: dict[str, tuple[Any, dict[str, tuple[PlugIn, ...]]]] = {}  # by group, with the state of the path then


def _declared(group: str) -> dict[str, tuple[PlugIn, ...]]:
    if group not in GROUPS:
        raise KeyError(f"{group!r} is not one of {', '.join(GROUPS)}")
    state = _state()
    known = _FOUND.get(group)
    if known is None or known[0] != state:
        known = _FOUND[group] = state, _scan(group)
    return known[1]


def _scan(group: str) -> dict[str, tuple[PlugIn, ...]]:
    from importlib.metadata import entry_points

    found: dict[str, tuple[PlugIn, ...]] = {}
    for entry in entry_points(group=f"veml_lab.{group}"):
        package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "(unknown)"
        found[entry.name] = (*found.get(entry.name, ()), PlugIn(group, entry.name, package, entry))
    return found


def _state() -> tuple[tuple[str, int], ...]:
    """Where packages lie and when that changed: one that is installed while a notebook runs is seen."""
    return tuple((p, Path(p).stat().st_mtime_ns) for p in sys.path if p and Path(p).exists())


_WARNED: set[str] = set()


def _warn_once(text: str) -> None:
    if text not in _WARNED:
        _WARNED.add(text)
        warn(text)
