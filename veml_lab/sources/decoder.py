"""The one decoder of pictures: import, statistics, wall, embedding, training and export see the same pixels.

The rule, whatever the file is: 8-bit RGB, **upright** (the EXIF orientation is applied, as OpenCV, browsers and so
ultralytics, mmdet, CVAT and Label Studio do), the first frame of several. Grey of 16 bits is scaled to 8, never
clipped; a palette, CMYK and black and white become colours; transparency is left out, as OpenCV and torchvision
leave it out. What has no such picture (whole numbers of 32 bits, floats outside 0 to 1) is a :class:`BadData`.

Pictures are looked at without trust: sizes are checked before anything is decoded.
"""

from __future__ import annotations

import functools
import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BadData
from .images import KNOWN, MAX_PIXELS, is_dicom

if TYPE_CHECKING:
    import torch
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
_SIDEWAYS = (5, 6, 7, 8)  # orientations that exchange width and height


@dataclass(frozen=True, slots=True)
class Look:
    """What the head of a picture says.

    Attributes
    ----------
    size
        (width, height) in pixels as it is shown: upright.
    stored
        (width, height) of the pixels as the file has them.
    orientation
        EXIF's number, 1 to 8: how the stored pixels are turned to be shown; 1 is not at all.
    """

    size: tuple[int, int]
    stored: tuple[int, int]
    orientation: int


# -- looking -----------------------------------------------------------------------------------------


def look_at(data: bytes, where: str, *, verify: bool = True) -> Look:
    """Read size and orientation from the image's head; with ``verify`` decode all of it once.

    Parameters
    ----------
    data : bytes
        The encoded image.
    where : str
        How the error names the file.
    verify : bool
        Decode every pixel, which finds a truncated file; about 0.1 ms for 32 x 32, 10 ms for 1 Mpx.

    Raises
    ------
    BadData
        If it is no image, too large (more than ``MAX_PIXELS``), cannot be decoded to its end, or holds numbers
        that are no picture.
    """
    im, turn = _opened(data, where)
    stored = _stored(im)
    if verify:
        _loaded(im, where)
    # a colour of 8 bits is a picture; numbers of another kind have to be looked at
    if im.mode not in _COLOURS and (verify or im.mode not in _NUMBERS):
        _rgb(_loaded(im, where), where)
    return Look(stored[::-1] if turn in _SIDEWAYS else stored, stored, turn)


def size_of(data: bytes, where: str, *, verify: bool = True) -> tuple[int, int]:
    """Width and height of a picture as it is shown; see :func:`look_at`."""
    return look_at(data, where, verify=verify).size


def frames_of(data: bytes, where: str) -> int:
    """How many frames a picture has, of which the first is read; told by the head where it can only be one.

    The second picture in a telephone's JPEG (a preview, a depth map) is no frame.
    """
    many = (
        data[:3] == b"GIF"
        or data[:4] in (b"II*\0", b"MM\0*")
        or (data[:8] == b"\x89PNG\r\n\x1a\n" and b"acTL" in data[:4096])
        or (data[8:16] == b"WEBPVP8X" and bool(data[20] & 2))
    )
    return int(getattr(_opened(data, where)[0], "n_frames", 1)) if many else 1


def orientation_of(block: bytes) -> int:
    """EXIF's orientation, 1 to 8, of an EXIF block (a small TIFF); 1 where it says nothing, or is damaged.

    >>> exif = b"II*\\0" + b"\\x08\\0\\0\\0" + b"\\1\\0" + b"\\x12\\1\\3\\0\\1\\0\\0\\0\\6\\0\\0\\0"
    >>> orientation_of(exif), orientation_of(b"")
    (6, 1)
    """
    block = block.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 10:
        return 1
    at = struct.unpack_from(f"{order}I", block, 4)[0]
    if at + 2 > len(block):
        return 1
    for k in range(struct.unpack_from(f"{order}H", block, at)[0]):
        entry = at + 2 + 12 * k
        if entry + 12 > len(block):
            return 1
        tag, kind, n, value = struct.unpack_from(f"{order}HHIH", block, entry)
        if tag == 0x0112:
            return value if kind == 3 and n == 1 and 1 <= value <= 8 else 1
    return 1


def _opened(data: bytes, where: str) -> tuple[Image.Image, int]:
    """The picture before it is decoded, of a size that can be, and its orientation."""
    from PIL import Image

    if not data:
        raise BadData(f"{where} is empty (0 bytes); fetch it again or remove it")
    if is_dicom(data):
        raise BadData(
            f"{where} is a DICOM file, whose numbers are shown through a window; read the set with window=file (the"
            " window that each file has) or window=LOW,HIGH (--option window=...)"
        )
    try:
        im = Image.open(io.BytesIO(data), formats=FORMATS)
    # The warning is an exception where somebody has turned warnings into errors.
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        raise BadData(f"{where} is too large to be decoded safely: {e}") from e
    # Pillow's plugins raise whatever a damaged head makes them stumble over.
    except Exception as e:
        raise BadData(
            f"{where} is no readable image, or its head is damaged ({type(e).__name__}); known: {KNOWN}"
        ) from e
    width, height = im.size
    if width * height > MAX_PIXELS:
        raise BadData(f"{where} says it is {width:,} x {height:,} pixels; more than {MAX_PIXELS:,} are not decoded")
    if width < 1 or height < 1:
        raise BadData(f"{where} says it is {width} x {height} pixels")
    if im.format == "TIFF":
        turn = im.tag_v2.get(0x0112, 1)  # type: ignore[attr-defined]
        return im, turn if turn in range(1, 9) else 1
    if im.format == "PNG" and "exif" not in im.info and b"eXIf" in data:
        _loaded(im, where)  # the block may stand behind the pixels
    return im, orientation_of(im.info.get("exif") or b"")


def _stored(im: Image.Image) -> tuple[int, int]:
    """Width and height of the pixels in the file; some versions of Pillow give those of a TIFF turned."""
    if im.format == "TIFF":
        return im.tag_v2[0x0100], im.tag_v2[0x0101]  # type: ignore[attr-defined]
    return im.size


def _recorded_as_stored(im: Image.Image, turn: int, size: tuple[int, int] | None) -> bool:
    """True for a picture that lies on its side, and whose recorded size is that of the pixels as they are stored."""
    stored = _stored(im)
    return turn in _SIDEWAYS and size == stored != stored[::-1]


def _loaded(im: Image.Image, where: str) -> Image.Image:
    try:
        im.load()
    except Exception as e:  # as above
        raise BadData(f"{where} is damaged or truncated ({e}); fetch it again or remove it") from e
    return im


# -- decoding ----------------------------------------------------------------------------------------

# Modes of Pillow that its own conversion makes RGB of without loss, and those of other numbers.
_COLOURS = ("RGB", "L", "P", "RGBA", "LA", "PA", "1", "CMYK", "YCbCr", "RGBX", "RGBa", "La")
_NUMBERS = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")


def decode(
    data: bytes, where: str, *, size: tuple[int, int] | None = None, draft: tuple[int, int] | None = None
) -> Image.Image:
    """The picture as 8-bit RGB, upright, its first frame.

    Parameters
    ----------
    size : (width, height), optional
        What is recorded of it. A picture that a lab recorded as stored, before it knew orientations, is given as
        stored: its annotations lie on it so.
    draft : (width, height), optional
        Grey of at least this size is enough: a JPEG is decoded at a part of its size.

    Raises
    ------
    BadData
        As :func:`look_at`.
    """
    im, turn = _opened(data, where)
    as_stored = _recorded_as_stored(im, turn, size)
    if draft is not None:
        im.draft("L", draft)
    rgb = _rgb(_loaded(im, where), where)
    if im.format == "TIFF":  # Pillow turns it while it loads
        turn = {6: 8, 8: 6}.get(turn, turn) if as_stored else 1
    elif as_stored:
        turn = 1
    return rgb if turn == 1 else rgb.transpose(_turns()[turn])


def pixels(data: bytes, where: str, *, size: tuple[int, int] | None = None) -> np.ndarray:
    """:func:`decode` as an array, uint8 of shape (height, width, 3)."""
    return np.asarray(decode(data, where, size=size))


def tensor(data: bytes, where: str, *, size: tuple[int, int] | None = None) -> torch.Tensor:
    """:func:`decode` as a tensor, uint8 of shape (3, height, width).

    A plain picture (:func:`is_plain`) is decoded by torchvision, four times as fast for 32 x 32: the same libraries
    of JPEG, PNG and WebP, and the same pixels.
    """
    torch, decode_image, rgb = _torchvision()
    if is_plain(data):
        try:
            return decode_image(torch.frombuffer(bytearray(data), dtype=torch.uint8), mode=rgb)
        except RuntimeError as e:
            raise BadData(f"{where} is damaged or truncated ({e}); fetch it again or remove it") from e
    return torch.from_numpy(np.array(decode(data, where, size=size))).permute(2, 0, 1)


@functools.cache
def _torchvision() -> tuple[Any, Any, Any]:
    """Looked up once: an import statement costs 1 us, decoding a picture of 32 x 32 thirteen."""
    import torch
    from torchvision.io import ImageReadMode, decode_image

    return torch, decode_image, ImageReadMode.RGB


def is_plain(data: bytes) -> bool:
    """True for 8-bit grey or RGB as JPEG, PNG or WebP, of one frame, stored upright: nothing to be converted.

    Read from the head in about 2 us; False where it is not clear.
    """
    if data[:2] == b"\xff\xd8":
        return _plain_jpeg(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        # 8 bits; grey, RGB, or these with transparency
        return data[24:25] == b"\x08" and data[25:26] in b"\0\2\4\6" and b"eXIf" not in data
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        # neither an EXIF block nor frames
        return data[12:16] in (b"VP8 ", b"VP8L") or (data[12:16] == b"VP8X" and not data[20] & (8 | 2))
    return False


def _plain_jpeg(data: bytes) -> bool:
    at, end = 2, len(data) - 9
    while at < end and data[at] == 0xFF:
        mark, n = data[at + 1], (data[at + 2] << 8) | data[at + 3]
        if mark in (0xC0, 0xC1, 0xC2):
            return data[at + 4] == 8 and data[at + 9] in (1, 3)
        if mark == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0" and orientation_of(data[at + 4 : at + 2 + n]) != 1:
            return False
        at += 2 + n
    return False


def _turns() -> dict[int, Image.Transpose]:
    """What makes a stored picture upright, by EXIF's number."""
    from PIL.Image import Transpose as t

    return {
        2: t.FLIP_LEFT_RIGHT, 3: t.ROTATE_180, 4: t.FLIP_TOP_BOTTOM, 5: t.TRANSPOSE, 6: t.ROTATE_270,
        7: t.TRANSVERSE, 8: t.ROTATE_90,
    }  # fmt: skip


def _rgb(im: Image.Image, where: str) -> Image.Image:
    """A loaded picture as 8-bit RGB."""
    from PIL import Image

    if im.mode == "RGB":
        return im
    if im.mode in _NUMBERS:
        return Image.fromarray(_scaled(im, where)).convert("RGB")
    im.info.pop("transparency", None)  # left out; and Pillow warns of some
    try:
        return im.convert("RGB")
    except (ValueError, OSError) as e:
        raise BadData(f"{where} has colours of the kind {im.mode}, which are not read; save it as RGB") from e


def _scaled(im: Image.Image, where: str) -> np.ndarray:
    """Numbers of more than 8 bits as grey values 0 to 255, uint8 of shape (height, width)."""
    x = np.asarray(im)
    # Pillow before 11.3 gives a grey PNG of 16 bits as whole numbers of 32
    if im.mode.startswith("I;16") or im.format == "PNG":
        grey = ((x.astype(np.uint32) * 255 + 32895) >> 16).astype(np.uint8)  # as libpng scales: 65535 is 255
        inverted = im.format == "TIFF" and im.tag_v2.get(0x0106) == 0  # type: ignore[attr-defined]
        return 255 - grey if inverted else grey
    if im.mode == "F" and np.isfinite(x).all() and x.min() >= 0 and x.max() <= 1:
        return np.round(x * 255).astype(np.uint8)
    what = "floats outside 0 to 1" if im.mode == "F" else "whole numbers of 32 bits"
    raise BadData(f"{where} holds {what}, of which nobody says what is black and white; say window=LOW,HIGH")


# -- pictures that are numbers ---------------------------------------------------------------------


def numbers(data: bytes, where: str) -> np.ndarray:
    """The numbers of a picture as they are stored, not as colours: an index into a palette, a class, an object.

    Shape (height, width), or (height, width, channels).
    """
    im, _ = _opened(data, where)
    return np.asarray(_loaded(im, where))


def deep(data: bytes, where: str) -> tuple[np.ndarray, bool] | None:
    """The numbers of a grey picture of more than 8 bits, upright, shape (height, width), and whether they are darker
    the larger they are; None for any other picture."""
    if is_plain(data):
        return None
    im, turn = _opened(data, where)
    if im.mode not in _NUMBERS:
        return None
    inverted = im.format == "TIFF" and im.tag_v2.get(0x0106) == 0  # type: ignore[attr-defined]
    loaded = _loaded(im, where)
    # Pillow turns a TIFF while it loads
    upright = loaded if turn == 1 or im.format == "TIFF" else loaded.transpose(_turns()[turn])
    return np.asarray(upright), inverted


def mode_of(data: bytes, where: str) -> str:
    """Pillow's name of what the pixels are: L, RGB, P, I;16 ..."""
    return _opened(data, where)[0].mode


def upright_bytes(data: bytes, where: str, *, size: tuple[int, int] | None = None) -> bytes:
    """The picture for other programs: as it is, but turned upright where it is not, and of a GIF the first frame.

    Programs differ in whether they regard the EXIF orientation, so a written picture has none. A turned JPEG is
    encoded again with its own tables, a PNG without loss; others, and a GIF, which few training tools open, become
    a PNG of 8 bits. Other EXIF of a turned picture is left out. ``size`` is as in :func:`decode`.
    """
    if is_plain(data):
        return data
    im, turn = _opened(data, where)
    if turn == 1 and im.format != "GIF":
        return data
    if _recorded_as_stored(im, turn, size):
        turn = 1
    turned = _loaded(im, where) if turn == 1 else _loaded(im, where).transpose(_turns()[turn])
    out = io.BytesIO()
    if im.format in ("JPEG", "MPO"):
        from PIL.JpegImagePlugin import get_sampling

        tables, sampling = im.quantization, max(get_sampling(im), 0)  # type: ignore[attr-defined]
        turned.save(out, "JPEG", qtables=tables, subsampling=sampling, icc_profile=im.info.get("icc_profile"))
    elif im.format == "PNG":
        turned.save(out, "PNG", transparency=im.info.get("transparency"), exif=b"")
    else:
        decode(data, where, size=size).save(out, "PNG")
    return out.getvalue()
