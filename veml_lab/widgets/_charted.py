"""What the widgets share that draw charts: figures as a trait, what a reader clicked, and plotly.js for a page without
it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import traitlets as t

from ..figures.grid import together
from ..figures.look import Spec, figure_of, packed
from ..figures.still import svg
from ._base import Drawing, script, unknown_question

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_POINTS = 200_000  # of a selection in a chart
_KEYS = {"event", "chart", "trace", "points", "customdata", "count"}


class Charted(Drawing):
    """A drawing with charts in it: the same figures go to the browser, into a picture without script, and to people.

    A subclass gives ``specs()``: its figures by name. ``event`` says what a reader clicked or selected last::

        {"event": "click" | "select", "chart": name, "trace": index of the trace, "points": [their indices],
         "customdata": [what the figure says of each of them], "count": how many events there were}

    It is a trait: ``widget.observe(follow, "event")``; in the browser the element that holds the chart sends the same
    value as a DOM event ``veml-chart``.
    """

    _from_browser = frozenset({"event"})

    charts = t.Dict().tag(sync=True, ts="Record<string, ChartSpec>")
    event = t.Dict().tag(sync=True, ts="Partial<ChartEvent>")

    def specs(self) -> Mapping[str, Spec]:
        """Its figures by name, as plain values with arrays in them."""
        raise NotImplementedError

    def draw(self) -> None:
        """Send the figures anew."""
        self.charts = {name: packed(spec) for name, spec in self.specs().items()}

    def figure(self, *, dark: bool = False) -> Figure:
        """The chart as a Plotly figure: restyle it, combine it, save it (``write_html``, ``write_image``)."""
        specs = dict(self.specs())
        one = next(iter(specs.values())) if len(specs) == 1 else together(specs, columns=1)
        return figure_of(one, dark=dark)

    def can_be(self, name: str, value: Any) -> bool:
        """An event names a chart of ours, one of its traces, and points by their numbers."""
        if name != "event":
            return super().can_be(name, value)
        if value == {}:
            return True
        if not isinstance(value, dict) or set(value) - _KEYS or value.get("event") not in ("click", "select"):
            return False
        chart, trace, points, said = (value.get(k) for k in ("chart", "trace", "points", "customdata"))
        if not isinstance(chart, str) or chart not in self.charts or type(trace) is not int:
            return False
        return (
            0 <= trace < len(self.charts[chart]["data"])
            and isinstance(points, list)
            and len(points) <= MOST_POINTS
            and all(type(p) is int and p >= 0 for p in points)
            and isinstance(said, list)
            and len(said) <= len(points)
        )

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """``plotly``: the library, for a page that has no other way to it."""
        if asked.get("type") != "plotly":
            raise unknown_question(asked.get("type"), "plotly")
        return {"type": "plotly"}, [library()]

    def static_html(self) -> str:
        specs = self.specs() or {"": {"data": [], "layout": {}}}
        return "".join(f"<div>{svg(spec, says=self.describe())}</div>" for spec in specs.values())


@cache
def library() -> bytes:
    """plotly.js as a compressed module: a third of its size, which a kernel's connection carries at once."""
    return gzip.compress(script("plotly").read_bytes(), 6, mtime=0)
