"""Bad cases as the wall, the charts, the panel and pages show them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from .._html import Markup, table
from ..errors import BadInput, UnknownName, VemlError
from ..evaluation.kinds import wrong_in_words
from ..figures import cases as figures
from ..lifecycle.case_book import book_of
from ..lifecycle.case_changes import say
from ..lifecycle.case_counts import BY, CaseStatistics, Weekly
from ..lifecycle.case_pairs import CasePairs, sample_rows
from ..lifecycle.cases import Cases, case_of, cases_of
from ..sources.decoder import decode
from ..versions.case_states import STATES
from ..versions.places import Places
from ..versions.store import VersionStore
from .pictures import is_writable, jpeg_of
from .selection import Between, Condition, Has, Is, conditions

if TYPE_CHECKING:
    import numpy as np

    from ..widgets._base import Drawing

FILTERS = ("status", "function", "priority", "week", "truth", "said", "kind", "source", "version", "grading")
NUMBERS = ("frequency", "score", "cost")
MOST_VALUES = 200  # of a filter
MOST_ROWS = 100  # of the list in the panel
PAIRS_SHOWN = 40
PANEL_FILTERS = ("function", "status", "week")


class CasePictures:
    """The samples of cases as the image wall reads them, whatever versions they are in; the most pressing first."""

    def __init__(self, cases: Cases, *, writable: bool = False) -> None:
        self._cases, self._store = cases, cases.store
        self._rows = cases.table.to_pylist()
        samples = [r["sample"] for r in self._rows]
        t = sample_rows(self._store, samples).combine_chunks()
        self._places = Places(self._store.folder, "the cases", t.select(["uri", "kind", "segment", "row_no", "path"]))
        at = {s: i for i, s in enumerate(t["id"].to_pylist())}
        self._at = [at[s] for s in samples]
        self._sizes = list(zip(t["width"].to_pylist(), t["height"].to_pylist(), strict=True))
        self._where = _places_of(cases)
        self._wrong = [wrong_in_words(r["truth"], r["said"], r["kind"]) for r in self._rows]
        # an object's box bears what is wrong; a class of the whole picture stands beside what was said
        placed = [w is not None and bool(w.get("box") or w.get("near")) for w in self._where]
        self.classes = list(
            dict.fromkeys(w if p else r["truth"] for r, w, p in zip(self._rows, self._wrong, placed, strict=True))
        )
        self.numbers, self.orders = list(NUMBERS), list(NUMBERS)
        self.texts = ["uri", "description"]
        self.saves = ["test set"] if writable else []
        self.tags = writable
        self.filters = self._choices()

    def _choices(self) -> dict[str, list[str]]:
        found = {f: sorted({str(r[f]) for r in self._rows} - {""})[:MOST_VALUES] for f in FILTERS}
        found["tag"] = sorted({t for r in self._rows for t in r["tags"]})[:MOST_VALUES]
        return {f: values for f, values in found.items() if len(values) > 1 or f in ("status", "tag")}

    def __len__(self) -> int:
        return len(self._rows)

    def thumbnails(self, positions: list[int], size_px: int) -> list[bytes]:
        """JPEG bytes of each sample, none larger than it is."""
        return [self._picture(p, size_px) for p in positions]

    def _picture(self, position: int, size_px: int) -> bytes:
        at = self._at[position]
        return jpeg_of(decode(self._places(at), self._rows[position]["uri"]), size_px, enlarge=False)

    def annotations(self, positions: list[int]) -> list[dict[str, Any]]:
        """Truth and what was said; of an object its place."""
        return [self._marks(p) for p in positions]

    def _marks(self, position: int) -> dict[str, Any]:
        r, where = self._rows[position], self._where[position]
        note: dict[str, Any] = {"caption": f"{r['uri']} · {r['priority']} · {r['status']}", "boxes": []}
        note |= {"cost": r["score"], "kinds": [r["kind"] or r["fault"]]}
        box = where and (where.get("box") or where.get("near"))
        if not box:
            return note | {"label": r["truth"], "prediction": r["said"]}
        w, h = self._sizes[self._at[position]]
        x, y, bw, bh = (v / max(s, 1) for v, s in zip(box, (w, h, w, h), strict=True))
        return note | {"label": None, "boxes": [[x, y, bw, bh, self._wrong[position]]]}

    def find(self, where: Mapping[str, Any], by: str, descending: bool) -> np.ndarray:
        """Places that pass every condition, in an order."""
        import numpy as np

        kept = [i for i, r in enumerate(self._rows) if all(_passes(r, f, v) for f, v in conditions(where).items())]
        if by:
            kept.sort(key=lambda i: (-self._rows[i][by] if descending else self._rows[i][by], i))
        elif descending:
            kept.reverse()
        return np.array(kept, np.uint32)

    def spread(self, fact: str) -> tuple[list[float], list[int]]:
        """Edges and counts of the histogram of a number."""
        import numpy as np

        counts, edges = np.histogram([r[fact] for r in self._rows], bins=20)
        return edges.tolist(), counts.tolist()

    def about(self, position: int) -> dict[str, Any]:
        """Everything that is known of a case: its facts, who made it and when, its history."""
        case = case_of(self._store, self._rows[position]["id"])
        facts = {k: v for k, v in case.to_dict().items() if v not in ("", None, []) and k not in ("sample", "tags")}
        notes = [
            {
                "made": e["made"].isoformat(timespec="minutes", sep=" "),
                "text": " ".join(w for w in (f"{e['who']}:", e["what"], e["value"], e["why"]) if w),
            }
            for e in case.history[-20:]
        ]
        made = [f"{o['version'] or o['source']}: {o['said']} ({o['seen']:%Y-%m-%d})" for o in case.occurrences[-20:]]
        facts["priority because"] = case.why_priority
        said = {"facts": facts, "columns": {}, "versions": made, "tags": case.tags, "notes": notes}
        return {**said, "errors": [case.description]}

    def save(self, what: str, name: str, positions: list[int]) -> str:
        """Put the samples of the chosen cases into a test set that grows."""
        if what not in self.saves:
            raise UnknownName.of("use of chosen cases", what, self.saves)
        chosen = Cases(self._store, tuple(self._rows[p]["id"] for p in positions), self._cases.events_seen)
        made = chosen.to_test(name)
        return f"{made.name!r}: {len(made):,} samples to test on"

    def undo(self) -> str:
        """A test set that grows is taken back by the version before it."""
        raise BadInput("a test set is not taken back here: the versions before it are all there")

    def tag(self, name: str, positions: list[int], remove: bool = False) -> str:
        """Tag cases, or take the tag off."""
        chosen = Cases(self._store, tuple(self._rows[p]["id"] for p in positions), self._cases.events_seen)
        after = chosen.tag(name, remove=remove)
        for p, tags in zip(positions, after.table["tags"].to_pylist(), strict=True):
            self._rows[p]["tags"] = tags
        self.filters = self._choices()
        return f"{name!r} {'taken off' if remove else 'given to'} {len(positions):,} cases"

    def note(self, position: int, text: str) -> str:
        """Write into the history of a case."""
        if not text.strip():
            raise BadInput("a note is a text")
        case = self._rows[position]["id"]
        say(self._store, [case], "note", text.strip()[:200], why=text.strip() if len(text.strip()) > 200 else "")
        return f"noted on the case {case}"


def _passes(row: Mapping[str, Any], fact: str, asked: Condition) -> bool:
    if isinstance(asked, Has):
        return asked.text.lower() in str(row[fact]).lower()
    if isinstance(asked, Between) and not asked.of_text:
        low, high = (float(x) if x is not None else None for x in (asked.low, asked.high))
        x = float(row[fact])
        return (low is None or x >= low) and (high is None or (x < high if asked.open else x <= high))
    if isinstance(asked, Is):
        return asked.value in row["tags"] if fact == "tag" else str(row[fact]) == asked.value
    raise BadInput(f"{fact!r} of a case is not asked so")


def _places_of(cases: Cases) -> list[Any]:
    book = book_of(cases.store)
    rows = book.rows.cases["place"].take(book.places(cases.ids)).to_pylist()
    return [json.loads(text) if text else None for text in rows]


def cases_wall(found: Cases, *, height: int = 420) -> Drawing:
    """The wall of cases."""
    from ..widgets import SampleBrowser

    source = CasePictures(found, writable=is_writable(found.store))
    return SampleBrowser(source, title=f"{len(found):,} bad cases, the most pressing first", height=height)


def has_cases(store: VersionStore) -> bool:
    """Whether there are cases to look at."""
    return len(cases_of(store)) > 0


def weekly_chart(found: Weekly) -> Drawing:
    """Occurrences by week."""
    from ..widgets import Chart

    spec = figures.by_week(found.weeks, found.new, found.again, found.by_function)
    return Chart({"bad cases by week": spec}, title="Bad cases by week")


def statistics_charts(found: CaseStatistics) -> Drawing:
    """A Pareto chart for each of function, class, kind, source and status."""
    from ..widgets import Chart

    shown = {by: figures.pareto(by, found.by[by], found.n) for by in BY[:5] if found.by[by]}
    return Chart(shown, title=f"{found.n:,} bad cases")


def board(store: VersionStore, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the panel lists: the most pressing cases that pass, and what can be chosen.

    Parameters
    ----------
    asked
        ``function``, ``status``, ``week``: a value of each that is filtered; ``text``: words that occur.
    """
    odd = next((k for k in asked if k not in (*PANEL_FILTERS, "text")), None)
    if odd is not None:
        raise UnknownName.of("filter of cases", odd, (*PANEL_FILTERS, "text"))
    if any(not isinstance(v, str) for v in asked.values()):
        raise BadInput("cases are filtered by texts")
    every = cases_of(store)
    where = " AND ".join(f"{k} = '{v.replace(chr(39), chr(39) * 2)}'" for k, v in asked.items() if k != "text" and v)
    found = cases_of(store, where or None, text=asked.get("text", "")) if where or asked.get("text") else every
    t = every.table
    states = {s: 0 for s in STATES}
    for s in found.table["status"].to_pylist():
        states[s] += 1
    keys = ["id", "uri", "function", "status", "since", "priority", "frequency", "week", "description"]
    rows = found.first(MOST_ROWS).table.select([*keys, "truth", "said", "kind"]).to_pylist()
    return {
        "total": len(every),
        "found": len(found),
        "functions": sorted(set(t["function"].to_pylist())),
        "weeks": sorted(set(t["week"].to_pylist()), reverse=True)[:MOST_VALUES],
        "states": {s: n for s, n in states.items() if n},
        "rows": [{k: r[k] for k in keys} | {"wrong": wrong_in_words(r["truth"], r["said"], r["kind"])} for r in rows],
    }


def pairs_html(found: CasePairs) -> str:
    """Pairs of cases side by side: picture beside picture, without script."""
    import base64

    def tile(case: str) -> Markup:
        pictures = CasePictures(Cases(found.store, (case,)))
        try:
            data = base64.b64encode(pictures.thumbnails([0], 128)[0]).decode()
        except VemlError as e:
            return Markup(escape(str(e)[:80]))
        return Markup(f'<img alt="{escape(case, quote=True)}" src="data:image/jpeg;base64,{data}">')

    rows: list[Sequence[Any]] = [
        [tile(p.a), tile(p.b), p.reason, p.truths[0] if p.agree else f"{p.truths[0]} ≠ {p.truths[1]}", f"{p.a} {p.b}"]
        for p in found.pairs[:PAIRS_SHOWN]
    ]
    more = f"and {len(found) - PAIRS_SHOWN:,} more" if len(found) > PAIRS_SHOWN else ""
    return table(["case", "case", "why", "truth", "IDs"], rows, above=repr(found).splitlines()[0], below=more)
