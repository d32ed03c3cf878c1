"""What is seen of a folder at a glance, and the order and words in which unread files are told."""

import json

import pytest
from wild_files import coco_of, voc_of

from veml_lab.errors import BadInput
from veml_lab.formats import read
from veml_lab.formats.sniff import decided, others_of
from veml_lab.sources.clues import HEAD_BYTES, clues_of, common_folder, ending_of, no_text, spread
from veml_lab.sources.leftover import Leftover
from veml_lab.sources.opening import open_tree
from veml_lab.sources.unread import unread_of

CATS = {"cat/1.jpg": None, "dog/2.jpg": None, "cat/kitten.jpg": None}


def test_names_are_found_by_ending_and_last_part_those_at_the_top_first(folder_of):
    files = {"x/y/a.TXT": "1", "b.txt": "1", "x/c.txt.gz": "1", "x/Data.YAML": "1", "data.yaml": "1", "p.jpg": None}
    clues = clues_of(folder_of(files))
    assert clues.ending(".txt") == ["b.txt", "x/c.txt.gz", "x/y/a.TXT"]
    assert clues.called("data.yaml") == ["data.yaml", "x/Data.YAML"]
    assert clues.pictures == ["p.jpg"] and "" not in clues.others


@pytest.mark.parametrize(
    "name, ending",
    [
        ("a/B.CSV.gz", ".csv"),
        ("a.gz", ".gz"),
        (".x/a.b.json", ".json"),
        ("README", ""),
        (".hidden", ""),
        ("a.B.XZ", ".b"),
    ],
)
def test_an_ending_is_that_before_the_packing(name, ending):
    assert ending_of(name) == ending


@pytest.mark.parametrize(
    "names, folder",
    [
        (["a/b/1.jpg", "a/b/c/2.jpg"], "a/b/"),
        (["a/b/1.jpg", "a/c/2.jpg", "a/3.jpg"], "a/"),
        (["a/1.jpg", "b/2.jpg"], ""),
        (["1.jpg", "a/2.jpg"], ""),
        (["a/b/c/1.jpg", "a/b/c/2.jpg", "a/b/x/3.jpg"], "a/b/"),
        ([], ""),
    ],
)
def test_the_folder_of_all_is_the_innermost(names, folder):
    assert common_folder(names) == folder


def test_some_of_many_are_spread_from_the_first_to_the_last():
    names = [str(i) for i in range(100)]
    assert spread(names, 4) == ["0", "25", "50", "75"] and spread(names[:3], 4) == names[:3]


def test_the_last_line_of_a_long_text_may_be_cut_and_is_left_out(folder_of):
    line = "0.5 " * 24 + "\n"  # 97 bytes: none ends where the head does
    clues = clues_of(folder_of({"long.txt": line * 100, "short.txt": "a\n\n b \nc"}))
    assert len(clues.head("long.txt")) == HEAD_BYTES and HEAD_BYTES % len(line)
    assert clues.lines("long.txt") == [line.strip()] * (HEAD_BYTES // len(line))
    assert clues.lines("short.txt") == ["a", "b", "c"]


@pytest.mark.parametrize(
    "text, root",
    [
        ("<a/>", "a"),
        ("\ufeff<?xml version='1.0'?>\n<!-- one -->\n<!-- two -->\n<!DOCTYPE b [<!ELEMENT b ANY>]>\n<b x='1'>", "b"),
        ("no xml", ""),
        ("<?xml version='1.0'?>", ""),
    ],
)
def test_the_outermost_tag_of_xml(text, root, folder_of):
    assert clues_of(folder_of({"a.xml": text})).xml_root("a.xml") == root


def test_the_keys_of_json(folder_of):
    files = {
        "a.json": {"x": {"y": 1}, "z": 2},
        "b.json": [1],
        "c.json": "no",
        "d.json": '{"x": 1, "y',
        "e.jsonl": "{}\n",
    }
    clues = clues_of(folder_of(files))
    assert clues.json_keys("a.json") == ("x", "z") and clues.json_keys("b.json") == ("[",)
    assert clues.json_keys("c.json") == () and clues.json_keys("d.json") == ("x",)
    assert clues.first_line("e.jsonl") == {} and clues.first_line("c.json") == {}


def test_looking_for_texts_of_another_encoding_is_no_reading(folder_of):
    tree = open_tree(folder_of({"a.json": '["Grüß"]'.encode("latin-1"), "b.json": "[]"}))
    assert no_text(tree, ".json") == ". a.json is no UTF-8 text and cannot be looked into; save it as UTF-8"
    assert "a.json" in tree.unread()


def test_what_stops_is_told_first_then_what_is_most(folder_of):
    files = CATS | {f"{i}.log": "x" for i in range(3)} | {"README": "x", "z.xml": voc_of()}
    tree = open_tree(folder_of(files))
    tree.take(CATS)
    assert [x.kind for x in unread_of(tree)] == [".xml", ".log", "README"]
    assert [x.stops for x in unread_of(tree)] == [True, False, False]


def test_a_leftover_says_the_readers_reason_before_what_it_looks_like():
    assert str(Leftover(".txt", ("a.txt",), why="calibration", labels="numbers")) == "a.txt: calibration"
    assert str(Leftover(".txt", ("a.txt", "b.txt"), labels="numbers")) == "2 .txt (a.txt ...): numbers"
    assert str(Leftover(".txt", ("a.txt",))) == "a.txt"


SAYS_NOTHING = {
    "numbers that are names of pictures too": ("nums.txt", "1 5\n2 7\n1 9\n"),
    "one name among other lines": ("some.txt", "1.jpg 0\nfoo bar\nfoo baz\n"),
    "a name alone a line": ("list.txt", "1.jpg\n2.jpg\n"),
    "one cell among many": ("t.csv", "a,b\nx,1.jpg\ny,z\nu,v\n"),
    "numbers, one of them a name": ("t.csv", "id,a\n1,x\n7,y\n8,z\n9,v\n"),
    "settings": ("settings.xml", "<config><a>1</a></config>"),
    "an array": ("embedding.npz", b"PK\3\4"),
}
SAYS_SOMETHING = {
    "half of the lines and more": ("some.txt", "1.jpg 0\n2.jpg 1\nfoo baz\n"),
    "half of the cells": ("t.csv", "a,b\nx,1.jpg\ny,2.jpg\nu,v\n"),
    "cells between bars": ("t.csv", "a|b\nx|kitten\n"),
    "a tag of objects": ("x.xml", "<root><object/></root>"),
    "MATLAB": ("x.mat", b"MATLAB"),
    "an array of labels": ("labels.npz", b"PK\3\4"),
    "numbers, most of them names": ("t.csv", "id,a\n1,x\n2,y\n2,z\n"),
    "a comment above": ("some.txt", "# made by hand\n# today\n1.jpg 0\n2.jpg 1\n"),
    "captions by number": ("some.token", "1.jpg#0\ta cat\n1.jpg#1\tcats\n"),
    "an archive": ("annotations.7z", b"7z"),
}


@pytest.mark.parametrize("what", [*SAYS_NOTHING, *SAYS_SOMETHING])
def test_what_looks_like_annotations_and_what_does_not(what, folder_of):
    name, content = (SAYS_NOTHING | SAYS_SOMETHING)[what]
    source = read(folder_of(CATS | {name: content}), "image_folder")
    assert [x.names for x in source.unread() if x.stops] == ([(name,)] if what in SAYS_SOMETHING else [])


def test_a_column_of_annotations_beside_arrays_of_readings_stops_them_too(folder_of):
    tree = open_tree(folder_of({"readings.npz": b"PK\3\4", "targets.csv": "target,x\n1,2\n"}))
    assert [x.kind for x in unread_of(tree, arrays=True) if x.stops] == [".csv", ".npz"]
    assert [x.kind for x in unread_of(tree) if x.stops] == []


def test_candidates_stand_by_their_confidence_and_near_ones_are_asked_about(folder_of):
    files = {"images/a.jpg": None, "labels/a.txt": "0 0.5 0.5 0.2 0.2\n"}
    found = decided(folder_of(files))
    confidence = [c.evidence.confidence for c in found]
    assert found[0].format == "yolo" and confidence == sorted(confidence, reverse=True)
    both = folder_of(files | {"a.json": coco_of("a.jpg")}, "both")
    with pytest.raises(BadInput, match="can be read as coco or as yolo"):  # 0.94 and 0.90
        decided(both)
    assert [c.format for c in others_of(both, "coco")] == ["yolo"]
    xml = folder_of(files | {"images/a.xml": voc_of(), "data.yaml": "names: [cat]\n"}, "xml")
    with pytest.raises(BadInput, match="yolo or as voc"):
        decided(xml)
    described = {"images/a.jpg": None, "labels/a.txt": "", "x.json": json.dumps(coco_of("a.jpg"))}
    assert decided(folder_of(described, "empty"))[0].format == "coco"  # 0.94 and 0.6
    assert [c.format for c in others_of(folder_of(described, "e"), "coco")] == ["yolo"]


def test_a_description_of_all_files_is_no_near_tie_with_one_of_them(folder_of):
    """0.99 and 0.94 are as far apart as has to be."""
    files = {"a.jpg": None, "x.json": coco_of("a.jpg"), "croissant.json": {"@type": "Dataset"}}
    assert [c.format for c in decided(folder_of(files))[:2]] == ["croissant", "coco"]


@pytest.mark.parametrize("name", ["data.yaml", "data.YML"])
def test_a_description_that_is_named_is_one_of_yolo(name, folder_of):
    assert decided(folder_of({name: "names: [cat]\n"}) / name)[0].format == "yolo"


@pytest.mark.parametrize(
    "name, stops",
    [("labels/train.cache", False), ("labels/notes.py", False), ("labels/README.txt", False), ("labels/x.bin", True),
     ("labels/list", True), ("images/a.pts", True), ("images/a.txt", False), ("images/b.pts", False),
     ("images/a", False)],
)  # fmt: skip
def test_files_in_folders_of_annotations_and_files_with_the_name_of_a_picture(name, stops, folder_of):
    files = {
        "images/a.jpg": None,
        "labels/a.txt": "0 0.5 0.5 0.2 0.2\n",
        "data.yaml": "names: [cat]\n",
        name: "hello you",
    }
    assert [x.names for x in read(folder_of(files), "yolo").unread() if x.stops] == ([(name,)] if stops else [])
