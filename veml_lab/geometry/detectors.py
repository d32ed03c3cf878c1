"""Drift detectors behind one interface, repeated looks at a stream, and the all-pairs table of the paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput, UnknownName
from .coresets import k_center_greedy
from .coverage import CoveringBalls, DriftReport, covering_ball_drift
from .points import as_points, check_k, distances, squared_distances
from .twosample import kolmogorov_smirnov


@dataclass(frozen=True)
class Verdict:
    """What every detector answers; :class:`DriftReport` answers the same and more.

    Attributes
    ----------
    method : str
    drifted : bool
    p_value, level, statistic : float
    """

    method: str
    drifted: bool
    p_value: float
    level: float
    statistic: float

    def to_dict(self) -> dict[str, Any]:
        """Give the verdict as plain JSON values."""
        return dict(self.__dict__)


def detect(
    train: ArrayLike, test: ArrayLike, *, method: str = "covering-balls", level: float = 0.05, seed: int = 0, **options
) -> Verdict | DriftReport:
    """Test for drift by any of :data:`DETECTORS`.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal((400, 4))
    >>> detect(x[:200], x[200:] + 1.0, method="energy").drifted
    True
    """
    if method not in DETECTORS:
        raise UnknownName.of("drift detector", method, DETECTORS)
    return DETECTORS[method](train, test, level=level, seed=seed, **options)


def _pair(train: ArrayLike, test: ArrayLike) -> tuple[NDArray, NDArray]:
    a, b = as_points(train, name="train"), as_points(test, name="test")
    if a.shape[1] != b.shape[1]:
        raise BadInput(f"train has {a.shape[1]} dimensions and test has {b.shape[1]}; embed both with the same network")
    return a, b


def _permutation(
    method: str,
    matrix: Callable[[NDArray], NDArray],
    train: ArrayLike,
    test: ArrayLike,
    level: float,
    seed: int,
    most: int,
    times: int,
) -> Verdict:
    """Test a quadratic statistic s' K s, s = +1/m on the one and -1/n on the other sample, by permutations."""
    a, b = _pair(train, test)
    rng = np.random.default_rng(seed)
    a, b = (x if len(x) <= most else x[rng.choice(len(x), most, replace=False)] for x in (a, b))
    both = np.concatenate([a, b])
    kernel = matrix(squared_distances(both, both))
    np.fill_diagonal(kernel, 0.0)
    sign = np.full((times + 1, len(both)), 1.0 / len(a))
    sign[:, len(a) :] = -1.0 / len(b)
    rng.permuted(sign[1:], axis=1, out=sign[1:])
    value = np.einsum("ij,ij->i", sign @ kernel, sign)  # (times + 1,), the first as observed
    p = float((value >= value[0] - 1e-12 * np.abs(value).max()).mean())
    return Verdict(method, p <= level, p, level, float(value[0]))


def mmd_drift(
    train: ArrayLike, test: ArrayLike, *, level: float = 0.05, seed: int = 0, most: int = 500, times: int = 199
) -> Verdict:
    """Test by maximum mean discrepancy, Gaussian kernel of the median distance, at most ``most`` points each."""

    def kernel(d2: NDArray) -> NDArray:
        median = np.median(d2[d2 > 0]) if (d2 > 0).any() else 1.0
        return np.exp(-d2 / median)

    return _permutation("mmd", kernel, train, test, level, seed, most, times)


def energy_drift(
    train: ArrayLike, test: ArrayLike, *, level: float = 0.05, seed: int = 0, most: int = 500, times: int = 199
) -> Verdict:
    """Test by energy distance, at most ``most`` points of each sample."""
    return _permutation("energy", lambda d2: -np.sqrt(d2), train, test, level, seed, most, times)


def ks_drift(train: ArrayLike, test: ArrayLike, *, level: float = 0.05, seed: int = 0) -> Verdict:
    """Test every dimension by Kolmogorov-Smirnov, joined by Bonferroni."""
    a, b = _pair(train, test)
    each = [kolmogorov_smirnov(np.sort(a[:, j]), np.sort(b[:, j])) for j in range(a.shape[1])]
    p = min(1.0, len(each) * min(p for _, p in each))
    return Verdict("ks", p <= level, p, level, max(gap for gap, _ in each))


DETECTORS: dict[str, Callable[..., Verdict | DriftReport]] = {
    "covering-balls": covering_ball_drift,
    "mmd": mmd_drift,
    "energy": energy_drift,
    "ks": ks_drift,
}


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


def watch(balls: CoveringBalls, tests: Iterable[ArrayLike], *, level: float = 0.05) -> Iterator[DriftReport]:
    """Test one test version after the other; over the whole stream, at most ``level`` sees a false alarm."""
    for look, test in enumerate(tests, 1):
        yield balls.drift(test, level=spend(level, look))


@dataclass(frozen=True, eq=False)
class CoverTable:
    """The paper's table of which version covers which.

    Attributes
    ----------
    names : tuple of str
    radius : float64 array, shape (m,)
        Covering radius of each version as training data.
    distance : float64 array, shape (m, m)
        Row: training, column: test.
    """

    names: tuple[str, ...]
    radius: NDArray[np.float64]
    distance: NDArray[np.float64]

    @property
    def drifted(self) -> NDArray[np.bool_]:
        """Where the paper's rule says (+), shape (m, m); False on the diagonal."""
        out = self.distance > self.radius[:, None]
        np.fill_diagonal(out, False)
        return out

    def __repr__(self) -> str:
        width = max(16, *(len(n) + 1 for n in self.names))
        lines = ["train \\ test".ljust(width) + "radius".rjust(9) + "".join(n.rjust(width) for n in self.names)]
        for i, name in enumerate(self.names):
            cells = [
                "".rjust(width)
                if i == j
                else f"{self.distance[i, j]:.4g} {'(+)' if self.drifted[i, j] else '(-)'}".rjust(width)
                for j in range(len(self.names))
            ]
            lines.append(name.ljust(width) + f"{self.radius[i]:9.4g}" + "".join(cells))
        return "\n".join(lines)


def cover_table(sets: Mapping[str, ArrayLike], *, k: int = 10, seed: int = 0) -> CoverTable:
    """Apply the paper's covering rule to every ordered pair of versions.

    Source
    ------
    VeML, section V.B, table 9.
    """
    if not sets:
        raise BadInput("there is nothing to compare: give at least one named set")
    cores = {n: k_center_greedy(x, min(k, len(x)), seed=seed) for n, x in sets.items()}
    if len({c.points.shape[1] for c in cores.values()}) > 1:
        raise BadInput("the sets have different dimensions; embed them with one network")
    distance = np.array(
        [
            [distances(test.points, train.points).min(axis=1).mean() for test in cores.values()]
            for train in cores.values()
        ]
    )
    return CoverTable(tuple(cores), np.array([c.radius for c in cores.values()]), distance)
