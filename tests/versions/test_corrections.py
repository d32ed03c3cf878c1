"""Annotation versions: layers over layers against plain dicts, merged layers, and what names them."""

from __future__ import annotations

import random

import pytest
from kinds import EMPTY, again, everything, source

import veml_lab as veml
from veml_lab.errors import BadInput, NameTaken, UnknownName
from veml_lab.sources.source import Box, Caption, Keypoints, Mask, Target
from veml_lab.versions import operations
from veml_lab.versions.annotations import ANNOTATION_KINDS
from veml_lab.versions.corrections import annotate
from veml_lab.versions.layers import below, resolve

REPLACEMENTS = {
    "class": ["dog"],
    "box": [Box("bird", 1, 2, 3, 4, {"score": 0.5}, 3)],
    "mask": [Mask("bird", ((0.0, 0.0, 4.0, 0.0, 4.0, 4.0),))],
    "keypoints": [Keypoints("bird", ((1.0, 2.0, 2),))],
    "caption": [Caption("no cat at all")],
    "target": [Target("age", 99.0)],
}


@pytest.fixture
def version(empty_lab):
    return empty_lab.add("all", everything(), progress=False)


def state(version):
    return {k: {i: list(version.annotations.of_kind(k).get(i, [])) for i in version.ids} for k in ANNOTATION_KINDS}


def test_layers_over_layers_read_as_the_dict_that_was_changed_beside_them(version):
    rng = random.Random(1)
    expected = state(version)
    ids = list(version.ids)
    here = version
    for step in range(8):
        corrections = {}
        for i in rng.sample(ids, 3):
            kinds = rng.sample(sorted(ANNOTATION_KINDS), 2)
            corrections[i] = {k: rng.choice([REPLACEMENTS[k], None]) for k in kinds}
            for k, things in corrections[i].items():
                expected[k][i] = things or []
        here = here.correct(f"fix {step}", corrections)
        assert state(here) == expected
    assert here.ids == version.ids and len(below(here.store, here.facts.layer)) == 9
    part = here.sample("part", 4)
    assert state(part) == {k: {i: v for i, v in found.items() if i in part.ids} for k, found in expected.items()}
    assert state(veml.open(here.store.folder, read_only=True)["fix 7"]) == expected


def test_a_corrected_version_stores_only_the_changed_samples_and_the_old_one_stays(version):
    before = state(version)
    first, second = list(version.ids)[:2]
    fixed = version.correct("fixed", {first: {"class": "bird"}, second: {"box": []}}, note="looked again")
    assert state(version) == before and version.facts.layer == "imported" != fixed.facts.layer
    assert (
        fixed.annotations.class_labels[first] == "bird"
        and second not in fixed.annotations.boxes
        and first in fixed.annotations.boxes
    )
    assert {layer: sorted(ids) for layer, ids in resolve(fixed.store, fixed.facts.layer, "class", fixed.ids)}[
        fixed.facts.layer
    ] == [first]
    assert fixed.classes == ("cat", "dog", "bird") and fixed.key != version.key
    edge = fixed.store.graph().into[fixed.id][0]
    assert (edge.props["operation"], edge.props["base"], edge.props["note"]) == ("correct", "imported", "looked again")
    assert fixed.history.replay() == version.ids


def test_the_same_corrections_again_are_the_same_version_and_others_need_another_name(version):
    first = next(iter(version.ids))
    a = version.correct("fixed", {first: {"class": "bird"}})
    assert version.correct("fixed", {first: {"class": ["bird"]}}) == a
    with pytest.raises(NameTaken):
        version.correct("fixed", {first: {"class": "fish"}})


def test_corrections_come_as_json_and_by_name_too(version):
    fixed = version.correct(
        "fixed",
        {
            "a/0.png": {
                "boxes": [{"label": "cat", "x": 1, "y": 2, "w": 3, "h": 4}],
                "masks": [{"label": "cat", "rle": [30, 40, EMPTY]}],
                "keypoints": [{"label": "cat", "points": [[1, 2, 2], [0, 0, 0]]}],
                "captions": "one",
                "targets": {"age": 4},
            },
            str(list(version.ids)[1]): {"label": "cat"},
        },
    )
    first, second = list(version.ids)[:2]
    assert (
        fixed.annotations.boxes[first] == [("cat", 1.0, 2.0, 3.0, 4.0)]
        and fixed.annotations.captions[first] == ["one"]
        and fixed.annotations.target_values[first] == {"age": 4.0}
    )
    assert fixed.annotations.masks[first] == [Mask("cat", (), (30, 40, EMPTY))] and fixed.annotations.keypoints[first][
        0
    ].points == (
        (1.0, 2.0, 2),
        (0.0, 0.0, 0),
    )
    assert fixed.annotations.class_labels[second] == "cat"


@pytest.mark.parametrize(
    ("corrections", "error", "message"),
    [
        ({}, BadInput, "got none"),
        ({"a/0.png": {}}, BadInput, "give annotations by kind"),
        ({"b.png": {"class": "x"}}, UnknownName, "a/0.png"),
        ({10**6: {"class": "x"}}, UnknownName, "no sample 1000000"),
        ({"a/0.png": {"colour": "x"}}, UnknownName, "kind of annotation"),
        ({"a/0.png": {"class": ["a", "b"]}}, BadInput, "one class"),
        ({"a/0.png": {"box": [{"label": "x"}]}}, BadInput, "is no box"),
        ({"a/0.png": {"box": [Box("x", float("nan"), 0, 1, 1)]}}, BadInput, "finite"),
        ({"a/0.png": {"box": "car"}}, BadInput, "is no box"),
        ({"a/0.png": {"target": {"age": "old"}}}, BadInput, "cannot be kept"),
        ({"a/0.png": {"class": "\ud800"}}, BadInput, "no valid Unicode"),
    ],
)
def test_corrections_that_cannot_be_used_change_nothing(version, corrections, error, message):
    before = version.store.catalog.revision()
    with pytest.raises(error, match=message):
        version.correct("fixed", corrections)
    assert version.store.catalog.revision() == before


def test_annotations_of_a_source_are_taken_over_by_name_and_only_what_differs_is_stored(version):
    import dataclasses

    def edited():
        for i, r in enumerate(everything().records()):
            if i == 2:
                r = dataclasses.replace(r, boxes=(Box("cat", 0, 0, 5, 5),))
            yield dataclasses.replace(r, uri=r.uri.rpartition("/")[2])  # a tool that forgets folders

    fixed = annotate(version, "fixed", dataclasses.replace(everything(), records=edited, fingerprint="edited"))
    third = list(version.ids)[2]
    assert fixed.store.graph().into[fixed.id][0].props["changed"] == {"box": 1}
    assert fixed.annotations.boxes[third] == [("cat", 0.0, 0.0, 5.0, 5.0)]
    same = {i: b for i, b in fixed.annotations.boxes.items() if i != third}
    assert same == {i: b for i, b in version.annotations.boxes.items() if i != third}
    with pytest.raises(BadInput, match="says already"):
        annotate(fixed, "again", dataclasses.replace(everything(), records=edited))
    with pytest.raises(BadInput, match="no sample whose name"):
        annotate(version, "x", source([], "detection"))


# -- merging ---------------------------------------------------------------------------------------


def test_merged_versions_read_each_sample_as_its_own_side_did(empty_lab):
    a = empty_lab.add("a", everything(), progress=False)
    b = empty_lab.add("b", again(everything(), "other"), progress=False)
    fa = a.correct("fa", {next(iter(a.ids)): REPLACEMENTS})
    fb = b.correct("fb", {next(iter(b.ids)): {"box": None}, list(b.ids)[3]: REPLACEMENTS})
    for left, right in ((a, b), (fa, b), (a, fb), (fa, fb)):
        both = left.merge(right, name=f"{left.name}+{right.name}")
        one, other = state(left), state(right)
        assert state(both) == {k: {**one[k], **other[k]} for k in ANNOTATION_KINDS}
    merged = empty_lab["fa+fb"]
    deeper = merged.correct("deeper", {list(b.ids)[3]: {"class": "fish"}})
    assert state(deeper)["box"] == state(merged)["box"] and deeper.annotations.class_labels[list(b.ids)[3]] == "fish"
    again_merged = deeper.merge(fa, name="once more")
    assert state(again_merged) == state(deeper)


def test_of_a_sample_in_both_sides_the_later_correction_holds(version):
    first = next(iter(version.ids))
    one = version.correct("one", {first: {"class": "bird"}})
    two = one.correct("two", {first: {"class": "fish"}})
    for a, b in ((one, two), (two, one), (version, two), (two, version)):
        assert a.merge(b, name=f"{a.name}|{b.name}").annotations.class_labels[first] == "fish"


def test_corrections_that_contradict_each_other_are_not_merged(version):
    first, second = list(version.ids)[:2]
    one = version.correct("one", {first: {"class": "bird"}, second: {"box": None}})
    other = version.correct("other", {first: {"class": "fish"}})
    with pytest.raises(BadInput, match=r"both correct the class annotations of 1 samples.*Subtract"):
        one.merge(other, name="x")
    elsewhere = version.correct("elsewhere", {second: {"class": "fish"}})
    only = one.filter("only", f"id = {first}").merge(
        operations.subtract(elsewhere, version.filter("f", f"id = {first}"), name="rest"), name="fine"
    )
    assert (
        only.annotations.class_labels[first] == "bird"
        and only.annotations.class_labels[second] == "fish"
        and second in only.annotations.boxes
    )


def test_a_training_names_the_layer_that_it_learned_from(digits_lab, fresh):
    lab = fresh(digits_lab)
    train = lab["digits-train"]
    fixed = train.correct("fixed", {next(iter(train.ids)): {"class": "2"}})
    run = veml.train(veml.plan(lab["tiny"], fixed, name="on fixed", epochs=1), lab, progress=False)
    edges = {e.type: e for e in lab.store.graph().into[run.id]}
    assert edges["trained_on"].props["annotation_layer"] == fixed.facts.layer != "imported"
