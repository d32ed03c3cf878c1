# %% [markdown]
# # Sensors
#
# The same lifecycle for readings over time: traffic, air, machines. Two drawn cities here, each with a road graph
# along which jams travel; your own come as CSV (wide or long), HDF5 or NPZ, see `docs/sensors.md`.

# %%
import os
from pathlib import Path

import numpy as np

import veml_lab as veml

folder = Path(os.environ.get("VEML_FOLDER", ".")) / "sensor-lab"
lab = veml.open(folder)
DAYS = int(os.environ.get("VEML_N", "16"))         # drift wants 40 windows that do not overlap
EPOCHS = int(os.environ.get("VEML_EPOCHS", "6"))

# %% [markdown]
# ## 1 Readings
#
# Speeds every half hour: a daily rhythm, and jams that begin somewhere and move down the road.

# %%
def drawn_city(sensors: int, seed: int, rush: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    steps = DAYS * 48
    hour = np.arange(steps) % 48 / 2
    calm = 60 - 12 * np.exp(-((hour[:, None] - rush) ** 2) / 4) - 8 * np.exp(-((hour[:, None] - 17.5) ** 2) / 5)
    speed = calm + rng.normal(0, 1, (steps, sensors))
    for _ in range(DAYS * 6):
        start, where, deep = rng.integers(steps), rng.integers(sensors), rng.uniform(10, 25)
        for k in range(8):  # one sensor further every half hour
            if start + k < steps and where + k < sensors:
                speed[start + k, where + k] -= deep * (1 - k / 8)
    return speed.astype(np.float32)


def write_city(name: str, sensors: int, seed: int, rush: float, road: str = "") -> Path:
    path = folder.parent / f"{folder.name}-{name}.npz"
    near = np.abs(np.subtract.outer(np.arange(sensors), np.arange(sensors)))
    times = np.datetime_as_string(np.datetime64("2026-03-02T00:00") + np.arange(DAYS * 48) * np.timedelta64(30, "m"))
    nodes = np.array([f"{road or name} {i}" for i in range(sensors)])
    np.savez(path, values=drawn_city(sensors, seed, rush)[:, :, None], nodes=nodes, channels=np.array(["speed"]), times=times,
             adjacency=np.where(near <= 2, np.exp(-near), 0).astype(np.float32))
    return path


north = lab.add("north", veml.read(write_city("north", 20, seed=1, rush=8), "sensors", window=12, horizon=6))
south = lab.add("south", veml.read(write_city("south", 14, seed=2, rush=8), "sensors", window=12, horizon=6))
print(north, south, sep="\n")
north.browse()

# %% [markdown]
# ## 2 Forecast
#
# DCRNN, the diffusion-convolutional network of the paper, beside what any forecast has to beat. MAE in the
# readings' own unit; less is better.

# %%
def trained(data, name, **recipe):
    hyper = {"epochs": EPOCHS, "batch_size": 32} if recipe["architecture"] == "dcrnn" else {}
    model = veml.model(data, {"backend": "spatiotemporal", **recipe}, name=f"{name}, the recipe")
    return veml.train(veml.plan(model, data, name=name, **hyper), lab)


naive = trained(north, "north, last value", architecture="last-value")
graph = trained(north, "north, dcrnn", architecture="dcrnn", hidden=16, layers=1)
for run in (naive, graph):
    print(run.name, run.summary())

# %% [markdown]
# ## 3 Transfer to another city
#
# The other city has other sensors, and fewer. The cells of the network do not know how many there are, so its
# weights fit; the plan says what is reused.

# %%
plan = veml.transfer(graph, to=south)
plan

# %%
moved, scratch = veml.train(plan), veml.train(plan.scratch())
print("transferred ", moved.summary())
print("from scratch", scratch.summary())

# %% [markdown]
# ## 4 Another rhythm
#
# The rush hour has moved by three hours. Windows are embedded by a graph autoencoder that was trained on the
# reference; no forecast error is needed to see the change.

# %%
later = lab.add("north, later", veml.read(write_city("north-later", 20, seed=3, rush=11, road="north"), "sensors", window=12, horizon=6))
veml.drift(graph, later)

# %%
lab.lineage(moved, direction="ancestors")
