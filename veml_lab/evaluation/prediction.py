"""What a model says of samples, whoever ran it: a backend, a deployed file, another program's output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Prediction:
    """What a model says of a data version, in ID order.

    Attributes
    ----------
    classes
        Class names; column or label ``j`` is ``classes[j]``.
    probabilities
        float32 (n, c) for classification, else None.
    detections
        For detection one dict a sample: ``boxes`` (m, 4) x1 y1 x2 y2 in pixels of the stored image,
        ``scores`` (m,), ``labels`` (m,); else None.
    values
        For forecasting float32 (n, horizon, nodes, channels) in the readings' own units, else None.
    """

    classes: tuple[str, ...]
    probabilities: np.ndarray | None = None
    detections: list[dict[str, np.ndarray]] | None = None
    values: np.ndarray | None = None
