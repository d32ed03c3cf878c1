"""The mmdet backend: any detector that a configuration of OpenMMLab Detection describes.

Upstream has been quiet since early 2024; the versions that are installed by ``veml-lab[mmdet]`` work
together, and forks that keep the import names work too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import BadInput
from ...evaluation.measures import measure
from ...evaluation.prediction import Prediction
from ...versions.data import DataVersion
from ...versions.samples import id_array
from ...versions.torch_dataset import VersionDataset
from ...versions.truth import truth_of
from .. import augment
from ..backend import FitTask, Graph, Inside, Report
from ..guard import check_data
from ..layers import caught, named_layers
from . import config as configs
from . import deployed, network
from .declared import BACKEND


class MmdetBackend:
    """Detection by configuration: train, measure, predict, export."""

    declaration = BACKEND

    def __init__(self) -> None:
        network.ready()

    def complete(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        return network.complete(recipe)

    def epochs(self, recipe: Mapping[str, Any], hyper: Mapping[str, Any]) -> int:
        return hyper.get("epochs") or recipe["epochs"]

    def replayed(self, task: FitTask, *, gpus: int) -> Iterator[list[np.ndarray]]:
        """What the sampler asks for; a transform that refuses a picture, or mixes several, draws others beside it."""
        from .run import positions

        task = self._filled(task)
        ids = id_array(task.data).astype(np.int64)
        return ([ids[at] for at in epoch] for epoch in positions(task))

    def _filled(self, task: FitTask) -> FitTask:
        task = task.filled(self.declaration)
        return replace(task, hyper={**task.hyper, "epochs": task.hyper["epochs"] or task.recipe["epochs"]})

    def fit(self, task: FitTask, report: Report) -> dict[str, Any]:
        from .run import train

        task = self._filled(task)
        recipe, validation = task.recipe, task.validation
        augment.chain(task.hyper["augment"], "detection", recipe["size_px"])  # a step that cannot be made is said now
        augment.mosaic(task.hyper["augment"], "detection")
        if (task.hyper["devices"] or 1) > 1:
            raise BadInput(
                "the mmdet backend trains in one process; leave devices out, or train with the torchvision backend"
            )
        check_data(recipe, task.data, validation)
        heard = (
            (lambda net: self.measure(self._predict(net, recipe, validation), validation))
            if validation is not None
            else None
        )
        return train(task, report, heard)

    def predict(
        self, recipe: Mapping[str, Any], checkpoint: Path, data: DataVersion, *, progress: bool = False
    ) -> Prediction:
        import torch

        net = network.load(recipe, checkpoint)
        return self._predict(net.to("cuda" if torch.cuda.is_available() else "cpu"), recipe, data, progress=progress)

    def _predict(self, net: Any, recipe: Mapping[str, Any], data: DataVersion, *, progress: bool = False) -> Prediction:
        classes = tuple(recipe["classes"])
        images = VersionDataset(data, classes=classes, labelled=False)
        return Prediction(
            classes, detections=network.predict(net, configs.parse(recipe["config"]), images, progress=progress)
        )

    def answers(
        self, recipe: Mapping[str, Any], checkpoint: Path, data: DataVersion, positions: Sequence[int]
    ) -> Iterator[Prediction]:
        import torch

        net, classes = network.load(recipe, checkpoint), tuple(recipe["classes"])
        net = net.to("cuda" if torch.cuda.is_available() else "cpu")
        images = VersionDataset(data, classes=classes, labelled=False)
        found = network.answers(net, configs.parse(recipe["config"]), images, positions)
        return (Prediction(classes, detections=batch) for batch in found)

    def inside(
        self,
        recipe: Mapping[str, Any],
        checkpoint: Path,
        data: DataVersion,
        position: int,
        layers: Sequence[str] | None,
    ) -> Inside:
        """Feature maps alone: what a loss is taken of is made by pipelines that draw at random."""
        net, classes = network.load(recipe, checkpoint), tuple(recipe["classes"])
        images = VersionDataset(data, classes=classes, labelled=False)
        with caught(net, named_layers(net, layers)) as maps:
            list(network.answers(net, configs.parse(recipe["config"]), images, [position]))
        return Inside(maps)

    def measure(self, prediction: Prediction, data: DataVersion) -> dict[str, float]:
        return measure(prediction, truth_of(data, prediction))

    def export(self, recipe: Mapping[str, Any], checkpoint: Path, file: Path) -> dict[str, Any]:
        return deployed.export(network.load(recipe, checkpoint), recipe, file)

    def runner(self, recipe: Mapping[str, Any], graph: Graph) -> Callable[[Any], Any]:
        return deployed.runner(recipe, graph)

    def original(self, recipe: Mapping[str, Any], checkpoint: Path) -> Callable[[Any], Any]:
        return deployed.original(network.load(recipe, checkpoint), recipe)
