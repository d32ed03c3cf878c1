"""The box in which a search draws its next point: moved inside the cube, never cut."""

from __future__ import annotations

import numpy as np
import pytest

optuna = pytest.importorskip("optuna")

from veml_lab.tuning.samplers import RecursiveRandom  # noqa: E402
from veml_lab.tuning.study import _pruner  # noqa: E402


@pytest.mark.parametrize("centre, low", [(0.0, 0.0), (0.1, 0.0), (0.15, 0.0), (0.5, 0.35), (0.85, 0.7), (1.0, 0.7)])
def test_a_box_around_a_point_lies_inside_and_keeps_its_size(centre, low):
    of = optuna.distributions
    space = {"lr": of.FloatDistribution(0, 1), "kind": of.CategoricalDistribution("abc")}
    sampler, rng = RecursiveRandom(space, seed=0), np.random.default_rng(0)
    points = [sampler._near({"lr": centre, "kind": 1.0}, 0.3, rng) for _ in range(400)]
    drawn = np.array([p["lr"] for p in points])
    assert drawn.min() >= low and drawn.max() <= low + 0.3
    assert drawn.min() < low + 0.02 and drawn.max() > low + 0.28
    other = np.mean([p["kind"] != 1.0 for p in points])
    assert 0.1 < other < 0.3  # a third of three tenths stays what it was


def test_pruners_are_those_of_optuna_with_our_numbers():
    halving = _pruner("halving")
    assert isinstance(halving, optuna.pruners.SuccessiveHalvingPruner)
    assert (halving._min_resource, halving._reduction_factor) == (1, 3)
    assert isinstance(_pruner("none"), optuna.pruners.NopPruner)
    assert isinstance(_pruner("median"), optuna.pruners.MedianPruner)
