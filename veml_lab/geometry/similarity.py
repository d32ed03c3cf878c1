"""Similarity of data versions: the paper's measure, robust ones, and the ranking that transfer reads."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput, UnknownName
from . import measures as m
from .coresets import CoreSet, k_center_greedy
from .points import as_points, check_k, distances

# name -> what it is computed on: "paper" core sets, "robust" core sets with ball masses, or all "rows"
MEASURES: dict[str, str] = {
    "mean": "paper",
    "energy": "robust",
    "mmd": "robust",
    "sliced-wasserstein": "robust",
    "wasserstein": "robust",
    "frechet": "rows",
    "mean-all": "rows",
    "energy-all": "rows",
}


class KeepsCores(Protocol):
    """Where the core sets of a comparison are found again; ``kind`` is "paper" or "robust"."""

    def find(self, kind: str, start: int, name: str, data: NDArray) -> CoreSet | None:
        """The core set of a set from the so-manieth start, or None."""
        ...

    def keep(self, kind: str, start: int, name: str, core: CoreSet, seconds: float) -> None:
        """Keep one that took so long."""
        ...


@dataclass(frozen=True, eq=False)
class Similarity:
    """Pairwise values between named point sets; small is similar, under every measure.

    Attributes
    ----------
    names : tuple of str
        The m sets, in the order of rows and columns.
    measures : dict of str to float64 array, shape (m, m)
        Symmetric matrices.
    error : dict of str to float64 array, shape (m, m)
        Standard deviation over the starts, or standard error of a sampled value; 0 where exact or where
        only one start was made.
    core_sets : dict of str to CoreSet
        The paper's core set of each set: the samples to look at.
    robust_sets : dict of str to CoreSet
        The core sets behind the robust measures; empty if none was asked for.
    parameters : dict
        What :func:`compare` was called with: k, k_robust, seed, starts, pairs, weighted.
    """

    names: tuple[str, ...]
    measures: dict[str, NDArray[np.float64]]
    error: dict[str, NDArray[np.float64]]
    core_sets: dict[str, CoreSet] = field(repr=False)
    robust_sets: dict[str, CoreSet] = field(repr=False, default_factory=dict)
    parameters: dict[str, Any] = field(repr=False, default_factory=dict)

    def matrix(self, measure: str = "energy") -> NDArray[np.float64]:
        """Give the (m, m) values of one measure."""
        if measure not in self.measures:
            raise UnknownName.of("measure in this comparison", measure, self.measures)
        return self.measures[measure]

    def nearest(self, name: str, measure: str = "energy") -> list[tuple[str, float]]:
        """Rank the other sets by their value to ``name``, the most similar first."""
        if name not in self.names:
            raise UnknownName.of("set in this comparison", name, self.names)
        row = self.matrix(measure)[self.names.index(name)]
        return sorted(((n, float(v)) for n, v in zip(self.names, row) if n != name), key=lambda p: p[1])

    def closest_pair(self, measure: str = "energy") -> tuple[str, str]:
        """Give the two most similar sets."""
        if len(self.names) < 2:
            raise BadInput("a pair needs two sets; this comparison has one")
        rows, columns = np.triu_indices(len(self.names), 1)
        best = self.matrix(measure)[rows, columns].argmin()
        return self.names[rows[best]], self.names[columns[best]]

    def groups(self, measure: str = "energy", *, cut: float = 0.5) -> list[tuple[str, ...]]:
        """Group sets by average linkage, cut at this share of the largest value between any two.

        Groups and names keep the order of the comparison.
        """
        if len(self.names) == 1:
            return [self.names]
        from scipy.cluster.hierarchy import fcluster, linkage
        from scipy.spatial.distance import squareform

        matrix = self.matrix(measure).copy()
        np.fill_diagonal(matrix, 0.0)  # the paper's measure is not zero there
        label = fcluster(linkage(squareform(matrix), "average"), cut * matrix.max(), "distance")
        found: dict[int, list[str]] = {}
        for name, group in zip(self.names, label):
            found.setdefault(int(group), []).append(name)
        return [tuple(group) for group in found.values()]

    def __repr__(self) -> str:
        width = max(8, *(len(n) for n in self.names))
        lines = []
        for measure, matrix in self.measures.items():
            lines += ["", measure, " " * (width + 2) + " ".join(n.rjust(width) for n in self.names)]
            lines += [
                "  " + n.ljust(width) + " ".join(f"{v:.4g}".rjust(width) for v in row)
                for n, row in zip(self.names, matrix)
            ]
        return "\n".join([f"Similarity of {len(self.names)} sets (small is similar)", *lines])

    def to_dict(self) -> dict[str, Any]:
        """Give names, matrices, errors and the chosen rows as plain JSON values."""
        return {
            "names": list(self.names),
            "measures": {k: v.tolist() for k, v in self.measures.items()},
            "error": {k: v.tolist() for k, v in self.error.items()},
            "core_sets": {n: {"index": c.index.tolist(), "radius": c.radius} for n, c in self.core_sets.items()},
            "parameters": dict(self.parameters),
        }


def compare(
    sets: Mapping[str, ArrayLike],
    *,
    measures: Sequence[str] = ("mean", "energy", "mean-all"),
    k: int = 10,
    k_robust: int = 100,
    seed: int = 0,
    starts: int = 1,
    pairs: int = 10_000,
    weighted: bool = False,
    known: Similarity | None = None,
    each: Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]] = map,
    cores: KeepsCores | None = None,
) -> Similarity:
    """Compare every two point sets under several measures.

    ``mean`` is the paper's: the mean of the k x k distances between greedy core sets. ``energy`` is the one
    to rank by: the energy distance between core sets of ``k_robust`` points whose greedy skips the farthest
    2 % and starts at the medoid. ``mean-all`` is the value over
    all samples, from random pairs, with its standard error. See :data:`MEASURES` for the others.

    Parameters
    ----------
    sets : mapping of str to array-like, shape (n_i, d)
        At least one, all of the same dimension. k is reduced to n_i where a set is smaller.
    k, k_robust : int
        Centres of the paper's and of the robust core sets.
    starts : int
        Core sets from this many random starts; values are those of the first start (medoid for the robust
        ones), ``error`` is the standard deviation over all.
    pairs : int
        Random pairs per cell of the all-data measures.
    weighted : bool
        Weight robust centres by the mass of their balls. That follows the value over all data, class balance
        included; equal weights rank by which classes there are, with a Kendall tau of 0.93 against 0.83.
    known : Similarity, optional
        An earlier comparison with the same parameters: core sets and all-data values of the sets in it are
        taken over, so that adding one version costs one core set and its row of the matrix. A name must mean
        the same data as then.
    each : callable
        Chooses the core sets: the built-in ``map``, or that of an executor.
    cores : KeepsCores, optional
        Where core sets that were chosen before are found, and new ones kept.

    Returns
    -------
    Similarity

    Raises
    ------
    BadInput
        No sets, or different dimensions (see :func:`veml_lab.geometry.wasserstein.gromov_wasserstein`).
    UnknownName
        A measure that is not in :data:`MEASURES`.
    BadData
        NaN or infinite rows, named by set.

    Source
    ------
    VeML, section IV.C, algorithm 1 (``mean``). That the greedy picks outliers is the paper's first
    limitation; the choice of ``energy`` over skip-2 % core sets is measured in docs/results/similarity.md.

    Examples
    --------
    >>> import numpy as np
    >>> r = np.random.default_rng(0)
    >>> a, b, c = r.normal(0, 1, (200, 4)), r.normal(0.1, 1, (200, 4)), r.normal(3, 1, (200, 4))
    >>> compare({"a": a, "b": b, "c": c}).closest_pair()
    ('a', 'b')
    """
    data = check_sets(sets)
    for name in measures:
        if name not in MEASURES:
            raise UnknownName.of("measure", name, MEASURES)
    check_k(k, 1 << 30)
    check_k(k_robust, 1 << 30, name="k_robust")
    check_k(starts, 1 << 30, name="starts")
    wanted = {MEASURES[name] for name in measures}
    parameters = {"k": k, "k_robust": k_robust, "seed": seed, "starts": starts, "pairs": pairs, "weighted": weighted}
    if known is not None and known.parameters != parameters:
        raise BadInput(f"the known comparison was made with {known.parameters}, this one asks for {parameters}")
    old = (known.core_sets, known.robust_sets) if known is not None else ({}, {})
    runs_of = {"paper": starts if "paper" in wanted else 1, "robust": starts if "robust" in wanted else 0}
    todo = [
        (kind, s, n)
        for kind, runs in runs_of.items()
        for s in range(runs)
        for n in data
        if s or n not in old[kind == "robust"]
    ]
    sizes = {"paper": k, "robust": k_robust}
    made = {} if cores is None else {t: c for t in todo if (c := cores.find(*t, data[t[2]])) is not None}
    todo = [t for t in todo if t not in made]
    began = time.perf_counter()
    fresh = list(each(_core_of, [(kind, data[n], sizes[kind], seed, s) for kind, s, n in todo]))
    seconds = (time.perf_counter() - began) / max(1, len(todo))
    for task, core in zip(todo, fresh, strict=True):
        made[task] = core
        if cores is not None:
            cores.keep(*task, core, seconds)
    paper, robust = (
        [{n: made.get((kind, s, n)) or old[kind == "robust"][n] for n in data} for s in range(runs)]
        for kind, runs in runs_of.items()
    )
    scale = Scale(robust, seed) if "robust" in wanted else None
    values, error = {}, {}
    for name in measures:
        if MEASURES[name] == "rows":
            values[name], error[name] = _on_rows(name, data, seed, pairs, known)
            continue
        runs = paper if MEASURES[name] == "paper" else robust
        each = np.stack([_on_cores(name, run, scale, weighted) for run in runs])  # (starts, m, m)
        values[name], error[name] = each[0], each.std(axis=0)
    return Similarity(tuple(data), values, error, paper[0], robust[0] if robust else {}, parameters)


def _core_of(what: tuple[str, NDArray, int, int, int]) -> CoreSet:
    kind, x, k, seed, start = what
    if kind == "paper":
        return k_center_greedy(x, min(k, len(x)), seed=seed + start)
    return robust_core(x, k, seed=seed + start, start="random" if start else "medoid")


def robust_core(x: ArrayLike, k: int = 100, *, seed: int = 0, start: str = "medoid") -> CoreSet:
    """Choose the core set behind the robust measures: greedy from the medoid, the farthest 2 % skipped."""
    a = as_points(x)
    return k_center_greedy(a, min(k, len(a)), seed=seed, start=start, skip_farthest=0.02)


def check_sets(sets: Mapping[str, ArrayLike]) -> dict[str, NDArray]:
    """Check named point sets: at least one, all finite, all of one dimension."""
    if not sets:
        raise BadInput("there is nothing to compare: give at least one named set")
    data = {str(n): as_points(x, name=f"set {n!r}") for n, x in sets.items()}
    sizes = {n: x.shape[1] for n, x in data.items()}
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{n} {d}" for n, d in sizes.items())
        raise BadInput(
            f"the sets have different dimensions ({listed}); embed them with one network, or compare them by "
            "veml_lab.geometry.wasserstein.gromov_wasserstein, which needs no common space"
        )
    return data


class Scale:
    """Bandwidth and directions common to all pairs, so that their values can be ranked."""

    def __init__(self, robust: list[dict[str, CoreSet]], seed: int) -> None:
        pooled = np.concatenate([c.points for c in robust[0].values()])
        rng = np.random.default_rng(seed)
        some = pooled[rng.choice(len(pooled), min(len(pooled), 1000), replace=False)]
        d = distances(some, some)
        self.bandwidth = float(np.median(d[d > 0])) if (d > 0).any() else 1.0
        directions = rng.standard_normal((64, pooled.shape[1]))
        self.directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)


def _on_cores(name: str, cores: dict[str, CoreSet], scale: Scale | None, weighted: bool) -> NDArray[np.float64]:
    names = list(cores)
    out = np.zeros((len(names), len(names)))
    weight = {n: c.mass if weighted and name != "mean" else np.full(len(c), 1 / len(c)) for n, c in cores.items()}
    for i, p in enumerate(names):
        for j, q in enumerate(names[: i + 1]):
            args = cores[p].points, cores[q].points, weight[p], weight[q]
            if name == "mean":
                value = m.mean_distance(*args[:2])
            elif i == j:
                value = 0.0
            elif name == "energy":
                value = m.energy(*args)
            elif name == "mmd":
                value = m.mmd(*args, scale.bandwidth)
            elif name == "sliced-wasserstein":
                value = m.sliced_wasserstein(*args, scale.directions)
            else:
                value = m.wasserstein(*args)
            out[i, j] = out[j, i] = value
    return out


def _on_rows(
    name: str, data: dict[str, NDArray], seed: int, pairs: int, known: Similarity | None
) -> tuple[NDArray, NDArray]:
    names = list(data)
    value, error = np.zeros((len(names), len(names))), np.zeros((len(names), len(names)))
    laws = {n: m.moments(x) for n, x in data.items()} if name == "frechet" else {}
    for i, p in enumerate(names):
        for j, q in enumerate(names[: i + 1]):
            if name == "frechet":
                cell = m.frechet(laws[p], laws[q]) if i != j else 0.0, 0.0
            elif known is not None and name == "mean-all" and name in known.measures and {p, q} <= set(known.names):
                at = known.names.index(p), known.names.index(q)
                cell = known.measures[name][at], known.error[name][at]
            else:  # the same pairs whatever else is compared
                first, second = sorted((p, q))
                rng = np.random.default_rng([seed, zlib.crc32(first.encode()), zlib.crc32(second.encode())])
                cell = m.mean_of_pairs(data[first], data[second], rng, pairs)
            value[i, j], error[i, j] = cell
            value[j, i], error[j, i] = cell
    if name == "energy-all":
        own, own_error = np.diag(value), np.diag(error)
        value = 2 * value - (own[:, None] + own[None])
        error = np.sqrt(4 * error**2 + (own_error[:, None] ** 2 + own_error[None] ** 2))
        np.fill_diagonal(value, 0.0)
        np.fill_diagonal(error, 0.0)
    return value, error
