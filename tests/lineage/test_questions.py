"""Questions to the graph of a lab: what went in, what came of it, what depends on it, what changed."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from labs import ROOT

from veml_lab import lineage
from veml_lab.errors import BadInput, UnknownName
from veml_lab.versions.facts import file_of

DOC = ROOT / "docs" / "lineage.md"

# what each command of the table in docs/lineage.md finds in the lab of the fixture, worked out by hand
EXPECTED = {
    "lineage LAB second --question data": (
        "digits digits-train digits-test bright bright-train bright-test bad-ones mended"
    ),
    "lineage LAB next --question trainings": "first second",
    "lineage LAB bright --question later-trainings": "second",
    "lineage LAB first --question deployments": "in-production next",
    "lineage LAB digits --question deployments": "in-production next",
    "lineage LAB second --question how-made": "digits-test first mended wide",
    "path LAB digits second": "digits digits-train digits-test first in-production bad-ones mended second",
    "lineage LAB digits-train --question later-trainings": "first second",
    "lineage LAB next --question ancestors": (
        "digits digits-train digits-test bright bright-train bright-test tiny first in-production bad-ones mended wide"
        " second"
    ),
    "uses-file LAB DIGITS": "digits",
    "lineage LAB zeros --question ancestors": "digits digits-train",
    "lineage LAB bright --question descendants": "bright-train bright-test bad-ones mended second next",
    "seen-by LAB 0": "digits digits-train zeros first in-production second next",
    "lineage LAB digits --question uses": "digits-train digits-test",
    "lineage LAB 'in production' --question bad-cases": "bad-ones",
    "lineage LAB 'in production' --question tested-on": "digits-test",
    "lineage LAB 'in production' --question later-trainings": "second",
    "lineage LAB wide --question how-made": "tiny",
    "lineage LAB --made-by merge": "mended",
    "lineage LAB 'in production' --question data": "digits digits-train digits-test",
    "lineage LAB first --question deployed": "in-production",
    "lineage LAB 'in production' --question deployments": "next",
    "lineage LAB second --question trained-on": "mended",
    "lineage LAB first --question fine-tuned": "second",
    "impact LAB digits-train": "zeros first in-production bad-ones mended second next",
    "lineage LAB tiny --question transfers": "wide",
    "origin LAB zeros digits-test": "digits",
}


def commands() -> list[str]:
    return re.findall(r"`veml ([^`]+ LAB[^`]*)`", DOC.read_text().split("## The questions")[1].split("\n## ")[0])


def test_the_documented_list_is_the_tested_one():
    assert {c for c in commands() if "--json" not in c and "graphml" not in c} == set(EXPECTED)


@pytest.mark.parametrize("command", sorted(EXPECTED))
def test_every_documented_question_is_answered(life, capsys, command):
    from veml_lab.cli import main

    words = [str(life.path) if w == "LAB" else str(life.digits) if w == "DIGITS" else w for w in shlex.split(command)]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rows = found["depends"] if words[0] == "impact" else found["found"]
    assert [r["name"].replace(" ", "-") for r in rows] == sorted(EXPECTED[command].split(), key=order(life).index)
    assert main(words) == 0  # and as text
    said = capsys.readouterr().out
    assert all(r["name"] in said for r in rows)


def order(life) -> list[str]:
    return [n.name.replace(" ", "-") for n in life.store.graph().of_kind()]


def test_reach_is_that_of_networkx_for_every_version(life):
    import networkx as nx

    g = life.lab.lineage().to_networkx()
    for node in life.store.graph().of_kind():
        assert set(lineage.reach(life.store.graph(), node.id, back=True)) == nx.ancestors(g, node.id)
        assert set(lineage.reach(life.store.graph(), node.name, back=False)) == nx.descendants(g, node.id)


def test_what_was_only_measured_on_data_does_not_depend_on_it(life):
    found = lineage.impact(life.store, "digits-test")
    assert [v.name for v in found.depends] == []
    assert {"first", "in production", "second", "next"} <= set(found.measured.names)
    assert {m["version"]: m["value"] for m in found.metrics if m["metric"] == "accuracy"} == {
        "first": 0.9,
        "second": 0.95,
    }
    assert found.reports == ()
    assert [r["test"] for r in lineage.impact(life.store, "bright").reports] == ["bright-test"]


def test_a_sample_is_seen_through_the_weights_that_a_training_starts_from(life):
    lab = life.lab
    in_train = int(lab["bright-train"].ids[0])
    assert set(lineage.seen_by(life.store, in_train).names) == {"bright", "bright-train", "mended", "second", "next"}
    in_test = int(lab["digits-test"].ids[0])  # its uri stands for a sample of bright too
    found = {f.version.name: f.why for f in lineage.seen_by(life.store, in_test).found}
    assert found["first"] == found["next"] == "measured on it"
    assert "zeros" not in found and found["digits-test"] == "holds it"


def test_all_data_versions_that_hold_a_sample_are_found_as_by_looking_into_each(life):
    for i in range(0, 160, 7):
        assert set(lineage.held_by(life.store, i).names) == {v.name for v in life.lab.versions("data") if i in v.ids}


def test_an_unknown_sample_or_question_or_file_says_so(life):
    for ask in (
        lambda: lineage.seen_by(life.store, 10**6),
        lambda: lineage.seen_by(life.store, "none.png"),
        lambda: lineage.held_by(life.store, "7" * 30),
    ):
        with pytest.raises(UnknownName, match="sample"):
            ask()
    with pytest.raises(UnknownName, match="deployments"):
        lineage.ask(life.store, "deployment", "first")
    with pytest.raises(UnknownName, match="'firts'; known: first"):
        lineage.ask(life.store, "data", "firts")
    with pytest.raises(BadInput, match="of kind training"):
        lineage.ask(life.store, "trained-on", "digits")
    with pytest.raises(UnknownName, match="uses"):
        lineage.using_file(life.store, "/nowhere/at/all")
    with pytest.raises(BadInput, match="two or more"):
        lineage.common_origin(life.store, ["digits", "digits"])


def test_shortest_paths_are_those_of_networkx(life):
    import networkx as nx

    g = life.lab.lineage().to_networkx()
    plain, graph = nx.DiGraph(g), life.store.graph()
    names = {n.id: n.name for n in graph.of_kind()}
    for a in names:
        for b in names:
            if a != b and nx.has_path(plain, a, b):
                ours = {tuple(n.id for n in way) for way in lineage.paths(life.store, a, b)}
                assert ours == {tuple(p) for p in nx.all_shortest_paths(plain, a, b)}
    assert life.lab.lineage().path("next", "digits") == [] and lineage.paths(life.store, "zeros", "wide") == []


def test_unrelated_versions_are_said_to_be_so(life):
    assert "Not at all" in repr(lineage.relations(life.store, "zeros", "wide"))
    assert (
        "both come from" in repr(lineage.relations(life.store, "zeros", "first"))
        or lineage.relations(life.store, "zeros", "first").names
    )


def test_what_changed_between_two_trainings(life):
    found = lineage.changed(life.store, "first", "second").to_dict()["sections"]
    assert found["hyper-parameters"] == {"lr": [0.01, 0.001, -0.009]}
    assert found["recipe"]["width"] == [8, 16, 8]
    assert found["numbers"]["accuracy"] == [0.9, 0.95, 0.05]
    assert found["plan"]["init"] == [None, "first"] and found["plan"]["seed"] == [0, 1, 1]
    assert found["training data"]["version"] == ["digits-train", "mended"] and found["training data"]["in both"] == 0
    assert "environment" not in found and "validation data" not in found
    json.dumps(found)


def test_what_changed_between_two_data_versions_is_the_difference_of_their_sets(life):
    found = lineage.changed(life.store, "digits-train", "zeros")
    a, b = life.lab["digits-train"], life.lab["zeros"]
    assert found.sections["samples"] == {"only here": len(a.ids - b.ids), "only there": 0, "in both": len(b)}
    assert found.sections["annotations a class"] == {"1": [20, 0, -20], "2": [20, 0, -20]}
    assert not lineage.changed(life.store, "zeros", "zeros") and "nothing changed" in repr(
        lineage.changed(life.store, "zeros", "zeros")
    )
    with pytest.raises(BadInput, match="one kind"):
        lineage.changed(life.store, "zeros", "first")


def test_a_deployment_differs_by_its_training_too(life):
    found = lineage.changed(life.store, "in production", "next").sections
    assert found["training"]["version"] == ["first", "second"] and found["training: hyper-parameters"]["lr"][1] == 0.001
    assert "configuration" not in found


def test_the_lineage_of_a_version_answers_for_itself(life):
    tree = life.lab.lineage("first")
    assert tree.ask("deployed").names == ["in production"]
    assert tree.impact().about == "first" and tree.changed("second").kind == "training"
    assert tree.relation("next").facts["steps"] == 2
    with pytest.raises(BadInput, match="one version"):
        life.lab.lineage().ask("data")


def test_the_tree_in_a_terminal_holds_every_ancestor_once_unfolded(life):
    text = repr(life.lab.lineage("next", direction="ancestors"))
    for name in lineage.ask(life.store, "ancestors", "next").names:
        assert f" {name}" in text
    assert text.count("derived_from: merge") == 2  # mended has two parents and stands unfolded once


def test_a_version_is_found_by_the_file_that_it_stands_on(life):
    """A checkpoint and an exported model, within the lab's folder or by the whole path, and what an import read."""
    graph = life.store.graph()
    for name, file in (("first", "jobs/first/model.safetensors"), ("next", "blobs/next.onnx")):
        for path in (file, str(life.store.folder / file)):
            assert name in lineage.using_file(life.store, path).names
    source = file_of(graph.by_name["digits"])
    assert source and "digits" in lineage.using_file(life.store, source).names
