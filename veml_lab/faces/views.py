"""Everything that can be looked at, by name: the panel's tabs, a dashboard's pages and published folders show these.

A view only reads; what it shows may be asked further (pictures of a wall), and where the lab is writable a
choice can be kept or a job stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..embeddings.choice import choice_of
from ..embeddings.stored import stored
from ..errors import BadInput, UnknownName
from ..lifecycle.cases import Cases, cases_of
from ..lifecycle.drift import RESULT_KIND as DRIFT
from ..lifecycle.drift import stored_drift
from ..lifecycle.drift_repeated import STREAM_KIND as STREAM
from ..lifecycle.drift_repeated import stored_stream
from ..lifecycle.similarity import RESULT_KIND as SIMILARITY
from ..lifecycle.similarity import from_dict
from ..lineage import Lineage, version_of
from ..training.jobs import Job, list_jobs
from ..versions.data import DataVersion
from ..versions.node import Kind
from ..versions.results import results_of
from ..versions.store import HoldsStore, VersionStore
from .cases import cases_wall, statistics_charts, weekly_chart
from .errors import confusion_of_training
from .pictures import is_writable
from .plots import (
    compare_data,
    comparison_of,
    curves_of,
    driftplot_of,
    driftstream_of,
    figures_of,
    heatmap_of,
    map_of,
    runs_of,
    seeds_of,
)
from .version_rows import elements, with_metadata
from .walls import facts_of_bars, opener_of, wall_of

if TYPE_CHECKING:
    from ..widgets._base import Drawing

MOST_RUNS = 2000
MOST_CURVES = 12
MOST_JOBS = 50


def view(lab: HoldsStore, name: str, params: dict[str, Any] | None = None) -> Drawing:
    """A drawing of a lab by the name of the view.

    Raises
    ------
    UnknownName
        No such view or version.
    BadInput
        A parameter is missing, or there is nothing to show yet; the message says what makes it.
    """
    if name not in VIEWS:
        raise UnknownName.of("view", name, VIEWS)
    return VIEWS[name](lab, params or {})


def _text(params: dict[str, Any], key: str) -> str:
    value = params.get(key)
    if not isinstance(value, str) or not value:
        raise BadInput(f"this view needs {key!r}: a name or an ID")
    return value


def _find(lab: HoldsStore, params: dict[str, Any], key: str, kind: Kind | None = None) -> Any:
    return version_of(lab.store, lab.store.graph().find(_text(params, key), kind))


def _names(lab: HoldsStore, params: dict[str, Any], kind: Kind | None = None) -> list[Any]:
    names = params.get("versions")
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise BadInput("this view needs 'versions': a list of names or IDs")
    return [version_of(lab.store, lab.store.graph().find(n, kind)) for n in names]


def _lineage(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    from ..widgets import LineageGraph

    focus = lab.store.graph().find(_text(params, "focus")) if params.get("focus") else None
    found = Lineage(lab.store, focus)
    return LineageGraph(
        **with_metadata(elements(lab.store, found.nodes, found.edges)),
        selected=focus.id if focus else "",
        height=620,
        metadata=False,
    )


def _models(lab: HoldsStore, _params: dict[str, Any]) -> Drawing:
    from ..widgets import LineageGraph

    graph = lab.store.graph()
    nodes = graph.of_kind("model")
    if not nodes:
        raise BadInput("there is no model yet; train one with: veml train LAB DATA")
    ids = {n.id for n in nodes}
    edges = [e for e in graph.edges if e.src in ids and e.dst in ids]
    return LineageGraph(**with_metadata(elements(lab.store, nodes, edges)), height=520)


def _browse(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    """A data version, or the part of it that a selection means (:mod:`veml_lab.faces.selection`)."""
    names = params.get("against") or []
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise BadInput("'against' is a list of names or IDs of data versions")
    against = [version_of(lab.store, lab.store.graph().find(n, "data")) for n in names]
    layers = {v.name: v for v in against if isinstance(v, DataVersion)}
    selection = {k: v for k, v in params.items() if k != "against"}
    return wall_of(lab.store, selection, layers=layers, height=560)


def _statistics(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    from ..widgets import Comparison

    version = _find(lab, params, "version", "data")
    sections, bars = compare_data([version])
    facts, opener = facts_of_bars(bars, [version]), opener_of(lab.store)
    return Comparison(
        [version.name],
        sections,
        bars=bars,
        figures=figures_of([version.statistics()]),
        kind="data",
        title="Statistics",
        facts=facts,
        opener=opener,
    )


def _compare(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    from ..widgets import Comparison

    versions = _names(lab, params)
    made = comparison_of(versions)
    facts = facts_of_bars(made["bars"], versions) if made["kind"] == "data" else {}
    return Comparison(**made, facts=facts, opener=opener_of(lab.store) if facts else None)


def _similarity(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    from ..widgets import SimilarityHeatmap

    return SimilarityHeatmap(
        **heatmap_of(
            from_dict(lab.store, _result(lab.store, SIMILARITY, params, "similarity", "veml similar LAB")),
            offers=is_writable(lab.store),
        )
    )


def _drift(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    from ..widgets import DriftPlot

    return DriftPlot(
        **driftplot_of(
            stored_drift(lab.store, _result(lab.store, DRIFT, params, "report", "veml drift LAB REFERENCE TEST"))
        )
    )


def _stream(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    from ..widgets import DriftPlot

    found = stored_stream(
        lab.store, _result(lab.store, STREAM, params, "stream", "veml drift LAB REFERENCE TEST TEST ...")
    )
    return DriftPlot(**driftstream_of(found))


def _result(store: VersionStore, kind: str, params: dict[str, Any], what: str, make: str) -> dict[str, Any]:
    """The result of that number (0 is the oldest), or the newest."""
    found = results_of(store, kind)
    if not found:
        raise BadInput(f"there is no {what} yet; make one with: {make}")
    number = params.get("number", len(found) - 1)
    if not isinstance(number, int) or not 0 <= number < len(found):
        raise BadInput(f"there is no {what} {number!r}; they run from 0 to {len(found) - 1}")
    return found[number][1]


def _curves(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    from ..widgets import TrainingCurves

    chosen = _names(lab, params, "training") if params.get("versions") else _trainings(lab)[-MOST_CURVES:]
    return TrainingCurves(curves_of(chosen), groups=seeds_of(chosen))


def _errors(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    from ..widgets import ConfusionMatrix

    training = _find(lab, params, "version", "training")
    made = confusion_of_training(training, compute=is_writable(lab.store))
    return ConfusionMatrix(**made, opener=opener_of(lab.store) if made["about"] else None)


def _runs(lab: HoldsStore, _params: dict[str, Any]) -> Drawing:
    from ..widgets import RunTable

    return RunTable(**runs_of(_trainings(lab)[-MOST_RUNS:]))


def _trainings(lab: HoldsStore) -> list[Any]:
    return [version_of(lab.store, n) for n in lab.store.graph().of_kind("training")]


def _map(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    from ..widgets import EmbeddingMap

    versions = _names(lab, params, "data") if params.get("versions") else [_find(lab, params, "version", "data")]
    return EmbeddingMap(**map_of(versions, choice_of(lab.store).usual(), writable=is_writable(lab.store)))


def unembedded(lab: HoldsStore, params: dict[str, Any]) -> str | None:
    """The first data version of a map that has samples without a vector."""
    versions = _names(lab, params, "data") if params.get("versions") else [_find(lab, params, "version", "data")]
    return next((v.name for v in versions if stored(v) is None), None)


def _cases(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    return cases_wall(_selected_cases(lab, params), height=560)


def _cases_weekly(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    return weekly_chart(_selected_cases(lab, params).weekly())


def _cases_statistics(lab: HoldsStore, params: dict[str, Any]) -> Drawing:
    return statistics_charts(_selected_cases(lab, params).statistics())


def _selected_cases(lab: HoldsStore, params: dict[str, Any]) -> Cases:
    """All cases; those of ``where``: a value for each fact that is filtered."""
    where = params.get("where") or {}
    if not isinstance(where, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in where.items()):
        raise BadInput("'where' is an object: a text for each fact of a case that is filtered")
    quoted = [f"{k} = '{v.replace(chr(39), chr(39) * 2)}'" for k, v in where.items() if v]
    odd = next((k for k in where if not k.isidentifier()), None)
    if odd is not None:
        raise BadInput(f"{odd!r:.60} is no fact of a case")
    found = cases_of(lab.store, " AND ".join(quoted) or None)
    if not len(found):
        raise BadInput("there are no such bad cases; report some: veml.bad_cases(deployed, data).report(function=...)")
    return found


def _jobs(lab: HoldsStore, _params: dict[str, Any]) -> Drawing:
    from ..widgets import JobList

    return JobList(LabJobs(lab.store), controls=is_writable(lab.store))


class LabJobs:
    """The jobs of a lab: looked at, stopped, resumed in a process of their own."""

    def __init__(self, store: VersionStore) -> None:
        self.store = store

    def look(self) -> list[dict[str, Any]]:
        """The newest first, with their state."""
        out = []
        for job in list_jobs(self.store)[::-1][:MOST_JOBS]:
            s = job.status()
            out.append(
                {
                    "key": job.key,
                    "name": job.plan.name,
                    **{k: s.get(k) for k in ("state", "epoch", "epochs", "step", "steps", "message")},
                }
            )
        return out

    def stop(self, key: str) -> str:
        """Ask the job to stop after its step."""
        self._job(key).stop()
        return f"{self._job(key).plan.name}: it will stop after its step"

    def resume(self, key: str) -> str:
        """Start the job again; it goes on from its last epoch."""
        from ..training.jobs import start

        return f"{start(self._job(key)).plan.name}: goes on where it was"

    def _job(self, key: str) -> Job:
        found = next((j for j in list_jobs(self.store) if j.key == key), None)
        if found is None:
            raise UnknownName.of("job", key, [j.key for j in list_jobs(self.store)])
        return found


def results(store: VersionStore) -> dict[str, list[dict[str, Any]]]:
    """What was found out so far: similarities and drift reports as lines of a list, the newest first."""
    near = [
        {
            "number": i,
            "name": ", ".join(v["names"]),
            "made": made.isoformat(timespec="seconds"),
            "summary": f"{len(v['names'])} sets · k={v['k']}",
        }
        for i, (made, v) in enumerate(results_of(store, SIMILARITY))
    ]
    moved = _reports(store)
    return {"similarity": near[::-1], "drift": moved[::-1]}


def _reports(store: VersionStore) -> list[dict[str, Any]]:
    """Drift reports and streams of them, the oldest first; a report that is a look of a stream is shown there alone."""
    streams = results_of(store, STREAM)
    every = [v["looks"] for _, v in streams]
    looks = {key for keys in every for key in keys}
    rows = store.catalog.read("results", kind=DRIFT).to_pylist()
    reports = {r["key"]: stored_drift(store, json.loads(r["value"])) for r in rows}
    out = [
        (
            rows[i]["made"],
            {
                "number": i,
                "view": "drift",
                "name": f"{v.train} → {v.test}",
                "drifted": v.drifted,
                "summary": (
                    f"{'drifted, ' + v.report.severity if v.drifted else 'no drift'} · p {v.p_value:.2g}"
                    f" · {v.effect_size:.0%} outside"
                ),
            },
        )
        for i, (key, v) in enumerate(reports.items())
        if key not in looks
    ]
    for i, (made, v) in enumerate(streams):
        n = len(v["looks"])
        if any(len(other) > n and other[:n] == v["looks"] for other in every):
            continue  # it went on: the longer one says all that it said
        first = next(
            (t for t, key in zip(v["tests"], v["looks"], strict=True) if key in reports and reports[key].drifted),
            None,
        )
        said = "no drift" if first is None else f"drifted first at {first}"
        out.append(
            (
                made,
                {
                    "number": i,
                    "view": "stream",
                    "name": f"{v['train']} → {n} looks",
                    "drifted": first is not None,
                    "summary": f"{said} · level {v['level']:g} for all of them · {v['tests'][0]} … {v['tests'][-1]}",
                },
            )
        )
    return [{**row, "made": made.isoformat(timespec="seconds")} for made, row in sorted(out, key=lambda r: r[0])]


VIEWS: dict[str, Callable[[HoldsStore, dict[str, Any]], Drawing]] = {
    "lineage": _lineage,
    "models": _models,
    "browse": _browse,
    "statistics": _statistics,
    "compare": _compare,
    "similarity": _similarity,
    "drift": _drift,
    "stream": _stream,
    "curves": _curves,
    "errors": _errors,
    "runs": _runs,
    "jobs": _jobs,
    "cases": _cases,
    "cases weekly": _cases_weekly,
    "cases statistics": _cases_statistics,
    "map": _map,
}
