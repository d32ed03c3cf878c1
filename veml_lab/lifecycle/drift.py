"""Drift: has the distribution of new data moved from what a model was trained on? Without labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..embeddings import embed
from ..geometry.coverage import covering_ball_drift
from ..versions import display
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.results import get_result, put_result
from ..versions.store import VersionStore, key_of
from ..versions.training import TrainingVersion
from .similarity import train_part

if TYPE_CHECKING:
    from ..embeddings import Embedder

RESULT_KIND = "drift"
WORST = 12  # samples farthest outside that a report keeps to be looked at


@dataclass(frozen=True)
class Drift:
    """Both verdicts on one test version, with what there is to see.

    Attributes
    ----------
    train, test
        Names of the data versions.
    report
        The fields of :class:`~veml_lab.geometry.coverage.DriftReport`.
    plane
        Centres, radii and points in the plane, for the covering-ball plot.
    worst
        Positions in the test version of the samples farthest outside.
    """

    store: VersionStore = field(repr=False)
    train: str
    test: str
    embedder: str
    report: dict[str, Any]
    plane: dict[str, Any]
    worst: list[int]
    text: str

    @property
    def drifted(self) -> bool:
        """The calibrated verdict."""
        return self.report["drifted"]

    @property
    def paper_drifted(self) -> bool:
        """The paper's covering-ball rule."""
        return self.report["paper_drifted"]

    @property
    def p_value(self) -> float:
        return self.report["p_value"]

    @property
    def effect_size(self) -> float:
        """Share of test samples outside the radius that holds 99 % of held-out training samples."""
        return self.report["effect_size"]

    def plot(self, **options: Any) -> Any:
        """The covering balls with the test points, interactive."""
        return display.draw("drift", self, **options)

    def to_dict(self) -> dict[str, Any]:
        """What ``veml drift --json`` prints."""
        small = {k: v for k, v in self.report.items() if k not in ("outside", "outside_distance", "nearest", "balls")}
        return {"train": self.train, "test": self.test, "embedder": self.embedder, **small, "worst": self.worst}

    def __repr__(self) -> str:
        return f"{self.train} -> {self.test}\n{self.text}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return display.draw("drift", self)


def drift(
    reference: DataVersion | TrainingVersion | InferenceVersion,
    test: DataVersion,
    embedder: Embedder,
    *,
    k: int = 50,
    seed: int = 0,
    level: float = 0.05,
    progress: bool = True,
) -> Drift:
    """Compare test data with the data that a model was trained on, without labels.

    Parameters
    ----------
    reference
        A data version, or a training or inference version (then its training data).
    level
        The share of false alarms that is accepted.

    Source
    ------
    VeML, section V.A; the calibrated test is DESIGN section 5.
    """
    if isinstance(reference, InferenceVersion):
        reference = reference.training
    if isinstance(reference, TrainingVersion):
        reference = reference.data
    train, store = train_part(reference), test.store
    key = key_of("drift", 2, train.key, test.key, embedder.fingerprint, k, seed, level)
    value = get_result(store, key)
    if value is None:
        import numpy as np

        from ..geometry.coresets import assign, k_center_greedy
        from ..geometry.projection import covering_plane

        a, b = embed(train, embedder, progress=progress), embed(test, embedder, progress=progress)
        found = covering_ball_drift(a, b, k=k, seed=seed, level=level)
        core = k_center_greedy(a, min(found.paper_k, len(a)), seed=seed)
        # the histogram beside the balls counts distances to the same centres
        reach = {"distances": assign(b, core.points)[1].tolist(), "radius": core.radius}
        plane = covering_plane(a, b, core, seed=seed).to_dict() | reach
        value = {
            "train": train.name, "test": test.name, "embedder": repr(embedder), "report": found.to_dict(),
            "plane": plane, "worst": np.argsort(-found.nearest)[:WORST].tolist(), "text": repr(found),
        }  # fmt: skip
        put_result(store, key, RESULT_KIND, value)
    return Drift(store, **value)
