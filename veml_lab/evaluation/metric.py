"""A metric is a value: its name, its unit, which way it is better, and how it is written."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

T = TypeVar("T")
Direction = Literal["higher", "lower"]
NOT_MEASURED = "-"
READINGS = "readings"  # the data's own unit (miles an hour, kWh): values of two data sets cannot be averaged


@dataclass(frozen=True)
class Metric:
    """How good something is, as a number.

    None and NaN are "not measured": worse than any number, never the best, written as a dash.

    Attributes
    ----------
    name
        As it is logged: ``"accuracy"``, ``"mAP50"``, ``"MAE"``.
    direction
        ``"higher"`` or ``"lower"``: which values are better.
    unit
        ``""`` for a share or another pure number, ``"readings"`` for the data's own unit, ``"s"``, ``"ms"``, ``"n"``
        for a count.

    Examples
    --------
    >>> MAE.better(2.0, 3.0), ACCURACY.better(2.0, 3.0), MAE.best([3.0, None, 2.0])
    (True, False, 2.0)
    >>> ACCURACY.format(0.51239), MAE.gain(3.0, 2.5), MAE.format(None)
    ('0.512', 0.5, '-')
    """

    name: str
    direction: Direction = "higher"
    unit: str = ""

    @property
    def lower_is_better(self) -> bool:
        """Whether it is an error or a cost."""
        return self.direction == "lower"

    @property
    def comparable(self) -> bool:
        """Whether values on different data can be averaged; an error in the readings' own unit cannot."""
        return self.unit != READINGS

    def score(self, value: float | None) -> float:
        """The value so that more is better; minus infinity where nothing was measured."""
        if value is None or math.isnan(value):
            return -math.inf
        return -value if self.lower_is_better else value

    def better(self, a: float | None, b: float | None) -> bool:
        """Whether ``a`` is strictly better than ``b``; any number is better than none."""
        return self.score(a) > self.score(b)

    def best(self, values: Iterable[float | None]) -> float | None:
        """The best value; None where there is no number."""
        return self.best_of(values, lambda v: v)

    def best_of(self, items: Iterable[T], value: Callable[[T], float | None]) -> T | None:
        """The item with the best value, the first of equals; None where no item was measured."""
        measured = [(self.score(v), item) for item in items if (v := value(item)) is not None and not math.isnan(v)]
        return max(measured, key=lambda pair: pair[0])[1] if measured else None

    def ordered(self, items: Iterable[T], value: Callable[[T], float | None]) -> list[T]:
        """The items, best first, equals in the order in which they came, those not measured last."""
        return sorted(items, key=lambda item: -self.score(value(item)))

    def gain(self, before: float | None, after: float | None) -> float | None:
        """How much better ``after`` is, whatever the direction; None unless both were measured."""
        if before is None or after is None or math.isnan(before) or math.isnan(after):
            return None
        return before - after if self.lower_is_better else after - before

    def format(self, value: float | None, *, signed: bool = False) -> str:
        """The value as it is shown, three decimals; ``signed`` for a difference."""
        if value is None or math.isnan(value):
            return NOT_MEASURED
        sign = "+" if signed else ""
        if self.unit == "n":
            return format(round(value), f"{sign},")
        if self.unit == READINGS and value and not 0.1 <= abs(value) < 1e5:  # three decimals would say nothing of it
            return format(value, f"{sign}.4g")
        return format(value, f"{sign}.3f") + (f" {self.unit}" if self.unit and self.unit != READINGS else "")

    def at(self, step: int) -> Metric:
        """The same at one step of a forecast: ``MAE_3``."""
        return replace(self, name=f"{self.name}_{step}")


ACCURACY, MAP, MAP50 = Metric("accuracy"), Metric("mAP"), Metric("mAP50")
MAE, RMSE = Metric("MAE", "lower", READINGS), Metric("RMSE", "lower", READINGS)
MAPE = Metric("MAPE", "lower")
LOSS, VALIDATION_LOSS, HELD_OUT_LOSS = (Metric(n, "lower") for n in ("loss", "validation_loss", "held_out_loss"))
SECONDS, PARAMETERS = Metric("seconds", "lower", "s"), Metric("parameters", "lower", "n")

KNOWN = {
    m.name: m
    for m in (ACCURACY, MAP, MAP50, MAE, RMSE, MAPE, LOSS, VALIDATION_LOSS, HELD_OUT_LOSS, SECONDS, PARAMETERS)
}

_COSTS = frozenset(
    ("loss", "losses", "error", "errors", "cost", "mae", "mse", "rmse", "mape", "smape", "wer", "cer", "fid",
     "perplexity", "latency", "seconds", "ms")
)  # fmt: skip


def metric_named(name: str, direction: Direction | None = None) -> Metric:
    """The metric of a name; for one that nobody declared the direction is read from its words.

    A foreign name (``val/rmse``, ``eval_loss``) is an error or a cost where one of its words is one; else more is
    better. Whoever knows better says so by ``direction``: a training version keeps it beside the name.

    >>> metric_named("MAE_3").direction, metric_named("val/rmse").direction, metric_named("f1").direction
    ('lower', 'lower', 'higher')
    """
    found = KNOWN.get(name)
    if found is None:
        base, _, step = name.rpartition("_")
        if base in KNOWN and step.isdecimal():
            found = KNOWN[base].at(int(step))
    if found is None:
        words = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
        found = Metric(name, "lower" if _COSTS.intersection(words) else "higher")
    return replace(found, direction=direction) if direction else found
