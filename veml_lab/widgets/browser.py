"""Sample browser: an image wall of any length with annotations, predictions, filter, order and comparison."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from typing import Any

import traitlets as t

from .._svg import short
from ..errors import BadInput, UnknownName
from ._base import MOST_CHOSEN, Drawing, new_name, script, unknown_question
from ._sheet import contact_sheet
from ._source import Source

BATCH = 400  # more than any window shows; a longer question is refused
LARGEST_PX = 1600


class SampleBrowser(Drawing):
    """Scroll through samples; pictures come in batches while they are looked at.

    Parameters
    ----------
    source : Source
        ``len``, ``thumbnails(positions, size_px)`` and ``annotations(positions)``; see :class:`Source`.
    thumb_px : int
        Side of a tile, 32 to 512.
    height : int
        Pixels of the wall.
    title : str
    compare : list of two str, optional
        Layers that are shown side by side: ``"annotations"``, ``"prediction"`` or one of the source's.

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
    layers = t.List(t.Unicode()).tag(sync=True)
    compare = t.List(t.Unicode()).tag(sync=True)
    filters = t.Dict().tag(sync=True, ts="Record<string, string[]>")
    orders = t.List(t.Unicode()).tag(sync=True)
    saves = t.List(t.Unicode()).tag(sync=True)

    def __init__(
        self,
        source: Source,
        *,
        thumb_px: int = 128,
        height: int = 420,
        title: str = "",
        compare: Any = (),
        **kwargs: Any,
    ) -> None:
        self._source = source
        self._turn = threading.Lock()  # comm messages come on a subshell's thread beside the main one
        layers = ["annotations", "prediction", *map(str, getattr(source, "layers", None) or [])]
        for name in compare:
            if name not in layers:
                raise UnknownName.of("layer", name, layers)
        super().__init__(
            count=len(source),
            thumb_px=thumb_px,
            height=height,
            title=title,
            layers=layers[2:],
            compare=list(compare),
            classes=[str(c) for c in getattr(source, "classes", None) or []],
            filters={
                str(k): [str(v) for v in values] for k, values in (getattr(source, "filters", None) or {}).items()
            },
            orders=[str(o) for o in getattr(source, "orders", None) or []],
            saves=[str(s) for s in getattr(source, "saves", None) or []],
            **kwargs,
        )

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """``get`` and ``one`` (pictures), ``find`` (positions of a filter in an order), ``save`` (a selection)."""
        with self._turn:
            kind = asked.get("type")
            if kind == "get":
                return self._samples(asked)
            if kind == "one":
                (position,) = self._positions([asked.get("position")])
                size = asked.get("size_px", 768)
                if not isinstance(size, int) or not 16 <= size <= LARGEST_PX:
                    raise BadInput(f"size_px is a whole number from 16 to {LARGEST_PX}; got {short(repr(size), 40)}")
                return {"type": "one", "position": position}, self._source.thumbnails([position], size)
            if kind == "find":
                return self._found(asked)
            if kind == "save":
                return self._saved(asked)
            raise unknown_question(kind, "get", "one", "find", "save")

    def can_be(self, name: str, value: Any) -> bool:
        return isinstance(value, list) and all(type(p) is int and 0 <= p < self.count for p in value)

    def _samples(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        positions = self._positions(asked.get("positions"))
        thumbs = self._source.thumbnails(positions, 2 * self.thumb_px if self.thumb_px <= 96 else self.thumb_px)
        notes = [_note(a) for a in self._source.annotations(positions)]
        if not len(thumbs) == len(notes) == len(positions):
            raise BadInput(
                f"{len(positions)} samples asked, the source gave {len(thumbs)} pictures and {len(notes)} annotations"
            )
        return {"type": "samples", "positions": positions, "annotations": notes}, list(thumbs)

    def _found(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        where, by, descending = asked.get("where", {}), asked.get("by", ""), asked.get("descending", False)
        if not isinstance(where, dict):
            raise BadInput("'where' is an object: a value for each fact that is filtered")
        if not isinstance(by, str) or not isinstance(descending, bool):
            raise BadInput("'by' is the name of an order, 'descending' true or false")
        for fact, value in where.items():
            if fact not in self.filters:
                raise UnknownName.of("filter", fact, self.filters)
            if value not in self.filters[fact]:
                raise UnknownName.of(fact, value, self.filters[fact])
        if by and by not in self.orders:
            raise UnknownName.of("order", by, self.orders)
        find = getattr(self._source, "find", None)
        if find is None:
            raise BadInput("these samples can be neither filtered nor sorted")
        import numpy as np

        found = np.asarray(find(where, by, descending), dtype="<u4")
        return {"type": "found", "count": len(found)}, [found.tobytes()]

    def _saved(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        what, name = asked.get("what"), asked.get("name")
        if what not in self.saves:
            raise BadInput(
                f"a selection cannot be saved as {short(repr(what), 60)} here;"
                f" {'it can be: ' + ', '.join(self.saves) if self.saves else 'this wall only shows'}"
            )
        named = new_name(name)
        positions = self._positions(asked.get("positions"), most=MOST_CHOSEN)
        if not positions:
            raise BadInput("nothing is chosen; choose samples with Space, or by a click with Ctrl")
        return {"type": "saved", "message": str(self._source.save(what, named, positions))}, []  # type: ignore[attr-defined]

    def _positions(self, given: Any, most: int = BATCH) -> list[int]:
        n = len(self._source)
        if not isinstance(given, list) or len(given) > most:
            raise BadInput(f"positions is a list of at most {most} whole numbers; got {short(repr(given), 60)}")
        for p in given:
            if not isinstance(p, int) or isinstance(p, bool) or not 0 <= p < n:
                raise BadInput(f"there is no sample {short(repr(p), 40)}; positions run from 0 to {n - 1}")
        return given

    def describe(self) -> str:
        return f"SampleBrowser: {self.title + ', ' if self.title else ''}{self.count:,} samples"

    def static_html(self) -> str:
        return contact_sheet(self._source, title=self.title, says=self.describe())


def _note(a: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {**_marks(a), "caption": str(a.get("caption") or "")}
    if a.get("prediction") is not None:
        out["prediction"] = _marks(
            a["prediction"] if isinstance(a["prediction"], dict) else {"label": a["prediction"]}, scored=True
        )
    if a.get("layers"):
        out["layers"] = {str(k): _marks(v, scored=True) for k, v in a["layers"].items()}
    return out


def _marks(a: Mapping[str, Any], *, scored: bool = False) -> dict[str, Any]:
    """One layer's marks on one sample, in plain values."""
    out: dict[str, Any] = {
        "label": None if a.get("label") is None else str(a["label"]),
        "boxes": [[*map(float, b[:4]), str(b[4])] for b in a.get("boxes") or []],
    }
    if scored:
        score = a.get("score")
        out["score"] = None if score is None or not math.isfinite(score) else float(score)
    if a.get("polygons"):
        out["polygons"] = [[str(label), [[float(v) for v in ring] for ring in rings]] for label, rings in a["polygons"]]
    if a.get("masks"):
        out["masks"] = [[str(label), int(h), int(w), [int(c) for c in counts]] for label, h, w, counts in a["masks"]]
    if a.get("keypoints"):
        out["keypoints"] = [
            [str(label), [[float(x), float(y), int(seen)] for x, y, seen in points]] for label, points in a["keypoints"]
        ]
    return out
