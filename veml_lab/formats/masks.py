"""Masks: pictures beside pictures whose pixels are classes (and objects), by number or by colour.

``SegmentationClass/`` and ``SegmentationObject/`` of Pascal VOC and of CVAT's "Segmentation mask 1.1", ``images/`` and
``masks/`` of everybody.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import BadData, MissingFile
from ..sources.checks import Findings, a_box
from ..sources.clues import Clues, Evidence, common_folder, spread
from ..sources.decoder import decode, mode_of, numbers
from ..sources.detection import Marked, Shape, detection_source, stem_in, stems, text_of
from ..sources.images import is_image
from ..sources.opening import open_tree
from ..sources.outlines import hull, rle_of
from ..sources.pairs import Pairs
from ..sources.roles import lists_of, splits_beside, splits_of_lists
from ..sources.source import Mask, Source
from ..sources.tree import Tree
from ..storage.border import public

if TYPE_CHECKING:
    import numpy as np

FOLDERS = frozenset({
    "masks", "mask", "segmentationclass", "segmentationclassraw", "segmentation", "segmentations", "annotations",
    "annotation", "labels", "label", "gt", "groundtruth", "ground_truth", "ground-truth", "trimaps", "seg"
})  # fmt: skip
_OBJECTS = "segmentationobject"
_SUFFIX = re.compile(r"[-_.](masks?|labels?|seg|segmentation|gt|L|labelIds|annotation)$", re.IGNORECASE)
# Names of what is no class.
_NOTHING = frozenset({
    "background", "bg", "void", "ignore", "unlabeled", "unlabelled", "none", "other", "out of roi", "unknown", "ignored"
})  # fmt: skip
VOID, VOID_COLOUR = 255, (224, 224, 192)
VOC = ("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
       "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor")  # fmt: skip
# More values than that in one mask, and it is a photograph.
_MOST = 256
_LISTS = ("labelmap.txt", "label_colors.txt", "label_colours.txt", "class_dict.csv", "classes.csv", "labels.csv",
          "classes.txt", "labels.txt", "codes.txt", "class_names.txt")  # fmt: skip


def evidence(clues: Clues) -> Evidence | None:
    """Pictures in folders of masks, named like other pictures, in few colours."""
    masks, pictures = _sorted(clues.names)
    pairs = Pairs(pictures)
    found = [n for n in spread(masks, 50) if pairs.of(_called(n)) is not None]
    if 2 * len(found) < min(len(masks), 50) or not found:
        return None
    some = spread(found, 3)
    if not all(_is_mask(clues.tree, n) for n in some):
        return None
    listed = next((n for e in _LISTS for n in clues.called(e)), "")
    pascal = any("segmentationclass" in n.lower() for n in found)
    names = f", classes in {listed}" if listed else ""
    why = f"{len(masks):,} pictures of few colours named like other pictures, in {common_folder(masks) or 'it'}{names}"
    return Evidence(0.86 if listed or pascal else 0.6, why, common_folder([*masks, *pictures]))


def _is_mask(tree: Tree, name: str) -> bool:
    import numpy as np

    try:
        data = tree.read(name)
        return data[:2] != b"\xff\xd8" and len(np.unique(_codes(data, name, colours=True))) <= _MOST
    except (BadData, MissingFile):
        return False


@public
def read_masks(
    path: str | os.PathLike[str],
    *,
    names: Mapping[int | str, str] | Sequence[str] | None = None,
    strict: bool = False,
    verify: bool = True,
) -> Source:
    """Read pictures with masks of classes from a folder or an archive.

    Parameters
    ----------
    path : path
        Folder or archive of pictures, and of masks with their names (also ``a_mask.png``) in ``SegmentationClass/``,
        ``masks/``, ``labels/``, ``annotations/`` or beside them. A mask has numbers (grey, or a palette) or colours.
    names : mapping or sequence, optional
        Which value is which class: ``{1: "road", 2: "car"}``, ``{"#ff0000": "car"}``, or a list that counts from 0.
        Else from ``labelmap.txt`` (CVAT), ``label_colors.txt``, ``class_dict.csv`` (name, r, g, b), ``classes.txt``,
        ``labels.txt`` or ``codes.txt`` (a line a number: from 0; from 1 where no line is the background and the
        largest number in the masks is that of the lines). Without any, the twenty of Pascal VOC in
        ``SegmentationClass/``, elsewhere the values are the names; then all masks are read beforehand.
    strict, verify
        As in :func:`read_voc`.

    Returns
    -------
    Source
        **One region a class**, as run lengths that are no objects; where ``SegmentationObject/`` says which pixels are
        one object, each object with its box (its class is that of most of its pixels). Background, void, ``ignore``
        and the value 255 (where it is no class, and not the only value) are left open. Roles by
        ``ImageSets/Segmentation``, other lists, or folders.

    Raises
    ------
    MissingFile
        If there are no masks, or none of their pictures.
    BadData
        For a damaged archive or list of classes; with ``strict``, for a damaged picture or mask, a value without class.

    Source
    ------
    Everingham et al., The PASCAL Visual Object Classes Challenge 2012 development kit, section 3.2;
    https://docs.cvat.ai/docs/manual/advanced/formats/format-smask
    """
    tree = open_tree(path)
    masks, pictures = _sorted(tree.names())
    pairs, findings = Pairs(pictures), Findings(tree.root, strict=strict)
    at: dict[str, str] = {}
    for name in masks:
        picture = pairs.of(_called(name))
        if picture is None:
            findings.not_there(tree.where(name), "its picture is not there")
        elif picture in at:
            # the same masks as numbers beside colours
            tree.leave([name], f"a second mask of a picture; {at[picture].rpartition('/')[0]}/ is read")
        else:
            at[picture] = name
    if not masks:
        raise MissingFile(f"{path} holds no masks; looked for pictures in folders called {', '.join(sorted(FOLDERS))}")
    code = _as_said(names) if names is not None else _listed(tree, at)
    objects = stems(tree, "SegmentationObject")
    tree.take([*at.values(), *objects.values()])

    def get(name: str, told: Findings) -> Marked:
        mask = at[name]
        with told.part():
            shapes, size = _shapes(tree, mask, objects.get(stem_in(mask)), code, told)
            return Marked(name, tuple(shapes), "", {}, size)
        return Marked(name, lost=True)

    lists = {n: s for n, s in lists_of(tree).items() if "segmentation" in n.lower().split("/")[:-1]}
    splits = splits_of_lists(tree, lists, at) if lists else splits_beside(tree, at)
    tree.take(n for n in tree.names() if "imagesets" in n.lower().split("/")[:-1])
    said = None if names is None else sorted((str(k), v) for k, v in code.of.items())
    return detection_source("masks", tree, at, get, code.classes, findings, task="segmentation", verify=verify,
                            options={"strict": strict, "names": said}, splits=splits)  # fmt: skip


# -- which file is what ------------------------------------------------------------------------------


def _sorted(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """(masks, pictures): masks lie in folders of their own, or beside their picture and are called so."""
    masks, pictures, beside = [], [], []
    for n in names:
        if not is_image(n):
            continue
        folders = [f.lower() for f in n.split("/")[:-1]]
        if _OBJECTS in folders or any(f.startswith("panoptic") for f in folders):
            continue
        if FOLDERS & set(folders):
            masks.append(n)
        elif re.search(r"[-_](mask|seg)\.\w+$", n, re.IGNORECASE):
            beside.append(n)
        else:
            pictures.append(n)
    return (masks, [*pictures, *beside]) if masks else (beside, pictures)


def _called(name: str) -> str:
    """The name that the picture of a mask has."""
    stem, dot, end = name.rpartition(".")
    return _SUFFIX.sub("", stem) + dot + end


# -- which value is which class ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Code:
    """What the values of masks mean.

    Attributes
    ----------
    of
        Class by number, or by red * 65536 + green * 256 + blue.
    colours
        Whether the values are colours.
    nothing
        Values that are no class.
    """

    of: Mapping[int, str]
    colours: bool = False
    nothing: frozenset[int] = field(default_factory=frozenset)

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.of.values()))


def _code_of(pairs: Sequence[tuple[int, str]], *, colours: bool) -> _Code:
    blank = {v for v, name in pairs if name.strip("_").lower() in _NOTHING}
    void = {0, _packed(VOID_COLOUR)} if colours else {0, VOID}
    known = {v: name for v, name in pairs if v not in blank}
    return _Code(known, colours, frozenset((blank | void) - known.keys()))


def _as_said(names: Mapping[int | str, str] | Sequence[str]) -> _Code:
    if not isinstance(names, Mapping):
        return _code_of(list(enumerate(map(str, names))), colours=False)
    pairs, colours = [], False
    for key, name in names.items():
        text = str(key).strip()
        colour = re.fullmatch(r"#([0-9a-fA-F]{6})", text)
        if colour is None and not text.isdecimal():
            raise BadData(f"names= has the value {key!r}; a value is a whole number, or a colour such as '#ff0000'")
        colours |= colour is not None
        pairs.append((int(colour[1], 16) if colour else int(text), str(name)))
    return _code_of(pairs, colours=colours)


def _listed(tree: Tree, at: Mapping[str, str]) -> _Code:
    """By the set's own list of classes; else by what its masks hold."""
    there = {n.rpartition("/")[2].lower(): n for n in sorted(tree.names(), key=lambda n: -n.count("/"))}
    for file in _LISTS:
        if file not in there:
            continue
        lines = [s.strip() for s in text_of(tree.read(there[file]), tree.where(there[file])).splitlines()]
        coloured = [c for s in lines if s and not s.startswith("#") and (c := _coloured(s)) is not None]
        if coloured:
            return _code_of(coloured, colours=True)
        if file.endswith(".txt") and file != "labelmap.txt" and any(lines):
            listed = [s for s in lines if s]
            plain = _code_of(list(enumerate(listed)), colours=False)
            if plain.nothing - {0, VOID} or plain.of.get(0) is None:
                return plain
            largest = max((v for v in _values(tree, at) if v != VOID), default=0)
            return _code_of(list(enumerate(listed, 1)), colours=False) if largest == len(listed) else plain
        tree.leave([there[file]])
    seen = _values(tree, at)
    pascal = all("segmentationclass" in m.lower() for m in at.values())
    if pascal and seen <= {*range(len(VOC) + 1), VOID}:
        return _code_of(list(enumerate(VOC, 1)), colours=False)
    if seen - {0} == {VOID}:
        # black and white
        return _Code({VOID: "object"}, nothing=frozenset({0}))
    if any(v > 0xFFFF for v in seen):
        return _code_of([(v, f"#{v:06x}") for v in sorted(seen) if v not in (0, _packed(VOID_COLOUR))], colours=True)
    return _code_of([(v, str(v)) for v in sorted(seen) if v not in (0, VOID)], colours=False)


def _values(tree: Tree, at: Mapping[str, str]) -> set[int]:
    """All values that the masks have; of one that is a photograph none."""
    import numpy as np

    seen: set[int] = set()
    for name in at.values():
        try:
            found = np.unique(_codes(tree.raw(name), name, colours=False))
        except (BadData, MissingFile):
            continue  # the walk reports what is damaged
        if len(found) <= _MOST:
            seen.update(found.tolist())
    return seen


def _coloured(line: str) -> tuple[int, str] | None:
    """A line of a list of colours: ``name:r,g,b::``, ``name,r,g,b`` or ``r g b name``; None where it is none."""
    if m := re.match(r"(.+?):(\d+),(\d+),(\d+):", line):
        name, said = m[1], m.groups()[1:]
    elif m := re.match(r"(\d+)[\s,]+(\d+)[\s,]+(\d+)[\s,]+(\S.*)$", line):
        name, said = m[4], m.groups()[:3]
    else:
        cells = next(csv.reader([line]), [])
        if len(cells) < 4 or not all(c.strip().isdecimal() for c in cells[1:4]):
            return None
        name, said = cells[0], tuple(c.strip() for c in cells[1:4])
    colour = tuple(int(v) for v in said if len(v) < 4)
    return (_packed(colour), name.strip()) if len(colour) == 3 and max(colour) < 256 and name.strip() else None


def _packed(colour: Sequence[int]) -> int:
    return colour[0] << 16 | colour[1] << 8 | colour[2]


# -- pixels ------------------------------------------------------------------------------------------


def _codes(data: bytes, where: str, *, colours: bool) -> np.ndarray:
    """The value of each pixel, shape (h, w): its number where it has one and no colours are asked for."""
    import numpy as np

    if mode_of(data, where) in ("L", "P", "1", "I", "I;16", "I;16B") and not colours:
        return numbers(data, where).astype(np.int64)
    rgb = np.asarray(decode(data, where)).astype(np.int64)
    return rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2]


def _shapes(
    tree: Tree, mask: str, objects: str | None, code: _Code, findings: Findings
) -> tuple[list[tuple[Shape, str]], tuple[int, int]]:
    """The objects and regions of a mask, and its size."""
    import numpy as np

    where, data = tree.where(mask), tree.raw(mask)
    if data[:2] == b"\xff\xd8":
        raise BadData(f"{where} is a JPEG, which blurs the values of a mask; save masks as PNG")
    # a grey mask beside a list of colours that are none of them grey has the numbers of its lines
    greys = any(v >> 16 == v & 255 == v >> 8 & 255 for v in code.of)
    numbered = code.colours and not greys and mode_of(data, where) == "L"
    values = _codes(data, where, colours=code.colours and not numbered)
    of = dict(enumerate(code.of.values(), 1)) if numbered else dict(code.of)
    found, counts = np.unique(values, return_counts=True)
    if len(found) > _MOST:
        raise BadData(f"{where} has {len(found):,} values, as a photograph has; it is no mask")
    none = {0, VOID} if numbered else code.nothing
    unknown = [(v, n) for v, n in zip(found.tolist(), counts.tolist()) if v not in of and v not in none]
    for v, n in unknown:
        shown = f"#{v:06x}" if code.colours and not numbered else v
        findings.bad(where, f"has {n:,} pixels of the value {shown}, which is no class")
    out: list[tuple[Shape, str]] = []
    free = np.ones(values.shape, bool)
    if objects is not None:
        with findings.part():
            for shape, at in _objects(tree, objects, values, of, free, findings):
                out.append((shape, at))
    for v in found.tolist():
        if v in of and (pixels := (values == v) & free).any():
            out.append((Mask(of[v], (), rle_of(pixels)), where))
    return out, (values.shape[1], values.shape[0])


def _objects(
    tree: Tree, name: str, values: np.ndarray, of: Mapping[int, str], free: np.ndarray, findings: Findings
) -> Iterator[tuple[Shape, str]]:
    """The objects of a picture, with the class of most of their pixels; their pixels are no longer ``free``."""
    import numpy as np

    where, data = tree.where(name), tree.raw(name)
    grey = mode_of(data, where) in ("L", "P", "1", "I", "I;16", "I;16B")
    ids = _codes(data, where, colours=not grey)
    if ids.shape != values.shape:
        raise BadData(f"{where} is {ids.shape[1]} x {ids.shape[0]}, its mask of classes is not")
    none = {0, VOID} if grey else {0, _packed(VOID_COLOUR)}
    found = [k for k in np.unique(ids).tolist() if k not in none]
    if len(found) > 65_535:
        raise BadData(f"{where} has {len(found):,} values, as a photograph has; it shows no objects")
    for i, k in enumerate(found):
        pixels = ids == k
        inside, counts = np.unique(values[pixels], return_counts=True)
        known = [(n, v) for v, n in zip(inside.tolist(), counts.tolist()) if v in of]
        at = f"{where}, object {i + 1}"
        if not known:
            findings.bad(at, "has no class in its mask of classes")
            continue
        label, rle = of[max(known)[1]], rle_of(pixels)
        free &= ~pixels
        mask = Mask(label, (), rle, i)
        yield from ((b, at) for b, _ in a_box(label, *hull(mask), at, findings, None, i))
        yield mask, at
