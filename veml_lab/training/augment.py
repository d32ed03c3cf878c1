"""Augmentation: a list of named steps with their parameters, part of the hyper-parameters, checked up front.

``["flip", {"name": "crop", "padding": 4}, {"name": "erase", "p": 0.25}]``: a bare name takes the defaults
of :data:`STEPS`. The transforms are torchvision's v2, which move boxes with the pixels; ``mosaic`` puts
four samples into one picture and is ours. The learned policies (RandAugment, AutoAugment, TrivialAugment)
take pictures only there; for detection the boxes are taken along here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import BadInput, UnknownName

BOTH, CLASSES, BOXES = ("classification", "detection"), ("classification",), ("detection",)

# name -> (tasks, defaults). What cuts or mixes pictures without regard to boxes is for classification only.
STEPS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "flip": (BOTH, {"p": 0.5}),
    "flip-vertical": (BOTH, {"p": 0.5}),
    "crop": (CLASSES, {"padding": None}),
    "resized-crop": (CLASSES, {"scale": (0.5, 1.0), "ratio": (0.75, 1.333)}),
    "box-crop": (BOXES, {"min_scale": 0.3, "max_scale": 1.0}),
    "zoom-out": (BOXES, {"p": 0.5, "side_range": (1.0, 2.0), "fill": 114}),
    "scale-jitter": (BOXES, {"scale_range": (0.5, 1.5)}),
    "rotate": (BOTH, {"degrees": 10.0}),
    "affine": (BOTH, {"degrees": 0.0, "translate": (0.1, 0.1), "scale": (0.8, 1.2)}),
    "perspective": (BOTH, {"p": 0.5, "distortion_scale": 0.3}),
    "colour": (BOTH, {"brightness": 0.3, "contrast": 0.3, "saturation": 0.3, "hue": 0.02}),
    "distort": (BOTH, {"p": 0.5}),
    "grey": (BOTH, {"p": 0.1}),
    "blur": (BOTH, {"kernel_size": 3, "sigma": (0.1, 2.0)}),
    "noise": (BOTH, {"sigma": 0.05}),
    "erase": (BOTH, {"p": 0.5, "scale": (0.02, 0.2)}),
    "rand-augment": (BOTH, {"num_ops": 2, "magnitude": 9}),
    "auto-augment": (BOTH, {"policy": "imagenet"}),
    "trivial-augment": (BOTH, {}),
    "augmix": (CLASSES, {"severity": 3}),
    "mosaic": (BOXES, {"p": 0.5}),
}
POLICIES = ("imagenet", "cifar10", "svhn")
MOVES = ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate")  # operations of a policy that boxes follow


def checked(steps: Any, task: str) -> list[dict[str, Any]]:
    """The steps with their defaults filled in: ``[{"name", ...}]``.

    Raises
    ------
    UnknownName, BadInput
        No such step or parameter; a step that is not for this task; values that torchvision refuses.
    """
    if isinstance(steps, (str, bytes)) or not isinstance(steps, Sequence):
        raise BadInput(f"augment is a list of steps, e.g. ['flip', {{'name': 'colour', 'hue': 0.1}}]; got {steps!r}")
    made = []
    for step in steps:
        given = {"name": step} if isinstance(step, str) else step
        if not isinstance(given, Mapping) or not isinstance(given.get("name"), str):
            raise BadInput(f"a step of augment is a name or {{'name': ..., parameters}}, got {step!r}")
        name = given["name"]
        if name not in STEPS:
            raise UnknownName.of("augmentation", name, STEPS)
        tasks, defaults = STEPS[name]
        if task not in tasks:
            fitting = [n for n, (t, _) in STEPS.items() if task in t]
            raise BadInput(f"the augmentation {name!r} is for {tasks[0]}, not {task}; there: {', '.join(fitting)}")
        unknown = sorted(set(given) - {"name"} - set(defaults))
        if unknown:
            raise UnknownName.of(f"parameter of {name!r}", unknown[0], defaults)
        made.append({"name": name, **defaults, **{k: v for k, v in given.items() if k != "name"}})
    return made


def chain(steps: Any, task: str, size_px: Sequence[int]) -> Callable[[Any, Any], tuple[Any, Any]] | None:
    """A function ``(image, target) -> (image, target)`` of uint8 images (3, h, w), or None where nothing is to be done.

    Boxes that a step leaves without area are dropped with their labels. ``mosaic`` is not in it; see :func:`mosaic`.
    """
    asked = [s for s in checked(steps, task) if s["name"] != "mosaic"]
    if not asked:
        return None
    import torch
    from torchvision import tv_tensors
    from torchvision.transforms import v2

    w, h = size_px
    made = []
    for s in asked:
        options = {k: v for k, v in s.items() if k != "name"}
        try:
            made.append(_transform(s["name"], options, (h, w), task))
        except (ValueError, TypeError) as e:
            raise BadInput(f"the augmentation {s['name']!r} cannot be made with {options}: {e}") from e
    if task == "classification":
        pixels = v2.Compose(made)
        return lambda image, target: (pixels(image), target)
    back = (
        [v2.Resize((h, w), antialias=True)]
        if {s["name"] for s in asked} & {"zoom-out", "box-crop", "scale-jitter"}
        else []
    )
    both = v2.Compose([*made, *back, v2.SanitizeBoundingBoxes(min_size=1.0)])

    def run(image: torch.Tensor, target: dict) -> tuple[torch.Tensor, dict]:
        boxes = tv_tensors.BoundingBoxes(target["boxes"], format="XYXY", canvas_size=(h, w))  # type: ignore[call-arg]
        image, out = both(tv_tensors.Image(image), {**target, "boxes": boxes})
        return image.as_subclass(torch.Tensor), {**out, "boxes": out["boxes"].as_subclass(torch.Tensor)}

    return run


def _transform(name: str, o: dict[str, Any], size: tuple[int, int], task: str) -> Any:
    """The v2 transform of one step."""
    import torch
    from torchvision.transforms import v2

    h, _ = size
    if name == "crop":
        return v2.RandomCrop(size, padding=o["padding"] if o["padding"] is not None else max(2, h // 8))
    if name == "auto-augment":
        if o["policy"] not in POLICIES:
            raise UnknownName.of("policy of auto-augment", o["policy"], POLICIES)
        o = {"policy": v2.AutoAugmentPolicy(o["policy"])}
    if name == "noise":
        as_float = v2.ToDtype(torch.float32, scale=True)
        return v2.Compose([as_float, v2.GaussianNoise(sigma=o["sigma"]), v2.ToDtype(torch.uint8, scale=True)])
    if name == "scale-jitter":
        return v2.ScaleJitter(size, scale_range=tuple(o["scale_range"]))
    if name == "box-crop":
        return v2.RandomIoUCrop(min_scale=o["min_scale"], max_scale=o["max_scale"])
    makers: dict[str, Callable[..., Any]] = {
        "flip": v2.RandomHorizontalFlip,
        "flip-vertical": v2.RandomVerticalFlip,
        "zoom-out": v2.RandomZoomOut,
        "rotate": v2.RandomRotation,
        "affine": v2.RandomAffine,
        "perspective": v2.RandomPerspective,
        "colour": v2.ColorJitter,
        "distort": v2.RandomPhotometricDistort,
        "grey": v2.RandomGrayscale,
        "blur": v2.GaussianBlur,
        "erase": v2.RandomErasing,
        "rand-augment": v2.RandAugment,
        "auto-augment": v2.AutoAugment,
        "trivial-augment": v2.TrivialAugmentWide,
        "augmix": v2.AugMix,
    }
    if name == "resized-crop":
        return v2.RandomResizedCrop(size, **o, antialias=True)
    accepted = inspect.signature(makers[name]).parameters
    maker = (
        _with_boxes(makers[name])
        if task == "detection" and name in ("rand-augment", "auto-augment", "trivial-augment")
        else makers[name]
    )
    return maker(**{k: tuple(v) if isinstance(v, list) else v for k, v in o.items() if k in accepted})


def _with_boxes(policy: Any) -> Any:
    """A policy of v2, which takes pictures only, for samples with boxes: what moves the picture moves them, what
    colours it does not."""

    class WithBoxes(policy):
        def forward(self, image: Any, target: dict) -> tuple[Any, dict]:
            self._boxes = target["boxes"]
            return super().forward(image), {**target, "boxes": self._boxes}

        def _apply_image_or_video_transform(self, image: Any, transform_id: str, *how: Any, **more: Any) -> Any:
            apply = super()._apply_image_or_video_transform
            if transform_id in MOVES:
                self._boxes = apply(self._boxes, transform_id, *how, **more)
            return apply(image, transform_id, *how, **more)

    return WithBoxes


def mosaic(steps: Any, task: str) -> float:
    """The probability with which a sample becomes a mosaic of four; 0 where the steps name none."""
    found = [s["p"] for s in checked(steps, task) if s["name"] == "mosaic"]
    if any(not isinstance(p, (int, float)) or not 0 <= p <= 1 for p in found):
        raise BadInput(f"p of the augmentation 'mosaic' is a probability, got {found[0]!r}")
    return float(found[-1]) if found else 0.0


def join_four(items: Sequence[tuple[Any, dict]]) -> tuple[Any, dict]:
    """Four samples (image (3, h, w), boxes, labels) in one picture of the same size, each in a quarter, around a
    random centre.

    Boxes are scaled and moved with their picture.

    Source
    ------
    Bochkovskiy et al., "YOLOv4", 2020, section 3.3. There the centre cuts the pictures; here each picture is
    scaled into its quarter whole, so that no box is cut.
    """
    import torch
    from torchvision.transforms.v2 import functional as F

    _, h, w = items[0][0].shape
    cx, cy = (int((0.3 + 0.4 * float(torch.rand(()))) * side) for side in (w, h))
    canvas = torch.empty_like(items[0][0])
    boxes, labels = [], []
    for (image, target), (x0, y0, x1, y1) in zip(
        items, ((0, 0, cx, cy), (cx, 0, w, cy), (0, cy, cx, h), (cx, cy, w, h)), strict=True
    ):
        canvas[:, y0:y1, x0:x1] = F.resize(image, [y1 - y0, x1 - x0], antialias=True)
        sx, sy = (x1 - x0) / w, (y1 - y0) / h
        boxes.append(
            target["boxes"] * torch.tensor([sx, sy, sx, sy]) + torch.tensor([x0, y0, x0, y0], dtype=torch.float32)
        )
        labels.append(target["labels"])
    return canvas, {"boxes": torch.cat(boxes), "labels": torch.cat(labels)}
