"""Training curves: one small chart a metric, one line a run, live; a part of the steps is asked for and drawn finer."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from ..errors import BadInput
from ._base import Drawing, script, unknown_question
from ._svg import LINE, MUTED, SERIES, number, picture, short, tag, text, ticks
from ._thin import BUCKETS, thin

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_STATIC_BUCKETS = 125  # of a picture in a saved notebook, 250 px wide

# of the machine, not of the model (:class:`veml_lab.training.reporter.Figures`): shown last and folded
SYSTEM = ("cpu_percent", "rss_mb", "gpu_memory_mb", "samples_per_s")

Points = list[list[float | None]]


class TrainingCurves(Drawing):
    """Draw metrics of runs over steps; assigning ``runs`` again redraws at once.

    A series longer than 1,500 points stays in the kernel; the front end gets the extremes and the gaps of 500 equal
    stretches of it (``runs`` reads as these), and asks for those of a part when the reader zooms in. A value that is
    no number breaks the line.

    Parameters
    ----------
    runs : dict of run -> dict of metric -> [step, value] pairs, a list or an array (n, 2)
    system : list of str, optional
        Metrics that are figures of the machine: drawn last and folded, and named only in a picture without script.

    Raises
    ------
    BadInput
        Points that are not pairs of a step and a value, or a step that is no number.

    Examples
    --------
    >>> TrainingCurves({"first": {"loss": [[0, 2.0], [1, 0.5]]}})
    TrainingCurves: 1 run; first: loss 0.500
    """

    _esm = script("curves")

    runs = t.Dict().tag(sync=True, ts="Record<string, Record<string, [number, number | null][]>>")
    points = t.Int(0).tag(sync=True)
    system = t.List(t.Unicode(), list(SYSTEM)).tag(sync=True)

    def __init__(self, runs: Mapping[str, Mapping[str, Any]] | None = None, **kwargs: Any) -> None:
        self._whole: dict[str, dict[str, np.ndarray]] = {}
        self._drawn: dict[str, dict[str, Points]] | None = None
        super().__init__(**kwargs)
        self.runs = runs or {}

    @t.validate("runs")
    def _check_runs(self, proposal: dict[str, Any]) -> dict[str, Any]:
        if proposal["value"] is self._drawn:
            return proposal["value"]
        self._whole = {
            str(r): {str(m): _series(p, r, m) for m, p in metrics.items()} for r, metrics in proposal["value"].items()
        }
        self._drawn = _thinned(self._whole)
        self.points = sum(len(s) for metrics in self._whole.values() for s in metrics.values())
        return self._drawn

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """``points`` between the steps ``from`` and ``to``: as many as fit a chart, each series with its neighbours."""
        kind, low, high = asked.get("type"), asked.get("from"), asked.get("to")
        if kind != "points":
            raise unknown_question(kind, "points")
        if not (_is_step(low) and _is_step(high) and low < high):
            raise BadInput(
                "points are asked for from a smaller to a larger step; got"
                f" {short(repr(low), 40)} and {short(repr(high), 40)}"
            )
        return {"type": "points", "from": low, "to": high, "runs": _thinned(self._whole, float(low), float(high))}, []

    def figure(self, *, system: bool = False) -> Figure:
        """The curves as a Plotly figure of every recorded point; ``system`` draws the figures of the machine too."""
        from .figures import curves_figure

        return curves_figure(self._whole, left_out=() if system else self.system)

    def describe(self) -> str:
        n = len(self.runs)
        ends = [
            f"{run}: "
            + ", ".join(
                f"{m} {number(points[-1][1])}" for m, points in metrics.items() if points and m not in self.system
            )
            for run, metrics in self.runs.items()
        ]
        return f"TrainingCurves: {n} run{'s' * (n != 1)}" + (f"; {'; '.join(ends)}" if ends else "")

    def static_html(self) -> str:
        return curves_svg(_thinned(self._whole, buckets=_STATIC_BUCKETS), says=self.describe(), system=self.system)


def _is_step(value: Any) -> bool:
    """Whether it is a number that a float holds; a page may send any."""
    return type(value) in (int, float) and abs(value) <= sys.float_info.max


def _series(points: Any, run: Any, metric: Any) -> np.ndarray:
    """As an array (n, 2) in the order of the steps; what is not finite, None too, becomes NaN."""
    try:
        made = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError) as e:
        raise BadInput(f"{metric!r} of {run!r}: a curve is a list of [step, value] pairs ({e})") from e
    if made.size == 0:
        return np.empty((0, 2))
    if made.ndim != 2 or made.shape[1] != 2 or not np.isfinite(made[:, 0]).all():
        raise BadInput(
            f"{metric!r} of {run!r}: a curve is a list of [step, value] pairs with steps that are numbers; got shape"
            f" {made.shape}"
        )
    if not np.isfinite(made[:, 1]).all():
        made = np.column_stack([made[:, 0], np.where(np.isfinite(made[:, 1]), made[:, 1], np.nan)])
    return made if (np.diff(made[:, 0]) >= 0).all() else made[np.argsort(made[:, 0], kind="stable")]


def _thinned(
    whole: Mapping[str, Mapping[str, np.ndarray]], low: float = -np.inf, high: float = np.inf, *, buckets: int = BUCKETS
) -> dict[str, dict[str, Points]]:
    """Plain floats; NaN becomes None, which JSON knows."""
    return {
        run: {
            m: [[x, y if y == y else None] for x, y in thin(s, low, high, buckets=buckets).tolist()]
            for m, s in metrics.items()
        }
        for run, metrics in whole.items()
    }


def _pieces(points: Points) -> list[Points]:
    """The stretches between gaps."""
    pieces: list[Points] = [[]]
    for p in points:
        if p[1] is None:
            pieces.append([])
        else:
            pieces[-1].append(p)
    return [piece for piece in pieces if piece]


def curves_svg(
    runs: Mapping[str, Mapping[str, Any]], *, says: str = "Training curves", system: Sequence[str] = SYSTEM
) -> str:
    """Charts side by side, the runs named below them; of the metrics in ``system`` only the names, where there are
    others."""
    every = list(dict.fromkeys(m for run in runs.values() for m in run))
    metrics = [m for m in every if m not in system] or every
    w, h, left, gap = 300, 170, 46, 24
    names = list(runs)
    parts: list[str] = []
    for k, metric in enumerate(metrics):
        ox = 16 + k * (w + gap)
        lines = [(names.index(r), _pieces(runs[r].get(metric, []))) for r in names]
        points = [p for _, line in lines for piece in line for p in piece]
        parts.append(text(ox, 20, metric, size=12, font_weight=600, fill=MUTED))
        if not points:
            continue
        x0, x1 = min(p[0] for p in points), max(p[0] for p in points)
        y0, y1 = min(p[1] for p in points), max(p[1] for p in points)
        pad = (y1 - y0 or abs(y1) or 1.0) * 0.06
        y0, y1 = (max(0.0, y0 - pad) if y0 >= 0 else y0 - pad), y1 + pad

        def px(x: float, ox: float = ox, x0: float = x0, x1: float = x1) -> float:
            return ox + left + (x - x0) / ((x1 - x0) or 1) * (w - left)

        def py(y: float, y0: float = y0, y1: float = y1) -> float:
            return 30 + h - 20 - (y - y0) / (y1 - y0) * (h - 28)

        for tick in ticks(y0, y1):
            parts.append(tag("line", x1=ox + left, x2=ox + w, y1=py(tick), y2=py(tick), stroke=LINE))
            parts.append(text(ox + left - 6, py(tick) + 4, f"{tick:g}", size=10, fill=MUTED, text_anchor="end"))
        for tick in ticks(x0, x1, 5):
            parts.append(text(px(tick), 30 + h - 4, f"{tick:g}", size=10, fill=MUTED, text_anchor="middle"))
        for colour, line in lines:
            for piece in line:
                d = " ".join(
                    f"{px(x):.1f},{py(y):.1f}" for x, y in (piece if len(piece) > 1 else piece * 2)
                )  # a lone point is a dot
                parts.append(
                    tag(
                        "polyline",
                        points=d,
                        fill="none",
                        stroke=SERIES[colour % len(SERIES)],
                        stroke_width=2,
                        stroke_linecap="round",
                    )
                )
    x, y = 16.0, 30.0 + h + 22
    width = 32 + max(1, len(metrics)) * (w + gap) - gap
    for i, name in enumerate(names):
        label = short(name, 30)
        if x + len(label) * 6.8 + 34 > width:
            x, y = 16.0, y + 20
        parts.append(tag("rect", x=x, y=y - 6, width=14, height=3, rx=1.5, fill=SERIES[i % len(SERIES)]))
        parts.append(text(x + 20, y, label, size=11))
        x += len(label) * 6.8 + 40
    left_out = [m for m in every if m not in metrics]
    if left_out:
        y += 20
        parts.append(
            text(16, y, short(f"not drawn: {', '.join(left_out)}", int((width - 32) / 6.2)), size=11, fill=MUTED)
        )
    if not metrics:
        parts, width, y = [text(20, 35, "No training has reported yet.", fill=MUTED)], 280, 46.0
    return picture("".join(parts), width, y + 14, says=says)
