"""Drift: covering balls with the test points, distances to the nearest centre, and the looks of a stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .look import BAD, GOOD, SERIES, Spec, axis, said, spec_of

_CORNERS = 48  # of a circle


def balls(report: Mapping[str, Any]) -> Spec:
    """The covering balls of train, its samples, and the test points within and beyond the covering radius; both axes
    of the plane have one unit.

    Parameters
    ----------
    report
        ``centres``, ``radii``, ``train_xy``, ``test_xy``, ``distances``, ``radius`` as the drift plot has them.
    """
    centres, train, test = (np.asarray(report[k], float).reshape(-1, 2) for k in ("centres", "train_xy", "test_xy"))
    radii = np.asarray(report["radii"], float)
    far, radius = np.asarray(report["distances"], float), report["radius"]
    known = radius is not None and len(far) == len(test)
    beyond = far > radius if known else np.zeros(len(test), bool)
    traces = []
    if len(centres):
        reach = radii[np.minimum(np.arange(len(centres)), len(radii) - 1)] if len(radii) else np.zeros(len(centres))
        turn = np.linspace(0, 2 * np.pi, _CORNERS)
        ring = centres[:, None] + reach[:, None, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        rings = np.concatenate([ring, np.full((len(centres), 1, 2), np.nan)], axis=1).reshape(-1, 2)
        traces.append(
            {
                "type": "scatter", "mode": "lines", "name": "covering balls of train", "hoverinfo": "skip",
                "x": rings[:, 0], "y": rings[:, 1], "line": {"color": SERIES[0], "width": 1},
                "fill": "toself", "fillcolor": "rgba(0,114,178,0.07)", "connectgaps": False,
            }
        )  # fmt: skip
    for name, points, look, kept in (
        ("train", train, {"color": SERIES[0], "symbol": "circle", "size": 4, "opacity": 0.5}, None),
        ("test, within the covering radius", test[~beyond], {"color": GOOD, "symbol": "square", "size": 6}, ~beyond),
        ("test, beyond the covering radius", test[beyond], {"color": BAD, "symbol": "x", "size": 7}, beyond),
        ("centres of train", centres, {"color": SERIES[0], "symbol": "cross", "size": 9}, None),
    ):
        if len(points):
            traces.append(
                {
                    "type": "scatter", "mode": "markers", "name": name, "x": points[:, 0], "y": points[:, 1],
                    "marker": look, "hovertemplate": "%{x:.3~g}, %{y:.3~g}<extra>" + name + "</extra>",
                    **({"customdata": np.flatnonzero(kept).tolist()} if kept is not None else {}),
                }
            )  # fmt: skip
    return spec_of(
        traces,
        says=f"{len(centres)} covering balls, {len(test)} test points, {int(beyond.sum())} outside",
        name="covering balls",
        xaxis=axis("first axis of the plane"),
        yaxis=axis("second axis of the plane", scaleanchor="x"),
        height=380,
        dragmode="zoom",
        showlegend=True,
    )


def distances(report: Mapping[str, Any]) -> Spec:
    """How far the test points lie from the nearest centre of train, and the paper's covering radius."""
    values, radius = np.asarray(report["distances"], float), report["radius"]
    high = max([*values[np.isfinite(values)].tolist(), radius or 0.0, 1e-12]) * 1.05
    bins = int(np.clip(np.sqrt(len(values)) * 1.5, 8, 40))
    edges, held = np.linspace(0, high, bins + 1), values
    if radius is not None and radius > 0:  # no bar lies on both sides of it; what lies on it is within
        below = int(np.clip(round(bins * radius / high), 1, bins - 1))
        edges = np.append(np.linspace(0, radius, below + 1), np.linspace(radius, high, bins - below + 1)[1:])
        held = np.where(values > radius, values, np.minimum(values, np.nextafter(radius, 0)))
    counts, _ = np.histogram(held, bins=edges)
    middle, wide = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    beyond = middle > radius if radius is not None else np.zeros(len(middle), bool)
    traces = [
        {
            "type": "bar", "name": name, "x": middle[which], "y": counts[which], "width": wide[which],
            "marker": {"color": colour}, "customdata": np.column_stack([edges[:-1], edges[1:]])[which].tolist(),
            "hovertemplate": "%{customdata[0]:.3~g} to %{customdata[1]:.3~g}: %{y:,} samples<extra></extra>",
        }
        for name, which, colour in (("within", ~beyond, GOOD), ("beyond", beyond, BAD))
        if which.any() and len(values)
    ]  # fmt: skip
    out = int((values > radius).sum()) if radius is not None else 0
    more: dict[str, Any] = {}
    if radius is not None and len(values):
        dashed = {"dash": "dash", "width": 1.5, "color": "#888888"}
        place = {"xref": "x", "yref": "y domain", "x0": radius, "x1": radius, "y0": 0, "y1": 1}
        more["shapes"] = [{"type": "line", **place, "line": dashed}]
        right = radius > high * 0.6
        more["annotations"] = [
            {
                "x": radius, "y": 1, "xref": "x", "yref": "y domain", "showarrow": False, "yanchor": "top",
                "xanchor": "right" if right else "left", "text": f" paper's covering radius {radius:.3g} ",
            }
        ]  # fmt: skip
    return spec_of(
        traces,
        says=f"Histogram of {len(values)} distances to the nearest centre, {out} beyond the covering radius",
        name="distances",
        xaxis=axis("distance to the nearest centre (embedding units)", range=[0, high]),
        yaxis=axis("test samples"),
        barmode="overlay",
        dragmode="select",
        selectdirection="h",
        showlegend=True,
        height=380,
        **more,
    )


def looks(stream: Sequence[Mapping[str, Any]]) -> Spec:
    """The p value of each look beside the level that it may spend, and what was spent until then."""
    tests = [f"{i + 1}: {said(x['test'])}" for i, x in enumerate(stream)]
    drifted = [bool(x["verdicts"].get("calibrated", {}).get("drifted")) for x in stream]
    p = [None if x["p_value"] is None else max(float(x["p_value"]), 1e-16) for x in stream]
    mark = {"color": [BAD if d else GOOD for d in drifted], "symbol": ["x" if d else "circle" for d in drifted]}
    found = {
        "type": "scatter",
        "mode": "markers",
        "name": "p of the look",
        "x": tests,
        "y": p,
        "customdata": [x["test"] for x in stream],
        "marker": {**mark, "size": 10},
        "hovertemplate": "%{x}: p %{y:.2~g}<extra></extra>",
    }
    levels = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": tests,
            "y": [float(x[key]) for x in stream],
            "line": {"color": colour, "dash": dash, "width": 2},
            "hovertemplate": f"%{{y:.2~g}}<extra>{name}</extra>",
        }
        for name, key, dash, colour in (
            ("level of the look", "level", "solid", SERIES[0]),
            ("level spent so far", "spent", "dot", SERIES[3]),
        )
    ]
    return spec_of(
        [found, *levels],
        says=f"{len(stream)} looks, {sum(drifted)} of them drifted",
        name="looks",
        xaxis=axis("look", type="category"),
        yaxis=axis("p and level", type="log", exponentformat="e"),
        showlegend=True,
        height=300,
    )
