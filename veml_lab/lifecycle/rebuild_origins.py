"""Where the settings of a rebuilding come from: the old training, the method, the advice, or who asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..versions.data import DataVersion
from ..versions.settings import USER, Origin, kept, noted
from ..versions.training import TrainingVersion
from .methods import usual_hyper

ADVICE = Origin("verb", "advise")
BY_DEFAULT = Origin("default", "veml.rebuild")


def by_method(method: str) -> dict[str, Any]:
    """What a method of rebuilding chose by itself, as it is kept."""
    return Origin("method", method).to_dict()


def hyper_of(
    training: TrainingVersion, method: str, advised: Mapping[str, Any], said: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The hyper-parameters of a rebuilding, and where they came from.

    The training's own, which the method changes or leaves out, then what is advised, and before all what was said.
    """
    usual, own = usual_hyper(training, method), training.plan["hyper"]
    steps = [
        ({k: own[k] for k in usual if k in own}, Origin("training", training.name)),
        (usual, Origin("method", method)),
        (advised, ADVICE),
        (said, USER),
    ]
    hyper: dict[str, Any] = {}
    origins: dict[str, Any] = {}
    for changes, by in steps:
        now = {**hyper, **changes}
        origins = noted(origins, {"hyper": hyper}, {"hyper": now}, by)
        hyper = now
    return hyper, origins


def origins_of_rebuilding(
    training: TrainingVersion,
    method: str,
    *,
    said: Iterable[str],
    advised: Mapping[str, Any],
    validation: DataVersion | None,
) -> dict[str, Any]:
    """Where the fields of its plan came from, but for the hyper-parameters; ``said``: those that somebody gave."""
    old, by = Origin("training", training.name), Origin("method", method)
    judged = old if validation is None and training.validation is not None else USER
    return kept(
        dict.fromkeys(("backend", "model", "deployment"), old)
        | dict.fromkeys(("name", "init", "labels"), by)
        | {"data": USER if method == "transfer" else by, "rebuilt_from": USER, "seed": BY_DEFAULT, "validation": judged}
        | {k: ADVICE if k in advised else BY_DEFAULT for k in ("method", "learner")}
        | dict.fromkeys(said, USER)
    )
