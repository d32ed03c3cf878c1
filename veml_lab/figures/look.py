"""How every figure looks: colours that all readers tell apart, dashes and symbols beside them, a light and a dark
theme."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from plotly.graph_objects import Figure

Spec = dict[str, Any]

# Okabe and Ito, "Color universal design" (2008), without black and yellow: each is read on white and on dark grey.
# js/src/drawing/chart.ts takes the colours from the figure, so this is their only home.
SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#888888")
NEUTRAL = SERIES[-1]
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")  # five and seven share no factor: 35 lines before one repeats
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x")
GOOD, BAD = "#009E73", "#D55E00"  # what is right and what is not; never by colour alone
COUNTS = [[0.0, "rgba(0,114,178,0.06)"], [1.0, "rgba(0,114,178,1)"]]  # one hue, from nothing to much

_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # a name may hold them, a picture not


def said(words: object) -> str:
    """A name as it may stand in a figure: plotly reads some HTML and ``%{...}`` in labels, a name is text.

    >>> said("<b>a & b</b> %{x}")
    '&lt;b&gt;a &amp; b&lt;/b&gt; %&#123;x}'
    """
    text = _NO_TEXT.sub("\ufffd", str(words))
    for mark, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("{", "&#123;")):
        text = text.replace(mark, written)
    return text


def unsaid(words: str) -> str:
    """The name again.

    >>> unsaid(said("<b>a & b</b> %{x}"))
    '<b>a & b</b> %{x}'
    """
    for written, mark in (("&#123;", "{"), ("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&")):
        words = words.replace(written, mark)
    return words


def line_of(k: int) -> dict[str, Any]:
    """Colour and dash of the k-th line; its neighbours differ in both."""
    return {"color": SERIES[k % len(SERIES)], "dash": DASHES[k % len(DASHES)], "width": 2}


def marker_of(k: int, size: float = 7) -> dict[str, Any]:
    """Colour and symbol of the k-th group of points."""
    return {"color": SERIES[k % len(SERIES)], "symbol": SYMBOLS[k % len(SYMBOLS)], "size": size}


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with its title, which names the unit; room for the labels is made by plotly."""
    return {"title": {"text": title}, "automargin": True, **more}


def spec_of(
    traces: Sequence[Mapping[str, Any]], *, title: str = "", says: str = "", name: str = "", **layout: Any
) -> Spec:
    """A figure as plain values.

    Parameters
    ----------
    traces, layout
        As plotly takes them.
    title
        Above the figure; escaped here.
    says
        What a screen reader hears in place of the picture.
    name
        File name of a picture that is saved.
    """
    made: dict[str, Any] = {"meta": {"says": says or title, "name": name or "figure"}, **layout}
    if title:
        made["title"] = {"text": said(title)}
    return {"data": [dict(t) for t in traces], "layout": made}


def template(*, dark: bool = False) -> dict[str, Any]:
    """Plotly's template of this look; ``js/src/drawing/chart.ts`` makes the same from the colours of its page."""
    ink, grid, ground = ("#e6e6e6", "#3a3f48", "#181a1f") if dark else ("#1f2328", "#dfe3e8", "#ffffff")
    axis_look = {"gridcolor": grid, "zerolinecolor": grid, "linecolor": grid, "ticks": "outside", "tickcolor": grid}
    return {
        "layout": {
            "font": {"family": "system-ui, sans-serif", "size": 12, "color": ink},
            "paper_bgcolor": ground,
            "plot_bgcolor": ground,
            "colorway": list(SERIES),
            "xaxis": axis_look,
            "yaxis": axis_look,
            "hoverlabel": {"align": "left"},
            "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
            "margin": {"l": 60, "r": 20, "t": 50, "b": 50},
        }
    }


def figure_of(spec: Spec, *, dark: bool = False) -> Figure:
    """The figure as plotly's own object, with our template; every property is checked by plotly."""
    from plotly import graph_objects as go

    figure = go.Figure(spec)
    return figure.update_layout(template=template(dark=dark))


def packed(value: Any) -> Any:
    """A spec as JSON: arrays of numbers as plotly.js reads them from base64, NaN and infinity as null."""
    import numpy as np

    if isinstance(value, Mapping):
        return {str(k): packed(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, list | tuple):
        return [packed(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _array(value: np.ndarray) -> Any:
    import numpy as np

    if value.dtype.kind not in "fiu":
        return [packed(v) for v in value.tolist()]
    wanted = np.dtype("<f8") if value.dtype.kind == "f" or value.dtype.itemsize > 4 else value.dtype.newbyteorder("<")
    flat = np.ascontiguousarray(value, dtype=wanted)
    made: dict[str, Any] = {"dtype": wanted.str[1:], "bdata": base64.b64encode(flat.tobytes()).decode()}
    if value.ndim > 1:
        made["shape"] = ", ".join(map(str, value.shape))
    return made


def numbers(value: Any) -> np.ndarray:
    """Numbers of a spec as an array, whichever way they are written; None becomes NaN."""
    import numpy as np

    if isinstance(value, Mapping) and "bdata" in value:
        flat = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(str(value["dtype"])).newbyteorder("<"))
        shape = value.get("shape")
        return flat.reshape([int(n) for n in str(shape).split(",")]) if shape else flat
    return np.array(value, dtype=object if _is_words(value) else np.float64)


def _is_words(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(isinstance(v, str) for v in value)
