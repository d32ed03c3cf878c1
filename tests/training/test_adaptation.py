"""Adaptation keeps what the other backends keep: it resumes to the last bit, and refuses what it does not know."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file

from veml_lab.errors import BadInput, JobError, UnknownName
from veml_lab.training import backend
from veml_lab.training.backend import FitTask, Start


class Heard:
    """What a fit reports; killed at a step, if one is named."""

    def __init__(self, killed_at: int = 0) -> None:
        self.killed_at, self.steps, self.epochs = killed_at, [], []

    def step(self, step, *, samples=0, **values):
        self.steps.append((step, values))
        if step == self.killed_at:
            raise KeyboardInterrupt

    def epoch(self, epoch, step, **metrics):
        self.epochs.append((epoch, metrics))


def fit(parts, folder, heard, *, method="self-training", adapt=None, data=None, **hyper):
    """An adaptation of the shared lab's training to its bright digits."""
    folder.mkdir(exist_ok=True)
    t = parts.training
    given = {
        "epochs": 3,
        "batch_size": 16,
        "lr": 1e-3,
        **hyper,
        "adapt": {"method": method, "to": "bright-test", **(adapt or {})},
    }
    start = Start(t.checkpoint, t.classes)
    return backend("torchvision-adapt").fit(
        FitTask(t.model.recipe, given, data or t.data, folder, t.validation, init=start, seed=3), heard
    )


@pytest.mark.parametrize("method", ["coral", "dann", "self-training"])
def test_a_killed_adaptation_ends_as_one_that_was_not_to_the_last_bit(digits_lab, tmp_path, method):
    """Four batches of old pictures and two of new ones an epoch: both orders go on where they were."""
    killed, second, straight = Heard(10), Heard(), Heard()
    with pytest.raises(KeyboardInterrupt):
        fit(digits_lab, tmp_path / "killed", killed, method=method)
    torch.manual_seed(99)  # another process: nothing of the first one's random state is left
    fit(digits_lab, tmp_path / "killed", second, method=method)
    fit(digits_lab, tmp_path / "straight", straight, method=method)
    assert [s for s, _ in second.steps] == [9, 10, 11, 12], "two epochs were saved, and are not done again"
    assert second.steps == straight.steps[8:]
    a, b = (load_file(tmp_path / f / "model.safetensors") for f in ("killed", "straight"))
    assert a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize(
    ("hyper", "error", "says"),
    [
        ({"epoch": 3}, BadInput, "no hyper-parameter of the backend torchvision-adapt 'epoch'; known: epochs"),
        ({"epochs": 0}, BadInput, "epochs must be a whole number"),
        ({"lr": -1}, BadInput, "lr must be"),
        ({"batch_size": 2.5}, BadInput, "batch_size"),
        ({"patience": 2}, BadInput, "no hyper-parameter of .* 'patience'"),
        ({"adapt": {"sure": 1.5}}, BadInput, "at most 1"),
        ({"adapt": {"weight": "much"}}, BadInput, "weight of an adaptation"),
        ({"method": "coral", "adapt": {"sure": 0.5}}, UnknownName, "option of the adaptation coral"),
        ({"method": "adabn", "adapt": {"weight": 0.5}}, UnknownName, "option of the adaptation adabn"),
        ({"augment": ["mosaic"]}, BadInput, "is for detection"),
    ],
    ids=str,
)
def test_what_an_adaptation_does_not_know_is_refused_before_a_step(digits_lab, tmp_path, hyper, error, says):
    heard = Heard()
    with pytest.raises(error, match=says):
        fit(digits_lab, tmp_path / "x", heard, **hyper)
    assert heard.steps == [] and list((tmp_path / "x").iterdir()) == []


def test_the_labelled_pictures_of_an_adaptation_can_be_augmented(digits_lab, tmp_path):
    plain, flipped = Heard(), Heard()
    fit(digits_lab, tmp_path / "plain", plain, method="coral", epochs=1)
    fit(digits_lab, tmp_path / "flipped", flipped, method="coral", epochs=1, augment=["flip-vertical"])
    assert plain.steps[0] != flipped.steps[0] and len(plain.steps) == len(flipped.steps)


def test_a_loss_that_is_no_number_names_the_step_and_what_is_left(digits_lab, tmp_path):
    with pytest.raises(
        JobError, match=r"the loss became (nan|inf) at step \d+; (the last good checkpoint is|no epoch)"
    ):
        fit(digits_lab, tmp_path / "wild", Heard(), method="coral", lr=1e25, clip=None)


def test_a_resume_file_of_an_older_version_is_refused_clearly(digits_lab, tmp_path):
    """As it was written until the backends shared one format: no generators, another name for the network."""
    (tmp_path / "old").mkdir()
    torch.save(
        {"modules": {}, "optimizer": {}, "schedule": {}, "epoch": 1, "rng": torch.get_rng_state()},
        tmp_path / "old" / "resume.pt",
    )
    with pytest.warns(UserWarning, match=r"cannot be resumed from .*it has no net.*another version.*starts over"):
        fit(digits_lab, tmp_path / "old", old := Heard())
    fit(digits_lab, tmp_path / "new", new := Heard())
    assert old.steps == new.steps, "what was refused has changed nothing"
