"""Every format that can be written: what is read back is what was written, and a failure leaves nothing."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from veml_lab.errors import BadInput
from veml_lab.formats import WRITERS, Box, Record, Source, read, road_world, write

# What a format can hold beside boxes and roles.
ATTRIBUTES = {
    "coco": {"iscrowd", "occluded", "note", "truncated"},
    "voc": {"truncated", "occluded"},
    "yolo": set(),
}
COLUMNS = {"coco"}
# Tables, documents, hubs and fixed layouts hold other things than these pictures; their contract is below.
OTHERS = {"sensors", "table", "documents", "huggingface", "croissant", "cifar"}
PICTURES = [f for f in WRITERS if f not in OTHERS]


def picture(seed: int, format: str) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (30, 40, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format)
    return buffer.getvalue()


def source_of(records: list[Record], task: str, classes: tuple[str, ...]) -> Source:
    return Source("made", "made", task, classes, lambda: iter(records), len(records), "f")


def classified() -> Source:
    records = [
        Record(f"{role}/{label}/{i}", picture(i, kind), 40, 30, role, label)
        for i, (role, label, kind) in enumerate(
            [
                ("train", "cat", "JPEG"),
                ("train", "dog", "PNG"),
                ("test", "cat", "WEBP"),
                ("test", "großer Hund", "BMP"),
            ]
        )
    ]
    return source_of(records, "classification", ("cat", "dog", "großer Hund"))


def detected() -> Source:
    flags = {"truncated": 1, "occluded": 0, "iscrowd": 1, "note": "a < b & c"}
    boxes = [
        (Box("zebra", 0.1 + 0.2, 1.25, 10.7, 20.0, flags), Box("an ant", 0, 0, 40, 30)),
        (),
        (Box("zebra", 39.5, 29.25, 0.5, 0.75),),
    ]
    records = [
        # two names that differ only in what a file name may not hold
        Record(uri, picture(i, "JPEG"), 40, 30, role, boxes=b, columns={"weather": "foggy", "frame": i})
        for i, (uri, role, b) in enumerate(zip(("a/b#1", "a/b?1", "../c"), ("train", "train", "test"), boxes))
    ]
    return source_of(records, "detection", ("zebra", "an ant", "unseen"))


def sources(format: str) -> list[Source]:
    if format == "image_folder":
        return [classified()]
    return [detected(), road_world("overcast-suburb", 24, seed=2)]


def content(source: Source, format: str) -> dict[bytes, tuple]:
    """What must survive, by the bytes of the picture (names may change)."""
    out = {}
    for r in source.records():
        boxes = []
        for b in r.boxes:
            kept = {
                k: int(v) if format == "voc" else v
                for k, v in b.attributes.items()
                if k in ATTRIBUTES[format]
            }
            boxes.append((b.label, [round(v, 6) for v in (b.x, b.y, b.w, b.h)], kept))
        columns = dict(r.columns) if format in COLUMNS else {}
        out[r.image] = (r.width, r.height, r.role, r.label, boxes, columns)
    return out


@pytest.mark.parametrize("format", PICTURES)
def test_what_is_written_is_read_back(format, tmp_path):
    if format == "coco":
        ATTRIBUTES["coco"] |= {"distance_m"}
    for i, source in enumerate(sources(format)):
        write(source, tmp_path / f"out{i}", format)
        again = read(tmp_path / f"out{i}", format)
        assert again.classes == source.classes and again.task == source.task
        assert content(again, format) == content(source, format)
        assert again.total == source.total == len(content(source, format))


@pytest.mark.parametrize("format", PICTURES)
def test_the_format_is_told_from_what_is_written(format, tmp_path):
    write(sources(format)[0], tmp_path / "out", format)
    assert read(tmp_path / "out").format == format


@pytest.mark.parametrize("format", PICTURES)
def test_writing_what_was_read_changes_nothing_any_more(format, tmp_path):
    write(sources(format)[0], tmp_path / "a", format)
    write(read(tmp_path / "a", format), tmp_path / "b", format)
    a, b = (read(tmp_path / x, format) for x in "ab")
    assert content(a, format) == content(b, format) and a.classes == b.classes


@pytest.mark.parametrize("format", PICTURES)
def test_a_failure_half_way_leaves_nothing(format, tmp_path):
    source = sources(format)[0]

    def records():
        yield next(source.records())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(replace(source, records=records), tmp_path / "out", format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", PICTURES)
def test_a_folder_that_holds_something_is_not_touched(format, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="already there and not empty"):
        write(sources(format)[0], tmp_path, format)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("format", PICTURES)
def test_a_set_that_does_not_fit_the_format_is_refused(format, tmp_path):
    other = detected() if format == "image_folder" else classified()
    with pytest.raises(BadInput, match="write_image_folder"):
        write(other, tmp_path / "out", format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", [f for f in PICTURES if f not in ("voc", "image_folder")])
def test_a_box_of_a_class_that_the_source_does_not_name_is_refused(format, tmp_path):
    with pytest.raises(BadInput, match="'zebra', which is not among the classes"):
        write(replace(detected(), classes=("an ant",)), tmp_path / "out", format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", PICTURES)
def test_records_can_be_walked_twice_with_the_same_result(format, tmp_path):
    write(sources(format)[0], tmp_path / "out", format)
    source = read(tmp_path / "out", format)
    assert list(source.records()) == list(source.records())
    assert len({r.uri for r in source.records()}) == source.total
