"""Cases counted: by week, function, class, kind, source and state."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..versions import display
from .case_book import Book

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BY = ("function", "truth", "kind", "source", "status", "priority", "week")


@dataclass(frozen=True)
class Weekly:
    """Occurrences by ISO week in UTC; weeks without any are zeros, so that no line joins what is apart.

    Attributes
    ----------
    weeks
        ``"2026-W01"`` ..., every week from the first occurrence to the last.
    new
        Occurrences that are the first of their case.
    again
        Those of cases that were known.
    by_function
        All occurrences for each function of the system.
    """

    weeks: tuple[str, ...]
    new: tuple[int, ...]
    again: tuple[int, ...]
    by_function: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[int, ...]:
        """All occurrences of each week."""
        return tuple(a + b for a, b in zip(self.new, self.again, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """One list a series."""
        return {
            "weeks": list(self.weeks),
            "new": list(self.new),
            "again": list(self.again),
            "by_function": {k: list(v) for k, v in self.by_function.items()},
        }

    def __repr__(self) -> str:
        if not self.weeks:
            return "no bad cases in any week"
        most = max(self.counts)
        weeks = f"{len(self.weeks)} week{'' if len(self.weeks) == 1 else 's'}"
        lines = [f"{sum(self.counts):,} occurrences in {weeks}, most in {self._peak()} ({most:,})"]
        for week, n, a in list(zip(self.weeks, self.new, self.again, strict=True))[-12:]:
            lines.append(f"  {week} {n + a:>6,}  {n:,} new  {'#' * round(40 * (n + a) / most)}")
        return "\n".join(lines)

    def chart(self) -> display.Drawing:
        """The chart as a widget; ``.figure()`` of it is Plotly's."""
        return display.drawing("weekly cases", self)

    def _peak(self) -> str:
        return self.weeks[self.counts.index(max(self.counts))]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("weekly cases", self)


@dataclass(frozen=True)
class CaseStatistics:
    """How many cases there are of each kind; counts by value, the commonest first (weeks in their order).

    Attributes
    ----------
    n
        Cases.
    by
        Counts for each of ``function``, ``truth``, ``kind``, ``source``, ``status``, ``priority``, ``week``.
    """

    n: int
    by: Mapping[str, Mapping[str, int]]

    def shares(self, by: str) -> dict[str, float]:
        """The shares of the values of one of them, adding up to 1."""
        return {k: v / self.n for k, v in self.by[by].items()} if self.n else {}

    def pareto(self, by: str = "truth") -> list[tuple[str, int, float]]:
        """Values with their counts and the share that they make up with those before them."""
        found, so_far = [], 0
        for value, count in sorted(self.by[by].items(), key=lambda kv: -kv[1]):
            so_far += count
            found.append((value, count, so_far / self.n))
        return found

    def to_dict(self) -> dict[str, Any]:
        """Counts, JSON-able."""
        return {"n": self.n, "by": {k: dict(v) for k, v in self.by.items()}}

    def __repr__(self) -> str:
        lines = [f"{self.n:,} cases"]
        for by in BY[:-1]:
            said = ", ".join(f"{k or '(none)'} {v / self.n:.1%}" for k, v in list(self.by[by].items())[:6])
            more = len(self.by[by]) - 6
            lines.append(f"  by {by:<9} {said}{f' and {more} more' if more > 0 else ''}")
        return "\n".join(lines)

    def chart(self) -> display.Drawing:
        """Pareto charts as a widget; ``.figure()`` of it is Plotly's."""
        return display.drawing("case statistics", self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("case statistics", self)


def weekly(book: Book, ids: Sequence[str]) -> Weekly:
    """The occurrences of cases by week, those of cases that were merged into them with them."""
    import numpy as np

    of, wanted = _occurrences(book, ids)
    seen = book.rows.occurrences["seen"].to_numpy().astype("datetime64[us]")[wanted]
    if not len(seen):
        return Weekly((), (), ())
    of = of[wanted]
    week = _monday_week(seen)
    order = np.lexsort((wanted, seen))
    _, at = np.unique(of[order], return_index=True)
    first = np.zeros(len(of), bool)
    first[order[at]] = True
    low = int(week.min())
    n = int(week.max()) - low + 1
    functions = np.array(book.table["function"].to_pylist(), dtype=object)[of]
    counts = {
        str(f): tuple(np.bincount(week[functions == f] - low, minlength=n).tolist())
        for f in dict.fromkeys(functions.tolist())
    }
    new = np.bincount(week[first] - low, minlength=n)
    again = np.bincount(week[~first] - low, minlength=n)
    return Weekly(tuple(_named(low + i) for i in range(n)), tuple(new.tolist()), tuple(again.tolist()), counts)


def statistics(book: Book, ids: Sequence[str]) -> CaseStatistics:
    """How many of these cases there are of each kind."""
    t = book.of(ids)
    by = {}
    for name in BY:
        counts = Counter(t[name].to_pylist())
        by[name] = dict(sorted(counts.items()) if name == "week" else counts.most_common())
    return CaseStatistics(len(ids), by)


def _occurrences(book: Book, ids: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The case of each occurrence, and the rows of those that belong to some cases."""
    import numpy as np

    mine = np.zeros(len(book.states.ids), bool)
    mine[book.places(ids)] = True
    of = book.states.of_occurrence
    return of, np.flatnonzero(mine[of]) if len(of) else np.zeros(0, np.int64)


def _monday_week(seen: NDArray[Any]) -> NDArray[np.int64]:
    """The number of the ISO week of each moment, counted from that of 1 January 1970 (a Thursday)."""
    return (seen.astype("datetime64[D]").astype("int64") + 3) // 7


def _named(week: int) -> str:
    monday = dt.date(1970, 1, 1) + dt.timedelta(days=week * 7 - 3)
    return "{}-W{:02}".format(*monday.isocalendar()[:2])
