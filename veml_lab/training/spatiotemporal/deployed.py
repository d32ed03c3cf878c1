"""Export a forecaster to ONNX, and run what was exported in a runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import onnx_file
from ..backend import Graph
from .networks import Forecaster


def export(net: Forecaster, recipe: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """Write the network as ONNX, checked by onnx: raw windows with NaN where nothing was measured in, readings out."""
    window, horizon, n, c = recipe["window"], recipe["horizon"], recipe["num_nodes"], len(recipe["channels"])
    example = (torch.randn(2, window, n, c), torch.zeros(2, window + horizon, dtype=torch.int64))
    axes = {k: {0: "batch"} for k in ("window", "clock", "forecast")}
    with onnx_file.written(file, f"{recipe['architecture']} of {n} sensors") as path:
        torch.onnx.export(
            net.eval().cpu(),
            example,
            path,
            **onnx_file.EXPORT,
            input_names=["window", "clock"],
            output_names=["forecast"],
            dynamic_axes=axes,
        )
    return {
        "format": "onnx",
        "opset": onnx_file.OPSET,
        "window": window,
        "horizon": horizon,
        "num_nodes": n,
        "channels": list(recipe["channels"]),
        "outputs": ["forecast"],
        "quantize": None,
    }


def runner(recipe: Mapping[str, Any], graph: Graph) -> Callable[[Any], dict[str, np.ndarray]]:
    """Run an exported model on one window: ``run((x, clock))`` gives ``{"forecast": (horizon, nodes, channels)}``.

    ``x`` is float32 (window, nodes, channels) with NaN where nothing was measured, ``clock`` int64 (window + horizon,).
    """
    inputs = set(graph.inputs)  # a model that looks at no clock, or at nothing else, has lost that input

    def run(sample: Any) -> dict[str, np.ndarray]:
        x, clock = sample
        given: dict[str, np.ndarray] = {
            "window": np.asarray(x, np.float32)[None],
            "clock": np.asarray(clock, np.int64)[None],
        }
        return {"forecast": graph.run({k: v for k, v in given.items() if k in inputs})["forecast"][0]}

    return run


def original(net: Forecaster) -> Callable[[Any], dict[str, np.ndarray]]:
    """As :func:`runner`, over the torch network on the CPU."""
    net = net.eval().cpu()

    def run(sample: Any) -> dict[str, np.ndarray]:
        x, clock = sample
        with torch.inference_mode():
            out = net(
                torch.from_numpy(np.array(x, np.float32))[None], torch.from_numpy(np.array(clock, np.int64))[None]
            )
        return {"forecast": out[0].numpy()}

    return run
