"""Inference versions: a training x a deployment configuration -> exported model, parity, speed, size."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DamagedLab
from ..storage.strangers import inside
from .facts import InferenceFacts
from .training import TrainingVersion
from .version import Version

if TYPE_CHECKING:
    from .case_states import KnownCases


@dataclass(frozen=True, eq=False, repr=False)
class InferenceVersion(Version):
    """A deployed model: the exported file, how it was made, and what was measured on it.

    Examples
    --------
    >>> deployed.training.name, deployed.configuration["format"], deployed.measured["samples"] > 0
    ('city detector', 'onnx', True)
    """

    @functools.cached_property
    def facts(self) -> InferenceFacts:
        """What is known of it, typed."""
        return InferenceFacts.of(self.node)

    @property
    def training(self) -> TrainingVersion:
        return TrainingVersion(self.store, self.store.graph().find(self.facts.training, "training"))

    @property
    def classes(self) -> tuple[str, ...]:
        return self.training.classes

    @property
    def configuration(self) -> Mapping[str, Any]:
        """The deployment configuration: format, opset, input size, quantisation."""
        return self.facts.configuration

    @property
    def measured(self) -> Mapping[str, Any]:
        """Parity with torch, milliseconds an image of both, file size in MB."""
        return self.facts.measured

    @property
    def file(self) -> Path:
        """The exported model."""
        path = inside(self.store.folder, self.facts.file)
        if not path.exists():
            raise DamagedLab(f"the exported model of {self.name!r} is missing: {path}; deploy its training again")
        return path

    @property
    def cases(self) -> KnownCases:
        """What became of the known bad cases in it: passed, still failing, regressed, or not judged yet; as it was
        reported (:meth:`veml_lab.lifecycle.badcases.BadCases.report`), nothing is run."""
        from .case_states import known_cases

        return known_cases(self.store, self.id)

    def summary(self) -> str:
        """One line."""
        m = self.measured
        return (
            f"{self.configuration['format']} · {m['size_mb']:.1f} MB · {m['onnx_ms']:.1f} ms · parity"
            f" {m['agreement']:.1%}"
        )
