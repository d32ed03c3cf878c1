"""Files of a folder or archive that nothing of is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leftover:
    """Files of one kind that nothing of is read.

    Attributes
    ----------
    kind
        ``".xml"``, ``"pictures"``; the file's name where it is one file, or has no ending.
    names
        Which.
    why
        The reader's reason, ``""`` for none.
    labels
        Why the files look like annotations, ``""`` where they do not, or where the reader has a reason.
    """

    kind: str
    names: tuple[str, ...]
    why: str = ""
    labels: str = ""

    def __str__(self) -> str:
        more = self.why or self.labels
        what = self.names[0] if len(self.names) == 1 else f"{len(self.names):,} {self.kind}"
        example = f" ({self.names[0]} ...)" if len(self.names) > 1 else ""
        return f"{what}{example}{': ' + more if more else ''}"

    @property
    def stops(self) -> bool:
        """Whether an import stops for it."""
        return bool(self.labels)
