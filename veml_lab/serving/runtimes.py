"""What runs an exported model: one seam, a file in and a graph out that answers named arrays with named arrays.

``onnxruntime`` is what models are deployed with; ``onnx-reference`` is ONNX's own evaluator in NumPy, slow and plain,
which the other is held against. Another package adds one by an entry point ``veml_lab.runtimes``: a callable that takes
the file and gives a :class:`~veml_lab.training.backend.Graph`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _plugins
from ..errors import BadData, UnknownName

if TYPE_CHECKING:
    import numpy as np

    from ..training.backend import Graph

DEFAULT = "onnxruntime"


class OnnxRuntime:
    """A file in ONNX Runtime, on the providers that it has here."""

    def __init__(self, file: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(file), options, providers=onnxruntime.get_available_providers()
            )
        except Exception as e:  # ONNX Runtime raises classes of its own C++ side
            raise BadData(f"{file} is no ONNX model that ONNX Runtime can run: {e}") from e
        self.inputs = tuple(i.name for i in self._session.get_inputs())
        self._outputs = [o.name for o in self._session.get_outputs()]

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The outputs by name, in the order of the file."""
        return dict(zip(self._outputs, self._session.run(None, dict(inputs)), strict=True))


class OnnxReference:
    """A file in the reference evaluator of the package onnx."""

    def __init__(self, file: Path) -> None:
        from onnx.reference import ReferenceEvaluator

        try:
            self._model: Any = ReferenceEvaluator(str(file))
        except Exception as e:  # protobuf's, or of an operator that it does not know
            raise BadData(f"{file} is no ONNX model that the reference evaluator can run: {e}") from e
        self.inputs = tuple(self._model.input_names)

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The outputs by name, in the order of the file."""
        return dict(zip(self._model.output_names, self._model.run(None, dict(inputs)), strict=True))


OURS: dict[str, Callable[[Path], Graph]] = {DEFAULT: OnnxRuntime, "onnx-reference": OnnxReference}


def runtime(name: str) -> Callable[[Path], Graph]:
    """What opens a file in the runtime of that name."""
    found = OURS.get(name) or _plugins.load("runtimes", name, OURS)
    if found is None:
        raise UnknownName.of("runtime", name, [*OURS, *_plugins.plug_ins("runtimes", OURS)])
    return found
