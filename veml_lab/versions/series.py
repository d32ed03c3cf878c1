"""Sensor series in a lab: kept once as content-addressed ``.npy`` files, read by memory map."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, DamagedLab
from ..sources.source import Series
from ..storage.failures import DAMAGED_ARRAY, in_words, sentence
from ..storage.strangers import inside
from ..storage.whole import draft, put_whole

if TYPE_CHECKING:
    import numpy as np


def store_series(folder: Path, series: Series) -> dict[str, Any]:
    """Keep a series in the lab's ``blobs/``; gives what a data version's ``props["series"]`` holds.

    Returns
    -------
    dict
        ``values``, ``adjacency``, ``times`` (names of blobs, or None), ``nodes``, ``channels``, ``window``,
        ``horizon``.
    """
    import numpy as np

    values = np.asarray(series.values, dtype=np.float32)
    if values.ndim != 3 or values.shape[1:] != (len(series.nodes), len(series.channels)):
        raise BadData(
            f"a series has the shape (steps, nodes, channels); got {values.shape} for "
            f"{len(series.nodes)} nodes and {len(series.channels)} channels"
        )
    if series.window < 1 or series.horizon < 0 or series.window + series.horizon > len(values):
        raise BadData(f"windows of {series.window} + {series.horizon} steps cannot be cut from {len(values)} steps")
    adjacency = None if series.adjacency is None else np.asarray(series.adjacency, dtype=np.float32)
    if adjacency is not None and adjacency.shape != (len(series.nodes),) * 2:
        raise BadData(f"the adjacency of {len(series.nodes)} nodes has the shape {adjacency.shape}")
    if series.times and len(series.times) != len(values):
        raise BadData(f"{len(series.times)} times for {len(values)} steps")
    return {
        "values": keep_array(folder, values),
        "adjacency": None if adjacency is None else keep_array(folder, adjacency),
        "times": keep_array(folder, np.array(series.times, dtype=np.str_)) if series.times else None,
        "nodes": list(series.nodes),
        "channels": list(series.channels),
        "window": series.window,
        "horizon": series.horizon,
    }


def keep_array(folder: Path, array: np.ndarray) -> str:
    """Write an array beside its name, then rename it to what its bytes hash to; gives the blob's name."""
    import numpy as np

    blobs = folder / "blobs"
    with in_words(blobs):
        blobs.mkdir(exist_ok=True)
    with draft(blobs / "series.npy") as temp:
        with temp.open("wb") as f:
            np.save(f, np.ascontiguousarray(array), allow_pickle=False)
        with temp.open("rb") as f:
            name = f"{hashlib.file_digest(f, 'sha256').hexdigest()}.npy"
        if not (blobs / name).exists():
            put_whole(temp, blobs / name)
    return name


def read_array(folder: Path, name: str) -> np.ndarray:
    """The array of a blob, memory-mapped and read-only."""
    import numpy as np

    path = inside(folder, f"blobs/{name}")
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise DamagedLab(f"the blob {name} is missing from the lab; restore {path} from a backup") from None
    except PermissionError as e:
        raise sentence(e, path, "read") from e
    except DAMAGED_ARRAY as e:
        raise DamagedLab(f"the blob {path} is truncated or damaged ({e}); restore it from a backup") from e
