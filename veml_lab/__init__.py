"""VeML-Lab: every version of a machine-learning lifecycle in one lineage graph, and the use of that memory.

>>> import veml_lab as veml
>>> lab = veml.open(tmp / "road-lab")                                     # doctest: +SKIP
>>> city = lab.add("city", veml.road_world("clear-city", 200))            # doctest: +SKIP

Importing it is light: torch, plotly and DuckDB are loaded when they are needed.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
from typing import Any

# OpenMP threads that spin at barriers on cores which others use too slow torch down several times
# (measured under load: 16 -> 39 training images/s); it is read when torch is imported, so it stands here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = "0.1.0"

_HOME: dict[str, str] = {
    # labs and versions
    "open": "lab", "Lab": "lab", "DataVersion": "versions.data", "ModelVersion": "versions.model",
    "TrainingVersion": "versions.training", "InferenceVersion": "versions.inference",
    # reading data
    "read": "formats", "read_idx": "formats", "read_image_folder": "formats", "read_coco": "formats",
    "read_voc": "formats", "read_kitti": "formats", "read_yolo": "formats", "road_world": "formats",
    "corrupted": "formats.corrupted", "write": "formats",
    # the verbs
    "similarity": "verbs", "most_similar": "verbs", "transfer": "verbs", "train": "verbs", "model": "verbs",
    "plan": "verbs", "drift": "verbs", "drift_pairs": "verbs", "drift_stream": "verbs", "rebuild": "verbs",
    "deploy": "verbs", "bad_cases": "verbs", "search": "verbs", "dashboard": "verbs", "advise": "verbs", "race": "verbs", "check": "verbs", "backup": "verbs",
    "vacuum": "verbs",
    # errors that callers catch
    "VemlError": "errors", "BadInput": "errors", "UnknownName": "errors", "MissingExtra": "errors",
}  # fmt: skip

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'veml_lab' has no attribute {name!r}; it has {', '.join(_HOME)}")
    return getattr(importlib.import_module(f".{home}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(types.ModuleType):
    """Keeps ``deploy`` and ``search`` the verbs that they are: importing the packages of that name binds them here."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOME and isinstance(value, types.ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "veml-lab"}]


def _in_kernel() -> bool:
    """Whether this is a Jupyter kernel, without importing IPython where nobody has."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


if _in_kernel():  # the side panel asks its questions over a comm of this kernel
    importlib.import_module(".panel", __name__).register()
