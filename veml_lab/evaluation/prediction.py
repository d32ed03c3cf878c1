"""What a model says of samples, whoever ran it: a backend, a deployed file, another program's output."""

from __future__ import annotations

from collections.abc import Sequence
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


def joined(parts: Sequence[Prediction]) -> Prediction:
    """Predictions of one model of samples one after the other, as one; at least one part.

    >>> import numpy as np
    >>> joined([Prediction(("a", "b"), np.zeros((n, 2), np.float32)) for n in (3, 1)]).probabilities.shape
    (4, 2)
    """
    import numpy as np

    first = parts[0]
    if first.detections is not None:
        return Prediction(first.classes, detections=[d for p in parts for d in p.detections or ()])
    if first.values is not None:
        return Prediction(first.classes, values=np.concatenate([p.values for p in parts if p.values is not None]))
    return Prediction(
        first.classes, probabilities=np.concatenate([p.probabilities for p in parts if p.probabilities is not None])
    )
