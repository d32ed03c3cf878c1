"""A figure as a picture without script or browser: what a saved notebook, GitHub and nbconvert show.

It draws what our figures are made of - lines, points, bars, heat maps, parallel coordinates, shapes and notes on axes
of x and y - from the very values that plotly draws. A trace of another kind is not drawn, and the picture says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._svg import INK, LINE, MUTED, picture, short, tag, text
from .look import SERIES, Spec, numbers, unsaid
from .parallel import parallel_svg
from .scale import Scale
from .stroke import DASH, bars, cells, lines, notes, shapes

WIDTH, HEIGHT = 760, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 24, 20, 52


DRAWN = ("scatter", "scattergl", "bar", "heatmap", "parcoords")


def svg(spec: Spec, *, says: str = "", below: str = "", width: int = WIDTH, height: int | None = None) -> str:
    """The figure as an ``<img>`` of an SVG, on a light ground.

    Parameters
    ----------
    spec
        The figure.
    says
        What a screen reader hears; unless given what the figure says itself.
    below
        A line under the figure.
    width, height
        In pixels; the height is the figure's own where it has one.
    """
    spec = _coloured(spec)
    layout = spec["layout"]
    tall = float(height or layout.get("height") or HEIGHT)
    parts: list[str] = []
    top = float(_TOP)
    title = (layout.get("title") or {}).get("text")
    if title:
        parts.append(text(16, 24, short(unsaid(title), int(width / 8)), size=14, font_weight=600))
        top += 20
    said = says or layout.get("meta", {}).get("says") or "figure"
    parallel = [t for t in spec["data"] if t["type"] == "parcoords"]
    if parallel:
        parts.append(parallel_svg(parallel[0], 16, top, width - 32, tall - top - 16))
        return picture("".join(parts), width, tall, says=said)
    keys, used = _legend(spec, 16, top + 8, width - 32)
    parts += keys
    top += used + (18 if any(a.get("yref", "paper") == "paper" for a in layout.get("annotations", ())) else 0)
    slanted = any(_slanted(spec, n) for n in _subplots(spec))
    left = _LEFT + max((_room(spec, n) for n in _subplots(spec)), default=0)
    inner = (left, top, width - left - _RIGHT, tall - top - _BOTTOM - (60 if slanted else 0))
    for n in _subplots(spec):
        parts.append(_subplot(spec, n, inner))
    parts += notes(layout, None, inner)
    if not spec["data"]:
        parts.append(text(20, top + 30, "Nothing to draw yet.", fill=MUTED))
    others = sorted({t["type"] for t in spec["data"]} - set(DRAWN))
    below = "; ".join([below] * bool(below) + [f"not in this picture: {', '.join(others)}"] * bool(others))
    if below:
        parts.append(text(16, tall + 8, short(below, int(width / 6.4)), size=11, fill=MUTED))
        tall += 18
    return picture("".join(parts), width, tall, says=said)


def _subplots(spec: Spec) -> list[str]:
    """The numbers of the axes of x that hold traces: '' for the first."""
    return list(dict.fromkeys(str(t.get("xaxis", "x"))[1:] for t in spec["data"]))


def _y_of(spec: Spec, n: str) -> str:
    """The number of the axis of y that goes with an axis of x; two may share one."""
    return next((str(t.get("yaxis", "y"))[1:] for t in spec["data"] if str(t.get("xaxis", "x"))[1:] == n), n)


def _own(spec: Spec, n: str) -> list[dict[str, Any]]:
    return [t for t in spec["data"] if str(t.get("xaxis", "x"))[1:] == n and t.get("visible", True) is True]


def _coloured(spec: Spec) -> Spec:
    """With a colour for each trace that has none: plotly takes them from the colourway in turn."""
    way = spec["layout"].get("colorway") or SERIES
    data = []
    for k, t in enumerate(spec["data"]):
        own = "line" if t["type"] == "scatter" and "lines" in str(t.get("mode", "lines")) else "marker"
        colour = {"color": way[k % len(way)]}
        data.append({**t, own: {**colour, **(t.get(own) or {})}} if t["type"] in ("scatter", "bar") else t)
    return {**spec, "data": data}


def _values(traces: Sequence[Mapping[str, Any]], side: str) -> list[Any]:
    out: list[Any] = []
    for t in traces:
        if side in t:
            out += _flat(t[side])
        elif t["type"] == "heatmap":
            z = numbers(t["z"])
            out += list(range(z.shape[1] if side == "x" else z.shape[0]))
    return out


def _flat(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else numbers(value).ravel().tolist()


def _subplot(spec: Spec, n: str, inner: tuple[float, float, float, float]) -> str:
    layout, traces = spec["layout"], _own(spec, n)
    ox, oy, w, h = inner
    m = _y_of(spec, n)
    looks = {"x": layout.get(f"xaxis{n}", {}), "y": layout.get(f"yaxis{m}", {})}
    shared = [t for t in spec["data"] if str(t.get("yaxis", "y"))[1:] == m]  # another plot may share this axis of y
    (x0, x1), (y0, y1) = (looks[s].get("domain", (0.0, 1.0)) for s in "xy")
    left, right, top, bottom = ox + x0 * w, ox + x1 * w, oy + (1 - y1) * h, oy + (1 - y0) * h
    bars_up = [t for t in traces if t["type"] == "bar" and t.get("orientation", "v") == "v"]
    bars_right = [t for t in traces if t["type"] == "bar" and t.get("orientation") == "h"]
    tops = _stacked(bars_up, "y") if layout.get("barmode") == "stack" else _values(shared, "y")
    grid = any(t["type"] == "heatmap" for t in traces)
    own_shapes = [s for s in layout.get("shapes", ()) if s.get("xref", "x").split()[0] == f"x{n}"]
    refs = {"x": f"x{n}", "y": f"y{m}"}
    reach = {
        side: [s[f"{side}{k}"] for s in own_shapes if s.get(f"{side}ref", side) == refs[side] for k in (0, 1)]
        for side in "xy"
    }
    x = Scale(_tight(looks["x"], grid, traces, "x"), _values(traces, "x") + reach["x"], left, right, bool(bars_right))
    y = Scale(_tight(looks["y"], grid, shared, "y"), tops + reach["y"], bottom, top, bool(bars_up))
    if looks["y"].get("scaleanchor"):
        _same_unit(x, y)
    parts = [_frame(x, y, looks, (left, right, top, bottom), grid)]
    parts.append(cells(traces, x, y))
    parts.append(shapes(own_shapes, x, y, (left, right, top, bottom)))
    parts.append(bars(bars_up, x, y, layout.get("barmode", "group"), "v"))
    parts.append(bars(bars_right, y, x, layout.get("barmode", "group"), "h"))
    parts.append(lines(traces, x, y))
    parts += notes(layout, n, inner, x, y)
    return "".join(parts)


def _tight(look: Mapping[str, Any], grid: bool, traces: Sequence[Mapping[str, Any]], side: str) -> Mapping[str, Any]:
    """A heat map fills its axes to the edge of its cells."""
    if not grid or look.get("range") is not None or look.get("categoryarray") is not None:
        return look
    known = [v for v in _values([t for t in traces if t["type"] == "heatmap"], side) if not isinstance(v, str)]
    if not known:
        return look
    half = (max(known) - min(known)) / max(len(set(known)) - 1, 1) / 2 or 0.5
    ends = [min(known) - half, max(known) + half]
    return {**look, "range": ends[::-1] if look.get("autorange") == "reversed" else ends, "autorange": False}


def _stacked(traces: Sequence[Mapping[str, Any]], side: str) -> list[Any]:
    total: dict[Any, float] = {}
    for t in traces:
        for at, v in zip(_flat(t["x" if side == "y" else "y"]), _flat(t[side]), strict=True):
            total[at] = total.get(at, 0.0) + float(v)
    return list(total.values())


def _same_unit(x: Scale, y: Scale) -> None:
    """A pixel means the same on both axes, so that balls stay round; the axis with room to spare gets more."""
    per_x, per_y = abs((x.high - x.low) / (x.end - x.start)), abs((y.high - y.low) / (y.end - y.start))
    for scale, own, other in ((x, per_x, per_y), (y, per_y, per_x)):
        if own < other:
            middle, half = (scale.low + scale.high) / 2, abs(scale.high - scale.low) / 2 * other / own
            scale.low, scale.high = middle - half, middle + half


def _frame(x: Scale, y: Scale, looks: Mapping[str, Any], box: tuple[float, float, float, float], grid: bool) -> str:
    left, right, top, bottom = box
    out: list[str] = []
    if looks["x"].get("visible", True) is False:  # what stands beside a plot, such as a tree, has no frame of its own
        return ""
    if looks["y"].get("visible", True):
        for place, words in y.marks(5):
            if not grid:
                out.append(tag("line", x1=left, x2=right, y1=place, y2=place, stroke=LINE))
            out.append(text(left - 6, place + 4, short(words, 22), size=11, fill=MUTED, text_anchor="end"))
    crowded = x.names and max(len(n) for n in x.names) * 6.5 > (right - left) / len(x.names)
    if looks["x"].get("visible", True):
        for place, words in x.marks(6):
            if crowded:
                turned = f"translate({place:.0f},{bottom + 12:.0f}) rotate(40)"
                out.append(text(0, 0, short(words, 16), size=11, fill=MUTED, transform=turned))
            else:
                out.append(text(place, bottom + 16, short(words, 24), size=11, fill=MUTED, text_anchor="middle"))
    out.append(tag("line", x1=left, x2=right, y1=bottom, y2=bottom, stroke=LINE))
    for side, look in looks.items():
        words = unsaid((look.get("title") or {}).get("text") or "")
        if not words or look.get("visible", True) is False:
            continue
        if side == "x":
            below = bottom + (92 if crowded else 36)
            out.append(text((left + right) / 2, below, words, size=12, fill=INK, text_anchor="middle"))
        else:
            turned = f"translate({left - 52 - _named(y):.0f},{(top + bottom) / 2:.0f}) rotate(-90)"
            out.append(text(0, 0, words, size=12, fill=INK, text_anchor="middle", transform=turned))
    return "".join(out)


def _named(y: Scale) -> float:
    return max(0.0, max((min(len(n), 22) for n in y.names), default=0) * 6.4 - 34)


def _room(spec: Spec, n: str) -> float:
    """Further pixels for long names left of an axis."""
    names = [v for v in _values(_own(spec, n), "y") if isinstance(v, str)]
    return max(0.0, max((min(len(unsaid(v)), 22) for v in names), default=0) * 6.4 - 34)


def _slanted(spec: Spec, n: str) -> bool:
    names = {v for v in _values(_own(spec, n), "x") if isinstance(v, str)}
    return bool(names) and max(len(v) for v in names) * 6.5 > 600 / len(names)


def _legend(spec: Spec, x: float, y: float, width: float) -> tuple[list[str], float]:
    """The keys of the named traces in lines, and the height that they take."""
    shown = [
        t for t in spec["data"]
        if t.get("name") and t.get("showlegend", True) and t.get("visible", True) is True and t["type"] != "heatmap"
    ]  # fmt: skip
    if not shown or spec["layout"].get("showlegend") is False or (len(shown) == 1 and len(spec["data"]) == 1):
        return [], 0.0
    parts, at, down = [], x, 0.0
    for t in shown:
        words = short(unsaid(t["name"]), 40)
        wide = 26 + 6.6 * len(words) + 18
        if at > x and at + wide > x + width:
            at, down = x, down + 18
        line, marker = t.get("line") or {}, t.get("marker") or {}
        own = line.get("color") or marker.get("color")
        colour = own if isinstance(own, str) else MUTED
        parts.append(
            tag(
                "line", x1=at, x2=at + 20, y1=y + down, y2=y + down, stroke=colour,
                stroke_width=3, stroke_dasharray=DASH.get(str(line.get("dash"))),
            )
        )  # fmt: skip
        parts.append(text(at + 26, y + down + 4, words, size=11))
        at += wide
    return parts, down + 22
