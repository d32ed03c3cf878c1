"""Pascal VOC: one XML file a picture, ``Annotations/*.xml`` beside ``JPEGImages/``."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from ..errors import BadData, MissingFile
from .detection import Findings, Marked, a_box, class_order, detection_source, number, stem_in, stems, text_of
from .source import Role, Source
from .tree import Tree, open_tree
from .writing import boxes_only, named, new_folder

_FLAGS = ("truncated", "difficult", "occluded")


def read_voc(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    classes: Sequence[str] | None = None,
) -> Source:
    """Read Pascal VOC annotations and their pictures from a folder or an archive.

    Corners are taken as they are: x = xmin, w = xmax - xmin. (VOC2007 itself counts pixels from 1, most
    sets that came later from 0; the difference of one pixel is left alone.) A table beside the folders
    (``*.csv`` with a first column ``file``) gives capture columns.

    Parameters
    ----------
    path : path
        Folder or archive with ``Annotations/`` and ``JPEGImages/``; ``ImageSets/Main/train.txt``,
        ``val.txt`` and ``test.txt`` give the roles where they are there.
    strict : bool
        Raise at the first bad box; otherwise such boxes are skipped, counted and told in one warning.
    verify : bool
        Decode each picture once while it is read.
    classes : sequence of str, optional
        Class names in order; ``classes.txt`` or the sorted names otherwise.

    Raises
    ------
    MissingFile
        If there are no annotations or none of their pictures.
    BadData
        For damaged XML (also entity bombs), pictures or archives; with ``strict``, for a bad box.

    Source
    ------
    Everingham et al., The PASCAL Visual Object Classes Challenge, development kit, section 3.
    """
    tree = open_tree(path)
    xmls = [n for n in tree.names() if n.endswith(".xml") and n.split("/")[-2:-1] == ["Annotations"]]
    if not xmls:
        raise MissingFile(f"{path} holds no Annotations/*.xml")
    pictures = stems(tree, "JPEGImages") or stems(tree, "images")
    findings = Findings(tree.root, strict=strict)
    roles, columns = _roles(tree), _columns(tree)
    marked = []
    for name, data in tree.read_many(xmls):
        image = pictures.get(stem_in(name))
        if image is None:
            findings.bad(tree.where(name), "its picture is not there")
            continue
        root = _parse(data, tree.where(name))
        boxes = tuple(
            b
            for i, o in enumerate(root.iter("object"), 1)
            for b in _object(o, f"{tree.where(name)}, object {i}", findings)
        )
        size = tuple(number(root.findtext(f"size/{k}")) for k in ("width", "height"))
        stem = image.split("/")[-1].rpartition(".")[0]
        marked.append(
            Marked(
                name=image,
                boxes=boxes,
                role=roles.get(stem, ""),
                columns=columns.get(image.split("/")[-1], {}),
                # many tools write 0 x 0 where they do not know
                size=(int(size[0]), int(size[1])) if all(s > 0 for s in size) else None,
            )
        )
    names = class_order(tree, (b.label for m in marked for b, _ in m.boxes), classes)
    return detection_source(
        "voc", tree, marked, names, findings, verify=verify, options={"strict": strict, "classes": classes}
    )


def _parse(data: bytes, where: str) -> Element:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(data, forbid_dtd=True)
    except DefusedXmlException as e:
        raise BadData(
            f"{where} declares entities or a document type; such XML is not read ({type(e).__name__})"
        ) from e
    except (ParseError, ValueError, LookupError) as e:
        raise BadData(f"{where} is damaged XML ({e}); fetch it again") from e


def _object(o: Element, where: str, findings: Findings):
    at = [number(o.findtext(f"bndbox/{k}")) for k in ("xmin", "ymin", "xmax", "ymax")]
    attributes: dict[str, Any] = {k: int(v) for k in _FLAGS if (v := number(o.findtext(k))) == v}
    pose = (o.findtext("pose") or "").strip()
    if pose and pose != "Unspecified":
        attributes["pose"] = pose
    label = (o.findtext("name") or "").strip()
    return a_box(label, at[0], at[1], at[2] - at[0], at[3] - at[1], where, findings, attributes)


def _roles(tree: Tree) -> dict[str, Role]:
    """Roles by stem from ImageSets/Main; val is test where there is no test list."""
    lists = {n.split("/")[-1]: n for n in tree.names() if n.split("/")[-3:-1] == ["ImageSets", "Main"]}
    out: dict[str, Role] = {}
    wanted: list[tuple[str, Role]] = [("train.txt", "train")]
    wanted.append(("test.txt", "test") if "test.txt" in lists else ("val.txt", "test"))
    for file, role in wanted:
        if file in lists:
            for line in text_of(tree.read(lists[file]), tree.where(lists[file])).splitlines():
                if line.split():
                    out[line.split()[0]] = role
    return out


def _columns(tree: Tree) -> dict[str, Mapping[str, Any]]:
    """Capture columns by file name, from a table whose first column is ``file``."""
    out: dict[str, Mapping[str, Any]] = {}
    for name in tree.names():
        if not name.endswith(".csv") or name.count("/") > 1:
            continue
        rows = csv.reader(io.StringIO(text_of(tree.read(name), tree.where(name))))
        try:
            head = next(rows, [])
            if not head or head[0].strip().lower() not in ("file", "filename", "file_name"):
                continue
            for row in rows:
                if row:
                    out[row[0]] = {k: _value(v) for k, v in zip(head[1:], row[1:]) if v != ""}
        except csv.Error as e:
            raise BadData(f"{tree.where(name)} is a damaged table ({e})") from e
    return out


def _value(text: str) -> int | float | str:
    x = number(text)
    if x != x:
        return text
    return int(text) if text.lstrip("+-").isdecimal() and len(text) < 16 else x


def write_voc(source: Source, path: str | os.PathLike[str]) -> None:
    """Write a source as Pascal VOC, with ``ImageSets/Main`` for the roles and ``classes.txt`` for the order.

    VOC knows of truncated, difficult, occluded and pose; other attributes and the capture columns are
    not written. The folder appears when it is whole.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has class labels instead of boxes.
    """
    from xml.etree.ElementTree import SubElement, tostring

    boxes_only(source, "VOC")
    roles: dict[str, list[str]] = {}
    with new_folder(path) as folder:
        for sub in ("JPEGImages", "Annotations", "ImageSets/Main"):
            (folder / sub).mkdir(parents=True)
        for name, r in named(source):
            stem = name.rpartition(".")[0]
            (folder / "JPEGImages" / name).write_bytes(r.image)
            root = Element("annotation")
            SubElement(root, "filename").text = name
            size = SubElement(root, "size")
            for key, value in (("width", r.width), ("height", r.height), ("depth", 3)):
                SubElement(size, key).text = str(value)
            for b in r.boxes:
                o = SubElement(root, "object")
                SubElement(o, "name").text = b.label
                for key in (*_FLAGS, "pose"):
                    if key in b.attributes:
                        value = b.attributes[key]
                        SubElement(o, key).text = value if key == "pose" else str(int(value))
                corners = SubElement(o, "bndbox")
                for key, at in (("xmin", b.x), ("ymin", b.y), ("xmax", b.x + b.w), ("ymax", b.y + b.h)):
                    SubElement(corners, key).text = repr(float(at))
            (folder / "Annotations" / f"{stem}.xml").write_bytes(tostring(root, encoding="utf-8"))
            if r.role:
                roles.setdefault(r.role, []).append(stem)
        for role, members in roles.items():
            (folder / "ImageSets" / "Main" / f"{role}.txt").write_text("".join(f"{s}\n" for s in members))
        (folder / "classes.txt").write_text("".join(f"{c}\n" for c in source.classes))
