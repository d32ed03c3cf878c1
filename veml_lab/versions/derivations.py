"""What each operation on data versions computes: a function of its parents and parameters alone.

The verbs of :mod:`.operations` make versions with them, and :func:`replay` runs an edge of the graph again: same
parents, same parameters, same samples. Parameters are plain JSON; randomness comes from the seed in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, DamagedLab
from .node import Edge
from .predicate import select
from .samples import SampleSet, id_array
from .store import VersionStore, id_set
from .tables import flat_table, to_frame

if TYPE_CHECKING:
    import numpy as np
    from pyroaring import BitMap64

Operator = Callable[[Sequence[SampleSet], Mapping[str, Any]], "BitMap64"]


def _filter(parents: Sequence[SampleSet], p: Mapping[str, Any]) -> BitMap64:
    return select(parents[0], p["where"])


def _union(parents: Sequence[SampleSet], p: Mapping[str, Any]) -> BitMap64:
    ids = parents[0].ids.copy()
    for other in parents[1:]:
        ids |= other.ids
    return ids


def _intersect(parents: Sequence[SampleSet], p: Mapping[str, Any]) -> BitMap64:
    return parents[0].ids & parents[1].ids


def _subtract(parents: Sequence[SampleSet], p: Mapping[str, Any]) -> BitMap64:
    return parents[0].ids - parents[1].ids


def _same(parents: Sequence[SampleSet], p: Mapping[str, Any]) -> BitMap64:
    return parents[0].ids.copy()


def _update(parents: Sequence[SampleSet], p: Mapping[str, Any]) -> BitMap64:
    """Samples of the second take the place of those of the first with the same name."""
    import pyarrow.compute as pc

    old, new = parents
    here, there = old.samples["uri"], new.samples["uri"]
    replaced = bitmap(id_array(old)[pc.is_in(here, there.combine_chunks()).to_numpy()])
    arriving = (
        new.ids
        if p.get("new", "add") == "add"
        else bitmap(id_array(new)[pc.is_in(there, here.combine_chunks()).to_numpy()])
    )
    return (old.ids - replaced) | arriving


def _sample(parents: Sequence[SampleSet], p: Mapping[str, Any]) -> BitMap64:
    import numpy as np

    version, n = parents[0], p["n"]
    rng = np.random.default_rng(p["seed"])
    if not p["stratified"]:
        return bitmap(rng.choice(id_array(version), n, replace=False))
    # rank within the class, as a share, then take the first n: keeps every class's share to within one
    share = [
        ((r + rng.random()) / len(g), i) for g in strata(version).values() for r, i in enumerate(rng.permutation(g))
    ]
    return bitmap([int(i) for _, i in sorted(share)[:n]])


def _split(parents: Sequence[SampleSet], p: Mapping[str, Any]) -> BitMap64:
    if "role" in p:  # the parts of an import
        roles = parents[0].samples["role"].to_numpy(zero_copy_only=False)
        return bitmap(id_array(parents[0])[roles == p["role"]])
    if "share" in p:  # labs of format 1: two parts, called first and second
        if p.get("by") is not None:
            left = _grouped_of_format_1(parents[0], p)
            return left if p["part"] == "first" else parents[0].ids - left
        p = {**p, "shares": [p["share"], 1 - p["share"]], "part": ("first", "second").index(p["part"])}
    return parts_of(parents[0], p)[p["part"]]


def parts_of(version: SampleSet, p: Mapping[str, Any]) -> list[BitMap64]:
    """The parts of a split: disjoint, all samples in one of them; ``by`` keeps groups, ``stratified`` shares of
    classes."""
    import numpy as np

    rng = np.random.default_rng(p["seed"])
    shares = p["shares"]
    if p.get("stratified"):
        rooms: list[list[int]] = [[] for _ in shares]
        carried = np.zeros(len(shares))  # what rounding owes to each part, carried from class to class
        for group in strata(version).values():
            order = rng.permutation(group)
            carried += np.array(shares) * len(order)
            counts = np.floor(carried + 1e-9).astype(int)
            while counts.sum() < len(order):  # the part that is owed most gets the odd sample
                counts[int(np.argmax(carried - counts))] += 1
            carried -= counts
            for room, part in zip(rooms, np.split(order, np.cumsum(counts)[:-1]), strict=True):
                room += part.tolist()
        return [bitmap(room) for room in rooms]
    if p.get("by") is None:
        order = rng.permutation(id_array(version))
        ends = np.floor(np.cumsum(shares)[:-1] * len(order) + 0.5).astype(int)
        return [bitmap(part) for part in np.split(order, ends)]
    groups = groups_of(version, p["by"])
    rng.shuffle(groups)
    # each group goes to the part that is furthest from its share, the last part takes what is left over
    filled = [bitmap([]) for _ in shares]
    for g in groups:
        owed = [share * len(version) - len(part) for share, part in zip(shares, filled, strict=True)]
        filled[int(np.argmax(owed))] |= bitmap(g)
    return filled


def _grouped_of_format_1(version: SampleSet, p: Mapping[str, Any]) -> BitMap64:
    """The first part of a split by groups as it was made before shares could be several."""
    import numpy as np

    groups = groups_of(version, p["by"], missing=False)
    np.random.default_rng(p["seed"]).shuffle(groups)
    left: list[int] = []
    for g in groups:
        if len(left) + len(g) / 2 <= p["share"] * len(version):
            left += g
    return bitmap(left)


def groups_of(version: SampleSet, by: str, *, missing: bool = True) -> list[list[int]]:
    """Sample IDs by the value of a column, in the order of the values; samples without one are a group too."""
    table = to_frame(flat_table(version))
    if by not in table:
        raise BadInput(f"{version.name!r} has no column {by!r}; it has {', '.join(map(str, table.columns))}")
    return [g["id"].tolist() for _, g in table.groupby(by, dropna=not missing)]


def strata(version: SampleSet) -> dict[Any, list[int]]:
    """Sample IDs by class; for annotations of objects, by the set of classes in the picture."""
    from .annotations import KIND_OF_TASK

    kind = KIND_OF_TASK.get(version.task) or "class"
    found: dict[int, Any] = dict(version.annotations.class_labels)
    if kind in ("box", "mask", "keypoints"):
        sets: dict[int, set[str]] = {}
        t = version.annotations.table(kind)
        for i, label in zip(t["id"].to_pylist(), t["label"].to_pylist(), strict=True):
            sets.setdefault(i, set()).add(label)
        found = {i: tuple(sorted(s)) for i, s in sets.items()}
    groups: dict[Any, list[int]] = {}
    for i in version.ids:
        groups.setdefault(found.get(i), []).append(i)
    return groups


OPERATORS: dict[str, Operator] = {
    "filter": _filter,
    "merge": _union,
    "add": _union,
    "intersect": _intersect,
    "subtract": _subtract,
    "update": _update,
    "sample": _sample,
    "split": _split,
    "correct": _same,
    "annotate": _same,
    "prepare": _same,
}


def compute(operation: Mapping[str, Any], parents: Sequence[SampleSet]) -> BitMap64:
    """The samples that an operation gives on these parents."""
    return OPERATORS[operation["operation"]](parents, operation)


def replay(store: VersionStore, edge: Edge) -> BitMap64:
    """Run the operation of an edge again on its parents.

    A choice that was made elsewhere (bad cases, a core set of embeddings, a selection by hand) cannot be computed
    again from the data alone: its edge carries the digest of the chosen IDs, which is checked.

    Returns
    -------
    pyroaring.BitMap64
        The IDs; equal to those of the version that the edge leads to.

    Raises
    ------
    BadInput
        The edge carries no operation on data.
    DamagedLab
        The choice that is stored is not the one that was made.
    """
    operation = dict(edge.props)
    name = operation.get("operation")
    if edge.type != "derived_from" or name is None:
        raise BadInput(f"the edge {edge.src} -> {edge.dst} ({edge.type}) carries no operation that could be replayed")
    graph = store.graph()
    parents = [SampleSet(store, graph.find(i, "data")) for i in operation.get("parents", [edge.src])]
    if name in OPERATORS and "chosen" not in operation:
        return compute(operation, parents)
    ids = SampleSet(store, graph.find(edge.dst, "data")).ids
    if ids - _union(parents, {}) or operation.get("chosen", digest(ids)) != digest(ids):
        raise DamagedLab(
            f"the samples of {graph.nodes[edge.dst].name!r} are not the ones that were chosen from {parents[0].name!r}"
        )
    return ids


def digest(ids: BitMap64) -> str:
    """A short key of an ID set, whatever way it was built."""
    same = ids.copy()
    same.run_optimize()
    return hashlib.sha256(same.serialize()).hexdigest()[:20]


def bitmap(ids: Sequence[int] | np.ndarray) -> BitMap64:
    """A bitmap of IDs."""
    import numpy as np

    return id_set(np.sort(np.asarray(ids, dtype=np.uint64)))  # in order it is built twice as fast
