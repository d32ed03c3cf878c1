"""Which samples are these? The one answer to every count: what a bar, a cell, a range, a point stands for.

A *selection* names a data version, and what its samples have in common::

    {"version": "town", "training": "detector", "where": {"confused": ["car", "bus"], "speed": {"from": 3, "to": 7}}}

It travels with the element of a chart that counts the samples (Plotly: ``customdata``), comes back with a click, and is
taken apart here: names of facts and values of a type, never code or SQL. ``where`` holds for each fact one of

=====================================  ===============================================================================
``"car"``                              the fact is that value (class, error, tag, bad case, a column)
``{"from": 3, "to": 7}``               it lies between two values, both included; with ``"open": true`` without the
                                       upper one, as a bar of a histogram has it; numbers, or texts such as times
``{"has": "rain"}``                    its text contains this one, in any case
``["car", "bus"]``                     of ``confused`` alone: labelled as the first, taken for the second
``[17, 4]``                            of ``id`` alone: these samples
=====================================  ===============================================================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BadInput

MOST_CONDITIONS = 20
MOST_LETTERS = 2_000
MOST_IDS = 1_000_000
CONFUSED, ID = "confused", "id"
CLASS_BARS = "annotations per class"  # the chart whose bars are classes


@dataclass(frozen=True)
class Is:
    """The fact is this value."""

    value: str

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Between:
    """The fact lies between two values; None: no bound. ``open``: the upper one is not included."""

    low: float | str | None
    high: float | str | None
    open: bool = False

    @property
    def of_text(self) -> bool:
        """Whether the bounds are texts, such as times."""
        return isinstance(self.low if self.low is not None else self.high, str)

    def __str__(self) -> str:
        low, high = (f"{x:.4g}" if isinstance(x, float) else x for x in (self.low, self.high))
        if low is None or high is None:
            return f"from {low}" if high is None else f"{'below' if self.open else 'up to'} {high}"
        return f"{low} to {high}"


@dataclass(frozen=True)
class Has:
    """The fact's text contains this one, in any case."""

    text: str

    def __str__(self) -> str:
        return f"has {self.text!r}"


@dataclass(frozen=True)
class Confused:
    """Labelled as ``truth``, taken for ``said``: a cell of the confusion matrix."""

    truth: str
    said: str

    def __str__(self) -> str:
        return f"{self.truth} taken for {self.said}"


@dataclass(frozen=True)
class Ids:
    """These samples of the lab."""

    ids: tuple[int, ...]

    def __str__(self) -> str:
        return f"{len(self.ids):,} chosen"


Condition = Is | Between | Has | Confused | Ids


def conditions(where: Any) -> dict[str, Condition]:
    """What the samples of a selection have in common, by fact, from plain data that anybody may have written.

    Raises
    ------
    BadInput
        It is not of the forms above; the message says which part is not.
    """
    if not isinstance(where, Mapping) or len(where) > MOST_CONDITIONS:
        raise BadInput(f"'where' is an object: a value for each of at most {MOST_CONDITIONS} facts that are filtered")
    return {_text(fact, "a fact"): _condition(fact, asked) for fact, asked in where.items()}


def in_words(found: Mapping[str, Condition]) -> str:
    """A selection as a heading says it: ``class car, speed 3 to 7``."""
    return ", ".join(str(c) if fact in (CONFUSED, ID) else f"{fact} {c}" for fact, c in found.items())


def _condition(fact: str, asked: Any) -> Condition:
    if isinstance(asked, str):
        return Is(_text(asked, f"the value of {fact!r:.60}"))
    if isinstance(asked, list) and fact == CONFUSED and len(asked) == 2:
        return Confused(*(_text(x, "a class") for x in asked))
    if isinstance(asked, list) and fact == ID and len(asked) <= MOST_IDS:
        if all(type(i) is int and 0 <= i < 2**63 for i in asked):
            return Ids(tuple(asked))
    elif isinstance(asked, Mapping) and set(asked) == {"has"}:
        return Has(_text(asked["has"], f"what {fact!r:.60} has"))
    elif isinstance(asked, Mapping) and {"from", "to"} & set(asked) and set(asked) <= {"from", "to", "open"}:
        return _between(fact, asked)
    raise BadInput(
        f"{fact!r:.60} cannot be asked so; a fact is a text, {{'from', 'to'}} with numbers or texts, or"
        f" {{'has': text}}; {CONFUSED!r} is a pair of classes, {ID!r} a list of at most {MOST_IDS:,} IDs"
    )


def _between(fact: str, asked: Mapping[str, Any]) -> Between:
    low, high, is_open = asked.get("from"), asked.get("to"), asked.get("open", False)
    bounds = [b for b in (low, high) if b is not None]
    if type(is_open) is not bool or not bounds or len({isinstance(b, str) for b in bounds}) != 1:
        raise BadInput(f"a range of {fact!r:.60} has 'from', 'to' or both: two numbers, or two texts")
    if isinstance(bounds[0], str):
        texts = [b if b is None else _text(b, "a bound") for b in (low, high)]
        return Between(texts[0], texts[1], is_open)
    for b in bounds:
        if type(b) not in (int, float) or abs(b) > 1e300 or not math.isfinite(b):
            raise BadInput(f"a bound of {fact!r:.60} is a finite number; got {b!r:.40}")
    numbers = [b if b is None else float(b) for b in (low, high)]
    return Between(numbers[0], numbers[1], is_open)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or len(value) > MOST_LETTERS or "\0" in value:
        raise BadInput(f"{what} is a text of at most {MOST_LETTERS:,} letters; got {value!r:.60}")
    return value
