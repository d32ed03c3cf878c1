"""Pascal VOC's segmentation: ``SegmentationObject/*.png``, whose colours number the objects of the XML file."""

from __future__ import annotations

from collections.abc import Iterator

from ..sources.checks import Findings
from ..sources.decoder import mode_of, numbers
from ..sources.outlines import rle_of
from ..sources.source import Box, Mask

# The border that VOC leaves open between objects.
VOID = 255


def object_masks(data: bytes, where: str, objects: dict[int, Box], findings: Findings) -> Iterator[tuple[int, Mask]]:
    """(number of the object, its mask) of a picture of object numbers.

    Parameters
    ----------
    data : bytes
        A PNG with a palette, or grey: 0 is background, k the k-th object of the XML file, 255 is left open.
    objects
        The boxes that were read, by the number of their object.

    Raises
    ------
    BadData
        If it is no picture, or cannot be decoded to its end.
    """
    import numpy as np

    shown = numbers(data, where)  # (h, w) uint8
    mode = mode_of(data, where)
    if mode not in ("P", "L"):
        findings.bad(where, f"is no picture of object numbers (its mode is {mode}, not P or L)")
        return
    for k in np.unique(shown).tolist():
        if k in (0, VOID):
            continue
        if k not in objects:
            findings.bad(where, f"shows an object {k}, which its XML file does not have")
            continue
        yield k, Mask(objects[k].label, (), rle_of(shown == k), k - 1)
