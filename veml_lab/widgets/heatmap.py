"""Similarity heat map: distances between sets under several measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets as t

from ..errors import BadInput, UnknownName
from ._base import Drawing, script
from ._svg import INK, MUTED, number, picture, short, tag, text


class SimilarityHeatmap(Drawing):
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

    Attributes
    ----------
    selected : list of str
        The two sets whose cell was clicked.

    Examples
    --------
    >>> SimilarityHeatmap(["a", "b"], {"mean": [[0, 2], [2, 0]]})
    SimilarityHeatmap: 2 sets, measures mean; nearest pair by mean: a – b (2)
    """

    _esm = script("heatmap")

    names = t.List(t.Unicode()).tag(sync=True)
    measures = t.Dict().tag(sync=True, ts="Record<string, number[][]>")
    errors = t.Dict().tag(sync=True, ts="Record<string, number[][]>")
    measure = t.Unicode("").tag(sync=True)
    pictures = t.Dict().tag(sync=True, ts="Record<string, DataView[]>")
    selected = t.List(t.Unicode()).tag(sync=True)

    def __init__(
        self,
        names: Sequence[str],
        measures: Mapping[str, Any],
        *,
        errors: Mapping[str, Any] | None = None,
        pictures: Mapping[str, Sequence[bytes]] | None = None,
        measure: str = "",
        **kwargs: Any,
    ) -> None:
        n = len(names)
        if measure and measure not in measures:
            raise UnknownName.of("measure", measure, measures)
        super().__init__(
            names=[str(x) for x in names],
            measures={k: _matrix(k, m, n) for k, m in measures.items()},
            errors={k: _matrix(f"errors of {k}", m, n) for k, m in (errors or {}).items()},
            pictures={k: [bytes(p) for p in v] for k, v in (pictures or {}).items()},
            measure=measure or next(iter(measures), ""),
            **kwargs,
        )

    def describe(self) -> str:
        said = f"SimilarityHeatmap: {len(self.names)} sets, measures {', '.join(self.measures) or 'none'}"
        pair = nearest_pair(self.measures.get(self.measure, []))
        if pair is None:
            return said
        i, j, value = pair
        return f"{said}; nearest pair by {self.measure}: {self.names[i]} – {self.names[j]} ({number(value)})"

    def static_html(self) -> str:
        return heatmap_svg(self.names, self.measures, says=self.describe())


def _matrix(what: str, values: Any, n: int) -> list[list[float | None]]:
    """Nested lists of an (n, n) matrix; what is not finite becomes None, which JSON knows."""
    m = np.asarray(values, dtype=float)
    if m.shape != (n, n):
        raise BadInput(f"{what}: a matrix of shape ({n}, {n}) is needed, one row a name; got {m.shape}")
    return [[float(v) if np.isfinite(v) else None for v in row] for row in m]


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


def heatmap_svg(names: Sequence[str], measures: Mapping[str, Any], *, says: str = "Distances") -> str:
    """Every measure as one table of coloured cells, side by side; the nearest set of each row outlined."""
    n = len(names)
    cell, tall = (64, 34) if n <= 10 else (34, 26)
    longest = min(22, max((len(x) for x in names), default=4))
    left, head = longest * 7 + 20, longest * 4.6 + 44
    width, parts = 16.0, []
    for measure, matrix in measures.items():
        origin = width
        parts.append(text(origin, 22, measure, size=13, font_weight=600))
        off = [v for i, r in enumerate(matrix) for j, v in enumerate(r) if i != j and v is not None]
        low, high = (min(off), max(off)) if off else (0.0, 1.0)
        for i, name in enumerate(names):
            x, y = origin + left + i * cell + cell / 2, head + i * tall
            parts.append(
                text(0, 0, short(name, 22), size=11, fill=MUTED, transform=f"translate({x - 4:.0f},{head - 8:.0f}) rotate(-40)")
            )
            parts.append(text(origin + left - 8, y + tall / 2 + 4, short(name, 22), size=12, text_anchor="end"))
            row = [(v, j) for j, v in enumerate(matrix[i]) if j != i and v is not None]
            near = min(row)[1] if row else -1
            for j, value in enumerate(matrix[i]):
                strong = (high - value) / (high - low) if value is not None and high > low else 0.0
                fill, ink = ("#f2f4f7", MUTED) if i == j else _shade(max(0.0, strong))
                parts.append(
                    tag(
                        "rect", x=origin + left + j * cell + 1.5, y=y + 1.5, width=cell - 3, height=tall - 3, rx=4,
                        fill=fill, stroke="#b45309" if j == near else None, stroke_width=2.5 if j == near else None,
                    )
                )  # fmt: skip
                if cell >= 60:
                    parts.append(
                        text(origin + left + (j + 0.5) * cell, y + tall / 2 + 4, number(value), size=12, fill=ink, text_anchor="middle")
                    )
        width = origin + left + n * cell + head * 0.7
    if not measures:
        parts, width = [text(20, 35, "No distances yet.", fill=INK)], 220.0
    return picture("".join(parts), width, head + n * tall + 16, says=says)


def _shade(nearness: float) -> tuple[str, str]:
    """Fill and text colour: near is a deep teal. The same as ``shade`` in heatmap.ts."""
    rgb = [round(f + (to - f) * min(1.0, nearness) ** 1.2) for f, to in zip((240, 246, 246), (6, 112, 110))]
    linear = [(v / 255 + 0.055) ** 2.4 / 1.055**2.4 for v in rgb]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return f"rgb({rgb[0]},{rgb[1]},{rgb[2]})", "#10181f" if luminance > 0.19 else "#ffffff"
