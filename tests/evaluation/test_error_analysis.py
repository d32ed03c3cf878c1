"""The pure half of the error analysis: what it says of a prediction whose errors are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from random_pictures import CLASSES, pictures

from veml_lab.errors import BadInput, MissingLabels
from veml_lab.evaluation.analysis import Shown, analyse_prediction
from veml_lab.evaluation.boxes import Boxes
from veml_lab.evaluation.judgement import judge_boxes
from veml_lab.evaluation.kinds import KINDS, SCORE
from veml_lab.evaluation.measures import measure
from veml_lab.evaluation.prediction import Prediction
from veml_lab.evaluation.slices import Slice, slices_of
from veml_lab.evaluation.truth import Truth

NAMES = tuple("abcd")


def shown(n, picture=None):
    return Shown(np.arange(100, 100 + n, dtype=np.uint64), [f"{i}.png" for i in range(n)], picture)


def classes(n=40, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(3), n).astype(np.float32)
    return Prediction(NAMES[:3], probabilities=p), Truth("data", NAMES, labels=rng.integers(0, 4, n))


@pytest.fixture
def boxes():
    truth, found = pictures(60, 4)
    return Prediction(NAMES, detections=found), Truth("data", NAMES, boxes=Boxes.of(truth)), truth, found


def test_the_worst_samples_are_those_in_which_the_model_is_surest_of_something_wrong():
    said, truth = classes()
    found = analyse_prediction(said, truth, shown(40), model="m", top=5)
    p, labels = said.probabilities, truth.labels
    wrong = sorted((i for i in range(40) if p[i].argmax() != labels[i]), key=lambda i: -p[i].max())
    assert [w["position"] for w in found.worst] == wrong[:5] and found.worst[0]["id"] == 100 + wrong[0]
    assert [w["cost"] for w in found.worst] == pytest.approx([float(p[i].max()) for i in wrong[:5]])
    first = found.worst[0]
    assert (first["truth"], first["predicted"]) == (NAMES[labels[wrong[0]]], NAMES[p[wrong[0]].argmax()])
    assert found.value == measure(said, truth)["accuracy"] and found.kinds is None and found.metric == "accuracy"


def test_a_slice_is_measured_by_itself(boxes):
    said, truth, *_ = boxes
    parts = slices_of({"third": [str(i % 3) for i in range(60)]})
    found = analyse_prediction(said, truth, shown(60), parts, model="m")
    true, seen = boxes[2:]
    for k, row in enumerate(found.slices):
        alone = measure(Prediction(NAMES, detections=seen[k::3]), Truth("part", NAMES, boxes=Boxes.of(true[k::3])))
        assert row["metric"] == pytest.approx(alone["mAP50"]) and row["gap"] == pytest.approx(
            row["metric"] - found.value
        )
        assert row["n"] == 20
    weakest = [r["metric"] for r in found.weakest()]
    assert weakest == sorted(weakest) and len(set(weakest)) == 3
    said_classes, labels = classes()
    found = analyse_prediction(said_classes, labels, shown(40), [Slice("x", "1", np.array([0, 3, 7]))], model="m")
    right = said_classes.probabilities.argmax(1) == labels.labels
    assert found.slices[0]["metric"] == right[[0, 3, 7]].mean()


def test_counts_are_of_what_is_judged_and_costs_of_all_that_was_said(boxes):
    said, truth, true, seen = boxes
    found = analyse_prediction(said, truth, shown(60), model="m")
    assert (
        found.score == SCORE and found.judgement.counts() == judge_boxes(Boxes.of(true), Boxes.of(seen), NAMES).counts()
    )
    assert {k: v["count"] for k, v in found.kinds.items()} == found.judgement.counts()
    costs = [v["cost"] for v in found.kinds.values()]
    assert costs == sorted(costs, reverse=True) and set(found.kinds) == set(KINDS) and costs[0] > costs[-1]
    all_said = analyse_prediction(said, truth, shown(60), model="m", score=0)
    assert {k: v["cost"] for k, v in all_said.kinds.items()} == {k: v["cost"] for k, v in found.kinds.items()}
    assert all_said.judgement.counts() != found.judgement.counts() and all_said.value == found.value


def test_it_shows_itself_as_text_page_and_json(boxes):
    said, truth, *_ = boxes

    def picture(position):
        return Image.new("RGB", (200, 150), (position, 0, 0))

    found = analyse_prediction(said, truth, shown(60, picture), slices_of({"x": ["a", "b"] * 30}), model="<b>m</b>")
    read = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (
        list(read["kinds"]) == list(KINDS)
        and read["classes"] == [*NAMES, "(nothing)"]
        and read["training"] == "<b>m</b>"
    )
    assert read["confusion"] == found.confusion.tolist() and read["value"] == found.value
    text = repr(found)
    top = found.most_confused()[0]
    assert f"most confused      {top[1]} as {top[2]} ({top[0]})" in text and "slice x = " in text and "worst " in text
    page = found._repr_html_()
    assert page.count("<img") == len(found.worst) and "<script" not in page and "&lt;b&gt;m&lt;/b&gt;" in page
    without = analyse_prediction(said, truth, shown(60), model="m")._repr_html_()
    assert "<img" not in without and "Worst samples" in without


def test_what_is_most_confused_leaves_out_what_is_right():
    said, truth = classes(400)
    found = analyse_prediction(said, truth, shown(400), model="m")
    pairs = found.most_confused()
    assert [n for n, _, _ in pairs] == sorted((n for n, _, _ in pairs), reverse=True)
    assert all(a != b for _, a, b in pairs) and sum(n for n, _, _ in pairs) == found.judgement.counts()["class"]
    assert found.confusion.diagonal().sum() > 0, "asking does not change the matrix"


def test_columns_are_cut_into_slices_that_hold_each_sample_once():
    values = [float(i) for i in range(100)]
    cut = slices_of({"speed": values, "many": [str(i) for i in range(100)], "one": ["x"] * 100, "none": [None] * 100})
    assert [s.column for s in cut] == ["speed"] * 4 and [len(s.positions) for s in cut] == [25, 25, 25, 25]
    assert np.concatenate([s.positions for s in cut]).tolist() == list(range(100))
    assert [s.value for s in slices_of({"one": ["x"] * 3}, ["one"])] == ["x"]
    assert slices_of({"flag": [True, False, None]})[0].positions.tolist() == [1]
    assert len(slices_of({"speed": [float(i % 12) for i in range(50)]})) == 12
    assert len(slices_of({"speed": [float(i % 13) for i in range(50)]})) == 4
    assert slices_of({"words": [str(i % 13) for i in range(50)]}) == []


def test_measures_of_classes_by_hand_and_what_they_need():
    p = np.array([[0.7, 0.3], [0.4, 0.6], [0.9, 0.1], [1.0, 0.0]], np.float32)
    said = Prediction(("a", "b"), probabilities=p)
    found = measure(said, Truth("x", ("a", "b", "c"), labels=np.array([0, 0, 2, 1])))
    assert found["accuracy"] == 0.25
    assert found["loss"] == pytest.approx(-(np.log(0.7) + np.log(0.4) + np.log(1e-9)) / 3, rel=1e-5)
    only_unknown = measure(said, Truth("x", ("a", "b", "c"), labels=np.full(4, 2)))
    assert only_unknown == {"accuracy": 0.0}
    with pytest.raises(MissingLabels, match="1 of 4 samples of 'x' have no class"):
        measure(said, Truth("x", ("a", "b"), labels=np.array([0, -1, 0, 0])))
    with pytest.raises(MissingLabels, match="'x' has no boxes"):
        measure(Prediction(NAMES, detections=[]), Truth("x", NAMES, boxes=Boxes.of([])))
    with pytest.raises(BadInput, match="different tasks"):
        measure(said, Truth("x", NAMES, boxes=Boxes.of([])))
    assert len(NAMES) == CLASSES
