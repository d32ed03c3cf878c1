"""YOLO: a text file a picture, ``class cx cy w h`` as shares of the picture; darknet and ultralytics."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import BadData, MissingFile
from .detection import Findings, fit, number, text_of
from .image_folder import SPLITS
from .images import is_image, size_of
from .source import Box, Record, Role, Source
from .tree import Tree, fingerprint, open_tree
from .writing import ClassIds, boxes_only, named, new_folder


def read_yolo(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    classes: Sequence[str] | None = None,
) -> Source:
    """Read YOLO labels: ``images/[split/]x.jpg`` with ``labels/[split/]x.txt``, or both in one folder.

    Parameters
    ----------
    path : path
        Folder or archive, or its ``data.yaml``. Class names come from ``classes``, ``data.yaml`` (names),
        ``classes.txt`` or ``*.names``; without any of them the numbers are the names.
    strict, verify
        As in :func:`read_voc`.

    Returns
    -------
    Source
        A picture without a label file has no boxes. Of a polygon (segmentation) its box is kept. A sixth
        value becomes the attribute ``confidence``.

    Raises
    ------
    MissingFile
        If there are no labels or no pictures.
    BadData
        For damaged pictures, text or archives; with ``strict``, for a bad line.

    Source
    ------
    https://docs.ultralytics.com/datasets/detect/
    """
    p = Path(path)
    tree = open_tree(p.parent if p.suffix.lower() in (".yaml", ".yml") and p.is_file() else p)
    images = [n for n in tree.names() if is_image(n)]
    pairs = {n: _label_of(n) for n in images}
    if not any(t in tree for t in pairs.values()):
        raise MissingFile(
            f"{path} holds no YOLO labels; looked for labels/x.txt for each images/x.jpg, or x.txt beside x.jpg"
        )
    names = tuple(classes) if classes is not None else _names(tree)
    findings = Findings(tree.root, strict=strict)
    shares: dict[str, list[tuple[int, list[float], str]]] = {}
    in_tree = set(pairs.values())
    for text, data in tree.read_many([n for n in tree.names() if n in in_tree]):
        shares[text] = _lines(data, tree.where(text), findings)
    highest = max((k for rows in shares.values() for k, _, _ in rows), default=-1)
    if names is None:
        names = tuple(str(i) for i in range(highest + 1))
    if highest >= len(names):
        where = next(w for rows in shares.values() for k, _, w in rows if k == highest)
        raise BadData(
            f"{where} has the class {highest}, but there are only {len(names)} names: {list(names)[:12]}"
        )
    found, first = findings.count, findings.first

    def records() -> Iterator[Record]:
        # Shares become pixels only here, where the size of the picture is known.
        told = Findings(tree.root, strict=strict)
        told.count, told.first = found, first
        for name, data in tree.read_many(images):
            width, height = size_of(data, tree.where(name), verify=verify)
            boxes: list[Box] = []
            for k, (cx, cy, w, h, *conf), where in shares.get(pairs[name], ()):
                attributes = {"confidence": conf[0]} if conf else {}
                box = Box(
                    names[k], (cx - w / 2) * width, (cy - h / 2) * height, w * width, h * height, attributes
                )
                boxes += fit(box, width, height, where, told)
            yield Record(name, data, width, height, _role(name), boxes=tuple(boxes), path=tree.path(name))
        told.tell()

    return Source(
        format="yolo",
        root=str(path),
        task="detection",
        classes=names,
        records=records,
        total=len(images),
        fingerprint=fingerprint("yolo", tree, {"strict": strict, "classes": names}),
        note=tree.root.name,
    )


def _label_of(image: str) -> str:
    parts = image.rpartition(".")[0].split("/")
    for i in range(len(parts) - 2, -1, -1):
        if parts[i] == "images":
            parts[i] = "labels"
            break
    return "/".join(parts) + ".txt"


def _role(name: str) -> Role:
    for part in reversed(name.split("/")[:-1]):
        if part.lower() in SPLITS:
            return SPLITS[part.lower()]
    return ""


def _lines(data: bytes, where: str, findings: Findings) -> list[tuple[int, list[float], str]]:
    """(class, [cx, cy, w, h(, confidence)], place) of each good line."""
    out = []
    for i, text in enumerate(text_of(data, where).splitlines(), 1):
        words = text.split()
        if not words:
            continue
        at = f"{where}, line {i}"
        v = [number(w) for w in words]
        if len(v) < 5 or any(x != x for x in v) or v[0] < 0 or v[0] != int(v[0]) or v[0] > 1e6:
            findings.bad(at, f"is not: class cx cy w h ({text.strip()!r:.80})")
            continue
        shape = v[1:]
        if len(v) > 6:
            xs, ys = shape[0::2], shape[1::2]
            if len(xs) != len(ys):
                findings.bad(at, "polygon with an odd number of values")
                continue
            shape = [(min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, max(xs) - min(xs), max(ys) - min(ys)]
        if shape[2] <= 0 or shape[3] <= 0 or max(shape) > 1.5 or min(shape) < -0.5:
            findings.bad(at, f"values are not shares of the picture between 0 and 1: {text.strip()!r:.80}")
            continue
        out.append((int(v[0]), shape, at))
    return out


def _names(tree: Tree) -> tuple[str, ...] | None:
    for name in tree.names():
        file = name.split("/")[-1]
        if name.count("/") > 1:
            continue
        if file.endswith((".yaml", ".yml")):
            found = yaml_names(text_of(tree.read(name), tree.where(name)))
            if found:
                return found
        if file == "classes.txt" or file.endswith(".names"):
            lines = text_of(tree.read(name), tree.where(name)).splitlines()
            return tuple(s.strip() for s in lines if s.strip())
    return None


def yaml_names(text: str) -> tuple[str, ...]:
    """Read the class names out of an ultralytics ``data.yaml``; the three ways in which they are written.

    A YAML parser would be one more dependency for one list of words.

    >>> yaml_names("nc: 2\\nnames: ['car', bus]")
    ('car', 'bus')
    >>> yaml_names("names:\\n  1: bus\\n  0: car # comment\\n")
    ('car', 'bus')
    """
    m = re.search(r"^names[ \t]*:[ \t]*(.*)$", text, re.MULTILINE)
    if not m:
        return ()
    rest = m[1].strip()
    if rest.startswith("["):
        whole = text[m.start(1) :].split("]", 1)[0].lstrip("[ ")
        return tuple(
            s for w in re.findall(r"'[^']*'|\"[^\"]*\"|[^,\n]+", whole) if (s := w.strip().strip("'\""))
        )
    numbered: dict[int, str] = {}
    for line in text[m.end() :].splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = re.match(r"\s*-\s+(.*)$|\s+(\d{1,6})\s*:\s*(.*)$", line)
        if not item:
            break
        value = re.sub(r"\s+#.*$", "", item[1] if item[1] is not None else item[3]).strip().strip("'\"")
        numbered[len(numbered) if item[2] is None else int(item[2])] = value
    return (
        tuple(numbered.get(i, str(i)) for i in range(max(numbered, default=-1) + 1)) if len(numbered) else ()
    )


def write_yolo(source: Source, path: str | os.PathLike[str]) -> None:
    """Write a source for YOLO: ``images/<role>/``, ``labels/<role>/`` and ``data.yaml`` (ultralytics).

    Boxes become shares of the picture, so they return equal to about 1e-12 pixels; of the attributes only
    confidence is written. The folder appears when it is whole.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has class labels instead of boxes.
    """
    boxes_only(source, "YOLO")
    ids = ClassIds(source, 0)
    roles: set[str] = set()
    with new_folder(path) as folder:
        for name, r in named(source):
            role = r.role or "all"
            for kind in ("images", "labels") if role not in roles else ():
                (folder / kind / role).mkdir(parents=True)
            roles.add(role)
            (folder / "images" / role / name).write_bytes(r.image)
            lines = []
            for b in r.boxes:
                shares = (
                    (b.x + b.w / 2) / r.width,
                    (b.y + b.h / 2) / r.height,
                    b.w / r.width,
                    b.h / r.height,
                )
                more = [b.attributes["confidence"]] if "confidence" in b.attributes else []
                lines.append(" ".join([str(ids[b.label]), *(repr(float(v)) for v in (*shares, *more))]))
            (folder / "labels" / role / f"{name.rpartition('.')[0]}.txt").write_text(
                "".join(f"{s}\n" for s in lines)
            )
        names = "".join(f"  {i}: {json.dumps(label)}\n" for label, i in ids.items())
        sets = {"train": "train", "val": "test" if "test" in roles else "train"}
        if "all" in roles and len(roles) == 1:
            sets = {"train": "all", "val": "all"}
        heads = "".join(f"{key}: images/{role}\n" for key, role in sets.items())
        (folder / "data.yaml").write_text(f"path: .\n{heads}names:\n{names}")
