"""Keywords of the charts: heat map, drift plot, curves, table of runs, comparison, map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..figures import counts
from ..lifecycle.drift import Drift, what_is_strong
from ..lifecycle.drift_repeated import DriftStream
from ..lifecycle.model_search import compare_models
from ..lifecycle.similarity import DataSimilarity
from ..lineage import AnyVersion
from ..versions import operations
from ..versions.data import DataVersion
from ..versions.samples import id_array
from ..versions.settings import flat as flat_settings
from ..versions.settings import settings_of, shown
from ..versions.training import TrainingVersion, trainings_of
from .actions import TRANSFER_LINE
from .pictures import thumbnail
from .selection import CLASS_BARS

if TYPE_CHECKING:
    import numpy as np

    from ..versions.statistics import Statistics


def heatmap_of(found: DataSimilarity, *, pictures: bool = True, offers: bool = False) -> dict[str, Any]:
    """Keywords of the heat map; ``offers``: a transfer can be written into a cell, not only read."""
    shown: dict[str, list[bytes]] = {}
    lines: dict[str, dict[str, str | None]] = {}
    graph = found.store.graph()
    for name in found.names:
        node = graph.by_name.get(found.compared[name])
        if node is None:
            continue
        version = DataVersion(found.store, node)
        runs = trainings_of(found.store, version)
        best = runs[0] if runs else None
        said = (
            f"{best.name} ({best.metric_name} {best.judged_by.format(best.metric)})"
            if best and best.metric is not None
            else best.name
            if best
            else None
        )
        lines[name] = {"data": f"lab[{name!r}]", "training": f"lab[{best.name!r}]" if best else None, "said": said}
        if pictures:
            shown[name] = [thumbnail(version, p) for p in found.core[name]]
    return {
        "names": list(found.names),
        "measures": found.measures,
        "errors": found.error,
        "pictures": shown,
        "measure": "energy" if "energy" in found.measures else "",
        "lines": lines,
        "transfer": TRANSFER_LINE,
        "offers": offers,
    }


def driftplot_of(found: Drift) -> dict[str, Any]:
    """Keywords of the drift plot."""
    r, plane = found.report, found.plane
    node = found.store.graph().by_name.get(found.test)
    worst = [thumbnail(DataVersion(found.store, node), p) for p in found.worst] if node else []
    sign = ">" if r.paper_drifted else "≤"
    strong = f"{r.severity}, since {what_is_strong(r)}; " if r.drifted else ""
    return {
        "centres": plane["centres"],
        "radii": plane["radii"],
        "train_xy": plane["train_xy"],
        "test_xy": plane["test_xy"],
        "verdicts": {
            "paper": {
                "drifted": r.paper_drifted,
                "distance": r.distance,
                "radius": r.radius,
                "k": r.paper_k,
                "text": (
                    f"mean distance of the test core set {r.distance:.3g} {sign} the paper's covering radius"
                    f" {r.radius:.3g} (k={r.paper_k})"
                ),
            },
            "calibrated": {
                "drifted": r.drifted,
                "p_value": r.p_value,
                "level": r.level,
                "effect": r.effect_size,
                "text": f"p = {r.p_value:.2g} at level {r.level:.2g}; {strong}{r.outside_said}",
            },
        },
        "distances": plane["distances"],
        "radius": plane["radius"],
        "worst": worst,
        "title": f"{found.train} → {found.test}",
    }


def driftstream_of(found: DriftStream) -> dict[str, Any]:
    """Keywords of the drift plot of a stream: one look a test version."""
    looks = [{**driftplot_of(r), "test": r.test, "level": r.report.level, "p_value": r.p_value} for r in found.reports]
    return {"looks": looks, "level": found.level, "title": f"data after {found.reports[0].train}"}


def seeds_of(trainings: Sequence[TrainingVersion]) -> dict[str, str]:
    """The group of each run: runs whose plans are the same but for the seed have one."""
    import json

    plans = {t.name: {k: v for k, v in t.plan.items() if k not in ("seed", "name")} for t in trainings}
    keys = {name: json.dumps(plan, sort_keys=True, default=str) for name, plan in plans.items()}
    first = {key: name for name, key in reversed(keys.items())}
    alone = Counter(keys.values())
    return {n: f"{first[key]}, all seeds" if alone[key] > 1 else n for n, key in keys.items()}


def curves_of(trainings: Sequence[TrainingVersion]) -> dict[str, dict[str, np.ndarray]]:
    """Runs of the training curves."""
    return {t.name: t.series() for t in trainings}


def runs_of(trainings: Sequence[TrainingVersion]) -> dict[str, Any]:
    """Keywords of the table of runs: one row a training, its hyper-parameters and results as fields."""
    rows: list[dict[str, Any]] = []
    for t in trainings:
        summary = {k: v for k, v in t.facts.numbers.items() if isinstance(v, int | float | str)}
        rows.append(
            {
                "name": t.name,
                **{k: summary[k] for k in [t.metric_name] if k in summary},
                "data": t.data.name,
                "model": t.model.name,
                "method": str(t.method),
                **{k: v for k, v in t.plan["hyper"].items() if not isinstance(v, dict | list)},
                "seed": t.plan.get("seed"),
                **{k: v for k, v in summary.items() if k != t.metric_name},
            }
        )
    judged = Counter(t.judged_by for t in trainings).most_common(1)
    metric, lower = (judged[0][0].name, judged[0][0].lower_is_better) if judged else ("", False)
    return {"rows": rows, "metric": metric, "lower_is_better": lower, "title": "Trainings"}


def comparison_of(versions: Sequence[AnyVersion]) -> dict[str, Any]:
    """Keywords of a comparison of versions of one kind.

    Raises
    ------
    BadInput
        Fewer than two versions, or of different kinds.
    """
    kinds = {v.node.kind for v in versions}
    if len(versions) < 2 or len(kinds) != 1:
        what = ", ".join(f"{v.node.kind} {v.name!r}" for v in versions) or "nothing"
        raise BadInput(f"two or more versions of one kind can be compared; got {what}")
    (kind,) = kinds
    sections, bars = _SECTIONS[kind](versions)
    figures = figures_of([v.statistics() for v in versions if isinstance(v, DataVersion)]) if kind == "data" else {}
    return {
        "names": [v.name for v in versions],
        "sections": sections,
        "bars": bars,
        "figures": figures,
        "kind": kind,
        "title": f"{len(versions)} {kind} versions",
    }


def _columns(dicts: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Dicts side by side: every field with a value for each, None where one lacks it."""
    fields = list(dict.fromkeys(k for d in dicts for k in d))
    return {f: [d.get(f) for d in dicts] for f in fields}


def _compare_models(versions: Sequence[Any]) -> tuple[dict, dict]:
    return dict(compare_models(versions).sections), {}


def compare_data(versions: Sequence[DataVersion]) -> tuple[dict, dict]:
    """Sections and bars of data versions side by side, or of one alone."""
    stats = [v.statistics() for v in versions]
    first = versions[0]
    made = []
    for v in versions:
        common = len(first.ids & v.ids)
        both = (
            {f"in common with {first.name}": common, f"not in {first.name}": len(v) - common}
            if len(versions) > 1
            else {}
        )
        made.append({**both, "role": v.role or None, "task": v.task, "annotation layer": v.facts.layer})
    counted, bars = facts_and_bars(stats)
    return {"samples": {**_columns(made), **counted}}, bars


def facts_and_bars(stats: Sequence[Statistics]) -> tuple[dict[str, list[Any]], dict[str, dict[str, list[int]]]]:
    """What was counted in data versions side by side: facts by name, and bars by column and value."""
    facts = []
    for s in stats:
        sizes = {f"{k} image": f"{w} x {h}" for k, (w, h) in s.image_size.items()}
        r = s.readings
        sensors = (
            {
                "sensors": r["sensors"],
                "steps": r["steps"],
                "missing readings": f"{r['missing']:.1%}",
                "most missing": f"{r['worst']}: {r['worst_missing']:.1%}",
            }
            if r
            else {}
        )
        facts.append(
            {
                "samples": s.n,
                "without annotations": s.unlabelled,
                "duplicates": s.duplicates,
                **sizes,
                "median box": "{:.0f} x {:.0f}".format(*s.box_size) if s.box_size else None,
                "brightness": (
                    f"{s.brightness['mean']:.2f} ({s.brightness['darkest']:.2f} to {s.brightness['brightest']:.2f})"
                    if s.brightness
                    else None
                ),
                **sensors,
                **{c: f"{v['min']:.4g} to {v['max']:.4g}, mean {v['mean']:.4g}" for c, v in s.numbers.items()},
                **{f"without {c}": k for c, k in s.missing.items()},
            }
        )
    bars = {
        CLASS_BARS: {
            c: [s.classes.get(c, 0) for s in stats] for c in dict.fromkeys(c for s in stats for c in s.classes)
        }
    }
    for column in dict.fromkeys(c for s in stats for c in s.columns if c not in s.numbers):
        values = list(dict.fromkeys(v for s in stats for v in s.columns.get(column, ())))[:12]
        single = all(
            k == 1 for s in stats for k in s.columns.get(column, {}).values()
        )  # a time or a name: nothing to see
        if not single and (len(values) > 1 or len(stats) > 1):
            bars[column] = {str(v): [s.columns.get(column, {}).get(v, 0) for s in stats] for v in values}
    return _columns(facts), {k: v for k, v in bars.items() if v}


def figures_of(stats: Sequence[Statistics]) -> dict[str, Any]:
    """What was counted in data versions as figures, one beside the other: how numbers are spread, where boxes lie,
    which classes occur together, when readings are missing."""
    names = [s.name for s in stats]
    made: dict[str, Any] = {}
    for key in ("histograms", "shapes"):
        found = [getattr(s, key) for s in stats]
        for column in dict.fromkeys(c for one in found for c in one):
            fact = {"objects per sample": "objects"}.get(column, column if key == "histograms" else "")
            unit = "boxes" if column.startswith("box ") else "pictures" if column.startswith("bright") else "samples"
            made[column] = counts.histogram(names, column, [one.get(column) for one in found], unit=unit, fact=fact)
    for s in stats:
        of = f": {s.name}" if len(stats) > 1 else ""
        if s.box_places:
            made[f"box centres{of}"] = counts.places(s.box_places)
        if s.together:
            made[f"classes together{of}"] = counts.occurrence(s.together["classes"], s.together["counts"])
    if any(s.gaps for s in stats):
        made["missing readings over time"] = counts.gaps(names, [s.gaps for s in stats])
    return made


def _compare_trainings(versions: Sequence[Any]) -> tuple[dict, dict]:
    def flat(d: Mapping[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in d.items() if not isinstance(v, dict | list)}

    made = [
        {"data": t.data.name, "model": t.model.name, "method": str(t.method), "seed": t.plan.get("seed")}
        for t in versions
    ]
    hyper = [_in_cells(flat_settings(settings_of(t)["hyper"])) for t in versions]
    return {
        "results": _columns([_told_once(flat(t.facts.numbers), h) for t, h in zip(versions, hyper, strict=True)]),
        "made of": _columns(made),
        "hyper-parameters": _columns(hyper),
        "environment": _columns([flat(t.facts.environment) for t in versions]),
    }, {}


def _in_cells(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {k: shown(v) if isinstance(v, dict | list) else v for k, v in settings.items()}


def _told_once(results: Mapping[str, Any], hyper: Mapping[str, Any]) -> dict[str, Any]:
    """Results without what the plan has as well, such as epochs; what came out otherwise is called so.

    >>> _told_once({"epochs": 3, "steps": 4, "mAP": 0.5}, {"epochs": 5, "steps": 4})
    {'epochs reached': 3, 'mAP': 0.5}
    """
    return {(f"{k} reached" if k in hyper else k): v for k, v in results.items() if k not in hyper or hyper[k] != v}


def _compare_inferences(versions: Sequence[Any]) -> tuple[dict, dict]:
    return {
        "measured": _columns([dict(v.measured) for v in versions]),
        "configuration": _columns([dict(v.configuration) for v in versions]),
        "training": _columns(
            [{"training": v.training.name, v.training.metric_name: v.training.metric} for v in versions]
        ),
    }, {}


_SECTIONS: dict[str, Any] = {
    "model": _compare_models,
    "data": compare_data,
    "training": _compare_trainings,
    "inference": _compare_inferences,
}

_FITTED = 20_000  # samples that the axes of a map are fitted on


class MapPoints:
    """Points of a map as samples of data versions: pictures and captions."""

    def __init__(self, versions: Sequence[DataVersion]) -> None:
        import numpy as np

        self.versions = list(versions)
        self.starts = np.cumsum([0, *(len(v) for v in versions)])

    def _at(self, index: int) -> tuple[DataVersion, int]:
        k = int(self.starts.searchsorted(index, side="right")) - 1
        return self.versions[k], index - int(self.starts[k])

    def picture(self, index: int, size_px: int) -> bytes:
        """The sample's picture."""
        return thumbnail(*self._at(index), size_px)

    def caption(self, index: int) -> str:
        """Where the sample is from."""
        version, position = self._at(index)
        return version.samples["uri"][position].as_py()

    def selection(self, indices: list[int]) -> dict[str, Any]:
        """The samples at these points; of several versions those of the one with the most of them."""
        import numpy as np

        of = self.starts.searchsorted(np.asarray(indices), side="right") - 1
        k = int(np.bincount(of).argmax())
        ids = id_array(self.versions[k])
        chosen = [int(ids[i - self.starts[k]]) for i, version in zip(indices, of.tolist(), strict=True) if version == k]
        return {"version": self.versions[k].id, "where": {"id": chosen}}

    def wall(self, selection: dict[str, Any]) -> Any:
        """The wall of them."""
        from .walls import wall_of

        return wall_of(self.versions[0].store, selection)


class KeptMapPoints(MapPoints):
    """The same, and a choice of points can be kept."""

    def save(self, name: str, indices: list[int]) -> str:
        """Keep the samples as a data version; they have to lie in one."""
        by_version: dict[int, list[int]] = {}
        for i in indices:
            k = int(self.starts.searchsorted(i, side="right")) - 1
            by_version.setdefault(k, []).append(i - int(self.starts[k]))
        if len(by_version) > 1:
            raise BadInput(f"the choice lies in {len(by_version)} data versions; choose within one")
        ((k, positions),) = by_version.items()
        made = operations.select(self.versions[k], name, positions, operation="lasso")
        return f"{made.name!r}: {len(made):,} samples"


def map_of(
    versions: Sequence[DataVersion], embedder: Any, *, writable: bool = False, progress: bool = False
) -> dict[str, Any]:
    """Keywords of an embedding map: the two main axes of the samples' embeddings.

    One version is coloured by class, several by version.
    """
    import numpy as np

    from ..embeddings import embed

    if not versions:
        raise BadInput("a map takes one or more data versions, got none")
    vectors = [embed(v, embedder, progress=progress) for v in versions]
    rng = np.random.default_rng(0)
    every = np.concatenate(
        [v[rng.choice(len(v), min(len(v), max(2, _FITTED // len(vectors))), replace=False)] for v in vectors]
    )
    mean = every.mean(0)
    _, _, axes = np.linalg.svd(every - mean, full_matrices=False)
    xy = np.concatenate([(v - mean) @ axes[:2].T for v in vectors])
    if len(versions) > 1:
        names = [v.name for v in versions][:256]
        groups = np.concatenate([np.full(len(v), min(i, 255)) for i, v in enumerate(versions)])
    else:
        names, groups = _by_class(versions[0])
    title = " + ".join(v.name for v in versions[:4]) + (f" and {len(versions) - 4} more" if len(versions) > 4 else "")
    return {
        "xy": xy,
        "groups": groups,
        "names": names,
        "title": f"{title}: two main axes of {embedder!r}",
        "source": (KeptMapPoints if writable else MapPoints)(versions),
    }


def _by_class(version: DataVersion) -> tuple[list[str], Any]:
    """Each sample's class; of several boxes the commonest one."""
    import numpy as np

    if version.task == "detection":
        label = {
            i: max((b[0] for b in found), key=[b[0] for b in found].count)
            for i, found in version.annotations.boxes.items()
        }
    else:
        label = version.annotations.class_labels
    names = [*version.classes[:254]]
    index = {c: k for k, c in enumerate(names)}
    groups = np.array([index.get(label.get(i, ""), len(names)) for i in version.ids], dtype=np.int64)
    return ([*names, "none"] if (groups == len(names)).any() else names), groups
