"""The labelling tasks of a lab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._html import table
from ..errors import UnknownName
from ..versions.label_tasks import task_rows
from ..versions.store import VersionStore
from .label_task import LabelTask


class Tasks(Sequence[LabelTask]):
    """The labelling tasks of a lab, the oldest first; also by name."""

    def __init__(self, store: VersionStore) -> None:
        self._tasks = [LabelTask(store, r) for r in task_rows(store)]

    def __len__(self) -> int:
        return len(self._tasks)

    def __getitem__(self, at: Any) -> Any:
        if not isinstance(at, str):
            return self._tasks[at]
        found = next((t for t in self._tasks if at in (t.name, t.id)), None)
        if found is None:
            raise UnknownName.of("labelling task", at, [t.name for t in self._tasks])
        return found

    def _ipython_key_completions_(self) -> list[str]:
        return [t.name for t in self._tasks]

    def to_dict(self) -> list[dict[str, Any]]:
        """What ``veml label LAB --json`` prints."""
        return [t.to_dict() for t in self._tasks]

    def __repr__(self) -> str:
        return "\n".join(map(repr, self._tasks)) or "no labelling tasks yet; veml.label(pool, to='tasks/') makes one"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        rows = [[t.name, t.tool, t.summary()] for t in self._tasks]
        return {"text/plain": repr(self), "text/html": table(("task", "tool", ""), rows, above="Labelling tasks")}
