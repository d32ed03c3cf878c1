"""Where the bytes of a version's samples lie: small enough to be sent to the worker processes of a DataLoader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalog.segments import open_segment
from ..errors import BadData, BadInput, MissingFile
from ..storage.failures import in_words
from ..storage.strangers import inside
from .moved import in_place_file

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
            file = self.folder / "segments" / segment
            if "/" in segment:
                file = inside(self.folder, f"segments/{segment}")
            return open_segment(file)[self.table["row_no"][position].as_py()]
        if path is None:
            raise BadInput(
                f"{self.uri(position)!r} of {self.name!r} is a {self.table['kind'][position].as_py()} and has no"
                " picture"
            )
        file = in_place_file(self.folder, path)
        try:
            with in_words(file, "read"):
                return a_picture(file.read_bytes(), str(file))
        except FileNotFoundError:
            raise MissingFile(
                f"{path} is gone; it belongs to {self.name!r}, which was imported without copying. Put it back, import"
                " again with copy=True, or say where its folder is now: veml_lab.open(lab, moved={old: new})"
            ) from None

    def uri(self, position: int) -> str:
        """Where the sample is from."""
        return self.table["uri"][position].as_py()


_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"BM", b"GIF8", b"II*\0", b"MM\0*")


def a_picture(data: bytes, path: str) -> bytes:
    """The bytes of a file that stayed where it was, if they are a picture.

    A catalog says where that file is, and may come from a stranger: one that points at a key or a letter must not get
    it shown, exported or published as a sample.

    Raises
    ------
    BadData
        They are none.
    """
    if data.startswith(_PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return data
    from ..sources.decoder import look_at

    try:
        look_at(data, str(path), verify=False)
    except BadData as e:
        raise BadData(f"{path} is no picture (any more); nothing of it is shown or written") from e
    return data
