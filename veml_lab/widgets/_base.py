"""What the widgets share: where their JavaScript lies and the two pictures of themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget

from ..errors import MissingFile

STATIC = Path(__file__).resolve().parent.parent / "static"


def script(name: str) -> Path:
    """The built JavaScript of one widget."""
    path = STATIC / f"{name}.js"
    if not path.is_file():
        raise MissingFile(
            f"the front end is not built: {path} is missing; in a checkout run scripts/build_frontend.sh, "
            "else reinstall veml-lab"
        )
    return path


class Drawing(anywidget.AnyWidget):
    """A widget that also says what it shows without a front end.

    A subclass gives ``static_html()`` (self-contained, no script) and ``describe()`` (one line).
    A live front end prefers the widget; a saved notebook, GitHub and nbconvert fall back to the picture.
    """

    def static_html(self) -> str:
        raise NotImplementedError

    def describe(self) -> str:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        made = super()._repr_mimebundle_(**kwargs)
        data, metadata = made if isinstance(made, tuple) else (made or {}, {})
        return {**data, "text/html": self.static_html(), "text/plain": self.describe()}, metadata
