"""Search hyper-parameters of a plan: Optuna proposes, jobs train, every trial is a training version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._optional import need
from ..errors import BadInput
from ..training import Plan
from ..training.jobs import train
from ..versions.store import VersionStore, key_of
from ..versions.training import TrainingVersion


@dataclass(frozen=True)
class Found:
    """What a search tried.

    Attributes
    ----------
    best
        The training version with the highest metric.
    trials
        All of them, in the order in which they ran.
    """

    best: TrainingVersion
    trials: tuple[TrainingVersion, ...]

    def __repr__(self) -> str:
        lines = [f"{len(self.trials)} trials; best {self.best.name}: {self.best.summary()}"]
        return "\n".join(lines + [f"  {t.metric or 0:.3f}  {dict(t.plan['hyper'])}" for t in self.trials])


def search(
    store: VersionStore,
    plan: Plan,
    space: Mapping[str, Sequence[Any] | tuple[float, float]],
    *,
    trials: int = 8,
    donors: Sequence[Mapping[str, Any]] = (),
    seed: int = 0,
    progress: bool = True,
) -> Found:
    """Search ``space`` around a plan.

    Parameters
    ----------
    space
        By hyper-parameter: a tuple ``(low, high)`` of floats (searched on a log scale) or a list of choices.
    donors
        Hyper-parameters of similar data sets' lifecycles: tried first.

    Notes
    -----
    A trial that was trained before (same inputs) is read, not trained again, so an interrupted search
    that is started again goes on where it was.
    """
    if plan.validation is None:
        raise BadInput("a search needs validation data to compare trials on; give the plan a validation version")
    if trials < 1:
        raise BadInput(f"trials must be at least 1, got {trials}")
    optuna = need("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    for d in donors:
        study.enqueue_trial({k: v for k, v in d.items() if k in space})
    done: list[TrainingVersion] = []

    def objective(trial: Any) -> float:
        chosen = {}
        for k, values in space.items():
            if isinstance(values, tuple):
                chosen[k] = trial.suggest_float(k, *values, log=True)
            else:
                chosen[k] = trial.suggest_categorical(k, list(values))
        hyper = {**plan.hyper, **chosen}
        named = replace(plan, name=f"{plan.name} · trial {key_of(hyper)[:6]}", hyper=hyper)
        version = train(store, named, progress=progress)
        done.append(version)
        return version.score if version.score is not None else 0.0

    study.optimize(objective, n_trials=trials)
    return Found(max(done, key=lambda t: t.score or 0.0), tuple(done))
