"""What every reader of a format hands over: a stream of records with a little head.

A reader opens nothing big and copies nothing: it checks that the files are there, reads the head
(classes, splits, counts where they are cheap) and gives a :class:`Source`. The import
(:mod:`veml_lab.versions.imports`) then walks over ``source.records()`` once, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

    from .leftover import Leftover

Task = Literal[
    "classification", "detection", "segmentation", "keypoints", "captioning", "regression", "forecasting", "none"
]
Role = Literal["train", "test", ""]
SampleKind = Literal["image", "frame", "row", "window"]


@dataclass(frozen=True, slots=True)
class Box:
    """One annotated object. ``x, y, w, h`` in pixels of the upright image, top left corner first."""

    label: str
    x: float
    y: float
    w: float
    h: float
    attributes: Mapping[str, Any] = field(default_factory=dict)
    instance: int = -1


@dataclass(frozen=True, slots=True)
class Mask:
    """The outline of one object or region, in pixels of the upright image.

    Attributes
    ----------
    polygons
        Closed rings ``(x0, y0, x1, y1, ...)``; ``()`` where the mask is a run length.
    rle
        COCO's compressed run lengths ``(height, width, counts)``, or None.
    instance
        Number of the object within the record: a box, a mask and keypoints with one number are one object; -1 alone.
    """

    label: str
    polygons: tuple[tuple[float, ...], ...] = ()
    rle: tuple[int, int, str] | None = None
    instance: int = -1
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Named points of one object: ``points`` are ``(x, y, visible)`` with 0 not labelled, 1 hidden, 2 seen."""

    label: str
    points: tuple[tuple[float, float, int], ...]
    instance: int = -1
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caption:
    """Free text about a sample."""

    text: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A number to be predicted (regression)."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Record:
    """One sample with its annotations, as it comes out of a file.

    Attributes
    ----------
    uri
        Where it is from, unique within the source, ``/``-separated, relative to the source's root
        (``train/images-idx3-ubyte.gz#17``, ``JPEGImages/foggy-001.jpg``).
    image
        The encoded image (PNG, JPEG, WebP, BMP, TIFF, GIF bytes) as it was in the file; ``b""`` for a table row or a
        window of sensor data.
    width, height
        In pixels, of the image as it is shown (upright); 0 where there is no image.
    role
        ``"train"``, ``"test"`` or ``""`` where the format does not say.
    label
        The class of a classification sample, or None.
    boxes
        The objects of a detection sample; ``()`` is "nothing in the picture".
    masks, keypoints, captions, targets
        Further annotations; see the classes.
    columns
        Capture columns (camera, weather, timeofday ...), and the cells of a table row: str, int, float or bool.
    kind
        ``"image"``; ``"frame"`` of a video (columns ``video``, ``frame``, ``time_s``); ``"row"`` of a table;
        ``"window"`` of a sensor series (``step`` says where it starts in ``Source.series``).
    path
        Absolute path of the file when the sample may stay where it is (a plain file), else None.
    emptied
        It has annotations in the file, but none of them could be used: it is not a picture with nothing in it.
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
    kind: SampleKind = "image"
    masks: tuple[Mask, ...] = ()
    keypoints: tuple[Keypoints, ...] = ()
    captions: tuple[Caption, ...] = ()
    targets: tuple[Target, ...] = ()
    step: int = 0
    emptied: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Sensor readings over time, kept once; a window sample only says at which step it starts.

    Attributes
    ----------
    values
        Shape (steps, nodes, channels), float32, NaN where a reading is missing.
    nodes, channels
        Names, in the order of the axes.
    window, horizon
        Steps of a window that are given, and steps after them that are to be forecast.
    adjacency
        Shape (nodes, nodes), float32 weights of the sensor graph, or None.
    times
        ISO time of every step, or ``()``.
    """

    values: np.ndarray
    nodes: tuple[str, ...]
    channels: tuple[str, ...]
    window: int
    horizon: int
    adjacency: np.ndarray | None = None
    times: tuple[str, ...] = ()


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
        Number of records if it is known without reading everything, for the progress bar; those that turn out to be
        damaged are counted too.
    fingerprint
        Changes whenever the records would: an import with a known fingerprint is not repeated.
    note
        One line for people (condition, place, licence).
    about
        Facts of the format that a writer needs back (names and bones of a skeleton, units of columns), JSON-able.
    series
        The numbers that windows are cut from, for sensor data; None otherwise.
    findings
        What the last complete walk over ``records()`` left out and why, a line each (at most a thousand,
        then one that says how many more); asked after the walk, for the import's report.
    counts
        What that walk changed without leaving it out: ``boxes_cut`` at the border of their picture,
        ``boxes_over_the_border`` that were kept.
    roles_from
        For people: where the roles came from (``"data.yaml"``, ``"ImageSets/Main/train.txt"``, ``"folder names"``).
    unread
        The files of the source that nothing of will be read, by kind; known before the walk.
    call
        How it was asked for, as plain values without secrets: ``function`` (``"read"``, ``"corrupted"`` ...), ``path``
        or the call ``of`` the source that it changes, and its ``options``; empty where nobody said.
    """

    format: str
    root: str
    task: Task
    classes: tuple[str, ...]
    records: Callable[[], Iterator[Record]]
    total: int | None
    fingerprint: str
    note: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    series: Series | None = None
    findings: Callable[[], list[str]] = list
    counts: Callable[[], Mapping[str, int]] = dict
    roles_from: str = ""
    unread: Callable[[], list[Leftover]] = list
    call: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        n = "?" if self.total is None else f"{self.total:,}"
        return f"<Source {self.format} {self.root!r}: {n} samples, {self.task}, {len(self.classes)} classes>"
