"""Forms before what computes: what they propose, what they refuse, and the line that they write."""

from __future__ import annotations

import ast
import json

import pytest

from veml_lab import panel
from veml_lab.errors import BadInput, UnknownName
from veml_lab.faces import VersionPictures
from veml_lab.faces.forms import Asked, filled, line


def form(lab, version, action, **values):
    asked = {"lab": str(lab.path), "version": version, "action": action, "values": values}
    found = panel.answer("form", asked, [lab])
    json.dumps(found)
    compile(found["code"], action, "eval")
    return found


def test_every_action_that_computes_has_a_form_whose_line_is_the_proposed_one(digits_lab):
    lab = digits_lab.lab
    seen = set()
    for kind in ("data", "model", "training", "inference"):
        version = lab.versions(kind)[-1]
        for action in panel.answer("actions", {"version": version.id}, [lab])["actions"]:
            if not action["form"]:
                assert action["view"] or action["id"] in ("confusion", "errors"), action
                continue
            found = form(lab, version.id, action["id"])
            assert found["code"] == action["code"] and found["says"]
            seen.add((kind, action["id"]))
    assert {("data", "transfer"), ("training", "rebuild"), ("training", "deploy"), ("inference", "bad_cases")} <= seen


def test_what_is_chosen_stands_in_the_line_and_changes_its_cost(digits_lab):
    lab = digits_lab.lab
    a, b = (form(lab, "first", "rebuild", method="active", budget=share) for share in (0.1, 0.5))
    assert "budget=0.1)" in a["code"] and "budget=0.5)" in b["code"]
    labels = [int(dict(f["says"])["labels needed"].split(";")[0]) for f in (a, b)]
    assert 0 < labels[0] < labels[1]
    full = form(lab, "first", "rebuild", method="full")
    assert "method='full')" in full["code"] and "budget" not in full["code"]
    assert "expected gain" in dict(full["says"]) and "time" in dict(full["says"])
    donors = [v for v, _ in form(lab, "bright-train", "transfer")["fields"][0]["options"]]
    assert donors[0] == "" and "first" in donors
    assert "veml.transfer(lab['first']" in form(lab, "bright-train", "transfer", donor="first")["code"]


def test_bad_cases_are_never_proposed_as_the_data_to_go_on_with(digits_lab, fresh):
    lab = fresh(digits_lab)
    wall = VersionPictures(lab["bright-test"], inference=lab["in production"], writable=True)
    wall.save("bad cases", "the worst", list(range(4)))
    options = [v for v, _ in form(lab, "first", "rebuild")["fields"][0]["options"]]
    assert options[-1] == "the worst" and "the worst" not in line(Asked(lab.store, lab["first"].node), "rebuild")


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"data": "no such set"}, UnknownName),
        ({"data": ["digits-test"]}, UnknownName),
        ({"method": "__import__('os')"}, UnknownName),
        ({"budget": 0}, BadInput),
        ({"budget": True}, BadInput),
        ({"budget": "0.3); import os"}, BadInput),
        ({"budget": float("nan")}, BadInput),
    ],
)
def test_values_that_no_form_gives_are_refused(digits_lab, values, error):
    with pytest.raises(error):
        filled(Asked(digits_lab.lab.store, digits_lab.lab["first"].node), "rebuild", values)


def test_forms_that_are_not_there_are_refused_with_those_that_are(digits_lab):
    lab = digits_lab.lab
    with pytest.raises(UnknownName, match="rebuild"):
        form(lab, "first", "rebuilt")
    with pytest.raises(BadInput, match="an object"):
        panel.answer("form", {"version": "first", "action": "rebuild", "values": [1]}, [lab])


def test_a_name_with_quotes_stays_a_name(digits_lab, fresh):
    from veml_lab.versions import operations

    lab = fresh(digits_lab)
    evil = "x'] ; import os ; lab['"
    operations.select(lab["digits-test"], evil, [0])
    code = form(lab, "first", "drift", data=evil)["code"]
    assert ast.literal_eval(ast.parse(code, mode="eval").body.args[1].slice) == evil
