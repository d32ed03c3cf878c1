"""Rebuilding: after drift, a new lifecycle version by the method the engineer picks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..embeddings import embed
from ..errors import BadInput, MissingLabels, NameTaken, UnknownName
from ..training import Plan, backend
from ..training.jobs import train
from ..versions.data import DataVersion
from ..versions.model import ModelVersion, add_model
from ..versions.store import fitting
from ..versions.training import TrainingVersion

if TYPE_CHECKING:
    from ..embeddings import Embedder

METHODS: dict[str, str] = {
    "full": "train from fresh weights on all old and new data; needs every new label",
    "transfer": "go on from the old weights on the new data alone; needs every new label, forgets the old data",
    "active": "choose the most informative part of the new data to label, train from fresh weights on old data and it",
}
LEARNERS: dict[str, str] = {
    "typiclust": "typical samples of clusters that hold no label yet: the default, best for small budgets",
    "probcover": "samples whose balls cover the most that is uncovered",
    "k-center": "the paper's: farthest first from everything labelled (spends labels on outliers)",
    "k-center-skip": "the same with the farthest 5 % skipped",
    "random": "the baseline",
}


def choose(
    pool: DataVersion, labelled: DataVersion, n: int, embedder: Embedder, *, learner: str = "typiclust", seed: int = 0, progress: bool = True
) -> list[int]:
    """Positions in ``pool`` of the ``n`` samples that should be labelled first.

    Parameters
    ----------
    labelled
        Data whose labels are there already; the choice stays away from what it covers.
    """
    import numpy as np

    from ..geometry.coresets import core_set, k_center_greedy, typiclust

    if learner not in LEARNERS:
        raise UnknownName.of("active learner", learner, LEARNERS)
    if not 1 <= n <= len(pool):
        raise BadInput(f"the budget of {n} labels does not fit {pool.name!r} with its {len(pool):,} samples")
    if learner == "random":
        return sorted(np.random.default_rng(seed).choice(len(pool), n, replace=False).tolist())
    known, new = embed(labelled, embedder, progress=progress), embed(pool, embedder, progress=progress)
    both = np.concatenate([known, new])
    have = np.arange(len(known))
    if learner == "typiclust":
        index = typiclust(both, n, seed=seed, labelled=have).index
    elif learner == "probcover":
        index = core_set(both, n, method="probcover", seed=seed, labelled=have).index
    else:
        index = k_center_greedy(both, n, seed=seed, labelled=have, skip_farthest=0.05 if learner == "k-center-skip" else 0.0).index
    return sorted(int(i) - len(known) for i in index if i >= len(known))[:n]


def rebuild(
    training: TrainingVersion,
    new: DataVersion,
    *,
    method: str = "active",
    budget: float = 0.3,
    learner: str = "typiclust",
    embedder: Embedder | None = None,
    validation: DataVersion | None = None,
    name: str | None = None,
    hyper: Mapping[str, Any] | None = None,
    seed: int = 0,
    progress: bool = True,
) -> TrainingVersion:
    """Rebuild a lifecycle for new data by one of :data:`METHODS`.

    Parameters
    ----------
    new
        The new data; its labels are read as far as the method needs them.
    budget
        For ``active``: the share (below 1) or number of the new samples that get a label.
    validation
        Data of the metrics; default: that of ``training``.

    Source
    ------
    VeML, section V.C: the same architecture and hyper-parameters, on merged or new data. The paper's
    active learner is k-center; ours defaults to TypiClust, which was better at every small budget.
    """
    if method not in METHODS:
        raise UnknownName.of("rebuilding method", method, METHODS)
    if new.task != training.model.recipe["task"]:
        raise BadInput(f"{new.name!r} is for {new.task}, {training.name!r} for {training.model.recipe['task']}")
    store, old = training.store, training.data
    data, labels, label = new, len(new), method
    if method == "active":
        if embedder is None:
            raise BadInput("active learning chooses by embeddings; pass embedder=lab.embedder")
        if not budget > 0:
            raise BadInput(f"the budget must be a share of the new samples or a number of them, above 0; got {budget}")
        n = round(budget * len(new)) if budget < 1 else int(budget)
        chosen = choose(new, old, max(n, 1), embedder, learner=learner, seed=seed, progress=progress)
        part = _chosen_part(new, old, chosen, learner, n, seed)
        data = old.merge(part, name=fitting(f"{old.name} + {part.name}"))
        labels, label = len(part), f"active {n / len(new):.0%}" + ("" if learner == "typiclust" else f" {learner}")
        _need_labels(part)
    else:
        _need_labels(new)
    if method == "full":
        data = old.merge(new, name=fitting(f"{old.name} + {new.name}"))
    model = _model_for(training, data)
    plan = Plan(
        name=name or fitting(f"{training.name} · {label} on {new.name}"), backend=model.recipe["backend"], model=model.id, data=data.id,
        validation=(validation or training.validation or new).id, init=training.id if method == "transfer" else None,
        hyper={**training.plan["hyper"], **(hyper or {})}, seed=seed, rebuilt_from=training.id,
        method={"full": "full training", "transfer": "transfer learning", "active": f"active learning ({learner})"}[method],
        labels=labels, deployment=training.plan.get("deployment", {}),
    )  # fmt: skip
    return train(store, plan, progress=progress)


def _chosen_part(new: DataVersion, old: DataVersion, chosen: list[int], learner: str, n: int, seed: int) -> DataVersion:
    """The chosen samples as a version; the plain name goes to the first choice, another one is told apart."""
    name = fitting(f"{new.name} · {learner} {n}")
    details: dict[str, Any] = {"operation": "core set", "learner": learner, "n": n, "seed": seed}
    try:
        return new.select(name, chosen, **details)
    except NameTaken:  # chosen beside other labelled data, or with another seed
        return new.select(fitting(name, old.key, seed), chosen, **details)


def _need_labels(data: DataVersion) -> None:
    have = len(data.boxes) if data.task == "detection" else len(data.class_labels)
    if data.task == "classification" and have < len(data):
        raise MissingLabels(
            f"{len(data) - have:,} of the {len(data):,} samples of {data.name!r} have no label; "
            "label them, or use method='active' with a smaller budget"
        )
    if data.task == "detection" and not have:
        raise MissingLabels(f"no sample of {data.name!r} has a box; label it first")


def _model_for(training: TrainingVersion, data: DataVersion) -> ModelVersion:
    """The old model version, or one with more classes where the new data brings some."""
    old = training.model
    more = [c for c in data.classes if c not in old.recipe["classes"]]
    if not more:
        return old
    classes = [*old.recipe["classes"], *more]
    recipe = backend(old.recipe["backend"]).complete({**old.recipe, "classes": classes, "num_classes": len(classes)})
    name = fitting(f"{old.name} + {', '.join(more)}")
    return add_model(training.store, name, recipe, transferred_from=old, changed={"classes": [list(old.recipe["classes"]), classes]})


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
        value = engine.measure(engine.predict(training.model.recipe, training.checkpoint, test), test)
        if not training.store.catalog.read_only:  # the edge first: killed between the two, both are done again
            training.store.link(test.id, training.id, "tested_on", {training.metric_name: value[training.metric_name]})
        put_result(training.store, key, "measured", value)
    return value


def rebuild_table(rows: list[RebuildRow], metric: str) -> str:
    """The table of Table 11, with what the old data loses."""
    lines = [f"{'method':<28}{'labels':>8}{metric + ' new':>14}{metric + ' old':>14}{'seconds':>9}"]
    for r in rows:
        labels = "-" if r.labels is None else f"{r.labels:,}"
        old = "-" if r.old_accuracy is None else f"{r.old_accuracy:.3f}"
        seconds = "-" if r.seconds is None else f"{r.seconds:.0f}"
        lines.append(f"{r.method:<28}{labels:>8}{r.accuracy:>14.3f}{old:>14}{seconds:>9}")
    return "\n".join(lines)
