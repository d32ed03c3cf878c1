"""Error analysis of a training version: run its network over labelled data and judge what it says."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import BadInput, MissingLabels, UnknownName
from ..evaluation.analysis import ErrorAnalysis, Shown, analyse_prediction
from ..evaluation.kinds import SCORE
from ..evaluation.slices import slices_of
from ..storage.border import public
from ..versions.data import DataVersion
from ..versions.samples import id_array
from ..versions.tables import free_columns
from ..versions.training import TrainingVersion
from ..versions.truth import truth_of
from .predicted import prediction_of


@public
def analyse(
    training: TrainingVersion,
    data: DataVersion | None = None,
    *,
    columns: Sequence[str] | None = None,
    score: float = SCORE,
    top: int = 12,
    progress: bool = True,
) -> ErrorAnalysis:
    """Say what a training version gets wrong on labelled data; its network runs where it was never asked before.

    Parameters
    ----------
    data
        Labelled data of the training's task; default: the training's validation data.
    columns
        Capture columns to slice by; default: all that have few values or are numbers.
    score
        Detections below it are not judged; mAP and what mending an error adds count all of them.
    top
        How many of the worst samples.

    Raises
    ------
    BadInput, MissingLabels, UnknownName
        No validation data and none given; another task; no labels; no such column.

    Examples
    --------
    >>> veml.analyse(run, city, progress=False).metric
    'mAP50'
    """
    data = data or training.validation
    if data is None:
        raise BadInput(
            f"{training.name!r} was trained without validation data; say which data version it shall be measured on"
        )
    task = training.model.recipe["task"]
    if task not in ("classification", "detection"):
        raise BadInput(f"error analysis is for classification and detection; {training.name!r} is for {task}")
    if data.facts.trains_as != task:
        raise BadInput(f"{training.name!r} is for {task}, {data.name!r} is for {data.task}; choose other data")
    if task == "detection" and not data.annotations.boxes:
        raise MissingLabels(f"{data.name!r} has no boxes to measure against; label some samples first")
    there = free_columns(data.samples["columns"])
    unknown = [c for c in columns or () if c not in there]
    if unknown:  # a wrong name is said before the network runs
        raise UnknownName.of(f"capture column of {data.name!r}", unknown[0], there)
    slices = slices_of({name: there[name].to_pylist() for name in columns or there}, columns)
    prediction = prediction_of(training, data, progress=progress)
    shown = Shown(id_array(data), data.samples["uri"].to_pylist(), data.images.__getitem__)
    return analyse_prediction(
        prediction, truth_of(data, prediction), shown, slices, model=training.name, score=score, top=top
    )
