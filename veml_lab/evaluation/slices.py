"""Parts of the data that a metric is looked at by itself: the values of a capture column."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_VALUES = 12  # of a column that is taken as it is; numbers with more are cut into four equal parts


@dataclass(frozen=True, eq=False)
class Slice:
    """The samples whose ``column`` has a ``value``, by position; ``bounds`` of a part of a column of numbers."""

    column: str
    value: str
    positions: NDArray[np.int64] = field(repr=False)
    bounds: dict[str, float | bool] | None = None


def slices_of(columns: Mapping[str, Sequence[Any]], asked: Sequence[str] | None = None) -> list[Slice]:
    """The slices of the columns that were asked for, or of every column that divides the samples usefully.

    >>> [(s.value, s.positions.tolist()) for s in slices_of({"light": ["day", "night", "day", None]})]
    [('day', [0, 2]), ('night', [1])]
    """
    made = []
    for name in columns if asked is None else asked:
        values = columns[name]
        known = {v for v in values if v is not None and not isinstance(v, (list, dict))}
        numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in known)
        if len(known) > MOST_VALUES and numbers:
            made += _quarters(name, values)
        elif 1 < len(known) <= MOST_VALUES or asked is not None:
            for value in sorted(known, key=str):
                made.append(Slice(name, str(value), np.array([i for i, v in enumerate(values) if v == value])))
    return [s for s in made if len(s.positions)]


def _quarters(name: str, values: Sequence[Any]) -> list[Slice]:
    x = np.array([v if v is not None else np.nan for v in values], dtype=float)
    cuts = np.unique(np.nanquantile(x, [0, 0.25, 0.5, 0.75, 1]))
    made = []
    for low, high in itertools.pairwise(cuts):
        inside = (x >= low) & ((x <= high) if high == cuts[-1] else (x < high))
        bounds = {"from": float(low), "to": float(high), "open": bool(high != cuts[-1])}
        made.append(Slice(name, f"{low:g} to {high:g}", np.flatnonzero(inside), bounds))
    return made
