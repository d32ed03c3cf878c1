"""Sensor readings in HDF5: plain arrays, and pandas' fixed layout (METR-LA, PEMS-BAY) without pytables."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from .._optional import need
from ..errors import BadData, BadInput
from .sensors_layouts import MAX_BYTES, Readings, of_arrays

if TYPE_CHECKING:
    import numpy as np


def of_hdf5(raw: bytes, where: str, *, key: str | None = None, channels: tuple[str, ...] | None = None) -> Readings:
    """Readings of an HDF5 file.

    A file written by ``DataFrame.to_hdf(format="fixed")`` has a group with ``axis0`` (sensors), ``axis1``
    (times) and ``block*_values``; that is METR-LA's and PEMS-BAY's layout and is read as it stands. pandas'
    ``table`` format keeps its column names pickled and is refused. Else the file holds plain arrays named as
    in an NPZ. Links to other files, virtual and external storage are not followed: a data set must not read
    another file of the machine.
    """
    h5py = need("h5py", extra="sensors", why="HDF5 files of sensor readings")
    try:
        with h5py.File(io.BytesIO(raw), "r") as f:
            groups = {k: member_of(f, k, h5py, where) for k in f}
            frames = {
                k: g
                for k, g in groups.items()
                if isinstance(g, h5py.Group) and ("axis0" in g or "table" in g or "block0_values" in g)
            }
            if frames and (key is None or key in frames):
                if key is None and len(frames) > 1:
                    raise BadInput(f"{where} holds the frames {', '.join(frames)}; say which: key=")
                return _frame(frames[key or next(iter(frames))], h5py, where, channels)
            arrays = {k: array_of(d, where) for k, d in groups.items() if isinstance(d, h5py.Dataset)}
    except (BadData, BadInput):
        raise
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, MemoryError, OverflowError, AttributeError) as e:
        raise BadData(f"{where} is no readable HDF5 file ({type(e).__name__}: {str(e)[:100]}); fetch it again") from e
    return of_arrays(arrays, where, key=key, channels=channels)


def member_of(group: Any, name: str, h5py: Any, where: str) -> Any:
    """What a group has by a name, if it lies in the same file."""
    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise BadData(f"{where} has {name!r} as a link to elsewhere; copy the data into the file")
    return group[name]


def array_of(d: Any, where: str) -> np.ndarray:
    """An array that lies in the file and is not too large."""
    if d.external or d.is_virtual:
        raise BadData(f"{where} keeps {d.name!r} in another file; copy the data into the file")
    size = d.dtype.itemsize
    for n in d.shape:
        size *= n
    if size > MAX_BYTES:
        raise BadData(f"{d.name!r} of {where} says that it is {size:,} bytes; at most {MAX_BYTES:,} are read")
    return d[()]


def _frame(group: Any, h5py: Any, where: str, channels: tuple[str, ...] | None) -> Readings:
    import numpy as np

    if "table" in group:
        raise BadData(
            f"{where} is in pandas' table format, whose column names are pickled and not read; save it with "
            'to_hdf(..., format="fixed"), as CSV or as NPZ'
        )
    parts = {k: array_of(member_of(group, k, h5py, where), where) for k in group}
    if not {"axis0", "axis1"} <= set(parts):
        raise BadData(f"{where}:{group.name} is no pandas frame: it has {', '.join(parts)}, no axis0 and axis1")
    nodes, index = [_text(x) for x in np.ravel(parts["axis0"]).tolist()], np.ravel(parts["axis1"])
    values = np.full((len(index), len(nodes)), np.nan, np.float32)
    at = {n: i for i, n in enumerate(nodes)}
    if len(at) != len(nodes):
        raise BadData(f"{where} has two columns of one name")
    for k in sorted(p for p in parts if p.startswith("block") and p.endswith("_values")):
        items = [_text(x) for x in np.ravel(parts[k.replace("_values", "_items")]).tolist()]
        block = parts[k]
        if block.shape != (len(index), len(items)) or block.dtype.kind not in "fiu" or not set(items) <= set(at):
            raise BadData(
                f"{where}: {k} has the shape {block.shape} of {block.dtype}; ({len(index)}, {len(items)}) numbers"
                " were due"
            )
        values[:, [at[i] for i in items]] = block
    kind = _text(group["axis1"].attrs.get("kind", b""))
    arrays: dict[str, Any] = {"values": values, "nodes": np.array(nodes)}
    if kind.startswith("datetime64") or (index.dtype.kind == "i" and len(index) and abs(int(index[0])) > 10**15):
        unit = kind[len("datetime64[") : -1] if kind.startswith("datetime64[") else "ns"
        if unit not in ("ns", "us", "ms", "s"):
            raise BadData(f"{where} keeps its times as {kind}; known are datetime64 in s, ms, us and ns")
        arrays["times"] = index.astype(np.int64).view(f"datetime64[{unit}]")
    return of_arrays(arrays, where, channels=channels)


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
