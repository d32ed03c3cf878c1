"""Which rebuilding method to take: labels, time and expected gain of each, before anything is trained.

The expected gain is what the same method with the same settings brought in this lab before, with its
uncertainty; the advised method is run with these settings. A lab without a history says so, and then the
advice is the order of the paper's table 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._html import table
from ..errors import BadInput
from ..storage.border import public
from ..training import declaration
from ..training.declaration import Adaptation
from ..training.registry import adaptations
from ..versions.data import DataVersion
from ..versions.facts import TrainingFacts, recipe_of
from ..versions.graph import Graph
from ..versions.node import Node
from ..versions.store import dumps
from ..versions.training import TrainingVersion
from .gain import Gain, gain_of
from .methods import DEFAULT_LEARNER, check_task, methods, usual_hyper

# without a history: the order in which the paper's table 11, and the adaptations' own papers, came out
_ORDER = ("full", "active", "transfer", "mean-teacher", "self-training", "coral", "dann", "adabn")


@dataclass(frozen=True)
class Past:
    """What a method with certain settings brought in a lab.

    Attributes
    ----------
    settings
        What was not as usual, as :func:`~veml_lab.lifecycle.rebuild.rebuild` takes it: ``{"hyper": {...}, "learner":
        ...}``.
    labels
        The fewest and the most labels of the new data that were bought.
    """

    method: str
    settings: Mapping[str, Any]
    gain: Gain
    labels: tuple[int, int]

    def __str__(self) -> str:
        """The gain and what it is of."""
        low, high = self.labels
        bought = f" {low:,}{f' to {high:,}' if high != low else ''} labels" if self.method == "active" else ""
        said = ", ".join(f"{k}={v}" for k, v in _flat(self.settings))
        return f"{self.gain}{bought}{f' with {said}' if said else ''}"


def _flat(settings: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Settings as pairs, those inside others last."""
    flat = [(k, v) for k, v in settings.items() if not isinstance(v, Mapping)]
    return flat + [pair for v in settings.values() if isinstance(v, Mapping) for pair in _flat(v)]


def rebuild_history(training: TrainingVersion) -> dict[str, list[Past]]:
    """By method: how much better than its predecessor a rebuilt training was, on data on which both were measured.

    Of the trainings of this lab that have this one's metric and backend: a gain in accuracy says nothing of mAP,
    and settings are those of a backend. Each combination of settings counts for itself, the best first.
    """
    graph = training.store.graph()
    judge, metric, ours = training.judged_by, training.metric_name, training.model.recipe["backend"]
    if not judge.comparable:  # an error is in the readings' own units: those of two sets cannot be averaged
        return {}
    gains: dict[str, list[float]] = {}
    about: dict[str, tuple[str, dict[str, Any], list[int]]] = {}
    for node in graph.of_kind("training"):
        run = TrainingFacts.of(node)
        before = run.plan.get("rebuilt_from")
        if (
            not before
            or before not in graph.nodes
            or run.metric != metric
            or recipe_of(graph.nodes[run.plan["model"]])["backend"] != ours
        ):
            continue
        old = TrainingVersion(training.store, graph.nodes[before])
        now, then = _measured(graph, node, metric), _measured(graph, old.node, metric)
        own = old.plan.get("validation")
        came = [g for t in now if t != own and (g := judge.gain(then.get(t), now[t])) is not None]
        name = run.method.name
        if came and name in methods():
            settings = _settings(run, old)
            key = dumps([name, settings])
            gains.setdefault(key, []).extend(came)
            about.setdefault(key, (name, settings, []))[2].append(int(run.plan.get("labels") or 0))
    found: dict[str, list[Past]] = {}
    for key, (method, settings, labels) in about.items():
        gain = gain_of(gains[key])
        assert gain is not None  # no key without a case
        found.setdefault(method, []).append(Past(method, settings, gain, (min(labels), max(labels))))
    return {m: sorted(v, key=lambda p: -p.gain.mean) for m, v in found.items()}


def _settings(run: TrainingFacts, before: TrainingVersion) -> dict[str, Any]:
    """What a rebuilding was given beside its method, against what it takes by itself."""
    method, hyper = run.method, run.plan["hyper"]
    usual = usual_hyper(before, method.name)
    other = {k: v for k, v in hyper.items() if k != "adapt" and (k not in usual or usual[k] != v)}
    adapt = {k: v for k, v in hyper.get("adapt", {}).items() if k not in ("method", "to")}
    other |= {"adapt": adapt} if adapt else {}
    chosen = {"learner": method.learner} if method.learner not in ("", DEFAULT_LEARNER) else {}
    return ({"hyper": other} if other else {}) | chosen


def _measured(graph: Graph, training: Node, metric: str) -> dict[str, float]:
    """The metric of a training by the data version that it was measured on, its own validation data included."""
    facts = TrainingFacts.of(training)
    validation, last = facts.plan.get("validation"), facts.numbers.get(metric)
    found = {} if validation is None or last is None else {validation: float(last)}
    return found | {
        e.src: float(e.props[metric]) for e in graph.into[training.id] if e.type == "tested_on" and metric in e.props
    }


@dataclass(frozen=True)
class Option:
    """One method: what it would cost and bring.

    Attributes
    ----------
    labels
        New labels that it needs.
    seconds
        Estimated time of training on this machine, from the time of the old training; None if that is unknown.
    past
        What it brought in this lab and with what settings, or None.
    ready
        Whether the labels that it needs are there.
    """

    method: str
    labels: int
    seconds: float | None
    past: Past | None
    ready: bool
    about: str

    @property
    def gain(self) -> Gain | None:
        """What it brought in this lab, or None."""
        return self.past.gain if self.past else None

    @property
    def settings(self) -> Mapping[str, Any]:
        """What ``gain`` stands on, for :func:`~veml_lab.lifecycle.rebuild.rebuild`: ``rebuild(run, new,
        method=o.method, **o.settings)``."""
        return self.past.settings if self.past else {}


@dataclass(frozen=True)
class Advice:
    """The options for one training and one new data version, the advised one named."""

    training: TrainingVersion = field(repr=False)
    new: DataVersion = field(repr=False)
    options: tuple[Option, ...]
    method: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """What ``veml advise --json`` prints."""
        rows = [
            {
                "method": o.method,
                "labels": o.labels,
                "seconds": o.seconds,
                "ready": o.ready,
                "about": o.about,
                "settings": dict(o.settings),
                "gain": {"mean": o.gain.mean, "error": o.gain.error, "cases": o.gain.cases} if o.gain else None,
            }
            for o in self.options
        ]
        return {
            "training": self.training.name,
            "new": self.new.name,
            "method": self.method,
            "reason": self.reason,
            "options": rows,
        }

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                o.method,
                f"{o.labels:,}",
                "?" if o.seconds is None else f"{o.seconds:.0f}",
                str(o.past or "no history"),
                "yes" if o.ready else "no",
            )
            for o in self.options
        ]

    def __repr__(self) -> str:
        head = f"To rebuild {self.training.name!r} for {self.new.name!r}: {self.method} ({self.reason})"
        rows = self._rows()
        width = max(24, *(len(r[3]) + 2 for r in rows))
        lines = [head, f"  {'method':<15}{'labels':>8}{'seconds':>9}  {'gain here so far':<{width}}ready"]
        return "\n".join(lines + [f"  {m:<15}{labels:>8}{s:>9}  {g:<{width}}{r}" for m, labels, s, g, r in rows])

    def _repr_html_(self) -> str:
        rows = self._rows()
        chosen = [i for i, r in enumerate(rows) if r[0] == self.method]
        text = f"To rebuild {self.training.name!r} for {self.new.name!r}: {self.method} ({self.reason})"
        return table(("method", "labels", "seconds", "gain here so far", "ready"), rows, above=text, strong=chosen)


@public
def advise(training: TrainingVersion, new: DataVersion, *, budget: float = 0.3) -> Advice:
    """Say for each rebuilding method what it would cost and bring, and which one to take. Nothing is trained.

    Parameters
    ----------
    budget
        Share (below 1) or number of the new samples that may be labelled, for active learning.

    Examples
    --------
    >>> veml.advise(run, town, budget=0.25).method in ("full", "transfer", "active", "adabn", "mean-teacher")
    True
    """
    if not budget > 0:
        raise BadInput(f"the budget must be a share of the new samples or a number of them, above 0; got {budget}")
    check_task(training, new)
    task = training.model.recipe["task"]
    history = rebuild_history(training)
    labelled = _labelled(new)
    n = len(new)
    bought = max(1, round(budget * n) if budget < 1 else min(int(budget), n))
    old, epochs = len(training.data), int(training.plan["hyper"].get("epochs", 5))
    each = training.seconds / max(1, old * epochs) if training.seconds else None
    # samples that pass through the network in one epoch; an adaptation sees an old and a new one in each step
    work = {"full": old + n, "transfer": n, "active": old + bought}
    options, without = [], adaptations()
    for method, about in methods().items():
        if method in without and not _adapts(without[method], training):
            continue
        if task == "forecasting" and (
            method == "active" or (method == "full" and new.facts.series != training.data.facts.series)
        ):
            continue  # readings are their own labels, and windows of two imports cannot be merged
        need = {"full": n, "transfer": n, "active": bought}.get(method, 0)
        past = next(iter(history.get(method, [])), None)
        passes = int(past.settings.get("hyper", {}).get("epochs", epochs)) if past else epochs
        seconds = (
            None
            if each is None
            else each * (n / 3 if method == "adabn" else work.get(method, 3 * max(old, n)) * passes)
        )
        options.append(Option(method, need, seconds, past, need == 0 or labelled >= n, about))
    options.sort(key=lambda o: (not o.ready, -(o.gain.mean if o.gain else -1e9), _ORDER.index(o.method)))
    best = options[0]
    if best.gain is not None:
        reason = f"of the methods whose labels are there it brought most in this lab: {best.past}"
    elif best.labels:
        reason = "the labels are there, and without a history of this lab it is the best of the paper's table 11"
    else:
        reason = (
            f"{n - labelled:,} of {n:,} new samples have no label; it needs none. With labels for {bought:,} of them:"
            " active"
        )
    return Advice(training, new, tuple(options), best.method, reason)


def _adapts(adaptation: tuple[str, Adaptation], training: TrainingVersion) -> bool:
    """Whether it can be applied to that training's network."""
    name, how = adaptation
    recipe = training.model.recipe
    return recipe["task"] in how.tasks and recipe["backend"] == declaration(name).adapts


def _labelled(data: DataVersion) -> int:
    """Samples that have a label; a detection version with any box counts as labelled, readings are their own labels."""
    if data.task == "forecasting":
        return len(data)
    if data.facts.trains_as == "detection":
        return len(data) if data.annotations.boxes else 0
    return len(data.annotations.class_labels)
