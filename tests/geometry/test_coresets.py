"""What a core set promises, whichever method chose it."""

import pickle

import numpy as np
import pytest
import torch
from oracles import all_distances, greedy_float64

from veml_lab.errors import BadData, BadInput, UnknownName
from veml_lab.geometry.coresets import (
    METHODS,
    assign,
    core_set,
    from_index,
    k_center_greedy,
    typiclust,
)


@pytest.fixture(scope="module")
def cloud():
    """Ten clusters of different size and spread, with one row in a hundred far away."""
    rng = np.random.default_rng(0)
    middle = 4 * rng.standard_normal((10, 12))
    label = rng.choice(10, 1500, p=rng.dirichlet(np.ones(10) * 4))
    x = middle[label] + rng.uniform(0.5, 1.5, 10)[label, None] * rng.standard_normal((1500, 12))
    far = rng.choice(1500, 15, replace=False)
    x[far] *= 8
    return x.astype(np.float32), label, far


@pytest.mark.parametrize("method", METHODS)
def test_a_core_set_tells_the_truth_about_itself(cloud, method):
    """Radii, points and masses against all distances by brute force, at full length and for a prefix."""
    x, _, _ = cloud
    core = core_set(x, 25, method=method, seed=3)
    assert len(core) == len(set(core.index.tolist())) == 25
    assert core.method == method
    for c in (core, core.prefix(7)):
        d = all_distances(x, x[c.index])
        np.testing.assert_array_equal(c.points, x[c.index])
        np.testing.assert_allclose(c.radius, d.min(axis=1).max(), rtol=1e-6)
        np.testing.assert_allclose(c.radii, [d[:, : j + 1].min(1).max() for j in range(len(c))], rtol=1e-6)
        np.testing.assert_allclose(c.mass, np.bincount(d.argmin(1), minlength=len(c)) / len(x))
    assert core_set(x, 25, method=method, seed=3).index.tolist() == core.index.tolist()


@pytest.mark.parametrize("method", [m for m in METHODS if m not in ("k-center", "random")])
def test_outliers_do_not_decide_a_robust_core_set(cloud, method):
    """The paper's greedy spends its first ten centres on far rows; these hardly any, and k-means a few."""
    x, _, far = cloud
    paper = np.isin(core_set(x, 10, seed=1).index, far).sum()
    robust = np.isin(core_set(x, 10, method=method, seed=1).index, far).sum()
    assert paper >= 8
    assert robust <= (5 if method == "k-means-medoids" else 2)


def test_one_run_serves_every_smaller_k(cloud):
    x, _, _ = cloud
    long = k_center_greedy(x, 60, seed=4)
    for k in (1, 9, 60):
        short = k_center_greedy(x, k, seed=4)
        assert long.prefix(k).index.tolist() == short.index.tolist()
        assert long.prefix(k).radius == pytest.approx(short.radius, rel=1e-12)


def test_a_stored_core_set_keeps_its_masses_and_forgets_the_data(cloud):
    x, _, _ = cloud
    core = k_center_greedy(x, 20, seed=1)
    stored = pickle.dumps(core)
    assert len(stored) < 10_000 < x.nbytes
    again = pickle.loads(stored)
    np.testing.assert_array_equal(again.mass, core.mass)
    assert again.prefix(5).mass.sum() == pytest.approx(1)
    assert repr(again) == repr(core)


def test_starts_random_medoid_given_and_best_of_several(cloud):
    x, _, _ = cloud
    assert k_center_greedy(x, 3, start=77).index[0] == 77
    assert k_center_greedy(x, 3, seed=9).index[0] == np.random.default_rng(9).integers(len(x))
    medoid = ((x.astype(float) - x.astype(float).mean(0)) ** 2).sum(1).argmin()
    assert k_center_greedy(x, 3, start="medoid").index[0] == medoid
    even = np.random.default_rng(0).random((500, 3))
    each = [k_center_greedy(even, 8, seed=s).radius for s in range(5)]
    assert min(each) < max(each)
    assert k_center_greedy(even, 8, starts=5).radius == min(each)


def test_new_centres_are_far_from_labelled_rows(cloud):
    x, _, _ = cloud
    labelled = np.array([5, 900, 33])
    core = k_center_greedy(x, 12, labelled=labelled)
    index, radii = greedy_float64(x, 12, -1, before=labelled)
    assert core.index.tolist() == index.tolist()
    np.testing.assert_allclose(core.radii, radii, rtol=1e-6)
    for chosen in (core_set(x, 12, method="probcover", labelled=labelled), typiclust(x, 12, labelled=labelled)):
        assert not set(chosen.index) & set(labelled)


def test_typiclust_visits_every_cluster_once_and_none_that_is_labelled():
    rng = np.random.default_rng(0)
    label = np.repeat(np.arange(6), 100)
    x = 50 * np.eye(6)[label] + rng.standard_normal((600, 6))
    assert sorted(label[typiclust(x, 6, seed=2).index]) == list(range(6))
    assert set(label[typiclust(x, 3, seed=2, labelled=[0, 250, 599]).index]) == {1, 3, 4}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_assignment_is_the_nearest_point_lowest_first(cloud, dtype):
    x = cloud[0].astype(dtype)
    points = np.concatenate([x[:40], x[3:5]])  # 40 and 41 repeat 3 and 4
    index, distance = assign(x, points)
    d = all_distances(x, points)
    np.testing.assert_array_equal(index, d.argmin(axis=1))
    np.testing.assert_allclose(distance, d.min(axis=1), rtol=1e-12)
    assert index[3] == 3 and distance[3] == 0


@pytest.mark.parametrize("make", [torch.from_numpy, lambda a: torch.from_numpy(a).half(), np.asfortranarray, list])
def test_tensors_lists_and_any_memory_order_are_points(cloud, make):
    x = cloud[0][:200]
    given = make(x)
    expected = greedy_float64(np.asarray(given.float() if hasattr(given, "float") else given), 5, 0)[0]
    assert k_center_greedy(given, 5, start=0).index.tolist() == expected.tolist()


def test_bad_input_says_what_to_do(cloud):
    x, _, _ = cloud
    with pytest.raises(BadInput, match="k=2000 centres were asked of 1500 samples"):
        k_center_greedy(x, 2000)
    with pytest.raises(BadInput, match="give a whole number"):
        k_center_greedy(x, 0)
    with pytest.raises(BadInput, match="is empty"):
        k_center_greedy(np.empty((0, 4)), 1)
    with pytest.raises(BadInput, match="one row per sample"):
        k_center_greedy(np.ones(4), 1)
    with pytest.raises(BadData, match="give numbers"):
        k_center_greedy([["a", "b"]], 1)
    with pytest.raises(BadInput, match="'medoid'"):
        k_center_greedy(x, 3, start="center")
    with pytest.raises(BadInput, match="names row 1500"):
        k_center_greedy(x, 3, labelled=[1500])
    with pytest.raises(UnknownName, match="known: probcover"):
        core_set(x, 3, method="probcovr")
    bad = x.copy()
    bad[7, 0] = np.nan
    for method in METHODS:
        with pytest.raises(BadData, match="rows 7"):
            core_set(bad, 3, method=method)
    with pytest.raises(BadInput, match="dimensions"):
        assign(x, x[:, :3])


def test_more_centres_than_distinct_points_go_on_with_duplicates():
    x = np.repeat([[0.0], [1.0], [5.0]], 4, axis=0)
    core = k_center_greedy(x, 10, start=6)
    assert core.index.tolist() == greedy_float64(x, 10, 6)[0].tolist()
    assert core.radius == 0 and core.radii[2] == 0
    for method in METHODS:
        assert len(core_set(x, 10, method=method)) == 10
    assert from_index(x, [0, 4]).radius == 4


def test_probcover_and_facility_location_are_the_greedy_of_their_definitions(cloud):
    """Brute force: recount the uncovered rows, resum the similarities, at every step."""
    x = cloud[0][:300]
    d = all_distances(x, x)
    covered, expected = np.zeros(300, bool), []
    while (d <= 6.0)[:, ~covered].sum(axis=1).max() > 0 and len(expected) < 60:  # balls overlap in the end
        expected.append(int((d <= 6.0)[:, ~covered].sum(axis=1).argmax()))
        covered |= d[expected[-1]] <= 6.0
    assert core_set(x, len(expected), method="probcover", radius=6.0).index.tolist() == expected
    similar, served, expected = d.max() - d, np.zeros(300), []
    for _ in range(8):
        expected.append(int(np.maximum(similar - served[:, None], 0).sum(axis=0).argmax()))
        served = np.maximum(served, similar[:, expected[-1]])
    assert core_set(x, 8, method="facility-location").index.tolist() == expected
