"""Early stopping knows which way its monitor is better."""

from __future__ import annotations

import math

import pytest
import torch

from veml_lab.evaluation.metric import Metric
from veml_lab.training.guard import Patience


def run(monitor, values, patience=2):
    """The epoch that is kept, its value, and the epoch after which it ended (None: never)."""
    seen, end = Patience(patience, monitor), None
    for epoch, value in enumerate(values, 1):
        metrics = {} if value is None else {monitor: value}
        if seen.seen(epoch, metrics, lambda e=epoch: {"w": torch.tensor(float(e))}):
            end = epoch
            break
    return (int(seen.best["w"]), seen.value, end)


@pytest.mark.parametrize(("monitor", "values", "kept"), [
    ("accuracy", [0.1, 0.5, 0.4, 0.3, 0.9], (2, 0.5, 4)),
    ("mAP50", [0.5, 0.5, 0.5], (1, 0.5, 3)),
    ("validation_loss", [0.9, 0.5, 0.6, 0.7, 0.1], (2, 0.5, 4)),
    ("held_out_loss", [1.0, 0.9, 0.8, 0.7], (4, 0.7, None)),
    ("MAE", [3.0, 2.0, 2.5, 2.5], (2, 2.0, 4)),
    ("RMSE_3", [3.0, 3.5, 3.5], (1, 3.0, 3)),
    ("accuracy", [math.nan, 0.1, math.nan, 0.05], (2, 0.1, 4)),
    ("validation_loss", [None, 0.5, None, 0.4], (4, 0.4, None)),
])  # fmt: skip
def test_the_best_epoch_is_kept_and_patience_ends_the_training(monitor, values, kept):
    assert run(monitor, values) == kept


def test_a_metric_that_a_backend_declared_is_watched_its_own_way():
    seen = Patience(1, Metric("surprise", "lower"))
    assert [seen.seen(e, {"surprise": v}, dict) for e, v in ((1, 3.0), (2, 2.0), (3, 2.5))] == [False, False, True]
    assert (seen.epoch, seen.value) == (2, 2.0)


def test_without_patience_nothing_is_kept_and_nothing_ends():
    seen = Patience(None, "accuracy")
    assert not any(seen.seen(e, {"accuracy": 0.0}, dict) for e in range(1, 9)) and seen.best == {}
