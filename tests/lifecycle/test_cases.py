"""Bad cases as living objects: each fault once, with what became of it in later versions."""

from __future__ import annotations

import numpy as np
import pytest
from planted import (
    CLASSES,
    boxed,
    classified,
    deployed,
    deployment,
    detected,
    encoded,
    picture,
    pictures,
    some_pictures,
)

from veml_lab.errors import BadInput, UnknownName
from veml_lab.lifecycle.case_report import report_sightings
from veml_lab.sources.source import Box


@pytest.fixture
def lab(empty_lab):
    empty_lab.add("town", pictures("town", some_pictures(30)), progress=False)
    return empty_lab


def stored(lab) -> list[int]:
    return [len(lab.store.catalog.read(q, first=0)) for q in ("cases", "occurrences", "case_events", "case_runs")]


def statuses(lab, **ids) -> dict:
    return {c.uri: c.status for c in lab.cases()}


def test_versions_in_a_chain_are_counted_as_by_sets(lab):
    """New, seen before, solved and regressed of each version, against sets; a second call changes nothing."""
    town, rng, before = lab["town"], np.random.default_rng(0), None
    opened: set[int] = set()
    solved: set[int] = set()
    for v in range(5):
        wrong = set(rng.choice(len(town), rng.integers(5, 15), replace=False).tolist())
        before = deployed(lab, f"v{v}", town, after=before)
        found = classified(before, town, wrong)
        report = found.report("animals")
        known = opened | solved
        uris = {c.id: c.uri for c in lab.cases()}
        name = town.samples["uri"].to_pylist()
        assert {uris[c] for c in report.new} == {name[p] for p in wrong - known}
        assert {uris[c] for c in report.seen} == {name[p] for p in wrong & opened}
        assert {uris[c] for c in report.regressed} == {name[p] for p in wrong & solved}
        assert {uris[c] for c in report.solved} == {name[p] for p in opened - wrong}
        solved = (solved | (opened - wrong)) - wrong
        opened = wrong
        rows = stored(lab)
        again = found.report("animals")
        assert stored(lab) == rows
        assert (again.cases, again.new, again.regressed) == (report.cases, (), report.regressed)
        assert {c.uri for c in lab.cases("status = 'solved'")} == {name[p] for p in solved}
        assert {c.uri for c in lab.cases("status = 'regressed' OR status = 'new'")} == {name[p] for p in opened}
    assert all(c.frequency == len(c.occurrences) for c in lab.cases())


def test_what_a_report_says(lab):
    first = deployed(lab, "v1", lab["town"])
    classified(first, lab["town"], [1, 2, 3]).report("animals")
    second = deployed(lab, "v2", lab["town"], after=first)
    assert repr(classified(second, lab["town"], [1]).report("animals")) == (
        "1 case: 0 new, 1 seen before\n2 known cases are solved in 'v2'"
    )
    third = deployed(lab, "v3", lab["town"], after=second)
    said = classified(third, lab["town"], [1, 2, 9]).report("animals")
    assert repr(said).splitlines()[0] == "3 cases: 1 new, 1 seen before, 1 regressed since 'v2'"
    assert said.to_dict()["n_regressed"] == 1 and said.to_dict()["since"] == "v2"


def test_an_old_version_that_is_run_again_changes_no_state(lab):
    """A regression counts only for versions that descend from the fix."""
    town = lab["town"]
    old = deployed(lab, "old", town)
    classified(old, town, [4]).report("animals")
    fix = deployed(lab, "fix", town, after=old)
    classified(fix, town, []).report("animals")
    (case,) = lab.cases()
    assert (case.status, case.since) == ("solved", "fix")
    stranger = deployed(lab, "stranger", town)  # made later, comes from nothing of it
    classified(stranger, town, [4]).report("animals")
    sibling = deployed(lab, "sibling", town, after=old)
    classified(sibling, town, [4]).report("animals")
    classified(old, town, [4]).report("animals", source="night run")
    (case,) = lab.cases()
    assert (case.status, case.since, case.frequency) == ("solved", "fix", 4)
    classified(deployed(lab, "next", town, after=fix), town, [4]).report("animals")
    (case,) = lab.cases()
    assert (case.status, case.since) == ("regressed", "fix")


def test_a_version_that_does_not_descend_from_the_fault_solves_nothing(lab):
    town = lab["town"]
    early = deployed(lab, "early", town)
    classified(early, town, []).report("animals")
    late = deployed(lab, "late", town, after=early)
    classified(late, town, [7]).report("animals")
    classified(deployed(lab, "stranger", town), town, []).report("animals")
    assert [c.status for c in lab.cases()] == ["new"]


def test_deployments_of_one_training_come_after_each_other_only_where_one_replaces_the_other(lab):
    town = lab["town"]
    plain = deployed(lab, "plain", town)
    small = deployment(lab, "small", plain.training.id)
    classified(plain, town, [5]).report("animals")
    classified(small, town, []).report("animals")
    assert [c.status for c in lab.cases()] == ["new"]
    lab.store.link(plain.id, small.id, "replaces")
    assert [(c.status, c.since) for c in lab.cases()] == [("solved", "small")]


def test_a_deployment_that_replaces_another_says_so_and_never_in_a_circle(fresh, digits_lab):
    import veml_lab as veml
    from veml_lab.serving.onnx import _in_place_of

    lab = fresh(digits_lab)
    old = lab["in production"]
    new = veml.deploy(lab["first"], name="next", check=4, replaces=old)
    assert [(e.src, e.type) for e in lab.store.graph().into[new.id] if e.type == "replaces"] == [(old.id, "replaces")]
    assert veml.deploy(lab["first"], name="next", replaces=old) == new
    assert len([e for e in lab.store.graph().into[new.id] if e.type == "replaces"]) == 1
    for older, newer in ((new, old), (old, old)):
        with pytest.raises(BadInput, match="cannot replace"):
            _in_place_of(older, newer)


def test_a_fault_is_one_case_whatever_is_said_instead(lab):
    """The predicted class is of the occurrence, not of the case; functions are apart."""
    town = lab["town"]
    first, second = deployed(lab, "v1", town), deployed(lab, "v2", town)
    classified(first, town, {0: "dog"}).report("animals")
    classified(second, town, {0: "bird"}).report("animals")
    (case,) = lab.cases()
    assert [o["said"] for o in case.occurrences] == ["dog", "bird"] and case.said == "bird" and case.truth == "cat"
    classified(second, town, {0: "bird"}).report("pets at night", new_function=True)
    assert len(lab.cases()) == 2


def test_a_picture_that_was_imported_twice_has_its_faults_once(lab):
    images = some_pictures(5)
    twice = lab.add("again", pictures("again", {f"other/{k}": v for k, v in images.items()}), progress=False)
    classified(deployed(lab, "v1", lab["town"]), lab["town"], [2]).report("animals")
    said = classified(deployed(lab, "v2", twice), twice, [2, 3]).report("animals")
    assert (len(said.new), len(said.seen)) == (1, 1)
    assert sorted(c.uri for c in lab.cases()) == ["p002.jpg", "p003.jpg"]


def test_objects_are_found_again_by_their_place(empty_lab):
    lab = empty_lab
    boxes = {0: [Box("cat", 10, 10, 30, 30), Box("cat", 60, 60, 30, 30)], 1: [Box("dog", 20, 20, 40, 40)]}
    data = lab.add("boxes", boxed("boxes", 3, boxes), progress=False)
    first = deployed(lab, "v1", data, task="detection")
    said = detected(first, data, {0: [("cat", 10, 10, 30, 30)], 2: [("bird", 5, 5, 20, 20)]}).report("objects")
    assert len(said.new) == 3  # the second cat and the dog are missed, a bird is invented
    assert sorted(lab.cases().table["fault"].to_pylist()) == ["invented", "object", "object"]
    second = deployed(lab, "v2", data, after=first, task="detection")
    found = {
        0: [("cat", 10, 10, 30, 30), ("cat", 60, 60, 30, 14)],  # loose: the same fault of the same cat
        1: [("cat", 20, 20, 40, 40)],  # another class: the same dog
        2: [("cat", 8, 8, 16, 16)],  # invented again in the same corner, whatever it is taken for
    }
    again = detected(second, data, found).report("objects")
    assert (len(again.new), len(again.seen)) == (0, 3)
    kinds = {c.uri: c.kind for c in lab.cases()}
    assert kinds == {"b000.jpg": "location", "b001.jpg": "class", "b002.jpg": "background"}
    moved = data.correct("moved", {"b001.jpg": {"box": [Box("dog", 22, 23, 40, 40)]}})
    third = detected(deployed(lab, "v3", data, after=second, task="detection"), moved, {}).report("objects")
    assert (len(third.new), len(third.closed)) == (1, 0)  # the first cat is missed as well; the dog is the known one


def test_a_truth_that_was_corrected_closes_its_case_and_solves_nothing(lab):
    town = lab["town"]
    first = deployed(lab, "v1", town)
    classified(first, town, {3: "dog"}).report("animals")
    mended = town.correct("town, mended", {town.ids[3]: {"class": "dog"}})
    second = deployed(lab, "v2", town, after=first)
    said = classified(second, mended, []).report("animals")
    (case,) = lab.cases()
    assert len(said.closed) == 1 and not said.solved and case.status == "label error"
    assert "'town, mended'" in case.history[-1]["why"]
    assert case.reopen("it is a cat after all").status == "new"
    assert not classified(second, mended, []).report("animals").closed  # somebody has decided


def test_a_case_is_corrected_from_the_notebook(lab):
    classified(deployed(lab, "v1", lab["town"]), lab["town"], {3: "dog"}).report("animals")
    made = lab.cases()[0].correct(lab["town"], "town, mended", "dog", why="looked at it")
    assert made.annotations.class_labels[made.ids[3]] == "dog"
    (case,) = lab.cases()
    assert case.status == "label error" and "looked at it" in case.history[-1]["why"]


def test_what_is_known_of_the_cases_in_a_deployment(lab):
    """Passed, failing, regressed, not judged; base and regression set apart."""
    town = lab["town"]
    first = deployed(lab, "v1", town)
    classified(first, town, [0, 1, 2, 3]).report("animals")
    assert len(deployed(lab, "unjudged", town, after=first).cases.unjudged) == 4
    tests = lab.cases().to_test("regressions")
    second = deployed(lab, "v2", town, after=first)
    classified(second, town, [0, 9]).report("animals")
    classified(second, tests, [0]).report("animals")
    third = deployed(lab, "v3", town, after=second)
    classified(third, tests, [0, 1]).report("animals")
    known = third.cases
    assert [len(x) for x in (known.passed, known.failing, known.regressed, known.unjudged)] == [2, 1, 1, 1]
    assert known.base == {} and known.regression == {"regressions": (4, 2)}
    assert second.cases.base == {"town": (30, 28)} and second.cases.regression == {"regressions": (4, 3)}
    assert "regression set 'regressions': 2 of 4" in repr(known)


# -- what people say ---------------------------------------------------------------------------------


def test_states_that_are_said_and_the_history_of_a_case(lab):
    classified(deployed(lab, "v1", lab["town"]), lab["town"], [1]).report("animals")
    case = lab.cases()[0]
    assert case.confirm("saw it", who="ann").status == "confirmed"
    assert case.solve("will not fix", "rare", who="ann").status == "will not fix"
    assert case.reopen(who="ann").pin("high", who="ann").priority == "high"
    assert [(e["number"], e["what"], e["value"], e["who"]) for e in case.history] == [
        (1, "state", "confirmed", "ann"), (2, "state", "will not fix", "ann"), (3, "state", "", "ann"),
        (4, "pin", "high", "ann"),
    ]  # fmt: skip
    lab.cases()[0].pin("high", who="ann")  # it holds already
    assert len(case.history) == 4
    tagged = lab.cases().tag("night").tag("rain").tag("night", remove=True)[0]
    assert tagged.tags == ["rain"] and tagged.describe("a dog in the rain").description == "a dog in the rain"


def test_a_state_that_is_computed_cannot_be_typed(lab):
    classified(deployed(lab, "v1", lab["town"]), lab["town"], [1]).report("animals")
    case = lab.cases()[0]
    for state, said in (("solved", "lineage graph"), ("duplicate", "merge"), ("new", "reopen")):
        with pytest.raises(BadInput, match=said):
            case.solve(state)
    with pytest.raises(UnknownName, match="label error"):
        case.solve("labl error")
    with pytest.raises(UnknownName, match="medium"):
        case.pin("urgent")
    assert not case.history


def test_of_two_who_close_a_case_at_once_the_second_is_told(lab):
    classified(deployed(lab, "v1", lab["town"]), lab["town"], [1]).report("animals")
    hers, his = lab.cases()[0], lab.cases()[0]
    hers.solve("label error", "a wolf", who="ann")
    with pytest.raises(BadInput, match="set to 'label error' by ann since you looked: a wolf"):
        his.solve("will not fix", who="bob")
    assert lab.cases()[0].status == "label error"
    his.solve("label error", who="bob")  # the same: nothing to say
    assert len(hers.history) == 1
    lab.cases()[0].solve("will not fix", who="bob")  # now he has looked
    assert lab.cases()[0].status == "will not fix"


def test_two_processes_that_write_the_same_number_are_told_apart(lab, monkeypatch):
    """The number of an event is part of its key: of two that were written at once one is refused and looks again."""
    from veml_lab.lifecycle import case_changes
    from veml_lab.versions.cases import NewEvent, keep

    classified(deployed(lab, "v1", lab["town"]), lab["town"], [1]).report("animals")
    case = lab.cases()[0]
    keep_now, calls = keep, []

    def late(store, **rows):
        if not calls:  # somebody else's event comes between the look and the commit
            calls.append(1)
            keep_now(store, events=[NewEvent(case.id, 1, "state", "label error", "", "ann")])
        keep_now(store, **rows)

    monkeypatch.setattr(case_changes, "keep", late)
    with pytest.raises(BadInput, match="by ann since you looked"):
        case.solve("will not fix", who="bob")
    assert [e["who"] for e in case.history] == ["ann"]
    calls.clear()
    keep_now(lab.store, events=[NewEvent(case.id, 2, "tag", "x", "", "ann")])


def test_merging_and_taking_it_back(lab):
    town = lab["town"]
    first = deployed(lab, "v1", town)
    classified(first, town, [0, 3]).report("animals")
    second = deployed(lab, "v2", town, after=first)
    classified(second, town, [3]).report("animals")
    a, b = sorted(lab.cases(), key=lambda c: c.uri)
    assert (a.status, b.status) == ("solved", "new")
    into = b.merge(a, "the same cat")
    assert into.id == a.id and into.frequency == 3 and into.status == "new"
    assert len(lab.cases()) == 1 and lab.cases("status = 'duplicate'")[0].merged_into == a.id
    assert len(into.occurrences) == 3
    with pytest.raises(BadInput, match="itself"):
        a.merge(a, "why not")
    with pytest.raises(BadInput, match="one case already"):
        a.merge(b, "the other way round")
    with pytest.raises(BadInput, match="reason"):
        a.merge(b, " ")
    back = lab.cases("status = 'duplicate'")[0].unmerge("two cats")
    assert (back.status, back.frequency) == ("new", 2) and lab.cases()[1].frequency == 1
    with pytest.raises(BadInput, match="not merged"):
        back.unmerge()
    assert [e["what"] for e in back.history] == ["merge", "unmerge"]


def test_priority_follows_the_formula_that_is_shown(lab):
    town = lab["town"]
    v = None
    for i, wrong in enumerate(([0, 1, 2], [0, 1], [0])):
        v = deployed(lab, f"v{i}", town)
        classified(v, town, wrong).report("animals")
    by = {c.uri: c for c in lab.cases()}
    assert [c.uri for c in lab.cases()] == ["p000.jpg", "p001.jpg", "p002.jpg"]
    assert by["p000.jpg"].why_priority == "medium: 3 occurrences / 2.00 of an open case on average x weight 1 = 1.50"
    assert by["p002.jpg"].priority == "low"
    weighed = lab.cases().weigh("animals", 4)
    assert weighed[by["p002.jpg"].id].score == 2.0 and weighed[by["p002.jpg"].id].priority == "high"
    with pytest.raises(BadInput):
        lab.cases().weigh("animals", 0)
    with pytest.raises(UnknownName):
        lab.cases().weigh("animls", 2)


# -- reports of people -------------------------------------------------------------------------------


def test_a_customer_reports_a_picture(lab, tmp_path):
    first = lab.report_case("p004.jpg", said="bird", truth="dog", function="animals", source="A", seen="2026-03-04")
    assert (first.uri, first.status, first.grading, first.source) == ("p004.jpg", "new", "system", "A")
    rows = stored(lab)
    again = lab.report_case("p004.jpg", said="bird", truth="dog", function="animals", source="A", seen="2026-03-04")
    assert again.frequency == 1 and stored(lab) == rows
    lab.report_case("p004.jpg", said="cat", truth="dog", function="animals", source="A", seen="2026-03-05")
    lab.report_case("p004.jpg", said="cat", truth="dog", function="animals", source="B", seen="2026-03-05")
    (case,) = lab.cases()
    assert case.frequency == 3 and f"{case.first_seen:%d} {case.last_seen:%d}" == "04 05" and case.week == "2026-W10"
    said = classified(deployed(lab, "v1", lab["town"]), lab["town"], [4]).report("animals")
    assert len(said.seen) == 1  # it is the same fault


def test_a_file_that_the_lab_lacks_comes_in_and_one_that_it_has_does_not(lab, tmp_path):
    known, new = tmp_path / "sent.jpg", tmp_path / "IMG_1.jpg"
    known.write_bytes(some_pictures(1)["p000.jpg"])
    new.write_bytes(encoded(picture(99)))
    versions = len(lab.versions())
    assert lab.report_case(known, said="dog", truth="cat", function="animals").uri == "p000.jpg"
    assert len(lab.versions()) == versions
    assert lab.report_case(new, said="dog", truth="cat", function="animals").uri == "IMG_1.jpg"
    assert len(lab.versions()) == versions + 1
    lab.report_case(new, said="bird", truth="cat", function="animals", source="B")
    assert len(lab.versions()) == versions + 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"truth": "bird"}, "no bad case"),
        ({"seen": "2999-01-01"}, "future"),
        ({"seen": "yesterday"}, "2026-11-20"),
        ({"description": "x" * 1_000_000}, "10,000"),
        ({"function": " "}, "function"),
        ({"grading": "boss"}, "model, system"),
        ({"sample": "p9.jpg"}, "no sample of the lab and no file"),
        ({"sample": ""}, "names its sample"),
        ({"sample": 10_000}, "10000"),
        ({"truth": "a\0b"}, "NUL"),
    ],
)
def test_a_report_that_cannot_be_used_is_refused_and_keeps_nothing(lab, changed, said):
    given = {"said": "bird", "truth": "dog", "function": "animals", "sample": "p004.jpg", **changed}
    rows, versions = stored(lab), len(lab.versions())
    with pytest.raises(BadInput, match=said):
        lab.report_case(given.pop("sample"), **given)
    assert stored(lab) == rows and len(lab.versions()) == versions


def test_a_function_that_looks_misspelt_is_refused_with_the_nearest(lab):
    lab.report_case("p004.jpg", said="bird", truth="dog", function="pedestrians")
    with pytest.raises(UnknownName, match=r"known: pedestrians.*new_function=True"):
        lab.report_case("p005.jpg", said="cat", truth="bird", function="pedestrain")
    lab.report_case("p005.jpg", said="cat", truth="bird", function="vehicles")  # like no other: it is new
    lab.report_case("p005.jpg", said="cat", truth="bird", function="pedestrian", new_function=True)
    assert len(lab.cases()) == 3


def test_a_case_of_unknown_version_is_solved_by_what_is_judged_after_it_alone(lab):
    town = lab["town"]
    v = deployed(lab, "v1", town)
    classified(v, town, []).report("animals")
    lab.report_case("p004.jpg", said="bird", truth="dog", function="animals", version="app 2.1")
    assert [c.status for c in lab.cases()] == ["new"] and lab.cases()[0].version == "app 2.1"
    classified(deployed(lab, "v2", town), town, []).report("animals")
    assert [(c.status, c.since) for c in lab.cases()] == [("solved", "v2")]


# -- searching and counting --------------------------------------------------------------------------


def test_cases_are_found_by_a_checked_condition_and_by_words(lab):
    classified(deployed(lab, "v1", lab["town"]), lab["town"], [0, 1, 2]).report("animals")
    lab.report_case("p010.jpg", said="cat", truth="dog", function="vehicles", columns={"camera": "=cmd|' /C calc'!A0"})
    assert len(lab.cases("function = 'animals' AND status = 'new'")) == 3
    assert lab.cases("camera LIKE '=cmd%'")[0].uri == "p010.jpg"
    assert len(lab.cases("frequency >= 1 AND list_contains(tags, 'x')")) == 0
    assert [c.uri for c in lab.cases(text="p010 DOG")] == ["p010.jpg"] and not len(lab.cases(text="p010 bird"))
    with pytest.raises(UnknownName, match="status"):
        lab.cases("statu = 'new'")
    with pytest.raises(BadInput, match="not allowed"):
        lab.cases("status = (SELECT 'new')")


def test_a_lab_without_cases_answers_too(lab):
    assert not len(lab.cases()) and not len(lab.cases("status = 'new' AND frequency > 1", text="x"))
    assert not lab.cases().weekly().weeks and lab.cases().statistics().n == 0 and not len(lab.cases().duplicates())
    with pytest.raises(BadInput, match="no cases"):
        lab.cases().find_similar(lab["town"])
    with pytest.raises(BadInput, match="none of these"):
        lab.cases().to_test("regressions")


def test_weeks_without_a_case_are_zeros(lab):
    for i, day in enumerate(("2025-12-29", "2026-01-04", "2026-01-26")):
        lab.report_case("p004.jpg", said="bird", truth="dog", function="animals", seen=day, source=f"s{i}")
    lab.report_case("p005.jpg", said="cat", truth="bird", function="vehicles", seen="2026-01-27T00:30:00+01:00")
    found = lab.cases().weekly()
    assert found.weeks == ("2026-W01", "2026-W02", "2026-W03", "2026-W04", "2026-W05")
    assert found.new == (1, 0, 0, 0, 1) and found.again == (1, 0, 0, 0, 1)
    assert found.by_function == {"animals": (2, 0, 0, 0, 1), "vehicles": (0, 0, 0, 0, 1)}
    assert lab.cases("function = 'vehicles'").weekly().counts == (1,)
    assert not lab.cases("function = 'none'").weekly().weeks


def test_weeks_are_iso_weeks(lab):
    """Against the calendar of the standard library, over every day of eight years."""
    from veml_lab.lifecycle.case_book import weeks_of
    from veml_lab.lifecycle.case_counts import _monday_week, _named

    days = np.arange("2020-01-01", "2028-01-01", dtype="datetime64[D]")
    iso = [f"{y}-W{w:02}" for y, w, _ in (d.item().isocalendar() for d in days)]
    assert weeks_of(days.astype("datetime64[us]")) == iso
    assert [_named(int(w)) for w in _monday_week(days.astype("datetime64[us]"))] == iso


def test_shares_and_pareto(lab):
    classified(deployed(lab, "v1", lab["town"]), lab["town"], [0, 3, 6, 1]).report("animals")
    lab.report_case("p010.jpg", said="cat", truth="dog", function="vehicles")
    found = lab.cases().statistics()
    assert found.shares("function") == {"animals": 0.8, "vehicles": 0.2}
    assert found.pareto("truth") == [("cat", 3, 0.6), ("dog", 2, 1.0)]
    assert found.by["source"] == {"test": 4, "customer": 1}


# -- going on ----------------------------------------------------------------------------------------


def test_a_test_set_grows_and_loses_what_was_a_label_error(lab):
    town = lab["town"]
    first = deployed(lab, "v1", town)
    classified(first, town, [0, 1, 2]).report("animals")
    tests = lab.cases().to_test("regressions")
    assert tests.role == "test" and list(tests.ids) == [town.ids[i] for i in (0, 1, 2)]
    assert lab.cases().to_test("regressions") == tests
    classified(deployed(lab, "v2", town, after=first), town, [5]).report("animals")
    lab.cases("uri = 'p001.jpg'").solve("label error", "a wolf")
    grown = lab.cases().to_test("regressions")
    assert grown.name == "regressions · 2" and list(grown.ids) == [town.ids[i] for i in (0, 2, 5)]
    assert grown.annotations.class_labels[town.ids[5]] == town.annotations.class_labels[town.ids[5]]
    assert lab.cases("uri = 'p005.jpg'").to_test("regressions") == grown
    grown.history.replay()
    with pytest.raises(BadInput, match="none that bad cases were gathered in"):
        lab.cases().to_test("town")


def test_samples_that_a_training_learned_from_are_no_test(lab):
    town = lab["town"]
    v = deployed(lab, "v1", town)
    lab.store.link(town.filter("learned", "label = 'cat'").id, v.training.id, "trained_on")
    classified(v, town, [0, 1]).report("animals")  # a cat, which was learned from, and a dog
    with pytest.raises(BadInput, match=r"1 of 2 samples .*'learned'"):
        lab.cases().to_test("regressions")
    with pytest.warns(UserWarning, match="left out"):
        kept = lab.cases().to_test("kept", train="leave out")
    assert list(kept.ids) == [town.ids[1]]
    lab.cases().to_test("taken", train="take out")
    rest = next(d for d in lab.versions("data") if d.name.startswith("learned, without taken"))
    assert set(rest.ids) == set(lab["learned"].ids) - {town.ids[0]}
    with pytest.raises(UnknownName, match="leave out"):
        lab.cases().to_test("x", train="leaveout")


def test_a_corrected_sample_is_tested_with_its_new_truth(lab):
    town = lab["town"]
    mended = town.correct("mended", {town.ids[2]: {"class": "cat"}})
    classified(deployed(lab, "v1", town), town, [0]).report("animals")
    classified(deployed(lab, "v2", town), mended, [2]).report("animals")
    tests = lab.cases().to_test("regressions")
    assert tests.annotations.class_labels == {town.ids[0]: "cat", town.ids[2]: "cat"}


def test_similar_samples_of_a_pool(lab):
    """The nearest by brute force over the stored vectors; neither the case's own picture nor one twice."""
    from veml_lab.embeddings import embed

    lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    images = some_pictures(20, first=40)
    images["own.jpg"], images["twice.jpg"] = some_pictures(1)["p000.jpg"], images["p041.jpg"]
    pool = lab.add("pool", pictures("pool", images), progress=False)
    classified(deployed(lab, "v1", lab["town"]), lab["town"], [0]).report("animals")
    found = lab.cases().find_similar(pool, n=5)
    vectors = embed(pool, lab.embedder, progress=False)
    far = ((vectors - embed(lab["town"], lab.embedder, progress=False)[0]) ** 2).sum(1)
    uris = pool.samples["uri"].to_pylist()
    wanted = [u for _, u in sorted(zip(far.tolist(), uris, strict=True)) if u not in ("own.jpg", "twice.jpg")][:5]
    assert sorted(found.samples["uri"].to_pylist()) == sorted(wanted)
    with pytest.raises(BadInput):
        lab.cases().find_similar(pool, n=0)


def test_cases_like_one(lab):
    from veml_lab.embeddings import embed

    lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    classified(deployed(lab, "v1", lab["town"]), lab["town"], range(8)).report("animals")
    vectors = embed(lab["town"], lab.embedder, progress=False)
    order = np.argsort(((vectors[:8] - vectors[3]) ** 2).sum(1), kind="stable")[1:]
    me = lab.cases("uri = 'p003.jpg'")[0]
    assert [c.uri for c in lab.cases(like=me)] == [f"p00{i}.jpg" for i in order]


def test_copies_that_were_encoded_again_are_offered_and_merged_where_truths_agree(lab, tmp_path):
    again = {}
    for i in range(9):
        im = picture(i).resize((19, 19))
        again[f"copy{i}.jpg"] = encoded(im, 70)
    labels = {f"copy{i}.jpg": CLASSES[i % 3] if i else "bird" for i in range(9)}  # of the first the truth differs
    copies = lab.add("copies", pictures("copies", again, labels), progress=False)
    classified(deployed(lab, "v1", lab["town"]), lab["town"], range(9)).report("animals")
    classified(deployed(lab, "v2", copies), copies, range(9)).report("animals")
    pairs = lab.cases().duplicates()
    assert sorted(tuple(sorted(p.uris)) for p in pairs) == [(f"copy{i}.jpg", f"p00{i}.jpg") for i in range(9)]
    assert [p.agree for p in pairs if "copy0.jpg" in p.uris] == [False] and sum(p.agree for p in pairs) == 8
    merged = pairs.merge()
    assert len(merged) == 8 and len(lab.cases()) == 10 and {c.frequency for c in merged} == {2}
    assert lab.cases("status = 'duplicate'")[0].history[-1]["why"].startswith("pictures alike")
    assert len(lab.cases().duplicates()) == 1


def test_a_flat_picture_looks_like_no_other():
    from PIL import Image

    from veml_lab.versions.near import alike, small_grey

    assert small_grey(encoded(Image.new("RGB", (40, 40), (9, 9, 9)))) is None and small_grey(b"no picture") is None
    looks = np.stack([small_grey(encoded(picture(i))) for i in range(40)])
    assert np.allclose((looks**2).sum(1), 1) and alike(looks) == []
    both = np.concatenate([looks, looks[[7]]])
    assert [(a, b) for a, b, _ in alike(both, block=16)] == [(7, 40)]


def test_reports_are_all_or_none(lab):
    from veml_lab.lifecycle.case_report import checked

    good = checked("p001.jpg", "cat", "dog", "animals")
    bad = checked("nowhere.jpg", "cat", "dog", "animals")
    rows = stored(lab)
    with pytest.raises(BadInput, match="row 3"):
        report_sightings(lab.store, [good, bad], "sheet", rows=["row 2", "row 3"])
    assert stored(lab) == rows
