"""A folder as a labelling tool: pictures and their pre-labels go out, the file that a tool exports comes back.

A job is a folder of its own, with the pictures, the pre-labels in the form that was asked for, and ``back/``: whatever
lies there (Label Studio's JSON, CVAT's XML for images, MLife documents) is read by ``fetch``. What went out is never
read as an answer: a file that nobody has touched would say that every pre-label is right.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from ..errors import BadData, BadInput, MissingFile
from ..formats.cvat_write import write_cvat
from ..formats.document_rows import rows
from ..formats.documents import write_documents
from ..sources.checks import Findings, number
from ..sources.opening import open_tree
from ..sources.source import Box, Record, Source, Task
from ..sources.writing import safe_stem
from ..storage.failures import in_words
from ..storage.folders import whole_folder
from .cvat_xml import answers_of_xml
from .label_studio_tasks import SAMPLE, SHA256, TASK, answers, configuration, task_of
from .said import Region, Said, Unusable, checked
from .tool import Answer, Item, Job, Options, State

MARK, BACK = "veml-task.json", "back"
ANNOTATOR = "veml_annotator"
FORMS = ("label-studio", "cvat", "csv", "json", "xml")
ENDINGS = (".json", ".jsonl", ".csv", ".xml")


class Files:
    """See the module."""

    def __init__(self, options: Options) -> None:
        if options.form not in FORMS:
            raise BadInput(f"files of a task have the form {', '.join(FORMS)}; got {options.form!r:.40}")
        self._root, self._form = Path(options.where).expanduser().absolute(), options.form

    def send(self, job: Job) -> str:
        folder = self._root / safe_stem(job.title)
        if (folder / MARK).is_file():
            with in_words(folder / MARK, "read"):
                there = json.loads((folder / MARK).read_text(encoding="utf-8"))["task"]
            if there == job.task:
                return str(folder)  # folders appear whole
        if folder.exists():
            raise BadInput(f"{folder} is there already and belongs to something else; choose another folder or name")
        with in_words(self._root, "made"):
            self._root.mkdir(parents=True, exist_ok=True)
        with whole_folder(folder) as made:
            if self._form == "label-studio":
                _write_tasks(job, made)
            else:
                _write_format(job, made, self._form)
            (made / BACK).mkdir()
            mark = {"task": job.task, "name": job.name, "annotator": job.annotator, "n": len(job.items)}
            (made / MARK).write_text(json.dumps(mark, indent=1), encoding="utf-8")
        return str(folder)

    def fetch(self, address: str, job: Job) -> Iterator[Answer]:
        place = Path(address)
        if (place / MARK).is_file():
            place = place / BACK
        with in_words(place, "read"):
            if not place.exists():
                raise MissingFile(f"there is no {place}; put what the labelling tool exports there, or name its file")
            found = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.suffix.lower() in ENDINGS)
        for file in found:
            yield from _answers(file, job)

    def state(self, address: str, job: Job) -> State:
        last: dict[int, Answer] = {a.sample: a for a in self.fetch(address, job) if a.sample is not None}
        skipped = sum(a.said is None for a in last.values())
        return State(len(job.items), len(last) - skipped, skipped)


def _write_tasks(job: Job, folder: Path) -> None:
    (folder / "images").mkdir()
    tasks = []
    for item in job.items:
        image = item.image()
        name = item.file(image)
        (folder / "images" / name).write_bytes(image)
        tasks.append(task_of(item, job, f"/data/local-files/?d=images/{name}"))
    (folder / "tasks.json").write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "config.xml").write_text(configuration(job), encoding="utf-8")


def _write_format(job: Job, folder: Path, form: str) -> None:
    """By the writer of a format, which makes a folder of its own."""
    written = folder / "written"
    if form == "cvat":
        write_cvat(_source(job, columns=False), written)
    else:
        write_documents(_source(job, columns=True), written, document=form)
    for p in sorted(written.iterdir()):
        p.rename(folder / p.name)
    shutil.rmtree(written)


def _source(job: Job, *, columns: bool) -> Source:
    task: Task = "detection" if job.kind == "box" else "classification"
    return Source(
        format="task",
        root=job.name,
        task=task,
        classes=job.classes,
        records=lambda: (_record(i, job, columns) for i in job.items),
        total=len(job.items),
        fingerprint=job.task,
    )


def _record(item: Item, job: Job, columns: bool) -> Record:
    said = item.before or Said()
    own = {TASK: job.task, SAMPLE: item.sample, SHA256: item.sha256, "name": item.uri}
    return Record(
        item.stem,
        item.image(),
        item.width,
        item.height,
        label=said.label,
        boxes=tuple(Box(r.label, r.x, r.y, r.w, r.h) for r in said.regions),
        columns=own | ({ANNOTATOR: job.annotator} if job.annotator else {}) if columns else {},
    )


def _answers(file: Path, job: Job) -> Iterable[Answer]:
    with in_words(file, "read"):
        head = file.read_bytes()
    if file.suffix.lower() == ".xml" and b"<annotations" in head[:4096]:
        return answers_of_xml(head, job, str(file))
    if file.suffix.lower() == ".json":
        try:
            value = json.loads(head)
        except ValueError as e:
            raise BadData(f"{file} is no JSON ({e}); export it again") from e
        if isinstance(value, list) and all(isinstance(t, dict) and "data" in t for t in value):
            return [a for t in value for a in answers(t, job, {}, str(file))]
    return _of_document(file, job)


def _of_document(file: Path, job: Job) -> Iterator[Answer]:
    findings = Findings(str(file), strict=True)  # a row that cannot be read stops it: it would be an answer lost
    try:
        for where, row in rows(open_tree(file.parent), file.name, findings):
            yield from _of_row(row, job, where)
    except ParseError as e:
        raise BadData(f"{file} is no XML ({e}); export it again") from e


def _of_row(row: dict[str, Any], job: Job, where: str) -> Iterator[Answer]:
    said = row.get("annotation")
    if said in (None, ""):
        return  # not labelled yet
    number_of = number(row.get(SAMPLE))
    sample = int(number_of) if number_of == number_of and number_of >= 0 else None
    known: dict[str, Any] = {
        "task": str(row.get(TASK) or ""),
        "sample": sample,
        "sha256": str(row.get(SHA256) or ""),
        "annotator": str(row.get(ANNOTATOR) or job.annotator),
        "where": where,
    }
    odd: list[str] = []
    try:
        value = json.loads(said) if isinstance(said, str) and said.lstrip().startswith("{") else said
        item = job.by_sample.get(sample) if sample is not None else None
        found = _said(value, job, (item.width, item.height) if item else (0, 0), odd)
    except (Unusable, ValueError) as e:
        yield Answer(said=Said(), unusable=str(e), **known)
        return
    yield Answer(said=found, odd=tuple(odd), **known)


def _said(value: Any, job: Job, size: tuple[int, int], odd: list[str]) -> Said:
    if job.kind == "class":
        label = value.get("label") if isinstance(value, dict) else value
        if label not in job.classes:
            raise Unusable(f"the class is {label!r:.60}; the task has {', '.join(job.classes)}")
        return Said(label)
    boxes = value.get("boxes") if isinstance(value, dict) else None
    if not isinstance(boxes, list):
        raise Unusable(f"the annotation has no list of boxes: {value!r:.60}")
    found: list[Region] = []
    for b in boxes:
        sides = b.get("box") if isinstance(b, dict) else None
        if not isinstance(sides, list) or len(sides) != 4:
            raise Unusable(f"a box is no [x, y, w, h]: {b!r:.60}")
        x, y, w, h = map(number, sides)
        region = checked(str(b.get("label")), x, y, w, h, 0.0, "", job.classes, size, odd)
        found += [] if region is None else [region]
    return Said(regions=tuple(found))
