"""Synthetic worlds with known truth that the geometry benchmarks share, and how they print and time.

Times are CPU seconds of one thread (the machines that run this are shared); read the ratios.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import struct
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402  (it reads the number of threads when it loads)

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"


def points(kind: str, n: int, d: int, seed: int = 0) -> np.ndarray:
    """Draw (n, d) float32 of one of four kinds: mixture, power (law spectrum), relu (CNN-like), uniform."""
    rng = np.random.default_rng(seed)
    if kind == "uniform":
        return rng.random((n, d), dtype=np.float32)
    x = np.empty((n, d), np.float32)
    label = rng.integers(0, 50, n)
    if kind == "mixture":
        middle, spread = 2 * rng.standard_normal((50, d)).astype(np.float32), rng.uniform(0.5, 1.5, 50)
        for s in range(0, n, 65536):
            e = min(n, s + 65536)
            noise = rng.standard_normal((e - s, d), dtype=np.float32)
            x[s:e] = noise * spread[label[s:e], None].astype(np.float32) + middle[label[s:e]]
        return x
    falloff = (np.arange(1, d + 1) ** -0.5).astype(np.float32)
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0].astype(np.float32)
    middle = rng.standard_normal((50, d)).astype(np.float32) * falloff * 1.5
    for s in range(0, n, 65536):
        e = min(n, s + 65536)
        part = (rng.standard_normal((e - s, d), dtype=np.float32) * falloff + middle[label[s:e]]) @ turn
        x[s:e] = np.maximum(part * (np.sqrt(d) / 3) + 0.5, 0) if kind == "relu" else part
    return x


def overlapping_sets(seed: int, outliers: float, n: int = 4000, d: int = 128):
    """Draw a target of ten classes and eight sources that share a known part of them.

    Returns the target, the sources, and the shared part of each: the true order. Sources differ in spread
    and class balance, which a good measure has to see through.
    """
    rng = np.random.default_rng(seed)
    falloff = np.arange(1, d + 1) ** -0.5
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
    pool = rng.standard_normal((40, d)) * falloff * 2

    def draw(classes: list[int], spread: float) -> np.ndarray:
        label = rng.choice(len(classes), n, p=rng.dirichlet(np.ones(len(classes)) * 5))
        x = pool[np.array(classes)[label]] + rng.standard_normal((n, d)) * falloff * spread
        if outliers:
            far = rng.choice(n, int(outliers * n), replace=False)
            x[far] = rng.standard_normal((len(far), d)) * falloff * 6 * spread
        return (x @ turn).astype(np.float32)

    target, sources, shared = draw(list(range(10)), 1.0), [], [1.0, 0.8, 0.6, 0.4, 0.2, 0.0, 0.9, 0.5]
    for j, part in enumerate(shared):
        s = round(10 * part)
        classes = [c if c < 40 else 10 + c % 30 for c in [*range(s), *range(10 + 3 * j, 20 + 3 * j - s)]]
        sources.append(draw(classes, float(rng.uniform(0.7, 1.3))))
    return target, sources, np.array(shared)


class DriftWorld:
    """A mixture with power-law spectrum, to draw from with and without one of many drifts."""

    dimensions, clusters = 64, 10

    def __init__(self, seed: int, outliers: float) -> None:
        rng = np.random.default_rng(seed)
        d = self.dimensions
        self.falloff = (np.arange(1, d + 1) ** -0.5).astype(np.float32)
        self.middle = rng.standard_normal((self.clusters + 3, d)).astype(np.float32) * self.falloff * 2
        self.share = rng.dirichlet(np.ones(self.clusters) * 5)
        self.outliers = outliers
        along = rng.standard_normal(d).astype(np.float32)
        self.along = along / np.linalg.norm(along)

    def draw(self, n: int, rng: np.random.Generator, kind: str = "none", size: float = 0.0) -> np.ndarray:
        """Draw n rows under a drift: mean, new cluster, variance, prior or collapse, of the given size."""
        share = self.share
        if kind == "prior":
            share = share * np.exp(size * np.linspace(-1, 1, self.clusters))
            share = share / share.sum()
        label = rng.choice(self.clusters, n, p=share)
        if kind == "new cluster":
            label = np.where(rng.random(n) < size, self.clusters, label)
        noise = rng.standard_normal((n, self.dimensions)).astype(np.float32) * self.falloff
        x = self.middle[label] + noise * (1 + size if kind == "variance" else 1)
        if kind == "mean":
            x = x + size * self.along
        if kind == "collapse":
            m = rng.random(n) < size
            x[m] = self.middle[label[m]] * 0.5 + 0.1 * noise[m]
        if self.outliers:
            far = rng.random(n) < self.outliers
            x[far] = rng.standard_normal((int(far.sum()), self.dimensions)).astype(np.float32) * self.falloff * 6
        return x.astype(np.float32)


def idx_images(folder: str) -> np.ndarray | None:
    """Read the training images of MNIST or Fashion-MNIST as (n, 784) float32 in 0..1; None where they are not."""
    path = DATA / folder / "train-images-idx3-ubyte.gz"
    if not path.exists():
        return None
    raw = gzip.decompress(path.read_bytes())
    _, n, h, w = struct.unpack(">IIII", raw[:16])
    return np.frombuffer(raw, np.uint8, offset=16).reshape(n, h * w).astype(np.float32) / 255


def cpu_seconds(run: Callable, *given: object, times: int = 3, **options: object) -> tuple[float, Any]:
    """Best CPU time of a few runs, and the last result; below 50 ms the best wall time of many.

    The CPU clock of a process ticks too coarsely for such runs and counts what idle threads spin.
    """
    best, wall, result = float("inf"), float("inf"), None
    while times > 0:
        begin, began = time.process_time(), time.perf_counter()
        result = run(*given, **options)
        best = min(best, time.process_time() - begin)
        if wall == float("inf") and time.perf_counter() - began < 0.05:
            times += 20
        wall = min(wall, time.perf_counter() - began)
        times -= 1
    return (wall if wall < 0.05 else best), result


def in_turn(one: Callable, other: Callable, *, rounds: int = 3) -> tuple[float, float, list[float], Any, Any]:
    """Run two functions in turn on a busy machine: CPU seconds of each (medians), their ratio in every round, both
    results.

    What takes less than 50 ms is run as often as that takes, so that the clock and the other processes weigh less.
    """

    def spent(run: Callable, often: int) -> tuple[float, Any]:
        begin = time.process_time()
        for _ in range(often):
            result = run()
        return (time.process_time() - begin) / often, result

    often = [1 + int(0.05 / max(spent(run, 1)[0], 1e-5)) if rounds > 1 else 1 for run in (one, other)]
    pairs = [(spent(one, often[0]), spent(other, often[1])) for _ in range(rounds)]
    seconds = sorted(p[0][0] for p in pairs), sorted(p[1][0] for p in pairs)
    ratios = sorted(p[0][0] / p[1][0] for p in pairs)
    return seconds[0][rounds // 2], seconds[1][rounds // 2], ratios, pairs[-1][0][1], pairs[-1][1][1]


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a Markdown table."""
    head = [str(h) for h in header]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(c) for c in row) + " |" for row in rows])


def report(name: str, title: str, command: str, parts: list[str], write: bool) -> None:
    """Print the result and, if asked, keep it in docs/results."""
    versions = (
        f"Python {platform.python_version()}, NumPy {np.__version__}, one thread, CPU time, a shared machine: read the"
        " ratios."
    )
    text = "\n\n".join([f"# {title}", f"Made by `{command}`. {versions}", *parts]) + "\n"
    print(text)
    if write:
        path = ROOT / "docs" / "results" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def arguments(description: str) -> argparse.Namespace:
    """Parse the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/results")
    return parser.parse_args()
