"""Write Label Studio tasks: ``tasks.json`` beside ``images/``, with the labelling configuration."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..errors import BadInput
from ..sources.holds import Holds, Keeper, things
from ..sources.json_list import GrowingList
from ..sources.outlines import pixels_of
from ..sources.plain import text_of_value
from ..sources.source import Record, Source
from ..sources.writing import ClassIds, named, new_folder
from ..storage.border import public
from .label_studio_brush import brush_of_pixels

HOLDS = Holds(boxes=True, masks="one ring or rle", captions=True, label=True, attributes=None, columns=True, mixed=True)
_TAGS = {"box": "rectangle", "ring": "polygon", "rle": "brush"}


@public
def write_label_studio(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as Label Studio tasks: ``tasks.json``, ``images/``, ``config.xml``, ``classes.txt``.

    Values are percent of the picture, so they return equal to about 1e-12 pixels. Attributes are texts of their
    region, a box and an outline of one object are linked by a relation, columns and the role are data of the
    task. The addresses are those of Label Studio's local files (``LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT`` is the
    folder). Tasks are written as they come; the folder appears when it is whole.

    Parameters
    ----------
    lossy : bool
        Leave out what Label Studio cannot hold (keypoints of an object, outlines of several rings, targets), with
        one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has what Label Studio cannot hold.
    """
    ids, keeper = ClassIds(source, 0), Keeper("Label Studio", HOLDS, lossy=lossy)
    kinds: dict[str, None] = {}
    texts: dict[str, None] = {}
    with new_folder(path) as folder:
        (folder / "images").mkdir()
        tasks = GrowingList(folder / "tasks.json")
        try:
            for k, (name, r) in enumerate(named(keeper.records(source)), 1):
                (folder / "images" / name).write_bytes(r.image)
                tasks.add(_task(k, name, r, ids, kinds), r.uri)
                texts |= dict.fromkeys(a for t in things(r) for a in t.first.attributes)
        finally:
            tasks.close()
        (folder / "classes.txt").write_text("".join(f"{c}\n" for c in source.classes), encoding="utf-8")
        (folder / "config.xml").write_bytes(_config(source, [k for k in kinds if k not in texts], texts))


def _task(k: int, name: str, r: Record, ids: ClassIds, kinds: dict[str, None]) -> dict[str, Any]:
    for key, value in r.columns.items():
        if key in ("image", "role") or not isinstance(value, str | int | float):
            raise BadInput(
                f"{r.uri} has the column {key!r} = {value!r:.60}, which Label Studio would not tell from the task's"
                " own; rename or drop it"
            )
    results: list[dict[str, Any]] = []

    def add(region: str, kind: str, value: dict[str, Any], name: str | None = None) -> None:
        kinds[kind] = None
        results.append(
            {
                "id": region,
                "type": kind,
                "from_name": name or kind,
                "to_name": "image",
                "original_width": r.width,
                "original_height": r.height,
                "image_rotation": 0,
                "value": value,
            }
        )

    for i, t in enumerate(things(r)):
        ids[t.label]  # a class that the source does not name is an error
        made = []
        for kind, shape, value in _values(t, r):
            region = f"{i}-{kind}"
            made.append(region)
            add(region, f"{_TAGS[kind]}labels", {**value, f"{_TAGS[kind]}labels": [t.label]})
            for key, v in shape.attributes.items():
                add(region, "textarea", {"text": [text_of_value(v)]}, key)
        if len(made) == 2:
            results.append({"type": "relation", "from_id": made[0], "to_id": made[1], "direction": "right"})
    if r.label is not None:
        ids[r.label]
        add("class", "choices", {"choices": [r.label]})
    for i, c in enumerate(r.captions):
        add(f"caption-{i}", "textarea", {"text": [c.text]}, "caption")
    data = {"image": f"/data/local-files/?d=images/{name}", **({"role": r.role} if r.role else {}), **r.columns}
    return {
        "id": k,
        "data": data,
        "annotations": [{"id": k, "was_cancelled": False, "ground_truth": False, "result": results}],
    }


def _values(t: Any, r: Record) -> list[tuple[str, Any, dict[str, Any]]]:
    """(kind, shape, value) of the box and the mask of an object, in percent."""
    out: list[tuple[str, Any, dict[str, Any]]] = []
    if t.box is not None:
        b = t.box
        across, down = 100 / r.width, 100 / r.height
        out.append(
            ("box", b, {"x": b.x * across, "y": b.y * down, "width": b.w * across, "height": b.h * down, "rotation": 0})
        )
    if t.mask is not None and t.mask.rle is not None:
        out.append(("rle", t.mask, {"format": "rle", "rle": brush_of_pixels(pixels_of(t.mask.rle))}))
    elif t.mask is not None:
        (ring,) = t.mask.polygons
        points = [[100 * x / r.width, 100 * y / r.height] for x, y in zip(ring[0::2], ring[1::2])]
        out.append(("ring", t.mask, {"points": points, "closed": True}))
    return out


def _config(source: Source, kinds: list[str], texts: Iterable[str]) -> bytes:
    """The labelling configuration with which a project can import the tasks."""
    view = Element("View")
    SubElement(view, "Image", name="image", value="$image")
    tags = {
        "rectanglelabels": "RectangleLabels",
        "polygonlabels": "PolygonLabels",
        "brushlabels": "BrushLabels",
        "choices": "Choices",
    }
    for kind in kinds:
        if kind in tags:
            e = SubElement(view, tags[kind], name=kind, toName="image")
            for c in source.classes:
                SubElement(e, "Choice" if kind == "choices" else "Label", value=c)
        else:
            SubElement(view, "TextArea", name="caption", toName="image")
    for name in texts:
        SubElement(view, "TextArea", name=name, toName="image", perRegion="true")
    indent(view)
    return tostring(view, encoding="utf-8")
