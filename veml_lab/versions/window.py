"""Windows of sensor data as a torch data set, and what a forecasting recipe takes from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..storage.border import public
from .samples import SampleSet, windows
from .sensor_windows import PERIODS, Windows

if TYPE_CHECKING:
    import numpy as np

__all__ = ["PERIODS", "WindowDataset", "Windows", "sensor_facts", "windows"]


@public
class WindowDataset:
    """A map-style torch Dataset of windows; in readings' own units, or scaled.

    Parameters
    ----------
    scaling : (mean, std), optional
        Of :meth:`Windows.scaling` of the training windows; ``x`` and ``y`` come scaled, missing readings as 0.

    Items
    -----
    ``(x, target)``: x float32 (window, nodes, channels); target a dict with ``y`` float32 (horizon, nodes, channels),
    ``mask`` bool of that shape and ``clock`` int64 (window + horizon,), minutes since 1970.
    """

    def __init__(self, version: SampleSet, *, scaling: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        self.windows, self.scaling = windows(version), scaling

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, position: int) -> tuple[Any, dict[str, Any]]:
        import numpy as np
        import torch

        if not -len(self) <= position < len(self):
            raise IndexError(position)
        x, y, mask = self.windows.cut([position])
        if self.scaling is not None:
            mean, std = self.scaling
            x, y = (np.nan_to_num((a - mean) / std, nan=0.0) for a in (x, y))
        clock = self.windows.clock([position])
        return torch.from_numpy(x[0].copy()), {
            "y": torch.from_numpy(y[0].copy()),
            "mask": torch.from_numpy(mask[0]),
            "clock": torch.from_numpy(clock[0]),
        }


def sensor_facts(version: SampleSet) -> dict[str, Any]:
    """What a forecasting recipe takes from its data: sensors, channels, steps, step length."""
    w = windows(version)
    return {
        "channels": list(w.channels),
        "num_nodes": len(w.nodes),
        "sensors": w.sensors,
        "window": w.window,
        "horizon": w.horizon,
        "step_minutes": w.step_minutes,
    }
