"""What goes wrong in a training is said at once or survived: labels, numbers, memory, killed processes, several
processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time

import pytest
from labs import TINY_DETECTOR
from patience import PATIENCE_S, until

import veml_lab as veml
from veml_lab.errors import BadData, BadInput, DamagedLab, JobError, MissingLabels, UnknownName
from veml_lab.training import guard, jobs
from veml_lab.training.jobs import list_jobs, make_job


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def plan_of(lab, name, **hyper):
    return veml.plan(lab["tiny"], lab["digits"], name=name, **{"epochs": 2, "batch_size": 16, "lr": 1e-2, **hyper})


def job_of(lab, name):
    return next(j for j in list_jobs(lab.store) if j.plan.name == name)


# -- said before the first step ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hyper", "error", "says"),
    [
        ({"monitor": "mAP50"}, UnknownName, "metric of a classification training"),
        ({"epoch": 3}, UnknownName, "known: epochs"),
        ({"augment": "flip"}, BadInput, "augment must be a list"),
        ({"patience": 0}, BadInput, "patience"),
        ({"precision": "fp64"}, UnknownName, "bf16"),
        ({"clip": -1}, BadInput, "clip"),
        ({"devices": 0}, BadInput, "devices"),
        ({"workers": -1}, BadInput, "workers"),
    ],
    ids=str,
)
def test_hyper_parameters_that_the_backend_does_not_take_are_refused_before_there_is_a_job(lab, hyper, error, says):
    from dataclasses import replace

    with pytest.raises(error, match=says):
        plan_of(lab, "x", **hyper)
    with pytest.raises(error, match=says):  # also in a plan that was made some other way
        veml.train(replace(plan_of(lab, "x"), hyper=hyper), lab, progress=False)
    assert not [j for j in list_jobs(lab.store) if j.plan.name == "x"]


@pytest.mark.parametrize(
    ("hyper", "error", "says"),
    [
        ({"devices": 99}, BadInput, "cannot share batches|GPUs here"),
        ({"batch_size": 1}, BadInput, "batch_size of at least 2"),
        ({"augment": ["mosaic"]}, BadInput, "is for detection"),
    ],
    ids=str,
)
def test_a_plan_that_cannot_be_trained_is_a_failed_job_with_one_clear_message(lab, hyper, error, says):
    with pytest.raises(error, match=says):
        veml.train(plan_of(lab, "x", **hyper), lab, progress=False)
    status = job_of(lab, "x").status()
    assert status["state"] == "failed" and status["message"]
    assert "x" not in lab and not list(job_of(lab, "x").folder.glob("*.pt"))


def test_boxes_of_an_unknown_class_are_said_before_the_first_step(fresh, road_lab):
    from veml_lab.versions.model import add_model

    lab = fresh(road_lab)
    full = veml.model(lab["city"], TINY_DETECTOR, name="all").recipe
    cars = add_model(lab.store, "cars only", {**full, "classes": ["car"], "num_classes": 1})
    with pytest.raises(BadData, match=r"boxes of the classes .*, which the model does not know \(it knows car\)"):
        veml.train(veml.plan(cars, lab["city"], name="x", epochs=1), lab, progress=False)
    assert job_of(lab, "x").log() == []


def test_data_without_a_label_is_said_before_the_first_step(fresh, road_lab):
    lab = fresh(road_lab)
    from dataclasses import replace

    source = veml.road_world("clear-city", 4, seed=3)
    bare = lab.add(
        "bare",
        replace(source, records=lambda: (replace(r, role="", boxes=()) for r in source.records()), task="detection"),
        progress=False,
    )
    model = veml.model(lab["city"], TINY_DETECTOR, name="m")
    with pytest.raises(MissingLabels, match="no boxes to learn from"):
        veml.train(veml.plan(model, bare, name="x", epochs=1), lab, progress=False)
    with pytest.raises(MissingLabels, match="no boxes to measure against"):
        veml.train(veml.plan(model, lab["city"], name="y", validation=bare, epochs=1), lab, progress=False)


def test_one_sample_is_no_training_set(lab):
    one = lab["digits-train"].sample("one", 1)
    with pytest.raises(BadInput, match="at least 2"):
        veml.train(veml.plan(lab["tiny"], one, name="x", epochs=1), lab, progress=False)


@pytest.mark.parametrize("damage", ["empty", "text", "other network"])
def test_a_damaged_checkpoint_of_the_donor_is_said_and_the_donor_stays(lab, damage):
    from dataclasses import replace

    donor = lab["first"]
    whole = donor.checkpoint.read_bytes()
    donor.checkpoint.write_bytes({"empty": b"", "text": b"weights", "other network": whole[: len(whole) // 2]}[damage])
    with pytest.raises(BadInput, match="no usable weights file"):
        veml.train(replace(plan_of(lab, "x"), init=donor.id), lab, progress=False)
    assert job_of(lab, "x").status()["state"] == "failed" and "first" in lab


# -- while it runs -------------------------------------------------------------------------------------------


def test_after_a_loss_that_is_no_number_the_last_good_checkpoint_is_there_and_named(lab, monkeypatch):
    """The planted fault: the loss becomes NaN in the third epoch."""
    from veml_lab.training.torchvision import loop

    real, calls = loop.loss_of, []

    def loss(*args):
        calls.append(1)
        return real(*args) * (float("nan") if len(calls) == 10 else 1.0)

    monkeypatch.setattr(loop, "loss_of", loss)
    with pytest.raises(JobError, match=r"became nan at step 9; the last good checkpoint is .*resume\.pt"):
        veml.train(plan_of(lab, "x", epochs=4), lab, progress=False)
    job = job_of(lab, "x")
    assert job.status()["state"] == "failed" and job.status()["epoch"] == 2
    monkeypatch.setattr(loop, "loss_of", real)
    t = veml.train(plan_of(lab, "x", epochs=4), lab, progress=False)  # the fault is mended: it goes on with epoch 3
    assert [r["step"] for r in t.log() if r["name"] == "loss"] == list(range(1, 17))


def test_training_ends_early_and_gives_the_best_epoch(lab):
    """A rate that ruins what was learned: the first epochs are the best, and their weights are what comes out."""
    t = veml.train(plan_of(lab, "x", epochs=40, patience=3, lr=1e-2, monitor="accuracy"), lab, progress=False)
    summary = t.facts.numbers
    curve = [r["value"] for r in t.log() if r["name"] == "accuracy"]
    assert summary["epochs"] == len(curve) < 40
    assert summary["best_epoch"] == curve.index(max(curve)) + 1 == summary["epochs"] - 3
    assert t.metric == max(curve)
    from veml_lab.training.analysis import analyse

    assert analyse(t, progress=False).value == pytest.approx(max(curve)), "the weights are those of the best epoch"
    assert "no better since" in job_of(lab, "x").status()["message"]


def test_a_stopped_patient_training_goes_on_as_if_it_had_not_been_stopped(lab, monkeypatch):
    class Stop(Exception):
        pass

    epoch = jobs.Reporter.epoch

    def stop_after_three(self, number, step, **metrics):
        epoch(self, number, step, **metrics)
        if number == 3 and self.name == "broken":
            raise Stop

    monkeypatch.setattr(jobs.Reporter, "epoch", stop_after_three)
    with pytest.raises(Stop):
        veml.train(plan_of(lab, "broken", epochs=20, patience=3), lab, progress=False)
    monkeypatch.setattr(jobs.Reporter, "epoch", epoch)
    broken = veml.train(plan_of(lab, "broken", epochs=20, patience=3), lab, progress=False)
    whole = veml.train(
        plan_of(lab, "whole", epochs=20, patience=3, weight_decay=1e-4), lab, progress=False
    )  # another key, the same training
    assert {k: broken.facts.numbers[k] for k in ("epochs", "best_epoch", "accuracy")} == {
        k: whole.facts.numbers[k] for k in ("epochs", "best_epoch", "accuracy")
    }


def test_memory_that_runs_out_is_an_error_that_names_a_size_that_was_tried():
    tried = []

    def step():
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
        )

    def one(size):
        tried.append(size)
        if size > 8:
            raise MemoryError

    with pytest.raises(
        JobError, match=r"batches of 100; batches of 6 fit \(one step was tried\): train with batch_size=6"
    ):
        guard.within_memory(step, 100, one)
    assert tried == [50, 25, 12, 6]
    with pytest.raises(JobError, match="no batch that could be trained on fits"):
        guard.within_memory(step, 4, lambda size: step())

    def too_few(size):
        if size == 1:
            raise ValueError(
                "Expected more than 1 value per channel when training, got input size torch.Size([1, 64, 1, 1])"
            )
        step()

    with pytest.raises(JobError, match="no batch that could be trained on fits"):
        guard.within_memory(step, 4, too_few)
    with pytest.raises(RuntimeError, match="another"):
        guard.within_memory(lambda: (_ for _ in ()).throw(RuntimeError("another fault")), 4, one)


OUT_OF_MEMORY = """
import resource, sys
import veml_lab as veml
from veml_lab.errors import JobError
from veml_lab.training.jobs import list_jobs
lab = veml.open(sys.argv[1])
# a tiny network on large pictures: what is asked for at once is the batch itself, three quarters of a gigabyte
recipe = {"architecture": "resnet10", "width": 1, "size_px": [1024, 1024]}
model = veml.model(lab["digits"], recipe, name="large pictures")
plan = veml.plan(model, lab["digits"], name="x", epochs=1, batch_size=60, lr=1e-4)
import torch, torchvision, psutil, tqdm.auto
torch.nn.Conv2d(3, 1, 3)(torch.rand(1, 3, 8, 8)).sum().backward()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 1_000_000_000, -1))
try:
    veml.train(plan, lab, progress=False)
except JobError as e:
    print(e)
    print([j.status()["state"] for j in list_jobs(lab.store) if j.plan.name == "x"])
"""


def test_a_real_lack_of_memory_is_said_with_a_batch_size_that_fits(fresh, digits_lab, python):
    """The limit of the process's address space stands for a small machine."""
    lab = fresh(digits_lab)
    out, err = python(OUT_OF_MEMORY, lab.path).communicate(timeout=PATIENCE_S)
    assert "memory ran out with batches of 60" in out and "['failed']" in out, err[-2000:]
    assert "fit (one step was tried): train with batch_size=" in out


def test_what_the_machine_did_is_in_the_log(lab, monkeypatch):
    from veml_lab.training import reporter

    monkeypatch.setattr(reporter, "FIGURES_S", 0.0)
    t = veml.train(plan_of(lab, "x", epochs=1), lab, progress=False)
    log = {
        name: [r["value"] for r in t.log() if r["name"] == name] for name in ("cpu_percent", "rss_mb", "samples_per_s")
    }
    assert all(len(v) == 4 for v in log.values())
    assert all(100 < v < 100_000 for v in log["rss_mb"]) and all(v > 0 for v in log["samples_per_s"])


def test_a_training_keeps_what_it_ran_with(digits_lab):
    import torch

    kept = digits_lab.training.facts.environment
    assert kept["torch"] == torch.__version__ and kept["veml_lab"] == veml.__version__
    assert kept["code"] == jobs.CODE_VERSION and len(kept["source"]) == 12


WAITING = """
import sys, time
import veml_lab as veml
from veml_lab.training import jobs
if sys.argv[2] == "first":
    epoch = jobs.Reporter.epoch
    def hang(self, number, step, **metrics):
        epoch(self, number, step, **metrics)
        if number == 2:
            print("in the second epoch", flush=True)
            time.sleep(600)
    jobs.Reporter.epoch = hang
lab = veml.open(sys.argv[1])
plan = veml.plan(lab["tiny"], lab["digits"], name="shared", epochs=3, batch_size=16, lr=1e-2)
print("waits" if sys.argv[2] == "second" else "starts", flush=True)
print(veml.train(plan, lab, progress=False).name, flush=True)
"""


def test_who_waits_for_a_job_takes_over_when_its_process_dies(lab, python):
    first = python(WAITING, lab.path, "first")
    assert first.stdout.readline() == "starts\n" and first.stdout.readline() == "in the second epoch\n"
    second = python(WAITING, lab.path, "second")
    assert second.stdout.readline() == "waits\n"
    time.sleep(1.5)
    assert second.poll() is None
    os.kill(first.pid, signal.SIGKILL)
    out, err = second.communicate(timeout=PATIENCE_S)
    assert out == "shared\n", err[-2000:]
    t = lab["shared"]
    assert [r["step"] for r in t.log() if r["name"] == "loss"] == list(range(1, 13)), (
        "every step once, the first epoch not again"
    )


# -- several processes ---------------------------------------------------------------------------------------


def test_the_shares_of_several_processes_are_the_batches_of_one():
    from veml_lab.training.torchvision.batches import Batches

    one = list(Batches(37, 8, seed=3))
    shares = [list(Batches(37, 8, seed=3, rank=r, world=3)) for r in range(3)]
    assert len(one) == 5 and [len(b) for b in one] == [8, 8, 8, 8, 5]
    for i, batch in enumerate(one):
        assert sorted(p for s in shares for p in s[i]) == sorted(batch) and all(s[i] for s in shares)
    assert len(list(Batches(34, 8, seed=3, world=3))) == 4, "two samples left cannot be shared by three"
    assert sorted(p for b in one for p in b) == list(range(37))


@pytest.mark.slow
def test_two_processes_train_as_one_does(lab):
    """A network without batch statistics: the mean gradient of two halves is the gradient of the whole."""
    recipe = {"architecture": "convnext_tiny", "size_px": [32, 32]}
    few = lab["digits-train"].sample("few", 16, seed=1)
    model = veml.model(few, recipe, name="no statistics")
    runs = {}
    for n in (1, 2):
        plan = veml.plan(
            model, few, name=f"{n} processes", validation=lab["digits-test"], epochs=2, batch_size=8, lr=1e-4, devices=n
        )
        runs[n] = veml.train(plan, lab, progress=False)
    steps = {n: [r["step"] for r in t.log() if r["name"] == "loss"] for n, t in runs.items()}
    assert steps[1] == steps[2] == [1, 2, 3, 4]
    first = {n: next(r["value"] for r in t.log() if r["name"] == "loss") for n, t in runs.items()}
    assert first[2] == pytest.approx(first[1], rel=0.1)  # stochastic depth draws its own layers in each process
    assert runs[2].metric is not None and runs[2].checkpoint.exists()


@pytest.mark.slow
def test_two_processes_learn_resume_and_fail_together(lab):
    t = veml.train(plan_of(lab, "pair", epochs=6, devices=2), lab, progress=False)
    assert t.metric >= 0.9 and [r["step"] for r in t.log() if r["name"] == "loss"] == list(range(1, 25))
    with pytest.raises(JobError, match=r"loss became (nan|inf)"):
        veml.train(plan_of(lab, "wild", epochs=20, devices=2, lr=1e25), lab, progress=False)
    assert job_of(lab, "wild").status()["state"] == "failed"


@pytest.mark.slow
def test_the_processes_of_a_killed_job_end_and_it_goes_on(lab):
    import psutil

    job = jobs.start(make_job(lab.store, plan_of(lab, "long", epochs=400, devices=2)))
    until(lambda: job.status().get("epoch", 0) >= 2, job.status)
    pid = job.status()["pid"]
    ranks = psutil.Process(pid).children()
    assert len(ranks) == 2
    os.kill(pid, signal.SIGKILL)
    _, left = psutil.wait_procs(ranks, timeout=PATIENCE_S)
    assert not left and job.status()["state"] == "killed"
    done = job.status()["epoch"]
    jobs.start(job)
    until(lambda: job.status().get("epoch", 0) > done, job.status)
    job.stop()
    with pytest.raises(JobError, match="stopped"):
        job.wait(progress=False, poll_s=0.05)


# -- again ---------------------------------------------------------------------------------------------------


def test_a_training_run_again_comes_out_the_same_and_makes_no_second_version(lab):
    from veml_lab.training.reproduce import reproduce

    before = {n.name for n in lab.store.graph().nodes.values()}
    again = reproduce(lab["first"], progress=False)
    assert again.same and again.weights < 1e-6 and again.metrics["accuracy"][0] == again.metrics["accuracy"][1]
    assert {n.name for n in lab.store.graph().nodes.values()} == before and len(list_jobs(lab.store)) == 1
    assert json.loads(json.dumps(again.to_dict()))["same"] is True
    kept = reproduce(lab["first"], keep="second", progress=False)
    assert kept.version == lab["second"] and kept.version.key != lab["first"].key


def test_another_training_is_seen_not_to_be_the_same(lab):
    """The planted fault: the checkpoint is of one epoch more than the plan says."""
    from veml_lab.training.reproduce import reproduce

    other = veml.train(plan_of(lab, "seven", epochs=7), lab, progress=False)
    lab["first"].checkpoint.write_bytes(other.checkpoint.read_bytes())
    again = reproduce(lab["first"], progress=False)
    assert not again.same and again.exit_code == 1 and again.weights > 0.01 and "NOT the same" in repr(again)


@pytest.mark.parametrize("lost", ["gone with its folder", "damaged"])
def test_a_lost_checkpoint_is_put_back_where_the_run_comes_out_the_same(lab, lost, capsys):
    from veml_lab.cli import main

    first = lab["first"]
    file, before = first.checkpoint, first.checkpoint.read_bytes()
    with pytest.raises(BadInput, match="nothing to restore"):
        veml.reproduce(first, restore=True, progress=False)
    if lost == "damaged":
        file.write_bytes(before[: len(before) // 2])
    else:
        shutil.rmtree(file.parent)
        with pytest.raises(DamagedLab, match=r"veml reproduce LAB 'first' --restore"):
            _ = first.checkpoint
    told = veml.reproduce(first, progress=False)
    assert (
        told.same
        and told.identical
        and told.weights is None
        and told.steps[0] == told.steps[1] > 0
        and told.restored is None
    )
    assert "--restore" in repr(told) and file.exists() == (lost == "damaged"), "only asked for is it put back"
    revision = lab.revision()
    assert main(["reproduce", str(lab.path), "first", "--restore", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["restored"] == str(file)
    assert file.read_bytes() == before and lab.revision() == revision and not list(file.parent.glob("*.part"))
    assert main(["reproduce", str(lab.path), "first", "--restore", "--keep", "x"]) == 2


def test_a_run_that_comes_out_otherwise_is_not_put_in_the_place_of_a_lost_checkpoint(lab, monkeypatch):
    """The planted fault: the second run shuffles by another seed, and its metrics are asked to be equal."""
    from dataclasses import replace

    from veml_lab.training.torchvision.backend import TorchvisionBackend

    first, real = lab["first"], TorchvisionBackend.fit

    def other(self, task, report):
        return {**real(self, replace(task, seed=task.seed + 1), report), "accuracy": 0.0}

    first.checkpoint.unlink()
    monkeypatch.setattr(TorchvisionBackend, "fit", other)
    told = veml.reproduce(first, restore=True, progress=False)
    assert not told.same and not told.identical and told.restored is None and told.steps[1] < told.steps[0]
    assert "not put in their place" in repr(told) and told.exit_code == 1
    with pytest.raises(DamagedLab):
        _ = first.checkpoint


def test_both_verbs_of_this_room_print_json(lab, capsys):
    from veml_lab.cli import main

    assert main(["reproduce", str(lab.path), "first", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tolerance"] == {"metrics": 0.01, "weights": 0.001}
    assert main(["errors", str(lab.path), "first", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == "digits-test"
    assert main(["errors", str(lab.path), "first", "--by", "nothing"]) == 2
    assert "capture column" in capsys.readouterr().err
