"""Numbers of annotations, checked: finite, inside the picture, or counted as findings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from ..errors import BadData, MissingFile, UnknownName, VemlError, warn
from .source import Box, Keypoints, Mask
from .tree import Tree

# Annotators overshoot the border by a little; such a shape is cut without a line of its own.
OVERSHOOT = 0.05

# A lab keeps boxes as float32: one that ends at the border comes back a rounding beyond it.
_ROUNDING = 1e-3

# So many findings are kept word for word.
KEPT = 1000

S = TypeVar("S", bound=Box | Mask | Keypoints)

# What becomes of a box, an outline or points over the border of their picture.
BOXES = ("clip", "keep", "drop")


class Stopped(BadData):
    """The first thing that cannot be used, where ``strict`` stops at it; nobody makes a finding of it again."""


class Findings:
    """What cannot be used of a set: raise at the first (strict), or leave it out, count it and tell once at the end.

    Attributes
    ----------
    boxes
        What becomes of a box, an outline or points over the border of their picture: ``"clip"`` cuts them there (a
        point far outside is not labelled any more), ``"keep"`` leaves them as they are, ``"drop"`` leaves them out.
    count, lines
        What was left out or cut by more than an overshoot: how much, and the first thousand in words.
    cut, far, kept
        Boxes that were cut at the border; those of them that reached far over it, each with a line; boxes over the
        border that stay as they are.
    over
        The same of outlines and points, by the name that the report gives it.
    absent
        How many of ``count`` are pictures that are not there.
    emptied
        Pictures whose annotations were all left out; they stay, without annotations.
    """

    def __init__(self, root: object, *, strict: bool, boxes: str = "clip") -> None:
        if boxes not in BOXES:
            raise UnknownName.of("way with boxes over the border (boxes=)", boxes, BOXES)
        self.root, self.strict, self.boxes = root, strict, boxes
        self.count = self.absent = self.cut = self.far = self.kept = 0
        self.emptied = 0
        self.over: Counter[str] = Counter()
        self.lines: list[str] = []
        self._halved: set[str] = set()

    def halves(self, where: str, n: int) -> None:
        """Report half signs of a text, once a file: it may be read several times."""
        if where not in self._halved:
            self._halved.add(where)
            self.bad(where, halved(n))

    def bad(self, where: str, why: str) -> None:
        """Report one thing that cannot be used."""
        if self.strict:
            raise Stopped(f"{where}: {why}. With strict=False such annotations are skipped and counted")
        self._note(f"{where}: {why}")

    def list_of(self, value: Any, where: str, what: str) -> list[Any]:
        """A list as it is; what is no list and not nothing is reported, and read as an empty one."""
        if value is not None and not isinstance(value, list):
            self.bad(where, f"{what} is no list: {value!r:.60}")
        return value if isinstance(value, list) else []

    def of_tree(self, tree: Tree) -> None:
        """Report what of a folder or archive is no plain file, and is never opened."""
        for name, why in tree.odd.items():
            self.not_there(tree.where(name), why)

    def not_there(self, where: str, why: str) -> None:
        """Report a picture that is not there."""
        self.bad(where, why)
        self.absent += 1

    def fault(self, error: VemlError) -> None:
        """Report an error that names its place itself: a damaged picture, a text that is none."""
        if self.strict or isinstance(error, Stopped):
            raise error
        self._note(str(error))

    @contextmanager
    def part(self) -> Iterator[None]:
        """One part of many: damage in it, or that it is not there, is a finding and stops nothing else."""
        try:
            yield
        except (BadData, MissingFile) as e:
            self.fault(e)

    def _note(self, line: str) -> None:
        self.count += 1
        if len(self.lines) < KEPT:
            self.lines.append(line)

    def copy(self) -> Findings:
        """The same, to be added to without a change to this one."""
        other = Findings(self.root, strict=self.strict, boxes=self.boxes)
        other.count, other.absent = self.count, self.absent
        other.cut, other.far, other.kept = self.cut, self.far, self.kept
        other.lines, other.emptied, other.over = list(self.lines), self.emptied, Counter(self.over)
        other._halved = set(self._halved)
        return other

    def report(self) -> list[str]:
        """A line each; beyond a thousand, one line that says how many more."""
        more = self.count - len(self.lines)
        return [*self.lines, *([f"... and {more:,} more"] if more else [])]

    def counts(self) -> dict[str, int]:
        """What was changed and not left out; only what there is."""
        boxes = {k: v for k, v in (("boxes_cut", self.cut), ("boxes_over_the_border", self.kept)) if v}
        return boxes | {k: v for k, v in self.over.items() if v}

    def tell(self) -> None:
        """Warn once, with the count and the first."""
        if self.count:
            # not only annotations: a picture that is listed and not there, a row with too many cells
            what = (
                f"1 faulty entry: {self.lines[0]}"
                if self.count == 1
                else f"{self.count:,} faulty entries; the first is {self.lines[0]}"
            )
            if self.emptied:
                what += f". {self.emptied:,} pictures have lost all their annotations and stay without any"
            warn(
                f"{self.root}: {'skipped or cut' if self.far else 'skipped'} {what}. The import's report lists all,"
                " strict=True (--strict) stops at the first"
            )


def halved(n: int) -> str:
    """What is said of half signs that were replaced."""
    return f"has {n:,} half {'sign' if n == 1 else 'signs'} (\\ud800 ... without its pair), read as \ufffd"


def number(value: Any) -> float:
    """A finite float, or NaN for anything else.

    >>> number("3.5"), number(None)
    (3.5, nan)
    """
    if type(value) is float:  # nearly all are
        return value if math.isfinite(value) else math.nan
    try:
        x = float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return x if math.isfinite(x) and not isinstance(value, bool) else math.nan


def each_once(names: Sequence[str], where: str, findings: Findings) -> tuple[str, ...]:
    """The names of numbered classes for a source, each once; one that stands twice is reported, its numbers are one
    class."""
    for name in dict.fromkeys(names):
        at = [i for i, n in enumerate(names) if n == name]
        if len(at) > 1:
            findings.bad(where, f"names the class {name!r:.60} for the numbers {at[:6]}; they are read as one class")
    return tuple(dict.fromkeys(names))


def a_box(
    label: str,
    x: Any,
    y: Any,
    w: Any,
    h: Any,
    where: str,
    findings: Findings,
    attributes: Mapping[str, Any] | None = None,
    instance: int = -1,
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
        return ((Box(label, nums[0], nums[1], nums[2], nums[3], attributes or {}, instance), where),)
    return ()


def fit(shape: S, width: int, height: int, where: str, findings: Findings) -> tuple[S, ...]:
    """Cut a shape at the border of its picture, or report it if it lies outside; gives one or none."""
    kept: Any
    if isinstance(shape, Box):
        kept = _fit_box(shape, width, height, where, findings)
    elif isinstance(shape, Mask):
        kept = _fit_mask(shape, width, height, where, findings)
    else:
        assert isinstance(shape, Keypoints)
        kept = _fit_points(shape, width, height, where, findings)
    return kept


def scaled(shape: Box | Mask | Keypoints, width: float, height: float) -> Box | Mask | Keypoints:
    """A shape whose values are shares of its picture, in pixels."""
    if isinstance(shape, Box):
        b = shape
        return Box(b.label, b.x * width, b.y * height, b.w * width, b.h * height, b.attributes, b.instance)
    if isinstance(shape, Mask):
        rings = tuple(tuple(v * (height if i % 2 else width) for i, v in enumerate(r)) for r in shape.polygons)
        return Mask(shape.label, rings, shape.rle, shape.instance, shape.attributes)
    points = tuple((x * width, y * height, v) for x, y, v in shape.points)
    return Keypoints(shape.label, points, shape.instance, shape.attributes)


def _slack(width: int, height: int) -> float:
    return max(2.0, OVERSHOOT * max(width, height))


def _fit_box(box: Box, width: int, height: int, where: str, findings: Findings) -> tuple[Box, ...]:
    if box.x >= 0 <= box.y and box.x + box.w <= 1 >= box.y + box.h and (box.w < 1 or box.h < 1):
        findings.bad(
            where,
            f"box of {box.label!r} ({box.x:g}, {box.y:g}, {box.w:g} x {box.h:g}) lies within the first pixel; are these"
            " shares of the picture, where pixels are wanted?",
        )
        return ()
    over = max(-box.x, -box.y, box.x + box.w - width, box.y + box.h - height)
    if over <= _ROUNDING:
        return (box,)
    x0, y0 = max(0.0, box.x), max(0.0, box.y)
    x1, y1 = min(float(width), box.x + box.w), min(float(height), box.y + box.h)
    shown = f"box of {box.label!r} ({box.x:g}, {box.y:g}, {box.w:g} x {box.h:g})"
    if x1 <= x0 or y1 <= y0:
        findings.bad(where, f"{shown} lies outside its picture of {width} x {height}")
        return ()
    if findings.boxes == "keep":
        findings.kept += 1
        return (box,)
    if findings.boxes == "drop":
        findings.bad(where, f"{shown} reaches over the border of its picture of {width} x {height} (boxes='drop')")
        return ()
    if over > _slack(width, height):
        findings.bad(where, f"{shown} reaches far over the border of its picture of {width} x {height} and was cut")
        findings.far += 1
    findings.cut += 1
    return (Box(box.label, x0, y0, x1 - x0, y1 - y0, box.attributes, box.instance),)


def _fit_mask(mask: Mask, width: int, height: int, where: str, findings: Findings) -> tuple[Mask, ...]:
    if mask.rle is not None:
        if mask.rle[:2] == (height, width):
            return (mask,)
        said = f"{mask.rle[1]} x {mask.rle[0]}"
        findings.bad(where, f"mask of {mask.label!r} is for a picture of {said}, but it is {width} x {height}")
        return ()
    over = max(_over(r[0::2], r[1::2], width, height) for r in mask.polygons)
    if over <= _ROUNDING:
        return (mask,)
    shown = f"outline of {mask.label!r}"
    if findings.boxes == "drop":
        findings.bad(where, f"{shown} reaches over the border of its picture of {width} x {height} (boxes='drop')")
        return ()
    rings = tuple(c for r in mask.polygons if (c := clipped(r, width, height)))
    if not rings:
        findings.bad(where, f"{shown} lies outside its picture of {width} x {height}")
        return ()
    if findings.boxes == "keep":
        findings.over["masks_over_the_border"] += 1
        return (mask,)
    if over > _slack(width, height):
        findings.bad(where, f"{shown} reaches {over:g} pixels over its picture of {width} x {height} and was cut")
        findings.far += 1
    findings.over["masks_cut"] += 1
    return (Mask(mask.label, rings, None, mask.instance, mask.attributes),)


def _over(xs: Sequence[float], ys: Sequence[float], width: int, height: int) -> float:
    return max(-min(xs), -min(ys), max(xs) - width, max(ys) - height)


def clipped(ring: Sequence[float], width: float, height: float) -> tuple[float, ...]:
    """What of a closed ring lies in a picture, ``()`` for nothing: the area is that of the cut, exactly.

    A ring that leaves the picture and comes back stays one ring: its pieces are joined along the border, where the way
    there and back encloses nothing.

    Source
    ------
    Sutherland and Hodgman, Reentrant polygon clipping, 1974.

    >>> clipped((-5, 2, 5, 2, 5, 4, -5, 4), 10, 10)
    (0.0, 2.0, 5.0, 2.0, 5.0, 4.0, 0.0, 4.0)
    """
    points = [(float(x), float(y)) for x, y in zip(ring[0::2], ring[1::2], strict=True)]
    for axis, end, sign in ((0, 0.0, 1), (0, float(width), -1), (1, 0.0, 1), (1, float(height), -1)):
        cut: list[tuple[float, float]] = []
        for a, b in zip([points[-1], *points[:-1]] if points else (), points):
            inside, was = sign * (b[axis] - end) >= 0, sign * (a[axis] - end) >= 0
            if inside != was:
                t = (end - a[axis]) / (b[axis] - a[axis])
                other = a[1 - axis] + t * (b[1 - axis] - a[1 - axis])
                cut.append((end, other) if axis == 0 else (other, end))
            if inside:
                cut.append(b)
        points = cut
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip([points[-1], *points[:-1]] if points else (), points))
    return tuple(v for p in points for v in p) if len(points) > 2 and abs(twice) > _ROUNDING else ()


def _fit_points(k: Keypoints, width: int, height: int, where: str, findings: Findings) -> tuple[Keypoints, ...]:
    def over(x: float, y: float) -> float:
        return max(-x, -y, x - width, y - height)

    out = max((over(x, y) for x, y, v in k.points if v), default=0.0)
    if out <= 1e-6:
        return (k,)
    slack, shown = _slack(width, height), f"of {k.label!r}"
    if findings.boxes == "drop":
        findings.bad(
            where, f"a point {shown} lies {out:g} pixels outside its picture of {width} x {height} (boxes='drop')"
        )
        return ()
    away = [bool(v) and over(x, y) > slack for x, y, v in k.points]
    if all(a or not v for a, (_, _, v) in zip(away, k.points, strict=True)):
        findings.bad(where, f"all points {shown} lie outside their picture of {width} x {height}")
        return ()
    if findings.boxes == "keep":
        findings.over["points_over_the_border"] += sum(bool(v) and over(x, y) > 0 for x, y, v in k.points)
        return (k,)
    if any(away):
        findings.bad(
            where,
            f"{sum(away)} of the points {shown} lie up to {out:g} pixels outside their picture of {width} x {height}"
            " and count as not labelled",
        )
        findings.far += 1
        findings.over["points_cut"] += sum(away)
    # an overshoot of an annotator is moved to the border; a point far outside is in nobody's sight
    points = tuple(
        (0.0, 0.0, 0) if gone else (min(max(0.0, x), float(width)), min(max(0.0, y), float(height)), v)
        for gone, (x, y, v) in zip(away, k.points, strict=True)
    )
    return (Keypoints(k.label, points, k.instance, k.attributes),)
