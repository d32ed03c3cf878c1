"""Drift: false alarms, power, and every number of the report against its definition."""

import json

import numpy as np
import pytest
from oracles import all_distances
from scipy import stats

from veml_lab.errors import BadData, BadInput
from veml_lab.geometry import coverage
from veml_lab.geometry.coresets import k_center_greedy
from veml_lab.geometry.coverage import covering_ball_drift, covering_balls, spend
from veml_lab.geometry.twosample import Scatter, hotelling, kolmogorov_smirnov, occupancy, permuted

SPREAD = np.arange(1, 33) ** -0.5


def draw(rng, n, kind="none"):
    """Eight clusters with one row in a hundred far away; some kinds of drift."""
    middle = 2 * SPREAD * np.random.default_rng(99).standard_normal((9, 32))
    label = rng.integers(8, size=n)
    if kind == "new cluster":
        label = np.where(rng.random(n) < 0.05, 8, label)
    x = middle[label] + rng.standard_normal((n, 32)) * SPREAD * (1.1 if kind == "wider" else 1)
    far = rng.random(n) < 0.01
    x[far] = 6 * SPREAD * rng.standard_normal((far.sum(), 32))
    return x + 0.3 * (kind == "shifted") * np.eye(32)[2]


def test_hotelling_on_one_dimension_is_the_t_test_and_elsewhere_its_formula():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, (40, 1)), rng.normal(0.5, 1, (25, 1))
    assert hotelling(Scatter.of(a), Scatter.of(b)) == pytest.approx(stats.ttest_ind(a[:, 0], b[:, 0]).pvalue)
    a, b = rng.normal(0, 1, (40, 3)), rng.normal(0.2, 1, (25, 3))
    pooled = (39 * np.cov(a.T) + 24 * np.cov(b.T)) / 63
    gap = a.mean(0) - b.mean(0)
    f = gap @ np.linalg.inv(pooled) @ gap / (1 / 40 + 1 / 25) * (65 - 4) / (63 * 3)
    assert hotelling(Scatter.of(a), Scatter.of(b)) == pytest.approx(stats.f.sf(f, 3, 61))
    assert hotelling(Scatter.of(np.c_[a, a]), Scatter.of(np.c_[b, b])) == pytest.approx(
        stats.f.sf(f, 3, 61)
    )  # no more than rank three
    flat = Scatter.of(np.ones((9, 2)))
    assert hotelling(flat, flat) == 1.0


def test_kolmogorov_smirnov_and_occupancy_are_those_of_scipy():
    rng = np.random.default_rng(1)
    a, b = np.sort(rng.normal(0, 1, 400)), np.sort(rng.normal(0.1, 1, 300).round(1))
    expected = stats.ks_2samp(a, b, method="asymp")
    gap, p = kolmogorov_smirnov(a, b)
    assert gap == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue, rel=0.1)
    counts = np.array([30, 50, 20]), np.array([22, 60, 40])
    assert occupancy(*counts) == pytest.approx(stats.chi2_contingency(counts)[1])
    assert occupancy(np.array([50, 4, 5]), np.array([60, 5, 4])) == pytest.approx(
        stats.chi2_contingency([[50, 9], [60, 9]], correction=False)[1]
    )


def test_permutation_p_values_are_small_no_more_often_than_they_say():
    rng = np.random.default_rng(2)
    p = []
    for _ in range(150):
        x = rng.gamma(2, 1, (60, 4))
        p.append(permuted(x[:35], x[35:], rng, times=99)[1])
    assert stats.kstest(p, "uniform", alternative="greater").pvalue > 0.01
    assert np.mean(p) < 0.65  # nor far too seldom
    assert permuted(x[:35], x[35:] + 3, rng, times=99)[1] <= 0.03


def test_the_papers_two_numbers_are_those_of_its_rule():
    rng = np.random.default_rng(3)
    train, test = draw(rng, 600), draw(rng, 200)
    report = covering_ball_drift(train, test, seed=4)
    centres, core = (k_center_greedy(x, 10, seed=4).points for x in (train, test))
    assert report.distance == pytest.approx(all_distances(core, centres).min(1).mean())
    assert report.radius == pytest.approx(all_distances(train, centres).min(1).max(), rel=1e-6)
    assert report.paper_drifted == (report.distance > report.radius)


@pytest.mark.parametrize("sizes", [(2000, 500), (200, 100)], ids=["asymptotic", "small, by permutation"])
def test_false_alarms_stay_near_the_level(sizes):
    """At 5 %, 160 runs: between none and 16 alarms, which a level of 14 % (no cross-fitting) does not keep."""
    alarms = 0
    for seed in range(160):
        rng = np.random.default_rng(seed)
        alarms += covering_ball_drift(draw(rng, sizes[0]), draw(rng, sizes[1]), seed=seed).drifted
    assert alarms <= 16


@pytest.mark.parametrize("kind", ["shifted", "new cluster", "wider"])
def test_drift_that_the_papers_rule_misses_is_found(kind):
    rng = np.random.default_rng(5)
    balls = covering_balls(draw(rng, 4000), seed=1)
    reports = [balls.drift(draw(rng, 500, kind)) for _ in range(10)]
    assert sum(r.drifted for r in reports) >= 8
    assert sum(r.paper_drifted for r in reports) <= 2


def test_the_report_points_at_what_changed():
    rng = np.random.default_rng(6)
    train, test = draw(rng, 3000), draw(rng, 400)
    test[[10, 20, 30]] = test[[10, 20, 30]] + 50 * np.array([[1], [3], [2]])
    report = covering_ball_drift(train, test, seed=2)
    assert report.outside[:3].tolist() == [20, 30, 10] == report.farthest(3).tolist()
    assert (np.diff(report.outside_distance) <= 0).all() and (report.outside_distance > report.radius_99).all()
    assert report.effect_size == len(report.outside) / 400
    near = all_distances(test, train[report.balls.index])
    np.testing.assert_allclose(report.nearest, near.min(1), rtol=1e-6)
    np.testing.assert_allclose(report.balls.test, np.bincount(near.argmin(1), minlength=report.k) / 400)
    assert report.balls.train.sum() == pytest.approx(1) and report.balls.change.sum() == pytest.approx(0)
    moved = covering_ball_drift(train, draw(rng, 400)[:, ::-1].copy(), seed=2)
    assert moved.drifted and moved.severity == "severe"
    assert covering_ball_drift(train, draw(rng, 400), seed=2).severity == "none"


def test_the_report_reads_well_and_exports():
    rng = np.random.default_rng(7)
    report = covering_ball_drift(draw(rng, 300), draw(rng, 40), k=200)
    data = json.loads(json.dumps(report.to_dict()))
    assert data["p_value"] == report.p_value and len(data["balls"]["test"]) == report.k
    text = repr(report)
    assert "paper's rule  d = " in text and "calibrated    p = " in text
    assert "k reduced from 200 to 37" in text  # a quarter of the half
    assert "p-values from permutations" in text


def test_small_constant_and_duplicate_data_get_an_answer_or_a_clear_error():
    rng = np.random.default_rng(8)
    with pytest.raises(BadInput, match="test has 10 points; a calibrated verdict needs at least 20"):
        covering_ball_drift(draw(rng, 100), draw(rng, 10))
    with pytest.raises(BadInput, match="needs at least 40, half for the laws"):
        covering_ball_drift(draw(rng, 30), draw(rng, 30))
    with pytest.raises(BadInput, match="train has 32 dimensions and test has 5"):
        covering_ball_drift(draw(rng, 100), np.ones((30, 5)))
    with pytest.raises(BadInput, match="share of false alarms"):
        covering_ball_drift(draw(rng, 100), draw(rng, 50), level=5)
    with pytest.raises(BadData, match="test has NaN"):
        covering_ball_drift(draw(rng, 100), np.full((50, 32), np.nan))
    flat = np.ones((400, 3))
    assert not covering_ball_drift(flat, flat).drifted
    assert covering_ball_drift(flat, flat + 1).drifted
    assert covering_ball_drift(flat[:50], flat[:30] + 1).drifted
    twice = np.repeat(draw(rng, 300), 2, axis=0)
    covering_ball_drift(twice, twice)


def test_a_stream_spends_its_level_once():
    assert sum(spend(0.05, i) for i in range(1, 5000)) < 0.05
    rng = np.random.default_rng(10)
    balls = covering_balls(draw(rng, 2000))
    tests = [draw(rng, 300) for _ in range(8)] + [draw(rng, 300, "shifted") + 0.2]
    reports = [balls.drift(test, level=spend(0.05, look)) for look, test in enumerate(tests, 1)]
    assert [r.level for r in reports] == [spend(0.05, i) for i in range(1, 10)]
    assert [r.drifted for r in reports] == [False] * 8 + [True]


def test_the_asymptotic_path_takes_milliseconds_not_permutations(monkeypatch):
    monkeypatch.setattr(coverage, "permuted", None)  # calling it would fail
    rng = np.random.default_rng(12)
    assert covering_balls(draw(rng, 1000)).drift(draw(rng, 400)).n_test == 400
