"""What rebuilding came to: a training and all that was rebuilt from it, measured on new and on old data, as table
11."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._html import table
from ..errors import BadInput
from ..evaluation.metric import Metric
from ..storage.border import public
from ..versions.data import DataVersion
from ..versions.facts import TrainingFacts
from ..versions.training import TrainingVersion
from .rebuild import RebuildRow, measured, rebuild_table


@dataclass(frozen=True)
class Rebuilds:
    """A training and its rebuilt successors side by side; the old data's column shows what was forgotten."""

    training: str
    judged_by: Metric
    new: str
    old: str | None
    rows: tuple[RebuildRow, ...]

    @property
    def metric(self) -> str:
        """The name of what is measured."""
        return self.judged_by.name

    def forgotten(self, row: RebuildRow) -> float | None:
        """How much worse than before the old data is done, in the metric (an error: how much larger); below 0 it got
        better."""
        return self.judged_by.gain(row.old_accuracy, self.rows[0].old_accuracy)

    @property
    def best(self) -> RebuildRow:
        """The rebuilt training that does best on the new data, the earliest of equals; the first row is what it has
        to beat."""
        return self.judged_by.ordered(self.rows[1:], lambda r: r.accuracy)[0]

    def to_dict(self) -> dict[str, Any]:
        """What ``veml rebuilds --json`` prints."""
        rows = [
            {
                "training": r.training,
                "method": r.method,
                "labels": r.labels,
                "new": r.accuracy,
                "old": r.old_accuracy,
                "forgotten": self.forgotten(r),
                "seconds": r.seconds,
            }
            for r in self.rows
        ]
        return {
            "training": self.training,
            "metric": self.metric,
            "new": self.new,
            "old": self.old,
            "best": self.best.training,
            "rows": rows,
        }

    def __repr__(self) -> str:
        head, *lines = rebuild_table(list(self.rows), self.judged_by).splitlines()
        lines = [f"{line}  {r.training}" for line, r in zip(lines, self.rows, strict=True)]
        return "\n".join([self._title(), f"{head}  training", *lines])

    def _repr_html_(self) -> str:
        def said(value: float | None, form: str) -> str:
            return "-" if value is None else format(value, form)

        cells = [
            [
                r.training,
                r.method,
                said(r.labels, ","),
                self.judged_by.format(r.accuracy),
                self.judged_by.format(r.old_accuracy),
                self.judged_by.format(self.forgotten(r), signed=True),
                said(r.seconds, ".0f"),
            ]
            for r in self.rows
        ]
        columns = ["training", "method", "labels", f"{self.metric} new", f"{self.metric} old", "forgotten", "seconds"]
        return table(columns, cells, above=self._title(), strong=[self.rows.index(self.best)])

    def _title(self) -> str:
        return f"Rebuilt from {self.training!r}: new is {self.new}" + (f", old is {self.old}" if self.old else "")


@public
def rebuilds(training: TrainingVersion, new: DataVersion, *, old: DataVersion | None = None) -> Rebuilds:
    """Measure a training and everything that was rebuilt from it, in one step or several, on new and on old data.

    Parameters
    ----------
    new
        Labelled data that no rebuilding was trained on.
    old
        Labelled data of the old kind; default: the training's validation data, where it has some.

    Raises
    ------
    BadInput
        Nothing was rebuilt from the training, or one of the rebuilt trainings saw ``new``.

    Examples
    --------
    >>> for_town = veml.rebuild(run, town, method="transfer", name="on town", hyper={"epochs": 1}, progress=False)
    >>> table = veml.rebuilds(run, lab.add("unseen", veml.road_world("clear-city", 16, seed=3, test_share=0)), old=city)
    >>> table.metric, "on town" in [row.training for row in table.rows]
    ('mAP50', True)
    """
    graph = training.store.graph()
    family = {training.id}
    made: list[TrainingVersion] = []
    for node in graph.of_kind("training"):  # a successor comes after what it was made from
        if TrainingFacts.of(node).plan.get("rebuilt_from") in family:
            family.add(node.id)
            made.append(TrainingVersion(training.store, node))
    if not made:
        raise BadInput(
            f"nothing was rebuilt from {training.name!r} yet; do it with: veml rebuild LAB {training.name!r} NEW"
        )
    for t in made:
        seen = len(t.data.ids & new.ids)
        if seen:
            raise BadInput(
                f"{t.name!r} was trained on {seen:,} of the {len(new):,} samples of {new.name!r}; measure on held-out"
                " data"
            )
    old = old or training.validation
    rows = []
    for t in [training, *made]:
        before = measured(t, old)[t.metric_name] if old is not None else None
        same = t.id == training.id
        rows.append(
            RebuildRow(
                "no rebuilding" if same else str(t.method),
                None if same else t.plan.get("labels"),
                measured(t, new)[t.metric_name],
                before,
                None if same else t.seconds,
                t.name,
            )
        )
    return Rebuilds(training.name, training.judged_by, new.name, old.name if old is not None else None, tuple(rows))
