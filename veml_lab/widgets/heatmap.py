"""Similarity heat map: distances between sets under several measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from .._svg import number
from ..errors import BadInput, UnknownName
from ..figures.look import Spec, figure_of
from ..figures.similarity import similarity
from ._base import script
from ._charted import Charted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_ORDERED = 200  # sets; the order of the leaves takes their number cubed


class SimilarityHeatmap(Charted):
    """Show matrices of distances between named sets; a click shows two core sets face to face.

    Parameters
    ----------
    names : list of str
        The sets, in the order of rows and columns.
    measures : dict of name -> matrix, shape (n, n)
        Distances, small = similar; the first one is shown first.
    errors : dict of name -> matrix, optional
        Half widths of the uncertainty, shown as ``±`` under the values.
    pictures : dict of set name -> list of JPEG bytes, optional
        The samples of each core set.
    measure : str, optional
        Which one to show.
    target : str, optional
        The set whose donors are ranked, by the measure shown.
    lines : dict of set name -> dict, optional
        ``data``: the expression that is the set's data version; ``training``: that of its best lifecycle, or None;
        ``said``: that lifecycle in words. With ``transfer`` each ranked donor gets its line of code.
    transfer : str, optional
        The line that transfers, with ``{donor}`` and ``{target}`` in it.
    offers : bool, optional
        Whether a button writes that line into a cell; else it is only shown.

    Attributes
    ----------
    selected : list of str
        The two sets whose cell was clicked.
    trees : dict of measure -> list of (left, right, height, sets)
        Average linkage as SciPy writes it; rows and columns are drawn in the order of its leaves.

    Examples
    --------
    >>> SimilarityHeatmap(["a", "b"], {"mean": [[0, 2], [2, 0]]})
    SimilarityHeatmap: 2 sets, measures mean; nearest pair by mean: a – b (2)
    """

    _esm = script("heatmap")
    _from_browser = frozenset({"measure", "target", "selected", "event"})

    names = t.List(t.Unicode()).tag(sync=True)
    measures = t.Dict().tag(sync=True, ts="Record<string, number[][]>")
    errors = t.Dict().tag(sync=True, ts="Record<string, number[][]>")
    measure = t.Unicode("").tag(sync=True)
    pictures = t.Dict().tag(sync=True, ts="Record<string, DataView[]>")
    selected = t.List(t.Unicode()).tag(sync=True)
    trees = t.Dict()
    target = t.Unicode("").tag(sync=True)
    lines = t.Dict().tag(sync=True, ts="Record<string, SetLines>")
    transfer = t.Unicode("").tag(sync=True)
    offers = t.Bool(False).tag(sync=True)

    def __init__(
        self,
        names: Sequence[str],
        measures: Mapping[str, Any],
        *,
        errors: Mapping[str, Any] | None = None,
        pictures: Mapping[str, Sequence[bytes]] | None = None,
        measure: str = "",
        target: str = "",
        lines: Mapping[str, Mapping[str, str | None]] | None = None,
        transfer: str = "",
        offers: bool = False,
        **kwargs: Any,
    ) -> None:
        n = len(names)
        if target and target not in names:
            raise UnknownName.of("set", target, names)
        if measure and measure not in measures:
            raise UnknownName.of("measure", measure, measures)
        checked = {k: _matrix(k, m, n) for k, m in measures.items()}
        super().__init__(
            names=[str(x) for x in names],
            measures=checked,
            trees={k: tree for k, m in checked.items() if (tree := linkage_of(m))},
            target=target,
            lines={k: dict(v) for k, v in (lines or {}).items()},
            transfer=transfer,
            offers=offers,
            errors={k: _matrix(f"errors of {k}", m, n) for k, m in (errors or {}).items()},
            pictures={k: [bytes(p) for p in v] for k, v in (pictures or {}).items()},
            measure=measure or next(iter(measures), ""),
            **kwargs,
        )
        self.draw()

    def specs(self) -> Mapping[str, Spec]:
        n = len(self.names)
        return {
            k: similarity(
                self.names, k, m, order=leaves(self.trees.get(k, []), n), tree=self.trees.get(k, []),
                errors=self.errors.get(k),
            )
            for k, m in self.measures.items()
        }  # fmt: skip

    def figure(self, measure: str = "", *, dark: bool = False) -> Figure:
        """One measure as a Plotly figure, unless named the one that is shown.

        Raises
        ------
        UnknownName
            There is no such measure.
        """
        specs = self.specs()
        if measure and measure not in specs:
            raise UnknownName.of("measure", measure, specs)
        return figure_of(specs.get(measure or self.measure, {"data": [], "layout": {}}), dark=dark)

    def can_be(self, name: str, value: Any) -> bool:
        if name == "event":
            return super().can_be(name, value)
        if name == "selected":
            return isinstance(value, list) and len(value) <= 2 and all(v in self.names for v in value)
        return value in (list(self.measures) if name == "measure" else ["", *self.names])

    def describe(self) -> str:
        said = f"SimilarityHeatmap: {len(self.names)} sets, measures {', '.join(self.measures) or 'none'}"
        pair = nearest_pair(self.measures.get(self.measure, []))
        if pair is None:
            return said
        i, j, value = pair
        return f"{said}; nearest pair by {self.measure}: {self.names[i]} – {self.names[j]} ({number(value)})"


def _matrix(what: str, values: Any, n: int) -> list[list[float | None]]:
    """Nested lists of an (n, n) matrix; what is not finite becomes None, which JSON knows."""
    m = np.asarray(values, dtype=float)
    if m.shape != (n, n):
        raise BadInput(f"{what}: a matrix of shape ({n}, {n}) is needed, one row a name; got {m.shape}")
    return [[float(v) if np.isfinite(v) else None for v in row] for row in m]


def linkage_of(matrix: Sequence[Sequence[float | None]]) -> list[list[float]]:
    """Average linkage of a matrix of distances, its leaves ordered so that neighbours are near; [] where values are
    missing.

    Each row: the two that join (a set, or n + the row in which a group was made), their distance, the sets below.

    Source
    ------
    Bar-Joseph, Gifford, Jaakkola: Fast optimal leaf ordering for hierarchical clustering, 2001 (SciPy's
    ``optimal_ordering``).

    >>> [row[2:] for row in linkage_of([[0, 9, 1], [9, 0, 8], [1, 8, 0]])]  # distance and size of each join
    [[1.0, 2.0], [8.5, 3.0]]
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    m = np.array([[np.nan if v is None else v for v in row] for row in matrix], dtype=float).reshape(len(matrix), -1)
    np.fill_diagonal(m, 0.0)  # the paper's measure is not zero there
    if len(m) < 2 or not np.isfinite(m).all():
        return []
    near = squareform(np.maximum((m + m.T) / 2, 0.0), checks=False)
    return linkage(near, "average", optimal_ordering=len(m) <= MOST_ORDERED).tolist()


def leaves(tree: Sequence[Sequence[float]], n: int) -> list[int]:
    """Sets in the order of the tree's leaves; as they came where there is no tree.

    >>> leaves([[0, 2, 1, 2], [1, 3, 8.5, 3]], 3)
    [1, 0, 2]
    """
    if len(tree) != n - 1 or n < 2:
        return list(range(n))
    groups = [[i] for i in range(n)]
    for left, right, *_ in tree:
        groups.append(groups[int(left)] + groups[int(right)])
    return groups[-1]


def nearest_pair(matrix: Sequence[Sequence[float | None]]) -> tuple[int, int, float] | None:
    """The smallest value above the diagonal and its place.

    >>> nearest_pair([[0, 3, 1], [3, 0, 2], [1, 2, 0]])
    (0, 2, 1)
    """
    above = [(v, i, j) for i, row in enumerate(matrix) for j, v in enumerate(row) if i < j and v is not None]
    if not above:
        return None
    value, i, j = min(above)
    return i, j, value
