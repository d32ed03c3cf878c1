"""What the widgets share: where their JavaScript lies, how they answer, and the two pictures of themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, ClassVar

import anywidget

from .._svg import short
from ..errors import BadInput, MissingFile, VemlError

STATIC = Path(__file__).resolve().parent.parent / "static"
DRAWING_MIME = (  # our JupyterLab extension shows the picture where no kernel holds the widget
    "application/vnd.veml.drawing+json"
)
LONGEST_NAME = 200  # letters of what a page gives a name to
MOST_LETTERS = 2_000  # of a text that a page sets, and of an error that it is told
MOST_CHOSEN = 200_000  # a selection that is saved as a version crosses the wire as a list
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
        sees the page.

        Raises
        ------
        BadInput
            A value that no page of ours sets; nothing of the message is taken then.
        """
        theirs = {name: value for name, value in sync_data.items() if name in self._from_browser}
        for name, value in theirs.items():
            texts = value if isinstance(value, list) else [value]
            if len(texts) > MOST_CHOSEN or any(isinstance(x, str) and len(x) > MOST_LETTERS for x in texts):
                raise BadInput(f"{name!r} is longer than anything that can be chosen here")
            if not self.can_be(name, value):
                raise BadInput(f"{name!r} cannot be {short(repr(value), 60)} here")
        super().set_state(theirs)

    def can_be(self, name: str, value: Any) -> bool:
        """Whether a front end may set a trait of its own to this: a drawing says what there is to be chosen."""
        return True

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        """As ipywidgets takes a message; but where that would print a traceback, with our paths in it, into the
        reader's page, the sender gets one line."""
        try:
            self._take(msg["content"].get("data"), msg.get("buffers") or [])
        except Exception as e:
            self.send(_said(e))

    def _take(self, data: Any, buffers: list[Any]) -> None:
        from ipywidgets.widgets.widget import _put_buffers

        method = data.get("method") if isinstance(data, dict) else None
        if method == "custom":
            self._handle_custom_msg(data.get("content"), buffers)
        elif method == "request_state":
            self.send_state()
        elif method == "update" and isinstance(data.get("state"), dict):
            paths = data.get("buffer_paths") or []
            if not isinstance(paths, list) or not all(isinstance(p, list) and p for p in paths):
                raise BadInput(f"buffer_paths is a list of paths; got {short(repr(paths), 60)}")
            if len(paths) != len(buffers):
                raise BadInput(f"{len(paths)} buffer_paths came with {len(buffers)} buffers")
            _put_buffers(data["state"], paths, buffers)
            self.set_state(data["state"])
        else:
            raise BadInput(
                f"no message of a widget: {short(repr(data), 60)}; known methods: custom, request_state, update"
            )

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
        raise unknown_question(asked.get("type"))

    def answered(self, asked: Any) -> tuple[dict[str, Any], list[bytes]]:
        """As :meth:`answer`, but always: an error is an answer too."""
        question = asked if isinstance(asked, dict) else {}
        number = question.get("request")
        request = number if type(number) is int and 0 <= number < 2**53 else -1  # it goes back: what a page can read
        try:
            content, buffers = self.answer(question)
        except Exception as e:
            return _said(e, request), []
        return {"request": request, **content}, buffers

    def _answer(self, _widget: Any, message: Any, _buffers: Any) -> None:
        content, buffers = self.answered(message)
        self.send(content, buffers=buffers)

    @classmethod
    def own_traits(cls) -> dict[str, Any]:
        """The traits that its front end reads, in the order of their declaration."""
        import traitlets as t

        # an instance's class is a fresh one that anywidget makes; the traits are declared where it says what it is,
        # and in what it shares with others
        home = next(c for c in cls.__mro__ if "describe" in vars(c))
        declared = [c for c in reversed(home.__mro__) if issubclass(c, Drawing)]
        return {
            k: v
            for c in declared
            for k, v in vars(c).items()
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


def unknown_question(kind: Any, *known: str) -> BadInput:
    """The error for a question that a drawing does not answer."""
    return BadInput(f"unknown question {short(repr(kind), 60)}; known here: {', '.join(known) or 'none'}")


def new_name(value: Any) -> str:
    """The name that a page gives to what it keeps.

    Raises
    ------
    BadInput
        It is none, or too long for one.
    """
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_NAME:
        raise BadInput(f"give the new version a name of 1 to {LONGEST_NAME} letters; got {short(repr(value), 60)}")
    return value.strip()


def _said(e: Exception, request: int = -1) -> dict[str, Any]:
    """An error as it is told: one short line, and to a visitor nothing of what only its type was meant to say."""
    visitor = os.environ.get("VEML_DASHBOARD") and not isinstance(e, VemlError)
    words = "this cannot be shown" if visitor else str(e)
    return {"type": "error", "request": request, "message": short(f"{type(e).__name__}: {words}", MOST_LETTERS)}
