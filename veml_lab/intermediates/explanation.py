"""What was found out about a call, as a value that draws itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from .._html import table
from ..errors import BadInput
from ..storage.border import public
from ..storage.words import duration
from .asking import Part, ask


@dataclass(frozen=True)
class Explanation:
    """What a call will reuse and compute; nothing of it was run.

    Attributes
    ----------
    parts
        In the order in which they come.
    halted
        Up to where the call could be followed; empty where that is its end.
    """

    parts: tuple[Part, ...]
    halted: str = ""

    @property
    def seconds(self) -> float | None:
        """What is computed will take about so long; None where a part was never measured."""
        return _sum([p.seconds for p in self.parts if p.computed])

    @property
    def saved_s(self) -> float:
        """Seconds that what is found took when it was computed, as far as that was measured."""
        return sum(p.saved or 0.0 for p in self.parts)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        listed = [{**asdict(p), "computed": p.computed} for p in self.parts]
        return {"parts": listed, "seconds": self.seconds, "saved_s": self.saved_s, "halted": self.halted}

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Each part as words: what, what is reused, what is computed, seconds."""
        return [
            (p.said, _count(p.found, p.of), _count(p.computed, p.of), _takes(p.seconds) if p.computed else "")
            for p in self.parts
        ]

    def in_words(self) -> str:
        """The sum in a sentence."""
        computed = any(p.computed for p in self.parts)
        words = f"computes {_takes(self.seconds)}" if computed else "computes nothing"
        if not self.parts:
            words = "nothing that is kept is part of it"
        saved = f"; saves {duration(self.saved_s)}" if self.saved_s else ""
        return words + saved + (f". Beyond {self.halted} it cannot be told before it is run" if self.halted else "")

    def __repr__(self) -> str:
        rows = [("", "reused", "computed", "takes"), *self.rows()]
        widths = [max(len(r[i]) for r in rows) for i in range(4)]
        lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]
        return "\n".join([*(lines if self.parts else []), self.in_words()])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        html = table(
            ["", "reused", "computed", "takes"], self.rows(), below=self.in_words(), label="What a call reuses"
        )
        return {"text/plain": repr(self), "text/html": html}


@public
def explain(call: Callable[[], object]) -> Explanation:
    """Say what a call will reuse, what it will compute and how long that takes, before it is run.

    The call is followed and not run: verbs say their parts, what is kept is looked up, and where something is touched
    that is not there yet, or a lab would be changed, it ends. Seconds are those that the same steps took before.

    Parameters
    ----------
    call
        A function without arguments, such as a lambda around the call. What it does outside of VeML-Lab is done.

    Returns
    -------
    Explanation
        In a notebook a table.

    Examples
    --------
    >>> slow = veml.reuse(lab, sorted)
    >>> veml.explain(lambda: slow([3, 1, 2]))                      # nothing like it was measured yet
                 reused  computed  takes
    sorted(...)          all       a time that was not measured yet
    computes a time that was not measured yet
    """
    if not callable(call):
        raise BadInput(
            f"explain takes a call that was not made yet, got {type(call).__name__}; write it behind lambda:, as in"
            " veml.explain(lambda: veml.drift(reference, test))"
        )
    found = ask(call)
    return Explanation(tuple(found.parts), found.halted)


def _takes(seconds: float | None) -> str:
    return "a time that was not measured yet" if seconds is None else f"about {duration(seconds)}"


def _count(n: int, of: int) -> str:
    if not n:
        return ""
    return "all" if n == of and of == 1 else f"{n:,} of {of:,}"


def _sum(values: list[float | None]) -> float | None:
    return None if None in values else sum(v for v in values if v is not None)
