"""Domain adaptation behind the seam of the training backends."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sized
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from ...errors import BadInput, UnknownName
from ...versions.data import DataVersion
from ...versions.samples import id_array
from .. import augment, guard, weights
from ..backend import FitTask, Report
from ..torchvision import batches
from ..torchvision.backend import TorchvisionBackend
from ..torchvision.loop import device_of
from ..torchvision.predictions import load, metrics_of
from .alignment import Coral, Dann
from .declared import BACKEND
from .statistics import adapt_statistics, norm_layers
from .teacher import MeanTeacher, SelfTraining

_CLASSES: dict[str, Any] = {"coral": Coral, "dann": Dann, "self-training": SelfTraining, "mean-teacher": MeanTeacher}


class AdaptationBackend(TorchvisionBackend):
    """torchvision networks that are fitted to unlabelled data; everything but ``fit`` is the parent's.

    ``hyper["adapt"]``: ``method`` of :data:`~veml_lab.training.adaptation.declared.BACKEND`, ``to`` (ID of the data
    version to adapt to; its labels are never read), ``weight`` of the second loss, ``sure`` (least score of a pseudo
    label). ``augment`` is for the labelled pictures.
    """

    declaration = BACKEND

    def epochs(self, recipe: Mapping[str, Any], hyper: Mapping[str, Any]) -> int:
        adapt = hyper.get("adapt")
        once = isinstance(adapt, Mapping) and adapt.get("method") == "adabn"
        return 1 if once else super().epochs(recipe, hyper)

    def replayed(self, task: FitTask, *, gpus: int) -> Iterator[list[np.ndarray]]:
        """Of every step the labelled samples, then those that it is adapted to (of ``adabn`` these alone)."""
        task = task.filled(self.declaration)
        h = task.hyper
        method, _, target = _checked(task.recipe, h["adapt"], task.data)
        old, new = (id_array(v).astype(np.int64) for v in (task.data, target))
        theirs = batches.Batches(len(new), h["batch_size"], task.seed + 1)
        if method == "adabn":
            yield [new[at] for at in theirs]
            return
        ours = batches.Batches(len(old), h["batch_size"], task.seed)
        for _ in range(h["epochs"]):
            yield [np.concatenate([old[a], new[b]]) for a, b in _pairs(ours, theirs)]

    def fit(self, task: FitTask, report: Report) -> dict[str, Any]:
        task = task.filled(self.declaration)
        recipe, h, validation, init = task.recipe, task.hyper, task.validation, task.init
        method, options, target = _checked(recipe, h["adapt"], task.data)
        if init is None:
            raise BadInput("an adaptation starts from a trained network; give the training to adapt")
        if tuple(recipe["classes"]) != init.classes:
            raise BadInput("an adaptation keeps the classes of its training; rebuild with labels to change them")
        augment.chain(h["augment"], task.task, recipe["size_px"])  # a step that cannot be made is said now
        augment.mosaic(h["augment"], task.task)
        guard.check_data(recipe, task.data, validation)
        torch.manual_seed(task.seed)
        device = device_of()
        net = load(recipe, init.checkpoint).to(device)
        new = batches.loader(recipe, target, {**h, "augment": []}, task.seed + 1, labelled=False)
        if method == "adabn":
            epochs, step = (
                1,
                adapt_statistics(net, _counted(_images(new, device), report), detection=task.task == "detection"),
            )
        else:
            old = batches.loader(recipe, task.data, h, task.seed)
            run = _Run(_CLASSES[method](net, recipe, **options), task, old, new, report, device)
            epochs, (net, step) = h["epochs"], run.fit()
            if norm_layers(net):
                adapt_statistics(net, _images(new, device), detection=task.task == "detection")
        measured = metrics_of(recipe)(net, validation, device) if validation is not None else {}
        metrics = {"validation_loss" if k == "loss" else k: v for k, v in measured.items()}
        report.epoch(epochs, step, **metrics)
        weights.save(net.state_dict(), task.folder / "model.safetensors", recipe["classes"])
        return {**metrics, "steps": step, "reused": sorted(net.state_dict()), "fresh": [], "adapted_to": target.name}


class _Run:
    """The loop over batches of old and new pictures; the method says what the losses are."""

    def __init__(
        self,
        way: Any,
        task: FitTask,
        old: DataLoader,
        new: DataLoader,
        report: Report,
        device: torch.device,
    ) -> None:
        h = task.hyper
        self.way, self.h, self.old, self.new, self.report, self.device = way, h, old, new, report, device
        self.detection = task.task == "detection"
        way.modules.to(device)
        self.trained = [p for p in way.modules.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(self.trained, lr=h["lr"], weight_decay=h["weight_decay"])
        self.per_epoch = _per_epoch(old, new)
        self.total = self.per_epoch * h["epochs"]
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, self.total)
        orders: Any = {"old": old.batch_sampler.generator, "new": new.batch_sampler.generator}  # type: ignore[union-attr]
        parts = {"net": way.modules, "optimizer": self.optimizer, "schedule": self.schedule}
        self.kept = weights.Resumable(task.folder / "resume.pt", parts, orders)

    def fit(self) -> tuple[nn.Module, int]:
        """The adapted network, and the steps that it took."""
        first = (self.kept.load(epoch=int) or {"epoch": 0})["epoch"]
        step = first * self.per_epoch
        for epoch in range(first, self.h["epochs"]):
            step = self._epoch(step)
            if epoch + 1 < self.h["epochs"]:  # the last one is told with its metrics
                self.report.epoch(epoch + 1, step)
                self.kept.save(epoch=epoch + 1)
        return self.way.result(), step

    def _epoch(self, step: int) -> int:
        self.way.net.train()
        for (xs, ys), (xt, _) in _pairs(self.old, self.new):
            forward = functools.partial(self._step, xs, ys, xt, step)
            losses = guard.within_memory(lambda: forward(len(xt)), max(len(xs), len(xt)), forward)  # noqa: B023  called at once
            guard.finite(sum(losses.values()), step, self.h["lr"], self.kept.file)
            if self.h["clip"] is not None:
                nn.utils.clip_grad_norm_(self.trained, self.h["clip"])
            self.optimizer.step()
            self.schedule.step()
            step += 1
            self.way.after_step(step)
            self.report.step(step, samples=len(xs) + len(xt), **losses)
        return step

    def _step(self, xs: list, ys: list, xt: list, step: int, size: int) -> dict[str, float]:
        """Forward and backward on so many samples of either side; the losses."""
        self.optimizer.zero_grad(set_to_none=True)
        y: Any = ys[:size] if self.detection else torch.tensor(ys[:size], device=self.device)
        losses = self.way.loss(_stacked(xs[:size], self.device), y, _stacked(xt[:size], self.device), step / self.total)
        sum(losses.values()).backward()
        return {k: float(v.detach()) for k, v in losses.items()}


def _checked(recipe: Mapping[str, Any], adapt: Any, data: DataVersion) -> tuple[str, dict[str, float], DataVersion]:
    """The method, its own options, and the data to adapt to."""
    if not isinstance(adapt, Mapping) or "method" not in adapt or "to" not in adapt:
        raise BadInput(
            'an adaptation needs hyper["adapt"] = {"method": ..., "to": <data version>}; use rebuild(method=...)'
        )
    method = adapt["method"]
    known = BACKEND.adaptations
    if method not in known:
        raise UnknownName.of("adaptation", method, known)
    if recipe["task"] not in known[method].tasks:
        fitting = [m for m, a in known.items() if recipe["task"] in a.tasks]
        raise BadInput(
            f"{method} adapts {' and '.join(known[method].tasks)}, not {recipe['task']}; there: {', '.join(fitting)}"
        )
    options_of = (
        [k for k in inspect.signature(_CLASSES[method]).parameters if k not in ("net", "recipe")]
        if method in _CLASSES
        else []
    )
    options = {k: v for k, v in adapt.items() if k not in ("method", "to")}
    for k, v in options.items():
        if k not in options_of:
            raise UnknownName.of(f"option of the adaptation {method}", k, options_of)
        most = 1.0 if k == "sure" else float("inf")
        if not isinstance(v, (int, float)) or isinstance(v, bool) or not 0 <= v <= most or v == float("inf"):
            raise BadInput(
                f"{k} of an adaptation is a number of at least 0{' and at most 1' if k == 'sure' else ''}, got {v!r}"
            )
    target = DataVersion(data.store, data.store.graph().find(adapt["to"], "data"))
    if len(target) < 2:
        raise BadInput(f"{target.name!r} has {len(target)} samples; an adaptation needs at least 2")
    return method, options, target


def _stacked(images: list, device: torch.device) -> torch.Tensor:
    """Images (b, 3, h, w) in 0 ... 1."""
    return torch.stack(images).to(device).float() / 255


def _images(loader: DataLoader, device: torch.device) -> Iterator[torch.Tensor]:
    for x, _ in loader:
        yield _stacked(x, device)


def _counted(images: Iterator[torch.Tensor], report: Report) -> Iterator[torch.Tensor]:
    for step, x in enumerate(images, 1):
        report.step(step, samples=len(x), images=float(len(x)))
        yield x


def _per_epoch(old: Sized, new: Sized) -> int:
    """Steps of an epoch: as many as the larger of the two has batches."""
    return max(len(old), len(new))


def _pairs(old: Any, new: Any) -> Iterator[tuple[Any, Any]]:
    """Batches of both sides for the steps of one epoch.

    The smaller of the two begins anew with every epoch: where it had come to would be one thing more to resume.
    """
    return itertools.islice(zip(_endless(old), _endless(new), strict=True), _per_epoch(old, new))


def _endless(loader: Iterable[Any]) -> Iterator[Any]:
    while True:
        yield from loader
