"""Waiting in tests: for a state, with a limit that only something that hangs ever reaches.

No test compares times: a machine that is busy with other things would decide it. Where something has to be quick, what
it does is counted (modules that are loaded, blocks that run, bytes that are read); where something has to happen while
something else goes on, that other thing is held until it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 300.0


def until(look: Callable[[], T], what: object, *, every_s: float = 0.02) -> T:
    """Look again and again until there is something; gives what was seen.

    Parameters
    ----------
    look
        Gives what is waited for, or something false as long as it is not there.
    what
        Says what is missing, for the message; a function is called for it.
    """
    end = time.monotonic() + PATIENCE_S
    while not (seen := look()):
        assert time.monotonic() < end, f"still not: {what() if callable(what) else what}"
        time.sleep(every_s)
    return seen
