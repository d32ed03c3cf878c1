"""Two-sample statistics and their laws, each by itself fast enough for a decision per millisecond."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Scatter(NamedTuple):
    """What Hotelling's test needs of a sample: its size, mean (k,) and sum of squares about it (k, k)."""

    count: int
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]

    @classmethod
    def of(cls, a: NDArray[np.float64]) -> Scatter:
        """Summarise the rows of ``a``, shape (n, k)."""
        mean = a.mean(axis=0)
        centred = a - mean
        return cls(len(a), mean, centred.T @ centred)

    def first(self, k: int) -> Scatter:
        """Keep the first ``k`` columns."""
        return Scatter(self.count, self.mean[:k], self.squares[:k, :k])


def hotelling(a: Scatter, b: Scatter) -> float:
    """Test equal means of two samples with a common covariance: p-value of Hotelling's T2, F law.

    Directions in which the pooled sample does not vary are left out.
    """
    from scipy import linalg, special

    gap = b.mean - a.mean
    pooled = (a.squares + b.squares) / (a.count + b.count - 2)
    rank = len(gap)
    factor, failed = linalg.lapack.dpotrf(pooled, lower=1)
    pivots = np.diag(factor)
    if failed == 0 and pivots.min() ** 2 > 1e-9 * pooled.diagonal().max():
        t2 = float((linalg.lapack.dtrtrs(factor, gap, lower=1)[0] ** 2).sum())
    else:
        values, vectors = linalg.eigh(pooled)
        keep = values > max(values[-1], 0.0) * 1e-9
        rank = int(keep.sum())
        t2 = float(((gap @ vectors[:, keep]) ** 2 / values[keep]).sum())
    total = a.count + b.count
    if rank == 0 or total - rank - 1 < 1:
        return 1.0
    t2 /= 1 / a.count + 1 / b.count
    return float(special.fdtrc(rank, total - rank - 1, t2 * (total - rank - 1) / ((total - 2) * rank)))


def kolmogorov_smirnov(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float]:
    """Compare two sorted samples: the largest gap of their distribution functions, and its asymptotic p-value.

    Stephens' correction of the effective size keeps the level down to about 100 points.
    """
    from scipy import special

    both = np.concatenate([a, b])
    fa = np.searchsorted(a, both, side="right") / len(a)
    fb = np.searchsorted(b, both, side="right") / len(b)
    gap = float(np.abs(fa - fb).max())
    root = np.sqrt(len(a) * len(b) / (len(a) + len(b)))
    return gap, float(special.kolmogorov((root + 0.12 + 0.11 / root) * gap))


def occupancy(a: NDArray[np.int64], b: NDArray[np.int64], rare: int = 10) -> float:
    """Test equal shares in two rows of counts: p-value of chi-square, cells below ``rare`` joined in one."""
    from scipy import special

    table = np.stack([a, b]).astype(np.float64)  # (2, k)
    common = table.sum(axis=0) >= rare
    rest = table[:, ~common].sum(axis=1, keepdims=True)
    table = np.concatenate([table[:, common], rest], axis=1) if rest.sum() > 0 else table[:, common]
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(special.chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))


def permuted(
    a: NDArray[np.float64], b: NDArray[np.float64], rng: np.random.Generator, times: int = 999
) -> tuple[dict[str, float], float]:
    """Run the three tests of the covering balls with laws from permutations of the two samples.

    Without drift the held-out and the test points are exchangeable given the centres, so the level is exact
    at any size. The joint p-value is the rank of the smallest of the three among the permutations
    (Westfall-Young), which loses less than Bonferroni.

    Parameters
    ----------
    a, b : float64 array, shape (m, k) and (n, k)
        Distances of the two samples to the centres.

    Returns
    -------
    tests : dict
        p-value of each test.
    p_value : float
        Joint p-value; the smallest possible is 1 / (times + 1).
    """
    from scipy import linalg

    m, n = len(a), len(b)
    both = np.concatenate([a, b])  # whatever is computed from it may not know which row is whose
    sign = np.full((times + 1, m + n), -1.0 / m)
    sign[:, m:] = 1.0 / n
    rng.permuted(sign[1:], axis=1, out=sign[1:])  # row 0 stays as observed
    feature = np.minimum(both, np.quantile(both, 0.99, axis=0))
    u, s, _ = linalg.svd(feature - feature.mean(axis=0), full_matrices=False)
    white = u[:, s > s[0] * 1e-6] if s[0] > 0 else u[:, :0]
    shift = ((sign @ white) ** 2).sum(axis=1)  # T2 up to a monotone map: total instead of pooled covariance
    near = both.min(axis=1)
    order = np.argsort(near, kind="stable")
    last = np.append(np.diff(near[order]) > 0, True)  # tied values count together
    gap = np.abs(np.cumsum(sign[:, order], axis=1)[:, last]).max(axis=1)
    ball = both.argmin(axis=1)
    size = np.bincount(ball)
    one_hot = np.zeros((m + n, len(size)))
    one_hot[np.arange(m + n), ball] = 1.0
    moved = ((sign @ one_hot[:, size > 0]) ** 2 / size[size > 0]).sum(axis=1)  # chi-square up to a factor
    most = 1 / m + 1 / n  # neither sum of squares can exceed it
    stats = np.round(np.stack([shift / most, gap, moved / most]), 9)  # (3, times + 1); rounding is no evidence
    ascending = np.sort(stats, axis=1)
    at_least = stats.shape[1] - np.stack([np.searchsorted(r, s) for r, s in zip(ascending, stats)])
    p = at_least / stats.shape[1]  # (3, times + 1): p-value of every permutation against all
    joint = p.min(axis=0)
    tests = dict(zip(("hotelling", "nearest", "occupancy"), map(float, p[:, 0])))
    return tests, float((joint <= joint[0]).mean())
