"""The parts of a split come in one commit: all of them, or none."""

from __future__ import annotations

import pytest

from veml_lab.errors import BadInput, FullDisk, NameTaken


def names(lab):
    return sorted(v.name for v in lab.versions())


def test_the_parts_of_a_split_are_one_commit(digits_lab, fresh, monkeypatch):
    lab = fresh(digits_lab)
    before, commits, real = names(lab), [], lab.store.catalog.commit
    monkeypatch.setattr(lab.store.catalog, "commit", lambda changes: commits.append(changes) or real(changes))
    a, b, c = lab["digits"].split("a", "b", "c", share=(0.5, 0.25, 0.25))
    assert len(commits) == 1 and names(lab) == sorted([*before, "a", "b", "c"])
    assert a.ids | b.ids | c.ids == lab["digits"].ids and not a.ids & b.ids and not b.ids & c.ids
    assert lab["digits"].split("a", "b", "c", share=(0.5, 0.25, 0.25)) == (a, b, c) and len(commits) == 1
    assert [len(lab[n]) for n in "abc"] == [len(a), len(b), len(c)]


def test_where_the_commit_fails_no_part_is_there_and_it_goes_again(digits_lab, fresh, monkeypatch):
    lab = fresh(digits_lab)
    before = names(lab)

    def full(changes):
        raise FullDisk("the disk is full")

    with monkeypatch.context() as m, pytest.raises(FullDisk):
        m.setattr(lab.store.catalog, "commit", full)
        lab["digits"].split("a", "b")
    assert names(lab) == before
    lab["digits"].split("a", "b")
    assert names(lab) == sorted([*before, "a", "b"])


def test_a_part_that_is_there_is_kept_and_the_others_are_added(digits_lab, fresh):
    """A split that an earlier version of the program began, a commit a part."""
    from veml_lab.versions.derive import derive

    lab = fresh(digits_lab)
    reference = fresh(digits_lab)["digits"].split("a", "b", seed=4)
    operation = {"operation": "split", "shares": [0.8, 1 - 0.8], "seed": 4, "by": None, "stratified": False, "part": 0}
    first = derive(lab["digits"], "a", reference[0].ids, operation)
    a, b = lab["digits"].split("a", "b", seed=4)
    assert a == first and b.ids == reference[1].ids


def test_a_name_that_something_else_has_makes_no_part(digits_lab, fresh):
    lab = fresh(digits_lab)
    before = names(lab)
    with pytest.raises(NameTaken, match="'bright'"):
        lab["digits"].split("a", "bright")
    with pytest.raises(BadInput, match="a name of its own"):
        lab["digits"].split("a", "a")
    assert names(lab) == before
