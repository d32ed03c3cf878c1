"""Similarity, transfer, drift, rebuild, bad cases, search: on small real labs."""

from __future__ import annotations

import numpy as np
import pytest
from labs import write_digits

import veml_lab as veml
from veml_lab.embeddings import embed
from veml_lab.errors import BadInput, MissingLabels, UnknownName
from veml_lab.lifecycle.active import LEARNERS, choose
from veml_lab.lifecycle.rebuild import measured
from veml_lab.versions.samples import id_array


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


@pytest.fixture
def three(lab, tmp_path):
    """The digits, their bright sisters, and digits very like the first."""
    lab.add("sister", veml.read_idx(write_digits(tmp_path / "sister", seed=7)), progress=False)
    return lab


# -- similarity ------------------------------------------------------------------------------------------


def test_the_nearest_set_is_the_one_drawn_by_the_same_rule(three):
    table = veml.similarity(three.data, progress=False)
    assert table.names == ("digits", "bright", "sister")
    assert set(table.closest_pair("energy")) == set(table.closest_pair("mean")) == {"digits", "sister"}
    ranking = veml.most_similar(three["sister"], progress=False)
    assert [d.data.name for d in ranking] == ["digits", "bright"]
    assert ranking.best().training == three["first"]
    assert "digits" in repr(ranking)


def test_a_similarity_is_computed_once_and_kept(three):
    first = veml.similarity(three.data, progress=False)
    revision = three.revision()
    assert veml.similarity(three.data, progress=False) == first
    assert three.revision() == revision  # nothing was written: it came from what is kept
    assert veml.similarity(three.data, k=5, progress=False).k == 5
    assert three.revision() != revision
    assert three.similarity_latest()["names"] == ["digits", "bright", "sister"]


def test_core_sets_are_positions_of_the_train_part(three):
    table = veml.similarity(three.data, progress=False)
    assert table.compared["digits"] == "digits-train"
    assert all(0 <= p < 60 for p in table.core["digits"]) and len(set(table.core["digits"])) == 10


def test_similarity_needs_two_sets_and_known_measures(lab):
    for versions in ([], [lab["digits"]], [lab["digits"], lab["digits"]]):
        with pytest.raises(BadInput, match="two or more"):
            veml.similarity(versions, progress=False)
    with pytest.raises(UnknownName, match="energy"):
        veml.similarity(lab.data, measures=("enrgy",), progress=False)
    with pytest.raises(BadInput, match="no other"):
        veml.most_similar(lab["digits"], [lab["digits"], lab["digits-train"]], progress=False)


# -- transfer --------------------------------------------------------------------------------------------


def test_a_transfer_says_what_it_reuses_and_what_it_changes(three):
    only = three["sister"].filter("zeros and ones", "label IN ('0', '1')")
    plan = veml.transfer(three["first"], only)
    assert plan.recipe == dict(three["tiny"].recipe)  # the class list came along with the derived version
    assert [e.field for e in plan.edits] == ["weights"]
    t = veml.train(plan, progress=False)
    assert t.model == three["tiny"] and t.plan["init"] == three["first"].id
    assert t.plan["hyper"] == three["first"].plan["hyper"]
    assert t.plan["deployment"]["format"] == "onnx"
    scratch = veml.train(plan.scratch(), progress=False)
    into = three.store.graph().into
    assert ("fine_tuned_from", three["first"].id) in {(e.type, e.src) for e in into[t.id]}
    assert not [e for e in into[scratch.id] if e.type == "fine_tuned_from"]


def test_two_donors_for_one_set_do_not_collide(three):
    """Both recipes are for the same set and of the same architecture; neither name is the user's to choose."""
    wide = veml.model(three["bright"], {"architecture": "resnet10", "width": 12, "size_px": [16, 16]}, name="wide")
    donor = veml.train(
        veml.plan(wide, three["bright"], name="wide on bright", epochs=1, batch_size=16), three, progress=False
    )
    import dataclasses

    source = veml.read_idx(three.path.parent / "sister", classes=[*"abcdefghij"])
    letters = three.add("letters", dataclasses.replace(source, fingerprint="letters"), progress=False)
    a = veml.train(veml.transfer(three["first"], letters, name="a", hyper={"epochs": 1}), progress=False)
    b = veml.train(veml.transfer(donor, letters, name="b"), progress=False)
    assert a.model != b.model and a.classes == b.classes == tuple("abcdefghij")
    for t, of in ((a, "tiny"), (b, "wide")):
        assert [(e.type, three.store.graph().nodes[e.src].name) for e in three.store.graph().into[t.model.id]] == [
            ("transferred_from", of)
        ]


def test_a_transfer_to_another_task_or_without_a_lifecycle_is_refused(lab, road_lab, three):
    with pytest.raises(BadInput, match="choose another donor"):
        veml.transfer(lab["first"], road_lab.city)
    with pytest.raises(BadInput, match="has a lifecycle"):
        veml.transfer(veml.most_similar(three["digits"], [three["sister"]], progress=False), three["digits"])


# -- drift -----------------------------------------------------------------------------------------------


def test_drift_is_seen_in_another_condition_and_not_in_the_same(three):
    assert veml.drift(three["first"], three["bright"], progress=False).drifted
    same = veml.drift(three["in production"], three["sister"], progress=False)
    assert not same.drifted and 0.05 <= same.p_value <= 1
    report = veml.drift(three["first"], three["bright"], progress=False)
    assert report.p_value < 0.05 and report.to_dict()["train"] == "digits-train"
    a, b = (embed(three[n], three.embedder, progress=False) for n in ("digits-train", "bright"))
    nearest = np.linalg.norm(b[:, None] - a[None], axis=2).min(1)
    assert len(report.worst) == 12 and nearest[report.worst].mean() > nearest.mean()


def test_a_drift_report_is_kept_and_read_again(lab):
    first = veml.drift(lab["first"], lab["bright"], progress=False)
    revision = lab.revision()
    assert veml.drift(lab["digits"], lab["bright"], progress=False) == first  # its training data is the train part
    assert lab.revision() == revision


# -- rebuild ---------------------------------------------------------------------------------------------


def test_each_method_trains_on_what_it_promises_and_counts_its_labels(lab):
    new, first = lab["bright-train"], lab["first"]
    options = {"validation": lab["bright-test"], "hyper": {"epochs": 1}, "progress": False}
    full = veml.rebuild(first, new, method="full", **options)
    moved = veml.rebuild(first, new, method="transfer", **options)
    active = veml.rebuild(first, new, method="active", budget=0.2, **options)
    assert full.data.ids == first.data.ids | new.ids and full.plan["init"] is None
    assert moved.data == new and moved.plan["init"] == first.id
    assert first.data.ids <= active.data.ids and len(active.data) == 60 + 12
    assert [t.plan["labels"] for t in (full, moved, active)] == [60, 60, 12]
    for t in (full, active):
        assert ("rebuilt_from", first.id) in {(e.type, e.src) for e in lab.store.graph().into[t.id]}
    assert {v.name for v in lab.versions("training")} == {"first", full.name, moved.name, active.name}
    again = veml.rebuild(first, new, method="active", budget=12, **options)
    assert again == active  # a number that is the same share


def test_rebuilds_of_two_trainings_on_one_pool_do_not_collide(lab):
    """What is chosen depends on what is labelled already; the parts must not claim one name."""
    pool, options = lab["bright-train"], {"budget": 10, "progress": False, "hyper": {"epochs": 1}}
    few = lab["digits-train"].sample("few", 20)
    other = veml.train(veml.plan(lab["tiny"], few, name="other", epochs=1, batch_size=16), lab, progress=False)
    a = veml.rebuild(lab["first"], pool, **options)
    b = veml.rebuild(other, pool, **options)
    c = veml.rebuild(lab["first"], pool, learner="random", **options)
    assert len({t.id for t in (a, b, c)}) == 3


def test_names_of_rebuilds_of_rebuilds_stay_names(lab):
    t = lab["first"]
    for i in range(4):
        part = lab["bright-train"].sample(f"a batch of pictures from production, number {i}", 15, seed=i)
        t = veml.rebuild(t, part, method="full", hyper={"epochs": 1}, progress=False)
        assert len(t.name) <= 120 and len(t.data.name) <= 120
    assert len({v.name for v in lab.versions("training")}) == 5


@pytest.mark.parametrize("learner", sorted(LEARNERS))
def test_a_learner_chooses_so_many_samples_of_the_pool_and_each_once(lab, learner):
    given = {"learner": learner, "training": lab["first"], "progress": False}
    chosen = choose(lab["bright-train"], lab["digits-train"], 9, lab.embedder, **given)
    assert len(chosen) == len(set(chosen)) == 9 and min(chosen) >= 0 and max(chosen) < 60
    assert chosen == choose(lab["bright-train"], lab["digits-train"], 9, lab.embedder, **given)


@pytest.mark.parametrize("budget", [0, -3, float("nan"), 61])
def test_a_budget_that_does_not_fit_is_refused(lab, budget):
    with pytest.raises(BadInput, match="budget"):
        veml.rebuild(lab["first"], lab["bright-train"], budget=budget, progress=False)


def test_unlabelled_data_is_refused_where_labels_are_needed(lab, tmp_path):
    import dataclasses

    source = veml.read_idx(write_digits(tmp_path / "d", seed=5))
    bare = dataclasses.replace(
        source, records=lambda: (dataclasses.replace(r, label=None) for r in source.records()), fingerprint="bare"
    )
    new = lab.add("bare", bare, progress=False)
    for method in ("full", "transfer", "active"):
        with pytest.raises(MissingLabels, match="label"):
            veml.rebuild(lab["first"], new, method=method, progress=False)
    with pytest.raises(MissingLabels):
        measured(lab["first"], new)


def test_what_is_measured_is_kept_with_an_edge(lab):
    value = measured(lab["first"], lab["bright-test"])
    p = veml_prediction(lab)
    assert value["accuracy"] == (p.probabilities.argmax(1) == lab["bright-test"].annotations.targets()).mean()
    edges = [e for e in lab.store.graph().into[lab["first"].id] if e.src == lab["bright-test"].id]
    assert [(e.type, e.props["accuracy"]) for e in edges] == [("tested_on", value["accuracy"])]
    revision = lab.revision()
    assert measured(lab["first"], lab["bright-test"]) == value and lab.revision() == revision
    made_from = lab["first"].how().parents  # its own test data chose the epoch; what was measured later made nothing
    assert "bright-test" not in made_from and {"tiny", lab["first"].validation.name} <= set(made_from)


def veml_prediction(lab):
    from veml_lab.training import backend

    return backend("torchvision").predict(lab["tiny"].recipe, lab["first"].checkpoint, lab["bright-test"])


# -- bad cases and search --------------------------------------------------------------------------------


def test_bad_cases_are_exactly_the_wrong_ones_worst_first(lab):
    raw = veml.train(
        veml.plan(lab["tiny"], lab["digits"], name="raw", epochs=1, batch_size=16, lr=1e-5), lab, progress=False
    )
    inference = veml.deploy(raw)
    found = veml.bad_cases(inference, lab["bright"], progress=False)
    p, truth = found.prediction.probabilities, lab["bright"].annotations.targets()
    wrong = [int(i) for i in np.flatnonzero(p.argmax(1) != truth)]
    assert sorted(c.position for c in found.cases) == wrong and wrong
    costs = [c.cost for c in found.cases]
    assert costs == sorted(costs, reverse=True) == pytest.approx([p[c.position].max() for c in found.cases])
    kept = found.save("worst", top=3)
    assert set(kept.ids) == {id_array(lab["bright"])[c.position] for c in found.cases[:3]}
    assert ("bad_cases_of", inference.id) in {(e.type, e.src) for e in lab.store.graph().into[kept.id]}


def test_a_search_tries_the_donor_first_and_a_second_one_trains_nothing(lab):
    plan = veml.plan(lab["tiny"], lab["digits"], name="searched", epochs=1, batch_size=16)
    space = {"lr": (1e-4, 3e-2), "batch_size": [16, 32]}
    found = veml.search(
        plan, lab, space, trials=3, donors=[{"lr": 1e-2, "batch_size": 16, "epochs": 6}], progress=False
    )
    assert len(found.trials) == 3 and found.trials[0].plan["hyper"]["lr"] == 1e-2
    assert found.best.metric == max(t.metric for t in found.trials)
    assert all(
        1e-4 <= t.plan["hyper"]["lr"] <= 3e-2 and t.plan["hyper"]["batch_size"] in (16, 32) for t in found.trials
    )
    count = len(lab.versions())
    again = veml.search(
        plan, lab, space, trials=3, donors=[{"lr": 1e-2, "batch_size": 16, "epochs": 6}], progress=False
    )
    assert [t.id for t in again.trials] == [t.id for t in found.trials] and len(lab.versions()) == count
    import dataclasses

    with pytest.raises(BadInput, match="validation"):
        veml.search(dataclasses.replace(plan, validation=None), lab, space)
    with pytest.raises(BadInput, match="trials"):
        veml.search(plan, lab, space, trials=0)
