"""Sums over rows from which means, covariances, Gram matrices and linear heads follow; those of parts are added.

What holds for sums of parts against sums of all rows, with ``u`` = 2^-53 and ``m`` the largest absolute number:

* the same parts in the same order give the same bits, whoever computed the sums of each part;
* other parts of the same rows differ by at most ``2 n u m^2`` in each number, for each row counted once;
* taking a part away again differs by at most the same, with the ``n`` and ``m`` of what it was taken from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput
from .points import as_points, distances


@dataclass(frozen=True, eq=False)
class Sums:
    """What of a set of rows is enough for first and second moments, with targets beside the rows if there are any.

    Attributes
    ----------
    n : int
        Rows.
    x : float64 array, shape (d,)
        Their sum.
    xx : float64 array, shape (d, d)
        Their Gram matrix X'X.
    y : float64 array, shape (m,)
        Sum of the targets; m is 0 without any.
    xy : float64 array, shape (d, m)
        X'Y.
    """

    n: int
    x: NDArray[np.float64]
    xx: NDArray[np.float64]
    y: NDArray[np.float64]
    xy: NDArray[np.float64]

    @classmethod
    def of(cls, rows: ArrayLike, targets: ArrayLike | None = None) -> Sums:
        """The sums of one part: rows (n, d), targets (n, m).

        Examples
        --------
        >>> Sums.of([[1.0], [3.0]]).mean
        array([2.])
        """
        a = as_points(rows).astype(np.float64)
        b = np.zeros((len(a), 0)) if targets is None else np.asarray(targets, dtype=np.float64)
        if b.ndim != 2 or len(b) != len(a):
            raise BadInput(f"there are {len(a)} rows and targets of the shape {b.shape}; give one row of targets a row")
        return cls(len(a), a.sum(axis=0), a.T @ a, b.sum(axis=0), a.T @ b)

    @classmethod
    def folded(cls, parts: Iterable[Sums]) -> Sums:
        """The sums of all parts, added one after the other."""
        first, *rest = parts
        for part in rest:
            first = first + part
        return first

    def __add__(self, other: Sums) -> Sums:
        self._alike(other)
        return Sums(*(a + b for a, b in zip(self._all(), other._all(), strict=True)))

    def __sub__(self, other: Sums) -> Sums:
        self._alike(other)
        if other.n > self.n:
            raise BadInput(f"{other.n} rows cannot be taken from {self.n}")
        return Sums(*(a - b for a, b in zip(self._all(), other._all(), strict=True)))

    def _all(self) -> tuple[int, NDArray, NDArray, NDArray, NDArray]:
        return self.n, self.x, self.xx, self.y, self.xy

    def _alike(self, other: Sums) -> None:
        if self.xy.shape != other.xy.shape:
            raise BadInput(
                f"sums of {self.xy.shape[0]} dimensions and {self.xy.shape[1]} targets cannot be joined with"
                f" those of {other.xy.shape[0]} and {other.xy.shape[1]}"
            )

    @property
    def mean(self) -> NDArray[np.float64]:
        """(d,)"""
        return self.x / self.n

    @property
    def covariance(self) -> NDArray[np.float64]:
        """(d, d), divided by n."""
        return self.xx / self.n - np.outer(self.mean, self.mean)

    def ridge(self, l2: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights (d, m) and offsets (m,) that minimise the squared error plus ``l2`` times the squared weights.

        Offsets are not penalised. Time d^3, whatever n is.

        Raises
        ------
        BadInput
            There are no targets, or ``l2`` is not above 0.

        Source
        ------
        A. Phani, B. Rath and M. Boehm, LIMA: fine-grained lineage tracing and reuse in machine learning systems,
        SIGMOD 2021: X'X and X'y of a union as the sum of those of its parts.
        """
        if not self.xy.shape[1]:
            raise BadInput("a head is fitted to targets: make the sums with Sums.of(rows, targets)")
        if not 0 < l2 < np.inf:
            raise BadInput(f"l2={l2} is the weight of the penalty, a number above 0")
        from scipy import linalg

        centred = self.xx - np.outer(self.x, self.mean)
        centred[np.diag_indices_from(centred)] += l2
        weights = linalg.solve(centred, self.xy - np.outer(self.x, self.y / self.n), assume_a="pos")
        return weights, self.y / self.n - self.mean @ weights


@dataclass(frozen=True, eq=False)
class PairSums:
    """Sums of the distances between the rows of parts: the blocks of a distance matrix, each as one number.

    A set that grows by a part needs the distances of the new rows alone. Totals are added exactly (``math.fsum``), so
    they depend on the blocks and not on their order: bit for bit what computing all blocks anew gives. Against one
    matrix over all rows they are as good as :func:`~.points.distances` is, to about 1e-7 of the largest distance.

    Attributes
    ----------
    sizes : tuple of int
        Rows of each part.
    sums : float64 array, shape (p, p)
        Sum of the distances between the rows of part i and of part j; symmetric.
    """

    sizes: tuple[int, ...]
    sums: NDArray[np.float64]

    @classmethod
    def of(cls, parts: Iterable[ArrayLike], known: PairSums | None = None) -> PairSums:
        """All blocks of these parts; those of ``known``, which are of the first parts, are taken over."""
        data = [as_points(p) for p in parts]
        old = 0 if known is None else len(known.sizes)
        if known is not None and known.sizes != tuple(len(p) for p in data[:old]):
            raise BadInput(f"the known blocks are of parts of {known.sizes} rows, and these begin with others")
        sums = np.zeros((len(data), len(data)))
        if known is not None:
            sums[:old, :old] = known.sums
        for i, a in enumerate(data):
            for j in range(max(old, i), len(data)) if i < old else range(i, len(data)):
                sums[i, j] = sums[j, i] = _sum_of_distances(a, data[j])
        return cls(tuple(len(p) for p in data), sums)

    def mean(self, first: Iterable[int], second: Iterable[int]) -> float:
        """Mean distance between the rows of some parts and those of others."""
        import math

        a, b = list(first), list(second)
        pairs = sum(self.sizes[i] for i in a) * sum(self.sizes[j] for j in b)
        return math.fsum(self.sums[i, j] for i in a for j in b) / pairs

    def energy(self, first: Iterable[int], second: Iterable[int]) -> float:
        """Energy distance, squared, between the union of some parts and that of others, over all rows.

        Examples
        --------
        >>> PairSums.of([[[0.0]], [[1.0]], [[5.0]]]).energy([0, 1], [2])
        8.5
        """
        a, b = list(first), list(second)
        return max(0.0, 2 * self.mean(a, b) - self.mean(a, a) - self.mean(b, b))


def _sum_of_distances(a: NDArray, b: NDArray, rows: int = 1024) -> float:
    import math

    return math.fsum(float(distances(a[i : i + rows], b).sum()) for i in range(0, len(a), rows))


@dataclass(frozen=True, eq=False)
class WindowSums:
    """What a drift test needs of test rows, as sums: windows are joined and old rows taken out without a look at rows.

    Counts are whole numbers, so occupancy and the share outside are exact however a window came about; the scatter of
    the capped distances is within the bound of :class:`Sums`.

    Attributes
    ----------
    counts : int64 array, shape (k,)
        Rows nearest to each centre.
    outside : int
        Rows beyond the 99 % radius.
    capped : Sums
        Of the distances to the k centres, none above its cap.
    """

    counts: NDArray[np.int64]
    outside: int
    capped: Sums

    def __add__(self, other: WindowSums) -> WindowSums:
        return WindowSums(self.counts + other.counts, self.outside + other.outside, self.capped + other.capped)

    def __sub__(self, other: WindowSums) -> WindowSums:
        if (other.counts > self.counts).any() or other.outside > self.outside:
            raise BadInput("the rows that are to be taken out are not in this window")
        return WindowSums(self.counts - other.counts, self.outside - other.outside, self.capped - other.capped)
