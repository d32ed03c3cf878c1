"""Pascal VOC: one XML file a picture, ``Annotations/*.xml`` beside ``JPEGImages/`` or in any other layout."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from ..errors import MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.columns import read_columns, write_columns
from ..sources.detection import Marked, Marks, class_order, marks_source, stem_in, stems, text_of
from ..sources.holds import Holds, Keeper
from ..sources.opening import open_tree
from ..sources.pairs import Pairs, real_pictures
from ..sources.plain import name_of, text_of_value, value_of
from ..sources.roles import Splits, lists_of, splits_of_folders, splits_of_lists
from ..sources.source import Box, Mask, Record, Source
from ..sources.tree import Tree
from ..sources.writing import ClassIds, named, new_folder, refuse_classes
from ..sources.xmlstream import xml_of
from ..storage.border import public
from .voc_masks import object_masks

_FLAGS = ("truncated", "difficult", "occluded")
HOLDS = Holds(boxes=True, attributes=None, columns=True)


@public
def read_voc(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read Pascal VOC annotations and their pictures from a folder or an archive.

    Corners are taken as they are: x = xmin, w = xmax - xmin. (VOC2007 itself counts pixels from 1, most
    sets that came later from 0; the difference of one pixel is left alone.) A table beside the folders
    (``*.csv`` with a first column ``file``) gives capture columns. ``SegmentationObject/*.png`` gives the objects
    masks of run lengths.

    Parameters
    ----------
    path : path
        Folder or archive with an ``.xml`` for each picture, in ``Annotations/`` and ``JPEGImages/``, in folders of
        any other name, or beside it. ``ImageSets/Main/train.txt``, ``val.txt`` and ``test.txt`` give the roles where
        they are there, else lists of these names elsewhere, else folders called train, val or test. What is in val is
        for testing, and has the column ``split`` where there is a test part too.
    strict : bool
        Raise at the first damaged picture or XML file and the first bad box; otherwise these are left out, counted
        and told in one warning.
    verify : bool
        Decode each picture once while it is read.
    boxes : str
        Boxes over the border of their picture are cut there and counted (``"clip"``), left as they are (``"keep"``),
        or left out (``"drop"``).
    classes : sequence of str, optional
        Class names in order, annotations of others are left out; those of ``labelmap.txt`` (CVAT, Datumaro), of
        ``classes.txt`` or the sorted names otherwise.

    Raises
    ------
    MissingFile
        If there are no annotations or none of their pictures.
    BadData
        For a damaged archive; with ``strict``, for damaged XML (also entity bombs), a damaged picture, a bad box.

    Source
    ------
    Everingham et al., The PASCAL Visual Object Classes Challenge, development kit, section 3.

    Examples
    --------
    >>> veml.write(veml.road_world("clear-city", 4), "roads-as-voc", "voc", lossy=True)
    >>> veml.read_voc("roads-as-voc")
    <Source voc 'roads-as-voc': 4 samples, detection, 4 classes>
    """
    tree = open_tree(path)
    xmls = [n for n in tree.names() if n.lower().endswith(".xml")]
    if not xmls:
        raise MissingFile(f"{path} holds no .xml files; looked for one with <annotation> for each picture")
    pictures = real_pictures(tree)
    pairs = Pairs(pictures)
    outlines = stems(tree, "SegmentationObject")
    if outlines:
        classes_of = (n for n in tree.names() if n.split("/")[-2:-1] == ["SegmentationClass"])
        tree.leave(classes_of, "classes of the objects in SegmentationObject, which is read")
    findings = Findings(tree.root, strict=strict, boxes=boxes)
    splits = _splits(tree, pictures)
    columns = read_columns(tree, [n for n in tree.names() if n.endswith(".csv") and tree.depth(n) < 2])
    marks = Marks()
    for name, data in tree.read_many(xmls, findings.fault):
        root = None
        with findings.part():
            root = xml_of(data, tree.where(name))
        if root is None:
            continue
        if root.tag != "annotation":
            tree.leave([name])
            continue
        image = pairs.of(name) or _by_filename(root, name, pairs)
        if image is None:
            findings.not_there(tree.where(name), "its picture is not there")
            continue
        before = findings.count
        found: dict[int, tuple[Box, str]] = {}
        for i, o in enumerate(root.iter("object"), 1):
            for b, at in _object(o, f"{tree.where(name)}, object {i}", findings):
                found[i] = b, at
        shapes: dict[int, list[tuple[Box | Mask, str]]] = {i: [b] for i, b in found.items()}
        png = outlines.get(stem_in(name))
        if png is not None:
            with findings.part():
                at = tree.where(png)
                for i, mask in object_masks(tree.raw(png), at, {i: b for i, (b, _) in found.items()}, findings):
                    shapes[i] = [(replace(found[i][0], instance=mask.instance), found[i][1]), (mask, at)]
        size = tuple(number(root.findtext(f"size/{k}")) for k in ("width", "height"))
        marks.add(
            Marked(
                name=image,
                shapes=tuple(s for one in shapes.values() for s in one),
                columns=columns.get(image.split("/")[-1], {}),
                # many tools write 0 x 0 where they do not know
                size=(int(size[0]), int(size[1])) if all(s > 0 for s in size) else None,
                lost=findings.count > before,
            ),
            tree.where(name),
            findings,
        )
    names = class_order(tree, marks.labels, classes or _label_map(tree, marks.labels), findings)
    options = {"strict": strict, "boxes": boxes, "classes": classes, **({"masks": True} if outlines else {})}
    return marks_source("voc", tree, marks, names, findings, verify=verify, options=options, splits=splits)


def _label_map(tree: Tree, seen: Collection[str]) -> tuple[str, ...] | None:
    """The classes of a ``labelmap.txt`` with lines ``name:colour:parts:actions``, if it knows all that are there."""
    for name in tree.names():
        if name.rpartition("/")[2] == "labelmap.txt":
            lines = (s.strip() for s in text_of(tree.read(name), tree.where(name)).splitlines())
            listed = (s.partition(":")[0] for s in lines if s and not s.startswith("#"))
            # what is no object has a line too
            names = tuple(dict.fromkeys(n for n in listed if n and (n != "background" or n in seen)))
            return names if set(seen) <= set(names) else None
    return None


def _object(o: Element, where: str, findings: Findings):
    if o.find("bndbox") is None:
        findings.bad(where, f"has no bndbox, which is what is read of an object; it has {[c.tag for c in o][:6]}")
        return ()
    at = [number(o.findtext(f"bndbox/{k}")) for k in ("xmin", "ymin", "xmax", "ymax")]
    attributes: dict[str, Any] = {k: int(v) for k in _FLAGS if (v := number(o.findtext(k))) == v}
    pose = (o.findtext("pose") or "").strip()
    if pose and pose != "Unspecified":
        attributes["pose"] = pose
    for a in o.iterfind("attributes/attribute"):
        if key := (a.findtext("name") or "").strip():
            attributes[key] = value_of((a.findtext("value") or "").strip())
    label = (o.findtext("name") or "").strip()
    return a_box(label, at[0], at[1], at[2] - at[0], at[3] - at[1], where, findings, attributes)


def _by_filename(root: Element, name: str, pairs: Pairs) -> str | None:
    """The picture that the file itself names, beside it or anywhere."""
    said = (root.findtext("filename") or "").strip().replace("\\", "/").rpartition("/")[2]
    return pairs.of(f"{name.rpartition('/')[0]}/{said}".lstrip("/")) if said else None


def _splits(tree: Tree, pictures: list[str]) -> Splits:
    """By the lists of ``ImageSets/Main`` (or another task's, where it has none), any other list, or folders."""
    lists = lists_of(tree)
    inside: dict[str, dict[str, str]] = {}
    for n, split in lists.items():
        folders = n.lower().split("/")[:-1]
        if "imagesets" in folders:
            inside.setdefault(folders[-1], {})[n] = split
    mine = inside.get("main") or inside.get("imagesets") or next(iter(inside.values()), None)
    found = splits_of_lists(tree, mine or lists, pictures)
    # the lists of single classes and of other tasks say nothing that is not known
    tree.take(n for n in tree.names() if "imagesets" in n.lower().split("/")[:-1])
    return found if found.parts else splits_of_folders(pictures)


@public
def write_voc(source: Source, path: str | os.PathLike[str], *, devkit: bool = False, lossy: bool = False) -> None:
    """Write a source as Pascal VOC, with ``ImageSets/Main`` for the roles and ``classes.txt`` for the order.

    Attributes that VOC does not know are written as ``<attributes><attribute><name>, <value>``, as CVAT and
    Datumaro do; capture columns into ``columns.csv``. The folder appears when it is whole.

    Parameters
    ----------
    devkit : bool
        Put the folders into ``VOCdevkit/VOC2007``, where torchvision's ``VOCDetection`` looks for them (year
        ``"2007"``); it opens JPEG pictures alone.
    lossy : bool
        Leave out what VOC cannot hold (masks, keypoints, captions, targets), with one warning; otherwise
        that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has what VOC cannot hold.
    """
    from xml.etree.ElementTree import tostring

    refuse_classes(source, "VOC")
    keeper, ids = Keeper("VOC", HOLDS, lossy=lossy), ClassIds(source, 0)
    roles: dict[str, list[str]] = {}
    columns: dict[str, Mapping[str, Any]] = {}
    with new_folder(path) as top:
        folder = top / "VOCdevkit" / "VOC2007" if devkit else top
        for sub in ("JPEGImages", "Annotations", "ImageSets/Main"):
            (folder / sub).mkdir(parents=True)
        for name, r in named(keeper.records(source)):
            stem = name.rpartition(".")[0]
            (folder / "JPEGImages" / name).write_bytes(r.image)
            (folder / "Annotations" / f"{stem}.xml").write_bytes(tostring(_xml(name, r, ids), encoding="utf-8"))
            if r.role:
                roles.setdefault(r.role, []).append(stem)
            if r.columns:
                columns[name] = r.columns
        for role, members in roles.items():
            (folder / "ImageSets" / "Main" / f"{role}.txt").write_text("".join(f"{s}\n" for s in members))
        (top / "classes.txt").write_text("".join(f"{c}\n" for c in source.classes), encoding="utf-8")
        if not any(":" in c for c in source.classes):
            # without it Datumaro and CVAT know the twenty classes of VOC alone
            listed = "".join(f"{c}:::\n" for c in source.classes)
            (folder / "labelmap.txt").write_text(f"# label:color_rgb:parts:actions\n{listed}", encoding="utf-8")
        write_columns(top, columns)


def _xml(name: str, r: Record, ids: ClassIds) -> Element:
    from xml.etree.ElementTree import SubElement

    root = Element("annotation")
    SubElement(root, "filename").text = name
    size = SubElement(root, "size")
    for key, value in (("width", r.width), ("height", r.height), ("depth", 3)):
        SubElement(size, key).text = str(value)
    for b in r.boxes:
        o = SubElement(root, "object")
        ids[b.label]  # a class that the source does not name is an error
        SubElement(o, "name").text = b.label
        others = dict(b.attributes)
        for key in (*_FLAGS, "pose"):
            said = others.get(key)
            if (
                key == "pose"
                and isinstance(said, str)
                and said.strip() == said
                and said.isprintable()
                and said not in ("", "Unspecified")
            ):
                SubElement(o, key).text = others.pop(key)
            elif key != "pose" and type(said) is int:
                SubElement(o, key).text = str(others.pop(key))
        corners = SubElement(o, "bndbox")
        for key, at in (("xmin", b.x), ("ymin", b.y), ("xmax", b.x + b.w), ("ymax", b.y + b.h)):
            SubElement(corners, key).text = repr(float(at))
        if others:
            inside = SubElement(o, "attributes")
            for key, value in others.items():
                a = SubElement(inside, "attribute")
                SubElement(a, "name").text = name_of(key)
                SubElement(a, "value").text = text_of_value(value)
    return root
