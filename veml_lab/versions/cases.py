"""Bad cases as the lab keeps them: insert-only rows of four tables, read once and then only what is new.

- A **case** (``bad_case``) is one fault of one sample's truth under one function of the system. Its ID is a digest of
  what it is, so that two processes that find the same fault make the same case. ``sample`` is the first sample of the
  lab with the same bytes, so that a picture that was imported twice has its faults once.
- An **occurrence** (``bad_occurrence``) is one inference version making the fault once, in a test, in a production log,
  or reported by somebody.
- An **event** (``bad_event``) is what somebody said or did about a case: who, when, why. Numbered within its case by
  insertion; the number is part of the key, so of two people who write at once one is told.
- A **run** (``bad_run``) says which samples an inference version was judged on, for "it was right here".

What follows from them (states, frequency, priority) is computed: :mod:`.case_states`.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalog import Change
from ..catalog.catalog import now
from ..errors import BadInput
from .store import VersionStore, dumps, key_of

if TYPE_CHECKING:
    import datetime as dt

    import pyarrow as pa
    from pyroaring import BitMap64

TABLES = ("cases", "occurrences", "case_events", "case_runs")
USER = "VEML_USER"  # who is named in events where nobody says so; default: the account
LONGEST = {
    "description": 10_000,
    "function": 80,
    "why": 2_000,
    "source": 120,
    "truth": 400,
    "said": 400,
    "tag": 60,
    "version": 120,
    "column": 80,
}


@dataclass(frozen=True)
class NewCase:
    """A case to be kept; its ID follows from what it is."""

    sample: int
    function: str
    fault: str
    truth: str
    place: Mapping[str, Any] | None = None
    description: str = ""
    grading: str = "model"
    columns: Mapping[str, str] | None = None
    content: str = ""  # digest of the sample's bytes: the same picture in another lab has the same case

    @property
    def id(self) -> str:
        where = {k: v for k, v in (self.place or {}).items() if k != "near"}
        return "c-" + key_of(self.content or self.sample, self.function, self.fault, self.truth, where)[:12]


@dataclass(frozen=True)
class NewOccurrence:
    """An occurrence to be kept. ``day`` is set where the day makes another occurrence of it (a log, a customer); a test
    that is run again another day is the same."""

    case_id: str
    source: str
    seen: dt.datetime
    said: str
    inference: str = ""
    version: str = ""
    kind: str = ""
    cost: float = 0.0
    data: str = ""
    layer: str = ""
    day: str = ""

    @property
    def id(self) -> str:
        return key_of(self.case_id, self.inference, self.version, self.source, self.day)


@dataclass(frozen=True)
class NewEvent:
    """An event to be kept, with its number within its case."""

    case_id: str
    number: int
    what: str
    value: str = ""
    why: str = ""
    who: str = ""


@dataclass(frozen=True)
class NewRun:
    """An inference version was judged on these samples, for a function of the system; ``bad`` had a fault."""

    inference: str
    function: str
    data: str
    layer: str
    ids: BitMap64
    n: int
    bad: int

    @property
    def id(self) -> str:
        return key_of(self.inference, self.function, self.data, self.layer)


@dataclass(frozen=True)
class CaseRows:
    """The four tables as of one moment, each in the order of insertion with its ``row``."""

    cases: pa.Table
    occurrences: pa.Table
    events: pa.Table
    runs: pa.Table


class CaseTables:
    """What a process holds of a lab's cases; asked again it reads what came since."""

    def __init__(self, store: VersionStore) -> None:
        # of the catalog alone: the store holds this object, and the two would never go
        self._catalog = store.catalog
        self._held: tuple[str, CaseRows] | None = None

    def rows(self) -> CaseRows:
        """All rows as of now."""
        revision = self._catalog.revision()
        if self._held is not None and self._held[0] == revision:
            return self._held[1]
        before = self._held[1] if self._held else None
        tables = [self._grown(q, getattr(before, f) if before else None) for q, f in zip(TABLES, _FIELDS, strict=True)]
        same = before is not None and all(t is getattr(before, f) for t, f in zip(tables, _FIELDS, strict=True))
        found = before if same and before is not None else CaseRows(*tables)
        self._held = (revision, found)
        return found

    def _grown(self, question: str, held: pa.Table | None) -> pa.Table:
        import pyarrow as pa

        if held is None or not len(held):
            found = self._catalog.read(question, first=0)
            return held if held is not None and not len(found) else found
        last = held.slice(len(held) - 1)
        new = self._catalog.read(question, first=last["row"][0].as_py())
        if not len(new) or new.slice(0, 1).to_pylist() != last.to_pylist():  # another catalog: a backup was put back
            return self._catalog.read(question, first=0)
        return held if len(new) == 1 else pa.concat_tables([held, new.slice(1)]).combine_chunks()


_FIELDS = ("cases", "occurrences", "events", "runs")


def case_rows(store: VersionStore) -> CaseRows:
    """The lab's cases, occurrences, events and runs as of now."""
    return store.companion(CaseTables).rows()


def keep(
    store: VersionStore,
    cases: Sequence[NewCase] = (),
    occurrences: Sequence[NewOccurrence] = (),
    events: Sequence[NewEvent] = (),
    run: NewRun | None = None,
) -> None:
    """Insert rows in one commit; cases, occurrences and runs that are there already stay as they are.

    Raises
    ------
    BadInput
        An event of that number is there: somebody else wrote at the same time.
    """
    import pyarrow as pa

    made = now()
    changes = []
    if cases:
        rows = [{**_plain(c, "content"), "id": c.id, "made": made} for c in cases]
        for r in rows:
            r["place"], r["columns"] = (dumps(dict(r[k])) if r[k] else None for k in ("place", "columns"))
        changes.append(Change("add_cases", rows=pa.Table.from_pylist(rows, _schema(*_CASE))))
    if occurrences:
        rows = [{**_plain(o, "day"), "id": o.id, "made": made} for o in occurrences]
        changes.append(Change("add_occurrences", rows=pa.Table.from_pylist(rows, _schema(*_OCCURRENCE))))
    if events:
        rows = [{**_plain(e), "who": e.who or user(), "made": made} for e in events]
        changes.append(Change("add_case_events", rows=pa.Table.from_pylist(rows, _schema(*_EVENT))))
    if run is not None:
        changes.append(Change("add_case_run", {**_plain(run), "id": run.id, "made": made, "ids": run.ids.serialize()}))
    if changes:
        store.catalog.commit(changes)


def user() -> str:
    """Who is named in events: the variable ``VEML_USER``, else the account."""
    named = os.environ.get(USER, "").strip()
    if named:
        return named[:80]
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        return "somebody"


def checked_text(what: str, value: object, *, empty: bool = True) -> str:
    """A text of a case, or the error that says what one looks like; ``what`` is a key of :data:`LONGEST`."""
    most = LONGEST[what]
    if not isinstance(value, str) or (not empty and not value.strip()):
        raise BadInput(f"the {what} is a text of {'0' if empty else '1'} to {most:,} characters; got {value!r:.60}")
    if len(value) > most:
        raise BadInput(f"the {what} has {len(value):,} characters; at most {most:,} are kept. Put the rest into a file")
    if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise BadInput(f"the {what} is no valid text: it holds a NUL or half a character")
    return value.strip()


_CASE = (
    ("id", "s"), ("sample", "u"), ("function", "s"), ("fault", "s"), ("truth", "s"), ("place", "s"),
    ("description", "s"), ("grading", "s"), ("columns", "s"), ("made", "t"),
)  # fmt: skip
_OCCURRENCE = (
    ("id", "s"), ("case_id", "s"), ("inference", "s"), ("version", "s"), ("source", "s"), ("seen", "t"),
    ("said", "s"), ("kind", "s"), ("cost", "f"), ("data", "s"), ("layer", "s"), ("made", "t"),
)  # fmt: skip
_EVENT = (
    ("case_id", "s"), ("number", "i"), ("made", "t"), ("who", "s"), ("what", "s"), ("value", "s"), ("why", "s")
)  # fmt: skip


def _schema(*columns: tuple[str, str]) -> pa.Schema:
    import pyarrow as pa

    types = {"s": pa.string(), "u": pa.uint64(), "i": pa.int32(), "f": pa.float64(), "t": pa.timestamp("us")}
    return pa.schema([(name, types[kind]) for name, kind in columns])


def _plain(value: Any, *without: str) -> dict[str, Any]:
    return {k: v for k, v in vars(value).items() if k not in without}
