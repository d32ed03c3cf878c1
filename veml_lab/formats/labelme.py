"""LabelMe (and AnyLabeling, X-AnyLabeling): a JSON file of shapes beside each picture, or with the picture inside."""

from __future__ import annotations

import base64
import binascii
import json
import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import BadData, BadInput, MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.clues import LOOKED_INTO, Clues, Evidence, common_folder, no_text
from ..sources.columns import columns_beside, write_columns
from ..sources.detection import Marked, Marks, Shape, class_order, json_of, marks_source, text_of, with_instance
from ..sources.forms import ellipse_ring, mask_of_png, png_at, rle_at, unpacked
from ..sources.holds import Holds, Keeper, Thing, things
from ..sources.named_pictures import ELSEWHERE, Pictures, path_in
from ..sources.opening import open_tree
from ..sources.outlines import ring
from ..sources.pairs import Pairs, real_pictures
from ..sources.source import Keypoints, Mask, Record, Source
from ..sources.tree import Tree
from ..sources.writing import ClassIds, named, new_folder, refuse_classes
from ..storage.border import public

HOLDS = Holds(boxes=True, masks="any", attributes=None, columns=True, mixed=True)
VERSION = "5.5.0"
_FOLDERS = {"train": "train", "test": "test", "": "."}
# Lines of LabelMe's labels.txt that are no classes.
_NO_CLASS = ("__ignore__", "_background_")


def evidence(clues: Clues) -> Evidence | None:
    """JSON files with shapes and the path of a picture."""
    some = clues.ending(".json")[:LOOKED_INTO]
    found = [n for n in some if {"shapes", "imagePath"} <= set(clues.json_keys(n))]
    if not found:
        return None
    everywhere = [n for n in clues.ending(".json") if n.startswith(common_folder(found))]
    return Evidence(0.93, f"{len(everywhere):,} .json with shapes, as LabelMe has them", common_folder(found))


@public
def read_labelme(
    path: str | os.PathLike[str],
    *,
    root: str | os.PathLike[str] | None = None,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read LabelMe's JSON files and their pictures from a folder or an archive.

    Parameters
    ----------
    path : path
        Folder or archive with a ``*.json`` for each picture, or one such file. A picture is found by ``imagePath``,
        else by the name of the JSON file; where it is not there, the one inside the file (``imageData``) is taken.
    root : path, optional
        As in :func:`read_coco`.
    strict, verify, boxes, classes
        As in :func:`read_voc`; classes in the order of ``labels.txt``, if there is one.

    Returns
    -------
    Source
        Rectangles are boxes; polygons, turned rectangles, circles (as rings of 64 corners) and masks are masks;
        points are keypoints. Shapes of one class and one ``group_id`` are one object, its polygons the rings of one
        mask. Flags, ``attributes`` and the description of a shape are its attributes, flags of the picture columns.
        Lines are skipped and counted.

    Raises
    ------
    MissingFile
        If there is no such JSON file or none of its pictures.
    BadData
        For damaged archives; with ``strict``, for a damaged picture or JSON file, a bad shape.

    Source
    ------
    https://github.com/wkentaro/labelme, ``labelme/_label_file.py`` and ``labelme/utils/shape.py`` (shape_to_mask)

    Examples
    --------
    >>> veml.write(veml.road_world("clear-city", 4), "roads-as-labelme", "labelme")
    >>> veml.read("roads-as-labelme")
    <Source labelme 'roads-as-labelme': 4 samples, detection, 4 classes>
    """
    p = Path(path)
    only = p.name if p.is_file() and p.suffix.lower() == ".json" else None
    tree = open_tree(p.parent if only else p)
    there = tree if root is None else open_tree(root)
    findings = Findings(tree.root, strict=strict, boxes=boxes)
    files = [only] if only else [n for n in tree.names() if n.lower().endswith(".json")]
    place = _Place(there, mapped=root is not None)
    marks, columns, inside, known = Marks(), columns_beside(tree), {}, 0
    for name, data in tree.read_many(files, findings.fault):
        where = tree.where(name)
        content: Any = None
        with findings.part():
            content = json_of(data, where, findings)
        if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
            tree.leave([name])
            continue
        known += 1
        picture = place.of(name, content)
        if picture is None and content.get("imageData"):
            picture = f"{name}#imageData"
            inside[picture] = name
        if picture is None:
            findings.not_there(where, place.missing(str(content.get("imagePath"))))
            continue
        before = findings.count
        size = number(content.get("imageWidth")), number(content.get("imageHeight"))
        whole = (int(size[0]), int(size[1])) if all(s > 0 for s in size) else None
        shapes = list(_shapes(content["shapes"], whole, where, findings))
        more = {**_flags(content.get("flags")), **columns.get(picture.rpartition("/")[2], {})}
        marked = Marked(picture, tuple(shapes), "", more, whole, lost=findings.count > before)
        marks.add(marked, where, findings)
    if not known:
        raise MissingFile(
            f"{path} holds no LabelMe files; looked for *.json with shapes and imagePath{no_text(tree, '.json')}"
        )
    names = class_order(tree, marks.labels, classes, findings, _listed(tree, marks.labels))
    options = {"strict": strict, "boxes": boxes, "classes": classes, "only": only}
    pictures = _Inside(there, tree, inside) if inside else there
    return marks_source("labelme", pictures, marks, names, findings, verify=verify, options=options, annotations=tree)


class _Place:
    """Finds the picture of a JSON file: by what it says, beside it first; else by its name."""

    def __init__(self, tree: Tree, *, mapped: bool) -> None:
        self._tree, self._pictures = tree, Pictures(tree, else_do="" if mapped else ELSEWHERE)
        self._pairs = Pairs(real_pictures(tree))
        self.missing = self._pictures.missing

    def of(self, name: str, content: Mapping[str, Any]) -> str | None:
        said = content.get("imagePath")
        if isinstance(said, str) and said:
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(name), path_in(said)))
            if beside in self._tree:
                return beside
            # the same file name may be in several folders: the one called like the JSON file's is meant
            found = self._pictures.find(f"{posixpath.dirname(name)}/{path_in(said)}") or self._pictures.find(said)
            if found is not None:
                return found
        return self._pairs.of(name)


class _Inside(Tree):
    """A tree with further pictures, which are inside JSON files."""

    def __init__(self, pictures: Tree, files: Tree, inside: Mapping[str, str]) -> None:
        super().__init__(files.root)
        self._pictures, self._files, self._inside = pictures, files, inside

    def names(self) -> tuple[str, ...]:
        return (*self._pictures.names(), *self._inside)

    def read(self, name: str) -> bytes:
        if name not in self._inside:
            return self._pictures.read(name)
        file = self._inside[name]
        told = Findings(self.root, strict=False)  # who read it before has told its half signs
        content = json_of(self._files.read(file), self._files.where(file), told)
        try:
            return base64.b64decode(content["imageData"])
        except (binascii.Error, ValueError, TypeError) as e:
            raise BadData(f"{self.where(name)} is damaged ({e}); the picture that is inside cannot be read") from e

    def path(self, name: str) -> str | None:
        return None if name in self._inside else self._pictures.path(name)

    def where(self, name: str) -> str:
        return self._files.where(name) if name in self._inside else self._pictures.where(name)

    def stamp(self) -> list[Any]:
        return [self._files.stamp(), self._pictures.stamp()]


def _listed(tree: Tree, seen: Iterable[str]) -> list[str] | None:
    """LabelMe's labels.txt without the lines that are no classes; None where there is none."""
    for name in tree.names():
        if name.rpartition("/")[2] in ("labels.txt", "classes.txt") and tree.depth(name) < 2:
            lines = (s.strip() for s in text_of(tree.read(name), tree.where(name)).splitlines())
            return [s for s in lines if s and (s not in _NO_CLASS or s in set(seen))]
    return None


def _flags(said: Any) -> dict[str, bool]:
    return {k: v for k, v in said.items() if isinstance(v, bool)} if isinstance(said, dict) else {}


@dataclass(slots=True)
class _Object:
    """The shapes of one class and one group_id."""

    shapes: list[tuple[Shape, str]] = field(default_factory=list)


def _shapes(
    rows: Sequence[Any], size: tuple[int, int] | None, where: str, findings: Findings
) -> Iterator[tuple[Shape, str]]:
    objects: dict[Any, _Object] = {}
    for i, s in enumerate(rows):
        at = f"{where}, shape {i + 1}"
        if not isinstance(s, dict) or not isinstance(s.get("label"), str) or not s["label"]:
            findings.bad(at, f"is no object with a label: {s!r:.80}")
            continue
        group = s.get("group_id")
        key = (s["label"], group) if isinstance(group, int | str) else i
        found = objects.setdefault(key, _Object()).shapes
        for shape in _shape(s, size, at, findings):
            _join(found, shape)
    for k, o in enumerate(objects.values()):
        kinds = [type(s) for s, _ in o.shapes]
        one = 1 < len(kinds) == len(set(kinds))  # else they are only near each other
        yield from ((with_instance(s, k) if one else s, at) for s, at in o.shapes)


def _join(found: list[tuple[Shape, str]], made: tuple[Shape, str]) -> None:
    """Add a shape to an object: a further outline is a further ring of its mask."""
    shape, at = made
    for i, (old, where) in enumerate(found):
        if isinstance(old, Mask) and isinstance(shape, Mask) and old.rle is None and shape.rle is None:
            both = {**old.attributes, **shape.attributes}
            found[i] = replace(old, polygons=(*old.polygons, *shape.polygons), attributes=both), where
            return
    found.append((shape, at))


def _shape(
    s: Mapping[str, Any], size: tuple[int, int] | None, at: str, findings: Findings
) -> Iterator[tuple[Shape, str]]:
    label, kind = s["label"], s.get("shape_type") or "polygon"
    attributes = _attributes(s)
    rows = s.get("points")
    flat = [number(v) for p in rows if isinstance(p, list) for v in p[:2]] if isinstance(rows, list) else []
    if not flat or len(flat) % 2 or any(v != v for v in flat):
        findings.bad(at, f"has no points x, y: {rows!r:.80}")
        return
    xs, ys = flat[0::2], flat[1::2]
    try:
        if kind == "rectangle":
            # two corners in any order, or all four
            box = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
            yield from a_box(label, *box, at, findings, attributes)
        elif kind in ("polygon", "rotation", "oriented_rectangle", "quadrilateral"):
            yield Mask(label, (ring(flat),), attributes=attributes), at
        elif kind == "circle" and len(flat) == 4:
            radius = ((xs[1] - xs[0]) ** 2 + (ys[1] - ys[0]) ** 2) ** 0.5
            if radius <= 0:
                raise BadData("a circle without an extent")
            yield Mask(label, (ellipse_ring(xs[0], ys[0], radius, radius),), attributes=attributes), at
        elif kind in ("point", "points"):
            yield Keypoints(label, tuple((x, y, 2) for x, y in zip(xs, ys)), attributes=attributes), at
        elif kind == "mask":
            if size is None:
                raise BadData("a mask, but its file does not say how large the picture is")
            pixels = mask_of_png(unpacked(s.get("mask")))
            yield Mask(label, (), rle_at(pixels, round(min(xs)), round(min(ys)), *size), attributes=attributes), at
        else:
            findings.bad(at, f"is a {kind!r:.40}, which is not read")
    except BadData as e:
        findings.bad(at, f"has {e}")


def _attributes(s: Mapping[str, Any]) -> dict[str, Any]:
    more = s.get("attributes")
    out: dict[str, Any] = {**_flags(s.get("flags")), **(more if isinstance(more, dict) else {})}
    if isinstance(s.get("description"), str) and s["description"]:
        out["description"] = s["description"]
    return out


@public
def write_labelme(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as LabelMe files: a JSON file beside each picture, in ``train/``, ``test/`` or at the top.

    A mask is a polygon a ring, or a mask with its PNG; the parts of an object share a ``group_id``. Attributes stand
    under ``attributes``, which LabelMe keeps and X-AnyLabeling shows; ``labels.txt`` has the order of the classes,
    ``columns.csv`` the capture columns. The folder appears when it is whole.

    Parameters
    ----------
    lossy : bool
        Leave out what LabelMe cannot hold (keypoints, captions, targets), with one warning; otherwise that is an
        error.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has what LabelMe cannot hold.
    """
    refuse_classes(source, "LabelMe")
    ids, keeper = ClassIds(source, 0), Keeper("LabelMe", HOLDS, lossy=lossy)
    columns: dict[str, Mapping[str, Any]] = {}
    with new_folder(path) as folder:
        for name, r in named(keeper.records(source)):
            into = folder / _FOLDERS[r.role]
            into.mkdir(exist_ok=True)
            (into / name).write_bytes(r.image)
            content = _content(name, r, ids)
            (into / f"{name.rpartition('.')[0]}.json").write_text(_json(content, r.uri), encoding="utf-8")
            if r.columns:
                columns[name] = r.columns
        (folder / "labels.txt").write_text("".join(f"{c}\n" for c in source.classes), encoding="utf-8")
        write_columns(folder, columns)


def _json(content: Any, uri: str) -> str:
    try:
        return json.dumps(content, indent=1, allow_nan=False)
    except (TypeError, ValueError) as e:
        raise BadInput(f"{uri} has a value that JSON cannot hold ({e}); leave that attribute out") from e


def _content(name: str, r: Record, ids: ClassIds) -> dict[str, Any]:
    shapes: list[dict[str, Any]] = []
    for k, t in enumerate(things(r)):
        ids[t.label]  # a class that the source does not name is an error
        made = list(_parts(t))
        group = k if len(made) > 1 else None
        shapes += [{"label": t.label, "group_id": group, "flags": {}, **part} for part in made]
        if t.first.attributes:
            shapes[-len(made)]["attributes"] = dict(t.first.attributes)
    return {
        "version": VERSION,
        "flags": {},
        "shapes": shapes,
        "imagePath": name,
        "imageData": None,
        "imageHeight": r.height,
        "imageWidth": r.width,
    }


def _parts(t: Thing) -> Iterator[dict[str, Any]]:
    if t.box is not None:
        b = t.box
        yield {"shape_type": "rectangle", "points": [[b.x, b.y], [b.x + b.w, b.y + b.h]]}
    if t.mask is None:
        return
    if t.mask.rle is None:
        for r in t.mask.polygons:
            yield {"shape_type": "polygon", "points": [list(p) for p in zip(r[0::2], r[1::2])]}
        return
    yield _bitmap(t.mask)


def _bitmap(mask: Mask) -> dict[str, Any]:
    assert mask.rle is not None
    left, top, right, bottom, png = png_at(mask.rle)
    corners = [[float(left), float(top)], [float(right), float(bottom)]]
    return {"shape_type": "mask", "points": corners, "mask": base64.b64encode(png).decode("ascii")}
