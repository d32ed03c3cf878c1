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
from .decoder import look_at
from .encodings import is_wide
from .images import is_image
from .jsonstream import counted
from .roles import Splits, columns_of, role_of, split_above, split_of_file, splits_beside
from .source import Box, Caption, Keypoints, Mask, Record, Source, Task
from .spool import Spool
from .tree import Tree, fingerprint
from .unread import unread_of
from .upright import said_size, turned

Shape = Box | Mask | Keypoints


@dataclass(frozen=True, slots=True)
class Marked:
    """A picture with its annotations as read; each shape with the place it was read from.

    ``split`` is the part of the set as it is written (``train``, ``Val``), ``""`` where the format says none; ``size``
    is what the annotation says about the picture, None where it says nothing; ``lost`` that it says more than could be
    read (each with a finding).
    """

    name: str
    shapes: tuple[tuple[Shape, str], ...] = ()
    split: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    captions: tuple[Caption, ...] = ()
    label: str | None = None
    lost: bool = False


class Marks:
    """Marked pictures by name, kept in a :class:`Spool`: a set of a million pictures stays small.

    Attributes
    ----------
    seen
        Which kinds of annotation there are ("box", "mask", "keypoints", "caption", "label").
    labels
        How often each class was met, in the order of the first time.
    parts
        The splits that were met, without the empty one.
    """

    def __init__(self) -> None:
        self._at: dict[str, int] = {}
        self._bare: set[str] = set()  # those of which nothing is said
        self._spool = Spool()
        self.seen: set[str] = set()
        self.labels: Counter[str] = Counter()
        self.parts: set[str] = set()

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, name: str) -> bool:
        return name in self._at

    def add(self, m: Marked, where: str, findings: Findings) -> None:
        """Keep what is said of one picture; of several entries the first that says something, the others reported."""
        if m.name in self._at:
            findings.bad(where, f"{m.name} has an entry already; a picture has one, the first with annotations is kept")
            if m.name not in self._bare:
                return
        # where an entry without annotations is replaced, its place in the spool stays behind unread
        self._at[m.name] = len(self._spool)
        if m.shapes or m.captions or m.label is not None:
            self._bare.discard(m.name)
        else:
            self._bare.add(m.name)
        self.note(m)
        shapes = [(*plain_shape(s), at) for s, at in m.shapes]
        captions = [(c.text, dict(c.attributes)) for c in m.captions]
        said = (m.name, shapes, m.split, dict(m.columns), m.size, captions, m.label, m.lost)
        self._spool.put(self._at[m.name], said)

    def note(self, m: Marked) -> None:
        """Count the kinds, the classes and the split of a picture."""
        if m.split:
            self.parts.add(m.split)
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
        ((name, shapes, split, columns, size, captions, label, lost),) = self._spool.get(self._at[name])
        return Marked(
            name,
            tuple((shape_of(*values), where) for *values, where in shapes),
            split,
            columns,
            size,
            tuple(Caption(*c) for c in captions),
            label,
            lost,
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
    annotations: Tree | None = None,
    splits: Splits | None = None,
    roles_from: str = "",
) -> Source:
    """Give the source: pictures in the order of the tree, each checked and its shapes fitted to it.

    ``get`` says what is known of a picture; it is asked during the walk, and may report what it finds. With
    ``shares``, its shapes are in shares of the picture, not in pixels. Shapes are of the picture as it is shown
    (upright); where the size that is said of it is that of its stored pixels, they are of these, and are turned.
    ``annotations`` is where these lie, if not in
    the tree of the pictures. ``splits`` gives the splits of the pictures of which ``get`` knows none, and all the parts
    there are; ``roles_from`` says for people where they are from.
    """
    splits = splits or Splits()
    for where, why in splits.told:
        findings.bad(where, why)
    own = annotations if annotations is not None else tree
    for t in (own, *([tree] if tree is not own else [])):
        findings.of_tree(t)
    wanted = set(names)
    if not wanted:
        kind = MissingFile if findings.count == findings.absent else BadData
        raise kind(_none_there(own, findings))
    order = [n for n in tree.names() if n in wanted]
    tree.take(order)
    last, known = [findings], frozenset(classes)

    def records() -> Iterator[Record]:
        told = findings.copy()
        for name, data in tree.read_many(order, told.fault):
            record = None
            with told.part():
                record = _record(name, data, told)
            if record is not None:
                yield record
        last[0] = told
        told.tell()

    def _record(name: str, data: bytes, told: Findings) -> Record:
        before = told.count
        m = get(name, told)
        split = m.split or splits.find(name)
        said_more = m.lost or told.count > before
        look = look_at(data, tree.where(name), verify=verify)
        width, height = look.size
        shapes: list[Shape] = []
        label = m.label
        of_stored = said_size(m.size, [s for s, _ in m.shapes]) == look.stored != look.size
        if m.shapes and m.size is not None and m.size != look.size and not of_stored:
            said = f"{m.size[0]} x {m.size[1]}"
            told.bad(m.shapes[0][1], f"says that the picture is {said}, but {name} is {width} x {height}")
        else:
            for s, at in m.shapes:
                if s.label not in known:
                    told.bad(at, _no_class(s.label, classes))
                    continue
                shape = scaled(s, *(look.stored if of_stored else look.size)) if shares else s
                shapes += fit(turned(shape, look) if of_stored else shape, width, height, at, told)
        if label is not None and label not in known:
            told.bad(tree.where(name), _no_class(label, classes))
            label = None
        emptied = bool(m.shapes or m.label is not None or said_more)
        emptied = emptied and not shapes and label is None and not m.captions
        told.emptied += emptied
        boxes = tuple(s for s in shapes if isinstance(s, Box))
        others = shapes if len(boxes) < len(shapes) else []
        return Record(
            uri=name,
            image=data,
            width=width,
            height=height,
            role=role_of(split),
            label=label,
            boxes=boxes,
            columns={**columns_of(split, splits.parts), **m.columns},
            path=tree.path(name),
            masks=tuple(s for s in others if isinstance(s, Mask)),
            keypoints=tuple(s for s in others if isinstance(s, Keypoints)),
            captions=m.captions,
            emptied=emptied,
        )

    return Source(
        format=format,
        root=root or str(own.root),
        task=task,
        classes=tuple(classes),
        records=records,
        total=len(order),
        fingerprint=fingerprint(format, tree if own is tree else [own.stamp(), tree.stamp()], options),
        note=note or Path(own.root).name,
        about=about or {},
        findings=lambda: last[0].report(),
        counts=lambda: last[0].counts(),
        roles_from=roles_from or splits.origin,
        unread=lambda: unread_of(own),
    )


def _none_there(tree: Tree, findings: Findings) -> str:
    if not findings.count:
        return f"{tree.root} has annotations, but none of their pictures is there"
    more = f" (and {findings.count - 1:,} more of the kind)" if findings.count > 1 else ""
    return f"{tree.root} has annotations, but none of them can be used: {findings.lines[0]}{more}"


def _no_class(label: str, classes: Sequence[str]) -> str:
    return f"has the class {label!r}, which is not among the {len(classes):,} classes: {list(classes)[:12]}"


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
    annotations: Tree | None = None,
    roles_from: str = "",
    splits: Splits | None = None,
) -> Source:
    """:func:`detection_source` of pictures that are all noted in ``marks``.

    Where none of them has a split, lists beside them (``train.txt``) or their folders give it.
    """
    if splits is None:
        splits = Splits(parts=frozenset(marks.parts)) if marks.parts else splits_beside(tree, marks._at)
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
        annotations=annotations,
        splits=splits,
        roles_from=roles_from if marks.parts else "",
    )


def text_of(data: bytes, where: str) -> str:
    """Decode a text file as UTF-8 (or UTF-16 with its mark), or say which file is none."""
    try:
        return data.decode("utf-16" if is_wide(data) else "utf-8-sig")
    except UnicodeDecodeError as e:
        raise BadData(f"{where} is no UTF-8 text ({e.reason} at byte {e.start}); save it as UTF-8") from e


def json_of(data: bytes, where: str, findings: Findings | None = None) -> Any:
    """Parse a small JSON file, or say where it is damaged.

    Half signs are a finding; without ``findings`` (a description of the whole set) they are damage too.
    """
    try:
        value, halves = counted(text_of(data, where))
    except BadData:
        raise
    except json.JSONDecodeError as e:
        raise BadData(f"{where} is damaged JSON: {e.msg} in line {e.lineno}; fetch it again") from e
    except (RecursionError, ValueError) as e:
        raise BadData(f"{where} is no JSON that can be read safely ({e})") from e
    if halves and findings is None:
        raise BadData(f"{where} has {halves:,} half signs (\\ud800 ... without its pair); write them whole")
    if halves and findings is not None:
        findings.halves(where, halves)
    return value


def stems(tree: Tree, folder: str) -> dict[str, str]:
    """Images in any folder of that name, whatever its case: path before the folder + stem -> name."""
    out: dict[str, str] = {}
    for n in tree.names():
        parts = n.split("/")
        if is_image(n) and len(parts) > 1 and parts[-2].lower() == folder.lower():
            out["/".join([*parts[:-2], parts[-1].rpartition(".")[0]])] = n
    return out


def stem_in(name: str) -> str:
    """Path before the annotation's folder + stem: the key that :func:`stems` uses.

    >>> stem_in("carla/Annotations/a.b.xml")
    'carla/a.b'
    """
    parts = name.split("/")
    return "/".join([*parts[:-2], parts[-1].rpartition(".")[0]])


def split_said(json_name: str, image_name: str) -> str:
    """The split that the name of the file says, or else a folder of the file or of the picture."""
    return split_of_file(json_name) or split_above(image_name)


def with_instance(shape: Shape, instance: int) -> Shape:
    """The same shape, as a part of that object."""
    s = shape
    if isinstance(s, Box):
        return Box(s.label, s.x, s.y, s.w, s.h, s.attributes, instance)
    if isinstance(s, Mask):
        return Mask(s.label, s.polygons, s.rle, instance, s.attributes)
    return Keypoints(s.label, s.points, instance, s.attributes)


def class_order(
    tree: Tree,
    found: Iterable[str],
    given: Sequence[str] | None,
    findings: Findings,
    listed: Sequence[str] | None = None,
) -> tuple[str, ...]:
    """Class names: as given, else as the annotations list them, else from a classes.txt or labels.txt, else sorted.

    With names as given, annotations of other classes are left out (the walk says so); a list of the set itself gives
    the order, and classes that it does not name come after it.

    Raises
    ------
    BadData
        If no annotation is of a class as given.
    """
    seen = set(found)
    if given is not None:
        if seen and not seen & set(given):
            raise BadData(
                f"{tree.root} has no annotation of the classes {list(given)[:12]}; it has those of {sorted(seen)[:12]}"
            )
        return tuple(dict.fromkeys(given))
    lists = [n for n in tree.names() if n.split("/")[-1] in ("classes.txt", "labels.txt") and tree.depth(n) < 2]
    where = "the set's own list of classes"
    if listed is None:
        if not lists:
            return tuple(sorted(seen))
        where = tree.where(lists[0])
        listed = [s.strip() for s in text_of(tree.read(lists[0]), where).splitlines() if s.strip()]
    more = sorted(seen - set(listed))
    if more:
        findings.bad(where, f"does not name {len(more):,} classes that are there ({more[:12]}); they come after it")
    return (*dict.fromkeys(listed), *more)
