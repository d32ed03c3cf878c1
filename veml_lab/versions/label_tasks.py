"""Labelling tasks as the lab keeps them: insert-only rows of three tables.

- A **task** (``label_task``) says which samples went out, with which pre-labels, to which tool. Those pre-labels are an
  annotation layer that no version reads; the samples of ``blind`` went out without theirs.
- An **event** (``label_event``) is what was done: sent, pulled, accepted. Numbered within its task; the number is part
  of the key, so of two people who write at once one is told.
- An **answer** (``label_answer``) is what one person said of one sample at one time; an answer that was changed in the
  tool is a row more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalog import Change
from ..catalog.catalog import now
from ..errors import NameTaken
from .cases import user
from .store import VersionStore, check_name, dumps, key_of

if TYPE_CHECKING:
    import datetime as dt

    from pyroaring import BitMap64


@dataclass(frozen=True)
class TaskRow:
    """A task as it was made.

    Attributes
    ----------
    data
        ID of the data version whose samples went out: all of them.
    said_by
        ID of the inference or data version that made the pre-labels; "" for none.
    layer
        The annotation layer of the pre-labels; "" for none.
    blind
        Samples that went out without.
    terms
        Kind, classes, shares of annotators, folder or URL, form: JSON.
    """

    id: str
    name: str
    data: str
    said_by: str
    layer: str
    tool: str
    blind: BitMap64
    terms: Mapping[str, Any]
    who: str
    made: dt.datetime


@dataclass(frozen=True)
class TaskEvent:
    """What was done with a task."""

    task: str
    number: int
    made: dt.datetime
    who: str
    what: str
    value: Mapping[str, Any]


@dataclass(frozen=True)
class AnswerRow:
    """What one person said of one sample; ``number`` counts that person's answers to it. None: skipped."""

    task: str
    sample: int
    annotator: str
    number: int
    stamp: str
    said: Mapping[str, Any] | None

    @property
    def id(self) -> str:
        return key_of(self.task, self.sample, self.annotator, self.number, self.said)


def task_rows(store: VersionStore) -> list[TaskRow]:
    """All tasks, the oldest first."""
    from pyroaring import BitMap64

    return [
        TaskRow(**{**r, "terms": json.loads(r["terms"]), "blind": BitMap64.deserialize(r["blind"])})
        for r in store.catalog.read("label_tasks").to_pylist()
    ]


def task_events(store: VersionStore, task: str) -> list[TaskEvent]:
    """What was done with a task, the oldest first."""
    rows = store.catalog.read("label_events", task=task).to_pylist()
    return [TaskEvent(**{**r, "value": json.loads(r["value"])}) for r in rows]


def answer_rows(store: VersionStore, task: str) -> list[AnswerRow]:
    """Every answer of a task, in the order in which they came."""
    rows = store.catalog.read("label_answers", task=task).to_pylist()
    return [AnswerRow(**{**r, "said": json.loads(r["said"]) if r["said"] else None}) for r in rows]


def make_task(
    store: VersionStore,
    name: str,
    *,
    id: str,
    data: str,
    said_by: str,
    layer: str,
    tool: str,
    blind: BitMap64,
    terms: Mapping[str, Any],
    changes: Sequence[Change] = (),
) -> TaskRow:
    """Keep a new task, with its pre-labels (``changes``) in the same commit.

    Raises
    ------
    NameTaken
        There is a task of that name.
    """
    check_name(name)
    if any(r.name == name for r in task_rows(store)):
        raise NameTaken(f"there is a labelling task {name!r} already; choose another name")
    row = TaskRow(id, name, data, said_by, layer, tool, blind, terms, user(), now())
    values = {**vars(row), "blind": blind.serialize(), "terms": dumps(dict(terms))}
    store.catalog.commit([*changes, Change("add_label_task", values)])
    return row


def keep_answers(store: VersionStore, answers: Sequence[AnswerRow], event: TaskEvent | None = None) -> None:
    """Insert answers, and what was done, in one commit; answers that are there already stay as they are."""
    import pyarrow as pa

    changes = []
    if answers:
        rows = [
            {**vars(a), "id": a.id, "made": now(), "said": None if a.said is None else dumps(a.said)} for a in answers
        ]
        schema = pa.schema(
            [
                ("id", pa.string()), ("task", pa.string()), ("sample", pa.uint64()), ("annotator", pa.string()),
                ("number", pa.int32()), ("stamp", pa.string()), ("said", pa.string()), ("made", pa.timestamp("us")),
            ]
        )  # fmt: skip
        changes.append(Change("add_label_answers", rows=pa.Table.from_pylist(rows, schema)))
    if event is not None:
        changes.append(Change("add_label_event", {**vars(event), "value": dumps(dict(event.value))}))
    if changes:
        store.catalog.commit(changes)


def new_event(store: VersionStore, task: str, what: str, value: Mapping[str, Any]) -> TaskEvent:
    """The next event of a task, to be kept."""
    return TaskEvent(task, len(task_events(store, task)), now(), user(), what, value)
