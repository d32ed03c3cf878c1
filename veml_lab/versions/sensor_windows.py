"""Windows of sensor data: cut lazily out of the memory-mapped series that a data version was imported with."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, DamagedLab
from .series import read_array
from .store import key_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

PERIODS = {"day": 1440, "week": 10080, "year": 525960}  # minutes, by which readings come again; a year of 365.25 days


class Windows:
    """The windows of a data version, in ID order; nothing is read before it is asked for.

    Small enough to be sent to the worker processes of a DataLoader: the series itself is not sent but mapped again.

    Attributes
    ----------
    steps : int64 array, shape (n,)
        Step of the series at which each window starts.
    window, horizon : int
        Steps that are given, and steps after them to forecast.
    nodes, channels : tuple of str
        Names, in the order of the axes.
    """

    def __init__(self, folder: Path, series: Mapping[str, Any], steps: np.ndarray, name: str) -> None:
        self.folder, self.name, self.steps = folder, name, steps
        self._series = dict(series)
        self.window, self.horizon = int(series["window"]), int(series["horizon"])
        self.nodes, self.channels = tuple(series["nodes"]), tuple(series["channels"])

    def __len__(self) -> int:
        return len(self.steps)

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in ("values", "adjacency", "minutes")}

    @functools.cached_property
    def values(self) -> np.ndarray:
        """All readings, float32 (steps, nodes, channels), NaN where nothing was measured; memory-mapped."""
        v = read_array(self.folder, self._series["values"])
        if len(self.steps) and int(self.steps.max()) + self.window + self.horizon > len(v):
            raise DamagedLab(
                f"{self.name!r} has a window that ends behind its series of {len(v):,} steps; restore the lab from a"
                " backup"
            )
        return v

    @functools.cached_property
    def adjacency(self) -> np.ndarray | None:
        """Weights of the sensor graph, float32 (nodes, nodes), or None."""
        blob = self._series["adjacency"]
        return None if blob is None else read_array(self.folder, blob)

    @functools.cached_property
    def minutes(self) -> np.ndarray | None:
        """Minutes since 1970 of every step, int64, or None where the series has no times."""
        import numpy as np

        blob = self._series["times"]
        return None if blob is None else read_array(self.folder, blob).astype("datetime64[m]").astype(np.int64)

    @property
    def sensors(self) -> str:
        """A short key of the sensors' names in their order."""
        return key_of("sensors", list(self.nodes))[:12]

    @functools.cached_property
    def step_minutes(self) -> int:
        """Length of a step in minutes; 0 where the series has no times."""
        return 0 if self.minutes is None or len(self.minutes) < 2 else int(self.minutes[1] - self.minutes[0])

    def cut(self, positions: ArrayLike | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Windows at these positions (default: all): what is given, what is to be forecast, and where it was measured.

        Returns
        -------
        x : float32 (m, window, nodes, channels), NaN where nothing was measured
        y : float32 (m, horizon, nodes, channels), likewise
        mask : bool, shape of y, True where there is a reading
        """
        import numpy as np

        at = self.steps if positions is None else self.steps[np.asarray(positions, dtype=np.int64)]
        rows = at[:, None] + np.arange(self.window + self.horizon)
        both = np.asarray(self.values)[rows]  # (m, window + horizon, nodes, channels)
        x, y = both[:, : self.window], both[:, self.window :]
        return x, y, np.isfinite(y)

    def clock(self, positions: ArrayLike | None = None) -> np.ndarray:
        """Minutes since 1970 of every step of these windows, int64 (m, window + horizon); 0 where there are no
        times."""
        import numpy as np

        at = self.steps if positions is None else self.steps[np.asarray(positions, dtype=np.int64)]
        rows = at[:, None] + np.arange(self.window + self.horizon)
        return np.zeros(rows.shape, np.int64) if self.minutes is None else self.minutes[rows]

    def covered(self) -> np.ndarray:
        """Which steps of the series lie in any of these windows, bool (steps,)."""
        import numpy as np

        edge = np.zeros(len(self.values) + 1, np.int64)
        np.add.at(edge, self.steps, 1)
        np.add.at(edge, self.steps + self.window + self.horizon, -1)
        return np.cumsum(edge)[:-1] > 0

    def apart(self) -> np.ndarray:
        """Positions of windows whose given steps do not overlap, as many as there can be, int64.

        What is a sample to a statistical test: neighbouring windows share all but a step.
        """
        import numpy as np

        kept, free = [], -1
        for p in np.argsort(self.steps, kind="stable").tolist():
            if self.steps[p] >= free:
                kept.append(p)
                free = int(self.steps[p]) + self.window
        return np.array(sorted(kept), dtype=np.int64)

    def scaling(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of each channel over the readings of these windows, float32 (channels,).

        Each reading counts once, however many windows it is in. Fit it on training windows and keep it with
        the model: test data is scaled by what training knew.
        """
        import numpy as np

        v = np.asarray(self.values)[self.covered()].astype(np.float64)
        known = np.isfinite(v)
        seen = known.sum(axis=(0, 1))
        if (seen == 0).any():
            raise BadData(
                f"the channel {self.channels[int(seen.argmin())]!r} was never measured in the windows of {self.name!r}"
            )
        mean = np.where(known, v, 0).sum(axis=(0, 1)) / seen
        std = np.sqrt(np.where(known, (v - mean) ** 2, 0).sum(axis=(0, 1)) / seen)
        return mean.astype(np.float32), np.where(std > 0, std, 1).astype(np.float32)

    def __repr__(self) -> str:
        return (
            f"<{len(self):,} windows of {self.name!r}: {self.window} + {self.horizon} steps, {len(self.nodes)} sensors,"
            f" {', '.join(self.channels)}>"
        )


def picture(w: Windows, position: int) -> bytes:
    """A PNG of a window, to be looked at: a row a sensor, a column a step, the first channel; missing readings are
    grey.

    Colours run from the 2nd to the 98th hundredth of the whole series, so that windows of a version can be compared.
    """
    import numpy as np
    from PIL import Image

    first = np.asarray(w.values[:, :, 0])
    low, high = np.nanpercentile(first, [2, 98])
    s = int(w.steps[position])
    v = first[s : s + w.window + w.horizon].T  # (nodes, steps)
    share = ((v - low) / max(high - low, 1e-9)).clip(0, 1)
    stops = np.array([[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]], float)  # viridis
    rgb = np.stack([np.interp(np.nan_to_num(share), np.linspace(0, 1, 5), stops[:, c]) for c in range(3)], axis=-1)
    rgb[~np.isfinite(v)] = 128
    rgb[:, w.window - 1] *= 0.6  # a shade where the forecast begins
    out = io.BytesIO()
    Image.fromarray(rgb.round().astype(np.uint8)).save(out, "PNG")
    return out.getvalue()
