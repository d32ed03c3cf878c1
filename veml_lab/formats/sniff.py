"""Tell the format of a data set from its file names and, for JSON and XML files, from how they start."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from ..errors import BadInput
from ..sources.images import is_image
from ..sources.jsonstream import starts_with, top_keys
from ..sources.tree import Tree, open_tree
from . import bdd100k, cifar, coco_panoptic, cvat, documents, idx, label_studio, sensors, table_files, video
from .image_folder import SPLITS


def _ends(names: tuple[str, ...], folder: str, ending: str) -> bool:
    return any(n.endswith(ending) and folder in n.split("/")[:-1] for n in names)


def _class_folders(names: tuple[str, ...]) -> bool:
    return any(is_image(n) and len(p := n.split("/")) > 1 and p[-2].lower() not in SPLITS for n in names)


_SHARD = re.compile(r"-\d{5}-of-\d{5}\.(parquet|arrow)$")


def _hugging_face(names: tuple[str, ...]) -> bool:
    last = {n.split("/")[-1] for n in names}
    described = last & {"metadata.jsonl", "metadata.csv", "metadata.parquet"} and any(map(is_image, names))
    return {"dataset_info.json", "state.json"} <= last or bool(described) or any(_SHARD.search(n) for n in names)


# So many files are looked into, those with the shortest paths first.
_LOOKED_INTO = 20


def _by_content(tree: Tree, only: str | None = None) -> str | None:
    """The format that the head of a JSON or XML file shows; a panoptic file counts if there is no other."""
    files = (
        [only]
        if only
        else sorted((n for n in tree.names() if n.endswith((".json", ".xml"))), key=lambda n: n.count("/"))
    )
    found = {_of_file(tree, n) for n in files[:_LOOKED_INTO]} - {None}
    return next((f for f in ("coco", "cvat", "label_studio", "bdd100k", "coco_panoptic") if f in found), None)


def _of_file(tree: Tree, name: str) -> str | None:
    if name.endswith(".xml"):
        return "cvat" if cvat.is_cvat(tree, name) else None
    with tree.open(name) as stream:
        bracket = starts_with(stream)
    if bracket == "[":
        return (
            "label_studio"
            if label_studio.is_label_studio(tree, name)
            else "bdd100k"
            if bdd100k.is_bdd100k(tree, name)
            else None
        )
    if bracket == "{":
        with tree.open(name) as stream:
            key = next((k for k in top_keys(stream, name) if k in ("images", "annotations", "frames")), None)
        if key == "frames":
            return "bdd100k" if bdd100k.is_bdd100k(tree, name) else None
        if key:
            return "coco_panoptic" if coco_panoptic.is_panoptic(tree, name) else "coco"
    return None


def _pictures_named(tree: Tree) -> bool:
    from .picture_table import names_its_pictures

    return names_its_pictures(tree)


# In this order: the first that fits is taken; class folders fit almost anything and come last.
RULES: tuple[tuple[str, str, Callable[[tuple[str, ...]], bool]], ...] = (
    ("idx", "train-images-idx3-ubyte", lambda ns: any(idx.NAME.match(n.split("/")[-1]) for n in ns)),
    ("croissant", "croissant.json", lambda ns: any(n.split("/")[-1] == "croissant.json" for n in ns)),
    (
        "documents",
        "documents.csv, .json, .jsonl or .xml",
        lambda ns: any(documents.NAME.fullmatch(n.split("/")[-1]) for n in ns),
    ),
    ("cifar", "data_batch_1.bin or train.bin", lambda ns: any(cifar.NAME.fullmatch(n.split("/")[-1]) for n in ns)),
    ("huggingface", "dataset_info.json, data/train-00000-of-00001.parquet, metadata.jsonl", _hugging_face),
    (
        "sensors",
        "los_speed.csv, PRSA_Data_*.csv, *.h5, sensors.npz",
        lambda ns: any(sensors.NAME.fullmatch(n.split("/")[-1]) for n in ns),
    ),
    ("cityscapes", "gtFine/<split>/<city>/*_polygons.json", lambda ns: any(n.endswith("_polygons.json") for n in ns)),
    ("kitti", "label_2/*.txt", lambda ns: _ends(ns, "label_2", ".txt")),
    ("map_txt", "ground-truth/*.txt", lambda ns: _ends(ns, "ground-truth", ".txt")),
    ("voc", "Annotations/*.xml", lambda ns: _ends(ns, "Annotations", ".xml")),
    (
        "yolo",
        "labels/*.txt with data.yaml or images/",
        lambda ns: _ends(ns, "labels", ".txt"),
    ),
    (
        "coco",
        "*.json of COCO, BDD100K or Label Studio, *.xml of CVAT; annotations/*.json",
        lambda ns: _ends(ns, "annotations", ".json") or any(n.endswith(".json") and "coco" in n.lower() for n in ns),
    ),
    # its names alone do not tell; format_of looks into the table
    ("picture_table", "labels.csv that names the pictures beside it", lambda ns: False),
    ("image_folder", "<class>/*.jpg or train/<class>/*.jpg", _class_folders),
    ("video", "*.mp4, *.mkv, *.avi ...", lambda ns: any(video.is_video(n) for n in ns)),
    ("table", "*.csv, *.parquet, *.arrow ...", lambda ns: any(table_files.is_table(n) for n in ns)),
)


def format_of(path: str | os.PathLike[str]) -> str:
    """Name the format of ``path``: by the names, and by the heads of its JSON and XML files.

    Raises
    ------
    BadInput
        If nothing fits; the message lists what was looked for.
    """
    p = Path(path)
    if p.is_file():
        for format, _, fits in RULES:
            if format in ("croissant", "documents", "sensors", "video", "table") and fits((p.name,)):
                return format
    if p.is_file() and p.suffix.lower() in (".json", ".xml"):
        found = _by_content(open_tree(p.parent), p.name)
        if found:
            return found
        raise BadInput(f"{p} is no file of COCO, BDD100K, Label Studio or CVAT; say format=")
    if p.is_file() and p.suffix.lower() in (".yaml", ".yml"):
        return "yolo"
    if p.is_file() and idx.NAME.match(p.name):
        return "idx"
    if not p.exists():
        from ..roads.randomised import NAME
        from ..roads.world import CONDITIONS

        if str(path) in (*CONDITIONS, NAME):
            return "road_world"
    tree = open_tree(path)
    names = tree.names()
    for format, _, fits in RULES:
        if format == "coco" and (found := _by_content(tree)):
            return found
        if format == "picture_table" and _pictures_named(tree):
            return format
        if fits(names):
            return format
    if not names:
        raise BadInput(f"cannot tell the format of {p}: it holds no files; check the path")
    from . import FORMATS

    some = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
    raise BadInput(
        f"cannot tell the format of {p} from its {len(names):,} file names ({some}); say format= (veml add --format),"
        f" one of {', '.join(sorted(FORMATS))}; docs/formats.md shows how the files of each are named"
    )
