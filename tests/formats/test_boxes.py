"""Formats with boxes: the numbers that were written come back, bad ones are skipped aloud or raised."""

import json
import tarfile
import warnings

import pytest

from veml_lab.errors import BadData, MissingFile
from veml_lab.formats import read_coco, read_kitti, read_map_txt, read_voc, read_yolo

XML = "<annotation><object><name>car</name><bndbox>{}</bndbox></object></annotation>"


def boxes_of(source):
    return {r.uri: [(b.label, b.x, b.y, b.w, b.h) for b in r.boxes] for r in source.records()}


@pytest.fixture(autouse=True)
def loud():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_voc_corners_become_boxes(voc_folder):
    source = read_voc(voc_folder)
    assert source.classes == ("bus", "car") and source.total == 2
    assert boxes_of(source) == {
        "JPEGImages/a.jpg": [("car", 2, 3, 10, 7), ("bus", 10, 5, 20, 15)],
        "JPEGImages/b.jpg": [],
    }
    assert next(source.records()).boxes[0].attributes == {"truncated": 1}


def test_voc_lists_give_roles_and_a_table_gives_columns(voc_folder):
    (voc_folder / "ImageSets" / "Main").mkdir(parents=True)
    (voc_folder / "ImageSets" / "Main" / "train.txt").write_text("a\n")
    (voc_folder / "ImageSets" / "Main" / "val.txt").write_text("b\n")
    (voc_folder / "conditions.csv").write_text("file,weather,luma,frame\na.jpg,foggy,145.2,7\n")
    records = {r.uri[-5:]: r for r in read_voc(voc_folder).records()}
    assert {k: r.role for k, r in records.items()} == {"a.jpg": "train", "b.jpg": "test"}
    assert records["a.jpg"].columns == {"weather": "foggy", "luma": 145.2, "frame": 7}


BAD_CORNERS = {
    "nan": "<xmin>nan</xmin><ymin>1</ymin><xmax>5</xmax><ymax>6</ymax>",
    "infinite": "<xmin>1</xmin><ymin>1</ymin><xmax>1e999</xmax><ymax>6</ymax>",
    "inverted": "<xmin>9</xmin><ymin>1</ymin><xmax>5</xmax><ymax>6</ymax>",
    "empty": "<xmin>5</xmin><ymin>1</ymin><xmax>5</xmax><ymax>6</ymax>",
    "missing": "<xmin>5</xmin>",
    "outside": "<xmin>500</xmin><ymin>1</ymin><xmax>560</xmax><ymax>6</ymax>",
}


@pytest.mark.parametrize("corners", BAD_CORNERS.values(), ids=BAD_CORNERS)
def test_a_bad_box_is_skipped_with_one_warning_or_raised(voc_folder, corners):
    (voc_folder / "Annotations" / "b.xml").write_text(XML.format(corners))
    with pytest.warns(UserWarning, match=r"skipped 1 faulty entry: .*b\.xml, object 1: box of 'car'"):
        records = list(read_voc(voc_folder).records())
    assert [len(r.boxes) for r in records] == [2, 0]
    with pytest.raises(BadData, match=r"b\.xml, object 1"):
        list(read_voc(voc_folder, strict=True).records())


def test_a_box_a_little_over_the_border_is_cut_without_a_word(voc_folder):
    corners = "<xmin>-1</xmin><ymin>1</ymin><xmax>33</xmax><ymax>6</ymax>"
    (voc_folder / "Annotations" / "b.xml").write_text(XML.format(corners))
    assert boxes_of(read_voc(voc_folder, strict=True))["JPEGImages/b.jpg"] == [("car", 0, 1, 32, 5)]


BOMB = """<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<annotation><object><name>&b;</name></object></annotation>"""
FETCH = (
    '<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><object><name>&x;</name></object></annotation>'
)


@pytest.mark.parametrize("xml", [BOMB, FETCH, "<annotation><object>"])
def test_xml_with_entities_or_cut_off_is_left_out_and_its_picture_too(voc_folder, xml):
    (voc_folder / "Annotations" / "b.xml").write_text(xml)
    with pytest.warns(UserWarning, match=r"skipped 1 .*b\.xml (declares entities|is damaged XML)"):
        assert list(boxes_of(read_voc(voc_folder))) == ["JPEGImages/a.jpg"]
    with pytest.raises(BadData, match=r"b\.xml (declares entities|is damaged XML)"):
        read_voc(voc_folder, strict=True)


def test_boxes_for_a_picture_of_another_size_are_not_used(voc_folder, picture):
    (voc_folder / "JPEGImages" / "a.jpg").write_bytes(picture(1, (64, 48)))
    with pytest.warns(UserWarning, match="says that the picture is 32 x 24, but .* is 64 x 48"):
        assert boxes_of(read_voc(voc_folder))["JPEGImages/a.jpg"] == []


def test_coco_classes_are_in_the_order_of_their_ids(coco_folder):
    source = read_coco(coco_folder)
    assert source.classes == ("bus", "car")
    assert boxes_of(source) == {
        "images/1.jpg": [("car", 2, 3, 10, 7), ("bus", 10.5, 5, 20, 15)],
        "images/2.jpg": [("car", 0, 0, 32, 24)],
    }
    first = next(source.records())
    assert first.role == "train" and [b.attributes for b in first.boxes] == [{}, {"iscrowd": 1}]
    assert boxes_of(read_coco(coco_folder / "annotations" / "instances_train.json")) == boxes_of(source)


def test_coco_agrees_with_pycocotools(coco_folder, capsys):
    coco = pytest.importorskip("pycocotools.coco").COCO(coco_folder / "annotations" / "instances_train.json")
    for r in read_coco(coco_folder).records():
        theirs = coco.loadAnns(coco.getAnnIds(imgIds=int(r.uri[7:-4])))
        names = [coco.cats[a["category_id"]]["name"] for a in theirs]
        assert [(b.label, [b.x, b.y, b.w, b.h]) for b in r.boxes] == [(n, a["bbox"]) for n, a in zip(names, theirs)]


def edit(coco_folder, change):
    file = coco_folder / "annotations" / "instances_train.json"
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda c: c["annotations"][0].update(bbox=[None, 1, 2, 3]), "no finite numbers"),
        (lambda c: c["annotations"][0].update(bbox=[1, 1, -2, 3]), "is -2 x 3 pixels"),
        (lambda c: c["annotations"][0].update(bbox=[1, 1, 2]), "no bbox of four numbers"),
        (lambda c: c["annotations"][0].update(bbox=["much", 1, 2, 3]), "no finite numbers"),
        (lambda c: c["annotations"][0].update(image_id=99), "image 99, which is not listed"),
        (lambda c: c["annotations"][0].update(category_id=None), "category None, which is not listed"),
    ],
)
def test_a_bad_coco_annotation_is_skipped_aloud_or_raised(coco_folder, change, says):
    edit(coco_folder, change)
    with pytest.warns(UserWarning, match=f"skipped 1 .*annotation 1: .*{says}"):
        assert sum(len(r.boxes) for r in read_coco(coco_folder).records()) == 2
    with pytest.raises(BadData, match=says):
        list(read_coco(coco_folder, strict=True).records())


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda c: c.update(images=[1]), "image number 1 is no object: 1"),
        (lambda c: c["annotations"][0].update(bbox=[10**400, 1, 2, 3]), "damaged or no JSON"),
    ],
)
def test_a_coco_file_of_which_nothing_can_be_used_is_refused(coco_folder, change, says):
    edit(coco_folder, change)
    with pytest.raises((BadData, MissingFile), match=says):
        read_coco(coco_folder)


@pytest.mark.parametrize("at", [*range(7), 2000])
def test_nan_is_no_number_wherever_the_pieces_of_the_file_are_cut(at, monkeypatch):
    from io import BytesIO

    from veml_lab.sources import jsonstream

    monkeypatch.setattr(jsonstream, "_CHUNK", 7 + at)
    text = b'[{"a": NaN, "b \\" NaN": "Infinity -", "c": [-Infinity, 1, Infinity], "NaN": "x\\\\"}, NaN]'
    wanted = [{"a": None, 'b " NaN': "Infinity -", "c": [None, 1, None], "NaN": "x\\"}, None]
    assert list(jsonstream.items(BytesIO(text), "t.json", "item")) == wanted
    # in UTF-16 a piece may end within a sign, as here where pieces have an odd number of bytes
    wide = text.decode().replace("x", "\U0001f600").encode("utf-16")
    wanted[0]["NaN"] = "\U0001f600\\"
    assert list(jsonstream.items(BytesIO(wide), "t.json", "item")) == wanted


def test_deeply_nested_json_is_refused_without_a_crash(coco_folder):
    (coco_folder / "annotations" / "instances_train.json").write_text("[" * 100_000)
    with pytest.raises(BadData, match="nested deeper than 100 brackets"):
        read_coco(coco_folder)


def test_a_coco_file_finds_the_folder_that_holds_most_of_its_pictures(coco_folder, picture):
    (coco_folder / "other").mkdir()
    (coco_folder / "other" / "1.jpg").write_bytes(picture(9))
    assert set(boxes_of(read_coco(coco_folder))) == {"images/1.jpg", "images/2.jpg"}


KITTI = "{} 0.88 3 -0.69 2.00 3.00 12.00 10.00 1.60 1.57 3.23 -2.70 1.74 3.68 -1.29\n"


@pytest.fixture
def kitti_folder(tmp_path, picture):
    root = tmp_path / "kitti" / "training"
    for sub in ("image_2", "label_2"):
        (root / sub).mkdir(parents=True)
    (root / "image_2" / "000000.png").write_bytes(picture(1, format="PNG"))
    (root / "label_2" / "000000.txt").write_text(KITTI.format("Car") + KITTI.format("DontCare"))
    return root.parent


def test_kitti_gives_box_and_solid_and_leaves_dont_care_out(kitti_folder):
    source = read_kitti(kitti_folder)
    (record,) = source.records()
    assert source.classes == ("Car",) and record.role == "train"
    assert [(b.label, b.x, b.y, b.w, b.h) for b in record.boxes] == [("Car", 2, 3, 10, 7)]
    assert record.boxes[0].attributes["location"] == [-2.7, 1.74, 3.68]
    assert read_kitti(kitti_folder, dont_care=True).classes == ("Car", "DontCare")


@pytest.mark.parametrize(
    "line",
    ["Car 1 2 3", KITTI.format("Car").replace("0.88", "nan"), KITTI.format("Car").replace("12.00", "1")],
)
def test_a_bad_kitti_line_is_named(kitti_folder, line):
    with (kitti_folder / "training" / "label_2" / "000000.txt").open("a") as f:
        f.write(line)
    with pytest.raises(BadData, match=r"000000\.txt, line 3"):
        read_kitti(kitti_folder, strict=True)
    with pytest.warns(UserWarning, match="skipped 1"):
        list(read_kitti(kitti_folder).records())


def test_map_text_takes_names_of_two_words(tmp_path, picture):
    for sub in ("ground-truth", "images-optional"):
        (tmp_path / sub).mkdir()
    (tmp_path / "images-optional" / "x.jpg").write_bytes(picture())
    (tmp_path / "ground-truth" / "x.txt").write_text("traffic light 2 3 12 10 difficult\nbook 0 0 4 4\n")
    (record,) = read_map_txt(tmp_path).records()
    assert [(b.label, b.w, dict(b.attributes)) for b in record.boxes] == [
        ("traffic light", 10, {"difficult": 1}),
        ("book", 4, {}),
    ]


@pytest.fixture
def yolo_folder(tmp_path, picture):
    root = tmp_path / "yolo"
    for split in ("train", "val"):
        for kind in ("images", "labels"):
            (root / kind / split).mkdir(parents=True)
        (root / "images" / split / "x.jpg").write_bytes(picture(len(split)))
    (root / "labels" / "train" / "x.txt").write_text("1 0.5 0.5 0.25 0.5\n0 0.1 0.1 0.3 0.1 0.3 0.4 0.1 0.4\n")
    (root / "data.yaml").write_text("train: images/train\nval: images/val\nnames:\n  0: bus\n  1: 'car'\n")
    return root


def test_yolo_shares_become_pixels_and_a_polygon_its_box(yolo_folder):
    source = read_yolo(yolo_folder)
    assert source.classes == ("bus", "car")
    records = {r.role: r for r in source.records()}
    car, bus = records["train"].boxes
    assert (car.label, car.x, car.y, car.w, car.h) == ("car", 12, 6, 8, 12)
    assert (bus.label, bus.x, bus.y, bus.w, bus.h) == (
        "bus",
        *(pytest.approx(v) for v in (3.2, 2.4, 6.4, 7.2)),
    )
    assert records["test"].boxes == ()


@pytest.mark.parametrize(
    "line",
    ["0 1 2", "0 nan 0.5 0.1 0.1", "-1 0.5 0.5 0.1 0.1", "0 12 6 8 12", "0 0.5 0.5 0 0.1", "x 1 1 1 1"],
)
def test_a_bad_yolo_line_is_named(yolo_folder, line):
    (yolo_folder / "labels" / "val" / "x.txt").write_text(line)
    with pytest.raises(BadData, match=r"val/x\.txt, line 1"):
        read_yolo(yolo_folder, strict=True)
    with pytest.warns(UserWarning, match="skipped 1"):
        list(read_yolo(yolo_folder).records())


def test_a_yolo_class_without_a_name_is_refused(yolo_folder):
    (yolo_folder / "labels" / "val" / "x.txt").write_text("2 0.5 0.5 0.1 0.1")
    with pytest.warns(UserWarning, match=r"val/x\.txt, line 1: has the class 2, but there are only 2 names"):
        assert [len(r.boxes) for r in read_yolo(yolo_folder).records()] == [2, 0]
    with pytest.raises(BadData, match=r"val/x\.txt, line 1: has the class 2, but there are only 2 names"):
        read_yolo(yolo_folder, strict=True)


@pytest.mark.parametrize(
    "fixture, read",
    [
        ("voc_folder", read_voc),
        ("coco_folder", read_coco),
        ("yolo_folder", read_yolo),
        ("kitti_folder", read_kitti),
    ],
)
def test_an_archive_gives_the_records_of_its_folder(request, tmp_path, fixture, read):
    folder = request.getfixturevalue(fixture)
    with tarfile.open(tmp_path / "set.tar.gz", "w:gz") as t:
        t.add(folder, arcname="top")
    ours = {f"top/{k}": v for k, v in boxes_of(read(folder)).items()}
    packed = read(tmp_path / "set.tar.gz")
    assert boxes_of(packed) == ours and packed.classes == read(folder).classes


@pytest.mark.parametrize("read", [read_voc, read_coco, read_yolo, read_kitti, read_map_txt])
def test_an_empty_folder_says_what_is_missing(tmp_path, read):
    with pytest.raises(MissingFile, match="holds no"):
        read(tmp_path)
