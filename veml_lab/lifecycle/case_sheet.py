"""Sheets of cases: what a testing team sends (CSV), with MLife's columns or those of this lab, in and out."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import BadData, BadInput, MissingFile
from ..storage.failures import in_words
from ..storage.whole import write_whole
from ..versions.store import VersionStore
from .case_report import CaseReport, checked, report_sightings
from .cases import Cases

# what a column may be called, in small letters without spaces and signs; the first is ours
COLUMNS: dict[str, tuple[str, ...]] = {
    "sample": ("sample", "path", "file", "image", "data", "originaldata", "uri", "filepath"),
    "said": ("said", "result", "recognitionresult", "prediction", "predicted"),
    "truth": ("truth", "groundtruth", "label", "expected"),
    "function": ("function", "mlsystemfunction", "systemfunction", "expression"),
    "version": ("version", "mlsystemversion", "systemversion"),
    "description": ("description", "formatteddescription"),
    "source": ("source", "reportedby", "client", "customer"),
    "seen": ("seen", "date", "day", "time"),
    "grading": ("grading", "level"),
}
NEEDED = ("sample", "said", "truth")
MOST_BYTES, MOST_ROWS = 64 << 20, 100_000


def report_sheet(
    store: VersionStore, file: str | Path, *, function: str = "", source: str = "", new_function: bool = False
) -> CaseReport:
    """Report every row of a CSV file; nothing is kept where a row cannot be used, and the row is named.

    Parameters
    ----------
    file
        With a head; columns by their names in :data:`COLUMNS`, in any order, and further ones, which are kept as they
        are. Cells are text: one that begins with ``=`` is no formula. Pictures are looked for beside the sheet.
    function, source
        Of rows that have none.
    """
    path = Path(file)
    rows = _read(path)
    given = []
    for number, row in rows:
        free = {k: v for k, v in row.items() if k not in COLUMNS and v}
        values = {k: v for k, v in row.items() if k in COLUMNS and v}
        values.setdefault("function", function)
        values.setdefault("source", source or path.name)
        sample = values.pop("sample", "")
        beside = path.parent / sample
        try:
            if not sample:
                raise BadInput("it names no sample")
            missing = [k for k in ("said", "truth", "function") if not values.get(k)]
            if missing:
                raise BadInput(f"its {missing[0]} is empty")
            sighting = checked(str(beside) if beside.is_file() else sample, columns=free, **values)
            given.append(sighting)
        except BadInput as e:
            raise BadInput(f"{path.name}, row {number}: {e}. Nothing of the sheet was kept") from None
    if not given:
        raise BadData(f"{path} has a head and no rows")
    named = [f"{path.name}, row {number}" for number, _ in rows]
    return report_sightings(store, given, f"reported: {path.name}", new_function=new_function, rows=named)


def write_sheet(cases: Cases, file: str | Path) -> Path:
    """Write cases as a CSV file that :func:`report_sheet` reads, and spreadsheets open as text."""
    out = io.StringIO()
    t = cases.table.drop_columns(["sample", "tags"]).rename_columns({"uri": "sample", "last_seen": "seen"})
    writer = csv.writer(out)
    writer.writerow(t.column_names)
    for row in t.to_pylist():
        writer.writerow([_as_text(v) for v in row.values()])
    return write_whole(Path(file), out.getvalue())


def _as_text(value: Any) -> str:
    """A cell; what a spreadsheet would take for a formula has an apostrophe before it, as it writes text itself."""
    text = "" if value is None else value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _number(text) else text


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read(path: Path) -> list[tuple[int, Mapping[str, str]]]:
    """Rows with their numbers in the sheet (the head is row 1), by our names of the columns."""
    if not path.is_file():
        raise MissingFile(f"there is no file {str(path)!r}; give the CSV file of the report")
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{path} has {path.stat().st_size:,} bytes; a sheet has at most {MOST_BYTES:,}")
    with in_words(path, "read"):
        raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise BadData(f"{path} is no text in UTF-8 ({e.reason} at byte {e.start}); save it as CSV UTF-8") from None
    csv.field_size_limit(MOST_BYTES)
    try:
        dialect = csv.Sniffer().sniff(text.partition("\n")[0], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel  # a head of one column
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), dialect))
    except csv.Error as e:
        raise BadData(f"{path} is no CSV file: {e}") from None
    if not lines:
        raise BadData(f"{path} is empty")
    names = _named(lines[0], path)
    if len(lines) > MOST_ROWS:
        raise BadInput(f"{path} has {len(lines):,} rows; send at most {MOST_ROWS:,} at once")
    rows: list[tuple[int, Mapping[str, str]]] = []
    for number, cells in enumerate(lines[1:], 2):
        if not any(c.strip() for c in cells):
            continue
        if len(cells) > len(names):
            raise BadInput(f"{path.name}, row {number}: it has {len(cells)} cells under {len(names)} columns")
        rows.append((number, {n: c.strip().removeprefix("'") for n, c in zip(names, cells, strict=False)}))
    return rows


def _named(head: list[str], path: Path) -> list[str]:
    ours = {other: name for name, others in COLUMNS.items() for other in others}
    plain = ["".join(c for c in h.lower() if c.isalnum()) for h in head]
    names = [ours.get(p, h.strip()) for p, h in zip(plain, head, strict=True)]
    for name in NEEDED:
        if names.count(name) != 1:
            what = "no column" if name not in names else "several columns"
            raise BadInput(
                f"{path.name} has {what} for {name!r} (it may be called {', '.join(COLUMNS[name])}); its columns are"
                f" {', '.join(head)}"
            )
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise BadInput(f"{path.name} has two columns for {twice!r}; leave one of them out")
    return names
