"""Making a data version from others: one node, its edges with the operation, its sample IDs, in one commit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ..catalog import Change
from ..errors import BadInput, NameTaken
from ..intermediates.asking import found as found_before
from .emptied import emptied_in
from .imports import id_set_change
from .samples import SampleSet
from .store import check_name, dumps, new_id

if TYPE_CHECKING:
    from pyroaring import BitMap64

S = TypeVar("S", bound=SampleSet)


def derive(
    version: S,
    name: str,
    ids: BitMap64,
    operation: Mapping[str, Any],
    *,
    others: Sequence[SampleSet] = (),
    props: Mapping[str, Any] | None = None,
    changes: Sequence[Change] = (),
) -> S:
    """Make the version ``name`` from a version (and ``others``); the edge carries the operation.

    Asked again with the same operation on the same versions it gives the version that is there.
    """
    return derive_all(version, [Part(name, ids, operation, props or {})], others=others, changes=changes)[0]


@dataclass(frozen=True, slots=True)
class Part:
    """A version to be made: its name, its samples, the operation on its edge, and what differs from its origin."""

    name: str
    ids: BitMap64
    operation: Mapping[str, Any]
    props: Mapping[str, Any]


def derive_all(
    version: S, parts: Sequence[Part], *, others: Sequence[SampleSet] = (), changes: Sequence[Change] = ()
) -> list[S]:
    """Make several versions from one in one commit: all of them are there afterwards, or none that was not before."""
    for p in parts:
        check_name(p.name)

    def there() -> list[S | None]:
        return [derived(version, p.name, p.ids, p.operation, others=others) for p in parts]

    known = there()
    for p, found in zip(parts, known, strict=True):
        if found is not None:
            found_before(f"{p.operation['operation']} {p.name!r}", None)
    new = [_row(version, p, others) for p, found in zip(parts, known, strict=True) if found is None]
    if new:
        new[0] = (*new[0][:4], [*changes, *new[0][4]], new[0][5])
        try:
            made = iter([type(version)(version.store, node) for node in version.store.add_many(new)])
            known = [v or next(made) for v in known]
        except NameTaken:  # perhaps by another process that made the same
            known = there()
            if None in known:
                raise
    return [v for v in known if v is not None]


def _row(version: SampleSet, part: Part, others: Sequence[SampleSet]) -> tuple[Any, ...]:
    """What the store adds for one version."""
    name, ids, operation, props = part.name, part.ids, part.operation, part.props
    if not ids:
        raise BadInput(f"{operation['operation']} of {version.name!r} leaves no samples; {name!r} was not made")
    every: list[SampleSet] = [version, *others]
    classes = list(version.classes) + [c for o in others for c in o.classes if c not in version.classes]
    kinds = sorted({k for v in every for k in v.facts.kinds})
    base = {k: v for k, v in version.node.props.items() if k not in ("source", "emptied", "emptied_ids")}
    lost = emptied_in(version, others, ids, merged="layer" in props)
    merged = {**base, **lost, "classes": list(dict.fromkeys(classes)), "kinds": kinds, "n": len(ids), **props}
    node_id = new_id("data")
    carried = _carried(version, operation, others)
    edges = [(p.id, "derived_from", carried) for p in every]
    return "data", name, merged, edges, [id_set_change(node_id, ids)], node_id


def derived(
    version: S, name: str, ids: BitMap64, operation: Mapping[str, Any], *, others: Sequence[SampleSet] = ()
) -> S | None:
    """The version of that name if it was made from this one by that operation and holds those samples."""
    graph = version.store.graph()
    node = graph.by_name.get(name)
    if node is None or node.kind != "data":
        return None
    carried = _carried(version, operation, others)
    if not any(dict(e.props) == carried for e in graph.into[node.id]):
        return None
    found = type(version)(version.store, node)
    return found if found.ids == ids else None


def _carried(version: SampleSet, operation: Mapping[str, Any], others: Sequence[SampleSet]) -> dict[str, Any]:
    """The operation as its edge carries it, through JSON so that it can be compared with what is stored."""
    return json.loads(dumps(dict(operation, parents=[p.id for p in [version, *others]])))
