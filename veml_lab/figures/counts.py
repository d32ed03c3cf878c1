"""What data versions hold: bars of counts, histograms, maps of places, classes that occur together, gaps over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .judged import told
from .look import COUNTS, SERIES, Spec, axis, line_of, said, spec_of

MOST_BARS = 60
_SHARE = "share of the samples (%)"


def bars(
    versions: Sequence[str], title: str, labels: Mapping[str, Sequence[float]], *, unit: str = "samples", fact: str = ""
) -> Spec:
    """Counts of each value, one bar a version; of many values the first sixty.

    Parameters
    ----------
    fact
        The fact that is counted: with a bar's value it selects the samples behind it; '' for none.
    """
    kept = dict(list(labels.items())[:MOST_BARS])
    names = told(list(kept))
    traces = [
        {
            "type": "bar", "orientation": "h", "name": said(version), "y": names, "x": [v[i] for v in kept.values()],
            "marker": {"color": SERIES[i % len(SERIES)]}, 
            "text": [f"{v[i]:,.4g}" if v[i] % 1 else f"{v[i]:,.0f}" for v in kept.values()], "textposition": "auto",
            "hovertemplate": "%{y}: %{x:,}<extra>" + said(version) + "</extra>",
            **({"customdata": [{"version": version, "where": {fact: label}} for label in kept]} if fact else {}),
        }
        for i, version in enumerate(versions)
    ]  # fmt: skip
    each = max(1, len(versions)) * 13 + 9
    first = ", ".join(f"{k} {' and '.join(f'{x:g}' for x in v)}" for k, v in list(kept.items())[:12])
    more = f"; {len(labels) - len(kept)} more values" if len(labels) > len(kept) else ""
    return spec_of(
        traces if kept else [],
        says=f"{title}: {first}{more}",
        name=title,
        xaxis=axis(unit, rangemode="tozero"),
        yaxis=axis("", autorange="reversed", type="category"),
        barmode="group",
        dragmode=False,
        showlegend=len(versions) > 1,
        height=90 + 20 * (len(versions) > 1) + each * max(len(kept), 1),
    )  # fmt: skip


def histogram(
    versions: Sequence[str],
    column: str,
    found: Sequence[Mapping[str, Any] | None],
    *,
    unit: str = "samples",
    fact: str = "",
) -> Spec:
    """How a number is spread: bars of one version, and of several a line each, in shares so that they compare.

    Parameters
    ----------
    found
        For each version ``edges`` (n + 1) and ``counts`` (n), or None where it has no such number.
    fact
        The fact that is counted: with a bar's range it selects the samples behind it; '' for none.
    """
    traces = []
    alone = sum(f is not None for f in found) == 1
    for i, (version, one) in enumerate(zip(versions, found, strict=True)):
        if one is None:
            continue
        edges, counts = np.asarray(one["edges"], float), np.asarray(one["counts"], float)
        bins = [{"from": float(a), "to": float(b), "open": True} for a, b in pairwise(edges.tolist())]
        if bins:
            del bins[-1]["open"]  # the last one holds the largest value too
        hover = [f"{a:.4g} to {b:.4g}" for a, b in pairwise(edges.tolist())]
        middle = (edges[:-1] + edges[1:]) / 2
        if alone:
            look = {
                "type": "bar",
                "textposition": "none",
                "width": np.diff(edges) * 0.96,
                "marker": {"color": SERIES[i % len(SERIES)]},
            }
        else:
            counts = 100 * counts / max(counts.sum(), 1)
            look = {"type": "scatter", "mode": "lines", "line": {**line_of(i), "shape": "hvh"}}
        traces.append(
            {
                "name": said(version),
                "x": middle,
                "y": counts,
                "text": hover,
                "hovertemplate": "%{text}: %{y:,.4~g}<extra>" + said(version) + "</extra>",
                **({"customdata": [{"version": version, "where": {fact: b}} for b in bins]} if fact else {}),
                **look,
            }
        )
    return spec_of(
        traces,
        says=f"Histogram of {column}",
        name=column,
        xaxis=axis(said(column)),
        yaxis=axis(unit if alone else _SHARE, rangemode="tozero"),
        dragmode="select",
        selectdirection="h",
        showlegend=not alone,
        height=280,
    )  # fmt: skip


def places(shares: Sequence[Sequence[float]]) -> Spec:
    """Where the centres of boxes lie in the picture, rows from the top."""
    grid = np.asarray(shares, float) * 100
    rows, columns = grid.shape
    cells = {
        "type": "heatmap", "name": "box centres", "z": grid, "colorscale": COUNTS, "zmin": 0, "xgap": 1, "ygap": 1,
        "x": (np.arange(columns) + 0.5) / columns * 100, "y": (np.arange(rows) + 0.5) / rows * 100,
        "colorbar": {"title": {"text": "boxes (%)"}},
        "hovertemplate": "%{x:.0f} % from the left, %{y:.0f} % from the top: %{z:.1f} % of the boxes<extra></extra>",
    }  # fmt: skip
    return spec_of(
        [cells],
        says="Where the centres of the boxes lie",
        name="box centres",
        xaxis=axis("from the left (% of the width)", showgrid=False),
        yaxis=axis("from the top (% of the height)", autorange="reversed", showgrid=False),
        height=300,
    )


def occurrence(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> Spec:
    """In how many samples two classes occur together; on the diagonal: the class at all."""
    names, table = told(classes), np.asarray(counts)
    share = table / np.maximum(np.diag(table)[:, None], 1)
    cells = {
        "type": "heatmap", "name": "together", "x": names, "y": names, "z": share, "zmin": 0, "zmax": 1,
        "colorscale": COUNTS, "showscale": False, "xgap": 1, "ygap": 1,
        "text": [[f"{v:,}" if v else "" for v in row] for row in table.tolist()],
        "texttemplate": "%{text}" if len(names) <= 20 else "",
        "hovertemplate": "%{text} samples with %{y} and %{x} (%{z:.0%} of those with %{y})<extra></extra>",
    }  # fmt: skip
    return spec_of(
        [cells],
        says="Samples in which two classes occur together",
        name="classes together",
        xaxis=axis("and", side="top", tickangle=-40, type="category", showgrid=False),
        yaxis=axis("samples with", autorange="reversed", type="category", showgrid=False),
        height=180 + 26 * max(len(names), 3),
    )


def gaps(versions: Sequence[str], found: Sequence[Mapping[str, Any] | None]) -> Spec:
    """Share of the readings that are missing, over the steps of a series."""
    traces = [
        {
            "type": "scatter", "mode": "lines", "name": said(version), "x": np.asarray(one["steps"], float),
            "y": 100 * np.asarray(one["missing"], float), "line": {**line_of(i), "shape": "hv"},
            "hovertemplate": "step %{x:,}: %{y:.1f} % missing<extra>" + said(version) + "</extra>",
        }
        for i, (version, one) in enumerate(zip(versions, found, strict=True))
        if one is not None
    ]  # fmt: skip
    return spec_of(
        traces,
        says="Missing readings over time",
        name="gaps",
        xaxis=axis("step"),
        yaxis=axis("missing readings (%)", rangemode="tozero"),
        showlegend=len(traces) > 1,
        height=280,
    )
