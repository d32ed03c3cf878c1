"""Supervisely projects as its SDK writes them and as older ones lie about."""

import base64
import json
import zlib

import numpy as np
import pytest
from wild_files import picture

from veml_lab.errors import BadData, MissingFile
from veml_lab.formats import read
from veml_lab.formats.look import look
from veml_lab.sources.images import png_of_gray
from veml_lab.sources.outlines import pixels_of

META = {
    "classes": [
        {"title": "car", "shape": "any", "color": "#FF0000", "geometry_config": {}},
        {"title": "ant", "shape": "polygon", "color": "#00FF00", "geometry_config": {}},
        {"title": "pose", "shape": "graph", "color": "#0000FF",
         "geometry_config": {"nodes": {"n1": {"label": "nose", "loc": [0, 0]}, "n2": {"label": "tail", "loc": [1, 1]},
                                       "n3": {"label": "ear", "loc": [2, 2]}}, "edges": []}},
    ],
    "tags": [{"name": "train", "value_type": "none", "color": "#111111"}],
    "projectType": "images",
}  # fmt: skip


def thing(kind: str, points=None, label: str = "car", tags=(), **more) -> dict:
    said = {"points": {"exterior": points, "interior": []}} if points is not None else {}
    return {"id": 1, "description": "", "geometryType": kind, "classTitle": label, "tags": list(tags), **said, **more}


def said(*objects, tags=(), size=(64, 48)) -> dict:
    whole = {"width": size[0], "height": size[1]}
    return {"description": "", "tags": list(tags), "size": whole, "objects": list(objects)}


def project(ann: dict, **more) -> dict:
    return {"meta.json": META, "ds/img/a.jpg": None, "ds/ann/a.jpg.json": ann, **more}


def one(folder):
    source = read(folder)
    assert source.format == "supervisely" and source.total == 1
    return next(source.records()), source


def bitmap_of(pixels: np.ndarray) -> str:
    return base64.b64encode(zlib.compress(png_of_gray(pixels * np.uint8(255)))).decode()


def test_each_shape_lies_where_supervisely_draws_it(folder_of):
    """A rectangle 10..29 covers twenty pixels; a pixel of an outline is its middle; a bitmap begins at its origin."""
    pixels = np.array([[1, 0, 1], [0, 1, 1]], np.uint8)
    r, source = one(folder_of(project(said(
        thing("rectangle", [[10, 12], [29, 26]], tags=[{"name": "speed", "value": 7}, {"name": "wet", "value": None}]),
        thing("rectangle", [[29, 26], [10, 12]]),
        thing("polygon", [[10, 10], [20, 10], [10, 20]], "ant"),
        thing("bitmap", bitmap={"origin": [5, 7], "data": bitmap_of(pixels)}),
        thing("point", [[3, 4]]),
        thing("graph", label="pose", nodes={"n3": {"loc": [9, 9], "disabled": True}, "n1": {"loc": [1, 2]}}),
        thing("line", [[1, 1], [2, 2]]), thing("cuboid", [[1, 1], [2, 2]]),
    ))))  # fmt: skip
    assert [(b.x, b.y, b.w, b.h) for b in r.boxes] == [(10, 12, 20, 15)] * 2
    assert r.boxes[0].attributes == {"speed": 7, "wet": True}
    assert r.masks[0].polygons == ((10.5, 10.5, 20.5, 10.5, 10.5, 20.5),)
    assert np.argwhere(pixels_of(r.masks[1].rle)).tolist() == [[7, 5], [7, 7], [8, 6], [8, 7]]
    assert r.keypoints[0].points == ((3.5, 4.5, 2),)
    assert r.keypoints[1].points == ((1.5, 2.5, 2), (0, 0, 0), (9.5, 9.5, 1))
    assert source.about["keypoints"] == {"pose": {"names": ["nose", "tail", "ear"], "skeleton": []}}
    assert source.classes == ("car", "ant", "pose")
    assert [f.partition(": ")[2] for f in source.findings()] == ["is a 'line', which is not read",
                                                                 "is a 'cuboid', which is not read"]  # fmt: skip


def test_a_hole_is_no_part_of_its_object(folder_of):
    """Counted by hand: pixels 0..9 without 3..6, on the edges as COCO's own rasteriser has them."""
    square = [[-0.5, -0.5], [9.5, -0.5], [9.5, 9.5], [-0.5, 9.5]]
    hole = [[2.5, 2.5], [6.5, 2.5], [6.5, 6.5], [2.5, 6.5]]
    o = thing("polygon", square)
    o["points"]["interior"] = [hole]
    r, _ = one(folder_of(project(said(o))))
    want = np.zeros((48, 64), bool)
    want[:10, :10] = True
    want[3:7, 3:7] = False
    assert (pixels_of(r.masks[0].rle).astype(bool) == want).all()


def test_objects_that_are_bound_are_one(folder_of):
    box, ring = [[10, 10], [20, 20]], [[10, 10], [20, 10], [10, 20]]
    r, _ = one(folder_of(project(said(
        thing("rectangle", box, instance="x"), thing("polygon", ring, instance="x"),
        thing("rectangle", box, instance="y"), thing("rectangle", box, instance="y"),
        thing("polygon", ring, "ant", instance="x"), thing("rectangle", box),
    ))))  # fmt: skip
    assert [b.instance for b in r.boxes] == [0, -1, -1, -1] and [m.instance for m in r.masks] == [0, -1]


def test_datasets_are_parts_and_a_tag_or_their_name_is_the_role(folder_of):
    files = {"p/meta.json": META}
    for i, d in enumerate(["day", "val", "test", "night/datasets/rain"]):
        tags = [{"name": "train", "value": None}, {"name": "city", "value": "Bonn"}] if d == "day" else []
        files |= {f"p/{d}/img/{i}.jpg": None, f"p/{d}/ann/{i}.jpg.json": said(thing("point", [[3, 4]]), tags=tags)}
    source = read(folder_of(files))
    found = {r.uri.rpartition("/")[2]: (r.role, dict(r.columns)) for r in source.records()}
    assert found == {
        "0.jpg": ("train", {"dataset": "day", "city": "Bonn"}), "1.jpg": ("test", {"split": "val"}),
        "2.jpg": ("test", {}), "3.jpg": ("", {"dataset": "rain"}),
    }  # fmt: skip
    assert source.roles_from == "names of datasets, tags of pictures"


LAYOUTS = {
    "a project": ("meta.json", "ds/img/a.jpg", "ds/ann/a.jpg.json"),
    "one dataset without its project": (None, "img/a.jpg", "ann/a.jpg.json"),
    "an old project": ("meta.json", "ds/img/a.png", "ds/ann/a.json"),
    "a dot in the name": ("meta.json", "ds/img/a.b.png", "ds/ann/a.b.json"),
    "within a folder": ("x/p/meta.json", "x/p/ds/img/a.png", "x/p/ds/ann/a.png.json"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_picture_is_found_by_its_name(folder_of, layout):
    meta, image, text = LAYOUTS[layout]
    files = {image: None, text: said(thing("rectangle", [[1, 1], [9, 9]]))}
    r, source = one(folder_of(files | ({meta: META} if meta else {})))
    assert [b.label for b in r.boxes] == ["car"] and source.findings() == []
    assert [x for x in source.unread() if x.stops] == []


def test_the_same_name_in_two_datasets_is_two_pictures(folder_of):
    files = {"meta.json": META}
    for d in ("a", "b"):
        files |= {f"{d}/img/1.jpg": None, f"{d}/ann/1.jpg.json": said(thing("point", [[3, 4]], d))}
    assert {r.uri: r.keypoints[0].label for r in read(folder_of(files)).records()} == {
        "a/img/1.jpg": "a", "b/img/1.jpg": "b"}  # fmt: skip


def test_an_object_of_an_old_file_has_the_shape_of_its_class(folder_of):
    o = {"classTitle": "ant", "tags": [], "bitmap": None, "points": {"exterior": [[1, 1], [9, 1], [1, 9]]}}
    r, _ = one(folder_of(project(said(o))))
    assert r.masks[0].polygons == ((1.5, 1.5, 9.5, 1.5, 1.5, 9.5),)


def test_bad_objects_stop_nothing_but_with_strict(folder_of):
    good, pixels = thing("rectangle", [[1, 1], [9, 9]]), bitmap_of(np.ones((2, 2), np.uint8))
    bad = [thing("polygon", [[1, 2]]), thing("rectangle", "x"), {"geometryType": "rectangle"}, thing("bitmap"),
           thing("bitmap", bitmap={"origin": [1, 1], "data": "no"}), thing("bitmap", bitmap={"data": pixels}),
           thing("bitmap", bitmap={"origin": [1e300, 1], "data": pixels}),
           thing("graph", label="pose", nodes={}), 7]  # fmt: skip
    root = folder_of(project(said(good, *bad)) | {"ds/ann/gone.jpg.json": said(), "ds/ann/x.jpg.json": [1]})
    r, source = one(root)
    assert len(r.boxes) == 1 and not r.masks and len(source.findings()) == len(bad) + 2
    with pytest.raises(BadData):
        list(read(root, strict=True).records())


def test_a_mask_without_the_size_of_its_picture_is_a_finding(folder_of):
    ann = said(thing("bitmap", bitmap={"origin": [1, 1], "data": bitmap_of(np.ones((2, 2), np.uint8))}))
    del ann["size"]
    r, source = one(folder_of(project(ann)))
    assert not r.masks and "does not say how large" in source.findings()[0] and r.emptied


def test_drawings_and_notes_are_said_and_stop_nothing(folder_of):
    more = {"ds/masks_machine/a.png": None, "ds/meta/a.jpg.json": {"label": 1}, "ds/seg/a.jpg.png": None,
            "obj_class_to_machine_color.json": {"car": [1, 1, 1], "label": 1}}  # fmt: skip
    root = folder_of(project(said(thing("point", [[3, 4]]))) | more)
    assert look(root).format == "supervisely"
    source = read(root)
    assert {x.why for x in source.unread()} == {"drawn from the objects, which are read",
                                                "notes of Supervisely about its pictures"}  # fmt: skip
    assert not any(x.stops for x in source.unread())


def test_what_is_none_is_refused_by_name(folder_of):
    with pytest.raises(MissingFile, match="holds no Supervisely files; looked for ann"):
        read(folder_of({"img/a.jpg": picture(1), "x.json": json.dumps({"objects": []})}), "supervisely")


@pytest.mark.parametrize(
    "tag, role", [("train2017", "train"), ("val2017", "test"), ("Training set", "train"), ("car", "")]
)
def test_a_tag_names_a_part_as_a_folder_does(tag, role, folder_of):
    """Found by the generator of layouts: train2017 was a column that is True, and no role."""
    said = {
        "description": "",
        "tags": [{"name": tag, "value": None}],
        "size": {"width": 64, "height": 48},
        "objects": [],
    }
    meta = {"classes": [], "tags": [{"name": tag, "value_type": "none", "color": "#000000"}], "projectType": "images"}
    (r,) = read(folder_of({"ds/img/a.png": None, "ds/ann/a.png.json": said, "meta.json": meta})).records()
    assert r.role == role and ("car" in r.columns) == (role == "")
