"""Write CVAT XML 1.1 for images: one ``annotations.xml`` beside ``images/``."""

from __future__ import annotations

import os
import shutil
from typing import IO, Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ..sources.columns import write_columns
from ..sources.holds import Holds, Keeper, things
from ..sources.outlines import pixels_of
from ..sources.plain import name_of, text_of_value
from ..sources.source import Keypoints, Mask, Record, Source
from ..sources.writing import ClassIds, named, new_folder
from ..storage.border import public

HOLDS = Holds(
    boxes=True, masks="one ring or rle", keypoints=True, label=True, attributes=None, columns=True, mixed=True
)
_SUBSET = {"train": "Train", "test": "Test"}


@public
def write_cvat(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as "CVAT for images 1.1": ``annotations.xml``, ``images/``, ``columns.csv``.

    A box, an outline and keypoints of one object share a ``group_id``; keypoints are skeletons; the class label
    is a tag; the role is the subset, and a set with roles is described as a project, since CVAT and Datumaro look for
    subsets there alone. Pictures are copied byte by byte. The folder appears when it is whole.

    Parameters
    ----------
    lossy : bool
        Leave out what CVAT cannot hold (outlines of several rings, captions, targets), with one warning; otherwise
        that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has what CVAT cannot hold.
    """
    ids, keeper = ClassIds(source, 0), Keeper("CVAT", HOLDS, lossy=lossy)
    columns = {}
    roles: dict[str, None] = {}
    said: dict[str, dict[str, None]] = {c: {} for c in source.classes}
    with new_folder(path) as folder:
        (folder / "images").mkdir()
        part = folder / ".images"
        with part.open("wb") as out:
            for k, (name, r) in enumerate(named(keeper.records(source))):
                (folder / "images" / name).write_bytes(r.image)
                roles[r.role] = None
                image = _image(k, name, r, ids, source)
                for shape in image:
                    said[shape.get("label", "")] |= {a.get("name", ""): None for a in shape.iterfind("attribute")}
                _write(out, image)
                if r.columns:
                    columns[name] = r.columns
        # the head stands first and is known last
        with (folder / "annotations.xml").open("wb") as out, part.open("rb") as images:
            out.write(b"<?xml version='1.0' encoding='utf-8'?>\n<annotations>\n<version>1.1</version>\n")
            _write(out, _meta(said, [_SUBSET[role] for role in roles if role]))
            shutil.copyfileobj(images, out)
            out.write(b"</annotations>\n")
        part.unlink()
        write_columns(folder, columns)


def _write(out: IO[bytes], e: Element) -> None:
    out.write(tostring(e, encoding="us-ascii", xml_declaration=False) + b"\n")


def _meta(said: dict[str, dict[str, None]], subsets: list[str]) -> Element:
    """The head: classes with the attributes that their shapes have; a project if there are subsets."""
    meta = Element("meta")
    whole = SubElement(meta, "project" if subsets else "task")
    labels = SubElement(whole, "labels")
    for c, attributes in said.items():
        e = SubElement(labels, "label")
        SubElement(e, "name").text = c
        inside = SubElement(e, "attributes")
        for name in attributes:
            a = SubElement(inside, "attribute")
            for key, value in (("name", name), ("mutable", "False"), ("input_type", "text")):
                SubElement(a, key).text = value
    if subsets:
        SubElement(whole, "subsets").text = "\n".join(subsets)
        tasks = SubElement(whole, "tasks")
        for subset in subsets:
            SubElement(SubElement(tasks, "task"), "subset").text = subset
    return meta


def _image(k: int, name: str, r: Record, ids: ClassIds, source: Source) -> Element:
    image = Element("image", id=str(k), name=name, width=str(r.width), height=str(r.height))
    if r.role:
        image.set("subset", _SUBSET[r.role])
    if r.label is not None:
        ids[r.label]  # a class that the source does not name is an error
        SubElement(image, "tag", label=r.label, source="manual")
    groups = [t.instance for t in things(r) if t.instance >= 0]
    for t in things(r):
        ids[t.label]
        group = groups.index(t.instance) + 1 if t.instance >= 0 else 0
        if t.box is not None:
            b = t.box
            corners = {"xtl": b.x, "ytl": b.y, "xbr": b.x + b.w, "ybr": b.y + b.h}
            _shape(image, "box", b, group, **{key: repr(float(v)) for key, v in corners.items()})
        if t.mask is not None:
            if t.mask.rle is None:
                _shape(image, "polygon", t.mask, group, points=_pairs(t.mask.polygons[0]))
            else:
                _shape(image, "mask", t.mask, group, **_runs(t.mask))
        if t.keypoints is not None:
            _skeleton(image, t.keypoints, group, source)
    return image


def _pairs(ring: tuple[float, ...]) -> str:
    return ";".join(f"{x!r},{y!r}" for x, y in zip(ring[0::2], ring[1::2]))


def _shape(image: Element, tag: str, shape: Any, group: int, **more: str) -> Element:
    attributes = dict(shape.attributes)
    occluded = "0"
    if type(attributes.get("occluded")) is int and attributes["occluded"] == 1 and tag != "skeleton":
        occluded = str(attributes.pop("occluded"))
    depth = attributes.get("z_order")
    z_order = str(attributes.pop("z_order")) if type(depth) is int and depth and abs(depth) < 2**53 else "0"
    e = SubElement(
        image, tag, {"label": shape.label, "source": "manual", "occluded": occluded, "z_order": z_order, **more}
    )
    if group:
        e.set("group_id", str(group))
    for key, value in attributes.items():
        SubElement(e, "attribute", name=name_of(key)).text = text_of_value(value)
    return e


def _skeleton(image: Element, k: Keypoints, group: int, source: Source) -> None:
    e = _shape(image, "skeleton", k, group)
    names = source.about.get("keypoints", {}).get(k.label, {}).get("names", [])
    if len(names) != len(k.points):
        names = [str(i) for i in range(len(k.points))]
    for name, (x, y, seen) in zip(names, k.points):
        SubElement(
            e,
            "points",
            label=name_of(name),
            outside=str(int(seen == 0)),
            occluded=str(int(seen == 1)),
            points=f"{x!r},{y!r}",
        )


def _runs(mask: Mask) -> dict[str, str]:
    """Run lengths row by row within the box of the mask, background first."""
    import numpy as np

    assert mask.rle is not None
    pixels = pixels_of(mask.rle)
    ys, xs = np.nonzero(pixels)
    top, left = (int(ys.min()), int(xs.min())) if len(ys) else (0, 0)
    h, w = (int(ys.max()) - top + 1, int(xs.max()) - left + 1) if len(ys) else (1, 1)
    flat = pixels[top : top + h, left : left + w].ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *edges, len(flat)]).tolist()
    if flat[0]:
        runs = [0, *runs]
    box = {"left": left, "top": top, "width": w, "height": h}
    return {"rle": ", ".join(map(str, runs)), **{key: str(v) for key, v in box.items()}}
