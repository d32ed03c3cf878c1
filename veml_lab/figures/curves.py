"""Curves of trainings: one figure a metric, one line a run, or a band over the seeds of each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .look import Spec, axis, line_of, marker_of, said, spec_of
from .thin import BUCKETS, thin

if TYPE_CHECKING:
    import numpy as np

CLOCKS = {"epoch": "epoch", "seconds": "time (s)"}  # series that say where a step lies: axes, never charts
UNITS = {
    "cpu_percent": "cpu (%)", "rss_mb": "memory (MB)", "gpu_memory_mb": "GPU memory (MB)",
    "samples_per_s": "samples per second",
}  # fmt: skip
_GRID = 2000  # steps at which a band is computed


@dataclass(frozen=True)
class Reading:
    """How curves are read.

    Attributes
    ----------
    x
        ``step``, or one of :data:`CLOCKS`.
    smooth
        Each point is the mean of so many recorded values around it; 1: as recorded.
    log
        Whether the values stand on a logarithmic axis.
    bands
        One line a group with the smallest and largest of its runs, in place of one line a run.
    low, high
        The part of x that is drawn.
    buckets
        Points of a line: the extremes of so many stretches; None: every point.
    """

    x: str = "step"
    smooth: int = 1
    log: bool = False
    bands: bool = False
    low: float = float("-inf")
    high: float = float("inf")
    buckets: int | None = BUCKETS


Runs = Mapping[str, Mapping[str, "np.ndarray"]]


def metrics_of(runs: Runs) -> list[str]:
    """The names of what was recorded, clocks left out, in the order in which they are met."""
    return [m for m in dict.fromkeys(m for series in runs.values() for m in series) if m not in CLOCKS]


def clocks_of(runs: Runs) -> list[str]:
    """The clocks that every run has: a run that lacks one could not be drawn over it."""
    return [c for c in CLOCKS if runs and all(c in series for series in runs.values())]


def curves(runs: Runs, how: Reading | None = None, *, groups: Mapping[str, str] | None = None) -> dict[str, Spec]:
    """A figure for each metric.

    Parameters
    ----------
    runs
        By run and metric: steps and values, shape (n, 2), steps not falling, NaN where the line breaks.
    groups
        The group of each run, such as its plan without the seed.
    """
    how = how or Reading()
    return {metric: _one(metric, runs, how, groups or {}) for metric in metrics_of(runs)}


def _one(metric: str, runs: Runs, how: Reading, groups: Mapping[str, str]) -> Spec:
    lines = {run: on_axis(s[metric], s, how.x) for run, s in runs.items() if metric in s and len(s[metric])}
    lines = {run: smoothed(points, how.smooth) for run, points in lines.items()}
    traces: list[dict[str, Any]] = []
    if how.bands:
        order = list(dict.fromkeys(groups.get(r, r) for r in runs))
        for k, group in enumerate(order):
            own = [points for r, points in lines.items() if groups.get(r, r) == group]
            if own:
                traces += _band(group, k, own, how)
    else:
        order = list(runs)
        traces = [_line(run, order.index(run), _part(points, how)) for run, points in lines.items()]
    ends = {t["meta"]["run"]: t["y"][-1] for t in traces if t["meta"]["role"] == "line"}
    says = ", ".join(f"{run} ends at {value:.3g}" for run, value in ends.items()) or "nothing yet"
    spec = spec_of(
        traces,
        says=f"{metric}: {says}",
        name=metric,
        xaxis=axis(CLOCKS.get(how.x, "step")),
        yaxis=axis(said(UNITS.get(metric, metric)), type="log" if how.log else "linear"),
        hovermode="x unified",
        dragmode="zoom",
        showlegend=True,
    )
    spec["layout"]["meta"]["span"] = [v for t in traces if len(t["x"]) for v in (float(t["x"][0]), float(t["x"][-1]))]
    return spec


def on_axis(points: np.ndarray, series: Mapping[str, np.ndarray], x: str) -> np.ndarray:
    """The points over a clock: between two of its ticks time is taken to pass evenly; none without that clock."""
    import numpy as np

    if x == "step":
        return points
    clock = series.get(x)
    if clock is None or not len(clock):
        return np.empty((0, 2))
    first = np.concatenate([[[0.0, 0.0]], clock]) if clock[0, 0] > 0 else clock
    return np.column_stack([np.interp(points[:, 0], first[:, 0], first[:, 1]), points[:, 1]])


def smoothed(points: np.ndarray, width: int) -> np.ndarray:
    """Each value as the mean of the ``width`` recorded ones around it, fewer at the ends; a gap stays a gap."""
    import numpy as np

    n = len(points)
    if width <= 1 or n < 3:
        return points
    y = points[:, 1]
    known = np.isfinite(y)
    before = min(width // 2, n)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, y, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    low = np.maximum(np.arange(n) - before, 0)
    high = np.minimum(np.arange(n) + (width - before), n)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (total[high] - total[low]) / (count[high] - count[low])
    return np.column_stack([points[:, 0], np.where(known, mean, np.nan)])


def _part(points: np.ndarray, how: Reading) -> np.ndarray:
    return points if how.buckets is None else thin(points, how.low, how.high, buckets=how.buckets)


def _line(name: str, k: int, points: np.ndarray) -> dict[str, Any]:
    import numpy as np

    y = points[:, 1]
    alone = np.isfinite(y) & ~np.isfinite(np.r_[np.nan, y[:-1]]) & ~np.isfinite(np.r_[y[1:], np.nan])
    return {
        "type": "scatter",
        "mode": "lines+markers" if alone.any() else "lines",
        "name": said(name),
        "meta": {"run": name, "role": "line"},
        "legendgroup": said(name),
        "x": points[:, 0],
        "y": y,
        "line": line_of(k),
        # a point without neighbours has no line: only it gets a symbol
        "marker": {**marker_of(k), "size": np.where(alone, 7, 0) if alone.any() else 7},
        "connectgaps": False,
        "hovertemplate": f"%{{y:.4~g}}<extra>{said(name)}</extra>",
    }


def _band(group: str, k: int, lines: Sequence[np.ndarray], how: Reading) -> list[dict[str, Any]]:
    """The mean of a group's runs, and the area from the smallest to the largest."""
    import numpy as np

    x = np.unique(np.concatenate([points[:, 0] for points in lines]))
    x = x[(x >= how.low) & (x <= how.high)]
    if how.buckets is not None and len(x) > _GRID:
        x = x[np.unique(np.linspace(0, len(x) - 1, _GRID).astype(int))]
    every = np.vstack([_at(points, x) for points in lines])
    known = np.isfinite(every).any(axis=0)
    x, every = x[known], every[:, known]
    low, high = np.nanmin(every, axis=0), np.nanmax(every, axis=0)
    colour = line_of(k)["color"]
    edge = {
        "type": "scatter", "mode": "lines", "name": said(group), "legendgroup": said(group), "showlegend": False,
        "x": x, "line": {"width": 0, "color": colour}, "hoverinfo": "skip",
    }  # fmt: skip
    mean = _line(group, k, np.column_stack([x, np.nanmean(every, axis=0)]))
    mean["name"] = said(group) + (f" ({len(lines)} runs)" if len(lines) > 1 else "")
    mean["customdata"] = np.column_stack([low, high]).tolist()
    mean["hovertemplate"] = (
        f"%{{y:.4~g}} (%{{customdata[0]:.4~g}} to %{{customdata[1]:.4~g}})<extra>{said(group)}</extra>"
    )
    return [
        {**edge, "y": low, "meta": {"run": group, "role": "low"}},
        {**edge, "y": high, "meta": {"run": group, "role": "high"}, "fill": "tonexty", "fillcolor": _faint(colour)},
        mean,
    ]


def _at(points: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The values of a line at x, between its points in a straight line; NaN where it has none."""
    import numpy as np

    known = points[np.isfinite(points[:, 1])]
    if not len(known):
        return np.full(len(x), np.nan)
    return np.interp(x, known[:, 0], known[:, 1], left=np.nan, right=np.nan)


def _faint(colour: str) -> str:
    r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({r},{g},{b},0.2)"
