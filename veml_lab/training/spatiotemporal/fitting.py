"""Fit a forecaster: gradient steps on the masked error for networks, one pass over the data for baselines."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ...errors import BadInput, MissingLabels
from ...versions.data import DataVersion
from ...versions.window import Windows, windows
from .. import guard, weights
from ..backend import FitTask, Report, Start
from ..weight_files import load_state
from .networks import (
    BOUND_TO_DATA,
    ON_A_GRAPH,
    RECURRENT,
    Forecaster,
    LinearForecast,
    SeasonalMean,
    Seq2Seq,
    build,
)

HELD_OUT = 0.1  # share of the training windows, at their end, that early stopping watches
CHUNK = 64
RIDGE = 1e-3  # of the linear baseline, relative to the number of rows

Measure = Callable[[Forecaster, DataVersion], dict[str, float]]


def fit(task: FitTask, report: Report, measure: Measure, device: torch.device) -> dict[str, Any]:
    """Fit and write ``model.safetensors``; see :meth:`veml_lab.training.backend.TrainingBackend.fit`."""
    recipe, validation, init = task.recipe, task.validation, task.init
    w = windows(task.data)
    check_fits(recipe, w)
    if len(w) < 2:
        raise BadInput(f"{w.name!r} has {len(w)} windows; a training needs at least 2")
    if validation is not None:
        check_fits(recipe, windows(validation))
    torch.manual_seed(task.seed)
    graph = None if w.adjacency is None else torch.from_numpy(np.array(w.adjacency))
    net = build(recipe, graph)
    with torch.no_grad():
        for buffer, value in zip((net.mean, net.std), w.scaling(), strict=True):
            buffer.copy_(torch.from_numpy(value))
    reused, fresh = start_from(net, init) if init is not None and recipe["architecture"] in RECURRENT else ([], [])
    net.to(device)
    if isinstance(net, Seq2Seq):
        summary = _Run(net, task, w, report, device).fit(validation, measure)
    else:
        summary = _once(net, w, task.folder, report, None if validation is None else lambda: measure(net, validation))
    return {**summary, "reused": reused, "fresh": fresh}


def check_fits(recipe: Mapping[str, Any], w: Windows) -> None:
    """Refuse windows that a recipe is not made for."""
    if list(recipe["channels"]) != list(w.channels):
        raise BadInput(
            f"the model forecasts {', '.join(recipe['channels'])}, {w.name!r} has {', '.join(w.channels)}; transfer the"
            " model to it"
        )
    if (recipe["window"], recipe["horizon"]) != (w.window, w.horizon):
        raise BadInput(
            f"the model reads {recipe['window']} steps and forecasts {recipe['horizon']}, the windows of {w.name!r}"
            f" have {w.window} and {w.horizon}; import it with the model's window= and horizon="
        )
    bound = recipe["architecture"] in ON_A_GRAPH or recipe["architecture"].endswith("-mean")
    if bound and recipe["num_nodes"] != len(w.nodes):
        raise BadInput(
            f"the model knows {recipe['num_nodes']} sensors, {w.name!r} has {len(w.nodes)}; transfer the model to it"
        )
    if recipe["step_minutes"] != w.step_minutes and (recipe.get("clock") or recipe["architecture"].endswith("-mean")):
        raise BadInput(
            f"the model knows steps of {recipe['step_minutes']} min, those of {w.name!r} are {w.step_minutes} min;"
            " transfer the model to it"
        )
    if bound and recipe.get("sensors", w.sensors) != w.sensors:
        raise BadInput(
            f"the model knows other sensors than those of {w.name!r}, or knows them in another order; import them in"
            " its order, or transfer it"
        )


def start_from(net: Forecaster, start: Start) -> tuple[list[str], list[str]]:
    """Take every weight of a donor whose name and shape fit; says which were reused and which stay fresh.

    The weights of a diffusion convolution belong to powers of the walk, not to sensors: they fit any number of
    them. Scaling and graph are the new data's own, whatever their shape.
    """
    theirs, mine = load_state(start.checkpoint), net.state_dict()
    own = [k for k in mine if k not in BOUND_TO_DATA]
    reused = {k: theirs[k] for k in own if k in theirs and theirs[k].shape == mine[k].shape}
    net.load_state_dict({**mine, **reused})
    return sorted(reused), sorted(set(own) - set(reused))


def masked_error(forecast: torch.Tensor, y: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """Mean absolute error in standard deviations over the readings that there are; a scalar."""
    known = ~torch.isnan(y)
    gap = (forecast - torch.where(known, y, forecast.detach())).abs() / std
    return gap.sum() / known.sum().clamp(min=1)


def split_in_time(w: Windows, *, held_out: bool) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the windows that are trained on, and of those that early stopping watches, in time."""
    in_time, held = np.argsort(w.steps, kind="stable"), np.empty(0, np.int64)
    if held_out:
        # windows at the border share steps with those before: leave out as many as a window and its horizon are long
        n = max(1, round(HELD_OUT * len(w)))
        first = int(w.steps[in_time[-n]])
        held, in_time = in_time[-n:], in_time[:-n]
        in_time = in_time[w.steps[in_time] + w.window + w.horizon <= first + w.window]
        if not len(in_time):
            raise BadInput(
                f"{w.name!r} has {len(w)} windows; early stopping leaves none to train on: leave patience out"
            )
    return in_time, held


def epoch_of(train: np.ndarray, batch: int, order: torch.Generator) -> Iterator[np.ndarray]:
    """Positions of the windows of an epoch, a batch at a time."""
    shuffled = train[torch.randperm(len(train), generator=order).numpy()]
    return (shuffled[start : start + batch] for start in range(0, len(shuffled), batch))


class _Run:
    """The state of one fit by gradient steps."""

    def __init__(self, net: Seq2Seq, task: FitTask, w: Windows, report: Report, device: torch.device) -> None:
        h = task.hyper
        self.net, self.h, self.w, self.report, self.device = net, h, w, report, device
        self.file = task.folder / "model.safetensors"
        self.train, self.held = split_in_time(w, held_out=h["patience"] is not None)
        self.batch = min(h["batch_size"], len(self.train))
        self.per_epoch = math.ceil(len(self.train) / self.batch)
        steps = h["epochs"] * self.per_epoch
        self.optimizer = torch.optim.AdamW(net.parameters(), lr=h["lr"], weight_decay=h["weight_decay"])
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, h["lr"], total_steps=max(steps, 2), pct_start=0.15
        )
        self.order = torch.Generator().manual_seed(task.seed)
        self.patience = guard.Patience(h["patience"], h["monitor"])
        self.half = torch.bfloat16 if h["precision"] == "bf16" else None
        parts = {"net": net, "optimizer": self.optimizer, "schedule": self.schedule, "patience": self.patience}
        self.kept = weights.Resumable(task.folder / "resume.pt", parts, {"order": self.order})
        self.metrics: dict[str, float] = {}

    def fit(self, validation: DataVersion | None, measure: Measure) -> dict[str, Any]:
        epoch, over = 0, False
        if (saved := self.kept.load(epoch=int, metrics=dict)) is not None:
            epoch, self.metrics = saved["epoch"], saved["metrics"]
        step = epoch * self.per_epoch
        while epoch < self.h["epochs"] and not over:
            step = self._epoch(step)
            epoch += 1
            due = epoch % self.h["validate_every"] == 0 or epoch == self.h["epochs"]
            held = {"held_out_loss": self._held_out()} if len(self.held) else {}
            if validation is not None and due:
                self.metrics = measure(self.net, validation)
            # told before it is saved: killed between the two, the epoch is done and told again
            self.report.epoch(epoch, step, **(self.metrics if due else {}), **held)
            over = self.patience.seen(epoch, {**self.metrics, **held}, self.net.state_dict)
            self.kept.save(epoch=epoch, metrics=dict(self.metrics))
        summary = {**self.metrics, "steps": step, "epochs": epoch}
        if self.patience.best:
            self.net.load_state_dict(self.patience.best)
            summary |= {"best_epoch": self.patience.epoch, "held_out_loss": self.patience.value}
            if validation is not None:
                summary |= measure(
                    self.net, validation
                )  # of the weights that are kept; their epoch may not have been measured
        weights.save(self.net.state_dict(), self.file, ())
        return summary

    def _epoch(self, step: int) -> int:
        self.net.train()
        for at in epoch_of(self.train, self.batch, self.order):
            loss = guard.within_memory(functools.partial(self._step, at, step), self.batch, self._try)
            value = guard.finite(loss, step, self.h["lr"], self.kept.file)
            if self.h["clip"] is not None:
                nn.utils.clip_grad_norm_(self.net.parameters(), self.h["clip"])
            self.optimizer.step()
            self.schedule.step()
            step += 1
            self.report.step(step, samples=len(at), loss=value)
        return step

    def _step(self, at: np.ndarray, step: int) -> float:
        """Forward and backward on the windows at these positions; the loss."""
        x, y, clock = _tensors(self.w, at, self.device)
        tau = self.h["sampling"]
        # DCRNN, appendix E: the share of steps that see the truth falls from nearly 1 to 0
        share = tau / (tau + math.exp(min(step / tau, 700.0))) if tau else 0.0
        with torch.autocast(self.device.type, dtype=self.half, enabled=self.half is not None):
            forecast = self.net(x, clock, y if share else None, share)
        loss = masked_error(forecast.float(), y, self.net.std)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        return float(loss.detach())

    def _try(self, size: int) -> None:
        """One step with so many windows, for the advice after a lack of memory."""
        self._step(self.train[:size], 0)
        self.optimizer.zero_grad(set_to_none=True)

    @torch.inference_mode()
    def _held_out(self) -> float:
        self.net.eval()
        total, seen = 0.0, 0
        for start in range(0, len(self.held), CHUNK):
            x, y, clock = _tensors(self.w, self.held[start : start + CHUNK], self.device)
            n = int((~torch.isnan(y)).sum())
            total, seen = total + float(masked_error(self.net(x, clock), y, self.net.std)) * n, seen + n
        if not seen:
            raise MissingLabels(
                f"nothing was measured in the last tenth of {self.w.name!r}, which early stopping watches; leave"
                " patience out"
            )
        return total / seen


def _tensors(w: Windows, at: np.ndarray, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    x, y, _ = w.cut(at)
    return tuple(torch.from_numpy(np.ascontiguousarray(a)).to(device) for a in (x, y, w.clock(at)))  # type: ignore[return-value]


# -- baselines -------------------------------------------------------------------------------------------


def _once(
    net: Forecaster, w: Windows, folder: Path, report: Report, measured: Callable[[], dict[str, float]] | None
) -> dict[str, Any]:
    """One pass over the training windows: the exact fit of a baseline."""
    with torch.no_grad():
        if isinstance(net, LinearForecast):
            _least_squares(net, w)
        elif isinstance(net, SeasonalMean):
            _means(net, w)
        loss = _training_error(net, w)
    report.step(1, samples=len(w), loss=loss)
    metrics = measured() if measured is not None else {}
    report.epoch(1, 1, **metrics)
    weights.save(net.state_dict(), folder / "model.safetensors", ())
    return {**metrics, "steps": 1}


def _least_squares(net: LinearForecast, w: Windows) -> None:
    """Ridge by normal equations, one for every step and channel of the horizon, each over the readings that there
    are."""
    d, outputs = net.weight.shape
    device = net.weight.device
    gram = torch.zeros(outputs, d, d, dtype=torch.float64, device=device)
    moment = torch.zeros(outputs, d, dtype=torch.float64, device=device)
    rows = torch.zeros(outputs, dtype=torch.float64, device=device)
    for start in range(0, len(w), CHUNK):
        x, y, _ = _tensors(w, np.arange(start, min(start + CHUNK, len(w))), device)
        a = net.rows(x).flatten(0, 1).double()  # (m, d)
        target = ((y - net.mean) / net.std).permute(0, 2, 1, 3).flatten(2).flatten(0, 1).double()  # (m, horizon c)
        known = ~torch.isnan(target)
        target = torch.where(known, target, torch.zeros_like(target))
        whole = a.T @ a
        for j in range(outputs):
            gram[j] += whole if bool(known[:, j].all()) else (a * known[:, j : j + 1]).T @ a
        moment += target.T @ a
        rows += known.sum(dim=0)
    if not bool(rows.any()):
        raise MissingLabels(f"{w.name!r} has no reading in any horizon to learn from")
    penalty = torch.eye(d, dtype=torch.float64, device=device)
    penalty[-1, -1] = 0.0  # not of the constant
    gram += RIDGE * rows.clamp(min=1)[:, None, None] * penalty
    gram[:, -1, -1] += rows == 0  # a step that was never measured is forecast as the mean
    net.weight.copy_(torch.linalg.solve(gram, moment).T.float())


def _means(net: SeasonalMean, w: Windows) -> None:
    """The mean of every slot and sensor over the training steps; of the sensor, then of all, where a slot was never
    measured."""
    assert w.minutes is not None
    steps = np.flatnonzero(w.covered())
    v = np.asarray(w.values)[steps].astype(np.float64)
    slot = net.slot(torch.from_numpy(w.minutes[steps]).to(net.table.device)).cpu().numpy()
    known = np.isfinite(v)
    total, count = np.zeros(net.table.shape), np.zeros(net.table.shape)
    np.add.at(total, slot, np.where(known, v, 0.0))
    np.add.at(count, slot, known)
    sensor = total.sum(axis=0) / np.maximum(count.sum(axis=0), 1)
    sensor = np.where(count.sum(axis=0) > 0, sensor, net.mean.cpu().numpy())
    net.table.copy_(torch.from_numpy(np.where(count > 0, total / np.maximum(count, 1), sensor)).float())


def _training_error(net: Forecaster, w: Windows) -> float:
    total, seen = 0.0, 0
    for start in range(0, len(w), CHUNK):
        x, y, clock = _tensors(w, np.arange(start, min(start + CHUNK, len(w))), net.mean.device)
        n = int((~torch.isnan(y)).sum())
        total, seen = total + float(masked_error(net(x, clock), y, net.std)) * n, seen + n
    if not seen:
        raise MissingLabels(f"{w.name!r} has no reading in any horizon to learn from")
    return total / seen
