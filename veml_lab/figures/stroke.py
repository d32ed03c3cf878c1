"""The marks of a still picture: lines, points, bars, cells, shapes and notes as SVG."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .._svg import INK, MUTED, short, tag, text
from .look import numbers, unsaid

if TYPE_CHECKING:
    from .scale import Scale

DASH = {"dash": "9 5", "dot": "2 4", "dashdot": "9 4 2 4", "longdash": "15 6"}
Box = tuple[float, float, float, float]


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else numbers(value).ravel().tolist()


def _each(value: Any, n: int, otherwise: Any) -> list[Any]:
    """One value a point, where a figure gives one for all."""
    if value is None:
        return [otherwise] * n
    return [value] * n if isinstance(value, str | int | float) else _list(value)


def lines(traces: Sequence[Mapping[str, Any]], x: Scale, y: Scale) -> str:
    """Lines with their gaps, areas between two lines, and points."""
    out, before = list[str](), list[tuple[float, float]]()
    for t in traces:
        if t["type"] not in ("scatter", "scattergl"):
            continue
        points = [(x.at(a), y.at(b)) for a, b in zip(_list(t["x"]), _list(t["y"]), strict=True)]
        mode = str(t.get("mode", "lines"))
        if t.get("fill") == "tonexty":
            ring = [p for p in [*before, *reversed(points)] if _known(p)]
            out.append(tag("polygon", points=_path(ring), fill=_plain(t.get("fillcolor"))[0], fill_opacity="0.2"))
        before = points
        if "lines" in mode:
            line = t.get("line") or {}
            for piece in _pieces(_steps(points, str(line.get("shape", "linear")))) if line.get("width", 2) else []:
                if len(piece) == 1 and "markers" in mode:
                    continue
                out.append(
                    tag(
                        "polyline", points=_path(piece), fill="none", stroke=line.get("color") or MUTED,
                        stroke_width=line.get("width", 2), stroke_dasharray=DASH.get(str(line.get("dash"))),
                        stroke_linejoin="round",
                    )
                )  # fmt: skip
        if "markers" in mode:
            out += _dots(points, t.get("marker") or {})
        if "text" in mode:
            words = _each(t.get("text"), len(points), "")
            out += [text(a + 6, b - 6, unsaid(w), size=11) for (a, b), w in zip(points, words) if w and _known((a, b))]
    return "".join(out)


def _steps(points: Sequence[tuple[float, float]], shape: str) -> Sequence[tuple[float, float]]:
    """The corners of a line that goes in steps: at the next point (``hv``), or half way to it (``hvh``)."""
    if shape not in ("hv", "hvh") or not points:
        return points
    out = [points[0]]
    for (a, b), (c, d) in pairwise(points):
        turn = c if shape == "hv" else (a + c) / 2
        out += [(turn, b), (turn, d), (c, d)]
    return out


def _dots(points: Sequence[tuple[float, float]], look: Mapping[str, Any]) -> list[str]:
    sizes, colours = _each(look.get("size"), len(points), 6), _each(look.get("color"), len(points), MUTED)
    kinds = _each(look.get("symbol"), len(points), "circle")
    step = max(1, len(points) // 4000)  # a still picture of more is a blot of megabytes
    seen = [(p, s, c, k) for p, s, c, k in zip(points, sizes, colours, kinds) if s and _known(p)][::step]
    opacity = str(look.get("opacity", 0.9))
    return [symbol(str(k), p[0], p[1], s / 2, c if isinstance(c, str) else MUTED, opacity) for p, s, c, k in seen]


def symbol(kind: str, x: float, y: float, r: float, colour: str, opacity: str = "1") -> str:
    """A point as plotly's symbol of that name."""
    if kind.startswith("circle"):
        return tag("circle", cx=x, cy=y, r=float(r), fill=colour, fill_opacity=opacity)
    if kind in ("x", "cross"):
        turn = math.pi / 4 if kind == "x" else 0.0
        ends = [(r * math.cos(turn + k * math.pi / 2), r * math.sin(turn + k * math.pi / 2)) for k in range(4)]
        d = "".join(f"M{x + a:.1f},{y + b:.1f}L{x - a:.1f},{y - b:.1f}" for a, b in ends[:2])
        return tag("path", d=d, stroke=colour, stroke_width=1.6, fill="none", stroke_opacity=opacity)
    corners = {
        "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        "diamond": [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)],
    }.get(kind, [(0, -1.15), (1.1, 0.85), (-1.1, 0.85)])
    return tag("polygon", points=_path([(x + a * r, y + b * r) for a, b in corners]), fill=colour, fill_opacity=opacity)


def bars(traces: Sequence[Mapping[str, Any]], along: Scale, up: Scale, mode: str, way: str) -> str:
    """Bars beside each other or stacked; ``along`` is the axis that they stand on."""
    out, under = list[str](), dict[Any, float]()
    base_side, tall_side = ("x", "y") if way == "v" else ("y", "x")
    for k, t in enumerate(traces):
        places, values = _list(t[base_side]), _list(t[tall_side])
        look = t.get("marker") or {}
        colours, words = _each(look.get("color"), len(places), MUTED), _each(t.get("text"), len(places), "")
        if t.get("textposition") == "none":
            words = [""] * len(places)
        widths = _each(t.get("width"), len(places), None)
        even = (
            abs(along.at(places[1]) - along.at(places[0])) * 0.8
            if len(places) > 1
            else abs(along.end - along.start) * 0.4
        )
        for place, value, colour, word, width in zip(places, values, colours, words, widths, strict=False):
            if value is None or not math.isfinite(value):
                continue
            wide = abs(along.at(place + width) - along.at(place)) if width is not None else even
            share = wide / (len(traces) if mode == "group" else 1)
            first = along.at(place) - wide / 2 + (share * k if mode == "group" else 0)
            low = under.get(place, 0.0) if mode == "stack" else 0.0
            under[place] = low + value
            a, b = sorted((up.at(low), up.at(low + value)))
            box = (first, a, max(share - 1, 1.0), b - a) if way == "v" else (a, first, b - a, max(share - 1, 1.0))
            out.append(
                tag(
                    "rect", x=float(box[0]), y=float(box[1]), width=float(box[2]), height=float(box[3]),
                    fill=_plain(colour)[0], fill_opacity=str(look.get("opacity", 0.9)),
                )
            )  # fmt: skip
            if word:
                at = (first + share / 2, a - 4) if way == "v" else (b + 5, first + share / 2 + 4)
                anchor = "middle" if way == "v" else "start"
                out.append(text(at[0], at[1], unsaid(str(word)), size=11, text_anchor=anchor))
    return "".join(out)


def cells(traces: Sequence[Mapping[str, Any]], x: Scale, y: Scale) -> str:
    """The cells of a heat map with their words."""
    out: list[str] = []
    for t in traces:
        if t["type"] != "heatmap":
            continue
        z = numbers(t["z"])
        xs = _list(t["x"]) if "x" in t else list(range(z.shape[1]))
        ys = _list(t["y"]) if "y" in t else list(range(z.shape[0]))
        known = [float(v) for v in z.ravel() if v is not None and math.isfinite(v)]
        low, high = float(t.get("zmin", min(known, default=0))), float(t.get("zmax", max(known, default=1)))
        w, h = (_step(scale, n) for scale, n in ((x, xs), (y, ys)))
        for i, b in enumerate(ys):
            for j, a in enumerate(xs):
                v = z[i, j]
                if v is None or not math.isfinite(v):
                    continue
                share = (float(v) - low) / ((high - low) or 1)
                fill, strength = _plain(_shade(t.get("colorscale"), share))
                px, py = x.at(a), y.at(b)
                out.append(
                    tag(
                        "rect", x=px - w / 2 + 0.5, y=py - h / 2 + 0.5, width=max(w - 1, 1.0), height=max(h - 1, 1.0),
                        fill=fill, fill_opacity=f"{strength:.3f}",
                    )
                )  # fmt: skip
                words = t["text"][i][j] if t.get("texttemplate") and t.get("text") is not None else ""
                if words:
                    ink, _ = ink_on(t.get("colorscale"), share)
                    for k, line in enumerate(str(words).split("<br>")):
                        down = py + 4 + 13 * (k - (str(words).count("<br>")) / 2)
                        out.append(text(px, down, unsaid(line), size=11, fill=ink, text_anchor="middle"))
    return "".join(out)


def _step(scale: Scale, places: Sequence[Any]) -> float:
    return abs(scale.at(places[1]) - scale.at(places[0])) if len(places) > 1 else abs(scale.end - scale.start)


def shapes(some: Sequence[Mapping[str, Any]], x: Scale, y: Scale, box: Box) -> str:
    """Lines, circles and boxes behind the marks; a place in 'domain' is a share of the axis."""
    left, right, top, bottom = box
    out = []
    for s in some:
        across, down = str(s.get("xref", "x")).endswith("domain"), str(s.get("yref", "y")).endswith("domain")
        x0, x1 = (left + s[k] * (right - left) if across else x.at(s[k]) for k in ("x0", "x1"))
        y0, y1 = (bottom + s[k] * (top - bottom) if down else y.at(s[k]) for k in ("y0", "y1"))
        line = s.get("line") or {}
        look = {
            "stroke": line.get("color", INK), "stroke_width": line.get("width", 1.5),
            "stroke_dasharray": DASH.get(str(line.get("dash"))), "stroke_opacity": str(s.get("opacity", 1)),
        }  # fmt: skip
        fill, strength = _plain(s.get("fillcolor"))
        if s["type"] == "line":
            out.append(tag("line", x1=x0, x2=x1, y1=y0, y2=y1, **look))
        elif s["type"] == "circle":
            at = {"cx": (x0 + x1) / 2, "cy": (y0 + y1) / 2, "rx": abs(x1 - x0) / 2, "ry": abs(y1 - y0) / 2}
            out.append(tag("ellipse", **at, fill=fill, fill_opacity=f"{strength:.2f}", **look))
        else:
            at = {"x": min(x0, x1), "y": min(y0, y1), "width": abs(x1 - x0), "height": abs(y1 - y0)}
            out.append(tag("rect", **at, fill=fill, fill_opacity=f"{strength:.2f}", **look))
    return "".join(out)


def notes(
    layout: Mapping[str, Any], n: str | None, inner: Box, x: Scale | None = None, y: Scale | None = None
) -> list[str]:
    """Words on the axes ``n``, or for None those on the paper."""
    ox, oy, w, h = inner
    out = []
    for a in layout.get("annotations", ()):
        xref, yref = str(a.get("xref", "paper")), str(a.get("yref", "paper"))
        if n is None and xref == yref == "paper":
            px, py = ox + a["x"] * w, oy + (1 - a["y"]) * h
        elif n is not None and x is not None and y is not None and xref.split()[0] == f"x{n}":
            px = x.at(a["x"])
            py = y.end + (1 - a["y"]) * (y.start - y.end) if yref.endswith("domain") else y.at(a["y"])
        else:
            continue
        anchor = {"left": "start", "right": "end"}.get(str(a.get("xanchor", "auto")), "middle")
        up = {"bottom": -4, "top": 12}.get(str(a.get("yanchor", "auto")), 4)
        size = (a.get("font") or {}).get("size", 11)
        out.append(text(px, py + up, short(unsaid(a["text"]), 90), size=size, text_anchor=anchor))
    return out


def _known(p: tuple[float, float]) -> bool:
    return math.isfinite(p[0]) and math.isfinite(p[1])


def _pieces(points: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The stretches between gaps."""
    out: list[list[tuple[float, float]]] = [[]]
    for p in points:
        if _known(p):
            out[-1].append(p)
        elif out[-1]:
            out.append([])
    return [piece for piece in out if piece]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in points)


def _plain(colour: Any) -> tuple[str, float]:
    """A colour and its strength: SVG of old readers knows no rgba()."""
    found = re.fullmatch(r"rgba\((\d+), ?(\d+), ?(\d+), ?([\d.]+)\)", str(colour or ""))
    if found:
        return f"rgb({found[1]},{found[2]},{found[3]})", float(found[4])
    return (str(colour), 1.0) if colour else ("none", 0.0)


def _shade(scale: Any, share: float) -> str:
    """The colour at a share of a colour scale given as stops."""
    stops = scale if isinstance(scale, list | tuple) else [[0.0, "rgba(0,114,178,0.06)"], [1.0, "rgba(0,114,178,1)"]]
    share = min(1.0, max(0.0, share))
    for (a, one), (b, two) in pairwise(stops):
        if share <= b:
            part = (share - a) / ((b - a) or 1)
            first, second = rgba(one), rgba(two)
            mixed = [p + (q - p) * part for p, q in zip(first, second)]
            return f"rgba({mixed[0]:.0f},{mixed[1]:.0f},{mixed[2]:.0f},{mixed[3]:.3f})"
    return str(stops[-1][1])


def rgba(colour: str) -> list[float]:
    """Red, green, blue (0 to 255) and strength (0 to 1) of a colour."""
    if colour.startswith("#"):
        return [*(float(int(colour[i : i + 2], 16)) for i in (1, 3, 5)), 1.0]
    found = [float(v) for v in re.findall(r"[\d.]+", colour)]
    return found if len(found) == 4 else [*found[:3], 1.0]


def ink_on(scale: Any, share: float) -> tuple[str, tuple[float, float, float]]:
    """The colour of words on a cell, and that of the cell on white: whichever ink is read better."""
    r, g, b, strength = rgba(_shade(scale, share))
    red, green, blue = (255 + (v - 255) * strength for v in (r, g, b))
    linear = [(v / 255 + 0.055) ** 2.4 / 1.055**2.4 for v in (red, green, blue)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (INK if luminance > 0.19 else "#ffffff"), (red, green, blue)
