"""The mappings that a graph gives: by ID, by name, around a node; nothing is made before it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .graph import Edge, Graph, Node


class NodesBy(Mapping[str, "Node"]):
    """Nodes by one of their text columns."""

    def __init__(self, graph: Graph, column: str) -> None:
        self._graph, self._column = graph, column

    def __getitem__(self, key: str) -> Node:
        at = self._graph._nodes.find(self._column, key)
        if at is None:
            raise KeyError(key)
        return self._graph.node(at)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._graph._nodes.find(self._column, key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._graph._nodes.column(self._column))

    def __len__(self) -> int:
        return len(self._graph)

    def values(self) -> Any:
        return self._graph.of_kind()

    def items(self) -> Any:
        return list(zip(self, self.values(), strict=True))


class EdgesAround(Mapping[str, "list[Edge]"]):
    """The edges on one side of each node."""

    def __init__(self, graph: Graph, *, back: bool) -> None:
        self._graph, self._back = graph, back

    def __getitem__(self, key: str) -> list[Edge]:
        at = self._graph._position_of_id(key)
        if at is None:
            raise KeyError(key)
        start, rows = self._graph.incidence(back=self._back)
        return self._graph.edges_at(rows[start[at] : start[at + 1]])

    def __iter__(self) -> Iterator[str]:
        return iter(self._graph.nodes)

    def __len__(self) -> int:
        return len(self._graph)


class AllEdges(Sequence["Edge"]):
    """All edges, made when they are looked at."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def __getitem__(self, at: Any) -> Any:
        rows = range(len(self))[at]
        return self._graph.edges_at(list(rows)) if isinstance(at, slice) else self._graph.edges_at([rows])[0]

    def __iter__(self) -> Iterator[Edge]:
        return iter(self._graph.edges_at(range(len(self))))

    def __len__(self) -> int:
        return len(self._graph._edges)
