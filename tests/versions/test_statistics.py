"""Statistics and comparisons against plain Python on the same records; kept, so that they are counted once."""

from __future__ import annotations

import io
import itertools
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from kinds import everything, picture, rows, source, windows
from PIL import Image

import veml_lab as veml
from veml_lab.errors import BadInput
from veml_lab.sources.source import Box, Record
from veml_lab.versions import operations
from veml_lab.versions.comparison import compare
from veml_lab.versions.statistics import histogram_of


@pytest.fixture
def version(empty_lab):
    return empty_lab.add("all", everything(), progress=False)


def test_everything_is_counted_as_python_counts_it(version):
    s, records = version.statistics(), list(everything().records())
    boxes = [b for r in records for b in r.boxes]
    assert dict(s.classes) == dict(Counter(b.label for b in boxes)) and s.unlabelled == 1 and s.kinds == {"image": 8}
    assert s.annotations == {"class": 7, "box": 14, "mask": 14, "keypoints": 7, "caption": 14, "target": 14}
    assert s.box_area == {"small": 14, "medium": 0, "large": 0} and s.missing == {"weather": 1, "frame": 1}
    assert s.box_size == (np.median([b.w for b in boxes]), np.median([b.h for b in boxes]))
    grid = np.zeros((8, 8))
    for b in boxes:
        grid[int((b.y + b.h / 2) / 30 * 8), int((b.x + b.w / 2) / 40 * 8)] += 1 / len(boxes)
    np.testing.assert_allclose(s.box_places, grid, atol=1e-4)
    grey = [np.asarray(Image.open(io.BytesIO(r.image)).convert("RGB").convert("L")).mean() / 255 for r in records]
    assert s.brightness["mean"] == pytest.approx(np.mean(grey), abs=0.01) and s.brightness["sampled"] == 8
    assert s.brightness["darkest"] == pytest.approx(min(grey), abs=0.01) and s.numbers["frame"] == {
        "min": 0,
        "median": 3,
        "mean": 3,
        "max": 6,
    }
    assert s.numbers["age"]["max"] == pytest.approx(6.1) and s.columns["weather"] == {"fog": 4, "sun": 3}


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("classification", {"cat": 4, "dog": 3}),
        ("segmentation", {"cat": 7, "dog": 7}),
        ("keypoints", {"cat": 7, "dog": 0}),
    ],
)
def test_the_classes_are_those_of_the_task(empty_lab, task, expected):
    s = empty_lab.add("x", replace(everything(), task=task), progress=False).statistics()
    assert s.classes == expected and s.unlabelled == 1


def test_rows_and_windows_have_statistics_too(empty_lab):
    s = empty_lab.add("rows", rows(), progress=False).statistics()
    assert s.image_size == {} and s.brightness is None and s.box_size is None and s.kinds == {"row": 50}
    assert s.missing["colour"] == 12 and s.numbers["y"] == {"min": 1.0, "median": 50.0, "mean": 50.0, "max": 99.0}
    assert s.columns["colour"] == {"red": 13, "green": 13, "blue": 12} and s.unlabelled == 0
    s = empty_lab.add("windows", windows(), progress=False).statistics()
    assert (s.n, s.unlabelled, s.duplicates, s.kinds) == (33, 0, 0, {"window": 33})


def test_a_column_of_names_is_not_listed_value_by_value(empty_lab):
    records = [
        Record(f"{i}", picture(i), 40, 30, columns={"taken": f"at {i}", "place": "here", "height_m": i})
        for i in range(4)
    ]
    said = repr(empty_lab.add("x", source(records), progress=False).statistics())
    assert "  taken: all different, such as at 0\n" in said and "  place: here 4" in said
    assert said.count("height_m") == 1  # a column of numbers has its own line


def test_duplicates_are_those_of_the_version(empty_lab):
    version = empty_lab.add("x", source([Record(f"{i}", picture(i % 3), 40, 30) for i in range(9)]), progress=False)
    assert (
        version.statistics().duplicates == 6
        and operations.select(version, "y", [0, 1, 2, 3]).statistics().duplicates == 1
    )


def test_statistics_are_kept_by_content_and_a_correction_has_its_own(version, monkeypatch):
    first = version.statistics()
    fixed = version.correct("fixed", {"a/0.png": {"box": [Box("cat", 0.0, 0.0, 40.0, 30.0)]}})
    assert fixed.statistics().classes == {"cat": 7, "dog": 6} and version.statistics() == first

    def counted(_):
        raise AssertionError("counted again")

    monkeypatch.setattr("veml_lab.versions.statistics._count", counted)
    reader = veml.open(version.store.folder, read_only=True)["all"]
    assert reader.statistics() == first and json.loads(json.dumps(first.to_dict()))["classes"] == {"cat": 7, "dog": 7}
    assert "brightness" in repr(first) and "missing values: weather 1" in repr(first)


def test_two_versions_side_by_side(version):
    fixed = version.correct("<fixed>", {"a/0.png": {"box": [Box("cat", 0.0, 0.0, 40.0, 30.0)]}}).filter(
        "part", "role = 'test'"
    )
    found = compare(version, fixed)
    assert (found.shared, found.only_left, found.only_right, found.corrected) == (5, 3, 0, {"box": 1})
    rows_of = {what: (a, b) for what, a, b in found.rows()}
    assert (
        rows_of["samples"] == ("8", "5")
        and rows_of["class dog"] == ("7 (50.0%)", "3 (42.9%)")
        and rows_of["median box (px)"][0] == "10 x 8"
    )
    assert "5 samples in both, annotated differently: box of 1" in repr(found) and "* samples" in repr(found)
    html = compare(version, version.correct("<b>", {"a/1.png": {"class": "<i>"}}))._repr_html_()
    assert "&lt;b&gt;" in html and "<b>" not in html and "<i>" not in html
    assert json.loads(json.dumps(found.to_dict()))["shared"] == 5


def test_versions_of_different_labs_are_not_compared(version, digits_lab):
    with pytest.raises(BadInput, match="different labs"):
        compare(version, digits_lab.digits)


def test_readings_that_are_missing_are_counted_over_the_steps_of_the_version(empty_lab):
    version = empty_lab.add("w", windows(steps=40, nodes=3, window=6, horizon=2), progress=False)
    r = version.statistics().readings  # one of 40 x 3 x 2 readings is not there: step 5 of sensor b
    assert (r["sensors"], r["steps"], r["worst"]) == (3, 40, "b")
    assert r["missing"] == pytest.approx(1 / 240) and r["worst_missing"] == pytest.approx(1 / 80)
    assert version.statistics().numbers["speed"]["max"] == pytest.approx(np.nanmax(windows().series.values[:, :, 0]))
    assert "3 sensors, 40 steps; missing 0.4%, most of b: 1.2%" in repr(version.statistics())
    late = operations.select(
        version, "late", list(range(20, 33))
    )  # windows that begin at step 20 and later: nothing is missing there
    assert late.statistics().readings["steps"] == 20 and late.statistics().readings["missing"] == 0


def test_counts_stand_commonest_first_whether_counted_now_or_kept(version):
    now, kept = version.statistics(), veml.open(version.store.folder, read_only=True)["all"].statistics()
    assert list(now.columns["weather"].items()) == list(kept.columns["weather"].items()) == [("fog", 4), ("sun", 3)]
    shown = {what: (a, b) for what, a, b in compare(version, operations.select(version, "same", list(range(8)))).rows()}
    assert shown["weather"] == ("fog 4, sun 3", "fog 4, sun 3")  # equal, and so not marked as different


def test_numbers_boxes_and_classes_together_are_counted_as_python_counts_them(version):
    s, records = version.statistics(), list(everything().records())
    for name, values in (
        ("objects per sample", [len(r.boxes) for r in records]),
        ("box width (px)", [b.w for r in records for b in r.boxes]),
        ("box aspect (width / height)", [b.w / b.h for r in records for b in r.boxes]),
    ):
        edges, counts = s.shapes[name]["edges"], s.shapes[name]["counts"]
        inside = [sum(a <= v < b or (v == b == edges[-1]) for v in values) for a, b in itertools.pairwise(edges)]
        assert inside == counts and sum(counts) == len(values), name
    assert sum(s.histograms["frame"]["counts"]) == 7 and len(s.shapes["brightness (0 to 1)"]["counts"]) == 30
    classes = s.together["classes"]
    seen = [{b.label for b in r.boxes} for r in records]
    assert s.together["counts"] == [[sum(a in x and b in x for x in seen) for b in classes] for a in classes]


def test_a_histogram_has_a_bin_for_each_of_few_whole_numbers_and_even_ones_else():
    assert histogram_of([2, 2, 4, float("nan")]) == {"edges": [1.5, 2.5, 3.5, 4.5], "counts": [2, 0, 1]}
    assert histogram_of([0.0, 30.0], bins=3) == {"edges": [0, 10, 20, 30], "counts": [1, 0, 1]}
    assert histogram_of([]) is None and histogram_of([5.5, 5.5]) == {"edges": [5.0, 6.0], "counts": [2]}


def test_missing_readings_are_counted_where_they_are_missing(empty_lab):
    found = empty_lab.add("sensors", windows(steps=40), progress=False).statistics().gaps
    values = windows(steps=40).series.values
    assert found["steps"] == list(range(len(found["steps"]))), "fewer steps than stretches: one each"
    np.testing.assert_allclose(found["missing"], np.isnan(values).mean(axis=(1, 2))[: len(found["steps"])], atol=1e-5)
    assert max(found["missing"]) > 0
