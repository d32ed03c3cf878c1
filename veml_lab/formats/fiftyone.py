"""FiftyOne: the folders that it exports, with ``samples.json`` (everything) or ``labels.json`` (boxes, or classes)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..errors import BadData, BadInput, MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.clues import Clues, Evidence, common_folder
from ..sources.columns import columns_beside
from ..sources.detection import Marked, Marks, Shape, class_order, detection_source, json_of, with_instance
from ..sources.forms import rle_at, unpacked
from ..sources.images import MAX_PIXELS, is_image, without_ending
from ..sources.jsonstream import items
from ..sources.named_pictures import Pictures, pictures_of
from ..sources.opening import open_tree
from ..sources.outlines import ring
from ..sources.roles import Splits, split_of_cell, splits_beside
from ..sources.source import Keypoints, Mask, Source
from ..sources.tree import Tree
from ..storage.border import public

# The field that FiftyOne's own data sets use for what is true, where a sample has predictions beside it.
TRUTH = "ground_truth"
# FiftyOne's classes of several labels, and the key of their list.
_SEVERAL = {"Detections": "detections", "Polylines": "polylines", "Keypoints": "keypoints",
            "Classifications": "classifications"}  # fmt: skip
_SHAPES = ("Detections", "Detection", "Polylines", "Polyline", "Keypoints", "Keypoint")
_OWN = {"_id", "_cls", "attributes", "tags", "label", "bounding_box", "mask", "points", "closed", "filled", "index",
        "mask_path"}  # fmt: skip
_SAMPLE = {"_id", "filepath", "tags", "metadata", "_media_type", "_rand", "_dataset_id", "id", "media_type",
           "created_at", "last_modified_at"}  # fmt: skip


def evidence(clues: Clues) -> Evidence | None:
    """samples.json beside metadata.json, or labels.json with classes and labels."""
    for name in clues.called("samples.json"):
        if "samples" in clues.json_keys(name):
            return Evidence(0.97, f"{name} lists samples of FiftyOne", name.rpartition("/")[0])
    found = [n for n in clues.called("labels.json") if set(clues.json_keys(n)) == {"classes", "labels"}]
    if found and clues.pictures:
        return Evidence(0.93, f"{found[0]} has classes and labels as FiftyOne", common_folder(found))
    folder = [n for n in clues.ending(".json") if n.split("/")[-2:-1] == ["samples"]][:1]
    if folder and "filepath" in clues.json_keys(folder[0]):
        return Evidence(0.95, f"{folder[0]} is a sample of FiftyOne", folder[0].rpartition("samples/")[0])
    return None


@public
def read_fiftyone(
    path: str | os.PathLike[str],
    *,
    fields: str | Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read a folder that FiftyOne exported: ``FiftyOneDataset``, or its image detection or classification data sets.

    Parameters
    ----------
    path : path
        Folder or archive with ``samples.json`` (or ``samples/*.json``) and ``data/``; or with ``labels.json`` and
        ``data/``, also one such folder a split.
    fields : str or sequence of str, optional
        The fields of labels to read, where a sample has several of a kind (a truth and predictions); ``ground_truth``
        if not given.
    root : path, optional
        As in :func:`read_coco`.
    strict, verify, boxes, classes
        As in :func:`read_voc`.

    Returns
    -------
    Source
        A detection with a mask is a box and a mask of one object; closed polylines are masks, points that are not
        there (NaN) are not labelled. Confidence and whatever else a label has are its attributes; plain fields of a
        sample are columns; the tags train, test and validation give the roles.

    Raises
    ------
    MissingFile
        If there are no such files or none of their pictures.
    BadInput
        If a sample has several fields of a kind, none called ``ground_truth``, and ``fields`` does not say which.
    BadData
        For damaged JSON or archives; with ``strict``, for a damaged picture or a bad label.

    Source
    ------
    https://docs.voxel51.com/user_guide/export_datasets.html; fiftyone 1.22, ``core/labels.py``
    """
    tree = open_tree(path)
    pictures = pictures_of(tree, root)
    findings, marks = Findings(tree.root, strict=strict, boxes=boxes), Marks()
    wanted = (fields,) if isinstance(fields, str) else None if fields is None else tuple(fields)
    samples, listed = _samples(tree, findings), []
    lists = [n for n in tree.names() if n.rpartition("/")[2] == "labels.json"]
    if samples is not None:
        reader = _Sample(pictures, wanted, findings)
        for sample, where in samples:
            with findings.part():
                marked = reader.marked(sample, where)
                if marked is not None:
                    marks.add(marked, where, findings)
        listed = _default_classes(tree)
    elif lists:
        for name in lists:
            listed += [c for c in _labels(tree, name, marks, findings) if c not in listed]
    else:
        raise MissingFile(
            f"{path} holds no folder of FiftyOne; looked for samples.json, samples/*.json and labels.json"
        )
    if wanted and not marks.seen and marks:
        raise BadInput(f"no sample of {path} has labels in the fields {list(wanted)}")
    names = class_order(tree, marks.labels, classes, findings, listed or None)
    options = {"strict": strict, "boxes": boxes, "classes": classes, "fields": wanted}
    roles_from = "tags of the samples" if marks.parts else ""
    return detection_source(
        "fiftyone", pictures.tree, marks._at, lambda n, _: marks.get(n), names, findings, task=marks.task(),
        verify=verify, options=options, shares=True, annotations=tree, roles_from=roles_from,
        splits=Splits(parts=frozenset(marks.parts)) if marks.parts else splits_beside(pictures.tree, marks._at),
    )  # fmt: skip


def _samples(tree: Tree, findings: Findings) -> Iterator[tuple[Any, str]] | None:
    """(sample, place) of samples.json or of a folder of samples; None where there is neither."""
    one = sorted((n for n in tree.names() if n.rpartition("/")[2] == "samples.json"), key=lambda n: n.count("/"))
    many = [n for n in tree.names() if n.endswith(".json") and n.split("/")[-2:-1] == ["samples"]]
    if not one and not many:
        return None

    def walk() -> Iterator[tuple[Any, str]]:
        for name in one[:1]:
            with tree.open(name) as stream:
                for i, sample in enumerate(items(stream, tree.where(name), "samples.item", findings), 1):
                    yield sample, f"{tree.where(name)}, sample {i}"
        for name, data in tree.read_many(many if not one else (), findings.fault):
            with findings.part():
                yield json_of(data, tree.where(name), findings), tree.where(name)

    return walk()


def _default_classes(tree: Tree) -> list[str]:
    """The classes that metadata.json lists, all fields together."""
    for name in tree.names():
        if name.rpartition("/")[2] == "metadata.json" and tree.depth(name) < 2:
            said = json_of(tree.read(name), tree.where(name))
            if isinstance(said, dict):
                by_field = said.get("classes")
                lists = [said.get("default_classes"), *(by_field.values() if isinstance(by_field, dict) else ())]
                named = (c for one in lists if isinstance(one, list) for c in one)
                return list(dict.fromkeys(c for c in named if isinstance(c, str)))
    return []


class _Sample:
    """Reads samples: which fields are labels, and what they say in shares of the picture."""

    def __init__(self, pictures: Pictures, fields: tuple[str, ...] | None, findings: Findings) -> None:
        self._pictures, self._fields, self._findings = pictures, fields, findings

    def marked(self, sample: Any, where: str) -> Marked | None:
        said = sample.get("filepath") if isinstance(sample, dict) else None
        if not isinstance(said, str):
            raise BadData(f"{where} names no file")
        picture = self._pictures.find(said)
        if picture is None:
            self._findings.not_there(where, self._pictures.missing(said))
            return None
        before = self._findings.count
        chosen = self._chosen(sample, where)
        size = _size(sample.get("metadata"))
        shapes: list[tuple[Shape, str]] = []
        label = None
        for key in chosen:
            for kind, o in _labels_of(sample[key]):
                at = f"{where}, {key}"
                if kind in ("Classification", "Classifications"):
                    label = o.get("label") if isinstance(o.get("label"), str) else label
                else:
                    shapes += self._shapes(o, kind, size, len(shapes), at)
        tags = sample.get("tags")
        split = next((s for t in tags if (s := split_of_cell(t))), "") if isinstance(tags, list) else ""
        return Marked(
            picture,
            tuple(shapes),
            split,
            {k: v for k, v in sample.items() if k not in _SAMPLE and isinstance(v, str | int | float)},
            None,
            (),
            label,
            lost=self._findings.count > before,
        )

    def _chosen(self, sample: Mapping[str, Any], where: str) -> list[str]:
        """The fields to be read: as asked for; else those of their kind alone, or called ground_truth."""
        kinds: dict[str, list[str]] = {}
        for key, value in sample.items():
            kind = value.get("_cls") if isinstance(value, dict) else None
            if kind in _SHAPES or kind in ("Classification", "Classifications"):
                kinds.setdefault(str(kind).removesuffix("s"), []).append(key)
            elif kind in ("Segmentation", "Heatmap", "TemporalDetections", "GeoLocation"):
                self._findings.bad(f"{where}, {key}", f"is a {kind}, which is not read")
        if self._fields is not None:
            return [k for keys in kinds.values() for k in keys if k in self._fields]
        out = []
        for kind, keys in kinds.items():
            if len(keys) > 1 and TRUTH not in keys:
                raise BadInput(f"{where} has several fields of the kind {kind}: {keys}; say which with fields=")
            out.append(TRUTH if TRUTH in keys else keys[0])
        return out

    def _shapes(
        self, o: Mapping[str, Any], kind: str, size: tuple[int, int] | None, instance: int, at: str
    ) -> Iterator[tuple[Shape, str]]:
        label = o.get("label")
        if not isinstance(label, str) or not label:
            self._findings.bad(at, f"has no label: {label!r:.60}")
            return
        attributes = _attributes(o)
        try:
            if kind == "Detection":
                yield from self._detection(label, o, attributes, size, instance, at)
            elif kind == "Polyline":
                if not (o.get("closed") or o.get("filled")):
                    raise BadData("a line that is not closed, which is not read")
                rings = tuple(ring([v for p in _list(r) for v in _list(p)]) for r in _list(o.get("points")))
                if rings:
                    yield Mask(label, rings, attributes=attributes), at
            else:
                points = tuple(_point(p) for p in _list(o.get("points")))
                if any(v for _, _, v in points):
                    yield Keypoints(label, points, attributes=attributes), at
        except BadData as e:
            self._findings.bad(at, f"has {e}")

    def _detection(
        self, label: str, o: Mapping[str, Any], attributes: Mapping[str, Any], size: Any, instance: int, at: str
    ) -> Iterator[tuple[Shape, str]]:
        corner = o.get("bounding_box")
        if not isinstance(corner, list) or len(corner) != 4:
            raise BadData(f"no bounding_box of four numbers: {corner!r:.60}")
        x, y, w, h = corner
        box = a_box(label, x, y, w, h, at, self._findings, attributes)
        mask = o.get("mask")
        if not box or mask is None:
            yield from box
            return
        try:
            rle = _mask(mask, box[0][0], size)
        except BadData:
            yield from box
            raise
        yield from ((with_instance(b, instance), where) for b, where in box)
        yield Mask(label, (), rle, instance), at


def _labels_of(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(kind, label) of a field, of one label or several."""
    kind = value["_cls"]
    rows = value.get(_SEVERAL[kind]) if kind in _SEVERAL else [value]
    yield from ((kind.removesuffix("s"), o) for o in _list(rows) if isinstance(o, dict))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _size(metadata: Any) -> tuple[int, int] | None:
    said = [number(metadata.get(k)) for k in ("width", "height")] if isinstance(metadata, dict) else []
    return (int(said[0]), int(said[1])) if said and all(0 < s < MAX_PIXELS for s in said) else None


def _point(p: Any) -> tuple[float, float, int]:
    """A point in shares; one that is not there is NaN, in the extended JSON of MongoDB an object."""
    x, y = (number(v) for v in p) if isinstance(p, list) and len(p) == 2 else (float("nan"),) * 2
    return (x, y, 2) if x == x and y == y else (0.0, 0.0, 0)


def _attributes(o: Mapping[str, Any]) -> dict[str, Any]:
    """What else a label has: dynamic fields, the older ``attributes``, tags, the index of a track."""
    said = o.get("attributes")
    out = {k: v.get("value") if isinstance(v, dict) else v for k, v in (said if isinstance(said, dict) else {}).items()}
    out |= {k: v for k, v in o.items() if k not in _OWN}
    # what an object of MongoDB stands for (a date, a binary) is no value of an attribute
    out = {k: v for k, v in out.items() if v is not None and not isinstance(v, dict)}
    if o.get("tags"):
        out["tags"] = o["tags"]
    return out | ({"index": o["index"]} if isinstance(o.get("index"), int) else {})


def _mask(value: Any, box: Any, size: tuple[int, int] | None) -> tuple[int, int, str]:
    """Run lengths of a mask that fills its box, an array saved by NumPy and packed."""
    import io

    import numpy as np

    if size is None:
        raise BadData("a mask, but its sample has no metadata with the size of the picture (compute_metadata())")

    binary = value.get("$binary") if isinstance(value, dict) else value
    data = unpacked(binary.get("base64") if isinstance(binary, dict) else binary)
    try:
        pixels = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError) as e:
        raise BadData(f"a mask that is no array of NumPy ({e})") from e
    if pixels.ndim != 2 or not pixels.size or pixels.dtype.kind not in "biu":
        raise BadData("a mask that is no picture of one channel")
    width, height = size
    x0, y0 = round(box.x * width), round(box.y * height)
    w, h = max(1, round((box.x + box.w) * width) - x0), max(1, round((box.y + box.h) * height) - y0)
    # the mask is stretched over its box, as FiftyOne shows it
    rows = (np.arange(h) * pixels.shape[0] // h)[:, None]
    columns = (np.arange(w) * pixels.shape[1] // w)[None, :]
    return rle_at(pixels[rows, columns] > 0, x0, y0, width, height)


def _labels(tree: Tree, name: str, marks: Marks, findings: Findings) -> list[str]:
    """Read a ``labels.json`` of boxes or classes; the classes that it lists."""
    where = tree.where(name)
    said = json_of(tree.read(name), where, findings)
    labels = said.get("labels") if isinstance(said, dict) else None
    if not isinstance(labels, dict):
        tree.leave([name])
        return []
    listed = [c for c in _list(said.get("classes")) if isinstance(c, str)]
    folder = f"{name.rpartition('/')[0]}/data/".lstrip("/")
    there = {without_ending(n).removeprefix(folder): n for n in tree.names() if is_image(n) and n.startswith(folder)}
    columns = columns_beside(tree)
    for key, value in labels.items():
        at = f"{where}, {key!r:.80}"
        picture = there.get(without_ending(key)) or there.get(key)
        if picture is None:
            findings.not_there(at, "its picture is not in data/ beside it")
            continue
        before, label = findings.count, None
        shapes: list[tuple[Shape, str]] = []
        if isinstance(value, list):
            for o in value:
                shapes += _plain_box(o, listed, at, findings)
        elif value is not None:
            found = value.get("label") if isinstance(value, dict) else value
            label = _name(found, listed)
            if label is None:
                findings.bad(at, f"has a label that is neither a class nor its number: {found!r:.60}")
        more = columns.get(picture.rpartition("/")[2], {})
        lost = findings.count > before
        marks.add(Marked(picture, tuple(shapes), "", more, None, (), label, lost=lost), at, findings)
    return listed


def _name(said: Any, listed: Sequence[str]) -> str | None:
    """A class by its number, or as a text."""
    if isinstance(said, int) and not isinstance(said, bool):
        return listed[said] if 0 <= said < len(listed) else str(said) if not listed else None
    return said if isinstance(said, str) and said else None


def _plain_box(o: Any, listed: Sequence[str], at: str, findings: Findings) -> Iterable[tuple[Shape, str]]:
    label = _name(o.get("label"), listed) if isinstance(o, dict) else None
    corner = o.get("bounding_box") if isinstance(o, dict) else None
    if label is None or not isinstance(corner, list) or len(corner) != 4:
        findings.bad(at, f"has no label and bounding_box of four numbers: {o!r:.80}")
        return ()
    more = o.get("attributes")
    attributes = dict(more) if isinstance(more, dict) else {}
    if o.get("confidence") is not None:
        attributes["confidence"] = o["confidence"]
    return a_box(label, corner[0], corner[1], corner[2], corner[3], at, findings, attributes)
