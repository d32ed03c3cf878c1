"""One axis of a still picture: from values to pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .._svg import ticks
from .look import unsaid


class Scale:
    """One axis: from values to pixels."""

    def __init__(self, look: Mapping[str, Any], values: Sequence[Any], start: float, end: float, zero: bool) -> None:
        self.look, self.start, self.end = look, start, end
        self.log = look.get("type") == "log"
        given = look.get("categoryarray")
        words = [str(v) for v in values if isinstance(v, str)]
        self.names = list(given) if given is not None else list(dict.fromkeys(words))
        known = [float(v) for v in values if not isinstance(v, str) and v is not None and math.isfinite(v)]
        if self.log:
            known = [math.log10(v) for v in known if v > 0]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        if self.names:
            low, high = -0.5, len(self.names) - 0.5
        elif look.get("range") is not None:
            low, high = (float(v) for v in look["range"])
        else:
            room = (high - low or abs(high) or 1.0) * 0.05
            low, high = (0.0 if zero and low >= 0 else low - room), high + room
        if look.get("autorange") == "reversed":
            low, high = high, low
        self.low, self.high = low, high

    def at(self, value: Any) -> float:
        """Where a value lies, in pixels; NaN for none."""
        if isinstance(value, str):
            place = float(self.names.index(value)) if value in self.names else math.nan
        elif value is None:
            place = math.nan
        elif self.log:
            place = math.log10(value) if value > 0 else math.nan
        else:
            place = float(value)
        return self.start + (place - self.low) / ((self.high - self.low) or 1.0) * (self.end - self.start)

    def marks(self, count: int) -> list[tuple[float, str]]:
        """Places and words of the ticks."""
        if self.names:
            return [(self.at(n), unsaid(n)) for n in self.names]
        low, high = sorted((self.low, self.high))
        if self.log:
            whole = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
            return [(self.at(10.0**p), f"{10.0**p:g}") for p in whole]
        return [(self.at(t), f"{t:g}") for t in ticks(low, high, count)]
