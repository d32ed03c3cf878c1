"""VeML-Lab: every version of a machine-learning lifecycle in one lineage graph, and the use of that memory.

A lab is a folder. It keeps four kinds of version, which never change: data, model, training, inference.

>>> import veml_lab as veml
>>> lab = veml.open("road-lab")                                  # made on first use
>>> city = lab.add("city", veml.road_world("clear-city", 64, seed=1, test_share=0))     # yours: veml.read("my-images/")
>>> town = lab.add("town", veml.road_world("clear-city", 48, seed=2, test_share=0))
>>> city
<data version 'city': 64 images with boxes · 4 classes · train>
>>> embedder = lab.use_embedder("squeezenet1_1", weights="random", size_px=32)   # weights="auto" finds trained ones
>>> detector = veml.model(city, {"architecture": "fcos", "backbone": "resnet10", "width": 8, "neck_channels": 32,
...                              "size_px": [160, 96]}, name="detector")
>>> plan = veml.plan(detector, city, name="city detector", validation=town, epochs=1, batch_size=8, lr=2e-3)
>>> run = veml.train(plan, lab)
>>> deployed = veml.deploy(run, name="in production")
>>> len(lab.lineage(deployed, direction="ancestors").nodes)      # in a notebook: the graph
5

The examples of all functions go on from here; ``help(veml_lab.drift)`` shows one. By what you want to do:

    open a lab         open, Lab; check, backup, vacuum
    bring data in      look (says what would be read), read (finds out the format), read_coco, read_voc, read_yolo,
                       read_kitti, read_idx, read_image_folder; road_world draws some, corrupted changes the weather;
                       write
    versions           DataVersion (filter, split, merge, correct, prepare, browse, statistics, export ...),
                       ModelVersion, TrainingVersion, InferenceVersion; lab["name"] finds one
    find what is like  core_set, similarity, most_similar, worth (of one donor)
    train              model, plan, train, search; transfer (from a donor), race (several donors); linear_head (on
                       embeddings, in a moment)
    look into it       predict (what it says, kept), analyse (what it gets wrong), reproduce (run it again),
                       batch, seen (which samples it was given, and how often), activations (of one picture)
    settings           config, Config (every value of a plan or training, with where it came from)
    watch              drift, drift_stream, drift_pairs
    go on              advise, rebuild, rebuilds, deploy, bad_cases, label
    compute once       reuse (a function of yours), explain (what a call would reuse and compute), lab.cache
    show               dashboard; in JupyterLab the VeML panel on the left
    errors             VemlError, BadInput, UnknownName, MissingExtra

The same verbs on the command line: ``veml --help``. Importing is light: torch, plotly and DuckDB are loaded when they
are needed.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

# OpenMP threads that spin at barriers on cores which others use too slow torch down several times
# (measured under load: 16 -> 39 training images/s); it is read when torch is imported, so it stands here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = "0.1.0"

_HOME: dict[str, str] = {
    # labs and versions
    "open": "lab",
    "Lab": "lab",
    "DataVersion": "versions.data",
    "ModelVersion": "versions.model",
    "TrainingVersion": "versions.training",
    "InferenceVersion": "versions.inference",
    # reading data
    "look": "formats.look",
    "read": "formats",
    "read_idx": "formats",
    "read_image_folder": "formats",
    "read_coco": "formats",
    "read_voc": "formats",
    "read_kitti": "formats",
    "read_yolo": "formats",
    "road_world": "roads",
    "corrupted": "sources.corrupted",
    "write": "formats",
    # the verbs
    "similarity": "lifecycle.similarity",
    "core_set": "lifecycle.core_sets",
    "linear_head": "lifecycle.linear_head",
    "most_similar": "lifecycle.donors",
    "worth": "lifecycle.worth",
    "transfer": "lifecycle.transfer",
    "train": "lifecycle.planning",
    "model": "lifecycle.planning",
    "plan": "lifecycle.planning",
    "Config": "training.config",
    "config": "training.config",
    "drift": "lifecycle.drift",
    "drift_pairs": "lifecycle.drift_repeated",
    "drift_stream": "lifecycle.drift_repeated",
    "rebuild": "lifecycle.rebuild",
    "deploy": "serving.onnx",
    "predict": "serving.predict",
    "bad_cases": "lifecycle.badcases",
    "label": "lifecycle.labelling",
    "search": "tuning.study",
    "dashboard": "dashboards.server",
    "analyse": "training.analysis",
    "reproduce": "training.reproduce",
    "activations": "training.activations",
    "batch": "training.replay",
    "seen": "training.replay",
    "rebuilds": "lifecycle.outcome",
    "advise": "lifecycle.advice",
    "race": "lifecycle.race",
    "check": "upkeep.check",
    "backup": "upkeep.backup",
    "vacuum": "upkeep.vacuum",
    # what was computed once
    "reuse": "versions.lab_cache",
    "explain": "intermediates.explanation",
    # errors that callers catch
    "VemlError": "errors",
    "BadInput": "errors",
    "UnknownName": "errors",
    "MissingExtra": "errors",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'veml_lab' has no attribute {name!r}; it has {', '.join(_HOME)}")
    return getattr(importlib.import_module(f".{home}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "veml-lab"}]


def _in_kernel() -> bool:
    """Whether this is a Jupyter kernel, without importing IPython where nobody has."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


if _in_kernel():  # the side panel asks its questions over a comm of this kernel
    importlib.import_module(".panel", __name__).register()
