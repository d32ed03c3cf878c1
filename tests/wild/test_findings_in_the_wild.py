"""One bad part never stops the rest: it is left out, counted and named; strict stops at it.

Each case is a small set that people reported in public threads, rebuilt here, with one thing wrong in it.
"""

import io
import json
import re
import warnings
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import veml_lab as veml
from veml_lab.errors import BadData, VemlError
from veml_lab.formats import read

W, H = 40, 30


def png(i: int = 0, size=(W, H)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (i * 37 % 255, i * 11 % 255, 90)).save(out, "PNG")
    return out.getvalue()


def put(root: Path, files: dict) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict | list):
            content = json.dumps(content)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def quietly(source):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(source.records())


def xml(name: str, box=(5, 5, 20, 15), label="cat") -> str:
    corners = "".join(f"<{k}>{v}</{k}>" for k, v in zip(("xmin", "ymin", "xmax", "ymax"), box))
    return (
        f"<annotation><filename>{name}</filename><size><width>{W}</width><height>{H}</height></size>"
        f"<object><name>{label}</name><bndbox>{corners}</bndbox></object></annotation>"
    )


def voc(**change) -> dict:
    files = {f"JPEGImages/{i}.png": png(i) for i in range(3)}
    files |= {f"Annotations/{i}.xml": xml(f"{i}.png") for i in range(3)}
    return files | change


def coco(edit=lambda c: None) -> dict:
    content = {
        "images": [{"id": i, "file_name": f"{i}.png", "width": W, "height": H} for i in range(3)],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "annotations": [{"id": i, "image_id": i, "category_id": 1 + i % 2, "bbox": [5, 5, 10, 10]} for i in range(3)],
    }
    edit(content)
    # NaN as Python's json writes it
    return {f"images/{i}.png": png(i) for i in range(3)} | {"a.json": json.dumps(content)}


def yolo(**change) -> dict:
    files = {f"images/{i}.png": png(i) for i in range(3)}
    files |= {f"labels/{i}.txt": f"{i % 2} 0.5 0.5 0.2 0.2\n" for i in range(3)}
    return files | {"data.yaml": "names: [cat, dog]\n"} | change


def kitti(**change) -> dict:
    line = "Car 0 0 0 5 5 20 15 1 1 1 1 1 1 0\n"
    files = {f"training/image_2/{i}.png": png(i) for i in range(3)}
    return files | {f"training/label_2/{i}.txt": line for i in range(3)} | change


def label_studio(edit=lambda tasks: None) -> dict:
    value = {"x": 10, "y": 10, "width": 20, "height": 20, "rectanglelabels": ["cat"]}
    result = {"id": "r", "type": "rectanglelabels", "original_width": W, "original_height": H, "value": value}
    tasks = [
        {"id": i, "data": {"image": f"/data/upload/{i}.png"}, "annotations": [{"id": i, "result": [result]}]}
        for i in range(3)
    ]
    edit(tasks)
    return {f"{i}.png": png(i) for i in range(3)} | {"export.json": tasks}


def cvat(*more: str) -> dict:
    box = '<box label="cat" xtl="5" ytl="5" xbr="20" ybr="15" occluded="0"/>'
    images = [f'<image id="{i}" name="{i}.png" width="{W}" height="{H}">{box}</image>' for i in range(3)]
    text = f"<annotations><version>1.1</version>{''.join((*images, *more))}</annotations>"
    return {f"{i}.png": png(i) for i in range(3)} | {"annotations.xml": text}


def scalabel(edit=lambda frames: None) -> dict:
    label = {"id": "1", "category": "cat", "box2d": {"x1": 5, "y1": 5, "x2": 20, "y2": 15}}
    frames = [{"name": f"{i}.png", "attributes": {"weather": "fog"}, "labels": [label]} for i in range(3)]
    edit(frames)
    return {f"images/{i}.png": png(i) for i in range(3)} | {"labels/det.json": frames}


def cityscapes(**change) -> dict:
    outline = {"label": "car", "polygon": [[5, 5], [20, 5], [20, 15]]}
    content = {"imgWidth": W, "imgHeight": H, "objects": [outline]}
    files = {f"leftImg8bit/train/ulm/ulm_00000{i}_000000_leftImg8bit.png": png(i) for i in range(3)}
    files |= {f"gtFine/train/ulm/ulm_00000{i}_000000_gtFine_polygons.json": content for i in range(3)}
    return files | change


def folders(**change) -> dict:
    return {f"{c}/{i}.png": png(i) for c in ("cat", "dog") for i in range(2)} | change


def listing(text: str) -> dict:
    return {f"images/{i}.png": png(i) for i in range(3)} | {"labels.csv": text}


def metadata(lines: list) -> dict:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return {f"{i}.png": png(i) for i in range(3)} | {"metadata.jsonl": text}


ROW = {"file_name": "0.png", "label": "a"}
CUT, EMPTY, WORD = png(7)[:-30], b"", b"not a picture"

# what is wrong: (format, files, records that remain, what the finding says)
CASES = {
    "folders: a cut picture": ("image_folder", folders(**{"cat/0.png": CUT}), 3, r"cat/0\.png is damaged"),
    "folders: an empty picture": ("image_folder", folders(**{"cat/0.png": EMPTY}), 3, r"cat/0\.png is empty"),
    "folders: a text called png": ("image_folder", folders(**{"cat/0.png": WORD}), 3, r"cat/0\.png is no readable"),
    "folders: a picture at the top": ("image_folder", folders(**{"preview.png": png()}), 4, "in no class folder"),
    "voc: an unparsable XML": ("voc", voc(**{"Annotations/1.xml": "<annotation>"}), 2, r"1\.xml is damaged XML"),
    "voc: an XML with entities": (
        "voc",
        voc(**{"Annotations/1.xml": '<!DOCTYPE a [<!ENTITY b "c">]><annotation/>'}),
        2,
        r"1\.xml declares entities",
    ),
    "voc: a cut picture": ("voc", voc(**{"JPEGImages/1.png": CUT}), 2, r"1\.png is damaged"),
    "voc: a mask picture that is cut": (
        "voc",
        voc(**{"SegmentationObject/1.png": CUT}),
        3,
        r"SegmentationObject/1\.png is damaged",
    ),
    "voc: a class that the list does not name": (
        "voc",
        voc(**{"classes.txt": "cat\n", "Annotations/1.xml": xml("1.png", label="cta")}),
        3,
        r"classes\.txt: does not name 1 classes that are there \(\['cta'\]\)",
    ),
    "coco: an image without an id": (
        "coco",
        coco(lambda c: c["images"].__setitem__(2, {"file_name": "2.png"})),
        2,
        "image number 3: has no id",
    ),
    "coco: the first image without a name": (
        "coco",
        coco(lambda c: c["images"].insert(0, {"id": 77})),
        3,
        "image number 1: has no file_name",
    ),
    "coco: two images with one id": (
        "coco",
        coco(lambda c: c["images"].append({"id": 2, "file_name": "1.png"})),
        3,
        "image number 4: has the id 2 of another image",
    ),
    "coco: an image that is listed twice": (
        "coco",
        coco(lambda c: c["images"].append({"id": 9, "file_name": "1.png"})),
        3,
        r"image 9: images/1\.png has an entry already",
    ),
    "coco: an image that is no object": ("coco", coco(lambda c: c["images"].append(5)), 3, "is no object: 5"),
    "coco: an annotation that is no object": (
        "coco",
        coco(lambda c: c["annotations"].append("x")),
        3,
        "annotation number 4: is no object",
    ),
    "coco: two categories with one id": (
        "coco",
        coco(lambda c: c["categories"].append({"id": 2, "name": "cow"})),
        3,
        "two categories have the id 2, 'dog' and 'cow'; neither is used",
    ),
    "coco: a category without a name": (
        "coco",
        coco(lambda c: c["categories"].append({"id": 3})),
        3,
        "category {'id': 3} has no name",
    ),
    "coco: a box with NaN": (
        "coco",
        coco(lambda c: c["annotations"][1].update(bbox=[float("nan"), 5, 5, 5])),
        3,
        "annotation 1: box of 'dog' has values that are no finite numbers",
    ),
    "coco: an area of -Infinity is nobody's business": (
        "coco",
        coco(lambda c: c["annotations"][1].update(area=float("-inf"), category_id=5)),
        3,
        "annotation 1: has the category 5",
    ),
    "coco: a box of nothing": (
        "coco",
        coco(lambda c: c["annotations"][1].update(bbox=[5, 5, 0, 5])),
        3,
        "annotation 1: box of 'dog' is 0 x 5 pixels",
    ),
    "yolo: a class beyond the names": (
        "yolo",
        yolo(**{"labels/1.txt": "7 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.1 0.1\n"}),
        3,
        r"labels/1\.txt, line 1: has the class 7, but there are only 2 names",
    ),
    "yolo: labels that are no text": (
        "yolo",
        yolo(**{"labels/1.txt": b"\xff\xfe\xfa"}),
        2,
        r"labels/1\.txt is no UTF-8",
    ),
    "yolo: a cut picture": ("yolo", yolo(**{"images/1.png": CUT}), 2, r"images/1\.png is damaged"),
    "kitti: labels that are no text": (
        "kitti",
        kitti(**{"training/label_2/1.txt": b"\xff\xfe\xfa"}),
        2,
        r"label_2/1\.txt is no UTF-8",
    ),
    "kitti: a cut picture": ("kitti", kitti(**{"training/image_2/1.png": CUT}), 2, r"image_2/1\.png is damaged"),
    "label studio: two tasks of one picture": (
        "label_studio",
        label_studio(lambda t: t.append({**t[1], "id": 9})),
        3,
        r"task 9: 1\.png has an entry already",
    ),
    "label studio: a task that is none": (
        "label_studio",
        label_studio(lambda t: t.append({"id": 8})),
        3,
        "task number 4: is no object with data",
    ),
    "cvat: a picture that is listed twice": (
        "cvat",
        cvat(f'<image id="9" name="1.png" width="{W}" height="{H}"></image>'),
        3,
        r"image '1\.png': 1\.png has an entry already",
    ),
    "scalabel: a frame that is no object": ("bdd100k", scalabel(lambda f: f.append(3)), 3, "frame 3 is no object"),
    "scalabel: a frame that is listed twice": (
        "bdd100k",
        scalabel(lambda f: f.append(f[1])),
        3,
        r"images/1\.png has an entry already",
    ),
    "cityscapes: a damaged JSON": (
        "cityscapes",
        cityscapes(**{"gtFine/train/ulm/ulm_000001_000000_gtFine_polygons.json": '{"objects": ['}),
        2,
        r"ulm_000001_000000_gtFine_polygons\.json is damaged JSON",
    ),
    "listing: a cut picture": (
        "picture_table",
        listing("file,label\n0.png,a\n1.png,b\n2.png,a\n") | {"images/1.png": CUT},
        2,
        r"images/1\.png is damaged",
    ),
    "hub: a damaged line of metadata.jsonl": (
        "huggingface",
        metadata([ROW, '{"file_name": "1.png", "lab', {**ROW, "file_name": "2.png"}]),
        2,
        r"metadata\.jsonl, line 2: is damaged JSON",
    ),
    "hub: a cut picture": (
        "huggingface",
        metadata([ROW, {**ROW, "file_name": "1.png"}]) | {"1.png": CUT},
        1,
        r"1\.png is damaged",
    ),
    "hub: a name that leads out": (
        "huggingface",
        metadata([ROW, {**ROW, "file_name": "../9.png"}]),
        1,
        r"'\.\./9\.png' is not there",
    ),
    "documents: a row with too few cells": (
        "documents",
        listing("") | {"documents.csv": "path,annotation\nimages/0.png,a\nimages/1.png\nimages/2.png,b\n"},
        2,
        r"documents\.csv, row 3: has 1 cells, the header 2",
    ),
    "documents: a picture in two rows": (
        "documents",
        listing("") | {"documents.csv": "path,annotation\nimages/0.png,a\nimages/0.png,b\n"},
        1,
        r"row 3: 'images/0\.png' has an entry already",
    ),
    "documents: a path of another machine": (
        "documents",
        listing("") | {"documents.csv": "path,annotation\nimages/0.png,a\n/mnt/x/9.png,b\n"},
        1,
        r"row 3: its picture '/mnt/x/9\.png' is not there.*root=",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_one_bad_part_is_one_finding_and_the_rest_comes_in(case, tmp_path):
    format, files, remain, says = CASES[case]
    root = put(tmp_path / "set", files)
    source = read(root, format)
    # an image or a category that is left out takes its annotation with it
    with pytest.warns(UserWarning, match=r"skipped (1 faulty entry: |2 faulty entries; )"):
        records = list(source.records())
    assert len(records) == remain
    assert re.search(says, source.findings()[0]), source.findings()
    with pytest.raises(VemlError, match=says):
        list(read(root, format, strict=True).records())


def test_a_member_of_an_archive_with_a_wrong_checksum_is_left_out(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as z:
        for name, content in folders().items():
            z.writestr(name, content)
    raw = bytearray((tmp_path / "set.zip").read_bytes())
    at = raw.find(png(1)) + 60  # within the bytes of cat/1.png
    raw[at] ^= 0xFF
    (tmp_path / "set.zip").write_bytes(raw)
    source = read(tmp_path / "set.zip")
    assert [r.uri for r in quietly(source)] == ["cat/0.png", "dog/0.png", "dog/1.png"]
    assert "cat/1.png" in source.findings()[0]
    with pytest.raises(BadData, match=r"cat/1\.png"):
        list(read(tmp_path / "set.zip", strict=True).records())


def test_a_member_of_an_archive_with_a_damaged_name_is_left_out_and_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as z:
        for i, name in enumerate(("pets/cat/é0.png", "pets/cat/1.png", "pets/dog/0.png", "pets/dog/1.png")):
            z.writestr(name, png(i))
    raw = bytearray((tmp_path / "pets.zip").read_bytes())
    raw[raw.index("pets/cat/é0.png".encode()) + 9] = 0xFF  # in the head of the member, not in the list at the end
    (tmp_path / "pets.zip").write_bytes(raw)
    source = read(tmp_path / "pets.zip")
    assert [r.uri for r in quietly(source)] == ["pets/cat/1.png", "pets/dog/0.png", "pets/dog/1.png"]
    assert "pets/cat/é0.png is damaged" in source.findings()[0]
    with pytest.raises(BadData, match=r"pets/cat/é0\.png is damaged"):
        list(read(tmp_path / "pets.zip", strict=True).records())


@pytest.mark.parametrize("at", range(10, 110, 4))
def test_an_array_with_a_damaged_head_is_one_error_that_names_file_and_array(at, tmp_path):
    import numpy as np

    np.savez(tmp_path / "speed.npz", values=np.arange(40.0).reshape(20, 2))
    raw = bytearray((tmp_path / "speed.npz").read_bytes())
    begin = raw.index(b"\x93NUMPY")
    raw[begin + at : begin + at + 3] = b"(\n'"
    # the checksum of the member must fit, or the archive is refused before its array is looked at
    import zlib

    size = len(raw[begin : raw.index(b"PK\x01\x02")])
    for place in (raw.index(b"PK\x03\x04") + 14, raw.index(b"PK\x01\x02") + 16):
        raw[place : place + 4] = zlib.crc32(bytes(raw[begin : begin + size])).to_bytes(4, "little")
    (tmp_path / "speed.npz").write_bytes(raw)
    try:
        read(tmp_path / "speed.npz", "sensors", window=3, horizon=1)
    except BadData as e:
        assert "speed.npz" in str(e) and "'values' is damaged" in str(e)
    except VemlError as e:  # the head says another shape, of what is there
        assert "speed.npz" in str(e) or "values" in str(e)


def test_an_import_keeps_what_is_whole_and_lists_what_is_not(tmp_path):
    root = put(tmp_path / "set", folders(**{"cat/cut.png": CUT, "dog/empty.png": EMPTY}))
    lab = veml.open(tmp_path / "lab")
    with pytest.warns(UserWarning, match="skipped 2 faulty entries"):
        version = lab.add("pets", read(root), progress=False)
    assert len(version) == 4 and len(version.history.import_report["skipped"]) == 2
    with pytest.raises(BadData, match="2 things would be skipped"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lab.add("strictly", read(root), strict=True, progress=False)
    assert "strictly" not in lab


def boxes(source):
    return [(b.x, b.y, b.w, b.h) for r in quietly(source) for b in r.boxes]


def overshooting(format: str, box: tuple) -> dict:
    x0, y0, x1, y1 = box
    if format == "voc":
        return voc(**{f"Annotations/{i}.xml": xml(f"{i}.png", box) for i in range(3)})
    if format == "coco":
        return coco(lambda c: [a.update(bbox=[x0, y0, x1 - x0, y1 - y0]) for a in c["annotations"]])
    if format == "kitti":
        line = f"Car 0 0 0 {x0} {y0} {x1} {y1} 1 1 1 1 1 1 0\n"
        return kitti(**{f"training/label_2/{i}.txt": line for i in range(3)})
    cx, cy, w, h = (x0 + x1) / 2 / W, (y0 + y1) / 2 / H, (x1 - x0) / W, (y1 - y0) / H
    return yolo(**{f"labels/{i}.txt": f"0 {cx} {cy} {w} {h}\n" for i in range(3)})


@pytest.mark.parametrize("format", ["voc", "coco", "kitti", "yolo"])
def test_boxes_over_the_border_are_cut_and_counted_or_kept_or_dropped(format, tmp_path):
    root = put(tmp_path / "set", overshooting(format, (10, 5, 50, 20)))
    cut, kept, dropped = (read(root, format, boxes=how) for how in ("clip", "keep", "drop"))
    assert boxes(cut) == [pytest.approx((10, 5, 30, 15))] * 3 and cut.counts() == {"boxes_cut": 3}
    assert boxes(kept) == [pytest.approx((10, 5, 40, 15))] * 3 and kept.counts() == {"boxes_over_the_border": 3}
    assert boxes(dropped) == [] and len(dropped.findings()) == 3
    assert boxes(read(root, format)) == boxes(cut)  # the default
    assert all("was cut" in line for line in cut.findings()) and not kept.findings()
    with pytest.raises(VemlError, match=r"no way with boxes .*'cut'; known: clip"):
        read(root, format, boxes="cut")


def test_a_box_outside_of_its_picture_is_left_out_whatever_is_done_with_the_border(tmp_path):
    root = put(tmp_path / "set", overshooting("voc", (50, 5, 60, 20)))
    for how in ("clip", "keep", "drop"):
        source = read(root, boxes=how)
        assert boxes(source) == [] and "lies outside its picture" in source.findings()[0] and not source.counts()


def test_the_command_line_takes_boxes_and_the_report_counts_them(tmp_path, capsys):
    from veml_lab.cli import main

    root, lab = put(tmp_path / "set", overshooting("voc", (10, 5, 50, 20))), str(tmp_path / "lab")
    assert main(["add", lab, "cut", str(root)]) == 0
    assert main(["add", lab, "kept", str(root), "--boxes", "keep"]) == 0
    assert main(["report", lab, "cut"]) == 0
    assert "boxes cut at the border of their picture: 3" in capsys.readouterr().out
    assert main(["report", lab, "kept"]) == 0
    assert "boxes over the border of their picture, left as they are: 3" in capsys.readouterr().out
    assert main(["add", lab, "other", str(put(tmp_path / "f", folders())), "--boxes", "keep"]) == 2
    assert "no option of the format image_folder 'boxes'" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["all boxes bad", "of another size"])
def test_a_picture_that_lost_all_its_annotations_stays_and_is_not_one_with_boxes(what, tmp_path):
    bad = xml("1.png", (9, 9, 9, 9)) if what == "all boxes bad" else xml("1.png").replace(f">{W}<", ">77<")
    empty = "<annotation></annotation>"  # looked at, and nothing there
    root = put(tmp_path / "set", voc(**{"Annotations/1.xml": bad, "Annotations/2.xml": empty}))
    with pytest.warns(UserWarning, match="1 pictures have lost all their annotations and stay without any"):
        version = veml.open(tmp_path / "lab").add("set", read(root), progress=False)
    assert len(version) == 3 and version.summary().startswith("3 images, 2 with boxes")
    assert version.history.import_report["counts"] == {"pictures_emptied": 1}
    assert "pictures whose annotations were all left out: 1" in repr(version.history.import_report)


def test_parts_of_an_import_say_their_own_share_of_emptied_pictures(tmp_path):
    lists = {"ImageSets/Main/train.txt": "0\n1\n", "ImageSets/Main/test.txt": "2\n"}
    root = put(tmp_path / "set", voc(**lists, **{"Annotations/1.xml": xml("1.png", (9, 9, 9, 9))}))
    lab = veml.open(tmp_path / "lab")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lab.add("set", read(root), progress=False)
    assert lab["set-train"].summary().startswith("2 images, 1 with boxes")
    assert lab["set-test"].summary().startswith("1 images with boxes")


def test_annotations_of_other_classes_than_those_asked_for_are_left_out(tmp_path):
    root = put(tmp_path / "set", voc(**{"Annotations/1.xml": xml("1.png", label="dog")}))
    source = read(root, classes=["cat"])
    assert [[b.label for b in r.boxes] for r in quietly(source)] == [["cat"], [], ["cat"]]
    assert "'dog', which is not among the 1 classes" in source.findings()[0]
    with pytest.raises(BadData, match=r"no annotation of the classes \['Cat'\]; it has those of \['cat', 'dog'\]"):
        read(root, classes=["Cat"])


def test_names_that_fit_no_number_of_a_yolo_set_are_an_error(tmp_path):
    files = yolo(**{f"labels/{i}.txt": f"{i + 2} 0.5 0.5 0.2 0.2\n" for i in range(3)})
    with pytest.raises(BadData, match="no line has a class that is named"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read(put(tmp_path / "set", files))


def test_of_two_entries_of_a_picture_the_one_with_annotations_is_kept(tmp_path):
    files = label_studio(lambda t: t.insert(0, {"id": 9, "data": t[1]["data"], "annotations": []}))
    records = {r.uri: r for r in quietly(read(put(tmp_path / "set", files)))}
    assert len(records["1.png"].boxes) == 1 and not records["1.png"].emptied


def test_a_category_id_of_two_names_gives_its_annotations_neither(tmp_path):
    source = read(put(tmp_path / "set", coco(lambda c: c["categories"].append({"id": 2, "name": "cow"}))))
    assert [[b.label for b in r.boxes] for r in quietly(source)] == [["cat"], [], ["cat"]]
    assert any("annotation 1: has the category 2, which is not listed" in line for line in source.findings())


@pytest.mark.parametrize("first", [True, False])
def test_of_two_entries_of_a_coco_image_the_one_with_annotations_is_kept(first, tmp_path):
    def twice(content):
        content["images"].insert(0 if first else 3, {"id": 9, "file_name": "1.png"})  # no annotation has this id

    boxes = {r.uri: len(r.boxes) for r in quietly(read(put(tmp_path / "set", coco(twice))))}
    assert boxes == {f"images/{i}.png": 1 for i in range(3)}


def test_a_second_row_of_a_picture_is_a_finding_where_the_column_is_named(tmp_path):
    root = put(tmp_path / "set", listing("file,label\n0.png,a\n1.png,b\n2.png,a\n0.png,b\n"))
    source = read(root, "picture_table", file="file")
    assert [r.label for r in quietly(source)] == ["a", "b", "a"]
    assert "row 5: images/0.png has an entry already" in source.findings()[0]


def test_a_folder_of_bdd_labels_with_one_damaged_file_gives_the_others(tmp_path):
    content = {
        "attributes": {"weather": "fog"},
        "frames": [{"objects": [{"category": "car", "box2d": {"x1": 5, "y1": 5, "x2": 20, "y2": 15}}]}],
    }
    files = {f"images/{i}.jpg": png(i) for i in range(3)}
    files |= {f"labels/{i}.json": {"name": str(i), **content} for i in range(3)} | {
        "labels/1.json": '{"name": "1", "fra'
    }
    source = read(put(tmp_path / "set", files), "bdd100k")
    assert [r.uri for r in quietly(source)] == ["images/0.jpg", "images/2.jpg"]
    assert "labels/1.json is damaged" in source.findings()[0]


def test_a_struct_column_of_a_table_is_left_out_and_told(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"x": [1, 2], "at": [{"lat": 1.0, "lon": 2.0}] * 2}), tmp_path / "t.parquet")
    source = read(tmp_path / "t.parquet")
    assert [dict(r.columns) for r in quietly(source)] == [{"x": 1}, {"x": 2}]
    assert "the column 'at' is of type struct<" in source.findings()[0] and len(source.findings()) == 1


def test_a_picture_too_long_for_a_lab_is_left_out_of_an_import(tmp_path):
    root = put(tmp_path / "set", folders(**{"cat/long.png": png(1, (70_000, 1))}))
    version = veml.open(tmp_path / "lab").add("set", read(root), progress=False)
    assert len(version) == 4 and "70000 x 1 pixels" in version.history.import_report["skipped"][0]


def test_a_damaged_video_among_others_is_left_out(tmp_path):
    av = pytest.importorskip("av")
    import numpy as np

    for name in ("a.mp4", "b.mp4"):
        with av.open(str(tmp_path / name), "w") as out:
            stream = out.add_stream("mpeg4", rate=5)
            stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
            for i in range(10):
                frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), i * 20, np.uint8), format="rgb24")
                out.mux(stream.encode(frame))
            out.mux(stream.encode())
    (tmp_path / "b.mp4").write_bytes((tmp_path / "b.mp4").read_bytes()[:200])
    source = read(tmp_path, every=5)
    assert {r.columns["video"] for r in quietly(source)} == {"a.mp4"} and "b.mp4" in source.findings()[0]
    with pytest.raises(BadData, match=r"b\.mp4"):
        read(tmp_path, every=5, strict=True)
