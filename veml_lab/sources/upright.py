"""Annotations of a picture as it is stored, moved onto the picture as it is shown.

EXIF's orientation says how the stored pixels are turned to be shown. Most tools annotate what they show; some
(COCO's own files, Qt without its transformation) what is stored, and then the size that they record is the
stored one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .decoder import Look
from .outlines import pixels_of, rle_of
from .source import Box, Keypoints, Mask

if TYPE_CHECKING:
    import numpy as np

Shape = Box | Mask | Keypoints


def said_size(size: tuple[int, int] | None, shapes: Iterable[Shape]) -> tuple[int, int] | None:
    """The (width, height) that annotations were made for: as recorded, else as their first run lengths have it."""
    if size is not None:
        return size
    return next((m.rle[1::-1] for m in shapes if isinstance(m, Mask) and m.rle is not None), None)


def turned(shape: Shape, look: Look) -> Shape:
    """A shape on the stored pixels, in pixels of the picture as it is shown.

    >>> turned(Box("red", 2, 20, 10, 18), Look((40, 80), (80, 40), 6))
    Box(label='red', x=2, y=2, w=18, h=10, attributes={}, instance=-1)
    """
    if isinstance(shape, Box):
        x0, y0 = _point(shape.x, shape.y, look)
        x1, y1 = _point(shape.x + shape.w, shape.y + shape.h, look)
        return dataclasses.replace(shape, x=min(x0, x1), y=min(y0, y1), w=abs(x1 - x0), h=abs(y1 - y0))
    if isinstance(shape, Keypoints):
        moved = tuple((*_point(x, y, look), seen) if seen else (x, y, seen) for x, y, seen in shape.points)
        return dataclasses.replace(shape, points=moved)
    if shape.rle is not None:
        return dataclasses.replace(shape, rle=rle_of(_pixels(pixels_of(shape.rle), look.orientation)))
    rings = tuple(
        tuple(v for x, y in zip(ring[0::2], ring[1::2]) for v in _point(x, y, look)) for ring in shape.polygons
    )
    return dataclasses.replace(shape, polygons=rings)


def _point(x: float, y: float, look: Look) -> tuple[float, float]:
    w, h = look.stored
    return {
        1: (x, y), 2: (w - x, y), 3: (w - x, h - y), 4: (x, h - y),
        5: (y, x), 6: (h - y, x), 7: (h - y, w - x), 8: (y, w - x),
    }[look.orientation]  # fmt: skip


def _pixels(mask: np.ndarray, orientation: int) -> np.ndarray:
    """A mask of the stored pixels, shape (h, w), as it is shown."""
    import numpy as np

    if orientation in (5, 7):
        mask = mask.T
    turn = {3: 2, 6: -1, 7: 2, 8: 1}.get(orientation, 0)
    flip = {2: 1, 4: 0}.get(orientation)
    mask = np.rot90(mask, turn)
    return np.ascontiguousarray(mask if flip is None else np.flip(mask, flip))
