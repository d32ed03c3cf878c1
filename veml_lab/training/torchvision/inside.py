"""What happens in a torchvision network when it sees one picture: feature maps, and how steep its loss is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ...errors import BadData
from ...versions.data import DataVersion
from ...versions.samples import id_array
from ...versions.torch_dataset import VersionDataset
from ..backend import Inside
from ..layers import caught, gradient_norms, named_layers
from .loop import loss_of
from .predictions import load


def inside(
    recipe: Mapping[str, Any],
    checkpoint: Path,
    data: DataVersion,
    position: int,
    layers: Sequence[str] | None,
    device: torch.device,
) -> Inside:
    """See :meth:`veml_lab.training.backend.Showing.inside`."""
    net = load(recipe, checkpoint).to(device).eval()
    w, h = recipe["size_px"]
    options: dict[str, Any] = {"size_px": (w, h), "classes": tuple(recipe["classes"])}
    image = VersionDataset(data, **options, labelled=False).image(position)
    x = image.to(device).float() / 255
    with caught(net, named_layers(net, layers)) as maps, torch.inference_mode():
        net(x[None] if recipe["task"] == "classification" else [x])
    target = _target(recipe, data, position, options)
    if target is None:
        return Inside(maps)
    if recipe["task"] == "detection":
        net.train()  # where torchvision's detectors have their losses; the statistics of the training stay
        for layer in net.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm | nn.Dropout):
                layer.eval()
    net.zero_grad(set_to_none=True)
    loss_of(net, recipe, [image], [target], device).backward()
    return Inside(maps, gradient_norms(net))


def _target(recipe: Mapping[str, Any], data: DataVersion, position: int, options: Mapping[str, Any]) -> Any:
    """What the sample is to be taken for; None where it has no label, or one that the network does not know."""
    if recipe["task"] == "classification":
        label = data.annotations.class_labels.get(int(id_array(data)[position]))
        return recipe["classes"].index(label) if label in recipe["classes"] else None
    try:
        return VersionDataset(data, **options, task=recipe["task"]).target(position)
    except BadData:
        return None
