"""The exact lazy greedy on torch tensors, for embeddings that are on a GPU already; torch only, no kernels.

The same idea as :mod:`veml_lab.geometry.lazy`, with bounds in float32 that err upwards. The rows of a small
working set are evaluated in float64 on the numbers as given, and only those values decide.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import BadData
from .lazy import slack_of

if TYPE_CHECKING:
    import torch

ROWS = 2048  # per matrix product, and the most that a working set holds
UP = 1.0 + 1e-6  # rounding to float32 must not lower a bound
PAIR_NUMBERS = 1 << 24  # float64 numbers of the differences that are taken at once


def lazy_torch(
    x: torch.Tensor, k: int, *, start: int, name: str = "x", work: int = 512
) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Run the lazy engine on the tensor's device; memory 12 n bytes beside the data.

    Needs one product per stale row and new centre, as the compiled engine does, and float64 only for ``work``
    rows a round. Gives the same centres as :func:`veml_lab.geometry.greedy.plain`; ``None`` if the numbers span
    more than float32 can hold.
    """
    import torch

    with torch.no_grad():
        run = _Run(torch, x, k, start, work)
        bad = ~torch.isfinite(run.norm)
        if not bad.any():
            return run.run()
        rows = bad.nonzero()[:, 0]
        rows = rows[~torch.isfinite(x[rows]).all(1)]
        if not len(rows):
            return None
        shown = ", ".join(map(str, rows[:5].tolist())) + (" ..." if len(rows) > 5 else "")
        raise BadData(
            f"{name} has NaN or infinity in {len(rows)} of {len(x)} rows (rows {shown}); "
            "drop these rows or embed their samples again"
        )


class _Run:
    def __init__(self, torch, x, k: int, start: int, work: int) -> None:
        n, d = x.shape
        self.torch, self.x, self.k, self.work = torch, x, k, min(work, ROWS)
        self.slack = slack_of(d)
        some = x[:: max(1, n // 1024)].double()
        spread = float((some - some.mean(0)).square().mean().sqrt())
        # a power of two, so that scaling is exact and float32 neither overflows nor vanishes
        self.scale = 2.0 ** -round(math.log2(spread)) if math.isfinite(spread) and spread > 0 else 1.0
        self.mean = (some.mean(0) * self.scale).nan_to_num()
        self.centre = torch.empty((k, d), dtype=torch.float64, device=x.device)  # scaled and centred
        self.raw = torch.empty((k, d), dtype=torch.float64, device=x.device)  # scaled
        self.norm = torch.empty(n, dtype=torch.float32, device=x.device)
        self.bound = torch.empty(n, dtype=torch.float32, device=x.device)  # >= squared distance to the nearest
        self.seen = torch.ones(n, dtype=torch.int32, device=x.device)
        self.index, self.radii, self.t = np.empty(k, np.int64), np.empty(k), 0
        self._choose(start)
        for lo in range(0, n, 1 << 16):
            y = self._rows(slice(lo, lo + (1 << 16)))
            self.norm[lo : lo + (1 << 16)] = (y * y).sum(1)
            self.bound[lo : lo + (1 << 16)] = self._bounds(y, self.norm[lo : lo + (1 << 16)], 0, 1)

    def _raw(self, rows):
        return self.x[rows].double() * self.scale

    def _rows(self, rows):
        return (self._raw(rows) - self.mean).float()

    def _bounds(self, y, norm, p0: int, t: int):
        c = self.centre[p0:t].float()
        size = (c * c).sum(1)
        low = self.torch.addmm(size * (1 + self.slack), y, c.T, alpha=-2).min(1).values
        return (low + norm * (1 + self.slack)).clamp_(min=0) * UP + 1e-30

    def _exact(self, rows):
        """Float64 distance of rows to the centres so far: the nearest by product, its value by differences.

        Centres that the rounding of the product cannot tell from the nearest are all taken by differences: rows
        that lie 1e-8 of the spread apart need it, and there the value itself decides.
        """
        torch = self.torch
        row = self._raw(rows)
        y = row - self.mean
        c = self.centre[: self.t]
        size, norm = (c * c).sum(1), (y * y).sum(1)
        product = torch.addmm(size, y, c.T, alpha=-2)
        low, near = product.min(1)
        value = ((row - self.raw[near]) ** 2).sum(1)
        # of a sum of d products and of the sizes; twice, since both sides of a comparison are off
        off = 2 * (self.x.shape[1] + 8) * torch.finfo(torch.float64).eps * (norm + size.max()) * 2
        close = product <= (low + off)[:, None]
        close[torch.arange(len(row), device=row.device), near] = False
        for pairs in close.nonzero().split(max(1, PAIR_NUMBERS // self.x.shape[1])):
            i, j = pairs.T
            value.scatter_reduce_(0, i, ((row[i] - self.raw[j]) ** 2).sum(1), "amin")
        return row, value

    def _choose(self, row: int) -> None:
        self.index[self.t] = row
        self.raw[self.t] = self._raw(row)
        self.centre[self.t] = self.raw[self.t] - self.mean
        self.t += 1

    def run(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        torch, n, pull = self.torch, len(self.x), self.work
        while True:
            if pull < n:
                outside = float(torch.topk(self.bound, pull + 1, sorted=False).values.min())
                rows = (self.bound > outside).nonzero()[:, 0]
            else:
                outside, rows = -1.0, torch.arange(n, device=self.x.device)
            self._refresh(rows[self.seen[rows] < self.t])
            if len(rows) > self.work:
                best = torch.topk(self.bound[rows], self.work + 1)
                outside = max(outside, float(best.values[-1]))
                rows = rows[best.indices[:-1].sort().values]
            made = self._commit(rows, outside) if len(rows) else 0
            if self.t > self.k:
                return self.index, np.sqrt(self.radii) / self.scale
            if made == 0 and pull < n:
                pull *= 2
            elif made == 0:
                if self._one_by_all():
                    return self.index, np.sqrt(self.radii) / self.scale
            elif made < 16:
                pull = int(1.6 * pull) + 1
            elif made > 96:
                pull = max(self.work, int(pull / 1.6))

    def _refresh(self, stale) -> None:
        if not len(stale):
            return
        order = self.torch.argsort(self.seen[stale])
        for rows in stale[order].split(ROWS):
            p0 = int(self.seen[rows[0]])
            new = self._bounds(self._rows(rows), self.norm[rows], p0, self.t)
            self.bound[rows] = self.torch.minimum(self.bound[rows], new)
        self.seen[stale] = self.t

    def _commit(self, rows, outside: float) -> int:
        row, value = self._exact(rows)
        made = 0
        while True:
            top = float(value.max())
            if not top > outside:
                break
            self.radii[self.t - 1] = top
            if self.t == self.k:
                self.t += 1
                return made
            pick = int((value == top).nonzero()[0, 0])  # rows ascend: the lowest of equals
            self._choose(int(rows[pick]))
            value = self.torch.minimum(value, ((row - row[pick]) ** 2).sum(1))
            made += 1
        self.bound[rows] = (value * UP).float()
        self.seen[rows] = self.t
        return made

    def _one_by_all(self) -> bool:
        """Decide between rows whose bounds tie: exact values of all that may be the farthest. True when done."""
        rows = self.torch.arange(0, device=self.x.device)
        again = self.bound.argmax().reshape(1)
        while not self.torch.equal(again, rows):
            rows = again
            value = self.torch.cat([self._exact(part)[1] for part in rows.split(ROWS)])
            self.bound[rows] = (value * UP).float()
            self.seen[rows] = self.t
            again = (self.bound >= float(value.max())).nonzero()[:, 0]
        top = float(value.max())
        self.radii[self.t - 1] = top
        if self.t == self.k:
            return True
        self._choose(int(rows[(value == top).nonzero()[0, 0]]))
        return False
