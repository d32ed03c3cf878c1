"""Average precision is pycocotools', to the last digit that matters."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from random_pictures import CLASSES, pictures

from veml_lab.errors import BadInput
from veml_lab.evaluation.boxes import Boxes, iou, overlaps
from veml_lab.evaluation.matching import match
from veml_lab.evaluation.precision import average_precision, coco_precision, map_of, mean_precision, precision_by_class


def coco(truth, found, most=100):
    """Average precision (10 overlaps, classes) and the number of every matched truth, by pycocotools."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    data = {"images": [{"id": i} for i in range(len(truth))], "annotations": [],
            "categories": [{"id": c, "name": str(c)} for c in range(CLASSES)]}  # fmt: skip
    for i, t in enumerate(truth):
        for (x1, y1, x2, y2), label, crowd in zip(t["boxes"], t["labels"], t["crowd"], strict=True):
            box = [x1, y1, x2 - x1, y2 - y1]
            data["annotations"].append({"id": len(data["annotations"]) + 1, "image_id": i, "category_id": int(label),
                                        "bbox": box, "area": box[2] * box[3], "iscrowd": int(crowd)})  # fmt: skip
    rows = [[i, x1, y1, x2 - x1, y2 - y1, s, c] for i, d in enumerate(found)
            for (x1, y1, x2, y2), s, c in zip(d["boxes"], d["scores"], d["labels"], strict=True)]  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO()
        gt.dataset = data
        gt.createIndex()
        run = COCOeval(gt, gt.loadRes(np.array(rows)), "bbox")
        run.params.maxDets = [most]
        run.evaluate()
        run.accumulate()
    p = run.eval["precision"][:, :, :, 0, -1]  # (overlaps, recalls, classes)
    return np.where((p > -1).all(1), p.mean(1), np.nan), run.evalImgs


@pytest.mark.parametrize("seed", range(3))
def test_average_precision_is_that_of_pycocotools(seed):
    truth, found = pictures(500, seed)
    theirs, _ = coco(truth, found)
    ours = coco_precision(Boxes.of(truth), Boxes.of(found), CLASSES)
    assert np.abs(ours - theirs).max() < 1e-6
    both = map_of(Boxes.of(truth), Boxes.of(found), CLASSES)
    assert both["mAP"] == pytest.approx(theirs.mean(), abs=1e-6) and both["mAP50"] == pytest.approx(
        theirs[0].mean(), abs=1e-6
    )
    assert 0.1 < both["mAP"] < both["mAP50"] < 0.9  # the pictures are neither empty nor easy


def test_a_matching_hits_the_same_objects_as_that_of_pycocotools():
    truth, found = pictures(500, 7)
    _, images = coco(truth, found)
    ours = match(overlaps(Boxes.of(truth), Boxes.of(found)))
    start_t, start_f = ours.truth.starts, ours.found.starts
    seen = 0
    for image in images:
        if image is None or image["aRng"] != [0, 1e10]:
            continue
        i = image["image_id"]
        mine = {
            j: int(ours.hit[j]) + 1
            for j in range(start_f[i], start_f[i + 1])
            if ours.found.labels[j] == image["category_id"]
        }
        rows = [int(d) - 1 for d in image["dtIds"]]
        assert [mine[j] for j in rows] == image["dtMatches"][0].astype(int).tolist()
        assert ours.ignored[rows].tolist() == image["dtIgnore"][0].astype(bool).tolist()
        seen += len(rows)
    assert seen == len(ours.found.labels) and (start_t[-1], start_f[-1]) == (len(ours.by), len(ours.hit))


@pytest.mark.parametrize("most", [1, 3, 10, 100])
def test_only_the_surest_detections_of_a_class_count(most):
    truth, found = pictures(30, 11, many=True)
    theirs, _ = coco(truth, found, most)
    assert np.abs(coco_precision(Boxes.of(truth), Boxes.of(found), CLASSES, most=most) - theirs).max() < 1e-6
    assert max(np.bincount(d["labels"]).max() for d in found if len(d["labels"])) > 150


def test_a_detection_beyond_those_that_count_hits_nothing():
    truth = Boxes.of([{"boxes": [[0, 0, 10, 10], [20, 0, 30, 10]], "labels": [0, 0]}])
    found = Boxes.of([{"boxes": [[0, 0, 10, 10], [20, 0, 30, 10]], "labels": [0, 0], "scores": [0.9, 0.8]}])
    one = match(overlaps(truth, found), most=1)
    assert one.hit.tolist() == [0, -1] and one.by.tolist() == [0, -1] and one.ignored.tolist() == [False, True]
    assert one.right.tolist() == [True, False] and one.share.tolist() == [1.0, 0.0]


def test_a_recall_that_is_reached_exactly_counts_as_pycocotools_rounds_it():
    """Of 100 objects 7 are found: recall 0.07, a little less than the 7 * 0.01 of pycocotools."""
    hits, scores = [True] * 7 + [False] * 93 + [True] * 93, np.linspace(1, 0, 193)
    truth = [{"boxes": [[0, 0, 10, 10]], "labels": [0], "crowd": [False]} for _ in range(100)]
    found = [{"boxes": [[0, 0, 10, 10]], "labels": [0], "scores": [s]} for s in scores[[*range(7), *range(100, 193)]]]
    for d, s in zip(found[7:], scores[7:100], strict=True):
        d["boxes"], d["labels"], d["scores"] = [*d["boxes"], [50, 50, 60, 60]], [0, 0], [*d["scores"], s]
    theirs, _ = coco([*truth], found)
    ours = coco_precision(Boxes.of(truth), Boxes.of(found), CLASSES)
    assert ours[0, 0] == pytest.approx(theirs[0, 0], abs=1e-12) == average_precision(scores, hits, 100)


def test_the_precision_of_some_pictures_is_that_of_those_alone():
    truth, found = pictures(60, 3)
    matched = match(overlaps(Boxes.of(truth), Boxes.of(found)))
    some = np.arange(60) % 3 == 0
    alone = match(overlaps(Boxes.of(truth[::3]), Boxes.of(found[::3])))
    assert precision_by_class(matched, CLASSES, some).tolist() == precision_by_class(alone, CLASSES).tolist()


def test_a_class_without_an_object_is_left_out_and_nothing_found_is_worth_nothing():
    truth = [{"boxes": [[0, 0, 10, 10]], "labels": [1]}]
    found = [{"boxes": [[0, 0, 10, 10]] * 2, "labels": [0, 1], "scores": [0.9, 0.5]}]
    table = coco_precision(Boxes.of(truth), Boxes.of(found), 3)
    assert np.isnan(table[:, [0, 2]]).all() and table[:, 1].tolist() == pytest.approx([1.0] * 10)
    assert mean_precision(table) == pytest.approx(1.0)
    none = Boxes.of([{"boxes": [], "labels": [], "scores": []}])
    assert map_of(Boxes.of(truth), none, 3) == {"mAP": 0.0, "mAP50": 0.0}
    assert map_of(none, Boxes.of(found), 3) == {"mAP": 0.0, "mAP50": 0.0}
    assert len(overlaps(Boxes.of([]), Boxes.of([])).share) == 0


@pytest.mark.parametrize(("scores", "hits", "positives", "value"), [
    ([0.9, 0.8, 0.7], [1, 0, 1], 2, (51 + 50 * 2 / 3) / 101),
    ([0.7, 0.8, 0.9], [1, 0, 1], 2, (51 + 50 * 2 / 3) / 101),
    ([0.5, 0.5], [0, 1], 1, 0.5), ([0.5, 0.5], [1, 0], 1, 1.0),  # of equals the first counts first
    ([], [], 3, 0.0), ([0.9], [0], 3, 0.0),
])  # fmt: skip
def test_average_precision_by_hand(scores, hits, positives, value):
    assert average_precision(scores, hits, positives) == pytest.approx(value, abs=1e-12)


def test_without_an_object_there_is_no_precision():
    assert np.isnan(average_precision([0.9], [0], 0))


def test_overlap_by_hand():
    a = [[0, 0, 10, 10]]
    assert iou(a, [[0, 0, 10, 5], [5, 5, 15, 15], [20, 20, 30, 30]]).tolist() == [[0.5, 25 / 175, 0.0]]
    assert iou(a, [[3, 3, 3, 3]]).tolist() == [[0.0]] and iou([[1, 1, 1, 1]], [[1, 1, 1, 1]]).tolist() == [[0.0]]


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match="as many labels and scores"):
        Boxes.of([{"boxes": [[0, 0, 1, 1]], "labels": [0, 1], "scores": [0.5, 0.5]}])
    with pytest.raises(BadInput, match="no number"):
        Boxes.of([{"boxes": [[0, 0, 1, 1]], "labels": [0], "scores": [np.nan]}])
    with pytest.raises(BadInput, match="labels of 1 pictures and detections of 2"):
        overlaps(Boxes.of([{"boxes": [], "labels": []}]), Boxes.of([{"boxes": [], "labels": []}] * 2))


def test_pairs_are_compared_in_parts_without_a_difference(monkeypatch):
    truth, found = (Boxes.of(x) for x in pictures(50, 5))
    whole = overlaps(truth, found)
    monkeypatch.setattr("veml_lab.evaluation.boxes.PAIRS", 7)
    parts = overlaps(truth, found)
    for name in ("found_row", "truth_row", "share", "rank"):
        assert getattr(whole, name).tolist() == getattr(parts, name).tolist()
    assert len(whole.share) > 100
