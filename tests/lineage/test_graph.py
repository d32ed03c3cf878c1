"""The graph in memory: against networkx on random graphs, and as it grows by commits of this and other processes."""

from __future__ import annotations

import datetime as dt
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import veml_lab as veml
from veml_lab.errors import LabError, NameTaken, UnknownName
from veml_lab.lineage.reach import distances, edges_within, reach_from, reach_of_all, shortest_paths
from veml_lab.versions import graph as graph_module
from veml_lab.versions import growing_rows as rows_module
from veml_lab.versions.cache_files import wait
from veml_lab.versions.graph import Graph
from veml_lab.versions.node import EDGE_TYPES, VERSION_KINDS, Edge, Node
from veml_lab.versions.store import VersionStore

TYPES = list(EDGE_TYPES)


def random_parts(n: int, m: int, seed: int) -> tuple[list[Node], list[Edge]]:
    """Nodes and edges from older to younger, parallel edges among them."""
    r = random.Random(seed)
    nodes = [
        Node(f"x-{i:04d}", r.choice(VERSION_KINDS), f"v {i} é", dt.datetime(2026, 1, 1, 0, 0, i % 60), {"i": i})
        for i in range(n)
    ]
    pairs = [sorted(r.sample(range(n), 2)) for _ in range(m)] if n > 1 else []
    return nodes, [Edge(nodes[a].id, nodes[b].id, r.choice(TYPES), {"e": k}) for k, (a, b) in enumerate(pairs)]


@given(n=st.integers(1, 30), m=st.integers(0, 60), seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_searches_agree_with_networkx_on_random_graphs(n, m, seed):
    import networkx as nx

    nodes, edges = random_parts(n, m, seed)
    g = Graph.of(nodes, edges)
    oracle = nx.MultiDiGraph()
    oracle.add_nodes_from(range(n))
    place = {x.id: i for i, x in enumerate(nodes)}
    oracle.add_edges_from((place[e.src], place[e.dst], {"type": e.type}) for e in edges)
    learned = nx.DiGraph([(a, b) for a, b, t in oracle.edges(data="type") if t != "tested_on"])
    learned.add_nodes_from(range(n))
    at = seed % n
    assert set(reach_from(g, at, back=True).tolist()) == nx.ancestors(oracle, at)
    assert set(reach_from(g, at, back=False, without=("tested_on",)).tolist()) == nx.descendants(learned, at)
    away = dict(nx.single_source_shortest_path_length(oracle, at))
    assert distances(g, at, back=False).tolist() == [away.get(i, -1) for i in range(n)]
    order = [away[i] for i in reach_from(g, at, back=False).tolist()]
    assert order == sorted(order)  # nearest first
    starts = {at, (at * 7 + 3) % n}
    assert (
        set(reach_of_all(g, starts, back=True).tolist())
        == set().union(*(nx.ancestors(oracle, s) for s in starts)) - starts
    )
    end = (at + n // 2) % n
    expected = {tuple(p) for p in nx.all_shortest_paths(nx.DiGraph(oracle), at, end)} if end in away else set()
    assert {tuple(p) for p in shortest_paths(g, at, end, most=10**6)} == expected
    inside = [i for i in range(n) if i % 2]
    assert edges_within(g, inside).tolist() == [k for k, e in enumerate(edges) if place[e.src] % 2 and place[e.dst] % 2]


@given(n=st.integers(1, 25), m=st.integers(0, 40), seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_nodes_and_edges_come_out_as_they_went_in(n, m, seed):
    nodes, edges = random_parts(n, m, seed)
    g = Graph.of(nodes, edges)
    assert list(g.nodes.values()) == g.of_kind() == nodes and list(g.edges) == edges and g.edges[-1:] == edges[-1:]
    assert list(g.by_name) == [x.name for x in nodes] and len(g.nodes) == n
    for x in nodes:
        assert g.nodes[x.id] == g.by_name[x.name] == g.find(x.id) == g.node(g.position(x)) == x
        assert g.into[x.id] == [e for e in edges if e.dst == x.id] and g.out[x.id] == [
            e for e in edges if e.src == x.id
        ]
    for kind in VERSION_KINDS:
        assert g.of_kind(kind) == [x for x in nodes if x.kind == kind]
    assert "none" not in g.nodes and g.by_name.get("none") is None and 7 not in g.nodes
    with pytest.raises(KeyError):
        g.into["none"]


def test_props_are_parsed_when_they_are_asked_for_and_behave_as_a_mapping():
    g = Graph.of([Node("a", "data", "a", dt.datetime(2026, 1, 1), {"n": 3, "classes": ["x"]})], [])
    props = g.find("a").props
    assert props._value is None and props["n"] == 3 and dict(props) == {"n": 3, "classes": ["x"]} == {**props}
    import pickle

    assert pickle.loads(pickle.dumps(g.find("a"))) == g.find("a")  # a version goes to a worker process


def chain(store: VersionStore, n: int, *, start: int = 0, to: str | None = None) -> str:
    """Model versions, each transferred from the one before; the ID of the last."""
    made = []
    for i in range(start, start + n):
        edges = [(to, "transferred_from", {"i": i})] if to else []
        to = f"m-{i:010d}"
        made.append(("model", f"m {i}", {"recipe": {"i": i}}, edges, [], to))
    store.add_many(made)
    assert to is not None
    return to


def same(a: Graph, b: Graph) -> bool:
    return (
        a.of_kind() == b.of_kind()
        and list(a.edges) == list(b.edges)
        and [x.tolist() for x in a.ends] == [x.tolist() for x in b.ends]
    )


def test_a_graph_that_grew_by_many_commits_is_the_one_that_is_read_at_once(empty_lab, monkeypatch):
    monkeypatch.setattr(rows_module, "FOLD", 7)  # so that the small part is folded into the big one again and again
    monkeypatch.setattr(rows_module, "SCANS", 3)
    monkeypatch.setattr(rows_module, "FEW", 1)
    store, last, r = empty_lab.store, None, random.Random(5)
    held = []
    for step in range(12):
        n = r.randint(1, 4)
        last = chain(store, n, start=1000 * step, to=last)
        if step % 3 == 2:
            store.link(f"m-{0:010d}", last, "transferred_from", {"again": step})
        held.append((store.graph(), len(store.graph()), len(store.graph().edges)))
        assert same(store.graph(), Graph.load(store.catalog.read))
    for graph, n, m in held:  # who held an older one still has it
        assert (len(graph), len(graph.edges)) == (n, m) and len(list(graph.nodes.values())) == n
        assert reach_from(graph, n - 1, back=True).max(initial=0) < n


def test_commits_of_another_process_are_read_and_no_more(empty_lab, python, monkeypatch):
    lab, asked = empty_lab, []
    read = lab.store.catalog.read

    def recorded(question, **params):
        asked.append((question, params))
        return read(question, **params)

    monkeypatch.setattr(lab.store.catalog, "read", recorded)
    chain(lab.store, 3)
    before = lab.store.graph()
    child = python(
        "import sys, veml_lab as v; from veml_lab.versions.model import add_model; add_model(v.open(sys.argv[1]).store,"
        " 'theirs', {'a': 1})",
        lab.path,
    )
    assert child.wait() == 0, child.stderr.read()
    asked.clear()
    assert lab.store.graph().find("theirs").props["recipe"] == {"a": 1}
    assert asked == [("graph_tail", {"node": 2, "edge": 1})]
    assert "theirs" not in before.by_name
    lab.store.graph()
    assert len(asked) == 1


def test_a_large_graph_is_read_without_its_json_and_kept_for_the_next_process(empty_lab, monkeypatch):
    monkeypatch.setattr(graph_module, "SMALL", 4)
    monkeypatch.setattr(graph_module, "LARGE", 8)
    monkeypatch.setattr(graph_module, "PAGE", 4)
    chain(empty_lab.store, 12)
    whole = Graph.load(empty_lab.store.catalog.read)
    cache = empty_lab.path / "cache"
    kept = Graph.load(empty_lab.store.catalog.read, cache, write=True)
    wait()
    assert sorted(p.name for p in cache.iterdir()) == ["graph-edges-1.arrow", "graph-nodes-1.arrow"]
    chain(empty_lab.store, 1, start=50, to="m-0000000011")
    asked = []

    def read(q, **p):
        asked.append(q)
        return empty_lab.store.catalog.read(q, **p)

    again = Graph.load(read, cache)
    assert asked == ["graph_size", "graph_tail"]
    assert same(again, Graph.load(empty_lab.store.catalog.read)) and len(again) == 13 and len(kept) == len(whole) == 12
    assert [n.props["recipe"]["i"] for n in again.of_kind()] == [*range(12), 50]
    assert [e.props["i"] for e in again.edges] == [*range(1, 12), 50]
    assert 0 < asked.count("graph_node_props") <= 4  # by pages, not by node
    half = (cache / "graph-edges-1.arrow").read_bytes()[:500]
    (cache / "graph-edges-1.arrow").unlink()  # which somebody has mapped
    (cache / "graph-edges-1.arrow").write_bytes(half)
    assert same(Graph.load(empty_lab.store.catalog.read, cache), again)


def test_files_of_another_catalog_are_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(graph_module, "SMALL", 4)
    monkeypatch.setattr(graph_module, "LARGE", 8)
    one, two = veml.open(tmp_path / "one"), veml.open(tmp_path / "two")
    chain(one.store, 12)
    chain(two.store, 12, start=100)
    Graph.load(one.store.catalog.read, tmp_path / "cache", write=True)
    wait()
    assert same(Graph.load(two.store.catalog.read, tmp_path / "cache"), Graph.load(two.store.catalog.read))
    graph = Graph.load(one.store.catalog.read)
    graph._read = two.store.catalog.read
    assert graph.grown() is None  # what it has read is not what this catalog begins with
    base = Graph(*rows_module.kept_rows(tmp_path / "cache"), two.store.catalog.read)
    with pytest.raises(LabError, match="open the lab again"):
        base.of_kind()[0].props["recipe"]


def test_names_stay_unique_when_the_graph_is_large(empty_lab, monkeypatch):
    monkeypatch.setattr(rows_module, "FOLD", 5)
    chain(empty_lab.store, 20)
    with pytest.raises(NameTaken):
        chain(empty_lab.store, 1, start=3)
    with pytest.raises(UnknownName, match="m 19"):
        empty_lab.store.graph().find("m 191")


def test_a_chain_of_ten_thousand_versions_is_searched_and_drawn_without_recursion(empty_lab):
    n = 10_000
    last = chain(empty_lab.store, n)
    graph = empty_lab.store.graph()
    assert reach_from(graph, n - 1, back=True).tolist() == list(range(n - 2, -1, -1))
    assert distances(graph, 0, back=False).tolist() == list(range(n))
    assert len(shortest_paths(graph, 0, n - 1)[0]) == n
    text = repr(empty_lab.lineage(last, direction="ancestors"))
    assert f"{n:,}".replace(",", "") in text.splitlines()[0] and "more versions" in text
    json.dumps(empty_lab.lineage(last, direction="ancestors").to_dict())
