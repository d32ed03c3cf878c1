"""Cityscapes: ``gtFine/<split>/<city>/*_polygons.json`` beside ``leftImg8bit/``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import BadData, BadInput, MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.columns import columns_beside, write_columns
from ..sources.detection import Marked, Marks, Shape, class_order, json_of, marks_source, with_instance
from ..sources.holds import Holds, Keeper
from ..sources.images import is_image
from ..sources.opening import open_tree
from ..sources.outlines import hull, ring
from ..sources.source import Mask, Record, Source
from ..sources.writing import ClassIds, coherent, ending, new_folder, refuse_classes
from ..storage.border import public

HOLDS = Holds(masks="one ring", columns=True)

# The classes of which Cityscapes tells single objects apart, its label table's column hasInstances.
THINGS = ("person", "rider", "car", "truck", "bus", "caravan", "trailer", "train", "motorcycle", "bicycle")

_LABELS = re.compile(
    r"(?:.*/)?(?P<kind>gtFine|gtCoarse)/(?P<split>\w+)/[^/]+/(?P<city>[^/]+)_(?P<seq>\d+)_(?P<frame>\d+)_(?P=kind)_polygons\.json"
)
_IMAGE = re.compile(r"(?:.*/)?leftImg8bit/(?P<split>\w+)/[^/]+/(?P<key>[^/]+_\d+_\d+)_leftImg8bit\.\w+")


@public
def read_cityscapes(
    path: str | os.PathLike[str],
    *,
    kind: str = "gtFine",
    boxes: bool = False,
    strict: bool = False,
    verify: bool = True,
    classes: Sequence[str] | None = None,
) -> Source:
    """Read Cityscapes' outlines and pictures from a folder or an archive.

    Parameters
    ----------
    path : path
        Folder or archive with ``gtFine/{train,val,test}/<city>/`` and ``leftImg8bit/{train,val,test}/<city>/``.
    kind : str
        ``"gtFine"`` or ``"gtCoarse"``.
    boxes : bool
        Give each object of a class with instances (person, car ...) the box around its outline.
    strict, verify, classes
        As in :func:`read_voc`.

    Returns
    -------
    Source
        Masks in the order of the file: a later one lies over an earlier one. Columns city, sequence and frame;
        val has the role test. Objects marked as deleted are left out, as Cityscapes' own tools do.

    Raises
    ------
    MissingFile
        If there are no labels or none of their pictures.
    BadData
        For a damaged archive; with ``strict``, for a damaged JSON file or picture, a bad outline.

    Source
    ------
    Cordts et al., CVPR 2016; https://github.com/mcordts/cityscapesScripts
    """
    if kind not in ("gtFine", "gtCoarse"):
        raise BadInput(f"kind is gtFine or gtCoarse, not {kind!r}")
    if not isinstance(boxes, bool):
        raise BadInput(f"boxes says whether objects get the box around their outline, true or false; got {boxes!r}")
    tree = open_tree(path)
    pictures = {(m["split"], m["key"]): n for n in tree.names() if is_image(n) and (m := _IMAGE.fullmatch(n))}
    labels = [(n, m) for n in tree.names() if (m := _LABELS.fullmatch(n)) and m["kind"] == kind]
    if not labels:
        raise MissingFile(f"{path} holds no {kind}/<split>/<city>/*_{kind}_polygons.json")
    findings, marks, columns = Findings(tree.root, strict=strict), Marks(), columns_beside(tree)
    by_name = dict(labels)
    for name, data in tree.read_many(list(by_name), findings.fault):
        m, where = by_name[name], tree.where(name)
        picture = pictures.get((m["split"], f"{m['city']}_{m['seq']}_{m['frame']}"))
        if picture is None:
            findings.not_there(where, "its picture is not there")
            continue
        content = None
        with findings.part():
            content = json_of(data, where, findings)
        if not isinstance(content, dict) or not isinstance(content.get("objects"), list):
            if content is not None:
                findings.bad(where, "has no list of objects")
            continue
        before = findings.count
        shapes: list[tuple[Shape, str]] = []
        for i, o in enumerate(content["objects"]):
            shapes += _object(o, i, f"{where}, object {i + 1}", boxes, findings)
        size = number(content.get("imgWidth")), number(content.get("imgHeight"))
        known = {"city": m["city"], "sequence": int(m["seq"]), "frame": int(m["frame"])}
        marks.add(
            Marked(
                picture,
                tuple(shapes),
                m["split"],
                {**known, **columns.get(picture.rpartition("/")[2], {})},
                (int(size[0]), int(size[1])) if all(s > 0 for s in size) else None,
                lost=findings.count > before,
            ),
            where,
            findings,
        )
    names = class_order(tree, marks.labels, classes, findings)
    options = {"strict": strict, "classes": classes, "kind": kind, "boxes": boxes}
    return marks_source("cityscapes", tree, marks, names, findings, verify=verify, options=options)


def _object(o: Any, i: int, at: str, boxes: bool, findings: Findings) -> list[tuple[Shape, str]]:
    label = o.get("label") if isinstance(o, dict) else None
    if not isinstance(label, str) or not label:
        findings.bad(at, "has no label")
        return []
    if o.get("deleted"):
        return []
    polygon = o.get("polygon")
    try:
        pairs = (
            polygon if isinstance(polygon, list) and all(isinstance(p, list) and len(p) == 2 for p in polygon) else []
        )
        mask = Mask(label, (ring([v for p in pairs for v in p]),))
    except BadData as e:
        findings.bad(at, f"has an {e}")
        return []
    if not boxes or label not in THINGS:
        return [(mask, at)]
    x, y, w, h = hull(mask)
    around = a_box(label, x, y, w, h, at, findings, instance=i)
    return [*around, (with_instance(mask, i) if around else mask, at)]


@public
def write_cityscapes(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write outlines as Cityscapes: ``gtFine/`` and ``leftImg8bit/``, the role test as ``val``.

    Files are named by the columns city, sequence and frame, which every record needs; further columns go into
    ``columns.csv``, the order of the classes into ``classes.txt``. The folder appears when it is whole.

    Parameters
    ----------
    lossy : bool
        Leave out what Cityscapes cannot hold (boxes, run lengths, outlines of several rings, attributes ...), with
        one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, a record has no role or no city, sequence and frame, two records have the same,
        or the source has what Cityscapes cannot hold.
    """
    refuse_classes(source, "Cityscapes")
    ids, keeper = ClassIds(source, 0), Keeper("Cityscapes", HOLDS, lossy=lossy)
    columns: dict[str, Mapping[str, Any]] = {}
    with new_folder(path) as folder:
        for r in map(coherent, keeper.records(source)):
            split, key = {"train": "train", "test": "val"}.get(r.role), _key(r)
            if split is None:
                raise BadInput(
                    f"{r.uri} is neither train nor test; Cityscapes has a folder for each, so split the version first"
                )
            city = r.columns["city"]
            image = folder / "leftImg8bit" / split / city / f"{key}_leftImg8bit{ending(r.image, r.uri)}"
            labels = folder / "gtFine" / split / city / f"{key}_gtFine_polygons.json"
            if labels.exists():
                raise BadInput(f"{r.uri}: there is a {key} already; city, sequence and frame name a picture")
            objects = [
                {"label": m.label, "polygon": [list(p) for p in zip(m.polygons[0][0::2], m.polygons[0][1::2])]}
                for m in r.masks
            ]
            for m in r.masks:
                ids[m.label]  # a class that the source does not name is an error
            for file in (image, labels):
                file.parent.mkdir(parents=True, exist_ok=True)
            image.write_bytes(r.image)
            labels.write_text(json.dumps({"imgHeight": r.height, "imgWidth": r.width, "objects": objects}))
            others = {k: v for k, v in r.columns.items() if k not in ("city", "sequence", "frame")}
            if others:
                columns[image.name] = others
        (folder / "classes.txt").write_text("".join(f"{c}\n" for c in source.classes), encoding="utf-8")
        write_columns(folder, columns)


def _key(r: Record) -> str:
    city, sequence, frame = (r.columns.get(k) for k in ("city", "sequence", "frame"))
    whole = all(type(v) is int and 0 <= v < 1_000_000 for v in (sequence, frame))
    if not isinstance(city, str) or not re.fullmatch(r"\w[\w-]*", city) or not whole:
        raise BadInput(
            f"{r.uri} has not the columns city (letters), sequence and frame (whole numbers), by which Cityscapes names"
            " its files; choose another format (coco holds most)"
        )
    return f"{city}_{sequence:06d}_{frame:06d}"
