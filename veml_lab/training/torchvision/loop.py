"""The training loop: mixed precision, clipped gradients, early stopping, resuming; one process or a share of
several."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ...execute.memory import keep_freed_memory
from ...versions.data import DataVersion
from .. import guard, weights
from ..backend import FitTask, Report
from . import batches
from .networks import build, label_offset

Measure = Callable[[nn.Module, DataVersion, torch.device], Mapping[str, float]]


@dataclass(frozen=True)
class Ranks:
    """One process of several that share every batch: its number, how many there are, and how they add up numbers."""

    rank: int = 0
    world: int = 1

    def mean(self, value: torch.Tensor) -> torch.Tensor:
        """The mean over all processes."""
        if self.world > 1:
            value = value.clone()
            torch.distributed.all_reduce(value)
            value /= self.world
        return value

    def agree(self, flag: bool, device: torch.device) -> bool:
        """What rank 0 says; the others wait for it."""
        if self.world == 1:
            return flag
        told = torch.tensor([float(flag)], device=device)
        torch.distributed.broadcast(told, 0)
        return bool(told.item())


ALONE = Ranks()


def device_of(rank: int = 0) -> torch.device:
    """The GPU of a rank where there is one, else the CPU."""
    keep_freed_memory()
    return torch.device("cuda", rank) if torch.cuda.is_available() else torch.device("cpu")


def train(task: FitTask, report: Report, measure: Measure, ranks: Ranks = ALONE) -> dict[str, Any]:
    """Fit a network; see :meth:`veml_lab.training.backend.TrainingBackend.fit` for files and summary.

    Parameters
    ----------
    task
        With every hyper-parameter filled in.
    measure
        Metrics of the network on a data version; called by rank 0 alone.
    """
    return _Run(task, report, ranks).fit(task.validation, measure)


class _Run:
    """The state of one fit."""

    def __init__(self, task: FitTask, report: Report, ranks: Ranks) -> None:
        recipe, h, seed = task.recipe, task.hyper, task.seed
        torch.manual_seed(seed)
        self.recipe, self.h, self.seed, self.report, self.ranks = recipe, h, seed, report, ranks
        self.file = task.folder / "model.safetensors"
        self.device = device_of(ranks.rank)
        net = build(recipe).to(self.device)
        self.reused, self.fresh = (
            weights.start_from(net, class_rows(recipe), recipe["classes"], task.init, background_first=True)
            if task.init
            else ([], [])
        )
        if ranks.world > 1 and self.device.type == "cuda":
            net = nn.SyncBatchNorm.convert_sync_batchnorm(net)  # a share of a batch is too small for statistics
        self.net = net
        self.model = (
            nn.parallel.DistributedDataParallel(net, [ranks.rank] if self.device.type == "cuda" else None)
            if ranks.world > 1
            else net
        )
        self.loader = batches.loader(recipe, task.data, h, seed, rank=ranks.rank, world=ranks.world)
        self.batches: batches.Batches = self.loader.batch_sampler  # type: ignore[assignment]
        steps = h["epochs"] * len(self.loader)
        self.optimizer = torch.optim.AdamW(net.parameters(), lr=h["lr"], weight_decay=h["weight_decay"])
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, h["lr"], total_steps=max(steps, 2), pct_start=0.15
        )
        self.half = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(h["precision"])
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=h["precision"] == "fp16")
        self.patience = guard.Patience(h["patience"], h["monitor"])
        parts = {
            "net": net,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
            "scaler": self.scaler,
            "patience": self.patience,
        }
        self.kept = weights.Resumable(task.folder / "resume.pt", parts, {"order": self.batches.generator})
        self.metrics: dict[str, float] = {}

    def fit(self, validation: DataVersion | None, measure: Measure) -> dict[str, Any]:
        h, lead = self.h, self.ranks.rank == 0
        epoch, over = 0, False
        if (saved := self.kept.load(epoch=int, metrics=dict)) is not None:
            epoch, self.metrics = saved["epoch"], saved["metrics"]
        step = epoch * len(self.loader)
        while epoch < h["epochs"] and not over:
            if not lead:
                torch.manual_seed(self.seed + 1000 * self.ranks.rank + epoch)  # its augmentation, also after a resume
            step = self._epoch(step)
            epoch += 1
            due = epoch % h["validate_every"] == 0 or epoch == h["epochs"]
            if lead and validation is not None and due:
                measured = measure(self.net, validation, self.device)
                # a name of its own: the curve of the training loss has a point at this step already
                self.metrics = {"validation_loss" if k == "loss" else k: v for k, v in measured.items()}
            if lead:
                # told before it is saved: killed between the two, the epoch is done and told again
                self.report.epoch(epoch, step, **(self.metrics if due else {}))
                over = due and self.patience.seen(epoch, self.metrics, self.net.state_dict)
                self.kept.save(epoch=epoch, metrics=dict(self.metrics))
            over = self.ranks.agree(over, self.device)
        summary = {**self.metrics, "steps": step, "epochs": epoch, "reused": self.reused, "fresh": self.fresh}
        state = self.net.state_dict()
        if self.patience.best:
            state = self.patience.best
            summary |= {**self.patience.metrics, "best_epoch": self.patience.epoch}
        if lead:
            weights.save(state, self.file, self.recipe["classes"])
        return summary

    def _epoch(self, step: int) -> int:
        self.model.train()
        for images, targets in self.loader:
            loss = guard.within_memory(
                functools.partial(self._step, images, targets), self.batches.batch_size, self._try
            )
            value = guard.finite(float(self.ranks.mean(loss)), step, self.h["lr"], self.kept.file)
            self._update()
            step += 1
            if self.ranks.rank == 0:
                self.report.step(step, samples=len(images) * self.ranks.world, loss=value)
        return step

    def _step(self, images: list, targets: list) -> torch.Tensor:
        """Forward and backward; the loss, detached."""
        with torch.autocast(self.device.type, dtype=self.half, enabled=self.half is not None):
            loss = loss_of(self.model, self.recipe, images, targets, self.device)
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        return loss.detach().float()

    def _update(self) -> None:
        if self.h["clip"] is not None:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.net.parameters(), self.h["clip"])
        scale = self.scaler.get_scale()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.scaler.get_scale() >= scale:  # fp16 skips a step whose gradients overflowed; so does the schedule
            self.schedule.step()

    def _try(self, size: int) -> None:
        """One step with so many samples, for the advice after a lack of memory."""
        self.optimizer.zero_grad(set_to_none=True)
        items = [self.loader.dataset[i] for i in range(min(size, self.batches.n))]
        try:
            self._step(*batches.collate(items))
        finally:
            self.optimizer.zero_grad(set_to_none=True)


def loss_of(
    model: nn.Module, recipe: Mapping[str, Any], images: list, targets: list, device: torch.device
) -> torch.Tensor:
    """The loss of a batch of uint8 images (3, h, w), a scalar."""
    if recipe["task"] == "classification":
        batch = torch.stack(images).to(device).float() / 255
        return nn.functional.cross_entropy(model(batch), torch.tensor(targets, device=device))
    offset = label_offset(recipe)
    x = [i.to(device).float() / 255 for i in images]
    t = [{"boxes": t["boxes"].to(device), "labels": (t["labels"] + offset).to(device)} for t in targets]
    return sum(model(x, t).values())  # type: ignore[return-value]


def class_rows(recipe: Mapping[str, Any]) -> dict[str, int]:
    """Rows a class of the tensors that depend on the classes."""
    return weights.rows_per_class(lambda n: build({**recipe, "num_classes": n}), recipe["num_classes"])
