"""Supervisely: a project of datasets, each with ``img/`` and a JSON file of objects for each picture in ``ann/``.

A corner of a rectangle is a pixel that belongs to it, and a point of an outline the middle of a pixel: what is at the
right is one further here, and points are half a pixel further.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import BadData, MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.clues import LOOKED_INTO, Clues, Evidence, common_folder, no_text
from ..sources.columns import columns_beside
from ..sources.detection import Marked, Marks, Shape, class_order, json_of, marks_source, with_instance
from ..sources.forms import mask_of_png, rle_at, rle_with_holes, unpacked
from ..sources.images import is_image
from ..sources.opening import open_tree
from ..sources.outlines import ring
from ..sources.pairs import Pairs
from ..sources.roles import split_of_cell, split_of_folder, splits_named
from ..sources.source import Keypoints, Mask, Source
from ..sources.tree import Tree
from ..storage.border import public

# What the middle of a pixel is away from its corner.
HALF = 0.5
# Folders and files of a project that repeat what is read, or say nothing of the objects.
_DRAWN = frozenset({"seg", "masks_human", "masks_machine", "masks_instances"})
_NOTES = frozenset({"meta", "img_info", "info"})


def evidence(clues: Clues) -> Evidence | None:
    """JSON files with objects in folders called ann."""
    some = [n for n in clues.ending(".json") if _is_annotation(n)]
    found = [n for n in some[:LOOKED_INTO] if "objects" in clues.json_keys(n)]
    if not found:
        return None
    meta = [n for n in clues.called("meta.json") if "classes" in clues.json_keys(n)]
    # ann/ and img/ lie in one folder
    part = common_folder([*meta[:1], *("/".join([*n.split("/")[:-2], "x"]) for n in some)])
    why = (
        f"{len(some):,} .json with objects in ann/{f', classes in {meta[0]}' if meta else ''}, as Supervisely has them"
    )
    return Evidence(0.94 if meta else 0.91, why, part)


@public
def read_supervisely(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read a Supervisely project, or one dataset of it, from a folder or an archive.

    Parameters
    ----------
    path : path
        Folder or archive with ``meta.json`` and datasets: ``<dataset>/img/a.jpg`` with ``<dataset>/ann/a.jpg.json``
        (old projects: ``a.json``); datasets within datasets too.
    strict, verify, boxes, classes
        As in :func:`read_voc`; classes in the order of ``meta.json``.

    Returns
    -------
    Source
        Rectangles are boxes; polygons (those with holes as run lengths) and bitmaps are masks; points and graphs are
        keypoints. Objects that are bound together (``instance``) are one. Tags of an object are its attributes, those
        of a picture columns; one without a value is True. Roles by a tag ``train``, ``val`` or ``test`` of the picture,
        else by the name of its dataset; other names are the column ``dataset`` where there are several. Lines,
        cuboids and turned boxes are skipped and counted.

    Raises
    ------
    MissingFile
        If there are no such JSON files or none of their pictures.
    BadData
        For damaged archives or a damaged ``meta.json``; with ``strict``, for a damaged picture or JSON file.

    Source
    ------
    https://docs.supervisely.com/customization-and-integration/00_ann_format_navi, and supervisely 6.74
    ``geometry/rectangle.py`` (corners belong to it), ``geometry/geometry.py`` (points are middles of pixels)

    Examples
    --------
    >>> veml.write(veml.road_world("clear-city", 4), "roads-as-supervisely", "supervisely", lossy=True)
    >>> veml.read("roads-as-supervisely")
    <Source supervisely 'roads-as-supervisely': 4 samples, detection, 4 classes>
    """
    tree = open_tree(path)
    findings = Findings(tree.root, strict=strict, boxes=boxes)
    meta = _Meta.of(tree)
    files = [n for n in tree.names() if n.lower().endswith(".json") and _is_annotation(n)]
    pictures = Pairs(n for n in tree.names() if is_image(n) and "img" in n.lower().split("/")[:-1])
    datasets = {_dataset(n) for n in files}
    several = len(datasets) > 1
    marks, columns, splits = Marks(), columns_beside(tree), dict[str, str]()
    for name, data in tree.read_many(files, findings.fault):
        where = tree.where(name)
        content: Any = None
        with findings.part():
            content = json_of(data, where, findings)
        if not isinstance(content, dict) or not isinstance(content.get("objects"), list):
            if content is not None:
                findings.bad(where, "is no Supervisely file (an object with a list `objects`)")
            continue
        picture = _picture(name, tree, pictures)
        if picture is None:
            findings.not_there(where, "its picture is not there (looked in img/ beside ann/)")
            continue
        before = findings.count
        said = content["size"] if isinstance(content.get("size"), dict) else {}
        size = number(said.get("width")), number(said.get("height"))
        whole = (int(size[0]), int(size[1])) if all(s >= 1 for s in size) else None
        shapes = tuple(_shapes(content["objects"], whole, meta, where, findings))
        tags = _tags(content.get("tags"))
        split, tags = _split(tags, _dataset(name))
        if split:
            splits.setdefault(picture, split)
        more = {"dataset": d} if several and not _says_a_role(d := _dataset(name)) else {}
        more |= {**tags, **columns.get(picture.rpartition("/")[2], {})}
        lost = findings.count > before
        marks.add(Marked(picture, shapes, "", more, whole, lost=lost), where, findings)
    if not files:
        raise MissingFile(
            f"{path} holds no Supervisely files; looked for ann/*.json with objects, beside img/"
            f"{no_text(tree, '.json')}"
        )
    for n in tree.names():
        folders = {f.lower() for f in n.split("/")[:-1]}
        if is_image(n) and folders & _DRAWN:
            tree.leave([n], "drawn from the objects, which are read")
        elif n.lower().endswith(".json") and (
            folders & _NOTES or "machine_color" in n or n.endswith("key_id_map.json")
        ):
            tree.leave([n], "notes of Supervisely about its pictures")
    names = class_order(tree, marks.labels, classes, findings, list(meta.shapes) or None)
    options = {"strict": strict, "boxes": boxes, "classes": classes}
    points = {c: {"names": list(g.values()), "skeleton": []} for c, g in meta.nodes.items() if g}
    about = {"keypoints": points} if points else {}
    return marks_source("supervisely", tree, marks, names, findings, verify=verify, options=options, about=about,
                        splits=splits_named(splits, "names of datasets, tags of pictures"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Meta:
    """The classes of a project.

    Attributes
    ----------
    shapes
        The shape of each class, in their order (for old files, in which an object does not say its own).
    nodes
        Of a class that is a graph, the names of its points by their IDs.
    """

    shapes: Mapping[str, str] = field(default_factory=dict)
    nodes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Tree) -> _Meta:
        found = [n for n in tree.names() if n.rpartition("/")[2] == "meta.json"]
        for name in sorted(found, key=lambda n: n.count("/")):
            said = json_of(tree.read(name), tree.where(name))
            listed = said.get("classes") if isinstance(said, dict) else None
            if not isinstance(listed, list):
                tree.leave([name])
                continue
            good = [c for c in listed if isinstance(c, dict) and isinstance(c.get("title"), str) and c["title"]]
            return cls({c["title"]: str(c.get("shape")) for c in good}, {c["title"]: _node_names(c) for c in good})
        return cls()


def _node_names(c: Mapping[str, Any]) -> dict[str, str]:
    config = c.get("geometry_config")
    nodes = config.get("nodes") if isinstance(config, dict) else None
    if not isinstance(nodes, dict):
        return {}
    return {str(k): str(n.get("label") or k) for k, n in nodes.items() if isinstance(n, dict)}


def _is_annotation(name: str) -> bool:
    return name.lower().split("/")[-2:-1] == ["ann"]


def _dataset(name: str) -> str:
    """The dataset of an annotation file, the innermost of several.

    >>> _dataset("project/a/datasets/b/ann/x.json"), _dataset("ann/x.json")
    ('b', '')
    """
    parts = name.split("/")[:-2]
    return parts[-1] if parts else ""


def _picture(name: str, tree: Tree, pictures: Pairs) -> str | None:
    """``d/img/a.jpg`` of ``d/ann/a.jpg.json``; of old projects ``d/ann/a.json``."""
    folders = name.split("/")
    file = folders[-1][: -len(".json")]
    beside = "/".join([*folders[:-2], "img", file])
    if beside in tree:
        return beside
    # as place() has it, the name of a picture ends before its last dot
    return pictures.of(beside if is_image(file) else f"{beside}.jpg")


def _says_a_role(dataset: str) -> bool:
    return dataset == "all" or bool(split_of_folder(dataset))


def _split(tags: dict[str, Any], dataset: str) -> tuple[str, dict[str, Any]]:
    """By a tag without a value, which then is no column; else by the name of the dataset."""
    for name, value in tags.items():
        if value is True and (split := split_of_cell(name)):
            return split, {k: v for k, v in tags.items() if k != name}
    return split_of_folder(dataset), tags


def _tags(said: Any) -> dict[str, Any]:
    """Tags by their names; one without a value is True."""
    out: dict[str, Any] = {}
    for t in said if isinstance(said, list) else []:
        if isinstance(t, dict) and isinstance(t.get("name"), str) and t["name"]:
            value = t.get("value")
            if value is None or isinstance(value, str | int | float):
                out[t["name"]] = True if value is None else value
    return out


def _shapes(
    rows: Sequence[Any], size: tuple[int, int] | None, meta: _Meta, where: str, findings: Findings
) -> Iterator[tuple[Shape, str]]:
    numbers: dict[str, int] = {}
    made: list[tuple[Shape, str, str | None]] = []
    for i, o in enumerate(rows):
        at = f"{where}, object {i + 1}"
        if not isinstance(o, dict) or not isinstance(o.get("classTitle"), str) or not o["classTitle"]:
            findings.bad(at, f"is no object with a classTitle: {o!r:.80}")
            continue
        key = o.get("instance")
        bound = key if isinstance(key, str) and key else None
        try:
            made += ((shape, said, bound) for shape, said in _shape(o, size, meta, at, findings))
        except BadData as e:
            findings.bad(at, f"has {e}")
    parts: dict[tuple[str, str], list[type]] = {}
    for shape, _, bound in made:
        if bound is not None:
            parts.setdefault((bound, shape.label), []).append(type(shape))
    for shape, at, bound in made:
        kinds = parts.get((bound, shape.label), []) if bound is not None else []
        # one object has one shape of a kind; a group of several boxes is more than one object
        if bound is None or len(kinds) < 2 or len(set(kinds)) < len(kinds):
            yield shape, at
        else:
            yield with_instance(shape, numbers.setdefault(f"{bound} {shape.label}", len(numbers))), at


def _shape(
    o: Mapping[str, Any], size: tuple[int, int] | None, meta: _Meta, at: str, findings: Findings
) -> Iterator[tuple[Shape, str]]:
    label = o["classTitle"]
    kind = o.get("geometryType") or meta.shapes.get(label)
    attributes = _tags(o.get("tags"))
    points = o.get("points")
    said = points if isinstance(points, dict) else {}
    if kind == "rectangle":
        flat = _flat(said.get("exterior"))
        xs, ys = flat[0::2], flat[1::2]
        box = min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1
        yield from a_box(label, *box, at, findings, attributes)
    elif kind == "polygon":
        outer = ring([v + HALF for v in _flat(said.get("exterior"))])
        listed = said.get("interior")
        holes = [ring([v + HALF for v in _flat(h)]) for h in listed] if isinstance(listed, list) else []
        if holes:
            yield Mask(label, (), rle_with_holes(outer, holes, *_whole(size)), attributes=attributes), at
        else:
            yield Mask(label, (outer,), attributes=attributes), at
    elif kind in ("bitmap", "alpha_mask"):
        bitmap = o["bitmap"] if isinstance(o.get("bitmap"), dict) else {}
        origin = _flat([bitmap.get("origin")])
        if len(origin) != 2 or max(map(abs, origin)) > 2**31:
            raise BadData(f"a bitmap without a place: {bitmap!r:.80}")
        pixels = mask_of_png(unpacked(bitmap.get("data")))
        rle = rle_at(pixels, int(origin[0]), int(origin[1]), *_whole(size))
        yield Mask(label, (), rle, attributes=attributes), at
    elif kind == "point":
        x, y = _flat(said.get("exterior"))[:2]
        yield Keypoints(label, ((x + HALF, y + HALF, 2),), attributes=attributes), at
    elif kind == "graph":
        nodes = o.get("nodes")
        seen = _graph(nodes if isinstance(nodes, dict) else {}, meta.nodes.get(label, {}))
        yield Keypoints(label, seen, attributes=attributes), at
    else:
        findings.bad(at, f"is a {kind!r:.40}, which is not read")


def _graph(nodes: Mapping[str, Any], known: Mapping[str, str]) -> tuple[tuple[float, float, int], ...]:
    """The points of a graph in the order of its class; one that is switched off is hidden."""
    out: list[tuple[float, float, int]] = []
    for key in known or nodes:
        n = nodes.get(key)
        if not isinstance(n, dict):
            out.append((0.0, 0.0, 0))
            continue
        x, y = _flat([n.get("loc")])
        out.append((x + HALF, y + HALF, 1 if n.get("disabled") else 2))
    if not any(v for _, _, v in out):
        raise BadData("a graph without a point")
    return tuple(out)


def _whole(size: tuple[int, int] | None) -> tuple[int, int]:
    if size is None:
        raise BadData("a mask, but its file does not say how large the picture is")
    return size


def _flat(rows: Any) -> list[float]:
    """The numbers x, y, x, y ... of a list of points."""
    flat = [number(v) for p in rows if isinstance(p, list | tuple) for v in p[:2]] if isinstance(rows, list) else []
    if not flat or len(flat) % 2 or any(v != v for v in flat):
        raise BadData(f"no points x, y: {rows!r:.80}")
    return flat
