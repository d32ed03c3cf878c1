"""Export as Croissant 1.1: the pictures as files, a Parquet table of what is said about them, and JSON-LD that
describes both."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..sources.cells import Spool
from ..sources.holds import Holds, Keeper
from ..sources.notation import to_plain
from ..sources.source import Record, Source
from ..sources.writing import ending, named, new_folder
from ..storage.border import public

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = "http://mlcommons.org/croissant/1.1"
# The context of the specification, word for word; it says what the short names below stand for.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{
        k: f"cr:{k}"
        for k in (
            "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject",
            "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
            "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate",
            "separator", "source", "subField", "transform",
        )
    },
}  # fmt: skip
_ENCODING = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
}
_SPECIAL = ("filename", "image", "split", "label", "bbox", "category", "kind", "annotation")


@public
def write_croissant(
    source: Source,
    path: str | os.PathLike[str],
    *,
    license: str | None = None,
    version: str = "1.0.0",
    lossy: bool = False,
) -> None:
    """Write ``croissant.json``, ``records.parquet`` and the pictures under ``images/``.

    Class, split, boxes and free columns are fields that any reader of Croissant understands; everything that a
    record says (attributes, masks, keypoints, captions, targets) is in the field ``annotation`` as well, as JSON, so
    reading it again gives the same. Pictures are copied byte by byte.

    Parameters
    ----------
    license : str, optional
        Address or SPDX name of the licence, for the description.
    version : str
        Version of the data set, for the description.
    lossy : bool
        Leave out free columns with the name of one of our fields, with one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, a free column has the name of one of our fields, or holds values of different types.

    Source
    ------
    https://docs.mlcommons.org/croissant/docs/croissant-spec.html, version 1.1.
    """
    with new_folder(path) as folder:
        pieces = folder / ".pieces"
        pieces.mkdir()
        spool = Spool(pieces, types=_types())
        ends: set[str] = set()
        rows, keeper = source.records(), Keeper("Croissant", Holds(), lossy=lossy)
        first = next(rows, None)
        pictures = first is not None and first.kind != "row"
        if pictures:
            (folder / "images").mkdir()
        walk = _again(first, rows)
        for name, r in named(walk) if pictures else ((None, r) for r in walk):
            if (r.kind == "row") == pictures or r.kind == "window":
                raise BadInput(f"{r.uri} is of the kind {r.kind}, others are not; filter one kind and write it alone")
            if name is not None:
                (folder / "images" / name).write_bytes(r.image)
                ends.add(ending(r.image, r.uri))
            spool.append(_row(r, name, source, keeper))
        keeper.tell()
        schema = _write_table(folder / "records.parquet", spool, source)
        pieces.rmdir()
        said = describe(source, schema, folder / "records.parquet", ends) | {"version": version}
        if license is not None:
            said["license"] = license
        (folder / "croissant.json").write_text(json.dumps(said, indent=1, ensure_ascii=False), encoding="utf-8")


def _again(first: Record | None, rest: Any) -> Any:
    if first is not None:
        yield first
    yield from rest


def _types() -> dict[str, pa.DataType]:
    import pyarrow as pa

    text = pa.string()
    return {n: text for n in ("filename", "split", "label", "kind", "annotation")} | {
        "category": pa.list_(text),
        "bbox": pa.list_(pa.list_(pa.float64())),
    }


def _row(r: Record, name: str | None, source: Source, keeper: Keeper) -> dict[str, Any]:
    columns = keeper.columns(r, _SPECIAL.__contains__)
    annotation = to_plain(r, task=source.task)
    row: dict[str, Any] = {"filename": name} if name is not None else {}
    row |= {"split": r.role or None, "label": r.label, "kind": r.kind}
    if annotation is not None and not isinstance(annotation, str):
        row["annotation"] = json.dumps(annotation)
    if r.boxes or source.task in ("detection", "segmentation", "keypoints"):
        row |= {"bbox": [[b.x, b.y, b.w, b.h] for b in r.boxes], "category": [b.label for b in r.boxes]}
    return row | columns


def _write_table(path: Path, spool: Spool, source: Source) -> pa.Schema:
    import pyarrow.parquet as pq

    schema, tables = spool.tables(_SPECIAL)
    noted = {"classes": list(source.classes), "task": source.task}
    schema = schema.with_metadata({"veml": json.dumps(noted)})
    with pq.ParquetWriter(path, schema, write_page_checksum=True) as out:
        for t in tables:
            out.write_table(t.replace_schema_metadata(schema.metadata))
    return schema


def describe(source: Source, schema: pa.Schema, table: Path, ends: set[str]) -> dict[str, Any]:
    """The JSON-LD for a table of records and the pictures beside it."""
    name = re.sub(r"\s+", " ", source.note or Path(source.root).name or "data").strip()
    with table.open("rb") as f:
        sha256 = hashlib.file_digest(f, "sha256").hexdigest()
    distribution: list[dict[str, Any]] = [
        {
            "@type": "cr:FileObject",
            "@id": "records.parquet",
            "name": "records.parquet",
            "description": "One row a sample: file, class, split, boxes and capture columns.",
            "contentUrl": "records.parquet",
            "contentSize": f"{table.stat().st_size} B",
            "encodingFormat": "application/x-parquet",
            "sha256": sha256,
        }
    ]
    fields = [_field(f.name, f.type) for f in schema]
    if "filename" in schema.names:
        formats = sorted(_ENCODING[e] for e in ends)
        distribution.append(
            {
                "@type": "cr:FileSet",
                "@id": "images",
                "name": "images",
                "description": "The pictures.",
                "encodingFormat": formats[0] if len(formats) == 1 else formats,
                "includes": "images/*",
            }
        )
        content = {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "content"}}
        fields[0]["references"] = {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "filename"}}
        fields.append(_described("image", "The picture.", "sc:ImageObject", content))
    rows: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": "records",
        "name": "records",
        "description": "The samples.",
        "field": fields,
    }
    if "filename" in schema.names:
        rows["key"] = {"@id": "records/filename"}
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": VERSION,
        "name": re.sub(r"[^\w-]+", "-", name).strip("-") or "data",
        "description": f"{name}: {source.task}, {len(source.classes)} classes; read from {source.format}.",
        "distribution": distribution,
        "recordSet": [rows],
    }


def _described(name: str, about: str, kind: str | list[str], source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"records/{name}",
        "name": name,
        "description": about,
        "dataType": kind,
        "source": dict(source),
    }


def _field(name: str, kind: pa.DataType) -> dict[str, Any]:
    import pyarrow as pa

    t = pa.types
    source = {"fileObject": {"@id": "records.parquet"}, "extract": {"column": name}}
    known: dict[str, tuple[str, str | list[str]]] = {
        "filename": ("Name of the picture's file.", "sc:Text"),
        "split": ("train or test; nothing where it is neither.", ["sc:Text", "cr:Split"]),
        "label": ("The class.", ["sc:Text", "cr:Label"]),
        "kind": ("image, frame of a video, or row of a table.", "sc:Text"),
        "annotation": (
            "All that is said of the sample, as JSON: label, boxes, masks, keypoints, captions, targets.",
            "sc:Text",
        ),
        "bbox": ("Boxes of the objects in pixels: left, top, width, height.", ["sc:Float", "cr:BoundingBox"]),
        "category": ("Classes of the objects, in the order of their boxes.", ["sc:Text", "cr:Label"]),
    }
    if name in known:
        out = _described(name, known[name][0], known[name][1], source)
        if name in ("bbox", "category"):
            out |= {"isArray": True, "arrayShape": "-1,4" if name == "bbox" else "-1"}
        return out
    kinds = ((t.is_boolean, "sc:Boolean"), (t.is_integer, "sc:Integer"), (t.is_floating, "sc:Float"))
    return _described(name, f"Column {name}.", next((v for f, v in kinds if f(kind)), "sc:Text"), source)
