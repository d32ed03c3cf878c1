"""How objects of the lower rows get drawn by the widgets of a higher one, without importing it.

``veml_lab.lab`` registers the drawing functions when it is imported. Where none is registered (a
script, a worker), an object falls back to its plain repr.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_FACES: dict[str, Callable[..., Any]] = {}


def register(face: str, draw_it: Callable[..., Any]) -> None:
    """``draw_it(object, **options)`` draws the face from now on."""
    _FACES[face] = draw_it


def draw(face: str, thing: Any, **options: Any) -> Any:
    """Draw, or give the plain text as a mime bundle."""
    if face in _FACES:
        return _FACES[face](thing, **options)
    return {"text/plain": repr(thing)}
