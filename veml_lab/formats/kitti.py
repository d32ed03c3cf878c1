"""KITTI object detection: ``label_2/*.txt`` beside ``image_2/``; also mAP's plain ``class l t r b`` files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ..errors import BadInput, MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.columns import columns_beside, write_columns
from ..sources.detection import Marked, Marks, class_order, marks_source, stem_in, stems, text_of
from ..sources.holds import Holds, Keeper
from ..sources.opening import open_tree
from ..sources.roles import lists_of, split_above, splits_of_lists
from ..sources.source import Box, Source
from ..sources.writing import ClassIds, named, new_folder, refuse_classes
from ..storage.border import public

_KNOWN = ("truncated", "occluded", "alpha", "dimensions", "location", "rotation_y", "score")
# What KITTI and the mAP tool have beside, by folder, and why it is no annotation of a picture.
_BESIDE = {
    "calib": "calibration of the cameras",
    "velodyne": "points of the laser scanner",
    "image_3": "pictures of the right camera",
    "detection-results": "detections of a model, no annotations",
}
HOLDS = Holds(boxes=True, attributes=frozenset(_KNOWN), columns=True)


@public
def read_kitti(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
    dont_care: bool = False,
) -> Source:
    """Read KITTI labels and the pictures of the left colour camera from a folder or an archive.

    Parameters
    ----------
    path : path
        Folder or archive with ``training/label_2`` and ``training/image_2`` (or both without
        ``training``). Pictures of ``testing`` have no labels and are left out.
    strict, verify, boxes, classes
        As in :func:`read_voc`.
    dont_care : bool
        Keep the regions that KITTI marks as DontCare, as boxes of that class.

    Returns
    -------
    Source
        Boxes carry truncated, occluded, alpha, and dimensions, location, rotation_y of the 3-D box, those of
        them that the line knows (KITTI writes -1, -10 and -1000 for "not known"); a 16th value is the score.
        ``training`` has the role train, ``testing`` test.

    Raises
    ------
    MissingFile
        If there are no labels or none of their pictures.
    BadData
        For a damaged archive; with ``strict``, for a damaged picture or text, a bad line.

    Source
    ------
    Geiger, Lenz, Urtasun, CVPR 2012, object development kit, readme.txt.

    Examples
    --------
    >>> veml.write(veml.road_world("clear-city", 4), "roads-as-kitti", "kitti", lossy=True)
    >>> veml.read_kitti("roads-as-kitti")
    <Source kitti 'roads-as-kitti': 4 samples, detection, 4 classes>
    """

    def line(words: list[str], where: str, findings: Findings) -> tuple[tuple[Box, str], ...]:
        if len(words) not in (15, 16):
            findings.bad(where, f"has {len(words)} values, KITTI has 15")
            return ()
        if words[0] == "DontCare" and not dont_care:
            return ()
        v = [number(w) for w in words[1:]]
        if any(x != x for x in v):
            findings.bad(where, "has values that are no finite numbers")
            return ()
        attributes = _attributes(v)
        return a_box(words[0], v[3], v[4], v[5] - v[3], v[6] - v[4], where, findings, attributes)

    options = {"strict": strict, "boxes": boxes, "classes": classes, "dont_care": dont_care}
    return _lines("kitti", path, "label_2", ("image_2",), line, verify, options)


@public
def read_map_txt(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read ``ground-truth/*.txt`` with lines ``class left top right bottom``, as the mAP tool has them.

    Parameters, errors: as in :func:`read_voc`. Pictures are in ``images-optional/`` or ``images/``; a
    sixth word ``difficult`` becomes an attribute.

    Source
    ------
    https://github.com/Cartucho/mAP
    """

    def line(words: list[str], where: str, findings: Findings) -> tuple[tuple[Box, str], ...]:
        difficult = len(words) > 5 and words[-1] == "difficult"
        words = words[:-1] if difficult else words
        if len(words) < 5:
            findings.bad(where, f"has {len(words)} words, wanted is: class left top right bottom")
            return ()
        left, top, right, bottom = (number(w) for w in words[-4:])
        attributes = {"difficult": 1} if difficult else {}
        return a_box(" ".join(words[:-4]), left, top, right - left, bottom - top, where, findings, attributes)

    options = {"strict": strict, "boxes": boxes, "classes": classes}
    return _lines("map_txt", path, "ground-truth", ("images-optional", "images"), line, verify, options)


def _lines(format, path, labels, folders, line, verify, options) -> Source:
    """Walk over text files with a box a line; ``line(words, where, findings)`` gives one box or none."""
    tree = open_tree(path)
    texts = [n for n in tree.names() if n.lower().endswith(".txt") and n.lower().split("/")[-2:-1] == [labels]]
    if not texts:
        raise MissingFile(f"{path} holds no {labels}/*.txt")
    pictures: dict[str, str] = {}
    for folder in folders:
        pictures = pictures or stems(tree, folder)
    findings = Findings(tree.root, strict=options["strict"], boxes=options["boxes"])
    marks, columns = Marks(), columns_beside(tree)
    # ImageSets/train.txt of those who cut KITTI's training part in two
    listed = splits_of_lists(tree, lists_of(tree), pictures.values())
    for name, data in tree.read_many(texts, findings.fault):
        image, where = pictures.get(stem_in(name)), tree.where(name)
        if image is None:
            findings.not_there(where, f"its picture is not there (looked into {' and '.join(folders)})")
            continue
        lines, before = None, findings.count
        with findings.part():
            lines = text_of(data, where).splitlines()
        if lines is None:
            continue
        found: list[tuple[Box, str]] = []
        for i, text in enumerate(lines, 1):
            if text.strip():
                found += line(text.split(), f"{where}, line {i}", findings)
        lost = findings.count > before
        split = "" if listed.parts else split_above(name)
        row = columns.get(image.rpartition("/")[2], {})
        marks.add(Marked(image, tuple(found), split, row, lost=lost), where, findings)
    for folder, why in _BESIDE.items():
        tree.leave((n for n in tree.names() if folder in n.split("/")[:-1]), why)
    names = class_order(tree, marks.labels, options["classes"], findings)
    return marks_source(
        format,
        tree,
        marks,
        names,
        findings,
        verify=verify,
        options=options,
        roles_from="training/ and testing/",
        splits=listed if listed.parts else None,
    )


def _attributes(v: list[float]) -> dict[str, Any]:
    """What the fourteen or fifteen numbers of a line know."""
    known: dict[str, Any] = {}
    if v[0] != -1:
        known["truncated"] = v[0]
    if v[1] != -1:
        known["occluded"] = int(v[1])
    if v[2] != -10:
        known["alpha"] = v[2]
    if v[7:10] != [-1, -1, -1]:
        known["dimensions"] = v[7:10]
    if v[10:13] != [-1000, -1000, -1000]:
        known["location"] = v[10:13]
    if v[13] != -10:
        known["rotation_y"] = v[13]
    if len(v) > 14:
        known["score"] = v[14]
    return known


@public
def write_kitti(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as KITTI: ``training/image_2`` and ``training/label_2``, ``testing/`` for the role test.

    Pictures without a role lie in ``image_2`` and ``label_2`` themselves; ``classes.txt`` keeps the order of the
    classes, ``columns.csv`` the capture columns. What a box does not know is written as KITTI's -1, -10 and -1000.
    Names have no dots: torchvision's ``Kitti`` takes what stands before the first one. The folder appears when it is
    whole.

    Parameters
    ----------
    lossy : bool
        Leave out what KITTI cannot hold (masks, keypoints, captions, other attributes), with
        one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, the source has what KITTI cannot hold, or a class has a space in its name.
    """
    refuse_classes(source, "KITTI")
    bad = [c for c in source.classes if not c or any(s.isspace() for s in c)]
    if bad:
        raise BadInput(
            f"the class {bad[0]!r} has a space in its name, which KITTI cannot hold; rename the class before the export"
        )
    keeper, ids = Keeper("KITTI", HOLDS, lossy=lossy), ClassIds(source, 0)
    folders = {"train": "training", "test": "testing", "": "."}
    columns = {}
    with new_folder(path) as folder:
        for name, r in named(keeper.records(source), dots=False):
            if r.columns:
                columns[name] = r.columns
            for sub in ("image_2", "label_2"):
                (folder / folders[r.role] / sub).mkdir(parents=True, exist_ok=True)
            (folder / folders[r.role] / "image_2" / name).write_bytes(r.image)
            lines = "".join(_line(b, r.uri, ids) for b in r.boxes)
            (folder / folders[r.role] / "label_2" / f"{name.rpartition('.')[0]}.txt").write_text(
                lines, encoding="utf-8"
            )
        (folder / "classes.txt").write_text("".join(f"{c}\n" for c in source.classes), encoding="utf-8")
        write_columns(folder, columns)


def _line(b: Box, where: str, ids: ClassIds) -> str:
    ids[b.label]  # a class that the source does not name is an error
    a = b.attributes
    values = [
        a.get("truncated", -1), a.get("occluded", -1), a.get("alpha", -10), b.x, b.y, b.x + b.w, b.y + b.h,
        *a.get("dimensions", (-1, -1, -1)), *a.get("location", (-1000, -1000, -1000)), a.get("rotation_y", -10),
        *([a["score"]] if "score" in a else []),
    ]  # fmt: skip
    if any(number(v) != number(v) or isinstance(v, str) for v in values) or len(values) not in (14, 15):
        raise BadInput(f"{where}: a box of {b.label!r} has attributes that are no finite numbers: {dict(a)!r:.120}")
    return " ".join([b.label, *(repr(v) for v in values)]) + "\n"
