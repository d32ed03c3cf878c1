"""Which files are pictures by their names, and a small, fast writer of PNG; :mod:`.decoder` decodes them."""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # names of files are asked before anything heavy is needed
    import numpy as np

ENDINGS = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".dcm", ".dicom")
KNOWN = "JPEG, PNG, WebP, BMP, TIFF, GIF (and DICOM with window=)"

# Pillow's own limit for a picture that is no decompression bomb (a quarter of a GiB as RGB).
MAX_PIXELS = 89_478_485

_ENDING = re.compile(rf"({'|'.join(map(re.escape, ENDINGS))})$", re.IGNORECASE)


def is_image(name: str) -> bool:
    """True for a file name that ends like an image we read.

    >>> is_image("a/B.JPG"), is_image("a/b.txt")
    (True, False)
    """
    return name.lower().endswith(ENDINGS)


def is_dicom(data: bytes) -> bool:
    """True for the bytes of a DICOM file: 128 of anything, then its mark.

    >>> is_dicom(bytes(128) + b"DICM"), is_dicom(b"DICM")
    (True, False)
    """
    return data[128:132] == b"DICM"


def without_ending(name: str) -> str:
    """A name without the ending of a picture.

    >>> without_ending("a.b.JPG"), without_ending("a.b")
    ('a.b', 'a.b')
    """
    return _ENDING.sub("", name)


def png_of_gray(pixels: np.ndarray) -> bytes:
    """Encode a uint8 array of shape (h, w) as PNG; five times faster than Pillow for small images.

    >>> import numpy as np
    >>> png_of_gray(np.zeros((2, 3), np.uint8))[:4]
    b'\\x89PNG'
    """
    return _png(pixels, pixels.shape[1], 0)


def png_of_rgb(pixels: np.ndarray) -> bytes:
    """Encode a uint8 array of shape (h, w, 3) as PNG.

    >>> import numpy as np
    >>> png_of_rgb(np.zeros((2, 3, 3), np.uint8))[:4]
    b'\\x89PNG'
    """
    return _png(pixels.reshape(len(pixels), -1), pixels.shape[1], 2)


def _png(lines: np.ndarray, width: int, colour: int) -> bytes:
    """A PNG of ``lines``, shape (h, bytes of a line); ``colour`` is 0 for grey and 2 for RGB."""
    import numpy as np

    h, n = lines.shape
    rows = np.zeros((h, n + 1), np.uint8)  # (h, 1 + n) each row starts with its filter type, 0
    rows[:, 1:] = lines

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, h, 8, colour, 0, 0, 0)
    idat = zlib.compress(rows.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", idat) + chunk(b"IEND", b"")
