"""Networks from recipes: torchvision's own, and a narrow ResNet body for small images and CPUs."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import nn
from torchvision.models import get_model, list_models
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from ...errors import BadInput, UnknownName

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
DETECTORS = ("fcos", "retinanet", "faster-rcnn", "ssd", "ssdlite")
BODIES: dict[str, tuple[type[BasicBlock | Bottleneck], tuple[int, ...]]] = {
    "resnet10": (BasicBlock, (1, 1, 1, 1)),
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet34": (BasicBlock, (3, 4, 6, 3)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
    "resnet101": (Bottleneck, (3, 4, 23, 3)),
}
NARROW = ("resnet10", "resnet18")  # classifiers whose width can be chosen
MOBILE = {
    "mobilenet_v2": 32,
    "mobilenet_v3_small": 16,
    "mobilenet_v3_large": 16,
}  # channels of the first layer at full width
PARTS = {  # neck, head, loss
    "fcos": ("FPN-{}", "FCOS head", "focal + GIoU + centerness"),
    "retinanet": ("FPN-{}", "RetinaNet head", "focal + L1"),
    "faster-rcnn": ("FPN-{}", "RPN + RoI head", "cross entropy + smooth L1"),
    "ssd": ("SSD-{}", "SSD head", "cross entropy + smooth L1"),
    "ssdlite": ("SSD-{}", "SSDlite head", "cross entropy + smooth L1"),
}
BACKGROUND_FIRST = ("faster-rcnn", "ssd", "ssdlite")  # torchvision's heads with a class 0 of their own


class NarrowResNet(ResNet):
    """torchvision's ResNet with a chosen width (64 is its own), so that a CPU trains it in seconds.

    ``small_input`` keeps the resolution in the stem, as is usual for images of 32 px.
    """

    def __init__(self, body: str, width: int, num_classes: int, *, small_input: bool) -> None:
        block, depths = BODIES[body]
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
            layer = self._make_layer(block, width * 2**i, blocks, stride=1 if i == 0 else 2)
            setattr(self, f"layer{i + 1}", layer)
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(width * 8 * block.expansion, num_classes)
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
            sizes = ", ".join(
                f"{k} {recipe[k]}" for k in ("backbone", "width", "neck_channels", "size_px") if k in recipe
            )
            raise BadInput(f"no {recipe['architecture']} can be built with {sizes}: {e}") from e
    raise UnknownName.of("task of the torchvision backend", recipe["task"], ("classification", "detection"))


class Classifier(nn.Module):
    """A classification network that takes images in 0 ... 1 and normalises them itself."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__()
        name, classes = recipe["architecture"], recipe["num_classes"]
        if name in NARROW and "width" in recipe:
            self.net: nn.Module = NarrowResNet(name, recipe["width"], classes, small_input=max(recipe["size_px"]) <= 64)
        elif name in _classifiers():
            self.net = get_model(name, weights=None, num_classes=classes)
        else:
            raise UnknownName.of("architecture", name, [*NARROW, *_classifiers()])
        self.mean: torch.Tensor
        self.std: torch.Tensor
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits (b, c) of images (b, 3, h, w) in 0 ... 1."""
        return self.net((x - self.mean) / self.std)


class Pyramid(nn.Module):
    """Features of a body at strides 8, 16 and 32 and of two further halvings, as SSD's: five maps of falling size."""

    def __init__(self, body: nn.Module, layers: Mapping[str, str], channels: list[int], extra: int) -> None:
        super().__init__()
        from torchvision.models._utils import IntermediateLayerGetter

        self.body = IntermediateLayerGetter(body, dict(layers))
        steps = [channels[-1], extra, extra]
        self.extra = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(steps[i], extra // 2, 1, bias=False),
                nn.BatchNorm2d(extra // 2),
                nn.ReLU(inplace=True),
                nn.Conv2d(extra // 2, extra, 3, 2, 1, bias=False),
                nn.BatchNorm2d(extra),
                nn.ReLU(inplace=True),
            )
            for i in range(2)
        )
        self.channels = [*channels, extra, extra]

    def forward(self, x: torch.Tensor) -> OrderedDict[str, torch.Tensor]:
        """Maps by name, the finest first."""
        maps = OrderedDict(self.body(x))
        last = maps[next(reversed(maps))]
        for i, block in enumerate(self.extra):
            last = block(last)
            maps[f"extra{i}"] = last
        return maps


def _body(name: str, width: int) -> tuple[nn.Module, dict[str, str], list[int]]:
    """A body without its head, its layers at strides 8, 16 and 32 (as ``{layer: "0"}``), and their channels."""
    if name in BODIES:
        net = NarrowResNet(name, width, 1, small_input=False)
        grow = BODIES[name][0].expansion
        return net, {"layer2": "0", "layer3": "1", "layer4": "2"}, [width * grow * 2**i for i in (1, 2, 3)]
    features = get_model(name, weights=None, width_mult=width / MOBILE[name]).features
    layers, channels, x = dict[int, str](), dict[int, int](), torch.zeros(1, 3, 64, 64)
    features.eval()
    with torch.no_grad():
        for i, layer in enumerate(features):  # the last layer of each stride, found by looking
            x = layer(x)
            layers[64 // x.shape[-1]], channels[64 // x.shape[-1]] = str(i), x.shape[1]
    features.train()
    return features, {layers[s]: str(k) for k, s in enumerate((8, 16, 32))}, [channels[s] for s in (8, 16, 32)]


def _detector(recipe: Mapping[str, Any]) -> nn.Module:
    from torchvision.models.detection import FCOS, FasterRCNN, RetinaNet
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.backbone_utils import BackboneWithFPN

    name, body = recipe["architecture"], recipe["backbone"]
    if name not in DETECTORS:
        raise UnknownName.of("detector", name, DETECTORS)
    if body not in BODIES and body not in MOBILE:
        raise UnknownName.of("backbone of a detector", body, [*BODIES, *MOBILE])
    channels = recipe.get("neck_channels", 256)
    net, layers, inner = _body(body, recipe.get("width", MOBILE.get(body, 64)))
    if name in ("ssd", "ssdlite"):
        if channels < 2:  # its further maps go through half as many
            raise BadInput(f"{name} takes neck_channels from 2, got neck_channels {channels}")
        return _ssd(recipe, Pyramid(net, layers, inner, channels))
    w, h = recipe["size_px"]
    backbone = BackboneWithFPN(net, layers, inner, channels)
    common: dict[str, Any] = {"min_size": h, "max_size": w, "image_mean": list(MEAN), "image_std": list(STD)}
    base = (8, 16, 32, 64)  # one anchor size a level: strides 8 ... 32 and the pooled one
    if name == "fcos":
        anchors = AnchorGenerator(tuple((s,) for s in base), ((1.0,),) * 4)
        head = _fcos_head(channels, recipe["num_classes"])
        return FCOS(backbone, recipe["num_classes"], anchor_generator=anchors, head=head, score_thresh=0.05, **common)
    ratios = ((0.5, 1.0, 2.0),) * 4
    if name == "retinanet":
        sizes = tuple((s, int(s * 1.26), int(s * 1.59)) for s in base)
        return RetinaNet(backbone, recipe["num_classes"], anchor_generator=AnchorGenerator(sizes, ratios), **common)
    anchors = AnchorGenerator(tuple((s,) for s in base), ratios)
    return FasterRCNN(backbone, recipe["num_classes"] + 1, rpn_anchor_generator=anchors, **common)  # 0 is background


def _fcos_head(channels: int, classes: int) -> nn.Module | None:
    """torchvision's head normalises 32 groups of channels; others than multiples of 32 take the most that divide."""
    from torchvision.models.detection.fcos import FCOSClassificationHead, FCOSHead, FCOSRegressionHead

    if channels % 32 == 0:
        return None
    norm = partial(nn.GroupNorm, math.gcd(channels, 32))
    head = FCOSHead(32, 1, classes)  # its __init__ fixes the groups: the parts that have them are put in anew
    head.classification_head = FCOSClassificationHead(channels, 1, classes, 4, norm_layer=norm)
    head.regression_head = FCOSRegressionHead(channels, 1, 4, norm_layer=norm)
    return head


def _ssd(recipe: Mapping[str, Any], pyramid: Pyramid) -> nn.Module:
    """SSD with plain heads, or with the depthwise heads of SSDlite; boxes from a tenth to nine tenths of the
    picture."""
    from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
    from torchvision.models.detection.ssd import SSD
    from torchvision.models.detection.ssdlite import SSDLiteHead

    anchors = DefaultBoxGenerator([[2, 3]] * len(pyramid.channels), min_ratio=10, max_ratio=90)
    classes = recipe["num_classes"] + 1  # 0 is background
    head = None
    if recipe["architecture"] == "ssdlite":
        head = SSDLiteHead(pyramid.channels, anchors.num_anchors_per_location(), classes, nn.BatchNorm2d)
    pyramid.out_channels = pyramid.channels  # type: ignore[assignment]  # the name that torchvision asks for
    size = (recipe["size_px"][0], recipe["size_px"][1])
    return SSD(
        pyramid, anchors, size, classes, image_mean=list(MEAN), image_std=list(STD), head=head, score_thresh=0.05
    )


def label_offset(recipe: Mapping[str, Any]) -> int:
    """Faster R-CNN and SSD count classes from 1; everything else here from 0."""
    return 1 if recipe["architecture"] in BACKGROUND_FIRST else 0


def complete(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the metadata nodes and count the parameters, by building the network once."""
    r = {"backend": "torchvision", **recipe}
    size = r.get("size_px")
    if not (
        isinstance(size, (list, tuple)) and len(size) == 2 and all(isinstance(s, int) and 16 <= s <= 8192 for s in size)
    ):
        raise BadInput(f"size_px must be (width, height) of 16 to 8192 pixels each, got {size!r}")
    r["size_px"] = list(size)
    with torch.random.fork_rng(devices=[]):
        net = build(r)
    if r["task"] == "detection":
        neck, head, loss = PARTS[r["architecture"]]
        r.setdefault("neck", neck.format(r.get("neck_channels", 256)))
        r.setdefault("head", head)
        r.setdefault("loss", loss)
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
