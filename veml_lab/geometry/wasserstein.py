"""Gromov-Wasserstein: compare point sets that share no space, by their distances within."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput
from .coresets import k_center_greedy
from .points import as_points, check_k, distances


@dataclass(frozen=True, eq=False)
class GromovWasserstein:
    """Gromov-Wasserstein value between two sets.

    Attributes
    ----------
    value : float
        Smallest loss found: an upper bound of the true minimum, which no method finds surely.
    lower_bound : float
        The third lower bound of Memoli; the true minimum lies between it and ``value``.
    spread : float
        Standard deviation of ``value`` over core sets from different starts; 0 with one.
    plan : float64 array, shape (k, k)
        The coupling that reached ``value``.
    start : str
        Which start led there.
    k, seed : int
    """

    value: float
    lower_bound: float
    spread: float
    plan: NDArray[np.float64]
    start: str
    k: tuple[int, int]
    seed: int

    def __repr__(self) -> str:
        return (
            f"<GromovWasserstein {self.value:.4g} (at least {self.lower_bound:.4g}, spread {self.spread:.2g} over "
            f"core sets), k={self.k[0]} and {self.k[1]}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give value, bound and spread as plain JSON values."""
        return {
            "value": self.value,
            "lower_bound": self.lower_bound,
            "spread": self.spread,
            "start": self.start,
            "k": list(self.k),
            "seed": self.seed,
        }


def gromov_wasserstein(
    a: ArrayLike, b: ArrayLike, *, k: int = 100, seed: int = 0, cores: int = 3, random_starts: int = 30
) -> GromovWasserstein:
    """Compare two point sets, of any dimensions, by the distances within each.

    On core sets of ``k`` points, distances divided by their mean (so that units drop out), the square loss is
    minimised from several starts by conditional gradient and the best is kept: POT's default start alone
    ends 1.1 to 2.6 times above the best value found.

    Parameters
    ----------
    a, b : array-like, shape (n, d) and (m, e)
    k : int
        Points of each core set, reduced to the number of samples.
    cores : int
        Core sets of each, from different random starts; ``spread`` is over them.
    random_starts : int
        Random couplings tried for the first core set beside the product, the proximal and the lower-bound one.

    Returns
    -------
    GromovWasserstein

    Source
    ------
    F. Memoli, Gromov-Wasserstein distances and the metric approach to object matching, 2011 (loss, third
    lower bound); VeML, section IV.D.4 (on k=100 core sets). Proximal start: H. Xu et al., 2019; rounding to
    exact marginals: J. Altschuler et al., 2017. The solver is POT's.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal((60, 3))
    >>> y = np.column_stack([x, np.zeros(60)]) * 5  # another dimension, another unit: the same shape
    >>> bool(gromov_wasserstein(x, y, k=20, cores=1).value < 0.2)
    True
    """
    x, y = as_points(a, name="a"), as_points(b, name="b")
    check_k(k, 1 << 30)
    check_k(cores, 1 << 30, name="cores")
    results = []
    for s in range(cores):
        c = [_normalised(k_center_greedy(z, min(k, len(z)), seed=seed + s).points) for z in (x, y)]
        results.append((*solve(c[0], c[1], seed=seed + s, random_starts=random_starts if s == 0 else 5), c))
    values = np.array([r[0] for r in results])
    value, plan, start, (cx, cy) = results[0]
    bound = third_lower_bound(cx, cy)[0]
    return GromovWasserstein(value, min(bound, value), float(values.std()), plan, start, plan.shape, seed)


def solve(
    cx: NDArray, cy: NDArray, *, seed: int = 0, random_starts: int = 30
) -> tuple[float, NDArray[np.float64], str]:
    """Minimise the square loss between two distance matrices from several starts; uniform weights.

    Returns
    -------
    value : float
    plan : float64 array, shape (len(cx), len(cy))
    start : str
        Name of the start that won.
    """
    from ot.gromov import gromov_wasserstein as conditional_gradient

    p, q = np.full(len(cx), 1 / len(cx)), np.full(len(cy), 1 / len(cy))
    product = np.outer(p, q)
    starts = {"product": product, "lower bound": third_lower_bound(cx, cy)[1]}
    proximal = _proximal(cx, cy, product, p, q)
    if proximal is not None:
        starts["proximal"] = _on_marginals(proximal, p, q)
    rng = np.random.default_rng(seed)
    for i in range(random_starts):
        starts[f"random {i}"] = _on_marginals(rng.random(product.shape) ** 4 + 1e-3, p, q)
    best: tuple[float, NDArray, str] | None = None
    for name, start in starts.items():
        plan = np.asarray(conditional_gradient(cx, cy, p, q, "square_loss", G0=start, max_iter=500))
        value = loss(cx, cy, plan)
        if best is None or value < best[0]:
            best = value, plan, name
    return best


def loss(cx: NDArray, cy: NDArray, plan: NDArray) -> float:
    """Square loss of a coupling: mean of (cx_ij - cy_kl)^2 under plan x plan."""
    p, q = plan.sum(axis=1), plan.sum(axis=0)
    return max(0.0, float(p @ cx**2 @ p + q @ cy**2 @ q - 2 * ((cx @ plan @ cy) * plan).sum()))


def third_lower_bound(cx: NDArray, cy: NDArray) -> tuple[float, NDArray[np.float64]]:
    """Bound the loss from below: match each point's sorted distances, then transport on those costs.

    Returns
    -------
    bound : float
    plan : float64 array, shape (len(cx), len(cy))
    """
    import ot

    size = np.lcm(len(cx), len(cy))
    levels = size if size <= 1000 else 1000
    ranks = (np.arange(levels) + 0.5) / levels

    def profile(c: NDArray) -> NDArray:
        return np.sort(c, axis=1)[:, np.minimum((ranks * c.shape[1]).astype(int), c.shape[1] - 1)]

    fx, fy = profile(cx), profile(cy)
    cost = ((fx[:, None] - fy[None]) ** 2).mean(axis=-1) if len(cx) * len(cy) * levels < 5e7 else None
    if cost is None:
        cost = ((fx**2).mean(1)[:, None] + (fy**2).mean(1)[None] - 2 * fx @ fy.T / levels).clip(min=0)
    p, q = np.full(len(cx), 1 / len(cx)), np.full(len(cy), 1 / len(cy))
    plan = np.asarray(ot.emd(p, q, cost))
    return float((plan * cost).sum()), plan


def _normalised(points: NDArray) -> NDArray[np.float64]:
    d = distances(points, points)
    mean = d.mean()
    if mean == 0:
        if len(points) > 1:
            raise BadInput("all points of a set are equal: distances within it say nothing")
        return d
    return d / mean


def _proximal(
    cx: NDArray, cy: NDArray, plan: NDArray, p: NDArray, q: NDArray, eps: float = 0.1, rounds: int = 100
) -> NDArray[np.float64] | None:
    """Walk down by proximal points: plan <- sinkhorn(plan * exp(-gradient / eps)); None if it overflows."""
    constant = (cx**2 @ p)[:, None] + (cy**2 @ q)[None]
    with np.errstate(all="ignore"):
        for _ in range(rounds):
            gradient = constant - 2 * cx @ plan @ cy
            kernel = plan * np.exp(-2 * (gradient - gradient.min()) / eps)
            v = np.full(len(q), 1 / len(q))
            for _ in range(30):
                u = p / np.maximum(kernel @ v, 1e-300)
                v = q / np.maximum(kernel.T @ u, 1e-300)
            plan = u[:, None] * kernel * v[None]
            if not np.isfinite(plan).all():
                return None
    return plan


def _on_marginals(plan: NDArray, p: NDArray, q: NDArray) -> NDArray[np.float64]:
    """Round a near-coupling to one with exactly the marginals ``p`` and ``q``."""
    plan = plan * np.minimum(p / np.maximum(plan.sum(axis=1), 1e-300), 1.0)[:, None]
    plan = plan * np.minimum(q / np.maximum(plan.sum(axis=0), 1e-300), 1.0)[None]
    left, right = p - plan.sum(axis=1), q - plan.sum(axis=0)
    return plan + np.outer(left, right) / max(right.sum(), 1e-300)
