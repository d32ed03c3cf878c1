"""Write a Hugging Face repository: Parquet with the pictures inside, features noted as ``datasets`` does."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..sources.cells import Spool, is_cell
from ..sources.holds import Holds, Keeper
from ..sources.source import Record, Source
from ..sources.writing import ClassIds, coherent, new_folder
from ..storage.border import public

if TYPE_CHECKING:
    import pyarrow as pa

_SPECIAL = ("image", "label", "objects", "captions")
# A file of the hub is at most about this large.
SHARD_BYTES = 500 << 20
_O = "objects."
# The split of samples without a role beside samples with one. The library keeps "all" for the union of the splits.
REST = "rest"
_RENAME = "rename it"


@public
def write_huggingface(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as ``data/<split>-00000-of-00001.parquet`` files that ``datasets.load_dataset`` opens.

    Pictures go in byte by byte (feature Image), classes as ClassLabel, boxes as ``objects`` with ``bbox``
    (x, y, w, h), ``category`` and their attributes, captions as a list, targets and free columns as values. The
    role is the split; a set without roles is one split ``train``, as the hub names it, and comes back without roles;
    samples without a role beside others are the split ``rest``. Numbers of one column get one type: 1 beside 2.5
    becomes 1.0.

    Parameters
    ----------
    lossy : bool
        Leave out what the hub has no feature for (masks, keypoints, attributes of captions, columns and attributes
        called as one of ours), with one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, a record has masks, keypoints or attributes of captions, kinds are mixed, a
        column is called as one of ours, or holds values of different types.
    """
    with new_folder(path) as folder:
        spools: dict[str, Spool] = {}
        noted: dict[str, Any] = {"kind": "", "targets": []}
        ids, keeper = ClassIds(source, 0), Keeper("the Hugging Face hub", Holds(), lossy=lossy)
        for r in map(coherent, source.records()):
            split: str = r.role or REST
            if split not in spools:
                pieces = folder / f".{split}"
                pieces.mkdir()
                spools[split] = Spool(pieces, types=_types())
            spools[split].append(_row(r, source.task, ids, noted, keeper), len(r.image))
        keeper.tell()
        (folder / "data").mkdir()
        if list(spools) == [REST]:
            # what the library calls data whose files name no split
            spools, noted["no_role"] = {"train": spools[REST]}, "train"
        counts: dict[str, int] = {}
        for split, spool in spools.items():
            counts[split] = spool.count
            _write(folder / "data", split, spool, source, noted)
            spool.folder.rmdir()
        (folder / "README.md").write_text(_card(source, counts), encoding="utf-8")


def _types() -> dict[str, pa.DataType]:
    import pyarrow as pa

    return {
        "image": pa.struct({"bytes": pa.binary(), "path": pa.string()}),
        "label": pa.int64(),
        _O + "bbox": pa.list_(pa.list_(pa.float64(), 4)),
        _O + "category": pa.list_(pa.int64()),
        _O + "instance": pa.list_(pa.int64()),
        "captions": pa.list_(pa.string()),
    }


def _row(r: Record, task: str, ids: ClassIds, noted: dict[str, Any], keeper: Keeper) -> dict[str, Any]:
    noted["kind"] = noted["kind"] or r.kind
    if r.kind != noted["kind"] or r.kind == "window":
        raise BadInput(
            f"{r.uri} is of the kind {r.kind}, others are {noted['kind']}; filter one kind and write it alone"
        )
    said = any(c.attributes for c in r.captions)
    for what, there in (("masks", r.masks), ("keypoints", r.keypoints), ("attributes of captions", said)):
        if there:
            keeper.lose(what, r.uri, instead="write coco or documents")
    row: dict[str, Any] = {}
    if r.kind != "row":
        row["image"] = {"bytes": r.image, "path": re.sub(r"[^\w.-]+", "_", r.uri)[-120:]}
    if r.label is not None:
        row["label"] = ids[r.label]
    if r.boxes or task == "detection":
        row |= _objects(r, ids, keeper)
    if r.captions or task == "captioning":
        row["captions"] = [c.text for c in r.captions]
    extra: list[tuple[str, Any]] = [*((t.name, t.value) for t in r.targets), *r.columns.items()]
    noted["targets"] += [t.name for t in r.targets if t.name not in noted["targets"]]
    for name, value in extra:
        if name in row or name in _SPECIAL or name.startswith(_O):
            keeper.lose(f"a column or target called {name!r}", r.uri, instead=_RENAME)
        elif name in r.columns and name in noted["targets"]:
            keeper.lose(f"the column {name!r}, a target elsewhere", r.uri, instead=_RENAME)
        else:
            row[name] = value
    return row


def _objects(r: Record, ids: ClassIds, keeper: Keeper) -> dict[str, Any]:
    out: dict[str, Any] = {
        _O + "bbox": [[b.x, b.y, b.w, b.h] for b in r.boxes],
        _O + "category": [ids[b.label] for b in r.boxes],
    }
    if any(b.instance >= 0 for b in r.boxes):
        out[_O + "instance"] = [b.instance for b in r.boxes]
    for key in dict.fromkeys(k for b in r.boxes for k in b.attributes):
        if key in ("bbox", "category", "instance") or not key:
            keeper.lose(f"a box with the attribute {key!r}", r.uri, instead=_RENAME)
            continue
        out[_O + key] = [b.attributes.get(key) for b in r.boxes]
    return out


def _write(folder: Path, split: str, spool: Spool, source: Source, noted: Mapping[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema, tables = spool.tables(_types())
    inner = [f for f in schema if f.name.startswith(_O)]
    fields = [f for f in schema if not f.name.startswith(_O)]
    if inner:
        fields.append(pa.field("objects", pa.struct([pa.field(f.name.removeprefix(_O), f.type) for f in inner])))
    whole = pa.schema(fields)
    features = {f.name: _feature(f.name, f.type, source) for f in whole}
    whole = whole.with_metadata(
        {"huggingface": json.dumps({"info": {"features": features}}), "veml": json.dumps(noted)}
    )
    written: list[Path] = []
    try:
        for k, shard in enumerate(_shards(tables)):
            written.append(folder / f"{split}-{k:05d}.part")
            with pq.ParquetWriter(written[-1], whole, write_page_checksum=True) as out:
                for t in shard:
                    out.write_table(_whole(t, inner, whole), row_group_size=1000)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as e:
        raise BadInput(f"{source!r} cannot be written as Parquet ({e})") from e
    for k, p in enumerate(written):
        p.rename(folder / f"{split}-{k:05d}-of-{len(written):05d}.parquet")


def _shards(tables: Iterator[pa.Table]) -> Iterator[Iterator[pa.Table]]:
    """The pieces in runs of about ``SHARD_BYTES``."""
    waiting = next(tables, None)

    def run() -> Iterator[pa.Table]:
        nonlocal waiting
        size = 0
        while waiting is not None and (not size or size + waiting.nbytes <= SHARD_BYTES):
            size += waiting.nbytes
            yield waiting
            waiting = next(tables, None)

    while waiting is not None:
        yield run()


def _whole(t: pa.Table, inner: list[pa.Field], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    columns = [t.column(f.name).combine_chunks() for f in schema if f.name != "objects"]
    if inner:
        columns.append(
            pa.StructArray.from_arrays(
                [_one(t.column(f.name)) for f in inner], fields=list(schema.field("objects").type)
            )
        )
    return pa.table(columns, schema=schema)


def _one(column: pa.ChunkedArray) -> pa.Array:
    import pyarrow as pa

    found = column.combine_chunks()
    return found.chunk(0) if isinstance(found, pa.ChunkedArray) else found


def _feature(name: str, kind: pa.DataType, source: Source) -> Any:
    import pyarrow as pa

    classes = {"names": list(source.classes), "_type": "ClassLabel"}
    if name == "image":
        return {"_type": "Image"}
    if name == "label":
        return classes
    if name == "objects":
        return {
            f.name: {"feature": classes, "_type": "List"} if f.name == "category" else _feature(f.name, f.type, source)
            for f in kind
        }
    if pa.types.is_fixed_size_list(kind):
        return {"feature": _feature("", kind.value_type, source), "length": kind.list_size, "_type": "List"}
    if pa.types.is_list(kind):
        return {"feature": _feature("", kind.value_type, source), "_type": "List"}
    if not is_cell(kind):
        raise BadInput(
            f"the column {name!r} holds values of the type {kind}; only text, numbers and truth values can be written"
        )
    names = {"double": "float64", "float": "float32"}
    return {"dtype": names.get(str(kind), str(kind)), "_type": "Value"}


def _card(source: Source, counts: Mapping[str, int]) -> str:
    """The README of a repository, whose head tells the hub which file is which split."""
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for split in counts:
        lines += [f"  - split: {split}", f"    path: data/{split}-*.parquet"]
    title = re.sub(r"\s+", " ", source.note or Path(source.root).name)
    listed = ", ".join(f"{n:,} {split}" for split, n in counts.items())
    return "\n".join(
        [
            *lines,
            "---",
            "",
            f"# {title}",
            "",
            f"{listed or 'No'} samples, {source.task}, {len(source.classes)} classes.",
            "",
        ]
    )
