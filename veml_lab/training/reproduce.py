"""Run a training version again, say whether the same comes out, and put a lost checkpoint back."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import BadInput, ReadOnlyLab, VemlError
from ..storage.border import public
from ..storage.strangers import inside
from ..storage.whole import copy_whole
from ..versions.settings import Origin, kept
from ..versions.store import key_of
from ..versions.training import TrainingVersion
from .elsewhere import elsewhere, what_differs
from .environment import environment
from .jobs import CODE_VERSION, Job, plan_of, run, versions_of
from .registry import backend
from .weight_files import load_state

METRIC_TOLERANCE = 0.01  # largest difference of a metric that counts as the same
WEIGHT_TOLERANCE = 1e-3  # length of the difference of all weights over their length


@dataclass(frozen=True)
class Reproduction:
    """A training version beside a second run of its plan.

    Attributes
    ----------
    metrics, loss
        ``{name: (then, now)}``; the training loss of the first and the last step the same way.
    weights
        ``|w' - w| / |w|`` over all floating-point weights; 0 means equal to the last bit. None where the old
        checkpoint is gone: then metrics and losses alone are compared.
    worst_layer
        The tensor that differs most, by the same measure.
    environment
        What differs between then and now: ``{name: (then, now)}``, of the training's environment, of all installed
        packages, and of the code (commit, changes and script), where that was kept.
    version
        The second training version, where one was asked for.
    steps
        How many losses were recorded then, and how many of them came out equal to the last digit.
    restored
        Where the second run's checkpoint took the place of the lost one.
    """

    training: TrainingVersion
    metrics: dict[str, tuple[float, float]]
    loss: dict[str, tuple[float, float]]
    weights: float | None
    worst_layer: tuple[str, float]
    environment: dict[str, tuple[Any, Any]]
    version: TrainingVersion | None = None
    steps: tuple[int, int] = (0, 0)
    restored: Path | None = None
    metric_tolerance: float = METRIC_TOLERANCE
    weight_tolerance: float = WEIGHT_TOLERANCE

    @property
    def identical(self) -> bool:
        """Every weight to the last bit; where the old weights are gone, every metric and every recorded loss."""
        if self.weights is not None:
            return self.weights == 0.0
        return self.steps[0] == self.steps[1] > 0 and all(a == b for a, b in self.metrics.values())

    @property
    def same(self) -> bool:
        """Metrics and weights within the tolerances; without old weights and without metrics only what is identical."""
        close = all(abs(a - b) <= self.metric_tolerance for a, b in self.metrics.values())
        if self.weights is None:
            return self.identical or (close and bool(self.metrics))
        return close and self.weights <= self.weight_tolerance

    @property
    def exit_code(self) -> int:
        """1 on the command line where it did not come out the same."""
        return 0 if self.same else 1

    def to_dict(self) -> dict[str, Any]:
        """What ``veml reproduce --json`` prints."""
        return {
            "training": self.training.name,
            "same": self.same,
            "identical": self.identical,
            "metrics": {k: list(v) for k, v in self.metrics.items()},
            "loss": {k: list(v) for k, v in self.loss.items()},
            "weights": self.weights,
            "worst_layer": list(self.worst_layer),
            "environment": {k: list(v) for k, v in self.environment.items()},
            "version": self.version.name if self.version else None,
            "steps": list(self.steps),
            "restored": str(self.restored) if self.restored else None,
            "tolerance": {"metrics": self.metric_tolerance, "weights": self.weight_tolerance},
        }

    def __repr__(self) -> str:
        whole = (
            "identical to the last bit" if self.weights is not None else "identical in every metric and recorded loss"
        )
        verdict = whole if self.identical else "the same within the tolerances" if self.same else "NOT the same"
        lines = [
            f"{self.training.name} run again: {verdict} (metrics within {self.metric_tolerance:g}, weights within"
            f" {self.weight_tolerance:g})"
        ]
        lines += [
            f"  {k:<16} {a:.5f} -> {b:.5f}  ({b - a:+.5f})" for k, (a, b) in {**self.metrics, **self.loss}.items()
        ]
        if self.weights is None:
            lines.append(
                f"  losses           {self.steps[1]:,} of {self.steps[0]:,} recorded ones are equal to the last digit"
            )
            lines.append(f"  weights          not compared: {self._checkpoint()}")
        elif not self.identical:
            lines.append(
                f"  weights          differ by {self.weights:.2e} of their length, most in {self.worst_layer[0]}"
                f" ({self.worst_layer[1]:.2e})"
            )
        lines += [f"  {k:<16} {a} -> {b}" for k, (a, b) in self.environment.items()]
        if self.version is not None:
            lines.append(f"  kept as {self.version.name!r}")
        return "\n".join(lines)

    def _checkpoint(self) -> str:
        """What became of the lost checkpoint, in words."""
        if self.restored is not None:
            return f"the old ones were gone or damaged; these are the checkpoint now ({self.restored})"
        if self.same:
            return (
                "the old ones are gone or damaged; to put these in their place: veml reproduce LAB"
                f" {self.training.name!r} --restore"
            )
        return "the old ones are gone or damaged, and these are not put in their place: it did not come out the same"


@public
def reproduce(
    training: TrainingVersion,
    *,
    keep: str | None = None,
    restore: bool = False,
    into: str | os.PathLike[str] | None = None,
    metric_tolerance: float = METRIC_TOLERANCE,
    weight_tolerance: float = WEIGHT_TOLERANCE,
    progress: bool = True,
) -> Reproduction:
    """Run the plan of a training version again from its first step and compare.

    Nothing is kept of the second run unless ``keep`` names a version for it; then it is a job as any other.
    On the same machine and code a CPU run is identical; other thread counts, GPUs and packages round
    otherwise, which training amplifies, so the tolerances are stated with the answer.

    Parameters
    ----------
    keep
        Name of a second training version, or None.
    restore
        Put the second run's checkpoint in the place of the old one, which is gone or cannot be read. It is done only
        where the run came out the same: identical in every metric and recorded loss, or with its metrics within
        ``metric_tolerance`` (0 asks for equal ones).
    into
        A new folder: there a lab is made and everything that led to the training is made again in it, from the
        imports on, in a process of its own, by the script that ``training.how().script()`` writes. The sources have
        to be where they were. The second training is ``version`` of the answer.

    Raises
    ------
    BadInput
        ``restore`` where the checkpoint is there; two of ``keep``, ``restore`` and ``into``.
    JobError
        The script in ``into`` ended before it came to the training.
    ReadOnlyLab
        ``restore`` in a lab that is open read-only.

    Examples
    --------
    >>> veml.reproduce(lab["city detector"], progress=False).same
    True
    """
    if into is not None:
        if keep is not None or restore:
            raise BadInput("a run in a new folder is kept there; give one of into, keep and restore")
        again = elsewhere(training, Path(into).expanduser())
        numbers, losses = dict(again.facts.numbers), _losses(again.log())
        return _compare(training, numbers, again.checkpoint, losses, again, metric_tolerance, weight_tolerance)
    if restore:
        _check_restorable(training, keep)
    if keep is not None:
        plan = plan_of(training)
        taken_over = plan.origins or kept(dict.fromkeys(plan.to_dict(), Origin("training", training.name)))
        plan = replace(plan, origins=taken_over)
        plan = plan.changed(Origin("verb", "reproduce"), name=keep, method="reproduction")
        job = Job(training.store, key_of("reproduction", training.key, keep), plan)
        again = run(job, progress=progress)
        return _compare(
            training,
            dict(again.facts.numbers),
            again.checkpoint,
            _losses(again.log()),
            again,
            metric_tolerance,
            weight_tolerance,
        )
    with tempfile.TemporaryDirectory(prefix="veml-reproduce-") as d:
        folder, heard = Path(d), _Heard(training, progress)
        plan = plan_of(training)
        with heard:
            summary = backend(plan.backend).fit(versions_of(training.store, plan).fit_task(folder), heard)
        file = folder / "model.safetensors"
        found = _compare(training, summary, file, _losses(heard.log), None, metric_tolerance, weight_tolerance)
        return replace(found, restored=_put_back(training, file)) if restore and found.same else found


def _lost(training: TrainingVersion) -> bool:
    """Whether there is no checkpoint, or one that cannot be read."""
    try:
        load_state(training.checkpoint)
    except VemlError:
        return True
    return False


def _check_restorable(training: TrainingVersion, keep: str | None) -> None:
    if keep is not None:
        raise BadInput(
            "a second run is kept under a name of its own or put in the place of the old checkpoint; give one of keep"
            " and restore"
        )
    if training.store.catalog.read_only:
        raise ReadOnlyLab(
            f"{training.store.folder} is open read-only; open it with veml_lab.open(path) to put a checkpoint back"
        )
    if not _lost(training):
        raise BadInput(
            f"the checkpoint of {training.name!r} is there and can be read: {training.checkpoint}; there is nothing to"
            " restore"
        )


def _put_back(training: TrainingVersion, file: Path) -> Path:
    """The file as the checkpoint; it appears whole or not at all."""
    target = inside(training.store.folder, training.facts.checkpoint)
    target.parent.mkdir(parents=True, exist_ok=True)
    return copy_whole(file, target)  # the run's folder may lie on another disk, from where nothing is renamed


class _Heard:
    """The report of a run of which nothing is kept: a bar, and the losses."""

    def __init__(self, training: TrainingVersion, progress: bool) -> None:
        from tqdm.auto import tqdm

        self.log: list[dict[str, Any]] = []
        steps = training.facts.numbers.get("steps")
        self._bar = tqdm(desc=f"{training.name} again", unit="step", total=steps, disable=not progress, leave=False)

    def __enter__(self) -> _Heard:
        return self

    def __exit__(self, *exc: object) -> None:
        self._bar.close()

    def step(self, step: int, *, samples: float = 0, **values: float) -> None:
        if "loss" in values:
            self.log.append({"step": step, "name": "loss", "value": float(values["loss"])})
        self._bar.update(1)

    def epoch(self, epoch: int, step: int, **metrics: float) -> None:
        self._bar.set_postfix_str(f"epoch {epoch}")


def _losses(log: list[dict[str, Any]]) -> list[float]:
    return [r["value"] for r in log if r["name"] == "loss"]


def _compare(
    training: TrainingVersion,
    summary: Mapping[str, Any],
    file: Path,
    losses: list[float],
    version: TrainingVersion | None,
    metric_tolerance: float,
    weight_tolerance: float,
) -> Reproduction:
    then, before = training.facts.numbers, _losses(training.log())
    skip = ("seconds", "steps", "epochs", "best_epoch")
    metrics = {
        k: (float(v), float(summary[k]))
        for k, v in then.items()
        if k in summary and k not in skip and isinstance(v, (int, float))
    }
    loss = {"first loss": (before[0], losses[0]), "last loss": (before[-1], losses[-1])} if before and losses else {}
    steps = (len(before), sum(a == b for a, b in zip(before, losses, strict=False)))
    weights, worst = (None, ("", 0.0)) if _lost(training) else _weights(training.checkpoint, file)
    was, now = dict(training.facts.environment), environment(CODE_VERSION)
    changed = {k: (was.get(k), now.get(k)) for k in sorted(set(was) | set(now)) if was.get(k) != now.get(k)}
    changed |= what_differs(training)
    return Reproduction(
        training, metrics, loss, weights, worst, changed, version, steps, None, metric_tolerance, weight_tolerance
    )


def _weights(a: Path, b: Path) -> tuple[float, tuple[str, float]]:
    """Relative difference of two checkpoints, over all and in the worst tensor."""
    here, there = load_state(a), load_state(b)
    square, length, worst = 0.0, 0.0, ("", 0.0)
    for k, w in here.items():
        if k not in there or there[k].shape != w.shape:
            return float("inf"), (k, float("inf"))
        if not w.is_floating_point():
            continue
        d, n = float((there[k].double() - w.double()).square().sum()), float(w.double().square().sum())
        square, length = square + d, length + n
        if d and (d / max(n, 1e-30)) ** 0.5 >= worst[1]:
            worst = (k, (d / max(n, 1e-30)) ** 0.5)
    return (square / max(length, 1e-30)) ** 0.5, worst
