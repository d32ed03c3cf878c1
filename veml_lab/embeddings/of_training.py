"""The features that a training has learned, as an embedder."""

from __future__ import annotations

from ..errors import BadInput
from ..training import backend
from ..training.backend import Featured
from ..training.weight_files import file_hash
from ..versions.training import TrainingVersion
from .torchvision import TorchvisionEmbedder, network_embedder


def training_embedder(training: TrainingVersion) -> TorchvisionEmbedder:
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
    found = engine.features(recipe, training.checkpoint, training.name)
    w, h = found.size_px
    return network_embedder(
        found.network,
        found.architecture,
        weights=f"training {training.name!r}",
        tag=file_hash(training.checkpoint),
        size_px=w if w == h else (w, h),
    )
