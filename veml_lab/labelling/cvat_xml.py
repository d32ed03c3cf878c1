"""CVAT's XML for images, read as answers: which frame is which sample stands in its name, which we gave it.

A frame without a shape says that nothing is in it: CVAT has no way to skip one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, fromstring

from ..errors import BadData
from ..sources.checks import number
from .said import Region, Said, Unusable, checked
from .tool import Answer, Job

FRAME = re.compile(r"(?:.*/)?veml-(\d{6,})-([0-9a-f]{16})(?:\.\w+)?")


def sample_of(frame: str) -> tuple[int, str] | None:
    """The sample and the beginning of its digest that the name of a frame says; None for a frame that is not ours.

    >>> sample_of("images/veml-000017-0123456789abcdef.png"), sample_of("cat.png")
    ((17, '0123456789abcdef'), None)
    """
    found = FRAME.fullmatch(frame)
    return (int(found[1]), found[2]) if found else None


def answers_of_xml(text: bytes, job: Job, where: str) -> Iterator[Answer]:
    """An answer for each frame of the file."""
    if b"<!ENTITY" in text or b"<!DOCTYPE" in text:
        raise BadData(f"{where} declares entities, which CVAT never writes; it is not read")
    try:
        root = fromstring(text)
    except ParseError as e:
        raise BadData(f"{where} is no XML ({e}); export it again") from e
    for image in root.iter("image"):
        name = image.get("name", "")
        at, ours = f"{where}, image {name!r}", sample_of(name)
        if ours is None:
            yield Answer("", None, "", job.annotator, Said(), where=at)
            continue
        odd: list[str] = []
        item = job.by_sample.get(ours[0])
        try:
            said = _said(image, job, (item.width, item.height) if item else (0, 0), odd)
        except Unusable as e:
            yield Answer(job.task, *ours, job.annotator, Said(), unusable=str(e), where=at)
            continue
        yield Answer(job.task, *ours, job.annotator, said, odd=tuple(odd), where=at)


def _said(image: Element, job: Job, size: tuple[int, int], odd: list[str]) -> Said:
    labels = [t.get("label", "") for t in image.iterfind("tag")]
    if job.kind == "class":
        if len(labels) > 1 or (labels and labels[0] not in job.classes):
            raise Unusable(
                f"the class is {', '.join(labels)!r:.60}; the task has {', '.join(job.classes)}, one a frame"
            )
        return Said(labels[0] if labels else None)
    found: list[Region] = []
    for e in image:
        if e.tag == "box":
            x, y, right, bottom = (number(e.get(k)) for k in ("xtl", "ytl", "xbr", "ybr"))
            turned = number(e.get("rotation") or 0)
            region = checked(e.get("label", ""), x, y, right - x, bottom - y, turned, "", job.classes, size, odd)
            found += [] if region is None else [region]
        elif e.tag != "tag":
            raise Unusable(f"a shape is a {e.tag}; the task asked for boxes")
    return Said(regions=tuple(found))
