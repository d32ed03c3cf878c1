"""A small sensor world with a known law: what one sensor shows now, the next one downstream shows a step later."""

from __future__ import annotations

import numpy as np

from veml_lab.formats import read_sensors

TINY = {"hidden": 8, "layers": 1}


def conveyor(folder, *, n=6, t=420, seed=0, name="belt", missing=0.03, shift=0.0, **options):
    """A sensor set of n sensors in a row, hourly; the first draws at random, the others repeat it with a little noise.

    A forecaster that sees its neighbours can know a step ahead, one that does not cannot.
    """
    rng = np.random.default_rng(seed)
    source = rng.normal(0, 1, t + n)
    x = np.stack([source[n - i : n - i + t] for i in range(n)], axis=1)  # (t, n): x[k, i] = x[k - 1, i - 1]
    x = (10 + 3 * x + 0.1 * rng.normal(size=x.shape) + shift).astype(np.float32)
    x[rng.random(x.shape) < missing] = np.nan
    file = folder / f"{name}.npz"
    graph = np.eye(n, k=1, dtype=np.float32) + np.eye(n, dtype=np.float32)
    times = np.datetime64("2024-01-01T00:00", "s") + np.arange(t) * np.timedelta64(3600, "s")
    np.savez(
        file,
        values=x,
        adjacency=graph,
        times=times,
        nodes=np.array([f"s{i}" for i in range(n)]),
        channels=np.array(["load"]),
    )
    return read_sensors(file, **{"window": 4, "horizon": 2, **options})
