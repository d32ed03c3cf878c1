"""Which samples a training saw, batch by batch: replayed from its seed, since the seed alone decides.

Nothing is logged while it trains. A backend hands out the order of its loader again
(:class:`~veml_lab.training.backend.Replaying`), and the number of steps that the training recorded says whether that
is the order of then.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..storage.border import public
from ..versions.samples import id_array
from ..versions.training import TrainingVersion
from .backend import FitTask, Plan, Replaying
from .jobs import versions_of
from .registry import backend

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, repr=False)
class SeenSamples:
    """How often a training saw each sample.

    Attributes
    ----------
    training
        Its name.
    epochs, steps
        That really ran: early stopping may end before the epochs that were asked for.
    ids : int64 array, shape (n,), ascending
        The samples of its data version (and of the data that it was adapted to), those that it never saw as well.
    counts : int64 array, shape (n,)
        In how many batches each was.
    """

    training: str
    epochs: int
    steps: int
    ids: np.ndarray = field(repr=False)
    counts: np.ndarray = field(repr=False)

    def to_pandas(self) -> pd.DataFrame:
        """One row a sample: ``id``, ``seen``."""
        import pandas as pd

        return pd.DataFrame({"id": self.ids, "seen": self.counts})

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        rows = [{"id": i, "seen": n} for i, n in zip(self.ids.tolist(), self.counts.tolist(), strict=True)]
        return {"training": self.training, "epochs": self.epochs, "steps": self.steps, "samples": rows}

    def __repr__(self) -> str:
        import numpy as np

        lines = [f"{self.training}: {self.epochs:,} epochs, {self.steps:,} steps, {len(self.ids):,} samples"]
        for times, n in zip(*np.unique(self.counts, return_counts=True), strict=True):
            lines.append(f"  {n:>9,} seen {times:,} times" if times != 1 else f"  {n:>9,} seen once")
        return "\n".join(lines)


@public
def batch(training: TrainingVersion, epoch: int, step: int) -> np.ndarray:
    """The samples of one batch of a training, replayed from its seed; nothing is trained.

    Also for trainings of several processes (the batch that they shared), resumed ones, and of any data version. Random
    pictures that an augmentation mixes in beside the batch (mosaic) are not among them.

    Parameters
    ----------
    epoch
        From 1, as the log counts.
    step
        In the epoch, from 1.

    Returns
    -------
    int64 array, shape (b,)
        Sample IDs in the order of the batch. Of a domain adaptation the labelled samples, then the new ones.

    Raises
    ------
    BadInput
        The training has no such epoch or step, its backend cannot replay, or it took other steps than are replayed.

    Examples
    --------
    >>> veml.batch(run, epoch=1, step=8).shape
    (8,)
    """
    epochs = _epochs(training)
    _check("epoch", epoch, epochs, f"{training.name!r} ran {epochs:,} epochs")
    steps = next(itertools.islice(_replayed(training), epoch - 1, None))
    _check("step", step, len(steps), f"epoch {epoch} of {training.name!r} has {len(steps):,} steps")
    return steps[step - 1]


@public
def seen(training: TrainingVersion) -> SeenSamples:
    """How often a training saw each sample of its data, replayed from its seed; nothing is trained.

    Epochs that early stopping left out do not count; the windows that it held out, and a last batch that was too small,
    are samples that were seen less often, or never.

    Raises
    ------
    BadInput
        As of :func:`batch`.

    Examples
    --------
    >>> veml.seen(run)
    city detector: 1 epochs, 8 steps, 64 samples
             64 seen once
    """
    import numpy as np

    ids = id_array(training.data).astype(np.int64)
    counts = np.zeros(len(ids), np.int64)
    epochs = steps = 0
    for found in _replayed(training):
        given, times = np.unique(np.concatenate(found), return_counts=True)
        if not np.isin(given, ids).all():  # of the data that it was adapted to
            every = np.union1d(ids, given)
            wider = np.zeros(len(every), np.int64)
            wider[np.searchsorted(every, ids)] = counts
            ids, counts = every, wider
        counts[np.searchsorted(ids, given)] += times
        epochs, steps = epochs + 1, steps + len(found)
    return SeenSamples(training.name, epochs, steps, ids, counts)


def _replayed(training: TrainingVersion) -> Iterator[list[np.ndarray]]:
    """The epochs that ran; refused where their steps are not those that the training counted."""
    engine = backend(training.plan["backend"])
    if not isinstance(engine, Replaying):
        raise BadInput(
            f"the batches of {training.name!r} cannot be replayed: its backend {training.plan['backend']!r} does not"
            " say in which order it gives samples"
        )
    named = versions_of(training.store, Plan(**training.plan))
    task = FitTask(named.model.recipe, named.plan.hyper, named.data, Path(), named.validation, seed=named.plan.seed)
    gpus = int(training.facts.environment.get("gpus", 0))
    epochs, taken = _epochs(training), int(training.facts.numbers["steps"])
    found = itertools.islice(engine.replayed(task, gpus=gpus), epochs)
    first = next(found)
    if len(first) * epochs != taken:
        raise BadInput(
            f"the batches of {training.name!r} cannot be replayed: it took {taken:,} steps, and its plan gives"
            f" {len(first) * epochs:,} now; it was trained by another version of veml-lab, or its job was changed"
        )
    return itertools.chain([first], found)


def _epochs(training: TrainingVersion) -> int:
    """Epochs that ran."""
    numbers, plan = training.facts.numbers, training.plan
    if "epochs" in numbers:
        return int(numbers["epochs"])
    return int(backend(plan["backend"]).epochs(training.model.recipe, plan["hyper"]))


def _check(what: str, asked: Any, last: int, said: str) -> None:
    whole = isinstance(asked, int) and not isinstance(asked, bool)
    if not whole or not 1 <= asked <= last:
        raise BadInput(f"there is no {what} {asked!r}: {said}, counted from 1 to {last:,}")
