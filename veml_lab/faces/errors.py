"""The confusion matrix and the kinds of error, as the one judge has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import BadInput
from ..evaluation.judgement import judge
from ..evaluation.metric import metric_named
from ..evaluation.prediction import Prediction
from ..training.kept_errors import has_errors, keep_errors, kept_errors
from ..versions.data import DataVersion
from ..versions.training import TrainingVersion
from ..versions.truth import truth_of


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
    return {
        "classes": found["classes"],
        "matrix": matrix,
        "kinds": {k: n for k, n in counts.items() if n},
        "title": f"{training.name} on {found['data']}: {found['metric']} {value}{judged}",
    }
