"""Augmentation: named steps with parameters; boxes go with the pixels."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from veml_lab.errors import BadInput, UnknownName
from veml_lab.training import augment

W, H = 48, 32


def marked():
    """A black picture whose only bright pixels are the box's."""
    image = torch.zeros(3, H, W, dtype=torch.uint8)
    image[:, 8:16, 6:20] = 200
    return image, {"boxes": torch.tensor([[6.0, 8.0, 20.0, 16.0]]), "labels": torch.tensor([3])}


def extent(image):
    """The box around the bright pixels."""
    ys, xs = np.nonzero(image.numpy().max(0) > 100)
    return [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]


@pytest.mark.parametrize("task", ["classification", "detection"])
def test_every_step_that_is_offered_for_a_task_runs_and_is_plain(task):
    names = [n for n, (tasks, _) in augment.STEPS.items() if task in tasks]
    assert len(names) >= 15 and json.loads(json.dumps(augment.checked(names, task)))
    torch.manual_seed(0)
    for name in names:
        chain = augment.chain([name], task, (W, H))
        if name == "mosaic":
            assert chain is None
            continue
        image, target = marked()
        made, out = chain(image, 1 if task == "classification" else target)
        assert made.shape == (3, H, W) and made.dtype == torch.uint8, name
        if task == "detection":
            assert len(out["boxes"]) == len(out["labels"]) and out["boxes"].dtype == torch.float32, name
            assert (out["boxes"] >= 0).all() and (out["boxes"][:, 2] <= W).all() and (out["boxes"][:, 3] <= H).all(), (
                name
            )


@pytest.mark.parametrize(
    "step",
    [
        {"name": "flip", "p": 1.0},
        {"name": "flip-vertical", "p": 1.0},
        {"name": "affine", "scale": [1.2, 1.2]},
        "zoom-out",
        "scale-jitter",
    ],
    ids=str,
)
def test_the_box_stays_around_what_it_is_of(step):
    """The oracle is the picture itself: the bright pixels, wherever they have gone."""
    torch.manual_seed(1)
    chain = augment.chain([step], "detection", (W, H))
    for _ in range(8):
        image, target = chain(*marked())
        if (
            len(target["boxes"])
            and extent(image)[0] > 2
            and extent(image)[2] < W - 2
            and extent(image)[1] > 2
            and extent(image)[3] < H - 2
        ):
            assert target["boxes"][0].tolist() == pytest.approx(extent(image), abs=1.6)
            assert target["labels"].tolist() == [3]


@pytest.mark.parametrize(
    "step",
    [
        {"name": "rand-augment", "num_ops": 1, "magnitude": 6},
        {"name": "auto-augment", "policy": "svhn"},
        "trivial-augment",
    ],
    ids=str,
)
def test_a_policy_takes_the_boxes_along_where_it_moves_the_picture(step):
    """The oracle is the picture: a bright patch on dark ground, wherever it is sheared, shifted or turned to."""
    torch.manual_seed(3)
    chain, moved, still = augment.chain([step], "detection", (W, H)), 0, 0
    for _ in range(80):
        image = torch.full((3, H, W), 30, dtype=torch.uint8)
        image[:, 12:20, 18:30] = 220
        made, target = chain(image, {"boxes": torch.tensor([[18.0, 12.0, 30.0, 20.0]]), "labels": torch.tensor([3])})
        grey = made.float().mean(0)
        # what the patch has become: everything on the patch's side of the middle between it and the ground (it may be
        # inverted)
        patch = (grey - grey[0, W // 2]).abs() > 60 if grey[0, W // 2] != 0 else grey > 100
        ys, xs = patch.nonzero(as_tuple=True)
        if not len(xs) or xs.min() < 2 or ys.min() < 2 or xs.max() > W - 3 or ys.max() > H - 3:
            continue  # it touches the black that was moved in, or the border
        found = [xs.min().item(), ys.min().item(), xs.max().item() + 1, ys.max().item() + 1]
        assert target["labels"].tolist() == [3]
        assert target["boxes"][0].tolist() == pytest.approx(found, abs=1.6), step
        moved, still = moved + (found != [18, 12, 30, 20]), still + (found == [18, 12, 30, 20])
    assert moved >= 5 and still >= 5, (moved, still)


def test_a_box_that_is_pushed_out_of_the_picture_goes_with_its_label():
    chain = augment.chain([{"name": "affine", "translate": [0.0, 0.0], "scale": [8.0, 8.0]}], "detection", (W, H))
    image = torch.zeros(3, H, W, dtype=torch.uint8)
    _, target = chain(
        image, {"boxes": torch.tensor([[0.0, 0.0, 3.0, 3.0], [20.0, 12.0, 28.0, 20.0]]), "labels": torch.tensor([1, 2])}
    )
    assert target["labels"].tolist() == [2]


def test_a_mosaic_holds_four_pictures_and_every_box_is_around_its_own():
    torch.manual_seed(0)
    items = []
    for k in range(4):
        image, target = marked()
        items.append((image // 200 * (120 + 30 * k), {**target, "labels": torch.tensor([k])}))
    image, target = augment.join_four(items)
    assert image.shape == (3, H, W) and target["labels"].tolist() == [0, 1, 2, 3]
    for k, (x0, y0, x1, y1) in enumerate(target["boxes"].round().int().tolist()):
        middle = image[0, (y0 + y1) // 2, (x0 + x1) // 2]
        assert abs(int(middle) - (120 + 30 * k)) <= 3, "the middle of each box has the brightness of its own picture"


def test_augmentation_changes_the_training_and_its_key(fresh, digits_lab):
    import veml_lab as veml
    from veml_lab.training.jobs import make_job

    lab = fresh(digits_lab)
    plans = [
        veml.plan(lab["tiny"], lab["digits"], name="x", epochs=1, augment=a)
        for a in ([], ["erase"], [{"name": "erase", "p": 1.0}])
    ]
    assert len({make_job(lab.store, p).key for p in plans}) == 3
    plain, erased = (
        veml.train(
            veml.plan(lab["tiny"], lab["digits"], name=n, epochs=1, batch_size=16, augment=a), lab, progress=False
        )
        for n, a in (("plain", []), ("erased", [{"name": "erase", "p": 1.0}]))
    )
    first = [next(r["value"] for r in t.log() if r["name"] == "loss") for t in (plain, erased)]
    assert first[0] != first[1]


@pytest.mark.parametrize(
    ("steps", "task", "says"),
    [
        (["flop"], "detection", "flip"),
        ([{"name": "flip", "probability": 1}], "detection", "known: p"),
        ([3], "detection", "a name or"),
        (["crop"], "detection", "'crop' is for classification"),
        (["mosaic"], "classification", "'mosaic' is for detection"),
        ([{"name": "auto-augment", "policy": "coco"}], "classification", "imagenet"),
        ([{"name": "rotate", "degrees": -3}], "detection", "rotate"),
        ({"flip": 1}, "detection", "list of steps"),
    ],
    ids=str,
)
def test_steps_that_make_no_augmentation_are_refused_with_what_there_is(steps, task, says):
    with pytest.raises(BadInput, match=says):
        augment.chain(steps, task, (W, H))


def test_a_probability_of_the_mosaic_is_one():
    assert augment.mosaic(["mosaic"], "detection") == 0.5 and augment.mosaic(["flip"], "detection") == 0.0
    with pytest.raises(BadInput, match="probability"):
        augment.mosaic([{"name": "mosaic", "p": 2}], "detection")
    with pytest.raises(UnknownName):
        augment.mosaic(["mosaik"], "detection")
