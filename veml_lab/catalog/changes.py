"""What a commit is made of."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput

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


def plain(value: Any) -> Any:
    """A parameter as a value that any engine takes: NumPy scalars become Python's, what has no column is refused."""
    if value is None or isinstance(value, (str, bool, int, float, dt.datetime)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        return plain(value.item())
    raise BadInput(f"a {type(value).__name__} is no parameter of the catalog; give numbers, text, bytes or times")
