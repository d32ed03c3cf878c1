"""A data version as a data set of mmdet, and our augmentation as one of its transforms.

Imported once mmdet is ready; importing registers both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmdet.registry import DATASETS, TRANSFORMS
from mmdet.structures.bbox import HorizontalBoxes
from mmengine.dataset import BaseDataset

from ...errors import BadInput
from ...versions.torch_dataset import VersionDataset
from .. import augment
from .config import dicts
from .scope import scope

LOADERS = ("LoadImageFromFile", "LoadImageFromNDArray")  # the data set has decoded the picture already


@DATASETS.register_module(force=True)
class VersionDetDataset(BaseDataset):
    """Pictures as OpenCV would read them (height, width, BGR, uint8) with boxes and labels."""

    def __init__(self, images: VersionDataset, pipeline: list, test_mode: bool = False) -> None:
        self.images = images
        super().__init__(
            metainfo={"classes": images.classes},
            pipeline=_without_loading(pipeline),
            test_mode=test_mode,
            serialize_data=False,
        )

    def load_data_list(self) -> list[dict[str, Any]]:
        return [self._annotations(p) for p in range(len(self.images))]

    def _annotations(self, position: int) -> dict[str, Any]:
        target = self.images.target(position) if self.images.labelled else {"boxes": [], "labels": []}
        instances = [
            {"bbox": list(map(float, b)), "bbox_label": int(label), "ignore_flag": 0}
            for b, label in zip(target["boxes"], target["labels"], strict=True)
        ]
        return {"img_id": position, "img_path": self.images._uri[position], "instances": instances}

    def get_data_info(self, idx: int) -> dict[str, Any]:
        info = super().get_data_info(idx)
        picture = self.images.image(idx if idx >= 0 else len(self) + idx)
        img = np.ascontiguousarray(picture.permute(1, 2, 0).numpy()[..., ::-1])
        return info | {
            "img": img,
            "img_shape": img.shape[:2],
            "ori_shape": img.shape[:2],
            "height": img.shape[0],
            "width": img.shape[1],
        }

    def get_cat_ids(self, idx: int) -> list[int]:
        """Classes of a sample, for the wrapper that balances classes."""
        return [i["bbox_label"] for i in self.data_list[idx]["instances"]]


@TRANSFORMS.register_module(force=True)
class VersionAugment(BaseTransform):
    """The named augmentation of the hyper-parameters, the same as in the torchvision backend."""

    def __init__(self, steps: list) -> None:
        self.steps = steps
        self._chains: dict[tuple[int, int], Any] = {}

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        img, boxes = results["img"], results["gt_bboxes"]
        h, w = img.shape[:2]
        if (w, h) not in self._chains:
            self._chains[w, h] = augment.chain(self.steps, "detection", (w, h))
        chain = self._chains[w, h]
        if chain is None:
            return results
        picture = torch.from_numpy(
            np.ascontiguousarray(img.clip(0, 255).astype(np.uint8)[..., ::-1].transpose(2, 0, 1))
        )
        labels = torch.from_numpy(np.asarray(results["gt_bboxes_labels"], dtype=np.int64))
        picture, target = chain(picture, {"boxes": boxes.tensor.float(), "labels": labels})
        results["img"] = np.ascontiguousarray(picture.permute(1, 2, 0).numpy()[..., ::-1])
        results["img_shape"] = results["img"].shape[:2]
        results["gt_bboxes"] = HorizontalBoxes(target["boxes"])
        results["gt_bboxes_labels"] = target["labels"].numpy()
        results["gt_ignore_flags"] = np.zeros(len(target["labels"]), dtype=bool)
        return results


def version_dataset(config: Mapping[str, Any], images: VersionDataset, *, test: bool = False) -> Any:
    """The data set of a configuration, its wrappers kept, over the pictures of a data version."""
    if config.get("type") == "VersionDetDataset":
        with scope():
            return VersionDetDataset(images, config["pipeline"], test_mode=test)
    inner = version_dataset(config["dataset"], images, test=test)
    outer = {**config, "dataset": inner}
    if "pipeline" in outer:
        outer["pipeline"] = _without_loading(outer["pipeline"])
    with scope():
        return DATASETS.build(outer)


def position_of(made: Any, index: int) -> int:
    """Which picture of the version an index into a data set means, through its wrappers.

    Raises
    ------
    BadInput
        A wrapper that does not say.
    """
    while not isinstance(made, VersionDetDataset):
        if hasattr(made, "_get_ori_dataset_idx"):
            found = made._get_ori_dataset_idx(index)
            if isinstance(found, tuple):  # of several joined ones
                made, index = made.datasets[found[0]], int(found[1])
                continue
            index = int(found)
        elif type(made).__name__ != "MultiImageMixDataset":  # which mixes others in, and leaves the index as it is
            raise BadInput(
                f"the batches of this training cannot be replayed: the wrapper {type(made).__name__} of its"
                " configuration does not say which picture it gives"
            )
        made = made.dataset
    return index


def with_augmentation(config: dict[str, Any], steps: Any) -> None:
    """Put the named steps into a training pipeline: ``mosaic`` before the picture is resized, the others before it is
    packed."""
    if not steps:
        return
    mosaic = augment.mosaic(steps, "detection")
    for d in dicts(config):
        pipeline = d.get("pipeline")
        if not pipeline or not any(t.get("type") == "PackDetInputs" for t in pipeline):
            continue
        at = next(i for i, t in enumerate(pipeline) if t.get("type") == "PackDetInputs")
        pipeline.insert(at, {"type": "VersionAugment", "steps": augment.checked(steps, "detection")})
        resize = next((i for i, t in enumerate(pipeline) if t.get("type") == "Resize"), None)
        if mosaic and resize is not None:
            side = {
                "type": "CachedMosaic",
                "img_scale": pipeline[resize]["scale"],
                "prob": mosaic,
                "max_cached_images": 20,
            }
            pipeline.insert(resize, side)


def _without_loading(pipeline: list) -> list:
    return [t for t in pipeline if t.get("type") not in LOADERS]
