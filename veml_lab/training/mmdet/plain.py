"""Plain recipes - an architecture, a backbone, sizes - turned into mmdet configurations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...errors import BadInput, UnknownName
from . import config as configs

RESNETS = {"resnet18": 18, "resnet34": 34, "resnet50": 50, "resnet101": 101}
SOURCES = {
    "retinanet": "mmdet::retinanet/retinanet_r50_fpn_1x_coco.py",
    "faster-rcnn": "mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py",
    "fcos": "mmdet::fcos/fcos_r50-caffe_fpn_gn-head_1x_coco.py",
    "atss": "mmdet::atss/atss_r50_fpn_1x_coco.py",
    "gfl": "mmdet::gfl/gfl_r50_fpn_1x_coco.py",
    "yolox": "mmdet::yolox/yolox_s_8xb8-300e_coco.py",
    "rtmdet": "mmdet::rtmdet/rtmdet_tiny_8xb32-300e_coco.py",
}
CSP = {"yolox": "csp-darknet", "rtmdet": "cspnext"}  # architectures with a body of their own
SMALL = 400  # px; below, anchors are half as large as on COCO's pictures


def body_of(architecture: str) -> str:
    """The backbone that an architecture takes where none is asked for."""
    return CSP.get(architecture, "resnet18")


def check(recipe: Mapping[str, Any]) -> None:
    """Refuse fields that make no network, before mmdet answers with a traceback."""
    name = recipe.get("architecture")
    if name not in SOURCES:
        raise UnknownName.of(
            "mmdet detector",
            name,
            SOURCES,
            "Or give a whole configuration: {'backend': 'mmdet', 'config': 'mmdet::...'}",
        )
    bodies = [CSP[name]] if name in CSP else list(RESNETS)
    if recipe.get("backbone", bodies[0]) not in bodies:
        raise UnknownName.of(f"backbone of {name}", recipe["backbone"], bodies)
    for k in ("width", "neck_channels"):
        if k in recipe and not (isinstance(recipe[k], int) and recipe[k] >= 1):
            raise BadInput(f"{k} must be a whole number of at least 1, got {recipe[k]!r}")
    size = recipe.get("size_px")
    if not (
        isinstance(size, (list, tuple)) and len(size) == 2 and all(isinstance(s, int) and 32 <= s <= 8192 for s in size)
    ):
        raise BadInput(f"size_px must be (width, height) of 32 to 8192 pixels each, got {size!r}")


def make(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration of a plain recipe: mmdet's own of that architecture, in the asked width and size.

    The pictures are stretched to the input size (so an export sees what the network saw), flips are left
    to the ``augment`` of the training, and AdamW with a short warm-up and a cosine takes the place of the
    schedules for eight GPUs.
    """
    check(recipe)
    name = recipe["architecture"]
    source = configs.read(SOURCES[name])
    model = source["model"]
    _body(model, recipe)
    size = tuple(recipe["size_px"])
    load = {"type": "LoadAnnotations", "with_bbox": True}
    resize, pack = {"type": "Resize", "scale": size, "keep_ratio": False}, {"type": "PackDetInputs"}
    seen = {"type": "PackDetInputs", "meta_keys": ("img_id", "img_path", "ori_shape", "img_shape", "scale_factor")}
    model["data_preprocessor"]["batch_augments"] = None
    return {
        "default_scope": "mmdet",
        "model": model,
        "train_dataloader": {
            "batch_size": 8,
            "dataset": {"type": "VersionDetDataset", "pipeline": [load, resize, pack]},
        },
        "test_dataloader": {"batch_size": 8, "dataset": {"type": "VersionDetDataset", "pipeline": [resize, seen]}},
        "train_cfg": {"max_epochs": 5},
        "optim_wrapper": {"type": "OptimWrapper", "optimizer": {"type": "AdamW", "lr": 5e-4, "weight_decay": 1e-4}},
        "param_scheduler": "one cycle",
    }


def _body(model: dict[str, Any], recipe: Mapping[str, Any]) -> None:
    """Width and depth of body, neck and head."""
    name, small = recipe["architecture"], min(recipe["size_px"]) < SMALL
    if name in CSP:
        wide = recipe.get("width", 32) / 64
        inner = [int(256 * wide), int(512 * wide), int(1024 * wide)]
        model["backbone"] |= {"widen_factor": wide, "deepen_factor": 0.33 if name == "yolox" else 0.167}
        model["neck"] |= {"in_channels": inner, "out_channels": inner[0], "num_csp_blocks": 1}
        model["bbox_head"] |= {"in_channels": inner[0], "feat_channels": inner[0]}
        return
    width, channels = recipe.get("width", 64), recipe.get("neck_channels", 256)
    depth = RESNETS[recipe.get("backbone", "resnet18")]
    grow = 4 if depth >= 50 else 1
    model["backbone"] |= {"depth": depth, "base_channels": width, "stem_channels": width, "style": "pytorch"}
    model["neck"] |= {"in_channels": [width * grow * 2**i for i in range(4)], "out_channels": channels}
    if name == "faster-rcnn":
        model["rpn_head"] |= {"in_channels": channels, "feat_channels": channels}
        model["roi_head"]["bbox_roi_extractor"]["out_channels"] = channels
        model["roi_head"]["bbox_head"] |= {"in_channels": channels, "fc_out_channels": 4 * channels}
        anchors, scale = model["rpn_head"]["anchor_generator"], "scales"
    else:
        head = model["bbox_head"]
        head |= {"in_channels": channels, "feat_channels": channels}
        if name in ("fcos", "atss", "gfl"):  # groups of 8 channels, as theirs of 256: the last level may be one pixel
            head["norm_cfg"] = {
                "type": "GN",
                "num_groups": math.gcd(channels, max(1, channels // 8)),
                "requires_grad": True,
            }
        anchors, scale = head.get("anchor_generator"), "octave_base_scale"
    if anchors and small:
        was = anchors[scale]
        anchors[scale] = [s / 2 for s in was] if isinstance(was, (list, tuple)) else was / 2
    if name == "fcos" and small:
        # which box sizes a level learns: halved like the anchors of the others
        model["bbox_head"]["regress_ranges"] = ((-1, 32), (32, 64), (64, 128), (128, 256), (256, 1e8))
