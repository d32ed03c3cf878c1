"""What a training says of its validation data, sample by sample, kept beside its weights.

A cell of the confusion matrix can then be opened as pictures, with the prediction beside the truth, without running the
network again. Boxes below :data:`LEAST` are left out: no face shows them.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from ..errors import DamagedLab
from ..evaluation.prediction import Prediction
from ..storage.whole import write_whole
from ..versions.training import TrainingVersion

LEAST = 0.05
FILE = "validation.npz"


def keep_prediction(training: TrainingVersion, prediction: Prediction) -> None:
    """Write it beside the weights; one that is there is replaced, a lab that is open read-only keeps nothing."""
    import numpy as np

    if training.store.catalog.read_only or (validation := training.validation) is None:
        return
    arrays: dict[str, Any] = {"classes": np.array(prediction.classes, dtype=str), "data": np.array(validation.key)}
    if prediction.probabilities is not None:
        arrays["probabilities"] = prediction.probabilities.astype(np.float32)
    elif prediction.detections is not None:
        sure = [np.asarray(d["scores"]) >= LEAST for d in prediction.detections]
        arrays["starts"] = np.cumsum([0, *(int(s.sum()) for s in sure)])
        for name, kind, shape in (
            ("boxes", np.float32, (-1, 4)),
            ("scores", np.float32, (-1,)),
            ("labels", np.int32, (-1,)),
        ):
            parts = [
                np.asarray(d[name], kind).reshape(shape)[s] for d, s in zip(prediction.detections, sure, strict=True)
            ]
            arrays[name] = np.concatenate(parts) if parts else np.empty((0, *shape[1:]), kind)
    else:
        return
    write_whole(_file(training), lambda out: np.savez_compressed(out, **arrays))


def kept_prediction(training: TrainingVersion) -> Prediction | None:
    """What was kept for the validation data as it is; None where nothing was. Nothing is computed.

    Raises
    ------
    DamagedLab
        The file cannot be read.
    """
    import numpy as np

    validation = training.validation
    if validation is None or not (path := _file(training)).is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as found:
            kept = {name: found[name] for name in found.files}
        if str(kept["data"]) != validation.key:
            return None
        classes = tuple(kept["classes"].tolist())
        if "probabilities" in kept:
            return Prediction(classes, probabilities=kept["probabilities"])
        cuts = kept["starts"][1:-1]
        parts = (np.split(kept[name], cuts) for name in ("boxes", "scores", "labels"))
        rows = zip(*parts, strict=True) if len(kept["starts"]) > 1 else ()
        return Prediction(classes, detections=[{"boxes": b, "scores": s, "labels": k} for b, s, k in rows])
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as e:
        raise DamagedLab(
            f"what {training.name!r} said of its validation data cannot be read from {path}: {e}; remove the file, and"
            " the samples behind its errors are not shown"
        ) from e


def _file(training: TrainingVersion) -> Path:
    return training.store.folder / Path(training.facts.checkpoint).parent / FILE
