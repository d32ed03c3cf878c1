"""One table file as record batches, whatever it is stored as: CSV, Parquet, Arrow stream or file, Feather."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput, MissingFile, UnknownName
from .cells import BATCH_ROWS, arrow_damage, damaged
from .detection import json_of
from .source import Role
from .tree import Tree, open_tree

if TYPE_CHECKING:
    import pyarrow as pa

CSV = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".csv.bz2", ".csv.zst")
ARROW = (".arrow", ".feather", ".ipc")
ENDINGS = (*CSV, ".parquet", *ARROW)
_PACKED = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
_TYPES = {"str": "string", "int": "int64", "float": "float64", "bool": "bool"}
# Names of the Table Schema standard, for datapackage.json.
_STANDARD = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
# What a CSV column becomes when a value does not fit the type that the first block suggested.
_WIDER = {"null": "int64", "int64": "float64", "double": "string", "float64": "string"}
_TROUBLE = re.compile(r"In CSV column #(\d+).*?conversion error to ([\w\[\]]+)")
_SHOWN = 200  # characters of a bad row in a message


def is_table(name: str) -> bool:
    """True for a file name that ends like a table.

    >>> is_table("a.CSV.gz"), is_table("a.txt")
    (True, False)
    """
    return name.lower().endswith(ENDINGS)


class TableFile:
    """A table that can be read again and again, batch by batch.

    Attributes
    ----------
    name, where
        Within the set; for errors.
    names
        Column names.
    rows
        How many there are, None where only reading tells.
    on_bad
        Called for each row that cannot be read (CSV only).
    """

    names: list[str]
    rows: int | None = None

    def __init__(self, tree: Tree | None, name: str, path: Path | None) -> None:
        self.tree, self.name, self.path = tree, name, path
        self.where = str(path) if path is not None else tree.where(name)  # type: ignore[union-attr]
        self.on_bad: Callable[[str, str], None] | None = None

    def open(self) -> Any:
        """The bytes as an Arrow file: mapped from disk where it is a plain file, else held in memory."""
        import pyarrow as pa

        if self.path is not None:
            return pa.memory_map(str(self.path))
        assert self.tree is not None
        return pa.BufferReader(self.tree.read(self.name))

    def role(self) -> Role:
        """Train or test by the name of the file or its folder."""
        words = set(re.split(r"[^a-z]+", "/".join(self.name.lower().split("/")[-2:])))
        if words & {"train", "training"}:
            return "train"
        return "test" if words & {"test", "testing", "val", "valid", "validation"} else ""

    def types(self) -> dict[str, pa.DataType]:
        """Arrow type of each column."""
        raise NotImplementedError

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows of these columns, a batch at a time."""
        raise NotImplementedError

    def noted(self) -> dict[str, Any]:
        """What our writer noted in the file."""
        return {}


def check_schema(schema: pa.Schema, where: str) -> None:
    """Refuse double column names, and extension types that are Python pickles."""
    try:
        names = [f.name for f in schema]
        for f in schema:
            _spell(f.type)
    except UnicodeDecodeError as e:
        raise damaged(where, e) from e
    double = sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []
    if double:
        raise BadData(f"{where} has two columns called {double[0]!r}; rename one")
    for f in schema:
        extension = (f.metadata or {}).get(b"ARROW:extension:name", b"") or getattr(f.type, "extension_name", "").encode()
        if b"py_extension_type" in extension:
            raise BadData(
                f"{where}: the column {f.name!r} is a Python extension type stored as a pickle, which could run code and is "
                "not opened; write it as a plain column with the program that made it"
            )


def _spell(kind: pa.DataType) -> None:
    """Decode the names within a nested type, which a damaged file may have spoilt."""
    for i in range(kind.num_fields):
        inner = kind.field(i)
        assert inner.name is not None
        _spell(inner.type)


def _noted(schema: pa.Schema) -> dict[str, Any]:
    try:
        said = json.loads((schema.metadata or {}).get(b"veml", b"{}"))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


class ParquetTable(TableFile):
    """Parquet: columns are read alone, a row group at a time."""

    def __init__(self, tree: Tree | None, name: str, path: Path | None) -> None:
        super().__init__(tree, name, path)
        with self._file() as f:
            self.schema, self.rows = f.schema_arrow, f.metadata.num_rows
            if self.rows is None or self.rows < 0:
                raise BadData(f"{self.where} says that it has {self.rows} rows; fetch it again")
        check_schema(self.schema, self.where)
        self.names = self.schema.names

    def _file(self) -> Any:
        import pyarrow.parquet as pq

        try:
            return pq.ParquetFile(self.open(), pre_buffer=False, page_checksum_verification=True)
        except arrow_damage() as e:
            raise damaged(self.where, e) from e

    def types(self) -> dict[str, pa.DataType]:
        return dict(zip(self.names, self.schema.types))

    def batches(self, columns: Sequence[str], rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        with self._file() as f:
            try:
                # use_threads decodes ahead, which doubles the memory for pictures
                for batch in f.iter_batches(rows, columns=list(columns), use_threads=False):
                    batch.validate(full=True)
                    yield batch
            except arrow_damage() as e:
                raise damaged(self.where, e) from e

    def noted(self) -> dict[str, Any]:
        return _noted(self.schema)


class ArrowTable(TableFile):
    """Arrow IPC: the file form (Feather version 2) or the stream form (Hugging Face)."""

    def __init__(self, tree: Tree | None, name: str, path: Path | None) -> None:
        super().__init__(tree, name, path)
        with self.open() as f:
            reader = self._reader(f)
            self.schema = reader.schema
            check_schema(self.schema, self.where)
            try:
                # mapped from disk, so only the heads of the batches are touched
                self.rows = sum(b.num_rows for b in self._all(reader))
            except arrow_damage() as e:
                raise damaged(self.where, e) from e
        self.names = self.schema.names

    @staticmethod
    def _all(reader: Any) -> Iterator[pa.RecordBatch]:
        return (reader.get_batch(i) for i in range(reader.num_record_batches)) if hasattr(reader, "get_batch") else iter(reader)

    def _reader(self, f: Any) -> Any:
        import pyarrow as pa

        try:
            head = f.read(6)
            f.seek(0)
            if head[:4] == b"FEA1":
                raise BadData(f"{self.where} is Feather version 1, which is not read; write it again as version 2")
            return pa.ipc.open_file(f) if head == b"ARROW1" else pa.ipc.open_stream(f)
        except arrow_damage() as e:
            if isinstance(e, BadData):
                raise
            raise damaged(self.where, e) from e

    def types(self) -> dict[str, pa.DataType]:
        return dict(zip(self.names, self.schema.types))

    def batches(self, columns: Sequence[str], rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        with self.open() as f:
            reader = self._reader(f)
            try:
                for batch in self._all(reader):
                    asked = batch.select(list(columns))
                    # offsets in a damaged file would be followed out of the buffer
                    asked.validate(full=True)
                    for start in range(0, asked.num_rows, rows):
                        yield asked.slice(start, rows)
            except arrow_damage() as e:
                raise damaged(self.where, e) from e

    def noted(self) -> dict[str, Any]:
        return _noted(self.schema)


class CsvTable(TableFile):
    """CSV: types by reading it once, the bad rows left out and told to ``on_bad``."""

    def __init__(
        self, tree: Tree | None, name: str, path: Path | None, *,
        delimiter: str | None, encoding: str, types: Mapping[str, str], standard: Mapping[str, str],
    ) -> None:  # fmt: skip
        super().__init__(tree, name, path)
        import pyarrow as pa

        self.encoding = encoding
        self._stopped: BadData | None = None
        head = self._first_line()
        self.delimiter = delimiter or ("\t" if ".tsv" in name.lower() else _delimiter(head))
        self._types = {n: pa.type_for_alias(_TYPES[t]) for n, t in {**standard, **types}.items()}
        self._fixed = set(types) | set(standard)
        self._settle()

    def open(self) -> Any:
        import pyarrow as pa

        f = super().open()
        packed = _PACKED.get(Path(self.name.lower()).suffix)
        return pa.CompressedInputStream(f, packed) if packed else f

    def _first_line(self) -> str:
        try:
            with self.open() as f:
                raw = f.read(1 << 16)
        except arrow_damage() as e:
            raise damaged(self.where, e) from e
        if not raw.strip():
            raise BadData(f"{self.where} is empty; a table needs a first line with the column names")
        try:
            return raw.decode(self.encoding, errors="replace").splitlines()[0]
        except LookupError:
            raise BadInput(f"there is no encoding {self.encoding!r}; known are utf-8, latin-1, cp1252, cp949, ...") from None

    def _reader(self, on_bad: Callable[[str, str], None] | None) -> Any:
        import pyarrow.csv as csv

        def row(r: Any) -> str:
            if on_bad is None:
                return "skip"
            at = f"{self.where}, row {r.number}" if r.number is not None else self.where
            try:
                on_bad(at, f"has {r.actual_columns} cells, the header {r.expected_columns}: {str(r.text)[:_SHOWN]!r}")
            except BadData as e:  # Arrow swallows what is raised in here
                self._stopped = e
                return "error"
            return "skip"

        return csv.open_csv(
            self.open(),
            csv.ReadOptions(block_size=1 << 20, encoding=self.encoding, use_threads=False),
            csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=row),
            csv.ConvertOptions(column_types=self._types, strings_can_be_null=True, quoted_strings_can_be_null=False),
        )

    def _settle(self) -> None:
        """Read the whole file, widening a type each time that a value does not fit it."""
        import pyarrow as pa

        while True:
            rows = 0
            try:
                with self._reader(None) as reader:
                    self.schema = reader.schema
                    check_schema(self.schema, self.where)
                    # what the first block suggests holds for the whole file, or the reader says so
                    for batch in reader:
                        rows += batch.num_rows
                odd = [f.name for f in self.schema if pa.types.is_binary(f.type)]
                if odd:  # what Arrow makes of text that is none
                    raise BadData(f"{self.where} is no UTF-8 text (column {odd[0]!r}); say encoding=, for example latin-1")
                self.rows, self.names = rows, self.schema.names
                break
            except arrow_damage() as e:
                if isinstance(e, BadData):
                    raise
                self._widen(e)
        missing = [n for n in self._fixed if n not in self.names]
        if missing:
            raise UnknownName.of(f"column (types) in {self.where}", missing[0], self.names)
        self._types = {f.name: f.type for f in self.schema if not pa.types.is_null(f.type)}

    def _widen(self, error: BaseException) -> None:
        import pyarrow as pa
        import pyarrow.csv as csv

        m = _TROUBLE.search(str(error))
        if m is None or "UTF8" in str(error):
            if "UTF8" in str(error) or "utf-8" in str(error):
                raise BadData(f"{self.where} is no UTF-8 text ({str(error)[:120]}); say encoding=, for example latin-1") from error
            raise damaged(self.where, error) from error
        with csv.open_csv(
            pa.BufferReader(self._head_bytes()), csv.ReadOptions(encoding=self.encoding), csv.ParseOptions(delimiter=self.delimiter)
        ) as r:
            name = r.schema.names[int(m[1])]
        if name in self._fixed:
            raise BadData(f"{self.where}: the column {name!r} is to be of type {self._types[name]}, but {str(error)[:200]}") from error
        now = self._types.get(name)
        wider = pa.type_for_alias(_WIDER.get(str(now) if now is not None else m[2], "string"))
        if wider == now:
            raise damaged(self.where, error) from error
        self._types[name] = wider

    def _head_bytes(self) -> bytes:
        with self.open() as f:
            return f.read(1 << 16).splitlines(keepends=True)[0]

    def types(self) -> dict[str, pa.DataType]:
        return dict(zip(self.names, self.schema.types))

    def batches(self, columns: Sequence[str], rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        try:
            with self._reader(self.on_bad) as reader:
                for batch in reader:
                    yield batch.select(list(columns))
        except arrow_damage() as e:
            if self._stopped is not None:
                raise self._stopped from None
            raise damaged(self.where, e) from e


def _delimiter(head: str) -> str:
    """The separator of a header line: the commonest of the usual ones outside quotes.

    >>> _delimiter("a;b;c,d")
    ';'
    """
    plain = re.sub(r'"[^"]*"', "", head)
    return max(",;\t|", key=plain.count)


def find_tables(
    path: str | os.PathLike[str], *, delimiter: str | None, encoding: str, types: Mapping[str, str] | None
) -> tuple[Any, list[TableFile], dict[str, Any]]:
    """Open the tables at ``path``: the tree or stamp for the fingerprint, the files, what our writer noted."""
    wrong = [t for t in (types or {}).values() if t not in _TYPES]
    if wrong:
        raise UnknownName.of("type", wrong[0], _TYPES)
    p = Path(path)
    tree: Tree | None = None
    if "://" not in str(path) and p.is_file() and is_table(p.name):
        found: list[tuple[str, Path | None]] = [(p.name, p)]
        s = p.stat()
        stamp: Any = [[p.name, s.st_size, s.st_mtime_ns]]
    else:
        stamp = tree = open_tree(path)
        found = [(n, Path(at) if (at := tree.path(n)) else None) for n in tree.names() if is_table(n)]
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
            files.append(CsvTable(tree, name, at, delimiter=delimiter, encoding=encoding, types=types or {}, standard=standard))
    return stamp, files, {**noted, **files[0].noted()}


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
        raise BadData(f"{where} is no data package with one resource and its schema ({e!r}); remove it or mend it") from e
    return types, noted


def descriptor(file: str, schema: pa.Schema, noted: Mapping[str, Any]) -> dict[str, Any]:
    """A ``datapackage.json`` for one CSV file."""
    import pyarrow as pa

    t = pa.types
    fields = []
    for f in schema:
        kind = "boolean" if t.is_boolean(f.type) else "integer" if t.is_integer(f.type) else "number" if t.is_floating(f.type) else "string"
        fields.append({"name": f.name, "type": kind if not t.is_null(f.type) else "any"})
    resource = {"name": "data", "path": file, "schema": {"fields": fields, "missingValues": [""]}, "veml": dict(noted)}
    return {"name": "data", "profile": "tabular-data-package", "resources": [resource]}


