"""Errors of forecasts where there is a reading: MAE, RMSE and MAPE, over all and at steps 3, 6 and 12."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput, MissingLabels
from .metric import MAE, MAPE, RMSE
from .prediction import Prediction
from .truth import Readings, Truth

STEPS = (3, 6, 12)  # 15, 30 and 60 minutes of 5-minute readings, as in the papers
CHUNK = 256


def forecast_errors(prediction: Prediction, truth: Truth) -> dict[str, float]:
    """Masked errors of a prediction, in the readings' own units.

    Returns
    -------
    dict
        ``MAE``, ``RMSE``, ``MAPE`` (share; over readings that are not 0), and ``MAE_3``, ``RMSE_3``, ``MAPE_3`` ...
        of the single steps that the horizon has.

    Raises
    ------
    BadInput, MissingLabels
        A forecast of another shape; nothing was measured in any horizon.

    Source
    ------
    Y. Li et al., Diffusion convolutional recurrent neural network, 2018, appendix E.2 (missing readings are left out).
    """
    readings = _readings(truth)
    sums = np.zeros((5, readings.horizon))  # absolute, squared, readings; relative, readings that are not 0
    for gap, y, mask in _gaps(prediction, readings):
        size = np.abs(np.where(mask, y, 0.0))
        some = size > 1e-6
        share = np.where(some, np.abs(gap) / np.where(some, size, 1.0), 0.0)
        sums += [a.sum(axis=(0, 2, 3)) for a in (np.abs(gap), gap**2, mask, share, some)]
    if not sums[2].sum():
        raise MissingLabels(f"{truth.name!r} has no reading in any horizon to measure against")
    result = _errors(sums.sum(axis=1), 0)
    for step in STEPS:
        if step <= readings.horizon and sums[2, step - 1]:
            result |= _errors(sums[:, step - 1], step)
    return result


def errors_of_windows(prediction: Prediction, truth: Truth) -> NDArray[np.float64]:
    """Masked MAE of each window, shape (n,), NaN where nothing was measured: the worst are the bad cases."""
    found = []
    for gap, _, mask in _gaps(prediction, _readings(truth)):
        seen = mask.sum(axis=(1, 2, 3))
        found.append(np.where(seen > 0, np.abs(gap).sum(axis=(1, 2, 3)) / np.maximum(seen, 1), np.nan))
    return np.concatenate(found) if found else np.empty(0)


def _errors(s: NDArray[np.float64], step: int) -> dict[str, float]:
    values = {MAE: s[0] / s[2], RMSE: np.sqrt(s[1] / s[2])} | ({MAPE: s[3] / s[4]} if s[4] else {})
    return {(m.at(step) if step else m).name: float(v) for m, v in values.items()}


def _readings(truth: Truth) -> Readings:
    if truth.readings is None:
        raise BadInput(f"{truth.name!r} holds no sensor readings; a forecast cannot be measured on it")
    return truth.readings


def _gaps(
    prediction: Prediction, readings: Readings
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]]:
    """Forecast minus reading (0 where nothing was measured), reading, and whether there is one; some windows at a
    time, each (m, horizon, nodes, channels)."""
    forecast = prediction.values
    due = (len(readings), readings.horizon, len(readings.nodes), len(readings.channels))
    if forecast is None or forecast.shape != due:
        raise BadInput(
            f"a forecast for {readings.name!r} has the shape {due}, got {None if forecast is None else forecast.shape}"
        )
    for start in range(0, len(readings), CHUNK):
        part = slice(start, start + CHUNK)
        _, y, mask = readings.cut(np.arange(len(readings))[part])
        yield np.where(mask, forecast[part].astype(np.float64) - y, 0.0), y, mask
