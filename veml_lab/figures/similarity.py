"""Distances between sets as a heat map in the order of their tree, which stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._svg import number
from .judged import told
from .look import Spec, axis, said, spec_of

NEAR = [[0.0, "rgba(0,128,110,1)"], [1.0, "rgba(0,128,110,0.05)"]]  # one hue: near is strong
_ACCENT = "#E69F00"

Matrix = Sequence[Sequence[float | None]]


def similarity(
    names: Sequence[str],
    measure: str,
    matrix: Matrix,
    *,
    order: Sequence[int] | None = None,
    tree: Sequence[Sequence[float]] = (),
    errors: Matrix | None = None,
) -> Spec:
    """A cell for each pair of sets, near ones strong; outlined is the nearest of each row.

    Parameters
    ----------
    matrix
        Distances; None where there is none. The diagonal is written but not coloured: a set is no neighbour of itself.
    order
        The sets in the order of rows and columns.
    tree
        Average linkage as SciPy writes it, drawn beside the rows: a join lies as far right as its sets are apart.
    errors
        Half the width of each value's interval.
    """
    n = len(names)
    order = list(range(n)) if order is None else list(order)
    labels = told([names[i] for i in order])
    z = np.array([[np.nan if matrix[i][j] is None or i == j else matrix[i][j] for j in order] for i in order], float)
    words = [[_words(matrix, errors, i, j) for j in order] for i in order]
    near = [int(np.nanargmin(row)) if np.isfinite(row).any() else -1 for row in z]
    cells = {
        "type": "heatmap",
        "name": measure,
        "x": labels,
        "y": labels,
        "z": z,
        "colorscale": NEAR,
        "xgap": 2,
        "ygap": 2,
        "text": words,
        "texttemplate": "%{text}" if n <= 16 else "",
        "colorbar": {"title": {"text": f"{said(measure)} (distance)"}, "x": 1.02, "len": 0.9},
        "customdata": [[[names[i], names[j]] for j in order] for i in order],
        "hoverinfo": "text",
        "hovertext": [
            [
                f"{said(names[i])} – {said(names[j])}: {words[r][c].replace('<br>', ' ')}"
                + (", nearest of its row" if near[r] == c else "")
                for c, j in enumerate(order)
            ]
            for r, i in enumerate(order)
        ],
    }
    outline = {"type": "rect", "xref": "x", "yref": "y", "line": {"color": _ACCENT, "width": 2.5}}
    shapes = [
        {**outline, "x0": c - 0.46, "x1": c + 0.46, "y0": r - 0.46, "y1": r + 0.46}
        for r, c in enumerate(near)
        if c >= 0
    ]
    own = [
        {"x": k, "y": k, "xref": "x", "yref": "y", "showarrow": False, "text": words[k][k], "opacity": 0.7}
        for k in range(n)
        if n <= 16
    ]
    traces = [cells] if n else []
    more: dict[str, Any] = {}
    if n > 1 and len(tree) == n - 1:
        traces.append(_branches(tree, order))
        more["xaxis2"] = {"domain": [0.85, 0.98], "anchor": "y2", "visible": False, "fixedrange": True}
        more["yaxis2"] = {"range": [n - 0.5, -0.5], "anchor": "x2", "visible": False, "fixedrange": True}
    return spec_of(
        traces,
        says=f"{measure} distance between {n} sets; outlined: the nearest of each row",
        name=f"similarity {measure}",
        xaxis=axis(
            "", side="top", tickangle=-40, type="category", showgrid=False, domain=[0, 0.84] if more else [0, 1]
        ),
        yaxis=axis("", type="category", showgrid=False, range=[n - 0.5, -0.5]),
        shapes=shapes,
        annotations=own,
        showlegend=False,
        dragmode=False,
        height=150 + n * (46 if n <= 8 else 34 if n <= 16 else 24),
        **more,
    )


def _words(matrix: Matrix, errors: Matrix | None, i: int, j: int) -> str:
    value, half = matrix[i][j], errors[i][j] if errors else None
    if value is None:
        return "–"
    sure = not half or half <= 1e-3 * abs(value)  # less than the figures shown is noise
    return number(value) + ("" if sure or half is None else f"<br>± {number(half)}")


def _branches(tree: Sequence[Sequence[float]], order: Sequence[int]) -> dict[str, object]:
    """The tree as one line: from the leaves at the left to the root at the right."""
    n = len(order)
    at = [(0.0, 0.0)] * n
    for place, i in enumerate(order):
        at[i] = (0.0, float(place))
    x: list[float | None] = []
    y: list[float | None] = []
    for left, right, height, *_ in tree:
        (xa, ya), (xb, yb) = at[int(left)], at[int(right)]
        x += [xa, height, height, xb, None]
        y += [ya, ya, yb, yb, None]
        at.append((float(height), (ya + yb) / 2))
    look = {"color": "#888888", "width": 1.2}
    return {
        "type": "scatter", "mode": "lines", "name": "tree", "meta": {"role": "tree"}, "x": x, "y": y,
        "xaxis": "x2", "yaxis": "y2", "line": look, "hoverinfo": "skip", "connectgaps": False,
    }  # fmt: skip
