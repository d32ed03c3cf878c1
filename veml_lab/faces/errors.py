"""The confusion matrix and the kinds of error, as the one judge has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import BadInput
from ..evaluation.judgement import judge
from ..evaluation.metric import metric_named
from ..evaluation.prediction import Prediction
from ..training.kept_errors import has_errors, keep_errors, kept_errors
from ..training.predicted import kept_prediction
from ..versions.column_names import own_names
from ..versions.data import DataVersion
from ..versions.training import TrainingVersion
from ..versions.truth import truth_of
from .facts import FACTS


def confusion_of(prediction: Prediction, data: DataVersion) -> dict[str, Any]:
    """Keywords of the confusion matrix; for boxes the last row and column stand for nothing."""
    judged = judge(prediction, truth_of(data, prediction))
    kinds = {k: n for k, n in judged.counts().items() if n}
    return {"classes": list(judged.names), "matrix": judged.confusion(), "kinds": kinds}


def confusion_of_training(training: TrainingVersion, *, compute: bool = False) -> dict[str, Any]:
    """Keywords of the confusion matrix of a training on its validation data, as they were kept at its end.

    Parameters
    ----------
    compute
        Look now where nothing was kept; else that is an error that says so.

    Raises
    ------
    BadInput
        Nothing is kept, or there is nothing to measure on.
    """
    found = keep_errors(training) if compute else kept_errors(training)
    if found is None:
        why = (
            "it was trained without validation data, or for a task without kinds of errors"
            if not has_errors(training)
            else (
                "they were not kept (it was trained by an earlier version); open the lab where it can be written and"
                f" run: lab.view('errors', version={training.name!r})"
            )
        )
        raise BadInput(f"the errors of {training.name!r} cannot be shown: {why}")
    matrix = np.asarray(found["confusion"], np.int64)
    if found["kinds"]:
        counts, judged = {k: v["count"] for k, v in found["kinds"].items()}, f", boxes from score {found['score']:g}"
    else:
        counts, judged = {"class": int(matrix.sum() - np.trace(matrix))}, ""
    value = metric_named(found["metric"]).format(found["value"])
    validation = training.validation
    openable = validation is not None and kept_prediction(training) is not None
    return {
        "about": {"version": validation.id, "training": training.id} if validation is not None and openable else {},
        "tables": tables_of(found),
        "curves": found.get("curves") or {},
        "classes": found["classes"],
        "matrix": matrix,
        "kinds": {k: n for k, n in counts.items() if n},
        "title": f"{training.name} on {found['data']}: {found['metric']} {value}{judged}",
    }


def tables_of(found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What else an analysis has found, as tables whose rows lead to their samples: classes, slices, the worst."""
    show = metric_named(found["metric"]).format
    out: dict[str, dict[str, Any]] = {}
    numbers = [
        k for k in ("precision", "recall", "f1", "AP50") if any(r.get(k) is not None for r in found["per_class"])
    ]
    rows = [r for r in found["per_class"] if r["support"]]
    if rows:
        out["Classes"] = {
            "columns": ["class", "objects" if found["kinds"] else "samples", *numbers],
            "rows": [[r["class"], r["support"], *(_written(r.get(k), show) for k in numbers)] for r in rows],
            "opens": [{"class": r["class"]} for r in rows],
        }
    if found["slices"]:
        weakest = metric_named(found["metric"]).ordered(found["slices"], lambda r: r["metric"])[::-1]
        out["Slices, the weakest first"] = {
            "columns": ["slice", "samples", found["metric"], "against all"],
            "rows": [
                [f"{r['column']} = {r['value']}", r["n"], _written(r["metric"], show), f"{r['gap']:+.3f}"]
                for r in weakest
            ],
            "opens": [{_called(r["column"]): r["where"] if "where" in r else r["value"]} for r in weakest],
        }
    if found["worst"]:
        out["Worst samples"] = {
            "columns": ["file", "cost", "truth", "predicted"],
            "rows": [[w["uri"], round(w["cost"], 2), w["truth"], w["predicted"]] for w in found["worst"]],
            "opens": [{"id": [w["id"]]} for w in found["worst"]],
        }
    return out


def _called(column: str) -> str:
    """What the wall calls a column of the data."""
    return own_names([column], FACTS)[column]


def _written(value: float | None, show: Callable[[float], str]) -> str:
    return "–" if value is None else show(value)
