"""kill -9, Ctrl-C, two processes at once, a read-only mount: what was acknowledged is never lost, nothing is ever
torn."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import time

import numpy as np
import pytest
from patience import PATIENCE_S, until

import veml_lab as veml
from veml_lab.catalog import Catalog
from veml_lab.embeddings import embed, torchvision_embedder
from veml_lab.errors import ReadOnlyLab
from veml_lab.training.jobs import list_jobs

IMPORT_FOREVER = """
import sys, veml_lab as veml
lab = veml.open(sys.argv[1])
for i in range(1000):
    version = lab.add(f"digits-{i}", veml.read_idx(sys.argv[2]), progress=False)
    print(version.name, len(version), flush=True)
"""

TRAIN = """
import sys, veml_lab as veml
lab = veml.open(sys.argv[1])
data = lab.add("digits", veml.read_idx(sys.argv[2]), progress=False)
model = veml.model(data, {"architecture": "resnet10", "width": 8, "size_px": [16, 16]}, name="tiny")
plan = veml.plan(model, data, name="run", epochs=int(sys.argv[3]), batch_size=16, lr=1e-2, augment=["crop"])
print("begin", flush=True)
print(veml.train(plan, lab, progress=False).id, flush=True)
"""

DIES = """import os, signal
from veml_lab.training.reporter import Reporter
step = Reporter.step
def dies(self, at, **values):
    step(self, at, **values)
    if at == {}:
        os.kill(os.getpid(), signal.SIGKILL)
Reporter.step = dies
"""

DERIVE = """
import sys, veml_lab as veml
lab = veml.open(sys.argv[1])
data = lab["digits"]
print("ready", flush=True)
for i in range(15):
    data.sample(f"{sys.argv[2]}-{i}", 10, seed=i)
    print(f"{sys.argv[2]}-{i}", flush=True)
"""


def whole(lab: veml.Lab) -> None:
    """Every version of the lab can be read to its last pixel, and no two of its imports share an ID."""
    seen: set[int] = set()
    for version in lab.data:
        ids = set(version.ids)
        assert not ids & seen
        seen |= ids
        n = version.facts.n
        assert len(ids) == n == version.samples.num_rows == len(version.annotations.class_labels)
        for position in (0, n // 2, n - 1):
            assert version.images[position].size == (16, 16)
        parts = [v for v in lab.versions("data") if v.name in (f"{version.name}-train", f"{version.name}-test")]
        assert sum(len(p) for p in parts) == n


@pytest.mark.parametrize("seed", range(3))
def test_what_an_import_acknowledged_survives_a_kill_at_any_moment(tmp_path, digits, python, seed):
    lab, acknowledged = tmp_path / "lab", []
    process = python(IMPORT_FOREVER, lab, digits)
    acknowledged.append(process.stdout.readline())  # it has begun
    time.sleep(random.Random(seed).uniform(0, 0.8))
    process.kill()
    acknowledged += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]

    opened = veml.open(lab)
    whole(opened)
    there = {v.name: len(v) for v in opened.data}
    for line in acknowledged:
        name, n = line.split()
        assert there[name] == int(n)
    again = opened.add(f"digits-{len(acknowledged)}", veml.read_idx(digits), progress=False)  # the one that was cut off
    assert len(again) == 80
    whole(opened)


@pytest.mark.parametrize("moment", ["Catalog.commit", "SegmentWriter.close", "Path.replace"])
def test_an_import_killed_between_segment_and_commit_is_done_again(tmp_path, digits, python, moment):
    where = {
        "Catalog.commit": "from veml_lab.versions.store import VersionStore as C; m = 'add_many'",
        "SegmentWriter.close": "from veml_lab.catalog.segments import SegmentWriter as C; m = 'close'",
        "Path.replace": "import pathlib; C = pathlib.Path; m = 'replace'",
    }[moment]
    code = f"""
import os, signal, sys, veml_lab as veml
lab = veml.open(sys.argv[1])
{where}
setattr(C, m, lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
lab.add("digits", veml.read_idx(sys.argv[2]), progress=False)
"""
    process = python(code, tmp_path / "lab", digits)
    assert process.wait() == -signal.SIGKILL, process.stderr.read()
    lab = veml.open(tmp_path / "lab")
    assert lab.versions() == []
    assert len(lab.add("digits", veml.read_idx(digits), progress=False)) == 80
    whole(lab)


@pytest.mark.parametrize("moment", ["catalog.duckdb", ".lab.toml"])
def test_a_lab_killed_while_it_is_made_is_taken_up_again(tmp_path, digits, python, moment):
    code = f"""
import os, pathlib, signal, sys, veml_lab as veml
real = pathlib.Path.replace
def replace(self, target):
    if {moment!r} in self.name:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, target)
pathlib.Path.replace = replace
veml.open(sys.argv[1])
"""
    process = python(code, tmp_path / "lab")
    assert process.wait() == -signal.SIGKILL, process.stderr.read()
    assert list((tmp_path / "lab").iterdir())  # it had begun
    assert len(veml.open(tmp_path / "lab").add("digits", veml.read_idx(digits), progress=False)) == 80


def test_four_processes_make_one_lab_together(tmp_path, python):
    code = "import sys, veml_lab as veml; print(len(veml.open(sys.argv[1]).versions()))"
    processes = [python(code, tmp_path / "lab") for _ in range(4)]
    assert [p.communicate() for p in processes] == [("0\n", "")] * 4


def test_a_commit_is_whole_or_absent_wherever_the_process_is_killed(fresh, digits_lab, python):
    lab = fresh(digits_lab)
    before = len(lab.versions())
    process = python(DERIVE, lab.path, "killed")
    done = [process.stdout.readline() for _ in range(3)]
    time.sleep(0.03)
    process.kill()
    done += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    names = {line.strip() for line in done} - {"ready"}
    reader = veml.open(lab.path, read_only=True)  # the write-ahead log of the killed process may be there still
    for v in [reader[n] for n in names] + [v for v in reader.versions("data") if v.name.startswith("killed")]:
        assert len(v) == 10 and v.facts.n == 10
        assert [e.props["operation"] for e in reader.store.graph().into[v.id]] == ["sample"]
    assert (
        before + len(names) <= len(lab.versions()) <= before + len(names) + 1
    )  # one may be committed but not yet said
    lab["digits"].sample("after", 5)
    assert "after" in reader


def test_two_processes_that_commit_at_once_lose_nothing(fresh, digits_lab, python):
    lab = fresh(digits_lab)
    before = len(lab.versions())
    processes = [python(DERIVE, lab.path, name) for name in ("a", "b")]
    for p in processes:
        out, err = p.communicate(timeout=PATIENCE_S)
        assert p.returncode == 0, err
        assert len(out.split()) == 16
    assert len(lab.versions()) == before + 30
    steps = lab.store.catalog.read("counts").to_pylist()[0]
    assert steps["nodes"] == before + 30


def test_two_processes_that_import_the_same_name_leave_one_version(tmp_path, digits, python):
    veml.open(tmp_path / "lab")
    code = (
        "import sys, veml_lab as veml; print(len(veml.open(sys.argv[1]).add('digits', veml.read_idx(sys.argv[2]),"
        " progress=False)))"
    )
    results = [
        (p.communicate(timeout=PATIENCE_S), p.returncode)
        for p in [python(code, tmp_path / "lab", digits) for _ in range(2)]
    ]
    lab = veml.open(tmp_path / "lab")
    assert [v.name for v in lab.data] == ["digits"]
    whole(lab)
    assert results == [(("80\n", ""), 0)] * 2


# -- training --------------------------------------------------------------------------------------------


def losses(lab: veml.Lab, name: str) -> list[tuple[int, str, float]]:
    machine = ("cpu_percent", "rss_mb", "gpu_memory_mb", "samples_per_s")  # looked at now and then, by the clock
    return [(r["step"], r["name"], r["value"]) for r in lab[name].log() if r["name"] not in machine]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, digits):
    """The training of TRAIN with four epochs, in one piece."""
    folder = tmp_path_factory.mktemp("undisturbed") / "lab"
    lab = veml.open(folder)
    data = lab.add("digits", veml.read_idx(digits), progress=False)
    model = veml.model(data, {"architecture": "resnet10", "width": 8, "size_px": [16, 16]}, name="tiny")
    veml.train(
        veml.plan(model, data, name="run", epochs=4, batch_size=16, lr=1e-2, augment=["crop"]), lab, progress=False
    )
    return lab


def same_as(lab: veml.Lab, undisturbed: veml.Lab) -> None:
    """The same steps, the same numbers, the same weights: as if nothing had happened."""
    assert [s for s, *_ in losses(lab, "run")] == [s for s, *_ in losses(undisturbed, "run")]
    np.testing.assert_allclose(
        [v for *_, v in losses(lab, "run")], [v for *_, v in losses(undisturbed, "run")], rtol=1e-3, atol=1e-5
    )
    assert lab["run"].metric == undisturbed["run"].metric
    from safetensors.numpy import load_file

    mine, theirs = load_file(lab["run"].checkpoint), load_file(undisturbed["run"].checkpoint)
    for k in theirs:
        np.testing.assert_allclose(mine[k], theirs[k], rtol=1e-3, atol=1e-4)


def test_a_training_killed_in_every_epoch_ends_as_an_undisturbed_one(tmp_path, digits, python, undisturbed):
    lab = tmp_path / "lab"
    for step in (6, 11, 16):  # within the second epoch of four steps, the third, and after the last step of all
        code = TRAIN.replace("print(", DIES.format(step) + "print(", 1)
        process = python(code, lab, digits, 4)
        assert process.wait(PATIENCE_S) == -signal.SIGKILL, process.stderr.read()
        (job,) = list_jobs(veml.open(lab).store)
        assert job.status()["state"] == "killed" and (job.folder / "resume.pt").exists()
        assert job.status()["epoch"] == (step - 1) // 4
    assert python(TRAIN, lab, digits, 4).wait(PATIENCE_S) == 0
    opened = veml.open(lab)
    same_as(opened, undisturbed)
    assert list_jobs(opened.store)[0].status()["state"] == "done"
    assert not (list_jobs(opened.store)[0].folder / "resume.pt").exists()


def test_a_training_killed_before_its_commit_keeps_its_metric_and_is_not_trained_again(
    tmp_path, digits, python, undisturbed
):
    lab = tmp_path / "lab"
    dying = TRAIN.replace(
        'print("begin"',
        "import os, signal; from veml_lab.training import jobs; jobs._register = lambda *a: os.kill(os.getpid(),"
        " signal.SIGKILL); print('begin'",
    )
    assert python(dying, lab, digits, 4).wait(PATIENCE_S) == -signal.SIGKILL
    job = list_jobs(veml.open(lab).store)[0]
    logged = (job.folder / "log.jsonl").read_bytes()
    assert job.status()["state"] == "killed"
    assert python(TRAIN, lab, digits, 4).wait(PATIENCE_S) == 0
    assert (job.folder / "log.jsonl").read_bytes() == logged  # not one step was done again
    same_as(veml.open(lab), undisturbed)


def test_ctrl_c_leaves_a_stopped_job_that_goes_on_from_the_epoch_reached(tmp_path, digits, python):
    lab = tmp_path / "lab"
    process = python(TRAIN, lab, digits, 400)
    process.stdout.readline()
    opened = veml.open(lab)
    until(
        lambda: process.poll() is not None or any(j.status().get("epoch", 0) >= 2 for j in list_jobs(opened.store)),
        "the second epoch",
    )
    assert process.poll() is None, process.stderr.read()
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) != 0
    job = list_jobs(opened.store)[0]
    status = job.status()
    assert status["state"] == "stopped" and "run it again" in status["message"]
    assert "run" not in opened
    reached = status["epoch"]

    second = python(TRAIN, lab, digits, 400)
    second.stdout.readline()
    until(
        lambda: (
            second.poll() is not None
            or (job.status()["state"] == "running" and job.status().get("step", 0) > status["step_of_epoch"])
        ),
        job.status,
    )
    assert second.poll() is None, second.stderr.read()
    job.stop()
    assert second.wait(PATIENCE_S) != 0
    assert "Stopped" in second.stderr.read()
    steps = [r["step"] for r in job.log() if r["name"] == "loss"]
    assert job.status()["epoch"] >= reached
    first_half = [r for r in steps if r <= status["step_of_epoch"]]
    assert sorted(set(first_half)) == list(range(1, status["step_of_epoch"] + 1))  # the old log is there, once


def test_two_processes_with_one_plan_train_it_once(tmp_path, digits, python):
    veml.open(tmp_path / "lab").add("digits", veml.read_idx(digits), progress=False)
    processes = [python(TRAIN, tmp_path / "lab", digits, 12) for _ in range(2)]
    said = [p.communicate(timeout=PATIENCE_S) for p in processes]
    assert [p.returncode for p in processes] == [0, 0], said
    assert said[0][0].split()[-1] == said[1][0].split()[-1]  # the same version
    lab = veml.open(tmp_path / "lab")
    assert [v.name for v in lab.versions("training")] == ["run"]
    steps = [r["step"] for r in lab["run"].log() if r["name"] == "loss" and r["value"] is not None]
    assert max(steps) == 12 * 4


# -- read-only -------------------------------------------------------------------------------------------


def everything(folder) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): f"{p.stat().st_mtime_ns} {hashlib.sha256(p.read_bytes()).hexdigest()}"
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.fixture
def frozen(tmp_path, fresh, digits_lab):
    """A copy of the lab whose files and folders nobody may write."""
    folder = tmp_path / "frozen"
    lab = fresh(digits_lab)
    veml.similarity([lab["digits"], lab["bright"]], progress=False)
    veml.drift(lab["first"], lab["bright"], progress=False)
    veml.backup(lab.path, folder)
    for p in [*folder.rglob("*"), folder]:
        p.chmod(0o555 if p.is_dir() else 0o444)
    yield folder
    for p in [folder, *folder.rglob("*")]:
        p.chmod(0o755)


def test_a_read_only_copy_answers_everything_that_is_known_and_is_not_touched(frozen, digits_lab):
    before = everything(frozen)
    lab = veml.open(frozen, read_only=True)
    assert len(lab.versions()) == len(digits_lab.lab.versions())
    assert lab["digits"].statistics().n == 80
    assert lab["digits"].images[0].size == (16, 16)
    table = veml.similarity([lab["digits"], lab["bright"]], progress=False)  # from the results that are kept
    assert table.closest_pair() == ("digits", "bright")
    assert veml.drift(lab["first"], lab["bright"], progress=False).drifted
    assert "in production" in repr(lab.lineage("in production"))
    assert len(lab.rows()) == len(lab.versions())
    assert lab.similarity_latest() is not None and lab.drift_latest()
    assert everything(frozen) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda lab, _: lab["digits"].sample("part", 5),
        lambda lab, source: lab.add("more", source, progress=False),
        lambda lab, _: embed(
            lab["digits"], torchvision_embedder("squeezenet1_1", weights="random", size_px=32, seed=9), progress=False
        ),
        lambda lab, _: lab.store.link(lab["digits"].id, lab["bright"].id, "derived_from"),
    ],
    ids=["derive", "import", "embed", "link"],
)
def test_a_read_only_lab_says_no_to_a_change_and_stays_as_it_was(frozen, digits, change):
    before = everything(frozen)
    with pytest.raises(ReadOnlyLab, match="read-only"):
        change(veml.open(frozen, read_only=True), veml.read_idx(digits))
    assert everything(frozen) == before


def test_a_killed_commit_in_the_log_is_seen_by_a_process_that_was_open_before(tmp_path, python):
    """DuckDB folds its log in when it is next written; until then the file's own time does not change."""
    catalog = Catalog(tmp_path)
    revision = catalog.revision()
    code = """
import os, signal, sys, duckdb
con = duckdb.connect(sys.argv[1] + "/catalog.duckdb")
con.execute("INSERT INTO node VALUES ('d-1', 'data', 'late', now()::TIMESTAMP, '{}')")
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert python(code, tmp_path).wait() == -signal.SIGKILL
    assert catalog.revision() != revision
    assert [r["name"] for r in catalog.read("nodes").to_pylist()] == ["late"]
    assert json.loads(catalog.read("nodes").to_pylist()[0]["props"]) == {}
