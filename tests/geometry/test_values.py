"""Values that can be checked by head: each test was seen to fail on a small fault planted in the code."""

from __future__ import annotations

import numpy as np
import pytest

from veml_lab.geometry import coverage, lazy, measures, ranking
from veml_lab.geometry.clusters import k_means
from veml_lab.geometry.coresets import CoreSet
from veml_lab.geometry.similarity import compare
from veml_lab.geometry.wasserstein import gromov_wasserstein


def core(points, mass) -> CoreSet:
    points, mass = np.asarray(points, float), np.asarray(mass, float)
    return CoreSet(np.arange(len(points)), points, 0.0, np.zeros(len(points)), "made", 0, mass / mass.sum())


def test_sliced_wasserstein_takes_weights_in_the_order_of_the_values():
    """A quarter of the mass at 0 and the rest at 1, against all of it at 0: W2 squared is 3/4."""
    a, b, one = np.array([[1.0], [0.0]]), np.array([[0.0]]), np.array([[1.0]])
    found = measures.sliced_wasserstein(a, b, np.array([0.75, 0.25]), np.array([1.0]), one)
    assert found == pytest.approx(np.sqrt(0.75), abs=0.01)


def test_gromov_wasserstein_does_not_see_the_unit():
    x = np.random.default_rng(0).standard_normal((12, 3))
    assert gromov_wasserstein(x, 50 * x).value == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("mirror", [1, -1])
def test_halves_are_cut_at_the_weighted_median(mirror):
    """Three light points and a heavy one far out: the halves are the three and the one, whichever way the axis runs."""
    points = mirror * np.array([[0.0], [1.0], [2.0], [9.0]])
    found = ranking._between_halves(core(points, [1, 1, 1, 7]), "wasserstein", True)
    assert found == pytest.approx(8.0)


def test_weights_count_where_they_are_asked_for():
    """The same two places, nine to one and one to nine: equal as places, four fifths of the way apart as masses."""
    x, y = (np.repeat([[0.0], [5.0]], counts, axis=0) for counts in ([90, 10], [10, 90]))
    options = {"measures": ["wasserstein"], "k_robust": 2}
    assert compare({"x": x, "y": y}, **options).matrix("wasserstein")[0, 1] == pytest.approx(0.0, abs=1e-6)
    weighted = compare({"x": x, "y": y}, weighted=True, **options)
    assert weighted.matrix("wasserstein")[0, 1] == pytest.approx(0.8 * 5)


@pytest.mark.parametrize("measure, limit", [("energy", 0.25), ("sliced-wasserstein", 0.5), ("wasserstein", 0.75)])
def test_a_length_has_another_threshold_than_its_square(measure, limit):
    rng = np.random.default_rng(1)
    sets = {n: rng.standard_normal((60, 2)) + 5 * i for i, n in enumerate("abc")}
    assert ranking.rank(compare(sets, measures=[measure]), "a", measure=measure).threshold == limit


def test_the_cap_of_each_ball_leaves_one_in_a_hundred_above():
    balls = coverage.covering_balls(np.random.default_rng(0).standard_normal((2000, 4)), k=8)
    above = (balls.held_out > balls.cap).mean(axis=0)
    assert (np.abs(above - 0.01) <= 0.0015).all()


def test_one_in_a_hundred_of_the_same_distribution_lies_outside():
    x = np.random.default_rng(3).standard_normal((8000, 4))
    report = coverage.covering_ball_drift(x[:4000], x[4000:])
    assert report.effect_size == pytest.approx(0.01, abs=0.007)


@pytest.mark.parametrize(
    "strength, word",
    [(0.0, "slight"), (0.099, "slight"), (0.1, "moderate"), (0.299, "moderate"), (0.3, "severe"), (1.0, "severe")],
)
def test_words_of_severity_begin_where_they_are_documented(strength, word):
    assert coverage.severity(strength) == word


def test_of_equal_values_left_outside_the_working_set_the_first_row_is_remembered():
    """The lowest row wins a tie in float64 greedy, so it must be known even when the tie lies outside."""
    nearest = np.array([0.0, 2.0, 2.0, 1.0, 2.0])
    rows, outside, row = lazy._working_set(np.array([1, 2]), nearest, 1, 2.0, 4)
    assert (rows.tolist(), outside, row) == ([1], 2.0, 2)
    rows, outside, row = lazy._working_set(np.array([2, 4]), nearest, 1, 2.0, 1)
    assert (rows.tolist(), outside, row) == ([2], 2.0, 1)


def test_k_means_learnt_on_a_part_gives_every_row_its_nearest_centre():
    x = np.random.default_rng(0).standard_normal((300, 3)) + 8 * (np.arange(300) % 4)[:, None]
    centres, label = k_means(x, 4, seed=1, sample=100)
    assert label.tolist() == ((x[:, None] - centres[None]) ** 2).sum(2).argmin(1).tolist()
    assert len(set(label.tolist())) == 4
