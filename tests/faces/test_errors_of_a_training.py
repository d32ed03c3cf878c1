"""Confusion matrix and kinds of error of a training, kept at its end and shown without running the network again."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from labs import TINY_DETECTOR

import veml_lab as veml
from veml_lab.errors import BadInput
from veml_lab.faces.actions import actions
from veml_lab.faces.views import view
from veml_lab.training import backend, kept_errors
from veml_lab.versions.results import put_result


def errors_action(lab, training):
    return next((a for a in actions(lab.store, training.node) if a["id"] == "errors"), None)


def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network ran again")

    for asked in ("predict", "answers"):
        monkeypatch.setattr(f"veml_lab.training.torchvision.backend.TorchvisionBackend.{asked}", refuse)


def test_the_matrix_is_what_the_network_says_of_each_validation_sample(digits_lab):
    training = digits_lab.training
    prediction = backend(training.plan["backend"]).predict(
        training.model.recipe, training.checkpoint, training.validation
    )
    labels = training.validation.annotations.class_labels
    counts: dict[tuple[str, str], int] = {}
    for i, row in zip(training.validation.ids, prediction.probabilities, strict=True):
        pair = labels[i], prediction.classes[int(row.argmax())]
        counts[pair] = counts.get(pair, 0) + 1
    shown = view(digits_lab.lab, "errors", {"version": training.name})
    for a, row in zip(shown.classes, shown.matrix, strict=True):
        assert [counts.get((a, b), 0) for b in shown.classes] == row
    wrong = sum(n for (a, b), n in counts.items() if a != b)
    assert shown.kinds == ({"class": wrong} if wrong else {})
    assert f"accuracy {training.metric:.3f}" in shown.title


def test_they_are_kept_at_the_end_so_that_a_click_and_a_read_only_lab_run_no_network(digits_lab, fresh, monkeypatch):
    no_network(monkeypatch)
    lab = fresh(digits_lab, read_only=True)
    assert errors_action(lab, lab["first"])["view"] == "errors"
    assert int(np.sum(view(lab, "errors", {"version": "first"}).matrix)) == len(lab["first"].validation)


def test_a_training_from_before_offers_a_line_that_looks_once(digits_lab, fresh, monkeypatch):
    lab = fresh(digits_lab)
    monkeypatch.setattr(kept_errors, "RESULT_KIND", "other errors")  # nothing is kept under that key
    action = errors_action(lab, lab["first"])
    assert action["view"] == "" and action["code"] == "lab.view('errors', version='first')"
    with (
        monkeypatch.context() as m,
        pytest.raises(BadInput, match=r"not kept .* lab\.view\('errors', version='first'\)"),
    ):
        m.setenv("VEML_DASHBOARD", "1")
        view(lab, "errors", {"version": "first"})
    view(lab, "errors", {"version": "first"})
    assert errors_action(lab, lab["first"])["view"] == "errors"
    no_network(monkeypatch)
    view(lab, "errors", {"version": "first"})


def test_a_training_that_ended_well_is_not_spoilt_by_errors_that_cannot_be_told(digits_lab, fresh, monkeypatch):
    def burst(*_, **__):
        raise RuntimeError("no memory for this")

    lab = fresh(digits_lab)
    monkeypatch.setattr("veml_lab.training.analysis.analyse", burst)
    made = veml.train(
        veml.plan(lab["tiny"], lab["digits"], name="second", epochs=1, batch_size=16), lab, progress=False
    )
    assert made.metric is not None and errors_action(lab, made)["view"] == ""


def test_without_validation_data_nothing_is_offered_and_the_view_says_why(digits_lab, fresh):
    lab = fresh(digits_lab)
    plan = dataclasses.replace(
        veml.plan(lab["tiny"], lab["digits"], name="blind", epochs=1, batch_size=16), validation=None
    )
    alone = veml.train(plan, lab, progress=False)
    assert errors_action(lab, alone) is None
    with pytest.raises(BadInput, match="without validation data"):
        view(lab, "errors", {"version": "blind"})


def test_a_detector_is_shown_with_nothing_as_a_class_and_its_kinds_of_error(road_lab, fresh):
    lab = fresh(road_lab)
    model = veml.model(lab["city"], TINY_DETECTOR, name="eye")
    made = veml.train(veml.plan(model, lab["city"], name="look", epochs=1, batch_size=8), lab, progress=False)
    kept = kept_errors.kept_errors(made)
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept
    shown = view(lab, "errors", {"version": "look"})
    assert shown.classes[-1] == "(nothing)"
    boxes = sum(len(b) for b in made.validation.annotations.boxes.values())
    assert int(np.sum(shown.matrix[:-1])) >= boxes  # each true object stands in a cell of its row
    assert shown.kinds == {k: v["count"] for k, v in kept["kinds"].items() if v["count"]}


def test_what_an_earlier_analysis_kept_opens_as_it_is_and_no_network_runs(digits_lab, fresh, monkeypatch):
    """As veml-lab 0.1 kept it, before one judge: boxes from 0.3, whatever their class; no kinds for classes."""
    lab = fresh(digits_lab)
    of_boxes = {"training": "first", "data": "digits-test", "metric": "mAP50", "value": 0.25, "score": 0.3,
                "classes": ["car", "(nothing)"], "confusion": [[3, 1], [2, 0]], "per_class": [], "slices": [],
                "kinds": {"missed": {"count": 1, "cost": 0.1}, "class": {"count": 0, "cost": 0.0}},
                "worst": []}  # fmt: skip
    key = kept_errors._key(lab["first"], 1)
    no_network(monkeypatch)
    put_result(lab.store, key, kept_errors.RESULT_KIND, of_boxes)
    monkeypatch.setattr(kept_errors, "_CODE", 3)  # what this version keeps is an older one then, and newer than 1
    assert view(lab, "errors", {"version": "first"}).title.startswith("first on digits-test: accuracy")
    newest = kept_errors._key(lab["first"], 3)
    put_result(lab.store, newest, kept_errors.RESULT_KIND, of_boxes | {"kinds": None, "classes": ["a", "b"]})
    shown = view(lab, "errors", {"version": "first"})
    assert shown.kinds == {"class": 3} and shown.title == "first on digits-test: mAP50 0.250"
    monkeypatch.setattr(kept_errors, "_CODE", 1)
    shown = view(lab, "errors", {"version": "first"})
    assert shown.kinds == {"missed": 1} and shown.classes == ["car", "(nothing)"]
    assert shown.title == "first on digits-test: mAP50 0.250, boxes from score 0.3"
