"""Nodes and edges of the version graph, held in memory."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import UnknownName

Kind = Literal["data", "model", "training", "inference"]
KINDS: tuple[Kind, ...] = ("data", "model", "training", "inference")

EDGE_TYPES: dict[str, str] = {
    "derived_from": "data made from data by an operation (filter, merge, split ...)",
    "instance_of": "a training of this model version",
    "trained_on": "a training that learned from this data version",
    "tested_on": "a training or inference version measured on this data version",
    "fine_tuned_from": "a training that started from another training's weights",
    "transferred_from": "a model version whose recipe came from a similar data set's lifecycle",
    "rebuilt_from": "a training that rebuilds another after drift",
    "adapted_to": "a training that was fitted to this data version without its labels",
    "deployed_as": "an inference version exported from this training",
    "bad_cases_of": "a data version of samples that this inference version gets wrong",
}


@dataclass(frozen=True, slots=True)
class Node:
    """One version. ``props`` is what is particular to its kind; it never changes."""

    id: str
    kind: Kind
    name: str
    created: dt.datetime
    props: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """``src`` led to ``dst``; ``props`` carries the operation where there is one."""

    src: str
    dst: str
    type: str
    props: Mapping[str, Any] = field(default_factory=dict)


class Graph:
    """All versions of a lab at one revision: look-up by ID or name, neighbours, order."""

    def __init__(self, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
        self.nodes: dict[str, Node] = {n.id: n for n in nodes}
        self.by_name: dict[str, Node] = {n.name: n for n in self.nodes.values()}
        self.edges: list[Edge] = list(edges)
        self.into: dict[str, list[Edge]] = {i: [] for i in self.nodes}
        self.out: dict[str, list[Edge]] = {i: [] for i in self.nodes}
        for e in self.edges:
            if e.src in self.nodes and e.dst in self.nodes:
                self.into[e.dst].append(e)
                self.out[e.src].append(e)

    def find(self, name_or_id: str, kind: Kind | None = None) -> Node:
        """The node of that name or ID; :class:`UnknownName` lists what there is."""
        node = self.by_name.get(name_or_id) or self.nodes.get(name_or_id)
        if node is None or (kind is not None and node.kind != kind):
            known = [n.name for n in self.nodes.values() if kind in (None, n.kind)]
            what = f"{kind} version" if kind else "version"
            raise UnknownName.of(what, name_or_id, known, "List them with: veml versions LAB")
        return node

    def of_kind(self, kind: Kind | None = None) -> list[Node]:
        """Nodes in the order in which they were made."""
        return [n for n in self.nodes.values() if kind in (None, n.kind)]


def parse(text: str | None) -> dict[str, Any]:
    """JSON of the catalog to a dict."""
    return json.loads(text) if text else {}
