"""Two places of a set that say different things of the same: a finding or an error that names both."""

import json
import re
import warnings

import pytest
from wild_files import coco_of, voc_of

from veml_lab.errors import BadInput
from veml_lab.formats import read

LINE = "0 0.5 0.5 0.2 0.2\n"
YOLO = {"images/a.jpg": None, "images/b.jpg": None, "labels/a.txt": LINE, "labels/b.txt": LINE}
VOC = {"JPEGImages/a.jpg": None, "JPEGImages/b.jpg": None, "Annotations/a.xml": voc_of(), "Annotations/b.xml": voc_of()}
CATS = {"cat/a.jpg": None, "dog/b.jpg": None}
ROWS = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax\na,x,/m/1,1,0.1,0.5,0.1,0.5\n"


def with_categories(*named: tuple[int, str]) -> dict:
    return coco_of("a.jpg") | {"categories": [{"id": k, "name": n} for k, n in named]}


def of_size(width: int, label: str = "cat") -> dict:
    said = coco_of("a.jpg", label=label)
    said["images"][0]["width"] = width
    return said


FOUND = {
    "nc is not the number of names": (
        YOLO | {"data.yaml": "nc: 3\nnames: [cat, dog]\n"},
        r"data\.yaml: says nc: 3, but names 2 classes",
    ),
    "a number without a name": (
        YOLO | {"data.yaml": "names: {0: cat, 2: dog}\n"},
        r"data\.yaml: has no name for the classes \[1\]",
    ),
    "names twice": (YOLO | {"data.yaml": "names: [cat]\nnames: [dog]\n"}, r"data\.yaml: has 'names' twice"),
    "a number twice": (YOLO | {"data.yaml": "names:\n  0: cat\n  0: dog\n"}, r"data\.yaml: has '0' twice"),
    "obj.data counts otherwise": (
        YOLO | {"obj.names": "cat\n", "obj.data": "classes = 5\nnames = obj.names\n"},
        r"obj\.data: says classes = 5, but obj\.names names 1",
    ),
    "classes.txt is in another order": (
        YOLO | {"data.yaml": "names: [cat, dog]\n", "classes.txt": "dog\ncat\n"},
        r"classes\.txt: names other classes than data\.yaml",
    ),
    "a deeper description": (
        YOLO | {"data.yaml": "names: [cat, dog]\n", "old/data.yaml": "names: [dog, cat]\n"},
        r"old/data\.yaml: names other classes than data\.yaml",
    ),
    "lists of a YOLO set": (
        YOLO
        | {"data.yaml": "names: [cat]\ntrain: train.txt\nval: val.txt\n"}
        | {"train.txt": "images/a.jpg\nimages/b.jpg\n", "val.txt": "images/b.jpg\n"},
        r"val\.txt: 1 picture is in train\.txt too \(images/b\.jpg\)",
    ),
    "a part of the pictures in two parts": (
        {"images/x/a.jpg": None, "images/y/b.jpg": None, "labels/x/a.txt": LINE, "labels/y/b.txt": LINE}
        | {"data.yaml": "names: [cat]\ntrain: images\nval: images/y\n"},
        r"data\.yaml: puts 1 of its pictures into two parts \(images/y/b\.jpg",
    ),
    "ImageSets": (
        VOC | {"ImageSets/Main/train.txt": "a\nb\n", "ImageSets/Main/test.txt": "b\n"},
        r"Main/test\.txt: 1 picture is in ImageSets/Main/train\.txt too",
    ),
    "lists beside class folders": (
        CATS | {"train.txt": "cat/a.jpg\ndog/b.jpg\n", "test.txt": "cat/a.jpg\ndog/b.jpg\n"},
        r"test\.txt: 2 pictures are in train\.txt too \(cat/a\.jpg \.\.\.\), and belong to that",
    ),
    "two entries of a picture": (VOC | {"xmls/a.xml": voc_of("bus")}, r"xmls/a\.xml: JPEGImages/a\.jpg has an entry"),
    "JSON files of two parts": (
        {"a.jpg": None, "b.jpg": None, "instances_train.json": coco_of("a.jpg", "b.jpg")}
        | {"instances_val.json": coco_of("b.jpg")},
        r"instances_val\.json: 1 picture is in instances_train\.json too \(b\.jpg\)",
    ),
    "a category with two ids": (
        {"a.jpg": None, "x.json": with_categories((1, "cat"), (2, "cat"))},
        r"x\.json: names the class 'cat' for the ids \[1, 2\]",
    ),
    "an id with two categories": (
        {"a.jpg": None, "x.json": with_categories((1, "cat"), (1, "dog"), (2, "cow"))},
        r"x\.json: two categories have the id 1, 'cat' and 'dog'",
    ),
    "two sizes of a picture": (
        {"a.jpg": None, "x.json": of_size(64), "y.json": of_size(99)},
        r"y\.json, image 1: is 99 x 48, but x\.json says otherwise",
    ),
    "tables of two parts of Open Images": (
        {"a.jpg": None, "train-annotations-bbox.csv": ROWS, "validation-annotations-bbox.csv": ROWS},
        r"validation-annotations-bbox\.csv: 1 picture is in train-annotations-bbox\.csv too",
    ),
}

REFUSED = {
    "a category called otherwise in another file": (
        {
            "a.jpg": None,
            "b.jpg": None,
            "x.json": coco_of("a.jpg", label="cat"),
            "y.json": coco_of("b.jpg", label="dog"),
        },
        r"y\.json calls the category 1 'dog', another file of the set 'cat'",
    ),
    "two descriptions side by side": (
        YOLO | {"x.yaml": "names: [cat, dog]\n", "y.yaml": "names: [dog, cat]\n"},
        r"x\.yaml and y\.yaml name different classes; say classes=",
    ),
    "two lists of classes": (
        YOLO | {"classes.txt": "cat\ndog\n", "obj.names": "dog\ncat\n"},
        r"name different classes; say classes=",
    ),
    "a code of Open Images called twice": (
        {"a.jpg": None, "train-annotations-bbox.csv": ROWS, "class-descriptions.csv": "/m/1,Cat\n/m/1,Dog\n"},
        r"class-descriptions\.csv calls /m/1 'Dog', but it is called 'Cat' before",
    ),
}


@pytest.mark.parametrize("what", FOUND)
def test_it_is_a_finding_that_names_both_and_strict_stops_there(what, folder_of):
    files, said = FOUND[what]
    root = folder_of(files)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = read(root)
        assert list(source.records())

        assert re.search(said, "\n".join(source.findings())), source.findings()
        with pytest.raises(BadInput, match=said):
            list(read(root, strict=True).records())


@pytest.mark.parametrize("what", REFUSED)
def test_where_nobody_could_tell_what_holds_it_is_an_error(what, folder_of):
    files, said = REFUSED[what]
    with pytest.raises(BadInput, match=said):
        read(folder_of(files))


@pytest.mark.parametrize("what", ["two descriptions side by side", "two lists of classes"])
def test_the_way_out_that_the_error_names_is_one(what, folder_of):
    source = read(folder_of(REFUSED[what][0]), classes=["dog", "cat"])
    assert source.classes == ("dog", "cat") and source.findings() == []


def test_one_of_two_descriptions_may_be_named(folder_of):
    root = folder_of(REFUSED["two descriptions side by side"][0])
    assert read(root / "y.yaml").classes == ("dog", "cat") and read(root / "x.yaml").classes == ("cat", "dog")


AGREE = {
    "nc": YOLO | {"data.yaml": "nc: 2\nnames: [cat, dog]\n", "classes.txt": "cat\ndog\n"},
    "one folder for both parts": YOLO | {"data.yaml": "names: [cat]\ntrain: images\nval: images\n"},
    "the same list twice": YOLO | {"data.yaml": "names: [cat]\n", "train.txt": "images/a.jpg\nimages/a.jpg\n"},
    "trainval beside train and val": VOC
    | {f"ImageSets/Main/{k}.txt": v for k, v in (("train", "a\n"), ("val", "b\n"), ("trainval", "a\nb\n"))},
    "classes of obj.data": YOLO | {"obj.names": "cat\n", "obj.data": "classes = 1\nnames = obj.names\n"},
    "two files of one part": {"a.jpg": None, "instances_train.json": coco_of("a.jpg")}
    | {"person_keypoints_train.json": coco_of("a.jpg")},
}


@pytest.mark.parametrize("what", AGREE)
def test_what_agrees_is_no_finding(what, folder_of):
    assert read(folder_of(AGREE[what]), strict=True).findings() == []


def test_two_files_that_count_their_annotations_by_themselves_lose_none(folder_of):
    """Both begin at 1: the same id, another box. What is one object in two files has the same box."""
    files = {"a.jpg": None, "x.json": coco_of("a.jpg"), "y.json": coco_of("a.jpg", box=(1, 1, 4, 4))}
    (record,) = read(folder_of(files)).records()
    assert sorted((b.x, b.y, b.w, b.h) for b in record.boxes) == [(1, 1, 4, 4), (5, 5, 20, 10)]
    masked = coco_of("a.jpg", box=(5, 5, 20.5, 10))
    masked["annotations"][0]["segmentation"] = [[5, 5, 25, 5, 25, 15, 5, 15]]
    same = {"a.jpg": None, "x.json": coco_of("a.jpg"), "y.json": json.dumps(masked)}
    (record,) = read(folder_of(same, "same")).records()
    assert len(record.boxes) == len(record.masks) == 1 and record.boxes[0].instance == record.masks[0].instance >= 0


def test_rows_of_open_images_without_a_picture_are_said_and_are_no_fault(folder_of):
    """Nobody has all nine million pictures."""
    more = ROWS + ROWS.splitlines()[1].replace("a,", "z,") + "\n"
    source = read(folder_of({"a.jpg": None, "train-annotations-bbox.csv": more}), strict=True)
    assert source.note == "1 rows of train-annotations-bbox.csv are of pictures that are not there"
