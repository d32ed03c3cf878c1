"""WIDER FACE: one text for all pictures of a split; a picture's name, the number of its faces, a line each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from ..errors import MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.clues import Clues, Evidence, common_folder
from ..sources.detection import Marked, Marks, Shape, marks_source, text_of
from ..sources.images import is_image
from ..sources.named_pictures import Pictures
from ..sources.opening import open_tree
from ..sources.roles import split_in
from ..sources.source import Source
from ..storage.border import public

FACE = "face"
_NAME = re.compile(r"wider_?face.*_bbx_gt\.txt|.*_bbx_gt\.txt", re.IGNORECASE)
_KEYS = ("blur", "expression", "illumination", "invalid", "occlusion", "pose")


def evidence(clues: Clues) -> Evidence | None:
    """``*_bbx_gt.txt``, whose first line is the name of a picture and whose second a number."""
    for name in clues.ending(".txt"):
        lines = clues.lines(name)[:2] if _NAME.fullmatch(name.rpartition("/")[2]) else []
        if len(lines) == 2 and is_image(lines[0]) and lines[1].isdigit():
            return Evidence(0.95, f"{name} lists pictures and their faces as WIDER FACE", common_folder(clues.names))
    return None


@public
def read_wider_face(
    path: str | os.PathLike[str], *, strict: bool = False, verify: bool = True, boxes: str = "clip"
) -> Source:
    """Read WIDER FACE's lists and pictures from a folder or an archive.

    Parameters
    ----------
    path : path
        Folder or archive with ``wider_face_<split>_bbx_gt.txt`` and ``WIDER_<split>/images/<event>/*.jpg``. Pictures
        of the test part, of which nothing is said, are left out.
    strict, verify, boxes
        As in :func:`read_voc`.

    Returns
    -------
    Source
        Boxes of the class ``face`` with blur, expression, illumination, invalid, occlusion and pose as numbers; the
        column ``event``. ``val`` has the role test.

    Raises
    ------
    MissingFile
        If there is no such list or none of its pictures.
    BadData
        For damaged archives; with ``strict``, for a damaged picture, a bad line, a box without an extent (the published
        lists have some).

    Source
    ------
    http://shuoyang1213.me/WIDERFACE/, readme.txt of wider_face_split
    """
    tree = open_tree(path)
    lists = [n for n in tree.names() if _NAME.fullmatch(n.rpartition("/")[2])]
    if not lists:
        raise MissingFile(f"{path} holds no wider_face_<split>_bbx_gt.txt")
    findings, marks, pictures = Findings(tree.root, strict=strict, boxes=boxes), Marks(), Pictures(tree)
    for name, data in tree.read_many(lists, findings.fault):
        with findings.part():
            split = split_in(name.rpartition("/")[2])
            for said, shapes, at, lost in _entries(text_of(data, tree.where(name)), tree.where(name), findings):
                # the same event and file name are in no two splits, but people flatten the folders
                picture = pictures.find(f"WIDER_{split}/images/{said}")
                if picture is None:
                    findings.not_there(at, pictures.missing(said))
                    continue
                event = {"event": said.split("/")[-2]} if "/" in said else {}
                marks.add(Marked(picture, tuple(shapes), split, event, lost=lost), at, findings)
    options = {"strict": strict, "boxes": boxes}
    return marks_source(
        "wider_face", tree, marks, (FACE,), findings, verify=verify, options=options, roles_from="names of the lists"
    )


def _entries(text: str, where: str, findings: Findings) -> Iterator[tuple[str, list[tuple[Shape, str]], str, bool]]:
    """(picture, faces, place, whether some were lost) of each entry; the lines count, whatever number stands before."""
    name, at, before = "", "", findings.count
    shapes: list[tuple[Shape, str]] = []
    wanted: int | None = None
    for i, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words:
            continue
        if is_image(line.strip()):
            if name:
                yield name, shapes, at, findings.count > before
            name, at, shapes, wanted, before = line.strip(), f"{where}, line {i}", [], None, findings.count
        elif name and wanted is None and len(words) == 1 and words[0].isdecimal():
            wanted = len(words[0].lstrip("0"))  # only whether there are none matters
        elif name:
            # a picture without faces has one line of zeros
            if not (wanted == 0 and all(w == "0" for w in words)):
                shapes += _face(words, f"{where}, line {i}", findings)
        else:
            findings.bad(f"{where}, line {i}", f"stands before the name of any picture: {line.strip()!r:.60}")
    if name:
        yield name, shapes, at, findings.count > before


def _face(words: list[str], at: str, findings: Findings) -> tuple[tuple[Shape, str], ...]:
    values = [number(w) for w in words]
    if len(values) < 4 or any(v != v for v in values):
        findings.bad(at, f"is not: x y width height and six marks ({' '.join(words)!r:.60})")
        return ()
    attributes: dict[str, Any] = {k: int(v) for k, v in zip(_KEYS, values[4:])}
    x, y, w, h = values[:4]
    return a_box(FACE, x, y, w, h, at, findings, attributes)
