"""Windows of a data version as vectors: the autoencoder of sensor arrays behind the seam of embedders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import BadInput
from ..versions.data import DataVersion
from ..versions.window import Windows, windows
from .sensors import SensorEmbedder, sensor_embedder

if TYPE_CHECKING:
    import numpy as np

# what a lab trains unless asked for more: a minute on two cores for a week of 200 sensors
SMALL = {"hidden": 16, "steps": 200, "batch": 16}


class WindowEmbedder:
    """The autoencoder of one set of sensors; embeds windows of any version of the same sensors and channels."""

    def __init__(self, inner: SensorEmbedder, trained_on: Windows) -> None:
        self.inner, self._sensors, self._channels = inner, trained_on.sensors, trained_on.channels
        self.trained_on = trained_on.name
        self.dim, self.fingerprint = inner.dim, inner.fingerprint
        self._cache: tuple[str, Windows] | None = None

    def embed(self, version: DataVersion, positions: list[int]) -> np.ndarray:
        """Vectors of what is given in the windows at these positions, shape (len(positions), dim), float32."""
        import numpy as np

        if self._cache is None or self._cache[0] != version.id:
            w = windows(version)
            if w.sensors != self._sensors or w.channels != self._channels or w.window != self.inner.recipe.window:
                raise BadInput(
                    f"{version.name!r} has {len(w.nodes)} sensors ({', '.join(w.channels)}, windows of {w.window}), not"
                    f" those of {self.trained_on!r}, on which the autoencoder was trained; compare different sensors by"
                    " similarity, which takes one autoencoder a set"
                )
            self._cache = (version.id, w)
        x, _, _ = self._cache[1].cut(positions)
        known = np.isfinite(x)
        z = np.where(
            known, (x - np.asarray(self.inner.mean, np.float32)) / np.asarray(self.inner.std, np.float32), np.float32(0)
        )
        return self.inner.encode(z.astype(np.float32))

    def __repr__(self) -> str:
        return f"{self.inner!r} of {self.trained_on}"


def window_embedder(
    version: DataVersion,
    *,
    pool: Literal["none", "mean"] = "none",
    folder: str | Path | None = None,
    train: bool = True,
    progress: bool = True,
    **recipe: Any,
) -> WindowEmbedder:
    """Train (or find again) the autoencoder of a data version's windows.

    Readings outside the version's windows are not looked at. Sensors without a graph are each on their own.

    Parameters
    ----------
    folder, pool, train, **recipe
        As of :func:`~veml_lab.embeddings.sensors.sensor_embedder`; the window is the version's own.

    Raises
    ------
    BadInput
        No sensor data, or too few windows.
    """
    import numpy as np

    w = windows(version)
    covered = w.covered()
    first, last = np.flatnonzero(covered)[[0, -1]]
    values = np.asarray(w.values[first : last + 1])
    mask = np.isfinite(values) & covered[first : last + 1, None, None]
    graph = np.eye(len(w.nodes), dtype=np.float32) if w.adjacency is None else np.asarray(w.adjacency)
    inner = sensor_embedder(
        np.where(mask, values, 0),
        graph,
        mask=mask,
        pool=pool,
        folder=folder,
        train=train,
        progress=progress,
        **{**SMALL, **recipe, "window": w.window},
    )
    return WindowEmbedder(inner, w)
