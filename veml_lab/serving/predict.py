"""What a trained or deployed model says of a data version: read where it was said before, computed where not."""

from __future__ import annotations

import functools

from ..errors import BadInput
from ..evaluation.prediction import Prediction
from ..storage.border import public
from ..training.predicted import Asked, parts_of_key, predicted, prediction_of
from ..training.weight_files import file_hash
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.training import TrainingVersion
from . import runtimes
from .onnx import answers


@public
def predict(
    version: TrainingVersion | InferenceVersion,
    data: DataVersion,
    *,
    runtime: str | None = None,
    progress: bool = True,
) -> Prediction:
    """What a training, or the model that was deployed of it, says of every sample of a data version.

    A network runs once for a sample: what it said is kept in the lab (``predictions/``), by the weights, the recipe and
    the runtime, and read for every data version that holds the sample, whatever its annotations. So bad cases, error
    analysis, walls and comparisons cost a network only for what is new. Interrupted, it goes on where it was.

    Parameters
    ----------
    runtime
        What runs a deployed model; default: what it was deployed with.

    Returns
    -------
    Prediction
        ``probabilities``, ``detections`` or ``values`` in ID order.

    Raises
    ------
    BadInput
        A runtime for a training, which runs in the framework that it was trained in; or another kind of version.

    Examples
    --------
    >>> said = veml.predict(deployed, town)
    >>> len(said.detections) == len(town)
    True
    """
    if isinstance(version, TrainingVersion):
        if runtime is not None:
            raise BadInput(
                f"{version.name!r} is a training, which runs in its own framework; leave runtime out, or give an"
                " inference version"
            )
        return prediction_of(version, data, progress=progress)
    if not isinstance(version, InferenceVersion):
        raise BadInput(
            "training and inference versions say something of samples;"
            f" {getattr(version, 'name', version)!r} is a {type(version).__name__}"
        )
    return predicted(asked_of(version, data, runtime), data, progress=progress)


def asked_of(inference: InferenceVersion, data: DataVersion, runtime: str | None = None) -> Asked:
    """A deployed model in a runtime, as it is asked for samples."""
    runtime = runtime or inference.configuration.get("runtime", runtimes.DEFAULT)
    runtimes.runtime(runtime)  # one that is not there is said whatever was kept
    recipe = inference.training.model.recipe
    about = {"kind": "inference", "name": inference.name, "id": inference.id, "task": recipe["task"]}
    key = ["inference", inference.facts.sha256 or file_hash(inference.file), dict(recipe), runtime]
    return Asked(
        [*key, *parts_of_key(data)],
        {**about, "runtime": runtime},
        recipe,
        functools.partial(answers, inference, runtime),
    )
