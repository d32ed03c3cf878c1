"""Open Images: tables of boxes in shares of the picture, and a table that says what the classes are called."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import BadData, MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.clues import LOOKED_INTO, Clues, Evidence, common_folder
from ..sources.detection import Marked, class_order, detection_source, shape_of
from ..sources.images import is_image, without_ending
from ..sources.opening import open_tree
from ..sources.piece_file import open_file
from ..sources.roles import Twice, split_above, split_in, splits_named
from ..sources.source import Source
from ..sources.spool import Spool
from ..sources.tree import Tree
from ..storage.border import public

_BOXES = {"ImageID", "LabelName", "XMin", "XMax", "YMin", "YMax"}
_FLAGS = ("IsOccluded", "IsTruncated", "IsGroupOf", "IsDepiction", "IsInside")


def _columns(line: str) -> list[str]:
    return [c.strip() for c in next(csv.reader([line]), [])]


def evidence(clues: Clues) -> Evidence | None:
    """A table with ImageID, LabelName and the four sides of a box."""
    some = [n for n in clues.ending(".csv")[:LOOKED_INTO] if not n.lower().endswith(".gz")]
    found = [n for n in some if (head := clues.lines(n)[:1]) and set(_columns(head[0])) >= _BOXES]
    if not found or not clues.pictures:
        return None
    return Evidence(0.96, f"{found[0]} has the columns of Open Images", common_folder(clues.names))


@public
def read_open_images(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read Open Images' tables of boxes (V4 to V7) and their pictures from a folder or an archive.

    The tables are read line by line; pictures that are not there are skipped without a word, as most people have a
    part of the nine millions.

    Parameters
    ----------
    path : path
        Folder or archive with ``*annotations-bbox*.csv`` (also as FiftyOne lays them out: ``labels/detections.csv``,
        ``metadata/classes.csv``) and pictures named by their ID, in any folder. ``class-descriptions*.csv`` gives the
        names of the classes; without it they are their codes (``/m/01g317``).
    strict, verify, boxes, classes
        As in :func:`read_voc`.

    Returns
    -------
    Source
        Boxes carry the five flags of the table where they are 0 or 1 (-1 is unknown), and ``Confidence`` where it is
        not 1. Roles by the name of the table (train, validation, test), else by the folder of the picture. Labels of
        whole pictures, outlines, relations and points are not read.

    Raises
    ------
    MissingFile
        If there is no such table or none of its pictures.
    BadData
        For damaged archives or tables; with ``strict``, for a damaged picture or a bad row.

    Source
    ------
    https://storage.googleapis.com/openimages/web/download_v7.html, "Data Formats"
    """
    tree = open_tree(path)
    tables = [n for n in tree.names() if n.lower().endswith(".csv") and _is_boxes(tree, n)]
    if not tables:
        raise MissingFile(f"{path} holds no table of Open Images with the columns {', '.join(sorted(_BOXES))}")
    findings = Findings(tree.root, strict=strict, boxes=boxes)
    called = _descriptions(tree)
    pictures = {without_ending(n.rpartition("/")[2]): n for n in tree.names() if is_image(n)}
    at = {n: i for i, n in enumerate(pictures.values())}
    spool, seen = Spool(), set[str]()
    splits: dict[str, str] = {}
    by: dict[str, str] = {}
    twice, said = Twice(), list[str]()
    for table in tables:
        where, absent = tree.where(table), 0
        split = split_in(table.rpartition("/")[2]) or split_above(table)
        with findings.part():
            for i, row in _rows(tree, table):
                picture = pictures.get(row.get("ImageID") or "")
                if picture is None:
                    absent += 1
                    continue
                label = called.get(row.get("LabelName") or "", row.get("LabelName") or "")
                made = _box(label, row, f"{where}, line {i}", findings)
                own = split or split_above(picture)
                if splits.setdefault(picture, own) != own:
                    twice.add(picture, by[picture], table)
                by.setdefault(picture, table)
                seen |= {label} if made else set()
                spool.put(at[picture], (i, made, where))
        if absent:  # nobody has all nine million pictures: no fault of the set
            said.append(f"{absent:,} rows of {table} are of pictures that are not there")
    names = class_order(tree, seen, classes, findings, [c for c in called.values() if c in seen] or None)

    def get(name: str, _: Findings) -> Marked:
        rows = spool.get(at[name])
        shapes = tuple((shape_of("b", *made), f"{where}, line {i}") for i, made, where in rows if made)
        return Marked(name, shapes, lost=len(shapes) < len(rows))

    options = {"strict": strict, "boxes": boxes, "classes": classes}
    return detection_source("open_images", tree, splits, get, names, findings, task="detection", verify=verify,
                            options=options, shares=True, note="; ".join(said),
                            splits=splits_named(splits, "names of the tables", twice.told(tree)))  # fmt: skip


def _is_boxes(tree: Tree, name: str) -> bool:
    head = next(_lines(tree, name), "")
    return set(_columns(head)) >= _BOXES


def _lines(tree: Tree, name: str) -> Iterator[str]:
    """The lines of a text, piece by piece."""
    with open_file(tree, name) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        try:
            yield from text
        except UnicodeDecodeError as e:
            raise BadData(f"{tree.where(name)} is no UTF-8 text ({e.reason}); save it as UTF-8") from e


def _cells(tree: Tree, name: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line, cells); a quote that is never closed is damage, not a cell of all that follows."""
    reader = csv.reader(_lines(tree, name), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as e:
        raise BadData(f"{tree.where(name)} is a damaged table ({e})") from e


def _rows(tree: Tree, name: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(number of the line, row by column)."""
    rows = _cells(tree, name)
    head = [c.strip() for c in next(rows, (0, []))[1]]
    for line, row in rows:
        yield line, dict(zip(head, row))


def _descriptions(tree: Tree) -> dict[str, str]:
    """What the codes of classes are called: tables of two columns, with a head (V7) or without."""
    out: dict[str, str] = {}
    for name in tree.names():
        last = name.rpartition("/")[2].lower()
        if not (last.endswith(".csv") and ("class-descriptions" in last or last == "classes.csv")):
            continue
        for _, row in _cells(tree, name):
            if len(row) != 2 or row[0] in ("LabelName", "") or not row[1]:
                continue
            code, label = row[0].strip(), row[1].strip()
            if out.setdefault(code, label) != label:
                raise BadData(
                    f"{tree.where(name)} calls {code} {label!r}, but it is called {out[code]!r} before; remove one"
                )
    return out


def _box(label: str, row: Mapping[str, str], where: str, findings: Findings) -> tuple[Any, ...] | None:
    """The values of a box in shares of its picture, for a spool."""
    x0, x1, y0, y1 = (number(row.get(k)) for k in ("XMin", "XMax", "YMin", "YMax"))
    attributes: dict[str, Any] = {k: int(v) for k in _FLAGS if (v := number(row.get(k))) in (0, 1)}
    confidence = number(row.get("Confidence"))
    if confidence == confidence and confidence != 1:
        attributes["Confidence"] = confidence
    for b, _ in a_box(label, x0, y0, x1 - x0, y1 - y0, where, findings, attributes):
        return b.label, b.x, b.y, b.w, b.h, attributes, -1
    return None
