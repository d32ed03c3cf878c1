"""Set algebra of data versions against Python's own sets."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

import veml_lab as veml
from veml_lab.errors import BadInput, DamagedLab, NameTaken, UnknownName
from veml_lab.versions import operations
from veml_lab.versions.derivations import replay
from veml_lab.versions.notes import events, tagged


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def test_random_sequences_of_operations_agree_with_python_sets(digits, bright_digits, tmp_path):
    """Every version equals the set that Python computes beside it; equal sets and only they have equal keys."""
    folders = itertools.count()

    class Algebra(RuleBasedStateMachine):
        versions = Bundle("versions")

        @initialize(target=versions)
        def start(self):
            self.lab = veml.open(tmp_path / str(next(folders)))
            for name, data in (("digits", digits), ("bright", bright_digits)):
                self.lab.add(name, veml.read_idx(data), progress=False)
            self.uris = {
                i: u
                for n in ("digits", "bright")
                for i, u in zip(self.lab[n].ids, self.lab[n].samples["uri"].to_pylist(), strict=True)
            }
            self.labels = {i: v for n in ("digits", "bright") for i, v in self.lab[n].annotations.class_labels.items()}
            self.made: dict[str, set[int]] = {}
            known = (
                ("digits", range(80)),
                ("digits-train", range(60)),
                ("digits-test", range(60, 80)),
                ("bright", range(80, 160)),
            )
            return multiple(*(self.keep(self.lab[name], set(ids)) for name, ids in known))

        def keep(self, version, expected):
            assert set(version.ids) == expected and len(version) == len(expected) == version.facts.n
            assert set(version.annotations.class_labels) == expected
            edges = [e for e in self.lab.store.graph().into[version.id] if e.type == "derived_from"]
            assert all(set(replay(self.lab.store, e)) == expected for e in edges)
            self.made[version.name] = expected
            return version, expected

        def here(self, pair):
            return self.lab[pair[0].name]

        def name(self):
            return f"v{len(self.made)}"

        @rule(target=versions, a=versions, b=versions)
        def merge(self, a, b):
            return self.keep(self.here(a).merge(self.here(b), name=self.name()), a[1] | b[1])

        @rule(target=versions, a=versions, b=versions)
        def subtract(self, a, b):
            return self.narrow(a, b, "subtract")

        @rule(target=versions, a=versions, b=versions)
        def intersect(self, a, b):
            return self.narrow(a, b, "intersect")

        def narrow(self, a, b, operation):
            expected = a[1] - b[1] if operation == "subtract" else a[1] & b[1]
            make = getattr(operations, operation)
            if not expected:
                with pytest.raises(BadInput, match="leaves no samples"):
                    make(self.here(a), self.here(b), name=self.name())
                return a
            return self.keep(make(self.here(a), self.here(b), name=self.name()), expected)

        @rule(target=versions, a=versions, share=st.floats(0.05, 1.0), seed=st.integers(0, 3), stratified=st.booleans())
        def sample(self, a, share, seed, stratified):
            n = max(1, int(share * len(a[1])))
            found = self.here(a).sample(self.name(), n, seed=seed, stratified=stratified)
            assert set(found.ids) <= a[1] and len(found) == n
            if stratified:
                for label in {self.labels[i] for i in a[1]}:
                    whole = sum(self.labels[i] == label for i in a[1])
                    part = sum(self.labels[i] == label for i in found.ids)
                    assert abs(part - whole * n / len(a[1])) <= 1.0
            return self.keep(found, set(found.ids))

        @rule(target=versions, a=versions, b=versions, new=st.sampled_from(("add", "ignore")))
        def update(self, a, b, new):
            here, there = {self.uris[i] for i in a[1]}, {self.uris[i] for i in b[1]}
            expected = {i for i in a[1] if self.uris[i] not in there} | {
                i for i in b[1] if new == "add" or self.uris[i] in here
            }
            return self.keep(operations.update(self.here(a), self.name(), self.here(b), new=new), expected)

        @rule(target=versions, a=versions, seed=st.integers(0, 3), stratified=st.booleans())
        def split(self, a, seed, stratified):
            shares, name = (0.5, 0.2, 0.3), self.name()
            whole = Counter(self.labels[i] for i in a[1])
            if len(a[1]) < 9:
                return multiple()
            parts = self.here(a).split(
                *(f"{name}/{k}" for k in range(3)), share=shares, seed=seed, stratified=stratified
            )
            ids = [set(p.ids) for p in parts]
            assert set.union(*ids) == a[1] and sum(map(len, ids)) == len(a[1])
            for part, share in zip(ids, shares, strict=True):
                assert abs(len(part) - share * len(a[1])) <= 1
                if stratified:
                    assert all(abs(sum(self.labels[i] == c for i in part) - share * n) <= 1.5 for c, n in whole.items())
            return multiple(*(self.keep(p, i) for p, i in zip(parts, ids, strict=True)))

        @rule(target=versions, a=versions, share=st.floats(0.05, 1.0), seed=st.integers(0, 3))
        def select(self, a, share, seed):
            positions = random.Random(seed).sample(range(len(a[1])), max(1, int(share * len(a[1]))))
            expected = {sorted(a[1])[p] for p in positions}
            return self.keep(operations.select(self.here(a), self.name(), positions), expected)

        @rule(target=versions, a=versions, label=st.sampled_from("012"), negate=st.booleans())
        def filter(self, a, label, negate):
            expected = {i for i in a[1] if (self.labels[i] == label) != negate}
            where = f"{'NOT ' if negate else ''}contains class '{label}'"
            if not expected:
                with pytest.raises(BadInput, match="leaves no samples"):
                    self.here(a).filter(self.name(), where)
                return a
            return self.keep(self.here(a).filter(self.name(), where), expected)

        @precondition(lambda self: len(self.made) > 1)
        @rule()
        def everything_is_there_after_opening_again(self):
            again = veml.open(self.lab.path, read_only=True)
            versions = {n: again[n] for n in self.made}
            assert {n: set(v.ids) for n, v in versions.items()} == self.made
            for a, b in itertools.combinations(versions, 2):
                assert (versions[a].key == versions[b].key) == (self.made[a] == self.made[b])

    run_state_machine_as_test(
        Algebra,
        settings=settings(
            max_examples=6, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_the_edge_of_a_version_carries_its_operation_and_parents(lab):
    both = lab["digits"].merge(lab["bright"], name="both")
    edges = lab.store.graph().into[both.id]
    assert [e.src for e in edges] == [lab["digits"].id, lab["bright"].id]
    assert {e.props["operation"] for e in edges} == {"merge"}
    part = both.filter("zeros", "label = '0'")
    assert [(e.src, e.props["where"]) for e in lab.store.graph().into[part.id]] == [(both.id, "label = '0'")]


def test_the_same_operation_under_the_same_name_gives_the_same_version(lab):
    first = lab["digits"].sample("part", 10, seed=1)
    assert lab["digits"].sample("part", 10, seed=1) == first
    for other in (
        lambda: lab["digits"].sample("part", 10, seed=2),
        lambda: lab["bright"].sample("part", 10, seed=1),
        lambda: lab["digits"].filter("part", "label = '0'"),
        lambda: lab["digits"].sample("first", 10),  # the name of a training
    ):
        with pytest.raises(NameTaken, match="frozen"):
            other()


def test_equal_content_has_an_equal_key_whatever_way_it_came_about(lab):
    a = operations.subtract(lab["digits"], lab["digits-test"], name="a")
    b = operations.intersect(lab["digits"], lab["digits-train"], name="b")
    assert a.key == b.key == lab["digits-train"].key != lab["digits"].key


def test_a_split_is_disjoint_and_whole_and_keeps_groups_together(road_lab, fresh):
    city = fresh(road_lab)["city"]
    a, b = city.split("a", "b", share=0.5, by="video")
    assert not a.ids & b.ids and a.ids | b.ids == city.ids
    videos = [set(v.to_pandas()["video"]) for v in (a, b)]
    assert not videos[0] & videos[1]
    c, d = city.split("c", "d", share=0.25, seed=3)
    assert len(c) == 4 and len(d) == 12 and not c.ids & d.ids


def test_a_split_into_several_parts_keeps_groups_and_shares(road_lab, fresh):
    city = fresh(road_lab)["city"]
    parts = city.split("a", "b", "c", share=(0.5, 0.25, 0.25), by="video", roles=("train", "test", ""))
    videos = [set(v.to_pandas()["video"]) for v in parts]
    assert sum(map(len, videos)) == len(set.union(*videos)) and sum(map(len, parts)) == 16
    assert [v.role for v in parts] == ["train", "test", ""] and all(v.history.replay() == v.ids for v in parts)


def test_boxes_are_stratified_by_the_classes_in_a_picture(road_lab):
    from veml_lab.versions.derivations import strata

    groups = strata(road_lab.city)
    assert sum(map(len, groups.values())) == 16 and len(groups) > 1
    for classes, ids in groups.items():
        assert all(
            tuple(sorted({b[0] for b in road_lab.city.annotations.boxes.get(i, [])})) == (classes or ()) for i in ids
        )


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (("a",), {}, "two or more names"),
        (("a", "b", "c"), {}, "one share for each"),
        (("a", "b"), {"share": 1.0}, "between 0 and 1"),
        (("a", "b"), {"share": (0.5, 0.6)}, "add up to 1"),
        (("a", "b"), {"by": "video", "stratified": True}, "not both"),
        (("a", "b"), {"roles": ("train",)}, "one for each"),
        (("a", "b"), {"by": "colour"}, "no column 'colour'"),
        (("a", "b"), {"share": 0.001}, "leaves nothing for 'a'"),
    ],
)
def test_a_split_that_cannot_be_made_makes_no_part(digits_lab, names, options, message):
    before = digits_lab.lab.revision()
    with pytest.raises(BadInput, match=message):
        digits_lab.digits.split(*names, **options)
    assert digits_lab.lab.revision() == before


def test_adding_a_source_is_an_import_and_a_merge_in_one_step(lab, bright_digits):
    made = veml.read_idx(bright_digits)
    more = operations.add(lab["digits"], "more", made, progress=False)
    assert len(more) == 160 and lab["more · new"].ids | lab["digits"].ids == more.ids
    assert {e.props["operation"] for e in lab.store.graph().into[more.id]} == {
        "add"
    } and more.history.replay() == more.ids
    assert operations.add(lab["digits"], "more", made, progress=False) == more
    newer = operations.update(lab["digits"], "newer", lab["bright"])
    assert newer.ids == lab["bright"].ids  # all have a newer sample of the same name
    with pytest.raises(BadInput, match="source"):
        operations.add(lab["digits"], "x", "a/path")
    with pytest.raises(BadInput, match="copy: options of an import"):
        operations.add(lab["digits"], "x", lab["bright"], copy=True)


def test_a_choice_is_replayed_by_its_digest_and_a_tampered_one_is_found(lab):
    part = operations.select(lab["digits"], "part", [3, 5, 7])
    assert part.history.replay() == part.ids
    edge = lab.store.graph().into[part.id][0]
    with pytest.raises(DamagedLab, match="not the ones that were chosen"):
        replay(lab.store, dataclasses.replace(edge, props={**dict(edge.props), "chosen": "0" * 20}))
    with pytest.raises(BadInput, match="is an import"):
        lab["digits"].history.replay()
    training = lab.store.graph().into[lab["first"].id][0]
    with pytest.raises(BadInput, match="carries no operation"):
        replay(lab.store, training)


def test_splits_that_format_1_recorded_replay_by_its_rule(lab):
    """A version-1 lab knows two parts, called first and second, with a share of the first."""
    a, b = lab["digits"].split("a", "b", share=0.25, seed=3)
    edge = lab.store.graph().into[a.id][0]
    old = {"operation": "split", "share": 0.25, "seed": 3, "by": None, "parents": [lab["digits"].id]}
    found = [replay(lab.store, dataclasses.replace(edge, props={**old, "part": p})) for p in ("first", "second")]
    assert found == [a.ids, b.ids]


# -- said later ------------------------------------------------------------------------------------


def test_tags_and_notes_are_events_and_the_version_stays_as_it_is(lab):
    version = lab["digits"]
    node, key = version.node, version.key
    version.history.tag("gold")
    version.history.tag("gold")
    version.history.tag("for review")
    version.history.tag("gold", remove=True)
    version.history.note("twelve labels looked odd")
    again = veml.open(lab.path, read_only=True)["digits"]
    assert again.history.tags == ("for review",) and again.history.notes == ["twelve labels looked odd"]
    assert again.node == node and again.key == key and lab["bright"].history.tags == ()
    history = [(e.kind, e.value) for e in events(lab.store, version.id)]
    assert history == [("tag", "gold"), ("tag", "for review"), ("untag", "gold"), ("note", "twelve labels looked odd")]
    assert tagged(lab.store, "for review") == [version.id] and tagged(lab.store, "gold") == []


@pytest.mark.parametrize("tag", ["", " a", "a\n", "x" * 61, 7, "\ud800"])
def test_a_tag_is_one_short_printable_phrase(digits_lab, tag):
    with pytest.raises(BadInput, match="tag"):
        digits_lab.digits.history.tag(tag)


@pytest.mark.parametrize("note", ["", "  ", "x" * 10_001, None, "a\x00", "\ud800"])
def test_a_note_is_a_text(digits_lab, note):
    with pytest.raises(BadInput, match="note"):
        digits_lab.digits.history.note(note)


def test_a_tag_that_is_not_there_cannot_be_taken_off(digits_lab):
    with pytest.raises(UnknownName, match="tag"):
        digits_lab.digits.history.tag("gold", remove=True)


def test_versions_of_different_tasks_are_not_merged(road_lab, fresh, digits):
    """The merged version would have one task, and of the other part's annotations see nothing."""
    lab = fresh(road_lab)
    numbers = lab.add("digits", veml.read_idx(digits), progress=False)
    for a, b in ((lab["city"], numbers), (numbers, lab["city"])):
        with pytest.raises(BadInput, match=r"for (detection|classification).*for (classification|detection).*one task"):
            a.merge(b, name="mixed")
    assert "mixed" not in lab


def test_versions_of_different_labs_are_not_combined(lab, digits_lab):
    with pytest.raises(BadInput, match="different labs"):
        lab["digits"].merge(digits_lab.bright, name="x")


@pytest.mark.parametrize("n", [0, -1, 81])
def test_a_sample_must_fit(digits_lab, n):
    with pytest.raises(BadInput, match="cannot take"):
        digits_lab.digits.sample("x", n)


@pytest.mark.parametrize("positions", [[], [-1], [80], [0, 1000]])
def test_positions_must_lie_in_the_version(digits_lab, positions):
    with pytest.raises(BadInput, match="positions"):
        operations.select(digits_lab.digits, "x", positions)


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "\x00", "x" * 121, None, 7])
def test_a_name_is_one_printable_line(digits_lab, name):
    with pytest.raises(BadInput, match="name"):
        digits_lab.digits.sample(name, 5)


def test_diff_counts_without_making_a_version(digits_lab):
    before = len(digits_lab.lab.versions())
    d = operations.diff(digits_lab.digits, digits_lab.lab["digits-train"])
    assert (len(d["only_here"]), len(d["only_there"]), len(d["both"])) == (20, 0, 60)
    assert len(digits_lab.lab.versions()) == before


def test_a_sample_is_a_share_of_every_class_not_the_first_ones_of_each(lab):
    """Eight of 32 in three classes of very different size: the share of each class to within one."""
    by_class = lab["digits"].annotations.class_labels
    names = sorted(set(by_class.values()))
    ids = {c: [i for i, name in by_class.items() if name == c] for c in names}
    kept = sorted(ids[names[0]][:20] + ids[names[1]][:8] + ids[names[2]][:4])
    positions = np.searchsorted(lab["digits"].ids, kept)
    uneven = lab["digits"].select("uneven", positions)
    part = uneven.sample("a quarter", 8, seed=3, stratified=True)
    counted = {c: sum(by_class[int(i)] == c for i in part.ids) for c in names}
    assert all(abs(counted[c] - n / 4) <= 1 for c, n in zip(names, (20, 8, 4), strict=True)), counted


def test_samples_without_a_value_are_a_group_of_their_own_in_a_split_by_that_column(tmp_path):
    """No sample falls out of both parts."""
    lab = veml.open(tmp_path / "lab")
    (tmp_path / "t.csv").write_text("place,x\n" + "".join(f"{'' if i % 3 else 'north'},{i}\n" for i in range(12)))
    rows = lab.add("rows", veml.read(tmp_path / "t.csv"), progress=False)
    one, two = rows.split("one", "two", share=0.5, by="place", seed=0)
    assert len(one) + len(two) == 12 and not set(map(int, one.ids)) & set(map(int, two.ids))
