"""The catalog against itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..catalog.annotation_tables import TABLES
from ..catalog.snapshot import Snapshot
from .lab_files import parsed
from .report import Finding

_RESTORE = "Restore catalog.duckdb from a backup"
_MOST = 20  # of one kind are named one by one


def _each(snapshot: Snapshot, sql: str, kind: str, sentence: str, do: str = _RESTORE) -> Iterator[Finding]:
    """One finding a row of the query; ``sentence`` is filled from its columns."""
    rows = snapshot.rows(sql).to_pylist()
    for r in rows[:_MOST]:
        yield Finding(kind, sentence.format(**r), do)
    if len(rows) > _MOST:
        yield Finding(kind, f"and {len(rows) - _MOST:,} more of that kind", do)


def blocks(snapshot: Snapshot) -> Iterator[Finding]:
    """Imports have ranges of IDs of their own, and every sample has one of them."""
    yield from _each(
        snapshot,
        """SELECT * FROM (SELECT start, n, source, lead(start) OVER w AS next, lead(source) OVER w AS other
                     FROM id_block WHERE n > 0 WINDOW w AS (ORDER BY start))
           WHERE next < start + n""",
        "overlapping ID blocks",
        "the IDs {start} + {n} of {source!r} run into those of {other!r} from {next}",
    )
    yield from _each(
        snapshot,
        """SELECT count(*) AS n, min(id) AS lo, max(id) AS hi FROM sample s
           WHERE NOT EXISTS (SELECT 1 FROM id_block b WHERE s.id >= b.start AND s.id < b.start + b.n)
           HAVING count(*) > 0""",
        "samples beyond the ID blocks",
        "{n} samples from {lo} to {hi} have IDs that no import reserved",
    )
    yield from _each(
        snapshot,
        "SELECT count(*) - count(DISTINCT id) AS n FROM sample HAVING n > 0",
        "doubled samples",
        "{n} samples stand in the catalog more than once",
    )
    yield from _each(
        snapshot,
        """SELECT b.start, b.n, b.source, count(s.id) AS have
           FROM id_block b JOIN sample s ON s.id >= b.start AND s.id < b.start + b.n
           GROUP BY ALL HAVING have < b.n ORDER BY 1""",
        "torn import",
        "of the {n} samples of {source!r} only {have} are there",
    )


def graph(snapshot: Snapshot) -> Iterator[Finding]:
    """Edges lead from version to version; what belongs to a version has one."""
    yield from _each(
        snapshot,
        "SELECT src, dst, type FROM edge WHERE src NOT IN (SELECT id FROM node) OR dst NOT IN (SELECT id FROM node)",
        "dangling edge",
        "{src} -> {dst} ({type}): a version at its end is missing",
    )
    for table, what in (("metric", "metrics"), ("node_event", "notes")):
        yield from _each(
            snapshot,
            f"SELECT node, count(*) AS n FROM {table} WHERE node NOT IN (SELECT id FROM node) GROUP BY 1",
            f"{what} of an unknown version",
            "{n} " + what + " belong to {node}, which is missing",
        )
    for table, key, column in (("node", "name", "props"), ("edge", "src", "props"), ("result", "key", "value")):
        for r in snapshot.rows(
            f"SELECT {key} AS k, {column} AS v FROM {table} WHERE NOT json_valid({column}::VARCHAR)"
        ).to_pylist():
            yield Finding("unreadable properties", f"{table} {r['k']!r} holds no JSON", _RESTORE)


def labels(snapshot: Snapshot) -> Iterator[Finding]:
    """Annotations belong to samples and to layers that there are."""
    for t in TABLES.values():
        yield from _each(
            snapshot,
            f"SELECT count(*) AS n, min(sample_id) AS lo, max(sample_id) AS hi FROM {t.table} WHERE sample_id NOT IN"
            " (SELECT id FROM sample) HAVING count(*) > 0",
            "annotations without a sample",
            "{n} annotations of the kind " + t.kind + ", of samples {lo} to {hi}, which are missing",
        )
        yield from _each(
            snapshot,
            f"SELECT layer, count(*) AS n FROM {t.table} WHERE layer <> 'imported' AND layer NOT IN (SELECT id FROM"
            " layer) GROUP BY 1",
            "annotations of an unknown layer",
            "{n} annotations of the kind " + t.kind + " belong to the layer {layer}, which is missing",
        )
    known = {r["id"] for r in snapshot.rows("SELECT id FROM layer").to_pylist()} | {"imported", None, ""}
    yield from _each(
        snapshot,
        "SELECT id, base FROM layer WHERE base <> 'imported' AND base NOT IN (SELECT id FROM layer)",
        "layer without its base",
        "the annotation layer {id} builds on {base}, which is missing",
    )
    for r in snapshot.rows("SELECT layer, via, ids FROM layer_ids").to_pylist():
        if r["layer"] not in known or r["via"] not in known:
            yield Finding(
                "layer without its base",
                f"the annotation layer {r['layer']} reads through {r['via']}, and one of them is missing",
                _RESTORE,
            )
        if _bitmap(r["ids"]) is None:
            yield Finding("torn ID set", f"the samples of the annotation layer {r['layer']} cannot be read", _RESTORE)
    for r in snapshot.rows("SELECT name, props FROM node WHERE kind = 'data'").to_pylist():
        props = parsed(r["props"])
        if isinstance(props, dict) and props.get("layer", "imported") not in known:
            yield Finding(
                "layer without its base",
                f"{r['name']!r} reads the annotation layer {props['layer']}, which is missing",
                _RESTORE,
            )


def tasks(snapshot: Snapshot) -> Iterator[Finding]:
    """Labelling tasks have their samples and their pre-labels; events and answers have their task."""
    for table, what in (("label_event", "events"), ("label_answer", "answers")):
        yield from _each(
            snapshot,
            f"SELECT task, count(*) AS n FROM {table} WHERE task NOT IN (SELECT id FROM label_task) GROUP BY 1",
            f"{what} of an unknown labelling task",
            "{n} " + what + " belong to the labelling task {task}, which is missing",
        )
    yield from _each(
        snapshot,
        "SELECT name, data FROM label_task WHERE data NOT IN (SELECT id FROM node) OR (layer <> '' AND layer NOT IN"
        " (SELECT id FROM layer))",
        "labelling task without its samples",
        "the samples ({data}) or the pre-labels of the labelling task {name!r} are missing",
    )
    for r in snapshot.rows("SELECT name, blind FROM label_task").to_pylist():
        if _bitmap(r["blind"]) is None:
            yield Finding(
                "torn ID set", f"the blind samples of the labelling task {r['name']!r} cannot be read", _RESTORE
            )


def cases(snapshot: Snapshot) -> Iterator[Finding]:
    """Occurrences and events belong to bad cases that there are, these to samples; what was judged can be read."""
    for table, what in (("bad_occurrence", "occurrences"), ("bad_event", "events")):
        yield from _each(
            snapshot,
            f"SELECT case_id, count(*) AS n FROM {table} WHERE case_id NOT IN (SELECT id FROM bad_case)"
            " AND NOT starts_with(case_id, 'function:') GROUP BY 1",
            f"{what} of an unknown case",
            "{n} " + what + " belong to the bad case {case_id}, which is missing",
        )
    yield from _each(
        snapshot,
        "SELECT id, sample FROM bad_case WHERE sample NOT IN (SELECT id FROM sample)",
        "case without its sample",
        "the bad case {id} is of the sample {sample}, which is missing",
    )
    for table in ("bad_occurrence", "bad_run"):
        yield from _each(
            snapshot,
            f"SELECT inference, count(*) AS n FROM {table} WHERE inference <> '' AND inference NOT IN"
            " (SELECT id FROM node) GROUP BY 1",
            "bad cases of an unknown version",
            "{n} rows of " + table + " are of {inference}, which is missing",
        )
    for r in snapshot.rows("SELECT inference, ids FROM bad_run").to_pylist():
        if _bitmap(r["ids"]) is None:
            said = f"the samples that {r['inference']} was judged on for bad cases cannot be read"
            yield Finding("torn ID set", said, _RESTORE)


def id_sets(snapshot: Snapshot) -> Iterator[Finding]:
    """Every data version has its ID set, whole, and its samples are there."""
    from pyroaring import BitMap64

    yield from _each(
        snapshot,
        "SELECT name FROM node WHERE kind = 'data' AND id NOT IN (SELECT version FROM version_ids)",
        "data version without ID set",
        "{name!r} has lost its samples' IDs",
    )
    names = {r["id"]: r["name"] for r in snapshot.rows("SELECT id, name FROM node").to_pylist()}
    there = BitMap64()
    for start, stop in _ranges(snapshot):
        there |= BitMap64(range(start, stop))
    for version in (
        snapshot.rows("SELECT version FROM version_ids").column(0).to_pylist()
    ):  # one set at a time in memory
        r = snapshot.rows("SELECT * FROM version_ids WHERE version = $v", {"v": version}).to_pylist()[0]
        name = names.get(version)
        if name is None:
            yield Finding("ID set of an unknown version", f"{version} is missing", _RESTORE)
        ids = _bitmap(r["ids"])
        if ids is None:
            yield Finding("torn ID set", f"the sample IDs of {name or version!r} cannot be read", _RESTORE)
            continue
        if len(ids) != r["n"] or (ids and (ids.min() != r["lo"] or ids.max() != r["hi"])):
            yield Finding(
                "torn ID set",
                f"{name or version!r} should have {r['n']} samples from {r['lo']} to {r['hi']} and has {len(ids)}",
                _RESTORE,
            )
        beyond = ids - there
        if beyond:
            yield Finding(
                "IDs without samples",
                f"{len(beyond):,} samples of {name or version!r} are not in the catalog, the first is {beyond.min()}",
                _RESTORE,
            )


def _ranges(snapshot: Snapshot) -> Iterator[tuple[int, int]]:
    """The IDs of all samples as consecutive ranges; an import is one, so there are few."""
    sql = (
        "SELECT min(id) AS lo, max(id) + 1 AS hi FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS run FROM"
        " (SELECT DISTINCT id FROM sample)) GROUP BY run"
    )
    for r in snapshot.rows(sql).to_pylist():
        yield int(r["lo"]), int(r["hi"])


def _bitmap(data: bytes) -> Any:
    """The bitmap of a BLOB; None where it is damaged."""
    from pyroaring import BitMap64

    try:
        ids = BitMap64.deserialize(data)
        return ids if ids.serialize() == data else None
    except Exception:  # pyroaring raises what it likes
        return None


PARTS: tuple[Callable[[Snapshot], Iterator[Finding]], ...] = (blocks, graph, labels, tasks, cases, id_sets)
