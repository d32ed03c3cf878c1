"""Model versions side by side, and joined by the parts that they share."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._html import Section, table
from ..errors import BadInput
from ..evaluation.metric import metric_named
from ..versions.facts import IMPORTED
from ..versions.model import METADATA, ModelVersion
from ..versions.settings import flat
from ..versions.store import HoldsStore
from .model_results import Result, results_of, text_of

if TYPE_CHECKING:
    import networkx as nx

PARTS = ("architecture", "backbone", "neck", "head", "loss")  # of a recipe, that models may share


@dataclass(frozen=True)
class ModelComparison:
    """Model versions side by side.

    Attributes
    ----------
    names
        The models, one column each.
    sections
        ``{section: {field: [a value for each model]}}``, None where one has none: ``metadata``; ``configuration``
        (nested ones as ``a.b.0.c``, of those only what differs); ``cost`` (parameters, seconds); ``results`` (the best
        value of each metric on each data version and annotation layer).
    """

    names: tuple[str, ...]
    sections: Mapping[str, Mapping[str, list[Any]]]

    def different(self) -> dict[str, dict[str, list[Any]]]:
        """The fields whose values are not the same for all."""
        return {
            s: found
            for s, fields in self.sections.items()
            if (found := {f: v for f, v in fields.items() if _differ(v)})
        }

    def to_dict(self) -> dict[str, Any]:
        """As plain values: what ``veml models --compare --json`` prints."""
        return {
            "models": list(self.names),
            "sections": {s: dict(f) for s, f in self.sections.items()},
            "different": self.different(),
        }

    def __repr__(self) -> str:
        rows = [
            ("", list(self.names)),
            *((f"  {f}", list(map(text_of, v))) for fields in self.different().values() for f, v in fields.items()),
        ]
        first = max(len(r[0]) for r in rows)
        widths = [max(len(r[1][i]) for r in rows) for i in range(len(self.names))]

        def line(head: str, cells: Sequence[str]) -> str:
            return (
                head.ljust(first) + "  " + "  ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True))
            ).rstrip()

        lines = [line("", self.names)]
        for section, fields in self.different().items():
            lines += [section, *(line(f"  {f}", list(map(text_of, v))) for f, v in fields.items())]
        same = sum(len(f) for f in self.sections.values()) - sum(len(f) for f in self.different().values())
        return "\n".join([*lines, f"{same} more fields are the same"])

    def _repr_html_(self) -> str:
        rows, strong = list[Any](), list[int]()
        for section, fields in self.sections.items():
            rows.append(Section(section))
            for name, values in fields.items():
                if _differ(values):
                    strong.append(len(rows))
                rows.append([name, *map(text_of, values)])
        return table(("", *self.names), rows, strong=strong)


def compare_models(versions: Sequence[ModelVersion]) -> ModelComparison:
    """Put two or more model versions side by side: metadata, configuration, cost, results.

    Raises
    ------
    BadInput
        Fewer than two different versions, or one that is no model version.
    """
    other = next((v for v in versions if not isinstance(v, ModelVersion)), None)
    if other is not None:
        raise BadInput(
            f"{getattr(other, 'name', other)!r} is no model version; what differs between others: veml changed LAB A B"
        )
    if len({v.id for v in versions}) != len(versions) or len(versions) < 2:
        raise BadInput(
            "a comparison needs two or more different model versions, got"
            f" {', '.join(repr(v.name) for v in versions) or 'none'}"
        )
    plain, nested = [], []
    for v in versions:
        rest = {k: x for k, x in v.recipe.items() if k not in METADATA}
        parts = {k: (x, _flat(k, x)) for k, x in rest.items()}
        plain.append({k: x for k, (x, inner) in parts.items() if not inner})
        nested.append({f: y for _, inner in parts.values() for f, y in inner.items()})
    deep = {f: values for f, values in _columns(nested).items() if _differ(values)}
    metadata = _columns([{k: x for k, x in v.metadata.items() if k != "parameters"} for v in versions])
    results = [results_of(v) for v in versions]
    return ModelComparison(
        tuple(v.name for v in versions),
        {
            "metadata": metadata,
            "configuration": _columns(plain) | deep,
            "cost": _columns([_cost(v, r) for v, r in zip(versions, results, strict=True)]),
            "results": _columns(list(map(_best, results))),
        },
    )


def _flat(name: str, value: Any) -> dict[str, Any]:
    """What a nested value holds, by dotted names; nothing of a plain one. A stored configuration is text: a literal."""
    if name == "config" and isinstance(value, str):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return {}
    found = flat({name: value}, lists=True)
    return {} if name in found else found


def _cost(model: ModelVersion, results: Sequence[Result]) -> dict[str, Any]:
    runs = {r.training.id: r.training for r in results if r.training}
    seconds = sum(t.seconds for t in runs.values())
    epochs = sum(t.facts.numbers.get("epochs", 0) for t in runs.values())
    found: dict[str, Any] = {"parameters": model.recipe.get("parameters"), "trainings": len(runs)}
    if runs:
        found |= {"seconds of training": round(seconds, 2)} | (
            {"seconds an epoch": round(seconds / epochs, 3)} if epochs else {}
        )
    return found


def _best(results: Sequence[Result]) -> dict[str, float]:
    found: dict[str, float] = {}
    for r in results:
        for metric, value in r.metrics.items():
            name = f"{metric} on {r.tested_on}" + (f" (layer {r.layer})" if r.layer != IMPORTED else "")
            if name not in found or metric_named(metric).better(value, found[name]):
                found[name] = value
    return found


# -- joined by their parts -------------------------------------------------------------------------------


@dataclass(frozen=True)
class ModelGraph:
    """Models and the parts that they are made of.

    Attributes
    ----------
    models
        The versions.
    parts
        ``{(part, value): names of the models that have it}``, for example ``("backbone", "resnet50")``.
    """

    models: tuple[ModelVersion, ...]
    parts: Mapping[tuple[str, str], tuple[str, ...]]

    def elements(self) -> dict[str, list[dict[str, Any]]]:
        """Nodes and edges as the lineage widget draws them; a part is of kind ``metadata``."""
        ids = {m.name: m.id for m in self.models}
        nodes = [
            {
                "id": m.id,
                "kind": "model",
                "name": m.name,
                "created": m.node.created.isoformat(timespec="seconds"),
                "detail": dict(m.metadata),
            }
            for m in self.models
        ]
        nodes += [
            {"id": f"{p}:{v}", "kind": "metadata", "name": v, "created": "", "detail": {"part of a model": p}}
            for p, v in self.parts
        ]
        edges = [
            {"source": f"{p}:{v}", "target": ids[n], "type": f"has_{p}", "operation": ""}
            for (p, v), names in self.parts.items()
            for n in names
        ]
        return {"nodes": nodes, "edges": edges}

    def to_networkx(self) -> nx.Graph:
        """An undirected graph: models by name, parts as ``"backbone: resnet50"``; ``kind`` and ``part`` are
        attributes."""
        import networkx as nx

        graph = nx.Graph()
        graph.add_nodes_from((m.name, {"kind": "model"}) for m in self.models)
        for (part, value), names in self.parts.items():
            graph.add_node(f"{part}: {value}", kind="metadata", part=part)
            graph.add_edges_from((name, f"{part}: {value}", {"part": part}) for name in names)
        return graph

    def to_dict(self) -> dict[str, Any]:
        """As plain values: what ``veml models --shared --json`` prints."""
        shared = [{"part": p, "value": v, "models": list(names)} for (p, v), names in self.parts.items()]
        return {"models": [m.name for m in self.models], "parts": shared}

    def __repr__(self) -> str:
        lines = [f"{len(self.models)} models, {len(self.parts)} parts that some of them share"]
        return "\n".join([*lines, *(f"  {p}: {v}  {', '.join(names)}" for (p, v), names in self.parts.items())])


def shared_parts(lab: HoldsStore, versions: Sequence[ModelVersion] | None = None, *, least: int = 2) -> ModelGraph:
    """Which parts - architecture, backbone, neck, head, loss - models have in common.

    Parameters
    ----------
    versions
        The models; default: all of the lab.
    least
        How many models must have a part for it to be in the graph; 1: every part.
    """
    store = lab.store
    found = [ModelVersion(store, n) for n in store.graph().of_kind("model")] if versions is None else list(versions)
    parts: dict[tuple[str, str], list[str]] = {}
    for m in found:
        for part in PARTS:
            value = m.recipe.get(part)
            if value and value != "none":
                parts.setdefault((part, str(value)), []).append(m.name)
    return ModelGraph(
        tuple(found),
        {
            k: tuple(v)
            for k, v in sorted(parts.items(), key=lambda p: (PARTS.index(p[0][0]), p[0][1]))
            if len(v) >= least
        },
    )


def _columns(dicts: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    fields = dict.fromkeys(k for d in dicts for k in d)
    return {f: [_plain(d.get(f)) for d in dicts] for f in fields}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _differ(values: Sequence[Any]) -> bool:
    return any(v != values[0] for v in values[1:])
