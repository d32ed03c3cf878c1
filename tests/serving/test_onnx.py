"""Deployment: what is kept agrees with torch on real samples; what does not is not kept."""

from __future__ import annotations

import numpy as np
import pytest
from labs import TINY_DETECTOR

import veml_lab as veml
from veml_lab.errors import BadData, BadInput, DamagedLab, JobError, NameTaken, UnknownName
from veml_lab.serving.predict import predict
from veml_lab.training import backend


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def test_the_deployed_model_says_what_the_training_says(digits_lab):
    t, i = digits_lab.training, digits_lab.inference
    torch_says = backend("torchvision").predict(t.model.recipe, t.checkpoint, digits_lab.bright)
    np.testing.assert_allclose(
        predict(i, digits_lab.bright, progress=False).probabilities, torch_says.probabilities, atol=1e-4
    )
    m = i.measured
    assert m["agreement"] == 1.0 and m["samples"] == 20 and m["checked_on"] == "digits-test" and m["onnx_ms"] > 0
    assert m["size_mb"] == pytest.approx(i.file.stat().st_size / 1e6, abs=1e-3)


def test_deploying_again_gives_what_is_there(lab):
    assert veml.deploy(lab["first"], name="in production") == lab["in production"]
    with pytest.raises(NameTaken):
        veml.deploy(lab["first"], name="digits")
    with pytest.raises(UnknownName, match="onnx"):
        veml.deploy(lab["first"], "tensorrt")


def test_an_export_that_does_not_agree_with_torch_is_not_kept(lab, monkeypatch):
    """The planted fault: the exported network is another one than was trained."""
    from veml_lab.training.torchvision import backend as engine

    real = engine.load
    exported = []

    def load(recipe, checkpoint):
        net = real(recipe, checkpoint)
        if not exported:  # the first to load is the export; torch's side of the comparison is right
            exported.append(net)
            for p in net.parameters():
                p.data.mul_(-1)
        return net

    monkeypatch.setattr(engine, "load", load)
    before = sorted((lab.path / "blobs").iterdir())
    with pytest.raises(JobError, match=r"agrees with torch on only"):
        veml.deploy(lab["first"], name="wrong")
    assert "wrong" not in lab and sorted((lab.path / "blobs").iterdir()) == before


def test_a_deployed_file_that_is_gone_or_damaged_is_said(lab):
    file = lab["in production"].file
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(BadData, match="no ONNX model"):
        predict(lab["in production"], lab["digits"], progress=False)
    file.unlink()
    with pytest.raises(DamagedLab, match="deploy its training again"):
        predict(lab["in production"], lab["digits"], progress=False)


def test_a_checkpoint_that_is_gone_is_said(lab):
    lab["first"].checkpoint.unlink()
    with pytest.raises(DamagedLab, match=r"veml reproduce .* --restore"):
        veml.deploy(lab["first"], name="again")
    assert list((lab.path / "blobs").glob(".*")) == []


def test_a_detector_is_deployed_with_its_boxes_in_the_pictures_own_pixels(fresh, road_lab):
    lab = fresh(road_lab)
    model = veml.model(lab["city"], TINY_DETECTOR, name="d")
    t = veml.train(veml.plan(model, lab["city"], name="t", epochs=1, batch_size=4, lr=2e-3), lab, progress=False)
    i = veml.deploy(t)
    assert i.measured["agreement"] >= 0.99 and i.configuration["outputs"] == ["boxes", "scores", "labels"]
    ours = predict(i, lab["fog"], progress=False)
    theirs = backend("torchvision").predict(model.recipe, t.checkpoint, lab["fog"])
    assert len(ours.detections) == 12
    for a, b in zip(ours.detections, theirs.detections, strict=True):
        sure_a, sure_b = np.sort(a["scores"][a["scores"] > 0.1]), np.sort(b["scores"][b["scores"] > 0.1])
        np.testing.assert_allclose(sure_a, sure_b, atol=1e-2)
    found = veml.bad_cases(i, lab["fog"], progress=False)
    assert all(c.cost >= 1 for c in found.cases) and len(found) <= 12


def test_a_detector_too_small_to_be_exported_is_one_clear_error(fresh, road_lab):
    lab = fresh(road_lab)
    model = veml.model(lab["city"], {**TINY_DETECTOR, "size_px": [64, 32]}, name="d")
    t = veml.train(veml.plan(model, lab["city"], name="t", epochs=1, batch_size=4, lr=1e-4), lab, progress=False)
    with pytest.raises((JobError, BadInput), match="larger input size"):
        veml.deploy(t)
    assert not list((lab.path / "blobs").glob("*.onnx")) and not list((lab.path / "blobs").glob(".*"))


def test_a_detector_that_counts_background_as_a_class_agrees_with_its_export(tmp_path):
    """Faster R-CNN's labels are one higher inside the network; both sides of the comparison must take that off."""
    lab = veml.open(tmp_path / "lab")
    data = lab.add("city", veml.road_world("clear-city", 8, seed=5, size=(96, 64)), progress=False)
    recipe = {
        "architecture": "faster-rcnn",
        "backbone": "resnet10",
        "width": 8,
        "neck_channels": 32,
        "size_px": [96, 64],
    }
    model = veml.model(data, recipe, name="two stages")
    run = veml.train(veml.plan(model, data, name="run", epochs=1, batch_size=4, lr=1e-4), lab, progress=False)
    engine = backend("torchvision")
    original = engine.original(run.model.recipe, run.checkpoint)
    images = data.to_torch(size_px=(96, 64), labelled=False)
    found = [original(images.image(p).numpy()) for p in range(len(images))]
    assert sum(len(f["labels"]) for f in found) > 0  # else the comparison below would say nothing
    assert all(((f["labels"] >= 0) & (f["labels"] < len(data.classes))).all() for f in found)
    assert veml.deploy(run).measured["agreement"] == 1.0
