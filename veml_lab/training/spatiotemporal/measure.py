"""Errors of forecasts where there is a reading: MAE, RMSE and MAPE, over all and at steps 3, 6 and 12."""

from __future__ import annotations

import numpy as np

from ...errors import BadInput, MissingLabels
from ...versions.data import DataVersion
from ...versions.window import windows
from ..backend import Prediction

STEPS = (3, 6, 12)  # 15, 30 and 60 minutes of 5-minute readings, as in the papers
CHUNK = 256


def forecast_errors(prediction: Prediction, data: DataVersion) -> dict[str, float]:
    """Masked errors of a prediction, in the readings' own units.

    Returns
    -------
    dict
        ``MAE``, ``RMSE``, ``MAPE`` (share; over readings that are not 0), and ``MAE_3``, ``RMSE_3``, ``MAPE_3`` ...
        of the single steps that the horizon has.

    Raises
    ------
    MissingLabels
        Nothing was measured in any horizon.

    Source
    ------
    Y. Li et al., Diffusion convolutional recurrent neural network, 2018, appendix E.2 (missing readings are left out).
    """
    w = windows(data)
    forecast = prediction.values
    due = (len(w), w.horizon, len(w.nodes), len(w.channels))
    if forecast is None or forecast.shape != due:
        raise BadInput(
            f"a forecast for {data.name!r} has the shape {due}, got {None if forecast is None else forecast.shape}"
        )
    sums = np.zeros((5, w.horizon))  # absolute, squared, readings; relative, readings that are not 0
    for start in range(0, len(w), CHUNK):
        part = slice(start, start + CHUNK)
        _, y, mask = w.cut(np.arange(len(w))[part])
        gap = np.where(mask, forecast[part].astype(np.float64) - y, 0.0)
        size = np.abs(np.where(mask, y, 0.0))
        some = size > 1e-6
        share = np.where(some, np.abs(gap) / np.where(some, size, 1.0), 0.0)
        sums += [a.sum(axis=(0, 2, 3)) for a in (np.abs(gap), gap**2, mask, share, some)]
    if not sums[2].sum():
        raise MissingLabels(f"{data.name!r} has no reading in any horizon to measure against")

    def errors(s: np.ndarray, suffix: str) -> dict[str, float]:
        found = {f"MAE{suffix}": s[0] / s[2], f"RMSE{suffix}": np.sqrt(s[1] / s[2])}
        return {k: float(v) for k, v in found.items()} | ({f"MAPE{suffix}": float(s[3] / s[4])} if s[4] else {})

    result = errors(sums.sum(axis=1), "")
    for step in STEPS:
        if step <= w.horizon and sums[2, step - 1]:
            result |= errors(sums[:, step - 1], f"_{step}")
    return result


def errors_of_windows(prediction: Prediction, data: DataVersion) -> np.ndarray:
    """Masked MAE of each window, shape (n,), NaN where nothing was measured: the worst are the bad cases."""
    w = windows(data)
    assert prediction.values is not None
    found = []
    for start in range(0, len(w), CHUNK):
        part = slice(start, start + CHUNK)
        _, y, mask = w.cut(np.arange(len(w))[part])
        gap = np.where(mask, np.abs(prediction.values[part] - y), 0.0).sum(axis=(1, 2, 3))
        seen = mask.sum(axis=(1, 2, 3))
        found.append(np.where(seen > 0, gap / np.maximum(seen, 1), np.nan))
    return np.concatenate(found) if found else np.empty(0)
