"""Layouts of sensor readings: each gives :class:`Readings`, an array over time, sensors and channels.

Everything is read from bytes, so a folder, an archive and a single file are alike. No layout unpickles
anything: NumPy's pickled arrays and pandas' pickled column names are refused with what to do instead.
"""

from __future__ import annotations

import gzip
import io
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput, UnknownName

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MAX_BYTES = 1 << 32  # of a table that is unpacked, and of an array that a file declares
TIME_NAMES = ("time", "timestamp", "datetime", "date", "date_time", "measured", "t")
NODE_NAMES = ("node", "sensor", "sensor_id", "station", "station_id", "location", "id")
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
    """

    values: np.ndarray
    nodes: tuple[str, ...]
    channels: tuple[str, ...]
    times: np.ndarray | None = None
    adjacency: np.ndarray | None = None


# -- tables --------------------------------------------------------------------------------------------


def frame_of_csv(raw: bytes, where: str, **options: Any) -> pd.DataFrame:
    """A CSV (packed with gzip or not) as a frame; :class:`BadData` says what is wrong with it."""
    import pandas as pd

    if where.lower().endswith(".gz"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as f:
                raw = f.read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as e:
            raise BadData(f"{where} is damaged or truncated ({e}); fetch it again") from e
        if len(raw) > MAX_BYTES:
            raise BadData(f"{where} unpacks to more than {MAX_BYTES:,} bytes; cut it into parts, or save it as NPZ")
    try:
        return pd.read_csv(io.BytesIO(raw), **{"low_memory": False, **options})
    except (
        ValueError,
        OverflowError,
        IndexError,
        TypeError,
    ) as e:  # pandas' ParserError and EmptyDataError are ValueErrors
        raise BadData(f"{where} is no readable CSV: {str(e).strip() or type(e).__name__}") from e


def of_csv(
    raw: bytes,
    where: str,
    *,
    channels: Sequence[str] | None = None,
    time: str | None = None,
    node: str | None = None,
    long: bool | None = None,
) -> Readings:
    """A table, wide (a column a sensor) or long (a column that names the sensor)."""
    frame = frame_of_csv(raw, where)
    if not len(frame) or not len(frame.columns):
        raise BadData(f"{where} has no rows; the first line is the header")
    columns = [str(c) for c in frame.columns]
    frame.columns = columns  # type: ignore[assignment]
    for given, what in ((time, "time"), (node, "node")):
        if given is not None and given not in columns:
            raise UnknownName.of(f"column of {where}", given, columns, f"It was asked for by {what}=")
    time = time or next((c for c in columns if c.lower() in TIME_NAMES), None)
    if long is None:
        long = node is not None or (time is not None and any(c.lower() in NODE_NAMES for c in columns))
    if not long:
        return _wide(frame, where, time, channels)
    node = node or next((c for c in columns if c.lower() in NODE_NAMES), None)
    if time is None or node is None:
        raise BadInput(
            f"a long table names its time and sensor columns; {where} has {', '.join(columns[:12])}: say time= and"
            " node="
        )
    return of_long(frame, where, time, node, channels)


def _wide(frame: pd.DataFrame, where: str, time: str | None, channels: Sequence[str] | None) -> Readings:
    import numpy as np
    import pandas as pd

    if channels is not None and len(channels) != 1:
        raise BadInput(
            f"a wide table has one channel, got the names {', '.join(channels)}; several channels take a long table or"
            " an NPZ"
        )
    if time is None and not pd.api.types.is_numeric_dtype(frame.iloc[:, 0]):
        time = str(frame.columns[0])
    body = frame.drop(columns=[time]) if time is not None else frame
    if not len(body.columns):
        raise BadData(f"{where} has no column of readings beside {time!r}")
    twice = [c for c in body.columns if c.rpartition(".")[0] in body.columns and c.rpartition(".")[2].isdigit()]
    if twice:  # so pandas calls the second column of a name
        raise BadData(
            f"{where} may have two columns {twice[0].rpartition('.')[0]!r}; a sensor has one, rename the second"
        )
    values = np.stack([_numbers(body[c], where) for c in body.columns], axis=1)[:, :, None]
    nodes = tuple(str(c).strip() for c in body.columns)
    channel = tuple(channels or ("value",))
    if time is None:
        return Readings(values, nodes, channel)
    times = times_of(frame[time], where)
    if times is None:
        return Readings(values[np.argsort(frame[time].to_numpy(), kind="stable")], nodes, channel)
    return _evenly(times, values, nodes, channel, where)


def of_long(frame: pd.DataFrame, where: str, time: str, node: str, channels: Sequence[str] | None) -> Readings:
    """A frame with one row a time and sensor."""
    import numpy as np
    import pandas as pd

    numeric = [c for c in frame.columns if c not in (time, node) and pd.api.types.is_numeric_dtype(frame[c])]
    for c in channels or ():
        if c not in frame.columns:
            raise UnknownName.of(f"channel of {where}", c, numeric)
    chosen = list(channels or numeric)
    if not chosen:
        raise BadData(f"{where} has no column of numbers beside {time!r} and {node!r}")
    times = times_of(frame[time], where)
    steps: Any = times if times is not None else frame[time].to_numpy()
    if frame[node].isna().any():
        raise BadData(
            f"{where} names no sensor in row {int(frame[node].isna().to_numpy().argmax()) + 1} (column {node!r})"
        )
    which, names = pd.factorize(frame[node].astype(str).str.strip(), sort=True)
    row, when = pd.factorize(steps, sort=True)
    if len(when) * len(names) * len(chosen) * 4 > MAX_BYTES:
        raise BadData(f"{where} has {len(when):,} times of {len(names):,} sensors; take fewer channels or a time span")
    twice = pd.Series(row.astype(np.int64) * len(names) + which).duplicated().to_numpy()
    if twice.any():
        i = int(twice.argmax())
        raise BadData(
            f"{where} has two rows for the sensor {frame[node].iloc[i]!r} at {frame[time].iloc[i]!r}; keep one"
        )
    values = np.full((len(when), len(names), len(chosen)), np.nan, np.float32)
    for k, c in enumerate(chosen):
        values[row, which, k] = _numbers(frame[c], where)
    nodes = tuple(str(n) for n in names)
    if times is None:
        return Readings(values, nodes, tuple(chosen))
    return _evenly(np.asarray(when).astype("datetime64[s]"), values, nodes, tuple(chosen), where)


def _numbers(column: pd.Series, where: str) -> np.ndarray:
    import numpy as np
    import pandas as pd

    found = pd.to_numeric(column, errors="coerce").to_numpy(np.float32, na_value=np.nan)
    lost = np.isnan(found) & column.notna().to_numpy()
    if lost.any():
        i = int(lost.argmax())
        raise BadData(
            f"{where} has {str(column.iloc[i])[:40]!r} in row {i + 1} of the column {column.name!r}; readings are"
            " numbers, missing ones are empty"
        )
    if np.isinf(found).any():
        raise BadData(
            f"{where} has an infinite reading in row {int(np.isinf(found).argmax()) + 1} of the column {column.name!r}"
        )
    return found


def times_of(column: pd.Series, where: str) -> np.ndarray | None:
    """datetime64[s] of a column, or None where it only counts steps."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column):
        if column.isna().any():
            raise BadData(f"{where} has no time in row {int(column.isna().to_numpy().argmax()) + 1}")
        return None
    found = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601" if column.dtype.kind != "M" else None)
    if found.isna().any():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pandas tells of every format that it has to guess
            found = pd.to_datetime(column, errors="coerce", utc=True)
    if found.isna().any():
        i = int(found.isna().to_numpy().argmax())
        raise BadData(
            f"{where} has {str(column.iloc[i])[:40]!r} as the time of row {i + 1}; write 2012-03-01 00:05, or count the"
            " steps"
        )
    return found.dt.tz_localize(None).to_numpy().astype("datetime64[s]")


def _evenly(
    times: np.ndarray, values: np.ndarray, nodes: tuple[str, ...], channels: tuple[str, ...], where: str
) -> Readings:
    """Rows in the order of time, one a step; steps that the file leaves out are missing readings, not neighbours."""
    import numpy as np

    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    gaps = np.diff(times).astype(np.int64)  # s
    if len(gaps) and gaps.min() == 0:
        raise BadData(f"{where} has the time {times[int(gaps.argmin())]} twice; a time step is one row")
    if not len(gaps):
        return Readings(values, nodes, channels, times)
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
    return Readings(full, nodes, channels, times[0] + np.arange(n) * np.timedelta64(step, "s"))


# -- arrays --------------------------------------------------------------------------------------------


def arrays_of_npz(raw: bytes, where: str) -> dict[str, np.ndarray]:
    """The arrays of an NPZ file, none of them pickled."""
    import numpy as np

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as z:
            if sum(i.file_size for i in z.infolist()) > MAX_BYTES:
                raise BadData(f"{where} unpacks to more than {MAX_BYTES:,} bytes; cut it into parts")
        with np.load(io.BytesIO(raw), allow_pickle=False) as z:
            return {k: z[k] for k in z.files}
    except BadData:
        raise
    except (
        ValueError,
        OSError,
        EOFError,
        KeyError,
        MemoryError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        SyntaxError,
        TypeError,
    ) as e:
        hint = "; it holds pickled objects, which are not read: save plain arrays" if "pickle" in str(e).lower() else ""
        raise BadData(f"{where} is no readable NPZ file ({type(e).__name__}: {str(e)[:100]}){hint}") from e


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
        even = _evenly(times, v, nodes, own, where)
        return Readings(even.values, nodes, own, even.times, graph)
    return Readings(v, nodes, own, None, graph)
