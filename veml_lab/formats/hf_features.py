"""What the columns of a Hugging Face table mean: its features, or else the Arrow types and the usual names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput
from ..sources.cells import is_cell, pick

if TYPE_CHECKING:
    import pyarrow as pa

BOXES = ("bbox", "bboxes", "boxes")
CATEGORIES = ("category", "categories", "category_id", "label", "labels", "class", "classes")
CAPTIONS = ("caption", "captions", "text")
LABELS = ("label", "labels", "fine_label", "class")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Which column is what.

    Attributes
    ----------
    image, label, objects
        Column names, None where there is none.
    names
        Class names by column: of every ClassLabel; for the objects under ``objects.<key>``.
    captions, targets, cells
        Column names.
    boxes, category
        Keys within the objects.
    left
        Columns that are not kept, with the reason.
    """

    image: str | None = None
    label: str | None = None
    objects: str | None = None
    boxes: str = "bbox"
    category: str | None = None
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    captions: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def features_of(schema: pa.Schema, where: str) -> dict[str, Any]:
    """The features that ``datasets`` keeps in a Parquet or Arrow file; ``{}`` where there are none."""
    raw = (schema.metadata or {}).get(b"huggingface")
    if raw is None:
        return {}
    try:
        found = json.loads(raw)["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        raise BadData(f"{where}: its note about features is damaged ({e!r:.80}); write the file again") from e
    return checked(found, where)


def checked(found: Any, where: str) -> dict[str, Any]:
    """Features as a dict of dicts, or an error."""
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(v, (dict, list)) for v in found.values()):
        raise BadData(f"{where}: its features are no object of column: feature, but {found!r:.80}")
    return found


def _inner(feature: Any) -> Any:
    """A feature without the lists around it, of the old notation and the new."""
    while True:
        if isinstance(feature, list) and len(feature) == 1:
            feature = feature[0]
        elif (
            isinstance(feature, dict)
            and feature.get("_type") in ("Sequence", "List", "LargeList")
            and "feature" in feature
        ):
            feature = feature["feature"]
        else:
            return feature


def _class_names(feature: Any) -> tuple[str, ...] | None:
    f = _inner(feature)
    if isinstance(f, dict) and f.get("_type") == "ClassLabel":
        names = f.get("names")
        if isinstance(names, list):
            return tuple(map(str, names))
        if isinstance(names, dict):  # {"0": "cat"} in the YAML of data set cards
            return tuple(str(names[k]) for k in sorted(names, key=lambda k: int(k) if str(k).isdecimal() else 0))
        n = f.get("num_classes")
        return tuple(map(str, range(n))) if isinstance(n, int) and 0 < n < 1_000_000 else None
    return None


def _keys(kind: pa.DataType) -> dict[str, pa.DataType]:
    """Fields of a struct, or of a list of structs; ``{}`` for anything else."""
    import pyarrow as pa

    t = pa.types
    if t.is_list(kind) or t.is_large_list(kind):
        kind = kind.value_type
    return {kind.field(i).name: kind.field(i).type for i in range(kind.num_fields)} if t.is_struct(kind) else {}


def is_picture(kind: pa.DataType) -> bool:
    """True for the type in which pictures are embedded: bytes and path."""
    import pyarrow as pa

    keys = _keys(kind) if pa.types.is_struct(kind) else {}
    return set(keys) == {"bytes", "path"} and pa.types.is_binary(keys["bytes"])


def _is_image(kind: pa.DataType, feature: Any) -> bool:
    if isinstance(feature, dict) and feature.get("_type") == "Image":
        return True
    return is_picture(kind)


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    t = pa.types
    if t.is_list(kind) or t.is_large_list(kind):
        kind = kind.value_type
    return t.is_string(kind) or t.is_large_string(kind)


def meaning(
    types: Mapping[str, pa.DataType],
    features: Mapping[str, Any],
    where: object,
    *,
    image: str | None,
    label: str | None,
    objects: str | None,
    captions: Sequence[str] | None,
    targets: Sequence[str],
    columns: Sequence[str] | None,
) -> Meaning:
    """Say which column is what: as the options say, else by the features, else by type and name.

    Raises
    ------
    UnknownName
        If an option names a column that is not there.
    BadInput
        If several columns could be the picture or the class.
    """
    for name, what in [
        (image, "image"),
        (label, "label"),
        (objects, "objects"),
        *((c, "captions") for c in captions or ()),
        *((t, "targets") for t in targets),
        *((c, "columns") for c in columns or ()),
    ]:
        if name is not None:
            pick(types, name, what, where)
    image = image or _one([n for n, k in types.items() if _is_image(k, features.get(n))], (), "picture", "image", where)
    names = {
        n: c for n, f in features.items() if n in types and is_cell(types[n]) and (c := _class_names(f)) is not None
    }
    if label is None:
        by_feature = [n for n in names if n not in targets]
        by_name = [n for n in LABELS if n in types and is_cell(types[n]) and n not in targets]
        label = _one(by_feature, LABELS, "class", "label", where) if by_feature else (by_name[0] if by_name else None)
    boxes, category = "bbox", None
    if objects is None:
        objects = next((n for n, k in types.items() if set(_keys(k)) & set(BOXES)), None)
    if objects is not None:
        keys = _keys(types[objects])
        found = [k for k in BOXES if k in keys]
        if not found:
            raise BadInput(
                f"{where}: the column {objects!r} has no {' or '.join(BOXES)}, but {list(keys) or types[objects]}"
            )
        boxes, category = found[0], next((k for k in CATEGORIES if k in keys), None)
        inside = _inner(features.get(objects, {}))
        if category is not None and isinstance(inside, dict):
            given = _class_names(inside.get(category))
            names |= {f"objects.{category}": given} if given is not None else {}
    if captions is None:
        captions = [n for n in CAPTIONS if n in types and _is_text(types[n])] if image is not None else []
    special = {image, label, objects, *captions, *targets}
    kept = [n for n in types if n not in special and (columns is None or n in columns)]
    cells = tuple(n for n in kept if is_cell(types[n]))
    left = tuple(f"the column {n!r} of type {types[n]!s:.60}" for n in kept if n not in cells)
    return Meaning(image, label, objects, boxes, category, names, tuple(captions), tuple(targets), cells, left)


def _one(found: Sequence[str], preferred: Iterable[str], what: str, option: str, where: object) -> str | None:
    if len(found) < 2:
        return found[0] if found else None
    for n in preferred:
        if n in found:
            return n
    raise BadInput(f"{where} has several columns that could be the {what} ({', '.join(found[:6])}); say {option}=")
