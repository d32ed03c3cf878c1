"""Read-only pages of a lab: served by Voila (``veml dashboard LAB``), or as a folder of files (``veml publish LAB
DIR``)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .page import page
    from .publish import publish
    from .server import Dashboard, dashboard, serve

__all__ = ["Dashboard", "dashboard", "page", "publish", "serve"]

_HOME = {"page": "page", "publish": "publish", "Dashboard": "server", "dashboard": "server", "serve": "server"}


def __getattr__(name: str) -> Any:  # ipywidgets and Voila are imported only when a page is made or served
    if name in _HOME:
        value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value  # else the module "page" would shadow the function after its import
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
