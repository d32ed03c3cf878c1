"""Pictures that lost all their annotations are not counted as pictures with any, in no version that is derived."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image

import veml_lab as veml
from veml_lab.sources.source import Box, Record, Source
from veml_lab.versions import operations
from veml_lab.versions.emptied import emptied_ids

LOST = {1, 3, 4}
BARE = {5}  # looked at, and nothing there
N = 8


def source(start: int = 0, lost=LOST, parts: bool = False) -> Source:
    """Eight pictures; some lost their boxes, one has none."""

    def records():
        for i in range(start, start + N):
            pixels = np.random.default_rng(i).integers(0, 255, (24, 32, 3), np.uint8)
            data = io.BytesIO()
            Image.fromarray(pixels).save(data, "PNG")
            bare = i - start in lost or i - start in BARE
            boxes = () if bare else (Box("car", 1.0, 2.0, 10.0, 8.0),)
            role = ("train" if i % 2 else "test") if parts else ""
            yield Record(f"{i}.png", data.getvalue(), 32, 24, role, boxes=boxes, emptied=i - start in lost)

    return Source("made", f"made {start}", "detection", ("car",), records, N, f"f{start}{sorted(lost)}{parts}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = veml.open(tmp_path_factory.mktemp("lab"))
    lab.add("all", source(), progress=False)
    lab.add("more", source(100, {0}), progress=False)
    lab.add("parts", source(200, parts=True), progress=False)
    return lab


def lost_in(version) -> set[str]:
    """By the names of the samples: what the node says, which is as many as it counts."""
    ids = emptied_ids(version.node.props)
    assert version.facts.emptied == len(ids) and ids <= version.ids
    named = dict(zip(version.samples["id"].to_pylist(), version.samples["uri"].to_pylist()))
    return {named[i] for i in ids}


def of(*numbers: int) -> set[str]:
    return {f"{i}.png" for i in numbers}


unique = (f"v{i}" for i in itertools.count())

DERIVED = {
    "filter": (lambda v, o: v.filter(next(unique), "uri IN ('0.png', '1.png', '3.png')"), {1, 3}),
    "filter of those with boxes": (lambda v, o: v.filter(next(unique), "any box (area > 1)"), set()),
    "sample": (lambda v, o: v.sample(next(unique), 7, seed=1), None),
    "stratified sample": (lambda v, o: v.sample(next(unique), 6, seed=1, stratified=True), None),
    "first part of a split": (lambda v, o: v.split(next(unique), next(unique), share=0.5)[0], None),
    "last part of a split": (lambda v, o: v.split(next(unique), next(unique), share=0.5)[1], None),
    "merge": (lambda v, o: v.merge(o, name=next(unique)), LOST | {100}),
    "merge the other way": (lambda v, o: o.merge(v, name=next(unique)), LOST | {100}),
    "add": (lambda v, o: operations.add(v, next(unique), source(300, {2}), progress=False), LOST | {302}),
    "update": (lambda v, o: operations.update(v, next(unique), source(0, {0}), progress=False), {0}),
    "update with the other": (lambda v, o: operations.update(v, next(unique), o), LOST | {100}),
    "intersect": (lambda v, o: operations.intersect(v, v.filter(next(unique), "uri < '4'"), name=next(unique)), {1, 3}),
    "subtract": (lambda v, o: operations.subtract(v, v.filter(next(unique), "uri < '4'"), name=next(unique)), {4}),
    "subtract all lost": (
        lambda v, o: operations.subtract(v, v.filter(next(unique), "no box (area > 0)"), name=next(unique)),
        set(),
    ),
    "select": (lambda v, o: operations.select(v, next(unique), [0, 3, 5]), {3}),
    "prepare": (lambda v, o: v.prepare(next(unique), resize=(8, 8)), LOST),
    "correct another": (lambda v, o: v.correct(next(unique), {"0.png": {"box": [Box("car", 1, 1, 9, 9)]}}), LOST),
    "correct one of them": (lambda v, o: v.correct(next(unique), {"3.png": {"box": [Box("car", 1, 1, 9, 9)]}}), {1, 4}),
    "correct all of them": (
        lambda v, o: v.correct(next(unique), {f"{i}.png": {"box": [Box("car", 1, 1, 9, 9)]} for i in LOST}),
        set(),
    ),
    "correct to nothing": (lambda v, o: v.correct(next(unique), {"0.png": {"box": None}}), LOST),
    "annotate": (lambda v, o: lab_annotate(v), {4}),
    "core set": (lambda v, o: operations.select(v, next(unique), [1, 2, 6], operation="core set"), {1}),
    "bad cases": (lambda v, o: operations.select(v, next(unique), [4, 5], operation="bad cases"), {4}),
    "filter of a sample": (lambda v, o: v.sample(next(unique), 7).filter(next(unique), "uri < '5'"), None),
    "merge of a corrected one": (
        lambda v, o: v.merge(
            v.correct(next(unique), {"3.png": {"box": [Box("car", 1, 1, 9, 9)]}}), name=next(unique)
        ),
        {1, 4},
    ),
    "merge with a part of itself": (
        lambda v, o: v.filter(next(unique), "uri < '4'").merge(v.filter(next(unique), "uri > '2'"), name=next(unique)),
        LOST,
    ),
}  # fmt: skip


def lab_annotate(version):
    from veml_lab.versions.corrections import annotate

    return annotate(version, next(unique), source(0, {4}))


@pytest.mark.parametrize("what", DERIVED)
def test_every_derived_version_counts_its_own(what, lab):
    derive, expected = DERIVED[what]
    version = derive(lab["all"], lab["more"])
    expected = of(*LOST) & set(version.samples["uri"].to_pylist()) if expected is None else of(*expected)
    assert lost_in(version) == expected
    n, lost = len(version), len(expected)
    assert version.summary().startswith(f"{n} images, {n - lost} with boxes" if lost else f"{n} images with boxes")


def test_parts_of_an_import_have_their_own(lab):
    assert lost_in(lab["parts"]) == of(201, 203, 204)
    assert lost_in(lab["parts-train"]) == of(201, 203) and lost_in(lab["parts-test"]) == of(204)
    assert lost_in(lab["parts-train"].merge(lab["parts-test"], name="joined")) == of(201, 203, 204)


def test_a_lab_of_before_says_of_the_whole_what_it_knows_and_of_a_part_nothing(lab):
    """Such a lab noted only how many; see tests/versions/test_data.py for a filter and a preparation of it."""
    from veml_lab.versions.facts import properties
    from veml_lab.versions.imports import id_set_change
    from veml_lab.versions.store import new_id

    whole = lab["all"]
    props = {k: v for k, v in properties(whole.node).items() if k != "emptied_ids"}
    node_id = new_id("data")
    changes = [id_set_change(node_id, whole.ids)]
    old = lab[lab.store.add("data", "of before", props, changes=changes, node_id=node_id).name]
    assert old.summary().startswith("8 images, 5 with boxes")
    assert old.filter("part of before", "uri < '4'").facts.emptied == 0
    corrected = old.correct("corrected of before", {"0.png": {"box": [Box("car", 1, 1, 9, 9)]}})
    assert corrected.facts.emptied == 3


def test_what_is_derived_again_counts_the_same(lab):
    first = lab["all"].filter("again", "uri < '4'")
    assert lab["all"].filter("again", "uri < '4'").id == first.id and lost_in(first) == of(1, 3)
