"""Forecasters from recipes: readings of a window in, readings of the horizon out, both in their own units.

Scaling, missing readings and the clock are part of the network, so that a checkpoint or an exported file
needs nothing beside it: the input is the raw window with NaN where nothing was measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from ...errors import BadInput, UnknownName
from ...versions.window import PERIODS
from ..diffusion import DiffusionConvolution, DiffusionGRUCell, walks

RECURRENT = ("dcrnn", "convlstm", "convgru", "lstm", "gru")
BASELINES = ("last-value", "daily-mean", "weekly-mean", "linear")
ON_A_GRAPH = ("dcrnn", "convlstm", "convgru")
BOUND_TO_DATA = ("mean", "std", "adjacency", "table")  # tensors that belong to a set of sensors, never to be reused


class Forecaster(nn.Module):
    """What all have in common: scaling, and that missing readings are the mean."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__()
        self.horizon, self.channels = int(recipe["horizon"]), len(recipe["channels"])
        self.mean: torch.Tensor
        self.std: torch.Tensor
        self.register_buffer("mean", torch.zeros(self.channels))
        self.register_buffer("std", torch.ones(self.channels))

    def scaled(self, x: torch.Tensor) -> torch.Tensor:
        """Readings (..., c) in standard deviations, 0 where nothing was measured."""
        z = (x - self.mean) / self.std
        return torch.where(torch.isnan(z), torch.zeros_like(z), z)

    def latest(self, z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """What was measured last of each sensor (b, n, c), out of (b, window, n, c); the mean where nothing was."""
        last = torch.zeros_like(z[:, 0])
        for t in range(x.shape[1]):
            last = torch.where(torch.isnan(x[:, t]), last, z[:, t])
        return last


class NeighbourLSTMCell(nn.Module):
    """A long short-term memory whose products are convolutions over a sensor and its direct neighbours.

    ConvLSTM on a graph: the kernel of radius one on a pixel grid becomes one product with the symmetric
    normalised adjacency, since stations stand on no grid.
    """

    def __init__(self, kernel: torch.Tensor, inputs: int, hidden: int) -> None:
        super().__init__()
        self.gates = DiffusionConvolution(kernel, inputs + hidden, 4 * hidden)
        with torch.no_grad():
            self.gates.bias[hidden : 2 * hidden] = 1.0  # remembers at first

    def forward(self, x: torch.Tensor, state: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """(b, n, inputs), two of (b, n, hidden) -> two of (b, n, hidden)."""
        h, c = state
        i, f, o, g = self.gates(torch.cat([x, h], dim=-1)).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class GraphGRUCell(nn.Module):
    """DCRNN's cell, with its state as a tuple of one; over the neighbours' kernel it is a ConvGRU on a graph."""

    def __init__(self, powers: torch.Tensor, inputs: int, hidden: int) -> None:
        super().__init__()
        self.cell = DiffusionGRUCell(powers, inputs, hidden)

    def forward(self, x: torch.Tensor, state: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """(b, n, inputs), one of (b, n, hidden) -> one of (b, n, hidden)."""
        return (self.cell(x, state[0]),)


class PerSensorCell(nn.Module):
    """torch's GRU or LSTM cell, the same weights for every sensor, which sees nothing of the others."""

    def __init__(self, kind: str, inputs: int, hidden: int) -> None:
        super().__init__()
        self.cell: nn.GRUCell | nn.LSTMCell = (
            nn.GRUCell(inputs, hidden) if kind == "gru" else nn.LSTMCell(inputs, hidden)
        )

    def forward(self, x: torch.Tensor, state: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """(b, n, inputs), states of (b, n, hidden) -> states of (b, n, hidden)."""
        b, n, _ = x.shape
        flat = tuple(s.reshape(b * n, -1) for s in state)
        out = self.cell(x.reshape(b * n, -1), flat[0] if len(flat) == 1 else flat)
        return tuple(o.reshape(b, n, -1) for o in (out if isinstance(out, tuple) else (out,)))


class Seq2Seq(Forecaster):
    """An encoder reads the window, a decoder writes the horizon step by step, fed with what it wrote."""

    def __init__(self, recipe: Mapping[str, Any], adjacency: torch.Tensor | None) -> None:
        super().__init__(recipe)
        kind, hidden, layers = recipe["architecture"], recipe["hidden"], recipe["layers"]
        self.hidden, self.states = hidden, 2 if kind in ("convlstm", "lstm") else 1
        self.periods = [PERIODS[p] for p in recipe["clock"]]
        if adjacency is not None and kind in ON_A_GRAPH:
            self.register_buffer("adjacency", adjacency)
        inputs = self.channels + 2 * len(self.periods)
        # the walks are made once and shared: a buffer of its own in every cell would copy them
        kernel = (
            None if kind not in ON_A_GRAPH or adjacency is None else _kernel(kind, adjacency, recipe["diffusion_steps"])
        )

        def cell(size: int) -> nn.Module:
            if kernel is None:
                return PerSensorCell(kind, size, hidden)
            return NeighbourLSTMCell(kernel, size, hidden) if kind == "convlstm" else GraphGRUCell(kernel, size, hidden)

        sizes = [inputs] + [hidden] * (layers - 1)
        self.encoder = nn.ModuleList(cell(s) for s in sizes)
        self.decoder = nn.ModuleList(cell(s) for s in sizes)
        self.out = nn.Linear(hidden, self.channels)
        # what is learned is the change to the last reading: a fresh network forecasts that all stays as it is, and
        # can only get better than that baseline. DCRNN starts its decoder from zeros and learns the level as well.
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def time(self, clock: torch.Tensor, n: int) -> list[torch.Tensor]:
        """Sine and cosine of the clock (b, t) in each period, as a list of (b, n, 2 periods), one a step."""
        if not self.periods:
            return []
        angle = torch.stack(
            [torch.remainder(clock, p).to(self.mean.dtype) * (2 * math.pi / p) for p in self.periods], dim=-1
        )
        waves = torch.cat([torch.sin(angle), torch.cos(angle)], dim=-1)  # (b, t, 2 periods)
        return [waves[:, t : t + 1].expand(-1, n, -1) for t in range(clock.shape[1])]

    def forward(
        self, x: torch.Tensor, clock: torch.Tensor, truth: torch.Tensor | None = None, share: float = 0.0
    ) -> torch.Tensor:
        """Readings (b, horizon, n, c) after the windows x (b, window, n, c).

        Parameters
        ----------
        clock : int64 (b, window + horizon)
            Minutes since 1970 of every step.
        truth : (b, horizon, n, c), optional
            In training: what follows, NaN where unknown; fed to the decoder in ``share`` of the steps (scheduled
            sampling).
        """
        z = self.scaled(x)
        b, window, n, _ = z.shape
        times = self.time(clock, n)
        states = [tuple(z.new_zeros(b, n, self.hidden) for _ in range(self.states)) for _ in self.encoder]

        def step(cells: nn.ModuleList, value: torch.Tensor, t: int) -> torch.Tensor:
            value = torch.cat([value, times[t]], dim=-1) if times else value
            for i, cell in enumerate(cells):
                states[i] = cell(value, states[i])
                value = states[i][0]
            return value

        for t in range(window):
            step(self.encoder, z[:, t], t)
        last, made = self.latest(z, x), []
        for t in range(self.horizon):
            last = last + self.out(step(self.decoder, last, window + t))
            made.append(last)
            if truth is not None and share > 0 and float(torch.rand(())) < share:
                known = (truth[:, t] - self.mean) / self.std
                last = torch.where(torch.isnan(known), last, known)
        return torch.stack(made, dim=1) * self.std + self.mean


def _kernel(kind: str, adjacency: torch.Tensor, steps: int) -> torch.Tensor:
    if kind == "dcrnn":
        return walks(adjacency, steps)  # (2 steps, n, n)
    a = (adjacency + adjacency.T) / 2
    d = a.sum(dim=1)
    root = torch.where(d > 0, d.clamp(min=1e-12).rsqrt(), torch.zeros_like(d))
    return (root[:, None] * a * root)[None]  # (1, n, n)


class LastValue(Forecaster):
    """What was measured last stays; where nothing was, the mean."""

    def forward(self, x: torch.Tensor, clock: torch.Tensor) -> torch.Tensor:
        """(b, window, n, c) -> (b, horizon, n, c)."""
        last = self.latest(self.scaled(x), x) * self.std + self.mean
        return last[:, None].repeat(1, self.horizon, 1, 1)


class SeasonalMean(Forecaster):
    """What training measured on average at that time of the day or week; the window is not looked at."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        period, self.step = PERIODS["day" if recipe["architecture"] == "daily-mean" else "week"], recipe["step_minutes"]
        if self.step < 1:
            raise BadInput(
                f"a {recipe['architecture']} needs the times of the readings; import them with begins= and every="
            )
        self.period = max(period, self.step)
        self.window = int(recipe["window"])
        self.table: torch.Tensor
        self.register_buffer("table", torch.zeros(max(self.period // self.step, 1), recipe["num_nodes"], self.channels))

    def slot(self, clock: torch.Tensor) -> torch.Tensor:
        """Row of the table for minutes since 1970."""
        return (torch.remainder(clock, self.period) // self.step).clamp(max=len(self.table) - 1)

    def forward(self, x: torch.Tensor, clock: torch.Tensor) -> torch.Tensor:
        """(b, window, n, c) -> (b, horizon, n, c)."""
        return self.table[self.slot(clock[:, self.window :])]


class LinearForecast(Forecaster):
    """One linear map from the window to the horizon, the same for all sensors, fitted by least squares."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        inputs = int(recipe["window"]) * self.channels
        self.weight = nn.Parameter(torch.zeros(inputs + 1, self.horizon * self.channels))

    def rows(self, x: torch.Tensor) -> torch.Tensor:
        """Regressors (b, n, window c + 1): the scaled window and a constant."""
        z = self.scaled(x).permute(0, 2, 1, 3).flatten(2)
        return torch.cat([z, torch.ones_like(z[..., :1])], dim=-1)

    def forward(self, x: torch.Tensor, clock: torch.Tensor) -> torch.Tensor:
        """(b, window, n, c) -> (b, horizon, n, c)."""
        y = self.rows(x) @ self.weight  # (b, n, horizon c)
        return y.unflatten(2, (self.horizon, self.channels)).transpose(1, 2) * self.std + self.mean


def build(recipe: Mapping[str, Any], adjacency: torch.Tensor | None = None) -> Forecaster:
    """The network of a recipe, with fresh weights from torch's current seed.

    Raises
    ------
    UnknownName
        No such architecture or period of the clock.
    BadInput
        A size that makes no network, or no graph for a network that walks on one.
    """
    name = recipe.get("architecture")
    if name not in RECURRENT + BASELINES:
        raise UnknownName.of("architecture of the spatiotemporal backend", name, RECURRENT + BASELINES)
    if name in ON_A_GRAPH and adjacency is None:
        raise BadInput(
            f"a {name} walks on the sensor graph and these readings have none; import them with adjacency= or"
            " graph='series', or take lstm or gru"
        )
    if name in RECURRENT:
        return Seq2Seq(recipe, adjacency)
    return {"last-value": LastValue, "linear": LinearForecast}.get(name, SeasonalMean)(recipe)


def complete(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the metadata nodes and count the parameters, by building the network once on a graph of its own."""
    r: dict[str, Any] = {"backend": "spatiotemporal", "classes": [], "num_classes": 0, **recipe}
    if r.get("task") != "forecasting":
        raise UnknownName.of("task of the spatiotemporal backend", r.get("task"), ("forecasting",))
    for k in ("num_nodes", "window", "horizon"):
        _whole(r, k)
    if not isinstance(r.get("channels"), (list, tuple)) or not r["channels"]:
        raise BadInput(f"channels must name what is measured, got {r.get('channels')!r}")
    r["channels"] = list(r["channels"])
    r["step_minutes"] = int(r.get("step_minutes", 0))
    name = r.get("architecture")
    if name in RECURRENT:
        r = {"hidden": 32, "layers": 2, **r}
        r.setdefault(
            "clock", [] if not r["step_minutes"] else ["day"] if r["step_minutes"] < PERIODS["day"] else ["year"]
        )
        r["clock"] = list(r["clock"])
        if name == "dcrnn":
            r.setdefault("diffusion_steps", 2)
        for k in ("hidden", "layers", *(("diffusion_steps",) if name == "dcrnn" else ())):
            _whole(r, k)
        for p in r["clock"]:
            if p not in PERIODS:
                raise UnknownName.of("period of the clock", p, PERIODS)
        if r["clock"] and not r["step_minutes"]:
            raise BadInput(
                "the readings have no times, so there is no clock to look at; leave clock away, or import with begins="
                " and every="
            )
        if name in ("convlstm", "convgru"):
            r["diffusion_steps"] = 1  # the kernel's radius
    body = {
        "dcrnn": "diffusion convolution",
        "convlstm": "neighbour convolution",
        "convgru": "neighbour convolution",
        "lstm": "per sensor",
        "gru": "per sensor",
        "linear": "per sensor",
    }
    cell = {"dcrnn": "GRU", "convlstm": "LSTM", "convgru": "GRU", "lstm": "LSTM", "gru": "GRU"}
    r.setdefault("backbone", body.get(str(name), "none"))
    r.setdefault("neck", f"{cell[name]} {r['layers']} x {r['hidden']}" if name in cell else "none")
    r.setdefault("head", "decoder, step by step" if name in cell else "none")
    r.setdefault("loss", "masked MAE" if name in cell else "least squares" if name == "linear" else "none")
    with torch.random.fork_rng(devices=[]):
        net = build(r, torch.eye(2) if name in ON_A_GRAPH else None)
    r["parameters"] = sum(p.numel() for p in net.parameters())
    return r


def _whole(recipe: Mapping[str, Any], key: str) -> None:
    v = recipe.get(key)
    if not isinstance(v, int) or isinstance(v, bool) or not 1 <= v <= 100_000:
        raise BadInput(f"{key} must be a whole number of at least 1, got {v!r}")
