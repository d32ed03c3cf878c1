"""What speaks for the formats with a file of annotations beside each picture, and for class folders."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..sources.clues import LOOKED_INTO, Clues, Evidence, common_folder, spread
from ..sources.pairs import place, stem, unmasked
from ..sources.roles import lists_of
from .image_folder import places

# So many annotation files of a set are paired with its pictures to see whether they belong to them.
_PAIRED = 500
_NUMBER = r"-?\d*\.?\d+(?:[eE][-+]?\d+)?"
_YOLO_LINE = re.compile(rf"\d+(\.0*)?(\s+{_NUMBER}){{4,}}")
_KITTI_LINE = re.compile(rf"[^\s:]+(\s+{_NUMBER}){{14,15}}")
_MAP_LINE = re.compile(rf"\S.*?(\s+{_NUMBER}){{4}}(\s+difficult)?")
# Texts that lie about in a folder and are no annotations.
_NO_LABELS = re.compile(
    r"(readme|licen[cs]e|notice|requirements|changelog|copying|authors|(classes|labels|names|class_names)\.txt$)",
    re.IGNORECASE,
)


def _with_a_picture(clues: Clues, files: list[str]) -> list[str]:
    """Those of some annotation files that have the name of a picture."""
    some = spread(files, _PAIRED)
    places, stems = {place(n) for n in some}, {stem(n) for n in some}
    near, named = set(), set()
    for n in clues.pictures:
        if (s := stem(n)) in stems:
            named.add(s)
            if (key := place(n)) in places:
                near.add(key)
    return [n for n in some if place(n) in near] or [n for n in some if stem(n) in named]


def _fits(line: re.Pattern[str], clues: Clues, files: Iterable[str]) -> bool | None:
    """Whether of the first lines of some files at least half are such lines; None where the files are all empty."""
    lines = [text for name in list(files)[:LOOKED_INTO] for text in clues.lines(name)[:5]]
    # a bad line or two are a finding of the reader, no sign of another format
    return 2 * sum(line.fullmatch(text) is not None for text in lines) >= len(lines) if lines else None


def yolo(clues: Clues) -> Evidence | None:
    """A text of lines of numbers for each picture; names in data.yaml, obj.names, classes.txt."""
    from .yolo_splits import described_in

    described = described_in(clues)
    listed = f", names in {described}" if described else ""
    lists = lists_of(clues.tree)
    texts = [n for n in clues.ending(".txt") if n not in lists and not _NO_LABELS.match(n.rpartition("/")[2])]
    if not clues.pictures:
        return None
    labels = _with_a_picture(clues, texts) if texts else []
    fits = _fits(_YOLO_LINE, clues, spread(labels, LOOKED_INTO)) if labels else False
    if fits:
        beside = "in folders of their own" if _apart(labels) else "beside the pictures"
        why = f"{len(texts):,} .txt, with lines `class cx cy w h` {beside}{listed}"
        return Evidence(0.93 if described else 0.9, why, common_folder(labels))
    if labels and fits is None:
        if described or _apart(labels):
            return Evidence(0.8 if described else 0.6, f"empty .txt files for the pictures{listed}")
        return None
    if described and described.endswith((".yaml", ".yml", ".data")):
        return Evidence(0.5, f"{described} describes a YOLO set, but no label file goes with a picture")
    return None


def _apart(labels: list[str]) -> bool:
    return all("labels" in n.lower().split("/")[:-1] for n in labels)


def voc(clues: Clues) -> Evidence | None:
    """An XML file with <annotation> for each picture."""
    found = [n for n in clues.ending(".xml")]
    some = [n for n in spread(found, LOOKED_INTO) if clues.xml_root(n) == "annotation"]
    if not some:
        return None
    paired = _with_a_picture(clues, found)
    why = f"{len(found):,} .xml with <annotation>, in {common_folder(found) or 'the folder itself'}"
    if paired:
        return Evidence(0.92, why, common_folder(paired))
    return Evidence(0.6, f"{why}; none has the name of a picture")


def cvat(clues: Clues) -> Evidence | None:
    """An XML file with <annotations>."""
    found = [n for n in clues.ending(".xml")[:LOOKED_INTO] if clues.xml_root(n) == "annotations"]
    if not found:
        return None
    return Evidence(0.93, f"{found[0]} is CVAT's <annotations>", common_folder(found))


def kitti(clues: Clues) -> Evidence | None:
    """Fifteen values a line in label_2."""
    found = [n for n in clues.ending(".txt") if n.lower().split("/")[-2:-1] == ["label_2"]]
    if not found:
        return None
    fits = _fits(_KITTI_LINE, clues, found)
    return Evidence(0.97 if fits else 0.7, f"{len(found):,} .txt in label_2, as KITTI has them", common_folder(found))


def map_txt(clues: Clues) -> Evidence | None:
    """Lines ``class left top right bottom`` in ground-truth."""
    found = [n for n in clues.ending(".txt") if n.lower().split("/")[-2:-1] == ["ground-truth"]]
    if not found or _fits(_MAP_LINE, clues, found) is False:
        return None
    return Evidence(0.93, f"{len(found):,} .txt in ground-truth, as the mAP tool has them", common_folder(found))


def cityscapes(clues: Clues) -> Evidence | None:
    """``*_polygons.json`` files in gtFine or gtCoarse."""
    found = [n for n in clues.others.get(".json", ()) if n.endswith("_polygons.json")]
    if not found:
        return None
    return Evidence(0.97, f"{len(found):,} *_polygons.json, as Cityscapes has them", common_folder(found))


def image_folder(clues: Clues) -> Evidence | None:
    """Pictures in folders that can be classes: folders alone, so anything that was annotated comes first."""
    placed = {n: label for n, (_, _, label) in places(unmasked(clues.pictures)).items()}
    classes = {label for label in placed.values() if label}
    if not classes:
        return None
    some = ", ".join(sorted(classes)[:4]) + (" ..." if len(classes) > 4 else "")
    share = sum(map(bool, placed.values())) / len(placed)
    why = f"pictures in {len(classes):,} folders that can be classes: {some}"
    return Evidence((0.4 if len(classes) > 1 else 0.3) * share, why, common_folder(clues.pictures))


def pictures(clues: Clues) -> Evidence | None:
    """Pictures, and nothing that says more of them."""
    if not clues.pictures:
        return None
    # class folders with a picture beside them are no set of unlabelled pictures
    own = unmasked(clues.pictures)
    classed = sum(bool(label) for _, _, label in places(own).values()) / len(own)
    return Evidence(
        0.25 if classed < 0.5 else 0.15,
        f"{len(clues.pictures):,} pictures, in no folders that can be classes, without annotations",
        common_folder(clues.pictures),
    )
