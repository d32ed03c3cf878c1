"""When an export is as good as its original: by how much numbers may differ, and on how many samples."""

from __future__ import annotations

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.errors import JobError
from veml_lab.serving import onnx
from veml_lab.serving.onnx import TOLERANCE_PX, agrees

DETECTION, FORECAST = {"task": "detection"}, {"task": "forecasting"}


def found(*boxes, scores=None, labels=None):
    n = len(boxes)
    return {
        "boxes": np.array(boxes, dtype=np.float32).reshape(n, 4),
        "scores": np.array(scores if scores is not None else [0.9] * n, dtype=np.float32),
        "labels": np.array(labels if labels is not None else [0] * n),
    }


BOX = (10.0, 10.0, 30.0, 40.0)


@pytest.mark.parametrize(
    "theirs, ours, same",
    [
        (found(BOX), found(BOX), True),
        (found(BOX), found((10, 10, 30, 40 + 0.9 * TOLERANCE_PX)), True),
        (found(BOX), found((10, 10, 30, 40 + 1.1 * TOLERANCE_PX)), False),
        (found(BOX), found(BOX, labels=[1]), False),
        (found(BOX, (50, 50, 60, 60)), found((50, 50, 60, 60), BOX), True),  # equal scores in another order
        (found(BOX), found(), False),
        (found(), found(BOX), False),
        (found(BOX, (1, 1, 5, 5), scores=[0.9, 0.05]), found(BOX), True),  # one at the very threshold
        (found(), found(), True),
    ],
)
def test_boxes_agree_by_label_and_place(theirs, ours, same):
    said, error = agrees(DETECTION, theirs, ours)
    assert said is same
    if len(theirs["scores"]) != len(ours["scores"]) and not same:
        assert error == float("inf")


@pytest.mark.parametrize(
    "largest, error, same", [(50.0, 0.04, True), (50.0, 0.06, False), (0.1, 5e-4, True), (0.1, 2e-3, False)]
)
def test_forecasts_may_differ_by_a_share_of_the_largest(largest, error, same):
    theirs = {"forecast": np.full((3, 2, 1), largest, np.float64)}
    assert agrees(FORECAST, theirs, {"forecast": theirs["forecast"] + error})[0] is same


def test_one_wrong_sample_in_twenty_is_too_many(fresh, digits_lab, monkeypatch):
    """The planted fault: one of the 20 samples comes out as another class."""
    lab, seen = fresh(digits_lab), []

    def once_wrong(*given):
        seen.append(agrees(*given))
        return (False, 1.0) if len(seen) == 7 else seen[-1]

    monkeypatch.setattr(onnx, "agrees", once_wrong)
    with pytest.raises(JobError, match=r"95\.0% of 20 samples"):
        veml.deploy(lab["first"], name="nearly")
    assert len(seen) == 20 and "nearly" not in lab
