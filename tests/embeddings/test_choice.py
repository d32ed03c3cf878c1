"""What a lab embeds with belongs to its store: whoever holds a version has it, and it goes with the store."""

from __future__ import annotations

import gc
import inspect
import weakref
from collections.abc import Mapping

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.embeddings import own_embedder
from veml_lab.embeddings.choice import choice_of, embedder_of, embedders_of
from veml_lab.errors import BadInput, ReadOnlyLab
from veml_lab.training import Plan
from veml_lab.versions.inference import InferenceVersion
from veml_lab.versions.store import VersionStore
from veml_lab.versions.training import TrainingVersion


def mean_colour(images):
    return np.stack([np.asarray(i, dtype=np.float32).mean(axis=(0, 1)) for i in images])


def brightness(images):
    return np.stack([np.asarray(i, dtype=np.float32).mean(keepdims=True).ravel() for i in images])


def test_what_was_chosen_last_holds_whoever_opened_the_lab_first(fresh, digits_lab):
    first = fresh(digits_lab)
    before = first.embedder
    second = veml.open(first.path)
    chosen = second.use_embedder("squeezenet1_1", weights="random", size_px=48)
    assert first.embedder.fingerprint == chosen.fingerprint != before.fingerprint
    assert second.embedder is chosen and first.embedder is first.embedder  # made once


def test_two_labs_of_one_process_keep_their_own(tmp_path):
    labs = [veml.open(tmp_path / name) for name in ("one", "other")]
    chosen = [
        lab.use_embedder(own_embedder(f, fingerprint=f.__name__))
        for lab, f in zip(labs, (mean_colour, brightness), strict=True)
    ]
    cities = [lab.add("city", veml.road_world("clear-city", 4, seed=1), progress=False) for lab in labs]
    assert [embedder_of(city) for city in cities] == chosen
    assert choice_of(labs[0].store) is choice_of(cities[0].store) is not choice_of(labs[1].store)


def test_a_choice_goes_when_nobody_holds_its_lab(tmp_path):
    lab = veml.open(tmp_path / "lab")
    lab.add("city", veml.road_world("clear-city", 4, seed=1), progress=False)
    lab.use_embedder("squeezenet1_1", weights="random", size_px=32).embed(lab["city"], [0, 1])
    gone = weakref.ref(lab.store)
    assert isinstance(gone(), VersionStore)
    del lab
    gc.collect()
    assert gone() is None


def test_a_lab_without_a_choice_makes_one_unless_it_cannot_be_written(tmp_path):
    lab = veml.open(tmp_path / "lab")
    with pytest.raises(ReadOnlyLab, match="no embedder yet"):
        choice_of(veml.open(lab.path, read_only=True).store).usual()
    with pytest.raises(ReadOnlyLab, match="choose its embedder in a writable lab"):
        veml.open(lab.path, read_only=True).use_embedder("squeezenet1_1", weights="random")


def test_rows_have_the_embedder_of_their_training_part_and_different_columns_one_each(fresh, tmp_path):
    lab = veml.open(tmp_path / "lab")
    rng = np.random.default_rng(0)
    for name, columns in (("a", "xy"), ("b", "xy"), ("c", "xyz")):
        lines = [",".join([*columns, "split"])]
        lines += [
            ",".join([*(f"{v:.3f}" for v in rng.standard_normal(len(columns))), "test" if i % 4 == 0 else "train"])
            for i in range(40)
        ]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
        lab.add(name, veml.read(tmp_path / f"{name}.csv", "table", role="split"), progress=False)
    assert embedder_of(lab["a"]) is embedder_of(lab["a-train"])
    assert embedder_of(lab["a"]).trained_on == "a-train"
    node = lab.store.add("training", "t", {"plan": {"data": lab["a"].id}})
    deployed = lab.store.add("inference", "i", {"training": node.id})
    for version in (TrainingVersion(lab.store, node), InferenceVersion(lab.store, deployed)):
        assert embedder_of(version) is embedder_of(lab["a"])
    one = embedders_of([lab["a"], lab["b"]])
    assert not isinstance(one, Mapping) and one is embedder_of(lab["a"])
    each = embedders_of([lab["a"], lab["c"]])
    assert isinstance(each, Mapping) and {n: e.dim for n, e in each.items()} == {"a": 2, "c": 3}


def test_a_plan_is_trained_in_the_lab_that_it_was_made_in(fresh, digits_lab):
    lab = fresh(digits_lab)
    plan = veml.plan(lab["tiny"], lab["digits"], name="again", epochs=6, batch_size=16, lr=1e-2)
    later = fresh(digits_lab)  # opened last; before, it would have been taken
    found = veml.train(plan, progress=False)
    assert found.store is lab.store and found == lab["first"] and later.path != lab.path
    by_hand = Plan(**plan.to_dict())
    assert by_hand == plan and by_hand.store is None
    with pytest.raises(BadInput, match="was not made in a lab"):
        veml.train(by_hand)
    with pytest.raises(BadInput, match="was not made in a lab"):
        veml.search(by_hand, None, {"lr": (1e-3, 1e-2)})
    assert veml.train(by_hand, lab["digits"], progress=False) == found  # any version says which lab is meant


@pytest.mark.parametrize(
    ("function", "shown"),
    [
        (veml.drift, {"k": 50, "seed": 0, "level": 0.05, "progress": True, "embedder": None}),
        (veml.similarity, {"measures": None, "starts": 3}),
        (veml.rebuild, {"auto": False, "budget": None, "method": None}),  # None: 0.3 for methods that have one
        (veml.most_similar, {"measure": "energy", "among": None}),
    ],
)
def test_shift_tab_shows_parameters_with_types_and_defaults(function, shown):
    parameters = inspect.signature(function).parameters
    assert {n: parameters[n].default for n in shown} == shown
    assert all(n in (function.__doc__ or "") for n in parameters if n != "progress" and n != "seed")
