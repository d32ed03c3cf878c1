"""Lifecycle transferring: the whole lifecycle of a similar data set, edited for a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, overload

from ..errors import BadInput
from ..storage.border import public
from ..training import backend
from ..versions.data import DataVersion
from ..versions.parts import parts_to_train
from ..versions.settings import USER, Origin, kept, noted
from ..versions.store import fitting
from ..versions.training import TrainingVersion
from ..versions.window import PERIODS, sensor_facts
from .donors import Donor, Ranking
from .several import Transfers
from .transfer_plan import BY_TRANSFER, Edit, TransferPlan, deployment_of, train_name


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


@public
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
    >>> plan.donor.name, plan.target.name              # nothing is trained yet: veml_lab.train(plan) does it
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
    expected = donor.expected if isinstance(donor, Donor) else None
    training = donor.training if isinstance(donor, Donor) else donor
    if training is None:
        raise BadInput(f"{donor.data.name!r} has no lifecycle yet; train on it first")
    target, validation, origins = parts_to_train(to, validation)
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
    reused, asked = training.plan["hyper"], {**training.plan["hyper"], **(hyper or {})}
    origins |= dict.fromkeys(
        ("backend", "model", "hyper", "init", "seed", "deployment"), Origin("donor", training.name)
    )
    origins |= {"name": USER if name else BY_TRANSFER, "method": BY_TRANSFER}
    return TransferPlan(
        training,
        target,
        validation,
        recipe,
        tuple(edits),
        name or fitting(f"{train_name(target)} from {train_name(training.data)}"),
        asked,
        deployment_of(training),
        advice=advice,
        expected=expected,
        origins=noted(kept(origins), {"hyper": reused}, {"hyper": asked}, USER),
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
