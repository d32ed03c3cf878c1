"""Every kind of sample and annotation comes back as it went in; what is stored twice, skipped or wrong is said."""

from __future__ import annotations

import dataclasses
import io
import re

import numpy as np
import pytest
from kinds import EMPTY, again, everything, picture, rows, source, windows
from PIL import Image

from veml_lab.catalog.annotation_tables import TABLES
from veml_lab.errors import BadData, BadInput, UnknownName
from veml_lab.sources.source import Box, Mask, Record, Target
from veml_lab.versions.annotations import ANNOTATION_KINDS
from veml_lab.versions.series import read_array
from veml_lab.versions.tables import flat_table, present_classed


def without(version, kind):
    return [version.annotations.of_kind(kind).get(i, []) for i in version.ids]


@pytest.mark.parametrize("kind", ANNOTATION_KINDS)
def test_annotations_of_every_kind_come_back_as_they_were(empty_lab, kind):
    made = everything()
    version = empty_lab.add("all", made, progress=False)
    expected = [list(ANNOTATION_KINDS[kind].of_record(r)) for r in made.records()]
    assert without(version, kind) == expected
    assert any(expected) and not expected[-1]


def test_the_accessors_are_the_plain_forms_of_the_annotations(empty_lab):
    version = empty_lab.add("all", everything(), progress=False)
    first = next(iter(version.ids))
    assert version.annotations.class_labels[first] == "dog" and version.annotations.boxes[first][0] == (
        "cat",
        1.5,
        2.25,
        10.0,
        12.0,
    )
    assert version.annotations.captions[first][0] == "a cat, no. 0" and version.annotations.target_values[first] == {
        "age": 0.1,
        "mass": 0.0,
    }
    assert version.annotations.masks[first][1].rle == (30, 40, EMPTY) and version.annotations.keypoints[first][
        0
    ].points[1] == (2.5, 4.5, 1)
    assert version.facts.about["keypoints"]["cat"]["names"] == ["ear", "nose", "tail"]
    assert empty_lab["all-train"].facts.about == version.facts.about


def test_the_tables_are_what_the_declarations_say(empty_lab):
    for kind, table in TABLES.items():
        found = empty_lab.store.catalog.read(table.question, ids=_no_ids(), lo=0, hi=0, layer="imported")
        assert found.column_names == ["id", *table.columns]
        assert ANNOTATION_KINDS[kind].table is table


def _no_ids():
    import pyarrow as pa

    return pa.array([], pa.uint64())


def test_rows_and_windows_are_samples_without_pictures(empty_lab):
    table, sensors = empty_lab.add("table", rows(), progress=False), empty_lab.add("sensors", windows(), progress=False)
    assert set(table.samples["kind"].to_pylist()) == {"row"} and set(sensors.samples["kind"].to_pylist()) == {"window"}
    assert sensors.samples["row_no"].to_pylist() == list(range(33)) and set(sensors.samples["segment"].to_pylist()) == {
        None
    }
    with pytest.raises(BadInput, match="is a row and has no picture"):
        table.images[0]
    np.testing.assert_allclose(table.annotations.targets()[:3], [[1.0], [3.0], [5.0]])
    assert "50 rows" in repr(table) and "33 windows" in repr(sensors)


def test_a_series_is_kept_once_and_by_its_content(empty_lab):
    made = windows()
    a = empty_lab.add("a", made, progress=False)
    b = empty_lab.add("b", again(made, "other"), progress=False)
    assert a.facts.series == b.facts.series and len(list((empty_lab.path / "blobs").glob("*.npy"))) == 3
    assert a.facts.series["nodes"] == ["a", "b", "c"] and (a.facts.series["window"], a.facts.series["horizon"]) == (
        6,
        2,
    )
    values = read_array(empty_lab.path, a.facts.series["values"])
    assert isinstance(values, np.memmap)
    np.testing.assert_array_equal(values, made.series.values)
    assert read_array(empty_lab.path, a.facts.series["times"])[3] == "2024-01-01T00:03:00"
    assert empty_lab["a-train"].facts.series == a.facts.series


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": np.zeros((40, 3))}, "steps, nodes, channels"),
        ({"window": 50}, "cannot be cut"),
        ({"adjacency": np.zeros((2, 2))}, "adjacency"),
        ({"times": ("x",)}, "1 times for 40 steps"),
    ],
)
def test_a_series_that_does_not_fit_itself_is_refused(empty_lab, change, message):
    made = windows()
    with pytest.raises(BadData, match=message):
        empty_lab.add("x", dataclasses.replace(made, series=dataclasses.replace(made.series, **change)), progress=False)
    assert empty_lab.versions() == []


# -- the same bytes --------------------------------------------------------------------------------


def test_bytes_that_the_lab_has_are_not_stored_again(empty_lab):
    made = everything()
    first = empty_lab.add("first", made, progress=False)
    second = empty_lab.add("second", again(made, "other"), progress=False)
    assert second.history.import_report["known_in_lab"] == 8 and second.history.import_report["stored_bytes"] == 0
    assert len(list((empty_lab.path / "segments").iterdir())) == 1
    assert [second.images.encoded(i) for i in range(8)] == [first.images.encoded(i) for i in range(8)]
    assert not first.ids & second.ids


def test_the_same_bytes_within_a_source_are_stored_once(empty_lab):
    records = [Record(f"{i}", picture(i % 3), 40, 30) for i in range(9)]
    version = empty_lab.add("x", source(records), progress=False)
    assert version.history.import_report["duplicates"] == 6 == version.facts.source["duplicates"]
    assert version.history.import_report["stored_bytes"] == sum(len(picture(i)) for i in range(3))
    assert [version.images.encoded(i) for i in range(9)] == [r.image for r in records]


def near_pictures():
    original = Image.open(io.BytesIO(picture(1, 160, 120)))
    twin = io.BytesIO()
    original.resize((80, 60)).save(twin, "JPEG", quality=90)
    return [
        Record("one", picture(1, 160, 120), 160, 120),
        Record("other", picture(2, 160, 120), 160, 120),
        Record("twin", twin.getvalue(), 80, 60),
    ]


def test_near_duplicates_are_reported_or_skipped_as_asked(empty_lab):
    made = source(near_pictures())
    plain = empty_lab.add("plain", made, progress=False)
    assert len(plain) == 3 and plain.history.import_report["near_duplicates"] is None
    seen = empty_lab.add("seen", again(made, "a"), near_duplicates=True, progress=False)
    assert len(seen) == 3
    assert [p[:2] for p in seen.history.import_report["near_duplicates"]["pairs"]] == [["twin", "one"]]
    new = Record("new", picture(3, 160, 120), 160, 120)
    less = empty_lab.add(
        "less", source([*near_pictures(), new], fingerprint="b"), near_duplicates="skip", progress=False
    )
    assert less.samples["uri"].to_pylist() == ["new"]  # the others look like pictures that the lab has hashed by now
    assert [s.split(":")[0] for s in less.history.import_report["skipped"]] == ["one", "other", "twin"]


def test_near_duplicates_that_leave_nothing_are_no_version(empty_lab):
    empty_lab.add("seen", source(near_pictures()), near_duplicates=True, progress=False)
    with pytest.raises(BadData, match="no samples"):
        empty_lab.add("less", source(near_pictures(), fingerprint="b"), near_duplicates="skip", progress=False)


# -- what is wrong or left out ---------------------------------------------------------------------


def test_what_a_reader_left_out_is_reported_and_strict_stops(empty_lab):
    made = dataclasses.replace(everything(), findings=lambda: ["a/7.png: box of 0 x 3 pixels"])
    with pytest.raises(BadData, match=r"1 things would be skipped.*box of 0 x 3"):
        empty_lab.add("x", made, strict=True, progress=False)
    assert empty_lab.versions() == [] and leftovers(empty_lab) == []
    version = empty_lab.add("x", made, progress=False)
    assert version.history.import_report["skipped"] == ["a/7.png: box of 0 x 3 pixels"]
    assert version.history.import_report["annotations"]["box"] == 14


def leftovers(lab):
    return [
        p for folder in ("segments", "staging") if (lab.path / folder).exists() for p in (lab.path / folder).iterdir()
    ]


BAD = {
    "a NaN box": ({"boxes": (Box("cat", float("nan"), 0, 1, 1),)}, "no finite number"),
    "a mask that is no mask": ({"masks": (Mask("cat", None),)}, "mask annotation cannot be kept"),
    "run lengths that are cut off": ({"masks": (Mask("cat", (), (30, 40, EMPTY[:-1])),)}, "run lengths"),
    "run lengths of another size": ({"masks": (Mask("cat", (), (31, 40, EMPTY)),)}, "do not fill 31 x 40"),
    "run lengths that are none": ({"masks": (Mask("cat", (), (30, 40, "\x00\xff")),)}, "hold the character"),
    "a target that is no number": ({"targets": (Target("y", "many"),)}, "target annotation cannot be kept"),
    "a negative height": ({"height": -1}, "pixels"),
    "an unknown kind": ({"kind": "song"}, "no kind of sample"),
    "an unknown role": ({"role": "validation"}, "no role"),
    "a lone surrogate": ({"uri": "\ud800"}, "cannot be kept"),
    "a lone surrogate in a column": ({"columns": {"x": "\ud800"}}, "cannot be kept"),
    "a class that is no text": ({"label": 7}, "class annotation cannot be kept"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_record_that_cannot_be_kept_is_named_and_nothing_is_left(empty_lab, what):
    change, message = BAD[what]
    good = list(everything().records())
    bad = dataclasses.replace(good[3], **change)
    with pytest.raises(BadData, match=message):
        empty_lab.add("x", source([*good[:3], bad, *good[4:]]), progress=False)
    assert empty_lab.versions() == [] and leftovers(empty_lab) == []


def test_columns_that_are_not_plain_are_made_so(empty_lab):
    columns = {
        "a": np.float32(1.5),
        "b": np.int64(3),
        "c": float("nan"),
        "d": [np.float64("inf"), 1],
        "e": {"x": (1, 2)},
    }
    version = empty_lab.add("x", source([Record("a", picture(1), 40, 30, columns=columns)]), progress=False)
    import json

    assert json.loads(version.samples["columns"][0].as_py()) == {
        "a": 1.5,
        "b": 3,
        "c": None,
        "d": [None, 1],
        "e": {"x": [1, 2]},
    }


def test_the_import_of_a_repeated_source_is_not_walked_again(empty_lab):
    made = everything()
    version = empty_lab.add("x", made, progress=False)

    def walked():
        raise AssertionError("the records were asked for again")

    assert empty_lab.add("x", dataclasses.replace(made, records=walked), progress=False) == version


def test_an_unknown_kind_is_answered_with_the_known_ones(empty_lab):
    version = empty_lab.add("x", everything(), progress=False)
    with pytest.raises(UnknownName, match=re.compile("keypoints.*target", re.S)):
        version.annotations.of_kind("polygon")
    assert version.annotations.of_kind("boxes") == version.annotations.of_kind("box")


def test_the_length_of_run_lengths_is_what_pycocotools_encoded():
    from pycocotools import mask as coco

    from veml_lab.versions.annotations import rle_length

    rng = np.random.default_rng(0)
    for _ in range(200):
        h, w = rng.integers(1, 90, 2)
        pixels = np.asfortranarray((rng.random((h, w)) < rng.random() ** 3).astype(np.uint8))
        assert rle_length(coco.encode(pixels)["counts"].decode()) == h * w


@pytest.mark.parametrize("made", [everything(), rows()], ids=["all kinds", "rows"])
def test_the_flat_table_says_of_each_sample_what_its_annotations_say(empty_lab, made):
    whole = empty_lab.add("all", made, progress=False)
    part = whole.sample("part", len(whole) - 2, seed=3)  # IDs with gaps
    for version in (whole, part):
        t = flat_table(version)
        kinds = [k for k in ("class", "box", "mask", "keypoints") if k in present_classed(version)]
        said = {
            i: {a if k == "class" else a.label for k in kinds for a in version.annotations.of_kind(k).get(i, [])}
            for i in version.ids
        }
        assert t["labels"].to_pylist() == [sorted(said[i]) for i in version.ids] and any(said.values())
        if "label" in t.column_names:
            assert t["label"].to_pylist() == [version.annotations.class_labels.get(i) for i in version.ids]
        if "y" in version.annotations.target_names:
            assert t["y"].to_pylist() == [version.annotations.target_values[i]["y"] for i in version.ids]
