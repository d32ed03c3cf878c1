"""What a transfer should bring over a start from scratch, learned from transfers that were made before.

A lab learns from its own: every transfer that has a start from scratch beside it is a case. An empty lab begins with
the cases of a zoo of small classifiers (``zoo.csv``, made by ``benchmarks/zoo.py``); its own count more and correct it.
"""

from __future__ import annotations

import csv
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import VemlError
from ..versions.data import DataVersion
from ..versions.store import VersionStore
from ..versions.training import TrainingVersion
from .gain import beside_scratch
from .worth import Worth, worth

if TYPE_CHECKING:
    from numpy.typing import NDArray


ZOO = Path(__file__).with_name("zoo.csv")
FEATURES = ("logme", "probe", "neighbours", "untrained probe", "untrained neighbours", "samples", "known")
OWN_WEIGHT = 5.0  # a case of this lab beside one of the zoo
OWN_HALF = 5.0  # with so many own cases half of their mean error is taken off
LEAST_CASES, LEAST_TARGETS = 5, 3  # fewer say nothing of the next one
MOST_OWN = 40  # the latest ones; each costs a look of its donor at its target, once
INTERVAL = 0.9
CLEAR, UNCLEAR = 0.8, 0.5  # chances that a transfer is better than scratch


@dataclass(frozen=True)
class Case:
    """One transfer beside a start from scratch.

    Attributes
    ----------
    features
        In the order of :data:`FEATURES`.
    gain
        Metric of the transfer less that of scratch, as a score: larger is better.
    target
        Cases of one target are left out together when the spread is judged.
    """

    features: tuple[float, ...]
    gain: float
    target: str
    own: bool = False


@dataclass(frozen=True)
class Expected:
    """A gain over scratch with its 90 % interval, in the metric's own unit.

    Attributes
    ----------
    chance
        That the transfer is better than scratch at all.
    cases, own
        Transfers that it was learned from, and how many of these were made in this lab.
    """

    gain: float
    low: float
    high: float
    chance: float
    cases: int
    own: int

    def __str__(self) -> str:
        return f"{self.gain:+.3f} ({self.low:+.2f} to {self.high:+.2f})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {k: getattr(self, k) for k in ("gain", "low", "high", "chance", "cases", "own")}


class Prospects:
    """What cases teach: a ridge regression of the gain, and how far off it is on targets that it has not seen."""

    def __init__(self, cases: Sequence[Case]) -> None:
        import numpy as np

        self.cases = tuple(cases)
        x = np.array([c.features for c in cases], np.float64)
        self._middle, self._spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
        x = (x - self._middle) / self._spread
        y = np.array([c.gain for c in cases])
        own = np.array([c.own for c in cases])
        weight = np.where(own, OWN_WEIGHT, 1.0)
        self._model = _fitted(x, y, weight)
        targets = np.array([c.target for c in cases])
        missed = np.empty(len(y))
        for target in np.unique(targets):
            here = targets == target
            missed[here] = y[here] - _fitted(x[~here], y[~here], weight[~here], self._model.alpha_).predict(x[here])
        self.own = int(own.sum())
        self._offset = float(missed[own].sum() / (self.own + OWN_HALF)) if self.own else 0.0
        self._missed = np.sort(missed - self._offset)

    def expected(self, features: Sequence[float]) -> Expected:
        """The gain of a transfer with these features."""
        import numpy as np

        x = (np.array([features], np.float64) - self._middle) / self._spread
        gain = float(self._model.predict(x)[0]) + self._offset
        n = len(self._missed)
        # the quantile of finitely many errors that holds for the next one (conformal)
        far = float(np.quantile(np.abs(self._missed), min(1.0, math.ceil((n + 1) * INTERVAL) / n)))
        chance = float((gain + self._missed > 0).mean())
        return Expected(gain, gain - far, gain + far, chance, n, self.own)


def _fitted(x: NDArray, y: NDArray, weight: NDArray, alpha: float | None = None) -> Any:
    from sklearn.linear_model import Ridge, RidgeCV

    if alpha is not None:
        return Ridge(alpha).fit(x, y, weight)
    return RidgeCV([0.1, 1.0, 10.0, 100.0, 1000.0]).fit(x, y, weight)


def features_of(found: Worth, samples: int, known: float) -> tuple[float, ...]:
    """A case's features: what the donor's network adds to an untrained one, how far that one comes, labels, classes.

    Parameters
    ----------
    samples
        Labelled samples of the target.
    known
        Share of the target's classes that the donor knows by name.
    """
    better = [found.scores[n] - found.fresh[n] for n in ("logme", "probe", "neighbours")]
    return (*better, found.fresh["probe"], found.fresh["neighbours"], math.log10(max(samples, 1)), known)


def known_share(training: TrainingVersion, target: DataVersion) -> float:
    """Share of the target's classes that the training knows."""
    return sum(c in training.classes for c in target.classes) / max(len(target.classes), 1)


@functools.cache
def zoo() -> tuple[Case, ...]:
    """The cases that an empty lab begins with: small classifiers of 5 classes."""
    with ZOO.open(newline="") as f:
        return tuple(
            Case(tuple(float(r[n]) for n in FEATURES), float(r["gain"]), f"zoo: {r['target']}")
            for r in csv.DictReader(f)
        )


def own_cases(store: VersionStore, task: str) -> list[Case]:
    """Transfers of this lab that have a start from scratch of the same recipe, data and passes beside them."""
    found = []
    for run, gain in beside_scratch(store)[-MOST_OWN:]:
        donor = store.graph().find(run.plan["init"], "training")
        start = TrainingVersion(store, donor)
        if run.model.recipe["task"] != task:
            continue
        try:
            seen = worth(start, run.data)
        except VemlError:  # its donor's weights are gone, or cannot be asked: what it taught is lost, no more
            continue
        found.append(Case(features_of(seen, len(run.data), known_share(start, run.data)), gain, run.data.name, True))
    return found


def prospects_of(store: VersionStore, task: str) -> Prospects | None:
    """What this lab knows of transfers of a task; None where there are too few cases."""
    cases = [*(zoo() if task == "classification" else ()), *own_cases(store, task)]
    if len(cases) < LEAST_CASES or len({c.target for c in cases}) < LEAST_TARGETS:
        return None
    return Prospects(cases)
