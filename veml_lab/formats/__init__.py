"""Readers and writers of data set formats; one file a format, each gives a :class:`Source`.

``read(path)`` asks every format what in a folder or archive speaks for it and takes the one with the best evidence;
``read(path, "coco")`` says which. :mod:`.registry` declares them and says how to add one. Nothing here knows of labs
or versions, and importing it loads no reader yet.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, UnknownName
from ..sources.call import kept_call
from ..sources.source import (
    Box,
    Caption,
    Keypoints,
    Mask,
    Record,
    Role,
    SampleKind,
    Series,
    Source,
    Target,
    Task,
)
from ..sources.tree import ARCHIVE_ENDINGS
from ..storage.border import public
from .registry import OURS, Format, Formats

if TYPE_CHECKING:
    from ..roads import road_world
    from .bdd100k import read_bdd100k, write_bdd100k
    from .cifar import read_cifar, write_cifar
    from .cityscapes import read_cityscapes, write_cityscapes
    from .coco import read_coco
    from .coco_panoptic import read_coco_panoptic
    from .coco_write import write_coco
    from .croissant import read_croissant
    from .croissant_write import write_croissant
    from .cvat import read_cvat
    from .cvat_write import write_cvat
    from .documents import read_documents, write_documents
    from .fiftyone import read_fiftyone
    from .fiftyone_write import write_fiftyone
    from .hf_write import write_huggingface
    from .huggingface import read_huggingface
    from .idx import read_idx, write_idx
    from .image_folder import read_image_folder, write_image_folder
    from .kitti import read_kitti, read_map_txt, write_kitti
    from .label_studio import read_label_studio
    from .label_studio_write import write_label_studio
    from .labelformat_bridge import read_labelformat
    from .labelme import read_labelme, write_labelme
    from .masks import read_masks
    from .open_images import read_open_images
    from .picture_table import read_picture_table
    from .pictures import read_pictures
    from .sensors import read_sensors, write_sensors
    from .supervisely import read_supervisely
    from .supervisely_write import write_supervisely
    from .table import read_table, write_table
    from .via import read_via
    from .video import read_video
    from .visdrone import read_visdrone
    from .voc import read_voc, write_voc
    from .webdataset import read_webdataset, write_webdataset
    from .wider_face import read_wider_face
    from .yolo import read_yolo
    from .yolo_write import write_yolo

__all__ = [
    "FORMATS",
    "WRITERS",
    "Box",
    "Caption",
    "Format",
    "Keypoints",
    "Mask",
    "Record",
    "Role",
    "SampleKind",
    "Series",
    "Source",
    "Target",
    "Task",
    "read",
    "read_bdd100k",
    "read_cifar",
    "read_cityscapes",
    "read_coco",
    "read_coco_panoptic",
    "read_croissant",
    "read_cvat",
    "read_documents",
    "read_fiftyone",
    "read_huggingface",
    "read_idx",
    "read_image_folder",
    "read_kitti",
    "read_label_studio",
    "read_labelformat",
    "read_labelme",
    "read_map_txt",
    "read_masks",
    "read_open_images",
    "read_picture_table",
    "read_pictures",
    "read_sensors",
    "read_supervisely",
    "read_table",
    "read_via",
    "read_video",
    "read_visdrone",
    "read_voc",
    "read_webdataset",
    "read_wider_face",
    "read_yolo",
    "road_world",
    "write",
    "write_bdd100k",
    "write_cifar",
    "write_cityscapes",
    "write_coco",
    "write_croissant",
    "write_cvat",
    "write_documents",
    "write_fiftyone",
    "write_huggingface",
    "write_idx",
    "write_image_folder",
    "write_kitti",
    "write_label_studio",
    "write_labelme",
    "write_sensors",
    "write_supervisely",
    "write_table",
    "write_voc",
    "write_webdataset",
    "write_yolo",
]

FORMATS = Formats()
"""Every format that can be read, by name, those of other packages included."""

WRITERS = Formats(written=True)
"""The formats that can also be exported."""

_LAZY = {said.partition(":")[2]: f for f in OURS.values() for said in (f.reader, f.writer) if said is not None}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        declared = _LAZY[name]
        return _noting(declared.name) if declared.reader.endswith(f":{name}") else declared.write()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@functools.cache
def _noting(format: str) -> Callable[..., Source]:
    """The reader of a format as it is called by its own name; what it gives says how it was asked for, as what
    :func:`read` gives does."""
    reader = FORMATS[format].read()
    signature = inspect.signature(reader)

    @public
    @functools.wraps(reader)
    def noting(*args: Any, **options: Any) -> Source:
        source: Source = reader(*args, **options)
        (_, path), *rest = signature.bind(*args, **options).arguments.items()
        given = dict(rest)
        call = {"function": "read", "path": str(path), "format": format, "options": given}
        return source if source.call else replace(source, call=kept_call(call))

    return noting


@public
def read(path: str | os.PathLike[str], format: str | None = None, **options: Any) -> Source:
    """Open a data set for import.

    Parameters
    ----------
    path : path
        Folder, file or archive; or the address of a folder (``s3://bucket/set``, with fsspec). For
        ``format="road_world"`` the condition ("clear-city").
    format : str, optional
        One of ``FORMATS``; found from the file names if not given. ``"labelformat:labelbox"`` is that of another
        package, and its ``kind``.
    **options
        Handed to the reader. ``window=(low, high)`` or ``"file"`` goes for every format whose pictures are files
        of their own: grey pictures of more than 8 bits are shown from black at low to white at high, DICOM files
        also as they say themselves (:mod:`veml_lab.sources.windows`).

    Returns
    -------
    Source

    Raises
    ------
    UnknownName
        If there is no such format, or the format has no such option.
    BadInput
        If the format is not given and cannot be told from the names.

    Examples
    --------
    >>> veml.write(veml.road_world("clear-city", 4), "pictures", "coco")
    >>> veml.read("pictures")
    <Source coco 'pictures': 4 samples, detection, 4 classes>
    """
    asked = {"function": "read", "path": os.fspath(path), "format": format, "options": dict(options)}
    return replace(_read(path, format, **options), call=kept_call(asked))


def _read(path: str | os.PathLike[str], format: str | None, **options: Any) -> Source:
    if isinstance(path, str) and path.startswith("file://"):
        from ..sources.remote import local_path

        path = local_path(path) or path
    if format is None:
        from .sniff import format_of

        format = format_of(path)
    bridge, _, kind = format.partition(":")
    if kind and bridge == "labelformat":
        return _read(path, bridge, **{"kind": kind, **options})
    if format not in FORMATS:
        raise UnknownName.of("format", format, FORMATS)
    reader = FORMATS[format].read()
    parameters = list(inspect.signature(reader).parameters.values())[1:]
    known = [p.name for p in parameters]
    if "window" not in known and "window" in options:
        from ..sources.windows import Shown, Window, declared, shown_through

        shown = Shown(Window.of(options.pop("window")))
        with declared(shown):
            return shown_through(_read(path, format, **options), shown)
    for option in options:
        if option not in known:
            raise UnknownName.of(f"option of the format {format}", option, known)
    needed = [p.name for p in parameters if p.default is inspect.Parameter.empty and p.name not in options]
    if needed:
        raise BadInput(f"the format {format} needs the option {needed[0]}=")
    source: Source = reader(path, **options)
    if "://" not in str(path) and Path(path).is_file() and not str(path).lower().endswith(ARCHIVE_ENDINGS):
        # who names one file does not ask about what lies beside it
        return replace(source, unread=list)
    return source


@public
def write(source: Source, path: str | os.PathLike[str], format: str, **options: Any) -> None:
    """Export a source into a new folder; all or nothing.

    Parameters
    ----------
    source : Source
        What to write; its records are walked once.
    path : path
        A folder that is not there yet, or is empty.
    format : str
        One of ``WRITERS``.
    **options
        Handed to the writer; ``lossy=True`` leaves out what a format of pictures cannot hold, with one warning.

    Raises
    ------
    UnknownName
        If there is no such format to write, or the format has no such option.
    BadInput
        If the folder is taken, or the format cannot hold this source.

    Examples
    --------
    >>> veml.write(veml.road_world("clear-city", 4), "as-documents", "documents")
    >>> len(list(veml.read("as-documents").records()))
    4
    """
    if format not in WRITERS:
        raise UnknownName.of("format to write", format, WRITERS)
    writer = WRITERS[format].write()
    assert writer is not None
    known = list(inspect.signature(writer).parameters)[2:]
    for option in options:
        if option not in known:
            raise UnknownName.of(f"option of writing {format}", option, known)
    writer(source, path, **options)
