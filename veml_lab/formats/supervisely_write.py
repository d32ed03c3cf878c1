"""Writing Supervisely: a project with a dataset for each role."""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from ..sources.columns import write_columns
from ..sources.forms import png_at
from ..sources.holds import Holds, Keeper, Thing, things
from ..sources.source import Box, Mask, Record, Source
from ..sources.writing import ClassIds, named, new_folder, refuse_classes
from ..storage.border import public
from .supervisely import HALF

HOLDS = Holds(boxes=True, masks="one ring or rle", attributes=None, columns=True, mixed=True)
_FOLDERS = {"train": "train", "test": "test", "": "all"}


@public
def write_supervisely(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as a Supervisely project: ``train/``, ``test/`` and ``all/`` (no role) with ``img`` and ``ann``.

    Boxes are rectangles, outlines polygons, run lengths bitmaps; the parts of an object are bound together. Attributes
    are tags: a name has texts, or numbers, or no value (True) in the whole project. Corners stay fractions of a pixel
    where they are; Supervisely itself rounds them. ``columns.csv`` has the capture columns. The folder appears when it
    is whole.

    Parameters
    ----------
    lossy : bool
        Leave out what Supervisely cannot hold (outlines of several rings, keypoints, captions, targets, attributes of
        several kinds), with one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has what Supervisely cannot hold.
    """
    refuse_classes(source, "Supervisely")
    ids, keeper = ClassIds(source, 0), Keeper("Supervisely", HOLDS, lossy=lossy)
    tags = _Tags(keeper)
    columns: dict[str, Mapping[str, Any]] = {}
    with new_folder(path) as folder:
        for name, r in named(keeper.records(source)):
            into = folder / _FOLDERS[r.role]
            for sub in ("img", "ann"):
                (into / sub).mkdir(parents=True, exist_ok=True)
            (into / "img" / name).write_bytes(r.image)
            text = json.dumps(_content(r, ids, tags), allow_nan=False)
            (into / "ann" / f"{name}.json").write_text(text, encoding="utf-8")
            if r.columns:
                columns[name] = r.columns
        classes = [{"title": c, "shape": "any", "color": _colour(i), "geometry_config": {}, "hotkey": ""}
                   for i, c in enumerate(source.classes)]  # fmt: skip
        meta = {"classes": classes, "tags": tags.declared(), "projectType": "images"}
        (folder / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
        write_columns(folder, columns)


class _Tags:
    """The tags of a project: each name has values of one kind."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper, self._kinds = keeper, dict[str, str]()

    def of(self, attributes: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
        out = []
        for name, value in attributes.items():
            kind = _kind(value)
            if kind is None or self._kinds.setdefault(name, kind) != kind:
                what = f"the attribute {name!r} as {type(value).__name__} (a tag has texts, numbers, or True alone)"
                self._keeper.lose(what, where)
                continue
            out.append({"name": name, "value": None if value is True else value})
        return out

    def declared(self) -> list[dict[str, Any]]:
        return [{"name": n, "value_type": k, "color": _colour(i), "hotkey": "", "applicable_type": "all", "classes": []}
                for i, (n, k) in enumerate(self._kinds.items())]  # fmt: skip


def _kind(value: Any) -> str | None:
    if value is True:
        return "none"
    if isinstance(value, str):
        return "any_string"
    finite = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
    return "any_number" if finite else None


def _colour(i: int) -> str:
    """A colour of its own for each number: steps of the golden ratio round the circle of hues."""
    import colorsys

    return "#" + "".join(f"{round(255 * v):02X}" for v in colorsys.hsv_to_rgb(i * 0.618034 % 1, 0.8, 0.9))


def _content(r: Record, ids: ClassIds, tags: _Tags) -> dict[str, Any]:
    objects: list[dict[str, Any]] = []
    for k, t in enumerate(things(r)):
        ids[t.label]  # a class that the source does not name is an error
        parts = list(_parts(t))
        said = tags.of(t.first.attributes, r.uri)
        for i, part in enumerate(parts):
            whole = {"description": "", "tags": said if i == 0 else [], "classTitle": t.label, **part}
            objects.append(whole | ({"instance": f"{k:032x}"} if len(parts) > 1 else {}))
    size = {"height": r.height, "width": r.width}
    return {"description": "", "tags": [], "size": size, "objects": objects}


def _parts(t: Thing) -> Iterator[dict[str, Any]]:
    if t.box is not None:
        yield {"geometryType": "rectangle", "points": _corners(t.box)}
    if t.mask is None:
        return
    if t.mask.rle is not None:
        yield {"geometryType": "bitmap", "bitmap": _bitmap(t.mask)}
        return
    (outer,) = t.mask.polygons
    points = [[x - HALF, y - HALF] for x, y in zip(outer[0::2], outer[1::2])]
    yield {"geometryType": "polygon", "points": {"exterior": points, "interior": []}}


def _corners(b: Box) -> dict[str, Any]:
    right, bottom = b.x + b.w - 1, b.y + b.h - 1
    return {"exterior": [[b.x, b.y], [right, bottom]], "interior": []}


def _bitmap(mask: Mask) -> dict[str, Any]:
    assert mask.rle is not None
    left, top, _, _, png = png_at(mask.rle)
    return {"origin": [left, top], "data": base64.b64encode(zlib.compress(png)).decode("ascii")}
