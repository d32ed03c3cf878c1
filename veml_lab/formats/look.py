"""What a data set is before any of it is stored: format and why, classes, counts, roles, what stays unread."""

from __future__ import annotations

import inspect
import os
import time
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..sources.clues import Evidence
from ..sources.leftover import Leftover
from ..sources.source import Box, Keypoints, Mask, Record, Role, Task
from ..storage.border import public
from . import FORMATS, read
from .sniff import Candidate, decided

_CLASSES_SHOWN, _LINES_SHOWN = 12, 10


@dataclass(frozen=True)
class Looked:
    """What :func:`look` saw; it prints itself, in a notebook with its examples drawn.

    Attributes
    ----------
    root, format, task
        What was looked at, and as what it would be read.
    why
        What speaks for the format; None where it was given.
    runners_up
        Other formats for which something speaks, the surest first.
    classes
        Class names in order.
    total
        How many samples there are, None where only a whole walk would tell.
    looked_at, complete
        So many samples were walked over, and whether that was all of them: the counts below are of these.
    roles, roles_from
        Samples by role, and where that was read.
    labels, annotations
        How often each class occurs; how many annotations of each kind there are.
    annotated
        Samples with an annotation or a class.
    unread
        Files that would not be read.
    findings
        What would be left out, a line each; of a complete walk only.
    notes
        What the reader has to say.
    examples
        A few records.
    """

    root: str
    format: str
    task: Task
    why: Evidence | None
    runners_up: tuple[Candidate, ...]
    classes: tuple[str, ...]
    total: int | None
    looked_at: int
    complete: bool
    roles: Mapping[Role, int]
    roles_from: str
    labels: Mapping[str, int]
    annotations: Mapping[str, int]
    annotated: int
    unread: tuple[Leftover, ...]
    findings: tuple[str, ...]
    notes: tuple[str, ...]
    examples: tuple[Record, ...] = field(repr=False)

    def __repr__(self) -> str:
        return "\n".join([f"{self.root}: {self.format}", *(f"  {key:<12}{text}" for key, text in self.lines())])

    def _repr_html_(self) -> str:
        from .look_page import page

        return page(self)

    def lines(self) -> list[tuple[str, str]]:
        """Heading and text of each line, for people."""
        out = [("why", f"{self.why.why} ({self.why.confidence:.2f})")] if self.why else []
        out += [("or", f"{c.format}: {c.evidence.why} ({c.evidence.confidence:.2f})") for c in self.runners_up[:3]]
        out.append(("task", self.task))
        out.append(("samples", self._counted()))
        if self.classes:
            shown = ", ".join(
                f"{c} {self.labels[c]:,}" if c in self.labels else c for c in self.classes[:_CLASSES_SHOWN]
            )
            out.append(("classes", f"{len(self.classes):,}: {shown}{' ...' * (len(self.classes) > _CLASSES_SHOWN)}"))
        if self.annotations:
            counted = ", ".join(f"{n:,} {kind}" for kind, n in self.annotations.items())
            out.append(("annotated", f"{self.annotated:,} of {self.looked_at:,}: {counted}"))
        roles = ", ".join(f"{role or 'none'} {n:,}" for role, n in self.roles.items())
        out.append(("roles", roles + (f" (from {self.roles_from})" if self.roles_from else "")))
        out += [
            ("not read", f"{x}{' - an import stops (unread=, --unread)' * x.stops}") for x in self.unread[:_LINES_SHOWN]
        ]
        out += [("left out", line) for line in self.findings[:_LINES_SHOWN]]
        if (more := len(self.findings) - _LINES_SHOWN) > 0:
            out.append(("", f"and {more:,} more"))
        out += [("note", line) for line in self.notes]
        return out + [("for example", described(r)) for r in self.examples]

    def _counted(self) -> str:
        if self.complete:
            return f"{self.looked_at:,}"
        whole = "more" if self.total is None else f"{self.total:,}"
        return f"{whole}; the counts below are of the first {self.looked_at:,}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON; of the examples without their pictures."""
        return {
            "root": self.root,
            "format": self.format,
            "confidence": self.why.confidence if self.why else None,
            "why": self.why.why if self.why else "given",
            "runners_up": [
                {"format": c.format, "confidence": c.evidence.confidence, "why": c.evidence.why}
                for c in self.runners_up
            ],
            "task": self.task,
            "classes": list(self.classes),
            "total": self.looked_at if self.complete else self.total,
            "looked_at": self.looked_at,
            "complete": self.complete,
            "roles": dict(self.roles),
            "roles_from": self.roles_from,
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
            "annotated": self.annotated,
            "unread": [
                {"kind": x.kind, "count": len(x.names), "example": x.names[0], "why": x.why, "stops": x.stops}
                for x in self.unread
            ],
            "findings": list(self.findings),
            "notes": list(self.notes),
            "examples": [described(r) for r in self.examples],
        }


@public
def look(
    path: str | os.PathLike[str], format: str | None = None, *, seconds: float = 5.0, examples: int = 3, **options: Any
) -> Looked:
    """Look at a data set before any of it is stored.

    The annotations are read whole; the samples are walked over until the time is up, so that their counts are of the
    first of them where there are many. Pictures are not decoded.

    Parameters
    ----------
    path, format, options
        As of :func:`veml_lab.read`.
    seconds
        How long samples are walked over; reading the annotations comes on top.
    examples
        So many records are kept, those with annotations first.

    Returns
    -------
    Looked
        Prints itself; in a notebook with the examples drawn. ``unread`` and ``classes`` are what to check.

    Raises
    ------
    BadInput
        Nothing speaks for any format, or as much for one as for another, as of :func:`veml_lab.read`.

    Examples
    --------
    >>> veml.write(veml.road_world("clear-city", 4, seed=1, test_share=0), "to-look-at", "voc", lossy=True)
    >>> seen = veml.look("to-look-at")
    >>> seen.format, seen.total, dict(seen.roles), seen.roles_from
    ('voc', 4, {'train': 4}, 'ImageSets/Main/train.txt')
    """
    found = decided(path) if format is None else []
    chosen = format if format is not None else found[0].format
    if chosen in FORMATS and "verify" in inspect.signature(FORMATS[chosen].read()).parameters:
        options = {"verify": False, **options}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        source = read(path, chosen, **options)
        walk = _Walk(examples)
        complete = walk.over(source.records(), seconds)
    findings = source.findings()
    return Looked(
        root=str(path),
        format=source.format,
        task=source.task,
        why=found[0].evidence if found else None,
        runners_up=tuple(found[1:]),
        classes=source.classes,
        total=source.total if not complete else walk.n,
        looked_at=walk.n,
        complete=complete,
        roles=dict(sorted(walk.roles.items(), key=lambda kv: ("train", "test", "").index(kv[0]))),
        roles_from=source.roles_from if set(walk.roles) - {""} else "",
        labels=dict(walk.labels),
        annotations=dict(walk.kinds),
        annotated=walk.annotated,
        unread=tuple(source.unread()),
        findings=tuple(findings),
        # a warning about what is left out says what the findings say
        notes=tuple(str(w.message) for w in said if not (findings and "skipped" in str(w.message))),
        examples=tuple((*walk.marked, *walk.plain)[:examples]),
    )


class _Walk:
    """Counts records as they go by, and keeps a few."""

    def __init__(self, examples: int) -> None:
        self._wanted = examples
        self.n = self.annotated = 0
        self.roles: Counter[Role] = Counter()
        self.labels: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.marked: list[Record] = []
        self.plain: list[Record] = []

    def over(self, records: Any, seconds: float) -> bool:
        """Walk until the time is up; whether that was to the end."""
        until = time.monotonic() + seconds
        for r in records:
            self._note(r)
            if time.monotonic() > until:
                return next(records, None) is None
        return True

    def _note(self, r: Record) -> None:
        self.n += 1
        self.roles[r.role] += 1
        shapes: tuple[Box | Mask | Keypoints, ...] = (*r.boxes, *r.masks, *r.keypoints)
        # the box and the outline of one object are one of its class
        objects = {(s.instance, s.label) if s.instance >= 0 else i: s.label for i, s in enumerate(shapes)}
        self.labels.update(objects.values())
        if r.label is not None:
            self.labels[r.label] += 1
        for kind, things in (
            ("boxes", r.boxes), ("masks", r.masks), ("keypoints", r.keypoints), ("captions", r.captions),
            ("targets", r.targets),
        ):  # fmt: skip
            if things:
                self.kinds[kind] += len(things)
        if r.label is not None:
            self.kinds["class labels"] += 1
        told = bool(shapes or r.captions or r.targets or r.label is not None)
        self.annotated += told
        kept = self.marked if told else self.plain
        if len(kept) < self._wanted:
            kept.append(r)


def described(r: Record) -> str:
    """One record in a line.

    >>> from ..sources.source import Box
    >>> described(Record("a.jpg", b"", 64, 48, "train", boxes=(Box("car", 1, 2, 30, 20),)))
    'a.jpg, 64 x 48, train: car (1, 2, 30 x 20)'
    """
    head = ", ".join(x for x in (r.uri, f"{r.width} x {r.height}" if r.width else "", r.role) if x)
    parts = [r.label] if r.label is not None else []
    parts += [f"{b.label} ({b.x:.4g}, {b.y:.4g}, {b.w:.4g} x {b.h:.4g})" for b in r.boxes[:4]]
    parts += [f"{len(things) - 4} more"] if len(things := r.boxes) > 4 else []
    parts += [f"{len(things)} {kind}" for kind, things in (("masks", r.masks), ("keypoints", r.keypoints)) if things]
    parts += [repr(c.text) for c in r.captions[:1]] + [f"{t.name} = {t.value:g}" for t in r.targets[:3]]
    if not parts and r.kind == "row":
        parts = [f"{k} = {v!r:.30}" for k, v in list(r.columns.items())[:5]]
    return f"{head}: {', '.join(parts)}" if parts else head
