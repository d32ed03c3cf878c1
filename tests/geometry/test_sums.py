"""Rules of partial reuse, each against computing anew: bit for bit where that is promised, else within its bound."""

import itertools

import numpy as np
import pytest

from veml_lab.errors import BadInput
from veml_lab.geometry.coresets import CoreSet, assign, core_set, k_center_greedy, union_core_set
from veml_lab.geometry.coverage import CoveringBalls, covering_ball_drift, covering_balls
from veml_lab.geometry.points import distances
from veml_lab.geometry.sums import PairSums, Sums

U = 2.0**-53
RNG = np.random.default_rng(5)


def rows(n, d=6, at=0.0):
    return (np.random.default_rng(n).standard_normal((n, d)) + at).astype(np.float32)


def bits(sums):
    return [np.asarray(v).tobytes() for v in (sums.n, sums.x, sums.xx, sums.y, sums.xy)]


def bound(n, x):
    return 2 * n * U * float(np.abs(x).max()) ** 2 * 2 + 1e-300


def test_sums_of_the_same_parts_are_the_same_bits():
    parts = [(rows(n), np.eye(3)[np.arange(n) % 3]) for n in (10, 37, 5)]
    kept = [Sums.of(*parts[0]), Sums.of(*parts[1])]
    assert bits(Sums.folded([*kept, Sums.of(*parts[2])])) == bits(Sums.folded([Sums.of(*p) for p in parts]))


def test_sums_of_parts_are_those_of_all_rows_within_the_bound():
    x, y = rows(400, at=3.0), np.eye(4)[RNG.integers(0, 4, 400)]
    whole = Sums.of(x, y)
    for cuts in ([100], [1, 399], [50, 51, 300]):
        pieces = zip(np.split(x, cuts), np.split(y, cuts), strict=True)
        joined = Sums.folded([Sums.of(a, b) for a, b in pieces])
        assert joined.n == whole.n
        for a, b in zip(joined._all()[1:], whole._all()[1:], strict=True):
            assert np.abs(a - b).max() <= bound(400, np.concatenate([x.ravel(), [1.0]]))


def test_a_part_that_is_taken_away_leaves_the_others_within_the_bound():
    x, y = rows(300, at=-2.0), np.eye(2)[RNG.integers(0, 2, 300)]
    left = Sums.of(x, y) - Sums.of(x[200:], y[200:])
    again = Sums.of(x[:200], y[:200])
    assert left.n == 200
    for a, b in zip(left._all()[1:], again._all()[1:], strict=True):
        assert np.abs(a - b).max() <= bound(300, x)
    assert np.array_equal(left.y, again.y), "counts are whole numbers"


def test_mean_and_covariance_are_those_of_numpy():
    x = rows(250, at=1.0)
    s = Sums.of(x)
    assert np.allclose(s.mean, x.astype(float).mean(0), rtol=1e-12)
    assert np.allclose(s.covariance, np.cov(x.astype(float).T, bias=True), atol=1e-12)


def test_a_ridge_head_from_sums_is_the_minimum():
    """Against the gradient of the penalised error, which is zero there, and against lstsq on the stacked system."""
    x, y = rows(120, d=5, at=2.0).astype(float), RNG.standard_normal((120, 2))
    for l2 in (1e-3, 1.0, 50.0):
        w, b = Sums.folded([Sums.of(x[:70], y[:70]), Sums.of(x[70:], y[70:])]).ridge(l2)
        gap = x @ w + b - y
        assert np.abs(x.T @ gap + l2 * w).max() < 1e-9 and np.abs(gap.sum(0)).max() < 1e-9
        xc, yc = x - x.mean(0), y - y.mean(0)
        stacked = np.linalg.lstsq(
            np.vstack([xc, np.sqrt(l2) * np.eye(5)]), np.vstack([yc, np.zeros((5, 2))]), rcond=None
        )
        assert np.allclose(w, stacked[0], atol=1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Sums.of(rows(5)).ridge(),
        lambda: Sums.of(rows(5), np.ones((5, 1))).ridge(0),
        lambda: Sums.of(rows(5), np.ones((4, 1))),
        lambda: Sums.of(rows(5), np.ones(5)),
        lambda: Sums.of(rows(5)) + Sums.of(rows(5, d=7)),
        lambda: Sums.of(rows(5)) - Sums.of(rows(6)),
        lambda: PairSums.of([rows(4)], PairSums.of([rows(5)])),
        lambda: union_core_set([], 1),
    ],
)
def test_what_does_not_fit_together_is_refused(wrong):
    with pytest.raises(BadInput):
        wrong()


# -- blocks of a distance matrix -------------------------------------------------------------------


def test_new_rows_cost_their_own_blocks_and_give_the_same_bits(monkeypatch):
    parts = [rows(n, at=i) for i, n in enumerate((30, 21, 9, 13))]
    anew = PairSums.of(parts)
    known = PairSums.of(parts[:3])
    asked = []
    import veml_lab.geometry.sums as module

    real = module._sum_of_distances
    monkeypatch.setattr(module, "_sum_of_distances", lambda a, b: asked.append((len(a), len(b))) or real(a, b))
    grown = PairSums.of(parts, known)
    assert sorted(asked) == sorted([(30, 13), (21, 13), (9, 13), (13, 13)])
    assert grown.sums.tobytes() == anew.sums.tobytes() and grown.sizes == anew.sizes
    assert grown.energy([0, 3], [1, 2]) == anew.energy([3, 0], [2, 1]), "no order of the blocks changes a bit"


def test_the_energy_of_blocks_is_that_of_all_rows():
    parts = [rows(n, at=i / 2) for i, n in enumerate((20, 31, 17))]
    a, b = np.concatenate([parts[0], parts[2]]), parts[1]
    due = 2 * distances(a, b).mean() - distances(a, a).mean() - distances(b, b).mean()
    assert PairSums.of(parts).energy([0, 2], [1]) == pytest.approx(due, rel=1e-6)


# -- core sets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["k-center", "k-center-skip"])
def test_every_smaller_core_set_is_the_beginning_of_a_larger_one(method):
    for n, d, seed in ((200, 8, 0), (500, 3, 1), (90, 20, 2)):
        x = rows(n, d)
        long = core_set(x, 60, method=method, seed=seed)
        for k in (1, 2, 7, 33, 60):
            short = core_set(x, k, method=method, seed=seed)
            cut = long.prefix(k)
            assert np.array_equal(cut.index, short.index) and cut.radius == short.radius
            assert np.array_equal(cut.radii, short.radii) and np.array_equal(cut.mass, short.mass)


def test_a_core_set_comes_back_from_its_parts():
    x = rows(80)
    for mass in (False, True):
        core = k_center_greedy(x, 9, seed=3)
        again = CoreSet.of_parts(core.parts(mass=mass), x)
        assert np.array_equal(again.points, core.points) and again.points.dtype == core.points.dtype
        assert np.array_equal(again.mass, core.mass) and (again.radius, again.method) == (core.radius, core.method)


def test_the_core_set_of_a_union_covers_it_within_the_bound_that_it_says():
    for seed in range(12):
        r = np.random.default_rng(seed)
        parts = [
            r.standard_normal((int(r.integers(15, 60)), 4)) * r.uniform(0.2, 3) + r.uniform(-5, 5) for _ in range(3)
        ]
        k = int(r.integers(2, 8))
        cores = [k_center_greedy(p, k, seed=seed) for p in parts]
        union = union_core_set(cores, k, sizes=[len(p) for p in parts], seed=seed)
        x = np.concatenate(parts)
        _, far = assign(x, union.points)
        assert far.max() <= union.radius * (1 + 1e-6), "every row is as near as is said"
        assert len(union) == k and union.mass.sum() == pytest.approx(1)
        centres = np.concatenate([c.points for c in cores])
        assert np.array_equal(union.points, centres[union.index])


def test_the_core_set_of_a_union_is_within_four_times_the_best():
    """Brute force over every choice of centres."""
    worst = 0.0
    for seed in range(25):
        r = np.random.default_rng(seed)
        parts = [r.uniform(0, 10, (5, 2)), r.uniform(0, 10, (5, 2))]
        x = np.concatenate(parts)
        d = np.linalg.norm(x[:, None] - x[None], axis=2)
        best = min(d[:, list(c)].min(axis=1).max() for c in itertools.combinations(range(10), 3))
        union = union_core_set([k_center_greedy(p, 3, seed=seed) for p in parts], 3, seed=seed)
        worst = max(worst, union.radius / best)
    assert 1 < worst <= 4


# -- drift -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("n, m", [(900, 400), (80, 30)])
def test_kept_covering_balls_give_the_same_report(n, m):
    x, y = rows(n), rows(m, at=0.3)
    kept = covering_balls(x, k=12, seed=4).parts()
    again = CoveringBalls.of_parts(kept, x)
    assert again.drift(y, level=0.01) == covering_ball_drift(x, y, k=12, seed=4, level=0.01)
    assert np.array_equal(again.paper_core.mass, k_center_greedy(x, 10, seed=4).mass)


def test_windows_are_joined_and_cut_by_their_sums():
    balls = covering_balls(rows(1200), k=8, seed=1)
    days = [rows(200 + i, at=0.1 * i) for i in range(5)]
    sums = [balls.window(d) for d in days]
    sliding = sums[0] + sums[1] + sums[2]
    for i in (3, 4):
        sliding = sliding + sums[i] - sums[i - 3]
        window = np.concatenate(days[i - 2 : i + 1])
        anew = balls.window(window)
        assert np.array_equal(sliding.counts, anew.counts) and sliding.outside == anew.outside
        far = float(balls.cap.max())
        n = sum(map(len, days[: i + 1]))
        assert np.abs(sliding.capped.xx - anew.capped.xx).max() <= bound(n, np.array([far]))
        tests, due = balls.window_tests(sliding), balls.drift(window).tests
        assert tests["occupancy"] == pytest.approx(due["occupancy"], rel=1e-12)
        assert tests["hotelling"] == pytest.approx(due["hotelling"], rel=1e-6, abs=1e-12)
    with pytest.raises(BadInput, match="not in this window"):
        _ = sums[0] - sums[4]
