# ruff: noqa: E402, I001 - _suites comes first: it sets one thread before NumPy loads
"""Drift detectors on sixteen drifts with known truth: ``python benchmarks/drift.py --write``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]
from _drift_detectors import energy_drift, ks_drift, mmd_drift
from _suites import DriftWorld, arguments, report, table

import numpy as np

from veml_lab.geometry.coverage import covering_ball_drift, covering_balls

DRIFTS = [
    ("mean", 0.15), ("mean", 0.3), ("mean", 0.6), ("mean", 1.0), ("mean", 2.0), ("mean", 6.0),
    ("new cluster", 0.02), ("new cluster", 0.05), ("new cluster", 0.2), ("new cluster", 0.5),
    ("variance", 0.05), ("variance", 0.1), ("variance", 0.3), ("variance", 0.6), ("prior", 1.0), ("collapse", 0.2),
]  # fmt: skip


def alibi_rules() -> dict:
    """MMD and KS of alibi-detect on the same sizes as ours; empty where it is not installed."""
    try:
        from alibi_detect.cd import KSDrift, MMDDrift
    except ImportError:
        return {}
    import torch

    torch.set_num_threads(1)

    def mmd(train, test):
        return bool(
            MMDDrift(train[:500], backend="pytorch", p_val=0.05, n_permutations=100).predict(test[:500])["data"][
                "is_drift"
            ]
        )

    def ks(train, test):
        return bool(KSDrift(train, p_val=0.05).predict(test)["data"]["is_drift"])

    return {"alibi-detect MMD, 500 v 500": mmd, "alibi-detect KS per dimension": ks}


def rates(outliers: float, n_train: int, n_test: int, worlds: int, repeats: int, peers: bool) -> str:
    """Rejection rate of every rule under every drift."""
    others = {
        "MMD, 500 v 500": mmd_drift,
        "energy, 500 v 500": energy_drift,
        "KS per dimension": ks_drift,
        **alibi_rules(),
    }
    hits: dict[str, dict[tuple[str, float], list[bool]]] = {}
    spent: dict[str, list[float]] = {}

    def note(rule: str, drift: tuple[str, float], drifted: bool, begin: float) -> None:
        spent.setdefault(rule, []).append(time.process_time() - begin)
        hits.setdefault(rule, {}).setdefault(drift, []).append(drifted)

    for seed in range(worlds):
        rng = np.random.default_rng(seed + 9000)
        world = DriftWorld(seed, outliers)
        for drift in [("none", 0.0), *DRIFTS]:
            # the level of one training set differs from that of the next, so each few tests get a new one
            for trial in range(repeats * (6 if drift[0] == "none" else 1)):
                train = world.draw(n_train, rng)
                begin = time.process_time()
                balls = covering_balls(train, seed=int(rng.integers(1 << 30)))
                spent.setdefault("fit", []).append(time.process_time() - begin)
                test = world.draw(n_test, rng, *drift)
                begin = time.process_time()
                result = balls.drift(test)
                note("**covering balls, calibrated**", drift, result.drifted, begin)
                hits.setdefault("paper's rule, k=10", {}).setdefault(drift, []).append(result.paper_drifted)
                if peers and trial % 3 == 0:  # they cost twenty times as much
                    for rule, run in others.items():
                        begin = time.process_time()
                        result = run(train, test)
                        note(rule, drift, result if isinstance(result, bool) else result.drifted, begin)
    head = ["rule", "none", *(f"{k} {s:g}" for k, s in DRIFTS), "ms"]
    rows = []
    for rule, by in hits.items():
        cost = f"{1e3 * float(np.median(spent[rule])):.1f}" if rule in spent else "-"
        rows.append([rule, *(f"{np.mean(by[d]):.2f}" for d in [("none", 0.0), *DRIFTS]), cost])
    trials = len(next(iter(hits.values()))[("none", 0.0)])
    return (
        f"## {n_train} training, {n_test} test points, {outliers:.0%} outliers\n\n{table(head, rows)}\n\n{trials}"
        f" trials without drift (standard error {np.sqrt(0.05 * 0.95 / trials):.3f}), {worlds * repeats} with each"
        " drift; the other detectors on every third; ms is the median. Fitting the balls, once per training set:"
        f" {1e3 * float(np.mean(spent['fit'])):.0f} ms."
    )


def more_worlds(n_train: int, n_test: int, drifts: list[tuple[str, float]], worlds: int, repeats: int) -> str:
    """The calibrated rule by itself: how its rates hold over many worlds, and what each of its tests says without
    drift."""
    rows = []
    for outliers in (0.0, 0.01):
        rates = []
        single = []
        for kind in [("none", 0.0), *drifts]:
            hits = []
            for seed in range(1000, 1000 + worlds):
                rng = np.random.default_rng(seed)
                world = DriftWorld(seed, outliers)
                for _ in range(repeats * (5 if kind[0] == "none" else 2)):
                    balls = covering_balls(world.draw(n_train, rng), seed=int(rng.integers(1 << 30)))
                    result = balls.drift(world.draw(n_test, rng, *kind))
                    hits.append(result.drifted)
                    if kind[0] == "none":
                        single.append([p <= 0.05 for p in result.tests.values()])
            rate = float(np.mean(hits))
            rates.append(f"{rate:.3f} +- {np.sqrt(rate * (1 - rate) / len(hits)):.3f}")
        rows.append([f"{outliers:.0%}", *rates, " / ".join(f"{v:.3f}" for v in np.mean(single, axis=0))])
    names = ["outliers", "none", *(f"{k} {s:g}" for k, s in drifts), "Hotelling / KS / chi-square alone, none"]
    return (
        f"## The calibrated rule by itself over {worlds} worlds: {n_train} training, {n_test} test"
        f" points\n\n{table(names, rows)}\n\n{worlds * repeats * 5} trials without drift, {worlds * repeats * 2} with"
        " each; +- is the standard error."
    )


def main() -> None:
    options = arguments(__doc__)
    covering_ball_drift(
        DriftWorld(0, 0).draw(500, np.random.default_rng(0)), DriftWorld(0, 0).draw(400, np.random.default_rng(0))
    )
    worlds, repeats = (1, 4) if options.quick else (5, 10)
    parts = [
        rates(0.0, 4000, 500, worlds, repeats, True),
        rates(0.01, 4000, 500, worlds, repeats, True),
        rates(0.01, 200, 100, worlds, repeats, False),
    ]
    worlds, repeats = (2, 1) if options.quick else (40, 4)
    parts.append(
        more_worlds(
            4000,
            500,
            [("mean", 0.15), ("new cluster", 0.02), ("new cluster", 0.05), ("variance", 0.05)],
            worlds,
            repeats,
        )
    )
    parts.append(more_worlds(200, 100, [("mean", 0.6), ("new cluster", 0.2), ("variance", 0.1)], worlds, repeats))
    if not alibi_rules():
        parts.append("alibi-detect is not installed, so not measured.")
    report(
        "drift",
        "Drift: rejection rates at a nominal level of 5 %",
        "python benchmarks/drift.py --write",
        parts,
        options.write,
    )


if __name__ == "__main__":
    main()
