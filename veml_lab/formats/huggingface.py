"""Hugging Face data sets on disk, without the ``datasets`` package: its saved folders, Parquet repositories, image
folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadData, BadInput, MissingFile
from ..sources.cells import cells, check_labels, class_name, class_names
from ..sources.checks import Findings
from ..sources.detection import json_of
from ..sources.images import is_image
from ..sources.notation import task_of
from ..sources.opening import open_tree
from ..sources.roles import columns_of, role_of, split_of_cell
from ..sources.source import Record, Source
from ..sources.tree import Tree, fingerprint, safe_name
from ..sources.unread import unread_of
from ..storage.border import public
from .hf_features import Meaning, checked, features_of, meaning
from .hf_rows import Lines, Part, Rows, objects_of
from .table_csv import CsvTable
from .table_files import ArrowTable, ParquetTable, TableFile

_SHARD = re.compile(r"(?P<split>.+?)-\d{5}-of-\d{5}(-[0-9a-f]+)?\.(parquet|arrow)$")
_METADATA = ("metadata.jsonl", "metadata.csv", "metadata.parquet")


@public
def read_huggingface(
    path: str | os.PathLike[str],
    *,
    image: str | None = None,
    label: str | None = None,
    objects: str | None = None,
    captions: str | Sequence[str] | None = None,
    targets: str | Sequence[str] = (),
    columns: Sequence[str] | None = None,
    bbox: str = "xywh",
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
) -> Source:
    """Read a data set that was saved by ``save_to_disk``, or a repository as the hub has them, from disk.

    Understands the features Image, ClassLabel, Value, and lists of objects with boxes (a struct of lists or a
    list of structs); which column is what is found by them, or said by the options. Rows stream by record
    batches, 64 pictures at a time. Nothing is fetched and no code of a repository is run.

    Parameters
    ----------
    path : path
        Folder or archive with ``dataset_info.json`` and ``*.arrow`` (one split, or several under a
        ``dataset_dict.json``); or with ``*.parquet`` (split by name: ``data/train-00000-of-00001.parquet``,
        ``test.parquet``); or with pictures and ``metadata.jsonl``, ``.csv`` or ``.parquet`` (column ``file_name``).
    image, label, objects : str, optional
        Columns with the picture, the class and the objects.
    captions : str or sequence of str, optional
        Columns of text about the picture; ``caption``, ``captions`` and ``text`` if not given.
    targets : str or sequence of str
        Columns of numbers to be predicted.
    columns : sequence of str, optional
        Free columns to keep; all that hold text, numbers, times or truth values if not given.
    bbox : str
        ``"xywh"`` (as COCO, the usual) or ``"xyxy"``, in pixels.
    strict : bool
        Raise at the first bad annotation, missing or damaged picture; otherwise it is left out and reported.
    verify : bool
        Decode each picture once.
    boxes : str
        As in :func:`read_voc`.

    Returns
    -------
    Source
        Split train has the role train; test, or validation where there is no test, the role test. Where there is
        both, validation has no role and the column ``split``.

    Raises
    ------
    MissingFile
        If there are no such files.
    UnknownName, BadInput
        If a named column is not there, or several could be meant.
    BadData
        For damaged files, pickled extension types; with ``strict``, for damaged pictures.

    Source
    ------
    https://huggingface.co/docs/datasets (about_dataset_features, image_dataset, repository_structure).
    """
    if bbox not in ("xywh", "xyxy"):
        raise BadInput(f"bbox is xywh or xyxy, not {bbox!r}")
    tree = open_tree(path)
    parts = _parts(tree)
    noted = next((n for p in parts for f in p.files if (n := f.noted())), {})
    wanted = [targets] if isinstance(targets, str) else list(targets) or list(noted.get("targets", []))
    texts = [captions] if isinstance(captions, str) else None if captions is None else list(captions)
    findings = Findings(path, strict=strict, boxes=boxes)
    findings.of_tree(tree)
    meanings = [_meaning(p, image, label, objects, texts, wanted, columns) for p in parts]
    order, keys = _classes(parts, meanings, findings)
    splits = {p.split for p in parts}
    last = findings

    def records() -> Iterator[Record]:
        nonlocal last
        last = told = Findings(path, strict=strict, boxes=boxes)
        told.of_tree(tree)
        for left in dict.fromkeys(x for m in meanings for x in m.left):
            told.bad(
                str(path),
                f"{left} is no cell, picture, class, objects or caption, and is left out; name the ones to keep with"
                " columns=",
            )
        for part, m in zip(parts, meanings):
            # what write_huggingface notes: the split whose samples have no role
            split = "" if part.split == noted.get("no_role") else part.split
            role, more = role_of(split), columns_of(split, splits)
            reader = Rows(tree, part, m, told, bbox=bbox, verify=verify, kind=noted.get("kind", ""))
            for f in part.files:
                yield from reader.records(f, role, more)
        told.tell()

    # pictures that a metadata file names are opened during the walk
    for part, m in zip(parts, meanings):
        if part.folder is not None:
            tree.take(Rows(tree, part, m, Findings(path, strict=False), bbox=bbox, verify=False, kind="").named())
    totals = [f.rows for p in parts for f in p.files]
    options = {
        "image": image, "label": label, "objects": objects, "captions": texts, "targets": wanted, "bbox": bbox,
        "columns": columns, "strict": strict, "boxes": boxes,
    }  # fmt: skip
    return Source(
        format="huggingface",
        root=str(path),
        task=task_of(keys),
        classes=order,
        records=records,
        total=sum(t or 0 for t in totals) if all(t is not None for t in totals) else None,
        fingerprint=fingerprint("huggingface", tree, options),
        note=Path(path).name,
        roles_from="names of the splits" if any(splits) else "",
        unread=lambda: unread_of(tree),
        findings=lambda: last.report(),
        counts=lambda: last.counts(),
    )


def _table(tree: Tree, name: str) -> TableFile:
    at = tree.path(name)
    kind = ParquetTable if name.endswith(".parquet") else ArrowTable
    return kind(tree, name, Path(at) if at else None)


def _split_of(name: str) -> str:
    """The split that a file belongs to, by its name or a folder's."""
    m = _SHARD.match(name.rpartition("/")[2])
    words = [m["split"]] if m else [name.rpartition("/")[2].rpartition(".")[0]]
    words += name.split("/")[-2::-1]
    for w in words:
        for piece in (w.lower(), re.split(r"[-_.]", w.lower())[0]):
            if split := split_of_cell(piece):
                return split
    return m["split"] if m else ""


def _parts(tree: Tree) -> list[Part]:
    names = tree.names()
    saved = [n.rpartition("/")[0] for n in names if n.rpartition("/")[2] == "state.json"]
    saved = [d for d in saved if f"{d}/dataset_info.json".lstrip("/") in tree]
    if saved:
        return sorted((_saved(tree, d) for d in saved), key=lambda p: not p.split.startswith("train"))
    described = [n for n in names if n.rpartition("/")[2] in _METADATA]
    if described and any(map(is_image, names)):
        return [_described(tree, n) for n in described]
    tables = [n for n in names if n.endswith((".parquet", ".arrow"))]
    if not tables:
        raise MissingFile(
            f"{tree.root} holds no Hugging Face data set; looked for dataset_info.json with state.json, *.parquet, "
            "and pictures with metadata.jsonl, .csv or .parquet"
        )
    by_split: dict[str, list[str]] = {}
    for n in tables:
        by_split.setdefault(_split_of(n), []).append(n)
    out = []
    for split, files in by_split.items():
        opened = [_table(tree, n) for n in sorted(files)]
        out.append(Part(split, tuple(opened), features_of(opened[0].schema, opened[0].where)))  # type: ignore[attr-defined]
    return sorted(out, key=lambda p: not p.split.startswith("train"))


def _saved(tree: Tree, folder: str) -> Part:
    """A split of ``save_to_disk``."""

    def inside(name: str) -> str:
        return f"{folder}/{name}".lstrip("/")

    info, state = (json_of(tree.read(inside(n)), tree.where(inside(n))) for n in ("dataset_info.json", "state.json"))
    where = tree.where(inside("state.json"))
    try:
        files = [safe_name(f["filename"], where) for f in state["_data_files"]]
        split = state.get("_split") or folder.rpartition("/")[2]
        features = info["features"]
    except (KeyError, TypeError, AttributeError) as e:
        raise BadData(f"{where} or dataset_info.json beside it is not what save_to_disk writes ({e!r:.80})") from e
    missing = [f for f in files if inside(f) not in tree]
    if missing or not files:
        raise MissingFile(
            f"{where} names the file {(missing or ['none'])[0]!r}, which is not there; copy the whole folder"
        )
    whole = checked(features, tree.where(inside("dataset_info.json")))
    return Part(str(split).lower(), tuple(_table(tree, inside(f)) for f in files), whole)


def _described(tree: Tree, name: str) -> Part:
    """Pictures with a metadata file."""
    folder = name.rpartition("/")[0]
    file: TableFile
    if name.endswith(".jsonl"):
        file = Lines(tree, name)
    elif name.endswith(".csv"):
        at = tree.path(name)
        file = CsvTable(tree, name, Path(at) if at else None, delimiter=",", encoding="utf-8", types={}, standard={})
    else:
        file = _table(tree, name)
    return Part(_split_of(f"{folder}/x") if folder else "", (file,), {}, folder)


def _meaning(
    p: Part,
    image: str | None,
    label: str | None,
    objects: str | None,
    captions: list[str] | None,
    targets: list[str],
    columns: Sequence[str] | None,
) -> Meaning:
    f = p.files[0]
    if isinstance(f, Lines):
        import pyarrow as pa

        # The first thousand rows say of what kind the columns are; later ones are checked as they come.
        head = [row for _, row in zip(range(1000), f.python_rows())]
        names = list(dict.fromkeys(k for row in head for k in row))
        try:
            types = {n: pa.array([row.get(n) for row in head]).type for n in names}
        except (pa.ArrowException, OverflowError) as e:
            raise BadData(f"{f.where}: a column holds values of different types ({e}); make it one type") from e
        f.names = names
    else:
        for other in p.files[1:]:
            if other.names != f.names:
                raise BadData(f"{other.where} has other columns than {f.where}; a split has one schema")
        types = f.types()
    if p.folder is not None and image is None:
        image = next((n for n in ("file_name", "image_file_name", "image") if n in types), None)
        if image is None:
            has = f"it has {list(types)[:12]}" if types else "none of its lines is JSON in UTF-8"
            raise BadData(f"{f.where} has no column file_name, which says which picture a row is about; {has}")
    return meaning(
        types,
        p.features,
        f.where,
        image=image,
        label=label,
        objects=objects,
        captions=captions,
        targets=targets,
        columns=columns,
    )


def _classes(
    parts: Sequence[Part], meanings: Sequence[Meaning], findings: Findings
) -> tuple[tuple[str, ...], set[str]]:
    """Class names in order, and the kinds of annotation there are."""
    order: dict[str, None] = {}
    found: set[str] = set()
    keys: set[str] = set()
    for p, m in zip(parts, meanings):
        keys |= {
            k
            for k, has in (("label", m.label), ("boxes", m.objects), ("captions", m.captions), ("targets", m.targets))
            if has
        }
        inside = f"objects.{m.category}"
        for column, named in ((m.objects, inside), (m.label, m.label or "")):
            if column is None or (column == m.objects and m.category is None):
                continue
            if named in m.names:
                order |= dict.fromkeys(m.names[named])
                continue
            for f in p.files:
                found |= _seen(f, column, m, findings)
                check_labels(found, column, f.where)
    return (*order, *class_names(found - set(order))), keys


def _seen(f: TableFile, column: str, m: Meaning, findings: Findings) -> set[str]:
    out: set[str] = set()
    if isinstance(f, Lines):
        values: Any = (row.get(column) for row in f.python_rows())
    elif column == m.label:
        return {
            class_name(v)
            for b in f.batches([column])
            for v in cells(b.column(0).unique(), f.where, findings)
            if v is not None
        }
    else:
        values = (v for b in f.batches([column]) for v in b.column(0).to_pylist())
    for v in values:
        if column == m.label:
            out |= {class_name(v)} if isinstance(v, (str, int, float)) else set()
        else:
            out |= {class_name(c) for o in objects_of(v) if isinstance(c := o.get(m.category or ""), (str, int))}
    return out
