"""A look says before anything is stored: format and why, classes, counts, roles and from where, what stays unread."""

import json
import re
from xml.etree import ElementTree

import pytest
from wild_files import coco_of, voc_of

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput, UnknownName

YOLO = "0 0.5 0.5 0.2 0.2\n"
CVAT = {
    "obj_train_data/a.jpg": None,
    "obj_train_data/a.txt": YOLO + YOLO,
    "obj_train_data/b.jpg": None,
    "obj_train_data/b.txt": "",
    "obj.names": "car\nbus\n",
    "obj.data": "train = data/train.txt\nvalid = data/valid.txt\nnames = data/obj.names\n",
    "train.txt": "data/obj_train_data/a.jpg\n",
    "valid.txt": "data/obj_train_data/b.jpg\n",
    "README.md": "x",
}


def test_a_look_says_what_would_be_read_and_what_not(folder_of):
    seen = veml.look(folder_of(CVAT))
    assert (seen.format, seen.task, seen.classes) == ("yolo", "detection", ("car", "bus"))
    assert (seen.total, seen.looked_at, seen.complete, seen.annotated) == (2, 2, True, 1)
    assert seen.labels == {"car": 2} and seen.annotations == {"boxes": 2}
    assert seen.roles == {"train": 1, "test": 1} and seen.roles_from == "obj.data"
    assert [c.format for c in seen.runners_up] == ["pictures"] and "class cx cy w h" in seen.why.why
    assert [x.names for x in seen.unread] == [("README.md",)]


def test_it_reads_well_as_text(folder_of):
    said = repr(veml.look(folder_of(CVAT)))
    for line in (
        r"set: yolo$",
        r"  why +2 \.txt, with lines `class cx cy w h` beside the pictures, names in obj\.data \(0\.93\)",
        r"  or +pictures: ",
        r"  classes +2: car 2, bus$",
        r"  annotated +1 of 2: 2 boxes",
        r"  roles +train 1, test 1 \(from obj\.data\)",
        r"  not read +README\.md$",
        r"  for example +obj_train_data/a\.jpg, 64 x 48, train: car \(25\.6, 19\.2, 12\.8 x 9\.6\)",
    ):
        assert re.search(line, said, re.MULTILINE), (line, said)


def test_what_would_stop_an_import_is_marked(folder_of):
    seen = veml.look(
        folder_of({"cat/1.jpg": None, "dog/2.jpg": None, "boxes.json": {"annotations": [1]}}), "image_folder"
    )
    assert "boxes.json: boxes.json has 'annotations' - an import stops" in repr(seen)
    assert seen.why is None and seen.runners_up == ()


def test_in_a_notebook_the_boxes_are_drawn_where_they_are(folder_of):
    html = veml.look(folder_of({"images/a.jpg": None, "a.json": coco_of("a.jpg", label="<b>")}))._repr_html_()
    tree = ElementTree.fromstring(html)
    (rect,) = tree.iter("rect")
    assert [float(rect.get(k)) for k in ("x", "y", "width", "height")] == [5, 5, 20, 10]
    assert (
        next(tree.iter("svg")).get("viewBox") == "0 0 64 48"
        and "<b>" not in html.replace("<b>/", "").split("</b>", 1)[1]
    )
    assert "script" not in html and next(tree.iter("image")).get("href").startswith("data:image/jpeg;base64,")


def test_three_examples_are_those_with_annotations(folder_of):
    files = {f"{i}.jpg": None for i in range(6)} | {f"{i}.xml": voc_of() for i in (2, 3, 4, 5)}
    files |= {f"{i}.xml": "<annotation/>" for i in (0, 1)}
    assert [r.uri for r in veml.look(folder_of(files)).examples] == ["2.jpg", "3.jpg", "4.jpg"]


def test_a_look_is_bounded_in_time_and_says_of_how_many_it_speaks(folder_of):
    files = {f"{i}.jpg": None for i in range(20)} | {f"{i}.txt": YOLO for i in range(20)}
    seen = veml.look(folder_of(files), seconds=0)
    assert (seen.total, seen.looked_at, seen.complete) == (20, 1, False)
    assert "20; the counts below are of the first 1" in repr(seen)
    whole = veml.look(folder_of(files), seconds=60)
    assert (whole.total, whole.looked_at, whole.complete) == (20, 20, True)


def test_pictures_are_not_decoded_and_nothing_is_stored(folder_of, tmp_path):
    folder = folder_of({"cat/1.jpg": None, "dog/2.jpg": None})
    cut = (folder / "cat" / "1.jpg").read_bytes()[:-200]
    (folder / "cat" / "1.jpg").write_bytes(cut)
    before = sorted(tmp_path.rglob("*"))
    assert veml.look(folder).total == 2 and sorted(tmp_path.rglob("*")) == before


def test_what_would_be_left_out_is_listed(folder_of):
    seen = veml.look(folder_of({"a.jpg": None, "a.txt": YOLO + "0 0.5\n", "classes.txt": "car\n"}))
    assert len(seen.findings) == 1 and "line 2: is not: class cx cy w h" in seen.findings[0] and not seen.notes


def test_rows_and_windows_are_looked_at_too(folder_of, tmp_path):
    assert "for example" in repr(veml.look(folder_of({"t.csv": "a,b\n1,x\n2,y\n"}))) and "a = 1" in repr(
        veml.look(tmp_path / "set" / "t.csv")
    )
    hours = "".join(f"2024-01-0{1 + i // 24}T{i % 24:02d}:00,{i},{2 * i}\n" for i in range(60))
    seen = veml.look(folder_of({"s.csv": "time,s1,s2\n" + hours}, "sensors"), "sensors", window=3, horizon=2)
    assert seen.task == "forecasting" and seen.total == sum(seen.roles.values()) > 0


def test_a_tie_and_an_unknown_option_are_answered(folder_of):
    folder = folder_of(
        {"images/a.jpg": None, "labels/a.txt": YOLO, "data.yaml": "names: [car]", "c.json": coco_of("a.jpg")}
    )
    with pytest.raises(BadInput, match=r"can be read as coco or as yolo"):
        veml.look(folder)
    with pytest.raises(UnknownName, match="no option of the format yolo 'windw'"):
        veml.look(folder, "yolo", windw=3)


def test_the_command_line_prints_text_and_json(folder_of, capsys):
    folder = str(folder_of(CVAT))
    assert main(["look", folder]) == 0 and "  roles       train 1, test 1 (from obj.data)" in capsys.readouterr().out
    assert main(["look", folder, "--format", "yolo", "--option", 'classes=["a", "b"]', "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["format"], said["classes"], said["roles"]) == ("yolo", ["a", "b"], {"train": 1, "test": 1})
    assert said["unread"] == [{"kind": "README.md", "count": 1, "example": "README.md", "why": "", "stops": False}]
    assert main(["look", folder + "x"]) == 2 and "there is no file or folder" in capsys.readouterr().err
