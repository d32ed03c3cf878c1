"""What a format can hold: each writer says it once, refuses the rest aloud, and drops it only when asked to.

The table in ``docs/formats.md`` and the contract suite follow from these declarations.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from ..errors import BadInput, warn
from .source import Box, Caption, Keypoints, Mask, Record, Source

MaskKind = Literal["no", "one ring", "one ring or rle", "any"]


@dataclass(frozen=True, slots=True)
class Holds:
    """What survives writing and reading again, kind by kind.

    Attributes
    ----------
    boxes, keypoints, captions, label
        Whether the format has this kind.
    masks
        ``"one ring"``: an outline each; ``"one ring or rle"``: or run lengths; ``"any"``: several rings too.
    attributes
        Names of the attributes of a shape that it keeps; None for all.
    columns
        Whether it keeps capture columns.
    mixed
        Whether a box and a mask (or keypoints) of one object stay one object.
    said
        Whether captions keep their attributes.
    """

    boxes: bool = False
    masks: MaskKind = "no"
    keypoints: bool = False
    captions: bool = False
    label: bool = False
    attributes: frozenset[str] | None = frozenset()
    columns: bool = False
    mixed: bool = False
    said: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of a record: a box, a mask and keypoints of the same instance, at least one of them."""

    instance: int
    box: Box | None = None
    mask: Mask | None = None
    keypoints: Keypoints | None = None

    @property
    def first(self) -> Box | Mask | Keypoints:
        """The shape that carries the label and the attributes."""
        shape = self.box or self.mask or self.keypoints
        assert shape is not None
        return shape

    @property
    def label(self) -> str:
        return self.first.label


def things(r: Record) -> Iterator[Thing]:
    """The objects of a record: in the order of its boxes, then of its masks, then of its keypoints.

    Raises
    ------
    BadInput
        If two shapes of one kind, or of different classes, claim to be the same object.
    """
    parts: dict[Any, dict[str, Any]] = {}
    for kind, shapes in (("box", r.boxes), ("mask", r.masks), ("keypoints", r.keypoints)):
        for i, s in enumerate(cast("tuple[Box | Mask | Keypoints, ...]", shapes)):
            thing = parts.setdefault(s.instance if s.instance >= 0 else (kind, i), {})
            if kind in thing:
                raise BadInput(
                    f"{r.uri} has two {kind} shapes with the instance {s.instance}; an object has one of each kind"
                )
            thing[kind] = s
    for instance, thing in parts.items():
        labels = {s.label for s in thing.values()}
        if len(labels) > 1:
            raise BadInput(f"{r.uri}: the instance {instance} has the classes {sorted(labels)}; an object has one")
        yield Thing(instance if isinstance(instance, int) else -1, **thing)


class Keeper:
    """Hands a writer the part of each record that its format holds; the rest is an error, or counted.

    Parameters
    ----------
    format
        Name of the format, for messages.
    lossy
        Drop what does not fit, and warn once at the end; otherwise the first such thing is an error.
    """

    def __init__(self, format: str, holds: Holds, *, lossy: bool) -> None:
        self.format, self.holds, self.lossy = format, holds, lossy
        self.lost: Counter[str] = Counter()

    def lose(self, what: str, where: str, *, instead: str = "choose another format (coco holds most)") -> None:
        """Note that ``what`` is not written, or raise with what to do ``instead``."""
        if not self.lossy:
            raise BadInput(
                f"{where} has {what}, which {self.format} cannot hold; {instead}, or write with lossy=True (--lossy) to"
                " leave it out"
            )
        self.lost[what] += 1

    def columns(self, r: Record, taken: Callable[[str], bool]) -> dict[str, Any]:
        """The free columns of a record, without those whose names mean something else in the format."""
        for key in filter(taken, r.columns):
            self.lose(f"a free column {key!r} (a name of its own fields)", r.uri, instead="rename it")
        return {k: v for k, v in r.columns.items() if not taken(k)}

    def tell(self) -> None:
        """Warn once of all that was left out."""
        if self.lost:
            listed = ", ".join(f"{what} ({k:,})" for what, k in self.lost.most_common())
            warn(f"written as {self.format} without: {listed}")

    def records(self, source: Source) -> Iterator[Record]:
        """The records of a source, without what the format does not hold."""
        for r in source.records():
            yield self.keep(r)
        self.tell()

    def keep(self, r: Record) -> Record:
        """One record, without what the format does not hold."""
        if not r.image:
            raise BadInput(f"{r.uri} is a {r.kind} without a picture; {self.format} holds pictures")
        h = self.holds
        change: dict[str, Any] = {}
        for kind, there, wanted in (
            ("a class label", r.label is not None, h.label),
            ("captions", r.captions, h.captions),
            ("regression targets", r.targets, False),
            ("capture columns", r.columns, h.columns),
        ):
            if there and not wanted:
                self.lose(kind, r.uri)
                change |= _EMPTY[kind]
        boxes, masks, points = r.boxes, r.masks, r.keypoints
        if boxes and not h.boxes:
            boxes = self._all("boxes", r)
        if masks and h.masks == "no":
            masks = self._all("masks", r)
        if points and not h.keypoints:
            points = self._all("keypoints", r)
        masks = tuple(m for m in masks if self._mask(m, r.uri))
        if not h.said and any(c.attributes for c in r.captions):
            self.lose("attributes of captions", r.uri)
            change["captions"] = tuple(Caption(c.text) for c in r.captions) if h.captions else ()
        r = dataclasses.replace(r, boxes=boxes, masks=masks, keypoints=points, **change)
        return self._plain(r)

    def _all(self, kind: str, r: Record) -> tuple[Any, ...]:
        self.lose(kind, r.uri)
        return ()

    def _mask(self, m: Mask, where: str) -> bool:
        if m.rle is not None and self.holds.masks == "one ring":
            self.lose("masks of run lengths", where)
            return False
        if len(m.polygons) > 1 and self.holds.masks != "any":
            self.lose("masks of several rings", where)
            return False
        return True

    def _plain(self, r: Record) -> Record:
        """Attributes that are not kept go; shapes that cannot stay one object become single ones."""
        made: dict[str, Any] = {"boxes": [], "masks": [], "keypoints": []}
        for t in things(r):
            parts = [("boxes", t.box), ("masks", t.mask), ("keypoints", t.keypoints)]
            alone = sum(s is not None for _, s in parts) < 2
            if not alone and not self.holds.mixed:
                self.lose("shapes that belong to one object", r.uri)
            for kind, s in parts:
                if s is None:
                    continue
                attributes = self._attributes(s.attributes, s is t.first, r.uri)
                instance = -1 if alone or not self.holds.mixed else s.instance
                made[kind].append(dataclasses.replace(s, attributes=attributes, instance=instance))
        boxes, masks, points = (tuple(made[kind]) for kind in ("boxes", "masks", "keypoints"))
        return dataclasses.replace(r, boxes=boxes, masks=masks, keypoints=points)

    def _attributes(self, attributes: Mapping[str, Any], first: bool, where: str) -> dict[str, Any]:
        kept = {}
        for key, value in attributes.items():
            if not first:
                self.lose("attributes of a second shape of an object", where)
            elif self.holds.attributes is None or key in self.holds.attributes:
                kept[key] = value
            else:
                self.lose(f"the attribute {key!r}", where)
        return kept


_EMPTY: dict[str, dict[str, Any]] = {
    "a class label": {"label": None},
    "captions": {"captions": ()},
    "regression targets": {"targets": ()},
    "capture columns": {"columns": {}},
}
