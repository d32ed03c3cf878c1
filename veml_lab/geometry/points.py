"""Point sets: what may be given as one, and distances between two of them."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadData, BadInput

CHUNK_BYTES = 8 << 20  # blocks of distances of this size stay in the last-level cache


def is_tensor(x: object) -> bool:
    """Say whether ``x`` is a torch tensor, without importing torch for those who never do."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def as_points(x: ArrayLike, *, name: str = "x", finite: bool = True) -> NDArray:
    """Check a point set once and return it as an (n, d) float32 or float64 array.

    Nothing is copied when the array already has a floating type: a memory-mapped file stays on disk.
    Integers that float32 holds exactly become float32, wider ones float64.

    Parameters
    ----------
    x : array-like or torch tensor, shape (n, d)
        One row per sample.
    name : str
        How the error message calls it.
    finite : bool
        Look for NaN and infinite rows (one pass over the data). The greedy passes ``False`` here because
        its own first pass finds them.

    Raises
    ------
    BadInput
        No rows, no columns, or not two-dimensional.
    BadData
        Not numbers, or rows with NaN or infinity; the message names the first of them.

    Examples
    --------
    >>> as_points([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    if is_tensor(x):
        x = x.detach().cpu()
        x = (x.float() if x.dtype.itemsize < 4 and x.is_floating_point() else x).numpy()
    try:
        a = np.asarray(x)  # a memory-mapped file becomes a plain array on the same pages
    except ValueError as e:  # ragged lists
        raise BadData(f"{name} is not a table of numbers: {e}") from e
    if a.dtype.kind not in "fiub":
        raise BadData(f"{name} has type {a.dtype}; give numbers, one row per sample")
    if a.ndim != 2:
        raise BadInput(f"{name} has shape {a.shape}; give (samples, dimensions), one row per sample")
    if a.shape[0] == 0 or a.shape[1] == 0:
        raise BadInput(f"{name} is empty: shape {a.shape}; a point set needs at least one row and one column")
    if a.dtype not in (np.float32, np.float64):
        exact = a.dtype.itemsize <= (4 if a.dtype.kind == "f" else 2)  # of either byte order
        a = a.astype(np.float32 if exact else np.float64)
    if not a.dtype.isnative:
        a = a.astype(a.dtype.newbyteorder("="))
    if not a.flags.c_contiguous:
        a = np.ascontiguousarray(a)
    if finite:
        refuse_not_finite(a, name)
    return a


def refuse_not_finite(a: NDArray, name: str) -> None:
    """Raise the error that names the rows with NaN or infinity, if there are any (one pass over the data)."""
    with np.errstate(all="ignore"):
        suspects = np.flatnonzero(~np.isfinite(a @ np.ones(a.shape[1], a.dtype)))
    rows = suspects[~np.isfinite(a[suspects]).all(axis=1)]  # a sum may overflow where no number is infinite
    if len(rows):
        shown = ", ".join(map(str, rows[:5])) + (" ..." if len(rows) > 5 else "")
        raise BadData(
            f"{name} has NaN or infinity in {len(rows)} of {len(a)} rows (rows {shown}); "
            "drop these rows or embed their samples again"
        )


def check_k(k: int, n: int, *, name: str = "k") -> int:
    """Check a number of centres against the number of rows."""
    if isinstance(k, bool) or int(k) != k or k < 1:
        raise BadInput(f"{name} is {k!r}; give a whole number of centres, at least 1")
    if k > n:
        raise BadInput(f"{name}={k} centres were asked of {n} samples; {name} may be at most {n}")
    return int(k)


def row_blocks(n: int, columns: int, *, itemsize: int = 8):
    """Cut ``range(n)`` into slices whose (rows, columns) block of numbers takes about ``CHUNK_BYTES``."""
    step = max(64, CHUNK_BYTES // max(1, columns * itemsize))
    return [slice(s, min(s + step, n)) for s in range(0, n, step)]


def squared_distances(a: NDArray, b: NDArray) -> NDArray[np.float64]:
    """Squared Euclidean distances, (len(a), len(b)) float64, by one matrix product on centred copies.

    Centring first keeps the cancellation in ``|x|^2 - 2xy + |y|^2`` harmless: at an offset of 90 times the
    spread the uncentred identity in float32 gets 32 of 100 centres right.
    """
    mid = b.mean(axis=0, dtype=np.float64)
    p = a.astype(np.float64) - mid
    q = p if b is a else b.astype(np.float64) - mid
    g = p @ q.T
    g *= -2.0
    g += np.einsum("ij,ij->i", p, p)[:, None]
    g += np.einsum("ij,ij->i", q, q)[None]
    np.maximum(g, 0.0, out=g)
    if b is a:
        np.fill_diagonal(g, 0.0)
    return g


def distances(a: NDArray, b: NDArray) -> NDArray[np.float64]:
    """Euclidean distances, (len(a), len(b)) float64."""
    g = squared_distances(a, b)
    return np.sqrt(g, out=g)
