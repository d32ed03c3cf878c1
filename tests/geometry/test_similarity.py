"""Measures against SciPy, POT and closed forms; the comparison and the ranking against known truth."""

import json

import numpy as np
import ot
import pytest
from oracles import all_distances
from scipy import stats

from veml_lab.errors import BadData, BadInput, UnknownName
from veml_lab.geometry import measures, similarity
from veml_lab.geometry.coresets import k_center_greedy
from veml_lab.geometry.ranking import rank
from veml_lab.geometry.similarity import MEASURES, compare, robust_core


@pytest.fixture(scope="module")
def worlds():
    """Four sets of ten clusters; the share of clusters in common with ``a`` falls: all, seven, three, none."""
    rng = np.random.default_rng(0)
    middle = 2.5 * rng.standard_normal((30, 16))
    shared = {
        "a": range(10),
        "b": range(10),
        "c": [*range(7), 10, 11, 12],
        "d": [*range(3), *range(13, 20)],
        "e": range(20, 30),
    }
    return {
        n: (middle[rng.choice(list(which), 800)] + rng.standard_normal((800, 16))).astype(np.float32)
        for n, which in shared.items()
    }


def weights(rng, n):
    w = rng.random(n) + 0.1
    return w / w.sum()


def test_measures_on_a_line_are_those_of_scipy():
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, (40, 1)), rng.normal(1, 2, (30, 1))
    wa, wb = weights(rng, 40), weights(rng, 30)
    line = (a[:, 0], b[:, 0], wa, wb)
    assert measures.energy(a, b, wa, wb) == pytest.approx(stats.energy_distance(*line) ** 2)
    assert measures.wasserstein(a, b, wa, wb) == pytest.approx(stats.wasserstein_distance(*line))


def test_sliced_wasserstein_on_equal_sizes_is_that_of_pot():
    rng = np.random.default_rng(2)
    a, b = rng.normal(0, 1, (200, 5)), rng.normal(1, 2, (200, 5))
    axes = rng.standard_normal((64, 5))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    u = np.full(200, 1 / 200)
    expected = ot.sliced_wasserstein_distance(a, b, projections=axes.T, p=2)
    assert measures.sliced_wasserstein(a, b, u, u, axes) == pytest.approx(expected, rel=1e-6)


def test_mmd_is_its_double_sum():
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 1, (20, 3)), rng.normal(1, 1, (15, 3))
    wa, wb = weights(rng, 20), weights(rng, 15)

    def mean(p, q, wp, wq):
        return wp @ np.exp(-(all_distances(p, q) ** 2) / (2 * 1.3**2)) @ wq

    expected = mean(a, a, wa, wa) + mean(b, b, wb, wb) - 2 * mean(a, b, wa, wb)
    assert measures.mmd(a, b, wa, wb, 1.3) == pytest.approx(expected)


def test_frechet_of_normal_laws_with_common_axes_has_a_closed_form():
    rng = np.random.default_rng(4)
    turn = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    sa, sb, ma, mb = rng.random(5) + 0.1, rng.random(5) + 0.1, rng.standard_normal(5), rng.standard_normal(5)
    laws = [(m, turn @ np.diag(s**2) @ turn.T) for m, s in ((ma, sa), (mb, sb))]
    assert measures.frechet(*laws) == pytest.approx(((ma - mb) ** 2).sum() + ((sa - sb) ** 2).sum())
    x = rng.standard_normal((5000, 5)).astype(np.float32) + 100
    mean, covariance = measures.moments(x)
    np.testing.assert_allclose(mean, x.astype(float).mean(0))
    np.testing.assert_allclose(covariance, np.cov(x.astype(float).T, bias=True), atol=1e-10)


def test_random_pairs_find_the_mean_of_all_pairs_within_their_error(worlds):
    a, b = worlds["a"], worlds["c"]
    value, error = measures.mean_of_pairs(a, b, np.random.default_rng(0))
    assert abs(value - all_distances(a, b).mean()) < 4 * error < 0.05 * value


def test_the_papers_value_is_the_mean_of_k_by_k_distances(worlds):
    result = compare(worlds, k=10, seed=5)
    a, d = (k_center_greedy(worlds[n], 10, seed=5).points for n in "ad")
    assert result.measures["mean"][0, 3] == pytest.approx(all_distances(a, d).mean())
    assert result.core_sets["a"].index.tolist() == k_center_greedy(worlds["a"], 10, seed=5).index.tolist()


@pytest.mark.parametrize("measure", [m for m in MEASURES if m not in ("mean", "mean-all")])
def test_every_measure_between_distributions_finds_the_true_order(worlds, measure):
    result = compare(worlds, measures=(measure,))
    assert [n for n, _ in result.nearest("a", measure)] == ["b", "c", "d", "e"]
    matrix = result.measures[measure]
    np.testing.assert_array_equal(matrix, matrix.T)
    assert not matrix.diagonal().any()
    assert result.closest_pair(measure) == ("a", "b")


def test_one_percent_of_outliers_does_not_turn_the_energy_ranking(worlds):
    rng = np.random.default_rng(6)
    dirty = {n: x.copy() for n, x in worlds.items()}
    for x in dirty.values():
        x[rng.choice(800, 8, replace=False)] *= 10
    assert [n for n, _ in compare(dirty).nearest("a", "energy")] == ["b", "c", "d", "e"]


def test_more_starts_give_a_spread_and_keep_the_value(worlds):
    one, five = compare(worlds), compare(worlds, starts=5)
    np.testing.assert_array_equal(one.measures["mean"], five.measures["mean"])
    np.testing.assert_array_equal(one.measures["energy"], five.measures["energy"])
    assert not one.error["mean"].any()
    assert (five.error["mean"][np.triu_indices(5, 1)] > 0).all()
    assert (one.error["mean-all"] > 0).all()


def test_the_energy_of_all_pairs_is_made_of_their_means_and_a_set_is_sure_to_be_at_no_distance_from_itself(worlds):
    found = compare(worlds, measures=("mean-all", "energy-all"))
    mean, error = found.measures["mean-all"], found.error["mean-all"]
    own, own_error = mean.diagonal(), error.diagonal()
    assert not found.measures["energy-all"].diagonal().any() and not found.error["energy-all"].diagonal().any()
    for i, j in ((0, 1), (3, 1), (2, 4)):
        assert found.measures["energy-all"][i, j] == pytest.approx(2 * mean[i, j] - own[i] - own[j])
        squares = 4 * error[i, j] ** 2 + own_error[i] ** 2 + own_error[j] ** 2
        assert found.error["energy-all"][i, j] == pytest.approx(squares**0.5)


def test_adding_a_version_takes_over_what_is_known_and_gives_the_same(worlds, monkeypatch):
    everything = compare(worlds)
    known = compare({n: worlds[n] for n in "dba"})
    made = []
    monkeypatch.setattr(similarity, "k_center_greedy", lambda *a, **k: made.append(1) or k_center_greedy(*a, **k))
    grown = compare(worlds, known=known)
    assert len(made) == 4  # two core sets for each of the two new versions
    for measure, matrix in everything.measures.items():
        np.testing.assert_array_equal(grown.measures[measure], matrix)
        np.testing.assert_array_equal(grown.error[measure], everything.error[measure])
    with pytest.raises(BadInput, match="was made with"):
        compare(worlds, k=12, known=known)


def test_groups_show_and_export(worlds):
    rng = np.random.default_rng(0)
    sets = {n: rng.normal(m, 1, (100, 3)) for n, m in dict(a=0, b=9, c=0.2, d=9.1).items()}
    result = compare(sets)
    assert result.groups() == [("a", "c"), ("b", "d")]
    assert json.loads(json.dumps(result.to_dict()))["names"] == ["a", "b", "c", "d"]
    lines = repr(result).splitlines()
    assert lines[0].startswith("Similarity of 4 sets")
    assert len({len(line) for line in lines if line.startswith("  ") and line.strip()}) == 1
    assert compare({"a": sets["a"]}).groups() == [("a",)]


def test_ranking_takes_the_top_of_the_similar_and_may_find_none(worlds):
    ranking = rank(compare(worlds), "a", top=1)
    assert [c.name for c in ranking.candidates] == ["b", "c", "d", "e"]
    assert ranking.chosen == ("b",)
    alone = rank(compare({n: worlds[n] for n in ("a", "e")}), "a")
    assert alone.chosen == () and "no clear similarity" in alone.reason
    assert rank(compare(worlds), "a", threshold=1.0, top=9).chosen == ("b", "c", "d", "e")
    scaled = rank(compare({n: x * 1000 for n, x in worlds.items()}), "a")
    assert scaled.candidates[1].relative == pytest.approx(ranking.candidates[1].relative, rel=1e-4)


def test_bad_sets_are_refused_by_name(worlds):
    with pytest.raises(BadInput, match="gromov_wasserstein"):
        compare({"a": np.ones((5, 3)), "b": np.ones((5, 4))})
    with pytest.raises(BadData, match="set 'b' has NaN"):
        compare({"a": np.ones((5, 3)), "b": np.full((5, 3), np.nan)})
    with pytest.raises(BadInput, match="at least one named set"):
        compare({})
    with pytest.raises(UnknownName, match="known: energy"):
        compare(worlds, measures=("enrgy",))
    with pytest.raises(UnknownName, match="no set in this comparison 'z'"):
        compare({"a": worlds["a"]}).nearest("z")
    flat = compare({"a": np.ones((30, 3)), "b": np.ones((30, 3))}, measures=tuple(MEASURES))
    assert all(np.allclose(m, 0, atol=1e-6) for m in flat.measures.values())


def test_core_sets_are_chosen_by_what_is_handed_in_and_only_those_that_are_not_known():
    """Also where the known comparison had the paper's core sets alone: the robust ones are made for all."""
    rng = np.random.default_rng(5)
    sets = {n: rng.normal(i, 1, (60, 4)) for i, n in enumerate("abc")}
    given = []

    def each(choose, jobs):
        given.extend(jobs)
        return map(choose, jobs)

    known = compare({n: sets[n] for n in "ab"}, measures=("mean",), k=5, k_robust=8)
    both = ("mean", "energy")
    found = compare(sets, measures=both, k=5, k_robust=8, known=known, each=each)
    assert [(kind, k) for kind, _, k, _, _ in given] == [("paper", 5), *[("robust", 8)] * 3]
    whole = compare(sets, measures=both, k=5, k_robust=8)
    for m in both:
        np.testing.assert_array_equal(found.measures[m], whole.measures[m])


def test_robust_core_sets_of_further_starts_begin_anywhere():
    x = np.random.default_rng(6).normal(size=(80, 3))
    made = []

    def each(choose, jobs):
        made.extend(map(choose, jobs))
        return iter(made)

    compare({"a": x, "b": x + 1}, measures=("energy",), k_robust=6, starts=2, seed=4, each=each)
    first, second = made[-4].index, made[-2].index
    np.testing.assert_array_equal(first, robust_core(x, 6, seed=4).index)
    np.testing.assert_array_equal(second, robust_core(x, 6, seed=5, start="random").index)
