"""Export to ONNX, and run what was exported in a runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import onnx_file
from ..backend import Graph
from .networks import label_offset


def export(net: torch.nn.Module, recipe: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """Write the network as ONNX, checked by onnx; normalisation is inside, the input is an image in 0 ... 1."""
    w, h = recipe["size_px"]
    net = net.eval().cpu()
    detection = recipe["task"] == "detection"
    outputs = _detection_outputs(recipe) if detection else ["logits"]
    example: Any = ([torch.rand(3, h, w)],) if detection else (torch.rand(1, 3, h, w),)
    axes = None if detection else {"image": {0: "batch"}, "logits": {0: "batch"}}
    with onnx_file.written(file, f"{recipe['architecture']} at {w} x {h} px", "try a larger input size") as path:
        torch.onnx.export(
            net, example, path, **onnx_file.EXPORT, input_names=["image"], output_names=outputs, dynamic_axes=axes
        )
    return {"format": "onnx", "opset": onnx_file.OPSET, "size_px": [w, h], "outputs": outputs, "quantize": None}


def _detection_outputs(recipe: Mapping[str, Any]) -> list[str]:
    return ["boxes", "labels", "scores"] if recipe["architecture"] == "faster-rcnn" else ["boxes", "scores", "labels"]


def runner(recipe: Mapping[str, Any], graph: Graph) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Run an exported model: ``run(image)`` with a uint8 image (3, h, w) of the recipe's size.

    Gives ``{"logits": (c,)}`` or ``{"boxes", "scores", "labels"}`` in pixels of that image.
    """
    offset = label_offset(recipe)

    def run(image: np.ndarray) -> dict[str, np.ndarray]:
        x = np.asarray(image, dtype=np.float32) / 255
        if recipe["task"] == "classification":
            return {"logits": graph.run({"image": x[None]})["logits"][0]}
        found = dict(graph.run({graph.inputs[0]: x}))
        found["labels"] = found["labels"] - offset
        return found

    return run


def original(net: torch.nn.Module, recipe: Mapping[str, Any]) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """As :func:`runner`, over the torch network on the CPU."""
    net = net.eval().cpu()
    offset = label_offset(recipe)

    def run(image: np.ndarray) -> dict[str, np.ndarray]:
        x = torch.from_numpy(np.asarray(image)).float() / 255
        with torch.inference_mode():
            if recipe["task"] == "classification":
                return {"logits": net(x[None])[0].numpy()}
            found = {k: v.numpy() for k, v in net([x])[0].items()}
        return {**found, "labels": found["labels"] - offset}

    return run
