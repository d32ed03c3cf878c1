"""VGG Image Annotator (VIA): regions of pictures, as JSON of versions 1 to 3 or as its CSV of regions."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadData, BadInput, MissingFile, UnknownName
from ..sources.checks import Findings, a_box, number
from ..sources.clues import LOOKED_INTO, Clues, Evidence, common_folder, no_text
from ..sources.detection import Marked, Marks, Shape, class_order, json_of, marks_source, text_of
from ..sources.forms import ellipse_ring
from ..sources.named_pictures import pictures_of
from ..sources.opening import open_tree
from ..sources.outlines import ring
from ..sources.source import Keypoints, Mask, Source
from ..sources.tree import Tree
from ..storage.border import public

# Keys of a project file, and columns of the CSV of regions.
_PROJECT = "_via_img_metadata"
_THIRD = {"project", "metadata", "file"}
_COLUMNS = {"filename", "region_shape_attributes", "region_attributes"}
# Attributes that by their names are the class of a region, the surest first.
_CLASS = ("class", "label", "name", "type", "category", "object", "class_name", "classname", "object_name")
# The numbers of VIA 3 for a shape.
_SHAPES = {1: "point", 2: "rect", 3: "circle", 4: "ellipse", 5: "line", 6: "polyline", 7: "polygon"}


def evidence(clues: Clues) -> Evidence | None:
    """A JSON file of VIA, or its CSV of regions."""
    some = [n for n in clues.ending(".json")[:LOOKED_INTO] if _is_via(clues.json_keys(n), clues.head(n))]
    if some:
        return Evidence(0.93, f"{some[0]} has regions as VIA has them", common_folder(some))
    tables = [n for n in clues.ending(".csv")[:LOOKED_INTO] if _is_table(next(iter(clues.lines(n)), ""))]
    if tables:
        return Evidence(0.95, f"{tables[0]} has the columns of VIA", common_folder(tables))
    return None


def _is_via(keys: Sequence[str], head: bytes) -> bool:
    """A project of VIA 2, one of VIA 3, or annotations alone: an object of pictures, each with its regions."""
    if _PROJECT in keys or set(keys) >= _THIRD:
        return True
    return bool(keys) and b'"regions"' in head and b'"filename"' in head and not {"images", "shapes"} & set(keys)


def _is_table(line: str) -> bool:
    return {c.strip().strip('"#').strip() for c in line.split(",")} >= _COLUMNS


@public
def read_via(
    path: str | os.PathLike[str],
    *,
    label: str | None = None,
    root: str | os.PathLike[str] | None = None,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read annotations of the VGG Image Annotator and their pictures from a folder or an archive.

    Parameters
    ----------
    path : path
        Folder or archive with a JSON file (a project, or annotations alone; of VIA 1, 2 or 3) or the CSV of regions
        of VIA 1 or 2, and the pictures; or one such file.
    label : str, optional
        The attribute of the regions that is their class. Found by its name (``class``, ``label``, ``name`` ...) or
        where there is one attribute alone; an error asks otherwise.
    root : path, optional
        As in :func:`read_coco`.
    strict, verify, boxes, classes
        As in :func:`read_voc`.

    Returns
    -------
    Source
        Rectangles are boxes; polygons, circles and ellipses (as rings of 64 corners) are masks; points are keypoints.
        Other attributes of a region are its attributes, those of a picture columns. Lines are skipped and counted.
        A region without attributes at all has the class ``region``.

    Raises
    ------
    MissingFile
        If there is no such file or none of its pictures.
    BadInput
        If it is not clear which attribute is the class.
    BadData
        For damaged archives or files; with ``strict``, for a damaged picture or a bad region.

    Source
    ------
    https://www.robots.ox.ac.uk/~vgg/software/via, ``via.js`` of 2.0.12 (export_project_to_json, VIA_CSV) and
    ``_via_metadata.js`` of 3.0 (xy: the number of the shape, then its values)
    """
    p = Path(path)
    only = p.name if p.is_file() and p.suffix.lower() in (".json", ".csv") else None
    tree = open_tree(p.parent if only else p)
    findings, pictures = Findings(tree.root, strict=strict, boxes=boxes), pictures_of(tree, root)
    files = [only] if only else [n for n in tree.names() if n.lower().endswith((".json", ".csv"))]
    entries: list[_Entry] = []
    known = []
    for name in files:
        found = _entries(tree, name, findings)
        if found is None:
            tree.leave([name])
        else:
            known.append(name)
            entries += found
    if not known:
        raise MissingFile(
            f"{path} holds no file of VIA; looked for *.json with regions, *.csv with {sorted(_COLUMNS)}"
            f"{no_text(tree, '.json', '.csv')}"
        )
    key = _class_key(entries, label, tree)
    marks = Marks()
    for where, by, file, more, regions in entries:
        picture = pictures.find(file, by)
        if picture is None:
            findings.not_there(where, pictures.missing(file))
            continue
        before = findings.count
        shapes = tuple(s for r in regions for s in _shape(*r, key, findings))
        marks.add(Marked(picture, shapes, "", _plain(more), lost=findings.count > before), where, findings)
    names = class_order(tree, marks.labels, classes, findings)
    options = {"label": label, "strict": strict, "boxes": boxes, "classes": classes, "only": only}
    return marks_source("via", pictures.tree, marks, names, findings, verify=verify, options=options, annotations=tree)


# A region: its place for messages, its shape, its attributes.
_Region = tuple[str, Mapping[str, Any], Mapping[str, Any]]
# A picture: its place, its annotation file, its name, its attributes, its regions.
_Entry = tuple[str, str, str, Mapping[str, Any], list[_Region]]


def _entries(tree: Tree, name: str, findings: Findings) -> list[_Entry] | None:
    """The pictures of one file; None if it is no file of VIA."""
    where = tree.where(name)
    if name.lower().endswith(".csv"):
        text = text_of(tree.read(name), where)
        first = next((s for s in text.splitlines() if s.strip()), "")
        return list(_of_table(text, name, where, findings)) if _is_table(first) else None
    with tree.open(name) as stream:
        head = stream.read(4096)
    if b"{" not in head:
        return None
    content = json_of(tree.read(name), where, findings)
    if not isinstance(content, dict):
        return None
    if set(content) >= _THIRD:
        return list(_of_third(content, name, where, findings))
    listed = content.get(_PROJECT, content)
    if not isinstance(listed, dict):
        return None
    good = [v for v in listed.values() if isinstance(v, dict) and "filename" in v and "regions" in v]
    if not good and _PROJECT not in content:
        return None
    return list(_of_second(listed, name, where, findings))


def _of_second(listed: Mapping[str, Any], name: str, where: str, findings: Findings) -> Iterator[_Entry]:
    """VIA 1 (regions by number) and 2 (a list of them)."""
    for key, v in listed.items():
        at = f"{where}, {key!r:.80}"
        regions = v.get("regions") if isinstance(v, dict) else None
        rows = list(regions.values()) if isinstance(regions, dict) else regions
        if not isinstance(v, dict) or not isinstance(v.get("filename"), str) or not isinstance(rows, list):
            findings.bad(at, "has no filename or no regions")
            continue
        made: list[_Region] = []
        for i, r in enumerate(rows):
            said = r if isinstance(r, dict) else {}
            shape, attributes = (_dict(said.get(k)) for k in ("shape_attributes", "region_attributes"))
            made.append((f"{at}, region {i + 1}", shape, attributes))
        yield at, name, v["filename"], _dict(v.get("file_attributes")), made


def _of_third(content: Mapping[str, Any], name: str, where: str, findings: Findings) -> Iterator[_Entry]:
    """VIA 3: files, and metadata of views of them; attributes are numbered, some with numbered options."""
    attributes = {k: a for k, a in _dict(content.get("attribute")).items() if isinstance(a, dict)}
    views, files = _dict(content.get("view")), _dict(content.get("file"))
    entries: dict[str, tuple[str, dict[str, Any], list[_Region]]] = {}
    for key, f in files.items():
        file = f.get("src") or f.get("fname") if isinstance(f, dict) else None
        if not isinstance(file, str) or not file:
            findings.bad(f"{where}, file {key!r:.40}", "has no src or fname")
            continue
        # a picture that is inside has its name beside
        entries[str(key)] = str(f.get("fname")) if file.startswith("data:") else file, {}, []
    for key, m in _dict(content.get("metadata")).items():
        at = f"{where}, metadata {key!r:.40}"
        view = _dict(views.get(str(m.get("vid")))) if isinstance(m, dict) else {}
        listed = view.get("fid_list")
        fid = str(listed[0]) if isinstance(listed, list) and listed else str(_dict(m).get("vid"))
        if fid not in entries:
            findings.bad(at, f"is of a file that is not listed: {m!r:.80}")
            continue
        said = {str(_dict(attributes.get(k)).get("aname") or k): _option(_dict(attributes.get(k)), v)
                for k, v in _dict(m.get("av")).items()}  # fmt: skip
        xy = m.get("xy")
        if not xy:
            entries[fid][1].update(said)
        else:
            entries[fid][2].append((at, _shape_of_third(xy), said))
    for key, (file, more, regions) in entries.items():
        yield f"{where}, file {key!r:.40}", name, file, more, regions


def _option(attribute: Mapping[str, Any], value: Any) -> Any:
    """What a numbered option is called."""
    options = attribute.get("options")
    return options.get(value, value) if isinstance(options, dict) and isinstance(value, str) else value


def _shape_of_third(xy: Any) -> dict[str, Any]:
    if not isinstance(xy, list) or not xy or not isinstance(xy[0], int):
        return {}
    kind, v = _SHAPES.get(xy[0], ""), xy[1:]
    keys = {"point": ("cx", "cy"), "rect": ("x", "y", "width", "height"), "circle": ("cx", "cy", "r"),
            "ellipse": ("cx", "cy", "rx", "ry")}.get(kind)  # fmt: skip
    if keys:
        return {"name": kind, **dict(zip(keys, v))}
    return {"name": kind, "all_points_x": v[0::2], "all_points_y": v[1::2]}


def _of_table(text: str, name: str, where: str, findings: Findings) -> Iterator[_Entry]:
    """A row a region; a picture without one has a row with an empty shape. VIA 1 begins its first column with #."""
    rows = csv.reader(io.StringIO(text), skipinitialspace=True, strict=True)
    found: dict[str, tuple[str, Mapping[str, Any], list[_Region]]] = {}
    try:
        head = [c.lstrip("#").strip() for c in next(rows)]
        for row in rows:
            if not row:
                continue
            at, cells = f"{where}, line {rows.line_num}", dict(zip(head, row))
            if len(row) < len(head) or not cells["filename"]:
                findings.bad(at, f"has {len(row)} cells where the header has {len(head)}, or no filename")
                continue
            try:
                shape, said = (_json(cells[k]) for k in ("region_shape_attributes", "region_attributes"))
                more = _json(cells.get("file_attributes") or "{}")
            except (ValueError, RecursionError) as e:
                findings.bad(at, f"has attributes that are no JSON ({e})")
                continue
            entry = found.setdefault(cells["filename"], (at, more, []))
            if shape:
                entry[2].append((at, shape, said))
    except csv.Error as e:
        raise BadData(f"{where} is a damaged table ({e})") from e
    for file, (first, about, regions) in found.items():
        yield first, name, file, about, regions


def _json(cell: str) -> dict[str, Any]:
    return _dict(json.loads(cell or "{}"))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _class_key(entries: Sequence[_Entry], label: str | None, tree: Tree) -> str | None:
    """The attribute that is the class: as said, the one called so, or the only one; None where no region has any."""
    seen = Counter(k for *_, regions in entries for _, _, said in regions for k in said)
    if label is not None:
        if label not in seen:
            raise UnknownName.of("attribute of regions (label=)", label, seen)
        return label
    for name in _CLASS:
        mine = [k for k in seen if k.strip().lower().replace(" ", "_") == name]
        if len(mine) == 1:
            return mine[0]
    if len(seen) > 1:
        raise BadInput(
            f"{tree.root}: it is not clear which attribute of the regions is their class; they have"
            f" {', '.join(f'{k!r} ({n:,})' for k, n in seen.most_common(12))}. Say label= (--option label=...)"
        )
    return next(iter(seen), None)


def _class_of(value: Any) -> str:
    """A class by its name; of the options of a checkbox the one that is chosen."""
    if isinstance(value, dict):
        chosen = [k for k, v in value.items() if v]
        return str(chosen[0]).strip() if len(chosen) == 1 else ""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes that are plain; of a checkbox the chosen options, with a comma between them; empty ones not."""
    out = {}
    for k, v in said.items():
        if isinstance(v, dict):
            v = ", ".join(str(x) for x, chosen in v.items() if chosen)
        if isinstance(v, str | int | float) and v != "":
            out[str(k)] = v
    return out


def _shape(
    at: str, said: Mapping[str, Any], attributes: Mapping[str, Any], key: str | None, findings: Findings
) -> Iterator[tuple[Shape, str]]:
    label = "region" if key is None else _class_of(attributes.get(key))
    if not label:
        findings.bad(at, f"has no class: {attributes.get(key or '')!r:.60} of {key!r}")
        return
    more, kind = _plain({k: v for k, v in attributes.items() if k != key}), said.get("name")

    def values(*keys: str) -> list[float]:
        out = [number(said.get(k)) for k in keys]
        if any(v != v for v in out):
            raise BadData(f"no numbers {', '.join(keys)}: {said!r:.100}")
        return out

    try:
        if kind == "rect":
            x, y, w, h = values("x", "y", "width", "height")
            yield from a_box(label, x, y, w, h, at, findings, more)
        elif kind == "polygon":
            yield Mask(label, (ring(_points(said)),), attributes=more), at
        elif kind in ("circle", "ellipse"):
            cx, cy = values("cx", "cy")
            rx, ry = values("r", "r") if kind == "circle" else values("rx", "ry")
            if min(rx, ry) <= 0:
                raise BadData(f"a {kind} without an extent")
            # VIA 2.0.6 and later turn an ellipse by theta, in radians
            theta = number(said.get("theta"))
            outline = ellipse_ring(cx, cy, rx, ry, theta if theta == theta else 0.0)
            yield Mask(label, (ring(list(outline)),), attributes=more), at
        elif kind == "point":
            x, y = values("cx", "cy")
            yield Keypoints(label, ((x, y, 2),), attributes=more), at
        else:
            findings.bad(at, f"is a {kind!r:.40}, which is not read")
    except BadData as e:
        findings.bad(at, f"has {e}")


def _points(said: Mapping[str, Any]) -> list[float]:
    xs, ys = said.get("all_points_x"), said.get("all_points_y")
    if not isinstance(xs, list) or not isinstance(ys, list) or len(xs) != len(ys):
        raise BadData(f"an outline whose x and y are no lists of one length: {said!r:.80}")
    return [number(v) for p in zip(xs, ys) for v in p]
