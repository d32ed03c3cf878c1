"""Label Studio's run lengths of a brush: the four channels of a picture, packed bit by bit.

Source: label_studio_sdk, ``converter/brush.py`` (``encode_rle``, ``decode_rle``).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import BadData
from ..sources.images import MAX_PIXELS

# Lengths of a run are written with one of these numbers of bits.
_SIZES = (3, 4, 8, 16)


def pixels_of_brush(rle: Any, width: int, height: int) -> np.ndarray:
    """The mask of a brush, uint8 of shape (h, w), 1 where its alpha is not zero.

    Raises
    ------
    BadData
        With the reason alone, if the numbers are no bytes, end early or are not for a picture of that size.
    """
    if not isinstance(rle, list) or not all(type(v) is int and 0 <= v < 256 for v in rle):
        raise BadData("a brush whose run lengths are no list of bytes")
    if not 0 < width * height <= MAX_PIXELS:
        raise BadData(f"a brush for a picture of {width:,} x {height:,} pixels")
    bits = _Bits(bytes(rle))
    n = bits.take(32)
    if n != width * height * 4:
        raise BadData(f"a brush of {n:,} values; a picture of {width} x {height} has {width * height * 4:,}")
    word = bits.take(5) + 1
    sizes = [bits.take(4) + 1 for _ in range(4)]
    out = np.zeros(n, np.uint8)
    i = 0
    while i < n:
        repeated = bits.take(1)
        end = i + 1 + bits.take(sizes[bits.take(2)])
        if end > n:
            raise BadData("a brush whose run lengths are longer than its picture")
        if repeated:
            out[i:end] = min(bits.take(word), 255)
        else:
            for k in range(i, end):
                out[k] = min(bits.take(word), 255)
        i = end
    return (out.reshape(height, width, 4)[:, :, 3] > 0).astype(np.uint8)


def brush_of_pixels(pixels: np.ndarray) -> list[int]:
    """The inverse: run lengths of a mask of shape (h, w), all four channels 255 where it is set."""
    flat = np.repeat((pixels.ravel() != 0).astype(np.uint8), 4)
    bits = _Writer()
    bits.put(len(flat), 32)
    bits.put(8 - 1, 5)
    for size in _SIZES:
        bits.put(size - 1, 4)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(flat)) + 1, [len(flat)]])
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist()):
        while start < end:
            length = min(end - start, 1 << _SIZES[-1])
            kind = next(i for i, size in enumerate(_SIZES) if length <= 1 << size)
            bits.put(1, 1)
            bits.put(kind, 2)
            bits.put(length - 1, _SIZES[kind])
            bits.put(255 if flat[start] else 0, 8)
            start += length
    return bits.done()


class _Bits:
    """Reads whole numbers out of bytes, the highest bit first."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, n: int) -> int:
        first, last = self._at // 8, (self._at + n + 7) // 8
        if last > len(self._data):
            raise BadData("a brush whose run lengths end early")
        value = int.from_bytes(self._data[first:last], "big") >> (8 * last - self._at - n)
        self._at += n
        return value & ((1 << n) - 1)


class _Writer:
    """Writes whole numbers into bytes, the highest bit first."""

    def __init__(self) -> None:
        self._out, self._value, self._n = bytearray(), 0, 0

    def put(self, value: int, n: int) -> None:
        self._value, self._n = (self._value << n) | value, self._n + n
        while self._n >= 8:
            self._n -= 8
            self._out.append((self._value >> self._n) & 255)
        self._value &= (1 << self._n) - 1

    def done(self) -> list[int]:
        if self._n:
            self.put(0, 8 - self._n)
        return list(self._out)
