"""What a commit is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Change:
    """One named change of a commit.

    Attributes
    ----------
    name
        A key of :data:`veml_lab.catalog.statements.WRITES`.
    params
        Parameters of the statement.
    rows
        Rows with the columns of the table: an Arrow table, or the path of an Arrow IPC file under the lab's
        ``staging/`` (see :mod:`veml_lab.catalog.staging`), which is read by memory map and left to its writer.
    """

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    rows: pa.Table | Path | None = None


def now() -> dt.datetime:
    """The time of a commit, UTC without zone, as DuckDB's TIMESTAMP keeps it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
