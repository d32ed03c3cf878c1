"""Fit, predict and export with torchvision networks; CPU, one GPU, the same code."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision.transforms import v2

from ...embeddings.weights import load_state
from ...errors import BadInput, JobError
from ...execute.memory import keep_freed_memory
from ...versions.data import DataVersion
from ...versions.torch_dataset import VersionDataset
from ..backend import Prediction, Report, Start
from . import deployed, measure
from .networks import build, class_layers, complete, label_offset

DEFAULTS: dict[str, Any] = {"epochs": 5, "batch_size": 32, "lr": 1e-3, "weight_decay": 1e-4, "augment": [], "workers": 0, "validate_every": 1}
CACHE_BYTES = 256 << 20  # decoded images are kept in memory up to here


class TorchvisionBackend:
    """The reference backend."""

    name = "torchvision"

    def complete(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        return complete(recipe)

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
        h = DEFAULTS | dict(hyper)
        unknown = sorted(set(h) - set(DEFAULTS) - {"schedule"})
        if unknown:
            raise BadInput(f"unknown hyper-parameter {', '.join(unknown)}; there are {', '.join(DEFAULTS)}")
        _check_hyper(h)
        torch.manual_seed(seed)
        device = _device()
        net = build(recipe).to(device)
        reused, fresh = _start_from(net, recipe, init) if init else ([], [])
        loader = _loader(recipe, data, h, seed)
        steps = h["epochs"] * len(loader)
        optimizer = torch.optim.AdamW(net.parameters(), lr=h["lr"], weight_decay=h["weight_decay"])
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, h["lr"], total_steps=max(steps, 2), pct_start=0.15)
        resume = folder / "resume.pt"
        first, metrics = _resume(resume, net, optimizer, schedule, loader) if resume.exists() else (0, {})
        step = first * len(loader)
        for epoch in range(first, h["epochs"]):
            net.train()
            for images, targets in loader:
                loss = _loss(net, recipe, images, targets, device)
                if not math.isfinite(float(loss.detach())):
                    raise JobError(
                        f"the loss became {float(loss.detach())} at step {step}; the last good checkpoint is {resume}. "
                        f"Lower the learning rate (now {h['lr']}) or look at the samples"
                    )
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
                optimizer.step()
                schedule.step()
                step += 1
                report.step(step, loss=float(loss.detach()))
            due = (epoch + 1) % h["validate_every"] == 0 or epoch + 1 == h["epochs"]
            if validation is not None and due:
                measured = self.measure(_predict(net, recipe, validation, device), validation)
                # a name of its own: the curve of the training loss has a point at this step already
                metrics = {"validation_loss" if k == "loss" else k: v for k, v in measured.items()}
            # told before it is saved: killed between the two, the epoch is done and told again
            report.epoch(epoch + 1, step, **(metrics if due else {}))
            _save_resume(resume, net, optimizer, schedule, loader, epoch + 1, metrics)
        _save(net, folder / "model.safetensors")
        return {**metrics, "steps": step, "reused": reused, "fresh": fresh}

    def predict(self, recipe: Mapping[str, Any], checkpoint: Path, data: DataVersion, *, progress: bool = False) -> Prediction:
        device = _device()
        return _predict(load(recipe, checkpoint).to(device), recipe, data, device, progress=progress)

    def measure(self, prediction: Prediction, data: DataVersion) -> dict[str, float]:
        if prediction.probabilities is not None:
            return measure.accuracy(prediction, data)
        return measure.average_precision(prediction, data)

    def export(self, recipe: Mapping[str, Any], checkpoint: Path, file: Path) -> dict[str, Any]:
        return deployed.export(load(recipe, checkpoint), recipe, file)

    def runner(self, recipe: Mapping[str, Any], file: Path) -> Callable[[Any], Any]:
        return deployed.runner(recipe, file)

    def original(self, recipe: Mapping[str, Any], checkpoint: Path) -> Callable[[Any], Any]:
        return deployed.original(load(recipe, checkpoint), recipe)


def load(recipe: Mapping[str, Any], checkpoint: Path) -> torch.nn.Module:
    """The network with its weights, in evaluation mode."""
    from ...errors import BadData

    net = build(recipe)
    try:
        net.load_state_dict(dict(load_state(checkpoint)), strict=True)
    except RuntimeError as e:
        raise BadData(f"the checkpoint {checkpoint} does not fit its recipe: {str(e).splitlines()[-1].strip()}") from e
    return net.eval()


def _device() -> torch.device:
    keep_freed_memory()
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _loader(recipe: Mapping[str, Any], data: DataVersion, h: Mapping[str, Any], seed: int) -> DataLoader:
    w, height = recipe["size_px"]
    small = len(data) * w * height * 3 <= CACHE_BYTES
    dataset = VersionDataset(
        data, size_px=(w, height), classes=tuple(recipe["classes"]), transform=_augment(h["augment"], recipe), cache=small
    )
    if len(dataset) < 2:
        raise BadInput(f"{data.name!r} has {len(dataset)} samples; a training needs at least 2")
    order = torch.Generator().manual_seed(seed)
    batch = min(h["batch_size"], len(dataset))
    # a last batch of one sample would break batch normalisation
    return DataLoader(
        dataset, batch, shuffle=True, generator=order, drop_last=len(dataset) % batch == 1, num_workers=h["workers"], collate_fn=_collate
    )


def _collate(items: list) -> tuple[list, list]:
    images, targets = zip(*items, strict=True)
    return list(images), list(targets)


def _augment(names: list[str], recipe: Mapping[str, Any]) -> Callable | None:
    """Augmentation by name: ``flip``, ``crop``, ``colour``."""
    if not names:
        return None
    w, h = recipe["size_px"]
    known: dict[str, Callable[[], Any]] = {
        "flip": v2.RandomHorizontalFlip,
        "crop": lambda: v2.RandomCrop((h, w), padding=max(2, h // 8)),
        "colour": lambda: v2.ColorJitter(0.3, 0.3, 0.3, 0.02),
    }
    from ...errors import UnknownName

    for n in names:
        if n not in known:
            raise UnknownName.of("augmentation", n, known)
    if "crop" in names and recipe["task"] == "detection":
        raise BadInput("the augmentation 'crop' would cut boxes; use 'flip' or 'colour' for detection")
    chain = v2.Compose([known[n]() for n in names])
    if recipe["task"] == "classification":
        return lambda image, target: (chain(image), target)
    from torchvision import tv_tensors

    def both(image: torch.Tensor, target: dict) -> tuple[torch.Tensor, dict]:
        boxes = tv_tensors.BoundingBoxes(target["boxes"], format="XYXY", canvas_size=(h, w))  # type: ignore[call-arg]
        image, out = chain(tv_tensors.Image(image), {**target, "boxes": boxes})
        return image.as_subclass(torch.Tensor), {**out, "boxes": out["boxes"].as_subclass(torch.Tensor)}

    return both


def _loss(net: torch.nn.Module, recipe: Mapping[str, Any], images: list, targets: list, device: torch.device) -> torch.Tensor:
    if recipe["task"] == "classification":
        batch = torch.stack(images).to(device).float() / 255
        return torch.nn.functional.cross_entropy(net(batch), torch.tensor(targets, device=device))
    offset = label_offset(recipe)
    x = [i.to(device).float() / 255 for i in images]
    t = [{"boxes": t["boxes"].to(device), "labels": (t["labels"] + offset).to(device)} for t in targets]
    return sum(net(x, t).values())  # type: ignore[return-value]


@torch.inference_mode()
def _predict(net: torch.nn.Module, recipe: Mapping[str, Any], data: DataVersion, device: torch.device, *, progress: bool = False) -> Prediction:
    from tqdm.auto import tqdm

    w, h = recipe["size_px"]
    dataset = VersionDataset(data, size_px=(w, h), classes=tuple(recipe["classes"]), labelled=False)
    net.eval()
    size, classes = 64, tuple(recipe["classes"])
    starts = tqdm(range(0, len(dataset), size), desc=f"predict {data.name}", unit="batch", disable=not progress, leave=False)
    probabilities, detections = [], []
    for s in starts:
        positions = range(s, min(s + size, len(dataset)))
        x = [dataset.image(p).to(device).float() / 255 for p in positions]
        if recipe["task"] == "classification":
            probabilities.append(net(torch.stack(x)).softmax(1).cpu().numpy())
            continue
        for p, d in zip(positions, net(x), strict=True):
            scale = np.array([dataset._width[p] / w, dataset._height[p] / h] * 2, dtype=np.float32)
            labels = d["labels"].cpu().numpy() - label_offset(recipe)
            keep = (labels >= 0) & (labels < len(classes))
            boxes = d["boxes"].cpu().numpy() * scale
            detections.append({"boxes": boxes[keep], "scores": d["scores"].cpu().numpy()[keep], "labels": labels[keep]})
    if recipe["task"] == "classification":
        return Prediction(classes, probabilities=np.concatenate(probabilities))
    return Prediction(classes, detections=detections)


# -- weights -------------------------------------------------------------------------------------------


def _start_from(net: torch.nn.Module, recipe: Mapping[str, Any], start: Start) -> tuple[list[str], list[str]]:
    """Take every tensor whose name and shape fit; says which were reused and which stay fresh.

    The layers that depend on the classes are taken over row by row, for the classes that both know by
    name: equal class *counts* alone mean nothing.
    """
    theirs = load_state(start.checkpoint)
    mine = net.state_dict()
    by_class = class_layers(recipe)
    reused = {k: v for k, v in theirs.items() if k in mine and k not in by_class and mine[k].shape == v.shape}
    same = tuple(recipe["classes"]) == start.classes
    for k in by_class & set(theirs):
        if same and mine[k].shape == theirs[k].shape:
            reused[k] = theirs[k]
        elif mine[k].shape[0] == len(recipe["classes"]) and theirs[k].shape[0] == len(start.classes):
            rows = [(i, start.classes.index(c)) for i, c in enumerate(recipe["classes"]) if c in start.classes]
            if rows:
                value = mine[k].clone()
                for i, j in rows:
                    value[i] = theirs[k][j]
                reused[k] = value
    net.load_state_dict({**mine, **reused})
    return sorted(reused), sorted(set(mine) - set(reused))


def _save(net: torch.nn.Module, file: Path) -> None:
    from safetensors.torch import save_file

    temp = file.with_suffix(".part")
    save_file({k: v.detach().cpu().contiguous() for k, v in net.state_dict().items()}, temp)
    temp.replace(file)


def _save_resume(
    file: Path, net: Any, optimizer: Any, schedule: Any, loader: DataLoader, epoch: int, metrics: Mapping[str, float]
) -> None:
    """One file with everything, so that no two halves can belong to different epochs."""
    temp = file.with_suffix(".part")
    state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch}
    # both random states, so that the samples come in the order of a run without an interruption
    state |= {"rng": torch.get_rng_state(), "order": loader.generator.get_state(), "metrics": dict(metrics)}
    torch.save(state, temp)
    temp.replace(file)


def _resume(file: Path, net: Any, optimizer: Any, schedule: Any, loader: DataLoader) -> tuple[int, dict[str, float]]:
    """Load the state of an interrupted job: epochs done and their last metrics.

    A damaged file means starting over, and says so; then nothing of it has been taken.
    """
    import warnings

    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        epoch, metrics, rng, order = int(state["epoch"]), dict(state["metrics"]), state["rng"], state["order"]
        mine, theirs = net.state_dict(), state["net"]
        if {k: v.shape for k, v in mine.items()} != {k: v.shape for k, v in theirs.items()}:
            raise ValueError("another network")
        optimizer.load_state_dict(state["optimizer"])
    except Exception as e:  # torch raises many kinds for a damaged or unsafe file
        warnings.warn(f"{file} cannot be resumed from ({type(e).__name__}); this training starts over", stacklevel=2)
        file.unlink(missing_ok=True)
        return 0, {}
    net.load_state_dict(theirs)
    schedule.load_state_dict(state["schedule"])
    torch.set_rng_state(rng)
    loader.generator.set_state(order)
    return epoch, metrics


def _check_hyper(h: Mapping[str, Any]) -> None:
    for k in ("epochs", "batch_size", "validate_every"):
        if not isinstance(h[k], int) or h[k] < 1:
            raise BadInput(f"{k} must be a whole number of at least 1, got {h[k]!r}")
    for k, low in (("lr", "above 0"), ("weight_decay", "at least 0")):
        v = h[k]
        if not isinstance(v, (int, float)) or not math.isfinite(v) or v < 0 or (v == 0 and k == "lr"):
            raise BadInput(f"{k} must be a number {low}, got {v!r}")
