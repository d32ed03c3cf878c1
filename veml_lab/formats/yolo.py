"""YOLO: a text file a picture, values as shares of the picture; darknet and ultralytics; boxes, outlines, poses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import BadData, MissingFile
from ..sources.checks import Findings, each_once, halved, number
from ..sources.columns import columns_beside
from ..sources.detection import Marked, detection_source, task_of, text_of
from ..sources.jsonstream import whole
from ..sources.opening import open_tree
from ..sources.outlines import hull
from ..sources.pairs import Pairs, real_pictures
from ..sources.roles import lists_of
from ..sources.source import Box, Keypoints, Mask, Source
from ..sources.spool import Spool
from ..sources.tree import Tree
from ..storage.border import public
from .yolo_splits import CLASS_LISTS, YAML_BYTES, splits_of

# (class, numbers, place) of a line; shares become pixels where the size of the picture is known.
Line = tuple[int, list[float], str]


@dataclass(frozen=True, slots=True)
class Head:
    """What ``data.yaml`` (or a list of names) says: class names, numbers of a keypoint, names of the points."""

    names: tuple[str, ...] | None = None
    points: int = 0
    values: int = 3
    about: Mapping[str, Any] = field(default_factory=dict)
    told: tuple[tuple[str, str], ...] = ()  # findings: where, and what


@public
def read_yolo(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read YOLO labels: ``images/[split/]x.jpg`` with ``labels/[split/]x.txt``, or both in one folder.

    Which picture a label file is about is told by its name and folder, whatever the folders of pictures and labels
    are called (CVAT's ``obj_train_data``, labelImg's single folder, Roboflow's ``train/images``).

    Parameters
    ----------
    path : path
        Folder or archive, or its ``data.yaml``. Class names come from ``classes``, ``data.yaml`` (names),
        ``classes.txt`` or ``*.names``; without any of them the numbers are the names. ``kpt_shape`` in
        ``data.yaml`` makes the lines poses. Roles come from ``train``, ``val`` and ``test`` of ``data.yaml`` or
        ``obj.data``, else from lists (``train.txt``), else from folders; val is for testing, and has the column
        ``split`` where there is a test part too.
    strict, verify, boxes
        As in :func:`read_voc`.

    Returns
    -------
    Source
        A picture without a label file has no shapes. An outline has the box around it, a pose its own box, both
        with the same instance. A sixth value becomes the attribute ``confidence``.

    Raises
    ------
    MissingFile
        If there are no labels or no pictures.
    BadData
        For a damaged data.yaml or archive, or if no class number has a name; with ``strict``, for a damaged picture or
        text, a bad line.

    Source
    ------
    https://docs.ultralytics.com/datasets/detect/, .../segment/, .../pose/

    Examples
    --------
    >>> veml.write(veml.road_world("clear-city", 4), "roads-as-yolo", "yolo", lossy=True)
    >>> veml.read_yolo("roads-as-yolo")
    <Source yolo 'roads-as-yolo': 4 samples, detection, 4 classes>
    """
    p = Path(path)
    named = p.name if p.suffix.lower() in (".yaml", ".yml") and p.is_file() else None
    tree = open_tree(p.parent if named else p)
    pictures = real_pictures(tree)
    labels, orphans = _paired(tree, pictures)
    if not labels:
        raise MissingFile(
            f"{path} holds no YOLO labels; looked for labels/x.txt for each images/x.jpg, or x.txt beside x.jpg"
        )
    head = _head(tree, named, asked=classes is not None)
    names = tuple(classes) if classes is not None else head.names
    findings = Findings(tree.root, strict=strict, boxes=boxes)
    for where, why in head.told if classes is None else ():
        findings.bad(where, why)
    for text in orphans:
        findings.not_there(tree.where(text), "its picture is not there")
    in_tree = set(labels.values())
    at = {n: i for i, n in enumerate(n for n in tree.names() if n in in_tree)}
    spool, highest, nameless, seen = Spool(), -1, "", set()
    read, lost = set(), set()
    for text, data in tree.read_many(list(at), findings.fault):
        before = findings.count
        with findings.part():
            for line in _lines(data, tree.where(text), head, findings):
                if names is not None and line[0] >= len(names):
                    nameless = f"has the class {line[0]}, but there are only {len(names)} names: {list(names)[:12]}"
                    findings.bad(line[2], nameless)
                    continue
                spool.put(at[text], line)
                highest = max(highest, line[0])
                seen.add(_kind(line, head))
            read.add(text)
        if findings.count > before:
            lost.add(text)
    if nameless and highest < 0:
        raise BadData(f"{tree.root}: no line has a class that is named; the last {nameless}. Name them with classes=")
    if names is None:
        names = tuple(str(i) for i in range(highest + 1))
    unread = in_tree.intersection(tree.names()) - read  # what is in these pictures is not known: they are left out
    columns = columns_beside(tree)
    splits = splits_of(tree, pictures, named)
    known, names = names, each_once(names, f"{tree.root}, the list of classes", findings)

    def get(name: str, found: Findings) -> Marked:
        """The lines of a picture, still in shares: its own size is not known before it is opened."""
        lines = spool.get(at[labels[name]]) if name in labels else []
        shapes = tuple((s, line[2]) for i, line in enumerate(lines) for s in _shapes(line, known, head, i))
        row = columns.get(name.rpartition("/")[2], {})
        return Marked(name, shapes, columns=row, lost=labels.get(name) in lost)

    return detection_source(
        "yolo",
        tree,
        [n for n in pictures if labels.get(n) not in unread],
        get,
        names,
        findings,
        task=task_of(seen),
        verify=verify,
        root=str(path),
        about=head.about,
        options={"strict": strict, "boxes": boxes, "classes": names, "records": 3},
        shares=True,
        splits=splits,
    )


def _paired(tree: Tree, pictures: list[str]) -> tuple[dict[str, str], list[str]]:
    """The label file of each picture that has one, and label files beside these whose picture is not there."""
    lists = lists_of(tree)
    texts = [n for n in tree.names() if n.lower().endswith(".txt") and n not in lists and not _names_classes(n)]
    pairs, labels = Pairs(pictures), {}
    for name in texts:
        picture = pairs.of(name)
        # where a picture has two, the one in a folder called labels is meant
        if picture is not None and ("labels" in name.lower().split("/")[:-1] or picture not in labels):
            labels[picture] = name
    taken = set(labels.values())
    folders = {n.rpartition("/")[0] for n in taken} - {""}
    return labels, [n for n in texts if n not in taken and n.rpartition("/")[0] in folders]


def _names_classes(name: str) -> bool:
    last = name.rpartition("/")[2].lower()
    return last in CLASS_LISTS or last.endswith((".names", ".labels"))


def _counts_classes(name: str) -> bool:
    return name.lower().endswith(".data")


def _lines(data: bytes, where: str, head: Head, findings: Findings) -> Iterator[Line]:
    """Each good line of a label file."""
    pose = 5 + head.points * head.values if head.points else 0
    for i, text in enumerate(text_of(data, where).splitlines(), 1):
        words = text.split()
        if not words:
            continue
        at = f"{where}, line {i}"
        v = [number(w) for w in words]
        if len(v) < 5 or any(x != x for x in v) or v[0] < 0 or v[0] != int(v[0]) or v[0] > 1e6:
            findings.bad(at, f"is not: class cx cy w h ({text.strip()!r:.80})")
            continue
        shares, size = v[1:], v[3:5]
        if pose and len(v) not in (5, pose):
            findings.bad(at, f"has {len(v)} values; a pose of kpt_shape [{head.points}, {head.values}] has {pose}")
            continue
        if pose and len(v) == pose and head.values == 3:
            seen = shares[6::3]
            shares = [s for j, s in enumerate(shares) if j < 4 or j % 3 != 0]
            if any(s not in (0, 1, 2) for s in seen):
                findings.bad(at, f"has a keypoint whose visibility is not 0, 1 or 2: {text.strip()!r:.80}")
                continue
        elif not pose and len(v) > 6:
            if len(shares) % 2:
                findings.bad(at, "polygon with an odd number of values")
                continue
            xs, ys = shares[0::2], shares[1::2]
            size = [max(xs) - min(xs), max(ys) - min(ys)]
        if min(size) <= 0 or max(shares) > 1.5 or min(shares) < -0.5:
            findings.bad(at, f"values are not shares of the picture between 0 and 1: {text.strip()!r:.80}")
            continue
        yield int(v[0]), v[1:], at


def _kind(line: Line, head: Head) -> str:
    if head.points:
        return "keypoints" if len(line[1]) > 4 else "box"
    return "mask" if len(line[1]) > 5 else "box"


def _shapes(line: Line, names: tuple[str, ...], head: Head, instance: int) -> list[Box | Mask | Keypoints]:
    """Box, outline, keypoints of a line, in shares."""
    label, v, kind = names[line[0]], line[1], _kind(line, head)
    if kind == "mask":
        mask = Mask(label, (tuple(v),), instance=instance)
        return [Box(label, *hull(mask), instance=instance), mask]
    box = (v[0] - v[2] / 2, v[1] - v[3] / 2, v[2], v[3])
    if kind == "box":
        return [Box(label, *box, {"confidence": v[4]} if len(v) > 4 else {})]
    k = head.values
    points = tuple(
        (v[i], v[i + 1], int(v[i + 2]) if k == 3 else 2 * (v[i] > 0 or v[i + 1] > 0)) for i in range(4, len(v), k)
    )
    if not any(seen for _, _, seen in points):
        return [Box(label, *box)]
    return [Box(label, *box, instance=instance), Keypoints(label, points, instance)]


def _head(tree: Tree, named: str | None = None, *, asked: bool = False) -> Head:
    """Class names by the description that was named, else by those nearest to the top, which have to agree.

    ``asked`` says that the user names the classes: of the rest only the points of poses count then.
    """
    described: dict[str, Head] = {}
    for name in [named] if named else sorted(tree.names(), key=lambda n: n.count("/")):
        if name.lower().endswith((".yaml", ".yml")) and tree.depth(name) < 3 and tree.size(name) <= YAML_BYTES:
            head = yaml_head(text_of(tree.read(name), tree.where(name)), tree.where(name))
            if head.names:
                described[name] = head
            else:
                tree.leave([name])
    listed: dict[str, Head] = {}
    for name in sorted(filter(_names_classes, tree.names()), key=lambda n: n.count("/")):
        lines = text_of(tree.read(name), tree.where(name)).splitlines()
        listed[name] = Head(tuple(s.strip() for s in lines if s.strip()))
    for name in filter(_counts_classes, tree.names()) if not described else ():
        said = re.search(r"^\s*classes\s*=\s*(\d+)\s*$", text_of(tree.read(name), tree.where(name)), re.MULTILINE)
        first = next(iter(listed), None)
        if said and first and int(said[1]) != len(listed[first].names or ()):
            why = f"says classes = {said[1]}, but {first} names {len(listed[first].names or ())}; the names are taken"
            listed[first] = replace(listed[first], told=((tree.where(name), why),))
    known = described or listed
    if not known:
        return Head()
    first, head = next(iter(known.items()))
    if asked or named:
        return head
    for name, other in known.items():
        if other.names != head.names and (not described or name.count("/") == first.count("/")):
            raise BadData(f"{tree.where(first)} and {name} name different classes; say classes=, or remove one")
    others = [n for n, h in {**described, **listed}.items() if h.names != head.names]
    differ = tuple((tree.where(n), f"names other classes than {first}, which is taken") for n in others)
    return replace(head, told=(*head.told, *differ))


def yaml_head(text: str, where: str) -> Head:
    """Read class names and keypoints out of an ultralytics ``data.yaml``; ``Head()`` for another YAML file.

    >>> yaml_head("names: {1: bus, 0: 'car'}", "data.yaml").names
    ('car', 'bus')

    Raises
    ------
    BadData
        If it is no YAML, or its names are no list or numbered names.
    """
    import yaml

    try:
        content = yaml.load(text, yaml.BaseLoader)  # makes texts, lists and objects alone: `no` and 007 stay names
        repeated = _repeated(yaml.compose(text, yaml.BaseLoader))
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        raise BadData(f"{where} is no YAML that can be read ({' '.join(str(e).split()):.120})") from e
    if not isinstance(content, dict) or "names" not in content:
        return Head()
    said, gaps = content["names"], []
    if isinstance(said, dict) and all(_number(k) is not None for k in said):
        by_number = {int(k): v for k, v in said.items()}
        said = [by_number.get(i, str(i)) for i in range(max(by_number, default=-1) + 1)]
        gaps = [i for i in range(len(said)) if i not in by_number]
    if not isinstance(said, list) or not all(isinstance(n, str) for n in said):
        # it is not shown: a few anchors of YAML can stand for a billion words
        raise BadData(f"{where}: names is no list of class names, but a {type(said).__name__} of something else")
    whole_names, halves = whole(said)
    names = tuple(whole_names)
    wrong = [halved(halves)] if halves else []
    count = _number(content.get("nc", ""))
    if count is not None and count != len(names):
        wrong.append(f"says nc: {count}, but names {len(names)} classes; the names are taken")
    if gaps:
        wrong.append(f"has no name for the classes {gaps[:6]}, which are called by their numbers")
    wrong += [f"has {key!r:.60} twice; the last is taken" for key in repeated]
    told = tuple((where, why) for why in wrong)
    empty = [i for i, n in enumerate(names) if not n.strip()]
    if empty:
        raise BadData(f"{where}: the class {empty[0]} has an empty name; write one, or its number in quotes")
    given = content.get("kpt_shape", "null")
    if given in ("null", "~", ""):
        return Head(names, told=told)
    shape = [_number(s) for s in given] if isinstance(given, list) else []
    if len(shape) != 2 or not shape[0] or shape[0] >= 10_000 or shape[1] not in (2, 3):
        raise BadData(f"{where}: kpt_shape is not [points, 2 or 3]")
    points_said = content.get("kpt_names")
    about = {
        names[int(k)]: {"names": [str(p) for p in points], "skeleton": []}
        for k, points in (points_said.items() if isinstance(points_said, dict) else ())
        if (_number(k) or 0) < len(names) and k.isdecimal() and isinstance(points, list) and len(points) == shape[0]
    }
    return Head(names, shape[0], shape[1], {"keypoints": about} if about else {}, told)


def _repeated(node: Any) -> list[str]:
    """Keys that stand twice at the top of a YAML file, or among its names; YAML takes the last without a word."""
    pairs = getattr(node, "value", None) if type(node).__name__ == "MappingNode" else None
    if not pairs:
        return []
    keys = [k.value for k, _ in pairs if isinstance(k.value, str)]
    out = [k for k in dict.fromkeys(keys) if keys.count(k) > 1]
    return out + [n for k, v in pairs if k.value == "names" for n in _repeated(v)]


def _number(text: Any) -> int | None:
    """A whole number below a million, as YAML writes the keys and counts of a data.yaml; None for anything else."""
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) <= 6 else None
