"""From cases to data: test sets that grow, and samples that are like them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..embeddings.choice import embedder_of
from ..embeddings.vectors import embed
from ..errors import BadInput, UnknownName, warn
from ..lineage import version_of
from ..lineage.samples import LEARNS, holding
from ..versions import operations
from ..versions.case_states import DUPLICATE, GATHERED, LABEL_ERROR
from ..versions.data import DataVersion
from ..versions.samples import id_array
from ..versions.store import VersionStore, fitting, id_set
from .case_book import Book, book_of
from .case_faults import origins

if TYPE_CHECKING:
    import numpy as np
    from pyroaring import BitMap64

    from .cases import Case, Cases

TRAIN = ("refuse", "leave out", "take out")
MOST_ASKED = 2_000  # cases whose neighbours are looked for, the most pressing


def to_test(cases: Cases, name: str, *, train: str) -> DataVersion:
    """See :meth:`veml_lab.lifecycle.cases.Cases.to_test`."""
    if train not in TRAIN:
        raise UnknownName.of("answer to train=", train, TRAIN)
    store, book = cases.store, book_of(cases.store)
    s = book.states
    wrong = {
        sample for sample, state in zip(book.table["sample"].to_pylist(), s.state, strict=True) if state == LABEL_ERROR
    }
    mine = [s.position[c] for c in cases.ids if s.state[s.position[c]] not in (LABEL_ERROR, DUPLICATE)]
    before = latest(store, name)
    parts = _homes(store, book, [i for i in mine if book.table["sample"][i].as_py() not in wrong], wrong)
    if before is not None:
        stay = before.ids - id_set(_copies(before, wrong))
        parts = [(before, stay), *((v, ids - stay) for v, ids in parts)]
    parts = [(v, ids) for v, ids in parts if ids]
    if not parts:
        raise BadInput(
            "none of these cases has a sample for a test set: duplicates, and those whose truth was wrong, stay out"
        )
    parts = _unseen(store, parts, name, train)
    ids = id_set([])
    for _, more in parts:
        ids |= more
    if before is not None and ids == before.ids:
        return before
    called = name if before is None else _next_name(store, name)
    return operations.gathered(parts, called, operation=GATHERED, role="test", details={"grows": name})


def latest(store: VersionStore, name: str) -> DataVersion | None:
    """The last version of a test set that grows; None where there is none of that name.

    Raises
    ------
    BadInput
        Something else has the name.
    """
    graph, last = store.graph(), None
    for called in _names(name):
        node = graph.by_name.get(called)
        if node is None:
            return last
        if not any(e.props.get("operation") == GATHERED for e in graph.into[node.id]):
            raise BadInput(
                f"{called!r} is a version already, and none that bad cases were gathered in; choose another name"
            )
        last = DataVersion(store, node)
    return last


def _names(name: str) -> Iterable[str]:
    yield name
    number = 2
    while True:
        yield fitting(f"{name} · {number}")
        number += 1


def _next_name(store: VersionStore, name: str) -> str:
    taken = store.graph().by_name
    return next(n for n in _names(name) if n not in taken)


def _homes(
    store: VersionStore, book: Book, cases: Sequence[int], wrong: set[int]
) -> list[tuple[DataVersion, BitMap64]]:
    """Where the samples of cases are read: the version on which a case occurred last, else one that has it."""
    graph = store.graph()
    on: dict[int, str] = {}
    for of, data in zip(book.states.of_occurrence.tolist(), book.rows.occurrences["data"].to_pylist(), strict=True):
        if data and data in graph.nodes:
            on[of] = data
    samples = book.table["sample"].to_pylist()
    wanted: dict[str, set[int]] = {}
    for i in dict.fromkeys(cases):
        home = on.get(i) or _any_home(store, samples[i])
        wanted.setdefault(home, set()).add(samples[i])
    parts: list[tuple[DataVersion, BitMap64]] = []
    taken: set[int] = set()
    for home, firsts in wanted.items():
        version = version_of(store, graph.nodes[home])
        assert isinstance(version, DataVersion)
        ids = _copies(version, firsts - taken)
        taken |= firsts
        parts.append((version, id_set(ids)))
    return parts


def _any_home(store: VersionStore, sample: int) -> str:
    graph = store.graph()
    found = holding(store, id_set([sample]))
    if not found:
        raise UnknownName(f"no data version of the lab holds the sample {sample} of a case")
    return graph.ids_at([min(found)])[0]


def _copies(version: DataVersion, firsts: set[int]) -> list[int]:
    """IDs in a version of the samples whose first one with the same bytes is among these, each once."""
    found: dict[int, int] = {}
    for o, i in zip(origins(version), version.ids, strict=True):
        if o.sample in firsts:
            found.setdefault(o.sample, int(i))
    return list(found.values())


def _unseen(
    store: VersionStore, parts: list[tuple[DataVersion, BitMap64]], name: str, train: str
) -> list[tuple[DataVersion, BitMap64]]:
    """The parts as they may be tested on: what a training learned from is refused, or left out."""
    graph = store.graph()
    ids = id_set([])
    for _, more in parts:
        ids |= more
    learned = [graph.node(p) for p in sorted(holding(store, ids))]
    learned = [n for n in learned if any(e.type in LEARNS for e in graph.out[n.id])]
    if not learned:
        return parts
    versions = [DataVersion(store, n) for n in learned]
    seen = id_set([])
    for v in versions:
        seen |= v.ids & ids
    names = ", ".join(repr(v.name) for v in versions[:4]) + (" ..." if len(versions) > 4 else "")
    if train == "refuse":
        raise BadInput(
            f"{len(seen):,} of {len(ids):,} samples for {name!r} are in data that a training learned from ({names}); a"
            " test on them would flatter it. train='leave out' leaves them out of the test set, train='take out' makes"
            " versions of the training data without them"
        )
    if train == "take out":
        for v in versions:
            rest = v.ids - ids
            if rest:
                at = [p for p, i in enumerate(v.ids) if i in rest]
                operations.select(
                    v,
                    fitting(f"{v.name}, without {name}", v.id, operations.digest(rest)),
                    at,
                    operation="without test samples",
                )
        return parts
    warn(f"{len(seen):,} of {len(ids):,} samples were left out of {name!r}: a training learned from them ({names})")
    kept = [(v, more - seen) for v, more in parts if more - seen]
    if not kept:
        raise BadInput(f"a training learned from all samples for {name!r} ({names}); nothing is left to test on")
    return kept


def find_similar(cases: Cases, pool: DataVersion, n: int, *, name: str | None) -> DataVersion:
    """See :meth:`veml_lab.lifecycle.cases.Cases.find_similar`."""
    import numpy as np

    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise BadInput(f"n is the number of samples to find, at least 1; got {n!r}")
    if not len(cases):
        raise BadInput("there are no cases here whose like could be found")
    asked = cases.ids[:MOST_ASKED]
    book = book_of(cases.store)
    at = [book.states.position[c] for c in asked]
    vectors, _ = vectors_of(cases.store, book, at, pool)
    of = [o.sample for o in origins(pool)]
    known = set(book.table["sample"].take(at).to_pylist())
    there: dict[int, int] = {}
    for p, o in enumerate(of):
        if o not in known:
            there.setdefault(o, p)  # of pictures that come twice the first
    places = np.array(sorted(there.values()), np.int64)
    if not len(places):
        raise BadInput(f"{pool.name!r} holds nothing but the samples of these cases")
    candidates = embed(pool, embedder_of(pool), progress=False)[places]
    chosen = places[nearest_in_turn(vectors, candidates, min(n, len(places)))]
    called = name or fitting(f"{pool.name} like {len(cases)} cases", list(asked), n)
    return operations.select(pool, called, chosen, operation="like bad cases", details={"cases": len(asked), "n": n})


def nearest_in_turn(cases: np.ndarray, pool: np.ndarray, n: int) -> list[int]:
    """Positions of ``n`` pool vectors: each case in turn gives its next nearest that was not given yet.

    O(c p d) time and c n numbers of memory for c cases and a pool of p; equal distances by position.

    >>> import numpy as np
    >>> nearest_in_turn(np.array([[0.0], [10.0]]), np.array([[9.0], [1.0], [2.0], [5.0]]), 3)
    [1, 0, 2]
    """
    import numpy as np

    orders = []
    for case in cases:
        far = ((pool - case) ** 2).sum(1)
        near = np.argpartition(far, n - 1)[:n] if n < len(far) else np.arange(len(far))
        orders.append(near[np.lexsort((near, far[near]))])
    found: dict[int, None] = {}
    left = [iter(order.tolist()) for order in orders]
    while left and len(found) < n:
        going = []
        for order in left:
            if len(found) == n:
                break
            new = next((p for p in order if p not in found), None)
            if new is not None:
                found[new] = None
                going.append(order)
        left = going
    return list(found)


def vectors_of(
    store: VersionStore, book: Book, cases: Sequence[int], like: DataVersion | None = None
) -> tuple[np.ndarray, list[int]]:
    """Vectors of the samples of cases, in their order without those that have none; and which these are."""
    import numpy as np

    found: dict[int, np.ndarray] = {}
    embedder = embedder_of(like) if like is not None else None
    for version, ids in _homes(store, book, cases, set()):
        vectors = embed(version, embedder or embedder_of(version), progress=False)
        firsts = [o.sample for o in origins(version)]
        at = np.searchsorted(id_array(version), np.array(ids.to_array(), np.uint64))
        found |= {firsts[p]: vectors[p] for p in at.tolist()}
    samples = book.table["sample"].take(list(cases)).to_pylist()
    there = [(c, s) for c, s in zip(cases, samples, strict=True) if s in found]
    return np.stack([found[s] for _, s in there]), [c for c, _ in there]


def like_case(store: VersionStore, book: Book, like: Case | str, chosen: np.ndarray) -> tuple[str, ...]:
    """IDs of the chosen cases, those whose samples are most like one case's first; itself is left out."""
    import numpy as np

    case = like if isinstance(like, str) else like.id
    if case not in book.states.position:
        raise UnknownName.of("case", case, book.states.ids[-50:])
    me = book.states.position[case]
    others = [i for i in chosen.tolist() if i != me]
    if not others:
        return ()
    vectors, there = vectors_of(store, book, [me, *others])
    if there[0] != me:
        raise BadInput(f"the sample of the case {case} has no vector")
    far = ((vectors[1:] - vectors[0]) ** 2).sum(1)
    order = np.lexsort((np.arange(len(far)), far))
    return tuple(book.states.ids[there[1:][i]] for i in order.tolist())
