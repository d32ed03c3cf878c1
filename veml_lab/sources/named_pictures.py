"""Which picture a name in an annotation means: a path of another machine, of Windows, an address, or a name alone."""

from __future__ import annotations

import difflib
import os
import re
from functools import cached_property
from urllib.parse import unquote, urlsplit

from .images import is_image
from .opening import open_tree
from .roles import best_of, nearness, same_end
from .tree import Tree

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
# Beyond so many names, or questions, the nearest name is not looked for: each question compares with all of them.
_NEAR_AMONG, _NEAR_ASKED = 20_000, 20

# What to do where a reader has the option root=.
ELSEWHERE = "say root= if the pictures are elsewhere"


def path_in(said: str) -> str:
    """The path that a name means: of an address its path, with ``/`` between the parts.

    >>> path_in("https://example.org/data/a%20b.jpg?x=1"), path_in("C:\\\\set\\\\a.jpg")
    ('/data/a b.jpg', 'C:/set/a.jpg')
    """
    if _ADDRESS.match(said):
        try:
            return unquote(urlsplit(said).path)
        except ValueError:
            return ""
    return said.replace("\\", "/")


def pictures_of(tree: Tree, root: str | os.PathLike[str] | None) -> Pictures:
    """The pictures of a set: in the tree of its annotations, or where the option ``root=`` says."""
    if root is not None:
        return Pictures(open_tree(root))
    return Pictures(tree, else_do=ELSEWHERE)


class Pictures:
    """Finds the picture that an annotation means: by its whole name, by the end of it, by its file name alone.

    ``else_do`` is what people can do about a picture that is not there.
    """

    def __init__(self, tree: Tree, *, else_do: str = "") -> None:
        self.tree, self._else_do = tree, else_do
        self._asked = 0
        self._folded: dict[str, str | None] | None = None

    @cached_property
    def _by_file(self) -> dict[str, str | list[str]]:
        """Names by their last part."""
        found: dict[str, str | list[str]] = {}
        for n in self.tree.names():
            if is_image(n):
                file = n.rpartition("/")[2]
                old = found.get(file)
                # one name is a plain string: a million lists of one would be 60 MB
                found[file] = n if old is None else [*(old if isinstance(old, list) else [old]), n]
        return found

    @cached_property
    def _odd(self) -> dict[str, str]:
        """What is no plain file, by the last part of its name."""
        return {n.rpartition("/")[2]: f"{n} {why}" for n, why in self.tree.odd.items()}

    def find(self, said: str, by: str = "") -> str | None:
        """The one picture whose name ends most like ``said``; None if there is none, or several are as near.

        Of several that end as much alike, that in the folder of the annotation file ``by`` is meant, or else that in
        a folder of the split which the file is named after.
        """
        parts = [p for p in path_in(said).split("/") if p not in ("", ".", "..")]
        if not parts:
            return None
        found = self._by_file.get(parts[-1]) or self._in_another_case(parts[-1])
        if found is None or isinstance(found, str):
            return found
        return best_of(found, lambda n: (same_end(n, parts), nearness(n, by) if by else ()))

    def _in_another_case(self, file: str) -> str | None:
        """The one picture called so but for the case, as Windows finds it."""
        if self._folded is None:
            self._folded = {}
            for n in self._by_file:
                self._folded[n.lower()] = n if n.lower() not in self._folded else None
        name = self._folded.get(file.lower())
        found = None if name is None else self._by_file[name]
        return found if isinstance(found, str) else None

    def missing(self, said: str) -> str:
        """What to say of a picture that was not found: its name, why, the nearest there, what to do."""
        file = path_in(said).rpartition("/")[2]
        if file in self._odd:
            return f"its picture {said!r:.120} cannot be read: {self._odd[file]}"
        several = self._by_file.get(file)
        if isinstance(several, list):
            folder = "; say root= (the folder of the right one)" if "root=" in self._else_do else ""
            return f"its picture {said!r:.120} may be {several[0]!r} or {several[1]!r}{folder}"
        near, help = self._near(file), self._else_do and f"; {self._else_do}"
        return f"its picture {said!r:.120} is not there{near and f'; the nearest is {near!r}'}{help}"

    def _near(self, file: str) -> str:
        self._asked += 1
        if self._asked > _NEAR_ASKED or len(self._by_file) > _NEAR_AMONG:
            return ""
        stems = {n.rpartition(".")[0]: n for n in self._by_file}
        stem = file.rpartition(".")[0] or file
        found = [stem] if stem in stems else difflib.get_close_matches(stem, stems, n=1, cutoff=0.6)
        name = self._by_file[stems[found[0]]] if found else ""
        return name if isinstance(name, str) else name[0]
