"""Embeddings: one vector a sample, computed once per sample and embedder, kept memory-mapped.

The seam is :class:`Embedder`: ``embed(version, positions) -> (m, d) float32`` and a ``fingerprint`` that
changes whenever the vectors would. :func:`embed` fills what is missing and reads the rest.
Windows of sensors are embedded by an autoencoder of their own set (:func:`window_embedder`), table rows by what was
learnt from a version with the same columns (:func:`row_embedder`); the embedders of sensor arrays and tables that are
no samples of a lab take arrays and data frames.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .embedder import Embedder

if TYPE_CHECKING:
    from .own import own_embedder
    from .row_vectors import row_embedder
    from .sensors import sensor_embedder
    from .table_vectors import table_autoencoder, table_embedder
    from .torchvision import network_embedder, torchvision_embedder
    from .vectors import embed
    from .windows import window_embedder

# function -> its module: nothing heavy is loaded before it is asked for
_LAZY = {
    "embed": "vectors",
    "network_embedder": "torchvision",
    "own_embedder": "own",
    "row_embedder": "row_vectors",
    "sensor_embedder": "sensors",
    "table_autoencoder": "table_vectors",
    "table_embedder": "table_vectors",
    "torchvision_embedder": "torchvision",
    "window_embedder": "windows",
}

__all__ = [
    "Embedder",
    "embed",
    "network_embedder",
    "own_embedder",
    "row_embedder",
    "sensor_embedder",
    "table_autoencoder",
    "table_embedder",
    "torchvision_embedder",
    "window_embedder",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
