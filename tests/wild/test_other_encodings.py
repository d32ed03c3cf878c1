"""Texts that are no UTF-8 beside pictures: they are read where they say what they are, else they stop the import.

Nothing of such a file can be told for sure, so the pictures beside it are never taken for pictures without annotations.
"""

import json

import pytest
from wild_files import coco_of, voc_of

from veml_lab.errors import BadInput
from veml_lab.formats import read
from veml_lab.sources.clues import clues_of
from veml_lab.sources.encodings import foreign, legible

TASK = {
    "data": {"image": "/data/upload/1/Grüß.jpg"},
    "completions": [
        {
            "result": [
                {
                    "type": "rectanglelabels",
                    "original_width": 64,
                    "original_height": 48,
                    "value": {"x": 10, "y": 10, "width": 20, "height": 20, "rectanglelabels": ["Kätzchen"]},
                }
            ]
        }
    ],
}
TEXTS = {
    "tasks of Label Studio": ("export.json", [TASK]),
    "COCO": ("instances.json", coco_of("Grüß.jpg")),
    "LabelMe": ("Grüß.json", {"shapes": [{"label": "Kätzchen", "points": [[1, 2], [3, 4]]}], "imagePath": "Grüß.jpg"}),
    "JSON of nobody": ("sätze.json", {"Grüße": 1}),
    "JSON lines": ("all.jsonl", '{"bild": "Grüß", "tier": "Kätzchen"}\n'),
    "JSON lines of another ending": ("all.ndjson", '{"bild": "Grüß", "tier": "Kätzchen"}\n'),
    "a table": ("liste.csv", "bild|tier\nGrüß|Kätzchen\nNoël|Hündchen\n"),
    "a table of other columns": ("liste.csv", "a;b\nüx;1\nüy;2\n"),
    "a table with tabs": ("liste.tsv", "bild\ttier\nGrüß\tKätzchen\n"),
    "XML without a declaration": ("Grüß.xml", voc_of("Kätzchen", "Grüß.jpg")),
    "a list": ("liste.txt", "Grüß Kätzchen\nNoël Hündchen\n"),
    "lines of numbers": ("Grüß.txt", "Kätzchen 0.5 0.5 0.5 0.5\n"),
}
ENCODINGS = ("latin-1", "cp1252", "mac-roman", "utf-16-le", "utf-16-be", "utf-8 cut")


def encoded(text: str, encoding: str) -> bytes:
    """The text; cut is UTF-8 of which one accent has lost its second byte."""
    if encoding == "utf-8 cut":
        return text.encode().replace("ü".encode(), b"\xc3")
    return text.encode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("what", TEXTS)
def test_no_set_with_a_text_in_another_encoding_is_taken_for_pictures_alone(what, encoding, folder_of, lab):
    """Class folders in which such a file lies: either the format is known and refuses, or the import stops."""
    name, content = TEXTS[what]
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    files = {"bilder/Grüß.jpg": None, "bilder/Noël.jpg": None, name: encoded(text, encoding)}
    if what in ("a table", "a table with tabs") and encoding.startswith("utf-16"):  # its zeros say what it is
        labels = {r.uri: r.label for r in read(folder_of(files)).records()}
        assert labels["bilder/Grüß.jpg"] == "Kätzchen"
        return

    with pytest.raises(BadInput) as e:
        lab.add("s", read(folder_of(files)), progress=False)
    assert name in str(e.value) and not lab.data


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("format", ["label_studio", "labelme", "bdd100k", "coco_panoptic", "supervisely", "via"])
def test_who_names_the_format_is_told_which_file_is_no_utf_8(format, encoding, folder_of):
    text = encoded(json.dumps([TASK], ensure_ascii=False), encoding)
    with pytest.raises(BadInput, match=r"export\.json is no UTF-8 text.*; save it as UTF-8"):
        read(folder_of({"Grüß.jpg": None, "export.json": text}), format)


def test_where_all_is_utf_8_nothing_is_said_of_encodings(folder_of):
    with pytest.raises(BadInput) as e:
        read(folder_of({"Grüß.jpg": None, "export.json": {"Größe": 1}}), "label_studio")
    assert "UTF-8" not in str(e.value)


@pytest.mark.parametrize("format, name", [("voc", "a.xml"), ("cvat", "all.xml"), ("documents", "documents.xml")])
def test_xml_with_an_accent_in_another_encoding_says_so(format, name, folder_of):
    text = {
        "voc": voc_of("Kätzchen", "a.jpg"),
        "cvat": "<annotations><image name='Grüß.jpg'/></annotations>",
        "documents": "<root><row><path>Grüß.jpg</path></row></root>",
    }[format]
    with pytest.raises(BadInput, match="no UTF-8 and does not say so"):
        read(folder_of({"a.jpg": None, name: text.encode("latin-1")}), format, strict=True)


def test_lines_of_metadata_that_are_no_utf_8_are_not_called_lines_without_columns(folder_of):
    line = '{"file_name": "Grüß.jpg", "label": 1}\n'.encode("latin-1")
    with pytest.raises(BadInput, match="none of its lines is JSON in UTF-8"):
        read(folder_of({"Grüß.jpg": None, "metadata.jsonl": line}))


def test_a_table_of_pictures_in_another_encoding_names_the_option_that_reads_it(folder_of):
    table = "bild|tier\nGrüß|Kätzchen\nNoël|Hündchen\n".encode("latin-1")
    root = folder_of({"Grüß.jpg": None, "Noël.jpg": None, "liste.csv": table})
    with pytest.raises(BadInput, match=r"liste\.csv is no UTF-8 text.*; say encoding=, for example latin-1"):
        read(root)
    source = read(root, encoding="latin-1")
    assert {r.uri: r.label for r in source.records()} == {"Grüß.jpg": "Kätzchen", "Noël.jpg": "Hündchen"}


def test_an_accent_far_behind_the_head_counts(folder_of, lab):
    text = json.dumps({"x": ["a" * 9000, "Grüß"]}, ensure_ascii=False).encode("latin-1")
    with pytest.raises(BadInput, match=r"far\.json is no UTF-8 text"):
        lab.add("s", read(folder_of({"cat/1.jpg": None, "cat/2.jpg": None, "far.json": text})), progress=False)


@pytest.mark.parametrize(
    "name, text",
    [
        ("notiz.txt", "Die Kätzchen wurden im Mai 2020 in München aufgenommen.\nDie Hündchen danach im selben Haus.\n"),
        ("LIESMICH.md", "Kätzchen\n"),
        ("README.txt", "Kätzchen\n"),
        ("einstellung.xml", "<?xml version='1.0' encoding='latin-1'?><config><a>ü</a></config>"),
        ("einstellung.xml", "<config><a>ü</a></config>"),
    ],
)
def test_a_note_in_another_encoding_is_said_and_stops_nothing(name, text, folder_of, lab):
    files = {"cat/1.jpg": None, "cat/2.jpg": None, name: text.encode("latin-1")}
    version = lab.add("s", read(folder_of(files)), progress=False)
    assert version.import_report["unread"] == [name]


@pytest.mark.parametrize(
    "name", ["labels.xlsx", "truth.xls", "boxes.ods", "train-00000-of-00001.tfrecord", "train.rec", "a.parquet"]
)
def test_tables_that_nobody_here_reads_stop_beside_pictures(name, folder_of, lab):
    root = folder_of({"cat/1.jpg": None, "cat/2.jpg": None, name: b"PK\3\4"})
    with pytest.raises(BadInput, match="is a table"):
        lab.add("s", read(root, "image_folder"), progress=False)


def test_the_head_of_a_file_may_end_within_a_sign(folder_of):
    text = ("ü" * 3000).encode()
    assert not foreign(text[:-1]) and legible(text[:-1]) == "ü" * 2999
    clues = clues_of(folder_of({"a.txt": b"x" + text, "b.txt": text}))
    assert clues.lines("a.txt") == [] and not clues.foreign("a.txt") and not clues.foreign("b.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "utf-16-le", "utf-16-be"])
def test_texts_are_looked_into_in_every_encoding(encoding):
    text = "Grüß, Kätzchen\n"
    assert legible(text.encode(encoding)) == text
    assert foreign(text.encode(encoding)) == (encoding in ("latin-1", "utf-16-le", "utf-16-be"))
