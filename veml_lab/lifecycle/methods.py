"""The methods by which a lifecycle can be rebuilt, and what they take over from the old training."""

from __future__ import annotations

from typing import Any

from ..errors import BadInput
from ..training.registry import adaptations
from ..versions.data import DataVersion
from ..versions.training import TrainingVersion

DEFAULT_LEARNER = "typiclust"  # better at every small budget than the paper's k-center
WITH_LABELS = {
    "full": "train from fresh weights on all old and new data; needs every new label",
    "transfer": "go on from the old weights on the new data alone; needs every new label, forgets the old data",
    "active": "choose the most informative part of the new data to label, train from fresh weights on old data and it",
}


def methods() -> dict[str, str]:
    """What can be done, by name: three ways with labels, and the adaptations that the training backends declare."""
    return WITH_LABELS | {k: f"{a.about}; needs no new label" for k, (_, a) in adaptations().items()}


def check_task(training: TrainingVersion, new: DataVersion) -> None:
    """Refuse data that a training cannot be rebuilt for: those of another task."""
    task = training.model.recipe["task"]
    if new.facts.trains_as != task:
        raise BadInput(
            f"{new.name!r} is for {new.task}, {training.name!r} for {task}; a lifecycle is rebuilt for data of its own"
            " task"
        )


def usual_hyper(training: TrainingVersion, method: str) -> dict[str, Any]:
    """The hyper-parameters that a method takes over from a training where nobody gives others."""
    own = {k: v for k, v in training.plan["hyper"].items() if k != "adapt"}  # not what it was itself adapted to
    if method in WITH_LABELS:
        return own
    base = {k: v for k, v in own.items() if k in ("epochs", "batch_size", "lr", "weight_decay")}
    return base | ({"lr": base["lr"] / 3} if "lr" in base else {})
