"""Slow, obvious implementations that the fast ones are held against."""

import numpy as np


def greedy_float64(x, k, start, skip=0, before=()):
    """Farthest-first traversal by its definition: float64 differences, ties to the lowest index."""
    x = np.asarray(x, np.float64)
    nearest = np.full(len(x), np.inf)
    for i in before:
        nearest = np.minimum(nearest, ((x - x[i]) ** 2).sum(axis=1))
    chosen, radii = [], []
    pick = start if not len(before) else farthest(nearest, skip)
    for _ in range(k):
        chosen.append(pick)
        nearest = np.minimum(nearest, ((x - x[pick]) ** 2).sum(axis=1))
        radii.append(np.sqrt(nearest.max()))
        pick = farthest(nearest, skip)
    return np.array(chosen), np.array(radii)


def farthest(nearest, skip):
    value = np.sort(nearest)[::-1][skip]
    return int(np.flatnonzero(nearest == value)[0])


def all_distances(a, b):
    return np.sqrt(((np.asarray(a, float)[:, None] - np.asarray(b, float)[None]) ** 2).sum(-1))
