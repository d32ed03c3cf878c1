"""Numbers that methods of rebuilding stand on; each test was seen to fail on a small fault planted in the code."""

from __future__ import annotations

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.errors import BadInput
from veml_lab.lifecycle.active import uncertainty
from veml_lab.lifecycle.methods import usual_hyper
from veml_lab.training import Prediction


def test_a_picture_is_as_unsure_as_its_five_least_sure_boxes():
    """Sure boxes beside them do not make it look sure."""
    scores = np.array([0.5] * 5 + [0.999] * 45, dtype=np.float32)
    seen = {"boxes": np.zeros((50, 4)), "scores": scores, "labels": np.zeros(50)}
    assert uncertainty(Prediction(("car",), detections=[seen]), "margin") == pytest.approx([1.0], abs=1e-6)


def test_an_adaptation_without_labels_goes_a_third_as_fast(digits_lab):
    assert usual_hyper(digits_lab.training, "full")["lr"] == digits_lab.plan.hyper["lr"]
    assert usual_hyper(digits_lab.training, "adabn")["lr"] == pytest.approx(digits_lab.plan.hyper["lr"] / 3)


def test_a_budget_of_one_is_one_label_and_of_a_half_is_half_of_them(fresh, digits_lab):
    lab = fresh(digits_lab)
    options = {"method": "active", "hyper": {"epochs": 1}, "learner": "random", "progress": False}
    one = veml.rebuild(lab["first"], lab["bright-train"], budget=1, **options)
    half = veml.rebuild(lab["first"], lab["bright-train"], budget=0.5, **options)
    assert (one.plan["labels"], half.plan["labels"]) == (1, len(lab["bright-train"]) // 2)


def test_a_transfer_takes_the_donors_seed(fresh, digits_lab):
    lab = fresh(digits_lab)
    plan = veml.plan(lab["tiny"], lab["digits"], name="seventh", epochs=1, batch_size=16, seed=7)
    donor = veml.train(plan, lab, progress=False)
    run = veml.train(veml.transfer(donor, lab["bright"]), progress=False)
    assert run.plan["seed"] == 7 and run.plan["init"] == donor.id


def test_data_without_labels_are_said_to_have_none(tmp_path):
    lab = veml.open(tmp_path / "lab")
    (tmp_path / "t.csv").write_text("x,y\n1,2\n3,4\n")
    rows = lab.add("rows", veml.read(tmp_path / "t.csv"), progress=False)
    with pytest.raises(BadInput, match=r"has no labels.*label="):
        veml.model(rows, {"architecture": "resnet10"}, name="m")
