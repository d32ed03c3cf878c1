"""The batches of a training, replayed from its seed, are those that it was given."""

from __future__ import annotations

import numpy as np
import pytest
from labs import TINY_DETECTOR

import veml_lab as veml
from veml_lab.errors import BadInput
from veml_lab.training import FitTask, backend
from veml_lab.training.spatiotemporal import fitting
from veml_lab.training.torchvision import batches
from veml_lab.training.torchvision.batches import Batches, whole_batches


@pytest.fixture
def given(monkeypatch):
    """The IDs of the samples that trainings of torchvision take out of their data sets, in order."""
    found: list[int] = []
    real = batches.Augmented.__getitem__

    def noted(self, position):
        found.append(self.images._ids[position])
        return real(self, position)

    monkeypatch.setattr(batches.Augmented, "__getitem__", noted)
    return found


class Cut:
    """A report that notes how much was given before every step; it ends a fit like a kill when an epoch was told."""

    def __init__(self, given, until=None):
        self.given, self.until, self.epochs = given, until, [[]]

    def step(self, step, *, samples=0, **values):
        self.epochs[-1].append(list(self.given))
        self.given.clear()

    def epoch(self, epoch, step, **metrics):
        if epoch == self.until:
            raise KeyboardInterrupt
        self.epochs.append([])


def replay(engine, task, gpus=0):
    return [[b.tolist() for b in epoch] for epoch in engine.replayed(task, gpus=gpus)]


def of(lab, plan, folder, **hyper):
    """The engine of a plan and its task."""
    folder.mkdir()
    recipe = lab.store.graph().nodes[plan.model]
    recipe = veml.ModelVersion(lab.store, recipe).recipe
    data = veml.DataVersion(lab.store, lab.store.graph().nodes[plan.data])
    return backend(plan.backend), FitTask(recipe, {**plan.hyper, **hyper}, data, folder, seed=plan.seed)


@pytest.mark.parametrize("batch_size", [7, 16, 59, 400])
def test_the_batches_of_torchvision_are_those_of_a_real_training(digits_lab, tmp_path, given, batch_size):
    """60 samples: 7 leaves four over, 16 twelve; of 59 a last batch of one sample is left out."""
    lab = digits_lab
    plan = veml.plan(lab.model, lab.bright, name="x", epochs=3, batch_size=batch_size, seed=4)
    engine, task = of(lab.lab, plan, tmp_path / "a")
    report = Cut(given)
    engine.fit(task, report)
    assert replay(engine, task) == report.epochs[:3] and report.epochs[3:] == [[]]
    assert len(task.data) == 60 and [len(e) for e in report.epochs[:1]] == [{7: 9, 16: 4, 59: 1, 400: 1}[batch_size]]


def test_a_resumed_training_is_replayed_as_one(digits_lab, tmp_path, given):
    lab = digits_lab
    plan = veml.plan(lab.model, lab.bright, name="x", epochs=4, batch_size=16, seed=9)
    engine, task = of(lab.lab, plan, tmp_path / "a")
    first, second = Cut(given, until=3), Cut(given)
    with pytest.raises(KeyboardInterrupt):
        engine.fit(task, first)
    engine.fit(task, second)
    assert first.epochs[:2] + second.epochs[:2] == replay(engine, task), "the third was told, not saved: done again"
    assert second.epochs[0] == first.epochs[2]


def test_detectors_are_replayed_and_what_mosaic_mixes_in_is_not(road_lab, fresh, tmp_path, given):
    lab = fresh(road_lab)
    model = veml.model(lab["city"], TINY_DETECTOR, name="d")
    plan = veml.plan(model, lab["city"], name="x", epochs=2, batch_size=5, seed=2, augment=["mosaic", "flip"])
    engine, task = of(lab, plan, tmp_path / "a")
    report = Cut(given)
    engine.fit(task, report)
    assert replay(engine, task) == report.epochs[:2]


def test_the_processes_of_a_training_shared_the_batches_that_are_replayed(digits_lab):
    ids = np.arange(100, 121)
    for world in (1, 2, 3):
        whole = whole_batches(ids, 10, 5, world)
        ranks = [Batches(21, 10, 5, rank=r, world=world) for r in range(world)]
        for _ in range(3):
            shares = [list(r) for r in ranks]
            epoch = next(whole)
            assert len(epoch) == len(shares[0]) == 2
            for step, at in enumerate(epoch):
                together = sorted(p for share in shares for p in share[step])
                assert sorted(at.tolist()) == [100 + p for p in together]
    assert len(next(whole_batches(np.arange(12), 5, 0, 2))) == 3, "two left over can be shared by two"
    assert len(next(whole_batches(np.arange(12), 5, 0, 3))) == 2, "and not by three"


def test_a_training_of_two_processes_is_replayed(fresh, digits_lab):
    lab = fresh(digits_lab)
    plan = veml.plan(lab["tiny"], lab["bright"], name="two", epochs=2, batch_size=16, devices=2, seed=3)
    training = veml.train(plan, lab, progress=False)
    found = veml.seen(training)
    assert (found.epochs, found.steps) == (2, training.facts.numbers["steps"])
    assert set(found.counts.tolist()) == {2} and len(veml.batch(training, 2, 4)) == 12


@pytest.mark.parametrize(("method", "data", "to"), [("coral", "digits", "bright"), ("self-training", "some", "bright")])
def test_an_adaptation_is_replayed_with_both_sides(fresh, digits_lab, tmp_path, given, method, data, to):
    lab = fresh(digits_lab)
    lab["digits"].sample("some", 20, seed=0)
    hyper = {"adapt": {"method": method, "to": lab[to].id}, "epochs": 2, "batch_size": 8}
    start = backend("torchvision-adapt")
    task = FitTask(lab["tiny"].recipe, hyper, lab[data], tmp_path, seed=6)
    from veml_lab.training.backend import Start

    report = Cut(given)
    fit = FitTask(
        task.recipe, hyper, task.data, tmp_path, init=Start(lab["first"].checkpoint, lab["first"].classes), seed=6
    )
    start.fit(fit, report)
    told = [e for e in report.epochs if e]
    # the pass for the statistics at the end trains nothing and is no step
    assert replay(start, task) == told and len(told) == 2
    assert set(np.concatenate(told[0]).tolist()) & set(lab[to].ids) == set(lab[to].ids)


def test_adabn_saw_the_new_data_once(fresh, digits_lab, tmp_path, given):
    from veml_lab.training.backend import Start

    lab = fresh(digits_lab)
    hyper = {"adapt": {"method": "adabn", "to": lab["bright"].id}, "batch_size": 16}
    start = Start(lab["first"].checkpoint, lab["first"].classes)
    task = FitTask(lab["tiny"].recipe, hyper, lab["digits"], tmp_path, init=start, seed=6)
    report = Cut(given)
    backend("torchvision-adapt").fit(task, report)
    assert replay(backend("torchvision-adapt"), task) == [report.epochs[0]]


@pytest.fixture
def sensors(empty_lab, tmp_path):
    from veml_lab.formats.sensors import read_sensors

    rng = np.random.default_rng(0)
    values = np.sin(np.arange(120)[:, None] / 5 + np.arange(3)) + rng.normal(0, 0.1, (120, 3))
    np.savez(tmp_path / "s.npz", data=values.astype(np.float32))
    return empty_lab.add("s", read_sensors(tmp_path / "s.npz", window=6, horizon=3), progress=False)


@pytest.mark.parametrize("patience", [None, 3])
def test_forecasters_are_replayed_without_the_windows_that_were_held_out(
    sensors, empty_lab, tmp_path, monkeypatch, patience
):
    given = []
    real = fitting._Run._step

    def noted(self, at, step):
        given.extend(ids[p] for p in at.tolist())
        return real(self, at, step)

    monkeypatch.setattr(fitting._Run, "_step", noted)
    model = veml.model(sensors, {"architecture": "gru", "width": 8}, name="m")
    watched = {} if patience is None else {"patience": patience, "monitor": "held_out_loss"}
    plan = veml.plan(model, sensors, name="t", epochs=2, batch_size=20, seed=3, **watched)
    engine, task = of(empty_lab, plan, tmp_path / "a")
    ids = list(task.data.ids)
    report = Cut(given)
    engine.fit(task, report)
    assert replay(engine, task) == report.epochs[:2]
    never = set(ids) - set(np.concatenate(report.epochs[0]).tolist())
    assert bool(never) == (patience is not None)


def test_a_baseline_sees_everything_in_one_step(sensors, empty_lab):
    model = veml.model(sensors, {"architecture": "linear"}, name="m")
    training = veml.train(veml.plan(model, sensors, name="t"), empty_lab, progress=False)
    assert veml.batch(training, 1, 1).tolist() == list(training.data.ids)
    with pytest.raises(BadInput, match="no step 2: epoch 1 of 't' has 1 steps"):
        veml.batch(training, 1, 2)


def test_what_a_training_saw_is_counted(digits_lab):
    training = digits_lab.training
    found = veml.seen(training)
    assert found.ids.tolist() == list(training.data.ids) and (found.epochs, found.steps) == (6, 24)
    assert set(found.counts.tolist()) == {6} and "60 seen 6 times" in repr(found)
    frame = found.to_pandas()
    assert list(frame.columns) == ["id", "seen"] and int(frame["seen"].sum()) == 360
    every = [veml.batch(training, e, s) for e in range(1, 7) for s in range(1, 5)]
    assert sorted(np.concatenate(every).tolist()) == sorted(i for i in training.data.ids for _ in range(6))
    assert [len(b) for b in every[:4]] == [16, 16, 16, 12]


def test_epochs_that_early_stopping_left_out_do_not_count(fresh, digits_lab):
    lab = fresh(digits_lab)
    plan = veml.plan(
        lab["tiny"],
        lab["bright"],
        name="early",
        validation=lab["digits"],
        epochs=30,
        batch_size=40,
        patience=1,
        lr=1e-6,
    )
    training = veml.train(plan, lab, progress=False)
    ran = training.facts.numbers["epochs"]
    assert 1 < ran < 30
    found = veml.seen(training)
    assert found.epochs == ran and set(found.counts.tolist()) == {ran}
    with pytest.raises(BadInput, match=f"no epoch {ran + 1}: 'early' ran {ran} epochs, counted from 1 to {ran}"):
        veml.batch(training, ran + 1, 1)


def test_a_rebuilding_on_a_part_is_replayed_over_that_part(fresh, digits_lab):
    lab = fresh(digits_lab)
    part = lab["bright"].merge(lab["digits"], name="all").sample("part", 37, seed=2)
    training = veml.train(veml.plan(lab["tiny"], part, name="p", epochs=1, batch_size=10), lab, progress=False)
    assert veml.seen(training).ids.tolist() == list(part.ids)
    assert np.isin(veml.batch(training, 1, 4), list(part.ids)).all()


@pytest.mark.parametrize(("epoch", "step"), [(0, 1), (7, 1), (-1, 1), (1, 0), (1, 5), (1.0, 1), (True, 1), ("1", 1)])
def test_an_epoch_or_step_that_there_was_not_names_those_that_there_were(digits_lab, epoch, step):
    with pytest.raises(BadInput, match=r"from 1 to (6|4)$"):
        veml.batch(digits_lab.training, epoch, step)


def test_a_training_of_other_steps_is_refused(fresh, digits_lab, monkeypatch):
    training = fresh(digits_lab)["first"]
    real = Batches.__iter__
    monkeypatch.setattr(Batches, "__iter__", lambda self: iter(list(real(self))[:-1]))
    with pytest.raises(BadInput, match="it took 24 steps, and its plan gives 18 now"):
        veml.seen(training)


def test_a_backend_that_cannot_replay_says_so(digits_lab, monkeypatch):
    from veml_lab.training import replay as room

    monkeypatch.setattr(room, "backend", lambda name: object())
    with pytest.raises(BadInput, match="cannot be replayed: its backend 'torchvision' does not say in which order"):
        veml.seen(digits_lab.training)


def test_the_methods_that_are_looked_for_name_the_functions(digits_lab):
    with pytest.raises(AttributeError, match=r"veml_lab.batch\(training, epoch, step\)"):
        _ = digits_lab.training.batch


def test_from_the_command_line(digits_lab, capsys):
    import json

    from veml_lab.cli import main

    lab = str(digits_lab.path)
    assert main(["batch", lab, "first", "--epoch", "2", "--step", "3", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["samples"] == veml.batch(digits_lab.training, 2, 3).tolist() and said["epoch"] == 2
    assert main(["batch", lab, "first", "--epoch", "2", "--step", "3"]) == 0
    assert capsys.readouterr().out.split() == list(map(str, said["samples"]))
    assert main(["seen", lab, "first", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == veml.seen(digits_lab.training).to_dict()
    assert main(["seen", lab, "first"]) == 0 and "seen 6 times" in capsys.readouterr().out
    assert main(["batch", lab, "first", "--epoch", "9", "--step", "1"]) == 2
    assert "ran 6 epochs" in capsys.readouterr().err
