"""The features that a training has learned, as an embedder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BadInput
from ..versions.training import TrainingVersion

if TYPE_CHECKING:
    from ..embeddings import Embedder


def training_embedder(training: TrainingVersion) -> Embedder:
    """The features of a trained classification network, before its classifier.

    Raises
    ------
    BadInput
        The training is no classification of the torchvision backend.
    """
    from ..embeddings import network_embedder
    from ..embeddings.weights import file_hash
    from ..training.torchvision.backend import load

    recipe = training.model.recipe
    if recipe["task"] != "classification" or recipe["backend"] != "torchvision":
        raise BadInput(
            f"{training.name!r} is a {recipe['task']} training of the backend {recipe['backend']}; "
            "embeddings come from a classification training of torchvision"
        )
    net = load(recipe, training.checkpoint).net
    w, h = recipe["size_px"]
    return network_embedder(
        net,  # type: ignore[arg-type]
        str(recipe["architecture"]),
        weights=f"training {training.name!r}",
        tag=file_hash(training.checkpoint),
        size_px=w if w == h else (w, h),
    )
