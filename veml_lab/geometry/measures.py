"""How far apart two point sets are: one function per measure, all on weighted points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .points import distances, row_blocks, squared_distances

Weights = NDArray[np.float64]


def mean_distance(a: NDArray, b: NDArray, wa: Weights | None = None, wb: Weights | None = None) -> float:
    """Mean distance of a point of ``a`` to a point of ``b``: the paper's measure, on k x k pairs.

    Not a distance between distributions: a set is in general not nearest to itself.
    """
    d = distances(a, b)
    return float(d.mean() if wa is None else wa @ d @ wb)


def energy(a: NDArray, b: NDArray, wa: Weights, wb: Weights) -> float:
    """Energy distance, squared: 2 E|A-B| - E|A-A'| - E|B-B'|; zero only for equal distributions.

    Source
    ------
    G. Szekely and M. Rizzo, Energy statistics, 2013.
    """
    cross = mean_distance(a, b, wa, wb)
    return max(0.0, 2 * cross - mean_distance(a, a, wa, wa) - mean_distance(b, b, wb, wb))


def mmd(a: NDArray, b: NDArray, wa: Weights, wb: Weights, bandwidth: float) -> float:
    """Maximum mean discrepancy, squared, under the kernel exp(-|x-y|^2 / (2 bandwidth^2)).

    Source
    ------
    A. Gretton et al., A kernel two-sample test, 2012.
    """

    def kernel(p: NDArray, q: NDArray) -> NDArray:
        return np.exp(squared_distances(p, q) / (-2 * bandwidth**2))

    return max(0.0, float(wa @ kernel(a, a) @ wa + wb @ kernel(b, b) @ wb - 2 * wa @ kernel(a, b) @ wb))


def sliced_wasserstein(a: NDArray, b: NDArray, wa: Weights, wb: Weights, directions: NDArray) -> float:
    """Root mean square 2-Wasserstein distance of the projections on ``directions``, shape (m, d).

    Source
    ------
    N. Bonneel et al., Sliced and Radon Wasserstein barycenters of measures, 2015.
    """
    levels = (np.arange(200) + 0.5) / 200

    def quantiles(x: NDArray, w: Weights) -> NDArray:
        line = x @ directions.T  # (n, m)
        order = np.argsort(line, axis=0)
        out = np.empty((len(levels), line.shape[1]))
        for j in range(line.shape[1]):
            share = np.cumsum(w[order[:, j]])
            rows = np.minimum(np.searchsorted(share, levels), len(w) - 1)
            out[:, j] = line[order[rows, j], j]
        return out

    return float(np.sqrt(((quantiles(a, wa) - quantiles(b, wb)) ** 2).mean()))


def wasserstein(a: NDArray, b: NDArray, wa: Weights, wb: Weights) -> float:
    """1-Wasserstein distance by exact optimal transport (POT)."""
    import ot

    return float(ot.emd2(wa / wa.sum(), wb / wb.sum(), distances(a, b)))


def moments(x: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (d,) and covariance (d, d) in float64, one pass in blocks."""
    origin = x[: min(len(x), 1024)].mean(axis=0, dtype=np.float64)  # any point near the data keeps digits
    total = np.zeros(x.shape[1])
    square = np.zeros((x.shape[1], x.shape[1]))
    for rows in row_blocks(len(x), x.shape[1]):
        part = x[rows].astype(np.float64) - origin
        total += part.sum(axis=0)
        square += part.T @ part
    mean = total / len(x)
    return mean + origin, square / len(x) - np.outer(mean, mean)


def frechet(a: tuple[NDArray, NDArray], b: tuple[NDArray, NDArray]) -> float:
    """Squared 2-Wasserstein distance of the normal laws with these (mean, covariance): the FID formula.

    Source
    ------
    M. Heusel et al., GANs trained by a two time-scale update rule, 2017.
    """
    from scipy import linalg

    (ma, ca), (mb, cb) = a, b
    values, vectors = linalg.eigh(ca)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = linalg.eigvalsh(root @ cb @ root)
    value = ((ma - mb) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * np.sqrt(np.maximum(cross, 0.0)).sum()
    return max(0.0, float(value))


def mean_of_pairs(a: NDArray, b: NDArray, rng: np.random.Generator, pairs: int = 10_000) -> tuple[float, float]:
    """Estimate the mean distance over all pairs of ``a`` and ``b`` from random pairs, with standard error.

    Pairs of a set with itself leave out each row's distance of zero to itself only by chance, as the mean
    over all n x n pairs does. 10,000 pairs are within about 0.1 %, where all pairs of 60k x 50k take a minute.
    """
    if len(a) * len(b) <= pairs:
        return mean_distance(a, b), 0.0
    i, j = rng.integers(len(a), size=pairs), rng.integers(len(b), size=pairs)
    order = np.argsort(i, kind="stable")  # memory-mapped rows in file order
    diff = a[i[order]].astype(np.float64) - b[j[order]]
    d = np.sqrt(np.einsum("ij,ij->i", diff, diff))
    return float(d.mean()), float(d.std(ddof=1) / np.sqrt(pairs))
