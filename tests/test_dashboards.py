"""The dashboard's page, built without a browser."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("ipywidgets")
sys.path.insert(0, str(Path(__file__).parent / "ui"))
from fake_lab import FakeLab

from veml_lab import dashboards
from veml_lab.errors import DamagedLab


def shown(box) -> list[str]:
    return [type(c).__name__ for c in box.children]


def words(box) -> str:
    return " ".join(c.value for c in box.children if type(c).__name__ == "HTML")


def test_a_filled_lab_shows_every_part():
    kinds = shown(dashboards.page(FakeLab()))
    assert [k for k in kinds if k not in ("HTML", "Dropdown", "VBox")] == ["LineageGraph", "SimilarityHeatmap", "TrainingCurves", "DriftPlot"]
    assert "Dropdown" in kinds


def test_an_empty_lab_says_what_to_do():
    page = dashboards.page(FakeLab(empty=True))
    assert set(shown(page)) == {"HTML"}
    assert words(page).count("<code>veml ") == 5


def test_a_part_that_fails_leaves_the_others_and_gives_away_no_path():
    class Broken(FakeLab):
        def similarity_latest(self):
            raise DamagedLab("the matrix is torn")

        def drift_latest(self):
            raise OSError("/home/someone/secret")

    page = dashboards.page(Broken())
    assert "the matrix is torn" in words(page) and "secret" not in words(page)
    assert "LineageGraph" in shown(page)


def test_names_are_escaped():
    lab = FakeLab("<script>alert(1)</script>")
    lab.nodes[0]["name"] = "<img src=x onerror=alert(1)>"
    assert "<script>" not in words(dashboards.page(lab)) and "<img src=x" not in words(dashboards.page(lab))
