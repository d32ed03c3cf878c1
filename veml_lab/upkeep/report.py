"""What a check found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    Attributes
    ----------
    kind
        A short name, such as ``"missing segment"``.
    what
        One sentence: what is wrong, and where.
    do
        What to do about it.
    harmless
        True for what a killed process left behind and what was repaired: nothing is lost or wrong.
    """

    kind: str
    what: str
    do: str
    harmless: bool = False


@dataclass(frozen=True, repr=False)
class Report:
    """The findings of one check; :attr:`clean` where nothing is wrong."""

    lab: str
    findings: tuple[Finding, ...]
    looked_at: Mapping[str, int]
    seconds: float

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """What is wrong."""
        return tuple(f for f in self.findings if not f.harmless)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong (leftovers of killed processes are not)."""
        return not self.wrong

    @property
    def exit_code(self) -> int:
        """What ``veml check`` ends with."""
        return 0 if self.clean else 1

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "lab": self.lab,
            "clean": self.clean,
            "looked_at": dict(self.looked_at),
            "seconds": self.seconds,
            "findings": [{"kind": f.kind, "what": f.what, "do": f.do, "harmless": f.harmless} for f in self.findings],
        }

    def __repr__(self) -> str:
        counts = ", ".join(f"{n:,} {what}" for what, n in self.looked_at.items())
        lines = [
            f"{self.lab}: {'clean' if self.clean else f'{len(self.wrong)} things are wrong'} ({counts};"
            f" {self.seconds:.1f} s)"
        ]
        for f in self.wrong[:SHOWN]:
            lines.append(f"  {f.kind}: {f.what}. {f.do}")
        if len(self.wrong) > SHOWN:
            lines.append(f"  ... and {len(self.wrong) - SHOWN} more: veml check {self.lab} --json")
        for kind, n in Counter(f.kind for f in self.findings if f.harmless).items():
            first = next(f for f in self.findings if f.harmless and f.kind == kind)
            lines.append(f"  {kind}: {first.what}{f' (and {n - 1} more)' if n > 1 else ''}. {first.do}")
        return "\n".join(lines)
