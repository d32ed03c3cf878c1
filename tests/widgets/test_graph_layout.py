"""The layout of a lineage: the same in a picture without script as in the page, and few lines cross."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import pytest

from veml_lab.widgets._layered import GAP_X, GAP_Y, crossings, layered

KEPT = Path(__file__).with_name("layouts.json")  # js/test/layout.test.ts reads it as well


def graph(seed: int, n: int, m: int) -> tuple[int, list[tuple[int, int]]]:
    rng = random.Random(seed)
    return n, [(rng.randrange(b), b) for b in (rng.randrange(1, n) for _ in range(m))]


CASES = {
    "small": graph(1, 12, 16),
    "demo-like": graph(2, 34, 60),
    "wide": (40, [(0, i) for i in range(1, 40)]),
    "two families": (8, [(0, 2), (2, 4), (1, 3), (3, 5), (0, 6), (1, 7), (0, 5)]),
    "a circle": (4, [(0, 1), (1, 2), (2, 1), (2, 3)]),
    "beyond small": graph(3, 400, 700),
}


def as_kept(name: str) -> dict:
    n, pairs = CASES[name]
    placed = layered(n, pairs)
    return {
        "n": n,
        "pairs": pairs,
        "crossings": placed.crossings,
        "x": placed.x,
        "y": [round(v, 6) for v in placed.y],
        "bends": [[[x, round(y, 6)] for x, y in b] for b in placed.bends],
    }


@pytest.mark.parametrize("name", CASES)
def test_the_places_are_those_that_the_page_has_too(name):
    """``python tests/widgets/test_graph_layout.py`` writes the file anew after a change of both."""
    assert json.loads(json.dumps(as_kept(name))) == json.loads(KEPT.read_text())[name]


def lines_that_cross(placed, pairs) -> int:
    """Every pair of pieces between neighbouring layers, looked at one by one."""
    pieces: dict[float, set] = {}
    for (a, b), bends in zip(pairs, placed.bends, strict=True):
        stops = [(placed.x[a], placed.y[a]), *bends, (placed.x[b], placed.y[b])]
        for (x0, y0), (_, y1) in itertools.pairwise(stops):
            pieces.setdefault(x0, set()).add((y0, y1))
    return sum(
        (p[0] - q[0]) * (p[1] - q[1]) < 0 for some in pieces.values() for p, q in itertools.combinations(some, 2)
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_crossings_it_tells_are_those_of_the_picture(seed):
    n, pairs = graph(seed, 25, 40)
    pairs = list(dict.fromkeys(pairs))
    placed = layered(n, pairs)
    assert placed.crossings == lines_that_cross(placed, pairs)


@pytest.mark.parametrize("seed", range(12))
def test_exchanging_neighbours_never_adds_a_crossing_and_every_child_stands_right_of_its_parents(seed):
    n, pairs = graph(seed, 30, 50)
    placed, plain = layered(n, pairs), layered(n, pairs, exchange=False)
    assert placed.crossings <= plain.crossings
    for a, b in pairs:
        assert placed.x[b] >= placed.x[a] + GAP_X
    for x in set(placed.x):
        column = sorted(y for i, y in enumerate(placed.y) if placed.x[i] == x)
        assert all(q - p >= GAP_Y - 1e-6 for p, q in itertools.pairwise(column))
    assert min(placed.y) >= 0


def test_small_graphs_are_drawn_nearly_as_the_best_of_all_orders():
    """Brute force: all orders of both layers."""
    found, best = 0, 0
    for seed in range(30):
        rng = random.Random(seed)
        left, right = range(4), range(4, 8)
        pairs = [(rng.choice(left), rng.choice(right)) for _ in range(9)]
        pairs += [(a, rng.choice(right)) for a in left if all(a != p[0] for p in pairs)]
        pairs += [(rng.choice(left), b) for b in right if all(b != p[1] for p in pairs)]
        pairs = list(dict.fromkeys(pairs))
        down = [[b for a, b in pairs if a == v] for v in range(8)]
        least = 10**9
        for orders in itertools.product(itertools.permutations(left), itertools.permutations(right)):
            place = [0] * 8
            for order in orders:
                for i, v in enumerate(order):
                    place[v] = i
            least = min(least, crossings([list(v) for v in orders], down, place))
        crossed = layered(8, pairs).crossings
        assert crossed >= least
        found, best = found + crossed, best + least
    assert found <= 1.2 * best, (found, best)


if __name__ == "__main__":
    KEPT.write_text(json.dumps({name: as_kept(name) for name in CASES}) + "\n")
