"""Facts in groups, as words: no Python in them, nothing lost, nothing twice."""

from __future__ import annotations

import dataclasses

import pytest

from veml_lab import panel
from veml_lab.faces.fact_groups import fact_groups, number, said
from veml_lab.storage.words import duration


@pytest.mark.parametrize("name", ["digits-train", "tiny", "first", "in production"])
def test_every_kind_of_version_says_its_facts_in_words(digits_lab, name):
    lab = digits_lab.lab
    groups = lab.facts(name)
    assert groups and all(g["facts"] for g in groups)
    words = [w for g in groups for _, w in g["facts"]]
    for w in words:
        assert isinstance(w, str) and w and not any(c in w for c in '[]{}"') and w not in ("True", "False", "None"), w
    names = [n for g in groups for n, _ in g["facts"]]
    assert len(names) == len(set(names)) and not any("_" in n for n in names), names


def test_a_training_tells_results_how_cost_and_where_apart(digits_lab):
    lab = digits_lab.lab
    titles = [g["title"] for g in lab.facts("first")]
    assert titles == ["Results", "Training", "Cost", "Environment", "How it was made"]
    facts = {n: w for g in lab.facts("first") for n, w in g["facts"]}
    assert facts["time"].endswith("s") and "learning rate" in facts and facts["seed"].isdigit()
    flat = lab.detail("first")
    assert facts["accuracy"] == f"{100 * flat['accuracy']:.1f} %"
    assert number(flat["lr"]) == facts["learning rate"]


def test_a_setting_that_nobody_just_said_tells_where_it_came_from(digits_lab):
    node = digits_lab.training.node
    donor = {"by": "donor", "name": "city"}
    origins = {"hyper": donor, "hyper.lr": {"by": "user", "was": 0.5, "before": donor}, "hyper.epochs": {"by": "user"}}
    moved = dataclasses.replace(node, props={**node.props, "origins": origins})
    facts = {n: w for g in fact_groups(moved) for n, w in g["facts"]}
    assert facts["learning rate"] == "0.01 (you; was 0.5 (donor 'city'))" and facts["batch size"] == "16 (donor 'city')"
    assert {n: w for g in fact_groups(node) for n, w in g["facts"]}["learning rate"] == "0.01"
    assert facts["epochs"] == "6"  # said


def test_the_panel_is_told_both(digits_lab):
    lab = digits_lab.lab
    told = panel.answer("version", {"lab": str(lab.path), "version": "first"}, [lab])
    *groups, how = told["groups"]
    assert groups == fact_groups(lab["first"].node) and told["name"] == "first"
    assert how["title"] == "How it was made" and dict(how["facts"])["from"].startswith("digits-train")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("size_px", [160, 96], "160 × 96 px"),
        ("augment", ["crop", "flip"], "crop, flip"),
        ("onnx_ms", 12.2253, "12.2 ms"),
        ("size_mb", 5.652, "5.65 MB"),
        ("seconds", 59.96, "60.0 s"),
        ("seconds", 0.1234, "123 ms"),
        ("agreement", 1.0, "100.0 %"),
        ("accuracy", 1.5, "1.5"),
        ("freeze", False, "no"),
        ("outputs", {"a": 1, "b": [2, 3]}, "a: 1, b: 2, 3"),
        ("n", 1234567, "1,234,567"),
        ("loss", float("inf"), "–"),
        ("note", "as it is", "as it is"),
    ],
)
def test_words_of_one_fact(key, value, words):
    assert said(key, value) == words


def test_numbers_and_times_round_to_what_can_be_read():
    assert [number(v) for v in (0, -0.00802134, 1234.5, 999.6, 1e-5)] == ["0", "-0.00802", "1,234", "1,000", "1e-05"]
    assert [duration(v) for v in (0.25, 1, 60, 3599, 3600)] == [
        "250 ms",
        "1.0 s",
        "1 min 0 s",
        "59 min 59 s",
        "1 h 0 min",
    ]
