"""Imports and what a data version gives back, against the source it came from."""

from __future__ import annotations

import dataclasses
import hashlib
import io

import numpy as np
import pytest
from PIL import Image

import veml_lab as veml
from veml_lab.errors import BadData, DamagedLab, MissingFile, MissingLabels, NameTaken
from veml_lab.versions.facts import properties
from veml_lab.versions.imports import id_set_change
from veml_lab.versions.samples import asked
from veml_lab.versions.store import new_id


def test_samples_and_labels_come_back_as_they_were(digits_lab, digits):
    records = list(veml.read_idx(digits).records())
    version = digits_lab.digits
    assert [version.images.encoded(i) for i in range(80)] == [r.image for r in records]
    assert version.samples["uri"].to_pylist() == [r.uri for r in records]
    assert list(version.annotations.class_labels.values()) == [r.label for r in records]
    assert [version.classes[t] for t in version.annotations.targets()] == [r.label for r in records]
    hashes = asked(version, "hashes")["sha256"].to_pylist()
    assert hashes == [hashlib.sha256(r.image).digest() for r in records]


def test_boxes_come_back_as_they_were_and_pictures_without_any_stay(road_lab):
    records = list(veml.road_world("clear-city", 16, seed=1).records())
    for i, r in zip(road_lab.city.ids, records, strict=True):
        found = road_lab.city.annotations.boxes.get(i, [])
        assert [b[0] for b in found] == [b.label for b in r.boxes]
        np.testing.assert_allclose([b[1:] for b in found], [(b.x, b.y, b.w, b.h) for b in r.boxes], rtol=1e-6)


def test_roles_become_versions_of_their_own(digits_lab):
    train, test = digits_lab.lab["digits-train"], digits_lab.lab["digits-test"]
    assert (len(train), train.role, len(test), test.role) == (60, "train", 20, "test")
    assert train.ids | test.ids == digits_lab.digits.ids and not train.ids & test.ids


def test_importing_the_same_again_gives_what_is_there_and_other_content_needs_another_name(
    fresh, digits_lab, digits, bright_digits
):
    lab = fresh(digits_lab)
    known, before = lab["digits"], lab.revision()  # a copy gets its number at the first look
    assert lab.add("digits", veml.read_idx(digits), progress=False) == known
    assert lab.revision() == before
    with pytest.raises(NameTaken, match="another source"):
        lab.add("digits", veml.read_idx(bright_digits), progress=False)
    with pytest.raises(NameTaken):
        lab.add("first", veml.read_idx(digits), progress=False)  # a training has that name


def test_a_source_that_fails_half_way_leaves_nothing(empty_lab, digits):
    source = veml.read_idx(digits)

    def records():
        for i, r in enumerate(source.records()):
            if i == 40:
                raise BadData("the 41st picture is damaged")
            yield r

    with pytest.raises(BadData, match="41st"):
        empty_lab.add("digits", dataclasses.replace(source, records=records), progress=False)
    assert empty_lab.versions() == []
    assert list((empty_lab.path / "segments").iterdir()) == []
    assert len(empty_lab.add("digits", source, progress=False)) == 80


@pytest.mark.parametrize(("records", "message"), [([], "no samples"), ([0, 1, 0], "two samples have the name")])
def test_empty_and_doubled_sources_are_refused(empty_lab, digits, records, message):
    source = veml.read_idx(digits)
    all_of_them = list(source.records())
    with pytest.raises(BadData, match=message):
        empty_lab.add(
            "x", dataclasses.replace(source, records=lambda: iter([all_of_them[i] for i in records])), progress=False
        )
    assert empty_lab.versions() == []


def test_a_limited_import_is_a_seeded_part_of_each_role(empty_lab, digits):
    source = veml.read_idx(digits)
    a = empty_lab.add("a", source, limit=10, progress=False)
    b = empty_lab.add("b", source, limit=10, seed=0, progress=False)
    c = empty_lab.add("c", source, limit=10, seed=1, progress=False)
    assert len(a) == 20 and len(empty_lab["a-train"]) == len(empty_lab["a-test"]) == 10
    uris = [v.samples["uri"].to_pylist() for v in (a, b, c)]
    assert uris[0] == uris[1] != uris[2]


@pytest.fixture
def pets(tmp_path):
    for split in ("train", "test"):
        for label in ("cat", "dog"):
            folder = tmp_path / "pets" / split / label
            folder.mkdir(parents=True)
            for i in range(3):
                Image.new("RGB", (20 + i, 16), (40 * i, 100, 0)).save(folder / f"{i}.png")
    return tmp_path / "pets"


def test_files_stay_where_they_are_or_are_copied_as_asked(empty_lab, pets):
    left = empty_lab.add("left", veml.read_image_folder(pets), progress=False)
    copied = empty_lab.add("copied", veml.read_image_folder(pets), copy=True, progress=False)
    assert [left.images.encoded(i) for i in range(12)] == [copied.images.encoded(i) for i in range(12)]
    gone = pets / left.samples["uri"][0].as_py()
    gone.unlink()
    with pytest.raises(MissingFile, match=r"copy=True"):
        left.images[0]
    assert copied.images[0].size == (20, 16)


def test_a_picture_that_rots_after_the_import_is_named(empty_lab, pets):
    left = empty_lab.add("left", veml.read_image_folder(pets), progress=False)
    uri = left.samples["uri"][3].as_py()
    (pets / uri).write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    with pytest.raises(BadData, match=uri):
        left.images[3]
    with pytest.raises(BadData, match=uri):
        left.to_torch().image(3)


def test_a_deleted_segment_is_said_and_the_rest_of_the_lab_works(fresh, digits_lab):
    lab = fresh(digits_lab)
    segment = next(s for s in lab["digits"].samples["segment"].to_pylist() if s)
    (lab.path / "segments" / segment).unlink()
    with pytest.raises(DamagedLab, match=segment):
        lab["digits"].images[0]
    with pytest.raises(DamagedLab, match=segment):
        veml.train(veml.plan(lab["tiny"], lab["digits"], name="again", epochs=1), lab, progress=False)
    assert lab["bright"].images[0].size == (16, 16)
    assert lab["digits"].statistics().n == 80


def test_statistics_count_what_is_there(digits_lab, road_lab):
    s = digits_lab.digits.statistics()
    assert (s.n, s.unlabelled, s.image_size["median"]) == (80, 0, (16, 16))
    assert dict(list(s.classes.items())[:4]) == {"0": 27, "1": 27, "2": 26, "3": 0}
    s = road_lab.city.statistics()
    assert sum(s.classes.values()) == sum(map(len, road_lab.city.annotations.boxes.values()))
    assert s.n - s.unlabelled == len(road_lab.city.annotations.boxes)


@pytest.fixture
def half_labelled(empty_lab, digits):
    source = veml.read_idx(digits)

    def records():
        for i, r in enumerate(source.records()):
            yield dataclasses.replace(r, label=r.label if i % 2 else None)

    empty_lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    return empty_lab.add("half", dataclasses.replace(source, records=records, fingerprint="half"), progress=False)


def test_unlabelled_samples_are_counted_and_said_where_labels_are_needed(half_labelled):
    assert half_labelled.statistics().unlabelled == 40
    with pytest.raises(MissingLabels, match="40 of 80"):
        half_labelled.annotations.targets()
    model = veml.model(half_labelled, {"architecture": "resnet10", "width": 8, "size_px": [16, 16]}, name="m")
    with pytest.raises(MissingLabels, match="label them first"):
        veml.train(veml.plan(model, half_labelled, name="t", epochs=1), progress=False)
    assert len(half_labelled.filter("labelled", "label IS NOT NULL")) == 40
    assert half_labelled.sample("s", 10, stratified=True).statistics().n == 10


def test_torch_data_sets_resize_pictures_and_boxes_together(road_lab):
    plain, small = road_lab.city.to_torch(), road_lab.city.to_torch(size_px=(80, 48))
    at = next(p for p, i in enumerate(road_lab.city.ids) if road_lab.city.annotations.boxes.get(i))
    (image, target), (little, little_target) = plain[at], small[at]
    assert tuple(image.shape) == (3, 96, 160) and tuple(little.shape) == (3, 48, 80)
    np.testing.assert_allclose(little_target["boxes"], target["boxes"] / 2, rtol=1e-5)
    assert little_target["labels"].tolist() == target["labels"].tolist()


def test_torch_data_sets_give_the_pixels_of_the_source(digits_lab, digits):
    r = next(veml.read_idx(digits).records())
    image, target = digits_lab.digits.to_torch()[0]
    np.testing.assert_array_equal(image[0].numpy(), np.asarray(Image.open(io.BytesIO(r.image))))
    assert target == int(r.label)


def test_a_class_that_the_model_does_not_know_is_named(digits_lab):
    with pytest.raises(BadData, match="classes 2, which the model does not know"):
        digits_lab.digits.to_torch(classes=("0", "1"))


def test_pictures_that_an_import_emptied_are_counted_of_the_whole_and_not_of_a_part(empty_lab, digits):
    whole = empty_lab.add("digits", veml.read_idx(digits), progress=False)
    props = {**properties(whole.node), "emptied": 30, "task": "detection"}
    node_id = new_id("data")
    changes = [id_set_change(node_id, whole.ids)]
    node = empty_lab.store.add("data", "emptied", props, changes=changes, node_id=node_id)
    version = empty_lab[node.name]
    assert version.summary().startswith("80 images, 50 with boxes")
    assert version.sample("part", 20).facts.emptied == 0
    assert version.prepare("smaller", resize=(8, 8)).facts.emptied == 30
