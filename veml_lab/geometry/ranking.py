"""Which data versions are similar enough to transfer from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import BadInput, UnknownName
from .similarity import MEASURES, Similarity, check_sets, compare


@dataclass(frozen=True)
class Candidate:
    """One data version in a ranking.

    Attributes
    ----------
    name : str
    value : float
        Under the measure of the ranking; small is similar.
    relative : float
        The value without its unit, comparable across embeddings: see :func:`most_similar`.
    similar : bool
        Below the threshold.
    """

    name: str
    value: float
    relative: float
    similar: bool


@dataclass(frozen=True)
class Ranking:
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
            "target": self.target, "measure": self.measure, "chosen": list(self.chosen), "threshold": self.threshold,
            "reason": self.reason, "candidates": [dict(c.__dict__) for c in self.candidates],
        }  # fmt: skip


def most_similar(
    target: ArrayLike,
    sets: Mapping[str, ArrayLike],
    *,
    measure: str = "energy",
    top: int = 3,
    threshold: float | None = None,
    name: str = "target",
    **options,
) -> Ranking:
    """Rank point sets by similarity to a target and choose those to transfer from.

    The paper takes the top k* of the ranking. That always finds something, so a threshold decides first
    whether there is a clear similarity at all. It stands on a value without unit: for ``energy`` the share of
    the mean distance between two sets that is not explained by their spread, E^2 / (2 E|A-B|), 0 for equal
    and 1 for infinitely distant sets; for the paper's ``mean`` (and ``mean-all``) the excess of the distance
    between the sets over the mean of their own, (AB - (AA + BB)/2) / AB; for others the value over the
    largest value in the ranking.

    Parameters
    ----------
    target : array-like, shape (n, d)
    sets : mapping of str to array-like, shape (n_i, d)
    measure : str
        One of :data:`veml_lab.geometry.similarity.MEASURES`.
    top : int
        The paper's k*.
    threshold : float, optional
        Largest ``relative`` that counts as similar; 0.1 if not given. In the synthetic worlds of
        benchmarks/similarity.py sets that share half of their classes lie near it.
    **options
        For :func:`veml_lab.geometry.similarity.compare`.

    Source
    ------
    VeML, section IV.D.2, algorithm 2. The threshold and "no clear similarity" are ours.
    """
    if name in sets:
        raise BadInput(f"the target and a candidate are both called {name!r}; give name=")
    check_sets({name: target, **sets})
    if not sets:
        raise BadInput("there is nothing to rank: give at least one candidate set")
    if measure not in MEASURES:
        raise UnknownName.of("measure", measure, MEASURES)
    wanted = [measure] if measure != "energy" else ["energy"]
    result = compare({name: target, **sets}, measures=wanted, **options)
    return rank(result, name, measure=measure, top=top, threshold=threshold)


def rank(
    similarity: Similarity, name: str, *, measure: str = "energy", top: int = 3, threshold: float | None = None
) -> Ranking:
    """Rank the other sets of a comparison; see :func:`most_similar`."""
    ordered = similarity.nearest(name, measure)
    if not ordered:
        raise BadInput("there is nothing to rank: the comparison holds the target only")
    limit = 0.1 if threshold is None else float(threshold)
    relative = _relative(similarity, name, measure)
    candidates = tuple(Candidate(n, v, relative[n], relative[n] <= limit) for n, v in ordered)
    chosen = tuple(c.name for c in candidates if c.similar)[:top]
    if chosen:
        reason = f"{len(chosen)} of {len(candidates)} within {limit:g}"
    else:
        best = candidates[0]
        reason = f"no clear similarity: the nearest, {best.name}, has {best.relative:.2f}, above {limit:g}"
    return Ranking(name, measure, candidates, chosen, limit, reason)


def _relative(similarity: Similarity, name: str, measure: str) -> dict[str, float]:
    matrix = similarity.matrix(measure)
    i = similarity.names.index(name)
    if measure in ("mean", "mean-all"):
        own = np.diag(matrix)
        unit = np.maximum(matrix[i], 1e-300)
        values = (matrix[i] - 0.5 * (own[i] + own)) / unit
    elif measure == "energy":
        from .measures import mean_distance

        here = similarity.robust_sets[name]
        cross = [mean_distance(here.points, c.points, here.mass, c.mass) for c in similarity.robust_sets.values()]
        values = matrix[i] / np.maximum(2 * np.array(cross), 1e-300)
    else:
        values = matrix[i] / max(matrix[i].max(), 1e-300)
    return {n: float(max(v, 0.0)) for n, v in zip(similarity.names, values)}
