"""Corrections: a new annotation layer over the one that a version reads, and a version that reads it.

Only the samples that are named are stored; everything else is read through the layer below. The corrected
version has the same samples. Versions that read the old layer stay as they are, and so do the metrics that were
measured on them: they name the layer that they were measured on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..catalog import Change
from ..errors import BadInput, UnknownName
from ..sources.source import Record, Source
from ..sources.writing import safe_stem
from .annotations import (
    ANNOTATION_KINDS,
    CLASSED,
    arrow_schema,
    from_json,
    from_table,
    kind_of,
    rows_of,
    table_change,
)
from .derivations import bitmap, digest
from .derive import S, derive, derived
from .emptied import emptied_ids, emptied_props
from .layers import own_layer
from .samples import SampleSet, asked

if TYPE_CHECKING:
    from pyroaring import BitMap64

New = dict[str, dict[int, list[Any]]]  # kind -> sample ID -> the annotations that hold from now on


def correct(version: S, name: str, corrections: Mapping[Any, Mapping[str, Any]], *, note: str = "") -> S:
    """See :meth:`~veml_lab.versions.data.DataVersion.correct`."""
    if not isinstance(corrections, Mapping) or not corrections:
        raise BadInput(
            "corrections are a mapping from samples to what holds for them, e.g. {17: {'class': 'cat'}}; got none"
        )
    ids = set(version.ids)
    by_uri: dict[str, int] | None = None
    new: New = {}
    for key, kinds in corrections.items():
        if isinstance(key, str) and not key.isdigit():
            by_uri = by_uri if by_uri is not None else _by_uri(version)
            if key not in by_uri:
                raise UnknownName.of(f"sample of {version.name!r}", key, by_uri)
            sample = by_uri[key]
        else:
            sample = int(key)
            if sample not in ids:
                raise UnknownName(
                    f"{version.name!r} has no sample {key}; its IDs are in id_array(version), its names in"
                    " version.samples['uri']"
                )
        if not isinstance(kinds, Mapping) or not kinds:
            raise BadInput(f"sample {key}: give annotations by kind, e.g. {{'class': 'cat'}}; got {kinds!r:.80}")
        for kind, value in kinds.items():
            k = kind_of(kind).name
            new.setdefault(k, {})[sample] = from_json(k, value, f"sample {key}")
    return _apply(version, name, new, {"operation": "correct", "note": note})


def annotate(version: S, name: str, source: Source, *, kinds: Sequence[str] | None = None, note: str = "") -> S:
    """The same samples with the annotations of a source whose records have the same names.

    For labels that were made or mended elsewhere: export, correct in a labelling tool, read its file, annotate.

    Parameters
    ----------
    kinds
        The kinds of annotation to take; default: those that occur in the source. Only what differs is stored.
    """
    by_uri = _by_uri(version)
    by_name: dict[str, list[str]] = {}
    for uri in by_uri:
        for name_of in _names(uri):
            by_name.setdefault(name_of, []).append(uri)
    asked = [kind_of(k).name for k in kinds] if kinds is not None else None
    found: dict[int, Record] = {}
    for r in source.records():
        names = (
            [r.uri]
            if r.uri in by_uri
            else by_name.get(safe_stem(r.uri), [])
            or list(dict.fromkeys(u for n in _names(r.uri) for u in by_name.get(n, ())))
        )
        if len(names) > 1:
            raise BadInput(
                f"{r.uri}: {len(names)} samples of {version.name!r} have this file name; keep the folders in the names"
            )
        if names:
            if by_uri[names[0]] in found:
                raise BadInput(f"{r.uri}: a second record for the sample {names[0]!r}")
            found[by_uri[names[0]]] = r
    if not found:
        raise BadInput(
            f"{source.root} has no sample whose name is among those of {version.name!r}, such as {next(iter(by_uri))!r}"
        )
    if asked is None:  # a format speaks of the kinds that occur in it
        asked = [k for k, kind in ANNOTATION_KINDS.items() if any(kind.of_record(r) for r in found.values())]
    new: New = {}
    for k in asked:
        had = version.annotations.of_kind(k)
        said = {i: list(ANNOTATION_KINDS[k].of_record(r)) for i, r in found.items()}
        # what a source only repeats is no correction
        changed = {i: things for i, things in said.items() if _rows(k, things) != _rows(k, had.get(i, []))}
        if changed:
            new[k] = changed
    if not new:
        raise BadInput(f"{source.root} says what {version.name!r} says already; nothing was corrected")
    return _apply(
        version,
        name,
        new,
        {"operation": "annotate", "source": source.root, "fingerprint": source.fingerprint, "note": note},
    )


def _rows(kind: str, things: Sequence[Any]) -> list[dict]:
    """Annotations as the catalog would give them back, so that float32 does not count as a difference."""
    import pyarrow as pa

    schema = arrow_schema(kind)
    rows = rows_of(kind, things, "")
    columns = [pa.array([r[at] for r in rows], f.type) for at, f in enumerate(list(schema)[2:])]
    return pa.table(columns, names=schema.names[2:]).to_pylist()


def _by_uri(version: SampleSet) -> dict[str, int]:
    """Sample IDs by name; a name that several imports gave stands for the last of them."""
    return dict(zip(version.samples["uri"].to_pylist(), version.samples["id"].to_pylist(), strict=True))


def _names(uri: str) -> set[str]:
    """What a sample may be called by a tool: its file without folders, or its whole name as an export wrote it."""
    file = uri.rpartition("/")[2]
    return {file.rpartition(".")[0] or file, safe_stem(uri)}


def labelled(version: S, name: str, new: New, ids: BitMap64, operation: Mapping[str, Any], task: str) -> S:
    """The samples ``ids`` of a version with the annotations that people gave them.

    Parameters
    ----------
    new
        What holds for them, kind by kind; a sample without any has an empty list.
    task
        What the annotations are for, where the version says nothing.
    """
    given = {"operation": "label", "note": "", **operation, "chosen": digest(ids)}
    props = {"emptied": 0, "emptied_ids": "", "task": task if version.task == "none" else version.task}
    return _apply(version, name, new, given, ids=ids, props=props)


def prediction_layer(version: SampleSet, new: New, props: Mapping[str, Any]) -> tuple[str, list[Change]]:
    """A layer of what a model says of samples, which no version reads; its ID and the changes that make it."""
    return _layer(version, _as_rows(new), {"of": version.id, "mark": "prediction", **props})


def said_in(version: SampleSet, layer: str, kind: str, ids: BitMap64) -> dict[int, list[Any]]:
    """The annotations of a kind that a layer itself holds, by sample ID."""
    return from_table(kind, asked(version, ANNOTATION_KINDS[kind].table.question, ids, layer=layer)) if ids else {}


def _as_rows(new: New) -> dict[str, dict[int, list[tuple]]]:
    return {
        kind: {i: rows_of(kind, things, f"sample {i}") for i, things in samples.items()}
        for kind, samples in new.items()
    }


def _layer(
    version: SampleSet, rows: Mapping[str, Mapping[int, list[tuple]]], props: Mapping[str, Any]
) -> tuple[str, list[Change]]:
    """A layer over the version's own that answers for these samples."""
    layer, changes = own_layer(version.facts.layer, {k: bitmap(list(samples)) for k, samples in rows.items()}, props)
    return layer, changes + [_change(k, layer, samples) for k, samples in rows.items() if any(samples.values())]


def _apply(
    version: S,
    name: str,
    new: New,
    operation: dict[str, Any],
    *,
    ids: BitMap64 | None = None,
    props: Mapping[str, Any] | None = None,
) -> S:
    from .store import key_of

    ids = version.ids if ids is None else ids
    rows = _as_rows(new)
    # what was said, as a key: the same corrections asked for again give the version that is there
    try:
        said = key_of([[kind, sorted(samples.items())] for kind, samples in sorted(rows.items())])
    except UnicodeEncodeError as e:
        raise BadInput(f"a text of the corrections is no valid Unicode ({e.reason})") from e
    operation |= {
        "base": version.facts.layer,
        "said": said,
        "changed": {kind: len(samples) for kind, samples in new.items()},
    }
    known = derived(version, name, ids, operation)
    if known is not None:
        return known
    classes = list(version.classes)
    for kind in CLASSED:
        for things in new.get(kind, {}).values():
            classes += [c for t in things if (c := t if kind == "class" else t.label) not in classes]
    layer, changes = _layer(version, rows, {"of": version.id, "name": name, "note": operation["note"]})
    props = {"layer": layer, "classes": classes, **(props or {})}
    if "emptied" not in props and (lost := emptied_ids(version.node.props)):
        annotated = bitmap([i for samples in new.values() for i, things in samples.items() if things])
        props |= {"emptied": 0, "emptied_ids": "", **emptied_props(lost - annotated)}
    return derive(version, name, ids, operation, props=props, changes=changes)


def _change(kind: str, layer: str, samples: Mapping[int, list[tuple]]) -> Change:
    import pyarrow as pa

    schema = arrow_schema(kind)
    flat = [(i, layer, *row) for i in sorted(samples) for row in samples[i]]
    try:
        columns = [pa.array(values, f.type) for values, f in zip(zip(*flat, strict=True), schema, strict=True)]
    except (pa.ArrowException, UnicodeEncodeError, OverflowError) as e:
        raise BadInput(f"a {kind} annotation cannot be kept: {e}") from e
    return table_change(kind, pa.table(columns, schema=schema))
