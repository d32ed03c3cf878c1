"""What a forecasting backend keeps, for every architecture that it has; as test_training_backends.py for pictures."""

from __future__ import annotations

import json

import numpy as np
import pytest
from conveyor import TINY, conveyor

from veml_lab.errors import BadInput, JobError
from veml_lab.evaluation.prediction import Prediction
from veml_lab.serving.runtimes import OnnxRuntime
from veml_lab.training import backend
from veml_lab.training.backend import FitTask, Start
from veml_lab.training.spatiotemporal.networks import BASELINES, RECURRENT
from veml_lab.versions.window import sensor_facts, windows

LEARNED, EVERY = RECURRENT, (*RECURRENT, *BASELINES)
HYPER = {"epochs": 3, "batch_size": 64, "lr": 1e-2}


class Heard:
    """A report that keeps what it is told."""

    def __init__(self, stop_at=None):
        self.steps, self.epochs, self.stop_at = [], [], stop_at

    def step(self, step, *, samples=0, **values):
        self.steps.append((step, values))
        if step == self.stop_at:
            raise KeyboardInterrupt

    def epoch(self, epoch, step, **metrics):
        self.epochs.append((epoch, step, metrics))


@pytest.fixture(scope="module")
def engine():
    return backend("spatiotemporal")


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    import veml_lab as veml

    folder = tmp_path_factory.mktemp("sensors")
    lab = veml.open(folder / "lab")
    lab.add("belt", conveyor(folder), progress=False)
    lab.add("longer belt", conveyor(folder, n=9, seed=4, name="longer"), progress=False)
    return lab["belt-train"], lab["belt-test"], lab["longer belt-train"]


def recipe_of(engine, data, architecture="dcrnn", **changes):
    tiny = TINY if architecture in RECURRENT else {}
    return engine.complete(
        {"architecture": architecture, "task": "forecasting", **tiny, **sensor_facts(data), **changes}
    )


@pytest.fixture(scope="module")
def fitted(engine, parts, tmp_path_factory):
    """One training of each architecture, made when it is first asked for."""
    made = {}

    def get(architecture):
        if architecture not in made:
            folder, heard = tmp_path_factory.mktemp(architecture), Heard()
            recipe = recipe_of(engine, parts[0], architecture)
            made[architecture] = (
                recipe,
                folder,
                heard,
                engine.fit(FitTask(recipe, HYPER, parts[0], folder, parts[1]), heard),
            )
        return made[architecture]

    return get


@pytest.mark.parametrize("architecture", EVERY)
def test_a_completed_recipe_is_stable_and_plain(engine, parts, architecture):
    recipe = recipe_of(engine, parts[0], architecture)
    assert {"backbone", "neck", "head", "loss", "parameters"} <= set(recipe) and (recipe["parameters"] > 0) == (
        architecture in (*RECURRENT, "linear")
    )
    assert engine.complete(recipe) == recipe == json.loads(json.dumps(recipe))


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden": 0},
        {"layers": "two"},
        {"horizon": 0},
        {"channels": []},
        {"diffusion_steps": -1},
        {"clock": ["fortnight"]},
        {"architecture": "nonsense"},
        {"task": "classification"},
        {"step_minutes": 0, "clock": ["day"]},
    ],
    ids=str,
)
def test_a_recipe_that_makes_no_network_is_refused(engine, parts, changes):
    with pytest.raises(BadInput):
        engine.complete({**recipe_of(engine, parts[0]), **changes})


@pytest.mark.parametrize("architecture", EVERY)
def test_it_reports_every_step_and_epoch_and_measures_what_it_predicts(engine, parts, fitted, architecture):
    recipe, folder, heard, summary = fitted(architecture)
    epochs = 3 if architecture in LEARNED else 1
    per_epoch = -(-len(parts[0]) // 64) if architecture in LEARNED else 1
    assert [s for s, _ in heard.steps] == list(range(1, epochs * per_epoch + 1))
    assert [(e, s) for e, s, _ in heard.epochs] == [(e, e * per_epoch) for e in range(1, epochs + 1)]
    p = engine.predict(recipe, folder / "model.safetensors", parts[1])
    _, y, mask = windows(parts[1]).cut()
    assert p.values.shape == y.shape and np.isfinite(p.values).all()
    gap = np.abs(p.values - y)[mask]  # the oracle, by hand
    assert engine.measure(p, parts[1])["MAE"] == pytest.approx(gap.mean(), rel=1e-5)
    assert summary["MAE"] == pytest.approx(gap.mean(), rel=1e-5) == heard.epochs[-1][2]["MAE"]
    assert summary["RMSE"] == pytest.approx(np.sqrt((gap.astype(float) ** 2).mean()), rel=1e-5)


@pytest.mark.parametrize("architecture", LEARNED)
def test_it_learns(fitted, architecture):
    _, _, heard, _ = fitted(architecture)
    losses = [v["loss"] for _, v in heard.steps]
    assert np.mean(losses[-4:]) < 0.9 * np.mean(losses[:2])


@pytest.mark.parametrize("architecture", LEARNED)
def test_an_interrupted_training_ends_as_an_uninterrupted_one_does(engine, parts, fitted, architecture, tmp_path):
    recipe, folder, heard, _ = fitted(architecture)
    with pytest.raises(KeyboardInterrupt):
        engine.fit(FitTask(recipe, HYPER, parts[0], tmp_path, parts[1]), Heard(stop_at=len(heard.steps) - 1))
    again = Heard()
    engine.fit(FitTask(recipe, HYPER, parts[0], tmp_path, parts[1]), again)
    assert again.steps[0][0] == len(heard.steps) * 2 // 3 + 1  # from the third epoch on
    a, b = (engine.predict(recipe, f / "model.safetensors", parts[1]).values for f in (folder, tmp_path))
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_another_seed_gives_another_training(engine, parts, fitted, tmp_path):
    recipe, _, heard, _ = fitted("dcrnn")
    other = Heard()
    engine.fit(FitTask(recipe, {**HYPER, "epochs": 1}, parts[0], tmp_path, parts[1], seed=1), other)
    assert other.steps[0][1]["loss"] != heard.steps[0][1]["loss"]


@pytest.mark.parametrize("architecture", EVERY)
def test_the_exported_model_says_what_the_network_says(engine, parts, fitted, architecture, tmp_path):
    recipe, folder, *_ = fitted(architecture)
    made = engine.export(recipe, folder / "model.safetensors", tmp_path / "m.onnx")
    assert made["format"] == "onnx" and made["num_nodes"] == recipe["num_nodes"]
    run, same = (
        engine.runner(recipe, OnnxRuntime(tmp_path / "m.onnx")),
        engine.original(recipe, folder / "model.safetensors"),
    )
    w = windows(parts[1])
    due = engine.predict(recipe, folder / "model.safetensors", parts[1]).values
    for p in (0, 17, len(w) - 1):
        sample = w.cut([p])[0][0], w.clock([p])[0]
        np.testing.assert_allclose(run(sample)["forecast"], due[p], atol=1e-4)
        np.testing.assert_allclose(same(sample)["forecast"], due[p], atol=1e-4)


@pytest.mark.parametrize("architecture", RECURRENT)
def test_weights_are_taken_by_sensors_of_another_number_and_scaling_and_graph_are_not(
    engine, parts, fitted, architecture, tmp_path
):
    from safetensors.numpy import load_file

    recipe, folder, *_ = fitted(architecture)
    longer = recipe_of(engine, parts[2], architecture)
    assert longer["parameters"] == recipe["parameters"] and longer["num_nodes"] == 9
    # a learning rate of next to nothing: what comes out is what went in
    summary = engine.fit(
        FitTask(
            longer,
            {**HYPER, "epochs": 1, "lr": 1e-12},
            parts[2],
            tmp_path,
            init=Start(folder / "model.safetensors", ()),
        ),
        Heard(),
    )
    theirs, mine = load_file(folder / "model.safetensors"), load_file(tmp_path / "model.safetensors")
    for k in summary["reused"]:
        np.testing.assert_allclose(mine[k], theirs[k], atol=1e-6)
    assert not summary["fresh"] and set(mine) - set(summary["reused"]) <= {"mean", "std", "adjacency"}
    assert mine["mean"] == pytest.approx(windows(parts[2]).scaling()[0])


@pytest.mark.parametrize(
    "hyper",
    [
        {"epochs": 0},
        {"lr": float("nan")},
        {"augment": ["flip"]},
        {"sampling": -1},
        {"epoch": 3},
        {"monitor": "accuracy"},
        {"precision": "fp16"},
    ],
    ids=str,
)
def test_hyper_parameters_that_make_no_training_are_refused(engine, parts, tmp_path, hyper):
    with pytest.raises(BadInput):
        engine.fit(FitTask(recipe_of(engine, parts[0]), hyper, parts[0], tmp_path, parts[1]), Heard())
    assert list(tmp_path.iterdir()) == []


def test_data_of_other_sensors_and_checkpoints_of_other_networks_are_refused(engine, parts, fitted):
    recipe, folder, *_ = fitted("dcrnn")
    with pytest.raises(BadInput, match="6 sensors"):
        engine.predict(recipe, folder / "model.safetensors", parts[2])
    with pytest.raises(BadInput, match="does not fit"):
        engine.predict(recipe_of(engine, parts[0], hidden=5), folder / "model.safetensors", parts[1])
    with pytest.raises(BadInput, match="does not fit"):
        engine.predict(recipe, fitted("gru")[1] / "model.safetensors", parts[1])
    gru = fitted("gru")  # sees each sensor alone, so any number of them will do
    assert engine.predict(gru[0], gru[1] / "model.safetensors", parts[2]).values.shape[2] == 9
    with pytest.raises(BadInput, match="shape"):
        engine.measure(Prediction((), values=np.zeros((1, 2, 3, 4), np.float32)), parts[1])


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_epoch(engine, parts, tmp_path):
    heard = Heard()
    with pytest.raises(JobError, match="the loss became nan at step"):
        engine.fit(
            FitTask(
                recipe_of(engine, parts[0], "gru"),
                {**HYPER, "epochs": 40, "lr": 1e30, "clip": None},
                parts[0],
                tmp_path,
                parts[1],
            ),
            heard,
        )
    assert not (tmp_path / "model.safetensors").exists()
    assert (tmp_path / "resume.pt").exists() == bool(heard.epochs)


@pytest.mark.gpu
def test_it_trains_on_a_gpu(engine, parts, tmp_path):
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device here")
    assert engine.fit(FitTask(recipe_of(engine, parts[0]), HYPER, parts[0], tmp_path, parts[1]), Heard())["MAE"] < 3
