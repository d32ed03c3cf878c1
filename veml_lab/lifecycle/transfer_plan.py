"""A donor's lifecycle made ready for a target: what is reused, what is edited and why, and how it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._html import table
from ..errors import NameTaken
from ..training import Plan
from ..training.jobs import train
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.model import add_model
from ..versions.settings import USER, Origin, noted
from ..versions.store import fitting
from ..versions.training import TrainingVersion
from .gain import Gain, transfer_history
from .prospects import Expected

BY_TRANSFER = Origin("verb", "transfer")


@dataclass(frozen=True)
class Edit:
    """One thing that the transfer changes in the donor's lifecycle, and why."""

    field: str
    donor: Any
    here: Any
    reason: str


@dataclass(frozen=True)
class TransferPlan:
    """A donor's lifecycle made ready for a target: what is reused, what is changed and why.

    ``execute`` makes the model version and trains; ``scratch`` is the same without the donor's weights.
    """

    donor: TrainingVersion
    target: DataVersion
    validation: DataVersion | None
    recipe: Mapping[str, Any]
    edits: tuple[Edit, ...]
    name: str
    hyper: Mapping[str, Any]
    deployment: Mapping[str, Any]
    from_scratch: bool = False
    advice: str = ""  # what the ranking says, where no donor is clearly similar
    expected: Expected | None = None  # what the ranking says of this donor
    origins: Mapping[str, Any] = field(default_factory=dict, compare=False)  # where the values of its plan came from

    def scratch(self, name: str | None = None) -> TransferPlan:
        """The baseline: the same recipe and hyper-parameters from fresh weights."""
        edits = tuple(e for e in self.edits if e.field != "weights")
        origins = {k: o for k, o in self.origins.items() if k != "init"}
        return replace(
            self,
            edits=edits,
            origins={**origins, "name": (USER if name else BY_TRANSFER).to_dict()},
            name=name or fitting(f"{train_name(self.target)} from scratch"),
            from_scratch=True,
            advice="",
            expected=None,
        )

    def changed(self, by: Origin, *, name: str, hyper: Mapping[str, Any]) -> TransferPlan:
        """The same under another name with other hyper-parameters, of which it is noted where they came from."""
        before, after = {"name": self.name, "hyper": self.hyper}, {"name": name, "hyper": hyper}
        return replace(self, name=name, hyper=hyper, origins=noted(self.origins, before, after, by))

    def execute(self, *, detached: bool = False, retries: int = 0, progress: bool = True) -> TrainingVersion:
        """Make the model version and train it; the same plan is trained once."""
        store = self.target.store
        if self.recipe == dict(self.donor.model.recipe):
            model = self.donor.model  # nothing of the recipe changes: it is the same model version
        else:
            changed = {e.field: [e.donor, e.here] for e in self.edits if e.field != "weights"}
            name = fitting(f"{self.recipe['architecture']} for {self.target.name}")
            try:
                model = add_model(store, name, self.recipe, transferred_from=self.donor.model, changed=changed)
            except NameTaken:  # by the recipe of another donor
                model = add_model(
                    store,
                    fitting(name, dict(self.recipe)),
                    self.recipe,
                    transferred_from=self.donor.model,
                    changed=changed,
                )
        plan = Plan(
            name=self.name,
            backend=self.recipe["backend"],
            model=model.id,
            data=self.target.id,
            validation=self.validation.id if self.validation else None,
            init=None if self.from_scratch else self.donor.id,
            hyper=self.hyper,
            seed=self.donor.plan["seed"],
            method="scratch" if self.from_scratch else "transfer",
            deployment=self.deployment,
            origins=self.origins if model == self.donor.model else {**self.origins, "model": BY_TRANSFER.to_dict()},
        )
        return train(store, plan, detached=detached, retries=retries, progress=progress)

    def to_dict(self) -> dict[str, Any]:
        """What ``veml transfer --json`` prints before it trains."""
        return {
            "donor": self.donor.name,
            "target": self.target.name,
            "name": self.name,
            "edits": [{"field": e.field, "donor": e.donor, "here": e.here, "reason": e.reason} for e in self.edits],
            "reused": {
                "hyper": dict(self.hyper),
                "deployment": dict(self.deployment),
                "architecture": self.recipe["architecture"],
            },
        }

    def expected_gain(self) -> Expected | Gain | None:
        """What it should bring over scratch: of this donor where a ranking said it, else the mean of this lab's
        transfers so far; None without either."""
        return self.expected or transfer_history(self.target.store)

    def _foretold(self) -> str:
        """The gain with where it is known from; empty of a start from scratch and where nothing is known."""
        gain = None if self.from_scratch else self.expected_gain()
        if gain is None:
            return ""
        return f"{gain} over scratch, from {'transfers like it' if self.expected else 'the transfers of this lab'}"

    def __repr__(self) -> str:
        reused = f"{self.recipe['architecture']} / {self.recipe.get('backbone', '')}, {dict(self.hyper)}"
        lines = [
            f"Transfer of {self.donor.name!r} (on {self.donor.data.name}) to {self.target.name}",
            f"  reused   {reused}",
        ]
        if self.deployment:
            lines.append(f"  deploy   {dict(self.deployment)}")
        for e in self.edits:
            lines.append(f"  changed  {e.field}: {_short(e.donor)} -> {_short(e.here)}   ({e.reason})")
        if foretold := self._foretold():
            lines.append(f"  expected {foretold}")
        if self.advice:
            lines.append(f"  but      {self.advice}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [
            [
                "reused",
                f"{self.recipe['architecture']} / {self.recipe.get('backbone', '')}".removesuffix(" / "),
                "",
                "the donor's recipe",
            ]
        ]
        rows += [["reused", k, _short(v), "the donor's hyper-parameters"] for k, v in self.hyper.items()]
        rows += [["changed", e.field, f"{_short(e.donor)} → {_short(e.here)}", e.reason] for e in self.edits]
        if self.deployment:
            rows.append(
                [
                    "deploy",
                    self.deployment.get("format", ""),
                    f"quantise: {self.deployment.get('quantize') or 'no'}",
                    "as the donor is deployed",
                ]
            )
        foretold = self._foretold()
        head = f"Transfer of {self.donor.name!r} (on {self.donor.data.name}) to {self.target.name}"
        expected = f"; expected {foretold}" if foretold else ""
        return table(["", "what", "value", "why"], rows, above=head + expected)


def train_name(version: DataVersion) -> str:
    """``mnist`` for ``mnist-train``: what people call the data."""
    return version.name.removesuffix("-train")


def deployment_of(training: TrainingVersion) -> dict[str, Any]:
    """The deployment configuration of a training's inference version, or the one that it inherited."""
    graph = training.store.graph()
    for e in graph.out[training.id]:
        if e.type == "deployed_as":
            return dict(InferenceVersion(training.store, graph.nodes[e.dst]).configuration)
    return dict(training.plan.get("deployment", {}))


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
