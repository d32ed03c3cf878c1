"""What of a folder or archive a reader does not read, by kind and count, and what of that looks like annotations."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .clues import Clues, ending_of, spread
from .encodings import legible
from .images import is_image
from .leftover import Leftover
from .pairs import of_masks, stem
from .tree import ARCHIVE_ENDINGS, Tree

# So many files of one kind are looked into.
_LOOKED_INTO = 40
_ABOUT = re.compile(
    r"(readme|licen[cs]e|notice|copying|authors|changelog|requirements|citation|md5|sha\d*sums|checksums)",
    re.IGNORECASE,
)
# Keys of JSON and columns of tables that are of annotations.
_KEYS = frozenset(
    {
        "annotations", "annotation", "images", "categories", "shapes", "labels", "label", "objects", "regions", "boxes",
        "bbox", "bboxes", "instances", "polygons", "frames", "frame_attributes", "segmentation", "keypoints", "class",
        "class_name", "classes", "category", "targets", "target", "xmin", "x_min", "caption", "species", "breed",
        "_via_img_metadata", "classid", "class_id", "imageid", "image_id", "labelname", "completions", "predictions",
        "detections", "gtboxes", "fbox", "segments_info", "polygon", "bounding_boxes", "boundingbox", "ground_truth",
        "rectanglelabels",
    }
)  # fmt: skip
_LABEL_KEY = re.compile(rf'"(?:{"|".join(sorted(_KEYS))})"\s*:', re.IGNORECASE)
_WORDS_OF_A_ROW = 3
_YAML = re.compile(r"(names|nc|labels|categories|train|val)\s*:")
_ARRAYS = (".mat", ".npz", ".npy", ".h5", ".hdf5", ".pkl", ".pickle")
_SPEAKS_OF_ELSE = frozenset({
    "", ".md", ".rst", ".py", ".sh", ".bat", ".m", ".r", ".c", ".h", ".cpp", ".js", ".ts", ".css", ".html", ".htm",
    ".ipynb", ".toml", ".cfg", ".ini", ".log", ".bib", ".tex", ".pdf", ".cache", ".names", ".data", ".weights", ".pth",
    ".pt", ".onnx"
})  # fmt: skip
_MARKED = re.compile(rb"<(object|bndbox|box|bbox|polygon|points|frame|target)\b")
_TABLES = (".parquet", ".arrow", ".feather", ".xlsx", ".xls", ".ods", ".tfrecord", ".tfrecords", ".rec")
_NUMBERS = re.compile(r"\S+(\s+-?\d*\.?\d+(?:[eE][-+]?\d+)?){4,}")
_ARRAY_OF_LABELS = re.compile(r"label|anno|target|class|truth|(^|[^a-z])(gt|y)([^a-z]|$)", re.IGNORECASE)
_OF_BOXES = re.compile(r"label|anno|truth|bbox|box(es)?\b|(^|[^a-z])(gt|det)([^a-z]|$)", re.IGNORECASE)
_OF_ANNOTATIONS = re.compile(r"labels?(_?\d+)?|labeltxt|annotations?|annos?|gt|ground[-_]?truth|bbox(es)?")
# Lists that say by their own name that they say nothing: of pictures without labels, or of all.
_SAYS_NOTHING = re.compile(
    r"(un|not|non|no|without)[-_ ]?(label|annot|tag)|negative|background|missing|empty"
    r"|^(all|image|img|file|picture)?[-_ ]?(list|names?|files?|ids?|index|order|all|images?)$",
    re.IGNORECASE,
)
_ROW = re.compile(r"(-?\d*\.?\d+(?:[eE][-+]?\d+)?[\s,;]+){3,}\S.*")
_QUOTED = re.compile(r'"([^"\\\n]{1,300}\.[A-Za-z]{3,4})"')


def unread_of(tree: Tree, *, arrays: bool = False) -> list[Leftover]:
    """The files of a tree that a reader neither opened nor took, those that look like annotations first.

    Parameters
    ----------
    arrays
        The set is numbers, not pictures: arrays beside it are data of their own.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    left = tree.unread()
    for name, why in left.items():
        groups.setdefault((_kind(name), why), []).append(name)
    look = _Look(tree, arrays=arrays)
    found = [
        Leftover(kind, tuple(names), why, "" if why else look.labels(kind, names))
        for (kind, why), names in groups.items()
    ]
    tree.leave(left)  # looking is no reading
    return sorted(found, key=lambda x: (not x.stops, -len(x.names), x.kind))


def _kind(name: str) -> str:
    if is_image(name):
        return "pictures in folders of masks" if of_masks(name) else "pictures"
    last = name.rpartition("/")[2]
    return last if _ABOUT.match(last) else ending_of(name) or last


class _Look:
    """Looks into files for annotations."""

    def __init__(self, tree: Tree, *, arrays: bool) -> None:
        self._clues, self._arrays = Clues(tree), arrays
        self._stems: set[str] | None = None

    def labels(self, kind: str, names: list[str]) -> str:
        """Why files of one kind look like annotations, ``""`` where they do not."""
        if kind == "pictures in folders of masks":
            return "may be outlines"
        if kind == "pictures" or _ABOUT.match(kind):
            return ""
        return next((why for n in spread(names, _LOOKED_INTO) if (why := self._of(n))), "")

    def _of(self, name: str) -> str:
        if _ABOUT.match(name.rpartition("/")[2]):
            return ""
        ending = ending_of(name)
        return self._looked_into(name, ending) or self._placed(name, ending)

    def _placed(self, name: str, ending: str) -> str:
        """By its folder, or by its name: a file of any kind that has that of a picture is about it, but for a note."""
        if ending and ending in _SPEAKS_OF_ELSE:  # labels/train.cache
            return ""
        if any(_OF_ANNOTATIONS.fullmatch(f) for f in name.lower().split("/")[:-1]) and not self._mere_list(name):
            return f"{name} lies in a folder of annotations"
        if ending in ("", ".txt"):
            return ""
        return f"{name} has the name of a picture" if stem(name) in self._named() else ""

    def _mere_list(self, name: str) -> bool:
        """Whether a text is names of pictures alone, and its own name says nothing of them: no split, no class."""
        if not _SAYS_NOTHING.search(name.rpartition("/")[2].rpartition(".")[0]):
            return False
        lines = self._clues.lines(name)
        return bool(lines) and all(s in self._named() or self._names_a_picture(s) for s in lines)

    def _looked_into(self, name: str, ending: str) -> str:
        if ending in (".xml", ".json", ".jsonl", ".ndjson", ".csv", ".tsv") and not self._clues.tree.size(name):
            return f"{name} is empty (0 bytes); fetch it again or remove it"
        if ending == ".xml":
            root, head = self._clues.xml_root(name), self._clues.head(name)
            marked = root in ("annotation", "annotations") or _MARKED.search(head) or stem(name) in self._named()
            return f"{name} has <{root}>" if root and marked else "" if root else self._foreign(name)
        if ending in (".json", ".jsonl", ".ndjson", ".geojson"):
            return self._of_json(name) or self._foreign(name)
        if ending in (".txt", ".lst", ".list"):
            return self._of_text(name)
        if ending in (".csv", ".tsv"):
            return self._of_table(name) or self._foreign(name)
        if ending in (".yaml", ".yml"):
            key = next((m[1] for line in self._clues.lines(name) if (m := _YAML.match(line))), "")
            return f"{name} says {key}:" if key else ""
        if ending in _TABLES:
            return f"{name} is a table"
        if ending in _ARRAYS and (
            ending == ".mat" or self._arrays or _ARRAY_OF_LABELS.search(name.rpartition("/")[2].rpartition(".")[0])
        ):
            return f"{name} holds arrays"
        if ending in _ARRAYS:
            return ""
        if name.lower().endswith((*ARCHIVE_ENDINGS, ".rar", ".7z")):
            return f"{name} is an archive, which is read when it is named itself; unpack it"
        if ending in _SPEAKS_OF_ELSE or b"\0" in self._clues.head(name):
            return ""
        # lists and JSON lines under any ending: .manifest, .odgt, .token
        return self._of_json(name) if self._clues.head(name)[:1] in (b"{", b"[") else self._of_text(name)

    def _of_json(self, name: str) -> str:
        keys = (
            []
            if name.lower().endswith(("jsonl", "ndjson"))
            else [k for k in self._clues.json_keys(name) if k.lower() in _KEYS]
        )
        text = legible(self._clues.head(name))
        found = keys[0] if keys else (m[0].split('"')[1] if (m := _LABEL_KEY.search(text)) else "")
        if not found and any(map(self._is_there, _QUOTED.findall(text))):
            return f"{name} names pictures"
        if found and self._clues.foreign(name):
            return f"{name} has {found!r}, but is no UTF-8 text; save it as UTF-8"
        return f"{name} has {found!r}" if found else ""

    def _of_text(self, name: str) -> str:
        lines = [line for line in self._clues.lines(name)[:40] if not line.startswith("#")][:20]
        if not lines:
            return ""
        if stem(name) in self._named() and any(_NUMBERS.fullmatch(s) or _ROW.match(s) for s in lines):
            return f"{name} has numbers about the picture of its name"
        if _OF_BOXES.search(name.rpartition(".")[0]) and 2 * sum(map(bool, map(_ROW.match, lines))) > len(lines):
            return f"{name} has rows of numbers, as boxes have"
        words = (re.sub("[,;]", " ", line).split()[:2] for line in lines)  # "1.jpg 0", or CUB's "1 cat/1.jpg"
        # a name alone says nothing of its picture
        saying = sum(len(w) > 1 and any(map(self._names_a_picture, w)) for w in words)
        if 2 * saying > len(lines):
            return f"{name} says something of pictures"
        # of names in another encoding nobody knows whether they are those of pictures; a note is in sentences
        listing = 2 * sum(len(line.split()) <= _WORDS_OF_A_ROW for line in lines) > len(lines)
        return self._foreign(name) if listing else ""

    def _foreign(self, name: str) -> str:
        """Where a text is in an encoding that is not read: what it says is not known."""
        return f"{name} is no UTF-8 text; save it as UTF-8" if self._clues.foreign(name) else ""

    def _of_table(self, name: str) -> str:
        lines = self._clues.lines(name)[:20]
        cells = [[c.strip().strip("\"'") for c in re.split(r"[,;\t|]", line)] for line in lines]
        key = next((c for c in (cells[0] if cells else []) if c.lower() in _KEYS), "")
        if key and (self._clues.pictures or self._arrays):
            return f"{name} has a column {key!r}"
        naming = sum(any(self._names_a_picture(c) for c in row if c) for row in cells[1:])
        if len(cells) > 2 and all(row[0] in self._named() for row in cells[1:]):  # 1 for 1.jpg: a number too
            naming = len(cells)
        return f"{name} names pictures" if naming and 2 * naming >= len(cells) - 1 else ""

    def _names_a_picture(self, word: str) -> bool:
        last = re.sub(r"#\d+$", "", word.replace("\\", "/").rpartition("/")[2])  # 1.jpg#0: one of several captions
        return ((stem(last) if is_image(last) else last) in self._named() and not last.isdecimal()) or is_image(last)

    def _is_there(self, word: str) -> bool:
        return is_image(word) and stem(word.replace("\\", "/").rpartition("/")[2]) in self._named()

    def _named(self) -> set[str]:
        if self._stems is None:
            self._stems = {stem(n) for n in self._clues.pictures}
        return self._stems


def said(leftovers: Iterable[Leftover]) -> list[str]:
    """A line each, for a report."""
    return [str(x) for x in leftovers]
