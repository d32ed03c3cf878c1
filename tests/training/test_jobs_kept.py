"""What happens to a detached job that dies: its status is true, one command goes on, and with retries it goes on by
itself."""

from __future__ import annotations

import json
import os
import signal
import sys

import patience
import pytest

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput, JobError, NameTaken, ReadOnlyLab
from veml_lab.execute import again
from veml_lab.training import jobs
from veml_lab.training.jobs import list_jobs, make_job, start


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def plan_of(lab, name, **hyper):
    return veml.plan(lab["tiny"], lab["digits"], name=name, **{"epochs": 40, "batch_size": 16, "lr": 1e-3, **hyper})


def until(job, true):
    """Look at a job until something is true of its status; the status."""
    return patience.until(lambda: s if true(s := job.status()) else None, job.status)


def losses(training):
    return [r["step"] for r in training.log() if r["name"] == "loss"]


def test_a_job_that_is_killed_goes_on_by_itself_where_retries_were_asked(lab):
    job = start(make_job(lab.store, plan_of(lab, "kept", epochs=120)), retries=1)
    first = until(job, lambda s: s.get("epoch", 0) >= 2)
    os.kill(first["pid"], signal.SIGKILL)
    between = until(job, lambda s: s["state"] == "starting")
    assert "ended by SIGKILL; started again (1 of 1)" in between["message"]
    t = job.wait(progress=False)
    assert t == lab["kept"] and losses(t) == list(range(1, 481)), "every step once"
    assert job.status()["pid"] != first["pid"]


def test_a_second_kill_is_one_too_many_and_one_command_goes_on(lab, capsys):
    job = start(make_job(lab.store, plan_of(lab, "twice", epochs=400)), retries=1)
    for _ in range(2):
        at = until(job, lambda s: s["state"] == "running")
        done = at.get("epoch", 0)
        at = until(job, lambda s, done=done: s.get("epoch", 0) > done)
        os.kill(at["pid"], signal.SIGKILL)
        at = until(job, lambda s: s["state"] in ("starting", "killed"))
    assert at["state"] == "killed" and "--resume" in at["message"]
    assert main(["jobs", str(lab.path), "twice", "--watch"]) == 1
    assert capsys.readouterr().out.startswith("killed   twice")
    assert main(["jobs", str(lab.path), "--resume", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["name"] == "twice" and row["state"] in ("starting", "running") and row["retries"] == 1, (
        "as it was started before"
    )
    until(job, lambda s: s.get("epoch", 0) > at["epoch"])
    assert main(["jobs", str(lab.path), "twice", "--stop", "--watch"]) == 1
    assert capsys.readouterr().out.startswith("stopped  twice")


def test_who_ends_a_job_with_sigterm_means_it(lab):
    job = start(make_job(lab.store, plan_of(lab, "ended", epochs=400)), retries=3)
    until(job, lambda s: s["state"] == "running")
    jobs.terminate(job)
    until(job, lambda s: s["state"] == "killed")


def test_a_job_that_fails_on_its_own_is_not_tried_again(lab):
    job = start(make_job(lab.store, plan_of(lab, "wrong", devices=99)), retries=3)
    status = until(job, lambda s: s["state"] not in ("starting", "running"))
    assert status["state"] == "failed" and "devices" in status["message"]
    until(job, lambda _: again.watched(job.folder) is None)
    assert job.status() == status


def test_starting_what_is_trained_already_leaves_it_done(lab):
    job = next(j for j in list_jobs(lab.store) if j.plan.name == "first")
    for _ in range(2):
        assert start(make_job(lab.store, job.plan)).status()["state"] == "done"
        (job.folder / "status.json").unlink(
            missing_ok=True
        )  # a folder that lost its status: the version says what it is
    assert start(job).wait(progress=False) == lab["first"]


def test_a_taken_name_is_said_before_a_detached_job_starts(lab):
    with pytest.raises(NameTaken, match="other inputs"):
        start(make_job(lab.store, plan_of(lab, "first", epochs=1)))
    assert len(list_jobs(lab.store)) == 1


def test_a_lab_that_is_open_read_only_is_not_trained_in(digits_lab):
    lab = veml.open(digits_lab.path, read_only=True)
    before = sorted(p.name for p in (lab.path / "jobs").iterdir())
    for detached in (False, True):
        with pytest.raises(ReadOnlyLab, match="to train in it"):
            veml.train(plan_of(lab, "x"), lab, detached=detached, progress=False)
    assert sorted(p.name for p in (lab.path / "jobs").iterdir()) == before


def test_a_job_that_is_stopped_while_it_starts_stops(lab):
    job = make_job(lab.store, plan_of(lab, "early"))
    job.folder.mkdir(parents=True)
    jobs.put(job.folder, state="starting", message="starting")
    job.stop()
    with pytest.raises(JobError, match="was stopped at step 1"):
        jobs.run(job, progress=False)
    assert job.status()["state"] == "stopped"
    assert jobs.run(job, progress=False) == lab["early"], "the wish is not kept for the next run"


@pytest.mark.parametrize("retries", [-1, 1.5, True])
def test_retries_are_a_number_for_detached_jobs(lab, retries):
    with pytest.raises(BadInput, match="retries must be"):
        start(make_job(lab.store, plan_of(lab, "x")), retries=retries)
    with pytest.raises(BadInput, match="detached=True"):
        veml.train(plan_of(lab, "x"), lab, retries=2, progress=False)
    assert len(list_jobs(lab.store)) == 1


def test_jobs_on_the_command_line_are_named_or_refused(lab, capsys):
    assert main(["jobs", str(lab.path), "first", "--json"]) == 0
    assert [r["name"] for r in json.loads(capsys.readouterr().out)] == ["first"]
    for wrong, says in (
        (["nowhere"], "no job 'nowhere'"),
        (["--stop"], "say which job"),
        (["first", "--stop", "--resume"], "give one of"),
    ):
        assert main(["jobs", str(lab.path), *wrong]) == 2
        assert says in capsys.readouterr().err


CRASHES = (
    "import os, pathlib, sys; p = pathlib.Path(sys.argv[1]); n = len(p.read_text()) if p.exists() else 0;"
    " p.write_text('x' * (n + 1)); {}"
)


@pytest.mark.parametrize(
    ("ends", "times", "code", "runs"),
    [
        ("n < 2 and os.kill(os.getpid(), 9)", 3, 0, 3),
        ("os.kill(os.getpid(), 9)", 2, -9, 3),
        ("os.kill(os.getpid(), 15)", 2, -15, 1),
        ("sys.exit(4)", 2, 4, 1),
        ("pathlib.Path(sys.argv[1]).with_name('stop').touch(); os.kill(os.getpid(), 9)", 2, -9, 1),
    ],
)
def test_a_command_is_run_again_after_a_crash_and_only_then(tmp_path, monkeypatch, ends, times, code, runs):
    monkeypatch.setattr(again, "PAUSE_S", 0.01)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert again.run(tmp_path, times, [sys.executable, "-c", CRASHES.format(ends), str(tmp_path / "count")]) == code
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len((tmp_path / "count").read_text()) == runs and again.watched(tmp_path) is None
