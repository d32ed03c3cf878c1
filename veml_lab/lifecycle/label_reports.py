"""What a labelling task says: what a pull brought, what people kept by class, and whether pre-labels lead them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._html import table
from ..labelling.comparison import Counts
from ..versions.store import counted

SHOWN = 8


@dataclass(frozen=True)
class Pull:
    """What is back of a task.

    Attributes
    ----------
    back, new
        Samples with an answer; answers that this pull brought.
    counts
        What became of the pre-labels that people were shown.
    emptied
        Samples whose pre-labels were all deleted, and nothing drawn instead.
    skipped
        Samples that somebody skipped and nobody answered.
    foreign
        Pictures of the tool that belong to no task of this name; ignored.
    unknown
        Pictures that say they are of this task, which the lab does not know: not imported.
    unusable
        Answers that were not taken, each with its reason.
    left_out
        Regions without any pixel, which were left out of their answers.
    after_accept
        Samples that were answered anew since ``accepted`` was made.
    """

    task: str
    sent: int
    back: int
    new: int
    counts: Counts
    emptied: int
    skipped: int
    foreign: int
    unknown: tuple[str, ...]
    unusable: tuple[str, ...]
    left_out: tuple[str, ...]
    after_accept: tuple[str, ...]
    accepted: str

    @property
    def kept(self) -> int:
        return self.counts.kept

    @property
    def changed(self) -> int:
        return self.counts.changed

    @property
    def deleted(self) -> int:
        return self.counts.deleted

    @property
    def added(self) -> int:
        return self.counts.added

    def to_dict(self) -> dict[str, Any]:
        """What ``veml label-pull --json`` prints."""
        c = self.counts
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in vars(self).items() if k != "counts"}
        return plain | {"kept": c.kept, "changed": c.changed, "deleted": c.deleted, "added": c.added}

    def __repr__(self) -> str:
        c = self.counts
        lines = [
            f"{self.back:,} of {self.sent:,} back of {self.task!r}, {counted(self.new, 'answer')} new",
            f"  pre-labels: {c.kept:,} kept, {c.changed:,} changed, {c.deleted:,} deleted, {c.added:,} added",
            f"  samples: {self.emptied:,} emptied, {self.skipped:,} skipped, {len(self.unknown):,} unknown,"
            f" {self.foreign:,} foreign",
        ]
        for title, names in (
            ("unknown, not imported", self.unknown),
            ("not taken", self.unusable),
            ("left out", self.left_out),
            (f"edited after {self.accepted!r} was accepted", self.after_accept),
        ):
            lines += [f"  {title}: {n}" for n in names[:SHOWN]]
            if len(names) > SHOWN:
                lines.append(f"  {title}: {len(names) - SHOWN:,} more")
        return "\n".join(lines)


@dataclass(frozen=True)
class Kept:
    """What people did with the pre-labels, by class."""

    task: str
    classes: Mapping[str, Counts]
    whole: Counts

    def __getitem__(self, name: str) -> Counts:
        return self.classes[name]

    def _rows(self) -> list[list[str]]:
        every = [*self.classes.items(), ("all", self.whole)]
        return [
            [name, *(f"{v:,}" for v in (c.predicted, c.kept, c.changed, c.deleted, c.added)), _share(c.share_confirmed)]
            for name, c in every
        ]

    def __repr__(self) -> str:
        head = ["class", "said", "kept", "changed", "deleted", "added", "confirmed"]
        return "\n".join(
            f"{row[0]:<20.20}" + "".join(f"{cell:>10}" for cell in row[1:]) for row in [head, *self._rows()]
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        head = ("class", "said", "kept", "changed", "deleted", "added", "confirmed")
        html = table(head, self._rows(), above=f"Pre-labels of {self.task}: what people did with them")
        return {"text/plain": repr(self), "text/html": html}


@dataclass(frozen=True)
class Bias:
    """What people confirm of pre-labels that they saw, and of those that they did not see.

    Attributes
    ----------
    shown, blind
        What became of the pre-labels; of the blind samples, as compared with what the lab kept of the model.
    n_shown, n_blind
        Answers of each.
    """

    shown: Counts
    blind: Counts
    n_shown: int
    n_blind: int

    @property
    def difference(self) -> float:
        """Share confirmed where people saw the pre-labels, less that where they did not; NaN where one is missing."""
        return self.shown.share_confirmed - self.blind.share_confirmed

    def __repr__(self) -> str:
        return (
            f"confirmed {_share(self.shown.share_confirmed)} of {self.shown.predicted:,} pre-labels that people saw"
            f" ({counted(self.n_shown, 'answer')}), {_share(self.blind.share_confirmed)} of"
            f" {self.blind.predicted:,} that they did not see ({counted(self.n_blind, 'answer')}):"
            f" a difference of {_points(self.difference)}"
        )


def _share(value: float) -> str:
    return f"{value:.1%}" if value == value else "-"


def _points(value: float) -> str:
    return f"{100 * value:+.1f} points" if value == value else "unknown"
