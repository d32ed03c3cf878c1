"""A front end's messages can be written by anybody who sees a page: what they can and cannot set."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("ipywidgets")

import veml_lab.widgets as widgets
from veml_lab.errors import BadInput
from veml_lab.widgets import Chart, JobList, SampleBrowser
from veml_lab.widgets._base import Drawing

JS = Path(__file__).parents[2] / "js" / "src" / "widgets"
KINDS = [
    k
    for k in (getattr(widgets, n) for n in widgets.__all__)
    if isinstance(k, type) and issubclass(k, Drawing) and k is not Drawing
]


class Jobs:
    def __init__(self):
        self.stopped = []

    def look(self):
        return [{"key": "a", "name": "a", "state": "running"}]

    def stop(self, key):
        self.stopped.append(key)
        return "stopped"

    resume = stop


class Wall:
    filters = {"class": ["cat"]}
    orders = ["size"]

    def __init__(self):
        self.asked = []

    def __len__(self):
        return 3

    def find(self, where, by, descending):
        self.asked.append((where, by))
        return [0]

    def save(self, what, name, positions):
        self.asked.append((what, name))
        return "saved"


def test_jobs_that_can_only_be_watched_stay_so_whatever_the_browser_claims():
    source = Jobs()
    shown = JobList(source, controls=False)
    shown.set_state({"controls": True, "jobs": []})
    assert not shown.controls and shown.jobs
    assert shown.answered({"type": "stop", "key": "a"})[0]["type"] == "error" and not source.stopped


def test_a_wall_keeps_nothing_and_asks_nothing_that_it_did_not_offer():
    source = Wall()
    wall = SampleBrowser(source)
    wall.set_state(
        {
            "saves": ["data version"],
            "filters": {"uri' OR 1=1 --": ["x"]},
            "orders": ["password"],
            "thumb_px": 512,
            "count": 10**9,
            "_esm": "alert(1)",
        }
    )
    assert (wall.saves, wall.orders, wall.thumb_px, wall.count) == (
        [],
        ["size"],
        128,
        3,
    ) and "alert(1)" not in wall._esm
    for question in (
        {"type": "save", "what": "data version", "name": "mine", "positions": [0]},
        {"type": "find", "where": {"uri' OR 1=1 --": "x"}},
        {"type": "find", "where": {}, "by": "password"},
        {"type": "find", "where": {"class": ["cat"]}},
        {"type": "get", "positions": ["../../etc/passwd"]},
        {"type": "get", "positions": [-1]},
        {"type": "one", "position": 0, "size_px": 10**9},
        {"type": "__class__"},
        "no question",
        None,
        7,
        [],
    ):
        assert wall.answered(question)[0]["type"] == "error", question
    assert not source.asked
    wall.set_state({"selected": [1, 2]})
    assert wall.selected == [1, 2]


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_every_trait_that_a_front_end_sets_is_taken_and_no_other(kind):
    source = next((p for p in JS.glob("*.ts") if f"{kind.__name__}Traits" in p.read_text()), None)
    assert source is not None
    set_there = set(re.findall(r"model\.set\('(\w+)'", source.read_text()))
    set_there -= {"jobs"}  # the list of jobs is an answer that is only shown
    if "drawing/chart'" in source.read_text():  # what is clicked in a chart, whatever drawing it belongs to
        set_there |= set(re.findall(r"const EVENT_NAME = '(\w+)'", (JS.parent / "drawing" / "chart.ts").read_text()))
    offered = set(kind.own_traits()) & kind._from_browser
    assert set_there == offered, "traits that the drawing sets are those that Python takes"


@pytest.mark.parametrize("place", [-1, 3, True, 0.0, "0"])
def test_a_page_chooses_only_samples_that_there_are(place):
    wall = SampleBrowser(Wall())
    wall.set_state({"selected": [2]})
    with pytest.raises(BadInput, match="'selected' cannot be"):
        wall.set_state({"selected": [0, place]})
    assert wall.selected == [2]


def test_a_visitor_is_told_the_kind_of_an_unexpected_error_and_a_reader_of_a_notebook_the_rest(monkeypatch):
    class Torn(Wall):
        def thumbnails(self, positions, size_px):
            raise OSError("/home/somebody/secret.png " + "x" * 5000)

    question = {"type": "one", "position": 0}
    monkeypatch.delenv("VEML_DASHBOARD", raising=False)
    said = SampleBrowser(Torn()).answered(question)[0]["message"]
    assert said.startswith("OSError: /home/somebody/secret.png") and len(said) == 2000
    monkeypatch.setenv("VEML_DASHBOARD", "1")
    assert SampleBrowser(Torn()).answered(question)[0]["message"] == "OSError: this cannot be shown"
    assert "positions run from 0 to 2" in SampleBrowser(Torn()).answered({"type": "one", "position": 9})[0]["message"]


@pytest.mark.parametrize(
    "wrong",
    [{"trace": -1}, {"trace": 1}, {"trace": True}, {"trace": "0"}, {"chart": "b"}, {"chart": None}, {"points": [-1]},
     {"points": [1.0]}, {"points": 3}, {"customdata": [1, 2]}, {"event": "hover"}, {"more": 1}],
    ids=str,
)  # fmt: skip
def test_an_event_of_a_chart_names_what_there_is(wrong):
    chart = Chart({"a": {"data": [{"type": "bar", "x": ["a", "b"], "y": [1, 2]}], "layout": {}}})
    right = {"event": "click", "chart": "a", "trace": 0, "points": [1], "customdata": [[]], "count": 1}
    assert chart.can_be("event", right) and chart.can_be("event", {}) and not chart.can_be("event", {**right, **wrong})
