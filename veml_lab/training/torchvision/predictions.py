"""What a torchvision network says of a data version, and how good that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...evaluation.measures import measure
from ...evaluation.prediction import Prediction, joined
from ...versions.data import DataVersion
from ...versions.torch_dataset import VersionDataset
from ...versions.truth import truth_of
from ..weights import load_into
from .loop import Measure
from .networks import build, label_offset


def load(recipe: Mapping[str, Any], checkpoint: Path) -> torch.nn.Module:
    """The network with its weights, in evaluation mode."""
    return load_into(build(recipe), checkpoint)


BATCH = 64


def predict(
    net: torch.nn.Module, recipe: Mapping[str, Any], data: DataVersion, device: torch.device, *, progress: bool = False
) -> Prediction:
    """Run a network over a data version, in batches."""
    from tqdm.auto import tqdm

    batches = -(-len(data) // BATCH)
    parts = answers(net, recipe, data, device, range(len(data)))
    bar = tqdm(parts, total=batches, desc=f"predict {data.name}", unit="batch", disable=not progress, leave=False)
    return joined(list(bar))


@torch.inference_mode()
def answers(
    net: torch.nn.Module, recipe: Mapping[str, Any], data: DataVersion, device: torch.device, positions: Sequence[int]
) -> Iterator[Prediction]:
    """What a network says of some samples of a version, a batch at a time."""
    w, h = recipe["size_px"]
    dataset = VersionDataset(data, size_px=(w, h), classes=tuple(recipe["classes"]), labelled=False)
    net.eval()
    classes = tuple(recipe["classes"])
    for s in range(0, len(positions), BATCH):
        batch = positions[s : s + BATCH]
        x = [dataset.image(p).to(device).float() / 255 for p in batch]
        if recipe["task"] == "classification":
            yield Prediction(classes, probabilities=net(torch.stack(x)).softmax(1).cpu().numpy())
            continue
        detections = []
        for p, d in zip(batch, net(x), strict=True):
            scale = np.array([dataset._width[p] / w, dataset._height[p] / h] * 2, dtype=np.float32)
            labels = d["labels"].cpu().numpy() - label_offset(recipe)
            keep = (labels >= 0) & (labels < len(classes))
            boxes = d["boxes"].cpu().numpy() * scale
            detections.append({"boxes": boxes[keep], "scores": d["scores"].cpu().numpy()[keep], "labels": labels[keep]})
        yield Prediction(classes, detections=detections)


def metrics_of(recipe: Mapping[str, Any]) -> Measure:
    """Metrics of a network that is being trained, on a data version."""

    def measured(net: torch.nn.Module, data: DataVersion, device: torch.device) -> dict[str, float]:
        prediction = predict(net, recipe, data, device)
        return measure(prediction, truth_of(data, prediction))

    return measured
