"""Long series in few points: the extremes and the gaps of equal stretches, so that no spike is lost."""

from __future__ import annotations

import numpy as np

BUCKETS = 500  # a chart is about 400 px wide


def thin(series: np.ndarray, low: float = -np.inf, high: float = np.inf, *, buckets: int = BUCKETS) -> np.ndarray:
    """The part of a series between two steps in at most ``3 * buckets + 4`` points; a short part comes whole.

    The part is cut into stretches of equal width. Of each stay its smallest and its largest value, and the first value
    that is no number where it has one (there the line is broken), each at its own step. With them come one neighbour on
    either side of the part, from which and to which the line runs, or the series' own ends.

    Parameters
    ----------
    series : ndarray (n, 2) of float
        Steps, not falling, and values; a value may be NaN.
    low, high
        The part, both ends included, in steps.
    buckets
        Number of stretches.

    Returns
    -------
    ndarray (m, 2) of float
        Points of the series, in its order.
    """
    steps = series[:, 0]
    first = max(0, int(np.searchsorted(steps, low, "left")) - 1)
    end = min(len(series), int(np.searchsorted(steps, high, "right")) + 1)
    part = series[first:end]
    n = len(part)
    if n <= 3 * buckets:
        return part
    x, y = part[:, 0], part[:, 1]
    inner = x[1:-1]
    width = (inner[-1] - inner[0]) / buckets or 1.0
    stretch = np.empty(n, np.int64)
    stretch[1:-1] = np.minimum((inner - inner[0]) / width, buckets - 1)
    stretch[0], stretch[-1] = -1, buckets  # the neighbours may lie far away: they stand alone
    starts = np.flatnonzero(np.diff(stretch, prepend=-2))
    counts = np.diff(starts, append=n)
    place, finite = np.arange(n), np.isfinite(y)
    kept = [np.array([0, n - 1])]
    for smallest in (np.where(finite, y, np.inf), np.where(finite, -y, np.inf)):
        best = np.repeat(np.minimum.reduceat(smallest, starts), counts)
        kept.append(np.minimum.reduceat(np.where(finite & (smallest == best), place, n), starts))
    kept.append(np.minimum.reduceat(np.where(finite, n, place), starts))
    chosen = np.unique(np.concatenate(kept))
    return part[chosen[chosen < n]]
