"""Nodes and edges of the version graph, held in memory as columns.

A lab may hold millions of versions, so nothing here costs Python time per version until somebody asks for that
version: rows stay Arrow columns, neighbours come from index arrays, :class:`Node` and :class:`Edge` objects are
made when they are looked at, and their JSON is read from the catalog and parsed when a key of it is asked for.

Rows of the catalog are only ever added. So a graph is brought up to date by reading what came after its last row
(``graph_tail``), and an older graph that somebody holds stays what it was.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError, UnknownName
from .growing_rows import EDGES_FILE, NODES_FILE, Rows
from .node import VERSION_KINDS, Edge, Kind, Node, Props

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from scipy.sparse import csr_array

PAGE = 4096  # rows whose JSON is read together, where it was not read with the graph
SMALL = 16_384  # a graph with fewer rows is read with its JSON in one question
LARGE = 100_000  # a graph with more rows is kept as files
SHOWN = 10_000  # names that an error message is made from: looking for near ones among a million takes seconds


class Graph:
    """All versions of a lab at one revision: look-up by ID or name, neighbours, order.

    A node also has a position, 0 ... n-1 in the order in which versions were made; questions over large parts of
    the graph work on arrays of positions (:mod:`veml_lab.lineage`).

    Parameters
    ----------
    nodes
        Columns row (of the catalog), id, kind, name, created, props (null where not read yet).
    edges
        Columns row, src, dst (positions, int32), type, props.
    read
        Asks the catalog for JSON that was not read with the graph; ``read(question, first=, last=)``.
    """

    def __init__(self, nodes: Rows, edges: Rows, read: Callable[..., pa.Table] | None = None) -> None:
        self._nodes, self._edges = nodes, edges
        self._pages = functools.lru_cache(maxsize=64)(functools.partial(_page, read))
        self._read = read
        self._incidences: dict[bool, tuple[np.ndarray, np.ndarray]] = {}
        self._matrices: dict[tuple[bool, tuple[str, ...]], csr_array] = {}

    # -- reading -----------------------------------------------------------------------------------

    @classmethod
    def of(cls, nodes: Iterable[Node], edges: Iterable[Edge]) -> Graph:
        """A graph of given nodes and edges; edges to nodes that are not there are left out."""
        import pyarrow as pa

        n = list(nodes)
        where = {node.id: i for i, node in enumerate(n)}
        e = [x for x in edges if x.src in where and x.dst in where]
        return cls(
            Rows(
                pa.table(
                    {
                        "row": pa.array(range(len(n)), pa.int64()),
                        "id": pa.array([x.id for x in n], pa.string()),
                        "kind": pa.array([x.kind for x in n], pa.string()),
                        "name": pa.array([x.name for x in n], pa.string()),
                        "created": pa.array([x.created for x in n], pa.timestamp("us")),
                        "props": pa.array([json.dumps(dict(x.props)) for x in n], pa.string()),
                    }
                )
            ),
            Rows(
                pa.table(
                    {
                        "row": pa.array(range(len(e)), pa.int64()),
                        "src": pa.array([where[x.src] for x in e], pa.int32()),
                        "dst": pa.array([where[x.dst] for x in e], pa.int32()),
                        "type": pa.array([x.type for x in e], pa.string()),
                        "props": pa.array([json.dumps(dict(x.props)) for x in e], pa.string()),
                    }
                )
            ),
        )

    @classmethod
    def load(cls, read: Callable[..., pa.Table], cache: Path | None = None, *, write: bool = False) -> Graph:
        """Read all versions.

        A large graph comes without its JSON, which is read by pages when it is asked for. It is also kept in the
        folder ``cache`` (if ``write``), so that the next process reads what was committed since and no more.
        """
        from .cache_files import keep
        from .growing_rows import edges_of, kept_rows, nodes_of

        size = read("graph_size").to_pylist()[0]
        rows = size["nodes"] + size["edges"]
        base = kept_rows(cache) if cache is not None and rows > LARGE else []
        if base and rows - sum(map(len, base)) <= SMALL:
            grown = cls(base[0], base[1], read).grown()
            if grown is not None:
                return grown
        empty = cls.of([], [])
        graph = cls(empty._nodes, empty._edges, read)
        if rows > SMALL:
            edges = edges_of(read("graph_edges"))  # before the nodes: no edge leads to a node that is not read
            nodes, edges = nodes_of(read("graph_nodes"), edges)
            graph = cls(Rows(nodes), Rows(edges), read)
        if cache is not None and write and rows > LARGE:
            keep({cache / NODES_FILE: nodes, cache / EDGES_FILE: edges})
        grown = graph.grown()  # what was committed between the two questions comes with this one, at one moment
        return grown if grown is not None else cls.load(read)

    def grown(self) -> Graph | None:
        """This graph with what has been added since; None where the catalog does not continue it (another file)."""
        from .growing_rows import tail_of

        assert self._read is not None
        found = tail_of(self._read, self._nodes, self._edges)
        if found is None:
            return None
        nodes, edges = found
        if not len(nodes) and not len(edges):
            return self
        return Graph(self._nodes.grown(nodes), self._edges.grown(edges), self._read)

    # -- look-up -----------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._nodes)

    def _position_of_id(self, value: str) -> int | None:
        return self._nodes.find("id", value)

    def position(self, node: Node | str) -> int:
        """The position of a node, by itself, its name or its ID."""
        key = node.id if isinstance(node, Node) else node
        at = self._nodes.find("name", key) if isinstance(node, str) else None
        at = self._position_of_id(key) if at is None else at
        return at if at is not None else self.position(self.find(key))  # which says what there is

    def node(self, position: int) -> Node:
        """The node at a position."""
        return self.nodes_at([position])[0]

    def nodes_at(self, positions: Sequence[int] | np.ndarray) -> list[Node]:
        """Nodes at positions, in their order."""
        columns = self._nodes.take(positions)
        return [
            Node(i, kind, name, created, self._props("node", row, i, text))
            for row, i, kind, name, created, text in zip(*columns, strict=True)
        ]

    def ids_at(self, positions: Sequence[int] | np.ndarray) -> list[str]:
        """IDs at positions, in their order."""
        return self._nodes.column("id", positions)

    def edges_at(self, rows: Sequence[int] | np.ndarray) -> list[Edge]:
        """Edges by their index into :meth:`ends`, in their order."""
        import numpy as np

        row, src, dst, types, text = self._edges.take(rows)
        ids = self.ids_at(np.concatenate([np.asarray(src, np.int64), np.asarray(dst, np.int64)]))
        half = len(ids) // 2
        return [
            Edge(s, d, t, self._props("edge", r, s, x))
            for r, s, d, t, x in zip(row, ids[:half], ids[half:], types, text, strict=True)
        ]

    def _props(self, what: str, row: int, key: str, text: str | None) -> Props:
        if text is not None:
            return Props(text)
        return Props(functools.partial(self._later, what, row, key))

    def _later(self, what: str, row: int, key: str) -> str | None:
        """The JSON of one row, with that of its page."""
        found = self._pages(what, row // PAGE).get(row)
        if found is None or found[0] != key:
            raise LabError(
                "the lab's catalog was replaced by another while it was open (a restored backup?); open the lab again"
            )
        return found[1]

    def find(self, name_or_id: str, kind: Kind | None = None) -> Node:
        """The node of that name or ID; :class:`UnknownName` lists what there is."""
        at = self._nodes.find("name", name_or_id)
        at = self._position_of_id(name_or_id) if at is None else at
        node = None if at is None else self.node(at)
        if at is None or node is None or (kind is not None and node.kind != kind):
            known = self._nodes.column("name", self.positions(kind)[-SHOWN:])
            what = f"{kind} version" if kind else "version"
            raise UnknownName.of(what, name_or_id, known, "List them with: veml versions LAB")
        self._nodes.note("id", node.id, at)
        return node

    def positions(self, kind: Kind | None = None) -> np.ndarray:
        """Positions of all nodes or of one kind, ascending int64."""
        import numpy as np

        return np.arange(len(self)) if kind is None else self._nodes.where("kind", kind)

    def kinds_at(self, positions: np.ndarray) -> dict[str, int]:
        """How many of the nodes at positions are of each kind."""
        import numpy as np

        inside = np.zeros(len(self), bool)
        inside[positions] = True
        return {k: int(inside[self.positions(k)].sum()) for k in VERSION_KINDS}

    def of_kind(self, kind: Kind | None = None) -> list[Node]:
        """Nodes in the order in which they were made."""
        return self.nodes_at(self.positions(kind))

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Nodes by ID."""
        return NodesBy(self, "id")

    @property
    def by_name(self) -> Mapping[str, Node]:
        """Nodes by name."""
        return NodesBy(self, "name")

    @property
    def edges(self) -> Sequence[Edge]:
        """All edges, in the order in which they were made."""
        return AllEdges(self)

    @property
    def into(self) -> Mapping[str, list[Edge]]:
        """Edges that lead to a node, by its ID."""
        return EdgesAround(self, back=True)

    @property
    def out(self) -> Mapping[str, list[Edge]]:
        """Edges that lead from a node, by its ID."""
        return EdgesAround(self, back=False)

    # -- as arrays ---------------------------------------------------------------------------------

    @functools.cached_property
    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Positions of the sources and of the targets of all edges: two int32 arrays of shape (edges,)."""
        return self._edges.numbers("src"), self._edges.numbers("dst")

    def edges_of_type(self, types: Iterable[str]) -> np.ndarray:
        """Indices into :meth:`ends` of the edges of some types, ascending."""
        import numpy as np

        found = [self._edges.where("type", t) for t in types]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, np.int64)

    def incidence(self, *, back: bool) -> tuple[np.ndarray, np.ndarray]:
        """``(start, rows)``: the edges into (``back``) or out of node i are ``rows[start[i]:start[i + 1]]``, in
        order."""
        if back not in self._incidences:
            self._incidences[back] = _incidence(self.ends[1 if back else 0], len(self))
        return self._incidences[back]

    def matrix(self, *, back: bool, without: tuple[str, ...] = ()) -> csr_array:
        """The graph as scipy's searches want it, shape (n, n); row i holds what led to it (``back``) or what it led to.

        ``without`` leaves out edges of some types.
        """
        if (back, without) not in self._matrices:
            import numpy as np
            from scipy.sparse import csr_array

            start, rows = self.incidence(back=back)
            if without:
                keep = np.ones(len(rows), bool)
                keep[self.edges_of_type(without)] = False
                start = np.concatenate([[0], np.cumsum(keep[rows])]).astype(np.int32)[start]
                rows = rows[keep[rows]]
            other = self.ends[0 if back else 1][rows]
            self._matrices[back, without] = csr_array((np.ones(len(rows)), other, start), shape=(len(self), len(self)))
        return self._matrices[back, without]

    def reached(self, start: int, *, back: bool, without: tuple[str, ...] = ()) -> np.ndarray:
        """Positions that a search from ``start`` finds, nearest first, without itself; shape (m,), int32.

        ``without`` are types of edges that are not followed. One breadth-first search: O(nodes + edges) of what it
        finds, milliseconds for a hundred thousand versions.
        """
        from scipy.sparse.csgraph import breadth_first_order

        matrix = self.matrix(back=back, without=without)
        return breadth_first_order(matrix, start, directed=True, return_predecessors=False)[1:]


def _incidence(end: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges sorted by one of their ends: the counting sort of scipy's format change, ten times faster than argsort."""
    import numpy as np
    from scipy.sparse import coo_array

    m = len(end)
    at = (end, np.arange(m, dtype=np.int32))  # every edge a column of its own, so that parallel edges stay apart
    found = coo_array((np.ones(m, np.int8), at), shape=(n, max(m, 1))).tocsr()
    return found.indptr, found.indices


class NodesBy(Mapping[str, Node]):
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


class EdgesAround(Mapping[str, list[Edge]]):
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


class AllEdges(Sequence[Edge]):
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


def _page(read: Callable[..., pa.Table] | None, what: str, page: int) -> dict[int, tuple[str, str]]:
    """JSON of one page of rows: ``{row: (ID of the node, or of the edge's source, text)}``."""
    if read is None:
        return {}
    t = read(f"graph_{what}_props", first=page * PAGE, last=(page + 1) * PAGE - 1)
    return dict(zip(t["row"].to_pylist(), zip(t["key"].to_pylist(), t["props"].to_pylist(), strict=True), strict=True))
