"""The user's own function as an embedder."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from ..errors import BadData, BadInput, UnknownName
from ..versions.data import DataVersion
from .pictures import Pictures, images

if TYPE_CHECKING:
    import numpy as np

TAKES = ("images", "batch")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class OwnEmbedder:
    """A callable with a fingerprint; see :func:`own_embedder`."""

    def __init__(self, function: Callable[[Any], Any], takes: str, size_px: int, dim: int, fingerprint: str) -> None:
        self.function, self.takes, self.size_px = function, takes, size_px
        self.dim, self.fingerprint = dim, fingerprint
        self.prepare: Callable[[DataVersion, list[int]], Any] = (
            images if takes == "images" else Pictures((size_px, size_px))
        )

    def forward(self, batch: Any) -> np.ndarray:
        """Vectors (m, d) float32 of a prepared batch."""
        return _called(self.function, batch if self.takes == "images" else batch.numpy(), self.dim)

    def embed(self, version: DataVersion, positions: list[int]) -> np.ndarray:
        """Vectors of the samples at these positions."""
        return self.forward(self.prepare(version, positions))

    def __repr__(self) -> str:
        return f"<own embedder {self.fingerprint}, takes {self.takes}, d={self.dim}>"


def own_embedder(
    function: Callable[[Any], Any],
    *,
    takes: Literal["images", "batch"] = "images",
    size_px: int = 224,
    dim: int | None = None,
    fingerprint: str | None = None,
) -> OwnEmbedder:
    """Use a function of your own to embed samples.

    Parameters
    ----------
    function
        Called with a list of m PIL images (RGB, as they are) or one uint8 array (m, 3, size_px, size_px);
        gives (m, d) numbers: a list, an array or a tensor.
    takes
        ``"images"`` or ``"batch"``: which of the two.
    dim
        d; found by calling the function with two gray images if not given.
    fingerprint
        A name that changes whenever the vectors would, for instance ``"clip-vit-b32"``. Without it the source
        of the function is hashed, which does not see changes in what it calls or in weights that it loads.

    Raises
    ------
    BadData
        The function gave another shape, or no numbers.
    BadInput
        No fingerprint, and no source to take one from.

    Examples
    --------
    >>> import numpy as np
    >>> def mean_colour(images):
    ...     return np.stack([np.asarray(i).mean(axis=(0, 1)) for i in images])
    >>> own_embedder(mean_colour, fingerprint="mean-colour-1").dim
    3
    """
    if takes not in TAKES:
        raise UnknownName.of("input of an own embedder", takes, TAKES)
    if not callable(function):
        raise BadInput(f"an own embedder is a function of a list of images, got {type(function).__name__}")
    if size_px < 1:
        raise BadInput(f"size_px must be at least 1, got {size_px}")
    if fingerprint is None:
        fingerprint = _fingerprint_of(function)
    if not _NAME.fullmatch(fingerprint):
        raise BadInput(
            "a fingerprint is the name of a folder: letters, digits, . _ - and no more than 100 of them; got"
            f" {fingerprint!r}"
        )
    if takes == "batch":
        fingerprint = f"{fingerprint}-{size_px}px"
    if dim is None:
        dim = _called(function, _gray(takes, size_px), None).shape[1]
    return OwnEmbedder(function, takes, size_px, dim, fingerprint)


def _gray(takes: str, size_px: int) -> Any:
    if takes == "images":
        from PIL import Image

        return [Image.new("RGB", (size_px, size_px), (128, 128, 128))] * 2
    import numpy as np

    return np.full((2, 3, size_px, size_px), 128, np.uint8)


def _called(function: Callable[[Any], Any], batch: Any, dim: int | None) -> np.ndarray:
    import numpy as np

    out = function(batch)
    if hasattr(out, "detach"):
        out = out.detach().cpu().float().numpy()
    try:
        vectors = np.asarray(out, dtype=np.float32)
    except (ValueError, TypeError) as e:
        raise BadData(f"the own embedder gave no numbers for {len(batch)} images: {e}") from e
    due = f"({len(batch)}, {dim or 'd'})"
    if (
        vectors.ndim != 2
        or len(vectors) != len(batch)
        or (dim is not None and vectors.shape[1] != dim)
        or not vectors.shape[1]
    ):
        raise BadData(
            f"the own embedder gave the shape {vectors.shape} for {len(batch)} images; {due} was due, one row an image"
        )
    return vectors


def _fingerprint_of(function: Callable[[Any], Any]) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        raise BadInput(
            f"the source of {name} cannot be read; give fingerprint=, a name that changes whenever the vectors would"
        ) from None
    clean = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "function"
    return f"own-{clean[:40]}-{hashlib.sha256(source.encode()).hexdigest()[:16]}"
