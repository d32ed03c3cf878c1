"""A wall beside a chart: whatever is counted can be opened as pictures, in a cell, a tab and a dashboard alike."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import traitlets as t

from .._svg import short
from ..errors import BadInput
from ._base import Drawing, alone, unknown_question
from ._charted import Charted

Opener = Callable[[Any], Drawing]
ASKS = ("open", "beside")


class Beside:
    """What a chart keeps of the wall that it has opened.

    The browser sends ``{"type": "open", "selection": {...}}``: what stands in the data of the element that was clicked
    (Plotly: ``customdata``). The wall comes back as its state with its buffers, is drawn by the same code as a wall of
    its own, and asks through ``{"type": "beside", "content": {...}}``.

    Parameters
    ----------
    opener
        Makes the wall of a selection and refuses what is none; None: nothing can be opened here.
    """

    def __init__(self, opener: Opener | None) -> None:
        self.opener = opener
        self.wall: Drawing | None = None

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]] | None:
        """The answer to one of :data:`ASKS`; None for any other question."""
        kind = asked.get("type")
        if kind not in ASKS or self.opener is None:
            return None
        if kind == "open":
            with alone():
                self.wall = self.opener(asked.get("selection"))
            state, paths, buffers = self.wall.packed()
            return {"type": "opened", "state": state, "paths": paths, "said": self.wall.describe()}, buffers
        if self.wall is None:
            raise BadInput("no wall is open beside this drawing; click on what is counted first")
        content = asked.get("content")
        if not isinstance(content, dict):
            raise BadInput(f"'content' is a question of the wall; got {short(repr(content), 60)}")
        answer, buffers = self.wall.answered(content)
        return {"type": "besides", "answer": answer}, buffers


class Opening(Charted):
    """A drawing of charts whose elements open the samples that they count.

    Parameters
    ----------
    opener
        As :class:`Beside` takes it.
    """

    opens = t.Bool(False).tag(sync=True)

    def __init__(self, opener: Opener | None, **kwargs: Any) -> None:
        self._beside, self._turn = Beside(opener), threading.Lock()
        super().__init__(opens=opener is not None, **kwargs)

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """``open`` a selection as a wall, and what that wall asks (``beside``); ``plotly``."""
        with self._turn:
            found = self._beside.answer(asked)
        if found is not None:
            return found
        if asked.get("type") != "plotly":
            raise unknown_question(asked.get("type"), *(ASKS if self.opens else ()), "plotly")
        return super().answer(asked)
