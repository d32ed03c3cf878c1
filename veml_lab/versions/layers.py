"""Annotation versions: layers that correct a layer below them, frozen like every version.

The layer ``"imported"`` holds what came in with the samples. A further layer names its base and says, kind by
kind, for which samples it answers itself; it stores the annotations of those alone, and everything else is read
through it from its base. A merged layer stores nothing: it only says which samples are read through which layer.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalog import Change
from ..catalog.catalog import now
from ..errors import BadInput, DamagedLab
from .annotations import ANNOTATION_KINDS, parsed
from .facts import IMPORTED
from .store import VersionStore, dumps, key_of, new_id

if TYPE_CHECKING:
    from pyroaring import BitMap64

ALL = "*"  # a routing entry holds for every kind of annotation


@dataclass(frozen=True)
class Layer:
    """One annotation version.

    Attributes
    ----------
    base
        The layer that answers for everything that this one does not.
    parts
        ``(kind, via, ids)``: for these samples annotations of that kind (``"*"``: of every kind) are read from the
        rows of this layer (``via`` is its own ID) or through another layer.
    """

    id: str
    base: str
    props: Mapping[str, Any]
    parts: tuple[tuple[str, str, BitMap64], ...]


_READ: weakref.WeakKeyDictionary[VersionStore, dict[str, Layer]] = weakref.WeakKeyDictionary()


def layer_of(store: VersionStore, name: str) -> Layer:
    """The layer of that ID; layers never change, so each is read once a process."""
    known = _READ.setdefault(store, {})
    if name not in known:
        from pyroaring import BitMap64

        found = {r["id"]: r for r in store.catalog.read("layers").to_pylist()}
        if name not in found:
            raise DamagedLab(
                f"the annotation layer {name!r} is missing from the catalog of {store.folder}; restore it from a backup"
            )
        parts = store.catalog.read("layer_ids", layer=name).to_pylist()
        known[name] = Layer(
            name,
            found[name]["base"],
            parsed(found[name]["props"]),
            tuple((p["kind"], p["via"], BitMap64.deserialize(p["ids"])) for p in parts),
        )
    return known[name]


def below(store: VersionStore, name: str) -> list[str]:
    """The layer and everything that it reads through, nearest first, ``"imported"`` last."""
    found: dict[str, None] = {}
    left = [name]
    while left:
        layer = left.pop(0)
        if layer in found or layer == IMPORTED:
            continue
        found[layer] = None
        this = layer_of(store, layer)
        left += [*dict.fromkeys(via for _, via, _ in this.parts if via != layer), this.base]
    return [*found, IMPORTED]


def resolve(store: VersionStore, name: str, kind: str, ids: BitMap64) -> list[tuple[str, BitMap64]]:
    """Where the annotations of a kind are read from: disjoint ``(layer, ids)`` whose union is ``ids``."""
    found: dict[str, BitMap64] = {}

    def walk(layer: str, left: BitMap64) -> None:
        while left:
            if layer == IMPORTED:
                found[layer] = found[layer] | left if layer in found else left
                return
            this = layer_of(store, layer)
            for part_kind, via, part in this.parts:
                if part_kind not in (kind, ALL):
                    continue
                hit = left & part
                if not hit:
                    continue
                if via == layer:
                    found[layer] = found[layer] | hit if layer in found else hit
                else:
                    walk(via, hit)
                left = left - hit
            layer = this.base

    walk(name, ids)
    return list(found.items())


def own_layer(base: str, changed: Mapping[str, BitMap64], props: Mapping[str, Any]) -> tuple[str, list[Change]]:
    """A layer that answers itself for ``changed`` samples by kind; its ID and the changes that make it."""
    layer = new_id("layer")
    changes = [Change("add_layer", {"id": layer, "base": base, "created": now(), "props": dumps(props)})]
    changes += [_part(layer, kind, layer, ids) for kind, ids in changed.items() if ids]
    return layer, changes


def merged_layer(store: VersionStore, sides: list[tuple[str, BitMap64]], names: list[str]) -> tuple[str, list[Change]]:
    """The layer that a merge of versions reads: each sample as its own side read it.

    Samples that are in several sides must read the same in all of them, or one side's layer must build on the
    other's: then the later correction holds.

    Parameters
    ----------
    sides
        ``(layer, ids)`` of each merged version.
    names
        Names of the versions, for the error.
    """
    from pyroaring import BitMap64

    layers = list(dict.fromkeys(layer for layer, _ in sides))
    if len(layers) == 1:
        return layers[0], []
    # what builds on another layer reads through more of them, and goes before it
    order = sorted(range(len(sides)), key=lambda i: -len(below(store, sides[i][0])))
    taken = BitMap64()
    routes: list[tuple[str, BitMap64]] = []
    for i in order:
        layer, ids = sides[i]
        for j, _ in enumerate(sides):
            if order.index(j) < order.index(i):
                _check_agreement(store, sides[j], sides[i], names[j], names[i])
        mine = ids - taken
        taken |= ids
        if mine:
            routes.append((layer, mine))
    base = _common(store, layers)
    needed = [
        (layer, ids)
        for layer, ids in routes
        if layer != base and any(_differs(store, layer, base, k, ids) for k in ANNOTATION_KINDS)
    ]
    if not needed:
        return base, []
    for layer in layers:  # one of the layers may already say all of it
        others = [ids for name, ids in routes if name != layer]
        if all(not _differs(store, name, layer, k, ids) for name, ids in routes for k in ANNOTATION_KINDS) and others:
            return layer, []
    layer = f"l-{key_of('merged', [(name, _digest(ids)) for name, ids in needed])[:10]}"
    known = {r["id"] for r in store.catalog.read("layers").to_pylist()}
    if layer in known:  # the same layers over the same samples: the same layer
        return layer, []
    changes = [Change("add_layer", {"id": layer, "base": base, "created": now(), "props": dumps({"merged": layers})})]
    changes += [_part(layer, ALL, name, ids) for name, ids in needed]
    return layer, changes


def _check_agreement(
    store: VersionStore, a: tuple[str, BitMap64], b: tuple[str, BitMap64], name_a: str, name_b: str
) -> None:
    """Samples in both must read the same, or one layer build on the other."""
    both = a[1] & b[1]
    if not both or a[0] == b[0] or b[0] in below(store, a[0]):
        return
    for kind in ANNOTATION_KINDS:
        differ = differing(store, a[0], b[0], kind, both)
        if differ:
            raise BadInput(
                f"{name_a!r} reads the annotation layer {a[0]!r} and {name_b!r} reads {b[0]!r}; both correct the {kind}"
                f" annotations of {len(differ):,} samples that are in both. Subtract these samples from one side first,"
                " or correct one version after the other"
            )


def differing(store: VersionStore, a: str, b: str, kind: str, ids: BitMap64) -> BitMap64:
    """The samples whose annotations of a kind the two layers read from different rows."""
    from pyroaring import BitMap64

    there = dict(resolve(store, b, kind, ids))
    same = BitMap64()
    for layer, part in resolve(store, a, kind, ids):
        if layer in there:
            same |= part & there[layer]
    return ids - same


def _differs(store: VersionStore, a: str, b: str, kind: str, ids: BitMap64) -> bool:
    return bool(differing(store, a, b, kind, ids))


def _common(store: VersionStore, layers: list[str]) -> str:
    """The first layer that all of them build on."""
    shared = set.intersection(*(set(below(store, layer)) for layer in layers))
    return next(layer for layer in below(store, layers[0]) if layer in shared)


def _digest(ids: BitMap64) -> str:
    import hashlib

    return hashlib.sha256(ids.serialize()).hexdigest()


def _part(layer: str, kind: str, via: str, ids: BitMap64) -> Change:
    return Change("add_layer_ids", {"layer": layer, "kind": kind, "via": via, "n": len(ids), "ids": ids.serialize()})
