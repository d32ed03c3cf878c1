"""Lifecycle transferring: the whole lifecycle of a similar data set, edited for a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, overload

from ..errors import BadInput, NameTaken
from ..training import Plan, backend
from ..training.jobs import train
from ..versions import display
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.model import add_model
from ..versions.parts import test_part, train_part
from ..versions.store import VersionStore, fitting
from ..versions.training import TrainingVersion
from ..versions.window import PERIODS, sensor_facts
from .gain import Gain, gain_of
from .several import Transfers
from .similarity import Donor, Ranking


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

    def scratch(self, name: str | None = None) -> TransferPlan:
        """The baseline: the same recipe and hyper-parameters from fresh weights."""
        edits = tuple(e for e in self.edits if e.field != "weights")
        return replace(
            self,
            edits=edits,
            name=name or fitting(f"{train_name(self.target)} from scratch"),
            from_scratch=True,
            advice="",
        )

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

    def expected_gain(self) -> Gain | None:
        """What a transfer brought over scratch in this lab so far; None without a history."""
        return transfer_history(self.target.store)

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
        gain = None if self.from_scratch else self.expected_gain()
        if gain is not None:
            lines.append(f"  expected {gain} over scratch, from the transfers of this lab")
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
        gain = None if self.from_scratch else self.expected_gain()
        head = f"Transfer of {self.donor.name!r} (on {self.donor.data.name}) to {self.target.name}"
        return display.table(
            head + (f"; expected {gain} over scratch, from the transfers of this lab" if gain is not None else ""),
            ["", "what", "value", "why"],
            rows,
        )


@overload
def transfer(
    donor: Donor | TrainingVersion | Ranking,
    to: DataVersion,
    *,
    name: str | None = None,
    validation: DataVersion | None = None,
    hyper: Mapping[str, Any] | None = None,
    top: None = None,
    threshold: None = None,
) -> TransferPlan: ...


@overload
def transfer(
    donor: Ranking,
    to: DataVersion,
    *,
    validation: DataVersion | None = None,
    hyper: Mapping[str, Any] | None = None,
    top: int,
    threshold: float | None = None,
) -> Transfers: ...


@overload
def transfer(
    donor: Ranking,
    to: DataVersion,
    *,
    validation: DataVersion | None = None,
    hyper: Mapping[str, Any] | None = None,
    top: None = None,
    threshold: float,
) -> Transfers: ...


def transfer(
    donor: Donor | TrainingVersion | Ranking,
    to: DataVersion,
    *,
    name: str | None = None,
    validation: DataVersion | None = None,
    hyper: Mapping[str, Any] | None = None,
    top: int | None = None,
    threshold: float | None = None,
) -> TransferPlan | Transfers:
    """Plan the transfer of a donor's lifecycle - preparation, model, hyper-parameters, deployment - to a data version.

    Parameters
    ----------
    donor
        A ranking (its best donor with a lifecycle), one donor of it, or a training version.
    to
        The new data; an import stands for its train part, and its test part becomes the validation.
    hyper
        Hyper-parameters that shall differ from the donor's.
    top, threshold
        Of a ranking: plan the transfers of so many of its nearest donors, or of all within that distance in its
        measure (both: of so many within it); :meth:`~veml_lab.lifecycle.several.Transfers.execute` trains them all.

    Raises
    ------
    BadInput
        The donor has no lifecycle, or its task is not the target's; no donor is within ``threshold``.

    Source
    ------
    VeML, section IV.D.2: configurations of the similar data set are reused and data-specific
    information, such as the number of classes, is updated.

    Examples
    --------
    >>> fit, test = town.split("town, to train", "town, held out", share=0.75, seed=0)
    >>> plan = veml.transfer(run, fit, validation=test)
    >>> plan.donor.name, plan.target.name                            # nothing is trained yet: veml_lab.train(plan) does it
    ('city detector', 'town, to train')
    """
    if top is not None or threshold is not None:
        if not isinstance(donor, Ranking) or name is not None:
            raise BadInput(
                "top and threshold choose among the donors of a ranking (veml_lab.most_similar), and the transfers are"
                " named by them"
            )
        return _several(donor, to, top, threshold, validation=validation, hyper=hyper)
    advice = ""
    if isinstance(donor, Ranking):
        best = donor.best()
        if best is None:
            raise BadInput(f"no data version similar to {to.name!r} has a lifecycle yet; train one first")
        advice = "" if donor.clear else donor.advice
        donor = best
    training = donor.training if isinstance(donor, Donor) else donor
    if training is None:
        raise BadInput(f"{donor.data.name!r} has no lifecycle yet; train on it first")
    target = train_part(to)
    if validation is None:
        validation = test_part(to)
    theirs = training.model.recipe
    if target.facts.trains_as != theirs["task"]:
        raise BadInput(
            f"{training.name!r} is for {theirs['task']}, {to.name!r} is for {target.task}; choose another donor"
        )
    if not target.classes and target.task != "forecasting":
        raise BadInput(f"{to.name!r} has no classes; label it first")
    edits: list[Edit] = []
    recipe = dict(theirs)
    if target.task == "forecasting":
        recipe, edits, fresh = _for_sensors(theirs, target)
    elif tuple(theirs["classes"]) != target.classes:
        if theirs["num_classes"] != len(target.classes):
            edits.append(
                Edit(
                    "num_classes",
                    theirs["num_classes"],
                    len(target.classes),
                    f"{to.name} has {len(target.classes)} classes",
                )
            )
        edits.append(Edit("classes", list(theirs["classes"]), list(target.classes), "names of the new data"))
        recipe |= {"classes": list(target.classes), "num_classes": len(target.classes)}
        recipe = backend(recipe["backend"]).complete(recipe)
        known = [c for c in target.classes if c in theirs["classes"]]
        fresh = f"the last layer keeps what it knows of {', '.join(known)}" if known else "the last layer starts fresh"
    else:
        fresh = "all layers fit"
    edits.append(Edit("weights", "from scratch", training.name, f"the donor's weights where they fit; {fresh}"))
    return TransferPlan(
        training,
        target,
        validation,
        recipe,
        tuple(edits),
        name or fitting(f"{train_name(target)} from {train_name(training.data)}"),
        {**training.plan["hyper"], **(hyper or {})},
        deployment_of(training),
        advice=advice,
    )


def _several(ranking: Ranking, to: DataVersion, top: int | None, threshold: float | None, **options: Any) -> Transfers:
    """Plans of the nearest donors that have a lifecycle."""
    if top is not None and top < 1:
        raise BadInput(f"top is a number of donors, 1 or more; got {top}")
    have = [d for d in ranking.donors if d.training is not None]
    if not have:
        raise BadInput(f"no data version similar to {to.name!r} has a lifecycle yet; train one first")
    near = [d for d in have if threshold is None or d.values[ranking.measure] <= threshold][:top]
    if not near:
        nearest = have[0].values[ranking.measure]
        raise BadInput(
            f"no donor of {to.name!r} is within {threshold:g} by {ranking.measure}, the nearest is at {nearest:.4g};"
            " train from scratch, or raise it"
        )
    plans = tuple(transfer(d, to, **options) for d in near)
    return Transfers(plans, tuple(d.values[ranking.measure] for d in near), ranking.measure, ranking.advice)


_WHY = {
    "channels": "what is measured there",
    "num_nodes": "sensors of the new data",
    "sensors": "their names and order",
    "window": "steps that are given",
    "horizon": "steps to forecast",
    "step_minutes": "length of a step of the new data",
}


def _for_sensors(theirs: Mapping[str, Any], target: DataVersion) -> tuple[dict[str, Any], list[Edit], str]:
    """A forecasting recipe for other sensors: the recipe, what changes in it, and which weights will fit."""
    facts = sensor_facts(target)
    edits = [Edit(k, theirs.get(k), v, _WHY[k]) for k, v in facts.items() if theirs.get(k) != v]
    recipe = {k: v for k, v in theirs.items() if k not in ("neck", "backbone", "head", "loss", "parameters")} | facts
    # a period that is no longer than a step cannot be seen in it
    clock = [p for p in theirs.get("clock", ()) if 0 < facts["step_minutes"] < PERIODS[p]]
    if clock != list(theirs.get("clock", ())):
        recipe = {k: v for k, v in recipe.items() if k != "clock"} | ({"clock": clock} if clock else {})
    recipe = backend(recipe["backend"]).complete(recipe)
    if recipe.get("clock") != theirs.get("clock"):
        edits.append(Edit("clock", theirs.get("clock"), recipe["clock"], "periods that these steps can show"))
    if "hidden" not in recipe:
        return recipe, edits, "a baseline is fitted anew"
    inputs = [len(r["channels"]) + 2 * len(r["clock"]) for r in (theirs, recipe)]
    if inputs[0] == inputs[1] and len(theirs["channels"]) == len(recipe["channels"]):
        return (
            recipe,
            edits,
            "all layers fit, they do not depend on the number of sensors; scaling and graph are the new data's own",
        )
    return (
        recipe,
        edits,
        (
            "the first and last layers start fresh, they depend on channels and clock; scaling and graph are the new"
            " data's own"
        ),
    )


def transfer_history(store: VersionStore) -> Gain | None:
    """How much better than from scratch transfers were in this lab: same target, recipe, epochs and validation data."""
    found: dict[tuple, dict[str, list[float]]] = {}
    for node in store.graph().of_kind("training"):
        run = TrainingVersion(store, node)
        plan, value = run.plan, run.metric
        way = "scratch" if plan["init"] is None else plan.get("method")
        # an error in the readings' own units cannot be averaged with shares
        if value is None or way not in ("scratch", "transfer") or not run.judged_by.comparable:
            continue
        same = (plan["model"], plan["data"], plan.get("validation"), plan["hyper"].get("epochs"))
        # as scores: a loss that went down is a gain
        found.setdefault(same, {}).setdefault(way, []).append(run.judged_by.score(value))
    pairs = [v for v in found.values() if len(v) == 2]
    return gain_of([t - sum(v["scratch"]) / len(v["scratch"]) for v in pairs for t in v["transfer"]])


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
