"""The seam between lifecycles and training frameworks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ..versions.settings import USER, Origin, noted

if TYPE_CHECKING:
    import numpy as np

    from ..evaluation.prediction import Prediction
    from ..versions.data import DataVersion
    from ..versions.store import VersionStore
    from .declaration import Declaration


@dataclass(frozen=True)
class Plan:
    """What is to be trained: everything that the result depends on, as plain values.

    Attributes
    ----------
    name
        Name of the training version that will come out.
    model, data, validation, init
        Version IDs: the recipe, the training data, the data of the metrics per epoch, and the training
        whose weights are the start (or None: from scratch).
    hyper
        ``epochs``, ``batch_size``, ``lr``, ``weight_decay``, ``augment`` and what else the backend takes.
    rebuilt_from
        The training that this one rebuilds after drift, or None.
    method
        How it came about: ``"scratch"``, ``"transfer"``; of a rebuilding ``"full"``, ``"transfer"``, ``"active"`` or
        the name of an adaptation; ``"reproduction"`` (:class:`~veml_lab.versions.method.Method` has the words for
        people).
    learner
        Of ``"active"``: who chose what was labelled.
    labels
        Labels that had to be bought for it (of new samples), or None.
    deployment
        The deployment configuration that comes along with a transferred lifecycle.
    origins
        Where its values came from (:mod:`veml_lab.versions.settings`), kept beside it; two plans are equal without.
    store
        The lab that it was made in; no part of what is kept, two plans are equal without it.
    """

    name: str
    backend: str
    model: str
    data: str
    validation: str | None = None
    init: str | None = None
    hyper: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    rebuilt_from: str | None = None
    method: str = "scratch"
    learner: str | None = None
    labels: int | None = None
    deployment: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    store: VersionStore | None = field(default=None, compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Its values, plain: what two equal plans have in common."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.compare}

    def changed(self, by: Origin, **values: Any) -> Plan:
        """The same with other values, of which it is noted that they came from there."""
        made = replace(self, **values)
        return replace(made, origins=noted(self.origins, self.to_dict(), made.to_dict(), by))

    def stated(self) -> Plan:
        """The same with its origins: of one that was put together by hand, all that is no default was said by hand."""
        if self.origins:
            return self
        usual = {f.name: f.default for f in fields(self)} | {"hyper": {}, "deployment": {}}
        return replace(self, origins={k: USER.to_dict() for k, v in self.to_dict().items() if v != usual[k]})


@dataclass(frozen=True)
class Start:
    """Weights to start from, and the classes that their last layer knows."""

    checkpoint: Path
    classes: tuple[str, ...]


@dataclass(frozen=True)
class FitTask:
    """One fit: what to train on what, from where, into which folder.

    Attributes
    ----------
    recipe
        Of the model version: architecture, task, classes, input size and what else the backend completed it with.
    hyper
        What the plan says; :meth:`~veml_lab.training.declaration.Declaration.filled` adds the defaults.
    validation
        Data of the metrics per epoch, or None.
    init
        Weights to start from; None: fresh ones.
    folder
        Where ``model.safetensors`` goes, and ``resume.pt`` meanwhile.
    """

    recipe: Mapping[str, Any]
    hyper: Mapping[str, Any]
    data: DataVersion
    folder: Path
    validation: DataVersion | None = None
    init: Start | None = None
    seed: int = 0

    @property
    def task(self) -> str:
        """``"classification"``, ``"detection"`` ..."""
        return self.recipe["task"]

    def filled(self, declared: Declaration) -> FitTask:
        """The same with every hyper-parameter that the backend declares, checked."""
        hyper = declared.filled(self.hyper, self.task, validated=self.validation is not None)
        return replace(self, hyper=hyper)


class Report(Protocol):
    """What a backend tells its job while it fits."""

    def step(self, step: int, *, samples: float = 0, **values: float) -> None:
        """Numbers of one optimiser step over so many samples; raises when the job has been asked to stop."""

    def epoch(self, epoch: int, step: int, **metrics: float) -> None:
        """Metrics at the end of an epoch."""


class Graph(Protocol):
    """An exported model that is open in a runtime."""

    inputs: tuple[str, ...]

    def run(self, inputs: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """The outputs by name, in the order of the file."""
        ...


class TrainingBackend(Protocol):
    """Fit, predict, export; ``complete`` fills what a recipe leaves open.

    ``declaration`` says its name and what it trains, measures and takes.
    """

    declaration: Declaration

    def complete(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        """The recipe with all its metadata (neck, head, loss, parameter count), checked by building it."""
        ...

    def epochs(self, recipe: Mapping[str, Any], hyper: Mapping[str, Any]) -> int:
        """Epochs that a fit takes at most: what a progress bar counts to."""
        ...

    def fit(self, task: FitTask, report: Report) -> dict[str, Any]:
        """Train; write ``model.safetensors`` into ``task.folder``; resume from ``resume.pt`` if it is there.

        ``resume.pt`` stays: the job removes it when the training version is in the catalog.

        Returns the summary: last metrics, ``reused`` (layers taken from ``init``) and ``fresh``.
        """
        ...

    def predict(
        self, recipe: Mapping[str, Any], checkpoint: Path, data: DataVersion, *, progress: bool = False
    ) -> Prediction:
        """Run the model over a data version."""
        ...

    def measure(self, prediction: Prediction, data: DataVersion) -> dict[str, float]:
        """Metrics of a prediction against the labels of a data version."""
        ...

    def export(self, recipe: Mapping[str, Any], checkpoint: Path, file: Path) -> dict[str, Any]:
        """Write an ONNX file; returns its configuration (opset, input size, outputs)."""
        ...

    def runner(self, recipe: Mapping[str, Any], graph: Graph) -> Callable[[Any], Any]:
        """A function that runs an exported model, open in some runtime, on one uint8 image (3, h, w) of the recipe's
        size.

        It gives ``{"logits": (c,)}``, or ``{"boxes", "scores", "labels"}`` in pixels of that image. For forecasting
        it takes ``(x, clock)``, float32 (window, nodes, channels) and int64 (window + horizon,), and gives
        ``{"forecast": (horizon, nodes, channels)}``.
        """
        ...

    def original(self, recipe: Mapping[str, Any], checkpoint: Path) -> Callable[[Any], Any]:
        """The same function over the checkpoint in its own framework: what an export is compared with."""
        ...


@runtime_checkable
class Answering(Protocol):
    """A backend that can be asked for some samples of a version, and answers batch by batch.

    What it says of a sample may depend on the picture, row or window and on the recipe, on nothing else of the version
    (annotations, preparation, other samples): what it said is kept and read for every version that holds the sample.
    A backend without it is asked for whole versions by :meth:`TrainingBackend.predict`.
    """

    def answers(
        self, recipe: Mapping[str, Any], checkpoint: Path, data: DataVersion, positions: Sequence[int]
    ) -> Iterator[Prediction]:
        """Predictions of the samples at these positions, in their order, one a batch; the network is loaded once."""
        ...


@runtime_checkable
class Replaying(Protocol):
    """A backend that can say which samples its loader gave to a training, from the seed, without training again."""

    def replayed(self, task: FitTask, *, gpus: int) -> Iterator[list[np.ndarray]]:
        """Epoch by epoch the batches of a fit: sample IDs, int64 (b,), one array a step, equally many in every epoch.

        Parameters
        ----------
        gpus
            That the machine had: where they shared the batches, it counts which last batch is left out.
        """
        ...


@dataclass(frozen=True)
class Inside:
    """What happens in a network when it sees one sample.

    Attributes
    ----------
    maps : {layer: float32 array}
        What each layer gives: (c, h, w) of a convolution, (d,) of a linear layer; of a layer that runs several times
        (a head on every level of a pyramid) or gives several tensors one each, ``"layer #2"`` ...
    gradients : {parameter's layer: float}
        Length of the gradient of the loss by the parameters of a layer; empty where the sample has no label, or the
        backend does not say.
    """

    maps: dict[str, np.ndarray]
    gradients: dict[str, float] = field(default_factory=dict)


@runtime_checkable
class Showing(Protocol):
    """A backend whose networks can be looked into while they see one picture."""

    def inside(
        self,
        recipe: Mapping[str, Any],
        checkpoint: Path,
        data: DataVersion,
        position: int,
        layers: Sequence[str] | None,
    ) -> Inside:
        """Feature maps of the named layers (None: some convolutions from the first to the last), and gradients.

        Raises
        ------
        UnknownName
            The network has no such layer.
        """
        ...


@dataclass(frozen=True)
class Trained:
    """A network with its weights whose last layer, a classifier, can be taken off.

    Attributes
    ----------
    network
        A ``torch.nn.Module``.
    size_px
        Width and height of its pictures.
    """

    network: Any
    architecture: str
    size_px: tuple[int, int]


@runtime_checkable
class Featured(Protocol):
    """A backend whose networks also give features: what they have learned, before their last layer."""

    def features(self, recipe: Mapping[str, Any], checkpoint: Path, name: str) -> Trained:
        """The network of a training of that name, to be embedded with."""
        ...


@dataclass(frozen=True)
class Seen:
    """What a network makes of labelled samples before and after its last layer: what a donor is judged by.

    Attributes
    ----------
    features
        float32 (n, d): what its last layer is given. One row a picture, or a labelled region of a detector.
    labels
        int64 (n,): places among ``classes``.
    classes
        The classes of the data that was seen; for a detector ``""`` comes after them, for regions that hold nothing.
    outputs
        float32 (n, c): probabilities over the network's own classes; None for a detector, whose last layer is asked
        everywhere at once.
    """

    features: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    outputs: np.ndarray | None = None


@runtime_checkable
class Seeing(Protocol):
    """A backend whose networks can be asked what they see in data that they were not made for."""

    def see(
        self,
        recipe: Mapping[str, Any],
        checkpoint: Path | None,
        data: DataVersion,
        positions: Sequence[int],
        *,
        seed: int = 0,
    ) -> Seen:
        """Features, outputs and labels of the samples at these positions.

        Without a checkpoint: those of fresh weights from ``seed``, what a donor has to be better than.
        """
        ...
