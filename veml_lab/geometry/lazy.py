"""Exact greedy k-center in a few passes over the data instead of k.

Why it is fast: a plain pass per centre is bound by memory. Here every row keeps an upper bound, its distance
to the centres it has seen. Only the rows with the largest bounds are brought up to date, many centres at a
time by one matrix product, and as long as the farthest of a small working set is certainly the farthest of
all it becomes the next centre.

Why it is exact: the product, in float32 on centred rows, gives bounds with an error term; where they leave open
which centre is the nearest, and for every row of the working set, float64 on the numbers as given decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .points import refuse_not_finite

WORK_BYTES = 2 << 20  # of working set: it is read once per centre and has to stay in the second-level cache
WORK_ROWS = 256  # and at least so many rows
ENOUGH = 64  # rows of the working set that are above everything outside it, before centres are chosen from it
BLOCK_BYTES = 512 << 10  # of rows per matrix product: they stay in the second-level cache


def lazy(
    x: NDArray, k: int, *, start: int, skip: int = 0, floor: NDArray[np.float64] | None = None, name: str = "x"
) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Run the lazy engine; see :func:`veml_lab.geometry.greedy.farthest_first` for the arguments.

    Memory 24 n bytes beside the data, time between one and k passes. ``None`` if the numbers span more than
    float32 can hold, which the plain engine does not mind.
    """
    run = _Run(writeable(x), k, start, skip, floor)
    if not np.isfinite(run.norm).all() or run.norm.max() > 1e36:
        refuse_not_finite(x, name)
        return None
    while run.t <= k:
        run.round()
    return run.index, np.sqrt(run.radii)


class _Run:
    """The state of one run; ``t`` centres are chosen."""

    def __init__(self, x: NDArray, k: int, start: int, skip: int, floor: NDArray[np.float64] | None) -> None:
        from . import _kernels as kernels

        n, d = x.shape
        self.kernels, self.x, self.k, self.skip = kernels, x, k, skip
        self.mean, self.scale = frame(x)
        self.unit, self.slack = float(self.scale) ** 2, slack_of(d)
        self.t = t = 0 if floor is not None else 1
        # (n,) squared: at least the distance to the nearest of the first `seen` centres. That of centre `giver` is
        # meant, and where that is -1 the value is exact.
        self.nearest = np.empty(n) if floor is None else floor.astype(np.float64)
        self.giver = np.full(n, t - 1, np.int32)
        self.seen = np.full(n, t, np.int32)
        self.norm = np.empty(n, np.float32)
        self.centres = np.empty((k, d), x.dtype)
        self.index, self.radii = np.empty(k, np.int64), np.empty(k)
        if t:
            self.index[0], self.centres[0] = start, x[start]
        kernels.first_pass(
            x, self.mean, self.scale, self.nearest, self.norm, self.centres[0], bool(t), self.slack, self.unit
        )
        self.framed = np.empty((k, d), np.float32)  # the centres, centred and scaled
        self.centre_norm = np.empty(k, np.float32)  # their squared norms less what float32 may have added
        self.known = 0  # how many of them are filled in
        room = 2 * skip + WORK_ROWS
        self.capacity = int(min(max(WORK_BYTES // (x.itemsize * d), room), max(4096, room), n))  # of the working set
        self.least = self.pull = min(n, max(self.capacity, n // 256))  # rows to look at together
        self.every = False  # resolve every row that is looked at, not only the working set
        rows = min(n, max(64, min(4096, BLOCK_BYTES // (4 * d))))
        self.block = np.empty((rows, d), np.float32)
        self.low, self.second = np.empty(rows, np.float32), np.empty(rows, np.float32)
        self.best = np.empty(rows, np.int32)

    def round(self) -> None:
        """Find the rows that may be the farthest, and choose centres for as long as the choice is certain."""
        n = len(self.x)
        rows, outside, outside_row = self._candidates()
        if self.every:
            self.kernels.resolve(self.x, rows, self.centres, self.nearest, self.giver)
        rows, outside, outside_row = _working_set(rows, self.nearest, self.capacity, outside, outside_row)
        self.kernels.resolve(self.x, rows, self.centres, self.nearest, self.giver)
        value, latest, before = self.nearest[rows], self.seen[rows], self.t
        if value.max() == 0.0 and outside <= 0.0:  # every distinct point is a centre: go on as argmax of zeros does
            self.index[before:], self.radii[max(before - 1, 0) :], self.t = 0, 0.0, self.k + 1
            return
        self.t = self.kernels.commit(
            self.x[rows],
            rows,
            value,
            latest,
            self.centres,
            self.index,
            self.radii,
            before,
            self.k,
            outside,
            outside_row,
            self.slack,
            self.scale,
            self.skip,
            np.empty(len(rows)),
        )
        self.nearest[rows], self.seen[rows] = value, latest
        self.every = self.t == before
        if self.every:
            self.pull = min(n, 2 * self.pull)
            if len(rows) == self.capacity < n and outside_row >= 0 and self.pull >= n:
                self.capacity = min(n, self.capacity * 2)  # more rows tie (or are skipped) than the working set holds

    def _candidates(self) -> tuple[NDArray[np.int64], float, int]:
        """Give up-to-date rows of which some are above all others, and what is left outside (see :func:`_largest`).

        In clusters a new centre takes thousands of rows down at once, so one look may leave nothing: it goes on, a
        few rows at a time, instead of choosing from what is left and bringing everything up to date again.
        """
        looks = 0
        while True:
            looks += 1
            rows, outside, outside_row = _largest(self.nearest, self.pull, self.kernels)
            stale = rows[self.seen[rows] < self.t]
            if len(stale):
                self._refresh(stale)
            if not len(stale) or np.count_nonzero(self.nearest[rows] >= outside) >= self.skip + ENOUGH:
                if looks == 1:
                    self.pull = max(self.least, int(self.pull / 1.5))
                return rows, outside, outside_row
            if looks > 2:
                self.pull = min(len(self.x), int(1.5 * self.pull) + 1)

    def _refresh(self, stale: NDArray[np.int64]) -> None:
        """Bring rows up to date, those that have seen equally much together."""
        kernels, t = self.kernels, self.t
        if self.known < t:
            new = slice(self.known, t)
            kernels.gather(self.centres, np.arange(self.known, t), self.mean, self.scale, self.framed[new])
            self.centre_norm[new] = np.einsum("ij,ij->i", self.framed[new], self.framed[new]) * (1.0 - self.slack)
            self.known = t
        since = self.seen[stale]
        if since.min() != since.max():
            order = np.argsort(
                since.astype(np.uint16) if t < 1 << 16 else since, kind="stable"
            )  # 16 bits: a radix sort
            stale, since = stale[order], since[order]
        lo = 0
        while lo < len(stale):
            p0 = int(since[lo])
            # a block may hold rows that have seen a little more than its first: at most a quarter of the product is
            # waste
            hi = min(lo + len(self.block), len(stale))
            if since[hi - 1] > p0:
                hi = lo + int(np.searchsorted(since[lo:hi], p0 + 4 + (t - p0) // 4, side="right"))
            rows, m = stale[lo:hi], hi - lo
            kernels.gather(self.x, rows, self.mean, self.scale, self.block[:m])
            product = self.framed[p0:t] @ self.block[:m].T  # (centres, rows)
            kernels.absorb(
                product,
                self.x,
                rows,
                self.centres,
                p0,
                t,
                self.norm,
                self.centre_norm,
                self.slack,
                self.unit,
                self.nearest,
                self.giver,
                self.low[:m],
                self.second[:m],
                self.best[:m],
            )
            lo = hi
        self.seen[stale] = t


def slack_of(d: int) -> float:
    """Bound the error of float32 sums of ``d`` squares, relative to the squared norms that go in, twice over."""
    return (d + 8) * 2.0**-23


def _largest(v: NDArray[np.float64], pull: int, kernels) -> tuple[NDArray[np.int64], float, int]:
    """Rows of about the ``pull`` largest values; the largest value left out, and the first row that has it."""
    n = len(v)
    if pull >= n:
        return np.arange(n), -1.0, -1
    part = v if n <= 16_384 else v[:: n // 16_384]
    at = max(1, int(len(part) * pull / n))
    level = np.partition(part, len(part) - at)[len(part) - at]
    rows = np.empty(min(n, 4 * pull), np.int64)
    count, outside, row = kernels.at_least(v, level, rows)
    if count <= len(rows):
        return rows[:count], float(outside), int(row)
    rows = np.flatnonzero(v > level)  # many equal values: the lowest rows of them will do
    equal = np.flatnonzero(v == level)
    room = max(pull - len(rows), 1)
    if len(equal) > room:
        outside, row = float(level), int(equal[room])
    return np.sort(np.concatenate([rows, equal[:room]])), float(outside), int(row)


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


def frame(x: NDArray) -> tuple[NDArray[np.float64], float]:
    """Mean and a power of two that bring the rows near zero and one; from a sample, since any frame is valid."""
    some = x[:: max(1, len(x) // 256)][:256].astype(np.float64)
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
