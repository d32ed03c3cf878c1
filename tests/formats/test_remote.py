"""Folders behind an address: the same records as from the plain folder, nothing that leads out."""

import json

import pytest

from veml_lab.errors import BadData, BadInput, MissingFile
from veml_lab.formats import read
from veml_lab.sources.opening import open_tree

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def memory():
    """An empty folder of fsspec's file system in memory."""
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]
    yield fs
    fs.store.clear()


def strip(source) -> list:
    return [(r.uri, r.image, r.role, r.label, r.boxes, dict(r.columns)) for r in source.records()]


@pytest.mark.parametrize("fixture", ["class_folder", "voc_folder", "coco_folder"])
def test_a_remote_folder_gives_the_same_records_as_the_plain_one(memory, request, fixture):
    folder = request.getfixturevalue(fixture)
    memory.put(f"{folder}/", "/sets/a", recursive=True)
    far, near = read("memory://sets/a"), read(folder)
    assert far.format == near.format and strip(far) == strip(near) and far.classes == near.classes
    assert all(r.path is None for r in far.records())


def test_documents_and_tables_are_read_from_an_address_too(memory, picture):
    memory.pipe("/d/files/0.jpg", picture())
    memory.pipe("/d/documents.json", json.dumps([{"path": "files/0.jpg", "annotation": "car"}]).encode())
    assert [r.label for r in read("memory://d").records()] == ["car"]
    memory.pipe("/t/train.csv", b"x,y\n1,2\n")
    assert [dict(r.columns) for r in read("memory://t").records()] == [{"x": 1, "y": 2}]


def test_a_file_address_is_a_plain_path(class_folder):
    source = read(f"file://{class_folder}")
    assert strip(source) == strip(read(class_folder)) and next(source.records()).path is not None
    with pytest.raises(BadInput, match="names the host 'elsewhere'"):
        read(f"file://elsewhere{class_folder}")


def test_a_changed_remote_file_changes_the_fingerprint(memory, class_folder):
    memory.put(f"{class_folder}/", "/sets/a", recursive=True)
    first = read("memory://sets/a").fingerprint
    assert read("memory://sets/a").fingerprint == first
    memory.pipe("/sets/a/train/cat/9.jpg", (class_folder / "train" / "cat" / "0.jpg").read_bytes())
    assert read("memory://sets/a").fingerprint != first


def test_names_that_lead_out_and_chained_addresses_are_refused(memory):
    memory.store["/sets/a/b\\..\\c.jpg"] = fsspec.implementations.memory.MemoryFile(
        memory, "/sets/a/b\\..\\c.jpg", b"x"
    )
    with pytest.raises(BadData, match="points out of"):
        open_tree("memory://sets/a")
    with pytest.raises(BadInput, match="chains file systems"):
        open_tree("zip://x::memory://sets/a.zip")


@pytest.mark.parametrize("address", ["memory://nothing/here", "nosuchthing://x/y"])
def test_an_address_without_files_is_one_error(memory, address):
    with pytest.raises(MissingFile, match=r"holds no files|cannot be listed"):
        open_tree(address)


def test_a_table_behind_an_address_is_read_alone(memory):
    memory.pipe("/t/a.csv", b"x,label\n1,a\n2,b\n")
    memory.pipe("/t/b.csv", b"other\n1\n")
    assert [(r.uri, r.label, r.columns) for r in read("memory://t/a.csv", label="label").records()] == [
        ("a.csv#0", "a", {"x": 1}),
        ("a.csv#1", "b", {"x": 2}),
    ]


def test_archives_and_idx_files_behind_an_address_say_what_to_do(memory, idx_folder):
    memory.pipe("/z/a.tar.gz", b"something")
    with pytest.raises(BadInput, match=r"archive behind an address.*fetch it first"):
        read("memory://z/a.tar.gz")
    memory.put(f"{idx_folder()[0]}/", "/digits", recursive=True)
    with pytest.raises(BadInput, match="fetch the folder first"):
        read("memory://digits")
