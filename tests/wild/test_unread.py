"""Nothing unread goes unsaid: every import names what it did not read; what looks like annotations stops it."""

import json

import pytest
from wild_files import coco_of, voc_of

from veml_lab.cli import main
from veml_lab.errors import BadData
from veml_lab.formats import read, road_world, write

YOLO = "0 0.5 0.5 0.2 0.2\n"
CATS = {"cat/1.jpg": None, "dog/2.jpg": None}
COCO = {"images/1.jpg": None, "a.json": coco_of("1.jpg")}


def stops(source):
    return [x.names for x in source.unread() if x.stops]


def test_the_report_names_what_was_not_read_by_kind_and_count(folder_of, lab):
    more = {"README.md": "# Cats\n", "LICENSE": "free", "notes/a.log": "x", "notes/b.log": "y"}
    version = lab.add("s", read(folder_of(CATS | more)), progress=False)
    assert version.import_report["unread"] == ["2 .log (notes/a.log ...)", "LICENSE", "README.md"]
    assert "not read: 3 kinds of file" in repr(version.import_report)


BESIDE_CLASSES = {
    "a table with classes": ("labels.csv", "file,label\n1.jpg,x\n"),
    "a table that names pictures": ("list.csv", "a,b\n1.jpg,0\n2.jpg,1\n"),
    "Via": ("via.json", {"_via_img_metadata": {"1.jpg": {"regions": []}}}),
    "LabelMe": ("cat/1.json", {"version": "5", "shapes": [{"label": "cat", "points": [[1, 2], [3, 4]]}]}),
    "a list of objects": ("all.json", [{"image": "1.jpg", "bbox": [1, 2, 3, 4]}]),
    "JSON lines": ("all.jsonl", '{"image_id": 1, "caption": "a cat"}\n'),
    "tiny ImageNet": ("cat/cat_boxes.txt", "1.jpg\t0\t32\t44\t62\n"),
    "CUB": ("images.txt", "1 cat/1.jpg\n2 dog/2.jpg\n"),
    "MATLAB": ("imagelabels.mat", b"MATLAB 5.0 MAT-file"),
    "NumPy": ("labels.npy", b"\x93NUMPY"),
    "a description": ("data.yaml", "names: [a, b]\nnc: 2\n"),
    "Parquet": ("train.parquet", b"PAR1"),
}


@pytest.mark.parametrize("what", BESIDE_CLASSES)
def test_what_looks_like_annotations_stops_the_import_and_names_the_way_on(folder_of, lab, what):
    name, content = BESIDE_CLASSES[what]
    source = read(folder_of(CATS | {name: content}), "image_folder")
    with pytest.raises(BadData) as e:
        lab.add("s", source, progress=False)
    said = str(e.value)
    assert name in said and "unread='allow' (--unread allow)" in said and "nothing was imported" in said
    assert not lab.data
    version = lab.add("s", source, unread="allow", progress=False)
    assert len(version) == 2 and any(name in line for line in version.import_report["unread"])


@pytest.mark.parametrize(
    "name, content",
    [
        ("README.md", "1.jpg is a cat, 2.jpg is a dog"),
        ("requirements.txt", "numpy 1 2 3 4 5\n"),
        ("package.json", {"name": "x", "version": "1"}),
        ("SHA256SUMS", "abc 1.jpg\n"),
        ("weights.pth", b"x"),
        ("make.py", "label = 1"),
        ("docker-compose.yaml", "services:\n  a: 1\n"),
        ("notes.txt", "The cats were photographed in 2020.\nThe dogs too.\n"),
        ("1.txt", "a cat on a sofa"),
        ("unlabelled.txt", "1.jpg\n2.jpg\n"),
        ("config.xml", "<config><a/></config>"),
        ("embeddings.npy", b"\x93NUMPY"),
    ],
)
def test_what_is_no_annotation_is_said_and_stops_nothing(folder_of, lab, name, content):
    version = lab.add("s", read(folder_of(CATS | {name: content})), progress=False)
    assert version.import_report["unread"] == [name]


def test_the_format_that_reads_it_is_named(folder_of, lab):
    """200 Pascal files beside pictures that somebody reads as class folders."""
    files = {f"cat/{n}.jpg": None for n in "ab"} | {f"cat/{n}.xml": voc_of() for n in "ab"}
    folder = folder_of(files)
    with pytest.raises(
        BadData, match=r"2 \.xml \(cat/a\.xml \.\.\.\): cat/a\.xml has <annotation>(.|\n)*--format voc: 2"
    ):
        lab.add("s", read(folder, "image_folder"), progress=False)
    assert stops(read(folder, "voc")) == []


def test_a_second_format_of_the_same_boxes_is_not_left_in_silence(folder_of):
    folder = folder_of(COCO | {"labels/1.txt": YOLO})
    assert stops(read(folder, "coco")) == [("labels/1.txt",)]
    assert stops(read(folder, "yolo")) == [("a.json",)]


def test_panoptic_and_outlines_beside_boxes_are_said(folder_of):
    panoptic = {"images": [], "annotations": [{"image_id": 1, "segments_info": []}]}
    source = read(folder_of(COCO | {"panoptic.json": panoptic, "masks/1.png": None}), "coco")
    assert sorted(stops(source)) == [("masks/1.png",), ("panoptic.json",)]


def test_classes_of_outlines_stop_unless_their_objects_are_read(folder_of):
    files = {"JPEGImages/a.jpg": None, "Annotations/a.xml": voc_of(), "SegmentationClass/a.png": None}
    assert stops(read(folder_of(files))) == [("SegmentationClass/a.png",)]
    files["SegmentationObject/a.png"] = None
    source = read(folder_of(files, "both"))
    assert stops(source) == [] and "classes of the objects" in str(source.unread()[0])


def test_pictures_that_no_file_lists_are_counted(folder_of):
    source = read(folder_of(COCO | {"images/2.jpg": None, "images/3.jpg": None}))
    assert [str(x) for x in source.unread()] == ["2 pictures (images/2.jpg ...)"]


def test_detections_and_calibration_are_known_and_stop_nothing(folder_of):
    line = "Car 0.00 0 -1.58 5.0 5.0 20.0 15.0 1.6 1.6 3.2 -0.6 1.7 25.0 -1.59\n"
    kitti = {"training/image_2/1.png": None, "training/label_2/1.txt": line}
    source = read(folder_of(kitti | {"training/calib/1.txt": "P0: 7.0 0.0 6.0 0.0 0.0\n"}))
    assert [str(x) for x in source.unread()] == ["training/calib/1.txt: calibration of the cameras"]
    boxes = {"images/1.jpg": None, "ground-truth/1.txt": "cat 1 2 30 40\n"}
    source = read(folder_of(boxes | {"detection-results/1.txt": "cat 0.9 1 2 30 40\n"}, "map"))
    assert stops(source) == [] and "detections of a model" in str(source.unread()[0])


def test_arrays_beside_a_table_stop_it(folder_of, lab):
    """An adjacency table while the readings lie beside it as .mat."""
    folder = folder_of({"adjacency.csv": "a,b\n0,1\n1,0\n", "tensor.npz": b"x", "README": "a"})
    with pytest.raises(BadData, match=r"read as table(.|\n)*tensor\.npz holds arrays"):
        lab.add("s", read(folder, "table"), progress=False)
    assert len(lab.add("s", read(folder, "table"), unread="allow", progress=False)) == 2


def test_who_names_one_file_does_not_ask_about_its_neighbours(folder_of):
    folder = folder_of(COCO | {"b.json": coco_of("1.jpg"), "labels.csv": "file,label\n1.jpg,x\n"})
    assert read(folder / "a.json").unread() == [] and stops(read(folder, "coco")) == [("labels.csv",)]


def test_members_of_an_archive_are_told_too(folder_of, tmp_path):
    import shutil

    folder = folder_of(CATS | {"labels.csv": "file,label\n1.jpg,x\n", "README": "x"})
    for form in ("zip", "tar", "xztar"):
        source = read(shutil.make_archive(str(tmp_path / "packed"), form, folder), "image_folder")
        assert [str(x) for x in source.unread()] == ["labels.csv: labels.csv has a column 'label'", "README"]


@pytest.mark.parametrize("format", ["bdd100k", "coco", "cvat", "kitti", "label_studio", "voc", "yolo", "documents"])
def test_what_our_writers_write_is_read_whole(format, tmp_path):
    write(road_world("clear-city", 4), tmp_path / "out", format, **({} if format == "documents" else {"lossy": True}))
    assert stops(read(tmp_path / "out")) == []


def test_the_command_line_stops_and_goes_on_when_told(folder_of, tmp_path, capsys):
    folder = folder_of(CATS | {"labels.csv": "file,label\n1.jpg,x\n", "README": "x"})
    words = ["add", str(tmp_path / "lab"), "s", str(folder), "--format", "image_folder"]
    assert main(words) == 2 and "--unread allow" in capsys.readouterr().err
    assert main([*words, "--unread", "allow"]) == 0
    capsys.readouterr()
    assert main(["report", str(tmp_path / "lab"), "s", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unread"] == ["labels.csv: labels.csv has a column 'label'", "README"]


@pytest.mark.parametrize(
    "name, lines, stop",
    [
        ("annotations/orig_unlabelled.txt", "2.jpg\n3.jpg\n", False),
        ("annotations/without_labels.txt", "2\n3\n", False),
        ("annotations/image_list.txt", "1.jpg\n2.jpg\n3.jpg\n", False),
        ("annotations/negatives.txt", "images/2.jpg\nimages/3.jpg\n", False),
        ("annotations/unlabelled.txt", "a picture.jpg\n3.jpg\n", False),
        ("annotations/unlabelled.txt", "2.jpg cat\n3.jpg dog\n", True),
        ("annotations/unlabelled.txt", "2.jpg\n3.jpg 0 0 10 10\n", True),
        ("annotations/unlabelled.txt", "7 2.jpg\n8 3.jpg\n", True),  # 7 of the one, 8 of the other
        ("annotations/unlabelled.txt", "all but the first\n", True),
        ("annotations/cat.txt", "2.jpg\n3.jpg\n", True),  # the list's name is the class
        ("annotations/test1.txt", "2.jpg\n3.jpg\n", True),  # or the split
    ],
)
def test_a_list_in_a_folder_of_annotations_stops_the_import_but_where_it_says_nothing(folder_of, name, lines, stop):
    pictures = {f"images/{i}.jpg": None for i in (1, 2, 3)}
    source = read(folder_of(pictures | {"annotations/a.json": coco_of("1.jpg"), name: lines}))
    assert source.format == "coco" and stops(source) == ([(name,)] if stop else [])
    assert any(name in str(x) for x in source.unread())  # named in the report either way
