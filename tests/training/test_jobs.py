"""Jobs: a folder that outlives whoever started it; the same inputs are trained once."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle

import pytest
from labs import TINY, TINY_DETECTOR
from patience import until

import veml_lab as veml
from veml_lab.errors import BadInput, JobError, NameTaken, UnknownName
from veml_lab.training.jobs import list_jobs, make_job, read_log, start, terminate


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def plan_of(lab, name, **hyper):
    return veml.plan(lab["tiny"], lab["digits"], name=name, **{"epochs": 2, "batch_size": 16, "lr": 1e-2, **hyper})


def losses(training):
    return [(r["step"], r["value"]) for r in training.log() if r["name"] == "loss"]


def test_a_training_version_says_what_it_was_made_of(digits_lab):
    t, graph = digits_lab.training, digits_lab.lab.store.graph()
    assert t.data.name == "digits-train" and t.validation.name == "digits-test" and t.model.name == "tiny"
    assert {(graph.nodes[e.src].name, e.type) for e in graph.into[t.id]} >= {
        ("tiny", "instance_of"),
        ("digits-train", "trained_on"),
        ("digits-test", "tested_on"),
    }
    assert t.metric_name == "accuracy" and t.metric >= 0.9 and t.seconds > 0
    assert [s for s, v in losses(t)][-1] == 24
    assert t.checkpoint.suffix == ".safetensors"
    status = list_jobs(digits_lab.lab.store)[0].status()
    assert status["state"] == "done" and status["epoch"] == 6


def test_the_same_inputs_are_trained_once_under_any_name(lab):
    with pytest.warns(UserWarning, match=r"trained before as 'first'.*'another name' is not used"):
        again = veml.train(dataclasses.replace(plan_of(lab, "first", epochs=6), name="another name"), lab)
    assert again == lab["first"]


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"hyper": {"epochs": 1}}, {"data": "bright-train"}, {"validation": None}], ids=str
)
def test_other_inputs_are_another_training(lab, change):
    plan = plan_of(lab, "other", epochs=6)
    if "data" in change:
        change = {"data": lab[change["data"]].id}
    assert (
        make_job(lab.store, dataclasses.replace(plan, **change)).key
        != lab["first"].key
        == make_job(lab.store, plan).key
    )


def test_a_name_that_is_taken_is_said_before_anything_is_trained(lab):
    with pytest.raises(NameTaken, match="other inputs"):
        veml.train(plan_of(lab, "first", epochs=1), lab)
    assert len(list_jobs(lab.store)) == 1


def test_data_of_another_task_is_refused_before_anything_is_trained(fresh, road_lab, digits):
    lab = fresh(road_lab)
    numbers = lab.add("digits", veml.read_idx(digits), progress=False)
    classifier, detector = veml.model(numbers, TINY, name="c"), veml.model(lab["city"], TINY_DETECTOR, name="d")
    for model, data in ((classifier, lab["city"]), (detector, numbers)):
        with pytest.raises(BadInput, match="is for"):
            veml.train(veml.plan(model, data, name="x", epochs=1), lab)
    with pytest.raises(BadInput, match="is for"):
        veml.train(veml.plan(classifier, numbers, name="x", validation=lab["fog"], epochs=1), lab)
    assert list_jobs(lab.store) == []


def test_data_with_classes_that_the_model_does_not_know_is_refused(lab):
    few = veml.model(lab["digits"].filter("zeros", "label = '0'"), TINY, name="ten")
    assert few.recipe["num_classes"] == 10
    recipe = {**few.recipe, "classes": ["0", "1"], "num_classes": 2}
    from veml_lab.versions.model import add_model

    two = add_model(lab.store, "two", recipe)
    with pytest.raises(BadInput, match="classes 2, which the model does not know"):
        veml.train(veml.plan(two, lab["digits"], name="x", epochs=1), lab, progress=False)
    assert "x" not in lab


def test_unknown_versions_in_a_plan_are_said(lab):
    with pytest.raises(UnknownName, match="data version 'nowhere'"):
        veml.train(dataclasses.replace(plan_of(lab, "x"), data="nowhere"), lab)


def test_validation_without_a_known_class_has_an_accuracy_of_nought(lab):
    """A label that the model does not know counts as wrong, and makes no NaN of the metrics."""
    from veml_lab.versions.model import add_model

    zeros, twos = lab["digits"].filter("zeros", "label = '0'"), lab["digits"].filter("twos", "label = '2'")
    recipe = {**veml.model(zeros, TINY, name="ten").recipe, "classes": ["0", "1"], "num_classes": 2}
    t = veml.train(
        veml.plan(add_model(lab.store, "two", recipe), zeros, name="x", validation=twos, epochs=1), lab, progress=False
    )
    assert t.metric == 0.0
    assert json.loads(json.dumps(lab.detail("x"), allow_nan=False))["accuracy"] == 0.0


def test_a_loss_that_is_no_number_is_said_and_the_job_has_failed(lab):
    with pytest.raises(JobError, match=r"(?s)loss became nan.*learning rate"):
        veml.train(plan_of(lab, "wild", lr=1e25, epochs=20), lab, progress=False)
    job = next(j for j in list_jobs(lab.store) if j.plan.name == "wild")
    assert job.status()["state"] == "failed" and "learning rate" in job.status()["message"]
    assert "wild" not in lab


@pytest.mark.parametrize("damage", ["cut", "empty", "pickle", "another network"])
def test_a_damaged_resume_file_means_starting_over_with_one_clean_log(lab, tmp_path, damage):
    job = make_job(lab.store, plan_of(lab, "again", epochs=3))

    class Payload:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "owned"),))

    class StopAfter(Exception):
        pass

    from veml_lab.training import jobs

    epoch = jobs.Reporter.epoch

    def stop_after_two(self, number, step, **metrics):
        epoch(self, number, step, **metrics)
        if number == 3:
            raise StopAfter

    jobs.Reporter.epoch = stop_after_two
    try:
        with pytest.raises(StopAfter):
            jobs.run(job, progress=False)
    finally:
        jobs.Reporter.epoch = epoch
    resume = job.folder / "resume.pt"
    whole = resume.read_bytes()
    assert job.status()["state"] == "failed" and len(whole) > 1000
    if damage == "another network":
        import torch

        state = torch.load(resume, weights_only=True)
        torch.save({**state, "net": {"x": torch.zeros(1)}}, resume)
    else:
        resume.write_bytes({"cut": whole[:1000], "empty": b"", "pickle": pickle.dumps(Payload())}[damage])
    with pytest.warns(UserWarning, match="starts over"):
        t = jobs.run(job, progress=False)
    assert not (tmp_path / "owned").exists()
    assert [s for s, _ in losses(t)] == list(range(1, 13))
    whole_run = veml.train(
        plan_of(lab, "in one piece", epochs=3, weight_decay=1e-4), lab, progress=False
    )  # another key, the same training
    assert [v for _, v in losses(t)] == pytest.approx([v for _, v in losses(whole_run)], rel=1e-3)


def test_a_half_written_line_of_the_log_is_left_out(tmp_path):
    (tmp_path / "log.jsonl").write_text('{"step": 1, "name": "loss", "value": 2.0}\n{"step": 2, "na')
    assert read_log(tmp_path / "log.jsonl") == [{"step": 1, "name": "loss", "value": 2.0}]
    assert read_log(tmp_path / "none") == []


def test_a_detached_job_is_watched_stopped_and_goes_on(lab):
    job = start(make_job(lab.store, plan_of(lab, "long", epochs=300)))
    assert job.status()["state"] == "running"
    job.stop()
    with pytest.raises(JobError, match="stopped"):
        job.wait(progress=False, poll_s=0.05)
    assert job.status()["state"] == "stopped" and "long" not in lab
    start(job)
    terminate(job)
    until(lambda: job.status()["state"] != "running", job.status)
    assert job.status()["state"] == "killed" and "go on where it was" in job.status()["message"]


def test_a_detached_training_comes_back_with_its_version(lab):
    t = veml.train(plan_of(lab, "apart", epochs=1), lab, detached=True, progress=False)
    assert t == lab["apart"] and len(losses(t)) == 4


def test_a_worker_that_dies_at_once_is_a_failure_and_no_endless_wait(lab, monkeypatch):
    job = make_job(lab.store, plan_of(lab, "doomed", epochs=1))
    with monkeypatch.context() as m:
        m.setenv("PYTHONHOME", "/nowhere")  # its interpreter cannot even start
        start(job)
    assert job.status()["state"] == "failed"
    with pytest.raises(JobError, match="its process ended"):
        job.wait(progress=False)


def test_who_looks_at_a_job_does_not_keep_it_from_starting(lab):
    """A look holds the job's lock for a moment; a run that comes just then must not take it for another run."""
    import fcntl
    import threading

    job = make_job(lab.store, plan_of(lab, "watched", epochs=1))
    job.folder.mkdir(parents=True)
    fd = os.open(job.folder, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_SH)
    assert not job._locked()  # two may look at once
    threading.Timer(0.1, os.close, [fd]).start()
    assert veml.train(job.plan, lab, progress=False).name == "watched"
