"""Pictures and a CSV file beside them that names each one, with its class: ``images/`` and ``labels.csv``."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import BadInput, MissingFile
from ..sources.cells import cells, class_name, class_names, pick
from ..sources.checks import Findings
from ..sources.columns import TABLE
from ..sources.detection import Marked, Marks, class_order, marks_source
from ..sources.dialect import encoding_of, separator
from ..sources.encodings import legible
from ..sources.images import is_image
from ..sources.named_pictures import Pictures
from ..sources.opening import open_tree
from ..sources.roles import split_of_cell, split_of_folder
from ..sources.source import Source
from ..sources.tree import Tree
from ..storage.border import public
from .table_csv import CsvTable

# Names of a column that is the class, the surest first: a name before a number, since people read it.
CLASS = (
    "label", "class_name", "classname", "class", "category", "category_name", "target", "species", "breed",
    "class_index", "class_id", "classid", "label_id", "label_index", "index",
)  # fmt: skip
ROLE = ("role", "split", "subset")
# Lines at the head of a table that tell which column names pictures, and so many bytes of it at most.
_LOOKED_AT, _HEAD_BYTES = 50, 1 << 16


# Run lengths of a mask ("1 3 10 5"), and a list or an object of regions: neither is a class.
_RUNS = re.compile(r"\d+ \d+( \d+ \d+)*$")
_CORNERS = frozenset({
    "xmin", "ymin", "xmax", "ymax", "x_min", "y_min", "x_max", "y_max", "x1", "y1", "x2", "y2", "bbox_x", "bbox_y",
    "bbox_w", "bbox_h", "bbox_width", "bbox_height"
})  # fmt: skip
_NESTED = re.compile(r"\[|\{\s*[\"']")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a table say what: the picture, its class, train or test (None where none does)."""

    file: str
    label: str | None
    role: str | None


@public
def read_picture_table(
    path: str | os.PathLike[str],
    *,
    file: str | None = None,
    label: str | None = None,
    role: str | None = None,
    classes: Sequence[str] | None = None,
    delimiter: str | None = None,
    encoding: str = "utf-8",
    strict: bool = False,
    verify: bool = True,
) -> Source:
    """Read pictures with the classes that a CSV file beside them gives, one row a picture.

    The column of the pictures is the one whose cells are names of pictures that are there (with or without
    folder and ending). The class is the column called ``label``, ``class_name``, ``class`` ... or the only other
    one; every further column is kept with each picture. ``source.note`` says which columns were taken.

    Parameters
    ----------
    path : path
        A folder or archive with pictures and CSV or TSV files, or one such file in the folder of its pictures.
    file, label, role : str, optional
        The columns of the picture, the class, and train or test; found out if not given. ``val`` counts as
        test, and has the column ``split`` where there is a test too.
    classes : sequence of str, optional
        Class names in order; ``classes.txt`` or the sorted names (numbers by their value) otherwise.
    delimiter, encoding : str
        Of the tables; the separator is found out if not given.
    strict : bool
        Raise for a row without a picture, a picture without a row, a second row of a picture, a damaged picture;
        otherwise these are left out and reported.
    verify : bool
        Decode each picture once.

    Raises
    ------
    MissingFile
        If no table names a picture.
    UnknownName
        If a named column is not there.
    BadInput
        If no column can be told to be the class.
    BadData
        If a table is damaged; with ``strict``, for a damaged picture or a second row of a picture.
    """
    p = Path(path)
    alone = "://" not in str(path) and p.is_file() and is_listing(p.name)
    tree = open_tree(p.parent if alone else path)
    pictures = Named(tree)
    found = tables(
        tree, pictures, [p.name] if alone else None, file=file, label=label, delimiter=delimiter, encoding=encoding
    )
    if not found:
        raise MissingFile(
            f"{path} has no CSV file with a column that names its pictures; say file= (the column), "
            "or read class folders with format='image_folder'"
        )
    findings, marks, taken = Findings(path, strict=strict), Marks(), {}
    for name, guess in found.items():
        columns = Columns(guess.file, label or guess.label, role or guess.role)
        if columns.label is None:
            raise BadInput(
                f"{tree.where(name)}: none of its columns is known to be the class; say label= (boxes, run"
                " lengths and lists of regions are not read from such a table)"
            )
        taken[name] = columns
        _rows(_opened(tree, name, columns, delimiter, encoding), columns, pictures, marks, findings)
    for name in tree.names():
        if is_image(name) and name not in marks:
            findings.bad(tree.where(name), f"is not named in {', '.join(found)}")
    order = class_order(tree, marks.labels, classes, findings)
    if classes is None and list(order) == sorted(order):
        order = class_names(order)
    said = "; ".join(
        f"{n}: picture {c.file!r}, class {c.label!r}" + (f", role {c.role!r}" if c.role else "")
        for n, c in taken.items()
    )
    options = {"columns": said, "classes": order, "strict": strict, "delimiter": delimiter, "encoding": encoding}
    return marks_source(
        "picture_table",
        tree,
        marks,
        order,
        findings,
        verify=verify,
        options=options,
        note=said,
        roles_from=_roles_from(taken),
    )


def _roles_from(taken: Mapping[str, Columns]) -> str:
    columns = sorted({c.role for c in taken.values() if c.role})
    return f"column {columns[0]!r}" if columns else "names of the tables and folders"


def tables(
    tree: Tree,
    pictures: Named,
    names: Iterable[str] | None = None,
    *,
    file: str | None = None,
    label: str | None = None,
    delimiter: str | None = None,
    encoding: str = "utf-8",
) -> dict[str, Columns]:
    """The tables of a tree that name its pictures, by the first lines of each, with what their columns say.

    Where some of them have a class, only those: a table of capture conditions beside it is no list of classes.
    """
    found = {}
    listings = [n for n in (tree.names() if names is None else names) if is_listing(n)]
    for name in listings:
        if columns := _columns_of(tree, name, pictures, file, delimiter, encoding):
            found[name] = columns
    classed = {n: c for n, c in found.items() if c.label is not None}
    taken = found if label is not None or not classed else classed
    tree.leave(n for n in listings if n not in taken)
    return taken


def names_its_pictures(tree: Tree) -> bool:
    """True where a table gives the pictures their classes and folders do not: at most one folder holds them."""
    if not any(map(is_listing, tree.names())):
        return False
    folders = {n.split("/")[-2] if "/" in n else "" for n in tree.names() if is_image(n)}
    if not folders or len({f for f in folders if not split_of_folder(f)}) > 1:
        return False
    return any(c.label is not None for c in tables(tree, Named(tree)).values())


def is_listing(name: str) -> bool:
    """True for a file name that ends like a table of this format."""
    return name.lower().endswith((".csv", ".tsv")) and name.rpartition("/")[2] != TABLE


class Named:
    """Finds the picture that a cell names: like :class:`Pictures`, and without its ending too."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._pictures = Pictures(tree)
        self._stems: dict[str, str | None] | None = None

    def missing(self, said: str) -> str:
        """What to say of a picture that was not found."""
        return self._pictures.missing(said)

    def find(self, said: str, by: str = "") -> str | None:
        """The one picture, or None; ``by`` as in :meth:`Pictures.find`."""
        found = self._pictures.find(said, by)
        if found is not None or is_image(said):
            return found
        if self._stems is None:
            self._stems = {}
            for name in filter(is_image, self._tree.names()):
                stem = PurePosixPath(name).stem
                self._stems[stem] = None if stem in self._stems else name
        return self._stems.get(said.replace("\\", "/").rpartition("/")[2])


def _columns_of(
    tree: Tree, name: str, pictures: Named, file: str | None, delimiter: str | None, encoding: str
) -> Columns | None:
    """What the columns of a table say, by its first lines; None if it names no pictures."""
    with tree.open(name) as stream:
        head = stream.read(_HEAD_BYTES)
    try:
        known = encoding_of(head, encoding)
        # names in an encoding that was not said are found all the same; who reads the table then says what to say
        text = legible(head) if known == "utf-8" else head.decode(known, errors="replace").removeprefix("\ufeff")
    except LookupError:
        raise BadInput(f"there is no encoding {encoding!r}; known are utf-8, latin-1, cp1252, cp949, ...") from None
    if len(head) == _HEAD_BYTES:
        text = text.rpartition("\n")[0]  # the last line may be cut
    lines = text.splitlines()[: _LOOKED_AT + 1]
    if len(lines) < 2:
        return None
    sign = delimiter or ("\t" if name.lower().endswith(".tsv") else separator(lines))
    try:
        names, *rows = csv.reader(lines, delimiter=sign)
    except (csv.Error, TypeError):
        return None
    if not names or any(map(is_image, names)):  # no line of names: the first row would become them
        return None
    columns = {n: [r[i] for r in rows if len(r) == len(names)] for i, n in enumerate(names)}
    hits = {n: sum(pictures.find(v, name) is not None for v in values) for n, values in columns.items()}
    picture = file if file is not None else max(names, key=lambda n: hits[n])
    if file is not None and file not in columns:
        return None
    if file is None and hits[picture] * 2 <= len(columns[picture]):
        return None
    if file is None and len(set(columns[picture])) < len(columns[picture]):
        return None  # a row an object, not a row a picture
    others = [n for n in names if n != picture]
    by_name = {n.strip().lower(): n for n in reversed(others)}
    role = next((by_name[r] for r in ROLE if r in by_name), None)
    left = [n for n in others if n != role]
    label = next((by_name[c] for c in CLASS if c in by_name), left[0] if len(left) == 1 else None)
    if label and label.strip().lower() not in CLASS and _sentences(columns[label]):
        return None  # what each picture shows, in words: no class
    if (
        any(_mostly(_RUNS, columns[n]) for n in others)
        or (label and _mostly(_NESTED, columns[label]))
        or len(_CORNERS & by_name.keys()) >= len(("x", "y", "x", "y"))
    ):
        label = None  # a table of regions, whatever else it says of a picture
    return Columns(picture, label, role)


def _sentences(cells: Sequence[str]) -> bool:
    filled = [c.strip() for c in cells if c.strip()]
    return len(filled) > 1 and len(set(filled)) == len(filled) and 2 * sum(" " in c for c in filled) >= len(filled)


def _mostly(what: re.Pattern[str], cells: Sequence[str]) -> bool:
    """Whether at least half of the cells that are not empty are such."""
    filled = [c.strip() for c in cells if c.strip()]
    return bool(filled) and 2 * sum(what.match(c) is not None for c in filled) >= len(filled)


def _opened(tree: Tree, name: str, columns: Columns, delimiter: str | None, encoding: str) -> CsvTable:
    """The table, with names of pictures and classes as text: 007 stays 007."""
    at = tree.path(name)
    place = Path(at) if at is not None else None
    wanted = {
        n: what
        for n, what in ((columns.file, "file"), (columns.label, "label"), (columns.role, "role"))
        if n is not None
    }
    table = CsvTable(
        tree, name, place, delimiter=delimiter, encoding=encoding, types={}, standard={}, text=tuple(wanted)
    )
    for column, what in wanted.items():
        pick(table.names, column, what, table.where)
    return table


def _rows(table: CsvTable, columns: Columns, pictures: Named, marks: Marks, findings: Findings) -> None:
    """Note what a table says of each picture."""
    table.on_bad = findings.bad
    free = [n for n in table.names if n not in (columns.file, columns.label, columns.role)]
    by_file = _split_of(table.name)
    at = 1
    for batch in table.batches(table.names):
        values = {
            n: cells(batch.column(n), f"{table.where}, column {n!r}", findings) for n in table.names
        }  # each (rows,)
        for i in range(batch.num_rows):
            at += 1
            said, where = values[columns.file][i], f"{table.where}, row {at}"
            name = None if said is None else pictures.find(said, table.name)
            if name is None:
                findings.not_there(where, "names no picture" if said is None else pictures.missing(str(said)))
                continue
            row: dict[str, Any] = {n: values[n][i] for n in free if values[n][i] is not None}
            split = by_file or _split_of(name)
            part = values[columns.role][i] if columns.role else None
            if part is not None:
                split = split_of_cell(part)
                if not split:
                    row[str(columns.role)] = part
            label = values[str(columns.label)][i]
            said = Marked(name, split=split, columns=row, label=None if label is None else class_name(label))
            marks.add(said, where, findings)


def _split_of(name: str) -> str:
    """The split of a picture or a table by its folders, of a table by its name too.

    >>> _split_of("val/7.jpg"), _split_of("train.csv"), _split_of("images/train_7.jpg")
    ('val', 'train', '')
    """
    *folders, file = name.lower().split("/")
    parts = [*folders, *([file.rpartition(".")[0]] if is_listing(name) else [])]
    return next((s for p in reversed(parts) if (s := split_of_folder(p))), "")
