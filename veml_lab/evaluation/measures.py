"""The numbers of a prediction against what is labelled: what every backend's ``measure`` gives."""

from __future__ import annotations

import numpy as np

from ..errors import BadInput, MissingLabels
from .boxes import Boxes
from .forecasts import forecast_errors
from .metric import ACCURACY, LOSS
from .precision import map_of
from .prediction import Prediction
from .truth import Truth


def measure(prediction: Prediction, truth: Truth) -> dict[str, float]:
    """Accuracy and loss of classes, mean average precisions of boxes, errors of a forecast.

    Raises
    ------
    BadInput, MissingLabels
        A prediction of another task; samples without a label, or none at all.
    """
    if prediction.values is not None:
        return forecast_errors(prediction, truth)
    if prediction.probabilities is not None and truth.labels is not None:
        return _accuracy(prediction, truth)
    if prediction.detections is None or truth.boxes is None:
        raise BadInput(f"the prediction and the labels of {truth.name!r} are of different tasks")
    if not len(truth.boxes.labels):
        raise MissingLabels(f"{truth.name!r} has no boxes to measure against; label some samples first")
    return map_of(truth.boxes, Boxes.of(prediction.detections), len(truth.classes))


def _accuracy(prediction: Prediction, truth: Truth) -> dict[str, float]:
    """Share of samples whose most probable class is the labelled one (a class unknown to the model counts as wrong),
    and the mean negative log-likelihood of those whose class it knows."""
    p, labels = prediction.probabilities, truth.labels
    assert p is not None and labels is not None
    without = int((labels < 0).sum())
    if without:
        raise MissingLabels(f"{without:,} of {len(labels):,} samples of {truth.name!r} have no class; label them first")
    known = np.flatnonzero(labels < p.shape[1])
    loss = -np.log(np.clip(p[known, labels[known]], 1e-9, 1))
    found = {ACCURACY.name: float((p.argmax(1) == labels).mean())}
    return found | ({LOSS.name: float(loss.mean())} if len(loss) else {})
