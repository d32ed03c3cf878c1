"""The formats: each declared once, with its reader, its writer and how its files are told from others.

How to add one to this package: write ``formats/acme.py`` with ``read_acme``, ``write_acme`` and, there or in one of
the files ``evidence_*.py``, a function that takes :class:`~veml_lab.sources.clues.Clues` and gives
:class:`~veml_lab.sources.clues.Evidence` or None; add one :class:`Format` to ``_OURS`` below; add the two functions to
``formats/__init__.py`` (for type checkers) and a row to ``docs/formats.md``. How to add one from another package::

    FORMAT = Format("acme", reader="acme_veml:read"="*.acme beside pictures", evidence="acme_veml:evidence")

    [project.entry-points."veml_lab.formats"]          # pyproject.toml
    acme = "acme_veml:FORMAT"

A reader takes a path and options and gives a :class:`~veml_lab.sources.source.Source`; a writer takes a source, a path
and options. Nothing is imported before it is needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._plugins import usable
from ..errors import BrokenPlugIn

if TYPE_CHECKING:
    from ..sources.clues import Clues, Evidence


@dataclass(frozen=True, slots=True)
class Format:
    """One format of data sets. Functions are written ``"module:function"``; ``.module`` is one of this room.

    Attributes
    ----------
    name
        How it is asked for.
    reader
        Takes a path and options, gives a :class:`~veml_lab.sources.source.Source`.
    looks_like
        One line: what its files are called.
    evidence
        Takes :class:`~veml_lab.sources.clues.Clues`, gives :class:`~veml_lab.sources.clues.Evidence` or None; None
        for a format that is only read when it is named.
    writer
        Takes a source, a path and options; None for a format that is only read.
    """

    name: str
    reader: str
    looks_like: str
    evidence: str | None = None
    writer: str | None = None

    def read(self) -> Callable[..., Any]:
        """The reader, imported."""
        return self._function(self.reader)

    def write(self) -> Callable[..., Any] | None:
        """The writer, imported; None where there is none."""
        return None if self.writer is None else self._function(self.writer)

    def look(self, clues: Clues) -> Evidence | None:
        """What speaks for this format, if anything does."""
        return None if self.evidence is None else self._function(self.evidence)(clues)

    def _function(self, said: str) -> Callable[..., Any]:
        module, _, function = said.partition(":")
        try:
            return getattr(importlib.import_module(module, __package__), function)
        except (ImportError, AttributeError) as e:
            if said.startswith("."):
                raise
            raise BrokenPlugIn(f"the format {self.name!r} names {said}, which cannot be had: {e}") from e


# A row a format, in the order of their names.
_OURS = (
    Format("bdd100k", ".bdd100k:read_bdd100k", "*.json of frames with a name and labels (BDD100K, Scalabel)",
           ".evidence_json:bdd100k", ".bdd100k:write_bdd100k"),
    Format("cifar", ".cifar:read_cifar", "data_batch_1.bin or train.bin",
           ".evidence_tables:cifar", ".cifar:write_cifar"),
    Format("cityscapes", ".cityscapes:read_cityscapes", "gtFine/<split>/<city>/*_polygons.json",
           ".evidence_pictures:cityscapes", ".cityscapes:write_cityscapes"),
    Format("coco", ".coco:read_coco", "*.json with images and annotations",
           ".evidence_json:coco", ".coco_write:write_coco"),
    Format("coco_panoptic", ".coco_panoptic:read_coco_panoptic", "*.json whose annotations have segments_info",
           ".evidence_json:coco_panoptic"),
    Format("croissant", ".croissant:read_croissant", "croissant.json",
           ".evidence_json:croissant", ".croissant_write:write_croissant"),
    Format("cvat", ".cvat:read_cvat", "*.xml with <annotations> (CVAT for images, for video)",
           ".evidence_pictures:cvat", ".cvat_write:write_cvat"),
    Format("documents", ".documents:read_documents", "documents.csv, .json, .jsonl or .xml",
           ".evidence_tables:documents", ".documents:write_documents"),
    Format("fiftyone", ".fiftyone:read_fiftyone", "samples.json or labels.json beside data/",
           ".fiftyone:evidence", ".fiftyone_write:write_fiftyone"),
    Format("huggingface", ".huggingface:read_huggingface",
           "dataset_info.json, data/train-00000-of-00001.parquet, metadata.jsonl beside pictures",
           ".evidence_tables:huggingface", ".hf_write:write_huggingface"),
    Format("idx", ".idx:read_idx", "train-images-idx3-ubyte",
           ".evidence_tables:idx", ".idx:write_idx"),
    Format("image_folder", ".image_folder:read_image_folder", "<class>/*.jpg or train/<class>/*.jpg",
           ".evidence_pictures:image_folder", ".image_folder:write_image_folder"),
    Format("kitti", ".kitti:read_kitti", "label_2/*.txt beside image_2/",
           ".evidence_pictures:kitti", ".kitti:write_kitti"),
    Format("label_studio", ".label_studio:read_label_studio", "*.json with a list of tasks",
           ".evidence_json:label_studio", ".label_studio_write:write_label_studio"),
    Format("labelformat", ".labelformat_bridge:read_labelformat", "labelformat:labelbox and others, by that package"),
    Format("labelme", ".labelme:read_labelme", "*.json with shapes and imagePath beside each picture",
           ".labelme:evidence", ".labelme:write_labelme"),
    Format("map_txt", ".kitti:read_map_txt", "ground-truth/*.txt: class left top right bottom",
           ".evidence_pictures:map_txt"),
    Format("masks", ".masks:read_masks", "SegmentationClass/*.png or masks/*.png, named like pictures",
           ".masks:evidence"),
    Format("open_images", ".open_images:read_open_images", "*annotations-bbox.csv with ImageID, LabelName, XMin ...",
           ".open_images:evidence"),
    Format("picture_table", ".picture_table:read_picture_table", "labels.csv that names the pictures beside it",
           ".evidence_tables:picture_table"),
    Format("pictures", ".pictures:read_pictures", "pictures of which nothing is known",
           ".evidence_pictures:pictures"),
    Format("road_world", "..roads:road_world", "nothing: pictures of roads drawn by the program"),
    Format("sensors", ".sensors:read_sensors", "los_speed.csv, PRSA_Data_*.csv, *.h5, *.mat, sensors.npz",
           ".evidence_tables:sensors", ".sensors:write_sensors"),
    Format("supervisely", ".supervisely:read_supervisely", "meta.json, <dataset>/img/*.jpg, <dataset>/ann/*.jpg.json",
           ".supervisely:evidence", ".supervisely_write:write_supervisely"),
    Format("table", ".table:read_table", "*.csv, *.parquet, *.arrow ...",
           ".evidence_tables:table", ".table:write_table"),
    Format("via", ".via:read_via", "*.json with regions, *.csv with region_shape_attributes (VGG Image Annotator)",
           ".via:evidence"),
    Format("video", ".video:read_video", "*.mp4, *.mkv, *.avi ...",
           ".evidence_tables:video"),
    Format("visdrone", ".visdrone:read_visdrone", "annotations/*.txt: x,y,w,h,score,category,truncation,occlusion",
           ".visdrone:evidence"),
    Format("voc", ".voc:read_voc", "an .xml with <annotation> for each picture",
           ".evidence_pictures:voc", ".voc:write_voc"),
    Format("webdataset", ".webdataset:read_webdataset", "*.tar of 0001.jpg, 0001.json, 0001.cls ...",
           ".webdataset:evidence", ".webdataset:write_webdataset"),
    Format("wider_face", ".wider_face:read_wider_face", "wider_face_train_bbx_gt.txt",
           ".wider_face:evidence"),
    Format("yolo", ".yolo:read_yolo", "a .txt of lines `class cx cy w h` for each picture; data.yaml, obj.data",
           ".evidence_pictures:yolo", ".yolo_write:write_yolo"),
)  # fmt: skip
OURS: dict[str, Format] = {f.name: f for f in _OURS}


class Formats(Mapping[str, Format]):
    """The formats by name: ours, and those of other packages."""

    def __init__(self, *, written: bool = False) -> None:
        self._written = written

    def __getitem__(self, name: str) -> Format:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return f"<formats {', '.join(self)}>"

    def _all(self) -> dict[str, Format]:
        others: dict[str, Format] = usable("formats", OURS, needs=("reader", "writer", "read", "write", "look"))
        both = {**OURS, **others}
        return {n: f for n, f in both.items() if f.writer is not None} if self._written else both
