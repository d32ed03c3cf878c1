"""Decoded pictures of a version, as embedders take them; the work that runs beside a forward pass, or elsewhere."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ..versions.data import DataVersion

if TYPE_CHECKING:
    import torch


class Pictures:
    """Decodes and resizes: ``Pictures((w, h))(version, positions)`` is uint8 (m, 3, h, w).

    The places of the samples are read once a version; sent to another process it is its size alone.
    """

    def __init__(self, size_px: tuple[int, int]) -> None:
        self.size_px = size_px
        self._data: tuple[str, Any] = ("", None)

    def __call__(self, version: DataVersion, positions: list[int]) -> torch.Tensor:
        import torch

        from ..versions.torch_dataset import VersionDataset

        if self._data[0] != version.id:
            self._data = (version.id, VersionDataset(version, size_px=self.size_px, labelled=False))
        data = self._data[1]
        return torch.stack([data.image(i) for i in positions])

    def __reduce__(self) -> tuple:
        return _here, (self.size_px,)


@functools.cache
def _here(size_px: tuple[int, int]) -> Pictures:
    """One for all batches that come to this process."""
    return Pictures(size_px)


def images(version: DataVersion, positions: list[int]) -> list[Any]:
    """The pictures as PIL images, as they are."""
    return [version.images[i] for i in positions]
