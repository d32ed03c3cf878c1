"""Several figures as one, side by side or below each other: what a person saves or restyles as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .look import Spec, said

PANE_PX = 260
_GAP_PX = 90


def together(specs: Mapping[str, Spec], *, columns: int = 1, title: str = "") -> Spec:
    """One figure of several, each with its own axes under its name; a name in the legend stands there once.

    Parameters
    ----------
    specs
        By their titles; figures of x and y axes.
    columns
        Side by side; more than so many go below.
    """
    rows = -(-len(specs) // columns)
    pane = max([PANE_PX, *(s["layout"].get("height", 0) - 130 for s in specs.values())])
    height = 120 + rows * pane + max(0, rows - 1) * _GAP_PX
    layout: dict[str, Any] = {"height": height, "annotations": [], "shapes": [], "meta": {"says": title, "name": ""}}
    data: list[dict[str, Any]] = []
    named: set[str] = set()
    inner = height - 120
    for k, (name, spec) in enumerate(specs.items()):
        row, column = divmod(k, columns)
        width = (1 - 0.12 * (columns - 1)) / columns
        left = column * (width + 0.12)
        top = 1 - row * (pane + _GAP_PX) / max(inner, 1)
        box = ([left, left + width], [max(0.0, top - pane / max(inner, 1)), top])
        n = "" if k == 0 else str(k + 1)
        for side, domain, other in (("x", box[0], "y"), ("y", box[1], "x")):
            own = dict(spec["layout"].get(f"{side}axis", {}))
            layout[f"{side}axis{n}"] = {**own, "domain": domain, "anchor": f"{other}{n}"}
            if "scaleanchor" in own:
                layout[f"{side}axis{n}"]["scaleanchor"] = f"{other}{n}"
        for trace in spec["data"]:
            made = {**trace, "xaxis": f"x{n}", "yaxis": f"y{n}"}
            group = trace.get("legendgroup")
            if group:
                made["showlegend"] = bool(trace.get("showlegend", True)) and group not in named
                if made["showlegend"]:
                    named.add(group)
            data.append(made)
        for kind in ("shapes", "annotations"):
            for one in spec["layout"].get(kind, ()):
                layout[kind].append({**one, **_moved(one, n)})
        for key in ("barmode", "hovermode", "dragmode"):
            if key in spec["layout"]:
                layout.setdefault(key, spec["layout"][key])
        layout["annotations"].append(
            {
                "text": said(name), "showarrow": False, "xref": "paper", "yref": "paper", "x": left, "y": top,
                "xanchor": "left", "yanchor": "bottom", "font": {"size": 14},
            }
        )  # fmt: skip
    if title:
        layout["title"] = {"text": said(title)}
    return {"data": data, "layout": layout}


def _moved(one: Mapping[str, Any], n: str) -> dict[str, str]:
    """Where a shape or a note is anchored, in the axes of its new place."""
    return {
        ref: re.sub(r"^([xy])(?= |$)", rf"\g<1>{n}", one[ref])
        for ref in ("xref", "yref")
        if isinstance(one.get(ref), str) and one[ref] != "paper"
    }
