"""The sensor sets of table 6, read from their archives: values, mask, graph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from veml_lab.formats.sensors_graph import graph_of_series


@dataclass(frozen=True)
class SensorSet:
    """One array of sensors: values (t, n), True where measured (t, n), weights of the graph (n, n)."""

    values: np.ndarray
    mask: np.ndarray
    graph: np.ndarray
    stride: int
    what: str


def sensor_sets(data: Path) -> dict[str, SensorSet]:
    """METR-LA, Beijing PM2.5, Beijing PM10 and Seoul PM2.5, in the order of the table."""
    return {
        "METR-LA": _metr_la(data / "metr_la"),
        "Beijing PM2.5": _beijing(data / "beijing_multisite", "PM2.5"),
        "Beijing PM10": _beijing(data / "beijing_multisite", "PM10"),
        "Seoul PM2.5": _seoul(data / "seoul_air"),
    }


def _metr_la(folder: Path) -> SensorSet:
    import pandas as pd

    speed = pd.read_csv(folder / "los_speed.csv.gz").to_numpy(np.float32)
    with np.load(folder / "adj_mx.npz") as z:
        graph = z["adj"]
    return SensorSet(speed, np.ones(speed.shape, bool), graph, 1, "speed, every 5 min, one week; road graph of DCRNN")


def _beijing(folder: Path, column: str) -> SensorSet:
    import pandas as pd

    stations = [pd.read_csv(p, usecols=[column])[column].to_numpy(np.float32) for p in sorted(folder.glob("*.csv.gz"))]
    values = np.stack(stations, axis=1)  # (35064, 12)
    # no distances: the coordinates in these files lie between Taiwan and the ocean, are 0 or missing; Seoul has none
    return SensorSet(
        values, np.isfinite(values), graph_of_series(values), 6, f"{column}, hourly, 4 years, a window every 6 h"
    )


def _seoul(folder: Path) -> SensorSet:
    import pandas as pd

    t = pd.read_csv(folder / "seoul_air_daily_2014_2022.csv.gz", usecols=["date", "station", "pm25", "district25"])
    t = t[(t["district25"] == 1) & t["date"].between("2017-01-01", "2019-12-31")]
    values = t.pivot(index="date", columns="station", values="pm25").to_numpy(np.float32)  # (1095, 25)
    return SensorSet(values, np.isfinite(values), graph_of_series(values), 1, "PM2.5, daily, 2017-2019")
