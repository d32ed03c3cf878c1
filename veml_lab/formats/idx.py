"""IDX files: MNIST, Fashion-MNIST, KMNIST, EMNIST, packed with gzip or not."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import BadData, BadInput, MissingFile, VemlError
from ..sources.checks import Findings
from ..sources.decoder import pixels
from ..sources.holds import Holds, Keeper
from ..sources.images import MAX_PIXELS, png_of_gray
from ..sources.leftover import Leftover
from ..sources.opening import open_tree
from ..sources.source import Record, Role, Source
from ..sources.tree import fingerprint
from ..sources.unread import unread_of
from ..sources.writing import new_folder
from ..storage.border import public
from ..storage.failures import by_the_system

FASHION = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

NAME = re.compile(r"(?P<prefix>.*?)(?P<split>train|t10k|test)-(?P<kind>images|labels)[-.]idx[13]-ubyte(\.gz)?$")
_ROLES: dict[str, Role] = {"train": "train", "t10k": "test", "test": "test"}


@dataclass(frozen=True, slots=True)
class _Split:
    """One pair of files, checked."""

    role: Role
    images: Path
    labels: Path
    n: int
    height: int
    width: int


@public
def read_idx(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    classes: Sequence[str] | None = None,
    strict: bool = False,
) -> Source:
    """Read a folder of IDX files (or one images file) as a classification set.

    Heads and sizes are checked at once, before anything is allocated; pixels are read one block at a
    time when the records are walked. Each image becomes a PNG of its own. O(n) time, O(1) memory but
    for the labels (n bytes).

    Parameters
    ----------
    path : path
        The folder with ``train-images-idx3-ubyte``, ``t10k-...`` and their labels (``.gz`` or not), or
        one of the images files: then only that split is read.
    name : str, optional
        What the set is called; the folder's name if not given. A name with "fashion" in it picks
        Fashion-MNIST's class names.
    classes : sequence of str, optional
        Class names, label 0 first; else those of ``classes.txt`` beside the files, else "0", "1", ...
    strict : bool
        Raise at the first label without a class name; otherwise that picture stays without a class, and is told.

    Returns
    -------
    Source
        ``train-*`` has the role train, ``t10k-*`` (or ``test-*``) test.

    Raises
    ------
    MissingFile
        If the folder or one of a pair of files is not there.
    BadData
        If a file has a wrong magic number, is truncated or too long, if images and labels differ in
        number, or if no label has a class name.

    Source
    ------
    http://yann.lecun.com/exdb/mnist/ (format), https://github.com/zalandoresearch/fashion-mnist (names).

    Examples
    --------
    >>> import struct
    >>> from pathlib import Path
    >>> Path("digits").mkdir()
    >>> heads = struct.pack(">4I", 0x803, 2, 28, 28), struct.pack(">2I", 0x801, 2)
    >>> for kind, head, n in (("images-idx3", heads[0], 2 * 28 * 28), ("labels-idx1", heads[1], 2)):
    ...     written = Path(f"digits/train-{kind}-ubyte").write_bytes(head + bytes(n))
    >>> veml.read_idx("digits")
    <Source idx 'digits': 2 samples, classification, 10 classes>
    """
    root = Path(path)
    splits = [_check(role, images, labels) for role, images, labels in _pairs(root)]
    called = name or (root.name if root.is_dir() else root.resolve().parent.name)
    found = {int(v) for s in splits for v in set(_labels(s).tolist())}
    highest = max(found, default=0)
    if classes is not None:
        names = tuple(str(c) for c in classes)
    elif listed := _listed(root):
        names = listed
    elif "fashion" in called.lower() and highest < len(FASHION):
        names = FASHION
    else:
        names = tuple(str(i) for i in range(max(10, highest + 1)))
    if found and min(found) >= len(names):
        raise BadData(
            f"{root} has the labels {min(found)} to {highest}, but there are only {len(names)} class names (classes= or"
            " classes.txt)"
        )
    findings = Findings(path, strict=strict)
    if root.is_dir():
        findings.of_tree(open_tree(root))
    last = findings

    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise BadData(f"{root} has several classes called {twice[0]!r}; a class has one name (classes= or classes.txt)")

    def records() -> Iterator[Record]:
        nonlocal last
        last = told = findings.copy()
        for s in splits:
            yield from _records(s, names, told)
        told.tell()

    stamp = [[f.name, f.stat().st_size, f.stat().st_mtime_ns] for s in splits for f in (s.images, s.labels)]
    return Source(
        format="idx",
        root=str(path),
        task="classification",
        classes=names,
        records=records,
        total=sum(s.n for s in splits),
        fingerprint=fingerprint("idx", stamp, {"classes": names} | ({"strict": True} if strict else {})),
        note=called,
        roles_from="names of the files",
        unread=lambda: _unread(root, splits),
        findings=lambda: last.report(),
    )


def _unread(root: Path, splits: list[_Split]) -> list[Leftover]:
    """What else lies in the folder; nothing where a file was named."""
    if not root.is_dir():
        return []
    tree = open_tree(root)
    files = [f.relative_to(root).as_posix() for s in splits for f in (s.images, s.labels)]
    tree.take((*files, *(["classes.txt"] if _listed(root) else [])))
    return unread_of(tree)


def _listed(root: Path) -> tuple[str, ...]:
    """Names of ``classes.txt``, a line each; () where there is none."""
    file = (root if root.is_dir() else root.parent) / "classes.txt"
    if not file.is_file() or file.stat().st_size > 1 << 20:
        return ()
    try:
        return tuple(s for line in file.read_text(encoding="utf-8").splitlines() if (s := line.strip()))
    except (OSError, UnicodeDecodeError) as e:
        raise BadData(f"{file} cannot be read as UTF-8 text ({e})") from e


def _pairs(root: Path) -> Iterator[tuple[Role, Path, Path]]:
    """Find (role, images, labels); train first."""
    if ":/" in str(root) and not root.exists():  # pathlib makes one slash of the two of an address
        raise BadInput(f"IDX files behind an address are not read ({root}); fetch the folder first, it is four files")
    if not root.exists():
        raise MissingFile(f"there is no file or folder {str(root)!r}; check the path")
    # links and pipes are not among the names of a tree, and so never opened
    there = {n for n in open_tree(root if root.is_dir() else root.parent).names() if "/" not in n}
    if root.is_file():
        m = NAME.match(root.name)
        if not m or m["kind"] != "images":
            raise BadInput(f"{root} is not named like an IDX images file (train-images-idx3-ubyte or ...gz)")
        candidates = [root]
    else:
        candidates = [root / n for n in sorted(there) if (m := NAME.match(n)) and m["kind"] == "images"]
    if not candidates:
        raise MissingFile(
            f"{root} holds no IDX images; looked for train-images-idx3-ubyte and t10k-images-idx3-ubyte, "
            "each with or without .gz"
        )
    seen: dict[str, Path] = {}
    for p in candidates:
        m = NAME.match(p.name)
        assert m
        if m["split"] in seen:
            # raw and .gz side by side is common after torchvision's download: the raw one is faster
            if seen[m["split"]].name.removesuffix(".gz") != p.name.removesuffix(".gz"):
                raise BadInput(f"{root} holds several sets ({seen[m['split']].name}, {p.name}); name one images file")
            if p.suffix == ".gz":
                continue
        seen[m["split"]] = p
    for split in sorted(seen, key=lambda s: _ROLES[s] != "train"):
        images = seen[split]
        stem = images.name.removesuffix(".gz").replace("-images", "-labels").replace("idx3", "idx1")
        for other in (images.with_name(stem), images.with_name(stem + ".gz")):
            if other.name in there:
                yield _ROLES[split], images, other
                break
        else:
            raise MissingFile(f"{images} has no labels beside it; put {stem} or {stem}.gz into {images.parent}")


def _open(path: Path):
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


_DAMAGE = (OSError, EOFError, zlib.error)


def _damage(path: Path, e: Exception, what: str) -> VemlError:
    """What the system refuses is no damage; nothing of it is to be fetched again."""
    return by_the_system(e, path) or BadData(f"{path} {what} ({e}); fetch it again")


def _head(path: Path, magic: int, words: int) -> tuple[int, ...]:
    try:
        with _open(path) as f:
            raw = f.read(4 * words)
    except _DAMAGE as e:
        raise _damage(path, e, "cannot be unpacked") from e
    if len(raw) < 4 * words:
        raise BadData(f"{path} is truncated: {len(raw)} bytes, its head alone has {4 * words}; fetch it again")
    found, *rest = struct.unpack(f">{words}I", raw)
    if found != magic:
        what = "labels" if magic == 0x801 else "images"
        raise BadData(f"{path} is no IDX file of {what}: it starts with 0x{found:08x}, not 0x{magic:08x}")
    return tuple(rest)


def _check_length(path: Path, want: int) -> None:
    """Compare the length that the head promises with the file's, at the least cost that is safe."""
    size = path.stat().st_size
    if path.suffix != ".gz":
        have = size
    else:
        with path.open("rb") as f:
            f.seek(-min(4, size), os.SEEK_END)
            (have,) = struct.unpack("<I", f.read(4).rjust(4, b"\0"))
        if have != want:
            # The trailer holds the length of the last gzip member only; count before complaining.
            have = _unpacked_length(path, want)
    if have != want:
        verb = "is truncated" if have < want else "is too long"
        raise BadData(f"{path} {verb}: its head promises {want:,} bytes, it has {have:,}; fetch it again")


def _unpacked_length(path: Path, want: int) -> int:
    have = 0
    try:
        with _open(path) as f:
            while block := f.read(1 << 20):
                have += len(block)
                if have > want:
                    break
    except _DAMAGE as e:
        raise _damage(path, e, f"is truncated or damaged after {have:,} bytes") from e
    return have


def _check(role: Role, images: Path, labels: Path) -> _Split:
    n, height, width = _head(images, 0x803, 4)
    (n_labels,) = _head(labels, 0x801, 2)
    if n != n_labels:
        raise BadData(f"{images.name} has {n:,} images but {labels.name} {n_labels:,} labels; they are no pair")
    if not n or not height or not width or height * width > MAX_PIXELS:
        raise BadData(f"{images} says that it holds {n:,} images of {width:,} x {height:,} pixels")
    _check_length(images, 16 + n * height * width)
    _check_length(labels, 8 + n)
    return _Split(role, images, labels, n, height, width)


def _labels(s: _Split) -> np.ndarray:
    """All labels of a split, uint8 of shape (n,)."""
    try:
        with _open(s.labels) as f:
            raw = f.read(8 + s.n)
    except _DAMAGE as e:
        raise _damage(s.labels, e, "is damaged") from e
    if len(raw) != 8 + s.n:
        raise BadData(f"{s.labels} is truncated; fetch it again")
    return np.frombuffer(raw, np.uint8, offset=8)


def _records(s: _Split, names: tuple[str, ...], findings: Findings) -> Iterator[Record]:
    labels = _labels(s)
    one = s.height * s.width
    block = max(1, (1 << 20) // one)  # about a MiB at a time
    try:
        with _open(s.images) as f:
            f.read(16)
            for start in range(0, s.n, block):
                k = min(block, s.n - start)
                raw = f.read(k * one)
                if len(raw) != k * one:
                    raise BadData(f"{s.images} is truncated in image {start + len(raw) // one}; fetch it again")
                pixels = np.frombuffer(raw, np.uint8).reshape(k, s.height, s.width)  # (k, h, w)
                for i in range(k):
                    label = int(labels[start + i])
                    if label >= len(names):
                        findings.bad(
                            f"{s.images}, image {start + i}",
                            f"has the class number {label}, but there are {len(names)} names",
                        )
                        findings.emptied += 1
                    yield Record(
                        uri=f"{s.images.name}#{start + i}",
                        image=png_of_gray(pixels[i]),
                        width=s.width,
                        height=s.height,
                        role=s.role,
                        label=names[label] if label < len(names) else None,
                        emptied=label >= len(names),
                    )
    except _DAMAGE as e:
        raise _damage(s.images, e, "is damaged") from e


HOLDS = Holds(label=True)


@public
def write_idx(source: Source, path: str | os.PathLike[str], *, packed: bool = True, lossy: bool = False) -> None:
    """Write a source as IDX files: ``train-*`` for the role train, ``t10k-*`` for test, ``classes.txt``.

    Pixels return equal; the file that held them (PNG, JPEG) does not. The folder appears when it is whole.

    Parameters
    ----------
    packed : bool
        Write ``.gz`` files, as they are published. torchvision opens plain files alone: ``packed=False`` into
        ``ROOT/FashionMNIST/raw`` for ``FashionMNIST("ROOT")``.
    lossy : bool
        Make grey what is coloured, and leave out what is no class label, with one warning; otherwise both are
        an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, a picture has no class label or no role, pictures differ in size, or there are
        more than 256 classes.
    """
    if source.task != "classification" or len(source.classes) > 256:
        raise BadInput(f"{source!r} is no set of class labels, 256 at most; IDX cannot hold it")
    keeper = Keeper("IDX", HOLDS, lossy=lossy)
    number = {label: i for i, label in enumerate(source.classes)}
    with new_folder(path) as folder:
        parts: dict[str, _Writing] = {}
        try:
            for r in keeper.records(source):
                if r.label not in number:
                    raise BadInput(f"{r.uri} has the class label {r.label!r}; IDX needs one of {list(number)[:12]}")
                if not r.role:
                    raise BadInput(
                        f"{r.uri} is neither train nor test; IDX files are one or the other, so split the version first"
                    )
                if r.role not in parts:
                    parts[r.role] = _Writing(
                        folder, {"train": "train", "test": "t10k"}[r.role], r.width, r.height, packed
                    )
                parts[r.role].add(_gray(r, keeper), number[r.label], r)
        finally:
            for part in parts.values():
                part.close()
        (folder / "classes.txt").write_text("".join(f"{c}\n" for c in source.classes), encoding="utf-8")


def _gray(r: Record, keeper: Keeper) -> np.ndarray:
    """Pixels of a record, uint8 of shape (h, w)."""
    colours = pixels(r.image, r.uri, size=(r.width, r.height))
    if (colours == colours[:, :, :1]).all():
        return colours[:, :, 0]
    keeper.lose("colours", r.uri)
    red, green, blue = np.moveaxis(colours.astype(np.uint32), 2, 0)
    return ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16).astype(np.uint8)  # ITU-R 601, as Pillow has it


class _Writing:
    """One pair of files that grows; the number of images goes into their heads at the end."""

    def __init__(self, folder: Path, split: str, width: int, height: int, packed: bool) -> None:
        self._packed = packed
        self._files = [folder / f"{split}-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")]
        self._open = [f.open("wb") for f in self._files]
        self._n, self._size = 0, (width, height)
        self._head()

    def _head(self) -> None:
        width, height = self._size
        for f, head in zip(
            self._open, (struct.pack(">IIII", 0x803, self._n, height, width), struct.pack(">II", 0x801, self._n))
        ):
            f.seek(0)
            f.write(head)

    def add(self, pixels: np.ndarray, label: int, r: Record) -> None:
        if (r.width, r.height) != self._size:
            raise BadInput(
                f"{r.uri} is {r.width} x {r.height} pixels, others {self._size[0]} x {self._size[1]}; IDX holds one"
                " size"
            )
        self._open[0].write(pixels.tobytes())
        self._open[1].write(bytes([label]))
        self._n += 1

    def close(self) -> None:
        self._head()
        for f, path in zip(self._open, self._files):
            f.close()
            if not self._packed:
                continue
            with path.open("rb") as raw, gzip.GzipFile(f"{path}.gz", "wb", compresslevel=6, mtime=0) as packed:
                shutil.copyfileobj(raw, packed)
            path.unlink()
