"""Confusion matrix and kinds of error of one set of predictions."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets as t

from .._svg import BAD, INK, MUTED, number, picture, short, tag, text
from ..errors import BadInput
from ._base import Drawing, script, unknown_question
from ._beside import ASKS, Beside, Opener

_MOST = 40


class ConfusionMatrix(Drawing):
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
    opener : callable, optional
        Gives the wall of a selection: cells, kinds and rows can be clicked then.

    Examples
    --------
    >>> ConfusionMatrix(["a", "b"], [[9, 1], [2, 8]])
    ConfusionMatrix: 2 classes, 17 of 20 right (0.850); most often a for b (2)
    """

    _esm = script("confusion")

    classes = t.List(t.Unicode()).tag(sync=True)
    matrix = t.List().tag(sync=True, ts="number[][]")
    kinds = t.Dict().tag(sync=True, ts="Record<string, number>")
    title = t.Unicode("").tag(sync=True)
    selected = t.List(t.Unicode()).tag(sync=True)
    about = t.Dict().tag(sync=True, ts="Selection")
    tables = t.Dict().tag(sync=True, ts="Record<string, LinkedTable>")
    opens = t.Bool(False).tag(sync=True)

    def __init__(
        self,
        classes: Sequence[str] = (),
        matrix: Any = (),
        *,
        kinds: Mapping[str, int] | None = None,
        title: str = "",
        about: Mapping[str, Any] | None = None,
        tables: Mapping[str, Any] | None = None,
        opener: Opener | None = None,
        **kwargs: Any,
    ) -> None:
        self._beside, self._turn = Beside(opener), threading.Lock()
        n = len(classes)
        m = np.asarray(matrix, dtype=np.int64).reshape(-1, n) if n else np.zeros((0, 0), np.int64)
        if m.shape != (n, n) or (m < 0).any():
            raise BadInput(f"a confusion matrix of {n} classes holds ({n}, {n}) counts; got the shape {m.shape}")
        super().__init__(
            classes=[str(c) for c in classes],
            matrix=m.tolist(),
            kinds={str(k): int(v) for k, v in (kinds or {}).items()},
            title=title,
            about=dict(about or {}),
            tables=dict(tables or {}),
            opens=opener is not None,
            **kwargs,
        )

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """``open`` a selection as a wall, and what that wall asks (``beside``)."""
        with self._turn:
            found = self._beside.answer(asked)
        if found is None:
            raise unknown_question(asked.get("type"), *(ASKS if self.opens else ()))
        return found

    def can_be(self, name: str, value: Any) -> bool:
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
        return confusion_svg(self)


def confusion_svg(plot: ConfusionMatrix) -> str:
    """The matrix as coloured cells with the bars of the kinds of error beside it."""
    names, n = plot.classes[:_MOST], min(len(plot.classes), _MOST)
    cell = 36 if n <= 14 else 18
    left, head = 130, 110
    parts = [text(16, 24, plot.title or "What was taken for what", size=14, font_weight=600)]
    totals = [max(1, sum(row)) for row in plot.matrix]
    for i in range(n):
        parts.append(text(left - 8, head + i * cell + cell / 2 + 4, short(names[i], 17), size=11, text_anchor="end"))
        parts.append(
            text(
                0,
                0,
                short(names[i], 13),
                size=11,
                fill=MUTED,
                transform=f"translate({left + i * cell + cell / 2:.0f},{head - 6}) rotate(-50)",
            )
        )
        for j in range(n):
            v = plot.matrix[i][j]
            share = v / totals[i]
            parts.append(
                tag(
                    "rect",
                    x=left + j * cell + 1.0,
                    y=head + i * cell + 1.0,
                    width=cell - 2.0,
                    height=cell - 2.0,
                    rx=3,
                    fill="#17803d" if i == j else BAD,
                    fill_opacity=f"{0.06 + 0.49 * share:.2f}" if v else "0.03",
                )
            )
            if v and cell >= 30:
                parts.append(
                    text(
                        left + (j + 0.5) * cell,
                        head + i * cell + cell / 2 + 4,
                        str(v),
                        size=11,
                        text_anchor="middle",
                        fill=INK,
                    )
                )
    width, y = left + n * cell + 30.0, head
    most = max(plot.kinds.values(), default=0)
    for kind, v in plot.kinds.items():
        parts.append(
            tag(
                "rect",
                x=width,
                y=float(y),
                width=max(1.0, 160 * v / most) if most else 1.0,
                height=16,
                fill=BAD,
                fill_opacity="0.7",
            )
        )
        parts.append(text(width, y + 30, f"{kind}: {v:,}", size=11))
        y += 44
    return picture(
        "".join(parts), width + (190 if plot.kinds else 0), max(head + n * cell, y) + 16, says=plot.describe()
    )
