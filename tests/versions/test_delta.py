"""What a data version adds, removes and corrects against the versions that it was made from."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labs import write_digits

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.versions.delta import Delta, delta_of


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def test_a_filter_removes_and_a_merge_adds(lab):
    digits, bright = lab["digits"], lab["bright"]
    ones = digits.filter("ones", "label = '1'")
    (against,) = ones.delta().parents
    assert (against.parent, against.operation, against.shared) == ("digits", "filter", len(ones))
    assert not against.added and against.removed == digits.ids - ones.ids and not against.corrected
    assert against.in_words() == f"{len(digits) - len(ones)} removed" and against
    both = ones.merge(bright, name="both")
    first, second = both.delta().parents
    assert {first.parent, second.parent} == {"ones", "bright"}
    by = {p.parent: p for p in (first, second)}
    assert by["ones"].added == bright.ids and not by["ones"].removed and by["ones"].shared == len(ones)
    assert by["bright"].added == ones.ids and by["bright"].shared == len(bright)


def test_an_import_has_no_parents_and_a_part_of_a_split_has_one(lab):
    assert lab["digits"].delta().parents == () and "an import: it has no parents" in repr(lab["digits"].delta())
    (against,) = lab["digits-train"].delta().parents
    assert against.parent == "digits" and set(against.removed) == set(lab["digits-test"].ids)
    assert against.facts["role"] == ("", "train")


def test_corrected_samples_are_named_by_kind_and_others_are_not(lab):
    digits = lab["digits"]
    ids = list(digits.ids)
    changed = {ids[3]: {"class": "2"}, ids[5]: {"class": None}}
    mended = digits.correct("mended", changed)
    (against,) = mended.delta().parents
    assert {k: list(v) for k, v in against.corrected.items()} == {"class": [ids[3], ids[5]]}
    assert not against.added and not against.removed and against.in_words() == "class of 2 corrected"
    part = mended.sample("part", 20, seed=1)
    (later,) = part.delta().parents
    assert not later.corrected, "it reads the annotations as its parent does"
    again = mended.correct("again", {ids[5]: {"class": "1"}, ids[9]: {"class": "0"}})
    (third,) = again.delta().parents
    assert list(third.corrected["class"]) == [ids[5], ids[9]]


def test_of_corrected_samples_those_that_the_parent_does_not_hold_are_added_and_not_corrected(lab):
    digits = lab["digits"]
    ids = list(digits.ids)
    half = digits.filter("half", "label = '1'")
    inside, outside = (next(i for i in ids if (i in half.ids) is there) for there in (True, False))
    mended = digits.correct("mended", {inside: {"class": "2"}, outside: {"class": "2"}})
    by = {p.parent: p for p in half.merge(mended, name="both").delta().parents}
    assert list(by["half"].corrected["class"]) == [inside] and outside in by["half"].added
    assert not by["mended"].corrected and not by["mended"].added


def test_a_preparation_is_a_fact_that_changed(lab):
    small = lab["digits"].prepare("small", resize=(8, 8))
    (against,) = small.delta().parents
    assert not against.added and not against.removed and against.shared == 80
    assert against.facts["preparation"][0] == {} and against.facts["preparation"][1]["resize"] == [8, 8]
    assert against.in_words() == "preparation changed"


def test_nothing_differs_is_said(lab):
    (against,) = lab["digits"].sample("all", 80, seed=0).delta().parents
    assert not against and against.in_words() == "nothing differs"


@given(st.sets(st.integers(0, 79), min_size=1), st.sets(st.integers(0, 79), min_size=1))
def test_the_difference_is_that_of_the_sets(digits_lab, here, there):
    """Brute force over Python's sets."""
    from pyroaring import BitMap64

    from veml_lab.versions.delta import _against

    a, b = (veml.DataVersion(digits_lab.lab.store, digits_lab.digits.node) for _ in range(2))
    for version, ids in ((a, here), (b, there)):
        vars(version)["ids"] = BitMap64(ids)
    found = _against(a, b, "x")
    assert set(found.added) == here - there and set(found.removed) == there - here
    assert found.shared == len(here & there)


def test_no_row_of_a_sample_or_an_annotation_is_read(lab, monkeypatch):
    mended = lab["digits"].correct("mended", {next(iter(lab["digits"].ids)): {"class": "2"}})
    lab = veml.open(lab.path, read_only=True)
    mended = lab["mended"]
    asked = []
    catalog = mended.store.catalog
    real = catalog.read
    monkeypatch.setattr(catalog, "read", lambda question, **given: asked.append(question) or real(question, **given))
    assert mended.delta().parents[0].corrected
    assert set(asked) <= {"version_ids", "layers", "layer_ids"} and asked.count("version_ids") <= 2


def test_it_draws_itself_and_is_on_the_command_line_and_in_the_details(lab, capsys):
    mended = lab["digits"].correct("mended", {i: {"class": "2"} for i in list(lab["digits"].ids)[:20]})
    mended.sample("part", 30, seed=1)
    assert main(["delta", str(lab.path), "mended", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == mended.delta().to_dict()
    assert main(["delta", str(lab.path), "mended"]) == 0
    said = capsys.readouterr().out
    assert "against digits (correct): class of 20 corrected; 80 shared" in said
    assert "class: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 8 more" in said
    assert "class of 20 corrected" in mended.delta()._repr_html_() and "digits" in mended.delta()._repr_html_()
    groups = {g["title"]: g["facts"] for g in lab.facts("part")}
    assert groups["Against its parents"] == [["mended", "50 removed"]]
    assert "Against its parents" not in {g["title"] for g in lab.facts("digits")} | {
        g["title"] for g in lab.facts("first")
    }
    assert main(["delta", str(lab.path), "tiny"]) == 2


def test_a_grown_merge_says_which_samples_are_new(lab, tmp_path):
    new = lab.add("new", veml.read_idx(write_digits(tmp_path / "new", 8, 4, seed=3)), progress=False)
    grown = lab["digits"].merge(new, name="grown")
    by = {p.parent: p for p in delta_of(grown).parents}
    assert by["digits"].in_words() == "12 added" and np.array_equal(list(by["digits"].added), list(new.ids))
    assert isinstance(grown.delta(), Delta) and grown.delta().n == 92
