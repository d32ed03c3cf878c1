"""What a trained network is worth as the start for other, labelled data: scores of its features and outputs there.

All take arrays of n samples of the *target*: ``features`` (n, d), what the donor's network gives before its last layer,
or ``outputs`` (n, c) rows of probabilities over the donor's classes, and ``labels`` (n,) of whole numbers. A larger
score is a better donor. Scores of one target can be compared with each other; across targets they cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import BadData, BadInput
from .points import squared_distances

Labels = NDArray[np.int64]
Needs = Literal["features", "outputs"]

AXES = 64


def logme(features: NDArray, labels: NDArray) -> float:
    """Logarithm of maximum evidence a sample, of a Bayesian linear model of the labels on the features.

    Parameters
    ----------
    features
        (n, d).
    labels
        (n,) whole numbers: one-against-all targets, averaged over the classes; or (n, m) real numbers, the targets of
        a regression, averaged over the m columns (each without its mean and in units of its spread).

    Source
    ------
    K. You et al., LogME: Practical Assessment of Pre-trained Models for Transfer Learning, ICML 2021; the fixed point
    of K. You et al., Ranking and Tuning Pre-trained Models, JMLR 2022.
    """
    f = np.asarray(features, np.float64)
    targets = _targets(labels, len(f))
    n, d = f.shape
    u, s, _ = np.linalg.svd(f, full_matrices=False)
    s2 = s**2
    inside = (u.T @ targets) ** 2  # (r, m): energy of each target along each singular direction
    total = (targets**2).sum(axis=0)
    return float(np.mean([_evidence(s2, inside[:, j], total[j], n, d) for j in range(targets.shape[1])]))


def _evidence(s2: NDArray, z2: NDArray, total: float, n: int, d: int) -> float:
    """Evidence a sample of one target: alpha, beta (precisions of weights and noise) by fixed-point iteration."""
    outside = max(total - z2.sum(), 0.0)
    alpha = beta = 1.0
    for _ in range(100):
        t = alpha / beta
        gamma = (s2 / (s2 + t)).sum()
        weight2 = (s2 * z2 / (s2 + t) ** 2).sum()
        residual2 = (z2 / (1 + s2 / t) ** 2).sum() + outside
        alpha, beta = gamma / max(weight2, 1e-12), (n - gamma) / max(residual2, 1e-12)
        if abs(alpha / beta - t) <= 1e-4 * t:
            break
    t = alpha / beta
    weight2 = (s2 * z2 / (s2 + t) ** 2).sum()
    residual2 = (z2 / (1 + s2 / t) ** 2).sum() + outside
    log_det = np.log(alpha + beta * s2).sum() + (d - len(s2)) * np.log(alpha)
    evidence = d * np.log(alpha) + n * np.log(beta) - n * np.log(2 * np.pi)
    return float(evidence - beta * residual2 - alpha * weight2 - log_det) / (2 * n)


def h_score(features: NDArray, labels: NDArray) -> float:
    """How much of the features' variance lies between the classes: trace of total^-1 between, with a shrunk total.

    Source
    ------
    Y. Bao et al., An Information-Theoretic Approach to Transferability, ICIP 2019; shrinkage (Ledoit and Wolf) of
    S. Ibrahim et al., Newer is not always better, ECML 2022.
    """
    from sklearn.covariance import ledoit_wolf

    f = np.asarray(features, np.float64)
    _, y = _classes(labels, len(f))
    f = f - f.mean(axis=0)
    total, shrinkage = ledoit_wolf(f, assume_centered=True)
    means = np.stack([f[y == c].mean(axis=0) for c in range(y.max() + 1)])
    share = np.bincount(y) / len(y)
    between = (means * share[:, None]).T @ means
    # a constant column has no variance: what is left of the total there is the shrinkage's
    return float((1 - shrinkage) * np.trace(np.linalg.pinv(total, hermitian=True) @ between))


def separation(features: NDArray, labels: NDArray) -> float:
    """Minus the variance within the classes over the variance between them: how collapsed the classes are.

    Source
    ------
    P. Suresh et al., Pitfalls in Measuring Neural Transferability, 2023: this alone explains much of other scores.
    """
    f = np.asarray(features, np.float64)
    _, y = _classes(labels, len(f))
    f = f - f.mean(axis=0)
    means = np.stack([f[y == c].mean(axis=0) for c in range(y.max() + 1)])
    within = ((f - means[y]) ** 2).sum() / len(f)
    between = (means[y] ** 2).sum() / len(f)
    return -float(within / max(between, 1e-12))


def probe(features: NDArray, labels: NDArray) -> float:
    """Share of samples that a ridge classifier on the others gets right, for the best of nine penalties.

    The left-out values are exact (PRESS residuals), nothing is trained n times. Chance is the largest class's share.

    Source
    ------
    D. Allen, The relationship between variable selection and data augmentation, 1974.
    """
    f = np.asarray(features, np.float64)
    _, y = _classes(labels, len(f))
    f = f - f.mean(axis=0)
    targets = np.eye(y.max() + 1)[y]
    middle = targets.mean(axis=0)
    u, s, _ = np.linalg.svd(f, full_matrices=False)
    best = 0.0
    for share in np.logspace(-4, 1, 9):
        keep = s**2 / (s**2 + share * max((s**2).mean(), 1e-12))
        fitted = u @ (keep[:, None] * (u.T @ (targets - middle))) + middle
        lever = (u**2) @ keep + 1 / len(f)
        left_out = targets - (targets - fitted) / (1 - np.minimum(lever, 1 - 1e-9))[:, None]
        best = max(best, float((left_out.argmax(axis=1) == y).mean()))
    return best


def neighbours(features: NDArray, labels: NDArray, k: int = 5) -> float:
    """Share of samples whose label most of the ``k`` nearest others have; ties go to the nearer ones."""
    f = np.asarray(features, np.float64)
    _, y = _classes(labels, len(f))
    k = min(k, len(f) - 1)
    d = squared_distances(f, f)
    np.fill_diagonal(d, np.inf)
    near = np.argsort(d, axis=1, kind="stable")[:, :k]
    votes = np.zeros((len(f), y.max() + 1))
    for place in range(k):  # a vote weighs a little less the further it comes from
        np.add.at(votes, (np.arange(len(f)), y[near[:, place]]), 1 - place / (10 * k * k))
    return float((votes.argmax(axis=1) == y).mean())


def leep(outputs: NDArray, labels: NDArray) -> float:
    """Mean log likelihood of the labels, given the donor's outputs and how its classes go with ours.

    Source
    ------
    C. Nguyen et al., LEEP: A New Measure to Evaluate Transferability of Learned Representations, ICML 2020.
    """
    p = _probabilities(outputs)
    _, y = _classes(labels, len(p))
    joint = np.stack([p[y == c].sum(axis=0) for c in range(y.max() + 1)]) / len(p)  # (ours, theirs)
    given = joint / np.maximum(joint.sum(axis=0), 1e-300)
    return float(np.log(np.maximum((p @ given.T)[np.arange(len(p)), y], 1e-300)).mean())


def nce(outputs: NDArray, labels: NDArray) -> float:
    """Minus the conditional entropy (nats) of the labels, given the class that the donor says.

    Source
    ------
    A. Tran et al., Transferability and Hardness of Supervised Classification Tasks, ICCV 2019.
    """
    p = _probabilities(outputs)
    _, y = _classes(labels, len(p))
    joint = np.zeros((p.shape[1], y.max() + 1))
    np.add.at(joint, (p.argmax(axis=1), y), 1 / len(p))
    given = joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-300)
    return float((joint * np.log(np.where(given > 0, given, 1.0))).sum())


def sureness(outputs: NDArray, labels: NDArray | None = None) -> float:
    """Minus the mean entropy (nats) of the outputs: how sure the donor is of what it sees. Needs no labels."""
    p = _probabilities(outputs)
    return float((p * np.log(np.where(p > 0, p, 1.0))).sum(axis=1).mean())


@dataclass(frozen=True)
class Score:
    """One way to score a donor.

    Attributes
    ----------
    needs
        What of the donor's network it reads on the target: ``"features"`` or ``"outputs"``.
    labelled
        Whether it needs the target's labels.
    """

    name: str
    needs: Needs
    of: Callable[..., float]
    labelled: bool = True


SCORES: dict[str, Score] = {
    s.name: s
    for s in (
        Score("logme", "features", logme),
        Score("h-score", "features", h_score),
        Score("probe", "features", probe),
        Score("neighbours", "features", neighbours),
        Score("separation", "features", separation),
        Score("leep", "outputs", leep),
        Score("nce", "outputs", nce),
        Score("sureness", "outputs", sureness, labelled=False),
    )
}


def label_distance(
    a: NDArray, labels_a: NDArray, b: NDArray, labels_b: NDArray, *, seed: int = 0, most: int = 500
) -> float:
    """Distance of two labelled sets by optimal transport, where moving a label costs what moving its class costs.

    Classes are taken as normal laws; the distance of two is the closed form of Bures. Needs no network of the donor.
    Of more than ``AXES`` dimensions the main ones of both sets together are taken: a class of some dozen samples has no
    more, and the closed form costs their cube.

    Parameters
    ----------
    a, b
        (n, d), (m, d): embeddings in one space.
    most
        Samples of each that are transported at most, drawn with ``seed``.

    Source
    ------
    D. Alvarez-Melis and N. Fusi, Geometric Dataset Distances via Optimal Transport (OTDD), NeurIPS 2020: reference
    [2] of the VeML paper.
    """
    import ot

    from .measures import frechet, moments

    if a.shape[1] != b.shape[1]:
        raise BadInput(f"both sets must be embedded in one space, got {a.shape[1]} and {b.shape[1]} dimensions")
    rng = np.random.default_rng(seed)
    axes = _main_axes(np.concatenate([a, b]).astype(np.float64))
    sets = []
    for x, labels in ((a, labels_a), (b, labels_b)):
        x = np.asarray(x, np.float64) @ axes
        _, y = _classes(labels, len(x), least=1)
        laws = [moments(x[y == c]) for c in range(y.max() + 1)]
        rows = np.sort(rng.permutation(len(x))[:most])
        sets.append((x[rows], y[rows], laws))
    (xa, ya, la), (xb, yb, lb) = sets
    between = np.array([[frechet(p, q) for q in lb] for p in la])
    cost = squared_distances(xa, xb) + between[np.ix_(ya, yb)]
    even = [np.full(len(x), 1 / len(x)) for x in (xa, xb)]
    return float(np.sqrt(max(ot.emd2(*even, cost), 0.0)))


def _main_axes(x: NDArray) -> NDArray[np.float64]:
    """Columns (d, at most AXES) to project on; the identity where there are no more."""
    d = x.shape[1]
    if d <= AXES:
        return np.eye(d)
    x = x[:: -(-len(x) // 1000)]  # a thousand rows say where the main axes lie
    return np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2][:AXES].T


def _targets(labels: NDArray, n: int) -> NDArray[np.float64]:
    values = np.asarray(labels)
    if values.ndim == 1 and values.dtype.kind in "iub":
        _, y = _classes(values, n)
        return np.eye(y.max() + 1)[y]
    values = values.astype(np.float64).reshape(len(values), -1)
    if len(values) != n:
        raise BadInput(f"{n} rows of features need as many targets, got {len(values)}")
    spread = values.std(axis=0)
    if not np.isfinite(values).all() or not (spread > 0).any():
        raise BadData("the targets of a regression must be finite and not all the same")
    return ((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0))[:, spread > 0]


def _classes(labels: NDArray, n: int, least: int = 2) -> tuple[NDArray, Labels]:
    """The classes that occur, and each sample's place among them."""
    values = np.asarray(labels)
    if values.shape != (n,):
        raise BadInput(f"{n} samples need one label each, got labels of the shape {values.shape}")
    names, y = np.unique(values, return_inverse=True)
    if len(names) < least:
        raise BadData(f"a donor is scored on at least {least} classes, there is {len(names)}; label more of the target")
    return names, y.astype(np.int64)


def _probabilities(outputs: NDArray) -> NDArray[np.float64]:
    p = np.asarray(outputs, np.float64)
    if p.ndim != 2 or not np.isfinite(p).all() or (p < 0).any() or (p.sum(axis=1) <= 0).any():
        raise BadData("outputs must be rows of probabilities over the donor's classes, shape (n, c)")
    return p / p.sum(axis=1, keepdims=True)
