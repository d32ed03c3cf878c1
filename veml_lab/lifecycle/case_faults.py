"""What a deployed model gets wrong, as cases and occurrences: which fault is the same one as before.

The key of a case is the content of the sample, the function of the system, the kind of truth that is missed and that
truth; not who made the fault, how sure it was or what it said instead. So one picture that three versions take for
three classes is one case. An object is found again by its place (IoU of at least 0.5), an invented one by the cell of
a 4 x 4 grid in which its centre lies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..evaluation.boxes import Boxes, iou
from ..evaluation.judgement import Finding, judge
from ..evaluation.kinds import HIT, NOTHING
from ..versions.cases import CaseRows, NewCase, NewOccurrence, NewRun
from ..versions.data import DataVersion
from ..versions.samples import asked
from ..versions.store import id_set
from ..versions.truth import truth_of

if TYPE_CHECKING:
    import datetime as dt

    from .badcases import BadCases

GRID = 4  # cells a side in which an invented object is the same one
OF_CLASS, OF_OBJECT, DOUBLED, INVENTED, OF_FORECAST = "class", "object", "doubled", "invented", "forecast"


@dataclass(frozen=True)
class Fault:
    """One thing that a version got wrong: the case that it is, and what was said."""

    case: NewCase
    said: str
    kind: str
    cost: float


@dataclass(frozen=True)
class Origin:
    """Where a sample of a data version comes from: the first sample with its bytes, and a digest of these."""

    sample: int
    content: str


def origins(data: DataVersion) -> list[Origin]:
    """Of each sample of a version, in ID order."""
    first = asked(data, "same_bytes")["first"].to_pylist()
    bytes_ = asked(data, "hashes")["sha256"].to_pylist()
    return [Origin(s, b.hex() if b else "") for s, b in zip(first, bytes_, strict=True)]


def faults_of(found: BadCases, of: Sequence[Origin], function: str, grading: str) -> list[Fault]:
    """The faults of bad cases, worst first; of several in one case the worst holds."""
    faults: dict[str, Fault] = {}
    truth = truth_of(found.data, found.prediction)
    judged = judge(found.prediction, truth) if truth.readings is None else None
    sizes = list(zip(found.data.samples["width"].to_pylist(), found.data.samples["height"].to_pylist(), strict=True))
    for c in found.cases:
        o = of[c.position]
        base = NewCase(o.sample, function, OF_FORECAST, c.truth, grading=grading, content=o.content)
        if judged is None:
            here = [Fault(replace(base, description="forecast is far off"), c.predicted, OF_FORECAST, c.cost)]
        else:
            mistakes = judged.mistakes(c.position)
            cases = [_case(base, f, sizes[c.position], judged.boxes, c.position) for f in mistakes]
            here = [Fault(k, f.said or NOTHING, f.kind, f.cost) for k, f in zip(cases, mistakes, strict=True)]
        for fault in sorted(here, key=lambda f: -f.cost):
            faults.setdefault(fault.case.id, fault)
    return list(faults.values())


def _case(base: NewCase, f: Finding, size: tuple[int, int], truth: Boxes | None, position: int) -> NewCase:
    """The case that a mistake is: a class of the whole sample, an object at the place of its truth, or one that is
    none, in its cell of the grid."""
    case = replace(base, truth=f.truth or NOTHING, description=str(f))
    if f.box is None or truth is None:
        return replace(case, fault=OF_CLASS, description=f"{f.truth} taken for {f.said}")
    if f.truth_row < 0:
        x1, y1, x2, y2 = f.box
        column, row = (
            min(max(int(GRID * (a + b) / 2 / max(side, 1)), 0), GRID - 1)
            for a, b, side in ((x1, x2, size[0]), (y1, y2, size[1]))
        )
        return replace(case, fault=INVENTED, place={"cell": row * GRID + column, "near": _whole(f.box)})
    corners = truth.corners[truth.of_picture(position)][f.truth_row]
    fault = DOUBLED if f.kind == "duplicate" else OF_OBJECT
    return replace(case, fault=fault, place={"box": _whole(corners.tolist())})


def _whole(corners: Sequence[float]) -> list[int]:
    """A box ``x, y, w, h`` in whole pixels of its corners."""
    x1, y1, x2, y2 = corners
    return [round(v) for v in (x1, y1, x2 - x1, y2 - y1)]


class Known:
    """The objects' cases that a lab has, to find one again where its box is a little elsewhere."""

    def __init__(self, rows: CaseRows) -> None:
        self.ids: set[str] = set(rows.cases["id"].to_pylist())
        self._objects: dict[tuple[Any, ...], list[tuple[str, list[float]]]] = {}
        self._whole: dict[tuple[Any, ...], str] = {}  # what somebody said of a whole picture, without a place
        columns = [rows.cases[k].to_pylist() for k in ("id", "sample", "function", "fault", "truth", "place")]
        for case, sample, function, fault, truth, place in zip(*columns, strict=True):
            if fault == OF_CLASS:
                self._whole[sample, function, truth] = case
            elif fault in (OF_OBJECT, DOUBLED) and place:
                self._objects.setdefault((sample, function, fault, truth), []).append((case, json.loads(place)["box"]))

    def case_of(self, case: NewCase, taken: set[str]) -> str:
        """The ID of the case that this is: its own, that of the known object that it overlaps most, or what somebody
        reported of the whole picture."""
        if case.id in self.ids or not case.place or "box" not in case.place:
            return case.id
        near = [
            (overlap(box, case.place["box"]), other)
            for other, box in self._objects.get((case.sample, case.function, case.fault, case.truth), ())
            if other not in taken
        ]
        best = max(near, default=(0.0, ""))
        if best[0] >= HIT:
            return best[1]
        return self._whole.get((case.sample, case.function, case.truth), case.id)


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """IoU of two boxes ``x, y, w, h``."""
    corners = [[x, y, x + w, y + h] for x, y, w, h in (a, b)]
    return float(iou([corners[0]], [corners[1]])[0, 0])


def occurrence(f: Fault, case_id: str, found: BadCases, source: str, seen: dt.datetime) -> NewOccurrence:
    """The occurrence of a fault in a test."""
    return NewOccurrence(
        case_id,
        source,
        seen,
        f.said,
        inference=found.inference.id,
        kind=f.kind,
        cost=f.cost,
        data=found.data.id,
        layer=found.data.facts.layer,
    )


def run_of(found: BadCases, of: Sequence[Origin], function: str, without: Iterable[int]) -> NewRun:
    """What was judged: the samples, each as the first one with its bytes, but for those of which a case's truth is
    another now."""
    ids = id_set([o.sample for o in of]) - id_set(list(without))
    return NewRun(
        found.inference.id,
        function,
        found.data.id,
        found.data.facts.layer,
        ids,
        n=len(found.data),
        bad=len(found.cases),
    )


def changed_truths(rows: CaseRows, data: DataVersion, of: Sequence[Origin], function: str) -> dict[str, str]:
    """Cases of a function whose truth does not hold in a data version any more, with what holds now.

    A class that is another; an object of that label that is not where it was; an object where one was said to be
    invented.
    """
    place = {o.sample: i for o, i in zip(of, data.ids, strict=True)}
    found: dict[str, str] = {}
    labels: Mapping[int, str] | None = None
    boxes: Mapping[int, Sequence[tuple[str, float, float, float, float]]] | None = None
    columns = [rows.cases[k].to_pylist() for k in ("id", "sample", "function", "fault", "truth", "place")]
    for case, sample, of_function, fault, truth, where in zip(*columns, strict=True):
        at = place.get(sample)
        if of_function != function or at is None:
            continue
        if fault == OF_CLASS and where is None and data.task == "classification":
            labels = data.annotations.class_labels if labels is None else labels
            if at in labels and labels[at] != truth:
                found[case] = labels[at]
        elif fault in (OF_OBJECT, DOUBLED, INVENTED) and where and data.task == "detection":
            boxes = data.annotations.boxes if boxes is None else boxes
            there, old = boxes.get(at, ()), json.loads(where)
            if fault == INVENTED:
                new = [b[0] for b in there if overlap(b[1:], old["near"]) >= HIT]
                if new:
                    found[case] = new[0]
            elif not any(b[0] == truth and overlap(b[1:], old["box"]) >= HIT for b in there):
                found[case] = ", ".join(sorted({b[0] for b in there if overlap(b[1:], old["box"]) >= HIT})) or NOTHING
    return found
