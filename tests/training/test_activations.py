"""What happens in a network when it sees one picture: feature maps and gradients, as plain torch gives them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from labs import TINY_DETECTOR

import veml_lab as veml
from veml_lab.errors import BadInput, UnknownName
from veml_lab.training.layers import named_layers
from veml_lab.training.torchvision.backend import TorchvisionBackend
from veml_lab.training.torchvision.loop import loss_of
from veml_lab.training.torchvision.predictions import load
from veml_lab.versions.torch_dataset import VersionDataset


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def opened(training, data, sample):
    """The network and the picture, by hand."""
    net = load(training.model.recipe, training.checkpoint)
    size = tuple(training.model.recipe["size_px"])
    at = list(data.ids).index(sample)
    return net, VersionDataset(data, size_px=size, labelled=False).image(at).float()[None] / 255


def test_the_maps_are_those_of_plain_torch(digits_lab):
    training, sample = digits_lab.training, list(digits_lab.training.data.ids)[7]
    net, x = opened(training, training.data, sample)
    layers = [n for n, _ in net.named_modules() if n.endswith(("conv1", "layer2", "fc"))][-3:]
    seen = {}
    for name in layers:
        dict(net.named_modules())[name].register_forward_hook(lambda m, i, o, n=name: seen.update({n: o[0].clone()}))
    with torch.inference_mode():
        logits = net(x)[0]
    found = veml.activations(training, sample, layers)
    assert list(found.maps) == list(seen) and found.data == training.data.name
    for name in layers:
        assert found.maps[name].dtype == np.float32
        assert np.array_equal(found.maps[name], seen[name].numpy())
    (last,) = [n for n in layers if n.endswith("fc")]
    assert np.array_equal(found.maps[last], logits.numpy()), "a linear layer gives a vector"


def test_the_gradients_are_those_of_the_loss_of_this_picture(digits_lab):
    training, sample = digits_lab.training, list(digits_lab.training.data.ids)[11]
    net, x = opened(training, training.data, sample)
    truth = training.classes.index(training.data.annotations.class_labels[sample])
    torch.nn.functional.cross_entropy(net(x), torch.tensor([truth])).backward()
    found = veml.activations(training, sample)
    assert set(found.gradients) == {
        n for n, m in net.named_modules() if any(p.grad is not None for p in m.parameters(recurse=False))
    }
    whole = sum(float((p.grad**2).sum()) for p in net.parameters())
    assert sum(g**2 for g in found.gradients.values()) == pytest.approx(whole, rel=1e-4)
    name, layer = next((n, m) for n, m in net.named_modules() if isinstance(m, torch.nn.Linear))
    by_hand = sum(float((p.grad**2).sum()) for p in layer.parameters()) ** 0.5
    assert found.gradients[name] == pytest.approx(by_hand, rel=1e-4)


def test_six_convolutions_from_the_first_to_the_last_where_nobody_names_any(digits_lab):
    training = digits_lab.training
    net, _ = opened(training, training.data, min(training.data.ids))
    every = [n for n, m in net.named_modules() if isinstance(m, torch.nn.Conv2d)]
    named = named_layers(net, None)
    assert len(named) == 6 and (named[0], named[-1]) == (every[0], every[-1]) and set(named) <= set(every)
    assert list(veml.activations(training, min(training.data.ids)).maps) == named
    assert named_layers(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU()), None) == ["0"]


def test_a_layer_that_there_is_not_names_the_nearest(digits_lab):
    net, _ = opened(digits_lab.training, digits_lab.training.data, min(digits_lab.training.data.ids))
    known = next(n for n, _ in net.named_modules() if n.endswith("layer2"))
    with pytest.raises(UnknownName, match=known):
        veml.activations(digits_lab.training, min(digits_lab.training.data.ids), [known + "x"])


@pytest.mark.parametrize("sample", [10**9, -1, "a.png", 1.5, True])
def test_a_sample_that_there_is_not_is_refused(digits_lab, sample):
    with pytest.raises(BadInput, match=r"give data=|named by its ID"):
        veml.activations(digits_lab.training, sample)


def test_another_version_may_hold_the_sample_and_labels_count_where_there_are_any(lab):
    training, bright = lab["first"], lab["bright"]
    sample = max(bright.ids)
    with pytest.raises(BadInput, match="give data="):
        veml.activations(training, sample)
    labelled = veml.activations(training, sample, data=bright)
    bare = bright.correct("bare", {sample: {"class": None}})
    found = veml.activations(training, sample, data=bare)
    assert labelled.gradients and not found.gradients
    for name, values in labelled.maps.items():
        assert np.array_equal(values, found.maps[name])
    other = veml.activations(training, min(bright.ids), data=bare)
    assert other.gradients, "it has its label still"


def test_a_detector_shows_every_level_of_its_pyramid(fresh, road_lab):
    lab = fresh(road_lab)
    city = lab["city"]
    plan = veml.plan(veml.model(city, TINY_DETECTOR, name="d"), city, name="t", epochs=1, batch_size=8)
    training = veml.train(plan, lab, progress=False)
    net = load(training.model.recipe, training.checkpoint)
    name = next(n for n, m in net.named_modules() if n.endswith("fpn"))
    sample = min(training.data.ids)
    found = veml.activations(training, sample, name)
    assert list(found.maps)[:2] == [name, f"{name} #2"] and len(found.maps) > 2
    sides = [v.shape[1] for v in found.maps.values()]
    assert sides == sorted(sides, reverse=True) and found.maps[name].ndim == 3
    assert found.gradients and all(np.isfinite(g) and g >= 0 for g in found.gradients.values())
    by_hand = []
    for kept in (True, False):  # with the statistics of the training, which are deployed, and with those of one picture
        net = load(training.model.recipe, training.checkpoint).train()
        for layer in net.modules():
            if kept and isinstance(layer, torch.nn.BatchNorm2d):
                layer.eval()
        size = tuple(training.model.recipe["size_px"])
        image, target = VersionDataset(training.data, size_px=size)[0]
        loss_of(net, training.model.recipe, [image], [target], torch.device("cpu")).backward()
        by_hand.append(sum(float((p.grad**2).sum()) for p in net.parameters() if p.grad is not None))
    assert sum(g**2 for g in found.gradients.values()) == pytest.approx(by_hand[0], rel=1e-3)
    assert by_hand[1] != pytest.approx(by_hand[0], rel=1e-2)


def test_it_draws_itself_and_says_shapes(digits_lab):
    found = veml.activations(digits_lab.training, min(digits_lab.training.data.ids))
    html = found._repr_html_()
    assert html.count("data:image/png;base64,") == len(found.maps) and "gradient" in html
    assert json.loads(json.dumps(found.to_dict()))["maps"] == {n: list(v.shape) for n, v in found.maps.items()}
    assert " x ".join(map(str, next(iter(found.maps.values())).shape)) in repr(found)


def test_asked_again_it_is_what_it_was_and_computed_once_where_that_pays(lab, monkeypatch):
    from veml_lab.intermediates.costs import Costs

    ran = []
    real = TorchvisionBackend.inside

    def counted(self, *given):
        ran.append(given)
        return real(self, *given)

    monkeypatch.setattr(TorchvisionBackend, "inside", counted)
    monkeypatch.setattr(Costs, "worth", lambda *_: True)  # on any machine
    sample = min(lab["first"].data.ids)
    one, two = (veml.activations(lab["first"], sample) for _ in range(2))
    assert len(ran) == 1 and one.gradients == two.gradients
    assert all(np.array_equal(one.maps[n], two.maps[n]) for n in one.maps)
    veml.activations(lab["first"], sample + 1)
    assert len(ran) == 2


def test_a_backend_that_shows_nothing_says_so(digits_lab, monkeypatch):
    from veml_lab.training import activations as room

    monkeypatch.setattr(room, "backend", lambda name: object())
    with pytest.raises(BadInput, match="does not show what happens in it"):
        veml.activations(digits_lab.training, min(digits_lab.training.data.ids))
