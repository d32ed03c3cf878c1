"""Annotations of a record as plain values (what JSON can hold), and back: one notation for every document.

>>> from .source import Box
>>> to_plain(Record("a", b"", 9, 9, label="cat"))
'cat'
>>> to_plain(Record("a", b"", 9, 9, boxes=(Box("car", 1, 2, 3, 4),)))
{'boxes': [{'label': 'car', 'box': [1, 2, 3, 4]}]}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .checks import Findings, a_box, fit, number
from .source import Box, Caption, Keypoints, Mask, Record, Target, Task

RECORD_FIELDS = ("label", "boxes", "masks", "keypoints", "captions", "targets")


def to_plain(r: Record, *, task: Task = "none") -> Any:
    """A class alone is its name; else a dict with the keys of ``RECORD_FIELDS`` that are not empty; None for nothing.

    With a task of objects the key ``boxes`` is there even if there are none: looked at, and empty.
    """
    out: dict[str, Any] = {}
    if r.label is not None:
        out["label"] = r.label
    if r.boxes or task in ("detection", "segmentation", "keypoints"):
        out["boxes"] = [{"label": b.label, "box": [b.x, b.y, b.w, b.h]} | _rest(b) for b in r.boxes]
    if r.masks:
        out["masks"] = [_outline(m) | _rest(m) for m in r.masks]
    if r.keypoints:
        out["keypoints"] = [{"label": k.label, "points": [list(p) for p in k.points]} | _rest(k) for k in r.keypoints]
    if r.captions:
        out["captions"] = [
            {"text": c.text, "attributes": dict(c.attributes)} if c.attributes else c.text for c in r.captions
        ]
    if r.targets:
        out["targets"] = {t.name: t.value for t in r.targets}
    return r.label if list(out) == ["label"] else out or None


def _outline(m: Mask) -> dict[str, Any]:
    if m.rle is not None:
        return {"label": m.label, "rle": list(m.rle)}
    return {"label": m.label, "polygons": [list(p) for p in m.polygons]}


def _rest(a: Box | Mask | Keypoints) -> dict[str, Any]:
    more: dict[str, Any] = {"instance": a.instance} if a.instance >= 0 else {}
    return more | ({"attributes": dict(a.attributes)} if a.attributes else {})


def task_of(seen: set[str]) -> Task:
    """The task that annotations of these keys are for: the richest.

    >>> task_of({"label", "boxes"}), task_of(set())
    ('detection', 'none')
    """
    order: tuple[tuple[str, Task], ...] = (
        ("keypoints", "keypoints"), ("masks", "segmentation"), ("boxes", "detection"), ("label", "classification"),
        ("captions", "captioning"), ("targets", "regression"),
    )  # fmt: skip
    return next((task for key, task in order if key in seen), "none")


def classes_in(value: Any) -> tuple[set[str], set[str]]:
    """The class names in an annotation as read, and the keys that it uses; nothing is checked yet."""
    if isinstance(value, str):
        return ({value}, {"label"}) if value else (set(), set())
    if not isinstance(value, Mapping):
        return set(), set()
    rows: list[Any] = [value]
    for key in ("boxes", "masks", "keypoints"):
        more = value.get(key)
        rows += more if isinstance(more, list) else []
    names = {_text(r) for r in rows if isinstance(r, Mapping)} - {""}
    return names, {k for k in RECORD_FIELDS if value.get(k) is not None}


def from_plain(
    value: Any, width: int, height: int, where: str, findings: Findings, known: frozenset[str] | None = None
) -> dict[str, Any]:
    """The fields of a :class:`Record` that an annotation fills; what cannot be used is reported.

    Parameters
    ----------
    width, height
        Of the picture, in pixels: shapes are cut at its border.
    known
        The classes there are; annotations of others are left out.
    """
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        value = {"label": value}
    if not isinstance(value, Mapping):
        findings.bad(where, f"the annotation is neither a class name nor an object: {value!r:.80}")
        return {}
    for key in value:
        if key not in RECORD_FIELDS:
            findings.bad(
                where, f"the annotation has {key!r:.40}, which is not known; known: {', '.join(RECORD_FIELDS)}"
            )
    label = value.get("label")
    if label is not None and (not isinstance(label, str) or not label):
        findings.bad(where, f"the class {label!r:.80} is no text")
        label = None
    if label is not None and known is not None and label not in known:
        findings.bad(where, f"has the class {label!r:.80}, which is not among the {len(known):,} classes")
        label = None
    boxes: list[Box] = []
    for o, at in _objects(value, "boxes", where, findings, known):
        corner = o.get("box")
        if not isinstance(corner, list) or len(corner) != 4:
            findings.bad(at, f"has no box [x, y, w, h]: {corner!r:.80}")
            continue
        left, top, w, h = corner
        for b, _ in a_box(_text(o), left, top, w, h, at, findings, _attributes(o), _instance(o)):
            boxes += fit(b, width, height, at, findings)
    masks: list[Mask] = []
    for o, at in _objects(value, "masks", where, findings, known):
        if m := _mask(o, at, findings):
            masks += fit(m, width, height, at, findings)
    keypoints: list[Keypoints] = []
    for o, at in _objects(value, "keypoints", where, findings, known):
        if k := _keypoints(o, at, findings):
            keypoints += fit(k, width, height, at, findings)
    return {
        "label": label,
        "boxes": tuple(boxes),
        "masks": tuple(masks),
        "keypoints": tuple(keypoints),
        "captions": tuple(_captions(value, where, findings)),
        "targets": tuple(_targets(value, where, findings)),
    }


def _objects(
    value: Mapping[str, Any], key: str, where: str, findings: Findings, known: frozenset[str] | None
) -> list[tuple[Mapping[str, Any], str]]:
    rows = value.get(key)
    if rows is None:
        return []
    if not isinstance(rows, list):
        findings.bad(where, f"{key!r} is no list: {rows!r:.80}")
        return []
    out = []
    for i, o in enumerate(rows):
        at = f"{where}, {key}[{i}]"
        if isinstance(o, Mapping) and known is not None and _text(o) and _text(o) not in known:
            findings.bad(at, f"has the class {_text(o)!r:.80}, which is not among the {len(known):,} classes")
        elif isinstance(o, Mapping) and _text(o):
            out.append((o, at))
        else:
            findings.bad(at, f"is no object with a label: {o!r:.80}")
    return out


def _text(o: Mapping[str, Any]) -> str:
    return o["label"] if isinstance(o.get("label"), str) else ""


def _instance(o: Mapping[str, Any]) -> int:
    k = o.get("instance", -1)
    return k if isinstance(k, int) and not isinstance(k, bool) and k >= 0 else -1


def _attributes(o: Mapping[str, Any]) -> dict[str, Any]:
    a = o.get("attributes")
    return dict(a) if isinstance(a, Mapping) else {}


def _numbers(values: Any) -> tuple[float, ...] | None:
    if not isinstance(values, (list, tuple)):
        return None
    out = tuple(number(v) for v in values)
    return out if all(map(math.isfinite, out)) else None


def _mask(o: Mapping[str, Any], at: str, findings: Findings) -> Mask | None:
    rle = o.get("rle")
    if rle is not None:
        sized = isinstance(rle, list) and len(rle) == 3 and all(isinstance(v, int) and 0 < v < 1 << 16 for v in rle[:2])
        if sized and isinstance(rle[2], str):
            return Mask(_text(o), (), (rle[0], rle[1], rle[2]), _instance(o), _attributes(o))
        findings.bad(at, f"the run length is not [height, width, counts]: {rle!r:.80}")
        return None
    rings = o.get("polygons")
    polygons = tuple(_numbers(p) for p in rings) if isinstance(rings, list) else ()
    if not polygons or any(p is None or len(p) < 6 or len(p) % 2 for p in polygons):
        findings.bad(at, f"has no polygons of three or more points, given as [x0, y0, x1, y1, ...]: {rings!r:.80}")
        return None
    return Mask(_text(o), tuple(p for p in polygons if p), None, _instance(o), _attributes(o))


def _keypoints(o: Mapping[str, Any], at: str, findings: Findings) -> Keypoints | None:
    rows = o.get("points")
    points = [_numbers(p) for p in rows] if isinstance(rows, list) else []
    if not points or any(p is None or len(p) != 3 or p[2] not in (0, 1, 2) for p in points):
        findings.bad(at, f"has no points [x, y, visible] with visible 0, 1 or 2: {rows!r:.80}")
        return None
    return Keypoints(_text(o), tuple((p[0], p[1], int(p[2])) for p in points if p), _instance(o), _attributes(o))


def _captions(value: Mapping[str, Any], where: str, findings: Findings) -> list[Caption]:
    out = []
    rows = value.get("captions")
    for i, c in enumerate(rows if isinstance(rows, list) else [] if rows is None else [rows]):
        text = c.get("text") if isinstance(c, Mapping) else c
        if isinstance(text, str):
            out.append(Caption(text, _attributes(c) if isinstance(c, Mapping) else {}))
        else:
            findings.bad(f"{where}, captions[{i}]", f"is no text: {c!r:.80}")
    return out


def _targets(value: Mapping[str, Any], where: str, findings: Findings) -> list[Target]:
    rows = value.get("targets")
    if rows is None:
        return []
    if not isinstance(rows, Mapping):
        findings.bad(where, f"'targets' is no object of name: number: {rows!r:.80}")
        return []
    out = []
    for name, v in rows.items():
        x = number(v)
        if math.isfinite(x) and not isinstance(v, str):
            out.append(Target(name, x))
        else:
            findings.bad(where, f"the target {name!r} is no finite number: {v!r:.80}")
    return out
