"""What is wrong in a picture: the one answer that wall, confusion matrix, bad cases, analysis and pages read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput, UnknownName
from .boxes import Boxes, Overlaps, overlaps
from .kinds import CODE, CODES, HIT, IGNORED, KINDS, NOTHING, RIGHT, SCORE, TOUCH
from .matching import Matching, match
from .prediction import Prediction
from .truth import Truth


@dataclass(frozen=True)
class Finding:
    """One thing that was said, or that should have been.

    Attributes
    ----------
    kind
        A word of :data:`~veml_lab.evaluation.kinds.CODES`.
    said, truth
        The class that the model says, and that of the object concerned; None where there is none.
    score
        How sure the model is; 1 for a missed object.
    box
        x1 y1 x2 y2 of what was said, of the missed object where nothing was; None for a class of the whole sample.
    share
        How much the box overlaps the object concerned.
    found_row, truth_row
        Places in the picture's detections and true boxes, -1 for none.
    """

    kind: str
    said: str | None
    truth: str | None
    score: float
    box: tuple[float, float, float, float] | None = None
    share: float = 0.0
    found_row: int = -1
    truth_row: int = -1

    def __str__(self) -> str:
        if self.kind == RIGHT:
            return f"{self.said}"
        if self.said is not None and self.truth is not None and self.said != self.truth:
            return f"{self.kind}: {self.said} for {self.truth}"
        return f"{self.kind}: {self.truth if self.said is None else self.said}"

    @property
    def cost(self) -> float:
        """What it counts among the errors of its sample: how sure the model is of what is wrong, 1 for an object that
        it misses; 0 where nothing is wrong."""
        return self.score if self.kind in KINDS else 0.0


@dataclass(frozen=True, eq=False)
class Judgement:
    """What is wrong in each of ``n`` samples: ``r`` rows, one a detection (or class said) and one a missed object.

    The columns are arrays, in the order of the samples, so that 100,000 pictures are judged and asked in moments.

    Attributes
    ----------
    classes
        Names; for detection the confusion matrix has :data:`~veml_lab.evaluation.kinds.NOTHING` besides.
    starts
        (n + 1,): the rows of sample ``i`` are ``starts[i]`` to ``starts[i + 1]``.
    kind
        (r,) places in :data:`~veml_lab.evaluation.kinds.CODES`.
    said, truth
        (r,) class that was said, class of the object concerned; -1 for none.
    score
        (r,) how sure; 1 for a missed object.
    share
        (r,) overlap of the box with the object concerned.
    found_row, truth_row
        (r,) rows of the tables of detections and of true boxes; -1 for none.
    lost
        (classes,) objects that are neither found nor taken for another class; none in a classification.
    support
        (classes,) objects, or labelled samples.
    found, boxes
        The tables themselves; None for classification.
    """

    classes: tuple[str, ...]
    starts: NDArray[np.int64] = field(repr=False)
    kind: NDArray[np.int8] = field(repr=False)
    said: NDArray[np.int64] = field(repr=False)
    truth: NDArray[np.int64] = field(repr=False)
    score: NDArray[np.float64] = field(repr=False)
    share: NDArray[np.float64] = field(repr=False)
    found_row: NDArray[np.int64] = field(repr=False)
    truth_row: NDArray[np.int64] = field(repr=False)
    lost: NDArray[np.int64] = field(repr=False)
    support: NDArray[np.int64] = field(repr=False)
    found: Boxes | None = field(default=None, repr=False)
    boxes: Boxes | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """How many samples."""
        return len(self.starts) - 1

    @cached_property
    def sample(self) -> NDArray[np.int64]:
        """(r,) the sample of each row."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """(r,) whether a row is an error."""
        return self.kind < len(KINDS)

    @cached_property
    def costs(self) -> NDArray[np.float64]:
        """(n,) the errors of each sample, each by how sure the model is of it, a missed object by 1."""
        return np.bincount(self.sample, np.where(self.wrong, self.score, 0.0), len(self)).astype(np.float64)

    @cached_property
    def holds(self) -> NDArray[np.bool_]:
        """(n, kinds) whether a sample has an error of a kind, in the order of ``KINDS``; the last column: none."""
        table = np.zeros((len(self), len(KINDS) + 1), bool)
        table[self.sample[self.wrong], self.kind[self.wrong]] = True
        table[:, -1] = ~table.any(1)
        if self.found is None:  # nothing can be said of a sample without a class
            table[np.diff(self.starts) == 0, -1] = False
        return table

    def kinds(self, position: int) -> tuple[str, ...]:
        """The kinds of error of a sample; ``("right",)`` where there is none, () where it has no label."""
        return tuple(k for k, held in zip((*KINDS, RIGHT), self.holds[position].tolist(), strict=True) if held)

    def of_kind(self, kind: str) -> NDArray[np.bool_]:
        """(n,) which samples have an error of a kind; of ``"right"``: none."""
        if kind not in (*KINDS, RIGHT):
            raise UnknownName.of("kind of error", kind, (*KINDS, RIGHT))
        return self.holds[:, (*KINDS, RIGHT).index(kind)]

    def findings(self, position: int) -> list[Finding]:
        """Everything that was said of a sample or missed in it."""
        return [self._finding(r) for r in range(int(self.starts[position]), int(self.starts[position + 1]))]

    def mistakes(self, position: int) -> list[Finding]:
        """What is wrong in a sample."""
        return [f for f in self.findings(position) if f.kind in KINDS]

    def _finding(self, row: int) -> Finding:
        sample, found_row, truth_row = int(self.sample[row]), int(self.found_row[row]), int(self.truth_row[row])
        said, truth = (self.classes[i] if i >= 0 else None for i in (int(self.said[row]), int(self.truth[row])))
        box = None
        if self.found is not None and self.boxes is not None:
            corners = self.found.corners[found_row] if found_row >= 0 else self.boxes.corners[truth_row]
            box = tuple(float(x) for x in corners)
            found_row -= int(self.found.starts[sample]) if found_row >= 0 else 0
            truth_row -= int(self.boxes.starts[sample]) if truth_row >= 0 else 0
        kind = CODES[int(self.kind[row])]
        return Finding(kind, said, truth, float(self.score[row]), box, float(self.share[row]), found_row, truth_row)  # type: ignore[arg-type]

    def words(self, position: int) -> tuple[str, str]:
        """What a sample is, and what is wrong in it: ``("car, bus", "class: bus for car; missed: bus")``."""
        if self.found is None or self.boxes is None:
            said = self.findings(position)
            return ", ".join(f.truth or NOTHING for f in said), ", ".join(f.said or NOTHING for f in said)
        rows = self.boxes.of_picture(position)
        there = [self.classes[k] for k in self.boxes.labels[rows][~self.boxes.ignored[rows]]]
        return ", ".join(there) or NOTHING, "; ".join(dict.fromkeys(str(f) for f in self.mistakes(position)))

    def counts(self) -> dict[str, int]:
        """How many errors of each kind there are."""
        found = np.bincount(self.kind[self.wrong], minlength=len(KINDS))
        return {k: int(n) for k, n in zip(KINDS, found, strict=True)}

    @property
    def names(self) -> tuple[str, ...]:
        """Rows and columns of the confusion matrix."""
        return self.classes if self.found is None else (*self.classes, NOTHING)

    def confusion(self) -> NDArray[np.int64]:
        """Counts (names, names): row truth, column prediction.

        Every detection that counts stands in one cell: with its object where it is right or of the wrong class, else
        in the row of nothing. An object without either stands in the column of nothing; an object that several boxes
        take for another class stands under each.
        """
        n = len(self.names)
        table = np.zeros((n, n), np.int64)
        taken = (self.kind == CODE[RIGHT]) | (self.kind == CODE["class"])
        said = (self.said >= 0) & (self.kind != CODE[IGNORED])
        np.add.at(table, (np.where(taken, self.truth, n - 1)[said], self.said[said]), 1)
        table[: len(self.classes), -1] += self.lost
        return table

    def in_cell(self, truth: str, said: str) -> NDArray[np.bool_]:
        """(n,) which samples count in a cell of the confusion matrix: labelled as the one, taken for the other."""
        for name in (truth, said):
            if name not in self.names:
                raise UnknownName.of("class", name, self.names)
        row, column, last = self.names.index(truth), self.names.index(said), len(self.classes)
        taken = (self.kind == CODE[RIGHT]) | (self.kind == CODE["class"])
        held = np.zeros(len(self), bool)
        if column < last:
            meant = np.where(taken, self.truth, last)
            held[self.sample[(self.kind != CODE[IGNORED]) & (self.said == column) & (meant == row)]] = True
        elif row < last and self.boxes is not None:  # objects that are neither found nor taken for another class
            lost = ~self.boxes.ignored & (self.boxes.labels == row)
            lost[self.truth_row[taken]] = False
            held[self.boxes.picture[lost]] = True
        return held

    def by_class(self) -> list[dict[str, float | str | int | None]]:
        """One dict a class: ``precision``, ``recall``, ``f1`` (None where there is nothing to divide by),
        ``support``."""
        said = (self.said >= 0) & (self.kind != CODE[IGNORED])
        n = len(self.classes)
        hits = np.bincount(self.truth[self.kind == CODE[RIGHT]], minlength=n)
        claims, support = np.bincount(self.said[said], minlength=n), self.support
        return [
            {
                "class": name,
                "precision": h / c if c else None,
                "recall": h / s if s else None,
                "f1": 2 * h / (s + c) if s + c else None,
                "support": s,
            }
            for name, h, c, s in zip(self.classes, hits.tolist(), claims.tolist(), support.tolist(), strict=True)
        ]


def judge(prediction: Prediction, truth: Truth, *, score: float = SCORE) -> Judgement:
    """Say what is wrong in each sample.

    Parameters
    ----------
    score
        Detections that the model is less sure of are not judged.

    Raises
    ------
    BadInput
        A prediction of another task, or of another number of samples.
    """
    if prediction.probabilities is not None and truth.labels is not None:
        return _classes(prediction, truth)
    if prediction.detections is not None and truth.boxes is not None:
        return judge_boxes(truth.boxes, Boxes.of(prediction.detections), truth.classes, score=score)
    raise BadInput(
        f"kinds of error are for classes and boxes; the prediction for {truth.name!r} has neither, or the data has no"
        " labels of that kind"
    )


def _classes(prediction: Prediction, truth: Truth) -> Judgement:
    p, labels = prediction.probabilities, truth.labels
    assert p is not None and labels is not None
    if len(p) != len(labels):
        raise BadInput(f"{truth.name!r} has {len(labels):,} samples, the prediction is for {len(p):,}")
    known = np.flatnonzero(labels >= 0)
    said, there = p.argmax(1)[known], labels[known]
    n, none = len(known), np.full(len(known), -1)
    support = np.bincount(there, minlength=len(truth.classes))
    return Judgement(
        truth.classes,
        np.concatenate([[0], np.cumsum(labels >= 0)]),
        np.where(said == there, CODE[RIGHT], CODE["class"]).astype(np.int8),
        said,
        there,
        p[known, said].astype(np.float64),
        np.zeros(n),
        none,
        none,
        np.zeros_like(support),
        support,
    )


def judge_boxes(truth: Boxes, found: Boxes, classes: Sequence[str], *, score: float = SCORE) -> Judgement:
    """Say what is wrong in each picture: every detection and every missed object by TIDE's kinds.

    O(d t) a picture with d detections and t objects, all pictures at once.

    Source
    ------
    Bolya et al., "TIDE", 2020, section 2. Otherwise here: detections are matched as COCO matches them (100 a class,
    crowds and other ignored regions), one on an ignored region is no error, and one that overlaps an object that is
    found already by exactly 0.5 is a duplicate.
    """
    sure = np.flatnonzero(found.scores >= score)
    judged = found.kept(found.scores >= score)
    near = overlaps(truth, judged)
    matched = match(near)
    kind, meant, share = _kinds(near, matched)
    asked = ~truth.ignored
    taken = np.zeros(len(truth.labels), bool)  # found, or taken for another class
    taken[meant[(kind == CODE[RIGHT]) | (kind == CODE["class"])]] = True
    claimed = taken.copy()  # or found but for its place
    claimed[meant[kind == CODE["location"]]] = True
    missed = np.flatnonzero(asked & ~claimed)
    picture = np.concatenate([judged.picture, truth.picture[missed]])
    order = np.argsort(picture, kind="stable")
    none = np.full(len(missed), -1)
    return Judgement(
        tuple(classes),
        np.searchsorted(picture[order], np.arange(len(truth) + 1)),
        np.concatenate([kind, np.full(len(missed), CODE["missed"], np.int8)])[order],
        np.concatenate([judged.labels, none])[order],
        np.concatenate([np.where(meant >= 0, np.append(truth.labels, -1)[meant], -1), truth.labels[missed]])[order],
        np.concatenate([judged.scores, np.ones(len(missed))])[order],
        np.concatenate([share, np.zeros(len(missed))])[order],
        np.concatenate([sure, none])[order],
        np.concatenate([meant, missed])[order],
        np.bincount(truth.labels[asked & ~taken], minlength=len(classes)),
        np.bincount(truth.labels[asked], minlength=len(classes)),
        found,
        truth,
    )


def _kinds(near: Overlaps, matched: Matching) -> tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.float64]]:
    """Of each detection its kind, the true box that it was meant for (-1: none), and how much the two overlap."""
    mine, mine_at = _nearest(near, near.same)
    other, other_at = _nearest(near, ~near.same)
    kind = np.select(
        [
            matched.ignored,
            matched.hit >= 0,
            (mine >= TOUCH) & (mine < HIT),
            other >= HIT,
            mine >= HIT,
            other > TOUCH,
        ],
        [CODE[k] for k in (IGNORED, RIGHT, "location", "class", "duplicate", "both")],
        CODE["background"],
    ).astype(np.int8)
    by_mine = (kind == CODE["location"]) | (kind == CODE["duplicate"])
    by_other = (kind == CODE["class"]) | (kind == CODE["both"])
    hit = (kind == CODE[RIGHT]) | (kind == CODE[IGNORED])
    meant = np.select([hit, by_mine, by_other], [matched.hit, mine_at, other_at], -1)
    return kind, meant, np.select([hit, by_mine, by_other], [matched.share, mine, other], 0.0)


def _nearest(near: Overlaps, keep: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Of each detection the largest overlap with an object that counts, among some pairs, and that object; 0 and -1."""
    m = len(near.found.labels)
    share, at = np.zeros(m), np.full(m, -1)
    keep = keep & ~near.truth.ignored[near.truth_row]
    f, t, s = near.found_row[keep], near.truth_row[keep], near.share[keep]
    order = np.lexsort((-t, s, f))  # the last of a detection is its nearest; of equals the first object
    f, t, s = f[order], t[order], s[order]
    last = np.append(f[1:] != f[:-1], True)[: len(f)]
    share[f[last]], at[f[last]] = s[last], t[last]
    return share, at
