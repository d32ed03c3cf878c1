"""Bad cases: the samples that a deployed model gets wrong, worst first, as a data version of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import BadInput
from ..serving.onnx import predict
from ..training import Prediction
from ..versions import display, operations
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.samples import id_array

IOU = 0.5
FORECAST = 2.0  # times the usual error


@dataclass(frozen=True)
class BadCase:
    """One sample that came out wrong.

    ``cost`` orders them: confidence in the wrong class, missed plus invented objects, or the mean absolute error of a
    forecast.
    """

    position: int
    uri: str
    truth: str
    predicted: str
    cost: float


@dataclass(frozen=True)
class BadCases:
    """The bad cases of one inference version on one data version, worst first."""

    inference: InferenceVersion
    data: DataVersion
    cases: tuple[BadCase, ...]
    prediction: Prediction = field(repr=False)

    def __len__(self) -> int:
        return len(self.cases)

    def save(self, name: str, *, top: int | None = None) -> DataVersion:
        """Keep them as a data version: the next test set, or a labelling task."""
        if not self.cases:
            raise BadInput(f"{self.inference.name!r} has no bad cases on {self.data.name!r}; nothing to save")
        kept = self.cases[:top]
        version = operations.select(
            self.data,
            name,
            [c.position for c in kept],
            operation="bad cases",
            details={"inference": self.inference.name},
        )
        self.data.store.link(self.inference.id, version.id, "bad_cases_of", {"n": len(kept)})
        return version

    def browse(self, *, height: int = 420) -> display.Drawing:
        """The image wall of the bad cases, truth beside prediction."""
        return display.drawing("bad cases", self, height=height)

    def confusion(self) -> display.Drawing:
        """What was taken for what, and the kinds of error."""
        return display.drawing("confusion", self)

    def to_dict(self, top: int = 50) -> dict[str, Any]:
        """What ``veml badcases --json`` prints."""
        cases = [{"uri": c.uri, "truth": c.truth, "predicted": c.predicted, "cost": c.cost} for c in self.cases[:top]]
        return {
            "inference": self.inference.name,
            "data": self.data.name,
            "n": len(self.data),
            "bad": len(self),
            "cases": cases,
        }

    def __repr__(self) -> str:
        share = len(self) / max(len(self.data), 1)
        lines = [
            f"{len(self):,} of {len(self.data):,} samples of {self.data.name} are bad cases of {self.inference.name}"
            f" ({share:.1%})"
        ]
        for c in self.cases[:8]:
            lines.append(f"  {c.cost:6.2f}  {c.uri:<32.32} truth {c.truth:<20.20} predicted {c.predicted}")
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("bad cases", self)


def bad_cases(
    inference: InferenceVersion, data: DataVersion, *, runtime: str | None = None, progress: bool = True
) -> BadCases:
    """Run the deployed model over labelled data and order what it gets wrong.

    Parameters
    ----------
    runtime
        What runs the model; default: what it was deployed with.

    Source
    ------
    MLife, section 3.1 (bad-case management): errors come back and drive the next version.

    Examples
    --------
    >>> found = veml.bad_cases(deployed, town)
    >>> worst = found.save("town, worst", top=8)                 # a data version: the next test set, or what to label
    >>> len(worst)
    8
    """
    prediction = predict(inference, data, runtime=runtime, progress=progress)
    uris = data.samples["uri"].to_pylist()
    if prediction.values is not None:
        found = _wrong_forecasts(prediction, data, uris, inference)
    else:
        found = (
            _wrong_classes(prediction, data, uris)
            if prediction.probabilities is not None
            else _wrong_boxes(prediction, data, uris)
        )
    return BadCases(inference, data, tuple(sorted(found, key=lambda c: (-c.cost, c.position))), prediction)


def _wrong_classes(prediction: Prediction, data: DataVersion, uris: list[str]) -> list[BadCase]:
    assert prediction.probabilities is not None
    best = prediction.probabilities.argmax(1)
    names = [data.classes[t] for t in data.annotations.targets()]
    return [
        BadCase(i, uris[i], names[i], prediction.classes[b], float(prediction.probabilities[i, b]))
        for i, b in enumerate(best)
        if prediction.classes[b] != names[i]
    ]


def _wrong_forecasts(
    prediction: Prediction, data: DataVersion, uris: list[str], inference: InferenceVersion
) -> list[BadCase]:
    """Windows whose mean absolute error is more than twice that of the validation data; the error is the cost."""
    import numpy as np

    from ..training.spatiotemporal.measure import errors_of_windows
    from ..versions.window import windows

    assert prediction.values is not None
    w, errors = windows(data), errors_of_windows(prediction, data)
    usual = inference.training.metric
    limit = FORECAST * (usual if usual is not None else float(np.nanmedian(errors)))
    found = []
    for p in np.flatnonzero(errors > limit).tolist():  # false where nothing was measured
        _, y, _ = w.cut([p])
        said = prediction.values[p]
        found.append(
            BadCase(
                p, uris[p], f"mean {np.nanmean(y):.4g}", f"mean {said[np.isfinite(y[0])].mean():.4g}", float(errors[p])
            )
        )
    return found


def _wrong_boxes(prediction: Prediction, data: DataVersion, uris: list[str], score: float = 0.4) -> list[BadCase]:
    import torch
    from torchvision.ops import box_iou

    assert prediction.detections is not None
    found = []
    for p, (i, d) in enumerate(zip(id_array(data).tolist(), prediction.detections, strict=True)):
        truth = data.annotations.boxes.get(i, [])
        keep = d["scores"] >= score
        boxes, labels = (
            torch.tensor(d["boxes"][keep]).reshape(-1, 4),
            [prediction.classes[int(k)] for k in d["labels"][keep]],
        )
        mine = torch.tensor([[x, y, x + w, y + h] for _, x, y, w, h in truth]).reshape(-1, 4)
        iou = box_iou(mine, boxes) if len(mine) and len(boxes) else torch.zeros(len(mine), len(boxes))
        taken: set[int] = set()
        missed = []
        for t in range(len(mine)):
            fits = [j for j in range(len(boxes)) if j not in taken and iou[t, j] >= IOU and labels[j] == truth[t][0]]
            if fits:
                taken.add(max(fits, key=lambda j: float(iou[t, j])))
            else:
                missed.append(truth[t][0])
        invented = [labels[j] for j in range(len(boxes)) if j not in taken]
        if missed or invented:
            said = ", ".join(f"+{x}" for x in invented) or "-"
            found.append(
                BadCase(p, uris[p], "missed " + (", ".join(missed) or "none"), said, float(len(missed) + len(invented)))
            )
    return found
