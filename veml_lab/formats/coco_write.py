"""Write COCO: instances with outlines and keypoints in one file a role, captions in another."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..sources.holds import Holds, Keeper, Thing, things
from ..sources.json_list import GrowingList
from ..sources.outlines import area, hull
from ..sources.source import Caption, Record, Source
from ..sources.writing import ClassIds, named, new_folder, refuse_classes
from ..storage.border import public

HOLDS = Holds(
    boxes=True, masks="any", keypoints=True, captions=True, attributes=None, columns=True, mixed=True, said=True
)


@public
def write_coco(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as COCO: ``images/<role>/`` and ``annotations/instances_<role>.json``.

    Pictures are copied byte by byte; captions go to ``captions_<role>.json``. Reading it again gives the same
    pictures, roles, boxes, masks, keypoints, captions, attributes, columns and class order. A mask or keypoints
    without a box get the box around them, as COCO wants one, with ``"derived": "bbox"`` beside it. Rows are
    written as they come: the memory does not grow with the source. The folder appears when it is whole.

    Parameters
    ----------
    lossy : bool
        Leave out what COCO cannot hold (regression targets), with one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has what COCO cannot hold.
    """
    refuse_classes(source, "COCO")
    ids, keeper = ClassIds(source, 1), Keeper("COCO", HOLDS, lossy=lossy)
    categories = [_category(i, label, source) for label, i in ids.items()]
    named_points = {label: k["names"] for label, k in source.about.get("keypoints", {}).items()}
    with new_folder(path) as folder:
        (folder / "annotations").mkdir()
        files: dict[tuple[str, str], _File] = {}
        total = 0
        try:
            for k, (name, r) in enumerate(named(keeper.records(source)), 1):
                role: str = r.role or "all"
                into = folder / "images" / role
                into.mkdir(parents=True, exist_ok=True)
                (into / name).write_bytes(r.image)
                image: dict[str, Any] = {"id": k, "file_name": name, "width": r.width, "height": r.height}
                if r.columns:
                    image["columns"] = dict(r.columns)
                for kind in ("instances", "captions") if r.captions else ("instances",):
                    key = kind, role
                    if key not in files:
                        files[key] = _File(folder / "annotations" / f"{kind}_{role}.json")
                    files[key].image(image, r.uri)
                for t in things(r):
                    total += 1
                    files["instances", role].annotation(
                        _annotation(t, total, k, ids[t.label], r, named_points.get(t.label)), r.uri
                    )
                for c in r.captions:
                    total += 1
                    files["captions", role].annotation(_caption(c, total, k), r.uri)
        finally:
            for (kind, _), file in files.items():
                file.close(categories if kind == "instances" else None)


def _category(i: int, label: str, source: Source) -> dict[str, Any]:
    row: dict[str, Any] = {"id": i, "name": label}
    if label in source.about.get("supercategory", {}):
        row["supercategory"] = source.about["supercategory"][label]
    if label in source.about.get("keypoints", {}):
        row["keypoints"] = list(source.about["keypoints"][label]["names"])
        row["skeleton"] = list(source.about["keypoints"][label].get("skeleton", []))
    return row


def _annotation(t: Thing, i: int, image: int, category: int, r: Record, names: list[str] | None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": i, "image_id": image, "category_id": category}
    if t.box is not None:
        row["bbox"] = [t.box.x, t.box.y, t.box.w, t.box.h]
        row["area"] = t.box.w * t.box.h
    if t.mask is not None:
        row["area"] = area(t.mask)
        if t.mask.rle is None:
            row["segmentation"] = [list(p) for p in t.mask.polygons]
        else:
            h, w, counts = t.mask.rle
            row["segmentation"] = {"size": [h, w], "counts": counts}
    if t.keypoints is not None:
        if names is not None and len(names) != len(t.keypoints.points):
            raise BadInput(
                f"{r.uri} has {len(t.keypoints.points)} keypoints of a {t.label!r}, about names {len(names)}; COCO has"
                " as many as names"
            )
        row["keypoints"] = [v for p in t.keypoints.points for v in p]
        row["num_keypoints"] = sum(v > 0 for _, _, v in t.keypoints.points)
    if t.box is None:
        row["bbox"] = list(hull(t.mask) if t.mask is not None else _around(t.keypoints))
        row["derived"] = "bbox"
        row.setdefault("area", row["bbox"][2] * row["bbox"][3])
    attributes = dict(t.first.attributes)
    row["iscrowd"] = 0
    if attributes.get("iscrowd") == 1:
        row["iscrowd"] = attributes.pop("iscrowd")
    if attributes:
        row["attributes"] = attributes
    return row


def _around(keypoints: Any) -> tuple[float, float, float, float]:
    shown = [(x, y) for x, y, v in keypoints.points if v] or [(0.0, 0.0)]
    x0, y0 = min(x for x, _ in shown), min(y for _, y in shown)
    return x0, y0, max(x for x, _ in shown) - x0, max(y for _, y in shown) - y0


def _caption(c: Caption, i: int, image: int) -> dict[str, Any]:
    row: dict[str, Any] = {"id": i, "image_id": image, "caption": c.text}
    return row | ({"attributes": dict(c.attributes)} if c.attributes else {})


class _File:
    """A COCO file that grows: images into it, annotations into a file beside it, which is put behind them."""

    def __init__(self, path: Path) -> None:
        self._images = GrowingList(path, '{"images": ')
        self._annotations = GrowingList(path.with_suffix(".part"))
        self.image, self.annotation = self._images.add, self._annotations.add

    def close(self, categories: list[dict[str, Any]] | None) -> None:
        self._images.close()
        self._annotations.close()
        with (
            self._images.path.open("a", encoding="utf-8") as whole,
            self._annotations.path.open(encoding="utf-8") as part,
        ):
            whole.write(',\n"annotations": ')
            shutil.copyfileobj(part, whole)
            if categories is not None:
                whole.write(f',\n"categories": {json.dumps(categories)}')
            whole.write("}\n")
        self._annotations.path.unlink()
