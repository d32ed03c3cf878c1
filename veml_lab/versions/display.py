"""How objects of the lower rows get drawn by the widgets of a higher one, without importing it.

``veml_lab.lab`` registers the drawing functions when it is imported. Where none is registered (a
script, a worker), an object falls back to its plain repr.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
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


def table(head: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, strong: int | None = None) -> str:
    """A small HTML table under a line of text, one row strong; needs no script, so that a saved notebook shows it.

    >>> table("Two & two", ["a"], [[1], ["<b>"]], strong=0).count("&lt;b&gt;")
    1
    """
    cell = "text-align:left;padding-right:1.5em"
    top = "".join(f'<th style="{cell}">{escape(c)}</th>' for c in columns)
    body = "".join(
        f"<tr{' style=font-weight:600' if i == strong else ''}>"
        + "".join(f'<td style="{cell}">{escape(str(v))}</td>' for v in row)
        + "</tr>"
        for i, row in enumerate(rows)
    )
    return f"<p>{escape(head)}</p><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
