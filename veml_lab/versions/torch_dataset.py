"""A data version as a map-style torch Dataset: decode, resize, targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils.data import Dataset
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms.v2 import functional as F

from ..errors import BadData
from .data import DataVersion


class VersionDataset(Dataset):
    """Image tensors with targets.

    Parameters
    ----------
    size_px
        ``(width, height)`` that every image is resized to (boxes follow), or None to keep them.
    classes
        Class names whose index is the label; default: the version's own.
    transform
        Called as ``transform(image, target)`` on each item, for augmentation.
    cache
        Keep decoded uint8 images in memory: worth it when the version is read many times and small.

    Items
    -----
    ``(image, target)``: image uint8 ``(3, h, w)``; target is an int for classification, a dict with
    ``boxes`` float32 ``(m, 4)`` x1 y1 x2 y2 and ``labels`` int64 ``(m,)`` for detection.
    """

    def __init__(
        self,
        version: DataVersion,
        *,
        size_px: tuple[int, int] | None = None,
        classes: tuple[str, ...] | None = None,
        transform: Callable[[torch.Tensor, Any], tuple[torch.Tensor, Any]] | None = None,
        labelled: bool = True,
        cache: bool = False,
    ) -> None:
        self.version, self.size_px, self.transform = version, size_px, transform
        self.classes = tuple(classes or version.classes)
        self.labelled = labelled
        self._index = {c: i for i, c in enumerate(self.classes)}
        self._ids = version.id_array().tolist()
        self._width, self._height = version.samples["width"].to_pylist(), version.samples["height"].to_pylist()
        self._uri = version.samples["uri"].to_pylist()
        version.locate()  # before worker processes are forked
        if labelled and version.task == "classification":
            self._targets = self._class_targets()
        if labelled and version.task == "detection":
            self._boxes = version.boxes
        self._cache: dict[int, torch.Tensor] | None = {} if cache else None

    def _class_targets(self) -> list[int]:
        names = [self.version.classes[t] for t in self.version.targets()]
        unknown = sorted({n for n in names if n not in self._index})
        if unknown:
            raise BadData(
                f"{self.version.name!r} has the classes {', '.join(unknown)}, which the model does not know "
                f"(it knows {', '.join(self.classes)}); transfer or rebuild with the new class list"
            )
        return [self._index[n] for n in names]

    def __len__(self) -> int:
        return len(self._ids)

    def image(self, position: int) -> torch.Tensor:
        """The uint8 image (3, h, w), resized."""
        if self._cache is not None and position in self._cache:
            return self._cache[position]
        raw = torch.frombuffer(bytearray(self.version.image_bytes(position)), dtype=torch.uint8)
        try:
            image = decode_image(raw, mode=ImageReadMode.RGB)
        except RuntimeError as e:
            raise BadData(f"sample {self._uri[position]!r} of {self.version.name!r} cannot be decoded: {e}") from e
        if self.size_px is not None and (image.shape[2], image.shape[1]) != tuple(self.size_px):
            image = F.resize(image, [self.size_px[1], self.size_px[0]], antialias=True)
        if self._cache is not None:
            self._cache[position] = image
        return image

    def target(self, position: int) -> Any:
        """The target of a position, boxes in the pixels of the resized image."""
        if not self.labelled:
            return -1
        if self.version.task == "classification":
            return self._targets[position]
        found = self._boxes.get(self._ids[position], [])
        boxes = torch.tensor([[x, y, x + w, y + h] for _, x, y, w, h in found], dtype=torch.float32).reshape(-1, 4)
        if self.size_px is not None:
            sx, sy = self.size_px[0] / self._width[position], self.size_px[1] / self._height[position]
            boxes = boxes * torch.tensor([sx, sy, sx, sy])
        unknown = sorted({b[0] for b in found if b[0] not in self._index})
        if unknown:
            raise BadData(f"{self.version.name!r} has boxes of {', '.join(unknown)}, which the model does not know")
        return {"boxes": boxes, "labels": torch.tensor([self._index[b[0]] for b in found], dtype=torch.int64)}

    def __getitem__(self, position: int) -> tuple[torch.Tensor, Any]:
        image, target = self.image(position), self.target(position)
        return self.transform(image, target) if self.transform else (image, target)
