"""A data version as a source again: to write it in any format, or to import it into another lab."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..sources.source import Record, Series, Source
from .annotations import ANNOTATION_KINDS, from_table, parsed
from .samples import SampleSet, id_array

AT_ONCE = 1024


def export(version: SampleSet, path: str | os.PathLike[str], format: str, **options: Any) -> None:
    """Write a version into a new folder: see :func:`veml_lab.formats.write`.

    Samples are written as they are stored; a preparation is not applied. The writer refuses what its format
    cannot hold.
    """
    from ..formats import write

    write(source_of(version), path, format, **options)


def source_of(version: SampleSet) -> Source:
    """The samples of a version with all kinds of annotation, as its layer reads them; streams a thousand at a time.

    Names are the samples' own; where samples of several imports have one name, the later ones get their ID before it.
    """
    return Source(
        format="lab",
        root=version.name,
        task=version.task,  # type: ignore[arg-type]
        classes=version.classes,
        records=lambda: _records(version),
        total=len(version),
        fingerprint=f"lab|{version.key}",
        note=version.node.props.get("note", ""),
        about=dict(version.facts.about),
        series=_series(version),
    )


def _records(version: SampleSet) -> Iterator[Record]:
    import numpy as np
    import pyarrow as pa

    samples = version.samples
    ids = id_array(version)
    tables = {k: version.annotations.table(k) for k in ANNOTATION_KINDS}
    owners = {k: t["id"].to_numpy() for k, t in tables.items()}
    seen: Counter[str] = Counter()
    for start in range(0, len(samples), AT_ONCE):
        rows = samples.slice(start, AT_ONCE).to_pylist()
        span = ids[start], ids[start + len(rows) - 1]
        found = {}
        for k, t in tables.items():
            lo, hi = np.searchsorted(owners[k], span[0]), np.searchsorted(owners[k], span[1], side="right")
            found[k] = (
                from_table(k, pa.Table.from_batches(t.slice(lo, hi - lo).to_batches(), t.schema)) if hi > lo else {}
            )
        for at, r in enumerate(rows):
            i = r["id"]
            picture = r["segment"] is not None or r["path"] is not None
            uri = r["uri"]
            seen[uri] += 1
            label = found["class"].get(i)
            yield Record(
                uri=uri if seen[uri] == 1 else f"{i}/{uri}",
                image=version.images.places(start + at) if picture else b"",
                width=r["width"],
                height=r["height"],
                role=r["role"],
                label=label[0] if label else None,
                boxes=tuple(found["box"].get(i, ())),
                columns=parsed(r["columns"]),
                path=r["path"],
                kind=r["kind"],
                masks=tuple(found["mask"].get(i, ())),
                keypoints=tuple(found["keypoints"].get(i, ())),
                captions=tuple(found["caption"].get(i, ())),
                targets=tuple(found["target"].get(i, ())),
                step=r["row_no"] if r["kind"] == "window" else 0,
            )


def _series(version: SampleSet) -> Series | None:
    from .series import read_array

    s = version.facts.series
    if s is None:
        return None
    folder = version.store.folder
    return Series(
        values=read_array(folder, s["values"]),
        nodes=tuple(s["nodes"]),
        channels=tuple(s["channels"]),
        window=s["window"],
        horizon=s["horizon"],
        adjacency=read_array(folder, s["adjacency"]) if s["adjacency"] else None,
        times=tuple(read_array(folder, s["times"]).tolist()) if s["times"] else (),
    )
