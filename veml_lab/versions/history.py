"""Where a data version came from, and what was said about it since: it is frozen, this goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import BadInput
from ..storage.border import public
from . import notes
from .derivations import replay
from .import_report import ImportReport
from .imports import REPORT
from .results import get_result
from .samples import SampleSet

if TYPE_CHECKING:
    from pyroaring import BitMap64


@public
@dataclass(frozen=True)
class History:
    """Of one data version; ``version.history`` gives it.

    Examples
    --------
    >>> city.history.tag("reviewed")
    >>> city.history.tags, city.history.import_report["samples"]
    (('reviewed',), 64)
    """

    version: SampleSet

    @property
    def import_report(self) -> ImportReport | None:
        """What the import stored, found twice and skipped, with reasons; None for a version that is no import."""
        kept = get_result(self.version.store, f"{REPORT}:{self.version.id}")
        return None if kept is None else ImportReport(kept, name=self.version.name)

    def replay(self) -> BitMap64:
        """Run the operation that made the version again, on its parents; gives the IDs (equal to ``version.ids``).

        Raises
        ------
        BadInput
            The version is an import, which no operation made.
        """
        edges = [e for e in self.version.store.graph().into[self.version.id] if e.type == "derived_from"]
        if not edges:
            raise BadInput(f"{self.version.name!r} is an import; only versions that an operation made can be replayed")
        return replay(self.version.store, edges[0])

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that it carries now."""
        return notes.tags(self.version.store, self.version.id)

    def tag(self, tag: str, *, remove: bool = False) -> None:
        """Put a tag on it, or take it off; both are kept as events."""
        (notes.remove_tag if remove else notes.add_tag)(self.version.store, self.version.id, tag)

    @property
    def notes(self) -> list[str]:
        """Free notes, oldest first."""
        return [e.value for e in notes.events(self.version.store, self.version.id) if e.kind == "note"]

    def note(self, text: str) -> None:
        """Write a free note to it."""
        notes.add_note(self.version.store, self.version.id, text)
