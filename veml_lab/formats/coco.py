"""COCO instances: one JSON file for many pictures."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import BadData, MissingFile
from .detection import Findings, Marked, a_box, detection_source, json_of, number
from .images import is_image
from .source import Box, Role, Source
from .tree import Tree, open_tree
from .writing import ClassIds, boxes_only, named, new_folder

_TEST = ("test", "val", "valid", "validation")


def read_coco(
    path: str | os.PathLike[str],
    *,
    annotations: str | None = None,
    strict: bool = False,
    verify: bool = True,
    segmentation: bool = False,
) -> Source:
    """Read COCO detection annotations and their pictures from a folder or an archive.

    Every JSON file that has images, annotations and categories is read; all are parsed into memory
    (about ten times the file). The pictures of a file are looked for in the folder that holds most of
    its names. Pictures that no JSON file lists are left out.

    Parameters
    ----------
    path : path
        Folder or archive, or one JSON file (its pictures lie in its folder or the one above).
    annotations : str, optional
        Read only the JSON files whose name contains this, for sets that hold several.
    strict, verify
        As in :func:`read_voc`.
    segmentation : bool
        Keep polygons and run lengths as the attribute ``segmentation``.

    Returns
    -------
    Source
        Classes in the order of their ids. A file named train gives the role train; val or test, test.

    Raises
    ------
    MissingFile
        If there is no such JSON file or none of its pictures.
    BadData
        For damaged JSON, pictures or archives, double ids; with ``strict``, for a bad box.

    Source
    ------
    https://cocodataset.org/#format-data
    """
    p = Path(path)
    only = p.name if p.is_file() and p.suffix.lower() == ".json" else None
    root = p
    if only:
        root = p.parent.parent if p.parent.name == "annotations" else p.parent
    tree = open_tree(root)
    findings = Findings(tree.root, strict=strict)
    files: dict[str, dict[str, Any]] = {}
    wanted = [n for n in tree.names() if n.endswith(".json") and (annotations or "") in n.split("/")[-1]]
    for name, data in tree.read_many(wanted):
        if only and name.split("/")[-1] != only:
            continue
        content = json_of(data, tree.where(name))
        if isinstance(content, dict) and {"images", "annotations", "categories"} <= content.keys():
            files[name] = content
    if not files:
        raise MissingFile(
            f"{path} holds no COCO file; looked for *.json with images, annotations and categories"
        )
    names: dict[int, str] = {}
    marked: list[Marked] = []
    for name, content in files.items():
        where = tree.where(name)
        own = _categories(content, where)
        for k, label in own.items():
            if names.setdefault(k, label) != label:
                raise BadData(
                    f"{where} calls the category {k} {label!r}, another file of the set {names[k]!r}; "
                    "read them one by one with annotations="
                )
        marked += _images(content, name, own, tree, findings, segmentation)
    double = [n for n, k in Counter(m.name for m in marked).items() if k > 1]
    if double:
        raise BadData(f"{tree.where(double[0])} is listed twice; read the files one by one with annotations=")
    classes = list(dict.fromkeys(names[k] for k in sorted(names)))
    options = {"strict": strict, "annotations": annotations, "only": only, "segmentation": segmentation}
    return detection_source("coco", tree, marked, classes, findings, verify=verify, options=options)


def _list(content: dict[str, Any], key: str, where: str) -> Sequence[dict[str, Any]]:
    rows = content[key]
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise BadData(f"{where}: {key!r} is no list of objects")
    return rows


def _id(row: dict[str, Any], key: str) -> int | None:
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _categories(content: dict[str, Any], where: str) -> dict[int, str]:
    out: dict[int, str] = {}
    for c in _list(content, "categories", where):
        k, label = _id(c, "id"), c.get("name")
        if k is None or not isinstance(label, str) or not label or k in out:
            raise BadData(f"{where}: category {c!r:.80} has no id of its own or no name")
        out[k] = label
    return out


def _role(json_name: str, image_name: str) -> Role:
    words = f"{json_name.split('/')[-1]}/{'/'.join(image_name.split('/')[:-1])}".lower()
    if "train" in words:
        return "train"
    return "test" if any(w in words for w in _TEST) else ""


def _folder(listed: Sequence[str], json_name: str, tree: Tree) -> str:
    """The folder under which most of the listed files are; on a tie the one that the JSON is named after."""
    votes: Counter[str] = Counter()
    ends = set(listed)
    for n in tree.names():
        if is_image(n):
            parts = n.split("/")
            for i in range(len(parts)):
                if "/".join(parts[i:]) in ends:
                    votes["/".join(parts[:i])] += 1
    stem = json_name.split("/")[-1].removesuffix(".json")
    best = max(votes.values(), default=0)
    tied = [f for f, v in votes.items() if v == best]
    named = [f for f in tied if any(len(w) > 2 and w in stem for w in f.split("/")[-1:])]
    if len(tied) > 1 and len(named) != 1:
        raise BadData(
            f"{tree.where(json_name)}: its pictures are in {tied[0]!r} and in {tied[1]!r}; remove one of them"
        )
    return (named or tied or [""])[0]


def _images(
    content: dict[str, Any],
    name: str,
    own: dict[int, str],
    tree: Tree,
    findings: Findings,
    segmentation: bool,
) -> list[Marked]:
    where = tree.where(name)
    images: dict[int, dict[str, Any]] = {}
    for row in _list(content, "images", where):
        k, file = _id(row, "id"), row.get("file_name")
        if k is None or not isinstance(file, str) or not file:
            raise BadData(f"{where}: image {row!r:.80} has no whole id or no file_name")
        if k in images:
            raise BadData(f"{where}: two images have the id {k}; ids are unique in COCO")
        images[k] = row
    boxes: dict[int, list[tuple[Box, str]]] = {k: [] for k in images}
    for i, a in enumerate(_list(content, "annotations", where)):
        at = f"{where}, annotation {a.get('id', f'number {i}')!r:.40}"
        k, category = _id(a, "image_id"), _id(a, "category_id")
        if k not in boxes:
            findings.bad(at, f"belongs to the image {k}, which is not listed")
        elif category not in own:
            findings.bad(at, f"has the category {category}, which is not listed")
        else:
            bbox = a.get("bbox")
            if not isinstance(bbox, list) or len(bbox) != 4:
                findings.bad(at, f"has no bbox of four numbers: {bbox!r:.80}")
                continue
            extra = a.get("attributes")
            attributes: dict[str, Any] = dict(extra) if isinstance(extra, dict) else {}
            if a.get("iscrowd"):
                attributes["iscrowd"] = 1
            if segmentation and a.get("segmentation"):
                attributes["segmentation"] = a["segmentation"]
            x, y, w, h = bbox
            boxes[k] += a_box(own[category], x, y, w, h, at, findings, attributes)
    folder = _folder([r["file_name"] for r in images.values()], name, tree)
    out = []
    for k, row in images.items():
        file = f"{folder}/{row['file_name']}".lstrip("/")
        if file not in tree:
            findings.bad(f"{where}, image {k}", f"{row['file_name']!r} is not there")
            continue
        size = number(row.get("width")), number(row.get("height"))
        columns = row.get("columns")
        out.append(
            Marked(
                name=file,
                boxes=tuple(boxes[k]),
                role=_role(name, file),
                columns=columns if isinstance(columns, dict) else {},
                size=(int(size[0]), int(size[1])) if all(s > 0 for s in size) else None,
            )
        )
    return out


def write_coco(source: Source, path: str | os.PathLike[str]) -> None:
    """Write a source as COCO: ``images/<role>/`` and ``annotations/instances_<role>.json``.

    Pictures are copied byte by byte. Reading it again gives the same pictures, roles, boxes, attributes,
    columns and class order. The folder appears when it is whole.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has class labels instead of boxes.
    """
    boxes_only(source, "COCO")
    ids = ClassIds(source, 1)
    files: dict[str, dict[str, list[Any]]] = {}
    with new_folder(path) as folder:
        for k, (name, r) in enumerate(named(source), 1):
            role: str = r.role or "all"
            if role not in files:
                categories = [{"id": i, "name": label} for label, i in ids.items()]
                files[role] = {"images": [], "annotations": [], "categories": categories}
                (folder / "images" / role).mkdir(parents=True)
            (folder / "images" / role / name).write_bytes(r.image)
            row = {"id": k, "file_name": name, "width": r.width, "height": r.height}
            files[role]["images"].append(row | ({"columns": dict(r.columns)} if r.columns else {}))
            for b in r.boxes:
                attributes = {
                    key: v for key, v in b.attributes.items() if key not in ("iscrowd", "segmentation")
                }
                row = {
                    "id": sum(len(f["annotations"]) for f in files.values()) + 1,
                    "image_id": k,
                    "category_id": ids[b.label],
                    "bbox": [b.x, b.y, b.w, b.h],
                    "area": b.w * b.h,
                    "iscrowd": int(b.attributes.get("iscrowd", 0)),
                }
                if "segmentation" in b.attributes:
                    row["segmentation"] = b.attributes["segmentation"]
                files[role]["annotations"].append(row | ({"attributes": attributes} if attributes else {}))
        (folder / "annotations").mkdir()
        for role, content in files.items():
            (folder / "annotations" / f"instances_{role}.json").write_text(json.dumps(content))
