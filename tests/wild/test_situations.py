"""What people bring, rebuilt from public threads and public sets: right, or said by name, and never silently wrong."""

import warnings

import pytest
from situations import SITUATIONS, came


def test_there_are_many_and_each_once():
    names = [s["name"] for s in SITUATIONS]
    assert len(names) == len(set(names)) >= 230


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda s: s["name"])
def test_what_comes_is_right_or_said(situation, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        verdict, says = came(situation, tmp_path)
    assert verdict == situation["now"] != "wrong"
    if verdict == "right":
        assert says == situation["says"]
    else:
        assert says.startswith(situation["says"][:60])


def test_the_page_has_the_counts_of_the_situations():
    from pathlib import Path

    page = (Path(__file__).resolve().parents[2] / "docs" / "results" / "wild.md").read_text()
    wrong = sum(s["first"] == "wrong" for s in SITUATIONS)
    assert f"{len(SITUATIONS)} situations" in page and f"{wrong} ({wrong / len(SITUATIONS):.0%}) silently wrong" in page
