"""Each export, opened by the tool that the format belongs to: pictures, splits, classes and boxes are those written.

The tools of the test extra always run; ultralytics, supervision, datumaro, labelformat, the Label Studio SDK and
scalabel where they are installed (``scripts/opened_by.py`` says how).
"""

import io
from dataclasses import replace
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from their_readers import READERS, Reader, hash_of, why_not

from veml_lab.errors import BadInput
from veml_lab.formats import WRITERS, Box, Caption, Keypoints, Mask, Record, Source, read, write
from veml_lab.sources.detection import task_of
from veml_lab.sources.holds import things
from veml_lab.sources.outlines import hull
from veml_lab.sources.writing import named

CLASSES = ("car", "an ox", "bus", "unseen")


def picture(seed: int, size: tuple[int, int], grey: bool = False, format: str = "PNG") -> bytes:
    shape = (size[1], size[0]) if grey else (size[1], size[0], 3)
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, shape, np.uint8)).save(buffer, format)
    return buffer.getvalue()


def boxes(i: int) -> tuple[Box, ...]:
    some = (Box("bus", 1.5, 2.25, 10.5, 20.75), Box("an ox", 0, 0, 40, 30), Box("car", 30.5, 20, 9.5, 10))
    return some[: (2, 0, 3, 1)[i]]


def source_of(records: list[Record], classes: tuple[str, ...] = CLASSES) -> Source:
    seen = {k for r in records for k, there in (("box", r.boxes), ("mask", r.masks), ("keypoints", r.keypoints),
                                                ("label", r.label)) if there}  # fmt: skip
    return Source("made", "made", task_of(seen), classes, lambda: iter(records), len(records), "f")


def plain(roles: tuple[str, ...] = ("train", "test", "train", "test")) -> list[Record]:
    # torchvision's VOCDetection looks for .jpg alone
    return [Record(f"day {i}/a.b#{i}.jpg", picture(i, (40, 30), format="JPEG"), 40, 30, role, boxes=boxes(i))
            for i, role in enumerate(roles)]  # fmt: skip


def outlines() -> Source:
    out = []
    for r in plain():
        masks = tuple(Mask(b.label, ((b.x, b.y, b.x + b.w, b.y, b.x + b.w, b.y + b.h),), instance=k)
                      for k, b in enumerate(r.boxes))  # fmt: skip
        out.append(replace(r, boxes=tuple(replace(b, instance=k) for k, b in enumerate(r.boxes)), masks=masks))
    return source_of(out)


def poses() -> Source:
    """The first object of each picture has points; the others are plain boxes."""
    out = []
    for r in plain():
        points = tuple(Keypoints(b.label, ((b.x, b.y, 2), (b.x + b.w, b.y + b.h, 1)), 0) for b in r.boxes[:1])
        out.append(replace(r, boxes=tuple(replace(b, instance=0 if k == 0 else -1) for k, b in enumerate(r.boxes)),
                           keypoints=points))  # fmt: skip
    return source_of(out)


def cities() -> Source:
    rows = enumerate(outlines().records())
    return source_of([replace(r, boxes=(), masks=tuple(replace(m, instance=-1) for m in r.masks),
                              columns={"city": "bonn", "sequence": 1, "frame": i}) for i, r in rows])  # fmt: skip


def classes(grey: bool = False, size: tuple[int, int] = (28, 28)) -> Source:
    rows = [("train", "ant"), ("train", "bee"), ("test", "bee"), ("test", "ant")]
    return source_of([Record(f"{i}.png", picture(i, size, grey), *size, role, label)
                      for i, (role, label) in enumerate(rows)], ("ant", "bee"))  # fmt: skip


def spaceless(held_out: bool = True) -> Source:
    """No blanks in class names, for KITTI; not ``held_out``: readers of KITTI never open the labels of testing."""
    rows = [replace(r, boxes=tuple(replace(b, label=b.label.replace(" ", "_")) for b in r.boxes
                                   if held_out or r.role == "train")) for r in plain()]  # fmt: skip
    return source_of(rows, tuple(c.replace(" ", "_") for c in CLASSES))


MADE = {
    "boxes": lambda: source_of(plain()),
    "no roles": lambda: source_of(plain(("",) * 4)),
    "some roles": lambda: source_of(plain(("train", "", "test", ""))),
    "outlines": outlines,
    "poses": poses,
    "cities": cities,
    "classes": classes,
    "grey": lambda: classes(grey=True),
    "trained": lambda: spaceless(held_out=False),
    "spaceless": spaceless,
}


def wanted(source: Source, reader: Reader) -> dict:
    """What the tool must see."""
    out = {}
    nameless = {("huggingface", "no roles"): "train", ("huggingface", "some roles"): "rest"}
    for name, r in named(source.records()):
        stem = name.rpartition(".")[0]
        if reader.format in ("kitti", "webdataset"):  # their readers take what stands before the first dot
            stem = stem.replace(".", "_")
        if reader.format == "idx":
            stem = f"#{hash_of(np.asarray(Image.open(io.BytesIO(r.image))).tobytes())}"
        elif reader.format == "cityscapes":
            stem = f"bonn_000001_{r.columns['frame']:06d}_leftImg8bit"
        objects = [(t.label, *((t.box.x, t.box.y, t.box.w, t.box.h) if t.box else hull(t.mask))) for t in things(r)]
        found = sorted([*objects, *([(r.label,)] if r.label is not None else [])])
        out[stem] = r.role or nameless.get((reader.format, reader.made)), found
    return out


def check(reader: Reader, folder: Path) -> None:
    """Write what a tool is for, and compare what the tool sees."""
    source = MADE["spaceless" if (reader.format, reader.made) == ("kitti", "boxes") else reader.made]()
    write(source, folder / "out" / reader.into, reader.format, **reader.options)
    seen = reader.read(folder / "out")
    want = wanted(source, reader)
    assert seen.keys() == want.keys()
    for stem, (split, objects) in want.items():
        theirs, found = seen[stem]
        assert theirs is None or theirs == split, stem
        assert [o[0] for o in found] == [o[0] for o in objects], stem
        for a, b in zip(found, objects):
            assert np.allclose(a[1:], b[1:], rtol=0, atol=reader.tolerance), stem


@pytest.mark.parametrize("reader", READERS, ids=lambda r: f"{r.tool}-{r.format}-{r.made}".replace(" ", "_"))
def test_what_is_exported_is_opened_by_the_tool_it_is_for(reader, tmp_path):
    if why := why_not(reader):
        pytest.skip(why)
    check(reader, tmp_path)


# What no tool of its own opens here is opened by the libraries that everybody has.
PLAIN = {"table": "pandas, pyarrow", "documents": "pandas", "sensors": "numpy", "cifar": "numpy"}


def test_each_writer_has_a_reader_of_somebody_else():
    assert {r.format for r in READERS} | PLAIN.keys() == WRITERS.keys()


def test_where_a_yolo_set_lies_does_not_depend_on_where_it_is_read_from(tmp_path):
    """ultralytics resolves ``path`` against the working folder, and without it against the file itself."""
    write(MADE["some roles"](), tmp_path / "out", "yolo")
    said = yaml.safe_load((tmp_path / "out" / "data.yaml").read_text())
    assert "path" not in said
    listed = {key: {p.stem for p in (tmp_path / "out" / said[key]).iterdir()} for key in ("train", "val", "all")}
    assert listed == {"train": {"day_0_a.b_0"}, "val": {"day_2_a.b_2"}, "all": {"day_1_a.b_1", "day_3_a.b_3"}}
    for role, key in (("train", "val"), ("test", "train"), ("", "train")):
        write(source_of(plain((role,) * 2)), tmp_path / f"only-{role}", "yolo")
        assert {r.role for r in read(tmp_path / f"only-{role}").records()} == {role}
        said = yaml.safe_load((tmp_path / f"only-{role}" / "data.yaml").read_text())
        # both keys are wanted by ultralytics, and each must be there
        assert len(list((tmp_path / f"only-{role}" / said[key]).iterdir())) == 2


def test_a_box_beside_poses_or_outlines_has_as_many_values_as_its_set(tmp_path):
    write(poses(), tmp_path / "poses", "yolo")
    lines = [s.split() for f in (tmp_path / "poses").glob("labels/*/*.txt") for s in f.read_text().splitlines()]
    assert {len(words) for words in lines} == {5 + 2 * 3} and len(lines) == 6
    again = {r.uri.rpartition("/")[2]: r for r in read(tmp_path / "poses").records()}
    assert [(len(r.boxes), len(r.keypoints)) for _, r in sorted(again.items())] == [(2, 1), (0, 0), (3, 1), (1, 1)]

    first, *others = outlines().records()
    mixed = source_of([replace(first, masks=()), *others])
    with pytest.raises(BadInput, match="has a box beside outlines"):
        write(mixed, tmp_path / "mixed", "yolo")
    with pytest.warns(UserWarning, match=r"a box beside outlines \(2\)"):
        write(mixed, tmp_path / "mixed", "yolo", lossy=True)
    lines = [s.split() for f in (tmp_path / "mixed").glob("labels/*/*.txt") for s in f.read_text().splitlines()]
    assert {len(words) for words in lines} == {7, 9} and len(lines) == 6
    found = next(r for r in read(tmp_path / "mixed").records() if r.uri.endswith("a.b_0.jpg"))
    assert [b.label for b in found.boxes] == [b.label for b in first.boxes]
    corners = [[(b.x, b.y, b.w, b.h) for b in r.boxes] for r in (found, first)]
    assert np.allclose(*corners, rtol=0, atol=1e-9)


LOSSY = {
    "cifar": lambda r: replace(r, columns={"weather": "fog"}),
    "croissant": lambda r: replace(r, columns={"label": "fog"}),
    "documents": lambda r: replace(r, columns={"MD5": "fog"}),
    "huggingface": lambda r: replace(r, columns={"image": "fog"}),
    "table": lambda r: Record("r", b"", 0, 0, "train", "ant", kind="row", captions=(Caption("an ant"),)),
}


@pytest.mark.parametrize("format", WRITERS)
def test_each_writer_takes_lossy_and_leaves_out_what_it_refuses_otherwise(format, tmp_path):
    assert "lossy" in signature(WRITERS[format].write()).parameters
    if format not in LOSSY:
        return  # those of pictures are in the contract suite; a series is written whole or refused
    source = source_of([LOSSY[format](r) for r in classes(size=(32, 32)).records()], ("ant", "bee"))
    with pytest.raises(BadInput, match=r"lossy=True \(--lossy\)"):
        write(source, tmp_path / "out", format)
    with pytest.warns(UserWarning, match=r"without: .* \(4\)"):
        write(source, tmp_path / "out", format, lossy=True)
    labels = [r.label for r in read(tmp_path / "out").records()]
    assert sorted(labels) == (["ant"] * 4 if format == "table" else ["ant", "ant", "bee", "bee"])


def test_tables_documents_and_pixels_are_what_everybody_reads(tmp_path):
    import pandas as pd
    import pyarrow.feather as feather

    rows = [Record(str(i), b"", 0, 0, role, c, columns={"speed": i / 2, "code": "007"}, kind="row")
            for i, (role, c) in enumerate([("train", "a"), ("test", "b")])]  # fmt: skip
    want = {"speed": [0.0, 0.5], "code": ["007", "007"], "label": ["a", "b"], "split": ["train", "test"]}
    opened = {
        "parquet": pd.read_parquet,
        "csv": lambda p: pd.read_csv(p, dtype={"code": str}),
        "arrow": lambda p: feather.read_table(p).to_pandas(),
    }
    for file, read_ in opened.items():
        write(source_of(rows, ("a", "b")), tmp_path / file, "table", file=file)
        assert read_(tmp_path / file / f"data.{file}").to_dict("list") == want

    source = classes(size=(32, 32))
    write(source, tmp_path / "documents", "documents")
    listed = pd.read_csv(tmp_path / "documents" / "documents.csv")
    assert listed[["annotation", "role"]].values.tolist() == [[r.label, r.role] for r in source.records()]
    assert all((tmp_path / "documents" / p).is_file() for p in listed["path"])

    # "The first byte is the label ..., the next 3072 bytes are the values of the pixels", red first
    write(source, tmp_path / "cifar", "cifar")
    raw = np.fromfile(tmp_path / "cifar" / "data_batch_1.bin", np.uint8).reshape(-1, 3073)
    trained = [r for r in source.records() if r.role == "train"]
    assert raw[:, 0].tolist() == [source.classes.index(r.label) for r in trained]
    pixels = np.asarray(Image.open(io.BytesIO(trained[1].image)))
    assert (raw[1, 1:].reshape(3, 32, 32).transpose(1, 2, 0) == pixels).all()


def test_the_order_of_classes_is_that_of_a_label_map(tmp_path):
    """CVAT's and Datumaro's Pascal VOC exports say their classes in labelmap.txt, the background first."""
    write(MADE["boxes"](), tmp_path / "out", "voc")
    (tmp_path / "out" / "classes.txt").unlink()
    assert read(tmp_path / "out").classes == CLASSES
    said = "# label:color_rgb:parts:actions\nbackground:0,0,0::\nbus:1,2,3::\ncar:4,5,6::\nan ox:0,0,9:leg,horn:\n"
    (tmp_path / "out" / "labelmap.txt").write_text(said)
    assert read(tmp_path / "out").classes == ("bus", "car", "an ox")
    (tmp_path / "out" / "labelmap.txt").write_text("bus:::\n")  # it does not know them all
    assert read(tmp_path / "out").classes == ("an ox", "bus", "car")


def test_cvat_has_subsets_in_a_project_alone(tmp_path):
    """CVAT and Datumaro look for the subsets of a task nowhere, and drop what is in another subset."""
    from xml.etree import ElementTree

    for made, whole in (("boxes", "project"), ("no roles", "task")):
        write(MADE[made](), tmp_path / made, "cvat")
        meta = ElementTree.parse(tmp_path / made / "annotations.xml").find("meta")
        assert [e.tag for e in meta] == [whole]
        assert {e.text for e in meta.iter("subset")} == ({"Train", "Test"} if made == "boxes" else set())
        assert [e.text for e in meta.iterfind(f"{whole}/labels/label/name")] == list(CLASSES)
