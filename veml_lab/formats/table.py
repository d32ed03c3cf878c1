"""Tables: CSV, Parquet, Arrow and Feather files, one row a sample."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput, warn
from ..sources.cells import Spool, cells, check_labels, class_name, class_names, free_name, is_cell, is_complete, pick
from ..sources.checks import Findings
from ..sources.holds import Holds, Keeper
from ..sources.roles import apart, columns_of, role_of, split_of_cell
from ..sources.source import Record, Source, Target
from ..sources.tree import Tree, fingerprint
from ..sources.unread import unread_of
from ..sources.writing import new_folder
from ..storage.border import public
from .table_csv import CsvTable
from .table_files import TableFile
from .table_open import descriptor, find_tables

if TYPE_CHECKING:
    import pyarrow as pa

WRITTEN = ("parquet", "csv", "arrow")


@public
def read_table(
    path: str | os.PathLike[str],
    *,
    label: str | None = None,
    targets: str | Sequence[str] | None = None,
    role: str | None = None,
    columns: Sequence[str] | None = None,
    types: Mapping[str, str] | None = None,
    classes: Sequence[str] | None = None,
    delimiter: str | None = None,
    encoding: str = "utf-8",
    decimal: str | None = None,
    strict: bool = False,
) -> Source:
    """Read the rows of a table, or of a folder or archive of tables with the same columns.

    Rows stream by record batches, so memory is bounded by one batch (a CSV file) or one row group (Parquet).
    A CSV file is read once beforehand: a column is of numbers only if all of it is, and if writing them gives the
    same texts again (``02116`` and ``1.10`` beside ``1.9`` are names). ``NA``, ``NaN``, ``null`` are missing in a
    column of numbers and text in one of text; dates and times stay as they stand. What was made of a file beyond that
    (a decimal comma, an unnamed index column) is told in a warning.

    Parameters
    ----------
    path : path
        ``.csv``, ``.tsv`` (also ``.gz``, ``.bz2``, ``.zst``), ``.parquet``, ``.arrow``, ``.feather``; or a folder
        or archive of such.
    label : str, optional
        The column that is the class. Not kept as a free column too.
    targets : str or sequence of str, optional
        Columns of numbers to be predicted.
    role : str, optional
        The column that says train or test. ``val`` counts as test, and keeps its cell where there is a test too.
        Without it a file, or its folder, named train or test gives the role, and ``split`` tells val from test.
    columns : sequence of str, optional
        The free columns to keep; all if not given.
    types : mapping of str to str, optional
        Type by column of a CSV file: ``"str"``, ``"int"``, ``"float"``, ``"bool"``. Found out if not given.
    classes : sequence of str, optional
        Class names in order; sorted if not given.
    delimiter : str, optional
        Of CSV files; found out from the first line if not given.
    encoding : str
        Of CSV files; UTF-16 is found out.
    decimal : str, optional
        ``","`` or ``"."``: the decimal sign of CSV files; found out if not given, and asked for where a column could
        be read either way.
    strict : bool
        Raise at the first bad row or value; otherwise it is left out and reported.

    Returns
    -------
    Source
        Records of the kind ``"row"``, named ``file#row``. What :func:`write_table` noted about label, targets,
        role and types is used where the options do not say otherwise.

    Raises
    ------
    MissingFile
        If there is no table.
    UnknownName
        If a named column is not there.
    BadData
        For a damaged or truncated file, files whose columns differ, a named column that is nested, a target that is no
        number; with ``strict``, for any nested column.

    Source
    ------
    https://arrow.apache.org/docs/format/Columnar.html, https://parquet.apache.org/docs/file-format/,
    https://datapackage.org/standard/data-package/ (``datapackage.json`` beside CSV files).
    """
    findings = Findings(path, strict=strict)
    tree, files, known = find_tables(
        path,
        delimiter=delimiter,
        encoding=encoding,
        types=types,
        text=[n for n in (label, role) if n is not None],
        decimal=decimal,
    )
    if isinstance(tree, Tree):
        findings.of_tree(tree)
    label = label if label is not None else known.get("label")
    role = role if role is not None else known.get("role")
    wanted = (
        [targets] if isinstance(targets, str) else list(targets if targets is not None else known.get("targets", []))
    )
    names = files[0].names
    for f in files[1:]:
        if sorted(f.names) != sorted(names):
            odd = sorted(set(f.names) ^ set(names))
            raise BadData(
                f"{f.where} has other columns than {files[0].where} (first difference: {odd[0]!r}); read them one"
                " by one"
            )
    for name, what in [
        (label, "label"),
        (role, "role"),
        *((t, "target") for t in wanted),
        *((c, "columns") for c in columns or ()),
    ]:
        if name is not None:
            pick(names, name, what, path)
    special = {label, role, *wanted}
    free = [n for n in (columns if columns is not None else names) if n not in special]
    free = _flat(files, free, [n for n in (label, role, *(columns or ())) if n is not None], wanted, findings)
    found, parts, total = _scan(files, label, role, findings)
    parts |= {f.split() for f in files}
    given = classes if classes is not None else known.get("classes")
    if given is not None and found - set(given):
        raise BadData(
            f"{path}: the column {label!r} has the class {min(found - set(given))!r}, which is not among classes="
        )
    order = (tuple(map(str, given)) if given is not None else class_names(found)) if label else ()
    _tell(path, files, label, names)
    last = findings

    def records() -> Iterator[Record]:
        nonlocal last
        last = told = findings.copy()
        for f in files:
            yield from _rows(f, label, wanted, role, free, frozenset(parts), told)
        told.tell()

    options = {
        "label": label,
        "targets": wanted,
        "role": role,
        "columns": columns,
        "types": dict(types or {}),
        "classes": order,
        "strict": strict,
        "delimiter": delimiter,
        "encoding": encoding,
        "decimal": decimal,
        "records": 3,
    }
    return Source(
        format="table",
        root=str(path),
        task="classification" if label else "regression" if wanted else "none",
        classes=order,
        records=records,
        total=total,
        fingerprint=fingerprint("table", tree, options),
        note=Path(path).name,
        roles_from=f"column {role!r}" if role else "names of the files",
        unread=lambda: unread_of(tree, arrays=True) if isinstance(tree, Tree) else [],
        about={"table": {"label": label, "targets": wanted, "role": role}},
        findings=lambda: last.report(),
    )


def _tell(path: object, files: Sequence[TableFile], label: str | None, names: Sequence[str]) -> None:
    """Say once what was made of the files, and what a column called label would be good for."""
    said = list(dict.fromkeys(line for f in files if isinstance(f, CsvTable) for line in f.said))
    hint = next((n for n in names if n.strip().lower() in ("label", "class")), None) if label is None else None
    if hint is not None:
        said.append(f"the column {hint!r} is a column like others; label={hint!r} makes it the class")
    if said:
        warn(f"{path}: {'; '.join(said)}")


def _flat(
    files: Sequence[TableFile], free: Sequence[str], named: Sequence[str], targets: Sequence[str], findings: Findings
) -> list[str]:
    """The free columns without the nested ones, which are reported; a column that was asked for must be flat."""
    import pyarrow as pa

    nested: set[str] = set()
    for f in files:
        kinds = f.types()
        for n in dict.fromkeys([*free, *named]):
            if is_cell(kinds[n]) or n in nested:
                continue
            said = f"the column {n!r} is of type {kinds[n]!s:.80}, not text, number, time or truth value"
            if n in named:
                raise BadData(f"{f.where}: {said}; name other columns to keep with columns=")
            findings.bad(f.where, f"{said}, and is left out")
            nested.add(n)
        for n in targets:
            k = kinds[n]
            if not (pa.types.is_integer(k) or pa.types.is_floating(k) or pa.types.is_decimal(k) or pa.types.is_null(k)):
                raise BadData(
                    f"{f.where}: the target {n!r} is of type {k}, not a number; clean the column, or name it as label="
                )
    return [n for n in free if n not in nested]


def _scan(
    files: Sequence[TableFile], label: str | None, role: str | None, findings: Findings
) -> tuple[set[str], set[str], int | None]:
    """Classes, the splits of the role's column, and the number of rows."""
    found: set[str] = set()
    parts: set[str] = set()
    total = 0
    asked = list(dict.fromkeys(n for n in (label, role) if n is not None))
    for f in files:
        rows = 0
        for batch in f.batches(asked) if asked else ():
            rows += batch.num_rows
            for name, into in ((label, found), (role, parts)):
                if name is not None:
                    values = cells(batch.column(name).unique(), f"{f.where}, column {name!r}", findings)
                    into |= {class_name(v) for v in values if v is not None}
                    check_labels(into, name, f.where)
        total += f.rows if f.rows is not None else rows
    return found, set(map(split_of_cell, parts)), total


def _rows(
    f: TableFile,
    label: str | None,
    targets: Sequence[str],
    role: str | None,
    free: Sequence[str],
    parts: frozenset[str],
    findings: Findings,
) -> Iterator[Record]:
    asked = list(dict.fromkeys([*free, *targets, *(n for n in (label, role) if n is not None)]))
    own, file = f.split(), f.name
    own_role, said_own = role_of(own), columns_of(own, parts)
    at = 0
    f.on_bad = findings.bad
    for batch in f.batches(asked):
        values = {n: cells(batch.column(n), f"{f.where}, column {n!r}", findings) for n in asked}  # each (rows,)
        labels = values[label] if label is not None else None
        roles = values[role] if role is not None else None
        for i, row in enumerate(_free(free, batch, values)):
            r = own_role
            if role is not None and roles is not None and roles[i] is not None:
                split = split_of_cell(roles[i])
                r = role_of(split)
                if not r or apart(split, parts):
                    row[role] = roles[i]
            elif said_own:
                row = {**said_own, **row}
            goal = tuple(Target(n, float(v)) for n in targets if (v := values[n][i]) is not None) if targets else ()
            name = None if labels is None or labels[i] is None else class_name(labels[i])
            yield Record(f"{file}#{at}", b"", 0, 0, r, name, (), row, None, "row", targets=goal)
            at += 1


def _free(names: Sequence[str], batch: pa.RecordBatch, values: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """The free columns of each row, without the missing ones; where none is missing, cells are not asked one by one."""
    if not names:
        return ({} for _ in range(batch.num_rows))
    rows = zip(*(values[n] for n in names))
    if all(is_complete(batch.column(n)) for n in names):
        return (dict(zip(names, row)) for row in rows)
    return ({n: v for n, v in zip(names, row) if v is not None} for row in rows)


@public
def write_table(source: Source, path: str | os.PathLike[str], *, file: str = "parquet", lossy: bool = False) -> None:
    """Write the rows of a source as one table ``data.<file>`` in a new folder.

    Class, targets and role become columns; which they are is noted in the file (Parquet, Arrow) or in a
    ``datapackage.json`` beside it (CSV, with the type of each column), so reading it again gives the same
    rows. Two passes, the first over the records into temporary pieces; memory for one piece.

    Parameters
    ----------
    file : str
        ``"parquet"``, ``"csv"`` or ``"arrow"``.
    lossy : bool
        Leave out boxes, masks, keypoints and captions of a row, and free columns called as its class, role or target,
        with one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, a sample is no table row, has annotations that a row cannot hold, or a column
        has values of different types.
    """
    import pyarrow as pa

    if file not in WRITTEN:
        raise BadInput(f"a table is written as one of {', '.join(WRITTEN)}, not as {file!r}")
    with new_folder(path) as folder:
        pieces = folder / ".pieces"
        pieces.mkdir()
        spool = Spool(pieces)
        names, keeper = _columns_of(source), Keeper("a table", Holds(), lossy=lossy)
        for r in source.records():
            spool.append(_row(r, names, keeper))
            # text even where nobody has a class or a role
            spool.types |= {names[k]: pa.string() for k in ("label", "role") if names[k]}
        keeper.tell()
        schema, tables = spool.tables()
        noted = {
            "label": names["label"],
            "targets": list(names["targets"].values()),
            "role": names["role"],
            "classes": list(source.classes),
        }
        kept = {k: v for k, v in noted.items() if v and (k not in ("label", "role") or v in schema.names)}
        if not schema.names:
            raise BadInput(f"{source!r} has no columns, classes or targets; there is nothing to write as a table")
        _write(folder / f"data.{file}", file, schema, tables, kept)
        if file == "csv":
            (folder / "datapackage.json").write_text(
                json.dumps(descriptor("data.csv", schema, kept), indent=1, ensure_ascii=False)
            )
        pieces.rmdir()


def _columns_of(source: Source) -> dict[str, Any]:
    """Names of the columns for class, role and targets; those that it was read from, if it was a table."""
    said = source.about.get("table", {})
    return {
        "classes": bool(source.classes),
        "label": said.get("label"),
        "role": said.get("role"),
        "targets": {t: t for t in said.get("targets", [])},
    }


def _row(r: Record, names: dict[str, Any], keeper: Keeper) -> dict[str, Any]:
    if r.kind != "row":
        raise BadInput(
            f"{r.uri} is no table row but an {r.kind}; write pictures with huggingface, coco or image_folder"
        )
    for kind in ("boxes", "masks", "keypoints", "captions"):
        if getattr(r, kind):
            keeper.lose(kind, r.uri, instead="a row holds a class and numbers: choose another format")
    row: dict[str, Any] = dict(r.columns)
    for t in r.targets:
        names["targets"].setdefault(t.name, t.name)
        _put(row, names["targets"][t.name], t.value, r, keeper)
    if r.label is not None or names["classes"]:
        names["label"] = names["label"] or free_name("label", row)
        _put(row, names["label"], r.label, r, keeper)
    if r.role:
        names["role"] = names["role"] or free_name("split", row)
        _put(row, names["role"], r.role, r, keeper)
    return row


def _put(row: dict[str, Any], name: str, value: Any, r: Record, keeper: Keeper) -> None:
    if name in row:
        keeper.lose(f"a free column {name!r} (the name of its class, role or target)", r.uri, instead="rename one")
    row[name] = value


def _write(path: Path, file: str, schema: Any, tables: Iterator[Any], noted: Mapping[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    schema = schema.with_metadata({"veml": json.dumps(noted)})
    writer: Any
    if file == "parquet":
        writer = pq.ParquetWriter(path, schema, write_page_checksum=True)
    elif file == "arrow":
        writer = pa.ipc.new_file(path, schema)
    else:
        writer = pa.csv.CSVWriter(path, schema)
    with writer:
        for t in tables:
            writer.write_table(t.replace_schema_metadata(schema.metadata))
