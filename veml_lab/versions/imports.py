"""Bring the records of a source into the lab as one data version: all or nothing.

One pass over the stream: bytes go into a segment (or the file stays where it is), hashes and
annotations into columns, a batch at a time. Only the last commit makes anything visible. Killed
before it, an import leaves a reserved ID range and a hidden file, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..catalog import Change
from ..catalog.segments import SegmentWriter
from ..errors import BadData, NameTaken
from ..formats.source import Source
from .graph import Node
from .store import VersionStore, check_name, new_id

if TYPE_CHECKING:
    import pyarrow as pa

LAYER = "imported"  # the annotation layer that every import writes; corrections add further ones


@dataclass
class _Columns:
    """What one pass collects, column by column (far smaller than records)."""

    uri: list[str] = field(default_factory=list)
    sha256: list[bytes] = field(default_factory=list)
    row_no: list[int | None] = field(default_factory=list)
    path: list[str | None] = field(default_factory=list)
    width: list[int] = field(default_factory=list)
    height: list[int] = field(default_factory=list)
    role: list[str] = field(default_factory=list)
    columns: list[str | None] = field(default_factory=list)
    class_at: list[int] = field(default_factory=list)
    class_label: list[str] = field(default_factory=list)
    box_at: list[int] = field(default_factory=list)
    box: list[tuple[str, float, float, float, float, str | None]] = field(default_factory=list)


def import_source(
    store: VersionStore,
    name: str,
    source: Source,
    *,
    copy: bool | None = None,
    split_roles: bool = True,
    progress: bool = True,
) -> Node:
    """Import ``source`` as the data version ``name``; its train and test parts become ``name-train``, ``name-test``.

    Parameters
    ----------
    copy
        Copy the bytes into the lab (True), leave plain files where they are (False), or copy only
        what is no plain file of its own, such as archives and idx files (None).

    Raises
    ------
    NameTaken
        Another import has the name.
    BadData
        The source has no samples, or a record is damaged (then nothing is imported).
    """
    check_name(name)
    fingerprint = f"{source.fingerprint}|copy={copy}"
    known = _imported(store, name, fingerprint)
    if known is not None:
        return known

    segment_name = hashlib.sha256(f"{name}|{fingerprint}".encode()).hexdigest()[:24]
    writer = SegmentWriter(store.folder / "segments", segment_name)
    try:
        c = _collect(source, writer, copy=copy, label=name, progress=progress)
    except BaseException:
        writer.abort()
        raise
    if not c.uri:
        writer.abort()
        raise BadData(f"{source.root} holds no samples; check the path and the format ({source.format})")
    if writer.count:
        writer.close()
    else:
        writer.abort()
    try:
        return _commit(store, name, source, fingerprint, writer.name, c, split_roles=split_roles)
    except NameTaken:  # since we looked: another process may have imported the same
        known = _imported(store, name, fingerprint)
        if known is None:
            raise
        return known


def _imported(store: VersionStore, name: str, fingerprint: str) -> Node | None:
    """The version of that name if it came from that source; :class:`NameTaken` if from elsewhere."""
    node = store.graph().by_name.get(name)
    if node is not None and node.props.get("source", {}).get("fingerprint") != fingerprint:
        raise NameTaken(f"there is a version {name!r} already, from another source; choose another name")
    return node


def _collect(source: Source, writer: SegmentWriter, *, copy: bool | None, label: str, progress: bool) -> _Columns:
    from tqdm.auto import tqdm

    c = _Columns()
    seen: set[str] = set()
    for r in tqdm(source.records(), total=source.total, desc=f"import {label}", unit="img", disable=not progress, leave=False):
        if r.uri in seen:
            raise BadData(f"{source.root}: two samples have the name {r.uri!r}; each needs its own")
        seen.add(r.uri)
        at = len(c.uri)
        keep_in_place = r.path is not None and not copy
        c.uri.append(r.uri)
        c.sha256.append(hashlib.sha256(r.image).digest())
        c.row_no.append(None if keep_in_place else writer.append(r.image))
        c.path.append(r.path if keep_in_place else None)
        c.width.append(r.width)
        c.height.append(r.height)
        c.role.append(r.role)
        c.columns.append(json.dumps(dict(r.columns), ensure_ascii=False) if r.columns else None)
        if r.label is not None:
            c.class_at.append(at)
            c.class_label.append(r.label)
        for b in r.boxes:
            attributes = json.dumps(dict(b.attributes), ensure_ascii=False) if b.attributes else None
            c.box_at.append(at)
            c.box.append((b.label, b.x, b.y, b.w, b.h, attributes))
    return c


def _commit(store: VersionStore, name: str, source: Source, fingerprint: str, segment: str, c: _Columns, *, split_roles: bool) -> Node:
    import numpy as np
    import pyarrow as pa

    n = len(c.uri)
    block_key = f"{name}|{new_id('block')}"
    store.catalog.commit([Change("reserve_ids", {"n": n, "source": block_key})])
    start = store.catalog.read("block_of_source", source=block_key).to_pylist()[0]["start"]
    ids = np.arange(start, start + n, dtype=np.uint64)

    changes = [Change("add_samples", rows=_samples(c, ids, segment))]
    if c.class_at:
        rows = pa.table({"sample_id": ids[c.class_at], "layer": [LAYER] * len(c.class_at), "label": c.class_label})
        changes.append(Change("add_classes", rows=rows))
    if c.box_at:
        label, x, y, w, h, attributes = zip(*c.box, strict=True)
        rows = pa.table({
            "sample_id": ids[c.box_at], "layer": [LAYER] * len(c.box_at), "label": list(label),
            "x": pa.array(x, pa.float32()), "y": pa.array(y, pa.float32()),
            "w": pa.array(w, pa.float32()), "h": pa.array(h, pa.float32()),
            "attributes": pa.array(attributes, pa.string()),
        })  # fmt: skip
        changes.append(Change("add_boxes", rows=rows))

    duplicates = n - len(set(c.sha256))
    about: dict[str, Any] = {
        "task": source.task, "classes": list(source.classes), "layer": LAYER, "preparation": {},
        "note": source.note,
    }  # fmt: skip
    origin = {"format": source.format, "root": source.root, "fingerprint": fingerprint, "duplicates": duplicates}
    roles = Counter(c.role)
    whole = new_id("data")
    role = next(iter(roles)) if len(roles) == 1 else ""
    made: list[tuple] = [
        ("data", name, {**about, "role": role, "n": n, "source": origin}, [], [*changes, id_set_change(whole, ids)], whole)
    ]
    if split_roles and set(roles) >= {"train", "test"}:
        role_of = np.array(c.role)
        for role in ("train", "test"):
            part, part_ids = new_id("data"), ids[role_of == role]
            edge = (whole, "derived_from", {"operation": "split", "by": "role", "role": role})
            props = {**about, "role": role, "n": len(part_ids)}
            made.append(("data", f"{name}-{role}", props, [edge], [id_set_change(part, part_ids)], part))
    return store.add_many(made)[0]


def _samples(c: _Columns, ids: Any, segment: str) -> pa.Table:
    import pyarrow as pa

    n = len(ids)
    return pa.table({
        "id": ids, "kind": ["image"] * n, "uri": c.uri, "sha256": pa.array(c.sha256, pa.binary()),
        "segment": pa.array([None if r is None else segment for r in c.row_no], pa.string()),
        "row_no": pa.array(c.row_no, pa.uint32()), "path": pa.array(c.path, pa.string()),
        "width": pa.array(c.width, pa.uint16()), "height": pa.array(c.height, pa.uint16()),
        "role": c.role, "columns": pa.array(c.columns, pa.string()),
    })  # fmt: skip


def id_set_change(version: str, ids: Any) -> Change:
    """The change that stores an ID set as a roaring bitmap (131 MB for 10k versions of 100k, see DESIGN 4)."""
    from pyroaring import BitMap64

    bitmap = ids if isinstance(ids, BitMap64) else BitMap64(ids.tolist())
    bitmap.run_optimize()
    lo, hi = (bitmap.min(), bitmap.max()) if bitmap else (0, 0)
    return Change("add_version_ids", {"version": version, "n": len(bitmap), "lo": lo, "hi": hi, "ids": bitmap.serialize()})
