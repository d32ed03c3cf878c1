"""Errors of forecasts against plain loops over the readings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from veml_lab.errors import BadInput, MissingLabels
from veml_lab.evaluation import forecasts
from veml_lab.evaluation.forecasts import errors_of_windows, forecast_errors
from veml_lab.evaluation.measures import measure
from veml_lab.evaluation.prediction import Prediction
from veml_lab.evaluation.truth import Truth


@dataclass
class Came:
    """Readings in memory."""

    y: np.ndarray
    name: str = "belt"

    @property
    def horizon(self):
        return self.y.shape[1]

    @property
    def nodes(self):
        return range(self.y.shape[2])

    @property
    def channels(self):
        return range(self.y.shape[3])

    def __len__(self):
        return len(self.y)

    def cut(self, positions=None):
        y = self.y if positions is None else self.y[positions]
        return np.empty(0), y, np.isfinite(y)


@pytest.fixture
def case():
    rng = np.random.default_rng(0)
    y = rng.normal(50, 20, (700, 7, 3, 2))
    y[rng.random(y.shape) < 0.3] = np.nan
    y[rng.random(y.shape) < 0.05] = 0.0
    y[5] = np.nan
    return rng.normal(50, 20, y.shape), y


def by_hand(said, came):
    gaps = [(a - b, b) for a, b in zip(said.ravel(), came.ravel(), strict=True) if b == b]
    some = [abs(g / b) for g, b in gaps if abs(b) > 1e-6]
    return {
        "MAE": sum(abs(g) for g, _ in gaps) / len(gaps),
        "RMSE": (sum(g * g for g, _ in gaps) / len(gaps)) ** 0.5,
        "MAPE": sum(some) / len(some),
    }


def test_errors_over_all_and_at_single_steps_are_counted_where_there_is_a_reading(case):
    said, came = case
    found = forecast_errors(Prediction((), values=said), Truth("belt", readings=Came(came)))
    expected = by_hand(said, came)
    for step in (3, 6):  # the horizon has no step 12
        expected |= {f"{k}_{step}": v for k, v in by_hand(said[:, step - 1], came[:, step - 1]).items()}
    assert found == pytest.approx(expected, rel=1e-9) and next(iter(found)) == "MAE"
    assert measure(Prediction((), values=said), Truth("belt", readings=Came(came))) == found


def test_the_error_of_a_window_is_over_its_readings_and_none_where_there_are_none(case):
    said, came = case
    found = errors_of_windows(Prediction((), values=said), Truth("belt", readings=Came(came)))
    assert np.isnan(found[5]) and len(found) == 700 > 2 * forecasts.CHUNK
    for i in (0, 255, 256, 699):
        assert found[i] == pytest.approx(by_hand(said[i], came[i])["MAE"], rel=1e-9)


def test_a_forecast_of_another_shape_or_without_readings_is_refused(case):
    said, came = case
    with pytest.raises(BadInput, match=r"has the shape \(700, 7, 3, 2\), got \(700, 7, 3, 1\)"):
        errors_of_windows(Prediction((), values=said[..., :1]), Truth("belt", readings=Came(came)))
    with pytest.raises(MissingLabels, match="no reading in any horizon"):
        forecast_errors(Prediction((), values=said), Truth("belt", readings=Came(np.full_like(came, np.nan))))
    with pytest.raises(BadInput, match="no sensor readings"):
        forecast_errors(Prediction((), values=said), Truth("belt"))


def test_readings_that_are_all_nought_have_no_relative_error():
    zeros = np.zeros((2, 1, 1, 1))
    found = forecast_errors(Prediction((), values=zeros + 1), Truth("x", readings=Came(zeros)))
    assert found == {"MAE": 1.0, "RMSE": 1.0}
