"""Compiled inner loops of the exact greedy; imported only once an engine needs them (numba loads in 0.5 s).

Every kernel releases the GIL and runs on one thread; the engines give them blocks of rows. Sums may be
reassociated (that is what makes them vector code), NaN and infinity keep their meaning.
"""

from __future__ import annotations

import numpy as np
from numba import njit

FAST = {"reassoc", "contract", "nsz"}


@njit(cache=True, nogil=True, fastmath=FAST)
def exact(x, c):
    """Squared distance in float64 from the given numbers: the only value that decides."""
    s = 0.0
    for j in range(x.shape[0]):
        t = np.float64(x[j]) - np.float64(c[j])
        s += t * t
    return s


@njit(cache=True, nogil=True, fastmath=FAST)
def single(x, c, scale):
    """Squared distance in float32, in scaled units where it neither overflows nor vanishes: to propose."""
    s = np.float32(0)
    for j in range(x.shape[0]):
        t = np.float32((x[j] - c[j]) * scale)
        s += t * t
    return s


@njit(cache=True, nogil=True, fastmath=FAST)
def first_pass(x, mean, scale, nearest, norm, lo, hi, centre, with_centre):
    """Read the rows once: exact distance to the first centre, and the norm of the centred, scaled row."""
    for i in range(lo, hi):
        if with_centre:
            nearest[i] = exact(x[i], centre)
        s = np.float32(0)
        for j in range(x.shape[1]):
            t = np.float32((x[i, j] - mean[j]) * scale)
            s += t * t
        norm[i] = s


@njit(cache=True, nogil=True)
def count_from(v, level):
    """Count the rows at or above ``level``; largest value below it and the lowest row that holds it."""
    count, best, row = 0, -1.0, -1
    for i in range(v.shape[0]):
        if v[i] >= level:
            count += 1
        elif v[i] > best:
            best, row = v[i], i
    return count, best, row


@njit(cache=True, nogil=True, fastmath=FAST)
def gather(x, rows, mean, scale, out):
    """Copy rows, centred and scaled, to a dense float32 block."""
    for r in range(rows.shape[0]):
        i = rows[r]
        for j in range(x.shape[1]):
            out[r, j] = (x[i, j] - mean[j]) * scale


@njit(cache=True, nogil=True, fastmath=FAST)
def absorb(product, x, rows, centres, p0, t, norm, centre_norm, slack, unit, nearest):
    """Bring rows up to date with centres p0..t-1, given the matrix product of both.

    ``(1 - slack) (|x|^2 + |c|^2) - 2 xc`` is below the true squared distance; every centre for which it is
    below the row's value is evaluated exactly, the most promising first.
    """
    m = t - p0
    done = 0
    for r in range(rows.shape[0]):
        i = rows[r]
        v = nearest[i]
        low = np.float32(np.inf)
        for p in range(m):
            g = centre_norm[p0 + p] - 2 * product[r, p]
            if g < low:
                low = g
        own = np.float64(norm[i]) * (1.0 - slack) - 1e-30
        if low + own >= v * unit:
            continue
        best = 0
        for p in range(m):
            if centre_norm[p0 + p] - 2 * product[r, p] == low:
                best = p
                break
        s = exact(x[i], centres[p0 + best])
        done += 1
        if s < v:
            v = s
        room = v * unit - own
        for p in range(m):
            if centre_norm[p0 + p] - 2 * product[r, p] < room and p != best:
                s = exact(x[i], centres[p0 + p])
                done += 1
                if s < v:
                    v = s
                    room = v * unit - own
        nearest[i] = v
    return done


@njit(cache=True, nogil=True, fastmath=FAST)
def commit(
    work, rows, value, seen, centres, index, radii, t, k, outside, outside_row, slack, scale, skip, scratch
):
    """Choose centres from a working set for as long as the choice is certain; gives the new t.

    ``value`` is exact for every row of ``work`` (ascending ``rows``); everything else is at most ``outside``,
    with equality first at ``outside_row``. Rows that fall to ``outside`` or below leave the set.
    """
    w = rows.shape[0]
    live = np.arange(w)
    unit = np.float64(scale) * np.float64(scale) * (1.0 + slack)
    while True:
        top = -1.0
        for a in range(w):
            if value[live[a]] > top:
                top = value[live[a]]
        pick = -1
        if skip == 0:
            for a in range(w):
                if value[live[a]] == top:
                    pick = live[a]
                    break
            if pick < 0 or not (top > outside or (top == outside and rows[pick] < outside_row)):
                return t
        else:
            if w <= skip:
                return t
            for a in range(w):
                scratch[a] = value[live[a]]
            goal = np.partition(scratch[:w], w - 1 - skip)[w - 1 - skip]
            if not goal > outside:
                return t
            for a in range(w):
                if value[live[a]] == goal:
                    pick = live[a]
                    break
        if t > 0:
            radii[t - 1] = top
        if t == k:
            return k + 1
        index[t] = rows[pick]
        c = centres[t]
        for j in range(work.shape[1]):
            c[j] = work[pick, j]
        kept = 0
        for a in range(w):
            i = live[a]
            v = value[i]
            if single(work[i], c, scale) <= v * unit + 1e-30:
                s = exact(work[i], c)
                if s < v:
                    v = s
                    value[i] = v
            seen[i] = t + 1
            if v >= outside:
                live[kept] = i
                kept += 1
        w = kept
        t += 1
