"""What the generator of layouts found, small: sets deep in folders, lists under other names and encodings."""

import hashlib
import json

import pytest
from wild_files import coco_of, picture

from veml_lab.formats import read
from veml_lab.sources.opening import open_tree


def roles(source) -> dict[str, str]:
    return {r.uri.rpartition("/")[2]: r.role for r in source.records()}


@pytest.mark.parametrize("deep", ["", "home/u/work/sets/pets/v1/"])
def test_a_set_deep_in_folders_has_the_names_of_its_description(deep, folder_of):
    """Such an archive holds the folders of the machine that packed it; its classes became '0' and '1'."""
    files = {f"{deep}data.yaml": "train: images/train\nval: images/val\nnames: [cat, dog]\n"}
    for part, line in (("train", "0 0.5 0.5 0.5 0.5\n"), ("val", "1 0.5 0.5 0.5 0.5\n")):
        files |= {f"{deep}images/{part}/of_{part[0]}.png": None, f"{deep}labels/{part}/of_{part[0]}.txt": line}
    source = read(folder_of(files))
    assert source.classes == ("cat", "dog")
    assert roles(source) == {"of_t.png": "train", "of_v.png": "test"}


def test_classes_txt_gives_their_order_however_deep(folder_of):
    notes = {n: {"imagePath": f"{n}.png", "imageWidth": 64, "imageHeight": 48, "shapes": [
        {"label": label, "points": [[1, 1], [9, 9]], "shape_type": "rectangle"}]} for n, label in
        (("a", "ant"), ("b", "zebra"))}  # fmt: skip
    files = {f"x/y/z/{n}.png": None for n in notes} | {f"x/y/z/{n}.json": note for n, note in notes.items()}
    assert read(folder_of({**files, "x/y/z/classes.txt": "zebra\nant\n"})).classes == ("zebra", "ant")


def test_the_depth_of_a_file_is_counted_from_the_folder_that_holds_all(folder_of):
    tree = open_tree(folder_of({"a b/c/1.txt": "x", "a b/c/d/e/2.txt": "x", "a b/c.txt": "x"}))
    assert {n: tree.depth(n) for n in tree.names()} == {"a b/c/1.txt": 1, "a b/c/d/e/2.txt": 3, "a b/c.txt": 0}
    alone = open_tree(folder_of({"p/q/1.txt": "x"}, "alone"))
    assert alone.depth("p/q/1.txt") == 0


@pytest.mark.parametrize(
    "name", ["{}.txt", "{}_list.txt", "{}_files.txt", "images_{}.txt", "list-{}.lst", "{}_images.txt"]
)
def test_lists_of_parts_are_known_by_the_names_that_people_give_them(name, folder_of):
    files = {
        "cat/a.png": None,
        "dog/b.png": None,
        name.format("train"): "cat/a.png\n",
        name.format("val"): "dog/b.png\n",
    }
    assert roles(read(folder_of(files), "image_folder")) == {"a.png": "train", "b.png": "test"}


@pytest.mark.parametrize("name", ["cat_{}.txt", "{}_val.txt", "my_{}.txt"])
def test_other_lists_are_none_of_a_part(name, folder_of):
    files = {"cat/a.png": None, "dog/b.png": None, name.format("train"): "cat/a.png\n"}
    assert roles(read(folder_of(files), "image_folder")) == {"a.png": "", "b.png": ""}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_a_list_may_be_of_any_encoding_since_only_names_that_are_there_count(encoding, folder_of):
    files = {"cat/Mél.png": None, "dog/Grüß.png": None}
    files |= {"train.txt": "cat/Mél.png\n".encode(encoding), "test.txt": "dog/Grüß.png\n".encode(encoding)}
    assert roles(read(folder_of(files), "image_folder")) == {"Mél.png": "train", "Grüß.png": "test"}


def test_documents_may_be_utf_16(folder_of):
    rows = [{"path": "a.png", "md5": hashlib.md5(picture(0)).hexdigest(), "annotation": "Büro"}]
    root = folder_of({"documents.json": json.dumps(rows, ensure_ascii=False).encode("utf-16")})
    (root / "a.png").write_bytes(picture(0))
    assert [r.label for r in read(root).records()] == ["Büro"]


def test_a_panoptic_set_of_png_pictures_does_not_take_its_masks_for_them(folder_of):
    """Pictures and masks have the same names; the masks lie nearer to the JSON file."""
    import io

    import numpy as np
    from PIL import Image

    ids = np.zeros((48, 64, 3), np.uint8)
    ids[5:15, 5:25, 0] = 7
    png = io.BytesIO()
    Image.fromarray(ids).save(png, "PNG")
    said = coco_of("a.png")
    said["annotations"] = [
        {"image_id": 1, "file_name": "a.png", "segments_info": [{"id": 7, "category_id": 1, "iscrowd": 0}]}
    ]
    root = folder_of({"images/a.png": None, "panoptic_x.json": said, "panoptic_x/a.png": png.getvalue()})
    (r,) = read(root).records()
    assert r.uri == "images/a.png" and [(b.x, b.y, b.w, b.h) for b in r.boxes] == [(5, 5, 20, 10)]
