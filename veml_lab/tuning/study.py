"""Search hyper-parameters of a plan: Optuna proposes, jobs train, every trial is a training version."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from .._optional import need
from ..errors import BadInput, JobError, UnknownName
from ..execute import Asked
from ..storage.border import public
from ..training import Plan
from ..training.jobs import train
from ..training.reporter import Stopped
from ..versions.model import ModelVersion
from ..versions.settings import Origin
from ..versions.store import HoldsStore, VersionStore, counted, key_of
from ..versions.training import TrainingVersion
from ..versions.where import working_place

PRUNERS = ("none", "median", "halving")
START = "start"  # the choice among the plan's own start and the donors' weights
PRUNE_FROM = 4  # trials that are trained to the end before one is stopped by comparison with them


@dataclass(frozen=True)
class Found:
    """What a search tried.

    Attributes
    ----------
    best
        The training version with the best metric among those trained to the end.
    trials
        The last training version of every trial, in the order in which they ran.
    epochs
        Epochs that each trial was trained; fewer than the plan's where it was pruned.
    failed
        Why a trial has no training version: ``(hyper-parameters, message)``.
    starts
        What each trial started from, ``"scratch"`` or the name of a training; empty where donors lent no weights.
    """

    best: TrainingVersion
    trials: tuple[TrainingVersion, ...]
    epochs: tuple[int, ...] = ()
    failed: tuple[tuple[Mapping[str, Any], str], ...] = ()
    starts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [
            f"{counted(len(self.trials), 'trial')}, {counted(sum(self.epochs), 'epoch')}; best {self.best.name}:"
            f" {self.best.summary()}"
        ]
        for t, epochs, start in zip(self.trials, self.epochs, self.starts or [""] * len(self.trials), strict=True):
            value = f"{t.judged_by.format(t.metric):>5}"
            lines.append(
                f"  {value}  {epochs:>3} epoch{'s' if epochs > 1 else ' '} "
                f" { {k: v for k, v in t.plan['hyper'].items() if k != 'epochs'} }{f' from {start}' if start else ''}"
            )
        return "\n".join([*lines, *(f"  failed {dict(h)}: {why}" for h, why in self.failed)])


@public
def search(
    plan: Plan,
    lab: HoldsStore | None,
    space: Mapping[str, Sequence[Any] | tuple[float, float]],
    *,
    trials: int = 8,
    sampler: str = "tpe",
    pruner: str = "none",
    donors: Sequence[Mapping[str, Any] | TrainingVersion] = (),
    seed: int = 0,
    executor: Asked | None = None,
    progress: bool = True,
) -> Found:
    """Look for better hyper-parameters: search ``space`` around a plan.

    Parameters
    ----------
    plan
        A plan with validation data.
    lab
        Where, if the plan was put together by hand; None: the lab that it was made in.
    space
        By hyper-parameter: a tuple ``(low, high)`` (searched on a log scale; whole numbers stay whole) or a list
        of choices.
    sampler
        ``"tpe"``, ``"random"``, ``"recursive-random"`` or ``"annealing"``.
    pruner
        ``"none"``: every trial is trained to the end. ``"median"``: it ends where it is worse than the median of
        those before it; ``"halving"``: unless it is among the better third, after a ninth and a third of the epochs.
    donors
        Lifecycles of similar data sets, tried first: trainings, or their hyper-parameters alone. A number outside its
        range is moved to the range's end, a choice that is not offered is drawn anew. Trainings lend their weights
        too: what a trial starts from - one of them, or what the plan says - is searched like a hyper-parameter. Those
        of a ranking: ``[d.training for d in veml.most_similar(data) if d.training][:3]``.
    executor
        Where trials are trained: ``("processes", 2)`` trains two at once; default: the lab's, else one after the
        other, here. What Optuna proposes depends on how many it has not heard of yet, so on the number of workers.

    Raises
    ------
    BadInput
        No validation data, no trials, an empty or reversed range, a donor whose weights are of another network, or
        every trial failed.
    UnknownName
        No such sampler or pruner.

    Notes
    -----
    A trial that was trained before (same inputs) is read, not trained again, so an interrupted search
    that is started again goes on where it was. With a pruner a trial is trained in rungs, each a training version
    that starts from the weights of the one before; its optimiser starts anew there.
    A trial whose training fails (its loss is no number, memory runs out) counts as one that found nothing.

    Examples
    --------
    >>> base = veml.plan(lab["detector"], city, name="searched", validation=town, epochs=1, batch_size=8, lr=2e-3)
    >>> found = veml.search(base, lab, {"lr": (5e-4, 5e-3)}, trials=2, sampler="random")
    >>> len(found.trials)
    2
    """
    store = plan.store if lab is None else lab.store
    if store is None:
        raise BadInput(f"the plan {plan.name!r} was not made in a lab: say in which it is to be searched")
    plan = plan.stated()
    if plan.validation is None:
        raise BadInput("a search needs validation data to compare trials on; give the plan a validation version")
    if trials < 1:
        raise BadInput(f"trials must be at least 1, got {trials}")
    if pruner not in PRUNERS:
        raise UnknownName.of("pruner", pruner, PRUNERS)
    optuna = need("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    from .samplers import sampler as make_sampler

    wanted = {name: _distribution(name, values) for name, values in space.items()}
    if not wanted:
        raise BadInput("a search needs a space: for example {'lr': (1e-4, 1e-1), 'batch_size': [16, 32]}")
    starts = _starts(store, plan, [d for d in donors if isinstance(d, TrainingVersion)])
    if starts and START in wanted:
        raise BadInput(f"{START!r} is what the donors' weights are searched under; call that hyper-parameter otherwise")
    if starts:
        wanted[START] = optuna.distributions.CategoricalDistribution(starts)
    study = optuna.create_study(
        direction="maximize", sampler=make_sampler(sampler, wanted, seed), pruner=_pruner(pruner)
    )
    for d in donors:
        theirs = {**d.plan["hyper"], START: d.id} if isinstance(d, TrainingVersion) else d
        study.enqueue_trial({k: v for k in wanted if k in theirs and (v := _within(wanted[k], theirs[k])) is not None})
    whole = int(plan.hyper.get("epochs", 5))
    rungs = [whole] if pruner == "none" else sorted({max(1, round(whole / 9)), max(1, round(whole / 3)), whole})
    done: list[tuple[TrainingVersion, int, str]] = []
    failed: list[tuple[Mapping[str, Any], str]] = []

    def begin() -> _Trial:
        trial = study.ask()
        chosen = {name: _suggest(trial, name, d) for name, d in wanted.items()}
        hyper = {**plan.hyper, **{k: v for k, v in chosen.items() if k != START}}
        start = chosen.get(START) or None
        begun = {"init": start, "method": "transfer"} if starts and start != plan.init else {}
        by = Origin("trial", str(trial.number + 1))
        return _Trial(trial, chosen, plan.changed(by, hyper=hyper, **begun), rungs, by)

    with working_place(store, executor, seeds=True) as where:
        running: deque[tuple[_Trial, Future]] = deque()
        asked = 0
        try:
            while asked < trials or running:
                while asked < trials and len(running) < where.workers:
                    t, asked = begin(), asked + 1
                    running.append((t, where.pool.submit(_train, store, t.next(), progress and where.workers == 1)))
                t, future = running.popleft()  # by turns: what Optuna is told does not depend on who is quicker
                try:
                    trained = future.result()
                except Stopped:
                    raise  # somebody asked for it: the search ends, and goes on when it is started again
                except JobError as e:
                    failed.append((t.chosen, str(e)))
                    study.tell(t.trial, state=optuna.trial.TrialState.FAIL)
                    continue
                version = TrainingVersion(store, store.graph().find(trained, "training"))
                to_the_end = t.came(version)
                if to_the_end is None:
                    running.append((t, where.pool.submit(_train, store, t.next(), progress and where.workers == 1)))
                    continue
                done.append((version, t.epochs, store.graph().nodes[t.plan.init].name if t.plan.init else "scratch"))
                if to_the_end:
                    study.tell(t.trial, _score(version))
                else:
                    study.tell(t.trial, state=optuna.trial.TrialState.PRUNED)
        finally:
            for _, future in running:
                future.cancel()
    if not done:
        raise BadInput(f"every one of {trials} trials failed; the last: {failed[-1][1]}")
    ended = [t for t, epochs, _ in done if epochs == rungs[-1]] or [t for t, _, _ in done]
    versions, epochs, begun_from = zip(*done, strict=True)
    return Found(max(ended, key=_score), versions, epochs, tuple(failed), begun_from if starts else ())


def _train(store: VersionStore, plan: Plan, progress: bool) -> str:
    """The ID of the training version of a plan: what comes back from wherever it is trained."""
    return train(store, plan, progress=progress).id


class _Trial:
    """One trial, trained rung by rung, each a training version that goes on from the one before."""

    def __init__(self, trial: Any, chosen: Mapping[str, Any], plan: Plan, rungs: Sequence[int], by: Origin) -> None:
        self.trial, self.chosen, self.plan, self.rungs, self.by = trial, chosen, plan, rungs, by
        self.at, self.epochs = 0, 0
        self.version: TrainingVersion | None = None

    def next(self) -> Plan:
        """The plan of its next rung."""
        plan, hyper = self.plan, dict(self.plan.hyper)
        name = f"{plan.name} · trial {key_of(hyper, *([plan.init] if plan.init else []))[:6]}"
        if len(self.rungs) == 1:  # as the plan says, also where it leaves the epochs to the recipe
            return plan.changed(self.by, name=name)
        epochs = self.rungs[self.at]
        return plan.changed(
            self.by,
            name=f"{name} · {counted(epochs, 'epoch')}",
            hyper={**hyper, "epochs": epochs - self.epochs},
            init=self.version.id if self.version else plan.init,
        )

    def came(self, version: TrainingVersion) -> bool | None:
        """Take what a rung came to: True where the trial is at its end, False where it is pruned, None to go on."""
        self.version, self.epochs = version, self.rungs[self.at]
        if len(self.rungs) == 1:
            return True
        self.trial.report(_score(version), 3**self.at)  # the steps at which successive halving compares
        self.at += 1
        if self.at == len(self.rungs):
            return True
        return False if self.trial.should_prune() else None


def _starts(store: VersionStore, plan: Plan, donors: Sequence[TrainingVersion]) -> list[str]:
    """IDs of what a trial may start from: the plan's own start ("": from scratch) and every donor; empty without
    donors."""
    if not donors:
        return []
    recipe = ModelVersion(store, store.graph().find(plan.model, "model")).recipe
    for d in donors:
        other = [
            k
            for k in ("backend", "task", "architecture", "backbone", "width")
            if d.model.recipe.get(k) != recipe.get(k)
        ]
        if other:
            theirs, mine = (", ".join(str(r.get(k)) for k in other) for r in (d.model.recipe, recipe))
            raise BadInput(
                f"the weights of {d.name!r} do not fit: {', '.join(other)} {theirs} there, {mine} in the plan; "
                "search around a transfer of it, or give its hyper-parameters alone (donor.plan['hyper'])"
            )
    return list(dict.fromkeys([plan.init or "", *(d.id for d in donors)]))


def _score(version: TrainingVersion) -> float:
    """More is better; a training without a number is worse than any with one."""
    return version.judged_by.score(version.metric)


def _pruner(name: str) -> Any:
    optuna = need("optuna")
    make: dict[str, Callable[[], Any]] = {
        "none": optuna.pruners.NopPruner,
        "median": lambda: optuna.pruners.MedianPruner(n_startup_trials=PRUNE_FROM),
        "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    }
    return make[name]()


def _within(d: Any, value: Any) -> Any:
    """A donor's value where the space allows it."""
    if hasattr(d, "choices"):
        return value if value in d.choices else None
    return min(max(type(d.low)(value), d.low), d.high)


def _suggest(trial: Any, name: str, d: Any) -> Any:
    if hasattr(d, "choices"):
        return trial.suggest_categorical(name, d.choices)
    ask = trial.suggest_int if isinstance(d.low, int) else trial.suggest_float
    return ask(name, d.low, d.high, log=True)


def _distribution(name: str, values: Any) -> Any:
    """What Optuna calls the values of a hyper-parameter, checked."""
    d = need("optuna").distributions
    if (
        isinstance(values, tuple)
        and len(values) == 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    ):
        low, high = values
        if not (math.isfinite(low) and math.isfinite(high) and 0 < low < high):
            raise BadInput(
                f"the range of {name} must be (low, high) with 0 < low < high, got {values}; give choices as a list"
            )
        whole = isinstance(low, int) and isinstance(high, int)
        return (
            d.IntDistribution(low, high, log=True) if whole else d.FloatDistribution(float(low), float(high), log=True)
        )
    if isinstance(values, str | bytes) or not isinstance(values, Sequence) or not values:
        raise BadInput(f"the values of {name} must be a range (low, high) or a list of choices, got {values!r}")
    return d.CategoricalDistribution(list(values))
