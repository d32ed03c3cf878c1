"""Active learners that ask the model, adaptation without labels, advice, and the race of transfers."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pytest
import torch
from labs import write_digits
from PIL import Image

import veml_lab as veml
from veml_lab.errors import BadInput, LabelsWanted, MissingLabels, UnknownName
from veml_lab.lifecycle.active import Pool, choose, uncertainty
from veml_lab.lifecycle.advice import advise, rebuild_history
from veml_lab.lifecycle.race import race, rung_epochs
from veml_lab.lifecycle.rebuild import measured
from veml_lab.training import Prediction
from veml_lab.training.adaptation.alignment import Coral, Dann, coral_distance
from veml_lab.training.adaptation.statistics import adapt_statistics


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def unlabelled(lab, tmp_path, name="bare", **options):
    """Bright digits without labels."""
    source = veml.read_idx(write_digits(tmp_path / name, seed=5, shade=90, **options))
    bare = dataclasses.replace(
        source, records=lambda: (dataclasses.replace(r, label=None) for r in source.records()), fingerprint=name
    )
    return lab.add(name, bare, progress=False)


def tinted(lab, tmp_path):
    """Digits through a purple window: train part without labels, test part with them. The trained network fails on
    many."""
    source = veml.read_idx(write_digits(tmp_path / "tinted", seed=5))

    def records():
        for r in source.records():
            x = np.asarray(Image.open(io.BytesIO(r.image)).convert("RGB"), dtype=float)
            file = io.BytesIO()
            Image.fromarray((x * [0.1, 0.3, 0.1] + [120, 0, 120]).clip(0, 255).astype(np.uint8)).save(file, "PNG")
            yield dataclasses.replace(r, image=file.getvalue(), path=None, label=r.label if r.role == "test" else None)

    lab.add("tinted", dataclasses.replace(source, records=records, fingerprint="tinted"), progress=False)
    return lab["tinted-train"], lab["tinted-test"]


# -- learners --------------------------------------------------------------------------------------------


def test_entropy_and_margin_are_those_of_the_textbook():
    p = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.4, 0.3, 0.3]], dtype=np.float32)
    found = Prediction(("a", "b", "c"), probabilities=p)
    assert uncertainty(found, "entropy") == pytest.approx(
        [np.log(2), 0, -(0.4 * np.log(0.4) + 0.6 * np.log(0.3))], abs=1e-6
    )
    assert uncertainty(found, "margin") == pytest.approx([1, 0, 0.9], abs=1e-6)


def test_a_detector_is_unsure_of_half_scores_and_of_nothing_found():
    def seen(*scores):
        return {
            "boxes": np.zeros((len(scores), 4)),
            "scores": np.array(scores, dtype=np.float32),
            "labels": np.zeros(len(scores)),
        }

    found = Prediction(("car",), detections=[seen(0.5), seen(0.99, 0.01), seen()])
    assert uncertainty(found, "margin") == pytest.approx([1.0, 0.02, 0.5], abs=1e-6)
    unsure = uncertainty(found, "entropy")
    assert unsure[0] > unsure[2] > unsure[1]


def test_the_margin_learner_takes_the_least_sure_samples(lab):
    first, pool = lab["first"], lab["bright-train"]
    p = Pool(pool, lab["digits-train"], lab.embedder, first, 0, False).prediction().probabilities
    top = np.sort(p, 1)
    margin = top[:, -1] - top[:, -2]
    chosen = choose(pool, lab["digits-train"], 10, lab.embedder, learner="margin", training=first, progress=False)
    assert margin[chosen].max() <= np.delete(margin, chosen).min() + 1e-7


def test_badge_measures_distances_of_the_gradients_that_it_never_builds(lab, monkeypatch):
    """Oracle: the outer products written out, and k-means++ on them with the same random numbers."""
    from veml_lab.embeddings import embed
    from veml_lab.embeddings.of_training import training_embedder

    first, pool = lab["first"], lab["bright-train"]
    p = Pool(pool, lab["digits-train"], lab.embedder, first, 0, False).prediction().probabilities.astype(np.float64)
    h = embed(pool, training_embedder(first), progress=False).astype(np.float64)
    a = p - np.eye(p.shape[1])[p.argmax(1)]
    g = (a[:, :, None] * h[:, None, :]).reshape(len(p), -1)
    rng, expected = np.random.default_rng(0), [int((g**2).sum(1).argmax())]
    while len(expected) < 8:
        d = ((g[:, None] - g[expected][None]) ** 2).sum(2).min(1)
        expected.append(int(rng.choice(len(g), p=d / d.sum())))
    chosen = choose(pool, lab["digits-train"], 8, lab.embedder, learner="badge", training=first, progress=False)
    assert chosen == sorted(expected)


@pytest.mark.parametrize("learner", ["entropy", "margin", "margin-k-means", "badge"])
def test_a_learner_that_asks_the_model_needs_one(lab, learner):
    with pytest.raises(BadInput, match="give the training"):
        choose(lab["bright-train"], lab["digits-train"], 5, lab.embedder, learner=learner, progress=False)


def test_samples_without_labels_are_asked_for_and_the_answer_is_used(lab, tmp_path):
    bare = unlabelled(lab, tmp_path)
    options = {"budget": 6, "hyper": {"epochs": 1}, "progress": False}
    with pytest.raises(LabelsWanted, match="labels=") as wanted:
        veml.rebuild(lab["first"], bare, **options)
    request = wanted.value.request
    assert len(request) == 6 and request.ids <= bare.ids
    few = request.select("half of it", [0, 1, 2])
    with pytest.raises(BadInput, match="3 of the 6"):
        veml.rebuild(lab["first"], bare, labels=few, **options)
    with pytest.raises(MissingLabels):
        veml.rebuild(lab["first"], bare, labels=request, **options)


# -- adaptation ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["adabn", "coral", "dann", "self-training"])
def test_an_adaptation_reads_no_label_and_learns_another_colour(lab, tmp_path, method):
    """The oracle is the accuracy on labelled pictures of the new condition, which the method never sees."""
    (bare, test), first = tinted(lab, tmp_path), lab["first"]
    hyper = {} if method == "adabn" else {"epochs": 4, "lr": 3e-3}
    made = veml.rebuild(first, bare, method=method, hyper=hyper, progress=False)
    before, after = (measured(t, test)["accuracy"] for t in (first, made))
    assert before <= 0.75 and after >= 0.9
    assert (
        made.plan["labels"] == 0 and str(made.method) == f"domain adaptation ({method})" and made.method.name == method
    )
    edges = {(e.type, e.src) for e in lab.store.graph().into[made.id]}
    assert ("adapted_to", bare.id) in edges and ("fine_tuned_from", first.id) in edges
    revision = lab.revision()
    assert veml.rebuild(first, bare, method=method, hyper=hyper, progress=False) == made
    assert lab.revision() == revision  # trained once


def test_a_mean_teacher_trains_a_detector_on_unlabelled_pictures(fresh, road_lab):
    lab = fresh(road_lab)
    from labs import TINY_DETECTOR

    model = veml.model(lab["city"], TINY_DETECTOR, name="detector")
    plan = veml.plan(model, lab["city"], name="on city", validation=lab["fog"], epochs=2, batch_size=8, lr=2e-3)
    first = veml.train(plan, lab, progress=False)
    made = veml.rebuild(
        first, lab["fog"], method="mean-teacher", hyper={"epochs": 1, "adapt": {"sure": 0.01}}, progress=False
    )
    names = {r["name"] for r in made.log()}
    assert {"loss", "pseudo"} <= names and max(r["value"] for r in made.log() if r["name"] == "pseudo") > 0
    assert made.metric is not None
    adapted = veml.rebuild(first, lab["fog"], method="adabn", progress=False)
    assert adapted.metric is not None and adapted != made
    with pytest.raises(BadInput, match="not detection"):
        veml.rebuild(first, lab["fog"], method="dann", progress=False)


def test_an_interrupted_adaptation_goes_on_and_ends_where_one_without_interruption_ends(lab, tmp_path, monkeypatch):
    from veml_lab.training.reporter import Reporter

    bare, first = unlabelled(lab, tmp_path), lab["first"]
    options = {"method": "self-training", "hyper": {"epochs": 3}, "progress": False}
    steps = 0
    told = Reporter.step

    def interrupted(self, step, **values):
        nonlocal steps
        steps += 1
        if steps == 12:
            raise KeyboardInterrupt
        told(self, step, **values)

    with monkeypatch.context() as patch:
        patch.setattr(Reporter, "step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            veml.rebuild(first, bare, **options)
    made = veml.rebuild(first, bare, **options)
    steps = [r["step"] for r in made.log() if r["name"] == "pseudo"]
    assert steps == list(range(1, len(steps) + 1))


def test_a_wrong_adaptation_is_refused_before_anything_is_trained(lab, tmp_path):
    bare, first = unlabelled(lab, tmp_path), lab["first"]
    n = len(lab.versions("training"))
    with pytest.raises(UnknownName, match="sure"):
        veml.rebuild(first, bare, method="self-training", hyper={"adapt": {"shure": 0.3}}, progress=False)
    with pytest.raises(BadInput, match="not classification"):
        veml.rebuild(first, bare, method="mean-teacher", progress=False)
    assert len(lab.versions("training")) == n


def test_adapted_statistics_are_the_mean_and_variance_over_all_batches():
    net = torch.nn.Sequential(torch.nn.BatchNorm2d(3))
    x = torch.rand(40, 3, 5, 5, generator=torch.Generator().manual_seed(0)) * 3 + 1
    adapt_statistics(net, x.split(20), detection=False)
    assert torch.allclose(net[0].running_mean, x.mean((0, 2, 3)), atol=1e-5)
    assert torch.allclose(net[0].running_var, torch.stack([b.var((0, 2, 3)) for b in x.split(20)]).mean(0), atol=1e-5)
    assert net[0].momentum == 0.1 and not net[0].training
    with pytest.raises(BadInput, match="no batch normalisation"):
        adapt_statistics(torch.nn.Sequential(torch.nn.Conv2d(3, 3, 1)), [x], detection=False)


def test_coral_is_zero_for_equal_covariances_and_dann_turns_its_gradient_round():
    g = torch.Generator().manual_seed(0)
    a = torch.randn(50, 4, generator=g)
    assert float(coral_distance(a, a + 5)) == pytest.approx(0, abs=1e-10)
    assert float(coral_distance(a, 2 * a)) == pytest.approx(float((9 * torch.cov(a.T) ** 2).sum()) / 64, rel=1e-5)
    recipe = {"num_classes": 2}
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 6), torch.nn.Linear(6, 2))
    xs, xt, ys = (
        torch.rand(8, 3, 2, 2, generator=g),
        torch.rand(8, 3, 2, 2, generator=g) + 1,
        torch.zeros(8, dtype=torch.int64),
    )
    way = Dann(net, recipe)
    loss = way.loss(xs, ys, xt, 1.0)["alignment"]
    loss.backward()
    first, told = net[1].weight, float(loss.detach())
    with torch.no_grad():
        first -= 0.05 * first.grad  # a step down for the network is a step up for the adversary's loss
    assert float(way.loss(xs, ys, xt, 1.0)["alignment"].detach()) > told
    assert float(Coral(net, recipe).loss(xs, ys, xt, 1.0)["alignment"].detach()) > 0


def test_the_same_method_with_other_settings_is_another_version(lab, tmp_path):
    """Nobody chose the names; only a name that somebody chose may be refused."""
    (bare, _), first = tinted(lab, tmp_path), lab["first"]
    made = [veml.rebuild(first, bare, method="coral", hyper={"epochs": e}, progress=False) for e in (1, 2, 1)]
    assert made[0] == made[2] != made[1] and made[1].name.startswith(made[0].name)


# -- advice ----------------------------------------------------------------------------------------------


def test_advice_counts_labels_and_learns_from_the_history_of_the_lab(lab, tmp_path):
    first, new, test = lab["first"], lab["bright-train"], lab["bright-test"]
    advice = advise(first, new, budget=0.2)
    by = {o.method: o for o in advice.options}
    assert {m: o.labels for m, o in by.items()} == {
        "full": 60,
        "transfer": 60,
        "active": 12,
        "adabn": 0,
        "coral": 0,
        "dann": 0,
        "self-training": 0,
    }
    assert all(o.gain is None and o.ready for o in advice.options) and advice.method == "full"
    assert by["full"].seconds > by["transfer"].seconds > 0
    made = veml.rebuild(first, new, method="transfer", progress=False)
    gain = measured(made, test)["accuracy"] - measured(first, test)["accuracy"]
    (past,) = rebuild_history(first)["transfer"]
    assert past.gain.mean == pytest.approx(gain) and past.gain.cases == 1 and past.settings == {}
    after = advise(first, new)
    assert after.method == "transfer" and "brought most" in after.reason
    assert "transfer" in repr(after) and "<table>" in after._repr_html_() and after.to_dict()["method"] == "transfer"


def test_an_estimate_says_what_settings_it_is_of_and_the_advised_run_takes_them(lab, tmp_path):
    (bare, test), first = tinted(lab, tmp_path), lab["first"]
    given = ({"epochs": 3, "lr": 3e-3, "adapt": {"sure": 0.55}}, {"epochs": 1, "adapt": {"sure": 0.9}})
    made = [veml.rebuild(first, bare, method="self-training", hyper=hyper, progress=False) for hyper in given]
    gains = [measured(t, test)["accuracy"] - measured(first, test)["accuracy"] for t in made]
    best = gains.index(max(gains))
    found = rebuild_history(first)["self-training"]
    assert [p.gain.mean for p in found] == sorted(gains, reverse=True)
    assert [p.settings for p in found] == [{"hyper": given[best]}, {"hyper": given[1 - best]}]
    advice, sure = advise(first, bare), f"sure={given[best]['adapt']['sure']}"
    assert advice.method == "self-training" and sure in advice.reason and sure in advice._repr_html_()
    told = {o["method"]: o for o in advice.to_dict()["options"]}
    assert told["self-training"]["settings"] == {"hyper": given[best]} and told["coral"]["settings"] == {}
    run = veml.rebuild(first, bare, auto=True, progress=False)
    assert run == made[best], "the run that the estimate is of, found again"
    other = veml.rebuild(first, bare, auto=True, progress=False, hyper={"epochs": 2})
    assert other.plan["hyper"] == {**run.plan["hyper"], "epochs": 2}, "who says otherwise is heard"


def test_gains_of_another_metric_or_backend_are_no_history(lab, monkeypatch):
    first, test = lab["first"], lab["bright-test"]
    made = veml.rebuild(first, lab["bright-train"], method="transfer", hyper={"epochs": 1}, progress=False)
    for t in (first, made):
        measured(t, test)
    assert list(rebuild_history(first)) == ["transfer"]
    monkeypatch.setattr(type(first), "metric_name", "mAP50")
    assert rebuild_history(first) == {}


def test_without_labels_the_advice_is_a_method_that_needs_none(lab, tmp_path):
    advice = advise(lab["first"], unlabelled(lab, tmp_path))
    assert advice.method == "self-training" and not {o.method: o for o in advice.options}["full"].ready


def test_rebuilding_on_its_own_answers_drift_and_leaves_the_same_alone(lab, tmp_path):
    lab.add("sister", veml.read_idx(write_digits(tmp_path / "sister", seed=7)), progress=False)
    first = lab["first"]
    assert veml.rebuild(first, lab["sister"], auto=True, progress=False) == first
    made = veml.rebuild(first, lab["bright-train"], auto=True, progress=False, hyper={"epochs": 1})
    assert made != first and made.method.name == "full" and str(made.method) == "full training"


# -- the race --------------------------------------------------------------------------------------------


def test_the_better_part_goes_on_from_where_it_was(lab, tmp_path):
    target = lab.add("sister", veml.read_idx(write_digits(tmp_path / "sister", seed=7)), progress=False)
    ranking = veml.most_similar(target, progress=False)
    found = race(ranking, epochs=3, keep=1 / 2, progress=False)
    assert [r.epochs for r in found.rungs] == [0, 2, 3] and [len(r.values) for r in found.rungs] == [1, 2, 1]
    assert found.rungs[2].values[0][0] == found.rungs[1].values[0][0]  # the winner of the first round
    assert found.epochs == 2 * 2 + 1 and found.all_epochs == 6
    assert [(n, e) for n, e, _ in found.steps] == [
        (found.steps[0][0], 2),
        (found.steps[1][0], 4),
        (found.rungs[2].values[0][0], 5),
    ]
    assert found.metric == found.rungs[2].values[0][1] == found.steps[-1][2]
    revision = lab.revision()
    assert race(ranking, epochs=3, keep=1 / 2, progress=False) == found and lab.revision() == revision
    assert "won" in repr(found) and found.to_dict()["best"] == found.best.name


def test_the_epochs_of_the_rungs_grow_to_the_whole():
    for runners in range(1, 12):
        for keep in (0.25, 1 / 3, 0.5, 0.9):
            found = rung_epochs(runners, 12, keep)
            assert found[-1] == 12 and found == sorted(set(found)) and found[0] >= 1


def test_a_race_without_validation_or_runners_is_refused(lab):
    with pytest.raises(BadInput, match="at least one"):
        race([])
    plan = veml.transfer(lab["first"], lab["bright-train"])
    with pytest.raises(BadInput, match="validation"):
        race([dataclasses.replace(plan, validation=None)])
    with pytest.raises(BadInput, match="keep"):
        race([plan], keep=1.0)
