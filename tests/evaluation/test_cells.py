"""Which samples stand in a cell of the confusion matrix: against loops over what is said of each sample."""

from __future__ import annotations

import numpy as np
import pytest
from random_pictures import CLASSES, pictures

from veml_lab.errors import UnknownName
from veml_lab.evaluation.boxes import Boxes
from veml_lab.evaluation.judgement import judge, judge_boxes
from veml_lab.evaluation.kinds import IGNORED, NOTHING, RIGHT
from veml_lab.evaluation.precision import RECALLS, average_precision, precision_curve
from veml_lab.evaluation.prediction import Prediction
from veml_lab.evaluation.truth import Truth

NAMES = tuple("abcd")


def cells_of(judged, i, objects):
    """The cells of one picture, by its findings alone."""
    out, taken = set(), set()
    for f in judged.findings(i):
        if f.kind in (RIGHT, "class"):
            taken.add(f.truth_row)
        if f.said is not None and f.kind != IGNORED:
            out.add((f.truth if f.kind in (RIGHT, "class") else NOTHING, f.said))
    for k, (label, crowd) in enumerate(zip(objects["labels"], objects["crowd"], strict=True)):
        if not crowd and k not in taken:
            out.add((NAMES[label], NOTHING))
    return out


@pytest.mark.parametrize("seed", range(3))
def test_the_pictures_of_each_cell_are_those_whose_findings_say_so(seed):
    truth, found = pictures(60, seed)
    judged = judge_boxes(Boxes.of(truth), Boxes.of(found), NAMES[:CLASSES], score=0.4)
    want = [cells_of(judged, i, t) for i, t in enumerate(truth)]
    matrix = judged.confusion()
    for r, row in enumerate(judged.names):
        for c, column in enumerate(judged.names):
            held = judged.in_cell(row, column)
            assert np.flatnonzero(held).tolist() == [i for i, cells in enumerate(want) if (row, column) in cells]
            assert held.any() == (matrix[r, c] > 0)
    with pytest.raises(UnknownName, match="no class 'e'"):
        judged.in_cell("e", "a")


def test_a_sample_of_a_classification_stands_in_one_cell():
    labels, q = np.array([0, 1, 2, -1, 1]), np.eye(3)[[0, 2, 2, 1, 1]].astype(np.float32)
    judged = judge(Prediction(("a", "b", "c"), probabilities=q), Truth("t", ("a", "b", "c"), labels=labels))
    found = {(t, s): np.flatnonzero(judged.in_cell(t, s)).tolist() for t in "abc" for s in "abc"}
    assert {k: v for k, v in found.items() if v} == {
        ("a", "a"): [0],
        ("b", "c"): [1],
        ("c", "c"): [2],
        ("b", "b"): [4],
    }


def test_a_curve_has_the_highest_precision_at_each_recall_or_beyond():
    rng = np.random.default_rng(3)
    scores, hits, positives = rng.random(40), rng.random(40) < 0.5, 30
    order = np.argsort(-scores)
    points, found = [], 0
    for n, k in enumerate(order, 1):
        found += int(hits[k])
        points.append((found / positives, found / n))
    want = [max((p for r, p in points if r >= recall), default=0.0) for recall in RECALLS]
    assert np.allclose(precision_curve(scores, hits, positives), want)
    assert average_precision(scores, hits, positives) == pytest.approx(np.mean(want))
    assert precision_curve([], [], 3).tolist() == [0.0] * 101 and np.isnan(average_precision([], [], 0))
