"""What a change brought on average, from the cases that a lab has seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gain:
    """What a change brought on average: ``mean``, its standard error (None from one case), and the cases."""

    mean: float
    error: float | None
    cases: int

    def __str__(self) -> str:
        error = "" if self.error is None else f" ± {self.error:.3f}"
        return f"{self.mean:+.3f}{error} (n={self.cases})"


def gain_of(values: list[float]) -> Gain | None:
    """Mean and standard error; None of nothing."""
    import numpy as np

    if not values:
        return None
    error = float(np.std(values, ddof=1) / len(values) ** 0.5) if len(values) > 1 else None
    return Gain(float(np.mean(values)), error, len(values))
