"""What keeps a training from going wrong unseen: the data's labels, a loss that is no number, memory, patience."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..errors import BadData, BadInput, JobError, MissingLabels, VemlError
from ..evaluation.metric import Metric, metric_named
from ..versions.data import DataVersion

T = TypeVar("T")


def check_data(recipe: Mapping[str, Any], data: DataVersion, validation: DataVersion | None) -> None:
    """Refuse data that cannot be trained or measured on, before the first step and not after an hour.

    Raises
    ------
    BadInput, BadData, MissingLabels
        Fewer than 2 samples; classes that the model does not know; no label to learn from or to measure against.
    """
    if len(data) < 2:
        raise BadInput(f"{data.name!r} has {len(data)} samples; a training needs at least 2")
    if validation is not None and len(validation) == 0:
        raise BadInput(f"{validation.name!r} has no samples to measure on; give another validation version, or none")
    if recipe["task"] == "classification":
        names = {data.classes[t] for t in data.annotations.targets()}
        _known(data, names, recipe["classes"], "classes")
        if validation is not None:
            validation.annotations.targets()  # says which samples have no class
    elif recipe["task"] == "detection":
        _known(
            data,
            {b[0] for boxes in data.annotations.boxes.values() for b in boxes},
            recipe["classes"],
            "boxes of the classes",
        )
        if not data.annotations.boxes:
            raise MissingLabels(f"{data.name!r} has no boxes to learn from; label some samples first")
        if validation is not None and not validation.annotations.boxes:
            raise MissingLabels(
                f"{validation.name!r} has no boxes to measure against; label some samples, or train without validation"
            )


def _known(data: DataVersion, names: set[str], classes: Any, what: str) -> None:
    unknown = sorted(names - set(classes))
    if unknown:
        raise BadData(
            f"{data.name!r} has the {what} {', '.join(unknown)}, which the model does not know "
            f"(it knows {', '.join(classes)}); transfer or rebuild with the new class list"
        )


def finite(loss: float, step: int, lr: float, resume: Path) -> float:
    """The loss, or a :class:`JobError` that says at which step it stopped being a number and what is left."""
    if math.isfinite(loss):
        return loss
    left = f"the last good checkpoint is {resume}" if resume.exists() else "no epoch was finished before it"
    raise JobError(
        f"the loss became {loss} at step {step}; {left}. Lower the learning rate (now {lr:g}), set clip, or look at the"
        " samples"
    )


def out_of_memory(e: BaseException) -> bool:
    """Whether an exception of torch means that memory ran out, on a GPU or in main memory."""
    import torch

    text = str(e).lower()
    said = any(s in text for s in ("out of memory", "can't allocate memory"))
    said |= text.strip() == "could not create a primitive"  # oneDNN's words for it, on a CPU
    return said or isinstance(e, (torch.OutOfMemoryError, MemoryError))


def within_memory(step: Callable[[], T], batch_size: int, tried: Callable[[int], object]) -> T:
    """The result of ``step()``; a lack of memory becomes an error that names a batch size which was tried and fits.

    Parameters
    ----------
    tried
        Runs one step with that many samples; called with half, a quarter ... until one step goes through.
    """
    try:
        return step()
    except (RuntimeError, MemoryError) as e:
        if isinstance(e, VemlError) or not out_of_memory(e):
            raise
        failed = e.with_traceback(None)  # the frames of the failed step hold its tensors
    except ValueError as e:
        if "more than 1 value per channel" not in str(e):
            raise
        raise BadInput(
            "this network normalises over its batch, which one sample is too few for; take a batch_size of at least 2"
        ) from e
    size = batch_size // 2
    while size >= 1 and not _fits(tried, size):
        size //= 2
    advice = (
        f"batches of {size} fit (one step was tried): train with batch_size={size}"
        if size
        else "no batch that could be trained on fits: choose a smaller network or input size"
    )
    raise JobError(f"memory ran out with batches of {batch_size}; {advice}") from failed


def _fits(tried: Callable[[int], object], size: int) -> bool:
    _give_back()
    try:
        tried(size)
    except (RuntimeError, MemoryError) as e:
        if not out_of_memory(e):
            raise
        return False
    except ValueError:  # batch normalisation over one value
        return False
    return True


def _give_back() -> None:
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


class Patience:
    """Early stopping: remembers the best epoch and says when to give up.

    ``monitor`` is a metric, or the name of one whose direction is known.

    ``best`` holds the weights of the best epoch, on the CPU, while ``patience`` is set.
    """

    def __init__(self, patience: int | None, monitor: str | Metric) -> None:
        self.patience = patience
        self.monitor = monitor if isinstance(monitor, Metric) else metric_named(monitor)
        self.best: dict[str, Any] = {}
        self.epoch, self.value, self.metrics = 0, math.nan, dict[str, float]()

    def seen(self, epoch: int, metrics: Mapping[str, float], weights: Callable[[], Mapping[str, Any]]) -> bool:
        """Take the metrics of an epoch; true when the training shall end."""
        if self.patience is None:
            return False
        value = metrics.get(self.monitor.name, math.nan)
        if math.isnan(self.value) or self.monitor.better(value, self.value):
            self.epoch, self.value, self.metrics = epoch, value, dict(metrics)
            self.best = {k: v.detach().cpu().clone() for k, v in weights().items()}
        return epoch - self.epoch >= self.patience

    def state_dict(self) -> dict[str, Any]:
        """For ``resume.pt``."""
        return {"best": self.best, "epoch": self.epoch, "value": self.value, "metrics": self.metrics}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Back from ``resume.pt``."""
        self.best, self.epoch, self.value, self.metrics = (
            state["best"],
            state["epoch"],
            state["value"],
            dict(state["metrics"]),
        )
