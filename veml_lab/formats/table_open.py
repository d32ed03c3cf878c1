"""Find the tables at a path and open each by its ending; the data package beside CSV files."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, MissingFile, UnknownName
from ..sources.detection import json_of
from ..sources.opening import open_tree
from ..sources.tree import Tree
from .table_csv import CsvTable
from .table_files import ARROW, ENDINGS, ArrowTable, ParquetTable, TableFile, is_table
from .table_kinds import TYPES, Kind

if TYPE_CHECKING:
    import pyarrow as pa

# Names of the Table Schema standard, for datapackage.json.
_STANDARD = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def find_tables(
    path: str | os.PathLike[str],
    *,
    delimiter: str | None,
    encoding: str,
    types: Mapping[str, str] | None,
    text: Collection[str] = (),
    decimal: str | None = None,
) -> tuple[Any, list[TableFile], dict[str, Any]]:
    """Open the tables at ``path``: the tree or stamp for the fingerprint, the files, what our writer noted.

    CSV files of one set have one type a column; those called in ``text`` are text.
    """
    wrong = [t for t in (types or {}).values() if t not in TYPES]
    if wrong:
        raise UnknownName.of("type", wrong[0], TYPES)
    p = Path(path)
    tree: Tree | None = None
    if "://" not in str(path) and p.is_file() and is_table(p.name):
        found: list[tuple[str, Path | None]] = [(p.name, p)]
        s = p.stat()
        stamp: Any = [[p.name, s.st_size, s.st_mtime_ns]]
    else:
        stamp = tree = open_tree(path)
        found = [(n, Path(place) if (place := tree.path(n)) else None) for n in tree.names() if is_table(n)]
    if not found:
        raise MissingFile(f"{path} holds no table; looked for {', '.join(ENDINGS)}")
    standard, noted = _package(tree)
    files: list[TableFile] = []
    for name, at in found:
        low = name.lower()
        if low.endswith(".parquet"):
            files.append(ParquetTable(tree, name, at))
        elif low.endswith(ARROW):
            files.append(ArrowTable(tree, name, at))
        else:
            files.append(
                CsvTable(
                    tree,
                    name,
                    at,
                    delimiter=delimiter,
                    encoding=encoding,
                    types=types or {},
                    standard=standard,
                    text=text,
                    decimal=decimal,
                )
            )
    _unify([f for f in files if isinstance(f, CsvTable)])
    return stamp, files, {**noted, **files[0].noted()}


def _unify(files: Sequence[CsvTable]) -> None:
    """Give a column the same type in every file: 02116 in one makes 10001 a text in the other."""
    for name in {n for f in files for n in f.names} if len(files) > 1 else ():
        have = [f for f in files if name in f.names]
        types = {f.kind(name).type for f in have} - {"null"}
        if len(types) > 1:
            wanted = "float64" if types == {"int64", "float64"} else "string"
            for f in have:
                f.widen(name, Kind(wanted, f.kind(name).decimal))


def _package(tree: Tree | None) -> tuple[dict[str, str], dict[str, Any]]:
    """Types of the columns and our notes, from a datapackage.json beside the tables."""
    if not isinstance(tree, Tree) or "datapackage.json" not in tree:
        return {}, {}
    where = tree.where("datapackage.json")
    content = json_of(tree.read("datapackage.json"), where)
    try:
        resource = content["resources"][0]
        types = {f["name"]: _STANDARD[f["type"]] for f in resource["schema"]["fields"] if f.get("type") in _STANDARD}
        noted = resource.get("veml", {})
        if not all(isinstance(n, str) for n in types) or not isinstance(noted, dict):
            raise TypeError("a name that is no text")
    except (KeyError, IndexError, TypeError, AttributeError) as e:
        raise BadData(
            f"{where} is no data package with one resource and its schema ({e!r}); remove it or mend it"
        ) from e
    return types, noted


def descriptor(file: str, schema: pa.Schema, noted: Mapping[str, Any]) -> dict[str, Any]:
    """A ``datapackage.json`` for one CSV file."""
    import pyarrow as pa

    t = pa.types
    fields = []
    for f in schema:
        kind = (
            "boolean"
            if t.is_boolean(f.type)
            else "integer"
            if t.is_integer(f.type)
            else "number"
            if t.is_floating(f.type)
            else "string"
        )
        fields.append({"name": f.name, "type": kind if not t.is_null(f.type) else "any"})
    resource = {"name": "data", "path": file, "schema": {"fields": fields, "missingValues": [""]}, "veml": dict(noted)}
    return {"name": "data", "profile": "tabular-data-package", "resources": [resource]}
