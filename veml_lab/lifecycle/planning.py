"""From data to a training: a model version for it, a plan, and the job that runs the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import BadInput
from ..storage.border import public
from ..training import Plan, backend
from ..training.jobs import check_hyper
from ..training.jobs import train as train_in
from ..training.registry import backend_for
from ..versions.data import DataVersion
from ..versions.model import ModelVersion, add_model
from ..versions.parts import parts_to_train
from ..versions.settings import Origin, kept
from ..versions.store import HoldsStore
from ..versions.training import TrainingVersion
from ..versions.window import sensor_facts
from .several import Transfers
from .transfer_plan import TransferPlan


@public
def model(data: DataVersion, recipe: Mapping[str, Any], *, name: str) -> ModelVersion:
    """Make a model version for a data version: a recipe without weights; classes and metadata are filled in.

    Parameters
    ----------
    recipe
        ``architecture`` and what it takes: ``{"architecture": "resnet18"}`` for classification, ``{"architecture":
        "fcos", "backbone": "resnet10", "size_px": [160, 96]}`` for detection, ``{"backend": "spatiotemporal",
        "architecture": "dcrnn"}`` for forecasts, ``{"backend": "mmdet", ...}``; docs/training.md lists them.
    name
        Of the model version; a name is given once.

    Examples
    --------
    >>> recipe = {"architecture": "retinanet", "backbone": "resnet10", "width": 8, "size_px": [64, 48]}
    >>> small = veml.model(city, recipe, name="small")
    >>> small.recipe["classes"]
    ['car', 'bus', 'truck', 'pedestrian']
    """
    full = {
        "backend": recipe.get("backend") or backend_for(data.facts.trains_as),
        "task": data.facts.trains_as,
        **recipe,
        "classes": list(data.classes),
        "num_classes": len(data.classes),
    }
    if data.task == "forecasting":
        full |= sensor_facts(data)
    return add_model(data.store, name, backend(full["backend"]).complete(full))


@public
def plan(
    model: ModelVersion,
    data: DataVersion,
    *,
    name: str,
    validation: DataVersion | None = None,
    seed: int = 0,
    **hyper: Any,
) -> Plan:
    """A training plan; an import stands for its train part, and its test part is the validation.

    Parameters
    ----------
    model, data
        What is trained on what.
    name
        Of the training version.
    validation
        Data version of the metrics; default: the test part of ``data``, if it has one.
    seed
        Of weights and order.
    **hyper
        ``epochs``, ``batch_size``, ``lr``, ``augment``, ``patience``, ``precision`` ...; an unknown one is refused
        with the known.

    Examples
    --------
    >>> p = veml.plan(lab["detector"], city, name="longer", epochs=2, batch_size=8, lr=2e-3)
    >>> p.hyper["epochs"], p.seed
    (2, 0)
    """
    to_fit, to_judge, origins = parts_to_train(data, validation)
    made = Plan(
        name=name,
        backend=model.recipe["backend"],
        model=model.id,
        data=to_fit.id,
        validation=to_judge.id if to_judge else None,
        hyper=hyper,
        seed=seed,
        store=data.store,
    ).stated()
    origins["backend"] = Origin("model", model.name)
    made = replace(made, origins={**made.origins, **kept(origins)})
    check_hyper(made, model.recipe["task"])
    return made


@public
def train(
    what: Plan | TransferPlan,
    lab: HoldsStore | None = None,
    *,
    detached: bool = False,
    retries: int = 0,
    progress: bool = True,
) -> TrainingVersion:
    """Run a plan as a job and wait for its training version.

    Parameters
    ----------
    what
        Of :func:`plan` or :func:`~veml_lab.lifecycle.transfer.transfer`.
    lab
        Where, if the plan was put together by hand; else the lab that it was made in.
    detached
        Let it outlive this process.
    retries
        Start a detached one again that often, by itself, when a signal ended it (a crash, the kernel short of
        memory); it goes on where it was.

    Returns
    -------
    TrainingVersion
        With its log, metrics and checkpoint. The same inputs give the version that is there: nothing is trained twice.

    Raises
    ------
    JobError
        The training failed or was stopped; the message says at which step, and what to do.

    Examples
    --------
    >>> p = veml.plan(lab["detector"], city, name="once more", validation=town, epochs=1, batch_size=8, lr=2e-3)
    >>> again = veml.train(p)
    >>> again == run                                             # the same plan under another name: found, not trained
    True
    """
    if isinstance(what, Transfers):
        raise BadInput("these are several transfers; train them all, and one from scratch beside them, with .execute()")
    if isinstance(what, TransferPlan):
        return what.execute(detached=detached, retries=retries, progress=progress)
    store = what.store if lab is None else lab.store
    if store is None:
        raise BadInput(
            f"the plan {what.name!r} was not made in a lab: say in which it is to be trained, train(plan, lab)"
        )
    return train_in(store, what.stated(), detached=detached, retries=retries, progress=progress)
