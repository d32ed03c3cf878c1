"""Which split a picture belongs to, by what the set says of itself; folder names only where it says nothing.

A split is what people write (``train``, ``val2017``, ``Testing``); a role is what a lab knows: train, test, or none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from .images import is_image
from .pairs import stem
from .source import Role
from .tree import Tree

SPLITS: dict[str, Role] = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "test",
    "valid": "test",
    "validation": "test",
}
VALIDATION = ("val", "valid", "validation")

_WORD = "train(?:ing)?|test(?:ing)?|val(?:id(?:ation)?)?"
_IN_NAME = re.compile(rf"(?<![a-z])({_WORD})(?![a-z])")
_FOLDER = re.compile(
    rf"(?:(?:images?|imgs?|seg|data|set|split)[-_ ]?)?({_WORD})(?:[-_ ]?(?:set|images?|imgs?|data|split|\d{{4}}))?"
)
# A list of a split: train.txt, but no car_train.txt (VOC's list of one class).
_LIST = re.compile(rf"({_WORD}|trainval)\.(?:txt|lst|list)", re.IGNORECASE)
# So much of a list is read: ten million names.
_LIST_BYTES = 1 << 28


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
    """
    found = _FOLDER.fullmatch(part.lower())
    return found[1] if found else ""


def split_above(name: str) -> str:
    """The innermost folder of a file that is a split."""
    return next((s for p in reversed(name.split("/")[:-1]) if (s := split_of_folder(p))), "")


@dataclass(frozen=True, slots=True)
class Splits:
    """The split of each picture, and where that was read.

    Attributes
    ----------
    of
        Split by name of the picture; one that is not there has none.
    origin
        For people: ``"data.yaml"``, ``"ImageSets/Main/train.txt"``, ``"folder names"``.
    """

    of: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""

    def role(self, name: str) -> Role:
        """Train or test; a validation part is for testing."""
        return SPLITS.get(self.of.get(name, ""), "")

    def columns(self, name: str) -> dict[str, str]:
        """The column ``split`` of a validation part, where the set has a test part too."""
        split = self.of.get(name, "")
        return {"split": split} if split in VALIDATION and self._both() else {}

    def _both(self) -> bool:
        return any(s in ("test", "testing") for s in set(self.of.values()))


def splits_of_folders(names: Iterable[str]) -> Splits:
    """By the folders of the pictures."""
    found = {n: s for n in names if (s := split_above(n))}
    return Splits(found, "folder names" if found else "")


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
    find = Named(pictures).find
    of: dict[str, str] = {}
    used = []
    for name in sorted(lists, key=lambda n: (SPLITS.get(lists[n]) != "train", lists[n] in VALIDATION, n)):
        if tree.size(name) > _LIST_BYTES:
            continue
        text = tree.read(name).decode("utf-8-sig", errors="replace")
        found = [p for line in text.splitlines() if (p := find(line, name)) is not None]
        for picture in found:
            of.setdefault(picture, lists[name])
        if found:
            used.append(name)
    return Splits(of, ", ".join(used[:3]) + (f" and {len(used) - 3} more" if len(used) > 3 else ""))


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
        return best_of(several, lambda n: (_same_end(n, parts), n.rpartition("/")[0] == by.rpartition("/")[0]))


def _same_end(name: str, parts: list[str]) -> int:
    theirs = name.split("/")[:-1]
    mine = parts[:-1]
    k = 0
    while k < min(len(theirs), len(mine)) and theirs[-1 - k] == mine[-1 - k]:
        k += 1
    return k


def best_of(names: list[str], rank: Callable[[str], object]) -> str | None:
    """The one name with the highest rank, None where several share it."""
    ranks: dict[str, object] = {n: rank(n) for n in names}
    best = max(ranks.values())  # type: ignore[type-var]
    near = [n for n, r in ranks.items() if r == best]
    return near[0] if len(near) == 1 else None


def count_of(splits: Splits, names: Iterable[str]) -> dict[str, int]:
    """How many of some pictures each split has, for people."""
    return dict(Counter(splits.of.get(n, "") for n in names))
