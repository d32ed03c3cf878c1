"""Exact greedy k-center in a few passes over the data instead of k.

Why it is fast: a plain pass per centre is bound by memory. Here every row keeps an upper bound, its distance
to the centres it has seen. Only the rows with the largest bounds are brought up to date, many centres at a
time by one matrix product, and as long as the farthest of a small working set is certainly the farthest of
all it becomes the next centre.

Why it is exact: the product, in float32 on centred rows, gives a lower bound with an error term; whatever it
cannot exclude is evaluated in float64 on the numbers as given, and only those values decide.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .points import refuse_not_finite

WORK_BYTES = 2 << 20  # of working set: it is read once per centre and has to stay in the second-level cache
WORK_ROWS = 256  # and at least so many rows
BLOCK = 512  # rows per matrix product


def lazy(
    x: NDArray, k: int, *, start: int, skip: int = 0, floor: NDArray[np.float64] | None = None, name: str = "x"
) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Run the lazy engine; see :func:`veml_lab.geometry.greedy.farthest_first` for the arguments.

    Memory 20 n bytes beside the data, time between one and k passes. ``None`` if the numbers span more than
    float32 can hold, which the plain engine does not mind.
    """
    from . import _kernels as kernels

    n, d = x.shape
    x = writeable(x)
    mean, scale = _frame(x)
    unit = float(scale) ** 2
    slack = slack_of(d)
    nearest = np.empty(n) if floor is None else floor.astype(np.float64)  # (n,) squared, exact for `seen` centres
    norm = np.empty(n, np.float32)
    centres = np.empty((k, d), x.dtype)
    index, radii = np.empty(k, np.int64), np.empty(k)
    t = 0 if floor is not None else 1
    if t:
        index[0], centres[0] = start, x[start]
    kernels.first_pass(x, mean, scale, nearest, norm, 0, n, centres[0], bool(t))
    if not np.isfinite(norm).all() or norm.max() > 1e36:
        refuse_not_finite(x, name)
        return None
    seen = np.full(n, t, np.int32)
    framed = np.empty((k, d), np.float32)  # the centres, centred and scaled
    centre_norm = np.empty(k, np.float32)
    known = 0  # how many of them are filled in
    capacity = int(min(max(WORK_BYTES // (x.itemsize * d), WORK_ROWS, 2 * skip + WORK_ROWS), max(4096, 2 * skip + WORK_ROWS), n))
    pull = capacity
    scratch = np.empty(capacity)
    block = np.empty((min(BLOCK, n), d), np.float32)
    while t <= k:
        if known < t:
            kernels.gather(centres, np.arange(known, t), mean, scale, framed[known:t])
            with np.errstate(over="ignore"):
                centre_norm[known:t] = np.einsum("ij,ij->i", framed[known:t], framed[known:t]) * (1.0 - slack)
            known = t
        rows, outside, outside_row = _largest(nearest, pull, kernels)
        stale = rows[seen[rows] < t]
        if len(stale):
            _refresh(x, stale, seen, t, mean, scale, framed, centres, norm, centre_norm, slack, unit, nearest, block, kernels)
        rows, outside, outside_row = _working_set(rows, nearest, capacity, outside, outside_row)
        value = nearest[rows]
        latest = seen[rows]
        before = t
        if value.max() == 0.0 and outside <= 0.0:  # every distinct point is a centre: go on as argmax of zeros does
            index[t:], radii[max(t - 1, 0) :] = 0, 0.0
            return index, np.sqrt(radii)
        t = kernels.commit(x[rows], rows, value, latest, centres, index, radii, t, k, outside, outside_row,
                           slack, scale, skip, scratch)  # fmt: skip
        nearest[rows], seen[rows] = value, latest
        made = t - before
        if made < 16 and t <= k:
            pull = min(n, int(pull * (2.0 if made == 0 else 1.6)) + 1)
        elif made > 64:
            pull = max(capacity, int(pull / 1.6))
        if made == 0 and len(rows) == capacity < n and outside_row >= 0 and pull >= n:
            capacity = min(n, capacity * 2)  # more rows tie (or are skipped) than the working set holds
            scratch = np.empty(capacity)
    return index, np.sqrt(radii)


def slack_of(d: int) -> float:
    """Bound the error of float32 sums of ``d`` squares, relative to the squared norms that go in, twice over."""
    return (d + 8) * 2.0**-23


def _largest(v: NDArray[np.float64], pull: int, kernels) -> tuple[NDArray[np.int64], float, int]:
    """Rows of about the ``pull`` largest values; the largest value left out, and the first row that has it."""
    n = len(v)
    if pull >= n:
        return np.arange(n), -1.0, -1
    part = v if n <= 65_536 else v[:: n // 32_768]
    at = max(1, int(len(part) * pull / n))
    level = np.partition(part, len(part) - at)[len(part) - at]
    count, outside, row = kernels.count_from(v, level)
    rows = np.flatnonzero(v >= level)
    if count > 4 * pull:  # many equal values: the lowest rows of them will do
        above = np.flatnonzero(v > level)
        equal = rows[v[rows] == level]
        room = max(pull - len(above), 1)
        if len(equal) > room:
            outside, row = float(level), int(equal[room])
            rows = np.sort(np.concatenate([above, equal[:room]]))
    return rows, float(outside), int(row)


def _working_set(
    rows: NDArray[np.int64], nearest: NDArray[np.float64], capacity: int, outside: float, outside_row: int
) -> tuple[NDArray[np.int64], float, int]:
    """Keep the ``capacity`` largest of ``rows``, lowest row first on ties, and what that leaves outside."""
    value = nearest[rows]
    if len(rows) > capacity:
        level = np.partition(value, len(rows) - capacity)[len(rows) - capacity]
        keep = value > level
        equal = np.flatnonzero(value == level)
        keep[equal[: capacity - int(keep.sum())]] = True
        left = value[~keep].max()
        left_row = int(rows[~keep][value[~keep] == left].min())
        if left > outside or (left == outside and left_row < outside_row):
            outside, outside_row = float(left), left_row
        rows, value = rows[keep], value[keep]
    useful = value >= outside
    if useful.any():
        rows = rows[useful]
    return rows, outside, outside_row


def _refresh(
    x, stale, seen, t, mean, scale, framed, centres, norm, centre_norm, slack, unit, nearest, block, kernels
) -> None:
    """Bring rows up to date, those that have seen equally much together."""
    since = seen[stale]
    if since.min() != since.max():
        order = np.argsort(since, kind="stable")
        stale, since = stale[order], since[order]
    lo = 0
    while lo < len(stale):
        p0 = int(since[lo])
        # a block may hold rows that have seen a little more than its first: at most a quarter of the product is waste
        hi = min(lo + len(block), len(stale))
        if since[hi - 1] > p0:
            hi = lo + int(np.searchsorted(since[lo:hi], p0 + 4 + (t - p0) // 4, side="right"))
        rows = stale[lo:hi]
        part = block[: hi - lo]
        kernels.gather(x, rows, mean, scale, part)
        kernels.absorb(part @ framed[p0:t].T, x, rows, centres, p0, t, norm, centre_norm, slack, unit, nearest)
        lo = hi
    seen[stale] = t


def _frame(x: NDArray) -> tuple[NDArray[np.float64], float]:
    """Mean and a power of two that bring the rows near zero and one; from a sample, since any frame is valid."""
    some = x[:: max(1, len(x) // 1024)][:1024].astype(np.float64)
    with np.errstate(all="ignore"):
        mean = some.mean(axis=0)
        spread = float(np.sqrt(((some - mean) ** 2).mean()))
    if not np.isfinite(mean).all():
        mean = np.zeros(x.shape[1])  # NaN rows: the first pass will see them
    scale = 2.0 ** -np.round(np.log2(spread)) if np.isfinite(spread) and spread > 0 else 1.0
    return mean.astype(x.dtype), x.dtype.type(scale)


class _Writeable:
    def __init__(self, x: NDArray) -> None:
        self.kept = x
        self.__array_interface__ = {**x.__array_interface__, "data": (x.ctypes.data, False)}


def writeable(x: NDArray) -> NDArray:
    """Show a read-only array (a memory-mapped file) as an ordinary one: no kernel writes to it, and numba would
    compile every kernel a second time for the read-only type."""
    return x if x.flags.writeable else np.asarray(_Writeable(x))
