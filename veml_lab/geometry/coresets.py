"""Core sets: a few points that stand for a data version, with the balls that cover it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput, UnknownName
from . import selection
from .greedy import farthest_first
from .nearest import nearest
from .points import as_points, check_k, is_tensor, row_blocks, squared_distances

Start = Literal["random", "medoid"] | int


def _absent() -> None:
    return None


@dataclass(frozen=True, eq=False)
class CoreSet:
    """A few rows of a point set and the balls of equal radius around them that cover it.

    Attributes
    ----------
    index : int64 array, shape (k,)
        The chosen rows, in the order of choice.
    points : float32 array, shape (k, d)
        Their coordinates.
    radius : float
        Covering radius: the largest distance of any row to its nearest centre.
    radii : float64 array, shape (k,)
        Covering radius after each centre; it never grows.
    method : str
        One of :data:`METHODS`.
    seed : int
        The seed it was made with.
    mass : float64 array, shape (k,)
        Share of the data nearest to each centre; sums to 1. Counted when first asked for, since it costs a
        pass of n k d where the exact greedy needs far less.
    """

    index: NDArray[np.int64]  # (k,)
    points: NDArray[np.float32]  # (k, d)
    radius: float
    radii: NDArray[np.float64]  # (k,)
    method: str
    seed: int
    mass: NDArray[np.float64] = field(default_factory=_absent, repr=False)  # (k,), sums to 1
    _data: NDArray | None = field(default=None, repr=False)  # (n, d), kept until the mass is counted

    def __post_init__(self) -> None:
        if self.__dict__.get("mass") is None:
            object.__delattr__(self, "mass")  # so that the first look at it comes to __getattr__

    def __getattr__(self, name: str) -> NDArray[np.float64]:
        if name != "mass" or self.__dict__.get("_data") is None:
            raise AttributeError(f"{type(self).__name__} has no {name}")
        ball, _ = assign(self._data, self._data[self.index])
        mass = np.bincount(ball, minlength=len(self)) / len(self._data)
        object.__setattr__(self, "mass", mass)
        return mass

    def __getstate__(self) -> dict:
        return {**self.__dict__, "mass": self.mass, "_data": None}  # a stored core set does not drag the data along

    def __len__(self) -> int:
        return len(self.index)

    def prefix(self, k: int) -> CoreSet:
        """Give the core set of the first ``k`` centres; for greedy methods that is what a run at ``k`` gives.

        Once the data is gone (a stored core set) the mass of a dropped centre goes to the nearest kept one.
        """
        k = check_k(k, len(self))
        mass = None
        if self._data is None:
            ball = squared_distances(self.points, self.points[:k]).argmin(axis=1)
            mass = np.bincount(ball, weights=self.mass, minlength=k)
        return CoreSet(
            self.index[:k],
            self.points[:k],
            float(self.radii[k - 1]),
            self.radii[:k],
            self.method,
            self.seed,
            mass,
            self._data,
        )

    def parts(self, *, mass: bool = False) -> dict[str, Any]:
        """Everything but the points, as arrays and plain values, for :meth:`of_parts`; ``mass`` costs a pass."""
        held = {n: getattr(self, n) for n in ("index", "radius", "radii", "method", "seed")}
        return {**held, "mass": self.mass if mass or "mass" in self.__dict__ else None}

    @classmethod
    def of_parts(cls, parts: Mapping[str, Any], data: NDArray) -> CoreSet:
        """What :meth:`parts` gave, with the rows that it was chosen from."""
        return cls(points=_take(data, parts["index"]), _data=data, **parts)

    def __repr__(self) -> str:
        d = self.points.shape[1]
        return f"<CoreSet {self.method}: {len(self)} centres in {d} dimensions, radius {self.radius:.4g}>"


def k_center_greedy(
    x: ArrayLike,
    k: int,
    *,
    seed: int = 0,
    start: Start = "random",
    skip_farthest: float = 0.0,
    labelled: ArrayLike | None = None,
    starts: int = 1,
) -> CoreSet:
    """Choose ``k`` centres so that the farthest point is near: the paper's greedy core set.

    Each centre is the row farthest from those before it; ties go to the lowest index, and once every
    distinct point is a centre it goes on with duplicates. The covering radius is at most twice the smallest
    possible. One run serves every smaller k: see :meth:`CoreSet.prefix`. Distances are decided in float64,
    so the centres agree across machines.

    Parameters
    ----------
    x : array-like or torch tensor, shape (n, d)
        Embeddings, one row per sample. A memory-mapped array is read in blocks.
    k : int
        Number of centres, at most n.
    seed : int
        Draws the random start.
    start : "random", "medoid" or int
        The first centre: a random row (the paper), the row nearest to the mean (deterministic), or this row.
    skip_farthest : float in [0, 0.5]
        Pass over this share of the farthest rows at each choice. The paper names outliers as the weakness
        of its core set; 0.02 removes it at 1 % outliers.
    labelled : int array, optional
        Rows chosen before (active learning): the new centres are far from those too, and ``start`` is unused.
    starts : int
        Try this many starts and keep the smallest radius.

    Returns
    -------
    CoreSet

    Raises
    ------
    BadInput
        k above n, an unknown start, a row that is not there.
    BadData
        NaN or infinite rows, named.

    Source
    ------
    T. F. Gonzalez, Clustering to minimize the maximum intercluster distance, 1985; VeML, section IV.B;
    O. Sener and S. Savarese, ICLR 2018 (``labelled``). The skipping is ours.

    Examples
    --------
    >>> k_center_greedy([[0.0], [1.0], [5.0], [9.0]], 2, start=0).index
    array([0, 3])
    """
    if is_tensor(x) and x.device.type != "cpu" and x.ndim == 2 and skip_farthest == 0 and labelled is None:
        core = _on_device(x, k, seed, start, starts)
        if core is not None:
            return core
    a = as_points(x, finite=False)
    n = len(a)
    k = check_k(k, n)
    if not 0.0 <= skip_farthest <= 0.5:
        raise BadInput(f"skip_farthest={skip_farthest} is a share of the rows, between 0 and 0.5")
    skip = n - 1 - int((1.0 - skip_farthest) * (n - 1))
    method = "k-center" if skip_farthest == 0 else "k-center-skip"
    floor = None
    if labelled is not None:
        before = check_rows(labelled, n, "labelled")
        if k + len(before) > n:
            raise BadInput(f"k={k} new samples were asked, but only {n - len(before)} of {n} are not labelled yet")
        if len(before):
            _, distance = assign(a, a[before])
            floor = distance**2  # (n,)
    best: tuple[NDArray, NDArray, int] | None = None
    for s in range(seed, seed + check_k(starts, 1 << 30, name="starts")):
        index, radii = farthest_first(a, k, start=_first(a, start, s), skip=skip, floor=floor)
        if best is None or radii[-1] < best[1][-1]:
            best = index, radii, s
        if start != "random" or floor is not None:
            break  # every start would be the same
    index, radii, s = best
    return CoreSet(index, _take(a, index), float(radii[-1]), radii, method, s, _data=a)


def _on_device(x: Any, k: int, seed: int, start: Start, starts: int) -> CoreSet | None:
    """Run on the device that holds the tensor; ``None`` if it has no room or the numbers do not fit float32."""
    import torch

    from .lazy_torch import lazy_torch

    k = check_k(k, len(x))
    best = None
    try:
        for s in range(seed, seed + (starts if start == "random" else 1)):
            first = (
                int(((x.double() - x.double().mean(0)) ** 2).sum(1).argmin())
                if start == "medoid"
                else _first(x, start, s)
            )
            found = lazy_torch(x, k, start=first)
            if found is None:
                return None
            if best is None or found[1][-1] < best[1][-1]:
                best = *found, s
    except torch.cuda.OutOfMemoryError:
        warnings.warn("the GPU has no room for the core set; it is chosen in main memory instead", stacklevel=3)
        return None
    index, radii, s = best
    points = x[torch.from_numpy(index).to(x.device)].float().cpu().numpy()
    return CoreSet(index, points, float(radii[-1]), radii, "k-center", s, _data=x)


def core_set(x: ArrayLike, k: int, *, method: str = "k-center", seed: int = 0, **options) -> CoreSet:
    """Choose ``k`` rows by any of :data:`METHODS`; ``options`` go to that method.

    Examples
    --------
    >>> len(core_set([[0.0], [1.0], [5.0], [9.0]], 2, method="random"))
    2
    """
    if method not in METHODS:
        raise UnknownName.of("core-set method", method, METHODS)
    return METHODS[method](x, k, seed=seed, **options)


def _skipping(x: ArrayLike, k: int, *, seed: int = 0, skip_farthest: float = 0.02, **options) -> CoreSet:
    return k_center_greedy(x, k, seed=seed, skip_farthest=skip_farthest, **options)


def _selected(method: str, choose: Callable[..., NDArray[np.int64]]) -> Callable[..., CoreSet]:
    def run(x: ArrayLike, k: int, *, seed: int = 0, **options) -> CoreSet:
        a = as_points(x)
        index = choose(a, check_k(k, len(a)), seed=seed, **options)
        return from_index(a, index, method=method, seed=seed)

    run.__doc__ = choose.__doc__
    return run


def from_index(x: ArrayLike, index: ArrayLike, *, method: str = "given", seed: int = 0) -> CoreSet:
    """Make a core set of rows chosen elsewhere, with the covering radius after each (time n k d)."""
    a = as_points(x)
    rows = check_rows(index, len(a), "index")
    radii = np.zeros(len(rows))
    for block in row_blocks(len(a), len(rows) + a.shape[1]):
        nearest = np.minimum.accumulate(squared_distances(a[block], a[rows]), axis=1)  # (rows, k)
        np.maximum(radii, nearest.max(axis=0), out=radii)
    radii = np.sqrt(radii)
    return CoreSet(rows, _take(a, rows), float(radii[-1]), radii, method, seed, _data=a)


def union_core_set(parts: Sequence[CoreSet], k: int, *, sizes: Sequence[int] | None = None, seed: int = 0) -> CoreSet:
    """Choose centres of a union of sets from the core sets of its parts alone; no other row is looked at.

    The greedy runs over the centres of all parts. With ``r`` its covering radius of these and ``R`` the largest
    covering radius of a part, every row of the union lies within ``r + R`` of a centre. That is the ``radius`` of the
    result: a bound, where a run over all rows measures. For parts of ``k`` centres or more by the greedy it is at most
    four times the smallest possible covering radius: of k + 1 points that are ``r`` (or ``R``) apart, two have the same
    nearest centre of any k.

    Parameters
    ----------
    parts
        Core sets of the parts, by one embedding.
    k
        Centres, at most as many as all parts have.
    sizes
        Rows of each part, for the mass of the centres; without them all parts count alike.

    Returns
    -------
    CoreSet
        Its ``index`` counts through the centres of the parts, one part after the other.

    Source
    ------
    G. Malkomes et al., Fast distributed k-center clustering with outliers on massive data, NeurIPS 2015: core sets of
    parts as the input of another greedy.

    Examples
    --------
    >>> parts = [k_center_greedy([[0.0], [1.0]], 1, start=0), k_center_greedy([[9.0], [9.5]], 1, start=0)]
    >>> union_core_set(parts, 2).radius
    1.0
    """
    if not parts:
        raise BadInput("a union has one part or more; give their core sets")
    points = np.concatenate([p.points for p in parts])
    most = max(p.radius for p in parts)
    core = k_center_greedy(points, k, seed=seed)
    owner, _ = assign(points, core.points)
    rows = np.concatenate([p.mass * n for p, n in zip(parts, sizes or [1] * len(parts), strict=True)])
    mass = np.bincount(owner, weights=rows, minlength=len(core)) / rows.sum()
    radii = core.radii + most
    return CoreSet(core.index, core.points, float(radii[-1]), radii, "k-center-of-parts", seed, mass)


METHODS: dict[str, Callable[..., CoreSet]] = {
    "k-center": k_center_greedy,
    "k-center-skip": _skipping,
    "k-center-outliers": _selected("k-center-outliers", selection.k_center_outliers),
    "probcover": _selected("probcover", selection.probcover),
    "facility-location": _selected("facility-location", selection.facility_location),
    "k-means-medoids": _selected("k-means-medoids", selection.k_means_medoids),
    "random": _selected("random", selection.random_rows),
}


def typiclust(x: ArrayLike, k: int, *, seed: int = 0, labelled: ArrayLike | None = None) -> CoreSet:
    """Choose ``k`` typical rows of ``k`` clusters that have no labelled row yet (active learning, cold start).

    Source
    ------
    G. Hacohen, A. Dekel and D. Weinshall, Active learning on a budget, ICML 2022.
    """
    a = as_points(x)
    before = check_rows(() if labelled is None else labelled, len(a), "labelled")
    if k + len(before) > len(a):
        raise BadInput(
            f"k={k} new samples were asked, but only {len(a) - len(before)} of {len(a)} are not labelled yet"
        )
    return from_index(
        a, selection.typiclust(a, check_k(k, len(a)), seed=seed, labelled=before), method="typiclust", seed=seed
    )


def assign(x: ArrayLike, points: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the nearest of ``points`` for every row of ``x``.

    Returns
    -------
    index : int64 array, shape (n,)
        Nearest point; ties go to the lowest.
    distance : float64 array, shape (n,)

    Examples
    --------
    >>> assign([[0.0], [4.0]], [[1.0], [6.0]])
    (array([0, 1]), array([1., 2.]))
    """
    a, c = as_points(x, finite=False), as_points(points, name="points")
    if a.shape[1] != c.shape[1]:
        raise BadInput(f"x has {a.shape[1]} dimensions and points has {c.shape[1]}")
    index, distance = nearest(a, c)
    if not np.isfinite(distance).all():
        as_points(a)  # names the rows
    return index, distance


def check_rows(index: ArrayLike, n: int, name: str) -> NDArray[np.int64]:
    """Check row numbers: whole, inside, one-dimensional."""
    rows = np.asarray(index)
    if rows.ndim != 1 or (rows.size and rows.dtype.kind not in "iu"):
        raise BadInput(f"{name} has shape {rows.shape} and type {rows.dtype}; give row numbers in one dimension")
    if rows.size and (rows.min() < 0 or rows.max() >= n):
        raise BadInput(f"{name} names row {rows.min() if rows.min() < 0 else rows.max()}, but there are {n} rows")
    return rows.astype(np.int64)


def _first(a: NDArray, start: Start, seed: int) -> int:
    if start == "random":
        return int(np.random.default_rng(seed).integers(len(a)))
    if start == "medoid":
        mean = np.zeros(a.shape[1])
        for rows in row_blocks(len(a), a.shape[1]):
            mean += a[rows].sum(axis=0, dtype=np.float64)
        mean /= len(a)
        near = [((a[rows] - mean) ** 2).sum(axis=1) for rows in row_blocks(len(a), a.shape[1])]
        near = np.concatenate(near)
        return int(np.where(np.isnan(near), np.inf, near).argmin())  # the greedy's first pass names NaN rows
    if isinstance(start, (str, bool)) or int(start) != start or not 0 <= start < len(a):
        raise BadInput(f"start={start!r} is neither 'random', 'medoid' nor one of the {len(a)} rows")
    return int(start)


def _take(a: NDArray, index: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.ascontiguousarray(a[index], dtype=np.float32)
