"""The features that a training has learned, as an embedder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BadInput
from ..training import backend
from ..training.backend import Featured
from ..versions.training import TrainingVersion

if TYPE_CHECKING:
    from ..embeddings import Embedder


def training_embedder(training: TrainingVersion) -> Embedder:
    """The features of a trained network, before its last layer.

    Raises
    ------
    BadInput
        Its backend gives none (:meth:`~veml_lab.training.backend.Featured.features`), or not of such a network.
    """
    recipe = training.model.recipe
    engine = backend(recipe["backend"])
    if not isinstance(engine, Featured):
        raise BadInput(
            f"{training.name!r} is a training of the backend {recipe['backend']}, which gives no features; embeddings"
            " come from a classification training of torchvision"
        )
    return engine.features(recipe, training.checkpoint, training.name)
