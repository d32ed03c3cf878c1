"""Lineage graph: versions of the four kinds and what came from what."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import traitlets as t

from .._svg import COLOURS, INK, MUTED, NODE_KINDS, as_kind, picture, shape, short, tag, text, told_apart
from ..errors import BadInput
from ._base import Drawing, script

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
    """The graph as a picture without script: layers by longest path, order by the mean of the parents."""
    left_out = max(0, len(nodes) - _DRAWN)
    if left_out:
        nodes = sorted(nodes, key=lambda n: str(n.get("created", "")))[left_out:]
    index = {n["id"]: i for i, n in enumerate(nodes)}
    pairs = [
        (index[e["source"]], index[e["target"]], e) for e in edges if e["source"] in index and e["target"] in index
    ]
    layers = _layers(len(nodes), [(a, b) for a, b, _ in pairs])
    wide, tall, gap_x, gap_y, margin = 168, 36, 250, 50, 20
    height = max((len(v) for v in layers), default=1) * gap_y + margin
    at: dict[int, tuple[float, float]] = {}
    for r, layer in enumerate(layers):
        top = (height - len(layer) * gap_y) / 2
        for k, i in enumerate(layer):
            at[i] = (margin + r * gap_x, top + k * gap_y + (gap_y - tall) / 2)
    names = told_apart([str(n["name"]) for n in nodes], 17)
    parts = []
    for a, b, e in pairs:
        x0, y0 = at[a][0] + wide, at[a][1] + tall / 2
        x1, y1 = at[b][0], at[b][1] + tall / 2
        m = (x0 + x1) / 2
        curve = f"M{x0:.0f} {y0:.0f}C{m:.0f} {y0:.0f} {m:.0f} {y1:.0f} {x1 - 5:.0f} {y1:.0f}"
        parts.append(
            tag(
                "path",
                tag("title", escape(str(e.get("type", "")))),
                d=curve,
                fill="none",
                stroke="#98a1ae",
                stroke_width=1.3,
            )
        )
        parts.append(tag("path", d=f"M{x1:.0f} {y1:.0f}l-7 -4v8z", fill="#98a1ae"))
    for i, node in enumerate(nodes):
        (x, y), kind = at[i], as_kind(node["kind"])
        summary = (node.get("detail") or {}).get("summary") or f"{node['kind']} version"
        parts += [
            tag("rect", x=x, y=y, width=wide, height=tall, rx=7, fill="#fff"),
            tag(
                "rect",
                x=x,
                y=y,
                width=wide,
                height=tall,
                rx=7,
                fill=COLOURS[kind],
                fill_opacity="0.1",
                stroke=COLOURS[kind],
            ),
            shape(kind, x + 16, y + tall / 2, 6.5),
            text(x + 30, y + 15, names[i], size=12, font_weight=600, fill=INK),
            text(x + 30, y + 28, short(str(summary), 26), size=10, fill=MUTED),
        ]
    width = margin * 2 + max(0, len(layers) - 1) * gap_x + wide
    if left_out:
        parts.append(
            text(margin, height - 6, f"the newest {_DRAWN} of {_DRAWN + left_out} versions", size=11, fill=MUTED)
        )
    if not nodes:
        width, height = 320, 60
        parts.append(text(20, 35, "No versions yet.", fill=MUTED))
    return picture("".join(parts), width, height, says=says)


def _layers(n: int, pairs: list[tuple[int, int]]) -> list[list[int]]:
    parents: list[list[int]] = [[] for _ in range(n)]
    children: list[list[int]] = [[] for _ in range(n)]
    for a, b in pairs:
        if a != b:
            parents[b].append(a)
            children[a].append(b)
    waiting = [len(p) for p in parents]
    rank = [0] * n
    queue = [i for i in range(n) if not waiting[i]]
    for i in queue:  # grows while it is read; nodes of a cycle never enter and stay in layer 0
        for b in children[i]:
            rank[b] = max(rank[b], rank[i] + 1)
            waiting[b] -= 1
            if not waiting[b]:
                queue.append(b)
    for i in reversed(queue):
        if not parents[i] and children[i]:
            rank[i] = max(0, min(rank[b] for b in children[i]) - 1)
    layers: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    place: dict[int, float] = {}
    for r, layer in enumerate(layers):
        members = [i for i in range(n) if rank[i] == r]
        members.sort(key=lambda i: sum(place.get(p, 0.0) for p in parents[i]) / max(1, len(parents[i])))
        layer += members
        place.update({i: k / max(1, len(members) - 1) for k, i in enumerate(members)})
    return layers
