"""Farthest-first traversal (greedy k-center): which engine runs it, and the plain reference."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from .points import refuse_not_finite, row_blocks

# n d k below which NumPy is done before a compiled loop would be loaded (0.7 s), or called once it is loaded
SMALL_UNCOMPILED = 3e8
SMALL = 3e4
CACHE_BYTES = 6 << 20  # data that a pass per centre reads from the cache; there the lazy engine saves little


def farthest_first(
    x: NDArray, k: int, *, start: int, skip: int = 0, floor: NDArray[np.float64] | None = None, name: str = "x"
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose ``k`` rows, each the farthest from those before it; ties go to the lowest index.

    Parameters
    ----------
    x : float array, shape (n, d)
    k : int
        How many to choose.
    start : int
        The first row.
    skip : int
        Take the row of this rank from the farthest (0 is the farthest itself).
    floor : float64 array, shape (n,), optional
        Squared distances to rows chosen before; then ``start`` is ignored and the first row is the
        farthest from those.

    Returns
    -------
    index : int64 array, shape (k,)
    radii : float64 array, shape (k,)
        Largest distance of any row to its nearest chosen row, after each choice.
    """
    loaded = "veml_lab.geometry._kernels" in sys.modules
    if x.size * k <= (SMALL if loaded else SMALL_UNCOMPILED) or x.dtype.kind != "f":
        return plain(x, k, start=start, skip=skip, floor=floor, name=name)
    result = None
    if skip == 0 and floor is None and x.nbytes <= CACHE_BYTES and not _pays(x, k):
        result = compiled(x, k, start=start, name=name)
    if result is None:
        from .lazy import lazy

        result = lazy(x, k, start=start, skip=skip, floor=floor, name=name)
    return result or plain(x, k, start=start, skip=skip, floor=floor, name=name)


def _pays(x: NDArray, k: int) -> bool:
    """Say whether the lazy engine beats a pass per centre on data in the cache; read off docs/results/coreset.md."""
    n, d = x.shape
    return (n >= 8000 and k >= 100 and d >= 16) or (k >= 300 and x.nbytes > CACHE_BYTES // 3 and d >= 16)


def compiled(
    x: NDArray, k: int, *, start: int, name: str = "x"
) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Run the compiled plain loop: the best there is while the data stays in the cache.

    The same centres as :func:`plain`; ``None`` for data that it leaves to the others.
    """
    from . import _kernels as kernels
    from .lazy import slack_of, writeable

    n = len(x)
    x = writeable(x)
    index, radii = np.empty(k, np.int64), np.empty(k)
    if x.dtype == np.float32 and kernels.whole_single(x, k, start, slack_of(x.shape[1]), index, radii):
        return index, np.sqrt(radii)
    kernels.whole(x, k, start, 0, np.full(n, np.inf), index, radii)
    if not np.isfinite(radii).all():
        refuse_not_finite(x, name)
        return None
    return index, np.sqrt(radii)


def plain(
    x: NDArray, k: int, *, start: int, skip: int = 0, floor: NDArray[np.float64] | None = None, name: str = "x"
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Run the textbook loop in float64 NumPy: one pass over the data per centre."""
    n, d = x.shape
    blocks = row_blocks(n, d)
    wide = x.astype(np.float64) if x.nbytes <= 64 << 20 else x  # convert once when that is cheap
    nearest = np.full(n, np.inf) if floor is None else floor.copy()  # (n,) squared distance to the chosen
    index = np.empty(k, np.int64)
    radii = np.empty(k)
    pick = start if floor is None else ranked(nearest, skip)
    for t in range(k):
        index[t] = pick
        centre = wide[pick].astype(np.float64)
        for rows in blocks:
            diff = wide[rows] - centre
            diff *= diff
            np.minimum(nearest[rows], diff.sum(axis=1), out=nearest[rows])
        if t == 0 and not np.isfinite(nearest).all():
            refuse_not_finite(x, name)
        radii[t] = np.sqrt(nearest.max())
        pick = ranked(nearest, skip)
    return index, radii


def ranked(nearest: NDArray[np.float64], skip: int) -> int:
    """Give the lowest row that holds the value of rank ``skip`` from the largest."""
    if skip == 0:
        return int(nearest.argmax())
    value = np.partition(nearest, len(nearest) - 1 - skip)[len(nearest) - 1 - skip]
    return int((nearest == value).argmax())
