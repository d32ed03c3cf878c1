"""Settings with where they came from, and the settings in which two trainings differ: as text and as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from .._html import Markup, Section, table
from ..versions.settings import Origin, shown


@dataclass(frozen=True)
class Explained:
    """One setting: its value, and where it came from; ``origin.before`` is where it came from before that."""

    path: str
    value: Any
    origin: Origin

    def __repr__(self) -> str:
        return f"{self.path} = {shown(self.value)} <- {self.origin}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"path": self.path, "value": self.value, "origin": self.origin.to_dict(), "words": str(self.origin)}


@dataclass(frozen=True)
class Origins:
    """Where settings came from, one row each, by their order in the plan.

    Attributes
    ----------
    title
        What they are the settings of.
    rows
        The settings; those of a section stand together.
    """

    title: str
    rows: tuple[Explained, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Explained]:
        return iter(self.rows)

    @property
    def known(self) -> float:
        """Share of the settings of which it is known where they came from."""
        return sum(r.origin.by != "unrecorded" for r in self.rows) / len(self.rows) if self.rows else 1.0

    def to_dict(self) -> dict[str, Any]:
        """What ``veml config --json`` prints."""
        return {"title": self.title, "settings": [r.to_dict() for r in self.rows]}

    def __repr__(self) -> str:
        cells = [(indent + name, shown(r.value), str(r.origin)) if r else (name,) for indent, name, r in self._tree()]
        widths = [max((len(c[i]) for c in cells if len(c) == 3), default=0) for i in (0, 1)]
        lines = [
            "  ".join((c[0].ljust(widths[0]), c[1].ljust(widths[1]), f"<- {c[2]}")) if len(c) == 3 else c[0]
            for c in cells
        ]
        return "\n".join([self.title, *(f"  {line}" for line in lines)])

    def _repr_html_(self) -> str:
        rows: list[Sequence[Any] | Section] = []
        strong = list[int]()
        for _, name, r in self._tree():
            if r is None:
                rows.append(Section(name))
                continue
            if r.origin.before is not None:
                strong.append(len(rows))
            rows.append((name, shown(r.value), str(r.origin)))
        return table(("", "value", "where from"), rows, caption=self.title, strong=strong, headed=True)

    def _tree(self) -> Iterator[tuple[str, str, Explained | None]]:
        """Rows with their indent and name; a section's heading has no row."""
        last = ""
        for r in self.rows:
            section, dot, name = r.path.partition(".")
            if dot and section != last:
                yield "", section, None
            last = section
            yield ("  ", name, r) if dot else ("", r.path, r)


@dataclass(frozen=True)
class ConfigDiff:
    """The settings in which two configurations differ; what is equal is not in it.

    Attributes
    ----------
    here, there
        The names of both.
    rows
        ``(what it is here, what it is there)`` for each setting that differs.
    """

    here: str
    there: str
    rows: tuple[tuple[Explained, Explained], ...]

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def values(self) -> dict[str, tuple[Any, Any]]:
        """By dotted path: the value here and there; None where one has none."""
        return {a.path: (a.value, b.value) for a, b in self.rows}

    def to_dict(self) -> dict[str, Any]:
        """What ``veml config A B --json`` prints."""
        return {"here": self.here, "there": self.there, "settings": {p: list(v) for p, v in self.values.items()}}

    def __repr__(self) -> str:
        if not self.rows:
            return f"{self.here!r} and {self.there!r} have the same settings"
        head = f"{len(self)} setting{'s' * (len(self) > 1)} of {self.here!r} and {self.there!r} differ:"
        cells = [(a.path, shown(a.value), shown(b.value), f"{a.origin.short} → {b.origin.short}") for a, b in self.rows]
        width = [max(len(c[i]) for c in cells) for i in range(3)]
        lines = [f"  {p:<{width[0]}}  {a:<{width[1]}} → {b:<{width[2]}}  ({why})" for p, a, b, why in cells]
        return "\n".join([head, *lines])

    def _repr_html_(self) -> str:
        def bold(value: Any) -> Markup:
            return Markup(f"<b>{escape(shown(value))}</b>")

        rows = [(a.path, bold(a.value), a.origin.short, bold(b.value), b.origin.short) for a, b in self.rows]
        columns = ("", self.here, "where from", self.there, "where from")
        return table(columns, rows, caption="" if rows else repr(self), headed=True)
