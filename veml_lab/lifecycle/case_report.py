"""Reporting: bad cases of a deployed model, or what a customer saw, become cases and occurrences of the lab."""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.catalog import now
from ..errors import BadInput, ReadOnlyLab, UnknownName
from ..evaluation.kinds import wrong_in_words
from ..lineage.samples import find_samples
from ..sources.decoder import decode
from ..sources.source import Record, Source
from ..versions.case_states import LABEL_ERROR, REGRESSED, SOLVED, broken_by, descends
from ..versions.cases import NewCase, NewEvent, NewOccurrence, case_rows, checked_text, keep
from ..versions.data import DataVersion
from ..versions.imports import import_source
from ..versions.store import VersionStore, fitting, key_of
from . import case_faults as faults
from .case_book import book_of
from .case_changes import functions_of
from .case_faults import OF_CLASS, Known

if TYPE_CHECKING:
    from .badcases import BadCases
    from .cases import Case

GRADINGS = ("model", "system")
LIKE = 0.75  # how near two names of functions are that are taken for a slip of the hand
MOST_COLUMNS = 40


@dataclass(frozen=True)
class CaseReport:
    """What a report brought: how many cases were new, seen before, regressed, solved, closed.

    Attributes
    ----------
    cases
        IDs of the cases that this version has wrong, worst first.
    new, seen, regressed
        Parts of these: not known before; known; known, and solved in a version that this one descends from.
    solved
        IDs of cases that this version is the first to have right, after one that it descends from had them wrong.
    closed
        IDs of cases that closed as label errors, since the data has another truth now.
    since
        Name of the version since which the regressed ones are.
    """

    inference: str
    function: str
    cases: tuple[str, ...]
    new: tuple[str, ...]
    seen: tuple[str, ...]
    regressed: tuple[str, ...]
    solved: tuple[str, ...]
    closed: tuple[str, ...]
    since: str = ""
    said: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Counts, and the IDs behind them."""
        parts = ("cases", "new", "seen", "regressed", "solved", "closed")
        return {
            "inference": self.inference,
            "function": self.function,
            "since": self.since,
            **{f"n_{p}": len(getattr(self, p)) for p in parts},
            **{p: list(getattr(self, p)) for p in parts},
        }

    def __repr__(self) -> str:
        n = len(self.cases)
        parts = [f"{len(self.new)} new", f"{len(self.seen)} seen before"]
        if self.regressed:
            parts.append(f"{len(self.regressed)} regressed since {self.since!r}")
        lines = [f"{n} case{'' if n == 1 else 's'}: {', '.join(parts)}"]
        if self.solved:
            lines.append(f"{len(self.solved)} known cases are solved in {self.inference!r}")
        if self.closed:
            lines.append(f"{len(self.closed)} known cases closed as label errors: their truth is another now")
        return "\n".join([*lines, *self.said])


def report(
    found: BadCases,
    function: str,
    *,
    source: str = "test",
    grading: str = "model",
    new_function: bool = False,
) -> CaseReport:
    """See :meth:`~veml_lab.lifecycle.badcases.BadCases.report`."""
    store = found.data.store
    writable(store)
    function, source = check_function(store, function, new_function), checked_text("source", source, empty=False)
    if grading not in GRADINGS:
        raise UnknownName.of("grading", grading, GRADINGS)
    before = book_of(store)
    of = faults.origins(found.data)
    known, seen_at = Known(before.rows), now()
    cases: dict[str, NewCase] = {}
    occurrences: dict[str, NewOccurrence] = {}
    order: dict[str, None] = {}
    taken: set[str] = set()
    wrong = faults.faults_of(found, of, function, grading)
    for f in wrong:
        case = known.case_of(f.case, taken)
        taken.add(case)
        order[case] = None
        if case == f.case.id:
            cases[case] = f.case
        made = faults.occurrence(f, case, found, source, seen_at)
        occurrences.setdefault(made.id, made)
    changed = {
        c: now_is
        for c, now_is in faults.changed_truths(before.rows, found.data, of, function).items()
        if c not in order
    }
    samples = dict(zip(before.states.ids, before.table["sample"].to_pylist(), strict=True))
    run = faults.run_of(found, of, function, [samples[c] for c in changed])
    closing = _closing(store, found.data, changed)
    keep(store, [c for i, c in cases.items() if i not in known.ids], list(occurrences.values()), closing, run)
    return _counted(store, found, function, list(order), known.ids, [e.case_id for e in closing])


def _closing(store: VersionStore, data: DataVersion, changed: Mapping[str, str]) -> list[NewEvent]:
    """The events that close cases whose truth is another now, but for those that somebody opened again since."""
    events: dict[str, list[dict[str, Any]]] = {}
    for e in case_rows(store).events.to_pylist():
        events.setdefault(e["case_id"], []).append(e)
    made = []
    for case, truth in changed.items():
        had = events.get(case, [])
        if any(e["what"] == "state" and e["value"] == LABEL_ERROR for e in had):
            continue
        why = f"{data.name!r} (layer {data.facts.layer}) has {truth} there now"
        made.append(NewEvent(case, len(had) + 1, "state", LABEL_ERROR, why))
    return made


def _counted(
    store: VersionStore, found: BadCases, function: str, cases: list[str], before: set[str], closed: list[str]
) -> CaseReport:
    after = book_of(store)
    s, me = after.states, found.inference
    at, after_of = s.versions.index(me.id), descends(store.graph(), s.versions)
    broke = {c: broken_by(s, int(s.root[s.position[c]]), at, after_of) for c in cases}
    regressed = [c for c in cases if broke[c] >= 0]
    new = [c for c in cases if c not in before]
    since = store.graph().nodes[s.versions[max(broke[c] for c in regressed)]].name if regressed else ""
    return CaseReport(
        me.name,
        function,
        tuple(cases),
        tuple(new),
        tuple(c for c in cases if c in before and c not in regressed),
        tuple(regressed),
        tuple(c for c, state, v in zip(s.ids, s.state, s.since, strict=True) if state == SOLVED and v == me.id),
        tuple(closed),
        since,
    )


def check_function(store: VersionStore, function: str, new: bool) -> str:
    """A function of the system: a known one, or a new one whose name is not nearly that of a known one.

    Raises
    ------
    UnknownName
        It looks like a known one misspelt; ``new_function=True`` says that it is meant.
    """
    function = checked_text("function", function, empty=False)
    known = functions_of(store)
    if function not in known and not new and difflib.get_close_matches(function, known, n=1, cutoff=LIKE):
        raise UnknownName.of("function", function, known, "new_function=True (--new-function) makes it one of its own")
    return function


def writable(store: VersionStore) -> None:
    """Raise where the lab is open read-only."""
    if store.catalog.read_only:
        raise ReadOnlyLab(f"{store.folder} is open read-only; open it with veml_lab.open(path) to change its cases")


@dataclass(frozen=True)
class Sighting:
    """What somebody reports: one fault of one sample, checked."""

    sample: str | int
    said: str
    truth: str
    function: str
    source: str = "customer"
    seen: dt.datetime | None = None
    version: str = ""
    description: str = ""
    grading: str = "system"
    columns: Mapping[str, str] | None = None


def checked(
    sample: Any,
    said: Any,
    truth: Any,
    function: Any,
    *,
    source: Any = "customer",
    seen: Any = None,
    version: Any = "",
    description: Any = "",
    grading: Any = "system",
    columns: Mapping[str, Any] | None = None,
) -> Sighting:
    """A report as it is kept.

    Raises
    ------
    BadInput
        The truth is what was said, a text is too long, a day is in the future.
    """
    said, truth = checked_text("said", said, empty=False), checked_text("truth", truth, empty=False)
    if said == truth:
        raise BadInput(f"this is no bad case: what was said and the truth are both {truth!r}")
    if grading not in GRADINGS:
        raise UnknownName.of("grading", grading, GRADINGS)
    if columns is not None and len(columns) > MOST_COLUMNS:
        raise BadInput(f"a case takes at most {MOST_COLUMNS} free columns, got {len(columns)}")
    free = {checked_text("column", k, empty=False): checked_text("said", str(v)) for k, v in (columns or {}).items()}
    if not isinstance(sample, str | int) or isinstance(sample, bool) or sample == "":
        raise BadInput(
            f"a report names its sample: the uri or ID of one in the lab, or a picture's file; got {sample!r:.60}"
        )
    return Sighting(
        sample,
        said,
        truth,
        checked_text("function", function, empty=False),
        checked_text("source", source, empty=False),
        moment(seen),
        checked_text("version", version),
        checked_text("description", description),
        grading,
        free or None,
    )


def moment(seen: Any) -> dt.datetime | None:
    """A day or a time, UTC without zone; None for none.

    Raises
    ------
    BadInput
        It cannot be read, or lies in the future.

    Examples
    --------
    >>> moment("2024-11-20"), moment("2024-11-20T08:00+02:00")
    (datetime.datetime(2024, 11, 20, 0, 0), datetime.datetime(2024, 11, 20, 6, 0))
    """
    if seen is None or seen == "":
        return None
    if isinstance(seen, str):
        try:
            seen = dt.datetime.fromisoformat(seen.strip())
        except ValueError:
            raise BadInput(f"seen is a day or a time, as 2026-11-20 or 2026-11-20T08:30; got {seen!r:.60}") from None
    if isinstance(seen, dt.date) and not isinstance(seen, dt.datetime):
        seen = dt.datetime(seen.year, seen.month, seen.day)
    if not isinstance(seen, dt.datetime):
        raise BadInput(f"seen is a day or a time, as '2026-11-20'; got {seen!r:.60}")
    if seen.tzinfo is not None:
        seen = seen.astimezone(dt.UTC).replace(tzinfo=None)
    if seen > now() + dt.timedelta(minutes=5):  # clocks differ a little
        raise BadInput(f"{seen:%Y-%m-%d %H:%M} (UTC) lies in the future; nobody has seen that yet")
    return seen


def report_case(store: VersionStore, sample: Any, *, new_function: bool, **said: Any) -> Case:
    """See :meth:`veml_lab.lab.Lab.report_case`."""
    from .cases import case_of

    sighting = checked(sample, **said)
    found = report_sightings(store, [sighting], f"reported: {Path(str(sample)).name}", new_function=new_function)
    return case_of(store, found.cases[0])


def report_sightings(
    store: VersionStore,
    given: Sequence[Sighting],
    name: str,
    *,
    new_function: bool = False,
    rows: Sequence[str] = (),
) -> CaseReport:
    """Keep reports of people, all or none; pictures that the lab does not have are imported as the data version
    ``name``.

    Parameters
    ----------
    rows
        How an error names each of them, as ``"sheet.csv, row 3"``.
    """
    writable(store)
    graph = store.graph()
    files = {i: Path(str(g.sample)) for i, g in enumerate(given)}
    placed: dict[int, tuple[int, str]] = {}
    missing: dict[str, tuple[Path, str]] = {}
    for i, g in enumerate(given):
        try:
            check_function(store, g.function, new_function)
            there = _in_lab(store, g.sample, files[i])
        except BadInput as e:
            if not rows:
                raise
            raise BadInput(f"{rows[i]}: {e}. Nothing of the sheet was kept") from None
        if there is None:
            missing[str(files[i].resolve())] = (files[i], g.truth)
        else:
            placed[i] = there
    said = _import(store, name, list(missing.values())) if missing else ()
    before = book_of(store)
    cases, occurrences = {}, []
    for i, g in enumerate(given):
        sample, content = placed.get(i) or _by_bytes(store, files[i].read_bytes())  # type: ignore[misc]
        node = graph.by_name.get(g.version) or graph.nodes.get(g.version)
        inference = node.id if node is not None and node.kind == "inference" else ""
        described = g.description or wrong_in_words(g.truth, g.said)
        case = NewCase(sample, g.function, OF_CLASS, g.truth, None, described, g.grading, g.columns, content)
        cases[case.id] = case
        day = f"{g.seen:%Y-%m-%d}" if g.seen else ""
        occurrences.append(
            NewOccurrence(
                case.id,
                g.source,
                g.seen or now(),
                g.said,
                inference,
                "" if inference else g.version,
                "class",
                1.0,
                day=day,
            )
        )
    new = [c for c in cases if c not in before.states.position]
    keep(store, [cases[c] for c in new], occurrences)
    s = book_of(store).states
    regressed = [c for c in cases if s.state[int(s.root[s.position[c]])] == REGRESSED]
    since = next((s.since[int(s.root[s.position[c]])] for c in regressed), "")
    functions = ", ".join(dict.fromkeys(g.function for g in given))
    return CaseReport(
        "", functions, tuple(cases), tuple(new), tuple(c for c in cases if c not in new and c not in regressed),
        tuple(c for c in regressed if c not in new), (), (), graph.nodes[since].name if since else "", tuple(said),
    )  # fmt: skip


def _in_lab(store: VersionStore, sample: str | int, file: Path) -> tuple[int, str] | None:
    """The sample that is meant, or None where its file has yet to be imported.

    Raises
    ------
    BadInput
        It is neither in the lab nor a file that can be read as a picture, or it may be several.
    """
    try:
        found = find_samples(store, sample)
    except UnknownName:
        if isinstance(sample, int) or not file.is_file():
            raise UnknownName(
                f"{sample!r} is no sample of the lab and no file; give its uri as in version.samples, its ID, or a"
                " picture's file"
            ) from None
        image = file.read_bytes()
        decode(image, f"the picture {sample!r}")
        return _by_bytes(store, image)
    import pyarrow as pa

    ids = pa.array(list(found), pa.uint64())
    first = store.catalog.read("same_bytes", ids=ids, lo=found.min(), hi=found.max())["first"].to_pylist()
    if len(set(first)) > 1:
        raise BadInput(
            f"{len(set(first))} different samples of the lab are called {sample!r}; give the ID of the one that is"
            f" meant: {', '.join(map(str, list(found)[:5]))}"
        )
    digest = store.catalog.read("hashes", ids=ids, lo=found.min(), hi=found.max())["sha256"][0].as_py()
    return first[0], digest.hex() if digest else ""


def _by_bytes(store: VersionStore, image: bytes) -> tuple[int, str] | None:
    digest = hashlib.sha256(image).digest()
    t = store.catalog.read("sample_of_bytes", sha256=digest)
    first = t["first"][0].as_py()
    return None if first is None else (first, digest.hex())


def _import(store: VersionStore, name: str, files: Sequence[tuple[Path, str]]) -> tuple[str, ...]:
    """Pictures that people sent, as a data version with the truth that they say."""

    def records() -> Any:
        for file, truth in files:
            image = file.read_bytes()
            picture = decode(image, f"the picture {str(file)!r}")
            yield Record(file.name, image, picture.width, picture.height, label=truth, path=str(file.resolve()))

    classes = tuple(dict.fromkeys(truth for _, truth in files))
    print_ = key_of([(str(f.resolve()), f.stat().st_size, f.stat().st_mtime_ns, t) for f, t in files])
    source = Source("reported", name, "classification", classes, records, len(files), print_)
    names = [f.name for f, _ in files]
    if len(set(names)) < len(names):
        raise BadInput(f"two files of the report are called {max(names, key=names.count)!r}; rename one of them")
    called = fitting(name, print_)
    import_source(store, called, source, copy=True, progress=False)
    return (f"{len(files)} picture{'' if len(files) == 1 else 's'} came into the lab as {called!r}",)
