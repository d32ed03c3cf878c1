"""Folders of FiftyOne: the labels are word for word what fiftyone 1.22.1 writes (``to_dict``, bson's json_util)."""

import json

import numpy as np
import pytest

from veml_lab.errors import BadInput
from veml_lab.formats import read
from veml_lab.sources.outlines import pixels_of

# Detection(label="car", bounding_box=[.1, .2, .2, 1/3], mask=np.eye(3, dtype=bool), iscrowd=0)
CAR = {
    "_id": {"$oid": "6b0c2e9df6af8dbf491e765a"}, "_cls": "Detection", "attributes": {}, "tags": [], "label": "car",
    "bounding_box": [0.1, 0.2, 0.2, 0.3333333333333333], "iscrowd": 0, "mask": {"$binary": {"base64":
    "eJyb7BfqGxDJyFDGUK2eklqcXKRupaBek2SorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOgrGmjoKtQpkAy5GBgYGMAYAZ4UbqQ==",
    "subType": "00"}},
}  # fmt: skip
BUS = {"_id": {"$oid": "6b0c2e9df6af8dbf491e765b"}, "_cls": "Detection", "attributes": {}, "tags": ["x"],
       "label": "bus", "bounding_box": [0.5, 0.5, 0.25, 0.25], "confidence": 0.5}  # fmt: skip
POLYLINE = {"_cls": "Polyline", "attributes": {}, "tags": [], "label": "car",
            "points": [[[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]], "closed": True, "filled": True}  # fmt: skip
POSE = {"_cls": "Keypoint", "attributes": {}, "tags": [], "label": "car", "confidence": [0.5, 0.2],
        "points": [[0.25, 0.5], [{"$numberDouble": "NaN"}, {"$numberDouble": "NaN"}]]}  # fmt: skip


def several(kind: str, *labels: dict) -> dict:
    return {"_cls": kind, kind.lower(): list(labels)}


def sample(file: str = "data/a.jpg", tags=("train",), **fields) -> dict:
    return {"_id": {"$oid": "6b0c2e9df6af8dbf491e7000"}, "filepath": file, "tags": list(tags), "_rand": 0.25,
            "_media_type": "image", "metadata": {"_cls": "ImageMetadata", "width": 64, "height": 48, "num_channels": 3},
            "created_at": {"$date": "2026-11-29T12:00:00Z"}, **fields}  # fmt: skip


META = {"version": "1.22.1", "media_type": "image", "default_classes": ["bus", "car", "unseen"], "sample_fields": []}


def set_of(*samples: dict) -> dict:
    return {"metadata.json": META, "samples.json": {"samples": list(samples)}} | {s["filepath"]: None for s in samples}


def test_a_whole_dataset_folder_with_every_kind_of_label(folder_of):
    source = read(folder_of(set_of(
        sample(ground_truth=several("Detections", CAR, BUS), poly=several("Polylines", POLYLINE), weather="fog",
               speed=1.5, kp=several("Keypoints", POSE), when={"$date": "2026-11-29T12:00:00Z"}),
        sample("data/b.jpg", ["test", "odd"], ground_truth=several("Detections")),
    )))  # fmt: skip
    assert (source.format, source.classes, source.findings()) == ("fiftyone", ("bus", "car", "unseen"), [])
    first, second = source.records()
    assert (first.role, second.role, first.columns) == ("train", "test", {"weather": "fog", "speed": 1.5})
    assert np.allclose([(b.x, b.y, b.w, b.h) for b in first.boxes], [(6.4, 9.6, 12.8, 16), (32, 24, 16, 12)])
    assert [dict(b.attributes) for b in first.boxes] == [{"iscrowd": 0}, {"confidence": 0.5, "tags": ["x"]}]
    mask, outline = first.masks
    assert mask.instance == first.boxes[0].instance >= 0 and outline.instance == -1
    # the identity matrix of 3 x 3, stretched over the box: its two corners are set, the other two are not
    pixels = pixels_of(mask.rle)
    assert pixels[10, 6] and pixels[25, 18] and not pixels[25, 6] and not pixels[10, 18]
    assert pixels.sum() == pytest.approx(13 * 16 / 3, abs=4) and not pixels[:, 20:].any()
    assert np.allclose(outline.polygons[0], (6.4, 4.8, 32, 4.8, 32, 24))
    assert first.keypoints[0].points == ((16, 24, 2), (0, 0, 0))
    assert first.keypoints[0].attributes == {"confidence": [0.5, 0.2]}


def test_predictions_beside_the_truth_are_read_only_when_asked_for(folder_of):
    root = folder_of(set_of(sample(ground_truth=several("Detections", BUS), predictions=several("Detections", CAR))))
    assert [b.label for b in next(read(root).records()).boxes] == ["bus"]
    assert [b.label for b in next(read(root, fields="predictions").records()).boxes] == ["car"]
    two = folder_of(set_of(sample(ours=several("Detections", BUS), theirs=several("Detections", CAR))), "two")
    with pytest.raises(BadInput, match=r"several fields of the kind Detection: \['ours', 'theirs'\]; say which"):
        read(two)
    with pytest.raises(BadInput, match="has labels in the fields"):
        read(two, fields="nobody's")


def test_a_folder_of_samples_and_pictures_elsewhere(folder_of, tmp_path):
    """``use_dirs=True, export_media=False``: a JSON file a sample, absolute paths of the machine that wrote it."""
    pictures = folder_of({"a.jpg": None}, "pictures")
    root = folder_of({"metadata.json": META, "samples/000001-6b0c.json":
                      sample("/home/me/data/a.jpg", gt=several("Detections", BUS))})  # fmt: skip
    source = read(root, root=pictures)
    assert source.format == "fiftyone" and [len(r.boxes) for r in source.records()] == [1]


def test_an_image_classification_field_is_the_class(folder_of):
    day = {"_cls": "Classification", "tags": [], "label": "day", "confidence": 0.2}
    source = read(folder_of(set_of(sample(ground_truth=day))))
    assert source.task == "classification" and next(source.records()).label == "day"


LABELS = {"classes": ["bus", "car"], "labels": {"a": [{"label": 1, "bounding_box": [0.5, 0.5, 0.25, 0.25],
          "confidence": 0.5, "attributes": {"wet": True}}], "b": [], "sub/c": None, "gone": []}}  # fmt: skip


@pytest.mark.parametrize("top", ["", "train/"])
def test_an_image_detection_folder(folder_of, top):
    source = read(folder_of({f"{top}data/{n}.jpg": None for n in ("a", "b", "sub/c")} | {f"{top}labels.json": LABELS}))
    found = {r.uri.rpartition("data/")[2]: r for r in source.records()}
    assert (source.format, source.classes, set(found)) == ("fiftyone", ("bus", "car"), {"a.jpg", "b.jpg", "sub/c.jpg"})
    (box,) = found["a.jpg"].boxes
    assert (box.label, box.x, box.w, box.attributes) == ("car", 32, 16, {"wet": True, "confidence": 0.5})
    assert {r.role for r in found.values()} == {"train" if top else ""}
    assert len(source.findings()) == 1 and "'gone'" in source.findings()[0]


def test_bad_labels_of_a_sample_stop_nothing(folder_of):
    bad = several(
        "Detections",
        BUS,
        {**BUS, "label": None},
        {**BUS, "bounding_box": [1, 2]},
        {**CAR, "mask": {"$binary": {"base64": "!!", "subType": "00"}}},
        {**BUS, "bounding_box": [0, 0, 0, 1]},
    )
    open_line = {**POLYLINE, "closed": False, "filled": False}
    source = read(folder_of(set_of(sample(gt=bad, lines=several("Polylines", open_line),
                                          seg={"_cls": "Segmentation", "mask": None}))))  # fmt: skip
    (r,) = source.records()
    # a box with a damaged mask is still a box
    assert [b.label for b in r.boxes] == ["bus", "car"] and not r.masks and len(source.findings()) == 6


def test_classes_with_numbers_for_names_come_back(folder_of):
    labels = {"classes": None, "labels": {"a": "007", "b": 3}}
    source = read(folder_of({"data/a.jpg": None, "data/b.jpg": None, "labels.json": json.dumps(labels)}))
    assert [r.label for r in source.records()] == ["007", "3"]
