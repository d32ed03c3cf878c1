"""Drawings that are asked for: a widget each, by real parameters; without a lab open they say what to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

import veml_lab as veml
from veml_lab.errors import BadInput, UnknownName
from veml_lab.versions import display
from veml_lab.widgets import DriftPlot, SampleBrowser, SimilarityHeatmap


def test_a_view_takes_its_own_words(digits_lab):
    lab = digits_lab.lab
    wall = lab.view("browse", version="digits", against=["bright"])
    assert isinstance(wall, SampleBrowser) and "digits" in wall.title and wall.compare == ["annotations", "bright"]
    assert lab.view("browse", version="digits").compare == []
    assert len(lab.view("compare", versions=["digits", "bright"]).names) == 2
    assert lab.view("lineage", focus="first").selected == lab["first"].id and lab.view("lineage").selected == ""
    with pytest.raises(BadInput, match="needs 'version'"):
        lab.view("statistics")
    with pytest.raises(UnknownName, match="no option of view 'colour'"):
        lab.view("lineage", colour="red")


def test_a_result_is_drawn_by_number_and_by_itself(fresh, digits_lab):
    lab = fresh(digits_lab)
    found = [veml.drift(lab["digits"], lab["bright"], level=q, progress=False) for q in (0.05, 0.01)]
    assert isinstance(found[0].plot(), DriftPlot)
    oldest, newest = lab.view("drift", number=0), lab.view("drift")
    assert oldest.title == newest.title and oldest.verdicts == found[0].plot().verdicts
    assert newest.verdicts == found[1].plot().verdicts != oldest.verdicts
    assert isinstance(veml.similarity([lab["digits"], lab["bright"]], progress=False).heatmap(), SimilarityHeatmap)
    assert lab["digits"].browse(height=200).height == 200


def test_where_nothing_draws_a_drawing_says_what_to_do_and_a_cell_shows_the_text(digits_lab, monkeypatch):
    monkeypatch.setattr(display, "_DRAWINGS", {})
    monkeypatch.setattr(display, "_BUNDLES", {})
    version = digits_lab.digits
    with pytest.raises(BadInput, match=r"open the lab with veml_lab\.open"):
        version.browse()
    assert version._repr_mimebundle_() == {"text/plain": repr(version)}


def test_a_lab_is_a_path_to_what_takes_its_folder(digits_lab):
    done = subprocess.run([sys.executable, "-c", "import sys; print(sys.argv[1])", digits_lab.lab], capture_output=True)
    assert done.stdout.decode().strip() == str(digits_lab.path)
    assert veml.check(digits_lab.lab) and veml.check(digits_lab.lab).lab == str(digits_lab.path)


def test_what_moved_up_from_a_training_is_named(digits_lab):
    for name in ("analyse", "reproduce", "rebuilds"):
        with pytest.raises(AttributeError, match=rf"veml_lab\.{name}\(training"):
            getattr(digits_lab.training, name)
        assert callable(getattr(veml, name))
