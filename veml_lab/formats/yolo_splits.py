"""What a YOLO set says of its splits: ultralytics' data.yaml, darknet's obj.data, lists of pictures, then folders."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..sources.clues import Clues
from ..sources.encodings import utf8
from ..sources.roles import Named, Splits, split_of_folder, splits_beside, splits_named
from ..sources.tree import Tree

YAML_BYTES = 1 << 20
CLASS_LISTS = ("classes.txt", "labels.txt", "names.txt", "class_names.txt", "_darknet.labels")
_YAML_KEY = re.compile(r"(names|nc|train|val|valid|test)\s*:")
_DATA_LINE = re.compile(r"\s*(classes|train|valid|val|test|names|backup)\s*=\s*(.*?)\s*")
_SPLIT_KEYS = ("train", "val", "valid", "validation", "test")


def described_in(clues: Clues) -> str:
    """The file that describes a YOLO set, or lists its classes; ``""`` for none."""
    for name in clues.ending(".yaml", ".yml"):
        if any(_YAML_KEY.match(line) for line in clues.lines(name)):
            return name
    for name in clues.ending(".data"):
        if any(_DATA_LINE.fullmatch(line) for line in clues.lines(name)):
            return name
    return next(iter([*clues.ending(".names"), *clues.called(*CLASS_LISTS)]), "")


def splits_of(tree: Tree, pictures: Sequence[str], head: str | None = None) -> Splits:
    """The split of each picture, by the surest description that names any of them.

    Parameters
    ----------
    head
        Read only this YAML file, where it was named by the user.
    """
    otherwise = splits_beside(tree, pictures)
    places = _Places(tree, pictures)
    for name in tree.names() if head is None else [head]:
        last = name.rpartition("/")[2].lower()
        if not last.endswith((".yaml", ".yml", ".data")) or tree.size(name) > YAML_BYTES or tree.depth(name) > 2:
            continue
        said = _entries(tree.read(name), last)
        if not said:
            tree.leave([name])
        found: dict[str, str] = {}
        both: set[str] = set()
        for split in _SPLIT_KEYS:
            for entry in said.get(split, ()):
                for picture in places.of(entry, name, said.get("path", ())):
                    if found.setdefault(picture, split) != split:
                        both.add(picture)
        # one folder for training and validation is what a tool that wants both gets from a set without parts
        alone = {n: s for n, s in found.items() if n not in both}
        if found:
            rest = {n: s for n in both if (s := otherwise.find(n))}
            told = otherwise.told if rest or not alone else ()
            if both and alone and not told:
                first = min(both)
                told = ((tree.where(name), f"puts {len(both):,} of its pictures into two parts ({first} ...)"),)
            return splits_named({**alone, **rest}, name if alone else otherwise.origin, told)
    return otherwise


def _entries(data: bytes, name: str) -> dict[str, tuple[str, ...]]:
    """Texts by key; whatever is no text or list of texts is left out."""
    text = utf8(data).decode("utf-8", errors="replace")
    if name.endswith(".data"):
        lines = (m for line in text.splitlines() if (m := _DATA_LINE.fullmatch(line)))
        return {m[1]: (m[2],) for m in lines if m[2]}
    import yaml

    try:
        content: Any = yaml.load(text, yaml.BaseLoader)  # a folder called 2024 is a name
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    out = {}
    for key in ("path", *_SPLIT_KEYS) if content.keys() & {"names", "nc", *_SPLIT_KEYS} else ():
        value = content.get(key)
        texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        out[key] = tuple(t for t in texts if isinstance(t, str) and t.strip())
    return out


class _Places:
    """Finds what an entry of a description means: a folder, a list, or a picture of the tree."""

    def __init__(self, tree: Tree, pictures: Sequence[str]) -> None:
        self._tree, self._pictures = tree, pictures
        self._named: Named | None = None
        self._folders: dict[str, list[str]] = {}
        for n in pictures:
            self._folders.setdefault(n.rpartition("/")[0], []).append(n)
        self._above = {"/".join(f.split("/")[:k]) for f in self._folders for k in range(f.count("/") + 2)}

    def of(self, entry: str, described_in: str, path: Iterable[str]) -> list[str]:
        """The pictures that an entry stands for.

        ultralytics resolves it against ``path``, which is relative to the file or to a folder of data sets that is
        not here, and takes a leading ``../`` away where nothing is there (Roboflow's exports have it). Of a path of
        another machine the longest end that is here is taken.
        """
        here = described_in.rpartition("/")[0]
        entry = entry.strip().replace("\\", "/")
        roots = [*(posixpath.join(here, p.replace("\\", "/")) for p in path), here]
        bare = re.sub(r"^(\.\./)+", "", entry)
        tried = [posixpath.join(r, e) for e in dict.fromkeys((entry, bare)) for r in roots]
        parts = [p for p in bare.split("/") if p not in ("", ".", "..")]
        # the end must still say the split, where the path does: images/ alone is every split's
        last = max((k for k, p in enumerate(parts) if split_of_folder(p)), default=len(parts) - 1)
        tried += [posixpath.join(here, *parts[k:]) for k in range(last + 1)]
        for said in tried:
            if found := self._here(posixpath.normpath(said), described_in):
                return found
        return []

    def _here(self, place: str, described_in: str) -> list[str]:
        place = "" if place == "." else place.lstrip("/")
        if place in self._tree:
            lines = utf8(self._tree.read(place)).decode("utf-8", errors="replace").splitlines()
            self._named = self._named or Named(self._pictures)
            return [p for line in lines if (p := self._named.find(line, place)) is not None]
        if place not in self._above:
            return []
        inside = place + "/" if place else ""
        return [n for f, names in self._folders.items() if f == place or f.startswith(inside) for n in names]
