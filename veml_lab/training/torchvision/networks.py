"""Networks from recipes: torchvision's own, and a narrow ResNet body for small images and CPUs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from torchvision.models import get_model, list_models
from torchvision.models.resnet import BasicBlock, ResNet

from ...errors import BadInput, UnknownName

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
DETECTORS = ("fcos", "retinanet", "faster-rcnn")
BODIES = {"resnet10": (1, 1, 1, 1), "resnet18": (2, 2, 2, 2)}


class NarrowResNet(ResNet):
    """torchvision's ResNet with a chosen width (64 is its own), so that a CPU trains it in seconds.

    ``small_input`` keeps the resolution in the stem, as is usual for images of 32 px.
    """

    def __init__(self, depths: tuple[int, ...], width: int, num_classes: int, *, small_input: bool) -> None:
        nn.Module.__init__(self)  # ResNet.__init__ fixes the width; its parts do not
        self._norm_layer, self.inplanes, self.dilation, self.groups, self.base_width = nn.BatchNorm2d, width, 1, 1, 64
        if small_input:
            self.conv1: nn.Module = nn.Conv2d(3, width, 3, 1, 1, bias=False)
            self.maxpool: nn.Module = nn.MaxPool2d(2)
        else:
            self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
            self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.bn1, self.relu = nn.BatchNorm2d(width), nn.ReLU(inplace=True)
        for i, blocks in enumerate(depths):
            layer = self._make_layer(BasicBlock, width * 2**i, blocks, stride=1 if i == 0 else 2)
            setattr(self, f"layer{i + 1}", layer)
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(width * 8, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")


def build(recipe: Mapping[str, Any]) -> nn.Module:
    """The network of a recipe, with fresh weights from torch's current seed.

    Raises
    ------
    UnknownName
        No such architecture or backbone.
    BadInput
        A size or a class count that makes no network.
    """
    classes = recipe.get("num_classes", 0)
    if not isinstance(classes, int) or classes < 1:
        raise BadInput(f"num_classes must be a whole number of at least 1, got {classes!r}")
    for k in ("width", "neck_channels"):
        if k in recipe and not (isinstance(recipe[k], int) and recipe[k] >= 1):
            raise BadInput(f"{k} must be a whole number of at least 1, got {recipe[k]!r}")
    kinds: dict[str, Callable[[Mapping[str, Any]], nn.Module]] = {"classification": Classifier, "detection": _detector}
    if recipe["task"] in kinds:
        try:
            return kinds[recipe["task"]](recipe)
        except (ValueError, TypeError, RuntimeError, ZeroDivisionError) as e:
            if isinstance(e, BadInput):
                raise
            sizes = ", ".join(f"{k} {recipe[k]}" for k in ("backbone", "width", "neck_channels", "size_px") if k in recipe)
            raise BadInput(f"no {recipe['architecture']} can be built with {sizes}: {e}") from e
    raise UnknownName.of("task of the torchvision backend", recipe["task"], ("classification", "detection"))


class Classifier(nn.Module):
    """A classification network that takes images in 0 ... 1 and normalises them itself."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__()
        name, classes = recipe["architecture"], recipe["num_classes"]
        if name in BODIES and "width" in recipe:
            self.net: nn.Module = NarrowResNet(BODIES[name], recipe["width"], classes, small_input=max(recipe["size_px"]) <= 64)
        elif name in _classifiers():
            self.net = get_model(name, weights=None, num_classes=classes)
        else:
            raise UnknownName.of("architecture", name, [*BODIES, *_classifiers()])
        self.mean: torch.Tensor
        self.std: torch.Tensor
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits (b, c) of images (b, 3, h, w) in 0 ... 1."""
        return self.net((x - self.mean) / self.std)


def _detector(recipe: Mapping[str, Any]) -> nn.Module:
    from torchvision.models.detection import FCOS, FasterRCNN, RetinaNet
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.backbone_utils import BackboneWithFPN

    name, body = recipe["architecture"], recipe["backbone"]
    if name not in DETECTORS:
        raise UnknownName.of("detector", name, DETECTORS)
    if body not in BODIES:
        raise UnknownName.of("backbone of a detector", body, BODIES)
    width, channels = recipe.get("width", 64), recipe.get("neck_channels", 256)
    w, h = recipe["size_px"]
    net = NarrowResNet(BODIES[body], width, 1, small_input=False)
    backbone = BackboneWithFPN(net, {"layer2": "0", "layer3": "1", "layer4": "2"}, [width * 2, width * 4, width * 8], channels)
    common: dict[str, Any] = {"min_size": h, "max_size": w, "image_mean": list(MEAN), "image_std": list(STD)}
    base = (8, 16, 32, 64)  # one anchor size a level: strides 8 ... 32 and the pooled one
    if name == "fcos":
        anchors = AnchorGenerator(tuple((s,) for s in base), ((1.0,),) * 4)
        return FCOS(backbone, recipe["num_classes"], anchor_generator=anchors, score_thresh=0.05, **common)
    ratios = ((0.5, 1.0, 2.0),) * 4
    if name == "retinanet":
        sizes = tuple((s, int(s * 1.26), int(s * 1.59)) for s in base)
        return RetinaNet(backbone, recipe["num_classes"], anchor_generator=AnchorGenerator(sizes, ratios), **common)
    anchors = AnchorGenerator(tuple((s,) for s in base), ratios)
    return FasterRCNN(backbone, recipe["num_classes"] + 1, rpn_anchor_generator=anchors, **common)  # 0 is background


def label_offset(recipe: Mapping[str, Any]) -> int:
    """Faster R-CNN counts classes from 1; everything else here from 0."""
    return 1 if recipe["architecture"] == "faster-rcnn" else 0


def complete(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the metadata nodes and count the parameters, by building the network once."""
    r = {"backend": "torchvision", **recipe}
    size = r.get("size_px")
    if not (isinstance(size, (list, tuple)) and len(size) == 2 and all(isinstance(s, int) and 16 <= s <= 8192 for s in size)):
        raise BadInput(f"size_px must be (width, height) of 16 to 8192 pixels each, got {size!r}")
    r["size_px"] = list(size)
    with torch.random.fork_rng(devices=[]):
        net = build(r)
    if r["task"] == "detection":
        r.setdefault("neck", f"FPN-{r.get('neck_channels', 256)}")
        r.setdefault("head", {"fcos": "FCOS head", "retinanet": "RetinaNet head", "faster-rcnn": "RPN + RoI head"}[r["architecture"]])
        r.setdefault("loss", {"fcos": "focal + GIoU + centerness", "retinanet": "focal + L1"}.get(r["architecture"], "cross entropy + smooth L1"))
    else:
        r.setdefault("backbone", r["architecture"])
        r.setdefault("neck", "global average pooling")
        r.setdefault("head", "linear")
        r.setdefault("loss", "cross entropy")
    r["parameters"] = sum(p.numel() for p in net.parameters())
    return r


def _classifiers() -> list[str]:
    """torchvision's classification networks (its detectors and segmenters have modules of their own)."""
    import torchvision

    return list_models(module=torchvision.models)
