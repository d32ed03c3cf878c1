"""Documents of MLife: a CSV, JSON or XML file with path, MD5 and annotation of each picture, and free columns.

A row::

    path,md5,annotation,role,weather
    files/0.jpg,9e107d9d372bb6826bd81d3542a419d6,car,train,fog
    files/1.jpg,e4d909c290d0fb1ca068ffaddf22cbd0,"{""boxes"": [{""label"": ""car"", ""box"": [4, 5, 10, 8]}]}",test,sun

The annotation is a class name, or an object as :mod:`veml_lab.sources.notation` writes it. JSON is a list of
such objects (or ``{"documents": [...]}``, or one a line in ``.jsonl``); XML has an element a row::

    <documents><document><path>files/0.jpg</path><md5>...</md5><annotation>car</annotation>
      <weather>fog</weather></document></documents>
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from ..errors import BadInput, MissingFile
from ..sources.checks import Findings
from ..sources.decoder import size_of
from ..sources.detection import class_order
from ..sources.holds import Holds, Keeper
from ..sources.images import ENDINGS as PICTURES
from ..sources.images import is_image
from ..sources.jsonstream import counted
from ..sources.named_pictures import ELSEWHERE, Pictures
from ..sources.notation import classes_in, from_plain, task_of, to_plain
from ..sources.opening import open_tree
from ..sources.roles import columns_of, role_of, split_in, split_of_cell
from ..sources.source import Record, SampleKind, Source
from ..sources.tree import Tree, fingerprint
from ..sources.unread import unread_of
from ..sources.writing import named, new_folder
from ..storage.border import public
from .document_rows import rows, text_of_cell

NAME = re.compile(r"documents[\w.-]*\.(csv|jsonl?|xml)|[\w.-]+\.documents\.(csv|jsonl?|xml)")
ENDINGS = (".csv", ".json", ".jsonl", ".xml")
RESERVED = ("path", "md5", "annotation", "role", "kind")
_KINDS: dict[str, SampleKind] = {"image": "image", "frame": "frame"}


@public
def read_documents(
    path: str | os.PathLike[str],
    *,
    root: str | os.PathLike[str] | None = None,
    classes: Sequence[str] | None = None,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
) -> Source:
    """Read MLife documents and the pictures that they name.

    The documents are walked twice, once for the classes, once with the pictures; a row at a time, so
    memory does not grow with them. The MD5 of every picture is compared with its document.

    Parameters
    ----------
    path : path
        One document, or a folder or archive with documents named ``documents*.csv`` (``.json``, ``.jsonl``,
        ``.xml``). A document named train or test gives the role of rows that have none.
    root : path, optional
        Folder or archive where the pictures are; the folder of the document if not given. Absolute paths
        in a document are read if they lie under it.
    classes : sequence of str, optional
        Class names in order, annotations of others are left out; ``classes.txt`` or the sorted names otherwise.
    strict : bool
        Raise at the first wrong MD5, missing or damaged picture, bad row or annotation; otherwise a picture is left
        out, an annotation skipped, and both are reported.
    verify : bool
        Decode each picture once.
    boxes : str
        As in :func:`read_voc`.

    Raises
    ------
    MissingFile
        If there is no document.
    BadData
        For a damaged document (also XML with entities); with ``strict`` for everything else that is wrong.

    Source
    ------
    MLife (Le, Bui, Li), section on data management and Figure 7: "MD5, path and annotation of files are
    stored in different documents with data exchange format, such as CSV, JSON and XML".
    """
    docs, tree, base = _documents(path, root)
    findings = Findings(path, strict=strict, boxes=boxes)
    for t in {id(t): t for t in (docs[0][0], tree)}.values():
        findings.of_tree(t)
    names: set[str] = set()
    keys: set[str] = set()
    parts = {split_in(d.rpartition("/")[2]) for _, d in docs}
    total, first = 0, Findings(path, strict=strict)  # the walk reports these again
    there = Pictures(tree, else_do="" if root is not None else ELSEWHERE)
    unsaid = Findings(path, strict=False)  # and these
    for doc_tree, doc in docs:
        for where, row in rows(doc_tree, doc, first):
            total += 1
            own, used = classes_in(_annotation(row, where, None))
            names |= own
            keys |= used
            parts.add(split_of_cell(row.get("role") or ""))
            if (name := _find(row, where, doc, there, base, unsaid)) is not None:
                tree.take([name])
    if not total:
        odd = f" that can be used, but {first.lines[0]}" if first.count else ""
        raise MissingFile(f"{path}: its documents have no rows{odd}; wanted are path, md5, annotation")
    order = class_order(docs[0][0], names, classes, findings)
    last, known = findings, frozenset(order)

    def records() -> Iterator[Record]:
        nonlocal last
        last = told = findings.copy()
        seen: set[str] = set()
        for doc_tree, doc in docs:
            for where, row in rows(doc_tree, doc, told):
                record = None
                with told.part():
                    name = _find(row, where, doc, there, base, told)
                    if name is not None and name in seen:
                        told.bad(where, f"{name!r} has an entry already; a picture has one, the first is kept")
                    elif name is not None:
                        seen.add(name)
                        record = _record(row, where, doc, name, tree, told, verify, known, parts)
                if record is not None:
                    yield record
        told.tell()

    stamps = [t.stamp() for t in {id(t): t for t in (*(t for t, _ in docs), tree)}.values()]
    options = {
        "root": str(root), "classes": order, "strict": strict, "boxes": boxes, "documents": [d for _, d in docs]
    }  # fmt: skip
    return Source(
        format="documents",
        root=str(path),
        task=task_of(keys),
        classes=order,
        records=records,
        total=total,
        fingerprint=fingerprint("documents", stamps, options),
        note=Path(path).name,
        roles_from="the documents",
        unread=lambda: unread_of(docs[0][0]),
        findings=lambda: last.report(),
        counts=lambda: last.counts(),
    )


def _documents(path: str | os.PathLike[str], root: Any) -> tuple[list[tuple[Tree, str]], Tree, str]:
    """The documents, the tree of the pictures, and the absolute folder that it stands for."""
    p = Path(path)
    if "://" not in str(path) and p.is_file() and p.suffix.lower() in ENDINGS:
        tree = open_tree(p.parent)
        docs = [(tree, p.name)]
    else:
        tree = open_tree(path)
        docs = [(tree, n) for n in tree.names() if NAME.fullmatch(n.rpartition("/")[2])]
    if not docs:
        raise MissingFile(f"{path} holds no document; looked for documents*.csv, .json, .jsonl and .xml")
    pictures = tree if root is None else open_tree(root)
    return docs, pictures, str(Path(pictures.root).absolute())


def _annotation(row: Mapping[str, Any], where: str, findings: Findings | None) -> Any:
    value = row.get("annotation")
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            said, halves = counted(value)
        except (ValueError, RecursionError) as e:
            if findings is not None:
                findings.bad(where, f"the annotation is damaged JSON ({str(e)[:80]}): {value[:60]!r}")
            return None
        if halves and findings is not None:
            findings.halves(where, halves)
        return said
    return value


def _find(row: Mapping[str, Any], where: str, doc: str, there: Pictures, base: str, findings: Findings) -> str | None:
    said = row.get("path")
    if not isinstance(said, str) or not said:
        findings.bad(where, f"has no path: {said!r:.80}")
        return None
    # a name with .. or of another root is in no tree, so nothing outside is ever read
    inside = said.removeprefix(base + "/").removeprefix("./")
    folder = doc.rpartition("/")[0]
    for name in (f"{folder}/{inside}" if folder else inside, inside):
        if name in there.tree:
            if is_image(name):
                return name
            findings.bad(where, f"{said!r} is no picture ({', '.join(PICTURES)})")
            return None
    found = there.find(said, doc)
    if found is None:
        findings.not_there(where, there.missing(said))
    return found


def _record(
    row: Mapping[str, Any],
    where: str,
    doc: str,
    name: str,
    tree: Tree,
    findings: Findings,
    verify: bool,
    known: frozenset[str],
    parts: set[str],
) -> Record | None:
    data = tree.read(name)
    said = row.get("md5")
    # a checksum against damage and mix-ups, as the paper has it; no protection against forgery
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if said is not None and str(said).strip().lower() != md5:
        findings.bad(
            where, f"the MD5 of {name!r} is {md5}, the document says {said!r:.60}; the file was changed or mixed up"
        )
        return None
    width, height = size_of(data, tree.where(name), verify=verify)
    part = str(row.get("role") or "")
    split = split_of_cell(part) if part else split_in(doc.rpartition("/")[2])
    if part and not split:
        findings.bad(where, f"the role {part!r:.40} is neither train nor test")
    columns: dict[str, Any] = dict(columns_of(split, parts))
    for key, value in row.items():
        if key in RESERVED or value is None:
            continue
        if isinstance(value, (str, int, float)):
            columns[key] = value
        else:
            findings.bad(where, f"the column {key!r} holds {type(value).__name__}, not text, a number or a truth value")
    annotation = _annotation(row, where, findings)
    fields = from_plain(annotation, width, height, where, findings, known)
    return Record(
        uri=name,
        image=data,
        width=width,
        height=height,
        role=role_of(split),
        columns=columns,
        path=tree.path(name),
        kind=_KINDS.get(str(row.get("kind")), "image"),
        emptied=bool(classes_in(annotation)[1] - {"captions", "targets"}) and not any(fields.values()),
        **fields,
    )


@public
def write_documents(
    source: Source, path: str | os.PathLike[str], *, document: str = "csv", lossy: bool = False
) -> None:
    """Write a source as one document ``documents.<document>`` with its pictures in ``files/``.

    Everything that a record says is kept: role, kind, class, boxes, masks, keypoints, captions, targets and
    free columns. Pictures are copied byte by byte. The folder appears when it is whole.

    Parameters
    ----------
    document : str
        ``"csv"``, ``"json"``, ``"jsonl"`` or ``"xml"``.
    lossy : bool
        Leave out free columns with a name that documents keep for themselves, with one warning; otherwise that is
        an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, a sample has no picture, or a free column has a name that documents keep for
        themselves.
    """
    if f".{document}" not in ENDINGS:
        raise BadInput(f"a document is one of {', '.join(e[1:] for e in ENDINGS)}, not {document!r}")
    odd = [c for c in source.classes if c != c.strip() or not c.isprintable() or not c]
    if odd:
        raise BadInput(
            f"the class name {odd[0]!r} cannot stand in a line of classes.txt; rename the class before the export"
        )
    keeper = Keeper("a document", Holds(), lossy=lossy)
    with new_folder(path) as folder:
        (folder / "files").mkdir()
        columns: dict[str, None] = dict.fromkeys(RESERVED)
        lines = folder / "documents.jsonl"
        with lines.open("w", encoding="utf-8") as out:
            for name, r in named(source.records()):
                (folder / "files" / name).write_bytes(r.image)
                row = _row(f"files/{name}", r, source, keeper)
                columns |= dict.fromkeys(row)
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
        keeper.tell()
        if source.classes:
            (folder / "classes.txt").write_text("".join(f"{c}\n" for c in source.classes), encoding="utf-8")
        if document != "jsonl":
            with (
                lines.open(encoding="utf-8") as rows_in,
                (folder / f"documents.{document}").open("w", encoding="utf-8", newline="") as out,
            ):
                {"csv": _write_csv, "json": _write_json, "xml": _write_xml}[document](rows_in, out, list(columns))
            lines.unlink()


def _row(path: str, r: Record, source: Source, keeper: Keeper) -> dict[str, Any]:
    columns = keeper.columns(r, lambda k: k.lower() in RESERVED)
    row: dict[str, Any] = {"path": path, "md5": hashlib.md5(r.image, usedforsecurity=False).hexdigest()}
    annotation = to_plain(r, task=source.task)
    if isinstance(annotation, str) and (
        annotation.lstrip().startswith("{") or annotation != annotation.strip() or not annotation.isprintable()
    ):
        annotation = {"label": annotation}
    if annotation is not None:
        row["annotation"] = annotation
    if r.role:
        row["role"] = r.role
    if r.kind != "image":
        row["kind"] = r.kind
    return row | {k: v for k, v in columns.items() if v is not None}


def _cell(key: str, value: Any) -> str:
    if value is None:
        return ""
    if key == "annotation":
        # ASCII, so that no character is left that XML cannot hold
        return value if isinstance(value, str) else json.dumps(value)
    return value if key in RESERVED else text_of_cell(value)


def _write_csv(lines: IO[str], out: IO[str], columns: Sequence[str]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for line in lines:
        row = json.loads(line)
        writer.writerow([_cell(c, row.get(c)) for c in columns])


def _write_json(lines: IO[str], out: IO[str], columns: Sequence[str]) -> None:
    out.write('{"documents": [\n')
    for i, line in enumerate(lines):
        out.write(("," if i else "") + line)
    out.write("]}\n")


def _write_xml(lines: IO[str], out: IO[str], columns: Sequence[str]) -> None:
    from xml.etree.ElementTree import Element, SubElement, tostring

    out.write('<?xml version="1.0" encoding="utf-8"?>\n<documents>\n')
    for line in lines:
        e = Element("document")
        for key, value in json.loads(line).items():
            child = SubElement(e, key) if key in RESERVED else SubElement(e, "column", name=key)
            child.text = _cell(key, value)
        out.write(tostring(e, encoding="unicode") + "\n")
    out.write("</documents>\n")
