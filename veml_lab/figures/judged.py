"""What a model got right and wrong: the confusion matrix, the kinds of error, precision over recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .._svg import short
from .look import BAD, Spec, axis, line_of, said, spec_of

MOST = 60  # classes of a matrix; a screen holds no more
_LETTERS = 22
# wrong is vermillion, right blue, none the ground: shares below zero stand for what was taken for something else
RIGHT_AND_WRONG = [[0.0, "rgba(213,94,0,1)"], [0.5, "rgba(128,128,128,0.06)"], [1.0, "rgba(0,114,178,1)"]]


def shown_classes(matrix: np.ndarray) -> list[int]:
    """The classes that are drawn, in their order: those with the most errors where there are too many."""
    n = len(matrix)
    if n <= MOST:
        return list(range(n))
    wrong = matrix.sum(axis=0) + matrix.sum(axis=1) - 2 * np.diag(matrix)
    return sorted(np.argsort(-wrong, kind="stable")[:MOST].tolist())


def confusion(
    classes: Sequence[str],
    matrix: np.ndarray,
    *,
    title: str = "",
    shares: bool = False,
    about: Mapping[str, Any] | None = None,
) -> Spec:
    """A cell for each pair of truth (row) and prediction (column), as strong as its share of the row.

    Parameters
    ----------
    matrix : int array, shape (n, n)
        Counts; row = truth.
    shares
        Whether the cells say their share of the row in % rather than their count.
    about
        What was counted: with the pair of a cell it selects the samples of that cell.
    """
    kept = shown_classes(matrix)
    names = told([classes[i] for i in kept])
    counts = np.asarray(matrix)[np.ix_(kept, kept)]
    part = counts / np.maximum(np.asarray(matrix)[kept].sum(axis=1, keepdims=True), 1)
    strength = np.where(np.eye(len(kept), dtype=bool), part, -part)
    words = np.round(100 * part).astype(int) if shares else counts
    pairs = [[(classes[i], classes[j]) for j in kept] for i in kept]
    cells = {
        "type": "heatmap",
        "name": "confusion",
        "x": names,
        "y": names,
        "z": np.sign(strength) * np.abs(strength) ** 0.6,  # small shares are the ones looked for
        "zmin": -1,
        "zmax": 1,
        "colorscale": RIGHT_AND_WRONG,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "text": [[f"{v:,}" if v else "" for v in row] for row in words.tolist()],
        "texttemplate": "%{text}" if len(kept) <= 30 else "",
        "customdata": [[{**(about or {}), "where": {"confused": [t, p]}} for t, p in row] for row in pairs],
        "hoverinfo": "text",
        "hovertext": [
            [
                f"{said(t)} taken for {said(p)}: {n:,} ({100 * share:.1f} %)"
                for (t, p), n, share in zip(row, own, shares_, strict=True)
            ]
            for row, own, shares_ in zip(pairs, counts.tolist(), part.tolist(), strict=True)
        ],
    }
    side = 110 + 30 * len(kept) if len(kept) <= 20 else 130 + 18 * len(kept)
    return spec_of(
        [cells] if kept else [],
        title=title,
        says=f"{int(np.trace(matrix)):,} of {int(np.sum(matrix)):,} right; rows are the truth, columns the prediction",
        name="confusion",
        xaxis=axis("predicted", side="top", tickangle=-40, type="category", showgrid=False),
        yaxis=axis("truth", autorange="reversed", type="category", showgrid=False),
        height=max(260, side) + 70,
        dragmode=False,
    )


def kinds(counts: Mapping[str, int], *, about: Mapping[str, Any] | None = None) -> Spec:
    """How many errors there are of each kind; ``about`` as for :func:`confusion`."""
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": "errors",
        "y": [said(k) for k in counts],
        "x": list(counts.values()),
        "text": [f"{v:,}" for v in counts.values()],
        "textposition": "auto",
        "marker": {"color": BAD},
        "customdata": [{**(about or {}), "where": {"error": kind}} for kind in counts],
        "hovertemplate": "%{y}: %{x:,}<extra></extra>",
    }
    return spec_of(
        [bars] if counts else [],
        says=", ".join(f"{v:,} {k}" for k, v in counts.items()),
        name="kinds of error",
        xaxis=axis("errors", rangemode="tozero"),
        yaxis=axis("", autorange="reversed", type="category"),
        height=110 + 34 * max(len(counts), 1),
        showlegend=False,
        dragmode=False,
    )


def precision_recall(curves: Mapping[str, Sequence[float]], recalls: Sequence[float]) -> Spec:
    """Precision at each recall, one line a class: the best precision at that recall or beyond, as AP counts it.

    Parameters
    ----------
    curves
        By class a precision for each of the recalls; a class without objects is left out by the caller.
    """
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"{said(name)} (AP {float(np.mean(values)):.3f})",
            "meta": {"run": name, "role": "line"},
            "x": np.asarray(recalls, float),
            "y": np.asarray(values, float),
            "line": {**line_of(k), "shape": "hv"},
            "hovertemplate": f"recall %{{x:.2f}}, precision %{{y:.3f}}<extra>{said(name)}</extra>",
        }
        for k, (name, values) in enumerate(curves.items())
    ]
    return spec_of(
        lines,
        says="Precision over recall: " + ", ".join(f"{n} AP {float(np.mean(v)):.3f}" for n, v in curves.items()),
        name="precision and recall",
        xaxis=axis("recall (share of the objects)", range=[0, 1.01]),
        yaxis=axis("precision (share of the detections)", range=[0, 1.03]),
        showlegend=True,
        height=340,
    )


def told(names: Sequence[str]) -> list[str]:
    """Names as categories of an axis: short, and still one for each."""
    out: list[str] = []
    for name in names:
        cut = short(str(name), _LETTERS)
        k = 2
        while said(cut) in out:
            cut, k = f"{short(str(name), _LETTERS - 4)} ({k})", k + 1
        out.append(said(cut))
    return out
