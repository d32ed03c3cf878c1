"""What a model takes for what: kinds of error for each sample, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import BadInput
from ..training import Prediction
from ..training.kept_errors import has_errors, keep_errors, kept_errors
from ..versions.data import DataVersion
from ..versions.training import TrainingVersion

IOU = 0.5
SCORE = 0.4  # predicted boxes below are neither drawn nor counted
NOTHING = "(nothing)"
KINDS = ("right", "confused", "misplaced", "missed", "invented", "doubled")


def confusion_of(prediction: Prediction, data: DataVersion) -> dict[str, Any]:
    """Keywords of the confusion matrix.

    Boxes are matched greedily by score at an intersection over union of 0.5, whatever their class; the last row
    and column stand for nothing: invented and missed objects.
    """
    kinds, pairs = _classes(prediction, data) if prediction.probabilities is not None else _boxes(prediction, data)
    names = list(dict.fromkeys([*data.classes, *prediction.classes]))
    if prediction.detections is not None:
        names.append(NOTHING)
    index = {c: i for i, c in enumerate(names)}
    matrix = np.zeros((len(names), len(names)), np.int64)
    for truth, said in pairs:
        matrix[index[truth], index[said]] += 1
    found = [k for sample in kinds for k in sample]
    counted = {k: found.count(k) for k in KINDS if k != "right" and k in found}
    return {"classes": names, "matrix": matrix, "kinds": counted}


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
    classes, matrix = found["classes"], np.asarray(found["confusion"], np.int64)
    wrong = int(matrix.sum() - np.trace(matrix))
    kinds = (
        {k: v["count"] for k, v in found["kinds"].items() if v["count"]}
        if found["kinds"]
        else {"confused": wrong}
        if wrong
        else {}
    )
    title = f"{training.name} on {found['data']}: {found['metric']} {found['value']:.3f}"
    return {"classes": classes, "matrix": matrix, "kinds": kinds, "title": title}


def error_kinds(prediction: Prediction, data: DataVersion) -> list[set[str]]:
    """The kinds of error of each sample in ID order; ``{"right"}`` where there is none."""
    return (_classes(prediction, data) if prediction.probabilities is not None else _boxes(prediction, data))[0]


def _classes(prediction: Prediction, data: DataVersion) -> tuple[list[set[str]], list[tuple[str, str]]]:
    assert prediction.probabilities is not None
    labels = data.annotations.class_labels
    kinds: list[set[str]] = []
    pairs: list[tuple[str, str]] = []
    for i, best in zip(data.ids, prediction.probabilities.argmax(1), strict=True):
        said, truth = prediction.classes[int(best)], labels.get(i)
        if truth is None:
            kinds.append(set())
            continue
        kinds.append({"right"} if said == truth else {"confused"})
        pairs.append((truth, said))
    return kinds, pairs


def _boxes(prediction: Prediction, data: DataVersion) -> tuple[list[set[str]], list[tuple[str, str]]]:
    assert prediction.detections is not None
    truth = data.annotations.boxes
    kinds: list[set[str]] = []
    pairs: list[tuple[str, str]] = []
    for i, d in zip(data.ids, prediction.detections, strict=True):
        keep = d["scores"] >= SCORE
        order = np.argsort(-d["scores"][keep])
        boxes, labels = d["boxes"][keep][order], [prediction.classes[int(k)] for k in d["labels"][keep][order]]
        mine = truth.get(i, [])
        here, made = _match(mine, boxes, labels)
        kinds.append(here or {"right"})
        pairs += made
    return kinds, pairs


def _match(mine: Sequence[tuple], boxes: np.ndarray, labels: list[str]) -> tuple[set[str], list[tuple[str, str]]]:
    """One sample: what is wrong in it, and the pairs (truth, said)."""
    iou = _iou(
        np.array([[x, y, x + w, y + h] for _, x, y, w, h in mine]).reshape(-1, 4), np.asarray(boxes).reshape(-1, 4)
    )
    taken: set[int] = set()
    kinds: set[str] = set()
    pairs: list[tuple[str, str]] = []
    for j, label in enumerate(labels):
        near = iou[:, j] if len(mine) else np.zeros(0)
        free = [t for t in range(len(mine)) if t not in taken and near[t] >= IOU]
        if free:
            # of several the one of the same class, then the nearest
            t = max(free, key=lambda t: (mine[t][0] == label, near[t]))
            taken.add(t)
            pairs.append((mine[t][0], label))
            if mine[t][0] != label:
                kinds.add("confused")
            continue
        pairs.append((NOTHING, label))
        kinds.add("doubled" if (near >= IOU).any() else "misplaced" if (near >= 0.1).any() else "invented")
    for t in range(len(mine)):
        if t not in taken:
            kinds.add("missed")
            pairs.append((mine[t][0], NOTHING))
    return kinds, pairs


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union, shape (len(a), len(b)); boxes are x1 y1 x2 y2."""
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    inside = np.clip(high - low, 0, None).prod(2)
    area = [np.clip(x[:, 2:] - x[:, :2], 0, None).prod(1) for x in (a, b)]
    return inside / np.maximum(area[0][:, None] + area[1][None, :] - inside, 1e-12)
