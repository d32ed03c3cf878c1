"""Samplers that Optuna does not have: recursive random search and simulated annealing.

Both work in the unit cube (log scales are straightened first), and both read where they are out of the study's
finished trials, so that a search that was interrupted goes on as if it had not been.

Source
------
Ye and Kalyanaraman, "A Recursive Random Search Algorithm for Large-Scale Network Parameter Configuration",
SIGMETRICS 2003. Kirkpatrick, Gelatt and Vecchi, "Optimization by Simulated Annealing", Science 220, 1983.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from ..errors import UnknownName

SAMPLERS = ("tpe", "random", "recursive-random", "annealing")

Point = dict[str, float]  # 0 ... 1 a parameter; of a category its number


def sampler(name: str, space: Mapping[str, BaseDistribution], seed: int) -> BaseSampler:
    """The sampler of that name over a space.

    Raises
    ------
    UnknownName
        Not one of :data:`SAMPLERS`.
    """
    if name == "tpe":
        return TPESampler(seed=seed)
    if name == "random":
        return RandomSampler(seed=seed)
    if name == "recursive-random":
        return RecursiveRandom(space, seed)
    if name == "annealing":
        return Annealing(space, seed)
    raise UnknownName.of("sampler", name, SAMPLERS)


class _Cube(BaseSampler):
    """A sampler that proposes points of the unit cube from the finished trials, for a study that maximises."""

    def __init__(self, space: Mapping[str, BaseDistribution], seed: int) -> None:
        self.space, self.seed = dict(space), seed
        self._random = RandomSampler(seed=seed)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The whole space from the first trial on."""
        return self.space

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """The next point."""
        ended = (TrialState.COMPLETE, TrialState.PRUNED)
        trials = [t for t in study.get_trials(deepcopy=False, states=ended) if set(self.space) <= set(t.params)]
        known = [(t.number, self._into(t.params), float(v)) for t in trials if (v := _value(t)) is not None]
        point = self._next(known, self._rng(trial.number))
        return {name: _out(d, point[name]) for name, d in self.space.items()}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """At random: for a parameter outside the space."""
        return self._random.sample_independent(study, trial, param_name, param_distribution)

    def _next(self, known: Sequence[tuple[int, Point, float]], rng: np.random.Generator) -> Point:
        raise NotImplementedError

    def _rng(self, number: int, stream: int = 0) -> np.random.Generator:
        """One for a trial, so that what is drawn for it does not depend on which process draws."""
        return np.random.default_rng([self.seed, number, stream])

    def _into(self, params: Mapping[str, Any]) -> Point:
        return {name: _in(d, params[name]) for name, d in self.space.items()}

    def _anywhere(self, rng: np.random.Generator) -> Point:
        return {
            n: float(rng.integers(len(d.choices))) if isinstance(d, CategoricalDistribution) else float(rng.random())
            for n, d in self.space.items()
        }

    def _near(self, centre: Point, size: float, rng: np.random.Generator) -> Point:
        """A point of the box of edge ``size`` around a centre, moved inside the cube; a category changes with that
        chance."""
        point = {}
        for name, d in self.space.items():
            if isinstance(d, CategoricalDistribution):
                point[name] = float(rng.integers(len(d.choices))) if rng.random() < size else centre[name]
            else:
                low = min(max(centre[name] - size / 2, 0.0), 1.0 - size)
                point[name] = low + size * float(rng.random())
        return point


class RecursiveRandom(_Cube):
    """Random samples until one is among the best, then random samples of a box around it that moves and shrinks.

    The published constants ask for 44 samples before the first box; here they are chosen for searches of some
    ten trials: 7 samples hold one of the best 30 % with probability 0.9, a box is halved after 4 samples that found
    nothing better, and is left when it is narrower than a twentieth of the range.
    """

    SHARE, EXPLORE, FAILS, SHRINK, SMALLEST = 0.3, 7, 4, 0.5, 0.05

    def _next(self, known: Sequence[tuple[int, Point, float]], rng: np.random.Generator) -> Point:
        widest = self.SHARE ** (1 / max(1, len(self.space)))  # the box holds that share of the volume
        explored: list[float] = []
        centre: tuple[Point, float] | None = None
        size, fails = widest, 0
        for at, (_, point, value) in enumerate(known):
            if centre is None:
                explored.append(value)
                if at + 1 == self.EXPLORE:  # the first box lies around the best so far
                    _, best, most = max(known[: at + 1], key=lambda k: k[2])
                    centre, size, fails = (best, most), widest, 0
                elif at + 1 > self.EXPLORE and value >= np.quantile(explored, 1 - self.SHARE):
                    centre, size, fails = (point, value), widest, 0
            elif value > centre[1]:
                centre, fails = (point, value), 0
            else:
                fails += 1
                if fails == self.FAILS:
                    size, fails = size * self.SHRINK, 0
                if size < self.SMALLEST:
                    centre = None
        return self._anywhere(rng) if centre is None else self._near(centre[0], size, rng)


class Annealing(_Cube):
    """A walk to neighbours that takes worse ones with a chance that falls from trial to trial.

    The temperature is counted in standard deviations of the values seen, so that accuracy and errors in any unit
    are walked alike; the neighbourhood narrows with it.
    """

    COOLING, NARROWEST = 0.85, 0.1

    def _next(self, known: Sequence[tuple[int, Point, float]], rng: np.random.Generator) -> Point:
        if not known:
            return self._anywhere(rng)
        (_, here, value), heat = known[0], 1.0
        for at, (number, point, new) in enumerate(known[1:], 2):
            heat *= self.COOLING
            scale = heat * float(np.std([v for *_, v in known[:at]]))
            if new >= value or (scale > 0 and self._rng(number, 1).random() < math.exp((new - value) / scale)):
                here, value = point, new
        return self._near(here, max(self.NARROWEST, heat), rng)


def _value(trial: FrozenTrial) -> float | None:
    """The trial's value; of a pruned one what it had reached."""
    value = trial.value if trial.state == TrialState.COMPLETE else trial.intermediate_values.get(trial.last_step or 0)
    return None if value is None or not math.isfinite(value) else value


def _in(d: BaseDistribution, value: Any) -> float:
    if isinstance(d, CategoricalDistribution):
        return float(d.choices.index(value))
    assert isinstance(d, FloatDistribution | IntDistribution)
    low, high, x = (math.log(v) if d.log else float(v) for v in (d.low, d.high, value))
    return (x - low) / (high - low) if high > low else 0.5


def _out(d: BaseDistribution, x: float) -> Any:
    if isinstance(d, CategoricalDistribution):
        return d.choices[int(x)]
    assert isinstance(d, FloatDistribution | IntDistribution)
    low, high = (math.log(v) if d.log else float(v) for v in (d.low, d.high))
    value = low + x * (high - low)
    value = min(max(math.exp(value) if d.log else value, d.low), d.high)
    return round(value) if isinstance(d, IntDistribution) else value
