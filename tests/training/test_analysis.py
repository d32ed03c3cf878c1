"""Error analysis of a training: confusion by counting, slices, worst samples, and what it needs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import veml_lab as veml
from veml_lab.errors import BadInput, UnknownName
from veml_lab.evaluation.kinds import KINDS, NOTHING
from veml_lab.training import analysis, backend


def test_confusion_classes_and_worst_samples_agree_with_a_count_by_hand(digits_lab):
    t, data = digits_lab.training, digits_lab.lab["bright-test"]
    a = analysis.analyse(t, data, progress=False)
    p = backend("torchvision").predict(t.model.recipe, t.checkpoint, data).probabilities
    truth, picked = data.annotations.targets(), p.argmax(1)
    assert a.confusion.sum() == len(data)
    assert a.confusion.diagonal().sum() == (picked == truth).sum() == a.value * len(data)
    one = next(r for r in a.per_class if r["class"] == "1")
    hits = ((picked == 1) & (truth == 1)).sum()
    assert one["support"] == (truth == 1).sum() and one["recall"] == pytest.approx(hits / (truth == 1).sum())
    assert [w["position"] for w in a.worst] == [i for i in range(len(data)) if picked[i] != truth[i]][:12]


@pytest.fixture(scope="module")
def road_training(tmp_path_factory):
    lab = veml.open(tmp_path_factory.mktemp("road") / "lab")
    city = lab.add("city", veml.road_world("clear-city", 24, seed=1), progress=False)
    model = veml.model(
        city,
        {"architecture": "faster-rcnn", "backbone": "resnet10", "width": 8, "neck_channels": 16, "size_px": [96, 64]},
        name="m",
    )
    return veml.train(veml.plan(model, city, name="road", epochs=2, batch_size=4, lr=2e-3), lab, progress=False)


def test_slices_are_of_the_samples_that_they_name(road_training):
    a = analysis.analyse(road_training, columns=["timeofday"], progress=False)
    table = road_training.validation.to_pandas()
    assert {r["value"]: r["n"] for r in a.slices} == table.groupby("timeofday").size().to_dict()
    assert all(r["metric"] - a.value == pytest.approx(r["gap"]) for r in a.slices)
    with pytest.raises(UnknownName, match="timeofday"):
        analysis.analyse(road_training, columns=["time of day"], progress=False)


def test_an_analysis_of_a_detector_shows_itself_as_text_page_and_json(road_training):
    a = analysis.analyse(road_training, score=0.05, progress=False)
    assert a.metric == "mAP50" and a.names[-1] == NOTHING
    assert a.value == pytest.approx(road_training.metric, abs=1e-9), "what the training itself measured"
    objects = sum(len(b) for b in road_training.validation.annotations.boxes.values())
    assert sum(r["support"] for r in a.per_class) == objects <= a.confusion[:-1].sum(), "a row for every object"
    said = json.loads(json.dumps(a.to_dict(), allow_nan=False))
    assert set(said["kinds"]) == set(KINDS) and said["worst"]
    assert "mending it adds" in repr(a) and a.model == "road" and a.model in repr(a)
    page = a._repr_html_()
    assert page.count("<img") >= 1 and "<script" not in page and "Per slice" in page


def test_names_of_the_user_are_text_in_the_page_and_not_markup(fresh, digits_lab):
    lab = fresh(digits_lab)
    t = veml.train(
        veml.plan(lab["tiny"], lab["digits"], name="<img src=x onerror=alert(1)>", epochs=1, batch_size=16),
        lab,
        progress=False,
    )
    page = analysis.analyse(t, progress=False)._repr_html_()
    assert "<img src=x" not in page and "&lt;img src=x" in page


def test_an_analysis_needs_labelled_data_of_the_same_task(fresh, digits_lab, road_lab):
    lab = fresh(digits_lab)
    city = lab.add("city", veml.road_world("clear-city", 4, seed=1), progress=False)
    with pytest.raises(BadInput, match="is for classification"):
        analysis.analyse(lab["first"], city, progress=False)
    blind = veml.train(
        replace(veml.plan(lab["tiny"], lab["digits"], name="blind", epochs=1, batch_size=30), validation=None),
        lab,
        progress=False,
    )
    with pytest.raises(BadInput, match="without validation data"):
        analysis.analyse(blind, progress=False)
