"""k-means, small and deterministic for a seed: the start of several core-set methods."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .points import row_blocks, squared_distances


def k_means_plus_plus(x: NDArray, k: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw ``k`` rows, each with probability proportional to its squared distance to those before it."""
    index = [int(rng.integers(len(x)))]
    nearest = squared_distances(x, x[index])[:, 0]
    while len(index) < k:
        total = nearest.sum()
        if total > 0:
            i = int(np.searchsorted(np.cumsum(nearest), rng.random() * total, side="right"))
            i = min(i, len(x) - 1)
        else:  # fewer distinct points than k
            i = int(rng.integers(len(x)))
        index.append(i)
        np.minimum(nearest, squared_distances(x, x[[i]])[:, 0], out=nearest)
    return np.array(index, np.int64)


def k_means(
    x: NDArray, k: int, *, seed: int = 0, iterations: int = 20, sample: int = 20_000
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cluster by Lloyd's iterations from a k-means++ start.

    Above ``sample`` rows the centres are learnt on a random part, then every row is assigned: the centres
    only start a selection, and their error there is far below the spread of a cluster.

    Returns
    -------
    centres : float64 array, shape (k, d)
    label : int64 array, shape (n,)
    """
    rng = np.random.default_rng(seed)
    part = x if len(x) <= sample else x[np.sort(rng.choice(len(x), max(sample, 4 * k), replace=False))]
    centres = part[k_means_plus_plus(part, k, rng)].astype(np.float64)
    label = np.full(len(part), -1)
    for _ in range(iterations):
        before, label = label, _nearest(part, centres)
        if (before == label).all():
            break
        order = np.argsort(label, kind="stable")
        size = np.bincount(label, minlength=k)
        full = np.flatnonzero(size)
        firsts = np.concatenate([[0], np.cumsum(size[full])[:-1]])
        sums = np.add.reduceat(part[order].astype(np.float64), firsts, axis=0)
        centres[full] = sums / size[full, None]  # an empty cluster keeps its centre
    return centres, _nearest(x, centres)


def _nearest(x: NDArray, centres: NDArray) -> NDArray[np.int64]:
    label = np.empty(len(x), np.int64)
    for rows in row_blocks(len(x), len(centres) + x.shape[1]):
        label[rows] = squared_distances(x[rows], centres).argmin(axis=1)
    return label
