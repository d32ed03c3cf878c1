"""Croissant 1.0 and 1.1: data sets that describe themselves in JSON-LD, read from local files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadData, MissingFile, UnknownName
from ..sources.cells import BATCH_ROWS, cells, check_labels, class_name, class_names, is_cell
from ..sources.checks import Findings, a_box, fit
from ..sources.decoder import size_of
from ..sources.detection import json_of
from ..sources.images import ENDINGS, is_image
from ..sources.notation import classes_in, from_plain, task_of
from ..sources.opening import open_tree
from ..sources.roles import columns_of, role_of, split_of_cell
from ..sources.source import Box, Record, SampleKind, Source, Target
from ..sources.tree import Tree, fingerprint
from ..sources.unread import unread_of
from ..storage.border import public
from .croissant_fields import Description, Field, Origin, RecordSet, described
from .croissant_files import Within, described_in, files_of, tables_of
from .hf_rows import Lines
from .table_files import TableFile

_ROWS = 64
_NOT_NAMED = "is described, but no row of the record set that is read names it"
_NAMES = ("filename", "filepath", "fullpath")


@public
def read_croissant(
    path: str | os.PathLike[str],
    *,
    record_set: str | None = None,
    label: str | None = None,
    targets: str | Sequence[str] = (),
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
) -> Source:
    """Read the records of a Croissant description whose files are there.

    Understands fields from the columns of a table (CSV, TSV, Parquet, JSON lines) and from files (content, name,
    path, with a regular expression), joined by ``references``; tables may lie in an archive. Nothing is fetched:
    a file with an address is looked for by its name beside the description. Checksums of tables and archives
    are compared.

    Parameters
    ----------
    path : path
        The description (``croissant.json``, ``metadata.json``), or a folder or archive with a ``croissant.json``.
    record_set : str, optional
        Which record set; the only one with pictures (or the only one) if not given.
    label : str, optional
        The field that is the class; one of the type ``cr:Label``, or called label, if not given.
    targets : str or sequence of str
        Fields that are numbers to be predicted.
    strict : bool
        Raise at the first bad annotation, missing or damaged picture; otherwise it is left out and reported.
    verify : bool
        Decode each picture once.
    boxes : str
        As in :func:`read_voc`.

    Raises
    ------
    MissingFile
        If there is no description, or a file that it names is not there.
    UnknownName
        If the record set or field is not there, or several record sets could be meant.
    BadData
        For a damaged description, a wrong checksum, fields that cannot be joined; with ``strict``, for damaged
        pictures.

    Source
    ------
    https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    tree, name = _description(path)
    where = tree.where(name)
    said = described(json_of(tree.read(name), where), where)
    chosen = said.choose(record_set, where)
    wanted = [targets] if isinstance(targets, str) else list(targets)
    plan = _Plan.of(said, chosen, tree, where, label, wanted)
    findings = Findings(path, strict=strict, boxes=boxes)
    findings.of_tree(tree)
    order, keys = plan.classes(findings)
    used = set(plan.named())
    tree.leave([n for n in described_in(said, tree) if n not in used], _NOT_NAMED)
    plan.take(used)
    last = findings

    def records() -> Iterator[Record]:
        nonlocal last
        last = told = Findings(path, strict=strict, boxes=boxes)
        told.of_tree(tree)
        for row, at in plan.rows(told):
            made: list[Record] = []
            with told.part():
                made = list(plan.record(row, at, told, verify))
            yield from made
        told.tell()

    options = {
        "record_set": chosen.id,
        "label": label,
        "targets": wanted,
        "strict": strict,
        "description": name,
        "boxes": boxes,
    }
    return Source(
        format="croissant",
        root=str(path),
        task=task_of(keys),
        classes=order,
        records=records,
        total=plan.total(),
        fingerprint=fingerprint("croissant", tree, options),
        note=said.name or Path(path).name,
        findings=lambda: last.report(),
        unread=lambda: unread_of(tree.whole if isinstance(tree, Within) else tree),
        counts=lambda: last.counts(),
    )


def _description(path: str | os.PathLike[str]) -> tuple[Tree, str]:
    p = Path(path)
    if "://" not in str(path) and p.is_file() and p.suffix.lower() in (".json", ".jsonld"):
        return open_tree(p.parent), p.name
    tree = open_tree(path)
    found = sorted(
        (n for n in tree.names() if n.rpartition("/")[2] == "croissant.json"), key=lambda n: (n.count("/"), n)
    )
    if not found:
        raise MissingFile(f"{path} holds no croissant.json; name the description itself if it is called otherwise")
    folder, _, name = found[0].rpartition("/")
    return (Within(tree, folder) if folder else tree), name


@dataclass
class _Plan:
    """How the fields of one record set are put together."""

    said: Description
    tree: Tree
    where: str
    fields: Sequence[Field]
    tables: list[TableFile]
    picture: Field | None
    join: Origin | None
    files: tuple[Tree, list[str]] | None
    label: Field | None = None
    boxes: Field | None = None
    category: Field | None = None
    split: Field | None = None
    targets: Sequence[Field] = ()
    names: Mapping[Any, str] = field(default_factory=dict)
    noted: Mapping[str, Any] = field(default_factory=dict)
    index: dict[str, str] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, said: Description, chosen: RecordSet, tree: Tree, where: str, label: str | None, targets: list[str]
    ) -> _Plan:
        """Decide where rows come from, and which field is what."""
        fields = [_followed(f, said) for f in chosen.fields]
        by_name = {f.name: f for f in fields}
        for n in [*([label] if label else []), *targets]:
            if n not in by_name:
                raise UnknownName.of(f"field of {chosen.id} in {where}", n, by_name)
        columns = {f.origin.resource for f in fields if f.origin.column}
        if len(columns) > 1:
            raise BadData(
                f"{where}: the fields of {chosen.id!r} come from several tables ({', '.join(sorted(columns))}); name a"
                " record set of one table"
            )
        tables = tables_of(said, next(iter(columns)), tree, where) if columns else []
        picture = next((f for f in fields if "ImageObject" in f.kinds), None)
        sets = {f.origin.resource for f in fields if f.origin.property}
        files = None
        if sets:
            if len(sets) > 1:
                raise BadData(
                    f"{where}: the fields of {chosen.id!r} come from several sets of files ({', '.join(sorted(sets))})"
                )
            files = files_of(said, said.resources.get(next(iter(sets))), tree, where)
        elif not tables:
            raise BadData(f"{where}: the record set {chosen.id!r} has no field from a table or a set of files")
        plan = cls(said, tree, where, fields, tables, picture, None, files)
        if tables and files:
            plan._joined()
        plan.noted = next((said_in for t in tables if (said_in := t.noted())), {})
        plan.split = next((f for f in fields if "Split" in f.kinds or f.name == "split"), None)
        plan.boxes = next((f for f in fields if "BoundingBox" in f.kinds), None)
        labels = [f for f in fields if "Label" in f.kinds or f.name in ("label", "category")]
        plan.label = by_name[label] if label else next((f for f in labels if not f.array), None)
        plan.category = next((f for f in labels if f.array), None)
        plan.targets = [by_name[n] for n in targets]
        for f in (plan.label, plan.category):
            plan.names = {**plan.names, **(_named(f, said) if f is not None else {})}
        return plan

    def _joined(self) -> None:
        """Find the column that says which file a row is about, and list the files by that name."""
        assert self.files is not None
        for f in self.fields:
            other = f.references
            if other is None:
                continue
            other = _origin_of(other, self.said)
            column, files = (f.origin, other) if f.origin.column else (other, f.origin)
            if column.column and files.property in _NAMES:
                self.join = column
                self.index = {str(files.apply(_property(n, files.property))): n for n in self.files[1]}
                return
        raise BadData(
            f"{self.where}: no field references both the table and its files, so rows and files cannot be joined"
        )

    def total(self) -> int | None:
        if not self.tables:
            return len(self.files[1]) if self.files else 0
        rows = [t.rows for t in self.tables]
        return sum(r or 0 for r in rows) if all(r is not None for r in rows) else None

    def named(self) -> Iterator[str]:
        """The files that rows are of; one walk over the column that says so."""
        if self.files is None:
            return
        if self.join is None:
            yield from self.files[1]
            return
        quiet = Findings(self.where, strict=False)
        for t in self.tables:
            for row in self._table_rows(t, (), quiet):
                if (name := self._file_of(row)) is not None:
                    yield name

    def take(self, used: set[str]) -> None:
        """Note what the walk will read: the files that rows are of, and the tables."""
        if self.files is not None:
            self.files[0].take(used)
        for t in self.tables:
            if t.tree is not None:
                t.tree.take([t.name])

    def _file_of(self, row: Mapping[str, Any]) -> str | None:
        """The file that a row is about, where it is there."""
        assert self.join is not None
        said = self.join.apply(row.get(self.join.column))
        return self.index.get(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said))

    def rows(self, findings: Findings, only: Sequence[Field] | None = None) -> Iterator[tuple[dict[str, Any], str]]:
        """Walk over (value by field id, where); the name of the file is under ``""``."""
        fields = self.fields if only is None else only
        if not self.tables:
            assert self.files is not None
            for n in self.files[1]:
                values = {
                    f.id: f.origin.apply(_property(n, f.origin.property)) for f in fields if f.origin.property in _NAMES
                }
                yield {**values, "": n}, self.files[0].where(n)
            return
        for t in self.tables:
            for i, row in enumerate(self._table_rows(t, fields, findings)):
                at = f"{t.where}, row {i}"
                values = {f.id: f.origin.apply(row.get(f.origin.column)) for f in fields if f.origin.column}
                if self.join is not None and only is None:
                    name = self._file_of(row)
                    if name is None:
                        findings.bad(at, f"its file {self.join.apply(row.get(self.join.column))!r:.120} is not there")
                        continue
                    values[""] = name
                else:
                    values["#"] = f"{t.name}#{i}"
                yield values, at

    def _table_rows(self, t: TableFile, fields: Sequence[Field], findings: Findings) -> Iterator[dict[str, Any]]:
        if isinstance(t, Lines):
            yield from t.python_rows(findings)
            return
        asked = list(
            dict.fromkeys(
                [*(f.origin.column for f in fields if f.origin.column), *([self.join.column] if self.join else [])]
            )
        )
        missing = [c for c in asked if c not in t.names]
        if missing:
            raise BadData(
                f"{t.where} has no column {missing[0]!r}, which {self.where} describes; it has {t.names[:12]}"
            )
        plain = [c for c in asked if is_cell(t.types()[c])]
        t.on_bad = findings.bad
        for batch in t.batches(asked, _ROWS if self.picture is not None else BATCH_ROWS):
            for start in range(0, batch.num_rows, _ROWS):
                piece = batch.slice(start, _ROWS)
                columns = [
                    (
                        cells(piece.column(c), f"{t.where}, column {c!r}", findings)
                        if c in plain
                        else piece.column(c).to_pylist()
                    )
                    for c in asked
                ]
                for values in zip(*columns):
                    yield dict(zip(asked, values))

    def classes(self, findings: Findings) -> tuple[tuple[str, ...], set[str]]:
        """Class names in order, and the kinds of annotation; one walk over the fields that say so."""
        whole = next((f for f in self.fields if f.name == "annotation"), None) if self.noted else None
        asked = [f for f in (self.label, self.category, whole, self.split) if f is not None]
        found: set[str] = set()
        keys = {k for k, f in (("boxes", self.boxes), ("targets", self.targets)) if f} if whole is None else set()
        for row, at in self.rows(findings, asked) if asked else ():
            if self.split and row.get(self.split.id) is not None:
                self.parts.add(split_of_cell(row[self.split.id]))
            if whole is not None and row.get(whole.id):
                with findings.part():  # the walk over the records reports it again, with its row
                    names, used = classes_in(_parsed(row[whole.id], at, findings))
                    found |= names
                    keys |= used
            for f in (self.label, self.category) if whole is None or not row.get(whole.id) else (self.label,):
                for v in _each(row.get(f.id) if f is not None else None):
                    name = self._name(v)
                    if name is not None:
                        found.add(name)
                        keys.add("label" if f is self.label else "boxes")
            check_labels(found, self.label.name if self.label else "category", self.where)
        noted = self.noted.get("classes")
        if isinstance(noted, list) and found <= set(noted):
            return tuple(map(str, noted)), keys
        listed = [n for n in dict.fromkeys(self.names.values()) if n]
        return (*listed, *class_names(found - set(listed))), keys

    def _name(self, value: Any) -> str | None:
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if not isinstance(value, (str, int, float)) or value == "":
            return None
        return self.names.get(str(value)) or class_name(value)

    def record(self, row: dict[str, Any], where: str, findings: Findings, verify: bool) -> Iterator[Record]:
        """The record of one row, or none (reported)."""
        image, width, height, path, uri = b"", 0, 0, None, row.get("#", "")
        if "" in row:
            assert self.files is not None
            tree, name = self.files[0], row[""]
            uri = name
            if self.picture is not None:
                if not is_image(name):
                    findings.bad(where, f"{name!r} is no picture ({', '.join(ENDINGS)})")
                    return
                image, path = tree.read(name), tree.path(name)
        elif self.picture is not None:
            value = row.get(self.picture.id)
            value = value.get("bytes") if isinstance(value, dict) else value
            if not isinstance(value, bytes) or not value:
                findings.bad(where, "has no picture")
                return
            image = value
        if self.picture is not None:
            width, height = size_of(image, where, verify=verify)
        kind: SampleKind = "image" if self.picture is not None else "row"
        special = {
            f.id
            for f in (self.picture, self.label, self.boxes, self.category, self.split, *self.targets)
            if f is not None
        }
        fields: dict[str, Any] = {}
        columns: dict[str, Any] = {}
        for f in self.fields:
            v = row.get(f.id)
            if self.noted and f.name in ("annotation", "kind", "filename"):
                if f.name == "annotation" and v:
                    fields = from_plain(_parsed(v, where, findings), width, height, where, findings)
                elif f.name == "kind" and v == "frame":
                    kind = "frame"
            elif f.id not in special and isinstance(v, (str, int, float)):
                columns[f.name] = v
        said = row.get(self.split.id) if self.split else None
        split = split_of_cell("" if said is None else said)
        columns |= columns_of(split, self.parts, self.split.name if self.split else "split")
        if self.split and said is not None and not split and isinstance(said, (str, int, float)):
            columns[self.split.name] = said
        if not fields:
            label = self._name(row.get(self.label.id)) if self.label else None
            boxes = tuple(self._boxes(row, where, width, height, findings)) if self.boxes else ()
            goals = tuple(
                Target(f.name, float(v)) for f in self.targets if isinstance(v := row.get(f.id), (int, float))
            )
            fields = {"label": label, "boxes": boxes, "targets": goals}
        yield Record(
            uri=uri,
            image=image,
            width=width,
            height=height,
            role=role_of(split),
            columns=columns,
            path=path,
            kind=kind,
            **fields,
        )

    def _boxes(self, row: dict[str, Any], where: str, width: int, height: int, findings: Findings) -> Iterator[Box]:
        assert self.boxes is not None
        value = row.get(self.boxes.id)
        many = value if self.boxes.array and isinstance(value, list) else [] if value is None else [value]
        labels = (
            _each(row.get(self.category.id))
            if self.category
            else [row.get(self.label.id)] * len(many)
            if self.label
            else []
        )
        for i, corner in enumerate(many):
            at = f"{where}, box {i}"
            numbers = corner.split() if isinstance(corner, str) else corner
            if not isinstance(numbers, (list, tuple)) or len(numbers) != 4:
                findings.bad(at, f"is no box of four numbers: {corner!r:.80}")
                continue
            name = self._name(labels[i]) if i < len(labels) else None
            left, top, w, h = numbers
            for box, _ in a_box(name or "object", left, top, w, h, at, findings):
                yield from fit(box, width, height, at, findings) if width else (box,)


def _parsed(value: Any, where: str, findings: Findings) -> Any:
    return json_of(value if isinstance(value, bytes) else str(value).encode(), where, findings)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _property(name: str, what: str) -> str:
    return name.rpartition("/")[2] if what == "filename" else name


def _origin_of(o: Origin, said: Description) -> Origin:
    """An origin, followed through the fields that it names."""
    for _ in range(8):
        if not o.field or o.resource:
            return o
        named = [f for r in said.records.values() for f in r.fields if f.id == o.field]
        if not named:
            return o
        nxt = named[0].origin
        o = Origin(nxt.resource, nxt.column, nxt.property, nxt.field, o.regex or nxt.regex, o.path or nxt.path)
    return o


def _followed(f: Field, said: Description) -> Field:
    return Field(f.id, f.name, f.kinds, _origin_of(f.origin, said), f.references, f.array)


def _named(f: Field, said: Description) -> dict[str, str]:
    """Class name by key, where a field references rows that the description lists itself."""
    key = f.references.field if f.references else ""
    for r in said.records.values():
        if r.data and any(x.id == key for x in r.fields):
            others = [x.id for x in r.fields if x.id != key]
            if others:
                return {str(d.get(key)): str(d.get(others[0])) for d in r.data if d.get(key) is not None}
    return {}
