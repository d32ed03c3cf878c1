"""Export of single-stage detectors: the network's raw maps as ONNX, decoding and NMS outside.

What mmdet does between the maps and the boxes (decoding, thresholds, NMS) is Python over tensors of
varying length, which no exporter takes whole; so the file ends at the maps, and the runner goes on with
the head's own ``predict_by_feat``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ...errors import JobError
from .. import onnx_file
from ..backend import Graph
from . import config as configs
from . import network
from .scope import scope


class Raw(nn.Module):
    """The maps of a detector for one image (1, 3, h, w), RGB in 0 ... 1; normalising and padding are inside."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net
        pre = net.data_preprocessor
        # the pipelines hand mmdet BGR, and its preprocessor may turn it round
        self.flip = not pre._channel_conversion
        self.divisor, self.pad = pre.pad_size_divisor, float(pre.pad_value)
        self.normalise = pre._enable_normalize
        if self.normalise:
            self.register_buffer("mean", pre.mean[None], persistent=False)
            self.register_buffer("std", pre.std[None], persistent=False)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        x = image * 255
        x = x.flip(1) if self.flip else x
        x = (x - self.mean) / self.std if self.normalise else x
        h, w = x.shape[-2:]
        x = nn.functional.pad(x, (0, -w % self.divisor, 0, -h % self.divisor), value=self.pad)
        maps = self.net.bbox_head(self.net.extract_feat(x))
        return tuple(level for kind in maps for level in kind)


def _single_stage(net: Any) -> bool:
    return (
        hasattr(net, "bbox_head")
        and hasattr(net.bbox_head, "predict_by_feat")
        and not hasattr(net, "encoder")
        and not hasattr(net, "roi_head")
    )


def export(net: Any, recipe: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """Write the raw maps as ONNX, checked by onnx; :class:`JobError` for a detector that has none to write."""
    if not _single_stage(net):
        raise JobError(
            f"{recipe['architecture']} of mmdet cannot be exported: only single-stage detectors end in maps (RetinaNet,"
            " FCOS, YOLOX, RTMDet, ATSS ...); the torchvision backend exports Faster R-CNN"
        )
    w, h = recipe["size_px"]
    raw = Raw(net.eval().cpu())
    with onnx_file.written(file, f"{recipe['architecture']} at {w} x {h} px") as path, scope():
        names = [f"map_{i}" for i in range(len(raw(torch.rand(1, 3, h, w))))]
        torch.onnx.export(
            raw, (torch.rand(1, 3, h, w),), path, **onnx_file.EXPORT, input_names=["image"], output_names=names
        )
    made = {
        "format": "onnx",
        "opset": onnx_file.OPSET,
        "size_px": [w, h],
        "outputs": names,
        "quantize": None,
        "boxes": "decoded by mmdet's head, outside the file",
    }
    if any(
        d.get("type") == "Resize" and d.get("keep_ratio")
        for d in configs.dicts(configs.parse(recipe["config"])["test_dataloader"])
    ):
        made["pictures"] = "stretched to size_px, where the configuration's own pipeline keeps their ratio and pads"
    return made


def runner(recipe: Mapping[str, Any], graph: Graph) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Run an exported detector: ``run(image)`` with a uint8 image (3, h, w) gives boxes in its pixels."""
    net = network.build(recipe).eval()

    def run(image: np.ndarray) -> dict[str, np.ndarray]:
        x = np.asarray(image, dtype=np.float32)[None] / 255
        maps = graph.run({"image": x})
        return _boxes(net, [torch.from_numpy(maps[f"map_{i}"]) for i in range(len(maps))], image.shape[-2:])

    return run


def original(net: Any, recipe: Mapping[str, Any]) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """As :func:`runner`, over mmdet's own network and its own whole prediction, on the CPU."""
    from mmdet.structures import DetDataSample

    net = net.eval().cpu()

    def run(image: np.ndarray) -> dict[str, np.ndarray]:
        bgr = torch.from_numpy(np.ascontiguousarray(np.asarray(image)[::-1]))
        h, w = image.shape[-2:]
        sample = DetDataSample(
            metainfo={"img_shape": (h, w), "ori_shape": (h, w), "scale_factor": (1.0, 1.0), "img_id": 0, "img_path": ""}
        )
        with torch.inference_mode(), scope():
            found = net.test_step({"inputs": [bgr], "data_samples": [sample]})[0]
        return network._inside(found.pred_instances, w, h)

    return run


def _boxes(net: Any, maps: list[torch.Tensor], size: tuple[int, int]) -> dict[str, np.ndarray]:
    h, w = size
    levels = (
        len(net.bbox_head.prior_generator.strides)
        if hasattr(net.bbox_head, "prior_generator")
        else len(net.bbox_head.strides)
    )
    kinds = [maps[i : i + levels] for i in range(0, len(maps), levels)]
    meta = {"img_shape": (h, w), "ori_shape": (h, w), "scale_factor": (1.0, 1.0)}
    with torch.inference_mode(), scope():
        found = net.bbox_head.predict_by_feat(*kinds, batch_img_metas=[meta], cfg=net.test_cfg, rescale=False)[0]
    return network._inside(found, w, h)
