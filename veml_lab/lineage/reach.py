"""Searches over positions of a graph: reach, distance, shortest paths; compiled loops of scipy, no Python per node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..versions.graph import Graph

if TYPE_CHECKING:
    import numpy as np


def reach(graph: Graph, start: str, *, back: bool) -> list[str]:
    """IDs of all ancestors (``back``) or descendants of a node (name or ID), nearest first, without itself."""
    return graph.ids_at(reach_from(graph, graph.position(start), back=back))


def reach_from(graph: Graph, start: int, *, back: bool, without: tuple[str, ...] = ()) -> np.ndarray:
    """As :meth:`~veml_lab.versions.graph.Graph.reached`."""
    return graph.reached(start, back=back, without=without)


def reach_of_all(graph: Graph, starts: Iterable[int], *, back: bool, without: tuple[str, ...] = ()) -> np.ndarray:
    """Positions that are found from any of ``starts``, ascending, without the starts themselves."""
    import numpy as np

    starts = list(starts)
    found = np.zeros(len(graph), bool)
    for start in starts:
        if not found[start]:  # what is found from a node that was found is found already
            found[reach_from(graph, start, back=back, without=without)] = True
    found[starts] = False
    return np.flatnonzero(found)


def distances(graph: Graph, start: int, *, back: bool) -> np.ndarray:
    """Number of edges on a shortest way from ``start`` to each node, shape (n,), int32; -1 where there is none."""
    import numpy as np
    from scipy.sparse.csgraph import breadth_first_order

    order, before = breadth_first_order(graph.matrix(back=back), start, directed=True, return_predecessors=True)
    place = np.empty(len(graph), np.int64)
    place[order] = np.arange(len(order))
    parent = place[before[order[1:]]]  # ascending: a search leaves nodes in the order in which it came to them
    found = np.full(len(graph), -1, np.int32)
    begin, end, level = 0, 1, 0
    while begin < end:
        found[order[begin:end]] = level
        begin, end, level = end, 1 + int(np.searchsorted(parent, end)), level + 1
    return found


def shortest_paths(graph: Graph, start: int, end: int, *, most: int = 100) -> list[list[int]]:
    """All shortest ways from one node to another along the edges, at most ``most`` of them; empty where there is none.

    Searched from the end: a version has few ancestors and may have any number of descendants.
    """
    away = distances(graph, end, back=True)
    if away[start] < 0:
        return []
    out, rows = graph.incidence(back=False)
    dst = graph.ends[1]
    paths: list[list[int]] = []
    left = [[start]]  # only nodes that lie on a shortest way are entered
    while left and len(paths) < most:
        way = left.pop()
        at = way[-1]
        if at == end:
            paths.append(way)
            continue
        after = dict.fromkeys(int(d) for d in dst[rows[out[at] : out[at + 1]]] if away[d] == away[at] - 1)
        left += [[*way, d] for d in reversed(after)]
    return paths


def edges_within(graph: Graph, positions: np.ndarray) -> np.ndarray:
    """Indices of the edges whose both ends are among ``positions``, ascending."""
    import numpy as np

    inside = np.zeros(len(graph), bool)
    inside[positions] = True
    src, dst = graph.ends
    return np.flatnonzero(inside[src] & inside[dst])
