"""What mending one kind of error alone would add to the mean average precision, after TIDE.

Source
------
Bolya et al., "TIDE", 2020, section 3. Otherwise here: a class without an object is left out of the mean, as COCO
leaves it out (TIDE counts its detections as a precision of nought), and what lies on an ignored region is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .judgement import Judgement
from .kinds import CODE, IGNORED, KINDS, RIGHT
from .precision import by_class, mean_precision


@dataclass(frozen=True)
class Mending:
    """What a detector loses to each kind of error.

    Attributes
    ----------
    map50
        Mean over the classes of the average precision at an overlap of 0.5, 0 ... 1.
    ap50
        The same by class; NaN for a class without an object.
    cost
        By kind: how much ``map50`` would be higher if that kind alone were mended.
    """

    map50: float
    ap50: NDArray[np.float64]
    cost: dict[str, float]


def mending(whole: Judgement) -> Mending:
    """Weigh the kinds of error of a detector; all its detections have to be judged, ``judge(..., score=0)``."""
    said = (whole.said >= 0) & (whole.kind != CODE[IGNORED])
    kind, label, score = whole.kind[said], whole.said[said], whole.score[said]
    hit, mended = kind == CODE[RIGHT], _mended(whole)[said]
    positives = whole.support
    ap50 = by_class(label, score, hit, positives)
    base, cost = mean_precision(ap50), {}
    for k in KINDS[:-1]:
        wrong = kind == CODE[k]
        keep = ~wrong | (mended >= 0)
        here = np.where(wrong & (mended >= 0), mended, label)
        better = by_class(here[keep], score[keep], (hit | wrong)[keep], positives)
        cost[k] = max(mean_precision(better) - base, 0.0)
    missed = np.bincount(whole.truth[whole.kind == CODE["missed"]], minlength=len(positives))
    rest = by_class(label, score, hit, positives - missed)
    claimed = np.bincount(label, minlength=len(positives)) > 0
    rest[np.isnan(rest) & ~np.isnan(ap50) & claimed] = 0.0  # wrong boxes and no object left: worth nothing, as in TIDE
    return Mending(base, ap50, cost | {"missed": max(mean_precision(rest) - base, 0.0)})


def _mended(whole: Judgement) -> NDArray[np.int64]:
    """(r,) the class of the object that a detection would find if it were mended, -1: it would go.

    An object that is not found is found by the surest of those that were meant for it.
    """
    truth, near = whole.truth_row, (whole.kind == CODE["class"]) | (whole.kind == CODE["location"])
    found = np.zeros(int(truth.max(initial=-1)) + 1, bool)
    found[truth[whole.kind == CODE[RIGHT]]] = True
    rows = np.flatnonzero(near)
    rows = rows[~found[truth[rows]]]
    order = np.lexsort((-whole.score[rows], truth[rows]))  # stable: of equals the first
    rows = rows[order]
    first = np.append(True, truth[rows][1:] != truth[rows][:-1])[: len(rows)]
    mended = np.full(len(truth), -1)
    mended[rows[first]] = whole.truth[rows[first]]
    return mended
