"""Boxes of many pictures in one table, and where they overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput
from .kinds import TOUCH

MOST = 100  # boxes of a class in a picture that count, the surest: COCO's
PAIRS = 1 << 20  # pairs of boxes that are compared at a time: some 100 MB


@dataclass(frozen=True, eq=False)
class Boxes:
    """Boxes of ``n`` pictures, ``m`` in all, in the order of their pictures.

    Attributes
    ----------
    starts
        (n + 1,): the boxes of picture ``i`` are rows ``starts[i]`` to ``starts[i + 1]``.
    corners
        (m, 4) x1 y1 x2 y2 in pixels.
    labels
        (m,) of 0 ... classes - 1.
    scores
        (m,) how sure; 1 for what is labelled.
    ignored
        (m,) true boxes that no detection has to find; one that lies there is not counted.
    crowd
        (m,) ignored regions of many objects: any number of detections may lie in one, and their overlap is the share
        of the detection that lies inside.
    """

    starts: NDArray[np.int64]
    corners: NDArray[np.float64] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    scores: NDArray[np.float64] = field(repr=False)
    ignored: NDArray[np.bool_] = field(repr=False)
    crowd: NDArray[np.bool_] = field(repr=False)

    @classmethod
    def of(cls, pictures: Sequence[Mapping[str, Any]]) -> Boxes:
        """From one dict a picture: ``boxes`` (k, 4), ``labels`` (k,); and ``scores``, ``ignored``, ``crowd`` where
        there are any."""
        counts = [len(p["labels"]) for p in pictures]

        def joined(name: str, missing: float, dtype: Any) -> NDArray[Any]:
            """A column of all pictures, ``missing`` where a picture does not have it."""
            parts = [np.asarray(p.get(name, np.full(k, missing)), dtype) for p, k in zip(pictures, counts, strict=True)]
            return np.concatenate(parts) if parts else np.empty(0, dtype)

        corners = [np.asarray(p["boxes"], np.float64).reshape(-1, 4) for p in pictures]
        crowd = joined("crowd", False, bool)
        return cls.checked(
            np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
            np.concatenate(corners) if corners else np.empty((0, 4)),
            joined("labels", 0, np.int64),
            joined("scores", 1.0, np.float64),
            joined("ignored", False, bool) | crowd,
            crowd,
        )

    @classmethod
    def checked(cls, starts: Any, corners: Any, labels: Any, scores: Any, ignored: Any, crowd: Any) -> Boxes:
        """The value, or an error that says which columns do not fit together."""
        sizes = {"corners": len(corners), "labels": len(labels), "scores": len(scores), "starts": int(starts[-1])}
        if len(set(sizes.values())) > 1:
            raise BadInput(f"boxes need as many labels and scores as boxes; got {sizes}")
        if not np.isfinite(scores).all():
            raise BadInput("a score of a box is no number; scores lie between 0 and 1")
        return cls(starts, corners, labels, scores, ignored, crowd)

    def __len__(self) -> int:
        """How many pictures."""
        return len(self.starts) - 1

    @cached_property
    def picture(self) -> NDArray[np.int64]:
        """The picture of each box."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def kept(self, keep: NDArray[np.bool_]) -> Boxes:
        """The boxes of a mask, of the same pictures."""
        starts = np.concatenate([[0], np.cumsum(keep)])[self.starts]
        ignored, crowd = self.ignored[keep], self.crowd[keep]
        return Boxes(starts, self.corners[keep], self.labels[keep], self.scores[keep], ignored, crowd)

    def of_picture(self, position: int) -> slice:
        """Rows of a picture."""
        return slice(int(self.starts[position]), int(self.starts[position + 1]))


def iou(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Intersection over union of boxes (n, 4) and (m, 4) x1 y1 x2 y2."""
    x, y = (np.asarray(v, np.float64).reshape(-1, 4) for v in (a, b))
    return _overlap(x[:, None], y[None, :], np.zeros((1, len(y)), bool))


def _overlap(a: NDArray[np.float64], b: NDArray[np.float64], crowd: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Of pairs: intersection over union; over the area of ``a`` where ``b`` is a crowd."""
    inside = (np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])).clip(0).prod(-1)
    area_a, area_b = ((x[..., 2:] - x[..., :2]).clip(0).prod(-1) for x in (a, b))
    whole = np.where(crowd, area_a, area_a + area_b - inside)
    return np.divide(inside, whole, out=np.zeros(np.broadcast(inside, whole).shape), where=whole > 0)


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Every pair of a detection and a true box of one picture that overlap by at least 0.1.

    Attributes
    ----------
    found_row, truth_row
        (p,) rows of the two tables, by ``found_row``, then ``truth_row``.
    share
        (p,) how much they overlap.
    rank
        (m,) of every detection among those of its picture and class, the surest 0; of equals the first.
    """

    truth: Boxes
    found: Boxes
    found_row: NDArray[np.int64] = field(repr=False)
    truth_row: NDArray[np.int64] = field(repr=False)
    share: NDArray[np.float64] = field(repr=False)
    rank: NDArray[np.int64] = field(repr=False)

    @cached_property
    def same(self) -> NDArray[np.bool_]:
        """Whether both are of one class."""
        return self.found.labels[self.found_row] == self.truth.labels[self.truth_row]


def overlaps(truth: Boxes, found: Boxes) -> Overlaps:
    """Compare all boxes of each picture; about a million pairs at a time, so that 100,000 pictures fit in memory.

    Raises
    ------
    BadInput
        Not as many pictures in both.
    """
    if len(truth) != len(found):
        raise BadInput(f"there are labels of {len(truth):,} pictures and detections of {len(found):,}")
    many = np.diff(truth.starts)[found.picture]  # (m,) true boxes in the picture of each detection
    ends = np.cumsum(many)
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    begin = 0
    while begin < len(many):
        done = ends[begin - 1] if begin else 0
        end = max(int(np.searchsorted(ends, done + PAIRS, side="right")), begin + 1)
        f = np.repeat(np.arange(begin, end), many[begin:end])
        first = np.repeat(ends[begin:end] - many[begin:end] - done, many[begin:end])
        t = truth.starts[:-1][found.picture[f]] + np.arange(len(f)) - first
        share = _overlap(found.corners[f], truth.corners[t], truth.crowd[t])
        near = share >= TOUCH
        rows.append((f[near], t[near], share[near]))
        begin = end
    empty = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    f, t, share = (np.concatenate(c) for c in zip(*(rows or [empty]), strict=True))
    return Overlaps(truth, found, f, t, share, _ranks(found))


def _ranks(found: Boxes) -> NDArray[np.int64]:
    order = np.lexsort((-found.scores, found.labels, found.picture))  # stable: equals stay in their order
    picture, label = found.picture[order], found.labels[order]
    new = np.ones(len(order), bool)
    new[1:] = (picture[1:] != picture[:-1]) | (label[1:] != label[:-1])
    first = np.flatnonzero(new)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - first[np.cumsum(new) - 1] if len(order) else order
    return rank
