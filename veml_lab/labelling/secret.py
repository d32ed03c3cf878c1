"""Tokens: shown to the server that they are for, and to nobody else."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from ..errors import BadInput


class Secret:
    """A token that no repr, message, pickle or traceback shows."""

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        self._reveal = lambda: value

    def reveal(self) -> str:
        """The token itself, for the header of a request."""
        return self._reveal()

    def __repr__(self) -> str:
        return "<a token>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token is not written anywhere; give it again, or set its environment variable")


def secret_of(token: Secret | str | None, variable: str) -> Secret | None:
    """The token that was given, else that of the environment variable."""
    if isinstance(token, Secret):
        return token
    found = token if token is not None else os.environ.get(variable, "")
    found = found.strip()
    if found and not (found.isascii() and found.isprintable() and " " not in found):
        found, token = "", None  # a traceback with variables shows those of this frame
        raise BadInput(f"the token holds signs that no token has; copy it again, or set {variable}")
    return Secret(found) if found else None


T = TypeVar("T")


def keeps_secret(thing: T) -> T:
    """Wrap the argument ``token`` of a function, or of every public method of a class, before any frame holds it, so
    that a traceback with variables shows none. The outermost decorator."""
    if not isinstance(thing, type):
        return _wrapping(thing)  # type: ignore[type-var]
    for name, method in list(vars(thing).items()):
        if not name.startswith("_") and inspect.isfunction(method) and "token" in inspect.signature(method).parameters:
            setattr(thing, name, _wrapping(method))
    return thing


F = TypeVar("F", bound=Callable[..., Any])


def _wrapping(function: F) -> F:
    @functools.wraps(function)
    def within(*args: Any, **kwargs: Any) -> Any:
        if isinstance(kwargs.get("token"), str):
            kwargs["token"] = Secret(kwargs["token"])
        return function(*args, **kwargs)

    return within  # type: ignore[return-value]
