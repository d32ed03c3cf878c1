"""What the readers of pictures share: what a file says of a picture, and the walk over the pictures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadData, MissingFile
from .checks import Findings, fit, scaled
from .images import is_image, size_of
from .source import Box, Caption, Keypoints, Mask, Record, Role, Source, Task
from .spool import Spool
from .tree import Tree, fingerprint

Shape = Box | Mask | Keypoints


@dataclass(frozen=True, slots=True)
class Marked:
    """A picture with its annotations as read; each shape with the place it was read from.

    ``size`` is what the annotation says about the picture, None where it says nothing.
    """

    name: str
    shapes: tuple[tuple[Shape, str], ...] = ()
    role: Role = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    captions: tuple[Caption, ...] = ()
    label: str | None = None


class Marks:
    """Marked pictures by name, kept in a :class:`Spool`: a set of a million pictures stays small.

    Attributes
    ----------
    seen
        Which kinds of annotation there are ("box", "mask", "keypoints", "caption", "label").
    labels
        How often each class was met, in the order of the first time.
    """

    def __init__(self) -> None:
        self._at: dict[str, int] = {}
        self._spool = Spool()
        self.seen: set[str] = set()
        self.labels: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, name: str) -> bool:
        return name in self._at

    def add(self, m: Marked) -> None:
        """Keep what is said of one picture; a name that is there already is a bug of the reader."""
        assert m.name not in self._at
        self._at[m.name] = len(self._at)
        self.note(m)
        shapes = [(*plain_shape(s), where) for s, where in m.shapes]
        captions = [(c.text, dict(c.attributes)) for c in m.captions]
        self._spool.put(self._at[m.name], (m.name, shapes, m.role, dict(m.columns), m.size, captions, m.label))

    def note(self, m: Marked) -> None:
        """Count the kinds and the classes of a picture."""
        for shape, _ in m.shapes:
            self.seen.add(type(shape).__name__.lower())
            self.labels[shape.label] += 1
        if m.captions:
            self.seen.add("caption")
        if m.label is not None:
            self.seen.add("label")
            self.labels[m.label] += 1

    def get(self, name: str) -> Marked:
        """What is said of a picture."""
        ((name, shapes, role, columns, size, captions, label),) = self._spool.get(self._at[name])
        return Marked(
            name,
            tuple((shape_of(*values), where) for *values, where in shapes),
            role,
            columns,
            size,
            tuple(Caption(*c) for c in captions),
            label,
        )

    def task(self) -> Task:
        """The task of the richest annotation there is."""
        return task_of(self.seen)


def plain_shape(s: Shape) -> tuple[Any, ...]:
    """A shape as plain values, for a :class:`Spool`; :func:`shape_of` makes it again."""
    if isinstance(s, Box):
        return "b", s.label, s.x, s.y, s.w, s.h, dict(s.attributes), s.instance
    if isinstance(s, Mask):
        return "m", s.label, s.polygons, s.rle, s.instance, dict(s.attributes)
    return "k", s.label, s.points, s.instance, dict(s.attributes)


def shape_of(kind: str, *values: Any) -> Shape:
    """The shape of the values of :func:`plain_shape`."""
    made: dict[str, Callable[..., Shape]] = {"b": Box, "m": Mask, "k": Keypoints}
    return made[kind](*values)


def task_of(seen: Iterable[str]) -> Task:
    """The task that goes with kinds of annotation, the richest first.

    >>> task_of({"box", "mask"}), task_of({"label"}), task_of(())
    ('segmentation', 'classification', 'detection')
    """
    order: tuple[tuple[str, Task], ...] = (
        ("keypoints", "keypoints"), ("mask", "segmentation"), ("box", "detection"),
        ("label", "classification"), ("caption", "captioning"),
    )  # fmt: skip
    known = set(seen)
    return next((task for kind, task in order if kind in known), "detection")


def detection_source(
    format: str,
    tree: Tree,
    names: Iterable[str],
    get: Callable[[str, Findings], Marked],
    classes: Sequence[str],
    findings: Findings,
    *,
    task: Task,
    verify: bool,
    options: Mapping[str, Any],
    root: str | None = None,
    about: Mapping[str, Any] | None = None,
    shares: bool = False,
    note: str = "",
) -> Source:
    """Give the source: pictures in the order of the tree, each checked and its shapes fitted to it.

    ``get`` says what is known of a picture; it is asked during the walk, and may report what it finds. With
    ``shares``, its shapes are in shares of the picture, not in pixels.
    """
    wanted = set(names)
    if not wanted:
        raise MissingFile(f"{tree.root} has annotations, but none of their pictures is there")
    order = [n for n in tree.names() if n in wanted]
    last = [findings]

    def records() -> Iterator[Record]:
        told = findings.copy()
        for name, data in tree.read_many(order):
            m, where = get(name, told), tree.where(name)
            width, height = size_of(data, where, verify=verify)
            shapes: list[Shape] = []
            if m.shapes and m.size is not None and m.size != (width, height):
                said = f"{m.size[0]} x {m.size[1]}"
                told.bad(m.shapes[0][1], f"says that the picture is {said}, but {name} is {width} x {height}")
            else:
                pixels = ((scaled(s, width, height) if shares else s, at) for s, at in m.shapes)
                shapes = [s for shape, at in pixels for s in fit(shape, width, height, at, told)]
            yield Record(
                uri=name,
                image=data,
                width=width,
                height=height,
                role=m.role,
                label=m.label,
                boxes=tuple(s for s in shapes if isinstance(s, Box)),
                columns=m.columns,
                path=tree.path(name),
                masks=tuple(s for s in shapes if isinstance(s, Mask)),
                keypoints=tuple(s for s in shapes if isinstance(s, Keypoints)),
                captions=m.captions,
            )
        last[0] = told
        told.tell()

    return Source(
        format=format,
        root=root or str(tree.root),
        task=task,
        classes=tuple(classes),
        records=records,
        total=len(order),
        fingerprint=fingerprint(format, tree, options),
        note=note or Path(tree.root).name,
        about=about or {},
        findings=lambda: last[0].report(),
    )


def marks_source(
    format: str,
    tree: Tree,
    marks: Marks,
    classes: Sequence[str],
    findings: Findings,
    *,
    verify: bool,
    options: Mapping[str, Any],
    about: Mapping[str, Any] | None = None,
    note: str = "",
) -> Source:
    """:func:`detection_source` of pictures that are all noted in ``marks``."""
    return detection_source(
        format,
        tree,
        marks._at,
        lambda name, _: marks.get(name),
        classes,
        findings,
        task=marks.task(),
        verify=verify,
        options=options,
        about=about,
        note=note,
    )


def text_of(data: bytes, where: str) -> str:
    """Decode a text file as UTF-8, or say which file is none."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise BadData(f"{where} is no UTF-8 text ({e.reason} at byte {e.start}); save it as UTF-8") from e


def json_of(data: bytes, where: str) -> Any:
    """Parse a small JSON file, or say where it is damaged."""
    try:
        return json.loads(text_of(data, where))
    except json.JSONDecodeError as e:
        raise BadData(f"{where} is damaged JSON: {e.msg} in line {e.lineno}; fetch it again") from e
    except (RecursionError, ValueError) as e:
        raise BadData(f"{where} is no JSON that can be read safely ({e})") from e


class Pictures:
    """Finds the picture that an annotation means: by its whole name, by the end of it, by its file name alone."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._by_file: dict[str, str | list[str]] = {}
        for n in tree.names():
            if is_image(n):
                file = n.rpartition("/")[2]
                old = self._by_file.get(file)
                # one name is a plain string: a million lists of one would be 60 MB
                self._by_file[file] = n if old is None else [*(old if isinstance(old, list) else [old]), n]

    def find(self, said: str) -> str | None:
        """The one picture whose name ends most like ``said``; None if there is none, or several are as near."""
        parts = [p for p in said.replace("\\", "/").split("/") if p not in ("", ".", "..")]
        found = self._by_file.get(parts[-1]) if parts else None
        if found is None or isinstance(found, str):
            return found

        def same(name: str) -> int:
            theirs = name.split("/")
            k = 0
            while k < min(len(theirs), len(parts)) and theirs[-1 - k] == parts[-1 - k]:
                k += 1
            return k

        best = max(map(same, found))
        near = [n for n in found if same(n) == best]
        return near[0] if len(near) == 1 else None


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


def role_of(json_name: str, image_name: str) -> Role:
    """Train or test, where the names say it."""
    words = f"{json_name.split('/')[-1]}/{'/'.join(image_name.split('/')[:-1])}".lower()
    if "train" in words:
        return "train"
    return "test" if any(w in words for w in ("test", "val")) else ""


def with_instance(shape: Shape, instance: int) -> Shape:
    """The same shape, as a part of that object."""
    s = shape
    if isinstance(s, Box):
        return Box(s.label, s.x, s.y, s.w, s.h, s.attributes, instance)
    if isinstance(s, Mask):
        return Mask(s.label, s.polygons, s.rle, instance, s.attributes)
    return Keypoints(s.label, s.points, instance, s.attributes)


def class_order(tree: Tree, found: Iterable[str], given: Sequence[str] | None) -> tuple[str, ...]:
    """Class names: as given, else from a classes.txt or labels.txt, else sorted."""
    seen = set(found)
    names: Sequence[str] | None = given
    if names is None:
        lists = [n for n in tree.names() if n.split("/")[-1] in ("classes.txt", "labels.txt") and n.count("/") < 2]
        if lists:
            lines = text_of(tree.read(lists[0]), tree.where(lists[0])).splitlines()
            names = [s.strip() for s in lines if s.strip()]
    if names is None:
        return tuple(sorted(seen))
    missing = sorted(seen - set(names))
    if missing:
        raise BadData(
            f"{tree.root} has annotations of the class {missing[0]!r}, which is not among its classes"
            f" {list(names)[:12]}"
        )
    return tuple(names)
