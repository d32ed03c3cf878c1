"""Where every setting of a training came from: known for all of them, whichever verb made the plan, and kept."""

from __future__ import annotations

import dataclasses
import json

import pytest

import veml_lab as veml
from veml_lab.errors import BadInput
from veml_lab.training import Plan
from veml_lab.training import jobs as in_jobs
from veml_lab.versions.settings import flat


@pytest.fixture(scope="module")
def made(tmp_path_factory, digits_lab):
    """A copy of the shared lab in which every verb that plans has trained; name of the verb -> its trainings."""
    path = tmp_path_factory.mktemp("origins") / "lab"
    veml.backup(digits_lab.path, path)
    lab = veml.open(path)
    first, bright, digits = lab["first"], lab["bright"], lab["digits"]
    said = {"epochs": 1, "batch_size": 30}
    short = veml.plan(lab["tiny"], digits, name="short", **said)
    quiet = {"progress": False}
    before = {v.id for v in lab.versions("training")}
    short_run = veml.train(short, **quiet)
    base = veml.config(short).replace({"name": "searched", "hyper.epochs": 2}).build()
    searched = veml.search(base, None, {"lr": (1e-3, 1e-2)}, trials=2, sampler="random", pruner="halving", **quiet)
    veml.race([veml.transfer(short_run, bright)], epochs=2, **quiet)
    found = {
        "train": [first, short_run],
        "hand": [veml.train(Plan("by hand", "torchvision", "tiny", "digits-train", hyper=said), lab, **quiet)],
        "transfer": [veml.train(veml.transfer(short_run, bright, hyper={"lr": 0.005}), **quiet)],
        "scratch": [veml.train(veml.transfer(short_run, bright, hyper={"epochs": 2}).scratch("fresh"), **quiet)],
        "rebuild": [
            veml.rebuild(short_run, bright, method="transfer", hyper={"lr": 0.02}, **quiet),
            veml.rebuild(short_run, bright, budget=6, **quiet),
            veml.rebuild(short_run, bright, method="adabn", hyper={"batch_size": 20}, **quiet),
        ],
        "auto": [veml.rebuild(short_run, bright, auto=True, level=0.9999, budget=5, **quiet)],
        "search": list(searched.trials),
        "reproduce": [veml.reproduce(short_run, keep="again", **quiet).version],
    }
    told = {v.id for versions in found.values() for v in versions}
    found["race"] = [v for v in lab.versions("training") if v.id not in told | before and "epoch" in v.name]
    assert len(found["race"]) >= 3 and found["search"][0].plan["init"] is not None  # rungs go on from rungs
    return lab, found


def everything(made):
    return [v for v in made[0].versions("training")]


def words(version, *paths):
    cfg = veml.config(version)
    return [str(cfg.origin(p)) for p in paths]


def test_the_origin_of_every_setting_is_known_whichever_verb_made_the_plan(made):
    _, found = made
    told = {v.id for versions in found.values() for v in versions}
    assert told <= {v.id for v in everything(made)} and len(everything(made)) >= 14
    for version in everything(made):
        explained = veml.config(version).explain()
        unknown = [r.path for r in explained if r.origin.by == "unrecorded" or "not recorded" in str(r.origin)]
        assert (version.name, unknown) == (version.name, []) and explained.known == 1.0
        assert {r.path for r in explained} >= set(flat({"hyper": version.plan["hyper"]}))


def test_a_plan_of_the_lab_comes_back_from_toml_as_the_plan_that_was_trained(made, tmp_path):
    lab, _ = made
    for version in everything(made):
        cfg = veml.config(version)
        path = cfg.save(tmp_path / "plan.toml")
        built = veml.config(path, lab).build()
        assert built.to_dict() == Plan(**version.plan).to_dict() == cfg.build().to_dict(), version.name
        assert in_jobs.make_job(lab.store, built).key == version.key or version.method.name == "reproduction"
        assert veml.config(path).build().model == version.model.name  # without a lab by name: train looks them up
    assert veml.train(veml.config(path).build(), lab, progress=False) in everything(made)


def test_what_was_said_and_what_was_left_open_are_told_apart(made):
    (first, short), _ = made[1]["train"], None
    assert words(first, "model", "hyper.lr", "backend") == ["you", "you", "model 'tiny'"]
    assert words(first, "data", "validation") == ["train part of 'digits'", "test part of 'digits'"]
    assert words(short, "hyper.lr", "seed", "init") == [
        "default of torchvision", "default of veml.plan", "default of veml.plan"
    ]  # fmt: skip
    (hand,) = made[1]["hand"]
    assert hand.plan["model"] == made[0]["tiny"].id and hand.data.name == "digits-train"  # named, kept by their IDs
    assert words(hand, "data", "hyper.epochs", "method") == ["you", "you", "default of veml.plan"]


def test_a_transfer_names_its_donor_and_what_was_changed_in_its_settings(made):
    (moved,), (fresh,) = made[1]["transfer"], made[1]["scratch"]
    assert words(moved, "hyper.epochs", "hyper.lr") == ["donor 'short'", "you"]  # the donor had left the rate open
    assert words(moved, "init", "model", "name") == ["donor 'short'", "donor 'short'", "veml.transfer"]
    assert words(fresh, "init", "name", "method") == ["default of veml.plan", "you", "veml.transfer"]


def test_a_rebuilding_names_the_training_the_method_and_who_asked(made):
    moved, active, adapted = made[1]["rebuild"]
    assert words(moved, "hyper.epochs", "hyper.lr", "data", "method") == ["training 'short'", "you", "you", "you"]
    assert words(moved, "init", "rebuilt_from", "validation") == ["rebuilding by transfer", "you", "training 'short'"]
    assert words(active, "data", "labels", "method", "learner") == [
        "rebuilding by active", "rebuilding by active", "default of veml.rebuild", "default of veml.rebuild"
    ]  # fmt: skip
    assert words(adapted, "hyper.batch_size", "hyper.adapt.to", "data") == [
        "you; was 30 (training 'short')", "rebuilding by adabn", "training 'short'"
    ]  # fmt: skip
    (auto,) = made[1]["auto"]
    assert words(auto, "method", "rebuilt_from") == ["veml.advise", "you"]


def test_what_a_method_makes_of_the_old_settings_is_its_own(made):
    lab, found = made
    again = veml.rebuild(found["train"][0], lab["bright"], method="adabn", progress=False)
    lr = veml.config(again).origin("hyper.lr")
    assert (lr.short, lr.was, lr.before.short) == ("rebuilding by adabn", 0.01, "training 'first'")


def test_a_trial_is_named_by_its_number_and_remembers_the_plans_own_value(made):
    for number, trial in enumerate(made[1]["search"], 1):
        lr = veml.config(trial).origin("hyper.lr")
        assert lr.short == f"search trial {number}" and lr.before is None  # the plan had left it open
        assert words(trial, "hyper.batch_size") == ["you"]
        name = veml.config(trial).origin("name")
        assert (name.was, name.before.short) == ("searched", "you")
        assert name.before.was == "short"


def test_a_round_of_a_race_says_which_and_what_it_went_on_from(made):
    later = [v for v in made[1]["race"] if v.plan["init"] and "2 epochs" in v.name]
    assert later
    for version in later:
        before = veml.config(version).init
        assert words(version, "init") == ([f"training {before!r}"] if before != "short" else ["donor 'short'"])
        assert veml.config(version).origin("name").short == "race, round to 2 epochs"


def test_a_reproduction_keeps_what_its_training_said(made):
    (again,) = made[1]["reproduce"]
    assert words(again, "hyper.epochs", "method", "name") == [
        "you",
        "veml.reproduce; was scratch (default of veml.plan)",
        "veml.reproduce; was short (you)",
    ]


def test_origins_outlive_the_process_and_go_with_a_detached_job(fresh, digits_lab, tmp_path):
    lab = fresh(digits_lab)
    (tmp_path / "plan.toml").write_text(
        'name = "from a file"\nmodel = "tiny"\ndata = "digits-train"\n[hyper]\nepochs = 1\nbatch_size = 60\n'
    )
    asked = veml.config(tmp_path / "plan.toml", lab).replace("hyper.batch_size", 30)
    assert asked.backend == "torchvision" and str(asked.origin("backend")) == "model 'tiny'"
    run = veml.train(asked.build(), detached=True, progress=False)
    kept = veml.config(veml.open(lab.path, read_only=True)["from a file"])
    assert run.name == kept.name and kept == asked
    assert str(kept.origin("hyper.epochs")) == "file plan.toml"
    assert str(kept.origin("hyper.batch_size")) == "you; was 60 (file plan.toml)"


def as_of_an_early_lab(version, *without):
    props = {k: v for k, v in version.node.props.items() if k not in without}
    return dataclasses.replace(version, node=dataclasses.replace(version.node, props=props))


def test_a_training_of_an_early_lab_says_that_it_is_not_recorded(made):
    lab, found = made
    early = as_of_an_early_lab(found["train"][0], "origins", "hyper")
    cfg = veml.config(early)
    assert cfg == veml.config(found["train"][0])  # what was asked is known all the same
    assert words(early, "hyper.lr", "seed", "model") == ["not recorded"] * 3
    assert words(early, "hyper.clip") == ["default of torchvision today"]
    assert 0 < cfg.explain().known < 1
    donor = veml.transfer(early, lab["bright"], hyper={"lr": 0.3})
    assert donor.origins["hyper.lr"] == {
        "by": "user", "was": 0.01, "before": {"by": "donor", "name": "first"}
    }  # fmt: skip
    assert str(cfg.replace("hyper.lr", 0.2).origin("hyper.lr")) == "you; was 0.01 (not recorded)"


def test_what_a_backend_filled_in_is_kept_as_it_was_then(made):
    version = made[1]["train"][1]
    assert version.facts.hyper["lr"] == 1e-3 and "lr" not in version.plan["hyper"]
    props = json.loads(json.dumps(dict(version.node.props)))
    props["hyper"]["lr"] = 0.125  # as if the default had been another one then
    then = dataclasses.replace(version, node=dataclasses.replace(version.node, props=props))
    assert veml.config(then).replace("seed", 1).hyper.lr == 1e-3  # a new plan gets what is the default now
    assert veml.config(then).hyper.lr == 0.125 and veml.config(then).diff(version).values == {"hyper.lr": (0.125, 1e-3)}


def test_a_version_that_is_not_there_is_refused_with_the_nearest(made):
    _, found = made
    cfg = veml.config(found["train"][0])
    with pytest.raises(veml.UnknownName, match=r"no data version 'digit-train'; known: digits-train"):
        cfg.replace("data", "digit-train").build()
    with pytest.raises(veml.UnknownName, match=r"no model version 'tny'; known: tiny"):
        cfg.replace("model", "tny")
    for other in (veml.transfer(found["train"][0], made[0]["bright"]), made[0]["bright"]):
        with pytest.raises(BadInput, match=f"a plan, a training version, .* or a mapping; got {type(other).__name__}"):
            veml.config(other)
    with pytest.raises(AttributeError, match=r"veml_lab\.config\(training\)"):
        found["train"][0].config  # noqa: B018


def test_the_same_settings_are_compared_by_the_command_line_the_widget_and_a_diff(made):
    from veml_lab.faces.plots import comparison_of
    from veml_lab.lineage import changed

    lab, found = made
    a, b = found["train"][1], found["transfer"][0]
    differ = veml.config(a).diff(b).values
    sections = changed(lab.store, a.name, b.name).sections
    told = {f"hyper.{k}": tuple(v[:2]) for k, v in sections["hyper-parameters"].items()}
    told |= {k: tuple(v[:2]) for k, v in sections["plan"].items()}
    assert told == {p: v for p, v in differ.items() if p not in ("name", "model", "data", "validation")}
    assert not veml.config(a).diff(veml.config(a).to_dict())  # also in what its task watches by itself
    assert told["hyper.lr"] == (1e-3, 0.005)  # one of them had left it to the backend
    columns = comparison_of([a, b])["sections"]["hyper-parameters"]
    assert {f"hyper.{k}" for k, v in columns.items() if v[0] != v[1]} == {p for p in differ if p.startswith("hyper.")}
