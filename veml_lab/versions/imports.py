"""Bring the records of a source into the lab as one data version: all or nothing.

One pass over the stream with bounded memory: bytes go into a segment (or the file stays where it is; or the
lab has the same bytes already), rows of samples and annotations into Arrow files under ``staging/``. Only the
last commit makes anything visible. Killed before it, an import leaves a reserved ID range and hidden files,
and nothing else.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..catalog import Change
from ..catalog.segments import SegmentWriter
from ..errors import BadData, NameTaken, UnknownName, warn
from ..intermediates.asking import found as found_before
from ..intermediates.asking import halt
from ..sources.decoder import frames_of
from ..sources.leftover import Leftover
from ..sources.source import Record, Source
from ..sources.unread import said
from .annotations import ANNOTATION_KINDS, arrow_schema, as_json, rows_of, table_change
from .column_names import FIXED, own_names
from .emptied import emptied_props
from .facts import IMPORTED
from .import_rows import BufferedRows
from .known import KnownBytes, Place
from .near import NearDuplicates, check_near
from .node import Node
from .results import result_change
from .series import store_series
from .store import VersionStore, check_name, id_set, new_id

if TYPE_CHECKING:
    from pyroaring import BitMap64

REPORT = "import"  # kind of result that keeps an import's report
AT_ONCE, BYTES_AT_ONCE = 1024, 32 << 20  # records that are hashed and looked up together
ROLES = ("", "train", "test")
SAMPLE_KINDS = ("image", "frame", "row", "window")
LARGEST_PX = 65_535
# Columns of the data called as those of a sample, as people write them.
_OWN = frozenset(n for own in FIXED for n in (own, own.upper(), own.capitalize()))


@dataclass
class Arrivals:
    """What one pass leaves in staging, and what it counted.

    Attributes
    ----------
    samples, annotations
        Staged rows; IDs count from 0.
    roles
        Index into ``ROLES`` of each sample.
    stored_bytes
        Written into the lab.
    within, in_lab
        Samples whose bytes came before in the same source, or lay in the lab already: not stored twice.
    several_frames
        Pictures of which only the first frame is read.
    hidden
        Names of the data's columns that are those of the lab's own.
    """

    samples: BufferedRows
    annotations: dict[str, BufferedRows]
    roles: array = field(default_factory=lambda: array("B"))
    emptied: array = field(default_factory=lambda: array("Q"))  # pictures that lost all their annotations
    kinds: set[str] = field(default_factory=set)
    uri_hashes: array = field(default_factory=lambda: array("q"))
    stored_bytes: int = 0
    within: int = 0
    in_lab: int = 0
    skipped: list[str] = field(default_factory=list)
    several_frames: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)

    def remove(self) -> None:
        for rows in (self.samples, *self.annotations.values()):
            rows.remove()


def import_source(
    store: VersionStore,
    name: str,
    source: Source,
    *,
    copy: bool | None = None,
    split_roles: bool = True,
    progress: bool = True,
    strict: bool = False,
    near_duplicates: str | bool = False,
    unread: Literal["stop", "allow"] = "stop",
) -> Node:
    """Import ``source`` as the data version ``name``; its train and test parts become ``name-train``, ``name-test``.

    Parameters
    ----------
    copy
        Copy the bytes into the lab (True), leave plain files where they are (False), or copy only
        what is no plain file of its own, such as archives and idx files (None).
    strict
        Whatever would be skipped stops the import.
    near_duplicates
        Compare pictures by perceptual hash, with each other and with those that the lab has hashes of: True or
        ``"report"`` keeps all and reports them, ``"skip"`` leaves the later ones out.
    unread
        What to do where files beside the samples look like annotations and are not read: ``"stop"`` (the default), or
        ``"allow"``, which reports them as it does any other file that is not read.

    Raises
    ------
    NameTaken
        Another import has the name.
    BadData
        The source has no samples, a record is damaged, annotations would stay unread, or (strict) something was
        skipped; then nothing is imported.
    """
    check_name(name)
    near = check_near(near_duplicates)
    fingerprint = f"{source.fingerprint}|copy={copy}" + (f"|near={near}" if near == "skip" else "")
    known = _imported(store, name, fingerprint)
    if known is not None:
        found_before(f"import {name!r}", None)
        return known
    halt(f"importing {name!r}")

    began = time.perf_counter()
    left = _left(source, unread)
    # a name of its own: what another process writes for the same source may leave out other bytes that the lab knows
    writer = SegmentWriter(store.folder / "segments", uuid.uuid4().hex[:24])
    arrivals = Arrivals(
        BufferedRows(store.folder, _sample_schema()),
        {k: BufferedRows(store.folder, arrow_schema(k)) for k in ANNOTATION_KINDS},
    )
    hashes = NearDuplicates(store, near) if near else None
    try:
        _collect(store, source, writer, arrivals, hashes, copy=copy, label=name, progress=progress)
        if not arrivals.samples.count:
            why = [*source.findings(), *arrivals.skipped]
            odd = f": of what it holds {len(why):,} entries could not be used, the first: {why[0]}" if why else ""
            raise BadData(f"{source.root} holds no samples{odd}; check the path and the format ({source.format})")
        _check_uris(source, arrivals)
        skipped = [*source.findings(), *arrivals.skipped]
        if strict and skipped:
            raise BadData(
                f"{source.root}: {len(skipped):,} things would be skipped, so nothing was imported (strict); the first:"
                f" {skipped[0]}"
            )
        if writer.count:
            writer.close()
        else:
            writer.abort()
    except BaseException:
        writer.abort()
        arrivals.remove()
        raise
    if arrivals.hidden:
        shown = own_names(sorted(arrivals.hidden))
        listed = ", ".join(f"{n!r} is {called!r}" for n, called in shown.items())
        warn(
            f"{source.root}: columns called as the lab's own are found by another name in tables, filters and training:"
            f" {listed}; an export has their own names"
        )
    if arrivals.several_frames:
        warn(
            f"{source.root}: of {len(arrivals.several_frames):,} pictures with several frames only the first is read;"
            f" the first is {arrivals.several_frames[0]}. Write films as videos to read all of their frames"
        )
    report = {
        "samples": arrivals.samples.count,
        "stored_bytes": arrivals.stored_bytes,
        "duplicates": arrivals.within,
        "known_in_lab": arrivals.in_lab,
        "annotations": {k: r.count for k, r in arrivals.annotations.items() if r.count},
        "near_duplicates": hashes.found if hashes else None,
        "counts": dict(source.counts()) | ({"pictures_emptied": n} if (n := len(arrivals.emptied)) else {}),
        "skipped": skipped,
        "unread": said(left),
        "several_frames": arrivals.several_frames,
        "seconds": round(time.perf_counter() - began, 3),
    }
    try:
        asked = {"copy": copy, "near_duplicates": near, "unread": unread}
        usual = {"copy": None, "near_duplicates": "", "unread": "stop"}
        options = {k: v for k, v in asked.items() if v != usual[k]}
        return _commit(store, name, source, fingerprint, arrivals, hashes, report, options, split_roles=split_roles)
    except NameTaken:  # since we looked: another process may have imported the same
        (store.folder / "segments" / writer.name).unlink(missing_ok=True)  # not committed, so nothing points into it
        known = _imported(store, name, fingerprint)
        if known is None:
            raise
        return known
    finally:
        arrivals.remove()


def _left(source: Source, unread: str) -> list[Leftover]:
    """What of the source is not read; BadData where that looks like annotations and was not allowed."""
    if unread not in ("stop", "allow"):
        raise UnknownName.of("answer to unread=", unread, ("stop", "allow"))
    left = source.unread()
    stops = [x for x in left if x.stops]
    if stops and unread == "stop":
        from ..formats.sniff import others_of

        listed = "".join(f"\n  {x}" for x in stops[:5])
        better = "".join(f"\n  --format {c.format}: {c.evidence.why}" for c in others_of(source.root, source.format))
        raise BadData(
            f"{source.root} is read as {source.format}; of what lies there, this looks like annotations and would stay"
            f" unread, so nothing was imported:{listed}\nImport it without these by unread='allow' (--unread allow)"
            + (f", or read it as:{better}" if better else ", or say the format that reads them (format=, --format)")
        )
    return left


def _imported(store: VersionStore, name: str, fingerprint: str) -> Node | None:
    """The version of that name if it came from that source; :class:`NameTaken` if from elsewhere."""
    node = store.graph().by_name.get(name)
    if node is not None and node.props.get("source", {}).get("fingerprint") != fingerprint:
        raise NameTaken(f"there is a version {name!r} already, from another source; choose another name")
    return node


# -- the pass over the stream ----------------------------------------------------------------------


def _collect(
    store: VersionStore,
    source: Source,
    writer: SegmentWriter,
    out: Arrivals,
    near: NearDuplicates | None,
    *,
    copy: bool | None,
    label: str,
    progress: bool,
) -> None:
    from tqdm.auto import tqdm

    known = KnownBytes(store)
    first_row: dict[bytes, int] = {}  # half a SHA-256 -> row in this segment, -1 where the file stays in its place
    stream = tqdm(
        source.records(), total=source.total, desc=f"import {label}", unit="sample", disable=not progress, leave=False
    )
    for batch in _batches(_that_fit(stream, out.skipped)):
        digests = [content_digest(r, source) for r in batch]
        if near is not None:
            batch, digests = near.look(batch, digests, out.samples.count, out.skipped)
        stored = known.find([d for d, r in zip(digests, batch, strict=True) if r.image and (r.path is None or copy)])
        for record, digest in zip(batch, digests, strict=True):
            place: Place | None = None
            row: int | None = record.step if record.kind == "window" else None
            in_place = record.path is not None and not copy
            if record.image:
                if (frames := frames_of(record.image, record.uri)) > 1:
                    out.several_frames.append(f"{record.uri} ({frames:,})")
                before = first_row.get(digest[:16])
                out.within += before is not None
                if in_place:
                    first_row.setdefault(digest[:16], -1)
                elif before is not None and before >= 0:
                    place = (writer.name, before)
                elif digest in stored:
                    place = stored[digest]
                    out.in_lab += 1
                else:
                    place = (writer.name, writer.append(record.image))
                    first_row[digest[:16]] = place[1]
                    out.stored_bytes += len(record.image)
            _append(out, record, digest, place, row, record.path if in_place else None)
    for rows in (out.samples, *out.annotations.values()):
        rows.close()


def _that_fit(records: Iterator[Record], skipped: list[str]) -> Iterator[Record]:
    """The records without pictures that are larger than a lab can note."""
    for r in records:
        if min(r.width, r.height) < 0:
            raise BadData(f"{r.uri}: a picture of {r.width} x {r.height} pixels")
        if max(r.width, r.height) <= LARGEST_PX:
            yield r
        else:
            skipped.append(
                f"{r.uri}: a picture of {r.width} x {r.height} pixels; the longest side that can be kept is"
                f" {LARGEST_PX:,}"
            )


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for r in records:
        batch.append(r)
        size += len(r.image)
        if len(batch) >= AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def content_digest(record: Record, source: Source) -> bytes:
    """SHA-256 of the bytes of a picture; of the cells and targets of a row; of the place of a window in its series."""
    if record.image:
        return hashlib.sha256(record.image).digest()
    if record.kind == "window":
        content = f"{source.fingerprint}|{record.step}"
    else:
        cells = as_json({str(k): v for k, v in sorted(record.columns.items(), key=lambda kv: str(kv[0]))})
        content = f"{cells}|{record.label!r}|{[(t.name, t.value) for t in record.targets]}"
    return hashlib.sha256(content.encode(errors="surrogatepass")).digest()


def _append(out: Arrivals, r: Record, digest: bytes, place: Place | None, row: int | None, path: str | None) -> None:
    at = out.samples.count
    if r.kind not in SAMPLE_KINDS:
        raise BadData(f"{r.uri}: {r.kind!r} is no kind of sample; there are {', '.join(SAMPLE_KINDS)}")
    if r.role not in ROLES:
        raise BadData(f"{r.uri}: {r.role!r} is no role; there are train, test and the empty text")
    out.hidden |= r.columns.keys() & _OWN
    segment, row_no = place if place else (None, row)
    out.samples.append(
        (at, r.kind, r.uri, digest, segment, row_no, path, r.width, r.height, r.role, as_json(r.columns))
    )
    out.roles.append(ROLES.index(r.role))
    if r.emptied:
        out.emptied.append(at)
    out.kinds.add(r.kind)
    out.uri_hashes.append(hash(r.uri))
    for name, kind in ANNOTATION_KINDS.items():
        things = kind.of_record(r)
        if things:
            for values in rows_of(name, things, r.uri):
                out.annotations[name].append((at, IMPORTED, *values))


def _check_uris(source: Source, out: Arrivals) -> None:
    """Names are unique: equal hashes are looked for in NumPy, and the names behind them compared."""
    import numpy as np

    hashes = np.frombuffer(out.uri_hashes, dtype=np.int64)
    order = np.sort(hashes)
    twice = np.unique(order[1:][order[1:] == order[:-1]])
    if len(twice) == 0:
        return
    suspects = out.samples.table()["uri"].take(np.flatnonzero(np.isin(hashes, twice))).to_pylist()
    seen: set[str] = set()
    for uri in suspects:
        if uri in seen:
            raise BadData(f"{source.root}: two samples have the name {uri!r}; each needs its own")
        seen.add(uri)


def _sample_schema() -> Any:
    import pyarrow as pa

    return pa.schema(
        [
            ("id", pa.uint64()),
            ("kind", pa.string()),
            ("uri", pa.string()),
            ("sha256", pa.binary()),
            ("segment", pa.string()),
            ("row_no", pa.uint32()),
            ("path", pa.string()),
            ("width", pa.uint16()),
            ("height", pa.uint16()),
            ("role", pa.string()),
            ("columns", pa.string()),
        ]
    )


# -- the commit ------------------------------------------------------------------------------------


def _commit(
    store: VersionStore,
    name: str,
    source: Source,
    fingerprint: str,
    arrivals: Arrivals,
    near: NearDuplicates | None,
    report: dict[str, Any],
    options: dict[str, Any],
    *,
    split_roles: bool,
) -> Node:
    import numpy as np

    n = arrivals.samples.count
    start = reserve_ids(store, name, n)
    ids = np.arange(start, start + n, dtype=np.uint64)
    changes = [Change("add_samples", rows=arrivals.samples.moved(start))]
    changes += [table_change(k, path) for k, r in arrivals.annotations.items() if (path := r.moved(start)) is not None]
    if near is not None and (hashed := near.table(start)) is not None:
        changes.append(Change("add_phashes", rows=hashed))

    about: dict[str, Any] = {
        "task": source.task, "classes": list(source.classes), "layer": IMPORTED, "preparation": {}, "note": source.note,
        "kinds": sorted(arrivals.kinds),
    }  # fmt: skip
    if source.about:
        about["about"] = dict(source.about)
    if source.series is not None:
        about["series"] = store_series(store.folder, source.series)
    origin = {
        "format": source.format,
        "root": source.root,
        "fingerprint": fingerprint,
        "duplicates": report["duplicates"],
        **({"call": dict(source.call)} if source.call else {}),
        **({"options": options} if options else {}),
    }
    roles = np.frombuffer(arrivals.roles, dtype=np.uint8)
    present = {ROLES[k] for k in np.unique(roles)}
    whole = new_id("data")
    role = next(iter(present)) if len(present) == 1 else ""
    changes += [id_set_change(whole, range_set(start, n)), result_change(f"{REPORT}:{whole}", REPORT, report)]
    lost = id_set(np.frombuffer(arrivals.emptied, dtype=np.uint64) + np.uint64(start))
    made: list[tuple] = [
        ("data", name, {**about, "role": role, "n": n, **emptied_props(lost), "source": origin}, [], changes, whole)
    ]
    if split_roles and present >= {"train", "test"}:
        for role in ("train", "test"):
            part, part_ids = new_id("data"), ids[roles == ROLES.index(role)]
            edge = (whole, "derived_from", {"operation": "split", "by": "role", "role": role})
            props = {**about, "role": role, "n": len(part_ids), **emptied_props(lost & id_set(part_ids))}
            made.append(("data", f"{name}-{role}", props, [edge], [id_set_change(part, part_ids)], part))
    return store.add_many(made)[0]


def reserve_ids(store: VersionStore, name: str, n: int) -> int:
    """The first of ``n`` consecutive sample IDs that nobody else gets."""
    block_key = f"{name}|{new_id('block')}"
    store.catalog.commit([Change("reserve_ids", {"n": n, "source": block_key})])
    return int(store.catalog.read("block_of_source", source=block_key)["start"][0].as_py())


def range_set(start: int, n: int) -> BitMap64:
    """The IDs ``start ... start + n - 1``."""
    from pyroaring import BitMap64

    return BitMap64(range(start, start + n))


def id_set_change(version: str, ids: Any) -> Change:
    """The change that stores an ID set as a roaring bitmap (131 MB for 10k versions of 100k, see DESIGN 4)."""
    from pyroaring import BitMap64

    bitmap = ids if isinstance(ids, BitMap64) else id_set(ids)
    bitmap.run_optimize()
    lo, hi = (bitmap.min(), bitmap.max()) if bitmap else (0, 0)
    return Change(
        "add_version_ids", {"version": version, "n": len(bitmap), "lo": lo, "hi": hi, "ids": bitmap.serialize()}
    )
