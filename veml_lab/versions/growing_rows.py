"""Rows that only ever grow, as Arrow columns: the big old part, and a small part of what came since.

A commit adds a few rows to what may be millions. Only the small part is copied then; it joins the big one when
it has grown to :data:`FOLD` rows. So an update costs what is new, and everybody who holds the rows of before
still has them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cache_files import mapped

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

FOLD = 16_384
FEW = 4
NODES_FILE, EDGES_FILE = "graph-nodes-1.arrow", "graph-edges-1.arrow"
SCANS = 32  # look-ups in a column before it gets an index: a scan of a million names takes 4 ms, the index 280 ms


class Rows:
    """An Arrow table in at most two pieces, with look-up by the value of a text column."""

    def __init__(self, base: pa.Table, tail: pa.Table | None = None, *, index: dict[str, _Index] | None = None) -> None:
        self._base = base.combine_chunks()
        self._tail = self._base.slice(0, 0) if tail is None else tail.combine_chunks()
        self._index = index if index is not None else {}

    def __len__(self) -> int:
        return len(self._base) + len(self._tail)

    def grown(self, new: pa.Table) -> Rows:
        """These rows and new ones."""
        import pyarrow as pa

        tail = pa.concat_tables([self._tail, new])
        if len(tail) > FOLD:
            return Rows(pa.concat_tables([self._base, tail]))
        return Rows(self._base, tail, index=self._index)

    @functools.cached_property
    def table(self) -> pa.Table:
        """All rows; nothing is copied."""
        import pyarrow as pa

        return pa.concat_tables([self._base, self._tail])

    def last(self) -> dict[str, Any] | None:
        """The last row."""
        return self.table.slice(len(self) - 1).to_pylist()[0] if len(self) else None

    def find(self, column: str, value: str) -> int | None:
        """Position of the row with that text; None where there is none."""
        if not isinstance(value, str):
            return None
        at = _scan(self._tail[column], value)
        return len(self._base) + at if at is not None else self._of(column).find(value)

    def note(self, column: str, value: str, at: int) -> None:
        """Remember where a row was found that will be looked for by another column next."""
        if at < len(self._base):
            self._of(column).found[value] = at

    def _of(self, column: str) -> _Index:
        if column not in self._index:
            self._index[column] = _Index(self._base[column])
        return self._index[column]

    def find_all(self, column: str, values: Collection[str]) -> dict[str, int]:
        """Positions of the rows with these texts, where there are such: one pass over the column for many."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        if len(values) <= FEW:
            found = {v: self.find(column, v) for v in values}
            return {v: at for v, at in found.items() if at is not None}
        hits = pc.is_in(self.table[column], value_set=pa.array(list(values), pa.string()))
        at = np.flatnonzero(hits.to_numpy())
        return dict(zip(self.column(column, at), at.tolist(), strict=True))

    def where(self, column: str, value: str) -> np.ndarray:
        """Positions of the rows with that text, ascending int64."""
        import numpy as np
        import pyarrow.compute as pc

        return np.flatnonzero(pc.equal(self.table[column], value).to_numpy())

    def column(self, name: str, positions: Any = None) -> list[Any]:
        """Values of a column, at positions or all."""
        return self.table[name].to_pylist() if positions is None else self.take(positions, [name])[0]

    def take(self, positions: Any, columns: Sequence[str] = ()) -> list[list[Any]]:
        """The values of columns (default: of all) at positions, a list a column."""
        import numpy as np
        import pyarrow as pa

        names = list(columns) or self._base.column_names
        at = np.asarray(positions, dtype=np.int64)
        old = at < len(self._base)
        base = self._base.select(names).take(pa.array(at[old]))
        if old.all():
            return [base[c].to_pylist() for c in names]
        tail = self._tail.select(names).take(pa.array(at[~old] - len(self._base)))
        order = np.argsort(np.concatenate([np.flatnonzero(old), np.flatnonzero(~old)]))
        both = pa.concat_tables([base, tail]).take(pa.array(order))
        return [both[c].to_pylist() for c in names]

    def numbers(self, column: str) -> np.ndarray:
        """A column of numbers as one array."""
        return self.table[column].to_numpy()


class _Index:
    """Where a value stands in a column of distinct texts: by scanning at first, by a dict when it is asked often."""

    def __init__(self, values: pa.ChunkedArray) -> None:
        self._values = values
        self._scans = 0
        self.found: dict[str, int] = {}

    def find(self, value: str) -> int | None:
        at = self.found.get(value)
        if at is not None or self._scans > SCANS:
            return at
        self._scans += 1
        if self._scans > SCANS:
            self.found = {v: i for i, v in enumerate(self._values.to_pylist())}
            return self.found.get(value)
        at = _scan(self._values, value)
        if at is not None:
            self.found[value] = at
        return at


def _scan(values: pa.ChunkedArray, value: str) -> int | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        wanted = pa.scalar(value, pa.string())
    except UnicodeEncodeError:  # a lone surrogate from a damaged argument: no name has one
        return None
    at = pc.index(values, wanted).as_py()
    return None if at < 0 else at


# -- from the catalog's answers ------------------------------------------------------------------------


def edges_of(answer: pa.Table) -> pa.Table:
    """The answer to ``graph_edges`` in the order in which the edges were made, without their JSON."""
    import numpy as np
    import pyarrow as pa

    answer = answer.combine_chunks()
    row = answer["row"].to_numpy()
    if len(row) > 1 and not (row[1:] > row[:-1]).all():  # the join's threads take turns
        answer = answer.take(pa.array(np.argsort(row, kind="stable")))
    return answer.append_column("props", pa.nulls(len(answer), pa.string()))


def nodes_of(answer: pa.Table, edges: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The answer to ``graph_nodes``, and the edges with positions in it for ends (the catalog gives row numbers)."""
    import numpy as np
    import pyarrow as pa

    nodes = answer.combine_chunks().append_column("props", pa.nulls(len(answer), pa.string()))
    row = nodes["row"].to_numpy()
    if len(row) and row[-1] != len(row) - 1:  # rows were deleted once: numbers are no positions
        for at, end in enumerate(edges.column_names):
            if end in ("src", "dst"):
                edges = edges.set_column(at, end, pa.array(np.searchsorted(row, edges[end].to_numpy()), pa.int32()))
    return nodes, edges


def kept_rows(cache: Path) -> list[Rows]:
    """Nodes and edges as an earlier process kept them; empty where it did not, or where the two do not fit."""
    nodes, edges = mapped(cache / NODES_FILE), mapped(cache / EDGES_FILE)
    if nodes is None or edges is None:
        return []
    rows = [Rows(nodes), Rows(edges)]
    ends = [rows[1].numbers(c) for c in ("src", "dst")]
    return rows if all(not len(e) or e.max() < len(nodes) for e in ends) else []


def tail_of(read: Callable[..., pa.Table], nodes: Rows, edges: Rows) -> tuple[pa.Table, pa.Table] | None:
    """What was added after the last node and the last edge, read at one moment; None where those are not there.

    The answer begins with the last rows that are known. If they are not the same, this is another catalog or one
    that was rewritten, and nothing that was read before may be kept.
    """
    import pyarrow as pa

    last_node, last_edge = nodes.last(), edges.last()
    t = read(
        "graph_tail",
        node=-1 if last_node is None else last_node["row"],
        edge=-1 if last_edge is None else last_edge["row"],
    )
    t = t.combine_chunks()
    split = int(t["is_edge"].to_numpy().sum())
    n, e = t.slice(0, len(t) - split), t.slice(len(t) - split)
    if last_node is not None:
        if not len(n) or (n["row"][0].as_py(), n["a"][0].as_py()) != (last_node["row"], last_node["id"]):
            return None
        n = n.slice(1)
    if last_edge is not None:
        ends = nodes.column("id", [last_edge["src"], last_edge["dst"]])
        if not len(e) or [e[c][0].as_py() for c in ("row", "a", "b", "c")] != [
            last_edge["row"],
            *ends,
            last_edge["type"],
        ]:
            return None
        e = e.slice(1)
    where = {value: len(nodes) + i for i, value in enumerate(n["a"].to_pylist())}
    named = [e[c].to_pylist() for c in ("a", "b")]
    where |= nodes.find_all("id", {v for side in named for v in side} - set(where))
    ends = [[where.get(v) for v in side] for side in named]
    added = pa.table(
        {
            "row": e["row"],
            "src": pa.array(ends[0], pa.int32()),
            "dst": pa.array(ends[1], pa.int32()),
            "type": e["c"],
            "props": e["props"],
        }
    )
    whole = [s is not None and d is not None for s, d in zip(*ends, strict=True)]
    return (
        pa.table(
            {
                "row": n["row"],
                "id": n["a"],
                "kind": n["b"],
                "name": n["c"],
                "created": n["created"],
                "props": n["props"],
            }
        ),
        added if all(whole) else added.filter(pa.array(whole, pa.bool_())),
    )
