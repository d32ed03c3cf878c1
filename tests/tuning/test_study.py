"""The contract of every sampler, the pruners on real trainings, and what a search does with trials that fail."""

from __future__ import annotations

import dataclasses
import threading
import time

import numpy as np
import optuna
import pytest
from labs import TINY

import veml_lab as veml
from veml_lab.errors import BadInput, JobError, UnknownName
from veml_lab.training.jobs import list_jobs
from veml_lab.tuning.samplers import SAMPLERS, sampler
from veml_lab.tuning.study import PRUNERS, _distribution

SPACE = {"lr": (1e-4, 1.0), "clip": (0.1, 10.0), "batch_size": (8, 256), "kind": ["a", "b", "c"]}


def bowl(params) -> float:
    """Largest, 0, at lr 0.01, clip 3, batch 32, kind b."""
    apart = (
        np.log10(params["lr"] / 1e-2) ** 2
        + np.log10(params["clip"] / 3) ** 2
        + np.log2(params["batch_size"] / 32) ** 2 / 8
    )
    return -float(apart) - 0.3 * (params["kind"] != "b")


def study_of(name: str, seed: int, trials: int, value=bowl, start=()) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = {k: _distribution(k, v) for k, v in SPACE.items()}
    study = optuna.create_study(direction="maximize", sampler=sampler(name, space, seed))
    for params in start:
        study.enqueue_trial(params)
    for _ in range(trials):
        t = study.ask(space)
        study.tell(t, value(t.params))
    return study


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sampler_proposes_what_the_space_allows_and_the_same_again(name):
    study = study_of(name, 3, 30)
    for t in study.trials:
        p = t.params
        assert set(p) == set(SPACE) and 1e-4 <= p["lr"] <= 1 and 0.1 <= p["clip"] <= 10 and p["kind"] in SPACE["kind"]
        assert isinstance(p["batch_size"], int) and 8 <= p["batch_size"] <= 256
    assert [t.params for t in study_of(name, 3, 30).trials] == [t.params for t in study.trials]
    assert [t.params for t in study_of(name, 4, 30).trials] != [t.params for t in study.trials]
    assert len({t.params["kind"] for t in study.trials}) == 3  # it does not settle on a category at once


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sampler_begins_where_it_is_told(name):
    start = [{"lr": 0.5, "clip": 9.0, "batch_size": 200, "kind": "c"}, {"lr": 2e-2}]
    trials = study_of(name, 0, 5, start=start).trials
    assert trials[0].params == start[0] and trials[1].params["lr"] == 2e-2


@pytest.mark.parametrize("name", ["recursive-random", "annealing"])
def test_a_sampler_learns_from_its_trials(name):
    """On a bowl its best of 40 trials is nearer to the bottom than random search's, over 20 seeds."""
    best = {n: [study_of(n, seed, 40).best_value for seed in range(20)] for n in (name, "random")}
    assert np.median(best[name]) > np.median(best["random"])
    assert sum(a > b for a, b in zip(best[name], best["random"], strict=True)) >= 14  # by chance alone: 6 % of the time


@pytest.mark.parametrize("name", ["recursive-random", "annealing"])
def test_a_sampler_reads_where_it_is_from_the_trials_alone(name):
    space = {k: _distribution(k, v) for k, v in SPACE.items()}
    whole = study_of(name, 1, 16)
    begun = study_of(name, 1, 9)
    begun.sampler = sampler(name, space, 1)  # another process
    for _ in range(7):
        t = begun.ask(space)
        begun.tell(t, bowl(t.params))
    assert [t.params for t in begun.trials] == [t.params for t in whole.trials]


@pytest.mark.parametrize("name", ["recursive-random", "annealing"])
def test_the_unit_of_the_values_does_not_matter(name):
    """Accuracy in shares or in per cent, errors turned to negative: the same walk."""
    walks = [
        [t.params for t in study_of(name, 2, 20, value=lambda p, s=s, o=o: s * bowl(p) + o).trials]
        for s, o in ((1, 0), (64, -256))
    ]
    assert walks[0] == walks[1]


@pytest.mark.parametrize("name", ["recursive-random", "annealing"])
def test_trials_without_a_value_are_passed_over(name):
    study = study_of(name, 0, 3)
    t = study.ask({k: _distribution(k, v) for k, v in SPACE.items()})
    study.tell(t, state=optuna.trial.TrialState.FAIL)
    t = study.ask({k: _distribution(k, v) for k, v in SPACE.items()})
    study.tell(t, float("-inf"))
    assert set(study.ask({k: _distribution(k, v) for k, v in SPACE.items()}).params) == set(SPACE)


# -- searches of real trainings --------------------------------------------------------------------------


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def test_a_pruned_trial_costs_fewer_epochs_and_is_not_the_best(lab):
    plan = veml.plan(lab["tiny"], lab["digits"], name="pruned", epochs=9, batch_size=16, validate_every=9)
    space = {"lr": [1e-2, 1e-7]}
    donors = [{"lr": 1e-2}, {"lr": 1e-7}, {"lr": 1e-2}, {"lr": 1e-7}]
    found = veml.search(plan, lab, space, trials=4, pruner="halving", donors=donors, progress=False)
    by_rate = [(t.plan["hyper"]["lr"], e) for t, e in zip(found.trials, found.epochs, strict=True)]
    assert by_rate[0] == (1e-2, 9) and by_rate[1][0] == 1e-7 and by_rate[1][1] < 9
    assert found.best.plan["hyper"]["lr"] == 1e-2 and sum(found.epochs) < 4 * 9
    first = [t for t in lab.versions("training") if t.name.startswith("pruned") and t.plan["hyper"]["lr"] == 1e-2]
    assert sum(t.plan["hyper"]["epochs"] for t in first) == 9 and [t.plan["init"] is None for t in first] == [
        True,
        False,
        False,
    ]  # rungs go on from weights
    assert "epochs; best" in repr(found)


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_searches_trainings_and_goes_on_where_it_was(lab, name):
    plan = veml.plan(lab["tiny"], lab["digits"], name=f"by {name}", epochs=1, batch_size=16)
    space = {"lr": (1e-4, 3e-2)}
    part = veml.search(plan, lab, space, trials=2, sampler=name, seed=5, progress=False)
    whole = veml.search(plan, lab, space, trials=3, sampler=name, seed=5, progress=False)
    assert [t.id for t in whole.trials[:2]] == [t.id for t in part.trials]
    assert whole.best.metric == max(t.metric for t in whole.trials) and whole.epochs == (1, 1, 1)


def test_a_trial_that_fails_does_not_end_the_search(lab):
    plan = veml.plan(lab["tiny"], lab["digits"], name="failing", epochs=2, batch_size=16, clip=None)
    found = veml.search(plan, lab, {"lr": [1e-2, 1e30]}, trials=2, donors=[{"lr": 1e30}, {"lr": 1e-2}], progress=False)
    assert [t.plan["hyper"]["lr"] for t in found.trials] == [1e-2] == [found.best.plan["hyper"]["lr"]]
    assert len(found.failed) == 1 and found.failed[0][0] == {"lr": 1e30} and "loss became" in found.failed[0][1]
    with pytest.raises(BadInput, match="every one of 1 trials failed"):
        veml.search(dataclasses.replace(plan, name="hopeless"), lab, {"lr": [1e30]}, trials=1, progress=False)


def test_donors_are_brought_into_the_space(lab):
    plan = veml.plan(lab["tiny"], lab["digits"], name="donated", epochs=1, batch_size=16)
    found = veml.search(
        plan,
        lab,
        {"lr": (1e-3, 1e-2), "batch_size": [16, 32]},
        trials=1,
        donors=[{"lr": 0.5, "batch_size": 7}],
        progress=False,
    )
    assert found.trials[0].plan["hyper"]["lr"] == 1e-2 and found.trials[0].plan["hyper"]["batch_size"] in (16, 32)


@pytest.mark.parametrize(
    "space", [{}, {"lr": (0.1, 0.01)}, {"lr": (0.0, 1.0)}, {"lr": (1e-3, float("nan"))}, {"lr": []}, {"lr": "fast"}]
)
def test_a_space_that_cannot_be_searched_is_refused(lab, space):
    plan = veml.plan(lab["tiny"], lab["digits"], name="refused", epochs=1)
    with pytest.raises(BadInput):
        veml.search(plan, lab, space, trials=1, progress=False)


def test_unknown_samplers_and_pruners_are_named(lab):
    plan = veml.plan(lab["tiny"], lab["digits"], name="unknown", epochs=1)
    with pytest.raises(UnknownName, match="annealing"):
        veml.search(plan, lab, {"lr": (1e-3, 1e-2)}, sampler="anneal", progress=False)
    with pytest.raises(UnknownName, match=PRUNERS[1]):
        veml.search(plan, lab, {"lr": (1e-3, 1e-2)}, pruner="mean", progress=False)


def test_a_trial_that_is_stopped_ends_the_search_and_it_goes_on_with_it(lab):
    plan = veml.plan(lab["tiny"], lab["digits"], name="stopped", epochs=500, batch_size=16, validate_every=500)

    def stop_when_it_runs():
        while not (
            running := [j for j in list_jobs(lab.store) if j.plan.name.startswith("stopped") and j.status().get("step")]
        ):
            time.sleep(0.02)
        running[0].stop()

    stopper = threading.Thread(target=stop_when_it_runs, daemon=True)
    stopper.start()
    with pytest.raises(JobError, match="stopped"):
        veml.search(plan, lab, {"lr": (1e-3, 1e-2)}, trials=3, progress=False)
    stopper.join(5)
    states = [j.status()["state"] for j in list_jobs(lab.store) if j.plan.name.startswith("stopped")]
    assert states == ["stopped"]  # no further trial was begun


# -- donors that lend their weights ----------------------------------------------------------------------


def test_a_donor_training_is_tried_first_with_its_weights_and_its_settings(lab):
    """The donor knows digits: with a rate at which nothing is learned, its weights alone are right where fresh ones
    guess."""
    donor = lab["first"]
    plan = veml.plan(lab["tiny"], lab["bright"], name="lent", epochs=1, batch_size=16, validate_every=1)
    found = veml.search(plan, lab, {"lr": [1e-7, 1e-2]}, trials=6, donors=[donor], progress=False)
    first = found.trials[0]
    assert (
        first.plan["init"] == donor.id
        and first.plan["hyper"]["lr"] == donor.plan["hyper"]["lr"]
        and first.plan["method"] == "transfer"
    )
    assert found.starts[0] == donor.name and set(found.starts) == {donor.name, "scratch"}  # both are searched
    assert [t.plan["init"] for t in found.trials] == [donor.id if s == donor.name else None for s in found.starts]
    assert len({t.id for t in found.trials}) == len({(t.plan["init"], t.plan["hyper"]["lr"]) for t in found.trials}) > 2
    assert f"from {donor.name}" in repr(found) and "from scratch" in repr(found)
    again = veml.search(plan, lab, {"lr": [1e-7, 1e-2]}, trials=6, donors=[donor], progress=False)
    assert [t.id for t in again.trials] == [t.id for t in found.trials]  # nothing is trained twice


def test_the_start_goes_through_the_rungs_of_a_pruned_search(lab):
    plan = veml.plan(lab["tiny"], lab["bright"], name="lent in rungs", epochs=3, batch_size=16)
    found = veml.search(plan, lab, {"lr": [1e-2]}, trials=1, pruner="halving", donors=[lab["first"]], progress=False)
    rungs = [found.trials[0]]
    while rungs[-1].plan["init"] != lab["first"].id:
        rungs.append(lab.get(rungs[-1].plan["init"]))
    assert len(rungs) == 2 and found.epochs == (3,) and found.starts == ("first",)


def test_weights_of_another_network_are_refused_and_its_settings_are_not(lab):
    wide = veml.model(lab["digits"], {**TINY, "width": 12}, name="wide")
    donor = veml.train(veml.plan(wide, lab["digits"], name="wide one", epochs=1, lr=2e-3), lab, progress=False)
    plan = veml.plan(lab["tiny"], lab["bright"], name="misfit", epochs=1, batch_size=16)
    with pytest.raises(BadInput, match="width 12 there, 8 in the plan"):
        veml.search(plan, lab, {"lr": (1e-3, 1e-2)}, trials=1, donors=[donor], progress=False)
    found = veml.search(plan, lab, {"lr": (1e-3, 1e-2)}, trials=1, donors=[dict(donor.plan["hyper"])], progress=False)
    assert found.best.plan["hyper"]["lr"] == 2e-3 and found.best.plan["init"] is None and found.starts == ()
