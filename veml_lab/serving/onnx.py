"""Deploy a training as an ONNX model, with parity on real samples and measured speed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadInput, JobError, NameTaken, UnknownName
from ..evaluation.prediction import Prediction
from ..storage.border import public
from ..storage.failures import in_words
from ..storage.whole import draft, put_whole
from ..training import backend
from ..versions.data import DataVersion
from ..versions.facts import InferenceFacts
from ..versions.inference import InferenceVersion
from ..versions.store import fitting
from ..versions.training import TrainingVersion
from ..versions.window import windows
from . import runtimes

FORMATS = ("onnx",)
AT_ONCE = 64  # samples whose answers are given together; they run one by one
TOLERANCE_SHARE = 1e-3  # forecasts may differ by this share of the largest one
TOLERANCE_PX = 1.0  # boxes of both runtimes may differ by this much (float32 order of sums)


@public
def deploy(
    training: TrainingVersion,
    form: str | None = None,
    *,
    name: str | None = None,
    samples: DataVersion | None = None,
    check: int = 32,
    runtime: str | None = None,
    configuration: Mapping[str, Any] | None = None,
    replaces: InferenceVersion | None = None,
) -> InferenceVersion:
    """Export a training, compare it with torch on real samples, measure both, keep it as an inference version.

    Parameters
    ----------
    form
        Deployment format; default: that of the lifecycle that the training was transferred from, else ``"onnx"``.
    name
        Of the inference version; default: the training's with the format.
    samples
        Real data for parity and speed; default: the training's validation data.
    check
        How many samples to compare on.
    runtime
        What it is run with, here and from now on: ``"onnxruntime"`` (default), ``"onnx-reference"``, or one of another
        package (entry point ``veml_lab.runtimes``).
    configuration
        What shall be kept beside what the export says of itself.
    replaces
        The deployment whose place it takes: bad cases that this one has right are solved then, also where its training
        does not descend from that one's.

    Returns
    -------
    InferenceVersion
        With the exported file and what was ``measured``: largest difference, agreement, speed, size.

    Raises
    ------
    JobError
        The exported model does not agree with torch on at least 99 % of the samples; nothing is kept.

    Examples
    --------
    >>> veml.deploy(run, name="in production, too").measured["agreement"] > 0.9
    True
    """
    inherited = training.plan.get("deployment", {})
    form = form or inherited.get("format", FORMATS[0])
    runs_in = runtime or inherited.get("runtime", runtimes.DEFAULT)
    runtimes.runtime(runs_in)  # one that is not there is said before anything is exported
    if form not in FORMATS:
        raise UnknownName.of("deployment format", form, FORMATS)
    store = training.store
    name = name or fitting(f"{training.name} · {form}")
    graph = store.graph()
    if name in graph.by_name:
        node = graph.by_name[name]
        if node.kind == "inference" and InferenceFacts.of(node).training == training.id:
            return _in_place_of(replaces, InferenceVersion(store, node))
        raise NameTaken(f"there is a version {name!r} already; choose another name")
    samples = samples or training.validation or training.data
    if len(samples) == 0:
        raise BadInput(f"{samples.name!r} is empty; give real samples to check the export on")
    engine, recipe = backend(training.plan["backend"]), training.model.recipe
    blobs = store.folder / "blobs"
    with in_words(blobs):
        blobs.mkdir(exist_ok=True)
    with draft(blobs / "export.onnx") as part:
        made = engine.export(recipe, training.checkpoint, part)
        measured = _compare(training, part, runs_in, samples, check)
        if measured["agreement"] < 0.99:
            raise JobError(
                f"the export of {training.name!r} agrees with torch on only {measured['agreement']:.1%} of "
                f"{measured['samples']} samples; it was not kept. Try another opset or network"
            )
        with part.open("rb") as f:
            digest = hashlib.file_digest(f, "sha256").hexdigest()
        final = blobs / f"{digest[:32]}.onnx"
        put_whole(part, final)
    measured["size_mb"] = round(final.stat().st_size / 1e6, 3)
    props = {
        "training": training.id, "measured": measured,
        "configuration": {**made, "runtime": runs_in, **(configuration or {})},
        "file": str(final.relative_to(store.folder)), "sha256": digest,
    }  # fmt: skip
    edges = [
        (training.id, "deployed_as", {"operation": form}),
        (samples.id, "tested_on", {"operation": "parity", "annotation_layer": samples.facts.layer}),
    ]
    return _in_place_of(replaces, InferenceVersion(store, store.add("inference", name, props, edges)))


def _in_place_of(old: InferenceVersion | None, new: InferenceVersion) -> InferenceVersion:
    """Say which deployment a new one replaces, once."""
    if old is not None:
        graph = new.store.graph()
        if old.store.folder != new.store.folder:
            raise BadInput(f"{old.name!r} is of another lab than {new.name!r}, which cannot replace it")
        if old == new or graph.position(old.id) in graph.reached(graph.position(new.id), back=False):
            raise BadInput(f"{new.name!r} cannot replace {old.name!r}, which is the same or came after it")
        new.store.link(old.id, new.id, "replaces")
    return new


def answers(
    inference: InferenceVersion, runtime: str, data: DataVersion, positions: Sequence[int]
) -> Iterator[Prediction]:
    """What a deployed model (not its training) says of some samples of a version, in a runtime; some at a time."""
    import numpy as np

    recipe = inference.training.model.recipe
    opened = runtimes.runtime(runtime)
    run, sample = backend(recipe["backend"]).runner(recipe, opened(inference.file)), samples_of(recipe, data)
    classes = tuple(recipe.get("classes", ()))
    for start in range(0, len(positions), AT_ONCE):
        some = positions[start : start + AT_ONCE]
        said = [run(sample(p)) for p in some]
        if recipe["task"] == "forecasting":
            yield Prediction((), values=np.stack([s["forecast"] for s in said]).astype(np.float32))
        elif recipe["task"] == "classification":
            z = np.stack([s["logits"] for s in said])
            e = np.exp(z - z.max(1, keepdims=True))
            yield Prediction(classes, probabilities=(e / e.sum(1, keepdims=True)).astype(np.float32))
        else:
            yield Prediction(classes, detections=list(map(_stored_size(recipe, data), some, said)))


def _stored_size(recipe: Mapping[str, Any], data: DataVersion) -> Callable[[int, Mapping[str, Any]], dict[str, Any]]:
    """Boxes in the pixels of the stored pictures, from those of the recipe's size."""
    import numpy as np

    w, h = recipe["size_px"]
    widths, heights = data.samples["width"], data.samples["height"]

    def scaled(position: int, said: Mapping[str, Any]) -> dict[str, Any]:
        scale = np.array([widths[position].as_py() / w, heights[position].as_py() / h] * 2, dtype=np.float32)
        return {"boxes": said["boxes"] * scale, "scores": said["scores"], "labels": said["labels"]}

    return scaled


def _compare(training: TrainingVersion, file: Path, runs_in: str, samples: DataVersion, check: int) -> dict[str, Any]:
    import numpy as np

    recipe, engine = training.model.recipe, backend(training.plan["backend"])
    original, run = engine.original(recipe, training.checkpoint), engine.runner(recipe, runtimes.runtime(runs_in)(file))
    sample = samples_of(recipe, samples)
    positions = np.unique(np.linspace(0, len(samples) - 1, min(check, len(samples))).astype(int)).tolist()
    agree, worst, torch_s, onnx_s = 0, 0.0, [], []
    for p in positions:
        given = sample(p)
        t0 = time.perf_counter()
        theirs = original(given)
        t1 = time.perf_counter()
        ours = run(given)
        torch_s.append(t1 - t0)
        onnx_s.append(time.perf_counter() - t1)
        same, error = agrees(recipe, theirs, ours)
        agree += same
        worst = max(worst, error)
    return {
        "agreement": agree / len(positions),
        "samples": len(positions),
        "largest_difference": round(worst, 6),
        "torch_ms": round(float(np.median(torch_s)) * 1e3, 3),
        "onnx_ms": round(float(np.median(onnx_s)) * 1e3, 3),
        "checked_on": samples.name,
    }


def samples_of(recipe: Mapping[str, Any], data: DataVersion) -> Callable[[int], Any]:
    """What the runner of a recipe takes, by position: a uint8 image, or a window of sensors with its clock."""
    if recipe["task"] == "forecasting":
        w = windows(data)
        return lambda p: (w.cut([p])[0][0], w.clock([p])[0])
    from ..versions.torch_dataset import VersionDataset

    dataset = VersionDataset(data, size_px=tuple(recipe["size_px"]), classes=tuple(recipe["classes"]), labelled=False)
    return lambda p: dataset.image(p).numpy()


def agrees(recipe: Mapping[str, Any], theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> tuple[bool, float]:
    """Whether one sample comes out the same, and the largest difference (logits, pixels of boxes, or the readings'
    unit)."""
    import numpy as np

    if recipe["task"] == "forecasting":
        error = float(np.abs(theirs["forecast"] - ours["forecast"]).max())
        return error <= TOLERANCE_SHARE * max(1.0, float(np.abs(theirs["forecast"]).max())), error
    if recipe["task"] == "classification":
        error = float(np.abs(theirs["logits"] - ours["logits"]).max())
        return bool(theirs["logits"].argmax() == ours["logits"].argmax()), error
    t = theirs
    if len(t["scores"]) != len(ours["scores"]):
        # a detection at the very threshold may fall on either side; confident ones must not
        t, ours = ({k: v[d["scores"] > 0.1] for k, v in d.items()} for d in (t, ours))
        if len(t["scores"]) != len(ours["scores"]):
            return False, float("inf")
    if not len(t["scores"]):
        return True, 0.0
    # equal scores may come in another order: match each box with the nearest one of its label
    far = np.abs(t["boxes"][:, None] - ours["boxes"][None]).max(2) + 1e6 * (
        t["labels"][:, None] != ours["labels"][None]
    )
    error = float(max(far.min(0).max(), far.min(1).max()))
    return error <= TOLERANCE_PX and bool((np.sort(t["labels"]) == np.sort(ours["labels"])).all()), error
