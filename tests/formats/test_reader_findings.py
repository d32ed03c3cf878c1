"""What the fuzzing of the readers found: each kind once, with what has to come of it."""

from __future__ import annotations

import json
import warnings

import pytest
from attacks import sound
from small_sets import MAKERS, made

from veml_lab.errors import BadData
from veml_lab.formats import read
from veml_lab.sources.jsonstream import parsed


def rewritten(tmp_path, format, name, change):
    """The small set of a format with one file changed: what comes, and what is said of it."""
    root = made(format, tmp_path / "set")
    (file,) = root.rglob(name)
    file.write_text(change(file.read_text()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = read(root, format)
        return sound(source), source.findings()


def put(*path, value):
    """A change of a JSON text: another value at a place."""

    def change(text):
        content = holder = json.loads(text)
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = value
        return json.dumps(content)

    return change


NO_LISTS = {
    "coco": ("captions_test.json", put("annotations", value=7), "annotations that are no list"),
    "coco_panoptic": ("panoptic_val.json", put("annotations", 0, "segments_info", value=True), "info is no list"),
    "label_studio": ("*.json", put(0, "annotations", value="x"), "annotations is no list"),
    "bdd100k": ("bdd100k_test.json", put("frames", 0, "labels", 0, "poly2d", value="1e5"), "a poly2d that is no list"),
}  # fmt: skip


@pytest.mark.parametrize("format", NO_LISTS)
def test_what_should_be_a_list_and_is_none_is_said(format, tmp_path):
    name, change, says = NO_LISTS[format]
    whole, _ = rewritten(tmp_path / "a", format, name, lambda text: text)
    came, said = rewritten(tmp_path / "b", format, name, change)
    assert came["records"] == whole["records"] and came["shapes"] < whole["shapes"]
    assert any(says in line for line in said), said


@pytest.mark.parametrize(
    "path, value, says",
    [
        ((0, "annotations", 0, "result"), 5, "result is no list"),
        ((0, "annotations", 0), 1, "annotation that is no object"),
        ((0, "annotations", 0), {"a": {"b": [1]}}, "annotation without a result"),
        ((0, "annotations", 0, "result", 0, "type"), ["rectanglelabels"], "has no place here"),
    ],
)
def test_label_studio_says_what_is_not_as_it_should_be(path, value, says, tmp_path):
    _, said = rewritten(tmp_path, "label_studio", "*.json", put(*path, value=value))
    assert any(says in line for line in said), said


def test_half_of_a_sign_of_two_becomes_the_sign_for_a_damaged_one():
    assert parsed(r'{"a\ud800": ["\udc00b", "\ud83d\ude00", 1]}') == {"a\ufffd": ["\ufffdb", "\U0001f600", 1]}
    assert parsed(r'"\\ud800"') == r"\ud800"


@pytest.mark.parametrize("format, name", [("cityscapes", "*_polygons.json"), ("labelme", "*.json")])
def test_a_class_with_half_a_sign_can_be_kept_and_written(format, name, tmp_path):
    root = made(format, tmp_path / "set")
    for file in root.rglob(name):
        file.write_text(file.read_text().replace('"car"', r'"car\ud800"'))
    (root / "classes.txt").unlink(missing_ok=True)
    (root / "labels.txt").unlink(missing_ok=True)
    source = read(root, format)
    assert sound(source)["shapes"] and "car\ufffd" in source.classes


@pytest.mark.parametrize("format", ["cifar", "idx"])
def test_two_classes_of_one_name_are_refused_where_numbers_are_labels(format, tmp_path):
    root = made(format, tmp_path / "set")
    with pytest.raises(BadData, match="several classes called 'cat'"):
        read(root, format, classes=["cat", "cat", "dog"])


def test_two_classes_of_one_name_are_one_in_yolo_and_it_is_said(tmp_path):
    root = made("yolo", tmp_path / "set")
    for file in (root / "labels").rglob("*.txt"):
        file.write_text("0 0.5 0.5 0.2 0.2\n2 0.3 0.3 0.2 0.2\n")
    source = read(root, "yolo", classes=["car", "dog", "car"])
    assert source.classes == ("car", "dog")
    assert {b.label for r in source.records() for b in r.boxes} == {"car"}
    assert any("the class 'car' for the numbers [0, 2]" in line for line in source.findings())


def test_a_column_is_text_where_it_is_no_value(tmp_path):
    root = made("cvat", tmp_path / "set")
    (table,) = root.rglob("columns.csv")
    table.write_text("file,a,b,c,d\n0.png,{},null,3,true\n")
    source = read(root, "cvat")
    assert next(dict(r.columns) for r in source.records()) == {"a": "{}", "b": "null", "c": 3, "d": True}
    came, _ = rewritten(tmp_path / "coco", "coco", "instances_test.json", put("images", 0, "columns", value={"a": [1]}))
    assert came["records"] == 2


def test_a_number_of_thousands_of_digits_is_no_number(tmp_path):
    came, said = rewritten(tmp_path, "wider_face", "*.txt", lambda t: t.replace("\n1\n", f"\n{'9' * 5000}\n"))
    assert came["records"] == 1 and came["shapes"] == 1, said


def test_digits_of_other_scripts_are_text_in_a_table_of_readings(tmp_path):
    (tmp_path / "readings.csv").write_text(
        "time,s1,s2\n" + "".join(f"2024-03-05T{h:02}:00:00,{h}.5,{'25١.5' if h == 15 else h}\n" for h in range(24))
    )
    with pytest.raises(BadData, match=r"s2|25"):
        sound(read(tmp_path / "readings.csv", "sensors", window=3, horizon=1))


HUB = '{{"file_name": "a.png", "objects": {{"bbox": [[1, 1, {w}, 2]], "categories": [{c}]}}}}\n'


@pytest.mark.parametrize("w, c", [("9223372036854775808", '"cat"'), ("3", "1.5"), ("3", "[1]"), ("3", '"\\ud800"')])
def test_values_that_no_column_holds_are_refused_or_said(w, c, tmp_path):
    made("image_folder", tmp_path / "pictures")
    picture = next(p for p in (tmp_path / "pictures").rglob("*.png"))
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").write_bytes(picture.read_bytes())
    (tmp_path / "set" / "metadata.jsonl").write_text(HUB.format(w=w, c=c))
    try:
        source = read(tmp_path / "set", "huggingface")
        came = sound(source)
    except BadData as e:
        assert "metadata.jsonl" in str(e)
        return
    assert came["shapes"] == 1 or source.findings()


def test_a_picture_has_one_row_in_a_folder_of_the_hub(tmp_path):
    made("image_folder", tmp_path / "pictures")
    picture = next(p for p in (tmp_path / "pictures").rglob("*.png"))
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").write_bytes(picture.read_bytes())
    (tmp_path / "set" / "metadata.jsonl").write_text(HUB.format(w="3", c='"cat"') * 2)
    source = read(tmp_path / "set", "huggingface")
    assert sound(source)["records"] == 1 and any("has a row already" in line for line in source.findings())


def test_the_sets_are_those_of_every_format():
    assert {*NO_LISTS, "labelme", "cifar", "idx", "yolo", "cvat", "wider_face"} <= set(MAKERS)
