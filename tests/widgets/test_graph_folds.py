"""What stands together in a lineage: nothing is lost, nothing is said twice, every way stays."""

from __future__ import annotations

import random

import pytest

from veml_lab.widgets import LineageGraph
from veml_lab.widgets._graph_folds import FEWEST, dress, folded, folds


def node(i: str, kind: str = "data", name: str = "") -> dict:
    return {"id": i, "kind": kind, "name": name or i}


def edge(a: str, b: str, type: str = "derived_from", operation: str = "") -> dict:
    return {"source": a, "target": b, "type": type, "operation": operation}


def a_lab(seed: int, n: int = 80) -> tuple[list[dict], list[dict]]:
    """A made-up lab: sets with parts, trainings on them in twins and triplets, some deployed."""
    rng = random.Random(seed)
    nodes, edges = [node("m", "model")], []
    while len(nodes) < n:
        i = len(nodes)
        what = rng.choice(["set", "split", "search", "deploy", "filter", "odd"])
        sets = [v["id"] for v in nodes if v["kind"] == "data"]
        if what == "set" or not sets:
            nodes.append(node(f"d{i}"))
        elif what in ("split", "filter"):
            source = rng.choice(sets)
            nodes += [node(f"{source}-{what}{i}-{k}") for k in range(rng.randint(1, 4))]
            edges += [edge(source, v["id"], operation=what) for v in nodes[i:]]
        elif what == "search":
            source = rng.choice(sets)
            name = f"{source} · search {i} trial"
            nodes += [node(f"t{i}-{k}", "training", f"{name} {k}") for k in range(rng.randint(1, 5))]
            for v in nodes[i:]:
                edges += [edge(source, v["id"], "trained_on"), edge("m", v["id"], "instance_of")]
        else:
            trained = [v["id"] for v in nodes if v["kind"] == "training"]
            if trained:
                nodes.append(node(f"i{i}", "inference"))
                edges.append(edge(rng.choice(trained), f"i{i}", "deployed_as"))
                if what == "odd":
                    edges.append(edge(rng.choice(sets), f"i{i}", "tested_on"))
    return nodes, edges


def reach(nodes: list[dict], edges: list[dict]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {n["id"]: {n["id"]} for n in nodes}
    for _ in nodes:
        before = sum(map(len, out.values()))
        for e in edges:
            if e["source"] in out and e["target"] in out:
                out[e["source"]] |= out[e["target"]]
        if sum(map(len, out.values())) == before:
            break
    return out


@pytest.mark.parametrize("seed", range(25))
def test_every_version_stands_in_one_node_and_every_way_stays(seed):
    nodes, edges = a_lab(seed)
    found = folds(nodes, edges)
    members = [m for f in found for m in f["members"]]
    assert len(members) == len(set(members)) and set(members) <= {n["id"] for n in nodes}
    shown, between = folded(nodes, edges)
    held = [m for n in shown for m in n.get("members", [n["id"]])]
    assert sorted(held) == sorted(n["id"] for n in nodes)
    home = {m: n["id"] for n in shown for m in n.get("members", [n["id"]])}
    plain, drawn = reach(nodes, edges), reach(shown, between)
    for a, ends in plain.items():
        assert {home[b] for b in ends} <= drawn[home[a]]
    for a, ends in drawn.items():  # a way between folds is a way between some of their versions
        for e in between:
            assert e["source"] != e["target"]
        assert not any(a in drawn[b] for b in ends - {a}), "folding made a circle"


@pytest.mark.parametrize("seed", range(25))
def test_siblings_are_of_one_kind_made_alike_and_led_to_alike(seed):
    nodes, edges = a_lab(seed)
    kinds = {n["id"]: n["kind"] for n in nodes}
    for f in folds(nodes, edges):
        if not f["id"].startswith("fold:"):
            continue
        parts = {e["target"] for e in edges if e["operation"] == "split" and e["source"] in f["members"]}
        heads = [m for m in f["members"] if m not in parts]
        assert len(heads) >= FEWEST
        assert {kinds[m] for m in f["members"]} == {f["kind"]}
        led = [
            {(e["type"], e["operation"] == "split", kinds[e["target"]]) for e in edges if e["source"] == m}
            for m in heads
        ]
        made = [{(e["type"], kinds[e["source"]]) for e in edges if e["target"] == m} for m in heads]
        assert all(x == led[0] for x in led) and all(x == made[0] for x in made)


def test_names_of_nodes_and_folds_differ_and_each_has_lines():
    for seed in range(25):
        nodes, edges = a_lab(seed)
        said = dress(nodes, edges)
        shown, _ = folded(nodes, edges)
        assert len({n["name"] for n in shown}) == len(shown)
        assert len(said["lines"]) == len(nodes) and all(f["lines"] for f in said["folds"])


def test_the_one_that_was_deployed_stays_apart_from_its_siblings():
    nodes = [node("set"), *(node(f"run {k}", "training") for k in range(5)), node("live", "inference")]
    edges = [*(edge("set", f"run {k}", "trained_on") for k in range(5)), edge("run 3", "live", "deployed_as")]
    (found,) = folds(nodes, edges)
    assert found["members"] == ["run 0", "run 1", "run 2", "run 4"] and found["name"] == "run × 4"


def test_branches_of_a_rebuild_fold_step_by_step():
    """Each budget chooses samples, merges them, trains: three nodes a budget become three in all."""
    budgets = (6, 17, 28)
    nodes, edges = [node("pool"), node("train"), node("first", "training")], [edge("train", "first", "trained_on")]
    for b in budgets:
        nodes += [node(f"pool · core {b}"), node(f"train + core {b}"), node(f"first · active {b}", "training")]
        edges += [
            edge("pool", f"pool · core {b}", operation="core set"),
            edge("train", f"train + core {b}", operation="merge"),
        ]
        edges += [edge(f"pool · core {b}", f"train + core {b}", operation="merge")]
        edges += [
            edge(f"train + core {b}", f"first · active {b}", "trained_on"),
            edge("first", f"first · active {b}", "rebuilt_from"),
        ]
    assert [f["name"] for f in folds(nodes, edges)] == ["pool · core × 3", "train + core × 3", "first · active × 3"]


def test_parts_fold_into_their_set_and_parts_of_parts_into_none_of_it():
    nodes = [node("city"), node("city-train"), node("city-test"), node("city-train-a"), node("night")]
    splits = [("city", "city-train"), ("city", "city-test"), ("city-train", "city-train-a")]
    edges = [*(edge(a, b, operation="split") for a, b in splits), edge("city", "night", operation="filter")]
    (found,) = folds(nodes, edges)
    assert found == {"id": "city", "kind": "data", "name": "city", "members": ["city", "city-train", "city-test"]}


def test_a_circle_and_metadata_stand_alone():
    nodes = [node("a"), node("b"), node("part", "metadata"), node("m", "model")]
    edges = [edge("a", "b"), edge("b", "a"), edge("part", "m", "has_head")]
    assert folds(nodes, edges) == []
    assert len(folded(nodes, edges)[0]) == 4


def test_the_widget_says_how_it_is_dressed_and_keeps_up_with_its_nodes():
    nodes = [node("set"), *(node(f"run {k}", "training") for k in range(4))]
    drawn = LineageGraph(nodes, [edge("set", f"run {k}", "trained_on") for k in range(4)])
    assert [f["name"] for f in drawn.dress["folds"]] == ["run × 4"] and drawn.dress["lines"][0] == ["set"]
    drawn.edges = []
    assert drawn.dress["folds"] == []
    drawn.nodes = nodes[:2]
    assert len(drawn.dress["lines"]) == 2
    drawn.set_state({"dress": {"folds": [{"id": "x"}]}})  # a browser says nothing of it
    assert drawn.dress["folds"] == []


def test_two_siblings_stand_for_themselves_and_three_are_one():
    for n in (2, 3):
        runs = [node(f"t{k}", "training", f"search trial {k}") for k in range(n)]
        said = folds([node("d"), *runs], [edge("d", r["id"], "trained_on") for r in runs])
        assert [f["members"] for f in said] == ([] if n == 2 else [["t0", "t1", "t2"]])
