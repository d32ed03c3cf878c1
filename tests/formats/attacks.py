"""Damage done to the files of a set, and what has to be true of whatever is read all the same.

Every change is drawn from a ``random.Random``: the same number is the same damage on every machine.
"""

from __future__ import annotations

import json
import math
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from veml_lab.errors import VemlError
from veml_lab.formats import Record, Source, read
from veml_lab.sources.images import is_image
from veml_lab.sources.outlines import checked_rle

Files = dict[str, bytes]

NONSENSE: tuple[Any, ...] = (
    math.nan, math.inf, -math.inf, -1, 0, -0.0, 1e999, 10**30, -(10**9), 2**31, 2**63, 1e-320, True,
    "x", "NaN", "1e5", "-3", "../../etc/passwd", "/etc/passwd", "a\0b", "\ud800", "\u202e", "ä" * 300, [[]],
    [[[[1]]]], [None], {"a": {"b": [1]}}, [1, 2], [math.nan] * 4, "9" * 5000,
)  # fmt: skip
NOTHING: tuple[Any, ...] = (None, "", " ", [], {})  # what says less, and is no damage that can be seen
TOKENS = (
    "nan", "NaN", "inf", "-inf", "-1", "0", "1e999", "-1e9", "99999999999999999999", "x", "-", "1,5", "1.5.2",
    "0x10", "١", "é", "\0", "\ufeff", '"', "'", "<", "&", "&amp;", "../x", "/etc/passwd", "9" * 5000, "[", "{}", "null",
    "2024-13-45", "true",
)  # fmt: skip
TEXTS = (".txt", ".csv", ".tsv", ".yaml", ".yml", ".names", ".data", ".labels", ".md")


def mutate(data: bytes, rng: np.random.Generator | Random) -> bytes:
    """Change bits, cut, double or blank a piece; small changes are the likeliest."""
    draw: Callable[[int, int], int] = rng.randrange if isinstance(rng, Random) else lambda a, b: int(rng.integers(a, b))
    b = bytearray(data)
    for _ in range(draw(1, 4)):
        if not b:
            break
        at = draw(0, len(b))
        way = draw(0, 6)
        if way < 2:
            b[at] ^= 1 << draw(0, 8)
        elif way == 2:
            b[at] = draw(0, 256)
        elif way == 3:
            del b[at:]
        elif way == 4:
            b[at:at] = b[at : at + draw(1, 40)]
        else:
            b[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(b)


# -- damage that knows what the file is --------------------------------------------------------------


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(p for k, v in inner for p in _places(v, (*at, k)))]


def _json_value(text: str, rng: Random, parts: bool) -> str:
    """Another value at one place of a JSON text; or a part that is gone, there twice, or one deeper."""
    value = json.loads(text)
    at = rng.choice(_places(value))
    if not at:
        return json.dumps(rng.choice(NONSENSE))
    holder = value
    for k in at[:-1]:
        holder = holder[k]
    old = holder[at[-1]]
    if parts:
        way = rng.randrange(4)
        if way == 0:
            del holder[at[-1]]
        elif way == 3:
            holder[at[-1]] = rng.choice(NOTHING)
        elif way == 1 and isinstance(holder, list):
            holder.insert(at[-1], old)
        else:
            holder[at[-1]] = [old]
    elif isinstance(old, (int, float)) and rng.randrange(3) == 0:
        holder[at[-1]] = rng.choice((-1, 1000, -0.5, 1e-9)) * (old + 1)
    else:
        holder[at[-1]] = rng.choice(NONSENSE)
    return json.dumps(value)


def _xml_value(text: str, rng: Random, parts: bool) -> str:
    """Another text or attribute; or an element that is gone or there twice."""
    if parts:
        elements = [m.span() for m in re.finditer(r"<(\w+)\b[^<>]*>[^<>]*</\1>|<\w+\b[^<>]*/>", text)]
        if not elements:
            return text[: len(text) // 2]
        a, b = rng.choice(elements)
        return text[:a] + text[b:] if rng.randrange(2) else text[:b] + text[a:b] + text[b:]
    found = [m.span(2 if m.group(1) is None else 1) for m in re.finditer(r'>(\s*[^<>\s][^<>]*)<|="([^"]*)"', text)]
    if not found:
        return text[: len(text) // 2]
    a, b = rng.choice(found)
    return text[:a] + rng.choice(TOKENS) + text[b:]


def _cell(text: str, rng: Random, parts: bool, head: bool) -> str:
    """Another cell or word in one line (not in the head of a table: without a column, less is said); or a line that is
    gone, there twice or moved."""
    lines = text.split("\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    if parts:
        way = rng.randrange(3)
        if way == 0:
            del lines[i]
        elif way == 1:
            lines.insert(i, lines[i])
        else:
            lines[i], lines[j] = lines[j], lines[i]
    else:
        i = max(i, min(1, len(lines) - 1)) if head else i
        cells = re.split(r"([,;|\t ]+)", lines[i])
        k = rng.randrange(0, len(cells), 2)
        cells[k] = (cells[k] if rng.randrange(3) == 0 else "") + rng.choice(TOKENS)
        lines[i] = "".join(cells)
    return "\n".join(lines)


def value_changed(name: str, data: bytes, rng: Random, parts: bool) -> bytes | None:
    """One value of a text file (or one of its ``parts``) changed, so that the file stays what it is; None where it is
    no such file."""
    low = name.lower()
    try:
        text = data.decode("utf-8")
        if low.endswith(".json"):
            changed = _json_value(text, rng, parts)
        elif low.endswith((".jsonl", ".ndjson")):
            lines = [line for line in text.split("\n") if line]
            i = rng.randrange(len(lines))
            lines[i] = _json_value(lines[i], rng, parts)
            changed = "\n".join(lines)
        elif low.endswith(".xml"):
            changed = _xml_value(text, rng, parts)
        elif low.endswith(TEXTS):
            changed = _cell(text, rng, parts, head=low.endswith((".csv", ".tsv")))
        else:
            return None
    except ValueError:  # it is in another encoding, or no JSON
        return None
    return changed.encode("utf-8", "surrogatepass")


def damaged(files: Files, rng: Random) -> tuple[Files, str]:
    """The files of a set with one damage, and its kind: a value, parts, bytes, or whole files."""
    names = sorted(files)
    notes = [n for n in names if not is_image(n) and not n.lower().endswith((".md", "license", ".ds_store"))]
    out = dict(files)
    name = rng.choice(notes if notes and rng.randrange(6) else names)
    way = rng.randrange(10)
    if way < 6:
        parts = way < 2
        changed = value_changed(name, files[name], rng, parts)
        if changed is not None:
            return out | {name: changed}, "parts" if parts else "value"
    if way < 8:
        return out | {name: mutate(files[name], rng)}, "bytes"
    what = rng.randrange(6)
    if what == 0:
        del out[name]
    elif what == 1:
        out[name] = rng.choice((b"", b"\0" * 64, b"[" * 5000, b"<a>" * 5000, b"{}", b"[]", b"null", b"\xff\xfe"))
    elif what == 2:
        other = rng.choice(names)
        out[name], out[other] = out[other], out[name]
    elif what == 3:
        head, dot, end = name.rpartition(".")
        out[f"{head} copy{dot}{end}" if dot else f"{name} copy"] = out[name]
    elif what == 4:
        out[rng.choice((name.upper(), name.lower(), name + ".bak", f"old/{name}"))] = out.pop(name)
    else:
        out[name] = out[name][: rng.randrange(len(out[name]) + 1)]
    return out, "files"


def put(files: Files, root: Path) -> None:
    """Write the files of a set."""
    for name, content in files.items():
        at = root / name
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(content)


# -- what has to be true of whatever is read ---------------------------------------------------------


def _plain_text(value: Any) -> None:
    """Nothing that no file and no database takes: half a surrogate pair."""
    json.dumps(value, ensure_ascii=False, default=str).encode()


def said_of(source: Source) -> set[str]:
    """Everything that is said of what was left out."""
    return {*source.findings(), *map(repr, source.unread()), *(f"{k} {n}" for k, n in source.counts().items())}


def sound(source: Source) -> dict[str, int]:
    """Walk over a source; everything that comes is usable. How many records and annotations came."""
    came = {"records": 0, "shapes": 0}
    classes, seen = set(source.classes), set[str]()
    assert len(classes) == len(source.classes) and all(isinstance(c, str) for c in classes), source.classes
    _plain_text(source.classes)
    for r in source.records():
        _sound_record(r, classes)
        assert r.uri and r.uri not in seen, f"{r.uri!r} comes twice"
        seen.add(r.uri)
        came["records"] += 1
        came["shapes"] += len(r.boxes) + len(r.masks) + len(r.keypoints) + len(r.captions) + (r.label is not None)
    series = source.series
    if series is not None:
        assert series.values.shape[1:] == (len(series.nodes), len(series.channels)), series.values.shape
        assert not np.isinf(series.values).any() and series.window > 0 and series.horizon > 0
        assert len(set(series.nodes)) == len(series.nodes)
        assert not series.times or len(series.times) == len(series.values)
        assert series.adjacency is None or (
            series.adjacency.shape == (len(series.nodes),) * 2 and np.isfinite(series.adjacency).all()
        )
    for finding in source.findings():
        _plain_text(finding)
    return came


def _sound_record(r: Record, classes: set[str]) -> None:
    assert r.kind in ("row", "window") or (r.width > 0 and r.height > 0 and r.image), (r.uri, r.width, r.height)
    assert r.role in ("train", "test", "")
    assert r.label is None or r.label in classes, (r.label, classes)
    for b in r.boxes:
        assert np.isfinite([b.x, b.y, b.w, b.h]).all() and b.w > 0 and b.h > 0, b
        assert min(b.x, b.y) > -1e-3 and b.x + b.w <= r.width + 1e-3 and b.y + b.h <= r.height + 1e-3, b
    for m in r.masks:
        if m.rle:
            assert m.rle[:2] == (r.height, r.width)
            checked_rle({"size": [r.height, r.width], "counts": m.rle[2]})
        else:
            assert m.polygons and all(np.isfinite(p).all() and len(p) >= 6 and len(p) % 2 == 0 for p in m.polygons), m
    for k in r.keypoints:
        assert k.points and np.isfinite(k.points).all() and {v for _, _, v in k.points} <= {0, 1, 2}, k
    assert {s.label for s in (*r.boxes, *r.masks, *r.keypoints)} <= classes
    assert all(isinstance(c.text, str) for c in r.captions)
    assert all(math.isfinite(t.value) for t in r.targets), r.targets
    for value in r.columns.values():
        assert isinstance(value, (str, int, float, bool)), r.columns
    _plain_text([r.uri, r.path, r.label, dict(r.columns), [c.text for c in r.captions]])
    _plain_text([dict(s.attributes) for s in (*r.boxes, *r.masks, *r.keypoints, *r.captions)])
    assert "\0" not in r.uri


def reading(path: Path, format: str | None, **options: Any) -> bool:
    """Read all of a set: True if it was refused; what is read is sound."""
    try:
        sound(read(path, format, **options))
    except VemlError as e:
        assert len(str(e)) > 20
        return True
    return False


def attack(path: Path, file: Path, format: str, rounds: int, seed: int) -> int:
    """Mutate one file of a set again and again; gives how many readings were refused."""
    rng, whole, refused = np.random.default_rng(seed), file.read_bytes(), 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(rounds):
            file.write_bytes(mutate(whole, rng))
            refused += reading(path, format)
    file.write_bytes(whole)
    return refused
