"""Export a forecaster to ONNX and run what was exported with ONNX Runtime."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...errors import BadData, JobError
from .networks import Forecaster

OPSET = 17


def export(net: Forecaster, recipe: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """Write the network as ONNX, checked by onnx: raw windows with NaN where nothing was measured in, readings out."""
    import onnx

    window, horizon, n, c = recipe["window"], recipe["horizon"], recipe["num_nodes"], len(recipe["channels"])
    temp = file.with_suffix(".part")
    example = (torch.randn(2, window, n, c), torch.zeros(2, window + horizon, dtype=torch.int64))
    axes = {k: {0: "batch"} for k in ("window", "clock", "forecast")}
    try:
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")  # the tracer warns of every Python loop over the steps, which are fixed
            torch.onnx.export(
                net.eval().cpu(), example, str(temp), dynamo=False, opset_version=OPSET, input_names=["window", "clock"],
                output_names=["forecast"], dynamic_axes=axes,
            )  # fmt: skip
        onnx.checker.check_model(str(temp))
        temp.replace(file)
    except Exception as e:  # the exporter raises whatever the network's layers raise
        raise JobError(f"torch cannot export {recipe['architecture']} of {n} sensors: {str(e).splitlines()[0]}") from e
    finally:
        temp.unlink(missing_ok=True)
    return {
        "format": "onnx", "opset": OPSET, "window": window, "horizon": horizon, "num_nodes": n, "channels": list(recipe["channels"]),
        "outputs": ["forecast"], "quantize": None,
    }  # fmt: skip


def runner(recipe: Mapping[str, Any], file: Path) -> Callable[[Any], dict[str, np.ndarray]]:
    """Run an exported model on one window: ``run((x, clock))`` gives ``{"forecast": (horizon, nodes, channels)}``.

    ``x`` is float32 (window, nodes, channels) with NaN where nothing was measured, ``clock`` int64 (window + horizon,).
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=onnxruntime.get_available_providers())
    except Exception as e:  # ONNX Runtime raises classes of its own C++ side
        raise BadData(f"{file} is no ONNX model that ONNX Runtime can run: {e}") from e
    inputs = {i.name for i in session.get_inputs()}  # a model that looks at no clock, or at nothing else, has lost that input

    def run(sample: Any) -> dict[str, np.ndarray]:
        x, clock = sample
        given = {"window": np.asarray(x, np.float32)[None], "clock": np.asarray(clock, np.int64)[None]}
        return {"forecast": session.run(None, {k: v for k, v in given.items() if k in inputs})[0][0]}

    return run


def original(net: Forecaster) -> Callable[[Any], dict[str, np.ndarray]]:
    """As :func:`runner`, over the torch network on the CPU."""
    net = net.eval().cpu()

    def run(sample: Any) -> dict[str, np.ndarray]:
        x, clock = sample
        with torch.inference_mode():
            out = net(torch.from_numpy(np.array(x, np.float32))[None], torch.from_numpy(np.array(clock, np.int64))[None])
        return {"forecast": out[0].numpy()}

    return run
