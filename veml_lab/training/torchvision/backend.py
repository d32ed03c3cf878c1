"""Fit, predict and export with torchvision networks; CPU, one GPU or several, the same code."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...errors import BadInput
from ...evaluation.measures import measure
from ...evaluation.prediction import Prediction
from ...versions.data import DataVersion
from ...versions.samples import id_array
from ...versions.truth import truth_of
from .. import augment
from ..backend import FitTask, Graph, Inside, Report, Seen, Trained
from ..guard import check_data
from . import batches, deployed, inside, ranks, seen
from .declared import BACKEND
from .loop import device_of, train
from .networks import complete
from .predictions import answers, load, metrics_of, predict


class TorchvisionBackend:
    """The reference backend."""

    declaration = BACKEND

    def complete(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        return complete(recipe)

    def epochs(self, recipe: Mapping[str, Any], hyper: Mapping[str, Any]) -> int:
        return hyper.get("epochs", self.declaration.defaults()["epochs"])

    def fit(self, task: FitTask, report: Report) -> dict[str, Any]:
        task = task.filled(self.declaration)
        h = task.hyper
        augment.chain(h["augment"], task.task, task.recipe["size_px"])  # a step that cannot be made is said now
        augment.mosaic(h["augment"], task.task)
        check_data(task.recipe, task.data, task.validation)
        gpus = torch.cuda.device_count()
        world = _processes(h, gpus)
        if gpus and world > gpus:
            raise BadInput(f"devices is {world}, and there are {gpus} GPUs here; leave it out to use them all")
        if world > h["batch_size"]:
            raise BadInput(
                f"{world} devices cannot share batches of {h['batch_size']}; take a larger batch_size or fewer devices"
            )
        if world > 1:
            return ranks.fit(task, report, world)
        return train(task, report, metrics_of(task.recipe))

    def replayed(self, task: FitTask, *, gpus: int) -> Iterator[list[np.ndarray]]:
        h = task.filled(self.declaration).hyper
        ids = id_array(task.data).astype(np.int64)
        return itertools.islice(
            batches.whole_batches(ids, h["batch_size"], task.seed, _processes(h, gpus)), h["epochs"]
        )

    def predict(
        self, recipe: Mapping[str, Any], checkpoint: Path, data: DataVersion, *, progress: bool = False
    ) -> Prediction:
        device = device_of()
        return predict(load(recipe, checkpoint).to(device), recipe, data, device, progress=progress)

    def answers(
        self, recipe: Mapping[str, Any], checkpoint: Path, data: DataVersion, positions: Sequence[int]
    ) -> Iterator[Prediction]:
        device = device_of()
        return answers(load(recipe, checkpoint).to(device), recipe, data, device, positions)

    def inside(
        self,
        recipe: Mapping[str, Any],
        checkpoint: Path,
        data: DataVersion,
        position: int,
        layers: Sequence[str] | None,
    ) -> Inside:
        return inside.inside(recipe, checkpoint, data, position, layers, device_of())

    def measure(self, prediction: Prediction, data: DataVersion) -> dict[str, float]:
        return measure(prediction, truth_of(data, prediction))

    def export(self, recipe: Mapping[str, Any], checkpoint: Path, file: Path) -> dict[str, Any]:
        return deployed.export(load(recipe, checkpoint), recipe, file)

    def runner(self, recipe: Mapping[str, Any], graph: Graph) -> Callable[[Any], Any]:
        return deployed.runner(recipe, graph)

    def original(self, recipe: Mapping[str, Any], checkpoint: Path) -> Callable[[Any], Any]:
        return deployed.original(load(recipe, checkpoint), recipe)

    def features(self, recipe: Mapping[str, Any], checkpoint: Path, name: str) -> Trained:
        """The features of a trained classification network, before its classifier."""
        if recipe["task"] != "classification":
            raise BadInput(
                f"{name!r} is a {recipe['task']} training; embeddings come from a classification training of"
                " torchvision"
            )
        w, h = recipe["size_px"]
        return Trained(load(recipe, checkpoint).net, str(recipe["architecture"]), (w, h))

    def see(
        self,
        recipe: Mapping[str, Any],
        checkpoint: Path | None,
        data: DataVersion,
        positions: Sequence[int],
        *,
        seed: int = 0,
    ) -> Seen:
        return seen.see(recipe, checkpoint, data, positions, device_of(), seed=seed)


def _processes(h: Mapping[str, Any], gpus: int) -> int:
    """How many processes share every batch, on a machine with so many GPUs."""
    return int(h["devices"] or min(max(1, gpus), h["batch_size"]))
