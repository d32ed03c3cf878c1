"""Write small SVG pictures, as an <img> of their own: no script, and no style that leaks into the page."""

from __future__ import annotations

import base64
import math
import re
from html import escape

NODE_KINDS = ("data", "model", "training", "inference", "metadata")
# as LIGHT in js/src/drawing/theme.ts: static pictures carry their own light background
COLOURS = {
    "data": "#1768c4",
    "model": "#8a3ffc",
    "training": "#c25400",
    "inference": "#17803d",
    "metadata": "#6b7280",
}
SERIES = ("#3b82f6", "#f97316", "#10b981", "#e11d48", "#a855f7", "#eab308", "#06b6d4", "#ec4899", "#84cc16")
INK, MUTED, LINE, GOOD, BAD = "#1f2328", "#5b6472", "#dfe3e8", "#17803d", "#c62828"


_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # a name may hold them, a picture not


def as_kind(kind: str) -> str:
    return kind if kind in COLOURS else "metadata"


def tag(name: str, content: str = "", **attributes: object) -> str:
    """One element; ``font_size=11`` is written font-size."""
    said = "".join(
        f' {k.rstrip("_").replace("_", "-")}="{escape(_plain(v), quote=True)}"'
        for k, v in attributes.items()
        if v is not None
    )
    return f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>"


def _plain(value: object) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def text(x: float, y: float, words: str, *, size: float = 12, fill: str = INK, **attributes: object) -> str:
    return tag("text", escape(words), x=float(x), y=float(y), font_size=size, fill=fill, **attributes)


def shape(kind: str, x: float, y: float, r: float) -> str:
    """The shape of a kind of version: circle, diamond, triangle, square; a dot for metadata."""
    kind = as_kind(kind)
    if kind in ("data", "metadata"):
        return tag("circle", cx=float(x), cy=float(y), r=float(r if kind == "data" else 0.6 * r), fill=COLOURS[kind])
    corners = {
        "model": [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)],
        "training": [(0, -1.15), (1.1, 0.85), (-1.1, 0.85)],
        "inference": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
    }[kind]
    points = " ".join(f"{x + dx * r:.1f},{y + dy * r:.1f}" for dx, dy in corners)
    return tag("polygon", points=points, fill=COLOURS[kind])


def short(words: str, letters: int) -> str:
    return words if len(words) <= letters else words[: max(1, letters - 1)] + "…"


def number(value: float | None) -> str:
    """As the front end writes numbers: three figures.

    >>> number(0.123456), number(12), number(None), number(123456.7)
    ('0.123', '12', '–', '1.23e+05')
    """
    if value is None or value != value:
        return "–"
    if float(value).is_integer() and abs(value) < 1e5:
        return str(int(value))
    return f"{value:#.3g}" if 1e-3 <= abs(value) < 1e5 else f"{value:.2e}"


def plain(value: object) -> str | int | float | bool | None:
    """A value as a table shows it: NumPy scalars become Python's, what is not finite None, lists and dicts words.

    >>> plain([32, 32]), plain(float("nan")), plain(0.5), plain(None)
    ('32, 32', None, 0.5, None)
    """
    value = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return ", ".join(f"{k}: {plain(v)}" for k, v in value.items())
    if isinstance(value, list | tuple | set):
        return ", ".join(str(plain(v)) for v in value)
    return str(value)


def picture(content: str, width: float, height: float, *, says: str) -> str:
    """The SVG as an <img> with its own background; JupyterLab strips inline SVG from untrusted notebooks."""
    frame = tag("rect", x=0.5, y=0.5, width=width - 1.0, height=height - 1.0, rx=8, fill="#ffffff", stroke=LINE)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" font-family="system-ui, sans-serif">{frame}{content}</svg>'
    )
    coded = base64.b64encode(_NO_XML.sub("\ufffd", svg).encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{coded}" width="{width:.0f}" alt="{escape(says, quote=True)}" '
        'style="max-width:100%;height:auto">'
    )


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """About ``count`` round numbers that cover [low, high].

    >>> ticks(0, 1)
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if not high > low:
        return [low]
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 12) for i in range(first, math.floor(high / step + 1e-9) + 1)]
