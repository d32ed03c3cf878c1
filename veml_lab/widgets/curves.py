"""Training curves: one small chart a metric, one line a run, live."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import traitlets as t

from ._base import Drawing, script
from ._svg import LINE, MUTED, SERIES, number, picture, short, tag, text, ticks


class TrainingCurves(Drawing):
    """Draw metrics of runs over steps; assigning ``runs`` again redraws at once.

    Parameters
    ----------
    runs : dict of run -> dict of metric -> list of [step, value]

    Examples
    --------
    >>> TrainingCurves({"first": {"loss": [[0, 2.0], [1, 0.5]]}})
    TrainingCurves: 1 run; first: loss 0.500
    """

    _esm = script("curves")

    runs = t.Dict().tag(sync=True, ts="Record<string, Record<string, [number, number][]>>")

    def __init__(self, runs: Mapping[str, Mapping[str, Any]] | None = None, **kwargs: Any) -> None:
        super().__init__(runs=_plain(runs or {}), **kwargs)

    @t.validate("runs")
    def _check_runs(self, proposal: dict[str, Any]) -> dict[str, Any]:
        return _plain(proposal["value"])

    def describe(self) -> str:
        n = len(self.runs)
        ends = [
            f"{run}: " + ", ".join(f"{m} {number(points[-1][1])}" for m, points in metrics.items() if points)
            for run, metrics in self.runs.items()
        ]
        return f"TrainingCurves: {n} run{'s' * (n != 1)}" + (f"; {'; '.join(ends)}" if ends else "")

    def static_html(self) -> str:
        return curves_svg(self.runs, says=self.describe())


def _plain(runs: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, list[list[float | None]]]]:
    """Plain floats; what is not finite becomes None, which JSON knows."""
    return {
        str(run): {
            str(metric): [[float(x), float(y) if y is not None and math.isfinite(y) else None] for x, y in points]
            for metric, points in metrics.items()
        }
        for run, metrics in runs.items()
    }


def curves_svg(runs: Mapping[str, Mapping[str, Any]], *, says: str = "Training curves") -> str:
    """Charts side by side, the runs named below them."""
    metrics = list(dict.fromkeys(m for run in runs.values() for m in run))
    w, h, left, gap = 300, 170, 46, 24
    names = list(runs)
    parts: list[str] = []
    for k, metric in enumerate(metrics):
        ox = 16 + k * (w + gap)
        lines = [(names.index(r), [p for p in runs[r].get(metric, []) if p[1] is not None]) for r in names]
        points = [p for _, line in lines for p in line]
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
            d = " ".join(f"{px(x):.1f},{py(y):.1f}" for x, y in line)
            parts.append(tag("polyline", points=d, fill="none", stroke=SERIES[colour % len(SERIES)], stroke_width=2))
    x, y = 16.0, 30.0 + h + 22
    width = 32 + max(1, len(metrics)) * (w + gap) - gap
    for i, name in enumerate(names):
        label = short(name, 30)
        if x + len(label) * 6.8 + 34 > width:
            x, y = 16.0, y + 20
        parts.append(tag("rect", x=x, y=y - 6, width=14, height=3, rx=1.5, fill=SERIES[i % len(SERIES)]))
        parts.append(text(x + 20, y, label, size=11))
        x += len(label) * 6.8 + 40
    if not metrics:
        parts, width, y = [text(20, 35, "No training has reported yet.", fill=MUTED)], 280, 46.0
    return picture("".join(parts), width, y + 14, says=says)
