"""Forms that other tools have and a record has not: circles as rings, holes and bitmaps at a place as run lengths."""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadData
from .images import MAX_PIXELS, png_of_gray
from .outlines import Rle, pixels_of, rle_of

if TYPE_CHECKING:
    import numpy as np

# Corners of the ring that stands for a circle: it differs from the circle by 0.12 % of its radius.
CORNERS = 64

# Unpacked, a bitmap is at most so long: a byte a pixel and a head.
_MOST_BYTES = 4 * MAX_PIXELS


def ellipse_ring(
    cx: float, cy: float, rx: float, ry: float, angle: float = 0.0, corners: int = CORNERS
) -> tuple[float, ...]:
    """The ring of an ellipse, turned by ``angle`` radians.

    >>> [round(v, 6) for v in ellipse_ring(5, 5, 2, 1, corners=4)]
    [7.0, 5.0, 5.0, 6.0, 3.0, 5.0, 5.0, 4.0]
    """
    c, s = math.cos(angle), math.sin(angle)
    out: list[float] = []
    for k in range(corners):
        x, y = rx * math.cos(2 * math.pi * k / corners), ry * math.sin(2 * math.pi * k / corners)
        out += [cx + c * x - s * y, cy + s * x + c * y]
    return tuple(out)


def rle_at(pixels: np.ndarray, left: int, top: int, width: int, height: int) -> Rle:
    """Run lengths of a picture in which a mask, bool of shape (h, w), lies at a place; what lies outside is cut.

    >>> import numpy as np
    >>> rle_at(np.ones((2, 2), bool), 3, -1, 4, 3)[:2]
    (3, 4)
    """
    import numpy as np

    if not (width > 0 and height > 0 and width * height <= MAX_PIXELS):
        raise BadData(f"a mask for a picture of {width} x {height} pixels")
    whole = np.zeros((height, width), bool)
    h, w = pixels.shape
    top0, left0 = max(0, top), max(0, left)
    bottom, right = min(height, top + h), min(width, left + w)
    if bottom > top0 and right > left0:
        whole[top0:bottom, left0:right] = pixels[top0 - top : bottom - top, left0 - left : right - left]
    return rle_of(whole)


def png_at(rle: Rle) -> tuple[int, int, int, int, bytes]:
    """(left, top, right, bottom, PNG) of the part of a mask in which its object is; right and bottom belong to it.

    Of an empty mask it is the first pixel, without an object.
    """
    import numpy as np

    pixels = pixels_of(rle)
    ys, xs = np.nonzero(pixels)
    left, top, right, bottom = map(int, (xs.min(), ys.min(), xs.max(), ys.max()) if len(ys) else (0, 0, 0, 0))
    part = np.ascontiguousarray(pixels[top : bottom + 1, left : right + 1])
    return left, top, right, bottom, png_of_gray(part * np.uint8(255))


def unpacked(text: Any) -> bytes:
    """The bytes of a base64 text, unpacked if they are packed by zlib; BadData with the reason alone."""
    if not isinstance(text, str):
        raise BadData(f"a bitmap that is no text: {text!r:.60}")
    try:
        data = base64.b64decode(text, validate=False)
        if data[:1] == b"\x78":  # zlib's first byte; a PNG begins with 0x89, a NumPy array with 0x93
            unpacker = zlib.decompressobj()
            data = unpacker.decompress(data, _MOST_BYTES)
            if unpacker.unconsumed_tail:
                raise BadData("a bitmap that unpacks to more than any picture has")
    except (binascii.Error, ValueError, zlib.error) as e:
        if isinstance(e, BadData):
            raise
        raise BadData(f"a bitmap that is damaged ({e})") from e
    return data


def mask_of_png(data: bytes) -> np.ndarray:
    """The pixels of a small picture that are not background: bool of shape (h, w); BadData with the reason alone.

    Background is transparent where the picture has alpha, black elsewhere.
    """
    import numpy as np

    from .decoder import numbers

    found = numbers(data, "a bitmap")
    if found.ndim == 2:
        return found > 0
    return found[..., -1] > 0 if found.shape[2] in (2, 4) else np.any(found > 0, axis=2)


def rle_with_holes(outer: Sequence[float], holes: Sequence[Sequence[float]], width: int, height: int) -> Rle:
    """Run lengths of an outline without what lies in its holes.

    >>> from .outlines import pixels_of
    >>> int(pixels_of(rle_with_holes((0, 0, 8, 0, 8, 8, 0, 8), [(2, 2, 6, 2, 6, 6, 2, 6)], 9, 9)).sum())
    48
    """
    from pycocotools import mask as coco

    if not (width > 0 and height > 0 and width * height <= MAX_PIXELS):
        raise BadData(f"a mask for a picture of {width} x {height} pixels")
    ends = float(width + 1), float(height + 1)
    inside = [[min(max(-1.0, v), ends[i % 2]) for i, v in enumerate(r)] for r in (outer, *holes)]
    first, *others = (coco.decode(r).astype(bool) for r in coco.frPyObjects(inside, height, width))
    for hole in others:
        first &= ~hole
    return rle_of(first)
