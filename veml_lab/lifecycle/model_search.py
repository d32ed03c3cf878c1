"""Model versions found by what they are made of, what they learned from and what they are worth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._html import table
from ..errors import BadInput, UnknownName
from ..evaluation.metric import metric_named
from ..lineage.reach import reach_from
from ..versions.data import DataVersion
from ..versions.facts import TrainingFacts
from ..versions.model import ModelVersion
from ..versions.node import EDGE_TYPES
from ..versions.predicate import matching, select
from ..versions.store import VersionStore
from .model_comparison import PARTS, ModelComparison, ModelGraph, compare_models, shared_parts
from .model_results import Result, results_of, text_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "COLUMNS",
    "FoundModels",
    "ModelComparison",
    "ModelGraph",
    "Result",
    "compare_models",
    "models",
    "results_of",
    "shared_parts",
]

COLUMNS = (
    "model", *PARTS, "task", "backend", "width_px", "height_px", "num_classes", "parameters",
    "training", "data", "method", "seed", "seconds", "epochs", "tested_on", "layer", "deployed",
)  # fmt: skip
Lab = Any  # a Lab or its store: this row does not know the lab's


@dataclass(frozen=True)
class FoundModels:
    """Model versions that a question is about, the best first, each with its best result.

    Attributes
    ----------
    metric
        What they are ordered by; None where none of them was measured.
    results
        One a model.
    """

    question: str
    metric: str | None
    results: tuple[Result, ...]

    @property
    def models(self) -> list[ModelVersion]:
        """The versions alone."""
        return [r.model for r in self.results]

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[ModelVersion]:
        return iter(self.models)

    def to_dict(self) -> dict[str, Any]:
        """As plain values: what ``veml models --json`` prints."""
        rows = [r.to_dict() | {"metadata": r.model.metadata} for r in self.results]
        return {"question": self.question, "metric": self.metric, "models": rows}

    def __repr__(self) -> str:
        lines = [f"{len(self)} {self.question}"]
        for r in self.results:
            value = r.metrics.get(self.metric) if self.metric else None
            worth = (
                f"{self.metric} {metric_named(self.metric).format(value)} on {r.tested_on}, {r.training.name!r} trained"
                f" on {r.training.data.name}"
                if self.metric and value is not None and r.training
                else "not measured"
            )
            lines.append(f"  {r.model.name}  {r.model.summary()}  {worth}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = []
        for r in self.results:
            value = r.metrics.get(self.metric) if self.metric else None
            made = (r.training.name, r.training.data.name) if r.training else (None, None)
            rows.append(list(map(text_of, (r.model.name, r.model.summary(), value, r.tested_on, *made))))
        columns = ("model", "", self.metric or "", "tested on", "training", "trained on")
        return table(columns, rows, caption=self.question)


def models(
    lab: Lab,
    where: str | None = None,
    *,
    trained_on: DataVersion | str | None = None,
    tested_on: DataVersion | str | None = None,
    by: str | None = None,
    share: float = 0.5,
) -> FoundModels:
    """The model versions with a result for which everything holds, the best first.

    Parameters
    ----------
    where
        A checked condition over a result: columns :data:`COLUMNS`, plain values of the recipe, and its metrics;
        for example ``task = 'detection' AND backbone = 'resnet50' AND mAP50 > 0.3``.
    trained_on
        A data version (itself or what was derived from it), or a condition over the samples that the training
        learned from, for example ``timeofday = 'night'``.
    tested_on
        Only results on this data version.
    by
        The metric to order by (errors ascending); default: the first model's own.
    share
        Part of the training data for which the condition of ``trained_on`` has to hold, 0 ... 1; 0: one sample.

    Raises
    ------
    BadInput
        A condition that does not parse or uses what is not allowed; a share outside 0 ... 1.
    UnknownName
        A column, metric or data version that the lab does not have.
    """
    store: VersionStore = _store(lab)
    if not 0 <= share <= 1:
        raise BadInput(f"share must lie between 0 and 1, got {share}")
    graph = store.graph()
    rows = [r for m in (ModelVersion(store, n) for n in graph.of_kind("model")) for r in results_of(m) or [Result(m)]]
    metrics = list(dict.fromkeys(k for r in rows for k in r.metrics))
    if by is not None and by not in (*metrics, "seconds", "parameters"):
        raise UnknownName.of("metric in this lab", by, [*metrics, "seconds", "parameters"])
    if where:
        kept = set(matching(_table(rows, graph), where))
        rows = [r for i, r in enumerate(rows) if i in kept]
    if trained_on is not None:
        fits = _taught_by(store, trained_on, share)
        rows = [r for r in rows if r.training and r.training.plan["data"] in fits]
    if tested_on is not None:
        name = tested_on.name if isinstance(tested_on, DataVersion) else graph.find(tested_on, "data").name
        rows = [r for r in rows if r.tested_on == name]
    by = by or next((r.training.metric_name for r in rows if r.training and r.training.metric_name in r.metrics), None)
    best: dict[str, Result] = {}
    for r in sorted(rows, key=lambda r: _order(r, by)):
        best.setdefault(r.model.id, r)
    trained = trained_on.name if isinstance(trained_on, DataVersion) else trained_on
    said = [
        where,
        f"trained on {trained}" if trained else None,
        f"tested on {tested_on if isinstance(tested_on, str) else tested_on.name}" if tested_on else None,
    ]
    question = "models" + "".join(f", {s}" for s in said if s) + (f"; best {by} first" if by else "")
    return FoundModels(question, by, tuple(best.values()))


def _store(lab: Lab) -> VersionStore:
    return lab if isinstance(lab, VersionStore) else lab.store


def _order(result: Result, by: str | None) -> float:
    value: float | None = result.metrics.get(by) if by else None
    if by == "parameters":
        value = result.model.recipe.get("parameters")
    elif by == "seconds" and result.training:
        value = result.training.seconds
    if by is None:
        return math.inf
    own = result.training.judged_by if result.training else None
    return -(own if own is not None and own.name == by else metric_named(by)).score(value)


def _table(rows: Sequence[Result], graph: Any) -> pa.Table:
    """One row a result; ``id`` is its position."""
    import pyarrow as pa

    found: list[dict[str, Any]] = []
    for r in rows:
        recipe, t = r.model.recipe, r.training
        row: dict[str, Any] = {
            k: v for k, v in recipe.items() if isinstance(v, str | int | float | bool) and k not in ("id", "config")
        }
        row |= dict(zip(("width_px", "height_px"), recipe.get("size_px", ()), strict=False)) | {
            "model": r.model.name,
            "tested_on": r.tested_on,
            "layer": r.layer,
        }
        if t:
            row |= {
                "training": t.name,
                "data": t.data.name,
                "method": str(t.method),
                "seed": t.plan["seed"],
                "seconds": t.seconds,
            }
            row |= {
                "epochs": t.facts.numbers.get("epochs"),
                "deployed": any(e.type == "deployed_as" for e in graph.out.get(t.id, ())),
            }
        found.append(row | dict(r.metrics))
    columns: dict[str, Any] = {"id": pa.array(range(len(rows)), pa.int64())}
    for name in dict.fromkeys([*COLUMNS, *(k for row in found for k in row)]):
        values = [row.get(name) for row in found]
        kinds = {type(v) for v in values if v is not None}
        if name.lower() in {c.lower() for c in columns}:
            continue  # SQL does not tell them apart
        if not kinds:
            columns[name] = pa.array(
                values,
                (
                    pa.string()
                    if name in (*PARTS, "task", "training", "data", "method", "tested_on", "layer")
                    else pa.float64()
                ),
            )
        elif kinds <= {int, float} or len(kinds) == 1:
            columns[name] = pa.array(values, pa.float64() if float in kinds else None)
        else:  # a field that one recipe counts and another names
            columns[name] = pa.array([None if v is None else str(v) for v in values], pa.string())
    return pa.table(columns)


def _taught_by(store: VersionStore, trained_on: DataVersion | str, share: float) -> set[str]:
    """IDs of the data versions to train on that a version or a condition means."""
    graph = store.graph()
    used = dict.fromkeys(TrainingFacts.of(n).plan["data"] for n in graph.of_kind("training"))
    if isinstance(trained_on, DataVersion) or (
        trained_on in graph.by_name and graph.by_name[trained_on].kind == "data"
    ):
        start = graph.position(trained_on.node if isinstance(trained_on, DataVersion) else trained_on)
        only = [t for t in EDGE_TYPES if t != "derived_from"]
        return {graph.node(start).id, *graph.ids_at(reach_from(graph, start, back=False, without=tuple(only)))} & set(
            used
        )
    fits: set[str] = set()
    missing: list[UnknownName] = []
    for ident in used:
        data = DataVersion(store, graph.nodes[ident])
        try:
            n = len(select(data, trained_on))
        except UnknownName as e:  # these samples have no such column, perhaps others do
            missing.append(e)
            continue
        except BadInput as e:
            raise BadInput(
                f"{trained_on!r} is neither a data version of this lab nor a condition over samples: {e}"
            ) from e
        if n and n >= share * len(data):
            fits.add(ident)
    if missing and len(missing) == len(used):
        raise UnknownName(
            f"{trained_on!r} is neither a data version of this lab nor a condition over the data of its trainings:"
            f" {missing[0]}"
        )
    return fits
