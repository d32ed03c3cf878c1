"""Which data versions are similar enough to transfer from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadInput
from . import measures
from .coresets import CoreSet
from .similarity import Scale, Similarity

# of `relative` where it is not 0.25: these measures are lengths, not squares of lengths
THRESHOLD = {"sliced-wasserstein": 0.5, "wasserstein": 0.75}


@dataclass(frozen=True)
class Candidate:
    """One data version in a ranking.

    Attributes
    ----------
    name : str
    value : float
        Under the measure of the ranking; small is similar.
    relative : float
        The value without its unit, comparable across embeddings: see :func:`rank`.
    similar : bool
        Below the threshold.
    """

    name: str
    value: float
    relative: float
    similar: bool


@dataclass(frozen=True)
class RankedSets:
    """Data versions by similarity to a target, the most similar first.

    Attributes
    ----------
    target, measure : str
    candidates : tuple of Candidate
        All of them, ranked.
    chosen : tuple of str
        The at most ``top`` similar ones: those to transfer from. Empty: no clear similarity.
    threshold : float
        On ``relative``.
    reason : str
        One sentence for the reader.
    """

    target: str
    measure: str
    candidates: tuple[Candidate, ...]
    chosen: tuple[str, ...]
    threshold: float
    reason: str

    def __repr__(self) -> str:
        width = max(len(c.name) for c in self.candidates)
        lines = [f"Similar to {self.target} ({self.measure}): {self.reason}"]
        for place, c in enumerate(self.candidates, 1):
            mark = "*" if c.name in self.chosen else " "
            lines.append(f" {mark} {place:2d}  {c.name.ljust(width)}  {c.value:10.4g}  relative {c.relative:.3f}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Give the ranking as plain JSON values."""
        return {
            "target": self.target,
            "measure": self.measure,
            "chosen": list(self.chosen),
            "threshold": self.threshold,
            "reason": self.reason,
            "candidates": [dict(c.__dict__) for c in self.candidates],
        }


def rank(
    similarity: Similarity, name: str, *, measure: str = "energy", top: int = 3, threshold: float | None = None
) -> RankedSets:
    """Rank the other sets of a comparison by similarity to one of them, and choose those to transfer from.

    The paper takes the top k* of the ranking. That always finds something, so a threshold decides first
    whether there is a clear similarity at all. It stands on a value without unit, ``relative``: the value
    over that between the two halves of the target, cut at the median of its main axis. At 1 a set is as far
    from the target as one half of the target is from the other. Between equal classes that are far apart, a
    set that shares the part f of them comes out near (1 - f) / 2, so 0.25 asks for half of the classes.
    In the worlds of benchmarks/similarity.py it stands at 0.05 for all, 0.16 for half and 0.3 for none of them.
    (``frechet`` has no halves on a core set; it is taken over the largest value in the ranking.)

    Parameters
    ----------
    name : str
        The target.
    measure : str
        One of those that were compared.
    top : int
        The paper's k*.
    threshold : float, optional
        Largest ``relative`` that counts as similar; 0.25 if not given, see :data:`THRESHOLD`.

    Source
    ------
    VeML, section IV.D.2, algorithm 2. The threshold and "no clear similarity" are ours.
    """
    ordered = similarity.nearest(name, measure)
    if not ordered:
        raise BadInput("there is nothing to rank: the comparison holds the target only")
    limit = THRESHOLD.get(measure, 0.25) if threshold is None else float(threshold)
    relative = _relative(similarity, name, measure)
    candidates = tuple(Candidate(n, v, relative[n], relative[n] <= limit) for n, v in ordered)
    chosen = tuple(c.name for c in candidates if c.similar)[:top]
    if chosen:
        reason = f"{len(chosen)} of {len(candidates)} within a relative {measure} of {limit:g}"
    else:
        best = candidates[0]
        reason = (
            f"no clear similarity: the nearest, {best.name}, has a relative {measure} of {best.relative:.2f}, above"
            f" {limit:g}"
        )
    return RankedSets(name, measure, candidates, chosen, limit, reason)


def _relative(similarity: Similarity, name: str, measure: str) -> dict[str, float]:
    matrix = similarity.matrix(measure)
    i = similarity.names.index(name)
    values = matrix[i]
    if measure in ("mean", "mean-all"):
        own = np.diag(matrix)
        values = 2 * matrix[i] - (own[i] + own)  # what is left of the distance without the spread of both
    core = similarity.robust_sets.get(name) or similarity.core_sets[name]
    unit = (
        values.max()
        if measure == "frechet"
        else _between_halves(core, measure, similarity.parameters.get("weighted", False))
    )
    relative = np.divide(values, unit, out=np.where(values > 0, np.inf, 0.0), where=unit > 0)
    return {n: float(max(v, 0.0)) for n, v in zip(similarity.names, relative)}


def _between_halves(core: CoreSet, measure: str, weighted: bool) -> float:
    """Value between the two halves of a core set, cut at the weighted median of its main axis."""
    if len(core) < 2:
        return 0.0
    weight = core.mass if weighted else np.full(len(core), 1 / len(core))
    centred = core.points - np.average(core.points, axis=0, weights=weight)
    axis = np.linalg.svd(centred * np.sqrt(weight)[:, None], full_matrices=False)[2][0]
    order = np.argsort(centred @ axis, kind="stable")
    cut = min(max(int(np.searchsorted(np.cumsum(weight[order]), 0.5)), 1), len(core) - 1)
    left, right = order[:cut], order[cut:]
    (p, u), (q, v) = ((core.points[rows], weight[rows] / weight[rows].sum()) for rows in (left, right))
    if measure == "wasserstein":
        return measures.wasserstein(p, q, u, v)
    if measure in ("mmd", "sliced-wasserstein"):
        scale = Scale([{"": core}], 0)
        if measure == "mmd":
            return measures.mmd(p, q, u, v, scale.bandwidth)
        return measures.sliced_wasserstein(p, q, u, v, scale.directions)
    return measures.energy(p, q, u, v)
