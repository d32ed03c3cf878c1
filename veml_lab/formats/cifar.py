"""CIFAR-10 and CIFAR-100 in their binary version: label bytes, then 32 x 32 pixels as planes of red, green, blue."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadData, BadInput, MissingFile
from ..sources.checks import Findings
from ..sources.decoder import mode_of, pixels
from ..sources.holds import Holds, Keeper
from ..sources.images import png_of_rgb
from ..sources.opening import open_tree
from ..sources.source import Record, Role, Source
from ..sources.tree import Tree, fingerprint
from ..sources.unread import unread_of
from ..sources.writing import new_folder
from ..storage.border import public

NAME = re.compile(r"(data_batch_\d+|test_batch)(\.bin)?|(train|test)\.bin")
SIDE = 32
PIXELS = 3 * SIDE * SIDE
BATCH = 10_000  # images of a written data_batch file, as in the original
_CIFAR10 = re.compile(r"(?P<role>data|test)_batch(_\d+)?\.bin")
_PICKLES = re.compile(r"data_batch_\d+|test_batch|batches\.meta|train|test|meta")
_TEN = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@public
def read_cifar(path: str | os.PathLike[str], *, classes: Sequence[str] | None = None, strict: bool = False) -> Source:
    """Read CIFAR-10 or CIFAR-100 from a folder or archive of its binary version.

    Each image becomes a PNG of its own; the pixels are read 256 images at a time. CIFAR-100 has the fine
    class as label and the coarse one as the column ``coarse``.

    Parameters
    ----------
    path : path
        Folder or archive with ``data_batch_1.bin`` ..., ``test_batch.bin``, ``batches.meta.txt``
        (CIFAR-10), or ``train.bin``, ``test.bin``, ``fine_label_names.txt`` (CIFAR-100).
    classes : sequence of str, optional
        Class names, label 0 first, where the set has no file of names.
    strict : bool
        Raise at the first label without a class name; otherwise that picture stays without a class, and is told.

    Raises
    ------
    MissingFile
        If there are no such files.
    BadInput
        For the Python version: it is pickled, and a pickle can run any code.
    BadData
        If a file is no whole number of images long.

    Source
    ------
    Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009;
    https://www.cs.toronto.edu/~kriz/cifar.html, section "Binary version".
    """
    tree = open_tree(path)
    last = {n: n.rpartition("/")[2] for n in tree.names()}
    ten = sorted(
        (n for n in last if _CIFAR10.fullmatch(last[n])),
        key=lambda n: (last[n].startswith("test"), _number(last[n]), n),
    )
    hundred = [n for e in ("train.bin", "test.bin") for n in last if last[n] == e]
    if not ten and not hundred:
        if any(_PICKLES.fullmatch(f) for f in last.values()):
            raise BadInput(
                f"{path} is the Python version of CIFAR: Python pickles, which can run any code and are not opened. "
                "Fetch the binary version (cifar-10-binary.tar.gz or cifar-100-binary.tar.gz) from the same page"
            )
        raise MissingFile(
            f"{path} holds no CIFAR batches; looked for data_batch_1.bin, test_batch.bin (CIFAR-10), train.bin,"
            " test.bin (CIFAR-100)"
        )
    if ten and hundred:
        raise BadInput(f"{path} holds CIFAR-10 and CIFAR-100; read their folders one by one")
    files, heads = (ten, 1) if ten else (hundred, 2)
    size = heads + PIXELS
    for n in files:
        if not tree.size(n) or tree.size(n) % size:
            raise BadData(
                f"{tree.where(n)} is {tree.size(n):,} bytes long, no whole number of images of {size:,} bytes; fetch it"
                " again"
            )
    names, coarse = _names(tree, last, ten=bool(ten), given=classes)

    findings = Findings(path, strict=strict)
    findings.of_tree(tree)
    told = findings

    def records() -> Iterator[Record]:
        nonlocal told
        told = findings.copy()
        for n in files:
            yield from _records(tree, n, heads, "test" if last[n].startswith("test") else "train", names, coarse, told)
        told.tell()

    tree.take(files)
    return Source(
        format="cifar",
        root=str(path),
        task="classification",
        classes=names,
        records=records,
        total=sum(tree.size(n) // size for n in files),
        fingerprint=fingerprint("cifar", tree, {"classes": names} | ({"strict": True} if strict else {})),
        note=Path(path).name,
        roles_from="names of the files",
        unread=lambda: unread_of(tree),
        about={"coarse": list(coarse)} if coarse else {},
        findings=lambda: told.report(),
    )


def _number(name: str) -> int:
    return int("".join(filter(str.isdecimal, name)) or 0)


def _names(
    tree: Tree, last: dict[str, str], *, ten: bool, given: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the (fine) classes and of the coarse ones."""

    def lines(file: str) -> tuple[str, ...]:
        found = [n for n in last if last[n] == file]
        if not found:
            return ()
        try:
            text = tree.read(found[0]).decode()
        except UnicodeDecodeError:
            raise BadData(f"{tree.where(found[0])} is no UTF-8 text; a line is the name of a class") from None
        return tuple(s.strip() for s in text.splitlines() if s.strip())

    fine = lines("batches.meta.txt" if ten else "fine_label_names.txt")
    if given is not None:
        fine = tuple(map(str, given))
    twice = sorted({n for n in fine if fine.count(n) > 1})
    if twice:
        raise BadData(
            f"{tree.root} has several classes called {twice[0]!r}; a class has one name (batches.meta.txt,"
            " fine_label_names.txt, or classes=)"
        )
    coarse = () if ten else lines("coarse_label_names.txt") or tuple(map(str, range(20)))
    return fine or (_TEN if ten else tuple(map(str, range(100)))), coarse


def _records(
    tree: Tree,
    name: str,
    heads: int,
    role: Role,
    names: tuple[str, ...],
    coarse: tuple[str, ...],
    findings: Findings,
) -> Iterator[Record]:
    import numpy as np

    size, at = heads + PIXELS, 0
    with tree.open(name) as f:
        while raw := _exactly(f, 256 * size):
            if len(raw) % size:
                raise BadData(f"{tree.where(name)} is truncated in image {at + len(raw) // size}; fetch it again")
            block = np.frombuffer(raw, np.uint8).reshape(-1, size)  # (images, heads + 3072)
            pixels = block[:, heads:].reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)  # (images, 32, 32, 3)
            for head, image in zip(block[:, :heads].tolist(), pixels):
                where = f"{tree.where(name)}, image {at}"
                label = names[head[-1]] if head[-1] < len(names) else None
                if label is None:
                    findings.bad(where, f"has the class number {head[-1]}, but there are {len(names)} names")
                    findings.emptied += 1
                columns = {"coarse": coarse[head[0]]} if heads == 2 and head[0] < len(coarse) else {}
                if heads == 2 and not columns:
                    findings.bad(where, f"has the coarse number {head[0]}, but there are {len(coarse)} names")
                picture = png_of_rgb(image)
                yield Record(f"{name}#{at}", picture, SIDE, SIDE, role, label, columns=columns, emptied=label is None)
                at += 1


def _exactly(f: Any, n: int) -> bytes:
    """``n`` bytes, fewer at the end of the file only."""
    parts, left = [], n
    while left and (data := f.read(left)):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


@public
def write_cifar(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as CIFAR-10 binary files, or as CIFAR-100 where every record has the column ``coarse``.

    The format holds pixels, not files: what is read back are the same pixels, as PNG. Train batches hold
    10,000 images each.

    Parameters
    ----------
    lossy : bool
        Leave out boxes, columns and whatever else is more than a class, with one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, an image is not 32 x 32, a sample has no class, no role or anything that is more
        than a class, or there are more than 256 classes.
    """
    if not 0 < len(source.classes) <= 256:
        raise BadInput(f"CIFAR files hold 1 to 256 classes; {source!r} has {len(source.classes):,}")
    fine = {c: i for i, c in enumerate(source.classes)}
    coarse = {c: i for i, c in enumerate(source.about.get("coarse", ()))}
    hundred, keeper = bool(coarse), Keeper("a CIFAR file", Holds(), lossy=lossy)
    with new_folder(path) as folder:
        counts = {"train": 0, "test": 0}
        for r in source.records():
            head = _head(r, fine, coarse, keeper)
            k = counts[r.role] // BATCH + 1
            counts[r.role] += 1
            name = f"{r.role}.bin" if hundred else "test_batch.bin" if r.role == "test" else f"data_batch_{k}.bin"
            with (folder / name).open("ab") as out:
                out.write(head + _planes(r))
        keeper.tell()
        for file, listed in (
            ("fine_label_names.txt" if hundred else "batches.meta.txt", fine),
            ("coarse_label_names.txt", coarse),
        ):
            if listed:
                (folder / file).write_text("".join(f"{c}\n" for c in listed), encoding="utf-8")


def _head(r: Record, fine: dict[str, int], coarse: dict[str, int], keeper: Keeper) -> bytes:
    """The label bytes of a record, or an error that says what does not fit."""
    more = [k for k in ("boxes", "masks", "keypoints", "captions", "targets") if getattr(r, k)]
    more += [f"the column {k!r}" for k in r.columns if not (coarse and k == "coarse")]
    for what in more:
        keeper.lose(what, r.uri, instead="write documents")
    if (r.width, r.height) != (SIDE, SIDE) or r.kind != "image":
        raise BadInput(f"{r.uri} is {r.width} x {r.height} pixels; CIFAR files hold pictures of 32 x 32")
    if r.role not in ("train", "test") or r.label is None:
        raise BadInput(f"{r.uri} has {'no class' if r.role else 'no role (train or test)'}; CIFAR files need both")
    if r.label not in fine or (coarse and r.columns.get("coarse") not in coarse):
        raise BadInput(
            f"{r.uri} has the class {r.label!r} ({r.columns.get('coarse')!r}), which is not among the source's:"
            f" {list(fine)[:12]}"
        )
    return bytes([coarse[r.columns["coarse"]]] if coarse else []) + bytes([fine[r.label]])


def _planes(r: Record) -> bytes:
    mode = mode_of(r.image, r.uri)
    if mode not in ("L", "RGB"):
        raise BadInput(f"{r.uri} is of the mode {mode}; CIFAR files hold grey or RGB pictures of 8 bits")
    return pixels(r.image, r.uri, size=(r.width, r.height)).transpose(2, 0, 1).tobytes()  # (3, 32, 32)
