"""Small numbers and orders that trainings and searches stand on; each was seen to fail on a small fault planted in the
code."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
import torch
from torchvision.transforms import v2

import veml_lab as veml
from veml_lab.errors import BadInput
from veml_lab.training import guard
from veml_lab.training.augment import _transform
from veml_lab.training.jobs import _write_plan, list_jobs, make_job
from veml_lab.training.reporter import read_log
from veml_lab.training.reproduce import _weights
from veml_lab.training.spatiotemporal.networks import build
from veml_lab.training.torchvision import batches
from veml_lab.training.torchvision.networks import _fcos_head
from veml_lab.training.weights import save


def test_jobs_are_listed_from_the_oldest_whatever_they_are_called(fresh, digits_lab):
    lab = fresh(digits_lab)
    plans = [veml.plan(lab["tiny"], lab["digits"], name=n, epochs=1, seed=i) for i, n in enumerate("cabd")]
    made = [make_job(lab.store, plan) for plan in plans]
    for age, job in zip((3, 1, 4, 2), made, strict=True):
        _write_plan(job)
        os.utime(job.folder / "plan.json", (1e9 - age, 1e9 - age))
    old = [j.plan.name for j in list_jobs(lab.store) if j.plan.name in "abcd"]
    assert old == ["b", "c", "d", "a"]


@pytest.mark.parametrize("room, kept", [(60 * 16 * 16 * 3, True), (60 * 16 * 16 * 3 - 1, False)])
def test_pictures_are_kept_decoded_where_all_of_them_have_room(digits_lab, monkeypatch, room, kept):
    monkeypatch.setattr(batches, "CACHE_BYTES", room)
    recipe, data = dict(digits_lab.model.recipe), digits_lab.lab["digits-train"]
    h = {"batch_size": 7, "augment": [], "workers": 0}
    images = batches.loader(recipe, data, h, 0).dataset.images
    assert (images._cache is not None) is kept and images.task == "classification"
    assert batches.loader(recipe, data, h, 0, labelled=False).dataset.images.target(0) == -1


def test_batches_of_a_detector_have_the_boxes_of_its_recipe_and_not_of_the_task_of_the_data(road_lab):
    """Data with outlines train a detector by their boxes; the recipe says what the targets are."""
    recipe = {"size_px": [96, 64], "classes": list(road_lab.city.classes), "task": "detection"}
    h = {"batch_size": 2, "augment": [], "workers": 0}
    assert batches.loader(recipe, road_lab.city, h, 0).dataset.images.task == "detection"
    other = {**recipe, "task": "none"}
    assert batches.loader(other, road_lab.city, h, 0).dataset.images.task == "none"


def test_a_training_takes_two_samples_and_not_one(digits_lab):
    lab, recipe = digits_lab.lab, dict(digits_lab.model.recipe)
    guard.check_data(recipe, lab["digits-train"], None)

    class Few:
        def __init__(self, n):
            self.n, self.name = n, "few"

        def __len__(self):
            return self.n

        def __getattr__(self, name):
            return getattr(lab["digits-train"], name)

    guard.check_data(recipe, Few(2), None)
    with pytest.raises(BadInput, match="has 1 samples; a training needs at least 2"):
        guard.check_data(recipe, Few(1), None)
    with pytest.raises(BadInput, match="no samples to measure on"):
        guard.check_data(recipe, lab["digits-train"], Few(0))
    guard.check_data(recipe, lab["digits-train"], Few(1))


@pytest.mark.parametrize("torn", ['{"step": "three"}', "[1, 2]", '"step"', '{"name": "loss"}', '{"step": 4, "na', "7"])
def test_a_log_ends_where_its_process_was_killed(tmp_path, torn):
    good = [{"step": i, "name": "loss", "value": 0.5} for i in (1, 2)]
    lines = [*map(json.dumps, good), torn, json.dumps({"step": 9})]
    (tmp_path / "log").write_text("\n".join(lines))
    assert read_log(tmp_path / "log") == good and read_log(tmp_path / "none") == []


@pytest.mark.parametrize("length", [1e-3, 1.0, 1e6])
def test_weights_differ_by_their_share_of_the_length_however_small_they_are(tmp_path, length):
    """3-4-5: of all, 5 % of the length; of the worst tensor, a fifth."""
    here = {"a": torch.tensor([3.0, 4.0]) * length, "b": torch.tensor([0.0, 0.0, 12.0]) * length}
    here["n"] = torch.tensor([1])
    there = {**here, "a": here["a"] * 1.2, "n": torch.tensor([2])}
    for name, state in (("a", here), ("b", there), ("c", {"a": here["a"]})):
        save(state, tmp_path / f"{name}.safetensors", ["x"])
    over_all, worst = _weights(tmp_path / "a.safetensors", tmp_path / "b.safetensors")
    assert over_all == pytest.approx(1 / 13, rel=1e-5) and worst == ("a", pytest.approx(0.2, rel=1e-5))
    assert _weights(tmp_path / "a.safetensors", tmp_path / "a.safetensors") == (0.0, ("", 0.0))
    assert _weights(tmp_path / "a.safetensors", tmp_path / "c.safetensors")[0] == float("inf")


@pytest.mark.parametrize(
    "architecture, step_minutes, rows", [("daily-mean", 60, 24), ("weekly-mean", 60, 168), ("daily-mean", 2880, 1)]
)
def test_a_mean_of_the_day_has_a_row_a_step_and_one_where_a_step_is_longer(architecture, step_minutes, rows):
    recipe = {"architecture": architecture, "step_minutes": step_minutes, "window": 2, "horizon": 1}
    recipe |= {"num_nodes": 3, "channels": ["load"], "hidden": 4, "layers": 1, "clock": []}
    net = build(recipe)
    assert net.table.shape == (rows, 3, 1)
    clock = torch.tensor([[0, step_minutes, (rows + 1) * step_minutes]])
    assert net.slot(clock).tolist() == [[0, 1 % rows, 1 % rows]]


@pytest.mark.parametrize("channels", [8, 12, 48, 33])
def test_the_head_of_fcos_answers_once_a_place_for_any_number_of_channels(channels):
    head = _fcos_head(channels, 5)
    maps = [torch.rand(2, channels, 4, 6), torch.rand(2, channels, 2, 3)]
    said = head(maps)
    places = 4 * 6 + 2 * 3
    assert said["cls_logits"].shape == (2, places, 5) and said["bbox_regression"].shape == (2, places, 4)
    assert said["bbox_ctrness"].shape == (2, places, 1) and _fcos_head(64, 5) is None


def test_each_augmentation_is_the_transform_of_its_name():
    options = {
        "scale-jitter": ({"scale_range": [0.5, 2.0]}, v2.ScaleJitter),
        "box-crop": ({"min_scale": 0.3, "max_scale": 1.0}, v2.RandomIoUCrop),
        "resized-crop": ({"scale": (0.5, 1.0), "ratio": (1.0, 1.0)}, v2.RandomResizedCrop),
        "flip": ({"p": 0.25}, v2.RandomHorizontalFlip),
        "flip-vertical": ({"p": 0.75}, v2.RandomVerticalFlip),
    }
    made = {name: _transform(name, o, (24, 32), "classification") for name, (o, _) in options.items()}
    assert {name: type(t) for name, t in made.items()} == {name: kind for name, (_, kind) in options.items()}
    assert tuple(made["scale-jitter"].target_size) == (24, 32) and made["scale-jitter"].scale_range == (0.5, 2.0)
    assert (made["box-crop"].min_scale, made["box-crop"].max_scale) == (0.3, 1.0)
    assert (made["flip"].p, made["flip-vertical"].p) == (0.25, 0.75)
    for height, padding in ((24, 3), (8, 2)):
        assert _transform("crop", {"padding": None}, (height, 32), "detection").padding == [padding] * 4
    assert _transform("crop", {"padding": 5}, (24, 32), "detection").padding == [5] * 4
    image = torch.full((3, 8, 8), 128, dtype=torch.uint8)
    noisy = _transform("noise", {"sigma": 0.1}, (8, 8), "classification")(image)
    assert noisy.dtype == torch.uint8 and 10 < noisy.float().std() < 45 and abs(noisy.float().mean() - 128) < 8
    assert np.array_equal(image, torch.full((3, 8, 8), 128, dtype=torch.uint8))
