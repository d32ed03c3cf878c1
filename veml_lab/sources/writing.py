"""What the writers share: a folder that is there whole or not at all, and safe file names."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import BadData, BadInput
from ..storage.folders import whole_folder
from .decoder import upright_bytes
from .images import KNOWN, without_ending
from .source import Record, Source

_MAGIC = (
    (b"\xff\xd8", ".jpg"),
    (b"\x89PNG", ".png"),
    (b"BM", ".bmp"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
    (b"GIF8", ".gif"),
)


@contextmanager
def new_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a folder beside ``path`` that takes its place when the block ends well: there whole, or not at all.

    Raises
    ------
    BadInput
        If ``path`` exists and is not an empty folder.
    FullDisk, NotAllowed, LabError
        It cannot be written; nothing of it is left.
    """
    target = Path(path)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(f"{target} is already there and not empty; name a new folder")
    with whole_folder(target) as made:
        yield made


def ending(image: bytes, where: str) -> str:
    """File ending of an encoded image, by its first bytes.

    >>> ending(b"\\x89PNG....", "a")
    '.png'
    """
    for magic, end in _MAGIC:
        if image.startswith(magic):
            return end
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return ".webp"
    raise BadData(f"{where} is none of {KNOWN}; it cannot be exported")


def safe_stem(uri: str) -> str:
    """The name of a sample as a file name without folder and ending.

    >>> safe_stem("day 1/cam#2.JPG")
    'day_1_cam_2'
    """
    stem = re.sub(r"[^\w.-]+", "_", without_ending(uri)).strip("._")
    return stem[-120:] or "image"


def coherent(r: Record) -> Record:
    """A record whose picture other programs show as its annotations have it: upright pixels, no EXIF orientation."""
    image = upright_bytes(r.image, r.uri, size=(r.width, r.height)) if r.image else r.image
    return r if image is r.image else dataclasses.replace(r, image=image)


def named(records: Iterable[Record], *, dots: bool = True) -> Iterator[tuple[str, Record]]:
    """Records as :func:`coherent` has them, with file names that are safe, unique and without folders.

    Without ``dots``, there is one dot before the end.
    """
    used: set[str] = set()
    for r in map(coherent, records):
        stem = safe_stem(r.uri) if dots else safe_stem(r.uri).replace(".", "_")
        end, k, name = ending(r.image, r.uri), 1, stem
        # names that differ in case only are one file on some systems
        while name.lower() in used:
            k += 1
            name = f"{stem}-{k}"
        used.add(name.lower())
        yield name + end, r


def refuse_classes(source: Source, format: str) -> None:
    """Refuse a set of class labels, with the way out."""
    if source.task == "classification":
        raise BadInput(f"{source!r} has class labels, no boxes; {format} cannot hold it. Use write_image_folder")


class ClassIds(dict[str, int]):
    """Class name -> number; a shape of a class that the source does not name is an error, not a KeyError."""

    def __init__(self, source: Source, start: int) -> None:
        for c in source.classes:
            if not c or c != c.strip() or not c.isprintable():
                raise BadInput(
                    f"the class name {c!r} is empty, or has blanks around it or signs that no text file holds; rename"
                    " the class before the export"
                )
        super().__init__((label, i) for i, label in enumerate(source.classes, start))

    def __missing__(self, label: str) -> int:
        raise BadInput(
            f"a shape has the class {label!r}, which is not among the classes of the source: {list(self)[:12]}"
        )
