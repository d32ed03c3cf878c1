"""Error analysis of a training version: what is taken for what, where it is weak, and which samples are worst."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, MissingLabels, UnknownName
from ..versions.data import DataVersion
from ..versions.samples import id_array
from ..versions.training import TrainingVersion
from . import backend
from .backend import Prediction
from .tide import KINDS, MEANING, POSITIVE, BoxErrors, box_errors, iou

if TYPE_CHECKING:
    import numpy as np

NOTHING = "(nothing)"  # row and column of the confusion matrix for objects without a box, and boxes without an object
MOST_VALUES = 12  # of a capture column that is taken as it is; numbers with more are cut into four equal parts


@dataclass(frozen=True)
class ErrorAnalysis:
    """Where a training version errs on a data version.

    Attributes
    ----------
    names, confusion
        Class names and counts (c, c): row truth, column prediction; for detection the last of both is
        ``(nothing)``, at score >= ``score`` and IoU >= 0.5.
    per_class
        One dict a class: ``precision``, ``recall``, ``f1``, ``support``, and ``AP50`` for detection (NaN as None).
    slices
        One dict a value of a capture column: ``column``, ``value``, ``n``, ``metric`` (accuracy or mAP50) and its
        ``gap`` to the whole.
    kinds
        For detection the kinds of error after TIDE: counts, and what mending each would add to mAP50.
    worst
        Samples, worst first: ``id``, ``uri``, ``cost``, ``truth``, ``predicted``.
    """

    training: TrainingVersion
    data: DataVersion
    metric: str
    value: float
    score: float
    names: tuple[str, ...]
    confusion: np.ndarray = field(repr=False)
    per_class: tuple[dict[str, Any], ...]
    slices: tuple[dict[str, Any], ...]
    kinds: BoxErrors | None
    worst: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """What ``veml errors --json`` prints."""
        kinds = (
            {k: {"count": self.kinds.counts[k], "cost": round(self.kinds.cost[k], 5)} for k in KINDS}
            if self.kinds
            else None
        )
        return {
            "training": self.training.name,
            "data": self.data.name,
            "metric": self.metric,
            "value": self.value,
            "score": self.score,
            "classes": list(self.names),
            "confusion": self.confusion.tolist(),
            "per_class": list(self.per_class),
            "slices": list(self.slices),
            "kinds": kinds,
            "worst": list(self.worst),
        }

    def __repr__(self) -> str:
        lines = [
            f"{self.training.name} on {self.data.name}: {self.metric} {self.value:.3f} over {len(self.data):,} samples"
        ]
        if self.kinds:
            lines.append("  kind of error     how many   mending it adds to mAP50")
            for k in sorted(KINDS, key=lambda k: -self.kinds.cost[k]):  # type: ignore[union-attr]
                lines.append(f"  {k:<16} {self.kinds.counts[k]:>9,}   {self.kinds.cost[k]:+.3f}   {MEANING[k]}")
        lines.append("  class              support  precision  recall" + ("    AP50" if self.kinds else ""))
        there = [r for r in self.per_class if r["f1"] is not None]
        for r in sorted(there, key=lambda r: r["f1"])[:12]:
            lines.append(
                f"  {r['class']:<18.18} {r['support']:>7,}  {_number(r['precision']):>9}  {_number(r['recall']):>6}"
                + (f"  {_number(r['AP50']):>6}" if self.kinds else "")
            )
        confused = self._confused()
        if confused:
            lines.append("  most confused      " + ", ".join(f"{a} as {b} ({n:,})" for n, a, b in confused[:5]))
        for r in sorted(self.slices, key=lambda r: r["gap"])[:5]:
            lines.append(
                f"  slice {r['column']} = {r['value']:<14.14} n {r['n']:>6,}  {self.metric} {r['metric']:.3f}"
                f" ({r['gap']:+.3f})"
            )
        for w in self.worst[:5]:
            lines.append(
                f"  worst {w['cost']:6.2f}  {w['uri']:<28.28} truth {w['truth']:<18.18} predicted {w['predicted']:.40}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from .analysis_page import page

        return page(self)

    def _confused(self) -> list[tuple[int, str, str]]:
        """Off-diagonal counts, largest first."""
        pairs = [
            (int(n), self.names[i], self.names[j])
            for i, row in enumerate(self.confusion)
            for j, n in enumerate(row)
            if i != j and n
        ]
        return sorted(pairs, key=lambda p: -p[0])


def analyse(
    training: TrainingVersion,
    data: DataVersion | None = None,
    *,
    columns: Sequence[str] | None = None,
    score: float = 0.3,
    top: int = 12,
    progress: bool = True,
) -> ErrorAnalysis:
    """Run a training version over labelled data and say what it gets wrong.

    Parameters
    ----------
    data
        Labelled data of the training's task; default: the training's validation data.
    columns
        Capture columns to slice by; default: all that have few values or are numbers.
    score
        Detections below it count neither in the confusion matrix nor in precision and recall.
    top
        How many of the worst samples.

    Raises
    ------
    BadInput, MissingLabels, UnknownName
        No validation data and none given; another task; no labels; no such column.

    Examples
    --------
    >>> veml.analyse(run, city, progress=False).metric
    'mAP50'
    """
    data = data or training.validation
    if data is None:
        raise BadInput(
            f"{training.name!r} was trained without validation data; say which data version it shall be measured on"
        )
    task = training.model.recipe["task"]
    if task not in ("classification", "detection"):
        raise BadInput(f"error analysis is for classification and detection; {training.name!r} is for {task}")
    if data.facts.trains_as != task:
        raise BadInput(f"{training.name!r} is for {task}, {data.name!r} is for {data.task}; choose other data")
    if task == "detection" and not data.annotations.boxes:
        raise MissingLabels(f"{data.name!r} has no boxes to measure against; label some samples first")
    slices = _slices(data, columns)  # a wrong name is said before the network runs
    engine = backend(training.plan["backend"])
    prediction = engine.predict(training.model.recipe, training.checkpoint, data, progress=progress)
    build = _classification if task == "classification" else _detection
    return build(training, data, prediction, slices, score, top)


def _classification(
    training: TrainingVersion,
    data: DataVersion,
    prediction: Prediction,
    slices: list[tuple[str, str, np.ndarray]],
    score: float,
    top: int,
) -> ErrorAnalysis:
    import numpy as np

    assert prediction.probabilities is not None
    names = tuple(dict.fromkeys([*prediction.classes, *data.classes]))
    index = {c: i for i, c in enumerate(names)}
    truth = np.array([index[data.classes[t]] for t in data.annotations.targets()])
    p = prediction.probabilities
    picked = p.argmax(1)  # column j is prediction.classes[j], which is names[j]
    confusion = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(confusion, (truth, picked), 1)
    right = picked == truth
    likely = np.array([p[i, t] if t < p.shape[1] else 0.0 for i, t in enumerate(truth)])
    cost = np.where(right, 0.0, -np.log(np.clip(likely, 1e-9, 1)))
    value = float(right.mean())
    worst = [
        _sample(data, i, cost[i], names[truth[i]], f"{names[picked[i]]} ({p[i, picked[i]]:.2f})")
        for i in np.argsort(-cost, kind="stable")[:top]
        if cost[i] > 0
    ]
    rows = _rows(slices, lambda at: float(right[at].mean()), value)
    per_class = _per_class(names, confusion)
    return ErrorAnalysis(
        training, data, "accuracy", value, score, names, confusion, per_class, rows, None, tuple(worst)
    )


def _detection(
    training: TrainingVersion,
    data: DataVersion,
    prediction: Prediction,
    slices: list[tuple[str, str, np.ndarray]],
    score: float,
    top: int,
) -> ErrorAnalysis:
    import numpy as np

    assert prediction.detections is not None
    names = tuple(dict.fromkeys([*prediction.classes, *data.classes]))
    truth, found = true_boxes(data, names), prediction.detections
    kinds = box_errors(truth, found, len(names))
    confusion = _matched(truth, found, len(names), score)
    cost = np.zeros(len(truth))
    said: dict[int, list[str]] = {}
    for m in kinds.mistakes:
        if m.kind == "missed" or m.score >= score:
            cost[m.position] += m.score
            said.setdefault(m.position, []).append(f"{m.kind}: {names[m.label]}")
    worst = [
        _sample(
            data,
            i,
            cost[i],
            ", ".join(names[k] for k in truth[i]["labels"]) or NOTHING,
            "; ".join(dict.fromkeys(said[i])),
        )
        for i in np.argsort(-cost, kind="stable")[:top].tolist()
        if cost[i] > 0
    ]

    def of(at: np.ndarray) -> float:
        return box_errors([truth[i] for i in at], [found[i] for i in at], len(names)).map50

    per_class = [
        {**r, "AP50": None if math.isnan(kinds.ap50[i]) else float(kinds.ap50[i])}
        for i, r in enumerate(_per_class((*names, NOTHING), confusion)[:-1])
    ]
    rows = _rows(slices, of, kinds.map50)
    return ErrorAnalysis(
        training,
        data,
        "mAP50",
        kinds.map50,
        score,
        (*names, NOTHING),
        confusion,
        tuple(per_class),
        rows,
        kinds,
        tuple(worst),
    )


def true_boxes(data: DataVersion, names: Sequence[str]) -> list[dict[str, np.ndarray]]:
    """The labelled boxes of a version in ID order, as a detector would give them."""
    import numpy as np

    index = {c: i for i, c in enumerate(names)}
    made = []
    for i in id_array(data).tolist():
        rows = data.annotations.boxes.get(i, [])
        boxes = np.array([[x, y, x + w, y + h] for _, x, y, w, h in rows], dtype=float).reshape(-1, 4)
        made.append({"boxes": boxes, "labels": np.array([index[r[0]] for r in rows], dtype=int)})
    return made


def _matched(truth: list[dict[str, Any]], found: list[dict[str, Any]], n: int, score: float) -> np.ndarray:
    """Counts (n + 1, n + 1): each detection goes with the free object that it covers best, whatever its class."""
    import numpy as np

    counts = np.zeros((n + 1, n + 1), dtype=np.int64)
    for t, d in zip(truth, found, strict=True):
        sure = [i for i in np.argsort(-np.asarray(d["scores"]), kind="stable") if d["scores"][i] >= score]
        boxes, free = np.asarray(d["boxes"], float).reshape(-1, 4), np.ones(len(t["labels"]), bool)
        overlap = iou(boxes, np.asarray(t["boxes"], float).reshape(-1, 4))
        for i in sure:
            j = int((overlap[i] * free).argmax()) if free.any() else -1
            if j >= 0 and overlap[i, j] * free[j] >= POSITIVE:
                free[j] = False
                counts[t["labels"][j], d["labels"][i]] += 1
            else:
                counts[n, d["labels"][i]] += 1
        for left in np.flatnonzero(free):
            counts[t["labels"][left], n] += 1
    return counts


def _per_class(names: Sequence[str], confusion: np.ndarray) -> tuple[dict[str, Any], ...]:
    rows = []
    for i, name in enumerate(names):
        hit, support, said = int(confusion[i, i]), int(confusion[i].sum()), int(confusion[:, i].sum())
        precision, recall = hit / said if said else None, hit / support if support else None
        f1 = 2 * hit / (support + said) if support + said else None
        rows.append({"class": name, "precision": precision, "recall": recall, "f1": f1, "support": support})
    return tuple(rows)


def _slices(data: DataVersion, columns: Sequence[str] | None) -> list[tuple[str, str, np.ndarray]]:
    """``(column, value, positions)`` for every capture column that was asked for, or that divides the samples
    usefully."""
    import numpy as np

    from ..versions.tables import free_columns

    there = free_columns(data.samples["columns"])
    unknown = [c for c in columns or () if c not in there]
    if unknown:
        raise UnknownName.of(f"capture column of {data.name!r}", unknown[0], there)
    made = []
    for name in columns if columns is not None else there:
        values = there[name].to_pylist()
        known = {v for v in values if v is not None and not isinstance(v, (list, dict))}
        numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in known)
        if len(known) > MOST_VALUES and numbers:
            x = np.array([v if v is not None else np.nan for v in values], dtype=float)
            cuts = np.unique(np.nanquantile(x, [0, 0.25, 0.5, 0.75, 1]))
            for low, high in itertools.pairwise(cuts):
                last = high == cuts[-1]
                at = np.flatnonzero((x >= low) & ((x <= high) if last else (x < high)))
                made.append((name, f"{low:g} to {high:g}", at))
        elif 1 < len(known) <= MOST_VALUES or columns is not None:
            for value in sorted(known, key=str):
                made.append((name, str(value), np.array([i for i, v in enumerate(values) if v == value])))
    return [(c, v, at) for c, v, at in made if len(at)]


def _rows(slices: list[tuple[str, str, np.ndarray]], of: Any, whole: float) -> tuple[dict[str, Any], ...]:
    rows = []
    for column, value, at in slices:
        metric = of(at)
        rows.append({"column": column, "value": value, "n": len(at), "metric": metric, "gap": metric - whole})
    return tuple(rows)


def _sample(data: DataVersion, position: int, cost: float, truth: str, predicted: str) -> dict[str, Any]:
    return {
        "id": int(id_array(data)[position]),
        "position": int(position),
        "uri": data.samples["uri"][int(position)].as_py(),
        "cost": float(cost),
        "truth": truth,
        "predicted": predicted,
    }


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
