"""What the nodes of versions say: their typed reading, and the only one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .method import Method
from .node import PROVENANCE, Node

IMPORTED = "imported"  # the annotation layer that every import writes; corrections add further ones


@dataclass(frozen=True)
class DataFacts:
    """What the node of a data version says; frozen with it.

    Attributes
    ----------
    role
        ``"train"``, ``"test"`` or ``""``.
    task
        What the annotations are for: a :data:`~veml_lab.sources.source.Task`.
    classes
        Names of the classes, in their order.
    kinds
        What the samples are: ``"image"``, ``"frame"``, ``"row"``, ``"window"``.
    layer
        The annotation layer that it reads.
    n
        Number of samples; None where an early lab did not write it down.
    emptied
        Pictures whose annotations were all left out by the import.
    about
        Facts of the format that it came in: names and bones of a skeleton, units of columns.
    series
        Where the readings of sensor data lie (:mod:`veml_lab.versions.series`); None for other data.
    preparation
        How samples are prepared on reading (:mod:`veml_lab.versions.preparation`); ``{}`` for not at all.
    source
        Of an import: what was read (``root``, ``fingerprint`` ...); None for a version that an operation made.
    note
        What the source says of itself.
    """

    role: str
    task: str
    classes: tuple[str, ...]
    kinds: tuple[str, ...]
    layer: str
    n: int | None
    emptied: int
    about: Mapping[str, Any]
    series: Mapping[str, Any] | None
    preparation: Mapping[str, Any]
    source: Mapping[str, Any] | None
    note: str

    @classmethod
    def of(cls, node: Node) -> DataFacts:
        """The facts of a node of a data version."""
        p = node.props
        return cls(
            role=p.get("role", ""),
            task=p.get("task", "none"),
            classes=tuple(p.get("classes", ())),
            kinds=tuple(p.get("kinds", ("image",))),
            layer=p.get("layer", IMPORTED),
            n=p.get("n"),
            emptied=p.get("emptied", 0),
            about=p.get("about", {}),
            series=p.get("series"),
            preparation=p.get("preparation", {}),
            source=p.get("source"),
            note=p.get("note", ""),
        )

    @property
    def trains_as(self) -> str:
        """The task of a model that learns from it: objects with outlines or keypoints have boxes, and teach a
        detector."""
        return "detection" if self.task in ("segmentation", "keypoints") else self.task

    @property
    def nature(self) -> str:
        """``"pictures"``, ``"table rows"`` or ``"sensor readings"``: only the same have a space in common."""
        if self.task == "forecasting":
            return "sensor readings"
        return "table rows" if set(self.kinds) == {"row"} else "pictures"


@dataclass(frozen=True)
class TrainingFacts:
    """What the node of a training version says.

    Attributes
    ----------
    key
        Of everything that the result depends on.
    plan
        What was asked, as plain values.
    origins
        Where these came from (:mod:`veml_lab.versions.settings`); empty in labs that did not write it down.
    hyper
        The hyper-parameters as they were used, with what the backend filled in; empty in labs that did not write it
        down.
    metric, direction
        Name of the metric that it goes by, and which way that is better (None in labs that did not write it down).
    numbers
        The summary: last metrics, ``seconds``, ``epochs``, ``steps`` ...
    environment
        Code, packages and machine.
    classes
        In the order of the last layer.
    checkpoint
        The weights, relative to the lab's folder.
    reused, fresh
        How many layers came from other weights, and which did not.
    """

    key: str
    plan: Mapping[str, Any]
    origins: Mapping[str, Any]
    hyper: Mapping[str, Any]
    metric: str
    direction: Literal["higher", "lower"] | None
    numbers: Mapping[str, Any]
    environment: Mapping[str, Any]
    classes: tuple[str, ...]
    checkpoint: str
    reused: int
    fresh: tuple[str, ...]

    @classmethod
    def of(cls, node: Node) -> TrainingFacts:
        """The facts of a node of a training version."""
        p = node.props
        return cls(
            key=p.get("key", ""),
            plan=p.get("plan", {}),
            origins=p.get("origins", {}),
            hyper=p.get("hyper", {}),
            metric=p.get("metric", ""),
            direction=p.get("direction"),
            numbers=p.get("summary", {}),
            environment=p.get("environment", {}),
            classes=tuple(p.get("classes", ())),
            checkpoint=p.get("checkpoint", ""),
            reused=int(p.get("reused", 0)),
            fresh=tuple(p.get("fresh", ())),
        )

    @property
    def method(self) -> Method:
        """How it came about."""
        return Method.of(self.plan)

    @property
    def value(self) -> float | None:
        """The last value of the metric."""
        return self.numbers.get(self.metric)


@dataclass(frozen=True)
class InferenceFacts:
    """What the node of an inference version says.

    Attributes
    ----------
    training
        ID of the training version that was exported.
    configuration
        Format, opset, input size, quantisation.
    measured
        Parity with torch, milliseconds an image, size.
    file
        The exported model, relative to the lab's folder.
    sha256
        Of its bytes; "" where nobody wrote it down.
    """

    training: str
    configuration: Mapping[str, Any]
    measured: Mapping[str, Any]
    file: str
    sha256: str = ""

    @classmethod
    def of(cls, node: Node) -> InferenceFacts:
        """The facts of a node of an inference version."""
        p = node.props
        named = (p.get(k, "") for k in ("file", "sha256"))
        return cls(p.get("training", ""), p.get("configuration", {}), p.get("measured", {}), *named)


def file_of(node: Node) -> str | None:
    """What a node stands on: where an import was read, the checkpoint of a training, an exported model."""
    if node.kind == "data":
        return node.props.get("source", {}).get("root")
    return node.props.get({"training": "checkpoint", "inference": "file"}.get(node.kind, ""))


def recipe_of(node: Node) -> Mapping[str, Any]:
    """The recipe of a node of a model version."""
    return node.props.get("recipe", {})


def noted_of(node: Node) -> str | None:
    """The record of how a version was made, a file of the lab; None where nothing was kept."""
    path = node.props.get(PROVENANCE)
    return path if isinstance(path, str) else None


def properties(node: Node) -> dict[str, Any]:
    """All that a node says, as plain values: for what hands it on without reading it. How it was made is not among
    it: that leaves a lab only where somebody asks for it."""
    return {k: v for k, v in node.props.items() if k != PROVENANCE}
