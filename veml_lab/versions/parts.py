"""Which versions of a lab stand for which: the parts of an import, the imported sets, what their samples are."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import BadInput
from .data import DataVersion
from .facts import DataFacts
from .settings import USER, Origin
from .store import VersionStore


def train_part(version: DataVersion) -> DataVersion:
    """The part of an import that stands for it: its train part if it has one, else itself."""
    graph = version.store.graph()
    for e in graph.out[version.id]:
        if e.type == "derived_from" and e.props.get("by") == "role" and e.props.get("role") == "train":
            return DataVersion(version.store, graph.nodes[e.dst])
    return version


def test_part(version: DataVersion) -> DataVersion | None:
    """The test part of an import (or of the import that a train part came from), or None."""
    graph = version.store.graph()
    parents = [e.src for e in graph.into[version.id] if e.props.get("by") == "role"]
    for origin in [version.id, *parents]:
        for e in graph.out[origin]:
            if e.props.get("by") == "role" and e.props.get("role") == "test":
                return DataVersion(version.store, graph.nodes[e.dst])
    return None


def parts_to_train(
    data: DataVersion, validation: DataVersion | None
) -> tuple[DataVersion, DataVersion | None, dict[str, Origin]]:
    """What a training on a data version learns from and is judged by, and where each came from.

    An import stands for its train part, and its test part is the validation where none is given.
    """
    fit, test = train_part(data), validation or test_part(data)
    origins = {"data": USER if fit == data else Origin("train part", data.name)}
    if test is not None:
        origins["validation"] = USER if validation is not None else Origin("test part", data.name)
    return fit, test, origins


def data_sets(store: VersionStore) -> list[DataVersion]:
    """The imported data sets of a lab: what is compared if nobody says what; test data from production is left out."""
    versions = [DataVersion(store, n) for n in store.graph().of_kind("data") if DataFacts.of(n).source]
    return [v for v in versions if v.role != "test"]


def check_one_kind(versions: Iterable[DataVersion]) -> None:
    """An error that names two versions of different kinds, if there are any."""
    first, *others = versions
    for v in others:
        if v.facts.nature != first.facts.nature:
            raise BadInput(
                f"{first.name!r} holds {first.facts.nature}, {v.name!r} holds {v.facts.nature}; compare versions of one"
                " kind"
            )
