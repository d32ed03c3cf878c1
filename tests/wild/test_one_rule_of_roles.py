"""One rule of roles for all formats: what is for validation is for testing, and keeps its split beside a test part."""

import pytest
from sets_of_every_format import SETS

from veml_lab.formats import FORMATS, read

# Spellings of the three parts; the role of the second is test in each.
WORDS = {
    "usual": ("train", "val", "test"),
    "long": ("training", "validation", "testing"),
    "with capitals": ("Train", "Valid", "Test"),
    "dev": ("train", "dev", "test"),
    "eval": ("TRAIN", "EVAL", "TEST"),
    "held out": ("train", "eval", "holdout"),
}
# Their parts are in names that are given, or there are none.
FIXED = {"idx", "cifar", "map_txt", "sensors", "video", "road_world", "labelformat"}
OWN_NAMES = {"cityscapes": ("usual",), "wider_face": ("usual",), "visdrone": ("usual", "dev")}
CASES = [(f, w) for f in SETS if f not in FIXED for w in OWN_NAMES.get(f, WORDS)]


def parts(source):
    return sorted((r.role, r.columns.get("split", r.columns.get("part", ""))) for r in source.records())


@pytest.mark.parametrize(("format", "words"), CASES)
def test_a_validation_part_is_for_testing_and_keeps_its_split_beside_a_test_part(folder_of, format, words):
    said = WORDS[words]
    options = {"label": "y"} if format == "table" else {}
    source = read(folder_of(SETS[format](said)), format, **options)
    assert [(r, s.lower()) for r, s in parts(source)] == [("test", ""), ("test", said[1].lower()), ("train", "")]


@pytest.mark.parametrize(("format", "words"), CASES)
def test_without_a_test_part_there_is_nothing_to_keep(folder_of, format, words):
    train, val, _ = WORDS[words]
    options = {"label": "y"} if format == "table" else {}
    files = SETS[format]((train, val, train) if format not in ("coco", "bdd100k", "table") else (train, val, val))
    source = read(folder_of(files), format, **options)
    assert {(r, s) for r, s in parts(source)} == {("train", ""), ("test", "")}


def test_every_format_that_reads_parts_is_tried():
    assert {f for f, _ in CASES} | FIXED >= set(FORMATS)


def test_lists_beside_class_folders_follow_the_rule_too(folder_of):
    files = {f"{c}/{n}.jpg": None for c, n in (("cat", "a"), ("dog", "b"), ("cat", "c"))}
    lists = {"train.txt": "cat/a.jpg\n", "val.txt": "dog/b.jpg\n", "test.txt": "cat/c.jpg\n"}
    assert parts(read(folder_of(files | lists), "image_folder")) == [("test", ""), ("test", "val"), ("train", "")]


def test_short_words_are_parts_in_cells_and_no_parts_as_folders_of_turkish_plates(folder_of):
    rows = "file,label,split\na.jpg,x,tr\nb.jpg,y,TS\n"
    source = read(folder_of({"images/a.jpg": None, "images/b.jpg": None, "l.csv": rows}), "picture_table")
    assert [r.role for r in source.records()] == ["train", "test"]
    source = read(folder_of({"tr/a.jpg": None, "de/b.jpg": None}, "plates"))
    assert source.classes == ("de", "tr") and {r.role for r in source.records()} == {""}
    nnunet = {"imagesTr/a.jpg": None, "imagesTs/b.jpg": None}
    assert [r.role for r in read(folder_of(nnunet, "nn"), "pictures").records()] == ["train", "test"]
