"""Every question of every version, against a walk over the plain list of edges."""

from __future__ import annotations

import re

import pytest

from veml_lab import lineage
from veml_lab.errors import UnknownName
from veml_lab.lineage.questions import QUESTIONS


@pytest.fixture(scope="module")
def plain(life):
    """Names and kinds of the versions in the order in which they were made, and edges by name."""
    drawn = life.lab.lineage().to_dict()
    names = {n["id"]: n["name"] for n in drawn["nodes"]}
    kinds = {n["name"]: n["kind"] for n in drawn["nodes"]}
    edges = [(names[e["source"]], names[e["target"]], e["type"], e["operation"]) for e in drawn["edges"]]
    return kinds, edges


def words(type, operation):
    return f"{type}: {operation}" if operation else type


def reached(edges, starts, back):
    found, left = set(), set(starts)
    while left:
        left = {(a if back else b) for a, b, *_ in edges if (b if back else a) in left} - found
        found |= left
    return found


def said(answer):
    return {f.version.name: f.why for f in answer.found}


def test_what_single_edges_answer(life, plain):
    kinds, edges = plain
    asked = 0
    for question, q in QUESTIONS.items():
        for about in [n for n, kind in kinds.items() if q.direct and kind in q.of]:
            expected = {}
            for a, b, type, operation in edges:
                here, there = (b, a) if q.back else (a, b)
                if here == about and type in q.direct and q.kind in (None, kinds[there]):
                    expected[there] = words(type, operation)
            found = lineage.ask(life.store, question, about)
            assert said(found) == expected, (question, about)
            assert found.names == [n for n in kinds if n in expected]  # in the order in which they were made
            asked += len(expected)
    assert asked > 10


def test_what_any_number_of_edges_answers(life, plain):
    """What is reached only over a measurement says so; a model is led to by the trainings that learned with it."""
    kinds, edges = plain
    learned = [e for e in edges if e[2] != "tested_on"]
    for question, q in QUESTIONS.items():
        for about in [n for n, kind in kinds.items() if not q.direct and kind in q.of]:
            starts = {about}
            if kinds[about] == "model" and q.back:
                starts |= {n for n in reached(learned, {about}, back=False) if kinds[n] == "training"}
            sure = reached(learned, starts, q.back) | starts
            every = (reached(edges, starts, q.back) | starts) - {about}
            expected = {n: "" if n in sure else "measured only" for n in every if q.kind in (None, kinds[n])}
            assert said(lineage.ask(life.store, question, about)) == expected, (question, about)


def test_what_was_done_with_a_version_and_how_it_was_made(life, plain):
    kinds, edges = plain
    for about in kinds:
        uses = {b: words(type, operation) for a, b, type, operation in edges if a == about}
        assert said(lineage.ask(life.store, "uses", about)) == uses
        made = lineage.ask(life.store, "how-made", about)
        assert said(made) == {a: words(type, operation) for a, b, type, operation in edges if b == about}
        operations = [{k: o for k, o in {"operation": op}.items()} for _, b, _, op in edges if b == about and op]
        assert ("operation" in made.facts) is bool(operations)
        assert not operations or made.facts["operation"]["operation"] == operations[0]["operation"]
        assert ("job" in made.facts) is (kinds[about] == "training")
    assert lineage.ask(life.store, "how-made", "second").facts["job"] == "jobs/second"
    assert lineage.ask(life.store, "how-made", "tiny").facts["recipe"]["width"] == 8


def test_what_an_operation_made(life, plain):
    _, edges = plain
    for operation in {op for *_, op in edges if op}:
        made = {b: f"{type}: from {a}" for a, b, type, op in edges if op == operation}
        found = lineage.made_by(life.store, operation)
        assert set(found.names) == set(made) and set(said(found).values()) <= {
            f"{type}: from {a}" for a, _, type, op in edges if op == operation
        }
    for type in {type for _, _, type, _ in edges}:
        assert said(lineage.made_by(life.store, type)) == {b: type for _, b, t, _ in edges if t == type}
    with pytest.raises(UnknownName, match="filter"):
        lineage.made_by(life.store, "filtre")


def test_a_way_against_the_edges_is_the_way_along_them_turned(life, plain):
    kinds, _ = plain
    turned = 0
    for a in kinds:
        for b in kinds:
            along = [[n.name for n in way] for way in lineage.paths(life.store, a, b)]
            assert all(way[0] == a and way[-1] == b for way in along)
            if a != b and along:
                back = [[n.name for n in way] for way in lineage.paths(life.store, b, a)]
                assert sorted(way[::-1] for way in back) == sorted(along)
                turned += len(along[0]) > 2
    assert turned > 10


def test_how_two_versions_are_related_says_what_lies_between(life, plain):
    kinds, edges = plain
    for a in kinds:
        for b in kinds:
            if a == b:
                continue
            found = lineage.relations(life.store, a, b)
            first, last = (a, b) if b in reached(edges, {a}, back=False) else (b, a)
            if last in reached(edges, {first}, back=False):
                between = reached(edges, {first}, back=False) & reached(edges, {last}, back=True)
                shortest = {n for way in lineage.paths(life.store, first, last) for n in (v.name for v in way)}
                on = {True: "on a shortest way", False: "on a longer way"}
                assert said(found) == {n: on[n in shortest] for n in between | {a, b}}
                assert all(way.startswith(first) and way.endswith(last) for way in found.facts["paths"])
                assert found.facts["steps"] == found.facts["paths"][0].count("→")
            else:
                both = (reached(edges, {a}, back=True) | {a}) & (reached(edges, {b}, back=True) | {b})
                nearest = {n for n in both if not reached(edges, {n}, back=False) & both}
                assert set(found.names) == nearest and re.search(
                    "both come from" if nearest else "Not at all", repr(found)
                )


def test_what_is_at_risk_with_a_version(life, plain):
    kinds, edges = plain
    learned = [e for e in edges if e[2] != "tested_on"]
    numbers = {"first": 0.9, "second": 0.95, "in production": 1.0, "next": 1.0}
    for about in kinds:
        found = lineage.impact(life.store, about)
        depends = reached(learned, {about}, back=False)
        measured = reached(edges, {about}, back=False) - depends
        near = {b for a, b, *_ in edges if a == about}
        assert said(found.depends) == {n: "directly" if n in near else "" for n in depends}
        assert said(found.measured) == {n: "directly" if n in near else "" for n in measured}
        expected = [(n, "depends on it") for n in kinds if n in depends & numbers.keys()]
        expected += [(n, "measured on it") for n in kinds if n in measured & numbers.keys()]
        assert [(m["version"], m["why"]) for m in found.metrics] == expected
        for m in found.metrics:
            trained = kinds[m["version"]] == "training"
            assert m["value"] == numbers[m["version"]] and m["metric"] == (
                "accuracy" if trained else "agreement with torch"
            )
        touched = {about} | depends | measured
        assert len(found.reports) == bool(touched & {"digits-train", "bright-test"})


def test_data_that_differ_in_nothing_or_are_missing_on_one_side(life):
    compare = lineage.differences._of_data
    zeros, train = life.lab["zeros"], life.lab["digits-train"]
    assert compare(None, None) == {} and compare(zeros, zeros) == {}
    assert compare(None, zeros) == {"version": [None, "zeros"]} and compare(zeros, None) == {"version": ["zeros", None]}
    found = compare(train, zeros)
    assert found["version"] == ["digits-train", "zeros"] and found["only here"] == len(train) - len(zeros)


def test_a_sample_is_followed_through_all_that_hold_it(life, plain):
    """By its number: who holds it is asked of the versions themselves."""
    kinds, edges = plain
    learned = [e for e in edges if e[2] != "tested_on"]
    data = [n for n, kind in kinds.items() if kind == "data"]
    for one in (min(life.lab["zeros"].ids), max(life.lab["bad ones"].ids), max(life.lab["digits-test"].ids)):
        held = {n for n in data if one in life.lab[n].ids}
        assert said(lineage.held_by(life.store, one)) == dict.fromkeys(held, "holds it")
        trained = {b for a, b, type, _ in edges if a in held and type == "trained_on"}
        carried = reached([e for e in edges if e[2] == "fine_tuned_from"], trained, back=False) - trained
        deployed = {b for a, b, type, _ in edges if a in trained | carried and type == "deployed_as"}
        measured = {b for a, b, type, _ in edges if a in held and type == "tested_on"} - trained - carried - deployed
        expected = dict.fromkeys(measured, "measured on it")
        expected |= dict.fromkeys(held, "holds it") | dict.fromkeys(trained, "learned from it")
        expected |= dict.fromkeys(carried, "its weights started from a training that did")
        expected |= dict.fromkeys(deployed, "deployed from such a training")
        assert said(lineage.seen_by(life.store, one)) == expected
        came = reached(edges, held, back=False) - held
        later = dict.fromkeys(came, "came of a version that holds it") | dict.fromkeys(held, "holds it")
        assert said(lineage.later_seen(life.store, one)) == later
    assert learned
