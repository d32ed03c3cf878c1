"""The image wall as one picture: the first samples with their annotations drawn in."""

from __future__ import annotations

import base64
import io
from html import escape

from .._svg import MUTED, SERIES, short
from ..sources.decoder import decode
from ._source import Source

_SHEET = 24


def contact_sheet(source: Source, *, title: str = "", says: str = "samples", tile: int = 96) -> str:
    """The first samples as one JPEG with boxes and labels drawn in."""
    from PIL import Image, ImageDraw

    n = min(_SHEET, len(source))
    heading = (
        f"<div><b>{escape(title or 'Samples')}</b> <span style='color:{MUTED}'>{len(source):,} samples</span></div>"
    )
    if n == 0:
        return heading
    positions = list(range(n))
    thumbs, notes = source.thumbnails(positions, tile), source.annotations(positions)
    columns = min(8, n)
    rows = -(-n // columns)
    step, under = tile + 6, 14
    sheet = Image.new("RGB", (columns * step + 6, rows * (step + under) + 6), "white")
    draw = ImageDraw.Draw(sheet)
    colours: dict[str, str] = {}
    for i, (jpeg, note) in enumerate(zip(thumbs, notes)):
        x, y = 6 + i % columns * step, 6 + i // columns * (step + under)
        image = decode(jpeg, f"thumbnail {i}")
        scale = tile / max(image.size)
        w, h = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        left, top = x + (tile - w) // 2, y + (tile - h) // 2
        sheet.paste(image.resize((w, h)), (left, top))
        for bx, by, bw, bh, label in note.get("boxes") or []:
            colour = colours.setdefault(str(label), SERIES[len(colours) % len(SERIES)])
            draw.rectangle(
                [left + bx * w, top + by * h, left + (bx + bw) * w, top + (by + bh) * h], outline=colour, width=2
            )
        for label, rings in note.get("polygons") or []:
            colour = colours.setdefault(str(label), SERIES[len(colours) % len(SERIES)])
            for ring in rings:
                draw.line(
                    [(left + px * w, top + py * h) for px, py in zip(ring[::2], ring[1::2])]
                    + [(left + ring[0] * w, top + ring[1] * h)],
                    fill=colour,
                    width=2,
                )
        for label, points in note.get("keypoints") or []:
            colour = colours.setdefault(str(label), SERIES[len(colours) % len(SERIES)])
            for px, py, seen in points:
                if seen:
                    cx, cy = left + px * w, top + py * h
                    draw.ellipse([cx - 2, cy - 2, cx + 2, cy + 2], fill=colour)
        draw.text((x, y + tile + 1), short(str(note.get("label") or note.get("caption") or ""), 15), fill=MUTED)
    with io.BytesIO() as out:
        sheet.save(out, "JPEG", quality=80)
        coded = base64.b64encode(out.getvalue()).decode()
    return (
        f'{heading}<img src="data:image/jpeg;base64,{coded}" alt="{escape(says, quote=True)}" style="max-width:100%">'
    )
