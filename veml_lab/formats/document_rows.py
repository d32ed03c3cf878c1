"""Rows of a document, whether it is CSV, JSON, JSON lines or XML; and the notation of a cell in text.

A cell of a CSV or XML document is a number, a truth value or a quoted string as in JSON, else it is text as
it stands; so ``3`` is a number and ``"3"`` (with the quotes) is text, and nothing else needs quotes.

>>> cell_of("3"), cell_of('"3"'), cell_of("rain"), cell_of("")
(3, '3', 'rain', None)
>>> text_of_cell("3"), text_of_cell(3), text_of_cell("rain")
('"3"', '3', 'rain')
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from ..errors import BadData
from ..sources.checks import Findings
from ..sources.encodings import utf8
from ..sources.jsonstream import counted, items
from ..sources.piece_file import open_file
from ..sources.tree import Tree
from ..sources.xmlstream import damage

# The longest cell or line: an annotation of a thousand polygons is about a megabyte.
MAX_CELL = 1 << 26


def cell_of(text: str) -> Any:
    """The value that a cell of text stands for; None for an empty one."""
    if not text:
        return None
    if text[0] not in '"-0123456789tf':
        return text
    try:
        value, halves = counted(text)
    except (ValueError, RecursionError):
        return text
    if halves:
        return text  # as it stands: nothing of it is replaced
    if isinstance(value, (int, float)) and not isinstance(value, bool) and json.dumps(value) != text:
        return text  # 1.10 and 1e5 are no numbers that would be written so again
    return value if isinstance(value, (str, int, float, bool)) else text


def text_of_cell(value: Any) -> str:
    """The text that :func:`cell_of` reads as this value."""
    if isinstance(value, str) and cell_of(value) == value and value.isprintable() and value == value.strip():
        return value
    return json.dumps(value)


def rows(tree: Tree, name: str, findings: Findings) -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk over ``(where, row)`` of a document; names of columns in lower case where they are known ones.

    A row that cannot be used (too few cells, a damaged line of JSON, no object) is told to ``findings``.

    Raises
    ------
    BadData
        For a document that is damaged, no UTF-8, or XML with entities.
    """
    where = tree.where(name)
    with open_file(tree, name) as f:
        end = name.rpartition(".")[2].lower()
        walk: Callable[[io.BufferedReader, str, Findings], Iterator[tuple[int, Any]]] = {
            "csv": _csv,
            "json": _json,
            "jsonl": _lines,
            "xml": _xml,
        }[end]
        for i, row in walk(f, where, findings):
            at = f"{where}, row {i}"
            if not isinstance(row, dict):
                findings.bad(at, f"is no object with a path, but {row!r:.80}")
                continue
            yield (
                at,
                {
                    (k.lower() if k.lower() in ("path", "md5", "annotation", "role", "kind") else k): v
                    for k, v in row.items()
                },
            )


def _csv(f: IO[bytes], where: str, findings: Findings) -> Iterator[tuple[int, Any]]:
    # The module's limit of 128 KiB is for the whole process; it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))
    reader = csv.reader(io.TextIOWrapper(f, "utf-8-sig", newline=""), strict=True)
    try:
        head = [h.strip() for h in next(reader, [])]
        if len(set(head)) < len(head):
            raise BadData(f"{where} has two columns called {next(h for h in head if head.count(h) > 1)!r}; rename one")
        for i, cells in enumerate(reader, 2):
            if not cells:
                continue
            if len(cells) != len(head):
                findings.bad(f"{where}, row {i}", f"has {len(cells)} cells, the header {len(head)}")
                continue
            yield (
                i,
                {
                    h: c if h.lower() in ("path", "md5", "annotation") else v
                    for h, c in zip(head, cells)
                    if (v := cell_of(c)) is not None
                },
            )
    except csv.Error as e:
        raise BadData(f"{where} is a damaged table ({e}, after line {reader.line_num}); fetch it again") from e
    except UnicodeDecodeError as e:
        raise BadData(f"{where} is no UTF-8 text ({e.reason} after line {reader.line_num}); save it as UTF-8") from e


def _json(f: io.BufferedReader, where: str, findings: Findings) -> Iterator[tuple[int, Any]]:
    is_list = utf8(f.peek(64)).lstrip().startswith(b"[")
    yield from enumerate(items(f, where, "item" if is_list else "documents.item", findings), 1)


def _lines(f: IO[bytes], where: str, findings: Findings) -> Iterator[tuple[int, Any]]:
    i = 0
    for line in _lines_of(f):
        i += 1
        if not line.strip():
            continue
        try:
            row, halves = counted(line.decode("utf-8-sig" if i == 1 else "utf-8"))
        except (ValueError, RecursionError) as e:
            findings.bad(f"{where}, line {i}", f"is damaged JSON or no UTF-8 ({str(e)[:120]})")
            continue
        if halves:
            findings.halves(f"{where}, line {i}", halves)
        yield i, row


def _lines_of(f: IO[bytes]) -> Iterator[bytes]:
    """Lines with any line end; a lone carriage return is one too, since JSON has none within a text."""
    while line := f.readline(MAX_CELL):
        yield from line.rstrip(b"\r\n").split(b"\r")


def _xml(f: IO[bytes], where: str, findings: Findings) -> Iterator[tuple[int, Any]]:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    i, above = 0, []
    try:
        for event, e in iterparse(f, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                above.append(e)
                if len(above) > 64:
                    raise BadData(f"{where} has elements within elements deeper than 64; such XML is not read")
                continue
            above.pop()
            if len(above) == 1:  # a child of the root is a row
                i += 1
                yield i, _row(e)
                above[0].clear()  # what was read is let go, so memory does not grow
    except DefusedXmlException as e:
        raise BadData(f"{where} declares entities or a document type; such XML is not read ({type(e).__name__})") from e
    except (ParseError, LookupError, UnicodeError) as e:
        raise BadData(damage(e, where)) from e


def _row(e: Element) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for child in e:
        name = child.get("name", child.tag) if child.tag == "column" else child.tag
        text = (child.text or "").strip()
        value = (text or None) if name.lower() in ("path", "md5", "annotation") else cell_of(text)
        if value is not None:
            out[name] = value
    return out
