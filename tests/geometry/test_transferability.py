"""Scores of a donor's features and outputs, each against what its definition says, computed in another way."""

from __future__ import annotations

import numpy as np
import pytest

from veml_lab.errors import BadData, BadInput
from veml_lab.geometry import transferability as t
from veml_lab.geometry.transferability import SCORES


def made(n=90, d=12, classes=3, apart=1.0, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    middles = rng.normal(size=(classes, d)) * apart
    return (middles[y] + rng.normal(size=(n, d))).astype(np.float32), y


def outputs_of(n=90, classes=4, seed=1):
    p = np.exp(np.random.default_rng(seed).normal(size=(n, classes)) * 2)
    return p / p.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("n", "d", "apart"), [(90, 12, 1.0), (90, 12, 0.0), (30, 50, 1.0)])
def test_logme_is_the_largest_evidence(n, d, apart):
    """The evidence of y ~ N(0, I / beta + F F' / alpha), maximised over both by a general optimiser."""
    from scipy.optimize import minimize

    f, y = made(n, d, apart=apart)
    f = f.astype(np.float64)

    def best(target):
        def negative(v):
            cov = np.eye(n) / np.exp(v[1]) + f @ f.T / np.exp(v[0])
            _, det = np.linalg.slogdet(cov)
            return 0.5 * (det + target @ np.linalg.solve(cov, target) + n * np.log(2 * np.pi)) / n

        starts = ([0.0, 0.0], [3.0, 1.0], [6.0, 2.0], [2.0, 4.0])
        return -min(minimize(negative, s, method="Nelder-Mead", options={"maxiter": 2000}).fun for s in starts)

    due = np.mean([best((y == c).astype(float)) for c in range(3)])
    assert t.logme(f, y) == pytest.approx(due, abs=2e-3)


def test_logme_of_a_regression_has_no_unit():
    f, _ = made()
    target = f[:, :2] @ np.array([[1.0, 0.5], [0.2, 2.0]]) + np.random.default_rng(0).normal(size=(90, 2)) * 0.1
    assert t.logme(f, target * 1000 + 7) == pytest.approx(t.logme(f, target))
    shuffled = np.random.default_rng(1).permutation(target)
    assert t.logme(f, target) > t.logme(f, shuffled) + 1


def test_the_h_score_is_the_trace_of_its_definition():
    from sklearn.covariance import ledoit_wolf

    f, y = made()
    f = f - f.mean(axis=0)
    total, shrunk = ledoit_wolf(f, assume_centered=True)
    between = np.cov(np.stack([f[y == c].mean(axis=0) for c in y]).T, bias=True)
    assert t.h_score(f + 5, y) == pytest.approx((1 - shrunk) * np.trace(np.linalg.inv(total) @ between), rel=1e-4)


def test_the_probe_is_a_ridge_that_is_fitted_without_each_sample():
    f, y = made(40, 6, apart=0.6)
    f = f.astype(np.float64)
    x = f - f.mean(axis=0)
    shares = []
    for share in np.logspace(-4, 1, 9):
        penalty = share * (np.linalg.svd(x, compute_uv=False) ** 2).mean()
        right = 0
        for i in range(len(x)):
            # an intercept that is not punished: a column of ones, no penalty on it
            a = np.column_stack([x, np.ones(len(x))])
            rest = np.delete(np.arange(len(x)), i)
            punish = penalty * np.diag([1.0] * 6 + [0.0])
            weights = np.linalg.solve(a[rest].T @ a[rest] + punish, a[rest].T @ np.eye(3)[y[rest]])
            right += (a[i] @ weights).argmax() == y[i]
        shares.append(right / len(x))
    assert t.probe(f, y) == pytest.approx(max(shares), abs=1e-9)


def test_the_neighbours_vote():
    f, y = made(60, 5, apart=0.8)
    right = 0
    for i in range(60):
        order = [j for j in np.argsort(((f - f[i]) ** 2).sum(axis=1), kind="stable") if j != i][:5]
        votes = {}
        for place, j in enumerate(order):
            votes.setdefault(y[j], []).append(place)
        # most votes; among equals the one whose voters are nearer
        winner = max(votes, key=lambda c: (len(votes[c]), -sum(votes[c])))
        right += winner == y[i]
    assert t.neighbours(f, y) == pytest.approx(right / 60)


def test_separation_is_within_over_between():
    f = np.array([[0.0, 0], [2, 0], [10, 0], [12, 0]])
    # within: squares of 1 each; between: (5, 0) from the middle
    assert t.separation(f, np.array([0, 0, 1, 1])) == pytest.approx(-1 / 25)


def test_leep_and_nce_by_their_definitions():
    p, y = outputs_of(), made()[1]
    leep = 0.0
    for i in range(90):
        leep += np.log(
            sum(
                p[i, z] * p[y == y[i], z].sum() / p[:, z].sum()  # P(y | z) times what is said of z
                for z in range(4)
            )
        )
    assert t.leep(p, y) == pytest.approx(leep / 90)
    said = p.argmax(axis=1)
    entropy = 0.0
    for z in range(4):
        for c in range(3):
            both = ((said == z) & (y == c)).mean()
            if both:
                entropy -= both * np.log(both / (said == z).mean())
    assert t.nce(p, y) == pytest.approx(-entropy)


def test_a_sure_donor_scores_higher_without_labels():
    p = outputs_of()
    assert t.sureness(np.eye(4)[p.argmax(axis=1)]) == pytest.approx(0)
    assert t.sureness(np.full((5, 4), 0.25)) == pytest.approx(-np.log(4))
    assert t.sureness(p) < 0


@pytest.mark.parametrize("name", [s.name for s in SCORES.values() if s.labelled])
def test_a_good_donor_scores_above_a_bad_one_whatever_the_classes_are_called(name):
    score = SCORES[name]
    _, y = made()
    if score.needs == "features":
        good, bad = made(apart=2.0)[0], made(apart=0.0)[0]
    else:
        good, bad = np.eye(3)[y] * 0.9 + 0.1 / 3, outputs_of()
    assert score.of(good, y) > score.of(bad, y)
    assert score.of(good, 7 - 3 * y) == pytest.approx(score.of(good, y), rel=1e-6)


@pytest.mark.parametrize("name", [s.name for s in SCORES.values() if s.needs == "features"])
def test_constant_columns_and_single_samples_of_a_class_do_no_harm(name):
    f, y = made()
    y = y.copy()
    y[0] = 9  # a class of one sample
    with_constant = np.column_stack([f, np.zeros(len(f)), np.full(len(f), 3.0)])
    assert np.isfinite(SCORES[name].of(with_constant, y))
    assert np.isfinite(SCORES[name].of(np.ones((90, 4)), y))


@pytest.mark.parametrize("name", list(SCORES))
def test_one_class_is_too_few_and_labels_must_fit(name):
    score = SCORES[name]
    if not score.labelled:
        pytest.skip("needs no labels")
    x = made()[0] if score.needs == "features" else outputs_of()
    with pytest.raises(BadData, match="at least 2 classes"):
        score.of(x, np.zeros(90, int))
    with pytest.raises(BadInput, match="90 samples need one label each"):
        score.of(x, np.zeros(3, int))


@pytest.mark.parametrize("bad", [np.ones(5), np.full((5, 2), np.nan), -np.ones((5, 2)), np.zeros((5, 2))])
def test_outputs_that_are_no_probabilities_are_said(bad):
    with pytest.raises(BadData, match="probabilities"):
        t.leep(bad, np.array([0, 1, 0, 1, 0]))


def test_the_label_distance_sees_what_the_labels_say():
    """The same points with the classes swapped about are apart for it, and for no measure of points alone."""
    f, y = made(120, 5, apart=4.0)
    assert t.label_distance(f, y, f, y) == pytest.approx(0, abs=1e-3)
    torn = y.copy()
    torn[::2] = (torn[::2] + 1) % 3
    assert t.label_distance(f, y, f, torn) > 1
    assert t.label_distance(f, y, f, (y + 1) % 3) == pytest.approx(0, abs=1e-3)  # other names of the same classes
    assert t.label_distance(f, y, f + 3, y) == pytest.approx(t.label_distance(f + 3, y, f, y))


def test_the_label_distance_of_two_normal_laws_is_in_closed_form():
    """One class each: the transport of points, plus the distance of the laws, in squares."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=(200, 3))
    b = a + np.array([3.0, 0, 0])
    # points move by 3, and so do the laws: 9 + 9
    one = np.zeros(200, int)
    assert t.label_distance(a, one, b, one) == pytest.approx(np.sqrt(18), rel=1e-3)


def test_the_label_distance_of_many_dimensions_is_that_of_the_main_ones():
    f, y = made(100, 5, apart=4.0)
    g, z = made(100, 5, apart=4.0, seed=3)
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(300, 5)))[0].T  # the same points, turned into 300
    assert t.label_distance(f @ turn, y, g @ turn, z) == pytest.approx(t.label_distance(f, y, g, z), rel=1e-3)
    with pytest.raises(BadInput, match="one space"):
        t.label_distance(f, y, g @ turn, z)
