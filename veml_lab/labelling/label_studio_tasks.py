"""Label Studio's JSON: the configuration and the tasks that we write, and the answers in the tasks that come back.

The names that a prediction gives (``from_name``, ``to_name``) are those of our own configuration: where they differ,
Label Studio keeps a prediction and shows nothing. All boxes of a picture are in one ``result`` of one prediction: of
several predictions it shows one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..sources.checks import number
from .said import Region, Said, Unusable, checked
from .tool import Answer, Item, Job

IMAGE, BOX, CLASS = "image", "box", "class"
TASK, SAMPLE, SHA256 = "veml_task", "veml_sample", "veml_sha256"
REGION = "rectanglelabels"


def configuration(job: Job) -> str:
    """The labelling configuration of a job: its classes, in their order."""
    view = Element("View")
    SubElement(view, "Image", name=IMAGE, value=f"${IMAGE}")
    if job.kind == "box":
        inside, tag = SubElement(view, "RectangleLabels", name=BOX, toName=IMAGE), "Label"
    else:
        inside, tag = (
            SubElement(view, "Choices", name=CLASS, toName=IMAGE, choice="single", showInline="true"),
            "Choice",
        )
    for c in job.classes:
        SubElement(inside, tag, value=c)
    indent(view)
    return tostring(view, encoding="unicode")


def task_of(item: Item, job: Job, address: str) -> dict[str, Any]:
    """The task of a sample whose picture is at ``address``, with its pre-labels as one prediction."""
    data = {IMAGE: address, TASK: job.task, SAMPLE: item.sample, SHA256: item.sha256, "name": item.uri}
    if item.before is None:
        return {"data": data}
    said = {"model_version": job.model, "score": item.score, "result": results(item, item.before)}
    return {"data": data, "predictions": [said]}


def results(item: Item, said: Said) -> list[dict[str, Any]]:
    """What is said of a picture as one ``result`` list: boxes in percent of it."""
    found: list[dict[str, Any]] = []
    common = {"to_name": IMAGE, "original_width": item.width, "original_height": item.height, "image_rotation": 0}
    if said.label is not None:
        found.append({"id": "p", "type": "choices", "from_name": CLASS, **common, "value": {"choices": [said.label]}})
    across, down = 100 / item.width, 100 / item.height
    for r in said.regions:
        value: dict[str, Any] = {"x": r.x * across, "y": r.y * down, "width": r.w * across, "height": r.h * down}
        value |= {"rotation": 0, REGION: [r.label]}
        found.append({"id": r.id, "type": REGION, "from_name": BOX, **common, "value": value})
    return found


def answers(task: Mapping[str, Any], job: Job, people: Mapping[int, str], where: str) -> Iterator[Answer]:
    """What was said in one task: an answer for each annotation, none for a task that nobody has opened."""
    data = task.get("data")
    data = data if isinstance(data, dict) else {}
    sample = data.get(SAMPLE)
    sample = sample if isinstance(sample, int) and not isinstance(sample, bool) else None
    known: dict[str, Any] = {"task": str(data.get(TASK) or ""), "sample": sample, "sha256": str(data.get(SHA256) or "")}
    at = f"{where}, task {task.get('id', '?')}"
    item = job.by_sample.get(sample) if sample is not None else None
    annotations = task.get("annotations", task.get("completions"))
    for a in annotations if isinstance(annotations, list) else ():
        if not isinstance(a, dict):
            continue
        who = job.annotator or _person(a.get("completed_by"), people)
        stamp = str(a.get("updated_at") or a.get("created_at") or "")
        if a.get("was_cancelled"):
            yield Answer(annotator=who, said=None, stamp=stamp, where=at, **known)
            continue
        odd: list[str] = []
        try:
            said = _said(a.get("result"), job, (item.width, item.height) if item else None, odd)
        except Unusable as e:
            yield Answer(annotator=who, said=Said(), stamp=stamp, unusable=str(e), where=at, **known)
            continue
        yield Answer(annotator=who, said=said, stamp=stamp, odd=tuple(odd), where=at, **known)


def _person(said: Any, people: Mapping[int, str]) -> str:
    if isinstance(said, dict):  # the file of an export
        return str(said.get("email") or said.get("id") or "")
    if isinstance(said, int):
        return people.get(said, f"user {said}")
    return str(said or "")


def _said(result: Any, job: Job, size: tuple[int, int] | None, odd: list[str]) -> Said:
    label: str | None = None
    regions: list[Region] = []
    for r in result if isinstance(result, list) else ():
        value = r.get("value") if isinstance(r, dict) else None
        if not isinstance(value, dict):
            continue
        kind = r.get("type")
        if kind == "choices" and job.kind == "class":
            chosen = value.get("choices")
            chosen = chosen if isinstance(chosen, list) else [chosen]
            if len(chosen) != 1 or chosen[0] not in job.classes:
                raise Unusable(f"the class is {chosen!r:.80}; the task has {', '.join(job.classes)}, one for a picture")
            label = chosen[0]
        elif kind in (REGION, "rectangle") and job.kind == "box":
            if (found := _region(r, value, job, size, odd)) is not None:
                regions.append(found)
        elif kind != "relation":
            raise Unusable(f"a region is of the kind {kind!r:.40}, which the task did not ask for")
    return Said(label, tuple(regions))


def _region(
    r: Mapping[str, Any], value: Mapping[str, Any], job: Job, size: tuple[int, int] | None, odd: list[str]
) -> Region | None:
    labels = value.get(REGION) or value.get("labels")
    if not isinstance(labels, list) or len(labels) != 1:
        raise Unusable(f"a box has {len(labels) if isinstance(labels, list) else 0} classes; it has one")
    theirs = r.get("original_width"), r.get("original_height")
    if size is None or theirs not in (size, (None, None)):
        raise Unusable(f"a box is of a picture of {theirs[0]} x {theirs[1]} px; the sample has {size}")
    x, y, w, h = (
        number(value.get(k)) * side / 100 for k, side in zip(("x", "y", "width", "height"), (*size, *size), strict=True)
    )
    turned = number(value.get("rotation") or 0)
    return checked(str(labels[0]), x, y, w, h, turned, str(r.get("id") or ""), job.classes, size, odd)
