"""The lines of the panel that look at a lab as a whole run as they stand, whatever kinds of data it holds."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from veml_lab.faces.actions import lab_actions
from veml_lab.versions.facts import DataFacts
from veml_lab.versions.node import Node


def version(name: str, kind: str) -> SimpleNamespace:
    props = {"kinds": ["row"] if kind == "table rows" else ["image"]}
    props |= {"task": "forecasting"} if kind == "sensor readings" else {}
    facts = DataFacts.of(Node(f"d-{name}", "data", name, dt.datetime.now(), props))
    assert facts.nature == kind
    return SimpleNamespace(name=name, facts=facts)


def lines(*data: SimpleNamespace) -> dict[str, str]:
    return {a["label"]: a["code"] for a in lab_actions(data) if a["id"] != "add"}


def test_sets_of_one_kind_are_compared_as_the_lab_has_them():
    assert lines() == lines(version("one", "pictures")) == {}
    assert lines(version("a", "pictures"), version("b", "pictures")) == {
        "Compare the data sets": "veml.similarity(lab.data)"
    }


def test_of_several_kinds_each_with_two_sets_has_a_line_that_names_them():
    data = [
        version("a", "pictures"),
        version("n", "sensor readings"),
        version("it's", "pictures"),
        version("t", "table rows"),
        version("u", "table rows"),
    ]
    found = lines(*data)
    lab = {v.name: v for v in data}
    compared: list[list[str]] = []
    veml = SimpleNamespace(similarity=lambda versions: compared.append([v.name for v in versions]))
    for code in found.values():
        eval(code, {"lab": lab, "veml": veml})
    assert compared == [["a", "it's"], ["t", "u"]] and list(found) == [
        "Compare the sets of pictures",
        "Compare the tables",
    ]


@pytest.mark.parametrize("kind", ["table rows", "sensor readings"])
def test_one_set_each_of_two_kinds_has_nothing_to_compare(kind):
    assert lines(version("a", "pictures"), version("b", kind)) == {}
