"""What a question to the graph gives: versions with the reason why each is in the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..versions.any_version import AnyVersion
from ..versions.node import VERSION_KINDS


@dataclass(frozen=True)
class Found:
    """One version of an answer, and why it is one."""

    version: AnyVersion
    why: str

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        n = self.version.node
        return {"id": n.id, "kind": n.kind, "name": n.name, "why": self.why}


@dataclass(frozen=True)
class Answer:
    """The answer to a question about the graph.

    Attributes
    ----------
    question
        In words.
    found
        Versions, in the order in which they were made, with their reasons.
    facts
        What else is to be said, as plain values.
    """

    question: str
    found: tuple[Found, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def versions(self) -> list[AnyVersion]:
        """The versions alone."""
        return [f.version for f in self.found]

    @property
    def names(self) -> list[str]:
        """Names of the versions."""
        return [f.version.name for f in self.found]

    def of_kind(self, kind: str) -> list[AnyVersion]:
        """The versions of one kind."""
        return [v for v in self.versions if v.node.kind == kind]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[AnyVersion]:
        return iter(self.versions)

    def to_dict(self) -> dict[str, Any]:
        """As plain values: what ``--json`` prints."""
        return {"question": self.question, "found": [f.to_dict() for f in self.found], "facts": dict(self.facts)}

    def __repr__(self) -> str:
        counts = {k: len(self.of_kind(k)) for k in VERSION_KINDS}
        said = ", ".join(f"{n} {k}" for k, n in counts.items() if n) or ("" if self.facts else "nothing")
        lines = [f"{self.question} {said}".rstrip()]
        width = max((len(f.version.name) for f in self.found), default=0)
        lines += [f"  {f.version.node.kind:<10} {f.version.name:<{width}}  {f.why}".rstrip() for f in self.found]
        return "\n".join(lines + facts_text(self.facts, "  "))


def facts_text(facts: Mapping[str, Any], indent: str = "") -> list[str]:
    """Nested plain values as lines."""
    lines: list[str] = []
    for key, value in facts.items():
        if isinstance(value, Mapping) and value:
            lines += [f"{indent}{key}", *facts_text(value, indent + "  ")]
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            lines.append(f"{indent}{key}")
            lines += [indent + "  " + ", ".join(f"{k} {_short(v)}" for k, v in row.items()) for row in value]
        else:
            lines.append(f"{indent}{key}: {_short(value)}")
    return lines


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_short, value)) or "none"
    return "none" if value is None else str(value)
