"""Random pictures for the judges: objects, detections near them, crowds, ties, empty ones."""

from __future__ import annotations

from typing import Any

import numpy as np

CLASSES = 4


def pictures(
    n: int, seed: int, *, crowds: bool = True, ties: bool = True, many: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """True boxes and detections of ``n`` pictures, as dicts."""
    rng = np.random.default_rng(seed)
    truth, found = [], []
    for _ in range(n):
        t = int(rng.integers(0, 7))
        corner = rng.uniform(0, 160, (t, 2))
        boxes = np.hstack([corner, corner + rng.uniform(8, 60, (t, 2))])
        if ties and t > 1 and rng.random() < 0.2:
            boxes[1] = boxes[0]  # two objects in one place: equal overlaps
        labels = rng.integers(0, CLASSES, t)
        crowd = (rng.random(t) < 0.2) if crowds else np.zeros(t, bool)
        truth.append({"boxes": boxes, "labels": labels, "crowd": crowd})
        d = int(rng.integers(0, 800 if many else 12))
        near = rng.random(d) < (0.7 if t else 0)
        at = rng.integers(0, max(t, 1), d)
        corner = rng.uniform(0, 160, (d, 2))
        said = np.hstack([corner, corner + rng.uniform(8, 60, (d, 2))])
        said[near] = boxes[at[near]] + rng.normal(0, rng.choice([0.5, 2, 8]), (int(near.sum()), 4))
        said[:, 2:] = np.maximum(said[:, 2:], said[:, :2] + 1)
        names = np.where(near & (rng.random(d) < 0.8), labels[at] if t else 0, rng.integers(0, CLASSES, d))
        scores = np.where(near, rng.beta(5, 2, d), rng.beta(2, 5, d))  # near an object a detector is surer
        if ties:
            scores = np.round(scores, 1)
        found.append({"boxes": said, "labels": names, "scores": scores})
    return truth, found
