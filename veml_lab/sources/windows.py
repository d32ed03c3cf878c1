"""A declared window: which numbers of a deep picture are black and white. And DICOM, whose pictures have one.

Pictures of more than 8 bits (scans of 12 and 16, floats, DICOM) hold numbers, not colours. With ``window=`` a set is
read so that each of these is a grey picture of 8 bits, made here and nowhere else: what a lab keeps is that picture,
so import, statistics, wall, embedding, training, export and serving cannot differ, and samples of sets with different
windows may lie in one version. Without it, the rule of :mod:`.decoder` holds.

Source: DICOM PS3.3 2024, C.11.1 (modality LUT), C.11.2 (VOI LUT, with LINEAR, LINEAR_EXACT and SIGMOID), C.7.6.3.1.2
(MONOCHROME1 is white at its smallest).
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .._optional import need
from ..errors import BadData, BadInput, VemlError, warn
from .images import MAX_PIXELS, is_dicom, is_image, png_of_gray, png_of_rgb
from .source import Record, Source
from .tree import Piece, Tree

if TYPE_CHECKING:
    import numpy as np

FILE = "file"
# Transfer syntax of a file that is packed as a whole: it may unpack without end.
_DEFLATED = b"1.2.840.10008.1.2.1.99"


@dataclass(frozen=True, slots=True)
class Window:
    """What is black and what is white, in the units of the file (of a CT in Hounsfield units); None: as it says itself.

    Examples
    --------
    >>> Window.of("-160,240"), Window.of((0, 4095)), Window.of("file")
    (Window(low=-160.0, high=240.0), Window(low=0.0, high=4095.0), Window(low=None, high=None))
    """

    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, said: Any) -> Window:
        """The window of an option: ``"file"``, ``(low, high)`` or ``"low,high"``."""
        if isinstance(said, Window):
            return said
        if isinstance(said, str) and said.strip().lower() == FILE:
            return cls()
        parts = said.split(",") if isinstance(said, str) else said
        try:
            low, high = map(float, parts)
        except (TypeError, ValueError):
            low = high = math.nan
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise BadInput(
                f"window={said!r} is no window; say window=LOW,HIGH (which value is black and which is white, LOW below"
                " HIGH), or window=file (the window that each DICOM file has). One guessed from each picture would make"
                " two pictures of one brightness different, so there is none"
            )
        return cls(low, high)

    def __str__(self) -> str:
        return FILE if self.low is None else f"{self.low:g},{self.high:g}"

    def grey(self, values: np.ndarray) -> np.ndarray:
        """8-bit grey of numbers: black at and below low, white at and above high."""
        import numpy as np

        assert self.low is not None and self.high is not None
        share = (np.asarray(values, np.float64) - self.low) / (self.high - self.low)
        return np.round(np.clip(np.nan_to_num(share, nan=0.0), 0, 1) * 255).astype(np.uint8)


@dataclass(slots=True)
class Shown:
    """A window, and what was shown through it.

    Attributes
    ----------
    window
        Which.
    pictures
        How many pictures were looked at, whether they are deep or not.
    several_frames
        Names of those of which only the first frame is shown.
    """

    window: Window
    pictures: int = 0
    several_frames: set[str] = field(default_factory=set)


# What the reader that runs now was told; readers open trees by paths, and have no option for each thing of a tree.
_DECLARED: ContextVar[Shown | None] = ContextVar("window", default=None)


@contextmanager
def declared(shown: Shown) -> Iterator[None]:
    """Trees that are opened in this block show their deep pictures through the window."""
    before = _DECLARED.set(shown)
    try:
        yield
    finally:
        _DECLARED.reset(before)


def through_window(tree: Tree) -> Tree:
    """The tree, its deep pictures through the window that was declared; itself where none was."""
    shown = _DECLARED.get()
    return tree if shown is None else _Windowed(tree, shown)


class _Windowed(Tree):
    """A tree whose deep pictures are grey PNGs of 8 bits; what is none stays as it is, byte for byte."""

    def __init__(self, tree: Tree, shown: Shown) -> None:
        super().__init__(tree.root)
        self._tree, self._through = tree, shown
        self.odd = tree.odd
        self._sizes, self._used, self._left = tree._sizes, tree._used, tree._left

    def read(self, name: str) -> bytes:
        return self._shown(name, self._tree.read(name))

    def read_many(
        self, names: Iterable[str], on_bad: Callable[[VemlError], None] | None = None
    ) -> Iterator[tuple[str, bytes]]:
        for name, data in self._tree.read_many(names, on_bad):
            shown = self._try(lambda n, data=data: self._shown(n, data), name, on_bad)  # type: ignore[misc]
            if shown is not None:
                yield name, shown

    def _shown(self, name: str, data: bytes) -> bytes:
        if not is_image(name):
            return data
        self._through.pictures += 1
        if is_dicom(data) and _frames(data) > 1:
            self._through.several_frames.add(name)
        return windowed(data, self.where(name), self._through.window)

    def raw(self, name: str) -> bytes:
        return self._tree.raw(name)

    def open(self, name: str) -> Piece:
        return self._tree.open(name)

    def path(self, name: str) -> str | None:
        # the lab keeps what is shown
        path = self._tree.path(name)
        return None if is_image(name) else path

    def stamp(self) -> list[Any]:
        return [["window", str(self._through.window)], *self._tree.stamp()]

    def where(self, name: str) -> str:
        return self._tree.where(name)


def windowed(data: bytes, where: str, window: Window) -> bytes:
    """A picture through a window: a deep one as grey PNG of 8 bits, upright; any other as it is.

    Raises
    ------
    BadData
        It cannot be decoded, or has no window of its own where it should.
    """
    if is_dicom(data):
        return _of_dicom(data, where, window)
    from .decoder import deep

    found = deep(data, where)
    if found is None:
        return data
    values, inverted = found
    if window.low is None:
        raise BadData(f"{where} has no window of its own, only DICOM files have; say window=LOW,HIGH")
    grey = window.grey(values)
    return png_of_gray(255 - grey if inverted else grey)


def shown_through(source: Source, shown: Shown) -> Source:
    """A source that was read through a window: its facts name it, and its walk says what was not shown whole.

    Raises
    ------
    BadInput
        At the end of the walk, if no picture went through the window: they lie in files of another kind.
    """

    def records() -> Iterator[Record]:
        yield from source.records()
        if not shown.pictures:
            raise BadInput(
                f"window= has no effect on {source.root}: the pictures of the format {source.format} are no files of"
                " their own; read it without"
            )
        if shown.several_frames:
            names = sorted(shown.several_frames)
            warn(f"{source.root}: of {len(names):,} DICOM files with several frames only the first is read: {names[0]}")

    return replace(source, records=records, about={**source.about, "window": str(shown.window)})


# -- DICOM ------------------------------------------------------------------------------------------


def _of_dicom(data: bytes, where: str, window: Window) -> bytes:
    pydicom = need("pydicom", extra="dicom", why="it reads DICOM files")
    if _DEFLATED in data[:1024]:
        raise BadData(f"{where} is a deflated DICOM file (1.2.840.10008.1.2.1.99), which is not read; save it plain")
    try:
        ds = pydicom.dcmread(io.BytesIO(data))
        rows, columns = int(ds.get("Rows", 0)), int(ds.get("Columns", 0))
        if not (0 < rows * columns <= MAX_PIXELS):
            raise BadData(f"{where} is a DICOM file without a picture that can be read ({columns} x {rows} pixels)")
        return _png(ds, where, window)
    except VemlError:
        raise
    # pydicom raises whatever a damaged element makes it stumble over
    except Exception as e:
        raise BadData(f"{where} is a DICOM file that cannot be decoded ({_said(e)})") from e


def _said(e: Exception) -> str:
    return " ".join(f"{type(e).__name__}: {e}".split())[:300]


def _frames(data: bytes) -> int:
    """How many frames a DICOM file says it has; 1 where it cannot be read, which reading it will tell."""
    pydicom = need("pydicom", extra="dicom", why="it reads DICOM files")
    try:
        head = pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True, specific_tags=["NumberOfFrames"])
        return int(head.get("NumberOfFrames") or 1)
    except Exception:
        return 1


def _png(ds: Any, where: str, window: Window) -> bytes:
    import numpy as np
    from pydicom.pixels import apply_color_lut, apply_modality_lut, pixel_array

    kind = str(ds.get("PhotometricInterpretation", ""))
    values = pixel_array(ds, index=0)  # the first frame of several; YBR becomes RGB
    if kind == "PALETTE COLOR":
        values = apply_color_lut(values, ds)
        return png_of_rgb(np.ascontiguousarray(_to_8(values[..., :3], 16 if values.dtype.itemsize > 1 else 8)))
    if values.ndim == 3:
        return png_of_rgb(np.ascontiguousarray(_to_8(values[..., :3], int(ds.BitsStored))))
    if kind not in ("MONOCHROME1", "MONOCHROME2"):
        raise BadData(f"{where} is a DICOM file of the kind {kind!r}, which is not read")
    values = apply_modality_lut(values, ds)
    grey = window.grey(values) if window.low is not None else _own_window(values, ds, where)
    return png_of_gray(np.ascontiguousarray(255 - grey if kind == "MONOCHROME1" else grey))


def _to_8(values: Any, bits: int) -> Any:
    return (values >> (bits - 8)).astype("uint8") if bits > 8 else values.astype("uint8")


def _own_window(values: Any, ds: Any, where: str) -> np.ndarray:
    """By the first window of the file, or its table of grey values."""
    import numpy as np
    from pydicom.pixels import apply_voi

    if "VOILUTSequence" in ds and "WindowCenter" not in ds:
        bits = int(ds.VOILUTSequence[0].LUTDescriptor[2])
        return Window(0.0, float(2**bits - 1)).grey(apply_voi(values, ds))
    center, width = (_first(ds.get(k)) for k in ("WindowCenter", "WindowWidth"))
    function = str(ds.get("VOILUTFunction", "") or "LINEAR").upper()
    if center is None or width is None or width <= 0 or (function == "LINEAR" and width < 1):
        raise BadData(f"{where} has no window of its own (Window Center and Width); say window=LOW,HIGH")
    if function == "SIGMOID":
        # exp of a large number is infinite, and the share 0
        with np.errstate(over="ignore"):
            share = 1 / (1 + np.exp(-4 * (np.asarray(values, np.float64) - center) / width))
        return np.round(share * 255).astype(np.uint8)
    if function == "LINEAR_EXACT":
        return Window(center - width / 2, center + width / 2).grey(values)
    if width == 1:
        return np.where(np.asarray(values) > center - 0.5, 255, 0).astype(np.uint8)
    return Window(center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2).grey(values)


def _first(said: Any) -> float | None:
    """The first of several values, if it is a number."""
    from pydicom.multival import MultiValue

    one = (said[0] if len(said) else None) if isinstance(said, MultiValue) else said
    return float(one) if one is not None and math.isfinite(float(one)) else None
