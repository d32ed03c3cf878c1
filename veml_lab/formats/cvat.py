"""CVAT XML 1.1, "for images" and "for video": boxes, outlines, masks, points, skeletons, tags, tracks."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from ..errors import BadData, MissingFile
from ..sources.checks import Findings, Stopped, a_box, number
from ..sources.columns import columns_beside
from ..sources.detection import Marked, Marks, class_order, marks_source
from ..sources.encodings import utf8
from ..sources.images import MAX_PIXELS
from ..sources.named_pictures import Pictures, pictures_of
from ..sources.opening import open_tree
from ..sources.outlines import Rle, ring, rle_of
from ..sources.plain import value_of
from ..sources.roles import split_of_cell
from ..sources.source import Keypoints, Mask, Source
from ..sources.spool import Spool
from ..sources.tree import Tree
from ..sources.xmlstream import elements
from ..storage.border import public

if TYPE_CHECKING:
    from ..sources.detection import Shape

_SHAPES = ("box", "polygon", "mask", "points", "skeleton", "polyline", "ellipse", "cuboid")
_TAGS = frozenset(("image", "track", "label"))


@public
def read_cvat(
    path: str | os.PathLike[str],
    *,
    root: str | os.PathLike[str] | None = None,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read CVAT's XML and its pictures from a folder or an archive, element by element.

    Parameters
    ----------
    path : path
        Folder or archive with ``annotations.xml`` (any ``*.xml`` whose outermost tag is ``annotations``) and the
        pictures, or the XML file itself. The frames of a video are pictures named ``frame_000017``.
    root : path, optional
        As in :func:`read_coco`.
    strict, verify, boxes
        As in :func:`read_voc`.
    classes : sequence of str, optional
        Class names in order, shapes of others are left out; else those of the file's labels.

    Returns
    -------
    Source
        Shapes of different kinds in one group are one object; a larger group is the attribute ``group``. A turned
        box is an outline. A tag is the class label, of several the first. Boxes of a track have the attribute
        ``track``, their pictures the column ``frame``. Lines, ellipses and cuboids are skipped and counted.

    Raises
    ------
    MissingFile
        If there is no such XML file or none of its pictures.
    BadData
        For damaged XML (also entity bombs) or archives; with ``strict``, for a damaged picture, a second entry of a
        picture, a bad shape.

    Source
    ------
    https://docs.cvat.ai/docs/manual/advanced/xml_format/
    """
    p = Path(path)
    only = p.name if p.is_file() and p.suffix.lower() == ".xml" else None
    tree = open_tree(p.parent if only else p)
    files = [n for n in tree.names() if n.lower().endswith(".xml") and only in (None, n) and is_cvat(tree, n)]
    tree.leave(n for n in tree.names() if n.lower().endswith(".xml") and n not in files)
    if not files:
        raise MissingFile(f"{path} holds no CVAT file; looked for *.xml with the outermost tag annotations")
    findings = Findings(tree.root, strict=strict, boxes=boxes)
    reading = _Reading(tree, pictures_of(tree, root), findings)
    for file in files:
        reading.file(file)
    about: dict[str, Any] = {"keypoints": reading.skeletons} if reading.skeletons else {}
    return marks_source(
        "cvat",
        reading.pictures.tree,
        reading.marks,
        class_order(tree, reading.marks.labels, classes, findings, list(reading.labels) or None),
        findings,
        verify=verify,
        options={"strict": strict, "boxes": boxes, "classes": classes, "only": only},
        about=about,
        annotations=tree,
        roles_from="the subsets of the XML file",
    )


def is_cvat(tree: Tree, name: str) -> bool:
    """True if the outermost tag is ``annotations``; only the head of the file is read."""
    with tree.open(name) as stream:
        head = utf8(stream.read(4000))
    return b"<annotations" in head and b"<annotation>" not in head


class _Reading:
    """All files of a set: what is collected while their elements go by."""

    def __init__(self, tree: Tree, pictures: Pictures, findings: Findings) -> None:
        self.tree, self.findings = tree, findings
        self.name = ""
        self.pictures, self.columns = pictures, columns_beside(tree)
        self.marks = Marks()
        self.labels: dict[str, None] = {}
        self.skeletons: dict[str, dict[str, Any]] = {}

    def file(self, name: str) -> None:
        where, self.name = self.tree.where(name), name
        frames, spool = False, Spool()
        with self.tree.open(name) as stream:
            for e in elements(stream, where, _TAGS):
                if e.tag == "label":
                    label = (e.findtext("name") or "").strip()
                    # a part of a skeleton is no class of its own
                    if label and not (e.findtext("parent") or "").strip():
                        self.labels[label] = None
                elif e.tag == "image":
                    self._image(e, where)
                else:
                    frames = True
                    self._track(e, where, spool)
        if frames:
            self._frames(spool, where)

    def _image(self, e: Element, where: str) -> None:
        said = e.get("name") or ""
        at = f"{where}, image {said!r:.80}"
        subset = e.get("subset") or ""
        name = self._place(said, at, subset)
        if name is None:
            return
        size = number(e.get("width")), number(e.get("height"))
        shapes, label, before = [], None, self.findings.count
        for i, s in enumerate(e, 1):
            place = f"{at}, shape {i}"
            if s.tag == "tag":
                if label is None and s.get("label"):
                    label = s.get("label")
                else:
                    self.findings.bad(place, f"is another class {s.get('label')!r} of the picture; one is kept")
            elif s.tag in _SHAPES:
                shapes += [(shape, s.get("group_id"), place) for shape in self._shape(s, place, size)]
        self.marks.add(
            Marked(
                name,
                tuple(_grouped(shapes)),
                split_of_cell(subset),
                self.columns.get(name.rpartition("/")[2], {}),
                (int(size[0]), int(size[1])) if all(s > 0 for s in size) else None,
                label=label,
                lost=self.findings.count > before,
            ),
            at,
            self.findings,
        )

    def _place(self, said: str, at: str, subset: str) -> str | None:
        by = f"{self.name.rpartition('/')[0]}/{subset}/".lstrip("/") if subset else self.name
        name = self.pictures.find(said, by) if said else None
        if name is None:
            self.findings.not_there(at, self.pictures.missing(said) if said else "has no name")
        return name

    def _shape(
        self, s: Element, at: str, size: tuple[float, float], label: str | None = None, **more: Any
    ) -> Iterator[Shape]:
        label = label or (s.get("label") or "").strip()
        hidden = s.get("occluded") == "1"
        attributes: dict[str, Any] = {"occluded": 1} if hidden and s.tag not in ("points", "skeleton") else {}
        depth = number(s.get("z_order"))
        if depth == depth and depth != 0:
            attributes["z_order"] = int(depth)
        for a in s.iterfind("attribute"):
            if key := (a.get("name") or "").strip():
                attributes[key] = value_of(a.text or "")
        attributes |= more
        try:
            if not label:
                raise BadData("no class")
            if s.tag == "box":
                x0, y0, x1, y1 = (number(s.get(k)) for k in ("xtl", "ytl", "xbr", "ybr"))
                turned = number(s.get("rotation") or 0)
                if turned and turned == turned:
                    yield Mask(label, (_turned(x0, y0, x1, y1, turned),), attributes=attributes)
                else:
                    yield from (b for b, _ in a_box(label, x0, y0, x1 - x0, y1 - y0, at, self.findings, attributes))
            elif s.tag == "polygon":
                yield Mask(label, (ring([v for p in _points(s) for v in p]),), attributes=attributes)
            elif s.tag == "mask":
                yield Mask(label, (), _rle(s, size), attributes=attributes)
            elif s.tag == "points":
                seen = 1 if hidden else 2
                yield Keypoints(label, tuple((x, y, seen) for x, y in _points(s)), attributes=attributes)
            elif s.tag == "skeleton":
                yield self._skeleton(s, label, attributes)
            else:
                raise BadData(f"the kind {s.tag}, which has no place here")
        except Stopped:
            raise
        except BadData as e:
            self.findings.bad(at, f"has {e}")

    def _skeleton(self, s: Element, label: str, attributes: dict[str, Any]) -> Keypoints:
        points, names = [], []
        for p in s.iterfind("points"):
            ((x, y),) = _points(p)[:1] or [(0.0, 0.0)]
            points.append((x, y, 0 if p.get("outside") == "1" else 1 if p.get("occluded") == "1" else 2))
            names.append(p.get("label") or "")
        if not any(v for _, _, v in points):
            raise BadData("a skeleton without a point")
        if names != [str(i) for i in range(len(names))]:
            known = self.skeletons.setdefault(label, {"names": names, "skeleton": []})
            if known["names"] != names:
                raise BadData(f"a skeleton with the points {names}, others of {label!r} have {known['names']}")
        return Keypoints(label, tuple(points), attributes=attributes)

    def _track(self, e: Element, where: str, spool: Spool) -> None:
        label, track = (e.get("label") or "").strip(), int(n) if (n := number(e.get("id"))) == n else -1
        for s in e:
            if s.tag not in _SHAPES or s.get("outside") == "1":
                continue
            frame = number(s.get("frame"))
            at = f"{where}, track {track}, frame {s.get('frame')!r:.20}"
            if frame != frame or frame != int(frame) or not 0 <= frame < 2**53:
                self.findings.bad(at, "is at no whole frame")
                continue
            for shape in self._shape(s, at, (-1, -1), label, track=track):
                m = Marked("", ((shape, at),))
                self.marks.note(m)
                spool.put(int(frame), _packed(m))

    def _frames(self, spool: Spool, where: str) -> None:
        for frame in spool.keys().tolist():
            at = f"{where}, frame {frame}"
            said = (
                f"frame_{frame:06d}{end}"
                for end in (".png", ".PNG", ".jpg", ".JPG", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
            )
            name = next((n for s in said if (n := self.pictures.find(s, self.name))), None)
            if name is None:
                self.findings.not_there(at, f"its picture frame_{frame:06d} is not there")
                continue
            shapes = [_unpacked(v) for v in spool.get(frame)]
            columns = {"frame": frame, **self.columns.get(name.rpartition("/")[2], {})}
            self.marks.add(Marked(name, tuple(shapes), "", columns), at, self.findings)


def _packed(m: Marked) -> Any:
    from ..sources.detection import plain_shape

    ((shape, at),) = m.shapes
    return plain_shape(shape), at


def _unpacked(value: Any) -> tuple[Shape, str]:
    from ..sources.detection import shape_of

    return shape_of(*value[0]), value[1]


def _points(e: Element) -> list[tuple[float, float]]:
    out = []
    for pair in (e.get("points") or "").split(";"):
        x, _, y = pair.partition(",")
        out.append((number(x), number(y)))
    if any(v != v for p in out for v in p):
        raise BadData(f"points that are no pairs of finite numbers: {e.get('points')!r:.80}")
    return out


def _turned(x0: float, y0: float, x1: float, y1: float, degrees: float) -> tuple[float, ...]:
    """The corners of a box turned clockwise about its middle."""
    import math

    cx, cy, a = (x0 + x1) / 2, (y0 + y1) / 2, math.radians(degrees)
    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return ring(
        [
            v
            for x, y in corners
            for v in (
                cx + (x - cx) * math.cos(a) - (y - cy) * math.sin(a),
                cy + (x - cx) * math.sin(a) + (y - cy) * math.cos(a),
            )
        ]
    )


def _rle(s: Element, size: tuple[float, float]) -> Rle:
    """A mask of CVAT: run lengths row by row within a box, background first."""
    import numpy as np

    width, height = size
    left, top, w, h = (number(s.get(k)) for k in ("left", "top", "width", "height"))
    runs = [number(v) for v in (s.get("rle") or "").split(",")]
    numbers = [width, height, left, top, w, h, *runs]
    if (
        any(v != v or v != int(v) or v < 0 for v in numbers)
        or left + w > width
        or top + h > height
        or width * height > MAX_PIXELS
    ):
        raise BadData("a mask that lies outside its picture, or whose numbers are not whole")
    if sum(runs) != w * h:
        raise BadData(f"a mask whose run lengths do not fill its {w:g} x {h:g} pixels")
    lengths = np.array(runs, np.int64)
    inside = np.repeat(np.arange(len(runs)) % 2, lengths).astype(np.uint8).reshape(int(h), int(w))
    pixels = np.zeros((int(height), int(width)), np.uint8)  # (h, w)
    pixels[int(top) : int(top + h), int(left) : int(left + w)] = inside
    return rle_of(pixels)


def _grouped(shapes: list[tuple[Shape, str | None, str]]) -> Iterator[tuple[Shape, str]]:
    """Shapes of different kinds and one class in a group are one object; other groups are an attribute."""
    import dataclasses

    groups: defaultdict[int, list[Shape]] = defaultdict(list)
    for shape, group, _ in shapes:
        n = number(group)
        if n == n and n > 0:
            groups[int(n)].append(shape)
    for shape, group, at in shapes:
        n = number(group)
        if not (n == n and n > 0):
            yield shape, at
            continue
        members = groups[int(n)]
        one = len({type(m) for m in members}) == len(members) > 1 and len({m.label for m in members}) == 1
        if one:
            yield dataclasses.replace(shape, instance=int(n) - 1), at
        else:
            yield dataclasses.replace(shape, attributes={**shape.attributes, "group": int(n)}), at
