"""Kinds of detection errors and what each costs, after TIDE; pure arrays.

Source
------
Bolya et al., "TIDE: A General Toolbox for Identifying Object Detection Errors", 2020, sections 2 and 3.
Otherwise here: a class without any true box is left out of the mean (as COCO does; TIDE counts its
detections as an AP of nought), and there are no ignored regions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

KINDS = ("class", "location", "both", "duplicate", "background", "missed")
MEANING = {
    "class": "right place, wrong class",
    "location": "right class, box too loose (IoU 0.1 to 0.5)",
    "both": "wrong class and too loose",
    "duplicate": "a second box on an object that is found already",
    "background": "a box where nothing is",
    "missed": "an object without any box",
}
POSITIVE, BACKGROUND, MOST = 0.5, 0.1, 100  # IoU of a hit, IoU below which there is nothing, detections a picture


@dataclass(frozen=True)
class Mistake:
    """One error: in which picture (its position), of which kind, the class concerned, the score (1 for a missed
    object)."""

    position: int
    kind: str
    label: int
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class BoxErrors:
    """Errors of a detector on a set of pictures.

    Attributes
    ----------
    map50
        Mean over the classes of the average precision at IoU 0.5, 0 ... 1.
    ap50
        The same per class; NaN for a class without a true box.
    counts, cost
        By kind: how many, and how much ``map50`` would be higher if that kind alone were mended.
    mistakes
        Every single one.
    """

    map50: float
    ap50: np.ndarray
    counts: dict[str, int]
    cost: dict[str, float]
    mistakes: tuple[Mistake, ...] = field(repr=False)


@dataclass
class _Points:
    """Every detection as a point of the precision-recall curve, and what it becomes when its error is mended."""

    label: list[int] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    hit: list[bool] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    mended: list[int] = field(default_factory=list)  # the class of the object that it would hit, or -1: it would go


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (n, 4) and (m, 4) x1 y1 x2 y2: (n, m)."""
    corner = np.maximum(a[:, None, :2], b[None, :, :2])
    far = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inner = (far - corner).clip(0).prod(2)
    areas = [(x[:, 2:] - x[:, :2]).clip(0).prod(1) for x in (a, b)]
    return inner / np.maximum(areas[0][:, None] + areas[1][None, :] - inner, 1e-12)


def average_precision(score: np.ndarray, hit: np.ndarray, positives: int) -> float:
    """COCO's average precision: the mean over 101 recalls of the highest precision at that recall or beyond; NaN
    without positives."""
    if positives == 0:
        return float("nan")
    order = np.argsort(-score, kind="stable")
    found = np.cumsum(hit[order])
    precision = found / np.arange(1, len(order) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(found / positives, np.arange(101) / 100, side="left")
    return float(
        np.where(at < len(best), best[np.minimum(at, max(len(best) - 1, 0))] if len(best) else 0.0, 0.0).mean()
    )


def box_errors(truth: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]], num_classes: int) -> BoxErrors:
    """Sort every wrong detection and every missed object into the kinds of TIDE, and weigh the kinds.

    O(d t) a picture with d detections (at most 100, the surest) and t true boxes.

    Parameters
    ----------
    truth, found
        One dict a picture: ``boxes`` (m, 4) x1 y1 x2 y2, ``labels`` (m,) of 0 ... num_classes - 1; of
        ``found`` also ``scores`` (m,).
    """
    points, mistakes = _Points(), list[Mistake]()
    positives, missed = np.zeros(num_classes, int), np.zeros(num_classes, int)
    for position, (t, d) in enumerate(zip(truth, found, strict=True)):
        positives += np.bincount(np.asarray(t["labels"], int), minlength=num_classes)
        _picture(position, t, d, points, missed, mistakes)
    label, score, hit = np.array(points.label, int), np.array(points.score), np.array(points.hit, bool)
    kind, mended = np.array(points.kind, dtype=object), np.array(points.mended, int)
    per_class = _per_class(label, score, hit, positives)
    base = _mean(per_class)
    cost = {}
    for k in KINDS[:-1]:
        wrong = kind == k
        keep = ~wrong | (mended >= 0)
        here, now = np.where(wrong & (mended >= 0), mended, label), hit | wrong
        cost[k] = max(_mean(_per_class(here[keep], score[keep], now[keep], positives)) - base, 0.0)
    rest = _per_class(label, score, hit, positives - missed)
    rest[np.isnan(rest) & ~np.isnan(per_class)] = 0.0  # a class of which nothing else is left earns nothing, as in TIDE
    cost["missed"] = max(_mean(rest) - base, 0.0)
    counts = {k: int((kind == k).sum()) for k in KINDS[:-1]} | {"missed": int(missed.sum())}
    return BoxErrors(base, per_class, counts, cost, tuple(mistakes))


def _picture(
    position: int, t: dict[str, Any], d: dict[str, Any], points: _Points, missed: np.ndarray, mistakes: list[Mistake]
) -> None:
    order = np.argsort(-np.asarray(d["scores"], float), kind="stable")[:MOST]
    boxes, labels = np.asarray(d["boxes"], float).reshape(-1, 4)[order], np.asarray(d["labels"], int)[order]
    scores = np.asarray(d["scores"], float)[order]
    true, of = np.asarray(t["boxes"], float).reshape(-1, 4), np.asarray(t["labels"], int)
    overlap = iou(boxes, true)  # (d, t)
    same = labels[:, None] == of[None, :]
    used, hits = np.zeros(len(true), bool), np.zeros(len(boxes), bool)
    free = overlap * same
    for i in range(len(boxes)):  # surest first, as COCO matches
        j = int(free[i].argmax()) if len(true) else -1
        if j >= 0 and free[i, j] >= POSITIVE:
            hits[i], used[j] = True, True
            free[:, j] = 0
    claims: dict[int, int] = {}  # an object that is not found: the surest detection that would hit it if mended
    first = len(points.label)
    for i in range(len(boxes)):
        kind, j = ("", -1) if hits[i] else _kind(overlap[i], same[i], used)
        points.label.append(int(labels[i]))
        points.score.append(float(scores[i]))
        points.hit.append(bool(hits[i]))
        points.kind.append(kind)
        points.mended.append(-1)
        if j >= 0 and not used[j]:
            claims.setdefault(j, i)
        if kind:
            mistakes.append(Mistake(position, kind, int(labels[i]), float(scores[i]), tuple(boxes[i])))
    for j, i in claims.items():
        points.mended[first + i] = int(of[j])
    for j in range(len(true)):
        if not used[j] and j not in claims:
            missed[of[j]] += 1
            mistakes.append(Mistake(position, "missed", int(of[j]), 1.0, tuple(true[j])))


def _kind(overlap: np.ndarray, same: np.ndarray, used: np.ndarray) -> tuple[str, int]:
    """Kind of a detection that hit nothing, and the object that it was meant for (-1: none)."""
    if not len(overlap):
        return "background", -1
    j = int((overlap * same).argmax())
    if BACKGROUND <= overlap[j] * same[j] < POSITIVE:
        return "location", j
    j = int((overlap * ~same).argmax())
    if overlap[j] * ~same[j] >= POSITIVE:
        return "class", j
    if (overlap * same * used).max() >= POSITIVE:
        return "duplicate", -1
    return ("background", -1) if overlap.max() <= BACKGROUND else ("both", -1)


def _per_class(label: np.ndarray, score: np.ndarray, hit: np.ndarray, positives: np.ndarray) -> np.ndarray:
    return np.array([average_precision(score[label == c], hit[label == c], int(n)) for c, n in enumerate(positives)])


def _mean(per_class: np.ndarray) -> float:
    known = per_class[~np.isnan(per_class)]
    return float(known.mean()) if len(known) else 0.0
