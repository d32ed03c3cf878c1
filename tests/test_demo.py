"""The main job, end to end: all nine steps on the drawn road world; a second run makes nothing new."""

from __future__ import annotations

import hashlib
import signal
import time
from types import SimpleNamespace

import numpy as np
import pytest
from labs import REAL

import veml_lab as veml
from veml_lab import demo
from veml_lab.evaluation.metric import metric_named
from veml_lab.training.jobs import list_jobs

ROAD = """
import sys, veml_lab as veml
from veml_lab import demo
from veml_lab.evaluation.metric import metric_named
lab = veml.open(sys.argv[1])
lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
demo.run(sys.argv[1], quick=True, progress=False, say=lambda text: print(text, flush=True))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The quick road world run twice into one lab: ``(lab, lines, results, what lay there)`` of both runs."""
    folder = tmp_path_factory.mktemp("demo") / "lab"
    # seeded features whatever the machine has or can reach, so that the test is the same everywhere
    veml.open(folder).use_embedder("squeezenet1_1", weights="random", size_px=32)
    runs = []
    for _ in range(2):
        lines: list[str] = []
        results = demo.run(folder, quick=True, progress=False, say=lines.append)
        runs.append((veml.open(folder), lines, results, artefacts(folder)))
    return runs


def artefacts(folder) -> dict[str, tuple[int, str]]:
    """Time and content of everything that costs time to make: weights, exports, embeddings, segments."""
    return {
        str(p.relative_to(folder)): (p.stat().st_mtime_ns, hashlib.sha256(p.read_bytes()).hexdigest())
        for part in ("jobs", "blobs", "embeddings", "segments")
        for p in sorted((folder / part).rglob("*"))
        if p.is_file()
    }


def test_all_nine_steps_are_told_in_order(told):
    for _, lines, _, _ in told:
        steps = [line.strip().split("]")[0] for line in lines if line.strip().startswith("[")]
        assert steps == [f"[{i}/9" for i in range(1, 10)]


def test_the_last_lineage_holds_all_four_kinds_and_reaches_every_import_it_rests_on(told):
    lab, _, results, _ = told[0]
    nodes = {n["name"]: n for n in results["lineage"]["nodes"]}
    assert {n["kind"] for n in nodes.values()} == {"data", "model", "training", "inference"}
    assert {"overcast-suburb", "suburb-in-fog"} <= set(nodes)  # what was trained on, and what came from production
    tree = lab.lineage(results["lineage"]["focus"], direction="ancestors")
    best = max(results["rebuild"][1:], key=lambda r: r["accuracy"])["training"]
    assert best in nodes
    for name, n in nodes.items():
        assert tree.path(name, results["lineage"]["focus"]), f"no path from {name}"
        assert n["id"] in lab.store.graph().nodes


def test_the_report_says_what_was_measured(told):
    _, lines, results, _ = told[0]
    matrix = results["similarity"]["measures"]
    assert results["similarity"]["names"] == ["clear-city", "overcast-suburb", "foggy-highway"]
    assert set(matrix) >= {"mean", "energy"}
    assert results["parity"]["agreement"] >= 0.99 and results["parity"]["samples"] > 0
    assert 0 <= results["drift"]["p_value"] <= 1
    methods = [r["method"] for r in results["rebuild"]]
    assert methods == [
        "no retraining",
        "full training",
        "transfer learning",
        "active learning 10%",
        "active learning 30%",
        "active learning 50%",
    ]
    labels = [r["labels"] for r in results["rebuild"]]
    assert labels[0] is None and labels[1] == labels[2] > labels[5] > labels[4] > labels[3] > 0
    text = "\n".join(lines)
    assert "REPORT" in text and "veml lab" in text and "pictures/" in text


def test_the_pictures_of_the_report_are_there(told):
    lab, *_ = told[0]
    for name in ("lineage", "similarity", "drift"):
        assert (lab.path / "pictures" / f"{name}.html").stat().st_size > 1000


def test_a_second_run_reuses_every_version_and_makes_no_file_again(told):
    (_, _, first, before), (lab, lines, second, after) = told
    assert second["reused"] == second["versions"] == first["versions"] == len(lab.versions())
    assert "already and were reused" in "\n".join(lines)
    assert after == before
    for key in ("similarity", "transfer", "parity", "drift"):
        assert second[key] == first[key]
    assert [r["accuracy"] for r in second["rebuild"]] == [r["accuracy"] for r in first["rebuild"]]


@pytest.mark.parametrize(
    ("values", "scratch", "due"),
    [((0.2, 0.5, 0.9), 0.5, (4, 6)), ((0.6, 0.5, 0.9), 0.5, (2, 6)), ((0.1, 0.2, 0.3), 0.5, None), ((), 0.5, None)],
)
def test_the_passes_to_what_scratch_came_to_are_counted(values, scratch, due):
    """Three validations in six epochs: one each two."""
    series = {"accuracy": np.array([(10 * i, v) for i, v in enumerate(values, 1)])} if values else {}
    judge = metric_named("accuracy")
    transferred = SimpleNamespace(
        metric_name="accuracy", judged_by=judge, series=lambda: series, plan={"hyper": {"epochs": 6}}
    )
    assert demo._passes_to(transferred, SimpleNamespace(metric=scratch)) == due


def test_every_training_of_the_run_is_a_finished_job(told):
    lab, *_ = told[1]
    jobs = list_jobs(lab.store)
    assert {j.key for j in jobs} == {t.key for t in lab.versions("training")}
    assert {j.status()["state"] for j in jobs} == {"done"}


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_a_run_interrupted_again_and_again_comes_to_the_same_end(told, tmp_path, python, how):
    """Interrupted every few seconds, at whatever step that is, until it gets through."""
    for attempt in range(40):
        process = python(ROAD, tmp_path / "lab")
        end = time.monotonic() + 6 + 1.7 * attempt
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        if process.poll() is not None:
            break
        process.send_signal(how)
        process.communicate()
    assert process.returncode == 0, process.stderr.read()
    lab, whole = veml.open(tmp_path / "lab"), told[0][0]
    assert {v.name for v in lab.versions()} == {v.name for v in whole.versions()}
    metrics = {t.name: t.metric for t in whole.versions("training")}
    assert {t.name: t.metric for t in lab.versions("training")} == pytest.approx(metrics, abs=1e-4)


@pytest.mark.real
@pytest.mark.slow
def test_on_the_real_sets_mnist_and_fashion_mnist_are_the_nearest_pair(tmp_path):
    """Table 1 of the paper: by its own measure and by the robust one."""
    results = demo.run(tmp_path / "lab", data=REAL, quick=True, progress=False, say=lambda _: None)
    lab = veml.open(tmp_path / "lab")
    table = veml.similarity([lab["mnist"], lab["fashion-mnist"], lab["cifar10"]], progress=False)
    assert set(table.closest_pair("mean")) == set(table.closest_pair("energy")) == {"mnist", "fashion-mnist"}
    assert {n["kind"] for n in results["lineage"]["nodes"]} == {"data", "model", "training", "inference"}
    assert results["drift"]["drifted"] and not results["drift"]["control_drifted"]
