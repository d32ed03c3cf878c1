"""Nearest of many points: float32 matrix products propose, float64 decides what they leave open."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from .greedy import SMALL, SMALL_UNCOMPILED
from .points import row_blocks, squared_distances

PRODUCT = 1 << 18  # numbers of a block's product: they stay in the second-level cache


def nearest(a: NDArray, c: NDArray) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the nearest row of ``c`` for every row of ``a``, the lowest of equals.

    Returns
    -------
    index : int64 array, shape (n,)
    distance : float64 array, shape (n,)
        Not finite for rows that hold NaN or infinity.
    """
    index, distance = np.empty(len(a), np.int64), np.empty(len(a))
    loaded = "veml_lab.geometry._kernels" in sys.modules
    large = a.size * len(c) > (SMALL if loaded else SMALL_UNCOMPILED)
    same = c.dtype == a.dtype or a.dtype == np.float64  # float64 points would lose digits in float32
    if large and same and _by_product(a, c.astype(a.dtype, copy=False), index, distance):
        return index, distance
    for rows in row_blocks(len(a), len(c) + a.shape[1]):
        near = squared_distances(a[rows], c).argmin(axis=1)
        index[rows] = near
        diff = a[rows].astype(np.float64) - c[near]
        distance[rows] = np.sqrt(np.einsum("ij,ij->i", diff, diff))
    return index, distance


def _by_product(a: NDArray, c: NDArray, index: NDArray[np.int64], distance: NDArray[np.float64]) -> bool:
    """Fill in the result; False where the numbers span more than float32 can hold, or are not finite."""
    from . import _kernels as kernels
    from .lazy import frame, slack_of, writeable

    a, c = writeable(a), writeable(c)
    n, d = a.shape
    mean, scale = frame(a)
    slack = slack_of(d)
    framed = np.empty((len(c), d), np.float32)
    kernels.gather(c, np.arange(len(c)), mean, scale, framed)
    size = np.einsum("ij,ij->i", framed, framed)  # (k,)
    if not size.max() < 1e36:
        return False
    size *= 1.0 - slack
    step = max(16, min(n, PRODUCT // len(c), PRODUCT // d))
    block = np.empty((step, d), np.float32)
    low, second, best = np.empty(step, np.float32), np.empty(step, np.float32), np.empty(step, np.int32)
    for lo in range(0, n, step):
        m = min(step, n - lo)
        kernels.gather(a, np.arange(lo, lo + m), mean, scale, block[:m])
        product = framed @ block[:m].T  # (k, m)
        if not kernels.decide(
            product,
            a[lo : lo + m],
            block,
            c,
            size,
            slack,
            low[:m],
            second[:m],
            best[:m],
            index[lo : lo + m],
            distance[lo : lo + m],
        ):
            return False
    return True
