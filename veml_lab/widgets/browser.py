"""Sample browser: an image wall of any length with annotations, predictions, filter, order and comparison."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from typing import Any

import traitlets as t

from .._svg import short
from ..errors import BadInput, UnknownName
from ..storage.plain_json import plain as clean
from ._base import MOST_CHOSEN, Drawing, new_name, script, unknown_question
from ._sheet import contact_sheet
from ._source import Source

BATCH = 400  # more than any window shows; a longer question is refused
LARGEST_PX = 4096
SIZES = (64, 128, 256, 512, 1024)  # sides of tiles that are asked for: each is made and kept once
USUAL_SCORE = 0.4  # what a model is less sure of is hidden until the threshold is lowered


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
    numbers = t.List(t.Unicode()).tag(sync=True)
    texts = t.List(t.Unicode()).tag(sync=True)
    score = t.Float(USUAL_SCORE).tag(sync=True)
    tags = t.Bool(False).tag(sync=True)
    nearest = t.Bool(False).tag(sync=True)
    about = t.Bool(False).tag(sync=True)

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
            numbers=[str(n) for n in getattr(source, "numbers", None) or []],
            texts=[str(x) for x in getattr(source, "texts", None) or []],
            tags=bool(getattr(source, "tags", False)),
            nearest=bool(getattr(source, "nearest", False)),
            about=callable(getattr(source, "about", None)),
            **kwargs,
        )

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Pictures: ``get``, ``one``. Positions: ``find`` (a filter in an order), ``like`` (the nearest to one).

        Facts: ``about`` one sample, ``spread`` of a number. What is kept: ``save`` a selection, ``undo`` that, ``tag``
        samples, write a ``note`` to one.
        """
        with self._turn:
            kind = asked.get("type")
            known = {
                "get": self._samples,
                "one": self._one,
                "find": self._found,
                "save": self._saved,
                "spread": self._spread,
                **({"about": self._about} if self.about else {}),
                **({"like": self._like} if self.nearest else {}),
                **({"undo": self._undo} if self.saves else {}),
                **({"tag": self._tag, "note": self._noted} if self.tags else {}),
            }
            if not isinstance(kind, str) or kind not in known:
                raise unknown_question(kind, *known)
            return known[kind](asked)

    def can_be(self, name: str, value: Any) -> bool:
        return isinstance(value, list) and all(type(p) is int and 0 <= p < self.count for p in value)

    def _samples(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        positions = self._positions(asked.get("positions"))
        size = asked.get("size_px", 2 * self.thumb_px if self.thumb_px <= 96 else self.thumb_px)
        if type(size) is not int or not (size in SIZES or "size_px" not in asked):
            raise BadInput(f"size_px of tiles is one of {', '.join(map(str, SIZES))}; got {short(repr(size), 40)}")
        thumbs = self._source.thumbnails(positions, size)
        notes = [_note(a) for a in self._source.annotations(positions)]
        if not len(thumbs) == len(notes) == len(positions):
            raise BadInput(
                f"{len(positions)} samples asked, the source gave {len(thumbs)} pictures and {len(notes)} annotations"
            )
        return {"type": "samples", "positions": positions, "annotations": notes}, list(thumbs)

    def _found(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        where, by, descending = asked.get("where", {}), asked.get("by", ""), asked.get("descending", False)
        self._is_where(where)
        if not isinstance(by, str) or not isinstance(descending, bool):
            raise BadInput("'by' is the name of an order, 'descending' true or false")
        find = getattr(self._source, "find", None)
        if find is None:
            raise BadInput("these samples can be neither filtered nor sorted")
        import numpy as np

        if by and by not in self.orders:
            raise UnknownName.of("order", by, self.orders)
        found = np.asarray(find(where, by, descending), dtype="<u4")
        return {"type": "found", "count": len(found)}, [found.tobytes()]

    def _is_where(self, where: Any) -> None:
        """Facts are named as this wall has them; what is asked of each of them the source knows."""
        if not isinstance(where, dict):
            raise BadInput("'where' is an object: a value for each fact that is filtered")
        known = [*self.filters, *self.numbers, *self.texts]
        for fact, value in where.items():
            if fact not in known:
                raise UnknownName.of("filter", fact, known)
            if isinstance(value, str) and fact in self.filters and value not in self.filters[fact]:
                raise UnknownName.of(fact, value, self.filters[fact])
            if not isinstance(value, str | dict):
                raise BadInput(f"{fact!r} is filtered by a text, or by a range or part of a text as an object")

    def _one(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        (position,) = self._positions([asked.get("position")])
        size = asked.get("size_px", 768)
        if type(size) is not int or not 16 <= size <= LARGEST_PX:
            raise BadInput(f"size_px is a whole number from 16 to {LARGEST_PX}; got {short(repr(size), 40)}")
        return {"type": "one", "position": position}, self._source.thumbnails([position], size)

    def _spread(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        fact = asked.get("fact")
        if fact not in self.numbers:
            raise UnknownName.of("number", fact, self.numbers)
        edges, counts = self._source.spread(fact)  # type: ignore[attr-defined]
        return {"type": "spread", "fact": fact, "edges": list(edges), "counts": list(counts)}, []

    def _like(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        import numpy as np

        (position,) = self._positions([asked.get("position")])
        where = asked.get("where", {})
        self._is_where(where)
        found = np.asarray(self._source.like(position, where), dtype="<u4")  # type: ignore[attr-defined]
        return {"type": "found", "count": len(found)}, [found.tobytes()]

    def _about(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        (position,) = self._positions([asked.get("position")])
        found = self._source.about(position)  # type: ignore[attr-defined]
        return {"type": "about", "position": position, "about": clean(found)}, []

    def _undo(self, _asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        return {"type": "undone", "message": str(self._source.undo())}, []  # type: ignore[attr-defined]

    def _tag(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        tag, remove = asked.get("tag"), asked.get("remove", False)
        if not isinstance(tag, str) or not isinstance(remove, bool):
            raise BadInput("'tag' is a text, 'remove' true or false")
        positions = self._positions(asked.get("positions"), most=MOST_CHOSEN)
        if not positions:
            raise BadInput("nothing is chosen that could be tagged")
        said = str(self._source.tag(tag, positions, remove))  # type: ignore[attr-defined]
        self.filters = {str(k): [str(v) for v in vs] for k, vs in self._source.filters.items()}  # type: ignore[attr-defined]
        return {"type": "tagged", "message": said, "filters": self.filters}, []

    def _noted(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        (position,) = self._positions([asked.get("position")])
        if not isinstance(asked.get("text"), str):
            raise BadInput("'text' is what is noted on the sample")
        said = str(self._source.note(position, asked["text"]))  # type: ignore[attr-defined]
        return {"type": "noted", "position": position, "message": said}, []

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
    if a.get("cost") is not None and math.isfinite(a["cost"]):
        out |= {"cost": float(a["cost"]), "kinds": [str(k) for k in a.get("kinds") or []]}
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
        "boxes": [[*map(float, b[:4]), str(b[4]), *map(float, b[5:6])] for b in a.get("boxes") or []],
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
