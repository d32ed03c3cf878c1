"""What a call would do, said before it runs: what is found, what is computed, and the seconds that this saves.

While :func:`asked` is on, functions of ours that know their parts note them with :func:`found` and :func:`due` and give
an :class:`Unmade` in place of a result; the first touch of that, and whatever would change a lab or compute for long
(:func:`halt`), ends the call there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Part:
    """One part of a call.

    Attributes
    ----------
    said
        What it is, in words.
    of, found
        How many units it has, and how many of them are there already.
    seconds
        What computing the missing ones will take, by what such steps took before; None where none was measured.
    saved
        What the found ones would take; None where that was never measured.
    """

    said: str
    found: int
    of: int
    seconds: float | None
    saved: float | None

    @property
    def computed(self) -> int:
        """Units that are computed."""
        return self.of - self.found


@dataclass
class Asked:
    """The parts of a call in the order in which they were met, and where it could not be followed further."""

    parts: list[Part] = field(default_factory=list)
    halted: str = ""

    def note(self, part: Part) -> None:
        """One more part; one that is met again is there already the second time."""
        if part.said not in (p.said for p in self.parts):
            self.parts.append(part)


class Halted(BaseException):
    """Ends a call that is only asked about; nobody's ``except Exception`` keeps it."""


_ASKED: ContextVar[Asked | None] = ContextVar("veml_asked", default=None)


def asking() -> Asked | None:
    """Where parts are noted, while a call is only asked about."""
    return _ASKED.get()


def halt(what: str) -> None:
    """Called before anything is computed for long or written: while a call is only asked about, it ends here."""
    asked = _ASKED.get()
    if asked is not None:
        asked.halted = asked.halted or what
        raise Halted


def found(said: str, saved: float | None, n: int = 1) -> None:
    """Note a part that is there already; nothing happens where nobody asks."""
    asked = _ASKED.get()
    if asked is not None:
        asked.note(Part(said, n, n, 0.0, saved))


def due(said: str, seconds: float | None, n: int = 1) -> None:
    """Note a part that will be computed."""
    asked = _ASKED.get()
    if asked is not None:
        asked.note(Part(said, 0, n, seconds, None))


class Unmade:
    """In place of a result that was not made; whoever touches it ends the call that is asked about."""

    def __init__(self, said: str) -> None:
        object.__setattr__(self, "_said", said)

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, name) if name in ("__class__", "__dict__") else _touched(self, name)


def _touched(unmade: Unmade, name: str = "") -> Any:
    halt(f"what is done with {object.__getattribute__(unmade, '_said')}, which is not there yet")
    raise AttributeError(name)


def _by_operator(self: Unmade, *_: Any) -> Any:
    return _touched(self)


# Python looks these up in the class, past __getattribute__
_OPERATORS = (
    "add radd sub rsub mul rmul truediv rtruediv floordiv mod pow neg abs matmul rmatmul and or invert eq ne lt le gt"
    " ge bool int float index len iter next getitem setitem contains call array repr str format enter"
)
for _name in _OPERATORS.split(" "):
    setattr(Unmade, f"__{_name}__", _by_operator)


@contextlib.contextmanager
def asked() -> Iterator[Asked]:
    """Within the block, calls are asked about and not run."""
    held = Asked()
    token = _ASKED.set(held)
    try:
        yield held
    except Halted:
        pass
    finally:
        _ASKED.reset(token)


def ask(call: Callable[[], object]) -> Asked:
    """The parts of one call."""
    with asked() as held:
        call()
    return held
