"""Layouts of sensor readings: each gives :class:`Readings`, an array over time, sensors and channels.

Everything is read from bytes, so a folder, an archive and a single file are alike. No layout unpickles
anything: NumPy's pickled arrays and pandas' pickled column names are refused with what to do instead.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput, UnknownName
from ..sources.moments import times_of

if TYPE_CHECKING:
    import numpy as np

MAX_BYTES = 1 << 32  # of a table that is unpacked, and of an array that a file declares
VALUE_NAMES = ("values", "data", "speed", "df", "x")
BEIJING_NOT = ("No", "year", "month", "day", "hour", "wd", "station", "lat", "long")


@dataclass(frozen=True)
class Readings:
    """What a file says of its sensors.

    Attributes
    ----------
    values
        float32 (t, n, c), NaN where nothing was measured, one row a time step of equal length.
    times
        datetime64[s] (t,), or None where the file has none.
    adjacency
        (n, n) where the same file has one.
    said
        What was made of the file beyond what stands in it, a line each.
    """

    values: np.ndarray
    nodes: tuple[str, ...]
    channels: tuple[str, ...]
    times: np.ndarray | None = None
    adjacency: np.ndarray | None = None
    said: tuple[str, ...] = ()


def evenly(
    times: np.ndarray,
    values: np.ndarray,
    nodes: tuple[str, ...],
    channels: tuple[str, ...],
    where: str,
    *,
    said: Sequence[str] = (),
) -> Readings:
    """Rows in the order of time, one a step; steps that the file leaves out are missing readings, not neighbours."""
    import numpy as np

    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    gaps = np.diff(times).astype(np.int64)  # s
    if len(gaps) and gaps.min() == 0:
        raise BadData(f"{where} has the time {times[int(gaps.argmin())]} twice; a time step is one row")
    if not len(gaps):
        return Readings(values, nodes, channels, times, said=tuple(said))
    kinds, counts = np.unique(gaps, return_counts=True)
    step = int(kinds[counts.argmax()])
    odd = gaps % step != 0
    if odd.any():
        i = int(odd.argmax())
        raise BadData(
            f"{where} goes on in steps of {step} s, but from {times[i]} to {times[i + 1]}; resample it to equal steps"
            " first"
        )
    n = int(gaps.sum() // step) + 1
    if n > 10 * len(times):
        raise BadData(
            f"{where} has readings at {len(times):,} of {n:,} steps of {step} s; give a time span, or a table with"
            " fewer gaps"
        )
    at = np.concatenate([[0], np.cumsum(gaps) // step])
    full = np.full((n, *values.shape[1:]), np.nan, np.float32)
    full[at] = values
    return Readings(full, nodes, channels, times[0] + np.arange(n) * np.timedelta64(step, "s"), said=tuple(said))


# -- arrays --------------------------------------------------------------------------------------------


def arrays_of_npz(raw: bytes, where: str) -> dict[str, np.ndarray]:
    """The arrays of an NPZ file, none of them pickled."""
    import numpy as np

    name = ""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as z:
            if sum(i.file_size for i in z.infolist()) > MAX_BYTES:
                raise BadData(f"{where} unpacks to more than {MAX_BYTES:,} bytes; cut it into parts")
        with np.load(io.BytesIO(raw), allow_pickle=False) as z:
            found = {}
            for name in z.files:
                found[name] = z[name]
            return found
    except BadData:
        raise
    except Exception as e:  # NumPy parses the head of an array as Python: a damaged one raises whatever its tokens do
        hint = "; it holds pickled objects, which are not read: save plain arrays" if "pickle" in str(e).lower() else ""
        array = f", its array {name!r} is damaged" if name else ""
        raise BadData(f"{where} is no readable NPZ file{array} ({type(e).__name__}: {str(e)[:100]}){hint}") from e


def of_arrays(
    found: dict[str, Any], where: str, *, key: str | None = None, channels: Sequence[str] | None = None
) -> Readings:
    """Readings out of named arrays: ``values`` (t, n) or (t, n, c), and ``nodes``, ``channels``, ``times``,
    ``adjacency``."""
    import numpy as np

    if key is not None and key not in found:
        raise UnknownName.of(f"array of {where}", key, found)
    key = key or next((k for k in VALUE_NAMES if k in found), None)
    if key is None:
        raise BadInput(f"{where} holds {', '.join(found) or 'nothing'}; say which are the readings: key=")
    v = np.asarray(found[key])
    if v.ndim == 2:
        v = v[:, :, None]
    if v.ndim != 3 or 0 in v.shape or v.dtype.kind not in "fiu":
        raise BadData(
            f"{key!r} of {where} has the shape {np.shape(found[key])} of {v.dtype}; readings are numbers (time,"
            " sensors[, channels])"
        )
    v = v.astype(np.float32)
    if np.isinf(v).any():
        raise BadData(f"{key!r} of {where} has infinite readings, first at step {int(np.argwhere(np.isinf(v))[0][0])}")
    mask = found.get("mask")
    if mask is not None:
        mask = np.asarray(mask).astype(bool)
        if mask.shape not in (v.shape, v.shape[:2]):
            raise BadData(f"the mask of {where} has the shape {mask.shape}, the readings {v.shape}")
        v = np.where(mask if mask.ndim == 3 else mask[:, :, None], v, np.float32("nan"))

    def names(keys: tuple[str, ...], n: int, what: str) -> tuple[str, ...] | None:
        got = next((found[k] for k in keys if k in found), None)
        if got is None:
            return None
        text = tuple(x.decode(errors="replace") if isinstance(x, bytes) else str(x) for x in np.ravel(got).tolist())
        if len(text) != n or len(set(text)) != n:
            raise BadData(f"{where} has {len(set(text))} different names of {what} for {n}")
        return text

    nodes = names(("nodes", "sensor_ids", "ids"), v.shape[1], "sensors") or tuple(str(i) for i in range(v.shape[1]))
    own = names(("channels", "features"), v.shape[2], "channels")
    if own is None:
        given = tuple(channels or ())
        own = (
            given
            if len(given) == v.shape[2]
            else ("value",)
            if v.shape[2] == 1
            else tuple(f"channel {i}" for i in range(v.shape[2]))
        )
    graph = next((found[k] for k in ("adjacency", "adj", "adj_mx") if k in found), None)
    times = None
    if "times" in found and np.size(found["times"]):
        import pandas as pd

        t = np.ravel(found["times"])
        text = (
            [x.decode(errors="replace") if isinstance(x, bytes) else x for x in t.tolist()]
            if t.dtype.kind in "OSU"
            else t
        )
        times = times_of(pd.Series(text), where)
        if len(t) != len(v):
            raise BadData(f"{where} has {len(t):,} times for {len(v):,} steps")
    if times is not None:
        even = evenly(times, v, nodes, own, where)
        return Readings(even.values, nodes, own, even.times, graph)
    return Readings(v, nodes, own, None, graph)
