"""Hugging Face data sets: what the datasets package saved is read, what we write it reads; hand-made repositories."""

import io
import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from patience import PATIENCE_S
from PIL import Image

from veml_lab.errors import BadData, BadInput, MissingFile, UnknownName, VemlError
from veml_lab.formats import Box, Caption, Keypoints, Record, Source, Target, read, read_huggingface, write


def png(k: int, size=(16, 12)) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.full((size[1], size[0], 3), 20 * k, np.uint8)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def hub():
    """The datasets package, offline: the other side of both directions."""
    return pytest.importorskip("datasets")


@pytest.fixture(scope="module")
def theirs(hub, tmp_path_factory):
    """A set with every feature that we read, as the package holds it."""
    hub.disable_progress_bars()
    features = hub.Features(
        {
            "image": hub.Image(),
            "kind": hub.ClassLabel(names=["day", "night"]),
            "objects": {
                "bbox": hub.Sequence(hub.Sequence(hub.Value("float32"), length=4)),
                "category": hub.Sequence(hub.ClassLabel(names=["car", "bus"])),
                "area": hub.Sequence(hub.Value("int64")),
            },
            "caption": hub.Sequence(hub.Value("string")),
            "weather": hub.Value("string"),
            "depth": hub.Array2D((2, 2), "float32"),
        }
    )
    rows = {
        "image": [{"bytes": png(k), "path": None} for k in range(3)],
        "kind": [0, 1, -1],
        "objects": [
            {"bbox": [[1, 2, 3, 4]], "category": [1], "area": [12]},
            {"bbox": [], "category": [], "area": []},
            {"bbox": [[0, 0, 2, 2], [5, 5, 1, 1]], "category": [0, 1], "area": [4, None]},
        ],
        "caption": [["a bus"], [], ["x", "y"]],
        "weather": ["fog", None, "sun"],
        "depth": [[[1, 2], [3, 4]]] * 3,
    }
    return hub.Dataset.from_dict(rows, features=features)


def check(records: list[Record]) -> None:
    assert [r.image for r in records] == [png(k) for k in range(3)]
    assert [r.label for r in records] == ["day", "night", None]
    assert [r.boxes for r in records] == [
        (Box("bus", 1, 2, 3, 4, {"area": 12}),),
        (),
        (Box("car", 0, 0, 2, 2, {"area": 4}), Box("bus", 5, 5, 1, 1)),
    ]
    assert [r.captions for r in records] == [(Caption("a bus"),), (), (Caption("x"), Caption("y"))]
    assert [dict(r.columns) for r in records] == [{"weather": "fog"}, {}, {"weather": "sun"}]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_folder_that_the_package_saved_is_read(hub, theirs, tmp_path):
    hub.DatasetDict({"train": theirs, "test": theirs}).save_to_disk(str(tmp_path / "both"))
    source = read(tmp_path / "both")
    records = list(source.records())
    assert source.format == "huggingface" and source.total == 6 and source.classes == ("car", "bus", "day", "night")
    assert [r.role for r in records] == ["train"] * 3 + ["test"] * 3
    check(records[:3])
    check(records[3:])
    assert len(source.findings()) == 1 and "'depth' of type" in source.findings()[0]
    with pytest.raises(BadData, match="'depth'"):
        list(read(tmp_path / "both", strict=True).records())
    assert len(list(read(tmp_path / "both", strict=True, columns=["weather"]).records())) == 6


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_parquet_that_the_package_wrote_is_read(theirs, tmp_path):
    (tmp_path / "data").mkdir()
    theirs.to_parquet(str(tmp_path / "data" / "train-00000-of-00001.parquet"))
    check(list(read(tmp_path).records()))


def source() -> Source:
    records = [
        Record(
            f"p{k}",
            png(k),
            16,
            12,
            role,
            boxes=(Box("car", 1, 2, 3.5, 4, {"note": "a"}, 7), Box("bus", 0, 0, 16, 12))[:k],
            columns={"weather": "fog", "n": k},
            targets=(Target("risk", k / 2),),
        )
        for k, role in enumerate(["train", "train", "test"])
    ]
    return Source("made", "made", "detection", ("bus", "car"), lambda: iter(records), 3, "f")


def test_what_we_write_the_package_reads(hub, tmp_path):
    write(source(), tmp_path / "out", "huggingface")
    files = {s: str(tmp_path / "out" / "data" / f"{s}-*.parquet") for s in ("train", "test")}
    opened = hub.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path / "cache"))
    rows = [*opened["train"], *opened["test"]]
    for r, row in zip(source().records(), rows, strict=True):
        np.testing.assert_array_equal(np.asarray(row["image"]), np.asarray(Image.open(io.BytesIO(r.image))))
        assert row["objects"]["bbox"] == [[b.x, b.y, b.w, b.h] for b in r.boxes]
        names = opened["train"].features["objects"]["category"].feature
        assert [names.int2str(c) for c in row["objects"]["category"]] == [b.label for b in r.boxes]
        assert (row["weather"], row["n"], row["risk"]) == ("fog", r.columns["n"], r.targets[0].value)


def test_the_card_names_the_files_of_each_split(tmp_path):
    write(source(), tmp_path / "out", "huggingface")
    head = (tmp_path / "out" / "README.md").read_text().split("---")[1]
    assert "- split: train\n    path: data/train-*.parquet" in head and "- split: test" in head


@pytest.fixture
def folder(tmp_path):
    """An image folder with metadata.jsonl in two splits, as the hub documents it."""
    for split, n in (("train", 2), ("validation", 1)):
        (tmp_path / split / "deep").mkdir(parents=True)
        rows = []
        for k in range(n):
            (tmp_path / split / "deep" / f"{k}.png").write_bytes(png(k))
            rows.append(
                {
                    "file_name": f"deep/{k}.png",
                    "text": f"caption {k}",
                    "objects": {"bbox": [[1, 1, 5, 6]], "categories": [k]},
                    "speed": 1.5,
                }
            )
        (tmp_path / split / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_an_image_folder_with_metadata(folder):
    s = read(folder)
    assert s.format == "huggingface" and s.classes == ("0", "1")
    records = list(s.records())
    assert [(r.uri, r.role, r.captions[0].text, r.boxes[0].label) for r in records] == [
        ("train/deep/0.png", "train", "caption 0", "0"),
        ("train/deep/1.png", "train", "caption 1", "1"),
        ("validation/deep/0.png", "test", "caption 0", "0"),
    ]
    assert records[0].path == str(folder / "train" / "deep" / "0.png") and records[0].columns == {"speed": 1.5}
    assert next(read(folder, bbox="xyxy").records()).boxes == (Box("0", 1, 1, 4, 5),)


def test_validation_keeps_its_split_beside_a_test_split(folder):
    shutil.copytree(folder / "validation", folder / "test")
    assert {(r.uri.split("/")[0], r.role, r.columns.get("split")) for r in read(folder).records()} == {
        ("train", "train", None),
        ("validation", "test", "validation"),
        ("test", "test", None),
    }


@pytest.mark.parametrize("name", ["../../secret.png", "/etc/passwd.png", "deep/9.png"])
def test_a_picture_outside_or_missing_is_not_read(folder, name):
    (folder / "train" / "metadata.jsonl").write_text(json.dumps({"file_name": name}))
    with pytest.raises(BadData, match=r"is not there.*; put it there, or save"):
        list(read(folder, strict=True).records())


def test_metadata_csv_has_typed_columns_and_a_class(tmp_path):
    for k in range(2):
        (tmp_path / f"{k}.png").write_bytes(png(k))
    (tmp_path / "metadata.csv").write_text("file_name,label,wet\n0.png,cat,true\n1.png,dog,false\n")
    assert [(r.label, dict(r.columns)) for r in read(tmp_path).records()] == [
        ("cat", {"wet": True}),
        ("dog", {"wet": False}),
    ]


def parquet(path, columns: dict, features: dict | None = None) -> None:
    table = pa.table(columns)
    if features is not None:
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    path.parent.mkdir(exist_ok=True)
    pq.write_table(table, path)


def test_a_text_set_without_pictures_becomes_rows(tmp_path):
    names = {"label": {"_type": "ClassLabel", "names": ["neg", "pos"]}, "text": {"_type": "Value", "dtype": "string"}}
    parquet(tmp_path / "data" / "train-00000-of-00001.parquet", {"text": ["good", "bad"], "label": [1, 0]}, names)
    assert [(r.kind, r.label, dict(r.columns)) for r in read(tmp_path).records()] == [
        ("row", "pos", {"text": "good"}),
        ("row", "neg", {"text": "bad"}),
    ]


def test_objects_as_a_list_of_structs_and_bare_bytes_with_options(tmp_path):
    columns = {"photo": [png(1)], "things": [[{"bbox": [1, 2, 3, 4], "label": "a", "ok": True}]], "y": [0.25]}
    parquet(tmp_path / "data" / "test-00000-of-00001.parquet", columns)
    (r,) = read_huggingface(tmp_path, image="photo", targets="y").records()
    assert (r.image, r.boxes, r.targets, r.role) == (
        png(1),
        (Box("a", 1, 2, 3, 4, {"ok": True}),),
        (Target("y", 0.25),),
        "test",
    )


def test_several_class_columns_ask_which(tmp_path):
    two = {n: {"_type": "ClassLabel", "names": ["x"]} for n in ("colour", "shape")}
    parquet(tmp_path / "data" / "train-00000-of-00001.parquet", {"colour": [0], "shape": [0]}, two)
    with pytest.raises(BadInput, match=r"several columns that could be the class \(colour, shape\); say label="):
        read(tmp_path)
    (r,) = read(tmp_path, label="shape").records()
    assert (r.label, r.columns) == ("x", {"colour": "x"})


def test_a_class_number_without_a_name_is_reported(tmp_path):
    one = {"label": {"_type": "ClassLabel", "names": ["x"]}}
    parquet(tmp_path / "data" / "train-00000-of-00001.parquet", {"label": [5]}, one)
    s = read(tmp_path)
    with pytest.warns(UserWarning, match="'label' is 5, but there are 1 classes"):
        assert next(s.records()).label is None or list(s.records())
        list(s.records())


def test_pickled_extension_types_are_not_opened(tmp_path):
    field = pa.field(
        "x",
        pa.int64(),
        metadata={"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": "cos\nsystem\n."},
    )
    (tmp_path / "data").mkdir()
    pq.write_table(
        pa.table([pa.array([1])], schema=pa.schema([field])), tmp_path / "data" / "train-00000-of-00001.parquet"
    )
    with pytest.raises(BadData, match="stored as a pickle"):
        read(tmp_path)


def test_a_saved_folder_that_lost_a_file_or_names_one_outside_is_refused(hub, theirs, tmp_path):
    theirs.save_to_disk(str(tmp_path / "a"))
    state = tmp_path / "a" / "state.json"
    said = state.read_text()
    state.write_text(said.replace("data-00000", "../data-00000"))
    with pytest.raises(BadData, match="points out"):
        read(tmp_path / "a")
    state.write_text(said.replace("data-00000", "data-00007"))
    with pytest.raises(MissingFile, match="copy the whole folder"):
        read(tmp_path / "a")
    state.write_text("{}")
    with pytest.raises(BadData, match="not what save_to_disk writes"):
        read(tmp_path / "a")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.timeout(PATIENCE_S)
def test_mutated_arrow_and_parquet_are_read_or_refused_and_nothing_else(hub, theirs, tmp_path):
    theirs.save_to_disk(str(tmp_path / "a"))
    write(source(), tmp_path / "b", "huggingface")
    rng = np.random.default_rng(6)
    for path, root in (
        (tmp_path / "a" / "data-00000-of-00001.arrow", tmp_path / "a"),
        (tmp_path / "b" / "data" / "train-00000-of-00001.parquet", tmp_path / "b"),
    ):
        whole, refused = path.read_bytes(), 0
        for _ in range(80):
            b = bytearray(whole)
            for at in rng.integers(0, len(b), 3):
                b[at] = int(rng.integers(256))
            path.write_bytes(bytes(b[: int(rng.integers(len(b) // 2, len(b) + 1))] if rng.random() < 0.2 else b))
            try:
                for r in read(root).records():
                    assert r.width > 0
            except VemlError as e:
                assert len(str(e)) > 20
                refused += 1
        assert refused > 15


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"keypoints": (Keypoints("car", ((1.0, 1.0, 2),)),)}, "has keypoints, which the Hugging Face hub cannot hold"),
        ({"columns": {"label": 1}}, "called 'label', which the Hugging Face hub cannot hold; rename it"),
        ({"boxes": (Box("tram", 0, 0, 1, 1),)}, "not among the classes"),
        ({"boxes": (Box("car", 0, 0, 1, 1, {"bbox": 1}),)}, "attribute 'bbox'"),
        ({"kind": "frame"}, "is of the kind frame, others are image"),
        ({"columns": {"n": "text"}}, "different types"),
        ({"columns": {"n": [1]}}, "different types|only text"),
    ],
)
def test_what_the_hub_cannot_hold_is_refused_and_nothing_is_left(tmp_path, change, said):
    from dataclasses import replace

    first, second, *_ = source().records()
    records = [first, replace(second, **change)]
    with pytest.raises(BadInput, match=said):
        write(replace(source(), records=lambda: iter(records)), tmp_path / "out", "huggingface")
    assert list(tmp_path.iterdir()) == []


def test_options_that_name_nothing_are_refused(folder):
    with pytest.raises(UnknownName, match=r"no column \(label\)"):
        read(folder, label="specie")
    with pytest.raises(BadInput, match="bbox is xywh or xyxy"):
        read(folder, bbox="cxcywh")
    (folder / "none").mkdir()
    with pytest.raises(MissingFile, match="holds no Hugging Face data set"):
        read_huggingface(folder / "none")


@pytest.mark.parametrize(
    "limit, shards", [(10**9, [5]), (1, [1] * 5), (80, [1] * 5), (160, [2, 2, 1]), (239, [2, 2, 1]), (240, [3, 2])]
)
def test_pieces_fill_a_shard_up_to_its_size_and_one_that_is_larger_is_one(monkeypatch, limit, shards):
    from veml_lab.formats import hf_write

    monkeypatch.setattr(hf_write, "SHARD_BYTES", limit)
    pieces = [pa.table({"x": pa.array([float(i)] * 10, pa.float64())}) for i in range(5)]
    assert {p.nbytes for p in pieces} == {80}
    found = [list(run) for run in hf_write._shards(iter(pieces))]
    assert [len(run) for run in found] == shards and [p for run in found for p in run] == pieces
    assert list(hf_write._shards(iter([]))) == []


@pytest.mark.parametrize("instances, kept", [((0, -1), [0, -1]), ((-1, -1), None), ((3, 3), [3, 3])])
def test_numbers_of_objects_are_written_where_any_box_has_one(tmp_path, instances, kept):
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "PNG")
    boxes = tuple(Box("a", 1, 1, 4, 5 + k, {}, i) for k, i in enumerate(instances))
    record = Record("x.png", out.getvalue(), 16, 16, boxes=boxes)
    made = Source("made", "made", "detection", ("a",), lambda: iter([record]), 1, "f")
    write(made, tmp_path / "out", "huggingface")
    (file,) = (tmp_path / "out").rglob("*.parquet")
    objects = pq.read_table(file)["objects"].to_pylist()[0]
    assert objects.get("instance") == kept and [b[3] for b in objects["bbox"]] == [5, 6]
