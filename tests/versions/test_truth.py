"""The labels of a data version as the judge reads them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

import veml_lab as veml
from veml_lab.evaluation.prediction import Prediction
from veml_lab.versions.truth import truth_of


def test_boxes_are_those_of_the_version_in_the_order_of_its_samples(road_lab):
    city = road_lab.city
    truth = truth_of(city, Prediction(("lorry", "car"), detections=[]))
    assert truth.classes[:2] == ("lorry", "car") and set(truth.classes) == {"lorry", *city.classes}
    assert len(truth.boxes) == len(city)
    for p, i in enumerate(city.ids):
        rows = truth.boxes.of_picture(p)
        mine = [
            (truth.classes[k], *box)
            for k, box in zip(truth.boxes.labels[rows], truth.boxes.corners[rows].tolist(), strict=True)
        ]
        assert mine == [(c, x, y, x + w, y + h) for c, x, y, w, h in city.annotations.boxes.get(i, [])]
    assert not truth.boxes.ignored.any() and (truth.boxes.scores == 1).all()


def test_classes_are_those_of_the_version_and_none_where_there_is_none(digits_lab):
    data = digits_lab.lab["digits-test"]
    truth = truth_of(data, Prediction(("new", *data.classes[::-1]), probabilities=np.zeros((1, 1))))
    assert [truth.classes[k] for k in truth.labels] == [data.annotations.class_labels[i] for i in data.ids]
    assert truth.name == "digits-test" and truth.boxes is None


def test_samples_without_a_label_are_told_apart_from_those_of_the_first_class(digits_lab, fresh):
    lab = fresh(digits_lab)
    data = lab["digits-test"]
    part = data.correct("partly labelled", {i: {"class": []} for i in list(data.ids)[:3]})
    truth = truth_of(part, Prediction(data.classes, probabilities=np.zeros((1, 1))))
    labels = part.annotations.class_labels
    assert [truth.classes[k] if k >= 0 else None for k in truth.labels] == [labels.get(i) for i in data.ids]
    assert (truth.labels < 0).sum() == 3


@pytest.fixture
def crowded(empty_lab, tmp_path):
    """COCO pictures: one with an object and a crowd, one without any, one with an object that has other attributes."""
    (tmp_path / "set" / "images").mkdir(parents=True)
    for i in range(3):
        Image.fromarray(np.full((40, 40, 3), 60 * i, np.uint8)).save(tmp_path / "set" / "images" / f"{i}.png")
    images = [{"id": i, "file_name": f"{i}.png", "width": 40, "height": 40} for i in range(3)]
    rows = [(0, 0, {}), (0, 1, {}), (2, 0, {"attributes": {"occluded": True}})]
    annotations = [
        {"id": k + 1, "image_id": i, "category_id": 1, "bbox": [k, k, 10, 10], "area": 100, "iscrowd": crowd, **more}
        for k, (i, crowd, more) in enumerate(rows)
    ]
    found = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "car"}]}
    (tmp_path / "set" / "annotations.json").write_text(json.dumps(found))
    return empty_lab.add("set", veml.read_coco(tmp_path / "set"), progress=False)


def test_a_crowd_is_an_ignored_region(crowded):
    boxes = truth_of(crowded, Prediction(("car",), detections=[])).boxes
    assert np.diff(boxes.starts).tolist() == [2, 0, 1]
    assert boxes.crowd.tolist() == boxes.ignored.tolist() == [False, True, False]


def test_a_difficult_object_need_not_be_found(crowded):
    ids = list(crowded.ids)
    easy = {"label": "car", "x": 0, "y": 0, "w": 10, "h": 10}
    hard, plain = (easy | {"attributes": {"difficult": v}} for v in (1, 0))
    mended = crowded.correct("mended", {ids[0]: {"box": [easy, hard]}, ids[1]: {"box": [plain]}, ids[2]: {"box": []}})
    boxes = truth_of(mended, Prediction(("car",), detections=[])).boxes
    assert boxes.ignored.tolist() == [False, True, False] and not boxes.crowd.any()
