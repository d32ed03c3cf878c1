"""COCO: one JSON file for many pictures; instances, keypoints, captions, and several files of the same pictures."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadData, MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.detection import Marked, detection_source, task_of, with_instance
from ..sources.images import is_image
from ..sources.jsonstream import is_list, items
from ..sources.named_pictures import Pictures, pictures_of
from ..sources.opening import open_tree
from ..sources.outlines import checked_rle, ring
from ..sources.roles import Splits, Twice, nearness, split_of_file, splits_beside
from ..sources.source import Box, Caption, Keypoints, Mask, Source
from ..sources.spool import Spool
from ..sources.tree import Tree
from ..storage.border import public
from .coco_wholebody import joined

# An id as it is compared.
Key = int | str
# Where ids that are texts are numbered from: no set counts that far.
_TEXTS = 1 << 62
# So many images without a name or an id, and no better one before them: another JSON file than COCO's.
_ODD_ROWS = 100


@public
def read_coco(
    path: str | os.PathLike[str],
    *,
    annotations: str | None = None,
    root: str | os.PathLike[str] | None = None,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
) -> Source:
    """Read COCO annotations and their pictures from a folder or an archive.

    Every JSON file with a list of images is read, a list at a time: the memory is that of the pictures' names,
    whatever the number of annotations. A picture that several files list (instances, person keypoints, captions)
    gets the annotations of all of them; those with one id are one object. The pictures of a file are looked for
    in the folder that holds most of its names; where several do, in its own, or in one of its split. Pictures that no
    file lists are left out.

    Parameters
    ----------
    path : path
        Folder or archive, or one JSON file (its pictures lie in its folder or the one above).
    annotations : str, optional
        Read only the JSON files whose name contains this, for sets that hold several.
    root : path, optional
        Folder or archive where the pictures are, if elsewhere. Absolute names, Windows' and addresses are looked for
        by their last parts.
    strict, verify, boxes
        As in :func:`read_voc`.

    Returns
    -------
    Source
        Classes in the order of their ids. A file named train (``instances_train2017.json``) gives the role train; val
        or test, test; so does its folder, else a list (``train.txt``), else the folder of the picture. What is in val
        has the column ``split`` where there is a test part too. The
        outline of an object and its box have the same instance. The attributes of an annotation, and iscrowd,
        are those of its box. ``about["keypoints"]`` has names and skeleton of each class. Any id will do that is the
        same where it is used: a whole number, 2.0, a text.

    Raises
    ------
    MissingFile
        If there is no such JSON file or none of its pictures.
    BadData
        For damaged JSON or archives; with ``strict``, for a damaged picture, an image or category without an id of its
        own, a bad annotation.

    Source
    ------
    https://cocodataset.org/#format-data

    Examples
    --------
    >>> veml.write(veml.road_world("clear-city", 4), "roads-as-coco", "coco")
    >>> veml.read_coco("roads-as-coco")
    <Source coco 'roads-as-coco': 4 samples, detection, 4 classes>
    """
    p = Path(path)
    only = p.name if p.is_file() and p.suffix.lower() == ".json" else None
    folder = p
    if only:
        folder = p.parent.parent if p.parent.name == "annotations" else p.parent
    tree = open_tree(folder)
    there = pictures_of(tree, root)
    findings = Findings(tree.root, strict=strict, boxes=boxes)
    files, odd = [], ""
    for name in tree.names():
        short = name.split("/")[-1]
        if short.lower().endswith(".json") and (annotations or "") in short and only in (None, short):
            file = _File(name, tree, findings)
            odd = odd or file.odd
            if file.images:
                files.append(file)
            else:
                tree.leave([name])
    if not files:
        raise MissingFile(
            f"{path} holds no COCO file; looked for *.json with a list of images that have "
            f"a file_name (panoptic files are format='coco_panoptic'){odd and '; ' + odd}"
        )
    names: dict[Key, str] = {}
    for file in files:
        for k, label in file.categories.items():
            if names.setdefault(k, label) != label:
                raise BadData(
                    f"{file.where} calls the category {k} {label!r}, another file of the set {names[k]!r}; "
                    "read them one by one with annotations="
                )
    pictures: dict[str, list[tuple[_File, int]]] = {}
    left = {file: list(file.place(there, pictures, findings)) for file in files}
    for file, missing in left.items():
        file.look_elsewhere(missing, there, pictures, findings)
    about: dict[str, Any] = {}
    for key in ("keypoints", "supercategory"):
        told = {c["name"]: c[key] for f in files for c in f.about.values() if key in c}
        if told:
            about[key] = told

    def get(name: str, found: Findings) -> Marked:
        return _marked(name, pictures[name], found)

    return detection_source(
        "coco",
        there.tree,
        pictures,
        get,
        list(dict.fromkeys(names[k] for k in sorted(names, key=in_order))),
        findings,
        task=task_of(kind for f in files for kind in f.seen),
        verify=verify,
        about=about,
        options={"strict": strict, "boxes": boxes, "annotations": annotations, "only": only, "records": 3},
        annotations=tree,
        splits=_splits(there.tree, pictures),
    )


def _splits(tree: Tree, pictures: Placed) -> Splits:
    """By the names and folders of the JSON files, else by lists or the folders of the pictures."""

    def said(name: str) -> str:
        return next((s for f, _ in pictures[name] if (s := split_of_file(f.name))), "")

    twice = Twice()
    for name, listed in pictures.items():
        split_by = [(s, f.name) for f, _ in listed if (s := split_of_file(f.name))] if len(listed) > 1 else []
        for split, file in split_by[1:]:
            if split != split_by[0][0]:
                twice.add(name, split_by[0][1], file)
    beside = splits_beside(tree, (n for n in pictures if not said(n)))
    parts = frozenset(map(said, pictures)) - {""}
    origin = ["names of the JSON files"] * bool(parts) + [beside.origin] * bool(beside.origin)
    return Splits(
        lambda name: said(name) or beside.find(name),
        parts | beside.parts,
        ", ".join(origin),
        beside.told + twice.told(tree),
    )


def key_of(row: Mapping[str, Any], name: str) -> Key | None:
    """The id of a row as it is compared: a whole number (also 2.0, "2"), a text; None for anything else.

    >>> key_of({"id": 2.0}, "id"), key_of({"id": "2"}, "id"), key_of({"id": "a1"}, "id"), key_of({"id": True}, "id")
    (2, 2, 'a1', None)
    """
    value = row.get(name)
    if type(value) is int:  # nearly all are
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, str) and len(value) < 16 and value.isdecimal() and str(int(value)) == value:
        return int(value)
    return value if isinstance(value, int) or (isinstance(value, str) and value) else None


def in_order(key: Key) -> tuple[bool, Key]:
    """Numbers first, then texts."""
    return isinstance(key, str), key


def read_categories(rows: Iterator[Any], where: str, findings: Findings) -> dict[Key, dict[str, Any]]:
    """Categories by id, each with its name, supercategory, keypoints and whether it is a thing.

    A name that two ids have is one class, and a finding.
    """
    out: dict[Key, dict[str, Any]] = {}
    double: set[Key] = set()
    for c in rows:
        k, label = (key_of(c, "id"), c.get("name")) if isinstance(c, dict) else (None, None)
        if k is None or not isinstance(label, str) or not label:
            findings.bad(where, f"category {c!r:.80} has {'no id' if k is None else 'no name'}")
            continue
        if k in out and out[k]["name"] != label:
            findings.bad(where, f"two categories have the id {k!r}, {out[k]['name']!r} and {label!r}; neither is used")
            double.add(k)
            continue
        out[k] = {"name": label}
        if isinstance(c.get("supercategory"), str):
            out[k]["supercategory"] = c["supercategory"]
        if isinstance(c.get("keypoints"), list):
            bones = c.get("skeleton")
            out[k]["keypoints"] = {
                "names": [str(n) for n in c["keypoints"]],
                "skeleton": [list(b) for b in bones if isinstance(b, list)] if isinstance(bones, list) else [],
            }
        if c.get("isthing") in (0, 1):
            out[k]["isthing"] = c["isthing"]
    ids: dict[str, list[Key]] = {}
    for k, said in out.items():
        ids.setdefault(said["name"], []).append(k)
    for label, same in ids.items():
        if len(same) > 1:
            findings.bad(where, f"names the class {label!r:.60} for the ids {same[:6]}; they are read as one class")
    return {k: c for k, c in out.items() if k not in double}


def folder_of(listed: Iterator[str], json_name: str, tree: Tree, *, but: str = "") -> str:
    """The folder under which the listed files are.

    The one that holds most of them; of several that hold at least half as many as the best, the folder of the JSON
    itself comes first, then one inside it, then one of the split that the JSON is named after. The same names in
    several splits are normal. Folders called ``but`` hold something else under the same names: masks.
    """
    votes: Counter[str] = Counter()
    ends = set(listed)
    for n in tree.names():
        if is_image(n) and not (but and but in n.split("/")[:-1]):
            parts = n.split("/")
            for i in range(len(parts)):
                if "/".join(parts[i:]) in ends:
                    votes["/".join(parts[:i])] += 1
    stem = json_name.split("/")[-1].removesuffix(".json")
    best = max(votes.values(), default=0)
    near = {
        f: (nearness(f"{f}/x".lstrip("/"), json_name), v, any(len(w) > 2 and w in stem for w in f.split("/")[-1:]))
        for f, v in votes.items()
        if 2 * v >= best
    }
    first = [f for f, rank in near.items() if rank == max(near.values())]
    if len(first) > 1:
        raise BadData(
            f"{tree.where(json_name)}: its pictures are in {first[0]!r} and in {first[1]!r}, and nothing tells which"
            " are meant; put the file beside its pictures, or name a folder with one of them"
        )
    return (first or [""])[0]


_KINDS = (("bbox", "box"), ("segmentation", "mask"), ("caption", "caption"))


@dataclass(slots=True)
class _Row:
    """A picture as a JSON file lists it."""

    file_name: str
    size: tuple[int, int] | None
    columns: dict[str, Any] | None


class _File:
    """One JSON file: its pictures and categories in memory, its annotations in a spool by picture.

    ``odd`` says what is wrong with its first image, where no image of it can be used.
    """

    def __init__(self, name: str, tree: Tree, findings: Findings) -> None:
        self.name, self.where, self._tree = name, tree.where(name), tree
        self.images: dict[int, _Row] = {}
        self.about: dict[Key, dict[str, Any]] = {}
        self.seen: set[str] = set()
        self.odd = ""
        self._spool = Spool()
        self._texts: dict[str, int] = {}  # ids that are texts, as numbers
        ahead: list[tuple[str, str]] = []
        with tree.open(name) as stream:
            for i, row in enumerate(items(stream, self.where, "images.item", findings)):
                why = self._image(row)
                if why:
                    ahead.append((f"{self.where}, image number {i + 1}", f"{why}: {row!r:.80}"))
                if self.images:
                    for place, said in ahead:
                        findings.bad(place, said)
                    ahead.clear()
                elif len(ahead) > _ODD_ROWS:
                    break
        if not self.images:
            self.odd = f"{ahead[0][0]} {ahead[0][1]}" if ahead else ""
            return
        with tree.open(name) as stream:
            self.about = read_categories(items(stream, self.where, "categories.item", findings), self.where, findings)
        self.categories = {k: c["name"] for k, c in self.about.items()}
        i = -1
        with tree.open(name) as stream:
            for i, a in enumerate(items(stream, self.where, "annotations.item", findings)):
                if not isinstance(a, dict):
                    findings.bad(f"{self.where}, annotation number {i + 1}", f"is no object: {a!r:.80}")
                    continue
                k = self._number(key_of(a, "image_id"))
                if k is None or k not in self.images:
                    findings.bad(self.at(a, i), f"belongs to the image {a.get('image_id')!r:.40}, which is not listed")
                elif "segments_info" in a:
                    self.images = {}  # a panoptic file, which read_coco_panoptic reads
                    return
                else:
                    a = joined(a, self.about)
                    self._see(a)
                    self._spool.put(k, (i, a))
        if i < 0:
            with tree.open(name) as stream:
                if not is_list(stream, self.where, "annotations"):
                    findings.bad(self.where, "has annotations that are no list")

    def _number(self, key: Key | None) -> int | None:
        """The number under which an image is kept; one of its own for each id that is a text."""
        return self._texts.setdefault(key, _TEXTS + len(self._texts)) if isinstance(key, str) else key

    def _image(self, row: Any) -> str:
        """Take a picture in, or say why not."""
        if not isinstance(row, dict):
            return "is no object"
        k, file = self._number(key_of(row, "id")), row.get("file_name")
        if not isinstance(file, str) or not file:
            return "has no file_name"
        if k is None:
            return "has no id (a whole number or a text)"
        if k in self.images:
            return f"has the id {row['id']!r:.40} of another image; ids are unique in COCO"
        size = number(row.get("width")), number(row.get("height"))
        columns = row.get("columns")
        self.images[k] = _Row(
            file,
            (int(size[0]), int(size[1])) if all(s > 0 for s in size) else None,
            {k: v if isinstance(v, str | int | float) else json.dumps(v) for k, v in columns.items()}
            if isinstance(columns, dict) and columns
            else None,
        )
        return ""

    def _see(self, a: dict[str, Any]) -> None:
        for key, kind in _KINDS:
            if kind not in self.seen and a.get(key):
                self.seen.add(kind)
        points = a.get("keypoints")
        if isinstance(points, list) and "keypoints" not in self.seen and any(points[2::3]):
            self.seen.add("keypoints")

    def at(self, a: dict[str, Any], i: int) -> str:
        """How a message names an annotation."""
        return f"{self.where}, annotation {a.get('id', f'number {i}')!r:.40}"

    def place(self, there: Pictures, pictures: Placed, findings: Findings) -> Iterator[int]:
        """Note the pictures that are where their name says; the numbers of the others."""
        folder = folder_of((r.file_name for r in self.images.values()), self.name, there.tree)
        for k, row in self.images.items():
            file = f"{folder}/{row.file_name}".lstrip("/")
            if file in there.tree:
                self._put(file, k, pictures, findings)
            else:
                yield k

    def look_elsewhere(self, missing: list[int], there: Pictures, pictures: Placed, findings: Findings) -> None:
        """Find pictures by the last parts of their names: a picture that no exact name means, or report them."""
        for k in missing:
            said = self.images[k].file_name
            found = there.find(said, self.name)
            if found is None or (found in pictures and (self, k) not in pictures[found]):
                findings.not_there(f"{self.where}, image {self._id(k)!r:.40}", there.missing(said))
            else:
                self._put(found, k, pictures, findings)

    def _put(self, file: str, k: int, pictures: Placed, findings: Findings) -> None:
        listed = pictures.setdefault(file, [])
        mine = next((i for i, (other, _) in enumerate(listed) if other is self), None)
        if mine is None:
            listed.append((self, k))
            return
        findings.bad(
            f"{self.where}, image {self._id(k)!r:.40}",
            f"{file} has an entry already; a picture has one, the first with annotations is kept",
        )
        if not self._spool.get(listed[mine][1]):
            listed[mine] = (self, k)

    def _id(self, k: int) -> Key:
        return next((text for text, number in self._texts.items() if number == k), k) if k >= _TEXTS else k

    def annotations(self, k: int) -> list[tuple[int, dict[str, Any]]]:
        return self._spool.get(k)


# The entries of each picture, one a JSON file.
Placed = dict[str, list[tuple[_File, int]]]


@dataclass(slots=True)
class _Object:
    """One object: what the annotations with its id say, in all files."""

    label: str
    shapes: list[Any] = field(default_factory=list)


def _marked(name: str, listed: list[tuple[_File, int]], findings: Findings) -> Marked:
    objects: dict[Any, _Object] = {}
    captions: list[Caption] = []
    columns: dict[str, Any] = {}
    size = None
    for f, (file, k) in enumerate(listed):
        row = file.images[k]
        if size is not None and row.size not in (None, size):
            said = f"{row.size[0]} x {row.size[1]}" if row.size else ""
            findings.bad(
                f"{file.where}, image {file._id(k)!r:.40}", f"is {said}, but {listed[0][0].name} says otherwise"
            )
        size = size or row.size
        columns |= row.columns or {}
        for i, a in file.annotations(k):
            at = file.at(a, i)
            if isinstance(a.get("caption"), str) and "category_id" not in a:
                extra = a.get("attributes")
                captions.append(Caption(a["caption"], extra if isinstance(extra, dict) else {}))
                continue
            wanted = key_of(a, "category_id")
            category = None if wanted is None else file.about.get(wanted)
            if category is None:
                findings.bad(at, f"has the category {a.get('category_id')!r:.40}, which is not listed")
                continue
            own = key_of(a, "id")
            key = (own, category["name"]) if own is not None and len(listed) > 1 else (f, i)
            shapes_of = list(_shapes(a, category, at, findings))
            if key in objects and _elsewhere(objects[key].shapes, shapes_of):
                key = (f, i)  # files that count their annotations by themselves
            thing = objects.setdefault(key, _Object(category["name"]))
            for shape in shapes_of:
                if not thing.shapes or not any(type(shape[0]) is type(s) for s, _ in thing.shapes):
                    thing.shapes.append(shape)
    shapes = []
    for i, thing in enumerate(objects.values()):
        several = len(thing.shapes) > 1
        shapes += [(with_instance(s, i) if several else s, at) for s, at in thing.shapes]
    return Marked(name, tuple(shapes), "", columns, size, tuple(captions))  # type: ignore[arg-type]


def _elsewhere(known: list[Any], shapes: list[Any]) -> bool:
    """Whether what two files say under one id are two objects: their boxes are not the same to a pixel."""
    one, other = (next((s for s, _ in x if isinstance(s, Box)), None) for x in (known, shapes))
    if one is None or other is None:
        return False
    return any(abs(a - b) > 1 for a, b in ((one.x, other.x), (one.y, other.y), (one.w, other.w), (one.h, other.h)))


def _shapes(a: dict[str, Any], category: dict[str, Any], at: str, findings: Findings) -> list[tuple[Any, str]]:
    """Box, mask and keypoints of one annotation; the attributes go with the first of them."""
    label: str = category["name"]
    out: list[tuple[Any, str]] = []
    extra, derived = a.get("attributes"), a.get("derived")
    attributes: dict[str, Any] = dict(extra) if isinstance(extra, dict) else {}
    if a.get("iscrowd"):
        attributes["iscrowd"] = 1
    bbox, outline, points = a.get("bbox"), a.get("segmentation"), a.get("keypoints")
    if derived != "bbox":
        if isinstance(bbox, list) and len(bbox) == 4:
            out += a_box(label, bbox[0], bbox[1], bbox[2], bbox[3], at, findings, attributes)
        elif bbox is not None or not outline:
            findings.bad(at, f"has no bbox of four numbers: {bbox!r:.80}")
    if outline:
        try:
            mask = mask_of(label, outline, {} if out else attributes)
            out.append((mask, at))
        except BadData as e:
            findings.bad(at, f"has {e}")
    if isinstance(points, list) and any(points[2::3]):
        there = points_of(points)
        wanted = category.get("keypoints", {}).get("names")
        if there is None or (wanted is not None and len(wanted) != len(there)):
            findings.bad(
                at, f"has keypoints that are no {len(wanted) if wanted else ''} triples x, y, visible: {points!r:.80}"
            )
        else:
            out.append((Keypoints(label, there, attributes={} if out else attributes), at))
    return out


def mask_of(label: str, outline: Any, attributes: Mapping[str, Any]) -> Mask:
    """A mask of COCO's segmentation; BadData with the reason alone."""
    if isinstance(outline, dict):
        return Mask(label, (), checked_rle(outline), -1, attributes)
    if not isinstance(outline, list):
        raise BadData(f"a segmentation that is neither outlines nor run lengths: {outline!r:.60}")
    return Mask(label, tuple(ring(r) for r in outline), None, -1, attributes)


def points_of(flat: list[Any]) -> tuple[tuple[float, float, int], ...] | None:
    """Triples of a flat list, or None if it is none."""
    values = [number(v) for v in flat]
    if len(values) % 3 or any(v != v for v in values) or any(v not in (0, 1, 2) for v in values[2::3]):
        return None
    return tuple((values[i], values[i + 1], int(values[i + 2])) for i in range(0, len(values), 3))
