"""Settings of a training by dotted paths: where each value came from, and what differs between two trainings.

The origin of a value is kept beside the plan, by its path or by that of a section around it: ``{"hyper": {"by":
"donor", "name": "city detector"}, "hyper.lr": {"by": "user", "was": 0.002, "before": {"by": "donor", ...}}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .graph import Graph
    from .node import Kind
    from .training import TrainingVersion

# fields of a plan that name versions -> their kind
VERSIONS: dict[str, Kind] = {
    "model": "model",
    "data": "data",
    "validation": "data",
    "init": "training",
    "rebuilt_from": "training",
}

_WORDS = {
    "user": "you",
    "file": "file {}",
    "default": "default of {}",
    "verb": "veml.{}",
    "model": "model {!r}",
    "train part": "train part of {!r}",
    "test part": "test part of {!r}",
    "donor": "donor {!r}",
    "training": "training {!r}",
    "method": "rebuilding by {}",
    "trial": "search trial {}",
    "race": "race, {}",
    "absent": "not asked",
    "unrecorded": "not recorded",
}


@dataclass(frozen=True)
class Origin:
    """Where a value came from.

    Attributes
    ----------
    by
        What it came from: ``"user"``, ``"file"``, ``"default"``, ``"donor"``, ``"trial"`` ...
    name
        Which: the donor's name, the trial's number, the place where the user said it.
    was, before
        The value that it took the place of, and where that came from; ``before`` is None where there was none.

    Examples
    --------
    >>> print(Origin("user", was=0.002, before=Origin("donor", "city detector")))
    you; was 0.002 (donor 'city detector')
    """

    by: str
    name: str = ""
    was: Any = None
    before: Origin | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Origin:
        """An origin as it is kept."""
        before = kept.get("before")
        return cls(kept["by"], kept.get("name", ""), kept.get("was"), None if before is None else cls.of(before))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        named = {"by": self.by, **({"name": self.name} if self.name else {})}
        return named if self.before is None else {**named, "was": self.was, "before": self.before.to_dict()}

    @property
    def short(self) -> str:
        """Where it came from, without what was there before."""
        if self.by == "user" and self.name:
            return f"you, {self.name}"
        return _WORDS.get(self.by, f"{self.by} {{}}").format(self.name).strip()

    def __str__(self) -> str:
        return self.short if self.before is None else f"{self.short}; was {shown(self.was)} ({self.before})"


UNRECORDED = Origin("unrecorded")
ABSENT = Origin("absent")
USUAL = Origin("default", "veml.plan")  # of a field that nobody named, beside others of which it is known
USER = Origin("user")


def flat(values: Mapping[str, Any], *, lists: bool = False) -> dict[str, Any]:
    """Nested values by dotted paths; ``lists``: also into lists that hold mappings or lists.

    >>> flat({"hyper": {"lr": 0.1, "adapt": {}}, "classes": [["a"], ["b"]]})
    {'hyper.lr': 0.1, 'hyper.adapt': {}, 'classes': [['a'], ['b']]}
    >>> flat({"classes": [["a"], ["b"]]}, lists=True)
    {'classes.0': ['a'], 'classes.1': ['b']}
    """
    found: dict[str, Any] = {}
    for key, value in values.items():
        inner: Mapping[Any, Any] = value if isinstance(value, Mapping) else {}
        if lists and isinstance(value, list | tuple) and any(isinstance(v, Mapping | list | tuple) for v in value):
            inner = dict(enumerate(value))
        found |= {f"{key}.{k}": v for k, v in flat(inner, lists=lists).items()} if inner else {str(key): value}
    return found


def differing(here: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Dotted paths at which nested values differ, with both (None where one has none), in the order of the first.

    >>> differing({"hyper": {"lr": 0.1, "epochs": 3}}, {"hyper": {"lr": 0.2, "epochs": 3, "clip": 1}})
    {'hyper.lr': (0.1, 0.2), 'hyper.clip': (None, 1)}
    """
    a, b = ({p: v for p, v in flat(values).items() if v != {}} for values in (here, there))
    return {p: (a.get(p), b.get(p)) for p in {**a, **b} if a.get(p) != b.get(p)}


def shown(value: Any) -> str:
    """A value in a line of text: as it would be typed, cut where it is long."""
    text = "none" if value is None else value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def origin_at(origins: Mapping[str, Any], path: str) -> Origin | None:
    """Where the value at a path came from: noted for itself, or for a section around it."""
    while path not in origins:
        path, dot, _ = path.rpartition(".")
        if not dot:
            return None
    return Origin.of(origins[path])


def noted(
    origins: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], by: Origin
) -> dict[str, Any]:
    """The origins after a change: what differs came from ``by`` and remembers what it was; the rest is as it was."""
    old, found, silent = flat(before), dict(origins), USUAL if origins else UNRECORDED
    for path, value in flat(after).items():
        if path not in old:
            found[path] = by.to_dict()
        elif old[path] != value:
            was = replace(by, was=old[path], before=origin_at(origins, path) or silent)
            found[path] = was.to_dict()
    return found


def kept(origins: Mapping[str, Origin]) -> dict[str, Any]:
    """Origins as they are kept beside a plan."""
    return {path: origin.to_dict() for path, origin in origins.items()}


def named(values: Mapping[str, Any], graph: Graph) -> dict[str, Any]:
    """The values of a plan with the names of versions in place of their IDs."""
    names = {f: graph.nodes[values[f]].name for f in VERSIONS if values.get(f) and values[f] in graph.nodes}
    return {**values, **names}


def settings_of(training: TrainingVersion) -> dict[str, Any]:
    """All that a training was asked, versions by name, with what its backend filled in for what the plan left open."""
    plan = named(training.plan, training.store.graph())
    return {**plan, "hyper": {**training.facts.hyper, **plan.get("hyper", {})}}
