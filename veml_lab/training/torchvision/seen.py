"""What a torchvision network sees in labelled pictures: its features before the last layer, and its outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...errors import BadData
from ...versions.data import DataVersion
from ...versions.torch_dataset import VersionDataset
from ..adaptation.alignment import Features
from ..backend import Seen
from .networks import build
from .predictions import load

BATCH = 32
REGION_PX = 3  # a region is pooled to so many by so many before its mean, so that its edges count as its middle does


@torch.inference_mode()
def see(
    recipe: Mapping[str, Any],
    checkpoint: Path | None,
    data: DataVersion,
    positions: Sequence[int],
    device: torch.device,
    *,
    seed: int = 0,
) -> Seen:
    """See :class:`veml_lab.training.backend.Seeing`."""
    net: Any = load(recipe, checkpoint) if checkpoint is not None else _fresh(recipe, data, positions, seed)
    net = net.to(device).eval()
    w, h = recipe["size_px"]
    images = VersionDataset(data, size_px=(w, h), task=recipe["task"])
    if recipe["task"] == "classification":
        return _pictures(net, images, positions, device)
    return _regions(net, images, positions, device, seed)


def _pictures(net: Any, images: VersionDataset, positions: Sequence[int], device: torch.device) -> Seen:
    judged = Features(net)
    features, outputs = [], []
    for at in _batches(positions):
        logits, f = judged(_batch(images, at, device))
        features.append(f.float().cpu().numpy())
        outputs.append(logits.softmax(1).float().cpu().numpy())
    labels = np.array([images.target(p) for p in positions], np.int64)
    return Seen(np.concatenate(features), labels, images.classes, np.concatenate(outputs))


def _regions(net: Any, images: VersionDataset, positions: Sequence[int], device: torch.device, seed: int) -> Seen:
    """Every labelled box, and as many places a picture where nothing is labelled, in the maps of the backbone."""
    from torchvision.ops import roi_align

    rng = np.random.default_rng(seed)
    features, labels = [], []
    for at in _batches(positions):
        x, _ = net.transform([_batch(images, [p], device)[0] for p in at])
        maps = net.backbone(x.tensors)
        boxes = []
        for p in at:
            target = images.target(p)
            here = target["boxes"]
            empty = _empty_places(here, images.size_px, rng)
            boxes.append(torch.cat([here, empty]).to(device))
            labels += [*target["labels"].tolist(), *[len(images.classes)] * len(empty)]
        width = x.tensors.shape[-1]
        levels = [  # every level of the maps side by side: which one a head reads for a box is its own affair
            roi_align(m, boxes, REGION_PX, m.shape[-1] / width, 2).mean((2, 3)) for n, m in maps.items() if n != "pool"
        ]
        features.append(torch.cat(levels, dim=1).float().cpu().numpy())
    if not labels:
        raise BadData(f"{images.name!r} has no boxes in the {len(positions)} pictures that were looked at")
    return Seen(np.concatenate(features), np.array(labels, np.int64), (*images.classes, ""))


def _empty_places(boxes: torch.Tensor, size_px: Any, rng: np.random.Generator) -> torch.Tensor:
    """Boxes of the same sizes moved to where no labelled one is (overlap below 0.1), at most as many as there are."""
    from torchvision.ops import box_iou

    if not len(boxes):
        return boxes
    sides = boxes[:, 2:] - boxes[:, :2]
    room = (torch.tensor(size_px, dtype=sides.dtype) - sides).clamp(min=0)
    corner = torch.from_numpy(rng.random((len(boxes), 2))).to(sides.dtype) * room
    moved = torch.cat([corner, corner + sides], dim=1)
    return moved[(box_iou(moved, boxes) < 0.1).all(dim=1)]


def _fresh(recipe: Mapping[str, Any], data: DataVersion, positions: Sequence[int], seed: int) -> Any:
    """Fresh weights whose normalisation knows the data: else activations fade or explode layer by layer."""
    w, h = recipe["size_px"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net: Any = build(recipe)
    norms = [m for m in net.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    for m in norms:
        m.momentum = None
        m.reset_running_stats()
        m.train()
    images = VersionDataset(data, size_px=(w, h), labelled=False)
    x = _batch(images, list(positions)[:64], torch.device("cpu"))
    net.eval()
    for m in norms:
        m.train()
    if recipe["task"] == "classification":
        net(x)
    else:
        net.backbone(net.transform(list(x))[0].tensors)
    return net


def _batches(positions: Sequence[int]) -> list[list[int]]:
    return [list(positions[s : s + BATCH]) for s in range(0, len(positions), BATCH)]


def _batch(images: VersionDataset, at: Sequence[int], device: torch.device) -> torch.Tensor:
    return torch.stack([images.image(p) for p in at]).to(device).float() / 255
