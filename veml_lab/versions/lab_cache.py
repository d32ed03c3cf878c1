"""What a lab has computed once and finds again: its intermediates, and beside them what is found by key elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._html import Section, table
from ..errors import BadInput, ReadOnlyLab
from ..intermediates.functions import Reused
from ..intermediates.shelf import FOLDER, Entry, Shelf
from ..storage.border import public
from ..storage.words import duration
from .store import HoldsStore, VersionStore, counted

if TYPE_CHECKING:
    from pathlib import Path

_AGE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*")
_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
LISTED = 12  # operations, the costliest first
# folder of a lab -> what lies in it, kept as long as the versions that it belongs to
BESIDE = {
    "embeddings": "vectors, one a sample and embedder",
    "predictions": "predictions, one a sample and training",
}


def shelf_of(store: VersionStore) -> Shelf:
    """The intermediates of a lab."""
    return store.companion(_shelf)


def _shelf(store: VersionStore) -> Shelf:
    return Shelf(store.folder / FOLDER, read_only=store.catalog.read_only)


@dataclass(frozen=True)
class Beside:
    """What is found by its key in another place than the cache, and stays as long as its version.

    Attributes
    ----------
    said
        What it is.
    number
        Files, versions or results.
    bytes
        On the disk; 0 for rows of the catalog.
    """

    said: str
    number: int
    bytes: int


@public
class Cache:
    """The intermediates of a lab, as of the moment of looking.

    Attributes
    ----------
    entries
        Those under ``cache/``; the first goes first when room is needed.
    bytes, budget_bytes
        What the folder holds and may hold (``budget_gb`` under ``[cache]`` in the lab's ``lab.toml``).
    saved_s
        Seconds of computing that were not spent again, those of entries that are gone included.
    beside
        What else is found by key: embeddings, predictions, trainings, derived versions, results.

    Examples
    --------
    >>> lab.cache.bytes <= lab.cache.budget_bytes
    True
    """

    def __init__(self, store: VersionStore) -> None:
        self._shelf, self._store = shelf_of(store), store
        self.entries: list[Entry] = self._shelf.entries()
        self.bytes, self.budget_bytes = self._shelf.total_bytes(), self._shelf.budget_bytes
        self._shelf.costs.refresh()
        self.saved_s = sum(e.saved_s for e in self.entries) + self._shelf.costs.gone_saved_s
        self.beside: list[Beside] = list(_beside(store))

    def clear(self, *, older: str | float | None = None) -> Cache:
        """Remove the entries, or those that were not used for so long; what is beside them stays.

        Parameters
        ----------
        older
            ``"30d"``, ``"12h"``, ``"45m"``, ``"2w"``, or seconds.

        Returns
        -------
        Cache
            What is left.
        """
        if self._shelf.read_only:
            raise ReadOnlyLab(f"{self._store.folder} is open read-only; open it with veml_lab.open(path) to clear it")
        self._shelf.clear(None if older is None else seconds_in(older))
        return Cache(self._store)

    def by_operation(self) -> list[tuple[str, int, int, int, float]]:
        """Operation, entries, bytes, uses and seconds saved; what saved most first."""
        found: dict[str, list[Entry]] = {}
        for e in self.entries:
            found.setdefault(e.operation, []).append(e)
        rows = [
            (name, len(es), sum(e.bytes for e in es), sum(e.uses for e in es), sum(e.saved_s for e in es))
            for name, es in found.items()
        ]
        return sorted(rows, key=lambda r: (-r[4], -r[2], r[0]))

    def to_dict(self) -> dict[str, Any]:
        """What ``veml cache LAB --json`` prints."""
        operations = ("operation", "entries", "bytes", "uses", "saved_s")
        return {
            "bytes": self.bytes,
            "budget_bytes": self.budget_bytes,
            "entries": len(self.entries),
            "saved_s": self.saved_s,
            "operations": [dict(zip(operations, row, strict=True)) for row in self.by_operation()],
            "beside": [{"what": b.said, "number": b.number, "bytes": b.bytes} for b in self.beside],
        }

    def in_words(self) -> str:
        """``1.2 GB of 10 GB, 412 entries, 37 min saved``."""
        size, budget = sized(self.bytes), sized(self.budget_bytes)
        entries = f"{len(self.entries):,} {'entry' if len(self.entries) == 1 else 'entries'}"
        return f"{size} of {budget}, {entries}, {duration(self.saved_s)} saved"

    def _rows(self) -> Iterator[tuple[str, str, str, str, str]]:
        rows = self.by_operation()
        for name, n, size, uses, saved in rows[:LISTED]:
            yield name, f"{n:,}", sized(size), f"{uses:,}", duration(saved)
        if len(rows) > LISTED:
            yield f"and {counted(len(rows) - LISTED, 'operation')} more", "", "", "", ""

    def _rows_beside(self) -> list[tuple[str, str, str, str, str]]:
        return [(b.said, f"{b.number:,}", sized(b.bytes) if b.bytes else "", "", "") for b in self.beside]

    def __repr__(self) -> str:
        head = ("operation", "entries", "bytes", "uses", "saved")
        rows = [head, *self._rows()] if self.entries else []
        both = [*rows, ("found by key elsewhere, and kept", "", "", "", ""), *self._rows_beside()]
        widths = [max(len(r[i]) for r in both) for i in range(5)]
        lines = [
            "  "
            + "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(r, widths, strict=True)))
            for r in both
        ]
        return "\n".join([self.in_words(), *(line.rstrip() for line in lines)])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        beside: Sequence[Any] = [Section("found by key elsewhere, and kept"), *self._rows_beside()]
        html = table(
            ["operation", "entries", "bytes", "uses", "saved"],
            [*self._rows(), *beside],
            above=self.in_words(),
            label="Intermediates of the lab",
        )
        return {"text/plain": repr(self), "text/html": html}


def _beside(store: VersionStore) -> Iterator[Beside]:
    for folder, said in BESIDE.items():
        files = [p for p in _files(store.folder / folder) if not p.name.startswith(".")]
        if files:
            yield Beside(said, sum(p.suffix != ".done" for p in files), sum(p.stat().st_size for p in files))
    graph = store.graph()
    derived = {e.dst for node in graph.of_kind("data") for e in graph.into[node.id] if e.type == "derived_from"}
    yield Beside("derived data versions, by operation, parents and parameters", len(derived), 0)
    yield Beside("trainings, by everything that they depend on", len(list(graph.of_kind("training"))), 0)
    results = store.catalog.read("results_of_kinds").to_pylist()
    for row in results:
        yield Beside(f"results of {row['kind']}", row["n"], 0)


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()] if folder.is_dir() else []


def seconds_in(age: str | float) -> float:
    """``"30d"`` as seconds.

    >>> seconds_in("30d"), seconds_in("1.5h"), seconds_in(7)
    (2592000.0, 5400.0, 7.0)
    """
    if isinstance(age, str):
        found = _AGE.fullmatch(age)
        if found:
            return float(found[1]) * _UNIT_S[found[2]]
    elif not isinstance(age, bool) and 0 <= age < float("inf"):
        return float(age)
    raise BadInput(f"{age!r} is no length of time; write a number with s, m, h, d or w, such as 30d or 12h")


def sized(n: int) -> str:
    """Bytes for people.

    >>> sized(0), sized(1_234_000), sized(10_000_000_000)
    ('0 MB', '1.2 MB', '10 GB')
    """
    gb = n >= 10**9
    value = n / (10**9 if gb else 10**6)
    return f"{value:.{0 if value >= 10 or value == 0 else 1}f} {'GB' if gb else 'MB'}"


@public
def reuse(
    lab: HoldsStore,
    function: Callable[..., Any] | None = None,
    *,
    version: int | str = 0,
    ignore: Sequence[str] = (),
) -> Callable[..., Any]:
    """Keep what a function of yours computes: called again with the same arguments, its result is found.

    The key is the source of the function and of everything of yours that it calls, the constants that it reads, and the
    content of its arguments: numbers, text, lists, dicts, arrays, tables, tensors, versions. A result comes back as it
    was, bit for bit: arrays, Arrow tables, plain values, and lists, tuples and dicts of these. What is cheaper to
    compute than to read is not kept, and a function that turns out to be so cheap is called without a look.

    Parameters
    ----------
    lab
        Where results are kept, under its ``cache/``, within its budget.
    function
        Without one, a decorator: ``@veml.reuse(lab)``.
    version
        Raise it when the result changes and the source does not.
    ignore
        Names of arguments that do not change the result, such as ``progress``.

    Returns
    -------
    callable
        Called as the function is; ``refused`` says why nothing is kept, where that is so.

    Raises
    ------
    BadInput
        There is no source, or it gives a generator; of a call: an argument's content cannot be told.
    UnknownName
        ``ignore`` names an argument that there is not.

    Examples
    --------
    >>> def squares(n, power=2):
    ...     return [i**power for i in range(n)]
    >>> kept = veml.reuse(lab, squares, version=1)
    >>> kept(4), kept(4, power=3)
    ([0, 1, 4, 9], [0, 1, 8, 27])
    """
    if function is None:
        return lambda f: Reused(shelf_of(lab.store), f, version, ignore)
    return Reused(shelf_of(lab.store), function, version, ignore)
