"""Layered drawing of a directed graph, left to right: step by step as ``js/src/drawing/layout.ts``.

A picture without script needs the places without a browser, a page that folds and focuses needs them without a kernel.
``tests/widgets/layouts.json`` holds what both have to give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP_X, GAP_Y, SWEEPS = 216.0, 66.0, 16
MOST_WAY_POINTS = 6000
TINY = 160  # nodes and way points; such a graph is ordered from more beginnings
SMALL = 600  # nodes and way points; a larger graph is ordered once
MOST_EXCHANGED = 3000  # nodes and way points; neighbours of larger graphs are not tried the other way round
_PASSES = 4
_PATIENCE = 4  # sweeps without a gain


@dataclass(frozen=True)
class Placed:
    """Where everything stands: of each node its place, of each pair its way points, and how many lines cross."""

    x: list[float]
    y: list[float]
    bends: list[list[tuple[float, float]]]
    crossings: int


def layered(n: int, pairs: Sequence[tuple[int, int]], *, exchange: bool = True) -> Placed:
    """Place n nodes by their edges (from, to).

    Longest-path layers; long edges get way points; median order in both directions, then neighbours change places while
    lines cross less (not with ``exchange=False``); heights by averaged packing.
    """
    children: list[list[int]] = [[] for _ in range(n)]
    parents: list[list[int]] = [[] for _ in range(n)]
    for a, b in pairs:
        if a != b and b not in children[a]:
            children[a].append(b)
            parents[b].append(a)
    rank = _ranks(children, parents)
    up: list[list[int]] = [[] for _ in range(n)]
    down: list[list[int]] = [[] for _ in range(n)]
    level, chains = list(rank), {}
    span = sum(max(0, rank[b] - rank[a] - 1) for a in range(n) for b in children[a])
    for a in range(n):
        for b in children[a]:
            last, chain = a, []
            for r in range(rank[a] + 1, rank[b]) if span <= MOST_WAY_POINTS else ():
                level.append(r)
                up.append([last])
                down.append([])
                down[last].append(len(level) - 1)
                last = len(level) - 1
                chain.append(last)
            down[last].append(b)
            up[b].append(last)
            chains[a, b] = chain
    layers = _first_order(level, up, down)
    crossed = _order(layers, up, down, exchange)
    y = _heights(layers, up, down, len(level), n)
    low = min(y, default=0.0)
    y = [v - low for v in y]
    bends = [[(level[w] * GAP_X, y[w]) for w in chains.get(p, [])] for p in pairs]
    return Placed([r * GAP_X for r in rank], y[:n], bends, crossed)


def _ranks(children: list[list[int]], parents: list[list[int]]) -> list[int]:
    n = len(children)
    waiting, rank = [len(p) for p in parents], [0] * n
    queue = [i for i in range(n) if not waiting[i]]
    for i in queue:  # grows while it is read; nodes of a cycle never enter and stay in layer 0
        for b in children[i]:
            rank[b] = max(rank[b], rank[i] + 1)
            waiting[b] -= 1
            if not waiting[b]:
                queue.append(b)
    for i in reversed(queue):  # a source stands just before what it feeds, not at the far left
        if not parents[i] and children[i]:
            rank[i] = max(0, min(rank[b] for b in children[i]) - 1)
    return rank


def _first_order(level: list[int], up: list[list[int]], down: list[list[int]]) -> list[list[int]]:
    """Depth first from the sources, so that families begin together."""
    layers: list[list[int]] = [[] for _ in range(max(level, default=-1) + 1)]
    seen = [False] * len(level)
    for root in [v for v in range(len(level)) if not up[v]] + list(range(len(level))):
        stack = [root]
        while stack:
            v = stack.pop()
            if not seen[v]:
                seen[v] = True
                layers[level[v]].append(v)
                stack += reversed(down[v])
    return layers


def _order(layers: list[list[int]], up: list[list[int]], down: list[list[int]], exchange: bool) -> int:
    """Order the layers so that few lines cross; gives how many do.

    A small graph is ordered several times, from several beginnings and by two keys, and neighbours are exchanged after
    each sweep; a larger one once, its neighbours at the end.
    """
    small = exchange and len(up) <= SMALL
    place = [0] * len(up)
    _note(layers, place)
    first = [list(v) for v in layers]
    best, fewest = first, crossings(layers, down, place)
    for start in range(_starts(len(up)) if small else 1):
        now_in, by_mean = _beginning(first, start >> 1), start % 2 == 1
        _note(now_in, place)
        own, since = 10**12, 0
        for sweep in range(SWEEPS):
            if not fewest or since == _PATIENCE:
                break
            forward = sweep % 2 == 0
            for k in range(1, len(now_in)):
                layer = now_in[k if forward else len(now_in) - 1 - k]
                near = up if forward else down
                key = {v: _key(near[v], place, i, by_mean and sweep % 4 > 1) for i, v in enumerate(layer)}
                layer.sort(key=key.__getitem__)
                for i, v in enumerate(layer):
                    place[v] = i
            if small:
                _settle(now_in, up, down, place)
            crossed = crossings(now_in, down, place)
            own, since = (crossed, 0) if crossed < own else (own, since + 1)
            if crossed < fewest:
                fewest, best = crossed, [v[:] for v in now_in]
    layers[:] = best
    if exchange and not small and fewest and len(up) <= MOST_EXCHANGED:
        _note(layers, place)
        fewest -= _settle(layers, up, down, place)
    return fewest


def _starts(size: int) -> int:
    return 24 if size <= TINY else 4


def _beginning(first: list[list[int]], which: int) -> list[list[int]]:
    """The layers as they were found, turned round, or shuffled, each time in the same way."""
    if which < 2:
        return [v[::-1] if which else v[:] for v in first]
    out, seed = [], which
    for layer in first:
        mixed = layer[:]
        for i in range(len(mixed) - 1, 0, -1):
            seed = (seed * 1103 + 12345) % 65536
            j = seed % (i + 1)
            mixed[i], mixed[j] = mixed[j], mixed[i]
        out.append(mixed)
    return out


def _note(layers: list[list[int]], place: list[int]) -> None:
    for layer in layers:
        for i, v in enumerate(layer):
            place[v] = i


def _key(near: list[int], place: list[int], own: int, mean: bool) -> float:
    """Where the neighbours are: the median resists the one far neighbour that drags a mean."""
    if not near:
        return own
    at = sorted(place[w] for w in near)
    return sum(at) / len(at) if mean else (at[(len(at) - 1) >> 1] + at[len(at) >> 1]) / 2


def _settle(layers: list[list[int]], up: list[list[int]], down: list[list[int]], place: list[int]) -> int:
    """Exchange neighbours until nothing is gained, or often enough; gives how many crossings that saved."""
    saved = 0
    for _ in range(_PASSES):
        gained = sum(_exchanged(layer, up, down, place) for layer in layers)
        saved += gained
        if not gained:
            break
    return saved


def _exchanged(layer: list[int], up: list[list[int]], down: list[list[int]], place: list[int]) -> int:
    """Let neighbours of a layer change places where that saves crossings; gives how many it saved."""
    saved = 0
    for i in range(len(layer) - 1):
        u, v = layer[i], layer[i + 1]
        gain = sum(_above(near[u], near[v], place) - _above(near[v], near[u], place) for near in (up, down))
        if gain > 0:
            layer[i], layer[i + 1] = v, u
            place[u], place[v] = i + 1, i
            saved += gain
    return saved


def _above(a: list[int], b: list[int], place: list[int]) -> int:
    """Crossings between the lines of a node with neighbours ``a`` and those of the node under it, with ``b``."""
    return sum(place[p] > place[q] for p in a for q in b)


def crossings(layers: list[list[int]], down: list[list[int]], place: list[int]) -> int:
    """Edge crossings between neighbouring layers, by a Fenwick tree: O(m log n)."""
    total = 0
    for r in range(len(layers) - 1):
        size = len(layers[r + 1])
        tree, added = [0] * (size + 1), 0
        for v in layers[r]:
            targets = sorted(place[w] for w in down[v])
            for t in targets:
                up_to, i = 0, min(t + 1, size)  # a circle's edges may lead to another layer
                while i > 0:
                    up_to += tree[i]
                    i -= i & -i
                total += added - up_to
            for t in targets:
                added, i = added + 1, t + 1
                while i <= size:
                    tree[i] += 1
                    i += i & -i
    return total


def _heights(layers: list[list[int]], up: list[list[int]], down: list[list[int]], total: int, real: int) -> list[float]:
    y = [0.0] * total

    def gap(a: int, b: int) -> float:  # way points need less room than nodes
        return GAP_Y * 0.22 if a >= real and b >= real else GAP_Y * 0.62 if a >= real or b >= real else GAP_Y

    for layer in layers:
        for i, v in enumerate(layer):
            y[v] = y[layer[i - 1]] + gap(layer[i - 1], v) if i else 0.0
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for k in range(len(layers)):
            layer = layers[k if forward else len(layers) - 1 - k]
            near = up if forward else down
            want = [sum(y[w] for w in near[v]) / len(near[v]) if near[v] else y[v] for v in layer]
            low, high = list(want), list(want)
            for i in range(1, len(layer)):
                low[i] = max(want[i], low[i - 1] + gap(layer[i - 1], layer[i]))
            for i in range(len(layer) - 2, -1, -1):
                high[i] = min(want[i], high[i + 1] - gap(layer[i], layer[i + 1]))
            for i, v in enumerate(layer):
                y[v] = (low[i] + high[i]) / 2
            for i in range(1, len(layer)):
                y[layer[i]] = max(y[layer[i]], y[layer[i - 1]] + gap(layer[i - 1], layer[i]))
    return y
