"""KITTI object detection: ``label_2/*.txt`` beside ``image_2/``; also mAP's plain ``class l t r b`` files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ..errors import MissingFile
from .detection import Findings, Marked, a_box, class_order, detection_source, number, stem_in, stems, text_of
from .source import Box, Role, Source
from .tree import open_tree


def read_kitti(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    classes: Sequence[str] | None = None,
    dont_care: bool = False,
) -> Source:
    """Read KITTI labels and the pictures of the left colour camera from a folder or an archive.

    Parameters
    ----------
    path : path
        Folder or archive with ``training/label_2`` and ``training/image_2`` (or both without
        ``training``). Pictures of ``testing`` have no labels and are left out.
    strict, verify, classes
        As in :func:`read_voc`.
    dont_care : bool
        Keep the regions that KITTI marks as DontCare, as boxes of that class.

    Returns
    -------
    Source
        Boxes carry truncated, occluded, alpha, and dimensions, location, rotation_y of the 3-D box.

    Raises
    ------
    MissingFile
        If there are no labels or none of their pictures.
    BadData
        For damaged pictures, text or archives; with ``strict``, for a bad line.

    Source
    ------
    Geiger, Lenz, Urtasun, CVPR 2012, object development kit, readme.txt.
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
        attributes: dict[str, Any] = {"truncated": v[0], "occluded": int(v[1]), "alpha": v[2]}
        if words[0] != "DontCare":
            attributes |= {"dimensions": v[7:10], "location": v[10:13], "rotation_y": v[13]}
        return a_box(words[0], v[3], v[4], v[5] - v[3], v[6] - v[4], where, findings, attributes)

    options = {"strict": strict, "classes": classes, "dont_care": dont_care}
    return _lines("kitti", path, "label_2", ("image_2",), line, strict, verify, classes, options)


def read_map_txt(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
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

    options = {"strict": strict, "classes": classes}
    return _lines(
        "map_txt", path, "ground-truth", ("images-optional", "images"), line, strict, verify, classes, options
    )


def _lines(format, path, labels, folders, line, strict, verify, classes, options) -> Source:
    """Walk over text files with a box a line; ``line(words, where, findings)`` gives one box or none."""
    tree = open_tree(path)
    texts = [n for n in tree.names() if n.endswith(".txt") and n.split("/")[-2:-1] == [labels]]
    if not texts:
        raise MissingFile(f"{path} holds no {labels}/*.txt")
    pictures: dict[str, str] = {}
    for folder in folders:
        pictures = pictures or stems(tree, folder)
    findings = Findings(tree.root, strict=strict)
    marked = []
    for name, data in tree.read_many(texts):
        image, where = pictures.get(stem_in(name)), tree.where(name)
        if image is None:
            findings.bad(where, f"its picture is not there (looked into {' and '.join(folders)})")
            continue
        boxes: list[tuple[Box, str]] = []
        for i, text in enumerate(text_of(data, where).splitlines(), 1):
            if text.strip():
                boxes += line(text.split(), f"{where}, line {i}", findings)
        role: Role = "train" if "training" in name.split("/") else ""
        marked.append(Marked(image, tuple(boxes), role))
    names = class_order(tree, (b.label for m in marked for b, _ in m.boxes), classes)
    return detection_source(format, tree, marked, names, findings, verify=verify, options=options)
