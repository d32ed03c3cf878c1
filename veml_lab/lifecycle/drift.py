"""Drift: has the distribution of new data moved from what a model was trained on? Without labels."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..embeddings import embed
from ..embeddings.choice import embedder_of
from ..errors import BadInput
from ..geometry.coverage import FEWEST, DriftReport
from ..intermediates.asking import Unmade, asking, due
from ..intermediates.asking import found as found_before
from ..intermediates.keys import Step
from ..intermediates.steps import kept
from ..storage.border import public
from ..versions import display
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.lab_cache import shelf_of
from ..versions.parts import check_one_kind, train_part
from ..versions.results import get_result, put_result
from ..versions.samples import id_array
from ..versions.store import VersionStore, key_of
from ..versions.training import TrainingVersion
from ..versions.version import Version
from ..versions.window import windows

if TYPE_CHECKING:
    import numpy as np

    from ..embeddings import Embedder

RESULT_KIND = "drift"
OPERATION = "drift report"  # of its costs: all but the vectors
WORST = 12  # samples farthest outside that a report keeps to be looked at
LISTED = 3  # of these, and of the balls that changed most, in the printed report


@dataclass(frozen=True)
class Drift:
    """Both verdicts on one test version, with what there is to see.

    Attributes
    ----------
    train, test
        Names of the data versions.
    report
        The numbers behind them: a :class:`~veml_lab.geometry.coverage.DriftReport`.
    plane
        Centres, radii and points in the plane, for the covering-ball plot.
    worst
        Positions in the test version of the samples farthest outside.
    farthest
        The same with their ``uri`` and their ``distance`` to the nearest centre.
    """

    store: VersionStore = field(repr=False)
    train: str
    test: str
    embedder: str
    report: DriftReport
    plane: dict[str, Any]
    worst: list[int]
    text: str
    # reports that an earlier version kept have neither
    moved: list[dict[str, Any]] = field(default_factory=list, repr=False)
    farthest: list[dict[str, Any]] = field(default_factory=list, repr=False)

    @property
    def drifted(self) -> bool:
        """The calibrated verdict."""
        return self.report.drifted

    @property
    def paper_drifted(self) -> bool:
        """The paper's covering-ball rule."""
        return self.report.paper_drifted

    @property
    def p_value(self) -> float:
        return self.report.p_value

    @property
    def effect_size(self) -> float:
        """Share of test samples outside the radius that holds 99 % of held-out training samples."""
        return self.report.effect_size

    def balls(self) -> list[dict[str, Any]]:
        """The covering balls, those first whose share changed most: where the data moved from and to.

        Each has the ``position`` in the training version of the sample at its centre, its ``uri``, the shares
        ``train`` and ``test`` of the samples nearest to it, and their difference ``change``: above 0 it filled, below
        0 it emptied.
        """
        return self.moved

    def plot(self) -> display.Drawing:
        """The covering balls with the test points, interactive."""
        return display.drawing("drift", self)

    def to_dict(self) -> dict[str, Any]:
        """What ``veml drift --json`` prints."""
        small = {
            k: v
            for k, v in self.report.to_dict().items()
            if k not in ("outside", "outside_distance", "nearest", "balls")
        }
        return {
            "train": self.train,
            "test": self.test,
            "embedder": self.embedder,
            **small,
            "worst": self.worst,
            "farthest": self.farthest,
            "balls": self.moved,
        }

    def __repr__(self) -> str:
        return f"{self.train} -> {self.test}\n{self.text}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("drift", self)


@public
def drift(
    reference: DataVersion | TrainingVersion | InferenceVersion,
    test: DataVersion,
    *,
    embedder: Embedder | None = None,
    k: int = 50,
    seed: int = 0,
    level: float = 0.05,
    progress: bool = True,
) -> Drift:
    """Compare test data with the data that a model was trained on, without labels.

    Parameters
    ----------
    reference
        A data version, or a training or inference version (then its training data); 40 samples or more.
    test
        The new data; 20 samples or more.
    embedder
        In place of the lab's.
    k
        Centres of the covering balls.
    level
        The share of false alarms that is accepted.

    Returns
    -------
    Drift
        Both readings: ``paper_drifted``, and ``drifted`` with ``p_value`` by the calibrated test; in a notebook a plot.

    Source
    ------
    VeML, section V.A; the calibrated test is described in docs/decisions/geometry.md.

    Examples
    --------
    >>> dark = veml.corrupted(veml.road_world("clear-city", 32, seed=7), "dark", severity=0.9)
    >>> report = veml.drift(city, lab.add("night", dark))
    >>> report.drifted
    True
    """
    reference = learned_from(reference)
    check_one_kind([reference, test])
    embedder = embedder or embedder_of(reference, progress=progress)
    train, store = train_part(reference), test.store
    key = report_key(train, test, embedder, k, seed, level)
    value, shelf = get_result(store, key), shelf_of(store)
    said = f"drift of {test.name!r} against {train.name!r}"
    if value is not None:
        found_before(said, shelf.costs.expected(OPERATION))
    else:
        import numpy as np

        from ..geometry.coresets import assign
        from ..geometry.coverage import CoveringBalls, covering_balls
        from ..geometry.projection import covering_plane

        rows, positions, note = np.arange(len(train)), np.arange(len(test)), ""
        if test.task == "forecasting":
            # windows that share steps are not independent: over all of them a level of 5 % raises 30 to 100 % false
            # alarms
            rows, positions = _apart(train, 2 * FEWEST), _apart(test, FEWEST)
            note = (
                f"\n  note          of overlapping windows one each was kept: {len(rows)} of {len(train)} and"
                f" {len(positions)} of {len(test)}"
            )
        a, b = embed(train, embedder, progress=progress), embed(test, embedder, progress=progress)
        balls_of = functools.partial(covering_balls, k=k, seed=seed)
        step = Step(
            "covering balls",
            [train.content, embedder.fingerprint],
            {"k": k, "seed": seed, "apart": test.task == "forecasting"},
            ["veml_lab.geometry"],
            said=f"covering balls of {train.name!r}",
        )
        if asking() is not None:
            kept(shelf, step, lambda: balls_of(a).parts(), units=len(rows))
            due(said, shelf.costs.expected(OPERATION))
            return Unmade(said)  # type: ignore[return-value]
        began = time.perf_counter()
        if len(rows) < len(a) or len(positions) < len(b):
            a, b = a[rows], b[positions]
        shared = len(np.intersect1d(id_array(train)[rows], id_array(test)[positions]))
        if shared:
            note += (
                f"\n  note          {shared:,} of the {len(b):,} test samples are training samples too: drift"
                " shows less than there is"
            )
        balls = CoveringBalls.of_parts(kept(shelf, step, lambda: balls_of(a).parts(), units=len(rows)), a)
        found, core = balls.drift(b, level=level), balls.paper_core
        # the histogram beside the balls counts distances to the same centres
        reach = {"distances": assign(b, core.points)[1].tolist(), "radius": core.radius}
        plane = covering_plane(a, b, core, seed=seed).to_dict() | reach
        moved = _moved(train, rows, found)
        far = np.argsort(-found.nearest)[:WORST]
        farthest = [
            {
                "position": int(p),
                "uri": test.samples["uri"][int(p)].as_py(),
                "distance": float(found.nearest[i]),
            }
            for i, p in zip(far, positions[far], strict=True)
        ]
        value = {
            "train": train.name,
            "test": test.name,
            "embedder": repr(embedder),
            "report": found.to_dict(),
            "plane": plane,
            "worst": [f["position"] for f in farthest],
            "moved": moved,
            "farthest": farthest,
            "text": (
                repr(found)
                + _strength(found)
                + note
                + (_where(moved, farthest) if found.drifted or found.paper_drifted else "")
            ),
        }
        put_result(store, key, RESULT_KIND, value)
        shelf.costs.note(OPERATION, time.perf_counter() - began)
    return stored_drift(store, value)


def stored_drift(store: VersionStore, value: Mapping[str, Any]) -> Drift:
    """A report as it was kept, nothing computed again."""
    return Drift(store, **{**value, "report": DriftReport.from_dict(value["report"])})


def learned_from(reference: Version) -> DataVersion:
    """The data version that a drift test compares with: a training's or inference version's training data, or itself.

    Raises
    ------
    BadInput
        A model version: it has seen no data.
    """
    if isinstance(reference, InferenceVersion):
        reference = reference.training
    if isinstance(reference, TrainingVersion):
        reference = reference.data
    if not isinstance(reference, DataVersion):
        raise BadInput(
            f"{reference.name!r} is a {reference.node.kind} version and has seen no data; compare with a data version,"
            " or with a training or inference version"
        )
    return reference


def _apart(version: DataVersion, fewest: int) -> np.ndarray:
    """Positions of windows that share no step; an error where these are too few, before anything is embedded."""
    w = windows(version)
    found = w.apart()
    if len(found) < fewest:
        raise BadInput(
            f"{version.name!r} has {len(w):,} windows, but only {len(found):,} of them do not overlap, and"
            " drift counts these alone: windows that share readings are no independent samples. A calibrated"
            f" verdict needs at least {fewest}: take {fewest * w.window + w.horizon:,} steps of readings"
            f" without gaps or more, or import them again with windows of fewer than {w.window} steps"
        )
    return found


def report_key(
    train: DataVersion, test: DataVersion, embedder: Embedder, k: int = 50, seed: int = 0, level: float = 0.05
) -> str:
    """Of the stored report."""
    return key_of("drift", 4, train.key, test.key, embedder.fingerprint, k, seed, level)


def _moved(train: DataVersion, rows: np.ndarray, found: DriftReport) -> list[dict[str, Any]]:
    """Every ball with its shares; ``rows`` are the positions in the training version that were tested."""
    import numpy as np

    balls, listed = found.balls, []
    for i in np.argsort(-np.abs(balls.change), kind="stable"):
        position = int(rows[balls.index[i]])
        shares = {
            "train": float(balls.train[i]),
            "test": float(balls.test[i]),
            "change": float(balls.change[i]),
        }
        listed.append({"position": position, "uri": train.samples["uri"][position].as_py(), **shares})
    return listed


def what_is_strong(report: DriftReport) -> str:
    """The statistic behind the strength, and so behind the severity, of a report's drift; in words."""
    found, strength = report.strengths, report.strength
    if not found:  # kept by an earlier version
        return f"the distributions are {strength:.2f} apart, of 0 to 1"
    if found["balls"] == strength:
        return f"{strength:.0%} of the test samples lie in other training balls than expected"
    if (
        found["outside"] > strength - 0.01
    ):  # the gap of the distances is at least that large, and more telling as a share
        return (
            f"{found['outside']:.0%} more of the test samples than expected lie outside the 99 % radius of the"
            " training balls"
        )
    return (
        f"the distances to the nearest centre differ from those of the training data by {strength:.2f}"
        " (Kolmogorov-Smirnov, at most 1)"
    )


def _strength(report: DriftReport) -> str:
    return f"\n  strength      {report.severity}: {what_is_strong(report)}" if report.drifted else ""


def _where(moved: list[dict[str, Any]], farthest: list[dict[str, Any]]) -> str:
    """The balls that changed most and the samples farthest outside, in words."""

    def shown(ball: dict[str, Any]) -> str:
        return f"{ball['uri']} {ball['train']:.0%} -> {ball['test']:.0%}"

    lines = []
    for word, sign in (("filled", 1), ("emptied", -1)):
        most = [shown(b) for b in moved if sign * b["change"] >= 0.01][:LISTED]  # less than a point is noise to the eye
        if most:
            lines.append(f"  {word:<13} balls around {', '.join(most)}")
    lines.append(f"  farthest      {', '.join(f['uri'] for f in farthest[:LISTED])}")
    return "".join("\n" + line for line in lines)
