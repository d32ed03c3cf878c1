"""What people did with pre-labels: kept, changed, deleted, added; and the clicks that this takes.

An object is the same one where the tool kept its ID; else where two boxes of one class overlap at all, or two of
different classes by half, the best pair first. It is *kept* where its class is the same and each side within
:data:`SAME_PX` (CVAT's XML rounds to two decimals, so equality would call every box changed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..evaluation.boxes import iou
from ..evaluation.kinds import HIT, TOUCH
from .said import Region, Said

SAME_PX = 0.05  # less than what a person can mean
DRAW, RENAME, DELETE = 2, 1, 1  # clicks: two corners, another class, away with it

What = Literal["kept", "changed", "deleted", "added"]


@dataclass(frozen=True, slots=True)
class Edit:
    """What became of one object.

    Attributes
    ----------
    label
        The class that the model said; of an added object the one that the person said.
    clicks
        What it takes: 2 to draw a box, or to draw it elsewhere; 1 for another class; 1 to delete.
    confirmed
        The person says so too: the same class, and half of both boxes' area.
    """

    what: What
    label: str
    clicks: int = 0
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """Objects by what became of them, and the clicks it took."""

    kept: int = 0
    changed: int = 0
    deleted: int = 0
    added: int = 0
    confirmed: int = 0
    clicks: int = 0

    @property
    def predicted(self) -> int:
        return self.kept + self.changed + self.deleted

    @property
    def share_kept(self) -> float:
        """Of what was predicted; NaN where nothing was."""
        return self.kept / self.predicted if self.predicted else float("nan")

    @property
    def share_confirmed(self) -> float:
        """Of what was predicted, how much people say too: the running estimate of the model's precision."""
        return self.confirmed / self.predicted if self.predicted else float("nan")


def counts(edits: Iterable[Edit]) -> Counts:
    """Edits, counted."""
    made = list(edits)
    n = Counter(e.what for e in made)
    return Counts(
        n["kept"], n["changed"], n["deleted"], n["added"],
        confirmed=sum(e.confirmed for e in made), clicks=sum(e.clicks for e in made),
    )  # fmt: skip


def by_class(edits: Sequence[Edit], classes: Sequence[str]) -> dict[str, Counts]:
    """Edits, counted by class; classes of which there is none are left out."""
    found = {c: [e for e in edits if e.label == c] for c in classes}
    return {c: counts(es) for c, es in found.items() if es}


def edits(before: Said | None, after: Said) -> list[Edit]:
    """What became of the pre-labels of one picture; without any, everything is added."""
    found = _of_class(before.label if before else None, after.label)
    old, new = before.regions if before else (), after.regions
    pairs = _pairs(old, new)
    for i, j in pairs:
        there, renamed = _within(old[i], new[j], SAME_PX), old[i].label != new[j].label
        clicks = (0 if there else DRAW) + (RENAME if renamed else 0)
        same = not renamed and float(iou([old[i].corners], [new[j].corners])[0, 0]) >= HIT
        found.append(Edit("changed" if clicks else "kept", old[i].label, clicks, same))
    taken, drawn = {i for i, _ in pairs}, {j for _, j in pairs}
    found += [Edit("deleted", r.label, DELETE) for i, r in enumerate(old) if i not in taken]
    return found + [Edit("added", r.label, DRAW) for j, r in enumerate(new) if j not in drawn]


def alike(a: Said, b: Said) -> bool:
    """Whether two people said the same: the same class, or the same objects of the same classes."""
    both = paired(a.regions, b.regions, HIT)
    return a.label == b.label and len(both) == len(a.regions) == len(b.regions)


def paired(a: Sequence[Region], b: Sequence[Region], at: float) -> list[tuple[int, int]]:
    """Pairs of regions of one class that overlap by ``at``, the best first, each in one pair."""
    return _best(a, b, at, 2.0)


def _of_class(before: str | None, after: str | None) -> list[Edit]:
    if before is None:
        return [] if after is None else [Edit("added", after, RENAME)]
    if after is None:
        return [Edit("deleted", before, DELETE)]
    same = before == after
    return [Edit("kept" if same else "changed", before, 0 if same else RENAME, same)]


def _pairs(old: Sequence[Region], new: Sequence[Region]) -> list[tuple[int, int]]:
    """Which region is which: by its ID, then by place."""
    at = {r.id: j for j, r in enumerate(new) if r.id}
    found = [(i, at[r.id]) for i, r in enumerate(old) if r.id and r.id in at]
    left = [i for i in range(len(old)) if i not in {i for i, _ in found}]
    free = [j for j in range(len(new)) if j not in {j for _, j in found}]
    more = _best([old[i] for i in left], [new[j] for j in free], TOUCH, HIT)
    return found + [(left[i], free[j]) for i, j in more]


def _best(a: Sequence[Region], b: Sequence[Region], same: float, other: float) -> list[tuple[int, int]]:
    """The pairs that overlap most first; ``same`` and ``other`` are the least overlaps of one class and of two."""
    if not a or not b:
        return []
    shares = iou([r.corners for r in a], [r.corners for r in b]).tolist()
    able = [
        (a[i].label != b[j].label, -share, i, j)
        for i, row in enumerate(shares)
        for j, share in enumerate(row)
        if share >= (same if a[i].label == b[j].label else other)
    ]
    found: list[tuple[int, int]] = []
    for _, _, i, j in sorted(able):
        if all(i != p and j != q for p, q in found):
            found.append((i, j))
    return found


def _within(a: Region, b: Region, px: float) -> bool:
    return all(abs(p - q) <= px for p, q in zip(a.corners, b.corners, strict=True))
