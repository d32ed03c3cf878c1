"""Answers, differences and events, word for word: small graphs whose texts can be written down by hand."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest

from veml_lab import __version__, lineage
from veml_lab.lineage.answers import Answer, facts_text
from veml_lab.lineage.differences import Changes, _differ
from veml_lab.lineage.openlineage import events
from veml_lab.lineage.reach import shortest_paths
from veml_lab.versions.graph import Graph
from veml_lab.versions.node import Edge, Node

BORN = dt.datetime(2026, 3, 4, 5, 6, 7, 890)


class Whole:
    """All of a graph."""

    def __init__(self, nodes, edges):
        self.nodes, self.edges = nodes, edges


def node(id, kind="data", created=BORN, **props):
    return Node(id, kind, f"the {id}", created, props)


def test_facts_are_lines_that_are_indented_by_their_depth():
    facts = {
        "n": 3,
        "share": 0.123456,
        "none": None,
        "nothing": [],
        "some": ["a", 0.5, None],
        "rows": [{"a": 1, "b": 0.25}, {"a": None}],
        "deep": {"deeper": {"deepest": (1, 2)}, "empty": {}},
    }
    assert facts_text(facts, "  ") == [
        "  n: 3",
        "  share: 0.1235",
        "  none: none",
        "  nothing: none",
        "  some: a, 0.5, none",
        "  rows",
        "    a 1, b 0.25",
        "    a none",
        "  deep",
        "    deeper",
        "      deepest: 1, 2",
        "    empty: {}",
    ]


def test_an_answer_says_how_many_of_each_kind_and_why_each(life):
    said = repr(lineage.ask(life.store, "ancestors", "first")).splitlines()
    assert said == [
        "What led to 'first'? 3 data, 1 model",
        "  data       digits",
        "  data       digits-train",
        "  data       digits-test   measured only",
        "  model      tiny",
    ]
    assert repr(Answer("Why?")) == "Why? nothing" and repr(Answer("Why?", (), {"n": 1})) == "Why?\n  n: 1"
    found = lineage.ask(life.store, "deployed", "first")
    assert [v.name for v in found] == ["in production"] and len(found) == 1
    row = found.to_dict()["found"][0]
    assert row["kind"] == "inference" and row["name"] == "in production" and row["why"] == "deployed_as: onnx"


def test_changes_are_told_with_both_sides_and_the_difference_of_numbers():
    changes = Changes(
        "a",
        "b",
        "training",
        {
            "numbers": {"loss": [0.5, 0.25, -0.25], "n": [1, 3, 2]},
            "plan": {"classes": [["x", "y"], ("z",)], "init": [None, "first"], "lr": [0.012345678, "auto"]},
            "samples": {"in both": 7},
        },
    )
    assert repr(changes).splitlines() == [
        "from training version 'a' to 'b':",
        "  numbers",
        "    loss: 0.5 → 0.25 (-0.25)",
        "    n: 1 → 3 (+2)",
        "  plan",
        "    classes: x, y → z",
        "    init: none → first",
        "    lr: 0.01235 → auto",
        "  samples",
        "    in both: 7",
    ]
    assert changes and not Changes("a", "b", "data", {})
    assert repr(Changes("a", "b", "data", {})) == "from data version 'a' to 'b': nothing changed but the name"


def test_only_numbers_have_a_difference_and_what_is_equal_is_left_out():
    here = {"same": 1, "n": 1, "x": 0.1, "flag": True, "text": "a", "gone": 5, "none": None}
    there = {"same": 1, "n": 4, "x": 0.3, "flag": False, "text": "b", "new": 6, "none": 0}
    assert _differ(here, there) == {
        "flag": [True, False], "gone": [5, None], "n": [1, 4, 3], "new": [None, 6], "none": [None, 0],
        "text": ["a", "b"], "x": [0.1, 0.3, 0.2],
    }  # fmt: skip
    assert _differ({"a": 2}, {"b": 3}, zero=0) == {"a": [2, 0, -2], "b": [0, 3, 3]}


def test_a_way_from_a_node_to_itself_is_the_node_and_ways_are_as_many_as_asked_for():
    """Four ways through a diamond of two steps with two nodes each, and one of three steps that is not shortest."""
    nodes = [node(i) for i in "abcdefg"]
    pairs = ["ab", "ac", "bd", "cd", "de", "df", "eg", "fg", "bc"]
    graph = Graph.of(nodes, [Edge(a, b, "derived_from", {}) for a, b in pairs])
    ways = [["abcdefg"[p] for p in way] for way in shortest_paths(graph, 0, 6)]
    assert ways == [list(w) for w in ("abdeg", "abdfg", "acdeg", "acdfg")]
    assert [len(shortest_paths(graph, 0, 6, most=n)) for n in (1, 2, 3, 4, 5)] == [1, 2, 3, 4, 4]
    assert shortest_paths(graph, 3, 3) == [[3]] and shortest_paths(graph, 6, 0) == []


def test_the_events_of_a_version_say_what_went_in_what_came_out_and_when():
    data = node("d", n=12, note="by hand", source={"root": "/data/a b"}, layer=None)
    elsewhere = node("e", source={"root": "s3://bucket/x"})
    model = node("m", "model", recipe={"width": 8})
    plan = {"name": "t", "hyper": {"lr": 0.5}, "method": "transfer"}
    training = node("t", "training", plan=plan, summary={"seconds": 90.5, "accuracy": 0.75}, checkpoint="jobs/x/m")
    edges = [
        Edge("m", "t", "instance_of", {}),
        Edge("d", "t", "trained_on", {"operation": "fit", "k": 1}),
        Edge("d", "e", "derived_from", {"operation": "filter"}),
    ]
    found = list(events("my lab", Whole([data, elsewhere, model, training], edges)))
    runs = uuid.uuid5(uuid.NAMESPACE_URL, "urn:veml-lab:runs")
    assert [e["run"]["runId"] for e in found] == [str(uuid.uuid5(runs, i)) for i in "ddeemmtt"]
    assert [e["job"]["name"] for e in found[::2]] == ["data.import", "data.filter", "model", "training.transfer"]
    assert {e["job"]["namespace"] for e in found} == {"veml://my lab"}
    assert [e["job"]["facets"]["jobType"]["jobType"] for e in found[::2]] == ["DATA", "DATA", "MODEL", "TRAINING"]
    assert {e["producer"] for e in found} == {f"urn:veml-lab:{__version__}"}
    assert [e["eventTime"] for e in found[:2]] == ["2026-03-04T05:06:07.000890Z"] * 2
    start, end = found[-2:]
    assert (start["eventTime"], end["eventTime"]) == ("2026-03-04T05:04:36.500890Z", "2026-03-04T05:06:07.000890Z")
    assert start["outputs"] == [] and start["inputs"] == end["inputs"]
    assert start["run"]["facets"]["veml"]["plan"] == plan and "veml" not in found[0]["run"]["facets"]
    said = [
        (i["name"], i["inputFacets"]["veml"]["edge"], i["inputFacets"]["veml"]["properties"]) for i in end["inputs"]
    ]
    assert said == [("model/the m", "instance_of", {}), ("data/the d", "trained_on", {"operation": "fit", "k": 1})]
    (output,) = found[1]["outputs"]
    facets = {k: {f: v for f, v in each.items() if f[0] != "_"} for k, each in output["facets"].items()}
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 12 and output["name"] == "data/the d"
    assert facets == {
        "version": {"datasetVersion": "d"},
        "datasetType": {"datasetType": "TABLE"},
        "documentation": {"description": "by hand"},
        "dataSource": {"name": "/data/a b", "uri": "file:///data/a%20b"},
        "veml": {"kind": "data", "name": "the d", "properties": dict(data.props)},
    }
    (other,) = found[3]["outputs"]
    uri = other["facets"]["dataSource"]["uri"]
    assert uri == f"urn:veml-lab:source:{uuid.uuid5(runs, 's3://bucket/x')}" and "outputFacets" not in other
    assert "documentation" not in other["facets"]
    types = [
        (f["datasetType"], f.get("subType")) for f in (e["outputs"][0]["facets"]["datasetType"] for e in found[1::2])
    ]
    assert types == [("TABLE", None), ("TABLE", None), ("MODEL", "RECIPE"), ("MODEL", "CHECKPOINT")]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_edges_side_by_side_keep_their_own_properties_in_graphml(tmp_path, times):
    import networkx as nx

    from veml_lab.lineage.exchange import write_graphml

    nodes = [node("a"), node("b"), node("c")]
    edges = [Edge("a", "b", "derived_from", {"operation": f"number {i}", "i": i}) for i in range(times)]
    edges.append(Edge("b", "c", "tested_on", {}))
    g = nx.read_graphml(write_graphml(Whole(nodes, edges), tmp_path / "x.graphml"), force_multigraph=True)
    found = [(a, b, d["type"], d["operation"], json.loads(d["props"])) for a, b, d in g.edges(data=True)]
    assert found == [(e.src, e.dst, e.type, e.props.get("operation", ""), dict(e.props)) for e in edges]
    assert g.nodes["a"]["created"] == BORN.isoformat() and g.nodes["a"]["kind"] == "data"
