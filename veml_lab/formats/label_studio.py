"""Label Studio's JSON export: rectangles, polygons, brushes, points, choices, texts."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ..errors import BadData, MissingFile
from ..sources.checks import Findings, Stopped, a_box, number
from ..sources.clues import no_text
from ..sources.detection import Marked, Marks, Shape, class_order, marks_source, with_instance
from ..sources.images import MAX_PIXELS, is_image
from ..sources.jsonstream import items, starts_with
from ..sources.named_pictures import Pictures, pictures_of
from ..sources.opening import open_tree
from ..sources.outlines import checked_rle, ring, rle_of
from ..sources.plain import value_of
from ..sources.roles import split_of_cell
from ..sources.source import Caption, Keypoints, Mask, Source
from ..sources.tree import Tree
from ..storage.border import public
from .label_studio_brush import pixels_of_brush

_SHAPES = ("rectangle", "polygon", "brush", "keypoint", "ellipse")
# Uploaded files get eight hexadecimal signs before their name.
_UPLOADED = re.compile(r"^[0-9a-f]{8}-(?=.)")


@public
def read_label_studio(
    path: str | os.PathLike[str],
    *,
    root: str | os.PathLike[str] | None = None,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read a JSON export of Label Studio and its pictures from a folder or an archive, a task at a time.

    Parameters
    ----------
    path : path
        Folder or archive with the ``*.json`` and the pictures, or the JSON file itself. Pictures are found by the
        end of their address, with or without the eight signs that Label Studio puts before an upload.
    root : path, optional
        As in :func:`read_coco`.
    strict, verify, boxes, classes
        As in :func:`read_voc`.

    Returns
    -------
    Source
        Of several annotations of a task the ground truth, else the last that was not cancelled. Shapes that a
        relation links are one object. Choices and texts of a region are its attributes; those of the picture are
        its class label and its captions; numbers and ratings of the picture, and the task's other data, columns.
        A turned rectangle is an outline. Ellipses are skipped and counted.

    Raises
    ------
    MissingFile
        If there is no such JSON file or none of its pictures.
    BadData
        For damaged JSON or archives; with ``strict``, for a damaged picture, a second task of a picture, a bad region.

    Source
    ------
    https://labelstud.io/guide/export, https://labelstud.io/guide/task_format
    """
    p = Path(path)
    only = p.name if p.is_file() and p.suffix.lower() == ".json" else None
    tree = open_tree(p.parent if only else p)
    findings = Findings(tree.root, strict=strict, boxes=boxes)
    marks, pictures, known = Marks(), pictures_of(tree, root), False
    for name in tree.names():
        if not name.lower().endswith(".json") or only not in (None, name) or not is_label_studio(tree, name):
            tree.leave([name])
            continue
        known = True
        with tree.open(name) as stream:
            for i, task in enumerate(items(stream, tree.where(name), "item", findings)):
                if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
                    findings.bad(f"{tree.where(name)}, task number {i + 1}", f"is no object with data: {task!r:.60}")
                    continue
                at = f"{tree.where(name)}, task {task.get('id', i + 1)!r:.40}"
                m = _task(task, at, name, pictures, findings)
                if m is not None:
                    marks.add(m, at, findings)
    if not known:
        raise MissingFile(
            f"{path} holds no Label Studio export; looked for *.json with a list of tasks that have data"
            f"{no_text(tree, '.json')}"
        )
    names = class_order(tree, marks.labels, classes, findings)
    options = {"strict": strict, "boxes": boxes, "classes": classes, "only": only}
    return marks_source(
        "label_studio",
        pictures.tree,
        marks,
        names,
        findings,
        verify=verify,
        options=options,
        annotations=tree,
        roles_from="role of each task",
    )


def is_label_studio(tree: Tree, name: str) -> bool:
    """True if the first item of a JSON list is a task."""
    with tree.open(name) as stream:
        if starts_with(stream) != "[":
            return False
    try:
        with tree.open(name) as stream:
            first = next(items(stream, tree.where(name), "item"), None)
    except BadData:
        return False
    return (
        isinstance(first, dict)
        and isinstance(first.get("data"), dict)
        and bool({"annotations", "completions", "predictions"} & first.keys())
    )


def _task(task: dict[str, Any], at: str, file: str, pictures: Pictures, findings: Findings) -> Marked | None:
    data = task["data"]
    key = next((k for k, v in data.items() if isinstance(v, str) and is_image(_address(v))), None)
    name = next((n for a in _names(_address(data[key])) if (n := pictures.find(a, file))), None) if key else None
    if name is None:
        findings.not_there(at, pictures.missing(data[key]) if key else f"names no picture: {data!r:.80}")
        return None
    before = findings.count
    annotations = findings.list_of(task.get("annotations", task.get("completions")), at, "annotations")
    for a in annotations:
        if not isinstance(a, dict):
            findings.bad(at, f"has an annotation that is no object: {a!r:.60}")
    done = [a for a in annotations if isinstance(a, dict) and not a.get("was_cancelled")]
    chosen = next((a for a in done if a.get("ground_truth")), done[-1] if done else {})
    if chosen and "result" not in chosen:
        findings.bad(at, f"has an annotation without a result: {chosen!r:.60}")
    if len(done) > 1:
        findings.bad(at, f"has {len(done)} annotations; {chosen.get('id')!r:.40} is taken")
    split = split_of_cell(data.get("role", ""))
    used = (key, "role") if split else (key,)
    columns = {k: v for k, v in data.items() if k not in used and isinstance(v, str | int | float)}
    region = _Regions(chosen.get("result"), at, findings)
    shapes = tuple(region.shapes())
    return Marked(
        name,
        shapes,
        split,
        columns | region.columns,
        region.size,
        tuple(region.captions),
        region.label,
        lost=findings.count > before,
    )


def _address(url: str) -> str:
    """The path that an address names: ``/data/local-files/?d=a/b.jpg`` is ``a/b.jpg``."""
    try:
        parts = urlsplit(url)
        local = parse_qs(parts.query).get("d")
    except ValueError:
        return ""
    return local[0] if local else unquote(parts.path)


def _names(path: str) -> list[str]:
    folder, _, file = path.rpartition("/")
    return [path, f"{folder}/{_UPLOADED.sub('', file)}"]


class _Regions:
    """The results of one annotation, sorted by region."""

    def __init__(self, results: Any, at: str, findings: Findings) -> None:
        self.at, self.findings = at, findings
        self.size: tuple[int, int] | None = None
        self.label: str | None = None
        self.captions: list[Caption] = []
        self.columns: dict[str, Any] = {}
        self._regions: dict[str, list[dict[str, Any]]] = {}
        self._links: list[tuple[str, str]] = []
        for i, r in enumerate(findings.list_of(results, at, "result")):
            if not isinstance(r, dict):
                findings.bad(f"{at}, result {i + 1}", f"is no object: {r!r:.60}")
            elif r.get("type") == "relation":
                self._links.append((str(r.get("from_id")), str(r.get("to_id"))))
            else:
                self._regions.setdefault(str(r.get("id", f"number {i}")), []).append(r)
        for key, parts in list(self._regions.items()):
            if not any(self._kind(r) for r in parts):
                del self._regions[key]
                for r in parts:
                    self._whole(r)

    @staticmethod
    def _kind(r: dict[str, Any]) -> str:
        """ "rectangle" of ``rectanglelabels`` and the like; "" for what is no shape."""
        said = str(r.get("type") or "")
        return next((s for s in _SHAPES if said in (s, f"{s}labels")), "")

    def _whole(self, r: dict[str, Any]) -> None:
        """A result about the whole picture."""
        value, kind = r.get("value"), str(r.get("type"))
        said = value.get(kind if kind != "textarea" else "text") if isinstance(value, dict) else None
        words = [w for w in (said if isinstance(said, list) else [said]) if isinstance(w, str)]
        if kind == "choices" and self.label is None and len(words) == 1:
            self.label = words[0]
        elif kind == "textarea" and words:
            self.captions += [Caption(w) for w in words]
        elif kind in ("number", "rating") and isinstance(said, int | float):
            self.columns[str(r.get("from_name") or kind)] = said
        else:
            self.findings.bad(
                f"{self.at}, result {r.get('id')!r:.20}", f"is {kind!r:.40}, which has no place here: {value!r:.60}"
            )

    def shapes(self) -> list[tuple[Shape, str]]:
        """The shapes of all regions; linked ones have one instance."""
        found: dict[str, tuple[Shape, str]] = {}
        for key, parts in self._regions.items():
            at = f"{self.at}, region {key!r:.20}"
            try:
                shape = self._region(parts, at)
            except Stopped:
                raise
            except BadData as e:
                self.findings.bad(at, f"has {e}")
                continue
            if shape is not None:
                found[key] = shape, at
        for i, (a, b) in enumerate(self._links):
            if a not in found or b not in found:
                continue
            (one, at), (other, there) = found[a], found[b]
            if type(one) is type(other) or one.label != other.label:
                continue  # a relation between two objects
            instance = max(one.instance, other.instance)
            instance = i if instance < 0 else instance
            found[a], found[b] = (with_instance(one, instance), at), (with_instance(other, instance), there)
        return list(found.values())

    def _region(self, parts: list[dict[str, Any]], at: str) -> Shape | None:
        main = next(r for r in parts if self._kind(r))
        kind = self._kind(main)
        labels, attributes = [], {}
        for r in parts:
            value = r.get("value")
            if not isinstance(value, dict):
                raise BadData(f"a result without a value: {r!r:.60}")
            said = value.get("labels") or value.get(f"{kind}labels")
            if isinstance(said, list) and said and isinstance(said[0], str):
                labels += said
            elif not self._kind(r):
                key = {"textarea": "text"}.get(str(r.get("type")), str(r.get("type")))
                attributes[str(r.get("from_name") or key)] = _plain(value.get(key))
        if isinstance(main.get("score"), float):
            attributes.setdefault("score", main["score"])
        w, h = (number(main.get(f"original_{k}")) for k in ("width", "height"))
        if not (w > 0 and h > 0 and w == int(w) and h == int(h) and w * h <= MAX_PIXELS):
            raise BadData("no original_width and original_height of a picture")
        self.size = self.size or (int(w), int(h))
        if self.size != (int(w), int(h)):
            raise BadData(f"the size {w:g} x {h:g}; another region says {self.size[0]} x {self.size[1]}")
        if len(set(labels)) != 1:
            raise BadData(f"{len(set(labels))} classes; a shape has one")
        return self._shape(kind, labels[0], main["value"], int(w), int(h), attributes, at)

    def _shape(
        self, kind: str, label: str, v: dict[str, Any], w: int, h: int, attributes: dict[str, Any], at: str
    ) -> Shape | None:
        if kind == "polygon":
            points = v.get("points")
            pairs = (
                points if isinstance(points, list) and all(isinstance(p, list) and len(p) == 2 for p in points) else []
            )
            shares = ring([x for p in pairs for x in p])
            return Mask(
                label, (tuple(x * (h if i % 2 else w) / 100 for i, x in enumerate(shares)),), attributes=attributes
            )
        if kind == "brush":
            if v.get("format") == "coco":
                return Mask(label, (), checked_rle({"size": [h, w], "counts": v.get("rle")}), attributes=attributes)
            return Mask(label, (), rle_of(pixels_of_brush(v.get("rle"), w, h)), attributes=attributes)
        x, y = number(v.get("x")) * w / 100, number(v.get("y")) * h / 100
        if kind == "keypoint":
            if not (math.isfinite(x) and math.isfinite(y)):
                raise BadData("a point that is no pair of finite numbers")
            return Keypoints(label, ((x, y, 2),), attributes=attributes)
        if kind == "ellipse":
            raise BadData("the kind ellipse, which has no place here")
        bw, bh, turned = (
            number(v.get("width")) * w / 100,
            number(v.get("height")) * h / 100,
            number(v.get("rotation") or 0),
        )
        if turned:
            c, s = math.cos(math.radians(turned)), math.sin(math.radians(turned))
            # Label Studio turns a rectangle clockwise about its top left corner
            corners = ((0.0, 0.0), (bw, 0.0), (bw, bh), (0.0, bh))
            return Mask(
                label,
                (ring([q for dx, dy in corners for q in (x + dx * c - dy * s, y + dx * s + dy * c)]),),
                attributes=attributes,
            )
        boxes = a_box(label, x, y, bw, bh, at, self.findings, attributes)
        return boxes[0][0] if boxes else None


def _plain(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return value_of(value[0])
    return value
