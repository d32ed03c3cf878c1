"""Every picture format that can be written: what is read back is what was written, or it is refused aloud."""

import dataclasses
import importlib
import io
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from veml_lab.errors import BadInput, UnknownName
from veml_lab.formats import (
    WRITERS,
    Box,
    Caption,
    Keypoints,
    Mask,
    Record,
    Source,
    Target,
    read,
    road_world,
    write,
)
from veml_lab.sources.detection import task_of
from veml_lab.sources.holds import Holds, Thing, things
from veml_lab.sources.outlines import hull, rle_of

# Documents, tables, sensors and hubs have a contract suite of their own.
ELSEWHERE = {"cifar", "croissant", "documents", "huggingface", "parquet", "sensors", "table"}
CLASSIFIED = ["idx", "image_folder"]
MARKED = [
    "bdd100k",
    "cityscapes",
    "coco",
    "cvat",
    "fiftyone",
    "kitti",
    "label_studio",
    "labelme",
    "supervisely",
    "voc",
    "webdataset",
    "yolo",
]
CLASSES = ("zebra", "an ant", "großer Hund", "unseen", "007")
W, H = 40, 30


def holds(format: str) -> Holds:
    return importlib.import_module(WRITERS[format].writer.partition(":")[0], "veml_lab.formats").HOLDS


def picture(seed: int, format: str = "JPEG") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (H, W, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format)
    return buffer.getvalue()


PICTURES = [picture(i, f) for i, f in enumerate(["JPEG", "PNG", "WEBP", "BMP"])]


def source_of(records: list[Record], classes: tuple[str, ...] = CLASSES, about=None) -> Source:
    seen = {
        k
        for r in records
        for k, v in (
            ("box", r.boxes),
            ("mask", r.masks),
            ("keypoints", r.keypoints),
            ("caption", r.captions),
            ("label", r.label),
        )
        if v
    }
    return Source("made", "made", task_of(seen), classes, lambda: iter(records), len(records), "f", about=about or {})


def test_every_writer_is_in_a_contract_suite():
    assert set(WRITERS) - ELSEWHERE == {*CLASSIFIED, *MARKED}


# What a generated source may hold: only what the format says that it holds.

name = st.text("abcXYZ_ö", min_size=1, max_size=6)
text = st.one_of(
    st.sampled_from(["12", "1e5", "true", "null", '"', "[1", "", " a ", "a < b & 'c' \"d\"", "line\nline"]),
    st.text(max_size=8),
)
plain = st.one_of(st.integers(-(2**40), 2**40), st.floats(-1e9, 1e9), st.booleans(), text)
share = st.floats(0, 1)


@st.composite
def box(draw):
    x, y = draw(share) * (W - 2), draw(share) * (H - 2)
    return x, y, 1 + draw(share) * (W - x - 1), 1 + draw(share) * (H - y - 1)


@st.composite
def ring(draw):
    x, y, w, h = draw(box())
    more = draw(st.lists(st.tuples(share, share), max_size=3))
    return tuple(v for a, b in [(0, 0), (1, 0), (0, 1), *more] for v in (x + a * w, y + b * h))


@st.composite
def rle(draw):
    x, y, w, h = (int(v) for v in draw(box()))
    pixels = np.zeros((H, W), np.uint8)
    pixels[y : y + h, x : x + w] = 1
    pixels[draw(st.integers(0, H - 1)), draw(st.integers(0, W - 1))] = 1
    return rle_of(pixels)


def attributes_of(format: str):
    h = holds(format)
    if format == "kitti":
        some = st.floats(-50, 50)
        known = {
            "truncated": share,
            "occluded": st.integers(0, 3),
            "alpha": some,
            "dimensions": st.lists(share, min_size=3, max_size=3),
            "location": st.lists(some, min_size=3, max_size=3),
            "rotation_y": some,
            "score": share,
        }
        return st.fixed_dictionaries({}, optional=known)
    if format == "supervisely":  # a tag has values of one kind in the whole project
        known = {
            "true": st.just(True),
            "text": text,
            "number": st.one_of(st.integers(-(2**40), 2**40), st.floats(-1e9, 1e9)),
        }
        return st.fixed_dictionaries({}, optional=known)
    if h.attributes is not None:
        return st.fixed_dictionaries({}, optional={k: share for k in h.attributes})
    special = st.fixed_dictionaries(
        {},
        optional={
            "iscrowd": st.integers(0, 2),
            "occluded": st.integers(0, 1),
            "truncated": plain,
            "pose": text,
            "z_order": st.integers(-2, 2),
        },
    )
    return st.one_of(special, st.dictionaries(name, plain, max_size=2), st.just({}))


POINTS = 3


@st.composite
def thing(draw, format: str, instance: int, poses: bool, outlined: bool):
    """The shapes of one object, in a way that the format holds; a set of YOLO has outlines for all or for none."""
    h, label = holds(format), draw(st.sampled_from([c for c in CLASSES if format != "kitti" or " " not in c]))
    kinds = [
        k
        for k, there in (
            ("box", h.boxes),
            ("mask", h.masks != "no" and (format != "yolo" or (outlined and not poses))),
            ("keypoints", h.keypoints and poses),
        )
        if there
    ]
    chosen = draw(st.sets(st.sampled_from(kinds), min_size=1, max_size=len(kinds) if h.mixed else 1))
    if format == "yolo" and "keypoints" in chosen:
        chosen = {"box", "keypoints"}
    if format == "yolo" and outlined and not poses:
        chosen |= {"mask"}
    several, attributes, out = len(chosen) > 1, draw(attributes_of(format)), {}
    number = instance if several else -1
    if "mask" in chosen:
        rings = (draw(ring()), *([draw(ring())] if h.masks == "any" and draw(st.booleans()) else []))
        lengths = draw(rle()) if h.masks != "one ring" and draw(st.booleans()) else None
        out["mask"] = Mask(label, () if lengths else rings, lengths, number, {} if "box" in chosen else attributes)
    if "box" in chosen:
        at = hull(out["mask"]) if format == "yolo" and "mask" in out else draw(box())
        out["box"] = Box(label, *at, attributes, number)
    if "keypoints" in chosen:
        points = [(draw(share) * W, draw(share) * H, draw(st.integers(0, 2))) for _ in range(POINTS - 1)]
        points.append((draw(share) * W, draw(share) * H, 2))
        out["keypoints"] = Keypoints(
            label, tuple(points), number, attributes if len(chosen) == 1 or not {"box", "mask"} & chosen else {}
        )
    return out


@st.composite
def made(draw, format: str):
    h, records, poses, outlined = holds(format), [], draw(st.booleans()), draw(st.booleans())
    for i in range(draw(st.integers(1, 3))):
        parts = [draw(thing(format, k, poses, outlined)) for k in range(draw(st.integers(0, 3)))]
        columns = draw(st.dictionaries(name, plain, max_size=2)) if h.columns else {}
        if format == "cityscapes":
            columns |= {"city": "aachen", "sequence": 7, "frame": i}
        captions = (
            draw(
                st.lists(
                    st.builds(Caption, text, st.dictionaries(name, plain, max_size=1) if h.said else st.just({})),
                    max_size=2,
                )
            )
            if h.captions
            else []
        )
        records.append(
            Record(
                draw(st.sampled_from(["a/b#", "../c", "x y", "ü"])) + str(i),
                PICTURES[i],
                W,
                H,
                draw(st.sampled_from(["train", "test"] if format == "cityscapes" else ["train", "test", ""])),
                draw(st.sampled_from([None, *CLASSES])) if h.label else None,
                tuple(p["box"] for p in parts if "box" in p),
                columns,
                masks=tuple(p["mask"] for p in parts if "mask" in p),
                keypoints=tuple(p["keypoints"] for p in parts if "keypoints" in p),
                captions=tuple(captions),
            )
        )
    classes = tuple(c for c in CLASSES if format != "kitti" or " " not in c)
    named = {
        "keypoints": {
            c: {"names": ["nose", "tail", "ear"], "skeleton": [[1, 2], [2, 3]] if format == "coco" else []}
            for c in classes
        }
    }
    about = named if poses and h.keypoints and draw(st.booleans()) else {}
    return source_of(records, classes, about)


def rounded(values) -> tuple[float, ...]:
    return tuple(round(float(v), 6) + 0.0 for v in values)


def seen(t: Thing, format: str) -> str:
    """An object, without its number in the record: that may change."""
    if t.mask is not None and format == "yolo" and t.keypoints is None:
        # a YOLO outline is an object with the box around it
        t = replace(t, box=Box(t.label, *hull(t.mask)))
    shapes = [
        t.box and (rounded((t.box.x, t.box.y, t.box.w, t.box.h)), sorted(t.box.attributes.items())),
        t.mask and ([rounded(r) for r in t.mask.polygons], t.mask.rle, sorted(t.mask.attributes.items())),
        t.keypoints and ([rounded(p) for p in t.keypoints.points], sorted(t.keypoints.attributes.items())),
    ]
    return repr((t.label, shapes))


def content(source: Source, format: str) -> dict[bytes, tuple]:
    """What must survive, by the bytes of the picture (names may change)."""
    out = {}
    for r in source.records():
        objects = sorted(seen(t, format) for t in things(r))
        columns = sorted((k, repr(v)) for k, v in r.columns.items())
        out[r.image] = (r.width, r.height, r.role, r.label, objects, columns, sorted(map(repr, r.captions)))
    return out


@pytest.mark.parametrize("format", MARKED)
def test_what_is_written_is_read_back(format):
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(made(format))
    def check(source):
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("error")
            write(source, Path(folder) / "out", format)
            again = read(Path(folder) / "out", format)
            assert content(again, format) == content(source, format)
            assert again.classes == source.classes and again.findings() == []
            assert again.total == source.total == len(content(source, format))
            if format != "cityscapes" and source.task not in ("captioning", "classification") and format != "yolo":
                assert again.task == source.task
            points = {r.label for x in source.records() for r in x.keypoints}
            if points and source.about:
                assert points <= again.about["keypoints"].keys() <= source.about["keypoints"].keys()
                assert all(again.about["keypoints"][c] == source.about["keypoints"][c] for c in points)

    check()


# One source of each way that is easy to look at.


def classified(gray: bool = False) -> Source:
    def one(i: int, kind: str) -> bytes:
        if not gray:
            return picture(i, kind)
        buffer = io.BytesIO()
        Image.fromarray(np.random.default_rng(i).integers(0, 255, (H, W), np.uint8)).save(buffer, "PNG")
        return buffer.getvalue()

    rows = [("train", "cat", "JPEG"), ("train", "dog", "PNG"), ("test", "cat", "WEBP"), ("test", "großer Hund", "BMP")]
    columns = {} if gray else {"weather": "fog", "n": 1, "code": "007", "ok": True}
    records = [
        Record(f"{role}/{label}/{i}", one(i, kind), W, H, role, label, columns=columns)
        for i, (role, label, kind) in enumerate(rows)
    ]
    return source_of(records, ("cat", "dog", "großer Hund"))


def detected() -> Source:
    boxes = [
        (Box("zebra", 0.1 + 0.2, 1.25, 10.7, 20.0), Box("ant", 0, 0, 40, 30)),
        (),
        (Box("zebra", 39.5, 29.25, 0.5, 0.75),),
    ]
    # two names that differ only in what a file name may not hold
    rows = zip(("a/b#1", "a/b?1", "../c"), ("train", "train", "test"), boxes)
    return source_of(
        [Record(uri, PICTURES[i], W, H, role, boxes=b) for i, (uri, role, b) in enumerate(rows)],
        ("zebra", "ant", "unseen"),
    )


def outlined() -> Source:
    city = {"city": "bonn", "sequence": 1}
    masks = (Mask("zebra", ((1.0, 2.0, 20.0, 2.0, 20.0, 12.5),)), Mask("ant", ((0.0, 0.0, 40.0, 0.0, 0.0, 30.0),)))
    return source_of(
        [Record(str(i), PICTURES[i], W, H, "train", masks=masks[:i], columns={**city, "frame": i}) for i in range(3)],
        ("zebra", "ant", "unseen"),
    )


def easy(format: str) -> Source:
    return (
        classified(gray=format == "idx")
        if format in CLASSIFIED
        else outlined()
        if format == "cityscapes"
        else detected()
    )


@pytest.mark.parametrize("format", CLASSIFIED)
def test_class_labels_and_pictures_come_back(format, tmp_path):
    source = easy(format)
    write(source, tmp_path / "out", format)
    again = read(tmp_path / "out", format)

    def pixels(s):
        rows = (
            (r.role, r.label, dict(r.columns), np.asarray(Image.open(io.BytesIO(r.image)).convert("RGB")).tobytes())
            for r in s.records()
        )
        return sorted(rows, key=repr)

    assert pixels(again) == pixels(source) and again.classes == source.classes
    if format == "image_folder":
        assert content(again, format) == content(source, format)


@pytest.mark.parametrize("format", [*CLASSIFIED, *MARKED])
def test_the_format_is_told_from_what_is_written(format, tmp_path):
    write(easy(format), tmp_path / "out", format)
    assert read(tmp_path / "out").format == format


@pytest.mark.parametrize("format", ["coco", "voc", "yolo", "kitti", "cvat", "label_studio", "bdd100k"])
def test_a_drawn_road_comes_back(format, tmp_path):
    source = road_world("overcast-suburb", 8, seed=2)
    lossy = holds(format).attributes is not None
    if lossy:
        with pytest.raises(BadInput, match=r"the attribute '\w+', which .* cannot hold"):
            write(source, tmp_path / "out", format)
        with pytest.warns(UserWarning, match=r"without: .*the attribute 'distance_m'"):
            write(source, tmp_path / "out", format, lossy=True)
    else:
        write(source, tmp_path / "out", format)

    def kept(s):
        out = {}
        for r in s.records():
            boxes = [(b.label, rounded((b.x, b.y, b.w, b.h)), {} if lossy else dict(b.attributes)) for b in r.boxes]
            out[r.image] = (r.role, boxes, {} if lossy else dict(r.columns))
        return out

    again = read(tmp_path / "out", format)
    assert kept(again) == kept(source) and again.classes == source.classes


@pytest.mark.parametrize("format", [*CLASSIFIED, *MARKED])
def test_writing_what_was_read_changes_nothing_any_more(format, tmp_path):
    write(easy(format), tmp_path / "a", format)
    write(read(tmp_path / "a", format), tmp_path / "b", format)
    a, b = (read(tmp_path / x, format) for x in "ab")
    assert content(a, format) == content(b, format) and a.classes == b.classes and a.task == b.task


@pytest.mark.parametrize("format", [*CLASSIFIED, *MARKED])
def test_a_failure_half_way_leaves_nothing(format, tmp_path):
    source = easy(format)

    def records():
        yield next(source.records())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(replace(source, records=records), tmp_path / "out", format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", [*CLASSIFIED, *MARKED])
def test_a_folder_that_holds_something_is_not_touched(format, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="already there and not empty"):
        write(easy(format), tmp_path, format)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


TOO_MUCH = {
    "boxes": {"boxes": (Box("zebra", 1, 1, 5, 5),)},
    "masks": {"masks": (Mask("zebra", ((1.0, 1.0, 9.0, 1.0, 9.0, 9.0),)),)},
    "masks of run lengths": {"masks": (Mask("zebra", (), rle_of(np.eye(H, W, dtype=np.uint8))),)},
    "masks of several rings": {"masks": (Mask("zebra", ((1.0, 1.0, 9.0, 1.0, 9.0, 9.0),) * 2),)},
    "keypoints": {"keypoints": (Keypoints("zebra", ((1.0, 1.0, 2),)),)},
    "captions": {"captions": (Caption("a zebra"),)},
    "attributes of captions": {"captions": (Caption("a zebra", {"by": 1}),)},
    "regression targets": {"targets": (Target("age", 3.0),)},
    "a class label": {"label": "zebra"},
    "the attribute 'odd'": {"boxes": (Box("zebra", 1, 1, 5, 5, {"odd": 1}),)},
    "attributes of a second shape of an object": {
        "boxes": (Box("zebra", 1, 1, 9, 9, {}, 4),),
        "masks": (Mask("zebra", ((1.0, 1.0, 10.0, 1.0, 10.0, 10.0),), None, 4, {"odd": 1}),),
    },
}


def too_much(format: str) -> list[str]:
    h = holds(format)
    there = {
        "boxes": h.boxes,
        "masks": h.masks != "no",
        "masks of run lengths": h.masks in ("any", "one ring or rle", "no"),
        "masks of several rings": h.masks in ("any", "no"),
        "keypoints": h.keypoints,
        "captions": h.captions,
        "attributes of captions": h.said or not h.captions,
        "regression targets": False,
        "a class label": h.label,
        "the attribute 'odd'": h.attributes is None or not h.boxes,
        "attributes of a second shape of an object": not h.mixed,
    }
    return [what for what, holding in there.items() if not holding]


@pytest.mark.parametrize("format, what", [(f, w) for f in [*CLASSIFIED, *MARKED] for w in too_much(f)])
def test_what_a_format_cannot_hold_is_refused_or_left_out_aloud(format, what, tmp_path):
    source = easy(format)
    first, *others = source.records()
    records = [dataclasses.replace(first, **TOO_MUCH[what]), *others]
    source = dataclasses.replace(
        source, records=lambda: iter(records), classes=(*source.classes, "zebra")[: 4 if format in CLASSIFIED else 3]
    )
    with pytest.raises(BadInput, match=f"has {what}, which .* cannot hold; choose another format"):
        write(source, tmp_path / "out", format)
    assert list(tmp_path.iterdir()) == []
    with pytest.warns(UserWarning, match=rf"without: .*{what} \(1\)"):
        write(source, tmp_path / "out", format, lossy=True)
    assert {r.image for r in read(tmp_path / "out", format).records()} == {r.image for r in records} or format == "idx"


@pytest.mark.parametrize("format", ["bdd100k", "cityscapes", "coco", "kitti", "voc", "yolo", "image_folder", "idx"])
def test_a_set_of_another_task_is_refused(format, tmp_path):
    other = detected() if format in CLASSIFIED else classified()
    with pytest.raises(BadInput, match=r"write_image_folder|IDX cannot hold it"):
        write(other, tmp_path / "out", format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", MARKED)
def test_a_shape_of_a_class_that_the_source_does_not_name_is_refused(format, tmp_path):
    with pytest.raises(BadInput, match="'zebra', which is not among the classes"):
        write(replace(easy(format), classes=("ant",)), tmp_path / "out", format)
    with pytest.raises(BadInput, match=r"has blanks around it|has a space in its name"):
        write(replace(easy(format), classes=("ant", "zebra", " x")), tmp_path / "b", format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", [*CLASSIFIED, *MARKED])
def test_a_value_that_is_no_number_is_never_written(format, tmp_path):
    first, *others = easy(format).records()
    bad = dataclasses.replace(first, columns={**first.columns, "n": float("nan")})
    if not holds(format).columns:
        pytest.skip("has no columns")
    with pytest.raises(BadInput):
        write(replace(easy(format), records=lambda: iter([bad, *others])), tmp_path / "out", format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", [*CLASSIFIED, *MARKED])
def test_a_row_of_a_table_is_refused_by_a_format_of_pictures(format, tmp_path):
    row = Record("r", b"", 0, 0, "train", "cat", columns={"a": 1}, kind="row")
    with pytest.raises(BadInput, match="is a row without a picture"):
        write(replace(easy(format), records=lambda: iter([row])), tmp_path / "out", format)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_option_of_a_writer_lists_the_known_ones(tmp_path):
    with pytest.raises(UnknownName, match="no option of writing coco 'lossless'; known: lossy"):
        write(detected(), tmp_path / "x", "coco", lossless=True)


@pytest.mark.parametrize("format", [*CLASSIFIED, *MARKED])
def test_records_can_be_walked_twice_with_the_same_result(format, tmp_path):
    write(easy(format), tmp_path / "out", format)
    source = read(tmp_path / "out", format)
    assert list(source.records()) == list(source.records())
    assert len({r.uri for r in source.records()}) == source.total
