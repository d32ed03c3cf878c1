"""Import optional packages where they are used, with an error that says what to install."""

from __future__ import annotations

import importlib
from types import ModuleType

from .errors import MissingExtra


def need(module: str, *, extra: str | None = None, why: str = "") -> ModuleType:
    """Import ``module`` or raise :class:`MissingExtra` with its pip line.

    >>> need("math").sqrt(4)
    2.0
    """
    try:
        return importlib.import_module(module)
    except ImportError as e:
        what = f"'veml-lab[{extra}]'" if extra else module.split(".")[0]
        reason = f" ({why})" if why else ""
        raise MissingExtra(f"{module} is not installed{reason}; install it with: pip install {what}") from e
