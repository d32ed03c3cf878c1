"""What is wrong in a picture: against loops that follow the paper, and against the package of its authors."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from random_pictures import CLASSES, pictures

from veml_lab.errors import BadInput
from veml_lab.evaluation.boxes import Boxes
from veml_lab.evaluation.judgement import judge, judge_boxes
from veml_lab.evaluation.kinds import CODES, KINDS, MEANING, SCORE
from veml_lab.evaluation.mending import mending
from veml_lab.evaluation.prediction import Prediction
from veml_lab.evaluation.truth import Truth

NAMES = tuple("abcd")


def overlap(a, b, crowd=False):
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    area = [(x[2] - x[0]) * (x[3] - x[1]) for x in (a, b)]
    return w * h / (area[0] if crowd else area[0] + area[1] - w * h)


def one_picture(t, d, score):
    """``(kind, said, meant class, score)`` of every detection and missed object, by the words of the paper."""
    objects = list(zip(t["boxes"], t["labels"], t["crowd"], strict=True))
    said = sorted(
        (x for x in zip(d["boxes"], d["labels"], d["scores"], strict=True) if x[2] >= score), key=lambda x: -x[2]
    )
    found, kinds = set(), []
    hits: dict[int, int] = {}
    for n, (box, label, _) in enumerate(said):
        best, at = 0.5, None
        for j, (other, of, crowd) in enumerate(objects):
            if of == label and not crowd and j not in found and overlap(box, other) >= best:
                best, at = overlap(box, other), j
        if at is not None:
            hits[n] = at
            found.add(at)
    meant = set()
    claims: dict[int, int] = {}
    for n, (box, label, s) in enumerate(said):
        if n in hits:
            kinds.append(("right", label, objects[hits[n]][1], s, None))
            continue
        if any(c and of == label and overlap(box, o, crowd=True) >= 0.5 for o, of, c in objects):
            kinds.append(("ignored", label, label, s, None))
            continue
        mine = max(
            ((overlap(box, o), -j) for j, (o, of, c) in enumerate(objects) if of == label and not c), default=(0, 0)
        )
        other = max(
            ((overlap(box, o), -j) for j, (o, of, c) in enumerate(objects) if of != label and not c), default=(0, 0)
        )
        at = None
        if 0.1 <= mine[0] < 0.5:
            kind, at = "location", -mine[1]
        elif other[0] >= 0.5:
            kind, at = "class", -other[1]
        elif mine[0] >= 0.5:
            kind = "duplicate"
        else:
            kind = "both" if max(mine[0], other[0]) > 0.1 else "background"
        if at is not None:
            meant.add(at)
            if at not in found:
                claims.setdefault(at, n)
        kinds.append((kind, label, None if at is None else objects[at][1], s, at))
    fixed = {n: objects[j][1] for j, n in claims.items()}
    missed = [o[1] for j, o in enumerate(objects) if not o[2] and j not in found | meant]
    return kinds, fixed, missed


def brute(truth, found, score=0.0):
    return [one_picture(t, d, score) for t, d in zip(truth, found, strict=True)]


def rows_of(judged, i):
    return sorted((f.kind, f.said or "", round(f.score, 12)) for f in judged.findings(i))


@pytest.mark.parametrize(("seed", "score"), [(0, 0.0), (1, 0.0), (2, SCORE), (3, 0.7)])
def test_every_detection_and_missed_object_has_the_kind_that_the_paper_says(seed, score):
    truth, found = pictures(500, seed)
    judged = judge_boxes(Boxes.of(truth), Boxes.of(found), NAMES, score=score)
    counts: Counter[str] = Counter()
    for i, (kinds, _, missed) in enumerate(brute(truth, found, score)):
        theirs = [(k, NAMES[label], round(float(s), 12)) for k, label, _, s, _ in kinds]
        theirs += [("missed", "", 1.0)] * len(missed)
        assert rows_of(judged, i) == sorted(theirs), i
        wrong = [x for x in theirs if x[0] in KINDS]
        assert set(judged.kinds(i)) == ({x[0] for x in wrong} or {"right"})
        assert judged.costs[i] == pytest.approx(sum(x[2] for x in wrong))
        assert sorted(f.truth for f in judged.mistakes(i) if f.kind == "missed") == sorted(NAMES[m] for m in missed)
        counts.update(x[0] for x in wrong)
    assert judged.counts() == {k: counts[k] for k in KINDS} and min(counts.values()) > 5
    assert len(judged) == 500 and not judged.holds[:, -1].all()


def plain_ap(points, positives):
    """COCO's average precision in plain loops."""
    hits, curve = 0, []
    for n, (_, hit) in enumerate(sorted(points, key=lambda p: -p[0]), 1):
        hits += hit
        curve.append((hits / positives, hits / n))
    return sum(max((p for r, p in curve if r >= at), default=0.0) for at in np.linspace(0, 1, 101)) / 101


def plain_map(points, positives):
    return np.mean([plain_ap([(s, h) for c, s, h in points if c == k], n) for k, n in enumerate(positives) if n])


def mended(judged, kind):
    """The points of the curves when a kind is mended, and the objects that there are then."""
    points, positives = [], np.zeros(CLASSES, int)
    for kinds, fixed, missed in judged:
        for n, (k, label, _, s, _) in enumerate(kinds):
            if k == "ignored" or (k == kind and n not in fixed):
                continue
            points.append((fixed[n] if k == kind else label, s, k == "right" or k == kind))
        if kind == "missed":
            positives -= np.bincount(np.array(missed, int), minlength=CLASSES)
    return points, positives


def test_what_mending_a_kind_adds_is_the_precision_of_the_mended_detections():
    truth, found = pictures(500, 5)
    plain = brute(truth, found)
    objects = sum((np.bincount(t["labels"][~t["crowd"]], minlength=CLASSES) for t in truth), np.zeros(CLASSES, int))
    whole = mending(judge_boxes(Boxes.of(truth), Boxes.of(found), NAMES, score=0))
    base = plain_map(mended(plain, "")[0], objects)
    assert whole.map50 == pytest.approx(base, abs=1e-9)
    for kind in KINDS:
        points, less = mended(plain, kind)
        assert whole.cost[kind] == pytest.approx(max(plain_map(points, objects + less) - base, 0), abs=1e-9), kind
    assert len({round(c, 4) for c in whole.cost.values()}) == len(KINDS)  # each kind costs something of its own


def test_a_class_that_is_missed_altogether_leaves_the_mean_unless_boxes_claim_it():
    """Class a is found. Mending what is missed takes the one object of b away; with tidecv 1.0.1: 0.5, and 0."""
    truth = [picture([CAR, AWAY], [0, 1])]
    without = mending(judge_boxes(Boxes.of(truth), Boxes.of([picture([CAR], [0], [0.9])]), NAMES, score=0))
    assert without.map50 == pytest.approx(0.5) and without.cost["missed"] == pytest.approx(0.5)
    said = picture([CAR, [80, 80, 90, 90]], [0, 1], [0.9, 0.8])
    claimed = mending(judge_boxes(Boxes.of(truth), Boxes.of([said]), NAMES, score=0))
    assert claimed.map50 == pytest.approx(0.5) and claimed.cost["missed"] == 0


@pytest.mark.parametrize("seed", [8, 9])
def test_kinds_and_costs_are_those_of_the_package_of_the_authors(seed):
    tidecv = pytest.importorskip("tidecv", reason="needs tidecv, which brings seaborn and OpenCV")
    truth, found = pictures(500, seed, crowds=False, ties=False)
    gt, said = tidecv.Data("gt"), tidecv.Data("said")
    for i, (t, d) in enumerate(zip(truth, found, strict=True)):
        gt.add_image(i, str(i))
        for (x1, y1, x2, y2), c in zip(t["boxes"], t["labels"], strict=True):
            gt.add_ground_truth(i, int(c), [x1, y1, x2 - x1, y2 - y1])
        for (x1, y1, x2, y2), c, s in zip(d["boxes"], d["labels"], d["scores"], strict=True):
            said.add_detection(i, int(c), float(s), [x1, y1, x2 - x1, y2 - y1])
    run = tidecv.TIDE().evaluate(gt, said, mode=tidecv.TIDE.BOX)
    words = {
        "Cls": "class",
        "Loc": "location",
        "Both": "both",
        "Dupe": "duplicate",
        "Bkg": "background",
        "Miss": "missed",
    }
    judged = judge_boxes(Boxes.of(truth), Boxes.of(found), NAMES, score=0)
    assert judged.counts() == {words[e.short_name]: n for e, n in run.count_errors().items()}
    costs = {words[e.short_name]: c / 100 for e, c in run.fix_main_errors().items()}
    ours = mending(judged)
    assert ours.map50 == pytest.approx(run.ap / 100, abs=1e-9)
    assert ours.cost == pytest.approx(costs, abs=1e-9)


def picture(boxes, labels, scores=None, **more) -> dict[str, Any]:
    made = {"boxes": np.array(boxes, float).reshape(-1, 4), "labels": np.array(labels, int), **more}
    return made | ({} if scores is None else {"scores": np.array(scores, float)})


CAR = [0.0, 0.0, 10.0, 10.0]
LOOSE = [0.0, 0.0, 10.0, 4.0]  # overlaps CAR by 0.4
AWAY = [50.0, 50.0, 60.0, 60.0]


@pytest.mark.parametrize(("truth", "found", "rows", "matrix"), [
    # the car under "bus .9" and "car .8": found, and taken for a bus
    (picture([CAR], [0]), picture([CAR, CAR], [1, 0], [0.9, 0.8]), [("class", 0.9), ("right", 0.8)],
     {("a", "a"): 1, ("a", "b"): 1}),
    (picture([CAR], [0]), picture([CAR, CAR], [0, 0], [0.9, 0.8]), [("duplicate", 0.8), ("right", 0.9)],
     {("a", "a"): 1, ("(nothing)", "a"): 1}),
    (picture([CAR], [0]), picture([LOOSE], [0], [0.9]), [("location", 0.9)],
     {("(nothing)", "a"): 1, ("a", "(nothing)"): 1}),
    (picture([CAR], [0]), picture([LOOSE], [1], [0.9]), [("both", 0.9), ("missed", 1.0)],
     {("(nothing)", "b"): 1, ("a", "(nothing)"): 1}),
    (picture([CAR], [0]), picture([AWAY], [0], [0.9]), [("background", 0.9), ("missed", 1.0)],
     {("(nothing)", "a"): 1, ("a", "(nothing)"): 1}),
    (picture([CAR], [0]), picture([CAR], [0], [0.39]), [("missed", 1.0)], {("a", "(nothing)"): 1}),
    (picture([CAR], [0]), picture([CAR], [0], [0.4]), [("right", 0.4)], {("a", "a"): 1}),
    (picture([CAR], [0], crowd=[True]), picture([LOOSE, CAR], [0, 0], [0.9, 0.8]),
     [("ignored", 0.8), ("ignored", 0.9)], {}),
    (picture([CAR], [0], ignored=[True]), picture([CAR, CAR], [0, 0], [0.9, 0.8]),
     [("background", 0.8), ("ignored", 0.9)], {("(nothing)", "a"): 1}),
    (picture([], []), picture([], [], []), [], {}),
    (picture([CAR, [0, 0, 10, 8]], [0, 0]), picture([[0, 0, 10, 9]], [0], [0.9]), [("missed", 1.0), ("right", 0.9)],
     {("a", "a"): 1, ("a", "(nothing)"): 1}),
])  # fmt: skip
def test_a_picture_by_hand(truth, found, rows, matrix):
    judged = judge_boxes(Boxes.of([truth]), Boxes.of([found]), NAMES)
    assert sorted((f.kind, f.score) for f in judged.findings(0)) == rows
    wrong = {k for k, _ in rows if k in KINDS}
    assert set(judged.kinds(0)) == (wrong or {"right"})
    table = judged.confusion()
    cells = {(judged.names[i], judged.names[j]): int(table[i, j]) for i, j in zip(*np.nonzero(table), strict=True)}
    assert cells == matrix


def test_a_finding_names_the_boxes_that_it_is_about():
    truth = [picture([], []), picture([AWAY, CAR], [1, 0])]
    found = [picture([AWAY], [0], [0.9]), picture([AWAY, LOOSE, CAR], [1, 0, 1], [0.2, 0.8, 0.9])]
    judged = judge_boxes(Boxes.of(truth), Boxes.of(found), NAMES)
    first, second, third = judged.findings(1)
    assert (first.kind, first.said, first.truth, first.found_row, first.truth_row) == ("location", "a", "a", 1, 1)
    assert first.share == pytest.approx(0.4) and first.box == tuple(LOOSE) and first.cost == 0.8
    assert (second.kind, second.said, second.truth, second.found_row, second.truth_row) == ("class", "b", "a", 2, 1)
    assert second.share == 1.0
    assert (third.kind, third.said, third.truth, third.found_row, third.truth_row) == ("missed", None, "b", -1, 0)
    assert third.box == tuple(AWAY) and third.cost == 1.0
    (alone,) = judged.findings(0)
    assert (alone.kind, alone.truth, alone.truth_row, alone.found_row) == ("background", None, -1, 0)
    assert judged.costs.tolist() == pytest.approx([0.9, 2.7])


def test_the_numbers_of_each_class():
    truth = [picture([CAR, AWAY], [0, 0]), picture([CAR], [1])]
    found = [picture([CAR], [0], [0.9]), picture([CAR, AWAY], [0, 0], [0.9, 0.9])]
    a, b, c, _ = judge_boxes(Boxes.of(truth), Boxes.of(found), NAMES).by_class()
    assert (a["precision"], a["recall"], a["support"], a["f1"]) == (1 / 3, 1 / 2, 2, 2 / 5)
    assert (b["precision"], b["recall"], b["support"], b["f1"]) == (None, 0.0, 1, 0.0)
    assert (c["precision"], c["recall"], c["support"], c["f1"]) == (None, None, 0, None)


def test_a_classification_is_right_or_of_the_wrong_class():
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3], [0.9, 0.1, 0.0]], np.float32)
    truth = Truth("four", ("a", "b", "c", "d"), labels=np.array([0, 1, -1, 3]))
    judged = judge(Prediction(("a", "b", "c"), probabilities=p), truth)
    assert [judged.kinds(i) for i in range(4)] == [("right",), ("class",), (), ("class",)]
    assert judged.costs.tolist() == pytest.approx([0, 0.6, 0, 0.9]) and judged.counts()["class"] == 2
    assert judged.names == truth.classes
    assert judged.confusion().tolist() == [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    (one,) = judged.findings(1)
    assert (one.kind, one.said, one.truth, one.box) == ("class", "c", "b", None)
    assert [r["support"] for r in judged.by_class()] == [1, 1, 0, 1]
    assert [r["precision"] for r in judged.by_class()] == [0.5, None, 0.0, None]


def test_a_prediction_of_another_task_or_length_is_refused():
    p = Prediction(("a",), probabilities=np.ones((3, 1), np.float32))
    with pytest.raises(BadInput, match="'x' has 2 samples, the prediction is for 3"):
        judge(p, Truth("x", ("a",), labels=np.zeros(2, int)))
    with pytest.raises(BadInput, match="kinds of error are for classes and boxes"):
        judge(p, Truth("x", ("a",), boxes=Boxes.of([])))


def test_every_kind_has_its_meaning_and_its_place():
    assert set(MEANING) == set(KINDS) and CODES[: len(KINDS)] == KINDS and len(set(CODES)) == len(CODES)
