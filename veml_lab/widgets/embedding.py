"""Embedding map: samples as points in the plane, drawn by WebGL; a lasso makes a data version."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import traitlets as t

from .._svg import MUTED, SERIES, picture, short, tag, text
from ..errors import BadInput
from ._base import MOST_CHOSEN, Drawing, new_name, script, unknown_question
from ._beside import ASKS, Beside

LARGEST_PX = 512
_DRAWN = 2000


class Points(Protocol):
    """What the map asks about its points; every method is optional."""

    def picture(self, index: int, size_px: int) -> bytes:
        """A JPEG of the sample at a point."""
        ...

    def caption(self, index: int) -> str: ...

    def save(self, name: str, indices: list[int]) -> str:
        """Keep these samples as a data version; a sentence."""
        ...

    def selection(self, indices: list[int]) -> dict[str, Any]:
        """The selection that these points stand for."""
        ...

    def wall(self, selection: dict[str, Any]) -> Drawing:
        """The wall of a selection."""
        ...


class EmbeddingMap(Drawing):
    """Show up to millions of points; zoom, point at one to see its sample, draw a lasso to choose many.

    Parameters
    ----------
    xy : float array, shape (n, 2)
        Positions; their scale does not matter.
    groups : int array, shape (n,), optional
        Which of ``names`` each point belongs to; colours.
    names : list of str
        Names of the groups, at most 256.
    source : Points, optional
        Pictures, captions and saving.
    title : str
    height : int

    Attributes
    ----------
    selected : uint32 bytes
        Indices of the chosen points; :meth:`chosen` gives them as an array.

    Examples
    --------
    >>> EmbeddingMap([[0, 0], [1, 1]], [0, 1], ["cat", "dog"])
    EmbeddingMap: 2 points in 2 groups
    """

    _esm = script("embedding")

    xy = t.Bytes(b"").tag(sync=True, ts="DataView")
    groups = t.Bytes(b"").tag(sync=True, ts="DataView")
    names = t.List(t.Unicode()).tag(sync=True)
    selected = t.Bytes(b"").tag(sync=True, ts="DataView")
    pictures = t.Bool(False).tag(sync=True)
    saves = t.Bool(False).tag(sync=True)
    opens = t.Bool(False).tag(sync=True)
    title = t.Unicode("").tag(sync=True)
    height = t.Int(460).tag(sync=True)

    def __init__(
        self,
        xy: Any = (),
        groups: Any = None,
        names: Sequence[str] = (),
        *,
        source: Any = None,
        title: str = "",
        height: int = 460,
        **kwargs: Any,
    ) -> None:
        points = (
            np.asarray(xy, dtype=np.float32).reshape(-1, 2) if np.size(xy) == 0 else np.asarray(xy, dtype=np.float32)
        )
        if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
            raise BadInput(f"the map takes finite points in the plane, shape (n, 2); got {points.shape}")
        which = np.zeros(len(points), np.uint8) if groups is None else np.asarray(groups)
        if (
            which.shape != (len(points),)
            or len(names) > 256
            or (len(which) and not 0 <= which.min() <= which.max() < max(1, len(names)))
        ):
            raise BadInput(
                f"{len(points)} points take as many groups, each one of the {len(names)} names (at most 256)"
            )
        self._source, self._turn = source, threading.Lock()
        self._beside = Beside(getattr(source, "wall", None))
        super().__init__(
            xy=_to_unit(points).astype("<f4").tobytes(),
            groups=which.astype(np.uint8).tobytes(),
            names=[str(n) for n in names],
            title=title,
            height=height,
            pictures=hasattr(source, "picture"),
            saves=callable(getattr(source, "save", None)),
            opens=callable(getattr(source, "wall", None)),
            **kwargs,
        )

    def __len__(self) -> int:
        return len(self.groups)

    def chosen(self) -> np.ndarray:
        """Indices of the chosen points, uint32."""
        return np.frombuffer(bytes(self.selected), "<u4")

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """``picture`` of one point, ``save`` of the chosen ones, ``open`` them as a wall (and what it asks:
        ``beside``)."""
        with self._turn:
            kind = asked.get("type")
            if kind == "open" and self.opens:
                chosen = self._indices(asked.get("indices"), MOST_CHOSEN)
                asked = {"type": "open", "selection": self._source.selection(chosen)}
            if (found := self._beside.answer(asked)) is not None:
                return found
            if kind == "picture" and self.pictures:
                i, size = asked.get("index"), asked.get("size_px", 160)
                if not isinstance(i, int) or isinstance(i, bool) or not 0 <= i < len(self):
                    raise BadInput(f"there is no point {short(repr(i), 40)}; they run from 0 to {len(self) - 1}")
                if not isinstance(size, int) or not 16 <= size <= LARGEST_PX:
                    raise BadInput(f"size_px is a whole number from 16 to {LARGEST_PX}; got {short(repr(size), 40)}")
                caption = self._source.caption(i) if hasattr(self._source, "caption") else ""
                return {"type": "picture", "index": i, "caption": str(caption)}, [self._source.picture(i, size)]
            if kind == "save" and self.saves:
                name, indices = new_name(asked.get("name")), self._indices(asked.get("indices"), len(self))
                return {"type": "saved", "message": str(self._source.save(name, indices))}, []
            known = [*["picture"] * self.pictures, *["save"] * self.saves, *(ASKS if self.opens else ())]
            raise unknown_question(kind, *known)

    def _indices(self, given: Any, most: int) -> list[int]:
        """Points that a page has chosen."""
        if isinstance(given, list) and len(given) > most:
            raise BadInput(f"at most {most:,} points at a time; {len(given):,} are chosen")
        if not isinstance(given, list) or not given or not all(type(i) is int and 0 <= i < len(self) for i in given):
            raise BadInput("nothing is chosen; draw a lasso around points (Shift and drag)")
        return given

    def can_be(self, name: str, value: Any) -> bool:
        if not isinstance(value, bytes | memoryview) or len(bytes(value)) % 4:
            return False
        chosen = np.frombuffer(bytes(value), "<u4")
        return len(chosen) <= len(self) and (not len(chosen) or int(chosen.max()) < len(self))

    def describe(self) -> str:
        n = len(self)
        return (
            f"EmbeddingMap: {self.title + ', ' if self.title else ''}{n:,} points in {max(1, len(self.names))} groups"
        )

    def static_html(self) -> str:
        xy = np.frombuffer(bytes(self.xy), "<f4").reshape(-1, 2)
        which = np.frombuffer(bytes(self.groups), np.uint8)
        step = max(1, len(xy) // _DRAWN)
        parts = [text(16, 24, self.title or "Embedding map", size=14, font_weight=600)]
        for (x, y), g in zip(xy[::step], which[::step]):
            parts.append(
                tag(
                    "circle",
                    cx=16 + 210 * (1 + float(x)),
                    cy=40 + 210 * (1 - float(y)),
                    r=2.0,
                    fill=SERIES[int(g) % len(SERIES)],
                    fill_opacity="0.6",
                )
            )
        for i, name in enumerate(self.names[:22]):
            parts += [
                tag("circle", cx=460.0, cy=52.0 + 19 * i, r=5.0, fill=SERIES[i % len(SERIES)]),
                text(472, 56 + 19 * i, short(name, 24), size=11),
            ]
        if step > 1:
            parts.append(text(16, 476, f"every {step}th of {len(xy):,} points", size=11, fill=MUTED))
        return picture("".join(parts), 640, 488, says=self.describe())


def _to_unit(points: np.ndarray) -> np.ndarray:
    """Into the square [-1, 1], shape kept; what a GPU draws without a matrix of its own."""
    if not len(points):
        return points
    low, high = points.min(0), points.max(0)
    half = max(float((high - low).max()) / 2, 1e-12)
    return (points - (low + high) / 2) / half * 0.98
