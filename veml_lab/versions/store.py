"""Where versions are kept: the catalog, the folder beside it, and the graph in memory."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ..catalog import Catalog, Change
from ..catalog.catalog import now
from ..errors import BadInput, NameTaken
from ..intermediates.shelf import FOLDER
from ..provenance.keeper import Keeper
from .graph import Graph
from .node import EDGE_TYPES, PROVENANCE, VERSION_KINDS, Kind, Node

if TYPE_CHECKING:
    import pyarrow as pa
    from pyroaring import BitMap64

LONGEST = 120  # characters of a name
MANY = 64  # versions of one commit that go as a table

T = TypeVar("T")


class HoldsStore(Protocol):
    """A lab, or any version of it: what a function takes that only needs to know which lab is meant."""

    @property
    def store(self) -> VersionStore:
        """The lab's versions."""
        ...


class VersionStore:
    """Adds nodes with their edges and reads them back; every version object holds one.

    Attributes
    ----------
    folder
        The lab's folder (segments, blobs, embeddings and jobs lie in it).
    listeners
        Called as ``listener("version", node)`` after each version that this process makes.
    """

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.folder = folder
        self.catalog = catalog
        self.listeners: list[Callable[[str, Node], None]] = []
        self._cached: tuple[str, Graph] | None = None
        self._lock = threading.Lock()
        self._companions: dict[Any, Any] = {}

    @functools.cached_property
    def provenance(self) -> Keeper:
        """Keeps how this process makes the versions of this lab."""
        return Keeper(self.folder)

    def companion(self, make: Callable[[VersionStore], T]) -> T:
        """The one object that a higher room keeps for this lab (``make(store)`` when first asked for); it lives as
        long as this store does."""
        with self._lock:
            if make not in self._companions:
                self._companions[make] = make(self)
            return self._companions[make]

    def __reduce__(self) -> tuple:  # a version goes to another process as the place where it lies
        record = None if self.catalog.read_only else self.provenance.note()
        return _sent, (self.folder, self.catalog.read_only, record, os.getpid())

    def graph(self) -> Graph:
        """The graph as of now: read once, then what other commits have added; nothing where there were none."""
        with self._lock:
            revision = self.catalog.revision()
            if self._cached is None or self._cached[0] != revision:
                grown = self._cached[1].grown() if self._cached else None
                if grown is None:
                    grown = Graph.load(self.catalog.read, self.folder / FOLDER, write=not self.catalog.read_only)
                self._cached = (revision, grown)
            return self._cached[1]

    def add(
        self,
        kind: Kind,
        name: str,
        props: Mapping[str, Any],
        edges: Sequence[tuple[str, str, Mapping[str, Any]]] = (),
        *,
        changes: Sequence[Change] = (),
        node_id: str | None = None,
        record: str | None = None,
    ) -> Node:
        """Make one version, with its edges and whatever belongs to it, in one commit.

        Parameters
        ----------
        edges
            ``(src_id, type, props)`` triples that lead to the new node.
        changes
            Further changes of the same commit (ID set, samples, metrics).
        record
            How it was made (:meth:`~veml_lab.provenance.keeper.Keeper.note`), where that was noted before; default:
            what this process is now.

        Raises
        ------
        NameTaken
            The name is in use: versions are frozen.
        """
        return self.add_many([(kind, name, props, edges, changes, node_id or new_id(kind))], record)[0]

    def add_many(self, versions: Sequence[tuple], record: str | None = None) -> list[Node]:
        """Make several versions in one commit (all or none); tuples as the arguments of :meth:`add`."""
        taken, made = self.graph().by_name, []
        if record is None and not self.catalog.read_only:  # read-only, the commit says so
            record = self.provenance.note()
        nodes: list[dict[str, Any]] = []
        links: list[dict[str, Any]] = []
        others: list[Change] = []
        for kind, name, props, edges, changes, node_id in versions:
            check_name(name)
            if kind not in VERSION_KINDS:
                raise BadInput(f"{kind!r} is no kind of version; there are {', '.join(VERSION_KINDS)}")
            if name in taken:
                raise _taken(name)
            props = {k: v for k, v in props.items() if k != PROVENANCE}  # a parent's says nothing of its child
            if record is not None:
                props[PROVENANCE] = record
            node = Node(node_id, kind, name, now(), props)
            nodes.append({"id": node.id, "kind": kind, "name": name, "created": node.created, "props": dumps(props)})
            for src, edge_type, edge_props in edges:
                if edge_type not in EDGE_TYPES:
                    raise BadInput(f"{edge_type!r} is no edge type; there are {', '.join(EDGE_TYPES)}")
                links.append({"src": src, "dst": node.id, "type": edge_type, "props": dumps(edge_props)})
            others += changes
            made.append(node)
        if len(made) < MANY:
            all_changes = [*(Change("add_node", n) for n in nodes), *(Change("add_edge", e) for e in links)]
        else:  # one statement instead of thousands
            all_changes = [
                Change("add_nodes", rows=_table(nodes)),
                *([Change("add_edges", rows=_table(links))] if links else []),
            ]
        all_changes += others
        try:
            self.catalog.commit(all_changes)
        except BadInput:
            lost = [n.name for n in made if n.name in self.graph().by_name]
            if lost:  # to another process, since we looked
                raise _taken(lost[0]) from None
            raise
        for node in made:
            for listener in list(self.listeners):
                listener("version", node)
        return made

    def link(self, src: str, dst: str, edge_type: str, props: Mapping[str, Any] | None = None) -> None:
        """Add an edge between two versions unless it is there."""
        graph = self.graph()
        if any(e.dst == dst and e.type == edge_type for e in graph.out.get(src, [])):
            return
        self.catalog.commit(
            [Change("add_edge", {"src": src, "dst": dst, "type": edge_type, "props": dumps(props or {})})]
        )


@functools.cache
def _opened(folder: Path, read_only: bool) -> VersionStore:
    """The store of a lab's folder in this process; one for all versions that come from elsewhere."""
    return VersionStore(folder, Catalog(folder, read_only=read_only))


def _sent(folder: Path, read_only: bool, record: str | None, sender: int) -> VersionStore:
    """A store that came from another process: what is made with it was made by that one."""
    store = _opened(folder, read_only)
    if record is not None and sender != os.getpid():
        store.provenance.inherited = record
    return store


def sample_ids(store: VersionStore, version: str) -> BitMap64:
    """The sample IDs of a data version, by its ID."""
    from pyroaring import BitMap64

    rows = store.catalog.read("version_ids", version=version).to_pylist()
    return BitMap64.deserialize(rows[0]["ids"]) if rows else BitMap64()


def id_set(ids: Any) -> BitMap64:
    """A roaring bitmap of sample IDs; of a NumPy array three times faster than by its elements."""
    import array

    import numpy as np
    from pyroaring import BitMap64

    if isinstance(ids, np.ndarray):
        ids = array.array("Q", np.ascontiguousarray(ids, dtype=np.uint64).tobytes())
    return BitMap64(ids)


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist(rows)


def _taken(name: str) -> NameTaken:
    return NameTaken(f"there is a version {name!r} already and versions are frozen; choose another name")


def new_id(kind: str) -> str:
    """A fresh ID such as ``d-3f9a01c2b7``; its first letter tells the kind."""
    return f"{kind[0]}-{uuid.uuid4().hex[:10]}"


def check_name(name: str) -> None:
    """Names are for people: one printable line of at most 120 characters."""
    if not isinstance(name, str) or not name or name != name.strip() or len(name) > LONGEST or not name.isprintable():
        raise BadInput(f"{name!r} is no usable version name: give one printable line of 1 to {LONGEST} characters")


def fitting(name: str, *distinct: Any) -> str:
    """A name that was put together from others, cut where it would get too long; ``distinct`` keeps it apart."""
    tag = f" · {key_of(*distinct)[:6]}" if distinct else ""
    if len(name) + len(tag) <= LONGEST:
        return name + tag
    tag = tag or f" · {key_of(name)[:6]}"
    return name[: LONGEST - len(tag) - 1].rstrip() + "…" + tag


def counted(n: int, noun: str) -> str:
    """A number with its noun: ``1 epoch``, ``5 epochs``."""
    return f"{n} {noun}{'' if n == 1 else 's'}"


def dumps(value: Any) -> str:
    """JSON with sorted keys, so that equal values give equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def key_of(*parts: Any) -> str:
    """A short content key of JSON-able parts."""
    return hashlib.sha256(dumps(parts).encode()).hexdigest()[:20]
