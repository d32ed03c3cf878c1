"""VIA's projects, exports and tables as versions 1, 2 and 3 write them."""

import csv
import io
import json

import numpy as np
import pytest

from veml_lab.errors import BadInput, MissingFile, UnknownName
from veml_lab.formats import read
from veml_lab.sources.outlines import area, hull

RECT = {"name": "rect", "x": 10, "y": 12, "width": 20, "height": 15}
POLYGON = {"name": "polygon", "all_points_x": [10, 30, 10], "all_points_y": [10, 10, 25]}
CIRCLE = {"name": "circle", "cx": 30, "cy": 20, "r": 10}
ELLIPSE = {"name": "ellipse", "cx": 30, "cy": 20, "rx": 12, "ry": 4, "theta": np.pi / 2}
POINT = {"name": "point", "cx": 3, "cy": 4}
LINE = {"name": "polyline", "all_points_x": [1, 9], "all_points_y": [1, 9]}


def region(shape, label="car", key="class", **more) -> dict:
    return {"shape_attributes": shape, "region_attributes": {key: label, **more}}


def entries(regions, name="a.jpg", **more) -> dict:
    return {f"{name}1234": {"filename": name, "size": 1234, "regions": regions, "file_attributes": more}}


def table(rows, head=("filename", "file_size", "file_attributes", "region_count", "region_id",
                      "region_shape_attributes", "region_attributes")) -> str:  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for i, (name, shape, said) in enumerate(rows):
        writer.writerow([name, 1234, json.dumps({"lux": 3}), len(rows), i, json.dumps(shape), json.dumps(said)])
    return out.getvalue()


def third(*rows) -> dict:
    """A project of VIA 3; the first attribute is of a file, the second of a region, with options."""
    return {
        "project": {"pid": "x"}, "config": {}, "attribute": {
            "1": {"aname": "city", "type": 1, "options": {}},
            "2": {"aname": "class", "type": 4, "options": {"0": "car", "1": "bus"}}},
        "file": {"1": {"fid": "1", "fname": "a.jpg", "type": 2, "loc": 1, "src": "a.jpg"}},
        "view": {"9": {"fid_list": ["1"]}},
        "metadata": {"m0": {"vid": "9", "xy": [], "z": [], "av": {"1": "Bonn"}},
                     **{f"m{i}": {"vid": "9", "xy": xy, "z": [], "av": {"2": v}} for i, (xy, v) in enumerate(rows, 1)}},
    }  # fmt: skip


FILES = {
    "version 2, a project": ("p.json", {"_via_settings": {}, "_via_attributes": {},
                                        "_via_img_metadata": entries([region(RECT), region(POLYGON, "bus")])}),
    "version 2, annotations": ("p.json", entries([region(RECT), region(POLYGON, "bus")])),
    "version 1": ("p.json", entries({"0": region(RECT), "1": region(POLYGON, "bus")})),
    "a table": ("p.csv", table([("a.jpg", RECT, {"class": "car"}), ("a.jpg", POLYGON, {"class": "bus"})])),
    "a table of version 1": ("p.csv", "#" + table([("a.jpg", RECT, {"class": "car"}),
                                                   ("a.jpg", POLYGON, {"class": "bus"})])),
    "version 3": ("p.json", third(([2, 10, 12, 20, 15], "0"), ([7, 10, 10, 30, 10, 10, 25], "1"))),
}  # fmt: skip


@pytest.mark.parametrize("version", FILES)
def test_every_version_says_the_same(folder_of, version):
    name, content = FILES[version]
    source = read(folder_of({"images/a.jpg": None, name: content}))
    (r,) = source.records()
    assert source.format == "via" and source.classes == ("bus", "car") and source.findings() == []
    assert [(b.label, b.x, b.y, b.w, b.h) for b in r.boxes] == [("car", 10, 12, 20, 15)]
    assert [(m.label, m.polygons) for m in r.masks] == [("bus", ((10, 10, 30, 10, 10, 25),))]
    assert r.columns == ({"city": "Bonn"} if version == "version 3" else {"lux": 3} if "table" in version else {})


def test_each_shape_is_what_via_draws(folder_of):
    shapes = [CIRCLE, ELLIPSE, POINT, LINE, {"name": "rect"}, {"name": "circle", "cx": 1, "cy": 1, "r": 0},
              {"name": "polygon", "all_points_x": [1, 2, 3], "all_points_y": [1]}, {}]  # fmt: skip
    source = read(folder_of({"a.jpg": None, "p.json": entries([region(s) for s in shapes])}))
    (r,) = source.records()
    circle, ellipse = r.masks
    assert np.allclose(hull(circle), (20, 10, 20, 20)) and area(circle) == pytest.approx(100 * np.pi, rel=2e-3)
    # a quarter turn: 12 up and down, 4 to the sides
    assert np.allclose(hull(ellipse), (26, 8, 8, 24)) and area(ellipse) == pytest.approx(48 * np.pi, rel=2e-3)
    assert [k.points for k in r.keypoints] == [((3, 4, 2),)]
    assert len(source.findings()) == 5 and "region 4: is a 'polyline', which is not read" in source.findings()[0]


def test_shapes_of_version_3_by_their_numbers(folder_of):
    rows = [([1, 3, 4], "0"), ([3, 30, 20, 10], "1"), ([4, 30, 20, 12, 4], "1"), ([6, 1, 1, 2, 2], "0"), (["x"], "0")]
    source = read(folder_of({"a.jpg": None, "p.json": third(*rows)}))
    (r,) = source.records()
    assert [k.points for k in r.keypoints] == [((3, 4, 2),)]
    assert [tuple(np.round(hull(m), 6)) for m in r.masks] == [(20, 10, 20, 20), (18, 16, 24, 8)]
    assert len(source.findings()) == 2


def test_the_class_is_asked_for_where_it_is_not_clear(folder_of):
    regions = [region(RECT, "x", "colour", wheels="4"), region(RECT, "y", "colour", wheels="")]
    root = folder_of({"a.jpg": None, "p.json": entries(regions)})
    with pytest.raises(BadInput, match=r"which attribute .* they have 'colour' \(2\), 'wheels' \(2\). Say label="):
        read(root)
    with pytest.raises(UnknownName, match="colour"):
        read(root, label="color")
    (r,) = read(root, label="colour").records()
    assert [(b.label, dict(b.attributes)) for b in r.boxes] == [("x", {"wheels": "4"}), ("y", {})]


CLASS_KEYS = {
    "the only one": ({"colour": "red"}, {}, "red"),
    "by its name": ({"colour": "red", "Label": "car"}, {"colour": "red"}, "car"),
    "the surer name": ({"name": "n", "class": "car"}, {"name": "n"}, "car"),
    "a checkbox": ({"type": {"car": True, "bus": False}, "seen": {"a": True, "b": True}}, {"seen": "a, b"}, "car"),
    "none": ({}, {}, "region"),
}


@pytest.mark.parametrize("case", CLASS_KEYS)
def test_which_attribute_is_the_class(folder_of, case):
    said, rest, label = CLASS_KEYS[case]
    one = {"shape_attributes": RECT, "region_attributes": said}
    (r,) = read(folder_of({"a.jpg": None, "p.json": entries([one])})).records()
    assert [(b.label, dict(b.attributes)) for b in r.boxes] == [(label, rest)]


def test_a_region_without_a_class_and_a_picture_that_is_gone_stop_nothing(folder_of):
    said = entries([region(RECT), region(RECT, ""), region(RECT, {"a": True, "b": True}), 7])
    files = {
        "a.jpg": None,
        "b.jpg": None,
        "p.json": {**said, **entries([], "b.jpg"), **entries([], "gone.jpg"), "x": 1},
    }
    source = read(folder_of(files), "via")
    found = {r.uri: len(r.boxes) for r in source.records()}
    assert found == {"a.jpg": 1, "b.jpg": 0} and len(source.findings()) == 5
    assert any("gone.jpg" in line for line in source.findings())


def test_pictures_in_folders_of_splits_and_two_files(folder_of):
    """Balloon's set: train/via_region_data.json beside its pictures, val/ likewise, the same names in both."""
    files = {}
    for split, label in (("train", "car"), ("val", "bus")):
        files |= {f"{split}/a.jpg": None, f"{split}/via_region_data.json": entries([region(RECT, label)])}
    source = read(folder_of(files))
    assert {r.uri: (r.role, r.boxes[0].label) for r in source.records()} == {
        "train/a.jpg": ("train", "car"), "val/a.jpg": ("test", "bus")}  # fmt: skip


def test_other_files_are_no_via(folder_of):
    with pytest.raises(MissingFile, match="holds no file of VIA"):
        read(folder_of({"a.jpg": None, "x.json": {"a": 1}, "x.csv": "a,b\n1,2\n"}), "via")


def test_a_damaged_table_row_is_a_finding(folder_of):
    text = table([("a.jpg", RECT, {"class": "car"})]) + "a.jpg,1\n" + 'a.jpg,1,{},1,1,"{bad","{}"\n'
    source = read(folder_of({"a.jpg": None, "p.csv": text}))
    assert len(next(source.records()).boxes) == 1
    assert [f.partition("p.csv, ")[2][:6] for f in source.findings()] == ["line 3", "line 4"]
