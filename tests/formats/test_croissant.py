"""Croissant: our export read by the reference implementation; descriptions written by hand after the specification."""

import hashlib
import io
import json
import zipfile

import numpy as np
import pytest
from patience import PATIENCE_S
from PIL import Image

from veml_lab.errors import BadData, MissingFile, UnknownName
from veml_lab.formats import Box, Record, Source, read, read_croissant, write
from veml_lab.formats.croissant_write import CONTEXT


def png(k: int, size=(40, 30)) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.full((size[1], size[0], 3), 30 * k, np.uint8)).save(out, "PNG")
    return out.getvalue()


def detected() -> Source:
    records = [
        Record(
            f"{k}",
            png(k),
            40,
            30,
            role,
            boxes=(Box("car", 1, 2, 3.5, 4, {"occluded": 1}), Box("bus", 0, 0, 40, 30))[:k],
            columns={"weather": "fog", "lane": k},
        )
        for k, role in enumerate(["train", "train", "test"])
    ]
    return Source("made", "made", "detection", ("bus", "car"), lambda: iter(records), 3, "f")


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def test_the_reference_implementation_reads_our_export_without_an_error(tmp_path):
    mlc = pytest.importorskip("mlcroissant")
    source = detected()
    write(source, tmp_path / "out", "croissant", license="https://creativecommons.org/licenses/by/4.0/")
    dataset = mlc.Dataset(str(tmp_path / "out" / "croissant.json"))
    assert not list(dataset.metadata.ctx.issues.errors) and dataset.metadata.ctx.is_v1_1()
    rows = {text(r["records/filename"]): r for r in dataset.records("records")}
    assert len(rows) == 3
    for r in source.records():
        row = rows[f"{r.uri}.png"]
        np.testing.assert_array_equal(np.asarray(row["records/image"]), np.asarray(Image.open(io.BytesIO(r.image))))
        assert row["records/bbox"] == [[b.x, b.y, b.w, b.h] for b in r.boxes]
        assert [text(c) for c in row["records/category"]] == [b.label for b in r.boxes]
        assert (text(row["records/split"]), text(row["records/weather"]), row["records/lane"]) == (
            r.role,
            "fog",
            r.columns["lane"],
        )


# The context of version 1.0 has no arrays yet, names in one language, and containedIn of schema.org.
CONTEXT_1_0 = {
    k: v for k, v in CONTEXT.items() if k not in ("arrayShape", "isArray", "containedIn", "name", "description")
}


def described(folder, distribution, fields, extra=(), **more) -> None:
    content = {
        "@context": CONTEXT_1_0,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "pets",
        "distribution": distribution,
        "recordSet": [{"@type": "cr:RecordSet", "@id": "pets", "field": fields}, *extra],
    } | more
    (folder / "croissant.json").write_text(json.dumps(content))


def file(name: str, kind: str, data: bytes = b"", **more) -> dict:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "contentUrl": name,
        "encodingFormat": kind,
        "sha256": hashlib.sha256(data).hexdigest(),
    } | more


def field(name: str, kind, source: dict, **more) -> dict:
    return {
        "@type": "cr:Field",
        "@id": f"pets/{name}",
        "name": f"pets/{name}",
        "dataType": kind,
        "source": source,
    } | more


def column(name: str, table: str = "pets.csv") -> dict:
    return {"fileObject": {"@id": table}, "extract": {"column": name}}


FILES = {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "filename"}}


@pytest.fixture
def pets(tmp_path):
    """A CSV table joined by file name to pictures in a zip, classes by number in an enumeration."""
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as z:
        for k in range(3):
            z.writestr(f"all/{k}.png", png(k))
        z.writestr("all/readme.txt", "no picture")
    table = b"file,kind,box,age,part\n0.png,7,1 2 3 4,1.5,train\n2.png,3,0 0 9 9,2.5,test\n"
    (tmp_path / "pets.csv").write_bytes(table)
    distribution = [
        file("pets.csv", "text/csv", table),
        file("images.zip", "application/zip", (tmp_path / "images.zip").read_bytes()),
        {
            "@type": "cr:FileSet",
            "@id": "images",
            "containedIn": {"@id": "images.zip"},
            "encodingFormat": "image/png",
            "includes": "all/*.png",
        },
    ]
    fields = [
        field("file", "sc:Text", column("file"), references=FILES),
        field("image", "sc:ImageObject", {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "content"}}),
        field("kind", ["sc:Integer", "cr:Label"], column("kind"), references={"field": {"@id": "kinds/id"}}),
        field("box", "cr:BoundingBox", column("box")),
        field("age", "sc:Float", column("age")),
        field("part", ["sc:Text", "cr:Split"], column("part")),
    ]
    kinds = {
        "@type": "cr:RecordSet",
        "@id": "kinds",
        "dataType": "sc:Enumeration",
        "key": {"@id": "kinds/id"},
        "field": [{"@type": "cr:Field", "@id": f"kinds/{n}", "name": n, "dataType": "sc:Text"} for n in ("id", "name")],
        "data": [
            {"kinds/id": 3, "kinds/name": "cat"},
            {"kinds/id": 7, "kinds/name": "dog"},
            {"kinds/id": 9, "kinds/name": "owl"},
        ],
    }
    described(tmp_path, distribution, fields, [kinds])
    return tmp_path, distribution, fields, kinds


def test_a_table_joined_to_pictures_in_an_archive(pets):
    source = read(pets[0])
    assert source.format == "croissant" and source.classes == ("cat", "dog", "owl") and source.total == 2
    a, b = source.records()
    assert (a.image, a.label, a.role, a.boxes) == (png(0), "dog", "train", (Box("dog", 1, 2, 3, 4),))
    assert (b.image, b.label, b.role, b.columns["age"]) == (png(2), "cat", "test", 2.5)


def test_the_reference_implementation_reads_the_same_from_the_hand_written_set(pets):
    mlc = pytest.importorskip("mlcroissant")
    folder, distribution, fields, _ = pets
    # it unpacks archives into a cache of the user's, and joins two sources at most
    with zipfile.ZipFile(folder / "images.zip") as z:
        z.extractall(folder)
    del distribution[1], distribution[1]["containedIn"]
    described(folder, distribution, [f for f in fields if f["name"] != "pets/kind"])
    theirs = list(mlc.Dataset(str(pets[0] / "croissant.json")).records("pets"))
    for r, row in zip(read(pets[0]).records(), theirs, strict=True):
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(r.image))), np.asarray(row["pets/image"]))
        assert [r.boxes[0].x, r.boxes[0].y, r.boxes[0].w, r.boxes[0].h] == row["pets/box"] and row[
            "pets/age"
        ] == r.columns["age"]


def test_pictures_alone_with_the_class_from_their_folder(tmp_path):
    for label, k in (("cat", 1), ("dog", 2)):
        (tmp_path / "photos" / label).mkdir(parents=True)
        (tmp_path / "photos" / label / f"{k}.png").write_bytes(png(k))
    (tmp_path / "photos" / "notes.txt").write_text("x")
    images = {"@type": "cr:FileSet", "@id": "images", "encodingFormat": "image/png", "includes": "photos/*/*.png"}
    path = {
        "fileSet": {"@id": "images"},
        "extract": {"fileProperty": "fullpath"},
        "transform": {"regex": "^photos/([^/]+)/.*$"},
    }
    content = {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "content"}}
    described(
        tmp_path, [images], [field("image", "sc:ImageObject", content), field("label", ["sc:Text", "cr:Label"], path)]
    )
    source = read(tmp_path)
    assert source.classes == ("cat", "dog") and source.task == "classification"
    assert [(r.label, r.image, r.columns) for r in source.records()] == [("cat", png(1), {}), ("dog", png(2), {})]


def test_json_lines_and_a_target_make_rows(tmp_path):
    data = b'{"a": 1, "y": 2.5}\n{"a": 2, "y": null}\n'
    (tmp_path / "t.jsonl").write_bytes(data)
    described(
        tmp_path,
        [file("t.jsonl", "application/jsonlines", data)],
        [field("a", "sc:Integer", column("a", "t.jsonl")), field("y", "sc:Float", column("y", "t.jsonl"))],
    )
    rows = list(read_croissant(tmp_path, targets="y").records())
    assert [(r.kind, dict(r.columns), [t.value for t in r.targets]) for r in rows] == [
        ("row", {"a": 1}, [2.5]),
        ("row", {"a": 2}, []),
    ]


def test_a_wrong_checksum_is_refused(pets):
    folder = pets[0]
    (folder / "pets.csv").write_bytes((folder / "pets.csv").read_bytes().replace(b"1.5", b"9.5"))
    with pytest.raises(BadData, match=r"pets\.csv has another checksum"):
        read(folder)


def test_a_file_with_an_address_is_looked_for_locally_and_never_fetched(pets):
    folder, distribution, fields, kinds = pets
    distribution[0]["contentUrl"] = "https://example.org/data/pets.csv?download=1"
    described(folder, distribution, fields, [kinds])
    assert read(folder).total == 2
    distribution[0]["contentUrl"] = "https://example.org/data/other.csv"
    described(folder, distribution, fields, [kinds])
    with pytest.raises(MissingFile, match="nothing is fetched, put it there"):
        read(folder)


@pytest.mark.parametrize("url", ["../secret.csv", "/etc/passwd", "a\\..\\b.csv"])
def test_a_path_out_of_the_folder_is_refused(pets, url):
    folder, distribution, fields, kinds = pets
    distribution[0]["contentUrl"] = url
    described(folder, distribution, fields, [kinds])
    with pytest.raises(BadData, match="points out of"):
        read(folder)


def test_a_row_without_its_picture_is_reported_or_refused(pets):
    folder, distribution, fields, kinds = pets
    table = (folder / "pets.csv").read_bytes().replace(b"2.png", b"8.png")
    (folder / "pets.csv").write_bytes(table)
    distribution[0] |= {"sha256": hashlib.sha256(table).hexdigest()}
    described(folder, distribution, fields, [kinds])
    source = read(folder)
    with pytest.warns(UserWarning, match=r"its file '8\.png' is not there"):
        assert len(list(source.records())) == 1
    assert len(source.findings()) == 1
    with pytest.raises(BadData, match=r"row 1: its file '8\.png' is not there"):
        list(read(folder, strict=True).records())


def test_several_record_sets_ask_which(pets):
    folder, distribution, fields, kinds = pets
    other = {
        "@type": "cr:RecordSet",
        "@id": "others",
        "field": [{**f, "@id": f["@id"].replace("pets", "others")} for f in fields],
    }
    described(folder, distribution, fields, [kinds, other])
    with pytest.raises(UnknownName, match=r"pets, others.*Say record_set="):
        read(folder)
    assert read(folder, record_set="pets").total == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"conformsTo": "http://mlcommons.org/croissant/0.8"}, "read are Croissant 1.0 and 1.1"),
        ({"conformsTo": None}, "read are Croissant 1.0 and 1.1"),
        (
            {"recordSet": [{"@id": "pets", "field": [{"@id": "pets/a", "source": column("nowhere")}]}]},
            "no column 'nowhere'",
        ),
        ({"recordSet": [{"@id": "pets", "field": [3]}]}, "no well-formed Croissant description"),
        ({"recordSet": []}, "single record set"),
    ],
)
def test_a_description_that_makes_no_sense_is_one_error(pets, change, said):
    folder, distribution, fields, kinds = pets
    described(folder, distribution, fields, [kinds], **change)
    with pytest.raises((BadData, UnknownName), match=said):
        list(read(folder).records())


@pytest.mark.timeout(PATIENCE_S)
def test_mutated_descriptions_are_read_or_refused_and_nothing_else(pets):
    import warnings

    from veml_lab.errors import VemlError

    path = pets[0] / "croissant.json"
    whole, rng, refused = path.read_bytes(), np.random.default_rng(0), 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(150):
            b = bytearray(whole)
            for at in rng.integers(0, len(b), 3):
                b[at] = int(rng.integers(32, 127))
            path.write_bytes(b)
            try:
                for r in read(pets[0]).records():
                    assert r.width > 0 or r.kind == "row"
            except VemlError as e:
                assert len(str(e)) > 20
                refused += 1
    assert refused > 40
