"""Class folders of images, with or without train/test folders above them; plain or in an archive."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import BadData, BadInput, MissingFile, warn
from ..sources.checks import Findings
from ..sources.columns import columns_beside, write_columns
from ..sources.holds import Holds, Keeper
from ..sources.images import is_image, size_of
from ..sources.source import Record, Role, Source
from ..sources.tree import Tree, fingerprint, open_tree
from ..sources.writing import named, new_folder

SPLITS: dict[str, Role] = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "test",
    "valid": "test",
    "validation": "test",
}
# Pictures that a class folder may hold and that are not read: said, not passed over in silence.
_UNREAD = (".gif", ".tif", ".tiff", ".heic", ".avif", ".jp2")
_VALIDATION = ("val", "valid", "validation")


def read_image_folder(path: str | os.PathLike[str], *, verify: bool = True, strict: bool = False) -> Source:
    """Read ``{train,test,val}/<class>/*.jpg`` or ``<class>/*.jpg`` from a folder or an archive.

    An archive is read as a stream, never unpacked: one pass for the names, one for the images. A ``val``
    folder has the role test where there is no ``test`` folder beside it, and no role (but the column
    ``split``) where there is one.

    Parameters
    ----------
    path : path
        A folder, ``.tar``, ``.tar.gz``, ``.tar.bz2``, ``.tar.xz`` or ``.zip``.
    verify : bool
        Decode each image once while it is read, which finds truncated files.
    strict : bool
        Raise for a picture in a format that is not read (GIF, TIFF ...); otherwise it is left out and told.

    Returns
    -------
    Source
        Classes in alphabetical order. ``record.path`` is set for a plain folder.

    Raises
    ------
    MissingFile
        If there is nothing there, or no image in it.
    BadData
        For a damaged image or archive, a member or link that leads out, images outside class folders.

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
    images = [n for n in tree.names() if is_image(n)]
    if not images:
        raise MissingFile(f"{path} holds no images (.jpg, .png, .webp, .bmp) in class folders")
    other = [n for n in tree.names() if n.lower().endswith(_UNREAD)]
    findings = Findings(tree.root, strict=strict)
    for n in other:
        findings.bad(tree.where(n), "is a picture in a format that is not read; convert it to PNG or JPEG")
    if other:
        warn(f"{path}: skipped {len(other):,} files that are not read as pictures; the first is {other[0]}")
    placed = {n: _place(n, tree) for n in images}
    tops = {top for top, _, _ in placed.values()}
    if len(tops) > 1:
        a, b = sorted(tops)[:2]
        raise BadData(
            f"{path} has class folders at different places ({a or '.'!r} and {b or '.'!r}); wanted is "
            "<class>/image or train/<class>/image, nothing deeper. Point at one of them"
        )
    splits = {split for _, split, _ in placed.values()}
    beside = columns_beside(tree)
    both = any(SPLITS.get(s) == "test" and s not in _VALIDATION for s in splits)

    def records() -> Iterator[Record]:
        for name, data in tree.read_many(images):
            width, height = size_of(data, tree.where(name), verify=verify)
            _, split, label = placed[name]
            validation = split in _VALIDATION
            yield Record(
                uri=name,
                image=data,
                width=width,
                height=height,
                role="" if validation and both else SPLITS.get(split, ""),
                label=label,
                columns={**({"split": split} if validation else {}), **beside.get(name.rpartition("/")[2], {})},
                path=tree.path(name),
            )

    return Source(
        format="image_folder",
        root=str(path),
        task="classification",
        classes=tuple(sorted({label for _, _, label in placed.values()})),
        records=records,
        total=len(images),
        fingerprint=fingerprint("image_folder", tree, {"strict": True} if strict else {}),
        note=Path(path).name,
        findings=findings.report,
    )


def _place(name: str, tree: Tree) -> tuple[str, str, str]:
    """Split a name into (folder above, split or "", class)."""
    parts = name.split("/")
    if len(parts) < 2 or (parts[-2].lower() in SPLITS):
        raise BadData(f"{tree.where(name)} lies in no class folder; wanted is <class>/image or train/<class>/image")
    *above, label, _ = parts
    split = above.pop().lower() if above and above[-1].lower() in SPLITS else ""
    return "/".join(above), split, label


HOLDS = Holds(label=True, columns=True)


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
        if not c or c != c.strip() or c.startswith(".") or c.lower() in SPLITS or re.search(r"[/\\\0:]", c)
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
