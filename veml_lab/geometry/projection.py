"""The covering balls in the plane: data for a plot on which a radius still reads as a radius."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput
from .coresets import CoreSet, assign
from .points import as_points, distances


@dataclass(frozen=True, eq=False)
class CoveringPlane:
    """Positions for a covering-ball plot; every array is plain.

    Attributes
    ----------
    centres : float64 array, shape (k, 2)
    radii : float64 array, shape (k,)
        One circle each, in the unit of the plane.
    train_xy, test_xy : float64 arrays, shape (m, 2)
        Each point stands at its true distance (in the unit of the plane) from its nearest centre, so it is
        drawn inside that circle exactly if it is inside that ball.
    train_index, test_index : int64 arrays, shape (m,)
        Which rows were drawn.
    train_ball, test_ball : int64 arrays, shape (m,)
        Nearest centre of each.
    test_outside : bool array, shape (m,)
        Farther from its nearest centre than the radius.
    scale : float
        Length in the plane per unit of distance.
    """

    centres: NDArray[np.float64]
    radii: NDArray[np.float64]
    train_xy: NDArray[np.float64]
    test_xy: NDArray[np.float64]
    train_index: NDArray[np.int64]
    test_index: NDArray[np.int64]
    train_ball: NDArray[np.int64]
    test_ball: NDArray[np.int64]
    test_outside: NDArray[np.bool_]
    scale: float

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain JSON values."""
        return {k: v.tolist() if isinstance(v, np.ndarray) else float(v) for k, v in self.__dict__.items()}


def covering_plane(
    train: ArrayLike, test: ArrayLike, core: CoreSet, *, radius: float | None = None, most: int = 1000, seed: int = 0
) -> CoveringPlane:
    """Lay training data, test data and the covering balls of ``core`` out in two dimensions.

    Centres are placed by stress majorisation of their distances from a classical-scaling start. A point goes
    to its nearest centre, in the direction in which a least-squares fit sees it, at its true distance: what
    high dimension takes from the angles it leaves to the radii.

    Parameters
    ----------
    radius : float, optional
        Of the balls; the covering radius of ``core`` if not given.
    most : int
        Points of each set to draw; the farthest test points are among them.

    Returns
    -------
    CoveringPlane

    Source
    ------
    VeML, figure 8 (drawn there as a sketch). Stress majorisation: J. de Leeuw, 1977.
    """
    a, b = as_points(train, name="train"), as_points(test, name="test")
    d = core.points.shape[1]
    if a.shape[1] != d or b.shape[1] != d:
        raise BadInput(f"core has {d} dimensions, train {a.shape[1]} and test {b.shape[1]}; give one embedding")
    radius = core.radius if radius is None else float(radius)
    rng = np.random.default_rng(seed)
    between = distances(core.points, core.points)
    centres = _stress(between)
    _, axes = _plane_axes(core.points, centres)
    train_index = np.sort(rng.choice(len(a), min(most, len(a)), replace=False))
    test_ball, test_far = assign(b, core.points)
    first = np.argsort(-test_far, kind="stable")[: most // 5]
    rest = np.setdiff1d(np.arange(len(b)), first)
    test_index = np.sort(np.concatenate([first, rng.choice(rest, min(most - len(first), len(rest)), replace=False)]))
    train_ball, train_far = assign(a[train_index], core.points)
    place = _placer(core.points, centres, axes)
    return CoveringPlane(
        centres=centres,
        radii=np.full(len(core), radius),
        train_xy=place(a[train_index], train_ball, train_far),
        test_xy=place(b[test_index], test_ball[test_index], test_far[test_index]),
        train_index=train_index,
        test_index=test_index,
        train_ball=train_ball,
        test_ball=test_ball[test_index],
        test_outside=test_far[test_index] > radius,
        scale=1.0,
    )


def _stress(d: NDArray[np.float64], rounds: int = 200) -> NDArray[np.float64]:
    """Place k points in the plane so that their distances come near to ``d``, shape (k, k)."""
    k = len(d)
    if k == 1:
        return np.zeros((1, 2))
    centring = np.eye(k) - 1 / k
    values, vectors = np.linalg.eigh(-0.5 * centring @ d**2 @ centring)
    xy = vectors[:, -2:][:, ::-1] * np.sqrt(np.maximum(values[-2:][::-1], 0.0))
    if k == 2:
        xy = np.column_stack([xy[:, 0], np.zeros(2)])
    for _ in range(rounds):
        now = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(-1))
        ratio = np.divide(d, now, out=np.zeros_like(d), where=now > 1e-12)
        b = -ratio
        b[np.diag_indices(k)] += ratio.sum(axis=1)
        moved = b @ xy / k
        done = np.abs(moved - xy).max() <= 1e-6 * d.max(initial=0.0)
        xy = moved
        if done:
            break
    sign = np.where(xy[np.abs(xy).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)  # eigenvectors come with either sign
    return (xy - xy.mean(axis=0)) * sign


def _plane_axes(points: NDArray, centres: NDArray) -> tuple[NDArray, NDArray]:
    """Fit the linear map from the embedding to the plane that takes points to centres best."""
    mean = points.mean(axis=0, dtype=np.float64)
    axes, *_ = np.linalg.lstsq(points - mean, centres, rcond=1e-6)
    return mean, axes


def _placer(points: NDArray, centres: NDArray, axes: NDArray):
    def place(x: NDArray, ball: NDArray, far: NDArray) -> NDArray[np.float64]:
        direction = (x.astype(np.float64) - points[ball]) @ axes  # (m, 2)
        length = np.sqrt((direction**2).sum(axis=1, keepdims=True))
        angle = np.arange(len(x)) * 2.399963  # golden angle: where the fit sees nothing, spread evenly
        spread = np.column_stack([np.cos(angle), np.sin(angle)])
        unit = np.where(length > 1e-12, direction / np.maximum(length, 1e-12), spread)
        return centres[ball] + unit * far[:, None]

    return place
