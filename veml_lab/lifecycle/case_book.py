"""All bad cases of a lab as one table, a row a case with everything that is known of it; made once a change of the lab.

Priority is a formula that can be read::

    score = occurrences / mean occurrences of the open cases x weight of the function x (2 if it regressed)

high from 2, medium from 1, low below; a person may pin another.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..versions.case_states import LEVELS, OPEN, REGRESSED, CaseStates, Spoken, fold
from ..versions.cases import CaseRows, case_rows
from ..versions.graph import Graph
from ..versions.store import VersionStore

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

HIGH, MEDIUM = 2.0, 1.0  # scores from which a case has these priorities


@dataclass(frozen=True, eq=False)
class Book:
    """The cases of a lab as of one moment.

    Attributes
    ----------
    table
        One row a case, in the order of insertion: ``id``, ``sample``, ``uri``, ``function``, ``status``, ``since``,
        ``priority``, ``score``, ``pinned``, ``frequency``, ``truth``, ``said``, ``kind``, ``fault``, ``source``,
        ``version``, ``grading``, ``description``, ``tags``, ``cost``, ``first_seen``, ``last_seen``, ``week``, and the
        free columns.
    mean
        Occurrences of an open case on average, by which the score divides.
    """

    rows: CaseRows
    states: CaseStates
    table: pa.Table
    mean: float

    @functools.cached_property
    def rank(self) -> NDArray[np.int64]:
        """(n,) the place of each case in the order of pressing: priority, then score, then age."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        levels = pc.index_in(self.table["priority"], value_set=pa.array(LEVELS)).to_numpy()
        order = np.lexsort((np.arange(len(levels)), -self.table["score"].to_numpy(), levels))
        found = np.empty(len(order), np.int64)
        found[order] = np.arange(len(order))
        return found

    @functools.cached_property
    def live(self) -> NDArray[np.bool_]:
        """(n,) whether a case stands for itself: it is not merged into another."""
        import numpy as np

        return self.states.root == np.arange(len(self.states.ids))

    def places(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The rows of cases, by their IDs."""
        import numpy as np

        return np.array([self.states.position[c] for c in ids], np.int64)

    def of(self, ids: Sequence[str]) -> pa.Table:
        """The rows of some cases, in that order."""
        return self.table.take(self.places(ids))

    def at(self, case: str) -> dict[str, Any]:
        """One row as a dict."""
        return self.table.slice(self.states.position[case], 1).to_pylist()[0]


class BookShelf:
    """Keeps the last book of a lab."""

    def __init__(self, store: VersionStore) -> None:
        self._last: tuple[Graph, Book] | None = None
        self._uris: dict[int, str] = {}

    def book(self, store: VersionStore) -> Book:
        """The cases as of now."""
        rows, graph = case_rows(store), store.graph()
        if self._last is None or self._last[0] is not graph or self._last[1].rows is not rows:
            self._last = (graph, self._made(store, rows, graph))
        return self._last[1]

    def _made(self, store: VersionStore, rows: CaseRows, graph: Graph) -> Book:
        states = fold(rows, graph)
        missing = set(rows.cases["sample"].to_pylist()) - self._uris.keys()
        self._uris |= _uris_of(store, missing)
        table, mean = _table(rows, states, graph, self._uris)
        return Book(rows, states, table, mean)


def _uris_of(store: VersionStore, samples: set[int]) -> dict[int, str]:
    import pyarrow as pa

    if not samples:
        return {}
    wanted = pa.array(sorted(samples), pa.uint64())
    t = store.catalog.read("samples", ids=wanted, lo=min(samples), hi=max(samples))
    return dict(zip(t["id"].to_pylist(), t["uri"].to_pylist(), strict=True))


def book_of(store: VersionStore) -> Book:
    """The cases of a lab as of now."""
    return store.companion(BookShelf).book(store)


def score(
    frequency: NDArray[np.int64], mean: float, weights: NDArray[np.float64], regressed: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The numbers that priorities follow from, shape (n,).

    >>> import numpy as np
    >>> score(np.array([6, 1]), 2.0, np.ones(2), np.array([False, True])).tolist()
    [3.0, 1.0]
    """
    return frequency / max(mean, 1e-9) * weights * (1 + regressed)


def _table(rows: CaseRows, states: CaseStates, graph: Graph, uris: dict[int, str]) -> tuple[pa.Table, float]:
    import numpy as np
    import pyarrow as pa

    c, n = rows.cases, len(states.ids)
    is_open = np.array([s in OPEN for s in states.state], bool)
    mean = float(states.frequency[is_open].mean()) if is_open.any() else 1.0
    functions = c["function"].to_pylist()
    spoken = [states.spoken.get(i, _NOTHING) for i in states.ids]
    weights = np.array([states.weights.get(f, 1.0) for f in functions] if states.weights else 1.0)
    scores = score(states.frequency, mean, weights, np.array([s == REGRESSED for s in states.state], bool))
    levels = np.where(scores >= HIGH, LEVELS[0], np.where(scores >= MEDIUM, LEVELS[1], LEVELS[2])).tolist()
    names = {v: graph.nodes[v].name for v in states.versions}
    first, last, latest = _seen(rows, states, n)
    of_last = {k: _taken(rows.occurrences[k], latest) for k in ("said", "kind", "source", "inference", "version")}
    cost = np.zeros(n)
    np.maximum.at(cost, states.of_occurrence, rows.occurrences["cost"].to_numpy().astype(np.float64))
    described = c["description"].to_pylist()
    known = {
        "id": states.ids,
        "sample": c["sample"],
        "uri": [uris.get(i, "") for i in c["sample"].to_pylist()],
        "function": functions,
        "status": states.state,
        "since": [names.get(v, "") for v in states.since],
        "priority": [s.pinned or word for s, word in zip(spoken, levels, strict=True)],
        "score": scores,
        "pinned": np.array([bool(s.pinned) for s in spoken], bool),
        "frequency": states.frequency,
        "truth": c["truth"],
        "said": of_last["said"],
        "kind": of_last["kind"],
        "fault": c["fault"],
        "source": of_last["source"],
        "version": [names.get(i, v) for i, v in zip(of_last["inference"], of_last["version"], strict=True)],
        "grading": c["grading"],
        "description": [d if s.description is None else s.description for d, s in zip(described, spoken, strict=True)],
        "tags": pa.array([list(s.tags) for s in spoken], pa.list_(pa.string())),
        "cost": cost,
        "first_seen": first,
        "last_seen": last,
        "week": weeks_of(first),
        "merged_into": [states.ids[r] if r != i else "" for i, r in enumerate(states.root.tolist())],
    }
    texts = {**known, **_free(c["columns"].to_pylist(), known)}
    return pa.table({k: pa.array(v, pa.string()) if isinstance(v, list) else v for k, v in texts.items()}), mean


_NOTHING = Spoken()


def _free(texts: list[str | None], known: Any) -> dict[str, list[str]]:
    """Free columns, as texts; one that is called as one of ours has an underscore after it."""
    found: dict[str, list[str]] = {}
    for i, text in enumerate(texts):
        for name, value in (json.loads(text) if text else {}).items():
            called = f"{name}_" if name.lower() in known else name
            found.setdefault(called, [""] * len(texts))[i] = value
    return found


def _seen(rows: CaseRows, states: CaseStates, n: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.int64]]:
    """Of each case the first and the last day that it was seen, and the row of its last occurrence (-1: none)."""
    import numpy as np

    seen = rows.occurrences["seen"].to_numpy().astype("datetime64[us]")
    order = np.lexsort((np.arange(len(seen)), seen))
    of = states.of_occurrence
    first = np.full(n, np.datetime64("NaT", "us"))
    last, latest = first.copy(), np.full(n, -1)
    first[of[order[::-1]]] = seen[order[::-1]]  # of several the one that is written last holds
    last[of[order]], latest[of[order]] = seen[order], order
    return first, last, latest


def _taken(column: pa.ChunkedArray, at: NDArray[np.int64]) -> list[str]:
    """Texts of a column at rows; "" for the row -1."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = pa.array(at, mask=at < 0)
    return pc.fill_null(column.combine_chunks().take(rows), "").to_pylist()


def weeks_of(moments: NDArray[Any]) -> list[str]:
    """The ISO weeks of moments in UTC: ``"2026-W01"``; "" for none.

    >>> import numpy as np
    >>> weeks_of(np.array(["2025-12-29", "2027-01-03"], "datetime64[us]"))
    ['2026-W01', '2026-W53']
    """
    import numpy as np

    days, which = np.unique(moments.astype("datetime64[D]"), return_inverse=True)
    words = ["" if np.isnat(d) else "{}-W{:02}".format(*d.item().isocalendar()[:2]) for d in days]
    return [words[i] for i in which.reshape(-1).tolist()]
