"""Values that can be checked by head: each test was seen to fail on a small fault planted in the code."""

from __future__ import annotations

import numpy as np
import pytest

from veml_lab.errors import BadInput
from veml_lab.geometry import coverage, lazy, measures, points, ranking, selection
from veml_lab.geometry.clusters import k_means
from veml_lab.geometry.coresets import CoreSet, k_center_greedy
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


def test_limits_that_are_just_reached_are_kept_and_not_spoken_of():
    rng = np.random.default_rng(0)
    train, few = rng.standard_normal((600, 3)), rng.standard_normal((25, 3))
    half = coverage.covering_balls(train, k=1000)
    assert half.notes[0].startswith("k reduced from 1000 to ")
    most = len(half.cap)
    assert coverage.covering_balls(train, k=most).notes == ()
    assert coverage.covering_balls(train, k=most + 1).notes != ()
    balls = coverage.covering_balls(train, k=4, paper_k=25)
    assert not any("paper" in note for note in balls.drift(few).notes)
    assert "the paper's rule uses 24 test centres" in " ".join(balls.drift(few[:24]).notes)


@pytest.mark.parametrize("k", [{"k": 0}, {"paper_k": 0}, {"paper_k": -1}])
def test_no_centre_is_too_few(k):
    with pytest.raises(BadInput, match=f"^{next(iter(k))} is {next(iter(k.values()))};"):
        coverage.covering_balls(np.random.default_rng(0).standard_normal((100, 2)), **k)


def test_all_that_is_not_labelled_can_be_chosen_and_not_one_more():
    x = np.arange(12.0)[:, None]
    found = k_center_greedy(x, 9, labelled=[0, 5, 11])
    assert sorted(found.index) == [i for i in range(12) if i not in (0, 5, 11)]
    with pytest.raises(BadInput, match="k=10 new samples were asked, but only 9 of 12"):
        k_center_greedy(x, 10, labelled=[0, 5, 11])


def test_rows_of_the_second_block_are_found_where_they_are(monkeypatch):
    """The nearest row to a mean, when the distances are computed 64 rows at a time."""
    x = np.random.default_rng(3).standard_normal((300, 2)) + np.repeat([[0, 0], [40, 0], [0, 40]], 100, axis=0)
    whole = selection.k_means_medoids(x, 3)
    monkeypatch.setattr(points, "CHUNK_BYTES", 1)
    assert selection.k_means_medoids(x, 3).tolist() == whole.tolist()
    assert sorted(whole // 100) == [0, 1, 2]


def test_facility_location_goes_on_to_the_last_row_in_the_order_of_what_each_adds():
    x = np.array([0.0, 1, 2, 10, 11, 12, 30, 31, 50])[:, None]
    similar = np.abs(x - x.T).max() - np.abs(x - x.T)
    served, gains = np.zeros(9), []
    found = selection.facility_location(x, 9)
    assert sorted(found) == list(range(9))
    for j in found:
        left = [np.maximum(similar[:, i] - served, 0).sum() for i in range(9)]
        assert left[j] == pytest.approx(max(left))
        gains.append(left[j])
        served = np.maximum(served, similar[:, j])
