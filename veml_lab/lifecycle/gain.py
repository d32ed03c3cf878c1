"""What a change brought on average, from the cases that a lab has seen."""

from __future__ import annotations

from dataclasses import dataclass

from ..versions.store import VersionStore
from ..versions.training import TrainingVersion


@dataclass(frozen=True)
class Gain:
    """What a change brought on average: ``mean``, its standard error (None from one case), and the cases."""

    mean: float
    error: float | None
    cases: int

    def __str__(self) -> str:
        error = "" if self.error is None else f" ± {self.error:.3f}"
        return f"{self.mean:+.3f}{error} (n={self.cases})"


def gain_of(values: list[float]) -> Gain | None:
    """Mean and standard error; None of nothing."""
    import numpy as np

    if not values:
        return None
    error = float(np.std(values, ddof=1) / len(values) ** 0.5) if len(values) > 1 else None
    return Gain(float(np.mean(values)), error, len(values))


def transfer_history(store: VersionStore) -> Gain | None:
    """How much better than from scratch transfers were in this lab: same target, recipe, epochs and validation data."""
    return gain_of([gain for _, gain in beside_scratch(store)])


def beside_scratch(store: VersionStore) -> list[tuple[TrainingVersion, float]]:
    """Every transfer of a lab with its gain over starts from scratch that were made in the same way, oldest first."""
    found: dict[tuple, dict[str, list[tuple[TrainingVersion, float]]]] = {}
    for node in store.graph().of_kind("training"):
        run = TrainingVersion(store, node)
        plan, value = run.plan, run.metric
        way = "scratch" if plan["init"] is None else run.method.name
        # an error in the readings' own units cannot be averaged with shares
        if value is None or run.method.rebuilds or way not in ("scratch", "transfer") or not run.judged_by.comparable:
            continue
        same = (plan["model"], plan["data"], plan.get("validation"), plan["hyper"].get("epochs"))
        # as scores: a loss that went down is a gain
        found.setdefault(same, {}).setdefault(way, []).append((run, run.judged_by.score(value)))
    return [
        (run, score - sum(s for _, s in v["scratch"]) / len(v["scratch"]))
        for v in found.values()
        if len(v) == 2
        for run, score in v["transfer"]
    ]
