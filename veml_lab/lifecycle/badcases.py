"""Bad cases: the samples that a deployed model gets wrong, worst first, as a data version of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..errors import BadInput
from ..evaluation.forecasts import errors_of_windows
from ..evaluation.judgement import Judgement, judge
from ..evaluation.prediction import Prediction
from ..evaluation.truth import Truth
from ..serving.predict import predict
from ..storage.border import public
from ..versions import display, operations
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.truth import truth_of

if TYPE_CHECKING:
    from .case_report import CaseReport

FORECAST = 2.0  # times the usual error


@dataclass(frozen=True)
class BadCase:
    """One sample that came out wrong.

    ``cost`` orders them: the sum of what is wrong in it, each by how sure the model is of it and a missed object by 1,
    or the mean absolute error of a forecast. ``kinds`` are the words of :mod:`veml_lab.evaluation.kinds`.
    """

    position: int
    uri: str
    truth: str
    predicted: str
    cost: float
    kinds: tuple[str, ...] = ()


@public
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

    def report(
        self,
        function: str,
        *,
        source: str = "test",
        grading: Literal["model", "system"] = "model",
        new_function: bool = False,
    ) -> CaseReport:
        """Keep them as cases of the lab (:meth:`veml_lab.Lab.cases`), and that the other samples came out right.

        Each fault is a case once, whichever version makes it and however often this is called; cases that are known and
        come out right here are solved where this version descends from one that had them wrong.

        Parameters
        ----------
        function
            What of the system they are a fault of: ``"pedestrians"``. A name that is nearly a known one is refused.
        source
            Where they were seen: ``"test"``, ``"production log"`` ...
        grading
            Whether the model is at fault, or the system around it.
        new_function
            The function is meant as it is written, however near it is to a known one.

        Returns
        -------
        CaseReport
            Counts, and the IDs behind them: new, seen before, regressed, solved, closed as label errors.

        Source
        ------
        MLife, section 3.1, Fig. 6: attributes of a bad case.
        """
        from .case_report import report

        return report(self, function, source=source, grading=grading, new_function=new_function)

    def browse(self, *, height: int = 420) -> display.Drawing:
        """The image wall of the bad cases, truth beside prediction."""
        return display.drawing("bad cases", self, height=height)

    def confusion(self) -> display.Drawing:
        """What was taken for what, and the kinds of error."""
        return display.drawing("confusion", self)

    def to_dict(self, top: int = 50) -> dict[str, Any]:
        """What ``veml badcases --json`` prints."""
        cases = [
            {"uri": c.uri, "truth": c.truth, "predicted": c.predicted, "cost": c.cost, "kinds": list(c.kinds)}
            for c in self.cases[:top]
        ]
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


@public
def bad_cases(
    inference: InferenceVersion, data: DataVersion, *, runtime: str | None = None, progress: bool = True
) -> BadCases:
    """Order what a deployed model gets wrong on labelled data, worst first.

    What it says of a sample is kept (:func:`~veml_lab.predict`): asked again, or of a version with other labels or a
    few more samples, the model runs for new samples alone.

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
    return cases_of(inference, data, predict(inference, data, runtime=runtime, progress=progress))


def cases_of(inference: InferenceVersion, data: DataVersion, prediction: Prediction) -> BadCases:
    """The bad cases among what a deployed model said of labelled data, whoever ran it."""
    uris, truth = data.samples["uri"].to_pylist(), truth_of(data, prediction)
    if truth.readings is not None:
        found = _wrong_forecasts(prediction, truth, uris, inference)
    else:
        if prediction.probabilities is not None:
            data.annotations.targets()  # says which samples have no class
        found = _wrong(judge(prediction, truth), uris)
    return BadCases(inference, data, tuple(sorted(found, key=lambda c: (-c.cost, c.position))), prediction)


def _wrong(judged: Judgement, uris: list[str]) -> list[BadCase]:
    """Samples in which anything is wrong."""
    import numpy as np

    found = []
    for p in np.flatnonzero(judged.holds[:, :-1].any(1)).tolist():
        truth, said = judged.words(p)
        found.append(BadCase(p, uris[p], truth, said, float(judged.costs[p]), judged.kinds(p)))
    return found


def _wrong_forecasts(
    prediction: Prediction, truth: Truth, uris: list[str], inference: InferenceVersion
) -> list[BadCase]:
    """Windows whose mean absolute error is more than twice that of the validation data; the error is the cost."""
    import numpy as np

    assert prediction.values is not None and truth.readings is not None
    errors = errors_of_windows(prediction, truth)
    usual = inference.training.metric
    limit = FORECAST * (usual if usual is not None else float(np.nanmedian(errors)))
    found = []
    for p in np.flatnonzero(errors > limit).tolist():  # false where nothing was measured
        _, y, _ = truth.readings.cut([p])
        said = prediction.values[p]
        found.append(
            BadCase(
                p, uris[p], f"mean {np.nanmean(y):.4g}", f"mean {said[np.isfinite(y[0])].mean():.4g}", float(errors[p])
            )
        )
    return found
