"""Training versions: model x data x hyper-parameters x seed x code -> logs, metrics, checkpoint."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..catalog import Change
from ..errors import DamagedLab
from ..evaluation.metric import Metric, metric_named
from ..storage.strangers import inside
from .data import DataVersion
from .facts import TrainingFacts
from .method import Method
from .model import ModelVersion
from .store import VersionStore
from .version import Version

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, eq=False, repr=False)
class TrainingVersion(Version):
    """One training that ended, with everything that it was made of.

    Examples
    --------
    >>> run.model.name, run.data.name, run.metric_name
    ('detector', 'city', 'mAP50')
    """

    _moved: ClassVar[Mapping[str, str]] = {
        "config": "veml_lab.config(training)",
        "analyse": "veml_lab.analyse(training, data)",
        "reproduce": "veml_lab.reproduce(training)",
        "rebuilds": "veml_lab.rebuilds(training, new)",
        "batch": "veml_lab.batch(training, epoch, step)",
        "seen": "veml_lab.seen(training)",
        "intermediates": "veml_lab.activations(training, sample)",
        "predict": "veml_lab.predict(training, data)",
    }

    @functools.cached_property
    def facts(self) -> TrainingFacts:
        """What is known of it, typed: its numbers, environment, what it reused."""
        return TrainingFacts.of(self.node)

    @property
    def method(self) -> Method:
        """How it came about: ``"scratch"``, ``"transfer"``, or how it rebuilds another training."""
        return self.facts.method

    @property
    def key(self) -> str:
        """The same inputs give the same key; a key is trained once."""
        return self.facts.key

    @property
    def plan(self) -> Mapping[str, Any]:
        """What was asked: hyper-parameters, seed, versions, initial weights."""
        return self.facts.plan

    @property
    def model(self) -> ModelVersion:
        return ModelVersion(self.store, self.store.graph().find(self.plan["model"], "model"))

    @property
    def data(self) -> DataVersion:
        """The data version that it was trained on."""
        return DataVersion(self.store, self.store.graph().find(self.plan["data"], "data"))

    @property
    def validation(self) -> DataVersion | None:
        """The data version of its metrics per epoch."""
        v = self.plan.get("validation")
        return DataVersion(self.store, self.store.graph().find(v, "data")) if v else None

    @property
    def classes(self) -> tuple[str, ...]:
        return self.facts.classes

    @property
    def metric_name(self) -> str:
        """``"accuracy"``, ``"mAP50"`` or ``"MAE"``: what the summary counts."""
        return self.facts.metric

    @property
    def metric(self) -> float | None:
        """The last value of :attr:`metric_name` on the validation data."""
        return self.facts.value

    @property
    def judged_by(self) -> Metric:
        """The metric itself: which way it is better, how it is written."""
        return metric_named(self.metric_name, self.facts.direction)

    @property
    def seconds(self) -> float:
        """Wall time of the training."""
        return self.facts.numbers.get("seconds", 0.0)

    @property
    def checkpoint(self) -> Path:
        """The weights, a safetensors file."""
        path = inside(self.store.folder, self.facts.checkpoint)
        if not path.exists():
            raise DamagedLab(
                f"the checkpoint of {self.name!r} is missing: {path}; restore it from a backup, or make it again: veml"
                f" reproduce LAB {self.name!r} --restore"
            )
        return path

    def log(self) -> list[dict[str, Any]]:
        """The recorded numbers: ``[{"step", "name", "value"}]``."""
        return self.store.catalog.read("metrics", node=self.id).to_pylist()

    def series(self) -> dict[str, np.ndarray]:
        """The recorded numbers by name: steps and values, (n, 2) float64, in the order of the log; a million in a
        moment."""
        import numpy as np

        rows = self.store.catalog.read("metrics", node=self.id)
        pairs = np.column_stack([_numbers(rows[c].chunks) for c in ("step", "value")])
        parts = rows["name"].dictionary_encode().chunks
        if not parts:
            return {}
        names = parts[0].dictionary.to_pylist()  # one dictionary for all chunks
        codes = _numbers([part.indices for part in parts])
        return {name: pairs[codes == k] for k, name in enumerate(names)}

    def summary(self) -> str:
        """One line."""
        value = (
            f"{self.metric_name} {self.judged_by.format(self.metric)}" if self.metric is not None else "not measured"
        )
        return f"{value} · {self.seconds:.0f} s · on {self.data.name}"


def _numbers(chunks: list[Any]) -> np.ndarray:
    """Arrow arrays as one of NumPy; a null becomes NaN."""
    import numpy as np

    return (
        np.concatenate([np.from_dlpack(c) if not c.null_count else c.to_numpy(zero_copy_only=False) for c in chunks])
        if chunks
        else np.empty(0)
    )


def metric_rows(node_id: str, log: list[dict[str, Any]]) -> Change:
    """The change that stores a job's log with its version."""
    import pyarrow as pa

    rows = pa.table(
        {
            "node": [node_id] * len(log),
            "step": pa.array([r["step"] for r in log], pa.int32()),
            "name": [r["name"] for r in log],
            "value": pa.array([r["value"] for r in log], pa.float64()),
        }
    )
    return Change("add_metrics", rows=rows)


def find_training(store: VersionStore, key: str) -> TrainingVersion | None:
    """The training version of a key, if those inputs were trained before."""
    for node in store.graph().of_kind("training"):
        if node.props.get("key") == key:
            return TrainingVersion(store, node)
    return None


def trainings_of(store: VersionStore, data: DataVersion) -> list[TrainingVersion]:
    """Trainings on a data version or on its train part, best first."""
    graph = store.graph()
    ids = {data.id} | {e.dst for e in graph.out[data.id] if e.props.get("role") == "train"}
    found = [TrainingVersion(store, n) for n in graph.of_kind("training") if n.props["plan"]["data"] in ids]
    return found[0].judged_by.ordered(found, lambda t: t.metric) if found else []
