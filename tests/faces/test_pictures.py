"""What the image wall is given from real versions: marks, filters, orders, errors, kept choices."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import veml_lab as veml
from veml_lab.errors import BadInput
from veml_lab.evaluation.kinds import NOTHING
from veml_lab.evaluation.prediction import Prediction
from veml_lab.faces import VersionPictures, facts
from veml_lab.faces.errors import confusion_of
from veml_lab.faces.marks import run_lengths
from veml_lab.faces.plots import comparison_of, driftstream_of, heatmap_of, map_of
from veml_lab.versions.training import trainings_of


def perfect(version):
    """A prediction that repeats the annotations."""
    index = {c: i for i, c in enumerate(version.classes)}
    found = []
    for i in version.ids:
        boxes = version.annotations.boxes.get(i, [])
        found.append(
            {
                "boxes": np.array([[x, y, x + w, y + h] for _, x, y, w, h in boxes], np.float32).reshape(-1, 4),
                "scores": np.full(len(boxes), 0.9, np.float32),
                "labels": np.array([index[b[0]] for b in boxes], np.int64),
            }
        )
    return Prediction(tuple(version.classes), detections=found)


def test_a_prediction_that_repeats_the_annotations_is_right_and_each_change_is_its_kind_of_error(road_lab):
    city = road_lab.city
    said = perfect(city)
    assert VersionPictures(city, prediction=said).filters["error"] == ["right"]
    made = confusion_of(said, city)
    total = sum(len(b) for b in city.annotations.boxes.values())
    assert np.trace(made["matrix"]) == total == made["matrix"].sum() and made["kinds"] == {}

    p = next(p for p, i in enumerate(city.ids) if len(city.annotations.boxes.get(i, [])) >= 2)
    d = said.detections[p]
    other = (d["labels"][0] + 1) % len(city.classes)
    far = np.array([[0, 0, 3, 3]], np.float32)
    for changed, kind in (
        ({"labels": np.concatenate([[other], d["labels"][1:]])}, "class"),
        ({k: v[1:] for k, v in d.items()}, "missed"),
        (
            {
                "boxes": np.concatenate([d["boxes"], far]),
                "scores": np.append(d["scores"], 0.8),
                "labels": np.append(d["labels"], 0),
            },
            "background",
        ),
        ({k: np.concatenate([v, v[:1]]) for k, v in d.items()}, "duplicate"),
        ({"scores": np.concatenate([[0.1], d["scores"][1:]])}, "missed"),
    ):
        detections = list(said.detections)
        detections[p] = {**d, **changed}
        changed_prediction = Prediction(said.classes, detections=detections)
        wall = VersionPictures(city, prediction=changed_prediction)
        assert wall.find({"error": kind}, "", False).tolist() == [p], kind
        assert wall.find({"error": "right"}, "", False).tolist() == [x for x in range(len(city)) if x != p]
        assert NOTHING in confusion_of(changed_prediction, city)["classes"]


def test_a_filter_by_class_finds_what_the_boxes_say_and_orders_sort(road_lab):
    city = road_lab.city
    wall = VersionPictures(city)
    for label in city.classes:
        want = [p for p, i in enumerate(city.ids) if any(b[0] == label for b in city.annotations.boxes.get(i, ()))]
        assert wall.find({"class": label}, "", False).tolist() == want
    counts = np.array([len(city.annotations.boxes.get(i, ())) for i in city.ids])
    down, up = wall.find({}, "objects", True), wall.find({}, "objects", False)
    assert (np.diff(counts[down]) <= 0).all() and (np.diff(counts[up]) >= 0).all() and len(down) == len(city)
    largest = [max((b[3] * b[4] for b in city.annotations.boxes.get(i, ())), default=np.nan) for i in city.ids]
    assert wall.find({}, "largest object", True)[0] == int(np.nanargmax(largest))
    column, values = next((k, v) for k, v in wall.filters.items() if k != "class")
    table = city.to_pandas()
    assert (
        wall.find({column: values[0]}, "", False).tolist()
        == np.flatnonzero(table[column].astype(str) == values[0]).tolist()
    )


def test_a_filter_by_error_and_an_order_by_score_follow_the_prediction(digits_lab):
    test = digits_lab.lab["digits-test"]
    rng = np.random.default_rng(0)
    q = rng.dirichlet(np.ones(len(test.classes)), len(test)).astype(np.float32)
    wall = VersionPictures(test, prediction=Prediction(tuple(test.classes), probabilities=q))
    wrong = [
        p
        for p, (i, row) in enumerate(zip(test.ids, q, strict=True))
        if test.classes[int(row.argmax())] != test.annotations.class_labels[i]
    ]
    assert wall.find({"error": "class"}, "", False).tolist() == wrong
    assert wall.find({}, "score", True).tolist() == np.argsort(-q.max(1), kind="stable").tolist()
    with pytest.raises(BadInput):
        wall.find({}, "weight", True)


def test_a_wall_of_some_samples_speaks_of_their_places_and_keeps_the_right_ones(digits_lab, fresh):
    lab = fresh(digits_lab)
    train = lab["digits-train"]
    wall = VersionPictures(train, [40, 3, 17], writable=True, inference=lab["in production"])
    assert [a["label"] for a in wall.annotations([0, 2])] == [
        train.annotations.class_labels[train.ids[40]],
        train.annotations.class_labels[train.ids[17]],
    ]
    wall.save("bad cases", "kept", [0, 2])
    assert list(lab["kept"].ids) == sorted([train.ids[40], train.ids[17]])
    edges = {(e.src, e.type) for e in lab.store.graph().into[lab["kept"].id]}
    assert (lab["in production"].id, "bad_cases_of") in edges
    again = VersionPictures(train)
    assert again.find({"bad case": "yes"}, "", False).tolist() == [17, 40]
    assert lab.rows("data")[-1]["bad_cases"] is True
    assert VersionPictures(train).saves == []


def test_two_versions_of_the_same_samples_lie_side_by_side_and_nothing_where_one_lacks_a_sample(digits_lab):
    train = digits_lab.lab["digits-train"]
    half = digits_lab.lab["digits"]
    layers = VersionPictures(half, layers={"train only": train}).annotations(list(range(len(half))))
    held = set(train.ids)
    for i, note in zip(half.ids, layers, strict=True):
        said = note["layers"]["train only"]
        assert (said.get("label") == half.annotations.class_labels[i]) if i in held else said == {}


def testrun_lengths_along_rows_give_back_the_mask():
    from pycocotools import mask as coco

    pixels = np.random.default_rng(1).random((23, 17)) > 0.6
    coded = coco.encode(np.asfortranarray(pixels.astype(np.uint8)))
    h, w, runs = run_lengths((23, 17, coded["counts"].decode()))
    flat = np.repeat(np.arange(len(runs)) % 2, runs).astype(bool)
    flat = np.pad(flat, (0, h * w - len(flat)))
    assert (h, w) == (23, 17) and np.array_equal(flat.reshape(h, w), pixels)


def test_pictures_are_jpeg_of_the_size_asked_and_made_once_for_a_sample(road_lab):
    wall = VersionPictures(road_lab.city)
    (a,), (b,) = wall.thumbnails([2], 64), VersionPictures(road_lab.city, [2]).thumbnails([0], 64)
    assert a is b and max(Image.open(io.BytesIO(a)).size) == 64


def test_a_comparison_of_data_counts_what_they_share_and_mixed_kinds_are_refused(digits_lab):
    lab = digits_lab.lab
    made = comparison_of([lab["digits"], lab["digits-train"], lab["bright"]])
    assert made["sections"]["samples"]["in common with digits"] == [80, 60, 0]
    assert sum(v[0] for v in made["bars"]["annotations per class"].values()) == 80
    with pytest.raises(BadInput, match="of one kind"):
        comparison_of([lab["digits"], lab["tiny"]])
    with pytest.raises(BadInput, match="two or more"):
        comparison_of([lab["digits"]])


def test_a_map_separates_what_its_two_main_axes_separate(digits_lab, fresh):
    lab = fresh(digits_lab)
    veml.similarity([lab["digits"], lab["bright"]], progress=False)
    made = map_of([lab["digits-train"], lab["bright-train"]], lab.embedder)
    assert made["names"] == ["digits-train", "bright-train"] and made["xy"].shape == (120, 2)
    # the brighter ground is the main difference there is
    first = made["xy"][:, 0]
    assert first[:60].max() < first[60:].min() or first[60:].max() < first[:60].min()
    one = map_of([lab["digits-train"]], lab.embedder)
    index = {c: k for k, c in enumerate(one["names"])}
    assert one["groups"].tolist() == [index[c] for c in lab["digits-train"].annotations.class_labels.values()]
    assert not hasattr(one["source"], "save") and hasattr(
        map_of([lab["digits-train"]], lab.embedder, writable=True)["source"], "save"
    )


def test_a_long_version_has_the_filters_of_a_short_one(road_lab, monkeypatch):
    short = VersionPictures(road_lab.city)
    columns = set(short.filters) - {"class"}
    assert columns
    monkeypatch.setattr(facts, "MOST_ROWS", len(road_lab.city) - 1)
    long = VersionPictures(road_lab.city)
    assert {c: long.filters[c] for c in columns} == {c: short.filters[c] for c in columns}
    for c in columns:
        for value in short.filters[c]:
            assert long.find({c: value}, "", False).tolist() == short.find({c: value}, "", False).tolist() != []


def test_a_stream_of_looks_draws_itself_with_what_each_of_them_found(digits_lab, fresh):
    lab = fresh(digits_lab)
    tests = [lab["digits"].sample("a", 25, seed=1), lab["bright-test"].merge(lab["bright-train"], name="later")]
    stream = veml.drift_stream(lab["digits"], tests, progress=False)
    drawn = driftstream_of(stream)
    assert [look["test"] for look in drawn["looks"]] == ["a", "later"] and drawn["level"] == stream.level
    assert [look["p_value"] for look in drawn["looks"]] == [r.p_value for r in stream.reports]
    assert [look["verdicts"]["calibrated"]["drifted"] for look in drawn["looks"]] == [False, True]
    data, _ = stream._repr_mimebundle_()
    assert data["text/plain"] == repr(stream) and "<table" in data["text/html"] and "later" in data["text/html"]


def test_the_heat_map_knows_the_line_that_transfers_each_lifecycle(digits_lab, fresh):
    lab = fresh(digits_lab)
    found = heatmap_of(veml.similarity([lab["digits"], lab["bright"]], progress=False), pictures=False)
    for name, said in found["lines"].items():
        assert eval(said["data"], {"lab": lab}).name == name
        runs = trainings_of(lab.store, lab[name])
        assert (said["training"] is None) == (not runs)
        if runs:
            assert eval(said["training"], {"lab": lab}) == runs[0]
    assert set(found["lines"]) == set(found["names"]) == {"digits", "bright"} and not found["offers"]
    assert found["lines"]["digits"]["training"], "digits has a lifecycle"


def test_where_every_sample_has_columns_of_its_own_a_long_version_has_no_such_filters(road_lab, monkeypatch):
    monkeypatch.setattr(facts, "MOST_ROWS", 1)
    monkeypatch.setattr(facts, "MOST_SETS", 1)
    assert set(VersionPictures(road_lab.city).filters) <= {"class", "bad case"}


def test_a_comparison_of_trainings_tells_each_fact_once(digits_lab):
    from veml_lab.widgets import Comparison

    found = comparison_of([digits_lab.training, digits_lab.training])
    names = [f for fields in found["sections"].values() for f in fields]
    assert "epochs" in names and sorted(names) == sorted(set(names))
    assert repr(Comparison(**found)).startswith("Comparison")
