"""The files that a Croissant description names: found locally, checksums compared, tables opened."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import BadData, BadInput, MissingFile, VemlError
from ..sources.opening import open_tree
from ..sources.tree import ARCHIVE_ENDINGS, Piece, Tree, safe_name
from .croissant_fields import Description, Resource
from .hf_rows import Lines
from .table_csv import CsvTable
from .table_files import ArrowTable, ParquetTable, TableFile


class Within(Tree):
    """A folder of a tree as a tree of its own; a description names its files from where it lies."""

    def __init__(self, tree: Tree, folder: str) -> None:
        super().__init__(tree.root / folder)
        self._tree, self._folder, self.odd = tree, folder + "/", tree.odd
        self._sizes = {n.removeprefix(self._folder): tree.size(n) for n in tree.names() if n.startswith(self._folder)}

    @property
    def whole(self) -> Tree:
        """The tree that the folder is of."""
        return self._tree

    def take(self, names: Iterable[str]) -> None:
        self._tree.take(self._folder + n for n in names)

    def leave(self, names: Iterable[str], why: str = "") -> None:
        self._tree.leave((self._folder + n for n in names), why)

    def read(self, name: str) -> bytes:
        return self._tree.read(self._folder + name)

    def open(self, name: str) -> Piece:
        return self._tree.open(self._folder + name)

    def read_many(
        self, names: Iterable[str], on_bad: Callable[[VemlError], None] | None = None
    ) -> Iterator[tuple[str, bytes]]:
        for n, data in self._tree.read_many([self._folder + n for n in names], on_bad):
            yield n.removeprefix(self._folder), data

    def path(self, name: str) -> str | None:
        return self._tree.path(self._folder + name)

    def stamp(self) -> list[Any]:
        return [self._folder, *self._tree.stamp()]

    def where(self, name: str) -> str:
        return self._tree.where(self._folder + name)


def _local(r: Resource, tree: Tree, where: str) -> str:
    """The name of a file in the tree: as it is said, or by its last part where that is an address."""
    said = r.url or r.id
    name = said.rpartition("/")[2].partition("?")[0] if "://" in said else safe_name(said.removeprefix("./"), where)
    if name not in tree:
        raise MissingFile(
            f"{where} names the file {said!r}, which is not in {tree.root}; nothing is fetched, put it there"
        )
    return name


def _checked(r: Resource, tree: Tree, name: str) -> str:
    """Compare the checksum of a file, piece by piece."""
    if len(r.sha256) == 64 and set(r.sha256) <= set("0123456789abcdef"):
        digest = hashlib.sha256()
        with tree.open(name) as f:
            while block := f.read(1 << 20):
                digest.update(block)
        if digest.hexdigest() != r.sha256:
            raise BadData(
                f"{tree.where(name)} has another checksum than its description says (sha256"
                f" {digest.hexdigest()[:12]}..., not {r.sha256[:12]}...); fetch it again"
            )
    return name


def _container(said: Description, r: Resource, tree: Tree, where: str) -> Tree:
    """Where the files of a resource are: the folder of the description, or an archive in it."""
    outer = said.resources.get(r.inside) if r.inside else None
    if outer is None or "git" in outer.encoding or not outer.url.lower().split("?")[0].endswith(ARCHIVE_ENDINGS):
        return tree
    name = _checked(outer, tree, _local(outer, tree, where))
    at = tree.path(name)
    if at is None:
        raise BadInput(f"{tree.where(name)} is an archive within an archive; unpack the outer one and read the folder")
    return open_tree(at)


def described_in(said: Description, tree: Tree) -> list[str]:
    """The files of a folder that a description names, or means by a pattern."""
    named = {(r.url or r.id).removeprefix("./").rpartition("://")[2].partition("?")[0] for r in said.resources.values()}
    last = {n.rpartition("/")[2] for n in named}
    patterns = [g for r in said.resources.values() if r.many for g in r.includes]
    return [n for n in tree.names() if n in named or n.rpartition("/")[2] in last or any(_fits(n, g) for g in patterns)]


def files_of(said: Description, r: Resource | None, tree: Tree, where: str) -> tuple[Tree, list[str]]:
    if r is None:
        raise BadData(f"{where}: a field comes from a file or set of files that is not described")
    inner = _container(said, r, tree, where)
    if not r.many:
        return inner, [_checked(r, inner, _local(r, inner, where))]
    names = [
        n for n in inner.names() if any(_fits(n, g) for g in r.includes) and not any(_fits(n, g) for g in r.excludes)
    ]
    if not names:
        raise MissingFile(
            f"{where}: no file in {inner.root} is called like {' or '.join(r.includes) or '(nothing said)'}; put the"
            " files there"
        )
    return inner, names


def _fits(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern.removeprefix("./")) or fnmatch.fnmatchcase(
        name, pattern.replace("**/", "")
    )


def tables_of(said: Description, resource: str, tree: Tree, where: str) -> list[TableFile]:
    r = said.resources.get(resource)
    inner, names = files_of(said, r, tree, where)
    out: list[TableFile] = []
    for n in names:
        at = Path(p) if (p := inner.path(n)) else None
        low = n.lower()
        if low.endswith(".parquet"):
            out.append(ParquetTable(inner, n, at))
        elif low.endswith((".arrow", ".feather")):
            out.append(ArrowTable(inner, n, at))
        elif low.endswith((".jsonl", ".ndjson")):
            out.append(Lines(inner, n))
        elif low.endswith((".csv", ".tsv", ".csv.gz", ".tsv.gz")):
            out.append(CsvTable(inner, n, at, delimiter=None, encoding="utf-8", types={}, standard={}))
        else:
            raise BadData(f"{inner.where(n)} is no table that is read here (.csv, .tsv, .parquet, .arrow, .jsonl)")
    return out
