"""What the widgets share: where their JavaScript lies, how they answer, and the two pictures of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, ClassVar

import anywidget

from ..errors import BadInput, MissingFile

STATIC = Path(__file__).resolve().parent.parent / "static"
DRAWING_MIME = (  # our JupyterLab extension shows the picture where no kernel holds the widget
    "application/vnd.veml.drawing+json"
)
_ALONE: ContextVar[bool] = ContextVar("veml-drawing-alone", default=False)


def script(name: str) -> Path:
    """The built JavaScript of one widget."""
    path = STATIC / f"{name}.js"
    if not path.is_file():
        raise MissingFile(
            f"the front end is not built: {path} is missing; in a checkout run scripts/build_frontend.sh, "
            "else reinstall veml-lab"
        )
    return path


@contextmanager
def alone() -> Iterator[None]:
    """Drawings made within have no comm: the panel and static pages bring their own way to the browser."""
    token = _ALONE.set(True)
    try:
        yield
    finally:
        _ALONE.reset(token)


class Drawing(anywidget.AnyWidget):
    """A widget that also says what it shows without a front end.

    A subclass gives ``static_html()`` (self-contained, no script) and ``describe()`` (one line), and
    ``answer()`` where its front end asks something.
    A live front end prefers the widget; a saved notebook, GitHub and nbconvert fall back to the picture.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.on_msg(self._answer)

    # what a front end may set; everything else, such as what can be kept or whether a job can be stopped, is ours to
    # say
    _from_browser: ClassVar[frozenset[str]] = frozenset({"selected"})

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what a front end says, of the traits that are its to set: its messages can be written by anybody who
        sees the page."""
        super().set_state({name: value for name, value in sync_data.items() if name in self._from_browser})

    def open(self) -> None:
        if not _ALONE.get():
            super().open()

    def static_html(self) -> str:
        raise NotImplementedError

    def describe(self) -> str:
        raise NotImplementedError

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Answer one question of the front end: plain content and its buffers; may be called from any thread.

        Raises
        ------
        BadInput
            The question is unknown or not well formed.
        """
        raise BadInput(f"unknown question {asked.get('type')!r}; this drawing answers none")

    def answered(self, asked: Any) -> tuple[dict[str, Any], list[bytes]]:
        """As :meth:`answer`, but always: an error is an answer too."""
        question = asked if isinstance(asked, dict) else {}
        request = question.get("request", -1)
        try:
            content, buffers = self.answer(question)
        except Exception as e:
            return {"type": "error", "request": request, "message": f"{type(e).__name__}: {e}"}, []
        return {"request": request, **content}, buffers

    def _answer(self, _widget: Any, message: Any, _buffers: Any) -> None:
        content, buffers = self.answered(message)
        self.send(content, buffers=buffers)

    @classmethod
    def own_traits(cls) -> dict[str, Any]:
        """The traits that its front end reads, in the order of their declaration."""
        import traitlets as t

        # an instance's class is a fresh one that anywidget makes; the traits are declared where it says what it is
        home = next(c for c in cls.__mro__ if "describe" in vars(c))
        return {
            k: v
            for k, v in vars(home).items()
            if isinstance(v, t.TraitType) and v.metadata.get("sync") and not k.startswith("_")
        }

    def packed(self) -> tuple[dict[str, Any], list[list[Any]], list[bytes]]:
        """Its state as JSON, where in it the buffers belong, and the buffers: what a front end of ours takes."""
        from ipywidgets.widgets.widget import _remove_buffers

        state, paths, buffers = _remove_buffers(self.get_state(list(self.own_traits())))
        return state, paths, [bytes(b) for b in buffers]

    def __repr__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        made = super()._repr_mimebundle_(**kwargs)
        data, metadata = made if isinstance(made, tuple) else (made or {}, {})
        home = next(c for c in type(self).__mro__ if "describe" in vars(c))
        return {
            **data,
            DRAWING_MIME: {"drawing": home.__name__},
            "text/html": self.static_html(),
            "text/plain": self.describe(),
        }, metadata
