"""Jobs: a training is a folder that outlives whoever started it.

::

    jobs/<key>/plan.json       what was asked
               made.json       the record of who asked (:mod:`veml_lab.provenance.keeper`)
               status.json     state, process, epoch, message
               log.jsonl       numbers per step and epoch, appended
               resume.pt       where to go on after an interruption
               model.safetensors

A job's key is a hash of everything that its result depends on, so that the same inputs find the same
folder: finished, they give the version that is there; interrupted, they go on. While a job runs it
holds a lock on its folder. The lock goes with the process, so a job that was killed is told from one
that runs whatever its status file says. A detached job can be kept alive (``retries``) by a small
process of its own, which starts it again when it crashed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import BadInput, JobError, NameTaken, ReadOnlyLab, VemlError, warn
from ..execute import again
from ..intermediates.asking import Unmade, asking, due
from ..intermediates.asking import found as found_before
from ..storage.failures import in_words
from ..storage.locks import is_held, take
from ..storage.whole import write_whole
from ..versions.data import DataVersion
from ..versions.lab_cache import shelf_of
from ..versions.method import Method
from ..versions.model import ModelVersion
from ..versions.node import Node
from ..versions.settings import VERSIONS
from ..versions.store import VersionStore, check_name, dumps, key_of, new_id
from ..versions.training import TrainingVersion, find_training, metric_rows
from .backend import FitTask, Plan, Start
from .environment import environment
from .kept_errors import keep_after_training
from .registry import backend, declaration
from .reporter import Reporter, Stopped, parsed, put, read_log, read_status

CODE_VERSION = 2  # of what a training does with a plan; a higher number trains again
START_S = 60.0  # a detached job that has not begun after this long will not


@dataclass(frozen=True)
class Job:
    """One training job: its folder, and through it its state."""

    store: VersionStore
    key: str
    plan: Plan

    @property
    def folder(self) -> Path:
        return self.store.folder / "jobs" / self.key

    def status(self) -> dict[str, Any]:
        """``{"state", "epoch", "epochs", "message", ...}``; state is one of new, running, done, stopped, failed,
        killed."""
        path = self.folder / "status.json"
        status = read_status(self.folder) or {"state": "new"}
        began = status["state"] in ("running", "starting")
        if not began or self._locked():
            return status
        kept = again.watched(self.folder)
        if kept:
            status |= {
                "state": "starting",
                "message": f"its process ended by {kept['signal']}; started again ({kept['again']} of {kept['of']})",
            }
        elif kept is None and (status["state"] == "running" or time.time() - path.stat().st_mtime > START_S):
            status |= {
                "state": "killed",
                "message": "its process is gone; start it again to go on where it was (veml jobs LAB --resume)",
            }
        return status

    def log(self) -> list[dict[str, Any]]:
        """What has been recorded so far; a half-written last line is left out."""
        return read_log(self.folder / "log.jsonl")

    def stop(self) -> None:
        """Ask the job to stop after its step."""
        (self.folder / "stop").touch()

    def wait(self, *, progress: bool = True, poll_s: float = 0.3) -> TrainingVersion:
        """Watch the job until it ends; gives its training version."""
        return self.result(self.watch(progress=progress, poll_s=poll_s))

    def watch(self, *, progress: bool = True, poll_s: float = 0.3) -> dict[str, Any]:
        """Watch the job until it ends, however it ends; gives its last status."""
        from tqdm.auto import tqdm

        with tqdm(desc=self.plan.name, unit="step", disable=not progress, leave=False) as bar:
            while True:
                status = self.status()
                bar.total = status.get("steps")
                bar.n = status.get("step", 0)
                bar.set_postfix_str(status.get("message", ""))
                if status["state"] not in ("running", "starting"):
                    return status
                time.sleep(poll_s)

    def result(self, status: Mapping[str, Any]) -> TrainingVersion:
        """The training version of a job that is done; :class:`JobError` for one that ended otherwise."""
        found = find_training(self.store, self.key) if status["state"] == "done" else None
        if found is None:
            raise JobError(
                f"the job {self.plan.name!r} {status['state']}: {status.get('message', '')} (folder {self.folder})"
            )
        return found

    def __repr__(self) -> str:
        status = self.status()
        return (
            f"<job {self.plan.name!r}:"
            f" {status['state']}{', ' if status.get('message') else ''}{status.get('message', '')}>"
        )

    def _locked(self) -> bool:
        return is_held(self.folder, exclusive=False)  # shared: many may look at once


@dataclass(frozen=True)
class PlanVersions:
    """The versions that a plan names."""

    plan: Plan
    model: ModelVersion
    data: DataVersion
    validation: DataVersion | None
    init: TrainingVersion | None

    def fit_task(self, folder: Path) -> FitTask:
        """What its backend is asked to do, into that folder."""
        start = Start(self.init.checkpoint, self.init.classes) if self.init else None
        recipe, plan = self.model.recipe, self.plan
        return FitTask(recipe, plan.hyper, self.data, folder, self.validation, start, plan.seed)


def versions_of(store: VersionStore, plan: Plan) -> PlanVersions:
    """Look up what a plan names; :class:`~veml_lab.errors.UnknownName` for a version that is not there."""
    graph = store.graph()
    return PlanVersions(
        plan,
        ModelVersion(store, graph.find(plan.model, "model")),
        DataVersion(store, graph.find(plan.data, "data")),
        DataVersion(store, graph.find(plan.validation, "data")) if plan.validation else None,
        TrainingVersion(store, graph.find(plan.init, "training")) if plan.init else None,
    )


def plan_of(training: TrainingVersion) -> Plan:
    """The plan of a training, with where its values came from."""
    return Plan(**training.plan, origins=training.facts.origins, store=training.store)


def check_hyper(plan: Plan, task: str) -> None:
    """Refuse hyper-parameters that the plan's backend does not take, before anything starts."""
    declaration(plan.backend).filled(plan.hyper, task, validated=plan.validation is not None)


def by_id(store: VersionStore, plan: Plan) -> Plan:
    """The plan with the IDs of versions, where it has their names."""
    graph = store.graph()
    said = {field: v for field in VERSIONS if (v := getattr(plan, field)) is not None}
    ids: dict[str, Any] = {field: graph.find(v, VERSIONS[field]).id for field, v in said.items()}
    return replace(plan, **ids)


def make_job(store: VersionStore, plan: Plan) -> Job:
    """The job of a plan: checks the plan and names its folder; nothing runs yet."""
    check_name(plan.name)
    plan = by_id(store, plan)
    named = versions_of(store, plan)
    model, data, validation = named.model, named.data, named.validation
    for v in (data, validation):
        if v is not None and v.facts.trains_as != model.recipe["task"]:
            raise BadInput(
                f"{model.name!r} is for {model.recipe['task']}, {v.name!r} is for {v.task}; choose other data or"
                " another model"
            )
    check_hyper(plan, model.recipe["task"])
    key = key_of(
        "training",
        CODE_VERSION,
        dict(model.recipe),
        data.key,
        validation.key if validation else None,
        named.init.key if named.init else None,
        dict(plan.hyper),
        plan.seed,
    )
    return Job(store, key, plan)


def train(
    store: VersionStore, plan: Plan, *, detached: bool = False, retries: int = 0, progress: bool = True
) -> TrainingVersion:
    """Run a plan to its training version; the same inputs are trained once.

    Parameters
    ----------
    detached
        Run in a process of its own, which goes on when this one ends; else here.
    retries
        How often a detached process that crashed or was killed is started again by itself, to go on where it was.
    """
    if retries and not detached:
        raise BadInput("retries are for a job in a process of its own; pass detached=True as well")
    job = make_job(store, plan)
    found = _known(job)
    costs, said = shelf_of(store).costs, f"training {plan.name!r}"
    operation, units = f"train by {plan.backend}", float(plan.hyper.get("epochs") or 1)
    if asking() is not None and found is None:
        due(said, costs.expected(operation, units))
        return Unmade(said)  # type: ignore[return-value]
    if found is not None:
        found_before(said, costs.expected(operation, units))
        if found.name != plan.name:
            warn(f"trained before as {found.name!r}, which is given back; the name {plan.name!r} is not used")
        elif progress:
            print(f"{plan.name}: trained before ({found.summary()}), reused")
        return found
    if detached:
        start(job, retries=retries)
        return job.wait(progress=progress)
    began = time.perf_counter()
    made = run(job, progress=progress)
    costs.note(operation, time.perf_counter() - began, units)
    return made


def _known(job: Job) -> TrainingVersion | None:
    """The training version of the same inputs; refuses now what would be refused after the last step."""
    found = find_training(job.store, job.key)
    if found is not None:
        return found
    if job.store.catalog.read_only:
        raise ReadOnlyLab(f"{job.store.folder} is open read-only; open it with veml_lab.open(path) to train in it")
    if job.plan.name in job.store.graph().by_name:
        raise NameTaken(f"there is a version {job.plan.name!r} already, trained from other inputs; choose another name")
    return None


def start(job: Job, *, retries: int | None = None) -> Job:
    """Start a job in a process of its own and come back at once; one that runs or is done stays as it is.

    Parameters
    ----------
    retries
        How often it is started again by itself when a signal ended it (a crash, the kernel short of memory, ``kill
        -9``; not SIGTERM, which somebody meant). Default: what it was started with before, else 0.
    """
    if retries is not None and (not isinstance(retries, int) or isinstance(retries, bool) or retries < 0):
        raise BadInput(f"retries must be a whole number of at least 0, got {retries!r}")
    found = _known(job)
    status = job.status()
    if found is not None:
        if status["state"] != "done":  # its folder was lost or cut off at the last moment; the version was not
            _write_plan(Job(job.store, job.key, plan_of(found)))
            put(job.folder, state="done", message=f"done before as {found.name!r}")
        return job
    if status["state"] == "running" or (status["state"] == "starting" and again.watched(job.folder) is not None):
        return job
    _write_plan(job)
    job.store.provenance.note_in(job.folder)
    (job.folder / "stop").unlink(missing_ok=True)
    times = int(status.get("retries", 0)) if retries is None else retries
    put(job.folder, state="starting", message="starting", retries=times)
    command = [sys.executable, "-m", "veml_lab.training.worker", str(job.store.folder), job.key]
    if times:
        command = [sys.executable, "-m", "veml_lab.execute.again", str(job.folder), str(times), *command]
    with (job.folder / "worker.out").open("ab") as out:
        worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    while job.status()["state"] == "starting":
        if worker.poll() is not None and job.status()["state"] == "starting":
            said = (job.folder / "worker.out").read_text(errors="replace").strip().splitlines()
            put(
                job.folder,
                state="failed",
                message=f"its process ended with {worker.returncode}: {said[-1] if said else 'it said nothing'}",
            )
        time.sleep(0.1)
    return job


def run(job: Job, *, progress: bool = True) -> TrainingVersion:
    """Run a job in this process: fit, then one commit that makes the training version.

    Interrupted or killed it leaves a folder from which the next run goes on.
    """
    found = _known(job)
    if found is not None:
        return found
    job.folder.mkdir(parents=True, exist_ok=True)
    lock = _hold(job)
    while lock is None:  # another process is at it: wait for what it makes, or take over where it died
        ended = job.watch(progress=progress)
        if ended["state"] not in ("killed", "new"):  # new: it holds the folder and has not said anything yet
            return job.result(ended)
        lock = _hold(job)
    try:
        found = _known(job)
        if found is not None:
            return found  # another process was, until a moment ago
        _write_plan(job)
        job.store.provenance.note_in(job.folder)
        if job.status()["state"] != "starting":  # a detached job may have been asked to stop while it was starting
            (job.folder / "stop").unlink(missing_ok=True)
        put(job.folder, state="running", message="starting")
        return _fit(job, progress)
    except KeyboardInterrupt:
        put(job.folder, state="stopped", message="interrupted; run it again to go on")
        raise
    except Stopped:
        put(job.folder, state="stopped", message="stopped on request; run it again to go on")
        raise
    except VemlError as e:
        put(job.folder, state="failed", message=str(e))
        raise
    except Exception as e:
        put(job.folder, state="failed", message=f"{type(e).__name__}: {e}")
        if "out of memory" in str(e).lower():
            size = job.plan.hyper.get("batch_size", "?")
            raise JobError(f"{job.plan.name!r} ran out of memory with batches of {size}; halve batch_size") from e
        raise
    finally:
        os.close(lock)


def _fit(job: Job, progress: bool) -> TrainingVersion:
    store, plan = job.store, job.plan
    named = versions_of(store, plan)
    engine = backend(plan.backend)
    epochs = engine.epochs(named.model.recipe, plan.hyper)
    reporter = Reporter(job.folder, plan.name, job.status(), epochs=epochs, progress=progress)
    put(job.folder, epochs=epochs)
    with reporter:
        summary = engine.fit(named.fit_task(job.folder), reporter)
    summary["seconds"] = round(reporter.seconds(), 2)
    node = _register(job, named, summary)
    (job.folder / "resume.pt").unlink(missing_ok=True)
    keep_after_training(TrainingVersion(store, node))
    early = summary.get("epochs", epochs) < epochs
    after = (
        f" after {summary['epochs']} of {epochs} epochs: no better since epoch {summary['best_epoch']}" if early else ""
    )
    put(
        job.folder,
        state="done",
        epoch=summary.get("epochs", epochs),
        epochs=epochs,
        message=f"done in {summary['seconds']:.0f} s{after}",
    )
    return TrainingVersion(store, node)


def _register(job: Job, named: PlanVersions, summary: Mapping[str, Any]) -> Node:
    plan, model, data, validation, init = job.plan, named.model, named.data, named.validation, named.init
    edges: list[tuple[str, str, Mapping[str, Any]]] = [
        (model.id, "instance_of", {}),
        (data.id, "trained_on", {"annotation_layer": data.facts.layer}),
    ]
    if validation is not None:
        edges.append((validation.id, "tested_on", {"annotation_layer": validation.facts.layer}))
    if init is not None:
        edges.append((init.id, "fine_tuned_from", {"reused": len(summary.get("reused", []))}))
    if plan.rebuilt_from and plan.rebuilt_from != plan.init:
        edges.append((plan.rebuilt_from, "rebuilt_from", {"operation": str(Method.of(plan.to_dict()))}))
    small = {k: v for k, v in summary.items() if k not in ("reused", "fresh")}
    declared, task = declaration(plan.backend), model.recipe["task"]
    metric = declared.metrics[task][0]
    props = {
        "key": job.key,
        "plan": plan.to_dict(),
        "origins": dict(plan.origins),
        "hyper": declared.filled(plan.hyper, task, validated=validation is not None),
        "summary": small,
        "classes": list(model.recipe["classes"]),
        "metric": metric.name,
        "direction": metric.direction,  # a reader may not have the backend that declared it
        "checkpoint": str((job.folder / "model.safetensors").relative_to(job.store.folder)),
        "reused": len(summary.get("reused", [])),
        "fresh": list(summary.get("fresh", [])),
        "environment": environment(CODE_VERSION),
    }
    node_id = new_id("training")
    return job.store.add(
        "training",
        plan.name,
        props,
        edges,
        changes=[metric_rows(node_id, job.log())],
        node_id=node_id,
        record=job.store.provenance.noted_in(job.folder),
    )


def list_jobs(store: VersionStore) -> list[Job]:
    """All jobs of a lab, oldest first."""
    found = []
    folders = (p for p in (store.folder / "jobs").glob("*") if (p / "plan.json").exists())
    for p in sorted(folders, key=lambda p: (p / "plan.json").stat().st_mtime):
        try:
            with in_words(p / "plan.json", "read"):
                plan = Plan(**parsed((p / "plan.json").read_text(errors="replace")))
        except TypeError:  # null, a number, or the fields of something else
            warn(f"{p / 'plan.json'} is damaged and its job is left out; see: veml check {store.folder}")
            continue
        found.append(Job(store, p.name, plan))
    return found


def _write_plan(job: Job) -> None:
    with in_words(job.folder):
        job.folder.mkdir(parents=True, exist_ok=True)
    write_whole(job.folder / "plan.json", dumps({**job.plan.to_dict(), "origins": dict(job.plan.origins)}))


def _hold(job: Job) -> int | None:
    """The job's lock, a file descriptor; None where another process has it.

    Tried for half a second: a look at the job's state holds the lock for a moment too.
    """
    for _ in range(25):
        fd = take(job.folder, exclusive=True)
        if fd is not None:
            return fd
        time.sleep(0.02)
    return None


def terminate(job: Job) -> None:
    """End the process of a detached job at once; it stays resumable from its last epoch."""
    pid = job.status().get("pid")
    if pid and job._locked() and pid != os.getpid():
        os.kill(pid, signal.SIGTERM)
