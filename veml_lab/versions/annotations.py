"""The kinds of annotation: how each comes out of a record, lies in its table, and goes back into a record.

The tables themselves are declared in :mod:`veml_lab.catalog.annotation_tables`. A new kind is one entry there, one
here, and a migration that makes its table; reading, importing, correcting, exporting and counting follow.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalog import Change
from ..catalog.annotation_tables import TABLES, AnnotationTable
from ..errors import BadData, BadInput, UnknownName
from ..sources.source import Box, Caption, Keypoints, Mask, Record, Target
from ..storage.plain_json import text_of

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class AnnotationKind:
    """One kind.

    Attributes
    ----------
    table
        Where it lies.
    field
        The attribute of :class:`~veml_lab.sources.source.Record` that holds it.
    of_record
        The annotations of a record, in order.
    to_row
        An annotation as the values of the table's columns.
    from_row
        The values of the table's columns as an annotation.
    """

    table: AnnotationTable
    field: str
    of_record: Callable[[Record], Sequence[Any]]
    to_row: Callable[[Any], tuple]
    from_row: Callable[..., Any]

    @property
    def name(self) -> str:
        return self.table.kind


def _box(label: str, x: float, y: float, w: float, h: float, attributes: str | None, instance: int | None) -> Box:
    return Box(label, x, y, w, h, parsed(attributes), -1 if instance is None else instance)


def _mask_row(m: Mask) -> tuple:
    height: int | None = None
    width: int | None = None
    counts: str | None = None
    if m.rle is not None:
        height, width, counts = m.rle
        if height < 1 or width < 1 or rle_length(counts) != height * width:
            raise ValueError(f"its run lengths {counts[:40]!r} do not fill {height} x {width} pixels")
    for ring in m.polygons:
        finite(*ring)
    return m.label, [list(p) for p in m.polygons], counts, height, width, as_json(m.attributes), m.instance


def _mask(
    label: str, polygons: list | None, rle: str | None, height: int, width: int, attributes: str | None, instance: int
) -> Mask:
    rings = tuple(tuple(p) for p in polygons or ())
    return Mask(label, rings, None if rle is None else (height, width, rle), instance, parsed(attributes))


def _keypoints(label: str, points: list[float], attributes: str | None, instance: int) -> Keypoints:
    triples = tuple((points[i], points[i + 1], int(points[i + 2])) for i in range(0, len(points), 3))
    return Keypoints(label, triples, instance, parsed(attributes))


def _label(label: Any) -> tuple[str]:
    if not isinstance(label, str):
        raise TypeError(f"a class is a text, got {label!r}")
    return (label,)


ANNOTATION_KINDS: dict[str, AnnotationKind] = {
    k.name: k
    for k in (
        AnnotationKind(TABLES["class"], "label", lambda r: () if r.label is None else (r.label,), _label, str),
        AnnotationKind(
            TABLES["box"],
            "boxes",
            lambda r: r.boxes,
            lambda b: (b.label, *finite(b.x, b.y, b.w, b.h), as_json(b.attributes), b.instance),
            _box,
        ),
        AnnotationKind(TABLES["mask"], "masks", lambda r: r.masks, _mask_row, _mask),
        AnnotationKind(
            TABLES["keypoints"],
            "keypoints",
            lambda r: r.keypoints,
            lambda k: (
                k.label,
                [v for x, y, seen in k.points for v in (*finite(x, y), float(seen))],
                as_json(k.attributes),
                k.instance,
            ),
            _keypoints,
        ),
        AnnotationKind(
            TABLES["caption"],
            "captions",
            lambda r: r.captions,
            lambda c: (c.text, as_json(c.attributes)),
            lambda text, a: Caption(text, parsed(a)),
        ),
        AnnotationKind(TABLES["target"], "targets", lambda r: r.targets, lambda t: (t.name, float(t.value)), Target),
    )
}
# What a task learns from; a sample without any of it is not labelled.
KIND_OF_TASK: dict[str, str | None] = {
    "classification": "class", "detection": "box", "segmentation": "mask", "keypoints": "keypoints",
    "captioning": "caption", "regression": "target", "forecasting": None, "none": None,
}  # fmt: skip
CLASSED = ("class", "box", "mask", "keypoints")  # the kinds that carry a label


def kind_of(name: str) -> AnnotationKind:
    """The kind of that name, or of that field of a record (``"boxes"``)."""
    for k in ANNOTATION_KINDS.values():
        if name in (k.name, k.field):
            return k
    raise UnknownName.of("kind of annotation", name, ANNOTATION_KINDS)


@functools.cache
def arrow_schema(kind: str) -> pa.Schema:
    """``sample_id``, ``layer`` and the kind's own columns, as Arrow types."""
    import pyarrow as pa

    types = {
        "VARCHAR": pa.string(),
        "JSON": pa.string(),
        "FLOAT": pa.float32(),
        "DOUBLE": pa.float64(),
        "INTEGER": pa.int32(),
        "DOUBLE[]": pa.list_(pa.float64()),
        "DOUBLE[][]": pa.list_(pa.list_(pa.float64())),
    }
    columns = [(c, types[t]) for c, t in ANNOTATION_KINDS[kind].table.columns.items()]
    return pa.schema([("sample_id", pa.uint64()), ("layer", pa.string()), *columns])


def rows_of(kind: str, things: Sequence[Any], where: str) -> list[tuple]:
    """Annotations of one sample as rows of the kind's table (without sample and layer); :class:`BadData` names
    ``where``."""
    to_row = ANNOTATION_KINDS[kind].to_row
    try:
        return [to_row(t) for t in things]
    except (TypeError, ValueError, AttributeError, OverflowError) as e:
        raise BadData(f"{where}: a {kind} annotation cannot be kept: {e}") from e


def table_change(kind: str, rows: pa.Table | Path) -> Change:
    """The change that adds rows of a kind; only here is one made."""
    return Change(ANNOTATION_KINDS[kind].table.write, rows=rows)


def from_table(kind: str, table: pa.Table) -> dict[int, list[Any]]:
    """Rows as the question of the kind gives them -> annotations by sample ID, in their order."""
    found: dict[int, list[Any]] = {}
    make = ANNOTATION_KINDS[kind].from_row
    columns = [table[c].to_pylist() for c in ANNOTATION_KINDS[kind].table.columns]
    for i, *values in zip(table["id"].to_pylist(), *columns, strict=True):
        found.setdefault(i, []).append(make(*values))
    return found


def from_json(kind: str, value: Any, where: str) -> list[Any]:
    """Annotations out of JSON or of objects, as corrections give them.

    A class is a text; a box ``{"label", "x", "y", "w", "h"}``; a mask ``{"label", "polygons"}`` or ``{"label",
    "rle": [h, w, counts]}``; keypoints ``{"label", "points": [[x, y, seen], ...]}``; a caption is a text; targets
    ``{"name": value}``. None, ``[]`` and ``{}`` are "nothing": the annotations of that kind are removed.
    """
    classes = {"box": Box, "mask": Mask, "keypoints": Keypoints, "caption": Caption, "target": Target}
    if value is None:
        return []
    if kind == "target" and isinstance(value, Mapping):
        value = [Target(str(k), v) for k, v in value.items()]
    elif isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
        value = [value]
    if kind == "class":
        if len(value) > 1 or not all(isinstance(v, str) for v in value):
            raise BadInput(f"{where}: a sample has one class, a text; got {value!r:.80}")
        return list(value)
    made = []
    for v in value:
        try:
            if isinstance(v, str) and kind == "caption":
                v = Caption(v)
            elif isinstance(v, Mapping):
                v = dict(v)
                if kind == "mask":
                    v = {
                        **v,
                        "polygons": tuple(tuple(p) for p in v.get("polygons", ())),
                        "rle": tuple(v["rle"]) if v.get("rle") else None,
                    }
                if kind == "keypoints":
                    v = {**v, "points": tuple((x, y, int(seen)) for x, y, seen in v["points"])}
                v = classes[kind](**v)
        except (TypeError, ValueError, KeyError) as e:
            raise BadInput(f"{where}: {v!r:.120} is no {kind} annotation ({e})") from e
        if not isinstance(v, classes[kind]):
            raise BadInput(f"{where}: {v!r:.120} is no {kind} annotation; give {classes[kind].__name__} or its fields")
        made.append(v)
    return made


# -- values ----------------------------------------------------------------------------------------


def rle_length(counts: str) -> int:
    """Pixels that COCO's compressed run lengths cover; decoding ones that cover fewer would read memory that nobody
    wrote.

    >>> rle_length("52203")  # 5 off, 2 on, 2 off, 0 + 2 on, 3 + 2 off
    16
    """
    runs: list[int] = []
    value = shift = 0
    for character in counts:
        c = ord(character) - 48
        if not 0 <= c < 64:
            raise ValueError(f"its run lengths hold the character {character!r}")
        value |= (c & 0x1F) << shift
        shift += 5
        if c & 0x20:  # more bits of this run follow
            continue
        if c & 0x10:
            value -= 1 << shift
        if len(runs) > 2:  # from the fourth on a run is the difference to the one before the last
            value += runs[-2]
        if value < 0:
            raise ValueError("its run lengths hold a negative run")
        runs.append(value)
        value = shift = 0
    if shift:
        raise ValueError("its run lengths are cut off")
    return sum(runs)


def finite(*values: Any) -> tuple[float, ...]:
    """The values as floats; ValueError where one is NaN or infinite."""
    found = tuple(float(v) for v in values)
    if not all(map(math.isfinite, found)):
        raise ValueError(f"{found} holds a value that is no finite number")
    return found


def as_json(value: Mapping[str, Any]) -> str | None:
    """JSON of attributes or columns, None for none; NaN and infinity become null, NumPy's scalars plain ones."""
    return text_of(dict(value)) if value else None


def parsed(text: str | None) -> dict[str, Any]:
    """JSON of the catalog to a dict."""
    return json.loads(text) if text else {}
