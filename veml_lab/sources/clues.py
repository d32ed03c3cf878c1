"""What a folder or archive shows at a glance: names by ending and folder, and the heads of a few files.

:mod:`veml_lab.formats.sniff` makes one :class:`Clues` of a path and asks each format for its
:class:`Evidence`. Everything is cached, and so few files are looked into that a million cost no more than ten.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..errors import VemlError
from .encodings import foreign, legible, utf8
from .images import is_image
from .jsonstream import starts_with, top_keys
from .opening import open_tree
from .tree import ARCHIVE_ENDINGS, FileTree, Tree

# So many files of a kind are looked into, and so many bytes of a text.
LOOKED_INTO = 20
HEAD_BYTES = 4096
# An accent may stand far behind the head.
_TEXT_BYTES = 1 << 20

_PROLOG = re.compile(rb"\s*(<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\])?>)", re.DOTALL)
_TAG = re.compile(rb"\s*<([A-Za-z_][\w.-]*)")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a format is thought to be that of a set.

    Attributes
    ----------
    confidence
        0 to 1. About 0.9 and more: annotation files that were looked into and fit; 0.7 to 0.85: the set's own
        description; 0.3 to 0.5: names of folders alone; below: anything that ends like it.
    why
        In words, for people: what was seen.
    part
        The folder of the tree that would be read, ``""`` for all of it.
    """

    confidence: float
    why: str
    part: str = ""


class Clues:
    """The names of a tree by kind, and heads of its files.

    Attributes
    ----------
    tree
        Where heads are read from.
    names
        Its file names.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.names = tree.names()
        self._heads: dict[str, bytes] = {}
        self._keys: dict[str, tuple[str, ...]] = {}

    @cached_property
    def pictures(self) -> list[str]:
        """Names of pictures."""
        return [n for n in self.names if is_image(n)]

    @cached_property
    def others(self) -> dict[str, list[str]]:
        """Names that are no pictures, by their last ending in small letters (``".txt"``, ``""`` without one)."""
        out: dict[str, list[str]] = {}
        for n in self.names:
            if not is_image(n):
                out.setdefault(ending_of(n), []).append(n)
        return out

    def ending(self, *endings: str) -> list[str]:
        """Names with one of these endings, those with the shortest paths first."""
        return sorted((n for e in endings for n in self.others.get(e, ())), key=lambda n: n.count("/"))

    def called(self, *last: str) -> list[str]:
        """Names whose last part is one of these, whatever its case; the shortest paths first."""
        wanted = set(last)
        found = (n for e in {ending_of(x) for x in last} for n in self.others.get(e, ()))
        return sorted((n for n in found if n.rpartition("/")[2].lower() in wanted), key=lambda n: n.count("/"))

    def head(self, name: str) -> bytes:
        """The first bytes of a file, of a text in UTF-16 as UTF-8; empty where it cannot be read."""
        if name not in self._heads:
            try:
                with self.tree.open(name) as stream:
                    self._heads[name] = utf8(stream.read(HEAD_BYTES))
            except VemlError:
                self._heads[name] = b""
        return self._heads[name]

    def lines(self, name: str) -> list[str]:
        """The first lines of a text that are whole and not empty."""
        text = legible(self.head(name))
        if self.tree.size(name) > HEAD_BYTES:
            text = text.rpartition("\n")[0]
        return [s for s in (line.strip() for line in text.splitlines()) if s]

    def foreign(self, name: str) -> bool:
        """Whether a text is neither UTF-8 nor UTF-16 with its mark, so that no reader of texts reads it."""
        try:
            with self.tree.open(name) as stream:
                return foreign(stream.read(_TEXT_BYTES))
        except VemlError:
            return False

    def xml_root(self, name: str) -> str:
        """The outermost tag of an XML file."""
        data = self.head(name).removeprefix(b"\xef\xbb\xbf")
        while m := _PROLOG.match(data):
            data = data[m.end() :]
        tag = _TAG.match(data)
        return tag[1].decode() if tag else ""

    def json_keys(self, name: str) -> tuple[str, ...]:
        """The keys of the outermost object of a JSON file, ``("[",)`` for a list, ``()`` for damage."""
        if name not in self._keys:
            try:
                with self.tree.open(name) as stream:
                    bracket = starts_with(stream)
                if bracket == "{":
                    with self.tree.open(name) as stream:
                        self._keys[name] = tuple(top_keys(stream, name, 20_000))
                else:
                    self._keys[name] = ("[",) if bracket else ()
            except VemlError:
                self._keys[name] = ()
        return self._keys[name]

    def first_line(self, name: str) -> dict[str, object]:
        """The object in the first line of a file of JSON lines, ``{}`` where there is none."""
        for line in self.lines(name)[:1]:
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                return {}
            return found if isinstance(found, dict) else {}
        return {}


def clues_of(path: str | os.PathLike[str]) -> Clues:
    """Look at a folder, an archive, or one file alone.

    Raises
    ------
    MissingFile, BadData, BadInput
        As :func:`~veml_lab.sources.opening.open_tree`.
    """
    p = Path(path)
    if p.is_file() and not p.name.lower().endswith(ARCHIVE_ENDINGS):
        return Clues(FileTree(p))
    return Clues(open_tree(path))


def no_text(tree: Tree, *endings: str) -> str:
    """Which of the files that a reader looked for are no UTF-8, to go on the error that nothing was found."""
    clues = Clues(tree)
    found = [n for n in spread(clues.ending(*endings), LOOKED_INTO) if clues.foreign(n)]
    tree.leave(found)
    return f". {found[0]} is no UTF-8 text and cannot be looked into; save it as UTF-8" if found else ""


def ending_of(name: str) -> str:
    """The last ending in small letters; that before it where the last one says that it is packed.

    >>> ending_of("a/B.CSV.gz"), ending_of("a/README"), ending_of(".x/a.b.json")
    ('.csv', '', '.json')
    """
    last = name.rpartition("/")[2].lower()
    for packed in (".gz", ".bz2", ".xz", ".zst"):
        last = last.removesuffix(packed) if last.count(".") > 1 else last
    stem, dot, end = last.rpartition(".")
    return dot + end if stem else ""


def common_folder(names: Iterable[str]) -> str:
    """The innermost folder that holds them all, with its slash; ``""`` for the top.

    >>> common_folder(["a/b/1.jpg", "a/b/c/2.jpg"]), common_folder(["1.jpg"])
    ('a/b/', '')
    """
    common: list[str] | None = None
    for name in names:
        parts = name.split("/")[:-1]
        if common is None:
            common = parts
        while common and parts[: len(common)] != common:
            common.pop()
        if not common:
            return ""
    return "/".join(common) + "/" if common else ""


def spread(names: list[str], most: int) -> list[str]:
    """At most so many of the names, evenly from the first to the last."""
    return names if len(names) <= most else [names[i * len(names) // most] for i in range(most)]
