"""Answers of small graphs that can be read off a drawing; each was seen to fail on a small fault planted in the
code."""

from __future__ import annotations

import pytest

import veml_lab as veml
from veml_lab import lineage


@pytest.fixture
def store(tmp_path):
    """a -> b -> c, b -> d: and a training on c that was adapted to d, rebuilt as another one."""
    store = veml.open(tmp_path / "lab").store
    made = {}

    def add(kind, name, *edges, **props):
        node = store.add(
            kind, name, props, [(made[src], type, {"operation": op} if op else {}) for src, type, op in edges]
        )
        made[name] = node.id

    add("data", "a", n=3)
    for name, parent in (("b", "a"), ("c", "b"), ("d", "b")):
        add("data", name, (parent, "derived_from", "filter"), n=3)
    add("training", "t", ("c", "trained_on", None), ("d", "adapted_to", None))
    add("training", "u", ("t", "rebuilt_from", None))
    add("training", "v", ("t", "fine_tuned_from", None))
    return store


def test_what_a_training_was_adapted_to_it_was_trained_on_too(store):
    assert set(lineage.ask(store, "trained-on", "t").names) == {"c", "d"}


def test_a_rebuilt_training_and_a_fine_tuned_one_both_came_of_it(store):
    assert set(lineage.ask(store, "fine-tuned", "t").names) == {"u", "v"}


def test_only_the_nearest_common_origin_is_named_and_all_are_counted(store):
    found = lineage.common_origin(store, ["c", "d"])
    assert found.names == ["b"] and found.facts == {"common ancestors": 2}
    assert lineage.common_origin(store, ["b", "d"]).names == ["b"]  # one of them is the other's ancestor


def test_a_version_is_itself_and_nothing_else(store):
    assert [(f.version.name, f.why) for f in lineage.relations(store, "b", "b").found] == [("b", "the same version")]
