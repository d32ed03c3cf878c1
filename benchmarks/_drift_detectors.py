"""Drift detectors that the covering balls are measured against, and the paper's table of which version covers which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from veml_lab.errors import BadInput
from veml_lab.geometry.coresets import k_center_greedy
from veml_lab.geometry.points import distances


@dataclass(frozen=True)
class Verdict:
    """What a detector answers.

    Attributes
    ----------
    method : str
    drifted : bool
    p_value, level, statistic : float
    """

    method: str
    drifted: bool
    p_value: float
    level: float
    statistic: float


@dataclass(frozen=True, eq=False)
class CoverTable:
    """The paper's table of which version covers which.

    Attributes
    ----------
    names : tuple of str
    radius : float64 array, shape (m,)
        Covering radius of each version as training data.
    distance : float64 array, shape (m, m)
        Row: training, column: test.
    """

    names: tuple[str, ...]
    radius: NDArray[np.float64]
    distance: NDArray[np.float64]

    @property
    def drifted(self) -> NDArray[np.bool_]:
        """Where the paper's rule says (+), shape (m, m); False on the diagonal."""
        out = self.distance > self.radius[:, None]
        np.fill_diagonal(out, False)
        return out

    def __repr__(self) -> str:
        width = max(16, *(len(n) + 1 for n in self.names))
        lines = ["train \\ test".ljust(width) + "radius".rjust(9) + "".join(n.rjust(width) for n in self.names)]
        for i, name in enumerate(self.names):
            cells = [
                "".rjust(width)
                if i == j
                else f"{self.distance[i, j]:.4g} {'(+)' if self.drifted[i, j] else '(-)'}".rjust(width)
                for j in range(len(self.names))
            ]
            lines.append(name.ljust(width) + f"{self.radius[i]:9.4g}" + "".join(cells))
        return "\n".join(lines)


def cover_table(sets: Mapping[str, ArrayLike], *, k: int = 10, seed: int = 0) -> CoverTable:
    """Apply the paper's covering rule to every ordered pair of versions.

    Source
    ------
    VeML, section V.B, table 9.
    """
    if not sets:
        raise BadInput("there is nothing to compare: give at least one named set")
    cores = {n: k_center_greedy(x, min(k, len(x)), seed=seed) for n, x in sets.items()}
    if len({c.points.shape[1] for c in cores.values()}) > 1:
        raise BadInput("the sets have different dimensions; embed them with one network")
    distance = np.array(
        [
            [distances(test.points, train.points).min(axis=1).mean() for test in cores.values()]
            for train in cores.values()
        ]
    )
    return CoverTable(tuple(cores), np.array([c.radius for c in cores.values()]), distance)
