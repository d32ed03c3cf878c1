"""Shards of a WebDataset as its tools, img2dataset and the hub have them."""

import io
import json
import tarfile

import pytest
from wild_files import picture

from veml_lab.errors import VemlError
from veml_lab.formats import read, write


def tar(at, members: dict, mode: str = "w"):
    at.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(at, mode) as t:
        for i, (name, content) in enumerate(members.items()):
            data = picture(i, format="JPEG") if content is None else content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return at


def seen(source):
    return [(r.uri, r.role, r.label, [c.text for c in r.captions], dict(r.columns)) for r in source.records()]


def test_shards_of_numbered_classes(tmp_path):
    tar(
        tmp_path / "set" / "imagenet-train-000000.tar",
        {"n01/0001.jpg": None, "n01/0001.cls": "10", "0002.cls": "2\n", "0002.jpg": None},
    )
    tar(tmp_path / "set" / "imagenet-val-000000.tar", {"0001.jpg": None, "0001.cls": "0"})
    source = read(tmp_path / "set")
    assert (source.format, source.classes, source.task) == ("webdataset", ("0", "2", "10"), "classification")
    assert [(u, r, c) for u, r, c, _, _ in seen(source)] == [
        ("imagenet-train-000000.tar/n01/0001.jpg", "train", "10"), ("imagenet-train-000000.tar/0002.jpg", "train", "2"),
        ("imagenet-val-000000.tar/0001.jpg", "test", "0")]  # fmt: skip
    named = read(tmp_path / "set", classes=[f"c{i}" for i in range(11)])
    assert [r.label for r in named.records()] == ["c10", "c2", "c0"]


@pytest.mark.parametrize("mode, end", [("w", "tar"), ("w:gz", "tar.gz")])
def test_a_shard_of_img2dataset_alone(tmp_path, mode, end):
    """00000.tar: a caption as text and in the JSON file, facts of the download as columns."""
    said = {"caption": "a red car", "url": "http://x/a.jpg", "key": "000000001", "status": "success", "width": 64,
            "exif": "{}", "error_message": None}  # fmt: skip
    at = tar(tmp_path / f"00000.{end}", {"000000001.jpg": None, "000000001.json": json.dumps(said),
                                         "000000001.txt": "a red car"}, mode)  # fmt: skip
    source = read(at)
    assert (source.format, source.task) == ("webdataset", "captioning")
    assert seen(source) == [("000000001.jpg", "", None, ["a red car"], {"url": "http://x/a.jpg", "status": "success",
                                                                       "width": 64, "exif": "{}"})]  # fmt: skip


def test_the_key_ends_at_the_first_dot_and_other_fields_are_counted(tmp_path):
    at = tar(tmp_path / "a.tar", {"x.1.jpg": None, "y.jpg": None, "y.cls": "cat", "y.seg.png": None, "y.npy": "..."})
    source = read(at, "webdataset")
    assert [(u, c) for u, _, c, _, _ in seen(source)] == [("y.jpg", "cat")]
    assert sorted(f.partition("field ")[2] for f in source.findings()) == [
        ".npy, which is not read",
        ".seg.png, which is not read",
    ]


def test_a_damaged_json_loses_its_sample_and_nothing_else(tmp_path):
    at = tar(tmp_path / "a.tar", {"a.jpg": None, "a.json": "{", "b.jpg": None, "b.json": '{"label": 3}'})
    source = read(at, "webdataset")
    assert [(u, c) for u, _, c, _, _ in seen(source)] == [("b.jpg", "3")] and len(source.findings()) == 1
    with pytest.raises(VemlError, match="damaged JSON"):
        list(read(at, "webdataset", strict=True).records())


def test_a_tar_of_a_yolo_set_is_no_webdataset(tmp_path):
    at = tar(tmp_path / "a.tar", {"a.jpg": None, "a.txt": "0 0.5 0.5 0.2 0.2\n", "classes.txt": "car\n"})
    assert read(at).format == "yolo"


def test_a_full_shard_is_followed_by_another(tmp_path, monkeypatch):
    tar(tmp_path / "in.tar", {f"{i}.jpg": None for i in range(5)} | {f"{i}.cls": "cat" for i in range(5)})
    monkeypatch.setattr("veml_lab.formats.webdataset.SHARD_SAMPLES", 2)
    write(read(tmp_path / "in.tar", "webdataset"), tmp_path / "out", "webdataset")
    assert sorted(p.name for p in (tmp_path / "out").glob("*.tar")) == [f"data-00000{k}.tar" for k in range(3)]
    assert len({r.image for r in read(tmp_path / "out").records()}) == 5
