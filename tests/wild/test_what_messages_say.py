"""Messages say what was looked for: the name, the nearest there, what to do; ids and names as people write them."""

import json
import re
import warnings

import pytest
from test_findings_in_the_wild import coco, cvat, label_studio, listing, png, put, quietly, scalabel

from veml_lab.errors import BadData, MissingFile, VemlError
from veml_lab.formats import read


def one(image_id=1, category_id=1, name="a.png", used=None, category_used=None):
    """A COCO set of one picture at data/a.png with one box."""
    box = {
        "id": 1,
        "image_id": image_id if used is None else used,
        "category_id": category_id if category_used is None else category_used,
        "bbox": [5, 5, 20, 10],
    }
    content = {
        "images": [{"id": image_id, "file_name": name}],
        "categories": [{"id": category_id, "name": "cat"}],
        "annotations": [box],
    }
    return {"data/a.png": png(), "a.json": json.dumps(content)}


def labels(source):
    return [b.label for r in quietly(source) for b in r.boxes]


IDS = {
    "an image id that is a text": one(image_id="a1"),
    "an image id that is 2.0": one(image_id=2.0),
    "an image id that is 2.0 and used as 2": one(image_id=2.0, used=2),
    "an image id that is a number in quotes, used as one": one(image_id="17", used=17),
    "a category id that is a text": one(category_id="cat-1"),
    "a category id in quotes": one(category_id="1"),
    "a category id in quotes, used as a number": one(category_id="1", category_used=1),
    "a category id that is 0": one(category_id=0),
}


@pytest.mark.parametrize("what", IDS)
def test_any_id_will_do_that_is_the_same_where_it_is_used(what, tmp_path):
    assert labels(read(put(tmp_path / "set", IDS[what]))) == ["cat"]


def test_ids_that_differ_as_texts_are_different(tmp_path):
    source = read(put(tmp_path / "set", one(image_id="01", used=1)))
    assert labels(source) == [] and "belongs to the image 1, which is not listed" in source.findings()[0]


def test_an_id_that_is_none_is_said_to_be_none(tmp_path):
    for bad in (True, None, 1.5, [1], ""):
        with pytest.raises(MissingFile, match=r"has no id \(a whole number or a text\)"):
            read(put(tmp_path / f"set{bad}", one(image_id=bad)), "coco")


ADDRESSES = ["/home/u/set/data/a.png", "C:\\set\\data\\a.png", "https://example.org/data/a.png?x=1", "./a.png", "a.PNG",
             "file:///mnt/a.png", "s3://bucket/x/data/a.png", "\\\\server\\share\\data\\a.png"]  # fmt: skip


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_name_of_another_machine_is_found_by_its_last_parts(name, tmp_path):
    source = read(put(tmp_path / "set", one(name=name)))
    assert [r.uri for r in quietly(source)] == ["data/a.png"] and labels(source) == ["cat"]


def test_the_folder_decides_where_a_name_is_there_twice(tmp_path):
    files = one(name="/home/u/set/two/a.png") | {"one/a.png": png(1), "two/a.png": png(2)}
    del files["data/a.png"]
    assert [r.uri for r in quietly(read(put(tmp_path / "set", files), "coco"))] == ["two/a.png"]


def test_a_name_that_may_be_two_pictures_asks_for_the_folder_and_root_answers(tmp_path):
    files = one(name="/home/u/set/three/a.png") | {"one/a.png": png(1), "two/a.png": png(2)}
    del files["data/a.png"]
    root = put(tmp_path / "set", files)
    with pytest.raises(VemlError, match=r"'/home/u/set/three/a\.png' may be 'one/a\.png' or 'two/a\.png'; say root="):
        read(root, "coco")
    source = read(root / "a.json", "coco", root=root / "two")
    assert [r.image for r in quietly(source)] == [png(2)]


def test_a_name_in_another_case_than_two_pictures_means_neither(tmp_path):
    files = one(name="A.Png") | {"data/A.png": png(1)}
    with pytest.raises(MissingFile, match=r"'A\.Png' is not there"):
        read(put(tmp_path / "set", files), "coco")


def test_a_name_that_is_not_there_is_said_with_the_nearest_and_the_way_out(tmp_path):
    root = put(tmp_path / "set", one(name="aa.png"))
    with pytest.raises(MissingFile, match=r"'aa\.png' is not there; the nearest is 'data/a\.png'; say root="):
        read(root, "coco")
    with pytest.raises(MissingFile, match=r"'a\.jpeg' is not there; the nearest is 'data/a\.png'"):
        read(put(tmp_path / "other", one(name="a.jpeg")), "coco")


def test_the_nearest_is_looked_for_a_few_times_only(tmp_path):
    def many(content):
        content["images"] += [{"id": 100 + i, "file_name": f"{i}.jpg"} for i in range(40)]

    source = read(put(tmp_path / "set", coco(many)))
    quietly(source)
    near = ["the nearest is" in line for line in source.findings()]
    assert len(near) == 40 and near[:3] == [True] * 3 and not any(near[20:])  # 0.jpg, 1.jpg, 2.jpg have their stem


WITH_ROOT = {
    "coco": (coco(), "a.json", "images"),
    "cvat": (cvat(), "annotations.xml", ""),
    "label_studio": (label_studio(), "export.json", ""),
    "bdd100k": (scalabel(), "labels/det.json", "images"),
}


@pytest.mark.parametrize("format", WITH_ROOT)
def test_root_names_the_folder_of_pictures_that_lie_elsewhere(format, tmp_path):
    files, file, folder = WITH_ROOT[format]
    whole = read(put(tmp_path / "whole", files), format)
    put(tmp_path / "notes", {k: v for k, v in files.items() if not k.endswith(".png")})
    put(tmp_path / "pictures", {k: v for k, v in files.items() if k.endswith(".png")})
    with pytest.raises(MissingFile, match="is not there; say root= if the pictures are elsewhere"):
        read(tmp_path / "notes" / file, format)
    apart = read(tmp_path / "notes" / file, format, root=tmp_path / "pictures" / folder)
    wanted = [(r.image, r.boxes) for r in quietly(whole)]
    assert [(r.image, r.boxes) for r in quietly(apart)] == wanted and len(wanted) == 3
    assert apart.fingerprint != read(tmp_path / "notes" / file, format, root=tmp_path / "whole").fingerprint


def test_a_picture_that_no_name_means_is_not_taken_for_another_files_picture(tmp_path):
    """train.json names pictures that are not there; val's pictures of the same names are not theirs."""
    val = one(name="val/a.png")
    files = {"val/a.png": png(2), "val.json": val["a.json"], "train.json": one(name="/x/train/a.png")["a.json"]}
    source = read(put(tmp_path / "set", files), "coco")
    (record,) = quietly(source)
    assert len(record.boxes) == 1
    assert "train.json" in source.findings()[0] and "'/x/train/a.png' is not there" in source.findings()[0]


def test_an_unusable_set_says_the_first_reason_and_how_many_more(tmp_path):
    files = coco(lambda c: [i.update(file_name=f"gone-{i['id']}.png") for i in c["images"]])
    with pytest.raises(
        MissingFile, match=r"none of them can be used: .*'gone-0\.png' is not there.*2 more of the kind"
    ):
        read(put(tmp_path / "set", files), "coco")


def test_a_row_that_names_no_picture_says_the_nearest(tmp_path):
    source = read(put(tmp_path / "set", listing("file,label\n0.png,a\n1.png,b\n2.pgn,a\n")), "picture_table")
    quietly(source)
    assert any(
        re.search(r"row 4: .*'2\.pgn'.* is not there; the nearest is 'images/2\.png'", f) for f in source.findings()
    )


def hub(*names: str) -> dict:
    text = "".join(json.dumps({"file_name": n, "label": "x"}) + "\n" for n in names)
    return {f"pictures/{i}.png": png(i) for i in range(3)} | {"metadata.jsonl": text}


def test_a_hub_folder_finds_names_of_other_machines_too(tmp_path):
    names = ("pictures\\0.png", "/home/u/pictures/1.png", "C:\\x\\2.png")
    source = read(put(tmp_path / "set", hub(*names)))
    assert [r.uri for r in quietly(source)] == [f"pictures/{i}.png" for i in range(3)]
    source = read(put(tmp_path / "other", hub("pictures/0.png", "/etc/1.gif")))
    assert (
        len(quietly(source)) == 1
        and "'/etc/1.gif' is not there; the nearest is 'pictures/1.png'" in source.findings()[0]
    )


def test_documents_find_paths_of_other_machines_and_name_the_nearest(tmp_path):
    rows = "path,annotation\n/mnt/x/images/0.png,a\nC:\\data\\1.png,b\nimages/22.png,a\n"
    source = read(put(tmp_path / "set", listing("") | {"documents.csv": rows}))
    assert [r.uri for r in quietly(source)] == ["images/0.png", "images/1.png"]
    assert "'images/22.png' is not there; the nearest is 'images/2.png'" in source.findings()[0]


def test_a_folder_whose_pictures_are_all_damaged_says_so(tmp_path):
    import veml_lab as veml

    root = put(tmp_path / "set", {"cat/0.png": b"", "dog/1.png": b""})
    said = r"2 entries could not be used, the first: .*cat/0\.png is empty"
    with pytest.raises(BadData, match=said), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        veml.open(tmp_path / "lab").add("set", read(root), progress=False)
