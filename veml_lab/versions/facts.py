"""What a data version is known to be: the typed reading of its node, and the only one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .node import Node

IMPORTED = "imported"  # the annotation layer that an import brings


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
