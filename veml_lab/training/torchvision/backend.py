"""Fit, predict and export with torchvision networks; CPU, one GPU or several, the same code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...errors import BadInput
from ...versions.data import DataVersion
from ...versions.torch_dataset import VersionDataset
from .. import augment
from ..backend import FitTask, Graph, Prediction, Report, Trained
from ..guard import check_data
from ..weights import load_into
from . import deployed, measure, ranks
from .declared import BACKEND
from .loop import Measure, device_of, train
from .networks import build, complete, label_offset


class TorchvisionBackend:
    """The reference backend."""

    declaration = BACKEND

    def complete(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        return complete(recipe)

    def epochs(self, recipe: Mapping[str, Any], hyper: Mapping[str, Any]) -> int:
        return hyper.get("epochs", self.declaration.defaults()["epochs"])

    def fit(self, task: FitTask, report: Report) -> dict[str, Any]:
        task = task.filled(self.declaration)
        h = task.hyper
        augment.chain(h["augment"], task.task, task.recipe["size_px"])  # a step that cannot be made is said now
        augment.mosaic(h["augment"], task.task)
        check_data(task.recipe, task.data, task.validation)
        gpus = torch.cuda.device_count()
        world = h["devices"] or min(max(1, gpus), h["batch_size"])
        if gpus and world > gpus:
            raise BadInput(f"devices is {world}, and there are {gpus} GPUs here; leave it out to use them all")
        if world > h["batch_size"]:
            raise BadInput(
                f"{world} devices cannot share batches of {h['batch_size']}; take a larger batch_size or fewer devices"
            )
        if world > 1:
            return ranks.fit(task, report, world)
        return train(task, report, self.metrics_of(task.recipe))

    def metrics_of(self, recipe: Mapping[str, Any]) -> Measure:
        """Metrics of a network that is being trained, on a data version."""
        return lambda net, version, device: self.measure(_predict(net, recipe, version, device), version)

    def predict(
        self, recipe: Mapping[str, Any], checkpoint: Path, data: DataVersion, *, progress: bool = False
    ) -> Prediction:
        device = device_of()
        return _predict(load(recipe, checkpoint).to(device), recipe, data, device, progress=progress)

    def measure(self, prediction: Prediction, data: DataVersion) -> dict[str, float]:
        if prediction.probabilities is not None:
            return measure.accuracy(prediction, data)
        return measure.average_precision(prediction, data)

    def export(self, recipe: Mapping[str, Any], checkpoint: Path, file: Path) -> dict[str, Any]:
        return deployed.export(load(recipe, checkpoint), recipe, file)

    def runner(self, recipe: Mapping[str, Any], graph: Graph) -> Callable[[Any], Any]:
        return deployed.runner(recipe, graph)

    def original(self, recipe: Mapping[str, Any], checkpoint: Path) -> Callable[[Any], Any]:
        return deployed.original(load(recipe, checkpoint), recipe)

    def features(self, recipe: Mapping[str, Any], checkpoint: Path, name: str) -> Trained:
        """The features of a trained classification network, before its classifier."""
        if recipe["task"] != "classification":
            raise BadInput(
                f"{name!r} is a {recipe['task']} training; embeddings come from a classification training of torchvision"
            )
        w, h = recipe["size_px"]
        return Trained(load(recipe, checkpoint).net, str(recipe["architecture"]), (w, h))


def load(recipe: Mapping[str, Any], checkpoint: Path) -> torch.nn.Module:
    """The network with its weights, in evaluation mode."""
    return load_into(build(recipe), checkpoint)


@torch.inference_mode()
def _predict(
    net: torch.nn.Module, recipe: Mapping[str, Any], data: DataVersion, device: torch.device, *, progress: bool = False
) -> Prediction:
    from tqdm.auto import tqdm

    w, h = recipe["size_px"]
    dataset = VersionDataset(data, size_px=(w, h), classes=tuple(recipe["classes"]), labelled=False)
    net.eval()
    size, classes = 64, tuple(recipe["classes"])
    starts = tqdm(
        range(0, len(dataset), size), desc=f"predict {data.name}", unit="batch", disable=not progress, leave=False
    )
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
