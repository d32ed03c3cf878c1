"""The same small annotated set, written in the layouts, encodings and notations in which people have it.

Each format has a function that makes a :class:`Layout` of choices: files, how they are to be read, and what has to
come back. A layout that an honest reader may refuse (a text in UTF-16 where the format is UTF-8) says so; all others
have to come back equal. ``scripts/layouts.py`` makes thousands of them, the suite a few dozen a format.
"""

from __future__ import annotations

import functools
import hashlib
import io
import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from veml_lab.errors import VemlError
from veml_lab.formats import read

W, H = 8, 4
# Pictures as people have them: what they are, and what their names end in.
KINDS = {
    "PNG": (".png", ".PNG", ".Png"),
    "JPEG": (".jpg", ".JPG", ".jpeg", ".JPEG", ".Jpg"),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".BMP"),
    "TIFF": (".tif", ".tiff", ".TIF"),
    "GIF": (".gif",),
}
NAMES = {
    "short": ("a7", "b8", "c9"),
    "numbers": ("000007", "000008", "000010"),
    "few digits": ("1", "2", "10"),
    "camera": ("IMG_2024-01", "IMG_2024-02", "DSC00003"),
    "blanks": ("my cat (1)", "my dog (2)", "my dog (3)"),
    "dots": ("a.v1", "a.v2", "b.v1"),
    "accents": ("M\u00e9li 1", "Gr\u00fc\u00df 2", "No\u00ebl 3"),
    "signs": ("\u732b1", "\u72ac2", "\u72ac3"),
    "roboflow": ("a_jpg.rf.0a1b2c", "b_jpg.rf.3d4e5f", "c_jpg.rf.6a7b8c"),
}  # fmt: skip


@functools.cache
def picture(i: int, kind: str = "PNG") -> bytes:
    """A picture of 8 x 4 pixels, its own for each number."""
    out = io.BytesIO()
    Image.new("RGB", (W, H), (i * 40 + 9, 255 - i * 30, i * 7)).save(out, kind)
    return out.getvalue()


@dataclass(frozen=True)
class Picture:
    """A picture of the set: name without ending, part, class of the whole, boxes (class, x, y, w, h)."""

    name: str
    part: str
    label: str
    boxes: tuple[tuple[str, float, float, float, float], ...]


SET = (
    Picture("a7", "train", "cat", (("cat", 1, 1, 3, 2),)),
    Picture("b8", "train", "dog", (("cat", 0, 0, 4, 4), ("dog", 2, 1, 4, 2))),
    Picture("c9", "test", "dog", (("dog", 1, 0, 5, 3),)),
)
CLASSES = ("cat", "dog")


@dataclass(repr=False)
class Layout:
    """One way to write the set.

    Attributes
    ----------
    files
        Bytes by name.
    expected
        What comes back: by the bytes of a picture (role, class, boxes), or whatever ``told`` gives.
    options
        Of the reader.
    may_refuse
        An honest reader may refuse it.
    path
        What is read, relative to the folder of the files.
    packed
        The archive that all lies in, or ``""``.
    choices
        For people: what was drawn.
    named
        It is never found by looking.
    """

    format: str
    files: dict[str, bytes] = field(default_factory=dict)
    expected: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    may_refuse: bool = False
    path: str = ""
    packed: str = ""
    choices: dict[str, Any] = field(default_factory=dict)
    told: Callable[[Any], Any] | None = None
    named: bool = False

    def __repr__(self) -> str:
        return f"<layout {self.format} {self.choices}: {', '.join(self.files)}>"

    def key(self) -> bytes:
        """What makes it another layout: what lies on the disk, and how it is asked for."""
        said = [self.path, self.packed, sorted(self.options.items()), list(self.files.items())]
        return hashlib.sha256(repr(said).encode()).digest()


Pick = Callable[[Sequence[Any]], Any]


class Choose:
    """Takes choices by name, and writes texts in the encoding and with the line ends that were chosen."""

    def __init__(self, format: str, pick: Pick, **more: Any) -> None:
        self._pick, self.layout = pick, Layout(format, **more)

    def __call__(self, what: str, *of: Any) -> Any:
        if what not in self.layout.choices:
            self.layout.choices[what] = self._pick(of)
        return self.layout.choices[what]

    def encoded(self, text: str, *, utf16: bool = False, ends: bool = True, bare: bool = False) -> bytes:
        """Bytes of a text; ``utf16`` says that the format allows it, ``bare`` that it needs plain UTF-8."""
        chosen = self.layout.choices
        if "encoding" not in chosen:
            self("encoding", "utf-8", "utf-8", *([] if bare else ["utf-8-sig", "utf-16", "utf-16-be", "latin-1"]))
            shown = (chosen.get("names of pictures"), chosen.get("classes"))
            if chosen["encoding"] == "latin-1" and "signs" in shown:  # which it does not have
                chosen["encoding"] = "utf-8"
            self("line end", "\n", "\r\n", *(["\r"] if ends else []))
            self("last line", "ended", "open", "empty line")
        encoding = chosen["encoding"]
        if encoding.startswith("utf-16") and not utf16:
            self.layout.may_refuse = True
        text = text.rstrip("\n") + {"ended": "\n", "open": "", "empty line": "\n\n"}[chosen["last line"]]
        text = text.replace("\n", chosen["line end"])
        if encoding == "latin-1":
            if text.isascii() or not all(ord(c) < 256 for c in text):
                return text.encode()
            self.layout.may_refuse = True
        return (b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding)

    def cased(self, what: str, *words: str) -> str:
        """One of the words in one of the usual cases."""
        word = self(what, *words)
        return self(f"case of {what}", *dict.fromkeys((word, word.lower(), word.upper(), word.capitalize())))

    def nested(self) -> str:
        """The folders above the set."""
        return self("above", "", "", "set/", "My Data/2024-01-01 export/", "archive/pets.v3i/", "d\u00e9p\u00f4t/x/",
                    "home/u/work/sets/pets/v1/")  # fmt: skip

    def part(self, part: str) -> str:
        """What a part is called in folders and files."""
        if "names of parts" not in self.layout.choices:
            self("names of parts", ("train", "test"), ("train", "val"), ("train", "valid"), ("Train", "Test"),
                 ("TRAIN", "TEST"), ("training", "validation"), ("train2017", "val2017"), ("Training", "Testing"),
                 ("train", "dev"))  # fmt: skip
        return self.layout.choices["names of parts"][part == "test"]

    def name(self, p: Picture, apart: bool) -> str:
        """The file name without its ending; where parts lie apart, two of them may have a picture of one name."""
        return self.set()[0].name if apart and p.part == "test" and self("same names", False, False, True) else p.name

    def set(self, *, names: Sequence[str] = tuple(NAMES)) -> tuple[Picture, ...]:
        """The pictures, under names of a kind that people use."""
        return tuple(replace(p, name=n) for p, n in zip(SET, NAMES[self("names of pictures", "short", *names)]))

    def image(self, i: int) -> bytes:
        """The bytes of a picture."""
        return picture(i, self._kind())

    def _kind(self) -> str:
        return self("pictures are", "PNG", *KINDS)

    def ending(self) -> str:
        """What the names of pictures end in; now and then it is that of another kind, which no reader minds."""
        kind = self._kind()
        return self("ending", *KINDS[kind], *KINDS[kind], ".png", ".jpg")

    def turned(self, rows: Sequence[Any], what: str = "order") -> list[Any]:
        """Rows or entries in an order that people have them in."""
        order = self(what, "usual", "turned", "mixed")
        return list(rows) if order == "usual" else list(reversed(rows)) if order == "turned" else [*rows[1:], *rows[:1]]

    def noise(self, above: str) -> None:
        """Files that lie about in any set, and in which archive all of it lies."""
        for name, text in NOISE.items():
            if self(f"with {name}", False, False, True):
                self.layout.files[above + name] = text.encode()
        self.layout.packed = self("packed", "", "", "", "zip", "tar", "gztar", "bztar")

    def marked(self, roles: bool, boxes: bool = True, labels: bool = False) -> None:
        """What a set of pictures has to come back as."""
        self.layout.expected = {
            self.image(i): (
                p.part if roles else "",
                p.label if labels else None,
                tuple(sorted(p.boxes)) if boxes else (),
            )
            for i, p in enumerate(SET)
        }


NOISE = {
    "README.md": "# A set\n", "README.dataset.txt": "# pets\n", "LICENSE": "CC0\n", ".DS_Store": "\0",
    "Thumbs.db": "\0", "desktop.ini": "[x]\n", "__MACOSX/._a7.png": "\0", ".git/HEAD": "ref: x\n",
    ".ipynb_checkpoints/x-checkpoint.ipynb": "{}",
}  # fmt: skip


def told_of_pictures(source: Any) -> dict[bytes, Any]:
    """A source as :meth:`Choose.marked` says it."""
    return {
        r.image: (
            r.role,
            r.label,
            tuple(sorted((b.label, *(round(v, 3) for v in (b.x, b.y, b.w, b.h))) for b in r.boxes)),
        )
        for r in source.records()
    }


def write(layout: Layout, folder: Path) -> Path:
    """Write a layout below a new folder; what is to be read."""
    root = folder / "pets"
    for name, content in layout.files.items():
        at = root / name
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(content)
    if layout.packed:
        return Path(shutil.make_archive(str(folder / "pets packed"), layout.packed, root))
    return root / layout.path


def came_back(layout: Layout, named: bool, at: Path) -> Any:
    """What reading gives, or the error's text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = read(at, layout.format if named or layout.named else None, **layout.options)
            if source.format != layout.format:
                stops = [str(x) for x in source.unread() if x.stops]  # so an import ends
                return f"refused: pets read as {source.format} leaves {stops}" if stops else f"read as {source.format}"
            return (layout.told or told_of_pictures)(source)
    except VemlError as e:
        return f"refused: {e}"


def judged(layout: Layout, named: bool, at: Path) -> str:
    """``"equal"``, ``"refused"`` (by name, where it may be), or what is wrong."""
    found = came_back(layout, named, at)
    if found == layout.expected:
        return "equal"
    if layout.may_refuse and isinstance(found, str) and len(found) > 30 and ("pets" in found or "encoding" in found):
        return "refused"
    names = {content: name for name, content in layout.files.items()}

    def shown(said: Any) -> Any:
        return {names.get(k, k): v for k, v in said.items()} if isinstance(said, dict) else said

    how = "named" if named else "looked at"
    text = f"{how}, {layout.choices}\n{sorted(layout.files)}\ncame {shown(found)}\nwanted {shown(layout.expected)}"
    return text[:4000]
