"""The public verbs: thin, with the lab's embedder filled in, the same words as on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import BadInput
from .lab import Lab, open_labs
from .lifecycle import advice as _advice
from .lifecycle import badcases as _badcases
from .lifecycle import drift as _drift
from .lifecycle import race as _race
from .lifecycle import rebuild as _rebuild
from .lifecycle import similarity as _similarity
from .lifecycle import transfer as _transfer
from .training import Plan
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
    """Compare every two data versions; see :func:`veml_lab.lifecycle.similarity.similarity`."""
    if not versions:
        raise BadInput("similarity compares two or more data versions, got none; add a data set first")
    embedder = options.pop("embedder", None) or _embedder(versions, options)
    return _similarity.similarity(versions, embedder, **options)


def most_similar(target: DataVersion, among: Sequence[DataVersion] | None = None, **options: Any) -> _similarity.Ranking:
    """Rank the lab's data sets as donors for ``target``; see :func:`veml_lab.lifecycle.similarity.most_similar`."""
    if among is None:  # sensor readings and everything else have no space in common
        among = [v for v in lab_of(target.store).data if (v.task == "forecasting") == (target.task == "forecasting")]
    embedder = options.pop("embedder", None) or _embedder([target, *among], options)
    return _similarity.most_similar(target, among, embedder, **options)


def _embedder(versions: Sequence[DataVersion], options: Mapping[str, Any]) -> Any:
    """The lab's embedder, or one for each version where these are sensor readings."""
    lab, sensors = lab_of(versions[0].store), [v for v in versions if v.task == "forecasting"]
    if not sensors:
        return lab.embedder
    if len(sensors) < len(versions):
        other = next(v for v in versions if v.task != "forecasting")
        raise BadInput(f"{sensors[0].name!r} holds sensor readings, {other.name!r} is for {other.task}; compare versions of one kind")
    return {v.name: lab.embedder_of(v, progress=options.get("progress", True)) for v in versions}


def model(data: DataVersion, recipe: Mapping[str, Any], *, name: str) -> ModelVersion:
    """Make a model version for a data version: classes and metadata are filled in."""
    return _transfer.make_model(data, recipe, name)


def plan(
    model: ModelVersion, data: DataVersion, *, name: str, validation: DataVersion | None = None, seed: int = 0, **hyper: Any
) -> Plan:
    """A training plan; an import stands for its train part, and its test part is the validation."""
    validation = validation or _transfer.test_part(data)
    return Plan(
        name=name, backend=model.recipe["backend"], model=model.id, data=_similarity.train_part(data).id,
        validation=validation.id if validation else None, hyper=hyper, seed=seed,
    )  # fmt: skip


def train(what: Plan | _transfer.TransferPlan, lab: Lab | None = None, *, detached: bool = False, progress: bool = True) -> TrainingVersion:
    """Run a plan as a job and wait for its training version; ``detached`` lets it outlive this process."""
    from .training.jobs import train as run

    if isinstance(what, _transfer.TransferPlan):
        return what.execute(detached=detached, progress=progress)
    lab = lab or (open_labs() or [None])[-1]  # type: ignore[list-item]
    if lab is None:
        raise BadInput('no lab is open; open one with veml_lab.open("my-lab")')
    return run(lab.store, what, detached=detached, progress=progress)


def drift(reference: DataVersion | TrainingVersion | InferenceVersion, test: DataVersion, **options: Any) -> _drift.Drift:
    """Whether new data has moved away from what a model was trained on; see :func:`veml_lab.lifecycle.drift.drift`."""
    embedder = options.pop("embedder", None) or lab_of(test.store).embedder_of(reference, progress=options.get("progress", True))
    return _drift.drift(reference, test, embedder, **options)


def drift_pairs(versions: Sequence[DataVersion], **options: Any) -> _drift.DriftPairs:
    """Which version covers which, every pair both ways; see :func:`veml_lab.lifecycle.drift.drift_pairs`."""
    if not versions:
        raise BadInput("a table of drift takes two or more data versions, got none")
    embedder = options.pop("embedder", None) or lab_of(versions[0].store).embedder_of(versions[0], progress=options.get("progress", True))
    return _drift.drift_pairs(versions, embedder, **options)


def drift_stream(
    reference: DataVersion | TrainingVersion | InferenceVersion, tests: Sequence[DataVersion], **options: Any
) -> _drift.DriftStream:
    """Test versions one after the other at a level for all; see :func:`veml_lab.lifecycle.drift.drift_stream`."""
    embedder = options.pop("embedder", None) or lab_of(reference.store).embedder_of(reference, progress=options.get("progress", True))
    return _drift.drift_stream(reference, tests, embedder, **options)


def rebuild(training: TrainingVersion, new: DataVersion, *, auto: bool = False, **options: Any) -> TrainingVersion:
    """Rebuild a lifecycle for new data; see :func:`veml_lab.lifecycle.rebuild.rebuild`.

    With ``auto`` the data is tested for drift first, and where it drifted the advised method runs; else
    the training comes back as it is (:func:`veml_lab.lifecycle.advice.rebuild_if_drifted`).
    """
    needs = auto or options.get("method", "active") == "active"
    if needs and options.get("embedder") is None:
        options["embedder"] = lab_of(new.store).embedder_of(training, progress=options.get("progress", True))
    return _advice.rebuild_if_drifted(training, new, **options) if auto else _rebuild.rebuild(training, new, **options)


def deploy(training: TrainingVersion, form: str | None = None, **options: Any) -> InferenceVersion:
    """Export a training, check it against torch, keep it as an inference version."""
    from .deploy.onnx import deploy as run

    return run(training, form, **options)


def search(what: Plan, lab: Lab, space: Mapping[str, Any], **options: Any) -> Any:
    """Look for better hyper-parameters of a plan; see :func:`veml_lab.search.study.search`."""
    from .search.study import search as run

    return run(lab.store, what, space, **options)


def dashboard(lab: Lab | str | Path, **options: Any) -> Any:
    """Serve the read-only page of a lab; see :func:`veml_lab.dashboards.start`."""
    from .dashboards import start

    return start(lab.path if isinstance(lab, Lab) else lab, **options)


def check(lab: Lab | str | Path, *, deep: bool = False) -> Any:
    """Find and name what does not fit together in a lab; see :func:`veml_lab.upkeep.check`."""
    from .upkeep import check as run

    return run(_folder(lab), deep=deep)


def backup(lab: Lab | str | Path, target: str | Path) -> Any:
    """Copy a lab while others work on it; see :func:`veml_lab.upkeep.backup`."""
    from .upkeep import backup as run

    return run(_folder(lab), target)


def vacuum(lab: Lab | str | Path, **options: Any) -> Any:
    """Remove what killed processes left and no version needs; see :func:`veml_lab.upkeep.vacuum`."""
    from .upkeep import vacuum as run

    return run(_folder(lab), **options)


def _folder(lab: Lab | str | Path) -> str | Path:
    return lab.path if isinstance(lab, Lab) else lab
