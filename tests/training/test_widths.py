"""Every width that the torchvision backend takes trains; one that makes no network is refused before anything runs."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torchvision")

from veml_lab.errors import BadInput  # noqa: E402
from veml_lab.training.torchvision.networks import DETECTORS, MOBILE, build  # noqa: E402

WIDTHS = (1, 2, 7, 16, 24, 33)


def step(net, detector):
    """One step of training and one prediction."""
    torch.manual_seed(0)
    pictures = torch.rand(2, 3, 64, 64)
    if detector:
        boxes = torch.tensor([[8.0, 8.0, 40.0, 40.0]])
        losses = net(list(pictures), [{"boxes": boxes, "labels": torch.tensor([1])}] * 2)
        sum(losses.values()).backward()
    else:
        torch.nn.functional.cross_entropy(net(pictures), torch.tensor([0, 1])).backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)
    with torch.no_grad():
        net.eval()(list(pictures) if detector else pictures)


@pytest.mark.parametrize("architecture", DETECTORS)
def test_a_detector_of_any_width_trains_or_is_refused_by_name(architecture):
    refused = []
    for width in WIDTHS:
        recipe = {
            "task": "detection", "architecture": architecture, "backbone": "resnet10", "width": width,
            "neck_channels": width, "size_px": [64, 64], "num_classes": 3,
        }  # fmt: skip
        try:
            net = build(recipe)
        except BadInput as e:
            assert f"neck_channels {width}" in str(e)
            refused.append(width)
            continue
        step(net, detector=True)
    assert refused == ([1] if architecture in ("ssd", "ssdlite") else [])


@pytest.mark.parametrize("body", MOBILE)
def test_a_mobile_body_of_any_width_trains_or_is_refused_by_name(body):
    for width in (1, 5, 24):
        recipe = {
            "task": "detection", "architecture": "fcos", "backbone": body, "width": width, "neck_channels": 24,
            "size_px": [64, 64], "num_classes": 2,
        }  # fmt: skip
        try:
            net = build(recipe)
        except BadInput as e:
            assert f"width {width}" in str(e)
        else:
            step(net, detector=True)


def test_a_classifier_of_any_width_trains():
    for width in WIDTHS:
        recipe = {"architecture": "resnet10", "width": width, "size_px": [32, 32], "num_classes": 2}
        step(build({"task": "classification", **recipe}), detector=False)


def test_a_head_of_32_groups_stays_what_it_was():
    """A file of weights that was written before fits."""
    recipe = {"task": "detection", "architecture": "fcos", "backbone": "resnet10", "width": 8, "size_px": [64, 64]}
    groups = {
        channels: {m.num_groups for m in build({**recipe, "neck_channels": channels, "num_classes": 2}).modules()
                   if isinstance(m, torch.nn.GroupNorm)}
        for channels in (16, 24, 31, 32, 64)
    }  # fmt: skip
    assert groups == {16: {16}, 24: {8}, 31: {1}, 32: {32}, 64: {32}}
