"""How versions and results draw themselves in a notebook cell."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from ..errors import BadInput
from ..lifecycle.badcases import BadCases
from ..lifecycle.drift import Drift, DriftStream
from ..lifecycle.similarity import DataSimilarity
from ..lineage import Lineage
from ..training import Prediction
from ..versions import display
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.statistics import Statistics
from ..versions.store import VersionStore
from .errors import confusion_of
from .pictures import VersionPictures
from .plots import driftplot_of, driftstream_of, facts_and_bars, heatmap_of
from .version_rows import detail, elements


def is_writable(store: VersionStore) -> bool:
    """Whether a widget may make versions: never in a dashboard, whatever the lab says."""
    return not store.catalog.read_only and not os.environ.get("VEML_DASHBOARD")


def _bundle(widget: Any, text: str) -> Any:
    """The widget's mime bundle with our own plain text."""
    bundle = widget._repr_mimebundle_()
    data, meta = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {**data, "text/plain": text}, meta


def _draw_lineage(found: Lineage, **_: Any) -> Any:
    from ..widgets import LineageGraph

    focus = found.focus.id if found.focus else ""
    widget = LineageGraph(**elements(found.store, found.nodes, found.edges), selected=focus)
    return _bundle(widget, repr(found))


def _draw_similarity(found: DataSimilarity, **_: Any) -> Any:
    from ..widgets import SimilarityHeatmap

    return _bundle(SimilarityHeatmap(**heatmap_of(found, offers=is_writable(found.store))), repr(found))


def _draw_drift(found: Drift, **_: Any) -> Any:
    from ..widgets import DriftPlot

    return _bundle(DriftPlot(**driftplot_of(found)), repr(found))


def _draw_stream(found: DriftStream, **_: Any) -> Any:
    from ..widgets import DriftPlot

    return _bundle(DriftPlot(**driftstream_of(found)), repr(found))


def _draw_data(version: DataVersion, **options: Any) -> Any:
    return _bundle(_browse(version, **{"height": 300, **options}), repr(version))


def _browse(version: DataVersion, *, against: Sequence[Any] = (), **options: Any) -> Any:
    """The image wall; ``against`` are other data versions, inference versions or predictions to show beside it."""
    from ..widgets import SampleBrowser

    layers = {getattr(a, "name", f"prediction {i + 1}"): _layer(a, version) for i, a in enumerate(against)}
    pictures = VersionPictures(version, layers=layers, writable=is_writable(version.store))
    compare = list(layers)[:2] if len(layers) > 1 else ["annotations", *layers] if layers else []
    return SampleBrowser(pictures, title=f"{version.name}: {version.summary()}", **{"compare": compare, **options})


def _layer(given: Any, version: DataVersion) -> DataVersion | Prediction:
    if isinstance(given, InferenceVersion):
        from ..serving.onnx import predict

        return predict(given, version)
    if isinstance(given, DataVersion | Prediction):
        return given
    raise BadInput(
        f"a wall shows data versions, inference versions and predictions side by side; got {type(given).__name__}"
    )


def bad_cases_wall(found: BadCases, **options: Any) -> Any:
    """The wall of bad cases, worst first; what is chosen becomes the next data version."""
    from ..widgets import SampleBrowser

    places = [c.position for c in found.cases]
    pictures = VersionPictures(
        found.data,
        places,
        found.prediction,
        inference=found.inference,
        costs={c.position: c.cost for c in found.cases},
        writable=is_writable(found.data.store),
    )
    title = f"{len(found)} bad cases of {found.inference.name} on {found.data.name}, worst first"
    return SampleBrowser(pictures, title=title, **options)


def _draw_bad_cases(found: BadCases, **options: Any) -> Any:
    return _bundle(bad_cases_wall(found, **{"height": 300, **options}), repr(found))


def _confusion(found: BadCases, **options: Any) -> Any:
    from ..widgets import ConfusionMatrix

    title = f"{found.inference.name} on {found.data.name}"
    return ConfusionMatrix(**confusion_of(found.prediction, found.data), title=title, **options)


def _draw_statistics(found: Statistics, **_: Any) -> Any:
    from ..widgets import Comparison

    facts, bars = facts_and_bars([found])
    return _bundle(
        Comparison([found.name], {"samples": facts}, bars=bars, kind="data", title="Statistics"), repr(found)
    )


def _draw_version(version: Any, **_: Any) -> Any:
    """A card with the version's facts: static HTML, the same everywhere."""
    facts = {k: v for k, v in detail(version.store, version.node).items() if k != "summary"}  # it stands in the head
    lines = "".join(
        f"<tr><th style='text-align:left'>{escape(str(k))}</th><td>{escape(str(v))}</td></tr>" for k, v in facts.items()
    )
    head = f"<b>{escape(version.node.kind)} version {escape(version.name)}</b><br>{escape(version.summary())}"
    return {
        "text/plain": repr(version),
        "text/html": f"{head}<details><summary>details</summary><table>{lines}</table></details>",
    }


def _analysis(training: Any, **options: Any) -> Any:
    from ..training.analysis import analyse

    return analyse(training, options.pop("data"), **options)


def _reproduction(training: Any, **options: Any) -> Any:
    from ..training.reproduce import reproduce

    return reproduce(training, **options)


def _rebuilds(training: Any, *, new: Any, old: Any) -> Any:
    from ..lifecycle.outcome import rebuilds

    return rebuilds(training, new, old=old)


def register() -> None:
    """Tell the objects of the lower rows how they are drawn."""
    faces: dict[str, Callable[..., Any]] = {
        "lineage": _draw_lineage,
        "similarity": _draw_similarity,
        "drift": _draw_drift,
        "drift stream": _draw_stream,
        "data": _draw_data,
        "browse": _browse,
        "bad cases": _draw_bad_cases,
        "confusion": _confusion,
        "statistics": _draw_statistics,
        "version": _draw_version,
        "analysis": _analysis,
        "reproduction": _reproduction,
        "rebuilds": _rebuilds,
    }
    for face, draw_it in faces.items():
        display.register(face, draw_it)
