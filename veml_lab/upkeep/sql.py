"""``veml sql LAB "SELECT ..."``: ask the catalog in SQL, for the person at the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.snapshot import Snapshot
from ..errors import BadInput, MissingFile
from ..storage.border import public
from ..storage.plain_json import plain
from ..versions.quantified import check_size

if TYPE_CHECKING:
    import pyarrow as pa

_EXAMPLE = "SELECT name, kind FROM node"
SHOWN = 200
WIDEST = 60
MOST_BYTES = 1 << 30  # of an answer: a million samples with all their columns take 150 MB


@dataclass(frozen=True, repr=False)
class Rows:
    """The rows of a query."""

    table: pa.Table

    def to_dict(self) -> list[dict[str, Any]]:
        """JSON-able rows; bytes as hexadecimal text, times and decimals as text."""
        return [{k: plain(v) for k, v in r.items()} for r in self.table.to_pylist()]

    def __repr__(self) -> str:
        names = self.table.column_names
        cells = [[_shown(r[n]) for n in names] for r in self.table.slice(0, SHOWN).to_pylist()]
        widths = [max([len(n), *(len(row[i]) for row in cells)]) for i, n in enumerate(names)]
        lines = ["  ".join(n.ljust(w) for n, w in zip(names, widths, strict=True)).rstrip()]
        lines.append("  ".join("-" * w for w in widths))
        lines += ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
        more = self.table.num_rows - len(cells)
        return "\n".join([*lines, *([f"... and {more:,} more rows (--json gives all)"] if more else [])])


@public
def sql(lab: str | Path, query: str) -> Rows:
    """Answer one query over the tables of a lab's catalog, on a frozen copy without access to anything else.

    Raises
    ------
    MissingFile
        There is no lab.
    BadInput
        It is no query, does not parse, asks for files, settings or changes, has more than 100,000 characters or
        brackets within brackets deeper than 50, or its answer is larger than a gigabyte.
    """
    folder = Path(lab).expanduser().resolve()
    if not (folder / "catalog.duckdb").exists():
        raise MissingFile(f"there is no lab in {folder}; give the folder of one")
    check_size(query, "query", _EXAMPLE, "ask for less at once, or open a copy (veml backup) in DuckDB")
    if not query.strip():
        raise BadInput(f"give a query, e.g. {_EXAMPLE}")
    with Snapshot(folder) as snapshot:
        table = snapshot.rows(query, most_bytes=MOST_BYTES)
    return Rows(table)


def _shown(v: Any) -> str:
    text = "" if v is None else v.hex() if isinstance(v, bytes) else str(v)
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
