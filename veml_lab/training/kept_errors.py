"""What a training gets wrong on its validation data, kept once: the panel shows it at a click, a read-only lab as
well."""

from __future__ import annotations

import logging
from typing import Any

from ..errors import VemlError
from ..storage.plain_json import plain
from ..versions.results import get_result, put_result
from ..versions.store import key_of
from ..versions.training import TrainingVersion

RESULT_KIND = "errors"
TASKS = ("classification", "detection")
_CODE = 2  # of the analysis; what an older one kept is shown as it is
_log = logging.getLogger(__name__)


def has_errors(training: TrainingVersion) -> bool:
    """Whether there is anything to analyse: validation data, and a task whose errors have kinds."""
    return training.validation is not None and training.model.recipe["task"] in TASKS


def kept_errors(training: TrainingVersion) -> dict[str, Any] | None:
    """The kept analysis as :meth:`~veml_lab.evaluation.analysis.ErrorAnalysis.to_dict` gives it, or None; nothing is
    computed."""
    if not has_errors(training):
        return None
    kept = (get_result(training.store, _key(training, code)) for code in range(_CODE, 0, -1))
    return next((k for k in kept if k is not None), None)


def keep_errors(training: TrainingVersion, *, progress: bool = True) -> dict[str, Any]:
    """The analysis on the validation data: what was kept, else computed now and kept where the lab can be written.

    It costs one run of the network over the validation data, as the metrics of one epoch do; what it says is kept.

    Raises
    ------
    BadInput, MissingLabels
        No validation data, or a task without kinds of errors.
    """
    kept = kept_errors(training)
    if kept is not None:
        return kept
    from .analysis import analyse

    found = plain(analyse(training, progress=progress).to_dict())
    put_result(training.store, _key(training, _CODE), RESULT_KIND, found)
    return found


def keep_after_training(training: TrainingVersion) -> None:
    """At the end of a job: a training that is done stays done, whatever its analysis says."""
    if not has_errors(training):
        return
    try:
        keep_errors(training, progress=False)
    except VemlError as e:  # validation data whose labels do not allow it: said where somebody asks for it
        _log.info("the errors of %r are not kept: %s", training.name, e)
    except Exception:
        _log.warning("the errors of %r are not kept", training.name, exc_info=True)


def _key(training: TrainingVersion, code: int) -> str:
    validation = training.validation
    return key_of(RESULT_KIND, code, training.key, validation.key if validation else None)
