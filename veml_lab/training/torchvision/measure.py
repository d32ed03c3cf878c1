"""Metrics against labels: accuracy for classification, COCO's mean average precision for detection."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np

from ...errors import MissingLabels
from ...versions.data import DataVersion
from ...versions.samples import id_array
from ..backend import Prediction


def accuracy(prediction: Prediction, data: DataVersion) -> dict[str, float]:
    """Share of samples whose most probable class is the labelled one (a label unknown to the model counts as wrong)."""
    assert prediction.probabilities is not None
    names = [data.classes[t] for t in data.annotations.targets()]
    index = {c: i for i, c in enumerate(prediction.classes)}
    target = np.array([index.get(n, -1) for n in names])
    p = prediction.probabilities
    picked = p[np.arange(len(p)), np.maximum(target, 0)]
    loss = -np.log(np.clip(picked, 1e-9, 1))[target >= 0]
    known = {"loss": float(loss.mean())} if len(loss) else {}  # no loss where the model knows none of the classes
    return {"accuracy": float((p.argmax(1) == target).mean()), **known}


def average_precision(prediction: Prediction, data: DataVersion) -> dict[str, float]:
    """COCO's ``mAP`` (IoU 0.50 to 0.95) and ``mAP50``, by pycocotools."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    assert prediction.detections is not None
    boxes = data.annotations.boxes
    if not boxes:
        raise MissingLabels(f"{data.name!r} has no boxes to measure against; label some samples first")
    index = {c: i + 1 for i, c in enumerate(dict.fromkeys([*prediction.classes, *data.classes]))}
    truth: dict[str, Any] = {
        "images": [{"id": p, "width": w, "height": h} for p, (w, h) in enumerate(_sizes(data))],
        "categories": [{"id": i, "name": c} for c, i in index.items()],
        "annotations": [],
    }
    for p, i in enumerate(id_array(data).tolist()):
        for label, x, y, w, h in boxes.get(i, []):
            a = {"id": len(truth["annotations"]) + 1, "image_id": p, "category_id": index[label], "bbox": [x, y, w, h]}
            truth["annotations"].append(a | {"area": w * h, "iscrowd": 0})
    found = [
        [p, x1, y1, x2 - x1, y2 - y1, score, index[prediction.classes[int(label)]]]
        for p, d in enumerate(prediction.detections)
        for (x1, y1, x2, y2), score, label in zip(d["boxes"], d["scores"], d["labels"], strict=True)
    ]
    if not found:
        return {"mAP": 0.0, "mAP50": 0.0}
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints its progress
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        run = COCOeval(coco, coco.loadRes(np.array(found)), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return {"mAP": max(float(run.stats[0]), 0.0), "mAP50": max(float(run.stats[1]), 0.0)}


def _sizes(data: DataVersion) -> list[tuple[int, int]]:
    return list(zip(data.samples["width"].to_pylist(), data.samples["height"].to_pylist(), strict=True))
