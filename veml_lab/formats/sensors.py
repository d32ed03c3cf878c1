"""Sensor sets: readings over time of sensors on a graph, cut into windows to forecast from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import BadData, BadInput, MissingFile, UnknownName, warn
from ..sources.source import Record, Role, Series, Source
from ..sources.tree import fingerprint
from ..storage.border import public
from .sensors_files import SensorFiles, clock, layout_of, read_layout
from .sensors_tables import Hand

if TYPE_CHECKING:
    import numpy as np

    from .sensors_layouts import Readings

LAYOUTS = ("metr_la", "beijing", "seoul", "hdf5", "npz", "mat", "wide", "long")
# file names that can be nothing else
NAME = re.compile(r"(los_speed|PRSA_Data_.*|seoul_air_daily.*)\.csv(\.gz)?|.*\.(h5|hdf5)|sensors\.npz", re.IGNORECASE)
GRAPHS = ("auto", "file", "series", "none")


@public
def read_sensors(
    path: str | os.PathLike[str],
    *,
    layout: str | None = None,
    channels: str | Sequence[str] | None = None,
    window: int = 12,
    horizon: int = 12,
    stride: int = 1,
    start: str | None = None,
    end: str | None = None,
    nodes: str | Sequence[str] | None = None,
    test: float | str = 0.2,
    adjacency: str | os.PathLike[str] | None = None,
    graph: Literal["auto", "file", "series", "none"] = "auto",
    threshold: float = 0.1,
    missing: float | None = None,
    time: str | None = None,
    node: str | None = None,
    key: str | None = None,
    begins: str | None = None,
    every: str | None = None,
    axes: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    encoding: str = "utf-8",
    day_first: bool | None = None,
) -> Source:
    """Read a sensor set as windows: ``window`` steps that are given, ``horizon`` steps to forecast.

    The readings are kept once; a window only says at which step it starts. O(t n c) memory.

    Parameters
    ----------
    path : path
        A CSV (``.gz`` or not), HDF5, NPZ or MATLAB file, or a folder or archive with one of them beside its graph.
    layout : str, optional
        ``"wide"`` (a column a sensor), ``"long"`` (a row a time and sensor), ``"hdf5"``, ``"npz"``, ``"mat"``, or a
        known set: ``"metr_la"``, ``"beijing"`` (PRSA files), ``"seoul"`` (daily table). Found out if not given.
    channels : str or sequence of str, optional
        What is measured (``"PM2.5,PM10"``); default: all of a long table, PM2.5 of Beijing, pm25 of Seoul.
    window, horizon, stride
        Steps; ``stride`` from one window's start to the next's.
    start, end : str, optional
        ISO times; only steps within them (``end`` included).
    nodes : str or sequence of str, optional
        Names of the sensors to keep, in this order; ``":50"`` or ``"50:"`` are the first 50 and the rest.
        Default: all (the 25 district stations of Seoul).
    test : float or str
        The share of steps at the end that is for testing, or the ISO time at which it begins; 0: no split. A window
        is for training if all its steps lie before, for testing if all its targets lie after; windows whose targets
        straddle the cut are left out.
    adjacency : path, optional
        A file of the graph: a matrix, ``from, to, distance``, or places (see
        :func:`~veml_lab.formats.sensors_graph.graph_of_file`); may be relative to the folder.
    graph
        ``"file"``: it must be there. ``"series"``: join each sensor to the five whose training series correlate most.
        ``"none"``. ``"auto"``: from a file if one is there; from the series for Beijing and Seoul (whose places are
        wrong or missing); else none.
    threshold
        Weights of the Gaussian kernel of distances below this are cut.
    missing : float, optional
        A reading that stands for none (0 for METR-LA and PEMS-BAY).
    time, node : str, optional
        Names of the columns of a table.
    key : str, optional
        The array of an NPZ or MATLAB file, or the frame of an HDF5 file.
    begins, every : str, optional
        ISO time of the first step and the length of a step (``"5min"``) where the file has no times.
    axes : str, optional
        Of a MATLAB array: ``"time,sensors"``, ``"sensors,time"``, ``"sensors,days,slots"`` ... (see
        :func:`~veml_lab.formats.sensors_mat.of_mat`); found out where the file or its graph tells.
    delimiter, decimal, encoding : str, optional
        Of CSV files; found out if not given, asked for where a number could be read either way.
    day_first : bool, optional
        Whether ``03/04/2024`` is in April; found out where the times tell, else asked for.

    Returns
    -------
    Source
        Task ``"forecasting"``, records of the kind ``"window"``; ``series`` has the readings.

    Raises
    ------
    MissingFile, BadData, BadInput, UnknownName
        Nothing there; a damaged file, readings that are no numbers, uneven times; options that fit no window; an
        unknown name of a layout, channel or sensor.

    Source
    ------
    Y. Li et al., Diffusion convolutional recurrent neural network, 2018, section 4 (12 steps in, 12 out, missing
    values, graph by a thresholded Gaussian kernel).
    """
    import numpy as np

    for name, value in (("window", window), ("horizon", horizon), ("stride", stride)):
        if not isinstance(value, int) or value < 1:
            raise BadInput(f"{name} must be a whole number of at least 1, got {value!r}")
    if layout is not None and layout not in LAYOUTS:
        raise UnknownName.of("layout of a sensor set", layout, LAYOUTS)
    if graph not in GRAPHS:
        raise UnknownName.of("graph of a sensor set", graph, GRAPHS)
    wanted, chosen = _names(channels), _names(nodes)
    files = SensorFiles(Path(path))
    layout = layout or layout_of(files)
    hand = Hand(delimiter, decimal, encoding, day_first)
    found = read_layout(files, layout, wanted, time, node, key, axes, hand)
    if found.readings.said:
        warn(f"{path}: {'; '.join(found.readings.said)}")
    r = _timed(found.readings, begins, every, files)
    r = _channels(r, wanted, files)
    r = _span(r, start, end, files)
    r = _sensors(r, chosen, files)
    values = r.values
    gone = found.missing if missing is None else missing
    if gone is not None:
        values = np.where(values == np.float32(gone), np.float32("nan"), values)
    steps, roles = _windows(values, r.times, window, horizon, stride, test, files)
    last_train = max((s for s, role in zip(steps, roles, strict=True) if role != "test"), default=0) + window + horizon
    weights, made = _graph(files, r, values[:last_train], adjacency, graph, threshold, series=found.series_graph)
    times = tuple(np.datetime_as_string(r.times, unit="s").tolist()) if r.times is not None else ()
    series = Series(np.ascontiguousarray(values), r.nodes, r.channels, window, horizon, weights, times)
    options = {
        "layout": layout,
        "channels": wanted,
        "window": window,
        "horizon": horizon,
        "stride": stride,
        "start": start,
        "end": end,
        "nodes": chosen,
        "test": test,
        "adjacency": str(adjacency or ""),
        "graph": graph,
        "threshold": threshold,
        "missing": gone,
        "time": time,
        "node": node,
        "key": key,
        "begins": begins,
        "every": every,
        "axes": axes,
        "hand": astuple(hand),
    }
    share = float(np.isnan(values).mean())
    if layout in ("metr_la", "beijing", "seoul"):
        files.leave(f"no part of the set's layout ({layout})")
    return Source(
        format="sensors",
        root=str(path),
        task="forecasting",
        classes=(),
        records=lambda: _records(series, steps, roles),
        total=len(steps),
        fingerprint=fingerprint("sensors", files.stamp(adjacency), options),
        note=" · ".join(
            x
            for x in (found.note, f"{values.shape[1]} sensors, {', '.join(r.channels)}, {share:.1%} missing", made)
            if x
        ),
        about={"layout": layout, "graph": made},
        unread=files.unread,
        series=series,
    )


# -- choices -------------------------------------------------------------------------------------------


def _names(given: str | Sequence[str] | None) -> list[str] | None:
    if given is None:
        return None
    names = [s.strip() for s in given.split(",")] if isinstance(given, str) else [str(s) for s in given]
    if not names or not all(names) or len(set(names)) != len(names):
        raise BadInput(f"give each name once, none empty: {given!r}")
    return names


def _timed(r: Readings, begins: str | None, every: str | None, files: SensorFiles) -> Readings:
    if begins is None and every is None:
        return r
    if begins is None or every is None:
        raise BadInput("begins and every go together: the time of the first step and the length of a step")
    if r.times is not None:
        raise BadInput(f"{files.root} has times of its own; leave begins and every away")
    return replace(r, times=clock(begins, every, len(r.values)))


def _channels(r: Readings, wanted: list[str] | None, files: SensorFiles) -> Readings:
    if wanted is None or list(r.channels) == wanted:
        return r
    for c in wanted:
        if c not in r.channels:
            raise UnknownName.of(f"channel of {files.root}", c, r.channels)
    return replace(r, values=r.values[:, :, [r.channels.index(c) for c in wanted]], channels=tuple(wanted))


def _instant(text: str, files: SensorFiles) -> np.datetime64:
    import pandas as pd

    try:
        return pd.Timestamp(text).to_datetime64().astype("datetime64[s]")
    except (ValueError, TypeError) as e:
        raise BadInput(f"{text!r} is no time; write for instance 2016-12-31 or 2016-12-31T23:00 ({files.root})") from e


def _span(r: Readings, start: str | None, end: str | None, files: SensorFiles) -> Readings:
    if start is None and end is None:
        return r
    import numpy as np

    if r.times is None:
        raise BadInput(f"{files.root} has no times to cut by; give begins= and every=")
    keep = np.ones(len(r.times), bool)
    if start is not None:
        keep &= r.times >= _instant(start, files)
    if end is not None:
        keep &= r.times <= _instant(end, files)
    if not keep.any():
        raise BadInput(
            f"{files.root} has no readings between {start} and {end}; they go from {r.times[0]} to {r.times[-1]}"
        )
    return replace(r, values=r.values[keep], times=r.times[keep])


def _sensors(r: Readings, chosen: list[str] | None, files: SensorFiles) -> Readings:
    if chosen is None:
        return r
    import numpy as np

    if len(chosen) == 1 and (m := re.fullmatch(r"(\d*):(\d*)", chosen[0])):
        at = list(range(len(r.nodes)))[slice(*(int(g) if g else None for g in m.groups()))]
        if not at:
            raise BadInput(f"nodes={chosen[0]!r} leaves none of the {len(r.nodes)} sensors of {files.root}")
    else:
        index = {n: i for i, n in enumerate(r.nodes)}
        for n in chosen:
            if n not in index:
                raise UnknownName.of(f"sensor of {files.root}", n, r.nodes)
        at = [index[n] for n in chosen]
    graph = r.adjacency
    if graph is not None and np.shape(graph) == (len(r.nodes), len(r.nodes)):
        graph = np.asarray(graph)[np.ix_(at, at)]
    return replace(r, values=r.values[:, at], nodes=tuple(r.nodes[i] for i in at), adjacency=graph)


def _windows(
    values: np.ndarray,
    times: np.ndarray | None,
    window: int,
    horizon: int,
    stride: int,
    test: float | str,
    files: SensorFiles,
) -> tuple[list[int], list[Role]]:
    """Steps at which windows start and their roles; a window without any reading to forecast is left out."""
    import numpy as np

    n, length = len(values), window + horizon
    if n < length:
        raise BadInput(f"{files.root} has {n:,} steps; a window of {window} and a horizon of {horizon} take {length}")
    if isinstance(test, str) and not re.fullmatch(r"[\d.]+", test):
        if times is None:
            raise BadInput(f"{files.root} has no times; give test= as a share")
        cut = int(np.searchsorted(times, _instant(test, files)))
    else:
        share = float(test)
        if not 0 <= share < 1:
            raise BadInput(
                f"test must be a share from 0 to below 1, or the time at which the test data begins; got {test!r}"
            )
        cut = n - round(share * n)
    steps = np.arange(0, n - length + 1, stride)
    known = np.concatenate([[0], np.cumsum(np.isfinite(values).any(axis=(1, 2)))])
    steps = steps[known[steps + length] > known[steps + window]]
    if cut >= n:  # nothing is for testing
        role_of = np.where(steps >= 0, "", "")
    else:
        role_of = np.where(steps + length <= cut, "train", np.where(steps + window >= cut, "test", "between"))
        steps, role_of = steps[role_of != "between"], role_of[role_of != "between"]
    if not len(steps):
        raise BadData(f"{files.root} gives no window: nothing was measured in any of its horizons")
    return steps.tolist(), role_of.tolist()


def _graph(
    files: SensorFiles,
    r: Readings,
    training: np.ndarray,
    adjacency: str | os.PathLike[str] | None,
    graph: str,
    threshold: float,
    *,
    series: bool,
) -> tuple[np.ndarray | None, str]:
    """The adjacency and, in words, where it is from."""
    from .sensors_graph import as_adjacency, graph_of_file, graph_of_series

    if graph == "none":
        return None, "no graph"
    if adjacency is not None or graph != "series":
        if adjacency is not None:
            inside = [n for n in files.names if n == str(adjacency)]
            path = Path(adjacency)
            if not inside and not path.is_file():
                raise MissingFile(f"there is no file {str(adjacency)!r} of a graph, neither here nor in {files.root}")
            raw = files.read(inside[0]) if inside else path.read_bytes()
            return graph_of_file(raw, str(adjacency), r.nodes, threshold=threshold), f"graph of {path.name}"
        if r.adjacency is not None:
            return as_adjacency(r.adjacency, len(r.nodes)), "graph of the file"
        beside = files.graphs()
        if beside:
            return (
                graph_of_file(files.read(beside[0]), files.where(beside[0]), r.nodes, threshold=threshold),
                f"graph of {beside[0]}",
            )
        if graph == "file":
            raise MissingFile(
                f"{files.root} has no graph (adj*.npz, adj*.mat, *distance*.csv, *location*.csv); give adjacency=, or"
                " graph='series'"
            )
    if graph == "series" or series:
        return graph_of_series(training[:, :, 0]), "graph of the training series' correlation"
    return None, "no graph"


def _records(series: Series, steps: list[int], roles: list[Role]) -> Iterator[Record]:
    """One record a window; ``time`` is that of the first step to forecast."""
    import datetime as dt

    for s, role in zip(steps, roles, strict=True):
        columns: dict[str, Any] = {}
        if series.times:
            said = series.times[s + series.window]  # to the second, as isoformat() says it
            t = dt.datetime.fromisoformat(said)
            columns = {"time": said, "hour": t.hour, "weekday": t.weekday()}
        yield Record(f"window-{s:07d}", b"", 0, 0, role, columns=columns, kind="window", step=s)


@public
def write_sensors(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a sensor set as ``sensors.npz`` in a new folder; :func:`read_sensors` gives the same series back.

    Windows and roles are not part of the file: say ``window``, ``horizon``, ``stride`` and ``test`` again on reading.

    Parameters
    ----------
    lossy : bool
        Of no effect, taken because every writer takes it: a series is written whole or refused.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has no series.
    """
    import numpy as np

    from ..sources.writing import new_folder

    s = source.series
    if s is None:
        raise BadInput(
            f"{source!r} has no sensor readings; its task is {source.task}. Write it as coco, voc, yolo or with"
            " write_image_folder"
        )
    arrays: dict[str, Any] = {"values": s.values, "nodes": np.array(s.nodes), "channels": np.array(s.channels)}
    if s.adjacency is not None:
        arrays["adjacency"] = s.adjacency
    if s.times:
        arrays["times"] = np.array(s.times, dtype="datetime64[s]")
    with new_folder(path) as folder:
        np.savez_compressed(folder / "sensors.npz", **arrays)
