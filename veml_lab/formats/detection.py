"""What the readers of boxes share: checking numbers, counting what is bad, walking over the images."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadData, MissingFile
from .images import is_image, size_of
from .source import Box, Record, Role, Source
from .tree import Tree, fingerprint

# Annotators overshoot the border by a little; such a box is cut, one that is further out is wrong.
OVERSHOOT = 0.05
MAX_LINES = 1000


class Findings:
    """Bad annotations: raise at the first (strict), or count them and tell once at the end."""

    def __init__(self, root: object, *, strict: bool) -> None:
        self.root, self.strict = root, strict
        self.count, self.first = 0, ""
        self.lines: list[str] = []

    def bad(self, where: str, why: str) -> None:
        """Report one annotation that cannot be used."""
        if self.strict:
            raise BadData(f"{where}: {why}. With strict=False such annotations are skipped and counted")
        self.first = self.first or f"{where}: {why}"
        self.count += 1
        if len(self.lines) < MAX_LINES:
            self.lines.append(f"{where}: {why}")

    def report(self) -> list[str]:
        """A line each, at most ``MAX_LINES``, then one that says how many more: for ``Source.findings``."""
        more = self.count - len(self.lines)
        return [*self.lines, f"... and {more:,} more"] if more else list(self.lines)

    def tell(self) -> None:
        """Warn once, with the count and the first."""
        if self.count:
            warnings.warn(
                f"{self.root}: skipped {self.count:,} bad annotations; the first is {self.first}",
                stacklevel=3,
            )


@dataclass(frozen=True, slots=True)
class Marked:
    """An image with its boxes as read; each box with the place it was read from.

    ``size`` is what the annotation says about the picture, None where it says nothing.
    """

    name: str
    boxes: tuple[tuple[Box, str], ...]
    role: Role = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    size: tuple[int, int] | None = None


def number(value: Any) -> float:
    """A finite float, or NaN for anything else.

    >>> number("3.5"), number(None)
    (3.5, nan)
    """
    try:
        x = float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return x if math.isfinite(x) and not isinstance(value, bool) else math.nan


def a_box(
    label: str,
    x: Any,
    y: Any,
    w: Any,
    h: Any,
    where: str,
    findings: Findings,
    attributes: Mapping[str, Any] | None = None,
) -> tuple[tuple[Box, str], ...]:
    """Make a box of four values, or report them; gives one or none."""
    nums = [number(v) for v in (x, y, w, h)]
    if not all(map(math.isfinite, nums)):
        findings.bad(where, f"box of {label!r} has values that are no finite numbers: {[x, y, w, h]!r:.120}")
    elif nums[2] <= 0 or nums[3] <= 0:
        findings.bad(where, f"box of {label!r} is {nums[2]:g} x {nums[3]:g} pixels")
    elif not label:
        findings.bad(where, "box without a class")
    else:
        return ((Box(label, nums[0], nums[1], nums[2], nums[3], attributes or {}), where),)
    return ()


def fit(box: Box, width: int, height: int, where: str, findings: Findings) -> tuple[Box, ...]:
    """Cut a box at the border of its picture, or report it if it lies outside."""
    over = max(-box.x, -box.y, box.x + box.w - width, box.y + box.h - height)
    if over <= 1e-6:
        return (box,)
    x0, y0 = max(0.0, box.x), max(0.0, box.y)
    x1, y1 = min(float(width), box.x + box.w), min(float(height), box.y + box.h)
    if over > max(2.0, OVERSHOOT * max(width, height)) or x1 <= x0 or y1 <= y0:
        shown = f"({box.x:g}, {box.y:g}, {box.w:g} x {box.h:g})"
        findings.bad(where, f"box of {box.label!r} {shown} lies outside its picture of {width} x {height}")
        return ()
    return (Box(box.label, x0, y0, x1 - x0, y1 - y0, box.attributes),)


def detection_source(
    format: str,
    tree: Tree,
    marked: Sequence[Marked],
    classes: Sequence[str],
    findings: Findings,
    *,
    verify: bool,
    options: Mapping[str, Any],
) -> Source:
    """Give the source: images in the order of the tree, each checked and its boxes fitted."""
    if not marked:
        raise MissingFile(f"{tree.root} has annotations, but none of their images is there")
    by_name = {m.name: m for m in marked}
    order = [n for n in tree.names() if n in by_name]
    found, first = findings.count, findings.first

    def records() -> Iterator[Record]:
        told = Findings(tree.root, strict=findings.strict)
        told.count, told.first = found, first
        for name, data in tree.read_many(order):
            m, where = by_name[name], tree.where(name)
            width, height = size_of(data, where, verify=verify)
            boxes: tuple[Box, ...] = ()
            if m.boxes and m.size is not None and m.size != (width, height):
                said = f"{m.size[0]} x {m.size[1]}"
                told.bad(m.boxes[0][1], f"says that the picture is {said}, but {name} is {width} x {height}")
            else:
                boxes = tuple(b for box, at in m.boxes for b in fit(box, width, height, at, told))
            yield Record(
                uri=name, image=data, width=width, height=height, role=m.role,
                boxes=boxes, columns=m.columns, path=tree.path(name),
            )  # fmt: skip
        told.tell()

    return Source(
        format=format,
        root=str(tree.root),
        task="detection",
        classes=tuple(classes),
        records=records,
        total=len(order),
        fingerprint=fingerprint(format, tree, options),
        note=Path(tree.root).name,
    )


def text_of(data: bytes, where: str) -> str:
    """Decode a text file as UTF-8, or say which file is none."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise BadData(f"{where} is no UTF-8 text ({e.reason} at byte {e.start}); save it as UTF-8") from e


def json_of(data: bytes, where: str) -> Any:
    """Parse a JSON file, or say where it is damaged."""
    try:
        return json.loads(text_of(data, where))
    except json.JSONDecodeError as e:
        raise BadData(f"{where} is damaged JSON: {e.msg} in line {e.lineno}; fetch it again") from e
    except (RecursionError, ValueError) as e:
        raise BadData(f"{where} is no JSON that can be read safely ({e})") from e


def stems(tree: Tree, folder: str) -> dict[str, str]:
    """Images in any folder of that name: path before the folder + stem -> name."""
    out: dict[str, str] = {}
    for n in tree.names():
        parts = n.split("/")
        if is_image(n) and len(parts) > 1 and parts[-2] == folder:
            out["/".join([*parts[:-2], parts[-1].rpartition(".")[0]])] = n
    return out


def stem_in(name: str) -> str:
    """Path before the annotation's folder + stem: the key that :func:`stems` uses.

    >>> stem_in("carla/Annotations/a.b.xml")
    'carla/a.b'
    """
    parts = name.split("/")
    return "/".join([*parts[:-2], parts[-1].rpartition(".")[0]])


def class_order(tree: Tree, found: Iterable[str], given: Sequence[str] | None) -> tuple[str, ...]:
    """Class names: as given, else from a classes.txt or labels.txt, else sorted."""
    seen = set(found)
    names: Sequence[str] | None = given
    if names is None:
        lists = [
            n for n in tree.names() if n.split("/")[-1] in ("classes.txt", "labels.txt") and n.count("/") < 2
        ]
        if lists:
            names = [
                s.strip()
                for s in text_of(tree.read(lists[0]), tree.where(lists[0])).splitlines()
                if s.strip()
            ]
    if names is None:
        return tuple(sorted(seen))
    missing = sorted(seen - set(names))
    if missing:
        raise BadData(
            f"{tree.root} has boxes of the class {missing[0]!r}, which is not among its classes {list(names)[:12]}"
        )
    return tuple(names)
