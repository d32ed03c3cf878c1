"""Table of runs: filter, order, parallel coordinates, and a choice of runs to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets as t

from .._html import table
from .._svg import number, plain
from ..errors import BadInput
from ..figures.look import Spec
from ..figures.parallel import parallel
from ..figures.still import svg
from ._base import script
from ._charted import Charted

_SHOWN = 40


class RunTable(Charted):
    """Show runs as rows; numbers among their fields become the axes of the parallel coordinates.

    Parameters
    ----------
    rows : list of dict
        One run each: ``name``, and any flat fields (numbers, strings); all need not have all.
    metric : str
        The field that is being improved: the last axis, and the order at the beginning.
    lower_is_better : bool
    title : str

    Attributes
    ----------
    selected : list of str
        Names of the chosen runs.

    Examples
    --------
    >>> rows = [{"name": "a", "lr": 0.1, "accuracy": 0.9}, {"name": "b", "lr": 0.01, "accuracy": 0.8}]
    >>> RunTable(rows, metric="accuracy")
    RunTable: 2 runs; best accuracy: a (0.900)
    """

    _esm = script("runs")
    _from_browser = frozenset({"selected", "event"})

    rows = t.List(t.Dict()).tag(sync=True, ts="Record<string, string | number | boolean | null>[]")
    metric = t.Unicode("").tag(sync=True)
    lower_is_better = t.Bool(False).tag(sync=True)
    selected = t.List(t.Unicode()).tag(sync=True)
    title = t.Unicode("").tag(sync=True)

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]] = (),
        *,
        metric: str = "",
        lower_is_better: bool = False,
        title: str = "Runs",
        **kwargs: Any,
    ) -> None:
        for r in rows:
            if not r.get("name"):
                raise BadInput(f"a run needs a name; got {dict(r)!r:.80}")
        super().__init__(
            rows=[{str(k): plain(v) for k, v in r.items()} for r in rows],
            metric=metric,
            lower_is_better=lower_is_better,
            title=title,
            **kwargs,
        )

    def best(self) -> dict[str, Any] | None:
        """The run with the best metric, or None."""
        scored = [r for r in self.rows if isinstance(r.get(self.metric), int | float)]
        pick = min if self.lower_is_better else max
        return pick(scored, key=lambda r: r[self.metric]) if scored else None

    def specs(self) -> Mapping[str, Spec]:
        spec = parallel(self.rows, self.metric, lower_is_better=self.lower_is_better, title=self.title)
        return {"runs": spec} if self.metric and spec["data"] else {}

    @t.observe("rows", "metric", "lower_is_better")
    def _anew(self, _change: Any) -> None:
        self.draw()

    def can_be(self, name: str, value: Any) -> bool:
        if name == "event":
            return super().can_be(name, value)
        names = [r["name"] for r in self.rows]
        return isinstance(value, list) and len(value) <= len(names) and all(v in names for v in value)

    def describe(self) -> str:
        best = self.best()
        said = f"RunTable: {len(self.rows)} run{'s' * (len(self.rows) != 1)}"
        return f"{said}; best {self.metric}: {best['name']} ({number(best[self.metric])})" if best else said

    def static_html(self) -> str:
        fields = list(dict.fromkeys(k for r in self.rows for k in r))
        rows = [[_cell(r.get(f)) for f in fields] for r in self.rows[:_SHOWN]]
        more = f"and {len(self.rows) - _SHOWN} more" if len(self.rows) > _SHOWN else ""
        picture = "".join(svg(s, says=self.describe()) for s in self.specs().values())
        return picture + table(fields, rows, label=self.describe(), below=more)


def _cell(value: Any) -> str:
    return number(value) if isinstance(value, float) else "" if value is None else str(value)
