"""The files of a sensor set: found by name, read by the layout that they have."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput, MissingFile, UnknownName
from ..sources.leftover import Leftover
from ..sources.opening import open_tree
from ..sources.tree import ARCHIVE_ENDINGS
from ..sources.unread import unread_of

if TYPE_CHECKING:
    import numpy as np

    from .sensors_layouts import Readings
    from .sensors_tables import Hand

_GRAPH_FILE = re.compile(r"(adj(?!ust)|graph|distance|location|place|metadata)", re.IGNORECASE)
_TABLE = (".csv", ".csv.gz")
# T-GCN's week of METR-LA has no times; it is the first of the whole set, which begins here (the readings are the same)
METR_LA_BEGINS, METR_LA_EVERY = "2012-03-01T00:00", "5min"
_MAT, _READINGS = r".*\.mat", r"(tensor|readings|values|speed|flow|traffic|data)\.mat"
_BEIJING, _SEOUL, _LOS = r"PRSA_Data_.*\.csv(\.gz)?", r"seoul_air_daily.*\.csv(\.gz)?", r"los_speed\.csv(\.gz)?"


@dataclass(frozen=True)
class Found:
    """What a layout gives, with what it knows of itself."""

    readings: Readings
    missing: float | None = None  # a reading that stands for none
    series_graph: bool = False  # places are not usable: the graph comes from the series
    note: str = ""


class SensorFiles:
    """The bytes of a file, a folder or an archive, by name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        if not root.exists():
            raise MissingFile(f"there is no file or folder {str(root)!r}; check the path")
        self._tree = open_tree(root) if root.is_dir() or root.name.lower().endswith(ARCHIVE_ENDINGS) else None
        self.names = self._tree.names() if self._tree else (root.name,)

    def read(self, name: str) -> bytes:
        if self._tree is not None:
            return self._tree.read(name)
        try:
            return self.root.read_bytes()
        except OSError as e:
            raise BadData(f"{self.root} cannot be read: {e.strerror or e}") from e

    def where(self, name: str) -> str:
        return self._tree.where(name) if self._tree else str(self.root)

    def named(self, *patterns: str) -> list[str]:
        """Names whose last part matches one of the patterns."""
        return [n for n in self.names if any(re.fullmatch(p, n.split("/")[-1], re.IGNORECASE) for p in patterns)]

    def graphs(self) -> list[str]:
        """Names of files that may be the graph, the surest first; none where there is one file alone."""
        patterns = (
            r"(.*[._-])?adj(?!ust).*\.(npz|mat|csv(\.gz)?)", r".*distance.*\.csv(\.gz)?", r".*location.*\.csv(\.gz)?"
        )  # fmt: skip
        return [n for p in patterns for n in self.named(p)] if len(self.names) > 1 else []

    def leave(self, why: str) -> None:
        """Note that what was not opened is known, and why it is not read."""
        if self._tree is not None:
            self._tree.leave(self._tree.unread(), why)

    def unread(self) -> list[Leftover]:
        """Files of a folder or archive that were not opened."""
        if self._tree is None:
            return []
        odd = self._tree.odd
        said = [Leftover("links and the like", tuple(odd), next(iter(odd.values())))] if odd else []
        return [*unread_of(self._tree, arrays=True), *said]

    def one(self, names: list[str], what: str) -> str:
        if len(names) != 1:
            raise BadInput(
                f"{self.root} holds {len(names)} files of {what} ({', '.join(names[:6])}); name the file itself"
            )
        return names[0]

    def stamp(self, beside: str | os.PathLike[str] | None) -> list[Any]:
        if self._tree is not None:
            stamp = self._tree.stamp()
        else:
            s = self.root.stat()
            stamp = [[self.root.name, s.st_size, s.st_mtime_ns]]
        if beside is not None and Path(beside).is_file():
            s = Path(beside).stat()
            stamp = [*stamp, [str(beside), s.st_size, s.st_mtime_ns]]
        return stamp


def layout_of(files: SensorFiles) -> str:
    for layout, pattern in (("beijing", _BEIJING), ("seoul", _SEOUL), ("metr_la", _LOS)):
        if files.named(pattern):
            return layout
    if files.named(r".*\.(h5|hdf5|hdf)"):
        return "hdf5"
    if [n for n in files.named(_MAT) if not _GRAPH_FILE.search(n.split("/")[-1])]:
        return "mat"
    tables = [n for n in files.names if n.lower().endswith(_TABLE) and not _GRAPH_FILE.search(n.split("/")[-1])]
    if not tables and files.named(r".*\.npz"):
        return "npz"
    if not tables:
        raise BadInput(
            f"{files.root} holds no readings; sensor sets come as {', '.join((*_TABLE, '.h5', '.npz', '.mat'))}, this"
            f" has {', '.join(files.names[:6])}"
        )
    return "table"


def read_layout(
    files: SensorFiles,
    layout: str,
    channels: list[str] | None,
    time: str | None,
    node: str | None,
    key: str | None,
    axes: str | None,
    hand: Hand,
) -> Found:
    from . import sensors_layouts as layouts
    from . import sensors_tables as tables

    if layout == "beijing":
        return _beijing(files, channels)
    if layout == "seoul":
        name = files.one(files.named(_SEOUL), "Seoul's daily table")
        frame = tables.frame_of_csv(files.read(name), files.where(name))
        if not {"date", "station", "district25"} <= set(frame.columns):
            raise BadData(f"{files.where(name)} has no columns date, station and district25; it is not the Seoul table")
        flagged = frame[frame["district25"] == 1].drop(columns="district25")
        r = tables.of_long(flagged, files.where(name), "date", "station", channels or ["pm25"])
        return Found(r, series_graph=True, note="Seoul, 25 district stations, daily")
    if layout == "metr_la":
        name = files.one(files.named(_LOS), "METR-LA speeds")
        r = tables.of_csv(files.read(name), files.where(name), channels=["speed"], long=False)
        times = clock(METR_LA_BEGINS, METR_LA_EVERY, len(r.values))
        return Found(replace(r, times=times), missing=0.0, note="METR-LA, one week, 5 min, mph")
    if layout in ("hdf5", "npz"):
        plain = [n for n in files.named(r".*\.(h5|hdf5|hdf)" if layout == "hdf5" else r".*\.npz")]
        name = files.one([n for n in plain if not _GRAPH_FILE.search(n.split("/")[-1])] or plain, "readings")
        known = re.match(r"(metr|pems)", name.split("/")[-1], re.IGNORECASE) is not None
        if layout == "npz":
            r = layouts.of_arrays(
                layouts.arrays_of_npz(files.read(name), files.where(name)),
                files.where(name),
                key=key,
                channels=channels,
            )
        else:
            from .sensors_hdf5 import of_hdf5

            r = of_hdf5(
                files.read(name),
                files.where(name),
                key=key,
                channels=tuple(channels or ("speed",) if known else ()) or None,
            )
        return Found(r, missing=0.0 if known and layout == "hdf5" else None)
    if layout == "mat":
        return _mat(files, channels, key, axes)
    plain = [n for n in files.names if n.lower().endswith(_TABLE)]
    name = files.one([n for n in plain if not _GRAPH_FILE.search(n.split("/")[-1])] or plain, "readings")
    long = {"wide": False, "long": True}.get(layout)
    return Found(
        tables.of_csv(
            files.read(name), files.where(name), channels=channels, time=time, node=node, long=long, hand=hand
        )
    )


def _mat(files: SensorFiles, channels: list[str] | None, key: str | None, axes: str | None) -> Found:
    """A MATLAB file of readings; a graph beside it tells how many sensors there are, and so which axis is theirs."""
    from .sensors_graph import size_of_graph
    from .sensors_mat import of_mat

    found = files.named(_MAT)
    readings = [n for n in found if not _GRAPH_FILE.search(n.split("/")[-1])] or found
    plainly = [n for n in readings if re.fullmatch(_READINGS, n.split("/")[-1], re.IGNORECASE)]
    if len(readings) > 1 and plainly:  # beside it may be random_tensor.mat and the like, which are no readings
        readings = plainly
    name = files.one(readings, "readings")
    graphs = files.graphs()
    n = size_of_graph(files.read(graphs[0]), files.where(graphs[0])) if graphs else None
    return Found(of_mat(files.read(name), files.where(name), key=key, axes=axes, channels=channels, sensors=n))


def _beijing(files: SensorFiles, channels: list[str] | None) -> Found:
    import pandas as pd

    from .sensors_layouts import BEIJING_NOT
    from .sensors_tables import frame_of_csv, of_long

    names = files.named(_BEIJING)
    if not names:
        raise BadInput(f"{files.root} holds no PRSA_Data_*.csv; is it the Beijing set?")
    wanted = channels or ["PM2.5"]
    parts = []
    for name in names:
        t = frame_of_csv(files.read(name), files.where(name))
        lost = [c for c in ("year", "month", "day", "hour", "station") if c not in t.columns]
        if lost:
            raise BadData(f"{files.where(name)} has no column {', '.join(lost)}; it is no file of the Beijing set")
        for c in wanted:
            if c not in t.columns:
                raise UnknownName.of(
                    f"channel of {files.where(name)}", c, [c for c in t.columns if c not in BEIJING_NOT]
                )
        try:
            t["time"] = pd.to_datetime(t[["year", "month", "day", "hour"]])
        except (ValueError, TypeError, OverflowError) as e:
            raise BadData(
                f"{files.where(name)} has a row whose year, month, day and hour are no time: {str(e)[:80]}"
            ) from e
        parts.append(t[["time", "station", *wanted]])
    r = of_long(pd.concat(parts, ignore_index=True), str(files.root), "time", "station", wanted)
    return Found(r, series_graph=True, note="Beijing, hourly")


def clock(begins: str, every: str, n: int) -> np.ndarray:
    import numpy as np
    import pandas as pd

    try:
        first, step = (
            pd.Timestamp(begins).to_datetime64().astype("datetime64[s]"),
            pd.Timedelta(every).to_timedelta64().astype("timedelta64[s]"),
        )
    except ValueError as e:
        raise BadInput(f"begins={begins!r} must be an ISO time and every={every!r} a length such as 5min: {e}") from e
    if step <= np.timedelta64(0, "s"):
        raise BadInput(f"a step of {every!r} is shorter than a second; give every=, for instance 5min")
    return first + np.arange(n) * step
