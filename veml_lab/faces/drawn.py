"""How versions and results draw themselves in a notebook cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from .._html import Section, table
from ..errors import BadInput
from ..evaluation.prediction import Prediction
from ..lifecycle.badcases import BadCases
from ..lifecycle.case_pairs import CasePairs
from ..lifecycle.cases import Cases
from ..lifecycle.drift import Drift
from ..lifecycle.drift_repeated import DriftStream
from ..lifecycle.similarity import DataSimilarity
from ..lineage import Lineage
from ..versions import display
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.remake import script_of
from ..versions.statistics import Statistics
from ..versions.training import TrainingVersion
from ..versions.version import Version
from .cases import cases_wall, pairs_html, statistics_charts, weekly_chart
from .errors import confusion_of
from .fact_groups import fact_groups
from .pictures import VersionPictures, is_writable
from .plots import driftplot_of, driftstream_of, facts_and_bars, figures_of, heatmap_of
from .version_rows import elements
from .walls import part_of, side_by_side

if TYPE_CHECKING:
    from ..widgets._base import Drawing

IN_A_CELL = 300  # pixels of a wall that a cell shows because it ends with a version


def _bundle(widget: Drawing, text: str) -> display.MimeBundle:
    """The widget's mime bundle with our own plain text."""
    data, meta = widget._repr_mimebundle_()
    return {**data, "text/plain": text}, meta


def _draw_lineage(found: Lineage) -> display.MimeBundle:
    from ..widgets import LineageGraph

    focus = found.focus.id if found.focus else ""
    widget = LineageGraph(**elements(found.store, found.nodes, found.edges), selected=focus)
    return _bundle(widget, repr(found))


def _heatmap(found: DataSimilarity) -> Drawing:
    from ..widgets import SimilarityHeatmap

    return SimilarityHeatmap(**heatmap_of(found, offers=is_writable(found.store)))


def _drift(found: Drift) -> Drawing:
    from ..widgets import DriftPlot

    return DriftPlot(**driftplot_of(found))


def _stream(found: DriftStream) -> Drawing:
    from ..widgets import DriftPlot

    return DriftPlot(**driftstream_of(found))


def _browse(version: DataVersion, *, against: Sequence[Any] = (), height: int = 420) -> Drawing:
    """The image wall; ``against`` are other data, training or inference versions or predictions to show beside it."""
    from ..widgets import SampleBrowser

    layers = {getattr(a, "name", f"prediction {i + 1}"): _layer(a, version) for i, a in enumerate(against)}
    pictures = VersionPictures(version, layers=layers, writable=is_writable(version.store))
    compare = list(layers)[:2] if len(layers) > 1 else ["annotations", *layers] if layers else []
    return SampleBrowser(pictures, title=f"{version.name}: {version.summary()}", compare=compare, height=height)


def _layer(given: Any, version: DataVersion) -> DataVersion | Prediction:
    if isinstance(given, InferenceVersion | TrainingVersion):
        from ..serving.predict import predict

        return predict(given, version)
    if isinstance(given, DataVersion | Prediction):
        return given
    raise BadInput(
        f"a wall shows data, training and inference versions and predictions side by side; got {type(given).__name__}"
    )


def bad_cases_wall(found: BadCases, *, height: int = 420) -> Drawing:
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
    return SampleBrowser(pictures, title=title, height=height, compare=side_by_side(pictures))


def _confusion(found: BadCases) -> Drawing:
    from ..widgets import ConfusionMatrix

    title = f"{found.inference.name} on {found.data.name}"

    def opener(selection: Any) -> Drawing:
        if not isinstance(selection, Mapping) or set(selection) - {"version", "where"}:
            raise BadInput("a selection of this matrix is an object with 'version' and 'where'")
        whole = VersionPictures(
            found.data, None, found.prediction, inference=found.inference, writable=is_writable(found.data.store)
        )
        return part_of(whole, selection, said_by=found.inference.name)

    made = confusion_of(found.prediction, found.data)
    return ConfusionMatrix(**made, title=title, about={"version": found.data.id}, opener=opener)


def _draw_statistics(found: Statistics) -> display.MimeBundle:
    from ..widgets import Comparison

    facts, bars = facts_and_bars([found])
    return _bundle(
        Comparison(
            [found.name], {"samples": facts}, bars=bars, figures=figures_of([found]), kind="data", title="Statistics"
        ),
        repr(found),
    )


def _draw_version(version: Version) -> display.MimeBundle:
    """A card with the version's facts: static HTML, the same everywhere."""
    facts: list[Any] = [["created", f"{version.node.created:%Y-%m-%d %H:%M}"]]
    for group in fact_groups(version.node):
        facts += [Section(group["title"]), *group["facts"]]
    head = f"<b>{escape(version.node.kind)} version {escape(version.name)}</b><br>{escape(version.summary())}"
    return {
        "text/plain": repr(version),
        "text/html": (f"{head}<details><summary>details</summary>{table((), facts, headed=True)}</details>"),
    }


def _draw_cases(found: Cases) -> display.MimeBundle:
    return _bundle(cases_wall(found, height=IN_A_CELL), repr(found)) if len(found) else {"text/plain": repr(found)}


def _draw_pairs(found: CasePairs) -> display.MimeBundle:
    return {"text/plain": repr(found), **({"text/html": pairs_html(found)} if len(found) else {})}


def register() -> None:
    """Tell the objects of the lower rows how they are drawn and written."""
    display.register_text("script", script_of)
    display.register(
        {
            "lineage": _draw_lineage,
            "similarity": lambda found: _bundle(_heatmap(found), repr(found)),
            "drift": lambda found: _bundle(_drift(found), repr(found)),
            "drift stream": lambda found: _bundle(_stream(found), repr(found)),
            "data": lambda version: _bundle(_browse(version, height=IN_A_CELL), repr(version)),
            "bad cases": lambda found: _bundle(bad_cases_wall(found, height=IN_A_CELL), repr(found)),
            "cases": _draw_cases,
            "weekly cases": lambda found: _bundle(weekly_chart(found), repr(found)),
            "case statistics": lambda found: _bundle(statistics_charts(found), repr(found)),
            "case pairs": _draw_pairs,
            "statistics": _draw_statistics,
            "version": _draw_version,
        },
        {
            "similarity": _heatmap,
            "drift": _drift,
            "drift stream": _stream,
            "data": _browse,
            "bad cases": bad_cases_wall,
            "cases": cases_wall,
            "weekly cases": weekly_chart,
            "case statistics": statistics_charts,
            "confusion": _confusion,
        },
    )
