"""ONNX files: written whole and checked, or not at all."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import JobError, LabError
from ..storage.whole import whole

OPSET = 17
# dynamo=False: the new exporter cannot do torchvision's detectors (seen with torch 2.13)
EXPORT: dict[str, Any] = {"dynamo": False, "opset_version": OPSET}


@contextlib.contextmanager
def written(file: Path, what: str, advice: str = "") -> Iterator[str]:
    """The path that ``torch.onnx.export`` writes to; it becomes ``file`` when onnx has checked it.

    Parameters
    ----------
    what
        What is exported, with its size, as the message of a failure calls it.
    advice
        What to do about a failure.

    Raises
    ------
    JobError
        The network cannot be exported, or what was written is no valid model; ``file`` stays as it was.
    """
    import onnx
    import torch

    try:
        with whole(file) as draft:
            with warnings.catch_warnings(), torch.inference_mode():
                warnings.simplefilter("ignore")  # the tracer warns of every Python branch and loop
                yield str(draft)
            onnx.checker.check_model(str(draft))
    except LabError:  # a full disk is no fault of the network
        raise
    except Exception as e:  # the exporter raises whatever the network's layers raise
        said = (str(e).splitlines() or [type(e).__name__])[0]
        raise JobError(f"torch cannot export {what}: {said}{'; ' if advice else ''}{advice}") from e
