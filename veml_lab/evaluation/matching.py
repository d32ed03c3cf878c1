"""Which detection hits which object: one matching, COCO's."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .boxes import MOST, Boxes, Overlaps
from .kinds import HIT


@dataclass(frozen=True, eq=False)
class Matching:
    """Which detection hits which object.

    Attributes
    ----------
    hit
        (m,) row of the true box that a detection hits, -1 for none.
    share
        (m,) how much the two overlap; 0 for none.
    ignored
        (m,) detections that do not count: on an ignored region, or beyond the surest 100 of their class in a picture.
    by
        (t,) row of the detection that hits a true box, -1 for none.
    """

    truth: Boxes = field(repr=False)
    found: Boxes = field(repr=False)
    hit: NDArray[np.int64]
    share: NDArray[np.float64]
    ignored: NDArray[np.bool_]
    by: NDArray[np.int64]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Detections that hit an object that counts."""
        return (self.hit >= 0) & ~self.ignored


def match(near: Overlaps, at: float = HIT, *, most: int = MOST) -> Matching:
    """Give each detection, the surest first, the free object of its class that it overlaps most.

    An object that counts goes before an ignored one; a crowd takes any number. All pictures are matched at once, one
    round for each place in the order of scores: O(p log p) for p overlapping pairs.

    Parameters
    ----------
    at
        Least overlap of a hit, 0.1 to 1.
    most
        Detections of a class in a picture that count, the surest.

    Source
    ------
    pycocotools, ``COCOeval.evaluateImg``: greedy by score, by class; of equal overlaps the later box.
    """
    return matchings(near, (at,), most=most)[0]


def matchings(near: Overlaps, ats: Sequence[float], *, most: int = MOST) -> list[Matching]:
    """One matching for each least overlap; the pairs are sorted once."""
    truth, found, rank = near.truth, near.found, near.rank
    able = np.flatnonzero(near.same & (near.share >= min(ats, default=1.0) - 1e-9) & (rank[near.found_row] < most))
    f, t, share = near.found_row[able], near.truth_row[able], near.share[able]
    order = np.lexsort((t, share, ~truth.ignored[t], f, rank[f]))  # the last of a detection's pairs is its best
    f, t, share = f[order], t[order], share[order]
    return [_matched(truth, found, rank >= most, f, t, share, rank[f], min(at, 1 - 1e-10)) for at in ats]


def _matched(
    truth: Boxes,
    found: Boxes,
    beyond: NDArray[np.bool_],
    f: NDArray[np.int64],
    t: NDArray[np.int64],
    share: NDArray[np.float64],
    rank: NDArray[np.int64],
    at: float,
) -> Matching:
    hit, by = np.full(len(found.labels), -1), np.full(len(truth.labels), -1)
    overlap = np.zeros(len(found.labels))
    enough = share >= at
    f, t, share, rank = f[enough], t[enough], share[enough], rank[enough]
    bounds = np.searchsorted(rank, np.arange(rank[-1] + 2)) if len(rank) else [0]
    for low, high in itertools.pairwise(bounds):  # one detection of each picture and class at a time
        free = low + np.flatnonzero((by[t[low:high]] < 0) | truth.crowd[t[low:high]])
        if not len(free):
            continue
        last = np.append(f[free][1:] != f[free][:-1], True)
        chosen = free[last]
        hit[f[chosen]], by[t[chosen]], overlap[f[chosen]] = t[chosen], f[chosen], share[chosen]
    ignored = beyond.copy()
    ignored[hit >= 0] |= truth.ignored[hit[hit >= 0]]
    return Matching(truth, found, hit, overlap, ignored, by)
