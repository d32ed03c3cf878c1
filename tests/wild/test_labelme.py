"""LabelMe's files as its versions and its followers (AnyLabeling) write them, and as people move them about."""

import base64
import json

import numpy as np
import pytest
from wild_files import picture

from veml_lab.errors import MissingFile
from veml_lab.formats import read
from veml_lab.sources.forms import rle_at
from veml_lab.sources.images import png_of_gray
from veml_lab.sources.outlines import area, hull, pixels_of

TRIANGLE = [[10, 10], [30, 10], [10, 25]]


def shape(kind: str = "polygon", points=TRIANGLE, **more) -> dict:
    return {"label": "car", "points": points, "group_id": None, "shape_type": kind, "flags": {}, **more}


def said(*shapes, path: str = "a.jpg", **more) -> dict:
    return {"version": "5.4.1", "flags": {}, "shapes": list(shapes), "imagePath": path, "imageData": None,
            "imageHeight": 48, "imageWidth": 64, **more}  # fmt: skip


def one(folder):
    source = read(folder)
    assert source.format == "labelme" and source.total == 1
    return next(source.records()), source


def test_each_kind_of_shape_is_what_labelme_draws(folder_of):
    bitmap = np.zeros((4, 5), np.uint8)
    bitmap[1:, 2:] = 255
    shapes = [
        shape(flags={"occluded": True}, description="far away"),
        shape("rectangle", [[40, 30], [20, 12]]),  # the corners in any order
        shape("rectangle", [[20, 12], [40, 12], [40, 30], [20, 30]]),  # AnyLabeling writes all four
        shape("circle", [[30, 20], [40, 20]]),
        shape("point", [[3, 4]]),
        shape("mask", [[10, 20], [14, 23]], mask=base64.b64encode(png_of_gray(bitmap)).decode()),
        shape("rotation", [[5, 5], [15, 5], [15, 9], [5, 9]]),
        shape("linestrip"),
    ]
    r, source = one(folder_of({"a.jpg": None, "a.json": said(*shapes)}))
    assert [(b.x, b.y, b.w, b.h) for b in r.boxes] == [(20, 12, 20, 18)] * 2
    polygon, circle, mask, turned = r.masks
    assert polygon.polygons == ((10, 10, 30, 10, 10, 25),)
    assert polygon.attributes == {"occluded": True, "description": "far away"}
    assert np.allclose(hull(circle), (20, 10, 20, 20)) and area(circle) == pytest.approx(np.pi * 100, rel=2e-3)
    assert np.argwhere(pixels_of(mask.rle)).tolist() == [[y, x] for y in (21, 22, 23) for x in (12, 13, 14)]
    assert hull(turned) == (5, 5, 10, 4)
    assert [k.points for k in r.keypoints] == [((3, 4, 2),)]
    assert source.findings() == [f"{source.root}/a.json, shape 8: is a 'linestrip', which is not read"]


def test_shapes_of_one_group_are_one_object(folder_of):
    """A car behind a tree is two polygons; labelme2coco makes one object of a class and a group_id."""
    other = [[40, 10], [50, 10], [40, 20]]
    r, _ = one(folder_of({"a.jpg": None, "a.json": said(
        shape(group_id=7), shape(points=other, group_id=7), shape("rectangle", [[10, 10], [50, 25]], group_id=7),
        shape(group_id=8, label="bus"), shape(points=other, group_id=7, label="bus"),
    )}))  # fmt: skip
    assert [len(m.polygons) for m in r.masks] == [2, 1, 1]
    assert r.masks[0].instance == r.boxes[0].instance >= 0 and {m.instance for m in r.masks[1:]} == {-1}


LAYOUTS = {
    "beside": ("{n}.jpg", "{n}.json", "{n}.jpg"),
    "images and labels": ("images/{n}.jpg", "labels/{n}.json", "{n}.jpg"),
    "a path from Windows": ("imgs/{n}.jpg", "json/{n}.json", "..\\imgs\\{n}.jpg"),
    "a path of another machine": ("{n}.jpg", "{n}.json", "C:\\Users\\me\\{n}.jpg"),
    "renamed since": ("{n}.jpg", "{n}.json", "DSC_{n}_old.jpg"),
    "in another case": ("{n}.JPG", "{n}.json", "{n}.jpg"),
    "splits": ("train/{n}.jpg", "train/{n}.json", "{n}.jpg"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_picture_is_found_wherever_it_was_moved(folder_of, layout):
    image, text, path = LAYOUTS[layout]
    files = {image.format(n=n): None for n in "ab"}
    files |= {text.format(n=n): said(shape(label=n), path=path.format(n=n)) for n in "ab"}
    source = read(folder_of(files))
    found = {r.uri.lower().rpartition("/")[2]: [m.label for m in r.masks] for r in source.records()}
    assert (source.format, found) == ("labelme", {"a.jpg": ["a"], "b.jpg": ["b"]})
    assert {r.role for r in source.records()} == {"train" if layout == "splits" else ""}


def test_the_same_file_name_in_two_folders_is_two_pictures(folder_of):
    files = {f"{d}/a.jpg": None for d in ("day", "night")}
    files |= {f"{d}/a.json": said(shape(label=d)) for d in ("day", "night")}
    assert {r.uri: r.masks[0].label for r in read(folder_of(files)).records()} == {
        "day/a.jpg": "day", "night/a.jpg": "night"}  # fmt: skip


def test_a_picture_that_is_only_inside_its_json_file_is_read(folder_of):
    """LabelMe's default is to store the picture in the file; people share the JSON files alone."""
    inside = picture(3)
    data = said(shape(), imageData=base64.b64encode(inside).decode())
    source = read(folder_of({"a.json": data, "broken.json": said(shape(), path="b.jpg", imageData="AAAA")}))
    (r,) = source.records()
    assert (r.image, r.width, r.height, r.path) == (inside, 64, 48, None) and len(r.masks) == 1
    assert len(source.findings()) == 1 and "broken.json" in source.findings()[0]


def test_old_files_and_the_order_of_labels_txt(folder_of):
    """Version 3 has no shape_type, no flags, colours; labels.txt begins with lines that are no classes."""
    old = {"version": "3.11.2", "shapes": [{"label": "dog", "line_color": None, "fill_color": None,
                                          "points": TRIANGLE}],
           "lineColor": [0, 255, 0, 128], "imagePath": "a.jpg", "imageData": None}  # fmt: skip
    listed = "__ignore__\n_background_\nzebra\ndog\n"
    r, source = one(folder_of({"a.jpg": None, "a.json": old, "labels.txt": listed}))
    assert source.classes == ("zebra", "dog") and r.masks[0].label == "dog"


def test_flags_of_a_picture_are_columns_and_one_bad_shape_stops_nothing(folder_of):
    bad = [shape(points=[[1, 2]]), shape(points="x"), {"points": TRIANGLE}, shape("rectangle", [[5, 5], [5, 9]]),
           shape("mask", mask="no"), shape("circle", [[5, 5], [5, 5]])]  # fmt: skip
    r, source = one(folder_of({"a.jpg": None, "a.json": said(shape(), *bad, flags={"blurred": True, "n": 3})}))
    assert len(r.masks) == 1 and r.columns == {"blurred": True}
    assert len(source.findings()) == len(bad)


def test_other_json_beside_is_no_labelme_file(folder_of):
    source = read(folder_of({"a.jpg": None, "a.json": said(shape()), "package.json": {"name": "x"}}))
    assert (source.format, source.total, source.findings()) == ("labelme", 1, [])
    with pytest.raises(MissingFile, match="no LabelMe files"):
        read(folder_of({"a.jpg": None, "package.json": json.dumps({"name": "x"})}, "other"), "labelme")


def test_two_boxes_of_a_group_are_only_near_each_other(folder_of):
    corners = [[10, 10], [20, 20]], [[30, 10], [40, 20]]
    r, _ = one(folder_of({"a.jpg": None, "a.json": said(*(shape("rectangle", c, group_id=1) for c in corners))}))
    assert [b.instance for b in r.boxes] == [-1, -1]


def test_a_mask_that_lies_over_the_border_is_cut_there():
    asked = np.array([[1, 0, 1], [0, 1, 1]], bool)
    whole = pixels_of(rle_at(asked, 3, -1, 5, 4))
    assert np.argwhere(whole).tolist() == [[0, 4]]
    assert np.argwhere(pixels_of(rle_at(asked, -1, 3, 5, 4))).tolist() == [[3, 1]]
