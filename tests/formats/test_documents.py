"""Documents of MLife: hand-written ones in every notation, the MD5, paths that lead out, hostile XML."""

import hashlib
import json
import os
import tarfile

import numpy as np
import pytest
from patience import PATIENCE_S

from veml_lab.errors import BadData, BadInput, MissingFile, VemlError
from veml_lab.formats import Box, Caption, Record, Source, Target, read, read_documents, write
from veml_lab.formats.document_rows import cell_of, text_of_cell


@pytest.fixture
def store(tmp_path, picture):
    """Three pictures; gives the folder and their MD5s."""
    (tmp_path / "files").mkdir()
    md5 = []
    for k in range(3):
        data = picture(k)
        (tmp_path / "files" / f"{k}.jpg").write_bytes(data)
        md5.append(hashlib.md5(data).hexdigest())
    return tmp_path, md5


BOXES = {
    "boxes": [{"label": "bus", "box": [1, 2, 10, 8], "attributes": {"occluded": True}, "instance": 3}],
    "captions": ["a bus"],
    "targets": {"risk": 0.5},
}


def as_csv(md5) -> str:
    boxes = json.dumps(BOXES).replace('"', '""')
    return (
        "path,MD5,annotation,role,weather,speed,plate\n"
        f'files/0.jpg,{md5[0].upper()},car,train,fog,12.5,"""007"""\n'
        f'files/1.jpg,{md5[1]},"{boxes}",test,sun,3,\n'
        "files/2.jpg,,,,,,true\n"
    )


def as_json(md5, lines=False) -> str:
    rows = [
        {
            "path": "files/0.jpg",
            "md5": md5[0],
            "annotation": "car",
            "role": "train",
            "weather": "fog",
            "speed": 12.5,
            "plate": "007",
        },
        {"path": "files/1.jpg", "md5": md5[1], "annotation": BOXES, "role": "test", "weather": "sun", "speed": 3},
        {"path": "./files/2.jpg", "plate": True},
    ]
    return "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)


def as_xml(md5) -> str:
    return f"""<?xml version="1.0"?><documents>
  <document><path>files/0.jpg</path><md5>{md5[0]}</md5><annotation>car</annotation><role>train</role>
    <weather> fog </weather><speed>12.5</speed><plate>"007"</plate></document>
  <document><path>files/1.jpg</path><md5>{md5[1]}</md5><annotation>{json.dumps(BOXES)}</annotation>
    <role>test</role><column name="weather">sun</column><speed>3</speed></document>
  <document><path>files/2.jpg</path><plate>true</plate></document></documents>"""


WAYS = {"csv": as_csv, "json": as_json, "jsonl": lambda m: as_json(m, lines=True), "xml": as_xml}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_document_in_every_notation(store, way):
    folder, md5 = store
    (folder / f"documents.{way}").write_text(WAYS[way](md5))
    source = read(folder)
    assert (
        source.format == "documents"
        and source.classes == ("bus", "car")
        and source.total == 3
        and source.task == "detection"
    )
    a, b, c = source.records()
    assert (a.label, a.role, a.columns) == ("car", "train", {"weather": "fog", "speed": 12.5, "plate": "007"})
    assert (
        a.image == (folder / "files" / "0.jpg").read_bytes()
        and a.path == str(folder / "files" / "0.jpg")
        and a.uri == "files/0.jpg"
    )
    assert (b.boxes, b.role, b.columns) == (
        (Box("bus", 1, 2, 10, 8, {"occluded": True}, 3),),
        "test",
        {"weather": "sun", "speed": 3},
    )
    assert (b.captions, b.targets, b.label) == ((Caption("a bus"),), (Target("risk", 0.5),), None)
    assert (c.label, c.role, c.boxes) == (None, "", ()) and c.columns["plate"] is True
    assert source.findings() == []


def test_an_archive_of_documents_gives_the_same_records(store):
    folder, md5 = store
    (folder / "documents.csv").write_text(as_csv(md5))
    with tarfile.open(folder.parent / "store.tar.gz", "w:gz") as t:
        t.add(folder, arcname=".")
    strip = lambda s: [(r.image, r.label, r.boxes, dict(r.columns), r.role) for r in s.records()]  # noqa: E731
    assert strip(read(folder.parent / "store.tar.gz")) == strip(read(folder))


def test_several_documents_are_read_and_their_names_give_the_role(store):
    folder, md5 = store
    (folder / "documents-train.csv").write_text(f"path,md5,annotation\nfiles/0.jpg,{md5[0]},car\n")
    (folder / "documents-test.csv").write_text(f"path,md5,annotation\nfiles/1.jpg,{md5[1]},dog\n")
    assert sorted((r.label, r.role) for r in read(folder).records()) == [("car", "train"), ("dog", "test")]


def test_a_picture_that_was_changed_is_found_by_its_md5(store, picture):
    folder, md5 = store
    (folder / "documents.csv").write_text(as_csv(md5))
    (folder / "files" / "1.jpg").write_bytes(picture(99))
    source = read(folder)
    with pytest.warns(UserWarning, match="skipped 1"):
        assert [r.uri for r in source.records()] == ["files/0.jpg", "files/2.jpg"]
    assert "the MD5 of 'files/1.jpg' is" in source.findings()[0]
    with pytest.raises(BadData, match=r"row 3: the MD5 of 'files/1\.jpg' is"):
        list(read(folder, strict=True).records())


@pytest.mark.parametrize("path", ["../secret.jpg", "/etc/secret.jpg", "files/../../x.jpg", "a\\b.jpg"])
def test_a_path_that_leads_out_is_a_finding_and_nothing_is_read_there(store, path):
    rows = [{"path": path}, {"path": "files/0.jpg"}]
    (store[0] / "documents.json").write_text(json.dumps(rows))
    with pytest.raises(BadData, match="is not there"):
        list(read(store[0], strict=True).records())
    with pytest.warns(UserWarning, match=r"is not there.*; say root="):
        assert [r.uri for r in read(store[0]).records()] == ["files/0.jpg"]


def test_absolute_paths_under_the_root_are_read(store):
    folder, _ = store
    (folder / "lists").mkdir()
    (folder / "lists" / "task7.csv").write_text(f"path,annotation\n{folder}/files/0.jpg,car\nfiles/1.jpg,dog\n")
    source = read_documents(folder / "lists" / "task7.csv", root=folder)
    assert [(r.uri, r.label) for r in source.records()] == [("files/0.jpg", "car"), ("files/1.jpg", "dog")]


def test_rows_that_cannot_be_used_are_reported_one_by_one(store):
    folder, _ = store
    (folder / "files" / "sound.wav").write_bytes(b"RIFF")
    rows = [
        {
            "path": "files/0.jpg",
            "annotation": {
                "boxes": [{"label": "a", "box": [1, 2, 3]}, {"label": "a", "box": [1, 2, 3, 4]}, {"box": [0, 0, 1, 1]}],
                "colour": 1,
            },
        },
        {"path": "files/9.jpg"},
        {"path": "files/sound.wav"},
        {"annotation": "x"},
        {
            "path": "files/1.jpg",
            "role": "spare",
            "tags": ["a"],
            "annotation": {"targets": {"y": "soon"}, "masks": [{"label": "m", "polygons": [[1, 2]]}]},
        },
        {
            "path": "files/2.jpg",
            "annotation": {
                "boxes": [{"label": "a", "box": [500, 500, 9, 9]}],
                "keypoints": [{"label": "k", "points": [[1, 2, 7]]}],
            },
        },
    ]
    (folder / "documents.json").write_text(json.dumps(rows))
    source = read(folder)
    with pytest.warns(UserWarning, match="skipped 12"):
        a, b, c = source.records()
    assert a.boxes == (Box("a", 1, 2, 3, 4),) and b.columns == {} and c.boxes == ()
    for said in (
        "no box [x, y, w, h]",
        "no object with a label",
        "'colour'",
        "'files/9.jpg' is not there",
        "is no picture",
        "has no path",
        "'spare'",
        "holds list",
        "'y' is no finite number",
        "no polygons",
        "no points",
        "outside its picture",
    ):
        assert sum(said in line for line in source.findings()) == 1, said
    with pytest.raises(BadData, match="row 1"):
        list(read(folder, strict=True).records())


def test_a_picture_in_two_rows_is_a_finding(store):
    (store[0] / "documents.csv").write_text("path\nfiles/0.jpg\nfiles/0.jpg\n")
    with pytest.raises(BadData, match=r"row 3: 'files/0\.jpg' has an entry already"):
        list(read(store[0], strict=True).records())
    with pytest.warns(UserWarning, match=r"row 3: 'files/0\.jpg' has an entry already"):
        assert len(list(read(store[0]).records())) == 1


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b'
    ' "&a;&a;&a;&a;">]><documents><document><path>&b;</path></document></documents>'
)
OUTSIDE = (
    '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><documents><document><path>&x;</path></document></documents>'
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "declares entities"),
        (OUTSIDE, "declares entities"),
        ("<a>" * 200, "deeper than 64"),
        ("<documents><document>", "damaged XML"),
    ],
)
def test_hostile_xml_is_one_error(store, text, said):
    (store[0] / "documents.xml").write_text(text)
    with pytest.raises(BadData, match=said):
        read(store[0])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("documents.csv", "path,path\na,b\n", "two columns called 'path'"),
        ("documents.csv", "path,x\nfiles/0.jpg\n", "has 1 cells, the header 2"),
        ("documents.csv", 'path\n"files', "damaged table"),
        ("documents.csv", b"path,x\nfiles/0.jpg,\xff\xfe\n", "no UTF-8 text"),
        ("documents.json", "[1, 2]", "no object with a path"),
        ("documents.json", '[{"path": "a"', "damaged or no JSON"),
        ("documents.json", "[" * 5000, "deeper than|damaged"),
        ("documents.jsonl", '{"path"', "line 1: is damaged JSON"),
        ("documents.csv", "path,md5,annotation\n", "have no rows"),
    ],
)
def test_damaged_documents_are_one_error(store, name, text, said):
    (store[0] / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises((BadData, MissingFile), match=said):
        list(read(store[0]).records())


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("way", WAYS)
def test_mutated_documents_are_read_or_refused_and_nothing_else(store, way):
    folder, md5 = store
    path = folder / f"documents.{way}"
    whole, rng, refused = WAYS[way](md5).encode(), np.random.default_rng(5), 0
    for _ in range(100):
        b = bytearray(whole)
        for at in rng.integers(0, len(b), 3):
            b[at] = int(rng.integers(256))
        path.write_bytes(bytes(b))
        try:
            source = read(folder)
            for r in source.records():
                assert r.width > 0 and all(np.isfinite([o.x, o.y, o.w, o.h]).all() for o in r.boxes)
            refused += bool(source.findings())
        except VemlError as e:
            assert len(str(e)) > 20
            refused += 1
    assert refused > 20


@pytest.mark.parametrize(
    "value",
    [
        "",
        "3",
        "3.0",
        "-0",
        "true",
        "nan",
        '"',
        '"a"',
        " a",
        "a\n",
        "\x00",
        "1e5",
        "fog",
        "ä",
        3,
        2.5,
        1e300,
        True,
        False,
        -7,
    ],
)
def test_a_cell_in_text_is_the_same_value_with_the_same_type(value):
    again = cell_of(text_of_cell(value))
    assert again == value and type(again) is type(value)


def test_a_new_document_or_picture_changes_the_fingerprint(store):
    folder, md5 = store
    (folder / "documents.csv").write_text(as_csv(md5))
    first = read(folder).fingerprint
    assert read(folder).fingerprint == first != read(folder, classes=["car", "bus"]).fingerprint
    os.utime(folder / "files" / "0.jpg", ns=(1, 1))
    assert read(folder).fingerprint != first


def test_a_free_column_with_a_name_of_ours_or_an_odd_class_is_refused_on_writing(tmp_path, picture):
    record = Record("a", picture(), 32, 24, columns={"MD5": "x"})
    with pytest.raises(BadInput, match=r"free column 'MD5' .*, which a document cannot hold; rename it"):
        write(Source("m", "m", "none", (), lambda: iter([record]), 1, "f"), tmp_path / "out", "documents")
    with pytest.raises(BadInput, match="cannot stand in a line"):
        write(Source("m", "m", "none", ("a\nb",), lambda: iter([record]), 1, "f"), tmp_path / "out", "documents")
    with pytest.raises(BadInput, match="a document is one of csv, json, jsonl, xml, not 'yaml'"):
        write(
            Source("m", "m", "none", (), lambda: iter([record]), 1, "f"), tmp_path / "out", "documents", document="yaml"
        )
    assert list(tmp_path.iterdir()) == []
