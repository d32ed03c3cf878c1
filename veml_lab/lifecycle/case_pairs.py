"""Cases that may be one: the same picture encoded again, or pictures that look the same, as pairs to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import BadData, MissingFile
from ..storage.border import public
from ..versions import display
from ..versions.case_states import DUPLICATE
from ..versions.near import alike, small_grey
from ..versions.places import Places
from ..versions.store import VersionStore
from .case_faults import HIT as SAME_PLACE
from .case_faults import OF_CLASS, overlap

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from .cases import Case, Cases

SHOWN = 20


@dataclass(frozen=True)
class CasePair:
    """Two cases that may be one fault of one scene.

    Attributes
    ----------
    reason
        Why they may be: ``"the same bytes"``, ``"pictures alike: 0.993"``.
    agree
        Whether their truths are the same; where they differ one of them is wrong, and nothing merges them by itself.
    """

    a: str
    b: str
    reason: str
    agree: bool
    truths: tuple[str, str]
    uris: tuple[str, str]

    def __repr__(self) -> str:
        said = "" if self.agree else f"; their truths differ: {self.truths[0]} and {self.truths[1]}"
        return f"{self.a} ({self.uris[0]}) and {self.b} ({self.uris[1]}): {self.reason}{said}"


@public
@dataclass(frozen=True)
class CasePairs:
    """Pairs of cases to look at before they are merged; draws them side by side in a notebook."""

    store: VersionStore = field(repr=False)
    pairs: tuple[CasePair, ...]

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, at: int) -> CasePair:
        return self.pairs[at]

    def __iter__(self) -> Iterator[CasePair]:
        return iter(self.pairs)

    def merge(self, *, who: str = "") -> list[Case]:
        """Merge the pairs whose truths agree, the later case into the earlier; the reason is written with each, and
        ``case.unmerge()`` takes it back. Gives the cases that were merged into."""
        from .cases import case_of

        into: dict[str, None] = {}
        for p in self.pairs:
            if not p.agree:
                continue
            a, b = case_of(self.store, p.a), case_of(self.store, p.b)
            if (root := a.merged_into or a.id) != (b.merged_into or b.id):
                into[b.merge(root, p.reason, who=who).id] = None
        return [case_of(self.store, c) for c in into]

    def to_dict(self) -> dict[str, Any]:
        """The pairs, JSON-able."""
        keys = ("a", "b", "reason", "agree", "truths", "uris")
        return {"pairs": [{k: getattr(p, k) for k in keys} for p in self.pairs]}

    def __repr__(self) -> str:
        if not self.pairs:
            return "no two of these cases look like one"
        agree = sum(p.agree for p in self.pairs)
        lines = [f"{len(self):,} pairs that may be one case, {agree:,} with the same truth; .merge() merges these"]
        lines += [f"  {p!r}" for p in self.pairs[:SHOWN]]
        return "\n".join(lines + [f"  and {len(self) - SHOWN:,} more"] * (len(self) > SHOWN))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("case pairs", self)


def pairs_of(cases: Cases) -> CasePairs:
    """The pairs among cases of one function: same bytes, or alike from afar; for objects only at the same place of the
    picture."""
    import pyarrow as pa

    t = cases.table
    t = t.filter(pa.array([s != DUPLICATE for s in t["status"].to_pylist()], pa.bool_()))
    rows = t.select(("id", "sample", "function", "fault", "truth", "uri", "merged_into")).to_pylist()
    where = _places(cases, [r["id"] for r in rows])
    by_sample: dict[int, list[int]] = {}
    for i, r in enumerate(rows):
        by_sample.setdefault(r["sample"], []).append(i)
    found = []
    for same in by_sample.values():
        found += [(a, b, "the same bytes") for k, a in enumerate(same) for b in same[k + 1 :]]
    looks = store_looks(cases.store)
    samples, vectors = looks.of(cases.store, sorted(by_sample))
    for a, b, share in alike(vectors):
        reason = f"pictures alike: {share:.3f}"
        found += [(i, j, reason) for i in by_sample[samples[a]] for j in by_sample[samples[b]]]
    pairs = []
    for i, j, reason in found:
        a, b = rows[i], rows[j]
        if a["function"] != b["function"] or a["fault"] != b["fault"]:
            continue
        if a["fault"] != OF_CLASS and not (
            a["sample"] != b["sample"] and a["truth"] == b["truth"] and _same_place(where[a["id"]], where[b["id"]])
        ):
            continue  # two objects of one picture are two faults
        pairs.append(
            CasePair(a["id"], b["id"], reason, a["truth"] == b["truth"], (a["truth"], b["truth"]), (a["uri"], b["uri"]))
        )
    return CasePairs(cases.store, tuple(pairs))


def _places(cases: Cases, ids: Sequence[str]) -> dict[str, tuple[Any, tuple[int, int]]]:
    """Of each case where in its picture it is, and the picture's size."""
    import json

    from .case_book import book_of

    book = book_of(cases.store)
    rows = book.rows.cases.take(book.places(ids))
    samples = rows["sample"].to_pylist()
    t = sample_rows(cases.store, samples)
    sizes = dict(
        zip(t["id"].to_pylist(), zip(t["width"].to_pylist(), t["height"].to_pylist(), strict=True), strict=True)
    )
    places = [json.loads(p) if p else None for p in rows["place"].to_pylist()]
    return {c: (p, sizes.get(s, (1, 1))) for c, p, s in zip(ids, places, samples, strict=True)}


def _same_place(a: tuple[Any, tuple[int, int]], b: tuple[Any, tuple[int, int]]) -> bool:
    (pa_, size_a), (pb, size_b) = a, b
    if not pa_ or not pb:
        return pa_ == pb
    if "cell" in pa_ or "cell" in pb:
        return pa_.get("cell") == pb.get("cell")
    one, other = (
        [v / max(s, 1) for v, s in zip(p["box"], size * 2, strict=True)] for p, size in ((pa_, size_a), (pb, size_b))
    )
    return overlap(one, other) >= SAME_PLACE


def sample_rows(store: VersionStore, samples: Sequence[int]) -> pa.Table:
    """The rows of samples by their IDs, whatever version holds them."""
    import pyarrow as pa

    wanted = sorted(set(samples))
    ids = pa.array(wanted, pa.uint64())
    return store.catalog.read("samples", ids=ids, lo=wanted[0] if wanted else 0, hi=wanted[-1] if wanted else 0)


class Looks:
    """What pictures of a lab look like from afar, kept as long as the lab is open."""

    def __init__(self, _store: VersionStore) -> None:
        self._known: dict[int, np.ndarray | None] = {}

    def of(self, store: VersionStore, samples: Sequence[int]) -> tuple[list[int], np.ndarray]:
        """Those of the samples that are pictures with something in them, and their vectors (n, 64)."""
        import numpy as np

        missing = [s for s in samples if s not in self._known]
        if missing:
            t = sample_rows(store, missing).combine_chunks()
            places = Places(store.folder, "the cases", t.select(["uri", "kind", "segment", "row_no", "path"]))
            for at, (sample, kind) in enumerate(zip(t["id"].to_pylist(), t["kind"].to_pylist(), strict=True)):
                self._known[sample] = _look(places, at) if kind in ("image", "frame") else None
        there = [s for s in samples if self._known.get(s) is not None]
        vectors = [self._known[s] for s in there]
        return there, np.stack(vectors) if vectors else np.zeros((0, 64), np.float32)  # type: ignore[arg-type]


def _look(places: Places, at: int) -> np.ndarray | None:
    try:
        return small_grey(places(at))
    except (BadData, MissingFile):  # a picture that is gone looks like none; whoever opens it is told
        return None


def store_looks(store: VersionStore) -> Looks:
    """The looks that are kept for a lab."""
    return store.companion(Looks)
