"""A version of whatever kind, made from its node."""

from __future__ import annotations

from typing import Any

from .data import DataVersion
from .inference import InferenceVersion
from .model import ModelVersion
from .node import Node
from .store import VersionStore
from .training import TrainingVersion

AnyVersion = DataVersion | ModelVersion | TrainingVersion | InferenceVersion
_CLASSES: dict[str, Any] = {
    "data": DataVersion, "model": ModelVersion, "training": TrainingVersion, "inference": InferenceVersion,
}  # fmt: skip


def version_of(store: VersionStore, node: Node) -> AnyVersion:
    """The version object of a node."""
    return _CLASSES[node.kind](store, node)
