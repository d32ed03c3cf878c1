"""Domain adaptation: a trained network meets new data without labels.

One training loop (:mod:`.backend`) over methods that only say what their loss is. A plan of this
backend carries ``hyper["adapt"] = {"method": ..., "to": <data version ID>}``.
"""

from __future__ import annotations

__all__ = ["ADAPTATIONS"]

# name -> (what it does, tasks); the classes are in .alignment, .statistics and .teacher
ADAPTATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "adabn": (
        "batch-norm statistics of the new data, no training at all: the cheap baseline",
        ("classification", "detection"),
    ),
    "coral": ("old labels, and features whose covariance is aligned with the new data's", ("classification",)),
    "dann": ("old labels, and features by which an adversary cannot tell old from new", ("classification",)),
    "self-training": (
        "old labels, and the sure answers of a slow copy of the network on the new data",
        ("classification",),
    ),
    "mean-teacher": (
        "the same for boxes: old labels, and the sure boxes of a slow copy of the network",
        ("detection",),
    ),
}
