"""Fit, predict and export forecasts of sensor readings; CPU or one GPU, the same code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...errors import BadData
from ...evaluation.measures import measure
from ...evaluation.prediction import Prediction
from ...execute.memory import keep_freed_memory
from ...versions.data import DataVersion
from ...versions.samples import id_array
from ...versions.truth import truth_of
from ...versions.window import Windows, windows
from .. import weights
from ..backend import FitTask, Graph, Report
from ..weight_files import load_state
from . import deployed, fitting
from .declared import BACKEND
from .networks import ON_A_GRAPH, RECURRENT, Forecaster, build, complete

BATCH = 64


class SpatiotemporalBackend:
    """Forecasters on sensor graphs."""

    declaration = BACKEND

    def complete(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        return complete(recipe)

    def epochs(self, recipe: Mapping[str, Any], hyper: Mapping[str, Any]) -> int:
        return hyper.get("epochs", self.declaration.defaults()["epochs"]) if recipe["architecture"] in RECURRENT else 1

    def fit(self, task: FitTask, report: Report) -> dict[str, Any]:
        device = _device()

        def measured(net: Forecaster, on: DataVersion) -> dict[str, float]:
            return self.measure(_predict(net, on, device), on)

        return fitting.fit(task.filled(self.declaration), report, measured, device)

    def replayed(self, task: FitTask, *, gpus: int) -> Iterator[list[np.ndarray]]:
        """Of a baseline one step, over all windows."""
        h = task.filled(self.declaration).hyper
        ids, w = id_array(task.data).astype(np.int64), windows(task.data)
        if task.recipe["architecture"] not in RECURRENT:
            yield [ids]
            return
        train, _ = fitting.split_in_time(w, held_out=h["patience"] is not None)
        order = torch.Generator().manual_seed(task.seed)
        for _ in range(h["epochs"]):
            yield [ids[at] for at in fitting.epoch_of(train, min(h["batch_size"], len(train)), order)]

    def predict(
        self, recipe: Mapping[str, Any], checkpoint: Path, data: DataVersion, *, progress: bool = False
    ) -> Prediction:
        fitting.check_fits(recipe, windows(data))
        device = _device()
        return _predict(load(recipe, checkpoint).to(device), data, device, progress=progress)

    def answers(
        self, recipe: Mapping[str, Any], checkpoint: Path, data: DataVersion, positions: Sequence[int]
    ) -> Iterator[Prediction]:
        w = windows(data)
        fitting.check_fits(recipe, w)
        device = _device()
        found = _answers(load(recipe, checkpoint).to(device), w, device, np.asarray(positions, dtype=np.int64))
        return (Prediction((), values=values) for values in found)

    def measure(self, prediction: Prediction, data: DataVersion) -> dict[str, float]:
        return measure(prediction, truth_of(data, prediction))

    def export(self, recipe: Mapping[str, Any], checkpoint: Path, file: Path) -> dict[str, Any]:
        return deployed.export(load(recipe, checkpoint), recipe, file)

    def runner(self, recipe: Mapping[str, Any], graph: Graph) -> Callable[[Any], Any]:
        return deployed.runner(recipe, graph)

    def original(self, recipe: Mapping[str, Any], checkpoint: Path) -> Callable[[Any], Any]:
        return deployed.original(load(recipe, checkpoint))


def load(recipe: Mapping[str, Any], checkpoint: Path) -> Forecaster:
    """The network with its weights, scaling and graph, in evaluation mode."""
    state = load_state(checkpoint)
    graph = state.get("adjacency")
    if recipe["architecture"] in ON_A_GRAPH and graph is None:
        raise BadData(f"the checkpoint {checkpoint} does not fit its recipe: it has no sensor graph")
    return weights.load_into(build(recipe, graph), checkpoint)


def _device() -> torch.device:
    keep_freed_memory()
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _predict(net: Forecaster, data: DataVersion, device: torch.device, *, progress: bool = False) -> Prediction:
    from tqdm.auto import tqdm

    w = windows(data)
    values = np.empty((len(w), w.horizon, len(w.nodes), len(w.channels)), np.float32)
    parts = _answers(net, w, device, np.arange(len(w)))
    bar = tqdm(
        parts,
        total=-(-len(w) // BATCH),
        desc=f"forecast {data.name}",
        unit="batch",
        disable=not progress,
        leave=False,
    )
    for i, part in enumerate(bar):
        values[i * BATCH : (i + 1) * BATCH] = part
    return Prediction((), values=values)


@torch.inference_mode()
def _answers(net: Forecaster, w: Windows, device: torch.device, positions: np.ndarray) -> Iterator[np.ndarray]:
    """Forecasts of the windows at these positions, float32 (b, horizon, nodes, channels) a batch."""
    net.eval()
    for start in range(0, len(positions), BATCH):
        at = positions[start : start + BATCH]
        x = torch.from_numpy(np.ascontiguousarray(w.cut(at)[0])).to(device)
        yield net(x, torch.from_numpy(w.clock(at)).to(device)).cpu().numpy()
