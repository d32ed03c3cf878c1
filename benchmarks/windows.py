"""False alarms of the calibrated drift test on windows that overlap and on windows that share no step.

Both series of a pair are drawn from one stationary process, so every verdict of drift is a false alarm; 5 % of them are
asked for. ``python benchmarks/windows.py --write`` makes docs/results/windows.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from veml_lab.geometry.coverage import covering_balls

PAGE = Path(__file__).resolve().parents[1] / "docs" / "results" / "windows.md"
STEPS, SENSORS, WINDOW = 1200, 3, 12


def series(rng: np.random.Generator, rho: float) -> np.ndarray:
    """A first-order autoregressive process of unit variance in every sensor, in its stationary state."""
    noise = rng.standard_normal((STEPS, SENSORS)) * np.sqrt(1 - rho**2)
    x = np.empty((STEPS, SENSORS))
    x[0] = rng.standard_normal(SENSORS)
    for t in range(1, STEPS):
        x[t] = rho * x[t - 1] + noise[t]
    return x


def windows(x: np.ndarray, stride: int) -> np.ndarray:
    """One flat row a window."""
    return np.stack([x[t : t + WINDOW].ravel() for t in range(0, len(x) - WINDOW + 1, stride)])


def false_alarms(rho: float, stride: int, pairs: int) -> float:
    """The share of pairs of which the second is said to have drifted from the first."""
    found = 0
    for seed in range(pairs):
        rng = np.random.default_rng([seed, round(100 * rho)])
        train, test = (windows(series(rng, rho), stride) for _ in range(2))
        found += covering_balls(train, k=10, seed=seed).drift(test).drifted
    return found / pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name} instead of printing it")
    args = parser.parse_args()
    rows = [
        f"| {'white noise' if not rho else f'AR(1), {rho}'} | {false_alarms(rho, 1, args.pairs):.0%} |"
        f" {false_alarms(rho, WINDOW, args.pairs):.0%} |"
        for rho in (0.0, 0.7, 0.9)
    ]
    text = (
        "# Sensors: false alarms over windows that overlap\n\n"
        f"Made by `python benchmarks/windows.py --write`. {args.pairs} stationary pairs of {STEPS:,} steps and"
        f" {SENSORS} sensors, windows of {WINDOW} steps, the calibrated test at a level of 5 %.\n\n"
        "| process | all windows (stride 1) | windows apart |\n|---|---:|---:|\n" + "\n".join(rows) + "\n"
    )
    if args.write:
        PAGE.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
