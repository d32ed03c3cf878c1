"""A part of the version graph around one version, which draws itself."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..storage.border import public
from ..versions import display
from ..versions.any_version import AnyVersion, version_of
from ..versions.graph import Graph
from ..versions.node import VERSION_KINDS, Edge, Node
from ..versions.store import VersionStore
from .reach import edges_within, reach_from, shortest_paths

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np

    from .answers import Answer
    from .differences import Changes
    from .impact import Impact

SHOWN = 400  # lines of the tree in a terminal


@public
class Lineage:
    """A part of the graph around one version (or all of it), which draws itself.

    It is found as positions in the graph; nodes and edges are made when they are asked for, so that the ancestors
    of one among a million versions take milliseconds.

    Attributes
    ----------
    graph
        The graph at the moment of the question.
    positions : ndarray, shape (n,)
        Of its nodes, in the order in which they were made.
    """

    def __init__(self, store: VersionStore, focus: Node | None = None, *, direction: str = "both") -> None:
        import numpy as np

        if direction not in ("both", "ancestors", "descendants"):
            raise BadInput(f"direction must be both, ancestors or descendants, got {direction!r}")
        self.store, self.focus, self.graph = store, focus, store.graph()
        if focus is None:
            self.positions: np.ndarray = self.graph.positions()
            return
        at = self.graph.position(focus)
        sides = [back for back, name in ((True, "ancestors"), (False, "descendants")) if direction in ("both", name)]
        inside = np.zeros(len(self.graph), bool)
        inside[at] = True
        for back in sides:
            inside[reach_from(self.graph, at, back=back)] = True
        self.positions = np.flatnonzero(inside)

    def __len__(self) -> int:
        return len(self.positions)

    @functools.cached_property
    def nodes(self) -> list[Node]:
        """The versions as nodes, in the order in which they were made."""
        return self.graph.nodes_at(self.positions)

    @functools.cached_property
    def edge_rows(self) -> np.ndarray:
        """Indices of the edges between the nodes (:attr:`~veml_lab.versions.graph.Graph.ends`)."""
        return edges_within(self.graph, self.positions)

    @functools.cached_property
    def edges(self) -> list[Edge]:
        """The edges between the nodes."""
        return self.graph.edges_at(self.edge_rows)

    def of_kind(self, kind: str) -> list[AnyVersion]:
        """The versions of one kind in it."""
        import numpy as np

        at = np.intersect1d(self.positions, self.graph.positions(kind), assume_unique=True)  # type: ignore[arg-type]
        return [version_of(self.store, n) for n in self.graph.nodes_at(at)]

    def path(self, start: str, end: str) -> list[AnyVersion]:
        """A shortest chain of versions from one to another, by name or ID; empty where there is none."""
        found = self.paths(start, end, most=1)
        return found[0] if found else []

    def paths(self, start: str, end: str, *, most: int = 100) -> list[list[AnyVersion]]:
        """All shortest chains of versions from one to another, by name or ID; at most ``most`` of them."""
        ways = shortest_paths(self.graph, self.graph.position(start), self.graph.position(end), most=most)
        return [[version_of(self.store, n) for n in self.graph.nodes_at(way)] for way in ways]

    def ask(self, question: str) -> Answer:
        """Answer a question about the focus by name: ``"data"``, ``"deployments"``, ``"how-made"`` ...
        (:func:`~.questions.questions`)."""
        from .questions import ask

        return ask(self.store, question, self._about())

    def impact(self) -> Impact:
        """What depends on the focus, and which numbers are at risk with it."""
        from .impact import impact

        return impact(self.store, self._about())

    def changed(self, other: str) -> Changes:
        """What changed from the focus to another version of its kind: samples, recipe, hyper-parameters, numbers."""
        from .differences import changed

        return changed(self.store, self._about().id, other)

    def relation(self, other: str) -> Answer:
        """How the focus and another version are related: the ways between them, or what both come from."""
        from .questions import relations

        return relations(self.store, self._about().id, other)

    def seen_by(self, sample: str | int) -> Answer:
        """Which versions of the lab have seen a sample, by uri, file or ID."""
        from .samples import seen_by

        return seen_by(self.store, sample)

    def came_of(
        self,
        *,
        commit: str | None = None,
        cell: str | None = None,
        script: str | None = None,
        file: str | None = None,
    ) -> Answer:
        """Which versions of the lab came of a commit, a cell, a script or a file (:func:`~.made_from.came_of`)."""
        from .made_from import came_of

        return came_of(self.store, commit=commit, cell=cell, script=script, file=file)

    def _about(self) -> Node:
        if self.focus is None:
            raise BadInput("this is the lineage of the whole lab; ask about one version: lab.lineage(NAME)")
        return self.focus

    def to_networkx(self) -> nx.MultiDiGraph:
        """The exchange form; nodes carry name, kind, created; edges carry type and operation."""
        from .exchange import networkx_of

        return networkx_of(self)

    def write_graphml(self, path: str | Path, *, provenance: bool = False) -> Path:
        """Write it as a GraphML file, which yEd, Gephi, Cytoscape and networkx read.

        ``provenance`` writes with each version how it was made: code, packages, machine; look at ``version.how()``
        before that leaves the lab.
        """
        from .exchange import write_graphml

        return write_graphml(self, path, self._how() if provenance else {})

    def write_openlineage(self, path: str | Path, *, provenance: bool = False) -> Path:
        """Write it as OpenLineage events, one JSON object a line (:mod:`veml_lab.lineage.openlineage`);
        ``provenance`` as in :meth:`write_graphml`."""
        from .openlineage import write_events

        return write_events(self.store.folder.name, self, path, self._how() if provenance else {})

    def _how(self) -> dict[str, dict[str, Any]]:
        """How each version was made, by its ID."""
        return {n.id: version_of(self.store, n).how().to_dict() for n in self.nodes}

    def to_dict(self) -> dict[str, Any]:
        """Nodes and edges as plain values: what ``veml lineage --json`` prints."""
        return {
            "focus": self.focus.name if self.focus else None,
            "nodes": [
                {"id": n.id, "kind": n.kind, "name": n.name, "created": n.created.isoformat()} for n in self.nodes
            ],
            "edges": [
                {"source": e.src, "target": e.dst, "type": e.type, "operation": e.props.get("operation")}
                for e in self.edges
            ],
        }

    def __repr__(self) -> str:
        """A tree for the terminal: ancestors of the focus, the nearest first."""
        kinds = self.graph.kinds_at(self.positions)
        head = ", ".join(f"{kinds[k]} {k}" for k in VERSION_KINDS if kinds.get(k))
        lines = [f"lineage of {self.focus.name}: {head}" if self.focus else f"lineage: {head}"]
        if self.focus:
            lines += _tree(self.graph, self.focus, set(self.positions.tolist()))
        else:
            shown = self.graph.edges_at(self.edge_rows[:40])
            lines += [
                f"  {self.graph.nodes[e.src].name} -> {self.graph.nodes[e.dst].name}  ({_label(e)})" for e in shown
            ]
            if len(self.edge_rows) > 40:
                lines.append(f"  ... {len(self.edge_rows) - 40:,} more edges")
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("lineage", self)


def _label(edge: Edge) -> str:
    operation = edge.props.get("operation")
    return f"{edge.type}: {operation}" if operation else edge.type


def _tree(graph: Graph, focus: Node, keep: set[int]) -> list[str]:
    """The ancestors as a tree; a version that stands twice is unfolded once. By a list of its own: lineages are
    deep."""
    into, rows = graph.incidence(back=True)

    def above(position: int) -> list[tuple[Edge, int]]:
        found = [int(r) for r in rows[into[position] : into[position + 1]] if int(graph.ends[0][r]) in keep]
        return list(zip(graph.edges_at(found), graph.ends[0][found].tolist(), strict=True)) if found else []

    start = graph.position(focus)
    lines, shown = [f"{focus.kind:<10} {focus.name}"], {start}
    left = [(e, p, "", i == 0) for i, (e, p) in enumerate(reversed(above(start)))]  # the last is drawn first
    while left:
        edge, position, indent, last = left.pop()
        if len(lines) > SHOWN:
            lines.append(f"... {len(keep - shown):,} more versions")
            break
        node, parents = graph.node(position), above(position)
        again = " (above)" if position in shown and parents else ""
        lines.append(f"{indent}{'└─' if last else '├─'} {_label(edge)}: {node.kind} {node.name}{again}")
        if position not in shown:
            shown.add(position)
            below = indent + ("   " if last else "│  ")
            left += [(e, p, below, i == 0) for i, (e, p) in enumerate(reversed(parents))]
    return lines
