"""BDD100K: labels as Scalabel writes them, the older list, and the oldest form with one file a picture."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadData, BadInput, MissingFile
from ..sources.checks import Findings, Stopped, a_box, number
from ..sources.clues import no_text
from ..sources.detection import (
    Marked,
    Marks,
    Shape,
    class_order,
    json_of,
    marks_source,
    split_said,
    with_instance,
)
from ..sources.holds import Holds, Keeper, Thing, things
from ..sources.json_list import GrowingList
from ..sources.jsonstream import items, starts_with
from ..sources.named_pictures import Pictures, pictures_of
from ..sources.opening import open_tree
from ..sources.outlines import checked_rle, ring
from ..sources.source import Mask, Record, Source
from ..sources.tree import Tree
from ..sources.writing import ClassIds, named, new_folder, refuse_classes
from ..storage.border import public

HOLDS = Holds(boxes=True, masks="any", attributes=None, columns=True, mixed=True)

# Points on each curve of an outline: BDD100K's vertices of type C are Bezier control points.
_STEPS = 8


@public
def read_bdd100k(
    path: str | os.PathLike[str],
    *,
    labels: str | None = None,
    root: str | os.PathLike[str] | None = None,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read BDD100K's labels and their pictures from a folder or an archive, a frame at a time.

    Parameters
    ----------
    path : path
        Folder or archive with ``labels/**.json`` and ``images/``, or one JSON file (its pictures lie in its folder
        or in the one above).
    labels : str, optional
        Read only the JSON files whose path contains this (``det_20``, ``ins_seg``), for sets that hold several.
    root : path, optional
        As in :func:`read_coco`.
    strict, verify, boxes, classes
        As in :func:`read_voc`; classes come from ``config.categories`` where it is there.

    Returns
    -------
    Source
        The attributes of a frame (weather, scene, timeofday ...), its ``timestamp``, and of a video ``video`` and
        ``frame`` are columns. The ``box2d`` and the ``poly2d`` or ``rle`` of a label are one object; curves
        become eight straight pieces each. Open lines (lanes) are no outlines: skipped and counted. Labels of a
        video have the attribute ``track``.

    Raises
    ------
    MissingFile
        If there is no such JSON file or none of its pictures.
    BadData
        For damaged JSON (of many frames) or archives; with ``strict``, for a damaged picture, a bad frame or label.

    Source
    ------
    https://doc.bdd100k.com/format.html, https://doc.scalabel.com/format.html
    """
    p = Path(path)
    only = p.name if p.is_file() and p.suffix.lower() == ".json" else None
    folder = p
    if only:
        folder = p.parent.parent if p.parent.name == "labels" else p.parent
    tree = open_tree(folder)
    findings = Findings(tree.root, strict=strict, boxes=boxes)
    marks, pictures, names = Marks(), pictures_of(tree, root), dict[str, None]()
    wanted = [
        n
        for n in tree.names()
        if n.lower().endswith(".json") and (labels or "") in n and only in (None, n.split("/")[-1])
    ]
    known, apart = 0, False
    damaged: list[BadData] = []
    for name in wanted:
        before = known
        try:
            for frame in _frames(tree, name, findings):
                known += 1
                apart = apart or "apart" in frame
                _take(frame, name, tree, pictures, marks, findings)
            if known == before:
                tree.leave([name])
            if classes is None:
                names |= dict.fromkeys(_categories(tree, name))
        except Stopped:
            raise
        except BadData as e:
            damaged.append(e)
    if damaged and not apart:
        raise damaged[0]  # a file of many frames; of files with one picture each, one is a part of the set
    for error in damaged:
        findings.fault(error)
    if not known:
        raise MissingFile(
            f"{path} holds no BDD100K file; looked for *.json with frames that have a name and labels"
            f"{no_text(tree, '.json')}"
        )
    order = class_order(tree, marks.labels, classes, findings, list(names) or None)
    options = {"strict": strict, "boxes": boxes, "classes": classes, "labels": labels, "only": only}
    return marks_source(
        "bdd100k",
        pictures.tree,
        marks,
        order,
        findings,
        verify=verify,
        options=options,
        annotations=tree,
        roles_from="names of the JSON files",
    )


def is_bdd100k(tree: Tree, name: str) -> bool:
    """True if the first frame of a JSON file looks like one of BDD100K's."""
    try:
        return next(_frames(tree, name, Findings(tree.root, strict=False)), None) is not None
    except BadData:
        return False


def _starts(tree: Tree, name: str) -> str:
    with tree.open(name) as stream:
        return starts_with(stream)


def _frames(tree: Tree, name: str, findings: Findings) -> Iterator[dict[str, Any]]:
    """The frames of a file of any of the three forms; nothing for another JSON file."""
    where = tree.where(name)
    first = True
    with tree.open(name) as stream:
        for frame in items(stream, where, "item" if _starts(tree, name) == "[" else "frames.item", findings):
            if isinstance(frame, dict) and "objects" in frame and "name" not in frame:
                break
            if not isinstance(frame, dict) or not isinstance(frame.get("name"), str):
                if first:
                    return
                findings.bad(where, f"frame {frame!r:.80} is no object with a name")
                continue
            if first and not {"labels", "attributes", "timestamp", "videoName"} & frame.keys():
                return
            first = False
            yield frame
        else:
            return
    yield from _oldest(tree, name, findings)


def _oldest(tree: Tree, name: str, findings: Findings) -> Iterator[dict[str, Any]]:
    """The form of 2018: one file a picture, ``{"name", "attributes", "frames": [{"objects": [...]}]}``."""
    where = tree.where(name)
    content = json_of(tree.read(name), where, findings)
    frames = content.get("frames")
    if not isinstance(content.get("name"), str) or len(frames) != 1 or not isinstance(frames[0].get("objects"), list):
        raise BadData(f"{where} is not one picture with a name and one frame of objects")
    labels = []
    for o in frames[0]["objects"]:
        label = dict(o) if isinstance(o, dict) else {}
        if isinstance(label.get("poly2d"), list):
            vertices = [v for v in label["poly2d"] if isinstance(v, list) and len(v) == 3]
            types = "".join(str(v[2]) for v in vertices)
            closed = "lane" not in str(label.get("category"))
            label["poly2d"] = [{"vertices": [v[:2] for v in vertices], "types": types, "closed": closed}]
        labels.append(label)
    attributes = content.get("attributes")
    # the picture's file name is that of the labels
    yield {"name": f"{content['name']}.jpg", "attributes": attributes, "labels": labels, "apart": True}


def _categories(tree: Tree, name: str) -> list[str]:
    if _starts(tree, name) != "{":
        return []
    with tree.open(name) as stream:
        found = [
            c.get("name") for c in items(stream, tree.where(name), "config.categories.item") if isinstance(c, dict)
        ]
    return [c for c in found if isinstance(c, str) and c]


def _take(f: dict[str, Any], file: str, tree: Tree, pictures: Pictures, marks: Marks, findings: Findings) -> None:
    at = f"{tree.where(file)}, frame {f['name']!r:.60}"
    name = pictures.find(f"{f.get('videoName') or ''}/{f['name']}", file)
    if name is None:
        findings.not_there(at, pictures.missing(f["name"]))
        return
    columns = (
        {k: v for k, v in f["attributes"].items() if isinstance(v, str | int | float)}
        if isinstance(f.get("attributes"), dict)
        else {}
    )
    for key, column in (("timestamp", "timestamp"), ("videoName", "video"), ("frameIndex", "frame")):
        if isinstance(f.get(key), str | int | float):
            columns.setdefault(column, f[key])
    size = f.get("size")
    wh = (number(size.get("width")), number(size.get("height"))) if isinstance(size, dict) else (-1.0, -1.0)
    shapes: list[tuple[Shape, str]] = []
    before = findings.count
    rows = f.get("labels")
    for i, row in enumerate(findings.list_of(rows, at, "labels")):
        place = f"{at}, label {row.get('id', i + 1) if isinstance(row, dict) else i + 1!r:.40}"
        if not isinstance(row, dict):
            findings.bad(place, f"is no object: {row!r:.60}")
            continue
        found = _shapes(row, "videoName" in f, place, findings)
        shapes += [(with_instance(s, i) if len(found) > 1 else s, place) for s in found]
    known = (int(wh[0]), int(wh[1])) if all(s > 0 for s in wh) else None
    lost = findings.count > before
    marks.add(Marked(name, tuple(shapes), split_said(file, name), columns, known, lost=lost), at, findings)


def _shapes(row: dict[str, Any], video: bool, at: str, findings: Findings) -> list[Shape]:
    label, extra = row.get("category"), row.get("attributes")
    attributes: dict[str, Any] = dict(extra) if isinstance(extra, dict) else {}
    if video and isinstance(row.get("id"), str | int):
        attributes["track"] = row["id"]
    out: list[Shape] = []
    if not isinstance(label, str) or not label:
        findings.bad(at, "has no category")
        return out
    box = row.get("box2d")
    if isinstance(box, dict):
        x0, y0, x1, y1 = (number(box.get(k)) for k in ("x1", "y1", "x2", "y2"))
        out += [b for b, _ in a_box(label, x0, y0, x1 - x0, y1 - y0, at, findings, attributes)]
    try:
        mask = _mask(label, row, {} if out else attributes)
        if mask is not None:
            out.append(mask)
    except BadData as e:
        findings.bad(at, f"has {e}")
        return out
    if not out and not isinstance(box, dict):
        findings.bad(at, f"is a {label!r} without a box2d, a closed poly2d or an rle")
    return out


def _mask(label: str, row: dict[str, Any], attributes: dict[str, Any]) -> Mask | None:
    if isinstance(row.get("rle"), dict):
        return Mask(label, (), checked_rle(row["rle"]), attributes=attributes)
    rings = []
    outline = row.get("poly2d")
    if outline is not None and not isinstance(outline, list):
        raise BadData(f"a poly2d that is no list: {outline!r:.60}")
    for part in outline or ():
        if not isinstance(part, dict) or not isinstance(part.get("vertices"), list):
            raise BadData(f"a poly2d without vertices: {part!r:.60}")
        if part.get("closed", True):
            points = [[number(x) for x in v] if isinstance(v, list) and len(v) == 2 else [] for v in part["vertices"]]
            if not all(points):
                raise BadData("a poly2d with vertices that are no pairs")
            rings.append(ring([v for p in _straight(points, str(part.get("types") or "")) for v in p]))
    return Mask(label, tuple(rings), attributes=attributes) if rings else None


def _straight(points: list[list[float]], types: str) -> list[list[float]]:
    """The outline with each cubic Bezier (three vertices of type C after a start) in straight pieces."""
    if "C" not in types or len(types) != len(points):
        return points
    out: list[list[float]] = []
    i = 0
    while i < len(points):
        if out and types[i : i + 3] == "CCC":
            p0, (p1, p2, p3) = out[-1], points[i : i + 3]
            for k in range(1, _STEPS + 1):
                t = k / _STEPS
                w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
                out.append([sum(a * p[j] for a, p in zip(w, (p0, p1, p2, p3))) for j in (0, 1)])
            i += 3
        else:
            out.append(points[i])
            i += 1
    return out


@public
def write_bdd100k(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as BDD100K in Scalabel's form: ``images/<role>/`` and ``labels/bdd100k_<role>.json``.

    Capture columns are the attributes of a frame; the categories keep the order of the classes. Frames are
    written as they come. The folder appears when it is whole.

    Parameters
    ----------
    lossy : bool
        Leave out what BDD100K cannot hold (keypoints, captions, targets), with one warning; otherwise that is
        an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has what BDD100K cannot hold.
    """
    refuse_classes(source, "BDD100K")
    ids, keeper = ClassIds(source, 0), Keeper("BDD100K", HOLDS, lossy=lossy)
    tail = ', "config": ' + json.dumps({"attributes": [], "categories": [{"name": c} for c in source.classes]}) + "}\n"
    with new_folder(path) as folder:
        (folder / "labels").mkdir()
        files: dict[str, GrowingList] = {}
        try:
            for name, r in named(keeper.records(source)):
                role: str = r.role or "all"
                if role not in files:
                    (folder / "images" / role).mkdir(parents=True)
                    files[role] = GrowingList(folder / "labels" / f"bdd100k_{role}.json", '{"frames": ', tail)
                (folder / "images" / role / name).write_bytes(r.image)
                files[role].add(_frame(name, r, ids), r.uri)
        finally:
            for file in files.values():
                file.close()


def _frame(name: str, r: Record, ids: ClassIds) -> dict[str, Any]:
    bad = [k for k, v in r.columns.items() if not isinstance(v, str | int | float)]
    if bad:
        raise BadInput(f"{r.uri} has the column {bad[0]!r} that is no text and no number; BDD100K cannot hold it")
    labels = [_label(t, i, ids) for i, t in enumerate(things(r))]
    size = {"width": r.width, "height": r.height}
    return {"name": name, "attributes": dict(r.columns), "size": size, "labels": labels}


def _label(t: Thing, i: int, ids: ClassIds) -> Mapping[str, Any]:
    ids[t.label]  # a class that the source does not name is an error
    row: dict[str, Any] = {"id": str(i), "category": t.label, "attributes": dict(t.first.attributes)}
    if t.box is not None:
        b = t.box
        row["box2d"] = {"x1": b.x, "y1": b.y, "x2": b.x + b.w, "y2": b.y + b.h}
    if t.mask is not None and t.mask.rle is not None:
        h, w, counts = t.mask.rle
        row["rle"] = {"size": [h, w], "counts": counts}
    elif t.mask is not None:
        row["poly2d"] = [
            {"vertices": [list(p) for p in zip(r[0::2], r[1::2])], "types": "L" * (len(r) // 2), "closed": True}
            for r in t.mask.polygons
        ]
    return row
