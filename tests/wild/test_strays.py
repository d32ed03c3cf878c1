"""Of every format: what lies in the folder and is not read is said or stops the import; odd things are findings."""

import os
import socket
import tarfile
from pathlib import Path

import pytest
from sets_of_every_format import PARTS, SETS
from wild_files import picture

import veml_lab as veml
from veml_lab.errors import BadData, VemlError
from veml_lab.formats import FORMATS, read

# Drawn by the program; read by a package that may not be here (tests/wild/test_bridge.py).
NOT_FILES = {"road_world", "labelformat"}
OPTIONS = {"table": {"label": "y"}}
# Files that may be data of the format itself: there they are read, or the reader says why not.
OWN = {"pictures": {"extra.jpg"}, "image_folder": {"extra.jpg"}, "yolo": {"extra.jpg"}, "picture_table": {"extra.jpg"}}
STRAYS = {
    "notes.txt": b"remember the milk\n",
    "x.mat": b"MATLAB 5.0 MAT-file",
    "extra.jpg": picture(99, format="JPEG"),
    "extra.xml": b"<annotation><object><name>cat</name></object></annotation>",
    "README.md": b"# What this is\n",
    "sheet.xlsx": b"PK\x03\x04",
}
SILENT = (".hidden", ".DS_Store", "Thumbs.db", "desktop.ini", "~$sheet.xlsx", "__MACOSX/a.jpg", ".git/config",
          "@eaDir/a.jpg")  # fmt: skip


def opened(root, format, **options):
    return read(root, format, **{**OPTIONS.get(format, {}), **options})


def put(root, files):
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


def test_every_format_has_a_small_set():
    assert set(SETS) | NOT_FILES == set(FORMATS), "add one to tests/wild/sets_of_every_format.py"


def said_of(source):
    """Everything that an import would say: what is not read, which is asked before the walk, and what was left out."""
    unread = [*map(str, source.unread())]
    list(source.records())
    return [*unread, *source.findings()]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("format", SETS)
def test_a_clean_set_leaves_nothing_unread(folder_of, tmp_path, format, packed):
    root = folder_of(SETS[format](PARTS))
    put(root, dict.fromkeys(SILENT, b"x"))
    if packed:
        if format in ("idx", "video", "webdataset"):
            pytest.skip("is read from a folder")
        with tarfile.open(tmp_path / "s.tar.gz", "w:gz") as tar:
            tar.add(root, "set")
        root = tmp_path / "s.tar.gz"
    source = opened(root, format)
    assert said_of(source) == []


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("stray", STRAYS)
@pytest.mark.parametrize("format", SETS)
def test_what_is_not_read_is_said_or_stops(folder_of, format, stray):
    root = folder_of(SETS[format](PARTS))
    before = [r.uri for r in opened(root, format).records()]
    put(root, {f"{stray}": STRAYS[stray]})
    try:
        source = opened(root, format)
    except VemlError as e:
        assert stray in str(e)
        return
    said = [line for line in said_of(source) if stray in line]
    after = [r.uri for r in source.records()]
    new = [u for u in after if u not in before]
    if any(stray in u for u in new):
        assert stray in OWN.get(format, ()), "a stray became a sample"
    else:
        assert said, f"nothing is said of {stray}"
        assert after == before


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("format", SETS)
def test_a_picture_among_the_others_that_nothing_names_is_said(folder_of, format):
    root = folder_of(SETS[format](PARTS))
    places = sorted({p.parent for e in ("jpg", "png") for p in root.rglob(f"*.{e}")})
    if not places:
        pytest.skip("has no pictures of their own")
    before = [r.uri for r in opened(root, format).records()]
    (places[0] / "unnamed.jpg").write_bytes(picture(98, format="JPEG"))
    source = opened(root, format)
    said = said_of(source)
    new = [r.uri for r in source.records() if r.uri not in before]
    assert new or any("unnamed.jpg" in line for line in said)
    assert not new or format in OWN


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("format", SETS)
def test_links_and_pipes_are_findings_and_stop_nothing_but_strict(folder_of, tmp_path, format):
    root = folder_of(SETS[format](PARTS))
    before = [r.uri for r in opened(root, format).records()]
    (tmp_path / "secret.jpg").write_bytes(picture(97, format="JPEG"))
    inner = next(p.parent for p in sorted(root.rglob("*")) if p.is_file())
    (inner / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (inner / "gone.xml").symlink_to(tmp_path / "nothing.xml")
    (root / "above").symlink_to(tmp_path)
    for name in ("pipe.jpg", "train-images-idx3-ubyte", "pipe.csv", "data.yaml"):
        os.mkfifo(inner / name)
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    try:
        os.chdir(inner)  # names of sockets are short
        listening.bind("s.json")
    finally:
        os.chdir(here)
        listening.close()
    source = opened(root, format)
    said = said_of(source)
    assert [r.uri for r in source.records()] == before
    odd = ("out.jpg", "gone.xml", "above", "pipe.jpg", "pipe.csv", "data.yaml", "s.json", "train-images-idx3-ubyte")
    if format == "sensors":  # it has no findings; the report counts them
        assert any("8 links and the like" in line for line in said)
        return
    for name in odd:
        assert sum(f"{name}: is a" in line for line in said) == 1, name
    with pytest.raises(BadData):
        list(opened(root, format, strict=True).records())


def test_an_import_counts_and_lists_odd_files(folder_of, tmp_path):
    root = folder_of(SETS["coco"](PARTS))
    (root / "images" / "out.jpg").symlink_to(tmp_path / "elsewhere.jpg")
    lab = veml.open(tmp_path / "lab")
    with pytest.warns(UserWarning, match=r"skipped 1 faulty entry: .*out\.jpg: is a link"):
        version = lab.add("s", read(root), progress=False)
    assert len(version) == 3
    assert [line for line in version.import_report["skipped"] if "out.jpg: is a link" in line]


def test_a_named_picture_that_is_a_link_says_that_it_is_one(folder_of, tmp_path):
    root = folder_of(SETS["coco"](PARTS))
    (root / "images" / "b.jpg").rename(tmp_path / "b.jpg")
    (root / "images" / "b.jpg").symlink_to(tmp_path / "b.jpg")
    source = read(root)
    with pytest.warns(UserWarning):
        assert len(list(source.records())) == 2
    assert any("its picture 'b.jpg' cannot be read: images/b.jpg is a link" in line for line in source.findings())
