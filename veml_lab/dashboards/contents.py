"""What the pages of a lab hold, in which order: the same for the dashboard and for a published folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ..embeddings.stored import stored
from ..errors import UnknownName
from ..evaluation.metric import metric_named
from ..faces.cases import has_cases
from ..faces.views import results, view
from ..lab import Lab

if TYPE_CHECKING:
    from ..widgets._base import Drawing

PARTS = {"overview": "Overview", "data": "Data", "similarity": "Similarity and drift", "models": "Models and training"}
MOST_REPORTS = 12
_KINDS = {"data": "data version", "model": "model", "training": "training", "inference": "inference version"}


@dataclass(frozen=True)
class Entry:
    """One drawing of a page.

    Attributes
    ----------
    title
        Its heading.
    make
        Gives the drawing; only called when it is shown.
    note
        A line below the heading.
    item
        What it belongs to, where the page shows one thing at a time (a data version); the end of a deep link.
    """

    title: str
    make: Callable[[], Drawing] = field(repr=False)
    note: str = ""
    item: str = ""


@dataclass(frozen=True)
class Empty:
    """What stands where nothing is yet: what is missing, and the line that makes it."""

    title: str
    what: str
    line: str


def items_of(lab: Lab, part: str) -> list[str]:
    """What a page can show one of: the data versions of the page Data; empty for the other pages."""
    return [r["name"] for r in lab.rows("data")] if part == "data" else []


def entries(lab: Lab, part: str, item: str = "") -> list[Entry | Empty]:
    """The drawings of a page; of one item where it has any (the first, unless that is known).

    Raises
    ------
    UnknownName
        There is no such page.
    """
    if part not in PARTS:
        raise UnknownName.of("page", part, PARTS)
    return _PARTS[part](lab, item)


def tiles(lab: Lab) -> list[tuple[str, str, str]]:
    """The counts on the first page: (kind, value, words)."""
    rows = lab.rows()
    counts = {kind: sum(r["kind"] == kind for r in rows) for kind in _KINDS}
    out = [(kind, f"{n:,}", _KINDS[kind] + ("" if n == 1 else "s")) for kind, n in counts.items()]
    scored = [r for r in rows if r["kind"] == "training" and r.get("metric") is not None]
    for metric in dict.fromkeys(metric_named(r["metric_name"], r["direction"]) for r in scored):  # never across metrics
        best = metric.best_of([r for r in scored if r["metric_name"] == metric.name], lambda r: r["metric"])
        if best is not None:
            out.append(("", metric.format(best["metric"]), f"best {metric.name}: {best['name']}"))
    return out


def newest(lab: Lab) -> str:
    """When the last version was made, in words."""
    made = max((str(r["created"]) for r in lab.rows()), default="")
    return f"newest version {made[:16].replace('T', ' ')}" if made else "no versions yet"


def _overview(lab: Lab, _item: str) -> list[Entry | Empty]:
    if not lab.rows():
        return [Empty("Lineage", "The lab has no versions yet. Import a first one with", "veml add LAB NAME PATH")]
    return [Entry("Lineage", lambda: view(lab, "lineage"))]


def _data(lab: Lab, item: str) -> list[Entry | Empty]:
    names = items_of(lab, "data")
    if not names:
        return [Empty("Data", "There is no data version yet. Import one with", "veml add LAB NAME PATH")]
    name = item if item in names else names[0]
    return [
        Entry(name, lambda: view(lab, "browse", {"version": name}), item=name),
        _map(lab, name),
        Entry("Statistics", lambda: view(lab, "statistics", {"version": name}), item=name),
    ]


def _map(lab: Lab, name: str) -> Entry | Empty:
    """The map of the vectors that are there: a page computes none."""
    version = lab.get(name, "data")
    if stored(version) is None:
        return Empty(
            "Map",
            "Not all of its samples have been embedded yet. Embed them by looking at the map once, in a notebook:",
            f'lab.view("map", version={name!r})',
        )

    def drawn() -> Drawing:
        from ..faces.stored_map import stored_map_of
        from ..widgets import EmbeddingMap

        return EmbeddingMap(**(stored_map_of(version) or {}))

    return Entry("Map", drawn, item=name)


def _similarity(lab: Lab, _item: str) -> list[Entry | Empty]:
    found = results(lab.store)
    out: list[Entry | Empty] = []
    if found["similarity"]:
        out.append(Entry("Similarity of the data sets", lambda: view(lab, "similarity")))
    else:
        out.append(
            Empty(
                "Similarity of the data sets",
                "No distances have been computed yet. Compute them with",
                "veml similar LAB",
            )
        )
    for r in found["drift"][:MOST_REPORTS]:
        out.append(
            Entry(f"Drift: {r['name']}", partial(view, lab, r["view"], {"number": r["number"]}), note=r["summary"])
        )
    if not found["drift"]:
        out.append(
            Empty("Drift", "No test data has been checked for drift yet. Check with", "veml drift LAB REFERENCE TEST")
        )
    return out


def _models(lab: Lab, _item: str) -> list[Entry | Empty]:
    out: list[Entry | Empty] = []
    if lab.rows("training"):
        out += [Entry("Trainings", lambda: view(lab, "runs")), Entry("Curves", lambda: view(lab, "curves"))]
    else:
        out.append(Empty("Trainings", "Nothing has been trained yet. Train with", "veml train LAB DATA"))
    models = lab.rows("model")
    if models:
        out.append(Entry("Model graph", lambda: view(lab, "models")))
    if len(models) > 1:
        out.append(
            Entry("Models side by side", lambda: view(lab, "compare", {"versions": [m["id"] for m in models[-6:]]}))
        )
    live = lab.rows("inference")
    if len(live) > 1:
        out.append(
            Entry(
                "Deployed models side by side", lambda: view(lab, "compare", {"versions": [m["id"] for m in live[-6:]]})
            )
        )
    if has_cases(lab.store):
        out += [
            Entry("Bad cases", lambda: view(lab, "cases")),
            Entry("Bad cases by week", lambda: view(lab, "cases weekly")),
            Entry("Bad cases by kind", lambda: view(lab, "cases statistics")),
        ]
    return out


_PARTS: dict[str, Callable[[Lab, str], list[Entry | Empty]]] = {
    "overview": _overview,
    "data": _data,
    "similarity": _similarity,
    "models": _models,
}
