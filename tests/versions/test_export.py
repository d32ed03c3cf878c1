"""Exports read again are what was exported: through the lab, every kind of sample and annotation that a format
holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from kinds import again, everything, rows, source, windows

import veml_lab as veml
from veml_lab import formats
from veml_lab.errors import BadInput
from veml_lab.sources.source import Box, Record
from veml_lab.versions.annotations import ANNOTATION_KINDS
from veml_lab.versions.export import source_of


def contents(version, *, kinds=ANNOTATION_KINDS, by_uri=True, role=True, columns=True):
    """What is in a version, sample by sample, without IDs; by name, or by bytes where the format changes names."""
    found = {k: version.annotations.of_kind(k) for k in kinds}
    out = {}
    for at, row in enumerate(version.samples.to_pylist()):
        name = row["uri"] if by_uri else version.images.encoded(at)
        assert name not in out
        facts = (
            row["role"] if role else "",
            row["columns"] if columns else "",
            row["width"],
            row["height"],
            row["kind"],
        )
        out[name] = (facts, {k: sorted(map(repr, found[k].get(row["id"], []))) for k in kinds})
    return out


def test_a_version_as_a_source_is_its_records(empty_lab):
    for made in (everything(), rows(), windows()):
        version = empty_lab.add(made.fingerprint, made, progress=False)
        given = source_of(version)
        assert list(given.records()) == list(made.records()) and (given.task, given.classes, given.total) == (
            made.task,
            made.classes,
            made.total,
        )
        assert given.about == made.about
        if made.series is not None:
            np.testing.assert_array_equal(given.series.values, made.series.values)
            assert (given.series.times, given.series.nodes) == (made.series.times, made.series.nodes)


def test_a_version_moves_to_another_lab_as_it_is(empty_lab, tmp_path):
    fixed = empty_lab.add("all", everything(), progress=False).correct(
        "fixed", {"a/0.png": {"box": [Box("cat", 1.0, 2.0, 3.0, 4.0)]}}
    )
    other = veml.open(tmp_path / "other").add("moved", source_of(fixed), progress=False)
    assert contents(other) == contents(fixed) and other.facts.layer == "imported"


def test_samples_of_one_name_keep_apart_in_an_export(empty_lab):
    a = empty_lab.add("a", everything(), progress=False)
    b = empty_lab.add("b", again(everything(), "b"), progress=False)
    uris = [r.uri for r in source_of(a.merge(b, name="both")).records()]
    assert len(set(uris)) == 16 and uris[8] == f"{b.ids[0]}/a/0.png"


def test_a_long_version_streams_in_order(empty_lab):
    records = [
        Record(f"r{i}", b"", 0, 0, kind="row", columns={"i": i}, label="x" if i % 3 else None) for i in range(2500)
    ]
    version = empty_lab.add("x", source(records, "classification", ("x",)), progress=False)
    part = version.filter("part", "i % 2 = 0")
    assert [r.columns["i"] for r in source_of(part).records()] == list(range(0, 2500, 2))
    assert [r.label for r in source_of(part).records()] == ["x" if i % 3 else None for i in range(0, 2500, 2)]


def all_of_coco():
    """What COCO holds at once: an object has one set of attributes, and there is no class of a picture."""
    records = [
        replace(
            r,
            uri=r.uri.replace("/", "-"),
            label=None,
            targets=(),
            masks=tuple(replace(m, attributes={}) for m in r.masks),
        )
        for r in everything().records()
    ]
    return replace(everything(), records=lambda: iter(records), fingerprint="coco")


def boxes_only():
    keep = {"boxes": lambda r: tuple(replace(b, attributes={}, instance=-1) for b in r.boxes)}
    records = [
        Record(r.uri.replace("/", "-"), r.image, 40, 30, r.role, boxes=keep["boxes"](r)) for r in everything().records()
    ]
    return source(records, "detection", ("cat", "dog"), fingerprint="boxes")


def pictures_of_classes():
    records = [
        Record(f"{r.label}/{i}.png", r.image, 40, 30, r.role, label=r.label)
        for i, r in enumerate(everything().records())
        if r.label
    ]
    return source(records, "classification", ("cat", "dog"), fingerprint="classes")


@pytest.mark.parametrize(
    ("format", "made", "kept"),
    [
        ("coco", all_of_coco, {"kinds": ["box", "mask", "keypoints", "caption"], "by_uri": False}),
        ("coco", boxes_only, {"kinds": ["box"], "by_uri": False}),
        ("voc", boxes_only, {"kinds": ["box"], "by_uri": False}),
        ("cvat", boxes_only, {"kinds": ["box"], "by_uri": False}),
        ("image_folder", pictures_of_classes, {"kinds": ["class"], "by_uri": False}),
        ("huggingface", pictures_of_classes, {"kinds": ["class"], "by_uri": False, "columns": False}),
        ("table", rows, {"kinds": ["class", "target"], "by_uri": False}),
        ("sensors", windows, {"kinds": [], "by_uri": False}),
    ],
)
def test_an_export_that_is_imported_again_is_identical(empty_lab, tmp_path, format, made, kept):
    version = empty_lab.add("made", made(), progress=False)
    version.export(tmp_path / "out", format)
    options = {"window": 6, "horizon": 2, "test": 0} if format == "sensors" else {}
    back = empty_lab.add("back", formats.read(tmp_path / "out", format, **options), progress=False)
    assert len(back) == len(version)
    if version.facts.series is not None:
        assert back.facts.series["values"] == version.facts.series["values"]  # blobs are named by their content
        assert back.samples["row_no"].to_pylist() == version.samples["row_no"].to_pylist()
        return
    if format == "table":
        frames = [
            v.to_pandas().sort_values("a").reset_index(drop=True)[["a", "b", "colour", "flag", "y"]]
            for v in (version, back)
        ]
        assert frames[0].equals(frames[1][frames[0].columns])
        return
    assert contents(back, **kept) == contents(version, **kept)


def test_a_format_that_cannot_hold_a_version_says_so_and_leaves_nothing(empty_lab, tmp_path):
    version = empty_lab.add("all", everything(), progress=False)
    with pytest.raises(BadInput, match="hold"):
        version.export(tmp_path / "out", "yolo")
    assert not (tmp_path / "out").exists()
