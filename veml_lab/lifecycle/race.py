"""A race of transfers: every donor and a start from scratch train a little, the better part goes on.

Successive halving with continued weights: a rung's training is a training version of its own that
starts from the rung before, so nothing is trained twice and every step of the race is in the lineage.

Source
------
Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", 2016.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import BadInput, NameTaken
from ..training import Plan
from ..training.jobs import train
from ..versions.data import DataVersion
from ..versions.store import fitting
from ..versions.training import TrainingVersion
from .similarity import Ranking
from .transfer import TransferPlan, transfer


@dataclass(frozen=True)
class Rung:
    """One round: epochs that each runner has behind it by then, and their metrics, best first."""

    epochs: int
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Race:
    """How a race went.

    Attributes
    ----------
    best
        The training version that won.
    rungs
        The rounds.
    epochs
        Epochs that were trained in all; training every runner to the end would take ``all_epochs``.
    """

    target: DataVersion
    best: TrainingVersion
    rungs: tuple[Rung, ...]
    epochs: int
    all_epochs: int

    def to_dict(self) -> dict[str, Any]:
        """What ``veml race --json`` prints."""
        rungs = [{"epochs": r.epochs, "values": dict(r.values)} for r in self.rungs]
        return {"target": self.target.name, "best": self.best.name, "metric": self.best.metric, "rungs": rungs, "epochs": self.epochs, "all_epochs": self.all_epochs}

    def __repr__(self) -> str:
        share = self.epochs / self.all_epochs
        lines = [f"Race for {self.target.name}: {self.best.name!r} won with {self.best.summary()}; {self.epochs} epochs, {share:.0%} of training all to the end"]
        for r in self.rungs:
            lines.append(f"  after {r.epochs:>3} epochs: " + ", ".join(f"{n} {v:.3f}" for n, v in r.values))
        return "\n".join(lines)


def race(
    donors: Ranking | Sequence[TransferPlan],
    to: DataVersion | None = None,
    *,
    top: int = 3,
    scratch: bool = True,
    epochs: int | None = None,
    keep: float = 1 / 3,
    progress: bool = True,
) -> Race:
    """Let the transfers of several donors, and a start from scratch, run against each other.

    Parameters
    ----------
    donors
        A ranking, whose first ``top`` donors with a lifecycle run, or transfer plans.
    to
        The target; needed with a ranking only if it is not the ranking's own.
    scratch
        Let the best donor's recipe from fresh weights run too.
    epochs
        Epochs of the winner; default: those of the first plan.
    keep
        Share of the runners that goes on after each round; the rounds are longer by its inverse.

    Raises
    ------
    BadInput
        No donor with a lifecycle, no validation data to compare on, or a share outside 0 ... 1.
    """
    plans = _plans(donors, to, top)
    if scratch:
        plans.append(plans[0].scratch())
    if any(p.validation is None for p in plans):
        raise BadInput("a race compares on validation data; give the target a test part, or plans with validation=")
    if not 0 < keep < 1:
        raise BadInput(f"keep must lie between 0 and 1, got {keep}")
    whole = epochs or int(plans[0].hyper.get("epochs", 5))
    if whole < 1:
        raise BadInput(f"epochs must be at least 1, got {whole}")
    budgets = rung_epochs(len(plans), whole, keep)
    runners: list[tuple[TransferPlan, TrainingVersion | None]] = [(p, None) for p in plans]
    rungs, spent, before = [], 0, 0
    for at, budget in enumerate(budgets):
        runners = [(p, _run(p, so_far, budget - before, budget, progress)) for p, so_far in runners]
        spent += (budget - before) * len(runners)
        runners.sort(key=lambda r: -_value(r[1]))
        rungs.append(Rung(budget, tuple((p.name, _value(t)) for p, t in runners)))
        before = budget
        if at + 1 < len(budgets):
            runners = runners[: max(1, math.ceil(len(runners) * keep))]
    best = runners[0][1]
    assert best is not None
    return Race(plans[0].target, best, tuple(rungs), spent, whole * len(plans))


def rung_epochs(runners: int, epochs: int, keep: float) -> list[int]:
    """Epochs that a runner has behind it at the end of each round, the last being ``epochs``.

    >>> rung_epochs(4, 9, 1 / 3)
    [1, 3, 9]
    >>> rung_epochs(1, 9, 1 / 3)
    [9]
    """
    rounds, left = 1, runners
    while left > 1:
        left = max(1, math.ceil(left * keep)) if math.ceil(left * keep) < left else left - 1
        rounds += 1
    found = [max(1, round(epochs * keep**i)) for i in range(rounds)]
    return sorted(set(found))


def _plans(donors: Ranking | Sequence[TransferPlan], to: DataVersion | None, top: int) -> list[TransferPlan]:
    if not isinstance(donors, Ranking):
        if not donors:
            raise BadInput("a race needs at least one transfer plan")
        return list(donors)
    able = [d for d in donors.donors if d.training is not None][:top]
    if not able:
        raise BadInput(f"no data version similar to {donors.target.name!r} has a lifecycle yet; train one first")
    return [transfer(d, to or donors.target) for d in able]


def _value(training: TrainingVersion | None) -> float:
    value = training.score if training is not None else None
    return value if value is not None and not math.isnan(value) else -math.inf


def _run(plan: TransferPlan, so_far: TrainingVersion | None, more: int, total: int, progress: bool) -> TrainingVersion:
    """Train a runner on for ``more`` epochs."""
    name, hyper = fitting(f"{plan.name} · {total} epochs"), {**plan.hyper, "epochs": more}
    try:
        return _train(plan, so_far, name, hyper, progress)
    except NameTaken:  # by a race with other donors: its start from scratch has another recipe
        return _train(plan, so_far, fitting(name, {"donor": plan.donor.id, "init": so_far.id if so_far else None, **hyper}), hyper, progress)


def _train(plan: TransferPlan, so_far: TrainingVersion | None, name: str, hyper: dict[str, Any], progress: bool) -> TrainingVersion:
    if so_far is None:
        return replace(plan, name=name, hyper=hyper).execute(progress=progress)
    assert plan.validation is not None
    onwards = Plan(
        name=name, backend=plan.recipe["backend"], model=so_far.plan["model"], data=plan.target.id, validation=plan.validation.id,
        init=so_far.id, hyper=hyper, seed=so_far.plan["seed"], method=so_far.plan["method"], deployment=plan.deployment,
    )  # fmt: skip
    return train(plan.target.store, onwards, progress=progress)
