"""Tables of a data version, kept as Arrow files that are mapped into memory when they are asked for again.

A version is frozen: its sample IDs and the annotation layer that it reads never change. So the answer to "which
samples, which boxes" is found in the catalog once, and after that is a file under the lab's ``cache/`` that opens
in a millisecond whatever the version's size and however many versions there are. The folder holds nothing that
cannot be made again: delete it at any time.

A version that was cut from one whose file is there takes its rows from that file, five to ten times faster than
out of the catalog: scattered rows of a table in memory against a scan of all of it.

A lab that is open read-only, or whose folder cannot be written, uses the files that are there and makes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..intermediates.shelf import FOLDER
from .cache_files import LARGEST_BYTES, keep, mapped
from .facts import DataFacts
from .node import Node
from .store import VersionStore, key_of, sample_ids

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from pyroaring import BitMap64

FORM = 1  # part of every name: raise it when what is kept changes its form
SMALLEST_ROWS = 1000  # below, the catalog answers as fast as a file is opened
NEAR = 100  # ancestors whose files are looked for


class HasRows(Protocol):
    """What is asked of a data version here."""

    @property
    def store(self) -> VersionStore: ...
    @property
    def id(self) -> str: ...
    @property
    def ids(self) -> BitMap64: ...
    @property
    def facts(self) -> DataFacts: ...


def kept(version: HasRows, question: str, read: Callable[[], pa.Table]) -> pa.Table:
    """Rows of a version, from the cache where they have been read before.

    Parameters
    ----------
    version
        The data version.
    question
        What is asked, as the catalog is asked; the version's ID and this determine the rows for ever.
    read
        Reads them from the catalog; called where no file serves.
    """
    store = version.store
    file = _file(store, version.id, question)
    table = mapped(file)
    if table is not None:
        return table
    table = _cut(version, question)
    if table is None:
        table = read()
    if not store.catalog.read_only and len(table) >= SMALLEST_ROWS and table.nbytes <= LARGEST_BYTES:
        keep({file: table})
    return table


def _file(store: VersionStore, version: str, question: str) -> Path:
    return store.folder / FOLDER / f"{key_of(FORM, version, question)}.arrow"


def _cut(version: HasRows, question: str) -> pa.Table | None:
    """Rows out of the file of a version that this one was cut from, if there is such a file."""
    import numpy as np

    for node in _ancestors(version):
        file = _file(version.store, node.id, question)
        if file.exists() and DataFacts.of(node).layer == version.facts.layer:
            table = mapped(file) if version.ids.issubset(sample_ids(version.store, node.id)) else None
            if table is not None:
                return rows_of(table, np.array(version.ids.to_array(), dtype=np.uint64))
    return None


def _ancestors(version: HasRows) -> Iterator[Node]:
    """The data versions that a version was made from, nearest first."""
    graph = version.store.graph()
    seen, left = {version.id}, [version.id]
    while left and len(seen) < NEAR:
        for e in graph.into[left.pop(0)]:
            if e.type == "derived_from" and e.src not in seen:
                seen.add(e.src)
                left.append(e.src)
                yield graph.nodes[e.src]


def rows_of(table: pa.Table, ids: np.ndarray) -> pa.Table:
    """The rows of a table in ID order whose ``id`` is among ``ids`` (ascending), several of one ID in their order.

    Piece by piece of the table: of a mapped file only the pages with these rows are touched.
    """
    import numpy as np
    import pyarrow as pa

    found = []
    for batch in table.to_batches():
        there = batch.column("id").to_numpy()
        some = (
            ids[np.searchsorted(ids, there[0], "left") : np.searchsorted(ids, there[-1], "right")]
            if len(there)
            else ids[:0]
        )
        first, after = np.searchsorted(there, some, "left"), np.searchsorted(there, some, "right")
        n = after - first
        at = np.repeat(first - np.cumsum(n) + n, n) + np.arange(n.sum())
        if len(at):
            found.append(batch.take(pa.array(at)))
    return pa.Table.from_batches(found, table.schema)


def in_id_order(table: pa.Table) -> pa.Table:
    """Rows by their ``id``, those of one ID in the order in which they are.

    Imports get ascending IDs and are stored one after the other, so rows come out of the catalog in this order
    unless an import overtook another: looking costs a hundredth of sorting in the query.
    """
    import numpy as np
    import pyarrow as pa

    i = table["id"].to_numpy()
    return table if (i[1:] >= i[:-1]).all() else table.take(pa.array(np.argsort(i, kind="stable")))
