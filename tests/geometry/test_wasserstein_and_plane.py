"""Gromov-Wasserstein between its bounds, and a plane on which radii can be read."""

import json

import numpy as np
import ot
import pytest
from oracles import all_distances

from veml_lab.errors import BadInput
from veml_lab.geometry.coresets import k_center_greedy
from veml_lab.geometry.projection import covering_plane
from veml_lab.geometry.wasserstein import gromov_wasserstein, loss, solve, third_lower_bound


def shape(seed, n, d):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d)) + 3 * np.eye(d)[rng.integers(2, size=n)]
    c = all_distances(x, x)
    return c / c.mean()


@pytest.mark.parametrize(("n", "m"), [(30, 30), (30, 21)])
def test_the_best_start_is_between_the_lower_bound_and_pots_default(n, m):
    for seed in range(3):
        cx, cy = shape(seed, n, 3), shape(seed + 10, m, 6)
        p, q = np.full(n, 1 / n), np.full(m, 1 / m)
        value, plan, _ = solve(cx, cy, seed=seed, random_starts=5)
        default = ot.gromov.gromov_wasserstein2(cx, cy, p, q, "square_loss")
        assert third_lower_bound(cx, cy)[0] <= value + 1e-9 <= default + 2e-9
        np.testing.assert_allclose(plan.sum(1), p, atol=1e-9)
        np.testing.assert_allclose(plan.sum(0), q, atol=1e-9)
        assert value == pytest.approx(loss(cx, cy, plan))


def test_the_loss_is_its_fourfold_sum():
    cx, cy = shape(0, 7, 2), shape(1, 5, 3)
    plan = np.random.default_rng(0).random((7, 5))
    plan /= plan.sum()
    expected = np.einsum("ijkl,ik,jl->", (cx[:, :, None, None] - cy[None, None]) ** 2, plan, plan)
    assert loss(cx, cy, plan) == pytest.approx(expected)


def test_turning_scaling_and_embedding_a_set_changes_nothing():
    """The same points shuffled, in another unit and with more dimensions: a coupling of loss zero exists."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((40, 3)) * [3, 2, 1]
    order = rng.permutation(40)
    y = 7 * np.c_[x[order], np.zeros((40, 2))] @ np.linalg.qr(rng.standard_normal((5, 5)))[0]
    c = [all_distances(z, z) / all_distances(z, z).mean() for z in (x, y)]
    value, plan, _ = solve(*c)
    assert value == pytest.approx(0, abs=1e-9)
    assert (plan[order, np.arange(40)] > 0.02).all()
    other = gromov_wasserstein(x, rng.standard_normal((40, 30)), k=40, cores=2)
    assert other.lower_bound <= other.value and other.value > 0.01 and other.spread >= 0
    assert json.dumps(other.to_dict()) and "GromovWasserstein" in repr(other)


def test_a_set_of_equal_points_is_refused():
    with pytest.raises(BadInput, match="all points of a set are equal"):
        gromov_wasserstein(np.ones((9, 2)), np.random.default_rng(0).random((9, 3)))


def test_points_are_drawn_inside_a_circle_exactly_if_they_are_inside_its_ball():
    rng = np.random.default_rng(2)
    train, test = rng.standard_normal((3000, 20)), rng.standard_normal((500, 20)) + 0.4
    test[7] += 9
    core = k_center_greedy(train, 8)
    plane = covering_plane(train, test, core, most=200)
    assert plane.centres.shape == (8, 2) and len(plane.train_xy) == len(plane.test_xy) == 200
    assert 7 in plane.test_index
    for x, xy, index, ball in (
        (train, plane.train_xy, plane.train_index, plane.train_ball),
        (test, plane.test_xy, plane.test_index, plane.test_ball),
    ):
        d = all_distances(x[index], core.points)
        np.testing.assert_array_equal(ball, d.argmin(1))
        np.testing.assert_allclose(np.linalg.norm(xy - plane.centres[ball], axis=1), d.min(1), rtol=1e-6)
    assert plane.test_outside.any() and plane.radii.tolist() == [core.radius] * 8
    assert not (
        np.linalg.norm(plane.train_xy - plane.centres[plane.train_ball], axis=1) > core.radius * (1 + 1e-9)
    ).any()
    assert json.dumps(plane.to_dict())


def test_centres_in_a_plane_keep_their_distances():
    flat = np.random.default_rng(3).standard_normal((6, 2)) @ np.random.default_rng(4).standard_normal((2, 9))
    plane = covering_plane(flat, flat, k_center_greedy(flat, 6))
    order = k_center_greedy(flat, 6).index
    np.testing.assert_allclose(
        all_distances(plane.centres, plane.centres), all_distances(flat[order], flat[order]), rtol=1e-3
    )
    for k in (1, 2):
        assert np.isfinite(covering_plane(flat, flat, k_center_greedy(flat, k)).train_xy).all()


def test_distances_in_a_plane_are_met_before_anything_is_moved():
    """Classical scaling: of points that lie in a plane it gives every distance back."""
    from veml_lab.geometry.projection import _stress

    xy = np.random.default_rng(0).normal(size=(7, 2)) + 5
    d = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    for rounds in (0, 200):
        placed = _stress(d, rounds)
        np.testing.assert_allclose(np.linalg.norm(placed[:, None] - placed[None], axis=2), d, atol=1e-5)
    assert _stress(np.zeros((1, 1))).tolist() == [[0, 0]]
    two = _stress(np.array([[0, 3.0], [3.0, 0]]))
    assert abs(two[0, 0] - two[1, 0]) == pytest.approx(3) and two[:, 1].tolist() == [0, 0]
