"""Donors in the order in which their lifecycles should be tried on a target, as people and programs read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .._html import table
from ..versions.data import DataVersion
from ..versions.training import TrainingVersion
from .prospects import Expected
from .worth import Worth

By = Literal["worth", "similarity"]


@dataclass(frozen=True)
class Donor:
    """One data version in a ranking, with the best training that could be transferred and what that is worth.

    Attributes
    ----------
    values
        Of the similarity, by measure; ``relative`` is without a unit.
    worth
        What its network sees in the target's labelled samples; None where it was not looked at.
    expected
        What its transfer should bring over a start from scratch; None where nothing is known of such transfers.
    unscored
        Why a donor with a lifecycle has no worth; else empty.
    """

    data: DataVersion
    values: dict[str, float]
    training: TrainingVersion | None
    worth: Worth | None = None
    expected: Expected | None = None
    unscored: str = ""

    def __repr__(self) -> str:
        return f"<donor {self.data.name!r}: {', '.join(f'{k} {v}' for k, v in self.cells().items())}; {self._run()}>"

    def cells(self) -> dict[str, str]:
        """What a row of the ranking shows, by the heading of its column."""
        shown = {m: f"{v:.4g}" for m, v in self.values.items()}
        if self.worth is not None:
            shown["logme"] = f"{self.worth.scores['logme']:.3f}"
        if self.expected is not None:
            shown["expected"] = str(self.expected)
        return shown

    def _run(self) -> str:
        return self.training.name if self.training else "no lifecycle yet"


@dataclass(frozen=True)
class Ranking:
    """Data versions as donors for a target, the best first.

    Attributes
    ----------
    measure
        Of the similarity; small is similar.
    by
        What orders the donors: ``"worth"`` - what each one's network sees in the target's labelled samples, the larger
        LogME the better, and those without one after them, the nearest first - or ``"similarity"``.
    clear
        False where no donor promises more than a start from scratch: by what transfers like it brought where that is
        known, else because no data version is near enough (the paper advises to train from scratch then).
    advice
        That in words.
    """

    target: DataVersion
    donors: tuple[Donor, ...]
    measure: str
    clear: bool
    advice: str
    by: By = "similarity"

    def __len__(self) -> int:
        return len(self.donors)

    def __getitem__(self, i: Any) -> Any:
        return self.donors[i]

    def best(self) -> Donor | None:
        """The first donor that has a lifecycle to transfer, or None."""
        return next((d for d in self.donors if d.training is not None), None)

    def notes(self) -> list[str]:
        """Why donors with a lifecycle were ranked by the similarity of their data only."""
        return [f"{d.data.name} is not scored: {d.unscored}" for d in self.donors if d.unscored]

    def to_dict(self) -> dict[str, Any]:
        """What ``veml similar LAB NAME --json`` prints."""
        donors = [
            {
                "name": d.data.name,
                **d.values,
                "training": d.training.name if d.training else None,
                "worth": dict(d.worth.scores) if d.worth else None,
                "expected": d.expected.to_dict() if d.expected else None,
            }
            for d in self.donors
        ]
        return {
            "target": self.target.name,
            "measure": self.measure,
            "by": self.by,
            "clear": self.clear,
            "advice": self.advice,
            "donors": donors,
            "notes": self.notes(),
        }

    def _headings(self) -> list[str]:
        return list(dict.fromkeys(k for d in self.donors for k in d.cells()))

    def _title(self) -> str:
        how = "worth as donors" if self.by == "worth" else f"similarity ({self.measure})"
        return f"Donors for {self.target.name} by {how}: {self.advice}"

    def _repr_html_(self) -> str:
        heads = self._headings()
        rows = [
            [
                d.data.name,
                *(d.cells().get(h, "") for h in heads),
                d.training.name if d.training else "none yet",
                d.training.summary() if d.training else "",
            ]
            for d in self.donors
        ]
        best = next((i for i, d in enumerate(self.donors) if d.training is not None), None)
        strong = [] if best is None else [best]
        above = "; ".join([self._title(), *self.notes()])
        return table(["data", *heads, "lifecycle", ""], rows, above=above, strong=strong)

    def __repr__(self) -> str:
        heads = self._headings()
        rows = [["data", *heads, "best lifecycle"]]
        for d in self.donors:
            run = d.training
            shown = (
                f"{run.name} ({run.metric_name} {run.judged_by.format(run.metric)})"
                if run and run.metric is not None
                else "-"
            )
            rows.append([d.data.name, *(d.cells().get(h, "") for h in heads), shown])
        width = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
        lines = [
            "  "
            + r[0].ljust(width[0])
            + "".join("  " + c.rjust(w) for c, w in zip(r[1:-1], width[1:-1]))
            + "  "
            + r[-1]
            for r in rows
        ]
        return "\n".join([self._title(), *lines, *(f"  {n}" for n in self.notes())])
