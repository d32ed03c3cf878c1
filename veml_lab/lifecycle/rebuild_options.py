"""What :func:`~veml_lab.lifecycle.rebuild.rebuild` was asked, checked before anything runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..errors import BadInput, UnknownName
from ..training import declaration
from ..training.registry import adaptations
from ..versions.data import DataVersion
from ..versions.store import check_name
from ..versions.training import TrainingVersion
from .active import learner_named
from .methods import WITH_LABELS, check_task, methods, usual_hyper


def check_rebuilding(
    training: Any,
    new: Any,
    *,
    auto: bool,
    method: Any,
    budget: Any,
    learner: Any,
    labels: Any,
    validation: Any,
    name: Any,
    hyper: Any,
    level: Any,
) -> None:
    """Refuse what would fail later, or change nothing: who gives an option thinks that it does.

    Raises
    ------
    UnknownName
        There is no such method, learner or hyper-parameter.
    BadInput
        A value of another kind or out of its range, an option that the method does not read.
    """
    _version("training", training, TrainingVersion)
    for what, version in (("new", new), ("labels", labels), ("validation", validation)):
        if version is not None or what == "new":
            _version(what, version, DataVersion)
    check_task(training, new)
    if name is not None:
        check_name(name)
    if auto and method is not None:
        raise BadInput(f"auto takes the advised method; leave out method={method!r}, or auto")
    if method is not None and method not in (known := methods()):
        raise UnknownName.of("rebuilding method", method, known)
    if not auto and method not in (None, "active"):
        given = [k for k, v in (("budget", budget), ("learner", learner), ("labels", labels)) if v is not None]
        if given:
            raise BadInput(f"{given[0]}= would change nothing: it belongs to method='active', not to {method!r}")
    if not auto and level is not None:
        raise BadInput("level= would change nothing: it belongs to the drift test of auto=True")
    if level is not None and not (_number(level) and 0 < level < 1):
        raise BadInput(f"level is the accepted share of false alarms, between 0 and 1; got {level!r}")
    if budget is not None:
        _check_budget(budget)
    if learner is not None:
        if not isinstance(learner, str):
            raise BadInput(f"learner is the name of an active learner, got {learner!r:.60}")
        learner_named(learner)
    if hyper is not None:
        _check_hyper(training, hyper, auto=auto, method=method or "active")


def _version(what: str, version: Any, kind: type) -> None:
    if not isinstance(version, kind):
        noun = "training version" if kind is TrainingVersion else "data version"
        raise BadInput(f"{what} is a {noun} (lab[NAME]), got {type(version).__name__} {version!r:.60}")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_budget(budget: Any) -> None:
    if not _number(budget) or budget <= 0 or (budget > 1 and budget != int(budget)):
        raise BadInput(
            "the budget must be a share of the new samples (below 1) or a whole number of them, above 0; got"
            f" {budget!r:.60}"
        )


def _check_hyper(training: TrainingVersion, hyper: Any, *, auto: bool, method: str) -> None:
    if not isinstance(hyper, Mapping):
        raise BadInput(f"hyper is a mapping from hyper-parameters to values, {{'epochs': 3}}; got {hyper!r:.60}")
    own = declaration(training.model.recipe["backend"])
    if method in WITH_LABELS and not auto:
        own.filled({**usual_hyper(training, method), **hyper}, training.model.recipe["task"], validated=True)
        return
    # an adaptation has its own, whose values its backend checks before it starts; which one auto takes is not known yet
    taken = {declaration(adapting).name for m, (adapting, _) in adaptations().items() if auto or m == method}
    known = {h.name for d in (*map(declaration, taken), *([own] if auto else [])) for h in d.hyper}
    for name in hyper:
        if name not in known:
            raise UnknownName.of(f"hyper-parameter of {'a rebuilding' if auto else method}", name, sorted(known))
