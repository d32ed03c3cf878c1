"""Where each bad case stands: what people said of it, and what the lineage graph says.

A version *descends* from another where the graph leads from that one, or from its training, to it; edges of mere
measuring do not count, and two deployments of one training do not descend from each other unless one
``replaces`` the other.

- **solved in V**: V was judged on the sample and had it right, and V descends from a version that had it wrong.
- **regressed since V**: a version that descends from the fix V has it wrong, and none that descends from that one has
  it right again. An old version that is run again adds an occurrence and changes no state.

Both are computed at every look and never typed. What people say (label error, will not fix, a merge) goes before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .cases import CaseRows, case_rows
from .graph import Graph
from .node import MEASURED
from .store import VersionStore, id_set

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEW, CONFIRMED, LABEL_ERROR, DUPLICATE, WONT_FIX = "new", "confirmed", "label error", "duplicate", "will not fix"
SOLVED, REGRESSED = "solved", "regressed"
STATES = (NEW, CONFIRMED, REGRESSED, SOLVED, LABEL_ERROR, WONT_FIX, DUPLICATE)
SAID = (CONFIRMED, LABEL_ERROR, WONT_FIX)  # what a person may set; the rest follows from merges and from the graph
OPEN = (NEW, CONFIRMED, REGRESSED)
LEVELS = ("high", "medium", "low")
GATHERED = "regression test"  # the operation of test sets that bad cases are gathered in
FUNCTION = "function:"  # events about a function of the system rather than a case stand under this and its name


@dataclass(frozen=True)
class Spoken:
    """What events say of one case.

    Attributes
    ----------
    state
        A word of :data:`SAID`, or "" where nobody said one (or it was opened again).
    into
        The case that it was merged into, or "".
    pinned
        A priority that holds whatever the formula says, or "".
    """

    state: str = ""
    into: str = ""
    pinned: str = ""
    description: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class CaseStates:
    """Every case of a lab with its state, in the order of insertion: ``n`` cases.

    Attributes
    ----------
    root
        (n,) the case that each is merged into at last; itself where it is not.
    state
        A word of :data:`STATES` for each.
    since
        The inference version (ID) in which it was solved, or since which it regressed; "" for none.
    frequency
        (n,) its occurrences, those of the cases that were merged into it with it.
    of_occurrence
        (m,) the case (merged) of each occurrence.
    versions
        IDs of the inference versions that were judged or made a fault, in the order in which they were made.
    failed, passed
        (n, v) whether the case came out wrong, or was judged and came out right, in each version.
    weights
        Of functions that somebody weighed, for the priority.
    """

    ids: list[str]
    position: Mapping[str, int]
    root: NDArray[np.int64]
    state: list[str]
    since: list[str]
    frequency: NDArray[np.int64]
    of_occurrence: NDArray[np.int64]
    versions: list[str]
    failed: NDArray[np.bool_]
    passed: NDArray[np.bool_]
    spoken: Mapping[str, Spoken]
    weights: Mapping[str, float] = field(default_factory=dict)


def fold(rows: CaseRows, graph: Graph) -> CaseStates:
    """The states of all cases: O(cases + occurrences + events), and a search of the graph for each version."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    ids: list[str] = rows.cases["id"].to_pylist()
    position = {c: i for i, c in enumerate(ids)}
    spoken, weights = heard(rows.events.to_pylist())
    root = _roots(ids, position, spoken)
    n = len(ids)
    at = pc.index_in(rows.occurrences["case_id"], value_set=pa.array(ids, pa.string()))
    of = root[at.to_numpy(zero_copy_only=False).astype(np.int64)] if len(at) else np.zeros(0, np.int64)
    named = set(pc.unique(rows.occurrences["inference"]).to_pylist()) | set(rows.runs["inference"].to_pylist())
    places = {v: graph._position_of_id(v) for v in named if v}
    versions = sorted((v for v, p in places.items() if p is not None), key=lambda v: places[v] or 0)
    number = {v: i for i, v in enumerate(versions)}
    failed, tested = np.zeros((n, len(versions)), bool), np.zeros((n, len(versions)), bool)
    made_by = np.array([number.get(v, -1) for v in rows.occurrences["inference"].to_pylist()], np.int64)
    failed[of[made_by >= 0], made_by[made_by >= 0]] = True
    _mark_tested(rows, number, root, tested, np.flatnonzero(~failed.any(1)))
    passed = tested & ~failed
    state, since = _states(ids, spoken, root, failed, passed, versions, descends(graph, versions))
    return CaseStates(
        ids, position, root, state, since, np.bincount(of, minlength=n), of, versions, failed, passed, spoken, weights
    )


def heard(events: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Spoken], dict[str, float]]:
    """What events say of each case that has any, and the weights of functions; events in the order of insertion."""
    found: dict[str, dict[str, Any]] = {}
    weights: dict[str, float] = {}
    for e in events:
        if e["case_id"].startswith(FUNCTION):
            weights[e["case_id"].removeprefix(FUNCTION)] = float(e["value"])
            continue
        said = found.setdefault(e["case_id"], {})
        what, value = e["what"], e["value"]
        if what == "state":
            said["state"] = value
        elif what == "merge":
            said["into"] = value
        elif what == "unmerge":
            said["into"] = ""
        elif what == "pin":
            said["pinned"] = value
        elif what == "describe":
            said["description"] = value
        elif what == "tag":
            said["tags"] = tuple(dict.fromkeys([*said.get("tags", ()), value]))
        elif what == "untag":
            said["tags"] = tuple(t for t in said.get("tags", ()) if t != value)
    return {c: Spoken(**said) for c, said in found.items()}, weights


def descends(graph: Graph, versions: Sequence[str]) -> NDArray[np.bool_]:
    """(v, v): whether the second inference version descends from the first."""
    import numpy as np

    at = np.array([graph.position(v) for v in versions], np.int64)
    trained = [_trainings(graph, v) for v in versions]
    found = np.zeros((len(versions), len(versions)), bool)
    for i, v in enumerate(versions):
        direct = graph.reached(graph.position(v), back=False, without=MEASURED)
        found[i] = np.isin(at, direct)
        for t in trained[i]:
            further = np.isin(at, graph.reached(graph.position(t), back=False, without=MEASURED))
            found[i] |= further & np.array([t not in other for other in trained], bool)
        found[i, i] = False
    return found


def verdict(failed: Sequence[int], passed: Sequence[int], after: NDArray[np.bool_]) -> tuple[str, int]:
    """What versions that had a case wrong and right make of it: ``("solved", in)``, ``("regressed", since)`` or
    ``("", -1)``; numbers of versions in the order in which they were made.

    >>> import numpy as np
    >>> after = np.triu(np.ones((3, 3), bool), 1)                # each version descends from those before
    >>> verdict([0], [1], after), verdict([0, 2], [1], after), verdict([1], [0], after)
    (('solved', 1), ('regressed', 1), ('', -1))
    """
    fixes = [p for p in passed if not failed or any(after[f, p] for f in failed)]
    if not fixes:
        return "", -1
    again = [f for f in failed if any(after[p, f] for p in fixes) and not any(after[f, p] for p in fixes)]
    if again:
        return REGRESSED, max(p for p in fixes if any(after[p, f] for f in again))
    return SOLVED, min(p for p in fixes if not any(after[p, f] for f in failed))


def _trainings(graph: Graph, version: str) -> set[str]:
    return {e.src for e in graph.into[version] if e.type == "deployed_as"}


def _roots(ids: list[str], position: Mapping[str, int], spoken: Mapping[str, Spoken]) -> NDArray[np.int64]:
    import numpy as np

    root = np.arange(len(ids))
    for case, said in spoken.items():
        at, seen = case, {case}
        while (into := spoken.get(at, Spoken()).into) and into in position and into not in seen:
            seen.add(into)
            at = into
        if said.into and case in position:
            root[position[case]] = position[at]
    return root


def _mark_tested(
    rows: CaseRows,
    number: Mapping[str, int],
    root: NDArray[np.int64],
    tested: NDArray[np.bool_],
    unplaced: NDArray[np.int64],
) -> None:
    """Which cases each version was judged on. A case that no known version made counts as judged only by runs that
    came after it: those before did not know of it."""
    import numpy as np
    from pyroaring import BitMap64

    if not len(rows.runs):
        return
    samples = rows.cases["sample"].to_numpy()
    functions = rows.cases["function"].to_numpy(zero_copy_only=False)
    made = rows.cases["made"].to_numpy()
    of_function = {f: np.flatnonzero(functions == f) for f in set(rows.runs["function"].to_pylist())}
    for r in rows.runs.to_pylist():
        v, mine = number.get(r["inference"]), of_function[r["function"]]
        if v is None or not len(mine):
            continue
        there = BitMap64.deserialize(r["ids"]) & id_set(np.unique(samples[mine]))
        hit = mine[np.isin(samples[mine], np.array(there.to_array(), np.uint64))]
        late = np.datetime64(r["made"]) >= made[hit]
        hit = hit[late | ~np.isin(root[hit], unplaced)]
        tested[root[hit], v] = True


def _states(
    ids: list[str],
    spoken: Mapping[str, Spoken],
    root: NDArray[np.int64],
    failed: NDArray[np.bool_],
    passed: NDArray[np.bool_],
    versions: list[str],
    after: NDArray[np.bool_],
) -> tuple[list[str], list[str]]:
    import numpy as np

    state, since = [NEW] * len(ids), [""] * len(ids)
    if len(ids) and versions:  # many cases share what came of them: each pattern is judged once
        packed = np.packbits(np.concatenate([failed, passed], 1), axis=1)
        _, first, which = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        told = [verdict(np.flatnonzero(failed[i]).tolist(), np.flatnonzero(passed[i]).tolist(), after) for i in first]
        for i, k in enumerate(which.reshape(-1).tolist()):
            word, v = told[k]
            if word:
                state[i], since[i] = word, versions[v]
    for i, case in enumerate(ids):
        said = spoken.get(case)
        if said is None:
            continue
        if said.into and root[i] != i:
            state[i], since[i] = DUPLICATE, ""
        elif said.state in (LABEL_ERROR, WONT_FIX):
            state[i], since[i] = said.state, ""
        elif said.state and state[i] == NEW:
            state[i] = said.state
    return state, since


@dataclass(frozen=True)
class KnownCases:
    """What became of the known cases in one inference version.

    Attributes
    ----------
    passed, failing, regressed
        IDs of cases that it was judged on: right; wrong; wrong, and solved in a version that it descends from.
    unjudged
        Open cases that it was not judged on.
    base, regression
        For each data version that it was judged on: samples, and those of them without a fault. Test sets that bad
        cases were gathered in stand apart: they hold what was hard, and one number over both would say nothing.
    """

    inference: str
    passed: tuple[str, ...]
    failing: tuple[str, ...]
    regressed: tuple[str, ...]
    unjudged: tuple[str, ...]
    base: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    regression: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            k: (dict(v) if isinstance(v, Mapping) else v if isinstance(v, str) else list(v))
            for k, v in vars(self).items()
        }

    def __repr__(self) -> str:
        lines = [
            f"{self.inference}: of the known cases {len(self.passed):,} passed, {len(self.failing):,} still failing,"
            f" {len(self.regressed):,} regressed, {len(self.unjudged):,} not judged"
        ]
        for what, sets in (("test set", self.base), ("regression set", self.regression)):
            lines += [
                f"  {what} {name!r}: {right:,} of {n:,} without a fault ({right / max(n, 1):.1%})"
                for name, (n, right) in sets.items()
            ]
        if self.unjudged:
            lines.append(
                "  judge it: veml.bad_cases(deployed, data).report(function=...), data as cases.to_test(...) gives"
            )
        return "\n".join(lines)


def known_cases(store: VersionStore, inference: str) -> KnownCases:
    """What became of the known cases in an inference version (ID), from what was reported of it."""
    rows, graph = case_rows(store), store.graph()
    s = fold(rows, graph)
    at = s.versions.index(inference) if inference in s.versions else -1
    after = descends(graph, s.versions)
    roots = [i for i, state in enumerate(s.state) if state != DUPLICATE]
    closed = (LABEL_ERROR, WONT_FIX)
    passed: list[str] = []
    failing: list[str] = []
    regressed: list[str] = []
    unjudged: list[str] = []
    for i in roots:
        if at >= 0 and s.failed[i, at]:
            (regressed if broken_by(s, i, at, after) >= 0 else failing).append(s.ids[i])
        elif at >= 0 and s.passed[i, at]:
            passed.append(s.ids[i])
        elif s.state[i] not in closed:
            unjudged.append(s.ids[i])
    sets: tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]] = ({}, {})
    for r in rows.runs.to_pylist():
        if r["inference"] == inference and r["data"] in graph.nodes:
            gathered = any(e.props.get("operation") == GATHERED for e in graph.into[r["data"]])
            sets[gathered][graph.nodes[r["data"]].name] = (r["n"], r["n"] - r["bad"])
    name = graph.nodes[inference].name
    return KnownCases(name, tuple(passed), tuple(failing), tuple(regressed), tuple(unjudged), *sets)


def broken_by(states: CaseStates, case: int, version: int, after: NDArray[np.bool_]) -> int:
    """The fix that a version broke (its number): it has the case wrong, and the last before it in its line had solved
    it; -1 where it is none of the kind, or was broken before."""
    failed, passed = _where(states.failed[case]), _where(states.passed[case])
    if version not in failed:
        return -1
    fixes = [p for p in passed if after[p, version] and any(after[f, p] for f in failed)]
    return max((p for p in fixes if not any(after[p, f] and after[f, version] for f in failed)), default=-1)


def _where(row: NDArray[np.bool_]) -> list[int]:
    return row.nonzero()[0].tolist()
