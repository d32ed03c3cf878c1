"""Drift: do test samples lie in the covering balls of the training data, as often as training samples do?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput
from ..storage.plain_json import plain
from .coresets import CoreSet, k_center_greedy
from .points import as_points, check_k, distances, row_blocks
from .sums import Sums, WindowSums
from .twosample import Scatter, hotelling, kolmogorov_smirnov, occupancy, permuted

FEWEST = 20  # test points, or training points in each half: below, no test at 5 % means anything
MOST_CENTRED = 50_000  # rows that the centres are chosen from: more do not move them, and they are held in memory
PERMUTE_BELOW = 300  # points in the smaller sample: below, the laws come from permutations, not from asymptotics


# What lies beyond the 99 % radius without any drift.
_EXPECTED_OUTSIDE = 0.01


@dataclass(frozen=True, eq=False)
class Balls:
    """How the training and the test data share the covering balls.

    Attributes
    ----------
    index : int64 array, shape (k,)
        Training rows that are the centres.
    train, test : float64 array, shape (k,)
        Share of the held-out training rows and of the test rows nearest to each centre.
    """

    index: NDArray[np.int64]
    train: NDArray[np.float64]
    test: NDArray[np.float64]

    @property
    def change(self) -> NDArray[np.float64]:
        """Test share minus training share: above 0 the ball filled, below 0 it emptied."""
        return self.test - self.train


@dataclass(frozen=True, eq=False)
class DriftReport:
    """The paper's verdict and the calibrated one, with what there is to see.

    Attributes
    ----------
    drifted : bool
        The calibrated verdict: ``p_value <= level``.
    paper_drifted : bool
        The paper's rule: ``distance > radius``.
    p_value, level : float
        Chance of a result like this without drift, and the share of false alarms that was accepted.
    distance, radius : float
        The paper's two numbers: mean distance of the test core set to the nearest training centre, and the
        covering radius of the training core set, with ``paper_k`` centres each.
    effect_size : float
        Share of test points outside the radius that holds 99 % of held-out training points; 0.01 is expected.
    tests : dict of str to float
        p-values of the three tests behind ``p_value``: ``hotelling`` (mean of the distances to all centres),
        ``nearest`` (distance to the nearest centre), ``occupancy`` (points per ball).
    strength : float
        How far the distributions are apart, 0 to 1, whatever the sample size: the largest of ``strengths``.
    strengths : dict of str to float
        ``outside`` (share beyond the 99 % radius above the expected 0.01), ``nearest`` (KS distance of the
        nearest-centre distances) and ``balls`` (mass that changed balls).
    severity : str
        ``none``, ``slight`` (strength below 0.1), ``moderate`` (below 0.3) or ``severe``.
    outside, outside_distance : int64 and float64 arrays
        Test rows outside the 99 % radius, farthest first, and their distances to the nearest centre.
    balls : Balls
    nearest : float64 array, shape (n_test,)
        Distance of every test point to its nearest centre.
    radius_99 : float
        The 99 % radius.
    k, paper_k, n_train, n_test, seed : int
    notes : tuple of str
        What was adapted, in words.
    """

    drifted: bool
    paper_drifted: bool
    p_value: float
    level: float
    distance: float
    radius: float
    effect_size: float
    tests: dict[str, float]
    strength: float
    strengths: dict[str, float]
    severity: str
    outside: NDArray[np.int64]
    outside_distance: NDArray[np.float64]
    balls: Balls
    nearest: NDArray[np.float64]
    radius_99: float
    k: int
    paper_k: int
    n_train: int
    n_test: int
    seed: int
    method: str = "covering-balls"
    notes: tuple[str, ...] = ()

    def farthest(self, count: int = 10) -> NDArray[np.int64]:
        """Give the test rows farthest from their nearest centre, outside or not."""
        return np.argsort(-self.nearest, kind="stable")[:count]

    @property
    def outside_said(self) -> str:
        """How many test points lie outside, and what it means where a drift shows in other statistics."""
        share = f"{self.effect_size:.1%} of the test points lie outside the 99 % radius of the training balls"
        within = self.drifted and self.effect_size < 2 * _EXPECTED_OUTSIDE
        return f"{share} (1 % expected)" + (": what moved, moved within what the training data cover" if within else "")

    def __repr__(self) -> str:
        sign, word = (">", "(+) drift") if self.paper_drifted else ("<=", "(-) covered")
        verdict = f"drift, {self.severity}" if self.drifted else "no drift"
        tests = ", ".join(f"{name} {p:.2g}" for name, p in self.tests.items())
        lines = [
            f"Drift of {self.n_test} test points against {self.n_train} training points",
            f"  paper's rule  d = {self.distance:.4g} {sign} radius {self.radius:.4g} (k={self.paper_k})  {word}",
            f"  calibrated    p = {self.p_value:.2g} at level {self.level:.2g} (k={self.k})  {verdict}",
            f"  tests         {tests}",
            f"  outside       {self.outside_said}",
        ]
        return "\n".join(lines + [f"  note          {note}" for note in self.notes])

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain JSON values."""
        return {name: plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> DriftReport:
        """The report that :meth:`to_dict` wrote; one of an earlier version has no ``strengths``."""
        balls = value["balls"]
        shares = {side: np.array(balls[side], dtype=np.float64) for side in ("train", "test")}
        arrays = {
            "outside": np.array(value["outside"], dtype=np.int64),
            "outside_distance": np.array(value["outside_distance"], dtype=np.float64),
            "nearest": np.array(value["nearest"], dtype=np.float64),
            "balls": Balls(np.array(balls["index"], dtype=np.int64), **shares),
        }
        rest = {"strengths": {}, **value, "notes": tuple(value.get("notes", ()))}
        return cls(**{**rest, **arrays})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DriftReport) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it holds arrays


@dataclass(frozen=True, eq=False)
class CoveringBalls:
    """Training data made ready for drift tests: fitted once, then each test set costs about a millisecond.

    The centres come from one part of the training data and the laws of the statistics from the other
    (cross-fitting): on the centres' own part every distance is too small, which raised 14-20 % false alarms.
    """

    core: CoreSet  # of one part, its farthest 2 % skipped; index counts in the whole training data
    held_out: NDArray[np.float64] = field(repr=False)  # (h, k) distances of the other part to the centres
    cap: NDArray[np.float64] = field(repr=False)  # (k,) 99 % quantile of each column
    clipped: Scatter = field(repr=False)  # of the distances, none above its cap
    nearest: NDArray[np.float64] = field(repr=False)  # (h,) sorted distance to the nearest centre
    occupancy: NDArray[np.int64] = field(repr=False)  # (k,) points of the other part in each ball
    radius_99: float
    paper_core: CoreSet
    n_train: int
    seed: int
    notes: tuple[str, ...] = ()

    def parts(self) -> dict[str, Any]:
        """Everything as arrays and plain values, for :meth:`of_parts`; the training rows are not among it."""
        return {
            "core": self.core.parts(),
            "held_out": self.held_out,
            "cap": self.cap,
            "clipped": tuple(self.clipped),
            "nearest": self.nearest,
            "occupancy": self.occupancy,
            "radius_99": self.radius_99,
            "paper_core": self.paper_core.parts(),
            "n_train": self.n_train,
            "seed": self.seed,
            "notes": self.notes,
        }

    @classmethod
    def of_parts(cls, parts: Mapping[str, Any], train: NDArray) -> CoveringBalls:
        """What :meth:`parts` gave, with the training rows that it was made of."""
        cores = {n: CoreSet.of_parts(parts[n], train) for n in ("core", "paper_core")}
        return cls(**{**parts, **cores, "clipped": Scatter(*parts["clipped"])})

    def window(self, test: ArrayLike) -> WindowSums:
        """The sums of some test rows; those of a longer window are added, old ones taken out."""
        d = distances(as_points(test, name="test"), self.core.points)
        counts = np.bincount(d.argmin(axis=1), minlength=len(self.core))
        return WindowSums(counts, int((d.min(axis=1) > self.radius_99).sum()), Sums.of(np.minimum(d, self.cap)))

    def window_tests(self, window: WindowSums) -> dict[str, float]:
        """p-values of a window by its sums: of the three tests the two that need no rows, ``hotelling`` and
        ``occupancy``; join them by Bonferroni (times two)."""
        s = window.capped
        squares = s.xx - np.outer(s.x, s.mean)
        return {
            "hotelling": hotelling(self.clipped, Scatter(s.n, s.mean, squares)),
            "occupancy": occupancy(self.occupancy, window.counts),
        }

    def drift(self, test: ArrayLike, *, level: float = 0.05) -> DriftReport:
        """Test whether ``test`` comes from the training distribution; see :func:`covering_ball_drift`."""
        x = as_points(test, name="test")
        d = self.core.points.shape[1]
        if x.shape[1] != d:
            raise BadInput(f"train has {d} dimensions and test has {x.shape[1]}; embed both with the same network")
        if len(x) < FEWEST:
            raise BadInput(f"test has {len(x)} points; a calibrated verdict needs at least {FEWEST}")
        if not 0.0 < level < 1.0:
            raise BadInput(f"level={level} is a share of false alarms, between 0 and 1, such as 0.05")
        notes = list(self.notes)
        h = len(self.held_out)
        k = min(len(self.core), max(2, (len(x) + h) // 10))
        distance = distances(x, self.core.points[:k])  # (n_test, k)
        if k < len(self.core):
            notes.append(f"k reduced from {len(self.core)} to {k}: one centre per ten points tested")
            reference, near_ref = self.held_out[:, :k], np.sort(self.held_out[:, :k].min(axis=1))
            count_ref = np.bincount(self.held_out[:, :k].argmin(axis=1), minlength=k)
        else:
            reference, near_ref, count_ref = self.held_out, self.nearest, self.occupancy
        radius_99 = float(np.quantile(near_ref, 0.99))
        ball = distance.argmin(axis=1)
        near = distance[np.arange(len(x)), ball]
        count = np.bincount(ball, minlength=k)
        gap, nearest_p = kolmogorov_smirnov(near_ref, np.sort(near))
        if min(len(x), h) < PERMUTE_BELOW:
            tests, p = permuted(reference, distance, np.random.default_rng(self.seed))
            notes.append(f"fewer than {PERMUTE_BELOW} points in a sample: p-values from permutations")
        else:
            cap = self.cap[:k]  # an outlier counts as far, not as arbitrarily far
            tests = {
                "hotelling": hotelling(self.clipped.first(k), Scatter.of(np.minimum(distance, cap))),
                "nearest": nearest_p,
                "occupancy": occupancy(count_ref, count),
            }
            p = min(1.0, 3 * min(tests.values()))
        paper_k = min(len(self.paper_core), len(x))
        if paper_k < len(self.paper_core):
            notes.append(f"the paper's rule uses {paper_k} test centres, there are no more test points")
        test_core = k_center_greedy(x, paper_k, seed=self.seed)
        paper_distance = float(distances(test_core.points, self.paper_core.points).min(axis=1).mean())
        out = np.flatnonzero(near > radius_99)
        out = out[np.argsort(-near[out], kind="stable")]
        balls = Balls(self.core.index[:k], count_ref / h, count / len(x))
        strengths = {
            "outside": len(out) / len(x) - _EXPECTED_OUTSIDE,
            "nearest": float(gap),
            "balls": 0.5 * float(np.abs(balls.change).sum()),
        }
        strength = max(strengths.values())
        drifted = bool(p <= level)
        return DriftReport(
            drifted=drifted,
            paper_drifted=paper_distance > self.paper_core.radius,
            p_value=float(p),
            level=level,
            distance=paper_distance,
            radius=self.paper_core.radius,
            effect_size=len(out) / len(x),
            tests={name: float(v) for name, v in tests.items()},
            strength=strength,
            strengths=strengths,
            severity=severity(strength) if drifted else "none",
            outside=out,
            outside_distance=near[out],
            balls=balls,
            nearest=near,
            radius_99=radius_99,
            k=k,
            paper_k=len(self.paper_core),
            n_train=self.n_train,
            n_test=len(x),
            seed=self.seed,
            notes=tuple(notes),
        )


def covering_balls(train: ArrayLike, *, k: int = 50, seed: int = 0, paper_k: int = 10) -> CoveringBalls:
    """Make training data ready for drift tests: choose centres on one part, measure distances on the other.

    A memory-mapped ``train`` is read in blocks: beside it stand the rows that the centres are chosen from
    (a quarter, at most 50,000) and k distances for each of the others.
    """
    x = as_points(train, name="train")
    n = len(x)
    if n < 2 * FEWEST:
        raise BadInput(f"train has {n} points; a calibrated verdict needs at least {2 * FEWEST}, half for the laws")
    check_k(k, 1 << 30)
    check_k(paper_k, 1 << 30, name="paper_k")
    notes = []
    order = np.random.default_rng(seed).permutation(n)
    # laws need more points than centres do: a quarter for the centres finds a new cluster of 5 % in 90 % of the
    # runs, a half in 85 %
    cut = min(n // 4 if n // 4 >= 4 * k else n // 2, max(MOST_CENTRED, 4 * k))
    first, second = np.sort(order[:cut]), np.sort(order[cut:])
    most = max(2, len(first) // 4)
    if k > most:
        notes.append(f"k reduced from {k} to {most}: four training points of a half per centre")
        k = most
    if paper_k > n:
        notes.append(f"paper_k reduced from {paper_k} to the {n} training points")
    half = k_center_greedy(x[first], k, seed=seed, skip_farthest=0.02)
    core = CoreSet(first[half.index], half.points, half.radius, half.radii, half.method, seed, half.mass)
    held_out = np.empty((len(second), k))
    for rows in row_blocks(len(second), x.shape[1]):  # the data may be a file larger than memory
        held_out[rows] = distances(x[second[rows]], core.points)
    cap = np.quantile(held_out, 0.99, axis=0)
    nearest = held_out.min(axis=1)
    return CoveringBalls(
        core=core,
        held_out=held_out,
        cap=cap,
        clipped=Scatter.of(np.minimum(held_out, cap)),
        nearest=np.sort(nearest),
        occupancy=np.bincount(held_out.argmin(axis=1), minlength=k),
        radius_99=float(np.quantile(nearest, 0.99)),
        paper_core=k_center_greedy(x, min(paper_k, n), seed=seed),
        n_train=n,
        seed=seed,
        notes=tuple(notes),
    )


def covering_ball_drift(
    train: ArrayLike, test: ArrayLike, *, k: int = 50, seed: int = 0, level: float = 0.05, paper_k: int = 10
) -> DriftReport:
    """Test whether ``test`` comes from the distribution of ``train``, by the covering balls of a core set.

    The paper's rule is computed as printed. It is not calibrated: with 10 centres it fires on next to
    nothing, with 100 on everything. Beside it stands a test over all test points on the same kind of balls:
    Hotelling's T2 on the distances to the centres, Kolmogorov-Smirnov on the distance to the nearest one,
    chi-square on the points per ball, joined by Bonferroni. Time O(n_train k d) once, O(n_test k d) each.

    Parameters
    ----------
    train, test : array-like, shape (n, d)
        Embeddings by the same network; at least 40 and 20 rows.
    k : int
        Centres of the calibrated test, reduced where the samples are too small for it; the report says so.
    level : float
        Share of false alarms to accept.
    paper_k : int
        Centres of the paper's rule.

    Returns
    -------
    DriftReport

    Raises
    ------
    BadInput
        Too few points, or different dimensions.
    BadData
        NaN or infinite rows, named.

    Source
    ------
    VeML, section V.A (the rule and its two numbers). The calibrated test is ours. It takes rows as
    independent: frames of few videos are not, and then drift is reported too readily.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal((600, 8))
    >>> covering_ball_drift(x[:300], x[300:] + 1.0).drifted
    True
    """
    return covering_balls(train, k=k, seed=seed, paper_k=paper_k).drift(test, level=level)


def severity(strength: float) -> str:
    """Say in a word how far two distributions are apart."""
    return "slight" if strength < 0.1 else "moderate" if strength < 0.3 else "severe"


def spend(level: float, look: int) -> float:
    """Give the level of the ``look``-th look (from 1) so that all looks together keep ``level``.

    6 / (pi look)^2 of it: the shares sum to one however many looks there will be, and no independence of the
    looks is needed, which share their training data.

    Examples
    --------
    >>> round(sum(spend(0.05, i) for i in range(1, 100_000)), 4)
    0.05
    """
    return level * 6.0 / (np.pi * check_k(look, 1 << 62, name="look")) ** 2
