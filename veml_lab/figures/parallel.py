"""Parallel coordinates: an axis for each number by which runs differ, and the same as a still picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .._svg import INK, LINE, MUTED, short, tag, text, ticks
from .look import Spec, numbers, said, spec_of, unsaid

MOST_AXES = 10
# Viridis in five stops (Smith and van der Walt 2015): read by all, and in grey
VIRIDIS = [[0.0, "#440154"], [0.25, "#3b528b"], [0.5, "#21918c"], [0.75, "#5ec962"], [1.0, "#fde725"]]


def parallel(rows: Sequence[Mapping[str, Any]], metric: str, *, lower_is_better: bool = False, title: str = "") -> Spec:
    """Parallel coordinates: an axis for each field that tells runs apart, the metric last; better is brighter.

    A run without the metric is left out; a number that a run lacks lies at the lower end of its axis. Words stand at
    even steps where there are few of them.
    """
    shown = [r for r in rows if _number(r.get(metric)) is not None]
    fields = [f for f in dict.fromkeys(f for r in shown for f in r) if f not in (metric, "name")]
    told = [f for f in fields if len({str(r.get(f)) for r in shown}) > 1 or len(shown) == 1]
    axes = [a for f in told if (a := _axis(f, [r.get(f) for r in shown]))]
    axes = axes[: MOST_AXES - 1] + [a for a in [_axis(metric, [r.get(metric) for r in shown])] if a]
    trace = {
        "type": "parcoords",
        "dimensions": axes,
        "customdata": [str(r.get("name", "")) for r in shown],
        "line": {
            "color": [_number(r.get(metric)) for r in shown],
            "colorscale": VIRIDIS,
            "reversescale": lower_is_better,
            "showscale": True,
            "colorbar": {"title": {"text": said(metric)}},
        },
    }
    return spec_of(
        [trace] if shown else [],
        title=title,
        says=f"Parallel coordinates of {len(shown)} runs over {', '.join(unsaid(a['label']) for a in axes)}",
        name="runs",
        height=300,
        margin={"l": 70, "r": 40, "t": 60, "b": 30},
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _axis(field: str, values: Sequence[Any]) -> dict[str, Any] | None:
    """One dimension; None for a field that is text of too many kinds."""
    known = [v for v in values if v is not None and v != ""]
    found = [_number(v) for v in known]
    if known and all(v is not None for v in found):
        least = min(v for v in found if v is not None)
        return {"label": said(field), "values": [least if (n := _number(v)) is None else n for v in values]}
    names = sorted({str(v) for v in known})
    if not 1 < len(names) <= 8:
        return None
    place = {n: float(i) for i, n in enumerate(names)}
    return {
        "label": said(field), "values": [place.get(str(v), 0.0) for v in values],
        "tickvals": list(place.values()), "ticktext": [said(short(n, 20)) for n in names],
    }  # fmt: skip


def parallel_svg(trace: Mapping[str, Any], ox: float, oy: float, w: float, h: float) -> str:
    """The axes with their lines, without a script."""
    axes = list(trace["dimensions"])
    step = (w - 120) / max(len(axes) - 1, 1)
    top, bottom = oy + 26, oy + h
    scales = []
    for a in axes:
        values = numbers(a["values"]).tolist()
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        scales.append((low, high, values))

    def y(k: int, value: float) -> float:
        low, high, _ = scales[k]
        return bottom - ((value - low) / (high - low) if high > low else 0.5) * (bottom - top)

    out, colour = [], trace["line"]
    scored = numbers(colour["color"]).tolist()
    least, most = (min(scored), max(scored)) if scored else (0.0, 1.0)
    for i, value in enumerate(scored):
        share = (value - least) / ((most - least) or 1.0)
        share = 1 - share if colour.get("reversescale") else share
        points = " ".join(f"{ox + 50 + k * step:.1f},{y(k, s[2][i]):.1f}" for k, s in enumerate(scales))
        stop = VIRIDIS[min(len(VIRIDIS) - 1, math.floor(share * len(VIRIDIS)))][1]
        out.append(tag("polyline", points=points, fill="none", stroke=stop, stroke_width=1.6, stroke_opacity="0.9"))
    for k, a in enumerate(axes):
        at = ox + 50 + k * step
        out.append(tag("line", x1=at, x2=at, y1=top, y2=bottom, stroke=LINE, stroke_width=2))
        out.append(
            text(at, oy + 12, short(unsaid(a["label"]), max(6, int(step / 7))), size=12, fill=INK, text_anchor="middle")
        )
        low, high, _ = scales[k]
        marks = zip(a["tickvals"], a["ticktext"]) if "tickvals" in a else [(t, f"{t:g}") for t in ticks(low, high, 4)]
        out += [text(at + 5, y(k, t) + 4, unsaid(words), size=10, fill=MUTED) for t, words in marks]
    return "".join(out)
