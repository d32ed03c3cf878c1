"""Error analysis of a prediction: what is taken for what, where it is weak, and which samples are worst."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .boxes import Boxes, overlaps
from .judgement import Judgement, judge, judge_boxes
from .kinds import CODE, KINDS, MEANING, SCORE
from .matching import match
from .measures import measure
from .mending import Mending, mending
from .metric import ACCURACY, MAP50, Metric
from .precision import mean_precision, precision_by_class, precision_curve
from .prediction import Prediction
from .slices import Slice
from .truth import Truth

if TYPE_CHECKING:
    from PIL import Image


MOST_CURVES = 100  # of precision and recall; more classes are no more to read


@dataclass(frozen=True)
class Shown:
    """The samples as an analysis names and shows them, in ID order."""

    ids: NDArray[np.uint64] = field(repr=False)
    uris: Sequence[str] = field(repr=False)
    picture: Callable[[int], Image.Image] | None = None


@dataclass(frozen=True)
class ErrorAnalysis:
    """Where a model errs on labelled data.

    Attributes
    ----------
    model, data
        Their names.
    judged_by, value
        The metric, and what it is on all samples.
    score
        Detections that the model is less sure of are not judged; the metric counts them all.
    judgement
        What is wrong in each sample: confusion, kinds of error.
    per_class
        One dict a class: ``precision``, ``recall``, ``f1``, ``support``, and ``AP50`` for detection (NaN as None).
    slices
        One dict a value of a capture column: ``column``, ``value``, ``n``, ``metric`` and its ``gap`` to the whole;
        ``where`` has the bounds of a part of a column of numbers.
    mending
        For detection: what mending each kind of error would add to mAP50, over all detections.
    worst
        Samples, worst first: ``id``, ``position``, ``uri``, ``cost``, ``truth``, ``predicted``.
    prediction
        What was judged.
    curves
        Precision at the recalls 0, 0.01 ... 1 by class; the classes with the most objects, at most ``MOST_CURVES``.
    """

    model: str
    data: str
    judged_by: Metric
    value: float
    score: float
    judgement: Judgement = field(repr=False)
    per_class: tuple[dict[str, Any], ...]
    slices: tuple[dict[str, Any], ...]
    mending: Mending | None
    worst: tuple[dict[str, Any], ...]
    picture: Callable[[int], Image.Image] | None = field(default=None, repr=False)
    prediction: Prediction | None = field(default=None, repr=False)
    curves: dict[str, list[float]] = field(default_factory=dict, repr=False)

    @property
    def metric(self) -> str:
        """The name of the metric."""
        return self.judged_by.name

    @property
    def names(self) -> tuple[str, ...]:
        """Rows (truth) and columns (prediction) of the confusion matrix."""
        return self.judgement.names

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts (names, names); see :meth:`~veml_lab.evaluation.judgement.Judgement.confusion`."""
        return self.judgement.confusion()

    @property
    def kinds(self) -> dict[str, dict[str, float]] | None:
        """For detection ``count`` and ``cost`` of each kind of error, the costliest first."""
        if self.mending is None:
            return None
        counts, cost = self.judgement.counts(), self.mending.cost
        return {k: {"count": counts[k], "cost": cost[k]} for k in sorted(KINDS, key=lambda k: -cost[k])}

    def to_dict(self) -> dict[str, Any]:
        """What ``veml errors --json`` prints."""
        kinds = self.kinds
        return {
            "training": self.model,
            "data": self.data,
            "metric": self.metric,
            "value": self.value,
            "score": self.score,
            "classes": list(self.names),
            "confusion": self.confusion.tolist(),
            "per_class": list(self.per_class),
            "slices": list(self.slices),
            "kinds": {k: {"count": kinds[k]["count"], "cost": round(kinds[k]["cost"], 5)} for k in KINDS}
            if kinds
            else None,
            "worst": list(self.worst),
            "curves": self.curves,
        }

    def __repr__(self) -> str:
        shown, metric = self.judged_by.format, self.metric
        lines = [f"{self.model} on {self.data}: {metric} {shown(self.value)} over {len(self.judgement):,} samples"]
        if self.kinds:
            lines.append("  kind of error     how many   mending it adds to mAP50")
            for k, v in self.kinds.items():
                lines.append(f"  {k:<16} {v['count']:>9,}   {v['cost']:+.3f}   {MEANING[k]}")
        lines.append("  class              support  precision  recall" + ("    AP50" if self.kinds else ""))
        there = [r for r in self.per_class if r["f1"] is not None]
        for r in sorted(there, key=lambda r: r["f1"])[:12]:
            numbers = [f"{shown(r['precision']):>9}", f"{shown(r['recall']):>6}"]
            numbers += [f"{shown(r['AP50']):>6}"] if self.kinds else []
            lines.append(f"  {r['class']:<18.18} {r['support']:>7,}  " + "  ".join(numbers))
        confused = self.most_confused()
        if confused:
            lines.append("  most confused      " + ", ".join(f"{a} as {b} ({n:,})" for n, a, b in confused[:5]))
        for r in self.weakest()[:5]:
            lines.append(
                f"  slice {r['column']} = {r['value']:<14.14} n {r['n']:>6,}  {metric} {shown(r['metric'])}"
                f" ({self.judged_by.format(r['gap'], signed=True)})"
            )
        for w in self.worst[:5]:
            lines.append(
                f"  worst {w['cost']:6.2f}  {w['uri']:<28.28} truth {w['truth']:<18.18} predicted {w['predicted']:.40}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from .page import page

        return page(self)

    def weakest(self) -> list[dict[str, Any]]:
        """The slices, the weakest first."""
        return self.judged_by.ordered(self.slices, lambda r: r["metric"])[::-1]

    def most_confused(self) -> list[tuple[int, str, str]]:
        """``(count, truth, prediction)`` off the diagonal of the confusion matrix, largest first."""
        table = self.confusion
        np.fill_diagonal(table, 0)
        pairs = [(int(table[i, j]), self.names[i], self.names[j]) for i, j in zip(*np.nonzero(table), strict=True)]
        return sorted(pairs, key=lambda p: -p[0])


def analyse_prediction(
    prediction: Prediction,
    truth: Truth,
    shown: Shown,
    slices: Sequence[Slice] = (),
    *,
    model: str,
    score: float = SCORE,
    top: int = 12,
) -> ErrorAnalysis:
    """Say what a prediction gets wrong, and where.

    Parameters
    ----------
    shown
        How the samples are named and shown.
    slices
        Parts of the data whose metric is told by itself.
    model
        Name of what made the prediction.
    score
        Detections below it are not judged.
    top
        How many of the worst samples.

    Raises
    ------
    BadInput, MissingLabels
        A prediction of another task; samples without labels.
    """
    judged = judge(prediction, truth, score=score)
    whole = measure(prediction, truth)
    per_class, mended, metric = judged.by_class(), None, ACCURACY
    if truth.boxes is not None and prediction.detections is not None:
        metric, found = MAP50, Boxes.of(prediction.detections)
        mended = mending(judge_boxes(truth.boxes, found, truth.classes, score=0))
        ap50 = [None if math.isnan(x) else float(x) for x in mended.ap50]
        per_class = [{**r, "AP50": x} for r, x in zip(per_class, ap50, strict=True)]
    of, value = _metric_of(prediction, truth, judged), whole[metric.name]
    rows = []
    for s in slices:
        on = of(s.positions)
        row = {"column": s.column, "value": s.value, "n": len(s.positions), "metric": on, "gap": on - value}
        rows.append(row | ({"where": s.bounds} if s.bounds else {}))
    worst = [p for p in np.argsort(-judged.costs, kind="stable")[:top].tolist() if judged.costs[p] > 0]
    return ErrorAnalysis(
        model,
        truth.name,
        metric,
        value,
        score,
        judged,
        tuple(per_class),
        tuple(rows),
        mended,
        tuple(_sample(judged, shown, p) for p in worst),
        shown.picture,
        prediction,
        _curves(prediction, truth, judged),
    )


def _curves(prediction: Prediction, truth: Truth, judged: Judgement) -> dict[str, list[float]]:
    """Precision at each recall: of boxes that overlap by half, of classes each against all others."""
    if prediction.detections is not None and truth.boxes is not None:
        matched = match(overlaps(truth.boxes, Boxes.of(prediction.detections)))
        said = ~matched.ignored
        labels, scores, hits = matched.found.labels[said], matched.found.scores[said], matched.right[said]
        of_class = [(scores[labels == k], hits[labels == k]) for k in range(len(truth.classes))]
    elif prediction.probabilities is not None and truth.labels is not None:
        known = truth.labels >= 0
        of_class = [
            (prediction.probabilities[known, k], truth.labels[known] == k) for k in range(len(prediction.classes))
        ]
    else:
        return {}
    most = [k for k in np.argsort(-judged.support, kind="stable").tolist() if judged.support[k] and k < len(of_class)]
    return {
        truth.classes[k]: np.round(precision_curve(of_class[k][0], of_class[k][1], int(judged.support[k])), 4).tolist()
        for k in most[:MOST_CURVES]
    }


def _metric_of(prediction: Prediction, truth: Truth, judged: Judgement) -> Callable[[NDArray[np.int64]], float]:
    """The metric on some samples; boxes are matched once for all slices."""
    if truth.boxes is None or prediction.detections is None:
        right = judged.kind == CODE["right"]  # one row a sample: all have a class, as measure found
        return lambda at: float(right[at].mean())
    matched = match(overlaps(truth.boxes, Boxes.of(prediction.detections)))

    def precision(at: NDArray[np.int64]) -> float:
        inside = np.zeros(len(judged), bool)
        inside[at] = True
        return mean_precision(precision_by_class(matched, len(truth.classes), inside))

    return precision


def _sample(judged: Judgement, shown: Shown, position: int) -> dict[str, Any]:
    truth, predicted = judged.words(position)
    return {
        "id": int(shown.ids[position]),
        "position": position,
        "uri": str(shown.uris[position]),
        "cost": float(judged.costs[position]),
        "truth": truth,
        "predicted": predicted,
    }
