"""What depends on a version: data, recipes, trainings, deployed models, and the numbers that are at risk with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..versions.any_version import AnyVersion
from ..versions.facts import InferenceFacts, TrainingFacts
from ..versions.node import MEASURED, Node
from ..versions.results import results_of
from ..versions.store import VersionStore
from .answers import Answer, Found
from .questions import answer
from .reach import reach_of_all


@dataclass(frozen=True)
class Impact:
    """What depends on a version.

    Attributes
    ----------
    about
        Name of the version.
    depends
        Versions that could not have been made without it: data cut from it, trainings that learned from it or
        started from its weights, models deployed from those.
    measured
        Versions that were only measured on it (or on what depends on it): their weights stay, their numbers go.
    metrics
        The numbers at risk: ``{"version", "metric", "value", "why"}``.
    reports
        Drift reports that name one of these versions: ``{"train", "test", "made"}``.
    """

    about: str
    depends: Answer
    measured: Answer
    metrics: tuple[dict[str, Any], ...]
    reports: tuple[dict[str, Any], ...]

    @property
    def trainings(self) -> list[AnyVersion]:
        """Trainings that depend on it."""
        return self.depends.of_kind("training")

    @property
    def deployments(self) -> list[AnyVersion]:
        """Deployed models that depend on it."""
        return self.depends.of_kind("inference")

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "about": self.about,
            "depends": [f.to_dict() for f in self.depends.found],
            "measured": [f.to_dict() for f in self.measured.found],
            "metrics": list(self.metrics),
            "reports": list(self.reports),
        }

    def __repr__(self) -> str:
        lines = [repr(self.depends)]
        if len(self.measured):
            lines.append(repr(self.measured))
        lines += [f"  at risk: {m['metric']} {m['value']:.4g} of {m['version']} ({m['why']})" for m in self.metrics]
        lines += [f"  drift report: {r['train']} → {r['test']}, {r['made']}" for r in self.reports]
        return "\n".join(lines)


def impact(store: VersionStore, about: str | Node) -> Impact:
    """What depends on a version, and which numbers are at risk if it turns out to be wrong.

    Raises
    ------
    UnknownName
        No such version.
    """
    graph = store.graph()
    at = graph.position(about)
    name = graph.node(at).name
    hard = set(reach_of_all(graph, [at], back=False, without=MEASURED).tolist())
    soft = set(reach_of_all(graph, [at], back=False).tolist()) - hard
    start, rows = graph.incidence(back=False)
    near = set(graph.ends[1][rows[start[at] : start[at + 1]]].tolist())
    depends = answer(store, graph, f"What depends on {name!r}?", {p: "directly" if p in near else "" for p in hard})
    measured = answer(
        store,
        graph,
        f"What was only measured with {name!r} or what depends on it?",
        {p: "directly" if p in near else "" for p in soft},
    )
    touched = {name, *depends.names, *measured.names}
    reports = tuple(
        {"train": v["train"], "test": v["test"], "made": made.isoformat(timespec="seconds")}
        for made, v in results_of(store, "drift")
        if {v.get("train"), v.get("test")} & touched
    )
    metrics = [m for f in depends.found for m in _numbers(f, "depends on it")]
    metrics += [m for f in measured.found for m in _numbers(f, "measured on it")]
    return Impact(name, depends, measured, tuple(metrics), reports)


def _numbers(found: Found, why: str) -> list[dict[str, Any]]:
    """The numbers that a training or deployed model goes by."""
    node = found.version.node
    if node.kind == "training":
        facts = TrainingFacts.of(node)
        name, value = facts.metric, facts.value
        return [] if value is None else [{"version": node.name, "metric": name, "value": value, "why": why}]
    if node.kind == "inference":
        value = InferenceFacts.of(node).measured.get("agreement")
        return (
            []
            if value is None
            else [{"version": node.name, "metric": "agreement with torch", "value": value, "why": why}]
        )
    return []
