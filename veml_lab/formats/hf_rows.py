"""Rows of a Hugging Face table to records: pictures, classes, objects, captions, cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..sources.cells import cells, class_name
from ..sources.checks import Findings, a_box, fit
from ..sources.decoder import size_of
from ..sources.jsonstream import counted
from ..sources.named_pictures import Pictures
from ..sources.source import Box, Caption, Record, Role, SampleKind, Target
from ..sources.tree import Tree
from .document_rows import rows as document_rows
from .hf_features import Meaning
from .table_files import TableFile

# Pictures decoded into Python at a time: of 1 MB each they are 64 MB.
_ROWS = 64


@dataclass(frozen=True, slots=True)
class Part:
    """Files of one split, of one kind; ``folder`` is where the picture files of its rows are."""

    split: str
    files: tuple[TableFile, ...]
    features: Mapping[str, Any] = field(default_factory=dict)
    folder: str | None = None


class Lines(TableFile):
    """``metadata.jsonl``: Python rows instead of batches."""

    def __init__(self, tree: Tree, name: str) -> None:
        super().__init__(tree, name, None)
        self.where = tree.where(name)
        self.names = []

    def python_rows(self, findings: Findings | None = None) -> Iterator[dict[str, Any]]:
        """The rows that can be read; the others are told to ``findings``, where there are some."""
        assert self.tree is not None
        for _, row in document_rows(self.tree, self.name, findings or Findings(self.where, strict=False)):
            yield row


def objects_of(value: Any, where: str = "", findings: Findings | None = None) -> list[dict[str, Any]]:
    """Objects one by one, of a list of structs or a struct of lists."""
    if isinstance(value, str):  # in metadata.csv
        try:
            value, halves = counted(value)
        except (ValueError, RecursionError):
            return []
        if halves and findings is not None:
            findings.halves(where, halves)
    if isinstance(value, list):
        return [o for o in value if isinstance(o, dict)]
    if not isinstance(value, dict):
        return []
    columns = {k: v for k, v in value.items() if isinstance(v, list)}
    n = max(map(len, columns.values()), default=0)
    return [{k: v[i] for k, v in columns.items() if i < len(v)} for i in range(n)]


@dataclass
class Rows:
    """Rows of one split to records."""

    tree: Tree
    part: Part
    m: Meaning
    findings: Findings
    bbox: str
    verify: bool
    kind: str

    def __post_init__(self) -> None:
        self._seen: set[str] = set()
        self.there = Pictures(self.tree, else_do="put it there, or save the data set with its pictures embedded")

    def records(self, f: TableFile, role: Role, more: Mapping[str, Any]) -> Iterator[Record]:
        m = self.m
        f.on_bad = self.findings.bad
        asked = [n for n in (m.image, m.label, m.objects, *m.captions, *m.targets, *m.cells) if n is not None]
        at = 0
        if isinstance(f, Lines):
            for row in f.python_rows(self.findings):
                yield from self._one({k: v for k, v in row.items() if k in asked}, f, at, role, more)
                at += 1
            return
        flat = set(m.cells) | set(m.targets) | ({m.label} if m.label else set())
        for batch in f.batches(asked, _ROWS):
            for start in range(0, batch.num_rows, _ROWS):
                piece = batch.slice(start, _ROWS)
                values = {
                    n: cells(piece.column(n), f"{f.where}, column {n!r}", self.findings)
                    if n in flat
                    else piece.column(n).to_pylist()
                    for n in asked
                }
                for i in range(piece.num_rows):
                    yield from self._one({n: v[i] for n, v in values.items()}, f, at, role, more)
                    at += 1

    def named(self) -> Iterator[str]:
        """The pictures of their own that rows name; one walk over that column."""
        image = self.m.image
        if image is None:
            return
        for f in self.part.files:
            values: Iterator[Any] = (
                (row.get(image) for row in f.python_rows(self.findings))
                if isinstance(f, Lines)
                else (v for b in f.batches([image]) for v in b.column(0).to_pylist())
            )
            for v in values:
                said = v.get("path") if isinstance(v, dict) else v
                if isinstance(said, str) and said and (name := self._named(said, f)) is not None:
                    yield name

    def _named(self, said: str, f: TableFile) -> str | None:
        """The picture of a name; one with .. or of another root is in no tree, so nothing outside is ever read."""
        inside = said.removeprefix("./")
        folder = self.part.folder if self.part.folder is not None else f.name.rpartition("/")[0]
        exact = (name for name in (f"{folder}/{inside}".lstrip("/"), inside) if name in self.tree)
        return next(exact, None) or self.there.find(said, f.name)

    def _one(self, row: dict[str, Any], f: TableFile, at: int, role: Role, more: Mapping[str, Any]) -> list[Record]:
        """The record of a row, or none: a damaged picture is a finding."""
        with self.findings.part():
            return list(self._record(row, f, at, role, more))
        return []

    def _record(
        self, row: dict[str, Any], f: TableFile, at: int, role: Role, more: Mapping[str, Any]
    ) -> Iterator[Record]:
        m, where = self.m, f"{f.where}, row {at}"
        uri, image, width, height, path = f"{f.name}#{at}", b"", 0, 0, None
        if m.image is not None:
            found = self._picture(row.get(m.image), where, f)
            if found is None:
                return
            image, name, path = found
            uri = name if name is not None and self.part.folder is not None else uri
            if uri in self._seen:
                self.findings.bad(where, f"{uri!r} has a row already; a picture has one, the first is kept")
                return
            self._seen.add(uri)
            width, height = size_of(image, where if name is None else self.tree.where(name), verify=self.verify)
        columns = {**more}
        for n in m.cells:
            v = row.get(n)
            if n in m.names and isinstance(v, int):
                v = self._name(m.names[n], v, where, n)
            if isinstance(v, (str, int, float)):
                columns[n] = v
        kind: SampleKind = "frame" if self.kind == "frame" else "image" if m.image is not None else "row"
        yield Record(
            uri=uri,
            image=image,
            width=width,
            height=height,
            role=role,
            label=self._name(m.names.get(m.label or ""), row.get(m.label), where, m.label) if m.label else None,
            boxes=tuple(self._boxes(row.get(m.objects), where, width, height)) if m.objects else (),
            columns=columns,
            path=path,
            kind=kind,
            captions=tuple(Caption(t) for n in m.captions for t in _texts(row.get(n))),
            targets=tuple(Target(n, float(v)) for n in m.targets if isinstance(v := row.get(n), (int, float))),
        )

    def _picture(self, value: Any, where: str, f: TableFile) -> tuple[bytes, str | None, str | None] | None:
        """Bytes, and name and path where it is a file of its own; None (reported) if it is not there."""
        data = value.get("bytes") if isinstance(value, dict) else value if isinstance(value, bytes) else None
        if data is not None:
            return data, None, None
        said = value.get("path") if isinstance(value, dict) else value
        if not isinstance(said, str) or not said:
            self.findings.bad(where, "has no picture")
            return None
        name = self._named(said, f)
        if name is None:
            self.findings.not_there(where, self.there.missing(said))
            return None
        return self.tree.read(name), name, self.tree.path(name)

    def _name(self, names: tuple[str, ...] | None, value: Any, where: str, column: str | None) -> str | None:
        """The class of a value; -1 is the hub's way to say that a test label is kept secret."""
        if value is None or (names is not None and value == -1):
            return None
        if isinstance(value, str) or (names is None and isinstance(value, int | float)):
            return class_name(value)
        if names is None:
            self.findings.bad(where, f"{column!r} is {value!r:.40}, which names no class")
            return None
        if isinstance(value, int) and 0 <= value < len(names):
            return names[value]
        self.findings.bad(where, f"{column!r} is {value!r:.40}, but there are {len(names)} classes")
        return None

    def _boxes(self, value: Any, where: str, width: int, height: int) -> Iterator[Box]:
        m = self.m
        names = m.names.get(f"objects.{m.category}")
        for i, o in enumerate(objects_of(value, where, self.findings)):
            at = f"{where}, object {i}"
            corner = o.get(m.boxes)
            if not isinstance(corner, (list, tuple)) or len(corner) != 4:
                self.findings.bad(at, f"has no box of four numbers: {corner!r:.80}")
                continue
            a, b, c, d = corner
            if self.bbox == "xyxy" and all(isinstance(v, (int, float)) for v in corner):
                c, d = c - a, d - b
            said = o.get(m.category) if m.category else "object"
            # the classes are read from texts and whole numbers
            label = self._name(names, said, at, m.category) if isinstance(said, str | int) else None
            if label is None:
                self.findings.bad(at, "has no class")
                continue
            rest = {k: v for k, v in o.items() if k not in (m.boxes, m.category) and isinstance(v, (str, int, float))}
            instance = rest.pop("instance", -1)
            for box, _ in a_box(
                label, a, b, c, d, at, self.findings, rest, instance if isinstance(instance, int) else -1
            ):
                yield from fit(box, width, height, at, self.findings) if width else (box,)


def _texts(value: Any) -> list[str]:
    return (
        [value]
        if isinstance(value, str)
        else [v for v in value if isinstance(v, str)]
        if isinstance(value, list)
        else []
    )
