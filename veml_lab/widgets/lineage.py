"""Lineage graph: versions of the four kinds and what came from what."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import traitlets as t

from .._svg import COLOURS, INK, MUTED, NODE_KINDS, as_kind, picture, shape, short, tag, text
from ..errors import BadInput
from ._base import Drawing, script
from ._graph_folds import dress, folded
from ._layered import layered

_DRAWN = 120  # a static picture of more nodes than this is a smear: it shows the newest


class LineageGraph(Drawing):
    """Draw versions left to right, from what they were made of to what came of them.

    Parameters
    ----------
    nodes : list of dict
        ``{"id", "kind", "name", "created", "detail"}``; kind is data, model, training, inference, or
        metadata (drawn small). ``detail`` is a flat dict that the card of a clicked node shows; its
        ``summary`` is the second line of the node.
    edges : list of dict
        ``{"source", "target", "type"}`` and optionally ``operation``; source is the earlier one.
    selected : str
        ID of the chosen node, kept in step with the picture.
    height : int
        Pixels.
    metadata : bool
        Whether nodes of the kind metadata are drawn at the beginning; a button shows and hides them.

    Examples
    --------
    >>> from veml_lab.widgets import LineageGraph
    >>> LineageGraph([{"id": "a", "kind": "data", "name": "mnist"}], [])
    LineageGraph: 1 version (1 data), 0 edges
    """

    _esm = script("lineage")

    nodes = t.List(t.Dict()).tag(sync=True, ts="GraphNode[]")
    edges = t.List(t.Dict()).tag(sync=True, ts="GraphEdge[]")
    dress = t.Dict().tag(sync=True, ts="Dress")  # how names are shortened and what is folded; follows the two above
    selected = t.Unicode("").tag(sync=True)
    height = t.Int(420).tag(sync=True)
    metadata = t.Bool(True).tag(sync=True)

    def __init__(
        self,
        nodes: Sequence[dict[str, Any]] = (),
        edges: Sequence[dict[str, Any]] = (),
        *,
        selected: str = "",
        height: int = 420,
        **kwargs: Any,
    ) -> None:
        super().__init__(nodes=list(nodes), edges=list(edges), selected=selected, height=height, **kwargs)

    @t.observe("nodes", "edges")
    def _dress(self, _change: Any) -> None:
        self.dress = dress(self.nodes, self.edges)

    @t.validate("nodes")
    def _check_nodes(self, proposal: dict[str, Any]) -> list[dict[str, Any]]:
        for node in proposal["value"]:
            lacking = [k for k in ("id", "kind", "name") if k not in node]
            if lacking:
                raise BadInput(f"a node of the lineage graph lacks {', '.join(lacking)}: {short(repr(node), 80)}")
        return proposal["value"]

    def can_be(self, name: str, value: Any) -> bool:
        return value == "" or any(n["id"] == value for n in self.nodes)

    def describe(self) -> str:
        counts = {k: sum(n["kind"] == k for n in self.nodes) for k in NODE_KINDS}
        said = ", ".join(f"{c} {k}" for k, c in counts.items() if c)
        n = len(self.nodes)
        return f"LineageGraph: {n} version{'s' * (n != 1)} ({said or 'empty'}), {len(self.edges)} edges"

    def static_html(self) -> str:
        return lineage_svg(self.nodes, self.edges, says=self.describe())


def lineage_svg(
    nodes: Sequence[dict[str, Any]], edges: Sequence[dict[str, Any]], *, says: str = "Lineage graph"
) -> str:
    """The graph as a picture without script: names, folds and places as in the page."""
    nodes, edges = folded(nodes, edges)
    left_out = max(0, len(nodes) - _DRAWN)
    if left_out:
        nodes = sorted(nodes, key=lambda n: str(n.get("created", "")))[left_out:]
    index = {n["id"]: i for i, n in enumerate(nodes)}
    pairs = [
        (index[e["source"]], index[e["target"]], e) for e in edges if e["source"] in index and e["target"] in index
    ]
    wide, tall, margin = 180, 52, 20
    placed = layered(len(nodes), [(a, b) for a, b, _ in pairs])
    at = [(x + margin, y + margin) for x, y in zip(placed.x, placed.y, strict=True)]
    parts = []
    for (a, b, e), bends in zip(pairs, placed.bends, strict=True):
        (x0, y0), (x1, y1) = at[a], at[b]
        stops = [(x0 + wide, y0 + tall / 2)]
        for x, y in bends:  # straight through the layers between
            stops += [(x + margin, y + margin + tall / 2), (x + margin + wide, y + margin + tall / 2)]
        stops.append((x1 - 5, y1 + tall / 2))
        parts.append(
            tag(
                "path",
                tag("title", escape(str(e.get("type", "")))),
                d=_curve(stops),
                fill="none",
                stroke="#98a1ae",
                stroke_width=1.3,
            )
        )
        parts.append(tag("path", d=f"M{x1:.0f} {y1 + tall / 2:.0f}l-7 -4v8z", fill="#98a1ae"))
    for (x, y), node in zip(at, nodes, strict=True):
        parts += _card(node, x, y, wide, tall)
    width = 2 * margin + wide + max(placed.x, default=0.0)
    height = 2 * margin + tall + max(placed.y, default=0.0)
    if left_out:
        height += margin
        said = f"the newest {_DRAWN} of {_DRAWN + left_out} versions"
        parts.append(text(margin, height - 12, said, size=11, fill=MUTED))
    if not nodes:
        width, height = 320, 60
        parts.append(text(20, 35, "No versions yet.", fill=MUTED))
    return picture("".join(parts), width, height, says=says)


def _curve(stops: Sequence[tuple[float, float]]) -> str:
    (x, y), *others = stops
    said = [f"M{x:.0f} {y:.0f}"]
    for x1, y1 in others:
        m = (x + x1) / 2
        said.append(f"C{m:.0f} {y:.0f} {m:.0f} {y1:.0f} {x1:.0f} {y1:.0f}")
        x, y = x1, y1
    return "".join(said)


def _card(node: dict[str, Any], x: float, y: float, wide: float, tall: float) -> list[str]:
    """One node: its shape, its name in the lines that it was shortened to, what it says of itself, how many it is."""
    kind, members = as_kind(node["kind"]), node.get("members") or ()
    summary = (node.get("detail") or {}).get("summary") or f"{node['kind']} version"
    if str(node["id"]).startswith("fold:"):
        summary = f"{len(members)} {node['kind']} versions"
    box = {"x": float(x), "y": float(y), "width": wide, "height": tall, "rx": 7}
    *shared, own = node["lines"]
    rows = [*((s, 10, 400, MUTED) for s in shared), (own, 12, 600, INK), (short(str(summary), 27), 10, 400, MUTED)]
    top = y + tall / 2 - (len(rows) - 1) * 7 + 4
    out = [
        tag("rect", **box, fill="#fff"),
        tag("rect", **box, fill=COLOURS[kind], fill_opacity="0.1", stroke=COLOURS[kind]),
        shape(kind, x + 15, y + tall / 2, 6.5),
        *(
            text(x + 28, top + 14 * i, words, size=size, font_weight=weight, fill=colour)
            for i, (words, size, weight, colour) in enumerate(rows)
        ),
    ]
    if members:
        out.append(tag("rect", x=x + wide - 24.0, y=y - 8.0, width=30, height=16, rx=8, fill=COLOURS[kind]))
        out.append(text(x + wide - 9, y + 4, str(len(members)), size=10.5, fill="#fff", text_anchor="middle"))
    return out
