"""Questions to the graph of versions: ancestors, descendants, paths; networkx as the exchange form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .errors import BadInput
from .versions import display
from .versions.data import DataVersion
from .versions.graph import KINDS, Graph, Node
from .versions.inference import InferenceVersion
from .versions.model import ModelVersion
from .versions.store import VersionStore
from .versions.training import TrainingVersion

if TYPE_CHECKING:
    import networkx as nx

AnyVersion = DataVersion | ModelVersion | TrainingVersion | InferenceVersion
_CLASSES: dict[str, Any] = {
    "data": DataVersion, "model": ModelVersion, "training": TrainingVersion, "inference": InferenceVersion,
}  # fmt: skip


def version_of(store: VersionStore, node: Node) -> AnyVersion:
    """The version object of a node."""
    return _CLASSES[node.kind](store, node)


def reach(graph: Graph, start: str, *, back: bool) -> list[str]:
    """IDs of all ancestors (``back``) or descendants of a node, nearest first, without itself."""
    seen = {start: None}
    frontier = [start]
    while frontier:
        nxt = []
        for i in frontier:
            for e in graph.into[i] if back else graph.out[i]:
                j = e.src if back else e.dst
                if j not in seen:
                    seen[j] = None
                    nxt.append(j)
        frontier = nxt
    return [i for i in seen if i != start]


class Lineage:
    """A part of the graph around one version (or all of it), which draws itself.

    Attributes
    ----------
    nodes
        In the order in which they were made.
    edges
        Those between the nodes.
    """

    def __init__(self, store: VersionStore, focus: Node | None = None, *, direction: str = "both") -> None:
        if direction not in ("both", "ancestors", "descendants"):
            raise BadInput(f"direction must be both, ancestors or descendants, got {direction!r}")
        graph = store.graph()
        self.store, self.focus = store, focus
        if focus is None:
            keep: Iterable[str] = graph.nodes
        else:
            keep = {focus.id}
            if direction in ("both", "ancestors"):
                keep |= set(reach(graph, focus.id, back=True))
            if direction in ("both", "descendants"):
                keep |= set(reach(graph, focus.id, back=False))
        kept = set(keep)
        self.nodes = [n for n in graph.nodes.values() if n.id in kept]
        self.edges = [e for e in graph.edges if e.src in kept and e.dst in kept]

    def of_kind(self, kind: str) -> list[AnyVersion]:
        """The versions of one kind in it."""
        return [version_of(self.store, n) for n in self.nodes if n.kind == kind]

    def to_networkx(self) -> nx.MultiDiGraph:
        """The exchange form; nodes carry name, kind, created; edges carry type."""
        import networkx as nx

        g = nx.MultiDiGraph()
        for n in self.nodes:
            g.add_node(n.id, name=n.name, kind=n.kind, created=n.created.isoformat())
        for e in self.edges:
            g.add_edge(e.src, e.dst, type=e.type, operation=str(e.props.get("operation", "")))
        return g

    def path(self, start: str, end: str) -> list[AnyVersion]:
        """A shortest chain of versions from one to another, by name or ID; empty where there is none."""
        import networkx as nx

        graph = self.store.graph()
        try:
            ids = nx.shortest_path(self.to_networkx(), graph.find(start).id, graph.find(end).id)
        except nx.NetworkXNoPath:
            return []
        return [version_of(self.store, graph.nodes[i]) for i in ids]

    def to_dict(self) -> dict[str, Any]:
        """Nodes and edges as plain values: what ``veml lineage --json`` prints."""
        return {
            "focus": self.focus.name if self.focus else None,
            "nodes": [{"id": n.id, "kind": n.kind, "name": n.name, "created": n.created.isoformat()} for n in self.nodes],
            "edges": [
                {"source": e.src, "target": e.dst, "type": e.type, "operation": e.props.get("operation")}
                for e in self.edges
            ],
        }  # fmt: skip

    def __repr__(self) -> str:
        """A tree for the terminal: ancestors of the focus, the nearest first."""
        counts = {k: sum(n.kind == k for n in self.nodes) for k in KINDS}
        head = ", ".join(f"{v} {k}" for k, v in counts.items() if v)
        lines = [f"lineage of {self.focus.name}: {head}" if self.focus else f"lineage: {head}"]
        if self.focus:
            lines += _tree(self.store.graph(), self.focus.id, {n.id for n in self.nodes})
        else:
            names = {n.id: n.name for n in self.nodes}
            lines += [f"  {names[e.src]} -> {names[e.dst]}  ({_label(e)})" for e in self.edges[:40]]
            if len(self.edges) > 40:
                lines.append(f"  ... {len(self.edges) - 40} more edges")
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return display.draw("lineage", self)


def _label(edge: Any) -> str:
    operation = edge.props.get("operation")
    return f"{edge.type}: {operation}" if operation else edge.type


def _tree(graph: Graph, start: str, keep: set[str]) -> list[str]:
    lines: list[str] = [f"{graph.nodes[start].kind:<10} {graph.nodes[start].name}"]
    shown: set[str] = {start}

    def below(i: str, indent: str) -> None:
        parents = [e for e in graph.into[i] if e.src in keep]
        for at, e in enumerate(parents):
            last = at == len(parents) - 1
            n = graph.nodes[e.src]
            again = " (above)" if n.id in shown and graph.into[n.id] else ""
            lines.append(f"{indent}{'└─' if last else '├─'} {_label(e)}: {n.kind} {n.name}{again}")
            if n.id not in shown:
                shown.add(n.id)
                below(n.id, indent + ("   " if last else "│  "))

    below(start, "")
    return lines
