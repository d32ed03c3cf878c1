"""Where the bytes of a version's samples lie: small enough to be sent to the worker processes of a DataLoader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalog.segments import open_segment
from ..errors import BadInput, MissingFile

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Places:
    """Segment and row, or path, of each sample of a version, in ID order.

    Attributes
    ----------
    folder
        The lab's folder.
    name
        Of the version, for errors.
    table
        Columns ``uri``, ``kind``, ``segment``, ``row_no``, ``path``.
    """

    folder: Path
    name: str
    table: pa.Table

    def __call__(self, position: int) -> bytes:
        """The encoded image at a position."""
        segment, path = self.table["segment"][position].as_py(), self.table["path"][position].as_py()
        if segment is not None:
            return open_segment(self.folder / "segments" / segment)[self.table["row_no"][position].as_py()]
        if path is None:
            raise BadInput(
                f"{self.uri(position)!r} of {self.name!r} is a {self.table['kind'][position].as_py()} and has no"
                " picture"
            )
        try:
            return Path(path).read_bytes()
        except FileNotFoundError:
            raise MissingFile(
                f"{path} is gone; it belongs to {self.name!r}, which was imported without copying. "
                "Put it back, or import again with copy=True"
            ) from None

    def uri(self, position: int) -> str:
        """Where the sample is from."""
        return self.table["uri"][position].as_py()
