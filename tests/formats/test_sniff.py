"""read(path) without a format: told from the names, or a list of what was looked for."""

import subprocess
import sys

import pytest

from veml_lab.errors import BadInput, MissingFile, UnknownName
from veml_lab.formats import FORMATS, WRITERS, read, road_world, write
from veml_lab.formats.sniff import format_of


def test_each_set_is_told_by_its_names(idx_folder, class_folder, voc_folder, coco_folder):
    for path, format in (
        (idx_folder()[0], "idx"),
        (class_folder, "image_folder"),
        (voc_folder, "voc"),
        (coco_folder, "coco"),
    ):
        assert read(path).format == format
    assert read(coco_folder / "annotations" / "instances_train.json").format == "coco"
    assert read("clear-city", "road_world", n=1).task == "detection"


def test_what_cannot_be_told_lists_what_was_looked_for(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(BadInput, match=r"1 file names \(notes\.txt\).*format=.*, kitti, .*docs/formats\.md"):
        read(tmp_path)
    with pytest.raises(MissingFile):
        read(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="it holds no files"):
        read(tmp_path / "empty")


def test_unknown_names_list_the_known_ones(tmp_path):
    with pytest.raises(UnknownName, match="no format 'coc'; known: coco"):
        read(tmp_path, "coc")
    with pytest.raises(UnknownName, match="known: clear-city"):
        road_world("clear-citty", 3)
    with pytest.raises(UnknownName, match="no format to write 'map_txt'"):
        write(road_world("clear-city", 1), tmp_path / "x", "map_txt")


def test_an_option_that_a_format_does_not_have_lists_those_it_has(idx_folder):
    with pytest.raises(UnknownName, match="no option of the format idx 'root'; known: name, classes, strict"):
        read(idx_folder()[0], root="x")


def test_every_name_of_the_registry_can_be_had():
    import veml_lab.formats as formats

    for said in (*(f.reader for f in FORMATS.values()), *(f.writer for f in WRITERS.values())):
        function = said.partition(":")[2]
        assert callable(getattr(formats, function)) and function in formats.__all__


def test_importing_the_package_loads_no_reader_and_nothing_heavy():
    code = (
        "import sys, veml_lab.formats; print([m for m in ('numpy', 'PIL', 'pandas', 'torch', 'defusedxml') if m in"
        " sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_a_condition_of_the_road_world_is_told_from_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read("clear-city", n=2).format == "road_world"
    with pytest.raises(BadInput, match="the format road_world needs the option n="):
        read("clear-city")
    (tmp_path / "clear-city").mkdir()
    with pytest.raises(BadInput, match="cannot tell the format"):
        read("clear-city")


@pytest.mark.parametrize(
    "name, text, format",
    [
        (
            "a.json",
            '{"categories": [], "images": [{"id": 1}], "annotations": [{"segments_info": []}]}',
            "coco_panoptic",
        ),
        ("a.json", '{"info": {"images": 3}, "images": [{"id": 1}], "annotations": []}', "coco"),
        ("a.json", '[{"name": "x.jpg", "attributes": {}, "labels": []}]', "bdd100k"),
        ("a.json", '{"config": {}, "frames": [{"name": "x.jpg", "labels": []}]}', "bdd100k"),
        ("a.json", '[{"id": 1, "data": {"image": "x.jpg"}, "annotations": []}]', "label_studio"),
        ("a.xml", "<?xml version='1.0'?><annotations><version>1.1</version></annotations>", "cvat"),
    ],
)
def test_a_json_or_xml_file_is_looked_into(tmp_path, name, text, format):
    (tmp_path / name).write_text(text)
    assert format_of(tmp_path / name) == format == format_of(tmp_path)


@pytest.mark.parametrize(
    "name, text",
    [("a.json", '{"hello": [1]}'), ("a.json", "[1"), ("a.json", "no"), ("a.xml", "<a/>"), ("a.json", '{"frames": 3}')],
)
def test_another_json_or_xml_file_is_no_format(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput, match="no file of COCO, BDD100K"):
        read(tmp_path / name)
