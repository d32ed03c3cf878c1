"""What the loop of the torchvision backend does with patience, gradients that are too long, and a pause."""

from __future__ import annotations

import pytest
import torch
from labs import TINY
from safetensors.torch import load_file

from veml_lab.training import FitTask, backend


class Quiet:
    """A report that says nothing, and stops after an epoch where it is told to."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after

    def step(self, step, **values):
        pass

    def epoch(self, epoch, step, **metrics):
        if self.stop_after is not None and epoch > self.stop_after:
            raise KeyboardInterrupt


@pytest.fixture
def fit(digits_lab, tmp_path):
    engine = backend("torchvision")
    data, test = digits_lab.lab["digits-train"], digits_lab.lab["digits-test"]
    told = {**TINY, "task": "classification", "classes": list(data.classes), "num_classes": len(data.classes)}
    recipe = engine.complete(told)

    def run(name, report=None, **hyper):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        task = FitTask(recipe, {"epochs": 1, "batch_size": 16, **hyper}, data, folder, test)
        summary = engine.fit(task, report or Quiet())
        return summary, folder / "model.safetensors"

    run.measure = lambda file: engine.measure(engine.predict(recipe, file, test), test)
    return run


def test_patience_keeps_the_weights_of_the_best_epoch_not_of_the_last(fit):
    summary, file = fit("best", epochs=8, lr=0.08, patience=8, monitor="accuracy")
    assert summary["best_epoch"] < 8, "the last epoch was the best: this training says nothing"
    assert fit.measure(file)["accuracy"] == pytest.approx(summary["accuracy"])
    best, last = load_file(file), load_file(fit("last", epochs=8, lr=0.08)[1])
    assert not all(torch.equal(best[k], last[k]) for k in best)


def test_a_gradient_that_is_clipped_to_nothing_moves_nothing(fit):
    options = {"lr": 1e-2, "weight_decay": 0.0}
    short, shorter = (load_file(fit(f"clip {c}", clip=c, **options)[1]) for c in (1e-13, 1e-14))
    free = load_file(fit("free", clip=None, **options)[1])
    learnt = [k for k, v in free.items() if v.is_floating_point() and "running" not in k]
    assert all(torch.allclose(short[k], shorter[k], atol=1e-5) for k in learnt)
    assert max(float((free[k] - short[k]).abs().max()) for k in learnt) > 1e-3


def test_a_training_that_paused_after_an_epoch_sees_the_batches_it_would_have_seen(fit):
    _, whole = fit("whole", epochs=3, lr=1e-2)
    with pytest.raises(KeyboardInterrupt):
        fit("paused", Quiet(stop_after=1), epochs=3, lr=1e-2)
    _, paused = fit("paused", epochs=3, lr=1e-2)
    a, b = load_file(whole), load_file(paused)
    assert all(torch.equal(a[k], b[k]) for k in a)
