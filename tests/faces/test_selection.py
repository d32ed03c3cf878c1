"""Everything that is counted can be opened: each selection against a loop over the samples."""

from __future__ import annotations

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import veml_lab as veml
from veml_lab.errors import BadInput, UnknownName
from veml_lab.evaluation.judgement import judge
from veml_lab.evaluation.kinds import KINDS, RIGHT
from veml_lab.evaluation.prediction import Prediction
from veml_lab.faces import VersionPictures, facts
from veml_lab.faces.selection import Between, Confused, Has, Ids, Is, conditions, in_words
from veml_lab.faces.views import view
from veml_lab.faces.walls import part_of, wall_of
from veml_lab.sources.source import Box, Record, Source
from veml_lab.training.predicted import kept_prediction
from veml_lab.versions.truth import truth_of

N = 60


def jpeg(shade):
    out = io.BytesIO()
    Image.new("RGB", (40 + shade % 5, 30), (shade, 90, 120)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Pictures with boxes, a number, a choice, a time and a street; some lack a value."""
    rng = np.random.default_rng(5)
    speeds = [None if i % 11 == 0 else round(float(rng.normal(30, 12)), 2) for i in range(N)]
    columns = [
        {
            **({} if speeds[i] is None else {"speed": speeds[i]}),
            "weather": ("rain", "dry", "snow")[i % 3],
            "time": f"2026-05-{1 + i // 3:02d}T{i % 24:02d}:00:00",
            "street": f"Road {i * 7 % 50} of the {'North' if i % 2 else 'south'}",
            "score": i % 4,  # as the wall's own fact is called
        }
        for i in range(N)
    ]
    boxes = [
        tuple(Box(("car", "bus")[int(rng.integers(2))], float(3 * k), 4.0, 6.0, 5.0 + k) for k in range(i % 4))
        for i in range(N)
    ]
    records = [
        Record(f"cam/{i:03d}.png", jpeg(i), 40 + i % 5, 30, "train", boxes=boxes[i], columns=columns[i])
        for i in range(N)
    ]
    lab = veml.open(tmp_path_factory.mktemp("selections") / "lab")
    source = Source("made", "town", "detection", ("car", "bus"), lambda: iter(records), N, "town-1")
    version = lab.add("town", source, progress=False)
    return SimpleNamespace(lab=lab, version=version, columns=columns, boxes=boxes)


def found(town, where, **more):
    return wall_of(town.lab.store, {"version": "town", "where": where, **more})


def places(drawn):
    return list(drawn._source.positions)


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ({"class": "car"}, lambda c, b, i: any(x.label == "car" for x in b)),
        ({"weather": "rain"}, lambda c, b, i: c["weather"] == "rain"),
        ({"speed": {"from": 20, "to": 35.5}}, lambda c, b, i: "speed" in c and 20 <= c["speed"] <= 35.5),
        ({"speed": {"from": 31}}, lambda c, b, i: c.get("speed", -1) >= 31),
        ({"speed": {"to": 31}}, lambda c, b, i: c.get("speed", 99) <= 31),
        ({"objects": {"from": 1, "to": 3, "open": True}}, lambda c, b, i: 1 <= len(b) < 3),
        ({"objects": {"from": 1, "to": 3}}, lambda c, b, i: 1 <= len(b) <= 3),
        ({"width": {"from": 42}}, lambda c, b, i: 40 + i % 5 >= 42),
        ({"size": {"to": 41 * 30}}, lambda c, b, i: (40 + i % 5) * 30 <= 41 * 30),
        (
            {"time": {"from": "2026-05-03", "to": "2026-05-07", "open": True}},
            lambda c, b, i: "2026-05-03" <= c["time"] < "2026-05-07",
        ),
        ({"file": {"has": "CAM/01"}}, lambda c, b, i: "cam/01" in f"cam/{i:03d}.png"),
        ({"street": {"has": "of the south"}}, lambda c, b, i: i % 2 == 0),
        ({"id": [3, 5, 10**6]}, lambda c, b, i: i in (3, 5)),
        ({"score_": "2"}, lambda c, b, i: i % 4 == 2),
        ({"weather": "dry", "objects": {"from": 2}}, lambda c, b, i: c["weather"] == "dry" and len(b) >= 2),
    ],
)
@pytest.mark.parametrize("long", [False, True])
def test_a_selection_holds_the_samples_that_a_loop_finds(town, where, holds, long, monkeypatch):
    if long:  # as two million samples are asked
        monkeypatch.setattr(facts, "MOST_ROWS", 10)
    want = [i for i, (c, b) in enumerate(zip(town.columns, town.boxes, strict=True)) if holds(c, b, i)]
    drawn = found(town, where)
    assert places(drawn) == want != []
    assert drawn.count == len(want) and in_words(conditions(where)) in drawn.title


def test_the_wall_comes_in_the_order_that_is_asked(town):
    known = [(c["speed"], i) for i, c in enumerate(town.columns) if "speed" in c]
    none = [i for i, c in enumerate(town.columns) if "speed" not in c]
    assert places(found(town, {}, by="speed")) == [i for _, i in sorted(known)] + none
    down = sorted(known, key=lambda x: (-x[0], x[1]))
    assert places(found(town, {}, by="speed", descending=True)) == [i for _, i in down] + none
    by_name = sorted(range(N), key=lambda i: town.columns[i]["street"])
    assert places(found(town, {}, by="street")) == by_name
    assert found(town, {}, by="file", descending=True)._source.positions[0] == N - 1


def test_numbers_texts_and_choices_are_told_apart_and_what_the_wall_says_itself_keeps_its_name(town):
    wall = VersionPictures(town.version)
    assert {"size", "objects", "largest object", "speed", "score_"} == set(wall.numbers)
    assert {"file", "street", "time"} == set(wall.texts)
    assert wall.filters["weather"] == ["dry", "rain", "snow"] and wall.filters["score_"] == ["0", "1", "2", "3"]
    assert "score" not in wall.filters and "street" not in wall.filters


def test_the_bars_of_a_histogram_hold_what_their_ranges_find(town):
    wall = VersionPictures(town.version)
    edges, counts = wall.spread("speed")
    assert len(edges) == len(counts) + 1 and sum(counts) == sum("speed" in c for c in town.columns)
    for k, n in enumerate(counts):
        bar = {"from": edges[k], "to": edges[k + 1], "open": k < len(counts) - 1}
        assert len(wall.find({"speed": bar}, "", False)) == n
    assert VersionPictures(town.version, [0, 11]).spread("speed") == ([], [])  # neither has one


@pytest.mark.parametrize(
    "where",
    [
        None, 7, "speed", [], ["class"], {7: "car"}, {"class": None}, {"class": 3}, {"class": ["car"]},
        {"speed": {}}, {"speed": {"from": None}}, {"speed": {"from": True}}, {"speed": {"from": float("nan")}},
        {"speed": {"from": 10**400}}, {"speed": {"from": 1, "to": "x"}}, {"speed": {"from": 1, "open": 1}},
        {"speed": {"from": 1, "sql": "1"}}, {"speed": {"has": 3}}, {"speed": {"has": "x" * 3000}},
        {"confused": ["car"]}, {"confused": ["car", 3]}, {"confused": ["car", "bus", "car"]},
        {"id": [-1]}, {"id": [True]}, {"id": ["1; DROP TABLE sample"]}, {"id": {"from": "a"}, "x": []},
        {"class": "x" * 3000}, {f"f{i}": "x" for i in range(21)},
    ],
)  # fmt: skip
def test_what_is_no_selection_is_refused_before_anything_is_looked_up(where):
    with pytest.raises(BadInput):
        conditions(where)


def test_each_form_becomes_a_value():
    said = conditions({
        "a": "x", "b": {"from": 1}, "c": {"has": "y"}, "confused": ["t", "s"], "id": [2, 3],
        "d": {"from": "2026", "to": "2027", "open": True},
    })  # fmt: skip
    assert list(said.values()) == [
        Is("x"), Between(1.0, None), Has("y"), Confused("t", "s"), Ids((2, 3)), Between("2026", "2027", True),
    ]  # fmt: skip
    assert in_words(said) == "a x, b from 1, c has 'y', t taken for s, 2 chosen, d 2026 to 2027"


@pytest.mark.parametrize(
    "asked",
    [
        None, 5, "town", {}, {"version": 7}, {"version": "no such"}, {"version": "town", "sql": "1"},
        {"version": "town", "where": {"speeed": {"from": 1}}}, {"version": "town", "where": {"class": "tram"}},
        {"version": "town", "where": {"error": "missed"}}, {"version": "town", "where": {"confused": ["car", "bus"]}},
        {"version": "town", "where": {"tag": "none such"}}, {"version": "town", "by": "weight"},
        {"version": "town", "by": 3}, {"version": "town", "descending": "yes"}, {"version": "town", "training": "none"},
    ],
)  # fmt: skip
def test_a_wall_of_what_is_not_there_says_so(town, asked):
    with pytest.raises(BadInput):
        wall_of(town.lab.store, asked)


def test_a_cell_a_kind_and_a_row_of_findings_open_the_samples_that_were_counted(digits_lab):
    lab, training = digits_lab.lab, digits_lab.training
    shown = view(lab, "errors", {"version": training.name})
    validation, said = training.validation, kept_prediction(training)
    labels = validation.annotations.class_labels
    taken = [said.classes[int(q.argmax())] for q in said.probabilities]
    for r, truth in enumerate(shown.classes):
        for c, guess in enumerate(shown.classes):
            if shown.matrix[r][c]:
                answer, _ = shown.answer(
                    {"type": "open", "selection": {**shown.about, "where": {"confused": [truth, guess]}}}
                )
                want = [p for p, i in enumerate(validation.ids) if labels[i] == truth and taken[p] == guess]
                assert answer["state"]["count"] == len(want) == shown.matrix[r][c]
                assert places(shown._beside.wall) == want
    content, (found_,) = shown.answer({"type": "beside", "content": {"type": "find", "where": {}, "by": "score"}})
    assert content["answer"]["type"] == "found" and len(found_) == 4 * len(want)
    for table in shown.tables.values():
        for where in table["opens"]:
            shown.answer({"type": "open", "selection": {**shown.about, "where": where}})
            assert len(shown._beside.wall._source) > 0
    for row, where in zip(shown.tables["Classes"]["rows"], shown.tables["Classes"]["opens"], strict=True):
        shown.answer({"type": "open", "selection": {**shown.about, "where": where}})
        assert len(shown._beside.wall._source) == row[1]


def test_boxes_that_are_counted_wrong_open_as_pictures_with_the_prediction_beside_the_truth(road_lab):
    city = road_lab.city
    rng = np.random.default_rng(1)
    index = {c: k for k, c in enumerate(city.classes)}
    detections = []
    for i in city.ids:
        here = city.annotations.boxes.get(i, [])
        keep = rng.random(len(here)) < 0.7
        detections.append({
            "boxes": np.array([[x, y, x + w, y + h] for _, x, y, w, h in here], np.float32).reshape(-1, 4)[keep],
            "scores": rng.uniform(0.02, 1, len(here)).astype(np.float32)[keep],
            "labels": np.array([(index[b[0]] + (rng.random() < 0.2)) % len(index) for b in here], np.int64)[keep],
        })  # fmt: skip
    said = Prediction(tuple(city.classes), detections=detections)
    judged = judge(said, truth_of(city, said))
    whole = VersionPictures(city, prediction=said)
    for kind in (*KINDS, RIGHT):
        if judged.of_kind(kind).any():
            drawn = part_of(whole, {"where": {"error": kind}})
            assert places(drawn) == [p for p in range(len(city)) if kind in judged.kinds(p)]
            assert drawn.compare == ["annotations", "prediction"]
    for note, p in zip(whole.annotations(list(range(len(city)))), range(len(city)), strict=True):
        wrong = [k for k in judged.kinds(p) if k != RIGHT]
        assert note.get("kinds", []) == wrong
        assert note.get("cost", 0) == pytest.approx(sum(f.cost for f in judged.mistakes(p)))
        drawn_scores = sorted((b[5] for b in note["prediction"]["boxes"]), reverse=True)
        assert drawn_scores == pytest.approx(sorted((s for s in detections[p]["scores"] if s >= 0.05), reverse=True))


def test_the_cells_of_a_training_open_where_what_it_said_is_kept(digits_lab, fresh):
    lab = fresh(digits_lab)
    assert np.array_equal(
        kept_prediction(lab["first"]).probabilities, kept_prediction(digits_lab.training).probabilities
    )
    assert view(lab, "errors", {"version": "first"}).opens is True
    for file in (lab.path / "predictions").glob("*/*.arrow"):
        file.unlink()
    assert kept_prediction(lab["first"]) is None
    assert view(lab, "errors", {"version": "first"}).opens is False


def test_the_bars_of_statistics_open_their_samples(town):
    shown = view(town.lab, "statistics", {"version": "town"})
    assert shown.facts["annotations per class"] == "class" and shown.facts["weather"] == "weather" and shown.opens
    for label, (n,) in shown.bars["weather"].items():
        shown.answer({"type": "open", "selection": {"version": "town", "where": {"weather": label}}})
        assert len(shown._beside.wall._source) == n


def test_points_of_a_map_open_as_the_samples_of_the_version_with_most_of_them(digits_lab):
    lab = digits_lab.lab
    both = view(lab, "map", {"versions": ["digits-train", "bright-train"]})
    answer, _ = both.answer({"type": "open", "indices": [3, 61, 70, 1, 80]})
    assert answer["state"]["title"].startswith("bright-train") and places(both._beside.wall) == [1, 10, 20]
    with pytest.raises(BadInput, match="nothing is chosen"):
        both.answer({"type": "open", "indices": [120]})


def test_a_chart_without_a_lab_behind_it_opens_nothing():
    from veml_lab.widgets import ConfusionMatrix

    alone = ConfusionMatrix(["a", "b"], [[1, 0], [0, 1]])
    assert not alone.opens
    with pytest.raises(BadInput, match="unknown question"):
        alone.answer({"type": "open", "selection": {}})
    opened = ConfusionMatrix(["a"], [[1]], opener=lambda s: UnknownName)
    for asked in ({"type": "beside", "content": {}}, {"type": "close"}):
        with pytest.raises(BadInput):
            opened.answer(asked)
