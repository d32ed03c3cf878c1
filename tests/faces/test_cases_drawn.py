"""Bad cases on the wall, in charts, in the panel's list and on a page."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from planted import boxed, classified, deployed, detected, pictures, some_pictures

from veml_lab import panel
from veml_lab.dashboards.contents import entries
from veml_lab.errors import BadInput, UnknownName
from veml_lab.faces.cases import CasePictures, board
from veml_lab.faces.views import view
from veml_lab.sources.source import Box
from veml_lab.widgets import Chart, SampleBrowser


@pytest.fixture
def lab(empty_lab):
    empty_lab.add("town", pictures("town", some_pictures(12)), progress=False)
    first = deployed(empty_lab, "v1", empty_lab["town"])
    classified(first, empty_lab["town"], [0, 1, 2, 3]).report("animals")
    empty_lab.report_case("p005.jpg", said="cat", truth="bird", function="vehicles", seen="2026-01-05", source="A")
    return empty_lab


def ask(wall, **asked):
    return wall.answer(asked)


def test_the_wall_shows_each_case_with_its_truth_and_what_was_said(lab):
    wall = lab.cases().browse()
    assert isinstance(wall, SampleBrowser) and wall.count == 5 and "5 bad cases" in wall.title
    said, thumbs = ask(wall, type="get", positions=list(range(5)))
    uris = [c.uri for c in lab.cases()]
    for note, thumb, uri, case in zip(said["annotations"], thumbs, uris, lab.cases(), strict=True):
        assert note["caption"] == f"{uri} · {case.priority} · {case.status}"
        assert (note["label"], note["prediction"]["label"]) == (case.truth, case.said)
        assert Image.open(io.BytesIO(thumb)).size == (24, 24)
    assert wall.filters["function"] == ["animals", "vehicles"] and "week" in wall.filters


def test_the_wall_filters_sorts_and_tells_about_a_case(lab):
    import numpy as np

    wall = lab.cases().browse()
    _, (found,) = ask(wall, type="find", where={"function": "vehicles"})
    (at,) = np.frombuffer(found, "<u4").tolist()
    about = ask(wall, type="about", position=at)[0]["about"]
    assert about["facts"]["uri"] == "p005.jpg" and about["versions"] == ["A: cat (2026-01-05)"]
    assert about["facts"]["priority because"].startswith("medium: 1 occurrences")
    _, (few,) = ask(wall, type="find", where={"frequency": {"from": 2.0, "to": 9.0}})
    assert not few
    ask(wall, type="tag", tag="night", positions=[at])
    assert lab.cases("list_contains(tags, 'night')")[0].uri == "p005.jpg"
    _, (tagged,) = ask(wall, type="find", where={"tag": "night"})
    assert np.frombuffer(tagged, "<u4").tolist() == [at]
    ask(wall, type="note", position=at, text="asked the customer")
    assert "asked the customer" in str(ask(wall, type="about", position=at)[0]["about"]["notes"])
    said = ask(wall, type="save", what="test set", name="regressions", positions=[at])[0]
    assert said["message"].startswith("'regressions': 1 samples") and lab["regressions"].role == "test"


def test_the_wall_says_where_an_object_is(empty_lab):
    data = empty_lab.add("boxes", boxed("boxes", 1, {0: [Box("cat", 10, 20, 30, 40)]}), progress=False)
    detected(deployed(empty_lab, "v1", data, task="detection"), data, {}).report("objects")
    pictures = CasePictures(empty_lab.cases())
    ((box,),) = (n["boxes"] for n in pictures.annotations([0]))
    assert box == [0.1, 0.2, 0.3, 0.4, "cat missed"] and pictures.classes == ["cat missed"]
    assert "cat missed" in repr(empty_lab.cases()) and "cat missed" in repr(empty_lab.cases()[0])
    assert [r["wrong"] for r in board(empty_lab.store, {})["rows"]] == ["cat missed"]


def test_charts_hold_the_numbers(lab):
    chart = lab.view(
        "cases weekly",
    )
    assert isinstance(chart, Chart)
    figure = chart.figure()
    found = lab.cases().weekly()
    assert list(figure.data[0].y) == list(found.new) and list(figure.data[0].x) == list(found.weeks)
    assert 0 in figure.data[0].y  # between January and today lie weeks without any
    pareto = next(f for f in lab.cases().statistics().chart().specs().values())
    assert pareto["data"][0]["y"] == [4, 1] and pareto["data"][1]["y"] == [80.0, 100.0]
    assert "text/html" in lab.cases().weekly()._repr_mimebundle_()[0]


def test_cases_draw_themselves_and_none_are_a_sentence(lab, empty_lab):
    data, _ = lab.cases()._repr_mimebundle_()
    assert data["text/plain"].startswith("5 cases: 5 new")
    assert lab.cases("function = 'x'")._repr_mimebundle_() == {"text/plain": repr(lab.cases("function = 'x'"))}


def test_pairs_are_shown_side_by_side(lab):
    assert lab.cases().duplicates()._repr_mimebundle_() == {"text/plain": "no two of these cases look like one"}
    lab.report_case("p000.jpg", said="bird", truth="dog", function="animals", source="A")
    shown = lab.cases().duplicates()._repr_mimebundle_()["text/html"]
    assert shown.count("<img ") == 2 and "cat ≠ dog" in shown.replace("dog ≠ cat", "cat ≠ dog")


def test_the_panel_lists_by_priority_with_filters(lab):
    asked = {"lab": str(lab.path), "where": {"function": "animals"}}
    found = panel.answer("cases", asked, [lab])
    assert (found["total"], found["found"], found["states"]) == (5, 4, {"new": 4})
    assert [r["id"] for r in found["rows"]] == [c.id for c in lab.cases("function = 'animals'")]
    assert found["functions"] == ["animals", "vehicles"] and found["weeks"][-1] == "2026-W02"
    lab.cases("function = 'animals'")[0].solve("will not fix")
    assert board(lab.store, {"status": "will not fix"})["found"] == 1
    assert board(lab.store, {"function": "it's"})["found"] == 0
    with pytest.raises(UnknownName, match="status"):
        board(lab.store, {"state": "new"})
    with pytest.raises(BadInput):
        board(lab.store, {"status": 3})
    with pytest.raises(BadInput):
        panel.answer("cases", {"lab": str(lab.path), "where": 3}, [lab])


def test_a_page_shows_cases_where_there_are_any(lab, fresh):
    titles = [e.title for e in entries(lab, "models")]
    assert titles[-3:] == ["Bad cases", "Bad cases by week", "Bad cases by kind"]
    for e in entries(lab, "models")[-3:]:
        assert e.make().static_html()


def test_a_view_without_cases_says_what_makes_some(empty_lab):
    with pytest.raises(BadInput, match="report"):
        view(empty_lab, "cases")
    with pytest.raises(BadInput, match="fact"):
        view(empty_lab, "cases", {"where": {"a b": "c"}})
