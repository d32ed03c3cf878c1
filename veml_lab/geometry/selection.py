"""Choosing rows so that outliers do not decide: the robust core sets and active-learning selections.

Each function takes a checked (n, d) array and gives ``k`` distinct row numbers. The ones that would need
all n x n distances look at a random ``sample`` of the rows instead; their time is then n-free.
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from .clusters import k_means, k_means_plus_plus
from .greedy import farthest_first
from .points import distances, row_blocks, squared_distances


def random_rows(x: NDArray, k: int, *, seed: int = 0) -> NDArray[np.int64]:
    """Choose ``k`` rows at random: the baseline every other method has to beat."""
    return np.random.default_rng(seed).choice(len(x), k, replace=False)


def k_means_medoids(x: NDArray, k: int, *, seed: int = 0, iterations: int = 8) -> NDArray[np.int64]:
    """Choose the row nearest to each of ``k`` k-means centres."""
    centres, _ = k_means(x, k, seed=seed, iterations=iterations)
    best = np.full(k, np.inf)
    index = np.zeros(k, np.int64)
    for rows in row_blocks(len(x), k + x.shape[1]):
        d2 = squared_distances(x[rows], centres)  # (rows, k)
        near = d2.argmin(axis=0)
        value = d2[near, np.arange(k)]
        better = value < best
        index[better] = near[better] + rows.start
        best[better] = value[better]
    return filled(x, np.unique(index), k)


def facility_location(x: NDArray, k: int, *, seed: int = 0, sample: int = 1000) -> NDArray[np.int64]:
    """Choose rows that are near to all others on average: greedy maximum of the summed similarity.

    The lazy greedy of Minoux: gains only fall, so a row whose old gain is below another's new one is not
    looked at. Within 1 - 1/e of the optimum on the sample.
    """
    rows = _sample(len(x), max(sample, 4 * k), seed)
    d = distances(x[rows], x[rows])
    similar = d.max() - d
    served = np.zeros(len(rows))  # similarity of each row to the nearest chosen
    heap = [(-g, j) for j, g in enumerate(similar.sum(axis=0))]
    heapq.heapify(heap)
    chosen: list[int] = []
    while heap and len(chosen) < k:
        _, j = heapq.heappop(heap)
        gain = np.maximum(similar[:, j] - served, 0.0).sum()
        if heap and gain < -heap[0][0]:
            heapq.heappush(heap, (-gain, j))
            continue
        chosen.append(j)
        np.maximum(served, similar[:, j], out=served)
    return rows[chosen]


def probcover(
    x: NDArray,
    k: int,
    *,
    seed: int = 0,
    radius: float | None = None,
    rule: str = "coverage",
    sample: int = 1000,
    labelled: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Choose rows whose balls of a fixed radius cover the most rows: the remedy that the paper's limitations name.

    Parameters
    ----------
    radius : float, optional
        Of the balls. Without it the ``rule`` finds one.
    rule : {"coverage", "purity"}
        ``coverage``: the distance within which 60 % of the rows have one of ``k`` k-means++ points, so that
        about k balls can cover. ``purity``: the largest radius at which 95 % of the balls hold one k-means
        cluster only (the rule of the ProbCover paper).
    labelled : int array, optional
        Rows chosen before; what their balls cover counts as covered.

    Source
    ------
    O. Yehuda et al., Active learning through a covering lens, NeurIPS 2022; VeML, limitations, [44].
    Where everything is covered before ``k`` rows are chosen we go on with the farthest rows.
    """
    before = np.empty(0, np.int64) if labelled is None else np.asarray(labelled, np.int64)
    rows = _sample(len(x), max(sample, 4 * k), seed)
    rows = rows[~np.isin(rows, before)]
    d = distances(x[rows], x[rows])
    if radius is None:
        radius = _purity_radius(x[rows], d, k, seed) if rule == "purity" else _coverage_radius(x[rows], d, k, seed)
    near = d <= radius
    covered = np.zeros(len(rows), bool)
    if len(before):
        covered = (distances(x[rows], x[before]) <= radius).any(axis=1)
    gain = near[:, ~covered].sum(axis=1)
    chosen: list[int] = []
    while len(chosen) < k and gain.max(initial=0) > 0:
        j = int(gain.argmax())
        fresh = near[j] & ~covered
        gain = gain - near[:, fresh].sum(axis=1)  # only newly covered columns change the counts
        covered |= fresh
        chosen.append(j)
    return filled(x, rows[chosen], k, before=before)


def _coverage_radius(x: NDArray, d: NDArray, k: int, seed: int) -> float:
    points = k_means_plus_plus(x, min(k, len(x)), np.random.default_rng(seed))
    return float(np.quantile(d[:, points].min(axis=1), 0.6))


def _purity_radius(x: NDArray, d: NDArray, k: int, seed: int, purity: float = 0.95) -> float:
    _, label = k_means(x, min(k, len(x)), seed=seed)
    other = label[:, None] != label[None]
    foreign = np.where(other, d, np.inf).min(axis=1)  # (n,) distance to the nearest row of another cluster
    return float(np.nextafter(np.quantile(foreign, 1.0 - purity), 0.0))


def k_center_outliers(
    x: NDArray, k: int, *, seed: int = 0, outliers: float = 0.01, pool: int = 1500
) -> NDArray[np.int64]:
    """Choose centres that cover all but a share of the rows: k-center with z outliers.

    A greedy run leaves a small weighted pool; on it the disc greedy takes the ball with the most uncovered
    mass, drops what lies within three radii, and a bisection finds the smallest radius that leaves at most
    ``outliers`` of the mass uncovered. Three-approximation on the pool.

    Source
    ------
    M. Charikar et al., SODA 2001; pool as in M. Ceccarello et al., VLDB 2019.
    """
    n = len(x)
    size = min(n, max(pool, 4 * k))
    if n > size:
        half = farthest_first(x, size // 2, start=int(np.random.default_rng(seed).integers(n)))[0]
        rows = np.unique(np.concatenate([half, _sample(n, size - len(half), seed)]))
        weight = np.zeros(len(rows))
        for block in row_blocks(n, len(rows) + x.shape[1]):
            weight += np.bincount(squared_distances(x[block], x[rows]).argmin(axis=1), minlength=len(rows))
    else:
        rows, weight = np.arange(n), np.ones(n)
    d = distances(x[rows], x[rows])
    allowed = outliers * n
    radii = np.unique(d)
    low, high = 0, len(radii) - 1
    best: list[int] = []
    while low <= high:
        middle = (low + high) // 2
        chosen, left = _discs(d, weight, k, radii[middle])
        if left <= allowed:
            best, high = chosen, middle - 1
        else:
            low = middle + 1
    return filled(x, rows[best or _discs(d, weight, k, radii[-1])[0]], k)


def _discs(d: NDArray, weight: NDArray, k: int, radius: float) -> tuple[list[int], float]:
    open_ = weight.copy()
    near = d <= radius
    chosen: list[int] = []
    for _ in range(k):
        if not open_.any():
            break
        j = int((near @ open_).argmax())
        chosen.append(j)
        open_[d[j] <= 3 * radius] = 0.0
    return chosen, float(open_.sum())


def typiclust(
    x: NDArray, k: int, *, seed: int = 0, labelled: NDArray[np.int64], neighbours: int = 20
) -> NDArray[np.int64]:
    """Choose the row of highest density in each of the largest clusters without a labelled row.

    Density is one over the mean distance to the 20 nearest rows of the same cluster.
    """
    count = min(len(labelled) + k, max(1, len(x) // 2), 500)  # 500 as in the paper: beyond it clusters are noise
    _, label = k_means(x, count, seed=seed, iterations=20)
    size = np.bincount(label, minlength=count)
    taken = np.zeros(len(x), bool)
    taken[labelled] = True
    spent = np.bincount(label[labelled], minlength=count) if len(labelled) else np.zeros(count, int)
    members = {c: np.flatnonzero(label == c) for c in range(count)}
    order: dict[int, NDArray] = {}
    chosen: list[int] = []
    while len(chosen) < k:
        free = [c for c in range(count) if size[c] > 0]
        c = min(free, key=lambda c: (spent[c], size[c] < 5, -size[c], c))  # tiny clusters last: they are outliers
        if c not in order:
            order[c] = members[c][np.argsort(-_typicality(x[members[c]], neighbours), kind="stable")]
        fresh = order[c][~taken[order[c]]]
        if len(fresh) == 0:
            size[c] = 0
            continue
        chosen.append(int(fresh[0]))
        taken[fresh[0]] = True
        spent[c] += 1
    return np.array(chosen, np.int64)


def _typicality(x: NDArray, neighbours: int, most: int = 4000) -> NDArray[np.float64]:
    """Density of each row; in a cluster above ``most`` rows measured against that many of them."""
    against = x if len(x) <= most else x[_sample(len(x), most, 0)]
    m = min(neighbours, len(against) - 1)
    if m < 1:
        return np.ones(len(x))
    out = np.empty(len(x))
    for rows in row_blocks(len(x), len(against)):
        near = np.partition(distances(x[rows], against), m, axis=1)[:, : m + 1]  # itself, at 0, and m others
        out[rows] = 1.0 / (near.sum(axis=1) / m + 1e-12)
    return out


def filled(x: NDArray, rows: NDArray[np.int64], k: int, before: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Complete ``rows`` to ``k`` distinct ones with the rows farthest from them, lowest index on ties."""
    if len(rows) >= k:
        return rows[:k].astype(np.int64)
    have = list(map(int, rows)) + ([] if before is None else list(map(int, before)))
    floor = np.full(len(x), np.inf)
    for block in row_blocks(len(x), max(1, len(have)) + x.shape[1]):
        if have:
            floor[block] = squared_distances(x[block], x[have]).min(axis=1)
    floor[have] = -1.0  # never again, not even as a duplicate
    more: list[int] = []
    while len(rows) + len(more) < k:
        j = int(floor.argmax())
        more.append(j)
        floor = np.minimum(floor, squared_distances(x, x[[j]])[:, 0])
        floor[j] = -1.0
    return np.concatenate([rows.astype(np.int64), np.array(more, np.int64)])


def _sample(n: int, size: int, seed: int) -> NDArray[np.int64]:
    if n <= size:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, size, replace=False))
