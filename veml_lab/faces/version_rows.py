"""Versions as plain rows, details and graph elements: what lists and graphs show of them."""

from __future__ import annotations

import json
from typing import Any

from ..lineage import version_of
from ..versions import notes
from ..versions.facts import DataFacts, InferenceFacts, TrainingFacts, recipe_of
from ..versions.node import Edge, Kind, Node
from ..versions.store import VersionStore
from ..versions.training import TrainingVersion


def row(store: VersionStore, node: Node) -> dict[str, Any]:
    """One line of a list of versions."""
    version = version_of(store, node)
    run = version if isinstance(version, TrainingVersion) else None
    return {
        "id": node.id,
        "kind": node.kind,
        "name": node.name,
        "created": node.created.isoformat(timespec="seconds"),
        "summary": version.summary(),
        "metric": run.metric if run else None,
        "metric_name": run.metric_name if run else "",
        "direction": run.judged_by.direction if run else "",
        "bad_cases": is_bad_cases(store, node),
    }


def rows(store: VersionStore, kind: Kind | None, known: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """A row a version, in the order in which they were made, without those that were withdrawn.

    Those that are not ``known`` by their ID are added to it.

    Versions are frozen, so a row never changes: a lab of n versions costs O(n) once and then what was added.
    """
    graph = store.graph()
    at = graph.positions(kind)
    ids = graph.ids_at(at)
    new = [p for p, i in zip(at.tolist(), ids, strict=True) if i not in known]
    for node in graph.nodes_at(new) if new else ():
        known[node.id] = row(store, node)
    gone = set(notes.tagged(store, notes.WITHDRAWN))
    return [dict(known[i]) for i in ids if i not in gone]


def detail(store: VersionStore, node: Node) -> dict[str, Any]:
    """What there is to know about one version, flat."""
    d: dict[str, Any] = {"name": node.name, "kind": node.kind, "created": node.created.isoformat(timespec="seconds")}
    d["summary"] = version_of(store, node).summary()
    if node.kind == "data":
        facts = DataFacts.of(node)
        said = {"n": facts.n, "role": facts.role, "task": facts.task, "layer": facts.layer, "note": facts.note}
        d |= {k: v for k, v in said.items() if v} | {"classes": ", ".join(facts.classes)}
        d |= {k: v for k, v in (facts.source or {}).items() if k in ("format", "duplicates")}
    elif node.kind == "model":
        d |= {k: v if isinstance(v, (int, float, str)) else json.dumps(v) for k, v in recipe_of(node).items()}
    elif node.kind == "training":
        run = TrainingFacts.of(node)
        d |= {k: round(v, 4) if isinstance(v, float) else v for k, v in run.numbers.items()}
        d |= {k: v if isinstance(v, (int, float, str)) else json.dumps(v) for k, v in run.plan["hyper"].items()}
        d |= {"method": str(run.method), "seed": run.plan["seed"], **run.environment}
        if run.plan.get("labels") is not None:
            d["labels needed"] = run.plan["labels"]
    else:
        deployed = InferenceFacts.of(node)
        d |= {**deployed.measured, "format": deployed.configuration["format"], "opset": deployed.configuration["opset"]}
    return d


def elements(store: VersionStore, nodes: list[Node], edges: list[Edge]) -> dict[str, Any]:
    """Nodes and edges as the lineage graph draws them."""
    return {
        "nodes": [
            {
                "id": n.id,
                "kind": n.kind,
                "name": n.name,
                "created": n.created.isoformat(timespec="seconds"),
                "detail": detail(store, n),
            }
            for n in nodes
        ],
        "edges": [
            {"source": e.src, "target": e.dst, "type": e.type, "operation": str(e.props.get("operation") or "")}
            for e in edges
        ],
    }


def is_bad_cases(store: VersionStore, node: Node) -> bool:
    """Whether a data version was made to keep what a model gets wrong."""
    into = store.graph().into.get(node.id, [])
    return node.kind == "data" and any(
        e.type == "bad_cases_of" or e.props.get("operation") == "bad cases" for e in into
    )


def with_metadata(found: dict[str, Any]) -> dict[str, Any]:
    """The elements with a small node for each part of a recipe (backbone, neck, head ...) that models share."""
    nodes, edges, known = list(found["nodes"]), list(found["edges"]), set()
    for node in found["nodes"]:
        if node["kind"] != "model":
            continue
        for part in ("architecture", "backbone", "neck", "head", "loss"):
            value = node["detail"].get(part)
            if not value or value == "none":
                continue
            ident = f"{part}:{value}"
            if ident not in known:
                known.add(ident)
                nodes.append(
                    {
                        "id": ident,
                        "kind": "metadata",
                        "name": str(value),
                        "created": "",
                        "detail": {"part of a model": part},
                    }
                )
            edges.append({"source": ident, "target": node["id"], "type": f"has_{part}", "operation": ""})
    return {"nodes": nodes, "edges": edges}
