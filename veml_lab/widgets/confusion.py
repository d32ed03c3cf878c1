"""Confusion matrix and kinds of error of one set of predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from .._svg import number
from ..errors import BadInput
from ..figures.grid import together
from ..figures.judged import confusion, precision_recall, shown_classes
from ..figures.judged import kinds as kinds_of
from ..figures.look import Spec, figure_of
from ..figures.still import svg
from ._base import script
from ._beside import Opener, Opening

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_TEXTS = ("counts", "share of the class")


class ConfusionMatrix(Opening):
    """Show what was taken for what, and which kinds of error there are.

    Parameters
    ----------
    classes : list of str
        Names of rows (truth) and columns (prediction).
    matrix : int array, shape (n, n)
        Counts; row = truth.
    kinds : dict of str -> int, optional
        Errors by kind (class, location, missed ...), drawn as bars.
    title : str
    about : dict, optional
        What was counted, the beginning of every selection: ``{"version": ..., "training": ...}``.
    tables : dict of str -> table, optional
        Further findings by heading: ``{"columns": [...], "rows": [[...]], "opens": [where or None, a row]}``.
    curves : dict of class -> list, optional
        Precision at 101 recalls from 0 to 1, the best at each recall or beyond.
    opener : callable, optional
        Gives the wall of a selection: cells, kinds and rows can be clicked then.

    Examples
    --------
    >>> ConfusionMatrix(["a", "b"], [[9, 1], [2, 8]])
    ConfusionMatrix: 2 classes, 17 of 20 right (0.850); most often a for b (2)
    """

    _esm = script("confusion")
    _from_browser = frozenset({"selected", "event"})

    classes = t.List(t.Unicode())
    matrix = t.List()
    kinds = t.Dict()
    total = t.Int(0).tag(sync=True)
    right = t.Int(0).tag(sync=True)
    left_out = t.Int(0).tag(sync=True)
    title = t.Unicode("").tag(sync=True)
    selected = t.List(t.Unicode()).tag(sync=True)
    about = t.Dict().tag(sync=True, ts="Selection")
    tables = t.Dict().tag(sync=True, ts="Record<string, LinkedTable>")

    def __init__(
        self,
        classes: Sequence[str] = (),
        matrix: Any = (),
        *,
        kinds: Mapping[str, int] | None = None,
        title: str = "",
        about: Mapping[str, Any] | None = None,
        tables: Mapping[str, Any] | None = None,
        curves: Mapping[str, Sequence[float]] | None = None,
        opener: Opener | None = None,
        **kwargs: Any,
    ) -> None:
        self._curves = {str(k): [float(x) for x in v] for k, v in (curves or {}).items()}
        n = len(classes)
        m = np.asarray(matrix, dtype=np.int64).reshape(-1, n) if n else np.zeros((0, 0), np.int64)
        if m.shape != (n, n) or (m < 0).any():
            raise BadInput(f"a confusion matrix of {n} classes holds ({n}, {n}) counts; got the shape {m.shape}")
        super().__init__(
            opener,
            classes=[str(c) for c in classes],
            matrix=m.tolist(),
            kinds={str(k): int(v) for k, v in (kinds or {}).items()},
            title=title,
            about=dict(about or {}),
            tables=dict(tables or {}),
            **kwargs,
        )
        self._anew()

    @t.observe("classes", "matrix", "kinds")
    def _anew(self, _change: Any = None) -> None:
        m = np.array(self.matrix, dtype=np.int64).reshape(-1, max(len(self.classes), 1))
        if len(m) != len(self.classes) or (len(m) and m.shape[1] != len(m)):
            return  # matrix and classes change one after the other
        with self.hold_sync():
            self.total, self.right = int(m.sum()), int(np.trace(m))
            self.left_out = len(self.classes) - len(shown_classes(m)) if len(m) else 0
            self.draw()

    def specs(self) -> Mapping[str, Spec]:
        made: dict[str, Spec] = {}
        if self.classes:
            m = np.array(self.matrix, dtype=np.int64)
            for name, shares in (("counts", False), ("share of the class", True)):
                made[name] = confusion(self.classes, m, shares=shares, about=self.about)
        if self.kinds:
            made["kinds of error"] = kinds_of(self.kinds, about=self.about)
        if self._curves:
            made["precision and recall"] = precision_recall(self._curves, np.linspace(0, 1, 101))
        return made

    def figure(self, *, shares: bool = False, dark: bool = False) -> Figure:
        """What was taken for what, the kinds of error, and precision over recall, below each other.

        Parameters
        ----------
        shares
            Whether the cells say their share of the row in % rather than their count.
        """
        return figure_of(self._whole(shares=shares), dark=dark)

    def _whole(self, *, shares: bool = False) -> Spec:
        other = "counts" if shares else "share of the class"
        specs = {"what was taken for what" if k in _TEXTS else k: s for k, s in self.specs().items() if k != other}
        return together(specs, columns=2 if len(specs) > 1 else 1, title=self.title)

    def can_be(self, name: str, value: Any) -> bool:
        if name == "event":
            return super().can_be(name, value)
        return isinstance(value, list) and len(value) in (0, 2) and all(v in self.classes for v in value)

    def describe(self) -> str:
        m = np.array(self.matrix, dtype=np.int64).reshape(len(self.classes), len(self.classes))
        said = [f"{len(self.classes)} classes"]
        if m.sum():
            said[0] += f", {int(np.trace(m))} of {int(m.sum())} right ({number(np.trace(m) / m.sum())})"
            off = m - np.diag(np.diag(m))
            if off.max():
                i, j = np.unravel_index(int(off.argmax()), off.shape)
                said.append(f"most often {self.classes[j]} for {self.classes[i]} ({int(off.max())})")
        said += [", ".join(f"{v} {k}" for k, v in self.kinds.items())] if self.kinds else []
        return f"ConfusionMatrix: {'; '.join(said)}"

    def static_html(self) -> str:
        return svg(self._whole(), says=self.describe(), width=900)
