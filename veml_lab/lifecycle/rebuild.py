"""Rebuilding: after drift, a new lifecycle version by the method the engineer picks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..embeddings.choice import embedder_of
from ..errors import BadInput, LabelsWanted, MissingLabels, NameTaken, warn
from ..evaluation.metric import Metric
from ..storage.border import public
from ..training import Plan, backend, declaration
from ..training.jobs import train
from ..training.predicted import prediction_of
from ..training.registry import adaptations
from ..versions import operations
from ..versions.data import DataVersion
from ..versions.model import ModelVersion, add_model
from ..versions.settings import Origin
from ..versions.store import fitting
from ..versions.training import TrainingVersion
from .active import choose
from .advice import advise
from .drift import drift
from .methods import DEFAULT_LEARNER, WITH_LABELS
from .rebuild_options import check_rebuilding
from .rebuild_origins import by_method, hyper_of, origins_of_rebuilding

if TYPE_CHECKING:
    from ..embeddings import Embedder


@public
def rebuild(
    training: TrainingVersion,
    new: DataVersion,
    *,
    auto: bool = False,
    method: str | None = None,
    budget: float | None = None,
    learner: str | None = None,
    labels: DataVersion | None = None,
    embedder: Embedder | None = None,
    validation: DataVersion | None = None,
    name: str | None = None,
    hyper: Mapping[str, Any] | None = None,
    seed: int = 0,
    level: float | None = None,
    progress: bool = True,
) -> TrainingVersion:
    """Rebuild a lifecycle for new data by one of :func:`~veml_lab.lifecycle.methods.methods`.

    Parameters
    ----------
    training
        What works on the old data.
    new
        The new data; its labels are read as far as the method needs them, and not at all by the
        adaptations.
    auto
        Test for drift first; where it drifted the advised method runs (:func:`~veml_lab.lifecycle.advice.advise`),
        with the hyper-parameters and learner that its estimated gain comes from, else the training comes back as it is.
    method
        ``"active"`` (the default), ``"full"``, ``"transfer"``, or without labels ``"adabn"``, ``"coral"``, ``"dann"``,
        ``"self-training"``, ``"mean-teacher"``; with ``auto`` it is the advised one.
    budget
        For ``active``, and for the advice of ``auto``: the share (below 1) or number of the new samples that get a
        label (default: 0.3).
    learner
        For ``active``: of :data:`~veml_lab.lifecycle.active.LEARNERS`; default: TypiClust.
    labels
        For ``active``: a data version that holds the labels of the chosen samples, where ``new`` has none
        (the labelled request of :class:`~veml_lab.errors.LabelsWanted`).
    embedder
        For ``active`` and the drift test, in place of the lab's.
    validation
        Data of the metrics; default: that of ``training``.
    name
        Of the new training version; default: the old one's, the method and the new data.
    hyper
        Hyper-parameters that shall differ from the training's. An adaptation takes a third of its learning
        rate if this says none: it goes on from weights that are good already.
    level
        With ``auto``: the accepted share of false alarms of the drift test (default: 0.05).

    Raises
    ------
    UnknownName
        There is no such method, learner or hyper-parameter; said before anything runs, as are the next.
    BadInput
        An option would change nothing (``budget``, ``learner``, ``labels`` without ``active``, ``level`` without
        ``auto``), or has a value that it cannot have.
    LabelsWanted
        ``active`` chose samples that have no label; its ``request`` is the data version to be labelled.
    MissingLabels
        The method needs labels that the new data does not have.

    Source
    ------
    VeML, section V.C: the same architecture and hyper-parameters, on merged or new data. The paper's
    active learner is k-center; ours defaults to TypiClust, which was better at every small budget.

    Examples
    --------
    >>> fewer = veml.rebuild(run, town, method="active", budget=0.25, validation=city, hyper={"epochs": 1})
    >>> fewer.plan["labels"]                                     # a quarter of town's 48
    12
    """
    check_rebuilding(
        training, new, auto=auto, method=method, budget=budget, learner=learner, labels=labels, validation=validation,
        name=name, hyper=hyper, level=level,
    )  # fmt: skip
    budget, level = 0.3 if budget is None else budget, 0.05 if level is None else level
    said = {k: v for k, v in {"name": name, "method": method, "learner": learner}.items() if v is not None}
    advised: dict[str, Any] = {}
    if auto:
        if embedder is None:
            embedder = embedder_of(training, progress=progress)
        report = drift(training, new, embedder=embedder, level=level, progress=progress)
        if not report.drifted:
            if name is not None:
                warn(
                    f"{new.name}: no drift from {training.data.name}, nothing is rebuilt; the name {name!r} is not used"
                )
            if progress:
                print(
                    f"{new.name}: no drift from {training.data.name} (p {report.p_value:.3g}); {training.name!r} stays"
                )
            return training
        advice = advise(training, new, budget=budget)
        if progress:
            print(advice)
        advised = {"method": advice.method, **advice.options[0].settings}
    settled = {"method": "active", "learner": DEFAULT_LEARNER} | advised | said
    method, learner = str(settled["method"]), str(settled["learner"])
    hyper, origins = hyper_of(training, method, advised.get("hyper", {}), hyper or {})
    origins |= origins_of_rebuilding(training, method, said=said, advised=advised, validation=validation)
    if method not in WITH_LABELS:
        return _adapt(
            training, new, method, hyper, origins, validation=validation, name=name, seed=seed, progress=progress
        )
    old = training.data
    data, bought, label = new, len(new), method
    if method == "active":
        if embedder is None:
            embedder = embedder_of(training, progress=progress)
        n = round(budget * len(new)) if budget < 1 else int(budget)
        chosen = choose(new, old, max(n, 1), embedder, learner=learner, training=training, seed=seed, progress=progress)
        part = _labelled(_chosen_part(new, training, chosen, learner, n, seed), labels)
        data = old.merge(part, name=fitting(f"{old.name} + {part.name}"))
        bought, label = len(part), f"active {n / len(new):.0%}" + ("" if learner == DEFAULT_LEARNER else f" {learner}")
    else:
        _need_labels(new)
    if method == "full":
        data = old.merge(new, name=fitting(f"{old.name} + {new.name}"))
    model = _model_for(training, data)
    plan = Plan(
        name=name or fitting(f"{training.name} · {label} on {new.name}"),
        backend=model.recipe["backend"],
        model=model.id,
        data=data.id,
        validation=(validation or training.validation or new).id,
        init=training.id if method == "transfer" else None,
        hyper=hyper,
        seed=seed,
        rebuilt_from=training.id,
        method=method,
        learner=learner if method == "active" else None,
        labels=bought,
        deployment=training.plan.get("deployment", {}),
        origins=origins if model == training.model else {**origins, "model": by_method(method)},
    )
    return _trained(training, plan, named=name is not None, progress=progress)


def _trained(training: TrainingVersion, plan: Plan, *, named: bool, progress: bool) -> TrainingVersion:
    """Train; a name that nobody chose is told apart where the same method was run with other settings."""
    try:
        return train(training.store, plan, progress=progress)
    except NameTaken:
        if named:
            raise
        return train(
            training.store,
            replace(plan, name=fitting(plan.name, dict(plan.hyper), plan.validation, plan.seed)),
            progress=progress,
        )


def _adapt(
    training: TrainingVersion,
    new: DataVersion,
    method: str,
    hyper: Mapping[str, Any],
    origins: Mapping[str, Any],
    *,
    validation: DataVersion | None,
    name: str | None,
    seed: int,
    progress: bool,
) -> TrainingVersion:
    """Fit a training to new data without its labels."""
    model = training.model
    adapting, _ = adaptations()[method]
    if model.recipe["backend"] != declaration(adapting).adapts:
        raise BadInput(
            f"{method} is there for {declaration(adapting).adapts} networks, {model.name!r} is one of"
            f" {model.recipe['backend']}"
        )
    adapt = {"method": method, "to": new.id, **hyper.get("adapt", {})}
    plan = Plan(
        name=name or fitting(f"{training.name} · {method} to {new.name}"),
        backend=adapting,
        model=model.id,
        data=training.data.id,
        validation=(validation or training.validation).id if validation or training.validation else None,  # type: ignore[union-attr]
        init=training.id,
        hyper={**hyper, "adapt": adapt},
        seed=seed,
        rebuilt_from=training.id,
        method=method,
        labels=0,
        deployment=training.plan.get("deployment", {}),
        origins={"hyper.adapt": by_method(method), **origins, "data": Origin("training", training.name).to_dict()},
    )
    made = _trained(training, plan, named=name is not None, progress=progress)
    training.store.link(new.id, made.id, "adapted_to", {"method": method})
    return made


def _chosen_part(
    new: DataVersion, training: TrainingVersion, chosen: list[int], learner: str, n: int, seed: int
) -> DataVersion:
    """The chosen samples as a version; the plain name goes to the first choice, another one is told apart."""
    name = fitting(f"{new.name} · {learner} {n}")
    details = {"learner": learner, "n": n, "seed": seed}
    try:
        return operations.select(new, name, chosen, operation="core set", details=details)
    except NameTaken:  # chosen beside other labelled data, by another model, or with another seed
        apart = fitting(name, training.data.key, training.key, seed)
        return operations.select(new, apart, chosen, operation="core set", details=details)


def _labelled(part: DataVersion, labels: DataVersion | None) -> DataVersion:
    """The chosen samples with their labels, from the version that holds them; asked for where there are none."""
    if labels is not None:
        missing = len(part.ids - labels.ids)
        if missing:
            raise BadInput(
                f"{labels.name!r} holds only {len(part) - missing:,} of the {len(part):,} chosen samples of"
                f" {part.name!r}; label all of them"
            )
        here = (
            labels
            if labels.ids == part.ids
            else operations.intersect(labels, part, name=fitting(f"{part.name}, labelled in {labels.name}"))
        )
        _need_labels(here)
        return here
    try:
        _need_labels(part)
    except MissingLabels as e:
        raise LabelsWanted(
            f"{e} The {len(part):,} samples to label are the data version {part.name!r}: export it (veml export LAB"
            f" {part.name!r} ...), bring the labels in (veml annotate), and rebuild again with labels=<that version>",
            request=part,
        ) from None
    return part


def _need_labels(data: DataVersion) -> None:
    have = len(data.annotations.boxes) if data.facts.trains_as == "detection" else len(data.annotations.class_labels)
    if data.task == "classification" and have < len(data):
        raise MissingLabels(
            f"{len(data) - have:,} of the {len(data):,} samples of {data.name!r} have no label; label them, use"
            " method='active' with a smaller budget, or a method without labels (adabn, self-training ...)"
        )
    if data.facts.trains_as == "detection" and not have:
        raise MissingLabels(
            f"no sample of {data.name!r} has a box; label it first, or use a method without labels (adabn,"
            " mean-teacher)"
        )


def _model_for(training: TrainingVersion, data: DataVersion) -> ModelVersion:
    """The old model version, or one with more classes where the new data brings some."""
    old = training.model
    more = [c for c in data.classes if c not in old.recipe["classes"]]
    if not more:
        return old
    classes = [*old.recipe["classes"], *more]
    recipe = backend(old.recipe["backend"]).complete({**old.recipe, "classes": classes, "num_classes": len(classes)})
    name = fitting(f"{old.name} + {', '.join(more)}")
    return add_model(
        training.store, name, recipe, transferred_from=old, changed={"classes": [list(old.recipe["classes"]), classes]}
    )


@dataclass(frozen=True)
class RebuildRow:
    """One line of the table of methods."""

    method: str
    labels: int | None
    accuracy: float
    old_accuracy: float | None
    seconds: float | None
    training: str


def measured(training: TrainingVersion, test: DataVersion) -> dict[str, float]:
    """Metrics of a training on a test version; measured once and kept."""
    from ..versions.results import get_result, put_result
    from ..versions.store import key_of

    key = key_of("measured", training.key, test.key)
    value = get_result(training.store, key)
    if value is None:
        engine = backend(training.plan["backend"])
        value = engine.measure(prediction_of(training, test, progress=False), test)
        if not training.store.catalog.read_only:  # the edge first: killed between the two, both are done again
            training.store.link(
                test.id,
                training.id,
                "tested_on",
                {training.metric_name: value[training.metric_name], "annotation_layer": test.facts.layer},
            )
        put_result(training.store, key, "measured", value)
    return value


def rebuild_table(rows: list[RebuildRow], metric: Metric) -> str:
    """The table of Table 11, with what the old data loses."""
    width = max([28, *(len(r.method) + 2 for r in rows)])
    lines = [f"{'method':<{width}}{'labels':>8}{metric.name + ' new':>14}{metric.name + ' old':>14}{'seconds':>9}"]
    for r in rows:
        labels = "-" if r.labels is None else f"{r.labels:,}"
        new, old = metric.format(r.accuracy), metric.format(r.old_accuracy)
        seconds = "-" if r.seconds is None else f"{r.seconds:.0f}"
        lines.append(f"{r.method:<{width}}{labels:>8}{new:>14}{old:>14}{seconds:>9}")
    return "\n".join(lines)
