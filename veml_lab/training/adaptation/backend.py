"""The loop of domain adaptation, behind the seam of the training backends."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader

from ...errors import BadInput, JobError, UnknownName
from ...execute.memory import keep_freed_memory
from ...versions.data import DataVersion
from ...versions.torch_dataset import VersionDataset
from ..backend import Report, Start
from ..torchvision.backend import TorchvisionBackend, load
from . import ADAPTATIONS
from .alignment import Coral, Dann
from .statistics import adapt_statistics, norm_layers
from .teacher import MeanTeacher, SelfTraining

_CLASSES: dict[str, Any] = {"coral": Coral, "dann": Dann, "self-training": SelfTraining, "mean-teacher": MeanTeacher}
_OPTIONS = ("method", "to", "weight", "sure")
CACHE_BYTES = 256 << 20


class AdaptationBackend(TorchvisionBackend):
    """torchvision networks that are fitted to unlabelled data; everything but ``fit`` is the parent's.

    ``hyper["adapt"]``: ``method`` of :data:`ADAPTATIONS`, ``to`` (ID of the data version to adapt to; its
    labels are never read), ``weight`` of the second loss, ``sure`` (least score of a pseudo label).
    """

    name = "torchvision-adapt"

    def fit(
        self,
        recipe: Mapping[str, Any],
        hyper: Mapping[str, Any],
        seed: int,
        data: DataVersion,
        validation: DataVersion | None,
        init: Start | None,
        folder: Path,
        report: Report,
    ) -> dict[str, Any]:
        h = {"epochs": 5, "batch_size": 32, "lr": 5e-4, "weight_decay": 1e-4, **hyper}
        method, target = _checked(recipe, h, data, init)
        assert init is not None
        keep_freed_memory()
        torch.manual_seed(seed)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        net = load(recipe, init.checkpoint).to(device)
        detection = recipe["task"] == "detection"
        new = _loader(recipe, target, h["batch_size"], seed + 1, labelled=False)
        step, metrics = 0, dict[str, float]()
        if method == "adabn":
            step = adapt_statistics(net, _counted(_images(new, device), report), detection=detection)
        else:
            net, step, metrics = self._train(net, recipe, method, h, data, validation, new, device, folder, report, seed)
            if norm_layers(net):
                adapt_statistics(net, _images(new, device), detection=detection)
        if validation is not None:
            temp = folder / ".measured.safetensors"
            _save(net, temp)
            metrics = self.measure(self.predict(recipe, temp, validation), validation)
            metrics = {"validation_loss" if k == "loss" else k: v for k, v in metrics.items()}
            temp.unlink()
        report.epoch(1 if method == "adabn" else h["epochs"], step, **metrics)
        _save(net, folder / "model.safetensors")
        return {**metrics, "steps": step, "reused": sorted(net.state_dict()), "fresh": [], "adapted_to": target.name}

    def _train(
        self, net: nn.Module, recipe: Mapping[str, Any], method: str, h: Mapping[str, Any], data: DataVersion,
        validation: DataVersion | None, new: DataLoader, device: torch.device, folder: Path, report: Report, seed: int,
    ) -> tuple[nn.Module, int, dict[str, float]]:  # fmt: skip
        old = _loader(recipe, data, h["batch_size"], seed, labelled=True)
        options = {k: h["adapt"][k] for k in ("weight", "sure") if k in h["adapt"]}
        way = _CLASSES[method](net, recipe, **options)
        way.modules.to(device)
        trained = [p for p in way.modules.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=h["lr"], weight_decay=h["weight_decay"])
        per_epoch = max(len(old), len(new))
        total = per_epoch * h["epochs"]
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)
        resume, first = folder / "resume.pt", 0
        if resume.exists():
            first = _resume(resume, way.modules, optimizer, schedule)
        step = first * per_epoch
        endless_old, endless_new = _endless(old), _endless(new)
        for epoch in range(first, h["epochs"]):
            net.train()
            for _ in range(per_epoch):
                xs, ys = next(endless_old)
                xt, _ = next(endless_new)
                x, y, z = _on(xs, device), _labels(ys, recipe, device), _on(xt, device)
                losses = way.loss(x, y, z, step / total)
                loss = sum(losses.values())
                value = float(loss.detach())  # type: ignore[union-attr]
                if not math.isfinite(value):
                    raise JobError(f"the loss became {value} at step {step}; lower the learning rate (now {h['lr']}) or the weight")
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[union-attr]
                nn.utils.clip_grad_norm_(trained, 10.0)
                optimizer.step()
                schedule.step()
                step += 1
                way.after_step(step)
                report.step(step, **{k: float(v.detach()) for k, v in losses.items()})
            if epoch + 1 < h["epochs"]:
                report.epoch(epoch + 1, step)
                _keep(resume, way.modules, optimizer, schedule, epoch + 1)
        return way.result(), step, {}


def _checked(recipe: Mapping[str, Any], h: Mapping[str, Any], data: DataVersion, init: Start | None) -> tuple[str, DataVersion]:
    adapt = h.get("adapt")
    if not isinstance(adapt, Mapping) or "method" not in adapt or "to" not in adapt:
        raise BadInput('an adaptation needs hyper["adapt"] = {"method": ..., "to": <data version>}; use rebuild(method=...)')
    unknown = sorted(set(adapt) - set(_OPTIONS))
    if unknown:
        raise UnknownName.of("option of an adaptation", unknown[0], _OPTIONS)
    method = adapt["method"]
    if method not in ADAPTATIONS:
        raise UnknownName.of("adaptation", method, ADAPTATIONS)
    if recipe["task"] not in ADAPTATIONS[method][1]:
        fitting = [m for m, (_, tasks) in ADAPTATIONS.items() if recipe["task"] in tasks]
        raise BadInput(f"{method} adapts {' and '.join(ADAPTATIONS[method][1])}, not {recipe['task']}; there: {', '.join(fitting)}")
    if init is None:
        raise BadInput("an adaptation starts from a trained network; give the training to adapt")
    if tuple(recipe["classes"]) != init.classes:
        raise BadInput("an adaptation keeps the classes of its training; rebuild with labels to change them")
    target = DataVersion(data.store, data.store.graph().find(adapt["to"], "data"))
    if len(target) < 2:
        raise BadInput(f"{target.name!r} has {len(target)} samples; an adaptation needs at least 2")
    return method, target


def _loader(recipe: Mapping[str, Any], data: DataVersion, batch: int, seed: int, *, labelled: bool) -> DataLoader:
    w, h = recipe["size_px"]
    small = len(data) * w * h * 3 <= CACHE_BYTES
    dataset = VersionDataset(data, size_px=(w, h), classes=tuple(recipe["classes"]), labelled=labelled, cache=small, task=recipe["task"])
    batch = min(batch, len(dataset))
    order = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch, shuffle=True, generator=order, drop_last=len(dataset) % batch == 1, collate_fn=_collate)


def _collate(items: list) -> tuple[torch.Tensor, list]:
    images, targets = zip(*items, strict=True)
    return torch.stack(images), list(targets)


def _on(x: torch.Tensor, device: torch.device) -> torch.Tensor:
    return x.to(device).float() / 255


def _labels(y: list, recipe: Mapping[str, Any], device: torch.device) -> Any:
    return y if recipe["task"] == "detection" else torch.tensor(y, device=device)


def _images(loader: DataLoader, device: torch.device) -> Iterator[torch.Tensor]:
    for x, _ in loader:
        yield _on(x, device)


def _counted(batches: Iterator[torch.Tensor], report: Report) -> Iterator[torch.Tensor]:
    for step, x in enumerate(batches, 1):
        report.step(step, images=float(len(x)))
        yield x


def _endless(loader: DataLoader) -> Iterator[Any]:
    while True:
        yield from loader


def _save(net: nn.Module, file: Path) -> None:
    from safetensors.torch import save_file

    temp = file.with_suffix(".part")
    save_file({k: v.detach().cpu().contiguous() for k, v in net.state_dict().items()}, temp)
    temp.replace(file)


def _keep(file: Path, modules: nn.Module, optimizer: Any, schedule: Any, epoch: int) -> None:
    temp = file.with_suffix(".part")
    state = {"modules": modules.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch}
    torch.save(state | {"rng": torch.get_rng_state()}, temp)
    temp.replace(file)


def _resume(file: Path, modules: nn.Module, optimizer: Any, schedule: Any) -> int:
    """Load an interrupted adaptation; a damaged file means starting over, and says so."""
    import warnings

    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        epoch, rng = int(state["epoch"]), state["rng"]
        shapes = {k: v.shape for k, v in modules.state_dict().items()}
        if {k: v.shape for k, v in state["modules"].items()} != shapes:
            raise ValueError("another network")
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
    except Exception as e:  # torch raises many kinds for a damaged or unsafe file
        warnings.warn(f"{file} cannot be resumed from ({type(e).__name__}); this adaptation starts over", stacklevel=2)
        file.unlink(missing_ok=True)
        return 0
    modules.load_state_dict(state["modules"])
    torch.set_rng_state(rng)
    return epoch
