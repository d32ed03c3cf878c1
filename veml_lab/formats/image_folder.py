"""Class folders of images, with or without train/test folders above them; plain or in an archive."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import BadData, BadInput, MissingFile
from ..sources.checks import Findings
from ..sources.columns import columns_beside, write_columns
from ..sources.decoder import size_of
from ..sources.holds import Holds, Keeper
from ..sources.images import ENDINGS
from ..sources.opening import open_tree
from ..sources.pairs import STRICTLY, TECHNICAL, real_pictures
from ..sources.roles import Splits, columns_of, lists_of, role_of, split_of_folder, splits_of_lists
from ..sources.source import Record, Source
from ..sources.tree import fingerprint
from ..sources.unread import unread_of
from ..sources.writing import named, new_folder
from ..storage.border import public

# Pictures that a class folder may hold and that are not read: said, not passed over in silence.
_UNREAD = (
    ".heic", ".heif", ".avif", ".jp2", ".jxl", ".svg", ".psd", ".ico", ".nef", ".cr2", ".cr3", ".arw", ".dng",
)  # fmt: skip


@public
def read_image_folder(path: str | os.PathLike[str], *, verify: bool = True, strict: bool = False) -> Source:
    """Read ``{train,test,val}/<class>/*.jpg`` or ``<class>/*.jpg`` from a folder or an archive.

    An archive is read as a stream, never unpacked: one pass for the names, one for the images. A ``val``
    folder has the role test, and the column ``split`` where there is a ``test`` folder beside it.

    Parameters
    ----------
    path : path
        A folder, ``.tar``, ``.tar.gz``, ``.tar.bz2``, ``.tar.xz`` or ``.zip``.
    verify : bool
        Decode each image once while it is read, which finds truncated files.
    strict : bool
        Raise for a damaged picture, one in a format that is not read (HEIC, AVIF ...), or one that lies in no class
        folder; otherwise it is left out and told.

    Returns
    -------
    Source
        Classes in alphabetical order. ``record.path`` is set for a plain folder.

    Raises
    ------
    MissingFile
        If there is nothing there, or no image in it.
    BadData
        For a damaged archive, a member or link that leads out, if no image lies in a class folder; with ``strict``,
        for a damaged image.

    Examples
    --------
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> for name in ("cats/1.png", "cats/2.png", "dogs/1.png"):
    ...     Path("pets", name).parent.mkdir(parents=True, exist_ok=True)
    ...     Image.new("RGB", (32, 32)).save(Path("pets", name))
    >>> veml.read_image_folder("pets")
    <Source image_folder 'pets': 3 samples, classification, 2 classes>
    """
    tree = open_tree(path)
    images = real_pictures(tree)
    if not images:
        raise MissingFile(f"{path} holds no images ({', '.join(ENDINGS)}) in class folders")
    other = [n for n in tree.names() if n.lower().endswith(_UNREAD)]
    findings = Findings(tree.root, strict=strict)
    findings.of_tree(tree)
    for n in other:
        findings.bad(tree.where(n), "is a picture in a format that is not read; convert it to PNG or JPEG")
    placed = places(images)
    classes = {label for _, _, label in placed.values()} - {""}
    if not classes:
        raise BadData(
            f"{tree.where(images[0])} lies in no class folder, and no other picture does; wanted is <class>/image or"
            " train/<class>/image"
        )
    for n in images:
        if not placed[n][2]:
            findings.bad(tree.where(n), "lies in no class folder; wanted is <class>/image or train/<class>/image")
    wanted = [n for n in images if placed[n][2]]
    if 2 * len(wanted) < len(images):
        raise BadData(
            f"{path}: {len(images) - len(wanted):,} of its {len(images):,} pictures lie in no class folder; name a"
            f" folder with class folders alone, or say format=. {findings.lines[-1]}"
        )
    several = len({above for above, _, label in placed.values() if label}) > 1
    splits = {split for _, split, _ in placed.values()}
    beside = columns_beside(tree)
    listed = Splits() if splits - {""} else splits_of_lists(tree, lists_of(tree), wanted)
    for where, why in listed.told:
        findings.bad(where, why)
    tree.take((*images, *other))  # what of them is left out is a finding

    last = [findings]

    def records() -> Iterator[Record]:
        told = findings.copy()
        for name, data in tree.read_many(wanted, told.fault):
            size = None
            with told.part():
                size = size_of(data, tree.where(name), verify=verify)
            if size is None:
                continue
            width, height = size
            above, split, label = placed[name]
            yield Record(
                uri=name,
                image=data,
                width=width,
                height=height,
                role=listed.role(name) or role_of(split),
                label=label,
                columns={
                    **({"folder": above} if several else {}),
                    **listed.columns(name),
                    **columns_of(split, splits),
                    **beside.get(name.rpartition("/")[2], {}),
                },
                path=tree.path(name),
            )
        last[0] = told
        told.tell()

    return Source(
        format="image_folder",
        root=str(path),
        task="classification",
        classes=tuple(sorted(classes)),
        records=records,
        total=len(wanted),
        fingerprint=fingerprint("image_folder", tree, {"strict": True} if strict else {}),
        note=Path(path).name,
        findings=lambda: last[0].report(),
        roles_from="folder names" if splits - {""} else listed.origin,
        unread=lambda: unread_of(tree),
    )


def places(names: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Of each picture: the folders above its class, its split or "", its class or "".

    The class is the innermost folder that is no split and does not only say what lies in it (``cat/images/1.jpg``); a
    folder that holds pictures itself keeps those of its inner folders (``dog/puppies/2.jpg`` is a dog). Where all
    innermost folders are splits, two or more folders above them are classes (``cat/train``, ``dog/train``).

    >>> places(["set/train/cat/images/1.jpg", "set/train/dog/2.jpg"])["set/train/cat/images/1.jpg"]
    ('set', 'train', 'cat')
    """
    order = list(names)
    folders = {n: tuple(n.split("/")[:-1]) for n in order}
    direct = set(folders.values())
    doubtful = all(f and f[-1].lower() in TECHNICAL for f in direct)
    technical = TECHNICAL if doubtful else STRICTLY
    # cat/train, dog/test: two or more folders that hold nothing but parts are classes
    above = {f[:-1] for f in direct if len(f) > 1 and split_of_folder(f[-1])} - direct
    above = {f for f in above if not split_of_folder(f[-1]) and f[-1].lower() not in technical}
    if len({f[-1] for f in above}) > 1 and all(split_of_folder(f[-1]) for f in direct if f):
        found = {f: ("/".join(f[:-2]), split_of_folder(f[-1]), f[-2] if f[:-1] in above else "") for f in direct if f}
        return {n: found.get(folders[n], ("", "", "")) for n in order}
    found = {f: _place(f, direct, technical) for f in direct}
    return {n: found[folders[n]] for n in order}


def _place(folder: tuple[str, ...], direct: set[tuple[str, ...]], technical: frozenset[str]) -> tuple[str, str, str]:
    def plain(k: int) -> bool:
        part = folder[k - 1]
        return part.lower() not in technical and (not split_of_folder(part) or _vehicle(folder[:k], direct, technical))

    end = len(folder)
    while end and folder[end - 1].lower() in technical:
        end -= 1
    if not end or not plain(end):
        label, above = "", folder[:end]
    else:
        end = next((k for k in range(1, end) if folder[:k] in direct and plain(k)), end)
        label, above = folder[end - 1], folder[: end - 1]
    splits = [s for p in above if (s := split_of_folder(p))]
    kept = [p for p in above if p.lower() not in technical and not split_of_folder(p)]
    return "/".join(kept), splits[-1] if splits else "", label


def _vehicle(folder: tuple[str, ...], direct: set[tuple[str, ...]], technical: frozenset[str]) -> bool:
    """Whether ``train/`` is a class: it holds pictures itself, so do plain folders beside it, and no other split is."""
    beside = {f[-1] for f in direct if len(f) == len(folder) and f[:-1] == folder[:-1] and f != folder}
    return (
        folder in direct
        and any(b.lower() not in technical and not split_of_folder(b) for b in beside)
        and not any(map(split_of_folder, beside))
    )


HOLDS = Holds(label=True, columns=True)


@public
def write_image_folder(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as ``<role>/<class>/image``, pictures byte by byte; without roles as ``<class>/image``.

    Capture columns go into ``columns.csv``. The folder appears when it is whole. Classes without any picture
    get no folder: a later reading does not know them.

    Parameters
    ----------
    lossy : bool
        Leave out boxes, masks and whatever else is no class label, with one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, a picture has no class label, or a class name cannot name a folder.
    """
    if source.task != "classification":
        raise BadInput(f"{source!r} has no class labels; write_image_folder needs one for each picture")
    bad = [
        c
        for c in source.classes
        if not c or c != c.strip() or c.startswith(".") or split_of_folder(c) or re.search(r"[/\\\0:]", c)
    ]
    if bad:
        raise BadInput(f"the class name {bad[0]!r} cannot name a folder; rename the class before the export")
    columns = {}
    keeper, classes = Keeper("image_folder", HOLDS, lossy=lossy), set(source.classes)
    with new_folder(path) as folder:
        for name, r in named(keeper.records(source)):
            if r.label not in classes:
                raise BadInput(
                    f"{r.uri} has the class label {r.label!r}; write_image_folder needs one of"
                    f" {list(source.classes)[:12]}"
                )
            assert r.label is not None
            into = folder / r.role / r.label if r.role else folder / r.label
            into.mkdir(parents=True, exist_ok=True)
            (into / name).write_bytes(r.image)
            if r.columns:
                columns[name] = r.columns
        write_columns(folder, columns)
