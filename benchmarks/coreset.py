# ruff: noqa: E402, I001 - _suites comes first: it sets one thread before NumPy loads
"""Greedy k-center against a pass per centre and against published loops: ``python benchmarks/coreset.py --write``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]
from _suites import arguments, cpu_seconds, idx_images, in_turn, points, report, table

import numba
import numpy as np
import torch

from veml_lab.geometry.coresets import assign, core_set, k_center_greedy
from veml_lab.geometry.greedy import compiled
from veml_lab.geometry.lazy import lazy
from veml_lab.geometry.points import distances
from veml_lab.geometry.selection import facility_location

torch.set_num_threads(1)


@numba.njit(parallel=True, fastmath=True)
def _numba_step(x, c, near):
    for i in numba.prange(x.shape[0]):
        s = np.float32(0)
        for j in range(x.shape[1]):
            t = x[i, j] - c[j]
            s += t * t
        if s < near[i]:
            near[i] = s


def numba_loop(x, k):
    """The best plain loop: fused, at memory bandwidth."""
    near, chosen = np.full(len(x), np.inf, np.float32), [0]
    for _ in range(k - 1):
        _numba_step(x, x[chosen[-1]].copy(), near)
        chosen.append(int(near.argmax()))
    _numba_step(x, x[chosen[-1]].copy(), near)
    return np.array(chosen)


def numpy_loop(x, k):
    square = np.einsum("ij,ij->i", x, x)
    near, chosen = np.full(len(x), np.inf, np.float32), [0]
    for _ in range(k - 1):
        i = chosen[-1]
        np.minimum(near, square + square[i] - 2 * (x @ x[i]), out=near)
        chosen.append(int(near.argmax()))
    return np.array(chosen)


def torch_loop(x, k):
    t = torch.from_numpy(x)
    square = (t * t).sum(1)
    near, chosen = torch.full((len(t),), float("inf")), [0]
    for _ in range(k - 1):
        i = chosen[-1]
        near = torch.minimum(near, square + square[i] - 2 * torch.mv(t, t[i]))
        chosen.append(int(near.argmax()))
    return np.array(chosen)


def google_loop(x, k):
    """As in google/active-learning: scikit-learn's pairwise distances to the newest centre."""
    from sklearn.metrics import pairwise_distances

    near, chosen = None, [0]
    for _ in range(k - 1):
        d = pairwise_distances(x, x[[chosen[-1]]])
        near = d if near is None else np.minimum(near, d)
        chosen.append(int(np.argmax(near)))
    return np.array(chosen)


def anomalib_loop(x, k):
    """As in anomalib's coreset sampler: torch's pairwise_distance to the newest centre."""
    t = torch.from_numpy(x)
    near, chosen = None, [0]
    for _ in range(k - 1):
        d = torch.nn.functional.pairwise_distance(t, t[chosen[-1] : chosen[-1] + 1], p=2).reshape(-1, 1)
        near = d if near is None else torch.minimum(near, d)
        chosen.append(int(torch.argmax(near)))
    return np.array(chosen)


def deepcore_loop(x, k):
    """DeepCore's greedy, written anew after its published loop: every step copies the rows not chosen yet, measures
    them by the expanded square and keeps one row of a table of k x n."""
    t = torch.from_numpy(x)
    left = torch.ones(len(t), dtype=torch.bool)
    kept = torch.full((k, len(t)), -1.0)
    near, chosen = torch.full((len(t),), float("inf")), [0]
    for step in range(k - 1):
        centre = t[chosen[-1]][None]
        left[chosen[-1]] = False
        pool = t[left]
        square = (centre**2).sum(1, keepdim=True) + (pool**2).sum(1)[None]
        kept[step, left] = torch.addmm(square, centre, pool.T, alpha=-2).clamp(min=1e-12).sqrt()[0]
        near = torch.minimum(near, kept[step])
        near[chosen[-1]] = -1
        chosen.append(int(near.argmax()))
    return np.array(chosen)


def fpsample_loop(x, k):
    import fpsample

    return np.asarray(fpsample.fps_sampling(x, k, start_idx=0), np.int64)


def beside(name: str, kind: str, x: np.ndarray, k: int, rounds: int) -> tuple:
    """One row of the first table: the plain loop and ours in turn."""
    plain, ours, ratios, expected, core = in_turn(
        lambda: numba_loop(x, k), lambda: k_center_greedy(x, k, start=0), rounds=rounds
    )
    spread = f"{ratios[0]:.2f} - {ratios[-1]:.2f}" if rounds > 1 else "one round"
    row = (
        name,
        kind,
        k,
        f"{plain:.4f}",
        f"{ours:.4f}",
        f"**{ratios[rounds // 2]:.2f}**",
        spread,
        f"{int((core.index == expected).sum())}/{k}",
    )
    print(*row, file=sys.stderr, flush=True)
    return row


def against_a_pass_per_centre(quick: bool) -> str:
    sizes = [(10_000, 64)] if quick else [(100_000, 512), (300_000, 256), (1_000_000, 64), (10_000, 128), (2_000, 64)]
    rows = []
    for n, d in sizes:
        for kind in ("mixture", "power", "relu", "uniform"):
            x = points(kind, n, d)
            for k in (10, 100) if quick else (10, 100, 1000):
                rounds = 1 if n * d * k > 1e10 else 3 if n * d * k > 1e9 else 7
                rows.append(beside(f"{n:,} x {d}", kind, x, k, rounds))
    x = idx_images("mnist")
    if x is not None and not quick:
        rows += [beside("60,000 x 784", "MNIST pixels", x, k, 1 if k == 1000 else 3) for k in (10, 100, 1000)]
    head = ("data", "kind", "k", "plain, s", "ours, s", "ratio", "of the rounds", "same centres")
    return (
        "## Against the best plain loop (numba, float32, one pass per centre)\n\n"
        + table(head, rows)
        + "\n\nBoth sides in turn, the ratio is the median of the rounds. Where the last column is below k the plain"
        " loop's float32 sums chose another of two near-equal rows; ours are those of float64 greedy"
        " (tests/geometry/test_greedy_engines.py)."
    )


def against_peers(quick: bool) -> str:
    n, d, k = (5000, 64, 20) if quick else (30_000, 512, 100)
    x = points("power", n, d)
    rows, missing = [], []
    peers = {
        "numba, plain": numba_loop,
        "NumPy, plain": numpy_loop,
        "torch, plain": torch_loop,
        "fpsample": fpsample_loop,
        "google/active-learning's loop": google_loop,
        "anomalib's loop": anomalib_loop,
        "DeepCore's loop, rewritten": deepcore_loop,
    }
    for name, loop in peers.items():
        try:
            theirs, ours, ratios, chosen, core = in_turn(
                lambda loop=loop: loop(x, k), lambda: k_center_greedy(x, k, start=0), rounds=3
            )
        except ImportError:
            missing.append(name)
            continue
        rows.append(
            (
                name,
                f"{theirs:.3f}",
                f"{ours:.3f}",
                f"**{ratios[1]:.1f}**",
                f"{ratios[0]:.1f} - {ratios[-1]:.1f}",
                f"{int((chosen == core.index).sum())}/{k}",
            )
        )
        print(*rows[-1], file=sys.stderr, flush=True)
    note = f"\n\nNot installed, so not measured: {', '.join(missing)}." if missing else ""
    head = ("who", "theirs, s", "ours, s", "times ours", "of the rounds", "same centres")
    floor, _, _, _, _ = in_turn(lambda: numba_loop(x, 1), lambda: None, rounds=3)
    return (
        f"## Against other implementations, {n:,} x {d}, k={k}\n\n{table(head, rows)}{note}\n\nEach in turn with ours."
        f" One pass of the plain loop over these data takes {1e3 * floor:.1f} ms, the least that any of them can."
    )


def against_libraries(quick: bool) -> str:
    """What apricot and faiss do is not greedy k-center: the same task beside them, where they are installed."""
    rows, missing = [], []
    n, d, k = (300, 16, 10) if quick else (1500, 64, 50)
    x = points("power", n, d, seed=6)
    apart = distances(x, x)
    similar = apart.max() - apart

    def served(index):
        return float(similar[:, index].max(axis=1).sum())

    try:
        from apricot import FacilityLocationSelection

        chosen = []
        peer = FacilityLocationSelection(k, metric="precomputed", optimizer="lazy")
        theirs, _ = cpu_seconds(lambda: chosen.append(peer.fit(apart.max() - distances(x, x)).ranking))
        ours, index = cpu_seconds(facility_location, x, k, sample=n)
        rows.append(
            (
                f"apricot, facility location, {n:,} x {d}, k={k}",
                f"{theirs:.3f}",
                f"{ours:.3f}",
                f"**{theirs / ours:.2f}**",
                f"objective {served(index) / served(chosen[-1]):.4f} of its",
            )
        )
    except ImportError:
        missing.append("apricot")
    n, d, k = (3000, 32, 50) if quick else (30_000, 512, 1000)
    x = points("power", n, d, seed=7)
    try:
        import faiss

        faiss.omp_set_num_threads(1)
        flat = faiss.IndexFlatL2(d)
        flat.add(x[:k])
        assign(x, x[:k])
        theirs, ours, ratios, found, (index, _) = in_turn(
            lambda: flat.search(x, 1)[1][:, 0], lambda: assign(x, x[:k]), rounds=5
        )
        rows.append(
            (
                f"faiss, nearest of {k:,} for {n:,} x {d}",
                f"{theirs:.3f}",
                f"{ours:.3f}",
                f"**{ratios[2]:.2f}**",
                f"{(found == index).mean():.2%} of the rows agree",
            )
        )
    except ImportError:
        missing.append("faiss")
    note = f"Not installed, so not measured: {', '.join(missing)}." if missing else ""
    return (
        "## Beside libraries for neighbouring tasks\n\n"
        + (table(("task", "theirs, s", "ours, s", "ratio", "result"), rows) + "\n\n" if rows else "")
        + note
    )


def against_each_other(quick: bool) -> str:
    n, d, k = (3000, 32, 20) if quick else (60_000, 128, 100)
    rows = []
    for kind in ("mixture", "power", "uniform"):
        x = points(kind, n, d, seed=5)
        base = k_center_greedy(x, k).radius
        other = [k_center_greedy(x, k, seed=s).radius / base for s in range(1, 6)]
        robust = [
            core_set(x, k, method=m).radius / base
            for m in ("k-center-skip", "probcover", "facility-location", "k-means-medoids", "random")
        ]
        rows.append((kind, f"{min(other):.3f} - {max(other):.3f}", *(f"{r:.3f}" for r in robust)))
    head = (
        "data",
        "other starts",
        "skip 2 %",
        "ProbCover",
        "facility location",
        "medoids",
        "random",
    )
    return f"## Covering radius over the greedy's, {n:,} x {d}, k={k}\n\n" + table(head, rows)


def main() -> None:
    options = arguments(__doc__)
    warm = points("mixture", 9000, 64)
    numba_loop(warm, 3)
    assign(warm, warm[:100])
    lazy(warm, 300, start=0)  # loads the compiled kernels; after that small data uses them too
    compiled(warm, 3, start=0)
    compiled(warm[:2000], 3, start=0)
    parts = [
        against_a_pass_per_centre(options.quick),
        against_peers(options.quick),
        against_libraries(options.quick),
        against_each_other(options.quick),
    ]
    report("coreset", "Core sets: time and radius", "python benchmarks/coreset.py --write", parts, options.write)


if __name__ == "__main__":
    main()
