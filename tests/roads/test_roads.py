"""The road world: the same seed gives the same bytes, and a box is where the pixels of its object are."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from veml_lab.errors import BadInput
from veml_lab.formats import road_world
from veml_lab.roads.film import Film
from veml_lab.roads.paint import SCALE, Painter
from veml_lab.roads.world import CONDITIONS


def pixels(image):
    return np.asarray(Image.open(io.BytesIO(image)), np.float32)


@pytest.fixture(scope="module")
def drawn():
    return {c: list(road_world(c, 72, seed=5).records()) for c in CONDITIONS}


def test_the_same_seed_gives_the_same_records_and_another_one_others(drawn):
    again = list(road_world("clear-city", 72, seed=5).records())
    assert again == drawn["clear-city"]
    assert next(road_world("clear-city", 72, seed=6).records()).image != again[0].image


def test_the_fingerprint_changes_with_every_option():
    ways = [
        road_world("clear-city", 9),
        road_world("foggy-highway", 9),
        road_world("clear-city", 8),
        road_world("clear-city", 9, seed=1),
        road_world("clear-city", 9, size=(96, 64)),
        road_world("clear-city", 9, test_share=0.5),
    ]
    assert len({s.fingerprint for s in ways}) == len(ways)
    assert road_world("clear-city", 9).fingerprint == ways[0].fingerprint


def test_more_pictures_begin_with_the_same_ones(drawn):
    assert list(road_world("overcast-suburb", 66, seed=5).records()) == drawn["overcast-suburb"][:66]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_no_video_has_both_roles_and_both_roles_are_there(drawn, condition):
    roles = {}
    for r in drawn[condition]:
        roles.setdefault(r.columns["video"], set()).add(r.role)
    assert all(len(s) == 1 for s in roles.values())
    assert sorted(s.copy().pop() for s in roles.values()).count("test") == len(roles) // 4


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_class_is_there_and_no_other(drawn, condition):
    source = road_world(condition, 400, seed=5)
    assert {b.label for r in drawn[condition] for b in r.boxes} <= set(source.classes)
    seen = set()
    for r in source.records():
        seen |= {b.label for b in r.boxes}
        if seen == set(source.classes):
            break
    assert seen == set(source.classes)


def test_boxes_are_plain_numbers_that_json_can_hold(drawn):
    import json

    record = drawn["clear-city"][0]
    assert json.loads(json.dumps([dataclasses.asdict(b) for b in record.boxes])) == [
        dataclasses.asdict(b) for b in record.boxes
    ]
    assert type(record.columns["frame"]) is int


@pytest.mark.parametrize("condition", CONDITIONS)
def test_boxes_lie_in_the_picture_and_are_large_enough_to_learn(drawn, condition):
    boxes = [b for r in drawn[condition] for b in r.boxes]
    assert all(b.x >= 0 and b.y >= 0 and b.x + b.w <= 160 and b.y + b.h <= 96 for b in boxes)
    assert all(b.h >= 6 and b.w >= 2.5 and b.attributes["occluded"] <= 0.7 for b in boxes)
    assert np.mean([b.h >= 8 for b in boxes]) > 0.9 and len(boxes) / len(drawn[condition]) > 1.5


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_box_is_the_extent_of_the_pixels_that_its_object_changes(condition, monkeypatch):
    # Oracle: paint the scene with one object and without any; shadow, grain, JPEG and other objects are off.
    monkeypatch.setattr(Painter, "shadows", lambda self, boxes: None)
    monkeypatch.setattr(Film, "_develop", lambda self, image: np.asarray(image.reduce(SCALE), np.float32))
    checked = 0
    for v in range(6):
        film = Film(np.random.default_rng([7, v]), CONDITIONS[condition], (160, 96))
        scene, camera = film.scene, film._camera(0)
        monkeypatch.setattr(film, "_camera", lambda f, camera=camera: camera)
        film.scene = dataclasses.replace(scene, actors=())
        empty = film.frame(0)[0]
        for actor in scene.actors:
            film.scene = dataclasses.replace(scene, actors=(actor,))
            image, boxes = film.frame(0)
            if len(boxes) != 1 or boxes[0].attributes["occluded"] > 0 or boxes[0].attributes["distance_m"] > 25:
                continue
            (b,) = boxes
            ys, xs = (np.abs(image - empty).max(axis=2) > 3).nonzero()
            found = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
            np.testing.assert_allclose(found, [b.x, b.y, b.x + b.w, b.y + b.h], atol=1.01)
            checked += 1
    assert checked >= 4


def test_the_conditions_are_so_different_that_a_thumbnail_tells_them_apart(drawn):
    # Oracle: nearest mean of 8 x 5 pixel thumbnails, means from the train videos, asked about the test videos.
    def thumbnails(condition, role):
        images = [Image.open(io.BytesIO(r.image)).resize((8, 5)) for r in drawn[condition] if r.role == role]
        return np.stack([np.asarray(i, np.float32).ravel() for i in images])

    means = np.stack([thumbnails(c, "train").mean(axis=0) for c in CONDITIONS])  # (3, 120)
    for k, condition in enumerate(CONDITIONS):
        distance = ((thumbnails(condition, "test")[:, None] - means) ** 2).sum(axis=2)  # (n, 3)
        assert (distance.argmin(axis=1) == k).mean() > 0.8


def test_frames_of_one_video_move_a_bit_and_videos_differ_much(drawn):
    for records in drawn.values():
        first, second, other = (pixels(records[i].image) for i in (0, 1, 8))
        assert 0.5 < np.abs(first - second).mean() < np.abs(first - other).mean()


def test_other_sizes_scale_the_boxes_with_the_picture():
    small, large = (next(road_world("clear-city", 1, seed=3, size=s).records()) for s in ((160, 96), (320, 192)))
    assert (large.width, large.height) == pixels(large.image).shape[1::-1] == (320, 192)
    assert [b.label for b in small.boxes] == [b.label for b in large.boxes]
    for a, b in zip(small.boxes, large.boxes):
        np.testing.assert_allclose([2 * a.x, 2 * a.y, 2 * a.w, 2 * a.h], [b.x, b.y, b.w, b.h], atol=2.5)


@pytest.mark.parametrize(
    "options",
    [{"n": 0}, {"n": 4, "size": (8, 8)}, {"n": 4, "size": (9000, 9000)}, {"n": 4, "test_share": 1.0}],
)
def test_what_cannot_be_drawn_is_refused(options):
    with pytest.raises(BadInput):
        road_world("clear-city", **options)
