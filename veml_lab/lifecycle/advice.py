"""Which rebuilding method to take: labels, time and expected gain of each, before anything is trained.

The expected gain is what the same method brought in this lab before, with its uncertainty; a lab without
a history says so, and then the advice is the order of the paper's table 11.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..training.adaptation import ADAPTATIONS
from ..versions.data import DataVersion
from ..versions.store import VersionStore
from ..versions.training import LOWER_IS_BETTER, TrainingVersion
from .drift import drift
from .gain import Gain, gain_of
from .rebuild import METHODS, rebuild

if TYPE_CHECKING:
    from ..embeddings import Embedder

# what plan.method says -> the method that was asked for
_FAMILIES = {"full training": "full", "transfer learning": "transfer"}
# without a history: the order in which the paper's table 11, and the adaptations' own papers, came out
_ORDER = ("full", "active", "transfer", "mean-teacher", "self-training", "coral", "dann", "adabn")


def rebuild_history(store: VersionStore) -> dict[str, Gain]:
    """By method: how much better than its predecessor a rebuilt training was, on data on which both were measured."""
    graph = store.graph()
    found: dict[str, list[float]] = {}
    for node in graph.of_kind("training"):
        plan = node.props["plan"]
        before = plan.get("rebuilt_from")
        if not before or before not in graph.nodes:
            continue
        metric = node.props["metric"]
        if metric in LOWER_IS_BETTER:  # an error in the readings' own units cannot be averaged with shares
            continue
        now, then = _measured(graph, node.id, metric), _measured(graph, before, metric)
        family = _family(str(plan.get("method", "")))
        found.setdefault(family, []).extend(now[t] - then[t] for t in now if t in then and t != graph.nodes[before].props["plan"].get("validation"))
    return {m: g for m, v in found.items() if (g := gain_of(v)) is not None}


def _family(method: str) -> str:
    for prefix in ("active learning", "domain adaptation"):
        if method.startswith(prefix):
            return "active" if prefix.startswith("active") else method.removeprefix("domain adaptation (").rstrip(")")
    return _FAMILIES.get(method, method)


def _measured(graph: Any, training: str, metric: str) -> dict[str, float]:
    """The metric of a training by the data version that it was measured on, its own validation data included."""
    props = graph.nodes[training].props
    validation, last = props["plan"].get("validation"), props["summary"].get(metric)
    found = {} if validation is None or last is None else {validation: float(last)}
    return found | {e.src: float(e.props[metric]) for e in graph.into[training] if e.type == "tested_on" and metric in e.props}


@dataclass(frozen=True)
class Option:
    """One method: what it would cost and bring.

    Attributes
    ----------
    labels
        New labels that it needs.
    seconds
        Estimated time of training on this machine, from the time of the old training; None if that is unknown.
    gain
        What it brought in this lab, or None.
    ready
        Whether the labels that it needs are there.
    """

    method: str
    labels: int
    seconds: float | None
    gain: Gain | None
    ready: bool
    about: str


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
            {"method": o.method, "labels": o.labels, "seconds": o.seconds, "ready": o.ready, "about": o.about,
             "gain": {"mean": o.gain.mean, "error": o.gain.error, "cases": o.gain.cases} if o.gain else None}
            for o in self.options
        ]  # fmt: skip
        return {"training": self.training.name, "new": self.new.name, "method": self.method, "reason": self.reason, "options": rows}

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (o.method, f"{o.labels:,}", "?" if o.seconds is None else f"{o.seconds:.0f}", str(o.gain or "no history"), "yes" if o.ready else "no")
            for o in self.options
        ]

    def __repr__(self) -> str:
        head = f"To rebuild {self.training.name!r} for {self.new.name!r}: {self.method} ({self.reason})"
        lines = [head, f"  {'method':<15}{'labels':>8}{'seconds':>9}  {'gain here so far':<24}ready"]
        return "\n".join(lines + [f"  {m:<15}{labels:>8}{s:>9}  {g:<24}{r}" for m, labels, s, g, r in self._rows()])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{h}</th>" for h in ("method", "labels", "seconds", "gain here so far", "ready"))
        body = "".join(
            f"<tr{' style=font-weight:600' if r[0] == self.method else ''}>" + "".join(f"<td>{html.escape(c)}</td>" for c in r) + "</tr>"
            for r in self._rows()
        )
        text = f"To rebuild {self.training.name!r} for {self.new.name!r}: {self.method} ({self.reason})"
        return f"<p>{html.escape(text)}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


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
    task = training.model.recipe["task"]
    history = rebuild_history(training.store)
    labelled = _labelled(new)
    n = len(new)
    bought = max(1, round(budget * n) if budget < 1 else min(int(budget), n))
    old, epochs = len(training.data), int(training.plan["hyper"].get("epochs", 5))
    each = training.seconds / max(1, old * epochs) if training.seconds else None
    # samples that pass through the network in one epoch; an adaptation sees an old and a new one in each step
    work = {"full": (old + n) * epochs, "transfer": n * epochs, "active": (old + bought) * epochs, "adabn": n / 3}
    options = []
    for method, about in METHODS.items():
        if method in ADAPTATIONS and (task not in ADAPTATIONS[method][1] or training.model.recipe["backend"] != "torchvision"):
            continue
        if task == "forecasting" and (method == "active" or (method == "full" and new.series != training.data.series)):
            continue  # readings are their own labels, and windows of two imports cannot be merged
        need = {"full": n, "transfer": n, "active": bought}.get(method, 0)
        seconds = None if each is None else each * work.get(method, 3 * max(old, n) * epochs)
        options.append(Option(method, need, seconds, history.get(method), need == 0 or labelled >= n, about))
    options.sort(key=lambda o: (not o.ready, -(o.gain.mean if o.gain else -1e9), _ORDER.index(o.method)))
    best = options[0]
    if best.gain is not None:
        reason = f"of the methods whose labels are there it brought most in this lab: {best.gain}"
    elif best.labels:
        reason = "the labels are there, and without a history of this lab it is the best of the paper's table 11"
    else:
        reason = f"{n - labelled:,} of {n:,} new samples have no label; it needs none. With labels for {bought:,} of them: active"
    return Advice(training, new, tuple(options), best.method, reason)


def _labelled(data: DataVersion) -> int:
    """Samples that have a label; a detection version with any box counts as labelled, readings are their own labels."""
    if data.task == "forecasting":
        return len(data)
    if data.trains_as == "detection":
        return len(data) if data.boxes else 0
    return len(data.class_labels)


def rebuild_if_drifted(
    training: TrainingVersion,
    new: DataVersion,
    *,
    embedder: Embedder,
    budget: float = 0.3,
    level: float = 0.05,
    progress: bool = True,
    **options: Any,
) -> TrainingVersion:
    """Test for drift; rebuild by the advised method where there is one, else give the training as it is.

    Parameters
    ----------
    level
        Accepted share of false alarms of the drift test.
    **options
        Of :func:`~veml_lab.lifecycle.rebuild.rebuild`.
    """
    report = drift(training, new, embedder, level=level, progress=progress)
    if not report.drifted:
        if progress:
            print(f"{new.name}: no drift from {training.data.name} (p {report.p_value:.3g}); {training.name!r} stays")
        return training
    advice = advise(training, new, budget=budget)
    if progress:
        print(advice)
    given: Mapping[str, Any] = {"budget": budget, "embedder": embedder} if advice.method == "active" else {}
    return rebuild(training, new, method=advice.method, progress=progress, **{**given, **options})
