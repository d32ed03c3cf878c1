"""Embeddings: one vector a sample, computed once per sample and embedder, kept memory-mapped.

The seam is :class:`Embedder`: ``embed(version, positions) -> (m, d) float32`` and a ``fingerprint`` that
changes whenever the vectors would. :func:`embed` fills what is missing and reads the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

    from ..versions.data import DataVersion

__all__ = ["Embedder", "embed", "torchvision_embedder"]


@runtime_checkable
class Embedder(Protocol):
    """Anything that turns samples into vectors."""

    fingerprint: str
    dim: int

    def embed(self, version: DataVersion, positions: list[int]) -> np.ndarray:
        """Vectors of the samples at these positions, shape (len(positions), dim), float32."""
        ...


def __getattr__(name: str):
    if name == "embed":
        from .store import embed

        return embed
    if name == "torchvision_embedder":
        from .torchvision import torchvision_embedder

        return torchvision_embedder
    raise AttributeError(name)
