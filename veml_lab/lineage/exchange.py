"""The graph for other tools: networkx in memory, GraphML as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..storage.whole import write_whole
from ..versions.facts import properties
from ..versions.node import Edge, Node

if TYPE_CHECKING:
    import networkx as nx


class Part(Protocol):
    """A part of the graph: what is handed to other tools."""

    @property
    def nodes(self) -> list[Node]: ...
    @property
    def edges(self) -> list[Edge]: ...


def networkx_of(lineage: Part) -> nx.MultiDiGraph:
    """Nodes carry name, kind, created; edges carry type and operation."""
    import networkx as nx

    g = nx.MultiDiGraph()
    g.add_nodes_from((n.id, {"name": n.name, "kind": n.kind, "created": n.created.isoformat()}) for n in lineage.nodes)
    g.add_edges_from(
        (e.src, e.dst, {"type": e.type, "operation": str(e.props.get("operation", ""))}) for e in lineage.edges
    )
    return g


def write_graphml(lineage: Part, path: str | Path, how: Mapping[str, Any] = {}) -> Path:
    """Write a GraphML file; props of nodes and edges go along as JSON texts, and ``how`` nodes were made, by their ID,
    where that is given.

    Raises
    ------
    LabError
        The file cannot be written.
    """
    import networkx as nx

    g = networkx_of(lineage)
    for n in lineage.nodes:
        g.nodes[n.id]["props"] = json.dumps(
            properties(n), sort_keys=True
        )  # ASCII: XML has no place for some characters
        if n.id in how:
            g.nodes[n.id]["how"] = json.dumps(how[n.id], sort_keys=True)
    seen: dict[tuple[str, str], int] = {}
    for e in lineage.edges:
        number = seen.get((e.src, e.dst), 0)  # networkx numbers parallel edges as they come
        seen[e.src, e.dst] = number + 1
        g.edges[e.src, e.dst, number]["props"] = json.dumps(dict(e.props), sort_keys=True)
    return write_whole(Path(path).expanduser(), "\n".join(nx.generate_graphml(g)) + "\n")
