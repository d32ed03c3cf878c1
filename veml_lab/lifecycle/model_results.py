"""What the trainings of a model version are worth, on every data version that they were measured on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..versions.data import DataVersion
from ..versions.model import ModelVersion
from ..versions.results import get_result
from ..versions.store import key_of
from ..versions.training import TrainingVersion

NO_METRICS = ("seconds", "epochs", "steps", "best_epoch", "labels")  # numbers of a summary that say nothing of quality


@dataclass(frozen=True)
class Result:
    """What one training of a model is worth on one data version; without ``training`` the model was never trained."""

    model: ModelVersion
    training: TrainingVersion | None = None
    tested_on: str | None = None
    layer: str | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        t = self.training
        made = (
            {"training": t.name, "data": t.data.name, "seconds": t.seconds}
            if t
            else {"training": None, "data": None, "seconds": None}
        )
        return {
            "model": self.model.name,
            **made,
            "tested_on": self.tested_on,
            "layer": self.layer,
            "metrics": dict(self.metrics),
        }


def results_of(model: ModelVersion) -> list[Result]:
    """Every training of a model with its metrics on every data version (and annotation layer) that it was measured
    on."""
    store, graph = model.store, model.store.graph()
    found = []
    for e in graph.out.get(model.id, ()):
        if e.type != "instance_of":
            continue
        training = TrainingVersion(store, graph.nodes[e.dst])
        tests = [t for t in graph.into.get(training.id, ()) if t.type == "tested_on"]
        for t in tests:
            data = DataVersion(store, graph.nodes[t.src])
            metrics = _metrics(training.facts.numbers) if training.plan.get("validation") == data.id else {}
            kept = get_result(store, key_of("measured", training.key, data.key)) or {}
            metrics |= _metrics(kept) or _metrics({k: v for k, v in t.props.items() if k != "annotation_layer"})
            found.append(Result(model, training, data.name, t.props.get("annotation_layer", data.facts.layer), metrics))
        if not tests:
            found.append(Result(model, training))
    return found


def _metrics(values: Mapping[str, Any]) -> dict[str, float]:
    numbers = {
        k: float(v)
        for k, v in values.items()
        if isinstance(v, int | float) and not isinstance(v, bool) and k not in NO_METRICS
    }
    return {k: v for k, v in numbers.items() if math.isfinite(v)}


def text_of(value: Any) -> str:
    """A value in a cell of a table."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        text = (
            " x ".join(map(str, value))
            if len(value) <= 3 and all(isinstance(v, int) for v in value)
            else ", ".join(map(str, value))
        )
        return text if len(text) <= 60 else text[:57] + "..."
    return (
        "–" if value is None else f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    )
