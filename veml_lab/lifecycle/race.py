"""A race of transfers: every donor and a start from scratch train a little, the better part goes on.

Successive halving with continued weights: a rung's training is a training version of its own that
starts from the rung before, so nothing is trained twice and every step of the race is in the lineage.

Two things are special about donors. One whose classes are the target's own is measured as it is before anything is
trained: it may be the best already, and training it on at the rate of its own training from fresh weights mostly
makes it worse. So a round that made a runner worse is undone, and its next round goes on from where it was before,
at a third of the learning rate.

Source
------
Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", 2016.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from .._html import table
from ..errors import BadInput, JobError, NameTaken
from ..evaluation.metric import Metric
from ..execute import Asked
from ..storage.border import public
from ..training import Plan
from ..training.jobs import train
from ..training.reporter import Stopped
from ..versions.data import DataVersion
from ..versions.settings import Origin, kept
from ..versions.store import counted, fitting
from ..versions.training import TrainingVersion
from ..versions.where import working_place
from .donors import Ranking
from .rebuild import measured
from .transfer import transfer
from .transfer_plan import TransferPlan

SLOWER = 1 / 3  # of the learning rate, after a round that made a runner worse


@dataclass(frozen=True)
class Rung:
    """One round: epochs that each runner has behind it by then, and the best metric that it has had, best first.

    A round of 0 epochs has the donors that were measured as they are.
    """

    epochs: int
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Race:
    """How a race went.

    Attributes
    ----------
    best
        The training version that won: the best that any runner had, also in an earlier round. It is the donor's own
        where no training on the target made it better.
    metric
        Its metric on the validation data that the race compared on.
    rungs
        The rounds.
    steps
        Every training in its order: ``(runner, epochs of all runners by then, best metric of the race by then)``.
    epochs
        Epochs that were trained in all; training every runner to the end would take ``all_epochs``.
    failed
        Runners that dropped out because their training failed: ``(name, message)``.
    advice
        What the ranking advises where it found no clear similarity; else empty.
    """

    target: DataVersion
    best: TrainingVersion
    metric: float
    rungs: tuple[Rung, ...]
    steps: tuple[tuple[str, int, float], ...]
    epochs: int
    all_epochs: int
    failed: tuple[tuple[str, str], ...] = ()
    advice: str = ""

    @property
    def as_it_is(self) -> bool:
        """Whether a donor won as it is: it can be deployed for the target, nothing has to be trained."""
        return self.best.data != self.target

    def to_dict(self) -> dict[str, Any]:
        """What ``veml race --json`` prints."""
        rungs = [{"epochs": r.epochs, "values": dict(r.values)} for r in self.rungs]
        return {
            "target": self.target.name,
            "best": self.best.name,
            "metric": self.metric,
            "as_it_is": self.as_it_is,
            "rungs": rungs,
            "epochs": self.epochs,
            "all_epochs": self.all_epochs,
            "failed": dict(self.failed),
            "advice": self.advice,
        }

    def __repr__(self) -> str:
        share, judge = self.epochs / self.all_epochs, self.best.judged_by
        how = (
            f"as it is (deploy it, no training on {self.target.name} made it better)"
            if self.as_it_is
            else f"in {self.best.seconds:.0f} s of its last round"
        )
        lines = [
            f"Race for {self.target.name}: {self.best.name!r} won with {judge.name} {judge.format(self.metric)} {how}"
        ]
        lines[0] += f"; {counted(self.epochs, 'epoch')}, {share:.0%} of training all to the end"
        for r in self.rungs:
            after = f"after {r.epochs:>3} epoch{'s' if r.epochs > 1 else ' '}" if r.epochs else "as they are     "
            lines.append(f"  {after}: " + ", ".join(f"{n} {judge.format(v)}" for n, v in r.values))
        lines += [f"  failed {n}: {why}" for n, why in self.failed]
        return "\n".join([*lines, f"  {self.advice}"] if self.advice else lines)

    def _repr_html_(self) -> str:
        names = list(dict.fromkeys(n for r in self.rungs for n, _ in r.values))
        came = [dict(r.values) for r in self.rungs]
        rows = [[n, *(self.best.judged_by.format(c.get(n)) for c in came)] for n in names]
        best = next((i for i, n in enumerate(names) if self.best.name.startswith(n)), None)
        columns = [
            "runner",
            *(f"after {counted(r.epochs, 'epoch')}" if r.epochs else "as they are" for r in self.rungs),
        ]
        rows += [[n, why] for n, why in self.failed]
        return table(columns, rows, above=repr(self).splitlines()[0], strong=[] if best is None else [best])


@dataclass
class _Runner:
    """A plan, the best that it has come to, and the share of its learning rate that its next round gets."""

    plan: TransferPlan
    at: TrainingVersion | None = None  # None: the donor, or fresh weights
    metric: float = math.nan  # of the best
    rate: float = 1.0

    @property
    def judged_by(self) -> Metric:
        return self.plan.donor.judged_by


@public
def race(
    donors: Ranking | Sequence[TransferPlan],
    to: DataVersion | None = None,
    *,
    top: int = 3,
    scratch: bool = True,
    epochs: int | None = None,
    keep: float = 1 / 3,
    executor: Asked | None = None,
    progress: bool = True,
) -> Race:
    """Let the transfers of several donors, and a start from scratch, run against each other.

    Parameters
    ----------
    donors
        A ranking, whose first ``top`` donors with a lifecycle run, or transfer plans. Each round goes through them in
        their order.
    to
        The target; needed with a ranking only if it is not the ranking's own.
    scratch
        Let the best donor's recipe from fresh weights run too.
    epochs
        Epochs of the winner; default: those of the first plan.
    keep
        Share of the runners that goes on after each round; the rounds are longer by its inverse.
    executor
        Where the runners of a round train: ``("processes", 2)`` trains two at once; default: the lab's, else one
        after the other, here.

    Raises
    ------
    BadInput
        No donor with a lifecycle, no validation data to compare on, a share outside 0 ... 1, or every runner failed.

    Notes
    -----
    A donor whose recipe fits as it is - the same classes, the same sensors - is measured before anything is trained,
    and then trained on at a third of its learning rate: all its layers are in place, unlike those of a donor whose last
    layer starts fresh. Any round that made a runner worse is undone and its next round has a third of the rate before.
    A runner whose training fails (its loss is no number, memory runs out) drops out.

    Examples
    --------
    >>> fit, test = town.split("town, to race on", "town, to judge on", share=0.75, seed=0)
    >>> result = veml.race([veml.transfer(run, fit, validation=test)], epochs=1, keep=0.5)
    >>> result.best.data.name
    'town, to race on'
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
    runners = [_Runner(p) for p in plans]
    rungs = [r for r in (_as_they_are(runners),) if r.values]
    budgets, spent, before = rung_epochs(len(plans), whole, keep), 0, 0
    steps: list[tuple[str, int, float]] = []
    failed: list[tuple[str, str]] = []
    for at, budget in enumerate(budgets):
        for runner, came in _round(runners, budget - before, budget, executor, progress):
            try:
                _take(runner, came())
            except Stopped:
                raise  # somebody asked for it: the race ends, and goes on when it is started again
            except JobError as e:
                failed.append((runner.plan.name, str(e)))
                runners.remove(runner)
                continue
            spent += budget - before
            steps.append((runner.plan.name, spent, _ordered(runners)[0].metric))
        if not runners:
            raise BadInput(f"every runner of the race failed; the last: {failed[-1][1]}")
        runners = _ordered(runners)
        rungs.append(_rung(budget, runners))
        before = budget
        if at + 1 < len(budgets):
            runners = runners[: max(1, math.ceil(len(runners) * keep))]
    won = runners[0]
    advice = donors.advice if isinstance(donors, Ranking) and not donors.clear else ""
    return Race(
        plans[0].target,
        won.at or won.plan.donor,
        won.metric,
        tuple(rungs),
        tuple(steps),
        spent,
        whole * len(plans),
        tuple(failed),
        advice,
    )


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


def _as_they_are(runners: Sequence[_Runner]) -> Rung:
    """Measure the donors whose whole network fits the target; their runners start from that, gently."""
    fit = [r for r in runners if not r.plan.from_scratch and r.plan.recipe == dict(r.plan.donor.model.recipe)]
    for r in fit:
        assert r.plan.validation is not None
        r.metric = measured(r.plan.donor, r.plan.validation)[r.plan.donor.metric_name]
        r.rate = SLOWER
    return _rung(0, _ordered(fit))


def _rung(epochs: int, runners: Sequence[_Runner]) -> Rung:
    return Rung(epochs, tuple((r.plan.name, r.metric) for r in runners))


def _ordered(runners: Sequence[_Runner]) -> list[_Runner]:
    """Best first; one whose metric is no number is worse than any."""
    return runners[0].judged_by.ordered(runners, lambda r: r.metric) if runners else []


def _round(
    runners: Sequence[_Runner], more: int, total: int, executor: Asked | None, progress: bool
) -> Iterator[tuple[_Runner, Callable[[], str]]]:
    """Train every runner on for ``more`` epochs; in their order, each with what waits for its training's ID."""
    with working_place(runners[0].plan.target.store, executor, seeds=True) as where:
        waiting: list[tuple[_Runner, Future]] = []
        try:
            for runner in list(runners):
                if len(waiting) == where.workers:
                    first, future = waiting.pop(0)
                    yield first, future.result
                future = where.pool.submit(_run, runner.plan, runner.at, runner.rate, more, total, progress)
                waiting.append((runner, future))
            while waiting:
                first, future = waiting.pop(0)
                yield first, future.result
        finally:
            for _, future in waiting:
                future.cancel()


def _take(runner: _Runner, training: str) -> None:
    """A runner keeps what it came to only where that is no worse than what it had."""
    store = runner.plan.target.store
    found = TrainingVersion(store, store.graph().find(training, "training"))
    value = math.nan if found.metric is None else found.metric
    if not runner.judged_by.better(runner.metric, value):
        runner.at, runner.metric = found, value
    else:
        runner.rate *= SLOWER


def _run(plan: TransferPlan, so_far: TrainingVersion | None, rate: float, more: int, total: int, progress: bool) -> str:
    """Train on for ``more`` epochs; the ID of the training version."""
    hyper: dict[str, Any] = {**plan.hyper, "epochs": more}
    if rate != 1 and hyper.get("lr"):  # without one of its own the rate is the backend's or the configuration's
        hyper["lr"] *= rate
    so_long = counted(total, "epoch")
    name, by = fitting(f"{plan.name} · {so_long}"), Origin("race", f"round to {so_long}")
    try:
        return _train(plan, so_far, name, hyper, by, progress).id
    except NameTaken:  # by a race with other donors: its start from scratch has another recipe
        begun = so_far.id if so_far else None
        name = fitting(name, {"donor": plan.donor.id, "init": begun, **hyper})
        return _train(plan, so_far, name, hyper, by, progress).id


def _train(
    plan: TransferPlan, so_far: TrainingVersion | None, name: str, hyper: dict[str, Any], by: Origin, progress: bool
) -> TrainingVersion:
    changed = plan.changed(by, name=name, hyper=hyper)
    if so_far is None:
        return changed.execute(progress=progress)
    assert plan.validation is not None
    goes_on = dict.fromkeys(("model", "init", "seed", "method"), Origin("training", so_far.name))
    onwards = Plan(
        name=name,
        backend=plan.recipe["backend"],
        model=so_far.plan["model"],
        data=plan.target.id,
        validation=plan.validation.id,
        init=so_far.id,
        hyper=hyper,
        seed=so_far.plan["seed"],
        method=so_far.method.name,
        deployment=plan.deployment,
        origins={**changed.origins, **kept(goes_on)},
    )
    return train(plan.target.store, onwards, progress=progress)
