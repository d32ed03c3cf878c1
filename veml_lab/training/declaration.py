"""What a training backend declares of itself: tasks, metrics, monitors, hyper-parameters, adaptations.

Command line, plans, error messages and the tables of docs/training.md read it; nothing heavy is imported for that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import BadInput, UnknownName
from ..evaluation.metric import Metric


@dataclass(frozen=True)
class Hyper:
    """One hyper-parameter: what it may be, what it is by default, and what it does.

    Attributes
    ----------
    kind
        ``int``, ``float``, ``str`` (one of ``choices``, or for ``monitor`` of what the task can watch), ``list`` or
        ``dict`` (which the backend checks itself).
    help
        One line.
    low, above
        Least value; whether it is itself too small.
    optional
        Whether None is allowed (what it means, ``help`` says).
    nothing
        Values that ask for nothing: a backend without this hyper-parameter takes them too, as plans of earlier
        versions hold them.
    """

    name: str
    kind: type
    default: Any
    help: str
    low: float | None = None
    above: bool = False
    choices: tuple[str, ...] = ()
    optional: bool = False
    nothing: tuple[Any, ...] = ()

    @property
    def range(self) -> str:
        """What it may be, in words: ``"whole number from 1"``.

        >>> Hyper("lr", float, 1e-3, "learning rate", low=0, above=True).range
        'number above 0'
        """
        if self.choices:
            return ", ".join(self.choices)
        words = {int: "whole number", float: "number", str: "name", list: "list", dict: "mapping"}[self.kind]
        if self.low is not None:
            words += f" above {self.low:g}" if self.above else f" from {self.low:g}"
        return f"{words}, or None" if self.optional else words

    def check(self, value: Any) -> None:
        """Refuse a value that it cannot be."""
        if value is None and self.optional:
            return
        if self.choices and value not in self.choices:
            raise UnknownName.of(self.name, value, self.choices)
        numbers = (int, float) if self.kind is float else self.kind
        ok = isinstance(value, numbers if self.kind is not list else (list, tuple)) and not isinstance(value, bool)
        if ok and self.kind in (int, float):
            ok = math.isfinite(value) and (self.low is None or (value > self.low if self.above else value >= self.low))
        if not ok:
            raise BadInput(f"{self.name} must be a {self.range}, got {value!r}")

    def parse(self, text: str) -> Any:
        """The value that somebody wrote on a command line: ``"0.01"``, ``"none"``, ``"flip,colour"``."""
        if self.optional and text.lower() == "none":
            return None
        if self.kind is list:
            return [part for part in text.split(",") if part]
        try:
            value = text if self.kind in (str, dict) else self.kind(text)
        except ValueError:
            value = text  # check says what is due
        self.check(value)
        return value


COMMON = (
    Hyper("epochs", int, 5, "passes over the training data", low=1),
    Hyper("batch_size", int, 32, "samples a step", low=1),
    Hyper("lr", float, 1e-3, "learning rate, the highest of its schedule", low=0, above=True),
    Hyper("weight_decay", float, 1e-4, "decay of AdamW", low=0),
    Hyper("augment", list, (), "steps of augmentation, see below", nothing=(None, [], ())),
    Hyper("workers", int, 0, "processes that read samples beside the training", low=0, nothing=(0,)),
    Hyper("validate_every", int, 1, "epochs between two measurements on the validation data", low=1),
    Hyper("patience", int, None, "epochs without a better monitor; then it ends with its best", low=1, optional=True),
    Hyper("monitor", str, None, "what patience watches; None: the first that the task has", optional=True),
    Hyper("precision", str, "fp32", "bf16 and fp16 compute in half precision", choices=("fp32", "bf16", "fp16")),
    Hyper("clip", float, 10.0, "longest gradient (2-norm); None: any", low=0, above=True, optional=True),
    Hyper(
        "devices", int, None, "processes that share a batch; None: one a GPU", low=1, optional=True, nothing=(None, 1)
    ),
)
"""What gradient-trained backends take; each declares the ones that it has, with its own defaults."""


def some_of(names: Iterable[str], **changes: Mapping[str, Any]) -> tuple[Hyper, ...]:
    """Those of :data:`COMMON`, with other defaults, ranges or words: ``some_of(("lr",), lr={"default": 0.01})``."""
    by_name = {h.name: h for h in COMMON}
    return tuple(replace(by_name[n], **changes.get(n, {})) for n in names)


@dataclass(frozen=True)
class Adaptation:
    """A way to fit a trained network to new data without labels."""

    about: str
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class Declaration:
    """A training backend as others see it.

    Attributes
    ----------
    engine
        ``"module:class"`` of its :class:`~veml_lab.training.backend.TrainingBackend`, imported when it is used.
    metrics
        By task that it trains: what ``measure`` gives; the first is what a training goes by.
    monitors
        By task: what early stopping can watch, the first by default.
    holds_out
        Whether early stopping watches a part of the training data, and so needs no validation data.
    adapts, adaptations
        The backend whose trainings it fits to new data without labels, and the ways to do so by name.
    """

    name: str
    engine: str
    metrics: Mapping[str, tuple[Metric, ...]]
    monitors: Mapping[str, tuple[Metric, ...]]
    hyper: tuple[Hyper, ...]
    about: str = ""
    holds_out: bool = False
    adapts: str | None = None
    adaptations: Mapping[str, Adaptation] = field(default_factory=dict)

    @property
    def tasks(self) -> tuple[str, ...]:
        """``"classification"``, ``"detection"``, ``"forecasting"`` ..."""
        return tuple(self.metrics)

    def defaults(self) -> dict[str, Any]:
        """Its hyper-parameters as they are where nobody says otherwise."""
        return {h.name: list(h.default) if h.kind is list else h.default for h in self.hyper}

    def watching(self, hyper: Mapping[str, Any], task: str) -> dict[str, Any]:
        """The same hyper-parameters with the monitor that None stands for: the first that the task has."""
        known = self.monitors.get(task)
        return {**hyper, "monitor": known[0].name} if known and hyper.get("monitor", "") is None else dict(hyper)

    def undeclared(self, hyper: Mapping[str, Any]) -> list[str]:
        """Names that it does not take, but for those of plans of earlier versions whose values ask for nothing."""
        known, nothing = {h.name for h in self.hyper}, {h.name: h.nothing for h in COMMON}
        return [name for name, value in hyper.items() if name not in known and value not in nothing.get(name, ())]

    def filled(self, hyper: Mapping[str, Any], task: str, *, validated: bool) -> dict[str, Any]:
        """The hyper-parameters with the defaults filled in, or one clear error.

        Parameters
        ----------
        validated
            Whether there is validation data: ``patience`` needs some.

        Raises
        ------
        UnknownName
            A hyper-parameter, a choice or a monitor that there is not; the nearest known name comes first.
        BadInput
            A value of another type or outside its range; ``patience`` without data to watch.
        """
        known = {h.name: h for h in self.hyper}
        for name in self.undeclared(hyper):
            raise UnknownName.of(f"hyper-parameter of the backend {self.name}", name, known)
        full = self.defaults() | {k: v for k, v in hyper.items() if k in known}
        for name, value in full.items():
            known[name].check(value)
        if "monitor" in known:
            full, watched = self.watching(full, task), [m.name for m in self.monitors[task]]
            if full["monitor"] not in watched:
                raise UnknownName.of(f"metric of a {task} training", full["monitor"], watched)
        if full.get("patience") is not None and not (validated or self.holds_out):
            raise BadInput(
                "patience watches a metric on validation data, and this plan has none; give validation=..., or leave"
                " patience out"
            )
        return full


def hyper_table(declarations: Iterable[Declaration]) -> str:
    """The hyper-parameters of several backends side by side, as a Markdown table."""
    declared = list(declarations)
    names = list(dict.fromkeys(h.name for d in declared for h in d.hyper))
    head = ["hyper-parameter", *(f"`{d.name}`" for d in declared), "may be", "what it does"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name in names:
        have = [next((h for h in d.hyper if h.name == name), None) for d in declared]
        first = next(h for h in have if h is not None)
        cells = ["-" if h is None else _shown(h.default) for h in have]
        lines.append(f"| `{name}` | {' | '.join(cells)} | {first.range} | {first.help} |")
    return "\n".join(lines)


def _shown(default: Any) -> str:
    if default is None or default in ((), [], {}):
        return "none"
    return f"{default:g}" if isinstance(default, (int, float)) else str(default)
