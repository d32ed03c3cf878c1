"""Compiled inner loops of the exact greedy; imported only once an engine needs them (numba loads in 0.5 s).

Every kernel releases the GIL and runs on one thread; the engines give them blocks of rows. Sums may be
reassociated (that is what makes them vector code), NaN and infinity keep their meaning.

The same name means the same array in every kernel. Distances are squared and in the data's own unit, except where
"scaled" says that they are times ``unit``; n rows, d columns, k centres, m rows of a block, w rows of a working set.

==============  ========================  ==================================================================
``x``           (n, d) float32 or 64      the data, or a block of it, in its own units
``work``        (w, d) as ``x``           copies of the rows ``rows`` of the working set
``mean``        (d,) as ``x``             what is taken off every row before it is scaled
``scale``       float                     factor that brings the rows to a size that float32 squares safely
``unit``        float                     ``scale`` squared: own units times this are scaled ones
``slack``       float                     relative error of a float32 sum of d squares, (d + 8) 2^-23
``rows``        (m,) or (w,) int64        ascending row numbers of a block or working set
``centres``     (k, d) as ``x``           rows chosen so far, in own units
``product``     (centres, m) float32      matrix product of scaled centres and scaled rows
``norm``        (n,) float32              scaled squared norm of every centred row
``centre_norm`` (k,) float32              the same of the centres, less ``slack``
``size``        (centres,) float32        scaled squared norms, less ``slack``, of the points of a ``product``
``nearest``     (n,) float64              squared distance to the nearest centre, or an upper bound of it
``giver``       (n,) int32                centre that gave ``nearest`` where that is a bound, -1 where it is exact
``low``         (m,) float32              scratch: smallest ``size - 2 product`` of each row
``second``      (m,) float32              scratch: the second smallest
``best``        (m,) int32                scratch: which centre gave ``low``
``index``       (k,) int64                numbers of the chosen rows
``radii``       (k,) float64              squared covering radius after each choice
==============  ========================  ==================================================================
"""

from __future__ import annotations

import numpy as np
from numba import njit

FAST = {"reassoc", "contract", "nsz"}
ERROR = 2.001  # how far the two bounds of :func:`absorb` lie apart, in `slack`, and what float32 loses in comparing


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
    """Squared distance in float32, in scaled units where it neither overflows nor vanishes: to propose.

    Its relative error is below (d + 8) 2^-24 in any order of summation.
    """
    s = np.float32(0)
    for j in range(x.shape[0]):
        t = np.float32((x[j] - c[j]) * scale)
        s += t * t
    return s


@njit(cache=True, nogil=True, fastmath=FAST)
def first_pass(x, mean, scale, nearest, norm, centre, with_centre, slack, unit):
    """Read the rows once: bound ``nearest`` by the first centre, and write ``norm``.

    ``centre``, shape (d,), is that first centre where ``with_centre``; otherwise ``nearest`` is left alone.
    """
    for i in range(x.shape[0]):
        s, u = np.float32(0), np.float32(0)
        if with_centre:
            for j in range(x.shape[1]):
                t = np.float32((x[i, j] - mean[j]) * scale)
                e = np.float32((x[i, j] - centre[j]) * scale)
                s += t * t
                u += e * e
            nearest[i] = (u * (1.0 + slack) + 1e-30) / unit
        else:
            for j in range(x.shape[1]):
                t = np.float32((x[i, j] - mean[j]) * scale)
                s += t * t
        norm[i] = s


@njit(cache=True, nogil=True)
def at_least(v, level, out):
    """Find the rows of ``v``, shape (n,), at or above ``level``: the first of them go to ``out``, shape (most,) int64.

    Gives how many there are in all, the largest value below ``level``, and the first row that has it (-1.0 and -1 where
    there is none). Blocks of 64 are passed over when none of their values matters: counting
    those that do is vector code.
    """
    n = v.shape[0]
    count, best, row = 0, -1.0, -1
    for lo in range(0, n, 64):
        block = v[lo : lo + 64]
        above = 0
        for i in range(block.shape[0]):
            above += block[i] > best
        if above == 0:
            continue
        for i in range(block.shape[0]):
            if block[i] >= level:
                if count < out.shape[0]:
                    out[count] = lo + i
                count += 1
            elif block[i] > best:
                best, row = block[i], lo + i
    return count, best, row


@njit(cache=True, nogil=True, fastmath=FAST)
def gather(x, rows, mean, scale, out):
    """Copy ``rows`` of ``x``, centred and scaled, to ``out``, shape (m, d) float32."""
    for r in range(rows.shape[0]):
        i = rows[r]
        for j in range(x.shape[1]):
            out[r, j] = (x[i, j] - mean[j]) * scale


@njit(cache=True, nogil=True, fastmath=FAST)
def two_nearest(product, size, low, second, best):
    """Write the two smallest of ``size[p] - 2 product[p, r]`` over p to ``low`` and ``second``, the p to ``best``.

    All three have shape (m,). Columns lie side by side in memory, so this is vector code without any reduction.
    """
    low[:] = np.float32(np.inf)
    second[:] = np.float32(np.inf)
    best[:] = 0
    for p in range(product.shape[0]):
        c, row = size[p], product[p]
        for r in range(row.shape[0]):
            g = c - 2 * row[r]
            was = low[r]
            nearer = g < was
            other = was if nearer else g
            second[r] = other if other < second[r] else second[r]
            low[r] = g if nearer else was
            best[r] = p if nearer else best[r]


@njit(cache=True, nogil=True, fastmath=FAST)
def absorb(product, x, rows, centres, p0, t, norm, centre_norm, slack, unit, nearest, giver, low, second, best):
    """Bring ``rows`` up to date with centres p0..t-1, given their ``product``, shape (t - p0, m).

    ``(1 - slack) (|x|^2 + |c|^2) - 2 xc`` is below the true squared distance, and above it with ``1 + slack``.
    A centre that is certainly the nearest gives the row a new upper bound and its number to ``giver``; which of
    several is the nearest, exact values decide.
    """
    m = t - p0
    two_nearest(product, centre_norm[p0:t], low, second, best)
    for r in range(rows.shape[0]):
        i = rows[r]
        v = nearest[i]
        size = np.float64(norm[i])
        own = size * (1.0 - slack) - 1e-30
        if low[r] + own >= v * unit:
            continue
        p = best[r]
        wide = ERROR * slack * (size + np.float64(centre_norm[p0 + p])) + 2e-30
        old = v * unit
        if giver[i] >= 0:  # a bound: the row may be as much nearer to its centre
            old -= ERROR * slack * (size + np.float64(centre_norm[giver[i]])) + 2e-30
        high = low[r] + wide
        if second[r] > high and high + own < old:
            nearest[i] = (high + own) / unit
            giver[i] = p0 + p
            continue
        if giver[i] >= 0:
            v = exact(x[i], centres[giver[i]])
            giver[i] = -1
        v = min(v, exact(x[i], centres[p0 + p]))
        room = v * unit - own
        for q in range(m):
            if centre_norm[p0 + q] - 2 * product[q, r] < room and q != p:
                v = min(v, exact(x[i], centres[p0 + q]))
                room = v * unit - own
        nearest[i] = v


@njit(cache=True, nogil=True, fastmath=FAST)
def resolve(x, rows, centres, nearest, giver):
    """Replace the bounds of rows by their exact values."""
    for r in range(rows.shape[0]):
        i = rows[r]
        if giver[i] >= 0:
            nearest[i] = exact(x[i], centres[giver[i]])
            giver[i] = -1


@njit(cache=True, nogil=True, fastmath=FAST)
def decide(product, x, block, points, size, slack, low, second, best, index, distance):
    """Find the nearest of ``points``, shape (p, d), for the rows of ``x``, given ``product``, shape (p, m), m = len(x).

    ``block``, shape (m, d) float32, are the rows as they went into the product. ``index`` (m,) int64 and ``distance``
    (m,) float64, not squared, are written. The one proposal that its error bound sets apart from the others is taken,
    of several float64 takes the nearest, the first of equals. False where a row is not finite or too large for float32.
    """
    two_nearest(product, size, low, second, best)
    for r in range(x.shape[0]):
        own = np.float32(0)
        for j in range(block.shape[1]):
            own += block[r, j] * block[r, j]
        if not own < 1e36:
            return False
        p = best[r]
        high = low[r] + ERROR * slack * (np.float64(own) + np.float64(size[p])) + 2e-30
        v = exact(x[r], points[p])
        if not second[r] > high:
            for q in range(points.shape[0]):
                if size[q] - 2 * product[q, r] <= high:
                    s = exact(x[r], points[q])
                    if s < v or (s == v and q < p):
                        v, p = s, q
        index[r] = p
        distance[r] = np.sqrt(v)
    return True


@njit(cache=True, nogil=True, fastmath=FAST)
def commit(work, rows, value, seen, centres, index, radii, t, k, outside, outside_row, slack, scale, skip, scratch):
    """Choose centres from a working set for as long as the choice is certain; gives the new t.

    ``value``, shape (w,) float64, is exact for every row of ``work``; every other row's is at most ``outside``, with
    equality first at row ``outside_row``. Rows that fall to ``outside`` or below leave the set. ``seen`` (w,) int32 is
    written: how many centres a row's value regards. ``skip`` farthest rows are passed over as outliers at each choice;
    ``scratch``, shape (w,), holds the values while they are ranked.
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


@njit(cache=True, nogil=True, fastmath=FAST)
def whole(x, k, pick, t, nearest, index, radii):
    """Run the plain loop in float64, distance and maximum in one pass: for data that stays in the cache.

    From centre number ``t``, row ``pick``, to ``k``; ``nearest``, ``index`` and ``radii`` are written.
    """
    while t < k:
        index[t] = pick
        c = x[pick].copy()
        top = -1.0
        for i in range(x.shape[0]):
            v = nearest[i]
            s = exact(x[i], c)
            if s < v:
                v = s
                nearest[i] = v
            if v > top:
                top = v
                pick = i
        radii[t] = top
        t += 1


@njit(cache=True, nogil=True, fastmath=FAST)
def singles(x, lo, hi, c, out):
    """Write squared float32 distances of rows lo..hi-1 to ``c``, shape (d,), to ``out``, shape (hi - lo,) or longer.

    Four rows at a time, so that ``c`` is read once for them.
    """
    d = x.shape[1]
    i = lo
    while i + 4 <= hi:
        p, q, r, s = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
        for j in range(d):
            e, f, g, h = x[i, j] - c[j], x[i + 1, j] - c[j], x[i + 2, j] - c[j], x[i + 3, j] - c[j]
            p += e * e
            q += f * f
            r += g * g
            s += h * h
        out[i - lo], out[i - lo + 1], out[i - lo + 2], out[i - lo + 3] = p, q, r, s
        i += 4
    while i < hi:
        out[i - lo] = single(x[i], c, np.float32(1))
        i += 1


@njit(cache=True, nogil=True, fastmath=FAST)
def whole_single(x, k, pick, slack, index, radii):
    """Run the plain loop in float32 and let float64 decide between rows that float32 cannot tell apart.

    ``giver`` is the centre that gave ``near``; ``close`` says that another one may be as near, and then the
    exact value takes all centres. Gives False where float32 is no help: out of its range, or ties all over.
    """
    n = x.shape[0]
    wide, tight = np.float32(1 + slack), np.float32(1 - slack)
    near, giver, close = np.full(n, np.float32(np.inf)), np.zeros(n, np.int32), np.zeros(n, np.bool_)
    value, seen = np.empty(n), np.zeros(n, np.int32)  # exact for `seen` centres; few rows need it, so it is not filled
    tops = np.full((n + 63) // 64, np.float32(np.inf))  # the largest value per 64 rows: most need no second look
    s = np.empty(64, np.float32)
    spent = 0
    for t in range(k):
        index[t] = pick
        c = x[pick]
        top = np.float32(-1)
        for b in range(tops.shape[0]):
            lo = 64 * b
            m = min(64, n - lo)
            singles(x, lo, lo + m, c, s)
            v = near[lo : lo + m]
            nearer = 0
            for r in range(m):
                nearer += s[r] < v[r] * wide
            if nearer:
                most = np.float32(-1)
                for r in range(m):
                    if s[r] < v[r] * wide:
                        close[lo + r] = s[r] >= v[r] * tight
                        if s[r] < v[r]:
                            v[r] = s[r]
                            giver[lo + r] = t
                    most = max(most, v[r])
                tops[b] = most
            top = max(top, tops[b])
        if not (top < 1e36 and top > 1e-30):
            return False
        level = top * (1 - 2 * np.float32(slack))
        best = -1.0
        for b in range(tops.shape[0]):
            if tops[b] < level:
                continue
            for i in range(64 * b, min(64 * b + 64, n)):
                if near[i] < level:
                    continue
                if close[i]:
                    e = value[i] if seen[i] else np.inf
                    spent += t + 1 - seen[i]
                    for p in range(seen[i], t + 1):
                        e = min(e, exact(x[i], x[index[p]]))
                    value[i] = e
                    seen[i] = t + 1
                else:
                    e = exact(x[i], x[index[giver[i]]])
                    spent += 1
                if e > best:
                    best = e
                    pick = i
        if spent > (t + 8) * n // 4 + 64:
            return False
        radii[t] = best
    return True
