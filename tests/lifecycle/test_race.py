"""What a race does with its donors: as they are, worse after a round, failing, and met again in another race."""

from __future__ import annotations

import dataclasses
import json

import pytest
from conveyor import TINY as FORECASTER
from conveyor import conveyor
from labs import write_digits

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput
from veml_lab.lifecycle.race import race
from veml_lab.lifecycle.rebuild import measured
from veml_lab.lifecycle.transfer import transfer


def test_a_second_race_with_another_donor_has_a_start_from_scratch_of_its_own(fresh, digits_lab):
    lab = fresh(digits_lab)
    other = veml.train(
        veml.plan(lab["tiny"], lab["digits"], name="other", epochs=1, batch_size=32, lr=3e-3), lab, progress=False
    )
    first, second = (
        race([transfer(t, lab["bright"], name=f"bright from {t.name}")], epochs=2, progress=False)
        for t in (lab["first"], other)
    )
    scratch = [t for t in lab.versions("training") if t.plan["method"] == "scratch" and t.data.name == "bright-train"]
    assert {t.plan["hyper"]["lr"] for t in scratch} == {1e-2, 3e-3}
    count = len(lab.versions())
    again = race([transfer(other, lab["bright"], name="bright from other")], epochs=2, progress=False)
    assert again == second != first and len(lab.versions()) == count  # found again under the name that it got


@pytest.fixture
def sisters(fresh, digits_lab, tmp_path):
    """The lab and a second set of digits of the kind that its training knows."""
    lab = fresh(digits_lab)
    lab.add("sister", veml.read_idx(write_digits(tmp_path / "sister", seed=7)), progress=False)
    return lab


def test_a_donor_that_fits_whole_is_measured_as_it_is_and_trained_on_gently(sisters):
    donor, target, test = sisters["first"], sisters["sister"], sisters["sister-test"]
    found = race([transfer(donor, target, name="from first")], epochs=4, progress=False)
    value = measured(donor, test)["accuracy"]
    assert found.rungs[0].epochs == 0 and found.rungs[0].values == (("from first", value),)
    onwards, scratch = (
        next(t for t in sisters.versions("training") if t.name.startswith(n))
        for n in ("from first", "sister from scratch")
    )
    assert onwards.plan["init"] == donor.id and onwards.plan["hyper"]["lr"] == pytest.approx(
        donor.plan["hyper"]["lr"] / 3
    )
    assert (
        scratch.plan["init"] is None and scratch.plan["hyper"]["lr"] == donor.plan["hyper"]["lr"]
    )  # fresh weights need the whole rate
    assert all(b[2] >= a[2] for a, b in zip(found.steps, found.steps[1:], strict=False)) and found.metric >= value


def test_a_round_that_made_a_runner_worse_is_undone_and_the_next_is_gentler(sisters):
    """At a rate of 30 every step destroys the network: the donor wins as it is."""
    donor, target = sisters["first"], sisters["sister"]
    plan = transfer(donor, target, name="too fast", hyper={"lr": 30.0})
    found = race([plan, plan.scratch("nothing")], scratch=False, epochs=6, keep=1 / 2, progress=False)
    rounds = sorted(
        (t for t in sisters.versions("training") if t.name.startswith("too fast")), key=lambda t: -t.plan["hyper"]["lr"]
    )
    assert [t.plan["hyper"]["lr"] for t in rounds] == pytest.approx([10.0, 30 / 9])
    assert all(t.plan["init"] == donor.id and t.metric < found.metric for t in rounds)
    assert (
        found.best == donor and found.as_it_is and found.metric == measured(donor, sisters["sister-test"])["accuracy"]
    )
    assert found.to_dict()["as_it_is"] is True and "as it is (deploy it" in repr(found)


def test_other_classes_are_not_measured_as_they_are(fresh, digits_lab, tmp_path):
    lab = fresh(digits_lab)
    lab.add(
        "letters", veml.read_idx(write_digits(tmp_path / "letters", seed=7), classes=["a", "b", "c"]), progress=False
    )
    plan = transfer(lab["first"], lab["letters"], name="letters")
    found = race([plan], scratch=False, epochs=1, progress=False)
    assert [r.epochs for r in found.rungs] == [1] and not found.as_it_is
    assert found.best.plan["hyper"]["lr"] == lab["first"].plan["hyper"]["lr"]


def test_a_runner_that_fails_drops_out_and_the_others_go_on(sisters):
    good = transfer(sisters["first"], sisters["sister"], name="good")
    bad = transfer(sisters["first"], sisters["sister"], name="bad", hyper={"lr": 1e30, "clip": None})
    found = race([bad, good], scratch=False, epochs=2, progress=False)
    assert [n for n, _ in found.failed] == ["bad"] and "loss became" in found.failed[0][1]
    assert {n for n, _, _ in found.steps} == {"good"} and "failed bad" in repr(found)
    with pytest.raises(BadInput, match="every runner of the race failed"):
        race([bad], scratch=False, epochs=2, progress=False)


def test_of_an_error_the_smallest_wins(tmp_path):
    """Two belts of one law: the forecaster of the one is measured as it is on the other, and only a smaller error
    replaces it."""
    lab = veml.open(tmp_path / "lab")
    for name, seed in (("belt", 0), ("again", 3)):
        lab.add(name, conveyor(tmp_path, seed=seed, t=400, name=name), progress=False)
    model = veml.model(lab["belt"], {"architecture": "gru", **FORECASTER}, name="gru")
    donor = veml.train(
        veml.plan(model, lab["belt"], name="on belt", epochs=3, batch_size=32, lr=2e-2), lab, progress=False
    )
    plan = transfer(donor, lab["again"], name="again from belt")
    found = race([plan, plan.scratch("again from nothing")], scratch=False, epochs=2, progress=False)
    error = measured(donor, plan.validation)["MAE"]
    assert found.rungs[0].values == (("again from belt", error),)
    assert 0 < found.metric <= error and found.metric == min(v for r in found.rungs for _, v in r.values)
    assert all(list(r.values) == sorted(r.values, key=lambda v: v[1]) for r in found.rungs)
    assert f"MAE {found.metric:.3f}" in repr(found)


def test_the_race_on_the_command_line_is_the_one_of_python(sisters, capsys):
    assert main(["race", str(sisters.path), "sister", "--epochs", "2", "--top", "1", "--no-scratch", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = race(veml.most_similar(sisters["sister"], progress=False), top=1, scratch=False, epochs=2, progress=False)
    assert told == json.loads(json.dumps(found.to_dict())) and [r["epochs"] for r in told["rungs"]] == [0, 2]
    assert main(["race", str(sisters.path), "sister", "--epochs", "2", "--top", "1", "--no-scratch"]) == 0
    assert repr(found) in capsys.readouterr().out and "as they are" in repr(found)


def test_a_race_of_donors_that_are_not_alike_repeats_the_advice(sisters):
    ranking = veml.most_similar(sisters["sister"], progress=False)
    far = dataclasses.replace(ranking, clear=False, advice="no clear similarity: train from scratch")
    near = dataclasses.replace(ranking, clear=True, advice="1 of 2 within 0.25")
    told, quiet = (race(r, top=1, scratch=False, epochs=1, progress=False) for r in (far, near))
    assert told.advice == far.advice == told.to_dict()["advice"] and far.advice in repr(told)
    assert quiet.advice == "" and near.advice not in repr(quiet)
