"""COCO panoptic: a JSON file of segments and a PNG a picture whose colours are their ids."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.clues import no_text
from ..sources.decoder import decode
from ..sources.detection import Marked, Shape, detection_source, split_said
from ..sources.jsonstream import items
from ..sources.named_pictures import Pictures
from ..sources.opening import open_tree
from ..sources.outlines import hull, rle_of
from ..sources.roles import splits_named
from ..sources.source import Mask, Source
from ..sources.spool import Spool
from ..sources.tree import Tree
from ..storage.border import public
from .coco import Key, folder_of, in_order, key_of, read_categories

if TYPE_CHECKING:
    import numpy as np


@public
def read_coco_panoptic(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
) -> Source:
    """Read COCO panoptic segments and their pictures from a folder or an archive.

    Parameters
    ----------
    path : path
        Folder or archive with ``panoptic_<split>.json``, the folder ``panoptic_<split>/`` of PNG files, and the
        pictures; or the JSON file (the others lie in its folder or the one above).
    strict, verify
        As in :func:`read_voc`.

    Returns
    -------
    Source
        Every segment is a mask of run lengths; one of a thing (``isthing``) is one object with its box. Classes
        in the order of their ids; ``about["stuff"]`` names those that are no things.

    Raises
    ------
    MissingFile
        If there is no such JSON file or none of its pictures.
    BadData
        For damaged JSON or archives; with ``strict``, for a damaged picture or PNG, a segment that its PNG does not
        show.

    Source
    ------
    https://cocodataset.org/#format-data, section 4
    """
    p = Path(path)
    only = p.name if p.is_file() and p.suffix.lower() == ".json" else None
    root = p
    if only:
        root = p.parent.parent if p.parent.name == "annotations" else p.parent
    tree = open_tree(root)
    findings, pictures = Findings(tree.root, strict=strict), Pictures(tree)
    at: dict[str, tuple[_File, Key]] = {}
    names: dict[Key, str] = {}
    stuff: dict[str, None] = {}
    for name in tree.names():
        if not name.lower().endswith(".json") or only not in (None, name.split("/")[-1]) or not is_panoptic(tree, name):
            tree.leave([name])
            continue
        file = _File(name, tree, pictures, findings)
        for k, c in file.about.items():
            if names.setdefault(k, c["name"]) != c["name"]:
                raise BadData(
                    f"{file.where} calls the category {k} {c['name']!r}, another file {names[k]!r}; read them one"
                    " by one"
                )
            if c.get("isthing") == 0:
                stuff[c["name"]] = None
        for k, picture in file.pictures.items():
            if picture in at:
                findings.bad(f"{file.where}, image {k!r:.40}", f"{picture} has an entry already; the first is kept")
            else:
                at[picture] = file, k
    if not names:
        raise MissingFile(
            f"{path} holds no panoptic file; looked for *.json whose annotations have segments_info"
            f"{no_text(tree, '.json')}"
        )

    def get(name: str, found: Findings) -> Marked:
        file, k = at[name]
        return file.marked(name, k, found)

    return detection_source(
        "coco_panoptic",
        tree,
        at,
        get,
        list(dict.fromkeys(names[k] for k in sorted(names, key=in_order))),
        findings,
        task="segmentation",
        verify=verify,
        options={"strict": strict, "only": only},
        about={"stuff": list(stuff)},
        splits=splits_named(
            {n: split_said(f.name, n) for n, (f, _) in at.items()}, "names of the JSON files and folders"
        ),
    )


def is_panoptic(tree: Tree, name: str) -> bool:
    """True if the first annotation of a JSON file has segments."""
    try:
        with tree.open(name) as stream:
            first = next(items(stream, tree.where(name), "annotations.item"), None)
    except BadData:
        return False
    return isinstance(first, dict) and "segments_info" in first


class _File:
    """One JSON file with its PNG files; these are opened when their picture is."""

    def __init__(self, name: str, tree: Tree, pictures: Pictures, findings: Findings) -> None:
        self.name, self.where, self._tree = name, tree.where(name), tree
        with tree.open(name) as stream:
            self.about = read_categories(items(stream, self.where, "categories.item", findings), self.where, findings)
        listed: dict[Key, str] = {}
        with tree.open(name) as stream:
            for row in items(stream, self.where, "images.item", findings):
                k, file = (key_of(row, "id"), row.get("file_name")) if isinstance(row, dict) else (None, None)
                if k is None or not isinstance(file, str) or not file or k in listed:
                    findings.bad(self.where, f"image {row!r:.80} has no id of its own or no file_name")
                else:
                    listed[k] = file
        masks = name.rpartition("/")[2].removesuffix(".json")
        folder = folder_of(iter(listed.values()), name, tree, but=masks)
        self.pictures: dict[Key, str] = {}
        self._numbers: dict[Key, int] = {}
        self._spool = Spool()
        with tree.open(name) as stream:
            for a in items(stream, self.where, "annotations.item", findings):
                k = key_of(a, "image_id") if isinstance(a, dict) else None
                if k is None or k not in listed or k in self.pictures:
                    findings.bad(
                        self.where, f"annotation {a!r:.60} is of an image that is not listed, or that has another one"
                    )
                    continue
                png = pictures.find(f"{masks}/{a.get('file_name')}")
                picture = f"{folder}/{listed[k]}".lstrip("/")
                if picture not in tree or png is None or png == picture:
                    findings.bad(
                        f"{self.where}, image {k!r:.40}",
                        f"{listed[k]!r} or its PNG {a.get('file_name')!r:.60} is not there",
                    )
                    continue
                self.pictures[k] = picture
                tree.take([png])
                self._numbers[k] = len(self._numbers)
                self._spool.put(self._numbers[k], (png, a.get("segments_info")))

    def marked(self, name: str, k: Key, findings: Findings) -> Marked:
        ((png, segments),) = self._spool.get(self._numbers[k])
        ids = None
        with findings.part():
            ids = _ids(self._tree.raw(png), self._tree.where(png))
        if ids is None:
            return Marked(name, lost=True)
        h, w = ids.shape
        shapes: list[tuple[Shape, str]] = []
        before = findings.count
        for i, s in enumerate(findings.list_of(segments, f"{self.where}, image {k}", "segments_info")):
            at = f"{self.where}, image {k}, segment {i + 1}"
            shapes += ((shape, at) for shape in self._segment(s, i, ids, at, findings))
        return Marked(name, tuple(shapes), size=(w, h), lost=findings.count > before)

    def _segment(self, s: Any, i: int, ids: np.ndarray, at: str, findings: Findings) -> Iterator[Shape]:
        k, category = (
            (key_of(s, "id"), self.about.get(c))
            if isinstance(s, dict) and (c := key_of(s, "category_id")) is not None
            else (None, None)
        )
        if not isinstance(k, int) or category is None:
            findings.bad(at, f"has no id or no category that is listed: {s!r:.80}")
            return
        pixels = ids == k
        if k == 0 or not pixels.any():
            findings.bad(at, f"its id {k} is not in the PNG file")
            return
        attributes = {"iscrowd": 1} if s.get("iscrowd") else {}
        mask = Mask(category["name"], (), rle_of(pixels), i, attributes)
        if category.get("isthing", 1) == 0:
            yield Mask(mask.label, (), mask.rle, -1, attributes)
            return
        bbox = s.get("bbox")
        given = [number(v) for v in bbox] if isinstance(bbox, list) and len(bbox) == 4 else []
        box = given if len(given) == 4 and min(given) >= 0 and min(given[2:]) > 0 else list(hull(mask))
        yield from (b for b, _ in a_box(mask.label, box[0], box[1], box[2], box[3], at, findings, attributes, i))
        yield Mask(mask.label, (), mask.rle, i)


def _ids(data: bytes, where: str) -> np.ndarray:
    """The segment of each pixel, red + 256 green + 65536 blue: uint32 of shape (h, w)."""
    import numpy as np

    rgb = np.asarray(decode(data, where), np.uint32)
    return rgb[:, :, 0] + 256 * rgb[:, :, 1] + 65536 * rgb[:, :, 2]
