"""The public verbs: thin, with the lab's embedder filled in, the same words as on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .embeddings.row_vectors import row_columns
from .errors import BadInput
from .lab import Lab, open_labs
from .lifecycle import advice as _advice
from .lifecycle import badcases as _badcases
from .lifecycle import drift as _drift
from .lifecycle import race as _race
from .lifecycle import rebuild as _rebuild
from .lifecycle import similarity as _similarity
from .lifecycle import transfer as _transfer
from .lifecycle.kinds import check_one_kind, looks_like
from .training import Plan
from .training.jobs import check_hyper
from .versions.data import DataVersion
from .versions.inference import InferenceVersion
from .versions.model import ModelVersion
from .versions.store import VersionStore
from .versions.training import TrainingVersion

advise = _advice.advise
bad_cases = _badcases.bad_cases
race = _race.race
transfer = _transfer.transfer


def lab_of(store: VersionStore) -> Lab:
    """The open lab that a version belongs to."""
    for lab in reversed(open_labs()):
        if lab.store is store or lab.path == store.folder:
            return lab
    raise BadInput(f"the lab {store.folder} is not open any more; open it with veml_lab.open(...)")


def similarity(versions: Sequence[DataVersion], **options: Any) -> _similarity.DataSimilarity:
    """Compare every two data versions by core sets of their embeddings; see
    :func:`veml_lab.lifecycle.similarity.similarity`.

    Parameters
    ----------
    versions
        Two or more, all pictures or all sensor readings; ``lab.data`` are the imported data sets.
    **options
        ``measures`` (``"mean"``: the paper's; ``"energy"``: robust; ``"mean-all"`` ...), ``k`` centres, ``seed``,
        ``starts``, ``embedder`` in place of the lab's, ``progress``.

    Returns
    -------
    DataSimilarity
        Matrices by measure, small is similar; in a notebook a heat map.

    Examples
    --------
    >>> table = veml.similarity([city, town])
    >>> table.closest_pair()
    ('city', 'town')
    """
    if not versions:
        raise BadInput("similarity compares two or more data versions, got none; add a data set first")
    embedder = options.pop("embedder", None) or _embedder(versions, options)
    return _similarity.similarity(versions, embedder, **options)


def most_similar(
    target: DataVersion, among: Sequence[DataVersion] | None = None, **options: Any
) -> _similarity.Ranking:
    """Rank data versions as donors for ``target``; see :func:`veml_lab.lifecycle.similarity.most_similar`.

    Parameters
    ----------
    target
        The data that has no lifecycle yet.
    among
        Donors; default: the lab's other data sets of the same kind.
    **options
        ``measure`` (default ``"energy"``), ``threshold``, ``k``, ``seed``, ``embedder``, ``progress``.

    Returns
    -------
    Ranking
        Donors, the nearest first, each with its best lifecycle; it says where nothing is clearly similar.

    Examples
    --------
    >>> near = veml.most_similar(town, [city])
    >>> near.best().training.name
    'city detector'
    """
    if among is None:
        among = [v for v in lab_of(target.store).data if looks_like(v) == looks_like(target)]
    among = _similarity.others_of(target, among)  # before an autoencoder is trained for nothing
    embedder = options.pop("embedder", None) or _embedder([target, *among], options)
    return _similarity.most_similar(target, among, embedder, **options)


def _embedder(versions: Sequence[DataVersion], options: Mapping[str, Any]) -> Any:
    """The lab's embedder; of table rows the first version's; one for each version where sensors or columns differ."""
    lab, first = lab_of(versions[0].store), versions[0]
    check_one_kind(versions)
    if looks_like(first) == "pictures":
        return lab.embedder
    if looks_like(first) == "table rows" and len({row_columns(v) for v in versions}) == 1:
        return lab.embedder_of(first)
    return {v.name: lab.embedder_of(v, progress=options.get("progress", True)) for v in versions}


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
    >>> small = veml.model(city, {"architecture": "retinanet", "backbone": "resnet10", "width": 8, "size_px": [64, 48]}, name="small")
    >>> small.recipe["classes"]
    ['car', 'bus', 'truck', 'pedestrian']
    """
    return _transfer.make_model(data, recipe, name)


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
    validation = validation or _transfer.test_part(data)
    made = Plan(
        name=name,
        backend=model.recipe["backend"],
        model=model.id,
        data=_similarity.train_part(data).id,
        validation=validation.id if validation else None,
        hyper=hyper,
        seed=seed,
    )
    check_hyper(made, model.recipe["task"])
    return made


def train(
    what: Plan | _transfer.TransferPlan,
    lab: Lab | None = None,
    *,
    detached: bool = False,
    retries: int = 0,
    progress: bool = True,
) -> TrainingVersion:
    """Run a plan as a job and wait for its training version.

    ``detached`` lets it outlive this process; with ``retries`` it is started again that often, by itself, when a
    signal ended it (a crash, the kernel short of memory), and goes on where it was.

    Parameters
    ----------
    what
        Of :func:`plan` or :func:`transfer`.
    lab
        Where; default: the lab that was opened last.

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
    >>> again = veml.train(veml.plan(lab["detector"], city, name="once more", validation=town, epochs=1, batch_size=8, lr=2e-3), lab)
    once more: trained before as 'city detector' (...), reused
    >>> again == run                                             # the same plan under another name: found, not trained
    True
    """
    from .training.jobs import train as run

    if isinstance(what, _transfer.Transfers):
        raise BadInput("these are several transfers; train them all, and one from scratch beside them, with .execute()")
    if isinstance(what, _transfer.TransferPlan):
        return what.execute(detached=detached, retries=retries, progress=progress)
    lab = lab or (open_labs() or [None])[-1]  # type: ignore[list-item]
    if lab is None:
        raise BadInput('no lab is open; open one with veml_lab.open("my-lab")')
    return run(lab.store, what, detached=detached, retries=retries, progress=progress)


def drift(
    reference: DataVersion | TrainingVersion | InferenceVersion, test: DataVersion, **options: Any
) -> _drift.Drift:
    """Whether new data has moved away from what a model was trained on, without labels; see
    :func:`veml_lab.lifecycle.drift.drift`.

    Parameters
    ----------
    reference
        A training or inference version (then its training data), or a data version; 40 samples or more.
    test
        The new data; 20 samples or more.
    **options
        ``level`` (accepted share of false alarms, 0.05), ``k`` centres, ``seed``, ``embedder``, ``progress``.

    Returns
    -------
    Drift
        Both readings: ``paper_drifted``, and ``drifted`` with ``p_value`` by the calibrated test; in a notebook a plot.

    Examples
    --------
    >>> report = veml.drift(city, lab.add("night", veml.corrupted(veml.road_world("clear-city", 32, seed=7), "dark", severity=0.9)))
    >>> report.drifted
    True
    """
    embedder = options.pop("embedder", None) or lab_of(test.store).embedder_of(
        reference, progress=options.get("progress", True)
    )
    return _drift.drift(reference, test, embedder, **options)


def drift_pairs(versions: Sequence[DataVersion], **options: Any) -> _drift.DriftPairs:
    """Which version covers which, every pair both ways; see :func:`veml_lab.lifecycle.drift.drift_pairs`.

    Parameters
    ----------
    versions
        Two or more; 40 samples or more each.
    **options
        As of :func:`drift`.

    Examples
    --------
    >>> veml.drift_pairs([city, town]).names
    ('city', 'town')
    """
    if not versions:
        raise BadInput("a table of drift takes two or more data versions, got none")
    embedder = options.pop("embedder", None) or lab_of(versions[0].store).embedder_of(
        versions[0], progress=options.get("progress", True)
    )
    return _drift.drift_pairs(versions, embedder, **options)


def drift_stream(
    reference: DataVersion | TrainingVersion | InferenceVersion, tests: Sequence[DataVersion], **options: Any
) -> _drift.DriftStream:
    """Test versions one after the other at a level that holds for all; see
    :func:`veml_lab.lifecycle.drift.drift_stream`.

    Parameters
    ----------
    reference
        As of :func:`drift`.
    tests
        Data versions in the order in which they came.
    **options
        As of :func:`drift`; ``level`` is the chance of any false alarm over the whole stream.

    Examples
    --------
    >>> days = [lab.add(f"day {i}", veml.road_world("clear-city", 24, seed=20 + i)) for i in (1, 2)]
    >>> [look.test for look in veml.drift_stream(city, days).reports]
    ['day 1', 'day 2']
    """
    embedder = options.pop("embedder", None) or lab_of(reference.store).embedder_of(
        reference, progress=options.get("progress", True)
    )
    return _drift.drift_stream(reference, tests, embedder, **options)


def rebuild(training: TrainingVersion, new: DataVersion, *, auto: bool = False, **options: Any) -> TrainingVersion:
    """Rebuild a lifecycle for new data; see :func:`veml_lab.lifecycle.rebuild.rebuild`.

    With ``auto`` the data is tested for drift first, and where it drifted the advised method runs; else
    the training comes back as it is (:func:`veml_lab.lifecycle.advice.rebuild_if_drifted`).

    Parameters
    ----------
    training
        What works on the old data.
    new
        The new data; its labels are read as far as the method needs them.
    **options
        ``method``: ``"full"``, ``"transfer"``, ``"active"`` (default; ``budget``, ``learner``), or without labels
        ``"adabn"``, ``"coral"``, ``"dann"``, ``"self-training"``, ``"mean-teacher"``; ``validation``, ``name``,
        ``hyper``, ``seed``, ``progress``.

    Examples
    --------
    >>> fewer = veml.rebuild(run, town, method="active", budget=0.25, validation=city, hyper={"epochs": 1})
    >>> fewer.plan["labels"]                                     # a quarter of town's 48
    12
    """
    needs = auto or options.get("method", "active") == "active"
    if needs and options.get("embedder") is None:
        options["embedder"] = lab_of(new.store).embedder_of(training, progress=options.get("progress", True))
    return _advice.rebuild_if_drifted(training, new, **options) if auto else _rebuild.rebuild(training, new, **options)


def deploy(training: TrainingVersion, form: str | None = None, **options: Any) -> InferenceVersion:
    """Export a training, compare it with torch on real samples, keep it as an inference version.

    Parameters
    ----------
    form
        ``"onnx"``; default: that of the lifecycle that was transferred, else ONNX.
    **options
        ``name``, ``quantize`` (``"int8"``), ``samples`` (a data version to compare on); see
        :func:`veml_lab.serving.onnx.deploy`.

    Returns
    -------
    InferenceVersion
        With the exported file and what was ``measured``: largest difference, agreement, speed, size.

    Examples
    --------
    >>> veml.deploy(run, name="in production, too").measured["agreement"] > 0.9
    True
    """
    from .serving.onnx import deploy as run

    return run(training, form, **options)


def search(what: Plan, lab: Lab, space: Mapping[str, Any], **options: Any) -> Any:
    """Look for better hyper-parameters of a plan; see :func:`veml_lab.tuning.study.search`.

    Parameters
    ----------
    what
        A plan with validation data.
    space
        By hyper-parameter ``(low, high)``, or a list of choices.
    **options
        ``trials``, ``sampler`` (``"tpe"``), ``pruner``, ``donors``, ``seed``, ``progress``.

    Examples
    --------
    >>> base = veml.plan(lab["detector"], city, name="searched", validation=town, epochs=1, batch_size=8, lr=2e-3)
    >>> found = veml.search(base, lab, {"lr": (5e-4, 5e-3)}, trials=2, sampler="random")
    >>> len(found.trials)
    2
    """
    from .tuning.study import search as run

    return run(lab.store, what, space, **options)


def dashboard(lab: Lab | str | Path, **options: Any) -> Any:
    """Serve the read-only page of a lab; see :func:`veml_lab.dashboards.start`.

    Parameters
    ----------
    lab
        A lab or its folder.
    **options
        ``port`` (default: a free one), ``token``, ``theme``.

    Examples
    --------
    >>> with veml.dashboard(lab) as page:                             # doctest: +SKIP
    ...     print(page.url)
    """
    from .dashboards import start

    return start(lab.path if isinstance(lab, Lab) else lab, **options)


def check(lab: Lab | str | Path, *, deep: bool = False) -> Any:
    """Find and name what does not fit together in a lab; see :func:`veml_lab.upkeep.check`.

    Parameters
    ----------
    deep
        Read every file and compare it with its hash.

    Examples
    --------
    >>> veml.check(lab)
    /.../road-lab: clean (... versions, ... samples, ... edges; ... s)
    """
    from .upkeep import check as run

    return run(_folder(lab), deep=deep)


def backup(lab: Lab | str | Path, target: str | Path) -> Any:
    """Copy a lab while others work on it; see :func:`veml_lab.upkeep.backup`.

    Examples
    --------
    >>> copy = veml.backup(lab, "road-lab-copy")
    >>> len(veml.open("road-lab-copy", read_only=True).versions()) == len(lab.versions())
    True
    """
    from .upkeep import backup as run

    return run(_folder(lab), target)


def vacuum(lab: Lab | str | Path, **options: Any) -> Any:
    """Remove what killed processes left and no version needs; see :func:`veml_lab.upkeep.vacuum`.

    Parameters
    ----------
    **options
        ``dry_run=True`` only says what would go; ``grace_s``: nothing younger is touched (a day).

    Examples
    --------
    >>> veml.vacuum(lab).removed
    ()
    """
    from .upkeep import vacuum as run

    return run(_folder(lab), **options)


def _folder(lab: Lab | str | Path) -> str | Path:
    return lab.path if isinstance(lab, Lab) else lab
