"""What people did with pre-labels, counted by hand; agreement against printed and counted numbers."""

from __future__ import annotations

import math

import pytest

from veml_lab.labelling.agreement import agree, both, f1, kappa, majority
from veml_lab.labelling.comparison import SAME_PX, by_class, counts, edits, paired
from veml_lab.labelling.said import Region, Said, Unusable, checked, from_plain


def box(x, y, w=20.0, h=10.0, label="car", id=""):
    return Region(label, float(x), float(y), float(w), float(h), id)


def said(*regions):
    return Said(regions=regions)


def made(before, after):
    return [(e.what, e.label, e.clicks, e.confirmed) for e in edits(before, after)]


def test_a_box_that_nobody_touched_is_kept_and_costs_nothing():
    assert made(said(box(5, 5)), said(box(5, 5))) == [("kept", "car", 0, True)]


def test_a_shift_of_less_than_a_screen_can_show_is_no_change_and_one_of_a_tenth_of_a_pixel_is():
    assert made(said(box(5, 5)), said(box(5 + 0.9 * SAME_PX, 5)))[0][0] == "kept"
    assert made(said(box(5, 5)), said(box(5.1, 5))) == [("changed", "car", 2, True)]


def test_a_box_that_was_moved_far_is_the_same_one_where_the_tool_kept_its_id():
    assert made(said(box(5, 5, id="p0")), said(box(80, 80, id="p0"))) == [("changed", "car", 2, False)]
    assert made(said(box(5, 5, id="p0")), said(box(80, 80, id="new"))) == [
        ("deleted", "car", 1, False),
        ("added", "car", 2, False),
    ]


def test_another_class_at_the_same_place_is_one_click_and_no_confirmation():
    assert made(said(box(5, 5)), said(box(5, 5, label="bus"))) == [("changed", "car", 1, False)]
    # moved as well: the overlap of two classes must be half
    assert made(said(box(5, 5)), said(box(10, 5, label="bus"))) == [("changed", "car", 3, False)]
    assert [m[0] for m in made(said(box(5, 5)), said(box(17, 5, label="bus")))] == ["deleted", "added"]


def test_of_several_boxes_the_best_pairs_are_taken_and_the_rest_is_deleted_or_added():
    before = said(box(0, 0), box(50, 0), box(100, 0))
    after = said(box(101, 0), box(50, 0), box(200, 0, label="bus"))
    assert sorted(made(before, after)) == [
        ("added", "bus", 2, False),
        ("changed", "car", 2, True),
        ("deleted", "car", 1, False),
        ("kept", "car", 0, True),
    ]
    found = counts(edits(before, after))
    assert (found.kept, found.changed, found.deleted, found.added, found.clicks) == (1, 1, 1, 1, 5)
    assert found.predicted == 3 and found.share_kept == 1 / 3 and found.share_confirmed == 2 / 3


def test_a_pair_of_one_class_goes_before_a_closer_one_of_another():
    before, after = said(box(0, 0)), said(box(0, 0, label="bus"), box(2, 0))
    assert sorted(m[:2] for m in made(before, after)) == [("added", "bus"), ("changed", "car")]


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("cat", "cat", ("kept", "cat", 0, True)),
        ("cat", "dog", ("changed", "cat", 1, False)),
        ("cat", None, ("deleted", "cat", 1, False)),
        (None, "dog", ("added", "dog", 1, False)),
    ],
)
def test_a_class_is_kept_changed_deleted_or_added(before, after, what):
    assert made(Said(before), Said(after)) == [what]


def test_without_pre_labels_everything_is_added_and_shares_are_unknown():
    found = counts(edits(None, said(box(0, 0), box(50, 0))))
    assert found.added == 2 and found.clicks == 4 and math.isnan(found.share_kept)


def test_counts_by_class_leave_out_what_did_not_occur():
    found = by_class(edits(said(box(0, 0)), said(box(0, 0), box(90, 90, label="bus"))), ("bus", "car", "tram"))
    assert list(found) == ["bus", "car"] and found["bus"].added == 1 and found["car"].kept == 1


def test_kappa_is_cohens():
    """50 cases of a printed example: both yes 20, yes/no 5, no/yes 10, both no 15; po 0.7, pe 0.5."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([("a", "a")] * 3) == 1.0


def test_f1_counts_boxes_that_both_drew():
    a, b = said(box(0, 0), box(50, 0)), said(box(1, 0), box(150, 0), box(200, 0))
    assert f1([(a, b)]) == pytest.approx(2 * 1 / 5)
    assert f1([(said(), said())]) == 1.0
    assert paired(a.regions, b.regions, 0.5) == [(0, 0)]
    assert paired((box(0, 0),), (box(0, 0, label="bus"),), 0.5) == []


def test_a_majority_is_more_than_half_and_a_tie_is_none():
    assert majority([Said("a"), Said("b"), Said("a")]) == Said("a")
    assert majority([Said("a"), Said("b")]) is None
    three = [said(box(0, 0), box(50, 0)), said(box(1, 0)), said(box(2, 0), box(90, 0))]
    assert majority(three) == said(box(2, 0))
    assert majority(three[:2]) == said(box(1, 0))  # one of two is not more than half


def test_both_is_every_box_once():
    assert both([said(box(0, 0), box(50, 0)), said(box(1, 0), box(90, 0))]) == said(box(1, 0), box(50, 0), box(90, 0))


def test_people_agree_where_the_same_objects_have_the_same_classes():
    assert agree([said(box(0, 0)), said(box(1, 0))])
    assert not agree([said(box(0, 0)), said(box(0, 0, label="bus"))])
    assert not agree([said(box(0, 0)), said(box(0, 0), box(50, 0))])
    assert not agree([Said("a"), Said("b")]) and agree([Said("a")])


def test_what_is_said_comes_back_out_of_json():
    one = Said("cat", (box(1.1, 2, id="p0"),))
    assert from_plain(one.to_plain()) == one
    assert not one.empty and not Said("cat").empty and Said().empty


def test_a_region_is_cut_at_the_border_and_one_without_a_pixel_is_left_out():
    odd: list[str] = []
    known = ("car",), (100, 50), odd
    assert checked("car", -5, 45, 10, 10, 0, "a", *known) == Region("car", 0, 45, 5, 5, "a")
    assert checked("car", 0.1, 0.2, 99.9, 0.3, 0, "", *known) == Region("car", 0.1, 0.2, 99.9, 0.3)
    assert odd == []
    assert checked("car", 5, 5, 0, 8, 0, "", *known) is None
    assert checked("car", 100, 5, 8, 8, 0, "", *known) is None
    assert len(odd) == 2 and "0 x 8 px" in odd[0]


@pytest.mark.parametrize(
    ("label", "x", "turned", "why"),
    [
        ("tram", 5, 0, "'tram', which the task does not have"),
        ("car", 5, 30, "turned by 30"),
        ("car", math.nan, 0, "no number"),
    ],
)
def test_a_region_that_would_label_the_picture_wrongly_is_not_taken(label, x, turned, why):
    with pytest.raises(Unusable, match=why):
        checked(label, x, 5, 8, 8, turned, "", ("car",), (100, 50), [])
    assert checked("car", 5, 5, 8, 8, 360, "", ("car",), (100, 50), []) is not None
