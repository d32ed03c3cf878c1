"""Roles come from what a set says of itself; folders only where it says nothing. One name in several splits is
normal."""

import json

import pytest
from wild_files import coco_of, voc_of

from veml_lab.formats import read

YOLO = "0 0.5 0.5 0.2 0.2\n"


def roles(source):
    return {r.uri: r.role for r in source.records()}


def splits(source):
    return {r.uri: (r.role, r.columns.get("split", "")) for r in source.records()}


def yolo_pairs(*images):
    """Pictures and their labels, which lie beside them."""
    return {n: None for n in images} | {n.rpartition(".")[0] + ".txt": YOLO for n in images}


# What data.yaml says of the pictures a (training) and b (validation), which lie in one folder that names no split.
YAML = {
    "folders": "train: one\nval: two\n",
    "a list of folders": "train: [one]\nval: [two, three]\n",
    "lists of pictures": "train: a.lst.txt\nval: b.lst.txt\n",
    "path: relative to the file": "path: .\ntrain: one\nval: two\n",
    "path: a folder of data sets elsewhere": "path: ../datasets/mine\ntrain: one\nval: two\n",
    "path: absolute, of another machine": "path: /content/mine\ntrain: one\nval: two\n",
    "absolute folders of another machine": "train: /home/u/mine/one\nval: /home/u/mine/two\n",
    "Windows": "train: C:\\mine\\one\nval: C:\\mine\\two\n",
    "Roboflow": "train: ../one\nval: ../two\n",
    "dots": "train: ./one/\nval: ./two/\n",
}


@pytest.mark.parametrize("said", YAML)
def test_data_yaml_gives_the_roles_and_not_the_folders(folder_of, said):
    source = read(
        folder_of(
            yolo_pairs("one/a.jpg", "two/b.jpg")
            | {"data.yaml": YAML[said] + "names: [car]\n"}
            | {"a.lst.txt": "./one/a.jpg\n", "b.lst.txt": "/data/x/two/b.jpg\n"}
        )
    )
    assert roles(source) == {"one/a.jpg": "train", "two/b.jpg": "test"} and source.roles_from == "data.yaml"


def test_data_yaml_in_a_folder_of_its_own_is_relative_to_itself_and_to_path(folder_of):
    files = yolo_pairs("sets/mine/one/a.jpg", "sets/mine/two/b.jpg")
    source = read(folder_of(files | {"sets/mine/data.yaml": "train: one\nval: two\nnames: [car]\n"}))
    assert list(roles(source).values()) == ["train", "test"]
    source = read(folder_of(files | {"sets/my.yaml": "path: mine\ntrain: one\nval: two\nnames: [car]\n"}, "other"))
    assert list(roles(source).values()) == ["train", "test"]


def test_what_is_said_goes_before_a_folder_that_is_called_otherwise(folder_of):
    """Somebody swapped the parts in data.yaml; the folders still have the old names."""
    source = read(
        folder_of(yolo_pairs("train/a.jpg", "val/b.jpg") | {"data.yaml": "train: val\nval: train\nnames: [car]\n"})
    )
    assert roles(source) == {"train/a.jpg": "test", "val/b.jpg": "train"}


def test_validation_beside_a_test_part_keeps_its_name(folder_of):
    source = read(
        folder_of(yolo_pairs("x/a.jpg", "y/b.jpg", "z/c.jpg") | {"d.yaml": "train: x\nval: y\ntest: z\nnames: [car]\n"})
    )
    assert splits(source) == {"x/a.jpg": ("train", ""), "y/b.jpg": ("test", "val"), "z/c.jpg": ("test", "")}


def test_one_folder_for_both_parts_is_no_split(folder_of):
    files = yolo_pairs("all/a.jpg", "all/b.jpg") | {"data.yaml": "train: all\nval: all\nnames: [car]\n"}
    assert set(roles(read(folder_of(files))).values()) == {""}


def test_train_txt_and_valid_txt_of_darknet(folder_of):
    """cvat#7737: the lists of a YOLO 1.1 export are its splits."""
    source = read(
        folder_of(
            yolo_pairs("obj_train_data/a.jpg", "obj_train_data/b.jpg")
            | {
                "obj.names": "car\n",
                "obj.data": "classes = 1\ntrain = data/train.txt\nvalid = data/valid.txt\nnames = data/obj.names\n",
                "train.txt": "data/obj_train_data/a.jpg\n",
                "valid.txt": "data/obj_train_data/b.jpg\n",
            }
        )
    )
    assert roles(source) == {"obj_train_data/a.jpg": "train", "obj_train_data/b.jpg": "test"}
    assert source.roles_from == "obj.data"


@pytest.mark.parametrize(
    "train, val",
    [
        ("train.txt", "val.txt"),
        ("Train.TXT", "Valid.txt"),
        ("lists/train.txt", "lists/test.txt"),
        ("ImageSets/Main/train.txt", "ImageSets/Main/val.txt"),
        ("ImageSets/train.txt", "ImageSets/val.txt"),
        ("ImageSets/Segmentation/train.txt", "ImageSets/Segmentation/val.txt"),
        ("imagesets/main/train.txt", "imagesets/main/val.txt"),
        ("ImageSets/Main/trainval.txt", "ImageSets/Main/test.txt"),
    ],
)
@pytest.mark.parametrize("line", ["{n}", "{n} 1", "{n}.jpg", "images/{n}.jpg", "/data/set/images/{n}.jpg 0"])
def test_lists_of_pictures_give_the_roles_of_voc(folder_of, train, val, line):
    source = read(
        folder_of(
            {"images/a.jpg": None, "images/b.jpg": None, "annotations/a.xml": voc_of(), "annotations/b.xml": voc_of()}
            | {train: line.format(n="a") + "\n", val: line.format(n="b") + "\n"}
        )
    )
    assert source.format == "voc" and roles(source) == {"images/a.jpg": "train", "images/b.jpg": "test"}
    assert not source.unread()


def test_a_list_of_one_class_is_no_list_of_a_split(folder_of):
    source = read(
        folder_of(
            {"JPEGImages/a.jpg": None, "Annotations/a.xml": voc_of(), "ImageSets/Main/car_train.txt": "a  1\n"}
            | {"ImageSets/Main/val.txt": "a\n"}
        )
    )
    assert roles(source) == {"JPEGImages/a.jpg": "test"}


def test_two_years_of_voc_with_the_same_names_keep_their_own_lists(folder_of):
    files = {}
    for year, split in (("VOC2007", "train"), ("VOC2012", "val")):
        files |= {f"{year}/JPEGImages/1.jpg": None, f"{year}/Annotations/1.xml": voc_of(year.lower())}
        files |= {f"{year}/ImageSets/Main/{split}.txt": "1\n"}
    source = read(folder_of(files))
    assert {r.uri: (r.role, r.boxes[0].label) for r in source.records()} == {
        "VOC2007/JPEGImages/1.jpg": ("train", "voc2007"),
        "VOC2012/JPEGImages/1.jpg": ("test", "voc2012"),
    }


def test_roboflow_voc_has_its_splits_in_folders(folder_of):
    files = {f"{s}/1.jpg": None for s in ("train", "valid", "test")}
    source = read(folder_of(files | {f"{s}/1.xml": voc_of(s) for s in ("train", "valid", "test")}))
    assert {r.uri: (r.role, r.columns, r.boxes[0].label) for r in source.records()} == {
        "train/1.jpg": ("train", {}, "train"),
        "valid/1.jpg": ("test", {"split": "valid"}, "valid"),
        "test/1.jpg": ("test", {}, "test"),
    }


def coco_splits(folder_of, picture, file, names=("train", "valid", "test")):
    """Each split has its own file, and a picture 001.jpg with a box of a width of its own."""
    files = {}
    for i, s in enumerate(names):
        files |= {picture.format(s=s): None, file.format(s=s): coco_of("001.jpg", box=(5, 5, 20 + i, 10))}
    return read(folder_of(files))


@pytest.mark.parametrize(
    "picture, file",
    [
        ("{s}/001.jpg", "{s}/_annotations.coco.json"),
        ("{s}/images/001.jpg", "{s}/annotations.json"),
        ("images/{s}/001.jpg", "annotations/instances_{s}.json"),
        ("{s}2017/001.jpg", "annotations/instances_{s}2017.json"),
        ("images/{s}/001.jpg", "annotations/{s}/instances.json"),
    ],
)
def test_the_same_name_in_several_splits_of_coco_is_each_its_own(folder_of, picture, file):
    """mmpose#1643, supervision#1865: the picture beside the JSON is meant, else that of the split it is named after."""
    source = coco_splits(folder_of, picture, file)
    found = {r.uri: (r.role, r.columns.get("split", ""), r.boxes[0].w) for r in source.records()}
    assert found == {
        picture.format(s="train"): ("train", "", 20),
        picture.format(s="valid"): ("test", "valid", 21),
        picture.format(s="test"): ("test", "", 22),
    }


def test_a_picture_that_is_missing_in_its_own_split_is_not_taken_from_another(folder_of):
    source = read(
        folder_of(
            {"train/1.jpg": None, "train/2.jpg": None, "test/1.jpg": None}
            | {f"{s}/_annotations.coco.json": coco_of("1.jpg", "2.jpg") for s in ("train", "test")}
        )
    )
    assert roles(source) == {"train/1.jpg": "train", "train/2.jpg": "train", "test/1.jpg": "test"}
    assert any("test/_annotations.coco.json, image 2: its picture '2.jpg' is not there" in f for f in source.findings())


def test_constraints_json_is_no_training_part(folder_of):
    source = read(folder_of({"images/1.jpg": None, "constraints.json": coco_of("1.jpg")}))
    assert roles(source) == {"images/1.jpg": ""}


def test_subsets_of_cvat_tell_the_same_names_apart(folder_of):
    def image(i, subset):
        box = f'<box label="car" xtl="1" ytl="1" xbr="{10 + i}" ybr="9" occluded="0"/>'
        return f'<image id="{i}" name="1.jpg" subset="{subset}" width="64" height="48">{box}</image>'

    xml = f"<annotations><version>1.1</version>{image(0, 'Train')}{image(1, 'Validation')}</annotations>"
    source = read(folder_of({"images/Train/1.jpg": None, "images/Validation/1.jpg": None, "annotations.xml": xml}))
    assert {r.uri: (r.role, r.boxes[0].w) for r in source.records()} == {
        "images/Train/1.jpg": ("train", 9),
        "images/Validation/1.jpg": ("test", 10),
    }


def test_label_studio_and_kitti_take_lists_that_lie_beside(folder_of):
    tasks = [{"id": i, "data": {"image": f"/x/{n}.jpg"}, "annotations": [{"result": []}]} for i, n in enumerate("ab")]
    files = {"images/a.jpg": None, "images/b.jpg": None, "train.txt": "a.jpg\n", "test.txt": "b.jpg\n"}
    assert roles(read(folder_of(files | {"tasks.json": tasks}))) == {"images/a.jpg": "train", "images/b.jpg": "test"}
    line = "Car 0.00 0 -1.58 5.0 5.0 20.0 15.0 1.6 1.6 3.2 -0.6 1.7 25.0 -1.59\n"
    files = {f"training/image_2/{n}.png": None for n in "ab"} | {f"training/label_2/{n}.txt": line for n in "ab"}
    source = read(folder_of(files | {"ImageSets/train.txt": "a\n", "ImageSets/val.txt": "b\n"}, "kitti"))
    assert source.format == "kitti" and list(roles(source).values()) == ["train", "test"]


def test_lists_of_food_101_give_the_roles_of_class_folders(folder_of):
    files = {f"images/{c}/{i}.jpg": None for c in ("pie", "soup") for i in (1, 2)}
    source = read(folder_of(files | {"meta/train.txt": "pie/1\nsoup/1\n", "meta/test.txt": "pie/2\nsoup/2\n"}))
    assert (source.format, source.classes) == ("image_folder", ("pie", "soup"))
    assert roles(source) == {n: "train" if n.endswith("1.jpg") else "test" for n in files}


def test_a_column_of_a_metadata_file_and_its_folder_are_splits(folder_of):
    rows = {s: json.dumps({"file_name": "1.jpg", "label": s}) + "\n" for s in ("train", "validation")}
    source = read(
        folder_of({f"{s}/1.jpg": None for s in rows} | {f"{s}/metadata.jsonl": row for s, row in rows.items()})
    )
    assert source.format == "huggingface"
    assert {r.uri.partition("/")[0]: r.role for r in source.records()} == {"train": "train", "validation": "test"}


def test_unlabelled_pictures_have_roles_too(folder_of):
    source = read(folder_of({"images/a.jpg": None, "images/b.jpg": None, "train.txt": "b.jpg\n"}))
    assert source.format == "pictures" and roles(source) == {"images/a.jpg": "", "images/b.jpg": "train"}


def test_the_folder_of_the_json_goes_before_one_inside_it(folder_of):
    source = read(folder_of({"s/1.jpg": None, "s/sub/1.jpg": None, "s/a.json": coco_of("1.jpg")}))
    assert list(roles(source)) == ["s/1.jpg"]


def test_trainval_says_nothing_where_train_and_val_have_lists(folder_of):
    files = yolo_pairs("x/a.jpg", "x/b.jpg") | {"classes.txt": "car\n", "trainval.txt": "a\nb\n"}
    source = read(folder_of(files | {"train.txt": "a\n", "val.txt": "b\n"}))
    assert roles(source) == {"x/a.jpg": "train", "x/b.jpg": "test"}


def test_a_path_of_another_machine_is_not_found_by_a_folder_that_every_split_has(folder_of):
    files = {"images/a.jpg": None, "labels/a.txt": YOLO, "data.yaml": "train: /x/train/images\nnames: [car]\n"}
    assert roles(read(folder_of(files))) == {"images/a.jpg": ""}
