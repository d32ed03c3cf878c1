"""Bad cases of a lab as objects: one, or a selection of them that can be searched, counted, changed and tested."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, UnknownName
from ..evaluation.kinds import wrong_in_words
from ..storage.border import public
from ..storage.plain_json import plain
from ..versions import display
from ..versions.case_states import LABEL_ERROR
from ..versions.cases import case_rows, checked_text
from ..versions.data import DataVersion
from ..versions.predicate import matching
from ..versions.store import VersionStore
from .case_book import Book, book_of
from .case_changes import checked_level, checked_state, merge, say, weigh

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from .case_counts import CaseStatistics, Weekly
    from .case_pairs import CasePairs

SHOWN = 8  # cases that a text names
SEARCHED = ("id", "uri", "function", "truth", "said", "description", "source", "version", "tags")


@public
@dataclass(frozen=True)
class Case:
    """One fault of one sample's truth, as it stood when it was asked for.

    Attributes
    ----------
    facts
        Everything that is known of it, by name; also as attributes: ``case.truth``, ``case.status`` ...
    """

    store: VersionStore = field(repr=False)
    id: str
    facts: dict[str, Any] = field(repr=False, hash=False, compare=False)
    events_seen: int = field(default=0, repr=False, compare=False)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "facts":
            raise AttributeError(name)
        if name in self.facts:
            return self.facts[name]
        raise AttributeError(f"a case has no {name!r}; it has {', '.join(self.facts)}")

    @property
    def history(self) -> list[dict[str, Any]]:
        """What was said and done about it, in the order in which it came: number, made, who, what, value, why."""
        return [
            {k: v for k, v in e.items() if k not in ("row", "case_id")}
            for e in case_rows(self.store).events.to_pylist()
            if e["case_id"] == self.id
        ]

    @property
    def occurrences(self) -> list[dict[str, Any]]:
        """Who made it and when: inference version, source, day, what was said; with those of cases merged into it."""
        book = book_of(self.store)
        at = book.states.position[self.id]
        names = {v: self.store.graph().nodes[v].name for v in book.states.versions}
        rows = book.rows.occurrences
        found = rows.take((book.states.of_occurrence == at).nonzero()[0]).to_pylist()
        return [
            {
                "case": r["case_id"],
                "version": names.get(r["inference"], r["version"]),
                **{k: r[k] for k in ("source", "seen", "said", "kind", "cost")},
            }
            for r in found
        ]

    @property
    def why_priority(self) -> str:
        """The formula with this case's numbers."""
        book = book_of(self.store)
        f, s = self.facts, book.states
        weight = s.weights.get(f["function"], 1.0)
        doubled = " x 2 (regressed)" if f["status"] == "regressed" else ""
        said = (
            f"{f['frequency']} occurrences / {book.mean:.2f} of an open case on average x weight {weight:g}{doubled}"
            f" = {f['score']:.2f}"
        )
        return f"pinned to {f['priority']} ({said})" if f["pinned"] else f"{f['priority']}: {said}"

    def confirm(self, why: str = "", *, who: str = "") -> Case:
        """Say that it is a fault indeed."""
        return self._all().confirm(why, who=who)[0]

    def solve(self, state: str, why: str = "", *, who: str = "") -> Case:
        """Close it as ``"label error"`` or ``"will not fix"``; that it is solved follows from later versions."""
        return self._all().solve(state, why, who=who)[0]

    def reopen(self, why: str = "", *, who: str = "") -> Case:
        """Take a closed case up again."""
        return self._all().reopen(why, who=who)[0]

    def merge(self, other: Case | str, reason: str, *, who: str = "") -> Case:
        """Say that it is a duplicate of another case, whose occurrences it joins; gives that one."""
        into = other.id if isinstance(other, Case) else other
        book = _writable(self.store)
        if into not in book.states.position:
            raise UnknownName.of("case", into, book.states.ids[-50:])

        def root_of(case: str) -> str:
            return book.states.ids[int(book.states.root[book.states.position[case]])]

        merge(self.store, self.id, into, root_of, reason=checked_text("why", reason), who=who, seen=self.events_seen)
        after = book_of(self.store).states
        return case_of(self.store, after.ids[int(after.root[after.position[into]])])

    def unmerge(self, why: str = "", *, who: str = "") -> Case:
        """Take a merge back: it is a case of its own again."""
        if self.id not in (s := _writable(self.store).states.spoken) or not s[self.id].into:
            raise BadInput(f"the case {self.id} was not merged into another; there is nothing to take back")
        say(self.store, [self.id], "unmerge", why=why, who=who, seen=self.events_seen)
        return case_of(self.store, self.id)

    def pin(self, priority: str, why: str = "", *, who: str = "") -> Case:
        """Hold it at a priority whatever the formula says; ``""`` takes the pin off."""
        return self._all().pin(priority, why, who=who)[0]

    def tag(self, tag: str, *, remove: bool = False) -> Case:
        """Tag it, or take the tag off."""
        return self._all().tag(tag, remove=remove)[0]

    def describe(self, text: str) -> Case:
        """Write its description anew; the old one stays in its history."""
        _writable(self.store)
        say(self.store, [self.id], "describe", checked_text("description", text, empty=False))
        return case_of(self.store, self.id)

    def correct(self, data: DataVersion, name: str, truth: Any, *, why: str = "", who: str = "") -> DataVersion:
        """Its truth is wrong: correct it in a new annotation layer over a data version, and close it as a label error.

        Parameters
        ----------
        data
            The version whose annotations are mended; it holds the sample.
        name
            Of the corrected version.
        truth
            The class that the sample is; or annotations by kind, as :meth:`DataVersion.correct` takes them.

        Returns
        -------
        DataVersion
            The same samples with the new layer.
        """
        _writable(self.store)
        made = data.correct(name, {self._in(data): {"class": truth} if isinstance(truth, str) else truth}, note=why)
        reason = f"corrected in {made.name!r} (layer {made.facts.layer}){': ' + why if why else ''}"
        say(self.store, [self.id], "state", LABEL_ERROR, why=reason, who=who, seen=self.events_seen)
        return made

    def _in(self, data: DataVersion) -> int:
        """The sample's ID in a data version: its own, or that of one with the same bytes."""
        from .case_faults import origins

        found = [i for o, i in zip(origins(data), data.ids, strict=True) if o.sample == self.facts["sample"]]
        if not found:
            raise UnknownName(f"{data.name!r} does not hold the sample of the case {self.id} ({self.facts['uri']!r})")
        return int(found[0])

    def _all(self) -> Cases:
        return Cases(self.store, (self.id,), self.events_seen)

    def to_dict(self) -> dict[str, Any]:
        """Its facts, JSON-able."""
        return plain({k: v for k, v in self.facts.items()})

    def __repr__(self) -> str:
        f = self.facts
        since = f" {'in' if f['status'] == 'solved' else 'since'} {f['since']!r}" if f["since"] else ""
        wrong = wrong_in_words(f["truth"], f["said"], f["kind"])
        return (
            f"<case {self.id}: {wrong} in {f['uri']}, {f['function']}; {f['status']}{since},"
            f" priority {f['priority']}, seen {f['frequency']} time{'' if f['frequency'] == 1 else 's'}>"
        )


@public
@dataclass(frozen=True)
class Cases:
    """Cases of a lab, the most pressing first; :meth:`veml_lab.Lab.cases` gives them.

    Examples
    --------
    ``cases[0]``, ``cases["c-3f9a01c2b7de"]``, ``for case in cases``; ``cases.browse()`` shows their pictures,
    ``cases.weekly()`` and ``cases.statistics()`` count them.
    """

    store: VersionStore = field(repr=False)
    ids: tuple[str, ...]
    events_seen: int = field(default=0, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, key: int | str) -> Case:
        if isinstance(key, str) and key not in self.ids:
            raise UnknownName.of("case of this selection", key, self.ids)
        case = key if isinstance(key, str) else self.ids[key]
        return Case(self.store, case, self._book.at(case), self.events_seen)

    def __iter__(self) -> Iterator[Case]:
        return (self[i] for i in range(len(self)))

    def first(self, n: int) -> Cases:
        """The ``n`` most pressing of them."""
        return Cases(self.store, self.ids[:n], self.events_seen)

    @functools.cached_property
    def _book(self) -> Book:
        return book_of(self.store)

    @property
    def table(self) -> pa.Table:
        """One row a case with all that is known of it."""
        return self._book.of(self.ids)

    def to_pandas(self) -> pd.DataFrame:
        """One row a case with all that is known of it."""
        return self.table.to_pandas()

    # -- changing ----------------------------------------------------------------------------------

    def confirm(self, why: str = "", *, who: str = "") -> Cases:
        """Say that they are faults indeed."""
        return self._said("state", "confirmed", why, who)

    def solve(self, state: str, why: str = "", *, who: str = "") -> Cases:
        """Close them as ``"label error"`` or ``"will not fix"``; that a case is solved follows from later versions."""
        return self._said("state", checked_state(state), why, who)

    def reopen(self, why: str = "", *, who: str = "") -> Cases:
        """Take closed cases up again."""
        return self._said("state", "", why, who)

    def pin(self, priority: str, why: str = "", *, who: str = "") -> Cases:
        """Hold them at ``"high"``, ``"medium"`` or ``"low"`` whatever the formula says; ``""`` takes the pin off."""
        return self._said("pin", checked_level(priority), why, who)

    def tag(self, tag: str, *, remove: bool = False) -> Cases:
        """Tag them, or take the tag off."""
        return self._said("untag" if remove else "tag", checked_text("tag", tag, empty=False), "", "")

    def weigh(self, function: str, weight: float, *, why: str = "") -> Cases:
        """Give a function of the system a weight in the priority of its cases; 1 is the usual one."""
        _writable(self.store)
        weigh(self.store, function, weight, why=why)
        return self._again()

    def _said(self, what: str, value: str, why: str, who: str) -> Cases:
        _writable(self.store)
        say(self.store, self.ids, what, value, why=why, who=who, seen=self.events_seen)
        return self._again()

    def _again(self) -> Cases:
        return Cases(self.store, self.ids, len(case_rows(self.store).events))

    # -- looking -----------------------------------------------------------------------------------

    def weekly(self) -> Weekly:
        """Occurrences by ISO week (UTC), of new cases and of known ones; a week without any is a zero."""
        from .case_counts import weekly

        return weekly(self._book, self.ids)

    def statistics(self) -> CaseStatistics:
        """Shares by function, class, kind, source, status and week; a Pareto chart."""
        from .case_counts import statistics

        return statistics(self._book, self.ids)

    def browse(self, *, height: int = 420) -> display.Drawing:
        """The image wall of their samples, the most pressing first."""
        return display.drawing("cases", self, height=height)

    def duplicates(self) -> CasePairs:
        """Pairs of these cases that look like one fault of one scene, to be looked at before they are merged."""
        from .case_pairs import pairs_of

        return pairs_of(self)

    # -- going on ----------------------------------------------------------------------------------

    def find_similar(self, pool: DataVersion, n: int = 200, *, name: str | None = None) -> DataVersion:
        """The samples of a pool that are most like these cases, as a data version: what to label next.

        The nearest in the lab's embedding, each case in turn giving its next nearest; samples of the cases themselves
        and pictures that come twice are left out.
        """
        from .case_tests import find_similar

        return find_similar(self, pool, n, name=name)

    def to_test(self, name: str, *, train: str = "refuse") -> DataVersion:
        """Their samples as test data that grows: asked again with more cases it gives the next version of it.

        Parameters
        ----------
        name
            Of the first version; those after it are ``"name · 2"``, ``"name · 3"`` ...
        train
            What to do with samples that training data holds: ``"refuse"``, or ``"leave out"`` of the test data.
        """
        from .case_tests import to_test

        return to_test(self, name, train=train)

    def to_dict(self) -> dict[str, Any]:
        """What ``veml cases --json`` prints."""
        return {"n": len(self), "cases": [c.to_dict() for c in self]}

    def __repr__(self) -> str:
        if not self.ids:
            return "no bad cases here; report some: veml.bad_cases(deployed, data).report(function=...)"
        t = self.table
        states: dict[str, int] = {}
        for s in t["status"].to_pylist():
            states[s] = states.get(s, 0) + 1
        lines = [f"{len(self):,} cases: {', '.join(f'{k:,} {s}' for s, k in states.items())}"]
        for r in t.slice(0, SHOWN).to_pylist():
            lines.append(
                f"  {r['id']}  {r['priority']:<6} {r['status']:<11} {r['frequency']:>3}x  {r['function']:<16.16}"
                f" {r['uri']:<28.28} {wrong_in_words(r['truth'], r['said'], r['kind'])}"
            )
        if len(self) > SHOWN:
            lines.append(f"  and {len(self) - SHOWN:,} more")
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("cases", self)


def cases_of(store: VersionStore, where: str | None = None, *, text: str = "", like: Case | str | None = None) -> Cases:
    """See :meth:`veml_lab.Lab.cases`."""
    import numpy as np

    book = book_of(store)
    events = len(book.rows.events)
    t, position = book.table, book.states.position
    if where is None:
        chosen = book.live.nonzero()[0]
    else:
        chosen = np.array([position[str(c)] for c in _passing(t, where)], np.int64)
    if text:
        chosen = chosen[[_says(r, text) for r in t.select(SEARCHED).take(chosen).to_pylist()]]
    if like is not None:
        from .case_tests import like_case

        return Cases(store, like_case(store, book, like, chosen), events)
    order = np.argsort(book.rank[chosen])
    return Cases(store, tuple(book.states.ids[i] for i in chosen[order].tolist()), events)


def _passing(table: pa.Table, where: str) -> list[Any]:
    """IDs of the cases for which a condition holds; only the columns that it may mean are looked at."""
    said = where.lower()
    try:
        return matching(table.select([c for c in table.column_names if c == "id" or c.lower() in said]), where)
    except UnknownName:
        return matching(table, where)  # which lists all that there are


def case_of(store: VersionStore, case: str) -> Case:
    """One case by its ID, or by the beginning of it where no other begins so."""
    book = book_of(store)
    hits = [case] if case in book.states.position else [c for c in book.states.ids if c.startswith(case)]
    if len(hits) != 1 or len(case) < 3:
        raise UnknownName.of("case", case, hits or book.states.ids[-50:])
    return Case(store, hits[0], book.at(hits[0]), len(book.rows.events))


def some_cases(store: VersionStore, ids: Sequence[str]) -> Cases:
    """Cases by their IDs, in that order."""
    found = [case_of(store, c) for c in ids]
    return Cases(store, tuple(dict.fromkeys(c.id for c in found)), len(case_rows(store).events))


def _says(row: dict[str, Any], text: str) -> bool:
    words = " ".join(" ".join(v) if isinstance(v, list) else str(v) for v in row.values()).lower()
    return all(w in words for w in text.lower().split())


def _writable(store: VersionStore) -> Book:
    from .case_report import writable

    writable(store)
    return book_of(store)
