"""Which split a picture belongs to, by what the set says of itself; folder names only where it says nothing.

A split is what people write (``train``, ``val2017``, ``Testing``); a role is what a lab knows: train, test, or none.
Every format asks here which role a split has: what is for validation is for testing, and keeps its split in the
column ``split`` where the set has a test part too, so that the two can be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from .encodings import utf8
from .images import is_image
from .pairs import stem
from .source import Role
from .tree import Tree

TRAIN = ("train", "training")
VALIDATION = ("val", "valid", "validation", "dev", "eval", "evaluation")
TEST = ("test", "testing", "holdout", "hold-out", "hold_out")
# Shorter ones: as the cell of a table, and behind a word for pictures (imagesTr); a folder tr may be of Turkish ones.
_SHORT: dict[str, Role] = {"tr": "train", "trn": "train", "te": "test", "ts": "test", "tst": "test"}
_ROLES: dict[str, Role] = {
    **dict.fromkeys(TRAIN, "train"),
    **dict.fromkeys((*VALIDATION, *TEST), "test"),
    **_SHORT,
    "trainval": "train",
}
_SAME = {w: "val" if w in VALIDATION else role for w, role in _ROLES.items()}

_WORD = "train(?:ing)?|test(?:ing)?|val(?:id(?:ation)?)?|dev|eval(?:uation)?|hold[-_]?out"
_PICTURES = "images?|imgs?|seg|data|set|split|bounding_box"
_IN_NAME = re.compile(rf"(?<![a-z])({_WORD})(?![a-z])")
_FOLDER = re.compile(
    rf"(?:(?:{_PICTURES})[-_ ]?)?({_WORD})(?:[-_ ]?(?:set|images?|imgs?|data|split|\d{{4}}))?"
    rf"|(?:{_PICTURES})[-_ ]?({'|'.join(_SHORT)})"
    r"|(train|test|val)[ab]"  # two domains: trainA, trainB
)
# A list of a split: train.txt, train_list.txt, images_train.txt, but no car_train.txt (VOC's list of one class).
_LIST = re.compile(
    rf"(?:(?:images?|imgs?|files?|list)[-_])?({_WORD}|trainval)(?:[-_](?:list|files?|filenames|images?|imgs?|names|set))?"
    r"\.(?:txt|lst|list)",
    re.IGNORECASE,
)
# So much of a list is read: ten million names.
_LIST_BYTES = 1 << 28


def role_of(split: str) -> Role:
    """The role of a split, ``""`` for a word that names none.

    >>> role_of("Training"), role_of("dev"), role_of("extra")
    ('train', 'test', '')
    """
    return _ROLES.get(split.strip().lower(), "")


def apart(split: str, parts: Iterable[str]) -> bool:
    """Whether a split must be kept beside its role: it is for validation, and the set has a test part too.

    >>> apart("Val", ["train", "val", "test"]), apart("val", ["train", "val"]), apart("test", ["val", "test"])
    (True, False, False)
    """
    return _SAME.get(split.strip().lower()) == "val" and any(_SAME.get(p.strip().lower()) == "test" for p in parts)


def split_in(text: str) -> str:
    """The first split that a file name says, ``""`` for none.

    >>> split_in("instances_val2017.json"), split_in("constraints.json")
    ('val', '')
    """
    found = _IN_NAME.search(text.lower())
    return found[1] if found else ""


def split_of_folder(part: str) -> str:
    """The split that a folder of this name is, ``""`` for none.

    >>> split_of_folder("train2017"), split_of_folder("training_set"), split_of_folder("freight_train")
    ('train', 'training', '')
    >>> split_of_folder("imagesTr"), split_of_folder("tr")
    ('tr', '')
    """
    found = _FOLDER.fullmatch(part.strip().lower())
    return found[1] or found[2] or found[3] if found else ""


def split_of_cell(value: object) -> str:
    """The split that a cell, a subset or a tag names, in small letters; ``""`` for none.

    >>> split_of_cell("Tr"), split_of_cell("Train set"), split_of_cell(3)
    ('tr', 'train', '')
    """
    text = str(value).strip().lower()
    return text if role_of(text) else split_of_folder(text)


def split_above(name: str) -> str:
    """The innermost folder of a file that is a split."""
    return _innermost(name.rpartition("/")[0])


@lru_cache(maxsize=4096)
def _innermost(folder: str) -> str:
    return next((s for p in reversed(folder.split("/")) if (s := split_of_folder(p))), "")


@lru_cache(maxsize=4096)
def split_of_file(name: str) -> str:
    """The split of an annotation file, by its own name or else its folders."""
    return split_in(name.rpartition("/")[2]) or split_above(name)


def nearness(name: str, by: str) -> tuple[int, bool]:
    """How surely an annotation file means a picture, of several with one name: larger is surer.

    First comes its own folder, then one inside that, then a folder of the split that the file is named after.
    """
    folder, own = name.rpartition("/")[0], by.rpartition("/")[0]
    inside = 2 if folder == own else 1 if own and folder.startswith(own + "/") else 0
    mine, theirs = split_of_file(by), split_above(name)
    return inside, bool(mine) and _SAME[mine] == _SAME.get(theirs)


@dataclass(frozen=True, slots=True)
class Splits:
    """The split of each picture, and where that was read.

    Attributes
    ----------
    find
        Gives the split of a picture by its name, ``""`` for none.
    parts
        The splits that occur.
    origin
        For people: ``"data.yaml"``, ``"ImageSets/Main/train.txt"``, ``"folder names"``.
    told
        What contradicts itself, for the findings of the reader: where, and what.
    """

    find: Callable[[str], str] = lambda name: ""
    parts: frozenset[str] = frozenset()
    origin: str = ""
    told: tuple[tuple[str, str], ...] = ()

    def role(self, name: str) -> Role:
        """Train or test; a validation part is for testing."""
        return role_of(self.find(name)) if self.parts else ""

    def columns(self, name: str) -> dict[str, str]:
        """The column ``split`` of a validation part, where the set has a test part too."""
        return columns_of(self.find(name), self.parts) if self.parts else {}


def columns_of(split: str, parts: Iterable[str], column: str = "split") -> dict[str, str]:
    """The column that tells a validation part from a test part, of a picture of this split."""
    return {column: split} if apart(split, parts) else {}


def splits_named(of: Mapping[str, str], origin: str, told: tuple[tuple[str, str], ...] = ()) -> Splits:
    """Splits by the name of the picture."""
    parts = frozenset(of.values()) - {""}
    return Splits(lambda name: of.get(name, ""), parts, origin if parts else "", told)


class Twice:
    """Pictures that two lists put into two splits, counted by the pair of lists."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], list[str]] = {}

    def add(self, picture: str, first: str, second: str) -> None:
        """Note a picture that belongs to the first of two lists."""
        self._pairs.setdefault((first, second), []).append(picture)

    def told(self, tree: Tree) -> tuple[tuple[str, str], ...]:
        """A finding for each pair of lists."""
        return tuple(
            (
                tree.where(second),
                f"{len(n):,} {'pictures are' if len(n) > 1 else 'picture is'} in {first} too ({n[0]}"
                f"{' ...' if len(n) > 1 else ''}), and belong{'' if len(n) > 1 else 's'} to that",
            )
            for (first, second), n in self._pairs.items()
        )


def splits_of_folders(names: Iterable[str]) -> Splits:
    """By the folders of the pictures."""
    parts = frozenset(map(split_above, names)) - {""}
    return Splits(split_above, parts, "folder names") if parts else Splits()


def splits_beside(tree: Tree, pictures: Iterable[str]) -> Splits:
    """By the lists of a set, else by the folders of the pictures: what any format may have beside its own."""
    names = list(pictures)
    listed = splits_of_lists(tree, lists_of(tree), names)
    return listed if listed.parts else splits_of_folders(names)


def lists_of(tree: Tree) -> dict[str, str]:
    """Files that by their name list a split: name -> split; trainval only where train or val has none of its own."""
    found = {n: m[1].lower() for n in tree.names() if not is_image(n) and (m := _LIST.fullmatch(n.rpartition("/")[2]))}
    parts = {(n.rpartition("/")[0], s) for n, s in found.items()}
    out = {}
    for n, s in found.items():
        if s != "trainval":
            out[n] = s
        elif (n.rpartition("/")[0], "train") not in parts:
            out[n] = "train"
    return out


def splits_of_lists(tree: Tree, lists: Mapping[str, str], pictures: Iterable[str]) -> Splits:
    """By text files that name pictures, a line each: a path of any machine, a name, or the name without its ending.

    A list of which no line names a picture says nothing. What two lists name belongs to the first, train before test.
    """
    if not lists:
        return Splits()
    find = Named(pictures).find
    of: dict[str, str] = {}
    by: dict[str, str] = {}
    used, twice = [], Twice()
    for name in sorted(lists, key=lambda n: (role_of(lists[n]) != "train", lists[n] in VALIDATION, n)):
        if tree.size(name) > _LIST_BYTES:
            continue
        text = _text(tree.read(name))
        found = [p for line in text.splitlines() if (p := find(line, name)) is not None]
        for picture in found:
            if of.setdefault(picture, lists[name]) != lists[name]:
                twice.add(picture, by[picture], name)
            else:
                by.setdefault(picture, name)
        if found:
            used.append(name)
        else:
            tree.leave([name])
    origin = ", ".join(used[:3]) + (f" and {len(used) - 3} more" if len(used) > 3 else "")
    return splits_named(of, origin, twice.told(tree))


def _text(data: bytes) -> str:
    """A list as text; what is no UTF-8 is taken as Latin-1, since only names of pictures that are there count."""
    try:
        return utf8(data).decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


class Named:
    """Finds the picture that a line of a list names."""

    def __init__(self, pictures: Iterable[str]) -> None:
        self._by_stem: dict[str, str | list[str]] = {}
        for n in pictures:
            key = stem(n)
            old = self._by_stem.get(key)
            self._by_stem[key] = n if old is None else [*(old if isinstance(old, list) else [old]), n]

    def find(self, line: str, by: str = "") -> str | None:
        """The picture of a line in the list ``by``; None for none, or several as near."""
        whole = line.strip()
        # a name may have blanks; else what follows the first blank is a class or a flag
        for said in dict.fromkeys((whole, *whole.split()[:1])):
            if (found := self._one(said, by)) is not None:
                return found
        return None

    def _one(self, said: str, by: str) -> str | None:
        parts = [p for p in said.replace("\\", "/").split("/") if p not in ("", ".", "..")]
        if not parts:
            return None
        last = parts[-1]
        found = self._by_stem.get(last.rpartition(".")[0] if is_image(last) else last)
        if found is None:
            return None
        several = [found] if isinstance(found, str) else found
        if is_image(last):
            several = [n for n in several if n.endswith(last)] or several
        if len(several) == 1:
            return several[0]
        return best_of(several, lambda n: (same_end(n, parts), nearness(n, by), _same_start(n, by)))


def same_end(name: str, parts: list[str]) -> int:
    """How many of the last folders of a name are those of a path."""
    theirs, mine = name.split("/")[:-1], parts[:-1]
    k = 0
    while k < min(len(theirs), len(mine)) and theirs[-1 - k] == mine[-1 - k]:
        k += 1
    return k


def _same_start(name: str, other: str) -> int:
    k = 0
    for a, b in zip(name.split("/")[:-1], other.split("/")[:-1]):
        if a != b:
            break
        k += 1
    return k


def best_of(names: list[str], rank: Callable[[str], object]) -> str | None:
    """The one name with the highest rank, None where several share it."""
    ranks: dict[str, object] = {n: rank(n) for n in names}
    best = max(ranks.values())  # type: ignore[type-var]
    near = [n for n, r in ranks.items() if r == best]
    return near[0] if len(near) == 1 else None
