"""A data version as a map-style torch Dataset: decode, resize, prepare, targets.

Datasets hold no connection to the lab, so that worker processes of a DataLoader may be forked or spawned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.utils.data import Dataset
from torchvision.transforms.v2 import functional as F

from ..errors import BadData, BadInput
from ..sources.decoder import tensor
from ..sources.source import Keypoints, Mask
from ..storage.border import public
from .annotations import KIND_OF_TASK
from .samples import SampleSet, id_array


def collate(batch: Sequence[tuple]) -> tuple:
    """Items as tuples of lists: ``DataLoader(..., collate_fn=collate)`` for targets that differ in size, such as
    boxes."""
    return tuple(map(list, zip(*batch, strict=True)))


@public
class VersionDataset(Dataset):
    """Image tensors with targets.

    Parameters
    ----------
    size_px
        ``(width, height)`` that every image is resized to (boxes, masks and keypoints follow), or None to keep them.
    classes
        Class names whose index is the label; default: the version's own.
    transform
        Called as ``transform(image, target)`` on each item, for augmentation.
    labelled
        False: the target is -1.
    cache
        Keep decoded uint8 images in memory: worth it when the version is read many times and small.
    prepared
        Apply the version's preparation: its size where ``size_px`` is None, and its normalisation, which gives
        float32 images. What :meth:`DataVersion.to_torch` does; a training applies its recipe's own instead.
    task
        Give the targets of this task instead of the version's own: ``"detection"`` for the boxes of data with outlines.
    semantic
        For segmentation: one map of classes instead of a mask an object.

    Items
    -----
    ``(image, target)``: image uint8 ``(3, h, w)``, or float32 where it is normalised. By the version's task the
    target is

    ============== =======================================================================================
    classification int
    detection      ``boxes`` float32 ``(m, 4)`` x1 y1 x2 y2 in pixels, ``labels`` int64 ``(m,)``
    segmentation   these and ``masks`` uint8 ``(m, h, w)``; ``semantic``: int64 ``(h, w)``, 0 background, 1 + class
    keypoints      these and ``keypoints`` float32 ``(m, k, 3)`` x y seen, zeros where an object has fewer
    captioning     a list of texts
    regression     float32 ``(t,)`` in the order of :meth:`DataVersion.target_names`
    none           -1
    ============== =======================================================================================
    """

    def __init__(
        self,
        version: SampleSet,
        *,
        size_px: tuple[int, int] | None = None,
        classes: tuple[str, ...] | None = None,
        transform: Callable[[torch.Tensor, Any], tuple[torch.Tensor, Any]] | None = None,
        labelled: bool = True,
        cache: bool = False,
        prepared: bool = False,
        semantic: bool = False,
        task: str | None = None,
    ) -> None:
        self._version: SampleSet | None = version
        self.name, self.task, self.transform, self.labelled = version.name, task or version.task, transform, labelled
        preparation: Mapping[str, Any] = version.facts.preparation if prepared else {}
        self.size_px = size_px or tuple(preparation.get("resize", ())) or None
        self._normal = preparation.get("normalise")
        self.semantic = semantic
        self.classes = tuple(classes or version.classes)
        self._index = {c: i for i, c in enumerate(self.classes)}
        self._ids = id_array(version).tolist()
        self._width, self._height = version.samples["width"].to_pylist(), version.samples["height"].to_pylist()
        self._uri = version.samples["uri"].to_pylist()
        self._bytes = version.images.places  # read before worker processes are made
        self._found: dict[int, Any] = {}
        self._targets: Any = None
        self._boxes: dict[int, list] = {}
        if labelled:
            self._read(version)
        self._cache: dict[int, torch.Tensor] | None = {} if cache else None

    def _read(self, version: SampleSet) -> None:
        if self.task == "classification":
            self._targets = self._class_targets(version)
        elif self.task == "regression":
            self._targets = torch.from_numpy(version.annotations.targets())
        elif self.task in ("detection", "keypoints", "segmentation"):
            self._boxes = version.annotations.boxes if self.task == "detection" else version.annotations.of_kind("box")
            kind = KIND_OF_TASK[self.task]
            self._found = version.annotations.of_kind(str(kind)) if self.task != "detection" else {}
            self._points = (
                max((len(k.points) for ks in self._found.values() for k in ks), default=0)
                if self.task == "keypoints"
                else 0
            )
        elif self.task == "captioning":
            self._found = version.annotations.captions

    def _class_targets(self, version: SampleSet) -> list[int]:
        names = [version.classes[t] for t in version.annotations.targets()]
        unknown = sorted({n for n in names if n not in self._index})
        if unknown:
            raise BadData(
                f"{self.name!r} has the classes {', '.join(unknown)}, which the model does not know "
                f"(it knows {', '.join(self.classes)}); transfer or rebuild with the new class list"
            )
        return [self._index[n] for n in names]

    @property
    def version(self) -> SampleSet:
        """The data version; only in the process that made the dataset."""
        if self._version is None:
            raise BadInput(f"the dataset of {self.name!r} is in a worker process, which has no lab open")
        return self._version

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_version": None}

    def __len__(self) -> int:
        return len(self._ids)

    # -- images ------------------------------------------------------------------------------------

    def image(self, position: int) -> torch.Tensor:
        """The uint8 image (3, h, w), resized."""
        if self._cache is not None and position in self._cache:
            return self._cache[position]
        where = f"sample {self._uri[position]!r} of {self.name!r}"
        recorded = self._width[position], self._height[position]
        image = tensor(self._bytes(position), where, size=recorded)
        if self.size_px is not None and (image.shape[2], image.shape[1]) != tuple(self.size_px):
            image = F.resize(image, [self.size_px[1], self.size_px[0]], antialias=True)
        if self._cache is not None:
            self._cache[position] = image
        return image

    # -- targets -----------------------------------------------------------------------------------

    def target(self, position: int) -> Any:
        """The target of a position, in the pixels of the resized image."""
        if not self.labelled:
            return -1
        if self.task in ("classification", "regression"):
            return self._targets[position]
        found = self._found.get(self._ids[position], [])
        if self.task == "detection":
            return self._objects(position, self._boxes.get(self._ids[position], []))
        if self.task == "segmentation":
            return self._masks(position, found)
        if self.task == "keypoints":
            return self._keypoints(position, found)
        return list(found) if self.task == "captioning" else -1

    def _scale(self, position: int) -> tuple[float, float]:
        if self.size_px is None:
            return 1.0, 1.0
        return self.size_px[0] / self._width[position], self.size_px[1] / self._height[position]

    def _objects(self, position: int, found: Sequence[tuple]) -> dict[str, torch.Tensor]:
        """``(label, x, y, w, h)`` in pixels of the upright image."""
        sx, sy = self._scale(position)
        boxes = torch.tensor([[x, y, x + w, y + h] for _, x, y, w, h in found], dtype=torch.float32).reshape(-1, 4)
        boxes = boxes * torch.tensor([sx, sy, sx, sy])
        return {"boxes": boxes, "labels": torch.tensor(self._labels([b[0] for b in found]), dtype=torch.int64)}

    def _labels(self, names: Sequence[str]) -> list[int]:
        unknown = sorted({n for n in names if n not in self._index})
        if unknown:
            raise BadData(f"{self.name!r} has objects of {', '.join(unknown)}, which the model does not know")
        return [self._index[n] for n in names]

    def _masks(self, position: int, found: list[Mask]) -> Any:
        w, h = self.size_px or (self._width[position], self._height[position])
        masks = (
            torch.stack([self._pixels(position, m, w, h) for m in found])
            if found
            else torch.zeros((0, h, w), dtype=torch.uint8)
        )
        labels = torch.tensor(self._labels([m.label for m in found]), dtype=torch.int64)
        if self.semantic:
            whole = torch.zeros((h, w), dtype=torch.int64)
            for pixels, label in zip(masks, labels, strict=True):
                whole[pixels > 0] = label + 1
            return whole
        # an object that is smaller than a pixel after resizing has no box, and is no object any more
        seen = (masks.flatten(1) > 0).any(1) if len(masks) else torch.zeros(0, dtype=torch.bool)
        masks, labels = masks[seen], labels[seen]
        boxes = torch.zeros((len(masks), 4))
        for k, pixels in enumerate(masks):
            ys, xs = torch.nonzero((pixels > 0).any(1)).ravel(), torch.nonzero((pixels > 0).any(0)).ravel()
            boxes[k] = torch.tensor([xs[0], ys[0], xs[-1] + 1, ys[-1] + 1])
        return {"boxes": boxes, "labels": labels, "masks": masks}

    def _pixels(self, position: int, mask: Mask, w: int, h: int) -> torch.Tensor:
        from pycocotools import mask as coco

        if mask.rle is not None:
            height, width, counts = mask.rle
            pixels = torch.from_numpy(coco.decode({"size": [height, width], "counts": counts.encode()}))
            if (height, width) != (h, w):
                pixels = F.resize(pixels[None], [h, w], interpolation=F.InterpolationMode.NEAREST)[0]
            return pixels
        sx, sy = self._scale(position)
        rings = [
            [v * (sx if i % 2 == 0 else sy) for i, v in enumerate(ring)] for ring in mask.polygons if len(ring) >= 6
        ]
        if not rings:
            return torch.zeros((h, w), dtype=torch.uint8)
        return torch.from_numpy(coco.decode(coco.merge(coco.frPyObjects(rings, h, w))))

    def _keypoints(self, position: int, found: list[Keypoints]) -> dict[str, torch.Tensor]:
        sx, sy = self._scale(position)
        of_object = {b.instance: b for b in self._boxes.get(self._ids[position], []) if b.instance >= 0}
        points = torch.zeros((len(found), self._points, 3))
        boxes = []
        for k, one in enumerate(found):
            points[k, : len(one.points)] = torch.tensor(one.points, dtype=torch.float32).reshape(-1, 3)
            box = of_object.get(one.instance)
            if box is not None:
                boxes.append((one.label, box.x, box.y, box.w, box.h))
            else:  # around the labelled points
                xs, ys = zip(*([(x, y) for x, y, seen in one.points if seen] or [(0.0, 0.0)]), strict=True)
                boxes.append((one.label, min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)))
        points[..., 0] *= sx
        points[..., 1] *= sy
        return {**self._objects(position, boxes), "keypoints": points}

    def __getitem__(self, position: int) -> tuple[torch.Tensor, Any]:
        if not -len(self) <= position < len(self):
            raise IndexError(position)
        position %= len(self)
        image, target = self.image(position), self.target(position)
        if self.transform:
            image, target = self.transform(image, target)
        if self._normal is not None:
            image = F.normalize(F.to_dtype(image, torch.float32, scale=True), self._normal["mean"], self._normal["std"])
        return image, target


@public
class RowDataset(Dataset):
    """Rows of a table as prepared features with targets.

    Attributes
    ----------
    names
        Names of the features.

    Items
    -----
    ``(x, target)``: x float32 ``(f,)``; target an int for classification, float32 ``(t,)`` for regression, else -1.
    """

    def __init__(self, version: SampleSet, *, classes: tuple[str, ...] | None = None, labelled: bool = True) -> None:
        from .preparation import features

        found, self.names = features(version)
        self.x = torch.from_numpy(found)
        self.targets: Any = None
        if labelled and version.task == "classification":
            names = tuple(classes or version.classes)
            index = [names.index(c) if c in names else -1 for c in version.classes]
            targets = [index[t] for t in version.annotations.targets()]
            if -1 in targets:
                raise BadData(
                    f"{version.name!r} has the class {version.classes[index.index(-1)]!r}, which is not among"
                    f" {', '.join(names)}"
                )
            self.targets = targets
        elif labelled and version.task == "regression":
            self.targets = torch.from_numpy(version.annotations.targets())

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, position: int) -> tuple[torch.Tensor, Any]:
        return self.x[position], -1 if self.targets is None else self.targets[position]
