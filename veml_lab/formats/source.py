"""What every reader of a format hands over: a stream of records with a little head.

A reader opens nothing big and copies nothing: it checks that the files are there, reads the head
(classes, splits, counts where they are cheap) and gives a :class:`Source`. The import
(:mod:`veml_lab.versions.imports`) then walks over ``source.records()`` once, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Task = Literal["classification", "detection", "none"]
Role = Literal["train", "test", ""]


@dataclass(frozen=True, slots=True)
class Box:
    """One annotated object. ``x, y, w, h`` in pixels of the stored image, top left corner first."""

    label: str
    x: float
    y: float
    w: float
    h: float
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One sample with its annotations, as it comes out of a file.

    Attributes
    ----------
    uri
        Where it is from, unique within the source, ``/``-separated, relative to the source's root
        (``train/images-idx3-ubyte.gz#17``, ``JPEGImages/foggy-001.jpg``).
    image
        The encoded image (PNG, JPEG, WebP, BMP bytes) as it was in the file.
    width, height
        In pixels, read from the image's own head.
    role
        ``"train"``, ``"test"`` or ``""`` where the format does not say.
    label
        The class of a classification sample, or None.
    boxes
        The objects of a detection sample; ``()`` is "nothing in the picture".
    columns
        Capture columns (camera, weather, timeofday ...): str, int, float or bool.
    path
        Absolute path of the file when the sample may stay where it is (a plain file), else None.
    """

    uri: str
    image: bytes
    width: int
    height: int
    role: Role = ""
    label: str | None = None
    boxes: tuple[Box, ...] = ()
    columns: Mapping[str, Any] = field(default_factory=dict)
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A data set in some format, ready to be imported.

    Attributes
    ----------
    format
        Name of the format (``"idx"``, ``"coco"`` ...).
    root
        The file or folder that was read, as given.
    task
        What the annotations are for.
    classes
        Class names in their canonical order; the index is the label of training.
    records
        Gives a fresh iterator over the records; called once per import.
    total
        Number of records if it is known without reading everything, for the progress bar.
    fingerprint
        Changes whenever the records would: an import with a known fingerprint is not repeated.
    note
        One line for people (condition, place, licence).
    """

    format: str
    root: str
    task: Task
    classes: tuple[str, ...]
    records: Callable[[], Iterator[Record]]
    total: int | None
    fingerprint: str
    note: str = ""

    def __repr__(self) -> str:
        n = "?" if self.total is None else f"{self.total:,}"
        return f"<Source {self.format} {self.root!r}: {n} samples, {self.task}, {len(self.classes)} classes>"
