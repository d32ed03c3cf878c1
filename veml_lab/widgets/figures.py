"""Drawings as Plotly figures: to restyle, combine and save; plotly is imported when one is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._svg import SERIES

if TYPE_CHECKING:
    import numpy as np
    from plotly.graph_objects import Figure


def curves_figure(runs: Mapping[str, Mapping[str, np.ndarray]], *, left_out: Sequence[str] = ()) -> Figure:
    """One chart a metric below each other, one line a run in the same colour everywhere; every point, gaps kept.

    Parameters
    ----------
    runs
        By run and metric: steps and values, shape (n, 2), NaN where the line breaks.
    left_out
        Metrics that are not drawn.
    """
    from plotly import graph_objects as go
    from plotly.subplots import make_subplots

    metrics = [m for m in dict.fromkeys(m for series in runs.values() for m in series) if m not in left_out]
    figure = make_subplots(rows=max(1, len(metrics)), cols=1, shared_xaxes=True, subplot_titles=metrics)
    named: set[str] = set()
    for row, metric in enumerate(metrics, 1):
        for k, (run, series) in enumerate(runs.items()):
            if metric not in series:
                continue
            line = go.Scatter(
                x=series[metric][:, 0],
                y=series[metric][:, 1],
                name=run,
                legendgroup=run,
                showlegend=run not in named,
                line={"color": SERIES[k % len(SERIES)]},
                connectgaps=False,
                mode="lines" if len(series[metric]) > 1 else "markers",
            )
            figure.add_trace(line, row=row, col=1)
            named.add(run)
    figure.update_xaxes(title_text="step", row=max(1, len(metrics)))
    figure.update_layout(height=120 + 220 * max(1, len(metrics)))
    return figure


def runs_figure(
    rows: Sequence[Mapping[str, Any]], metric: str, *, lower_is_better: bool = False, title: str = ""
) -> Figure:
    """Parallel coordinates: an axis for each field that is a number in some run, the metric last; better is brighter.

    A run without the metric is left out; a number that a run lacks lies at the lower end of its axis.
    """
    from plotly import graph_objects as go

    def number(row: Mapping[str, Any], field: str) -> float | None:
        value = row.get(field)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    shown = [r for r in rows if number(r, metric) is not None]
    fields = dict.fromkeys(f for r in shown for f in r if f != metric and number(r, f) is not None)
    axes = []
    for field in [*fields, metric] if shown else []:
        values = [number(r, field) for r in shown]
        least = min(v for v in values if v is not None)
        axes.append({"label": field, "values": [least if v is None else v for v in values]})
    colour = {
        "color": [number(r, metric) for r in shown],
        "colorscale": "Viridis",
        "reversescale": lower_is_better,
        "showscale": True,
        "colorbar": {"title": {"text": metric}},
    }
    figure = go.Figure(go.Parcoords(dimensions=axes, line=colour) if shown else None)
    return figure.update_layout(title={"text": title})
