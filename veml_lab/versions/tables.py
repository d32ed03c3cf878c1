"""Data versions as flat tables: one row a sample, or one row an annotation, with free columns as real columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .annotations import ANNOTATION_KINDS
from .column_names import FIXED, free_of, own_names
from .samples import SampleSet, id_array

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


CHUNK = 65_536


def flat_table(version: SampleSet) -> pa.Table:
    """Samples with their capture columns, the class (``label``), all classes in it (``labels``), and targets."""

    t = version.samples.select([c for c in FIXED if c not in ("label", "labels")])
    capture = free_columns(version.samples["columns"])
    ids = id_array(version)
    with_targets = version.task == "regression" or "row" in version.facts.kinds
    targets = _target_columns(version, ids) if with_targets else {}
    goals = own_names(targets)
    shown = own_names(capture, goals.values())
    for name, column in capture.items():
        t = t.append_column(shown[name], column)
    if version.task not in ("detection", "segmentation", "keypoints"):
        t = t.append_column("label", _label_column(version, ids))
    for name, column in targets.items():
        t = t.append_column(goals[name], column)
    return t.append_column("labels", _labels_column(version, ids))


# The columns below are made by NumPy and Arrow alone: a loop over a million samples took five times as long.


def _label_column(version: SampleSet, ids: np.ndarray) -> pa.Array:
    """The class of each of ``ids``, shape (n,), ascending; null where there is none."""
    import numpy as np
    import pyarrow as pa

    table = version.annotations.table("class").combine_chunks()
    at = np.full(len(ids), -1)  # (n,) row of the table
    at[np.searchsorted(ids, table["id"].to_numpy())] = np.arange(len(table))
    return (
        pa.chunked_array([table["label"].cast(pa.string()).combine_chunks()])
        .take(pa.array(at, mask=at < 0))
        .combine_chunks()
    )


def to_frame(table: pa.Table) -> pd.DataFrame:
    """The table as a data frame; whole numbers beyond 2^53 stay exact where some are missing."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    frame = table.to_pandas()
    for field in table.schema:
        if pa.types.is_integer(field.type) and table[field.name].null_count:
            ends = pc.min_max(table[field.name]).as_py()
            if ends["max"] is not None and max(-ends["min"], ends["max"]) > 2**53:
                frame[field.name] = pd.array(table[field.name].to_pylist(), dtype="Int64")
    return frame


def _target_columns(version: SampleSet, ids: np.ndarray) -> dict[str, pa.Array]:
    """The regression targets of each of ``ids`` by name; null where there is none."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    table, columns = version.annotations.table("target"), {}
    for name in sorted(pc.unique(table["name"]).to_pylist()):
        part = table.filter(pc.equal(table["name"], name))
        values, none = np.zeros(len(ids)), np.ones(len(ids), bool)
        at = np.searchsorted(ids, part["id"].to_numpy())
        values[at], none[at] = part["value"].to_numpy(), False
        columns[name] = pa.array(values, mask=none)
    return columns


def _labels_column(version: SampleSet, ids: np.ndarray) -> pa.Array:
    """All classes in each of ``ids``, each once, sorted."""
    import numpy as np
    import pyarrow as pa

    tables = [
        version.annotations.table(kind).select(["id", "label"]).cast(_pairs()) for kind in present_classed(version)
    ]
    pairs = pa.concat_tables(tables).combine_chunks()
    coded = pairs["label"].combine_chunks().dictionary_encode()
    names = coded.dictionary.to_pylist()
    rank = np.empty(len(names), np.int64)  # (k,) place of a class in the alphabet
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    k = max(1, len(names))
    codes = coded.indices.to_numpy(zero_copy_only=False)
    found = np.unique(np.searchsorted(ids, pairs["id"].to_numpy()) * k + rank[codes])  # (m,) by sample, then by class
    offsets = np.searchsorted(found // k, np.arange(len(ids) + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(sorted(names), pa.string()).take(pa.array(found % k)))


def _pairs() -> pa.Schema:
    """The columns of all kinds of annotation that have a class, in one type; IDs as :meth:`id_array` has them."""
    import pyarrow as pa

    return pa.schema([("id", pa.uint64()), ("label", pa.string())])


def present_classed(version: SampleSet) -> list[str]:
    """The kinds of annotation with a label that a version of this task may hold."""
    if set(version.facts.kinds) <= {"row", "window"}:
        return ["class"]
    by_task = {
        "classification": ["class"],
        "detection": ["class", "box"],
        "none": ["class", "box"],
        "captioning": ["class", "box"],
    }
    return by_task.get(version.task, ["class", "box", "mask", "keypoints"])


def flat_annotations(version: SampleSet, kind: str) -> pa.Table:
    """The annotations of one kind, one row each: its columns, its attributes as columns, and what follows from them.

    Boxes and masks have ``area`` in square pixels, and ``share`` of the picture; keypoints ``seen``, the number of
    points that are labelled; captions ``length`` in characters.
    """
    import numpy as np
    import pyarrow as pa

    raw = version.annotations.table(kind)
    t = raw.drop_columns(
        [c for c in ("attributes", "polygons", "rle", "rle_h", "rle_w", "points") if c in raw.column_names]
    )
    n = raw.num_rows
    if kind in ("box", "mask"):
        if kind == "box":
            area = raw["w"].to_numpy().astype(np.float64) * raw["h"].to_numpy()
        else:
            found = version.annotations.masks
            per_sample = {i: iter(ms) for i, ms in found.items()}
            area = np.array([mask_area(next(per_sample[i])) for i in raw["id"].to_pylist()], dtype=np.float64)
        at = np.searchsorted(id_array(version), raw["id"].to_numpy())
        pixels = version.samples["width"].to_numpy().astype(np.float64) * version.samples["height"].to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(pixels[at] > 0, area / pixels[at], 0.0) if n else np.empty(0)
        t = t.append_column("area", pa.array(area, pa.float64())).append_column("share", pa.array(share, pa.float64()))
    elif kind == "keypoints":
        t = t.append_column(
            "seen", pa.array([sum(1 for v in p[2::3] if v > 0) for p in raw["points"].to_pylist()], pa.int64())
        )
    elif kind == "caption":
        t = t.append_column("length", pa.array([len(s) for s in raw["text"].to_pylist()], pa.int64()))
    if "attributes" in ANNOTATION_KINDS[kind].table.columns:
        for name, column in free_columns(raw["attributes"]).items():
            t = t.append_column(free_of(name, t.column_names), column)
    return t


def mask_area(mask: Any) -> float:
    """Area of a mask in square pixels: counted pixels of run lengths, the shoelace formula for polygons."""
    import numpy as np

    if mask.rle is not None:
        from pycocotools import mask as coco

        height, width, counts = mask.rle
        return float(coco.area({"size": [height, width], "counts": counts.encode()}))
    total = 0.0
    for ring in mask.polygons:
        x, y = np.asarray(ring[0::2], dtype=np.float64), np.asarray(ring[1::2], dtype=np.float64)
        total += abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
    return total


def free_columns(texts: pa.ChunkedArray) -> dict[str, pa.ChunkedArray]:
    """JSON objects, one a row, as columns of one type each, in the order in which the names first come.

    A column that mixes text with other things becomes text; what has no type of its own in Arrow (objects of
    different shape) becomes its JSON.
    """
    import pyarrow as pa

    if texts.null_count == len(texts):
        return {}
    columns: dict[str, list[list]] = {}  # name -> values of each chunk
    sizes: list[int] = []
    for rows in _parsed(texts):
        for name in dict.fromkeys(name for r in rows if r for name in r):
            columns.setdefault(name, [[None] * size for size in sizes])
        for name, parts in columns.items():
            parts.append([r.get(name) if r else None for r in rows])
        sizes.append(len(rows))
    return {name: pa.chunked_array(_one_type(columns.pop(name))) for name in list(columns)}


def _parsed(texts: pa.ChunkedArray) -> Iterator[list[dict | None]]:
    for start in range(0, len(texts), CHUNK):
        rows = texts.slice(start, CHUNK).to_pylist()
        distinct = dict.fromkeys(rows)  # conditions of capture repeat: each text is parsed once
        parsed = dict(zip(distinct, json.loads("[" + ",".join(r or "null" for r in distinct) + "]"), strict=True))
        yield [parsed[r] for r in rows]


def _one_type(parts: list[list]) -> list[pa.Array]:
    import pyarrow as pa

    types = {type(v) for part in parts for v in part if v is not None}
    if types <= {int, float} or len(types) <= 1:
        try:
            kind = pa.float64() if float in types and types <= {int, float} else None
            arrays = [pa.array(p, kind) for p in parts]
            target = next((a.type for a in arrays if not pa.types.is_null(a.type)), pa.null())
            return [a.cast(target) for a in arrays]
        except (pa.ArrowException, OverflowError):
            types.add(dict)
    if dict in types or list in types:
        return [
            pa.array(
                [None if v is None else v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in p],
                pa.string(),
            )
            for p in parts
        ]
    return [pa.array([None if v is None else str(v) for v in p], pa.string()) for p in parts]
