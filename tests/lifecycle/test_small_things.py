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


@pytest.mark.parametrize("kind", ["entropy", "margin"])
def test_a_box_that_is_quite_sure_is_no_question_and_one_half_is_the_greatest(kind):
    """Scores of exactly 0 and 1 have no logarithm on one side."""
    most = {"entropy": np.log(2), "margin": 1.0}[kind]
    seen = [{"boxes": np.zeros((1, 4)), "scores": np.array([s]), "labels": np.zeros(1)} for s in (0.0, 1.0, 0.5)]
    seen.append({"boxes": np.zeros((0, 4)), "scores": np.zeros(0), "labels": np.zeros(0)})  # nothing is half a question
    found = uncertainty(Prediction(("car",), detections=seen), kind)
    np.testing.assert_allclose(found, [0, 0, most, most / 2], atol=1e-9)
    sure = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.6, 0.3, 0.1]], np.float32)
    said = uncertainty(Prediction(("a", "b", "c"), probabilities=sure), kind)
    by_hand = -(np.array([0.6, 0.3, 0.1]) * np.log([0.6, 0.3, 0.1])).sum() if kind == "entropy" else 1 - 0.3
    np.testing.assert_allclose(said, [0, np.log(2) if kind == "entropy" else 1, by_hand], atol=1e-6)


def test_bad_cases_that_are_kept_say_whose_they_are(fresh, digits_lab):
    lab = fresh(digits_lab)
    test = lab["digits-test"]
    labels = test.annotations.class_labels
    wrong = test.correct("wrong", {int(i): {"label": "0" if labels[i] != "0" else "1"} for i in list(test.ids)[:4]})
    found = veml.bad_cases(lab["in production"], wrong, progress=False)
    kept = found.save("worst", top=2)
    (made,) = [e for e in lab.store.graph().into[kept.id] if e.type == "derived_from"]
    assert made.props["operation"] == "bad cases" and made.props["inference"] == "in production"
    (of,) = [e for e in lab.store.graph().into[kept.id] if e.type == "bad_cases_of"]
    assert of.src == lab["in production"].id and of.props["n"] == 2 == len(kept)


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
