"""Widgets: each draws plain data in a notebook cell, in JupyterLab and in a dashboard, and computes nothing.

One Python file a widget, one TypeScript file of the same name (``js/src/widgets``). Every widget also carries
a picture of itself without script, so that a saved notebook, GitHub and nbconvert still show it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .browser import SampleBrowser
    from .chart import Chart
    from .compare import Comparison
    from .confusion import ConfusionMatrix
    from .curves import TrainingCurves
    from .driftplot import DriftPlot
    from .embedding import EmbeddingMap
    from .heatmap import SimilarityHeatmap
    from .jobs import JobList
    from .lineage import LineageGraph
    from .pages import Pages
    from .runs import RunTable

__all__ = [
    "Chart",
    "Comparison",
    "ConfusionMatrix",
    "DriftPlot",
    "EmbeddingMap",
    "JobList",
    "LineageGraph",
    "Pages",
    "RunTable",
    "SampleBrowser",
    "SimilarityHeatmap",
    "TrainingCurves",
]

_HOME = {
    "Chart": "chart",
    "Comparison": "compare",
    "ConfusionMatrix": "confusion",
    "DriftPlot": "driftplot",
    "EmbeddingMap": "embedding",
    "JobList": "jobs",
    "LineageGraph": "lineage",
    "Pages": "pages",
    "RunTable": "runs",
    "SampleBrowser": "browser",
    "SimilarityHeatmap": "heatmap",
    "TrainingCurves": "curves",
}


def __getattr__(name: str) -> Any:  # ipywidgets is imported only when a widget is made
    if name in _HOME:
        return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
