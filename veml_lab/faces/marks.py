"""What is drawn on a sample: its annotations, and what a model says of it, in lengths relative to the picture."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..evaluation.prediction import Prediction
from ..versions.annotations import from_table
from ..versions.data import DataVersion
from ..versions.samples import id_array

if TYPE_CHECKING:
    import numpy as np

MASK_PX = 160  # a mask's longer side on the wall; finer is not seen there
LEAST = 0.05  # score of a detection that is drawn
MOST_DRAWN = 200  # detections of one picture, the surest

_TABLES: weakref.WeakKeyDictionary[DataVersion, dict[str, tuple[Any, Any]]] = weakref.WeakKeyDictionary()


def marks_of(version: DataVersion, places: Sequence[int]) -> list[dict[str, Any]]:
    """The annotations of some samples, read for those alone."""
    import numpy as np

    ids = id_array(version)[np.asarray(places, dtype=np.int64)] if len(places) else np.empty(0, np.uint64)
    found = {kind: _some(version, kind, ids) for kind in ("class", "box", "mask", "keypoints", "caption")}
    width, height = version.samples["width"], version.samples["height"]
    out = []
    for p, i in zip(places, ids.tolist(), strict=True):
        w, h = width[p].as_py() or 1, height[p].as_py() or 1
        label = found["class"].get(i, [None])[0]
        note: dict[str, Any] = {
            "label": label,
            "boxes": [[b.x / w, b.y / h, b.w / w, b.h / h, b.label] for b in found["box"].get(i, ())],
        }
        masks = found["mask"].get(i, ())
        note["polygons"] = [
            [m.label, [[v / (h if k % 2 else w) for k, v in enumerate(ring)] for ring in m.polygons]]
            for m in masks
            if m.polygons
        ]
        note["masks"] = [[m.label, *run_lengths(m.rle)] for m in masks if m.rle is not None]
        note["keypoints"] = [
            [k.label, [[x / w, y / h, seen] for x, y, seen in k.points]] for k in found["keypoints"].get(i, ())
        ]
        out.append(note)
    return out


def _some(version: DataVersion, kind: str, ids: np.ndarray) -> dict[int, list[Any]]:
    import numpy as np

    table, of = table_of(version, kind)
    if not len(of):
        return {}
    first, last = np.searchsorted(of, ids), np.searchsorted(of, ids, side="right")
    rows = (
        np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
        if len(ids)
        else np.empty(0, np.int64)
    )
    return from_table(kind, table.take(rows)) if len(rows) else {}


def table_of(version: DataVersion, kind: str) -> tuple[Any, np.ndarray]:
    """A version's annotations of a kind with their sample IDs in order, read once."""
    known = _TABLES.setdefault(version, {})
    if kind not in known:
        table = version.annotations.table(kind)
        known[kind] = (table, table["id"].to_numpy())
    return known[kind]


@functools.lru_cache(maxsize=4096)
def run_lengths(rle: tuple[int, int, str]) -> tuple[int, int, list[int]]:
    """COCO's compressed column runs as plain row runs of a mask no larger than the wall shows."""
    import numpy as np
    from pycocotools import mask as coco

    height, width, counts = rle
    pixels = coco.decode({"size": [height, width], "counts": counts.encode()})
    step = max(1, -(-max(height, width) // MASK_PX))
    flat = pixels[::step, ::step]
    small = flat.reshape(-1).astype(np.int8)
    edges = np.flatnonzero(np.diff(small, prepend=0, append=0))
    runs = np.diff(np.concatenate([[0], edges])).tolist()
    return flat.shape[0], flat.shape[1], [int(r) for r in runs]


def predicted(version: DataVersion, prediction: Prediction, places: Sequence[int]) -> list[dict[str, Any]]:
    """What a model says of some samples: a class with its score, or boxes with a score each, the surest first."""
    import numpy as np

    out: list[dict[str, Any]] = []
    for p in places:
        w, h = size(version, p)
        if prediction.probabilities is not None:
            q = prediction.probabilities[p]
            out.append({"label": prediction.classes[int(q.argmax())], "score": float(q.max())})
        elif prediction.detections is not None:
            d = prediction.detections[p]
            scores = np.asarray(d["scores"], dtype=float)
            surest = np.argsort(-scores, kind="stable")[:MOST_DRAWN]
            boxes = [
                [x1 / w, y1 / h, (x2 - x1) / w, (y2 - y1) / h, prediction.classes[int(d["labels"][k])], scores[k]]
                for k in surest[scores[surest] >= LEAST].tolist()
                for x1, y1, x2, y2 in [map(float, d["boxes"][k])]
            ]
            out.append({"boxes": boxes, "score": float(scores.max()) if len(scores) else None})
        else:
            out.append({})
    return out


def size(version: DataVersion, place: int) -> tuple[int, int]:
    """Width and height of a sample in pixels; 1 where there is no picture."""
    return version.samples["width"][place].as_py() or 1, version.samples["height"][place].as_py() or 1


def same_samples(version: DataVersion, other: DataVersion, places: Sequence[int]) -> list[dict[str, Any]]:
    """The marks of another version on the same samples; nothing where it lacks one."""
    import numpy as np

    mine, theirs = id_array(version)[np.asarray(places, dtype=np.int64)], id_array(other)
    at = np.minimum(np.searchsorted(theirs, mine), max(0, len(theirs) - 1))
    held = [len(theirs) > 0 and theirs[a] == i for a, i in zip(at, mine, strict=True)]
    marks = iter(marks_of(other, [int(a) for a, yes in zip(at, held, strict=True) if yes]))
    return [next(marks) if yes else {} for yes in held]
