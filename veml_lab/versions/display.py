"""How objects of the lower rows get drawn by the widgets of a higher one, without importing it.

``veml_lab.lab`` registers the drawing functions when a lab is opened. Where none is registered (a worker), what a
cell ends with falls back to its plain repr, and a drawing that is asked for says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..errors import BadInput

MimeBundle = dict[str, Any] | tuple[dict[str, Any], dict[str, Any]]  # the data, or the data and its metadata


class Drawing(Protocol):
    """A widget: what a cell that ends with it shows."""

    def describe(self) -> str:
        """What it shows, in one line."""
        ...

    def static_html(self) -> str:
        """The picture that a saved notebook shows, without script."""
        ...


_BUNDLES: dict[str, Callable[[Any], MimeBundle]] = {}
_DRAWINGS: dict[str, Callable[..., Drawing]] = {}
_TEXTS: dict[str, Callable[..., str]] = {}


def register(bundles: dict[str, Callable[[Any], MimeBundle]], drawings: dict[str, Callable[..., Drawing]]) -> None:
    """By face: what gives the mime bundle of an object, and what gives its drawing with options."""
    _BUNDLES.update(bundles)
    _DRAWINGS.update(drawings)


def bundle(face: str, thing: Any) -> MimeBundle:
    """The mime bundle of a cell that ends with an object; its plain text where nothing draws."""
    return _BUNDLES[face](thing) if face in _BUNDLES else {"text/plain": repr(thing)}


def drawing(face: str, thing: Any, **options: Any) -> Drawing:
    """The widget of an object.

    Raises
    ------
    BadInput
        Nothing draws in this process.
    """
    if face not in _DRAWINGS:
        raise BadInput("nothing draws in this process: open the lab with veml_lab.open(...) and look again")
    return _DRAWINGS[face](thing, **options)


def register_text(face: str, write: Callable[..., str]) -> None:
    """What writes an object as a text of a kind, from a file above that of the object."""
    _TEXTS[face] = write


def text(face: str, thing: Any, **options: Any) -> str:
    """An object as a text of a kind.

    Raises
    ------
    BadInput
        Nothing writes it in this process.
    """
    if face not in _TEXTS:
        raise BadInput("nothing writes in this process: open the lab with veml_lab.open(...) and ask again")
    return _TEXTS[face](thing, **options)
