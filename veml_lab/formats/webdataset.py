"""WebDataset: tars in which the files of a sample stand together: ``0001.jpg``, ``0001.cls``, ``0001.json``,
``0001.txt``."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadInput, MissingFile, VemlError
from ..sources.checks import Findings
from ..sources.clues import Clues, Evidence
from ..sources.detection import Marked, Marks, class_order, json_of, marks_source, text_of
from ..sources.holds import Holds, Keeper
from ..sources.images import is_image
from ..sources.notation import from_plain, to_plain
from ..sources.opening import open_tree
from ..sources.roles import split_above, split_in, split_of_cell
from ..sources.source import Caption, Record, Source
from ..sources.tree import Tree
from ..sources.writing import ClassIds, named, new_folder
from ..storage.border import public

HOLDS = Holds(
    boxes=True,
    masks="any",
    keypoints=True,
    captions=True,
    label=True,
    attributes=None,
    columns=True,
    mixed=True,
    said=True,
)
ABOUT = "dataset.json"
SHARD_SAMPLES, SHARD_BYTES = 10_000, 1 << 30
_TARS = (".tar", ".tar.gz", ".tgz")
_LABELS = ("cls", "cls.txt", "label", "class")
_TEXTS = ("txt", "caption", "caption.txt", "text")
_SAYS = ("label", "cls", "class", "class_name")


def split_name(name: str) -> tuple[str, str]:
    """(key, field) of a member: the key ends at the first dot of the last part.

    >>> split_name("a.b/0001.seg.PNG")
    ('a.b/0001', 'seg.png')
    """
    folder, slash, last = name.rpartition("/")
    stem, _, field = last.partition(".")
    return f"{folder}{slash}{stem}", field.lower()


def evidence(clues: Clues) -> Evidence | None:
    """A tar, or a folder of tars, in which most pictures have a file with their key."""
    tars = [n for n in clues.names if n.lower().endswith(_TARS)]
    if tars and not clues.pictures:
        at = clues.tree.path(tars[0])
        try:
            fields = None if at is None else _fields(open_tree(at).names())
        except VemlError:
            fields = None
        if fields:
            return Evidence(0.9, f"{len(tars):,} .tar of samples ({', '.join(fields)}), as WebDataset has them")
    if clues.tree.root.name.lower().endswith(_TARS) and (fields := _fields(clues.names)):
        # a tar of pictures with texts beside them may be something else, and its texts tell
        return Evidence(0.88 if set(fields) & set(_LABELS) else 0.6, f"samples with the fields {', '.join(fields)}")
    return None


def _fields(names: Iterable[str]) -> list[str]:
    """The fields beside the pictures, if most pictures have any."""
    keys: dict[str, set[str]] = {}
    for n in names:
        key, field = split_name(n)
        keys.setdefault(key, set()).add(field)
    pictured = [f for f in keys.values() if any(is_image(f"x.{x}") for x in f)]
    known = {*_LABELS, *_TEXTS, "json"}
    beside = [f & known for f in pictured if f & known]
    return sorted(set.union(*beside)) if beside and 2 * len(beside) > len(pictured) else []


@public
def read_webdataset(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
) -> Source:
    """Read the shards of a WebDataset: one tar, or a folder of tars.

    Parameters
    ----------
    path : path
        A ``.tar`` (``.gz``), or a folder with such files.
    strict, verify, boxes
        As in :func:`read_voc`.
    classes : sequence of str, optional
        Names of the classes in order, for numbers in ``.cls``; those of ``dataset.json`` (what we wrote) otherwise, or
        the numbers themselves.

    Returns
    -------
    Source
        ``.cls`` is the class; ``.txt`` a caption; of ``.json`` the key ``annotation`` is everything that a document
        can say of a picture, ``label``, ``cls`` or ``class`` the class, ``caption`` a caption, and plain values are
        columns (as img2dataset writes them). Names of the shards or folders give the roles. Other fields are counted.

    Raises
    ------
    MissingFile
        If there are no tars, or no pictures in them.
    BadData
        For damaged tars; with ``strict``, for a damaged picture or field.

    Source
    ------
    https://github.com/webdataset/webdataset, "The WebDataset Format"

    Examples
    --------
    >>> veml.write(veml.road_world("clear-city", 4), "shards", "webdataset")
    >>> veml.read("shards")
    <Source webdataset 'shards': 4 samples, detection, 4 classes>
    """
    tree = open_tree(path)
    shards = [n for n in tree.names() if n.lower().endswith(_TARS)]
    pictures: Tree = _Shards(tree, shards) if shards else tree
    samples: dict[str, dict[str, str]] = {}
    for n in pictures.names():
        key, field = split_name(n)
        samples.setdefault(key, {})[field] = n
    findings, marks, others = Findings(tree.root, strict=strict, boxes=boxes), Marks(), Counter[str]()
    said = _about(tree)
    listed = [str(c) for c in said.get("classes", [])] if classes is None else list(classes)
    reader = _Fields(listed, findings)
    wanted = {n: key for key, fields in samples.items() for f, n in fields.items() if f in {*_LABELS, *_TEXTS, "json"}}
    contents: dict[str, dict[str, bytes]] = {}
    left = Counter(wanted.values())

    def place(key: str) -> None:
        fields = samples[key]
        image = next((n for f, n in fields.items() if is_image(n) and "." not in f), None)
        if image is None:
            return
        others.update(f for f in fields if f not in {*_LABELS, *_TEXTS, "json"} and fields[f] != image)
        where = pictures.where(image)
        with findings.part():
            marks.add(reader.marked(image, contents.pop(key, {}), where), where, findings)

    for key in samples:
        if key not in left:
            place(key)
    for n, data in pictures.read_many(list(wanted), findings.fault):
        key = wanted[n]
        contents.setdefault(key, {})[split_name(n)[1]] = data
        left[key] -= 1
        if not left[key]:
            place(key)
    for key in [k for k in left if left[k] > 0]:
        place(key)  # a field of it could not be read
    if not marks:
        raise MissingFile(f"{path} holds no shards of a WebDataset; looked for tars with pictures")
    for field, k in others.items():
        findings.bad(str(path), f"{k:,} samples have a field .{field}, which is not read")
    numbers = [c for c in marks.labels if c.isdigit()] if not listed else []
    order = sorted(marks.labels, key=int) if numbers and len(numbers) == len(marks.labels) else None
    names = class_order(tree, marks.labels, classes, findings, listed or order)
    about = {"keypoints": said["keypoints"]} if isinstance(said.get("keypoints"), dict) else {}
    options = {"strict": strict, "boxes": boxes, "classes": classes}
    return marks_source("webdataset", pictures, marks, names, findings, verify=verify, options=options, about=about,
                        annotations=tree, roles_from="names of the shards")  # fmt: skip


def _about(tree: Tree) -> dict[str, Any]:
    """What :func:`write_webdataset` notes beside the shards."""
    if ABOUT not in tree:
        return {}
    said = json_of(tree.read(ABOUT), tree.where(ABOUT))
    lists = isinstance(said, dict) and isinstance(said.get("classes"), list)
    if not lists:
        tree.leave([ABOUT])
    return said if lists else {}


class _Shards(Tree):
    """The members of several tars as one tree: ``train-000000.tar/0001.jpg``."""

    def __init__(self, folder: Tree, shards: Sequence[str]) -> None:
        super().__init__(folder.root)
        self._folder = folder
        self._trees: dict[str, Tree] = {}
        for shard in shards:
            at = folder.path(shard)
            if at is None:
                raise BadInput(f"{folder.where(shard)} is a tar within an archive; unpack the outer one first")
            self._trees[shard] = open_tree(at)
            self._sizes |= {f"{shard}/{n}": self._trees[shard].size(n) for n in self._trees[shard].names()}
        folder.take(shards)

    def _part(self, name: str) -> tuple[str, str]:
        end = name.find("/")
        while name[:end] not in self._trees:
            end = name.index("/", end + 1)
        return name[:end], name[end + 1 :]

    def read(self, name: str) -> bytes:
        shard, inside = self._part(name)
        return self._trees[shard].read(inside)

    def read_many(
        self, names: Iterable[str], on_bad: Callable[[VemlError], None] | None = None
    ) -> Iterator[tuple[str, bytes]]:
        by_shard: dict[str, list[str]] = {}
        for n in names:
            shard, inside = self._part(n)
            by_shard.setdefault(shard, []).append(inside)
        for shard, inside_names in by_shard.items():
            for inside, data in self._trees[shard].read_many(inside_names, on_bad):
                yield f"{shard}/{inside}", data

    def where(self, name: str) -> str:
        return f"{self.root}/{name}"

    def stamp(self) -> list[Any]:
        return [self._folder.stamp(), *(t.stamp() for t in self._trees.values())]


class _Fields:
    """What the fields of a sample say of its picture."""

    def __init__(self, listed: Sequence[str], findings: Findings) -> None:
        self._listed, self._findings = listed, findings

    def marked(self, image: str, fields: Mapping[str, bytes], where: str) -> Marked:
        before = self._findings.count
        said: Any = json_of(fields["json"], f"{where} (.json)", self._findings) if "json" in fields else {}
        if not isinstance(said, dict):
            said = {"label": said} if isinstance(said, str | int) else {}
        parts = self._annotation(said, where)
        label = parts.pop("label", None)
        if label is None:
            found = [text_of(fields[f], where).strip() for f in _LABELS if f in fields]
            found += [str(v) for k in _SAYS if isinstance(v := said.get(k), str | int) and not isinstance(v, bool)]
            label = self._class(found[0]) if found else None
        captions = list(parts.pop("captions", ()))
        texts = [text_of(fields[f], where).strip() for f in _TEXTS if f in fields]
        texts += [said["caption"]] if isinstance(said.get("caption"), str) and not texts else []
        captions += [Caption(t) for t in texts if t] if "annotation" not in said else []
        columns = said.get("columns") if isinstance(said.get("columns"), dict) else None
        if columns is None:
            used = {*_SAYS, "annotation", "caption", "key", "role"}
            columns = {k: v for k, v in said.items() if isinstance(v, str | int | float) and k not in used}
        shapes = tuple((s, where) for kind in ("boxes", "masks", "keypoints") for s in parts.get(kind, ()))
        role = said.get("role")
        # an empty one is what our writer says of a sample without
        split = "" if role == "" else split_of_cell(role) or self._split(image)
        return Marked(image, shapes, split, columns, None, tuple(captions), label, lost=self._findings.count > before)

    def _annotation(self, said: Mapping[str, Any], where: str) -> dict[str, Any]:
        if "annotation" not in said:
            return {}
        width, height = (v if isinstance(v := said.get(k), int) and v > 0 else 1 << 20 for k in ("width", "height"))
        return from_plain(said["annotation"], width, height, where, self._findings)

    def _class(self, text: str) -> str | None:
        if self._listed and text not in self._listed and text.isdigit() and int(text) < len(self._listed):
            return self._listed[int(text)]
        return text or None

    def _split(self, image: str) -> str:
        shard = next((p for p in image.split("/") if p.lower().endswith(_TARS)), "")
        return split_in(shard) or split_above(image)


@public
def write_webdataset(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as shards of a WebDataset: ``train-000000.tar``, ``test-...``, ``data-...`` without a role.

    A sample is its picture, byte by byte, ``.json`` with all that is said of it, and ``.cls`` with the number of its
    class. A shard has at most 10,000 samples and about a GiB. ``dataset.json`` beside the shards names the classes in
    order. The folder appears when it is whole.

    Parameters
    ----------
    lossy : bool
        Leave out regression targets, with one warning; otherwise they are an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, or a value is none of JSON.
    """
    keeper, ids = Keeper("WebDataset", HOLDS, lossy=lossy), ClassIds(source, 0)
    shards: dict[str, _Shard] = {}
    with new_folder(path) as folder:
        try:
            # the key of a sample ends at the first dot
            for name, r in named(keeper.records(source), dots=False):
                role = r.role or "data"
                if role not in shards:
                    shards[role] = _Shard(folder, role)
                shards[role].add(name, r, source, ids)
        finally:
            for shard in shards.values():
                shard.close()
        said = {"classes": list(source.classes)}
        said |= {"keypoints": source.about["keypoints"]} if "keypoints" in source.about else {}
        (folder / ABOUT).write_text(json.dumps(said, indent=1), encoding="utf-8")


class _Shard:
    """The tars of one role, the next one begun when one is full."""

    def __init__(self, folder: Path, role: str) -> None:
        self._folder, self._role, self._shards = folder, role, 0
        self._begin()

    def _begin(self) -> None:
        self._tar = tarfile.open(self._folder / f"{self._role}-{self._shards:06d}.tar", "w")  # noqa: SIM115 - see close
        self._shards += 1
        self._samples = self._bytes = 0

    def add(self, name: str, r: Record, source: Source, ids: ClassIds) -> None:
        if self._samples and (self._samples >= SHARD_SAMPLES or self._bytes + len(r.image) > SHARD_BYTES):
            self._tar.close()
            self._begin()
        stem = name.rpartition(".")[0]
        for label in (s.label for shapes in (r.boxes, r.masks, r.keypoints) for s in shapes):
            ids[label]  # a class that the source does not name is an error
        said = {"width": r.width, "height": r.height, "role": r.role, "columns": dict(r.columns)}
        annotation = to_plain(r, task=source.task)
        try:
            text = json.dumps({"annotation": annotation, **said}, allow_nan=False)
        except (TypeError, ValueError) as e:
            raise BadInput(
                f"{r.uri} has a value that JSON cannot hold ({e}); leave that attribute or column out"
            ) from e
        self._member(name, r.image)
        self._member(f"{stem}.json", text.encode())
        if r.label is not None:
            self._member(f"{stem}.cls", str(ids[r.label]).encode())
        self._samples += 1
        self._bytes += len(r.image)

    def _member(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        self._tar.addfile(info, io.BytesIO(data))

    def close(self) -> None:
        self._tar.close()
