"""Which versions a version is made from, by the lineage graph."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .facts import InferenceFacts, TrainingFacts
from .graph import Graph
from .node import Node


def needs(graph: Graph, node: Node) -> list[str]:
    """IDs of the versions that a version is made from; what was only measured on it later is none of them."""
    known = graph.nodes
    if node.kind == "training":
        found = list(ids_in(TrainingFacts.of(node).plan))
    elif node.kind == "inference":
        tested = [e.src for e in graph.into[node.id] if e.props.get("operation") == "parity"]
        found = [InferenceFacts.of(node).training, *tested]
    elif node.kind == "model":
        found = [e.src for e in graph.into[node.id] if e.type == "transferred_from"]
    else:
        edges = [e for e in graph.into[node.id] if e.type == "derived_from"]
        found = [i for e in edges for i in (e.src, *ids_in(dict(e.props)))]
    return list(dict.fromkeys(i for i in found if i in known and i != node.id))


def ids_in(value: Any) -> list[str]:
    """Texts that may be IDs of versions, anywhere in a plain value."""
    if isinstance(value, str):
        return [value] if re.fullmatch(r"[dmti]-[0-9a-f]{10}", value) else []
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return [i for v in inner for i in ids_in(v)]
