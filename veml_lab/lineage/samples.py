"""Which versions hold a sample, and which trainings and deployed models have seen it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UnknownName
from ..versions.facts import file_of
from ..versions.graph import Graph
from ..versions.node import MEASURED, Kind
from ..versions.store import VersionStore, id_set
from .answers import Answer
from .questions import answer
from .reach import reach_of_all

if TYPE_CHECKING:
    from pyroaring import BitMap64

LEARNS = {"trained_on": "learned from", "adapted_to": "adapted to"}  # edges from data over which weights see samples
WEIGHTS = {"fine_tuned_from"}  # edges between trainings that carry weights on


def find_samples(store: VersionStore, sample: str | int) -> BitMap64:
    """The IDs of a sample: the number itself, or all samples that have this uri or lie in this file.

    Raises
    ------
    UnknownName
        The lab has no such sample.
    """
    if isinstance(sample, int) or sample.isdecimal():
        if int(sample) < 2**63 and len(store.catalog.read("sample", id=int(sample))):
            return id_set([int(sample)])
        if isinstance(sample, int):
            raise UnknownName(f"the lab has no sample {sample}; IDs are those of DataVersion.ids")
    t = store.catalog.read("samples_of_uri", uri=sample)
    if not len(t) and Path(sample).exists():  # files are stored by their whole path
        t = store.catalog.read("samples_of_uri", uri=str(Path(sample).resolve()))
    if not len(t):
        raise UnknownName(f"the lab has no sample {sample!r}: give its uri as in version.samples, its file, or its ID")
    return id_set(t["id"].to_numpy())


def holding(store: VersionStore, ids: BitMap64) -> dict[int, int]:
    """Positions of the data versions that hold any of these samples, with how many; from their ID sets alone."""
    from pyroaring import BitMap64

    graph = store.graph()
    t = store.catalog.read("versions_around", lo=ids.min(), hi=ids.max())
    found: dict[int, int] = {}
    one = ids.min() if len(ids) == 1 else None
    for version, raw in zip(t["version"].to_pylist(), t["ids"], strict=True):
        there = BitMap64.deserialize(raw.as_py())
        n = int(one in there) if one is not None else ids.intersection_cardinality(there)
        at = graph._position_of_id(version) if n else None
        if at is not None:
            found[at] = n
    return found


def held_by(store: VersionStore, sample: str | int) -> Answer:
    """The data versions that hold a sample, by uri, file or ID."""
    ids = find_samples(store, sample)
    found = holding(store, ids)
    why = {p: "holds it" if len(ids) == 1 else f"holds {n:,} of {len(ids):,}" for p, n in found.items()}
    return answer(
        store,
        store.graph(),
        f"Which data versions hold the sample {sample!r}?",
        why,
        samples=[int(i) for i in list(ids)[:100]],
    )


def seen_by(store: VersionStore, sample: str | int) -> Answer:
    """Which data versions hold a sample, which trainings learned from it, and which deployed models carry that on.

    A training has seen a sample if it was trained on (or adapted to) a data version that holds it, or if its weights
    started from such a training. A deployed model has seen what its training has. What was only measured on the
    sample says so.

    Parameters
    ----------
    sample
        uri, file, or ID of a sample.
    """
    ids = find_samples(store, sample)
    graph = store.graph()
    held = holding(store, ids)
    why = dict.fromkeys(held, "holds it")
    learned = {p: t for p, t in _next(graph, held, LEARNS).items()}
    why |= {p: LEARNS[t] + " it" for p, t in learned.items()}
    carried = learned
    while carried:
        carried = {p: t for p, t in _next(graph, carried, WEIGHTS).items() if p not in why}
        why |= dict.fromkeys(carried, "its weights started from a training that did")
    trainings = set(graph.positions("training").tolist())
    why |= dict.fromkeys(
        _next(graph, [p for p in why if p in trainings], {"deployed_as"}), "deployed from such a training"
    )
    measured = {p: "measured on it" for p in _next(graph, held, set(MEASURED)) if p not in why}
    return answer(
        store,
        graph,
        f"Which versions have seen the sample {sample!r}?",
        why | measured,
        samples=[int(i) for i in list(ids)[:100]],
    )


def _next(graph: Graph, positions: Iterable[int], types: Iterable[str]) -> dict[int, str]:
    """Targets of the edges of some types out of these nodes, with the type."""
    import numpy as np

    src, dst = graph.ends
    inside = np.zeros(len(graph), bool)
    inside[list(positions)] = True
    found: dict[int, str] = {}
    for t in types:
        rows = graph.edges_of_type([t])
        found |= dict.fromkeys(dst[rows[inside[src[rows]]]].tolist(), t)
    return found


def using_file(store: VersionStore, path: str) -> Answer:
    """Every version that a file or uri is part of: as a sample, as an import's source, as a checkpoint or an exported
    model."""
    graph = store.graph()
    why: dict[int, str] = {}
    wanted = {path, str(Path(path).expanduser().resolve()), path.removeprefix(f"{store.folder}/")}
    said: dict[Kind, str] = {"training": "checkpoint", "inference": "file", "data": "imported from it"}
    for kind, how in said.items():
        for p, n in zip(graph.positions(kind).tolist(), graph.of_kind(kind), strict=True):
            if file_of(n) in wanted:
                why[p] = how
    try:
        why |= dict.fromkeys(holding(store, find_samples(store, path)), "holds it as a sample")
    except UnknownName:
        if not why:
            raise UnknownName(
                f"nothing in the lab uses {path!r}: no sample, source, checkpoint or exported model is of that name"
            ) from None
    return answer(store, graph, f"What uses {path!r}?", why)


def later_seen(store: VersionStore, sample: str | int) -> Answer:
    """All versions that a sample had any influence on: everything that came of the data versions that hold it."""
    held = holding(store, find_samples(store, sample))
    graph = store.graph()
    why = dict.fromkeys(reach_of_all(graph, held, back=False).tolist(), "came of a version that holds it")
    return answer(
        store, graph, f"What did the sample {sample!r} have influence on?", why | dict.fromkeys(held, "holds it")
    )
