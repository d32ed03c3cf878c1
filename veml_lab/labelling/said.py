"""What is said of one picture: its class, or its boxes, by a model before or by a person afterwards."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["class", "box"]


@dataclass(frozen=True, slots=True)
class Region:
    """One object: corner, width and height in pixels of the upright picture.

    ``id`` is the tool's name of it, where it keeps one: a box that was moved is then known to be the same.
    """

    label: str
    x: float
    y: float
    w: float
    h: float
    id: str = ""

    @property
    def corners(self) -> tuple[float, float, float, float]:
        return self.x, self.y, self.x + self.w, self.y + self.h


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a picture; neither class nor regions is "nothing in it"."""

    label: str | None = None
    regions: tuple[Region, ...] = ()

    @property
    def empty(self) -> bool:
        return self.label is None and not self.regions

    def to_plain(self) -> dict[str, Any]:
        """As JSON holds it; :func:`from_plain` reads it."""
        return {"label": self.label, "regions": [[r.label, r.x, r.y, r.w, r.h, r.id] for r in self.regions]}


def from_plain(value: Mapping[str, Any]) -> Said:
    """What :meth:`Said.to_plain` wrote."""
    return Said(value["label"], tuple(Region(*r) for r in value["regions"]))


ROUNDING_PX = 1e-3  # of single precision and of percents


class Unusable(Exception):
    """An answer cannot be taken as it is; the text says why. The sample stays without it until it is mended."""


def checked(
    label: str, x: float, y: float, w: float, h: float, turned: float, name: str, classes: Sequence[str],
    size: tuple[int, int], odd: list[str],
) -> Region | None:  # fmt: skip
    """A region as a tool gave it, cut at the border of its picture; None, and a word in ``odd``, where nothing is left.

    Raises
    ------
    Unusable
        A class that the task does not have, a turned box, numbers that are none: taken or left out, the picture would
        be labelled wrongly.
    """
    if label not in classes:
        raise Unusable(f"a region has the class {label!r:.60}, which the task does not have ({', '.join(classes)})")
    if not all(map(math.isfinite, (x, y, w, h, turned))):
        raise Unusable(f"a region of {label!r} has a side that is no number")
    if turned % 360:
        raise Unusable(f"a box of {label!r} is turned by {turned:g} degrees; boxes of this task lie upright")
    left, top, right, bottom = max(x, 0.0), max(y, 0.0), min(x + w, float(size[0])), min(y + h, float(size[1]))
    if right <= left or bottom <= top:
        odd.append(f"a region of {label!r} with {max(w, 0):g} x {max(h, 0):g} px within the picture is left out")
        return None
    # a box inside its picture keeps its very numbers; so does one that is over the border by a rounding
    cut = max(left - x, top - y, x + w - right, y + h - bottom)
    inside = cut <= ROUNDING_PX
    return Region(label, x, y, w, h, name) if inside else Region(label, left, top, right - left, bottom - top, name)
