"""One version as the graph gives it: a node, the edges that lead to it, and their JSON, parsed when it is asked for."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["data", "model", "training", "inference"]
VERSION_KINDS: tuple[Kind, ...] = ("data", "model", "training", "inference")
PROVENANCE = "provenance"  # the property of a node that names the record of how it was made

MEASURED = ("tested_on",)  # edges over which no version learns from another
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
    "replaces": "an inference version that took the place of this one in production",
    "bad_cases_of": "a data version of samples that this inference version gets wrong",
    "labelled_by": "a data version whose labels people made, from the pre-labels of this version",
}


class Props(Mapping[str, Any]):
    """The JSON of a node or an edge, parsed at the first look."""

    __slots__ = ("_text", "_value")

    def __init__(self, text: str | Callable[[], str | None] | None) -> None:
        self._text = text
        self._value: dict[str, Any] | None = None

    def _parsed(self) -> dict[str, Any]:
        if self._value is None:
            self._value = parse(self._text() if callable(self._text) else self._text)
            self._text = None
        return self._value

    def __getitem__(self, key: str) -> Any:
        return self._parsed()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parsed())

    def __len__(self) -> int:
        return len(self._parsed())

    def __repr__(self) -> str:
        return repr(self._parsed())

    def __reduce__(self) -> Any:
        return Props, (json.dumps(self._parsed()),)


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


def parse(text: str | None) -> dict[str, Any]:
    """JSON of the catalog to a dict."""
    return json.loads(text) if text else {}
