"""Masks as arrays: checked run lengths, boxes around outlines, pictures from outlines and back.

Run lengths are COCO's: the picture column by column, alternately background and object, each length (from
the third on, its difference to the one two before) in groups of five bits. pycocotools trusts them: with
lengths that are no picture it writes out of bounds, so everything from a file goes through :func:`checked_rle`.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadData

if TYPE_CHECKING:
    import numpy as np

    from .source import Mask

Rle = tuple[int, int, str]


def checked_rle(segmentation: Any) -> Rle:
    """COCO's ``{"size": [h, w], "counts": str | list}`` as ``(height, width, compressed counts)``.

    Raises
    ------
    BadData
        With the reason alone, if the lengths are damaged or do not fill a picture of that size exactly.
    """
    from .images import MAX_PIXELS

    size, counts = segmentation.get("size"), segmentation.get("counts")
    if not (isinstance(size, list | tuple) and len(size) == 2 and all(type(s) is int and s > 0 for s in size)):
        raise BadData(f"run lengths without a size of two whole numbers: {size!r:.60}")
    h, w = size
    if h * w > MAX_PIXELS:
        raise BadData(f"run lengths of a picture of {w:,} x {h:,} pixels; more than {MAX_PIXELS:,} are not read")
    if isinstance(counts, bytes):
        counts = counts.decode("ascii", "replace")
    if isinstance(counts, str):
        runs = runs_of(counts)
    elif isinstance(counts, list) and all(type(c) is int for c in counts):
        runs = counts
    else:
        raise BadData(f"run lengths that are neither text nor whole numbers: {counts!r:.60}")
    if any(r < 0 for r in runs) or sum(runs) != h * w:
        raise BadData(f"run lengths that do not fill their picture of {w} x {h} pixels")
    return h, w, counts if isinstance(counts, str) else text_of_runs(runs)


def runs_of(counts: str) -> list[int]:
    """The lengths in a compressed text.

    >>> runs_of(text_of_runs([5, 3, 100, 40]))
    [5, 3, 100, 40]
    """
    runs: list[int] = []
    value = shift = 0
    for c in counts:
        code = ord(c) - 48
        if not 0 <= code < 64 or shift > 35:
            raise BadData("run lengths that are damaged")
        value |= (code & 31) << shift
        shift += 5
        if not code & 32:
            if code & 16:
                value -= 1 << shift
            runs.append(value + runs[-2] if len(runs) > 2 else value)
            value = shift = 0
    if shift:
        raise BadData("run lengths that end early")
    return runs


def text_of_runs(runs: Sequence[int]) -> str:
    """The compressed text of lengths; the inverse of :func:`runs_of`."""
    out = []
    for i, run in enumerate(runs):
        value = run - runs[i - 2] if i > 2 else run
        more = True
        while more:
            code = value & 31
            value >>= 5
            more = value != (-1 if code & 16 else 0)
            out.append(chr((code | 32 if more else code) + 48))
    return "".join(out)


def rle_of(pixels: np.ndarray) -> Rle:
    """Run lengths of a mask, bool or uint8 of shape (h, w)."""
    import numpy as np
    from pycocotools import mask as coco

    h, w = pixels.shape
    return h, w, coco.encode(np.asfortranarray(pixels, np.uint8))["counts"].decode("ascii")


def pixels_of(rle: Rle) -> np.ndarray:
    """The mask of checked run lengths: uint8 of shape (h, w), 1 where the object is."""
    import numpy as np

    h, w, counts = rle
    runs = runs_of(counts)
    # pycocotools.decode gives the same, with a deprecation warning of NumPy 2 each time
    return np.repeat((np.arange(len(runs)) % 2).astype(np.uint8), runs).reshape(w, h).T


def ring(values: Any) -> tuple[float, ...]:
    """A closed ring ``(x0, y0, x1, y1, ...)`` of finite numbers, at least three points.

    Raises
    ------
    BadData
        With the reason alone.
    """
    from .checks import number

    if not isinstance(values, list | tuple) or len(values) < 6 or len(values) % 2:
        raise BadData(f"outline that is no list of at least three points: {values!r:.60}")
    try:
        out = tuple(array("d", values))  # at once: outlines are most of the numbers of a set
    except (TypeError, OverflowError):
        out = tuple(number(v) for v in values)
    if not math.isfinite(sum(out)):
        raise BadData(f"outline with values that are no finite numbers: {values!r:.60}")
    return out


def hull(mask: Mask) -> tuple[float, float, float, float]:
    """The box (x, y, w, h) around a mask, in pixels; of an empty run length (0, 0, 0, 0)."""
    if mask.rle is not None:
        from pycocotools import mask as coco

        h, w, counts = mask.rle
        x, y, bw, bh = coco.toBbox({"size": [h, w], "counts": counts.encode("ascii")}).tolist()
        return x, y, bw, bh
    xs = [v for r in mask.polygons for v in r[0::2]]
    ys = [v for r in mask.polygons for v in r[1::2]]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def area(mask: Mask) -> float:
    """Square pixels of a mask: exact for run lengths; of outlines the sum of the rings' areas."""
    if mask.rle is not None:
        return float(sum(runs_of(mask.rle[2])[1::2]))
    total = 0.0
    for r in mask.polygons:
        xs, ys = r[0::2], r[1::2]
        total += abs(sum(xs[i - 1] * ys[i] - xs[i] * ys[i - 1] for i in range(len(xs)))) / 2
    return total
