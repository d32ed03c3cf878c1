# ruff: noqa: E402, I001 - _suites comes first: it sets one thread before NumPy loads
"""Which measure ranks data sets truly, synthetic and real: ``python benchmarks/similarity.py --write``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]
from _suites import DATA, arguments, cpu_seconds, idx_images, overlapping_sets, report, table

import numpy as np
from scipy.stats import kendalltau

from veml_lab.geometry import measures as m
from veml_lab.geometry.coresets import core_set, k_center_greedy
from veml_lab.geometry.similarity import compare, robust_core
from veml_lab.geometry.wasserstein import loss, solve, third_lower_bound


def taus(quick: bool) -> str:
    """Kendall tau with the true order, by core set and measure."""
    worlds, seeds = (1, 1) if quick else (3, 2)
    choices = {
        "greedy, k=10 (paper)": lambda x, s: k_center_greedy(x, 10, seed=s),
        "greedy, k=100": lambda x, s: k_center_greedy(x, 100, seed=s),
        "greedy from the medoid, skip 2 %, k=100 (default)": lambda x, s: robust_core(x, 100, seed=s),
        "ProbCover, k=100": lambda x, s: core_set(x, 100, method="probcover", seed=s),
        "facility location, k=100": lambda x, s: core_set(x, 100, method="facility-location", seed=s),
        "k-means medoids, k=100": lambda x, s: core_set(x, 100, method="k-means-medoids", seed=s),
        "k-center with outliers, k=100": lambda x, s: core_set(x, 100, method="k-center-outliers", seed=s),
        "random, k=100": lambda x, s: core_set(x, 100, method="random", seed=s),
    }
    rows = []
    for name, choose in choices.items():
        row = [name]
        for outliers in (0.0, 0.01):
            found: dict[str, list[float]] = {}
            for world in range(worlds):
                target, sources, shared = overlapping_sets(world, outliers)
                for seed in range(1 if "default" in name else seeds):
                    t, cores = choose(target, seed), [choose(x, seed) for x in sources]
                    u = np.full(len(t), 1 / len(t))
                    value = {
                        "mean": [m.mean_distance(t.points, c.points) for c in cores],
                        "energy": [m.energy(t.points, c.points, u, u) for c in cores],
                        "energy, weighted": [m.energy(t.points, c.points, t.mass, c.mass) for c in cores],
                        "W1, weighted": [m.wasserstein(t.points, c.points, t.mass, c.mass) for c in cores],
                    }
                    for measure, v in value.items():
                        found.setdefault(measure, []).append(kendalltau(v, -shared)[0])
            row += [f"{np.mean(v):.2f}" for v in found.values()]
        rows.append(row)
    row = ["all data"]
    for outliers in (0.0, 0.01):
        mean, energy = [], []
        for world in range(worlds):
            target, sources, shared = overlapping_sets(world, outliers)
            sets = {"target": target, **{str(i): x for i, x in enumerate(sources)}}
            result = compare(sets, measures=("mean-all", "energy-all"), pairs=200_000)
            mean.append(kendalltau(result.measures["mean-all"][0, 1:], -shared)[0])
            energy.append(kendalltau(result.measures["energy-all"][0, 1:], -shared)[0])
        row += [f"{np.mean(mean):.2f}", f"{np.mean(energy):.2f}", "-", "-"]
    names = ("mean", "energy", "energy, weighted", "W1, weighted")
    head = ("core set", *(f"{n}; clean" for n in names), *(f"{n}; 1 % outliers" for n in names))
    return "## Kendall tau with the true order of shared classes\n\n" + table(head, [*rows, row])


def all_pairs(quick: bool) -> str:
    """The all-data mean from random pairs against all pairs."""
    target, sources, _ = overlapping_sets(0, 0.0, n=1000 if quick else 4000)
    whole, exact = cpu_seconds(m.mean_distance, target, sources[0], times=1)
    some, (value, error) = cpu_seconds(m.mean_of_pairs, target, sources[0], np.random.default_rng(0))
    return (
        f"## The all-data mean from 10,000 random pairs\n\nAll {len(target) ** 2:,} pairs: {exact:.4f} in"
        f" {1e3 * whole:.0f} ms. Random pairs: {value:.4f} +- {error:.4f} in {1e3 * some:.1f} ms, off by"
        f" {abs(value / exact - 1):.2%}."
    )


def gromov(quick: bool) -> str:
    """Our solver against POT's default and its proximal solver."""
    import ot

    rng = np.random.default_rng(0)
    k, rows = (30, []) if quick else (100, [])
    for trial in range(2 if quick else 3):
        a = (
            rng.standard_normal((1500, 12)) * np.arange(1, 13) ** -0.5
            + 2 * rng.standard_normal((4, 12))[rng.integers(4, size=1500)]
        )
        b = (
            rng.standard_normal((1500, 20)) * np.arange(1, 21) ** -0.5
            + 2 * rng.standard_normal((5, 20))[rng.integers(5, size=1500)]
        )
        c = [m.distances(p, p) for p in (k_center_greedy(x, k, seed=trial).points for x in (a, b))]
        cx, cy = (z / z.mean() for z in c)
        u = np.full(k, 1 / k)
        ours, (value, _, start) = cpu_seconds(solve, cx, cy, seed=trial, times=1)
        default, plan = cpu_seconds(ot.gromov.gromov_wasserstein, cx, cy, u, u, "square_loss", times=1)
        slow, slow_plan = cpu_seconds(
            ot.gromov.entropic_gromov_wasserstein,
            cx,
            cy,
            u,
            u,
            "square_loss",
            epsilon=0.05,
            solver="PPA",
            max_iter=100 if quick else 300,
            times=1,
        )
        rows.append(
            (
                trial,
                f"{third_lower_bound(cx, cy)[0]:.5f}",
                f"**{value:.5f}**",
                start,
                f"{loss(cx, cy, plan):.5f}",
                f"{loss(cx, cy, slow_plan):.5f}",
                f"{ours:.2f}",
                f"{default:.3f}",
                f"{slow:.1f}",
                f"{slow / ours:.0f}",
            )
        )
    head = (
        "pair",
        "lower bound",
        "ours",
        "won by",
        "POT default",
        "POT proximal",
        "ours, s",
        "default, s",
        "proximal, s",
        "proximal / ours",
    )
    return f"## Gromov-Wasserstein on k={k} core sets\n\n" + table(head, rows)


def real_pixels(quick: bool) -> str:
    """The paper's table 1 on raw pixels of the sets that share a size."""
    sets = {n: idx_images(n) for n in ("mnist", "fashion_mnist")}
    if any(x is None for x in sets.values()):
        return f"## MNIST and Fashion-MNIST\n\nNot found in {DATA.name}, so not measured."
    digits, clothes = (x[:2000] if quick else x for x in sets.values())
    half = len(digits) // 2
    named = {"MNIST, first half": digits[:half], "MNIST, second half": digits[half:], "Fashion-MNIST": clothes}
    begin = time.process_time()
    result = compare(named, starts=1 if quick else 5)
    spent = time.process_time() - begin
    lines = []
    for measure, matrix in result.measures.items():
        error = result.error[measure]
        lines.append(
            [
                measure,
                *(f"{matrix[i, j]:.3f} +- {error[i, j]:.3f}" for i, j in ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2))),
            ]
        )
    head = (
        "measure",
        "digits 1 - itself",
        "digits 1 - digits 2",
        "digits 1 - clothes",
        "digits 2 - clothes",
        "clothes - itself",
    )
    return (
        "## MNIST and Fashion-MNIST, pixels as they are (784 dimensions)\n\n"
        + table(head, lines)
        + f"\n\n{spent:.1f} s for all. A digit set must be nearest to the other digits; +- is the standard deviation"
        " over five starts, for mean-all the standard error. The paper's table 1 stands on ResNet-50 features, which"
        " this page does not need."
    )


def main() -> None:
    options = arguments(__doc__)
    parts = [taus(options.quick), all_pairs(options.quick), gromov(options.quick), real_pixels(options.quick)]
    report(
        "similarity",
        "Similarity: which measure ranks truly",
        "python benchmarks/similarity.py --write",
        parts,
        options.write,
    )


if __name__ == "__main__":
    main()
