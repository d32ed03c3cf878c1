"""The examples of a look, drawn: static HTML with SVG, no script."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING

from ..errors import BadData
from ..sources.decoder import decode
from ..sources.source import Record

if TYPE_CHECKING:
    from .look import Looked

# Width of an example on the page, and colours that are told apart on most pictures.
_WIDTH = 260
_COLOURS = ("#ffd400", "#00c2ff", "#ff5bd1", "#57e389", "#ff7800", "#c061cb")


def page(seen: Looked) -> str:
    """A table of what was seen, and the examples with their annotations."""
    rows = "".join(
        f"<tr><th style='text-align:left;vertical-align:top;padding-right:1em'>{escape(key)}</th>"
        f"<td style='text-align:left'>{escape(text)}</td></tr>"
        for key, text in seen.lines()
    )
    drawn = "".join(_figure(r, seen.classes) for r in seen.examples if r.image)
    return (
        f"<div><b>{escape(seen.root)}: {escape(seen.format)}</b><table>{rows}</table>"
        f"<div style='display:flex;gap:8px;flex-wrap:wrap'>{drawn}</div></div>"
    )


def _figure(r: Record, classes: tuple[str, ...]) -> str:
    try:
        picture = decode(r.image, r.uri, size=(r.width, r.height))
    except BadData as e:
        return f"<p>{escape(str(e))}</p>"
    picture.thumbnail((2 * _WIDTH, 2 * _WIDTH))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    data = base64.b64encode(buffer.getvalue()).decode()
    w, h = r.width, r.height
    line = max(w, h) / _WIDTH * 1.5
    size = 9 * line
    shapes = [
        f"<polygon points='{' '.join(f'{v:g}' for v in ring)}' fill='{c}' fill-opacity='.25' stroke='{c}'/>"
        for m in r.masks
        for c in [_colour(m.label, classes)]
        for ring in m.polygons
    ]
    shapes += [
        f"<rect x='{b.x:g}' y='{b.y:g}' width='{b.w:g}' height='{b.h:g}' fill='none'"
        f" stroke='{_colour(b.label, classes)}'/><text x='{b.x:g}' y='{max(b.y - line, size):g}' font-size='{size:g}'"
        f" stroke='none' fill='{_colour(b.label, classes)}'>{escape(b.label)}</text>"
        for b in r.boxes
    ]
    shapes += [
        f"<circle cx='{x:g}' cy='{y:g}' r='{2 * line:g}' fill='{_colour(k.label, classes)}' stroke='none'/>"
        for k in r.keypoints
        for x, y, visible in k.points
        if visible
    ]
    caption = escape(", ".join(x for x in (r.uri, r.role, r.label or "") if x))
    return (
        f"<figure style='margin:0'><svg viewBox='0 0 {w} {h}' width='{_WIDTH}' stroke-width='{line:g}'"
        f" role='img' aria-label='{caption}'><image href='data:image/jpeg;base64,{data}' width='{w}' height='{h}'"
        f" preserveAspectRatio='none'/>{''.join(shapes)}</svg><figcaption>{caption}</figcaption></figure>"
    )


def _colour(label: str, classes: tuple[str, ...]) -> str:
    return _COLOURS[(classes.index(label) if label in classes else 0) % len(_COLOURS)]
