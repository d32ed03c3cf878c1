"""Sensor readings in MATLAB files: tensors sensors x days x slots, matrices over time and sensors, with their graph.

Files of MATLAB 5 to 7 are read by scipy, those of 7.3 (HDF5) by h5py. Objects, functions and Java classes in them are
not read.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._optional import need
from ..errors import BadData, BadInput, UnknownName
from .sensors_layouts import MAX_BYTES, VALUE_NAMES, Readings, of_arrays

if TYPE_CHECKING:
    import numpy as np

AXES = ("time,sensors", "sensors,time", "sensors,days,slots", "time,sensors,channels", "sensors,time,channels")
GRAPH_NAMES = ("adjacency", "adj", "adj_mx", "weights", "a", "w")
# Slots of a day of 1 hour down to 1 minute; what has another length is no day.
_SLOTS = (24, 48, 72, 96, 144, 240, 288, 480, 720, 1440)
_V73 = b"\x89HDF\r\n\x1a\n"


def arrays_of_mat(raw: bytes, where: str) -> dict[str, np.ndarray]:
    """The arrays of numbers and the lists of texts of a MATLAB file, with MATLAB's order of axes.

    Raises
    ------
    BadData
        If it is damaged, or says that it unpacks to more than 4 GiB.
    MissingExtra
        For version 7.3 without h5py.
    """
    return _of_hdf5(raw, where) if _V73 in raw[:1024] else _of_scipy(raw, where)


def readings_in(raw: bytes) -> str:
    """In words, the array of a MATLAB file that may be readings: of two or three axes, no square; ``""`` for none.

    Only the heads are read; of version 7.3 no more than that it is one.
    """
    from scipy import io as files

    if _V73 in raw[:1024]:
        return "arrays of MATLAB 7.3"
    try:
        listed = files.whosmat(io.BytesIO(raw))
    except Exception:  # what is no MATLAB file is read by somebody else, or refused there
        return ""
    for name, shape, kind in listed:
        long = [s for s in shape if s > 1]
        number = kind in ("double", "single") or kind.startswith(("int", "uint"))
        if number and len(shape) in (2, 3) and len(long) > 1 and max(long) >= 24 and len(set(long)) > 1:
            return f"an array {name!r} of {' x '.join(map(str, shape))}"
    return ""


def _of_scipy(raw: bytes, where: str) -> dict[str, np.ndarray]:
    import numpy as np
    from scipy import io as files

    try:
        listed = files.whosmat(io.BytesIO(raw))
        # a name that is short and a number that is long: what it unpacks to is known before it is unpacked
        if sum(int(np.prod(shape, dtype=object)) * 8 for _, shape, _ in listed) > MAX_BYTES:
            raise BadData(f"{where} unpacks to more than {MAX_BYTES:,} bytes; cut it into parts")
        wanted = [n for n, _, kind in listed if kind not in ("function", "object", "opaque", "struct", "unknown")]
        found = files.loadmat(io.BytesIO(raw), variable_names=wanted, chars_as_strings=True)
    except BadData:
        raise
    # scipy raises whatever a damaged file makes it stumble over
    except Exception as e:
        raise BadData(f"{where} is no readable MATLAB file ({type(e).__name__}: {str(e)[:100]}); save it again") from e
    return {n: a for n in wanted if (a := _plain(found.get(n))) is not None}


def _plain(value: Any) -> np.ndarray | None:
    """An array of numbers or texts; a sparse one filled, a cell array of texts as these."""
    import numpy as np
    from scipy.sparse import issparse

    if issparse(value):
        if value.shape[0] * value.shape[1] * 8 > MAX_BYTES:
            return None
        value = value.toarray()
    a = np.asarray(value)
    if a.dtype.kind in "fiub":
        return a
    if a.dtype.kind == "U":
        return np.char.strip(a)
    if a.dtype.kind == "O" and all(isinstance(c, np.ndarray) and c.size == 1 for c in a.ravel()):
        return np.array([str(c.ravel()[0]) for c in a.ravel()])
    return None


def _of_hdf5(raw: bytes, where: str) -> dict[str, np.ndarray]:
    h5py = need("h5py", extra="sensors", why="MATLAB files of version 7.3")
    from .sensors_hdf5 import array_of, member_of

    try:
        with h5py.File(io.BytesIO(raw), "r") as f:
            out = {}
            for name in f:
                if name.startswith("#"):  # what cells point to
                    continue
                d = member_of(f, name, h5py, where)
                if isinstance(d, h5py.Dataset) and d.dtype.kind in "fiub" and d.attrs.get("MATLAB_class") != b"char":
                    out[name] = array_of(d, where).T  # MATLAB counts columns first
            return out
    except (BadData, BadInput):
        raise
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, MemoryError, OverflowError, AttributeError) as e:
        raise BadData(f"{where} is no readable MATLAB file ({type(e).__name__}: {str(e)[:100]}); save it again") from e


def of_mat(
    raw: bytes,
    where: str,
    *,
    key: str | None = None,
    axes: str | None = None,
    channels: Sequence[str] | None = None,
    sensors: int | None = None,
) -> Readings:
    """Readings of a MATLAB file.

    Parameters
    ----------
    key : str, optional
        The array of the readings; found out where one alone can be it.
    axes : str, optional
        What its axes are, one of ``AXES``. Found out if not given: the axis as long as the graph is that of the
        sensors; an array of three axes whose last is as long as a day has slots is sensors, days, slots; of a matrix
        the longer axis is the time.
    sensors : int, optional
        How many there are, where a graph beside the file says it.
    """
    import numpy as np

    if axes is not None and axes.replace(" ", "") not in AXES:
        raise UnknownName.of("order of axes", axes, AXES)
    found = arrays_of_mat(raw, where)
    numbers = {n: a for n, a in found.items() if a.dtype.kind in "fiub" and sum(s > 1 for s in a.shape) >= 2}
    graph_key = next((n for n in numbers if n.lower() in GRAPH_NAMES and _square(numbers[n])), None)
    graph = numbers.pop(graph_key) if graph_key is not None and graph_key != key else None
    if sensors is None and graph is not None:
        sensors = len(graph)
    key = _key(found, numbers, key, where)
    values = np.asarray(found[key])
    axes, said = (axes.replace(" ", ""), "") if axes else _axes(values.shape, sensors, key, where)
    arrays: dict[str, Any] = {**found, key: _in_order(values, axes, key, where)}
    if graph is not None:
        arrays["adjacency"] = graph
    arrays.pop(graph_key if graph_key is not None and graph_key not in (key, "adjacency") else "", None)
    r = of_arrays(arrays, where, key=key, channels=channels)
    told = [said] if said else []
    zeros = float((r.values == 0).mean())
    if 0 < zeros < 0.5 and axes == "sensors,days,slots":
        told.append(f"{zeros:.1%} of the readings are 0; say missing=0 if that stands for none")
    return Readings(r.values, r.nodes, r.channels, r.times, r.adjacency, (*r.said, *told))


def _square(a: np.ndarray) -> bool:
    return a.ndim == 2 and a.shape[0] == a.shape[1]


def _key(found: dict[str, Any], numbers: dict[str, Any], key: str | None, where: str) -> str:
    if key is not None:
        if key not in found:
            raise UnknownName.of(f"array of {where}", key, found)
        return key
    by_name = {n.lower(): n for n in numbers}
    known = [by_name[n] for n in (*VALUE_NAMES, "tensor", "readings", "traffic") if n in by_name]
    if known or len(numbers) == 1:
        return known[0] if known else next(iter(numbers))
    shapes = ", ".join(f"{n} {' x '.join(map(str, a.shape))}" for n, a in found.items())
    raise BadInput(f"{where} holds {shapes or 'no arrays of numbers'}; say which are the readings: key=")


def _axes(shape: tuple[int, ...], sensors: int | None, key: str, where: str) -> tuple[str, str]:
    """What the axes are, and how that is said."""
    size = " x ".join(map(str, shape))
    at = [i for i, s in enumerate(shape) if s == sensors]
    if len(shape) == 2:
        if len(at) == 1:
            return ("sensors,time", "time,sensors")[at[0]], ""
        if max(shape) >= 2 * min(shape):
            axes = "time,sensors" if shape[0] > shape[1] else "sensors,time"
            return axes, f"{key!r} is {size}; the longer axis is taken as the time (axes= says otherwise)"
    if len(shape) == 3:
        day = shape[2] in _SLOTS and shape[1] not in _SLOTS
        if (at == [0] and shape[2] in _SLOTS) or (day and not at):
            return "sensors,days,slots", f"{key!r} is {size}: sensors, days and slots of a day"
        if len(at) == 1 and at[0] < 2:
            return ("sensors,time,channels", "time,sensors,channels")[at[0]], ""
    raise BadInput(
        f"{key!r} of {where} is {size}, and nothing tells what its axes are; say axes=, one of"
        f" {'; '.join(AXES)} (for instance axes='sensors,days,slots')"
    )


def _in_order(values: np.ndarray, axes: str, key: str, where: str) -> np.ndarray:
    """The array as (time, sensors) or (time, sensors, channels)."""
    if values.ndim != axes.count(",") + 1:
        shape = " x ".join(map(str, values.shape))
        raise BadInput(f"axes={axes!r} names {axes.count(',') + 1} axes; {key!r} of {where} is {shape}")
    if axes == "sensors,days,slots":
        return values.reshape(len(values), -1).T
    return values.swapaxes(0, 1) if axes.startswith("sensors") else values
