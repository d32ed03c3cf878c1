"""Documents, tables, hubs and fixed layouts: what is read back is what was written, whatever a record may hold."""

import io
import string
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from veml_lab.errors import BadInput
from veml_lab.formats import Box, Caption, Keypoints, Mask, Record, Source, Target, read, write

# Each writer with each of its options; the options that the reader needs too are none: what is written says what it is.
DOCUMENTS = [("documents", {"document": d}) for d in ("csv", "json", "jsonl", "xml")]
TABLES = [("table", {"file": f}) for f in ("parquet", "csv", "arrow")]


def picture(seed: int, format: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    # one colour: a failing example prints the bytes
    pixels = np.full((size[1], size[0], 3), 40 * seed, np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format)
    return buffer.getvalue()


PICTURES = [picture(i, f) for i, f in enumerate(["PNG", "JPEG", "WEBP", "BMP", "PNG", "JPEG"])]
CLASSES = ("zebra", "an ant", "großer Hund", "007", "{x}", 'a "b", c', "true")

names = st.text(string.ascii_letters + "_ä -.", min_size=1, max_size=8).filter(
    lambda n: n == n.strip() and n.lower() not in ("path", "md5", "annotation", "role", "kind")
)
number = st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e9, 1e9, allow_nan=False))
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
attributes = st.dictionaries(names, st.one_of(st.integers(-9, 9), st.booleans(), text), max_size=2)
instance = st.integers(-1, 3)
x, y = st.floats(0, 19.5), st.floats(0, 14.5)


def in_pixels(box: Box) -> bool:
    """A box within the first pixel is taken for shares, and is a finding."""
    return box.x + box.w > 1 or box.y + box.h > 1


wide, high = st.floats(0.25, 20), st.floats(0.25, 15)
boxes = st.builds(Box, st.sampled_from(CLASSES), x, y, wide, high, attributes, instance).filter(in_pixels)
rings = st.tuples(*[st.floats(0, 30)] * 6)
polygons = st.builds(
    lambda c, p, i, a: Mask(c, tuple(p), None, i, a),
    st.sampled_from(CLASSES),
    st.lists(rings, min_size=1, max_size=2),
    instance,
    attributes,
)
runs = st.builds(lambda c, i: Mask(c, (), (30, 40, "PPYo1"), i), st.sampled_from(CLASSES), instance)
points = st.lists(st.tuples(st.floats(0, 40), st.floats(0, 30), st.integers(0, 2)), min_size=1, max_size=3).map(tuple)
keypoints = st.builds(Keypoints, st.sampled_from(CLASSES), points, instance, attributes)
captions = st.builds(Caption, text, attributes)


def targets_of(values: dict[str, float]) -> tuple[Target, ...]:
    return tuple(Target(n, float(v)) for n, v in values.items())


targets = st.dictionaries(names, number, max_size=2).map(targets_of)


def tuples(s, n=2):
    return st.lists(s, max_size=n).map(tuple)


def source_of(records: list[Record], task: str, classes: tuple[str, ...] = CLASSES) -> Source:
    return Source("made", "made", task, classes, lambda: iter(records), len(records), "f")


def same(a: Source, b: Source) -> None:
    """The same records in the same order; only names and places may differ."""
    ours, theirs = (
        [replace(r, uri="", path=None, targets=tuple(sorted(r.targets, key=lambda t: t.name))) for r in s.records()]
        for s in (a, b)
    )
    assert ours == theirs
    # 1 == 1.0 == True: the types must be the same too
    for r, s in zip(ours, theirs):
        assert [type(v) for v in r.columns.values()] == [type(s.columns[k]) for k in r.columns]
    assert a.classes == b.classes


@st.composite
def pictured(draw) -> list[Record]:
    """Records of pictures with any annotation that a record can hold."""
    n = draw(st.integers(1, 4))
    return [
        Record(
            draw(st.sampled_from(["a/b", "c", "../d"])) + str(i),
            PICTURES[i],
            40,
            30,
            role=draw(st.sampled_from(["train", "test", ""])),
            label=draw(st.none() | st.sampled_from(CLASSES)),
            boxes=draw(tuples(boxes)),
            columns=draw(st.dictionaries(names, text | number | st.booleans(), max_size=3)),
            kind=draw(st.sampled_from(["image", "frame"])),
            masks=draw(tuples(polygons | runs)),
            keypoints=draw(tuples(keypoints)),
            captions=draw(tuples(captions)),
            targets=draw(targets),
        )
        for i in range(n)
    ]


quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.mark.parametrize(("format", "options"), DOCUMENTS)
@quick
@given(records=pictured())
def test_documents_keep_everything_that_a_record_says(format, options, records, tmp_path_factory):
    out = tmp_path_factory.mktemp("d") / "out"
    source = source_of(records, "none")
    write(source, out, format, **options)
    again = read(out)
    assert again.format == format and again.total == len(records)
    same(source, again)
    assert again.findings() == []


def typed(names_types: dict) -> st.SearchStrategy:
    """Cells of which each name has one type, any of them missing."""
    return st.fixed_dictionaries({}, optional=names_types)


CELLS = {
    "weather": text,
    "speed": st.floats(-1e9, 1e9),
    "n": st.integers(-(2**62), 2**62),
    "wet": st.booleans(),
    "größe, in m": text,
}


@st.composite
def hub(draw) -> tuple[list[Record], str]:
    task = draw(st.sampled_from(["classification", "detection", "captioning", "regression"]))
    kind = draw(st.sampled_from(["image", "frame"]))
    box = st.builds(
        Box,
        st.sampled_from(CLASSES),
        x,
        y,
        wide,
        high,
        typed({"note": text, "truncated": st.booleans()}),
        instance,
    ).filter(in_pixels)
    records = [
        Record(
            str(i),
            PICTURES[i],
            40,
            30,
            role=draw(st.sampled_from(["train", "test"])),
            label=draw(st.sampled_from(CLASSES)) if task == "classification" else None,
            boxes=draw(tuples(box)) if task == "detection" else (),
            columns=draw(typed(CELLS)),
            kind=kind,
            captions=draw(tuples(st.builds(Caption, text))) if task == "captioning" else (),
            targets=targets_of(draw(st.fixed_dictionaries({"risk": st.floats(-9, 9)}))) if task == "regression" else (),
        )
        for i in range(draw(st.integers(1, 4)))
    ]
    return sorted(records, key=lambda r: r.role != "train"), task


@quick
@given(made=hub())
def test_hugging_face_repositories_keep_what_the_hub_has_features_for(made, tmp_path_factory):
    records, task = made
    out = tmp_path_factory.mktemp("h") / "out"
    source = source_of(records, task, CLASSES if task in ("classification", "detection") else ())
    write(source, out, "huggingface")
    again = read(out)
    assert again.format == "huggingface" and again.task == task and again.total == len(records)
    same(source, again)


@st.composite
def tabular(draw) -> tuple[list[Record], str]:
    task = draw(st.sampled_from(["classification", "regression", "none"]))
    records = [
        Record(
            f"t#{i}",
            b"",
            0,
            0,
            role=draw(st.sampled_from(["train", "test", ""])),
            kind="row",
            label=draw(st.none() | st.sampled_from(CLASSES)) if task == "classification" else None,
            columns=draw(typed(CELLS)),
            targets=targets_of(draw(typed({"price": st.floats(-1e9, 1e9), "age": st.floats(0, 99)})))
            if task == "regression"
            else (),
        )
        for i in range(draw(st.integers(1, 6)))
    ]
    # one row with every column: a column that nobody has is no column, and a task without a target is none
    if task == "regression":
        records[0] = replace(records[0], targets=targets_of({"price": 1.5, "age": 2.0}))
    records[0] = replace(records[0], columns={**records[0].columns, "n": 7})
    return records, task


@quick
@given(
    made=hub(),
    more=st.lists(tuples(polygons | runs), min_size=4, max_size=4),
    points=st.lists(tuples(keypoints), min_size=4, max_size=4),
)
def test_croissant_keeps_everything_that_a_record_says(made, more, points, tmp_path_factory):
    records, _ = made
    records = [replace(r, masks=m, keypoints=k) for r, m, k in zip(records, more, points)]
    out = tmp_path_factory.mktemp("c") / "out"
    source = source_of(records, "none")
    write(source, out, "croissant")
    again = read(out)
    assert again.format == "croissant" and again.total == len(records)
    same(source, again)
    assert again.findings() == []


@pytest.mark.parametrize(("format", "options"), TABLES)
@quick
@given(made=tabular())
def test_tables_keep_every_cell_with_its_type(format, options, made, tmp_path_factory):
    records, task = made
    out = tmp_path_factory.mktemp("t") / "out"
    source = source_of(records, task, CLASSES if task == "classification" else ())
    write(source, out, format, **options)
    again = read(out)
    assert again.format == format and again.task == task and again.total == len(records)
    same(source, again)
    assert again.findings() == []


def simple(format: str) -> Source:
    if format == "table":
        return source_of(
            [Record(f"{i}", b"", 0, 0, "train", CLASSES[i], columns={"n": i}, kind="row") for i in range(3)],
            "classification",
        )
    return source_of(
        [Record(f"{i}", PICTURES[i], 40, 30, "train", CLASSES[i], columns={"n": i}) for i in range(3)], "classification"
    )


EVERY = [*DOCUMENTS, *TABLES, ("huggingface", {}), ("croissant", {})]


@pytest.mark.parametrize(("format", "options"), EVERY)
def test_a_failure_half_way_leaves_nothing(format, options, tmp_path):
    source = simple(format)

    def records():
        yield next(source.records())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(replace(source, records=records), tmp_path / "out", format, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("format", "options"), EVERY)
def test_a_folder_that_holds_something_is_not_touched(format, options, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="already there and not empty"):
        write(simple(format), tmp_path, format, **options)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(("format", "options"), EVERY)
def test_records_can_be_walked_twice_and_writing_what_was_read_changes_nothing(format, options, tmp_path):
    write(simple(format), tmp_path / "a", format, **options)
    first = read(tmp_path / "a")
    assert list(first.records()) == list(first.records()) and len({r.uri for r in first.records()}) == first.total
    write(first, tmp_path / "b", format, **options)
    same(first, read(tmp_path / "b"))
    assert read(tmp_path / "a").fingerprint == first.fingerprint != read(tmp_path / "b").fingerprint
