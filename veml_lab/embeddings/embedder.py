"""The seam of embeddings: what turns samples into vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

    from ..versions.data import DataVersion


@runtime_checkable
class Embedder(Protocol):
    """Anything that turns samples into vectors."""

    fingerprint: str
    dim: int

    def embed(self, version: DataVersion, positions: list[int]) -> np.ndarray:
        """Vectors of the samples at these positions, shape (len(positions), dim), float32."""
        ...
