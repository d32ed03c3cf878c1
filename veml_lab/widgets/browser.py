"""Sample browser: an image wall of any length with annotations."""

from __future__ import annotations

import base64
import io
import math
import threading
from html import escape
from typing import Any, Protocol

import traitlets as t

from ..errors import BadInput
from ._base import Drawing, script
from ._svg import MUTED, SERIES, short

BATCH = 400  # more than any window shows; a longer question is refused
LARGEST_PX = 1600
_SHEET = 24


class Source(Protocol):
    """Where the browser's samples come from; both methods may be called from another thread."""

    def __len__(self) -> int: ...

    def thumbnails(self, positions: list[int], size_px: int) -> list[bytes]:
        """JPEG bytes whose longer side is at most ``size_px``, one for each position."""
        ...

    def annotations(self, positions: list[int]) -> list[dict[str, Any]]:
        """``{"label": str | None, "boxes": [[x, y, w, h, label]], "caption": str}``, boxes relative 0..1;
        optionally ``"prediction"``: ``{"label": str, "score": float}`` or ``{"boxes": [...]}``, or a label."""
        ...


class SampleBrowser(Drawing):
    """Scroll through samples; pictures come in batches while they are looked at.

    Parameters
    ----------
    source : Source
        ``len``, ``thumbnails(positions, size_px)`` and ``annotations(positions)``. A ``classes`` attribute
        (list of str), where there is one, gives colours and legend their order.
    thumb_px : int
        Side of a tile, 32 to 512.
    height : int
        Pixels of the wall.
    title : str

    Attributes
    ----------
    selected : list of int
        Positions that were chosen (Space, or a click with Ctrl or Shift).
    """

    _esm = script("browser")

    count = t.Int(0).tag(sync=True)
    thumb_px = t.Int(128, min=32, max=512).tag(sync=True)
    height = t.Int(420).tag(sync=True)
    classes = t.List(t.Unicode()).tag(sync=True)
    selected = t.List(t.Int()).tag(sync=True)
    title = t.Unicode("").tag(sync=True)

    def __init__(self, source: Source, *, thumb_px: int = 128, height: int = 420, title: str = "", **kwargs: Any) -> None:
        self._source = source
        self._turn = threading.Lock()  # comm messages come on a subshell's thread beside the main one
        super().__init__(
            count=len(source),
            thumb_px=thumb_px,
            height=height,
            title=title,
            classes=[str(c) for c in getattr(source, "classes", None) or []],
            **kwargs,
        )
        self.on_msg(self._answer)

    def _answer(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Answer one question of the front end, always: with samples or with an error."""
        asked = message if isinstance(message, dict) else {}
        request = asked.get("request", -1)
        try:
            with self._turn:
                content, buffers = self._look_up(asked)
        except Exception as e:
            self.send({"type": "error", "request": request, "message": f"{type(e).__name__}: {e}"})
            return
        self.send({"request": request, **content}, buffers=buffers)

    def _look_up(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        kind = asked.get("type")
        if kind == "get":
            positions = self._positions(asked.get("positions"))
            thumbs = self._source.thumbnails(positions, 2 * self.thumb_px if self.thumb_px <= 96 else self.thumb_px)
            notes = [_note(a) for a in self._source.annotations(positions)]
            if not len(thumbs) == len(notes) == len(positions):
                raise BadInput(f"{len(positions)} samples asked, the source gave {len(thumbs)} pictures and {len(notes)} annotations")
            return {"type": "samples", "positions": positions, "annotations": notes}, list(thumbs)
        if kind == "one":
            (position,) = self._positions([asked.get("position")])
            size = asked.get("size_px", 768)
            if not isinstance(size, int) or not 16 <= size <= LARGEST_PX:
                raise BadInput(f"size_px is a whole number from 16 to {LARGEST_PX}; got {size!r}")
            return {"type": "one", "position": position}, self._source.thumbnails([position], size)
        raise BadInput(f"unknown question {kind!r}; known: get, one")

    def _positions(self, given: Any) -> list[int]:
        n = len(self._source)
        if not isinstance(given, list) or len(given) > BATCH:
            raise BadInput(f"positions is a list of at most {BATCH} whole numbers; got {short(repr(given), 60)}")
        for p in given:
            if not isinstance(p, int) or isinstance(p, bool) or not 0 <= p < n:
                raise BadInput(f"there is no sample {short(repr(p), 40)}; positions run from 0 to {n - 1}")
        return given

    def describe(self) -> str:
        return f"SampleBrowser: {self.title + ', ' if self.title else ''}{self.count:,} samples"

    def static_html(self) -> str:
        return contact_sheet(self._source, title=self.title, says=self.describe())


def _note(a: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {
        "label": None if a.get("label") is None else str(a["label"]),
        "boxes": [[*map(float, b[:4]), str(b[4])] for b in a.get("boxes") or []],
        "caption": str(a.get("caption") or ""),
    }
    if a.get("prediction") is not None:
        said = a["prediction"] if isinstance(a["prediction"], dict) else {"label": a["prediction"]}
        score = said.get("score")
        out["prediction"] = {
            "label": None if said.get("label") is None else str(said["label"]),
            "score": None if score is None or not math.isfinite(score) else float(score),
            "boxes": [[*map(float, b[:4]), str(b[4])] for b in said.get("boxes") or []],
        }
    return out


def contact_sheet(source: Source, *, title: str = "", says: str = "samples", tile: int = 96) -> str:
    """The first samples as one JPEG with boxes and labels drawn in."""
    from PIL import Image, ImageDraw

    n = min(_SHEET, len(source))
    heading = f"<div><b>{escape(title or 'Samples')}</b> <span style='color:{MUTED}'>{len(source):,} samples</span></div>"
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
        with Image.open(io.BytesIO(jpeg)) as image:
            scale = tile / max(image.size)
            w, h = max(1, round(image.width * scale)), max(1, round(image.height * scale))
            left, top = x + (tile - w) // 2, y + (tile - h) // 2
            sheet.paste(image.convert("RGB").resize((w, h)), (left, top))
        for bx, by, bw, bh, label in note.get("boxes") or []:
            colour = colours.setdefault(str(label), SERIES[len(colours) % len(SERIES)])
            draw.rectangle([left + bx * w, top + by * h, left + (bx + bw) * w, top + (by + bh) * h], outline=colour, width=2)
        draw.text((x, y + tile + 1), short(str(note.get("label") or note.get("caption") or ""), 15), fill=MUTED)
    with io.BytesIO() as out:
        sheet.save(out, "JPEG", quality=80)
        coded = base64.b64encode(out.getvalue()).decode()
    return f'{heading}<img src="data:image/jpeg;base64,{coded}" alt="{escape(says, quote=True)}" style="max-width:100%">'
