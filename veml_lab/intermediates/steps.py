"""One step: found under its key, or computed, measured and kept where that pays."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ..errors import BadInput
from .asking import Unmade, asking, due, found
from .keys import Step
from .shelf import MISSING, Shelf
from .values import settled

T = TypeVar("T")


def kept(shelf: Shelf, step: Step, make: Callable[[], T], *, units: float = 1.0) -> T:
    """The result of a step: from the shelf where it is there, else made, measured and kept if reading it pays.

    Parameters
    ----------
    make
        Computes it; has to depend on nothing that the step does not name.
    units
        How much there is to compute (rows), for the estimate of the next time.

    Examples
    --------
    >>> from tempfile import mkdtemp; from pathlib import Path
    >>> shelf = Shelf(Path(mkdtemp()) / "cache")
    >>> slow = lambda: (time.sleep(0.3), 7)[1]
    >>> kept(shelf, Step("seven"), slow), kept(shelf, Step("seven"), lambda: 8)
    (7, 7)
    """
    if asking() is not None:
        entry = shelf.find(step.key)
        if entry is None:
            due(step.said or step.operation, shelf.costs.expected(step.operation, units))
            return Unmade(step.said or step.operation)  # type: ignore[return-value]
        found(step.said or step.operation, entry.seconds)
    value = shelf.get(step.key)
    if value is not MISSING:
        return value
    began = time.perf_counter()
    value = make()
    seconds = time.perf_counter() - began
    shelf.costs.note(step.operation, seconds, units)
    value = settled(value)
    try:
        shelf.put(step.key, value, operation=step.operation, seconds=seconds, said=step.said)
    except BadInput as e:
        raise BadInput(f"the result of {step.operation!r} cannot be kept: {e}") from e
    return value
