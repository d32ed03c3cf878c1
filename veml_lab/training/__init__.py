"""Training: a plan goes in, a job runs it, a training version comes out.

The seam is :class:`~veml_lab.training.backend.TrainingBackend`; a backend declares itself
(:class:`~veml_lab.training.declaration.Declaration`), builds networks from recipes and knows how to fit, predict and
export them. :mod:`~veml_lab.training.registry` finds it, :mod:`~veml_lab.training.jobs` does everything else.
"""

from __future__ import annotations

from ..evaluation.prediction import Prediction
from .backend import FitTask, Plan, Report, TrainingBackend
from .declaration import Declaration, Hyper
from .registry import backend, backend_for, declaration, declarations

__all__ = [
    "Declaration",
    "FitTask",
    "Hyper",
    "Plan",
    "Prediction",
    "Report",
    "TrainingBackend",
    "backend",
    "backend_for",
    "declaration",
    "declarations",
]
