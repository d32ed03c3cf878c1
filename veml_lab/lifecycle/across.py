"""Similarity without a common space: Gromov-Wasserstein between sets of different dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import BadInput
from ..geometry.coresets import CoreSet, k_center_greedy
from ..geometry.points import as_points, check_k
from ..geometry.similarity import Similarity
from ..geometry.wasserstein import gromov_wasserstein

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MEASURE = "gromov-wasserstein"


def compare_across(
    sets: Mapping[str, ArrayLike],
    *,
    k: int = 100,
    seed: int = 0,
    starts: int = 3,
    known: Similarity | None = None,
) -> Similarity:
    """Compare every two point sets by the distances within them; their dimensions may differ.

    Parameters
    ----------
    sets : mapping of str to array-like, shape (n_i, d_i)
    k : int
        Points of each core set (100 in the paper), reduced to the number of samples.
    starts : int
        Core sets from this many random starts; the spread over them is ``error``.
    known : Similarity, optional
        An earlier result with the same parameters: its pairs are taken over, so that a set more costs its row.
        A name must mean the same data as then.

    Returns
    -------
    Similarity
        Under the one measure ``"gromov-wasserstein"``, without unit: distances are divided by their mean.

    Raises
    ------
    BadInput
        No sets, all points of a set equal, other parameters than those of ``known``.
    BadData
        NaN or infinite rows, named by set.

    Source
    ------
    VeML, section IV.D.4, table 6.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal((80, 3))
    >>> table = compare_across({"a": x, "wider": np.column_stack([x, x]), "line": np.linspace(0, 1, 80)[:, None]}, k=20)
    >>> table.closest_pair("gromov-wasserstein")
    ('a', 'wider')
    """
    import numpy as np

    if not sets:
        raise BadInput("there is nothing to compare: give at least one named set")
    check_k(k, 1 << 30)
    check_k(starts, 1 << 30, name="starts")
    data = {str(n): as_points(x, name=f"set {n!r}") for n, x in sets.items()}
    parameters = {"k": k, "seed": seed, "starts": starts}
    if known is not None and known.parameters != parameters:
        raise BadInput(f"the known comparison was made with {known.parameters}, this one asks for {parameters}")
    names = list(data)
    value, error = np.zeros((len(names), len(names))), np.zeros((len(names), len(names)))
    for i, p in enumerate(names):
        for j, q in enumerate(names[:i]):
            if known is not None and {p, q} <= set(known.names):
                at = known.names.index(p), known.names.index(q)
                cell = known.measures[MEASURE][at], known.error[MEASURE][at]
            else:  # in the order of the names: the same value whatever else is compared
                first, second = sorted((p, q))
                found = gromov_wasserstein(data[first], data[second], k=k, seed=seed, cores=starts)
                cell = found.value, found.spread
            value[i, j], error[i, j] = cell
            value[j, i], error[j, i] = cell
    cores: dict[str, CoreSet] = dict(known.core_sets) if known is not None else {}
    cores = {n: cores.get(n) or k_center_greedy(x, min(k, len(x)), seed=seed) for n, x in data.items()}
    return Similarity(tuple(names), {MEASURE: value}, {MEASURE: error}, cores, {}, parameters)
