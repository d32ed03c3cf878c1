"""The lifecycles of several donors for one target, run to the end and set beside each other as in the paper's table
5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .._html import table
from ..errors import NameTaken, VemlError
from ..evaluation.metric import Metric
from ..versions.data import DataVersion
from ..versions.store import fitting
from ..versions.training import TrainingVersion

if TYPE_CHECKING:
    from .transfer_plan import TransferPlan


@dataclass(frozen=True)
class Transfers:
    """Transfer plans for one target, the nearest donor first.

    Attributes
    ----------
    distances
        Of each donor, in ``measure``.
    advice
        What the ranking says: whether a donor is clearly similar.
    """

    plans: tuple[TransferPlan, ...]
    distances: tuple[float, ...]
    measure: str
    advice: str

    def __len__(self) -> int:
        return len(self.plans)

    def __iter__(self) -> Iterator[TransferPlan]:
        return iter(self.plans)

    def __getitem__(self, i: int) -> TransferPlan:
        return self.plans[i]

    def to_dict(self) -> dict[str, Any]:
        """What ``veml transfer --plan --json`` prints."""
        return {
            "measure": self.measure,
            "advice": self.advice,
            "plans": [{"distance": d, **p.to_dict()} for d, p in zip(self.distances, self.plans, strict=True)],
        }

    def __repr__(self) -> str:
        return "\n".join([self.advice, *map(repr, self.plans)])

    def execute(
        self, *, scratch: bool = True, detached: bool = False, retries: int = 0, progress: bool = True
    ) -> TransferTable:
        """Train every plan, and with ``scratch`` the nearest donor's recipe from fresh weights.

        A donor whose training fails drops out and is named in the table; what was trained before is taken as it is.

        Raises
        ------
        VemlError
            Every one of them failed: the first one's error.
        """
        rows: list[TransferRow] = []
        errors: list[tuple[str, VemlError]] = []
        runs: list[tuple[float | None, TransferPlan]] = list(zip(self.distances, self.plans, strict=True))
        for distance, plan in runs + ([(None, self.plans[0].scratch())] if scratch else []):
            who = "scratch" if plan.from_scratch else plan.donor.name
            try:
                try:
                    made = plan.execute(detached=detached, retries=retries, progress=progress)
                except NameTaken:  # by a transfer with other settings: nobody chose this name, so it is told apart
                    own = fitting(plan.name, plan.donor.key, dict(plan.hyper), dict(plan.recipe))
                    made = replace(plan, name=own).execute(detached=detached, retries=retries, progress=progress)
            except VemlError as e:
                errors.append((who, e))
                continue
            rows.append(
                TransferRow(
                    who,
                    distance,
                    made.metric,
                    made.seconds,
                    made.facts.reused,
                    made.facts.fresh,
                    made,
                )
            )
        if not rows:
            raise errors[0][1]
        return TransferTable(
            self.plans[0].target,
            self.plans[0].validation,
            rows[0].training.metric_name,
            self.measure,
            tuple(rows),
            tuple((w, str(e)) for w, e in errors),
        )


@dataclass(frozen=True)
class TransferRow:
    """One donor's lifecycle on the target, or the start from scratch (``distance`` None).

    Attributes
    ----------
    reused
        Number of the donor's weight arrays that were taken over.
    fresh
        Names of those that started fresh.
    """

    donor: str
    distance: float | None
    metric: float | None
    seconds: float
    reused: int
    fresh: tuple[str, ...]
    training: TrainingVersion = field(repr=False)


@dataclass(frozen=True)
class TransferTable:
    """What the transfers to one target came to: from each donor, from scratch, and what choosing by similarity lost."""

    target: DataVersion = field(repr=False)
    validation: DataVersion | None = field(repr=False)
    metric: str
    measure: str
    rows: tuple[TransferRow, ...]
    failed: tuple[tuple[str, str], ...] = ()

    @property
    def best(self) -> TrainingVersion:
        """The best of all, the start from scratch included; without validation data the nearest donor's."""
        return self._judge.ordered(self.rows, lambda r: r.metric)[0].training

    def regret(self, k: int = 1) -> float | None:
        """How much the best of the ``k`` nearest donors is behind the best donor that ran; 0 or more, None without
        metrics."""
        came = [r.metric for r in self.rows if r.distance is not None]
        return self._judge.gain(self._judge.best(came[:k]), self._judge.best(came))

    def over_scratch(self, row: TransferRow) -> float | None:
        """How much better than from scratch, an error's sign turned; None where one of them was not measured."""
        base = next((r.metric for r in self.rows if r.distance is None), None)
        return None if row.distance is None else self._judge.gain(base, row.metric)

    @property
    def _judge(self) -> Metric:
        return self.rows[0].training.judged_by

    def to_dict(self) -> dict[str, Any]:
        """What ``veml transfer --top --json`` prints."""
        rows = [
            {
                "from": r.donor,
                "distance": r.distance,
                self.metric: r.metric,
                "over_scratch": self.over_scratch(r),
                "seconds": r.seconds,
                "reused": r.reused,
                "fresh": list(r.fresh),
                "training": r.training.name,
            }
            for r in self.rows
        ]
        return {
            "target": self.target.name,
            "measure": self.measure,
            "rows": rows,
            "best": self.best.name,
            "regret": self.regret(),
            "regret_of_3": self.regret(3),
            "failed": dict(self.failed),
        }

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        def said(value: float | None, form: str) -> str:
            return "" if value is None else format(value, form)

        head = ["from", self.measure, self.metric, "over scratch", "seconds", "weights"]
        cells = [
            [
                r.donor,
                said(r.distance, ".4g"),
                "" if r.metric is None else self._judge.format(r.metric),
                said(self.over_scratch(r), "+.3f"),
                f"{r.seconds:.0f}",
                (
                    "all fresh"
                    if r.distance is None
                    else f"{r.reused} of {r.reused + len(r.fresh)} reused"
                    + (f", fresh: {_layers(r.fresh)}" if r.fresh else "")
                ),
            ]
            for r in self.rows
        ]
        return head, cells

    def _words(self) -> list[str]:
        donors, one = sum(r.distance is not None for r in self.rows), self.regret()
        lines = [f"{who} failed: {why}" for who, why in self.failed]
        if one is not None and donors > 1:
            of_3 = f", of the three nearest {self.regret(3):.3f}" if donors > 3 else ""
            lines.append(f"regret of the nearest donor {one:.3f}{of_3}, against the best of the {donors} that ran")
        return lines

    def __repr__(self) -> str:
        head, cells = self._cells()
        wide = [max(len(row[i]) for row in [head, *cells]) for i in range(len(head))]
        lines = [self._title()]
        for row in [head, *cells]:
            lines.append(
                (
                    "  "
                    + "  ".join(
                        c.ljust(w) if i in (0, 5) else c.rjust(w)
                        for i, (c, w) in enumerate(zip(row, wide, strict=True))
                    )
                ).rstrip()
            )
        return "\n".join(lines + [f"  {line}" for line in self._words()])

    def _repr_html_(self) -> str:
        head, cells = self._cells()
        at = next(i for i, r in enumerate(self.rows) if r.training == self.best)
        above = "; ".join([self._title(), *self._words()])
        return table(head, cells, above=above, strong=[] if at is None else [at])

    def _title(self) -> str:
        where = f" on {self.validation.name}" if self.validation else ""
        return f"Transfers to {self.target.name}: {self.metric}{where}; best {self.best.name!r}"


def _layers(names: Sequence[str], most: int = 3) -> str:
    """The layers of weight arrays, ``head.cls`` for ``head.cls.weight`` and ``head.cls.bias``."""
    layers = list(dict.fromkeys(n.rpartition(".")[0] or n for n in names))
    return ", ".join(layers[:most]) + (f" and {len(layers) - most} more" if len(layers) > most else "")
