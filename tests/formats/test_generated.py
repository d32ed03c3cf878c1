"""Made samples: domain randomisation of the road world, and any function; each a data version of its own."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

import veml_lab as veml
from veml_lab.errors import BadData, BadInput, UnknownName
from veml_lab.roads.world import CONDITIONS
from veml_lab.sources.generated import generated
from veml_lab.sources.source import Record


def colours(condition, n=120):
    """Mean colour of the first frame of every video, (videos, 3)."""
    source = veml.road_world(condition, n, seed=5, size=(64, 40))
    first = [r for r in source.records() if r.columns["frame"] == 0]
    return np.array([np.asarray(Image.open(io.BytesIO(r.image))).mean(axis=(0, 1)) for r in first])


def test_randomised_roads_are_wider_spread_than_any_condition():
    """In brightness and in tint: what a camera or an evening changes."""
    spread = {
        c: np.stack([(x := colours(c)).mean(1).std(), (x - x.mean(1, keepdims=True)).std()])
        for c in (*CONDITIONS, "randomised")
    }
    for c in CONDITIONS:
        assert (spread["randomised"] > 1.3 * spread[c]).all(), (c, spread)


def test_randomised_roads_hold_every_place_weather_and_class_and_are_the_same_again():
    source = veml.road_world("randomised", 480, seed=1, size=(96, 64))
    records = list(source.records())
    assert len({(r.columns["weather"], r.columns["place"]) for r in records}) == 9
    assert (
        {b.label for r in records for b in r.boxes}
        == set(source.classes)
        == {"car", "bus", "truck", "pedestrian", "cyclist"}
    )
    assert all(b.x >= 0 and b.x + b.w <= 96 and b.y >= 0 and b.y + b.h <= 64 for r in records for b in r.boxes)
    assert list(veml.road_world("randomised", 64, seed=1, size=(96, 64)).records()) == records[:64]
    assert next(iter(veml.road_world("randomised", 1, seed=2, size=(96, 64)).records())).image != records[0].image
    with pytest.raises(UnknownName, match="randomised"):
        veml.road_world("random", 4)


def test_randomised_samples_are_a_data_version_of_their_own_and_are_trained_on_with_others(empty_lab):
    from labs import TINY_DETECTOR

    city = empty_lab.add("city", veml.road_world("clear-city", 12, seed=1, size=(96, 64)), progress=False)
    made = empty_lab.add("made", veml.read("randomised", format="road_world", n=8, size=(96, 64)), progress=False)
    both = empty_lab["city-train"].merge(made, name="city and made")
    assert len(both) == len(empty_lab["city-train"]) + 8
    parents = {empty_lab.store.graph().nodes[e.src].name for e in empty_lab.store.graph().into[both.id]}
    assert parents == {"city-train", "made"}, "the lineage says what was made and what was not"
    model = veml.model(both, TINY_DETECTOR, name="m")
    t = veml.train(
        veml.plan(model, both, name="on both", validation=city, epochs=1, batch_size=8), empty_lab, progress=False
    )
    assert t.data == both and set(t.classes) == {"car", "bus", "truck", "pedestrian", "cyclist"}


def grey_square(rng, i):
    """A picture of one shade, labelled by it."""
    shade = int(rng.integers(0, 256))
    file = io.BytesIO()
    Image.new("L", (16, 16), shade).save(file, "PNG")
    return Record("", file.getvalue(), 16, 16, label="dark" if shade < 128 else "light")


def squares(n=6, **options):
    return generated(
        grey_square, n, **{"name": "squares", "classes": ("dark", "light"), "task": "classification", **options}
    )


def test_what_a_function_makes_is_a_data_version_that_is_made_once(empty_lab):
    made = empty_lab.add("squares", squares(), progress=False)
    assert made.task == "classification" and made.classes == ("dark", "light") and len(made) == 6
    assert set(made.samples["uri"].to_pylist()) == {f"squares/{i:06d}" for i in range(6)}
    revision = empty_lab.revision()
    assert empty_lab.add("squares", squares(), progress=False) == made and empty_lab.revision() == revision
    longer, other = list(squares(9).records()), list(squares(seed=1).records())
    assert longer[:6] == list(squares().records()) and other[:6] != longer[:6]


def test_other_settings_or_another_function_make_another_source():
    ways = [
        squares(),
        squares(7),
        squares(seed=1),
        squares(settings={"steps": 3}),
        generated(lambda rng, i: grey_square(rng, i), 6, name="squares"),
    ]
    assert len({w.fingerprint for w in ways}) == len(ways) and squares().fingerprint == ways[0].fingerprint


def test_a_generator_that_gives_something_else_is_said_with_the_sample_and_nothing_is_kept(empty_lab):
    broken = dataclasses.replace(
        squares(), records=generated(lambda rng, i: grey_square(rng, i) if i < 3 else "x", 6, name="broken").records
    )
    with pytest.raises(BadData, match="'broken' gave str for sample 3"):
        empty_lab.add("broken", broken, progress=False)
    assert "broken" not in empty_lab
    with pytest.raises(BadInput, match="at least 1"):
        squares(0)
    with pytest.raises(BadInput, match="plain values"):
        squares(settings={"a": object()})
