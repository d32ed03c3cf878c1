"""Average precision, COCO's, in one place: of a class, and over classes and overlaps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .boxes import MOST, Boxes, overlaps
from .kinds import HIT
from .matching import Matching, matchings

RECALLS = np.linspace(0.0, 1.0, 101)  # as COCO writes them: 7 * 0.01 is a little more than 0.07
COCO_IOUS = np.linspace(0.5, 0.95, 10)


def average_precision(scores: ArrayLike, hits: ArrayLike, positives: int) -> float:
    """The mean over 101 recalls of the highest precision at that recall or beyond; NaN without positives.

    Of equal scores those that come first count first.

    >>> round(average_precision([0.9, 0.8, 0.7], [True, False, True], 2), 6)  # 51 recalls at precision 1, 50 at 2 / 3
    0.834983
    """
    if positives == 0:
        return float("nan")
    return float(precision_curve(scores, hits, positives).mean())


def precision_curve(scores: ArrayLike, hits: ArrayLike, positives: int) -> NDArray[np.float64]:
    """(101,) the highest precision at each of the recalls 0, 0.01 ... 1 or beyond; 0 where no recall is so high.

    >>> precision_curve([0.9, 0.8, 0.7], [True, False, True], 2)[[0, 50, 51, 100]].round(3).tolist()
    [1.0, 1.0, 0.667, 0.667]
    """
    score, hit = np.asarray(scores, np.float64), np.asarray(hits, bool)
    found = np.cumsum(hit[np.argsort(-score, kind="stable")])
    if not len(found) or positives == 0:
        return np.zeros(len(RECALLS))
    precision = found / np.arange(1, len(found) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(found / positives, RECALLS, side="left")
    return np.append(best, 0.0)[at]


def precision_by_class(
    matching: Matching, classes: int, pictures: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Average precision of each class at the matching's overlap, of all pictures or of some; NaN without an object."""
    truth, found = matching.truth, matching.found
    asked = ~truth.ignored
    said = ~matching.ignored
    if pictures is not None:
        asked = asked & pictures[truth.picture]
        said = said & pictures[found.picture]
    positives = np.bincount(truth.labels[asked], minlength=classes)
    return by_class(found.labels[said], found.scores[said], matching.right[said], positives)


def by_class(labels: Any, scores: Any, hits: Any, positives: Any) -> NDArray[np.float64]:
    """Average precision of each class from detections as points of its curve."""
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(len(positives) + 1))
    parts = [order[low:high] for low, high in itertools.pairwise(bounds)]
    return np.array([average_precision(scores[p], hits[p], int(n)) for p, n in zip(parts, positives, strict=True)])


def mean_precision(per_class: NDArray[np.float64]) -> float:
    """The mean over the classes that have an object; 0 where none has."""
    known = per_class[~np.isnan(per_class)]
    return float(known.mean()) if len(known) else 0.0


def coco_precision(
    truth: Boxes, found: Boxes, classes: int, *, ious: Sequence[float] | np.ndarray = COCO_IOUS, most: int = MOST
) -> NDArray[np.float64]:
    """Average precision by least overlap and class, as pycocotools has it; NaN for a class without an object.

    Source
    ------
    pycocotools, ``COCOeval``, over objects of all sizes.
    """
    made = matchings(overlaps(truth, found), list(ious), most=most)
    return np.stack([precision_by_class(m, classes) for m in made])


def map_of(truth: Boxes, found: Boxes, classes: int) -> dict[str, float]:
    """``mAP`` (overlaps 0.50 to 0.95) and ``mAP50``."""
    table = coco_precision(truth, found, classes)
    return {"mAP": mean_precision(table), "mAP50": mean_precision(table[list(COCO_IOUS).index(HIT)])}
