"""A bridge: what the package labelformat reads and this one does not (Labelbox, Lightly, RT-DETR, masks in pairs ...).

Its readers are used as they are: they stop at the first bad value, and say nothing of roles and attributes.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from .._optional import need
from ..errors import BadData, BadInput, UnknownName
from ..sources.checks import Findings, a_box
from ..sources.detection import Marked, Marks, Shape, class_order, marks_source
from ..sources.named_pictures import ELSEWHERE, Pictures
from ..sources.opening import open_tree
from ..sources.outlines import ring, rle_of
from ..sources.source import Mask, Source
from ..storage.border import public

# The options of its readers that are the path itself.
_PATHS = ("input_file", "input_folder", "base_path")
_ENDED = (".json", ".ndjson", ".jsonl", ".xml", ".yaml", ".yml", ".txt", ".csv")


@public
def read_labelformat(
    path: str | os.PathLike[str],
    *,
    kind: str,
    arguments: Mapping[str, Any] | None = None,
    root: str | os.PathLike[str] | None = None,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
) -> Source:
    """Read a set by a reader of the package labelformat (``pip install 'veml-lab[bridge]'``).

    Parameters
    ----------
    path : path
        What its reader takes: the annotation file or folder. Archives are not taken.
    kind : str
        Its name there: ``"labelbox"``, ``"lightly"``, ``"rtdetr"``, ``"maskpair"`` ...; also as
        ``format="labelformat:labelbox"``.
    arguments : mapping, optional
        Further options as its command line calls them: ``{"category_names": "dog,cat"}``.
    root : path, optional
        Folder or archive of the pictures; that of the annotations otherwise.
    strict, verify, boxes
        As in :func:`read_voc`; labelformat itself stops at the first bad value.

    Returns
    -------
    Source
        Boxes with their ``confidence``, or masks: outlines, or run lengths.

    Raises
    ------
    MissingExtra
        If labelformat is not installed.
    UnknownName
        If it has no reader of that name.
    BadInput
        If an option of its reader is missing or wrong.
    BadData
        If it stops at something.

    Source
    ------
    https://github.com/lightly-ai/labelformat, ``cli/registry.py``
    """
    need("labelformat.formats", extra="bridge", why="it is the reader that was asked for")
    p = Path(path)
    theirs = _reader(kind)(**_arguments(kind, p, dict(arguments or {})))
    beside = p.parent if p.is_file() else p
    tree = open_tree(beside)
    there = tree if root is None else open_tree(root)
    findings = Findings(tree.root, strict=strict, boxes=boxes)
    pictures, marks = Pictures(there, else_do="" if root is not None else ELSEWHERE), Marks()
    where = str(p)
    classes = [str(c.name) for c in _their(theirs.get_categories, kind, where)]
    for entry in _their(theirs.get_labels, kind, where):
        file = str(entry.image.filename)
        name = pictures.find(file)
        if name is None:
            findings.not_there(where, pictures.missing(file))
            continue
        size = int(entry.image.width), int(entry.image.height)
        shapes = tuple(s for i, o in enumerate(entry.objects, 1) for s in _shapes(o, f"{where}, {file}, {i}", findings))
        marks.add(Marked(name, shapes, size=size if min(size) > 0 else None), where, findings)
    if p.is_file():
        tree.take([p.name])
    else:
        tree.take(n for n in tree.names() if n.lower().endswith(_ENDED))
    names = class_order(tree, marks.labels, None, findings, classes)
    options = {"kind": kind, "arguments": sorted((k, str(v)) for k, v in (arguments or {}).items()), "boxes": boxes}
    return marks_source("labelformat", there, marks, names, findings, verify=verify, annotations=tree,
                        options=options | {"strict": strict})  # fmt: skip


def _reader(kind: str) -> Any:
    """Its class of a name: with masks where it has both."""
    from labelformat.cli.registry import _REGISTRY, Task

    known = {**_REGISTRY.input[Task.OBJECT_DETECTION], **_REGISTRY.input[Task.INSTANCE_SEGMENTATION]}
    if kind not in known:
        raise UnknownName.of("reader of labelformat (kind=)", kind, known)
    return known[kind]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput(f"labelformat's reader {self.prog} says: {message}; say it in arguments={{...}}")


def _arguments(kind: str, path: Path, said: dict[str, Any]) -> dict[str, Any]:
    """The options of its reader with their types, as its own command line makes them."""
    parser = _Parser(prog=kind, add_help=False, allow_abbrev=False)
    _reader(kind).add_cli_arguments(parser)
    known = {a.dest for a in parser._actions}
    for name in said:
        if name not in known:
            raise UnknownName.of(f"argument of labelformat's reader {kind}", name, known)
    own = next((k for k in _PATHS if k in known and k not in said), None)
    words = [f"--{k.replace('_', '-')}={v}" for k, v in ({own: path} if own else {}).items()]
    words += [f"--{k.replace('_', '-')}={v}" for k, v in said.items()]
    return vars(parser.parse_args(words))


def _their(call: Any, kind: str, where: str) -> Iterator[Any]:
    """What one of its methods gives; whatever it stumbles over is a BadData."""
    try:
        yield from call()
    except GeneratorExit:
        raise
    except Exception as e:
        said = " ".join(f"{type(e).__name__}: {e}".split())[:300]
        raise BadData(f"{where}: labelformat's reader {kind} stopped, nothing was read ({said})") from e


def _shapes(o: Any, at: str, findings: Findings) -> Iterator[tuple[Shape, str]]:
    label = str(o.category.name)
    box: Any = getattr(o, "box", None)
    segmentation: Any = getattr(o, "segmentation", None)
    if box is not None:
        more = {} if o.confidence is None else {"confidence": float(o.confidence)}
        yield from a_box(label, box.xmin, box.ymin, box.xmax - box.xmin, box.ymax - box.ymin, at, findings, more)
        return
    try:
        if hasattr(segmentation, "polygons"):
            rings = tuple(ring([v for p in polygon for v in p[:2]]) for polygon in segmentation.polygons)
            if not rings:
                raise BadData("an outline without points")
            yield Mask(label, rings), at
        else:
            yield Mask(label, (), rle_of(segmentation.get_binary_mask())), at
    except BadData as e:
        findings.bad(at, f"has {e}")
