"""One figure of Plotly as a widget: ours or a reader's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets as t

from ..errors import BadInput
from ..figures.look import SERIES, Spec
from ._base import script
from ._charted import Charted


class Chart(Charted):
    """Draw figures in a cell, a tab, a dashboard and a published page; plotly.js is loaded once a page.

    Parameters
    ----------
    figures : Figure, dict, or dict of name -> Figure or dict
        What ``plotly.graph_objects.Figure`` is made from: a figure, its ``{"data": ..., "layout": ...}``, or several
        of them by name.
    title : str

    Attributes
    ----------
    event : dict
        What a reader clicked or selected last: ``{"event": "click" | "select", "chart", "trace", "points",
        "customdata", "count"}``.

    Examples
    --------
    >>> Chart({"data": [{"type": "bar", "x": ["a", "b"], "y": [1, 2]}], "layout": {}}, title="two")
    Chart: two; 1 figure
    """

    _esm = script("chart")

    title = t.Unicode("").tag(sync=True)

    def __init__(self, figures: Any = (), *, title: str = "", **kwargs: Any) -> None:
        self._specs = _named(figures, title)
        super().__init__(title=title, **kwargs)
        self.draw()

    def specs(self) -> Mapping[str, Spec]:
        return self._specs

    def describe(self) -> str:
        n = len(self._specs)
        return f"Chart: {self.title + '; ' if self.title else ''}{n} figure{'s' * (n != 1)}"


def _named(figures: Any, title: str) -> dict[str, Spec]:
    if not isinstance(figures, dict) or "data" in figures:
        return {title or "figure": _spec(figures)} if figures != () else {}
    return {str(name): _spec(figure) for name, figure in figures.items()}


def _spec(figure: Any) -> Spec:
    made = figure.to_dict() if hasattr(figure, "to_dict") else figure
    if not isinstance(made, Mapping) or not isinstance(made.get("data", []), list | tuple):
        raise BadInput(f"a figure is a plotly Figure or its dict with 'data' and 'layout'; got {type(figure).__name__}")
    layout = {k: v for k, v in (made.get("layout") or {}).items() if k != "template"}  # the page's theme is used
    return {"data": [dict(t) for t in made.get("data", [])], "layout": {"colorway": list(SERIES), **layout}}
