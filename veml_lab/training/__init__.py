"""Training: a plan goes in, a job runs it, a training version comes out.

The seam is :class:`~veml_lab.training.backend.TrainingBackend`; a backend builds networks from recipes
and knows how to fit, predict and export them. :mod:`~veml_lab.training.jobs` does everything else.
"""

from __future__ import annotations

from ..errors import UnknownName
from .backend import Plan, Prediction, Report, TrainingBackend

__all__ = ["BACKENDS", "Plan", "Prediction", "Report", "TrainingBackend", "backend"]

BACKENDS = ("torchvision", "torchvision-adapt", "mmdet", "spatiotemporal")


def backend(name: str) -> TrainingBackend:
    """The backend of that name; its heavy packages are imported here and not before."""
    if name == "torchvision":
        from .torchvision.backend import TorchvisionBackend

        return TorchvisionBackend()
    if name == "torchvision-adapt":
        from .adaptation.backend import AdaptationBackend

        return AdaptationBackend()
    if name == "mmdet":
        from .mmdet.backend import MmdetBackend

        return MmdetBackend()
    if name == "spatiotemporal":
        from .spatiotemporal.backend import SpatiotemporalBackend

        return SpatiotemporalBackend()
    raise UnknownName.of("training backend", name, BACKENDS)
