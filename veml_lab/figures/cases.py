"""Bad cases: by week, and by what they are, the commonest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .look import DASHES, NEUTRAL, SERIES, Spec, axis, line_of, said, spec_of

MOST = 30  # values of a Pareto chart, and functions of a weekly one
OTHERS = "others"
FEW = 8  # occurrences up to which the axis has whole numbers alone


def by_week(
    weeks: Sequence[str],
    new: Sequence[int],
    again: Sequence[int],
    by_function: Mapping[str, Sequence[int]],
) -> Spec:
    """Occurrences by week: bars of what is new and what was known, a line for each function where there are several.

    A week without any is a bar of nothing and a point at zero, so that no line joins what is apart.
    """
    names = list(weeks)
    traces: list[dict[str, Any]] = [
        {
            "type": "bar", "name": name, "x": names, "y": list(counts), "marker": {"color": colour},
            "hovertemplate": "%{x}: %{y:,} " + name + "<extra></extra>",
        }
        for name, counts, colour in (("new cases", new, SERIES[1]), ("known cases", again, SERIES[0]))
    ]  # fmt: skip
    commonest = sorted(by_function, key=lambda f: -sum(by_function[f]))[: MOST if len(by_function) > 1 else 0]
    for k, function in enumerate(commonest):
        traces.append(
            {
                "type": "scatter", "mode": "lines+markers", "name": said(function), "x": names,
                "y": list(by_function[function]), "line": {**line_of(k + 2), "width": 1.5},
                "marker": {"size": 4}, "hovertemplate": "%{x}: %{y:,}<extra>" + said(function) + "</extra>",
            }
        )  # fmt: skip
    every = [a + b for a, b in zip(new, again, strict=True)]
    peak = f"; most in {names[every.index(max(every))]}: {max(every):,}" if names else ""
    return spec_of(
        traces if names else [],
        says=f"Bad cases by week: {sum(every):,} occurrences in {len(names)} weeks{peak}",
        name="bad cases by week",
        xaxis=axis("ISO week (UTC)", type="category"),
        yaxis=axis("occurrences", rangemode="tozero", **({"dtick": 1} if max(every, default=0) <= FEW else {})),
        barmode="stack",
        showlegend=True,
        height=320,
    )


def pareto(title: str, counts: Mapping[str, int], n: int) -> Spec:
    """How many cases each value has, the commonest first, and the share that they make up with those before."""
    ordered = sorted(counts.items(), key=lambda kv: -kv[1])
    shown = ordered[:MOST]
    if len(ordered) > MOST:
        shown.append((OTHERS, sum(c for _, c in ordered[MOST:])))
    names = [said(v or "(none)") for v, _ in shown]
    values = [c for _, c in shown]
    so_far = [sum(values[: i + 1]) / max(n, 1) * 100 for i in range(len(values))]
    traces = [
        {
            "type": "bar", "name": "cases", "x": names, "y": values, "marker": {"color": SERIES[0]},
            "text": [f"{v / max(n, 1):.1%}" for v in values], "textposition": "auto",
            "hovertemplate": "%{x}: %{y:,} (%{text})<extra></extra>",
        },
        {
            "type": "scatter", "mode": "lines+markers", "name": "with those before (%)", "x": names, "y": so_far,
            "yaxis": "y2", "line": {"color": NEUTRAL, "dash": DASHES[1], "width": 2},
            "hovertemplate": "up to %{x}: %{y:.1f} %<extra></extra>",
        },
    ]  # fmt: skip
    first = ", ".join(f"{v or '(none)'} {c / max(n, 1):.1%}" for v, c in shown[:8])
    return spec_of(
        traces if shown else [],
        says=f"{n:,} cases by {title}: {first}",
        name=f"cases by {title}",
        xaxis=axis(said(title), type="category"),
        yaxis=axis("cases", rangemode="tozero"),
        yaxis2=axis("%", overlaying="y", side="right", range=[0, 105], showgrid=False, tickmode="linear", dtick=25),
        showlegend=True,
        height=320,
    )
